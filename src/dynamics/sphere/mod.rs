//! What all equations on the cubed sphere share: the geometry of a tile, the stencils, the sides of the panels.
//!
//! The scheme is fourth order in space: cell averages for scalars, point values for the horizontal momentum, which
//! is kept as three components along the panel's axes, so that no Christoffel symbols appear and a vector on another
//! panel is a signed permutation of itself; tendencies are projected onto the sphere. After Ullrich, Jablonowski
//! and van Leer 2010 (J. Comput. Phys. 229, 6104-6134) and Chen, X., et al. 2013 (Mon. Wea. Rev. 141, 2526-2544), with
//! point values in place of averages along faces.
//!
//! A step needs two exchanges a stage: averages of the neighbouring columns of the same panel, from which point
//! values are computed, and point values of the whole margin. All work on a level then stays in the cache.

pub mod faces;
pub mod geometry;
pub mod metric;
pub mod momentum;
pub mod panel_edge;
pub mod points;
pub mod sheet;
pub mod stencils;
pub mod transport;
pub mod viscosity;

pub use geometry::{TileGeometry, largest};
pub use metric::TileMetric;
pub use panel_edge::{EdgeLines, OuterValues, PanelEdges, Variable};
pub use sheet::Sheet;
