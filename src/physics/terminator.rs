//! Chlorine that light splits and darkness joins: a test of how transport keeps the sum of two tracers.
//!
//! Lauritzen, P. H., A. J. Conley, J.-F. Lamarque, F. Vitt and M. A. Taylor (2015): The terminator "toy" chemistry test:
//! a simple tool to assess errors in transport schemes. Geosci. Model Dev. 8, 1299-1313.
//!
//! With the mixing ratios Cl and Cl2 and the cosine of the angle from the place (60 W, 20 N) over which the sun stands:
//!
//! ```text
//! dCl/dt = 2 (k1 Cl2 - k2 Cl^2)     k1 = max(0, cosine)/s
//! dCl2/dt = -(k1 Cl2 - k2 Cl^2)     k2 = 1/s
//! ```
//!
//! Their sum Cly = Cl + 2 Cl2 does not change; it is 4e-6 everywhere at the start and should stay so. The start is the
//! equilibrium Cl = D - r with r = k1/(4 k2) and D = sqrt(r^2 + 2 r Cly). A step is the exact solution
//!
//! ```text
//! change of Cl = -(Cl - D + r)(Cl + D + r) E/(1 + e + E (Cl + r))   e = exp(-4 k2 D dt), E = (1 - e)/D
//! ```

use super::{Columns, Process, ProcessInfo};
use crate::cases::Point;
use crate::config::Setting;
use crate::constants::Constants;
use crate::math;
use crate::mesh::cubed_sphere::Vector;

/// Names of the two tracers, Cl and Cl2.
pub const NAMES: [&str; 2] = ["cl", "cl2"];
/// Cl + 2 Cl2 at the start.
pub const CHLORINE: f64 = 4e-6;

/// Longitude and latitude over which the sun stands, in rad.
const SUN: [f64; 2] = [-std::f64::consts::FRAC_PI_3, std::f64::consts::PI / 9.0];
/// k2 in 1/s, and k1 under the sun.
const JOINING: f64 = 1.0;
const SPLITTING: f64 = 1.0;
/// Below it D is 0: in darkness.
const LEAST: f64 = 1e-16;

pub(super) const INFO: ProcessInfo = ProcessInfo {
    name: "terminator",
    title: "chlorine that light splits: two tracers whose sum is to stay",
    reference: "Lauritzen et al. 2015, Geosci. Model Dev. 8, 1299-1313",
    settings: &[Setting::Sphere, Setting::ShallowWater],
    waters: 0,
    has_ice: false,
    tracers: &NAMES,
    moves_air: false,
    sees_rise: false,
    default_of: &["deformational_flow"],
    build,
};

/// The unit vector towards the sun.
struct Terminator {
    sun: Vector,
}

fn build(_: &Constants) -> Box<dyn Process> {
    Box::new(Terminator { sun: direction(SUN[0], SUN[1]) })
}

/// The unit vector of a longitude and a latitude.
fn direction(longitude: f64, latitude: f64) -> Vector {
    let cosine = math::cos(latitude);
    [cosine * math::cos(longitude), cosine * math::sin(longitude), math::sin(latitude)]
}

/// k1 in 1/s at a place, the unit vectors of which and of the sun are given.
#[inline(always)]
fn splitting(sun: Vector, position: Vector) -> f64 {
    let cosine = (sun[0] * position[0] + sun[1] * position[1]) + sun[2] * position[2];
    if cosine > 0.0 { SPLITTING * cosine } else { 0.0 }
}

/// r and D for k1 and Cly.
#[inline(always)]
fn equilibrium(splitting: f64, chlorine: f64) -> [f64; 2] {
    let r = splitting / (4.0 * JOINING);
    let square = r * r + 2.0 * r * chlorine;
    [r, math::sqrt(if square > 0.0 { square } else { 0.0 })]
}

/// The mixing ratio of a tracer of [`NAMES`] at the start.
pub fn initial(name: &str, at: Point) -> f64 {
    let light = splitting(direction(SUN[0], SUN[1]), direction(at.x, at.y));
    let [r, d] = equilibrium(light, CHLORINE);
    // D - r, without the difference of nearly equal numbers.
    let cl = if d > 0.0 { 2.0 * r * CHLORINE / (d + r) } else { 0.0 };
    if name == NAMES[0] { cl } else { 0.5 * (CHLORINE - cl) }
}

