//! What the equations conserve stays the same over 10,000 steps of a flow that mixes everything.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | mass of the air, relative | 1e-13 | only the rounding of each cell's own update is left: 10,000 x 1e-16 if all had one sign |
//! | mass of a tracer, relative | 1e-13 | likewise |
//! | masses of the air and of tracers on the globe over 300 steps, relative | 1e-14 | likewise: 300 x 1e-16 if all had one sign, which they do not |
//! | q - 1 of the tracer that is 1 | 1e-12 | likewise; q is a ratio of two rounded numbers |
//! | least q with the positive limiter | -1e-15 | a cell gives away all it has, but for rounding |

mod support;

use gale::config::Configuration;
use gale::monitor::budgets::Budgets;
use gale::simulation::Engine;
use support::model::{advance, engine, field, measure, parse};

const STEPS: usize = 10_000;
const MASS: f64 = 1e-13;
const ONE: f64 = 1e-12;
const LEAST: f64 = -1e-15;

/// A warm bubble of 4 K in a shallow box of stretched levels, with wind, between periodic sides.
const FLOW: &str = "\
[case]
name = \"warm_bubble\"
amplitude_k = 4.0
horizontal_radius_m = 2500.0
wind_m_per_s = 10.0
[grid]
nx = 14
nz = 9
dx_m = 500.0
top_m = 4000.0
stretching = 3.0
[time]
end_s = 1e7
[dynamics]
tracers = [\"one\", \"bell\", \"block\", \"layer\"]
";

fn flow(overrides: &[&str]) -> (Configuration, Engine<f64>) {
    let configuration = parse(FLOW, overrides);
    let engine = engine(&configuration);
    (configuration, engine)
}

/// The largest speed over the run so far must be that of a flow, not of air at rest.
fn assert_it_moves(budgets: &Budgets) {
    assert!(budgets.w.magnitude() > 1e-3, "the air is at rest: w up to {} m/s", budgets.w.magnitude());
}

fn masses_stay(overrides: &[&str]) {
    let (configuration, mut engine) = flow(overrides);
    let start = measure(&engine);
    advance(&mut engine, STEPS);
    let end = measure(&engine);
    assert_it_moves(&end);
    let air = end.mass.drift(&start.mass);
    println!("{overrides:?}: mass {air:.1e}");
    assert!(air.abs() < MASS, "mass of the air drifts by {air:e} with {overrides:?}");
    let names = &configuration.dynamics.tracers;
    for ((name, start), end) in names.iter().zip(&start.tracer_masses).zip(&end.tracer_masses) {
        let drift = (end - start) / start;
        println!("  {name} {drift:.1e}");
        assert!(drift.abs() < MASS, "mass of `{name}` drifts by {drift:e} with {overrides:?}");
    }
    let one = field(&engine, &configuration, "one");
    let error = one.iter().fold(0.0, |most: f64, q| most.max((q - 1.0).abs()));
    println!("  one differs by {error:.1e}");
    assert!(error < ONE, "`one` differs by {error:e} with {overrides:?}");
}

#[test]
fn masses_stay_in_two_dimensions() {
    masses_stay(&[]);
}

#[test]
fn masses_stay_between_walls_with_five_stages_and_viscosity() {
    masses_stay(&[
        "boundary.x=wall",
        "case.wind_m_per_s=0",
        "dynamics.integrator=o5g",
        "dynamics.viscosity_m2_per_s=10",
    ]);
}

#[test]
fn masses_stay_in_three_dimensions() {
    masses_stay(&["grid.nx=8", "grid.ny=7", "grid.nz=6", "boundary.y=wall", "dynamics.coriolis_per_s=1e-4"]);
}

#[test]
fn masses_stay_over_ridges() {
    masses_stay(&[
        "terrain.shape=schaer",
        "terrain.height_m=600",
        "terrain.half_width_m=2500",
        "terrain.wavelength_m=2500",
        "terrain.coordinate=basic",
        "boundary.x=wall",
        "case.wind_m_per_s=0",
    ]);
}

#[test]
fn masses_stay_over_a_hill_in_three_dimensions() {
    let size = ["grid.nx=8", "grid.ny=7", "grid.nz=6", "boundary.y=wall", "dynamics.integrator=o5g"];
    let hill = [
        "terrain.shape=hill",
        "terrain.height_m=500",
        "terrain.half_width_m=1000",
        "terrain.coordinate=basic",
        "dynamics.viscosity_m2_per_s=10",
        "turbulence.scheme=smagorinsky",
    ];
    masses_stay(&[&size[..], &hill].concat());
}

#[test]
fn masses_stay_without_limiter() {
    masses_stay(&["dynamics.tracer_limiter=none"]);
}

/// A jet on a globe turned against its grid, heated and damped.
const GLOBE: &str = "\
[case]
name = \"baroclinic_wave\"
[grid]
geometry = \"sphere\"
cells_per_edge = 10
nz = 8
top_m = 30000.0
stretching = 10.0
tilt_deg = 30.0
[time]
end_s = 1e9
[dynamics]
tracers = [\"one\", \"block\"]
[physics]
processes = [\"held_suarez\"]
[boundary]
sponge_base_m = 20000.0
sponge_rate_per_s = 1e-5
";

#[test]
fn masses_stay_on_the_globe() {
    masses_stay_on_globe(&[]);
}

#[test]
fn masses_stay_on_a_globe_with_a_hill() {
    masses_stay_on_globe(&[
        "physics.processes=[]",
        "terrain.shape=hill",
        "terrain.height_m=2500",
        "terrain.half_width_m=1.5e6",
        "terrain.longitude_deg=40",
        "terrain.latitude_deg=50",
        "terrain.coordinate=basic",
    ]);
}

fn masses_stay_on_globe(more: &[&str]) {
    for integrator in ["dynamics.integrator=ws3g", "dynamics.integrator=o5g"] {
        let overrides = [&[integrator], more].concat();
        let configuration = parse(GLOBE, overrides.iter());
        let mut engine = engine::<f64>(&configuration);
        let start = measure(&engine);
        advance(&mut engine, 300);
        let end = measure(&engine);
        assert_it_moves(&end);
        let air = end.mass.drift(&start.mass);
        println!("{integrator}: mass {air:.1e}");
        assert!(air.abs() < 1e-14, "mass of the air drifts by {air:e} with {integrator}");
        for (name, (start, end)) in
            ["one", "block"].iter().zip(start.tracer_masses.iter().zip(&end.tracer_masses))
        {
            let drift = (end - start) / start;
            println!("  {name} {drift:.1e}");
            assert!(drift.abs() < 1e-14, "mass of `{name}` drifts by {drift:e} with {integrator}");
        }
        let (error, least) = error_of_one_and_least_of_block(&engine);
        println!("  one differs by {error:.1e}, least of the block {least:e}");
        assert!(error < ONE, "`one` differs by {error:e} with {integrator}");
        assert!(least >= LEAST, "`block` falls to {least:e} with {integrator}");
    }
}

/// The largest |q - 1| of the first tracer and the least rho q of the second.
fn error_of_one_and_least_of_block(engine: &Engine<f64>) -> (f64, f64) {
    let (mut error, mut least) = (0.0_f64, f64::INFINITY);
    for (index, tile) in engine.state.tiles.iter().enumerate() {
        let layout = tile.density.layout();
        for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
            let base = |i: usize| match engine.model.reference.tiles.get(index) {
                Some(terrain) => terrain.density.cells(j, k)[i],
                None => engine.model.reference.density[k],
            };
            let [one, block] = [0, 1].map(|tracer| tile.tracers[tracer].cells(j, k));
            for (i, ((one, block), density)) in
                one.iter().zip(block).zip(tile.density.cells(j, k)).enumerate()
            {
                error = error.max((one / (base(i) + density) - 1.0).abs());
                least = least.min(*block);
            }
        }
    }
    (error, least)
}

/// The least mixing ratio of the block seen at every tenth of 1000 steps.
fn least_of_the_block(overrides: &[&str]) -> f64 {
    let (configuration, mut engine) = flow(overrides);
    let mut least = f64::INFINITY;
    for _ in 0..100 {
        advance(&mut engine, 10);
        least = field(&engine, &configuration, "block").iter().fold(least, |least, &q| least.min(q));
    }
    println!("{overrides:?}: least q {least:e}");
    least
}

#[test]
fn the_limiter_keeps_tracers_positive() {
    for dimensions in [&[][..], &["grid.nx=10", "grid.ny=9", "grid.nz=6"]] {
        for diffusivity in ["dynamics.diffusivity_m2_per_s=0", "dynamics.diffusivity_m2_per_s=20"] {
            let limited = [dimensions, &[diffusivity, "dynamics.tracer_limiter=positive"]].concat();
            let least = least_of_the_block(&limited);
            assert!(least >= LEAST, "`block` falls to {least:e} with {limited:?}");
        }
    }
}

#[test]
fn without_the_limiter_tracers_undershoot() {
    let least = least_of_the_block(&["dynamics.tracer_limiter=none"]);
    assert!(least < -0.01, "`block` falls to no less than {least:e}: the test of the limiter tests nothing");
}
