//! The colour bar beside a plot.

use super::canvas::{Align, Area, BLACK, Canvas, Pen};
use super::colour::ColourScale;
use super::pretty_unit;
use super::ticks::Ticks;

/// Most ticks at the colour bar.
const BAR_TICKS: usize = 8;

/// The colour bar.
pub struct Bar {
    ticks: Ticks,
    unit: String,
    em: f64,
}

impl Bar {
    pub fn new(scale: &ColourScale, unit: &str, em: f64) -> Self {
        let ticks = Ticks::new(scale.low, scale.high, BAR_TICKS);
        let unit = format!("{} {}", ticks.factor, pretty_unit(unit)).trim().to_owned();
        Bar { ticks, unit, em }
    }

    fn pen(&self) -> Pen {
        Pen { size: self.em, colour: BLACK }
    }

    /// Width that it needs beside the plot.
    pub fn room(&self) -> f64 {
        let unit = if self.unit.is_empty() { 0.0 } else { 1.6 * self.em };
        3.6 * self.em + self.label_width() + unit
    }

    fn label_width(&self) -> f64 {
        self.ticks.labels.iter().map(|label| self.pen().width(label)).fold(0.0, f64::max)
    }

    /// Draws it beside a plot.
    pub fn draw(&self, canvas: &mut Canvas, plot: Area, scale: &ColourScale) {
        let em = self.em;
        let left = plot.right + (1.2 * em).round() as i32;
        let area = Area { left, right: left + (1.2 * em).round() as i32, ..plot };
        let stroke = (em / 12.0).round().max(1.0) as i32;
        for y in area.top..area.bottom {
            let share = (f64::from(area.bottom - y) - 0.5) / f64::from(area.height());
            let colour = scale.colour(scale.low + share * (scale.high - scale.low));
            canvas.fill(Area { top: y, bottom: y + 1, ..area }, colour);
        }
        canvas.outline(area, stroke, BLACK);
        let tick = (0.3 * em).round() as i32;
        for (&value, label) in self.ticks.places.iter().zip(&self.ticks.labels) {
            let share = (value - scale.low) / (scale.high - scale.low);
            let y = f64::from(area.bottom) - share * f64::from(area.height());
            let top = (y - 0.5 * f64::from(stroke)).round() as i32;
            let mark =
                Area { left: area.right, right: area.right + stroke + tick, top, bottom: top + stroke };
            canvas.fill(mark, BLACK);
            let x = f64::from(mark.right) + 0.3 * em;
            canvas.text(x, y + 0.5 * self.pen().capital(), Align::Start, self.pen(), label);
        }
        let base = f64::from(area.right + stroke + tick) + 1.5 * em + self.label_width();
        canvas.text_up(base, 0.5 * f64::from(area.top + area.bottom), self.pen(), &self.unit);
    }
}
