//! Tracers carried by a uniform wind over an undisturbed stratified atmosphere.
//!
//! Set-up: theta = theta_s exp(N^2 z/g), wind (U, V) everywhere, no perturbation, periodic. Exact: the air
//! stays as it is, and every tracer of [`super::tracers`] moves with the wind without changing its shape,
//! so that after one period (length/U) it is back at its start.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, ExactColumn, Parameter, Point, Setting, Setup};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "tracer_advection",
    title: "Tracers in a uniform wind",
    reference: "exact: translation with the wind",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 300.0, [100.0, 1000.0], "potential temperature at the ground"),
        Parameter::new("brunt_vaisala_per_s", "1/s", 0.01, [0.0, 0.1], "Brunt-Vaisala frequency"),
        Parameter::wind(10.0),
        Parameter::new("wind_y_m_per_s", "m/s", 0.0, [-150.0, 150.0], "uniform wind along y"),
    ],
    setting: Setting::Plane,
    build,
};

struct TracerAdvection {
    atmosphere: Atmosphere,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let theta = setup.get("surface_theta_k");
    let atmosphere = Atmosphere::stratified(setup.constants(), theta, setup.get("brunt_vaisala_per_s"))
        .with_wind(setup.get("wind_m_per_s"), setup.get("wind_y_m_per_s"));
    Box::new(TracerAdvection { atmosphere })
}

impl Case for TracerAdvection {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, _at: Point, base: &Base) -> Air {
        Air { u: base.u, v: base.v, ..Air::default() }
    }

    fn exact(
        &self,
        _x: f64,
        _y: f64,
        centres: &[f64],
        interfaces: &[f64],
        _time: f64,
    ) -> Option<ExactColumn> {
        Some(ExactColumn::unchanged(centres.len(), interfaces.len()))
    }
}
