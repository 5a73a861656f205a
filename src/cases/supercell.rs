//! A supercell in a wind whose hodograph is a quarter circle: one rotating updraught that lasts for hours.
//!
//! Weisman, M. L. and R. Rotunno (2000): The use of vertical wind shear versus helicity in interpreting supercell
//! dynamics. J. Atmos. Sci. 57, 1452-1472, in the form that the model CM1 ships as its test of a supercell.
//!
//! Set-up: the sounding and the bubble of [`super::storm`]. Below 2 km the wind turns through a quarter circle of
//! 7 m/s, then u grows to 31 m/s at 6 km; the grid moves with (12.5, 3) m/s. CM1 (r21.1, 120 km x 120 km, 1 km and
//! 500 m, Kessler, open sides, prognostic subgrid energy) has w up to 4.1, 15.0, 26.4, 44.3 and 46.0 m/s after 900,
//! 1200, 1800, 2400 and 3600 s.

use super::storm::{NOISE, Storm, VAPOUR_LIMIT, bubble_parameters, grid_motion, weisman_klemp};
use super::{Case, CaseInfo, Parameter, Setting, Setup};
use crate::math;
use std::f64::consts::FRAC_PI_2;

const BUBBLE: [Parameter; 4] = bubble_parameters(1.0);
const MOTION: [Parameter; 2] = grid_motion(12.5, 3.0);

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "supercell",
    title: "Supercell in a quarter-circle wind",
    reference: "Weisman and Rotunno 2000, J. Atmos. Sci. 57, 1452-1472",
    parameters: &[
        MOTION[0],
        MOTION[1],
        VAPOUR_LIMIT,
        BUBBLE[0],
        BUBBLE[1],
        BUBBLE[2],
        BUBBLE[3],
        NOISE[0],
        NOISE[1],
        NOISE[2],
    ],
    setting: Setting::Plane,
    build,
};

/// Depths of the turning and of the growing wind in m, and its speeds there in m/s.
const TURNING: f64 = 2000.0;
const GROWING: f64 = 6000.0;
const RADIUS: f64 = 7.0;
const FASTEST: f64 = 31.0;

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let [along, across] = [setup.get("grid_u_m_per_s"), setup.get("grid_v_m_per_s")];
    let wind = move |z: f64| {
        let [u, v] = quarter_circle(z);
        [u - along, v - across]
    };
    let column = weisman_klemp(setup, 1e-3 * setup.get(VAPOUR_LIMIT.name));
    Box::new(Storm::new(setup, column, Box::new(wind)))
}

/// The wind over the ground.
fn quarter_circle(z: f64) -> [f64; 2] {
    if z <= TURNING {
        let angle = FRAC_PI_2 * z / TURNING;
        return [RADIUS * (1.0 - math::cos(angle)), RADIUS * math::sin(angle)];
    }
    let growth = ((z - TURNING) / (GROWING - TURNING)).min(1.0);
    [RADIUS + growth * (FASTEST - RADIUS), RADIUS]
}
