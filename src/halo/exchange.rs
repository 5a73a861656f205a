//! Carrying out the halo plan for a set of fields.

use super::plan::{HaloPlan, Reach, Transfer};
use crate::comm::{Communicator, Messages, Peer};
use crate::mesh::{Layout, Mesh, SPHERE_HALO};
use crate::real::Real;
use crate::state::{Field, TileState};
use rayon::prelude::*;

/// What a field is, and so how it changes in a mirror and between panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar, or a vertical component.
    Scalar,
    /// Component `axis` of a horizontal vector whose first component is the exchange's field `first`;
    /// the others follow it.
    Component { first: usize, axis: usize },
}

/// The fields of this rank's tiles that are exchanged together.
pub trait HaloFields<T>: Send + Sync {
    /// Field number `n` of local tile `tile`.
    fn field(&self, tile: usize, n: usize) -> &Field<T>;
    fn field_mut(&mut self, tile: usize, n: usize) -> &mut Field<T>;
}

/// The five dynamic fields of the plane.
impl<T: Real> HaloFields<T> for [TileState<T>] {
    fn field(&self, tile: usize, n: usize) -> &Field<T> {
        self[tile].dynamic()[n]
    }
    fn field_mut(&mut self, tile: usize, n: usize) -> &mut Field<T> {
        self[tile].dynamic_mut().into_iter().nth(n).expect("one of the dynamic fields")
    }
}

/// Any number of fields.
impl<T: Real> HaloFields<T> for [Vec<Field<T>>] {
    fn field(&self, tile: usize, n: usize) -> &Field<T> {
        &self[tile][n]
    }
    fn field_mut(&mut self, tile: usize, n: usize) -> &mut Field<T> {
        &mut self[tile][n]
    }
}

