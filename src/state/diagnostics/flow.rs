//! Diagnostics of the flow in a box that look at neighbouring cells or at whole columns.
//!
//! Derivatives are centred differences over two cells, one-sided at the ground and the lid. They read one cell of
//! the halo, which must be filled ([`crate::model::Model::diagnose`]). Over terrain those along x (likewise y) are the
//! differences D along the level minus D z times the vertical derivative: of a field that is linear in space exact.

use super::{Context, Diagnostic, air, diagnostic};
use crate::dynamics::TileReference;
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
            Quantity::VorticityX => {
                flow.along_y(at, k, |at, k| flow.w(at, k)) - flow.upwards(at, k, |k| flow.v(at, k))
            }
            Quantity::VorticityY => {
                flow.upwards(at, k, |k| flow.u(at, k)) - flow.along_x(at, k, |at, k| flow.w(at, k))
            }
            Quantity::VorticityZ => flow.vorticity(at, k),
            Quantity::Divergence => {
                flow.along_x(at, k, |at, k| flow.u(at, k)) + flow.along_y(at, k, |at, k| flow.v(at, k))
            }
            Quantity::KineticEnergy => {
                let (u, v, w) = (flow.u(at, k), flow.v(at, k), flow.w(at, k));
                0.5 * (u * u + v * v + w * w)
            }
            Quantity::MomentumFluxX => {
                flow.density(at, k) * (flow.u(at, k) - flow.wind(at, k)[0]) * flow.w(at, k)
            }
            Quantity::MomentumFluxY => {
                flow.density(at, k) * (flow.v(at, k) - flow.wind(at, k)[1]) * flow.w(at, k)
            }
            Quantity::UpdraftHelicity => flow.helicity(at),
            Quantity::LargestUpdraft => flow.largest_updraft(at),
        };
    }
}

/// A column in the tile's indices, which may lie in the halo.
type At = (isize, isize);

/// The flow of a tile, by column (i, j) and level.
struct Flow<'a, T> {
    context: &'a Context<'a>,
    state: &'a TileState<T>,
}

