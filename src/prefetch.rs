//! Hints that rows will soon be needed: they start the way from memory to the cache and change nothing else.
//!
//! The processor foresees a long sweep by itself. A row is too short for that where many of them are swept at once,
//! and rows that are written must be fetched, too; without a hint the loops wait for them.

/// Cache line in bytes.
const LINE: usize = 64;

/// A row that will be read.
#[inline(always)]
pub fn to_read<T>(row: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in lines(row) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, valid for any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}

/// A row that will be written.
#[inline(always)]
pub fn to_write<T>(row: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in lines(row) {
        use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        // SAFETY: a hint, valid for any address.
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(line) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}

/// Addresses in the cache lines of a row.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn lines<T>(row: &[T]) -> impl Iterator<Item = *const i8> {
    let start: *const i8 = row.as_ptr().cast();
    (0..size_of_val(row)).step_by(LINE).map(move |offset| start.wrapping_add(offset))
}
