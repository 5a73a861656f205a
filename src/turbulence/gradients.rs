//! Centred gradients of one row of columns over terrain: along the levels and along the columns.

use super::eddies::FIRST;
use super::row::Air;
use super::terrain::Metric;
use crate::dynamics::euler::Levels;
use crate::dynamics::slab::Slab;
use crate::real::Real;

/// The gradient of one variable, at the places of the variable, in one column more than the tile on both sides:
/// along x and y on its level, and along the column.
#[derive(Clone, Debug)]
pub struct Gradient<T> {
    pub along: [Slab<T>; 2],
    pub upwards: Slab<T>,
}

/// Place of the wind in [`super::eddies::Eddies::gradients`].
pub const U: usize = 0;
pub const V: usize = 1;
pub const W: usize = 2;
pub const THETA: usize = 3;
/// And of the first tracer.
pub const TRACERS: usize = 4;

impl<T: Real> Gradient<T> {
    pub fn new(nz: usize, row: usize) -> Self {
        let slab = Slab::with_halo(nz + 1, row);
        Gradient { along: [slab.clone(), slab.clone()], upwards: slab }
    }
}

/// Computes all gradients of the row in the middle of three, row `j` of the tile.
pub fn fill<T: Real>(
    metric: &Metric<T>,
    levels: &Levels<T>,
    j: isize,
    air: [&Air<T>; 3],
    out: &mut [Gradient<T>],
) {
    for (number, out) in out.iter_mut().enumerate() {
        let n = air[1].columns + 2;
        let rows = air.map(|air| air.variable(number));
        if number == W {
            for k in 0..=levels.nz {
                along_level(levels, n, k, rows, out);
            }
            for k in 1..levels.nz {
                let (above, below) = (&rows[1].row(k + 1)[FIRST..][..n], &rows[1].row(k - 1)[FIRST..][..n]);
                let heights = [k, k - 1].map(|k| &metric.thickness.row(j, k)[FIRST..][..n]);
                upwards_between([above, below], heights, &mut out.upwards.row_mut(k)[FIRST..][..n]);
            }
        } else {
            for k in 0..levels.nz {
                along_level(levels, n, k, rows, out);
                let (up, down) = ((k + 1).min(levels.nz - 1), k.saturating_sub(1));
                let pair = [up, down].map(|k| &rows[1].row(k)[FIRST..][..n]);
                let inverse = &metric.inverse_span.row(j, k)[FIRST..][..n];
                upwards(pair, inverse, &mut out.upwards.row_mut(k)[FIRST..][..n]);
            }
        }
    }
}

/// The two components along level `k`.
fn along_level<T: Real>(
    levels: &Levels<T>,
    n: usize,
    k: usize,
    [south, here, north]: [&Slab<T>; 3],
    out: &mut Gradient<T>,
) {
    let half = T::of(0.5);
    let [x, y] = &mut out.along;
    let beside = [&here.row(k)[FIRST + 1..][..n], &here.row(k)[FIRST - 1..][..n]];
    difference(half * levels.inverse_dx, beside, &mut x.row_mut(k)[FIRST..][..n]);
    let beside = [&north.row(k)[FIRST..][..n], &south.row(k)[FIRST..][..n]];
    difference(half * levels.inverse_dy, beside, &mut y.row_mut(k)[FIRST..][..n]);
}

/// (plus - minus) times a factor.
#[inline(never)]
fn difference<T: Real>(factor: T, [plus, minus]: [&[T]; 2], out: &mut [T]) {
    let n = out.len();
    let (plus, minus) = (&plus[..n], &minus[..n]);
    for i in 0..n {
        out[i] = (plus[i] - minus[i]) * factor;
    }
}

/// The same with a factor for every cell.
#[inline(never)]
fn upwards<T: Real>([above, below]: [&[T]; 2], inverse: &[T], out: &mut [T]) {
    let n = out.len();
    let (above, below, inverse) = (&above[..n], &below[..n], &inverse[..n]);
    for i in 0..n {
        out[i] = (above[i] - below[i]) * inverse[i];
    }
}

/// The difference over the two cells between two interfaces.
#[inline(never)]
fn upwards_between<T: Real>([above, below]: [&[T]; 2], [upper, lower]: [&[T]; 2], out: &mut [T]) {
    let n = out.len();
    let (above, below, upper, lower) = (&above[..n], &below[..n], &upper[..n], &lower[..n]);
    for i in 0..n {
        out[i] = (above[i] - below[i]) / (upper[i] + lower[i]);
    }
}
