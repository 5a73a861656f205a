//! Horizontal momentum: from the fluxes and face pressures around a row of cells to its tendency.

use super::TileMetric;
use super::faces::{difference_x, difference_xy, difference_y};
use super::metric::Normal;
use super::sheet::Sheet;
use crate::aligned::Aligned;
use crate::real::Real;
use crate::state::TileState;

/// Differences across one row of cells: of the momentum fluxes, and of the pressure along both directions.
#[derive(Clone, Debug)]
pub struct MomentumDifferences<T> {
    momentum: [Aligned<T>; 3],
    pressure: [Aligned<T>; 2],
}

impl<T: Real> MomentumDifferences<T> {
    /// Zeros for tiles of at most `ni` columns.
    pub fn new(ni: usize) -> Self {
        let row = || Aligned::zeros(ni + 2);
        MomentumDifferences { momentum: [row(), row(), row()], pressure: [row(), row()] }
    }

    /// Takes the differences across row `j` of fluxes and pressures at the faces across x and across y.
    pub fn take(
        &mut self,
        metric: &TileMetric<T>,
        j: usize,
        [x, y]: [&[Sheet<T>; 3]; 2],
        [pressure_x, pressure_y]: [&Sheet<T>; 2],
    ) {
        let n = metric.ni;
        let MomentumDifferences { momentum, pressure: [along_x, along_y] } = self;
        for ((sum, x), y) in momentum.iter_mut().zip(x).zip(y) {
            difference_xy(metric, [x, y], j, &mut sum[..n]);
        }
        difference_x(metric, pressure_x, j, &mut along_x[..n]);
        difference_y(metric, pressure_y, j, &mut along_y[..n]);
    }

    /// Multiplies the differences of the pressure by the given values of the cells and a constant.
    pub fn scale_pressure(&mut self, factors: &[T], constant: T) {
        for row in &mut self.pressure {
            for (value, factor) in row.iter_mut().zip(factors) {
                *value = *value * (constant * *factor);
            }
        }
    }

    /// Multiplies the differences of the momentum fluxes by the given values of the cells.
    pub fn scale_fluxes(&mut self, factors: &[T]) {
        for row in &mut self.momentum {
            for (value, factor) in row.iter_mut().zip(factors) {
                *value = *value * *factor;
            }
        }
    }

    /// The differences of the pressure across the cells of the row, along x and along y.
    pub fn pressure(&self) -> [&[T]; 2] {
        self.pressure.each_ref().map(|row| row.as_slice())
    }

    /// The tendency of the momentum of row `j`.
    pub fn rates(&self, metric: &TileMetric<T>, j: usize, momentum: [&[T]; 3], rates: [&mut [T]; 3]) {
        let MomentumDifferences { momentum: fluxes, pressure: [pressure_x, pressure_y] } = self;
        let row = j as isize;
        let [rate_x, rate_y, rate_n] = rates;
        momentum_row(
            RowConstants {
                y: metric.y(j),
                gradient_y: metric.gradient_y(j),
                inverse_spacing: metric.inverse_spacing,
            },
            [metric.x(), metric.gradient_x()[0], metric.gradient_x()[1]],
            [
                metric.inverse_d.from(0, row),
                metric.inverse_point_area.from(0, row),
                metric.coriolis.from(0, row),
            ],
            [&fluxes[0], &fluxes[1], &fluxes[2]],
            [pressure_x, pressure_y],
            momentum,
            rate_x,
            rate_y,
            rate_n,
        );
    }
}

/// Takes out of the momentum of a tile what points away from the sphere. Its tendencies do not, but their rounding
/// adds up: in single precision to metres a second within a year, and then the step becomes unstable.
pub fn remove_radial_part<T: Real>(metric: &TileMetric<T>, tile: &mut TileState<T>) {
    let TileState { momentum_x, momentum_y, momentum_n: Some(momentum_n), .. } = tile else { return };
    let levels = momentum_x.layout().levels;
    for (j, k) in (0..metric.nj).flat_map(|j| (0..levels).map(move |k| (j, k))) {
        remove_from_row(
            [metric.x(), metric.inverse_d.from(0, j as isize)],
            metric.y(j),
            momentum_x.cells_mut(j, k),
            momentum_y.cells_mut(j, k),
            momentum_n.cells_mut(j, k),
        );
    }
}

