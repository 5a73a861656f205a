//! The ground: its shape, and how the levels follow it.

use super::checked::{
    CaseChoice, Dynamics, Grid, Setting, Terrain, TerrainCoordinate, TerrainFile, TerrainShape,
};
use super::reader::Reader;
use crate::cases::has_own_ground;

const SECTION: &str = "terrain";

/// Keys besides the shape itself: of the levels, of the analytic shapes, of files.
const LEVELS: [&str; 4] = ["coordinate", "decay_m", "small_decay_m", "split_m"];
const ANALYTIC: [&str; 3] = ["height_m", "half_width_m", "wavelength_m"];
const FILES: [&str; 5] = ["file", "variable", "longitude_deg", "latitude_deg", "smoothing_passes"];
const CENTRE: [&str; 2] = ["centre_x_m", "centre_y_m"];

/// Fewest levels over terrain: what the lowest and the highest cell and the stencils between them need.
const FEWEST_LEVELS: usize = 4;

#[derive(Clone, Copy, PartialEq)]
enum Name {
    None,
    Bell,
    Schaer,
    Ridge,
    Hill,
    File,
    Case,
}

/// The written terrain: `Some(None)` for flat ground, `None` after a fault.
pub fn terrain(
    reader: &mut Reader<'_>,
    grid: Option<&Grid>,
    case: Option<&CaseChoice>,
    setting: Option<Setting>,
) -> Option<Option<Terrain>> {
    let name = name(reader, case?)?;
    if name == Name::None {
        for keys in [&LEVELS[..], &ANALYTIC, &FILES, &CENTRE] {
            refuse(reader, keys, "over flat ground", "leave it out, or choose a terrain.shape");
        }
        return Some(None);
    }
    if setting == Some(Setting::ShallowWater) {
        let message = "terrain.shape: the ground under shallow water is that of the case".to_string();
        reader.fault(SECTION, "shape", message, "leave it out");
        return None;
    }
    let grid = grid?;
    let x = reader.optional_number(SECTION, "centre_x_m");
    let y = reader.optional_number(SECTION, "centre_y_m");
    let top = *grid.interfaces.last()?;
    let coordinate = coordinate(reader, top);
    let centre = [x?.unwrap_or_else(|| grid.x_centre()), y?.unwrap_or_else(|| grid.y_centre())];
    if grid.nz < FEWEST_LEVELS {
        let message = format!("terrain needs at least {FEWEST_LEVELS} levels, but grid.nz = {}", grid.nz);
        reader.fault("grid", "nz", message, "take more levels, or flat ground");
    }
    let shape = match name {
        Name::Case => of_case(reader),
        Name::File if grid.sphere().is_some() => file_of_globe(reader),
        Name::Hill if grid.sphere().is_some() => hill_on_globe(reader, top),
        Name::File => from_file(reader, centre),
        _ if grid.sphere().is_some() => {
            let message = "terrain.shape: ridges lie in a box".to_string();
            reader.fault(SECTION, "shape", message, "on the globe: none, hill, file or case");
            None
        }
        _ => analytic(reader, name, centre, top),
    };
    Some(Some(Terrain { shape: shape?, coordinate: coordinate? }))
}

/// The written shape, or that which belongs to the case.
fn name(reader: &mut Reader<'_>, case: &CaseChoice) -> Option<Name> {
    let brings = has_own_ground(&case.name);
    if !reader.is_written(SECTION, "shape") {
        return Some(if brings { Name::Case } else { Name::None });
    }
    let names = [Name::None, Name::Bell, Name::Schaer, Name::Ridge, Name::Hill, Name::File, Name::Case];
    let name = reader.choice(SECTION, "shape", &names)?;
    if brings != (name == Name::Case) {
        let has = if brings { "a ground of its own" } else { "no ground of its own" };
        let help = if brings { "leave it out, or write \"case\"" } else { "choose another shape" };
        reader.fault(SECTION, "shape", format!("terrain.shape: the case {} has {has}", case.name), help);
        return None;
    }
    Some(name)
}

/// The ground that the case brings along.
fn of_case(reader: &mut Reader<'_>) -> Option<TerrainShape> {
    for keys in [&ANALYTIC[..], &FILES] {
        refuse(
            reader,
            keys,
            "over the ground of a case",
            "leave it out; parameters of the case stand in [case]",
        );
    }
    Some(TerrainShape::Case)
}

/// A hill around a longitude and a latitude.
fn hill_on_globe(reader: &mut Reader<'_>, top: f64) -> Option<TerrainShape> {
    const HELP: &str = "leave it out, or choose another shape";
    refuse(reader, &["file", "variable", "smoothing_passes"], "for this shape", HELP);
    let height = needed(reader, "height_m");
    let half_width = needed(reader, "half_width_m");
    let longitude = needed(reader, "longitude_deg");
    let latitude = needed(reader, "latitude_deg");
    let (height, half_width) = (height?, half_width?);
    let height = below_lid(reader, height, top)?;
    Some(TerrainShape::Hill { height, half_width, centre: [longitude?, latitude?] })
}

/// Heights from a file that goes around the globe.
fn file_of_globe(reader: &mut Reader<'_>) -> Option<TerrainShape> {
    let places = ["longitude_deg", "latitude_deg"];
    refuse(reader, &places, "on the globe", "leave it out: the file has longitudes and latitudes");
    from_file(reader, [0.0; 2])
}

