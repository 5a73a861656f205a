//! The picture of a map: colours, contour lines and a graticule.

use super::bar::Bar;
use super::canvas::{Align, Area, BLACK, Canvas, Colour, Pen, WHITE};
use super::colour::ColourScale;
use super::frame::{self, Direction, Frame, GRATICULE, Margins};
use super::projection::{Projected, direction};
use super::{Globe, Projection, Style, contour, extremes, ticks};
use ndarray::Array2;

/// Width of a map of longitude and latitude and diameter of a globe in a picture whose size is chosen.
const WIDTH: f64 = 1000.0;
const DIAMETER: f64 = 640.0;
/// Pixels between the places where contour lines are looked for.
const CONTOUR_STEP: i32 = 2;
/// Colour of meridians and parallels.
const LINES: Colour = [130; 3];
/// Latitude of the middle up to which the globe is seen from the side: the parallels end at its edge with room
/// for their labels, and the meridians do not.
const SIDEWAYS: f64 = 20.0;
/// Places are this far in front at least (1 in the middle, 0 at the edge) to be labelled inside the globe.
const IN_FRONT: f64 = 0.3;

/// Draws a map.
pub fn picture(globe: &Globe, style: &Style) -> Canvas {
    let (least, most) = extremes(globe.field.values());
    let (low, high) = if least <= most { (least, most) } else { (0.0, 1.0) };
    let scale = ColourScale::new(low, high, globe.is_deviation, style.range);
    let em = frame::font_size(style.size);
    let bar = Bar::new(&scale, &globe.unit, em);
    let map = Projected::new(&style.view);
    let (frame, [width, height]) = layout(&map, style, em, bar.room());
    let mut canvas = Canvas::new(width, height);
    fill(&mut canvas, frame.plot, globe, &map, style.view.raw, &scale);
    graticule(&mut canvas, &frame, &map);
    if let Some(count) = style.contours.filter(|&count| count > 0) {
        contours(&mut canvas, &frame, globe, &map, &contour::levels(&scale, count).places);
    }
    // What the labels at the edge of the globe take.
    let outside = match map.projection {
        Projection::LatLon => {
            frame.axes(&mut canvas);
            0.0
        }
        Projection::Orthographic => {
            edge(&mut canvas, &frame);
            labels(&mut canvas, &frame, &map);
            LABEL_ROOM[1] * em
        }
    };
    bar.draw(
        &mut canvas,
        Area { right: frame.plot.right + side_room(&map, em).round() as i32, ..frame.plot },
        &scale,
    );
    let subtitle = ticks::with_extremes(&globe.subtitle, least, most, &globe.unit);
    let top = Area { top: frame.plot.top - outside.round() as i32, ..frame.plot };
    frame::headings(&mut canvas, top, em, width, [&globe.title, &subtitle]);
    canvas
}

/// Width and height that labels at the edge of a globe need, in font sizes.
const LABEL_ROOM: [f64; 2] = [3.6, 1.5];

/// Width of the labels on the right of a map, in pixels.
fn side_room(map: &Projected, em: f64) -> f64 {
    match map.projection {
        Projection::LatLon => 0.0,
        Projection::Orthographic => LABEL_ROOM[0] * em,
    }
}

