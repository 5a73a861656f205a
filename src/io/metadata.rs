//! What gale's files say about themselves, by the CF conventions: coordinates and global attributes.

use super::netcdf::NetcdfFile;
use crate::cases;
use crate::comm::Communicator;
use crate::config::{Configuration, Grid, date};
use crate::error::Result;
use crate::mesh::{Geometry, VerticalGrid};
use crate::state::Location;
use crate::version::{COMMIT, VERSION};
use std::time::{SystemTime, UNIX_EPOCH};

/// The CF version that the files follow.
const CONVENTIONS: &str = "CF-1.11";

/// Sets the global attributes of an output file.
pub fn set_global(file: &NetcdfFile, configuration: &Configuration, world: &dyn Communicator) -> Result<()> {
    // One text for all ranks: their clocks differ.
    let history = world.broadcast_text(&format!("{}: written by gale {VERSION}", now()));
    set_global_alone(file, configuration, &history)
}

/// The same for a file of one process.
pub fn set_global_alone(file: &NetcdfFile, configuration: &Configuration, history: &str) -> Result<()> {
    let name = configuration.case.name.as_str();
    let info = cases::find(name);
    file.set_attribute("Conventions", CONVENTIONS)?;
    file.set_attribute("title", info.map_or(name, |info| info.title))?;
    file.set_attribute("source", &format!("gale {VERSION}"))?;
    file.set_attribute("git_commit", COMMIT)?;
    file.set_attribute("history", history)?;
    file.set_attribute("case", name)?;
    file.set_attribute("reference", info.map_or("", |info| info.reference))?;
    file.set_attribute("configuration", &configuration.text)
}

/// Defines the time dimension, counted from the start date of the run, or without a date from its start.
pub fn define_time(
    file: &mut NetcdfFile,
    configuration: &Configuration,
    records: usize,
    unlimited: bool,
) -> Result<()> {
    let time = &configuration.time;
    if time.calendar == date::NONE {
        // Without `since` readers leave the numbers as they are; `s` is the unit, `seconds` a time span to some.
        let attributes = [("long_name", "time since the start of the run"), ("units", "s"), ("axis", "T")];
        return file.define_time(records, unlimited, &attributes);
    }
    let units = format!("seconds since {}", time.start_date);
    let attributes = [
        ("standard_name", "time"),
        ("long_name", "time"),
        ("units", units.as_str()),
        ("calendar", time.calendar.as_str()),
        ("axis", "T"),
    ];
    file.define_time(records, unlimited, &attributes)
}

/// Defines the dimensions z, z_interface, y and x with their coordinates.
pub fn define_space(file: &mut NetcdfFile, geometry: &Geometry, vertical: &VerticalGrid) -> Result<()> {
    let Geometry::Plane(plane) = geometry else { todo!("coordinates of the sphere") };
    let x: Vec<f64> = (0..plane.nx).map(|i| plane.x(i)).collect();
    let y: Vec<f64> = (0..plane.ny).map(|j| plane.y(j)).collect();
    let height = |long_name| {
        [
            ("standard_name", "height"),
            ("long_name", long_name),
            ("units", "m"),
            ("positive", "up"),
            ("axis", "Z"),
        ]
    };
    let horizontal = |standard_name, long_name, axis| {
        [("standard_name", standard_name), ("long_name", long_name), ("units", "m"), ("axis", axis)]
    };
    file.define_dimension("z", &vertical.centres, &height("height of cell centres"))?;
    file.define_dimension("z_interface", &vertical.interfaces, &height("height of level interfaces"))?;
    file.define_dimension("y", &y, &horizontal("projection_y_coordinate", "y of cell centres", "Y"))?;
    file.define_dimension("x", &x, &horizontal("projection_x_coordinate", "x of cell centres", "X"))
}

/// The dimensions of a variable without time.
pub fn dimensions(location: Location) -> &'static [&'static str] {
    match location {
        Location::Centre => &["z", "y", "x"],
        Location::Interface => &["z_interface", "y", "x"],
    }
}

/// Their lengths.
pub fn shape(grid: &Grid, location: Location) -> [usize; 3] {
    [location.levels(grid.nz), grid.ny, grid.nx]
}

/// The present in UTC, as `YYYY-MM-DDThh:mm:ssZ`.
pub fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    date(seconds)
}

/// Date and time of day so many seconds after 1970, in the Gregorian calendar.
fn date(seconds: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut days, mut year) = (seconds / 86_400, 1970);
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", days + 1)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(date(0), "1970-01-01T00:00:00Z");
        assert_eq!(date(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(date(1_735_689_599), "2024-12-31T23:59:59Z");
    }
}
