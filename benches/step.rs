//! The cost of a step on one core, as a ratio to what the machine can do in the same run.
//!
//! `cargo bench --bench step` (no MPI needed). Times are the shortest of several; what counts are the
//! ratios: to the time in which the triad moves 170 bytes, about what a stage must move for a cell, and
//! to the multiply-add peak, with about 470 operations for a cell.

mod machine;

use gale::comm::World;
use gale::comm::single::Single;
use gale::config::{self, Configuration};
use gale::dynamics::euler::plane::KINDS;
use gale::halo::{HaloExchange, Reach};
use gale::initial::initial_state;
use gale::mesh::Mesh;
use gale::model::Model;
use gale::monitor::{Phase, Timers};
use gale::real::Real;
use gale::state::State;
use gale::{cases, parallel};
use machine::Machine;
use std::sync::Arc;

/// Bytes that a stage must move between memory and core for each cell in double precision.
const BYTES_PER_CELL: f64 = 170.0;
/// Floating-point operations of a stage for each cell.
const OPERATIONS_PER_CELL: f64 = 470.0;

/// The box of the peers' comparison: 120 x 120 x 40 cells of 1 km x 500 m.
const BOX: &str = r#"
[case]
name = "warm_bubble"
[grid]
nx = 120
ny = 120
nz = 40
dx_m = 1000.0
dz_m = 500.0
[time]
end_s = 3600.0
"#;

fn main() {
    parallel::start_threads(1);
    let machine = Machine::measure();
    println!("\n{:44} {:>10} {:>12} {:>12}", "120 x 120 x 40, one core", "ns/cell", "x 170 B", "of peak");
    let mut stage = [0.0; 2];
    for tile in ["[120, 120]", "[120, 30]", "[60, 60]"] {
        stage[0] = measure::<f64>(&machine, "ws3g", tile, 0);
        stage[1] = measure::<f32>(&machine, "ws3g", tile, 0);
        println!("{:44} {:>10.2}", "  double / single", stage[0] / stage[1]);
    }
    measure::<f64>(&machine, "o5g", "[120, 120]", 0);
    measure::<f32>(&machine, "o5g", "[120, 120]", 0);
    measure::<f64>(&machine, "ws3g", "[120, 120]", 2);
    halo_alone::<f64>(&machine);
    time_to_solution();
}

fn configuration(overrides: &[&str]) -> Configuration {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    config::parse("box", BOX, &overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// A model of the box and its state, ready to step.
fn build<T: Real>(configuration: &Configuration) -> (Mesh, Model<T>, State<T>) {
    let world: World = Arc::new(Single);
    let mesh = Mesh::new(configuration, 0, 1).expect("one rank has tiles");
    let case = cases::build(configuration).expect("a built-in case");
    let model = Model::new(configuration, &mesh, &*case, &*world);
    let state = initial_state::<T>(configuration, &mesh, &*case);
    (mesh, model, state)
}

/// Times whole steps and prints the cost of one stage; returns it in ns/cell.
fn measure<T: Real>(machine: &Machine, integrator: &str, tile: &str, tracers: usize) -> f64 {
    let names = ["\"one\"", "\"bell\""][..tracers].join(", ");
    let configuration = configuration(&[
        &format!("dynamics.integrator={integrator}"),
        &format!("parallel.tile={tile}"),
        &format!("dynamics.tracers=[{names}]"),
    ]);
    let (mesh, mut model, mut state) = build::<T>(&configuration);
    let (dt, stages) = if integrator == "o5g" { (4.0, 5.0) } else { (2.2, 3.0) };
    let mut timers = Timers::new();
    let seconds = machine::shortest(12, || {
        model.step(&mut state, dt, &mut timers);
    });
    timers.start(Phase::Other);
    let per_cell = seconds / stages / mesh.cells() as f64;
    let bytes = BYTES_PER_CELL * size_of::<T>() as f64 / 8.0;
    let peak = machine.peak[if size_of::<T>() == 8 { 0 } else { 1 }];
    let label = format!("stage of {integrator}, {}, tiles {tile}, {tracers} tracers", T::NAME);
    println!(
        "{label:44} {:>10.2} {:>12.2} {:>11.0}%",
        per_cell * 1e9,
        per_cell / (bytes / machine.bandwidth),
        100.0 * OPERATIONS_PER_CELL / per_cell / peak
    );
    let share = |phase| {
        100.0 * timers.seconds(phase) / (timers.seconds(Phase::Dynamics) + timers.seconds(Phase::Halo))
    };
    println!("{:44} {:>9.1}%", "  halo exchange, share of the step", share(Phase::Halo));
    per_cell * 1e9
}

/// The halo exchange of the dynamic fields among 16 tiles of one rank, against a plain copy of its bytes.
fn halo_alone<T: Real>(machine: &Machine) {
    let configuration = configuration(&["parallel.tile=[30, 30]"]);
    let (mesh, _, mut state) = build::<T>(&configuration);
    let nz = mesh.vertical.nz();
    let mut halo =
        HaloExchange::<T>::new(&mesh, Reach::of_plane(&mesh), &KINDS, &[nz, nz, nz, nz + 1, nz], &Single, 9);
    let seconds = machine::shortest(20, || halo.exchange(state.tiles.as_mut_slice()));
    let ghosts: usize = mesh.tiles.iter().map(|tile| 6 * (tile.ni + tile.nj) * (5 * nz + 1)).sum();
    let bytes = (2 * ghosts * size_of::<T>()) as f64;
    println!(
        "\nhalo of 16 tiles, {}: {:.2} ms, {:.0} % of the triad's bandwidth",
        T::NAME,
        seconds * 1e3,
        100.0 * bytes / seconds / machine.bandwidth
    );
}

/// CPU seconds for an hour of the box, from 20 steps each.
fn time_to_solution() {
    println!("\nCPU seconds for a simulated hour of the box, one core:");
    for (integrator, precision) in
        [("ws3g", "double"), ("ws3g", "single"), ("o5g", "double"), ("o5g", "single")]
    {
        let configuration = configuration(&[
            &format!("dynamics.integrator={integrator}"),
            &format!("dynamics.precision={precision}"),
            "parallel.tile=[120, 120]",
        ]);
        let (seconds, dt) = match precision {
            "single" => step_time::<f32>(&configuration),
            _ => step_time::<f64>(&configuration),
        };
        println!("  {integrator} {precision:6}  step {dt:.2} s  {:6.1} s", 3600.0 / dt * seconds);
    }
}

/// Seconds for a step, and the longest stable step less 10 %.
fn step_time<T: Real>(configuration: &Configuration) -> (f64, f64) {
    let (_, mut model, mut state) = build::<T>(configuration);
    let dt = 0.9 * model.limits().stable_step(&model.census(&state));
    let mut timers = Timers::new();
    let seconds = machine::shortest(4, || {
        for _ in 0..5 {
            model.step(&mut state, dt, &mut timers);
        }
    });
    (seconds / 5.0, dt)
}
