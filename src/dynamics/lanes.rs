//! Rows as blocks of fixed length, so that loops over them vectorise without remainders.
//!
//! A row function walks over blocks and, inside, over `0..LANES`: the compiler sees a constant trip count.
//! (Loops over rows of any length spend up to half of their time in the scalar remainder of an unrolled
//! vector loop.)

pub use crate::mesh::tile::LANES;

/// One block of a row.
pub type Block<T> = [T; LANES];

/// The first `count` blocks of a row.
#[inline(always)]
pub fn blocks<T>(row: &[T], count: usize) -> &[Block<T>] {
    &row.as_chunks().0[..count]
}

/// All whole blocks of a row, for writing.
#[inline(always)]
pub fn blocks_mut<T>(row: &mut [T]) -> &mut [Block<T>] {
    row.as_chunks_mut().0
}
