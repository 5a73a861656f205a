//! Quantities that several rows of the table measure, each on the first run of its trial.

use super::Evidence;
use crate::cases::measures::observed_order;
use crate::error::Result;

/// Mean distance of the fronts of a density current from its centre in km; NaN if there are none.
pub(super) fn front(runs: &[&Evidence]) -> Result<f64> {
    runs[0].front_km()
}

/// Smallest deviation of potential temperature in K.
pub(super) fn theta_min(runs: &[&Evidence]) -> Result<f64> {
    Ok(runs[0].extremes("theta_perturbation")?.min)
}

/// Largest deviation of potential temperature in K.
pub(super) fn theta_max(runs: &[&Evidence]) -> Result<f64> {
    Ok(runs[0].extremes("theta_perturbation")?.max)
}

/// Largest magnitude of the deviation of potential temperature in K.
pub(super) fn theta_change(runs: &[&Evidence]) -> Result<f64> {
    runs[0].largest_difference_from("theta_perturbation", 0.0)
}

/// Strongest downdraught in m/s.
pub(super) fn w_min(runs: &[&Evidence]) -> Result<f64> {
    Ok(runs[0].extremes("w")?.min)
}

/// Strongest updraught in m/s.
pub(super) fn w_max(runs: &[&Evidence]) -> Result<f64> {
    Ok(runs[0].extremes("w")?.max)
}

/// Largest difference from 1 of the tracer that is 1 everywhere.
pub(super) fn tracer_change(runs: &[&Evidence]) -> Result<f64> {
    runs[0].largest_difference_from("one", 1.0)
}

/// Mean order of convergence from the first run to the last, each with smaller cells than the one before.
pub(super) fn order(runs: &[&Evidence], error: fn(&Evidence) -> Result<f64>) -> Result<f64> {
    let (first, last) = (runs[0], runs[runs.len() - 1]);
    let refinement = first.configuration.grid.dx / last.configuration.grid.dx;
    Ok(observed_order(error(first)?, error(last)?, refinement))
}

/// Equivalent potential temperature of the air around the moist bubble in K.
const THETA_E: f64 = 320.0;

/// Largest deviation of equivalent potential temperature in K.
pub(super) fn theta_e_max(runs: &[&Evidence]) -> Result<f64> {
    Ok(runs[0].extremes("theta_e")?.max - THETA_E)
}

/// Smallest deviation of equivalent potential temperature in K.
pub(super) fn theta_e_min(runs: &[&Evidence]) -> Result<f64> {
    Ok(runs[0].extremes("theta_e")?.min - THETA_E)
}
