//! Numbers as people read them.

/// A length of time: `12.5 s`, `12 min 30 s`, `4:05:06`, `3 d 04:05:06`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown".into();
    }
    if seconds < 0.0 {
        return format!("-{}", duration(-seconds));
    }
    if seconds < 59.95 {
        let text = format!("{seconds:.1}");
        return format!("{} s", text.strip_suffix(".0").unwrap_or(&text));
    }
    let whole = seconds.round() as u64;
    let (days, hours, minutes, rest) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    match (days, hours, rest) {
        (0, 0, 0) => format!("{minutes} min"),
        (0, 0, _) => format!("{minutes} min {rest:02} s"),
        (0, ..) => format!("{hours}:{minutes:02}:{rest:02}"),
        _ => format!("{days} d {hours:02}:{minutes:02}:{rest:02}"),
    }
}

/// A number of bytes: `512 B`, `1.5 MiB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{} {}", significant(value, 3), UNITS[unit])
}

/// A whole number with its digits in groups of three: `1,048,576`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length in m or km: `62.5 m`, `25.6 km`.
pub fn length(metres: f64) -> String {
    if metres.abs() >= 10_000.0 {
        format!("{} km", significant(metres / 1000.0, 4))
    } else {
        format!("{} m", significant(metres, 4))
    }
}

/// `value` with `digits` significant digits, no trailing zeros, and an exponent only where it is shorter.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    if value == 0.0 {
        return "0".into();
    }
    let scientific = format!("{value:.*e}", digits.max(1) - 1);
    let (mantissa, exponent) = scientific.split_once('e').expect("the format has an exponent");
    let power: i32 = exponent.parse().expect("the exponent is a whole number");
    if (-4..=6).contains(&power) {
        let decimals = (digits as i32 - 1 - power).max(0) as usize;
        return without_trailing_zeros(&format!("{value:.decimals$}")).into();
    }
    format!("{}e{power}", without_trailing_zeros(mantissa))
}

/// Cuts zeros after the decimal point, and the point.
fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let cases = [
            (0.0, "0 s"),
            (12.5, "12.5 s"),
            (59.96, "1 min"),
            (750.0, "12 min 30 s"),
            (900.0, "15 min"),
            (3_661.0, "1:01:01"),
            (3.0 * 86_400.0 + 4.0 * 3600.0 + 306.0, "3 d 04:05:06"),
            (-750.0, "-12 min 30 s"),
            (f64::INFINITY, "unknown"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn sizes_and_counts() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(1023 * 1024), "0.999 MiB");
        assert_eq!(bytes(139 << 30), "139 GiB");
        assert_eq!(count(7), "7");
        assert_eq!(count(1_048_576), "1,048,576");
        assert_eq!(length(62.5), "62.5 m");
        assert_eq!(length(25_600.0), "25.6 km");
    }

    #[test]
    fn significant_digits() {
        assert_eq!(significant(0.000_123_456, 3), "0.000123");
        assert_eq!(significant(1.5e-16, 2), "1.5e-16");
        assert_eq!(significant(-2.0e9, 3), "-2e9");
        assert_eq!(significant(1234.5, 3), "1234");
        assert_eq!(significant(9.999, 3), "10");
        assert_eq!(significant(f64::NAN, 3), "NaN");
    }
}
