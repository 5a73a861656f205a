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

use super::columns::Levels;
use super::{Columns, Process};
use crate::config;
use crate::constants::Constants;
use crate::dynamics::{Reference, TileReference};
use crate::mesh::VerticalGrid;
use crate::state::water::{CLOUD, NAMES, RAIN, VAPOUR};
use crate::thermodynamics::{VAPOUR_GAS_CONSTANT, Water};

/// The forcing at the heights of the cells.
pub struct Forcing {
    constants: Constants,
    /// That of all columns, over terrain by tile.
    rates: Vec<Rates>,
    waters: usize,
}

/// Rates by cell. Over terrain the rows of a tile lie one behind the other.
struct Rates {
    /// -w over the distance to the centre above in 1/s; 0 in the uppermost level.
    sinking: Levels,
    /// Q in K/s and M in 1/s.
    heating: Levels,
    moistening: Levels,
    /// Whether anything in a level sinks, is heated or moistened.
    sinks: Vec<bool>,
    warms: Vec<bool>,
}

impl Rates {
    /// Those of `nj` rows of `ni` columns of `nz` cells, whose centres are at `height(i, j, k)` m and `spacing(i, j, k)`
    /// below those above.
    fn new(
        forcing: &config::Forcing,
        [ni, nj, nz]: [usize; 3],
        height: impl Fn(usize, usize, usize) -> f64,
        spacing: impl Fn(usize, usize, usize) -> f64,
    ) -> Self {
        let levels = Levels::new(nj * nz, ni);
        let (mut sinking, mut heating, mut moistening) = (levels.clone(), levels.clone(), levels);
        let (mut sinks, mut warms) = (vec![false; nz], vec![false; nz]);
        for (j, k) in (0..nj).flat_map(|j| (0..nz).map(move |k| (j, k))) {
            let row = j * nz + k;
            for i in 0..ni {
                let z = height(i, j, k);
                let [w, heat, moist] = [&forcing.subsidence, &forcing.heating, &forcing.moistening]
                    .map(|values| forcing.at(values, z));
                let sunk = if k + 1 < nz { (-w / spacing(i, j, k)).max(0.0) } else { 0.0 };
                sinking.row_mut(row, ni)[i] = sunk;
                heating.row_mut(row, ni)[i] = heat;
                moistening.row_mut(row, ni)[i] = moist;
                sinks[k] |= sunk > 0.0;
                warms[k] |= heat != 0.0 || moist != 0.0;
            }
        }
        Rates { sinking, heating, moistening, sinks, warms }
    }
}

impl Forcing {
    /// For rows of up to `widest` columns.
    pub fn new(
        forcing: &config::Forcing,
        vertical: &VerticalGrid,
        reference: &Reference,
        widest: usize,
        waters: usize,
    ) -> Self {
        let over = |tile: &TileReference| {
            let layout = tile.density.layout();
            let size = [layout.ni, layout.nj, layout.levels];
            let height = |i: usize, j: usize, k: usize| tile.centre(i as isize, j as isize, k);
            Rates::new(forcing, size, height, |i, j, k| height(i, j, k + 1) - height(i, j, k))
        };
        let of_levels = || {
            let height = |_: usize, _: usize, k: usize| vertical.centres[k];
            Rates::new(forcing, [widest, 1, vertical.nz()], height, |_, _, k| vertical.spacing[k + 1])
        };
        let rates = match &reference.tiles[..] {
            [] => vec![of_levels()],
            tiles => tiles.iter().map(over).collect(),
        };
        Forcing { constants: reference.constants, rates, waters }
    }
}

impl Process for Forcing {
    fn apply(&self, columns: &mut Columns, dt: f64) {
        let rates = &self.rates[columns.place[0]];
        let first = columns.place[1] * columns.nz();
        for k in 0..columns.nz() {
            if rates.sinks[k] {
                self.sink(columns, k, dt, rates.sinking.row(first + k, columns.n));
            }
            if rates.warms[k] {
                let [heating, moistening] =
                    [&rates.heating, &rates.moistening].map(|rate| rate.row(first + k, columns.n));
                self.warm(columns, k, dt, [heating, moistening]);
            }
        }
    }
}

impl Forcing {
    /// Moves everything in level `k` so far towards the level above, which is still that of before, as it sinks in
    /// `dt` s.
    fn sink(&self, columns: &mut Columns, k: usize, dt: f64, sinking: &[f64]) {
        let n = columns.n;
        let Columns { profiles, density, heat, momentum, water, scratch, has_wind, .. } = columns;
        let scratch = &mut scratch[..n];
        let (density, above) = (density.row(k, n), density.row(k + 1, n));
        let base = [k, k + 1].map(|k| profiles.heat.row(k, n));
        whole_quotient(base[1], heat.row(k + 1, n), above, scratch);
        approach_whole(dt, [sinking, density, scratch, base[0]], heat.row_mut(k, n));
        let mut pull = |level: &mut Levels| {
            quotient(level.row(k + 1, n), above, scratch);
            approach(dt, [sinking, density, scratch], level.row_mut(k, n));
        };
        if *has_wind {
            let [x, y, _] = momentum;
            pull(x);
            pull(y);
        }
        (0..self.waters).for_each(|number| pull(water.mass_mut(number)));
    }

