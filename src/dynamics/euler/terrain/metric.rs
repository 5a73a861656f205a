//! What the terrain makes of the grid and of the reference state, on one tile, in the precision of the state.

use crate::config::Dynamics;
use crate::dynamics::TileReference;
use crate::mesh::Tile;
use crate::real::Real;
use crate::state::{Field, TileState};

/// Reference state and thicknesses of the columns of one tile. Fields at cell centres and interfaces hold the halo too
/// where the stencils reach it.
#[derive(Clone, Debug)]
pub struct Columns<T> {
    /// rho0, theta0, 1 / (rho0 theta0) and p0 at cell centres.
    pub density: Field<T>,
    pub theta: Field<T>,
    pub inverse_heat: Field<T>,
    pub pressure: Field<T>,
    /// Thickness of the cells in m, and its inverse.
    pub thickness: Field<T>,
    pub inverse_thickness: Field<T>,
    /// Share of the cell above in the mass around an interface, and 1 / distance of the centres there.
    pub weight_above: Field<T>,
    pub inverse_spacing: Field<T>,
    /// theta0 at the interfaces.
    pub theta_interface: Field<T>,
}

/// What flows through interfaces because they are not level.
pub trait Slopes<T>: Sync {
    /// G, the slopes of interface `k` inside times the horizontal momentum of `state` there, of row `j`.
    fn flux(&self, columns: &Columns<T>, state: &TileState<T>, j: usize, k: usize, out: &mut [T]);
}

/// Metric factors and reference state of one tile of the plane.
#[derive(Clone, Debug)]
pub struct Metric<T> {
    pub columns: Columns<T>,
    /// Slopes of the interfaces.
    pub slope_x: Field<T>,
    pub slope_y: Field<T>,
    /// The faces to the west of the cells: value f of a row (from its start) belongs to the face between the cells
    /// f - 1 and f. The faces to the south: row j belongs to those between the rows j - 1 and j.
    pub x: FaceMetric<T>,
    pub y: FaceMetric<T>,
    /// Second derivatives of the ground: along x, along x and y, along y; one level.
    pub curvature: [Field<T>; 3],
}

/// What the faces of one direction need.
#[derive(Clone, Debug)]
pub struct FaceMetric<T> {
    /// Height of the face divided by the sound speed there, and phi times their product.
    pub inverse_sound: Field<T>,
    pub damped_sound: Field<T>,
    /// theta0 there: A6 of the cells.
    pub theta: Field<T>,
}

/// Where a field has values.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    /// With the halo.
    All,
    /// The columns of the tile.
    Inside,
    /// The faces along x, from the start of a row.
    FacesX,
    /// The faces along y.
    FacesY,
}

impl<T: Real> Columns<T> {
    pub fn new(tile: &Tile, reference: &TileReference) -> Self {
        let nz = tile.nz;
        let centres =
            |value: &dyn Fn(isize, isize, usize) -> f64| filled(tile, 0..nz, nz, Extent::All, value);
        let inside =
            |value: &dyn Fn(isize, isize, usize) -> f64| filled(tile, 1..nz, nz + 1, Extent::All, value);
        Columns {
            density: centres(&|i, j, k| reference.density.get(i, j, k)),
            theta: centres(&|i, j, k| reference.potential_temperature.get(i, j, k)),
            inverse_heat: centres(&|i, j, k| 1.0 / reference.heat.get(i, j, k)),
            pressure: centres(&|i, j, k| reference.pressure.get(i, j, k)),
            thickness: centres(&|i, j, k| reference.thickness(i, j, k)),
            inverse_thickness: centres(&|i, j, k| 1.0 / reference.thickness(i, j, k)),
            weight_above: inside(&|i, j, k| reference.weight_above(i, j, k)),
            inverse_spacing: inside(&|i, j, k| {
                1.0 / (reference.centre(i, j, k) - reference.centre(i, j, k - 1))
            }),
            theta_interface: inside(&|i, j, k| reference.interface_theta.get(i, j, k)),
        }
    }
}

