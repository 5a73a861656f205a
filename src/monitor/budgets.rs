//! What the equations conserve, and the extremes of the flow, over the whole domain.
//!
//! Totals are kept as deviations from the reference state, where a drift of one part in 10^16 of the
//! total can still be seen. [`measure()`] takes them.

pub use super::measure::measure;
use super::{ChlorineBudgets, LayerBudgets};
use crate::config::Setting;
use crate::io::SeriesColumn;
use crate::state::water;

/// A total over the domain: its value in the reference state and the deviation from it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    pub reference: f64,
    pub deviation: f64,
}

impl Total {
    /// The total itself.
    pub fn value(&self) -> f64 {
        self.reference + self.deviation
    }

    /// Change since `start` relative to the total then; 0 where both are empty.
    pub fn drift(&self, start: &Total) -> f64 {
        let change = self.deviation - start.deviation;
        if change == 0.0 { 0.0 } else { change / start.value() }
    }
}

/// Smallest and largest value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extremes {
    pub least: f64,
    pub most: f64,
}

impl Extremes {
    pub(super) const NOTHING: Extremes = Extremes { least: f64::INFINITY, most: f64::NEG_INFINITY };

    /// The largest magnitude.
    pub fn magnitude(&self) -> f64 {
        self.most.max(-self.least)
    }

    /// Takes `value` in; one that is not finite opens the extremes to infinity.
    pub(super) fn include(&mut self, value: f64) {
        if value.is_finite() {
            self.least = self.least.min(value);
            self.most = self.most.max(value);
        } else {
            *self = Extremes { least: f64::NEG_INFINITY, most: f64::INFINITY };
        }
    }
}

/// Domain totals and extremes at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Budgets {
    /// Mass of the air in kg; in shallow water the volume of the layer in m3.
    pub mass: Total,
    /// Density times potential temperature in kg K.
    pub heat: Total,
    /// Internal energy cv T in J.
    pub internal_energy: Total,
    /// Potential energy g z in J.
    pub potential_energy: Total,
    /// Kinetic energy in J; in shallow water divided by the density, in m5/s2.
    pub kinetic_energy: f64,
    /// Momentum along x and y in kg m/s; 0 on the sphere.
    pub momentum_x: f64,
    pub momentum_y: f64,
    /// Angular momentum about the planet's axis, without that of its rotation, in kg m2/s; 0 on the plane.
    pub angular_momentum: f64,
    /// Mass of every tracer in kg.
    pub tracer_masses: Vec<f64>,
    /// How many of the tracers are water, and the mass of the rain that has reached the ground, in kg.
    pub waters: usize,
    pub fallen_rain: f64,
    /// Velocities in m/s, on the sphere eastward, northward and upward.
    pub u: Extremes,
    pub v: Extremes,
    pub w: Extremes,
    /// Potential temperature minus its reference in K.
    pub theta_perturbation: Extremes,
    /// Of a layer of shallow water, where it has been diagnosed.
    pub layer: Option<LayerBudgets>,
    /// Of chlorine, where it has been measured.
    pub chlorine: Option<ChlorineBudgets>,
}

impl Budgets {
    /// Total energy: internal, potential and kinetic.
    pub fn total_energy(&self) -> Total {
        Total {
            reference: self.internal_energy.reference + self.potential_energy.reference,
            deviation: self.internal_energy.deviation + self.potential_energy.deviation + self.kinetic_energy,
        }
    }

    /// Mass of the dry air in kg; in dry air of all.
    pub fn dry_mass(&self) -> f64 {
        self.mass.value() - self.tracer_masses[..self.waters].iter().sum::<f64>()
    }

    /// Mass of the water in kg, in the air and on the ground.
    pub fn water(&self) -> f64 {
        self.tracer_masses[..self.waters].iter().sum::<f64>() + self.fallen_rain
    }

    /// What [`Budgets::values`] gives, in its order, for a run with these tracers.
    pub fn columns(setting: Setting, tracers: &[String]) -> Vec<SeriesColumn> {
        let fixed = table(setting).map(|&(name, unit, long_name, ..)| SeriesColumn {
            name: name.into(),
            unit: unit.into(),
            long_name: long_name.into(),
        });
        let of_tracers = tracers.iter().map(|name| SeriesColumn {
            name: format!("tracer_mass_{name}"),
            unit: if setting == Setting::ShallowWater { "m3" } else { "kg" }.into(),
            long_name: format!("mass of tracer {name}"),
        });
        let waters = water::count(tracers);
        let of_water = WATER_COLUMNS.iter().filter(move |_| waters > 0).map(|(name, long_name, _)| {
            SeriesColumn { name: (*name).into(), unit: "kg".into(), long_name: (*long_name).into() }
        });
        let of_layer = match setting {
            Setting::ShallowWater => LayerBudgets::columns(),
            Setting::Plane | Setting::Sphere => Vec::new(),
        };
        let of_chlorine = ChlorineBudgets::columns(setting, tracers);
        fixed.chain(of_tracers).chain(of_water).chain(of_layer).chain(of_chlorine).collect()
    }

