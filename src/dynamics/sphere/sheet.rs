//! Scratch storage for one level of a tile: rows by columns, with a margin.

use crate::aligned::Aligned;
use crate::mesh::SPHERE_HALO;
use crate::real::Real;
use std::ops::Range;

/// Columns beyond the western end of a row, and rows beyond the southern end, that a sheet holds.
pub const MARGIN: usize = SPHERE_HALO;
/// The same at the other ends: one more, for faces.
const FAR_MARGIN: usize = MARGIN + 1;

/// Values of one level at cells or faces. Face f lies between the cells f - 1 and f.
///
/// Rows follow each other without gaps, so that a loop may run over a block of them as over one row ([`runs`]): rows
/// of a tile are short, and a loop that vectorises has costs of its own at its beginning and end.
#[derive(Clone, Debug)]
pub struct Sheet<T> {
    values: Aligned<T>,
    stride: usize,
}

impl<T: Real> Sheet<T> {
    /// Zeros, for tiles of at most `ni` x `nj` columns.
    pub fn new([ni, nj]: [usize; 2]) -> Self {
        let stride = stride(ni);
        Sheet { values: Aligned::zeros((MARGIN + nj + FAR_MARGIN) * stride), stride }
    }

    /// Number of values that [`Sheet::new`] allocates.
    pub fn len([ni, nj]: [usize; 2]) -> usize {
        (MARGIN + nj + FAR_MARGIN) * stride(ni)
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.values.fill(T::ZERO);
    }

    /// The row `j`, from i = -[`MARGIN`] on.
    #[inline(always)]
    pub fn row(&self, j: isize) -> &[T] {
        let start = self.start(j);
        &self.values.as_slice()[start..start + self.stride]
    }

    /// The row `j`, mutable.
    #[inline(always)]
    pub fn row_mut(&mut self, j: isize) -> &mut [T] {
        let (start, stride) = (self.start(j), self.stride);
        &mut self.values.as_mut_slice()[start..start + stride]
    }

    /// The row `j` from column (or face) `i` on.
    #[inline(always)]
    pub fn from(&self, i: isize, j: isize) -> &[T] {
        &self.row(j)[(i + MARGIN as isize) as usize..]
    }

    /// The row `j` from column (or face) `i` on, mutable.
    #[inline(always)]
    pub fn from_mut(&mut self, i: isize, j: isize) -> &mut [T] {
        &mut self.row_mut(j)[(i + MARGIN as isize) as usize..]
    }

    /// All values from column (or face) `i` of row `j` on, row after row.
    #[inline(always)]
    pub fn onward(&self, i: isize, j: isize) -> &[T] {
        &self.values.as_slice()[self.place(i, j)..]
    }

    /// The same, mutable.
    #[inline(always)]
    pub fn onward_mut(&mut self, i: isize, j: isize) -> &mut [T] {
        let place = self.place(i, j);
        &mut self.values.as_mut_slice()[place..]
    }

    /// The rows from `j` on, each from column (or face) `i` on for one row's length.
    #[inline(always)]
    pub fn rows_onward(&self, i: isize, j: isize) -> impl Iterator<Item = &[T]> {
        self.onward(i, j).chunks(self.stride)
    }

    /// The same, mutable.
    #[inline(always)]
    pub fn rows_onward_mut(&mut self, i: isize, j: isize) -> impl Iterator<Item = &mut [T]> {
        let stride = self.stride;
        self.onward_mut(i, j).chunks_mut(stride)
    }

    #[inline(always)]
    pub fn at(&self, i: isize, j: isize) -> T {
        self.values[self.place(i, j)]
    }

    #[inline(always)]
    pub fn set(&mut self, i: isize, j: isize, value: T) {
        let place = self.place(i, j);
        self.values[place] = value;
    }

    #[inline(always)]
    fn start(&self, j: isize) -> usize {
        (j + MARGIN as isize) as usize * self.stride
    }

    #[inline(always)]
    fn place(&self, i: isize, j: isize) -> usize {
        self.start(j) + (i + MARGIN as isize) as usize
    }
}

/// Values of a row with its margins.
fn stride(ni: usize) -> usize {
    MARGIN + ni + FAR_MARGIN
}

/// Cuts a block of the first `width` values (from any column on) of `rows` into runs of consecutive values that the
/// same loop can work on: their first row and their length. It is one run, with what lies between the rows, if the rows
/// of all `sheets` are equally long.
pub fn runs<'a, T: Real, const N: usize>(
    sheets: [&Sheet<T>; N],
    rows: Range<isize>,
    width: usize,
) -> impl Iterator<Item = (isize, usize)> + use<'a, T, N> {
    let stride = sheets[0].stride;
    let count = rows.len();
    let is_one = sheets.iter().all(|sheet| sheet.stride == stride);
    let (runs, length) = match is_one {
        true if count > 0 => (1, (count - 1) * stride + width),
        _ => (count, width),
    };
    rows.take(runs).map(move |row| (row, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_one_run_where_rows_are_equally_long() {
        let (wide, narrow) = (Sheet::<f64>::new([7, 3]), Sheet::<f64>::new([5, 4]));
        let stride = MARGIN + 7 + FAR_MARGIN;
        assert_eq!(runs([&wide, &wide], -1..3, 9).collect::<Vec<_>>(), [(-1, 3 * stride + 9)]);
        assert_eq!(runs([&wide, &narrow], -1..2, 9).collect::<Vec<_>>(), [(-1, 9), (0, 9), (1, 9)]);
        assert_eq!(runs([&wide], 0..0, 9).count(), 0);
    }

    #[test]
    fn onward_goes_from_row_to_row() {
        let mut sheet = Sheet::<f32>::new([4, 2]);
        sheet.set(-1, 0, 1.0);
        sheet.set(-1, 1, 2.0);
        let stride = sheet.row(0).len();
        assert_eq!([sheet.onward(-1, 0)[0], sheet.onward(-1, 0)[stride]], [1.0, 2.0]);
        let firsts = sheet.rows_onward(-1, 0).take(2).map(|row| row[0]);
        assert_eq!(firsts.collect::<Vec<_>>(), [1.0, 2.0]);
        sheet.rows_onward_mut(0, 0).take(2).for_each(|row| row[0] = 3.0);
        assert_eq!([sheet.at(0, 0), sheet.at(0, 1)], [3.0, 3.0]);
    }
}
