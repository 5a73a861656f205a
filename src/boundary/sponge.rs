//! Rayleigh damping below the lid, so that waves leave instead of coming back.
//!
//! The wind relaxes to the reference wind, on the sphere to rest or to the wind of the start, at the rate rate_lid sin^2(pi/2 (z - base)/(top -
//! base)), implicitly and once a step (Durran and Klemp 1983). The vertical wind may have a rate of its own.

use crate::config;
use crate::dynamics::Reference;
use crate::initial::Wind;
use crate::math;
use crate::mesh::VerticalGrid;
use crate::real::Real;
use crate::state::TileState;
use std::f64::consts::FRAC_PI_2;

/// Damping rates of the levels.
#[derive(Clone, Debug)]
pub struct Sponge<T> {
    /// In 1/s, at cell centres and at interfaces.
    centres: Vec<f64>,
    interfaces: Vec<f64>,
    /// Reference density and wind at cell centres.
    density: Vec<T>,
    u: Vec<T>,
    v: Vec<T>,
    /// The wind of the start by tile of the globe, if that is what the wind relaxes to.
    initial: Option<Vec<Wind<T>>>,
}

/// The damping rate at the height `z` in 1/s.
pub(super) fn rate(base: f64, top: f64, at_lid: f64, z: f64) -> f64 {
    if z <= base {
        return 0.0;
    }
    let s = math::sin(FRAC_PI_2 * (z - base) / (top - base));
    at_lid * s * s
}

impl<T: Real> Sponge<T> {
    /// A sponge that damps to the reference wind, on the globe to `initial` by tile or to rest.
    pub fn new(
        sponge: &config::Sponge,
        vertical: &VerticalGrid,
        reference: &Reference,
        initial: Option<Vec<Wind<T>>>,
    ) -> Self {
        let rounded = |values: &[f64]| values.iter().map(|&value| T::of(value)).collect::<Vec<T>>();
        let rates = |heights: &[f64], at_lid: f64| -> Vec<f64> {
            heights.iter().map(|&z| rate(sponge.base, vertical.top(), at_lid, z)).collect()
        };
        Sponge {
            centres: rates(&vertical.centres, sponge.rate),
            interfaces: rates(&vertical.interfaces, sponge.w_rate),
            density: rounded(&reference.density),
            u: rounded(&reference.u),
            v: rounded(&reference.v),
            initial,
        }
    }

    /// Damps the wind of the local tile `index` over `dt` s.
    pub fn apply(&self, index: usize, state: &mut TileState<T>, dt: f64) {
        let initial = self.initial.as_ref().map(|wind| &wind[index]);
        let TileState { density, momentum_x, momentum_y, momentum_n, momentum_z, .. } = state;
        let keep = |rate: f64| T::of(1.0 / (1.0 + dt * rate));
        for j in 0..density.layout().nj {
            for k in (0..self.centres.len()).filter(|&k| self.centres[k] > 0.0) {
                let keep = keep(self.centres[k]);
                let rho = density.cells(j, k);
                if let Some(momentum_n) = momentum_n {
                    let momenta = [&mut *momentum_x, momentum_y, momentum_n];
                    for (component, momentum) in momenta.into_iter().enumerate() {
                        let wind = initial.map(|wind| wind[component].cells(j, k));
                        damp([self.density[k], keep], rho, wind, momentum.cells_mut(j, k));
                    }
                    continue;
                }
                for (momentum, wind) in
                    [(momentum_x.cells_mut(j, k), self.u[k]), (momentum_y.cells_mut(j, k), self.v[k])]
                {
                    for (momentum, rho) in momentum.iter_mut().zip(rho) {
                        let base = (self.density[k] + *rho) * wind;
                        *momentum = base + (*momentum - base) * keep;
                    }
                }
            }
            for k in (1..self.centres.len()).filter(|&k| self.interfaces[k] > 0.0) {
                let keep = keep(self.interfaces[k]);
                momentum_z.cells_mut(j, k).iter_mut().for_each(|w| *w = *w * keep);
            }
        }
    }
}

