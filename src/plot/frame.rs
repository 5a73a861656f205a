//! The frame of a plot: title, axes, and where values lie in pixels.

use super::canvas::{Align, Area, BLACK, Canvas, GREY, PALE, Pen};
use super::ticks::{self, Ticks};
use super::{Axis, DEGREES_EAST, DEGREES_NORTH, Scale};

/// Font size of a picture whose size gale chooses, in pixels.
const FONT_SIZE: f64 = 17.0;
/// Smallest width and height of the plotting area in font sizes.
const SMALLEST_PLOT: f64 = 6.0;
/// Degrees between the meridians and the parallels of a map.
pub const GRATICULE: f64 = 30.0;

/// Space between the plotting area and the edge of the picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margins {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// One direction of the plotting area, in the unit that is shown.
#[derive(Clone, Debug)]
pub struct Direction {
    pub low: f64,
    pub high: f64,
    pub caption: String,
    pub ticks: Ticks,
    pub scale: Scale,
}

impl Direction {
    /// The extent of an axis, with about `most` ticks.
    pub fn of_axis(axis: &Axis, scale: Scale, most: usize) -> Self {
        let factor = axis.display().0;
        let [low, high] = axis.extent().map(|position| position * factor);
        let mut direction = Direction { scale, ..Direction::new(low, high, axis.caption(), most) };
        let special = match axis.unit.as_str() {
            DEGREES_NORTH => Some(Ticks::degrees(low, high, most, 0.0, ticks::latitude)),
            DEGREES_EAST => Some(Ticks::degrees(low, high, most, 0.0, ticks::longitude)),
            _ if scale == Scale::Logarithmic => Some(Ticks::logarithmic(low, high, most)),
            _ => None,
        };
        if let Some(ticks) = special.filter(|ticks| ticks.places.len() > 1) {
            (direction.ticks, direction.caption) = (ticks, axis.caption());
        }
        direction
    }

    /// Longitudes or latitudes of a map, without a caption.
    pub fn of_map(low: f64, high: f64, most: usize, name: fn(f64) -> String) -> Self {
        let ticks = Ticks::degrees(low, high, most, GRATICULE, name);
        Direction { low, high, caption: String::new(), ticks, scale: Scale::Linear }
    }

    /// From `low` to `high`, which get some room if they are the same.
    pub fn new(low: f64, high: f64, caption: String, most: usize) -> Self {
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, high + 0.5) };
        let ticks = Ticks::new(low, high, most);
        let caption = if ticks.factor.is_empty() { caption } else { format!("{caption}  {}", ticks.factor) };
        Direction { low, high, caption, ticks, scale: Scale::Linear }
    }

    /// Where a value lies between the start (0) and the end (1) of the direction.
    pub fn share(&self, value: f64) -> f64 {
        self.scale.share(value, self.low, self.high)
    }

    /// Width of the widest tick label.
    pub fn label_width(&self, pen: Pen) -> f64 {
        self.ticks.labels.iter().map(|label| pen.width(label)).fold(0.0, f64::max)
    }
}

/// A plotting area with its axes.
#[derive(Clone, Debug)]
pub struct Frame {
    pub plot: Area,
    pub x: Direction,
    pub y: Direction,
    /// Font size in pixels.
    pub em: f64,
}

/// Font size for a picture of the given size, or for one whose size is chosen.
pub fn font_size(size: Option<[u32; 2]>) -> f64 {
    size.map_or(FONT_SIZE, |[width, height]| {
        (f64::from(width) / 72.0).min(f64::from(height) / 30.0).clamp(7.0, 60.0)
    })
}

/// Space for title, ticks and captions around a plot; `beside` is kept free on its right.
pub fn margins(em: f64, y: &Direction, beside: f64) -> Margins {
    let pen = Pen { size: em, colour: BLACK };
    Margins {
        left: 3.1 * em + y.label_width(pen),
        right: (1.8 * em).max(beside),
        top: 4.3 * em,
        bottom: 3.9 * em,
    }
}

