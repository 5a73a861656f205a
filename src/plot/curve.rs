//! The picture of a curve: values along a line, in a column or over time.

use super::canvas::{Area, Canvas, Colour, GREY};
use super::frame::{self, Direction, Frame};
use super::ticks;
use super::{Curve, Style, caption, extremes, pretty_unit};

/// Size of a picture in pixels when none was asked for: of a curve and of a column.
const WIDE: [u32; 2] = [1100, 560];
const TALL: [u32; 2] = [680, 860];
const LINE: Colour = [31, 90, 166];
/// Share of the range of the values that is left free at each end.
const MARGIN: f64 = 0.05;
/// With fewer values than this every one gets a dot.
const DOTTED: usize = 40;

/// Draws a curve that was checked.
pub fn picture(curve: &Curve, style: &Style) -> Canvas {
    let size = style.size.unwrap_or(if curve.is_column { TALL } else { WIDE });
    let em = frame::font_size(style.size);
    let (least, most) = extremes(&curve.values);
    let [low, high] = style.range.unwrap_or_else(|| value_range(least, most));
    let label = caption(&curve.label, &pretty_unit(&curve.unit));
    let (across, up) =
        ((f64::from(size[0]) / (7.5 * em)) as usize, (f64::from(size[1]) / (4.0 * em)) as usize);
    let (most_x, most_y) = (across.clamp(2, 10), up.clamp(2, 8));
    let along = |most| Direction::of_axis(&curve.along, curve.along.scale(style), most);
    let (x, y) = if curve.is_column {
        (Direction::new(low, high, label, most_x), along(most_y))
    } else {
        (along(most_x), Direction::new(low, high, label, most_y))
    };
    let margins = frame::margins(em, &y, 0.0);
    let frame = Frame::within(size, margins, None, x, y, em);
    let mut canvas = Canvas::new(size[0], size[1]);
    frame.grid(&mut canvas);
    zero_line(&mut canvas, &frame, curve.is_column);
    let pieces = pieces(curve, &frame);
    canvas.lines(&pieces, em / 8.0, LINE, frame.plot);
    if curve.values.len() < DOTTED {
        let dots: Vec<_> = pieces.iter().flatten().map(|&point| [point, point]).collect();
        // Those on the frame are to be whole.
        let diameter = em / 2.6;
        canvas.lines(&dots, diameter, LINE, frame.plot.grown(diameter.ceil() as i32));
    }
    frame.axes(&mut canvas);
    let subtitle = ticks::with_extremes(&curve.subtitle, least, most, &curve.unit);
    frame::headings(&mut canvas, frame.plot, em, size[0], [&curve.title, &subtitle]);
    canvas
}

/// The range of the value axis: that of the data with some room.
fn value_range(least: f64, most: f64) -> [f64; 2] {
    if least > most {
        return [0.0, 1.0];
    }
    let span = most - least;
    // Values that are the same but for rounding are one value, not a mountain range.
    if span <= 1e-14 * least.abs().max(most.abs()) {
        let half = if least == 0.0 { 1.0 } else { 0.1 * least.abs() };
        return [least - half, most + half];
    }
    let (low, high) = (least - MARGIN * span, most + MARGIN * span);
    // The room does not reach to the other sign.
    [if least >= 0.0 { low.max(0.0) } else { low }, if most <= 0.0 { high.min(0.0) } else { high }]
}

/// A grey line where the values are 0.
fn zero_line(canvas: &mut Canvas, frame: &Frame, is_column: bool) {
    let Area { left, top, right, bottom } = frame.plot;
    let values = if is_column { &frame.x } else { &frame.y };
    if values.low >= 0.0 || values.high <= 0.0 {
        return;
    }
    let [x, y] = frame.place(frame.x.low.max(0.0), frame.y.low.max(0.0)).map(|place| place.round() as i32);
    let line = if is_column {
        Area { left: x, right: x + 1, top, bottom }
    } else {
        Area { left, right, top: y, bottom: y + 1 }
    };
    canvas.fill(line, GREY);
}

/// The curve in pixels, cut at values that are not finite.
fn pieces(curve: &Curve, frame: &Frame) -> Vec<Vec<[f64; 2]>> {
    let factor = curve.along.display().0;
    let mut pieces = vec![Vec::new()];
    for (&value, position) in curve.values.iter().zip(&curve.along.positions) {
        if !value.is_finite() {
            pieces.push(Vec::new());
            continue;
        }
        let along = position * factor;
        let point = if curve.is_column { frame.place(value, along) } else { frame.place(along, value) };
        pieces.last_mut().expect("there is always a piece").push(point);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::{Axis, Scale};

    fn curve(values: &[f64]) -> Curve {
        Curve {
            title: "Mass".into(),
            subtitle: String::new(),
            label: "mass".into(),
            unit: "kg".into(),
            values: values.into(),
            along: Axis {
                label: "time".into(),
                unit: "s".into(),
                positions: (0..values.len()).map(|n| n as f64).collect(),
                is_downward: false,
                centres: None,
            },
            is_column: false,
        }
    }

    #[test]
    fn gaps_cut_the_line() {
        let curve = curve(&[1.0, 2.0, f64::NAN, 3.0]);
        let x = Direction::of_axis(&curve.along, Scale::Linear, 5);
        let y = Direction::new(0.0, 4.0, "mass".into(), 5);
        let margins = frame::margins(12.0, &y, 0.0);
        let frame = Frame::within([400, 300], margins, None, x, y, 12.0);
        let lengths: Vec<usize> = pieces(&curve, &frame).iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 1]);
    }

    #[test]
    fn any_values_can_be_drawn() {
        for values in [&[5.0][..], &[0.0, 0.0], &[f64::NAN], &[-1e300, 1e300], &[1.0, 1.0 + 1e-16]] {
            let mut curve = curve(values);
            picture(&curve, &Style::default());
            curve.is_column = true;
            picture(&curve, &Style::default());
        }
    }

    #[test]
    fn ranges_leave_room() {
        assert_eq!(value_range(-1.0, 9.0), [-1.5, 9.5]);
        assert_eq!(value_range(0.0, 10.0), [0.0, 10.5]);
        assert_eq!(value_range(3.0, 3.0), [2.7, 3.3]);
        assert_eq!(value_range(0.0, 0.0), [-1.0, 1.0]);
    }
}
