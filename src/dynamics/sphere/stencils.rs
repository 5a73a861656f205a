//! The fourth-order finite-volume stencils of the sphere, row by row.
//!
//! Scalars are cell averages, momentum is a value at the cell's centre. Averages become values at centres
//! ([`point_row`]), values at faces come from both sides by fifth-order point interpolation ([`face_value`]), and
//! the fluxes at face centres are corrected along the face or across the cell (second differences / 24). At
//! the sides of a panel the second differences are extrapolated linearly from inside: 2 q0 - 5 q1 + 4 q2 - q3.
//!
//! Sums are grouped in pairs that mirror each other: the two panels at an edge compute the same bits from
//! rows that run the other way.

use crate::real::Real;

/// Value at a face from the cells `[q-2, q-1, q0, q1, q2]`, q0 being the cell at the face from which the
/// interpolation looks out and q1 the one beyond: (3 q-2 - 20 q-1 + 90 q0 + 60 q1 - 5 q2)/128.
#[inline(always)]
pub fn face_value<T: Real>([q2b, q1b, q0, q1, q2]: [T; 5]) -> T {
    (q0 * T::of(90.0 / 128.0) + q1 * T::of(60.0 / 128.0))
        + (q2b * T::of(3.0 / 128.0) - (q1b * T::of(20.0 / 128.0) + q2 * T::of(5.0 / 128.0)))
}

/// The values at a face from the left and from the right, of the six cells around it.
#[inline(always)]
pub fn both_sides<T: Real>(q: [T; 6]) -> [T; 2] {
    [face_value([q[0], q[1], q[2], q[3], q[4]]), face_value([q[5], q[4], q[3], q[2], q[1]])]
}

/// q(left) or q(right), whichever the flux comes from.
#[inline(always)]
pub fn upwind<T: Real>(flux: T, [left, right]: [T; 2]) -> T {
    if flux > T::ZERO { left } else { right }
}

/// The one of [`both_sides`] that the flux comes from, with the cells chosen before they are interpolated.
#[inline(always)]
pub fn upwind_of_cells<T: Real>(flux: T, q: [T; 6]) -> T {
    let choose = |left: T, right: T| if flux > T::ZERO { left } else { right };
    face_value([
        choose(q[0], q[5]),
        choose(q[1], q[4]),
        choose(q[2], q[3]),
        choose(q[3], q[2]),
        choose(q[4], q[1]),
    ])
}

/// How a value at a face is chosen from those of both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Upwinding<T> {
    /// The one that the flux comes from.
    Full,
    /// So much of the way from the mean of both to that one, less than 1: the scheme damps the shortest waves less.
    Part(T),
}

impl<T: Real> Upwinding<T> {
    pub fn new(part: f64) -> Self {
        if part == 1.0 { Upwinding::Full } else { Upwinding::Part(T::of(part)) }
    }
}

/// `part` of the way from the mean of left and right to that which the flux comes from.
#[inline(always)]
pub fn partly_upwind<T: Real>(part: T, flux: T, [left, right]: [T; 2]) -> T {
    let half = T::of(0.5);
    let (mean, step) = (half * (left + right), (half * part) * (left - right));
    if flux > T::ZERO { mean + step } else { mean - step }
}

/// The second difference q-1 - 2 q0 + q1.
#[inline(always)]
pub fn second_difference<T: Real>(before: T, here: T, after: T) -> T {
    (before + after) - T::of(2.0) * here
}

/// The second difference at an end, extrapolated linearly from the two inside.
#[inline(always)]
pub fn second_difference_at_end<T: Real>(q: [T; 4]) -> T {
    (T::of(2.0) * q[0] - T::of(5.0) * q[1]) + (T::of(4.0) * q[2] - q[3])
}

/// 1/24.
#[inline(always)]
pub fn twenty_fourth<T: Real>() -> T {
    T::of(1.0 / 24.0)
}

/// The rows (of averages and of J) that the conversion of one row of averages needs, each from the column before
/// the first on.
pub struct PointRows<'a, T> {
    /// Row itself.
    pub q: &'a [T],
    pub jacobian: &'a [T],
    /// What lies along y.
    pub along_y: AlongY<'a, T>,
}

/// Neighbours along y.
pub enum AlongY<'a, T> {
    /// The rows to the south and to the north, averages and J.
    Inside([&'a [T]; 2], [&'a [T]; 2]),
    /// The three rows inwards from a side of the panel.
    End([&'a [T]; 3], [&'a [T]; 3]),
}

