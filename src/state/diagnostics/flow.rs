//! Diagnostics of the flow in a box that look at neighbouring cells or at whole columns.
//!
//! Derivatives are centred differences over two cells, one-sided at the ground and the lid. They read one cell of
//! the halo, which must be filled ([`crate::model::Model::diagnose`]).

use super::{Context, Diagnostic, air, diagnostic};
use crate::real::Real;
use crate::state::{Field, Location, TileState};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    VorticityX,
    VorticityY,
    VorticityZ,
    Divergence,
    KineticEnergy,
    MomentumFluxX,
    MomentumFluxY,
    UpdraftHelicity,
    LargestUpdraft,
}

/// The layer of the updraft helicity in m above the ground.
const HELICITY_LAYER: [f64; 2] = [2000.0, 5000.0];

/// The diagnostics of a box.
pub fn all() -> Vec<Diagnostic> {
    use Location::{Centre, Surface};
    use Quantity::*;
    let fixed = |name: &str, unit, long_name: &str, standard_name, location, quantity| {
        diagnostic(name, unit, long_name, standard_name, location, super::Quantity::Flow(quantity))
    };
    let upward_vorticity = Some("atmosphere_upward_relative_vorticity");
    vec![
        fixed("vorticity_x", "s-1", "vorticity along x", None, Centre, VorticityX),
        fixed("vorticity_y", "s-1", "vorticity along y", None, Centre, VorticityY),
        fixed("vorticity_z", "s-1", "vertical vorticity", upward_vorticity, Centre, VorticityZ),
        fixed("divergence", "s-1", "horizontal divergence", Some("divergence_of_wind"), Centre, Divergence),
        fixed(
            "kinetic_energy",
            "m2 s-2",
            "kinetic energy of a mass",
            Some("specific_kinetic_energy_of_air"),
            Centre,
            KineticEnergy,
        ),
        fixed(
            "momentum_flux_x",
            "kg m-1 s-2",
            "upward flux of momentum along x by the wind minus reference",
            None,
            Centre,
            MomentumFluxX,
        ),
        fixed(
            "momentum_flux_y",
            "kg m-1 s-2",
            "upward flux of momentum along y by the wind minus reference",
            None,
            Centre,
            MomentumFluxY,
        ),
        fixed(
            "updraft_helicity",
            "m2 s-2",
            "w times vertical vorticity integrated from 2 to 5 km",
            None,
            Surface,
            UpdraftHelicity,
        ),
        fixed(
            "w_column_max",
            "m s-1",
            "largest upward velocity in the column",
            None,
            Surface,
            LargestUpdraft,
        ),
    ]
}

/// Computes the values of row `j` and level `k`.
pub fn row<T: Real>(
    quantity: Quantity,
    context: &Context<'_>,
    state: &TileState<T>,
    j: usize,
    k: usize,
    out: &mut [f64],
) {
    let flow = Flow { context, state };
    for (i, out) in out.iter_mut().enumerate() {
        let at = (i as isize, j as isize);
        *out = match quantity {
            Quantity::VorticityX => flow.along_y(at, |at| flow.w(at, k)) - flow.upwards(k, |k| flow.v(at, k)),
            Quantity::VorticityY => flow.upwards(k, |k| flow.u(at, k)) - flow.along_x(at, |at| flow.w(at, k)),
            Quantity::VorticityZ => flow.vorticity(at, k),
            Quantity::Divergence => {
                flow.along_x(at, |at| flow.u(at, k)) + flow.along_y(at, |at| flow.v(at, k))
            }
            Quantity::KineticEnergy => {
                let (u, v, w) = (flow.u(at, k), flow.v(at, k), flow.w(at, k));
                0.5 * (u * u + v * v + w * w)
            }
            Quantity::MomentumFluxX => {
                flow.density(at, k) * (flow.u(at, k) - context.reference.u[k]) * flow.w(at, k)
            }
            Quantity::MomentumFluxY => {
                flow.density(at, k) * (flow.v(at, k) - context.reference.v[k]) * flow.w(at, k)
            }
            Quantity::UpdraftHelicity => flow.helicity(at),
            Quantity::LargestUpdraft => {
                (0..=context.vertical.nz()).map(|k| flow.w_interface(at, k)).fold(f64::NEG_INFINITY, f64::max)
            }
        };
    }
}

/// The flow of a tile, by column (i, j) and level.
struct Flow<'a, T> {
    context: &'a Context<'a>,
    state: &'a TileState<T>,
}

impl<T: Real> Flow<'_, T> {
    fn density(&self, (i, j): (isize, isize), k: usize) -> f64 {
        self.context.reference.density[k] + self.state.density.get(i, j, k).to_f64()
    }

    fn velocity(&self, momentum: &Field<T>, at: (isize, isize), k: usize) -> f64 {
        momentum.get(at.0, at.1, k).to_f64() / self.density(at, k)
    }

    fn u(&self, at: (isize, isize), k: usize) -> f64 {
        self.velocity(&self.state.momentum_x, at, k)
    }

    fn v(&self, at: (isize, isize), k: usize) -> f64 {
        self.velocity(&self.state.momentum_y, at, k)
    }

    /// w at an interface; 0 at the ground and the lid.
    fn w_interface(&self, at: (isize, isize), k: usize) -> f64 {
        let vertical = self.context.vertical;
        if k == 0 || k == vertical.nz() {
            return 0.0;
        }
        let density = air::interface_density(vertical, k, |k| self.density(at, k));
        self.state.momentum_z.get(at.0, at.1, k).to_f64() / density
    }

    /// w at a cell centre.
    fn w(&self, at: (isize, isize), k: usize) -> f64 {
        0.5 * (self.w_interface(at, k) + self.w_interface(at, k + 1))
    }

    fn along_x(&self, (i, j): (isize, isize), value: impl Fn((isize, isize)) -> f64) -> f64 {
        0.5 * (value((i + 1, j)) - value((i - 1, j))) * self.context.inverse_spacing[0]
    }

    /// 0 where there is no y direction.
    fn along_y(&self, (i, j): (isize, isize), value: impl Fn((isize, isize)) -> f64) -> f64 {
        if self.state.density.layout().halo_y == 0 {
            return 0.0;
        }
        0.5 * (value((i, j + 1)) - value((i, j - 1))) * self.context.inverse_spacing[1]
    }

    fn upwards(&self, k: usize, value: impl Fn(usize) -> f64) -> f64 {
        let centres = &self.context.vertical.centres;
        let (below, above) = (k.saturating_sub(1), (k + 1).min(centres.len() - 1));
        if below == above {
            return 0.0;
        }
        (value(above) - value(below)) / (centres[above] - centres[below])
    }

    fn vorticity(&self, at: (isize, isize), k: usize) -> f64 {
        self.along_x(at, |at| self.v(at, k)) - self.along_y(at, |at| self.u(at, k))
    }

    /// The integral of w times the vertical vorticity over the layer (Kain et al. 2008, Weather Forecast. 23,
    /// 931-952).
    fn helicity(&self, at: (isize, isize)) -> f64 {
        let interfaces = &self.context.vertical.interfaces;
        let [base, top] = HELICITY_LAYER;
        let share = |k: usize| (interfaces[k + 1].min(top) - interfaces[k].max(base)).max(0.0);
        let inside = (0..self.context.vertical.nz()).filter(|&k| share(k) > 0.0);
        inside.map(|k| share(k) * self.w(at, k) * self.vorticity(at, k)).sum()
    }
}
