//! Constant viscosity and diffusivity: div(rho K grad q) for u, v, w and theta'.
//!
//! The fluxes are second order and vanish through the ground and the lid (free slip, no flux of heat);
//! w is 0 there. Densities at faces are means of the two cells.

use super::fluxes::Tendencies;
use super::{Levels, Primitives};
use crate::dynamics::slab::Slab;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::TileState;

/// Adds the diffusion of row `j`. `around` are the primitives of the rows j - 1, j and j + 1 (the row
/// itself three times where there is no y direction).
pub fn add_diffusion<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: isize,
    around: [&Primitives<T>; 3],
    out: &mut Tendencies<T>,
) {
    let (viscosity, diffusivity) = (levels.viscosity, levels.diffusivity);
    if viscosity > T::ZERO {
        at_centres(levels, state, j, around.map(|slab| &slab.u), viscosity, &mut out.u);
        at_centres(levels, state, j, around.map(|slab| &slab.v), viscosity, &mut out.v);
        at_interfaces(levels, state, j, around.map(|slab| &slab.w), viscosity, &mut out.w);
    }
    if diffusivity > T::ZERO {
        at_centres(levels, state, j, around.map(|slab| &slab.theta), diffusivity, &mut out.heat);
    }
}

/// The cells around a row: densities and values of the row itself with x halo, then of the rows to the
/// south and north, below and above, interior columns only.
struct Neighbours<'a, T> {
    rho: &'a [T],
    q: &'a [T],
    rho_beside: [&'a [T]; 4],
    q_beside: [&'a [T]; 4],
}

/// K divided by the squared (products of) distances along x, y and below, above.
#[derive(Clone, Copy)]
struct Weights<T> {
    x: T,
    y: T,
    below: T,
    above: T,
}

/// Diffusion of a variable at cell centres.
fn at_centres<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: isize,
    q: [&Slab<T>; 3],
    coefficient: T,
    out: &mut Slab<T>,
) {
    let layout = state.density.layout();
    let (n, has_y) = (layout.ni, layout.halo_y > 0);
    let beside = |offset: isize| if has_y { j + offset } else { j };
    for k in 0..levels.nz {
        let (down, up) = (k.saturating_sub(1), (k + 1).min(levels.nz - 1));
        let rho = |j: isize, k: usize| &state.density.row(j, k)[HALO..];
        let cells = Neighbours {
            rho: state.density.row(j, k),
            q: q[1].row(k),
            rho_beside: [rho(beside(-1), k), rho(beside(1), k), rho(j, down), rho(j, up)],
            q_beside: [
                &q[0].row(k)[HALO..],
                &q[2].row(k)[HALO..],
                &q[1].row(down)[HALO..],
                &q[1].row(up)[HALO..],
            ],
        };
        let weights = Weights {
            x: coefficient * levels.inverse_dx * levels.inverse_dx,
            y: coefficient * levels.inverse_dy * levels.inverse_dy,
            below: coefficient * levels.inverse_spacing[k] * levels.inverse_dz[k],
            above: coefficient * levels.inverse_spacing[k + 1] * levels.inverse_dz[k],
        };
        let base = [levels.density[k], levels.density[down], levels.density[up]];
        centre_row(&cells, weights, base, &mut out.row_mut(k)[..n]);
    }
}

#[inline(never)]
fn centre_row<T: Real>(cells: &Neighbours<'_, T>, weights: Weights<T>, base: [T; 3], out: &mut [T]) {
    let n = out.len();
    let [here0, below0, above0] = base;
    let half = T::of(0.5);
    let (rho_w, rho_c, rho_e) =
        (&cells.rho[HALO - 1..][..n], &cells.rho[HALO..][..n], &cells.rho[HALO + 1..][..n]);
    let (q_w, q_c, q_e) = (&cells.q[HALO - 1..][..n], &cells.q[HALO..][..n], &cells.q[HALO + 1..][..n]);
    let [rho_s, rho_n, rho_b, rho_a] = cells.rho_beside.map(|row| &row[..n]);
    let [q_s, q_n, q_b, q_a] = cells.q_beside.map(|row| &row[..n]);
    for i in 0..n {
        let rho = here0 + rho_c[i];
        let face = |other: T, base: T| half * (rho + (base + other));
        let east = face(rho_e[i], here0) * (q_e[i] - q_c[i]);
        let west = face(rho_w[i], here0) * (q_c[i] - q_w[i]);
        let north = face(rho_n[i], here0) * (q_n[i] - q_c[i]);
        let south = face(rho_s[i], here0) * (q_c[i] - q_s[i]);
        let above = face(rho_a[i], above0) * (q_a[i] - q_c[i]);
        let below = face(rho_b[i], below0) * (q_c[i] - q_b[i]);
        out[i] += (east - west) * weights.x
            + (north - south) * weights.y
            + (above * weights.above - below * weights.below);
    }
}