/// The frame and the size of the whole picture.
fn layout(map: &Projected, style: &Style, em: f64, bar_room: f64) -> (Frame, [u32; 2]) {
    let [middle, _] = map.centre;
    let directions = |most_x, most_y| {
        (
            Direction::of_map(middle - 180.0, middle + 180.0, most_x, ticks::longitude),
            Direction::of_map(-90.0, 90.0, most_y, ticks::latitude),
        )
    };
    let (margins, plot) = match map.projection {
        Projection::LatLon => {
            let numbers = directions(6, 6).1.label_width(Pen { size: em, colour: BLACK });
            let margins =
                Margins { left: 1.8 * em + numbers, right: bar_room, top: 4.3 * em, bottom: 2.4 * em };
            (margins, [WIDTH, 0.5 * WIDTH])
        }
        Projection::Orthographic => {
            let [side, above] = LABEL_ROOM.map(|room| room * em);
            let margins = Margins {
                left: side,
                right: side + bar_room,
                top: 4.3 * em + above,
                bottom: 0.6 * em + above,
            };
            (margins, [DIAMETER, DIAMETER])
        }
    };
    let chosen = || {
        [margins.left + plot[0] + margins.right, margins.top + plot[1] + margins.bottom]
            .map(|side| side.round() as u32)
    };
    let size = style.size.unwrap_or_else(chosen);
    let across = f64::from(size[0]) - margins.left - margins.right;
    let up = f64::from(size[1]) - margins.top - margins.bottom;
    let (x, y) = directions((across / (4.6 * em)) as usize, (up / (2.0 * em)) as usize);
    (Frame::within(size, margins, Some(plot[0] / plot[1]), x, y, em), size)
}

/// Pixel of a place on the map.
fn pixel(plot: Area, [x, y]: [f64; 2]) -> [f64; 2] {
    [
        f64::from(plot.left) + x * f64::from(plot.width()),
        f64::from(plot.bottom) - y * f64::from(plot.height()),
    ]
}

/// Place on the map of a pixel.
fn place(plot: Area, [x, y]: [f64; 2]) -> [f64; 2] {
    [
        (x - f64::from(plot.left)) / f64::from(plot.width()),
        (f64::from(plot.bottom) - y) / f64::from(plot.height()),
    ]
}

/// Paints every pixel with the value that its middle has.
fn fill(canvas: &mut Canvas, plot: Area, globe: &Globe, map: &Projected, raw: bool, scale: &ColourScale) {
    for y in plot.top..plot.bottom {
        for x in plot.left..plot.right {
            let middle = place(plot, [f64::from(x) + 0.5, f64::from(y) + 0.5]);
            if let Some(found) = map.globe(middle) {
                canvas.set(x, y, scale.colour(globe.field.at(found, raw)));
            }
        }
    }
}

/// Draws contour lines of the interpolated values.
fn contours(canvas: &mut Canvas, frame: &Frame, globe: &Globe, map: &Projected, levels: &[f64]) {
    let Area { left, top, right, bottom } = frame.plot;
    // Both ends of every side belong to the places.
    let steps = |from: i32, to: i32| -> Vec<f64> {
        let inner = (from..to).step_by(CONTOUR_STEP as usize).map(f64::from);
        inner.chain([f64::from(to)]).collect()
    };
    let (xs, ys) = (steps(left, right), steps(top, bottom));
    let values = Array2::from_shape_fn((ys.len(), xs.len()), |(row, column)| {
        let found = map.globe(place(frame.plot, [xs[column], ys[row]]));
        found.map_or(f64::NAN, |found| globe.field.at(found, false))
    });
    for &level in levels {
        let pieces = contour::trace(&values, |row, column| [xs[column], ys[row]], level);
        contour::stroke(canvas, &pieces, frame.em, frame.plot);
    }
}

/// Multiples of the spacing of the graticule, in degrees.
fn multiples(from: i32, to: i32) -> impl Iterator<Item = f64> {
    (from..=to).map(|k| f64::from(k) * GRATICULE)
}

/// Draws meridians and parallels.
fn graticule(canvas: &mut Canvas, frame: &Frame, map: &Projected) {
    let mut lines: Vec<Vec<[f64; 2]>> = Vec::new();
    match map.projection {
        Projection::LatLon => {
            let first = (frame.x.low / GRATICULE).ceil() as i32;
            lines.extend(multiples(first, first + 12).map(|longitude| {
                [frame.y.low, frame.y.high].map(|latitude| frame.place(longitude, latitude)).to_vec()
            }));
            lines.extend(multiples(-2, 2).map(|latitude| {
                [frame.x.low, frame.x.high].map(|longitude| frame.place(longitude, latitude)).to_vec()
            }));
        }
        Projection::Orthographic => {
            let mut draw = |places: &mut dyn Iterator<Item = [f64; 2]>| {
                let seen: Vec<_> = places.map(|place| map.seen(direction(place))).collect();
                // Cut where the line goes behind the globe.
                let visible = seen.split(|(_, depth)| *depth < 0.0);
                lines.extend(visible.map(|part| part.iter().map(|(at, _)| pixel(frame.plot, *at)).collect()));
            };
            for longitude in multiples(0, 11) {
                draw(&mut (-90..=90).map(|latitude| [longitude, f64::from(latitude)]));
            }
            for latitude in multiples(-2, 2) {
                draw(&mut (0..=360).map(|longitude| [f64::from(longitude), latitude]));
            }
        }
    }
    canvas.lines(&lines, frame.em / 20.0, LINES, frame.plot);
}