/// The change of Cl in `dt` s.
#[inline(always)]
fn change(dt: f64, splitting: f64, cl: f64, cl2: f64) -> f64 {
    let [r, d] = equilibrium(splitting, cl + 2.0 * cl2);
    let decay = math::exp(-4.0 * JOINING * d * dt);
    let e = if d > LEAST { (1.0 - decay) / d } else { 4.0 * JOINING * dt };
    -((cl - d) + r) * ((cl + d) + r) * e / (1.0 + decay + e * (cl + r))
}

impl Process for Terminator {
    fn apply(&self, columns: &mut Columns, dt: f64) {
        let (n, nz) = (columns.n, columns.nz());
        let Columns { position, density, tracers, .. } = columns;
        let [cl, cl2] = &mut tracers[..] else { return };
        for k in 0..nz {
            let rows = [cl.row_mut(k, n), cl2.row_mut(k, n)];
            react(self.sun, dt, &position[..n], density.row(k, n), rows);
        }
    }
}

/// One level of a row; the tracers are masses per volume.
#[inline(never)]
fn react(sun: Vector, dt: f64, position: &[Vector], density: &[f64], [cl, cl2]: [&mut [f64]; 2]) {
    let n = density.len();
    let (position, cl, cl2) = (&position[..n], &mut cl[..n], &mut cl2[..n]);
    for i in 0..n {
        let rho = density[i];
        let gain = rho * change(dt, splitting(sun, position[i]), cl[i] / rho, cl2[i] / rho);
        cl[i] += gain;
        cl2[i] -= 0.5 * gain;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// A place under light of the strength k1 = `cosine`.
    fn change_in(dt: f64, cosine: f64, cl: f64) -> f64 {
        change(dt, cosine, cl, 0.5 * (CHLORINE - cl))
    }

    #[test]
    fn light_is_strongest_under_the_sun_and_absent_behind() {
        let sun = direction(SUN[0], SUN[1]);
        assert_relative_eq!(splitting(sun, sun), 1.0, max_relative = 1e-15);
        assert_eq!(splitting(sun, sun.map(|component| -component)), 0.0);
        assert_relative_eq!(splitting(sun, direction(SUN[0], SUN[1] - 1.0)), f64::cos(1.0), epsilon = 1e-15);
    }

    #[test]
    fn the_start_is_in_equilibrium() {
        for (x, y) in [(-1.0, 0.3), (0.3, 0.0), (0.2, 0.9), (2.0, -0.5)] {
            let at = Point { x, y, z: 0.0 };
            let [cl, cl2] = NAMES.map(|name| initial(name, at));
            assert_relative_eq!(cl + 2.0 * cl2, CHLORINE, max_relative = 1e-15);
            let light = splitting(direction(SUN[0], SUN[1]), direction(x, y));
            assert_relative_eq!(light * cl2, cl * cl, epsilon = 1e-20);
            // What rounding leaves of a difference from 0.25.
            assert!(change(1800.0, light, cl, cl2).abs() < 1e-15);
        }
    }

    #[test]
    fn steps_follow_the_rates() {
        for (light, cl) in [(0.7, 1e-6), (1e-7, 1e-6), (0.0, 2e-6), (0.01, 3.9e-6)] {
            let rate = 2.0 * (light * 0.5 * (CHLORINE - cl) - JOINING * cl * cl);
            let dt = 1e-4;
            assert_relative_eq!(change_in(dt, light, cl) / dt, rate, max_relative = 2e-4, epsilon = 1e-16);
        }
    }

    #[test]
    fn two_steps_are_one_of_twice_the_length() {
        for (light, dt) in [(1e-6, 900.0), (0.0, 900.0), (0.3, 0.5)] {
            let first = 1e-6 + change_in(dt, light, 1e-6);
            let second = first + change_in(dt, light, first);
            assert_relative_eq!(second, 1e-6 + change_in(2.0 * dt, light, 1e-6), max_relative = 1e-9);
        }
    }

    #[test]
    fn everything_joins_at_night_and_splits_by_day() {
        assert!(4e-6 + change_in(1e9, 0.0, 4e-6) < 1e-9);
        let by_day = change_in(1e5, 1.0, 0.0);
        let [r, d] = equilibrium(1.0, CHLORINE);
        assert_relative_eq!(by_day, d - r, max_relative = 1e-9);
    }
}
