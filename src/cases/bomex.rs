//! Shallow cumulus over the trade-wind ocean, in a steady state.
//!
//! Siebesma, A. P. et al. (2003): A large eddy simulation intercomparison study of shallow cumulus convection. J.
//! Atmos. Sci. 60, 1201-1219.
//!
//! Set-up: 6.4 km square, 3 km high, 1015 hPa at the ground. Liquid-water potential temperature and total water are
//! piecewise linear: a mixed layer up to 520 m, a conditionally unstable layer up to 1480 m, an inversion up to
//! 2000 m. Wind -8.75 m/s up to 700 m, then to -4.61 m/s at 3 km; the reference wind is the geostrophic one,
//! -10 m/s + 1.8e-3 1/s z. Random perturbations below 1600 m. Fluxes of the ground, subsidence, cooling and drying
//! stand in configs/plane/bomex.toml.
//!
//! Published, 10 models, hours 3 to 6: cloud cover 0.10 to 0.15, cloud base 500 to 600 m, tops below 2000 m, cloud
//! fraction at most 0.05 to 0.07 at the base, liquid water path 5 to 10 g/m2; theta_l drifts by less than 0.3 K.

use super::moist_column::{MoistAir, MoistColumn};
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup, noise};
use crate::constants::Constants;
use crate::thermodynamics::Water;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "bomex",
    title: "Shallow cumulus of the trade winds",
    reference: "Siebesma et al. 2003, J. Atmos. Sci. 60, 1201-1219",
    parameters: &[
        Parameter::new("noise_k", "K", 0.1, [0.0, 5.0], "largest perturbation of theta"),
        Parameter::new(
            "vapour_noise_kg_per_kg",
            "1",
            2.5e-5,
            [0.0, 1e-3],
            "largest perturbation of the vapour",
        ),
        Parameter::new("seed", "1", 1.0, [0.0, 1e9], "which random numbers"),
    ],
    setting: Setting::Plane,
    build,
};

const SURFACE_PRESSURE: f64 = 1.015e5;
/// Height below which the air is perturbed, in m.
const NOISE_TOP: f64 = 1600.0;
/// Heights in m, liquid-water potential temperature in K and total water in g/kg of moist air.
const SOUNDING: [[f64; 3]; 5] = [
    [0.0, 298.7, 17.0],
    [520.0, 298.7, 16.3],
    [1480.0, 302.4, 10.7],
    [2000.0, 308.2, 4.2],
    [3000.0, 311.85, 3.0],
];
/// Heights in m and wind along x in m/s.
const WIND: [[f64; 2]; 3] = [[0.0, -8.75], [700.0, -8.75], [3000.0, -4.61]];

struct Bomex {
    constants: Constants,
    column: MoistColumn,
    noise: f64,
    vapour_noise: f64,
    seed: u64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let (constants, has_water) = (setup.constants(), setup.has_water());
    let profile = move |z: f64, _: f64| {
        let fraction = if has_water { 1e-3 * linear(&SOUNDING, 2, z) } else { 0.0 };
        MoistAir { theta: linear(&SOUNDING, 1, z), vapour: fraction / (1.0 - fraction), cloud: 0.0 }
    };
    Box::new(Bomex {
        constants,
        column: MoistColumn::new(constants, SURFACE_PRESSURE, setup.top(), Box::new(profile)),
        noise: setup.get("noise_k"),
        vapour_noise: if has_water { setup.get("vapour_noise_kg_per_kg") } else { 0.0 },
        seed: setup.get("seed") as u64,
    })
}

/// Entry `entry` of a table over heights, linear between them and beyond the last.
fn linear<const N: usize>(table: &[[f64; N]], entry: usize, z: f64) -> f64 {
    let above = table.iter().position(|row| row[0] > z).unwrap_or(table.len() - 1).max(1);
    let (low, high) = (&table[above - 1], &table[above]);
    low[entry] + (high[entry] - low[entry]) * ((z - low[0]) / (high[0] - low[0]))
}

impl Bomex {
    /// Perturbations of theta in K and of the vapour in kg/kg.
    fn disturbance(&self, at: Point) -> [f64; 2] {
        if at.z >= NOISE_TOP {
            return [0.0; 2];
        }
        [self.noise * noise::at(self.seed, at), self.vapour_noise * noise::at(self.seed + 1, at)]
    }
}

impl Case for Bomex {
    fn base(&self, z: f64) -> Base {
        self.column.base(z, [-10.0 + 1.8e-3 * z, 0.0])
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let theta = self.column.air(at.z).theta + self.disturbance(at)[0];
        let density_theta = theta * self.water(at, base).gas_factor(&self.constants);
        let air = Air::warmer(base, &self.constants, density_theta - base.potential_temperature);
        Air { u: linear(&WIND, 1, at.z), v: 0.0, ..air }
    }

    fn base_water(&self, z: f64) -> Water {
        self.column.air(z).water()
    }

    fn water(&self, at: Point, _: &Base) -> Water {
        let water = self.base_water(at.z);
        Water { vapour: water.vapour + self.disturbance(at)[1], ..water }
    }
}
