//! Sections and keys that do not exist.

use super::keys::{self, SECTIONS};
use super::reader::Reader;
use super::report::{Fault, suggestion};

/// Notes the sections and keys that do not exist. Those of `[case]` depend on the case.
pub fn note_names(reader: &mut Reader<'_>) {
    let raw = reader.raw;
    let sections: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
    for (name, section) in &raw.sections {
        if !sections.contains(&name.as_str()) {
            let help = suggestion(name, "the sections are", &sections);
            reader.faults.push(Fault::new(
                format!("there is no section [{name}]"),
                Some(&section.place),
                help,
            ));
            continue;
        }
        for (key, entry) in section.entries.iter().filter(|_| name != "case") {
            if keys::find(name, key).is_none() {
                let help = key_help(name, key);
                reader.faults.push(Fault::new(
                    format!("there is no key `{key}` in [{name}]"),
                    Some(&entry.key_place),
                    help,
                ));
            }
        }
    }
}

/// The key that is probably meant: a similar one here, the same in another section, or all of here.
fn key_help(section: &str, name: &str) -> String {
    if let Some(key) = keys::KEYS.iter().find(|key| key.name == name) {
        return format!("`{name}` belongs into [{}]", key.section);
    }
    let names: Vec<_> = keys::of_section(section).map(|key| key.name).collect();
    suggestion(name, "the keys are", &names)
}
