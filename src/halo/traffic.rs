//! What halo exchanges move between the ranks, worked out for all ranks at once.

use super::plan::{Reach, Transfer, transfers_into};
use crate::mesh::{Mesh, SPHERE_HALO};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A halo exchange that every step repeats, as it is known before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    pub reach: Reach,
    /// Values of a column that travel: the levels of all its fields together.
    pub values: usize,
    /// How often a step does it.
    pub times: usize,
    /// Whether the tiles that need no message are advanced while messages travel.
    pub overlaps: bool,
}

impl Repeated {
    /// An exchange that is waited for at once.
    pub fn waiting(reach: Reach, values: usize, times: usize) -> Self {
        Repeated { reach, values, times, overlaps: false }
    }

    /// An exchange during which the inner tiles are advanced.
    pub fn overlapping(reach: Reach, values: usize, times: usize) -> Self {
        Repeated { reach, values, times, overlaps: true }
    }
}

/// How much longer a value takes in the short rows of a western or eastern halo than in long ones (measured: 2.0 and
/// 0.55 ns).
const SHORT_ROWS: usize = 4;

/// How much longer a value takes that is made up beyond an open side.
const OPEN_SIDES: usize = 9;

/// What one exchange moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Columns that every rank receives, by the rank that sends them.
    pub received: Vec<BTreeMap<usize, usize>>,
    /// For every tile the work of filling its halo from other ranks, and from tiles of its own rank or beyond open
    /// sides: in columns of long rows.
    pub tiles: Vec<[usize; 2]>,
}

impl Traffic {
    /// The traffic of an exchange on all ranks of a mesh.
    pub fn new(mesh: &Mesh, reach: Reach) -> Self {
        let sources = |destination: usize| -> Vec<(usize, usize, usize)> {
            let transfers = transfers_into(mesh, destination, reach);
            let work = |transfer: &Transfer| {
                let is_short = transfer.extent.0 <= SPHERE_HALO;
                transfer.columns() * if is_short { SHORT_ROWS } else { 1 }
            };
            let source =
                |transfer: &Transfer| (mesh.owner(transfer.source), transfer.columns(), work(transfer));
            transfers.iter().map(source).collect()
        };
        let sources: Vec<_> = (0..mesh.tiles.len()).into_par_iter().map(sources).collect();
        let mut received = vec![BTreeMap::new(); mesh.owned.len()];
        let mut tiles = vec![[0; 2]; mesh.tiles.len()];
        for (tile, sources) in sources.into_iter().enumerate() {
            let receiver = mesh.owner(tile);
            let filled: usize = sources.iter().map(|(_, columns, _)| columns).sum();
            if mesh.plane().is_some() {
                tiles[tile][1] += OPEN_SIDES * (reach.columns(&mesh.tiles[tile]) - filled);
            }
            for (sender, columns, work) in sources {
                tiles[tile][usize::from(sender == receiver)] += work;
                if sender != receiver {
                    *received[receiver].entry(sender).or_insert(0) += columns;
                }
            }
        }
        Traffic { received, tiles }
    }

    /// Columns that every rank sends, by the rank that receives them.
    pub fn sent(&self) -> Vec<BTreeMap<usize, usize>> {
        let mut sent = vec![BTreeMap::new(); self.received.len()];
        for (receiver, received) in self.received.iter().enumerate() {
            for (&sender, &columns) in received {
                sent[sender].insert(receiver, columns);
            }
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LateralBoundary::Periodic;
    use crate::mesh::{HALO, Plane};

    #[test]
    fn two_ranks_of_a_periodic_row_exchange_both_halos() {
        let plane = Plane {
            nx: 16,
            ny: 1,
            dx: 1.0,
            dy: 1.0,
            x_min: 0.0,
            y_min: 0.0,
            x_boundary: Periodic,
            y_boundary: Periodic,
        };
        let mesh = Mesh::of_plane(plane, &[0.0, 1.0], [4, 1], 0, 2).unwrap();
        let traffic = Traffic::new(&mesh, Reach::of_plane(&mesh));
        let columns = 2 * HALO;
        assert_eq!(traffic.received, [BTreeMap::from([(1, columns)]), BTreeMap::from([(0, columns)])]);
        assert_eq!(traffic.sent(), traffic.received);
        assert_eq!(traffic.tiles, [[SHORT_ROWS * HALO; 2]; 4]);
    }
}
