//! When something is due: at whole multiples of an interval of simulated time.

use super::clock::ticks;

/// Multiples of an interval, from time 0 on. It has no memory: a resumed run continues it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    interval: Option<i64>,
}

impl Schedule {
    /// Due every `seconds` of simulated time, or never.
    pub fn every(seconds: Option<f64>) -> Self {
        Schedule { interval: seconds.map(|s| ticks(s).max(1)) }
    }

    /// Whether it is due at this very time.
    pub fn is_due(&self, now: i64) -> bool {
        self.interval.is_some_and(|interval| now % interval == 0)
    }

    /// The first time after `now` at which it is due, if ever.
    pub fn next(&self, now: i64) -> Option<i64> {
        self.interval.map(|interval| (now / interval + 1) * interval)
    }

    /// Whether a due time lies in `(before, now]`: for things that need not be hit exactly.
    pub fn passed(&self, before: i64, now: i64) -> bool {
        self.interval.is_some_and(|interval| now / interval > before / interval)
    }

    /// How often it is due from time 0 up to `end`, both included.
    pub fn count(&self, end: i64) -> usize {
        self.interval.map_or(0, |interval| (end / interval) as usize + 1)
    }
}
