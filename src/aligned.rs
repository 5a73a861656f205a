//! Arrays that begin at a cache line.
//!
//! Vector loads that cross cache lines cost twice as much, so fields, scratch rows and message buffers are
//! aligned, and rows are laid out so that their first cell is, too.

use bytemuck::Pod;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// Alignment in bytes: a cache line, enough for any number type.
const ALIGNMENT: usize = 64;

/// One cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([u8; ALIGNMENT]);

// SAFETY: a `Line` is an array of bytes without padding (its size is its alignment), so any bit
// pattern, all zeros included, is a value of it.
unsafe impl bytemuck::Zeroable for Line {}
// SAFETY: as above; `Line` is `Copy`, has no lifetime and no interior mutability.
unsafe impl Pod for Line {}

/// Numbers (or bytes) of fixed count on the heap that begin at a multiple of 64 bytes. They keep their
/// address when the array moves.
#[derive(Clone, Debug)]
pub struct Aligned<T> {
    lines: Box<[Line]>,
    length: usize,
    kind: PhantomData<T>,
}

impl<T: Pod> Aligned<T> {
    /// `length` zeros.
    pub fn zeros(length: usize) -> Self {
        let lines = bytemuck::zeroed_slice_box((length * size_of::<T>()).div_ceil(ALIGNMENT));
        Aligned { lines, length, kind: PhantomData }
    }

    #[inline(always)]
    pub fn as_slice(&self) -> &[T] {
        &bytemuck::cast_slice(&self.lines)[..self.length]
    }

    #[inline(always)]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.length]
    }
}

impl<T: Pod> Deref for Aligned<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T: Pod> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::Aligned;

    #[test]
    fn arrays_have_their_length_and_alignment() {
        for length in [0, 8, 64, 72] {
            let mut bytes = Aligned::<u8>::zeros(length);
            assert_eq!(bytes.as_slice(), vec![0; length]);
            let numbers: &mut [f64] = bytemuck::cast_slice_mut(bytes.as_mut_slice());
            numbers.fill(1.0);
            assert_eq!(bytes.as_slice().as_ptr() as usize % 64, 0);
        }
    }
}
