//! Cutting the domain into tiles and sharing them among ranks.
//!
//! Tiles are ordered along a space-filling (Hilbert) curve and every rank owns a contiguous run of it, so that
//! any number of ranks works and the runs stay compact. Results do not depend on any of this.

use super::{Geometry, HALO, SPHERE_TILE, Tile};
use crate::error::{Error, Result};
use std::ops::Range;

/// Rows of a chosen tile along x: long rows keep the vector units busy.
const LONGEST_ROW: usize = 128;

/// Fewest columns along the sides of a tile that is chosen, not configured.
const SHORTEST_SIDE: usize = 2 * HALO;

/// What a tile costs besides its cells, with its halos: every row as much as so many more columns, and the tile as much
/// as so many more rows (measured on tiles of 8 x 8 to 128 x 128 columns).
const ROW_START: usize = 75;
const SURROUNDINGS: usize = 7;

/// Numbers of tiles of a panel along x and y: for tiles of the configured size, or chosen from the grid and the number
/// of workers (threads of all ranks).
///
/// # Errors
/// If configured tiles are too small for the sphere.
pub fn tile_counts(
    configured: Option<[usize; 2]>,
    geometry: &Geometry,
    workers: usize,
) -> Result<[usize; 2]> {
    let [nx, ny] = geometry.extent();
    if let Some([ni, nj]) = configured {
        if matches!(geometry, Geometry::CubedSphere(_)) && ni.min(nj) < SPHERE_TILE {
            return Err(Error::Configuration(format!(
                "parallel.tile = [{ni}, {nj}] is too small: on the sphere a tile has at least \
                 {SPHERE_TILE} x {SPHERE_TILE} columns"
            )));
        }
        // Equal pieces may be smaller than asked for, but on the sphere not too small.
        let smallest = if matches!(geometry, Geometry::CubedSphere(_)) { SPHERE_TILE } else { 1 };
        let count = |n: usize, size: usize| n.div_ceil(size.max(1)).min((n / smallest).max(1));
        return Ok([count(nx, ni), count(ny, nj)]);
    }
    // Few for each worker: every cut costs halos. Smaller ones, which let some step while messages travel, are a
    // choice for slow networks.
    let along_x = nx.div_ceil(LONGEST_ROW)..=(nx / SHORTEST_SIDE).max(nx.div_ceil(LONGEST_ROW));
    let along_y = 1..=(ny / SHORTEST_SIDE).max(1);
    let choices = along_x.flat_map(|x| along_y.clone().map(move |y| [x, y]));
    Ok(choices.min_by_key(|&counts| (load(geometry, counts, workers), counts)).unwrap_or([1, 1]))
}

/// The work of the busiest worker, in columns; that of a grid with too few tiles for all comes after all others, the
/// more tiles the better.
fn load(geometry: &Geometry, [along_x, along_y]: [usize; 2], workers: usize) -> (usize, usize) {
    let [nx, ny] = geometry.extent();
    let tiles = geometry.panels() * along_x * along_y;
    let beside = if ny > 1 { SURROUNDINGS } else { 0 };
    let tile = (nx.div_ceil(along_x) + ROW_START) * (ny.div_ceil(along_y) + beside);
    (workers.saturating_sub(tiles), tiles.div_ceil(workers) * tile)
}

/// All tiles of the domain, so many along x and y of a panel: panel by panel along the Hilbert curve.
pub fn cut(geometry: &Geometry, nz: usize, [along_x, along_y]: [usize; 2]) -> Vec<Tile> {
    let ([nx, ny], [halo_x, halo_y]) = (geometry.extent(), geometry.halo());
    let (columns, rows) = (pieces(nx, along_x), pieces(ny, along_y));
    let order = columns.len().max(rows.len()).next_power_of_two();
    let mut keyed = Vec::with_capacity(columns.len() * rows.len());
    for (b, y) in rows.iter().enumerate() {
        for (a, x) in columns.iter().enumerate() {
            let tile =
                Tile { panel: 0, i0: x.start, j0: y.start, ni: x.len(), nj: y.len(), nz, halo_x, halo_y };
            keyed.push((hilbert_index(order, a, b), tile));
        }
    }
    keyed.sort_by_key(|&(key, _)| key);
    let of_panel = |panel: usize| keyed.iter().map(move |(_, tile)| Tile { panel, ..tile.clone() });
    (0..geometry.panels()).flat_map(of_panel).collect()
}

/// Finds the tile of a column: every panel is cut along straight lines.
#[derive(Clone, Debug)]
pub struct TileMap {
    /// First columns and rows of the tiles, in increasing order, the same on every panel.
    columns: Vec<usize>,
    rows: Vec<usize>,
    /// Tile index by panel, row and column of tiles.
    tiles: Vec<usize>,
}

impl TileMap {
    pub fn new(tiles: &[Tile]) -> Self {
        let sorted = |start: fn(&Tile) -> usize| {
            let mut starts: Vec<usize> = tiles.iter().map(start).collect();
            starts.sort_unstable();
            starts.dedup();
            starts
        };
        let (columns, rows) = (sorted(|tile| tile.i0), sorted(|tile| tile.j0));
        let mut map = TileMap { columns, rows, tiles: vec![0; tiles.len()] };
        for (index, tile) in tiles.iter().enumerate() {
            let place = map.place(tile.panel, tile.i0, tile.j0);
            map.tiles[place] = index;
        }
        map
    }

    fn place(&self, panel: usize, i: usize, j: usize) -> usize {
        let column = self.columns.partition_point(|&start| start <= i) - 1;
        let row = self.rows.partition_point(|&start| start <= j) - 1;
        (panel * self.rows.len() + row) * self.columns.len() + column
    }

