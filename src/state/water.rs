//! The waters among the tracers: vapour, cloud and rain, always the first and in this order.
//!
//! They are there where a process needs them. Cloud is water that floats, rain falls. In a scheme with ice the
//! temperature says what of both is frozen.

use super::TileState;
use crate::real::Real;
use crate::thermodynamics::Water;

/// Names of the waters, as tracers.
pub const NAMES: [&str; 3] = ["vapour", "cloud", "rain"];
/// Their places among the tracers.
pub const VAPOUR: usize = 0;
pub const CLOUD: usize = 1;
pub const RAIN: usize = 2;

/// What falls where it may be ice: this name instead of that of the rain.
pub const WITH_ICE: &str = "precipitation";

/// How many of these tracers are waters: none, vapour and cloud, or all three.
pub fn count(tracers: &[String]) -> usize {
    let is_water = |(n, tracer): &(usize, &String)| {
        NAMES.get(*n).is_some_and(|name| name == tracer) || (*n == RAIN && *tracer == WITH_ICE)
    };
    tracers.iter().enumerate().take_while(is_water).count()
}

/// Whether drops among these tracers may be ice.
pub fn has_ice(tracers: &[String]) -> bool {
    count(tracers) > RAIN && tracers[RAIN] == WITH_ICE
}

/// The water in cell (i, j, k) of a tile whose density there is `density` (kg/m3).
pub fn in_cell<T: Real>(state: &TileState<T>, density: f64, [i, j, k]: [usize; 3]) -> Water {
    let fraction = |n: usize| match n < state.waters {
        true => state.tracers[n].cells(j, k)[i].to_f64() / density,
        false => 0.0,
    };
    Water { vapour: fraction(VAPOUR), cloud: fraction(CLOUD), rain: fraction(RAIN) }
}
