//! Threads inside a rank.

use std::sync::Mutex;

/// Starts the thread pool that steps the tiles; the calling thread becomes one of its threads. Only the
/// first call of a process has an effect.
pub fn start_threads(threads: usize) {
    // A pool that exists already (several runs in one process) serves as well: results do not depend on it.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build_global();
}

/// One scratch object for each thread of the pool.
pub struct PerThread<W> {
    slots: Vec<Mutex<W>>,
}

impl<W: Clone> PerThread<W> {
    /// A copy of `prototype` for every thread.
    pub fn new(prototype: &W) -> Self {
        let slots = (0..rayon::current_num_threads()).map(|_| Mutex::new(prototype.clone())).collect();
        PerThread { slots }
    }

    /// Lends the calling thread its object. It never waits: a slot has one user, its own thread.
    pub fn with<R>(&self, work: impl FnOnce(&mut W) -> R) -> R {
        let slot = &self.slots[rayon::current_thread_index().unwrap_or(0)];
        let mut own = slot.try_lock().expect("a thread's scratch memory has one user");
        work(&mut own)
    }
}
