//! How far a run has come: a live bar on a terminal, a plain line now and then elsewhere.

use super::human;
use super::log::{self, TERMINAL};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Wall time between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);
/// Wall time between two redraws of the bar.
const BAR_INTERVAL: Duration = Duration::from_millis(200);
/// Wall time over which the speed is measured.
const WINDOW: Duration = Duration::from_secs(30);
/// Positions of the bar from start to end.
const BAR_LENGTH: u64 = 1000;
const SECONDS_PER_YEAR: f64 = 365.25 * 86_400.0;

/// What a step reports.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Status {
    /// Simulated time in s.
    pub seconds: f64,
    /// Steps since the start of the run.
    pub step: u64,
    /// Length of the last step in s.
    pub step_seconds: f64,
    /// Courant number of sound: sound speed times step over the cell size.
    pub acoustic_courant: f64,
    /// Courant number of the wind, summed over the directions.
    pub advective_courant: f64,
    /// Largest |w| in m/s.
    pub max_w: f64,
    /// Change of the total mass since the start, relative to it.
    pub mass_drift: f64,
}

/// Shows the progress of a run on the root rank; on other ranks it does nothing.
pub struct Progress {
    end_seconds: f64,
    is_root: bool,
    quiet: bool,
    bar: Option<ProgressBar>,
    pace: Pace,
    begin: Instant,
    last_line: Option<Instant>,
    last_draw: Option<Instant>,
    last_status: Status,
}

impl Progress {
    /// Progress towards the simulated time `end_seconds`. With `quiet` only the log hears of it.
    pub fn new(quiet: bool, end_seconds: f64, is_root: bool) -> Self {
        let bar = (is_root && !quiet && std::io::stderr().is_terminal()).then(new_bar);
        Progress {
            end_seconds,
            is_root,
            quiet,
            bar,
            pace: Pace::default(),
            begin: Instant::now(),
            last_line: None,
            last_draw: None,
            last_status: Status::default(),
        }
    }

    /// Takes note of a step; cheap enough to be called after every one. Call it once before the first
    /// step as well: the speed counts from there, also in a resumed run.
    pub fn update(&mut self, status: &Status) {
        if !self.is_root {
            return;
        }
        let now = Instant::now();
        self.last_status = *status;
        self.pace.record(now - self.begin, status.seconds);
        if due(self.last_line, now, LINE_INTERVAL) {
            self.last_line = Some(now);
            self.line(status);
        }
        if let Some(bar) = &self.bar
            && due(self.last_draw, now, BAR_INTERVAL)
        {
            self.last_draw = Some(now);
            bar.set_message(describe(status, &self.pace, self.end_seconds, "\n  "));
            bar.set_position(self.bar_position(status.seconds));
        }
    }

    /// Prints a line without tearing the bar, and logs it.
    pub fn message(&self, line: &str) {
        if self.is_root {
            log::announce(line, self.quiet);
        }
    }

    /// Removes the bar and says how the run ended, with the speed over all of it.
    pub fn finish(&mut self) {
        if !self.is_root {
            return;
        }
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let status = self.last_status;
        self.line(&status);
        let wall = self.begin.elapsed();
        self.message(&format!(
            "reached {} in {} steps; this part took {} at {}",
            human::duration(status.seconds),
            human::count(status.step),
            human::duration(wall.as_secs_f64()),
            speed(self.pace.mean_rate()),
        ));
    }

    /// The plain line: to the log, and to the standard output where there is no bar.
    fn line(&self, status: &Status) {
        let line = describe(status, &self.pace, self.end_seconds, "  ");
        log::announce(&line, self.quiet || self.bar.is_some());
    }

    fn bar_position(&self, seconds: f64) -> u64 {
        (share(seconds, self.end_seconds) * BAR_LENGTH as f64) as u64
    }
}

/// The bar, registered with the terminal so that messages do not tear it.
fn new_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("  [{bar:20}] {msg}")
        .expect("the template is valid")
        .progress_chars("=> ");
    TERMINAL.add(ProgressBar::new(BAR_LENGTH).with_style(style))
}

/// Whether `interval` has passed since `last`, or nothing has happened yet.
fn due(last: Option<Instant>, now: Instant, interval: Duration) -> bool {
    last.is_none_or(|last| now - last >= interval)
}

/// How much of the run is done, 0 to 1.
fn share(seconds: f64, end_seconds: f64) -> f64 {
    if end_seconds > 0.0 { (seconds / end_seconds).clamp(0.0, 1.0) } else { 1.0 }
}

