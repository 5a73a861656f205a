//! What the ground gives to the lowest air: stress, heat and vapour.
//!
//! With |u| the wind in the lowest cells, at their centres z above the ground:
//!
//! ```text
//! stress   rho C |u| u    C |u| = K/z (no_slip); C given; (0.4/ln(z/z0))^2 (log_law); from u* = 0.4 |u|/(ln(z/z0) - psi(z/L) + psi(z0/L)),
//!                         L = -u*^3 theta/(0.4 g <w'theta'>) (monin_obukhov); or u* given
//! heat     rho <w'theta'> given, or C_h |u| (theta_s - theta), or K_h (theta_s - theta)/z with theta_s - theta0 given
//! vapour   rho <w'q'> given; it takes the place of dry air
//! ```
//!
//! Over terrain z is the distance along the normal of the ground, |u| includes the vertical wind along the ground, and
//! fluxes are per area of the ground. The ground is then as warm as the air at its height, but for theta_s - theta0.
//!
//! In moist air the heat variable is that of the density potential temperature (see [`crate::thermodynamics`]), to
//! which both fluxes add.
//!
//! psi after Paulson 1970, with the constants of Dyer 1974 (16 and 5).

use super::eddies::Eddies;
use super::fluxes::VerticalFluxes;
use super::row::Air;
use crate::config::{self, SurfaceHeat, SurfaceMomentum};
use crate::dynamics::Reference;
use crate::math;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::water::VAPOUR;
use crate::thermodynamics::VAPOUR_GAS_CONSTANT;

/// The von Karman constant.
pub const VON_KARMAN: f64 = 0.4;

/// Least wind in m/s that the ground feels: eddies blow where the mean wind does not.
const LEAST_WIND: f64 = 0.1;

/// Turns of the iteration for u*: its error falls by a factor of 3 or more in each.
const TURNS: usize = 12;

/// Bounds of z/L, beyond which the profiles are not known.
const STABILITY: [f64; 2] = [-10.0, 1.0];

/// What the ground under a column is like.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Distance of the lowest centre from it in m.
    pub height: f64,
    /// theta0 there in K, and theta_rho/theta of the reference state.
    pub theta: f64,
    pub gas_factor: f64,
    /// Growth of theta0 from it to the centre along its normal in K.
    pub rise: f64,
    /// Its slopes along x and y.
    pub slope: [f64; 2],
}

impl Spot {
    /// |u| in m/s of air that flows along the ground.
    fn wind(&self, [u, v]: [f64; 2]) -> f64 {
        let w = self.slope[0] * u + self.slope[1] * v;
        (u * u + v * v + w * w).sqrt().max(LEAST_WIND)
    }
}

/// The ground under the plane.
#[derive(Clone, Debug)]
pub struct Surface {
    momentum: SurfaceMomentum,
    heat: SurfaceHeat,
    /// Kinematic flux of vapour in m/s; Rv/Rd - 1.
    vapour_flux: f64,
    lightness: f64,
    gravity: f64,
    /// Viscosity and diffusivity of the constant closure in m2/s.
    constants: [f64; 2],
    /// All ground that is flat.
    pub flat: Spot,
}

impl Surface {
    /// `height` is that of the lowest centres over flat ground in m.
    pub fn new(turbulence: &config::Turbulence, height: f64, reference: &Reference) -> Self {
        let surface = &turbulence.surface;
        Surface {
            momentum: surface.momentum,
            heat: surface.heat,
            vapour_flux: surface.vapour_flux,
            lightness: VAPOUR_GAS_CONSTANT / reference.constants.gas_constant - 1.0,
            gravity: reference.constants.gravity,
            constants: [turbulence.viscosity, turbulence.viscosity / turbulence.prandtl],
            flat: Spot {
                height,
                theta: reference.potential_temperature[0],
                gas_factor: reference.gas_factor[0],
                rise: reference.potential_temperature[0] - reference.interface_theta[0],
                slope: [0.0; 2],
            },
        }
    }

    /// Whether the ground brakes the wind.
    pub fn has_drag(&self) -> bool {
        self.momentum != SurfaceMomentum::FreeSlip
    }

    /// Whether the air touches the ground.
    pub fn holds_air(&self) -> bool {
        self.momentum == SurfaceMomentum::NoSlip
    }