impl Frame {
    /// A frame in a picture of `size`, whose plot has the aspect ratio `aspect` (width over height) if given.
    pub fn within(
        size: [u32; 2],
        margins: Margins,
        aspect: Option<f64>,
        x: Direction,
        y: Direction,
        em: f64,
    ) -> Self {
        let least = SMALLEST_PLOT * em;
        let room_x = (f64::from(size[0]) - margins.left - margins.right).max(least);
        let room_y = (f64::from(size[1]) - margins.top - margins.bottom).max(least);
        let (width, height) = match aspect {
            Some(aspect) if room_x > aspect * room_y => (aspect * room_y, room_y),
            Some(aspect) => (room_x, room_x / aspect),
            None => (room_x, room_y),
        };
        let left = margins.left + 0.5 * (room_x - width);
        let (left, top) = (left.round() as i32, margins.top.round() as i32);
        let plot =
            Area { left, top, right: left + width.round() as i32, bottom: top + height.round() as i32 };
        Frame { plot, x, y, em }
    }

    /// Pixel of a point, in the shown units.
    pub fn place(&self, x: f64, y: f64) -> [f64; 2] {
        let Area { left, bottom, .. } = self.plot;
        [
            f64::from(left) + self.x.share(x) * f64::from(self.plot.width()),
            f64::from(bottom) - self.y.share(y) * f64::from(self.plot.height()),
        ]
    }

    /// Pale lines at the ticks, to be drawn before the data.
    pub fn grid(&self, canvas: &mut Canvas) {
        let Area { left, top, right, bottom } = self.plot;
        for &tick in &self.x.ticks.places {
            let x = self.place(tick, self.y.low)[0].round() as i32;
            canvas.fill(Area { left: x, right: x + 1, top, bottom }, PALE);
        }
        for &tick in &self.y.ticks.places {
            let y = self.place(self.x.low, tick)[1].round() as i32;
            canvas.fill(Area { left, right, top: y, bottom: y + 1 }, PALE);
        }
    }

    /// Frame, ticks, numbers and captions.
    pub fn axes(&self, canvas: &mut Canvas) {
        let stroke = (self.em / 12.0).round().max(1.0) as i32;
        let (tick, em) = ((0.35 * self.em).round() as i32, self.em);
        let pen = Pen { size: em, colour: BLACK };
        let Area { left, top, right, bottom } = self.plot;
        canvas.outline(self.plot, stroke, BLACK);
        for (&place, label) in self.x.ticks.places.iter().zip(&self.x.ticks.labels) {
            let x = self.place(place, self.y.low)[0];
            let from = (x - 0.5 * f64::from(stroke)).round() as i32;
            let mark = Area { left: from, right: from + stroke, top: bottom, bottom: bottom + stroke + tick };
            canvas.fill(mark, BLACK);
            canvas.text(x, f64::from(bottom + stroke + tick) + 1.2 * em, Align::Middle, pen, label);
        }
        let number_edge = f64::from(left - stroke - tick) - 0.35 * em;
        for (&place, label) in self.y.ticks.places.iter().zip(&self.y.ticks.labels) {
            let y = self.place(self.x.low, place)[1];
            let from = (y - 0.5 * f64::from(stroke)).round() as i32;
            let mark = Area { left: left - stroke - tick, right: left, top: from, bottom: from + stroke };
            canvas.fill(mark, BLACK);
            canvas.text(number_edge, y + 0.5 * pen.capital(), Align::End, pen, label);
        }
        let middle = 0.5 * f64::from(left + right);
        canvas.text(middle, f64::from(bottom) + 3.1 * em, Align::Middle, pen, &self.x.caption);
        let caption_base = number_edge - self.y.label_width(pen) - 0.75 * em;
        canvas.text_up(caption_base, 0.5 * f64::from(top + bottom), pen, &self.y.caption);
    }
}

/// Title and subtitle above a plot, from its left edge; they shrink to fit the picture.
pub fn headings(canvas: &mut Canvas, plot: Area, em: f64, width: u32, [title, subtitle]: [&str; 2]) {
    let left = f64::from(plot.left);
    let room = f64::from(width) - left - 0.5 * em;
    let fitting = |pen: Pen, text: &str| {
        let excess = pen.width(text) / room;
        Pen { size: pen.size / excess.max(1.0), ..pen }
    };
    let top = f64::from(plot.top);
    let large = fitting(Pen { size: 1.3 * em, colour: BLACK }, title);
    let small = fitting(Pen { size: em, colour: GREY }, subtitle);
    canvas.text(left, top - 2.3 * em, Align::Start, large, title);
    canvas.text(left, top - 0.8 * em, Align::Start, small, subtitle);
}
