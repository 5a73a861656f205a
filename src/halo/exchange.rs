//! Carrying out the halo plan for a set of fields.

use super::plan::{HaloPlan, Transfer};
use crate::comm::{Communicator, Messages, Peer};
use crate::mesh::{HALO, Layout, Mesh};
use crate::real::Real;
use crate::state::{Field, TileState};
use rayon::prelude::*;

/// How a field changes in a mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// A scalar, or a vertical component.
    Even,
    /// The x component of a horizontal vector.
    OddX,
    /// The y component.
    OddY,
}

/// Fields of a tile that are exchanged together.
pub trait HaloFields<T>: Send + Sync {
    /// Field number `n`.
    fn field(&self, n: usize) -> &Field<T>;
    fn field_mut(&mut self, n: usize) -> &mut Field<T>;
}

/// The five dynamic fields.
impl<T: Real> HaloFields<T> for TileState<T> {
    fn field(&self, n: usize) -> &Field<T> {
        self.dynamic()[n]
    }
    fn field_mut(&mut self, n: usize) -> &mut Field<T> {
        let [a, b, c, d, e] = self.dynamic_mut();
        [a, b, c, d, e].into_iter().nth(n).expect("one of the dynamic fields")
    }
}

/// Any number of fields at cell centres.
impl<T: Real> HaloFields<T> for Vec<Field<T>> {
    fn field(&self, n: usize) -> &Field<T> {
        &self[n]
    }
    fn field_mut(&mut self, n: usize) -> &mut Field<T> {
        &mut self[n]
    }
}

/// A repeated halo exchange of a fixed set of fields.
///
/// `start` packs and sends, `copy_local` fills what comes from this rank's own tiles, `wait` and `unpack`
/// do the rest; the tiles of [`HaloExchange::inner`] can be worked on before `wait`.
pub struct HaloExchange<T> {
    parities: Vec<Parity>,
    /// Transfers between tiles of this rank, grouped by destination; tile numbers are local.
    local: Vec<Vec<Transfer>>,
    /// Transfers to and from other ranks, by neighbour; the number of this rank's tile is local.
    sends: Vec<Vec<Transfer>>,
    receives: Vec<Vec<Transfer>>,
    messages: Box<dyn Messages>,
    inner: Vec<bool>,
    /// Addresses of the fields' values, refreshed in every exchange; kept to avoid allocation.
    addresses: Vec<Address<T>>,
}

/// The values of one field of one tile, for copies between tiles.
#[derive(Clone, Copy)]
struct Address<T> {
    values: *mut T,
    layout: Layout,
}

// SAFETY: an address is dereferenced only inside `copy_local`, which holds the tiles exclusively and lets
// every thread write the halo of its own destination tile and read interiors, which nobody writes.
unsafe impl<T: Send> Send for Address<T> {}
unsafe impl<T: Send> Sync for Address<T> {}

impl<T: Real> HaloExchange<T> {
    /// Prepares the exchange of fields with the given parities and numbers of levels. `tag` tells it
    /// apart from other exchanges under way at the same time.
    pub fn new(
        mesh: &Mesh,
        parities: &[Parity],
        levels: &[usize],
        communicator: &dyn Communicator,
        tag: u16,
    ) -> Self {
        let plan = HaloPlan::new(mesh);
        let mine = mesh.owned[mesh.rank].clone();
        let here = |tile: usize| tile - mine.start;
        let mut local = vec![Vec::new(); mine.len()];
        for transfer in &plan.local {
            let numbered = Transfer {
                source: here(transfer.source),
                destination: here(transfer.destination),
                ..*transfer
            };
            local[numbered.destination].push(numbered);
        }
        let mut inner = vec![true; mine.len()];
        let empty = Vec::new();
        let (mut sends, mut receives, mut peers) = (Vec::new(), Vec::new(), Vec::new());
        let values_a_column: usize = levels.iter().sum();
        let bytes = |transfers: &[Transfer]| {
            transfers.iter().map(Transfer::columns).sum::<usize>() * values_a_column * size_of::<T>()
        };
        for rank in plan.neighbours() {
            let outgoing = plan.sends.get(&rank).unwrap_or(&empty);
            let incoming = plan.receives.get(&rank).unwrap_or(&empty);
            peers.push(Peer { rank, send_bytes: bytes(outgoing), receive_bytes: bytes(incoming) });
            sends.push(outgoing.iter().map(|t| Transfer { source: here(t.source), ..*t }).collect());
            let incoming: Vec<Transfer> =
                incoming.iter().map(|t| Transfer { destination: here(t.destination), ..*t }).collect();
            for transfer in &incoming {
                inner[transfer.destination] = false;
            }
            receives.push(incoming);
        }
        let messages = communicator.messages(&peers, tag);
        let addresses = Vec::with_capacity(mine.len() * parities.len());
        HaloExchange { parities: parities.to_vec(), local, sends, receives, messages, inner, addresses }
    }