/// Everything worth knowing about the run now; `gap` separates time and flow.
fn describe(status: &Status, pace: &Pace, end_seconds: f64, gap: &str) -> String {
    let left = match pace.rate() {
        Some(rate) if rate > 0.0 => human::duration(((end_seconds - status.seconds) / rate).round().max(0.0)),
        _ => "unknown".into(),
    };
    format!(
        "{} of {}  {:5.1} %  left {left}  {}{gap}step {}  dt {} s  Courant {:.2} sound {:.2} wind  \
         max|w| {} m/s  mass {:+.1e}",
        human::duration(status.seconds),
        human::duration(end_seconds),
        100.0 * share(status.seconds, end_seconds),
        speed(pace.rate()),
        human::count(status.step),
        human::significant(status.step_seconds, 3),
        status.acoustic_courant,
        status.advective_courant,
        human::significant(status.max_w, 3),
        status.mass_drift,
    )
}

/// A speed in simulated time per wall time: `1230 x real time, 3.37 years/day`.
fn speed(rate: Option<f64>) -> String {
    rate.map_or_else(
        || "speed unknown".into(),
        |rate| {
            let years_per_day = rate * 86_400.0 / SECONDS_PER_YEAR;
            format!(
                "{} x real time, {} years/day",
                human::significant(rate, 3),
                human::significant(years_per_day, 3)
            )
        },
    )
}

/// Simulated time per wall time, over the recent past.
#[derive(Debug, Default)]
struct Pace {
    /// The first record: wall time and simulated seconds.
    first: Option<(Duration, f64)>,
    /// Records of the last [`WINDOW`], at most some hundreds, and the latest.
    recent: VecDeque<(Duration, f64)>,
}

impl Pace {
    /// Takes note that `seconds` were reached at the wall time `now`.
    fn record(&mut self, now: Duration, seconds: f64) {
        self.first.get_or_insert((now, seconds));
        // Records closer than this replace each other: the window stays short.
        let spacing = WINDOW / 100;
        let crowded = self.recent.len() >= 2 && now - self.recent[self.recent.len() - 2].0 < spacing;
        if crowded {
            self.recent.pop_back();
        }
        self.recent.push_back((now, seconds));
        while self.recent.len() > 2 && now - self.recent[1].0 >= WINDOW {
            self.recent.pop_front();
        }
    }

    /// Simulated seconds per second, if two records tell.
    fn rate(&self) -> Option<f64> {
        slope(*self.recent.front()?, *self.recent.back()?)
    }

    /// The same since the first record.
    fn mean_rate(&self) -> Option<f64> {
        slope(self.first?, *self.recent.back()?)
    }
}

/// Simulated per wall time between two records.
fn slope(from: (Duration, f64), to: (Duration, f64)) -> Option<f64> {
    let wall = to.0.saturating_sub(from.0).as_secs_f64();
    (wall > 0.0).then(|| (to.1 - from.1) / wall)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(records: impl IntoIterator<Item = (f64, f64)>) -> Pace {
        let mut pace = Pace::default();
        for (wall, seconds) in records {
            pace.record(Duration::from_secs_f64(wall), seconds);
        }
        pace
    }

    #[test]
    fn the_speed_counts_from_the_resume_point() {
        assert_eq!(pace([(0.0, 5000.0)]).rate(), None);
        assert_eq!(pace([(0.0, 5000.0), (2.0, 5010.0)]).rate(), Some(5.0));
    }

    #[test]
    fn the_window_forgets_the_slow_start() {
        let slow = (0..100).map(|n| (f64::from(n), f64::from(n)));
        let fast = (1..100).map(|n| (99.0 + f64::from(n), 99.0 + 7.0 * f64::from(n)));
        let pace = pace(slow.chain(fast));
        assert_eq!(pace.rate(), Some(7.0));
        assert_eq!(pace.mean_rate(), Some((99.0 + 693.0) / 198.0));
    }

    #[test]
    fn many_quick_steps_stay_few_records() {
        let pace = pace((0..100_000).map(|n| (f64::from(n) * 1e-3, f64::from(n))));
        assert!(pace.recent.len() < 250, "{}", pace.recent.len());
        assert!((pace.rate().unwrap() - 1000.0).abs() < 1e-6);
    }

    #[test]
    fn a_line_says_it_all() {
        let status = Status {
            seconds: 750.0,
            step: 2143,
            step_seconds: 0.35,
            acoustic_courant: 0.824,
            advective_courant: 0.118,
            max_w: 12.345,
            mass_drift: -1.24e-16,
        };
        let line = describe(&status, &pace([(0.0, 0.0), (10.0, 750.0)]), 900.0, "  ");
        assert_eq!(
            line,
            "12 min 30 s of 15 min   83.3 %  left 2 s  75 x real time, 0.205 years/day  step 2,143  dt 0.35 s  \
             Courant 0.82 sound 0.12 wind  max|w| 12.3 m/s  mass -1.2e-16"
        );
    }

    #[test]
    fn other_ranks_keep_silent() {
        let mut progress = Progress::new(false, 10.0, false);
        progress.update(&Status { seconds: 1.0, ..Status::default() });
        assert!(progress.last_line.is_none());
        progress.finish();
    }
}
