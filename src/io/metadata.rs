//! What gale's files say about themselves, by the CF conventions: coordinates and global attributes.

use super::local_part::LocalPart;
use super::netcdf::{Definition, NetcdfFile};
use super::reader::PANEL;
use crate::cases;
use crate::comm::Communicator;
use crate::config::{Configuration, Precision, date};
use crate::error::Result;
use crate::mesh::cubed_sphere::{PANELS, longitude_latitude};
use crate::mesh::{CubedSphere, Geometry, Mesh, Plane, Terrain, VerticalGrid};
use crate::state::Location;
use crate::version::{COMMIT, VERSION};
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

/// The CF version that the files follow.
const CONVENTIONS: &str = "CF-1.11";

/// Variables over (panel, y, x) in files of the sphere; [`place_attributes`] names them.
const LATITUDE: &str = "lat";
const LONGITUDE: &str = "lon";
const CELL_AREA: &str = "cell_area";

/// Variables over terrain: heights of the ground over (y, x), and of cell centres and interfaces.
pub const GROUND: &str = "surface_altitude";
pub const HEIGHT: &str = "height";
pub const INTERFACE_HEIGHT: &str = "height_interface";

/// [`place_attributes`] over terrain on the sphere.
const OVER_TERRAIN: &[(&str, &str)] =
    &[("coordinates", "lat lon height"), ("cell_measures", "area: cell_area")];
const INTERFACE_OVER_TERRAIN: &[(&str, &str)] =
    &[("coordinates", "lat lon height_interface"), ("cell_measures", "area: cell_area")];

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

/// Defines the dimensions z, z_interface, y and x with their coordinates; on the sphere also the panel, and
/// with the positions and areas of the columns. All ranks call it together.
pub fn define_space(file: &mut NetcdfFile, mesh: &Mesh) -> Result<()> {
    match &mesh.terrain {
        Some(_) => define_nominal_heights(file, &mesh.vertical)?,
        None => define_heights(file, &mesh.vertical)?,
    }
    match &mesh.geometry {
        Geometry::Plane(plane) => define_plane_part(file, plane, 0..plane.nx, 0..plane.ny)?,
        Geometry::CubedSphere(sphere) => {
            define_panels(file, sphere)?;
            define_columns(file, mesh, sphere)?;
        }
    }
    let Some(terrain) = &mesh.terrain else { return Ok(()) };
    let column = |tile: usize, i: usize, j: usize| {
        let tile = &mesh.local_tiles()[tile];
        [tile.i0 + i, mesh.row(tile.panel, tile.j0 + j)]
    };
    let all = [Location::Surface, Location::Centre, Location::Interface];
    define_terrain(file, terrain, &LocalPart::new(mesh), &all, column)
}

/// Defines the dimensions z and z_interface with their coordinates.
pub fn define_heights(file: &mut NetcdfFile, vertical: &VerticalGrid) -> Result<()> {
    let height = |long_name| {
        [
            ("standard_name", "height"),
            ("long_name", long_name),
            ("units", "m"),
            ("positive", "up"),
            ("axis", "Z"),
        ]
    };
    file.define_dimension("z", &vertical.centres, &height("height of cell centres"))?;
    file.define_dimension("z_interface", &vertical.interfaces, &height("height of level interfaces"))
}

/// The same over terrain, where these are the heights of the levels over flat ground.
pub fn define_nominal_heights(file: &mut NetcdfFile, vertical: &VerticalGrid) -> Result<()> {
    let nominal = |long_name| [("long_name", long_name), ("units", "m"), ("positive", "up"), ("axis", "Z")];
    file.define_dimension("z", &vertical.centres, &nominal("nominal height of cell centres"))?;
    file.define_dimension("z_interface", &vertical.interfaces, &nominal("nominal height of level interfaces"))
}

/// The heights of the ground, of cell centres and of interfaces, at those of the locations, over the columns of `part`;
/// `column(tile, i, j)` is where one of its columns lies in the domain.
pub fn define_terrain(
    file: &mut NetcdfFile,
    terrain: &Terrain,
    part: &LocalPart,
    locations: &[Location],
    column: impl Fn(usize, usize, usize) -> [usize; 2] + Sync,
) -> Result<()> {
    for &location in locations {
        let (name, standard_name, long_name) = match location {
            Location::Surface => (GROUND, "surface_altitude", "height of the ground"),
            Location::Centre => (HEIGHT, "altitude", "height of cell centres"),
            Location::Interface => (INTERFACE_HEIGHT, "altitude", "height of level interfaces"),
        };
        let attributes =
            [("standard_name", standard_name), ("long_name", long_name), ("units", "m"), ("positive", "up")];
        file.define_variable(&Definition {
            name,
            dimensions: &dimensions_with(part.has_panels(), location),
            precision: Precision::Double,
            compression: 0,
            attributes: &attributes,
        })?;
        let values = part.gather::<f64>(location, |_, tile, k, j, out| {
            for (i, out) in out.iter_mut().enumerate() {
                let [i, j] = column(tile, i, j);
                *out = match location {
                    Location::Surface => terrain.ground(i, j),
                    Location::Centre => 0.5 * (terrain.interface(i, j, k) + terrain.interface(i, j, k + 1)),
                    Location::Interface => terrain.interface(i, j, k),
                };
            }
        });
        file.write_part(name, None, part, location, &values)?;
    }
    Ok(())
}

