//! Numbers of the cells of a row, which flat ground often has in common: one loop serves both.

use crate::real::Real;

/// A number for every cell of a row.
pub trait PerCell<T>: Copy {
    /// The first `n` of them.
    fn cut(self, n: usize) -> Self;
    fn at(self, i: usize) -> T;
}

/// The same number for all cells.
#[derive(Clone, Copy)]
pub struct Everywhere<T>(pub T);

impl<T: Real> PerCell<T> for Everywhere<T> {
    #[inline(always)]
    fn cut(self, _n: usize) -> Self {
        self
    }

    #[inline(always)]
    fn at(self, _i: usize) -> T {
        self.0
    }
}

impl<T: Real> PerCell<T> for &[T] {
    #[inline(always)]
    fn cut(self, n: usize) -> Self {
        &self[..n]
    }

    #[inline(always)]
    fn at(self, i: usize) -> T {
        self[i]
    }
}
