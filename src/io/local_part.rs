//! The part of the global arrays that this rank's tiles make up, as HDF5 wants it: one selection.

use super::hdf5_raw::{Selections, Slab};
use crate::mesh::{Mesh, Tile};
use crate::real::Real;
use crate::state::Location;
use rayon::prelude::*;
use std::ops::Range;

/// A block of columns: the same rectangle on one or more panels.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    panel: Range<usize>,
    y: Range<usize>,
    x: Range<usize>,
}

/// The directions in which blocks are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Axis {
    Panel,
    Y,
    X,
}

impl Block {
    fn range_mut(&mut self, axis: Axis) -> &mut Range<usize> {
        match axis {
            Axis::Panel => &mut self.panel,
            Axis::Y => &mut self.y,
            Axis::X => &mut self.x,
        }
    }

    /// The ranges across an axis, and that along it.
    fn ranges(&self, axis: Axis) -> ([&Range<usize>; 2], &Range<usize>) {
        match axis {
            Axis::Panel => ([&self.y, &self.x], &self.panel),
            Axis::Y => ([&self.panel, &self.x], &self.y),
            Axis::X => ([&self.panel, &self.y], &self.x),
        }
    }

    /// Whether the other block begins where this one ends along an axis, and is as wide.
    fn continues_in(&self, other: &Block, axis: Axis) -> bool {
        let ((across, along), (others, next)) = (self.ranges(axis), other.ranges(axis));
        across == others && along.end == next.start
    }
}

/// This rank's tiles seen as parts of global arrays (level, y, x), on the sphere (panel, level, y, x); arrays of
/// [`Location::Surface`] have no levels. In memory a part is one array over the bounding box of the tiles; cells of
/// other ranks inside the box are left out of every transfer.
#[derive(Clone, Debug)]
pub struct LocalPart {
    tiles: Vec<Tile>,
    /// Cells along z.
    nz: usize,
    /// Whether the arrays have a dimension of panels.
    has_panels: bool,
    /// The tiles, with neighbours merged: the fewer, the faster HDF5 is.
    blocks: Vec<Block>,
    bounds: Block,
}

impl LocalPart {
    /// The part of the rank that `mesh` is seen from.
    pub fn new(mesh: &Mesh) -> Self {
        Self::of_tiles(mesh.local_tiles().to_vec(), mesh.vertical.nz(), mesh.sphere().is_some())
    }

    /// The part that these tiles make up of arrays with `nz` cells along z.
    pub fn of_tiles(tiles: Vec<Tile>, nz: usize, has_panels: bool) -> Self {
        let blocks = merged(tiles.iter().map(block).collect());
        let around = |a: Range<usize>, b: Range<usize>| a.start.min(b.start)..a.end.max(b.end);
        let bounds = blocks.iter().cloned().reduce(|a, b| Block {
            panel: around(a.panel, b.panel),
            y: around(a.y, b.y),
            x: around(a.x, b.x),
        });
        let bounds = bounds.unwrap_or(Block { panel: 0..0, y: 0..0, x: 0..0 });
        LocalPart { tiles, nz, has_panels, blocks, bounds }
    }

    /// Whether the arrays have a dimension of panels.
    pub fn has_panels(&self) -> bool {
        self.has_panels
    }

    /// What to transfer of a variable, of its record `record` (`None`: without time).
    pub fn selections(&self, record: Option<usize>, location: Location) -> Selections {
        if self.blocks.is_empty() {
            return Selections::nothing();
        }
        let has_levels = location != Location::Surface;
        let indices = |along_time: usize, panel: usize, level: usize, y: usize, x: usize| -> Vec<usize> {
            let time = record.map(|_| along_time);
            let (panel, level) = (self.has_panels.then_some(panel), has_levels.then_some(level));
            time.into_iter().chain(panel).chain(level).chain([y, x]).collect()
        };
        let levels = location.levels(self.nz);
        let counts = |block: &Block| indices(1, block.panel.len(), levels, block.y.len(), block.x.len());
        let slabs = |first_record: usize, panel0: usize, y0: usize, x0: usize| {
            let slab = |part: &Block| {
                let (panel, y, x) = (part.panel.start - panel0, part.y.start - y0, part.x.start - x0);
                Slab { start: indices(first_record, panel, 0, y, x), count: counts(part) }
            };
            self.blocks.iter().map(slab).collect::<Vec<_>>()
        };
        Selections {
            memory_shape: counts(&self.bounds),
            memory: slabs(0, self.bounds.panel.start, self.bounds.y.start, self.bounds.x.start),
            file: slabs(record.unwrap_or(0), 0, 0, 0),
        }
    }

