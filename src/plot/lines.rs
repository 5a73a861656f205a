//! The picture of several curves over a logarithmic axis, such as efficiencies over numbers of ranks.

use super::canvas::{Align, Area, Canvas, Colour, Pen};
use super::frame::{self, Direction, Frame};
use super::ticks::Ticks;

/// Size of the picture in pixels.
const SIZE: [u32; 2] = [900, 560];
/// Colours of the curves, in their order.
const COLOURS: [Colour; 4] = [[31, 90, 166], [192, 57, 43], [60, 130, 60], [120, 80, 160]];

/// A curve with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub label: String,
    /// Places (above 0) and values, from left to right.
    pub points: Vec<[f64; 2]>,
}

/// Curves that are drawn together, the values from 0 on.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    pub title: String,
    pub subtitle: String,
    /// Captions of the axes.
    pub along: String,
    pub values: String,
    pub lines: Vec<Line>,
}

/// Draws curves of two places at least.
pub fn picture(lines: &Lines) -> Canvas {
    let em = frame::font_size(None) * 0.8;
    let all = || lines.lines.iter().flat_map(|line| &line.points);
    let (least, most) =
        all().fold((f64::INFINITY, 0.0f64), |(least, most), [x, _]| (least.min(*x), most.max(*x)));
    let highest = all().fold(0.0f64, |high, [_, y]| high.max(*y));
    let y = Direction::new(0.0, 1.08 * highest, lines.values.clone(), 6);
    let frame = Frame::within(SIZE, frame::margins(em, &y, 0.0), None, along(lines, least, most), y, em);
    let mut canvas = Canvas::new(SIZE[0], SIZE[1]);
    frame.grid(&mut canvas);
    for (n, line) in lines.lines.iter().enumerate() {
        let colour = COLOURS[n % COLOURS.len()];
        let points: Vec<_> = line.points.iter().map(|[x, y]| frame.place(x.log10(), *y)).collect();
        let dots: Vec<_> = points.iter().map(|&point| [point, point]).collect();
        canvas.lines(&[points], em / 8.0, colour, frame.plot);
        canvas.lines(&dots, em / 2.0, colour, frame.plot.grown(em as i32));
        let Area { left, bottom, .. } = frame.plot;
        let above = (lines.lines.len() - n) as f64 * 1.6 * em - 0.6 * em;
        let pen = Pen { size: em, colour };
        canvas.text(f64::from(left) + em, f64::from(bottom) - above, Align::Start, pen, &line.label);
    }
    frame.axes(&mut canvas);
    frame::headings(&mut canvas, frame.plot, em, SIZE[0], [&lines.title, &lines.subtitle]);
    canvas
}

/// The logarithmic axis: decimal logarithms with the numbers themselves at the ticks.
fn along(lines: &Lines, least: f64, most: f64) -> Direction {
    let ticks = Ticks::logarithmic(least, most, 10);
    let places = ticks.places.iter().map(|place| place.log10()).collect();
    let direction = Direction::new(least.log10(), most.log10(), lines.along.clone(), 10);
    Direction { ticks: Ticks { places, ..ticks }, caption: lines.along.clone(), ..direction }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::canvas::WHITE;

    #[test]
    fn every_curve_has_its_colour() {
        let line = |value: f64| Line { label: "x".into(), points: vec![[1.0, value], [1000.0, value]] };
        let lines = Lines {
            title: String::new(),
            subtitle: String::new(),
            along: "ranks".into(),
            values: "efficiency".into(),
            lines: vec![line(1.0), line(0.5)],
        };
        let canvas = picture(&lines);
        let column = (0..SIZE[1] as i32).map(|y| canvas.pixel(SIZE[0] as i32 / 2, y));
        let seen: Vec<Colour> = column.filter(|colour| *colour != WHITE).collect();
        assert!(COLOURS[..2].iter().all(|colour| seen.contains(colour)));
    }
}
