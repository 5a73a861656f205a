//! The stencils: interpolation to faces and upwind differences, row by row.
//!
//! With q-2 .. q+3 the six cells around a face (between q0 and q1):
//! A6(q) = \[37 (q0 + q1) - 8 (q-1 + q2) + (q-2 + q3)\] / 60 is the sixth-order centred value, and
//! D5(q) = \[10 (q1 - q0) - 5 (q2 - q-1) + (q3 - q-2)\] / 60 half the jump between the fifth-order values
//! from the right and from the left: qL = A6 - D5, qR = A6 + D5.
//!
//! The sums are grouped in pairs that mirror each other, so that a mirror-symmetric state stays
//! symmetric to the last bit. Every row function is kept out of line: its output rows are then known
//! not to overlap the inputs, and the loops vectorise.

use crate::real::Real;

/// The six rows whose cells lie around the faces of an output row, in the order of increasing index.
pub type Stencil<'a, T> = [&'a [T]; 6];

/// Six rows by number. Written out, because the library's functions that build arrays are compiled to calls.
#[inline(always)]
pub fn six_rows<'a, T>(row: impl Fn(usize) -> &'a [T]) -> Stencil<'a, T> {
    [row(0), row(1), row(2), row(3), row(4), row(5)]
}

/// The stencil of the x-faces of a row: face f lies between the cells f - 1 and f.
#[inline(always)]
pub fn along_x<T>(row: &[T]) -> Stencil<'_, T> {
    [row, &row[1..], &row[2..], &row[3..], &row[4..], &row[5..]]
}

/// A6 of six values.
#[inline(always)]
pub fn centred6<T: Real>(q: [T; 6]) -> T {
    (q[2] + q[3]) * T::of(37.0 / 60.0)
        + ((q[1] + q[4]) * T::of(-8.0 / 60.0) + (q[0] + q[5]) * T::of(1.0 / 60.0))
}

/// D5 of six values.
#[inline(always)]
pub fn jump5<T: Real>(q: [T; 6]) -> T {
    (q[3] - q[2]) * T::of(10.0 / 60.0)
        + ((q[4] - q[1]) * T::of(-5.0 / 60.0) + (q[5] - q[0]) * T::of(1.0 / 60.0))
}

/// The fourth-order value and third-order jump, for the second interface from a boundary.
#[inline(always)]
fn centred4_jump3<T: Real>(q: [T; 6]) -> (T, T) {
    let centred = (q[2] + q[3]) * T::of(7.0 / 12.0) - (q[1] + q[4]) * T::of(1.0 / 12.0);
    let jump = (q[3] - q[2]) * T::of(3.0 / 12.0) - (q[4] - q[1]) * T::of(1.0 / 12.0);
    (centred, jump)
}

/// The six values around face `i`.
#[inline(always)]
pub fn at<T: Real>(q: &Stencil<'_, T>, i: usize) -> [T; 6] {
    [q[0][i], q[1][i], q[2][i], q[3][i], q[4][i], q[5][i]]
}

/// The first `n` faces.
#[inline(always)]
pub fn cut<'a, T>(q: &Stencil<'a, T>, n: usize) -> Stencil<'a, T> {
    [&q[0][..n], &q[1][..n], &q[2][..n], &q[3][..n], &q[4][..n], &q[5][..n]]
}

/// Fifth-order upwind flux F A6(q) - |F| D5(q).
#[inline(never)]
pub fn upwind_flux<T: Real>(q: &Stencil<'_, T>, mass_flux: &[T], flux: &mut [T]) {
    let n = flux.len();
    let (q, mass_flux) = (cut(q, n), &mass_flux[..n]);
    for i in 0..n {
        let (cells, f) = (at(&q, i), mass_flux[i]);
        flux[i] = f * centred6(cells) - f.abs() * jump5(cells);
    }
}

/// Fifth-order upwind flux by a weighted mean of two mass fluxes.
#[inline(never)]
pub fn upwind_flux_between<T: Real>(
    q: &Stencil<'_, T>,
    [above, below]: [&[T]; 2],
    [weight_above, weight_below]: [T; 2],
    flux: &mut [T],
) {
    let n = flux.len();
    let (q, above, below) = (cut(q, n), &above[..n], &below[..n]);
    for i in 0..n {
        let (cells, f) = (at(&q, i), weight_above * above[i] + weight_below * below[i]);
        flux[i] = f * centred6(cells) - f.abs() * jump5(cells);
    }
}

/// Fifth-order upwind flux of the normal velocity plus the face pressure.
#[inline(never)]
pub fn upwind_flux_with_pressure<T: Real>(
    q: &Stencil<'_, T>,
    mass_flux: &[T],
    face_pressure: &[T],
    flux: &mut [T],
) {
    let n = flux.len();
    let (q, mass_flux, face_pressure) = (cut(q, n), &mass_flux[..n], &face_pressure[..n]);
    for i in 0..n {
        let (cells, f) = (at(&q, i), mass_flux[i]);
        flux[i] = f * centred6(cells) + (face_pressure[i] - f.abs() * jump5(cells));
    }
}

