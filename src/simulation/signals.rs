//! Requests to stop: the first signal ends the run after the current step, with a checkpoint; a second
//! one ends the process at once.

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXFSZ};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this process was asked to stop.
pub struct StopRequest {
    asked: Arc<AtomicBool>,
}

impl StopRequest {
    /// Listens for SIGINT, SIGTERM, SIGUSR1 and SIGUSR2. Where that is refused, signals end the process as usual.
    pub fn listen() -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGUSR1, SIGUSR2] {
            // In this order the first signal sets the flag and only the next one finds it set.
            let _ = flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked));
            let _ = flag::register(signal, Arc::clone(&asked));
        }
        StopRequest { asked }
    }

    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Makes a file that grows beyond the limit of the process (`ulimit -f`) an error of the write, which is
/// reported with the file's name, instead of a signal that ends the process without a word.
pub fn report_file_size_limit() {
    let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}
