//! A variable on the globe at one level, and its value anywhere.

use super::projection::direction;
use crate::error::{Error, Result};
use crate::mesh::CubedSphere;
use crate::mesh::cubed_sphere::PANELS;
use crate::regrid::panels::{self, Padded, Place, Rim};
use ndarray::{Array2, Array3, ArrayD};

/// Points of an interpolation along each direction.
const POINTS: usize = 4;
/// How far the cells of a file may be from those of the cubed sphere, on the unit sphere: single precision.
const PLACE_TOLERANCE: f64 = 1e-5;

/// Values on the globe.
#[derive(Clone, Debug)]
pub struct Globe {
    /// The variable in words.
    pub title: String,
    /// Time and level.
    pub subtitle: String,
    /// Unit of the values in UDUNITS notation.
    pub unit: String,
    /// Whether the values are deviations, for which 0 is the middle of the colours.
    pub is_deviation: bool,
    pub field: Field,
}

/// The values and where they are.
#[derive(Clone, Debug)]
pub enum Field {
    Panels(Panels),
    Regular(Regular),
}

impl Field {
    /// All values.
    pub fn values(&self) -> Box<dyn Iterator<Item = &f64> + '_> {
        match self {
            Field::Panels(panels) => Box::new(panels.values.iter()),
            Field::Regular(regular) => Box::new(regular.values.iter()),
        }
    }

    /// The value at a longitude and a latitude in degrees: interpolated, or that of the cell (`raw`). NaN
    /// where there is none.
    pub fn at(&self, place: [f64; 2], raw: bool) -> f64 {
        match self {
            Field::Panels(panels) => panels.at(place, raw),
            Field::Regular(regular) => regular.at(place, raw),
        }
    }
}

/// Values on the six panels of a cubed sphere.
#[derive(Clone, Debug)]
pub struct Panels {
    sphere: CubedSphere,
    /// By panel, row and column.
    values: Array3<f64>,
    /// The same for interpolation, unless there are too few.
    padded: Option<Padded>,
}

impl Panels {
    /// Values with the latitudes and longitudes of their cells in degrees, all by panel, row and column. The
    /// tilt of the grid follows from these.
    ///
    /// # Errors
    /// If they are not those of the equiangular cubed sphere; the message says why.
    pub fn new(values: Array3<f64>, latitudes: &ArrayD<f64>, longitudes: &ArrayD<f64>) -> Result<Self> {
        let (panels, rows, columns) = values.dim();
        let shape = values.shape();
        if panels != PANELS || rows != columns || rows == 0 {
            return Err(Error::Usage(format!(
                "{panels} panels of {rows} x {columns} cells are no cubed sphere"
            )));
        }
        if latitudes.shape() != shape || longitudes.shape() != shape {
            return Err(Error::Usage("latitudes and longitudes have another shape than the values".into()));
        }
        let place = |at: [usize; 3]| direction([longitudes[&at[..]], latitudes[&at[..]]]);
        let untilted = CubedSphere::new(columns, 1.0, 0.0);
        // The tilt is a turn about the y axis: it shows in x and z.
        let (mine, theirs) = (untilted.centre(0, 0, 0), place([0, 0, 0]));
        let tilt = mine[2].atan2(mine[0]) - theirs[2].atan2(theirs[0]);
        let sphere = CubedSphere::new(columns, 1.0, tilt);
        for ((panel, j, i), _) in values.indexed_iter() {
            let (expected, found) = (sphere.centre(panel, i, j), place([panel, j, i]));
            let distance2: f64 = expected.iter().zip(found).map(|(a, b)| (a - b) * (a - b)).sum();
            // Not so if it is NaN.
            let is_there = distance2 <= PLACE_TOLERANCE * PLACE_TOLERANCE;
            if !is_there {
                return Err(Error::Usage(format!(
                    "cell ({i}, {j}) of panel {panel} is not where the equiangular cubed sphere has it"
                )));
            }
        }
        let level: Vec<f64> = values.iter().copied().collect();
        let padded = (columns >= panels::WIDTH).then(|| Rim::new(&sphere).pad(&level));
        Ok(Panels { sphere, values, padded })
    }

    fn at(&self, place: [f64; 2], raw: bool) -> f64 {
        let at = Place::of(&self.sphere, direction(place));
        let nearest = |t: f64| (t.round().max(0.0) as usize).min(self.sphere.n - 1);
        let cell = self.values[[at.panel, nearest(at.y), nearest(at.x)]];
        let Some(padded) = self.padded.as_ref().filter(|_| !raw) else { return cell };
        let value = padded.at(&at);
        if value.is_finite() { value } else { cell }
    }
}

