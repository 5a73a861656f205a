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

    /// At most about `most` ticks between two latitudes or longitudes in degrees, at multiples of a divisor
    /// of 90 that is `finest` at least; `name` writes them.
    pub fn degrees(low: f64, high: f64, most: usize, finest: f64, name: fn(f64) -> String) -> Self {
        let fits = |step: f64| step >= finest && ((high - low) / step) <= most.max(1) as f64;
        let step = DEGREE_STEPS.into_iter().find(|&step| fits(step)).unwrap_or(90.0);
        let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        let places: Vec<f64> = (first..=last).map(|n| n as f64 * step + 0.0).collect();
        let labels = places.iter().map(|&place| name(place)).collect();
        Ticks { places, labels, factor: String::new() }
    }

    /// About `most` ticks between two positive numbers at powers of ten and, where there is room, at 2 and 5
    /// times these.
    pub fn logarithmic(low: f64, high: f64, most: usize) -> Self {
        let within = |place: &f64| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(place);
        let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let multiples = |digits: &[f64]| -> Vec<f64> {
            let all = powers.clone().flat_map(|power| digits.iter().map(move |d| d * 10f64.powi(power)));
            all.filter(within).collect()
        };
        let choices: [&[f64]; 3] = [&[1.0, 2.0, 3.0, 5.0, 7.0], &[1.0, 2.0, 5.0], &[1.0]];
        let places = choices.map(multiples).into_iter().find(|places| places.len() <= most.max(3));
        let places = places.unwrap_or_default();
        let labels = places.iter().map(|&place| number(place, 3)).collect();
        Ticks { places, labels, factor: String::new() }
    }
}

/// Steps between longitudes or latitudes, in degrees.
const DEGREE_STEPS: [f64; 6] = [10.0, 15.0, 30.0, 45.0, 60.0, 90.0];

/// `30°N`, `30°S` or `0°`.
pub fn latitude(degrees: f64) -> String {
    hemisphere(degrees, ["N", "S"])
}

/// `30°E`, `150°W`, `0°` or `180°`, of any longitude.
pub fn longitude(degrees: f64) -> String {
    let degrees = (degrees + 180.0).rem_euclid(360.0) - 180.0;
    hemisphere(degrees, if degrees == -180.0 { ["", ""] } else { ["E", "W"] })
}

fn hemisphere(degrees: f64, [positive, negative]: [&str; 2]) -> String {
    let letter = match degrees {
        0.0 => "",
        _ if degrees > 0.0 => positive,
        _ => negative,
    };
    format!("{}°{letter}", human::significant(degrees.abs(), 5))
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

/// Time and place, followed by the extremes.
pub fn with_extremes(subtitle: &str, least: f64, most: f64, unit: &str) -> String {
    let range = if least > most { "no finite values".into() } else { extremes(least, most, unit) };
    if subtitle.is_empty() { range } else { format!("{subtitle}    {range}") }
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
        assert_eq!(with_extremes("t = 0 s", 1.0, 0.0, "K"), "t = 0 s    no finite values");
    }

    #[test]
    fn quarters_get_their_decimals() {
        assert_eq!(labels(0.0, 9.0, 4).0, ["0.0", "2.5", "5.0", "7.5"]);
        assert_eq!(labels(0.0, 90.0, 4).0, ["0", "25", "50", "75"]);
    }

    #[test]
    fn places_on_the_globe_have_their_letters() {
        let latitudes = Ticks::degrees(-90.0, 90.0, 6, 30.0, latitude);
        assert_eq!(latitudes.labels, ["90°S", "60°S", "30°S", "0°", "30°N", "60°N", "90°N"]);
        let longitudes = Ticks::degrees(20.0, 380.0, 7, 30.0, longitude);
        assert_eq!(longitudes.labels, ["60°E", "120°E", "180°", "120°W", "60°W", "0°"]);
    }

    #[test]
    fn logarithmic_ticks_thin_out() {
        assert_eq!(Ticks::logarithmic(100.0, 1000.0, 8).labels, ["100", "200", "300", "500", "700", "1000"]);
        assert_eq!(
            Ticks::logarithmic(9.0, 1000.0, 8).labels,
            ["10", "20", "50", "100", "200", "500", "1000"]
        );
        assert_eq!(Ticks::logarithmic(0.5, 1050.0, 5).labels, ["1", "10", "100", "1000"]);
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
