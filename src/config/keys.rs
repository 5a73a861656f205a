//! The one table of configuration keys. Help, `gale keys` and the checks derive from it.

mod table;

pub use table::KEYS;

use super::quantity::Dimension;
use super::report::WRITES;
use std::fmt::Write;

/// The sections and what they hold.
pub const SECTIONS: &[(&str, &str)] = &[
    ("case", "the initial state and its parameters (gale cases NAME lists those of a case)"),
    ("grid", "a box of nx x ny cells or the globe; the levels by one of dz_m, top_m or interfaces_m"),
    ("terrain", "the ground of the box and how the levels follow it"),
    ("time", "how long, in which steps, from which date"),
    ("dynamics", "the equations, their numerics and constants"),
    ("boundary", "the sides and the top of the box"),
    ("physics", "processes besides the dynamics"),
    ("turbulence", "mixing by eddies below the grid, in a box"),
    ("surface", "what the ground gives to the air, with turbulence"),
    ("forcing", "what the large scales do to the air of a box, by height"),
    ("output", "what is written, where and when"),
    ("checkpoint", "states from which a run can be resumed"),
    ("parallel", "tiles and threads; results do not depend on them"),
];

/// The values that a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Integer,
    Number(Dimension),
    /// Several numbers.
    Numbers(Dimension),
    /// One of these names.
    Choice(&'static [&'static str]),
    /// A name that another table lists.
    Name,
    Names,
    Path,
    /// `YYYY-MM-DD hh:mm:ss`
    Date,
    /// `[i, j]`, two positive integers.
    Tile,
}

/// The range of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    Any,
    Above(f64),
    AtLeast(f64),
    /// Both ends included.
    Within(f64, f64),
    /// The lower end excluded, the upper included.
    AboveUpTo(f64, f64),
}

impl Bounds {
    /// Whether `value` lies inside.
    pub fn contain(self, value: f64) -> bool {
        match self {
            Bounds::Any => true,
            Bounds::Above(low) => value > low,
            Bounds::AtLeast(low) => value >= low,
            Bounds::Within(low, high) => (low..=high).contains(&value),
            Bounds::AboveUpTo(low, high) => value > low && value <= high,
        }
    }

    /// The range in words; empty for no bounds.
    pub fn text(self) -> String {
        match self {
            Bounds::Any => String::new(),
            Bounds::Above(low) => format!("> {}", tidy(low)),
            Bounds::AtLeast(low) => format!(">= {}", tidy(low)),
            Bounds::Within(low, high) => format!("{} to {}", tidy(low), tidy(high)),
            Bounds::AboveUpTo(low, high) => format!("> {}, <= {}", tidy(low), tidy(high)),
        }
    }
}

/// A bound without long rows of zeros.
fn tidy(value: f64) -> String {
    let plain = value == 0.0 || (1e-3..1e5).contains(&value.abs());
    if plain { format!("{value}") } else { format!("{value:e}") }
}

/// The value of a key that is not written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DefaultValue {
    /// There is none: the key must be written.
    Required,
    /// There is none, and it may be absent.
    Absent,
    /// This TOML value.
    Value(&'static str),
    /// It follows from other keys, as these words say.
    Derived(&'static str),
}

/// A configuration key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    pub section: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    /// A word that may stand in place of the value, such as `auto`.
    pub word: Option<&'static str>,
    pub bounds: Bounds,
    pub default: DefaultValue,
    /// The geometry on which it has a meaning, if not on all.
    pub geometry: Option<&'static str>,
    pub doc: &'static str,
}

impl Key {
    const fn new(
        section: &'static str,
        name: &'static str,
        kind: Kind,
        default: DefaultValue,
        doc: &'static str,
    ) -> Key {
        Key { section, name, kind, word: None, bounds: Bounds::Any, default, geometry: None, doc }
    }
    const fn bounded(self, bounds: Bounds) -> Key {
        Key { bounds, ..self }
    }
    const fn on(self, geometry: &'static str) -> Key {
        Key { geometry: Some(geometry), ..self }
    }
    const fn or(self, word: &'static str) -> Key {
        Key { word: Some(word), ..self }
    }

    /// `section.key`
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The unit of its numbers; empty for keys that take none.
    pub fn unit(&self) -> &'static str {
        match self.kind {
            Kind::Number(Dimension::Plain) | Kind::Numbers(Dimension::Plain) => self.unit_of_name(),
            Kind::Number(dimension) | Kind::Numbers(dimension) => dimension.si_unit(),
            _ => "",
        }
    }

    /// The unit of numbers that are always plain: that in the name of the key.
    fn unit_of_name(&self) -> &'static str {
        const UNITS: [(&str, &str); 6] = [
            ("_deg", "deg"),
            ("_k_m_per_s", "K m/s"),
            ("_k_per_s", "K/s"),
            ("_per_s", "1/s"),
            ("_g_per_kg", "g/kg"),
            ("_k", "K"),
        ];
        let unit = UNITS.iter().find(|(end, _)| self.name.ends_with(end));
        unit.map_or(Dimension::Plain.si_unit(), |(_, unit)| unit)
    }

    /// The default in words.
    pub fn default_text(&self) -> &'static str {
        match self.default {
            DefaultValue::Required => "required",
            DefaultValue::Absent => "none",
            DefaultValue::Value(text) | DefaultValue::Derived(text) => text,
        }
    }

    /// What may be written, in words.
    pub fn allowed(&self) -> String {
        let mut text = match self.kind {
            Kind::Integer => format!("whole number {}", self.bounds.text()),
            Kind::Number(_) => format!("number {}", self.bounds.text()),
            Kind::Numbers(_) => format!("[numbers {}]", self.bounds.text()),
            Kind::Choice(names) => names.join(" | "),
            Kind::Name => "name".into(),
            Kind::Names => "[names]".into(),
            Kind::Path => "path".into(),
            Kind::Date => "YYYY-MM-DD hh:mm:ss".into(),
            Kind::Tile => "[i, j], whole numbers >= 1".into(),
        };
        text = text.trim_end().replace(" ]", "]");
        if let Some(word) = self.word {
            write!(text, " | {word}").expect(WRITES);
        }
        text
    }
}

/// The keys of a section.
pub fn of_section(section: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.section == section)
}

/// The key of that section and name, if there is one.
pub fn find(section: &str, name: &str) -> Option<&'static Key> {
    of_section(section).find(|key| key.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_listed_once_in_a_section_that_exists() {
        for (index, key) in KEYS.iter().enumerate() {
            assert!(SECTIONS.iter().any(|(name, _)| *name == key.section), "{}", key.path());
            assert!(KEYS[..index].iter().all(|other| other.path() != key.path()), "{}", key.path());
            assert!(!key.doc.is_empty());
        }
    }

    #[test]
    fn the_name_says_the_unit() {
        for key in KEYS {
            let suffix = match key.kind {
                Kind::Number(Dimension::Time) => "_s",
                Kind::Number(Dimension::Length) | Kind::Numbers(Dimension::Length) => "_m",
                Kind::Number(Dimension::Rate) => "_per_s",
                Kind::Number(Dimension::Speed) => "_m_per_s",
                Kind::Number(Dimension::Diffusivity) => "_m2_per_s",
                Kind::Number(Dimension::Acceleration) => "_m_per_s2",
                Kind::Number(Dimension::HeatCapacity) => "_j_per_kg_k",
                Kind::Numbers(Dimension::Pressure) => "_pa",
                _ => "",
            };
            assert!(key.name.ends_with(suffix), "{}", key.path());
        }
    }
}
