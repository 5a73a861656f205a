//! Fluxes of mass, momentum and heat through the faces of one row of columns.

use super::faces::{Carried, divergences_x, divergences_xy, fluxes_along_x, fluxes_along_y};
use super::ring::Ring;
use super::{Levels, Primitives};
use crate::aligned::Aligned;
use crate::dynamics::operators::{
    add_divergence_z, advect_through, along_x, blend, divergence_x, divergence_xy, six_rows,
    upwind_flux_between, vertical_flux, vertical_value,
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

    /// What passes the faces of the cells of level `k`.
    #[inline(always)]
    fn carried(&self, k: usize) -> Carried<&[T]> {
        [self.mass.row(k), self.u.row(k), self.v.row(k), self.theta.row(k)]
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

/// Rows of face values that live only while one level is worked on.
#[derive(Clone, Debug)]
pub struct FaceRows<T> {
    /// Mass flux through the x-faces, of this level and the one below.
    mass: Aligned<T>,
    mass_below: Aligned<T>,
    /// Fluxes of u, v and theta' through the x-faces.
    carried: [Aligned<T>; 3],
    /// Mass flux at W, and a flux by it.
    half: Aligned<T>,
    flux: Aligned<T>,
}

impl<T: Real> FaceRows<T> {
    pub fn new(row: usize) -> Self {
        let zeros = Aligned::zeros(row);
        FaceRows {
            mass: zeros.clone(),
            mass_below: zeros.clone(),
            carried: [zeros.clone(), zeros.clone(), zeros.clone()],
            half: zeros.clone(),
            flux: zeros,
        }
    }
}

/// Fluxes through the y-faces of neighbouring rows: the first between the rows `j - 1` and `j`, and so on.
pub fn y_fluxes<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: isize,
    ring: &Ring<T>,
    out: &mut [FaceFluxes<T>],
) {
    for k in 0..levels.nz {
        for (j, faces) in (j..).zip(&mut *out) {
            y_fluxes_of_level(levels, state, j, k, ring.around(j), faces);
        }
    }
}

/// Fluxes through the y-faces between the rows `j - 1` and `j` of level `k`; `around` are the primitives of the
/// rows j - 3 to j + 2.
fn y_fluxes_of_level<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: isize,
    k: usize,
    around: [&Primitives<T>; 6],
    out: &mut FaceFluxes<T>,
) {
    let n = state.density.layout().ni;
    let momentum_y = |j: isize| &state.momentum_y.row(j, k)[HALO..];
    fluxes_along_y(
        &[
            six_rows(|m| momentum_y(j - 3 + m as isize)),
            six_rows(|m| &around[m].pressure.row(k)[HALO..]),
            six_rows(|m| &around[m].v.row(k)[HALO..]),
            six_rows(|m| &around[m].u.row(k)[HALO..]),
            six_rows(|m| &around[m].theta.row(k)[HALO..]),
        ],
        [levels.inverse_sound[k], levels.damped_sound[k]],
        &mut out.mass.row_mut(k)[..n],
        &mut out.v.row_mut(k)[..n],
        &mut out.u.row_mut(k)[..n],
        &mut out.theta.row_mut(k)[..n],
    );
    if k > 0 {
        let w = six_rows(|m| &around[m].w.row(k)[HALO..]);
        let mass = [out.mass.row(k), out.mass.row(k - 1)];
        let weights = [levels.weight_above[k], levels.weight_below[k]];
        upwind_flux_between(&w, mass, weights, &mut out.w.row_mut(k)[..n]);
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
    for k in 0..levels.nz {
        std::mem::swap(&mut rows.mass, &mut rows.mass_below);
        let [u, v, theta] = &mut rows.carried;
        fluxes_along_x(
            [
                state.momentum_x.row(j, k),
                here.pressure.row(k),
                here.u.row(k),
                here.v.row(k),
                here.theta.row(k),
            ],
            [levels.inverse_sound[k], levels.damped_sound[k]],
            &mut rows.mass[..faces],
            &mut u[..faces],
            &mut v[..faces],
            &mut theta[..faces],
        );
        keep_mass_flux(k, &rows.mass[..faces]);
        diverge(levels, k, n, y_faces, rows, out);
        if k > 0 {
            let flux = &mut rows.flux[..faces];
            let weights = [levels.weight_above[k], levels.weight_below[k]];
            upwind_flux_between(&along_x(here.w.row(k)), [&rows.mass, &rows.mass_below], weights, flux);
            let tendency = &mut out.w.row_mut(k)[..n];
            match y_faces {
                Some([south, north]) => {
                    let sides = [&*flux, &flux[1..], south.w.row(k), north.w.row(k)];
                    divergence_xy(sides, levels.inverse_dx, levels.inverse_dy, tendency);
                }
                None => divergence_x(flux, &flux[1..], levels.inverse_dx, tendency),
            }
        }
    }
}

/// Tendencies of what is carried at the centres of level `k`.
fn diverge<T: Real>(
    levels: &Levels<T>,
    k: usize,
    n: usize,
    y_faces: Option<[&FaceFluxes<T>; 2]>,
    rows: &FaceRows<T>,
    out: &mut Tendencies<T>,
) {
    let [u, v, theta] = &rows.carried;
    let x: Carried<&[T]> = [&rows.mass, u, v, theta];
    let (density, heat) = (&mut out.density.row_mut(k)[..n], &mut out.heat.row_mut(k)[..n]);
    let (u, v) = (&mut out.u.row_mut(k)[..n], &mut out.v.row_mut(k)[..n]);
    match y_faces {
        Some([south, north]) => {
            let (south, north) = (south.carried(k), north.carried(k));
            let factors = [levels.theta[k], levels.inverse_dx, levels.inverse_dy];
            divergences_xy(x, south, north, factors, density, u, v, heat);
        }
        None => divergences_x(x, [levels.theta[k], levels.inverse_dx], density, u, v, heat),
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
    let below = &mut rows.flux[..n];
    below.fill(T::ZERO);
    for k in 0..nz - 1 {
        let tendency = &mut tendency.row_mut(k)[..n];
        advect_through(&velocity, [k + 1, nz], momentum_z(k + 1), levels.inverse_dz[k], below, tendency);
    }
    let lid = &mut rows.half[..n];
    lid.fill(T::ZERO);
    add_divergence_z(below, lid, levels.inverse_dz[nz - 1], &mut tendency.row_mut(nz - 1)[..n]);
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
    let (half, below) = (&mut rows.half[..n], &mut rows.flux[..n]);
    for k in 0..nz {
        blend(momentum_z(k + 1), momentum_z(k), T::of(0.5), T::of(0.5), half);
        if k > 0 {
            let tendency = &mut tendency.row_mut(k)[..n];
            advect_through(&w, [k + 1, nz + 1], half, levels.inverse_spacing[k], below, tendency);
        } else {
            vertical_flux(&w, 1, nz + 1, half, below);
        }
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
