//! Passive tracers: rho q carried by the mass fluxes of the dynamics.
//!
//! Three Runge-Kutta stages (alpha = 1/3, 1/2, 1) from the start of the step, with fifth-order upwind values
//! and the mass fluxes of the whole step, so that q = const stays const:
//! (rho q)_i = (rho q)^n - alpha dt div(F q_{i-1}), q_i = (rho q)_i / (rho^n - alpha dt div(F)).
//! With the positive limiter the fluxes out of a cell in the last stage are scaled down where together
//! they would take more than the cell holds (Smolarkiewicz 1989; Skamarock and Weisman 2009).
//!
//! Many tracers are 0 almost everywhere, such as rain: fluxes that see only rows of zeros are not computed.

use super::euler::Levels;
use super::mass_fluxes::MassFluxes;
use super::operators::{add_divergence_z, along_x, divergence_x, divergence_xy, upwind_flux, vertical_flux};
use super::slab::Slab;
use crate::aligned::Aligned;
use crate::boundary::OpenSides;
use crate::comm::Communicator;
use crate::config::{Dynamics, TracerLimiter};
use crate::halo::{HaloExchange, Kind, Reach, Repeated};
use crate::mesh::{HALO, Mesh};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{Field, TileState};
use rayon::prelude::*;

/// Runge-Kutta stages of the transport before the last, whose alpha is 1.
const ALPHAS: [f64; 2] = [1.0 / 3.0, 0.5];

/// Tag of the tracers' messages.
const TAG: u16 = 2;

/// Transport of all tracers of this rank's tiles.
pub struct TracerTransport<T> {
    limiter: TracerLimiter,
    /// Mixing ratios of the running stage, by tile, halo included.
    mixing: Vec<Vec<Field<T>>>,
    /// Mixing ratios of the next stage; after the last stage the new rho q.
    next: Vec<Vec<Field<T>>>,
    /// Density at the end of the running stage, by tile.
    density: Vec<Field<T>>,
    halo: HaloExchange<T>,
    work: PerThread<Scratch<T>>,
}

/// What one stage knows about a tile.
struct Stage<'a, T> {
    levels: &'a Levels<T>,
    fluxes: &'a MassFluxes<T>,
    /// The state at the start of the step, halo of the density included.
    start: &'a TileState<T>,
    /// alpha dt in s.
    length: T,
}

impl<'a, T: Real> Stage<'a, T> {
    fn new(
        levels: &'a Levels<T>,
        fluxes: &'a Option<MassFluxes<T>>,
        start: &'a TileState<T>,
        length: f64,
    ) -> Self {
        let fluxes = fluxes.as_ref().expect("mass fluxes are kept where there are tracers");
        Stage { levels, fluxes, start, length: T::of(length) }
    }
}

/// Fluxes of one row and the rows that live while it is worked on.
#[derive(Clone)]
struct Scratch<T> {
    x: Aligned<T>,
    south: Slab<T>,
    north: Slab<T>,
    below: Aligned<T>,
    above: Aligned<T>,
    tracer_tendency: Aligned<T>,
    mass_tendency: Aligned<T>,
    occupied: Occupied,
}

/// Which rows of a tracer hold anything but 0, halo included: by level and y index.
#[derive(Clone)]
struct Occupied {
    rows: Vec<bool>,
    /// Rows of the halo below the first, and levels.
    halo: usize,
    nz: usize,
}

impl Occupied {
    fn new(nz: usize, tallest: usize) -> Self {
        Occupied { rows: vec![false; nz * (tallest + 2 * HALO)], halo: 0, nz }
    }

    /// Looks at a tracer.
    fn look<T: Real>(&mut self, q: &Field<T>) {
        let layout = q.layout();
        (self.halo, self.nz) = (layout.halo_y, layout.levels);
        for row in 0..layout.nj + 2 * layout.halo_y {
            for k in 0..layout.levels {
                let values = q.row(row as isize - layout.halo_y as isize, k);
                self.rows[row * layout.levels + k] = holds_anything(values);
            }
        }
    }

    /// Whether row (j, k) holds anything.
    fn row(&self, j: isize, k: usize) -> bool {
        self.rows[(j + self.halo as isize) as usize * self.nz + k]
    }

    /// Whether one of the rows that a flux through the y-faces south of row j depends on does.
    fn near_y_face(&self, j: usize, k: usize) -> bool {
        (-3..3).any(|offset| self.row(j as isize + offset, k))
    }

