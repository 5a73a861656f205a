//! Fluxes of mass, momentum and heat through the faces of one row of columns over terrain.
//!
//! The fluxes through lateral faces are multiplied with the height of the face.

use super::{Columns, Metric, Rates, Slopes};
use crate::aligned::Aligned;
use crate::dynamics::euler::fluxes::{FaceFluxes, Tendencies};
use crate::dynamics::euler::ring::Ring;
use crate::dynamics::euler::{Levels, Primitives};
use crate::dynamics::operators::{
    Stencil, along_x, blend, centred6, jump5, upwind_flux, upwind_flux_with_pressure, vertical_flux,
    vertical_value,
};
use crate::dynamics::slab::Slab;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::{Field, TileState};

/// Rows that live only while one level is worked on.
#[derive(Clone, Debug)]
pub struct FaceRows<T> {
    mass: Aligned<T>,
    mass_below: Aligned<T>,
    mass_half: Aligned<T>,
    damping: Aligned<T>,
    flux: Aligned<T>,
}

impl<T: Real> FaceRows<T> {
    pub fn new(row: usize) -> Self {
        let zeros = Aligned::zeros(row);
        FaceRows {
            mass: zeros.clone(),
            mass_below: zeros.clone(),
            mass_half: zeros.clone(),
            damping: zeros.clone(),
            flux: zeros,
        }
    }
}

/// Fluxes through the y-faces of neighbouring rows: the first between the rows `j - 1` and `j`, and so on. Those of
/// rho theta are whole: reference and deviation.
pub fn y_fluxes<T: Real>(
    levels: &Levels<T>,
    metric: &Metric<T>,
    state: &TileState<T>,
    j: isize,
    ring: &Ring<T>,
    rows: &mut FaceRows<T>,
    out: &mut [FaceFluxes<T>],
) {
    for k in 0..levels.nz {
        for (j, faces) in (j..).zip(&mut *out) {
            y_fluxes_of_level(metric, state, j, k, ring.around(j), rows, faces);
        }
    }
}

/// Fluxes through the y-faces between the rows `j - 1` and `j` of level `k`; `around` are the primitives of the
/// rows j - 3 to j + 2.
fn y_fluxes_of_level<T: Real>(
    metric: &Metric<T>,
    state: &TileState<T>,
    j: isize,
    k: usize,
    around: [&Primitives<T>; 6],
    rows: &mut FaceRows<T>,
    out: &mut FaceFluxes<T>,
) {
    let n = state.density.layout().ni;
    let half = T::of(0.5);
    let rows_of = |field: &'_ Field<T>| -> [std::ops::Range<usize>; 6] {
        std::array::from_fn(|m| {
            let start = field.layout().at(0, j - 3 + m as isize, k);
            start..start + n
        })
    };
    let momentum = rows_of(&state.momentum_y).map(|range| &state.momentum_y.values()[range]);
    let thickness = rows_of(&metric.columns.thickness).map(|range| &metric.columns.thickness.values()[range]);
    let pressure = around.map(|slab| &slab.pressure.row(k)[HALO..]);
    let damping = &mut rows.damping[..n];
    let face = |field: &'_ Field<T>| field.layout().at(0, j, k);
    let [inverse_sound, damped_sound, theta0] =
        [&metric.y.inverse_sound, &metric.y.damped_sound, &metric.y.theta]
            .map(|field| &field.values()[face(field)..][..n]);
    mass_fluxes(
        &thickness,
        &momentum,
        &pressure,
        [inverse_sound, damped_sound],
        &mut out.mass.row_mut(k)[..n],
        damping,
    );
    let mass = &out.mass.row(k)[..n];
    let v = around.map(|slab| &slab.v.row(k)[HALO..]);
    upwind_flux_with_pressure(&v, mass, damping, &mut out.v.row_mut(k)[..n]);
    let u = around.map(|slab| &slab.u.row(k)[HALO..]);
    upwind_flux(&u, mass, &mut out.u.row_mut(k)[..n]);
    let theta = around.map(|slab| &slab.theta.row(k)[HALO..]);
    upwind_flux(&theta, mass, &mut out.theta.row_mut(k)[..n]);
    add_product(mass, theta0, &mut out.theta.row_mut(k)[..n]);
    if k > 0 {
        let mean = &mut rows.mass_half[..n];
        blend(mass, out.mass.row(k - 1), half, half, mean);
        let w = around.map(|slab| &slab.w.row(k)[HALO..]);
        upwind_flux(&w, mean, &mut out.w.row_mut(k)[..n]);
    }
}

