//! Contour lines by marching squares between places with values, with labels where they are asked for.

use super::canvas::{Align, Area, BLACK, Canvas, Pen, WHITE};
use super::colour::ColourScale;
use super::frame::Frame;
use super::ticks::Ticks;
use super::{Axis, Section};
use ndarray::Array2;
use std::collections::BTreeMap;

/// A straight piece of a line, in pixels.
type Piece = [[f64; 2]; 2];

/// About `count` round values within the colours. Not that of 0: where nothing happens it only shows rounding
/// errors.
pub fn levels(scale: &ColourScale, count: usize) -> Ticks {
    let mut ticks = Ticks::new(scale.low, scale.high, count);
    let kept = |&(place, _): &(f64, String)| place != 0.0;
    (ticks.places, ticks.labels) = ticks.places.into_iter().zip(ticks.labels).filter(kept).unzip();
    ticks
}

/// Draws the lines of a section between the centres of its cells; those of a zonal mean get labels.
pub fn draw(canvas: &mut Canvas, frame: &Frame, section: &Section, levels: &Ticks) {
    let centres = |axis: &Axis| {
        let factor = axis.display().0;
        axis.centres().into_iter().map(|centre| centre * factor).collect::<Vec<f64>>()
    };
    let (xs, ys) = (centres(&section.x), centres(&section.y));
    let factor = section.y.display().0;
    let place = |row: usize, column: usize| {
        let middle =
            |heights: &Array2<f64>| 0.5 * (heights[[row, column]] + heights[[row + 1, column]]) * factor;
        frame.place(xs[column], section.heights.as_ref().map_or(ys[row], middle))
    };
    let mut lines: Vec<Vec<Piece>> =
        levels.places.iter().map(|&level| trace(&section.values, place, level)).collect();
    if section.is_zonal_mean {
        label(canvas, frame, &mut lines, &levels.labels);
    }
    stroke(canvas, &lines.concat(), frame.em, frame.plot);
}

/// Draws pieces of lines as contours are drawn.
pub fn stroke(canvas: &mut Canvas, pieces: &[Piece], em: f64, clip: Area) {
    canvas.lines(pieces, em / 14.0, BLACK, clip);
}

/// The pieces of one level's lines between the places of a grid of values. Squares with a NaN corner stay
/// empty.
pub fn trace(values: &Array2<f64>, place: impl Fn(usize, usize) -> [f64; 2], level: f64) -> Vec<Piece> {
    let (rows, columns) = values.dim();
    let mut lines = Vec::new();
    for row in 1..rows {
        for column in 1..columns {
            let around = [(row - 1, column - 1), (row - 1, column), (row, column), (row, column - 1)];
            let corners = around.map(|corner| values[corner]);
            let above = corners.iter().filter(|&&value| value >= level).count();
            if above == 0 || above == 4 || corners.iter().any(|value| !value.is_finite()) {
                continue;
            }
            lines.extend(pieces(
                &around.map(|(row, column)| (place(row, column), values[[row, column]])),
                level,
            ));
        }
    }
    lines
}

/// Writes the values on the longer lines, one line a level and piece, and cuts the lines there.
fn label(canvas: &mut Canvas, frame: &Frame, lines: &mut [Vec<Piece>], labels: &[String]) {
    let pen = Pen { size: 0.8 * frame.em, colour: BLACK };
    let mut taken: Vec<Area> = Vec::new();
    for level in 0..lines.len() {
        let text = &labels[level];
        let room = [pen.width(text) + 0.5 * pen.size, 1.3 * pen.size];
        for chain in chains(&lines[level]) {
            let Some(area) = best_place(&chain, level, lines, room, frame, &taken) else { continue };
            let [x, y] = [0.5 * f64::from(area.left + area.right), 0.5 * f64::from(area.top + area.bottom)];
            canvas.text_on(x, y + 0.5 * pen.capital(), Align::Middle, pen, WHITE, text);
            taken.push(area);
        }
    }
    for pieces in lines {
        let short = pieces.iter().flat_map(|&piece| split(piece));
        *pieces = short.filter(|piece| !taken.iter().any(|area| holds(area, middle(piece)))).collect();
    }
}

