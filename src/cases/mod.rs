//! The built-in cases: initial state, reference profile, exact solution where there is one.
//!
//! One file a case, with its reference in the header; one line a case in [`registry`].

pub mod measures;
pub mod noise;
pub mod profiles;
pub mod tracers;
pub mod verification;

mod baldauf_brdar;
mod baroclinic_jet;
mod baroclinic_wave;
mod bomex;
mod bryan_fritsch;
mod bryan_fritsch_moist;
mod deformational_flow;
mod density_current;
mod dry_convection;
mod galewsky;
mod giraldo_bubble;
mod gravity_wave_sphere;
mod held_suarez;
mod inertia_gravity_wave;
mod isothermal_rest;
mod jablonowski_williamson;
mod laeuter;
mod lake_at_rest;
mod linear_waves;
mod moist_column;
mod moist_ridge;
mod mountain_hydrostatic;
mod mountain_nonhydrostatic;
mod mountain_waves;
mod rest_over_mountain;
mod rest_over_mountain_sphere;
mod robert_bubble;
mod schaer;
mod schaer_sphere;
mod shallow_water;
mod slope_flow;
mod sounding;
mod squall_line;
mod storm;
mod stratified_rest;
mod supercell;
mod supercell_sphere;
mod tracer_advection;
mod warm_bubble;
mod weisman_klemp;
mod williamson_1;
mod williamson_2;
mod williamson_5;
mod williamson_6;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use crate::config::Setting;

use crate::config::{Configuration, Sphere};
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::error::{Error, Result};
use crate::math;
use crate::state::water;
use crate::thermodynamics::Water;
use std::collections::BTreeMap;

/// A point of the domain: horizontal position and height in m; on the sphere x is the longitude (-pi to pi)
/// and y the latitude, in rad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    pub z: f64,
}

impl Point {
    /// The angle in rad between two points of the sphere, seen from its centre.
    pub fn angle_to(&self, other: &Point) -> f64 {
        let half_sine = |difference: f64| math::sin(0.5 * difference);
        let (along, across) = (half_sine(self.y - other.y), half_sine(self.x - other.x));
        let chord = along * along + math::cos(self.y) * math::cos(other.y) * (across * across);
        2.0 * math::asin(math::sqrt(chord.min(1.0)))
    }
}

/// The hydrostatic reference state at one height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Base {
    /// Potential temperature in K; of moist air the density potential temperature.
    pub potential_temperature: f64,
    /// Exner function (p/p00)^(R/cp).
    pub exner: f64,
    /// Wind of the reference state in m/s: what the sponge relaxes to and the Coriolis force leaves alone.
    pub u: f64,
    pub v: f64,
}

impl Base {
    /// Air of 300 K at the reference pressure, at rest.
    const NEUTRAL: Base = Base { potential_temperature: 300.0, exner: 1.0, u: 0.0, v: 0.0 };

    /// Reference density in kg/m3.
    pub fn density(&self, constants: &Constants) -> f64 {
        let temperature = self.potential_temperature * self.exner;
        constants.pressure_of_exner(self.exner) / (constants.gas_constant * temperature)
    }
}

/// The initial state at one point, as deviations from the reference state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Air {
    /// Density deviation in kg/m3.
    pub density: f64,
    /// Deviation of density times potential temperature in kg K/m3; 0 means reference pressure.
    pub heat: f64,
    /// Velocity along x and y in m/s; on the sphere eastward and northward.
    pub u: f64,
    pub v: f64,
}

impl Air {
    /// Air at the reference pressure whose potential temperature deviates by `theta_deviation` K,
    /// moving with the reference wind. No deviation gives exactly the reference state.
    pub fn warmer(base: &Base, constants: &Constants, theta_deviation: f64) -> Air {
        let density = base.density(constants);
        // Subtracted from zero rather than negated: no deviation gives +0.
        let deviation = 0.0 - density * theta_deviation / (base.potential_temperature + theta_deviation);
        Air { density: deviation, heat: 0.0, u: base.u, v: base.v }
    }

    /// Air of a temperature in K and a pressure, given as ln(p/p00), with the wind (u, v) in m/s.
    pub fn of_state(
        base: &Base,
        constants: &Constants,
        temperature: f64,
        log_pressure: f64,
        [u, v]: [f64; 2],
    ) -> Air {
        let density0 = base.density(constants);
        let gas = constants.gas_constant;
        let density = REFERENCE_PRESSURE * math::exp(log_pressure) / (gas * temperature);
        // rho theta depends on the pressure alone.
        let heat = REFERENCE_PRESSURE / gas * math::exp(log_pressure / constants.gamma());
        Air { density: density - density0, heat: heat - density0 * base.potential_temperature, u, v }
    }
}

/// The exact solution in one column at one time; deviations from the reference state at cell centres
/// (temperature in K, u in m/s, pressure in Pa) and the vertical velocity at interfaces (m/s).
#[derive(Clone, Debug, Default)]
pub struct ExactColumn {
    pub temperature: Vec<f64>,
    pub u: Vec<f64>,
    pub pressure: Vec<f64>,
    pub w: Vec<f64>,
}