    /// The same for the interface below level k of row j.
    fn near_interface(&self, j: usize, k: usize) -> bool {
        (k.saturating_sub(3)..(k + 3).min(self.nz)).any(|level| self.row(j as isize, level))
    }
}

/// Whether any value differs from 0.
#[inline(never)]
fn holds_anything<T: Real>(values: &[T]) -> bool {
    values.chunks(64).any(|values| values.iter().fold(false, |any, value| any | (*value != T::ZERO)))
}

/// The tracer fluxes through the six faces of a row of cells.
struct RowFluxes<'a, T> {
    x: &'a [T],
    /// South and north, where there is a y direction.
    y: Option<[&'a [T]; 2]>,
    below: &'a [T],
    above: &'a [T],
}

impl<T: Real> TracerTransport<T> {
    pub fn new(mesh: &Mesh, dynamics: &Dynamics, communicator: &dyn Communicator) -> Self {
        let count = dynamics.tracers.len();
        let nz = mesh.vertical.nz();
        let mixing: Vec<Vec<Field<T>>> =
            mesh.local_tiles().iter().map(|tile| vec![Field::new(tile.layout(nz)); count]).collect();
        TracerTransport {
            limiter: dynamics.tracer_limiter,
            next: mixing.clone(),
            mixing,
            density: mesh.local_tiles().iter().map(|tile| Field::new(tile.layout(nz))).collect(),
            halo: HaloExchange::new(
                mesh,
                Reach::of_plane(mesh),
                &vec![Kind::Scalar; count],
                &vec![nz; count],
                communicator,
                TAG,
            ),
            work: PerThread::new(&Scratch::new(nz, mesh.widest_row(), mesh.tallest_tile())),
        }
    }

    /// The halo exchanges of a step: the mixing ratios of every stage, and the shares of the limiter.
    pub fn exchanges(dynamics: &Dynamics, mesh: &Mesh) -> Option<Repeated> {
        let values = dynamics.tracers.len() * mesh.vertical.nz();
        let times = ALPHAS.len() + 1 + usize::from(dynamics.tracer_limiter == TracerLimiter::Positive);
        (values > 0).then(|| Repeated::waiting(Reach::of_plane(mesh), values, times))
    }

    /// Carries the tracers of `state`, the start of a step of `dt` s, over that step.
    pub fn step(
        &mut self,
        levels: &Levels<T>,
        fluxes: &[Option<MassFluxes<T>>],
        open: Option<&OpenSides<T>>,
        state: &mut [TileState<T>],
        dt: f64,
    ) {
        let TracerTransport { limiter, mixing, next, density, halo, work } = self;
        mixing.par_iter_mut().zip(state.par_iter()).for_each(|(mixing, tile)| {
            mixing_ratios(levels, tile, mixing);
        });
        for alpha in ALPHAS {
            exchange_mixing(halo, open, state, mixing);
            let tiles = next.par_iter_mut().zip(density.par_iter_mut()).zip(state.par_iter());
            tiles.enumerate().with_max_len(1).for_each(|(tile, ((next, density), start))| {
                let stage = Stage::new(levels, &fluxes[tile], start, alpha * dt);
                work.with(|scratch| advance_mixing(&stage, &mixing[tile], density, next, scratch));
            });
            std::mem::swap(mixing, next);
        }
        exchange_mixing(halo, open, state, mixing);
        let is_limited = *limiter == TracerLimiter::Positive;
        if is_limited {
            next.par_iter_mut().zip(state.par_iter()).enumerate().with_max_len(1).for_each(
                |(tile, (share, start))| {
                    let stage = Stage::new(levels, &fluxes[tile], start, dt);
                    work.with(|scratch| affordable_shares(&stage, &mixing[tile], share, scratch));
                },
            );
            halo.exchange(next.as_mut_slice());
            if let Some(open) = open {
                open.fill_shares(next);
            }
        }
        let shares = is_limited.then_some(&*next);
        state.par_iter_mut().enumerate().with_max_len(1).for_each(|(tile, state)| {
            let mut tracers = std::mem::take(&mut state.tracers);
            let stage = Stage::new(levels, &fluxes[tile], state, dt);
            let shares = shares.map(|shares| shares[tile].as_slice());
            work.with(|scratch| advance_mass(&stage, &mixing[tile], shares, &mut tracers, scratch));
            state.tracers = tracers;
        });
    }
}