/// Values at regular longitudes and latitudes.
#[derive(Clone, Debug)]
pub struct Regular {
    /// Degrees, increasing, within one turn.
    longitudes: Vec<f64>,
    latitudes: Vec<f64>,
    /// By latitude and longitude.
    values: Array2<f64>,
    /// Whether the longitudes go all around.
    is_periodic: bool,
}

impl Regular {
    /// Values with their latitudes and longitudes in degrees, both in either order.
    ///
    /// # Errors
    /// If there are too few, or they are not in order; the message says why.
    pub fn new(mut values: Array2<f64>, mut latitudes: Vec<f64>, mut longitudes: Vec<f64>) -> Result<Self> {
        for (axis, positions) in [(0, &mut latitudes), (1, &mut longitudes)] {
            if positions.first() > positions.last() {
                positions.reverse();
                values.invert_axis(ndarray::Axis(axis));
            }
            let name = ["latitudes", "longitudes"][axis];
            if positions.len() < POINTS {
                return Err(Error::Usage(format!("a map needs {POINTS} {name} at least")));
            }
            if positions
                .windows(2)
                .any(|pair| pair[0].partial_cmp(&pair[1]) != Some(std::cmp::Ordering::Less))
            {
                return Err(Error::Usage(format!("the {name} are not in order")));
            }
        }
        let span = longitudes[longitudes.len() - 1] - longitudes[0];
        if span > 360.0 + 1e-6 {
            return Err(Error::Usage(format!("the longitudes span {span} degrees, more than one turn")));
        }
        let spacing = span / (longitudes.len() - 1) as f64;
        let is_periodic = span + 1.5 * spacing > 360.0;
        Ok(Regular { longitudes, latitudes, values, is_periodic })
    }

    fn at(&self, [longitude, latitude]: [f64; 2], raw: bool) -> f64 {
        let Some((low, up, row)) = along(&self.latitudes, latitude, None) else { return f64::NAN };
        let turn = self.is_periodic.then_some(360.0);
        // Within half a turn of the middle, so that cells reach half a step beyond both ends.
        let middle = 0.5 * (self.longitudes[0] + self.longitudes[self.longitudes.len() - 1]);
        let longitude = middle + (longitude - middle + 180.0).rem_euclid(360.0) - 180.0;
        let Some((left, across, column)) = along(&self.longitudes, longitude, turn) else { return f64::NAN };
        let around = self.longitudes.len() as isize;
        let wrapped = |k: isize| k.rem_euclid(around) as usize;
        let cell = self.values[[row as usize, wrapped(column)]];
        if raw {
            return cell;
        }
        let value = weigh(across, up, |j, i| self.values[[low as usize + j, wrapped(left + i as isize)]]);
        if value.is_finite() { value } else { cell }
    }
}

/// First index and weights of the four points around a place, and the nearest index. Where positions do not
/// repeat after a `turn`, a place before the first or beyond the last has the value there up to one step away,
/// and farther away none.
fn along(positions: &[f64], place: f64, turn: Option<f64>) -> Option<(isize, [f64; POINTS], isize)> {
    let count = positions.len() as isize;
    let (first, last) = (positions[0], positions[positions.len() - 1]);
    let position =
        |k: isize| positions[k.rem_euclid(count) as usize] + turn.unwrap_or(0.0) * k.div_euclid(count) as f64;
    let before = (positions.partition_point(|&position| position <= place) as isize) - 1;
    let (place, start) = if turn.is_some() {
        (place, before - 1)
    } else {
        let reach = [positions[1] - first, last - positions[positions.len() - 2]];
        if place < first - reach[0] || place > last + reach[1] {
            return None;
        }
        (place.clamp(first, last), (before - 1).clamp(0, count - POINTS as isize))
    };
    let nodes: [f64; POINTS] = std::array::from_fn(|k| position(start + k as isize));
    let away = |k: &usize| (nodes[*k] - place).abs();
    let nearest = (0..POINTS).min_by(|a, b| away(a).total_cmp(&away(b)))? as isize;
    Some((start, lagrange(nodes, place), start + nearest))
}

/// Weights of the cubic through four nodes.
fn lagrange(nodes: [f64; POINTS], at: f64) -> [f64; POINTS] {
    std::array::from_fn(|k| {
        let others = (0..POINTS).filter(|&m| m != k);
        others.map(|m| (at - nodes[m]) / (nodes[k] - nodes[m])).product()
    })
}

