//! The stability of clouds: air that rises in them condenses vapour and cools less.

use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use crate::per_cell::PerCell;
use crate::real::Real;
use crate::thermodynamics::VAPOUR_GAS_CONSTANT;

/// Cloud (kg/kg) from which air counts as saturated.
const CLOUD: f64 = 1e-6;
/// Latent heat in J/kg.
const LATENT_HEAT: f64 = 2.5e6;

/// N^2 between two saturated cells (Durran, D. R. and J. B. Klemp (1982): On the effects of moisture on the
/// Brunt-Vaisala frequency. J. Atmos. Sci. 39, 2152-2158, eq. 36):
///
/// ```text
/// N^2 = g {(1 + L r_v/(Rd T))/(1 + L^2 r_v/(cp Rv T^2)) [dln theta/dz + L/(cp T) dr_v/dz] - dr_w/dz/(1 + r_w)}
/// ```
///
/// with r_w the mixing ratio of all water. T is theta times the Exner function of the reference state.
#[derive(Clone, Copy, Debug)]
pub struct Clouds<T> {
    gravity: T,
    /// Rv/Rd; L/Rd and L/cp in K; L^2/(cp Rv) in K^2.
    vapour_ratio: T,
    of_gas: T,
    of_heat: T,
    of_both: T,
}

