//! Scratch storage for one row of columns: levels by x.

use crate::aligned::Aligned;
use crate::mesh::HALO;
use crate::mesh::tile::ROW_GRAIN;
use crate::real::Real;

/// Rows along x, one for each level, of one y index.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    values: Aligned<T>,
    /// Values before the start of a row.
    lead: usize,
    length: usize,
    stride: usize,
}

impl<T: Real> Slab<T> {
    /// Zeros: `levels` rows of `length` values, the first of each at a cache line.
    pub fn new(levels: usize, length: usize) -> Self {
        Slab::with_lead(levels, length, 0)
    }

    /// Zeros: `levels` rows of `length` values with a halo, the first cell behind the halo at a cache line.
    pub fn with_halo(levels: usize, length: usize) -> Self {
        Slab::with_lead(levels, length, ROW_GRAIN - HALO)
    }

    fn with_lead(levels: usize, length: usize, lead: usize) -> Self {
        let stride = (lead + length).next_multiple_of(ROW_GRAIN);
        Slab { values: Aligned::zeros(levels * stride), lead, length, stride }
    }

    #[inline(always)]
    pub fn row(&self, k: usize) -> &[T] {
        let start = k * self.stride + self.lead;
        &self.values.as_slice()[start..start + self.length]
    }

    #[inline(always)]
    pub fn row_mut(&mut self, k: usize) -> &mut [T] {
        let start = k * self.stride + self.lead;
        &mut self.values.as_mut_slice()[start..start + self.length]
    }

    /// Row `k` for writing and row `k - 1` for reading.
    #[inline(always)]
    pub fn row_and_below(&mut self, k: usize) -> (&mut [T], &[T]) {
        let (lead, length, stride) = (self.lead, self.length, self.stride);
        let (below, here) = self.values.as_mut_slice().split_at_mut(k * stride);
        (&mut here[lead..lead + length], &below[(k - 1) * stride + lead..][..length])
    }

    /// Row `k + 1` for reading and row `k` for writing.
    #[inline(always)]
    pub fn row_and_above(&mut self, k: usize) -> (&[T], &mut [T]) {
        let (lead, length, stride) = (self.lead, self.length, self.stride);
        let (here, above) = self.values.as_mut_slice().split_at_mut((k + 1) * stride);
        (&above[lead..lead + length], &mut here[k * stride + lead..][..length])
    }
}
