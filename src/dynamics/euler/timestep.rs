//! The largest stable time step, from the sound speed, the wind and the viscosity.

use super::Census;
use crate::config::Dynamics;
use crate::dynamics::Reference;
use crate::dynamics::sphere::metric::rate_at_corners;
use crate::mesh::{CubedSphere, Mesh, Plane, VerticalGrid};
use crate::time::StageTable;

/// Courant numbers of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Courant {
    /// Horizontal acoustic: a dt sqrt((1/dx^2 + 1/dy^2) / 2), so that a cube of two directions counts as one.
    pub acoustic: f64,
    /// Sum of the advective Courant numbers of all directions.
    pub advective: f64,
}

/// The rates (1/s) that limit the step, from the grid and the reference state.
#[derive(Clone, Debug)]
pub struct StepLimits {
    inverse_dx: f64,
    inverse_dy: f64,
    acoustic: f64,
    viscous: f64,
    acoustic_limit: f64,
    wind_weight: f64,
    advective_limit: f64,
}

/// Largest K dt (1/dx^2 + 1/dy^2 + 1/dz^2): inside the stability regions of all stage tables, and that of a step
/// forward.
const VISCOUS_LIMIT: f64 = 0.5;

impl StepLimits {
    /// The limits on the plane.
    pub fn of_plane(
        plane: &Plane,
        vertical: &VerticalGrid,
        reference: &Reference,
        dynamics: &Dynamics,
        table: &StageTable,
    ) -> Self {
        let along = |n: usize, d: f64| if n > 1 { 1.0 / d } else { 0.0 };
        let inverse_dx = along(plane.nx, plane.dx);
        let inverse_dy = along(plane.ny, plane.dy);
        let thinnest = vertical.thickness.iter().fold(f64::INFINITY, |m, &dz| m.min(dz));
        let fastest = reference.sound_speed.iter().fold(0.0, |m: f64, &a| m.max(a));
        let horizontal = inverse_dx * inverse_dx + inverse_dy * inverse_dy;
        StepLimits {
            inverse_dx,
            inverse_dy,
            acoustic: fastest * (0.5 * horizontal).sqrt(),
            viscous: dynamics.viscosity.max(dynamics.diffusivity)
                * (horizontal + 1.0 / (thinnest * thinnest)),
            acoustic_limit: table.acoustic_limit,
            wind_weight: table.wind_weight,
            advective_limit: table.advective_limit,
        }
    }

    /// The same over the terrain of `mesh`: levels that rise shorten the way between cells (measured at a slope of 0.75:
    /// steps 8 % shorter than over flat ground), and some cells are thinner than over flat ground.
    pub fn over_slopes(self, mesh: &Mesh) -> Self {
        let steepest = mesh.steepest();
        let square = steepest * steepest;
        let thinning = if self.viscous > 0.0 { mesh.thinning() } else { 1.0 };
        StepLimits {
            acoustic: self.acoustic * (1.0 + 0.2 * square),
            viscous: self.viscous * (1.0 + square) / (thinning * thinning),
            ..self
        }
    }

    /// The limits on the sphere. The census gives the largest speed as `u`; the shape of the cells is that around the
    /// corners of a panel, the worst place. Viscosity acts along the levels.
    pub fn of_sphere(
        sphere: &CubedSphere,
        reference: &Reference,
        dynamics: &Dynamics,
        table: &StageTable,
    ) -> Self {
        let rate = rate_at_corners(sphere) / (sphere.radius * sphere.step());
        let fastest = reference.sound_speed.iter().fold(0.0, |m: f64, &a| m.max(a));
        StepLimits {
            inverse_dx: rate,
            inverse_dy: 0.0,
            acoustic: fastest * rate * std::f64::consts::FRAC_1_SQRT_2,
            viscous: dynamics.viscosity.max(dynamics.diffusivity) * sphere.largest_spreading(),
            acoustic_limit: table.acoustic_limit,
            wind_weight: table.wind_weight,
            advective_limit: table.advective_limit,
        }
    }

    /// The limits of shallow water on the sphere, whose waves the census tells: (|V| + c) dt/(a D) up to 0.867
    /// (measured: unstable from about 0.9), and of transport |V| dt/(a D) up to 0.45. There a cell at a corner of a
    /// panel, where the metric is 2.12 times as fast, still holds what flows out of it in a step, so that the positive
    /// limiter leaves smooth tracers alone.
    pub fn of_shallow_water(sphere: &CubedSphere) -> Self {
        StepLimits {
            inverse_dx: 1.0 / (sphere.radius * sphere.step()),
            inverse_dy: 0.0,
            acoustic: 0.0,
            viscous: 0.0,
            acoustic_limit: 0.867,
            wind_weight: 1.0,
            advective_limit: 0.45,
        }
    }

    /// The rate at which the fastest waves cross cells at rest, in 1/s.
    fn waves(&self, census: &Census) -> f64 {
        self.acoustic + census.gravity_wave * self.inverse_dx
    }

    /// The largest stable step in s for a wind as in `census`.
    pub fn stable_step(&self, census: &Census) -> f64 {
        let wind = census.u * self.inverse_dx + census.v * self.inverse_dy;
        let rate = ((self.waves(census) + self.wind_weight * wind) / self.acoustic_limit)
            .max((wind + census.w_rate) / self.advective_limit)
            .max((self.viscous + census.diffusion) / VISCOUS_LIMIT);
        1.0 / rate
    }

    /// The Courant numbers of a step of `dt` s.
    pub fn courant(&self, census: &Census, dt: f64) -> Courant {
        let wind = census.u * self.inverse_dx + census.v * self.inverse_dy;
        Courant { acoustic: self.waves(census) * dt, advective: (wind + census.w_rate) * dt }
    }
}
