//! Errors fall with the cell size and with the step at the order of the scheme.
//!
//! | quantity | least order | reason |
//! |---|---|---|
//! | T' and w of linear waves against the exact solution, dx and dz from 2 km to 500 m | 1.8 | second order in the vertical and in time; coarse cells are not yet in the asymptotic range |
//! | difference between a step and half of it, all fields | 1.9 | both integrators are of second order |
//! | tracer carried across a period | 2.5 | fifth order, but the second derivative of the bell jumps at its edge |

mod support;

use gale::cases::measures::observed_order;
use gale::cases::verification::Evidence;
use support::model::{advance, configure, engine, field, parse, run};

const WAVES: f64 = 1.8;
const STEPS: f64 = 1.9;
const BELL: f64 = 2.5;

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
    let runs: Vec<Evidence> = [(2000, 150, 10), (1000, 300, 20), (500, 600, 40)]
        .iter()
        .map(|(dx, nx, nz)| {
            let grid = [
                format!("grid.dx_m={dx}"),
                format!("grid.dz_m={}", dx / 2),
                format!("grid.nx={nx}"),
                format!("grid.nz={nz}"),
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

/// Steps until which the errors of steps are compared, in s.
const SPAN: f64 = 120.0;

/// The orders at which halving the step changes the fields after [`SPAN`]: the differences between
/// neighbouring steps, four steps in all, must fall by four.
fn temporal_orders(integrator: &str, longest: f64) {
    let variables = ["u", "v", "w", "theta_perturbation", "pressure_perturbation"];
    let endings: Vec<Vec<_>> = (0..4)
        .map(|halvings| {
            let step = longest / f64::from(1 << halvings);
            let overrides = [format!("dynamics.integrator={integrator}"), format!("time.step_s={step}")];
            let configuration = parse(WAVES_IN_WIND, overrides);
            let mut engine = engine::<f64>(&configuration);
            advance(&mut engine, (SPAN / step).round() as usize);
            assert_eq!(engine.state.clock.seconds(), SPAN);
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
    temporal_orders("ws3g", 1.5);
}

#[test]
fn five_stages_are_of_second_order_in_time() {
    temporal_orders("o5g", 1.5);
}

#[test]
fn tracers_are_carried_at_high_order() {
    let errors: Vec<f64> = [25, 50, 100]
        .iter()
        .map(|nx| {
            let overrides = [
                format!("grid.nx={nx}"),
                format!("grid.dx_m={}", 100_000 / nx),
                "grid.nz=4".into(),
                "grid.dz_m=2500".into(),
                "dynamics.tracer_limiter=none".into(),
            ];
            run(configure("tracer_advection", overrides), &["bell"]).tracer_error("bell").unwrap()
        })
        .collect();
    let orders = orders(&errors);
    println!("bell: errors {}, orders {orders:.2?}", digits(&errors));
    assert!(orders[1] > BELL, "the bell converges at orders {orders:.2?}: {}", digits(&errors));
}
