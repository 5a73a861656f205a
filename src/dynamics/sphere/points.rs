//! Values at the centres of the cells of a field, from its averages.

use super::TileMetric;
use super::faces::at_end;
use super::stencils::{AlongY, PointRows, point_row};
use crate::mesh::cubed_sphere::Side;
use crate::real::Real;
use crate::state::Field;

/// Point values of one field, whose neighbouring columns on the panel must be there.
pub fn points_of_field<T: Real>(metric: &TileMetric<T>, averages: &Field<T>, points: &mut Field<T>) {
    let layout = averages.layout();
    let (n, halo) = (layout.ni, layout.halo_x);
    let ends = [metric.is_on(Side::West), metric.is_on(Side::East)];
    for j in 0..layout.nj as isize {
        let jacobian = |j: isize| &metric.jacobian.from(-1, j)[..n + 2];
        let inverse = &metric.inverse_24_jacobian.from(0, j)[..n];
        let (here, out) = (averages.levels(j), points.levels_mut(j));
        if let Some((_, step)) = at_end(metric, j as usize) {
            let [a, b, c] = [j + step, j + 2 * step, j + 3 * step];
            let jacobians = [jacobian(a), jacobian(b), jacobian(c)];
            let rows = averages.levels(a).zip(averages.levels(b)).zip(averages.levels(c));
            for ((q, ((a, b), c)), out) in here.zip(rows).zip(out) {
                let along_y =
                    AlongY::End([around(a, halo, n), around(b, halo, n), around(c, halo, n)], jacobians);
                let rows = PointRows { q: around(q, halo, n), jacobian: jacobian(j), along_y };
                point_row(&rows, inverse, ends, &mut out[halo..][..n]);
            }
        } else {
            let jacobians = [jacobian(j - 1), jacobian(j + 1)];
            let rows = averages.levels(j - 1).zip(averages.levels(j + 1));
            let jacobian = jacobian(j);
            for ((q, (south, north)), out) in here.zip(rows).zip(out) {
                let along_y = AlongY::Inside([around(south, halo, n), around(north, halo, n)], jacobians);
                let rows = PointRows { q: around(q, halo, n), jacobian, along_y };
                point_row(&rows, inverse, ends, &mut out[halo..][..n]);
            }
        }
    }
}

/// The `n` cells of a row with one more at both ends.
#[inline(always)]
fn around<T>(row: &[T], halo: usize, n: usize) -> &[T] {
    &row[halo - 1..][..n + 2]
}
