//! The stencils of the mixing on one tile: over flat ground, and what those over terrain have in common with them.

use super::eddies::{Eddies, EddyWork};
use super::fluxes::{self, Fluxes, VerticalFluxes};
use super::row::Air;
use super::scales::Scales;
use crate::real::Real;
use crate::state::TileState;

/// What the stencils on one tile are, over flat ground or over terrain. Rows are numbered as in the tile; those in
/// threes are the rows around row `j`, where there is no y direction three times the same.
pub trait Ground<T: Real>: Copy {
    fn scales(&self) -> &Scales<T>;

    /// The primitives of row `j`.
    fn fill_air(self, tile: &TileState<T>, j: isize, out: &mut Air<T>);

    /// The eddies of row `j`.
    fn fill_eddies(self, j: isize, air: [&Air<T>; 3], out: &mut Eddies<T>, work: &mut EddyWork<T>);

    /// Fluxes through the x-faces of row `j`; face f lies between the cells f - 1 and f.
    fn x_fluxes(self, j: isize, air: [&Air<T>; 3], eddies: &Eddies<T>, out: &mut Fluxes<T>);

    /// Fluxes through the y-faces between the rows `j - 1` and `j`, which are given.
    fn y_fluxes(self, j: isize, air: [&Air<T>; 2], eddies: [&Eddies<T>; 2], out: &mut Fluxes<T>);

    /// Fluxes through the interfaces of row `j`, with those of the ground.
    fn z_fluxes(self, j: isize, air: [&Air<T>; 3], eddies: &Eddies<T>, out: &mut VerticalFluxes<T>);

    /// Adds to one level of a row what the fluxes bring in `dt` s.
    fn spread(self, dt: T, cells: Cells, faces: RowFluxes<'_, T>, out: &mut [T]);
}

/// A level of a row: of cells, or of the cells around interfaces.
#[derive(Clone, Copy)]
pub struct Cells {
    pub j: usize,
    pub k: usize,
    pub are_interfaces: bool,
}

/// The fluxes through the faces of a row of cells: along x from the first face on; south and north, where there is a y
/// direction; below and above.
pub struct RowFluxes<'a, T> {
    pub x: &'a [T],
    pub y: Option<[&'a [T]; 2]>,
    pub z: [&'a [T]; 2],
}

/// The stencils over flat ground.
#[derive(Clone, Copy)]
pub struct Flat<'a, T>(pub &'a Scales<T>);

impl<T: Real> Ground<T> for Flat<'_, T> {
    fn scales(&self) -> &Scales<T> {
        self.0
    }

    fn fill_air(self, tile: &TileState<T>, j: isize, out: &mut Air<T>) {
        out.fill(&self.0.levels, tile, j);
    }

    fn fill_eddies(self, _j: isize, air: [&Air<T>; 3], out: &mut Eddies<T>, work: &mut EddyWork<T>) {
        out.fill(self.0, air, work);
    }

    fn x_fluxes(self, _j: isize, air: [&Air<T>; 3], eddies: &Eddies<T>, out: &mut Fluxes<T>) {
        fluxes::x_fluxes(self.0, air, eddies, out);
    }

    fn y_fluxes(self, _j: isize, air: [&Air<T>; 2], eddies: [&Eddies<T>; 2], out: &mut Fluxes<T>) {
        fluxes::y_fluxes(self.0, air, eddies, out);
    }

    fn z_fluxes(self, _j: isize, air: [&Air<T>; 3], eddies: &Eddies<T>, out: &mut VerticalFluxes<T>) {
        fluxes::z_fluxes(self.0, air, eddies, out);
    }

    fn spread(self, dt: T, cells: Cells, faces: RowFluxes<'_, T>, out: &mut [T]) {
        let (levels, n) = (&self.0.levels, out.len());
        let of_z = if cells.are_interfaces { &levels.inverse_spacing } else { &levels.inverse_dz };
        let rates = [dt * levels.inverse_dx, dt * levels.inverse_dy, dt * of_z[cells.k]];
        let RowFluxes { x, y, z } = faces;
        let z = z.map(|row| &row[..n]);
        match y {
            Some(y) => add_divergence(rates, [&x[..n], &x[1..][..n]], y, z, out),
            None => add_divergence(rates, [&x[..n], &x[1..][..n]], [z[0]; 2], z, out),
        }
    }
}

/// The pairs are the fluxes through the faces before and behind the cells, along x, y and z.
#[inline(never)]
fn add_divergence<T: Real>(
    [along_x, along_y, along_z]: [T; 3],
    [west, east]: [&[T]; 2],
    [south, north]: [&[T]; 2],
    [below, above]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (west, east, south, north) = (&west[..n], &east[..n], &south[..n], &north[..n]);
    let (below, above) = (&below[..n], &above[..n]);
    for i in 0..n {
        out[i] += ((east[i] - west[i]) * along_x + (north[i] - south[i]) * along_y)
            + (above[i] - below[i]) * along_z;
    }
}
