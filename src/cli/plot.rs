//! `gale plot`: a picture of a variable.

use crate::error::{Error, Result};
use crate::io::reader::File;
use crate::plot::slice::{self, Picture, Place};
use crate::plot::{LARGEST_SIDE, Projection, SMALLEST_SIDE, Style, View};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  gale plot snapshots.h5 w --time 3 --level 12 -o w.png    a level, or a map of it
  gale plot snapshots.h5 w --map orthographic --centre 90,45 -o w.png
  gale plot snapshots.h5 w --level 0 --raw -o w.png        the cells as they are
  gale plot snapshots.h5 w --panel 4 --level 0 -o w.png    the northern panel alone
  gale plot latlon.h5 u --zonal-mean -o u.png              latitude and height or pressure
  gale plot column_1.h5 w --over-time -o w.png             height and time
  gale plot series.h5 kinetic_energy -o energy.png         a curve over time";

/// Arguments of `gale plot`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct PlotArgs {
    /// Snapshot, series or any other netCDF-4 file
    file: PathBuf,
    /// Name of the variable, as `gale info FILE` lists it
    variable: String,
    /// Record to show [default: the last]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    time: Option<i64>,
    /// Level of a horizontal section or of a map [default of a map: the middle]
    #[arg(long, visible_alias = "k", value_name = "K", allow_negative_numbers = true)]
    level: Option<i64>,
    /// Row of a section along x and z
    #[arg(long, value_name = "J", allow_negative_numbers = true)]
    y: Option<i64>,
    /// Column of a section along y and z
    #[arg(long, value_name = "I", allow_negative_numbers = true)]
    x: Option<i64>,
    /// One panel of the cubed sphere, 0 to 5
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    panel: Option<i64>,
    /// All records: height over time, or time over x or y
    #[arg(long, conflicts_with_all = ["time", "panel", "zonal_mean", "map"])]
    over_time: bool,
    /// Average over longitude (latitudes and longitudes are needed)
    #[arg(long, conflicts_with_all = ["x", "panel"])]
    zonal_mean: bool,
    /// A map of the globe [default: latlon, where the variable covers the globe]
    #[arg(long, value_name = "PROJECTION", conflicts_with_all = ["panel", "y", "x", "zonal_mean"])]
    map: Option<Projection>,
    /// Middle of a map in degrees [default: 180,0; orthographic: 0,30]
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true, value_parser = parse_centre)]
    centre: Option<[f64; 2]>,
    /// Show the cells of a map as they are, without interpolation
    #[arg(long)]
    raw: bool,
    /// Show pressures on a logarithmic axis
    #[arg(long)]
    log_pressure: bool,
    /// Values of the first and the last colour (or of the value axis) [default: those of the data]
    #[arg(long, num_args = 2, value_names = ["MIN", "MAX"], allow_negative_numbers = true)]
    range: Option<Vec<f64>>,
    /// Draw about so many contour lines at round values other than 0 [default: 0; of a zonal mean 10]
    #[arg(long, value_name = "N")]
    contours: Option<usize>,
    /// Width and height of the picture in pixels, such as 1600x900 [default: to suit the data]
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    size: Option<[u32; 2]>,
    /// PNG file to write
    #[arg(short, long, value_name = "OUT.png")]
    output: PathBuf,
}

/// Draws the picture.
///
/// # Errors
/// If the file, the variable or the indices do not fit, or the picture cannot be written.
pub fn execute(arguments: &PlotArgs) -> Result<()> {
    let is_png = arguments.output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    if !is_png {
        let path = arguments.output.display();
        return Err(Error::Usage(format!("--output {path}: pictures are PNG, so the name must end in .png")));
    }
    let style = Style {
        size: arguments.size,
        range: checked_range(arguments)?,
        contours: arguments.contours,
        log_pressure: arguments.log_pressure,
        view: checked_view(arguments)?,
    };
    let PlotArgs { time, level, y, x, panel, over_time, zonal_mean, .. } = *arguments;
    let place = Place { time, level, y, x, panel, over_time, zonal_mean, map: arguments.map.is_some() };
    let file = File::open(&arguments.file)?;
    let picture = slice::take(&file, &arguments.variable, &place)?;
    if !matches!(picture, Picture::Globe(_)) && (arguments.raw || arguments.centre.is_some()) {
        return Err(Error::Usage("--raw and --centre belong to maps of the globe, which this is not".into()));
    }
    picture.draw(&style, &arguments.output)
}

