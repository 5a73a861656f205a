//! `gale info FILE`: what a file is and what is in it.

use super::{print, table};
use crate::error::Result;
use crate::io::reader::{File, TIME, ValueKind, VariableInfo};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Show what a snapshot, series or checkpoint file contains.
#[derive(clap::Args, Debug)]
pub struct InfoArgs {
    /// The file: gale's own, or another netCDF-4 file without groups.
    pub file: PathBuf,
    /// Show the configuration that the file was written with, too.
    #[arg(long)]
    pub configuration: bool,
}

/// Describes a file on the standard output.
///
/// # Errors
/// If the file cannot be read.
pub fn execute(args: &InfoArgs) -> Result<()> {
    let file = File::open(&args.file)?;
    let mut text = describe(&file)?;
    if args.configuration {
        let configuration = file.attribute("configuration");
        let _ = write!(text, "\n{}", configuration.as_deref().unwrap_or("no configuration in this file\n"));
    }
    print(&text)
}

/// The description that `gale info` prints.
///
/// # Errors
/// If the file cannot be read.
pub fn describe(file: &File) -> Result<String> {
    let mut text = format!("{}: {}\n", file.path().display(), kind(file));
    let facts =
        ["title", "case", "reference", "grid", "precision", "tracers", "source", "git_commit", "history"];
    for name in facts {
        if let Some(value) = file.attribute(name) {
            let _ = writeln!(text, "  {:<11} {value}", name.replace('_', " "));
        }
    }
    text.push_str(&globe(file));
    text.push_str(&times(file)?);
    text.push_str(&axes(file)?);
    let mut rows = vec![["variable", "unit", "dimensions", "min", "max", ""].map(String::from).to_vec()];
    for variable in file.variables().iter().filter(|variable| !variable.is_coordinate()) {
        rows.push(row(file, variable)?);
    }
    let _ = write!(text, "\n{}", table(&rows, 3));
    Ok(text)
}

/// What the file is.
fn kind(file: &File) -> String {
    if let Some(format) = file.attribute("format") {
        return format;
    }
    let mut fields = file.variables().iter().filter(|variable| !variable.is_coordinate());
    match (file.attribute("source").is_some_and(|source| source.starts_with("gale")), fields.next()) {
        (false, _) => "netCDF-4 file".into(),
        (true, Some(first)) if first.dimensions.len() == 1 => "gale time series".into(),
        (true, _) => "gale snapshots".into(),
    }
}

/// One line about the globe, where the file is of one and no other line says it.
fn globe(file: &File) -> String {
    let fact = |name| file.attribute(name);
    match (fact("grid"), fact("cells_per_edge"), fact("radius_m"), fact("tilt_rad")) {
        (None, Some(n), Some(radius), Some(tilt)) => {
            let label = "grid";
            format!(
                "  {label:<11} 6 x {n} x {n} columns on a sphere of radius {radius} m, tilted by {tilt} rad\n"
            )
        }
        _ => String::new(),
    }
}

/// One line about the times.
fn times(file: &File) -> Result<String> {
    let unit = file.variable_attribute(TIME, "units").unwrap_or_default();
    Ok(match &file.times()?[..] {
        [] if file.variables().iter().all(|variable| variable.name != TIME) => String::new(),
        [] => format!("  {:<11} none yet ({unit})\n", "times"),
        [only] => format!("  {:<11} 1: {only} {unit}\n", "times"),
        [first, .., last] => format!("  {:<11} {}: {first} to {last} {unit}\n", "times", file.times()?.len()),
    })
}

/// One line for each dimension but time.
fn axes(file: &File) -> Result<String> {
    let mut text = String::new();
    for variable in file.variables() {
        if !variable.is_coordinate() || variable.name == TIME || variable.kind == ValueKind::Other {
            continue;
        }
        let values = file.read(&variable.name)?;
        if let (Some(first), Some(last)) = (values.first(), values.last()) {
            let (name, unit) = (&variable.name, &variable.unit);
            let _ = writeln!(text, "  {name:<11} {}: {first} to {last} {unit}", values.len());
        }
    }
    Ok(text)
}

/// The row of a variable in the table.
fn row(file: &File, variable: &VariableInfo) -> Result<Vec<String>> {
    let sizes: Vec<String> =
        variable.dimensions.iter().map(|(name, length)| format!("{name} {length}")).collect();
    let mut cells = vec![variable.name.clone(), variable.unit.clone(), sizes.join(", ")];
    if variable.kind == ValueKind::Other {
        return Ok(cells);
    }
    let records: Vec<Option<usize>> =
        if variable.has_time() { (0..variable.dimensions[0].1).map(Some).collect() } else { vec![None] };
    let (mut least, mut most, mut bad) = (f64::INFINITY, f64::NEG_INFINITY, 0);
    for record in records {
        for value in file.values::<f64>(&variable.name, record)? {
            if value.is_finite() {
                (least, most) = (least.min(value), most.max(value));
            } else {
                bad += 1;
            }
        }
    }
    let number = |value: f64| if value.is_finite() { format!("{value:.6e}") } else { "-".into() };
    cells.extend([number(least), number(most)]);
    cells.push(if bad > 0 { format!("{bad} values are not finite") } else { String::new() });
    Ok(cells)
}