/// An analytic shape under a lid at `top` m.
fn analytic(reader: &mut Reader<'_>, name: Name, centre: [f64; 2], top: f64) -> Option<TerrainShape> {
    const HELP: &str = "leave it out, or choose another shape";
    refuse(reader, &FILES, "for this shape", HELP);
    if name != Name::Schaer {
        refuse(reader, &["wavelength_m"], "for this shape", HELP);
    }
    if name != Name::Hill {
        refuse(reader, &["centre_y_m"], "for this shape", HELP);
    }
    let height = needed(reader, "height_m");
    let half_width = needed(reader, "half_width_m");
    let wavelength = if name == Name::Schaer { needed(reader, "wavelength_m") } else { Some(0.0) };
    let (height, half_width, wavelength) = (height?, half_width?, wavelength?);
    let height = below_lid(reader, height, top)?;
    Some(match name {
        Name::Hill => TerrainShape::Hill { height, half_width, centre },
        Name::Schaer => TerrainShape::Schaer { height, half_width, wavelength, centre: centre[0] },
        Name::Ridge => TerrainShape::Ridge { height, half_width, centre: centre[0] },
        _ => TerrainShape::Bell { height, half_width, centre: centre[0] },
    })
}

/// A height, if it lies below the lid.
fn below_lid(reader: &mut Reader<'_>, height: f64, top: f64) -> Option<f64> {
    if height >= top {
        let message = format!("terrain.height_m = {height} is not below the lid at {top} m");
        reader.fault(SECTION, "height_m", message, "lower the ground or raise the lid");
        return None;
    }
    Some(height)
}

/// Heights from a file.
fn from_file(reader: &mut Reader<'_>, centre: [f64; 2]) -> Option<TerrainShape> {
    refuse(reader, &ANALYTIC, "for this shape", "leave it out, or choose another shape");
    if !reader.is_written(SECTION, "file") {
        reader.missing(SECTION, "file", "this terrain.shape needs it");
        return None;
    }
    let path = reader.text(SECTION, "file").map(|path| reader.beside_configuration(&path));
    let is_named = reader.is_written(SECTION, "variable");
    let variable = if is_named { Some(reader.text(SECTION, "variable")?) } else { None };
    let longitude = reader.optional_number(SECTION, "longitude_deg")?;
    let latitude = reader.optional_number(SECTION, "latitude_deg")?;
    let smoothing = reader.optional_integer(SECTION, "smoothing_passes")?.unwrap_or(0);
    if longitude.is_some() != latitude.is_some() {
        let missing = if longitude.is_some() { "latitude_deg" } else { "longitude_deg" };
        reader.missing(SECTION, missing, "a place has both");
        return None;
    }
    let place = longitude.zip(latitude).map(|(longitude, latitude)| [longitude, latitude]);
    Some(TerrainShape::File(TerrainFile { path: path?, variable, place, centre, smoothing }))
}

/// The levels; those of a hybrid coordinate have scales.
fn coordinate(reader: &mut Reader<'_>, top: f64) -> Option<TerrainCoordinate> {
    let is_written = reader.is_written(SECTION, "coordinate");
    let is_hybrid = if is_written { reader.choice(SECTION, "coordinate", &[false, true])? } else { true };
    if !is_hybrid {
        let scales = ["decay_m", "small_decay_m", "split_m"];
        refuse(reader, &scales, "for basic levels", "leave it out, or choose coordinate = \"hybrid\"");
        return Some(TerrainCoordinate::Basic);
    }
    let decay = reader.optional_number(SECTION, "decay_m");
    let small_decay = reader.optional_number(SECTION, "small_decay_m");
    let split = reader.optional_number(SECTION, "split_m");
    let small_decay = small_decay?.unwrap_or(0.1 * top);
    Some(TerrainCoordinate::Hybrid {
        decay: decay?.unwrap_or(0.25 * top),
        small_decay,
        split: split?.unwrap_or(0.5 * small_decay),
    })
}

fn needed(reader: &mut Reader<'_>, key: &str) -> Option<f64> {
    let value = reader.optional_number(SECTION, key)?;
    if value.is_none() {
        reader.missing(SECTION, key, "this terrain.shape needs it");
    }
    value
}

/// Notes those of the keys that are written and have no effect.
fn refuse(reader: &mut Reader<'_>, keys: &[&str], circumstance: &str, help: &str) {
    for key in keys {
        if reader.is_written(SECTION, key) {
            let message = format!("{SECTION}.{key} has no effect {circumstance}");
            reader.fault(SECTION, key, message, help);
        }
    }
}

/// Notes what the equations over terrain do not have; `others` are keys, what they stand for, and whether that is in
/// use.
pub fn without_meaning(
    reader: &mut Reader<'_>,
    terrain: &Option<Option<Terrain>>,
    dynamics: Option<&Dynamics>,
    others: &[(&'static str, &'static str, &'static str, bool)],
) {
    let (Some(Some(_)), Some(dynamics)) = (terrain, dynamics) else { return };
    let help = "leave it out, or choose terrain.shape = \"none\"";
    let is_globe = dynamics.setting == Setting::Sphere;
    let absent = [
        ("dynamics", "viscosity_m2_per_s", "viscosity on the globe", is_globe && dynamics.viscosity > 0.0),
        (
            "dynamics",
            "diffusivity_m2_per_s",
            "diffusivity on the globe",
            is_globe && dynamics.diffusivity > 0.0,
        ),
    ];
    for (section, key, what, is_asked) in absent.iter().chain(others).copied() {
        if is_asked && (key != "diffusivity_m2_per_s" || reader.is_written(section, key)) {
            let message = format!("{section}.{key}: the air over terrain knows no {what} yet");
            reader.fault(section, key, message, help);
        }
    }
}
