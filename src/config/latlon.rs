//! Output on latitudes and longitudes: its keys, and what must hold between them.

use super::checked::{LatLon, Means, Setting, Time};
use super::reader::Reader;
use crate::regrid::LatLonGrid;
use crate::time::ticks;

const SECTION: &str = "output";

/// The keys that ask for something on the grid of `latlon_deg`.
const NEED_GRID: &[&str] = &["latlon_every_s", "pressure_levels_pa", "means_from_s"];

/// What is written on latitudes and longitudes, `None` inside for nothing. `every` is the written interval or its
/// default.
pub fn latlon(
    reader: &mut Reader<'_>,
    every: Option<Option<f64>>,
    time: Option<&Time>,
    setting: Option<Setting>,
) -> Option<Option<LatLon>> {
    let zonal_means = reader.choice(SECTION, "zonal_means", &[false, true])?;
    let Some(spacing) = reader.optional_number(SECTION, "latlon_deg")? else {
        return nothing_needs_the_grid(reader, zonal_means).then_some(None);
    };
    if LatLonGrid::new(spacing).is_none() {
        let message = format!("output.latlon_deg = {spacing} does not divide 180 degrees");
        reader.fault(SECTION, "latlon_deg", message, "such as 1, 2.5 or 0.25");
        return None;
    }
    let pressures = pressures(reader, setting);
    let means = means(reader, time);
    Some(Some(LatLon { spacing, every: every?, pressures: pressures?, zonal_means, means: means? }))
}

/// Notes every key that has no meaning without a grid.
fn nothing_needs_the_grid(reader: &mut Reader<'_>, zonal_means: bool) -> bool {
    let written = NEED_GRID.iter().filter(|key| reader.is_written(SECTION, key));
    let lost: Vec<&str> = written.copied().chain(zonal_means.then_some("zonal_means")).collect();
    for key in &lost {
        let message = format!("output.{key} has no effect without output.latlon_deg");
        reader.fault(SECTION, key, message, "set the spacing of the grid, such as latlon_deg = 1.0");
    }
    lost.is_empty()
}

/// The pressure levels in Pa; none for the levels of the model.
fn pressures(reader: &mut Reader<'_>, setting: Option<Setting>) -> Option<Vec<f64>> {
    const KEY: &str = "pressure_levels_pa";
    if !reader.is_written(SECTION, KEY) {
        return Some(Vec::new());
    }
    let pressures = reader.numbers(SECTION, KEY)?;
    let steps = |ordered: fn(f64, f64) -> bool| pressures.windows(2).all(|pair| ordered(pair[0], pair[1]));
    let message = if pressures.is_empty() {
        "output.pressure_levels_pa is empty"
    } else if !steps(|a, b| a < b) && !steps(|a, b| a > b) {
        "output.pressure_levels_pa neither rises nor falls from each level to the next"
    } else if setting == Some(Setting::ShallowWater) {
        reader.fault(SECTION, KEY, "shallow water has no pressure levels".into(), "leave it out");
        return None;
    } else {
        return Some(pressures);
    };
    reader.fault(SECTION, KEY, message.into(), "such as [\"850 hPa\", \"500 hPa\", \"250 hPa\"]");
    None
}

/// The time means, if they are asked for.
fn means(reader: &mut Reader<'_>, time: Option<&Time>) -> Option<Option<Means>> {
    let from = reader.optional_number(SECTION, "means_from_s")?;
    let every = reader.number(SECTION, "means_every_s")?;
    let Some(from) = from else { return Some(None) };
    let means = Means { from, every };
    if let Some(time) = time
        && means.first() > ticks(time.end)
    {
        let message = format!(
            "no multiple of output.means_every_s = {every} lies between output.means_from_s = {from} and \
             time.end_s = {}: there would be nothing to average",
            time.end
        );
        reader.fault(SECTION, "means_from_s", message, "begin earlier, or sample more often");
        return None;
    }
    Some(Some(means))
}
