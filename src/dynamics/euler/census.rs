//! The largest speeds of the state, found in passing while the primitives are at hand: for the time
//! step, the Courant numbers and the detection of a state that goes wrong.

use super::{Levels, Primitives};
use crate::aligned::Aligned;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::TileState;

/// How many numbers a census is.
pub const CENSUS_NUMBERS: usize = 8;

/// Largest values over a part of the domain.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Census {
    /// max |u|, |v| and |w| in m/s.
    pub u: f64,
    pub v: f64,
    pub w: f64,
    /// max |w| / dz in 1/s.
    pub w_rate: f64,
    /// max |T / (rho0 theta0)|: the argument of the pressure polynomial.
    pub heat_ratio: f64,
    /// Speed of the fastest gravity wave of a layer of shallow water in m/s; 0 in air, whose waves are known.
    pub gravity_wave: f64,
    /// Largest rate in 1/s at which eddies mix a cell: max(2 K, K_h) (1/dx^2 + 1/dy^2 + 1/dz^2).
    pub diffusion: f64,
    /// All velocities are finite.
    pub is_finite: bool,
}

impl Census {
    /// Nothing seen yet.
    pub const EMPTY: Census = Census {
        u: 0.0,
        v: 0.0,
        w: 0.0,
        w_rate: 0.0,
        heat_ratio: 0.0,
        gravity_wave: 0.0,
        diffusion: 0.0,
        is_finite: true,
    };

    /// The census of both parts together.
    pub fn merge(self, other: Census) -> Census {
        Census {
            u: self.u.max(other.u),
            v: self.v.max(other.v),
            w: self.w.max(other.w),
            w_rate: self.w_rate.max(other.w_rate),
            heat_ratio: self.heat_ratio.max(other.heat_ratio),
            gravity_wave: self.gravity_wave.max(other.gravity_wave),
            diffusion: self.diffusion.max(other.diffusion),
            is_finite: self.is_finite && other.is_finite,
        }
    }

    /// As numbers for a maximum over ranks; the last is 1 where something is not finite.
    pub fn to_array(self) -> [f64; CENSUS_NUMBERS] {
        let Census { u, v, w, w_rate, heat_ratio, gravity_wave, diffusion, is_finite } = self;
        [u, v, w, w_rate, heat_ratio, gravity_wave, diffusion, if is_finite { 0.0 } else { 1.0 }]
    }

    /// Inverse of [`Census::to_array`].
    pub fn from_array(
        [u, v, w, w_rate, heat_ratio, gravity_wave, diffusion, flag]: [f64; CENSUS_NUMBERS],
    ) -> Census {
        Census { u, v, w, w_rate, heat_ratio, gravity_wave, diffusion, is_finite: flag == 0.0 }
    }
}

/// Running maxima, one for each column of a row, so that the loops vectorise.
#[derive(Clone, Debug)]
pub struct CensusRows<T> {
    pub(super) u: Aligned<T>,
    pub(super) v: Aligned<T>,
    pub(super) w: Aligned<T>,
    pub(super) w_rate: Aligned<T>,
    pub(super) heat_ratio: Aligned<T>,
    /// Sum of all speeds: not finite as soon as one is not.
    pub(super) sum: Aligned<T>,
}

impl<T: Real> CensusRows<T> {
    pub fn new(row: usize) -> Self {
        let zeros = Aligned::zeros(row);
        CensusRows {
            u: zeros.clone(),
            v: zeros.clone(),
            w: zeros.clone(),
            w_rate: zeros.clone(),
            heat_ratio: zeros.clone(),
            sum: zeros,
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for row in
            [&mut self.u, &mut self.v, &mut self.w, &mut self.w_rate, &mut self.heat_ratio, &mut self.sum]
        {
            row.fill(T::ZERO);
        }
    }

    /// Takes in row `j`.
    pub fn add(&mut self, levels: &Levels<T>, state: &TileState<T>, j: usize, here: &Primitives<T>) {
        let n = state.density.layout().ni;
        for k in 0..levels.nz {
            count_row(
                [levels.inverse_spacing[k], levels.inverse_heat[k]],
                [
                    &here.u.row(k)[HALO..],
                    &here.v.row(k)[HALO..],
                    &here.w.row(k)[HALO..],
                    state.heat.cells(j, k),
                ],
                [&mut self.u[..n], &mut self.v[..n], &mut self.w[..n]],
                &mut self.w_rate[..n],
                &mut self.heat_ratio[..n],
                &mut self.sum[..n],
            );
        }
    }

    /// The census of everything taken in.
    pub fn total(&self) -> Census {
        let largest = |row: &[T]| row.iter().fold(0.0, |m: f64, value| m.max(value.to_f64()));
        Census {
            u: largest(&self.u),
            v: largest(&self.v),
            w: largest(&self.w),
            w_rate: largest(&self.w_rate),
            heat_ratio: largest(&self.heat_ratio),
            gravity_wave: 0.0,
            diffusion: 0.0,
            is_finite: self.sum.iter().all(|sum| sum.is_finite()),
        }
    }
}

#[inline(never)]
fn count_row<T: Real>(
    [inverse_spacing, inverse_heat]: [T; 2],
    [u, v, w, heat]: [&[T]; 4],
    [max_u, max_v, max_w]: [&mut [T]; 3],
    max_rate: &mut [T],
    max_ratio: &mut [T],
    sum: &mut [T],
) {
    let n = sum.len();
    let (u, v, w, heat) = (&u[..n], &v[..n], &w[..n], &heat[..n]);
    let (max_u, max_v, max_w) = (&mut max_u[..n], &mut max_v[..n], &mut max_w[..n]);
    let (max_rate, max_ratio) = (&mut max_rate[..n], &mut max_ratio[..n]);
    for i in 0..n {
        let (u, v, w, ratio) = (u[i].abs(), v[i].abs(), w[i].abs(), (heat[i] * inverse_heat).abs());
        max_u[i] = max_u[i].most(u);
        max_v[i] = max_v[i].most(v);
        max_w[i] = max_w[i].most(w);
        max_rate[i] = max_rate[i].most(w * inverse_spacing);
        max_ratio[i] = max_ratio[i].most(ratio);
        sum[i] += (u + v) + (w + ratio);
    }
}
