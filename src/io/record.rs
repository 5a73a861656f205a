//! What a run must remember besides its fields, kept in every checkpoint.

use super::checksum;
use crate::time::Clock;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The bookkeeping of a run at one time: the clock, and named numbers and texts of whoever needs to
/// remember something. Numbers come back with the same bits (NaN as some NaN).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Simulated time in ticks and the steps taken.
    pub ticks: i64,
    pub step: u64,
    #[serde(default)]
    pub values: BTreeMap<String, f64>,
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
}

impl RunRecord {
    /// A record at the clock's time that remembers nothing else.
    pub fn at(clock: Clock) -> Self {
        RunRecord { ticks: clock.ticks, step: clock.step, ..RunRecord::default() }
    }

    pub fn clock(&self) -> Clock {
        Clock { ticks: self.ticks, step: self.step }
    }

    /// As text and its checksum.
    pub(super) fn sealed(&self) -> Result<(String, String), toml::ser::Error> {
        let text = toml::to_string(self)?;
        let seal = seal(&text);
        Ok((text, seal))
    }

    /// The record in a text, if the checksum is that of the text.
    pub(super) fn unsealed(text: &str, expected: &str) -> Result<RunRecord, String> {
        if seal(text) != expected {
            return Err("the checksum of the run record is wrong".into());
        }
        toml::from_str(text).map_err(|cause| format!("the run record cannot be read: {cause}"))
    }
}

fn seal(text: &str) -> String {
    format!("{:016x}", checksum::bytes(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_with_the_same_bits() {
        let mut record = RunRecord::at(Clock { ticks: 900_000_000, step: 3000 });
        let values = [0.1 + 0.2, -0.0, 1e-310, f64::MAX, f64::INFINITY, 5.0];
        for (index, value) in values.into_iter().enumerate() {
            record.values.insert(format!("value {index}"), value);
        }
        record.texts.insert("series".into(), "line\n\"quoted\" é".into());
        let (text, seal) = record.sealed().unwrap();
        let read = RunRecord::unsealed(&text, &seal).unwrap();
        assert_eq!(read, record);
        for (name, value) in &record.values {
            assert_eq!(read.values[name].to_bits(), value.to_bits());
        }
        assert!(RunRecord::unsealed(&text.replace("3000", "3001"), &seal).is_err());
    }
}