    /// The array over the bounding box, its rows filled by `row(scratch, local tile, level, j, cells)`, levels in
    /// parallel. `scratch` is a buffer for the row's own use.
    pub fn gather<T: Real>(
        &self,
        location: Location,
        row: impl Fn(&mut Vec<f64>, usize, usize, usize, &mut [T]) + Sync,
    ) -> Vec<T> {
        let mut values = vec![T::ZERO; self.len(location)];
        self.fill(location, &mut values, row);
        values
    }

    /// As [`LocalPart::gather`], from rows in double precision into an array that is there; its cells outside of
    /// the tiles stay as they are.
    pub fn gather_into<T: Real>(
        &self,
        location: Location,
        values: &mut [T],
        row: impl Fn(usize, usize, usize, &mut [f64]) + Sync,
    ) {
        self.fill(location, values, |scratch, tile, level, j, out| {
            scratch.resize(out.len(), 0.0);
            row(tile, level, j, scratch);
            out.iter_mut().zip(scratch.iter()).for_each(|(out, value)| *out = T::of(*value));
        });
    }

    fn fill<T: Real>(
        &self,
        location: Location,
        values: &mut [T],
        row: impl Fn(&mut Vec<f64>, usize, usize, usize, &mut [T]) + Sync,
    ) {
        let levels = location.levels(self.nz);
        values.par_chunks_mut(self.level_len().max(1)).enumerate().for_each_init(
            Vec::new,
            |scratch, (chunk, level)| {
                for (index, tile) in self.tiles_of(chunk / levels) {
                    for j in 0..tile.nj {
                        row(scratch, index, chunk % levels, j, &mut level[self.row_range(tile, j)]);
                    }
                }
            },
        );
    }

    /// Hands the rows of an array over the bounding box to `row(local tile, level, j, cells)`.
    pub fn scatter<T: Real>(
        &self,
        location: Location,
        values: &[T],
        mut row: impl FnMut(usize, usize, usize, &[T]),
    ) {
        let levels = location.levels(self.nz);
        for (chunk, level) in values.chunks(self.level_len().max(1)).enumerate() {
            for (index, tile) in self.tiles_of(chunk / levels) {
                for j in 0..tile.nj {
                    row(index, chunk % levels, j, &level[self.row_range(tile, j)]);
                }
            }
        }
    }

    /// Where a row of a local tile lies in an array over the bounding box.
    pub fn row_of(&self, location: Location, tile: usize, level: usize, j: usize) -> Range<usize> {
        let tile = &self.tiles[tile];
        let chunk = (tile.panel - self.bounds.panel.start) * location.levels(self.nz) + level;
        let row = self.row_range(tile, j);
        let start = chunk * self.level_len() + row.start;
        start..start + row.len()
    }

    /// Values of an array over the bounding box.
    pub fn len(&self, location: Location) -> usize {
        self.bounds.panel.len() * location.levels(self.nz) * self.level_len()
    }

    /// Values of one level of one panel in the bounding box.
    fn level_len(&self) -> usize {
        self.bounds.x.len() * self.bounds.y.len()
    }

    /// The tiles on a panel of the bounding box, with their indices among the local ones.
    fn tiles_of(&self, panel: usize) -> impl Iterator<Item = (usize, &Tile)> {
        let panel = self.bounds.panel.start + panel;
        self.tiles.iter().enumerate().filter(move |(_, tile)| tile.panel == panel)
    }

    /// Where the cells of row `j` of a tile lie in a level of the bounding box.
    fn row_range(&self, tile: &Tile, j: usize) -> Range<usize> {
        let start = (tile.j0 + j - self.bounds.y.start) * self.bounds.x.len() + tile.i0 - self.bounds.x.start;
        start..start + tile.ni
    }
}

/// The columns of a tile.
fn block(tile: &Tile) -> Block {
    Block { panel: tile.panel..tile.panel + 1, y: tile.j0..tile.j0 + tile.nj, x: tile.i0..tile.i0 + tile.ni }
}