/// Draws the edge of the globe.
fn edge(canvas: &mut Canvas, frame: &Frame) {
    let around = (0..=720).map(|k| {
        let (s, c) = (0.5 * f64::from(k)).to_radians().sin_cos();
        pixel(frame.plot, [0.5 * (1.0 + c), 0.5 * (1.0 + s)])
    });
    let circle: Vec<[f64; 2]> = around.collect();
    canvas.lines(&[circle], frame.em / 9.0, BLACK, frame.plot.grown(3));
}

/// Writes longitudes and latitudes at the graticule of an orthographic map: seen from the side, longitudes stand
/// on the equator and latitudes outside; seen from above, it is the other way round.
fn labels(canvas: &mut Canvas, frame: &Frame, map: &Projected) {
    let [middle, latitude] = map.centre;
    if latitude.abs() < SIDEWAYS {
        multiples(0, 11)
            .for_each(|longitude| inside(canvas, frame, map, [longitude, 0.0], &ticks::longitude(longitude)));
        for parallel in multiples(-3, 3) {
            let height = parallel.to_radians().sin() / latitude.to_radians().cos();
            if height.abs() <= 1.0 {
                outside(canvas, frame, [-(1.0 - height * height).sqrt(), height], &ticks::latitude(parallel));
            }
        }
    } else {
        let nearest = (middle / GRATICULE).round() * GRATICULE;
        multiples(-2, 2)
            .for_each(|parallel| inside(canvas, frame, map, [nearest, parallel], &ticks::latitude(parallel)));
        for meridian in multiples(0, 11) {
            let beside = (meridian - middle).to_radians();
            let end = -(beside.cos() / latitude.to_radians().tan()).atan();
            let ([x, y], _) = map.seen(direction([meridian, end.to_degrees()]));
            outside(canvas, frame, [2.0 * x - 1.0, 2.0 * y - 1.0], &ticks::longitude(meridian));
        }
    }
}

/// Writes a label to the upper right of a place on the globe, unless it is near the edge.
fn inside(canvas: &mut Canvas, frame: &Frame, map: &Projected, at: [f64; 2], text: &str) {
    let (seen, depth) = map.seen(direction(at));
    if depth < IN_FRONT {
        return;
    }
    let pen = Pen { size: 0.85 * frame.em, colour: BLACK };
    let [x, y] = pixel(frame.plot, seen);
    canvas.text_on(x + 0.3 * frame.em, y - 0.35 * frame.em, Align::Start, pen, WHITE, text);
}

/// Writes a label outside the globe at a point (u, v) of the unit circle.
fn outside(canvas: &mut Canvas, frame: &Frame, [u, v]: [f64; 2], text: &str) {
    let pen = Pen { size: 0.85 * frame.em, colour: BLACK };
    let (half_width, half_height) = (0.5 * pen.width(text), 0.5 * pen.capital());
    let [x, y] = pixel(frame.plot, [0.5 * (1.0 + u), 0.5 * (1.0 + v)]);
    // The middle of the text lies so far out that its box clears the circle.
    let gap = 0.45 * frame.em;
    let (x, y) = (x + u * (half_width + gap), y - v * (half_height + gap));
    canvas.text(x, y + half_height, Align::Middle, pen, text);
}
