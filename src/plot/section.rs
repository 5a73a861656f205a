//! The picture of a section: filled cells, contour lines and a colour bar.

use super::bar::Bar;
use super::canvas::{Canvas, Colour};
use super::colour::ColourScale;
use super::frame::{self, Direction, Frame, Margins};
use super::ticks;
use super::{Axis, Scale, Section, Style, contour, extremes};
use ndarray::Array2;

/// Largest width and height of the plot in a picture whose size is chosen, in pixels.
const LARGEST: [f64; 2] = [1000.0, 750.0];
/// Bounds of width over height for a vertical section and for a map.
const SECTION_ASPECT: [f64; 2] = [0.5, 3.0];
const MAP_ASPECT: [f64; 2] = [0.4, 3.0];
/// Shortest plot beside which a colour bar can be read, in pixels.
const SHORT_SIDE: f64 = 300.0;
/// The colour of the ground.
const GROUND: Colour = [112, 104, 94];
/// About how many contour lines a zonal mean has where nothing was asked for.
const ZONAL_CONTOURS: usize = 10;

/// Draws a section that was checked.
pub fn picture(section: &Section, style: &Style) -> Canvas {
    let (least, most) = extremes(&section.values);
    let (low, high) = if least <= most { (least, most) } else { (0.0, 1.0) };
    let scale = ColourScale::new(low, high, section.is_deviation, style.range);
    let em = frame::font_size(style.size);
    let bar = Bar::new(&scale, &section.unit, em);
    let (frame, [width, height]) = layout(section, style, em, bar.room());
    let mut canvas = Canvas::new(width, height);
    fill(&mut canvas, &frame, section, &scale);
    let contours = style.contours.unwrap_or(if section.is_zonal_mean { ZONAL_CONTOURS } else { 0 });
    if contours > 0 {
        let levels = contour::levels(&scale, contours);
        contour::draw(&mut canvas, &frame, section, &levels);
    }
    frame.axes(&mut canvas);
    bar.draw(&mut canvas, frame.plot, &scale);
    let subtitle = ticks::with_extremes(&section.subtitle, least, most, &section.unit);
    frame::headings(&mut canvas, frame.plot, em, width, [&section.title, &subtitle]);
    canvas
}

/// The frame and the size of the whole picture.
fn layout(section: &Section, style: &Style, em: f64, bar_room: f64) -> (Frame, [u32; 2]) {
    let axes = [&section.x, &section.y].map(|axis| {
        let [first, last] = axis.extent();
        (last - first).abs()
    });
    let same_unit = section.x.unit == section.y.unit && axes[1] > 0.0;
    let true_aspect = if same_unit { axes[0] / axes[1] } else { 2.0 };
    let [narrowest, widest] = if section.is_map { MAP_ASPECT } else { SECTION_ASPECT };
    let aspect = true_aspect.clamp(narrowest, widest);
    // The width of the numbers at the y axis decides the margin, and its ticks are few: try with six.
    let direction = |axis: &Axis, most| Direction::of_axis(axis, axis.scale(style), most);
    let y_guess = direction(&section.y, 6);
    let margins = frame::margins(em, &y_guess, bar_room);
    let chosen = || {
        let plot_width = LARGEST[0].min(LARGEST[1] * aspect);
        let plot_height = (plot_width / aspect).max(SHORT_SIDE);
        [margins.left + plot_width + margins.right, margins.top + plot_height + margins.bottom]
            .map(|side| side.round() as u32)
    };
    let size = style.size.unwrap_or_else(chosen);
    let keep = (section.is_map && aspect == true_aspect).then_some(aspect);
    let [most_x, most_y] = tick_counts(size, margins, em);
    let (x, y) = (direction(&section.x, most_x), direction(&section.y, most_y));
    (Frame::within(size, margins, keep, x, y, em), size)
}

/// How many ticks suit the space.
fn tick_counts(size: [u32; 2], margins: Margins, em: f64) -> [usize; 2] {
    let across = f64::from(size[0]) - margins.left - margins.right;
    let up = f64::from(size[1]) - margins.top - margins.bottom;
    [((across / (5.5 * em)) as usize).clamp(2, 10), ((up / (3.0 * em)) as usize).clamp(2, 8)]
}

/// Paints every pixel of the plot with the cell that it lies in.
fn fill(canvas: &mut Canvas, frame: &Frame, section: &Section, scale: &ColourScale) {
    let area = frame.plot;
    let columns = cells_of_pixels(&section.x.positions, frame.x.scale, area.width());
    if let Some(heights) = &section.heights {
        fill_over_terrain(canvas, frame, section, heights, scale);
        return;
    }
    let rows = cells_of_pixels(&section.y.positions, frame.y.scale, area.height());
    for (y, &row) in (area.top..area.bottom).rev().zip(&rows) {
        for (x, &column) in (area.left..area.right).zip(&columns) {
            canvas.set(x, y, scale.colour(section.values[[row, column]]));
        }
    }
}

