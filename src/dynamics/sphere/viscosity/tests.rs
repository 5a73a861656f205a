//! | quantity | tolerance | reason |
//! |---|---|---|
//! | decay of the first harmonic, l2 | 1 % with 16 cells an edge, and the order 1.4 | second order, one less in the cells beside a side of a panel |
//! | totals | 1e-14 of the flux | exact but for rounding |

use super::*;
use crate::cases::{self, testing::globe};
use crate::comm::single::Single;
use crate::mesh::{CubedSphere, Geometry};
use crate::state::State;

/// Cells an edge.
const N: usize = 16;
const VISCOSITY: f64 = 1e5;

/// Air of one density without height scale: a globe, its viscosity and a state that is filled by hand.
struct World {
    mesh: Mesh,
    viscosity: SphereViscosity<f64>,
    state: State<f64>,
    reference: Reference,
}

fn world(n: usize, tracers: usize, tile: [usize; 2]) -> World {
    let mut configuration = globe("isothermal_rest", n, 3, 3e3);
    configuration.dynamics.viscosity = VISCOSITY;
    configuration.dynamics.diffusivity = VISCOSITY;
    configuration.dynamics.tracers = vec!["one".into(); tracers];
    let sphere = CubedSphere::new(n, 6.37122e6, 0.3);
    let geometry = Geometry::CubedSphere(sphere);
    let mesh = Mesh::of_geometry(geometry, &configuration.grid.interfaces, tile, 0, 1).unwrap();
    let case = cases::build(&configuration).unwrap();
    let reference = Reference::new(&*case, configuration.dynamics.constants, &mesh.vertical);
    let viscosity = SphereViscosity::new(&configuration, &mesh, &reference, &Single).unwrap();
    let state = State::new(&mesh, Setting::Sphere, tracers);
    World { mesh, viscosity, state, reference }
}

impl World {
    /// Does something with the position of every cell, its field values chosen by `field`.
    fn set(
        &mut self,
        field: fn(&mut TileState<f64>) -> &mut Field<f64>,
        value: impl Fn(usize, [f64; 3], f64) -> f64,
    ) {
        let sphere = self.mesh.sphere().unwrap();
        for (tile, fields) in self.mesh.tiles.iter().zip(&mut self.state.tiles) {
            let field = field(fields);
            for k in 0..3 {
                for (j, i) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (j, i))) {
                    let at = sphere.centre(tile.panel, tile.i0 + i, tile.j0 + j);
                    field.cells_mut(j, k)[i] = value(tile.panel, at, self.reference.density[k]);
                }
            }
        }
    }

    /// The relative l2 error of a field of level 1 against its decay by `rate` in `dt` s, where it was `before`.
    fn decay_error(&self, before: &State<f64>, field: fn(&TileState<f64>) -> &Field<f64>, decay: f64) -> f64 {
        let (mut error, mut size) = (0.0, 0.0);
        for (old, new) in before.tiles.iter().zip(&self.state.tiles) {
            for j in 0..old.density.layout().nj {
                for (old, new) in field(old).cells(j, 1).iter().zip(field(new).cells(j, 1)) {
                    error += ((new - old) + decay * old).powi(2);
                    size += (decay * old).powi(2);
                }
            }
        }
        f64::sqrt(error / size)
    }

    fn step(&mut self, dt: f64) {
        self.viscosity.step(&mut self.state.tiles, dt, &mut Timers::new());
    }

    /// The sum of a field over the globe.
    fn total(&self, field: fn(&TileState<f64>) -> &Field<f64>) -> f64 {
        let mut sum = 0.0;
        for (tile, fields) in self.mesh.tiles.iter().zip(&self.state.tiles) {
            for (k, j) in (0..3).flat_map(|k| (0..tile.nj).map(move |j| (k, j))) {
                for (i, value) in field(fields).cells(j, k).iter().enumerate() {
                    let area = self.mesh.area(tile.i0 + i, tile.j0 + j);
                    sum += value * area * self.mesh.vertical.thickness[k];
                }
            }
        }
        sum
    }
}

/// 2 K dt/a^2: how much of the first harmonic goes.
fn decay(dt: f64) -> f64 {
    2.0 * VISCOSITY * dt / (6.37122e6 * 6.37122e6)
}

#[test]
fn the_first_harmonic_decays_at_its_rate() {
    let error = |n: usize| {
        let mut world = world(n, 0, [n, n]);
        world.set(|tile| &mut tile.heat, |_, at, rho| rho * (0.3 * at[0] - 0.8 * at[1] + at[2]));
        let before = world.state.clone();
        world.step(1e4);
        world.decay_error(&before, |tile| &tile.heat, decay(1e4))
    };
    let errors = [16, 32].map(error);
    assert!(errors[0] < 0.01 && errors[0] / errors[1] > f64::powf(2.0, 1.4), "{errors:?}");
}

#[test]
fn a_rigid_rotation_decays_at_the_same_rate() {
    let mut world = world(N, 0, [N, N]);
    let sphere = CubedSphere::new(N, 6.37122e6, 0.3);
    let component = |c: usize| {
        let sphere = sphere.clone();
        move |panel: usize, at: [f64; 3], rho: f64| {
            sphere.to_panel(panel, [-rho * 20.0 * at[1], rho * 20.0 * at[0], 0.0])[c]
        }
    };
    world.set(|tile| &mut tile.momentum_x, component(0));
    world.set(|tile| &mut tile.momentum_y, component(1));
    world.set(|tile| tile.momentum_n.as_mut().unwrap(), component(2));
    let before = world.state.clone();
    world.step(1e4);
    let along_x = world.decay_error(&before, |tile| &tile.momentum_x, decay(1e4));
    let along_y = world.decay_error(&before, |tile| &tile.momentum_y, decay(1e4));
    assert!(along_x < 0.01 && along_y < 0.01, "{along_x} {along_y}");
}

#[test]
fn nothing_is_lost_and_nothing_becomes_negative() {
    let mut world = world(N, 1, [7, 5]);
    let spot = |_: usize, at: [f64; 3], rho: f64| if at[0] + at[1] + at[2] > 1.6 { rho } else { 0.0 };
    world.set(|tile| &mut tile.tracers[0], spot);
    world.set(|tile| &mut tile.heat, spot);
    let totals = |world: &World| [world.total(|tile| &tile.tracers[0]), world.total(|tile| &tile.heat)];
    let before = totals(&world);
    for _ in 0..5 {
        world.step(2.0);
    }
    for (before, after) in before.into_iter().zip(totals(&world)) {
        assert!((after / before - 1.0).abs() < 1e-14, "{before} {after}");
    }
    let least =
        world.state.tiles.iter().flat_map(|tile| tile.tracers[0].values()).fold(0.0, |m: f64, q| m.min(*q));
    assert_eq!(least, 0.0);
}

#[test]
fn what_is_the_same_everywhere_stays() {
    let mut world = world(N, 1, [N, N]);
    world.set(|tile| &mut tile.tracers[0], |_, _, rho| rho);
    world.set(|tile| &mut tile.heat, |_, _, rho| 3.0 * rho);
    let before = world.state.clone();
    world.step(2.0);
    for (old, new) in before.tiles.iter().zip(&world.state.tiles) {
        assert_eq!(old.tracers[0].values(), new.tracers[0].values());
        assert_eq!(old.heat.values(), new.heat.values());
    }
}
