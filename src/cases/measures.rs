//! What is measured on finished runs: extremes, fronts, symmetry, errors and orders of convergence.
//!
//! Fields are in the order (z, y, x). Nothing here reaches the state of a run.

use super::tracers::wrapped;
use ndarray::{ArrayView1, ArrayView3, Axis};

/// The smallest and the largest value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extremes {
    pub min: f64,
    pub max: f64,
}

impl Extremes {
    /// The larger distance from zero.
    pub fn magnitude(&self) -> f64 {
        self.max.max(-self.min)
    }
}

/// Extremes of a field; NaN if any value is NaN, so that no comparison with a range succeeds.
pub fn extremes(field: ArrayView3<'_, f64>) -> Extremes {
    let start = Extremes { min: f64::INFINITY, max: f64::NEG_INFINITY };
    field.iter().fold(start, |found, &value| {
        if value.is_nan() || found.min.is_nan() {
            return Extremes { min: f64::NAN, max: f64::NAN };
        }
        Extremes { min: found.min.min(value), max: found.max.max(value) }
    })
}

/// Whether a field changes its sign in the mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// Scalars, and vector components along the mirror.
    Even,
    /// The vector component across the mirror.
    Odd,
}

/// Largest difference between a field and its mirror image in x.
pub fn mirror_error(field: ArrayView3<'_, f64>, parity: Parity) -> f64 {
    let sign = if parity == Parity::Even { 1.0 } else { -1.0 };
    let mut image = field;
    image.invert_axis(Axis(2));
    largest_difference(field.iter().zip(&image).map(|(value, image)| value - sign * image))
}

/// Largest magnitude of the numbers, NaN if one of them is NaN.
pub fn largest_difference(differences: impl Iterator<Item = f64>) -> f64 {
    differences.fold(0.0, |largest, d| if d.is_nan() || d.abs() > largest { d.abs() } else { largest })
}

/// Distances in m of the outermost points on both sides of a centre where a row falls to a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fronts {
    pub left: f64,
    pub right: f64,
}

impl Fronts {
    /// Mean of both distances.
    pub fn mean(&self) -> f64 {
        0.5 * (self.left + self.right)
    }

    /// Difference of the distances relative to their mean.
    pub fn asymmetry(&self) -> f64 {
        (self.left - self.right).abs() / self.mean()
    }
}

/// The fronts of a row of cells of size `dx` whose centre is `centre` m from the start of the row.
///
/// A front is the outermost crossing of `level` from above to below on the way towards the centre,
/// interpolated linearly between cell centres. The row is taken as periodic, so that a centre that
/// moves with the wind may be anywhere. `None` if the row does not cross the level.
pub fn fronts(row: ArrayView1<'_, f64>, dx: f64, centre: f64, level: f64) -> Option<Fronts> {
    let length = row.len() as f64 * dx;
    let mut sorted: Vec<(f64, f64)> = row
        .iter()
        .enumerate()
        .map(|(i, &value)| (wrapped((i as f64 + 0.5) * dx - centre, length), value))
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let first = sorted.iter().position(|&(_, value)| value <= level)?;
    let last = sorted.iter().rposition(|&(_, value)| value <= level)?;
    if first == 0 || last + 1 == sorted.len() {
        return None;
    }
    let crossing = |outer: (f64, f64), inner: (f64, f64)| {
        outer.0 + (inner.0 - outer.0) * (level - outer.1) / (inner.1 - outer.1)
    };
    Some(Fronts {
        left: -crossing(sorted[first - 1], sorted[first]),
        right: crossing(sorted[last + 1], sorted[last]),
    })
}

/// Sums of squares from which a relative l2 error is formed, gathered piece by piece.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SquaredError {
    difference: f64,
    exact: f64,
}

impl SquaredError {
    /// Adds one computed value beside the exact one.
    pub fn add(&mut self, computed: f64, exact: f64) {
        self.difference += (computed - exact) * (computed - exact);
        self.exact += exact * exact;
    }

    /// sqrt(sum (computed - exact)^2 / sum exact^2), for cells of equal size.
    pub fn relative(&self) -> f64 {
        (self.difference / self.exact).sqrt()
    }
}

/// The order of convergence from the errors at two resolutions that differ by `refinement`.
pub fn observed_order(coarse_error: f64, fine_error: f64, refinement: f64) -> f64 {
    (coarse_error / fine_error).ln() / refinement.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use ndarray::{Array1, Array3};

    #[test]
    fn extremes_do_not_hide_nan() {
        let mut field = Array3::from_shape_fn((2, 1, 5), |(k, _, i)| k as f64 - i as f64);
        assert_eq!(extremes(field.view()), Extremes { min: -4.0, max: 1.0 });
        assert_eq!(extremes(field.view()).magnitude(), 4.0);
        field[[1, 0, 2]] = f64::NAN;
        assert!(extremes(field.view()).min.is_nan() && extremes(field.view()).max.is_nan());
        assert!(mirror_error(field.view(), Parity::Even).is_nan());
    }

    #[test]
    fn mirror_error_knows_parity() {
        let odd = Array3::from_shape_fn((3, 2, 6), |(k, _, i)| (i as f64 - 2.5) * k as f64);
        assert_eq!(mirror_error(odd.view(), Parity::Odd), 0.0);
        assert_eq!(mirror_error(odd.view(), Parity::Even), 10.0);
    }

    /// A well of -10 in a plain of 10, its sides sloping 2 per cell through 0 at `half_width` cells from
    /// `centre`.
    fn well(cells: usize, centre: f64, half_width: f64) -> Array1<f64> {
        Array1::from_shape_fn(cells, |i| {
            let distance = wrapped(i as f64 + 0.5 - centre, cells as f64).abs();
            (2.0 * (distance - half_width)).clamp(-10.0, 10.0)
        })
    }

    #[test]
    fn fronts_are_interpolated() {
        // -1 is reached half a cell inside the edge at 20 cells.
        let found = fronts(well(100, 50.0, 20.0).view(), 100.0, 5000.0, -1.0).unwrap();
        assert_relative_eq!(found.left, 1950.0);
        assert_relative_eq!(found.right, 1950.0);
    }

    #[test]
    fn fronts_are_found_around_a_moved_centre() {
        let found = fronts(well(100, 90.3, 20.0).view(), 100.0, 9030.0, -1.0).unwrap();
        assert_relative_eq!(found.left, 1950.0, epsilon = 1e-6);
        assert_relative_eq!(found.right, 1950.0, epsilon = 1e-6);
        let shifted = fronts(well(100, 90.3, 20.0).view(), 100.0, 9000.0, -1.0).unwrap();
        assert_relative_eq!(shifted.asymmetry(), 60.0 / 1950.0, epsilon = 1e-9);
    }

    #[test]
    fn no_front_is_reported_where_there_is_none() {
        assert_eq!(fronts(Array1::zeros(10).view(), 1.0, 5.0, -1.0), None);
        assert_eq!(fronts(Array1::from_elem(10, -2.0).view(), 1.0, 5.0, -1.0), None);
    }

    #[test]
    fn second_order_errors_give_order_two() {
        assert_relative_eq!(observed_order(16.0, 4.0, 2.0), 2.0);
        assert_relative_eq!(observed_order(64.0, 1.0, 8.0), 2.0);
    }

    #[test]
    fn squared_error_is_relative() {
        let mut error = SquaredError::default();
        error.add(3.3, 3.0);
        error.add(4.4, 4.0);
        assert_relative_eq!(error.relative(), 0.1, epsilon = 1e-12);
    }
}
