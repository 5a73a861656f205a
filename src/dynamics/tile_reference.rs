//! The hydrostatic reference state over terrain, where it differs from column to column.

use crate::cases::{Base, Case};
use crate::constants::Constants;
use crate::dynamics::operators::centred6;
use crate::mesh::cubed_sphere::{Vector, east_north};
use crate::mesh::terrain::{nearest, nearest_on_sphere};
use crate::mesh::{CubedSphere, Geometry, Mesh, Terrain, Tile};
use crate::state::Field;

/// Heights and reference state of the columns of one tile, halo included, in double precision. The columns of the
/// halo are those that their values come from.
#[derive(Clone, Debug)]
pub struct TileReference {
    /// Heights of the `nz + 1` interfaces in m.
    pub interfaces: Field<f64>,
    /// Density rho0 in kg/m3 at cell centres, and likewise the others.
    pub density: Field<f64>,
    /// Potential temperature theta0 in K.
    pub potential_temperature: Field<f64>,
    /// rho0 theta0 in kg K/m3.
    pub heat: Field<f64>,
    /// Pressure p0 in Pa.
    pub pressure: Field<f64>,
    /// Density potential temperature over potential temperature, 1 in dry air.
    pub gas_factor: Field<f64>,
    /// theta0 in K at the `nz + 1` interfaces.
    pub interface_theta: Field<f64>,
    /// Reference wind in m/s.
    pub u: Field<f64>,
    pub v: Field<f64>,
    /// On the sphere: slopes of the ground towards east and north, by column.
    rise: Vec<[f64; 2]>,
    /// 0 on the sphere.
    inverse_dx: f64,
    inverse_dy: f64,
}

impl TileReference {
    /// Those of this rank's tiles, in their order; none over flat ground.
    pub fn of_tiles(case: &dyn Case, constants: &Constants, mesh: &Mesh) -> Vec<TileReference> {
        let Some(terrain) = &mesh.terrain else { return Vec::new() };
        let tiles = mesh.local_tiles().iter();
        match &mesh.geometry {
            Geometry::Plane(plane) => {
                let inverse = [1.0 / plane.dx, 1.0 / plane.dy];
                let of_tile = |tile: &Tile| {
                    let column =
                        |i: isize, j: isize| nearest(plane, tile.i0 as isize + i, tile.j0 as isize + j);
                    TileReference::new(case, constants, terrain, column, tile, inverse)
                };
                tiles.map(of_tile).collect()
            }
            Geometry::CubedSphere(sphere) => {
                let of_tile = |tile: &Tile| {
                    let (i0, j0) = (tile.i0 as isize, tile.j0 as isize);
                    // Beyond a corner of the cube lies nothing; nobody looks at what stands there.
                    let column = |i: isize, j: isize| {
                        nearest_on_sphere(sphere, tile.panel, i0 + i, j0 + j)
                            .unwrap_or([tile.i0, tile.panel * sphere.n + tile.j0])
                    };
                    let mut found = TileReference::new(case, constants, terrain, column, tile, [0.0; 2]);
                    found.rise = columns(tile).map(|(i, j)| rise(sphere, terrain, tile, i, j)).collect();
                    found
                };
                tiles.map(of_tile).collect()
            }
        }
    }

