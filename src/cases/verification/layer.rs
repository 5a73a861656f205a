//! Quantities of layers of shallow water on the cubed sphere.

use super::Evidence;
use crate::cases::tracers::on_globe;
use crate::cases::{self, Point};
use crate::config::Grid;
use crate::error::{Error, Result};
use crate::mesh::{CubedSphere, Footprint};
use crate::monitor::LayerBudgets;
use ndarray::Array3;

impl Evidence {
    /// What was measured of the layer at the start and at the end.
    ///
    /// # Errors
    /// If the run is none of shallow water.
    pub fn layers(&self) -> Result<&(LayerBudgets, LayerBudgets)> {
        let case = &self.configuration.case.name;
        let missing = || Error::Internal(format!("case `{case}` is no layer of shallow water"));
        self.ending.layers.as_ref().ok_or_else(missing)
    }

    /// Relative l2 error of the depth at the end.
    ///
    /// # Errors
    /// As [`Evidence::layers`], likewise below.
    pub fn depth_error(&self) -> Result<f64> {
        Ok(self.layers()?.1.errors[1])
    }

    /// Relative change of the total energy since the start.
    pub fn energy_drift(&self) -> Result<f64> {
        let (start, end) = self.layers()?;
        Ok(end.total_energy / start.total_energy - 1.0)
    }

    /// Relative change of the potential enstrophy since the start.
    pub fn enstrophy_drift(&self) -> Result<f64> {
        let (start, end) = self.layers()?;
        Ok(end.potential_enstrophy / start.potential_enstrophy - 1.0)
    }

    /// Relative l2 (0) or largest (1) deviation of the sum of chlorine from its start.
    pub fn chlorine_deviation(&self, norm: usize) -> Result<f64> {
        let case = &self.configuration.case.name;
        let missing = || Error::Internal(format!("case `{case}` has no chlorine"));
        Ok(self.ending.chlorine.ok_or_else(missing)?.deviations[norm])
    }

    /// Largest speed in m/s.
    pub fn largest_speed(&self) -> Result<f64> {
        let pairs = self.field("u")?.iter().zip(self.field("v")?);
        Ok(pairs.fold(0.0, |most: f64, (u, v)| most.max((u * u + v * v).sqrt())))
    }

    /// Largest difference of a variable between the four panels around the equator.
    pub fn difference_of_panels(&self, name: &str) -> Result<f64> {
        let field = self.field(name)?;
        let n = self.configuration.grid.nx;
        let mut most: f64 = 0.0;
        for (panel, j, i) in (1..4).flat_map(|p| (0..n).flat_map(move |j| (0..n).map(move |i| (p, j, i)))) {
            most = most.max((field[[0, panel * n + j, i]] - field[[0, j, i]]).abs());
        }
        Ok(most)
    }

    /// Relative l2 error of a tracer that is carried without changing its shape.
    pub fn carried_tracer_error(&self, name: &str) -> Result<f64> {
        let case = cases::build(&self.configuration)?;
        let time = self.ending.seconds;
        let upstream = |at: Point| case.shallow_water().and_then(|layer| layer.upstream(at, time));
        let field = self.field(name)?;
        let sphere = sphere(&self.configuration.grid);
        let (mut difference, mut size) = (0.0, 0.0);
        for ((_, row, i), found) in field.indexed_iter() {
            let (panel, j) = (row / sphere.n, row % sphere.n);
            let cell = Footprint::new(&sphere, panel, i, j);
            let exact = cell.mean(cell.points.map(|(x, y)| {
                let origin = upstream(Point { x, y, z: 0.0 });
                origin.map_or(f64::NAN, |origin| on_globe(name, origin))
            }));
            let area = sphere.area(i, j);
            difference += area * (found - exact) * (found - exact);
            size += area * exact * exact;
        }
        Ok((difference / size).sqrt())
    }

    /// Relative l2 difference of the depth from that of a run with half the cell size, averaged over its cells.
    pub fn difference_from_finer(&self, finer: &Evidence) -> Result<f64> {
        let (coarse, fine) = (self.field("depth")?, finer.field("depth")?);
        let (sphere, fine_sphere) = (sphere(&self.configuration.grid), sphere(&finer.configuration.grid));
        let (mut difference, mut size) = (0.0, 0.0);
        for ((_, row, i), found) in coarse.indexed_iter() {
            let (panel, j) = (row / sphere.n, row % sphere.n);
            let mean = mean_of_four(fine, &fine_sphere, panel, [2 * i, 2 * j]);
            let area = sphere.area(i, j);
            difference += area * (found - mean) * (found - mean);
            size += area * mean * mean;
        }
        Ok((difference / size).sqrt())
    }
}

fn sphere(grid: &Grid) -> CubedSphere {
    let (radius, tilt) = grid.sphere().map_or((1.0, 0.0), |sphere| (sphere.radius, sphere.tilt));
    CubedSphere::new(grid.nx, radius, tilt)
}

/// The average of four cells, the first of them (i, j).
fn mean_of_four(field: &Array3<f64>, sphere: &CubedSphere, panel: usize, [i, j]: [usize; 2]) -> f64 {
    let (mut sum, mut area) = (0.0, 0.0);
    for (di, dj) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let weight = sphere.area(i + di, j + dj);
        sum += weight * field[[0, panel * sphere.n + j + dj, i + di]];
        area += weight;
    }
    sum / area
}
