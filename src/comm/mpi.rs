//! The ranks of a run under mpirun or srun: with its parts the only file that names MPI.
//!
//! MPI is initialised at the `funneled` level: the thread that called [`start`] makes every call.
//! An error inside MPI ends all ranks (MPI's default), so return codes are not looked at.

mod maximum;
mod messages;
mod shared_memory;

use super::{Communicator, Maximum, Messages, Peer, World, outcome};
use crate::error::{Error, Result};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{
    H5FD_mpio_xfer_t, H5Pset_all_coll_metadata_ops, H5Pset_coll_metadata_write, H5Pset_dxpl_mpio,
    H5Pset_fapl_mpio,
};
use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::environment::{Threading, Universe};
use mpi::ffi;
use mpi::raw::AsRaw;
use mpi::topology::{Color, Communicator as _, SimpleCommunicator};
use mpi::traits::*;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Largest piece of a broadcast in bytes: MPI counts with 32-bit integers.
const PIECE: usize = 1 << 30;
/// How long a rank that failed waits for the others to come to the place where they agree. A rank that is not there
/// by then waits in a collective call which the failed one has left.
const AGREEING_PATIENCE: Duration = Duration::from_secs(20);
/// A rank that panicked is killed when MPI did not end it within this time.
const ABORT_PATIENCE: Duration = Duration::from_secs(5);

/// Initialises MPI and returns its world.
///
/// From then on a panic on any rank ends all ranks with status 101. MPI is finalised when the last
/// clone of the world and the last of its message sets are gone: drop all HDF5 handles before.
///
/// # Errors
/// [`Error::Internal`] if MPI was initialised before, [`Error::Usage`] if the MPI library cannot
/// run in a process with threads.
pub fn start() -> Result<World> {
    avoid_shared_semaphores();
    let (universe, threading) = mpi::initialize_with_threading(Threading::Funneled)
        .ok_or_else(|| Error::Internal("MPI is initialised already".into()))?;
    if threading < Threading::Funneled {
        return Err(Error::Usage(
            "this MPI library does not support programs with threads (MPI_THREAD_FUNNELED)".into(),
        ));
    }
    let all = universe.world();
    abort_on_panic(all.rank());
    let main_thread = thread::current().id();
    Ok(Session::over(all, main_thread, Arc::new(universe)))
}

/// Keeps Open MPI from guarding shared files by a semaphore of the host that has the file's name without its folder: a
/// run that is killed at the wrong moment leaves it locked, and every later run on the host that opens a file of the
/// same name hangs. What it guards, shared file pointers, is not used here.
fn avoid_shared_semaphores() {
    const CHOICE: &str = "OMPI_MCA_sharedfp";
    if std::env::var_os(CHOICE).is_none() {
        // SAFETY: MPI has not started, nor have the threads of the model: nobody else looks at the environment.
        unsafe { std::env::set_var(CHOICE, "^sm") };
    }
}

/// Makes a panic on this rank end all ranks: unwinding would finalise MPI and leave the others
/// waiting for ever.
fn abort_on_panic(rank: i32) {
    std::panic::set_hook(Box::new(move |panic| {
        eprintln!("rank {rank}: {panic}");
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            eprintln!("{backtrace}");
        }
        // The panicking thread need not be MPI's, so the abort may get stuck in the library.
        thread::spawn(|| {
            thread::sleep(ABORT_PATIENCE);
            std::process::abort();
        });
        abort_all(101);
    }));
}

/// Ends all ranks at once with `status`.
fn abort_all(status: u8) -> ! {
    // SAFETY: MPI is initialised; MPI_Abort may be called at any time and does not return.
    unsafe { ffi::MPI_Abort(ffi::RSMPI_COMM_WORLD, status.into()) };
    std::process::exit(status.into());
}

/// MPI from initialisation to finalisation. The fields are dropped in the order they stand here:
/// communicators are freed before MPI is finalised.
struct Session {
    /// All ranks.
    all: SimpleCommunicator,
    /// All ranks once more, for coming together to agree.
    agreeing: SimpleCommunicator,
    /// And once more, for the last words: these must not be mixed up with a collective that
    /// a failing rank left out.
    ending: SimpleCommunicator,
    /// The thread that makes all calls.
    main_thread: ThreadId,
    universe: Arc<Universe>,
}

