//! Errors fall with the cell size and with the step at the order of the scheme.
//!
//! | quantity | least order | reason |
//! |---|---|---|
//! | T' and w of linear waves against the exact solution, dx from 1 km to 250 m | 1.8 | second order in the vertical and in time |
//! | difference between a step and half of it, all fields | 1.9 | both integrators are of second order |
//! | sine wave of a tracer carried by a uniform wind | 4.8 | fifth order in space; the third order in time does not show at short steps |

mod support;

use gale::cases::measures::observed_order;
use gale::cases::verification::Evidence;
use gale::simulation::Engine;
use gale::time::ticks;
use support::model::{configure, engine, field, parse, run};

const WAVES: f64 = 1.8;
const STEPS: f64 = 1.9;
const TRACER: f64 = 4.8;

/// The waves are compared after so many s; the published 1800 s would take the time of all other tests.
const END: f64 = 450.0;

/// Orders between neighbouring resolutions, each half the one before.
fn orders(errors: &[f64]) -> Vec<f64> {
    errors.windows(2).map(|pair| observed_order(pair[0], pair[1], 2.0)).collect()
}

/// Three digits of every number.
fn digits(numbers: &[f64]) -> String {
    numbers.iter().map(|number| format!("{number:.2e}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn linear_waves_converge_to_the_exact_solution() {
    let runs: Vec<Evidence> = [(1000, 300, 20), (500, 600, 40), (250, 1200, 80)]
        .iter()
        .map(|(dx, nx, nz)| {
            let grid = [
                format!("grid.dx_m={dx}"),
                format!("grid.dz_m={}", dx / 2),
                format!("grid.nx={nx}"),
                format!("grid.nz={nz}"),
                format!("time.end_s={END}"),
            ];
            run(configure("baldauf_brdar", grid), &["temperature_perturbation", "w"])
        })
        .collect();
    for (name, error) in [("T'", Evidence::temperature_error as fn(&Evidence) -> _), ("w", Evidence::w_error)]
    {
        let errors: Vec<f64> = runs.iter().map(|run| error(run).unwrap()).collect();
        let mean = observed_order(errors[0], errors[2], 4.0);
        println!("{name}: errors {}, orders {:.2?}, mean {mean:.2}", digits(&errors), orders(&errors));
        assert!(mean > WAVES, "{name} converges at order {mean:.2}: {}", digits(&errors));
    }
}

/// Smooth waves of 1 K in wind and rotation, on a coarse grid of stretched levels.
const WAVES_IN_WIND: &str = "\
[case]
name = \"inertia_gravity_wave\"
amplitude_k = 1.0
half_width_m = 5000.0
centre_x_m = 16000.0
[grid]
nx = 32
nz = 12
dx_m = 1000.0
top_m = 10000.0
stretching = 1.0
[time]
end_s = 1e6
[dynamics]
coriolis_per_s = 1e-4
viscosity_m2_per_s = 100.0
";

/// Before steps of different length are compared, long steps damp the short vertical sound waves of the
/// initial state, which a step of a second does not resolve: so many, of so many s.
const SPIN_UP: (usize, f64) = (200, 2.0);

/// How long the steps are compared, in s.
const SPAN: f64 = 64.0;

/// The orders at which halving the step changes the fields after [`SPAN`]: the differences between
/// neighbouring steps, four steps in all, must fall by four.
fn temporal_orders(integrator: &str) {
    let configuration = parse(WAVES_IN_WIND, [format!("dynamics.integrator={integrator}")]);
    let mut engine = engine::<f64>(&configuration);
    let take = |engine: &mut Engine<f64>, steps: usize, seconds: f64| {
        (0..steps).for_each(|_| {
            engine.model.step(&mut engine.state, seconds, &mut engine.timers);
        });
    };
    take(&mut engine, SPIN_UP.0, SPIN_UP.1);
    let start = engine.state.clone();
    let variables = ["u", "v", "w", "theta_perturbation", "pressure_perturbation"];
    let endings: Vec<Vec<_>> = [1.6, 0.8, 0.4, 0.2]
        .iter()
        .map(|step| {
            engine.state = start.clone();
            take(&mut engine, (SPAN / step).round() as usize, *step);
            variables.iter().map(|name| field(&engine, &configuration, name)).collect()
        })
        .collect();
    for (n, name) in variables.iter().enumerate() {
        let differences: Vec<f64> =
            endings.windows(2).map(|pair| (&pair[0][n] - &pair[1][n]).mapv(|d| d * d).sum().sqrt()).collect();
        let orders = orders(&differences);
        println!("{integrator} {name}: differences {}, orders {orders:.2?}", digits(&differences));
        assert!(orders[1] > STEPS, "{name} converges at orders {orders:.2?} with {integrator}");
    }
}

#[test]
fn three_stages_are_of_second_order_in_time() {
    temporal_orders("ws3g");
}

#[test]
fn five_stages_are_of_second_order_in_time() {
    temporal_orders("o5g");
}

#[test]
fn tracers_are_carried_at_fifth_order() {
    let errors: Vec<f64> = [10, 20, 40].map(carry_a_wave).to_vec();
    let orders = orders(&errors);
    println!("tracer: errors {}, orders {orders:.2?}", digits(&errors));
    assert!(orders[1] > TRACER, "the tracer converges at orders {orders:.2?}: {}", digits(&errors));
}

/// The l2 error of a sine wave of a tracer in `nx` cells that the wind has carried by a quarter period.
fn carry_a_wave(nx: usize) -> f64 {
    let overrides = [
        format!("grid.nx={nx}"),
        format!("grid.dx_m={}", 100_000 / nx),
        "grid.nz=4".into(),
        "grid.dz_m=2500".into(),
        "dynamics.tracer_limiter=none".into(),
    ];
    let configuration = configure("tracer_advection", overrides);
    let mut engine = engine::<f64>(&configuration);
    let wave = |i: usize, periods: f64| {
        let phase = (i as f64 + 0.5) / nx as f64 - periods;
        1.0 + 0.5 * (2.0 * std::f64::consts::PI * phase).sin()
    };
    for (tile, fields) in engine.mesh.local_tiles().iter().zip(&mut engine.state.tiles) {
        for k in 0..tile.nz {
            for (i, mass) in fields.tracers[0].cells_mut(0, k).iter_mut().enumerate() {
                *mass *= wave(tile.i0 + i, 0.0);
            }
        }
    }
    // The wind of 10 m/s crosses the 100 km in 10000 s.
    let quarter = ticks(2500.0);
    while engine.state.clock.ticks < quarter {
        engine.step(quarter, false).unwrap();
    }
    let q = field(&engine, &configuration, "one");
    let squares = q.indexed_iter().map(|((_, _, i), q)| (q - wave(i, 0.25)).powi(2));
    (squares.sum::<f64>() / q.len() as f64).sqrt()
}
