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
//!    of theta. d ln p/dt is that of the dynamics alone: of the change of the pressure along the way of the air,
//!    taken as hydrostatic, w dp/dz = -rho g w, what condensation and this correction do at constant density is
//!    taken off, as the dynamics expand the air by as much.

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
    settings: &[Setting::Plane],
    waters: 2,
    tracers: &[],
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
                // dp = -rho g w dt, from the mean of the mass fluxes through top and bottom.
                let [below, above] = [k, k + 1].map(|k| columns.vertical_momentum.row(k, n)[i]);
                let rise = -0.5 * (below + above) * columns.profiles.gravity * dt;
                let condensed = self.condensed(Mixture { dry, vapour, cloud, pressure });
                let jump = condensed.pressure / pressure - 1.0;
                let pressure = self.expanded(condensed, rise / pressure - jump);
                let power = math::log(pressure / REFERENCE_PRESSURE) / self.constants.gamma();
                let heat = REFERENCE_PRESSURE / self.constants.gas_constant * math::exp(power);
                columns.heat.row_mut(k, n)[i] = heat - columns.profiles.heat.row(k, n)[i];
                columns.water.mass_mut(VAPOUR).row_mut(k, n)[i] = condensed.vapour;
                columns.water.mass_mut(CLOUD).row_mut(k, n)[i] = condensed.cloud;
            }
        }
    }
}

impl Saturation {
    /// The pressure of a mixture that has the right heat capacities, where the logarithm of the pressure changes
    /// by `expansion` in the dynamics and by this correction.
    fn expanded(&self, air: Mixture, expansion: f64) -> f64 {
        let Constants { gas_constant, heat_capacity, .. } = self.constants;
        let liquid = WATER_HEAT_CAPACITY * air.cloud;
        let cp = heat_capacity * air.dry + VAPOUR_HEAT_CAPACITY * air.vapour + liquid;
        let cv = cp - (gas_constant * air.dry + VAPOUR_GAS_CONSTANT * air.vapour);
        // p goes as (rho theta_rho)^gamma.
        let excess = 1.0 - self.constants.gamma() * cv / cp;
        air.pressure * (1.0 + excess * expansion / (1.0 + excess))
    }

    /// The mixture in equilibrium at the same density and internal energy.
    fn condensed(&self, air: Mixture) -> Mixture {
        let Constants { gas_constant, heat_capacity, .. } = self.constants;
        let total = air.vapour + air.cloud;
        let capacity = (heat_capacity - gas_constant) * air.dry + WATER_HEAT_CAPACITY * total;
        let start = air.pressure / (gas_constant * air.dry + VAPOUR_GAS_CONSTANT * air.vapour);
        let inner_heat = |temperature: f64| latent_heat(temperature) - VAPOUR_GAS_CONSTANT * temperature;
        let energy = capacity * start + air.vapour * inner_heat(start);
        let (mut temperature, mut vapour) = (start, air.vapour);
        for _ in 0..STEPS {
            let saturated = saturation_pressure(temperature) / (VAPOUR_GAS_CONSTANT * temperature);
            vapour = saturated.min(total);
            // d ln(es/T)/dT by Bolton's formula.
            let above = temperature - 29.65;
            let growth = 17.67 * 243.5 / (above * above) - 1.0 / temperature;
            let of_vapour = if saturated < total { growth * inner_heat(temperature) } else { 0.0 };
            let of_heat = VAPOUR_HEAT_CAPACITY - WATER_HEAT_CAPACITY - VAPOUR_GAS_CONSTANT;
            let slope = capacity + vapour * (of_vapour + of_heat);
            temperature -= (capacity * temperature + vapour * inner_heat(temperature) - energy) / slope;
        }
        let pressure = temperature * (gas_constant * air.dry + VAPOUR_GAS_CONSTANT * vapour);
        Mixture { vapour, cloud: air.cloud + (air.vapour - vapour), pressure, ..air }
    }
}