/// How a map is to show the globe.
fn checked_view(arguments: &PlotArgs) -> Result<View> {
    let PlotArgs { map, centre, raw, .. } = *arguments;
    let projection = map.unwrap_or_default();
    if projection == Projection::LatLon && centre.is_some_and(|[_, latitude]| latitude != 0.0) {
        return Err(Error::Usage(
            "--centre: the middle of a latlon map is on the equator: write LON,0".into(),
        ));
    }
    Ok(View { projection, centre, raw })
}

/// The range if it was given, which must be finite and increase.
fn checked_range(arguments: &PlotArgs) -> Result<Option<[f64; 2]>> {
    match arguments.range.as_deref() {
        None => Ok(None),
        Some(&[low, high]) if low < high && low.is_finite() && high.is_finite() => Ok(Some([low, high])),
        Some(given) => {
            Err(Error::Usage(format!("--range {given:?}: two numbers are needed, the smaller one first")))
        }
    }
}

/// `LON,LAT` in degrees.
fn parse_centre(text: &str) -> std::result::Result<[f64; 2], String> {
    let parts = text.split_once(',').map(|(longitude, latitude)| (longitude.parse(), latitude.parse()));
    match parts {
        Some((Ok(longitude), Ok(latitude)))
            if (-360.0..=360.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude) =>
        {
            Ok([longitude, latitude])
        }
        _ => Err("write it as 120,45: longitude -360 to 360, latitude -90 to 90".into()),
    }
}

/// `WxH` in pixels.
fn parse_size(text: &str) -> std::result::Result<[u32; 2], String> {
    let sides = text.split_once('x').map(|(width, height)| (width.parse(), height.parse()));
    match sides {
        Some((Ok(width), Ok(height)))
            if [width, height].iter().all(|side| (SMALLEST_SIDE..=LARGEST_SIDE).contains(side)) =>
        {
            Ok([width, height])
        }
        _ => Err(format!("write it as 1600x900, each side {SMALLEST_SIDE} to {LARGEST_SIDE} pixels")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        plot: PlotArgs,
    }

    fn parse(words: &str) -> std::result::Result<PlotArgs, clap::Error> {
        Line::try_parse_from(words.split_whitespace()).map(|line| line.plot)
    }

    #[test]
    fn the_command_line_is_understood() {
        let plot = parse("plot a.h5 w --time -1 --range -2 3.5 --size 1600x900 -o a.png").unwrap();
        assert_eq!((plot.time, plot.size), (Some(-1), Some([1600, 900])));
        assert_eq!(checked_range(&plot).unwrap(), Some([-2.0, 3.5]));
        let plot = parse("plot a.h5 w --map orthographic --centre -30,45 --k 2 --raw -o a.png").unwrap();
        let view = View { projection: Projection::Orthographic, centre: Some([-30.0, 45.0]), raw: true };
        assert_eq!((plot.level, checked_view(&plot).unwrap()), (Some(2), view));
        let conflicts = ["--map latlon --panel 2", "--map latlon --zonal-mean", "--zonal-mean --x 3"];
        for wrong in ["--size 9x9", "--size big", "--range 1", "--map round", "--centre 3", "--centre 0,91"]
            .into_iter()
            .chain(conflicts)
        {
            assert!(parse(&format!("plot a.h5 w {wrong} -o a.png")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn wrong_wishes_are_usage_errors() {
        for wrong in ["--range 2 1 -o a.png", "--range 0 NaN -o a.png", "-o a.pdf", "--centre 0,30 -o a.png"]
        {
            let arguments = parse(&format!("plot a.h5 w {wrong}")).unwrap();
            assert_eq!(execute(&arguments).unwrap_err().exit_status(), 2, "{wrong}");
        }
    }

    #[test]
    fn a_missing_file_is_an_input_output_error() {
        let arguments = parse("plot /no/such/file.h5 w -o a.png").unwrap();
        assert_eq!(execute(&arguments).unwrap_err().exit_status(), 4);
    }
}
