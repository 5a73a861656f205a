//! Open sides let waves and air out, and nothing but the reference state in.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | uniform wind | 1e-12 m/s | every flux is the same on both sides of a cell; rounding |
//! | mirror images | 0 | opposite sides do the same operations |
//! | gravity waves that came back | 0.02 of the theta' at the start, a wall: 0.16 | measured 0.005 |
//! | deep sound that came back | 0.3 of what reached a side; from a wall more than 0.7 | measured 0.25 and 0.87 |
//! | mass over a hill in a side | 2e-3 | the wind carries other amounts over the two sides; measured 6e-4 |
//! | wind that enters over a hill | within 10 of 20 m/s | measured 8; it went to -7 and 44 m/s where it was free |
//! | mass of a box with a bubble | 1e-3 | the bubble is up to 2 K of 300 K warmer; the pressure at the sides holds it |
//! | tracer | not below -1e-15; less than 1e-3 left | the positive limiter; the wind blew through 1.5 times |

use gale::cases::verification::Ending;
use gale::comm::{World, single::Single};
use gale::{config, simulation};
use ndarray::{Array3, Axis, s};
use std::sync::Arc;

/// Runs a configuration to its end in memory, with some keys set.
fn run(text: &str, settings: &[&str]) -> Ending {
    let settings: Vec<String> = settings.iter().map(|setting| setting.to_string()).collect();
    let configuration = config::parse("test", text, &settings).unwrap();
    let world: World = Arc::new(Single);
    simulation::integrate(&configuration, &world).unwrap()
}

