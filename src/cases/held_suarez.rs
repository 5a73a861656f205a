//! The start of a climate: air at rest with a little noise, to be driven by the forcing of Held and Suarez.
//!
//! Held, I. M. and M. J. Suarez (1994): A proposal for the intercomparison of the dynamical cores of
//! atmospheric general circulation models. Bull. Amer. Meteor. Soc. 75, 1825-1830.
//!
//! Set-up: every column is that of the jet of [`super::baroclinic_jet`] at 45 degrees, at rest; the
//! temperature of every point's whole column is changed by a random part of up to the noise, in hydrostatic
//! balance above an unchanged surface pressure. The noise depends on the place and the seed alone. The
//! forcing is the process `held_suarez` of `[physics]`, which this case switches on. Means over 1000 days
//! after 200 days are to be compared: jets of 28 .. 35 m/s at 40 .. 48 degrees and 200 .. 300 hPa, easterlies
//! of 8 m/s at the surface of the tropics.

use super::baroclinic_jet::Jet;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "held_suarez",
    title: "Climate of a dry planet under the forcing of Held and Suarez",
    reference: "Held and Suarez 1994, Bull. Amer. Meteor. Soc. 75, 1825-1830",
    parameters: &[
        Parameter::new("noise_k", "K", 0.1, [0.0, 10.0], "largest change of the surface temperature"),
        Parameter::new("seed", "1", 1.0, [0.0, 1e15], "chooses the noise"),
    ],
    setting: Setting::Sphere,
    build,
};

struct HeldSuarez {
    constants: Constants,
    jet: Jet,
    /// The noise relative to the temperature.
    noise: f64,
    seed: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    let jet = Jet::new(constants, setup.sphere(), setup.configuration.dynamics.rotation);
    let ground = jet.base(0.0);
    let noise = setup.get("noise_k") / (ground.potential_temperature * ground.exner);
    Box::new(HeldSuarez { constants, jet, noise, seed: setup.get("seed") })
}

/// A number between -1 and 1 that looks random and depends on the bits of the three alone.
fn random(seed: f64, x: f64, y: f64) -> f64 {
    let bits = [seed, x, y].iter().fold(0, |hash, value| mix(hash ^ value.to_bits()));
    (bits >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// One step of the SplitMix64 generator (Steele, Lea and Flood 2014).
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Case for HeldSuarez {
    fn base(&self, z: f64) -> Base {
        self.jet.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        // All temperatures times 1 + d: ln(p/p00) is divided by it.
        let d = self.noise * random(self.seed, at.x, at.y);
        let Constants { gas_constant, heat_capacity, .. } = self.constants;
        let log_pressure = math::log(base.exner) * heat_capacity / gas_constant;
        let change = -log_pressure * d / (1.0 + d);
        let density = base.density(&self.constants);
        Air {
            density: density * (math::expm1(change) - d) / (1.0 + d),
            heat: density * base.potential_temperature * math::expm1(change / self.constants.gamma()),
            ..Air::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::globe;
    use super::super::{Point, build};
    use super::random;
    use approx::assert_relative_eq;

    #[test]
    fn noise_fills_its_range_evenly() {
        let values: Vec<f64> = (0..10_000).map(|n| random(1.0, 0.1 * f64::from(n), 0.5)).collect();
        assert!(values.iter().all(|value| (-1.0..=1.0).contains(value)));
        let mean = values.iter().sum::<f64>() / 1e4;
        let square = values.iter().map(|value| value * value).sum::<f64>() / 1e4;
        assert!(mean.abs() < 0.02 && (square - 1.0 / 3.0).abs() < 0.01, "{mean} {square}");
        assert_ne!(random(1.0, 0.3, 0.5), random(2.0, 0.3, 0.5));
        assert_ne!(random(1.0, 0.3, 0.5), random(1.0, 0.5, 0.3));
    }

    #[test]
    fn noisy_columns_are_hydrostatic_and_change_the_temperature_by_the_noise() {
        let configuration = globe("held_suarez", 8, 10, 30e3);
        let case = build(&configuration).unwrap();
        let constants = configuration.dynamics.constants;
        let gas = constants.gas_constant;
        let air = |z: f64| {
            let base = case.base(z);
            let air = case.initial(Point { x: 0.4, y: -0.9, z }, &base);
            let density = base.density(&constants);
            let heat = density * base.potential_temperature + air.heat;
            let pressure = 1e5 * f64::powf(heat * gas / 1e5, constants.gamma());
            (density + air.density, pressure, base.potential_temperature * base.exner)
        };
        let (density, pressure, temperature0) = air(0.0);
        assert_relative_eq!(pressure, 1e5, max_relative = 1e-12);
        let excess = pressure / (gas * density) - temperature0;
        assert!(excess.abs() <= 0.1 && excess != 0.0, "{excess}");
        for z in [3e3, 20e3] {
            let gradient = (air(z + 1.0).1 - air(z - 1.0).1) / 2.0;
            assert_relative_eq!(gradient, -constants.gravity * air(z).0, max_relative = 1e-6);
        }
    }
}
