//! The largest speeds of the state.

use crate::dynamics::euler::Census;
use crate::real::Real;
use crate::state::TileState;

/// The census of one tile: the largest speed stands for u, and the fastest gravity wave.
pub fn census_of_tile<T: Real>(gravity: T, state: &TileState<T>) -> Census {
    let (mut square, mut deepest, mut sum) = (T::ZERO, T::ZERO, T::ZERO);
    for j in 0..state.density.layout().nj {
        let third = state.momentum_n.as_ref().unwrap_or(&state.momentum_x);
        let momentum = [&state.momentum_x, &state.momentum_y, third].map(|field| field.cells(j, 0));
        for (i, &depth) in state.density.cells(j, 0).iter().enumerate() {
            let inverse = T::ONE / depth;
            let [u, v, n] = momentum.map(|row| row[i] * inverse);
            let here = (u * u + v * v) + n * n;
            square = square.most(here);
            deepest = deepest.most(depth);
            // Not finite as soon as one is not; a layer that has run dry has no wave.
            sum += if depth > T::ZERO { here } else { T::ONE / T::ZERO };
        }
    }
    Census {
        u: square.to_f64().sqrt(),
        gravity_wave: (gravity * deepest).to_f64().sqrt(),
        is_finite: sum.is_finite(),
        ..Census::EMPTY
    }
}