/// Damps the momentum of a row on the globe to that of a wind, or to rest.
fn damp<T: Real>([density, keep]: [T; 2], rho: &[T], wind: Option<&[T]>, momentum: &mut [T]) {
    let Some(wind) = wind else {
        return momentum.iter_mut().for_each(|momentum| *momentum = *momentum * keep);
    };
    for ((momentum, rho), wind) in momentum.iter_mut().zip(rho).zip(wind) {
        let base = (density + *rho) * *wind;
        *momentum = base + (*momentum - base) * keep;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{self, testing::globe};
    use crate::initial::{initial_state, initial_wind};
    use crate::mesh::Mesh;
    use crate::state::TileState;
    use approx::assert_relative_eq;

    #[test]
    fn all_winds_of_the_globe_come_to_rest_below_the_lid() {
        let mut configuration = globe("held_suarez", 8, 20, 30e3);
        configuration.parallel.tile = Some([8, 8]);
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let case = cases::build(&configuration).unwrap();
        let reference = Reference::new(&*case, configuration.dynamics.constants, &mesh.vertical);
        let (base, rate, w_rate) = (20e3, 1e-3, 1e-2);
        let sponge = config::Sponge { base, rate, w_rate, to_initial: false };
        let sponge = Sponge::new(&sponge, &mesh.vertical, &reference, None);
        let mut state = TileState::<f64>::new(&mesh.tiles[0], configuration.dynamics.setting, 0);
        state.prognostic_mut().for_each(|field| field.values_mut().fill(1.0));
        sponge.apply(0, &mut state, 100.0);
        let keep = |z: f64, rate: f64| {
            let s = if z > base { (FRAC_PI_2 * (z - base) / 10e3).sin() } else { 0.0 };
            1.0 / (1.0 + 100.0 * rate * s * s)
        };
        for k in 0..20 {
            let expected = keep(mesh.vertical.centres[k], rate);
            let normal = state.momentum_n.as_ref().unwrap();
            for field in [&state.momentum_x, &state.momentum_y, normal] {
                assert_relative_eq!(field.cells(3, k)[5], expected, max_relative = 1e-14);
            }
            assert_eq!((state.density.cells(3, k)[5], state.heat.cells(3, k)[5]), (1.0, 1.0));
            let expected = keep(mesh.vertical.interfaces[k], w_rate);
            assert_relative_eq!(state.momentum_z.cells(3, k)[5], expected, max_relative = 1e-14);
        }
    }
    #[test]
    fn the_wind_of_the_start_stays_as_it_is() {
        let mut configuration = globe("gravity_wave_sphere", 8, 10, 10e3);
        configuration.parallel.tile = Some([8, 8]);
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let case = cases::build(&configuration).unwrap();
        let reference = Reference::new(&*case, configuration.dynamics.constants, &mesh.vertical);
        let wind = initial_wind::<f64>(&configuration, &mesh, &*case, &reference);
        let sponge = config::Sponge { base: 4e3, rate: 1e-2, w_rate: 1e-2, to_initial: true };
        let sponge = Sponge::new(&sponge, &mesh.vertical, &reference, Some(wind));
        let start = initial_state::<f64>(&configuration, &mesh, &*case);
        let mut damped = start.tiles[1].clone();
        damped.momentum_z.values_mut().fill(1.0);
        sponge.apply(1, &mut damped, 100.0);
        for (now, then) in [
            (&damped.momentum_x, &start.tiles[1].momentum_x),
            (&damped.momentum_y, &start.tiles[1].momentum_y),
        ] {
            for k in 0..10 {
                for (now, then) in now.cells(3, k).iter().zip(then.cells(3, k)) {
                    assert_relative_eq!(now, then, epsilon = 1e-12);
                }
            }
        }
        assert!(damped.momentum_z.cells(3, 9)[3] < 0.6);
    }
}