impl<T: Real> Metric<T> {
    /// Number of fields with as many values as the state has cells, for the memory estimate: those of the metric, and
    /// those of [`TileReference`] in units of the same size.
    pub const FIELDS: usize = 27;

    pub fn new(tile: &Tile, reference: &TileReference, dynamics: &Dynamics) -> Self {
        let nz = tile.nz;
        let has_y = tile.halo_y > 0;
        let slope = |axis: usize| {
            filled(tile, 0..nz, nz + 1, Extent::Inside, &|i, j, k| reference.slopes(i, j, k)[axis])
        };
        let curvature =
            |n: usize| filled(tile, 0..1, 1, Extent::Inside, &|i, j, _| reference.curvature(i, j)[n]);
        Metric {
            columns: Columns::new(tile, reference),
            slope_x: slope(0),
            slope_y: slope(1),
            x: FaceMetric::new(tile, reference, dynamics, Extent::FacesX),
            y: FaceMetric::new(
                tile,
                reference,
                dynamics,
                if has_y { Extent::FacesY } else { Extent::Inside },
            ),
            curvature: std::array::from_fn(curvature),
        }
    }
}

impl<T: Real> FaceMetric<T> {
    /// The faces of the given extent; zeros where there are none.
    fn new(tile: &Tile, reference: &TileReference, dynamics: &Dynamics, extent: Extent) -> Self {
        let (gamma, phi) = (dynamics.constants.gamma(), dynamics.sound_damping);
        let before = match extent {
            Extent::FacesX => [1, 0],
            _ => [0, 1],
        };
        let height = |i: isize, j: isize, k: usize| match extent {
            Extent::FacesX => reference.height_at_x_face(i, j, k + 1) - reference.height_at_x_face(i, j, k),
            _ => reference.height_at_y_face(i, j, k + 1) - reference.height_at_y_face(i, j, k),
        };
        let sound = |i: isize, j: isize, k: usize| {
            let [di, dj] = before;
            let sum = |field: &Field<f64>| field.get(i - di, j - dj, k) + field.get(i, j, k);
            (gamma * sum(&reference.pressure) / sum(&reference.density)).sqrt()
        };
        let theta = |i: isize, j: isize, k: usize| {
            let cell = |m: usize| {
                let [di, dj] = before.map(|step| step * (m as isize - 3));
                reference.potential_temperature.get(i + di, j + dj, k)
            };
            crate::dynamics::operators::centred6(std::array::from_fn(cell))
        };
        let values = |value: &dyn Fn(isize, isize, usize) -> f64| match extent {
            Extent::FacesX | Extent::FacesY => filled(tile, 0..tile.nz, tile.nz, extent, value),
            _ => Field::new(tile.layout(0)),
        };
        FaceMetric {
            inverse_sound: values(&|i, j, k| height(i, j, k) / sound(i, j, k)),
            damped_sound: values(&|i, j, k| phi * height(i, j, k) * sound(i, j, k)),
            theta: values(&theta),
        }
    }
}

/// A field with the given levels set within an extent.
fn filled<T: Real>(
    tile: &Tile,
    set: std::ops::Range<usize>,
    levels: usize,
    extent: Extent,
    value: &dyn Fn(isize, isize, usize) -> f64,
) -> Field<T> {
    let mut field = Field::new(tile.layout(levels));
    let (ni, nj) = (tile.ni as isize, tile.nj as isize);
    let (halo_x, halo_y) = (tile.halo_x as isize, tile.halo_y as isize);
    let (columns, rows, shift) = match extent {
        Extent::All => (-halo_x..ni + halo_x, -halo_y..nj + halo_y, 0),
        Extent::Inside => (0..ni, 0..nj, 0),
        Extent::FacesX => (0..ni + 1, 0..nj, halo_x),
        Extent::FacesY => (0..ni, 0..nj + 1, 0),
    };
    for j in rows {
        for k in set.clone() {
            for i in columns.clone() {
                let position = field.layout().at(i - shift, j, k);
                field.values_mut()[position] = T::of(value(i, j, k));
            }
        }
    }
    field
}