/// A repeated halo exchange of a fixed set of fields.
///
/// `start` packs and sends, `copy_local` fills what comes from this rank's own tiles, `wait` and `unpack`
/// do the rest; the tiles of [`HaloExchange::inner`] can be worked on before `wait`.
pub struct HaloExchange<T> {
    kinds: Vec<Kind>,
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
    /// Prepares the exchange of fields of the given kinds and numbers of levels. `tag` tells it
    /// apart from other exchanges under way at the same time.
    pub fn new(
        mesh: &Mesh,
        reach: Reach,
        kinds: &[Kind],
        levels: &[usize],
        communicator: &dyn Communicator,
        tag: u16,
    ) -> Self {
        let plan = HaloPlan::new(mesh, reach);
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
        let addresses = Vec::with_capacity(mine.len() * kinds.len());
        HaloExchange { kinds: kinds.to_vec(), local, sends, receives, messages, inner, addresses }
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
    pub fn start<F: HaloFields<T> + ?Sized>(&mut self, tiles: &F) {
        for (peer, transfers) in self.sends.iter().enumerate() {
            let buffer: &mut [T] = bytemuck::cast_slice_mut(self.messages.send_buffer(peer));
            let mut rest = buffer;
            for transfer in transfers {
                for (n, &kind) in self.kinds.iter().enumerate() {
                    let (origin, sign) = origin(transfer, n, kind);
                    rest = pack(transfer, sign, tiles.field(transfer.source, origin), rest);
                }
            }
        }
        if self.has_messages() {
            self.messages.start();
        }
    }

    /// Fills the halos that come from tiles of this rank.
    pub fn copy_local<F: HaloFields<T> + ?Sized>(&mut self, tiles: &mut F) {
        let fields = self.kinds.len();
        self.addresses.clear();
        for tile in 0..self.local.len() {
            for n in 0..fields {
                let field = tiles.field_mut(tile, n);
                let layout = field.layout();
                self.addresses.push(Address { values: field.values_mut().as_mut_ptr(), layout });
            }
        }
        let addresses = &self.addresses;
        self.local.par_iter().with_max_len(1).for_each(|transfers| {
            for transfer in transfers {
                for (n, &kind) in self.kinds.iter().enumerate() {
                    let (origin, sign) = origin(transfer, n, kind);
                    let source = addresses[transfer.source * fields + origin];
                    let destination = addresses[transfer.destination * fields + n];
                    // SAFETY: `tiles` is borrowed exclusively; ghost cells of a destination are written by
                    // this iteration alone, and sources are interior cells, which nobody writes.
                    unsafe { copy(transfer, sign, source, destination) };
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
    pub fn unpack<F: HaloFields<T> + ?Sized>(&mut self, tiles: &mut F) {
        for (peer, transfers) in self.receives.iter().enumerate() {
            let mut rest: &[T] = bytemuck::cast_slice(self.messages.receive_buffer(peer));
            for transfer in transfers {
                for n in 0..self.kinds.len() {
                    rest = unpack(transfer, tiles.field_mut(transfer.destination, n), rest);
                }
            }
        }
    }

    /// The whole exchange at once.
    pub fn exchange<F: HaloFields<T> + ?Sized>(&mut self, tiles: &mut F) {
        self.start(tiles);
        self.copy_local(tiles);
        self.wait();
        self.unpack(tiles);
    }
}

/// The field of the source that fills field `n`, and the factor on the way.
fn origin<T: Real>(transfer: &Transfer, n: usize, kind: Kind) -> (usize, T) {
    match kind {
        Kind::Scalar => (n, T::ONE),
        Kind::Component { first, axis } => {
            let sign = if transfer.rotation.sign[axis] < 0 { -T::ONE } else { T::ONE };
            (first + transfer.rotation.from[axis] as usize, sign)
        }
    }
}

/// Writes the values of one transfer to the front of `buffer` and returns the rest of it. The order is
/// that of the destination's storage: rows along y, levels, rows along x.
fn pack<'a, T: Real>(transfer: &Transfer, sign: T, field: &Field<T>, buffer: &'a mut [T]) -> &'a mut [T] {
    let layout = field.layout();
    let (ni, nj) = transfer.extent;
    let (mine, rest) = buffer.split_at_mut(ni * nj * layout.levels);
    let mut values = mine.chunks_exact_mut(ni);
    let is_copy = transfer.orientation.along_x == (1, 0) && sign == T::ONE;
    for b in 0..nj {
        for k in 0..layout.levels {
            let row = values.next().expect("a row for every level");
            if is_copy {
                let (i, j) = transfer.source_cell(0, b);
                row.copy_from_slice(&field.values()[layout.at(i, j, k)..][..ni]);
                continue;
            }
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
unsafe fn copy<T: Real>(transfer: &Transfer, sign: T, source: Address<T>, destination: Address<T>) {
    let (ni, nj) = transfer.extent;
    let straight = transfer.orientation.along_x == (1, 0);
    for b in 0..nj {
        for k in 0..source.layout.levels {
            let (i, j) = transfer.ghost_cell(0, b);
            let to = destination.layout.at(i, j, k);
            let (i, j) = transfer.source_cell(0, b);
            let from = source.layout.at(i, j, k);
            debug_assert!(to + ni <= destination.layout.len());
            // Rows of a western or eastern halo are too short for a library call.
            if straight && sign == T::ONE && ni > SPHERE_HALO {
                // SAFETY: see the function's contract; interiors and halos do not overlap.
                unsafe {
                    std::ptr::copy_nonoverlapping(source.values.add(from), destination.values.add(to), ni);
                }
                continue;
            }
            let step = if straight { 1 } else { stride(transfer, source.layout) };
            // SAFETY: see the function's contract.
            unsafe {
                let (from, to) = (source.values.add(from), destination.values.add(to));
                // Fixed lengths, which become plain moves: vector loops cost more than they gain here.
                match ni {
                    3 => copy_strided::<T, 3>(from, step, sign, to),
                    4 => copy_strided::<T, 4>(from, step, sign, to),
                    _ => {
                        for a in 0..ni {
                            *to.add(a) = sign * *from.offset(a as isize * step);
                        }
                    }
                }
            }
        }
    }
}

/// Copies `N` values that lie `step` apart.
///
/// # Safety
/// All of them, and the `N` places from `to` on, must be valid and not overlap.
#[inline(always)]
unsafe fn copy_strided<T: Real, const N: usize>(from: *const T, step: isize, sign: T, to: *mut T) {
    for a in 0..N {
        // SAFETY: see the function's contract.
        unsafe { *to.add(a) = sign * *from.offset(a as isize * step) };
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
    use crate::mesh::{CubedSphere, Geometry, Plane};

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
        let kinds =
            [Kind::Scalar, Kind::Component { first: 1, axis: 0 }, Kind::Component { first: 1, axis: 1 }];
        let reach = Reach::of_plane(&mesh);
        HaloExchange::new(&mesh, reach, &kinds, &[2, 2, 2], &Single, 0).exchange(tiles.as_mut_slice());
        for (tile, fields) in mesh.tiles.iter().zip(&tiles) {
            let (ni, nj) = (tile.ni as isize, tile.nj as isize);
            let depth = tile.halo_y as isize;
            for j in -depth..nj + depth {
                for i in -3..ni + 3 {
                    let corner = !(0..ni).contains(&i) && !(0..nj).contains(&j);
                    if corner {
                        continue;
                    }
                    let source = mesh.source(0, tile.i0 as isize + i, tile.j0 as isize + j).unwrap();
                    for k in 0..2 {
                        let expected = value(source.i, source.j, k);
                        let [x, y, _] = source.rotation.sign.map(f64::from);
                        assert_eq!(fields[0].get(i, j, k), expected);
                        assert_eq!(fields[1].get(i, j, k), x * expected);
                        assert_eq!(fields[2].get(i, j, k), y * expected);
                    }
                }
            }
        }
    }

    /// The same on the sphere: corners, rotated neighbours, vectors.
    #[test]
    fn halos_of_the_sphere_are_the_neighbours_cells() {
        for size in [[9, 9], [5, 4], [4, 9]] {
            let geometry = Geometry::CubedSphere(CubedSphere::new(9, 1.0, 0.4));
            let mesh = Mesh::of_geometry(geometry, &[0.0, 1.0, 2.0], size, 0, 1).unwrap();
            let value =
                |panel: usize, i: usize, j: usize, c: usize| (1 + i + 10 * j + 100 * panel + 1000 * c) as f64;
            let mut tiles: Vec<Vec<Field<f64>>> =
                mesh.tiles.iter().map(|tile| vec![Field::new(tile.layout(1)); 4]).collect();
            for (tile, fields) in mesh.tiles.iter().zip(&mut tiles) {
                for (c, field) in fields.iter_mut().enumerate() {
                    for (j, k, i) in places(tile.nj, 1, tile.ni) {
                        field.cells_mut(j, k)[i] = value(tile.panel, tile.i0 + i, tile.j0 + j, c);
                    }
                }
            }
            let vector = |axis| Kind::Component { first: 1, axis };
            let kinds = [Kind::Scalar, vector(0), vector(1), vector(2)];
            HaloExchange::new(&mesh, Reach::SPHERE, &kinds, &[1; 4], &Single, 0)
                .exchange(tiles.as_mut_slice());
            for (tile, fields) in mesh.tiles.iter().zip(&tiles) {
                for j in -4..tile.nj as isize + 4 {
                    for i in -4..tile.ni as isize + 4 {
                        let place = (tile.i0 as isize + i, tile.j0 as isize + j);
                        let far = |index: isize| !(-3..9 + 3).contains(&index);
                        let source = mesh.source(tile.panel, place.0, place.1);
                        let Some(source) = source.filter(|_| !far(place.0) && !far(place.1)) else {
                            assert_eq!(fields[0].get(i, j, 0), 0.0);
                            continue;
                        };
                        let there = |c| value(source.panel, source.i, source.j, c);
                        assert_eq!(fields[0].get(i, j, 0), there(0));
                        for axis in 0..3 {
                            let from = 1 + source.rotation.from[axis] as usize;
                            let sign = f64::from(source.rotation.sign[axis]);
                            assert_eq!(fields[1 + axis].get(i, j, 0), sign * there(from));
                        }
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