/// Where on a line a label of that width and height is read best: where the line is flat, no other passes and
/// no other label is.
fn best_place(
    chain: &[[f64; 2]],
    level: usize,
    lines: &[Vec<Piece>],
    room: [f64; 2],
    frame: &Frame,
    taken: &[Area],
) -> Option<Area> {
    /// Shortest line that gets a label, in widths of the label.
    const SHORTEST: f64 = 2.5;
    let length: f64 =
        chain.windows(2).map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1])).sum();
    if length < SHORTEST * room[0] {
        return None;
    }
    let area_at = |[x, y]: [f64; 2]| Area {
        left: (x - 0.5 * room[0]).floor() as i32,
        right: (x + 0.5 * room[0]).ceil() as i32,
        top: (y - 0.5 * room[1]).floor() as i32,
        bottom: (y + 0.5 * room[1]).ceil() as i32,
    };
    let cost = |&(step, point): &(usize, [f64; 2])| {
        let area = area_at(point);
        let others = lines.iter().enumerate().filter(|(other, _)| *other != level);
        let crossed =
            others.flat_map(|(_, pieces)| pieces).filter(|piece| holds(&area, middle(piece))).count();
        let beside = chain.iter().filter(|near| (near[0] - point[0]).abs() < 0.5 * room[0]);
        let bent = beside.map(|near| (near[1] - point[1]).abs().min(room[0])).fold(0.0, f64::max);
        let off_middle = (step as f64 / chain.len() as f64 - 0.5).abs();
        20.0 * crossed as f64 + bent + 10.0 * off_middle
    };
    let clear = |&(_, point): &(usize, [f64; 2])| {
        let (area, plot) = (area_at(point).grown(2), frame.plot);
        let inside = area.left > plot.left
            && area.right < plot.right
            && area.top > plot.top
            && area.bottom < plot.bottom;
        inside && !taken.iter().any(|other| overlap(&area, other))
    };
    let candidates = chain.iter().copied().enumerate().filter(clear);
    let best = candidates.min_by(|a, b| cost(a).total_cmp(&cost(b)));
    best.map(|(_, point)| area_at(point))
}

/// The lines that pieces with common ends form.
fn chains(pieces: &[Piece]) -> Vec<Vec<[f64; 2]>> {
    let key = |point: [f64; 2]| point.map(f64::to_bits);
    let mut at: BTreeMap<[u64; 2], Vec<usize>> = BTreeMap::new();
    for (number, piece) in pieces.iter().enumerate() {
        piece.iter().for_each(|&end| at.entry(key(end)).or_default().push(number));
    }
    let mut used = vec![false; pieces.len()];
    let mut found = Vec::new();
    // Open lines from their ends first, then the closed ones.
    let ends = (0..pieces.len()).filter(|&number| pieces[number].iter().any(|&end| at[&key(end)].len() == 1));
    for start in ends.chain(0..pieces.len()) {
        if used[start] {
            continue;
        }
        let [mut from, mut to] = pieces[start];
        if at[&key(to)].len() == 1 {
            std::mem::swap(&mut from, &mut to);
        }
        used[start] = true;
        let mut chain = vec![from, to];
        while let Some(&next) = at[&key(to)].iter().find(|&&number| !used[number]) {
            used[next] = true;
            let [a, b] = pieces[next];
            to = if a == to { b } else { a };
            chain.push(to);
        }
        found.push(chain);
    }
    found
}

/// The same line in pieces of few pixels.
fn split([from, to]: Piece) -> impl Iterator<Item = Piece> {
    const LONGEST: f64 = 2.0;
    let count = ((to[0] - from[0]).hypot(to[1] - from[1]) / LONGEST).ceil().max(1.0);
    let point = move |share: f64| [0, 1].map(|c| from[c] + share * (to[c] - from[c]));
    (0..count as usize).map(move |n| [point(n as f64 / count), point((n + 1) as f64 / count)])
}

fn middle([from, to]: &Piece) -> [f64; 2] {
    [0.5 * (from[0] + to[0]), 0.5 * (from[1] + to[1])]
}

fn holds(area: &Area, [x, y]: [f64; 2]) -> bool {
    (f64::from(area.left)..f64::from(area.right)).contains(&x)
        && (f64::from(area.top)..f64::from(area.bottom)).contains(&y)
}

fn overlap(a: &Area, b: &Area) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
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
    // From whichever corner is the first, so that both squares beside the edge find the same bits.
    let ((a, low), (b, high)) = if from.0 <= to.0 { (from, to) } else { (to, from) };
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
    #[test]
    fn pieces_join_to_a_ring() {
        let hill = Array2::from_shape_fn((9, 9), |(j, i)| -(j as f64 - 4.1).hypot(i as f64 - 3.9));
        let pieces = trace(&hill, |j, i| [0.1 * i as f64, 0.3 * j as f64], -2.0);
        let chains = chains(&pieces);
        assert_eq!(chains.len(), 1);
        assert_eq!(chains[0].len(), pieces.len() + 1);
        assert_eq!(chains[0].first(), chains[0].last());
    }

    #[test]
    fn zero_is_no_level() {
        let ticks = levels(&ColourScale::new(-10.0, 10.0, false, None), 4);
        assert_eq!(ticks.labels, ["−10", "−5", "5", "10"]);
        assert_eq!(ticks.places, [-10.0, -5.0, 5.0, 10.0]);
    }
}