/// The same where the heights of the cells differ from column to column.
fn fill_over_terrain(
    canvas: &mut Canvas,
    frame: &Frame,
    section: &Section,
    heights: &Array2<f64>,
    scale: &ColourScale,
) {
    let area = frame.plot;
    let columns = cells_of_pixels(&section.x.positions, frame.x.scale, area.width());
    let [low, high] = section.y.extent();
    let places: Vec<f64> = (0..area.height())
        .map(|pixel| frame.y.scale.value((f64::from(pixel) + 0.5) / f64::from(area.height()), low, high))
        .collect();
    for (x, &column) in (area.left..area.right).zip(&columns) {
        let edges = heights.column(column).to_vec();
        for (y, &place) in (area.top..area.bottom).rev().zip(&places) {
            let colour = match edges.partition_point(|&edge| edge <= place) {
                0 => GROUND,
                above => scale.colour(section.values[[above.min(edges.len() - 1) - 1, column]]),
            };
            canvas.set(x, y, colour);
        }
    }
}

/// For every pixel of a side, the cell between `edges` that its middle lies in.
fn cells_of_pixels(edges: &[f64], scale: Scale, pixels: i32) -> Vec<usize> {
    let (first, last) = (edges[0], edges[edges.len() - 1]);
    let cells = edges.len() - 1;
    (0..pixels)
        .map(|pixel| {
            let place = scale.value((f64::from(pixel) + 0.5) / f64::from(pixels), first, last);
            edges.partition_point(|&edge| edge <= place).clamp(1, cells) - 1
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::Axis;
    use crate::plot::canvas::WHITE;
    use crate::plot::colour::MISSING;
    use ndarray::array;

    fn axis(positions: &[f64]) -> Axis {
        Axis {
            label: "x".into(),
            unit: "m".into(),
            positions: positions.into(),
            is_downward: false,
            centres: None,
        }
    }

    fn section() -> Section {
        Section {
            title: "Title".into(),
            subtitle: "t = 0 s".into(),
            unit: "K".into(),
            values: array![[1.0, 2.0], [f64::NAN, 4.0]],
            x: axis(&[0.0, 1.0, 2.0]),
            y: axis(&[0.0, 0.5, 4.0]),
            heights: None,
            is_map: false,
            is_deviation: false,
            is_zonal_mean: false,
        }
    }

    #[test]
    fn pixels_find_their_stretched_cell() {
        assert_eq!(cells_of_pixels(&[0.0, 0.5, 4.0], Scale::Linear, 8), [0, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(cells_of_pixels(&[0.0, 1.0], Scale::Linear, 3), [0, 0, 0]);
        assert_eq!(cells_of_pixels(&[1.0, 10.0, 1000.0], Scale::Logarithmic, 3), [1, 1, 0]);
    }

    #[test]
    fn cells_have_their_colours_and_places() {
        let section = section();
        let style = Style { size: Some([600, 400]), ..Style::default() };
        let scale = ColourScale::new(1.0, 4.0, false, None);
        let canvas = picture(&section, &style);
        let bar = Bar::new(&scale, "K", frame::font_size(style.size));
        let (frame, _) = layout(&section, &style, frame::font_size(style.size), bar.room());
        let at = |x: f64, y: f64| {
            let [px, py] = frame.place(x, y);
            canvas.pixel(px as i32, py as i32)
        };
        assert_eq!(at(0.5, 0.25), scale.colour(1.0));
        assert_eq!(at(1.5, 0.25), scale.colour(2.0));
        assert_eq!(at(0.5, 2.0), MISSING);
        assert_eq!(at(1.5, 0.6), scale.colour(4.0));
        assert_eq!(canvas.pixel(1, 1), WHITE);
        assert_eq!(canvas.pixel(599, 399), WHITE);
    }

    #[test]
    fn the_ground_hides_what_is_below() {
        let mut section = section();
        section.heights = Some(array![[0.0, 2.0], [1.0, 3.0], [4.0, 4.0]]);
        let style = Style { size: Some([600, 400]), ..Style::default() };
        let scale = ColourScale::new(1.0, 4.0, false, None);
        let canvas = picture(&section, &style);
        let bar = Bar::new(&scale, "K", frame::font_size(style.size));
        let (frame, _) = layout(&section, &style, frame::font_size(style.size), bar.room());
        let at = |x: f64, y: f64| {
            let [px, py] = frame.place(x, y);
            canvas.pixel(px as i32, py as i32)
        };
        assert_eq!(at(0.5, 0.6), scale.colour(1.0));
        assert_eq!(at(1.5, 1.8), GROUND);
        assert_eq!(at(1.5, 2.5), scale.colour(2.0));
        assert_eq!(at(1.5, 3.5), scale.colour(4.0));
    }

    #[test]
    fn a_map_keeps_its_shape() {
        let mut section = section();
        section.is_map = true;
        let (frame, _) = layout(&section, &Style { size: Some([1200, 500]), ..Style::default() }, 12.0, 80.0);
        let ratio = f64::from(frame.plot.height()) / f64::from(frame.plot.width());
        assert!((ratio - 2.0).abs() < 0.02, "{ratio}");
    }

    #[test]
    fn data_without_a_number_can_be_drawn() {
        let mut section = section();
        section.values.fill(f64::NAN);
        picture(&section, &Style::default());
    }
}
