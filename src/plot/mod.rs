//! Pictures of model data: filled sections, curves and maps of the globe, written as PNG.
//!
//! [`slice`](mod@slice) takes a [`Section`], a [`Curve`] or a [`Globe`] out of a file; [`draw`],
//! [`draw_curve`] and [`draw_globe`] make the picture. Every cell of a section is a rectangle at its true
//! place, without smoothing; maps of the globe are smooth unless the cells themselves are asked for.

mod bar;
mod canvas;
mod colour;
mod contour;
mod curve;
mod frame;
pub mod globe;
mod lines;
mod map;
mod projection;
#[cfg(test)]
mod samples;
mod section;
mod slab;
pub mod slice;
mod ticks;

use crate::error::{Error, Result};
pub use globe::Globe;
pub use lines::{Line, Lines};
use ndarray::Array2;
use std::path::Path;

/// Largest width and height of a picture in pixels.
pub const LARGEST_SIDE: u32 = 16_384;
/// Smallest width and height of a picture in pixels.
pub const SMALLEST_SIDE: u32 = 160;

/// A direction of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it is, such as `height`.
    pub label: String,
    /// Unit of the positions; empty if there is none.
    pub unit: String,
    /// Edges of the cells (a section), or the points (a curve), increasing.
    pub positions: Vec<f64>,
    /// Where in the cells of a section the values are; half way between the edges if not given.
    pub centres: Option<Vec<f64>>,
    /// Whether the positions are pressures, which increase downwards.
    pub is_downward: bool,
}

/// CF's units of latitude and longitude.
const DEGREES_NORTH: &str = "degrees_north";
const DEGREES_EAST: &str = "degrees_east";

/// How positions follow one another along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Linear,
    /// The largest value first.
    Downward,
    /// The same in the logarithm.
    Logarithmic,
}

impl Scale {
    /// Where a value lies along an axis with these smallest and largest values: 0 at the start, 1 at the end.
    fn share(self, value: f64, low: f64, high: f64) -> f64 {
        match self {
            Scale::Linear => (value - low) / (high - low),
            Scale::Downward => (high - value) / (high - low),
            Scale::Logarithmic => (high / value).ln() / (high / low).ln(),
        }
    }

    /// The value there: the inverse of [`Scale::share`].
    fn value(self, share: f64, low: f64, high: f64) -> f64 {
        match self {
            Scale::Linear => low + (high - low) * share,
            Scale::Downward => high - (high - low) * share,
            Scale::Logarithmic => high * (low / high).powf(share),
        }
    }
}

/// Values on a plane through the domain.
#[derive(Clone, Debug)]
pub struct Section {
    /// The variable in words.
    pub title: String,
    /// Time and place.
    pub subtitle: String,
    /// Unit of the values in UDUNITS notation.
    pub unit: String,
    /// `values[[row, column]]`, the lowest row first; NaN is drawn grey.
    pub values: Array2<f64>,
    /// Edges of the columns and of the rows.
    pub x: Axis,
    pub y: Axis,
    /// Over terrain: heights `[[row, column]]` of the edges of the rows in every column, one row more than there are
    /// values; below the first is the ground. `y` then gives the extent of the picture.
    pub heights: Option<Array2<f64>>,
    /// Whether x and y are both horizontal, so that they get one scale.
    pub is_map: bool,
    /// Whether the values are deviations, for which 0 is the middle of the colours.
    pub is_deviation: bool,
    /// Whether they are means over longitude, which get contour lines with labels.
    pub is_zonal_mean: bool,
}

/// Values along a line or over time.
#[derive(Clone, Debug)]
pub struct Curve {
    pub title: String,
    pub subtitle: String,
    /// Label and unit of the values.
    pub label: String,
    pub unit: String,
    /// A NaN is a gap.
    pub values: Vec<f64>,
    /// Where the values are: as many positions as values.
    pub along: Axis,
    /// Whether the line is vertical: positions upwards, values to the right.
    pub is_column: bool,
}

/// How a picture is to look.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Style {
    /// Width and height in pixels; chosen from the shape of the data if not given.
    pub size: Option<[u32; 2]>,
    /// Values of the first and the last colour; those of the data if not given.
    pub range: Option<[f64; 2]>,
    /// About how many contour lines; if not given, zonal means have some and nothing else has.
    pub contours: Option<usize>,
    /// Pressures on a logarithmic axis.
    pub log_pressure: bool,
    /// How a map shows the globe.
    pub view: View,
}

/// How a map shows the globe.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    pub projection: Projection,
    /// Longitude and latitude of the middle in degrees; of [`Projection::LatLon`] the longitude counts.
    pub centre: Option<[f64; 2]>,
    /// Show the cells as they are instead of interpolating.
    pub raw: bool,
}

/// From the globe to the plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Projection {
    /// Longitude across, latitude up
    #[default]
    #[value(name = "latlon")]
    LatLon,
    /// The globe seen from far away
    Orthographic,
}

/// Draws a section to a PNG file.
///
/// # Errors
/// If the section has no cells or the file cannot be written.
pub fn draw(section: &Section, style: &Style, path: &Path) -> Result<()> {
    section.check()?;
    section::picture(section, style).save(path)
}

/// Draws several curves over a logarithmic axis to a PNG file.
///
/// # Errors
/// If the file cannot be written.
pub fn draw_lines(lines: &Lines, path: &Path) -> Result<()> {
    lines::picture(lines).save(path)
}

