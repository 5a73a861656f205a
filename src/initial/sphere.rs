//! The globe: averages over the cells, winds at their centres, and columns in balance.
//!
//! Scalars are averages over the cells ([`crate::mesh::footprint`]); the horizontal momentum is the value at the centre, as the
//! fourth-order scheme takes them. The columns are then put into the hydrostatic balance of the discrete
//! equations: the exact profiles alone would leave the surface pressure sloshing by tens of Pa for days.

use crate::cases::tracers::{Extent, mixing_ratio};
use crate::cases::{Air, Base, Case, Point};
use crate::config::Configuration;
use crate::dynamics::Reference;
use crate::dynamics::euler::levels::{power_coefficients, power_deviation};
use crate::mesh::cubed_sphere::Vector;
use crate::mesh::footprint::{CENTRE, Footprint, POINTS};
use crate::mesh::{CubedSphere, Tile, VerticalGrid};
use crate::real::Real;
use crate::state::TileState;
use crate::thermodynamics::Water;

/// Sweeps of the balance: its error shrinks until the truncation error of the profiles is gone.
const SWEEPS: usize = 30;

/// Fills one tile with the case's initial state.
pub fn fill<T: Real>(
    configuration: &Configuration,
    sphere: &CubedSphere,
    vertical: &VerticalGrid,
    case: &dyn Case,
    tile: &Tile,
    fields: &mut TileState<T>,
) {
    let reference = Reference::new(case, configuration.dynamics.constants, vertical);
    let bases: Vec<Base> = vertical.centres.iter().map(|&z| case.base(z)).collect();
    let source = Source {
        case,
        waters: fields.waters,
        reference: &reference,
        extent: Extent::new(&configuration.grid),
        tracers: &configuration.dynamics.tracers,
    };
    let balance = Balance::over_flat_ground(vertical, &reference);
    let mut column = Column::new(vertical.nz(), source.tracers.len());
    for j in 0..tile.nj {
        for i in 0..tile.ni {
            let footprint = Footprint::new(sphere, tile.panel, tile.i0 + i, tile.j0 + j);
            for (k, base) in bases.iter().enumerate() {
                column.fill_level(&source, &footprint, base, vertical.centres[k], k);
            }
            balance.apply(&column.heat, &mut column.density);
            column.store(&reference, fields, i, j);
        }
    }
}

/// Where the values come from.
struct Source<'a> {
    case: &'a dyn Case,
    /// How many of the tracers, the first, are water.
    waters: usize,
    reference: &'a Reference,
    extent: Extent,
    tracers: &'a [String],
}

/// The values of one column, from the ground up.
struct Column {
    /// Averages of the density deviation: its balanced part, and the part that is meant to be out of balance.
    density: Vec<f64>,
    buoyant: Vec<f64>,
    /// Average of the heat deviation.
    heat: Vec<f64>,
    momentum: Vec<Vector>,
    /// Mass-weighted averages of the mixing ratios, by tracer.
    tracers: Vec<Vec<f64>>,
}

impl Source<'_> {
    /// The mixing ratio of the `n`-th tracer at a point.
    fn tracer(&self, n: usize, at: Point, base: &Base) -> f64 {
        if n >= self.waters {
            return mixing_ratio(&self.tracers[n], at, &self.extent);
        }
        let Water { vapour, cloud, rain } = self.case.water(at, base);
        [vapour, cloud, rain][n]
    }
}

impl Column {
    fn new(nz: usize, tracers: usize) -> Self {
        let zeros = vec![0.0; nz];
        Column {
            density: zeros.clone(),
            buoyant: zeros.clone(),
            heat: zeros.clone(),
            momentum: vec![[0.0; 3]; nz],
            tracers: vec![zeros; tracers],
        }
    }

    fn fill_level(&mut self, source: &Source<'_>, footprint: &Footprint, base: &Base, z: f64, k: usize) {
        let points = footprint.points.map(|(x, y)| Point { x, y, z });
        let airs: [Air; POINTS] = points.map(|at| source.case.initial(at, base));
        let density0 = source.reference.density[k];
        self.buoyant[k] = footprint.mean(points.map(|at| source.case.buoyant_density(at, base)));
        self.density[k] = footprint.mean(airs.map(|air| air.density)) - self.buoyant[k];
        self.heat[k] = footprint.mean(airs.map(|air| air.heat));
        let Air { density, u, v, .. } = airs[CENTRE];
        self.momentum[k] = footprint.momentum(density0 + density, u, v);
        for (n, means) in self.tracers.iter_mut().enumerate() {
            let ratios = points.map(|at| source.tracer(n, at, base));
            let centre = ratios[CENTRE];
            let masses = std::array::from_fn(|m| (density0 + airs[m].density) * (ratios[m] - centre));
            let mass = footprint.mean(airs.map(|air| density0 + air.density));
            means[k] = centre + footprint.mean(masses) / mass;
        }
    }