/// Third-order upwind flux, for the second interface from a boundary.
#[inline(never)]
fn upwind_flux_third<T: Real>(q: &Stencil<'_, T>, mass_flux: &[T], flux: &mut [T]) {
    let n = flux.len();
    let (q, mass_flux) = (cut(q, n), &mass_flux[..n]);
    for i in 0..n {
        let (centred, jump) = centred4_jump3(at(&q, i));
        flux[i] = mass_flux[i] * centred - mass_flux[i].abs() * jump;
    }
}

/// Centred second-order flux, for the first interface from a boundary.
#[inline(never)]
fn centred_flux<T: Real>(q: &Stencil<'_, T>, mass_flux: &[T], flux: &mut [T]) {
    let n = flux.len();
    let (q, mass_flux) = (cut(q, n), &mass_flux[..n]);
    for i in 0..n {
        flux[i] = mass_flux[i] * (T::of(0.5) * (q[2][i] + q[3][i]));
    }
}

/// Upwind value A6(q) - sgn(F) D5(q) plus a constant.
#[inline(never)]
fn upwind_value_fifth<T: Real>(q: &Stencil<'_, T>, mass_flux: &[T], base: T, value: &mut [T]) {
    let n = value.len();
    let (q, mass_flux) = (cut(q, n), &mass_flux[..n]);
    for i in 0..n {
        let cells = at(&q, i);
        value[i] = base + (centred6(cells) - T::ONE.copysign(mass_flux[i]) * jump5(cells));
    }
}

#[inline(never)]
fn upwind_value_third<T: Real>(q: &Stencil<'_, T>, mass_flux: &[T], base: T, value: &mut [T]) {
    let n = value.len();
    let (q, mass_flux) = (cut(q, n), &mass_flux[..n]);
    for i in 0..n {
        let (centred, jump) = centred4_jump3(at(&q, i));
        value[i] = base + (centred - T::ONE.copysign(mass_flux[i]) * jump);
    }
}

#[inline(never)]
fn centred_value<T: Real>(q: &Stencil<'_, T>, base: T, value: &mut [T]) {
    let n = value.len();
    let q = cut(q, n);
    for i in 0..n {
        value[i] = base + T::of(0.5) * (q[2][i] + q[3][i]);
    }
}

/// What the stencil around a vertical interface can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Fifth,
    Third,
    Second,
}

/// The order at interface `k` of a column of `n` cells (0 < k < n).
fn reach(k: usize, n: usize) -> Reach {
    match k.min(n - k) {
        0 | 1 => Reach::Second,
        2 => Reach::Third,
        _ => Reach::Fifth,
    }
}

/// The rows of the six levels around interface `k` of `n` levels; those beyond the ends are repeated and not used.
#[inline(always)]
fn levels_around<'a, T>(level: impl Fn(usize) -> &'a [T], k: usize, n: usize) -> Stencil<'a, T> {
    six_rows(|m| level((k + m).saturating_sub(3).min(n - 1)))
}

/// Upwind flux through interface `k` (between levels k - 1 and k) of a column of `n` levels; of fifth
/// order inside, third at the second interface from an end, centred at the first.
pub fn vertical_flux<'a, T: Real>(
    level: impl Fn(usize) -> &'a [T],
    k: usize,
    n: usize,
    mass_flux: &[T],
    flux: &mut [T],
) {
    let stencil = levels_around(level, k, n);
    match reach(k, n) {
        Reach::Fifth => upwind_flux(&stencil, mass_flux, flux),
        Reach::Third => upwind_flux_third(&stencil, mass_flux, flux),
        Reach::Second => centred_flux(&stencil, mass_flux, flux),
    }
}

/// Adds minus the divergence along z to the tendency of the cell below interface `k`: `below` holds the flux through
/// the interface below the cell, and then that through interface `k`, which is that of [`vertical_flux`].
pub fn advect_through<'a, T: Real>(
    level: impl Fn(usize) -> &'a [T],
    [k, n]: [usize; 2],
    mass_flux: &[T],
    inverse_dz: T,
    below: &mut [T],
    tendency: &mut [T],
) {
    let stencil = levels_around(level, k, n);
    match reach(k, n) {
        Reach::Fifth => advect_fifth(&stencil, mass_flux, inverse_dz, below, tendency),
        Reach::Third => advect_third(&stencil, mass_flux, inverse_dz, below, tendency),
        Reach::Second => advect_second(&stencil, mass_flux, inverse_dz, below, tendency),
    }
}

#[inline(never)]
fn advect_fifth<T: Real>(
    q: &Stencil<'_, T>,
    mass_flux: &[T],
    inverse_dz: T,
    below: &mut [T],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let (q, mass_flux, below) = (cut(q, n), &mass_flux[..n], &mut below[..n]);
    for i in 0..n {
        let (cells, f) = (at(&q, i), mass_flux[i]);
        let above = f * centred6(cells) - f.abs() * jump5(cells);
        tendency[i] += (below[i] - above) * inverse_dz;
        below[i] = above;
    }
}

