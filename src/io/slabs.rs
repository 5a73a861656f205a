//! Rows on their way to the ranks that write them: every rank writes a run of whole chunks.
//!
//! A rank's tiles are short rows all over a variable's array, and written as they lie they are as many small writes.
//! So the ranks first exchange rows, such that each has a run of the array that is contiguous in the file. What goes
//! into the file does not depend on it. (The same is called two-phase collective input and output by Thakur, Gropp and
//! Lusk 1999; MPI libraries do it, or not.)

use super::hdf5_raw::{Selections, Slab};
use super::local_part::LocalPart;
use super::netcdf::{self, NetcdfFile};
use crate::aligned::Aligned;
use crate::comm::{Messages, Peer, World};
use crate::error::Result;
use crate::mesh::{Mesh, Tile};
use crate::real::Real;
use crate::state::Location;
use std::ops::Range;

/// Tag of the exchange; only one is under way at a time.
const TAG: u16 = 1000;
/// Ranks that write, at most: more would only make more and smaller messages.
const MOST_WRITERS: usize = 64;

/// The rows of a global array (panel, level, y, x), counted in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rows {
    panels: usize,
    levels: usize,
    ny: usize,
    /// Values of a row.
    nx: usize,
}

/// The same rectangle of rows on some panels and levels.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rectangle {
    panel: Range<usize>,
    level: Range<usize>,
    y: Range<usize>,
}

impl Rectangle {
    fn rows(&self) -> usize {
        self.panel.len() * self.level.len() * self.y.len()
    }

    /// The index of a row among those of the rectangle.
    fn index(&self, panel: usize, level: usize, y: usize) -> usize {
        let sheet = (panel - self.panel.start) * self.level.len() + level - self.level.start;
        sheet * self.y.len() + y - self.y.start
    }
}

impl Rows {
    fn count(&self) -> usize {
        self.panels * self.levels * self.ny
    }

    fn number(&self, panel: usize, level: usize, y: usize) -> usize {
        (panel * self.levels + level) * self.ny + y
    }

    /// A run of rows as few rectangles, in its order.
    fn rectangles(&self, run: &Range<usize>) -> Vec<Rectangle> {
        let of_panel = self.levels * self.ny;
        let mut found = Vec::new();
        let mut at = run.start;
        while at < run.end {
            let (panel, level, y) = (at / of_panel, at / self.ny % self.levels, at % self.ny);
            let left = run.end - at;
            let rectangle = if y > 0 || left < self.ny {
                let end = self.ny.min(y + left);
                Rectangle { panel: panel..panel + 1, level: level..level + 1, y: y..end }
            } else if level > 0 || left < of_panel {
                let end = self.levels.min(level + left / self.ny);
                Rectangle { panel: panel..panel + 1, level: level..end, y: 0..self.ny }
            } else {
                Rectangle { panel: panel..panel + left / of_panel, level: 0..self.levels, y: 0..self.ny }
            };
            at += rectangle.rows();
            found.push(rectangle);
        }
        found
    }

    /// The smallest rectangle around a run of rows.
    fn around(&self, run: &Range<usize>) -> Rectangle {
        let join = |a: Range<usize>, b: Range<usize>| a.start.min(b.start)..a.end.max(b.end);
        let joined = self.rectangles(run).into_iter().reduce(|a, b| Rectangle {
            panel: join(a.panel, b.panel),
            level: join(a.level, b.level),
            y: join(a.y, b.y),
        });
        joined.unwrap_or(Rectangle { panel: 0..0, level: 0..0, y: 0..0 })
    }

    /// Rows that are stored in one piece, and so written by one rank, for chunks of these lengths along panel, level
    /// and y.
    fn in_one_piece(&self, [panels, levels, y]: [usize; 3]) -> Vec<Range<usize>> {
        let pieces =
            |length: usize, step: usize| (0..length).step_by(step).map(move |at| at..length.min(at + step));
        let mut found = Vec::new();
        for panel in pieces(self.panels, panels) {
            for level in pieces(self.levels, levels) {
                for y in pieces(self.ny, y) {
                    let first = self.number(panel.start, level.start, y.start);
                    let last = self.number(panel.end - 1, level.end - 1, y.end - 1);
                    found.push(first..last + 1);
                }
            }
        }
        found
    }

    /// The run of rows that every one of `ranks` ranks writes, empty for most of many; `pieces` follow each other.
    fn shared_out(&self, pieces: &[Range<usize>], ranks: usize) -> Vec<Range<usize>> {
        let writers = ranks.min(pieces.len()).clamp(1, MOST_WRITERS);
        let mut runs = vec![0..0; ranks];
        for writer in 0..writers {
            let own = pieces.len() * writer / writers..pieces.len() * (writer + 1) / writers;
            let begin = pieces.get(own.start).map_or(0, |piece| piece.start);
            // Every writer lives as far from the others as can be: on another host if there are enough.
            runs[writer * ranks / writers] =
                begin..pieces.get(own.end).map_or(self.count(), |piece| piece.start);
        }
        runs
    }
}

