//! Stopping in time: who asks a run to end early, and how much time a checkpoint needs before a limit.

use super::signals;
use crate::comm::Communicator;
use crate::config::Configuration;
use crate::io::directory::STOP_FILE;
use crate::monitor::human;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

/// How often rank 0 looks for the stop file.
const LOOK: Duration = Duration::from_millis(500);
/// Closing files, ending MPI and the batch system's own delays take at most this...
const MARGIN: Duration = Duration::from_secs(10);
/// ...and of a short run at most this share.
const SHORT_MARGIN: u32 = 20;
/// Bytes a second that the first checkpoint is expected to be written and read back at, before one was measured.
const EXPECTED_SPEED: f64 = 200e6;
/// How long the run is watched before its end is foretold.
const WATCH: Duration = Duration::from_secs(30);

/// Why a run ends early. The numbers are shared between ranks; of several the largest is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    WallClock = 1,
    BatchJob = 2,
    File = 3,
    Signal = 4,
}

impl Reason {
    /// What is said of it.
    pub fn text(self) -> &'static str {
        match self {
            Reason::WallClock => "because its time is over (checkpoint.stop_after_s)",
            Reason::BatchJob => "because the batch job ends",
            Reason::File => "as asked by the file `stop` in its folder (remove that before you resume)",
            Reason::Signal => "as asked by a signal",
        }
    }

    fn from_number(number: f64) -> Reason {
        let all = [Reason::WallClock, Reason::BatchJob, Reason::File];
        all.into_iter().find(|reason| f64::from(*reason as u8) == number).unwrap_or(Reason::Signal)
    }
}

/// Watches for requests to stop. Rank 0 alone looks at files and clocks; signals may reach any rank.
#[derive(Debug)]
pub struct StopRequest {
    is_root: bool,
    file: PathBuf,
    next_look: Instant,
    /// The nearest limit, with its reason.
    limit: Option<(Instant, Reason)>,
    margin: Duration,
    /// Longest time of a checkpoint, at first a guess.
    checkpoint: Duration,
    is_measured: bool,
    /// Longest time from step to step, output included.
    round: Duration,
    round_began: Option<Instant>,
    began: Option<(Instant, f64)>,
    is_foretold: bool,
    found: Option<Reason>,
}

impl StopRequest {
    /// For a run of `configuration` whose checkpoints have about so many bytes.
    pub fn new(configuration: &Configuration, is_root: bool, checkpoint_bytes: u64) -> Self {
        let start = signals::start();
        let limit = limits(configuration, start).into_iter().flatten().min_by_key(|(at, _)| *at);
        let margin = limit.map_or(MARGIN, |(at, _)| MARGIN.min((at - start) / SHORT_MARGIN));
        StopRequest {
            is_root,
            file: configuration.output.directory.join(STOP_FILE),
            next_look: start,
            limit,
            margin,
            checkpoint: Duration::from_secs_f64(checkpoint_bytes as f64 / EXPECTED_SPEED),
            is_measured: false,
            round: Duration::ZERO,
            round_began: None,
            began: None,
            is_foretold: false,
            found: None,
        }
    }

    /// Whether this rank knows of a reason to stop. Call it once before every step.
    pub fn is_asked(&mut self) -> bool {
        if signals::is_asked() {
            self.found = Some(Reason::Signal);
        }
        if self.is_root && self.found.is_none() {
            let now = Instant::now();
            if let Some(began) = self.round_began.replace(now) {
                self.round = self.round.max(now - began);
            }
            self.found = self.look(now);
        }
        self.found.is_some()
    }

    fn look(&mut self, now: Instant) -> Option<Reason> {
        if now >= self.next_look {
            self.next_look = now + LOOK;
            if self.file.exists() {
                return Some(Reason::File);
            }
        }
        let (limit, reason) = self.limit?;
        (now + self.reserve() >= limit).then_some(reason)
    }

    /// The time that must be left: for another step with its output, a checkpoint, and the end.
    fn reserve(&self) -> Duration {
        self.round * 2 + self.checkpoint * 3 / 2 + self.margin
    }

    /// Takes note of how long a checkpoint took.
    pub fn checkpoint_took(&mut self, time: Duration) {
        self.checkpoint = if self.is_measured { self.checkpoint.max(time) } else { time };
        self.is_measured = true;
    }

    /// The reason that all ranks tell. Collective; called when a rank was asked.
    pub fn reason(&self, world: &dyn Communicator) -> Reason {
        let here = if signals::is_asked() { Some(Reason::Signal) } else { self.found };
        let mut number = [here.map_or(0.0, |reason| f64::from(reason as u8))];
        world.all_max(&mut number);
        Reason::from_number(number[0])
    }

