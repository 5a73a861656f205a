//! Fluxes of mass, momentum and heat through the faces of one row of columns.

use super::{Levels, Primitives};
use crate::aligned::Aligned;
use crate::dynamics::operators::{
    Stencil, acoustic_fluxes, add_divergence_z, along_x, blend, divergence_x, divergence_xy, upwind_flux,
    upwind_flux_with_pressure, vertical_flux, vertical_value,
};
use crate::dynamics::slab::Slab;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::TileState;

/// Fluxes through the y-faces of one row, interior columns only (first value: first interior column).
#[derive(Clone, Debug)]
pub struct FaceFluxes<T> {
    pub mass: Slab<T>,
    pub u: Slab<T>,
    pub v: Slab<T>,
    /// Flux of W, at interfaces.
    pub w: Slab<T>,
    /// Flux of rho theta'; the flux of rho theta0 is theta0 times the mass flux.
    pub theta: Slab<T>,
}

impl<T: Real> FaceFluxes<T> {
    pub fn new(nz: usize, row: usize) -> Self {
        let centre = Slab::new(nz, row);
        FaceFluxes {
            mass: centre.clone(),
            u: centre.clone(),
            v: centre.clone(),
            w: Slab::new(nz + 1, row),
            theta: centre,
        }
    }
}

/// Explicit tendencies of one row of columns, interior columns only.
#[derive(Clone, Debug)]
pub struct Tendencies<T> {
    pub density: Slab<T>,
    pub u: Slab<T>,
    pub v: Slab<T>,
    /// Of the third component of the horizontal momentum, on the sphere.
    pub n: Option<Slab<T>>,
    pub w: Slab<T>,
    pub heat: Slab<T>,
}

impl<T: Real> Tendencies<T> {
    /// Zeros for rows of `row` values; on the sphere with a third component of the horizontal momentum.
    pub fn new(nz: usize, row: usize, is_sphere: bool) -> Self {
        let centre = Slab::new(nz, row);
        Tendencies {
            density: centre.clone(),
            u: centre.clone(),
            v: centre.clone(),
            n: is_sphere.then(|| centre.clone()),
            w: Slab::new(nz + 1, row),
            heat: centre,
        }
    }
}

/// Rows of x-face values that live only while one level is worked on.
#[derive(Clone, Debug)]
pub struct FaceRows<T> {
    mass_below: Aligned<T>,
    mass_half: Aligned<T>,
    pressure: Aligned<T>,
    pub mass: Aligned<T>,
    flux: Aligned<T>,
}

impl<T: Real> FaceRows<T> {
    pub fn new(row: usize) -> Self {
        let zeros = Aligned::zeros(row);
        FaceRows {
            mass_below: zeros.clone(),
            mass_half: zeros.clone(),
            pressure: zeros.clone(),
            mass: zeros.clone(),
            flux: zeros,
        }
    }
}

/// Fluxes through the y-faces between the rows `j - 1` and `j`; `around` are the primitives of the
/// rows j - 3 to j + 2.
pub fn y_fluxes<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: isize,
    around: [&Primitives<T>; 6],
    rows: &mut FaceRows<T>,
    out: &mut FaceFluxes<T>,
) {
    let n = state.density.layout().ni;
    for k in 0..levels.nz {
        let momentum: Stencil<'_, T> =
            std::array::from_fn(|m| &state.momentum_y.row(j - 3 + m as isize, k)[HALO..]);
        let pressure = around.map(|slab| &slab.pressure.row(k)[HALO..]);
        let face_pressure = &mut rows.pressure[..n];
        acoustic_fluxes(
            &momentum,
            &pressure,
            levels.inverse_sound[k],
            levels.damped_sound[k],
            &mut out.mass.row_mut(k)[..n],
            face_pressure,
        );
        let mass = &out.mass.row(k)[..n];
        let v = around.map(|slab| &slab.v.row(k)[HALO..]);
        upwind_flux_with_pressure(&v, mass, face_pressure, &mut out.v.row_mut(k)[..n]);
        let u = around.map(|slab| &slab.u.row(k)[HALO..]);
        upwind_flux(&u, mass, &mut out.u.row_mut(k)[..n]);
        let theta = around.map(|slab| &slab.theta.row(k)[HALO..]);
        upwind_flux(&theta, mass, &mut out.theta.row_mut(k)[..n]);
        if k > 0 {
            let half = &mut rows.mass_half[..n];
            blend(mass, out.mass.row(k - 1), levels.weight_above[k], levels.weight_below[k], half);
            let w = around.map(|slab| &slab.w.row(k)[HALO..]);
            upwind_flux(&w, half, &mut out.w.row_mut(k)[..n]);
        }
    }
}

