//! A supercell that splits over the equator of a small planet.
//!
//! Klemp, J. B., W. C. Skamarock and S.-H. Park (2015): Idealized global nonhydrostatic atmospheric test cases on a
//! reduced-radius sphere. J. Adv. Model. Earth Syst. 7, 1155-1177; here as in DCMIP 2016 (test 3), whose models are
//! compared in Zarzycki et al. 2019, Geosci. Model Dev. 12, 879-892.
//!
//! Set-up: a planet of radius 6371.22 km/120 that does not turn; at the equator theta and the relative humidity of
//! [`super::storm`], r_v = RH min(r_vs, 14 g/kg) at all latitudes, 1000 hPa at the ground; u = ue(z) cos(latitude) with
//! ue = 30 m/s z/5 km - 15 m/s below 4 km, 15 m/s above 6 km and a parabola between; the bubble of
//! [`super::storm`] with 3 K, 10 km and 1.5 km at (0 E, 0 N), 1.5 km, at the pressure of the balanced air.
//!
//! Balance: with s = sin^2(latitude) the gradient wind and the hydrostatic balance say that the Exner function does not
//! change along dz/ds = -ue^2/(2 g). So Pi(s, z) = Pi(0, Z) and theta_rho(s, z) = theta_rho(0, Z)/(dZ/dz), where Z is the
//! height at the equator of the line through (s, z): no more than 11 m above z.

use super::moist_column::{MoistAir, MoistColumn, Profile};
use super::storm::{VAPOUR_LIMIT, relative_humidity, weisman_klemp_theta};
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use crate::thermodynamics::{Water, saturation_mixing_ratio};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "supercell_sphere",
    title: "Splitting supercell on a small planet",
    reference: "Klemp, Skamarock and Park 2015, J. Adv. Model. Earth Syst. 7, 1155-1177",
    parameters: &[
        Parameter::new(
            "shear_m_per_s",
            "m/s",
            30.0,
            [-100.0, 100.0],
            "growth of the wind in 5 km, if it grew as from 0 to 4 km",
        ),
        Parameter::new("grid_u_m_per_s", "m/s", 15.0, [-150.0, 150.0], "taken off the wind at the equator"),
        VAPOUR_LIMIT,
        Parameter::new("amplitude_k", "K", 3.0, [-50.0, 50.0], "warmth of the bubble's centre"),
        Parameter::new("horizontal_radius_m", "m", 1e4, [1e-3, 1e8], "horizontal radius of the bubble"),
        Parameter::new("vertical_radius_m", "m", 1500.0, [1e-3, 1e6], "vertical radius of the bubble"),
        Parameter::new("centre_height_m", "m", 1500.0, [-1e6, 1e6], "height of the bubble's centre"),
    ],
    setting: Setting::Sphere,
    build,
};

/// Height over which the wind grows, and half the depth of the bend at its end, in m.
const GROWING: f64 = 5000.0;
const BEND: f64 = 1000.0;
/// Spacing of the table of the sounding and the height to which it goes on above the lid, in m.
const SPACING: f64 = 5.0;
const ABOVE: f64 = 1000.0;
/// Steps along a line of the balance.
const STEPS: usize = 2;

struct Supercell {
    constants: Constants,
    radius: f64,
    shear: f64,
    motion: f64,
    column: MoistColumn,
    table: Vec<Entry>,
    bubble: Bubble,
}

/// The sounding at one height: Pi, dPi/dz in 1/m, theta_rho in K and the mixing ratio of vapour.
#[derive(Clone, Copy)]
struct Entry {
    exner: f64,
    slope: f64,
    theta_rho: f64,
    vapour: f64,
}

/// The warm bubble over (0 E, 0 N).
struct Bubble {
    amplitude: f64,
    radii: [f64; 2],
    height: f64,
}

/// The balanced air at a point: theta_rho in K and the Exner function.
struct Balanced {
    theta_rho: f64,
    exner: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    let column = column(setup);
    let table = table(&constants, &column, setup.top() + ABOVE);
    Box::new(Supercell {
        constants,
        radius: setup.sphere().radius,
        shear: setup.get("shear_m_per_s"),
        motion: setup.get("grid_u_m_per_s"),
        column,
        table,
        bubble: Bubble {
            amplitude: setup.get("amplitude_k"),
            radii: [setup.get("horizontal_radius_m"), setup.get("vertical_radius_m")],
            height: setup.get("centre_height_m"),
        },
    })
}