    /// On rank 0 of a run with a limit, once its speed is known: that it will not reach its `end` (simulated s)
    /// before, if that is so.
    pub fn foretell(&mut self, seconds: f64, end: f64) -> Option<String> {
        if !self.is_root || self.is_foretold {
            return None;
        }
        let now = Instant::now();
        let (begin, from) = *self.began.get_or_insert((now, seconds));
        let (limit, _) = self.limit?;
        let watched = now - begin;
        if watched < WATCH.min((limit - begin) / 4) || seconds <= from {
            return None;
        }
        self.is_foretold = true;
        let needed = watched.as_secs_f64() * (end - seconds) / (seconds - from);
        let left = (limit.saturating_duration_since(now)).saturating_sub(self.reserve()).as_secs_f64();
        (needed > left).then(|| {
            format!(
                "the run needs another {} at this speed, but ends early in {}: go on from its checkpoint with \
                 --resume (slurm/chain.sbatch does so by itself)",
                human::duration(needed),
                human::duration(left)
            )
        })
    }
}

/// The limits that are set, as times of this process.
fn limits(configuration: &Configuration, start: Instant) -> [Option<(Instant, Reason)>; 2] {
    let configured = configuration.checkpoint.stop_after.map(|seconds| {
        // Longer than any computer lives is no limit.
        (start + Duration::from_secs_f64(seconds.min(1e9)), Reason::WallClock)
    });
    let job = job_end(|name| std::env::var(name).ok()).and_then(|end| {
        let left = end.duration_since(SystemTime::now()).ok()?;
        Some((Instant::now() + left, Reason::BatchJob))
    });
    [configured, job]
}

/// When Slurm ends the job that this process belongs to; `None` outside of jobs and for jobs without a limit.
pub fn job_end(variable: impl Fn(&str) -> Option<String>) -> Option<SystemTime> {
    variable("SLURM_JOB_ID")?;
    let seconds: u64 = variable("SLURM_JOB_END_TIME")?.trim().parse().ok()?;
    // 0 and times more than 30 years away stand for "no limit".
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let far = SystemTime::now() + Duration::from_secs(1_000_000_000);
    (seconds > 0 && end < far).then_some(end)
}

/// What is wrong with the time limit of the job, as rank 0 sees it, with what to do.
pub fn warning() -> Option<String> {
    let end = job_end(|name| std::env::var(name).ok())?;
    match end.duration_since(SystemTime::now()) {
        Err(over) => Some(format!(
            "SLURM_JOB_END_TIME lies {} in the past, so that this run does not know when its job ends: compare the \
             clocks of the nodes (`date`), or type `unset SLURM_JOB_END_TIME` if this is no batch job",
            human::duration(over.duration().as_secs_f64())
        )),
        Ok(left) if left < 2 * MARGIN => Some(format!(
            "the batch job ends in {}, this run will stop at once: ask for more time (`sbatch --time`)",
            human::duration(left.as_secs_f64())
        )),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(pairs: &[(&str, &str)]) -> Option<SystemTime> {
        job_end(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string()))
    }

    #[test]
    fn the_end_of_a_job_is_read_only_inside_of_jobs() {
        let at = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(end(&[("SLURM_JOB_ID", "7"), ("SLURM_JOB_END_TIME", "1700000000")]), at(1_700_000_000));
        assert_eq!(end(&[("SLURM_JOB_END_TIME", "1700000000")]), None);
        assert_eq!(end(&[("SLURM_JOB_ID", "7"), ("SLURM_JOB_END_TIME", "0")]), None);
        assert_eq!(end(&[("SLURM_JOB_ID", "7"), ("SLURM_JOB_END_TIME", "4294967294")]), None);
    }

    #[test]
    fn numbers_name_their_reasons() {
        for reason in [Reason::WallClock, Reason::BatchJob, Reason::File, Reason::Signal] {
            assert_eq!(Reason::from_number(f64::from(reason as u8)), reason);
        }
    }

    #[test]
    fn the_measured_checkpoint_is_kept_in_reserve() {
        let configuration = crate::cases::testing::configuration("warm_bubble", [1.0, 1.0], [1, 1]);
        let mut stop = StopRequest::new(&configuration, true, 0);
        stop.limit = Some((Instant::now() + Duration::from_secs(100), Reason::WallClock));
        assert!(!stop.is_asked());
        stop.checkpoint_took(Duration::from_secs(70));
        assert!(stop.is_asked());
        assert_eq!(stop.found, Some(Reason::WallClock));
    }
}