    /// C |u| in m/s under a row of columns with the given wind and theta' in the lowest cells.
    pub fn drag<T: Real>(&self, spot: impl Fn(usize) -> Spot, [u, v]: [&[T]; 2], theta: &[T], out: &mut [T]) {
        for (i, out) in out.iter_mut().enumerate() {
            let spot = spot(i);
            let wind = spot.wind([u, v].map(|wind| wind[i].to_f64()));
            *out = T::of(match self.momentum {
                SurfaceMomentum::FreeSlip => 0.0,
                SurfaceMomentum::NoSlip => self.constants[0] / spot.height,
                SurfaceMomentum::Drag(coefficient) => coefficient * wind,
                SurfaceMomentum::LogLaw { roughness } => {
                    let root = VON_KARMAN / math::log(spot.height / roughness);
                    root * root * wind
                }
                SurfaceMomentum::MoninObukhov { roughness } => {
                    let flux = self.heat_flux(spot, wind, theta[i].to_f64());
                    let velocity = self.friction_velocity(spot, wind, flux, roughness);
                    velocity * velocity / wind
                }
                SurfaceMomentum::FrictionVelocity(velocity) => velocity * velocity / wind,
            });
        }
    }

    /// <w'theta'> in K m/s at a wind in m/s and theta' in K.
    fn heat_flux(&self, spot: Spot, wind: f64, theta: f64) -> f64 {
        match self.heat {
            SurfaceHeat::None => 0.0,
            SurfaceHeat::Flux(flux) => flux,
            SurfaceHeat::Deviation(ground) => {
                self.constants[1] / spot.height * (ground - (spot.rise + theta)) / spot.gas_factor
            }
            SurfaceHeat::Bulk { coefficient, theta: ground } => {
                coefficient * wind * (ground - (spot.theta + theta) / spot.gas_factor)
            }
        }
    }

    /// u* in m/s of Monin and Obukhov's profiles.
    fn friction_velocity(&self, spot: Spot, wind: f64, flux: f64, roughness: f64) -> f64 {
        let neutral = math::log(spot.height / roughness);
        let mut velocity = VON_KARMAN * wind / neutral;
        for _ in 0..TURNS {
            let inverse = -VON_KARMAN * self.gravity * flux / (spot.theta * velocity * velocity * velocity);
            let bounded = (spot.height * inverse).clamp(STABILITY[0], STABILITY[1]);
            let correction =
                stability_function(bounded) - stability_function(bounded * roughness / spot.height);
            // The mean of two turns: the iteration does not swing.
            velocity = 0.5 * (velocity + VON_KARMAN * wind / (neutral - correction).max(0.1 * neutral));
        }
        velocity
    }

    /// Sets the fluxes through the ground under the row `air`, per area of the ground.
    pub fn fluxes<T: Real>(
        &self,
        spot: impl Fn(usize) -> Spot,
        air: &Air<T>,
        eddies: &Eddies<T>,
        out: &mut VerticalFluxes<T>,
    ) {
        let n = air.columns;
        let [density, u, v, theta] =
            [&air.density, &air.u, &air.v, &air.theta].map(|slab| &slab.row(0)[HALO..][..n]);
        if self.has_drag() {
            let drag = &eddies.drag.row(0)[HALO..][..n];
            brake([density, drag, u], &mut out.u.row_mut(0)[..n]);
            brake([density, drag, v], &mut out.v.row_mut(0)[..n]);
        }
        for i in 0..n {
            let spot = spot(i);
            let wind = spot.wind([u, v].map(|wind| wind[i].to_f64()));
            let of_vapour = spot.theta / spot.gas_factor * (self.lightness * self.vapour_flux);
            let flux = spot.gas_factor * self.heat_flux(spot, wind, theta[i].to_f64()) + of_vapour;
            out.theta.row_mut(0)[i] = T::ZERO - density[i] * T::of(flux);
        }
        if self.vapour_flux != 0.0 {
            let flux = T::of(self.vapour_flux);
            for (out, density) in out.tracers[VAPOUR].row_mut(0)[..n].iter_mut().zip(density) {
                *out = T::ZERO - *density * flux;
            }
        }
    }
}

/// rho C |u| u.
#[inline(never)]
fn brake<T: Real>([density, drag, wind]: [&[T]; 3], stress: &mut [T]) {
    let n = stress.len();
    let (density, drag, wind) = (&density[..n], &drag[..n], &wind[..n]);
    for i in 0..n {
        stress[i] = density[i] * drag[i] * wind[i];
    }
}

