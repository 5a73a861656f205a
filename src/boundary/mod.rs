//! Boundaries. Periodic sides and walls are part of the halo plan (see [`crate::mesh::Plane::source`]), open sides
//! fill their ghost cells themselves; the rigid ground and lid are part of the column solve.

pub mod open;
pub mod relaxation;
pub mod sponge;
pub mod terrain_sponge;

pub use open::{Inflow, OpenSides};
pub use relaxation::RelaxationZones;
pub use sponge::Sponge;
pub use terrain_sponge::TerrainSponge;
