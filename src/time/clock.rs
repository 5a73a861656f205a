//! Simulated time in whole ticks, so that it never drifts and schedules are hit exactly.

/// Ticks in a second: one tick is a microsecond, and 64 bits hold 292,000 years of them.
pub const TICKS_PER_SECOND: i64 = 1_000_000;

/// The nearest number of ticks to a time in s.
pub fn ticks(seconds: f64) -> i64 {
    (seconds * TICKS_PER_SECOND as f64).round() as i64
}

/// Simulated time and the number of steps taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Ticks since the start of the run.
    pub ticks: i64,
    /// Steps since the start of the run.
    pub step: u64,
}

impl Clock {
    /// Simulated time in s.
    pub fn seconds(&self) -> f64 {
        self.ticks as f64 / TICKS_PER_SECOND as f64
    }

    /// The length in ticks of the next step: at most `longest` ticks, and such that equal steps
    /// reach `target` (the next output or the end) exactly.
    pub fn next_step(&self, longest: i64, target: i64) -> i64 {
        let remaining = target - self.ticks;
        debug_assert!(remaining > 0 && longest > 0);
        let steps = (remaining + longest - 1) / longest;
        // Rounded up, so that the steps left never become more: the last one is the shortest.
        (remaining + steps - 1) / steps
    }

    /// Ends a step of `length` ticks.
    pub fn advance(&mut self, length: i64) {
        self.ticks += length;
        self.step += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_reach_the_target_exactly() {
        for (longest, target) in [(350_000, 900_000_000), (7, 100), (1, 3), (100, 99)] {
            let mut clock = Clock::default();
            while clock.ticks < target {
                let step = clock.next_step(longest, target);
                assert!(step > 0 && step <= longest);
                clock.advance(step);
            }
            assert_eq!(clock.ticks, target);
            assert_eq!(clock.step as i64, (target + longest - 1) / longest);
        }
    }
}