    /// For every local tile, whether its halo needs no message.
    pub fn inner(&self) -> &[bool] {
        &self.inner
    }

    /// Whether any message is exchanged at all.
    pub fn has_messages(&self) -> bool {
        !self.receives.is_empty()
    }

    /// Packs the messages and sends them.
    pub fn start<F: HaloFields<T>>(&mut self, tiles: &[F]) {
        for (peer, transfers) in self.sends.iter().enumerate() {
            let buffer: &mut [T] = bytemuck::cast_slice_mut(self.messages.send_buffer(peer));
            let mut rest = buffer;
            for transfer in transfers {
                for (n, &parity) in self.parities.iter().enumerate() {
                    rest = pack(transfer, parity, tiles[transfer.source].field(n), rest);
                }
            }
        }
        if self.has_messages() {
            self.messages.start();
        }
    }

    /// Fills the halos that come from tiles of this rank.
    pub fn copy_local<F: HaloFields<T>>(&mut self, tiles: &mut [F]) {
        let fields = self.parities.len();
        self.addresses.clear();
        for tile in tiles.iter_mut() {
            for n in 0..fields {
                let field = tile.field_mut(n);
                let layout = field.layout();
                self.addresses.push(Address { values: field.values_mut().as_mut_ptr(), layout });
            }
        }
        let addresses = &self.addresses;
        self.local.par_iter().with_max_len(1).for_each(|transfers| {
            for transfer in transfers {
                for (n, &parity) in self.parities.iter().enumerate() {
                    let source = addresses[transfer.source * fields + n];
                    let destination = addresses[transfer.destination * fields + n];
                    // SAFETY: `tiles` is borrowed exclusively; ghost cells of a destination are written by
                    // this iteration alone, and sources are interior cells, which nobody writes.
                    unsafe { copy(transfer, parity, source, destination) };
                }
            }
        });
    }

    /// Waits for the messages of others.
    pub fn wait(&mut self) {
        if self.has_messages() {
            self.messages.finish();
        }
    }

    /// Fills the halos that come from other ranks, after [`HaloExchange::wait`].
    pub fn unpack<F: HaloFields<T>>(&mut self, tiles: &mut [F]) {
        for (peer, transfers) in self.receives.iter().enumerate() {
            let mut rest: &[T] = bytemuck::cast_slice(self.messages.receive_buffer(peer));
            for transfer in transfers {
                for n in 0..self.parities.len() {
                    rest = unpack(transfer, tiles[transfer.destination].field_mut(n), rest);
                }
            }
        }
    }

    /// The whole exchange at once.
    pub fn exchange<F: HaloFields<T>>(&mut self, tiles: &mut [F]) {
        self.start(tiles);
        self.copy_local(tiles);
        self.wait();
        self.unpack(tiles);
    }
}

/// The factor that a mirror puts on a field.
fn sign<T: Real>(transfer: &Transfer, parity: Parity) -> T {
    let flips = match parity {
        Parity::Even => false,
        Parity::OddX => transfer.flip_x,
        Parity::OddY => transfer.flip_y,
    };
    if flips { -T::ONE } else { T::ONE }
}

/// Writes the values of one transfer to the front of `buffer` and returns the rest of it. The order is
/// that of the destination's storage: rows along y, levels, rows along x.
fn pack<'a, T: Real>(
    transfer: &Transfer,
    parity: Parity,
    field: &Field<T>,
    buffer: &'a mut [T],
) -> &'a mut [T] {
    let layout = field.layout();
    let (ni, nj) = transfer.extent;
    let (mine, rest) = buffer.split_at_mut(ni * nj * layout.levels);
    let sign = sign::<T>(transfer, parity);
    let mut values = mine.chunks_exact_mut(ni);
    for b in 0..nj {
        for k in 0..layout.levels {
            let row = values.next().expect("a row for every level");
            for (a, value) in row.iter_mut().enumerate() {
                let (i, j) = transfer.source_cell(a, b);
                *value = sign * field.get(i, j, k);
            }
        }
    }
    rest
}

/// Inverse of [`pack`], on the receiving side.
fn unpack<'a, T: Real>(transfer: &Transfer, field: &mut Field<T>, buffer: &'a [T]) -> &'a [T] {
    let layout = field.layout();
    let (ni, nj) = transfer.extent;
    let (mine, rest) = buffer.split_at(ni * nj * layout.levels);
    let mut rows = mine.chunks_exact(ni);
    for b in 0..nj {
        for k in 0..layout.levels {
            let (i, j) = transfer.ghost_cell(0, b);
            let start = layout.at(i, j, k);
            field.values_mut()[start..start + ni]
                .copy_from_slice(rows.next().expect("a row for every level"));
        }
    }
    rest
}