/// The weighted sum over rows and columns.
fn weigh(across: [f64; POINTS], up: [f64; POINTS], value: impl Fn(usize, usize) -> f64) -> f64 {
    let row = |j: usize| (0..POINTS).map(|i| across[i] * value(j, i)).sum::<f64>();
    (0..POINTS).map(|j| up[j] * row(j)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::cubed_sphere::longitude_latitude;
    use approx::assert_relative_eq;

    /// A smooth pattern.
    fn wave([longitude, latitude]: [f64; 2]) -> f64 {
        let [x, y, z] = direction([longitude, latitude]);
        x * x * y + 0.5 * z * x - z
    }

    fn panels(n: usize, tilt: f64) -> Panels {
        let sphere = CubedSphere::new(n, 1.0, tilt);
        let shape = (PANELS, n, n);
        let place = |(p, j, i)| {
            let (longitude, latitude) = longitude_latitude(sphere.centre(p, i, j));
            [longitude.to_degrees().rem_euclid(360.0), latitude.to_degrees()]
        };
        let longitudes = Array3::from_shape_fn(shape, |at| place(at)[0]).into_dyn();
        let latitudes = Array3::from_shape_fn(shape, |at| place(at)[1]).into_dyn();
        Panels::new(Array3::from_shape_fn(shape, |at| wave(place(at))), &latitudes, &longitudes).unwrap()
    }

    fn regular(step: f64) -> Regular {
        let centres =
            |from: f64, count: f64| (0..count as usize).map(|k| from + (k as f64 + 0.5) * step).collect();
        let (latitudes, longitudes): (Vec<f64>, Vec<f64>) =
            (centres(-90.0, 180.0 / step), centres(0.0, 360.0 / step));
        let shape = (latitudes.len(), longitudes.len());
        let values = Array2::from_shape_fn(shape, |(j, i)| wave([longitudes[i], latitudes[j]]));
        Regular::new(values, latitudes, longitudes).unwrap()
    }

    /// Places all over the globe.
    fn places() -> impl Iterator<Item = [f64; 2]> {
        (0..500).map(|k| [f64::from(k) * 137.508 - 400.0, (f64::from(k) / 250.0 - 0.999).asin().to_degrees()])
    }

    #[test]
    fn the_tilt_is_found() {
        for tilt in [0.0, 0.3, -1.2, std::f64::consts::FRAC_PI_4] {
            assert_relative_eq!(panels(6, tilt).sphere.tilt, tilt, epsilon = 1e-12);
        }
    }

    #[test]
    fn smooth_fields_are_found_between_the_cells() {
        for place in places() {
            assert_relative_eq!(panels(24, 0.7).at(place, false), wave(place), epsilon = 2e-4);
        }
    }

    #[test]
    fn regular_fields_go_around_the_globe() {
        let regular = regular(5.0);
        for place in places().filter(|place| place[1].abs() < 87.0) {
            assert_relative_eq!(regular.at(place, false), wave(place), epsilon = 2e-4);
        }
        assert_eq!(regular.at([1.0, 90.0], true), wave([2.5, 87.5]));
        assert_eq!(regular.at([-0.1, 2.0], true), wave([357.5, 2.5]));
        assert_eq!(regular.at([0.1, 2.0], true), wave([2.5, 2.5]));
    }

    #[test]
    fn cells_are_shown_as_they_are() {
        let panels = panels(8, 0.2);
        for (panel, i, j) in [(0, 0, 0), (3, 7, 2), (5, 4, 4)] {
            let (longitude, latitude) = longitude_latitude(panels.sphere.centre(panel, i, j));
            let place = [longitude.to_degrees() + 1.0, latitude.to_degrees() - 1.0];
            assert_eq!(panels.at(place, true), panels.values[[panel, j, i]]);
        }
    }

    #[test]
    fn a_part_of_the_globe_leaves_the_rest_empty() {
        let positions = vec![10.0, 12.0, 14.0, 16.0, 18.0];
        let part = Regular::new(Array2::ones((5, 5)), positions.clone(), positions.clone()).unwrap();
        assert_relative_eq!(part.at([17.2, 11.3], false), 1.0, epsilon = 1e-12);
        assert!(part.at([30.0, 12.0], false).is_nan());
        assert!(part.at([12.0, -12.0], false).is_nan());
    }

    #[test]
    fn missing_neighbours_leave_the_cell() {
        let mut regular = regular(10.0);
        regular.values[[9, 4]] = f64::NAN;
        assert!(regular.at([45.0, 5.0], false).is_nan());
        assert_eq!(regular.at([57.0, 5.0], false), regular.values[[9, 5]]);
    }

    #[test]
    fn other_grids_are_refused() {
        let shape = (PANELS, 4, 4);
        let zeros = Array3::zeros(shape).into_dyn();
        let error = Panels::new(Array3::zeros(shape), &zeros, &zeros).unwrap_err();
        assert!(error.to_string().contains("is not where the equiangular cubed sphere has it"), "{error}");
        assert!(Panels::new(Array3::zeros((5, 4, 4)), &zeros, &zeros).is_err());
        let twice = vec![0.0, 1.0, 1.0, 2.0];
        assert!(Regular::new(Array2::zeros((4, 4)), twice.clone(), twice).is_err());
    }
}
