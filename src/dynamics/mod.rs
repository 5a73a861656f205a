//! The equations: how the state changes in one stage of a step.
//!
//! [`operators`] holds the stencils, [`euler`] the nonhydrostatic equations, [`tracers`] the transport of
//! passive tracers with the mass fluxes of the dynamics; [`sphere`] what all equations on the cubed sphere share,
//! its transport of tracers included, and [`shallow_water`] those of a layer.

pub mod euler;
pub mod mass_fluxes;
pub mod operators;
pub mod reference;
pub mod shallow_water;
pub mod slab;
pub mod sphere;
pub mod stages;
pub mod tile_reference;
pub mod tracers;

pub use euler::timestep::StepLimits;
pub use mass_fluxes::MassFluxes;
pub use reference::Reference;
pub use stages::StageStates;
pub use tile_reference::TileReference;
