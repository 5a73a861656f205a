//! The forcing of Held and Suarez: a climate without radiation or moisture.
//!
//! Held, I. M. and M. J. Suarez (1994): A proposal for the intercomparison of the dynamical cores of
//! atmospheric general circulation models. Bull. Amer. Meteor. Soc. 75, 1825-1830.
//!
//! With sigma = p/ps, s = max(0, (sigma - 0.7)/0.3), latitude phi and p00 = 1000 hPa:
//!
//! ```text
//! dT/dt = -k_T (T - Teq)    Teq = max(200 K, (315 K - 60 K sin^2 phi - 10 K ln(p/p00) cos^2 phi) (p/p00)^(R/cp))
//! dv/dt = -k_v v            k_T = k_a + (k_s - k_a) s cos^4 phi,  k_v = k_f s
//! ```
//!
//! with k_a = 1/40, k_s = 1/4 and k_f = 1 per day. Both are implicit in time. As dT/dt stands for the heating
//! Q/cp, the potential temperature changes by dT/Pi at constant density. ps is the pressure of the lowest
//! level, extrapolated to the ground at its temperature.

use super::{Columns, Process, ProcessInfo};
use crate::config::Setting;
use crate::constants::Constants;
use crate::math::exp_near_zero;

const DAY: f64 = 86_400.0;
/// k_a, k_s and k_f in 1/s, and sigma of the top of the boundary layer.
const COOLING: f64 = 1.0 / (40.0 * DAY);
const SURFACE_COOLING: f64 = 1.0 / (4.0 * DAY);
const FRICTION: f64 = 1.0 / DAY;
const BOUNDARY_LAYER: f64 = 0.7;

pub(super) const INFO: ProcessInfo = ProcessInfo {
    name: "held_suarez",
    title: "relaxation of the temperature and friction of an idealised climate",
    reference: "Held and Suarez 1994, Bull. Amer. Meteor. Soc. 75, 1825-1830",
    settings: &[Setting::Sphere],
    waters: 0,
    has_ice: false,
    tracers: &[],
    moves_air: true,
    sees_rise: false,
    default_of: &["held_suarez"],
    build,
};

struct HeldSuarez;

fn build(_: &Constants) -> Box<dyn Process> {
    Box::new(HeldSuarez)
}

/// Teq in K from ln(p/p00), the Exner function and the sine of the latitude.
#[inline(always)]
fn equilibrium(log_pressure: f64, exner: f64, sine: f64) -> f64 {
    let sine_squared = sine * sine;
    let cosine_squared = 1.0 - sine_squared;
    let temperature = (315.0 - 60.0 * sine_squared - 10.0 * log_pressure * cosine_squared) * exner;
    if temperature > 200.0 { temperature } else { 200.0 }
}

/// s = max(0, (sigma - 0.7)/0.3).
#[inline(always)]
fn nearness_to_the_ground(sigma: f64) -> f64 {
    let s = (sigma - BOUNDARY_LAYER) * (1.0 / (1.0 - BOUNDARY_LAYER));
    if s > 0.0 { s } else { 0.0 }
}

impl Process for HeldSuarez {
    fn apply(&self, columns: &mut Columns, dt: f64) {
        let n = columns.n;
        let nz = columns.nz();
        let Columns { profiles, sine_latitude, density, heat, momentum, scratch: half_layer, .. } = columns;
        let [x, y, normal] = momentum;
        let half_layer = &mut half_layer[..n];
        for (half_layer, thickness) in half_layer.iter_mut().zip(profiles.thickness.row(0, n)) {
            *half_layer = profiles.gravity * (0.5 * thickness) / profiles.gas_constant;
        }
        let (lowest, lowest_temperature) = (columns.pressure.row(0, n), columns.temperature.row(0, n));
        for k in 0..nz {
            force_level(
                dt,
                [&sine_latitude[..n], half_layer],
                [lowest, lowest_temperature],
                [
                    density.row(k, n),
                    columns.pressure.row(k, n),
                    columns.temperature.row(k, n),
                    columns.log_pressure.row(k, n),
                    columns.exner.row(k, n),
                ],
                heat.row_mut(k, n),
                [x.row_mut(k, n), y.row_mut(k, n), normal.row_mut(k, n)],
            );
        }
    }
}

