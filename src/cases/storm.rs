//! What cases of deep convection share: a moist column in a sheared wind, a warm bubble that starts the storm, and
//! random disturbances near the ground.
//!
//! The sounding is that of Weisman, M. L. and J. B. Klemp (1982): The dependence of numerically simulated
//! convective storms on vertical wind shear and buoyancy. Mon. Wea. Rev. 110, 504-520:
//!
//! ```text
//! theta = 300 K + 43 K (z/12 km)^(5/4)            below 12 km, 343 K exp(g (z - 12 km)/(cp 213 K)) above
//! RH    = 1 - 3/4 (z/12 km)^(5/4)                 below 12 km, 1/4 above
//! r_v   = min(RH r_vs, limit)
//! ```
//!
//! with 1000 hPa at the ground. Bubble: theta' = A cos^2(pi L/2) for L < 1,
//! L = |(x - xc)/Rh, (y - yc)/Rh, (z - zc)/Rv|, at the pressure and the vapour of the sounding.

use super::moist_column::{MoistAir, MoistColumn, Profile};
use super::{Air, Base, Case, Parameter, Point, Setup, noise};
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use crate::thermodynamics::{Water, saturation_mixing_ratio};

/// Height of the tropopause in m, potential temperature there and at the ground in K, temperature above in K.
const TROPOPAUSE: f64 = 12e3;
const TROPOPAUSE_THETA: f64 = 343.0;
const SURFACE_THETA: f64 = 300.0;
const STRATOSPHERE: f64 = 213.0;

/// Parameters of the bubble, `amplitude` K by default.
pub const fn bubble_parameters(amplitude: f64) -> [Parameter; 4] {
    [
        Parameter::new("amplitude_k", "K", amplitude, [-50.0, 50.0], "warmth of the bubble's centre"),
        Parameter::new("horizontal_radius_m", "m", 1e4, [1e-3, 1e8], "horizontal radius of the bubble"),
        Parameter::new("vertical_radius_m", "m", 1400.0, [1e-3, 1e6], "vertical radius of the bubble"),
        Parameter::new("centre_height_m", "m", 1400.0, [-1e6, 1e6], "height of the bubble's centre"),
    ]
}

/// Parameters of the random disturbances.
pub const NOISE: [Parameter; 3] = [
    Parameter::new("noise_k", "K", 0.0, [0.0, 10.0], "amplitude of random disturbances near the ground"),
    Parameter::new("noise_height_m", "m", 1000.0, [0.0, 1e5], "height up to which they reach"),
    Parameter::new("noise_seed", "1", 1.0, [0.0, 9e15], "chooses the random numbers"),
];

/// The speed of the grid, which moves with the storm: taken off the wind.
pub const fn grid_motion(u: f64, v: f64) -> [Parameter; 2] {
    [
        Parameter::new("grid_u_m_per_s", "m/s", u, [-150.0, 150.0], "speed of the grid along x"),
        Parameter::new("grid_v_m_per_s", "m/s", v, [-150.0, 150.0], "speed of the grid along y"),
    ]
}

/// Largest mixing ratio of vapour of the sounding of Weisman and Klemp.
pub const VAPOUR_LIMIT: Parameter =
    Parameter::new("largest_vapour_g_per_kg", "1", 14.0, [0.0, 30.0], "largest mixing ratio of vapour, g/kg");

/// The wind along x and y in m/s at a height in m.
pub type Wind = Box<dyn Fn(f64) -> [f64; 2] + Send + Sync>;

/// A case of deep convection.
pub struct Storm {
    constants: Constants,
    column: MoistColumn,
    wind: Wind,
    centre: Point,
    amplitude: f64,
    radii: [f64; 2],
    noise: f64,
    noise_height: f64,
    seed: u64,
}

impl Storm {
    /// The storm of a set-up with the parameters of the bubble and of the noise.
    pub fn new(setup: &Setup<'_>, column: MoistColumn, wind: Wind) -> Self {
        Storm {
            constants: setup.constants(),
            column,
            wind,
            centre: Point { x: setup.x_centre(), y: setup.y_centre(), z: setup.get("centre_height_m") },
            amplitude: setup.get("amplitude_k"),
            radii: [setup.get("horizontal_radius_m"), setup.get("vertical_radius_m")],
            noise: setup.get("noise_k"),
            noise_height: setup.get("noise_height_m"),
            seed: setup.get("noise_seed") as u64,
        }
    }

    /// The warmth of the bubble and of the noise in K.
    fn warmth(&self, at: Point) -> f64 {
        let [horizontal, vertical] = self.radii;
        let x = (at.x - self.centre.x) / horizontal;
        let y = (at.y - self.centre.y) / horizontal;
        let z = (at.z - self.centre.z) / vertical;
        // The horizontal part first, so that exchanging x and y changes no bit.
        let bubble = self.amplitude * math::cosine_squared_bell(math::sqrt((x * x + y * y) + z * z));
        if self.noise == 0.0 || at.z > self.noise_height {
            return bubble;
        }
        bubble + self.noise * noise::at(self.seed, at)
    }
}

impl Case for Storm {
    fn base(&self, z: f64) -> Base {
        self.column.base(z, (self.wind)(z))
    }

    fn base_water(&self, z: f64) -> Water {
        self.column.air(z).water()
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let warmth = self.warmth(at);
        if warmth == 0.0 {
            return Air::warmer(base, &self.constants, 0.0);
        }
        let factor = self.base_water(at.z).gas_factor(&self.constants);
        Air::warmer(base, &self.constants, factor * warmth)
    }
}

/// The column of Weisman and Klemp, with at most `vapour_limit` kg/kg of vapour and none if the set-up has no
/// water.
pub fn weisman_klemp(setup: &Setup<'_>, vapour_limit: f64) -> MoistColumn {
    let (constants, has_water) = (setup.constants(), setup.has_water());
    let profile = move |z: f64, exner: f64| {
        let theta = weisman_klemp_theta(&constants, z);
        let vapour =
            if has_water { humidity(&constants, z, theta * exner, exner).min(vapour_limit) } else { 0.0 };
        MoistAir { theta, vapour, cloud: 0.0 }
    };
    MoistColumn::new(constants, REFERENCE_PRESSURE, setup.top(), Box::new(profile) as Profile)
}

/// The potential temperature of the sounding in K at a height in m.
pub fn weisman_klemp_theta(constants: &Constants, z: f64) -> f64 {
    if z <= TROPOPAUSE {
        return SURFACE_THETA + (TROPOPAUSE_THETA - SURFACE_THETA) * math::pow(z / TROPOPAUSE, 1.25);
    }
    let height = constants.gravity * (z - TROPOPAUSE) / (constants.heat_capacity * STRATOSPHERE);
    TROPOPAUSE_THETA * math::exp(height)
}

/// The mixing ratio of vapour at the relative humidity of the sounding.
fn humidity(constants: &Constants, z: f64, temperature: f64, exner: f64) -> f64 {
    relative_humidity(z) * saturation_mixing_ratio(constants, temperature, constants.pressure_of_exner(exner))
}

/// The relative humidity of the sounding at a height in m.
pub fn relative_humidity(z: f64) -> f64 {
    if z <= TROPOPAUSE { 1.0 - 0.75 * math::pow(z / TROPOPAUSE, 1.25) } else { 0.25 }
}
