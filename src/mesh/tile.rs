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

/// Kernels work on whole blocks of this many values along x: two vectors of eight doubles, one of sixteen
/// singles. Rows are padded accordingly; what is computed in the padding is never used.
pub const LANES: usize = 16;
/// Rows begin at multiples of this many values.
const ROW_GRAIN: usize = 8;

/// How a field lies in memory: rows along x (fastest), then levels, then rows along y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub ni: usize,
    pub nj: usize,
    pub levels: usize,
    pub halo_y: usize,
    /// Distance between the starts of two rows: the halo, the cells, and padding behind them.
    pub row: usize,
}

impl Layout {
    pub fn new(ni: usize, nj: usize, levels: usize, halo_y: usize) -> Self {
        let mut layout = Layout { ni, nj, levels, halo_y, row: 0 };
        // Room for whole blocks of x-faces with the stencil around the last, and for whole blocks of all.
        let longest = layout.padded_row().max(layout.padded_faces() + 2 * HALO);
        layout.row = longest.next_multiple_of(ROW_GRAIN);
        layout
    }

    /// Number of cells along x in whole blocks.
    #[inline(always)]
    pub fn padded_cells(&self) -> usize {
        self.ni.next_multiple_of(LANES)
    }

    /// Number of cells along x, halo included, in whole blocks.
    #[inline(always)]
    pub fn padded_row(&self) -> usize {
        (self.ni + 2 * HALO).next_multiple_of(LANES)
    }

    /// Number of x-faces in whole blocks.
    #[inline(always)]
    pub fn padded_faces(&self) -> usize {
        (self.ni + 1).next_multiple_of(LANES)
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
