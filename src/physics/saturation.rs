//! Reversible clouds: vapour and cloud are in equilibrium, without rain, with the exact heat capacities.
//!
//! Bryan, G. H. and J. M. Fritsch (2002): A benchmark simulation for moist nonhydrostatic numerical models.
//! Mon. Wea. Rev. 130, 2917-2928.
//!
//! The dynamics carry rho theta_rho as if no vapour condensed and as if the mixture had the heat capacities of dry
//! air. Two corrections make them exact:
//!
//! 1. Condensation at constant density keeps the internal energy (per mass of dry air)
//!    u = (cv + cl r_t) T + r_v (L(T) - Rv T), with r_v = min(r_t, es(T)/(Rv T rho_d)), which Newton's method solves
//!    for T.
//! 2. Air without condensation keeps p^(1/gamma_m)/rho, with gamma_m = cpm/cvm of the mixture, while the dynamics
//!    keep theta_rho, that is p^(1/gamma)/rho. So theta_rho has to grow by
//!    d ln theta_rho/dt = (1/gamma - 1/gamma_m) d ln p/dt: the term of the divergence in Bryan and Fritsch's equation
//!    of theta. The pressure of rising air changes by dp/dt = w dp/dz, of which the hydrostatic part is taken, in
//!    the mean over the cell.

use super::{Columns, Process, ProcessInfo};
use crate::config::Setting;
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use crate::state::water::{CLOUD, VAPOUR};
use crate::thermodynamics::{
    VAPOUR_GAS_CONSTANT, VAPOUR_HEAT_CAPACITY, WATER_HEAT_CAPACITY, latent_heat, saturation_pressure,
};

/// Steps of Newton's method: it starts within a few K and doubles its digits each time.
const STEPS: usize = 4;

pub(super) const INFO: ProcessInfo = ProcessInfo {
    name: "saturation",
    title: "reversible condensation with exact heat capacities",
    reference: "Bryan and Fritsch 2002, Mon. Wea. Rev. 130, 2917-2928",
    setting: Setting::Plane,
    waters: 2,
    moves_air: false,
    sees_rise: true,
    default_of: &["bryan_fritsch_moist", "bomex"],
    build,
};

fn build(constants: &Constants) -> Box<dyn Process> {
    Box::new(Saturation { constants: *constants })
}

struct Saturation {
    constants: Constants,
}

/// Air at the end of the dynamics' step: densities of dry air, vapour and cloud in kg/m3, p in Pa.
#[derive(Clone, Copy)]
struct Mixture {
    dry: f64,
    vapour: f64,
    cloud: f64,
    pressure: f64,
}

impl Process for Saturation {
    fn apply(&self, columns: &mut Columns, dt: f64) {
        let n = columns.n;
        for k in 0..columns.nz() {
            for i in 0..n {
                let [vapour, cloud] = [VAPOUR, CLOUD].map(|m| columns.water.mass(m).row(k, n)[i]);
                let dry = columns.density.row(k, n)[i] - (vapour + cloud);
                let pressure = columns.pressure.row(k, n)[i];
                let [w_below, w_above] = [k, k + 1].map(|k| columns.vertical_momentum.row(k, n)[i]);
                let before = Mixture { dry, vapour, cloud, pressure };
                // -rho w g, from the mean of the mass fluxes through top and bottom.
                let rise = -0.5 * (w_below + w_above) * columns.profiles.gravity * dt;
                let heat0 = columns.profiles.heat[k];
                let heat = heat0 + columns.heat.row(k, n)[i];
                let expanded = self.expanded(before, rise);
                let (vapour, heat_change) = self.condensed(expanded, heat);
                columns.heat.row_mut(k, n)[i] += heat_change;
                columns.water.mass_mut(VAPOUR).row_mut(k, n)[i] = vapour;
                columns.water.mass_mut(CLOUD).row_mut(k, n)[i] = cloud + (before.vapour - vapour);
            }
        }
    }
}

impl Saturation {
    /// The mixture with the pressure it has after its own expansion, where the dynamics have let dry air expand
    /// while the pressure changed by `rise` Pa.
    fn expanded(&self, air: Mixture, rise: f64) -> Mixture {
        let [cp, cv] = self.capacities(air);
        let gamma = self.constants.gamma();
        let growth = (1.0 / gamma - cv / cp) * rise / air.pressure;
        // p goes as (rho theta_rho)^gamma.
        Mixture { pressure: air.pressure * (1.0 + gamma * growth), ..air }
    }

    /// Heat capacities per volume at constant pressure and at constant volume, up to a common factor.
    fn capacities(&self, air: Mixture) -> [f64; 2] {
        let Constants { gas_constant, heat_capacity, .. } = self.constants;
        let liquid = WATER_HEAT_CAPACITY * air.cloud;
        let cp = heat_capacity * air.dry + VAPOUR_HEAT_CAPACITY * air.vapour + liquid;
        [cp, cp - gas_constant * air.dry - VAPOUR_GAS_CONSTANT * air.vapour]
    }

    /// Vapour in equilibrium with the cloud, and the change of rho theta_rho from `heat` that belongs to it.
    fn condensed(&self, air: Mixture, heat: f64) -> (f64, f64) {
        let Constants { gas_constant, heat_capacity, .. } = self.constants;
        let total = air.vapour + air.cloud;
        let capacity = (heat_capacity - gas_constant) * air.dry + WATER_HEAT_CAPACITY * total;
        let start = air.pressure / (gas_constant * air.dry + VAPOUR_GAS_CONSTANT * air.vapour);
        let inner_heat = |temperature: f64| latent_heat(temperature) - VAPOUR_GAS_CONSTANT * temperature;
        let energy = capacity * start + air.vapour * inner_heat(start);
        let mut temperature = start;
        let mut vapour = air.vapour;
        for _ in 0..STEPS {
            let saturated = saturation_pressure(temperature) / (VAPOUR_GAS_CONSTANT * temperature);
            vapour = saturated.min(total);
            // d ln(es/T)/dT by Bolton's formula.
            let growth = 17.67 * 243.5 / ((temperature - 29.65) * (temperature - 29.65)) - 1.0 / temperature;
            let slope = capacity
                + if saturated < total { vapour * growth * inner_heat(temperature) } else { 0.0 }
                - vapour * (WATER_HEAT_CAPACITY - VAPOUR_HEAT_CAPACITY + VAPOUR_GAS_CONSTANT);
            temperature -= (capacity * temperature + vapour * inner_heat(temperature) - energy) / slope;
        }
        let pressure = temperature * (gas_constant * air.dry + VAPOUR_GAS_CONSTANT * vapour);
        let power = math::log(pressure / REFERENCE_PRESSURE) / self.constants.gamma();
        (vapour, REFERENCE_PRESSURE / gas_constant * math::exp(power) - heat)
    }
}
