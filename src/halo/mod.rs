//! Halo exchange: filling the ghost cells of tiles from their neighbours.
//!
//! [`plan`] says once which cells go where; [`exchange`] carries it out, by copies inside a rank and by
//! one message per neighbour rank. Mirrors (walls) and periodic wrapping are part of the plan, and
//! every entry has an orientation, so that neighbours may be rotated against each other. [`traffic`] says before a run
//! what all its ranks will exchange.

pub mod exchange;
pub mod plan;
pub mod traffic;

pub use exchange::{HaloExchange, HaloFields, Kind};
pub use plan::{HaloPlan, Reach, Transfer};
pub use traffic::{Repeated, Traffic};
