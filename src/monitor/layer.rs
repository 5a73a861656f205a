//! What a layer of shallow water conserves, and how far it is from the exact solution.

use super::ExactSum;
use super::budgets::Extremes;
use crate::comm::World;
use crate::dynamics::shallow_water::diagnosis::LayerDiagnosis;
use crate::io::SeriesColumn;
use crate::mesh::{Mesh, Tile};
use crate::real::Real;
use crate::state::{State, TileState};

/// Totals, extremes and errors at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerBudgets {
    /// Kinetic energy, and potential energy of the water minus that of the ground below it: per density, in m5/s2.
    pub total_energy: f64,
    /// Half the squared absolute vorticity over the depth, summed, in m/s2.
    pub potential_enstrophy: f64,
    /// Heights in m and relative vorticity in 1/s.
    pub surface: Extremes,
    pub vorticity: Extremes,
    /// Relative l1, l2 and largest error of the depth; NaN where no exact solution is known.
    pub errors: [f64; 3],
}

/// Sums of a tile: energy, enstrophy, |error|, |exact|, squares of both.
const SUMS: usize = 6;

impl LayerBudgets {
    /// The columns of a series, in the order of [`LayerBudgets::values`].
    pub fn columns() -> Vec<SeriesColumn> {
        const COLUMNS: [(&str, &str, &str); 9] = [
            ("total_energy", "m5 s-2", "kinetic and potential energy per density"),
            ("potential_enstrophy", "m s-2", "half the squared absolute vorticity over the depth, summed"),
            ("surface_min", "m", "lowest height of the surface"),
            ("surface_max", "m", "greatest height of the surface"),
            ("vorticity_min", "s-1", "smallest relative vorticity"),
            ("vorticity_max", "s-1", "largest relative vorticity"),
            ("l1_error", "1", "relative l1 error of the depth"),
            ("l2_error", "1", "relative l2 error of the depth"),
            ("largest_error", "1", "largest error of the depth relative to the largest depth"),
        ];
        let column = |(name, unit, long_name): (&str, &str, &str)| SeriesColumn {
            name: name.into(),
            unit: unit.into(),
            long_name: long_name.into(),
        };
        COLUMNS.into_iter().map(column).collect()
    }

    /// The numbers for the columns.
    pub fn values(&self) -> Vec<f64> {
        let LayerBudgets { total_energy, potential_enstrophy, surface, vorticity, errors: [l1, l2, most] } =
            self;
        let ranges = [surface.least, surface.most, vorticity.least, vorticity.most];
        [*total_energy, *potential_enstrophy].into_iter().chain(ranges).chain([*l1, *l2, *most]).collect()
    }
}

/// What one rank contributes.
struct Part<'a> {
    layer: &'a LayerDiagnosis,
    mesh: &'a Mesh,
    gravity: f64,
    time: f64,
    sums: Vec<ExactSum>,
    surface: Extremes,
    vorticity: Extremes,
    /// Largest |error| and |exact|.
    largest: [f64; 2],
    is_known: bool,
}

/// Measures the whole layer, whose diagnosis must be that of `state`. Collective.
pub fn measure<T: Real>(
    mesh: &Mesh,
    gravity: f64,
    layer: &LayerDiagnosis,
    state: &State<T>,
    world: &World,
) -> LayerBudgets {
    let mut part = Part {
        layer,
        mesh,
        gravity,
        time: state.clock.seconds(),
        sums: vec![ExactSum::new(); SUMS],
        surface: Extremes::NOTHING,
        vorticity: Extremes::NOTHING,
        largest: [0.0; 2],
        is_known: true,
    };
    for (index, (tile, fields)) in mesh.local_tiles().iter().zip(&state.tiles).enumerate() {
        part.add(index, tile, fields);
    }
    let Part { mut sums, surface, vorticity, largest, is_known, .. } = part;
    ExactSum::merge(&mut sums, world.as_ref());
    let mut extremes =
        [-surface.least, surface.most, -vorticity.least, vorticity.most, largest[0], largest[1]];
    world.all_max(&mut extremes);
    let [surface_least, surface_most, vorticity_least, vorticity_most, error, exact] = extremes;
    let total: Vec<f64> = sums.iter().map(ExactSum::value).collect();
    let errors = [total[2] / total[3], (total[4] / total[5]).sqrt(), error / exact];
    LayerBudgets {
        total_energy: total[0],
        potential_enstrophy: total[1],
        surface: Extremes { least: -surface_least, most: surface_most },
        vorticity: Extremes { least: -vorticity_least, most: vorticity_most },
        errors: if is_known { errors } else { [f64::NAN; 3] },
    }
}

impl Part<'_> {
    fn add<T: Real>(&mut self, index: usize, tile: &Tile, fields: &TileState<T>) {
        let Some(sphere) = self.mesh.sphere() else { return };
        let layer = &self.layer.fields[index];
        let third = fields.momentum_n.as_ref().unwrap_or(&fields.momentum_x);
        for j in 0..tile.nj {
            let momentum = [&fields.momentum_x, &fields.momentum_y, third].map(|field| field.cells(j, 0));
            for i in 0..tile.ni {
                let (column, row) = (tile.i0 + i, tile.j0 + j);
                let area = sphere.area(column, row);
                let depth = fields.density.cells(j, 0)[i].to_f64();
                let (ground, vorticity) = (layer.ground.cells(j, 0)[i], layer.vorticity.cells(j, 0)[i]);
                let square: f64 = momentum.iter().map(|row| row[i].to_f64() * row[i].to_f64()).sum();
                let energy = 0.5 * square / depth + self.gravity * depth * (0.5 * depth + ground);
                self.sums[0].add(area * energy);
                self.sums[1].add(area * layer.enstrophy.cells(j, 0)[i]);
                self.surface.include(depth + ground);
                self.vorticity.include(vorticity);
                let Some(exact) = self.layer.exact_depth(sphere, [tile.panel, column, row], self.time) else {
                    self.is_known = false;
                    continue;
                };
                let error = depth - exact;
                let amounts = [error.abs(), exact.abs(), error * error, exact * exact];
                self.sums[2..].iter_mut().zip(amounts).for_each(|(sum, amount)| sum.add(area * amount));
                self.largest = [self.largest[0].max(error.abs()), self.largest[1].max(exact.abs())];
            }
        }
    }
}
