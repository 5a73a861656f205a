//! The ground, and the heights of the levels over it.
//!
//! The interface of nominal height zeta lies at z = zeta + b1(zeta) h1 + b2(zeta) h2, where h = h1 + h2 is the height
//! of the ground in a large-scale part and the rest. Basic levels (Gal-Chen and Somerville 1975, J. Comput. Phys. 17,
//! 209-228) have h2 = 0 and b1 = 1 - zeta/H, H the height of the lid. Hybrid levels (Schaer et al. 2002, Mon. Wea.
//! Rev. 130, 2459-2480) have b = sinh((H - zeta)/s)/sinh(H/s) with a scale s for each part; the large-scale part is
//! the ground after passes of the filter (1, 2, 1)/4, together a Gaussian of a given radius.

use super::cubed_sphere::{CubedSphere, PANELS};
use super::footprint::Footprint;
use super::{Plane, VerticalGrid};
use crate::cases::{Case, Point};
use crate::config::{Terrain as Configured, TerrainCoordinate, TerrainFile, TerrainShape};
use crate::error::{Error, Result};
use crate::io::elevation::Elevation;
use crate::math;
use std::f64::consts::PI;

/// The thinnest that a cell may be, as a share of its nominal thickness.
const THINNEST: f64 = 0.2;

/// Heights of the ground by column of the domain, and how the levels follow them. Rows of the sphere's panels lie one
/// behind the other.
#[derive(Clone, Debug)]
pub struct Terrain {
    nx: usize,
    /// The two parts of the height of the ground in m, west to east, then south to north, then by panel.
    large: Vec<f64>,
    small: Vec<f64>,
    /// What the `nz + 1` interfaces keep of both.
    keep_large: Vec<f64>,
    keep_small: Vec<f64>,
    /// Nominal heights of the interfaces in m.
    nominal: Vec<f64>,
}

impl Terrain {
    /// The configured terrain of a plane.
    ///
    /// # Errors
    /// If the levels would come too close to each other or cross.
    pub fn new(terrain: &Configured, plane: &Plane, vertical: &VerticalGrid) -> Result<Self> {
        let heights = match &terrain.shape {
            TerrainShape::File(file) => heights_from_file(file, plane, vertical.top())?,
            shape => columns(plane).map(|(i, j)| height(shape, plane.x(i), plane.y(j))).collect(),
        };
        let smooth = |split: f64| smoothed(&heights, plane, |distance| passes(split / distance));
        let found = Terrain::of_heights(terrain.coordinate, vertical, plane.nx, &heights, smooth);
        found.check(|i, j| format!("x = {} m, y = {} m", plane.x(i), plane.y(j)))?;
        Ok(found)
    }

    /// The configured terrain of the globe: the ground of the case, a shape or heights from a file.
    ///
    /// # Errors
    /// If the levels would come too close to each other or cross, or a file cannot be read.
    pub fn on_sphere(
        terrain: &Configured,
        sphere: &CubedSphere,
        vertical: &VerticalGrid,
        case: &dyn Case,
    ) -> Result<Self> {
        let centre = |(i, row): (usize, usize)| Footprint::new(sphere, row / sphere.n, i, row % sphere.n);
        let at_centre = |height: &dyn Fn(Point) -> f64| -> Vec<f64> {
            let point = |cell| {
                let (x, y) = centre(cell).centre();
                height(Point { x, y, z: 0.0 })
            };
            columns_of_sphere(sphere).map(point).collect()
        };
        let heights = match &terrain.shape {
            TerrainShape::File(file) => {
                let heights = heights_on_sphere(file, sphere, vertical.top())?;
                smoothed_on_sphere(&heights, sphere, file.smoothing)
            }
            TerrainShape::Hill { height, half_width, centre: [longitude, latitude] } => {
                let top = Point { x: longitude.to_radians(), y: latitude.to_radians(), z: 0.0 };
                at_centre(&|at| hill(*height, sphere.radius * at.angle_to(&top) / half_width))
            }
            _ => at_centre(&|at| case.ground(at).unwrap_or(0.0)),
        };
        let smooth = |split: f64| {
            let cells = split / (sphere.radius * sphere.step());
            smoothed_on_sphere(&heights, sphere, passes(cells))
        };
        let found = Terrain::of_heights(terrain.coordinate, vertical, sphere.n, &heights, smooth);
        found.check(|i, row| {
            let (longitude, latitude) = centre((i, row)).centre();
            format!("longitude {:.2}, latitude {:.2}", longitude.to_degrees(), latitude.to_degrees())
        })?;
        Ok(found)
    }

