//! The reference state of a row of columns.

use super::columns::Levels;
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::dynamics::{Reference, TileReference};
use crate::math;
use crate::mesh::VerticalGrid;
use crate::state::Field;

/// What does not change of a row of columns: over flat ground the same in all of them, over terrain by column. Rows
/// are as wide as the widest of a tile.
#[derive(Clone, Debug)]
pub struct Profiles {
    pub constants: Constants,
    pub gravity: f64,
    pub gas_constant: f64,
    /// cp/cv.
    pub gamma: f64,
    /// rho0, rho0 theta0 and its inverse, p0, ln(p0/p00) and (p0/p00)^(R/cp) at cell centres.
    pub density: Levels,
    pub heat: Levels,
    pub inverse_heat: Levels,
    pub pressure: Levels,
    pub log_pressure: Levels,
    pub exner: Levels,
    /// Thickness of the cells in m.
    pub thickness: Levels,
    /// Mass weights of the cells above and below an interface inside.
    pub weight_above: Levels,
    pub weight_below: Levels,
}

/// Logarithm and Exner function of the reference pressure of a tile over terrain.
#[derive(Clone, Debug)]
pub struct TilePressure {
    log: Field<f64>,
    exner: Field<f64>,
}

impl TilePressure {
    pub fn new(constants: &Constants, tile: &TileReference) -> Self {
        let mut log = tile.pressure.clone();
        log.values_mut().iter_mut().for_each(|p| *p = log_of_pressure(*p));
        let mut exner = log.clone();
        exner.values_mut().iter_mut().for_each(|log| *log = exner_of_log(constants, *log));
        TilePressure { log, exner }
    }
}

fn log_of_pressure(pressure: f64) -> f64 {
    math::log(pressure / REFERENCE_PRESSURE)
}

fn exner_of_log(constants: &Constants, log: f64) -> f64 {
    math::exp(constants.gas_constant / constants.heat_capacity * log)
}

impl Profiles {
    /// Those over flat ground, for rows of up to `widest` columns.
    pub fn new(reference: &Reference, vertical: &VerticalGrid, widest: usize) -> Self {
        let constants = &reference.constants;
        let log_pressure: Vec<f64> = reference.pressure.iter().map(|&p| log_of_pressure(p)).collect();
        let exner: Vec<f64> = log_pressure.iter().map(|&log| exner_of_log(constants, log)).collect();
        let inverse_heat: Vec<f64> = reference.heat.iter().map(|heat| 1.0 / heat).collect();
        let nz = vertical.nz();
        let levels = |profile: &[f64]| {
            let mut levels = Levels::new(nz, widest);
            (0..nz).for_each(|k| levels.row_mut(k, widest).fill(profile[k]));
            levels
        };
        Profiles {
            constants: *constants,
            gravity: constants.gravity,
            gas_constant: constants.gas_constant,
            gamma: constants.gamma(),
            density: levels(&reference.density),
            heat: levels(&reference.heat),
            inverse_heat: levels(&inverse_heat),
            pressure: levels(&reference.pressure),
            exner: levels(&exner),
            log_pressure: levels(&log_pressure),
            thickness: levels(&vertical.thickness),
            weight_above: levels(&vertical.weight_above),
            weight_below: levels(&vertical.weight_below),
        }
    }

    /// Takes row `j` of a tile over terrain.
    pub fn load(&mut self, tile: &TileReference, pressure: &TilePressure, j: usize) {
        let layout = tile.density.layout();
        let n = layout.ni;
        for k in 0..layout.levels {
            for (out, field) in [
                (&mut self.density, &tile.density),
                (&mut self.heat, &tile.heat),
                (&mut self.pressure, &tile.pressure),
                (&mut self.log_pressure, &pressure.log),
                (&mut self.exner, &pressure.exner),
            ] {
                out.row_mut(k, n).copy_from_slice(field.cells(j, k));
            }
            let heat = tile.heat.cells(j, k);
            self.inverse_heat.row_mut(k, n).iter_mut().zip(heat).for_each(|(out, heat)| *out = 1.0 / heat);
            let interfaces = [k, k + 1].map(|k| tile.interfaces.cells(j, k));
            for (i, out) in self.thickness.row_mut(k, n).iter_mut().enumerate() {
                *out = interfaces[1][i] - interfaces[0][i];
            }
            if k > 0 {
                self.weigh(k, n);
            }
        }
    }

    /// The mass weights around interface `k` of `n` columns.
    fn weigh(&mut self, k: usize, n: usize) {
        let thickness = [k, k - 1].map(|k| self.thickness.row(k, n));
        let weights = self.weight_above.row_mut(k, n).iter_mut().zip(self.weight_below.row_mut(k, n));
        for (i, (above, below)) in weights.enumerate() {
            *above = thickness[0][i] / (thickness[0][i] + thickness[1][i]);
            *below = 1.0 - *above;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{self, testing::configuration};
    use crate::config::{Terrain, TerrainCoordinate, TerrainShape};
    use crate::mesh::Mesh;
    use approx::assert_relative_eq;

    /// Over ground that is flat although it counts as terrain, the columns are those over flat ground.
    #[test]
    fn terrain_without_height_is_flat_ground() {
        let mut configuration = configuration("stratified_rest", [6e3, 5e3], [12, 10]);
        let shape = TerrainShape::Bell { height: 0.0, half_width: 900.0, centre: 2800.0 };
        configuration.terrain = Some(Terrain { shape, coordinate: TerrainCoordinate::Basic });
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let case = cases::build(&configuration).unwrap();
        let reference = Reference::on_mesh(&*case, configuration.dynamics.constants, &mesh);
        let flat = Profiles::new(&reference, &mesh.vertical, 12);
        let mut profiles = flat.clone();
        let tile = &reference.tiles[0];
        profiles.load(tile, &TilePressure::new(&reference.constants, tile), 0);
        for k in 0..10 {
            for (found, expected) in [
                (&profiles.inverse_heat, &flat.inverse_heat),
                (&profiles.log_pressure, &flat.log_pressure),
                (&profiles.exner, &flat.exner),
                (&profiles.thickness, &flat.thickness),
            ] {
                assert_relative_eq!(found.row(k, 12)[5], expected.row(k, 12)[5], max_relative = 1e-13);
            }
            if k > 0 {
                assert_relative_eq!(profiles.weight_above.row(k, 12)[5], 0.5, max_relative = 1e-13);
            }
        }
    }
}