/// Vapour, cloud and rain in the cells above and below an interface, in kg/kg of all air; the rain may be 0 everywhere.
pub struct WaterAround<'a, T, R> {
    pub vapour: [&'a [T]; 2],
    pub cloud: [&'a [T]; 2],
    pub rain: [R; 2],
}

impl<T: Real> Clouds<T> {
    pub fn new(constants: &Constants) -> Self {
        let Constants { gravity, gas_constant, heat_capacity } = *constants;
        Clouds {
            gravity: T::of(gravity),
            vapour_ratio: T::of(VAPOUR_GAS_CONSTANT / gas_constant),
            of_gas: T::of(LATENT_HEAT / gas_constant),
            of_heat: T::of(LATENT_HEAT / heat_capacity),
            of_both: T::of(LATENT_HEAT * LATENT_HEAT / (heat_capacity * VAPOUR_GAS_CONSTANT)),
        }
    }

    /// Puts N^2 of clouds into `out` where both cells at an interface are saturated. Given are theta_rho and its gradient
    /// in the reference state, the Exner function and the inverse distance of the cells there, and theta_rho' above and
    /// below.
    #[inline(never)]
    pub fn replace<P: PerCell<T>>(
        &self,
        [theta0, gradient, exner, inverse_spacing]: [P; 4],
        [theta_above, theta_below]: [&[T]; 2],
        water: &WaterAround<'_, T, impl PerCell<T>>,
        out: &mut [T],
    ) {
        let n = out.len();
        let half = T::of(0.5);
        let (theta0, gradient, exner) = (theta0.cut(n), gradient.cut(n), exner.cut(n));
        let (inverse_spacing, theta_above, theta_below) =
            (inverse_spacing.cut(n), &theta_above[..n], &theta_below[..n]);
        let [vapour_above, vapour_below] = water.vapour.map(|row| &row[..n]);
        let [cloud_above, cloud_below] = water.cloud.map(|row| &row[..n]);
        let [rain_above, rain_below] = water.rain.map(|row| row.cut(n));
        for i in 0..n {
            let above = [vapour_above[i], vapour_above[i] + cloud_above[i] + rain_above.at(i)];
            let below = [vapour_below[i], vapour_below[i] + cloud_below[i] + rain_below.at(i)];
            // From parts of all air to ratios to the dry air.
            let (dry_above, dry_below) = (T::ONE / (T::ONE - above[1]), T::ONE / (T::ONE - below[1]));
            let (above, below) = (above.map(|q| q * dry_above), below.map(|q| q * dry_below));
            let [vapour, all] = [half * (above[0] + below[0]), half * (above[1] + below[1])];
            let along = inverse_spacing.at(i);
            let [of_vapour, of_all] = [(above[0] - below[0]) * along, (above[1] - below[1]) * along];
            let density_theta = theta0.at(i) + half * (theta_above[i] + theta_below[i]);
            let gas = T::ONE + self.vapour_ratio * vapour;
            let inverse_all = T::ONE / (T::ONE + all);
            let temperature = density_theta * exner.at(i) / (gas * inverse_all);
            let of_density_theta = gradient.at(i) + (theta_above[i] - theta_below[i]) * along;
            let of_theta =
                of_density_theta / density_theta - self.vapour_ratio * of_vapour / gas + of_all * inverse_all;
            let inverse = T::ONE / temperature;
            let factor = (T::ONE + self.of_gas * vapour * inverse)
                / (T::ONE + self.of_both * vapour * (inverse * inverse));
            let square = self.gravity
                * (factor * (of_theta + self.of_heat * inverse * of_vapour) - of_all * inverse_all);
            let is_cloud = (cloud_above[i] > T::of(CLOUD)) & (cloud_below[i] > T::of(CLOUD));
            out[i] = if is_cloud { square } else { out[i] };
        }
    }
}

/// The Exner function between cells of two pressures in Pa.
pub fn exner_between(constants: &Constants, pressures: [f64; 2]) -> f64 {
    let power = constants.gas_constant / constants.heat_capacity;
    let [above, below] = pressures.map(|p| math::exp(power * math::log(p / REFERENCE_PRESSURE)));
    0.5 * (above + below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::per_cell::Everywhere;
    use crate::thermodynamics::{latent_heat, saturation_growth, saturation_mixing_ratio};
    use approx::assert_relative_eq;

    const CONSTANTS: Constants = Constants { gravity: 9.81, gas_constant: 287.0, heat_capacity: 1004.0 };

    /// N^2 between two cells 100 m apart of saturated air with `water` kg/kg of all water, whose temperature falls by `lapse` K/m.
    fn stability(temperature: f64, pressure: f64, lapse: f64, water: f64) -> f64 {
        let level = |z: f64| {
            let t = temperature - lapse * z;
            let p = pressure * math::exp(-CONSTANTS.gravity * z / (CONSTANTS.gas_constant * temperature));
            let vapour = saturation_mixing_ratio(&CONSTANTS, t, p);
            let cloud = (water - vapour).max(0.0);
            let all = vapour + cloud;
            let exner = exner_between(&CONSTANTS, [p; 2]);
            let theta =
                t / exner * (1.0 + vapour * VAPOUR_GAS_CONSTANT / CONSTANTS.gas_constant) / (1.0 + all);
            (theta, vapour / (1.0 + all), cloud / (1.0 + all), exner)
        };
        let (above, below) = (level(50.0), level(-50.0));
        let mut out = [7.0];
        Clouds::new(&CONSTANTS).replace(
            [300.0, 0.0, 0.5 * (above.3 + below.3), 0.01].map(Everywhere),
            [&[above.0 - 300.0], &[below.0 - 300.0]],
            &WaterAround {
                vapour: [&[above.1], &[below.1]],
                cloud: [&[above.2], &[below.2]],
                rain: [0.0; 2].map(Everywhere),
            },
            &mut out,
        );
        out[0]
    }

    #[test]
    fn saturated_air_that_cools_as_it_would_rising_is_nearly_neutral() {
        for (temperature, pressure) in [(290.0, 9e4), (275.0, 7e4), (250.0, 5e4)] {
            // The lapse rate of saturated air that keeps no drops.
            let vapour = saturation_mixing_ratio(&CONSTANTS, temperature, pressure);
            let heat = latent_heat(temperature);
            let growth = saturation_growth(temperature);
            let gas = heat * vapour / (CONSTANTS.gas_constant * temperature);
            let lapse = CONSTANTS.gravity * (1.0 + gas) / (CONSTANTS.heat_capacity + heat * vapour * growth);
            let [neutral, dry] = [lapse, 0.0].map(|lapse| stability(temperature, pressure, lapse, 0.02));
            assert!(neutral.abs() < 0.03 * dry, "{neutral} {dry}");
            let steep = stability(temperature, pressure, 1.1 * lapse, 0.02);
            assert!(steep < 0.0, "{steep}");
        }
    }

    #[test]
    fn air_without_drops_is_left_alone() {
        assert_relative_eq!(stability(280.0, 8e4, 0.005, 0.0), 7.0);
    }
}
