//! Dates in the calendars of the CF conventions.

/// The calendars that a run may use; [`NONE`] counts the time without dates.
pub const CALENDARS: &[&str] = &["proleptic_gregorian", "standard", "noleap", "360_day", NONE];

/// No calendar: the time is counted from the start of the run.
pub const NONE: &str = "none";

/// Checks a date of the form `YYYY-MM-DD hh:mm:ss` in one of the [`CALENDARS`].
///
/// # Errors
/// One sentence that says what is wrong with it.
pub fn check(date: &str, calendar: &str) -> Result<(), String> {
    let Some([year, month, day, hour, minute, second]) = fields(date) else {
        return Err(format!("`{date}` is not a date of the form YYYY-MM-DD hh:mm:ss"));
    };
    if !(1..=12).contains(&month) {
        return Err(format!("`{date}` has no month between 01 and 12"));
    }
    let days = days_in_month(year, month, calendar);
    if day < 1 || day > days {
        return Err(format!("month {month:02} of year {year} has {days} days in the {calendar} calendar"));
    }
    // The standard calendar went from 4 to 15 October 1582.
    if calendar == "standard" && (year, month) == (1582, 10) && (5..15).contains(&day) {
        return Err(format!("`{date}` does not exist in the standard calendar"));
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(format!("`{date}` has no time of day between 00:00:00 and 23:59:59"));
    }
    Ok(())
}

/// Year, month, day, hour, minute and second, if the form is right.
fn fields(date: &str) -> Option<[u32; 6]> {
    let form = "dddd-dd-dd dd:dd:dd";
    let fits = date.len() == form.len()
        && date.chars().zip(form.chars()).all(|(c, f)| if f == 'd' { c.is_ascii_digit() } else { c == f });
    let number = |range: std::ops::Range<usize>| date[range].parse().ok();
    if !fits {
        return None;
    }
    Some([number(0..4)?, number(5..7)?, number(8..10)?, number(11..13)?, number(14..16)?, number(17..19)?])
}

fn days_in_month(year: u32, month: u32, calendar: &str) -> u32 {
    if calendar == "360_day" {
        return 30;
    }
    let julian = calendar == "standard" && year <= 1582;
    let leap = match calendar {
        "noleap" => false,
        _ => year.is_multiple_of(4) && (julian || !year.is_multiple_of(100) || year.is_multiple_of(400)),
    };
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_days_depend_on_the_calendar() {
        let leap = "2000-02-29 00:00:00";
        assert!(check(leap, "proleptic_gregorian").is_ok());
        assert!(check(leap, "noleap").is_err());
        assert!(check("2000-02-30 00:00:00", "360_day").is_ok());
        assert!(check("1900-02-29 00:00:00", "standard").is_err());
        assert!(check("1500-02-29 00:00:00", "standard").is_ok());
        assert!(check("1500-02-29 00:00:00", "proleptic_gregorian").is_err());
        assert!(check("1582-10-10 00:00:00", "standard").is_err());
    }

    #[test]
    fn wrong_forms_are_refused() {
        for date in
            ["", "2000-01-01", "2000-1-1 00:00:00", "2000-13-01 00:00:00", "2000-01-01 24:00:00", "päter"]
        {
            assert!(check(date, "standard").is_err(), "{date}");
        }
    }
}
