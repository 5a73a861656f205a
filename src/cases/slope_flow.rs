//! Wind that a cold or warm slope drives: air of constant viscosity over a ridge of straight slopes.
//!
//! Prandtl, L. (1942): Fuehrer durch die Stroemungslehre, Vieweg, 373-375; Shapiro, A. and E. Fedorovich (2004): Unsteady
//! convectively driven flow along a vertical plate immersed in a stratified viscous fluid. J. Fluid Mech. 498, 333-352.
//!
//! Set-up: air at rest with N = 0.01 1/s; the ground, of slope tan a, is by dT kelvin warmer or colder than the air at
//! its height; the air touches it. Along the normal n the steady flow is, upslope where the ground is warm,
//! ```text
//! theta' = dT e^(-n/l) cos(n/l),  u = dT g/(theta0 N) sqrt(K_h/K) e^(-n/l) sin(n/l),  l^4 = 4 K K_h/(N sin a)^2
//! ```

use super::profiles::Atmosphere;
use super::{Base, Case, CaseInfo, ExactColumn, Parameter, Setting, Setup};
use crate::config::{SurfaceHeat, Terrain, TerrainShape, Turbulence};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "slope_flow",
    title: "Wind along a cold or warm slope",
    reference: "Prandtl 1942, Fuehrer durch die Stroemungslehre, 373-375",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 300.0, [100.0, 1000.0], "potential temperature at z = 0"),
        Parameter::new("brunt_vaisala_per_s", "1/s", 0.01, [0.001, 0.1], "Brunt-Vaisala frequency"),
    ],
    setting: Setting::Plane,
    build,
};

struct SlopeFlow {
    constants: Constants,
    atmosphere: Atmosphere,
    frequency: f64,
    terrain: Option<Terrain>,
    turbulence: Option<Turbulence>,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let (theta, frequency) = (setup.get("surface_theta_k"), setup.get("brunt_vaisala_per_s"));
    Box::new(SlopeFlow {
        constants: setup.constants(),
        atmosphere: Atmosphere::stratified(setup.constants(), theta, frequency),
        frequency,
        terrain: setup.configuration.terrain.clone(),
        turbulence: setup.configuration.turbulence.clone(),
    })
}

impl Case for SlopeFlow {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    /// The steady flow over the slope of a ridge; the first interface is the ground.
    fn exact(&self, x: f64, _y: f64, centres: &[f64], interfaces: &[f64], _time: f64) -> Option<ExactColumn> {
        let TerrainShape::Ridge { height, half_width, centre } = self.terrain.as_ref()?.shape else {
            return None;
        };
        let turbulence = self.turbulence.as_ref()?;
        let SurfaceHeat::Deviation(deviation) = turbulence.surface.heat else { return None };
        let slope = if x < centre { height / half_width } else { -height / half_width };
        let cosine = 1.0 / math::sqrt(1.0 + slope * slope);
        let along = self.frequency * (slope * cosine).abs();
        let length = math::sqrt(2.0 * turbulence.viscosity / (math::sqrt(turbulence.prandtl) * along));
        let mut exact = ExactColumn::unchanged(centres.len(), interfaces.len());
        let speed = |z: f64| {
            let base = self.atmosphere.base(z);
            let eta = (z - interfaces[0]) * cosine / length;
            let largest = deviation * self.constants.gravity
                / (base.potential_temperature * self.frequency * math::sqrt(turbulence.prandtl));
            (largest * math::exp(-eta) * math::sin(eta) * slope.signum(), eta, base.exner)
        };
        for (k, &z) in centres.iter().enumerate() {
            let (speed, eta, exner) = speed(z);
            exact.u[k] = speed * cosine;
            exact.temperature[k] = exner * deviation * math::exp(-eta) * math::cos(eta);
        }
        for (w, &z) in exact.w.iter_mut().zip(interfaces) {
            *w = speed(z).0 * cosine * slope;
        }
        Some(exact)
    }
}
