//! The geometry of the tiles of a rank.

use super::{PanelEdges, TileMetric};
use crate::config::Dynamics;
use crate::mesh::{CubedSphere, Tile};
use crate::real::Real;

/// The geometry of a tile and its sides.
#[derive(Clone, Debug)]
pub struct TileGeometry<T> {
    pub metric: TileMetric<T>,
    pub edges: PanelEdges<T>,
}

impl<T: Real> TileGeometry<T> {
    pub fn new(sphere: &CubedSphere, tile: &Tile, dynamics: &Dynamics) -> Self {
        let metric = TileMetric::new(sphere, tile, dynamics);
        TileGeometry { edges: PanelEdges::new(sphere, tile, &metric), metric }
    }
}

/// Columns along x and y of a box that holds every tile.
pub fn largest(tiles: &[Tile]) -> [usize; 2] {
    let most = |extent: fn(&Tile) -> usize| tiles.iter().map(extent).max().unwrap_or(0);
    [most(|tile| tile.ni), most(|tile| tile.nj)]
}
