//! Rayleigh damping below the lid over terrain: the rates of [`super::sponge`] at the true heights.

use super::sponge::rate;
use crate::config;
use crate::dynamics::{Reference, TileReference};
use crate::initial::Wind;
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
    /// Along x and y, on the globe also the third component.
    wind: Vec<Field<T>>,
    /// First level and first interface that are damped anywhere.
    lowest: [usize; 2],
}

impl<T: Real> TerrainSponge<T> {
    /// A sponge that damps to the reference wind, on the globe to `wind` by tile or to rest.
    pub fn new(
        sponge: &config::Sponge,
        mesh: &Mesh,
        reference: &Reference,
        wind: Option<&[Wind<T>]>,
    ) -> Self {
        let (top, is_globe) = (mesh.vertical.top(), mesh.sphere().is_some());
        let of_tile = |(index, tile): (usize, &TileReference)| {
            let wind = match (is_globe, wind) {
                (false, _) => vec![rounded(&tile.u), rounded(&tile.v)],
                (true, None) => vec![Field::new(tile.density.layout()); 3],
                (true, Some(wind)) => wind[index].to_vec(),
            };
            TileRates::new(sponge, top, tile, wind)
        };
        TerrainSponge { tiles: reference.tiles.iter().enumerate().map(of_tile).collect() }
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
                let momenta = [&mut state.momentum_x, &mut state.momentum_y].into_iter();
                for (momentum, wind) in momenta.chain(&mut state.momentum_n).zip(&rates.wind) {
                    relax(dt, rate, density, wind.cells(j, k), momentum.cells_mut(j, k));
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
    fn new(sponge: &config::Sponge, top: f64, reference: &TileReference, wind: Vec<Field<T>>) -> Self {
        let layout = reference.density.layout();
        let nz = layout.levels;
        let centres: Field<T> =
            Field::of_cells(layout, |i, j, k| rate(sponge.base, top, sponge.rate, reference.centre(i, j, k)));
        let interfaces: Field<T> = Field::of_cells(layout, |i, j, k| {
            rate(sponge.base, top, sponge.w_rate, reference.interfaces.get(i, j, k))
        });
        let lowest = |field: &Field<T>, from: usize| {
            let is_damped =
                |k: usize| (0..layout.nj).any(|j| field.cells(j, k).iter().any(|rate| *rate > T::ZERO));
            (from..nz).find(|&k| is_damped(k)).unwrap_or(nz)
        };
        TileRates {
            lowest: [lowest(&centres, 0), lowest(&interfaces, 1)],
            centres,
            interfaces,
            density: rounded(&reference.density),
            wind,
        }
    }
}

/// The same field in the precision of the state.
fn rounded<T: Real>(field: &Field<f64>) -> Field<T> {
    let mut out = Field::new(field.layout());
    out.values_mut().iter_mut().zip(field.values()).for_each(|(out, value)| *out = T::of(*value));
    out
}

/// Relaxes the momentum of a row towards that of a wind, implicitly.
#[inline(never)]
fn relax<T: Real>(dt: T, rate: &[T], [density0, density]: [&[T]; 2], wind: &[T], momentum: &mut [T]) {
    let n = momentum.len();
    let (rate, density0, density, wind) = (&rate[..n], &density0[..n], &density[..n], &wind[..n]);
    for i in 0..n {
        let base = (density0[i] + density[i]) * wind[i];
        momentum[i] = base + (momentum[i] - base) / (T::ONE + dt * rate[i]);
    }
}
