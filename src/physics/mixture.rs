//! Moist air at constant density: its internal energy, the equilibrium of its vapour and cloud, and what its heat
//! capacities do as it rises.
//!
//! Bryan, G. H. and J. M. Fritsch (2002): A benchmark simulation for moist nonhydrostatic numerical models.
//! Mon. Wea. Rev. 130, 2917-2928.
//!
//! The dynamics carry rho theta_rho as if no vapour condensed and as if the mixture had the heat capacities of dry
//! air. Two corrections make them exact:
//!
//! 1. At constant density the internal energy (per volume, with the densities of dry air, vapour, cloud and rain, and
//!    rho_i of what of these drops is ice)
//!    U = (cv rho_d + cl (rho_v + rho_c + rho_r)) T + rho_v (L(T) - Rv T) - rho_i Lf(T)
//!    is kept, with rho_v = min(rho_v + rho_c, es(T)/(Rv T)), which Newton's method solves for T.
//! 2. Air without condensation keeps p^(1/gamma_m)/rho, with gamma_m = cpm/cvm of the mixture, while the dynamics
//!    keep theta_rho, that is p^(1/gamma)/rho. So theta_rho has to grow by
//!    d ln theta_rho/dt = (1/gamma - 1/gamma_m) d ln p/dt: the term of the divergence in Bryan and Fritsch's equation
//!    of theta. d ln p/dt is that of the dynamics alone: of the change of the pressure along the way of the air,
//!    taken as hydrostatic, w dp/dz = -rho g w, what condensation and this correction do at constant density is
//!    taken off, as the dynamics expand the air by as much.

use crate::constants::Constants;
use crate::thermodynamics::{
    ICE_HEAT_CAPACITY, VAPOUR_GAS_CONSTANT, VAPOUR_HEAT_CAPACITY, WATER_HEAT_CAPACITY, latent_heat,
    latent_heat_of_fusion, saturation_growth, saturation_pressure,
};

/// A part of the drops, and its growth with the temperature in 1/K.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    pub part: f64,
    pub growth: f64,
}

/// What of the water is ice at a temperature, and how much vapour it leaves in the air: without further words, drops are
/// liquid at any temperature.
pub trait Phases: Send + Sync {
    /// Steps of Newton's method: it starts within a few K and doubles its digits each time.
    const STEPS: usize = 4;

    /// The parts of the cloud and of the rain that are ice at a temperature in K.
    #[inline(always)]
    fn frozen(&self, _temperature: f64) -> [Part; 2] {
        [Part::default(); 2]
    }

    /// Pressure of saturated vapour in Pa and the growth of its logarithm in 1/K.
    #[inline(always)]
    fn saturation(&self, temperature: f64) -> [f64; 2] {
        [saturation_pressure(temperature), saturation_growth(temperature)]
    }
}

/// Densities of dry air, vapour, cloud and rain in kg/m3, and the temperature in K.
#[derive(Clone, Copy, Debug)]
pub struct Mixture {
    pub dry: f64,
    pub vapour: f64,
    pub cloud: f64,
    pub rain: f64,
    pub temperature: f64,
}

/// Energy that vapour has more than liquid water, in J/kg.
#[inline(always)]
pub fn inner_heat(temperature: f64) -> f64 {
    latent_heat(temperature) - VAPOUR_GAS_CONSTANT * temperature
}

/// Density of saturated vapour in kg/m3.
#[inline(always)]
pub fn saturated_density(phases: &impl Phases, temperature: f64) -> f64 {
    phases.saturation(temperature)[0] / (VAPOUR_GAS_CONSTANT * temperature)
}

impl Mixture {
    /// Heat capacity at constant volume if all water were liquid, in J/(K m3).
    #[inline(always)]
    pub fn capacity(&self, constants: &Constants) -> f64 {
        let water = (self.vapour + self.cloud) + self.rain;
        (constants.heat_capacity - constants.gas_constant) * self.dry + WATER_HEAT_CAPACITY * water
    }

    /// U in J/m3.
    #[inline(always)]
    pub fn energy(&self, constants: &Constants, phases: &impl Phases) -> f64 {
        let temperature = self.temperature;
        let [cloud, rain] = phases.frozen(temperature).map(|ice| ice.part);
        let ice = cloud * self.cloud + rain * self.rain;
        self.capacity(constants) * temperature + self.vapour * inner_heat(temperature)
            - ice * latent_heat_of_fusion(temperature)
    }

    /// The mixture in equilibrium at the same density with the internal energy `energy`.
    pub fn settled<P: Phases>(&self, constants: &Constants, phases: &P, energy: f64) -> Mixture {
        let total = self.vapour + self.cloud;
        let capacity = self.capacity(constants);
        let mut air = *self;
        for _ in 0..P::STEPS {
            let temperature = air.temperature;
            let [pressure, growth] = phases.saturation(temperature);
            let saturated = pressure / (VAPOUR_GAS_CONSTANT * temperature);
            let is_saturated = saturated < total;
            air.vapour = saturated.min(total);
            air.cloud = total - air.vapour;
            let growth = if is_saturated { growth - 1.0 / temperature } else { 0.0 };
            let [cloud, rain] = phases.frozen(temperature);
            let ice = cloud.part * air.cloud + rain.part * air.rain;
            let ice_growth =
                (cloud.growth * air.cloud + rain.growth * air.rain) - cloud.part * (air.vapour * growth);
            let of_vapour = growth * inner_heat(temperature);
            let of_heat = VAPOUR_HEAT_CAPACITY - WATER_HEAT_CAPACITY - VAPOUR_GAS_CONSTANT;
            let of_ice = ice_growth * latent_heat_of_fusion(temperature)
                + ice * (WATER_HEAT_CAPACITY - ICE_HEAT_CAPACITY);
            let slope = capacity + air.vapour * (of_vapour + of_heat) - of_ice;
            let excess = capacity * temperature + air.vapour * inner_heat(temperature)
                - ice * latent_heat_of_fusion(temperature)
                - energy;
            air.temperature -= excess / slope;
        }
        air
    }

    /// What the pressure grows by, relative to it, so that the mixture has the right heat capacities where the
    /// logarithm of the pressure changes by `expansion` in the dynamics and by this correction. Ice counts as water here.
    #[inline(always)]
    pub fn growth_by_capacities(&self, constants: &Constants, expansion: f64) -> f64 {
        let Constants { gas_constant, heat_capacity, .. } = *constants;
        let liquid = WATER_HEAT_CAPACITY * (self.cloud + self.rain);
        let cp = heat_capacity * self.dry + VAPOUR_HEAT_CAPACITY * self.vapour + liquid;
        let cv = cp - (gas_constant * self.dry + VAPOUR_GAS_CONSTANT * self.vapour);
        // p goes as (rho theta_rho)^gamma.
        let excess = 1.0 - constants.gamma() * cv / cp;
        excess * expansion / (1.0 + excess)
    }
}
