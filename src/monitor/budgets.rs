//! What the equations conserve, and the extremes of the flow, over the whole domain.
//!
//! Totals are kept as deviations from the reference state, where a drift of one part in 10^16 of the
//! total can still be seen. [`measure()`] takes them.

pub use super::measure::measure;
use crate::io::SeriesColumn;

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
    /// Mass of the air in kg.
    pub mass: Total,
    /// Density times potential temperature in kg K.
    pub heat: Total,
    /// Internal energy cv T in J.
    pub internal_energy: Total,
    /// Potential energy g z in J.
    pub potential_energy: Total,
    /// Kinetic energy in J.
    pub kinetic_energy: f64,
    /// Momentum along x and y in kg m/s.
    pub momentum_x: f64,
    pub momentum_y: f64,
    /// Mass of every tracer in kg.
    pub tracer_masses: Vec<f64>,
    /// Velocities in m/s.
    pub u: Extremes,
    pub v: Extremes,
    pub w: Extremes,
    /// Potential temperature minus its reference in K.
    pub theta_perturbation: Extremes,
}

impl Budgets {
    /// Total energy: internal, potential and kinetic.
    pub fn total_energy(&self) -> Total {
        Total {
            reference: self.internal_energy.reference + self.potential_energy.reference,
            deviation: self.internal_energy.deviation + self.potential_energy.deviation + self.kinetic_energy,
        }
    }

    /// What [`Budgets::values`] gives, in its order, for a run with these tracers.
    pub fn columns(tracers: &[String]) -> Vec<SeriesColumn> {
        const FIXED: [(&str, &str, &str); 20] = [
            ("mass", "kg", "mass of the air"),
            ("mass_deviation", "kg", "mass of the air minus that of the reference state"),
            ("heat", "kg K", "density times potential temperature, summed"),
            ("heat_deviation", "kg K", "density times potential temperature minus its reference, summed"),
            ("internal_energy", "J", "internal energy"),
            ("internal_energy_deviation", "J", "internal energy minus that of the reference state"),
            ("potential_energy", "J", "potential energy"),
            ("potential_energy_deviation", "J", "potential energy minus that of the reference state"),
            ("kinetic_energy", "J", "kinetic energy"),
            ("total_energy_deviation", "J", "total energy minus that of the reference state at rest"),
            ("momentum_x", "kg m s-1", "momentum along x"),
            ("momentum_y", "kg m s-1", "momentum along y"),
            ("u_min", "m s-1", "smallest velocity along x"),
            ("u_max", "m s-1", "largest velocity along x"),
            ("v_min", "m s-1", "smallest velocity along y"),
            ("v_max", "m s-1", "largest velocity along y"),
            ("w_min", "m s-1", "smallest upward velocity"),
            ("w_max", "m s-1", "largest upward velocity"),
            ("theta_perturbation_min", "K", "smallest potential temperature minus reference"),
            ("theta_perturbation_max", "K", "largest potential temperature minus reference"),
        ];
        let fixed = FIXED.into_iter().map(|(name, unit, long_name)| SeriesColumn {
            name: name.into(),
            unit: unit.into(),
            long_name: long_name.into(),
        });
        let of_tracers = tracers.iter().map(|name| SeriesColumn {
            name: format!("tracer_mass_{name}"),
            unit: "kg".into(),
            long_name: format!("mass of tracer {name}"),
        });
        fixed.chain(of_tracers).collect()
    }

    /// The numbers for the columns of [`Budgets::columns`].
    pub fn values(&self) -> Vec<f64> {
        let mut values = Vec::with_capacity(20 + self.tracer_masses.len());
        for total in [self.mass, self.heat, self.internal_energy, self.potential_energy] {
            values.extend([total.value(), total.deviation]);
        }
        values.extend([self.kinetic_energy, self.total_energy().deviation]);
        values.extend([self.momentum_x, self.momentum_y]);
        for range in [self.u, self.v, self.w, self.theta_perturbation] {
            values.extend([range.least, range.most]);
        }
        values.extend(&self.tracer_masses);
        values
    }
}
