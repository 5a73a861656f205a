//! The fluxes by eddies through the faces of one row of cells, counted against the gradient: tau_ij, and
//! rho K_h grad theta.

use super::eddies::Eddies;
use super::row::Air;
use super::scales::Scales;
use crate::dynamics::slab::Slab;
use crate::mesh::HALO;
use crate::real::Real;

/// Fluxes through the faces of a row of cells that look in one direction: of u, v, theta and the tracers through
/// the sides of cells, of w through the sides of the cells around the interfaces.
#[derive(Clone, Debug)]
pub struct Fluxes<T> {
    pub u: Slab<T>,
    pub v: Slab<T>,
    pub w: Slab<T>,
    pub theta: Slab<T>,
    pub tracers: Vec<Slab<T>>,
}

/// Through the interfaces: `nz + 1` levels of u, v, theta and tracers, `nz` of w. Positive is downwards.
pub type VerticalFluxes<T> = Fluxes<T>;

impl<T: Real> Fluxes<T> {
    /// `levels` of u, v, theta and the tracers, and of w.
    pub fn new([levels, of_w]: [usize; 2], row: usize, tracers: usize) -> Self {
        let slab = Slab::new(levels, row);
        Fluxes {
            u: slab.clone(),
            v: slab.clone(),
            w: Slab::new(of_w, row),
            theta: slab.clone(),
            tracers: vec![slab; tracers],
        }
    }
}

/// rho times the diffusivity of tracer `number`, and a factor, of the viscosity and diffusivity of `eddies` in one
/// direction: e diffuses with 2 K.
pub fn of_tracer<'a, T: Real>(
    scales: &Scales<T>,
    [viscosity, diffusivity]: [&'a Slab<T>; 2],
    number: usize,
) -> (&'a Slab<T>, T) {
    if scales.energy == Some(number) { (viscosity, T::of(2.0)) } else { (diffusivity, T::ONE) }
}

/// Fluxes through the x-faces of the row `here`; face f lies between the cells f - 1 and f.
pub fn x_fluxes<T: Real>(
    scales: &Scales<T>,
    [south, here, north]: [&Air<T>; 3],
    eddies: &Eddies<T>,
    out: &mut Fluxes<T>,
) {
    let (levels, n) = (&scales.levels, here.columns + 1);
    let half = T::of(0.5);
    let (inverse, cross) = (levels.inverse_dx, T::of(0.25) * levels.inverse_dy);
    let [viscosity, diffusivity] = eddies.along();
    for k in 0..levels.nz {
        let weights = x_sides(viscosity, k, n);
        gradient([inverse + inverse, T::ZERO], weights, x_sides(&here.u, k, n), &mut out.u.row_mut(k)[..n]);
        let [north_w, north_e] = x_sides(&north.u, k, n);
        let [south_w, south_e] = x_sides(&south.u, k, n);
        let across = [north_w, south_w, north_e, south_e];
        shear([inverse, cross], weights, x_sides(&here.v, k, n), across, &mut out.v.row_mut(k)[..n]);
        let weights = x_sides(diffusivity, k, n);
        gradient([inverse, T::ZERO], weights, x_sides(&here.theta, k, n), &mut out.theta.row_mut(k)[..n]);
        for (number, (q, out)) in here.tracers.iter().zip(&mut out.tracers).enumerate() {
            let (weights, factor) = of_tracer(scales, [viscosity, diffusivity], number);
            let (weights, q) = (x_sides(weights, k, n), x_sides(q, k, n));
            gradient([factor * inverse, T::ZERO], weights, q, &mut out.row_mut(k)[..n]);
        }
    }
    for k in 1..levels.nz {
        let constants = [inverse, half * levels.inverse_spacing[k]];
        let weights = [x_sides(&eddies.viscosity, k, n), x_sides(&eddies.viscosity, k - 1, n)];
        let across = [x_sides(&here.u, k, n), x_sides(&here.u, k - 1, n)];
        corner(constants, weights, x_sides(&here.w, k, n), across, &mut out.w.row_mut(k)[..n]);
    }
}

/// The `n` cells on the left and on the right of the x-faces of level `k`.
pub fn x_sides<T: Real>(slab: &Slab<T>, k: usize, n: usize) -> [&[T]; 2] {
    [&slab.row(k)[HALO - 1..][..n], &slab.row(k)[HALO..][..n]]
}

