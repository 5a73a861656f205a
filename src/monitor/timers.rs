//! Where the wall time goes.

use super::human;
use crate::comm::Communicator;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// What a rank is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The stages of a step.
    Dynamics,
    /// Filling, sending and unpacking halos.
    Halo,
    /// Waiting for messages of other ranks.
    Wait,
    Tracers,
    /// The processes besides the dynamics.
    Physics,
    /// Mixing by eddies, and the surface.
    Turbulence,
    /// Budgets, health checks and the progress line.
    Monitoring,
    Snapshots,
    Checkpoints,
    /// Everything else: set-up, and what no other phase claims.
    Other,
}

const PHASES: [(Phase, &str); 10] = [
    (Phase::Dynamics, "dynamics"),
    (Phase::Halo, "halo exchange"),
    (Phase::Wait, "waiting for ranks"),
    (Phase::Tracers, "tracers"),
    (Phase::Physics, "physics"),
    (Phase::Turbulence, "turbulence"),
    (Phase::Monitoring, "monitoring"),
    (Phase::Snapshots, "snapshots"),
    (Phase::Checkpoints, "checkpoints"),
    (Phase::Other, "other"),
];

/// Time spent in every phase. Phases exclude each other: one that starts inside another pauses it.
#[derive(Clone, Debug)]
pub struct Timers {
    spent: [Duration; PHASES.len()],
    current: Phase,
    since: Instant,
}

impl Default for Timers {
    fn default() -> Self {
        Self::new()
    }
}

impl Timers {
    /// Starts in [`Phase::Other`].
    pub fn new() -> Self {
        Timers { spent: [Duration::ZERO; PHASES.len()], current: Phase::Other, since: Instant::now() }
    }

    /// Ends the current phase, which is returned, and starts `phase`.
    pub fn start(&mut self, phase: Phase) -> Phase {
        let now = Instant::now();
        self.spent[self.current as usize] += now - self.since;
        self.since = now;
        std::mem::replace(&mut self.current, phase)
    }

    /// Runs `work` in `phase`, then goes on with the phase before.
    pub fn time<R>(&mut self, phase: Phase, work: impl FnOnce() -> R) -> R {
        let before = self.start(phase);
        let result = work();
        self.start(before);
        result
    }

    /// Seconds spent in `phase` up to its last end.
    pub fn seconds(&self, phase: Phase) -> f64 {
        self.spent[phase as usize].as_secs_f64()
    }

    /// The table of all phases over the ranks: shortest, mean and longest time, and the share of the
    /// mean in the total. Collective; phases in which no rank spent time are left out.
    pub fn report(&mut self, world: &dyn Communicator) -> String {
        self.start(self.current);
        let mine: Vec<u8> = self.spent.iter().flat_map(|time| time.as_secs_f64().to_le_bytes()).collect();
        let ranks: Vec<Vec<f64>> = world.all_gather(&mine).iter().map(|bytes| numbers(bytes)).collect();
        table(&ranks)
    }
}

/// The doubles in a message of [`Timers::report`].
fn numbers(bytes: &[u8]) -> Vec<f64> {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().map(|&eight| f64::from_le_bytes(eight)).collect()
}

/// One line a phase from `ranks[rank][phase]` in seconds.
fn table(ranks: &[Vec<f64>]) -> String {
    let count = ranks.len() as f64;
    let total: f64 = ranks.iter().flatten().sum::<f64>() / count;
    let mut text =
        format!("{:<18} {:>10} {:>10} {:>10} {:>8}\n", "wall time", "min s", "mean s", "max s", "share");
    for (phase, name) in PHASES {
        let times = || ranks.iter().map(|times| times[phase as usize]);
        let (least, most) = (times().fold(f64::INFINITY, f64::min), times().fold(0.0, f64::max));
        if most == 0.0 {
            continue;
        }
        let mean = times().sum::<f64>() / count;
        let share = 100.0 * mean / total;
        let _ = writeln!(text, "{name:<18} {least:>10.3} {mean:>10.3} {most:>10.3} {share:>6.1} %");
    }
    let _ = write!(text, "{:<18} {:>10} {total:>10.3}   ({})", "total", "", human::duration(total));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::single::Single;
    use std::thread::sleep;

    #[test]
    fn phases_exclude_each_other() {
        let begin = Instant::now();
        let mut timers = Timers::new();
        timers.start(Phase::Dynamics);
        sleep(Duration::from_millis(5));
        assert_eq!(
            timers.time(Phase::Halo, || {
                sleep(Duration::from_millis(20));
                7
            }),
            7
        );
        timers.start(Phase::Other);
        let text = timers.report(&Single);
        let all: f64 = PHASES.iter().map(|&(phase, _)| timers.seconds(phase)).sum();
        assert!(all <= begin.elapsed().as_secs_f64());
        assert!(timers.seconds(Phase::Halo) >= 0.020);
        assert!(timers.seconds(Phase::Dynamics) >= 0.005);
        assert!(text.contains("halo exchange") && !text.contains("snapshots"), "{text}");
    }

    #[test]
    fn a_table_over_ranks() {
        let mut ranks = vec![vec![0.0; PHASES.len()]; 2];
        ranks[0][0] = 1.0;
        ranks[1][0] = 2.0;
        ranks[1][2] = 0.5;
        let text = table(&ranks);
        assert_eq!(text.lines().count(), 4);
        assert_eq!(
            text.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>(),
            ["dynamics", "1.000", "1.500", "2.000", "85.7", "%"]
        );
    }

    #[test]
    fn the_names_follow_the_order_of_the_phases() {
        for (place, (phase, _)) in PHASES.into_iter().enumerate() {
            assert_eq!(phase as usize, place);
        }
    }
}
