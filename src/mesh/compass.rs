//! Where east and north are: for momentum that is kept along the axes of a panel.

use super::cubed_sphere::{CubedSphere, Vector, east_north};
use super::{Mesh, Tile};
use crate::math;

/// The unit vectors towards east and north at the centres of a tile's columns, in the axes of its panel.
#[derive(Clone, Debug)]
pub struct Compass {
    /// Columns along x.
    ni: usize,
    /// East and north, row by row.
    directions: Vec<[Vector; 2]>,
    /// Cosine of the latitude, row by row.
    cosines: Vec<f64>,
}

impl Compass {
    pub fn new(sphere: &CubedSphere, tile: &Tile) -> Self {
        let direction = |i: usize, j: usize| {
            let (east, north) = east_north(sphere.centre(tile.panel, i, j));
            [east, north].map(|vector| sphere.to_panel(tile.panel, vector))
        };
        let cosine = |i: usize, j: usize| {
            let [x, y, _] = sphere.centre(tile.panel, i, j);
            math::sqrt(x * x + y * y)
        };
        let rows = tile.j0..tile.j0 + tile.nj;
        let columns: Vec<(usize, usize)> =
            rows.flat_map(|j| (tile.i0..tile.i0 + tile.ni).map(move |i| (i, j))).collect();
        Compass {
            ni: tile.ni,
            directions: columns.iter().map(|&(i, j)| direction(i, j)).collect(),
            cosines: columns.iter().map(|&(i, j)| cosine(i, j)).collect(),
        }
    }

    /// One for each of this rank's tiles on the sphere; none on the plane.
    pub fn of_tiles(mesh: &Mesh) -> Vec<Compass> {
        let Some(sphere) = mesh.sphere() else { return Vec::new() };
        mesh.local_tiles().iter().map(|tile| Compass::new(sphere, tile)).collect()
    }

    /// The cosine of the latitude of the column (i, j) of the tile.
    #[inline]
    pub fn cosine(&self, i: usize, j: usize) -> f64 {
        self.cosines[j * self.ni + i]
    }

    /// The eastward and the northward component of a vector in the column (i, j) of the tile.
    #[inline]
    pub fn east_north(&self, i: usize, j: usize, vector: Vector) -> [f64; 2] {
        let along = |axis: &Vector| axis[0] * vector[0] + axis[1] * vector[1] + axis[2] * vector[2];
        self.directions[j * self.ni + i].each_ref().map(along)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Geometry;

    #[test]
    fn a_wind_from_the_west_blows_east() {
        let sphere = CubedSphere::new(6, 1.0, 0.4);
        let interfaces = [0.0, 1.0];
        let mesh =
            Mesh::of_geometry(Geometry::CubedSphere(sphere.clone()), &interfaces, [4, 5], 0, 1).unwrap();
        for (tile, compass) in mesh.local_tiles().iter().zip(Compass::of_tiles(&mesh)) {
            for (i, j) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (i, j))) {
                let centre = sphere.centre(tile.panel, tile.i0 + i, tile.j0 + j);
                // Solid-body rotation about the pole: cos(latitude) eastward.
                let wind = sphere.to_panel(tile.panel, [-centre[1], centre[0], 0.0]);
                let [east, north] = compass.east_north(i, j, wind);
                assert!(
                    (east - compass.cosine(i, j)).abs() < 1e-15 && north.abs() < 1e-15,
                    "{tile:?} ({i}, {j})"
                );
            }
        }
    }
}
