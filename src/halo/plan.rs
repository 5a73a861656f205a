//! Who sends what to whom: computed once from the mesh.

use crate::mesh::plane::Source;
use crate::mesh::{Mesh, Rotation, SPHERE_HALO, Tile};
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
    /// What happens to vectors on the way.
    pub rotation: Rotation,
}

/// Which ghost cells an exchange fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Depth along x and y, at most that of the fields' halos.
    pub depth: [usize; 2],
    /// The corners, too.
    pub corners: bool,
    /// How many of them beyond the sides of a panel of the sphere.
    pub beyond_panel: usize,
}

impl Reach {
    /// The whole halo of the plane's tiles: four strips, without corners, which no stencil reads.
    pub fn of_plane(mesh: &Mesh) -> Reach {
        let depth = mesh.tiles.first().map_or([0; 2], |tile| [tile.halo_x, tile.halo_y]);
        Reach { depth, corners: false, beyond_panel: 0 }
    }

    /// Number of columns around a tile that it names.
    pub fn columns(&self, tile: &Tile) -> usize {
        let [x, y] = self.depth;
        2 * (x * tile.nj + y * tile.ni) + if self.corners { 4 * x * y } else { 0 }
    }

    /// The neighbouring columns on the same panel.
    pub const BESIDE: Reach = Reach { depth: [1; 2], corners: false, beyond_panel: 0 };

    /// The whole halo of the sphere's tiles with its corners; beyond the sides of a panel what the interpolations
    /// at its edges read.
    pub const SPHERE: Reach = Reach { depth: [SPHERE_HALO; 2], corners: true, beyond_panel: 3 };
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
    pub fn new(mesh: &Mesh, reach: Reach) -> Self {
        let mut plan = HaloPlan::default();
        for destination in 0..mesh.tiles.len() {
            let receiver = mesh.owner(destination);
            for transfer in transfers_into(mesh, destination, reach) {
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

/// All transfers that fill the halo of one tile.
pub fn transfers_into(mesh: &Mesh, destination: usize, reach: Reach) -> Vec<Transfer> {
    let tile = &mesh.tiles[destination];
    let (ni, nj) = (tile.ni as i32, tile.nj as i32);
    let [depth_x, depth_y] = reach.depth.map(|depth| depth as i32);
    // The southern and northern strips take the corners.
    let (west, width) = if reach.corners { (-depth_x, ni + 2 * depth_x) } else { (0, ni) };
    let strips = [
        (-depth_x, 0, depth_x, nj),
        (ni, 0, depth_x, nj),
        (west, -depth_y, width, depth_y),
        (west, nj, width, depth_y),
    ];
    strips
        .into_iter()
        .flat_map(|(i, j, ni, nj)| rectangles(mesh, destination, reach.beyond_panel, (i, j), (ni, nj)))
        .collect()
}

/// Cuts a strip of ghost cells into rectangles, each filled from one tile with one orientation. Cells that
/// nothing fills are left out.
fn rectangles(
    mesh: &Mesh,
    destination: usize,
    beyond_panel: usize,
    start: (i32, i32),
    extent: (i32, i32),
) -> Vec<Transfer> {
    let tile = &mesh.tiles[destination];
    let (width, height) = (extent.0 as usize, extent.1 as usize);
    let cells: Vec<Option<Cell>> = (0..height * width)
        .map(|n| {
            Cell::of(mesh, tile, beyond_panel, start.0 + (n % width) as i32, start.1 + (n / width) as i32)
        })
        .collect();
    let mut done = vec![false; cells.len()];
    let mut found = Vec::new();
    for n in 0..cells.len() {
        let Some(first) = cells[n] else { continue };
        if done[n] {
            continue;
        }
        let (i, j) = (n % width, n / width);
        let at = |a: usize, b: usize| cells.get((j + b) * width + i + a).copied().flatten();
        let free = |a: usize, b: usize| i + a < width && j + b < height && !done[(j + b) * width + i + a];
        let step = |from: Option<Cell>, to: Option<Cell>| from?.step_to(&to?);
        // Along x as far as the mapping stays linear, then along y over that width.
        let along_x = if free(1, 0) { step(Some(first), at(1, 0)) } else { None };
        let mut a = 1;
        while along_x.is_some() && free(a, 0) && step(at(a - 1, 0), at(a, 0)) == along_x {
            a += 1;
        }
        let along_y = if free(0, 1) { step(Some(first), at(0, 1)) } else { None };
        let mut b = 1;
        while along_y.is_some()
            && (0..a).all(|a| free(a, b) && step(at(a, b - 1), at(a, b)) == along_y)
            && (1..a).all(|a| step(at(a - 1, b), at(a, b)) == along_x)
        {
            b += 1;
        }
        for covered in 0..b {
            done[(j + covered) * width + i..][..a].fill(true);
        }
        found.push(Transfer {
            source: first.tile,
            destination,
            to: (start.0 + i as i32, start.1 + j as i32),
            extent: (a, b),
            from: first.local,
            orientation: Orientation {
                along_x: along_x.unwrap_or((1, 0)),
                along_y: along_y.unwrap_or((0, 1)),
            },
            rotation: first.rotation,
        });
    }
    found
}

/// A ghost cell's source: tile, cell in the tile's indices, and what happens to vectors on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cell {
    tile: usize,
    local: (i32, i32),
    rotation: Rotation,
}

impl Cell {
    /// The source of a ghost cell, if there is one and it does not lie more than so many cells beyond the panel.
    fn of(mesh: &Mesh, tile: &Tile, beyond_panel: usize, i: i32, j: i32) -> Option<Cell> {
        let (i, j) = (tile.i0 as isize + i as isize, tile.j0 as isize + j as isize);
        let Source { panel, i: source_i, j: source_j, rotation } = mesh.source(tile.panel, i, j)?;
        let [nx, ny] = mesh.geometry.extent().map(|n| n as isize);
        let beyond = (-i).max(i - nx + 1).max(-j).max(j - ny + 1);
        if panel != tile.panel && beyond > beyond_panel as isize {
            return None;
        }
        let (i, j) = (source_i, source_j);
        let index = mesh.tile_at(panel, i, j);
        let owner = &mesh.tiles[index];
        let local = (i as i32 - owner.i0 as i32, j as i32 - owner.j0 as i32);
        Some(Cell { tile: index, local, rotation })
    }

    /// The step from this source cell to the other, if both belong to one rectangle.
    fn step_to(&self, other: &Cell) -> Option<(i32, i32)> {
        let step = (other.local.0 - self.local.0, other.local.1 - self.local.1);
        let same = (self.tile, self.rotation) == (other.tile, other.rotation);
        (same && step.0.abs() + step.1.abs() == 1).then_some(step)
    }
}
