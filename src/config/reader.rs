//! Takes single values out of the written configuration, checked against the table of keys.
//!
//! Every method returns `None` after it has noted a fault, so that the reading goes on and all faults
//! are found in one pass.

use super::keys::{self, DefaultValue, Key, Kind};
use super::quantity::{self, Dimension};
use super::raw::{Entry, Place, Raw, Value};
use super::report::{Fault, suggestion};
use std::path::{Path, PathBuf};

/// Reads checked values and collects the faults.
pub struct Reader<'a> {
    pub raw: &'a Raw,
    pub faults: Vec<Fault>,
}

/// What stands at a key: a value, or the key's special word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OrWord<T> {
    Given(T),
    Word,
}

impl<T> OrWord<T> {
    /// The value, if it is not the word.
    pub fn given(self) -> Option<T> {
        match self {
            OrWord::Given(value) => Some(value),
            OrWord::Word => None,
        }
    }
}

impl<'a> Reader<'a> {
    pub fn new(raw: &'a Raw, faults: Vec<Fault>) -> Self {
        Reader { raw, faults }
    }

    /// A written path, taken as one beside the configuration file.
    pub fn beside_configuration(&self, path: &str) -> PathBuf {
        beside(&self.raw.sources[0].name, path)
    }

    /// Whether the key is written.
    pub fn is_written(&self, section: &str, name: &str) -> bool {
        self.raw.entry(section, name).is_some()
    }

    /// Notes a fault at the value of a key, or at its section if it is not written.
    pub fn fault(&mut self, section: &str, name: &str, message: String, help: impl Into<String>) {
        let entry = self.raw.entry(section, name).map(|entry| &entry.place);
        let place = entry.or_else(|| self.raw.sections.get(section).map(|section| &section.place));
        self.faults.push(Fault::new(message, place, help));
    }

    /// Notes that a key is missing.
    pub fn missing(&mut self, section: &str, name: &str, help: impl Into<String>) {
        self.fault(section, name, format!("`{name}` is missing in [{section}]"), help);
    }

    /// A number in SI units.
    pub fn number(&mut self, section: &'static str, name: &str) -> Option<f64> {
        self.number_or(section, name)?.given()
    }

    /// A number that may be absent: `Some(None)` if it is not written and has no default.
    pub fn optional_number(&mut self, section: &'static str, name: &str) -> Option<Option<f64>> {
        if self.is_written(section, name) { self.number(section, name).map(Some) } else { Some(None) }
    }

    /// A whole number that may be absent: `Some(None)` if it is not written.
    pub fn optional_integer(&mut self, section: &'static str, name: &str) -> Option<Option<usize>> {
        if self.is_written(section, name) { self.integer(section, name).map(Some) } else { Some(None) }
    }

    /// A number in SI units, or the key's word.
    pub fn number_or(&mut self, section: &'static str, name: &str) -> Option<OrWord<f64>> {
        let (key, entry) = self.entry(section, name)?;
        let Kind::Number(dimension) = key.kind else { panic!("{} takes no number", key.path()) };
        self.unless_word(key, &entry, |reader| {
            let value = reader.quantity(&key.path(), &entry.value, &entry.place, dimension)?;
            reader.within(key, value, &entry.place)
        })
    }

    /// A whole number.
    pub fn integer(&mut self, section: &'static str, name: &str) -> Option<usize> {
        self.integer_or(section, name)?.given()
    }

    /// A whole number, or the key's word.
    pub fn integer_or(&mut self, section: &'static str, name: &str) -> Option<OrWord<usize>> {
        let (key, entry) = self.entry(section, name)?;
        self.unless_word(key, &entry, |reader| {
            let Value::Integer(value) = entry.value else {
                let help = key_help(key, "write a whole number without a decimal point or quotes");
                return reader.wrong_type(&key.path(), "a whole number", &entry.value, &entry.place, help);
            };
            reader.within(key, value as f64, &entry.place).map(|_| value as usize)
        })
    }

    /// A list of numbers in SI units.
    pub fn numbers(&mut self, section: &'static str, name: &str) -> Option<Vec<f64>> {
        let (key, entry) = self.entry(section, name)?;
        let Kind::Numbers(dimension) = key.kind else { panic!("{} takes no numbers", key.path()) };
        let items = self.list(key, &entry)?;
        let values: Vec<_> = items
            .iter()
            .map(|(value, place)| {
                let value = self.quantity(&key.path(), value, place, dimension)?;
                self.within(key, value, place)
            })
            .collect();
        values.into_iter().collect()
    }

    /// The value that belongs to the written name, `values` being in the order of the key's names.
    pub fn choice<T: Copy>(&mut self, section: &'static str, name: &str, values: &[T]) -> Option<T> {
        let (key, entry) = self.entry(section, name)?;
        let Kind::Choice(names) = key.kind else { panic!("{} offers no choice", key.path()) };
        assert_eq!(names.len(), values.len(), "{}", key.path());
        let written = self.text_of(key, &entry)?;
        let found = names.iter().position(|candidate| *candidate == written).map(|index| values[index]);
        if found.is_none() {
            let message = format!("`{written}` is not a value of {}", key.path());
            self.faults.push(Fault::new(message, Some(&entry.place), suggestion(&written, "allowed", names)));
        }
        found
    }

    /// A text.
    pub fn text(&mut self, section: &'static str, name: &str) -> Option<String> {
        let (key, entry) = self.entry(section, name)?;
        self.text_of(key, &entry)
    }

