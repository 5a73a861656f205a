//! Geometry, vertical levels, tiles and who owns them: constant during a run.

pub mod compass;
pub mod cubed_sphere;
pub mod decomposition;
pub mod footprint;
pub mod plane;
pub mod rotation;
pub mod terrain;
pub mod tile;
pub mod vertical;

pub use compass::Compass;
pub use cubed_sphere::CubedSphere;
pub use footprint::Footprint;
pub use plane::Plane;
pub use rotation::Rotation;
pub use terrain::Terrain;
pub use tile::{Layout, Tile};
pub use vertical::VerticalGrid;

use crate::cases;
use crate::config::{Configuration, Geometry as GeometryChoice};
use crate::error::Result;
use plane::Source;
use std::ops::Range;

/// Width of the halo around a tile of the plane, in cells: what the sixth-order stencils reach.
pub const HALO: usize = 3;

/// Width of the halo on the sphere: one cell more, for the fourth-order corrections.
pub const SPHERE_HALO: usize = 4;

/// Fewest columns along the sides of a tile on the sphere: what the one-sided differences at the sides of a
/// panel need.
pub const SPHERE_TILE: usize = 4;

/// The shape of the domain: one panel, or the six of the globe.
#[derive(Clone, Debug)]
pub enum Geometry {
    Plane(Plane),
    CubedSphere(CubedSphere),
}

impl Geometry {
    /// Number of panels.
    pub fn panels(&self) -> usize {
        match self {
            Geometry::Plane(_) => 1,
            Geometry::CubedSphere(_) => cubed_sphere::PANELS,
        }
    }

    /// Columns of a panel along x and y.
    pub fn extent(&self) -> [usize; 2] {
        match self {
            Geometry::Plane(plane) => [plane.nx, plane.ny],
            Geometry::CubedSphere(sphere) => [sphere.n, sphere.n],
        }
    }

    /// Depths of the tiles' halos along x and y.
    fn halo(&self) -> [usize; 2] {
        match self {
            Geometry::Plane(plane) => [HALO, if plane.ny > 1 { HALO } else { 0 }],
            Geometry::CubedSphere(_) => [SPHERE_HALO; 2],
        }
    }
}

/// The computational domain, cut into tiles, seen from one rank.
#[derive(Clone, Debug)]
pub struct Mesh {
    pub geometry: Geometry,
    pub vertical: VerticalGrid,
    /// The ground, where it is not flat.
    pub terrain: Option<Terrain>,
    /// All tiles of the domain, panel by panel in the order of the space-filling curve.
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
    /// If there are fewer tiles than ranks, or tiles are too small for the sphere.
    pub fn new(configuration: &Configuration, rank: usize, ranks: usize) -> Result<Self> {
        let grid = &configuration.grid;
        let geometry = match &grid.geometry {
            GeometryChoice::Plane => Geometry::Plane(Plane::new(grid, &configuration.boundary)),
            GeometryChoice::Sphere(sphere) => {
                Geometry::CubedSphere(CubedSphere::new(grid.nx, sphere.radius, sphere.tilt))
            }
        };
        let workers = ranks * configuration.parallel.threads.unwrap_or(1);
        let counts = decomposition::tile_counts(configuration.parallel.tile, &geometry, workers)?;
        let mut mesh = Mesh::of_counts(geometry, &grid.interfaces, counts, rank, ranks)?;
        if let Some(terrain) = &configuration.terrain {
            mesh.terrain = Some(match &mesh.geometry {
                Geometry::Plane(plane) => Terrain::new(terrain, plane, &mesh.vertical)?,
                Geometry::CubedSphere(sphere) => {
                    Terrain::on_sphere(terrain, sphere, &mesh.vertical, &*cases::build(configuration)?)?
                }
            });
        }
        Ok(mesh)
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
        Mesh::of_geometry(Geometry::Plane(plane), interfaces, size, rank, ranks)
    }

    /// Cuts a domain into tiles of at most `size` columns.
    ///
    /// # Errors
    /// If there are fewer tiles than ranks.
    pub fn of_geometry(
        geometry: Geometry,
        interfaces: &[f64],
        size: [usize; 2],
        rank: usize,
        ranks: usize,
    ) -> Result<Self> {
        let [nx, ny] = geometry.extent();
        let counts = [nx.div_ceil(size[0]), ny.div_ceil(size[1])];
        Mesh::of_counts(geometry, interfaces, counts, rank, ranks)
    }

    /// Cuts every panel of a domain into so many tiles along x and y.
    fn of_counts(
        geometry: Geometry,
        interfaces: &[f64],
        counts: [usize; 2],
        rank: usize,
        ranks: usize,
    ) -> Result<Self> {
        let vertical = VerticalGrid::new(interfaces);
        let tiles = decomposition::cut(&geometry, vertical.nz(), counts);
        let owned = decomposition::share(&tiles, ranks)?;
        let map = decomposition::TileMap::new(&tiles);
        Ok(Mesh { geometry, vertical, terrain: None, tiles, owned, rank, map })
    }