/// Fluxes through the y-faces between the rows `air[0]` and `air[1]`.
pub fn y_fluxes<T: Real>(
    scales: &Scales<T>,
    [south, north]: [&Air<T>; 2],
    [south_eddies, north_eddies]: [&Eddies<T>; 2],
    out: &mut Fluxes<T>,
) {
    let (levels, n) = (&scales.levels, south.columns);
    let half = T::of(0.5);
    let (inverse, cross) = (levels.inverse_dy, T::of(0.25) * levels.inverse_dx);
    let ([viscosity_south, diffusivity_south], [viscosity_north, diffusivity_north]) =
        (south_eddies.along(), north_eddies.along());
    let viscosity = [viscosity_south, viscosity_north];
    let diffusivity = [diffusivity_south, diffusivity_north];
    for k in 0..levels.nz {
        let weights = y_sides(viscosity, k, n);
        let [v_south, v_north] = [&south.v, &north.v].map(|slab| beside(slab, k, n));
        let across = [v_south[1], v_south[0], v_north[1], v_north[0]];
        let u = y_sides([&south.u, &north.u], k, n);
        shear([inverse, cross], weights, u, across, &mut out.u.row_mut(k)[..n]);
        let v = y_sides([&south.v, &north.v], k, n);
        gradient([inverse + inverse, T::ZERO], weights, v, &mut out.v.row_mut(k)[..n]);
        let (weights, theta) = (y_sides(diffusivity, k, n), y_sides([&south.theta, &north.theta], k, n));
        gradient([inverse, T::ZERO], weights, theta, &mut out.theta.row_mut(k)[..n]);
        for (number, out) in out.tracers.iter_mut().enumerate() {
            let (weight_south, factor) = of_tracer(scales, south_eddies.along(), number);
            let (weight_north, _) = of_tracer(scales, north_eddies.along(), number);
            let weights = y_sides([weight_south, weight_north], k, n);
            let q = y_sides([&south.tracers[number], &north.tracers[number]], k, n);
            gradient([factor * inverse, T::ZERO], weights, q, &mut out.row_mut(k)[..n]);
        }
    }
    for k in 1..levels.nz {
        let constants = [inverse, half * levels.inverse_spacing[k]];
        let upwards = [&south_eddies.viscosity, &north_eddies.viscosity];
        let weights = [y_sides(upwards, k, n), y_sides(upwards, k - 1, n)];
        let across = [k, k - 1].map(|k| y_sides([&south.v, &north.v], k, n));
        let w = y_sides([&south.w, &north.w], k, n);
        corner(constants, weights, w, across, &mut out.w.row_mut(k)[..n]);
    }
}

/// The `n` cells of level `k` in two rows.
pub fn y_sides<T: Real>(rows: [&Slab<T>; 2], k: usize, n: usize) -> [&[T]; 2] {
    rows.map(|slab| &slab.row(k)[HALO..][..n])
}

/// The cells to the west and to the east of the `n` cells of level `k`.
fn beside<T: Real>(slab: &Slab<T>, k: usize, n: usize) -> [&[T]; 2] {
    [&slab.row(k)[HALO - 1..][..n], &slab.row(k)[HALO + 1..][..n]]
}

/// Fluxes through the interfaces of the row `here`, with those of the ground.
pub fn z_fluxes<T: Real>(
    scales: &Scales<T>,
    [south, here, north]: [&Air<T>; 3],
    eddies: &Eddies<T>,
    out: &mut VerticalFluxes<T>,
) {
    let (levels, n) = (&scales.levels, here.columns);
    let half = T::of(0.5);
    for k in 1..levels.nz {
        let inverse = levels.inverse_spacing[k];
        let weights = around(&eddies.viscosity, k, n);
        let [west, east] = beside(&here.w, k, n);
        let x = [inverse, half * levels.inverse_dx];
        lift(x, weights, around(&here.u, k, n), [west, east], &mut out.u.row_mut(k)[..n]);
        let across = y_sides([&south.w, &north.w], k, n);
        let y = [inverse, half * levels.inverse_dy];
        lift(y, weights, around(&here.v, k, n), across, &mut out.v.row_mut(k)[..n]);
        let (weights, theta) = (around(&eddies.diffusivity, k, n), around(&here.theta, k, n));
        gradient([inverse, scales.theta_gradient[k]], weights, theta, &mut out.theta.row_mut(k)[..n]);
        for (number, (q, out)) in here.tracers.iter().zip(&mut out.tracers).enumerate() {
            let (weights, factor) = of_tracer(scales, eddies.upwards(), number);
            let (weights, q) = (around(weights, k, n), around(q, k, n));
            gradient([factor * inverse, T::ZERO], weights, q, &mut out.row_mut(k)[..n]);
        }
    }
    for k in 0..levels.nz {
        let weights = [&eddies.viscosity.row(k)[HALO..][..n]; 2];
        let inverse = levels.inverse_dz[k] + levels.inverse_dz[k];
        gradient([inverse, T::ZERO], weights, around(&here.w, k + 1, n), &mut out.w.row_mut(k)[..n]);
    }
    scales.surface.fluxes(|_| scales.surface.flat, here, eddies, out);
}

