//! Dry convective boundary layer: the ground heats stably stratified air.
//!
//! The case `drycblles` of MicroHH: van Heerwaarden, C. C. et al. (2017): MicroHH 1.0: a computational fluid dynamics
//! code for direct numerical simulation and large-eddy simulation of atmospheric boundary layer flows. Geosci. Model
//! Dev. 10, 3145-3165. The encroachment of the layer: Garcia, J. R. and J. P. Mellado (2014), J. Atmos. Sci. 71.
//!
//! Set-up: 3.2 km cube, periodic, theta = 300 K + 0.003 K/m z, at rest; heat flux H = 0.1 K m/s from the ground; sponge
//! above 2400 m; 3 h. Random perturbations of theta below 200 m, up to 0.1 K.
//!
//! The mixed layer grows like sqrt(2 (1 + 2 A) H t/gamma), where A is the ratio of the heat flux entrained at its top
//! to that of the ground: 849 m at 3 h for A = 0, 1004 m for A = 0.2.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup, noise};
use crate::constants::Constants;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "dry_convection",
    title: "Dry convective boundary layer",
    reference: "van Heerwaarden et al. 2017, Geosci. Model Dev. 10, 3145-3165 (drycblles)",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 300.0, [200.0, 400.0], "potential temperature at the ground"),
        Parameter::new("gradient_k_per_m", "K/m", 0.003, [0.0, 0.1], "growth of theta with height"),
        Parameter::new("noise_k", "K", 0.1, [0.0, 5.0], "largest perturbation of theta"),
        Parameter::new("noise_top_m", "m", 200.0, [0.0, 2e4], "height below which theta is perturbed"),
        Parameter::new("seed", "1", 1.0, [0.0, 1e9], "which random numbers"),
        Parameter::wind(0.0),
    ],
    setting: Setting::Plane,
    build,
};

struct DryConvection {
    constants: Constants,
    atmosphere: Atmosphere,
    noise: f64,
    noise_top: f64,
    seed: u64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    let atmosphere =
        Atmosphere::of_gradient(constants, setup.get("surface_theta_k"), setup.get("gradient_k_per_m"));
    Box::new(DryConvection {
        constants,
        atmosphere: atmosphere.with_wind(setup.get("wind_m_per_s"), 0.0),
        noise: setup.get("noise_k"),
        noise_top: setup.get("noise_top_m"),
        seed: setup.get("seed") as u64,
    })
}

impl Case for DryConvection {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let warmer = if at.z < self.noise_top { self.noise * noise::at(self.seed, at) } else { 0.0 };
        Air::warmer(base, &self.constants, warmer)
    }
}
