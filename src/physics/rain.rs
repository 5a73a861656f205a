//! Clouds and rain column by column: what the schemes of microphysics have in common.
//!
//! Columns without drops whose vapour is below saturation are left alone. The step is cut so that rain falls through at
//! most 0.8 cells at once. Rain falls by fluxes through the interfaces, upstream: what leaves a cell enters the one below
//! or the ground, and water is conserved to rounding. Dry air and the Exner function of the step stay as they are; rho
//! and rho r_r change as rain falls, and rho theta_rho does not: rain takes on the temperature of the air around it.

use super::{Columns, Process};
use crate::math;
use crate::state::water::{CLOUD, RAIN, VAPOUR};

/// The part of a cell that rain may fall through at once.
const COURANT: f64 = 0.8;
/// Rain (kg/kg) below which its powers do not shrink further, so that traces of it evaporate.
pub(super) const LEAST_RAIN: f64 = 1e-12;

/// What happens to water in a cell.
pub(super) trait Microphysics: Send + Sync {
    /// Rv/Rd.
    fn vapour_ratio(&self) -> f64;
    /// Density in kg/m3 of saturated vapour, at a temperature in K and a pressure in Pa, among `dry` kg/m3 of dry air.
    fn saturated_vapour(&self, temperature: f64, pressure: f64, dry: f64) -> f64;
    /// Speed of the falling rain in m/s.
    fn fall_speed(&self, cell: &Cell) -> f64;
    /// The part of the rain that is ice.
    fn frozen(&self, cell: &Cell) -> f64;
    /// One cut of the step, of `dt` s, in a cell that gains falling rain.
    fn convert(&self, cell: &mut Cell, gain: Gain, dt: f64);
    /// What rho theta_rho grows by where a cell of `columns`, at its place [i, k], has become `cell` and holds `vapour`
    /// (kg/m3).
    fn heating(&self, columns: &mut Columns, place: [usize; 2], cell: &Cell, vapour: f64) -> f64;
    /// What is left to be done in the step of `dt` s, in all columns.
    fn finish(&self, _columns: &mut Columns, _dt: f64) {}
}

/// What a cell gains in a cut of the step as rain falls, in kg/m3: of everything, and of ice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Gain {
    pub all: f64,
    pub ice: f64,
}

/// A scheme of microphysics, as a process.
pub(super) struct Rain<M>(pub M);

/// A cell of a column: its air, and its water as mixing ratios to dry air in kg/kg.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell {
    /// Density of the dry air in kg/m3.
    pub(super) dry: f64,
    pub(super) pressure: f64,
    pub(super) exner: f64,
    pub(super) theta: f64,
    pub(super) vapour: f64,
    pub(super) cloud: f64,
    pub(super) rain: f64,
    /// sqrt(rho_d(ground)/rho_d): rain falls faster in thin air.
    pub(super) thinness: f64,
    /// Thickness in m.
    pub(super) thickness: f64,
    /// r_vs at the start of the step, and whether it still is.
    pub(super) saturated: f64,
    pub(super) is_fresh: bool,
    /// Whether there are no drops and no vapour beyond saturation, so that nothing happens.
    pub(super) is_idle: bool,
    /// What falling rain has brought in the step, in kg/m3.
    pub(super) gain: f64,
}

impl<M: Microphysics> Process for Rain<M> {
    fn apply(&self, columns: &mut Columns, dt: f64) {
        let n = columns.n;
        let mut busy = std::mem::take(&mut columns.scratch);
        let mut cells = std::mem::take(&mut columns.cells);
        self.screen(columns, &mut busy[..n]);
        columns.water.has_fallen = false;
        (0..columns.nz()).for_each(|k| columns.jump.row_mut(k, n).fill(0.0));
        for (i, busy) in busy[..n].iter().enumerate() {
            let cells = &mut cells[..*busy as usize];
            (cells.len()..columns.nz()).for_each(|k| columns.water.gain.row_mut(k, n)[i] = 0.0);
            self.load(columns, i, cells);
            columns.water.ground[i] = self.fall(cells, dt);
            self.store(columns, i, cells);
        }
        (columns.scratch, columns.cells) = (busy, cells);
        self.0.finish(columns, dt);
    }
}

impl<M: Microphysics> Rain<M> {
    /// Computes the saturation, and for every column the number of levels up to the highest where something
    /// happens: with drops, or with more vapour than saturated air holds.
    fn screen(&self, columns: &mut Columns, busy: &mut [f64]) {
        let n = columns.n;
        busy.fill(0.0);
        for k in 0..columns.nz() {
            let water = [VAPOUR, CLOUD, RAIN].map(|water| columns.water.mass(water).row(k, n));
            let air = [columns.density.row(k, n), columns.pressure.row(k, n)];
            let constants = [self.0.vapour_ratio(), columns.profiles.gas_constant, k as f64 + 1.0];
            let saturated = columns.saturated.row_mut(k, n);
            screen_level(
                constants,
                air,
                water,
                |t, p, dry| self.0.saturated_vapour(t, p, dry),
                saturated,
                busy,
            );
        }
    }