/// Explicit horizontal tendencies of row `j`, without the pressure gradient: fluxes through its x-faces, and through
/// its y-faces `[south, north]` where there is a y direction. `keep_mass_flux` sees the mass flux of every level.
#[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
pub fn horizontal_tendencies<T: Real>(
    levels: &Levels<T>,
    metric: &Metric<T>,
    state: &TileState<T>,
    j: isize,
    here: &Primitives<T>,
    y_faces: Option<[&FaceFluxes<T>; 2]>,
    rows: &mut FaceRows<T>,
    out: &mut Tendencies<T>,
    mut keep_mass_flux: impl FnMut(usize, &[T]),
) {
    let n = state.density.layout().ni;
    let faces = n + 1;
    let half = T::of(0.5);
    let inverse = [levels.inverse_dx, levels.inverse_dy];
    for k in 0..levels.nz {
        std::mem::swap(&mut rows.mass, &mut rows.mass_below);
        let mass = &mut rows.mass[..faces];
        let (damping, flux) = (&mut rows.damping[..faces], &mut rows.flux[..faces]);
        mass_fluxes(
            &along_x(metric.columns.thickness.row(j, k)),
            &along_x(state.momentum_x.row(j, k)),
            &along_x(here.pressure.row(k)),
            [metric.x.inverse_sound.row(j, k), metric.x.damped_sound.row(j, k)],
            mass,
            damping,
        );
        keep_mass_flux(k, mass);
        let y =
            |slab: fn(&FaceFluxes<T>) -> &Slab<T>| y_faces.map(|faces| faces.map(|face| slab(face).row(k)));
        let inverse_thickness = metric.columns.inverse_thickness.cells(j as usize, k);
        diverge(mass, y(|face| &face.mass), inverse, inverse_thickness, &mut out.density.row_mut(k)[..n]);
        upwind_flux_with_pressure(&along_x(here.u.row(k)), mass, damping, flux);
        diverge(flux, y(|face| &face.u), inverse, inverse_thickness, &mut out.u.row_mut(k)[..n]);
        upwind_flux(&along_x(here.v.row(k)), mass, flux);
        diverge(flux, y(|face| &face.v), inverse, inverse_thickness, &mut out.v.row_mut(k)[..n]);
        upwind_flux(&along_x(here.theta.row(k)), mass, flux);
        add_product(mass, metric.x.theta.row(j, k), flux);
        diverge(flux, y(|face| &face.theta), inverse, inverse_thickness, &mut out.heat.row_mut(k)[..n]);
        if k > 0 {
            let mean = &mut rows.mass_half[..faces];
            blend(mass, &rows.mass_below, half, half, mean);
            upwind_flux(&along_x(here.w.row(k)), mean, flux);
            let inverse_spacing = metric.columns.inverse_spacing.cells(j as usize, k);
            diverge(flux, y(|face| &face.w), inverse, inverse_spacing, &mut out.w.row_mut(k)[..n]);
        }
    }
}

/// Adds the vertical advection of momentum by `omega` to the tendencies and computes theta~, the upwind potential
/// temperature at the interfaces (0 at the ground and the lid, where nothing passes).
pub fn vertical_tendencies<T: Real>(
    columns: &Columns<T>,
    j: usize,
    here: &Primitives<T>,
    omega: &Slab<T>,
    rows: &mut FaceRows<T>,
    out: &mut Tendencies<T>,
    theta_interface: &mut Slab<T>,
) {
    for (velocity, tendency) in [(&here.u, &mut out.u), (&here.v, &mut out.v)] {
        advect_upwards(columns, j, |level| &velocity.row(level)[HALO..], omega, rows, tendency);
    }
    advect_w_upwards(columns, j, |level| &here.w.row(level)[HALO..], omega, rows, &mut out.w);
    theta_of_interfaces(columns, j, |level| &here.theta.row(level)[HALO..], omega, theta_interface);
}

/// theta~, the reference at the interfaces plus the upwind deviation.
pub fn theta_of_interfaces<'a, T: Real>(
    columns: &Columns<T>,
    j: usize,
    theta: impl Fn(usize) -> &'a [T] + Copy,
    omega: &Slab<T>,
    theta_interface: &mut Slab<T>,
) {
    let layout = columns.thickness.layout();
    for k in 1..layout.levels {
        let value = &mut theta_interface.row_mut(k)[..layout.ni];
        vertical_value(theta, k, layout.levels, omega.row(k), T::ZERO, value);
        add(columns.theta_interface.cells(j, k), value);
    }
}

/// Adds the vertical advection of a horizontal velocity.
pub fn advect_upwards<'a, T: Real>(
    columns: &Columns<T>,
    j: usize,
    velocity: impl Fn(usize) -> &'a [T] + Copy,
    omega: &Slab<T>,
    rows: &mut FaceRows<T>,
    tendency: &mut Slab<T>,
) {
    let layout = columns.thickness.layout();
    let (n, nz) = (layout.ni, layout.levels);
    let (below, above) = (&mut rows.mass_below, &mut rows.flux);
    below[..n].fill(T::ZERO);
    for k in 0..nz {
        if k + 1 < nz {
            vertical_flux(velocity, k + 1, nz, omega.row(k + 1), &mut above[..n]);
        } else {
            above[..n].fill(T::ZERO);
        }
        add_divergence_z(below, above, columns.inverse_thickness.cells(j, k), &mut tendency.row_mut(k)[..n]);
        std::mem::swap(below, above);
    }
}