    /// The numbers for the columns of [`Budgets::columns`].
    pub fn values(&self, setting: Setting) -> Vec<f64> {
        let fixed = table(setting).map(|(_, _, _, value, _)| value(self));
        let of_layer = self.layer.iter().flat_map(LayerBudgets::values);
        let of_water = WATER_COLUMNS.iter().filter(|_| self.waters > 0).map(|(.., value)| value(self));
        let of_chlorine = self.chlorine.iter().flat_map(ChlorineBudgets::values);
        let of_tracers = self.tracer_masses.iter().copied();
        fixed.chain(of_tracers).chain(of_water).chain(of_layer).chain(of_chlorine).collect()
    }
}

/// A column: name, unit, long name, value, and the equations that have it.
type Column = (&'static str, &'static str, &'static str, fn(&Budgets) -> f64, &'static [Setting]);

const AIR: &[Setting] = &[Setting::Plane, Setting::Sphere];
const PLANE: &[Setting] = &[Setting::Plane];
const SPHERE: &[Setting] = &[Setting::Sphere];
const GLOBE: &[Setting] = &[Setting::Sphere, Setting::ShallowWater];
const LAYER: &[Setting] = &[Setting::ShallowWater];

/// All columns but those of the tracers.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    ("mass", "kg", "mass of the air", |b| b.mass.value(), AIR),
    ("mass_deviation", "kg", "mass of the air minus that of the reference state", |b| b.mass.deviation, AIR),
    ("volume", "m3", "volume of the layer", |b| b.mass.value(), LAYER),
    ("heat", "kg K", "density times potential temperature, summed", |b| b.heat.value(), AIR),
    ("heat_deviation", "kg K", "density times potential temperature minus its reference, summed", |b| b.heat.deviation, AIR),
    ("internal_energy", "J", "internal energy", |b| b.internal_energy.value(), AIR),
    ("internal_energy_deviation", "J", "internal energy minus that of the reference state", |b| b.internal_energy.deviation, AIR),
    ("potential_energy", "J", "potential energy", |b| b.potential_energy.value(), AIR),
    ("potential_energy_deviation", "J", "potential energy minus that of the reference state", |b| b.potential_energy.deviation, AIR),
    ("kinetic_energy", "J", "kinetic energy", |b| b.kinetic_energy, AIR),
    ("kinetic_energy", "m5 s-2", "kinetic energy divided by the density of the water", |b| b.kinetic_energy, LAYER),
    ("total_energy_deviation", "J", "total energy minus that of the reference state at rest", |b| b.total_energy().deviation, AIR),
    ("momentum_x", "kg m s-1", "momentum along x", |b| b.momentum_x, PLANE),
    ("momentum_y", "kg m s-1", "momentum along y", |b| b.momentum_y, PLANE),
    ("angular_momentum", "kg m2 s-1", "angular momentum about the planet's axis, relative to the rotating planet", |b| b.angular_momentum, SPHERE),
    ("u_min", "m s-1", "smallest velocity along x", |b| b.u.least, PLANE),
    ("u_max", "m s-1", "largest velocity along x", |b| b.u.most, PLANE),
    ("v_min", "m s-1", "smallest velocity along y", |b| b.v.least, PLANE),
    ("v_max", "m s-1", "largest velocity along y", |b| b.v.most, PLANE),
    ("u_min", "m s-1", "smallest eastward velocity", |b| b.u.least, GLOBE),
    ("u_max", "m s-1", "largest eastward velocity", |b| b.u.most, GLOBE),
    ("v_min", "m s-1", "smallest northward velocity", |b| b.v.least, GLOBE),
    ("v_max", "m s-1", "largest northward velocity", |b| b.v.most, GLOBE),
    ("w_min", "m s-1", "smallest upward velocity", |b| b.w.least, AIR),
    ("w_max", "m s-1", "largest upward velocity", |b| b.w.most, AIR),
    ("theta_perturbation_min", "K", "smallest potential temperature minus reference", |b| b.theta_perturbation.least, AIR),
    ("theta_perturbation_max", "K", "largest potential temperature minus reference", |b| b.theta_perturbation.most, AIR),
];

/// A column of water in kg: name, long name and value.
type WaterColumn = (&'static str, &'static str, fn(&Budgets) -> f64);

const WATER_COLUMNS: &[WaterColumn] = &[
    ("dry_air_mass", "mass of the dry air", Budgets::dry_mass),
    ("water_mass", "mass of the water in the air and on the ground", Budgets::water),
    ("fallen_rain", "mass of the rain that has reached the ground", |b| b.fallen_rain),
];

/// The columns of a setting.
fn table(setting: Setting) -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(move |(.., settings)| settings.contains(&setting))
}
