//! Transport through the interfaces between levels, row by row of columns.

use super::faces::limit_row;
use crate::aligned::Aligned;
use crate::dynamics::operators::{add_divergence_z, vertical_flux};
use crate::dynamics::slab::Slab;
use crate::real::Real;
use crate::state::Field;

/// Scratch for a row of columns.
#[derive(Clone)]
pub(super) struct ColumnRows<T> {
    /// Mixing ratios of the averages.
    mixing: Slab<T>,
    below: Aligned<T>,
    above: Aligned<T>,
}

impl<T: Real> ColumnRows<T> {
    pub fn new(nz: usize, row: usize) -> Self {
        ColumnRows { mixing: Slab::new(nz, row), below: Aligned::zeros(row), above: Aligned::zeros(row) }
    }

    /// Hands the tracer fluxes below and above every row of cells to `visit(j, k, below, above)`: upwind values of
    /// `tracer` / `density` (averages) times the mass fluxes, as far as the cells that they leave can afford them.
    pub fn for_each_row(
        &mut self,
        mass: &Field<T>,
        [density, tracer]: [&Field<T>; 2],
        shares: Option<&Field<T>>,
        mut visit: impl FnMut(usize, usize, &[T], &[T]),
    ) {
        let layout = density.layout();
        let (n, nz) = (layout.ni, layout.levels);
        let ColumnRows { mixing, below, above } = self;
        for j in 0..layout.nj {
            for k in 0..nz {
                quotient(tracer.cells(j, k), density.cells(j, k), &mut mixing.row_mut(k)[..n]);
            }
            below[..n].fill(T::ZERO);
            for k in 0..nz {
                let above_row = &mut above[..n];
                if k + 1 < nz {
                    vertical_flux(|level| mixing.row(level), k + 1, nz, mass.cells(j, k + 1), above_row);
                    if let Some(shares) = shares {
                        limit_row([shares.cells(j, k), shares.cells(j, k + 1)], above_row);
                    }
                } else {
                    above_row.fill(T::ZERO);
                }
                visit(j, k, &below[..n], &above[..n]);
                std::mem::swap(below, above);
            }
        }
    }
}

/// Adds what the mass fluxes bring in a time of which `factors` are the products with 1/dz of the levels.
pub(super) fn add_mass<T: Real>(mass: &Field<T>, factors: impl Fn(usize) -> T, density: &mut Field<T>) {
    let layout = density.layout();
    for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
        add_divergence_z(mass.cells(j, k), mass.cells(j, k + 1), factors(k), density.cells_mut(j, k));
    }
}

/// Adds what leaves a row of cells upwards and downwards.
#[inline(never)]
pub(super) fn add_outflow<T: Real>(below: &[T], above: &[T], factor: T, outflow: &mut [T]) {
    let n = outflow.len();
    let (below, above) = (&below[..n], &above[..n]);
    for i in 0..n {
        outflow[i] += factor * (above[i].most(T::ZERO) + (-below[i]).most(T::ZERO));
    }
}

#[inline(never)]
fn quotient<T: Real>(tracer: &[T], density: &[T], mixing: &mut [T]) {
    let n = mixing.len();
    let (tracer, density) = (&tracer[..n], &density[..n]);
    for i in 0..n {
        mixing[i] = tracer[i] / density[i];
    }
}