/// Adds the vertical advection of W by the mean of the mass fluxes through the interfaces around a cell centre.
pub fn advect_w_upwards<'a, T: Real>(
    columns: &Columns<T>,
    j: usize,
    w: impl Fn(usize) -> &'a [T] + Copy,
    omega: &Slab<T>,
    rows: &mut FaceRows<T>,
    tendency: &mut Slab<T>,
) {
    let layout = columns.thickness.layout();
    let (n, nz, half) = (layout.ni, layout.levels, T::of(0.5));
    let (below, above) = (&mut rows.mass_below, &mut rows.flux);
    for k in 0..nz {
        let mean = &mut rows.mass_half[..n];
        blend(omega.row(k + 1), omega.row(k), half, half, mean);
        vertical_flux(w, k + 1, nz + 1, mean, &mut above[..n]);
        if k > 0 {
            add_divergence_z(
                below,
                above,
                columns.inverse_spacing.cells(j, k),
                &mut tendency.row_mut(k)[..n],
            );
        }
        std::mem::swap(below, above);
    }
}

/// Coriolis force on an f-plane, on the wind's deviation from the geostrophic reference wind.
pub fn add_coriolis<T: Real>(
    f: T,
    metric: &Metric<T>,
    state: &TileState<T>,
    j: usize,
    out: &mut Tendencies<T>,
) {
    let layout = state.density.layout();
    for k in 0..layout.levels {
        coriolis_row(
            f,
            [metric.columns.density.cells(j, k), state.density.cells(j, k)],
            metric.wind.each_ref().map(|wind| wind.cells(j, k)),
            [state.momentum_x.cells(j, k), state.momentum_y.cells(j, k)],
            &mut out.u.row_mut(k)[..layout.ni],
            &mut out.v.row_mut(k)[..layout.ni],
        );
    }
}

#[inline(never)]
fn coriolis_row<T: Real>(
    f: T,
    [density0, density]: [&[T]; 2],
    [u0, v0]: [&[T]; 2],
    [momentum_x, momentum_y]: [&[T]; 2],
    u: &mut [T],
    v: &mut [T],
) {
    let n = u.len();
    let (density0, density, u0, v0) = (&density0[..n], &density[..n], &u0[..n], &v0[..n]);
    let (momentum_x, momentum_y, v) = (&momentum_x[..n], &momentum_y[..n], &mut v[..n]);
    for i in 0..n {
        let rho = density0[i] + density[i];
        u[i] += f * (momentum_y[i] - rho * v0[i]);
        v[i] -= f * (momentum_x[i] - rho * u0[i]);
    }
}

/// Adds the rates of row `j`.
pub fn add_rates<T: Real>(rates: &Rates<T>, j: usize, out: &mut Tendencies<T>) {
    let layout = rates.heat.layout();
    for k in 0..layout.levels {
        add(rates.momentum_x.cells(j, k), &mut out.u.row_mut(k)[..layout.ni]);
        add(rates.momentum_y.cells(j, k), &mut out.v.row_mut(k)[..layout.ni]);
        add(rates.momentum_z.cells(j, k), &mut out.w.row_mut(k)[..layout.ni]);
        add(rates.heat.cells(j, k), &mut out.heat.row_mut(k)[..layout.ni]);
    }
}

/// Omega = W - G of row `j` at the interfaces inside.
pub fn contravariant_flux<T: Real>(
    columns: &Columns<T>,
    slopes: &dyn Slopes<T>,
    state: &TileState<T>,
    j: usize,
    omega: &mut Slab<T>,
) {
    let layout = columns.thickness.layout();
    for k in 1..layout.levels {
        let out = &mut omega.row_mut(k)[..layout.ni];
        slopes.flux(columns, state, j, k, out);
        subtract_from(state.momentum_z.cells(j, k), out);
    }
}

impl<T: Real> Slopes<T> for Metric<T> {
    /// s_x U + s_y V.
    fn flux(&self, columns: &Columns<T>, state: &TileState<T>, j: usize, k: usize, out: &mut [T]) {
        let TileState { momentum_x, momentum_y, .. } = state;
        slope_flux_row(
            columns.weight_above.cells(j, k),
            [self.slope_x.cells(j, k), self.slope_y.cells(j, k)],
            [momentum_x.cells(j, k), momentum_x.cells(j, k - 1)],
            [momentum_y.cells(j, k), momentum_y.cells(j, k - 1)],
            out,
        );
    }
}

