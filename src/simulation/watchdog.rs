//! A limit for the time that ranks spend on a file together.
//!
//! A write that fails on one rank can leave all of them waiting for each other inside of the MPI library, for ever: no
//! call returns, and nothing else could end them. A thread of every rank then does.

use super::signals;
use crate::comm::World;
use signal_hook::low_level;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Changes [`PATIENCE`], in s.
const CHOICE: &str = "GALE_FILE_PATIENCE_S";
/// Longer than the largest checkpoint takes on a busy file system.
const PATIENCE: u64 = 1800;
/// The other ranks leave rank 0 this time to speak for all.
const PRECEDENCE: u64 = 3;
/// How often the thread looks.
const LOOK: Duration = Duration::from_secs(1);
/// Exit status of an input/output error.
const STATUS: i32 = 4;

/// Seconds after the start of the process at which it ends the process; 0 for none.
static DEADLINE: AtomicU64 = AtomicU64::new(0);

/// Watches over work on files until it is dropped.
pub struct Watch {
    patience: u64,
}

impl Watch {
    /// A watch over what follows. A process that is alone waits for nobody and needs none.
    pub fn new(world: &World) -> Option<Self> {
        static THREAD: Once = Once::new();
        if world.size() == 1 {
            return None;
        }
        let chosen = std::env::var(CHOICE).ok().and_then(|text| text.trim().parse().ok());
        let (rank, patience) = (world.rank(), chosen.unwrap_or(PATIENCE));
        THREAD.call_once(|| {
            thread::spawn(move || watch(rank, patience));
        });
        let watch = Watch { patience: patience + if rank == 0 { 0 } else { PRECEDENCE } };
        watch.start();
        Some(watch)
    }

    /// From now on.
    pub fn start(&self) {
        DEADLINE.store(signals::start().elapsed().as_secs() + 1 + self.patience, Ordering::Relaxed);
    }

    /// Until now.
    pub fn end(&self) {
        DEADLINE.store(0, Ordering::Relaxed);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end();
    }
}

fn watch(rank: usize, patience: u64) {
    loop {
        thread::sleep(LOOK);
        let deadline = DEADLINE.load(Ordering::Relaxed);
        if deadline != 0 && signals::start().elapsed().as_secs() >= deadline {
            eprintln!(
                "rank {rank}: error: work on the files made no headway for {patience} s ({CHOICE}): a rank has failed, or \
                 the file system hangs"
            );
            // The main thread is stuck in MPI, so that nothing can be finalised; the launcher ends the other ranks.
            low_level::exit(STATUS);
        }
    }
}