/// The `n` values below and above interface `k`; of w, those around the centre k - 1.
pub fn around<T: Real>(slab: &Slab<T>, k: usize, n: usize) -> [&[T]; 2] {
    [&slab.row(k - 1)[HALO..][..n], &slab.row(k)[HALO..][..n]]
}

/// Mean weight times ((right - left) / distance + base).
#[inline(never)]
fn gradient<T: Real>(
    [inverse, base]: [T; 2],
    [weight_left, weight_right]: [&[T]; 2],
    [left, right]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (weight_left, weight_right) = (&weight_left[..n], &weight_right[..n]);
    let (left, right) = (&left[..n], &right[..n]);
    for i in 0..n {
        let weight = T::of(0.5) * (weight_left[i] + weight_right[i]);
        out[i] = weight * ((right[i] - left[i]) * inverse + base);
    }
}

/// Mean weight times the gradient through the face and the mean of two gradients along it, whose ends are
/// (plus, minus) on the left and on the right.
#[inline(never)]
fn shear<T: Real>(
    [inverse, cross]: [T; 2],
    [weight_left, weight_right]: [&[T]; 2],
    [left, right]: [&[T]; 2],
    [plus_left, minus_left, plus_right, minus_right]: [&[T]; 4],
    out: &mut [T],
) {
    let n = out.len();
    let (weight_left, weight_right) = (&weight_left[..n], &weight_right[..n]);
    let (left, right) = (&left[..n], &right[..n]);
    let (plus_left, minus_left) = (&plus_left[..n], &minus_left[..n]);
    let (plus_right, minus_right) = (&plus_right[..n], &minus_right[..n]);
    for i in 0..n {
        let weight = T::of(0.5) * (weight_left[i] + weight_right[i]);
        let along = (plus_left[i] - minus_left[i]) + (plus_right[i] - minus_right[i]);
        out[i] = weight * ((right[i] - left[i]) * inverse + along * cross);
    }
}

/// The stress on w through the side of an interface: weights and the velocity through the side are given above
/// and below, each on the left and on the right.
#[inline(never)]
fn corner<T: Real>(
    [inverse, cross]: [T; 2],
    [[weight_al, weight_ar], [weight_bl, weight_br]]: [[&[T]; 2]; 2],
    [left, right]: [&[T]; 2],
    [[above_left, above_right], [below_left, below_right]]: [[&[T]; 2]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (weight_al, weight_ar) = (&weight_al[..n], &weight_ar[..n]);
    let (weight_bl, weight_br) = (&weight_bl[..n], &weight_br[..n]);
    let (left, right) = (&left[..n], &right[..n]);
    let (above_left, above_right) = (&above_left[..n], &above_right[..n]);
    let (below_left, below_right) = (&below_left[..n], &below_right[..n]);
    for i in 0..n {
        let weight = T::of(0.25) * ((weight_al[i] + weight_ar[i]) + (weight_bl[i] + weight_br[i]));
        let along = (above_left[i] - below_left[i]) + (above_right[i] - below_right[i]);
        out[i] = weight * ((right[i] - left[i]) * inverse + along * cross);
    }
}

/// The stress on a horizontal velocity through an interface, along which w changes from minus to plus.
#[inline(never)]
fn lift<T: Real>(
    [inverse, cross]: [T; 2],
    [weight_below, weight_above]: [&[T]; 2],
    [below, above]: [&[T]; 2],
    [minus, plus]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (weight_below, weight_above) = (&weight_below[..n], &weight_above[..n]);
    let (below, above, minus, plus) = (&below[..n], &above[..n], &minus[..n], &plus[..n]);
    for i in 0..n {
        let weight = T::of(0.5) * (weight_below[i] + weight_above[i]);
        out[i] = weight * ((above[i] - below[i]) * inverse + (plus[i] - minus[i]) * cross);
    }
}
