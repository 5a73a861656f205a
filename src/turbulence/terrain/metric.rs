//! What the terrain makes of the grid of one tile, for second-order differences.

use crate::constants::Constants;
use crate::dynamics::TileReference;
use crate::math;
use crate::mesh::{Plane, Tile};
use crate::real::Real;
use crate::state::Field;
use crate::turbulence::clouds::exner_between;
use crate::turbulence::scales::{at_wall, grid_length, horizontal_rate};
use crate::turbulence::surface::Spot;

/// Fields hold the halo too, but for its outermost cells.
#[derive(Clone, Debug)]
pub struct Metric<T> {
    /// rho0 and theta0 at cell centres.
    pub density: Field<T>,
    pub theta: Field<T>,
    /// Thickness of the cells in m, and its inverse.
    pub thickness: Field<T>,
    pub inverse_thickness: Field<T>,
    /// 1 / distance of the centres above and below a cell, at the ground and the lid of the cell itself from its only
    /// neighbour.
    pub inverse_span: Field<T>,
    /// Slopes of the cells and of the interfaces.
    pub slope: [Field<T>; 2],
    pub tilt: [Field<T>; 2],
    /// Slopes between two cells, and between the interfaces of two columns: value (i, j) lies at the face before the
    /// cell, along x and along y.
    pub face_slope: [Field<T>; 2],
    pub face_tilt: [Field<T>; 2],
    /// At the interfaces inside: share of the cell above in the mass around, distance of the centres and its inverse,
    /// dtheta0/dz in K/m, and g/theta0 in m/(s2 K).
    pub weight_above: Field<T>,
    pub spacing: Field<T>,
    pub inverse_spacing: Field<T>,
    pub theta_gradient: Field<T>,
    pub buoyancy: Field<T>,
    /// theta0 in K and the Exner function at the interfaces.
    pub interface_theta: Field<T>,
    pub exner: Field<T>,
    /// l^2 of a closure that has one in m2, otherwise D in m; and 1/dx^2 + 1/dy^2 + (1 + s^2)/h^2 in 1/m2.
    pub length: Field<T>,
    pub rate: Field<T>,
    /// One level: area of the ground per horizontal area, and 1/(0.4 z)^2 of the lowest centres in 1/m2.
    pub area: Field<T>,
    pub wall: Field<T>,
    /// What the ground under a column is like, row by row from one row and column before the tile.
    spots: Vec<Spot>,
}

impl<T: Real> Metric<T> {
    /// Number of fields with as many values as the state has cells, for the memory estimate.
    pub const FIELDS: usize = 22;

