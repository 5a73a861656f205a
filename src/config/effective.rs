//! The effective configuration as TOML: what is written, overrides applied, and the defaults.

use super::keys::{self, DefaultValue, SECTIONS};
use super::raw::Raw;
use super::report::WRITES;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The complete TOML text of a configuration without faults. Reading it gives the same
/// configuration and the same text. Defaults that follow from other keys stay comments, so that
/// they still follow when a person changes those; only the variables to write are listed.
pub fn text(
    raw: &Raw,
    geometry: &str,
    case_parameters: &BTreeMap<String, f64>,
    variables: &[String],
) -> String {
    let mut text = String::new();
    for (section, _) in SECTIONS {
        let mut lines = String::new();
        for key in keys::of_section(section).filter(|key| key.geometry.is_none_or(|only| only == geometry)) {
            let name = key.name;
            match (raw.entry(section, name), key.default) {
                (Some(entry), _) => writeln!(lines, "{name} = {}", entry.literal),
                (None, DefaultValue::Value(value)) => writeln!(lines, "{name} = {value}"),
                (None, _) if name == "variables" => writeln!(lines, "{name} = {variables:?}"),
                (None, DefaultValue::Derived(rule)) => writeln!(lines, "# {name}: default, {rule}"),
                (None, DefaultValue::Absent | DefaultValue::Required) => Ok(()),
            }
            .expect(WRITES);
        }
        if *section == "case" {
            add_parameters(&mut lines, raw, case_parameters);
        }
        if !lines.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            write!(text, "{gap}[{section}]\n{lines}").expect(WRITES);
        }
    }
    text
}

fn add_parameters(lines: &mut String, raw: &Raw, case_parameters: &BTreeMap<String, f64>) {
    for (name, value) in case_parameters {
        match raw.entry("case", name) {
            Some(entry) => writeln!(lines, "{name} = {}", entry.literal),
            None => writeln!(lines, "{name} = {value:?}"),
        }
        .expect(WRITES);
    }
}
