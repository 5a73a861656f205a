//! From values to colours.
//!
//! Data of one sign get viridis, perceptually uniform from dark to bright. Data around 0 get a diverging
//! map, blue for negative, white for 0 and red for positive values, whose lightness in the Oklab colour
//! space falls linearly with the distance from 0, equally on both sides.

use super::canvas::Colour;

/// Colour of a value that is not a number.
pub const MISSING: Colour = [168; 3];
/// A negative part this small beside the positive one does not make data two-sided.
const NEGLIGIBLE: f64 = 1e-3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Map {
    Viridis,
    Diverging,
}

/// A range of values and its colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColourScale {
    map: Map,
    /// Values at the ends of the colour bar.
    pub low: f64,
    pub high: f64,
}

impl ColourScale {
    /// The scale for data between `least` and `most`, or for a range that was asked for.
    pub fn new(least: f64, most: f64, is_deviation: bool, range: Option<[f64; 2]>) -> Self {
        let [low, high] = range.unwrap_or([least, most]);
        let two_sided = low < 0.0 && high >= 0.0 && -low > NEGLIGIBLE * high;
        let around_zero = is_deviation && low <= 0.0 && high >= 0.0;
        let map = if two_sided || around_zero { Map::Diverging } else { Map::Viridis };
        if low < high {
            return ColourScale { map, low, high };
        }
        // A constant field gets a range around its value.
        let half = if low == 0.0 { 1.0 } else { 0.1 * low.abs() };
        ColourScale { map, low: low - half, high: high + half }
    }

    /// The colour of a value; beyond the range that of its end.
    pub fn colour(&self, value: f64) -> Colour {
        if value.is_nan() {
            return MISSING;
        }
        let value = value.clamp(self.low, self.high);
        match self.map {
            Map::Viridis => {
                let colour = colorous::VIRIDIS.eval_continuous((value - self.low) / (self.high - self.low));
                [colour.r, colour.g, colour.b]
            }
            Map::Diverging => diverging(value / self.high.max(-self.low)),
        }
    }
}

/// Lightness of the middle and of both ends, and the largest chroma on the way, in Oklab.
const MIDDLE_LIGHTNESS: f64 = 1.0;
const END_LIGHTNESS: f64 = 0.33;
const LARGEST_CHROMA: f64 = 0.155;
/// Hues of blue and red in degrees.
const BLUE_HUE: f64 = 256.0;
const RED_HUE: f64 = 26.0;

/// The diverging map at `t`, from -1 (blue) over 0 (white) to 1 (red).
fn diverging(t: f64) -> Colour {
    let strength = t.abs().min(1.0);
    let hue = if t < 0.0 { BLUE_HUE } else { RED_HUE }.to_radians();
    let lightness = MIDDLE_LIGHTNESS + strength * (END_LIGHTNESS - MIDDLE_LIGHTNESS);
    let chroma = LARGEST_CHROMA * chroma_share(strength);
    srgb(lightness, chroma * hue.cos(), chroma * hue.sin())
}

/// Chroma rises to its peak at 0.65 and falls to 0.6 of it, as the gamut of a screen allows.
fn chroma_share(strength: f64) -> f64 {
    const PEAK: f64 = 0.65;
    if strength < PEAK {
        let x = strength / PEAK;
        x * (2.0 - x)
    } else {
        let x = (strength - PEAK) / (1.0 - PEAK);
        1.0 - 0.4 * x * x
    }
}

/// sRGB from Oklab (Ottosson 2020).
fn srgb(lightness: f64, a: f64, b: f64) -> Colour {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ];
    linear.map(|c| {
        let c = c.clamp(0.0, 1.0);
        let encoded = if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
        (255.0 * encoded).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance.
    fn luminance(colour: Colour) -> f64 {
        let linear = colour.map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn two_signs_get_white_at_zero() {
        let scale = ColourScale::new(-10.0, 2.0, false, None);
        assert!(scale.colour(0.0).iter().all(|&c| c == 255));
        let [red, _, blue] = scale.colour(-10.0);
        assert!(blue > red + 60);
        let [red, _, blue] = scale.colour(2.0);
        assert!(red > blue);
    }

    #[test]
    fn one_sign_and_tiny_undershoots_get_viridis() {
        for least in [0.0, 0.3, -1e-18] {
            let scale = ColourScale::new(least, 1.0, false, None);
            assert_eq!(scale.colour(1.0), [253, 231, 37]);
        }
        assert_eq!(ColourScale::new(0.0, 1.0, true, None).map, Map::Diverging);
        assert_eq!(ColourScale::new(-9.0, 0.0, false, None).map, Map::Diverging);
        assert_eq!(ColourScale::new(-9.0, -3.0, false, None).map, Map::Viridis);
    }

    #[test]
    fn the_diverging_map_darkens_evenly_on_both_sides() {
        for step in 1..=50 {
            let (t, before) = (f64::from(step) / 50.0, f64::from(step - 1) / 50.0);
            assert!(luminance(diverging(t)) < luminance(diverging(before)));
            assert!(luminance(diverging(-t)) < luminance(diverging(-before)));
            let difference = luminance(diverging(t)) - luminance(diverging(-t));
            assert!(difference.abs() < 0.08, "{t}: {difference}");
        }
    }

    #[test]
    fn missing_and_constant_data_have_a_colour() {
        let scale = ColourScale::new(3.0, 3.0, false, None);
        assert!(scale.low < 3.0 && scale.high > 3.0);
        assert_eq!(scale.colour(f64::NAN), MISSING);
        assert_eq!(scale.colour(f64::INFINITY), scale.colour(scale.high));
    }
}