impl ExactColumn {
    /// The reference state: no deviations at `centres` cell centres and `interfaces` interfaces.
    pub fn unchanged(centres: usize, interfaces: usize) -> Self {
        let zeros = vec![0.0; centres];
        ExactColumn {
            temperature: zeros.clone(),
            u: zeros.clone(),
            pressure: zeros,
            w: vec![0.0; interfaces],
        }
    }
}

/// A layer of shallow water at one point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Layer {
    /// Height of its surface above the reference level, and of the ground below it, in m.
    pub surface: f64,
    pub ground: f64,
    /// Eastward and northward velocity in m/s.
    pub u: f64,
    pub v: f64,
}

/// A case of the shallow-water equations.
pub trait ShallowWater: Send + Sync {
    /// The layer at a point (longitude and latitude in rad) at the start.
    fn initial(&self, at: Point) -> Layer;

    /// Height of the ground at a point in m.
    fn ground(&self, at: Point) -> f64 {
        self.initial(at).ground
    }

    /// The exact solution after `time` s, where there is one.
    fn exact(&self, _at: Point, _time: f64) -> Option<Layer> {
        None
    }

    /// Where the water at a point was `time` s before, in cases that know.
    fn upstream(&self, _at: Point, _time: f64) -> Option<Point> {
        None
    }

    /// The wind that carries the tracers of a layer of constant depth instead of its own dynamics, if the case
    /// prescribes one.
    fn prescribed_stream(&self) -> Option<Box<dyn PrescribedStream>> {
        None
    }
}

/// A prescribed wind without divergence.
pub trait PrescribedStream: Send + Sync {
    /// The stream function psi at a point in m2/s after `time` s: u = -dpsi/dy, v = dpsi/dx.
    fn at(&self, at: Point, time: f64) -> f64;

    /// The eastward and northward wind in m/s.
    fn wind(&self, at: Point, time: f64) -> [f64; 2];

    /// Whether it is the same at all times.
    fn is_steady(&self) -> bool {
        true
    }
}

/// A built-in case with its parameters fixed.
pub trait Case: Send + Sync {
    /// The reference state at height `z` (m).
    fn base(&self, z: f64) -> Base {
        let _ = z;
        Base::NEUTRAL
    }

    /// The initial state at a point, where `base` is the reference state at its height.
    fn initial(&self, at: Point, base: &Base) -> Air {
        let _ = (at, base);
        Air::default()
    }

    /// The water of the reference state at height `z`. Asked for only where the configuration has water.
    fn base_water(&self, z: f64) -> Water {
        let _ = z;
        Water::default()
    }

    /// The water at a point at the start, likewise.
    fn water(&self, at: Point, base: &Base) -> Water {
        let _ = base;
        self.base_water(at.z)
    }

    /// The part of the initial density deviation (kg/m3) that is meant to be out of hydrostatic balance,
    /// such as that of a warm bubble: a balanced start leaves it as it is.
    fn buoyant_density(&self, at: Point, base: &Base) -> f64 {
        let _ = (at, base);
        0.0
    }

    /// Height of the ground in m at a point, in cases of [`has_own_ground`].
    fn ground(&self, at: Point) -> Option<f64> {
        let _ = at;
        None
    }

    /// The layer of shallow water, in cases of those equations; they have no atmosphere.
    fn shallow_water(&self) -> Option<&dyn ShallowWater> {
        None
    }

    /// The exact solution at `time` (s) over (x, y), at the given heights of centres and interfaces.
    fn exact(
        &self,
        _x: f64,
        _y: f64,
        _centres: &[f64],
        _interfaces: &[f64],
        _time: f64,
    ) -> Option<ExactColumn> {
        None
    }
}

/// A number that a case takes from `[case]` in the configuration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    pub name: &'static str,
    pub unit: &'static str,
    pub default: f64,
    /// Smallest and largest value allowed.
    pub bounds: [f64; 2],
    pub doc: &'static str,
}

impl Parameter {
    /// A parameter of the tables of the cases.
    pub const fn new(
        name: &'static str,
        unit: &'static str,
        default: f64,
        bounds: [f64; 2],
        doc: &'static str,
    ) -> Self {
        Parameter { name, unit, default, bounds, doc }
    }

    /// The uniform wind along x that many cases offer, `default` m/s if it is not given.
    pub const fn wind(default: f64) -> Self {
        Parameter::new("wind_m_per_s", "m/s", default, [-150.0, 150.0], "uniform wind along x")
    }

    /// Checks a value against the bounds.
    ///
    /// # Errors
    /// If it is not a number or out of bounds.
    pub fn check(&self, value: f64) -> Result<()> {
        let [least, most] = self.bounds;
        if (least..=most).contains(&value) {
            return Ok(());
        }
        let unit = if self.unit == "1" { String::new() } else { format!(" {}", self.unit) };
        Err(Error::Configuration(format!(
            "case.{} is {value} but must lie between {least} and {most}{unit}",
            self.name
        )))
    }
}

/// What a case may look at when it is built.
pub struct Setup<'a> {
    pub configuration: &'a Configuration,
}

