//! Waves over several ridges under a bell: those of the ridges decay with height, that of the bell goes up.
//!
//! Schaer, C., D. Leuenberger, O. Fuhrer, D. Luethi and C. Girard (2002): A new terrain-following vertical coordinate
//! formulation for atmospheric prediction models. Mon. Wea. Rev. 130, 2459-2480.
//!
//! Set-up: h = 250 m exp(-(x/5 km)^2) cos^2(pi x/4 km), theta = 280 K at z = 0, N = 0.01 1/s, wind 10 m/s, cells of
//! 500 m x 300 m, lid at 21 km, 10 h. Metric terms of advection and pressure gradient that do not fit together show as
//! waves of 4 km far above the ridges (Klemp et al. 2003, Mon. Wea. Rev. 131, 1229-1239).

use super::mountain_waves::MountainWave;
use super::profiles::Atmosphere;
use super::{Case, CaseInfo, Parameter, Setting, Setup};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "schaer",
    title: "Mountain waves over several ridges",
    reference: "Schaer et al. 2002, Mon. Wea. Rev. 130, 2459-2480",
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
