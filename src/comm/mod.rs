//! Communication between the processes (ranks) of one run.
//!
//! Everything that needs other ranks goes through [`Communicator`]; [`single`] serves a run of one
//! process and `mpi` (cargo feature `mpi`) a run under `mpirun` or `srun`. MPI is named nowhere else.

mod detect;
pub mod launch;
#[cfg(feature = "mpi")]
pub mod mpi;
mod outcome;
pub mod single;

pub use outcome::{conclude, describe, settle};
pub(crate) use outcome::{decode_outcome, encode as encode_outcome};

use crate::error::Result;
use detect::Launcher;
use std::sync::Arc;
use std::time::Duration;

/// A neighbour in an exchange: its rank and the bytes that go each way; 0 for no message. Of several messages
/// between two ranks the first sent is the first received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub rank: usize,
    pub send_bytes: usize,
    pub receive_bytes: usize,
}

/// A set of messages between fixed peers with fixed sizes, sent again and again: the buffers belong
/// to it, `start` sends and `finish` waits, so that work can be done in between.
pub trait Messages: Send {
    /// The bytes to send to the `peer`-th neighbour; fill them before `start`.
    fn send_buffer(&mut self, peer: usize) -> &mut [u8];
    /// The bytes that came from the `peer`-th neighbour; valid after `finish`.
    fn receive_buffer(&self, peer: usize) -> &[u8];
    /// Starts all sends and receives.
    fn start(&mut self);
    /// Waits until all have arrived.
    fn finish(&mut self);
}

/// The element-by-element maximum over the ranks of a fixed number of values, sought again and again: all ranks
/// `start` it with theirs and `finish` it later, so that work can be done in between.
pub trait Maximum: Send {
    /// Gives this rank's values; none may be NaN.
    fn start(&mut self, values: &[f64]);
    /// Waits until all ranks have started, and returns the largest values.
    fn finish(&mut self) -> &[f64];
}

/// The ranks of a run. All methods but `rank`, `size`, `is_root`, `library`, `host` and `abort` are
/// collective: every rank calls them in the same order, from the main thread.
pub trait Communicator: Send + Sync {
    fn rank(&self) -> usize;
    fn size(&self) -> usize;
    fn is_root(&self) -> bool {
        self.rank() == 0
    }
    /// What carries the messages, for banners and file headers: `none` or the MPI library's version.
    fn library(&self) -> String;
    /// Name of the host that this rank runs on.
    fn host(&self) -> String;
    fn barrier(&self);
    /// Rank 0's bytes replace everybody's.
    fn broadcast(&self, bytes: &mut Vec<u8>);
    /// Element by element the largest value over the ranks (no value may be NaN).
    fn all_max(&self, values: &mut [f64]);
    /// Prepares a maximum of `length` values for being sought again and again.
    fn maximum(&self, length: usize) -> Box<dyn Maximum>;
    /// Element by element the wrapping sum over the ranks.
    fn all_sum(&self, values: &mut [i64]);
    /// The bytes of every rank, in the order of the ranks, on every rank.
    fn all_gather(&self, bytes: &[u8]) -> Vec<Vec<u8>>;
    /// Prepares a message set for repeated exchanges. `tag` tells sets apart that are under way together.
    fn messages(&self, peers: &[Peer], tag: u16) -> Box<dyn Messages>;
    /// Makes an HDF5 file-access property list (its id) open files for all ranks together.
    fn share_file_access(&self, file_access: i64) -> Result<()>;
    /// Makes an HDF5 transfer property list (its id) read and write collectively.
    fn share_transfer(&self, transfer: i64) -> Result<()>;
    /// The ranks that gave the same `group`, as a communicator of their own, in the order of the ranks.
    fn split(&self, group: usize) -> World;
    /// The last words of every rank, in the order of the ranks, once all ranks have called this; `None`
    /// if that does not happen within `patience`. Only [`conclude`] calls it, at the very end.
    fn last_words(&self, words: &[u8], patience: Option<Duration>) -> Option<Vec<Vec<u8>>>;
    /// Ends all ranks at once with `status`.
    fn abort(&self, status: u8) -> !;

    /// The same text on every rank: rank 0's.
    fn broadcast_text(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        self.broadcast(&mut bytes);
        String::from_utf8(bytes).expect("rank 0 sent valid text")
    }

    /// The outcome that all ranks share: the first failing rank's error if any failed.
    ///
    /// Call it after a step that can fail on one rank alone, so that no rank goes on by itself. While a
    /// shared file is open this is a must: closing it is collective, so that a rank that left by itself
    /// would wait in it for ever.
    fn agree(&self, outcome: Result<()>) -> Result<()> {
        outcome::agree(&self.all_gather(&outcome::encode(&outcome)))
    }
}

/// The communicator of a process, shared by everything that communicates.
pub type World = Arc<dyn Communicator>;

/// The communicator of this process: MPI's world if a launcher such as mpirun or srun started several
/// ranks, else [`single::Single`]. Call it once, from the main thread.
///
/// MPI is not initialised for a single rank: that takes time, and needs a launcher on some machines.
///
/// # Errors
/// [`crate::error::Error::Usage`] if the launcher started several ranks that cannot talk to each
/// other: the binary was built without MPI, or with another MPI than the launcher's.
pub fn world() -> Result<World> {
    let Some(launcher) = Launcher::detect(|name| std::env::var(name).ok()) else {
        return Ok(Arc::new(single::Single));
    };
    if launcher.size == Some(1) {
        return Ok(Arc::new(single::Single));
    }
    let world = connect()?;
    launcher.check(&world)?;
    Ok(world)
}

#[cfg(feature = "mpi")]
fn connect() -> Result<World> {
    mpi::start()
}

#[cfg(not(feature = "mpi"))]
fn connect() -> Result<World> {
    Ok(Arc::new(single::Single))
}

/// Does `work` on all ranks, prints its error once if it fails, and returns the exit status.
///
/// A command that runs on several ranks is one call of this: it builds the [`world`], hands it to `work`,
/// and ends by [`conclude`].
pub fn with_world(work: impl FnOnce(&World) -> Result<()>) -> u8 {
    match world() {
        Ok(world) => {
            let outcome = work(&world);
            conclude(world, outcome)
        }
        Err(error) => outcome::refuse(&error),
    }
}