impl Setup<'_> {
    /// The value of a declared parameter; [`build`] has checked that all are there.
    pub fn get(&self, name: &str) -> f64 {
        self.configuration.case.parameters[name]
    }
    pub fn constants(&self) -> Constants {
        self.configuration.dynamics.constants
    }
    /// Whether a process needs water; without one the air is dry.
    pub fn has_water(&self) -> bool {
        water::count(&self.configuration.dynamics.tracers) > 0
    }
    /// The planet, in cases of the sphere.
    pub fn sphere(&self) -> Sphere {
        *self.configuration.grid.sphere().expect("a checked configuration puts cases of the globe on one")
    }
    /// x of the centre of the domain in m.
    pub fn x_centre(&self) -> f64 {
        self.configuration.grid.x_centre()
    }
    /// y of the centre of the domain in m; where there is no y direction, that of its only row.
    pub fn y_centre(&self) -> f64 {
        self.configuration.grid.y_centre()
    }
    /// Length of the domain along x in m.
    pub fn length(&self) -> f64 {
        self.configuration.grid.nx as f64 * self.configuration.grid.dx
    }
    /// Height of the lid in m.
    pub fn top(&self) -> f64 {
        *self.configuration.grid.interfaces.last().expect("a grid has levels")
    }
}

/// A case as the registry holds it.
#[derive(Clone, Copy)]
pub struct CaseInfo {
    pub name: &'static str,
    pub title: &'static str,
    /// The publication that defines it.
    pub reference: &'static str,
    pub parameters: &'static [Parameter],
    /// The equations and the domain that it is made for.
    pub setting: Setting,
    pub build: fn(&Setup<'_>) -> Box<dyn Case>,
}

static REGISTRY: &[CaseInfo] = &[
    stratified_rest::INFO,
    density_current::INFO,
    robert_bubble::INFO,
    giraldo_bubble::INFO,
    bryan_fritsch::INFO,
    bryan_fritsch_moist::INFO,
    inertia_gravity_wave::INFO,
    baldauf_brdar::INFO,
    warm_bubble::INFO,
    dry_convection::INFO,
    bomex::INFO,
    weisman_klemp::INFO,
    supercell::INFO,
    squall_line::INFO,
    sounding::INFO,
    tracer_advection::INFO,
    mountain_hydrostatic::INFO,
    mountain_nonhydrostatic::INFO,
    schaer::INFO,
    moist_ridge::INFO,
    rest_over_mountain::INFO,
    slope_flow::INFO,
    isothermal_rest::INFO,
    rest_over_mountain_sphere::INFO,
    schaer_sphere::INFO,
    baroclinic_wave::INFO,
    baroclinic_wave::MOIST,
    jablonowski_williamson::INFO,
    gravity_wave_sphere::INFO,
    held_suarez::INFO,
    supercell_sphere::INFO,
    lake_at_rest::INFO,
    williamson_1::INFO,
    deformational_flow::INFO,
    williamson_2::INFO,
    williamson_5::INFO,
    williamson_6::INFO,
    galewsky::INFO,
    laeuter::INFO,
];

/// All built-in cases, one line each.
pub fn registry() -> &'static [CaseInfo] {
    REGISTRY
}

/// Whether the ground of a case in the air belongs to it: [`Case::ground`] tells its height.
pub fn has_own_ground(name: &str) -> bool {
    [rest_over_mountain_sphere::INFO, schaer_sphere::INFO, jablonowski_williamson::INFO]
        .iter()
        .any(|info| info.name == name)
}

/// The registry's entry for a case.
pub fn find(name: &str) -> Option<&'static CaseInfo> {
    REGISTRY.iter().find(|info| info.name == name)
}

/// The case that the configuration names.
///
/// # Errors
/// If there is no case of that name, if one of its parameters is missing, unknown or out of bounds, or if
/// its atmosphere ends below the lid.
pub fn build(configuration: &Configuration) -> Result<Box<dyn Case>> {
    let choice = &configuration.case;
    let info = find(&choice.name)
        .ok_or_else(|| Error::Configuration(format!("there is no case named `{}`", choice.name)))?;
    check_parameters(info, &choice.parameters)?;
    let setup = Setup { configuration };
    let case = (info.build)(&setup);
    if case.base(setup.top()).exner <= 0.0 {
        return Err(Error::Configuration(format!(
            "the atmosphere of case `{}` ends below the lid at {} m: lower the lid",
            info.name,
            setup.top()
        )));
    }
    Ok(case)
}

/// Every declared parameter is there and within its bounds, and there is no other.
fn check_parameters(info: &CaseInfo, given: &BTreeMap<String, f64>) -> Result<()> {
    for parameter in info.parameters {
        let value = given.get(parameter.name).ok_or_else(|| {
            Error::Configuration(format!("case `{}` needs the parameter `{}`", info.name, parameter.name))
        })?;
        parameter.check(*value)?;
    }
    match given.keys().find(|name| info.parameters.iter().all(|parameter| parameter.name != **name)) {
        Some(name) => {
            Err(Error::Configuration(format!("case `{}` has no parameter named `{name}`", info.name)))
        }
        None => Ok(()),
    }
}
