//! Kessler's warm rain, at the rates of [`super::kessler`], with the exact heat capacities of moist air: condensation
//! and evaporation keep the internal energy, and air that carries drops cools less as it rises.

use super::exact_rain::{Drops, Exact};
use super::mixture::Phases;
use super::rain::{Cell, Rain};
use super::{Process, ProcessInfo, kessler};
use crate::config::Setting;
use crate::constants::Constants;

pub(super) const INFO: ProcessInfo = ProcessInfo {
    name: "warm_rain",
    title: "warm rain after Kessler with exact heat capacities",
    reference: "Klemp and Wilhelmson 1978, J. Atmos. Sci. 35, 1070-1096; Bryan and Fritsch 2002, Mon. Wea. Rev. 130",
    settings: &[Setting::Plane],
    waters: 3,
    has_ice: false,
    tracers: &[],
    moves_air: false,
    sees_rise: true,
    default_of: &[],
    build,
};

fn build(constants: &Constants) -> Box<dyn Process> {
    Box::new(Rain(Exact { constants: *constants, drops: WarmRain }))
}

struct WarmRain;

impl Phases for WarmRain {}

impl Drops for WarmRain {
    fn fall_speed(&self, cell: &Cell) -> f64 {
        kessler::fall_speed(cell)
    }

    fn collected(&self, cell: &Cell, dt: f64) -> f64 {
        kessler::collected(cell, dt)
    }

    fn evaporation(&self, cell: &Cell, saturated: f64) -> f64 {
        kessler::evaporation(cell, saturated)
    }
}
