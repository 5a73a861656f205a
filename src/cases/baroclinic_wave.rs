//! A baroclinic wave: a jet in each hemisphere, one of them disturbed, breaks up into lows and fronts.
//!
//! Ullrich, P. A., T. Melvin, C. Jablonowski and A. Staniforth (2014): A proposed baroclinic wave test case
//! for deep- and shallow-atmosphere dynamical cores. Q. J. R. Meteorol. Soc. 140, 1590-1602; dry and shallow
//! as in DCMIP 2016 (test 1-1).
//!
//! Set-up: the balanced jet of [`super::baroclinic_jet`] with a = 6.37122e6 m, 7.292e-5 1/s, g = 9.80616,
//! R = 287, cp = 1004.5; the eastward wind is increased by 1 m/s exp(-(d/0.1)^2) (1 - 3 s^2 + 2 s^3) below 15
//! km, s = z/15 km, where d is the angle from (20 E, 40 N) in rad. As in the published programs the bell ends
//! at d = 0.1, a step of 0.37 m/s. Without a disturbance the state is steady and the wind exact. Other
//! models: surface pressure 977 .. 985 hPa at day 8, 956 .. 966 hPa at day 10. The reference profile is the
//! column at 45 degrees.
//!
//! The moist variant (DCMIP 2016, test 1-1 moist) adds vapour, q = q0 exp(-(phi/40 degrees)^4)
//! exp(-((p/p00 - 1) p00/340 hPa)^2) below the height of 100 hPa, and takes the temperatures as virtual ones.

use super::baroclinic_jet::{Jet, JetAir};
use super::{Air, Base, Case, CaseInfo, ExactColumn, Parameter, Point, Setting, Setup};
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use crate::thermodynamics::Water;
use std::f64::consts::PI;

/// Centre of the disturbance (20 E, 40 N), the angle in rad over which it decays, and where it ends in m.
const CENTRE: Point = Point { x: PI / 9.0, y: 2.0 * PI / 9.0, z: 0.0 };
const RADIUS: f64 = 0.1;
const DEPTH: f64 = 15e3;

/// Where the vapour decays in latitude (rad) and in pressure (Pa), and the ratio to the surface pressure above which
/// there is none.
const VAPOUR_LATITUDE: f64 = 2.0 * PI / 9.0;
const VAPOUR_PRESSURE: f64 = 34e3;
const VAPOUR_TOP: f64 = 0.1;

const REFERENCE: &str =
    "Ullrich, Melvin, Jablonowski and Staniforth 2014, Q. J. R. Meteorol. Soc. 140, 1590-1602";

const DISTURBANCE: [Parameter; 2] = [
    Parameter::new(
        "perturbation_m_per_s",
        "m/s",
        1.0,
        [-20.0, 20.0],
        "disturbance of the wind; 0: the steady state",
    ),
    Parameter::new(
        "perturbation_reach",
        "1",
        1.0,
        [0.0, 40.0],
        "where the bell of the disturbance ends, in its radii of 0.1 rad (10: nowhere)",
    ),
];

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "baroclinic_wave",
    title: "Baroclinic wave on the globe",
    reference: REFERENCE,
    parameters: &DISTURBANCE,
    setting: Setting::Sphere,
    build: |setup| Box::new(wave(setup, 0.0)),
};

pub(super) const MOIST: CaseInfo = CaseInfo {
    name: "moist_baroclinic_wave",
    title: "Baroclinic wave in moist air",
    reference: REFERENCE,
    parameters: &[
        DISTURBANCE[0],
        DISTURBANCE[1],
        Parameter::new(
            "vapour_kg_per_kg",
            "kg/kg",
            0.018,
            [0.0, 0.05],
            "most vapour at the start, at the ground of the equator, as a fraction of the mass",
        ),
    ],
    setting: Setting::Sphere,
    build: |setup| Box::new(wave(setup, setup.get("vapour_kg_per_kg"))),
};

struct BaroclinicWave {
    constants: Constants,
    jet: Jet,
    perturbation: f64,
    reach: f64,
    vapour: f64,
}

fn wave(setup: &Setup<'_>, vapour: f64) -> BaroclinicWave {
    let constants = setup.constants();
    BaroclinicWave {
        constants,
        jet: Jet::new(constants, setup.sphere(), setup.configuration.dynamics.rotation),
        perturbation: setup.get("perturbation_m_per_s"),
        reach: setup.get("perturbation_reach"),
        vapour,
    }
}

impl BaroclinicWave {
    /// The disturbance of the eastward wind in m/s.
    fn disturbance(&self, at: Point) -> f64 {
        if self.perturbation == 0.0 || at.z >= DEPTH {
            return 0.0;
        }
        let distance = at.angle_to(&CENTRE) / RADIUS;
        if distance >= self.reach {
            return 0.0;
        }
        let s = at.z / DEPTH;
        self.perturbation * math::exp(-distance * distance) * (1.0 - s * s * (3.0 - 2.0 * s))
    }
}

impl Case for BaroclinicWave {
    fn base(&self, z: f64) -> Base {
        self.jet.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let JetAir { temperature, log_pressure, u } = self.jet.at(at.y, at.z);
        let wind = [u + self.disturbance(at), 0.0];
        Air::of_state(base, &self.constants, temperature, log_pressure, wind)
    }

    /// The temperatures are those of dry air of the same density, so that the balance stays as it is.
    fn water(&self, at: Point, _base: &Base) -> Water {
        let ratio = math::exp(self.jet.at(at.y, at.z).log_pressure);
        if ratio <= VAPOUR_TOP {
            return Water::default();
        }
        let (y, p) = (at.y / VAPOUR_LATITUDE, (ratio - 1.0) * REFERENCE_PRESSURE / VAPOUR_PRESSURE);
        Water { vapour: self.vapour * math::exp(-(y * y) * (y * y) - p * p), ..Water::default() }
    }

    fn exact(&self, _x: f64, y: f64, centres: &[f64], interfaces: &[f64], _time: f64) -> Option<ExactColumn> {
        if self.perturbation != 0.0 || self.vapour != 0.0 {
            return None;
        }
        let mut column = ExactColumn::unchanged(centres.len(), interfaces.len());
        for (k, &z) in centres.iter().enumerate() {
            let (air, base) = (self.jet.at(y, z), self.base(z));
            let pressure = |exner: f64| self.constants.pressure_of_exner(exner);
            let exner =
                math::exp(air.log_pressure * self.constants.gas_constant / self.constants.heat_capacity);
            column.temperature[k] = air.temperature - base.potential_temperature * base.exner;
            column.pressure[k] = pressure(exner) - pressure(base.exner);
            column.u[k] = air.u;
        }
        Some(column)
    }
}