/// Draws a curve to a PNG file.
///
/// # Errors
/// If there are no values or the file cannot be written.
pub fn draw_curve(curve: &Curve, style: &Style, path: &Path) -> Result<()> {
    if curve.values.is_empty() || curve.values.len() != curve.along.positions.len() {
        return Err(Error::Internal("a curve needs as many positions as values, and one at least".into()));
    }
    curve::picture(curve, style).save(path)
}

/// Draws a map of the globe to a PNG file.
///
/// # Errors
/// If the file cannot be written.
pub fn draw_globe(globe: &Globe, style: &Style, path: &Path) -> Result<()> {
    map::picture(globe, style).save(path)
}

impl Section {
    /// One more edge than cells in both directions.
    fn check(&self) -> Result<()> {
        let (rows, columns) = self.values.dim();
        let edges = (self.y.positions.len(), self.x.positions.len());
        let centres = (self.y.centres().len(), self.x.centres().len());
        if rows == 0 || columns == 0 || edges != (rows + 1, columns + 1) || centres != (rows, columns) {
            let shape = format!("{rows} x {columns} cells with {} x {} edges", edges.0, edges.1);
            return Err(Error::Internal(format!("a section of {shape} cannot be drawn")));
        }
        Ok(())
    }
}

impl Axis {
    /// First and last position.
    fn extent(&self) -> [f64; 2] {
        [self.positions[0], self.positions[self.positions.len() - 1]]
    }

    /// Where the values of the cells are.
    fn centres(&self) -> Vec<f64> {
        let half_way = || self.positions.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
        self.centres.clone().unwrap_or_else(half_way)
    }

    /// The unit that suits the extent and what a position is multiplied with to get it: km for long
    /// distances, and a unit of time that people use.
    fn display(&self) -> (f64, String) {
        let [first, last] = self.extent();
        let longest = (last - first).abs();
        match self.unit.as_str() {
            "m" if longest > 5000.0 => (1e-3, "km".into()),
            "Pa" if self.is_downward => (1e-2, "hPa".into()),
            DEGREES_NORTH | DEGREES_EAST => (1.0, String::new()),
            "degrees" | "degree" => (1.0, "°".into()),
            "s" if longest > 4.0 * 86_400.0 => (1.0 / 86_400.0, "d".into()),
            "s" if longest > 4.0 * 3600.0 => (1.0 / 3600.0, "h".into()),
            "s" if longest > 240.0 => (1.0 / 60.0, "min".into()),
            unit => (1.0, pretty_unit(unit)),
        }
    }

    /// How positions follow one another.
    fn scale(&self, style: &Style) -> Scale {
        match (self.is_downward, style.log_pressure) {
            (false, _) => Scale::Linear,
            (true, false) => Scale::Downward,
            (true, true) => Scale::Logarithmic,
        }
    }

    /// Label with unit, such as `height (km)`.
    fn caption(&self) -> String {
        caption(&self.label, &self.display().1)
    }
}

/// Smallest and largest finite value; least > most if there is none.
fn extremes<'a>(values: impl IntoIterator<Item = &'a f64>) -> (f64, f64) {
    values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &value| (least.min(value), most.max(value)))
}

/// A label with its unit in parentheses.
fn caption(label: &str, unit: &str) -> String {
    if unit.is_empty() || unit == "1" { label.into() } else { format!("{label} ({unit})") }
}

/// UDUNITS notation with real superscripts: `m s-1` becomes `m s⁻¹`.
fn pretty_unit(unit: &str) -> String {
    let words = unit.split_whitespace().map(|word| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let base = letters.trim_end_matches(['-', '+', '^']);
        let is_power =
            letters.len() < word.len() && base.chars().all(char::is_alphabetic) && !base.is_empty();
        if is_power {
            format!("{base}{}", superscript(word[base.len()..].trim_start_matches(['^', '+'])))
        } else {
            word.into()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A whole number in superscript digits.
fn superscript(number: &str) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number.chars().map(|c| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_get_superscripts() {
        assert_eq!(pretty_unit("kg m-2 s-1"), "kg m⁻² s⁻¹");
        assert_eq!(pretty_unit("m2 s-2"), "m² s⁻²");
        assert_eq!(pretty_unit("K"), "K");
        assert_eq!(pretty_unit("1"), "1");
    }

    #[test]
    fn scales_are_inverted() {
        for scale in [Scale::Linear, Scale::Downward, Scale::Logarithmic] {
            for value in [100.0, 350.0, 1000.0] {
                let share = scale.share(value, 100.0, 1000.0);
                assert!((scale.value(share, 100.0, 1000.0) - value).abs() < 1e-10);
            }
        }
        assert_eq!(Scale::Downward.share(1000.0, 100.0, 1000.0), 0.0);
    }

    #[test]
    fn axes_choose_their_unit() {
        let axis = |unit: &str, end: f64| Axis {
            label: "x".into(),
            unit: unit.into(),
            positions: vec![0.0, end],
            is_downward: false,
            centres: None,
        };
        assert_eq!(axis("m", 800.0).caption(), "x (m)");
        assert_eq!(axis("m", 25_600.0).caption(), "x (km)");
        assert_eq!(axis("s", 900.0).caption(), "x (min)");
        assert_eq!(axis("s", 20.0 * 86_400.0).caption(), "x (d)");
        assert_eq!(axis("", 4.0).caption(), "x");
    }
}