/// The same columns in fewer blocks: neighbours along x that share their rows are joined, then neighbours along
/// y that share their columns, then equal rectangles on consecutive panels.
fn merged(mut blocks: Vec<Block>) -> Vec<Block> {
    for axis in [Axis::X, Axis::Y, Axis::Panel] {
        // Those that can be joined come one after the other.
        blocks.sort_by_key(|block| {
            let (others, own) = block.ranges(axis);
            (others.map(|range| (range.start, range.end)), own.start)
        });
        let mut joined: Vec<Block> = Vec::new();
        for block in blocks {
            match joined.last_mut() {
                Some(last) if last.continues_in(&block, axis) => {
                    last.range_mut(axis).end = block.ranges(axis).1.end
                }
                _ => joined.push(block),
            }
        }
        blocks = joined;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(panel: usize, i0: usize, ni: usize, j0: usize, nj: usize) -> Tile {
        Tile { panel, i0, j0, ni, nj, nz: 2, halo_x: 3, halo_y: 3 }
    }

    /// The four quarters of a panel of 8 x 8 columns along the curve.
    fn quarters(panel: usize) -> [Tile; 4] {
        [(0, 0), (0, 4), (4, 4), (4, 0)].map(|(i0, j0)| tile(panel, i0, 4, j0, 4))
    }

    /// Checks that rows come back where they were put.
    fn assert_round_trip(part: &LocalPart, location: Location) {
        let value = |t: usize, k: usize, j: usize, i: usize| (1000 * t + 100 * k + 10 * j + i) as f64;
        let values = part.gather::<f64>(location, |_, t, k, j, row| {
            row.iter_mut().enumerate().for_each(|(i, cell)| *cell = value(t, k, j, i));
        });
        assert_eq!(values.len(), part.len(location));
        for (index, tile) in part.tiles.iter().enumerate() {
            let range = part.row_of(location, index, 1.min(location.levels(2) - 1), tile.nj - 1);
            assert_eq!(values[range.start], value(index, 1.min(location.levels(2) - 1), tile.nj - 1, 0));
            assert_eq!(range.len(), tile.ni);
        }
        let mut rows = 0;
        part.scatter(location, &values, |t, k, j, row| {
            rows += 1;
            for (i, cell) in row.iter().enumerate() {
                assert_eq!(*cell, value(t, k, j, i));
            }
        });
        let all: usize = part.tiles.iter().map(|tile| tile.nj).sum();
        assert_eq!(rows, location.levels(2) * all);
    }

    #[test]
    fn neighbours_are_merged() {
        let tiles = quarters(0);
        let whole = merged(tiles.iter().map(block).collect());
        assert_eq!(whole, [Block { panel: 0..1, y: 0..8, x: 0..8 }]);
        assert_eq!(merged(tiles[..3].iter().map(block).collect()).len(), 2);
    }

    #[test]
    fn whole_panels_are_one_block() {
        let globe: Vec<Tile> = (0..6).flat_map(quarters).collect();
        let part = LocalPart::of_tiles(globe, 2, true);
        assert_eq!(part.blocks, [Block { panel: 0..6, y: 0..8, x: 0..8 }]);
        let selections = part.selections(Some(3), Location::Interface);
        assert_eq!(selections.memory_shape, [1, 6, 3, 8, 8]);
        assert_eq!(selections.file, [Slab { start: vec![3, 0, 0, 0, 0], count: vec![1, 6, 3, 8, 8] }]);
    }

    #[test]
    fn gathered_rows_are_scattered_back() {
        let part = LocalPart::of_tiles(vec![tile(0, 2, 3, 1, 2), tile(0, 5, 2, 3, 4)], 2, false);
        assert_round_trip(&part, Location::Centre);
        assert_eq!(part.selections(Some(3), Location::Centre).file.len(), 2);
        let surface = part.selections(Some(3), Location::Surface);
        assert_eq!(surface.memory_shape, [1, 6, 5]);
        assert_eq!(surface.file[0], Slab { start: vec![3, 1, 2], count: vec![1, 2, 3] });
    }

    #[test]
    fn a_part_may_lie_on_several_panels() {
        // The last half of panel 1, panels 2 and 3, the first quarter of panel 4.
        let half = quarters(1).into_iter().skip(2);
        let tiles: Vec<Tile> =
            half.chain(quarters(2)).chain(quarters(3)).chain(quarters(4).into_iter().take(1)).collect();
        let part = LocalPart::of_tiles(tiles, 2, true);
        for location in [Location::Centre, Location::Interface, Location::Surface] {
            assert_round_trip(&part, location);
        }
        let selections = part.selections(None, Location::Centre);
        assert_eq!(selections.memory_shape, [4, 2, 8, 8]);
        let starts: Vec<&[usize]> = selections.file.iter().map(|slab| &slab.start[..]).collect();
        assert_eq!(starts, [&[4, 0, 0, 0], &[2, 0, 0, 0], &[1, 0, 0, 4]]);
        assert_eq!(selections.memory[2].start, [0, 0, 0, 4]);
        assert_eq!(selections.file[1].count, [2, 2, 8, 8]);
    }

    #[test]
    fn a_rank_without_tiles_selects_nothing() {
        let part = LocalPart::of_tiles(vec![], 3, false);
        assert!(part.gather::<f32>(Location::Centre, |_, _, _, _, _| unreachable!()).is_empty());
        assert!(part.selections(None, Location::Centre).file.is_empty());
    }
}
