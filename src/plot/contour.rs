//! Contour lines by marching squares between the cell centres.

use super::Section;
use super::canvas::{BLACK, Canvas};
use super::frame::Frame;

/// Draws the lines of the given levels. Squares with a NaN corner stay empty.
pub fn draw(canvas: &mut Canvas, frame: &Frame, section: &Section, levels: &[f64]) {
    let centres = |axis: &super::Axis| {
        let factor = axis.display().0;
        axis.positions.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]) * factor).collect::<Vec<f64>>()
    };
    let (xs, ys) = (centres(&section.x), centres(&section.y));
    let width = frame.em / 14.0;
    let (rows, columns) = section.values.dim();
    let mut lines = Vec::new();
    for row in 1..rows {
        for column in 1..columns {
            let corner = |r: usize, c: usize| (frame.place(xs[c], ys[r]), section.values[[r, c]]);
            let square = [
                corner(row - 1, column - 1),
                corner(row - 1, column),
                corner(row, column),
                corner(row, column - 1),
            ];
            if square.iter().any(|(_, value)| !value.is_finite()) {
                continue;
            }
            for &level in levels {
                lines.extend(pieces(&square, level));
            }
        }
    }
    canvas.lines(&lines, width, BLACK, frame.plot);
}

/// A place in pixels and the value there.
type Corner = ([f64; 2], f64);

/// The straight pieces of one level's line inside a square whose corners go round.
fn pieces(square: &[Corner; 4], level: f64) -> Vec<[[f64; 2]; 2]> {
    let crossings: Vec<[f64; 2]> =
        (0..4).filter_map(|side| crossing(square[side], square[(side + 1) % 4], level)).collect();
    match crossings[..] {
        [a, b] => vec![[a, b]],
        [a, b, c, d] => {
            // A saddle: the mean says which corners are joined.
            let mean = square.iter().map(|(_, value)| value).sum::<f64>() / 4.0;
            if (mean >= level) == (square[0].1 >= level) {
                vec![[a, b], [c, d]]
            } else {
                vec![[a, d], [b, c]]
            }
        }
        _ => Vec::new(),
    }
}

/// Where the level is crossed between two corners.
fn crossing(from: Corner, to: Corner, level: f64) -> Option<[f64; 2]> {
    let ((a, low), (b, high)) = (from, to);
    if (low >= level) == (high >= level) {
        return None;
    }
    let share = (level - low) / (high - low);
    Some([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(values: [f64; 4]) -> [Corner; 4] {
        let places = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        std::array::from_fn(|n| (places[n], values[n]))
    }

    #[test]
    fn a_slope_is_crossed_once() {
        let found = pieces(&square([0.0, 1.0, 1.0, 0.0]), 0.25);
        assert_eq!(found, [[[0.25, 0.0], [0.25, 1.0]]]);
        assert!(pieces(&square([0.0, 1.0, 1.0, 0.0]), 2.0).is_empty());
    }

    #[test]
    fn a_saddle_joins_the_corners_of_the_mean() {
        // Corners 0 and 2 are high, and so is the middle: the lines cut off corners 1 and 3.
        let found = pieces(&square([1.0, 0.0, 1.0, 0.0]), 0.4);
        assert_eq!(found.len(), 2);
        assert!(found[0].iter().all(|point| point[0] + (1.0 - point[1]) > 1.0));
        // With a low middle they cut off corners 0 and 2.
        let found = pieces(&square([1.0, 0.0, 1.0, 0.0]), 0.6);
        assert!(found[0].iter().all(|point| point[0] + point[1] < 1.0));
    }
}
