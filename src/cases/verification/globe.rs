//! What is measured on runs of the globe.

use super::Evidence;
use crate::cases::measures::{extremes, largest_difference};
use crate::cases::{self, Point};
use crate::error::{Error, Result};
use crate::mesh::cubed_sphere::longitude_latitude;
use crate::mesh::{CubedSphere, Terrain, VerticalGrid};
use crate::regrid::{Interpolation, LatLonGrid};
use std::f64::consts::PI;

/// Latitudes of a grid that has a row at 45 N, and that row; a row has twice as many points.
const ROWS: usize = 74;
const ROW_AT_45_N: usize = 55;

impl Evidence {
    fn sphere(&self) -> Result<CubedSphere> {
        let grid = &self.configuration.grid;
        let flat = || Error::Internal("a run on the plane has no longitudes".into());
        let sphere = grid.sphere().ok_or_else(flat)?;
        Ok(CubedSphere::new(grid.nx, sphere.radius, sphere.tilt))
    }

    /// How far the horizontal wind is from that of the start: the root mean square over the volume in m/s.
    ///
    /// # Errors
    /// If the run did not keep u and v, likewise below.
    pub fn wind_change(&self) -> Result<f64> {
        let (sphere, case) = (self.sphere()?, cases::build(&self.configuration)?);
        let vertical = VerticalGrid::new(&self.configuration.grid.interfaces);
        let terrain = self.configuration.terrain.as_ref();
        let terrain =
            terrain.map(|terrain| Terrain::on_sphere(terrain, &sphere, &vertical, &*case)).transpose()?;
        let (u, v) = (self.field("u")?, self.field("v")?);
        let (mut squares, mut volume) = (0.0, 0.0);
        for ((k, row, i), u) in u.indexed_iter() {
            let (panel, j) = (row / sphere.n, row % sphere.n);
            let (x, y) = longitude_latitude(sphere.centre(panel, i, j));
            let interface = |k: usize| terrain.as_ref().map(|terrain| terrain.interface(i, row, k));
            let [low, high] = [k, k + 1].map(|k| interface(k).unwrap_or(vertical.interfaces[k]));
            let z = if terrain.is_some() { 0.5 * (low + high) } else { vertical.centres[k] };
            let start = case.initial(Point { x, y, z }, &case.base(z));
            let weight = sphere.area(i, j) * (high - low);
            squares += weight * ((u - start.u).powi(2) + (v[[k, row, i]] - start.v).powi(2));
            volume += weight;
        }
        Ok((squares / volume).sqrt())
    }

    /// Amplitude in Pa of a wave of the surface pressure around the globe at 45 N: `number` crests.
    pub fn pressure_wave(&self, number: usize) -> Result<f64> {
        let grid = LatLonGrid::new(180.0 / ROWS as f64)
            .ok_or_else(|| Error::Internal("the rows do not fill the globe".into()))?;
        let level: Vec<f64> = self.field("surface_pressure")?.iter().copied().collect();
        let values = Interpolation::new(&self.sphere()?, grid).scalar(&level);
        let row = &values[ROW_AT_45_N * 2 * ROWS..][..2 * ROWS];
        let step = 2.0 * PI * number as f64 / row.len() as f64;
        let part = |wave: fn(f64) -> f64| -> f64 {
            row.iter().enumerate().map(|(i, value)| value * wave(step * i as f64)).sum()
        };
        Ok(2.0 / row.len() as f64 * part(f64::cos).hypot(part(f64::sin)))
    }

    /// Largest difference of a scalar on the four panels around the equator, of a grid that is not turned, from its
    /// mirror image across the equator.
    pub fn asymmetry_across_equator(&self, name: &str) -> Result<f64> {
        let (field, n) = (self.field(name)?, self.configuration.grid.nx);
        let pairs = field.indexed_iter().filter(|((_, row, _), _)| row / n < 4);
        let mirrored = |row: usize| row / n * n + (n - 1 - row % n);
        Ok(largest_difference(pairs.map(|((k, row, i), value)| value - field[[k, mirrored(row), i]])))
    }