/// Diffusion of w, at interfaces.
fn at_interfaces<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: isize,
    w: [&Slab<T>; 3],
    coefficient: T,
    out: &mut Slab<T>,
) {
    let layout = state.density.layout();
    let (n, has_y) = (layout.ni, layout.halo_y > 0);
    let beside = |offset: isize| if has_y { j + offset } else { j };
    for k in 1..levels.nz {
        let rho = |j: isize| [state.density.row(j, k), state.density.row(j, k - 1)];
        let rows = InterfaceRows {
            rho: [rho(beside(-1)), rho(j), rho(beside(1))],
            w: [w[0].row(k), w[1].row(k), w[2].row(k)],
            w_below: &w[1].row(k - 1)[HALO..],
            w_above: &w[1].row(k + 1)[HALO..],
            weight: [levels.weight_above[k], levels.weight_below[k]],
            base: [levels.density[k], levels.density[k - 1]],
        };
        let weights = Weights {
            x: coefficient * levels.inverse_dx * levels.inverse_dx,
            y: coefficient * levels.inverse_dy * levels.inverse_dy,
            below: coefficient * levels.inverse_dz[k - 1] * levels.inverse_spacing[k],
            above: coefficient * levels.inverse_dz[k] * levels.inverse_spacing[k],
        };
        interface_row(&rows, weights, &mut out.row_mut(k)[..n]);
    }
}

/// What surrounds a row of interfaces; pairs are (above, below), triples (south, here, north), with x halo.
struct InterfaceRows<'a, T> {
    rho: [[&'a [T]; 2]; 3],
    w: [&'a [T]; 3],
    w_below: &'a [T],
    w_above: &'a [T],
    weight: [T; 2],
    base: [T; 2],
}

#[inline(never)]
fn interface_row<T: Real>(rows: &InterfaceRows<'_, T>, weights: Weights<T>, out: &mut [T]) {
    let n = out.len();
    let half = T::of(0.5);
    let [base_a, base_b] = rows.base;
    let [weight_a, weight_b] = rows.weight;
    let [south, here, north] = rows.rho.map(|pair| pair.map(|row| &row[..n + 2 * HALO]));
    let [w_south, w_here, w_north] = rows.w.map(|row| &row[..n + 2 * HALO]);
    let (w_below, w_above) = (&rows.w_below[..n], &rows.w_above[..n]);
    for i in 0..n {
        let c = i + HALO;
        let at =
            |pair: &[&[T]; 2], c: usize| weight_a * (base_a + pair[0][c]) + weight_b * (base_b + pair[1][c]);
        let rho = at(&here, c);
        let east = half * (rho + at(&here, c + 1)) * (w_here[c + 1] - w_here[c]);
        let west = half * (at(&here, c - 1) + rho) * (w_here[c] - w_here[c - 1]);
        let northern = half * (rho + at(&north, c)) * (w_north[c] - w_here[c]);
        let southern = half * (at(&south, c) + rho) * (w_here[c] - w_south[c]);
        let above = (base_a + here[0][c]) * (w_above[i] - w_here[c]);
        let below = (base_b + here[1][c]) * (w_here[c] - w_below[i]);
        out[i] += (east - west) * weights.x
            + (northern - southern) * weights.y
            + (above * weights.above - below * weights.below);
    }
}