    /// `column(i, j)` is the column of the domain whose values fill that of the tile.
    fn new(
        case: &dyn Case,
        constants: &Constants,
        terrain: &Terrain,
        column: impl Fn(isize, isize) -> [usize; 2],
        tile: &Tile,
        [inverse_dx, inverse_dy]: [f64; 2],
    ) -> Self {
        let mut interfaces = Field::new(tile.layout(tile.nz + 1));
        fill(&mut interfaces, |i, j, k| {
            let [i, j] = column(i, j);
            terrain.interface(i, j, k)
        });
        let centre =
            |i: isize, j: isize, k: usize| 0.5 * (interfaces.get(i, j, k) + interfaces.get(i, j, k + 1));
        let profile = |value: &dyn Fn(&Base) -> f64| {
            let mut field = Field::new(tile.layout(tile.nz));
            fill(&mut field, |i, j, k| value(&case.base(centre(i, j, k))));
            field
        };
        let density = profile(&|base| base.density(constants));
        let potential_temperature = profile(&|base| base.potential_temperature);
        let mut heat = density.clone();
        for (heat, theta) in heat.values_mut().iter_mut().zip(potential_temperature.values()) {
            *heat *= theta;
        }
        let mut interface_theta = Field::new(tile.layout(tile.nz + 1));
        fill(&mut interface_theta, |i, j, k| case.base(interfaces.get(i, j, k)).potential_temperature);
        let mut gas_factor = Field::new(tile.layout(tile.nz));
        fill(&mut gas_factor, |i, j, k| case.base_water(centre(i, j, k)).gas_factor(constants));
        TileReference {
            gas_factor,
            density,
            potential_temperature,
            heat,
            pressure: profile(&|base| constants.pressure_of_exner(base.exner)),
            interface_theta,
            u: profile(&|base| base.u),
            v: profile(&|base| base.v),
            rise: Vec::new(),
            inverse_dx,
            inverse_dy,
            interfaces,
        }
    }

    /// Slopes of the ground in the column (i, j) inside the tile along x and y, on the sphere towards east and north.
    pub fn ground_slopes(&self, i: usize, j: usize) -> [f64; 2] {
        let on_sphere = self.rise.get(j * self.interfaces.layout().ni + i).copied();
        on_sphere.unwrap_or_else(|| self.slopes(i as isize, j as isize, 0))
    }

    /// Height of the centre of cell (i, j, k) in m.
    pub fn centre(&self, i: isize, j: isize, k: usize) -> f64 {
        0.5 * (self.interfaces.get(i, j, k) + self.interfaces.get(i, j, k + 1))
    }

    /// Thickness of cell (i, j, k) in m.
    pub fn thickness(&self, i: isize, j: isize, k: usize) -> f64 {
        self.interfaces.get(i, j, k + 1) - self.interfaces.get(i, j, k)
    }

    /// Share of the cell above in the mass of the half cells around interface `k` inside.
    pub fn weight_above(&self, i: isize, j: isize, k: usize) -> f64 {
        let (above, below) = (self.thickness(i, j, k), self.thickness(i, j, k - 1));
        above / (above + below)
    }

    /// Slopes of interface `k` along x and y in the column (i, j) inside a tile of the plane, from the heights at its faces;
    /// 0 along a direction that is absent.
    pub fn slopes(&self, i: isize, j: isize, k: usize) -> [f64; 2] {
        let x = self.height_at_x_face(i + 1, j, k) - self.height_at_x_face(i, j, k);
        if self.interfaces.layout().halo_y == 0 {
            return [x * self.inverse_dx, 0.0];
        }
        let y = self.height_at_y_face(i, j + 1, k) - self.height_at_y_face(i, j, k);
        [x * self.inverse_dx, y * self.inverse_dy]
    }

    /// Height of interface `k` at the face between the columns i - 1 and i in m: A6 of the columns around, so that
    /// the divergence of a uniform wind is 0.
    pub fn height_at_x_face(&self, i: isize, j: isize, k: usize) -> f64 {
        centred6(std::array::from_fn(|m| self.interfaces.get(i - 3 + m as isize, j, k)))
    }

    /// The same between the rows j - 1 and j.
    pub fn height_at_y_face(&self, i: isize, j: isize, k: usize) -> f64 {
        centred6(std::array::from_fn(|m| self.interfaces.get(i, j - 3 + m as isize, k)))
    }

    /// Second derivatives of the ground along x, along x and y, and along y, in 1/m.
    pub fn curvature(&self, i: isize, j: isize) -> [f64; 3] {
        let h = |di: isize, dj: isize| self.interfaces.get(i + di, j + dj, 0);
        let xx = ((h(1, 0) - h(0, 0)) - (h(0, 0) - h(-1, 0))) * self.inverse_dx * self.inverse_dx;
        if self.interfaces.layout().halo_y == 0 {
            return [xx, 0.0, 0.0];
        }
        let yy = ((h(0, 1) - h(0, 0)) - (h(0, 0) - h(0, -1))) * self.inverse_dy * self.inverse_dy;
        let xy = ((h(1, 1) - h(-1, 1)) - (h(1, -1) - h(-1, -1))) * 0.25 * self.inverse_dx * self.inverse_dy;
        [xx, xy, yy]
    }
}

