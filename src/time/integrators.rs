//! Stage tables of the implicit-explicit time integrators.
//!
//! Every stage starts from Y^n (low storage):
//! Y_i = Y^n + alpha_i dt { f_E(Y_{i-1}) + c0 f_I(Y^n) + c1 f_I(Y_{i-1}) + c2 f_I(Y_i) }
//! with (c0, c1, c2) = (1/2, 0, 1/2) in all stages but the last, which has (0.3, 0.4, 0.3):
//! second order, and damping for sound waves that are short in the vertical. f_E holds the horizontal
//! and advective parts, f_I vertical sound and buoyancy.

use crate::config::IntegratorChoice;

/// One stage: how far it reaches and how its implicit part is weighted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// Length of the stage as a fraction of the step.
    pub alpha: f64,
    /// Weights of f_I at Y^n, at the previous stage and at the new one.
    pub implicit: [f64; 3],
}

/// The stages of a step and the largest step they allow.
#[derive(Clone, Debug)]
pub struct StageTable {
    pub stages: Vec<Stage>,
    /// Largest stable acoustic Courant number a dt/dx with two horizontal directions, at rest (von
    /// Neumann analysis).
    pub acoustic_limit: f64,
    /// How much of it every unit of horizontal advective Courant number takes away.
    pub wind_weight: f64,
    /// Largest stable sum of the advective Courant numbers of all directions.
    pub advective_limit: f64,
}

const TRAPEZOID: [f64; 3] = [0.5, 0.0, 0.5];
const CLOSING: [f64; 3] = [0.3, 0.4, 0.3];

impl StageTable {
    /// The table of the configured integrator.
    pub fn new(choice: IntegratorChoice) -> Self {
        let (alphas, acoustic_limit, wind_weight, advective_limit): (&[f64], f64, f64, f64) = match choice {
            // Stable C = a dt/dx: 0.90 at rest, 0.85 at U = V = 30 m/s, 0.75 at 60 m/s.
            IntegratorChoice::Ws3g => (&[1.0 / 3.0, 0.5, 1.0], 0.90, 0.6, 1.2),
            // 1.75, 1.60 and 1.40.
            IntegratorChoice::O5g => (&[0.13127, 0.19811, 0.31440, 0.5, 1.0], 1.75, 0.72, 1.8),
        };
        let last = alphas.len() - 1;
        let stages = alphas
            .iter()
            .enumerate()
            .map(|(i, &alpha)| Stage { alpha, implicit: if i == last { CLOSING } else { TRAPEZOID } })
            .collect();
        StageTable { stages, acoustic_limit, wind_weight, advective_limit }
    }
}
