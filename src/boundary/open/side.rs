//! Where the open sides are.

use crate::config::LateralBoundary;
use crate::mesh::{HALO, Layout, Plane, Tile};

/// A direction in which the domain is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Facing {
    West,
    East,
    South,
    North,
}

/// An open side of the domain, seen from a tile whose halo reaches beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    facing: Facing,
    /// Cells of other tiles between the tile and the side.
    pub gap: usize,
}

impl Side {
    /// The open sides that a tile's halo reaches.
    pub fn of_tile(plane: &Plane, tile: &Tile) -> Vec<Side> {
        use Facing::{East, North, South, West};
        let x = [(West, tile.i0), (East, plane.nx - tile.i0 - tile.ni)];
        let y = [(South, tile.j0), (North, plane.ny - tile.j0 - tile.nj)];
        let open = |kind, sides: [(Facing, usize); 2]| {
            let is_open = kind == LateralBoundary::Open;
            sides.into_iter().filter(move |(_, gap)| is_open && *gap < HALO)
        };
        let x = open(plane.x_boundary, x);
        let y = open(plane.y_boundary, y).filter(|_| plane.ny > 1);
        x.chain(y).map(|(facing, gap)| Side { facing, gap }).collect()
    }

    /// The direction across it: 0 for x, 1 for y.
    pub fn axis(self) -> usize {
        match self.facing {
            Facing::West | Facing::East => 0,
            Facing::South | Facing::North => 1,
        }
    }

    /// The step outwards along that direction.
    pub fn outward(self) -> isize {
        match self.facing {
            Facing::West | Facing::South => -1,
            Facing::East | Facing::North => 1,
        }
    }

    /// The outermost columns of the domain, in the tile's indices.
    pub fn columns(self, layout: Layout) -> impl Iterator<Item = (isize, isize)> {
        self.columns_with_halo(layout, 0)
    }

    /// The same with so many columns of the halo at both ends.
    pub fn columns_with_halo(self, layout: Layout, halo: isize) -> impl Iterator<Item = (isize, isize)> {
        let (ni, nj, gap) = (layout.ni as isize, layout.nj as isize, self.gap as isize);
        let (along_x, along_y) = (-halo..ni + halo, -halo..nj + halo);
        let (x, y) = match self.facing {
            Facing::West => (-gap..1 - gap, along_y),
            Facing::East => (ni - 1 + gap..ni + gap, along_y),
            Facing::South => (along_x, -gap..1 - gap),
            Facing::North => (along_x, nj - 1 + gap..nj + gap),
        };
        y.flat_map(move |j| x.clone().map(move |i| (i, j)))
    }

    /// The column that lies so many cells further out.
    pub fn beyond(self, (i, j): (isize, isize), cells: isize) -> (isize, isize) {
        let step = self.outward() * cells;
        if self.axis() == 0 { (i + step, j) } else { (i, j + step) }
    }
}