    /// Heats and moistens level `k`.
    fn warm(&self, columns: &mut Columns, k: usize, dt: f64, [heating, moistening]: [&[f64]; 2]) {
        let n = columns.n;
        let lightness = VAPOUR_GAS_CONSTANT / self.constants.gas_constant - 1.0;
        for i in 0..n {
            let (heating, moistening) = (dt * heating[i], dt * moistening[i]);
            let density = columns.density.row(k, n)[i];
            let mut fractions = [0.0; NAMES.len()];
            for (number, fraction) in fractions[..self.waters].iter_mut().enumerate() {
                *fraction = columns.water.mass(number).row(k, n)[i] / density;
            }
            let water = Water { vapour: fractions[VAPOUR], cloud: fractions[CLOUD], rain: fractions[RAIN] };
            let factor = water.gas_factor(&self.constants);
            let theta = (columns.profiles.heat.row(k, n)[i] + columns.heat.row(k, n)[i]) / (density * factor);
            let gained = if self.waters > 0 { moistening.max(-water.vapour) } else { 0.0 };
            columns.heat.row_mut(k, n)[i] += density * (factor * heating + theta * (lightness * gained));
            if self.waters > 0 {
                columns.water.mass_mut(VAPOUR).row_mut(k, n)[i] += density * gained;
            }
        }
    }
}

/// content / density.
#[inline(never)]
fn quotient(content: &[f64], density: &[f64], out: &mut [f64]) {
    let n = out.len();
    let (content, density) = (&content[..n], &density[..n]);
    for i in 0..n {
        out[i] = content[i] / density[i];
    }
}

/// (base + content) / density.
#[inline(never)]
fn whole_quotient(base: &[f64], content: &[f64], density: &[f64], out: &mut [f64]) {
    let n = out.len();
    let (base, content, density) = (&base[..n], &content[..n], &density[..n]);
    for i in 0..n {
        out[i] = (base[i] + content[i]) / density[i];
    }
}

/// Moves content / density to `target`, by the fraction that sinks in `dt` s.
#[inline(never)]
fn approach(dt: f64, [sinking, density, target]: [&[f64]; 3], content: &mut [f64]) {
    let n = content.len();
    let (sinking, density, target) = (&sinking[..n], &density[..n], &target[..n]);
    for i in 0..n {
        content[i] += (dt * sinking[i]) * (density[i] * target[i] - content[i]);
    }
}

/// The same for (base + content) / density.
#[inline(never)]
fn approach_whole(dt: f64, [sinking, density, target, base]: [&[f64]; 4], content: &mut [f64]) {
    let n = content.len();
    let (sinking, density, target, base) = (&sinking[..n], &density[..n], &target[..n], &base[..n]);
    for i in 0..n {
        content[i] += (dt * sinking[i]) * (density[i] * target[i] - (base[i] + content[i]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{self, testing::configuration};
    use crate::config::{Terrain, TerrainCoordinate, TerrainShape};
    use crate::mesh::Mesh;
    use crate::physics::Profiles;
    use approx::assert_relative_eq;

    #[test]
    fn over_terrain_rates_are_those_at_the_heights_of_the_cells() {
        let mut configuration = configuration("stratified_rest", [6e3, 5e3], [12, 10]);
        let shape = TerrainShape::Bell { height: 900.0, half_width: 900.0, centre: 2800.0 };
        configuration.terrain = Some(Terrain { shape, coordinate: TerrainCoordinate::Basic });
        configuration.parallel.tile = Some([5, 1]);
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let case = cases::build(&configuration).unwrap();
        let reference = Reference::on_mesh(&*case, configuration.dynamics.constants, &mesh);
        let given = config::Forcing {
            heights: vec![0.0, 5000.0],
            subsidence: vec![0.0, -5.0],
            heating: vec![0.0, 5.0],
            moistening: vec![0.0; 2],
        };
        let forcing = Forcing::new(&given, &mesh.vertical, &reference, 5, 0);
        for (rates, tile) in forcing.rates.iter().zip(&reference.tiles) {
            for (k, i) in (0..10).flat_map(|k| (0..tile.density.layout().ni).map(move |i| (k, i))) {
                let z = tile.centre(i as isize, 0, k);
                let [heating, sinking] = [&rates.heating, &rates.sinking].map(|level| level.row(k, i + 1)[i]);
                assert_relative_eq!(heating, 1e-3 * z, max_relative = 1e-12);
                let distance = if k < 9 { tile.centre(i as isize, 0, k + 1) - z } else { f64::INFINITY };
                assert_relative_eq!(sinking, 1e-3 * z / distance, max_relative = 1e-12);
            }
        }
    }

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
        let forcing = Forcing::new(&given, &vertical, &reference, 4, 0);
        let mut columns = Columns::new(Profiles::new(&reference, &vertical, 4), 10);
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