/// The columns of a tile, row by row.
fn columns(tile: &Tile) -> impl Iterator<Item = (usize, usize)> + use<> {
    let ni = tile.ni;
    (0..tile.nj).flat_map(move |j| (0..ni).map(move |i| (i, j)))
}

/// The slopes of the ground towards east and north in the column (i, j) of a tile of the sphere, fitted to the heights
/// of the four columns beside it.
fn rise(sphere: &CubedSphere, terrain: &Terrain, tile: &Tile, i: usize, j: usize) -> [f64; 2] {
    let (i, j) = (tile.i0 + i, tile.j0 + j);
    let at = sphere.centre(tile.panel, i, j);
    let (east, north) = east_north(at);
    let here = terrain.ground(i, tile.panel * sphere.n + j);
    let (mut xx, mut xy, mut yy, mut xh, mut yh) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (di, dj) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
        let Some(beside) = sphere.source(tile.panel, i as isize + di, j as isize + dj) else { continue };
        let there = sphere.centre(beside.panel, beside.i, beside.j);
        let along = |axis: &Vector| (0..3).map(|c| axis[c] * (there[c] - at[c])).sum::<f64>() * sphere.radius;
        let (x, y) = (along(&east), along(&north));
        let h = terrain.ground(beside.i, beside.panel * sphere.n + beside.j) - here;
        xx += x * x;
        xy += x * y;
        yy += y * y;
        xh += x * h;
        yh += y * h;
    }
    let determinant = xx * yy - xy * xy;
    [(yy * xh - xy * yh) / determinant, (xx * yh - xy * xh) / determinant]
}

/// Sets all values of a field, halo included, to `value(i, j, k)`.
fn fill(field: &mut Field<f64>, value: impl Fn(isize, isize, usize) -> f64) {
    let layout = field.layout();
    let (halo_x, halo_y) = (layout.halo_x as isize, layout.halo_y as isize);
    for j in -halo_y..layout.nj as isize + halo_y {
        for k in 0..layout.levels {
            for (n, cell) in field.row_mut(j, k).iter_mut().enumerate() {
                *cell = value(n as isize - halo_x, j, k);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;
    use crate::cases::testing::configuration;
    use crate::config::{Terrain as Configured, TerrainCoordinate, TerrainShape};

    /// What a uniform wind carries through the lateral faces of a cell is what it carries through the levels.
    #[test]
    fn a_uniform_wind_has_no_divergence() {
        let mut configuration = configuration("stratified_rest", [6e3, 5e3], [12, 10]);
        configuration.grid.ny = 9;
        let shape = TerrainShape::Hill { height: 900.0, half_width: 900.0, centre: [2800.0, 2300.0] };
        let coordinate = TerrainCoordinate::Hybrid { decay: 3e3, small_decay: 2e3, split: 800.0 };
        configuration.terrain = Some(Configured { shape, coordinate });
        configuration.parallel.tile = Some([5, 4]);
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let case = cases::build(&configuration).unwrap();
        for tile in TileReference::of_tiles(&*case, &configuration.dynamics.constants, &mesh) {
            let layout = tile.density.layout();
            for (j, i) in (0..layout.nj as isize).flat_map(|j| (0..layout.ni as isize).map(move |i| (j, i))) {
                for k in 0..layout.levels {
                    let x = |i: isize| tile.height_at_x_face(i, j, k + 1) - tile.height_at_x_face(i, j, k);
                    let y = |j: isize| tile.height_at_y_face(i, j, k + 1) - tile.height_at_y_face(i, j, k);
                    let lateral = [(x(i + 1) - x(i)) * tile.inverse_dx, (y(j + 1) - y(j)) * tile.inverse_dy];
                    let (above, below) = (tile.slopes(i, j, k + 1), tile.slopes(i, j, k));
                    for axis in 0..2 {
                        assert!((lateral[axis] - (above[axis] - below[axis])).abs() < 1e-13);
                    }
                }
            }
        }
    }
}
