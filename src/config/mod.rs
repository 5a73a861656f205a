//! From the TOML file to a checked configuration.
//!
//! `raw` keeps the text as written, with the place of every key; `keys` is the one table of what
//! may be written, with unit, default and bounds; `checked` is what the rest of gale sees:
//! complete, in SI units, and free of contradictions. `check` leads from one to the other and
//! collects all faults, which `report` shows.

mod check;
pub mod checked;
pub mod date;
mod effective;
mod forcing;
pub mod keys;
mod latlon;
mod levels;
pub mod quantity;
mod raw;
mod reader;
mod report;
mod slices;
mod sounding;
#[cfg(test)]
mod tests;
mod turbulence;
mod unknown;

pub use checked::*;
pub use report::suggestion;

use crate::cases;
use crate::error::{Error, Result};
use crate::physics;
use check::Known;
use raw::Raw;
use std::path::Path;

/// Reads and checks the configuration file at `path`, with overrides of the form `grid.nx=64`.
///
/// # Errors
/// [`Error::Configuration`] if the file cannot be read, or with a report of all faults.
pub fn load(path: &Path, overrides: &[String]) -> Result<Configuration> {
    parse(&path.display().to_string(), &read(path)?, overrides)
}

/// The text of a configuration file.
///
/// # Errors
/// [`Error::Configuration`] if it cannot be read.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|cause| {
        Error::Configuration(format!("{}: the configuration cannot be read: {cause}", path.display()))
    })
}

/// Checks the configuration `text`; `name` is its file's name in messages.
///
/// # Errors
/// [`Error::Configuration`] with a report of all faults.
pub fn parse(name: &str, text: &str, overrides: &[String]) -> Result<Configuration> {
    let known =
        Known { cases: cases::registry(), tracers: cases::tracers::NAMES, processes: physics::registry() };
    let (raw, outcome) = read_and_check(name, text, overrides, &known);
    outcome.map_err(|faults| Error::Configuration(report::render(&raw.sources, &faults)))
}

fn read_and_check(
    name: &str,
    text: &str,
    overrides: &[String],
    known: &Known<'_>,
) -> (Raw, std::result::Result<Configuration, Vec<report::Fault>>) {
    match Raw::read(name, text, overrides) {
        Ok((raw, faults)) => {
            let outcome = check::check(&raw, faults, known);
            (raw, outcome)
        }
        Err((raw, faults)) => (raw, Err(faults)),
    }
}