/// One level of a row: `half_layer` is g dz/(2 R) of the lowest cells.
#[inline(never)]
fn force_level(
    dt: f64,
    [sine, half_layer]: [&[f64]; 2],
    [lowest_pressure, lowest_temperature]: [&[f64]; 2],
    [density, pressure, temperature, log_pressure, exner]: [&[f64]; 5],
    heat: &mut [f64],
    [x, y, normal]: [&mut [f64]; 3],
) {
    let n = heat.len();
    let (sine, half_layer) = (&sine[..n], &half_layer[..n]);
    let (density, pressure) = (&density[..n], &pressure[..n]);
    let (lowest_pressure, lowest_temperature) = (&lowest_pressure[..n], &lowest_temperature[..n]);
    let (temperature, log_pressure, exner) = (&temperature[..n], &log_pressure[..n], &exner[..n]);
    let (x, y, normal) = (&mut x[..n], &mut y[..n], &mut normal[..n]);
    for i in 0..n {
        let surface_pressure = lowest_pressure[i] * exp_near_zero(half_layer[i] / lowest_temperature[i]);
        let s = nearness_to_the_ground(pressure[i] / surface_pressure);
        let cosine_squared = 1.0 - sine[i] * sine[i];
        let cooling = COOLING + (SURFACE_COOLING - COOLING) * s * (cosine_squared * cosine_squared);
        let excess = temperature[i] - equilibrium(log_pressure[i], exner[i], sine[i]);
        let warming = -dt * cooling * excess / (1.0 + dt * cooling);
        heat[i] += density[i] * warming / exner[i];
        let keep = 1.0 / (1.0 + dt * (FRICTION * s));
        x[i] *= keep;
        y[i] *= keep;
        normal[i] *= keep;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{self, testing::globe};
    use crate::config::Configuration;
    use crate::dynamics::Reference;
    use crate::initial::initial_state;
    use crate::mesh::{CubedSphere, Geometry, Mesh};
    use crate::physics::{Physics, Profiles};
    use crate::state::State;
    use approx::assert_relative_eq;

    #[test]
    fn known_equilibrium_temperatures() {
        let at = |pressure: f64, latitude: f64| {
            let log = f64::ln(pressure / 1e5);
            equilibrium(log, f64::exp(2.0 / 7.0 * log), latitude.to_radians().sin())
        };
        assert_relative_eq!(at(1e5, 0.0), 315.0);
        assert_relative_eq!(at(1e5, 90.0), 255.0);
        assert_relative_eq!(at(1e5, -45.0), 285.0, max_relative = 1e-14);
        // (315 + 10 ln 2) 2^(-2/7)
        assert_relative_eq!(at(5e4, 0.0), 264.091769, epsilon = 1e-6);
        assert_eq!(at(1e4, 30.0), 200.0);
    }

    #[test]
    fn friction_and_cooling_grow_towards_the_ground() {
        assert_eq!(nearness_to_the_ground(0.3), 0.0);
        assert_eq!(nearness_to_the_ground(0.7), 0.0);
        assert_relative_eq!(nearness_to_the_ground(0.85), 0.5, epsilon = 1e-14);
        assert_relative_eq!(nearness_to_the_ground(1.0), 1.0, epsilon = 1e-14);
    }

    fn configured() -> Configuration {
        let mut configuration = globe("held_suarez", 8, 12, 25e3);
        configuration.physics.processes = vec!["held_suarez".into()];
        configuration
    }

    /// A state of rest with its physics, in tiles of `size` columns; every cell moves at 10, 20 and 30 kg/(m2 s) along
    /// its axes.
    fn start(size: [usize; 2]) -> (Mesh, Reference, Physics, State<f64>) {
        let configuration = configured();
        let sphere = CubedSphere::new(8, 6.37122e6, 0.4);
        let geometry = Geometry::CubedSphere(sphere);
        let mesh = Mesh::of_geometry(geometry, &configuration.grid.interfaces, size, 0, 1).unwrap();
        let case = cases::build(&configuration).unwrap();
        let reference = Reference::new(&*case, configuration.dynamics.constants, &mesh.vertical);
        let mut state = initial_state(&configuration, &mesh, &*case);
        for tile in &mut state.tiles {
            tile.momentum_x.values_mut().fill(10.0);
            tile.momentum_y.values_mut().fill(20.0);
            tile.momentum_n.as_mut().unwrap().values_mut().fill(30.0);
        }
        let physics = Physics::new(&configuration, &mesh, &reference).expect("a process is configured");
        (mesh, reference, physics, state)
    }

    /// The row `j` of a tile with its diagnosed values.
    fn row(mesh: &Mesh, reference: &Reference, state: &State<f64>, tile: usize, j: usize) -> Columns {
        let (place, sphere) = (&mesh.tiles[tile], mesh.sphere().unwrap());
        let mut columns =
            Columns::new(Profiles::new(reference, &mesh.vertical, place.ni), mesh.vertical.nz());
        let positions: Vec<_> =
            (0..place.ni).map(|i| sphere.centre(place.panel, place.i0 + i, place.j0 + j)).collect();
        columns.load(&state.tiles[tile], &positions, j);
        columns.diagnose();
        columns
    }

    #[test]
    fn diagnosed_columns_follow_the_equation_of_state() {
        let (mesh, reference, _, state) = start([8, 8]);
        let columns = row(&mesh, &reference, &state, 2, 3);
        let constants = reference.constants;
        for k in 0..columns.nz() {
            let heat = reference.heat[k] + columns.heat.row(k, 8)[5];
            let pressure = 1e5 * f64::powf(heat * constants.gas_constant / 1e5, constants.gamma());
            assert_relative_eq!(columns.pressure.row(k, 8)[5], pressure, max_relative = 1e-11);
            let temperature = pressure / (constants.gas_constant * columns.density.row(k, 8)[5]);
            assert_relative_eq!(columns.temperature.row(k, 8)[5], temperature, max_relative = 1e-11);
            let exner = columns.exner.row(k, 8)[5];
            assert_relative_eq!(
                exner * heat / columns.density.row(k, 8)[5],
                temperature,
                max_relative = 1e-11
            );
            assert_relative_eq!(columns.log_pressure.row(k, 8)[5], (pressure / 1e5).ln(), epsilon = 1e-11);
        }
    }

    #[test]
    fn columns_at_rest_relax_to_the_equilibrium() {
        let (mesh, reference, physics, mut state) = start([8, 8]);
        for _ in 0..2000 {
            physics.apply(&reference, &mut state.tiles, DAY);
        }
        for tile in 0..6 {
            let columns = row(&mesh, &reference, &state, tile, 4);
            for (k, i) in (0..columns.nz()).flat_map(|k| (0..8).map(move |i| (k, i))) {
                let value = |levels: &super::super::columns::Levels| levels.row(k, 8)[i];
                let sine = columns.sine_latitude[i];
                let expected = equilibrium(value(&columns.log_pressure), value(&columns.exner), sine);
                assert_relative_eq!(value(&columns.temperature), expected, max_relative = 1e-9);
            }
        }
    }

    #[test]
    fn one_step_moves_towards_the_equilibrium_at_the_published_rate() {
        let (mesh, reference, physics, mut state) = start([8, 8]);
        let before = row(&mesh, &reference, &state, 0, 4);
        physics.apply(&reference, &mut state.tiles, 600.0);
        let after = row(&mesh, &reference, &state, 0, 4);
        for (k, i) in (0..before.nz()).flat_map(|k| (0..8).map(move |i| (k, i))) {
            let value = |levels: &super::super::columns::Levels| levels.row(k, 8)[i];
            let half_layer = reference.constants.gravity * 0.5 * mesh.vertical.thickness[0];
            let lowest = before.temperature.row(0, 8)[i];
            let surface = before.pressure.row(0, 8)[i] * f64::exp(half_layer / (287.0 * lowest));
            let s = f64::max(0.0, (value(&before.pressure) / surface - 0.7) / 0.3);
            let sine = before.sine_latitude[i];
            let rate = (1.0 / 40.0 + (1.0 / 4.0 - 1.0 / 40.0) * s * (1.0 - sine * sine).powi(2)) / DAY;
            let excess = value(&before.temperature)
                - equilibrium(value(&before.log_pressure), value(&before.exner), sine);
            let theta = |columns: &Columns| {
                (reference.heat[k] + columns.heat.row(k, 8)[i]) / columns.density.row(k, 8)[i]
            };
            let warming = (theta(&after) - theta(&before)) * value(&before.exner);
            assert_relative_eq!(warming, -600.0 * rate * excess / (1.0 + 600.0 * rate), epsilon = 1e-9);
            for (before, after) in before.momentum.iter().zip(&after.momentum) {
                let slowed = before.row(k, 8)[i] / (1.0 + 600.0 * s / DAY);
                assert_relative_eq!(after.row(k, 8)[i], slowed, max_relative = 1e-9);
            }
        }
        assert_eq!(after.density.row(3, 8), before.density.row(3, 8));
    }

    #[test]
    fn tiles_do_not_change_a_bit() {
        let (whole_mesh, reference, physics, mut whole) = start([8, 8]);
        physics.apply(&reference, &mut whole.tiles, 900.0);
        let (mesh, reference, physics, mut cut) = start([5, 4]);
        physics.apply(&reference, &mut cut.tiles, 900.0);
        for (tile, fields) in mesh.tiles.iter().zip(&cut.tiles) {
            let other = &whole.tiles[whole_mesh.tile_at(tile.panel, tile.i0, tile.j0)];
            for (field, other) in [(&fields.heat, &other.heat), (&fields.momentum_x, &other.momentum_x)] {
                for (j, k) in (0..tile.nj).flat_map(|j| (0..12).map(move |k| (j, k))) {
                    assert_eq!(field.cells(j, k), &other.cells(tile.j0 + j, k)[tile.i0..][..tile.ni]);
                }
            }
        }
    }
}
