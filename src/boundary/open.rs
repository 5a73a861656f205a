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

use crate::config::{Boundary, LateralBoundary};
use crate::dynamics::Reference;
use crate::dynamics::euler::fluxes::Tendencies;
use crate::dynamics::euler::{Levels, Primitives};
use crate::math;
use crate::mesh::{HALO, Layout, Mesh, Plane, Tile};
use crate::real::Real;
use crate::state::{Field, TileState};
use rayon::prelude::*;

/// Largest Courant number of the radiation conditions, which are upwind: it keeps them stable.
const COURANT: f64 = 0.9;

/// A direction in which the domain is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Facing {
    West,
    East,
    South,
    North,
}

/// An open side of the domain, seen from a tile whose halo reaches beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Side {
    facing: Facing,
    /// Cells of other tiles between the tile and the side.
    gap: usize,
}

impl Side {
    /// The open sides that a tile's halo reaches.
    fn of_tile(plane: &Plane, tile: &Tile) -> Vec<Side> {
        use Facing::{East, North, South, West};
        let x = [(West, tile.i0), (East, plane.nx - tile.i0 - tile.ni)];
        let y = [(South, tile.j0), (North, plane.ny - tile.j0 - tile.nj)];
        let open = |kind, sides: [(Facing, usize); 2]| {
            let is_open = kind == LateralBoundary::Open;
            sides.into_iter().filter(move |(_, gap)| is_open && *gap < HALO)
        };
        let x = open(plane.x_boundary, x);
        let y = open(plane.y_boundary, y).filter(|_| plane.ny > 1);
        x.chain(y).map(|(facing, gap)| Side { facing, gap }).collect()
    }

    /// The direction across it: 0 for x, 1 for y.
    fn axis(self) -> usize {
        match self.facing {
            Facing::West | Facing::East => 0,
            Facing::South | Facing::North => 1,
        }
    }

    /// The step outwards along that direction.
    fn outward(self) -> isize {
        match self.facing {
            Facing::West | Facing::South => -1,
            Facing::East | Facing::North => 1,
        }
    }

    /// The outermost columns of the domain, in the tile's indices.
    fn columns(self, layout: Layout) -> impl Iterator<Item = (isize, isize)> {
        self.columns_with_halo(layout, 0)
    }

    /// The same with so many columns of the halo at both ends.
    fn columns_with_halo(self, layout: Layout, halo: isize) -> impl Iterator<Item = (isize, isize)> {
        let (ni, nj, gap) = (layout.ni as isize, layout.nj as isize, self.gap as isize);
        let (along_x, along_y) = (-halo..ni + halo, -halo..nj + halo);
        let (x, y) = match self.facing {
            Facing::West => (-gap..1 - gap, along_y),
            Facing::East => (ni - 1 + gap..ni + gap, along_y),
            Facing::South => (along_x, -gap..1 - gap),
            Facing::North => (along_x, nj - 1 + gap..nj + gap),
        };
        y.flat_map(move |j| x.clone().map(move |i| (i, j)))
    }

    /// The column that lies so many cells further out.
    fn beyond(self, (i, j): (isize, isize), cells: isize) -> (isize, isize) {
        let step = self.outward() * cells;
        if self.axis() == 0 { (i + step, j) } else { (i, j + step) }
    }
}

/// The open sides of this rank's tiles.
#[derive(Clone, Debug)]
pub struct OpenSides<T> {
    /// By local tile.
    sides: Vec<Vec<Side>>,
    /// Phase speed of the gravity waves, and mean sound speed, in m/s.
    phase_speed: T,
    sound_speed: T,
    /// 1/dx and 1/dy.
    inverse_spacing: [T; 2],
    /// How much of a deviation is left one, two and three cells outside where air enters, along x and y.
    left: [[T; HALO]; 2],
    /// Thickness of the levels in m, and rho0 divided by its integral over the column in 1/m.
    thickness: Vec<T>,
    share: Vec<T>,
    /// Mixing ratios of the air that enters, by tracer and level.
    inflow: Vec<Vec<T>>,
}