    /// Takes column `i` out of the rows. Drops below zero, a flaw of transport, count as none: vapour makes up for them.
    fn load(&self, columns: &Columns, i: usize, cells: &mut [Cell]) {
        let n = columns.n;
        for (k, cell) in cells.iter_mut().enumerate() {
            let [vapour, cloud, rain] = [VAPOUR, CLOUD, RAIN].map(|m| columns.water.mass(m).row(k, n)[i]);
            let dry = columns.density.row(k, n)[i] - ((vapour + cloud) + rain);
            let saturated = columns.saturated.row(k, n)[i];
            *cell = Cell {
                dry,
                pressure: columns.pressure.row(k, n)[i],
                exner: columns.exner.row(k, n)[i],
                theta: potential_temperature(self.0.vapour_ratio(), columns, [i, k], dry, vapour),
                vapour: vapour / dry,
                cloud: cloud.max(0.0) / dry,
                rain: rain.max(0.0) / dry,
                thickness: columns.profiles.thickness.row(k, n)[i],
                thinness: 1.0,
                gain: 0.0,
                saturated: saturated / dry,
                is_fresh: true,
                is_idle: cloud == 0.0 && rain == 0.0 && vapour <= saturated,
            };
        }
        let lowest = cells.first().map_or(1.0, |cell| cell.dry);
        cells.iter_mut().for_each(|cell| cell.thinness = math::sqrt(lowest / cell.dry));
    }

    /// Puts the changes of column `i` back.
    fn store(&self, columns: &mut Columns, i: usize, cells: &[Cell]) {
        let n = columns.n;
        for (k, cell) in cells.iter().enumerate() {
            if cell.is_idle {
                columns.water.gain.row_mut(k, n)[i] = 0.0;
                continue;
            }
            let old = [VAPOUR, CLOUD, RAIN].map(|m| columns.water.mass(m).row(k, n)[i]);
            let new = [cell.vapour, cell.cloud, cell.rain].map(|ratio| ratio * cell.dry);
            // Vapour closes the balance of what has not fallen, so that no rounding is lost.
            let [_, cloud, rain] = new;
            let vapour = ((old[0] + (old[1] - cloud)) + (old[2] - rain)) + cell.gain;
            let heating = self.0.heating(columns, [i, k], cell, vapour);
            columns.heat.row_mut(k, n)[i] += heating;
            columns.water.mass_mut(VAPOUR).row_mut(k, n)[i] = vapour;
            columns.water.mass_mut(CLOUD).row_mut(k, n)[i] = cloud;
            columns.water.mass_mut(RAIN).row_mut(k, n)[i] = rain;
            columns.water.gain.row_mut(k, n)[i] = cell.gain;
            columns.water.has_fallen |= cell.gain != 0.0;
        }
    }

    /// What happens in a column in `dt` s. Returns the rain that reaches the ground in kg/m2.
    pub fn fall(&self, cells: &mut [Cell], dt: f64) -> f64 {
        let physics = &self.0;
        let quickest = cells.iter().map(|cell| physics.fall_speed(cell) / cell.thickness).fold(0.0, f64::max);
        let cuts = (dt * quickest / COURANT).ceil().max(1.0);
        let length = dt / cuts;
        let mut ground = 0.0;
        for _ in 0..cuts as usize {
            let mut leaving = cells.first().map_or(Gain::default(), |lowest| self.leaving(lowest, length));
            ground += leaving.all;
            for k in 0..cells.len() {
                let entering = cells.get(k + 1).map_or(Gain::default(), |above| self.leaving(above, length));
                let thickness = cells[k].thickness;
                let gain = Gain {
                    all: (entering.all - leaving.all) / thickness,
                    ice: (entering.ice - leaving.ice) / thickness,
                };
                leaving = entering;
                let cell = &mut cells[k];
                if cell.is_idle && gain.all == 0.0 {
                    continue;
                }
                cell.is_idle = false;
                cell.gain += gain.all;
                physics.convert(cell, gain, length);
                cell.is_fresh = false;
            }
        }
        ground
    }

    /// The rain that leaves a cell downwards in `dt` s, in kg/m2: never more than there is.
    fn leaving(&self, cell: &Cell, dt: f64) -> Gain {
        if cell.rain == 0.0 {
            return Gain::default();
        }
        let all = cell.dry * cell.rain * (self.0.fall_speed(cell) * dt).min(cell.thickness);
        Gain { all, ice: all * self.0.frozen(cell) }
    }
}

impl Cell {
    /// Temperature in K.
    pub(super) fn temperature(&self) -> f64 {
        self.exner * self.theta
    }
}

/// The potential temperature of the cell [i, k] of `columns`, that holds `dry` and `vapour` kg/m3.
#[inline(always)]
pub(super) fn potential_temperature(
    vapour_ratio: f64,
    columns: &Columns,
    [i, k]: [usize; 2],
    dry: f64,
    vapour: f64,
) -> f64 {
    let n = columns.n;
    let gas = columns.profiles.gas_constant * (dry + vapour * vapour_ratio);
    columns.pressure.row(k, n)[i] / (gas * columns.exner.row(k, n)[i])
}

/// The mass of vapour in saturated air of a level, and its `number` in `busy` where it has drops or more vapour.
#[inline(never)]
fn screen_level(
    [vapour_ratio, gas_constant, number]: [f64; 3],
    [density, pressure]: [&[f64]; 2],
    [vapour, cloud, rain]: [&[f64]; 3],
    saturated_vapour: impl Fn(f64, f64, f64) -> f64,
    saturated: &mut [f64],
    busy: &mut [f64],
) {
    let n = busy.len();
    let (density, pressure, saturated) = (&density[..n], &pressure[..n], &mut saturated[..n]);
    let (vapour, cloud, rain) = (&vapour[..n], &cloud[..n], &rain[..n]);
    for i in 0..n {
        let dry = density[i] - ((vapour[i] + cloud[i]) + rain[i]);
        let temperature = pressure[i] / (gas_constant * (dry + vapour[i] * vapour_ratio));
        saturated[i] = saturated_vapour(temperature, pressure[i], dry);
        let is_busy = (cloud[i] != 0.0) | (rain[i] != 0.0) | (vapour[i] > saturated[i]);
        busy[i] = if is_busy { number } else { busy[i] };
    }
}
