//! Linear nonhydrostatic waves over a narrow, low mountain.
//!
//! Giraldo, F. X. and M. Restelli (2008), J. Comput. Phys. 227, 3849-3877, case 6; linear theory: Klemp, J. B. and D. R.
//! Durran (1983): An upper boundary condition permitting internal gravity wave radiation in numerical mesoscale models.
//! Mon. Wea. Rev. 111, 430-444.
//!
//! Set-up: theta = 280 K at z = 0, N = 0.01 1/s, wind 10 m/s, bell of 1 m and half width 1 km, 144 km x 30 km, cells of
//! 400 m x 250 m, 5 h. The momentum flux is 0.4578 times the hydrostatic one, -0.04474 N/m at all heights.

use super::mountain_waves::MountainWave;
use super::profiles::Atmosphere;
use super::{Case, CaseInfo, Parameter, Setting, Setup};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "mountain_nonhydrostatic",
    title: "Linear nonhydrostatic mountain waves",
    reference: "Giraldo and Restelli 2008, J. Comput. Phys. 227, 3849-3877",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 280.0, [100.0, 1000.0], "potential temperature at z = 0"),
        Parameter::new("brunt_vaisala_per_s", "1/s", 0.01, [0.0, 0.1], "Brunt-Vaisala frequency"),
        Parameter::new("wind_m_per_s", "m/s", 10.0, [1.0, 150.0], "uniform wind along x"),
    ],
    setting: Setting::Plane,
    build,
};

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let (theta, frequency) = (setup.get("surface_theta_k"), setup.get("brunt_vaisala_per_s"));
    let atmosphere = Atmosphere::stratified(setup.constants(), theta, frequency);
    Box::new(MountainWave::new(setup, atmosphere, frequency))
}