/// The column at the equator.
fn column(setup: &Setup<'_>) -> MoistColumn {
    let (constants, has_water) = (setup.constants(), setup.has_water());
    let limit = 1e-3 * setup.get(VAPOUR_LIMIT.name);
    let profile = move |z: f64, exner: f64| {
        let theta = weisman_klemp_theta(&constants, z);
        let pressure = constants.pressure_of_exner(exner);
        let saturated = || saturation_mixing_ratio(&constants, theta * exner, pressure).min(limit);
        let vapour = if has_water { relative_humidity(z) * saturated() } else { 0.0 };
        MoistAir { theta, vapour, cloud: 0.0 }
    };
    MoistColumn::new(constants, REFERENCE_PRESSURE, setup.top(), Box::new(profile) as Profile)
}

/// The column from the ground up to a height, for the many points of a globe.
fn table(constants: &Constants, column: &MoistColumn, top: f64) -> Vec<Entry> {
    let entry = |z: f64| {
        let Base { potential_temperature: theta_rho, exner, .. } = column.base(z, [0.0; 2]);
        let slope = -constants.gravity / (constants.heat_capacity * theta_rho);
        Entry { exner, slope, theta_rho, vapour: column.air(z).vapour }
    };
    (0..=(top / SPACING).ceil() as usize).map(|n| entry(n as f64 * SPACING)).collect()
}

impl Supercell {
    /// The wind at the equator at a height in m/s, and its derivative in 1/s.
    fn wind(&self, z: f64) -> [f64; 2] {
        let s = z / GROWING;
        let [growth, slope] = if z < GROWING - BEND {
            [s, 1.0]
        } else if z <= GROWING + BEND {
            [(3.0 * s - 1.25 * s * s) - 0.8, 3.0 - 2.5 * s]
        } else {
            [1.0, 0.0]
        };
        [self.shear * growth - self.motion, self.shear * slope / GROWING]
    }

    /// The height at the equator of the line through a point, and the derivative dZ/dz: Z and ln(dZ/dz) grow by
    /// ue^2/(2 g) and its derivative towards the equator.
    fn at_equator(&self, at: Point) -> [f64; 2] {
        let sine = math::sin(at.y);
        let step = sine * sine / STEPS as f64;
        let rate = |z: f64| {
            let [u, slope] = self.wind(z);
            [u * u, 2.0 * u * slope].map(|value| value / (2.0 * self.constants.gravity))
        };
        let (mut z, mut growth) = (at.z, 0.0);
        for _ in 0..STEPS {
            let a = rate(z);
            let b = rate(z + 0.5 * step * a[0]);
            let c = rate(z + 0.5 * step * b[0]);
            let d = rate(z + step * c[0]);
            let mean = |n: usize| ((a[n] + d[n]) + 2.0 * (b[n] + c[n])) / 6.0;
            z += step * mean(0);
            growth += step * mean(1);
        }
        [z, math::exp(growth)]
    }

    /// The sounding at a height in m.
    fn sounding(&self, z: f64) -> Entry {
        let place = (z / SPACING).max(0.0);
        let n = (place as usize).min(self.table.len() - 2);
        let (below, above, t) = (self.table[n], self.table[n + 1], place - n as f64);
        let linear = |value: fn(&Entry) -> f64| value(&below) + t * (value(&above) - value(&below));
        let slopes = (1.0 - t) * below.slope - t * above.slope;
        let rise = t * t * (3.0 - 2.0 * t) * (above.exner - below.exner);
        Entry {
            exner: below.exner + (rise + t * (1.0 - t) * (SPACING * slopes)),
            slope: linear(|entry| entry.slope),
            theta_rho: linear(|entry| entry.theta_rho),
            vapour: linear(|entry| entry.vapour),
        }
    }

    fn balanced(&self, at: Point) -> Balanced {
        let [height, stretching] = self.at_equator(at);
        let Entry { exner, theta_rho, .. } = self.sounding(height);
        Balanced { theta_rho: theta_rho / stretching, exner }
    }

    /// The warmth of the bubble in K.
    fn warmth(&self, at: Point) -> f64 {
        let Bubble { amplitude, radii: [horizontal, vertical], height } = self.bubble;
        let beside = self.radius * at.angle_to(&Point { x: 0.0, y: 0.0, z: 0.0 }) / horizontal;
        let above = (at.z - height) / vertical;
        amplitude * math::cosine_squared_bell(math::sqrt(beside * beside + above * above))
    }

    /// The air with so much warmth more than the balanced air, at its pressure.
    fn air(&self, at: Point, base: &Base, warmth: f64) -> Air {
        let Balanced { theta_rho, exner } = self.balanced(at);
        let factor = self.base_water(at.z).gas_factor(&self.constants);
        let temperature = (theta_rho + factor * warmth) * exner;
        let log_pressure = math::log(exner) * self.constants.heat_capacity / self.constants.gas_constant;
        let wind = [self.wind(at.z)[0] * math::cos(at.y), 0.0];
        Air::of_state(base, &self.constants, temperature, log_pressure, wind)
    }
}

