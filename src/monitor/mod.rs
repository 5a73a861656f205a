//! What a person sees of a run: banner, progress, log, timings and conserved quantities.

pub mod banner;
pub mod budgets;
pub mod chlorine;
pub mod exact_sum;
pub mod health;
pub mod human;
pub mod layer;
pub mod log;
mod measure;
mod over_terrain;
pub mod progress;
pub mod statistics;
pub mod timers;

pub use banner::Banner;
pub use budgets::Budgets;
pub use chlorine::ChlorineBudgets;
pub use exact_sum::ExactSum;
pub use layer::LayerBudgets;
pub use progress::{Progress, Status};
pub use timers::{Phase, Timers};