/// Explicit horizontal tendencies of row `j`: fluxes through its x-faces, and through its y-faces
/// `[south, north]` where there is a y direction. `keep_mass_flux` sees the mass flux of every level.
#[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
pub fn horizontal_tendencies<T: Real>(
    levels: &Levels<T>,
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
    let diverge = |x: &[T], y: Option<[&[T]; 2]>, tendency: &mut [T]| match y {
        Some([south, north]) => {
            divergence_xy([x, &x[1..], south, north], levels.inverse_dx, levels.inverse_dy, tendency);
        }
        None => divergence_x(x, &x[1..], levels.inverse_dx, tendency),
    };
    for k in 0..levels.nz {
        std::mem::swap(&mut rows.mass, &mut rows.mass_below);
        let mass = &mut rows.mass[..faces];
        let (pressure, flux) = (&mut rows.pressure[..faces], &mut rows.flux[..faces]);
        acoustic_fluxes(
            &along_x(state.momentum_x.row(j, k)),
            &along_x(here.pressure.row(k)),
            levels.inverse_sound[k],
            levels.damped_sound[k],
            mass,
            pressure,
        );
        keep_mass_flux(k, mass);
        let y =
            |slab: fn(&FaceFluxes<T>) -> &Slab<T>| y_faces.map(|faces| faces.map(|face| slab(face).row(k)));
        diverge(mass, y(|face| &face.mass), &mut out.density.row_mut(k)[..n]);
        upwind_flux_with_pressure(&along_x(here.u.row(k)), mass, pressure, flux);
        diverge(flux, y(|face| &face.u), &mut out.u.row_mut(k)[..n]);
        upwind_flux(&along_x(here.v.row(k)), mass, flux);
        diverge(flux, y(|face| &face.v), &mut out.v.row_mut(k)[..n]);
        upwind_flux(&along_x(here.theta.row(k)), mass, flux);
        diverge(flux, y(|face| &face.theta), &mut out.heat.row_mut(k)[..n]);
        add_scaled(out.density.row(k), levels.theta[k], &mut out.heat.row_mut(k)[..n]);
        if k > 0 {
            let half = &mut rows.mass_half[..faces];
            blend(mass, &rows.mass_below, levels.weight_above[k], levels.weight_below[k], half);
            upwind_flux(&along_x(here.w.row(k)), half, flux);
            diverge(flux, y(|face| &face.w), &mut out.w.row_mut(k)[..n]);
        }
    }
}

/// Adds the vertical advection of momentum to the tendencies and computes theta~, the upwind potential
/// temperature at the interfaces (0 at the ground and the lid, where nothing passes).
pub fn vertical_tendencies<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: usize,
    here: &Primitives<T>,
    rows: &mut FaceRows<T>,
    out: &mut Tendencies<T>,
    theta_interface: &mut Slab<T>,
) {
    let n = state.density.layout().ni;
    let momentum_z = |k: usize| state.momentum_z.cells(j, k);
    for (velocity, tendency) in [(&here.u, &mut out.u), (&here.v, &mut out.v)] {
        advect_upwards(levels, n, |level| &velocity.row(level)[HALO..], momentum_z, rows, tendency);
    }
    advect_w_upwards(levels, n, |level| &here.w.row(level)[HALO..], momentum_z, rows, &mut out.w);
    theta_of_interfaces(levels, n, |level| &here.theta.row(level)[HALO..], momentum_z, theta_interface);
}