impl<T: Real> Scratch<T> {
    fn new(nz: usize, row: usize, tallest: usize) -> Self {
        let zeros = Aligned::zeros(row);
        Scratch {
            x: zeros.clone(),
            south: Slab::new(nz, row),
            north: Slab::new(nz, row),
            below: zeros.clone(),
            above: zeros.clone(),
            tracer_tendency: zeros.clone(),
            mass_tendency: zeros,
            occupied: Occupied::new(nz, tallest),
        }
    }
}

/// Fills the halos of the mixing ratios.
fn exchange_mixing<T: Real>(
    halo: &mut HaloExchange<T>,
    open: Option<&OpenSides<T>>,
    state: &[TileState<T>],
    mixing: &mut [Vec<Field<T>>],
) {
    halo.exchange(mixing);
    if let Some(open) = open {
        open.fill_mixing(state, mixing);
    }
}

/// q = (rho q) / rho of all tracers of a tile.
fn mixing_ratios<T: Real>(levels: &Levels<T>, state: &TileState<T>, mixing: &mut [Field<T>]) {
    for (mixing, tracer) in mixing.iter_mut().zip(&state.tracers) {
        for j in 0..tracer.layout().nj {
            for k in 0..levels.nz {
                let (tracer, density) = (tracer.cells(j, k), state.density.cells(j, k));
                for (i, q) in mixing.cells_mut(j, k).iter_mut().enumerate() {
                    *q = tracer[i] / (levels.density[k] + density[i]);
                }
            }
        }
    }
}

/// q of the next stage of all tracers, and the density there.
fn advance_mixing<T: Real>(
    stage: &Stage<'_, T>,
    mixing: &[Field<T>],
    density: &mut Field<T>,
    next: &mut [Field<T>],
    scratch: &mut Scratch<T>,
) {
    let Stage { levels, fluxes, start, length } = stage;
    for (n, (q, next)) in mixing.iter().zip(next).enumerate() {
        let tracer = &start.tracers[n];
        for_each_row(stage, q, None, scratch, |j, k, row, tendency, mass_tendency| {
            diverge(levels, k, row, tendency);
            if n == 0 {
                mass_divergence(levels, fluxes, j, k, mass_tendency);
                let start = start.density.cells(j, k);
                advance_density([*length, levels.density[k]], start, mass_tendency, density.cells_mut(j, k));
            }
            let density = density.cells(j, k);
            divide_row(*length, [tracer.cells(j, k), tendency, density], next.cells_mut(j, k));
        });
    }
}

/// The share of its outgoing fluxes that every cell can afford, for all tracers.
fn affordable_shares<T: Real>(
    stage: &Stage<'_, T>,
    mixing: &[Field<T>],
    shares: &mut [Field<T>],
    scratch: &mut Scratch<T>,
) {
    let levels = stage.levels;
    for (n, (q, share)) in mixing.iter().zip(shares).enumerate() {
        let tracer = &stage.start.tracers[n];
        for_each_row(stage, q, None, scratch, |j, k, row, _, _| {
            let rates = [levels.inverse_dx, levels.inverse_dy, levels.inverse_dz[k]];
            share_row(stage.length, rates, row, tracer.cells(j, k), share.cells_mut(j, k));
        });
    }
}

/// rho q at the end of the step; `tracers` holds it at the start.
fn advance_mass<T: Real>(
    stage: &Stage<'_, T>,
    mixing: &[Field<T>],
    shares: Option<&[Field<T>]>,
    tracers: &mut [Field<T>],
    scratch: &mut Scratch<T>,
) {
    for (n, (q, tracer)) in mixing.iter().zip(tracers).enumerate() {
        let share = shares.map(|shares| &shares[n]);
        for_each_row(stage, q, share, scratch, |j, k, row, tendency, _| {
            diverge(stage.levels, k, row, tendency);
            for (tracer, tendency) in tracer.cells_mut(j, k).iter_mut().zip(&*tendency) {
                *tracer += stage.length * *tendency;
            }
        });
    }
}

