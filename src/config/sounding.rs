//! `[case] sounding`: a file of the form `input_sounding` that WRF and CM1 read.
//!
//! Its first line holds pressure (hPa), potential temperature (K) and vapour (g/kg of dry air) at the ground; every
//! further line height (m), potential temperature, vapour, and the wind along x and y (m/s). What stands behind
//! `#` or `!` is a comment. The path is relative to the folder of the configuration.

use super::checked::{Sounding, SoundingLevel};
use super::reader::Reader;

/// The key in `[case]`.
pub const KEY: &str = "sounding";
/// The case that takes it.
pub const CASE: &str = "sounding";

/// The sounding, with a fault if the case needs one and there is none, or the other way round.
pub fn sounding(reader: &mut Reader<'_>, case: &str) -> Option<Sounding> {
    let written = reader.is_written("case", KEY);
    if case != CASE {
        if written {
            let message = format!("the case {case} takes no sounding");
            reader.fault("case", KEY, message, format!("leave it out, or choose the case {CASE}"));
        }
        return None;
    }
    if !written {
        reader.missing("case", KEY, "write the path of a sounding, such as \"input_sounding\"");
        return None;
    }
    let path = reader.text("case", KEY).map(|path| reader.beside_configuration(&path))?;
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(cause) => {
            let message = format!("the sounding {} cannot be read: {cause}", path.display());
            reader.fault("case", KEY, message, "paths are relative to the folder of the configuration");
            return None;
        }
    };
    match parse(&text) {
        Ok((surface_pressure, levels)) => Some(Sounding { path, surface_pressure, levels }),
        Err(fault) => {
            let message = format!("the sounding {} is faulty: {fault}", path.display());
            let form = "first line: hPa, K, g/kg; then m, K, g/kg, m/s, m/s";
            reader.fault("case", KEY, message, form);
            None
        }
    }
}

/// Pressure at the ground in Pa and the levels, or what is wrong.
fn parse(text: &str) -> Result<(f64, Vec<SoundingLevel>), String> {
    let lines = text.lines().enumerate().map(|(index, line)| {
        let line = line.split(['#', '!']).next().unwrap_or_default();
        (index + 1, line)
    });
    let mut rows = lines.filter(|(_, line)| !line.trim().is_empty());
    let (line, text) = rows.next().ok_or("it is empty")?;
    let [pressure, theta, vapour] = numbers(line, text)?;
    let ground = SoundingLevel { z: 0.0, theta, vapour: 1e-3 * vapour, u: 0.0, v: 0.0 };
    let mut levels = vec![checked(line, ground)?];
    if !(100.0..=1200.0).contains(&pressure) {
        return Err(format!("line {line}: {pressure} hPa is no pressure at the ground"));
    }
    for (line, text) in rows {
        let [z, theta, vapour, u, v] = numbers(line, text)?;
        let below = levels.last().map_or(0.0, |level| level.z);
        if z < below || (z == below && levels.len() > 1) {
            return Err(format!("line {line}: the height {z} m is not above the one before"));
        }
        let level = SoundingLevel { z, theta, vapour: 1e-3 * vapour, u, v };
        if z == 0.0 {
            levels.clear();
        }
        levels.push(checked(line, level)?);
    }
    if levels.len() < 2 {
        return Err("it has no level above the ground".into());
    }
    if levels[0].u == 0.0 && levels[0].v == 0.0 {
        (levels[0].u, levels[0].v) = (levels[1].u, levels[1].v);
    }
    Ok((100.0 * pressure, levels))
}

/// The first `N` numbers of a line.
fn numbers<const N: usize>(line: usize, text: &str) -> Result<[f64; N], String> {
    let words: Vec<&str> = text.split([' ', '\t', ',']).filter(|word| !word.is_empty()).collect();
    if words.len() < N {
        return Err(format!("line {line}: {N} numbers are expected, {} found", words.len()));
    }
    let mut values = [0.0; N];
    for (value, word) in values.iter_mut().zip(words) {
        *value = word.parse().map_err(|_| format!("line {line}: `{word}` is not a number"))?;
    }
    Ok(values)
}

/// A level whose values are those of air.
fn checked(line: usize, level: SoundingLevel) -> Result<SoundingLevel, String> {
    let SoundingLevel { z, theta, vapour, u, v } = level;
    let good = [
        ("height", z, (-1e3..=2e5).contains(&z)),
        ("potential temperature", theta, (100.0..=5000.0).contains(&theta)),
        ("mixing ratio", vapour, (0.0..=0.1).contains(&vapour)),
        ("wind", u, u.abs() <= 300.0),
        ("wind", v, v.abs() <= 300.0),
    ];
    match good.into_iter().find(|(.., good)| !good) {
        Some((what, value, _)) => Err(format!("line {line}: {value} is no {what}")),
        None => Ok(level),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "# a comment\n1000.0 300.0 14.0\n 250.0 300.5 13.0 1.0 -2.0\n\n1000 301 8 5 0 ! more\n";

    #[test]
    fn a_sounding_is_read_in_si_units() {
        let (pressure, levels) = parse(GOOD).unwrap();
        assert_eq!((pressure, levels.len()), (1e5, 3));
        let first = SoundingLevel { z: 0.0, theta: 300.0, vapour: 0.014, u: 1.0, v: -2.0 };
        assert_eq!(levels[0], first);
        assert_eq!(levels[2], SoundingLevel { z: 1000.0, theta: 301.0, vapour: 8.0 * 1e-3, u: 5.0, v: 0.0 });
    }

    #[test]
    fn faults_name_their_line() {
        for (text, fault) in [
            ("", "it is empty"),
            ("1000 300 14\n", "no level above"),
            ("1000 300\n", "line 1: 3 numbers are expected, 2 found"),
            ("1000 300 14\n100 x 1 0 0\n", "line 2: `x` is not a number"),
            ("1000 300 14\n200 300 1 0 0\n100 300 1 0 0\n", "line 3: the height 100 m"),
            ("1000 300 14\n200 300 1000 0 0\n", "line 2: 1 is no mixing ratio"),
            ("10 300 14\n200 300 1 0 0\n", "line 1: 10 hPa"),
        ] {
            assert!(parse(text).unwrap_err().contains(fault), "{fault}: {:?}", parse(text));
        }
    }
}
