//! Numbers with units: `"15 min"`, `"1 km"`, `"6 h"`.

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    Plain,
    Time,
    Length,
    Speed,
    Temperature,
    Rate,
    Diffusivity,
    Acceleration,
    HeatCapacity,
    Pressure,
}

/// A unit, what it measures, and its size in SI units.
struct Unit {
    name: &'static str,
    dimension: Dimension,
    factor: f64,
}

const fn unit(name: &'static str, dimension: Dimension, factor: f64) -> Unit {
    Unit { name, dimension, factor }
}

/// Every unit that may be written; the first of each dimension is its SI unit.
const UNITS: &[Unit] = &[
    unit("s", Dimension::Time, 1.0),
    unit("ms", Dimension::Time, 1e-3),
    unit("min", Dimension::Time, 60.0),
    unit("h", Dimension::Time, 3600.0),
    unit("day", Dimension::Time, 86400.0),
    unit("days", Dimension::Time, 86400.0),
    unit("hour", Dimension::Time, 3600.0),
    unit("hours", Dimension::Time, 3600.0),
    unit("m", Dimension::Length, 1.0),
    unit("km", Dimension::Length, 1000.0),
    unit("m/s", Dimension::Speed, 1.0),
    unit("m s-1", Dimension::Speed, 1.0),
    unit("K", Dimension::Temperature, 1.0),
    unit("1/s", Dimension::Rate, 1.0),
    unit("s-1", Dimension::Rate, 1.0),
    unit("m2/s", Dimension::Diffusivity, 1.0),
    unit("m2 s-1", Dimension::Diffusivity, 1.0),
    unit("m/s2", Dimension::Acceleration, 1.0),
    unit("m s-2", Dimension::Acceleration, 1.0),
    unit("J/kg/K", Dimension::HeatCapacity, 1.0),
    unit("J/(kg K)", Dimension::HeatCapacity, 1.0),
    unit("J kg-1 K-1", Dimension::HeatCapacity, 1.0),
    unit("Pa", Dimension::Pressure, 1.0),
    unit("hPa", Dimension::Pressure, 100.0),
];

impl Dimension {
    /// The SI unit, `1` for plain numbers.
    pub fn si_unit(self) -> &'static str {
        UNITS.iter().find(|unit| unit.dimension == self).map_or("1", |unit| unit.name)
    }

    /// What a unit measures; plain for units that are not in the table.
    pub fn of_unit(name: &str) -> Dimension {
        UNITS.iter().find(|unit| unit.name == name).map_or(Dimension::Plain, |unit| unit.dimension)
    }

    /// The word for it, with its article.
    pub fn noun(self) -> &'static str {
        match self {
            Dimension::Plain => "a plain number",
            Dimension::Time => "a time",
            Dimension::Length => "a length",
            Dimension::Speed => "a speed",
            Dimension::Temperature => "a temperature",
            Dimension::Rate => "a rate",
            Dimension::Diffusivity => "a diffusivity",
            Dimension::Acceleration => "an acceleration",
            Dimension::HeatCapacity => "a heat capacity",
            Dimension::Pressure => "a pressure",
        }
    }

    /// How a value of it may be written, for help texts.
    pub fn allowed(self) -> String {
        if self == Dimension::Plain {
            return "write a number without a unit".into();
        }
        let names: Vec<_> =
            UNITS.iter().filter(|unit| unit.dimension == self).map(|unit| unit.name).collect();
        format!("write a number in {}, or text with a unit ({})", self.si_unit(), names.join(", "))
    }
}

/// The value in SI units of a text such as `15 min`.
///
/// # Errors
/// One sentence that says what is wrong, if the text is no number with a unit of `expected`.
pub fn parse(text: &str, expected: Dimension) -> Result<f64, String> {
    let (number, name) = split(text.trim());
    let value: f64 = number.parse().map_err(|_| format!("`{text}` is not {}", expected.noun()))?;
    if name.is_empty() {
        return Err(format!("`{text}` is text without a unit: a bare number is written without quotes"));
    }
    let Some(unit) = UNITS.iter().find(|unit| unit.name == name) else {
        return Err(format!("`{name}` is not a known unit"));
    };
    if unit.dimension != expected {
        return Err(format!("`{text}` is {}, but {} is expected", unit.dimension.noun(), expected.noun()));
    }
    Ok(value * unit.factor)
}

/// The leading number and the unit behind it.
fn split(text: &str) -> (&str, &str) {
    let mut end = 0;
    for (position, character) in text.char_indices() {
        let exponent_sign = matches!(character, '+' | '-') && text[..position].ends_with(['e', 'E']);
        let exponent = matches!(character, 'e' | 'E') && position > 0;
        let leading_sign = matches!(character, '+' | '-') && position == 0;
        if !(character.is_ascii_digit() || character == '.' || exponent || exponent_sign || leading_sign) {
            break;
        }
        end = position + character.len_utf8();
    }
    (&text[..end], text[end..].trim())
}

/// A time in s in the largest unit that suits it, for people: `15 min`, `6 h`, `10 days`.
pub fn readable_time(seconds: f64) -> String {
    for (factor, name, most) in [(86400.0, "days", f64::INFINITY), (3600.0, "h", 200.0), (60.0, "min", 200.0)]
    {
        if seconds % factor == 0.0 && (2.0..most).contains(&(seconds / factor)) {
            return format!("{} {name}", seconds / factor);
        }
    }
    format!("{seconds} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_scale_to_si() {
        assert_eq!(parse("15 min", Dimension::Time), Ok(900.0));
        assert_eq!(parse("10 days", Dimension::Time), Ok(864_000.0));
        assert_eq!(parse("1km", Dimension::Length), Ok(1000.0));
        assert_eq!(parse("-2.5e+1 m", Dimension::Length), Ok(-25.0));
        assert_eq!(parse("1e-4 1/s", Dimension::Rate), Ok(1e-4));
    }

    #[test]
    fn a_wrong_dimension_is_named() {
        assert_eq!(
            parse("5 km", Dimension::Time),
            Err("`5 km` is a length, but a time is expected".to_string())
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "min", "fast", "5", "5 parsec", "1..2 m", "e5 m"] {
            assert!(parse(text, Dimension::Time).is_err(), "{text}");
        }
    }

    #[test]
    fn times_read_well() {
        assert_eq!(readable_time(900.0), "15 min");
        assert_eq!(readable_time(60.0), "60 s");
        assert_eq!(readable_time(60_000.0), "60000 s");
        assert_eq!(readable_time(0.25), "0.25 s");
        assert_eq!(readable_time(864_000.0), "10 days");
    }
}
