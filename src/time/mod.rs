//! Time: the clock, schedules and the stage tables of the integrators.

pub mod clock;
pub mod integrators;
pub mod schedule;

pub use clock::{Clock, TICKS_PER_SECOND, ticks};
pub use integrators::StageTable;
pub use schedule::Schedule;
