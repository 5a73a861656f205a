//! What the large scales do to a box that is too small for them: sinking air, heating and moistening by height.
//!
//! With w the given vertical wind of the large scale (negative), Q and M the given rates:
//!
//! ```text
//! dtheta/dt = -w dtheta/dz + Q    dq_v/dt = -w dq_v/dz + M    and likewise -w d/dz of cloud, rain, u and v
//! ```
//!
//! upstream, of the fields of every column (Siebesma et al. 2003, J. Atmos. Sci. 60, 1201-1219, appendix). In moist air
//! the density potential temperature sinks, and it follows heat and vapour. The mass of a cell stays: what moistens it
//! replaces dry air.

use super::{Columns, Process};
use crate::config;
use crate::constants::Constants;
use crate::dynamics::Reference;
use crate::mesh::VerticalGrid;
use crate::state::water::{CLOUD, NAMES, RAIN, VAPOUR};
use crate::thermodynamics::{VAPOUR_GAS_CONSTANT, Water};

/// The forcing at the levels.
pub struct Forcing {
    constants: Constants,
    /// -w over the distance to the centre above in 1/s; 0 in the uppermost level.
    sinking: Vec<f64>,
    /// Q in K/s and M in 1/s.
    heating: Vec<f64>,
    moistening: Vec<f64>,
    waters: usize,
}

impl Forcing {
    pub fn new(
        forcing: &config::Forcing,
        vertical: &VerticalGrid,
        reference: &Reference,
        waters: usize,
    ) -> Self {
        let at_centres =
            |values: &[f64]| vertical.centres.iter().map(|&z| forcing.at(values, z)).collect::<Vec<f64>>();
        let nz = vertical.nz();
        let sinking = at_centres(&forcing.subsidence).into_iter().enumerate();
        let sinking = sinking.map(|(k, w)| if k + 1 < nz { -w / vertical.spacing[k + 1] } else { 0.0 });
        Forcing {
            constants: reference.constants,
            sinking: sinking.collect(),
            heating: at_centres(&forcing.heating),
            moistening: at_centres(&forcing.moistening),
            waters,
        }
    }
}

impl Process for Forcing {
    fn apply(&self, columns: &mut Columns, dt: f64) {
        for k in 0..columns.nz() {
            if self.sinking[k] > 0.0 {
                self.sink(columns, k, dt * self.sinking[k]);
            }
            if self.heating[k] != 0.0 || self.moistening[k] != 0.0 {
                self.warm(columns, k, dt);
            }
        }
    }
}

impl Forcing {
    /// Moves everything in level `k` the given fraction of the way to the level above, which is still that of before.
    fn sink(&self, columns: &mut Columns, k: usize, fraction: f64) {
        let n = columns.n;
        let Columns { profiles, density, heat, momentum, water, busy, has_wind, .. } = columns;
        let busy = &mut busy[..n];
        let mut pull = |level: &mut super::columns::Levels, base: [f64; 2]| {
            quotient(base[1], level.row(k + 1, n), density.row(k + 1, n), busy);
            approach(fraction, base[0], density.row(k, n), busy, level.row_mut(k, n));
        };
        pull(heat, [profiles.heat[k], profiles.heat[k + 1]]);
        if *has_wind {
            let [x, y, _] = momentum;
            pull(x, [0.0; 2]);
            pull(y, [0.0; 2]);
        }
        (0..self.waters).for_each(|number| pull(water.mass_mut(number), [0.0; 2]));
    }

    /// Heats and moistens level `k`.
    fn warm(&self, columns: &mut Columns, k: usize, dt: f64) {
        let n = columns.n;
        let (heating, moistening) = (dt * self.heating[k], dt * self.moistening[k]);
        let lightness = VAPOUR_GAS_CONSTANT / self.constants.gas_constant - 1.0;
        for i in 0..n {
            let density = columns.density.row(k, n)[i];
            let mut fractions = [0.0; NAMES.len()];
            for (number, fraction) in fractions[..self.waters].iter_mut().enumerate() {
                *fraction = columns.water.mass(number).row(k, n)[i] / density;
            }
            let water = Water { vapour: fractions[VAPOUR], cloud: fractions[CLOUD], rain: fractions[RAIN] };
            let factor = water.gas_factor(&self.constants);
            let theta = (columns.profiles.heat[k] + columns.heat.row(k, n)[i]) / (density * factor);
            let gained = if self.waters > 0 { moistening.max(-water.vapour) } else { 0.0 };
            columns.heat.row_mut(k, n)[i] += density * (factor * heating + theta * (lightness * gained));
            if self.waters > 0 {
                columns.water.mass_mut(VAPOUR).row_mut(k, n)[i] += density * gained;
            }
        }
    }
}

/// (base + content) / density.
#[inline(never)]
fn quotient(base: f64, content: &[f64], density: &[f64], out: &mut [f64]) {
    let n = out.len();
    let (content, density) = (&content[..n], &density[..n]);
    for i in 0..n {
        out[i] = (base + content[i]) / density[i];
    }
}

/// Moves content / density a fraction of the way to `target`.
#[inline(never)]
fn approach(fraction: f64, base: f64, density: &[f64], target: &[f64], content: &mut [f64]) {
    let n = content.len();
    let (density, target) = (&density[..n], &target[..n]);
    for i in 0..n {
        content[i] += fraction * (density[i] * target[i] - (base + content[i]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{self, testing::configuration};
    use crate::physics::Profiles;
    use approx::assert_relative_eq;

    #[test]
    fn stratified_air_warms_where_it_sinks_and_is_heated() {
        let configuration = configuration("stratified_rest", [1000.0, 1000.0], [10, 10]);
        let case = cases::build(&configuration).unwrap();
        let vertical = VerticalGrid::new(&configuration.grid.interfaces);
        let reference = Reference::new(&*case, configuration.dynamics.constants, &vertical);
        let given = config::Forcing {
            heights: vec![0.0, 500.0, 900.0],
            subsidence: vec![0.0, -0.01, -0.01],
            heating: vec![1e-4, 1e-4, 1e-4],
            moistening: vec![0.0; 3],
        };
        let forcing = Forcing::new(&given, &vertical, &reference, 0);
        let mut columns = Columns::new(Profiles::new(&reference, &vertical), 4);
        columns.n = 3;
        for (k, density) in reference.density.iter().enumerate() {
            columns.density.row_mut(k, 3).fill(*density);
            columns.momentum[0].row_mut(k, 3).fill(k as f64 * density);
        }
        forcing.apply(&mut columns, 20.0);
        let theta = &reference.potential_temperature;
        for k in 0..10 {
            let z = vertical.centres[k];
            // No air comes from above the lid.
            let speed = if k < 9 { 0.01 * (z / 500.0).min(1.0) } else { 0.0 };
            let growth = if k < 9 { (theta[k + 1] - theta[k]) / 100.0 } else { 0.0 };
            let [heat, wind] = [&columns.heat, &columns.momentum[0]].map(|level| level.row(k, 3)[2]);
            let expected = 20.0 * (speed * growth + 1e-4);
            assert_relative_eq!(heat / reference.density[k], expected, max_relative = 1e-9);
            assert_relative_eq!(
                wind / reference.density[k],
                k as f64 + 20.0 * speed / 100.0,
                max_relative = 1e-12
            );
        }
    }
}
