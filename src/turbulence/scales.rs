//! Everything about the turbulence that depends on height alone.

use super::ENERGY;
use super::clouds::{Clouds, exner_between};
use super::surface::{Surface, VON_KARMAN};
use crate::config::{self, Closure, SurfaceMomentum};
use crate::dynamics::Reference;
use crate::dynamics::euler::Levels;
use crate::math;
use crate::mesh::{Plane, VerticalGrid};
use crate::real::Real;
use crate::state::water;

/// Profiles and constants of the closure, in the precision of the state.
#[derive(Clone, Debug)]
pub struct Scales<T> {
    pub levels: Levels<T>,
    pub closure: Closure,
    /// Whether these are the viscosity and diffusivity of the dynamics: the flux of a velocity is its gradient, not its
    /// strain, and that of theta the gradient of the deviation alone.
    pub is_plain: bool,
    /// K and K_h of the constant closure in m2/s.
    pub viscosity: T,
    pub diffusivity: T,
    /// c_k of the closure with energy.
    pub viscosity_constant: T,
    /// Of eddies that are wider along the ground than high.
    pub along: Option<Along<T>>,
    /// 1/Pr of the closure without.
    pub inverse_prandtl: T,
    /// l^2 of the closure without energy in m2, and D in m, at cell centres.
    pub length_squared: Vec<T>,
    pub grid_length: Vec<T>,
    /// 1/dx^2 + 1/dy^2 + 1/dz^2 in 1/m2, of the directions that there are; of separate eddies only the last.
    pub rate: Vec<T>,
    /// dtheta0/dz in K/m and g/theta0 in m/(s2 K) at the `nz + 1` interfaces; 0 at the ground and the lid.
    pub theta_gradient: Vec<T>,
    pub buoyancy: Vec<T>,
    /// theta0 in K and the Exner function there.
    pub interface_theta: Vec<T>,
    pub exner: Vec<T>,
    /// What N^2 is in clouds, and how many waters there are; where there are none, `None`.
    pub clouds: Option<(Clouds<T>, usize)>,
    /// Place of e among the tracers.
    pub energy: Option<usize>,
    pub surface: Surface,
    /// 1/(0.4 z)^2 at the lowest centres, in 1/m2.
    pub wall: T,
}

/// Eddies along the ground, where they have a size of their own: c_k (dx dy)^(1/2) in m, and 1/dx^2 + 1/dy^2 in 1/m2.
#[derive(Clone, Copy, Debug)]
pub struct Along<T> {
    pub mixing_length: T,
    pub rate: T,
}

impl<T: Real> Scales<T> {
    pub fn new(
        turbulence: &config::Turbulence,
        tracers: &[String],
        plane: &Plane,
        vertical: &VerticalGrid,
        reference: &Reference,
        levels: Levels<T>,
    ) -> Self {
        let surface = Surface::new(turbulence, vertical.centres[0], reference);
        let is_separate = turbulence.closure == Closure::Energy && turbulence.is_separate;
        let length = |&dz: &f64| if is_separate { dz } else { grid_length(plane, dz) };
        let lengths: Vec<f64> = vertical.thickness.iter().map(length).collect();
        let mixing_length = |(&length, &z): (&f64, &f64)| T::of(mixing_length_squared(turbulence, length, z));
        let along = is_separate.then(|| Along {
            mixing_length: T::of(turbulence.energy_constant * width(plane)),
            rate: T::of(horizontal_rate(plane)),
        });
        let horizontal = if is_separate { 0.0 } else { horizontal_rate(plane) };
        let inner = |value: &dyn Fn(usize) -> f64| -> Vec<T> {
            let nz = vertical.nz();
            (0..=nz).map(|k| T::of(if k == 0 || k == nz { 0.0 } else { value(k) })).collect()
        };
        let theta = &reference.potential_temperature;
        let waters = water::count(tracers);
        Scales {
            closure: turbulence.closure,
            is_plain: false,
            viscosity: T::of(turbulence.viscosity),
            diffusivity: T::of(turbulence.viscosity / turbulence.prandtl),
            viscosity_constant: T::of(turbulence.energy_constant),
            along,
            inverse_prandtl: T::of(1.0 / turbulence.prandtl),
            length_squared: lengths.iter().zip(&vertical.centres).map(mixing_length).collect(),
            grid_length: lengths.iter().map(|&length| T::of(length)).collect(),
            rate: vertical.thickness.iter().map(|dz| T::of(horizontal + 1.0 / (dz * dz))).collect(),
            theta_gradient: inner(&|k| (theta[k] - theta[k - 1]) / vertical.spacing[k]),
            buoyancy: inner(&|k| reference.constants.gravity / reference.interface_theta[k]),
            interface_theta: inner(&|k| reference.interface_theta[k]),
            exner: inner(&|k| {
                exner_between(&reference.constants, [reference.pressure[k], reference.pressure[k - 1]])
            }),
            clouds: (turbulence.sees_clouds && waters > 0)
                .then(|| (Clouds::new(&reference.constants), waters)),
            energy: tracers.iter().position(|name| name == ENERGY),
            wall: T::of(at_wall(vertical.centres[0])),
            surface,
            levels,
        }
    }

    /// The constant viscosity and diffusivity of the dynamics, in m2/s, in place of what eddies do.
    pub fn plain(self, viscosity: f64, diffusivity: f64) -> Self {
        let (viscosity, diffusivity) = (T::of(viscosity), T::of(diffusivity));
        Scales {
            closure: Closure::Constant,
            along: None,
            is_plain: true,
            viscosity,
            diffusivity,
            energy: None,
            ..self
        }
    }
}

/// l^2 in m2 of the closure without energy in cells of the size `length` m, `z` m from the ground.
pub fn mixing_length_squared(turbulence: &config::Turbulence, length: f64, z: f64) -> f64 {
    let has_drag = turbulence.surface.momentum != SurfaceMomentum::FreeSlip;
    let free = turbulence.smagorinsky_constant * length;
    let inverse = 1.0 / (free * free) + if has_drag { at_wall(z) } else { 0.0 };
    1.0 / inverse
}

/// 1/dx^2 + 1/dy^2 in 1/m2, of the directions that there are.
pub fn horizontal_rate(plane: &Plane) -> f64 {
    let square = |n: usize, d: f64| if n > 1 { 1.0 / (d * d) } else { 0.0 };
    square(plane.nx, plane.dx) + square(plane.ny, plane.dy)
}

/// D in m: the size of a cell over the directions that there are.
pub fn grid_length(plane: &Plane, dz: f64) -> f64 {
    match (plane.nx > 1, plane.ny > 1) {
        (true, true) => math::cbrt(plane.dx * plane.dy * dz),
        (true, false) => math::sqrt(plane.dx * dz),
        (false, true) => math::sqrt(plane.dy * dz),
        (false, false) => dz,
    }
}

/// The size of a cell along the ground in m, over the directions that there are.
fn width(plane: &Plane) -> f64 {
    match (plane.nx > 1, plane.ny > 1) {
        (true, true) => math::sqrt(plane.dx * plane.dy),
        (false, true) => plane.dy,
        _ => plane.dx,
    }
}

/// 1/(0.4 z)^2.
pub fn at_wall(z: f64) -> f64 {
    1.0 / (VON_KARMAN * VON_KARMAN * z * z)
}
