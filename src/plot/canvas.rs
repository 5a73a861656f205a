//! A bitmap with the few things that a plot needs: rectangles, smooth lines and text.

use crate::error::{Error, Result};
use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::LazyLock;

/// Red, green, blue.
pub type Colour = [u8; 3];

pub const WHITE: Colour = [255; 3];
pub const BLACK: Colour = [30; 3];
pub const GREY: Colour = [110; 3];
pub const PALE: Colour = [225; 3];

/// DejaVu Sans with the characters of Latin and Greek text; see `fonts/LICENSE`.
static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("fonts/DejaVuSans.ttf")).expect("the built-in font is valid")
});
/// Height of a capital and of the whole line (ascent and descent) in units of the font size.
const CAPITAL: f64 = 0.729;
const LINE: f64 = 1.164;

/// A rectangle in pixels; y runs downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Area {
    pub fn width(&self) -> i32 {
        self.right - self.left
    }
    pub fn height(&self) -> i32 {
        self.bottom - self.top
    }
    /// Larger by `margin` on every side.
    pub fn grown(&self, margin: i32) -> Self {
        Area {
            left: self.left - margin,
            top: self.top - margin,
            right: self.right + margin,
            bottom: self.bottom + margin,
        }
    }
}

/// Which part of a text stands at the given place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Start,
    Middle,
    End,
}

impl Align {
    /// Where a text of this length starts.
    fn start(self, place: f64, length: f64) -> f64 {
        match self {
            Align::Start => place,
            Align::Middle => place - 0.5 * length,
            Align::End => place - length,
        }
    }
}

/// Text of one size and colour.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    /// Font size in pixels.
    pub size: f64,
    pub colour: Colour,
}

impl Pen {
    /// Width of `text` in pixels.
    pub fn width(&self, text: &str) -> f64 {
        let font = FONT.as_scaled(PxScale::from((self.size * LINE) as f32));
        text.chars().map(|c| f64::from(font.h_advance(font.glyph_id(c)))).sum()
    }

    /// Height of a capital in pixels.
    pub fn capital(&self) -> f64 {
        self.size * CAPITAL
    }

    /// Calls `put(x, y, coverage)` for the pixels of `text` that starts at (0, 0) on its base line.
    fn trace(&self, text: &str, mut put: impl FnMut(i32, i32, f64)) {
        let scale = PxScale::from((self.size * LINE) as f32);
        let font = FONT.as_scaled(scale);
        let mut x = 0.0;
        for c in text.chars() {
            let id = font.glyph_id(c);
            if let Some(outline) = FONT.outline_glyph(id.with_scale_and_position(scale, point(x, 0.0))) {
                let bounds = outline.px_bounds();
                let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
                outline.draw(|px, py, coverage| put(left + px as i32, top + py as i32, f64::from(coverage)));
            }
            x += font.h_advance(id);
        }
    }
}

/// The picture.
#[derive(Clone, Debug)]
pub struct Canvas {
    width: i32,
    height: i32,
    pixels: Vec<u8>,
}

impl Canvas {
    /// A white picture.
    pub fn new(width: u32, height: u32) -> Self {
        let pixels = WHITE.repeat(width as usize * height as usize);
        Canvas { width: width as i32, height: height as i32, pixels }
    }

    /// Colour of a pixel inside the picture.
    #[cfg(test)]
    pub fn pixel(&self, x: i32, y: i32) -> Colour {
        let at = 3 * (y as usize * self.width as usize + x as usize);
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }

    /// Paints a pixel; outside the picture nothing happens.
    pub fn set(&mut self, x: i32, y: i32, colour: Colour) {
        self.blend(x, y, colour, 1.0);
    }

    /// Fills a rectangle without its right and bottom edge.
    pub fn fill(&mut self, area: Area, colour: Colour) {
        for y in area.top..area.bottom {
            for x in area.left..area.right {
                self.set(x, y, colour);
            }
        }
    }

    /// Draws a frame of `width` pixels around a rectangle.
    pub fn outline(&mut self, area: Area, width: i32, colour: Colour) {
        let Area { left, top, right, bottom } = area;
        let (outer_left, outer_right) = (left - width, right + width);
        self.fill(Area { left: outer_left, right: outer_right, top: top - width, bottom: top }, colour);
        self.fill(Area { left: outer_left, right: outer_right, top: bottom, bottom: bottom + width }, colour);
        self.fill(Area { left: outer_left, right: left, top, bottom }, colour);
        self.fill(Area { left: right, right: outer_right, top, bottom }, colour);
    }

    /// Draws smooth lines, each through its points, clipped to `clip`. Where they meet or cross, the colour
    /// is laid on once.
    pub fn lines<L: AsRef<[[f64; 2]]>>(&mut self, lines: &[L], width: f64, colour: Colour, clip: Area) {
        let mut mask = Mask::new(clip);
        for line in lines {
            line.as_ref().windows(2).for_each(|pair| mask.segment(pair[0], pair[1], width));
        }
        for (y, row) in (clip.top..clip.bottom).zip(mask.coverage.chunks_exact(clip.width() as usize)) {
            for (x, &coverage) in (clip.left..clip.right).zip(row) {
                self.blend(x, y, colour, f64::from(coverage));
            }
        }
    }

    /// Writes text with its base line at `y`.
    pub fn text(&mut self, x: f64, y: f64, align: Align, pen: Pen, text: &str) {
        let left = align.start(x, pen.width(text)).round() as i32;
        let base = y.round() as i32;
        pen.trace(text, |px, py, coverage| self.blend(left + px, base + py, pen.colour, coverage));
    }

