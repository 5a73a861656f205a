//! Reversible clouds: vapour and cloud are in equilibrium, without rain, with the exact heat capacities of
//! [`super::mixture`].

use super::exact_rain::{Drops, Exact};
use super::mixture::Phases;
use super::rain::{Cell, Rain};
use super::{Process, ProcessInfo};
use crate::config::Setting;
use crate::constants::Constants;

pub(super) const INFO: ProcessInfo = ProcessInfo {
    name: "saturation",
    title: "reversible condensation with exact heat capacities",
    reference: "Bryan and Fritsch 2002, Mon. Wea. Rev. 130, 2917-2928",
    settings: &[Setting::Plane],
    waters: 2,
    has_ice: false,
    tracers: &[],
    moves_air: false,
    sees_rise: true,
    default_of: &["bryan_fritsch_moist", "bomex"],
    build,
};

fn build(constants: &Constants) -> Box<dyn Process> {
    Box::new(Rain(Exact { constants: *constants, drops: CloudAlone }))
}

/// Drops that stay in the air.
struct CloudAlone;

impl Phases for CloudAlone {}

impl Drops for CloudAlone {
    fn fall_speed(&self, _: &Cell) -> f64 {
        0.0
    }

    fn collected(&self, _: &Cell, _: f64) -> f64 {
        0.0
    }

    fn evaporation(&self, _: &Cell, _: f64) -> f64 {
        0.0
    }
}
