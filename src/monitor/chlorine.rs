//! How far the sum of the chlorine of [`crate::physics::terminator`] is from what it was at the start.
//!
//! With Cly = Cl + 2 Cl2 and its value at the start Cly0, over the volume of the domain (Lauritzen et al. 2015, Geosci.
//! Model Dev. 8, 1299-1313, eqs. 11 and 12): l2 = sqrt(int (Cly - Cly0)^2/int Cly0^2), largest = max |Cly - Cly0|/Cly0.

use super::ExactSum;
use crate::comm::World;
use crate::config::Setting;
use crate::dynamics::Reference;
use crate::io::SeriesColumn;
use crate::mesh::{Mesh, Tile};
use crate::physics::terminator::{CHLORINE, NAMES};
use crate::real::Real;
use crate::state::diagnostics::Context;
use crate::state::{State, TileState};

/// Total and deviations at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChlorineBudgets {
    /// Mass of Cl + 2 Cl2 in kg, in a layer of shallow water in m3.
    pub mass: f64,
    /// Relative l2 and largest deviation from the start.
    pub deviations: [f64; 2],
}

impl ChlorineBudgets {
    /// The columns of a series, if there is chlorine among the tracers.
    pub fn columns(setting: Setting, tracers: &[String]) -> Vec<SeriesColumn> {
        if place(tracers).is_none() {
            return Vec::new();
        }
        let mass = if setting == Setting::ShallowWater { "m3" } else { "kg" };
        let columns = [
            ("cly_mass", mass, "mass of chlorine, Cl + 2 Cl2"),
            ("cly_l2_deviation", "1", "relative l2 deviation of Cl + 2 Cl2 from its start"),
            ("cly_largest_deviation", "1", "largest relative deviation of Cl + 2 Cl2 from its start"),
        ];
        let column = |(name, unit, long_name): (&str, &str, &str)| SeriesColumn {
            name: name.into(),
            unit: unit.into(),
            long_name: long_name.into(),
        };
        columns.map(column).to_vec()
    }

    /// The numbers for the columns.
    pub fn values(&self) -> [f64; 3] {
        [self.mass, self.deviations[0], self.deviations[1]]
    }
}

/// Where the chlorine is among the tracers.
pub fn place(tracers: &[String]) -> Option<usize> {
    tracers.windows(NAMES.len()).position(|names| names == NAMES)
}

/// Measures the chlorine, the tracers from `first` on. Collective.
pub fn measure<T: Real>(
    mesh: &Mesh,
    reference: &Reference,
    state: &State<T>,
    first: usize,
    world: &World,
) -> ChlorineBudgets {
    let mut sums = vec![ExactSum::new(); 3];
    let mut largest = [0.0];
    for (index, (tile, fields)) in mesh.local_tiles().iter().zip(&state.tiles).enumerate() {
        let context = Context::of_tile(mesh, reference, &[], index);
        for j in 0..tile.nj {
            add_row(mesh, &context, (tile, fields), (j, first), &mut sums, &mut largest[0]);
        }
    }
    ExactSum::merge(&mut sums, world.as_ref());
    world.all_max(&mut largest);
    let [mass, squares, volume] = [0, 1, 2].map(|n| sums[n].value());
    let l2 = (squares / volume).sqrt() / CHLORINE;
    ChlorineBudgets { mass, deviations: [l2, largest[0] / CHLORINE] }
}

/// Adds the columns of row `j`: mass, squared deviation and volume.
fn add_row<T: Real>(
    mesh: &Mesh,
    context: &Context<'_>,
    (tile, fields): (&Tile, &TileState<T>),
    (j, first): (usize, usize),
    sums: &mut [ExactSum],
    largest: &mut f64,
) {
    let is_layer = fields.heat.layout().levels == 0;
    for i in 0..tile.ni {
        let mut column = [0.0; 3];
        for k in 0..tile.nz {
            let thickness = if is_layer { 1.0 } else { context.thickness([i, j, k]) };
            let carrier = fields.density.cells(j, k)[i].to_f64();
            let density = if is_layer { carrier } else { context.density([i, j, k]) + carrier };
            let [cl, cl2] = [0, 1].map(|n| fields.tracers[first + n].cells(j, k)[i].to_f64());
            let mass = cl + 2.0 * cl2;
            let deviation = mass / density - CHLORINE;
            let parts = [mass, deviation * deviation, 1.0];
            column.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part * thickness);
            *largest = largest.max(deviation.abs());
        }
        let area = mesh.area(tile.i0 + i, tile.j0 + j);
        sums.iter_mut().zip(column).for_each(|(sum, part)| sum.add(area * part));
    }
}