impl<T: Real> OpenSides<T> {
    /// The open sides, through which air with the mixing ratios `inflow` by tracer and level enters; `None` if the
    /// domain has none.
    pub fn new(
        boundary: &Boundary,
        mesh: &Mesh,
        plane: &Plane,
        reference: &Reference,
        inflow: &[Vec<f64>],
    ) -> Option<Self> {
        if ![plane.x_boundary, plane.y_boundary].contains(&LateralBoundary::Open) {
            return None;
        }
        let thickness = &mesh.vertical.thickness;
        let integral =
            |profile: &[f64]| profile.iter().zip(thickness).map(|(value, dz)| value * dz).sum::<f64>();
        let mass = integral(&reference.density);
        Some(OpenSides {
            sides: mesh.local_tiles().iter().map(|tile| Side::of_tile(plane, tile)).collect(),
            phase_speed: T::of(boundary.phase_speed),
            sound_speed: T::of(integral(&reference.sound_speed) / mesh.vertical.top()),
            inverse_spacing: [1.0 / plane.dx, 1.0 / plane.dy].map(T::of),
            left: [plane.dx, plane.dy].map(|d| {
                std::array::from_fn(|cell| T::of(left_at((cell + 1) as f64 * d, boundary.inflow_length)))
            }),
            thickness: thickness.iter().map(|&dz| T::of(dz)).collect(),
            inflow: inflow.iter().map(|q| q.iter().map(|&q| T::of(q)).collect()).collect(),
            share: reference.density.iter().map(|density| T::of(density / mass)).collect(),
        })
    }

    /// Fills the ghost cells of the dynamic fields beyond open sides in those tiles which `chosen` says, whose
    /// other ghost cells must be filled.
    pub fn fill(
        &self,
        levels: &Levels<T>,
        tiles: &mut [TileState<T>],
        chosen: impl Fn(usize) -> bool + Sync,
    ) {
        tiles.par_iter_mut().zip(&self.sides).enumerate().for_each(|(index, (tile, sides))| {
            if !chosen(index) {
                return;
            }
            for &side in sides {
                fill_centres(levels, side, &self.left[side.axis()], tile);
                fill_interfaces(levels, side, &self.left[side.axis()], tile);
            }
        });
    }

    /// Fills the ghost cells of mixing ratios, by tile and tracer: as inside where air leaves in `state`, those of
    /// the entering air elsewhere.
    pub fn fill_mixing(&self, state: &[TileState<T>], mixing: &mut [Vec<Field<T>>]) {
        mixing.par_iter_mut().zip(state).zip(&self.sides).for_each(|((mixing, state), sides)| {
            for (q, inflow) in mixing.iter_mut().zip(&self.inflow) {
                sides.iter().for_each(|&side| fill_mixing_ratio(side, state, inflow, q));
            }
        });
    }

    /// Fills the ghost cells with 1: of shares of what cells can afford, of which there is enough outside.
    pub fn fill_shares(&self, shares: &mut [Vec<Field<T>>]) {
        shares.par_iter_mut().zip(&self.sides).for_each(|(shares, sides)| {
            for share in shares {
                let layout = share.layout();
                for (&side, k) in sides.iter().flat_map(|side| (0..layout.levels).map(move |k| (side, k))) {
                    side.columns(layout).for_each(|at| put_beyond(side, share, at, k, [T::ONE; HALO]));
                }
            }
        });
    }

    /// Fills the ghost cells of all prognostic fields, and those in the corners, with the outermost cells, so that nothing
    /// mixes across the sides. The other ghost cells must be filled `depth` cells deep.
    pub fn continue_all(&self, tiles: &mut [TileState<T>], depth: usize) {
        tiles.par_iter_mut().zip(&self.sides).for_each(|(tile, sides)| {
            // The sides along y come second and take the corners.
            for &side in sides.iter().filter(|side| side.gap < depth) {
                let TileState { density, momentum_x, momentum_y, momentum_z, heat, tracers, .. } = tile;
                for field in [density, momentum_x, momentum_y, momentum_z, heat].into_iter().chain(tracers) {
                    continue_field(side, field);
                }
            }
        });
    }

    /// Replaces the tendencies of the normal momentum in the outermost cells of a local tile's row by the radiation
    /// conditions. `here` are the primitives of the row, `length` that of the stage in s.
    pub fn radiate(
        &self,
        (tile, j): (usize, usize),
        levels: &Levels<T>,
        length: T,
        state: &TileState<T>,
        here: &Primitives<T>,
        out: &mut Tendencies<T>,
    ) {
        for &side in self.sides[tile].iter().filter(|side| side.gap == 0) {
            for at in side.columns(state.density.layout()).filter(|at| at.1 == j as isize) {
                self.radiate_column((side, at), levels, length, state, here, out);
            }
        }
    }

