//! A stratified atmosphere at rest (or in uniform wind), which must stay exactly as it is.
//!
//! Set-up: theta = theta_s exp(N^2 z/g) in hydrostatic balance, no perturbation. Every deviation from the
//! reference state must remain exactly 0, in both precisions: the first thing to look at when a change of
//! the dynamics goes wrong.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, ExactColumn, Parameter, Point, Setting, Setup};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "stratified_rest",
    title: "Stratified atmosphere at rest",
    reference: "exact: the hydrostatic reference state does not change",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 300.0, [100.0, 1000.0], "potential temperature at the ground"),
        Parameter::new("brunt_vaisala_per_s", "1/s", 0.01, [0.0, 0.1], "Brunt-Vaisala frequency"),
        Parameter::wind(0.0),
    ],
    setting: Setting::Plane,
    build,
};

struct StratifiedRest {
    atmosphere: Atmosphere,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let theta = setup.get("surface_theta_k");
    let atmosphere = Atmosphere::stratified(setup.constants(), theta, setup.get("brunt_vaisala_per_s"))
        .with_wind(setup.get("wind_m_per_s"), 0.0);
    Box::new(StratifiedRest { atmosphere })
}

impl Case for StratifiedRest {
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
