//! How far a run has come: a live bar on a terminal, a plain line now and then elsewhere.

use super::human;
use super::log::{self, TERMINAL};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Wall time after which the first plain line comes: long enough to know the speed.
const FIRST_LINE: Duration = Duration::from_millis(500);
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
    next_line: Instant,
    last_draw: Option<Instant>,
    last_status: Status,
}

impl Progress {
    /// Progress towards the simulated time `end_seconds`. With `quiet` only the log hears of it.
    pub fn new(quiet: bool, end_seconds: f64, is_root: bool) -> Self {
        let bar = (is_root && !quiet && std::io::stderr().is_terminal()).then(new_bar);
        let begin = Instant::now();
        Progress {
            end_seconds,
            is_root,
            quiet,
            bar,
            pace: Pace::default(),
            begin,
            next_line: begin + FIRST_LINE,
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
        if now >= self.next_line {
            self.next_line = now + LINE_INTERVAL;
            self.line(status);
        }
        if let Some(bar) = &self.bar
            && self.last_draw.is_none_or(|last| now - last >= BAR_INTERVAL)
        {
            self.last_draw = Some(now);
            bar.set_message(describe(status, &self.pace, self.end_seconds).join("\n  "));
            bar.set_position(self.bar_position(status.seconds));
        }
    }

    /// Prints a line without tearing the bar, and logs it.
    pub fn message(&self, line: &str) {
        if self.is_root {
            log::announce(line, self.quiet);
        }
    }

    /// Removes the bar and says how far the run came, to its end or not, with the speed over all of it.
    pub fn finish(&mut self, to_the_end: bool) {
        if !self.is_root {
            return;
        }
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let status = self.last_status;
        self.line(&status);
        let wall = self.begin.elapsed();
        let part = if self.pace.starts_at_zero() { "it" } else { "this part" };
        let speed = self.pace.mean_rate().map_or_else(String::new, |rate| format!(" at {}", speed(rate)));
        self.message(&format!(
            "{} {} in {} steps; {part} took {}{speed}",
            if to_the_end { "reached" } else { "ended at" },
            human::duration(status.seconds),
            human::count(status.step),
            human::duration(wall.as_secs_f64()),
        ));
    }

    /// The plain line: to the log, and to the standard output where there is no bar.
    fn line(&self, status: &Status) {
        let line = describe(status, &self.pace, self.end_seconds).join("  ");
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

/// How much of the run is done, 0 to 1.
fn share(seconds: f64, end_seconds: f64) -> f64 {
    if end_seconds > 0.0 { (seconds / end_seconds).clamp(0.0, 1.0) } else { 1.0 }
}

/// Everything worth knowing about the run now, in three parts that fit a narrow terminal each: how far it
/// is, how fast, and what the flow does. What is not known yet is left out.
fn describe(status: &Status, pace: &Pace, end_seconds: f64) -> [String; 3] {
    let rate = pace.rate().filter(|&rate| rate > 0.0);
    let done = share(status.seconds, end_seconds);
    let mut place = format!(
        "{} of {}  {:5.1} %",
        human::duration(status.seconds),
        human::duration(end_seconds),
        100.0 * done
    );
    if let (Some(rate), true) = (rate, done < 1.0) {
        let left = ((end_seconds - status.seconds) / rate).round();
        place.push_str(&format!("  left {}", human::duration(left)));
    }
    let mut pace = format!("step {}", human::count(status.step));
    if status.step_seconds > 0.0 {
        pace.push_str(&format!("  dt {} s", human::significant(status.step_seconds, 3)));
    }
    if let Some(rate) = rate {
        pace.push_str(&format!("  {}", speed(rate)));
    }
    let flow = format!(
        "max|w| {} m/s  Courant {:.2} sound {:.2} wind  mass drift {}",
        human::significant(status.max_w, 3),
        status.acoustic_courant,
        status.advective_courant,
        human::significant(status.mass_drift, 2),
    );
    [place, pace, flow]
}

/// A speed in simulated time per wall time: `12,000 x real time, 32.9 years/day`.
fn speed(rate: f64) -> String {
    let years_per_day = rate * 86_400.0 / SECONDS_PER_YEAR;
    format!("{} x real time, {} years/day", three_digits(rate), three_digits(years_per_day))
}

/// A positive number with three significant digits.
fn three_digits(value: f64) -> String {
    if !(1000.0..1e15).contains(&value) {
        return human::significant(value, 3);
    }
    let unit = 10f64.powf(value.log10().floor() - 2.0);
    human::count(((value / unit).round() * unit) as u64)
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

    /// Whether the first record is the start of the run, not a point from which it was resumed.
    fn starts_at_zero(&self) -> bool {
        self.first.is_none_or(|(_, seconds)| seconds == 0.0)
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
        let parts = describe(&status, &pace([(0.0, 0.0), (10.0, 750.0)]), 900.0);
        assert_eq!(parts[0], "12 min 30 s of 15 min   83.3 %  left 2 s");
        assert_eq!(parts[1], "step 2,143  dt 0.35 s  75 x real time, 0.205 years/day");
        assert_eq!(parts[2], "max|w| 12.3 m/s  Courant 0.82 sound 0.12 wind  mass drift -1.2e-16");
    }

    #[test]
    fn speeds_are_rounded() {
        assert_eq!(speed(572_185.0), "572,000 x real time, 1,570 years/day");
        assert_eq!(speed(17.13), "17.1 x real time, 0.0469 years/day");
    }

    #[test]
    fn the_start_names_nothing_unknown() {
        let parts = describe(&Status::default(), &pace([(0.0, 0.0)]), 900.0);
        assert_eq!(parts[0], "0 s of 15 min    0.0 %");
        assert_eq!(parts[1], "step 0");
        assert_eq!(parts[2], "max|w| 0 m/s  Courant 0.00 sound 0.00 wind  mass drift 0");
    }

    #[test]
    fn other_ranks_keep_silent() {
        let mut progress = Progress::new(false, 10.0, false);
        let first_line = progress.next_line;
        std::thread::sleep(FIRST_LINE);
        progress.update(&Status { seconds: 1.0, ..Status::default() });
        assert_eq!(progress.next_line, first_line);
        progress.finish(true);
    }
}