/// Values at the centres of a row of cells from averages: q_c = q - s/(24 J) with s the sum of J_nb (q_nb - q) over
/// the four neighbours (Barad and Colella 2005 in deviation form: exact for constants). `ends` says whether the
/// row's ends lie at sides of the panel.
#[inline(always)]
pub fn point_row<'a, T: Real>(
    rows: &PointRows<'a, T>,
    inverse_24_jacobian: &[T],
    ends: [bool; 2],
    out: &mut [T],
) {
    let n = out.len();
    match &rows.along_y {
        AlongY::Inside([south, north], [jacobian_south, jacobian_north]) => inner_points(
            rows.q,
            rows.jacobian,
            [&south[1..], &north[1..]],
            [&jacobian_south[1..], &jacobian_north[1..]],
            inverse_24_jacobian,
            out,
        ),
        AlongY::End([a, b, c], [ja, jb, jc]) => end_points(
            rows.q,
            rows.jacobian,
            [&a[1..], &b[1..], &c[1..]],
            [&ja[1..], &jb[1..], &jc[1..]],
            inverse_24_jacobian,
            out,
        ),
    }
    if ends[0] {
        out[0] = rows.q[1] - end_column(rows, 0, |m| 1 + m) * inverse_24_jacobian[0];
    }
    if ends[1] {
        out[n - 1] = rows.q[n] - end_column(rows, n - 1, |m| n - m) * inverse_24_jacobian[n - 1];
    }
}

/// The sum at an end of a row; `place(m)` is where the cell m steps inwards lies in the rows.
#[inline(always)]
fn end_column<T: Real>(rows: &PointRows<'_, T>, column: usize, place: impl Fn(usize) -> usize) -> T {
    let here = rows.q[1 + column];
    let inward = |q: &[T], jacobian: &[T], m: usize| jacobian[m] * (q[m] - here);
    let along_x = |m: usize| inward(rows.q, rows.jacobian, place(m));
    let x = extrapolated([along_x(1), along_x(2), along_x(3)]);
    let y = match &rows.along_y {
        AlongY::Inside(q, jacobian) => {
            inward(q[0], jacobian[0], 1 + column) + inward(q[1], jacobian[1], 1 + column)
        }
        AlongY::End(q, jacobian) => {
            let along_y = |m: usize| inward(q[m], jacobian[m], 1 + column);
            extrapolated([along_y(0), along_y(1), along_y(2)])
        }
    };
    x + y
}

/// The second difference at an end of products that vanish there, from the three next inwards.
#[inline(always)]
pub fn extrapolated<T: Real>(inward: [T; 3]) -> T {
    (T::of(4.0) * inward[1] - inward[2]) - T::of(5.0) * inward[0]
}

#[inline(never)]
fn inner_points<T: Real>(
    q: &[T],
    jacobian: &[T],
    [south, north]: [&[T]; 2],
    [jacobian_south, jacobian_north]: [&[T]; 2],
    inverse: &[T],
    out: &mut [T],
) {
    let n = out.len();
    let (west, here, east) = (&q[..n], &q[1..][..n], &q[2..][..n]);
    let (jw, je) = (&jacobian[..n], &jacobian[2..][..n]);
    let (south, north) = (&south[..n], &north[..n]);
    let (js, jn, inverse) = (&jacobian_south[..n], &jacobian_north[..n], &inverse[..n]);
    for i in 0..n {
        let x = jw[i] * (west[i] - here[i]) + je[i] * (east[i] - here[i]);
        let y = js[i] * (south[i] - here[i]) + jn[i] * (north[i] - here[i]);
        out[i] = here[i] - (x + y) * inverse[i];
    }
}

#[inline(never)]
fn end_points<T: Real>(
    q: &[T],
    jacobian: &[T],
    rows: [&[T]; 3],
    jacobians: [&[T]; 3],
    inverse: &[T],
    out: &mut [T],
) {
    let n = out.len();
    let (west, here, east) = (&q[..n], &q[1..][..n], &q[2..][..n]);
    let (jw, je) = (&jacobian[..n], &jacobian[2..][..n]);
    let (a, b, c) = (&rows[0][..n], &rows[1][..n], &rows[2][..n]);
    let (ja, jb, jc) = (&jacobians[0][..n], &jacobians[1][..n], &jacobians[2][..n]);
    let inverse = &inverse[..n];
    for i in 0..n {
        let x = jw[i] * (west[i] - here[i]) + je[i] * (east[i] - here[i]);
        let inward = [ja[i] * (a[i] - here[i]), jb[i] * (b[i] - here[i]), jc[i] * (c[i] - here[i])];
        out[i] = here[i] - (x + extrapolated(inward)) * inverse[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn face_values_are_exact_to_degree_four() {
        // Cells at -2.5 .. 2.5, the face at 0.
        for p in 0..=5 {
            let cells: [f64; 6] = std::array::from_fn(|m| (m as f64 - 2.5).powi(p));
            let exact = if p == 0 { 1.0 } else { 0.0 };
            let [left, right] = both_sides(cells);
            if p < 5 {
                assert_relative_eq!(left, exact, epsilon = 1e-14);
                assert_relative_eq!(right, exact, epsilon = 1e-14);
            } else {
                assert!(left.abs() > 0.1 && left == -right);
            }
        }
    }

    #[test]
    fn ends_are_extrapolated_exactly_for_cubics() {
        for p in 0..=3 {
            let q: [f64; 4] = std::array::from_fn(|m| (m as f64).powi(p));
            // The second difference of x^p around 0: 0, 0, 2, 0.
            let exact = if p == 2 { 2.0 } else { 0.0 };
            assert_relative_eq!(second_difference_at_end(q), exact, epsilon = 1e-13);
        }
    }
}
