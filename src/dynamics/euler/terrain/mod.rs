//! The Euler equations on the plane over terrain.
//!
//! Columns stay vertical and levels follow the ground: the interface k of the column (i, j) lies at z_k, the cell
//! between two interfaces is h_k thick. Prognostic are the same deviations as over flat ground, from the reference
//! state at the true height of the cell. With F and H the mass fluxes through the faces of a cell times the height
//! of the face, s the slopes of the interfaces, and the mass flux through them per horizontal area
//! Omega = W - s_x U - s_y V, 0 at the ground and the lid:
//!
//! ```text
//! h dr/dt = -dF/dx - dH/dy - dOmega              h dT/dt = -d(F theta)/dx - d(H theta)/dy - d(Omega theta~)
//! h dU/dt = -d(F u)/dx - d(H u)/dy - d(Omega u) - h dp'/dx + h f (V - rho vg), likewise V and W
//! dp'/dx  = (dp'/dx along the level) - s_x dp'/dz
//! ```
//!
//! Heights at faces are A6 of those of the columns, as are the momenta there, so that a uniform wind has no
//! divergence. The pressure gradient of the lowest cell comes from the motion of a parcel along the ground
//! (`pressure`). Omega is implicit as a whole: the horizontal momentum of a stage is known before its columns are
//! solved (`column`).
//!
//! Viscosity, diffusivity and eddies are rates that a step finds at its start ([`crate::turbulence`], [`rates`]).
//!
//! `metric` holds what the terrain makes of the grid, `stage` the order of the work on a tile, `primitives`,
//! `fluxes`, `pressure` and `column` its parts, `tracers` the transport.

pub mod column;
mod core;
pub mod fluxes;
pub mod metric;
pub mod pressure;
pub mod primitives;
pub mod rates;
mod stage;
mod tracers;

pub use self::core::TerrainCore;
pub use metric::{Columns, Metric, Slopes};
pub use rates::Rates;
