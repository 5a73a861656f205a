//! A storm in a wind that grows along x: with enough shear it splits into a right and a left mover.
//!
//! Weisman, M. L. and J. B. Klemp (1982): The dependence of numerically simulated convective storms on vertical
//! wind shear and buoyancy. Mon. Wea. Rev. 110, 504-520.
//!
//! Set-up: the sounding and the bubble of [`super::storm`]; u = Us tanh(z/3 km) - c. Without rotation both halves
//! are mirror images to the last bit. Us of 25 m/s and more splits the storm; updraughts of 25-45 m/s.

use super::storm::{NOISE, Storm, VAPOUR_LIMIT, bubble_parameters, grid_motion, weisman_klemp};
use super::{Case, CaseInfo, Parameter, Setting, Setup};
use crate::math;

const BUBBLE: [Parameter; 4] = bubble_parameters(2.0);
const MOTION: [Parameter; 2] = grid_motion(12.5, 0.0);

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "weisman_klemp",
    title: "Storm in unidirectional shear, which splits",
    reference: "Weisman and Klemp 1982, Mon. Wea. Rev. 110, 504-520",
    parameters: &[
        Parameter::new("shear_m_per_s", "m/s", 30.0, [-100.0, 100.0], "wind far above 3 km"),
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

/// Height over which the wind grows, in m.
const DEPTH: f64 = 3000.0;

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let shear = setup.get("shear_m_per_s");
    let [along, across] = [setup.get("grid_u_m_per_s"), setup.get("grid_v_m_per_s")];
    let wind = move |z: f64| {
        // tanh x = 1 - 2/(exp(2 x) + 1)
        let tanh = 1.0 - 2.0 / (math::exp(2.0 * z / DEPTH) + 1.0);
        [shear * tanh - along, 0.0 - across]
    };
    let column = weisman_klemp(setup, 1e-3 * setup.get(VAPOUR_LIMIT.name));
    Box::new(Storm::new(setup, column, Box::new(wind)))
}
