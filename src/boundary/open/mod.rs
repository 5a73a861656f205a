//! Open sides of a box: sound, gravity waves and air leave, and what comes in is the reference state.
//!
//! Beyond an open side no cells exist, so its ghost cells are filled from the tile itself, once a stage. The
//! normal momentum continues that of the two outermost cells in a straight line, the pressure is that of the
//! outermost. Where air leaves, so is the rest; where it enters, theta', the deviation of the tangential wind and w
//! fall off to 0 as exp(-distance/l): with the inflow length l = 0 the reference state enters at once, which
//! reflects waves that travel against the wind. Waters enter with the mixing ratios of the reference state, other
//! tracers with 0.
//!
//! The normal momentum M of the outermost cells follows the radiation condition
//! dM/dt = -max(0, v + c) dM/dn with the normal outward velocity v and a fixed phase speed c of the internal
//! gravity waves (Klemp and Wilhelmson 1978, J. Atmos. Sci. 35, 1070-1096; Durran and Klemp 1983). What such waves
//! lack, a mean over the column, belongs to sound and obeys its own: the mean relaxes at the rate a/dx to
//! p'/a + rho v0, the outgoing characteristic, with the column means of p' and of the sound speed a, and the
//! reference wind v0. It lets deep sound out and holds the mean pressure at that of the reference state, so that
//! the mass of the box stays bounded. Sound that varies with height is partly reflected.
//!
//! Over terrain the ground beyond a side is level, as high as the outermost column, whose reference state is that
//! outside. Where the ground rises through the side, momentum is compared along a level as its deviation from the
//! reference at either height: a side without waves has rho0 v0 in both columns. There the normal momentum of
//! entering air loses its deviation with the distance l like the rest: radiation and the mean alone let its profile
//! drift, and over a hill in the side a wind of 20 m/s became one of -47 and 43 m/s at different heights.

mod air;
mod radiation;
mod side;

use crate::config::{Boundary, LateralBoundary};
use crate::dynamics::Reference;
use crate::math;
use crate::mesh::{HALO, Mesh, Plane};
use crate::real::Real;
use crate::state::{Field, TileState};
use air::Air;
use rayon::prelude::*;
use side::Side;

/// The mixing ratio of air that enters, of the height in m.
pub type Inflow<'a> = Box<dyn Fn(f64) -> f64 + 'a>;

/// The open sides of this rank's tiles.
#[derive(Clone, Debug)]
pub struct OpenSides<T> {
    /// With the reference state along them, by local tile.
    sides: Vec<Vec<(Side, Air<T>)>>,
    /// Phase speed of the gravity waves in m/s.
    phase_speed: T,
    /// 1/dx and 1/dy.
    inverse_spacing: [T; 2],
    /// How much of a deviation is left one, two and three cells outside where air enters, along x and y.
    left: [[T; HALO]; 2],
    /// How much of a deviation entering air loses, in 1/m along x and y; 0 over flat ground.
    loss: [T; 2],
}