    /// `length(D, z)` is l^2 or D at the distance z from the ground.
    pub fn new(
        tile: &Tile,
        plane: &Plane,
        reference: &TileReference,
        constants: &Constants,
        length: &dyn Fn(f64, f64) -> f64,
    ) -> Self {
        let nz = tile.nz;
        let z = |i: isize, j: isize, k: usize| reference.centre(i, j, k);
        let interface = |i: isize, j: isize, k: usize| reference.interfaces.get(i, j, k);
        let steps = [([1, 0], 1.0 / plane.dx), ([0, 1], if tile.halo_y > 0 { 1.0 / plane.dy } else { 0.0 })];
        let along = |axis: usize| {
            let ([di, dj], inverse) = steps[axis];
            if inverse > 0.0 { (di, dj, inverse) } else { (0, 0, 0.0) }
        };
        let centred = |axis: usize, height: &dyn Fn(isize, isize, usize) -> f64, i, j, k| {
            let (di, dj, inverse) = along(axis);
            0.5 * inverse * (height(i + di, j + dj, k) - height(i - di, j - dj, k))
        };
        let across = |axis: usize, height: &dyn Fn(isize, isize, usize) -> f64, i, j, k| {
            let (di, dj, inverse) = along(axis);
            inverse * (height(i, j, k) - height(i - di, j - dj, k))
        };
        let centres = |value: &dyn Fn(isize, isize, usize) -> f64| filled(tile, 0..nz, nz, value);
        let all = |value: &dyn Fn(isize, isize, usize) -> f64| filled(tile, 0..nz, nz + 1, value);
        let inside = |value: &dyn Fn(isize, isize, usize) -> f64| filled(tile, 1..nz, nz + 1, value);
        let ground = |value: &dyn Fn(isize, isize, usize) -> f64| filled(tile, 0..1, 1, value);
        let spacing = |i, j, k| z(i, j, k) - z(i, j, k - 1);
        let steepness = |height: &dyn Fn(isize, isize, usize) -> f64, i, j, k| {
            let [x, y] = [0, 1].map(|axis| centred(axis, height, i, j, k));
            1.0 + (x * x + y * y)
        };
        let area = |i, j| math::sqrt(steepness(&interface, i, j, 0));
        // Along the normal of the ground.
        let distance = |i, j, k| (z(i, j, k) - interface(i, j, 0)) / area(i, j);
        let theta = &reference.potential_temperature;
        let spot = |i: isize, j: isize| Spot {
            height: distance(i, j, 0),
            theta: theta.get(i, j, 0),
            rise: (theta.get(i, j, 0) - reference.interface_theta.get(i, j, 0)) / (area(i, j) * area(i, j)),
            gas_factor: reference.gas_factor.get(i, j, 0),
            slope: [0, 1].map(|axis| centred(axis, &interface, i, j, 0)),
        };
        let (ni, rows) = (tile.ni as isize, if tile.halo_y > 0 { -1..tile.nj as isize + 1 } else { 0..1 });
        Metric {
            density: centres(&|i, j, k| reference.density.get(i, j, k)),
            theta: centres(&|i, j, k| theta.get(i, j, k)),
            thickness: centres(&|i, j, k| reference.thickness(i, j, k)),
            inverse_thickness: centres(&|i, j, k| 1.0 / reference.thickness(i, j, k)),
            inverse_span: centres(&|i, j, k| {
                1.0 / (z(i, j, (k + 1).min(nz - 1)) - z(i, j, k.saturating_sub(1)))
            }),
            slope: [0, 1].map(|axis| centres(&|i, j, k| centred(axis, &z, i, j, k))),
            tilt: [0, 1].map(|axis| all(&|i, j, k| centred(axis, &interface, i, j, k))),
            face_slope: [0, 1].map(|axis| centres(&|i, j, k| across(axis, &z, i, j, k))),
            face_tilt: [0, 1].map(|axis| all(&|i, j, k| across(axis, &interface, i, j, k))),
            weight_above: inside(&|i, j, k| reference.weight_above(i, j, k)),
            spacing: inside(&spacing),
            inverse_spacing: inside(&|i, j, k| 1.0 / spacing(i, j, k)),
            theta_gradient: inside(&|i, j, k| {
                (theta.get(i, j, k) - theta.get(i, j, k - 1)) / spacing(i, j, k)
            }),
            buoyancy: inside(&|i, j, k| constants.gravity / reference.interface_theta.get(i, j, k)),
            interface_theta: inside(&|i, j, k| reference.interface_theta.get(i, j, k)),
            exner: inside(&|i, j, k| {
                exner_between(constants, [k, k - 1].map(|k| reference.pressure.get(i, j, k)))
            }),
            length: centres(&|i, j, k| {
                length(grid_length(plane, reference.thickness(i, j, k)), distance(i, j, k))
            }),
            rate: centres(&|i, j, k| {
                let h = reference.thickness(i, j, k);
                horizontal_rate(plane) + steepness(&z, i, j, k) / (h * h)
            }),
            area: ground(&|i, j, _| area(i, j)),
            wall: ground(&|i, j, _| at_wall(distance(i, j, 0))),
            spots: rows.flat_map(|j| (-1..ni + 1).map(move |i| (i, j))).map(|(i, j)| spot(i, j)).collect(),
        }
    }

    /// What the ground of row `j` is like, from the column before the tile on.
    pub fn spots(&self, j: isize) -> &[Spot] {
        let layout = self.density.layout();
        let row = if layout.halo_y > 0 { (j + 1) as usize } else { 0 };
        &self.spots[row * (layout.ni + 2)..][..layout.ni + 2]
    }
}

/// A field with the given levels set, but for the outermost cells of the halo.
fn filled<T: Real>(
    tile: &Tile,
    set: std::ops::Range<usize>,
    levels: usize,
    value: &dyn Fn(isize, isize, usize) -> f64,
) -> Field<T> {
    let mut field = Field::new(tile.layout(levels));
    let inner = |n: usize, halo: usize| {
        let margin = halo.saturating_sub(1) as isize;
        -margin..n as isize + margin
    };
    for j in inner(tile.nj, tile.halo_y) {
        for k in set.clone() {
            for i in inner(tile.ni, tile.halo_x) {
                let position = field.layout().at(i, j, k);
                field.values_mut()[position] = T::of(value(i, j, k));
            }
        }
    }
    field
}