/// U - r (r.U), with r = (X, Y, 1)/D.
#[inline(never)]
fn remove_from_row<T: Real>(
    [x, inverse_d]: [&[T]; 2],
    y: T,
    momentum_x: &mut [T],
    momentum_y: &mut [T],
    momentum_n: &mut [T],
) {
    let n = momentum_x.len();
    let (x, inverse_d) = (&x[..n], &inverse_d[..n]);
    let (momentum_y, momentum_n) = (&mut momentum_y[..n], &mut momentum_n[..n]);
    for i in 0..n {
        let (rx, ry, rn) = (x[i] * inverse_d[i], y * inverse_d[i], inverse_d[i]);
        let radial = (momentum_x[i] * rx + momentum_y[i] * ry) + momentum_n[i] * rn;
        momentum_x[i] -= radial * rx;
        momentum_y[i] -= radial * ry;
        momentum_n[i] -= radial * rn;
    }
}

/// Normal momentum on both sides of a face from the components along the panel and its normal.
#[inline(always)]
pub fn normal_momentum<T: Real>(normal: Normal<T>, along: [T; 2], out: [T; 2]) -> [T; 2] {
    [0, 1].map(|side| normal.along * along[side] + normal.out * out[side])
}

/// Numbers of a row of cells.
#[derive(Clone, Copy)]
struct RowConstants<T> {
    y: T,
    gradient_y: [T; 2],
    inverse_spacing: T,
}

/// dU/dt = P[-D F / (a J D^2)] - (D_x p* a^alpha + D_y p* a^beta)/(a D) - f r x U.
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn momentum_row<T: Real>(
    c: RowConstants<T>,
    [x, gradient_along, gradient_out]: [&[T]; 3],
    [inverse_d, inverse_area, coriolis]: [&[T]; 3],
    [flux_x, flux_y, flux_n]: [&[T]; 3],
    [pressure_x, pressure_y]: [&[T]; 2],
    [momentum_x, momentum_y, momentum_n]: [&[T]; 3],
    rate_x: &mut [T],
    rate_y: &mut [T],
    rate_n: &mut [T],
) {
    let n = rate_x.len();
    let (rate_y, rate_n) = (&mut rate_y[..n], &mut rate_n[..n]);
    let (x, gradient_along, gradient_out) = (&x[..n], &gradient_along[..n], &gradient_out[..n]);
    let (inverse_d, inverse_area, coriolis) = (&inverse_d[..n], &inverse_area[..n], &coriolis[..n]);
    let (flux_x, flux_y, flux_n) = (&flux_x[..n], &flux_y[..n], &flux_n[..n]);
    let (pressure_x, pressure_y) = (&pressure_x[..n], &pressure_y[..n]);
    let (momentum_x, momentum_y, momentum_n) = (&momentum_x[..n], &momentum_y[..n], &momentum_n[..n]);
    for i in 0..n {
        let inverse_d = inverse_d[i];
        let (rx, ry, rn) = (x[i] * inverse_d, c.y * inverse_d, inverse_d);
        let scale = inverse_area[i];
        let (fx, fy, fn_) = (flux_x[i] * scale, flux_y[i] * scale, flux_n[i] * scale);
        let radial = (fx * rx + fy * ry) + fn_ * rn;
        let d = (T::ONE + (x[i] * x[i] + c.y * c.y)) * inverse_d;
        let slope = d * c.inverse_spacing;
        let (px, py) = (pressure_x[i] * slope, pressure_y[i] * slope);
        let f = coriolis[i];
        let (ux, uy, un) = (momentum_x[i], momentum_y[i], momentum_n[i]);
        rate_x[i] = (radial * rx - fx) - (px * gradient_along[i] + f * (ry * un - rn * uy));
        rate_y[i] = (radial * ry - fy) - (py * c.gradient_y[0] + f * (rn * ux - rx * un));
        rate_n[i] =
            (radial * rn - fn_) - ((px * gradient_out[i] + py * c.gradient_y[1]) + f * (rx * uy - ry * ux));
    }
}
