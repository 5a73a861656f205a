//! Sections and columns of a box: their keys, and what must hold between them.

use super::check::names;
use super::checked::{Cut, Grid, Slices};
use super::reader::Reader;

const SECTION: &str = "output";

/// What holds where nothing of its own is written: interval and variables of the snapshots.
pub struct Defaults<'a> {
    /// `None` inside for no snapshots.
    pub every: Option<Option<f64>>,
    pub variables: Option<&'a [String]>,
}

/// The sections, `None` inside for none.
pub fn sections(
    reader: &mut Reader<'_>,
    grid: Option<&Grid>,
    defaults: &Defaults<'_>,
    known: Option<&[&str]>,
) -> Option<Option<Slices>> {
    let x = places(reader, "section_x_m", grid.map(range_x));
    let y = places(reader, "section_y_m", grid.map(range_y));
    let z = places(reader, "section_z_m", grid.map(range_z));
    let cuts = x?.into_iter().map(Cut::X).chain(y?.into_iter().map(Cut::Y));
    let cuts = cuts.chain(z?.into_iter().map(Cut::Z)).collect();
    let keys = ["section_every_s", "section_variables"];
    slices(reader, cuts, keys, "section_x_m, section_y_m or section_z_m", defaults, known)
}

/// The columns, `None` inside for none.
pub fn columns(
    reader: &mut Reader<'_>,
    grid: Option<&Grid>,
    defaults: &Defaults<'_>,
    known: Option<&[&str]>,
) -> Option<Option<Slices>> {
    let x = places(reader, "column_x_m", grid.map(range_x));
    let y = places(reader, "column_y_m", grid.map(range_y));
    let (x, mut y) = (x?, y?);
    if !reader.is_written(SECTION, "column_y_m") {
        y = vec![grid?.y_centre(); x.len()];
    }
    if x.len() != y.len() {
        let message = format!("output.column_x_m has {} values, but column_y_m {}", x.len(), y.len());
        let key = if x.is_empty() { "column_y_m" } else { "column_x_m" };
        reader.fault(SECTION, key, message, "a column needs its x and its y");
        return None;
    }
    let cuts = x.into_iter().zip(y).map(|(x, y)| Cut::Column(x, y)).collect();
    slices(reader, cuts, ["column_every_s", "column_variables"], "column_x_m", defaults, known)
}

/// Slices with their interval and variables.
fn slices(
    reader: &mut Reader<'_>,
    cuts: Vec<Cut>,
    [every, variables]: [&'static str; 2],
    needed: &str,
    defaults: &Defaults<'_>,
    known: Option<&[&str]>,
) -> Option<Option<Slices>> {
    if cuts.is_empty() {
        return nothing_else_is_written(reader, [every, variables], needed).then_some(None);
    }
    let interval = interval(reader, every, defaults);
    let chosen = if reader.is_written(SECTION, variables) {
        names(reader, SECTION, variables, "variable", known?)?
    } else {
        defaults.variables?.to_vec()
    };
    Some(Some(Slices { cuts, every: interval?, variables: chosen }))
}

/// The written interval in s, or that of the snapshots.
fn interval(reader: &mut Reader<'_>, key: &'static str, defaults: &Defaults<'_>) -> Option<f64> {
    let written = reader.optional_number(SECTION, key)?;
    let interval = written.or(defaults.every?);
    if interval.is_none() {
        reader.missing(SECTION, key, "without snapshots it has no default");
    }
    interval
}

/// Notes keys that have no meaning without a place.
fn nothing_else_is_written(reader: &mut Reader<'_>, keys: [&'static str; 2], needed: &str) -> bool {
    let written: Vec<_> = keys.into_iter().filter(|key| reader.is_written(SECTION, key)).collect();
    for key in &written {
        let message = format!("output.{key} has no effect without a place");
        reader.fault(SECTION, key, message, format!("say where by {needed}"));
    }
    written.is_empty()
}

/// Written positions, which must lie in the domain.
fn places(reader: &mut Reader<'_>, key: &'static str, range: Option<[f64; 2]>) -> Option<Vec<f64>> {
    if !reader.is_written(SECTION, key) {
        return Some(Vec::new());
    }
    let places = reader.numbers(SECTION, key)?;
    let [low, high] = range?;
    if let Some(outside) = places.iter().find(|place| !(low..=high).contains(*place)) {
        let message = format!("output.{key}: {outside} lies outside the domain");
        reader.fault(SECTION, key, message, format!("allowed: {low} to {high}"));
        return None;
    }
    Some(places)
}

fn range_x(grid: &Grid) -> [f64; 2] {
    [grid.x_min, grid.x_min + grid.nx as f64 * grid.dx]
}

fn range_y(grid: &Grid) -> [f64; 2] {
    [grid.y_min, grid.y_min + grid.ny as f64 * grid.dy]
}

fn range_z(grid: &Grid) -> [f64; 2] {
    [grid.interfaces[0], grid.interfaces[grid.nz]]
}