/// The way of a variable's rows to the ranks that write them.
pub struct Slabs {
    location: Location,
    has_panels: bool,
    rows: Rows,
    /// What each rank writes.
    runs: Vec<Range<usize>>,
    rank: usize,
    /// The tiles of the other ranks that this one gets rows from.
    sources: Vec<Vec<Tile>>,
    /// The runs of the other ranks that get rows of this one.
    destinations: Vec<Range<usize>>,
    own: Vec<Tile>,
    /// To the destinations, then from the sources; `None` for a rank that is alone.
    messages: Option<Box<dyn Messages>>,
    /// The rows that this rank writes, in the rectangle around them; none for a rank that is alone.
    slab: Aligned<u8>,
}

impl Slabs {
    /// For variables of a location, of so many bytes a value. All ranks call this.
    pub fn new(mesh: &Mesh, world: &World, location: Location, bytes: usize) -> Self {
        let [nx, ny] = mesh.geometry.extent();
        let (panels, levels) = (mesh.geometry.panels(), location.levels(mesh.vertical.nz()));
        let (rows, has_panels) = (Rows { panels, levels, ny, nx }, mesh.sphere().is_some());
        let [_, panel, level, y, _] = netcdf::chunk_of_record([panels, levels, ny, nx]);
        let runs = rows.shared_out(&rows.in_one_piece([panel, level, y]), world.size());
        let rank = world.rank();
        let own = mesh.local_tiles().to_vec();
        let size = |tiles: &[Tile], run: &Range<usize>| -> usize {
            pieces(&rows, tiles, run).map(|(tile, _, y)| y.len() * tiles[tile].ni * bytes).sum()
        };
        let (mut sources, mut destinations, mut peers) = (Vec::new(), Vec::new(), Vec::new());
        for (other, run) in runs.iter().enumerate().filter(|(other, _)| *other != rank) {
            let send_bytes = size(&own, run);
            if send_bytes > 0 {
                destinations.push(run.clone());
                peers.push(Peer { rank: other, send_bytes, receive_bytes: 0 });
            }
        }
        for (other, tiles) in mesh.owned.iter().enumerate().filter(|(other, _)| *other != rank) {
            let tiles = &mesh.tiles[tiles.clone()];
            let receive_bytes = size(tiles, &runs[rank]);
            if receive_bytes > 0 {
                sources.push(tiles.to_vec());
                peers.push(Peer { rank: other, send_bytes: 0, receive_bytes });
            }
        }
        let messages = (world.size() > 1).then(|| world.messages(&peers, TAG));
        let written = if messages.is_some() { rows.around(&runs[rank]).rows() * nx } else { 0 };
        let slab = Aligned::zeros(written * bytes);
        Slabs { location, has_panels, rows, runs, rank, sources, destinations, own, messages, slab }
    }

    /// Writes a variable of which every rank has its part, over the part's bounding box.
    ///
    /// # Errors
    /// If HDF5 cannot write, for instance because the disk is full.
    pub fn write<T: Real>(
        &mut self,
        file: &NetcdfFile,
        name: &str,
        record: Option<usize>,
        part: &LocalPart,
        values: &[T],
    ) -> Result<()> {
        let selections = self.selections(record);
        if self.messages.is_none() {
            return file.write_selected(name, &selections, values);
        }
        file.write_selected(name, &selections, self.exchange(part, values))
    }

    /// What this rank writes, from an array over the rectangle around it. HDF5 is fast where the selections in memory
    /// and in the file have the same shape.
    fn selections(&self, record: Option<usize>) -> Selections {
        let run = &self.runs[self.rank];
        if run.is_empty() {
            return Selections::nothing();
        }
        let has_levels = self.location != Location::Surface;
        let indices = |time: usize, panel: usize, level: usize, y: usize, x: usize| -> Vec<usize> {
            let (time, panel) = (record.map(|_| time), self.has_panels.then_some(panel));
            time.into_iter().chain(panel).chain(has_levels.then_some(level)).chain([y, x]).collect()
        };
        let counts = |Rectangle { panel, level, y }: &Rectangle| {
            indices(1, panel.len(), level.len(), y.len(), self.rows.nx)
        };
        let around = self.rows.around(run);
        let rectangles = self.rows.rectangles(run);
        let slabs = |time: usize, panel: usize, level: usize, y: usize| {
            let slab = |part: &Rectangle| Slab {
                start: indices(time, part.panel.start - panel, part.level.start - level, part.y.start - y, 0),
                count: counts(part),
            };
            rectangles.iter().map(slab).collect::<Vec<_>>()
        };
        Selections {
            memory_shape: counts(&around),
            memory: slabs(0, around.panel.start, around.level.start, around.y.start),
            file: slabs(record.unwrap_or(0), 0, 0, 0),
        }
    }

