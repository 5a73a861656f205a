//! Row kernels of the face fluxes: everything that passes the faces of a row along x or y, at once.
//!
//! A row is short, so that starting and ending a loop costs as much as a few of its values: one loop with
//! many rows is cheaper than many loops with few.

use crate::dynamics::operators::{Stencil, along_x, at, centred6, cut, jump5};
use crate::real::Real;

/// What the fluxes through a face depend on: the momentum along the face's normal, the pressure deviation, the
/// velocity along the normal and the other horizontal velocity, and theta'.
pub type FaceInputs<Q> = [Q; 5];

/// The low-Mach Riemann solution at a face, in momentum form, and what its mass flux carries: mass flux
/// F = A6(M) - D5(p') / a and face pressure p* = A6(p') - phi a D5(M), with M the normal momentum (LMARS, Chen et
/// al. 2013, without reconstruction of the density); fifth-order upwind fluxes F A6(q) - |F| D5(q), for the normal
/// velocity plus p*.
#[inline(always)]
fn face<T: Real>(
    [momentum, pressure]: [[T; 6]; 2],
    [normal, other, theta]: [[T; 6]; 3],
    [inverse_sound, damped_sound]: [T; 2],
) -> [T; 4] {
    let mass = centred6(momentum) - inverse_sound * jump5(pressure);
    let face_pressure = centred6(pressure) - damped_sound * jump5(momentum);
    let speed = mass.abs();
    [
        mass,
        mass * centred6(normal) + (face_pressure - speed * jump5(normal)),
        mass * centred6(other) - speed * jump5(other),
        mass * centred6(theta) - speed * jump5(theta),
    ]
}

/// Fluxes through the x-faces of rows with their halo: of mass, of both velocities, and of theta'.
#[inline(never)]
pub fn fluxes_along_x<T: Real>(
    rows: FaceInputs<&[T]>,
    sound: [T; 2],
    mass: &mut [T],
    normal: &mut [T],
    other: &mut [T],
    theta: &mut [T],
) {
    let n = mass.len();
    let [momentum, pressure, q_normal, q_other, q_theta] = rows;
    let (momentum, pressure) = (cut(&along_x(momentum), n), cut(&along_x(pressure), n));
    let (q_normal, q_other) = (cut(&along_x(q_normal), n), cut(&along_x(q_other), n));
    let q_theta = cut(&along_x(q_theta), n);
    let (normal, other, theta) = (&mut normal[..n], &mut other[..n], &mut theta[..n]);
    for i in 0..n {
        let acoustic = [at(&momentum, i), at(&pressure, i)];
        let carried = [at(&q_normal, i), at(&q_other, i), at(&q_theta, i)];
        [mass[i], normal[i], other[i], theta[i]] = face(acoustic, carried, sound);
    }
}

/// The same through the y-faces, from the six rows around them.
#[inline(never)]
pub fn fluxes_along_y<T: Real>(
    rows: &FaceInputs<Stencil<'_, T>>,
    sound: [T; 2],
    mass: &mut [T],
    normal: &mut [T],
    other: &mut [T],
    theta: &mut [T],
) {
    let n = mass.len();
    let [momentum, pressure, q_normal, q_other, q_theta] = rows;
    let (momentum, pressure) = (cut(momentum, n), cut(pressure, n));
    let (q_normal, q_other, q_theta) = (cut(q_normal, n), cut(q_other, n), cut(q_theta, n));
    let (normal, other, theta) = (&mut normal[..n], &mut other[..n], &mut theta[..n]);
    for i in 0..n {
        let acoustic = [at(&momentum, i), at(&pressure, i)];
        let carried = [at(&q_normal, i), at(&q_other, i), at(&q_theta, i)];
        [mass[i], normal[i], other[i], theta[i]] = face(acoustic, carried, sound);
    }
}

/// Fluxes of mass, u, v and theta' through the faces on one side of a row.
pub type Carried<Q> = [Q; 4];

/// `n` values of every row, from value `start` on.
#[inline(always)]
fn first<T>([mass, u, v, theta]: Carried<&[T]>, start: usize, n: usize) -> Carried<&[T]> {
    [&mass[start..][..n], &u[start..][..n], &v[start..][..n], &theta[start..][..n]]
}

/// Minus the divergence of fluxes along x and y; that of theta' becomes that of rho theta.
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
pub fn divergences_xy<T: Real>(
    x: Carried<&[T]>,
    south: Carried<&[T]>,
    north: Carried<&[T]>,
    [theta0, inverse_dx, inverse_dy]: [T; 3],
    density: &mut [T],
    u: &mut [T],
    v: &mut [T],
    heat: &mut [T],
) {
    let n = density.len();
    let (west, east) = (first(x, 0, n), first(x, 1, n));
    let (south, north) = (first(south, 0, n), first(north, 0, n));
    let (u, v, heat) = (&mut u[..n], &mut v[..n], &mut heat[..n]);
    for i in 0..n {
        let divergence =
            |q: usize| (west[q][i] - east[q][i]) * inverse_dx + (south[q][i] - north[q][i]) * inverse_dy;
        let mass = divergence(0);
        density[i] = mass;
        u[i] = divergence(1);
        v[i] = divergence(2);
        heat[i] = divergence(3) + theta0 * mass;
    }
}

/// The same without a y direction.
#[inline(never)]
pub fn divergences_x<T: Real>(
    x: Carried<&[T]>,
    [theta0, inverse_dx]: [T; 2],
    density: &mut [T],
    u: &mut [T],
    v: &mut [T],
    heat: &mut [T],
) {
    let n = density.len();
    let (west, east) = (first(x, 0, n), first(x, 1, n));
    let (u, v, heat) = (&mut u[..n], &mut v[..n], &mut heat[..n]);
    for i in 0..n {
        let divergence = |q: usize| (west[q][i] - east[q][i]) * inverse_dx;
        let mass = divergence(0);
        density[i] = mass;
        u[i] = divergence(1);
        v[i] = divergence(2);
        heat[i] = divergence(3) + theta0 * mass;
    }
}
