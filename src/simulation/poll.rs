//! What the ranks ask each other at every step: how fast the air is, and whether one of them shall stop.

use crate::comm::{Maximum, World};
use crate::dynamics::euler::{CENSUS_NUMBERS, Census};

/// A census over all ranks, taken again and again. Between [`Poll::open`] and [`Poll::close`], which are collective,
/// the ranks may work, so that none waits for the slowest at every step.
pub struct Poll {
    /// Of the census, and of 1 for a rank that shall stop.
    maximum: Box<dyn Maximum>,
    is_open: bool,
}

impl Poll {
    /// A poll of the ranks of `world`. Collective.
    pub fn new(world: &World) -> Self {
        Poll { maximum: world.maximum(CENSUS_NUMBERS + 1), is_open: false }
    }

    /// Sends this rank's census, and whether it was asked to stop. The poll before must be closed.
    pub fn open(&mut self, census: Census, stop: bool) {
        let mut values = [0.0; CENSUS_NUMBERS + 1];
        values[..CENSUS_NUMBERS].copy_from_slice(&census.to_array());
        values[CENSUS_NUMBERS] = if stop { 1.0 } else { 0.0 };
        // A NaN would be lost in a maximum; the flag in the census tells of it.
        values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = f64::INFINITY);
        self.maximum.start(&values);
        self.is_open = true;
    }

    /// The census over all ranks, and whether any was asked to stop; `None` if no poll is open.
    pub fn close(&mut self) -> Option<(Census, bool)> {
        if !std::mem::take(&mut self.is_open) {
            return None;
        }
        let (stop, census) = self.maximum.finish().split_last().expect("the poll has a last number");
        let census = census.try_into().expect("the poll has the numbers of a census before its last");
        Some((Census::from_array(census), *stop > 0.0))
    }
}