/// psi(z/L) of momentum.
fn stability_function(z_over_l: f64) -> f64 {
    if z_over_l >= 0.0 {
        return -5.0 * z_over_l;
    }
    let x = math::sqrt(math::sqrt(1.0 - 16.0 * z_over_l));
    let half = 0.5 * (1.0 + x);
    math::log(half * half * (0.5 * (1.0 + x * x))) - 2.0 * math::atan(x) + std::f64::consts::FRAC_PI_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{self, testing::configuration};
    use crate::mesh::VerticalGrid;
    use approx::assert_relative_eq;

    fn surface(momentum: SurfaceMomentum, heat: SurfaceHeat) -> Surface {
        let configuration = configuration("stratified_rest", [1000.0, 1000.0], [10, 10]);
        let case = cases::build(&configuration).unwrap();
        let vertical = VerticalGrid::new(&configuration.grid.interfaces);
        let reference = Reference::new(&*case, configuration.dynamics.constants, &vertical);
        let turbulence = config::Turbulence {
            closure: config::Closure::Constant,
            viscosity: 2.0,
            smagorinsky_constant: 0.0,
            prandtl: 0.5,
            energy_constant: 0.0,
            is_separate: false,
            sees_clouds: true,
            surface: config::Surface { momentum, heat, vapour_flux: 0.0 },
        };
        Surface::new(&turbulence, 10.0, &reference)
    }

    /// u* in m/s in a wind of 5 m/s.
    fn velocity(momentum: SurfaceMomentum, flux: f64) -> f64 {
        let mut drag = [0.0];
        let ground = surface(momentum, SurfaceHeat::Flux(flux));
        ground.drag(|_| ground.flat, [&[3.0], &[-4.0]], &[0.0], &mut drag);
        (5.0 * drag[0]).sqrt()
    }

    #[test]
    fn neutral_air_follows_the_logarithm() {
        let expected = 0.4 * 5.0 / f64::ln(100.0);
        for momentum in
            [SurfaceMomentum::LogLaw { roughness: 0.1 }, SurfaceMomentum::MoninObukhov { roughness: 0.1 }]
        {
            assert_relative_eq!(velocity(momentum, 0.0), expected, max_relative = 1e-12);
        }
        assert_relative_eq!(velocity(SurfaceMomentum::FrictionVelocity(0.3), 0.1), 0.3, max_relative = 1e-12);
        assert_relative_eq!(
            velocity(SurfaceMomentum::Drag(1e-3), 0.1),
            5.0 * f64::sqrt(1e-3),
            max_relative = 1e-12
        );
    }

    #[test]
    fn heat_makes_the_ground_felt_and_cold_hides_it() {
        let roughness = 0.1;
        let momentum = SurfaceMomentum::MoninObukhov { roughness };
        let ground = surface(momentum, SurfaceHeat::None);
        for flux in [0.3, 0.05, -0.01] {
            let u = velocity(momentum, flux);
            assert_eq!(u > velocity(momentum, 0.0), flux > 0.0);
            // The profile that u* was found from.
            let length = -u * u * u * ground.flat.theta / (0.4 * ground.gravity * flux);
            let correction = stability_function(10.0 / length) - stability_function(roughness / length);
            assert_relative_eq!(u / 0.4 * (f64::ln(10.0 / roughness) - correction), 5.0, max_relative = 1e-3);
        }
    }

    #[test]
    fn air_sticks_to_ground_without_slip() {
        let stress = velocity(SurfaceMomentum::NoSlip, 0.0);
        assert_relative_eq!(stress * stress, 2.0 * 5.0 / 10.0, max_relative = 1e-12);
        let ground = surface(SurfaceMomentum::NoSlip, SurfaceHeat::Deviation(-3.0));
        // K_h = 4 m2/s; the reference state is warmer at 10 m than at the ground.
        let difference = -3.0 - (2.0 + ground.flat.rise);
        assert_relative_eq!(
            ground.heat_flux(ground.flat, 5.0, 2.0),
            4.0 * difference / 10.0,
            max_relative = 1e-12
        );
    }

    #[test]
    fn warm_ground_heats_in_proportion() {
        let ground =
            surface(SurfaceMomentum::FreeSlip, SurfaceHeat::Bulk { coefficient: 1e-3, theta: 310.0 });
        let expected = 1e-3 * 5.0 * (310.0 - (ground.flat.theta + 2.0));
        assert_relative_eq!(ground.heat_flux(ground.flat, 5.0, 2.0), expected, max_relative = 1e-12);
    }
}
