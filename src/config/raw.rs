//! The configuration as written: every key and value with the place it stands at.

use super::report::Fault;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A text that configuration values come from: the file, or one override.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's name, or `--set KEY=VALUE`.
    pub name: String,
    pub text: String,
}

impl Source {
    /// Line and column of a byte position, both from 1.
    pub fn line_and_column(&self, position: usize) -> (usize, usize) {
        let before = &self.text.as_bytes()[..position.min(self.text.len())];
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        (line, String::from_utf8_lossy(&before[line_start..]).chars().count() + 1)
    }
}

/// A range of bytes in one of the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub source: usize,
    pub span: Range<usize>,
}

/// A value as TOML knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Integer(i64),
    Float(f64),
    Text(String),
    Boolean(bool),
    List(Vec<(Value, Place)>),
    Table,
    /// A number beyond 64 bits.
    TooLarge,
}

impl Value {
    /// The type in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number with a fraction",
            Value::Text(_) => "text",
            Value::Boolean(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table => "a table",
            Value::TooLarge => "a number that is too large",
        }
    }
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key_place: Place,
    pub value: Value,
    pub place: Place,
    /// The value in TOML, as written.
    pub literal: String,
}

impl Entry {
    /// A value of gale's own tables, which stands nowhere.
    pub fn of_toml(text: &str) -> Entry {
        let value = DeValue::parse(text).expect("the tables hold valid TOML");
        entry(0, text, 0, 0..0, &value)
    }
}

/// A section as written.
#[derive(Clone, Debug)]
pub struct Section {
    pub place: Place,
    pub entries: BTreeMap<String, Entry>,
}

/// The whole configuration as written, overrides applied.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    /// The file first, then the overrides.
    pub sources: Vec<Source>,
    pub sections: BTreeMap<String, Section>,
}

impl Raw {
    /// Reads the file's text and the overrides. Faults of single overrides come with the result.
    ///
    /// # Errors
    /// If the text is not valid TOML: its syntax errors, with what could be read.
    pub fn read(
        name: &str,
        text: &str,
        overrides: &[String],
    ) -> Result<(Raw, Vec<Fault>), (Raw, Vec<Fault>)> {
        let mut raw = Raw::default();
        let mut faults = Vec::new();
        raw.sources.push(Source { name: name.into(), text: text.into() });
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let place = error.span().map(|span| Place { source: 0, span });
            let message = format!("this is not valid TOML: {}", error.message().replace('\n', ", "));
            faults.push(Fault::new(message, place.as_ref(), ""));
        }
        if !faults.is_empty() {
            return Err((raw, faults));
        }
        for (key, value) in document.get_ref() {
            raw.add_section(key, value, &mut faults);
        }
        for text in overrides {
            raw.add_override(text, &mut faults);
        }
        Ok((raw, faults))
    }

    /// The entry of a key, if it is written.
    pub fn entry(&self, section: &str, key: &str) -> Option<&Entry> {
        self.sections.get(section)?.entries.get(key)
    }

    fn add_section(
        &mut self,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        faults: &mut Vec<Fault>,
    ) {
        let (name, place) = (key.get_ref().to_string(), Place { source: 0, span: key.span() });
        let Some(table) = value.get_ref().as_table() else {
            let message = format!("the key `{name}` stands outside a section");
            let owner = super::keys::KEYS.iter().find(|key| key.name == name);
            let help = owner.map_or("keys belong into a section, such as [grid]".into(), |key| {
                format!("`{name}` belongs into [{}]", key.section)
            });
            faults.push(Fault::new(message, Some(&place), help));
            return;
        };
        let text = self.sources[0].text.clone();
        let entries = table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), entry(0, &text, 0, key.span(), value)));
        let entries = entries.collect();
        self.sections.insert(name, Section { place, entries });
    }

    /// Applies `section.key=value`; a value that is not TOML is taken as text.
    fn add_override(&mut self, text: &str, faults: &mut Vec<Fault>) {
        let source = self.sources.len();
        self.sources.push(Source { name: format!("--set {text}"), text: text.into() });
        let whole = Place { source, span: 0..text.len() };
        let parts = text.split_once('=').and_then(|(path, value)| {
            let (section, key) = path.trim().split_once('.')?;
            let wellformed = !section.is_empty() && !key.is_empty() && !value.trim().is_empty();
            wellformed.then_some((section, key, value))
        });
        let Some((section, key, value)) = parts else {
            let message = format!("`{text}` does not set anything");
            faults.push(Fault::new(
                message,
                Some(&whole),
                "the form is section.key=value, such as grid.nx=64",
            ));
            return;
        };
        let offset = text.len() - value.len();
        let key_place = Place { source, span: 0..offset - 1 };
        let entry = match DeValue::parse(value.trim()) {
            Ok(parsed) => {
                let offset = offset + value.len() - value.trim_start().len();
                let mut entry = entry(source, text, offset, 0..0, &parsed);
                entry.key_place = key_place;
                entry
            }
            Err(_) => Entry {
                key_place,
                value: Value::Text(value.trim().into()),
                place: Place { source, span: offset..text.len() },
                literal: toml::Value::from(value.trim()).to_string(),
            },
        };
        let place = Place { source, span: 0..section.len() };
        let owner = self.sections.entry(section.into());
        owner.or_insert(Section { place, entries: BTreeMap::new() }).entries.insert(key.into(), entry);
    }
}

/// An entry whose value was parsed from `text` at `offset`.
fn entry(
    source: usize,
    text: &str,
    offset: usize,
    key_span: Range<usize>,
    value: &Spanned<DeValue<'_>>,
) -> Entry {
    let place = shifted(source, offset, value.span());
    Entry {
        key_place: Place { source, span: key_span },
        value: convert(source, offset, value.get_ref()),
        literal: text[place.span.clone()].into(),
        place,
    }
}

fn shifted(source: usize, offset: usize, span: Range<usize>) -> Place {
    Place { source, span: span.start + offset..span.end + offset }
}

fn convert(source: usize, offset: usize, value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).map_or(Value::TooLarge, Value::Integer)
        }
        DeValue::Float(float) => float.as_str().parse().map_or(Value::TooLarge, Value::Float),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Datetime(date) => Value::Text(date.to_string().replace('T', " ")),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| (convert(source, offset, item.get_ref()), shifted(source, offset, item.span())))
                .collect(),
        ),
        DeValue::Table(_) => Value::Table,
    }
}