    /// The levels over these heights; `smooth` gives their large-scale part, without what is narrower than so many m.
    fn of_heights(
        coordinate: TerrainCoordinate,
        vertical: &VerticalGrid,
        nx: usize,
        heights: &[f64],
        smooth: impl Fn(f64) -> Vec<f64>,
    ) -> Self {
        let top = vertical.top();
        let nominal = vertical.interfaces.clone();
        let kept = |share: &dyn Fn(f64) -> f64| nominal.iter().map(|&z| share(z)).collect::<Vec<f64>>();
        let (large, keep_large, keep_small) = match coordinate {
            TerrainCoordinate::Basic => {
                (heights.to_vec(), kept(&|z| (top - z) / top), vec![0.0; nominal.len()])
            }
            TerrainCoordinate::Hybrid { decay, small_decay, split } => {
                (smooth(split), kept(&|z| share(z, top, decay)), kept(&|z| share(z, top, small_decay)))
            }
        };
        let small = heights.iter().zip(&large).map(|(all, large)| all - large).collect();
        Terrain { nx, large, small, keep_large, keep_small, nominal }
    }

    /// Height of the ground in the column (i, j) in m.
    pub fn ground(&self, i: usize, j: usize) -> f64 {
        self.interface(i, j, 0)
    }

    /// Height of interface `k` in the column (i, j) in m; the lid is flat.
    pub fn interface(&self, i: usize, j: usize, k: usize) -> f64 {
        let column = j * self.nx + i;
        self.nominal[k] + (self.keep_large[k] * self.large[column] + self.keep_small[k] * self.small[column])
    }

    /// Mean height of interface `k` over the columns, all counted alike, in m.
    pub fn mean_interface(&self, k: usize) -> f64 {
        let mean = |heights: &[f64]| heights.iter().sum::<f64>() / heights.len() as f64;
        self.nominal[k] + (self.keep_large[k] * mean(&self.large) + self.keep_small[k] * mean(&self.small))
    }

    /// Height of the highest ground in m.
    pub fn highest(&self) -> f64 {
        self.large.iter().zip(&self.small).fold(0.0, |most: f64, (large, small)| most.max(large + small))
    }

    /// The steepest slope of the ground along x or y.
    pub fn steepest(&self, plane: &Plane) -> f64 {
        let mut steepest: f64 = 0.0;
        for (i, j) in columns(plane) {
            let here = self.ground(i, j);
            for (i, j, distance) in
                [(i as isize + 1, j as isize, plane.dx), (i as isize, j as isize + 1, plane.dy)]
            {
                let [i, j] = nearest(plane, i, j);
                steepest = steepest.max((self.ground(i, j) - here).abs() / distance);
            }
        }
        steepest
    }

    /// The steepest slope between neighbouring columns of the globe.
    pub fn steepest_on_sphere(&self, sphere: &CubedSphere) -> f64 {
        let mut steepest: f64 = 0.0;
        for (i, row) in columns_of_sphere(sphere) {
            let at = sphere.centre(row / sphere.n, i, row % sphere.n);
            for [i_beside, row_beside] in beside(sphere, i, row) {
                let there = sphere.centre(row_beside / sphere.n, i_beside, row_beside % sphere.n);
                let chord = (0..3).map(|c| (at[c] - there[c]) * (at[c] - there[c])).sum::<f64>();
                let rise = (self.ground(i_beside, row_beside) - self.ground(i, row)).abs();
                steepest = steepest.max(rise / (sphere.radius * math::sqrt(chord)));
            }
        }
        steepest
    }

    /// No cell may be too thin; `place` tells where a column is.
    fn check(&self, place: impl Fn(usize, usize) -> String) -> Result<()> {
        for column in 0..self.large.len() {
            let (i, j) = (column % self.nx, column / self.nx);
            for (k, pair) in self.nominal.windows(2).enumerate() {
                let share = (self.interface(i, j, k + 1) - self.interface(i, j, k)) / (pair[1] - pair[0]);
                if share < THINNEST {
                    return Err(Error::Configuration(format!(
                        "the levels over the terrain come too close: at {} level {k} has {share:.2} of \
                         its nominal thickness, less than {THINNEST}: let them become flat more slowly \
                         (terrain.decay_m, terrain.small_decay_m), or take coordinate = \"basic\" or a higher lid",
                        place(i, j)
                    )));
                }
            }
        }
        Ok(())
    }
}

/// Height of an analytic shape at a place in m; 0 of the others.
fn height(shape: &TerrainShape, x: f64, y: f64) -> f64 {
    match *shape {
        TerrainShape::Bell { height, half_width, centre } => {
            let x = (x - centre) / half_width;
            height / (1.0 + x * x)
        }
        TerrainShape::Schaer { height, half_width, wavelength, centre } => {
            let x = x - centre;
            let (bell, ridges) = (x / half_width, math::cos(PI * x / wavelength));
            height * math::exp(-bell * bell) * (ridges * ridges)
        }
        TerrainShape::Hill { height, half_width, centre } => {
            let (x, y) = ((x - centre[0]) / half_width, (y - centre[1]) / half_width);
            let square = 1.0 + (x * x + y * y);
            height / (square * math::sqrt(square))
        }
        TerrainShape::File(_) | TerrainShape::Case => 0.0,
    }
}