    /// The tile that holds column (i, j) of a panel.
    pub fn tile_at(&self, panel: usize, i: usize, j: usize) -> usize {
        self.tiles[self.place(panel, i, j)]
    }
}

/// Contiguous runs of tiles for the ranks, with nearly equal numbers of columns, and none with more tiles than needed.
///
/// # Errors
/// If a rank would get no tile.
pub fn share(tiles: &[Tile], ranks: usize) -> Result<Vec<Range<usize>>> {
    if tiles.len() < ranks {
        return Err(Error::Configuration(format!(
            "the grid is cut into {} tile{}, too few for {ranks} ranks: use fewer ranks, a larger grid, \
             or smaller tiles (parallel.tile = [i, j])",
            tiles.len(),
            if tiles.len() == 1 { "" } else { "s" },
        )));
    }
    let total: usize = tiles.iter().map(Tile::columns).sum();
    let most = tiles.len().div_ceil(ranks);
    let mut owned = Vec::with_capacity(ranks);
    let (mut start, mut done) = (0, 0);
    for rank in 0..ranks {
        let target = total * (rank + 1) / ranks;
        let last = tiles.len() - (ranks - rank - 1);
        let mut end = start;
        // The others can take no more than that.
        let least = tiles.len().saturating_sub((ranks - rank - 1) * most);
        let wanted = |end: usize, done: usize| end == start || done + tiles[end].columns() / 2 < target;
        while end < last && (end < least || (end < start + most && wanted(end, done))) {
            done += tiles[end].columns();
            end += 1;
        }
        if rank + 1 == ranks {
            end = tiles.len();
        }
        owned.push(start..end);
        start = end;
    }
    Ok(owned)
}

/// So many ranges of nearly equal length that cover `0..n`.
fn pieces(n: usize, count: usize) -> Vec<Range<usize>> {
    (0..count).map(|p| n * p / count..n * (p + 1) / count).collect()
}

/// Position of the cell (x, y) on the Hilbert curve through a square of `order` x `order` cells.
fn hilbert_index(order: usize, mut x: usize, mut y: usize) -> usize {
    let mut index = 0;
    let mut side = order / 2;
    while side > 0 {
        let (right, up) = (x & side != 0, y & side != 0);
        index += side * side * ((3 * right as usize) ^ up as usize);
        if !up {
            if right {
                (x, y) = (order - 1 - x, order - 1 - y);
            }
            std::mem::swap(&mut x, &mut y);
        }
        side /= 2;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LateralBoundary::Periodic;
    use crate::mesh::{CubedSphere, Plane};

    fn plane(nx: usize, ny: usize) -> Geometry {
        let (x_boundary, y_boundary) = (Periodic, Periodic);
        Geometry::Plane(Plane { nx, ny, dx: 1.0, dy: 1.0, x_min: 0.0, y_min: 0.0, x_boundary, y_boundary })
    }

    #[test]
    fn tiles_cover_every_column_once() {
        for (nx, ny, counts) in [(10, 1, [4, 1]), (7, 9, [4, 3]), (64, 64, [8, 8]), (5, 5, [1, 1])] {
            let mut seen = vec![0; nx * ny];
            for tile in cut(&plane(nx, ny), 4, counts) {
                for j in tile.j0..tile.j0 + tile.nj {
                    for i in tile.i0..tile.i0 + tile.ni {
                        seen[j * nx + i] += 1;
                    }
                }
            }
            assert!(seen.iter().all(|&count| count == 1), "{nx} x {ny} in {counts:?}");
        }
    }

    #[test]
    fn neighbours_on_the_curve_touch() {
        let tiles = cut(&plane(64, 64), 1, [8, 8]);
        for pair in tiles.windows(2) {
            let distance = pair[0].i0.abs_diff(pair[1].i0) + pair[0].j0.abs_diff(pair[1].j0);
            assert_eq!(distance, 8);
        }
    }

    /// Where a worker with two tiles would let all others wait.
    #[test]
    fn tiles_suit_the_number_of_workers() {
        let chosen = |nx, ny, workers| tile_counts(None, &plane(nx, ny), workers).unwrap();
        assert_eq!(chosen(120, 120, 1), [1, 1]);
        assert_eq!(chosen(120, 120, 2), [1, 2]);
        assert_eq!(chosen(512, 1, 2), [4, 1]);
        assert_eq!(chosen(2048, 2048, 100), [16, 12]);
        assert_eq!(chosen(2048, 2048, 10_000), [40, 250]);
        // As many tiles as there can be, where that is too few.
        assert_eq!(chosen(60, 60, 1000), [10, 10]);
    }

    /// Equal pieces of a panel that the wanted size does not divide would be too small.
    #[test]
    fn tiles_of_the_sphere_are_not_too_small() {
        for n in [8, 9, 10, 11, 13, 14, 17] {
            let sphere = Geometry::CubedSphere(CubedSphere::new(n, 1.0, 0.0));
            let counts = tile_counts(Some([SPHERE_TILE; 2]), &sphere, 1).unwrap();
            let tiles = cut(&sphere, 1, counts);
            assert!(tiles.iter().all(|tile| tile.ni.min(tile.nj) >= SPHERE_TILE), "{n}: {counts:?}");
        }
    }

    #[test]
    fn every_rank_gets_tiles() {
        let tiles = cut(&plane(64, 48), 1, [8, 6]);
        for ranks in 1..=tiles.len() {
            let owned = share(&tiles, ranks).unwrap();
            assert!(owned.iter().all(|range| !range.is_empty()), "{ranks} ranks");
            assert_eq!(owned.last().unwrap().end, tiles.len());
        }
        assert!(share(&tiles, tiles.len() + 1).is_err());
    }
}
