//! `gale keys`: what may be written in a configuration.

use super::table;
use crate::config::keys::{SECTIONS, of_section};
use crate::config::suggestion;
use crate::error::{Error, Result};

/// Arguments of `gale keys`.
#[derive(Clone, Debug, clap::Args)]
pub struct KeysArgs {
    /// Only this section
    #[arg(value_name = "SECTION")]
    pub section: Option<String>,
}

/// Prints the keys with unit, default, allowed values and meaning.
///
/// # Errors
/// If there is no such section.
pub fn execute(args: &KeysArgs) -> Result<()> {
    let names: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
    if let Some(section) = &args.section
        && !names.contains(&section.as_str())
    {
        let help = suggestion(section, "the sections are", &names);
        return Err(Error::Usage(format!("there is no section [{section}]: {help}")));
    }
    let chosen =
        names.into_iter().filter(|name| args.section.as_deref().is_none_or(|wanted| wanted == *name));
    let parts: Vec<_> = chosen.map(section_text).collect();
    super::print(&parts.join("\n"))
}

/// The header of a section and the table of its keys.
fn section_text(section: &str) -> String {
    let doc = SECTIONS.iter().find(|(name, _)| *name == section).map_or("", |(_, doc)| doc);
    let header = ["key", "unit", "default", "allowed", "meaning"].map(String::from).to_vec();
    let mut rows = vec![header];
    rows.extend(of_section(section).map(|key| {
        let cells = [key.name, key.unit(), key.default_text(), &key.allowed(), key.doc];
        cells.map(String::from).to_vec()
    }));
    let keys = if rows.len() > 1 { table(&rows, usize::MAX) } else { String::new() };
    format!("[{section}]  {doc}\n{keys}")
}