/// Defines the dimensions y and x of these columns of a box with their coordinates.
pub fn define_plane_part(
    file: &mut NetcdfFile,
    plane: &Plane,
    x: Range<usize>,
    y: Range<usize>,
) -> Result<()> {
    let x: Vec<f64> = x.map(|i| plane.x(i)).collect();
    let y: Vec<f64> = y.map(|j| plane.y(j)).collect();
    let horizontal = |standard_name, long_name, axis| {
        [("standard_name", standard_name), ("long_name", long_name), ("units", "m"), ("axis", axis)]
    };
    file.define_dimension("y", &y, &horizontal("projection_y_coordinate", "y of cell centres", "Y"))?;
    file.define_dimension("x", &x, &horizontal("projection_x_coordinate", "x of cell centres", "X"))
}

/// What the panels of the sphere are, and the coordinates on each of them.
fn define_panels(file: &mut NetcdfFile, sphere: &CubedSphere) -> Result<()> {
    file.set_attribute("grid_type", "equiangular gnomonic cubed sphere")?;
    file.set_number("cells_per_edge", sphere.n as f64)?;
    file.set_number("radius_m", sphere.radius)?;
    file.set_number("tilt_rad", sphere.tilt)?;
    let panels: Vec<f64> = (0..PANELS).map(|panel| panel as f64).collect();
    let attributes = [("long_name", "panel of the cubed sphere"), ("units", "1")];
    file.define_dimension(PANEL, &panels, &attributes)?;
    // Whole multiples of half a cell, so that the angles mirror each other.
    let half_cell = 45.0 / sphere.n as f64;
    let angles: Vec<f64> =
        (0..sphere.n).map(|i| (2.0 * i as f64 + 1.0 - sphere.n as f64) * half_cell).collect();
    for (name, long_name, axis) in [
        ("y", "angle beta of cell centres on the panel", "Y"),
        ("x", "angle alpha of cell centres on the panel", "X"),
    ] {
        file.define_dimension(
            name,
            &angles,
            &[("long_name", long_name), ("units", "degree"), ("axis", axis)],
        )?;
    }
    Ok(())
}

/// Latitude, longitude and area of the columns of the sphere.
fn define_columns(file: &mut NetcdfFile, mesh: &Mesh, sphere: &CubedSphere) -> Result<()> {
    type Value = fn(&CubedSphere, usize, usize, usize) -> f64;
    let columns: [(&str, &str, &str, &str, Value); 3] = [
        (LATITUDE, "latitude", "latitude of cell centres", "degrees_north", |sphere, panel, i, j| {
            longitude_latitude(sphere.centre(panel, i, j)).1.to_degrees()
        }),
        (LONGITUDE, "longitude", "longitude of cell centres", "degrees_east", |sphere, panel, i, j| {
            longitude_latitude(sphere.centre(panel, i, j)).0.to_degrees()
        }),
        (CELL_AREA, "cell_area", "horizontal area of the columns", "m2", |sphere, _, i, j| sphere.area(i, j)),
    ];
    let part = LocalPart::new(mesh);
    for (name, standard_name, long_name, units, value) in columns {
        file.define_variable(&Definition {
            name,
            dimensions: &dimensions(&mesh.geometry, Location::Surface),
            precision: Precision::Double,
            compression: 0,
            attributes: &[("standard_name", standard_name), ("long_name", long_name), ("units", units)],
        })?;
        let values = part.gather::<f64>(Location::Surface, |_, tile, _, j, out| {
            let tile = &mesh.local_tiles()[tile];
            for (i, out) in out.iter_mut().enumerate() {
                *out = value(sphere, tile.panel, tile.i0 + i, tile.j0 + j);
            }
        });
        file.write_part(name, None, &part, Location::Surface, &values)?;
    }
    Ok(())
}

/// Attributes of every field that say where its columns are, and over terrain how high its values; none on a flat
/// plane, where the coordinates do.
pub fn place_attributes(mesh: &Mesh, location: Location) -> &'static [(&'static str, &'static str)] {
    match &mesh.geometry {
        Geometry::Plane(_) if mesh.terrain.is_some() => height_attributes(location),
        Geometry::Plane(_) => &[],
        Geometry::CubedSphere(_) => match (&mesh.terrain, location) {
            (Some(_), Location::Centre) => OVER_TERRAIN,
            (Some(_), Location::Interface) => INTERFACE_OVER_TERRAIN,
            _ => &[("coordinates", "lat lon"), ("cell_measures", "area: cell_area")],
        },
    }
}

/// Attributes of the fields of a box over terrain that say how high their values are.
pub fn height_attributes(location: Location) -> &'static [(&'static str, &'static str)] {
    match location {
        Location::Centre => &[("coordinates", HEIGHT)],
        Location::Interface => &[("coordinates", INTERFACE_HEIGHT)],
        Location::Surface => &[],
    }
}

/// The dimensions of a variable without time.
pub fn dimensions(geometry: &Geometry, location: Location) -> Vec<&'static str> {
    dimensions_with(geometry.panels() > 1, location)
}

/// The same, with panels or without.
pub fn dimensions_with(panels: bool, location: Location) -> Vec<&'static str> {
    panels.then_some(PANEL).into_iter().chain(level_dimension(location)).chain(["y", "x"]).collect()
}

/// The dimension of the levels, where there are any.
pub fn level_dimension(location: Location) -> Option<&'static str> {
    match location {
        Location::Centre => Some("z"),
        Location::Interface => Some("z_interface"),
        Location::Surface => None,
    }
}

/// Their lengths.
pub fn shape(mesh: &Mesh, location: Location) -> Vec<usize> {
    let Mesh { geometry, vertical, .. } = mesh;
    let [nx, ny] = geometry.extent();
    let panels = (geometry.panels() > 1).then_some(geometry.panels());
    let levels = (location != Location::Surface).then(|| location.levels(vertical.nz()));
    panels.into_iter().chain(levels).chain([ny, nx]).collect()
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
