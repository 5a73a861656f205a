//! A finished run and the quantities that are measured on it.

use crate::cases::measures::{
    Extremes, Fronts, Parity, SquaredError, extremes, fronts, largest_difference, mirror_error,
};
use crate::cases::tracers::{Extent, mixing_ratio};
use crate::cases::{self, Point};
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::mesh::{Plane, VerticalGrid};
use crate::monitor::{ChlorineBudgets, LayerBudgets};
use ndarray::{Array3, s};
use std::collections::BTreeMap;

/// What a run leaves behind in memory.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Simulated time in s.
    pub seconds: f64,
    /// Relative change of the total mass since the start.
    pub mass_drift: f64,
    /// The same of all water, in the air and on the ground; 0 in dry air.
    pub water_drift: f64,
    /// What was measured of a layer of shallow water at the start and at the end.
    pub layers: Option<(LayerBudgets, LayerBudgets)>,
    /// What was measured of the chlorine at the end.
    pub chlorine: Option<ChlorineBudgets>,
    /// The configured variables by name, in the order (z, y, x); on the globe y runs through the panels.
    pub fields: BTreeMap<String, Array3<f64>>,
    /// Those of the configured variables that belong to the ground, at every output time after the start.
    pub ground: Vec<GroundRecord>,
}

/// Fields of the ground at one time.
#[derive(Clone, Debug)]
pub struct GroundRecord {
    /// Simulated time in s.
    pub seconds: f64,
    pub fields: BTreeMap<String, Array3<f64>>,
}

/// A finished run with its configuration.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub configuration: Configuration,
    pub ending: Ending,
}

impl Evidence {
    /// The field of a variable at the end.
    ///
    /// # Errors
    /// If the run did not keep it.
    pub fn field(&self, name: &str) -> Result<&Array3<f64>> {
        let missing = || Error::Internal(format!("the run kept no variable `{name}`"));
        self.ending.fields.get(name).ok_or_else(missing)
    }

    /// Smallest and largest value of a variable.
    ///
    /// # Errors
    /// As [`Evidence::field`], likewise below.
    pub fn extremes(&self, name: &str) -> Result<Extremes> {
        Ok(extremes(self.field(name)?.view()))
    }

    /// Largest difference of a variable from `value`.
    pub fn largest_difference_from(&self, name: &str, value: f64) -> Result<f64> {
        Ok(largest_difference(self.field(name)?.iter().map(|found| found - value)))
    }

    /// Largest difference of a scalar from its mirror image in x.
    pub fn mirror_error(&self, name: &str) -> Result<f64> {
        Ok(mirror_error(self.field(name)?.view(), Parity::Even))
    }

    /// Largest difference of a scalar from its mirror image in y.
    pub fn asymmetry_across(&self, name: &str) -> Result<f64> {
        let field = self.field(name)?;
        let rows = field.shape()[1];
        Ok(largest_difference(
            field.indexed_iter().map(|((k, j, i), value)| value - field[[k, rows - 1 - j, i]]),
        ))
    }

    /// How far the wind of the case has carried the air along x and y, in m.
    fn carried(&self) -> (f64, f64) {
        let wind = |name: &str| self.configuration.case.parameters.get(name).copied().unwrap_or(0.0);
        let seconds = self.ending.seconds;
        (wind("wind_m_per_s") * seconds, wind("wind_y_m_per_s") * seconds)
    }

    /// The fronts of a density current, where theta' = -1 K at the lowest level: distances in m from the
    /// centre, which moves with the wind. `None` if there are none.
    pub fn fronts(&self) -> Result<Option<Fronts>> {
        let grid = &self.configuration.grid;
        let lowest = self.field("theta_perturbation")?.slice(s![0, 0, ..]);
        let centre = 0.5 * grid.nx as f64 * grid.dx + self.carried().0;
        Ok(fronts(lowest, grid.dx, centre, -1.0))
    }

    /// Mean distance of the fronts in km; NaN if there are none.
    pub fn front_km(&self) -> Result<f64> {
        Ok(self.fronts()?.map_or(f64::NAN, |fronts| fronts.mean() / 1000.0))
    }

    /// Relative l2 error of the temperature deviation against the case's exact solution.
    pub fn temperature_error(&self) -> Result<f64> {
        self.error_against_exact("temperature_perturbation", |exact| exact.temperature)
    }

    /// Relative l2 error of the vertical velocity against the case's exact solution.
    pub fn w_error(&self) -> Result<f64> {
        self.error_against_exact("w", |exact| exact.w)
    }

    fn error_against_exact(&self, name: &str, choose: fn(cases::ExactColumn) -> Vec<f64>) -> Result<f64> {
        let case = cases::build(&self.configuration)?;
        let plane = Plane::new(&self.configuration.grid, &self.configuration.boundary);
        let vertical = VerticalGrid::new(&self.configuration.grid.interfaces);
        let field = self.field(name)?;
        let mut error = SquaredError::default();
        for j in 0..plane.ny {
            for i in 0..plane.nx {
                let exact = case
                    .exact(
                        plane.x(i),
                        plane.y(j),
                        &vertical.centres,
                        &vertical.interfaces,
                        self.ending.seconds,
                    )
                    .ok_or_else(|| {
                        let case = &self.configuration.case.name;
                        Error::Internal(format!("case `{case}` has no exact solution"))
                    })?;
                for (computed, exact) in field.slice(s![.., j, i]).iter().zip(choose(exact)) {
                    error.add(*computed, exact);
                }
            }
        }
        Ok(error.relative())
    }

    /// Relative l2 error of a tracer that the wind has carried without changing its shape.
    pub fn tracer_error(&self, name: &str) -> Result<f64> {
        let plane = Plane::new(&self.configuration.grid, &self.configuration.boundary);
        let vertical = VerticalGrid::new(&self.configuration.grid.interfaces);
        let extent = Extent::new(&self.configuration.grid);
        let (x, y) = self.carried();
        let mut error = SquaredError::default();
        for ((k, j, i), computed) in self.field(name)?.indexed_iter() {
            let at = Point { x: plane.x(i), y: plane.y(j), z: vertical.centres[k] };
            error.add(*computed, mixing_ratio(name, extent.upstream(at, x, y), &extent));
        }
        Ok(error.relative())
    }
}