    fn radiate_column(
        &self,
        (side, at): (Side, (isize, isize)),
        levels: &Levels<T>,
        length: T,
        state: &TileState<T>,
        here: &Primitives<T>,
        out: &mut Tendencies<T>,
    ) {
        let (momentum, velocity, wind, tendency) = match side.axis() {
            0 => (&state.momentum_x, &here.u, &levels.u, &mut out.u),
            _ => (&state.momentum_y, &here.v, &levels.v, &mut out.v),
        };
        let (i, inner) = (at.0 as usize, side.beyond(at, -1));
        let outward = if side.outward() > 0 { T::ONE } else { -T::ONE };
        let limit = T::of(COURANT) / length;
        let rate = |speed: T| {
            let rate = speed.most(T::ZERO) * self.inverse_spacing[side.axis()];
            if rate < limit { rate } else { limit }
        };
        let (mut excess, mut pressure, mut mean) = (T::ZERO, T::ZERO, T::ZERO);
        for (k, &wind) in wind.iter().enumerate() {
            let value = momentum.get(at.0, at.1, k);
            let rho = levels.density[k] + state.density.get(at.0, at.1, k);
            let speed = outward * velocity.row(k)[HALO + i] + self.phase_speed;
            let change = rate(speed) * (momentum.get(inner.0, inner.1, k) - value);
            tendency.row_mut(k)[i] = change;
            mean += self.thickness[k] * change;
            excess += self.thickness[k] * (value - rho * wind);
            pressure += self.thickness[k] * here.pressure.row(k)[HALO + i];
        }
        let outgoing = outward * pressure / self.sound_speed;
        let correction = rate(self.sound_speed) * (outgoing - excess) - mean;
        for k in 0..levels.nz {
            tendency.row_mut(k)[i] += self.share[k] * correction;
        }
    }
}

/// The share of a deviation that is left at a distance outside, for an inflow length, both in m.
fn left_at(distance: f64, inflow_length: f64) -> f64 {
    if inflow_length > 0.0 { math::exp(-distance / inflow_length) } else { 0.0 }
}

/// Fills the ghost cells of the fields at cell centres. `left` is the share of a deviation in entering air.
fn fill_centres<T: Real>(levels: &Levels<T>, side: Side, left: &[T; HALO], tile: &mut TileState<T>) {
    let layout = tile.density.layout();
    for k in 0..levels.nz {
        let (density0, theta0) = (levels.density[k], levels.theta[k]);
        for at in side.columns(layout) {
            let (i, j) = at;
            let (density, heat) = (tile.density.get(i, j, k), tile.heat.get(i, j, k));
            let (normal, along, wind0) = match side.axis() {
                0 => (&mut tile.momentum_x, &mut tile.momentum_y, levels.v[k]),
                _ => (&mut tile.momentum_y, &mut tile.momentum_x, levels.u[k]),
            };
            let left = if leaves(side, normal.get(i, j, k)) { &[T::ONE; HALO] } else { left };
            put_beyond(side, normal, at, k, continued(side, normal, at, k));
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

/// The values one, two and three cells outside on the straight line through those of the two outermost cells.
fn continued<T: Real>(side: Side, field: &Field<T>, at: (isize, isize), k: usize) -> [T; HALO] {
    let inner = side.beyond(at, -1);
    let value = field.get(at.0, at.1, k);
    let step = value - field.get(inner.0, inner.1, k);
    std::array::from_fn(|n| value + T::of((n + 1) as f64) * step)
}

/// Fills the ghost cells of the vertical momentum.
fn fill_interfaces<T: Real>(levels: &Levels<T>, side: Side, left: &[T; HALO], tile: &mut TileState<T>) {
    let layout = tile.momentum_z.layout();
    for k in 1..levels.nz {
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
fn fill_mixing_ratio<T: Real>(side: Side, state: &TileState<T>, inflow: &[T], q: &mut Field<T>) {
    let layout = q.layout();
    let normal = if side.axis() == 0 { &state.momentum_x } else { &state.momentum_y };
    for (k, &entering) in inflow.iter().enumerate() {
        for at in side.columns(layout) {
            let leaves = leaves(side, normal.get(at.0, at.1, k));
            let value = if leaves { q.get(at.0, at.1, k) } else { entering };
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