impl<T: Real> OpenSides<T> {
    /// The open sides, through which air with the mixing ratios `inflow` by tracer enters; `None` if the domain has
    /// none.
    pub fn new(
        boundary: &Boundary,
        mesh: &Mesh,
        plane: &Plane,
        reference: &Reference,
        inflow: &[Inflow<'_>],
    ) -> Option<Self> {
        if ![plane.x_boundary, plane.y_boundary].contains(&LateralBoundary::Open) {
            return None;
        }
        let with_air = |index: usize, side| (side, Air::new(side, index, mesh, reference, inflow));
        let tiles = mesh.local_tiles().iter().enumerate();
        let sides = tiles.map(|(index, tile)| {
            Side::of_tile(plane, tile).into_iter().map(|side| with_air(index, side)).collect()
        });
        let lost = |d: f64| (1.0 - left_at(d, boundary.inflow_length)) / d;
        let loss = |d: f64| if mesh.terrain.is_some() { lost(d) } else { 0.0 };
        Some(OpenSides {
            sides: sides.collect(),
            loss: [plane.dx, plane.dy].map(|d| T::of(loss(d))),
            phase_speed: T::of(boundary.phase_speed),
            inverse_spacing: [1.0 / plane.dx, 1.0 / plane.dy].map(T::of),
            left: [plane.dx, plane.dy].map(|d| {
                std::array::from_fn(|cell| T::of(left_at((cell + 1) as f64 * d, boundary.inflow_length)))
            }),
        })
    }

    /// Fills the ghost cells of the dynamic fields beyond open sides in those tiles which `chosen` says, whose
    /// other ghost cells must be filled.
    pub fn fill(&self, tiles: &mut [TileState<T>], chosen: impl Fn(usize) -> bool + Sync) {
        tiles.par_iter_mut().zip(&self.sides).enumerate().for_each(|(index, (tile, sides))| {
            if !chosen(index) {
                return;
            }
            for (side, air) in sides {
                fill_centres(air, *side, &self.left[side.axis()], tile);
                fill_interfaces(*side, &self.left[side.axis()], tile);
            }
        });
    }

    /// Fills the ghost cells of mixing ratios, by tile and tracer: as inside where air leaves in `state`, those of
    /// the entering air elsewhere.
    pub fn fill_mixing(&self, state: &[TileState<T>], mixing: &mut [Vec<Field<T>>]) {
        mixing.par_iter_mut().zip(state).zip(&self.sides).for_each(|((mixing, state), sides)| {
            for (side, air) in sides {
                for (q, inflow) in mixing.iter_mut().zip(&air.inflow) {
                    fill_mixing_ratio(air, *side, state, inflow, q);
                }
            }
        });
    }

    /// Fills the ghost cells with 1: of shares of what cells can afford, of which there is enough outside.
    pub fn fill_shares(&self, shares: &mut [Vec<Field<T>>]) {
        shares.par_iter_mut().zip(&self.sides).for_each(|(shares, sides)| {
            for share in shares {
                let layout = share.layout();
                for ((side, _), k) in sides.iter().flat_map(|side| (0..layout.levels).map(move |k| (side, k)))
                {
                    side.columns(layout).for_each(|at| put_beyond(*side, share, at, k, [T::ONE; HALO]));
                }
            }
        });
    }

    /// Fills the ghost cells of all prognostic fields, and those in the corners, with the outermost cells, so that nothing
    /// mixes across the sides. The other ghost cells must be filled `depth` cells deep.
    pub fn continue_all(&self, tiles: &mut [TileState<T>], depth: usize) {
        tiles.par_iter_mut().zip(&self.sides).for_each(|(tile, sides)| {
            // The sides along y come second and take the corners.
            for (side, _) in sides.iter().filter(|(side, _)| side.gap < depth) {
                let TileState { density, momentum_x, momentum_y, momentum_z, heat, tracers, .. } = tile;
                for field in [density, momentum_x, momentum_y, momentum_z, heat].into_iter().chain(tracers) {
                    continue_field(*side, field);
                }
            }
        });
    }
}

/// The share of a deviation that is left at a distance outside, for an inflow length, both in m.
fn left_at(distance: f64, inflow_length: f64) -> f64 {
    if inflow_length > 0.0 { math::exp(-distance / inflow_length) } else { 0.0 }
}

/// Fills the ghost cells of the fields at cell centres. `left` is the share of a deviation in entering air.
fn fill_centres<T: Real>(air: &Air<T>, side: Side, left: &[T; HALO], tile: &mut TileState<T>) {
    let layout = tile.density.layout();
    for k in 0..layout.levels {
        for (column, at) in side.columns(layout).enumerate() {
            let ((i, j), base) = (at, air.at(column, k));
            let (density0, theta0, wind0) = (air.density[base], air.theta[base], air.along[base]);
            let (density, heat) = (tile.density.get(i, j, k), tile.heat.get(i, j, k));
            let (normal, along) = match side.axis() {
                0 => (&mut tile.momentum_x, &mut tile.momentum_y),
                _ => (&mut tile.momentum_y, &mut tile.momentum_x),
            };
            let left = if leaves(side, normal.get(i, j, k)) { &[T::ONE; HALO] } else { left };
            put_beyond(side, normal, at, k, continued(side, normal, at, k, air.step[base]));
            put_beyond(side, &mut tile.heat, at, k, [heat; HALO]);
            // Of the same rho theta, so of the same pressure.
            let theta = (heat - theta0 * density) / (density0 + density);
            let densities = left.map(|left| (heat - density0 * (left * theta)) / (theta0 + left * theta));
            put_beyond(side, &mut tile.density, at, k, densities);
            let wind = along.get(i, j, k) / (density0 + density) - wind0;
            let momenta = std::array::from_fn(|n| (density0 + densities[n]) * (wind0 + left[n] * wind));
            put_beyond(side, along, at, k, momenta);
        }
    }
}

/// The values one, two and three cells outside on the straight line through the deviations of the two outermost cells
/// from their references, which differ by `step0`.
fn continued<T: Real>(side: Side, field: &Field<T>, at: (isize, isize), k: usize, step0: T) -> [T; HALO] {
    let inner = side.beyond(at, -1);
    let value = field.get(at.0, at.1, k);
    let step = (value - field.get(inner.0, inner.1, k)) - step0;
    std::array::from_fn(|n| value + T::of((n + 1) as f64) * step)
}

/// Fills the ghost cells of the vertical momentum.
fn fill_interfaces<T: Real>(side: Side, left: &[T; HALO], tile: &mut TileState<T>) {
    let layout = tile.momentum_z.layout();
    for k in 1..layout.levels - 1 {
        for at in side.columns(layout) {
            let momentum = if side.axis() == 0 { &tile.momentum_x } else { &tile.momentum_y };
            let normal = momentum.get(at.0, at.1, k) + momentum.get(at.0, at.1, k - 1);
            let value = tile.momentum_z.get(at.0, at.1, k);
            let outside = if leaves(side, normal) { [value; HALO] } else { left.map(|left| left * value) };
            put_beyond(side, &mut tile.momentum_z, at, k, outside);
        }
    }
}

/// Fills the ghost cells of a mixing ratio.
fn fill_mixing_ratio<T: Real>(
    air: &Air<T>,
    side: Side,
    state: &TileState<T>,
    inflow: &[T],
    q: &mut Field<T>,
) {
    let layout = q.layout();
    let normal = if side.axis() == 0 { &state.momentum_x } else { &state.momentum_y };
    for k in 0..layout.levels {
        for (column, at) in side.columns(layout).enumerate() {
            let leaves = leaves(side, normal.get(at.0, at.1, k));
            let value = if leaves { q.get(at.0, at.1, k) } else { inflow[air.at(column, k)] };
            put_beyond(side, q, at, k, [value; HALO]);
        }
    }
}

/// Whether air of this normal momentum leaves through the side, or stands still.
fn leaves<T: Real>(side: Side, normal: T) -> bool {
    if side.outward() > 0 { normal >= T::ZERO } else { normal <= T::ZERO }
}

/// Fills the ghost cells with the outermost cells, along the whole side and its halo.
fn continue_field<T: Real>(side: Side, field: &mut Field<T>) {
    let layout = field.layout();
    let along = if side.axis() == 0 { layout.halo_y } else { layout.halo_x } as isize;
    for k in 0..layout.levels {
        for at in side.columns_with_halo(layout, along) {
            let value = field.get(at.0, at.1, k);
            put_beyond(side, field, at, k, [value; HALO]);
        }
    }
}

/// Puts values into the ghost cells beyond an outermost column, the nearest first.
fn put_beyond<T: Real>(side: Side, field: &mut Field<T>, at: (isize, isize), k: usize, values: [T; HALO]) {
    let layout = field.layout();
    for (n, value) in values.into_iter().take(HALO - side.gap).enumerate() {
        let (i, j) = side.beyond(at, n as isize + 1);
        field.values_mut()[layout.at(i, j, k)] = value;
    }
}
