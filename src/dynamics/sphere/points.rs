//! Values at the centres of the cells of a field, from its averages.

use super::TileMetric;
use super::stencils::{AlongY, PointRows, point_row};
use crate::mesh::cubed_sphere::Side;
use crate::real::Real;
use crate::state::Field;

/// Point values of one field, whose neighbouring columns on the panel must be there.
pub fn points_of_field<T: Real>(metric: &TileMetric<T>, averages: &Field<T>, points: &mut Field<T>) {
    let layout = averages.layout();
    let n = layout.ni;
    let ends = [metric.is_on(Side::West), metric.is_on(Side::East)];
    for j in 0..layout.nj as isize {
        // Arrays of rows are written out: those that `map` builds cost more than the rows.
        let jacobian = |j: isize| &metric.jacobian.from(-1, j)[..n + 2];
        let inverse = &metric.inverse_24_jacobian.from(0, j)[..n];
        let row = |j: isize, k: usize| &averages.row(j, k)[layout.halo_x - 1..][..n + 2];
        let inwards = if j == 0 && metric.is_on(Side::South) {
            Some(1)
        } else if j + 1 == layout.nj as isize && metric.is_on(Side::North) {
            Some(-1)
        } else {
            None
        };
        if let Some(step) = inwards {
            let [a, b, c] = [j + step, j + 2 * step, j + 3 * step];
            let jacobians = [jacobian(a), jacobian(b), jacobian(c)];
            for k in 0..layout.levels {
                let along_y = AlongY::End([row(a, k), row(b, k), row(c, k)], jacobians);
                let rows = PointRows { q: row(j, k), jacobian: jacobian(j), along_y };
                point_row(&rows, inverse, ends, points.cells_mut(j as usize, k));
            }
        } else {
            let jacobians = [jacobian(j - 1), jacobian(j + 1)];
            let here = jacobian(j);
            for k in 0..layout.levels {
                let along_y = AlongY::Inside([row(j - 1, k), row(j + 1, k)], jacobians);
                let rows = PointRows { q: row(j, k), jacobian: here, along_y };
                point_row(&rows, inverse, ends, points.cells_mut(j as usize, k));
            }
        }
    }
}
