//! `gale plot`: a picture of a variable.

use crate::error::{Error, Result};
use crate::io::reader::File;
use crate::plot::slice::{self, Place};
use crate::plot::{LARGEST_SIDE, SMALLEST_SIDE, Style};
use std::path::PathBuf;

/// Arguments of `gale plot`.
#[derive(Clone, Debug, clap::Args)]
pub struct PlotArgs {
    /// Snapshot, series or any other netCDF-4 file
    file: PathBuf,
    /// Name of the variable, as `gale info FILE` lists it
    variable: String,
    /// Record to show [default: the last]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    time: Option<i64>,
    /// Level of a horizontal section
    #[arg(long, value_name = "K", allow_negative_numbers = true)]
    level: Option<i64>,
    /// Row of a section along x and z
    #[arg(long, value_name = "J", allow_negative_numbers = true)]
    y: Option<i64>,
    /// Column of a section along y and z
    #[arg(long, value_name = "I", allow_negative_numbers = true)]
    x: Option<i64>,
    /// Values of the first and the last colour (or of the value axis) [default: those of the data]
    #[arg(long, num_args = 2, value_names = ["MIN", "MAX"], allow_negative_numbers = true)]
    range: Option<Vec<f64>>,
    /// Draw about so many contour lines at round values other than 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    contours: usize,
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
    let style =
        Style { size: arguments.size, range: checked_range(arguments)?, contours: arguments.contours };
    let PlotArgs { time, level, y, x, .. } = *arguments;
    let file = File::open(&arguments.file)?;
    let picture = slice::take(&file, &arguments.variable, &Place { time, level, y, x })?;
    picture.draw(&style, &arguments.output)
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
        for wrong in ["--size 9x9", "--size big", "--range 1"] {
            assert!(parse(&format!("plot a.h5 w {wrong} -o a.png")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn wrong_wishes_are_usage_errors() {
        for wrong in ["--range 2 1 -o a.png", "--range 0 NaN -o a.png", "-o a.pdf"] {
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