/// A hill of a height at a distance from its top in half widths.
fn hill(height: f64, distance: f64) -> f64 {
    let square = 1.0 + distance * distance;
    height / (square * math::sqrt(square))
}

/// sinh((top - z)/scale)/sinh(top/scale), without large numbers.
fn share(z: f64, top: f64, scale: f64) -> f64 {
    if z >= top {
        return 0.0;
    }
    math::exp(-z / scale) * math::expm1(-2.0 * (top - z) / scale) / math::expm1(-2.0 * top / scale)
}

/// The column that the ground takes its height from at (i, j), which may lie outside: the one whose values fill it,
/// beyond an open side the last one inside.
pub fn nearest(plane: &Plane, i: isize, j: isize) -> [usize; 2] {
    let within = |index: isize, n: usize| index.clamp(0, n as isize - 1) as usize;
    plane.source(i, j).map_or([within(i, plane.nx), within(j, plane.ny)], |source| [source.i, source.j])
}

/// The columns of the domain, row by row.
fn columns(plane: &Plane) -> impl Iterator<Item = (usize, usize)> {
    let nx = plane.nx;
    (0..plane.ny).flat_map(move |j| (0..nx).map(move |i| (i, j)))
}

/// Heights from a file at the columns of the domain.
fn heights_from_file(file: &TerrainFile, plane: &Plane, top: f64) -> Result<Vec<f64>> {
    let fault = |text: String| Error::Configuration(format!("terrain.file {}: {text}", file.path.display()));
    let elevation = Elevation::read(&file.path, file.variable.as_deref())?;
    let elevation = elevation.on_plane(file.centre, file.place).map_err(|text| fault(text.into()))?;
    let height = |(i, j): (usize, usize)| {
        let (x, y) = (plane.x(i), plane.y(j));
        elevation.at(x, y).ok_or_else(|| fault(format!("it has no height at x = {x} m, y = {y} m")))
    };
    let heights = columns(plane).map(height).collect::<Result<Vec<f64>>>()?;
    within(smoothed(&heights, plane, |_| file.smoothing), top).map_err(fault)
}

/// Heights from a file over latitudes and longitudes at the columns of the globe: averages over the cells.
fn heights_on_sphere(file: &TerrainFile, sphere: &CubedSphere, top: f64) -> Result<Vec<f64>> {
    let fault = |text: String| Error::Configuration(format!("terrain.file {}: {text}", file.path.display()));
    let elevation = Elevation::read(&file.path, file.variable.as_deref())?;
    let elevation = elevation.around_globe().map_err(|text| fault(text.into()))?;
    let average = |(i, row): (usize, usize)| {
        let cell = Footprint::new(sphere, row / sphere.n, i, row % sphere.n);
        cell.mean(cell.points.map(|(longitude, latitude)| elevation.on_globe(longitude, latitude)))
    };
    within(columns_of_sphere(sphere).map(average).collect(), top).map_err(fault)
}

/// Heights, if they lie under the lid.
fn within(heights: Vec<f64>, top: f64) -> std::result::Result<Vec<f64>, String> {
    match heights.iter().find(|height| **height >= top || **height < -top) {
        Some(height) => Err(format!("the height {height} m lies beyond the lid at {top} m")),
        None => Ok(heights),
    }
}

/// The columns of the globe: i, and the row counted through the panels.
fn columns_of_sphere(sphere: &CubedSphere) -> impl Iterator<Item = (usize, usize)> + use<> {
    let n = sphere.n;
    (0..PANELS * n).flat_map(move |row| (0..n).map(move |i| (i, row)))
}

/// The four columns beside one of the globe.
fn beside(sphere: &CubedSphere, i: usize, row: usize) -> [[usize; 2]; 4] {
    let (panel, j) = (row / sphere.n, row % sphere.n);
    [(-1, 0), (1, 0), (0, -1), (0, 1)].map(|(di, dj)| {
        nearest_on_sphere(sphere, panel, i as isize + di, j as isize + dj).unwrap_or([i, row])
    })
}

/// The column whose values fill the cell (i, j) of a panel's indices, which may lie beyond its sides; nothing beyond
/// its corners.
pub fn nearest_on_sphere(sphere: &CubedSphere, panel: usize, i: isize, j: isize) -> Option<[usize; 2]> {
    sphere.source(panel, i, j).map(|source| [source.i, source.panel * sphere.n + source.j])
}