    fn store<T: Real>(&self, reference: &Reference, fields: &mut TileState<T>, i: usize, j: usize) {
        for (k, momentum) in self.momentum.iter().enumerate() {
            let density = self.density[k] + self.buoyant[k];
            fields.density.cells_mut(j, k)[i] = T::of(density);
            fields.heat.cells_mut(j, k)[i] = T::of(self.heat[k]);
            fields.momentum_x.cells_mut(j, k)[i] = T::of(momentum[0]);
            fields.momentum_y.cells_mut(j, k)[i] = T::of(momentum[1]);
            if let Some(momentum_n) = &mut fields.momentum_n {
                momentum_n.cells_mut(j, k)[i] = T::of(momentum[2]);
            }
            for (field, means) in fields.tracers.iter_mut().zip(&self.tracers) {
                field.cells_mut(j, k)[i] = T::of((reference.density[k] + density) * means[k]);
            }
        }
    }
}

/// The hydrostatic balance of the discrete equations: dp'/dz + g r = 0 at every interface of a column, with the
/// pressure and the weights of the dynamics.
pub(super) struct Balance<'a> {
    pub gravity: f64,
    /// Those of the pressure.
    pub polynomial: [f64; 7],
    /// Reference pressure and rho0 theta0 of the cells.
    pub pressure: &'a [f64],
    pub heat: &'a [f64],
    /// Distances of the centres around the interfaces, and the shares of the cells above them.
    pub spacing: &'a [f64],
    pub weight_above: &'a [f64],
    pub weight_below: &'a [f64],
}

impl<'a> Balance<'a> {
    fn over_flat_ground(vertical: &'a VerticalGrid, reference: &'a Reference) -> Self {
        Balance {
            gravity: reference.constants.gravity,
            polynomial: power_coefficients(reference.constants.gamma()),
            pressure: &reference.pressure,
            heat: &reference.heat,
            spacing: &vertical.spacing,
            weight_above: &vertical.weight_above,
            weight_below: &vertical.weight_below,
        }
    }

    /// Adjusts the density deviations of a column to its heat. Every sweep spreads the residual of an
    /// interface evenly over the two cells beside it, which never excites the shortest wave.
    pub fn apply(&self, heat: &[f64], density: &mut [f64]) {
        let nz = density.len();
        if nz < 2 {
            return;
        }
        let gradient = self.pressure_gradient(heat);
        let mut residual = vec![0.0; nz + 1];
        for _ in 0..SWEEPS {
            self.residual(&gradient, density, &mut residual);
            for (k, density) in density.iter_mut().enumerate() {
                *density += 0.5 * (residual[k] + residual[k + 1]);
            }
        }
    }

    /// -dp'/dz / g at the interfaces inside: the density deviation that the pressure can carry.
    fn pressure_gradient(&self, heat: &[f64]) -> Vec<f64> {
        let deviation =
            |k: usize| self.pressure[k] * power_deviation(heat[k] / self.heat[k], &self.polynomial);
        let inside = |k: usize| (deviation(k - 1) - deviation(k)) / (self.gravity * self.spacing[k]);
        let nz = heat.len();
        (0..=nz).map(|k| if k == 0 || k == nz { 0.0 } else { inside(k) }).collect()
    }