    /// The rows that this rank writes, in the rectangle around them.
    fn exchange<T: Real>(&mut self, part: &LocalPart, values: &[T]) -> &[T] {
        let Slabs { rows, runs, rank, sources, destinations, own, messages, location, slab, .. } = self;
        let messages = messages.as_mut().expect("a rank that is alone has nothing to exchange");
        let slab: &mut [T] = bytemuck::cast_slice_mut(slab);
        for (peer, run) in destinations.iter().enumerate() {
            let mut buffer: &mut [T] = bytemuck::cast_slice_mut(messages.send_buffer(peer));
            for (tile, level, y) in pieces(rows, own, run) {
                for j in y {
                    let row = &values[part.row_of(*location, tile, level, j - own[tile].j0)];
                    let (first, rest) = std::mem::take(&mut buffer).split_at_mut(row.len());
                    first.copy_from_slice(row);
                    buffer = rest;
                }
            }
        }
        messages.start();
        let run = &runs[*rank];
        let around = rows.around(run);
        let place = |tile: &Tile, level: usize, y: usize| {
            let start = around.index(tile.panel, level, y) * rows.nx + tile.i0;
            start..start + tile.ni
        };
        for (tile, level, y) in pieces(rows, own, run) {
            for j in y {
                let row = &values[part.row_of(*location, tile, level, j - own[tile].j0)];
                slab[place(&own[tile], level, j)].copy_from_slice(row);
            }
        }
        messages.finish();
        for (number, tiles) in sources.iter().enumerate() {
            let mut received: &[T] =
                bytemuck::cast_slice(messages.receive_buffer(destinations.len() + number));
            for (tile, level, y) in pieces(rows, tiles, run) {
                for j in y {
                    let (row, rest) = received.split_at(tiles[tile].ni);
                    slab[place(&tiles[tile], level, j)].copy_from_slice(row);
                    received = rest;
                }
            }
        }
        slab
    }
}

/// What of a run of rows lies in tiles: index of the tile, level, y; in the same order wherever it is asked.
fn pieces<'a>(
    rows: &'a Rows,
    tiles: &'a [Tile],
    run: &'a Range<usize>,
) -> impl Iterator<Item = (usize, usize, Range<usize>)> + 'a {
    tiles.iter().enumerate().flat_map(move |(index, tile)| {
        (0..rows.levels).filter_map(move |level| {
            let first = rows.number(tile.panel, level, 0);
            let inside = |row: usize| row.clamp(first, first + rows.ny) - first;
            let y = inside(run.start).max(tile.j0)..inside(run.end).min(tile.j0 + tile.nj);
            (!y.is_empty()).then_some((index, level, y))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: Rows = Rows { panels: 6, levels: 5, ny: 4, nx: 3 };

    /// The rows of a rectangle, in their order.
    fn numbers(rectangle: &Rectangle) -> impl Iterator<Item = usize> {
        let Rectangle { panel, level, y } = rectangle.clone();
        panel.flat_map(move |panel| {
            let y = y.clone();
            level.clone().flat_map(move |level| y.clone().map(move |y| ROWS.number(panel, level, y)))
        })
    }

    #[test]
    fn rectangles_are_the_run() {
        for start in 0..ROWS.count() {
            for end in start..=ROWS.count() {
                let rectangles = ROWS.rectangles(&(start..end));
                assert!(rectangles.iter().flat_map(numbers).eq(start..end), "{start}..{end}");
                assert!(rectangles.len() <= 7, "{start}..{end}: {rectangles:?}");
                let around = ROWS.around(&(start..end));
                let inside = rectangles.iter().all(|part| {
                    let last = around.index(part.panel.end - 1, part.level.end - 1, part.y.end - 1);
                    last < around.rows()
                });
                assert!(inside, "{start}..{end}: {around:?}");
            }
        }
        assert_eq!(ROWS.rectangles(&(0..ROWS.count())).len(), 1);
    }

    #[test]
    fn every_row_is_written_once_and_chunks_stay_whole() {
        for chunk in [[1, 2, 4], [1, 1, 3], [6, 5, 4]] {
            let pieces = ROWS.in_one_piece(chunk);
            assert!(pieces.iter().cloned().flatten().eq(0..ROWS.count()));
            for ranks in [1, 2, 7, 200] {
                let runs = ROWS.shared_out(&pieces, ranks);
                assert_eq!(runs.len(), ranks);
                let mut written: Vec<Range<usize>> = runs.into_iter().filter(|run| !run.is_empty()).collect();
                assert!(written.len() <= MOST_WRITERS);
                written.sort_by_key(|run| run.start);
                assert!(written.iter().cloned().flatten().eq(0..ROWS.count()));
                assert!(written.iter().all(|run| pieces.iter().any(|piece| piece.start == run.start)));
            }
        }
    }

    #[test]
    fn pieces_of_tiles_are_the_run() {
        let tile = |panel: usize, i0: usize, j0: usize, nj: usize| Tile {
            panel,
            i0,
            j0,
            ni: 3 - i0,
            nj,
            nz: 5,
            halo_x: 3,
            halo_y: 3,
        };
        let tiles = [tile(1, 0, 0, 2), tile(1, 0, 2, 2), tile(2, 0, 0, 4)];
        let run = 33..50;
        let found = pieces(&ROWS, &tiles, &run).flat_map(|(index, level, y)| {
            let panel = tiles[index].panel;
            y.map(move |y| ROWS.number(panel, level, y))
        });
        let mut found: Vec<usize> = found.collect();
        found.sort_unstable();
        assert!(found.into_iter().eq(run));
    }
}
