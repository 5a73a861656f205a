//! From the globe to the plane and back.

use super::{Projection, View};
use crate::mesh::cubed_sphere::{Vector, east_north};

/// Middle of a map where none was asked for: longitudes from 0 to 360, or a view that shows a pole.
const LATLON_CENTRE: [f64; 2] = [180.0, 0.0];
const ORTHOGRAPHIC_CENTRE: [f64; 2] = [0.0, 30.0];

/// A projection with its middle. Places on the map run from 0 to 1, to the right and upwards.
#[derive(Clone, Copy, Debug)]
pub struct Projected {
    pub projection: Projection,
    /// Longitude and latitude of the middle in degrees.
    pub centre: [f64; 2],
    /// Unit vectors to the east and to the north at the middle, and towards it.
    axes: [Vector; 3],
}

/// The unit vector of a place on the globe, given in degrees.
pub fn direction([longitude, latitude]: [f64; 2]) -> Vector {
    let (lambda, phi) = (longitude.to_radians(), latitude.to_radians());
    [phi.cos() * lambda.cos(), phi.cos() * lambda.sin(), phi.sin()]
}

impl Projected {
    pub fn new(view: &View) -> Self {
        let usual = match view.projection {
            Projection::LatLon => LATLON_CENTRE,
            Projection::Orthographic => ORTHOGRAPHIC_CENTRE,
        };
        let centre = view.centre.unwrap_or(usual);
        let up = direction(centre);
        // Not those of `up`: at a pole the longitude says what is up.
        let (east, _) = east_north(direction([centre[0], 0.0]));
        let north = [
            up[1] * east[2] - up[2] * east[1],
            up[2] * east[0] - up[0] * east[2],
            up[0] * east[1] - up[1] * east[0],
        ];
        Projected { projection: view.projection, centre, axes: [east, north, up] }
    }

    /// Longitude and latitude in degrees of a place on the map, if the globe is there.
    pub fn globe(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        match self.projection {
            Projection::LatLon => Some([self.centre[0] + 360.0 * (x - 0.5), 180.0 * (y - 0.5)]),
            Projection::Orthographic => {
                let (u, v) = (2.0 * x - 1.0, 2.0 * y - 1.0);
                let depth2 = 1.0 - u * u - v * v;
                if depth2 < 0.0 {
                    return None;
                }
                let [east, north, up] = &self.axes;
                let depth = depth2.sqrt();
                let r: Vector = std::array::from_fn(|c| u * east[c] + v * north[c] + depth * up[c]);
                let horizontal = r[0].hypot(r[1]);
                Some([r[1].atan2(r[0]).to_degrees(), r[2].atan2(horizontal).to_degrees()])
            }
        }
    }

    /// Where on an orthographic map a direction is, and how far in front (1 in the middle, 0 at the edge,
    /// negative behind).
    pub fn seen(&self, r: Vector) -> ([f64; 2], f64) {
        let along = |axis: &Vector| r[0] * axis[0] + r[1] * axis[1] + r[2] * axis[2];
        let [u, v, depth] = [0, 1, 2].map(|n| along(&self.axes[n]));
        ([0.5 * (1.0 + u), 0.5 * (1.0 + v)], depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_globe_is_seen_where_it_is() {
        for centre in [[0.0, 0.0], [30.0, 40.0], [-120.0, -90.0], [70.0, 90.0]] {
            let view = View { projection: Projection::Orthographic, centre: Some(centre), raw: false };
            let map = Projected::new(&view);
            assert_relative_eq!(map.seen(direction(centre)).1, 1.0, epsilon = 1e-12);
            for place in [[0.5, 0.6], [0.1, 0.4], [0.8, 0.3]] {
                let found = map.globe(place).unwrap();
                let (back, depth) = map.seen(direction(found));
                assert!(depth > 0.0);
                assert_relative_eq!(back[0], place[0], epsilon = 1e-12);
                assert_relative_eq!(back[1], place[1], epsilon = 1e-12);
            }
            assert!(map.globe([0.1, 0.1]).is_none());
        }
    }

    #[test]
    fn north_is_up_and_east_is_right() {
        let map = Projected::new(&View { projection: Projection::Orthographic, ..View::default() });
        let [x, y] = map.seen(direction([20.0, 50.0])).0;
        assert!(x > 0.5 && y > 0.5);
        let map = Projected::new(&View::default());
        assert_eq!(map.globe([0.0, 1.0]), Some([0.0, 90.0]));
        assert_eq!(map.globe([0.75, 0.5]), Some([270.0, 0.0]));
    }
}