    /// Writes text with a thin edge of another colour, to be read on any ground.
    pub fn text_on(&mut self, x: f64, y: f64, align: Align, pen: Pen, edge: Colour, text: &str) {
        let left = align.start(x, pen.width(text)).round() as i32;
        let base = y.round() as i32;
        let reach = (0.11 * pen.size).ceil().max(2.0) as i32;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                if dx * dx + dy * dy <= reach * reach {
                    pen.trace(text, |px, py, coverage| {
                        self.blend(left + px + dx, base + py + dy, edge, coverage);
                    });
                }
            }
        }
        self.text(x, y, align, pen, text);
    }

    /// Writes text upwards, turned by a quarter, with its base line at `x` and its middle at `y`.
    pub fn text_up(&mut self, x: f64, y: f64, pen: Pen, text: &str) {
        let bottom = (y + 0.5 * pen.width(text)).round() as i32;
        let base = x.round() as i32;
        pen.trace(text, |px, py, coverage| self.blend(base + py, bottom - px, pen.colour, coverage));
    }

    /// Writes the picture to a PNG file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let file = File::create(path).map_err(|cause| Error::io(path, cause))?;
        let mut encoder = png::Encoder::new(BufWriter::new(file), self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(|cause| Error::io(path, cause))?;
        writer.write_image_data(&self.pixels).map_err(|cause| Error::io(path, cause))?;
        writer.finish().map_err(|cause| Error::io(path, cause))
    }

    /// Covers a share of a pixel.
    fn blend(&mut self, x: i32, y: i32, colour: Colour, coverage: f64) {
        if x < 0 || y < 0 || x >= self.width || y >= self.height || coverage <= 0.0 {
            return;
        }
        let at = 3 * (y as usize * self.width as usize + x as usize);
        let coverage = coverage.min(1.0);
        for (old, new) in self.pixels[at..at + 3].iter_mut().zip(colour) {
            *old = (f64::from(*old) + coverage * (f64::from(new) - f64::from(*old))).round() as u8;
        }
    }
}

/// How much of every pixel of an area lines cover.
struct Mask {
    area: Area,
    coverage: Vec<f32>,
}

impl Mask {
    fn new(area: Area) -> Self {
        Mask { area, coverage: vec![0.0; area.width() as usize * area.height() as usize] }
    }

    /// Adds one straight piece with round ends.
    fn segment(&mut self, from: [f64; 2], to: [f64; 2], width: f64) {
        let Area { left, top, right, bottom } = self.area;
        let reach = 0.5 * width + 1.0;
        let bound = |a: f64, b: f64, low: i32, high: i32| {
            let first = (a.min(b) - reach).floor().clamp(f64::from(low), f64::from(high)) as i32;
            let last = (a.max(b) + reach).ceil().clamp(f64::from(low), f64::from(high)) as i32;
            first..last
        };
        for y in bound(from[1], to[1], top, bottom) {
            for x in bound(from[0], to[0], left, right) {
                let distance = distance([f64::from(x) + 0.5, f64::from(y) + 0.5], from, to);
                let coverage = (0.5 * width + 0.5 - distance).clamp(0.0, 1.0) as f32;
                let at = (y - top) as usize * self.area.width() as usize + (x - left) as usize;
                self.coverage[at] = self.coverage[at].max(coverage);
            }
        }
    }
}

/// Distance of a point from a straight piece.
fn distance(point: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let offset = [point[0] - from[0], point[1] - from[1]];
    let length2 = along[0] * along[0] + along[1] * along[1];
    let share = if length2 > 0.0 {
        ((offset[0] * along[0] + offset[1] * along[1]) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (offset[0] - share * along[0]).hypot(offset[1] - share * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEN: Pen = Pen { size: 20.0, colour: BLACK };

    fn ink(canvas: &Canvas) -> usize {
        canvas.pixels.chunks_exact(3).filter(|pixel| pixel[0] < 128).count()
    }

    #[test]
    fn text_stays_where_it_was_put() {
        let mut canvas = Canvas::new(200, 60);
        canvas.text(100.0, 40.0, Align::Middle, PEN, "m s⁻¹ θ");
        let half = (0.5 * PEN.width("m s⁻¹ θ")) as i32 + 2;
        let inked = (0..200).filter(|&x| (0..60).any(|y| canvas.pixel(x, y) != WHITE));
        let columns: Vec<i32> = inked.collect();
        assert!(columns[0] >= 100 - half && *columns.last().unwrap() <= 100 + half, "{columns:?}");
        assert!(ink(&canvas) > 100);
    }

    #[test]
    fn every_character_of_a_label_has_a_glyph() {
        for c in "−0123456789⁰¹²³⁴⁵⁶⁷⁸⁹⁻×·°θρΔ".chars() {
            assert_ne!(FONT.glyph_id(c).0, 0, "{c}");
        }
    }

    #[test]
    fn a_line_has_its_width_and_is_clipped() {
        let mut canvas = Canvas::new(100, 50);
        let clip = Area { left: 20, top: 0, right: 60, bottom: 50 };
        canvas.lines(&[[[-10.0, 25.0], [500.0, 25.0]]], 4.0, BLACK, clip);
        assert_eq!(ink(&canvas), 40 * 4);
    }

    #[test]
    fn a_missing_folder_is_an_input_output_error() {
        let error = Canvas::new(200, 200).save(Path::new("/no/such/folder/a.png")).unwrap_err();
        assert_eq!(error.exit_status(), 4);
    }
}