    /// The lowest surface pressure in hPa after `days`; NaN if nothing was kept at that time.
    pub fn lowest_pressure(&self, days: f64) -> f64 {
        let record = self.ending.ground.iter().find(|record| record.seconds == days * 86400.0);
        let field = record.and_then(|record| record.fields.get("surface_pressure"));
        field.map_or(f64::NAN, |field| extremes(field.view()).min / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::cases::verification::{Ending, Evidence, GroundRecord};
    use crate::config;
    use crate::mesh::CubedSphere;
    use crate::mesh::cubed_sphere::longitude_latitude;
    use ndarray::Array3;
    use std::collections::BTreeMap;

    const TEXT: &str = "\
[case]
name = \"baroclinic_wave\"
perturbation_m_per_s = 0.0
[grid]
geometry = \"sphere\"
cells_per_edge = 24
nz = 4
top_m = 30000.0
tilt_deg = 20.0
[time]
end_s = \"1 day\"
";

    /// The state of the start, its zonal wind raised by `wind` m/s, under a wave of the pressure.
    fn evidence(wind: f64) -> Evidence {
        let configuration = config::parse("test.toml", TEXT, &[]).unwrap();
        let case = crate::cases::build(&configuration).unwrap();
        let sphere = CubedSphere::new(24, configuration.grid.sphere().unwrap().radius, 20f64.to_radians());
        let place = |row: usize, i: usize| longitude_latitude(sphere.centre(row / 24, i, row % 24));
        let centre = |k: usize| (k as f64 + 0.5) * 7500.0;
        let u = Array3::from_shape_fn((4, 144, 24), |(k, row, i)| {
            let (x, y) = place(row, i);
            case.initial(crate::cases::Point { x, y, z: centre(k) }, &case.base(centre(k))).u + wind
        });
        let pressure = Array3::from_shape_fn((1, 144, 24), |(_, row, i)| {
            let (longitude, latitude) = place(row, i);
            1e5 + 30.0 * (4.0 * longitude + 0.3).sin() * (2.0 * latitude).sin()
        });
        let ground = BTreeMap::from([("surface_pressure".to_string(), pressure.clone())]);
        let fields = BTreeMap::from([
            ("u".to_string(), u),
            ("v".to_string(), Array3::zeros((4, 144, 24))),
            ("surface_pressure".to_string(), pressure),
        ]);
        let ground = vec![GroundRecord { seconds: 86400.0, fields: ground }];
        Evidence {
            configuration,
            ending: Ending {
                seconds: 86400.0,
                mass_drift: 0.0,
                water_drift: 0.0,
                layers: None,
                chlorine: None,
                fields,
                ground,
            },
        }
    }

    #[test]
    fn wind_is_compared_with_that_of_the_start() {
        assert_eq!(evidence(0.0).wind_change().unwrap(), 0.0);
        assert!((evidence(0.5).wind_change().unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn waves_are_told_apart() {
        let waves = [3, 4, 8].map(|number| evidence(0.0).pressure_wave(number).unwrap());
        assert!((waves[1] - 30.0).abs() < 0.1, "{waves:?}");
        assert!(waves[0] < 0.05 && waves[2] < 0.05, "{waves:?}");
    }

    #[test]
    fn mirror_images_across_the_equator_are_compared() {
        let mut evidence = evidence(0.0);
        let mut even = Array3::zeros((1, 144, 24));
        // The last row of the third panel and its image; the northern panel does not count.
        even[[0, 71, 5]] = 2.0;
        even[[0, 48, 5]] = 2.0;
        even[[0, 100, 5]] = 7.0;
        evidence.ending.fields.insert("rain".into(), even.clone());
        assert_eq!(evidence.asymmetry_across_equator("rain").unwrap(), 0.0);
        even[[0, 48, 5]] = 1.5;
        evidence.ending.fields.insert("rain".into(), even);
        assert_eq!(evidence.asymmetry_across_equator("rain").unwrap(), 0.5);
    }

    #[test]
    fn the_lowest_pressure_belongs_to_a_time() {
        let evidence = evidence(0.0);
        assert!((evidence.lowest_pressure(1.0) - 999.7).abs() < 0.01);
        assert!(evidence.lowest_pressure(2.0).is_nan());
    }
}