    /// A list of names, each with its place; notes those that are listed twice.
    pub fn names(&mut self, section: &'static str, name: &str) -> Option<Vec<(String, Place)>> {
        let (key, entry) = self.entry(section, name)?;
        let items = self.list(key, &entry)?;
        let mut names: Vec<(String, Place)> = Vec::new();
        for (value, place) in items {
            let Value::Text(text) = &value else {
                self.wrong_type::<()>(&key.path(), "a list of names", &value, &place, LIST_OF_NAMES.into());
                continue;
            };
            if names.iter().any(|(other, _)| other == text) {
                let message = format!("`{text}` is listed twice in {}", key.path());
                self.faults.push(Fault::new(message, Some(&place), "leave one of them"));
            }
            names.push((text.clone(), place));
        }
        Some(names)
    }

    /// A pair of positive whole numbers, or the key's word.
    pub fn tile_or(&mut self, section: &'static str, name: &str) -> Option<OrWord<[usize; 2]>> {
        let (key, entry) = self.entry(section, name)?;
        self.unless_word(key, &entry, |reader| {
            if let Value::List(items) = &entry.value
                && let [(Value::Integer(i), _), (Value::Integer(j), _)] = items[..]
                && i >= 1
                && j >= 1
            {
                return Some([i as usize, j as usize]);
            }
            let message =
                format!("{} is not a pair of positive whole numbers: {}", key.path(), entry.literal);
            reader.faults.push(Fault::new(message, Some(&entry.place), "write it as [64, 8], or \"auto\""));
            None
        })
    }

    /// The key and what is written for it or its default; notes a fault if it is required and absent.
    fn entry(&mut self, section: &'static str, name: &str) -> Option<(&'static Key, Entry)> {
        let key = keys::find(section, name).expect("only keys of the table are read");
        if let Some(entry) = self.raw.entry(section, name) {
            return Some((key, entry.clone()));
        }
        match key.default {
            DefaultValue::Value(text) => Some((key, Entry::of_toml(text))),
            DefaultValue::Required => {
                self.missing(section, name, requirement(key));
                None
            }
            DefaultValue::Absent | DefaultValue::Derived(_) => None,
        }
    }

    fn unless_word<T>(
        &mut self,
        key: &Key,
        entry: &Entry,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<OrWord<T>> {
        match (&entry.value, key.word) {
            (Value::Text(text), Some(word)) if text == word => Some(OrWord::Word),
            (Value::Text(text), Some(word)) if super::report::closest(text, [word]).is_some() => {
                let message = format!("`{text}` is not a value of {}", key.path());
                let help = format!("did you mean `{word}`?");
                self.faults.push(Fault::new(message, Some(&entry.place), help));
                None
            }
            _ => read(self).map(OrWord::Given),
        }
    }

    /// The value in SI units of a number or of text with a unit.
    pub fn quantity(
        &mut self,
        path: &str,
        value: &Value,
        place: &Place,
        dimension: Dimension,
    ) -> Option<f64> {
        let number = match value {
            Value::Integer(value) => *value as f64,
            Value::Float(value) => *value,
            Value::Text(text) => match quantity::parse(text, dimension) {
                Ok(value) => value,
                Err(message) => {
                    let message = format!("{path}: {message}");
                    self.faults.push(Fault::new(message, Some(place), dimension.allowed()));
                    return None;
                }
            },
            other => return self.wrong_type(path, dimension.noun(), other, place, dimension.allowed()),
        };
        if !number.is_finite() {
            self.faults.push(Fault::new(format!("{path} is not finite"), Some(place), dimension.allowed()));
            return None;
        }
        Some(number)
    }

    /// `value` if it lies within the key's bounds.
    fn within(&mut self, key: &Key, value: f64, place: &Place) -> Option<f64> {
        if key.bounds.contain(value) {
            return Some(value);
        }
        let message = format!("{} = {value} is out of bounds", key.path());
        self.faults.push(Fault::new(message, Some(place), format!("allowed: {}", key.bounds.text())));
        None
    }

    fn text_of(&mut self, key: &Key, entry: &Entry) -> Option<String> {
        match &entry.value {
            Value::Text(text) => Some(text.clone()),
            other => {
                let help = format!("allowed, in quotes: {}", key.allowed());
                self.wrong_type(&key.path(), "text", other, &entry.place, help)
            }
        }
    }

    fn list(&mut self, key: &Key, entry: &Entry) -> Option<Vec<(Value, Place)>> {
        match &entry.value {
            Value::List(items) => Some(items.clone()),
            other => {
                let help = if key.kind == Kind::Names { LIST_OF_NAMES } else { "write it as [0, 100, 250]" };
                self.wrong_type(&key.path(), "a list", other, &entry.place, help.into())
            }
        }
    }

    fn wrong_type<T>(
        &mut self,
        path: &str,
        expected: &str,
        found: &Value,
        place: &Place,
        help: String,
    ) -> Option<T> {
        let message = format!("{path} is {expected}, but {} stands there", found.kind());
        self.faults.push(Fault::new(message, Some(place), help));
        None
    }
}

const LIST_OF_NAMES: &str = "write it as [\"first\", \"second\"]";

/// `advice`, and the key's word where there is one.
fn key_help(key: &Key, advice: &str) -> String {
    key.word.map_or(advice.into(), |word| format!("{advice}, or \"{word}\""))
}

/// What a required key means and what may be written.
fn requirement(key: &Key) -> String {
    let unit = if key.unit().is_empty() { String::new() } else { format!(" in {}", key.unit()) };
    format!("{}: {}{unit}", key.doc, key.allowed())
}

/// A path beside a file.
fn beside(file: &str, path: &str) -> PathBuf {
    Path::new(file).parent().unwrap_or(Path::new("")).join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_configuration() {
        assert_eq!(beside("cases/storm.toml", "input_sounding"), Path::new("cases/input_sounding"));
        assert_eq!(beside("storm.toml", "/data/x"), Path::new("/data/x"));
    }
}
