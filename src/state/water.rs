//! The waters among the tracers: vapour, cloud and rain, always the first and in this order.
//!
//! They are there where a process needs them. Cloud is liquid water that floats, rain falls.

use super::TileState;
use crate::real::Real;
use crate::thermodynamics::Water;

/// Names of the waters, as tracers.
pub const NAMES: [&str; 3] = ["vapour", "cloud", "rain"];
/// Their places among the tracers.
pub const VAPOUR: usize = 0;
pub const CLOUD: usize = 1;
pub const RAIN: usize = 2;

/// How many of these tracers are waters: none, vapour and cloud, or all three.
pub fn count(tracers: &[String]) -> usize {
    NAMES.iter().zip(tracers).take_while(|(name, tracer)| name == tracer).count()
}

/// The water in cell (i, j, k) of a tile whose density there is `density` (kg/m3).
pub fn in_cell<T: Real>(state: &TileState<T>, density: f64, [i, j, k]: [usize; 3]) -> Water {
    let fraction = |n: usize| match n < state.waters {
        true => state.tracers[n].cells(j, k)[i].to_f64() / density,
        false => 0.0,
    };
    Water { vapour: fraction(VAPOUR), cloud: fraction(CLOUD), rain: fraction(RAIN) }
}
