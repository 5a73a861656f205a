//! Everything about the turbulence that depends on height alone.

use super::ENERGY;
use super::surface::{Surface, VON_KARMAN};
use crate::config::{self, Closure};
use crate::dynamics::Reference;
use crate::dynamics::euler::Levels;
use crate::math;
use crate::mesh::{Plane, VerticalGrid};
use crate::real::Real;

/// Profiles and constants of the closure, in the precision of the state.
#[derive(Clone, Debug)]
pub struct Scales<T> {
    pub levels: Levels<T>,
    pub closure: Closure,
    /// c_k of the closure with energy.
    pub viscosity_constant: T,
    /// 1/Pr of the closure without.
    pub inverse_prandtl: T,
    /// l^2 of the closure without energy in m2, and D in m, at cell centres.
    pub length_squared: Vec<T>,
    pub grid_length: Vec<T>,
    /// 1/dx^2 + 1/dy^2 + 1/dz^2 in 1/m2, of the directions that there are.
    pub rate: Vec<T>,
    /// dtheta0/dz in K/m and g/theta0 in m/(s2 K) at the `nz + 1` interfaces; 0 at the ground and the lid.
    pub theta_gradient: Vec<T>,
    pub buoyancy: Vec<T>,
    /// Place of e among the tracers.
    pub energy: Option<usize>,
    pub surface: Surface,
    /// 1/(0.4 z)^2 at the lowest centres, in 1/m2.
    pub wall: T,
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
        let surface = Surface::new(&turbulence.surface, vertical.centres[0], reference);
        let lengths: Vec<f64> = vertical.thickness.iter().map(|&dz| grid_length(plane, dz)).collect();
        let mixing_length = |(&length, &z): (&f64, &f64)| {
            let free = turbulence.smagorinsky_constant * length;
            let inverse = 1.0 / (free * free) + if surface.has_drag() { at_wall(z) } else { 0.0 };
            T::of(1.0 / inverse)
        };
        let square = |n: usize, d: f64| if n > 1 { 1.0 / (d * d) } else { 0.0 };
        let horizontal = square(plane.nx, plane.dx) + square(plane.ny, plane.dy);
        let inner = |value: &dyn Fn(usize) -> f64| -> Vec<T> {
            let nz = vertical.nz();
            (0..=nz).map(|k| T::of(if k == 0 || k == nz { 0.0 } else { value(k) })).collect()
        };
        let theta = &reference.potential_temperature;
        Scales {
            closure: turbulence.closure,
            viscosity_constant: T::of(turbulence.energy_constant),
            inverse_prandtl: T::of(1.0 / turbulence.prandtl),
            length_squared: lengths.iter().zip(&vertical.centres).map(mixing_length).collect(),
            grid_length: lengths.iter().map(|&length| T::of(length)).collect(),
            rate: vertical.thickness.iter().map(|dz| T::of(horizontal + 1.0 / (dz * dz))).collect(),
            theta_gradient: inner(&|k| (theta[k] - theta[k - 1]) / vertical.spacing[k]),
            buoyancy: inner(&|k| reference.constants.gravity / reference.interface_theta[k]),
            energy: tracers.iter().position(|name| name == ENERGY),
            wall: T::of(at_wall(vertical.centres[0])),
            surface,
            levels,
        }
    }
}

/// D in m: the size of a cell over the directions that there are.
fn grid_length(plane: &Plane, dz: f64) -> f64 {
    match (plane.nx > 1, plane.ny > 1) {
        (true, true) => math::cbrt(plane.dx * plane.dy * dz),
        (true, false) => math::sqrt(plane.dx * dz),
        (false, true) => math::sqrt(plane.dy * dz),
        (false, false) => dz,
    }
}

/// 1/(0.4 z)^2.
fn at_wall(z: f64) -> f64 {
    1.0 / (VON_KARMAN * VON_KARMAN * z * z)
}
