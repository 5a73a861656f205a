//! The dry compressible Euler equations in flux form, horizontally explicit and vertically implicit.
//!
//! Prognostic are the deviations from a hydrostatic reference rho0(z), theta0(z), p0(z):
//! r = rho - rho0, U = rho u, V = rho v, W = rho w (at interfaces), T = rho theta - rho0 theta0:
//!
//! ```text
//! dr/dt = -div(U, V, W)
//! dU/dt = -div((U, V, W) u) - dp'/dx + f (V - rho vg) + div(rho K grad u)
//! dV/dt = -div((U, V, W) v) - dp'/dy - f (U - rho ug) + div(rho K grad v)
//! dW/dt = -div((U, V, W) w) - dp'/dz - g r            + div(rho K grad w)
//! dT/dt = -div((U, V, W) theta)                       + div(rho K grad theta')
//! p'    = p0 [(1 + T / (rho0 theta0))^gamma - 1]
//! ```
//!
//! Moist air has the same equations: rho is the density of everything, and theta the density potential temperature
//! ([`crate::thermodynamics`]).
//!
//! `stage` holds the order of the work on one tile, `primitives`, `fluxes`, `diffusion` and `column` its parts.

pub mod census;
pub mod column;
pub mod diffusion;
pub mod faces;
pub mod fluxes;
pub mod levels;
pub mod plane;
pub mod primitives;
pub mod ring;
pub mod sphere;
pub mod stage;
pub mod terrain;
pub mod timestep;

pub use census::{CENSUS_NUMBERS, Census};
pub use levels::Levels;
pub use primitives::Primitives;
pub use stage::{Inputs, Outputs, StageSetting, Workspace, advance_tile, census_of_tile};