#[inline(never)]
fn slope_flux_row<T: Real>(
    weight: &[T],
    [slope_x, slope_y]: [&[T]; 2],
    [x, x_below]: [&[T]; 2],
    [y, y_below]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (weight, slope_x, slope_y) = (&weight[..n], &slope_x[..n], &slope_y[..n]);
    let (x, x_below, y, y_below) = (&x[..n], &x_below[..n], &y[..n], &y_below[..n]);
    for i in 0..n {
        let (above, below) = (weight[i], T::ONE - weight[i]);
        let along_x = above * x[i] + below * x_below[i];
        let along_y = above * y[i] + below * y_below[i];
        out[i] = slope_x[i] * along_x + slope_y[i] * along_y;
    }
}

/// out = from - out.
#[inline(never)]
pub fn subtract_from<T: Real>(from: &[T], out: &mut [T]) {
    let n = out.len();
    let from = &from[..n];
    for i in 0..n {
        out[i] = from[i] - out[i];
    }
}

/// Mass flux A6(h M) - h D5(p')/a and the damping of sound -phi a h D5(M), with M the normal momentum and h the
/// height of cells and faces (`acoustic_fluxes` of flat ground, where the face pressure is whole).
#[inline(never)]
fn mass_fluxes<T: Real>(
    thickness: &Stencil<'_, T>,
    momentum: &Stencil<'_, T>,
    pressure: &Stencil<'_, T>,
    [inverse_sound, damped_sound]: [&[T]; 2],
    mass_flux: &mut [T],
    damping: &mut [T],
) {
    let n = mass_flux.len();
    let [thickness, momentum, pressure] = [thickness, momentum, pressure].map(|q| q.map(|row| &row[..n]));
    let (inverse_sound, damped_sound) = (&inverse_sound[..n], &damped_sound[..n]);
    let damping = &mut damping[..n];
    for i in 0..n {
        let m: [T; 6] = std::array::from_fn(|c| momentum[c][i]);
        let p: [T; 6] = std::array::from_fn(|c| pressure[c][i]);
        let carried: [T; 6] = std::array::from_fn(|c| thickness[c][i] * m[c]);
        mass_flux[i] = centred6(carried) - inverse_sound[i] * jump5(p);
        damping[i] = -(damped_sound[i] * jump5(m));
    }
}

/// Minus the divergence of the fluxes along x, and along y where there are some.
fn diverge<T: Real>(
    x: &[T],
    y: Option<[&[T]; 2]>,
    [inverse_dx, inverse_dy]: [T; 2],
    inverse_height: &[T],
    tendency: &mut [T],
) {
    match y {
        Some([south, north]) => {
            divergence_xy([x, &x[1..], south, north], [inverse_dx, inverse_dy], inverse_height, tendency);
        }
        None => divergence_x(x, &x[1..], inverse_dx, inverse_height, tendency),
    }
}

#[inline(never)]
fn divergence_x<T: Real>(west: &[T], east: &[T], inverse_dx: T, inverse_height: &[T], tendency: &mut [T]) {
    let n = tendency.len();
    let (west, east, inverse_height) = (&west[..n], &east[..n], &inverse_height[..n]);
    for i in 0..n {
        tendency[i] = ((west[i] - east[i]) * inverse_dx) * inverse_height[i];
    }
}

#[inline(never)]
fn divergence_xy<T: Real>(
    [west, east, south, north]: [&[T]; 4],
    [inverse_dx, inverse_dy]: [T; 2],
    inverse_height: &[T],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let (west, east, south, north) = (&west[..n], &east[..n], &south[..n], &north[..n]);
    let inverse_height = &inverse_height[..n];
    for i in 0..n {
        let sum = (west[i] - east[i]) * inverse_dx + (south[i] - north[i]) * inverse_dy;
        tendency[i] = sum * inverse_height[i];
    }
}

#[inline(never)]
fn add_divergence_z<T: Real>(below: &[T], above: &[T], inverse_height: &[T], tendency: &mut [T]) {
    let n = tendency.len();
    let (below, above, inverse_height) = (&below[..n], &above[..n], &inverse_height[..n]);
    for i in 0..n {
        tendency[i] += (below[i] - above[i]) * inverse_height[i];
    }
}

/// out += a b.
#[inline(never)]
pub fn add_product<T: Real>(a: &[T], b: &[T], out: &mut [T]) {
    let n = out.len();
    let (a, b) = (&a[..n], &b[..n]);
    for i in 0..n {
        out[i] += a[i] * b[i];
    }
}

/// out += q.
#[inline(never)]
fn add<T: Real>(q: &[T], out: &mut [T]) {
    let n = out.len();
    let q = &q[..n];
    for i in 0..n {
        out[i] += q[i];
    }
}