fn largest(values: &Array3<f64>) -> f64 {
    values.iter().fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// A packet of gravity waves in air at rest in a box of 40 km.
const WAVES: &str = "\
[case]
name = \"inertia_gravity_wave\"
wind_m_per_s = 0.0
centre_x_m = 0.0
half_width_m = 2000.0
[grid]
nx = 40
nz = 10
dx_m = 1000.0
dz_m = 1000.0
x_min_m = -20000.0
[time]
end_s = 900.0
step_s = 2.5
[boundary]
x = \"open\"
[output]
variables = [\"u\", \"w\", \"theta_perturbation\", \"pressure_perturbation\"]
";

/// The same in 240 km, which the waves do not cross.
const WIDE: [&str; 3] = ["grid.nx=240", "grid.x_min_m=-120000.0", "boundary.x=\"periodic\""];

/// A warm bubble in a box of three dimensions.
const BUBBLE: &str = "\
[case]
name = \"warm_bubble\"
horizontal_radius_m = 3000.0
[grid]
nx = 16
ny = 16
nz = 10
dx_m = 500.0
dz_m = 500.0
[time]
end_s = 600.0
[boundary]
x = \"open\"
y = \"open\"
[output]
variables = [\"u\", \"v\", \"w\", \"theta_perturbation\"]
";

#[test]
fn a_uniform_wind_blows_on() {
    for text in [WAVES, BUBBLE] {
        let end = run(text, &["case.amplitude_k=0.0", "case.wind_m_per_s=20.0"]);
        let wind = end.fields["u"].mapv(|u| u - 20.0);
        assert!(largest(&wind) < 1e-12, "{}", largest(&wind));
        assert!(largest(&end.fields["w"]) < 1e-12 && end.mass_drift.abs() < 1e-15);
    }
}

#[test]
fn gravity_waves_leave() {
    let returned = |sides: &str| {
        let short = run(WAVES, &[&format!("boundary.x=\"{sides}\"")]);
        let wide = run(WAVES, &WIDE);
        let expected = wide.fields["theta_perturbation"].slice(s![.., .., 100..140]).to_owned();
        largest(&(&short.fields["theta_perturbation"] - &expected)) / 0.01
    };
    let (open, wall) = (returned("open"), returned("wall"));
    assert!(open < 0.02 && wall > 0.1, "{open} {wall}");
}

#[test]
fn deep_sound_leaves() {
    // Half the first pulse of a bubble that starts without a balance passes each side, 20 km away, after 60 s.
    const SHORT: [&str; 6] = [
        "grid.nx=80",
        "grid.ny=1",
        "grid.x_min_m=-20000.0",
        "boundary.y=\"periodic\"",
        "time.step_s=0.5",
        "output.variables=[\"pressure_perturbation\"]",
    ];
    let pressures = |seconds: f64, more: &[&str]| {
        let time = format!("time.end_s={seconds}");
        let end = run(BUBBLE, &[&SHORT[..], &[&time], more].concat());
        let means = end.fields["pressure_perturbation"].mean_axis(Axis(0)).unwrap();
        means.into_iter().collect::<Vec<_>>()
    };
    let wide = ["grid.nx=320", "grid.x_min_m=-80000.0", "boundary.x=\"periodic\""];
    let sent = pressures(60.0, &wide)[200].abs();
    let returned = |sides: &str| {
        let (short, wide) = (pressures(80.0, &[&format!("boundary.x=\"{sides}\"")]), pressures(80.0, &wide));
        let differences = short.iter().zip(&wide[120..200]).map(|(a, b)| (a - b).abs());
        differences.fold(0.0, f64::max) / sent
    };
    let (open, wall) = (returned("open"), returned("wall"));
    assert!(open < 0.3 && wall > 0.7, "{open} {wall}");
}

#[test]
fn opposite_and_neighbouring_sides_are_alike() {
    let end = run(BUBBLE, &[]);
    let w = &end.fields["w"];
    assert!(largest(w) > 0.5);
    assert_eq!(w, &w.slice(s![.., .., ..;-1]));
    assert_eq!(w, &w.slice(s![.., ..;-1, ..]));
    let u = &end.fields["u"];
    assert_eq!(u, &u.slice(s![.., .., ..;-1]).mapv(|u| -u));
    // x and y exchanged: the fluxes along them are added in another order.
    let turned = end.fields["v"].view().permuted_axes([0, 2, 1]).to_owned();
    assert!(largest(&(u - &turned)) < 1e-9);
}

/// A hill in the middle, whose foot lies in the sides.
const HILL: [&str; 4] = [
    "terrain.shape=hill",
    "terrain.height_m=800.0",
    "terrain.half_width_m=1500.0",
    "terrain.coordinate=basic",
];

#[test]
fn opposite_sides_of_a_hill_are_alike() {
    let w = &run(BUBBLE, &HILL).fields["w"];
    assert!(largest(w) > 0.5);
    assert_eq!(w, &w.slice(s![.., .., ..;-1]));
    assert_eq!(w, &w.slice(s![.., ..;-1, ..]));
}

#[test]
fn the_profile_of_the_wind_that_enters_over_a_hill_does_not_drift() {
    let settings = ["terrain.centre_x_m=0.0", "case.wind_m_per_s=20.0", "case.amplitude_k=0.0"];
    let long = ["time.end_s=3600.0", "boundary.inflow_length_m=0.0"];
    let u = &run(BUBBLE, &[&HILL[..], &settings, &long].concat()).fields["u"];
    let change = largest(&u.mapv(|u| u - 20.0));
    assert!(change < 10.0, "{change}");
}

#[test]
fn the_mass_over_a_hill_in_a_side_stays_bounded() {
    let settings = ["terrain.centre_x_m=0.0", "case.wind_m_per_s=10.0", "time.end_s=3600.0"];
    let end = run(BUBBLE, &[&HILL[..], &settings].concat());
    assert!(end.mass_drift.abs() < 2e-3, "{}", end.mass_drift);
}

#[test]
fn the_mass_stays_bounded() {
    for hours in [1, 2] {
        let end =
            run(BUBBLE, &[&format!("time.end_s=\"{hours} h\""), "boundary.y=\"periodic\"", "grid.ny=4"]);
        assert!(end.mass_drift.abs() < 1e-3, "{} after {hours} h", end.mass_drift);
    }
}

#[test]
fn tracers_leave_and_do_not_come_in() {
    let settings = [
        "case.amplitude_k=0.0",
        "case.wind_m_per_s=20.0",
        "dynamics.tracers=[\"layer\"]",
        "output.variables=[\"layer\"]",
        "boundary.y=\"periodic\"",
    ];
    let start = run(BUBBLE, &[&settings[..], &["time.end_s=1.0"]].concat());
    let end = run(BUBBLE, &settings);
    assert!(largest(&start.fields["layer"]) > 0.5);
    assert!(largest(&end.fields["layer"]) < 1e-3, "{}", largest(&end.fields["layer"]));
    let least = end.fields["layer"].iter().copied().fold(0.0, f64::min);
    assert!(least > -1e-15, "{least}");
}

#[test]
fn relaxation_zones_calm_what_reaches_them() {
    let zone = ["boundary.relaxation_width_m=10000.0", "boundary.relaxation_s=100.0"];
    let wind =
        |settings: &[&str]| largest(&run(WAVES, settings).fields["u"].slice(s![.., .., ..2]).to_owned());
    let (free, calmed) = (wind(&[]), wind(&zone));
    assert!(calmed < 0.2 * free, "{calmed} {free}");
    let steady = run(
        WAVES,
        &[&zone[..], &["case.amplitude_k=0.0", "case.wind_m_per_s=20.0", "dynamics.tracers=[\"layer\"]"]]
            .concat(),
    );
    assert!(largest(&steady.fields["u"].mapv(|u| u - 20.0)) < 1e-12);
}