impl<T: Real> Flow<'_, T> {
    fn density(&self, (i, j): At, k: usize) -> f64 {
        let terrain = self.context.terrain;
        let density = terrain.map_or(self.context.reference.density[k], |tile| tile.density.get(i, j, k));
        density + self.state.density.get(i, j, k).to_f64()
    }

    /// The reference wind.
    fn wind(&self, (i, j): At, k: usize) -> [f64; 2] {
        let Context { reference, terrain, .. } = self.context;
        terrain.map_or([reference.u[k], reference.v[k]], |tile| [tile.u.get(i, j, k), tile.v.get(i, j, k)])
    }

    /// Height of a cell centre in m.
    fn height(&self, (i, j): At, k: usize) -> f64 {
        self.context.terrain.map_or(self.context.vertical.centres[k], |tile| tile.centre(i, j, k))
    }

    fn velocity(&self, momentum: &Field<T>, at: At, k: usize) -> f64 {
        momentum.get(at.0, at.1, k).to_f64() / self.density(at, k)
    }

    fn u(&self, at: At, k: usize) -> f64 {
        self.velocity(&self.state.momentum_x, at, k)
    }

    fn v(&self, at: At, k: usize) -> f64 {
        self.velocity(&self.state.momentum_y, at, k)
    }

    /// w at an interface; 0 at the lid and at flat ground, of air that flows along it at the ground of terrain.
    fn w_interface(&self, at: At, k: usize) -> f64 {
        let Context { vertical, terrain, .. } = self.context;
        let momentum = || self.state.momentum_z.get(at.0, at.1, k).to_f64();
        match terrain {
            _ if k == vertical.nz() => 0.0,
            None if k == 0 => 0.0,
            Some(tile) if k == 0 => self.w_along_ground(tile, at),
            None => momentum() / air::interface_density(vertical, k, |k| self.density(at, k)),
            Some(tile) => {
                let above = tile.weight_above(at.0, at.1, k);
                momentum() / (above * self.density(at, k) + (1.0 - above) * self.density(at, k - 1))
            }
        }
    }

    /// The largest w of the column, that of the diagnostic w.
    fn largest_updraft(&self, at: At) -> f64 {
        let (i, j) = (at.0 as usize, at.1 as usize);
        let at_ground = match self.context.terrain {
            Some(tile) => air::at_the_ground(self.context, tile, self.state, i, j),
            None => 0.0,
        };
        (1..=self.context.vertical.nz()).map(|k| self.w_interface(at, k)).fold(at_ground, f64::max)
    }

    /// The velocity of the lowest two cells extrapolated to the ground, times its slopes: centred differences.
    fn w_along_ground(&self, tile: &TileReference, at: At) -> f64 {
        let share = 0.5 * self.context.vertical.thickness[0] / self.context.vertical.spacing[1];
        let extrapolated = |lowest: f64, second: f64| lowest + share * (lowest - second);
        let ground = |(i, j): At| tile.interfaces.get(i, j, 0);
        extrapolated(self.u(at, 0), self.u(at, 1)) * self.difference_x(at, ground)
            + extrapolated(self.v(at, 0), self.v(at, 1)) * self.difference_y(at, ground)
    }

    /// w at a cell centre.
    fn w(&self, at: At, k: usize) -> f64 {
        0.5 * (self.w_interface(at, k) + self.w_interface(at, k + 1))
    }

    /// The difference along a level, in units of a metre along x.
    fn difference_x(&self, (i, j): At, value: impl Fn(At) -> f64) -> f64 {
        0.5 * (value((i + 1, j)) - value((i - 1, j))) * self.context.inverse_spacing[0]
    }

    /// 0 where there is no y direction.
    fn difference_y(&self, (i, j): At, value: impl Fn(At) -> f64) -> f64 {
        if self.state.density.layout().halo_y == 0 {
            return 0.0;
        }
        0.5 * (value((i, j + 1)) - value((i, j - 1))) * self.context.inverse_spacing[1]
    }

    fn along_x(&self, at: At, k: usize, value: impl Fn(At, usize) -> f64) -> f64 {
        let along_level = self.difference_x(at, |at| value(at, k));
        match self.context.terrain {
            None => along_level,
            Some(_) => {
                let slope = self.difference_x(at, |at| self.height(at, k));
                along_level - slope * self.upwards(at, k, |k| value(at, k))
            }
        }
    }

    fn along_y(&self, at: At, k: usize, value: impl Fn(At, usize) -> f64) -> f64 {
        let along_level = self.difference_y(at, |at| value(at, k));
        match self.context.terrain {
            None => along_level,
            Some(_) => {
                let slope = self.difference_y(at, |at| self.height(at, k));
                along_level - slope * self.upwards(at, k, |k| value(at, k))
            }
        }
    }

    fn upwards(&self, at: At, k: usize, value: impl Fn(usize) -> f64) -> f64 {
        let (below, above) = (k.saturating_sub(1), (k + 1).min(self.context.vertical.nz() - 1));
        if below == above {
            return 0.0;
        }
        (value(above) - value(below)) / (self.height(at, above) - self.height(at, below))
    }

    fn vorticity(&self, at: At, k: usize) -> f64 {
        self.along_x(at, k, |at, k| self.v(at, k)) - self.along_y(at, k, |at, k| self.u(at, k))
    }

    /// The integral of w times the vertical vorticity over the layer (Kain et al. 2008, Weather Forecast. 23,
    /// 931-952).
    fn helicity(&self, at: At) -> f64 {
        let Context { vertical, terrain, .. } = self.context;
        let height = |k: usize| match terrain {
            Some(tile) => tile.interfaces.get(at.0, at.1, k) - tile.interfaces.get(at.0, at.1, 0),
            None => vertical.interfaces[k],
        };
        let [base, top] = HELICITY_LAYER;
        let share = |k: usize| (height(k + 1).min(top) - height(k).max(base)).max(0.0);
        let inside = (0..vertical.nz()).filter(|&k| share(k) > 0.0);
        inside.map(|k| share(k) * self.w(at, k) * self.vorticity(at, k)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{self, testing::configuration};
    use crate::config::{Terrain, TerrainCoordinate, TerrainShape};
    use crate::dynamics::Reference;
    use crate::mesh::Mesh;

    /// Velocities that are linear in space: their derivatives along x, y and z, by component.
    const SHEAR: [[f64; 3]; 3] = [[2e-3, -5e-3, 8e-3], [7e-3, 3e-3, -6e-3], [4e-3, -1e-3, 0.0]];

    /// A component of the velocity in the place (x, y, z).
    fn linear(component: usize, place: [f64; 3]) -> f64 {
        (0..3).map(|axis| SHEAR[component][axis] * place[axis]).sum::<f64>() + 3.0
    }

    /// A tile over a steep hill with the linear velocities, also in the halo.
    fn over_a_hill(mesh: &Mesh, reference: &Reference) -> TileState<f64> {
        let (tile, terrain) = (&mesh.tiles[0], &reference.tiles[0]);
        let mut state = TileState::<f64>::new(tile, crate::config::Setting::Plane, 0);
        for j in -3..tile.nj as isize + 3 {
            for (i, k) in (-3..tile.ni as isize + 3).flat_map(|i| (0..tile.nz).map(move |k| (i, k))) {
                let place = |z: f64| [500.0 * i as f64, 400.0 * j as f64, z];
                let (density, at) = (terrain.density.get(i, j, k), state.density.layout().at(i, j, k));
                let centre = place(terrain.centre(i, j, k));
                state.momentum_x.values_mut()[at] = density * linear(0, centre);
                state.momentum_y.values_mut()[at] = density * linear(1, centre);
                if k > 0 {
                    let above = terrain.weight_above(i, j, k);
                    let density = above * density + (1.0 - above) * terrain.density.get(i, j, k - 1);
                    let at = state.momentum_z.layout().at(i, j, k);
                    let w = linear(2, place(terrain.interfaces.get(i, j, k)));
                    state.momentum_z.values_mut()[at] = density * w;
                }
            }
        }
        state
    }

    #[test]
    fn derivatives_of_a_linear_wind_over_a_hill_are_exact() {
        let mut configuration = configuration("stratified_rest", [6e3, 5e3], [12, 10]);
        configuration.grid.ny = 10;
        configuration.grid.dy = 400.0;
        let shape = TerrainShape::Hill { height: 900.0, half_width: 900.0, centre: [2800.0, 1900.0] };
        configuration.terrain = Some(Terrain { shape, coordinate: TerrainCoordinate::Basic });
        configuration.parallel.tile = Some([12, 10]);
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let case = cases::build(&configuration).unwrap();
        let reference = Reference::on_mesh(&*case, configuration.dynamics.constants, &mesh);
        let state = over_a_hill(&mesh, &reference);
        let context = Context::of_tile(&mesh, &reference, &[], 0);
        let [[u_x, u_y, u_z], [v_x, v_y, v_z], [w_x, w_y, _]] = SHEAR;
        let exact = [
            (Quantity::VorticityX, w_y - v_z),
            (Quantity::VorticityY, u_z - w_x),
            (Quantity::VorticityZ, v_x - u_y),
            (Quantity::Divergence, u_x + v_y),
        ];
        // Levels below the lid and above the ground, where w is another one: 0, and that of air along the ground.
        for (quantity, exact) in exact {
            for (j, k) in (0..10).flat_map(|j| (2..8).map(move |k| (j, k))) {
                let mut row_of_cells = [0.0; 12];
                row(quantity, &context, &state, j, k, &mut row_of_cells);
                for value in row_of_cells {
                    assert!((value - exact).abs() < 1e-14, "{quantity:?}: {value} {exact}");
                }
            }
        }
    }
}
