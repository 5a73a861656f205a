//! The reference state along an open side.

use super::Inflow;
use super::side::Side;
use crate::dynamics::{Reference, TileReference};
use crate::math;
use crate::mesh::{Mesh, Tile};
use crate::real::Real;
use crate::state::Field;

/// The reference state of the outermost columns along a side, which is also that beyond it: by level, one column
/// behind the other in the order of [`Side::columns`].
#[derive(Clone, Debug)]
pub struct Air<T> {
    nz: usize,
    /// rho0 and theta0.
    pub density: Vec<T>,
    pub theta: Vec<T>,
    /// Wind across the side and along it, in the direction of x or y.
    pub across: Vec<T>,
    pub along: Vec<T>,
    /// Momentum across the side minus that of the next column inside, which lies higher or lower over terrain.
    pub step: Vec<T>,
    /// Thickness of the cells in m, and rho0 divided by its integral over the column in 1/m.
    pub thickness: Vec<T>,
    pub share: Vec<T>,
    /// Mean sound speed of the columns in m/s.
    pub sound_speed: Vec<T>,
    /// Mixing ratios of the air that enters, by tracer.
    pub inflow: Vec<Vec<T>>,
}

impl<T: Real> Air<T> {
    /// That along `side` of the local tile `index`.
    pub fn new(side: Side, index: usize, mesh: &Mesh, reference: &Reference, inflow: &[Inflow<'_>]) -> Self {
        let tile: &Tile = &mesh.local_tiles()[index];
        let (nz, axis) = (tile.nz, side.axis());
        let mut air = Air {
            nz,
            density: Vec::new(),
            theta: Vec::new(),
            across: Vec::new(),
            along: Vec::new(),
            step: Vec::new(),
            thickness: Vec::new(),
            share: Vec::new(),
            sound_speed: Vec::new(),
            inflow: vec![Vec::new(); inflow.len()],
        };
        for at in side.columns(tile.layout(nz)) {
            let [here, inner] = [at, side.beyond(at, -1)].map(|at| Column { index, mesh, reference, at });
            let mass = here.integral(|k| here.density(k));
            air.sound_speed.push(T::of(here.integral(|k| here.sound_speed(k)) / here.depth()));
            for k in 0..nz {
                let (wind, density) = (here.wind(k), here.density(k));
                let step = density * wind[axis] - inner.density(k) * inner.wind(k)[axis];
                air.density.push(T::of(density));
                air.theta.push(T::of(here.theta(k)));
                air.across.push(T::of(wind[axis]));
                air.along.push(T::of(wind[1 - axis]));
                air.step.push(T::of(step));
                air.thickness.push(T::of(here.thickness(k)));
                air.share.push(T::of(density / mass));
                for (out, of_height) in air.inflow.iter_mut().zip(inflow) {
                    out.push(T::of(of_height(here.height(k))));
                }
            }
        }
        air
    }

    /// Place of level `k` of the column that is number `column` along the side.
    pub fn at(&self, column: usize, k: usize) -> usize {
        column * self.nz + k
    }
}

/// The reference state in a column of a local tile, its halo included.
struct Column<'a> {
    index: usize,
    mesh: &'a Mesh,
    reference: &'a Reference,
    at: (isize, isize),
}

impl Column<'_> {
    /// The value at level `k` of a profile, which over terrain is a field.
    fn value(&self, flat: &[f64], over_terrain: fn(&TileReference) -> &Field<f64>, k: usize) -> f64 {
        let (i, j) = self.at;
        self.tile().map_or(flat[k], |tile| over_terrain(tile).get(i, j, k))
    }

    fn tile(&self) -> Option<&TileReference> {
        self.reference.tiles.get(self.index)
    }

    fn density(&self, k: usize) -> f64 {
        self.value(&self.reference.density, |tile| &tile.density, k)
    }

    fn theta(&self, k: usize) -> f64 {
        self.value(&self.reference.potential_temperature, |tile| &tile.potential_temperature, k)
    }

    fn sound_speed(&self, k: usize) -> f64 {
        let pressure = self.value(&self.reference.pressure, |tile| &tile.pressure, k);
        math::sqrt(self.reference.constants.gamma() * pressure / self.density(k))
    }

    fn wind(&self, k: usize) -> [f64; 2] {
        let Reference { u, v, .. } = self.reference;
        [self.value(u, |tile| &tile.u, k), self.value(v, |tile| &tile.v, k)]
    }

    fn thickness(&self, k: usize) -> f64 {
        let (i, j) = self.at;
        self.tile().map_or(self.mesh.vertical.thickness[k], |tile| tile.thickness(i, j, k))
    }

    fn height(&self, k: usize) -> f64 {
        let (i, j) = self.at;
        self.tile().map_or(self.mesh.vertical.centres[k], |tile| tile.centre(i, j, k))
    }

    /// Height of the lid above the ground in m.
    fn depth(&self) -> f64 {
        let (i, j) = self.at;
        self.mesh.vertical.top() - self.tile().map_or(0.0, |tile| tile.interfaces.get(i, j, 0))
    }

    /// The sum of values by level times the thickness of the cells.
    fn integral(&self, value: impl Fn(usize) -> f64) -> f64 {
        (0..self.mesh.vertical.nz()).map(|k| value(k) * self.thickness(k)).sum::<f64>()
    }
}
