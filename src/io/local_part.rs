//! The part of the global arrays that this rank's tiles make up, as HDF5 wants it: one selection.

use super::hdf5_raw::{Selections, Slab};
use crate::mesh::{Mesh, Tile};
use crate::real::Real;
use rayon::prelude::*;
use std::ops::Range;

/// A rectangle of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rectangle {
    x: Range<usize>,
    y: Range<usize>,
}

/// This rank's tiles seen as parts of global arrays (levels, y, x). In memory a part is one array
/// over the bounding box of the tiles; cells of other ranks inside the box are left out of every transfer.
#[derive(Clone, Debug)]
pub struct LocalPart {
    tiles: Vec<Tile>,
    /// The tiles, with neighbours merged: the fewer, the faster HDF5 is.
    rectangles: Vec<Rectangle>,
    bounds: Rectangle,
}

impl LocalPart {
    /// The part of the rank that `mesh` is seen from.
    pub fn new(mesh: &Mesh) -> Self {
        let tiles = mesh.local_tiles().to_vec();
        let rectangles = merged(tiles.iter().map(rectangle).collect());
        let bounds = rectangles.iter().cloned().reduce(|a, b| Rectangle {
            x: a.x.start.min(b.x.start)..a.x.end.max(b.x.end),
            y: a.y.start.min(b.y.start)..a.y.end.max(b.y.end),
        });
        LocalPart { tiles, rectangles, bounds: bounds.unwrap_or(Rectangle { x: 0..0, y: 0..0 }) }
    }

    /// What to transfer of a variable with `levels` levels, of its record `record` (`None`: without time).
    pub fn selections(&self, record: Option<usize>, levels: usize) -> Selections {
        if self.rectangles.is_empty() {
            return Selections::nothing();
        }
        let indices = |along_time: usize, others: [usize; 3]| -> Vec<usize> {
            record.map(|_| along_time).into_iter().chain(others).collect()
        };
        let slabs = |first_record: usize, y0: usize, x0: usize| {
            let slab = |part: &Rectangle| Slab {
                start: indices(first_record, [0, part.y.start - y0, part.x.start - x0]),
                count: indices(1, [levels, part.y.len(), part.x.len()]),
            };
            self.rectangles.iter().map(slab).collect::<Vec<_>>()
        };
        Selections {
            memory_shape: indices(1, [levels, self.bounds.y.len(), self.bounds.x.len()]),
            memory: slabs(0, self.bounds.y.start, self.bounds.x.start),
            file: slabs(record.unwrap_or(0), 0, 0),
        }
    }

    /// The array over the bounding box, its rows filled by `row(scratch, local tile, level, j, cells)`, levels in
    /// parallel. `scratch` is a buffer for the row's own use.
    pub fn gather<T: Real>(
        &self,
        levels: usize,
        row: impl Fn(&mut Vec<f64>, usize, usize, usize, &mut [T]) + Sync,
    ) -> Vec<T> {
        let mut values = vec![T::ZERO; levels * self.level_len()];
        values.par_chunks_mut(self.level_len().max(1)).enumerate().for_each_init(
            Vec::new,
            |scratch, (k, level)| {
                for (index, tile) in self.tiles.iter().enumerate() {
                    for j in 0..tile.nj {
                        row(scratch, index, k, j, &mut level[self.row_range(tile, j)]);
                    }
                }
            },
        );
        values
    }

    /// Hands the rows of an array over the bounding box to `row(local tile, level, j, cells)`.
    pub fn scatter<T: Real>(
        &self,
        levels: usize,
        values: &[T],
        mut row: impl FnMut(usize, usize, usize, &[T]),
    ) {
        for k in 0..levels {
            let level = &values[k * self.level_len()..][..self.level_len()];
            for (index, tile) in self.tiles.iter().enumerate() {
                for j in 0..tile.nj {
                    row(index, k, j, &level[self.row_range(tile, j)]);
                }
            }
        }
    }

    /// Values of one level of the bounding box: room for reading, `levels` times this.
    pub fn level_len(&self) -> usize {
        self.bounds.x.len() * self.bounds.y.len()
    }

    /// Where the cells of row `j` of a tile lie in a level of the bounding box.
    fn row_range(&self, tile: &Tile, j: usize) -> Range<usize> {
        let start = (tile.j0 + j - self.bounds.y.start) * self.bounds.x.len() + tile.i0 - self.bounds.x.start;
        start..start + tile.ni
    }
}

/// The columns of a tile.
fn rectangle(tile: &Tile) -> Rectangle {
    Rectangle { x: tile.i0..tile.i0 + tile.ni, y: tile.j0..tile.j0 + tile.nj }
}

/// The same columns as fewer rectangles: neighbours along x that share their rows are joined, then
/// neighbours along y that share their columns.
fn merged(mut parts: Vec<Rectangle>) -> Vec<Rectangle> {
    parts.sort_by_key(|part| (part.y.start, part.y.end, part.x.start));
    let mut rows: Vec<Rectangle> = Vec::new();
    for part in parts {
        match rows.last_mut() {
            Some(last) if last.y == part.y && last.x.end == part.x.start => last.x.end = part.x.end,
            _ => rows.push(part),
        }
    }
    rows.sort_by_key(|part| (part.x.start, part.x.end, part.y.start));
    let mut joined: Vec<Rectangle> = Vec::new();
    for part in rows {
        match joined.last_mut() {
            Some(last) if last.x == part.x && last.y.end == part.y.start => last.y.end = part.y.end,
            _ => joined.push(part),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(i0: usize, ni: usize, j0: usize, nj: usize) -> Tile {
        Tile { panel: 0, i0, j0, ni, nj, nz: 2, halo_x: 3, halo_y: 3 }
    }

    #[test]
    fn neighbours_are_merged() {
        let block = [tile(0, 4, 0, 4), tile(4, 4, 0, 4), tile(4, 4, 4, 4), tile(0, 4, 4, 4)];
        let whole = merged(block.iter().map(rectangle).collect());
        assert_eq!(whole, [Rectangle { x: 0..8, y: 0..8 }]);

        let corner: Vec<Tile> = block[..3].to_vec();
        assert_eq!(merged(corner.iter().map(rectangle).collect()).len(), 2);
    }

    #[test]
    fn gathered_rows_are_scattered_back() {
        let tiles = vec![tile(2, 3, 1, 2), tile(5, 2, 3, 4)];
        let rectangles = merged(tiles.iter().map(rectangle).collect());
        let part = LocalPart { tiles, rectangles, bounds: Rectangle { x: 2..7, y: 1..7 } };
        let value = |t: usize, k: usize, j: usize, i: usize| (1000 * t + 100 * k + 10 * j + i) as f64;
        let values = part.gather::<f64>(2, |_, t, k, j, row| {
            row.iter_mut().enumerate().for_each(|(i, cell)| *cell = value(t, k, j, i));
        });
        let mut rows = 0;
        part.scatter(2, &values, |t, k, j, row| {
            rows += 1;
            for (i, cell) in row.iter().enumerate() {
                assert_eq!(*cell, value(t, k, j, i));
            }
        });
        assert_eq!(rows, 2 * (2 + 4));
        assert_eq!(part.selections(Some(3), 2).file.len(), 2);
    }

    #[test]
    fn a_rank_without_tiles_selects_nothing() {
        let part = LocalPart { tiles: vec![], rectangles: vec![], bounds: Rectangle { x: 0..0, y: 0..0 } };
        assert!(part.gather::<f32>(3, |_, _, _, _, _| unreachable!()).is_empty());
        assert!(part.selections(None, 3).file.is_empty());
    }
}