    /// What is missing in the density deviation at every interface; the outermost repeat their neighbours.
    fn residual(&self, gradient: &[f64], density: &[f64], residual: &mut [f64]) {
        let Balance { weight_above, weight_below, .. } = self;
        let nz = density.len();
        for k in 1..nz {
            residual[k] = gradient[k] - (weight_above[k] * density[k] + weight_below[k] * density[k - 1]);
        }
        residual[0] = residual[1];
        residual[nz] = residual[nz - 1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::testing::globe;
    use crate::cases::{self, Setting};
    use crate::mesh::{Geometry, Mesh};
    use crate::state::State;

    const N: usize = 8;

    /// The state of a case on the globe with `tracers`, in tiles of `size` columns.
    fn state(configuration: &Configuration, size: [usize; 2]) -> (Mesh, State<f64>) {
        let sphere = configuration.grid.sphere().expect("it is a globe");
        let geometry = Geometry::CubedSphere(CubedSphere::new(N, sphere.radius, sphere.tilt));
        let mesh = Mesh::of_geometry(geometry, &configuration.grid.interfaces, size, 0, 1).unwrap();
        let case = cases::build(configuration).unwrap();
        let state = crate::initial::initial_state(configuration, &mesh, &*case);
        (mesh, state)
    }

    /// The largest residual of the discrete balance over rho0, in the column (i, j) of a tile.
    fn residual(
        configuration: &Configuration,
        mesh: &Mesh,
        state: &TileState<f64>,
        i: usize,
        j: usize,
    ) -> f64 {
        let case = cases::build(configuration).unwrap();
        let reference = Reference::new(&*case, configuration.dynamics.constants, &mesh.vertical);
        let nz = mesh.vertical.nz();
        let column = |field: &crate::state::Field<f64>| -> Vec<f64> {
            (0..nz).map(|k| field.cells(j, k)[i]).collect()
        };
        let balance = Balance::over_flat_ground(&mesh.vertical, &reference);
        let mut residual = vec![0.0; nz + 1];
        balance.residual(
            &balance.pressure_gradient(&column(&state.heat)),
            &column(&state.density),
            &mut residual,
        );
        (1..nz).map(|k| residual[k].abs() / reference.density[k]).fold(0.0, f64::max)
    }

    #[test]
    fn columns_start_in_the_balance_of_the_discrete_equations() {
        for name in ["isothermal_rest", "baroclinic_wave", "held_suarez"] {
            let configuration = globe(name, N, 30, 30e3);
            let (mesh, state) = state(&configuration, [N, N]);
            for tile in &state.tiles {
                for (i, j) in [(0, 0), (3, 5), (7, 2)] {
                    let found = residual(&configuration, &mesh, tile, i, j);
                    // Before the balance it is the truncation error of the profiles, 1e-4 and more.
                    assert!(found < 1e-6, "{name}: {found:e}");
                }
            }
        }
    }

    #[test]
    fn a_warm_spot_survives_the_balance() {
        let mut configuration = globe("gravity_wave_sphere", N, 10, 10e3);
        configuration.case.parameters.insert("half_width_m".into(), 20e3);
        let (_, warm) = state(&configuration, [N, N]);
        configuration.case.parameters.insert("amplitude_k".into(), 0.0);
        let (_, even) = state(&configuration, [N, N]);
        let least = warm.tiles.iter().zip(&even.tiles).flat_map(|(warm, even)| {
            (0..N).flat_map(move |j| {
                let rows = warm.density.cells(j, 6).iter().zip(even.density.cells(j, 6));
                rows.map(|(warm, even)| warm - even)
            })
        });
        // rho'/rho = -theta'/theta, for up to 1 K in air of 0.7 kg/m3 and 318 K.
        let least = least.fold(0.0, f64::min);
        assert!((-0.0022..-0.0017).contains(&least), "{least}");
    }

    #[test]
    fn tiles_do_not_change_the_start() {
        let mut configuration = globe("held_suarez", N, 10, 30e3);
        configuration.dynamics.tracers = vec!["one".into(), "bell".into()];
        assert_eq!(configuration.dynamics.setting, Setting::Sphere);
        let (whole_mesh, whole) = state(&configuration, [N, N]);
        let (mesh, cut) = state(&configuration, [4, 5]);
        for (tile, fields) in mesh.tiles.iter().zip(&cut.tiles) {
            let other = whole_mesh.tile_at(tile.panel, tile.i0, tile.j0);
            for (field, other) in fields.prognostic().zip(whole.tiles[other].prognostic()) {
                for (j, k) in (0..tile.nj).flat_map(|j| (0..field.layout().levels).map(move |k| (j, k))) {
                    let expected = &other.cells(tile.j0 + j, k)[tile.i0..][..tile.ni];
                    assert_eq!(field.cells(j, k), expected);
                }
            }
        }
    }

    #[test]
    fn a_tracer_of_one_is_the_density() {
        let mut configuration = globe("baroclinic_wave", N, 10, 30e3);
        configuration.dynamics.tracers = vec!["one".into()];
        let (mesh, state) = state(&configuration, [N, N]);
        let case = cases::build(&configuration).unwrap();
        let reference = Reference::new(&*case, configuration.dynamics.constants, &mesh.vertical);
        for tile in &state.tiles {
            for (j, k) in (0..N).flat_map(|j| (0..10).map(move |k| (j, k))) {
                for (tracer, density) in tile.tracers[0].cells(j, k).iter().zip(tile.density.cells(j, k)) {
                    assert_eq!(*tracer, reference.density[k] + density);
                }
            }
        }
    }
}
