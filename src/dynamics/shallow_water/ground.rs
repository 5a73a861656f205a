//! The height of the ground below the layer.

use crate::cases::{Point, ShallowWater};
use crate::dynamics::sphere::Sheet;
use crate::dynamics::sphere::sheet::MARGIN;
use crate::mesh::{CubedSphere, Footprint, Tile, footprint};
use crate::real::Real;
use crate::state::Field;

/// The ground of one tile in m.
#[derive(Clone, Debug)]
pub struct Ground<T> {
    /// Cell averages.
    pub averages: Field<T>,
    /// Heights at the centres of the faces across x and across y, exact.
    pub at_x: Sheet<T>,
    pub at_y: Sheet<T>,
}

impl<T: Real> Ground<T> {
    pub fn new(sphere: &CubedSphere, tile: &Tile, case: &dyn ShallowWater) -> Self {
        let height = |(x, y): (f64, f64)| case.ground(Point { x, y, z: 0.0 });
        let mut averages = Field::new(tile.layout(1));
        for j in 0..tile.nj {
            for (i, value) in averages.cells_mut(j, 0).iter_mut().enumerate() {
                let cell = Footprint::new(sphere, tile.panel, tile.i0 + i, tile.j0 + j);
                *value = T::of(cell.mean(cell.points.map(height)));
            }
        }
        let n = sphere.n as isize;
        let centre = |i: isize| sphere.tan_centre(i.clamp(0, n - 1) as usize);
        let face = |i: isize| sphere.tan_face(i.clamp(0, n) as usize);
        let sheet = |x: &dyn Fn(isize) -> f64, y: &dyn Fn(isize) -> f64| {
            let mut sheet = Sheet::new([tile.ni, tile.nj]);
            let margin = MARGIN as isize;
            for j in -margin..tile.nj as isize + margin {
                for i in -margin..tile.ni as isize + margin {
                    let (x, y) = (x(tile.i0 as isize + i), y(tile.j0 as isize + j));
                    sheet.set(i, j, T::of(height(footprint::place(sphere, tile.panel, x, y))));
                }
            }
            sheet
        };
        Ground { averages, at_x: sheet(&face, &centre), at_y: sheet(&centre, &face) }
    }
}
