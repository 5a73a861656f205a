//! Linear hydrostatic waves over a wide, low mountain.
//!
//! Durran, D. R. and J. B. Klemp (1983): A compressible model for the simulation of moist mountain waves. Mon. Wea. Rev.
//! 111, 2341-2361; Giraldo, F. X. and M. Restelli (2008), J. Comput. Phys. 227, 3849-3877, case 5.
//!
//! Set-up: isothermal at 250 K (N = 0.0196 1/s), wind 20 m/s, bell of 1 m and half width 10 km, 240 km x 30 km, cells of
//! 1200 m x 240 m, 10 h. The momentum flux Int rho u' w dx is -(pi/4) rho N U h^2 = -0.4287 N/m at all heights.

use super::mountain_waves::MountainWave;
use super::profiles::Atmosphere;
use super::{Case, CaseInfo, Parameter, Setting, Setup};
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "mountain_hydrostatic",
    title: "Linear hydrostatic mountain waves",
    reference: "Durran and Klemp 1983, Mon. Wea. Rev. 111, 2341-2361",
    parameters: &[
        Parameter::new("temperature_k", "K", 250.0, [50.0, 1000.0], "temperature"),
        Parameter::new("wind_m_per_s", "m/s", 20.0, [1.0, 150.0], "uniform wind along x"),
    ],
    setting: Setting::Plane,
    build,
};

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let (constants, temperature) = (setup.constants(), setup.get("temperature_k"));
    let frequency = constants.gravity / math::sqrt(constants.heat_capacity * temperature);
    let atmosphere = Atmosphere::isothermal(constants, temperature);
    Box::new(MountainWave::new(setup, atmosphere, frequency))
}
