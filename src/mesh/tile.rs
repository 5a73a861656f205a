//! Tiles: blocks of whole columns, and the layout of their storage.

use super::HALO;

/// A block of whole columns of one panel: the unit of decomposition, threading and halo exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub panel: usize,
    /// First column in the panel's indices.
    pub i0: usize,
    pub j0: usize,
    /// Columns along x and y, without the halo.
    pub ni: usize,
    pub nj: usize,
    /// Cells along z.
    pub nz: usize,
    /// Halo depth in y: [`HALO`], or 0 when the domain has no y direction.
    pub halo_y: usize,
}

impl Tile {
    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.ni * self.nj
    }

    /// Storage layout of a field with `levels` levels on this tile.
    pub fn layout(&self, levels: usize) -> Layout {
        Layout::new(self.ni, self.nj, levels, self.halo_y)
    }
}

/// Row lengths are rounded up to this many values, so that kernels run over whole vectors.
pub const LANES: usize = 8;

/// How a field lies in memory: rows along x (fastest), then levels, then rows along y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub ni: usize,
    pub nj: usize,
    pub levels: usize,
    pub halo_y: usize,
    /// Distance between the starts of two rows: the halo, the cells, and padding. Padding follows
    /// the eastern halo and holds values that never reach a result.
    pub row: usize,
}

impl Layout {
    pub fn new(ni: usize, nj: usize, levels: usize, halo_y: usize) -> Self {
        // Room for a whole number of vectors of x-faces (ni + 1 of them) and the stencil around the last.
        let row = ((ni + 1).next_multiple_of(LANES) + 2 * HALO).next_multiple_of(LANES);
        Layout { ni, nj, levels, halo_y, row }
    }

    /// Number of values, halo and padding included.
    pub fn len(&self) -> usize {
        (self.nj + 2 * self.halo_y) * self.levels * self.row
    }

    /// True for a layout without values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Start of the row of y index `j` (negative in the southern halo) and level `k`: the position of
    /// i = -[`HALO`].
    #[inline(always)]
    pub fn row_start(&self, j: isize, k: usize) -> usize {
        debug_assert!(k < self.levels);
        ((j + self.halo_y as isize) as usize * self.levels + k) * self.row
    }

    /// Position of the cell (i, j, k); halo indices are negative or beyond `ni`, `nj`.
    #[inline(always)]
    pub fn at(&self, i: isize, j: isize, k: usize) -> usize {
        self.row_start(j, k) + (i + HALO as isize) as usize
    }
}