// SAFETY: MPI handles are plain numbers or pointers to objects that live until they are freed; the
// contract of `Communicator` restricts the calls to the main thread, which debug builds check.
unsafe impl Send for Session {}
// SAFETY: as above.
unsafe impl Sync for Session {}

impl Session {
    /// The communicator of the ranks of `all`, which all call this.
    fn over(all: SimpleCommunicator, main_thread: ThreadId, universe: Arc<Universe>) -> World {
        let (agreeing, ending) = (all.duplicate(), all.duplicate());
        Arc::new(MpiWorld(Arc::new(Session { all, agreeing, ending, main_thread, universe })))
    }

    /// All ranks; called by everything that communicates.
    fn all(&self) -> &SimpleCommunicator {
        debug_assert_eq!(thread::current().id(), self.main_thread, "MPI is called from its main thread only");
        &self.all
    }
}

/// The communicator of a run under MPI.
struct MpiWorld(Arc<Session>);

impl Communicator for MpiWorld {
    fn rank(&self) -> usize {
        self.0.all.rank() as usize
    }

    fn size(&self) -> usize {
        self.0.all.size() as usize
    }

    fn library(&self) -> String {
        let version = mpi::environment::library_version().unwrap_or_else(|_| "unknown MPI".into());
        // Open MPI appends package and build details after a comma, MPICH on further lines.
        let name = version.split([',', '\n', '\0']).next().unwrap_or_default();
        name.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn host(&self) -> String {
        mpi::environment::processor_name().unwrap_or_else(|_| "unknown".into())
    }

    fn barrier(&self) {
        self.0.all().barrier();
    }

    fn broadcast(&self, bytes: &mut Vec<u8>) {
        let mut length = [bytes.len() as u64];
        self.0.all().process_at_rank(0).broadcast_into(&mut length);
        bytes.resize(length[0] as usize, 0);
        broadcast(self.0.all(), 0, bytes);
    }

    fn all_max(&self, values: &mut [f64]) {
        let mine = values.to_vec();
        self.0.all().all_reduce_into(&mine[..], values, SystemOperation::max());
    }

    fn maximum(&self, length: usize) -> Box<dyn Maximum> {
        Box::new(maximum::PendingMaximum::new(&self.0, length))
    }

    fn all_sum(&self, values: &mut [i64]) {
        // As unsigned numbers, whose overflow wraps by definition.
        let mine: Vec<u64> = bytemuck::cast_slice(values).to_vec();
        let total: &mut [u64] = bytemuck::must_cast_slice_mut(values);
        self.0.all().all_reduce_into(&mine[..], total, SystemOperation::sum());
    }

    fn all_gather(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        all_gather(self.0.all(), bytes)
    }

    fn messages(&self, peers: &[Peer], tag: u16) -> Box<dyn Messages> {
        Box::new(messages::PersistentMessages::new(&self.0, self.rank(), peers, &self.host(), tag))
    }

    fn share_file_access(&self, file_access: i64) -> Result<()> {
        let id = file_access as hid_t;
        let outcome = hdf5::sync::sync(|| {
            // SAFETY: `id` is the caller's open file-access list (HDF5 checks it), the communicator
            // lives (HDF5 duplicates it), and `sync` holds the lock of the HDF5 library.
            unsafe {
                hdf5::h5check(H5Pset_fapl_mpio(id, self.0.all().as_raw(), ffi::RSMPI_INFO_NULL))?;
                hdf5::h5check(H5Pset_all_coll_metadata_ops(id, 1))?;
                hdf5::h5check(H5Pset_coll_metadata_write(id, 1))
            }
        });
        outcome
            .map(drop)
            .map_err(|cause| Error::Internal(format!("cannot share a file between ranks: {cause}")))
    }

    fn share_transfer(&self, transfer: i64) -> Result<()> {
        let mode = H5FD_mpio_xfer_t::H5FD_MPIO_COLLECTIVE;
        let outcome = hdf5::sync::sync(|| {
            // SAFETY: `transfer` is the caller's open transfer list (HDF5 checks it), and `sync`
            // holds the lock of the HDF5 library.
            hdf5::h5check(unsafe { H5Pset_dxpl_mpio(transfer as hid_t, mode) })
        });
        outcome
            .map(drop)
            .map_err(|cause| Error::Internal(format!("cannot make transfers collective: {cause}")))
    }

    fn split(&self, group: usize) -> World {
        let colour = Color::with_value(count(group));
        let part = self.0.all().split_by_color(colour).expect("every rank belongs to a group");
        Session::over(part, self.0.main_thread, Arc::clone(&self.0.universe))
    }

    fn last_words(&self, words: &[u8], patience: Option<Duration>) -> Option<Vec<Vec<u8>>> {
        come_together(&self.0.ending, patience).then(|| all_gather(&self.0.ending, words))
    }

    fn agree(&self, outcome: Result<()>) -> Result<()> {
        let patience = outcome.is_err().then_some(AGREEING_PATIENCE);
        if !come_together(&self.0.agreeing, patience) {
            outcome::despair(self, &outcome);
        }
        outcome::agree(&self.all_gather(&outcome::encode(&outcome)))
    }

    fn abort(&self, status: u8) -> ! {
        abort_all(status)
    }
}

/// Waits until all ranks have called this; without `patience` for ever. Whether they came: if not, the caller must
/// abort.
fn come_together(communicator: &SimpleCommunicator, patience: Option<Duration>) -> bool {
    let start = Instant::now();
    let mut barrier = communicator.immediate_barrier();
    let Some(patience) = patience else {
        barrier.wait();
        return true;
    };
    while let Err(pending) = barrier.test() {
        if start.elapsed() > patience {
            // Dropping an unfinished request would panic.
            std::mem::forget(pending);
            return false;
        }
        barrier = pending;
        thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Sends the bytes of `root` to all ranks, which have as many.
fn broadcast(communicator: &SimpleCommunicator, root: usize, bytes: &mut [u8]) {
    let root = communicator.process_at_rank(count(root));
    for piece in bytes.chunks_mut(PIECE) {
        root.broadcast_into(piece);
    }
}

/// The bytes of every rank, in the order of the ranks, on every rank.
fn all_gather(communicator: &SimpleCommunicator, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lengths = vec![0_u64; communicator.size() as usize];
    communicator.all_gather_into(&(bytes.len() as u64), &mut lengths[..]);
    if lengths.iter().map(|length| length + 1).sum::<u64>() <= PIECE as u64 {
        return all_gather_at_once(communicator, bytes, &lengths);
    }
    let mut pieces: Vec<_> = lengths.iter().map(|&length| vec![0; length as usize]).collect();
    pieces[communicator.rank() as usize].copy_from_slice(bytes);
    for (root, piece) in pieces.iter_mut().enumerate() {
        broadcast(communicator, root, piece);
    }
    pieces
}

/// As [`all_gather`], in one message; `lengths` are the numbers of bytes of all ranks.
fn all_gather_at_once(communicator: &SimpleCommunicator, bytes: &[u8], lengths: &[u64]) -> Vec<Vec<u8>> {
    // Every rank appends a byte: the address of an empty slice of bytes is 1, which means "in place"
    // to some MPI libraries.
    let mine = [bytes, &[0]].concat();
    let counts: Vec<i32> = lengths.iter().map(|&length| length as i32 + 1).collect();
    let mut starts = vec![0; counts.len()];
    for rank in 1..counts.len() {
        starts[rank] = starts[rank - 1] + counts[rank - 1];
    }
    let mut joined = vec![0_u8; counts.iter().sum::<i32>() as usize];
    let mut partition = PartitionMut::new(&mut joined[..], &counts[..], &starts[..]);
    communicator.all_gather_varcount_into(&mine[..], &mut partition);
    let pieces = starts.iter().zip(lengths);
    pieces.map(|(&start, &length)| joined[start as usize..][..length as usize].to_vec()).collect()
}

/// `value` as MPI counts: with 32 bits.
fn count(value: usize) -> i32 {
    i32::try_from(value).expect("MPI counts bytes and ranks up to 2^31 - 1; use more ranks or smaller tiles")
}
