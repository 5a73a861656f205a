//! The ground: its shape, and how the levels follow it.

use super::checked::{Dynamics, Grid, Physics, Terrain, TerrainCoordinate, TerrainShape};
use super::reader::Reader;

const SECTION: &str = "terrain";

/// Keys besides the shape itself.
const KEYS: [&str; 9] = [
    "height_m",
    "half_width_m",
    "wavelength_m",
    "centre_x_m",
    "centre_y_m",
    "coordinate",
    "decay_m",
    "small_decay_m",
    "split_m",
];

/// Fewest levels over terrain: what the lowest and the highest cell and the stencils between them need.
const FEWEST_LEVELS: usize = 4;

#[derive(Clone, Copy, PartialEq)]
enum Name {
    None,
    Bell,
    Schaer,
    Hill,
}

/// The written terrain: `Some(None)` for flat ground, `None` after a fault.
pub fn terrain(reader: &mut Reader<'_>, grid: Option<&Grid>) -> Option<Option<Terrain>> {
    let name = reader.choice(SECTION, "shape", &[Name::None, Name::Bell, Name::Schaer, Name::Hill])?;
    if name == Name::None {
        refuse(reader, &KEYS, "over flat ground", "leave it out, or choose a terrain.shape");
        return Some(None);
    }
    if name != Name::Schaer {
        refuse(reader, &["wavelength_m"], "for this shape", "leave it out, or choose the shape schaer");
    }
    if name != Name::Hill {
        refuse(reader, &["centre_y_m"], "for this shape", "leave it out, or choose the shape hill");
    }
    let grid = grid?;
    let height = needed(reader, "height_m");
    let half_width = needed(reader, "half_width_m");
    let x = reader.optional_number(SECTION, "centre_x_m");
    let y = reader.optional_number(SECTION, "centre_y_m");
    let wavelength = if name == Name::Schaer { needed(reader, "wavelength_m") } else { Some(0.0) };
    let top = *grid.interfaces.last()?;
    let coordinate = coordinate(reader, top);
    let (height, half_width, wavelength) = (height?, half_width?, wavelength?);
    let centre = x?.unwrap_or_else(|| grid.x_centre());
    let centre_y = y?.unwrap_or_else(|| grid.y_centre());
    if height >= top {
        let message = format!("terrain.height_m = {height} is not below the lid at {top} m");
        reader.fault(SECTION, "height_m", message, "lower the ground or raise the lid");
        return None;
    }
    let shape = match name {
        Name::Hill => TerrainShape::Hill { height, half_width, centre: [centre, centre_y] },
        Name::Schaer => TerrainShape::Schaer { height, half_width, wavelength, centre },
        _ => TerrainShape::Bell { height, half_width, centre },
    };
    if grid.nz < FEWEST_LEVELS {
        let message = format!("terrain needs at least {FEWEST_LEVELS} levels, but grid.nz = {}", grid.nz);
        reader.fault("grid", "nz", message, "take more levels, or flat ground");
    }
    Some(Some(Terrain { shape, coordinate: coordinate? }))
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

/// Notes what the equations over terrain do not have.
pub fn without_meaning(
    reader: &mut Reader<'_>,
    terrain: &Option<Option<Terrain>>,
    dynamics: Option<&Dynamics>,
    physics: Option<&Physics>,
) {
    let (Some(Some(_)), Some(dynamics), Some(physics)) = (terrain, dynamics, physics) else { return };
    let help = "leave it out, or choose terrain.shape = \"none\"";
    let absent = [
        ("dynamics", "coriolis_per_s", dynamics.coriolis != 0.0, "rotation"),
        ("dynamics", "viscosity_m2_per_s", dynamics.viscosity > 0.0, "viscosity"),
        ("dynamics", "diffusivity_m2_per_s", dynamics.diffusivity > 0.0, "diffusivity"),
        ("physics", "processes", !physics.processes.is_empty(), "physical processes"),
    ];
    for (section, key, is_asked, what) in absent {
        if is_asked && (key != "diffusivity_m2_per_s" || reader.is_written(section, key)) {
            let message = format!("{section}.{key}: the air over terrain knows no {what} yet");
            reader.fault(section, key, message, help);
        }
    }
}