/// The heights after smoothing by so many passes of the filter (1, 2, 1)/4 along both directions: twice as many steps
/// of diffusion between neighbours, which know no directions.
fn smoothed_on_sphere(heights: &[f64], sphere: &CubedSphere, passes: usize) -> Vec<f64> {
    let mut all = heights.to_vec();
    for _ in 0..(2 * passes).min(4 * sphere.n * sphere.n) {
        let before = all.clone();
        for (i, row) in columns_of_sphere(sphere) {
            let value = |[i, row]: [usize; 2]| before[row * sphere.n + i];
            let [west, east, south, north] = beside(sphere, i, row).map(value);
            let sum = (west + east) + (south + north);
            all[row * sphere.n + i] = 0.5 * value([i, row]) + 0.125 * sum;
        }
    }
    all
}

/// Passes of the filter (1, 2, 1)/4 that smooth over a radius of so many cells.
fn passes(cells: f64) -> usize {
    (2.0 * cells * cells).round() as usize
}

/// The heights after passes of the filter (1, 2, 1)/4 along x and y, so many for a size of the cells.
fn smoothed(heights: &[f64], plane: &Plane, passes: impl Fn(f64) -> usize) -> Vec<f64> {
    let mut all = heights.to_vec();
    for (distance, along, di, dj) in [(plane.dx, plane.nx, 1, 0), (plane.dy, plane.ny, 0, 1)] {
        if along == 1 {
            continue;
        }
        // Beyond the length of the domain nothing is left to smooth.
        for _ in 0..passes(distance).min(along * along) {
            let before = all.clone();
            for (i, j) in columns(plane) {
                let beside = |step: isize| {
                    let [i, j] = nearest(plane, i as isize + step * di, j as isize + step * dj);
                    before[j * plane.nx + i]
                };
                let here = before[j * plane.nx + i];
                all[j * plane.nx + i] = 0.5 * here + 0.25 * (beside(-1) + beside(1));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LateralBoundary::Periodic;
    use approx::assert_relative_eq;

    fn plane() -> Plane {
        Plane {
            nx: 40,
            ny: 1,
            dx: 500.0,
            dy: 500.0,
            x_min: -10e3,
            y_min: 0.0,
            x_boundary: Periodic,
            y_boundary: Periodic,
        }
    }

    fn ridges(coordinate: TerrainCoordinate) -> Configured {
        let shape = TerrainShape::Schaer { height: 1000.0, half_width: 5e3, wavelength: 4e3, centre: 0.0 };
        Configured { shape, coordinate }
    }

    #[test]
    fn levels_begin_at_the_ground_and_end_at_the_lid() {
        let vertical = VerticalGrid::new(&VerticalGrid::stretched_interfaces(20, 20e3, 0.0));
        let hybrid = TerrainCoordinate::Hybrid { decay: 5e3, small_decay: 2e3, split: 1e3 };
        for coordinate in [TerrainCoordinate::Basic, hybrid] {
            let configured = ridges(coordinate);
            let terrain = Terrain::new(&configured, &plane(), &vertical).unwrap();
            for i in 0..40 {
                let exact = height(&configured.shape, plane().x(i), 0.0);
                assert_relative_eq!(terrain.ground(i, 0), exact, epsilon = 1e-9);
                assert_eq!(terrain.interface(i, 0, 20), 20e3);
            }
        }
    }

    #[test]
    fn small_features_vanish_sooner_from_hybrid_levels() {
        let vertical = VerticalGrid::new(&VerticalGrid::stretched_interfaces(20, 20e3, 0.0));
        let rough = |coordinate| {
            let terrain = Terrain::new(&ridges(coordinate), &plane(), &vertical).unwrap();
            let z = |i: usize| terrain.interface(i, 0, 6);
            (2..38).map(|i| (z(i - 2) - 2.0 * z(i) + z(i + 2)).abs()).fold(0.0, f64::max)
        };
        let hybrid = TerrainCoordinate::Hybrid { decay: 5e3, small_decay: 2e3, split: 1e3 };
        assert!(rough(hybrid) < 0.4 * rough(TerrainCoordinate::Basic));
    }

    #[test]
    fn levels_that_cross_are_refused() {
        let vertical = VerticalGrid::new(&VerticalGrid::stretched_interfaces(80, 20e3, 0.0));
        let steep = TerrainCoordinate::Hybrid { decay: 800.0, small_decay: 500.0, split: 1e3 };
        let error = Terrain::new(&ridges(steep), &plane(), &vertical).unwrap_err().to_string();
        assert!(error.contains("terrain.decay_m"), "{error}");
    }
}
