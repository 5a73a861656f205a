//! Everything that depends on height alone, in the precision of the state.

use crate::config::Dynamics;
use crate::dynamics::Reference;
use crate::dynamics::sphere::stencils::Upwinding;
use crate::mesh::Mesh;
use crate::real::Real;

/// Degree of the pressure polynomial.
const DEGREE: usize = 7;

/// Profiles and metric factors of the levels, and the constants of the equations.
#[derive(Clone, Debug)]
pub struct Levels<T> {
    pub nz: usize,
    /// rho0, theta0, 1 / (rho0 theta0) and p0 at cell centres.
    pub density: Vec<T>,
    pub theta: Vec<T>,
    pub inverse_heat: Vec<T>,
    pub pressure: Vec<T>,
    /// gamma p0 / (rho0 theta0): dp/dT at T = 0.
    pub stiffness: Vec<T>,
    /// 1/a0 and phi a0, with a0 the sound speed.
    pub inverse_sound: Vec<T>,
    pub damped_sound: Vec<T>,
    /// Reference (geostrophic) wind.
    pub u: Vec<T>,
    pub v: Vec<T>,
    /// theta0 at the `nz + 1` interfaces.
    pub theta_interface: Vec<T>,
    /// 1 / thickness of the cells.
    pub inverse_dz: Vec<T>,
    /// 1 / distance of the centres around an interface, `nz + 1` values.
    pub inverse_spacing: Vec<T>,
    /// Mass weights of the cells above and below an interface, `nz + 1` values.
    pub weight_above: Vec<T>,
    pub weight_below: Vec<T>,
    pub inverse_dx: T,
    pub inverse_dy: T,
    /// Of the horizontal advection on the sphere.
    pub upwinding: Upwinding<T>,
    pub gravity: T,
    pub coriolis: T,
    pub viscosity: T,
    pub diffusivity: T,
    /// gamma - 1.
    pub gamma_minus_one: T,
    /// Binomial coefficients gamma (gamma - 1) ... / n! of the pressure polynomial, from degree 1.
    pub pressure_polynomial: [T; DEGREE],
}

impl<T: Real> Levels<T> {
    pub fn new(mesh: &Mesh, reference: &Reference, dynamics: &Dynamics) -> Self {
        let vertical = &mesh.vertical;
        let rounded = |values: &[f64]| values.iter().map(|&value| T::of(value)).collect::<Vec<T>>();
        let inverse = |values: &[f64]| values.iter().map(|&value| T::of(1.0 / value)).collect::<Vec<T>>();
        let gamma = reference.constants.gamma();
        let pressure_polynomial = power_coefficients(gamma).map(T::of);
        let stiffness =
            reference.pressure.iter().zip(&reference.heat).map(|(p, heat)| T::of(gamma * p / heat)).collect();
        let damped_sound = reference.sound_speed.iter().map(|a| T::of(dynamics.sound_damping * a)).collect();
        Levels {
            nz: vertical.nz(),
            density: rounded(&reference.density),
            theta: rounded(&reference.potential_temperature),
            inverse_heat: inverse(&reference.heat),
            pressure: rounded(&reference.pressure),
            stiffness,
            inverse_sound: inverse(&reference.sound_speed),
            damped_sound,
            u: rounded(&reference.u),
            v: rounded(&reference.v),
            theta_interface: rounded(&reference.interface_theta),
            inverse_dz: inverse(&vertical.thickness),
            inverse_spacing: inverse(&vertical.spacing),
            weight_above: rounded(&vertical.weight_above),
            weight_below: rounded(&vertical.weight_below),
            upwinding: Upwinding::new(dynamics.upwinding),
            inverse_dx: T::of(mesh.plane().map_or(0.0, |plane| 1.0 / plane.dx)),
            inverse_dy: T::of(mesh.plane().map_or(0.0, |plane| 1.0 / plane.dy)),
            gravity: T::of(reference.constants.gravity),
            coriolis: T::of(dynamics.coriolis),
            viscosity: T::of(dynamics.viscosity),
            diffusivity: T::of(dynamics.diffusivity),
            gamma_minus_one: T::of(gamma - 1.0),
            pressure_polynomial,
        }
    }
}

/// The binomial coefficients gamma (gamma - 1) ... / n! that [`power_deviation`] takes, from degree 1.
pub fn power_coefficients(gamma: f64) -> [f64; DEGREE] {
    let mut coefficient = 1.0;
    std::array::from_fn(|n| {
        coefficient *= (gamma - n as f64) / (n as f64 + 1.0);
        coefficient
    })
}

/// (1 + x)^gamma - 1 as a polynomial of degree 7: exactly 0 at x = 0, relative error below 1e-6 for
/// |x| < 0.15 and below 1e-12 for |x| < 0.02; no library function, so the same bits everywhere.
#[inline(always)]
pub fn power_deviation<T: Real>(x: T, c: &[T; DEGREE]) -> T {
    x * (c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * (c[5] + x * c[6]))))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomial_follows_the_power() {
        let gamma = 1.4;
        let c = power_coefficients(gamma);
        for (x, tolerance) in [(0.0, 0.0), (0.02, 1e-12), (-0.02, 1e-12), (0.15, 1e-6), (-0.15, 1e-6)] {
            let exact = libm::expm1(gamma * libm::log1p(x));
            assert!((power_deviation(x, &c) - exact).abs() <= tolerance * exact.abs(), "x = {x}");
        }
    }
}
