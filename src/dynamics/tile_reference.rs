//! The hydrostatic reference state over terrain, where it differs from column to column.

use crate::cases::{Base, Case};
use crate::constants::Constants;
use crate::dynamics::operators::centred6;
use crate::mesh::terrain::nearest;
use crate::mesh::{Mesh, Plane, Terrain, Tile};
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
    inverse_dx: f64,
    inverse_dy: f64,
}

impl TileReference {
    /// Those of this rank's tiles, in their order; none over flat ground.
    pub fn of_tiles(case: &dyn Case, constants: &Constants, mesh: &Mesh) -> Vec<TileReference> {
        match (&mesh.terrain, mesh.plane()) {
            (Some(terrain), Some(plane)) => {
                let tiles = mesh.local_tiles().iter();
                tiles.map(|tile| TileReference::new(case, constants, terrain, plane, tile)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn new(case: &dyn Case, constants: &Constants, terrain: &Terrain, plane: &Plane, tile: &Tile) -> Self {
        let mut interfaces = Field::new(tile.layout(tile.nz + 1));
        fill(&mut interfaces, |i, j, k| {
            let [i, j] = nearest(plane, tile.i0 as isize + i, tile.j0 as isize + j);
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
            inverse_dx: 1.0 / plane.dx,
            inverse_dy: 1.0 / plane.dy,
            interfaces,
        }
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

    /// Slopes of interface `k` along x and y in the column (i, j) inside the tile, from the heights at its faces;
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