impl Case for Supercell {
    /// The column at the equator at rest.
    fn base(&self, z: f64) -> Base {
        self.column.base(z, [0.0; 2])
    }

    fn base_water(&self, z: f64) -> Water {
        Water::of_mixing_ratios(self.sounding(z).vapour, 0.0)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        self.air(at, base, self.warmth(at))
    }

    fn buoyant_density(&self, at: Point, base: &Base) -> f64 {
        let warmth = self.warmth(at);
        if warmth == 0.0 {
            return 0.0;
        }
        self.air(at, base, warmth).density - self.air(at, base, 0.0).density
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::globe;
    use super::super::{Case, Point, build};
    use crate::config::Configuration;
    use crate::constants::REFERENCE_PRESSURE;
    use approx::assert_relative_eq;

    fn configured(amplitude: f64) -> Configuration {
        let mut configuration = globe("supercell_sphere", 8, 10, 20e3);
        configuration.dynamics.tracers = ["vapour", "cloud", "rain"].map(String::from).to_vec();
        configuration.case.parameters.insert("amplitude_k".into(), amplitude);
        configuration
    }

    /// Density, ln p and u at a latitude and a height, far from the bubble.
    fn air(configuration: &Configuration, case: &dyn Case, y: f64, z: f64) -> [f64; 3] {
        let (constants, base) = (configuration.dynamics.constants, case.base(z));
        let air = case.initial(Point { x: 2.0, y, z }, &base);
        let density = base.density(&constants);
        let heat = density * base.potential_temperature + air.heat;
        let pressure = constants.gamma() * f64::ln(heat * constants.gas_constant / REFERENCE_PRESSURE);
        [density + air.density, pressure, air.u]
    }

    #[test]
    fn the_air_is_hydrostatic_and_in_balance_with_the_wind() {
        let configuration = configured(0.0);
        let case = build(&configuration).unwrap();
        let constants = configuration.dynamics.constants;
        let radius = configuration.grid.sphere().unwrap().radius;
        for (y, z) in [(0.3, 812.0), (-1.2, 4441.0), (0.8, 9003.0), (0.5, 15_017.0)] {
            let at = |y: f64, z: f64| air(&configuration, &*case, y, z);
            let [density, log_pressure, u] = at(y, z);
            let pressure = REFERENCE_PRESSURE * log_pressure.exp();
            let (dz, dy) = (1.0, 1e-3);
            let up = pressure * (at(y, z + dz)[1] - at(y, z - dz)[1]) / (2.0 * dz);
            assert_relative_eq!(up, -density * constants.gravity, max_relative = 1e-6);
            let north = pressure * (at(y + dy, z)[1] - at(y - dy, z)[1]) / (2.0 * dy * radius);
            assert_relative_eq!(north, -density * u * u * y.tan() / radius, max_relative = 1e-4);
        }
    }

    #[test]
    fn the_wind_is_that_of_the_publication() {
        let configuration = configured(0.0);
        let case = build(&configuration).unwrap();
        for (z, u) in
            [(0.0, -15.0), (2500.0, 0.0), (4000.0, 9.0), (5000.0, 13.5), (6000.0, 15.0), (1e4, 15.0)]
        {
            assert_relative_eq!(air(&configuration, &*case, 0.0, z)[2], u, epsilon = 1e-12);
        }
    }

    #[test]
    fn the_bubble_is_warm_at_the_pressure_of_the_air_around_it() {
        let (with, without) = (configured(3.0), configured(0.0));
        let at = Point { x: 0.0, y: 0.0, z: 1500.0 };
        let [warm, calm] = [&with, &without].map(|configuration| {
            let case = build(configuration).unwrap();
            let base = case.base(at.z);
            let constants = configuration.dynamics.constants;
            let air = case.initial(at, &base);
            let factor = case.water(at, &base).gas_factor(&constants);
            let density = base.density(&constants);
            let theta = (density * base.potential_temperature + air.heat) / (density + air.density) / factor;
            (air.heat, theta, case.buoyant_density(at, &base), air.density)
        });
        assert_eq!(warm.0, calm.0);
        assert_relative_eq!(warm.1 - calm.1, 3.0, epsilon = 1e-9);
        assert_relative_eq!(warm.2, warm.3 - calm.3, epsilon = 1e-15);
        assert_eq!(calm.2, 0.0);
    }

    #[test]
    fn both_hemispheres_are_mirror_images() {
        let configuration = configured(3.0);
        let case = build(&configuration).unwrap();
        for (x, y, z) in [(0.05, 0.1, 1200.0), (1.0, 0.7, 8000.0)] {
            let base = case.base(z);
            let [north, south] = [y, -y].map(|y| case.initial(Point { x, y, z }, &base));
            assert_eq!(north, south);
        }
    }
}
