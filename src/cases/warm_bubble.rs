//! A warm bubble in a three-dimensional box: the general-purpose case for scaling, ensembles and first
//! runs.
//!
//! The bubble's shape is that of Weisman, M. L. and J. B. Klemp (1982): The dependence of numerically
//! simulated convective storms on vertical wind shear and buoyancy. Mon. Wea. Rev. 110, 504-520, here in
//! dry air: theta' = A cos(pi L/2)^2 for L = |(x - xc)/Rh, (y - yc)/Rh, (z - zc)/Rv| < 1, at the reference
//! pressure, in air with theta = theta_s exp(N^2 z/g). There are no published numbers: the flow must keep
//! the mirror symmetries of the bubble and its mass.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "warm_bubble",
    title: "Warm bubble in a three-dimensional box",
    reference: "shape of Weisman and Klemp 1982, Mon. Wea. Rev. 110, 504-520",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 300.0, [100.0, 1000.0], "potential temperature at the ground"),
        Parameter::new(
            "brunt_vaisala_per_s",
            "1/s",
            0.01,
            [0.0, 0.1],
            "Brunt-Vaisala frequency, 0 for neutral air",
        ),
        Parameter::new("amplitude_k", "K", 2.0, [-50.0, 50.0], "potential temperature excess of the centre"),
        Parameter::new("horizontal_radius_m", "m", 1e4, [1e-3, 1e8], "horizontal radius of the bubble"),
        Parameter::new("vertical_radius_m", "m", 1500.0, [1e-3, 1e6], "vertical radius of the bubble"),
        Parameter::new("centre_height_m", "m", 1500.0, [-1e6, 1e6], "height of the bubble's centre"),
        Parameter::wind(0.0),
    ],
    setting: Setting::Plane,
    build,
};

struct WarmBubble {
    constants: Constants,
    atmosphere: Atmosphere,
    centre: Point,
    amplitude: f64,
    horizontal_radius: f64,
    vertical_radius: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    let (theta, frequency) = (setup.get("surface_theta_k"), setup.get("brunt_vaisala_per_s"));
    Box::new(WarmBubble {
        constants,
        atmosphere: Atmosphere::stratified(constants, theta, frequency)
            .with_wind(setup.get("wind_m_per_s"), 0.0),
        centre: Point { x: setup.x_centre(), y: setup.y_centre(), z: setup.get("centre_height_m") },
        amplitude: setup.get("amplitude_k"),
        horizontal_radius: setup.get("horizontal_radius_m"),
        vertical_radius: setup.get("vertical_radius_m"),
    })
}

impl Case for WarmBubble {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let x = (at.x - self.centre.x) / self.horizontal_radius;
        let y = (at.y - self.centre.y) / self.horizontal_radius;
        let z = (at.z - self.centre.z) / self.vertical_radius;
        // The horizontal part first, so that exchanging x and y changes no bit.
        let bell = math::cosine_squared_bell(math::sqrt((x * x + y * y) + z * z));
        Air::warmer(base, &self.constants, self.amplitude * bell)
    }
}
