//! Rayleigh damping below the lid over terrain: the rates of [`super::sponge`] at the true heights.

use super::sponge::rate;
use crate::config;
use crate::dynamics::{Reference, TileReference};
use crate::mesh::Mesh;
use crate::real::Real;
use crate::state::{Field, TileState};

/// Damping rates of this rank's tiles, which lie over terrain.
#[derive(Clone, Debug)]
pub struct TerrainSponge<T> {
    tiles: Vec<TileRates<T>>,
}

/// Rates of one tile in 1/s, at cell centres and at interfaces, and the reference there.
#[derive(Clone, Debug)]
struct TileRates<T> {
    centres: Field<T>,
    interfaces: Field<T>,
    density: Field<T>,
    u: Field<T>,
    v: Field<T>,
    /// First level and first interface that are damped anywhere.
    lowest: [usize; 2],
}

impl<T: Real> TerrainSponge<T> {
    pub fn new(sponge: &config::Sponge, mesh: &Mesh, reference: &Reference) -> Self {
        let (top, is_globe) = (mesh.vertical.top(), mesh.sphere().is_some());
        let tiles = reference.tiles.iter().map(|tile| TileRates::new(sponge, top, is_globe, tile)).collect();
        TerrainSponge { tiles }
    }

    /// Damps the wind of the local tile `index` over `dt` s.
    pub fn apply(&self, index: usize, state: &mut TileState<T>, dt: f64) {
        let rates = &self.tiles[index];
        let layout = state.density.layout();
        let dt = T::of(dt);
        for j in 0..layout.nj {
            for k in rates.lowest[0]..layout.levels {
                let rate = rates.centres.cells(j, k);
                let density = [rates.density.cells(j, k), state.density.cells(j, k)];
                relax(dt, rate, density, rates.u.cells(j, k), state.momentum_x.cells_mut(j, k));
                relax(dt, rate, density, rates.v.cells(j, k), state.momentum_y.cells_mut(j, k));
                if let Some(momentum_n) = &mut state.momentum_n {
                    // On the globe, where the reference has no wind.
                    relax(dt, rate, density, rates.v.cells(j, k), momentum_n.cells_mut(j, k));
                }
            }
            for k in rates.lowest[1]..layout.levels {
                let rate = rates.interfaces.cells(j, k);
                let damped = state.momentum_z.cells_mut(j, k).iter_mut().zip(rate);
                damped.for_each(|(w, rate)| *w = *w / (T::ONE + dt * *rate));
            }
        }
    }
}

impl<T: Real> TileRates<T> {
    fn new(sponge: &config::Sponge, top: f64, is_globe: bool, reference: &TileReference) -> Self {
        let layout = reference.density.layout();
        let nz = layout.levels;
        let field = |levels: usize, value: &dyn Fn(isize, isize, usize) -> f64| {
            let mut field = Field::new(crate::mesh::Layout { levels, ..layout });
            for (j, k) in (0..layout.nj).flat_map(|j| (0..levels).map(move |k| (j, k))) {
                for (i, cell) in field.cells_mut(j, k).iter_mut().enumerate() {
                    *cell = T::of(value(i as isize, j as isize, k));
                }
            }
            field
        };
        let centres: Field<T> =
            field(nz, &|i, j, k| rate(sponge.base, top, sponge.rate, reference.centre(i, j, k)));
        let interfaces: Field<T> =
            field(nz, &|i, j, k| rate(sponge.base, top, sponge.w_rate, reference.interfaces.get(i, j, k)));
        let lowest = |field: &Field<T>, from: usize| {
            let is_damped =
                |k: usize| (0..layout.nj).any(|j| field.cells(j, k).iter().any(|rate| *rate > T::ZERO));
            (from..nz).find(|&k| is_damped(k)).unwrap_or(nz)
        };
        let wind = |wind: &Field<f64>| match is_globe {
            true => field(nz, &|_, _, _| 0.0),
            false => field(nz, &|i, j, k| wind.get(i, j, k)),
        };
        TileRates {
            lowest: [lowest(&centres, 0), lowest(&interfaces, 1)],
            centres,
            interfaces,
            density: field(nz, &|i, j, k| reference.density.get(i, j, k)),
            u: wind(&reference.u),
            v: wind(&reference.v),
        }
    }
}

/// Relaxes the momentum of a row towards that of the reference wind, implicitly.
#[inline(never)]
fn relax<T: Real>(dt: T, rate: &[T], [density0, density]: [&[T]; 2], wind: &[T], momentum: &mut [T]) {
    let n = momentum.len();
    let (rate, density0, density, wind) = (&rate[..n], &density0[..n], &density[..n], &wind[..n]);
    for i in 0..n {
        let base = (density0[i] + density[i]) * wind[i];
        momentum[i] = base + (momentum[i] - base) / (T::ONE + dt * rate[i]);
    }
}