    /// The plane, where the domain is one.
    pub fn plane(&self) -> Option<&Plane> {
        match &self.geometry {
            Geometry::Plane(plane) => Some(plane),
            Geometry::CubedSphere(_) => None,
        }
    }

    /// The sphere, where the domain is one.
    pub fn sphere(&self) -> Option<&CubedSphere> {
        match &self.geometry {
            Geometry::Plane(_) => None,
            Geometry::CubedSphere(sphere) => Some(sphere),
        }
    }

    /// The same tiles in the hands of fewer ranks: the first has those of the first `counts[0]` ranks, and so on; seen
    /// from `rank` of these.
    pub fn joined(&self, counts: &[usize], rank: usize) -> Mesh {
        let mut rest = self.owned.iter();
        let join = |&count: &usize| {
            let owned: Vec<&Range<usize>> = rest.by_ref().take(count).collect();
            owned.first().map_or(0, |first| first.start)..owned.last().map_or(0, |last| last.end)
        };
        Mesh { owned: counts.iter().map(join).collect(), rank, ..self.clone() }
    }

    /// The tiles of this rank.
    pub fn local_tiles(&self) -> &[Tile] {
        &self.tiles[self.owned[self.rank].clone()]
    }

    /// The tile (an index into [`Mesh::tiles`]) that holds column (i, j) of a panel.
    pub fn tile_at(&self, panel: usize, i: usize, j: usize) -> usize {
        self.map.tile_at(panel, i, j)
    }

    /// The cell that fills the cell (i, j) of a panel's indices, which may lie beyond its sides; nothing
    /// lies beyond a corner of the cube or an open side of a box.
    pub fn source(&self, panel: usize, i: isize, j: isize) -> Option<Source> {
        match &self.geometry {
            Geometry::Plane(plane) => plane.source(i, j),
            Geometry::CubedSphere(sphere) => sphere.source(panel, i, j),
        }
    }

    /// The row of row `j` of a panel where those of all panels lie one behind the other.
    pub fn row(&self, panel: usize, j: usize) -> usize {
        panel * self.geometry.extent()[1] + j
    }

    /// The steepest slope of the ground; 0 where it is flat.
    pub fn steepest(&self) -> f64 {
        self.terrain.as_ref().map_or(0.0, |terrain| match &self.geometry {
            Geometry::Plane(plane) => terrain.steepest(plane),
            Geometry::CubedSphere(sphere) => terrain.steepest_on_sphere(sphere),
        })
    }

    /// The smallest share that a cell has of its nominal thickness.
    pub fn thinning(&self) -> f64 {
        self.terrain.as_ref().map_or(1.0, Terrain::thinning)
    }

    /// The rank that owns tile `tile` (an index into [`Mesh::tiles`]).
    pub fn owner(&self, tile: usize) -> usize {
        self.owned.partition_point(|range| range.end <= tile)
    }

    /// Number of columns of the whole domain.
    pub fn columns(&self) -> usize {
        let [nx, ny] = self.geometry.extent();
        self.geometry.panels() * nx * ny
    }

    /// Number of cells of the whole domain.
    pub fn cells(&self) -> usize {
        self.columns() * self.vertical.nz()
    }

    /// Horizontal area in m2 of the column (i, j) of any panel.
    pub fn area(&self, i: usize, j: usize) -> f64 {
        match &self.geometry {
            Geometry::Plane(plane) => plane.dx * plane.dy,
            Geometry::CubedSphere(sphere) => sphere.area(i, j),
        }
    }

    /// Horizontal area of the domain in m2.
    pub fn total_area(&self) -> f64 {
        match &self.geometry {
            Geometry::Plane(plane) => plane.dx * plane.dy * (plane.nx * plane.ny) as f64,
            Geometry::CubedSphere(sphere) => 4.0 * std::f64::consts::PI * sphere.radius * sphere.radius,
        }
    }

    /// Where a column lies, for people: x and y, or longitude and latitude.
    pub fn place(&self, panel: usize, i: usize, j: usize) -> String {
        match &self.geometry {
            Geometry::Plane(plane) => format!("x = {} m, y = {} m", plane.x(i), plane.y(j)),
            Geometry::CubedSphere(sphere) => {
                let (longitude, latitude) = cubed_sphere::longitude_latitude(sphere.centre(panel, i, j));
                format!(
                    "longitude {:.2}, latitude {:.2} (panel {panel})",
                    longitude.to_degrees(),
                    latitude.to_degrees()
                )
            }
        }
    }

    /// Whether the domain has a y direction.
    pub fn has_y(&self) -> bool {
        self.geometry.extent()[1] > 1
    }

    /// Values of the longest row of this rank's tiles, halo included.
    pub fn widest_row(&self) -> usize {
        self.local_tiles().iter().map(|tile| tile.layout(1).row_length()).max().unwrap_or(0)
    }

    /// Rows of the tallest of this rank's tiles, without the halo.
    pub fn tallest_tile(&self) -> usize {
        self.local_tiles().iter().map(|tile| tile.nj).max().unwrap_or(0)
    }
}
