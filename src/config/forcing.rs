//! `[forcing]`

use super::checked::Forcing;
use super::reader::Reader;
use crate::state::water;

const SECTION: &str = "forcing";
/// Profiles over the heights.
const PROFILES: [&str; 3] = ["subsidence_m_per_s", "heating_k_per_s", "moistening_per_s"];

/// The forcing by the large scales; `None` inside if there is none. `tracers` are those carried, if they are known.
pub fn forcing(reader: &mut Reader<'_>, tracers: Option<&[String]>) -> Option<Option<Forcing>> {
    let written: Vec<&str> = PROFILES.into_iter().filter(|name| reader.is_written(SECTION, name)).collect();
    if !reader.is_written(SECTION, "heights_m") {
        if let Some(name) = written.first() {
            reader.fault(SECTION, name, "forcing.heights_m is missing".into(), "the heights of the profiles");
            return None;
        }
        return Some(None);
    }
    let heights = reader.numbers(SECTION, "heights_m")?;
    if heights.is_empty() || heights.windows(2).any(|pair| pair[1] <= pair[0]) {
        let message = "forcing.heights_m does not increase".to_string();
        reader.fault(SECTION, "heights_m", message, "write it as [0, 1500, 2100]");
        return None;
    }
    if written.is_empty() {
        let help = format!("write one of {}", PROFILES.join(", "));
        reader.fault(SECTION, "heights_m", "forcing.heights_m is given without any profile".into(), help);
        return None;
    }
    let is_dry = tracers.is_some_and(|names| names.iter().all(|name| name != water::NAMES[water::VAPOUR]));
    if is_dry && reader.is_written(SECTION, PROFILES[2]) {
        let message = "forcing.moistening_per_s needs vapour".to_string();
        reader.fault(SECTION, PROFILES[2], message, "choose a process with water, such as saturation");
        return None;
    }
    let [subsidence, heating, moistening] = PROFILES.map(|name| profile(reader, name, heights.len()));
    Some(Some(Forcing { heights, subsidence: subsidence?, heating: heating?, moistening: moistening? }))
}

/// A value for each of `count` heights; zeros if it is not written.
fn profile(reader: &mut Reader<'_>, name: &str, count: usize) -> Option<Vec<f64>> {
    if !reader.is_written(SECTION, name) {
        return Some(vec![0.0; count]);
    }
    let values = reader.numbers(SECTION, name)?;
    if values.len() != count {
        let message = format!("forcing.{name} has {} values for {count} heights", values.len());
        reader.fault(SECTION, name, message, "one value for each of forcing.heights_m");
        return None;
    }
    Some(values)
}
