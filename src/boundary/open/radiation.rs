//! The radiation conditions.

use super::OpenSides;
use super::air::Air;
use super::side::Side;
use crate::dynamics::euler::Primitives;
use crate::dynamics::euler::fluxes::Tendencies;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::TileState;

/// Largest Courant number of the radiation conditions, which are upwind: it keeps them stable.
const COURANT: f64 = 0.9;

impl<T: Real> OpenSides<T> {
    /// Replaces the tendencies of the normal momentum in the outermost cells of a local tile's row by the radiation
    /// conditions. `here` are the primitives of the row, `length` that of the stage in s.
    pub fn radiate(
        &self,
        (tile, j): (usize, usize),
        length: T,
        state: &TileState<T>,
        here: &Primitives<T>,
        out: &mut Tendencies<T>,
    ) {
        for (side, air) in self.sides[tile].iter().filter(|(side, _)| side.gap == 0) {
            let columns = side.columns(state.density.layout()).enumerate();
            for (column, at) in columns.filter(|(_, at)| at.1 == j as isize) {
                self.radiate_column((*side, at), (air, column), length, state, here, out);
            }
        }
    }

    fn radiate_column(
        &self,
        (side, at): (Side, (isize, isize)),
        (air, column): (&Air<T>, usize),
        length: T,
        state: &TileState<T>,
        here: &Primitives<T>,
        out: &mut Tendencies<T>,
    ) {
        let (momentum, velocity, tendency) = match side.axis() {
            0 => (&state.momentum_x, &here.u, &mut out.u),
            _ => (&state.momentum_y, &here.v, &mut out.v),
        };
        let (i, inner) = (at.0 as usize, side.beyond(at, -1));
        let outward = if side.outward() > 0 { T::ONE } else { -T::ONE };
        let limit = T::of(COURANT) / length;
        let rate = |speed: T| {
            let rate = speed.most(T::ZERO) * self.inverse_spacing[side.axis()];
            if rate < limit { rate } else { limit }
        };
        let nz = state.density.layout().levels;
        let sound_speed = air.sound_speed[column];
        let (mut excess, mut pressure, mut mean) = (T::ZERO, T::ZERO, T::ZERO);
        for k in 0..nz {
            let base = air.at(column, k);
            let value = momentum.get(at.0, at.1, k);
            let rho = air.density[base] + state.density.get(at.0, at.1, k);
            let leaving = outward * velocity.row(k)[HALO + i];
            let step = (momentum.get(inner.0, inner.1, k) - value) + air.step[base];
            let deviation = value - rho * air.across[base];
            let carried_in = (-leaving).most(T::ZERO) * self.loss[side.axis()] * deviation;
            let change = rate(leaving + self.phase_speed) * step - carried_in;
            tendency.row_mut(k)[i] = change;
            mean += air.thickness[base] * change;
            excess += air.thickness[base] * deviation;
            pressure += air.thickness[base] * here.pressure.row(k)[HALO + i];
        }
        let outgoing = outward * pressure / sound_speed;
        let correction = rate(sound_speed) * (outgoing - excess) - mean;
        for k in 0..nz {
            tendency.row_mut(k)[i] += air.share[air.at(column, k)] * correction;
        }
    }
}