/// Adds the vertical advection of a horizontal velocity, given by level, with the mass fluxes `momentum_z` through
/// the interfaces; `n` columns.
pub fn advect_upwards<'a, T: Real>(
    levels: &Levels<T>,
    n: usize,
    velocity: impl Fn(usize) -> &'a [T],
    momentum_z: impl Fn(usize) -> &'a [T],
    rows: &mut FaceRows<T>,
    tendency: &mut Slab<T>,
) {
    let nz = levels.nz;
    let (below, above) = (&mut rows.mass_below, &mut rows.flux);
    below[..n].fill(T::ZERO);
    for k in 0..nz {
        if k + 1 < nz {
            vertical_flux(&velocity, k + 1, nz, momentum_z(k + 1), &mut above[..n]);
        } else {
            above[..n].fill(T::ZERO);
        }
        add_divergence_z(below, above, levels.inverse_dz[k], &mut tendency.row_mut(k)[..n]);
        std::mem::swap(below, above);
    }
}

/// Adds the vertical advection of W by the mean of the mass fluxes through the interfaces around a cell centre.
pub fn advect_w_upwards<'a, T: Real>(
    levels: &Levels<T>,
    n: usize,
    w: impl Fn(usize) -> &'a [T],
    momentum_z: impl Fn(usize) -> &'a [T],
    rows: &mut FaceRows<T>,
    tendency: &mut Slab<T>,
) {
    let nz = levels.nz;
    let (below, above) = (&mut rows.mass_below, &mut rows.flux);
    for k in 0..nz {
        let half = &mut rows.mass_half[..n];
        blend(momentum_z(k + 1), momentum_z(k), T::of(0.5), T::of(0.5), half);
        vertical_flux(&w, k + 1, nz + 1, half, &mut above[..n]);
        if k > 0 {
            add_divergence_z(below, above, levels.inverse_spacing[k], &mut tendency.row_mut(k)[..n]);
        }
        std::mem::swap(below, above);
    }
}

/// theta~ at the interfaces inside, from theta - theta0 at the levels.
pub fn theta_of_interfaces<'a, T: Real>(
    levels: &Levels<T>,
    n: usize,
    theta: impl Fn(usize) -> &'a [T],
    momentum_z: impl Fn(usize) -> &'a [T],
    theta_interface: &mut Slab<T>,
) {
    for k in 1..levels.nz {
        let value = &mut theta_interface.row_mut(k)[..n];
        vertical_value(&theta, k, levels.nz, momentum_z(k), levels.theta_interface[k], value);
    }
}

/// Coriolis force on an f-plane, on the wind's deviation from the geostrophic reference wind.
pub fn add_coriolis<T: Real>(levels: &Levels<T>, state: &TileState<T>, j: usize, out: &mut Tendencies<T>) {
    let n = state.density.layout().ni;
    for k in 0..levels.nz {
        coriolis_row(
            [levels.coriolis, levels.density[k], levels.u[k], levels.v[k]],
            state.density.cells(j, k),
            state.momentum_x.cells(j, k),
            state.momentum_y.cells(j, k),
            &mut out.u.row_mut(k)[..n],
            &mut out.v.row_mut(k)[..n],
        );
    }
}

#[inline(never)]
fn coriolis_row<T: Real>(
    [f, density0, u0, v0]: [T; 4],
    density: &[T],
    momentum_x: &[T],
    momentum_y: &[T],
    u: &mut [T],
    v: &mut [T],
) {
    let n = u.len();
    let (density, momentum_x, momentum_y, v) =
        (&density[..n], &momentum_x[..n], &momentum_y[..n], &mut v[..n]);
    for i in 0..n {
        let rho = density0 + density[i];
        u[i] += f * (momentum_y[i] - rho * v0);
        v[i] -= f * (momentum_x[i] - rho * u0);
    }
}

/// out += factor * q.
#[inline(never)]
fn add_scaled<T: Real>(q: &[T], factor: T, out: &mut [T]) {
    let n = out.len();
    let q = &q[..n];
    for i in 0..n {
        out[i] += factor * q[i];
    }
}
