//! A squall line in a slab: a line of storms that lives from the air its own cold pool lifts.
//!
//! Rotunno, R., J. B. Klemp and M. L. Weisman (1988): A theory for strong, long-lived squall lines. J. Atmos. Sci.
//! 45, 463-485.
//!
//! Set-up: the sounding and the bubble of [`super::storm`]; u grows linearly by `shear_m_per_s` up to
//! `shear_depth_m` and is 0 above.

use super::storm::{NOISE, Storm, VAPOUR_LIMIT, bubble_parameters, weisman_klemp};
use super::{Case, CaseInfo, Parameter, Setting, Setup};

const BUBBLE: [Parameter; 4] = bubble_parameters(3.0);

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "squall_line",
    title: "Squall line in low-level shear",
    reference: "Rotunno, Klemp and Weisman 1988, J. Atmos. Sci. 45, 463-485",
    parameters: &[
        Parameter::new("shear_m_per_s", "m/s", 12.0, [-100.0, 100.0], "growth of the wind above the ground"),
        Parameter::new("shear_depth_m", "m", 2500.0, [1.0, 1e5], "depth of the shear"),
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

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let (shear, depth) = (setup.get("shear_m_per_s"), setup.get("shear_depth_m"));
    let wind = move |z: f64| [shear * ((z / depth).min(1.0) - 1.0), 0.0];
    let column = weisman_klemp(setup, 1e-3 * setup.get(VAPOUR_LIMIT.name));
    Box::new(Storm::new(setup, column, Box::new(wind)))
}