/// Computes the fluxes of one tracer through the faces of every row of cells and hands them to
/// `visit(j, k, fluxes, scratch row, scratch row)`. `share` scales the fluxes by what their donor affords.
fn for_each_row<T: Real>(
    stage: &Stage<'_, T>,
    q: &Field<T>,
    share: Option<&Field<T>>,
    scratch: &mut Scratch<T>,
    mut visit: impl FnMut(usize, usize, &RowFluxes<'_, T>, &mut [T], &mut [T]),
) {
    let layout = q.layout();
    let (n, nz, has_y) = (layout.ni, layout.levels, layout.halo_y > 0);
    let Scratch { x, south, north, below, above, tracer_tendency, mass_tendency, occupied } = scratch;
    occupied.look(q);
    for j in 0..layout.nj {
        if has_y {
            if j == 0 {
                (0..nz).for_each(|k| y_flux(stage, q, occupied, share, 0, k, &mut south.row_mut(k)[..n]));
            }
            (0..nz).for_each(|k| y_flux(stage, q, occupied, share, j + 1, k, &mut north.row_mut(k)[..n]));
        }
        below[..n].fill(T::ZERO);
        for k in 0..nz {
            if occupied.row(j as isize, k) {
                x_flux(stage, q, share, j, k, &mut x[..n + 1]);
            } else {
                x[..n + 1].fill(T::ZERO);
            }
            if k + 1 < nz && occupied.near_interface(j, k + 1) {
                z_flux(stage, q, share, j, k + 1, &mut above[..n]);
            } else {
                above[..n].fill(T::ZERO);
            }
            let y = has_y.then(|| [&south.row(k)[..n], &north.row(k)[..n]]);
            let row = RowFluxes { x: &x[..n + 1], y, below: &below[..n], above: &above[..n] };
            visit(j, k, &row, &mut tracer_tendency[..n], &mut mass_tendency[..n]);
            std::mem::swap(below, above);
        }
        std::mem::swap(south, north);
    }
}

/// Fluxes through the x-faces of row (j, k).
fn x_flux<T: Real>(
    stage: &Stage<'_, T>,
    q: &Field<T>,
    share: Option<&Field<T>>,
    j: usize,
    k: usize,
    flux: &mut [T],
) {
    let row = j as isize;
    upwind_flux(&along_x(q.row(row, k)), stage.fluxes.x.row(row, k), flux);
    let west = q.layout().at(-1, row, k);
    let (rate, base) = (stage.levels.inverse_dx, [stage.levels.density[k]; 2]);
    correct(stage, q, share, [west, west + 1], rate, base, flux);
}

/// Fluxes through the y-faces between the rows (j - 1, k) and (j, k).
fn y_flux<T: Real>(
    stage: &Stage<'_, T>,
    q: &Field<T>,
    occupied: &Occupied,
    share: Option<&Field<T>>,
    j: usize,
    k: usize,
    flux: &mut [T],
) {
    if !occupied.near_y_face(j, k) {
        flux.fill(T::ZERO);
        return;
    }
    let row = j as isize;
    let stencil = std::array::from_fn(|m| &q.row(row - 3 + m as isize, k)[HALO..]);
    upwind_flux(&stencil, &stage.fluxes.y.row(row, k)[HALO..], flux);
    let sides = [q.layout().at(0, row - 1, k), q.layout().at(0, row, k)];
    let (rate, base) = (stage.levels.inverse_dy, [stage.levels.density[k]; 2]);
    correct(stage, q, share, sides, rate, base, flux);
}

/// Fluxes through the interfaces `k` (between the levels k - 1 and k) of row j.
fn z_flux<T: Real>(
    stage: &Stage<'_, T>,
    q: &Field<T>,
    share: Option<&Field<T>>,
    j: usize,
    k: usize,
    flux: &mut [T],
) {
    let nz = q.layout().levels;
    vertical_flux(|level| q.cells(j, level), k, nz, stage.fluxes.z.cells(j, k), flux);
    let sides = [q.layout().at(0, j as isize, k - 1), q.layout().at(0, j as isize, k)];
    let levels = stage.levels;
    let (rate, base) = (levels.inverse_spacing[k], [levels.density[k - 1], levels.density[k]]);
    correct(stage, q, share, sides, rate, base, flux);
}

/// Adds the diffusive flux and limits the whole; `sides` are the positions of the first cells on both sides.
fn correct<T: Real>(
    stage: &Stage<'_, T>,
    q: &Field<T>,
    share: Option<&Field<T>>,
    sides: [usize; 2],
    inverse_distance: T,
    base_density: [T; 2],
    flux: &mut [T],
) {
    if stage.levels.diffusivity > T::ZERO {
        let rate = stage.levels.diffusivity * inverse_distance;
        let density = sides.map(|start| &stage.start.density.values()[start..]);
        add_diffusive_flux(rate, base_density, density, sides.map(|start| &q.values()[start..]), flux);
    }
    if let Some(share) = share {
        limit_flux(sides.map(|start| &share.values()[start..]), flux);
    }
}

/// Minus the divergence of the tracer's fluxes.
fn diverge<T: Real>(levels: &Levels<T>, k: usize, row: &RowFluxes<'_, T>, tendency: &mut [T]) {
    match row.y {
        Some([south, north]) => {
            let sides = [row.x, &row.x[1..], south, north];
            divergence_xy(sides, levels.inverse_dx, levels.inverse_dy, tendency);
        }
        None => divergence_x(row.x, &row.x[1..], levels.inverse_dx, tendency),
    }
    add_divergence_z(row.below, row.above, levels.inverse_dz[k], tendency);
}

/// Minus the divergence of the mass fluxes.
fn mass_divergence<T: Real>(
    levels: &Levels<T>,
    fluxes: &MassFluxes<T>,
    j: usize,
    k: usize,
    tendency: &mut [T],
) {
    let row = j as isize;
    let has_y = fluxes.y.layout().halo_y > 0;
    let masses = RowFluxes {
        x: fluxes.x.row(row, k),
        y: has_y.then(|| [&fluxes.y.row(row, k)[HALO..], &fluxes.y.row(row + 1, k)[HALO..]]),
        below: fluxes.z.cells(j, k),
        above: fluxes.z.cells(j, k + 1),
    };
    diverge(levels, k, &masses, tendency);
}

/// rho + h tendency, from the deviation of rho.
#[inline(never)]
fn advance_density<T: Real>([length, base]: [T; 2], density: &[T], tendency: &[T], out: &mut [T]) {
    let n = out.len();
    let (density, tendency) = (&density[..n], &tendency[..n]);
    for i in 0..n {
        out[i] = (base + density[i]) + length * tendency[i];
    }
}

/// q = (rho q + h tendency) / rho, with rho at the end of the stage.
#[inline(never)]
fn divide_row<T: Real>(length: T, [tracer, tendency, density]: [&[T]; 3], out: &mut [T]) {
    let n = out.len();
    let (tracer, tendency, density) = (&tracer[..n], &tendency[..n], &density[..n]);
    for i in 0..n {
        out[i] = (tracer[i] + length * tendency[i]) / density[i];
    }
}

/// Subtracts the flux K rho (q_right - q_left) / distance.
#[inline(never)]
fn add_diffusive_flux<T: Real>(
    rate: T,
    [base_left, base_right]: [T; 2],
    [density_left, density_right]: [&[T]; 2],
    [left, right]: [&[T]; 2],
    flux: &mut [T],
) {
    let n = flux.len();
    let (density_left, density_right) = (&density_left[..n], &density_right[..n]);
    let (left, right) = (&left[..n], &right[..n]);
    for i in 0..n {
        let density = T::of(0.5) * ((base_left + density_left[i]) + (base_right + density_right[i]));
        flux[i] -= rate * density * (right[i] - left[i]);
    }
}

/// Scales fluxes by the share that the cell they leave can afford.
#[inline(never)]
fn limit_flux<T: Real>([left, right]: [&[T]; 2], flux: &mut [T]) {
    let n = flux.len();
    let (left, right) = (&left[..n], &right[..n]);
    for i in 0..n {
        let share = if flux[i] > T::ZERO { left[i] } else { right[i] };
        flux[i] = flux[i] * share;
    }
}

/// min(1, content / outflow) of a row of cells, with the outflow over `length` s.
fn share_row<T: Real>(
    length: T,
    [inverse_dx, inverse_dy, inverse_dz]: [T; 3],
    fluxes: &RowFluxes<'_, T>,
    content: &[T],
    share: &mut [T],
) {
    let outward = |flux: T| flux.most(T::ZERO);
    for (i, share) in share.iter_mut().enumerate() {
        let x = outward(fluxes.x[i + 1]) + outward(-fluxes.x[i]);
        let y = fluxes.y.map_or(T::ZERO, |[south, north]| outward(north[i]) + outward(-south[i]));
        let z = outward(fluxes.above[i]) + outward(-fluxes.below[i]);
        let outflow = length * (x * inverse_dx + y * inverse_dy + z * inverse_dz);
        let content = content[i].most(T::ZERO);
        *share = if outflow > content { content / outflow } else { T::ONE };
    }
}
