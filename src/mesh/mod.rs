//! Geometry, vertical levels, tiles and who owns them: constant during a run.

pub mod decomposition;
pub mod plane;
pub mod tile;
pub mod vertical;

pub use plane::Plane;
pub use tile::{Layout, Tile};
pub use vertical::VerticalGrid;

use crate::config::Configuration;
use crate::error::Result;
use std::ops::Range;

/// Width of the halo around a tile, in cells: what the sixth-order stencils reach.
pub const HALO: usize = 3;

/// The computational domain, cut into tiles, seen from one rank.
#[derive(Clone, Debug)]
pub struct Mesh {
    pub plane: Plane,
    pub vertical: VerticalGrid,
    /// All tiles of the domain in the order of the space-filling curve.
    pub tiles: Vec<Tile>,
    /// For every rank the run of tiles that it owns.
    pub owned: Vec<Range<usize>>,
    /// The rank that this is seen from.
    pub rank: usize,
    /// Which tile holds a column.
    map: decomposition::TileMap,
}

impl Mesh {
    /// Cuts the configured domain for `ranks` ranks, as seen from `rank`.
    ///
    /// # Errors
    /// If there are fewer tiles than ranks.
    pub fn new(configuration: &Configuration, rank: usize, ranks: usize) -> Result<Self> {
        let grid = &configuration.grid;
        let plane = Plane::new(grid, &configuration.boundary);
        let threads = configuration.parallel.threads.unwrap_or(1);
        let size = decomposition::tile_size(configuration.parallel.tile, &plane, ranks, threads);
        Mesh::of_plane(plane, &grid.interfaces, size, rank, ranks)
    }

    /// Cuts a plane into tiles of at most `size` columns.
    ///
    /// # Errors
    /// If there are fewer tiles than ranks.
    pub fn of_plane(
        plane: Plane,
        interfaces: &[f64],
        size: [usize; 2],
        rank: usize,
        ranks: usize,
    ) -> Result<Self> {
        let vertical = VerticalGrid::new(interfaces);
        let tiles = decomposition::cut(&plane, vertical.nz(), size);
        let owned = decomposition::share(&tiles, ranks)?;
        let map = decomposition::TileMap::new(&tiles);
        Ok(Mesh { plane, vertical, tiles, owned, rank, map })
    }

    /// The tiles of this rank.
    pub fn local_tiles(&self) -> &[Tile] {
        &self.tiles[self.owned[self.rank].clone()]
    }

    /// The tile (an index into [`Mesh::tiles`]) that holds column (i, j) of a panel.
    pub fn tile_at(&self, panel: usize, i: usize, j: usize) -> usize {
        self.map.tile_at(panel, i, j)
    }

    /// The rank that owns tile `tile` (an index into [`Mesh::tiles`]).
    pub fn owner(&self, tile: usize) -> usize {
        self.owned.partition_point(|range| range.end <= tile)
    }

    /// Number of cells of the whole domain.
    pub fn cells(&self) -> usize {
        self.plane.nx * self.plane.ny * self.vertical.nz()
    }

    /// Horizontal area of a cell in m2.
    pub fn cell_area(&self) -> f64 {
        self.plane.dx * self.plane.dy
    }

    /// Whether the domain has a y direction.
    pub fn has_y(&self) -> bool {
        self.plane.ny > 1
    }
}