/// Copies one transfer between two fields of this rank.
///
/// # Safety
/// Both addresses must be those of live fields with the given layouts; nobody else may write the source
/// cells or touch the ghost cells of the destination meanwhile.
unsafe fn copy<T: Real>(transfer: &Transfer, parity: Parity, source: Address<T>, destination: Address<T>) {
    let (ni, nj) = transfer.extent;
    let sign = sign::<T>(transfer, parity);
    let straight = transfer.orientation.along_x == (1, 0);
    for b in 0..nj {
        for k in 0..source.layout.levels {
            let (i, j) = transfer.ghost_cell(0, b);
            let to = destination.layout.at(i, j, k);
            let (i, j) = transfer.source_cell(0, b);
            let from = source.layout.at(i, j, k);
            debug_assert!(to + ni <= destination.layout.len());
            // Rows of a western or eastern halo are too short for a library call.
            if straight && sign == T::ONE && ni > HALO {
                // SAFETY: see the function's contract; interiors and halos do not overlap.
                unsafe {
                    std::ptr::copy_nonoverlapping(source.values.add(from), destination.values.add(to), ni);
                }
                continue;
            }
            let step = if straight { 1 } else { stride(transfer, source.layout) };
            for a in 0..ni {
                // SAFETY: see the function's contract.
                unsafe {
                    let value = *source.values.offset(from as isize + a as isize * step);
                    *destination.values.add(to + a) = sign * value;
                }
            }
        }
    }
}

/// Distance in the source's storage between the cells that fill neighbouring ghost cells of a row.
fn stride(transfer: &Transfer, layout: Layout) -> isize {
    let (i, j) = transfer.orientation.along_x;
    i as isize + j as isize * (layout.levels * layout.stride) as isize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::single::Single;
    use crate::config::LateralBoundary;
    use crate::mesh::Plane;

    /// Fills interiors with a number that tells every column, exchanges, and checks every ghost cell.
    fn check(nx: usize, ny: usize, size: [usize; 2], boundary: LateralBoundary) {
        let plane = Plane {
            nx,
            ny,
            dx: 1.0,
            dy: 1.0,
            x_min: 0.0,
            y_min: 0.0,
            x_boundary: boundary,
            y_boundary: boundary,
        };
        let mesh = Mesh::of_plane(plane, &[0.0, 1.0, 2.0], size, 0, 1).unwrap();
        let value = |i: usize, j: usize, k: usize| (i + 1000 * j + 1_000_000 * k + 1) as f64;
        let mut tiles: Vec<Vec<Field<f64>>> =
            mesh.tiles.iter().map(|tile| vec![Field::new(tile.layout(2)); 3]).collect();
        for (tile, fields) in mesh.tiles.iter().zip(&mut tiles) {
            for field in fields {
                for (j, k, i) in places(tile.nj, 2, tile.ni) {
                    field.cells_mut(j, k)[i] = value(tile.i0 + i, tile.j0 + j, k);
                }
            }
        }
        let parities = [Parity::Even, Parity::OddX, Parity::OddY];
        HaloExchange::new(&mesh, &parities, &[2, 2, 2], &Single, 0).exchange(&mut tiles);
        for (tile, fields) in mesh.tiles.iter().zip(&tiles) {
            let (ni, nj) = (tile.ni as isize, tile.nj as isize);
            let depth = tile.halo_y as isize;
            for j in -depth..nj + depth {
                for i in -3..ni + 3 {
                    let corner = !(0..ni).contains(&i) && !(0..nj).contains(&j);
                    if corner {
                        continue;
                    }
                    let source = mesh.plane.source(tile.i0 as isize + i, tile.j0 as isize + j);
                    for k in 0..2 {
                        let expected = value(source.i, source.j, k);
                        let odd = |flip: bool| if flip { -expected } else { expected };
                        assert_eq!(fields[0].get(i, j, k), expected);
                        assert_eq!(fields[1].get(i, j, k), odd(source.flip_x));
                        assert_eq!(fields[2].get(i, j, k), odd(source.flip_y));
                    }
                }
            }
        }
    }

    /// All (j, k, i).
    fn places(nj: usize, nk: usize, ni: usize) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..nj).flat_map(move |j| (0..nk).flat_map(move |k| (0..ni).map(move |i| (j, k, i))))
    }

    #[test]
    fn halos_are_the_neighbours_cells() {
        for boundary in [LateralBoundary::Periodic, LateralBoundary::Wall] {
            check(12, 10, [4, 5], boundary);
            check(12, 10, [5, 3], boundary);
            check(16, 1, [4, 1], boundary);
        }
    }

    #[test]
    fn tiles_thinner_than_the_halo_work() {
        for boundary in [LateralBoundary::Periodic, LateralBoundary::Wall] {
            check(5, 4, [1, 2], boundary);
            check(2, 3, [1, 1], boundary);
            check(1, 7, [1, 7], boundary);
            check(1, 1, [1, 1], boundary);
        }
    }
}
