//! Who sends what to whom: computed once from the mesh.

use crate::mesh::plane::Source;
use crate::mesh::{HALO, Mesh, Tile};
use std::collections::BTreeMap;

/// How the source cell moves when the destination cell moves by one along its x or y: a signed
/// permutation of the axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation {
    /// Change of the source's (i, j) for one step along the destination's x.
    pub along_x: (i32, i32),
    /// The same for one step along the destination's y.
    pub along_y: (i32, i32),
}

/// One rectangle of ghost cells and the cells that fill it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Tiles, as indices into [`Mesh::tiles`].
    pub source: usize,
    pub destination: usize,
    /// First ghost cell in the destination's indices, and the extent of the rectangle.
    pub to: (i32, i32),
    pub extent: (usize, usize),
    /// The cell of the source tile that fills the first ghost cell.
    pub from: (i32, i32),
    pub orientation: Orientation,
    /// The x (y) component of vectors changes its sign on the way.
    pub flip_x: bool,
    pub flip_y: bool,
}

impl Transfer {
    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.extent.0 * self.extent.1
    }

    /// The source cell of the ghost cell that lies (a, b) from the first.
    #[inline(always)]
    pub fn source_cell(&self, a: usize, b: usize) -> (isize, isize) {
        let (a, b) = (a as i32, b as i32);
        let Orientation { along_x, along_y } = self.orientation;
        (
            (self.from.0 + a * along_x.0 + b * along_y.0) as isize,
            (self.from.1 + a * along_x.1 + b * along_y.1) as isize,
        )
    }

    /// The ghost cell that lies (a, b) from the first.
    #[inline(always)]
    pub fn ghost_cell(&self, a: usize, b: usize) -> (isize, isize) {
        (self.to.0 as isize + a as isize, self.to.1 as isize + b as isize)
    }
}

/// All transfers that concern one rank, in an order on which sender and receiver agree.
#[derive(Clone, Debug, Default)]
pub struct HaloPlan {
    /// Between tiles of this rank.
    pub local: Vec<Transfer>,
    /// To and from tiles of other ranks, by rank.
    pub sends: BTreeMap<usize, Vec<Transfer>>,
    pub receives: BTreeMap<usize, Vec<Transfer>>,
}

impl HaloPlan {
    /// The plan of the mesh's rank.
    pub fn new(mesh: &Mesh) -> Self {
        let mut plan = HaloPlan::default();
        for destination in 0..mesh.tiles.len() {
            let receiver = mesh.owner(destination);
            for transfer in transfers_into(mesh, destination) {
                let sender = mesh.owner(transfer.source);
                if sender == mesh.rank && receiver == mesh.rank {
                    plan.local.push(transfer);
                } else if sender == mesh.rank {
                    plan.sends.entry(receiver).or_default().push(transfer);
                } else if receiver == mesh.rank {
                    plan.receives.entry(sender).or_default().push(transfer);
                }
            }
        }
        plan
    }

    /// The ranks with which messages are exchanged. Neighbourhood is mutual, since every halo has a
    /// counterpart on the other side of the edge.
    pub fn neighbours(&self) -> Vec<usize> {
        let mut ranks: Vec<usize> = self.sends.keys().chain(self.receives.keys()).copied().collect();
        ranks.sort_unstable();
        ranks.dedup();
        ranks
    }
}

/// All transfers that fill the halo of one tile: the four edges, without corners, which no stencil reads.
pub fn transfers_into(mesh: &Mesh, destination: usize) -> Vec<Transfer> {
    let tile = &mesh.tiles[destination];
    let (ni, nj) = (tile.ni as i32, tile.nj as i32);
    let (depth_x, depth_y) = (HALO as i32, tile.halo_y as i32);
    let strips =
        [(-depth_x, 0, depth_x, nj), (ni, 0, depth_x, nj), (0, -depth_y, ni, depth_y), (0, nj, ni, depth_y)];
    strips.into_iter().flat_map(|(i, j, ni, nj)| rectangles(mesh, destination, (i, j), (ni, nj))).collect()
}

/// Cuts a strip of ghost cells into rectangles, each filled from one tile with one orientation.
fn rectangles(mesh: &Mesh, destination: usize, start: (i32, i32), extent: (i32, i32)) -> Vec<Transfer> {
    let tile = &mesh.tiles[destination];
    let cell = |i: i32, j: i32| Cell::of(mesh, tile, i, j);
    let mut found = Vec::new();
    let mut j = 0;
    while j < extent.1 {
        let mut i = 0;
        let mut height = extent.1;
        while i < extent.0 {
            let first = cell(start.0 + i, start.1 + j);
            let at = |a: i32, b: i32| cell(start.0 + i + a, start.1 + j + b);
            let (mut a, mut b) = (1, 1);
            // Along y first, as far as the mapping stays linear; then along x over that height.
            let along_y = if j + 1 < extent.1 { first.step_to(&at(0, 1)) } else { None };
            while along_y.is_some() && j + b < extent.1 && at(0, b - 1).step_to(&at(0, b)) == along_y {
                b += 1;
            }
            let along_x = if i + 1 < extent.0 { first.step_to(&at(1, 0)) } else { None };
            let linear = |a: i32| (0..b).all(|b| at(a - 1, b).step_to(&at(a, b)) == along_x);
            while along_x.is_some() && i + a < extent.0 && linear(a) {
                a += 1;
            }
            found.push(Transfer {
                source: first.tile,
                destination,
                to: (start.0 + i, start.1 + j),
                extent: (a as usize, b as usize),
                from: first.local,
                orientation: Orientation {
                    along_x: along_x.unwrap_or((1, 0)),
                    along_y: along_y.unwrap_or((0, 1)),
                },
                flip_x: first.flip_x,
                flip_y: first.flip_y,
            });
            height = height.min(b);
            // A shorter rectangle further along x would leave a ragged edge: cut the others to match.
            for earlier in found.iter_mut().filter(|t| t.to.1 == start.1 + j) {
                earlier.extent.1 = earlier.extent.1.min(height as usize);
            }
            found.last_mut().expect("just pushed").extent.1 = height as usize;
            i += a;
        }
        j += height;
    }
    found
}

/// A ghost cell's source: tile, cell in the tile's indices, and mirrors on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cell {
    tile: usize,
    local: (i32, i32),
    flip_x: bool,
    flip_y: bool,
}

impl Cell {
    fn of(mesh: &Mesh, tile: &Tile, i: i32, j: i32) -> Cell {
        let source: Source = mesh.plane.source(tile.i0 as isize + i as isize, tile.j0 as isize + j as isize);
        let index = mesh.tile_at(source.panel, source.i, source.j);
        let owner = &mesh.tiles[index];
        Cell {
            tile: index,
            local: (source.i as i32 - owner.i0 as i32, source.j as i32 - owner.j0 as i32),
            flip_x: source.flip_x,
            flip_y: source.flip_y,
        }
    }

    /// The step from this source cell to the other, if both belong to one rectangle.
    fn step_to(&self, other: &Cell) -> Option<(i32, i32)> {
        let step = (other.local.0 - self.local.0, other.local.1 - self.local.1);
        let same = (self.tile, self.flip_x, self.flip_y) == (other.tile, other.flip_x, other.flip_y);
        (same && step.0.abs() + step.1.abs() == 1).then_some(step)
    }
}
