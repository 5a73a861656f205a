//! Boundaries. Periodic sides and walls are part of the halo plan (see [`crate::mesh::Plane::source`]); the
//! rigid ground and lid are part of the column solve.

pub mod sponge;
pub mod terrain_sponge;

pub use sponge::Sponge;
pub use terrain_sponge::TerrainSponge;
