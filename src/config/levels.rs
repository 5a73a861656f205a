//! The three ways to give the vertical levels.

use super::reader::Reader;
use super::report::Fault;
use crate::mesh::VerticalGrid;

const WAYS: [&str; 3] = ["dz_m", "top_m", "interfaces_m"];

/// The one level of a layer of shallow water, for which nothing may be written.
pub fn of_layer(reader: &mut Reader<'_>) -> Option<Vec<f64>> {
    let written = ["nz", "stretching"].into_iter().chain(WAYS).find(|key| reader.is_written("grid", key));
    if let Some(key) = written {
        let message = format!("grid.{key} has no meaning for a layer of shallow water, which has no levels");
        reader.fault("grid", key, message, "leave it out");
        return None;
    }
    Some(vec![0.0, 1.0])
}

/// Heights of the level interfaces in m, by exactly one of `dz_m`, `top_m` and `interfaces_m`.
pub fn interfaces(reader: &mut Reader<'_>) -> Option<Vec<f64>> {
    let written: Vec<_> = WAYS.into_iter().filter(|way| reader.is_written("grid", way)).collect();
    if reader.is_written("grid", "stretching") && !written.contains(&"top_m") {
        let message = "grid.stretching has no effect without grid.top_m".to_string();
        reader.fault("grid", "stretching", message, "write top_m in place of the other levels, or leave it");
    }
    let nz = reader.optional_integer("grid", "nz");
    if let [_, second, ..] = written[..] {
        let message = format!("the levels are given more than once: {}", written.join(", "));
        reader.fault("grid", second, message, "keep one of them");
        return None;
    }
    match written.first() {
        Some(&"interfaces_m") => listed(reader, nz?),
        Some(&"top_m") => {
            let top = reader.number("grid", "top_m");
            let stretching = reader.optional_number("grid", "stretching");
            let nz = required(reader, nz);
            Some(VerticalGrid::stretched_interfaces(nz?, top?, stretching?.unwrap_or(0.0)))
        }
        Some(_) => {
            let (dz, nz) = (reader.number("grid", "dz_m"), required(reader, nz)?);
            let dz = dz?;
            Some((0..=nz).map(|k| k as f64 * dz).collect())
        }
        None => {
            required(reader, nz);
            let message = "the levels are missing in [grid]".to_string();
            let help = "write dz_m (equal levels), top_m (with stretching) or interfaces_m = [0, ...]";
            reader.fault("grid", "", message, help);
            None
        }
    }
}

/// The number of levels, where the levels do not imply it.
fn required(reader: &mut Reader<'_>, nz: Option<Option<usize>>) -> Option<usize> {
    let nz = nz?;
    if nz.is_none() {
        reader.missing("grid", "nz", "number of levels: a whole number >= 1");
    }
    nz
}

/// `interfaces_m`, strictly increasing from 0, `nz + 1` of them if `nz` is written.
fn listed(reader: &mut Reader<'_>, nz: Option<usize>) -> Option<Vec<f64>> {
    let heights = reader.numbers("grid", "interfaces_m")?;
    let fault = |reader: &mut Reader<'_>, message: String, help: &str| {
        let entry = reader.raw.entry("grid", "interfaces_m");
        reader.faults.push(Fault::new(message, entry.map(|entry| &entry.place), help));
        None
    };
    if heights.len() < 2 || heights[0] != 0.0 {
        let message = "grid.interfaces_m does not lead from the ground at 0 to a lid".to_string();
        return fault(reader, message, "write at least two heights, the first of them 0");
    }
    if let Some(pair) = heights.windows(2).find(|pair| pair[1] <= pair[0]) {
        let message = format!("grid.interfaces_m does not increase from {} to {}", pair[0], pair[1]);
        return fault(reader, message, "write the heights from the ground up");
    }
    if let Some(nz) = nz.filter(|nz| nz + 1 != heights.len()) {
        let message =
            format!("grid.interfaces_m has {} heights, but grid.nz = {nz} needs {}", heights.len(), nz + 1);
        return fault(reader, message, "nz may be left out");
    }
    Some(heights)
}