#[inline(never)]
fn advect_third<T: Real>(
    q: &Stencil<'_, T>,
    mass_flux: &[T],
    inverse_dz: T,
    below: &mut [T],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let (q, mass_flux, below) = (cut(q, n), &mass_flux[..n], &mut below[..n]);
    for i in 0..n {
        let (centred, jump) = centred4_jump3(at(&q, i));
        let above = mass_flux[i] * centred - mass_flux[i].abs() * jump;
        tendency[i] += (below[i] - above) * inverse_dz;
        below[i] = above;
    }
}

#[inline(never)]
fn advect_second<T: Real>(
    q: &Stencil<'_, T>,
    mass_flux: &[T],
    inverse_dz: T,
    below: &mut [T],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let (q, mass_flux, below) = (cut(q, n), &mass_flux[..n], &mut below[..n]);
    for i in 0..n {
        let above = mass_flux[i] * (T::of(0.5) * (q[2][i] + q[3][i]));
        tendency[i] += (below[i] - above) * inverse_dz;
        below[i] = above;
    }
}

/// Upwind value at interface `k`, plus `base`; orders as in [`vertical_flux`].
pub fn vertical_value<'a, T: Real>(
    level: impl Fn(usize) -> &'a [T],
    k: usize,
    n: usize,
    mass_flux: &[T],
    base: T,
    value: &mut [T],
) {
    let stencil = levels_around(level, k, n);
    match reach(k, n) {
        Reach::Fifth => upwind_value_fifth(&stencil, mass_flux, base, value),
        Reach::Third => upwind_value_third(&stencil, mass_flux, base, value),
        Reach::Second => centred_value(&stencil, base, value),
    }
}

/// Weighted mean of two rows.
#[inline(never)]
pub fn blend<T: Real>(above: &[T], below: &[T], weight_above: T, weight_below: T, out: &mut [T]) {
    let n = out.len();
    let (above, below) = (&above[..n], &below[..n]);
    for i in 0..n {
        out[i] = weight_above * above[i] + weight_below * below[i];
    }
}

/// Minus the divergence of fluxes along x alone.
#[inline(never)]
pub fn divergence_x<T: Real>(west: &[T], east: &[T], inverse_dx: T, tendency: &mut [T]) {
    let n = tendency.len();
    let (west, east) = (&west[..n], &east[..n]);
    for i in 0..n {
        tendency[i] = (west[i] - east[i]) * inverse_dx;
    }
}

/// Minus the divergence of fluxes along x and y.
#[inline(never)]
pub fn divergence_xy<T: Real>(
    [west, east, south, north]: [&[T]; 4],
    inverse_dx: T,
    inverse_dy: T,
    tendency: &mut [T],
) {
    let n = tendency.len();
    let (west, east, south, north) = (&west[..n], &east[..n], &south[..n], &north[..n]);
    for i in 0..n {
        tendency[i] = (west[i] - east[i]) * inverse_dx + (south[i] - north[i]) * inverse_dy;
    }
}

/// Adds minus the divergence of fluxes along z.
#[inline(never)]
pub fn add_divergence_z<T: Real>(below: &[T], above: &[T], inverse_dz: T, tendency: &mut [T]) {
    let n = tendency.len();
    let (below, above) = (&below[..n], &above[..n]);
    for i in 0..n {
        tendency[i] += (below[i] - above[i]) * inverse_dz;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cell averages of x^p over cells of width 1 around a face at x = 0.
    fn averages(p: i32) -> [f64; 6] {
        std::array::from_fn(|m| {
            let (a, b) = (m as f64 - 3.0, m as f64 - 2.0);
            (b.powi(p + 1) - a.powi(p + 1)) / f64::from(p + 1)
        })
    }

    #[test]
    fn centred_value_is_exact_to_degree_five() {
        for p in 0..=5 {
            let exact = if p == 0 { 1.0 } else { 0.0 };
            assert!((centred6(averages(p)) - exact).abs() < 1e-12, "degree {p}");
        }
        assert!(centred6(averages(6)).abs() > 0.1);
    }

    #[test]
    fn jump_vanishes_to_degree_four() {
        for p in 0..=4 {
            assert!(jump5(averages(p)).abs() < 1e-12, "degree {p}");
        }
        assert!(jump5(averages(5)).abs() > 0.1);
    }

    #[test]
    fn mirrored_cells_give_the_same_bits() {
        let q = [0.3, -1.7, 2.9, 0.1, 5.5, -0.4];
        let mirrored = [q[5], q[4], q[3], q[2], q[1], q[0]];
        assert_eq!(centred6(q), centred6(mirrored));
        assert_eq!(jump5(q), -jump5(mirrored));
    }
}
