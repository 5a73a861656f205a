//! Signals: the first asks the run to stop after the current step, with a checkpoint; a second one ends
//! the process at once.

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXFSZ};
use signal_hook::{flag, low_level};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// A launcher hands a signal on that the batch system also sent to the ranks themselves: within this
/// time in ms the same signal is the same request.
const ECHO: u64 = 2000;

/// When this process began to listen.
static START: OnceLock<Instant> = OnceLock::new();
/// The first signal that came, 0 before.
static FIRST: AtomicI32 = AtomicI32::new(0);
/// When it came, in ms after [`START`].
static FIRST_AT: AtomicU64 = AtomicU64::new(0);

/// Listens for SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 from now on: a signal that comes while the run is
/// still being set up counts too. Where that is refused, signals end the process as usual.
pub fn listen() {
    if START.set(Instant::now()).is_err() {
        return;
    }
    for signal in [SIGINT, SIGTERM, SIGUSR1, SIGUSR2] {
        // SAFETY: the action only reads a clock, uses atomic numbers, and may end the process by
        // `_exit`, all of which signal handlers may do.
        let _ = unsafe { low_level::register(signal, move || note(signal)) };
    }
}

/// Whether this process was asked to stop.
pub fn is_asked() -> bool {
    FIRST.load(Ordering::Relaxed) != 0
}

/// As if this process had been asked: a rank without a say was.
pub fn pass_on() {
    let _ = FIRST.compare_exchange(0, SIGTERM, Ordering::Relaxed, Ordering::Relaxed);
}

/// When this process began to listen: its start, as far as a run is concerned.
pub fn start() -> Instant {
    *START.get_or_init(Instant::now)
}

fn note(signal: i32) {
    let now = START.get().map_or(0, |start| start.elapsed().as_millis() as u64);
    match FIRST.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => FIRST_AT.store(now, Ordering::Relaxed),
        Err(first) if first == signal && now <= FIRST_AT.load(Ordering::Relaxed) + ECHO => {}
        Err(_) => low_level::exit(128 + signal),
    }
}

/// Makes a file that grows beyond the limit of the process (`ulimit -f`) an error of the write, which is
/// reported with the file's name, instead of a signal that ends the process without a word.
pub fn report_file_size_limit() {
    let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}
