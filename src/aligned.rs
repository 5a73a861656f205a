//! Arrays that begin at a cache line.
//!
//! Vector loads that cross cache lines cost twice as much, so fields, scratch rows and message buffers are
//! aligned, and rows are laid out so that their first cell is, too.

use bytemuck::Pod;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// Alignment in bytes: a cache line, enough for any number type.
const ALIGNMENT: usize = 64;

/// Size in bytes of the huge pages of the usual 64-bit machines.
const HUGE_PAGE: usize = 2 << 20;

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
#[derive(Debug)]
pub struct Aligned<T> {
    lines: Box<[Line]>,
    /// First line in use.
    first: usize,
    length: usize,
    kind: PhantomData<T>,
}

impl<T: Pod> Aligned<T> {
    /// `length` zeros; large arrays lie on huge pages where the operating system has them.
    pub fn zeros(length: usize) -> Self {
        let (lines, first) = zero_lines((length * size_of::<T>()).div_ceil(ALIGNMENT));
        Aligned { lines, first, length, kind: PhantomData }
    }

    #[inline(always)]
    pub fn as_slice(&self) -> &[T] {
        &bytemuck::cast_slice(&self.lines[self.first..])[..self.length]
    }

    #[inline(always)]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut bytemuck::cast_slice_mut(&mut self.lines[self.first..])[..self.length]
    }
}

/// Asks for huge pages, before any is touched: a stage walks through twenty arrays side by side, and with
/// small pages the translation of addresses alone costs 5 % of it.
#[cfg(target_os = "linux")]
fn advise_huge_pages(lines: &mut [Line]) {
    use rustix::mm::{Advice, madvise};
    let bytes = size_of_val(lines) / HUGE_PAGE * HUGE_PAGE;
    // SAFETY: the range lies inside `lines`, which this function holds exclusively, and the advice does not
    // change what memory holds. It is no fault if the kernel does not follow it.
    let _ = unsafe { madvise(lines.as_mut_ptr().cast(), bytes, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
fn advise_huge_pages(_lines: &mut [Line]) {}

impl<T> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let used = (self.length * size_of::<T>()).div_ceil(ALIGNMENT);
        let (mut lines, first) = zero_lines(used);
        lines[first..first + used].copy_from_slice(&self.lines[self.first..self.first + used]);
        Aligned { lines, first, length: self.length, kind: PhantomData }
    }
}

/// Lines of zeros, and the first to use: `used` lines from there on are there, at a huge page if they are many.
fn zero_lines(used: usize) -> (Box<[Line]>, usize) {
    if used * ALIGNMENT < 2 * HUGE_PAGE {
        return (bytemuck::zeroed_slice_box(used), 0);
    }
    // The slack costs addresses but no memory: its pages are never touched.
    let slack = HUGE_PAGE / ALIGNMENT;
    let mut lines: Box<[Line]> = bytemuck::zeroed_slice_box(used + slack);
    let start = lines.as_ptr().addr();
    let first = (start.next_multiple_of(HUGE_PAGE) - start) / ALIGNMENT;
    advise_huge_pages(&mut lines[first..first + used]);
    (lines, first)
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
