//! Tiles: blocks of whole columns, and the layout of their storage.

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
    /// Halo depth in x, and in y: 0 when the domain has no y direction.
    pub halo_x: usize,
    pub halo_y: usize,
}

impl Tile {
    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.ni * self.nj
    }

    /// Storage layout of a field with `levels` levels on this tile.
    pub fn layout(&self, levels: usize) -> Layout {
        Layout::new(self.ni, self.nj, levels, [self.halo_x, self.halo_y])
    }
}

/// Values before the first cell of a row: the western halo, and padding before it, so that the first cell
/// lies at a cache line in both precisions.
const LEAD: usize = 16;
/// Rows begin at multiples of this many values, a cache line in single precision.
pub const ROW_GRAIN: usize = 16;

/// How a field lies in memory: rows along x (fastest), then levels, then rows along y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub ni: usize,
    pub nj: usize,
    pub levels: usize,
    pub halo_x: usize,
    pub halo_y: usize,
    /// Distance between the starts of two rows: padding, the halo, the cells, the halo, padding.
    pub stride: usize,
}

impl Layout {
    pub fn new(ni: usize, nj: usize, levels: usize, [halo_x, halo_y]: [usize; 2]) -> Self {
        let stride = (LEAD + ni + halo_x).next_multiple_of(ROW_GRAIN);
        Layout { ni, nj, levels, halo_x, halo_y, stride }
    }

    /// Number of values, halo and padding included.
    pub fn len(&self) -> usize {
        (self.nj + 2 * self.halo_y) * self.levels * self.stride
    }

    /// True for a layout without values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of values of a row with its halo.
    #[inline(always)]
    pub fn row_length(&self) -> usize {
        self.ni + 2 * self.halo_x
    }

    /// Start of the row of y index `j` (negative in the southern halo) and level `k`: the position of
    /// i = -`halo_x`.
    #[inline(always)]
    pub fn row_start(&self, j: isize, k: usize) -> usize {
        debug_assert!(k < self.levels);
        ((j + self.halo_y as isize) as usize * self.levels + k) * self.stride + LEAD - self.halo_x
    }

    /// Position of the cell (i, j, k); halo indices are negative or beyond `ni`, `nj`.
    #[inline(always)]
    pub fn at(&self, i: isize, j: isize, k: usize) -> usize {
        self.row_start(j, k) + (i + self.halo_x as isize) as usize
    }
}
