//! An isothermal atmosphere at rest on the globe, unlike its reference state.
//!
//! Set-up: T everywhere the same, p = p00 at the ground, no wind. The reference state is isothermal too, but
//! of another temperature, so that pressure and weight balance between large deviations. The state is the
//! same in all columns: the horizontal wind must remain exactly 0, and the vertical one at rounding level
//! beyond what the discrete balance of the start leaves.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, ExactColumn, Parameter, Point, Setting, Setup};
use crate::constants::Constants;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "isothermal_rest",
    title: "Isothermal atmosphere at rest on the globe",
    reference: "exact: an atmosphere at rest in hydrostatic balance does not change",
    parameters: &[
        Parameter::new("temperature_k", "K", 280.0, [100.0, 1000.0], "temperature of the air"),
        Parameter::new(
            "reference_temperature_k",
            "K",
            260.0,
            [100.0, 1000.0],
            "temperature of the reference state",
        ),
    ],
    setting: Setting::Sphere,
    build,
};

struct IsothermalRest {
    constants: Constants,
    reference: Atmosphere,
    temperature: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    Box::new(IsothermalRest {
        constants,
        reference: Atmosphere::isothermal(constants, setup.get("reference_temperature_k")),
        temperature: setup.get("temperature_k"),
    })
}

impl IsothermalRest {
    /// ln(p/p00) at height `z`.
    fn log_pressure(&self, z: f64) -> f64 {
        -self.constants.gravity * z / (self.constants.gas_constant * self.temperature)
    }
}

impl Case for IsothermalRest {
    fn base(&self, z: f64) -> Base {
        self.reference.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        Air::of_state(base, &self.constants, self.temperature, self.log_pressure(at.z), [0.0; 2])
    }

    fn exact(
        &self,
        _x: f64,
        _y: f64,
        centres: &[f64],
        interfaces: &[f64],
        _time: f64,
    ) -> Option<ExactColumn> {
        let state = Atmosphere::isothermal(self.constants, self.temperature);
        let pressure = |air: Base| self.constants.pressure_of_exner(air.exner);
        let temperature = |air: Base| air.potential_temperature * air.exner;
        let difference = |value: &dyn Fn(Base) -> f64| {
            centres.iter().map(|&z| value(state.base(z)) - value(self.base(z))).collect()
        };
        Some(ExactColumn {
            temperature: difference(&temperature),
            pressure: difference(&pressure),
            ..ExactColumn::unchanged(centres.len(), interfaces.len())
        })
    }
}
