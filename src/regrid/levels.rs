//! Whole levels of the sphere, each on one rank.
//!
//! Every rank has some columns of all levels, and what is to be interpolated is a level with all columns. So levels are
//! dealt out: the first to rank 0, the second to rank 1, and so on, a batch of as many at a time as there are ranks (of
//! many ranks only some take part). No rank ever holds more than one level of a field.

use super::Columns;
use crate::comm::{Messages, Peer, World};
use crate::mesh::cubed_sphere::PANELS;
use crate::mesh::{Mesh, Tile};
use std::collections::BTreeMap;

/// Ranks that levels are dealt out to, at most: more would only make more and smaller messages.
const MOST: usize = 64;
/// Tag of the messages; only one set is under way at a time.
const TAG: u16 = 1001;

/// The way of columns to the ranks that get whole levels.
pub struct Levels {
    /// The tiles of every rank, where levels are put together.
    everybody: Vec<Vec<Tile>>,
    /// Columns of every rank.
    counts: Vec<usize>,
    /// Columns along the edge of a panel.
    n: usize,
    /// Messages to as many of the first ranks.
    messages: BTreeMap<usize, Box<dyn Messages>>,
    world: World,
}

impl Levels {
    /// For the columns of all ranks of `mesh`.
    pub fn new(mesh: &Mesh, world: &World) -> Self {
        let everybody: Vec<Vec<Tile>> =
            mesh.owned.iter().map(|range| mesh.tiles[range.clone()].to_vec()).collect();
        let counts = everybody.iter().map(|tiles| tiles.iter().map(Tile::columns).sum()).collect();
        let everybody = if takes_part(world) { everybody } else { Vec::new() };
        let [n, _] = mesh.geometry.extent();
        Levels { everybody, counts, n, messages: BTreeMap::new(), world: world.clone() }
    }

    /// The number of this rank.
    pub fn rank(&self) -> usize {
        self.world.rank()
    }

    /// The levels of a batch that begins with level `first` of `levels`.
    pub fn batch(&self, first: usize, levels: usize) -> usize {
        self.world.size().min(MOST).min(levels - first)
    }

    /// The values of all columns (panel, y, x) of level `first` + this rank's number, from `field`, the levels of this
    /// rank's `columns`; `None` if that is none of the batch of `batch` levels. All ranks call this.
    pub fn deal(&mut self, columns: &Columns, field: &[f64], first: usize, batch: usize) -> Option<Vec<f64>> {
        let (rank, count) = (self.world.rank(), columns.count());
        let level = |number: usize| &field[(first + number) * count..][..count];
        let Levels { everybody, counts, n, messages, world } = self;
        let others: Vec<Peer> = peers(counts, rank, batch);
        let messages = messages.entry(batch).or_insert_with(|| world.messages(&others, TAG));
        for (number, peer) in others.iter().enumerate().filter(|(_, peer)| peer.send_bytes > 0) {
            messages.send_buffer(number).copy_from_slice(bytemuck::cast_slice(level(peer.rank)));
        }
        messages.start();
        messages.finish();
        if rank >= batch {
            return None;
        }
        let mut all = vec![0.0; PANELS * *n * *n];
        place(&mut all, *n, &everybody[rank], level(rank));
        for (number, peer) in others.iter().enumerate().filter(|(_, peer)| peer.receive_bytes > 0) {
            place(&mut all, *n, &everybody[peer.rank], bytemuck::cast_slice(messages.receive_buffer(number)));
        }
        Some(all)
    }
}

/// Whether levels are dealt out to this rank.
pub fn takes_part(world: &World) -> bool {
    world.rank() < MOST
}

/// The ranks that get something of this one, or it something of them, for a batch of `batch` levels; `counts` are the
/// columns of all ranks.
fn peers(counts: &[usize], rank: usize, batch: usize) -> Vec<Peer> {
    let bytes = |count: usize, receiver: usize| if receiver < batch { count * size_of::<f64>() } else { 0 };
    let peer = |(other, &count): (usize, &usize)| Peer {
        rank: other,
        send_bytes: bytes(counts[rank], other),
        receive_bytes: bytes(count, rank),
    };
    let others = counts.iter().enumerate().filter(|(other, _)| *other != rank).map(peer);
    others.filter(|peer| peer.send_bytes > 0 || peer.receive_bytes > 0).collect()
}

/// Puts the columns of some tiles where they belong among all.
fn place(all: &mut [f64], n: usize, tiles: &[Tile], level: &[f64]) {
    let mut rest = level;
    for tile in tiles {
        for j in 0..tile.nj {
            let (row, others) = rest.split_at(tile.ni);
            all[(tile.panel * n + tile.j0 + j) * n + tile.i0..][..tile.ni].copy_from_slice(row);
            rest = others;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::single::Single;
    use crate::mesh::{CubedSphere, Geometry};
    use std::sync::Arc;

    #[test]
    fn levels_are_put_together_whatever_the_tiles() {
        for tile in [4, 5, 10] {
            let geometry = Geometry::CubedSphere(CubedSphere::new(10, 1.0, 0.2));
            let mesh = Mesh::of_geometry(geometry, &[0.0, 1.0, 2.0], [tile, tile], 0, 1).unwrap();
            let world: World = Arc::new(Single);
            let columns = Columns::new(&mesh);
            let field = columns.field(2, |index, k, j, out| {
                let tile = &mesh.tiles[index];
                for (i, out) in out.iter_mut().enumerate() {
                    let column = (tile.panel * 10 + tile.j0 + j) * 10 + tile.i0 + i;
                    *out = (1000 * k + column) as f64;
                }
            });
            let mut levels = Levels::new(&mesh, &world);
            assert_eq!(levels.batch(0, 2), 1);
            let all = levels.deal(&columns, &field, 1, 1).unwrap();
            assert!(all.iter().enumerate().all(|(column, value)| *value == (1000 + column) as f64), "{tile}");
        }
    }

    #[test]
    fn messages_of_two_ranks_mirror_each_other() {
        let counts = [10, 20, 30, 40];
        for batch in 1..=4 {
            for rank in 0..4 {
                for peer in peers(&counts, rank, batch) {
                    let theirs = peers(&counts, peer.rank, batch);
                    let back = theirs.iter().find(|back| back.rank == rank).expect("it knows of this rank");
                    assert_eq!((peer.send_bytes, peer.receive_bytes), (back.receive_bytes, back.send_bytes));
                    assert_eq!(peer.receive_bytes > 0, rank < batch);
                }
            }
        }
    }
}
