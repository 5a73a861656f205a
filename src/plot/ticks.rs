//! Round numbers for axes and colour bars.

use super::{pretty_unit, superscript};
use crate::monitor::human;

/// Places of the ticks with their labels, and the power of ten that the labels leave out.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    pub places: Vec<f64>,
    pub labels: Vec<String>,
    /// `×10⁵` if the labels are in units of that, else empty.
    pub factor: String,
}

impl Ticks {
    /// At most about `most` ticks between `low` and `high` at multiples of 1, 2, 2.5 or 5 times a power of
    /// ten.
    pub fn new(low: f64, high: f64, most: usize) -> Self {
        let step = round_step((high - low) / most.max(1) as f64);
        let slack = 1e-9 * (high - low) / step;
        let first = (low / step - slack).ceil() as i64;
        let last = (high / step + slack).floor() as i64;
        // Adding 0 turns -0 into 0.
        let places: Vec<f64> = (first..=last).map(|n| n as f64 * step + 0.0).collect();
        let largest = low.abs().max(high.abs());
        let magnitude = largest.log10().floor() as i32;
        let power = if (-3..6).contains(&magnitude) { 0 } else { magnitude };
        let scale = 10f64.powi(power);
        let decimals = decimals_of(step / scale);
        let labels = places.iter().map(|place| minus(&format!("{:.decimals$}", place / scale))).collect();
        let factor =
            if power == 0 { String::new() } else { format!("×10{}", superscript(&power.to_string())) };
        Ticks { places, labels, factor }
    }
}

/// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let share = least / power;
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|&nice| share <= nice * (1.0 + 1e-9));
    nice.unwrap_or(10.0) * power
}

/// How many decimals it takes to write multiples of a round step.
fn decimals_of(step: f64) -> usize {
    const MOST: usize = 17;
    let is_whole = |value: f64| (value - value.round()).abs() < 1e-6 * value.max(1.0);
    let mut value = step;
    for decimals in 0..MOST {
        if value >= 0.5 && is_whole(value) {
            return decimals;
        }
        value *= 10.0;
    }
    MOST
}

/// A number with so many significant digits, a real minus sign and a power of ten where it is shorter.
fn number(value: f64, digits: usize) -> String {
    let text = human::significant(value, digits);
    match text.split_once('e') {
        Some((mantissa, power)) => format!("{}×10{}", minus(mantissa), superscript(power)),
        None => minus(&text),
    }
}

/// Smallest and largest value with their unit, with digits enough to tell them apart.
pub fn extremes(least: f64, most: f64, unit: &str) -> String {
    let largest = least.abs().max(most.abs());
    let closeness = if most > least { (largest / (most - least)).log10().ceil().max(0.0) } else { 0.0 };
    let digits = 4 + closeness.min(12.0) as usize;
    format!("min {}   max {} {}", number(least, digits), number(most, digits), pretty_unit(unit))
}

/// Text with real minus signs.
fn minus(text: &str) -> String {
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, most: usize) -> (Vec<String>, String) {
        let ticks = Ticks::new(low, high, most);
        (ticks.labels, ticks.factor)
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(0.0, 25.6, 6).0, ["0", "5", "10", "15", "20", "25"]);
        assert_eq!(labels(-0.13, 0.21, 8).0, ["−0.10", "−0.05", "0.00", "0.05", "0.10", "0.15", "0.20"]);
        assert_eq!(labels(-9.7, 0.02, 5).0, ["−8", "−6", "−4", "−2", "0"]);
        assert_eq!(labels(0.0, 1.0, 5).0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    }

    #[test]
    fn powers_of_ten_leave_the_labels() {
        assert_eq!(labels(0.0, 3.1e-5, 4), (["0", "1", "2", "3"].map(String::from).to_vec(), "×10⁻⁵".into()));
        assert_eq!(labels(0.0, 2e9, 4).1, "×10⁹");
        assert_eq!(labels(95_000.0, 101_000.0, 3).1, "");
    }

    #[test]
    fn numbers_have_powers_of_ten() {
        assert_eq!(number(-1.5, 4), "−1.5");
        assert_eq!(number(7.3234e-18, 3), "7.32×10⁻¹⁸");
    }

    #[test]
    fn close_extremes_stay_apart() {
        assert_eq!(extremes(101_324.98, 101_325.02, "Pa"), "min 101324.98   max 101325.02 Pa");
        assert_eq!(extremes(-0.36774, 1.9971, "m s-1"), "min −0.3677   max 1.997 m s⁻¹");
        assert_eq!(extremes(3.0, 3.0, "K"), "min 3   max 3 K");
    }

    #[test]
    fn quarters_get_their_decimals() {
        assert_eq!(labels(0.0, 9.0, 4).0, ["0.0", "2.5", "5.0", "7.5"]);
        assert_eq!(labels(0.0, 90.0, 4).0, ["0", "25", "50", "75"]);
    }

    #[test]
    fn never_many_more_than_asked_for() {
        for n in 1..400 {
            let span = f64::from(n) * 0.037;
            let count = Ticks::new(-0.3 * span, 0.7 * span, 6).places.len();
            assert!((2..=7).contains(&count), "{span}: {count}");
        }
    }
}
