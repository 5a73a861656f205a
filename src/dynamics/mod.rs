//! The equations: how the state changes in one stage of a step.

pub mod reference;

pub use reference::Reference;
