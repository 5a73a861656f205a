//! The model in the test's own process, without files: for tests of the numbers alone.

use gale::cases;
use gale::comm::{World, single::Single};
use gale::config::{self, Configuration};
use gale::initial::initial_state;
use gale::mesh::Mesh;
use gale::monitor::budgets::{self, Budgets};
use gale::real::Real;
use gale::simulation::{self, Engine};
use gale::state::diagnostics;
use ndarray::Array3;
use std::sync::Arc;

/// The communicator of a single process.
pub fn world() -> World {
    Arc::new(Single)
}

/// The shipped configuration `NAME.toml` with overrides such as `grid.nx=64`.
pub fn configure<S: AsRef<str>>(name: &str, overrides: impl IntoIterator<Item = S>) -> Configuration {
    let overrides: Vec<String> = overrides.into_iter().map(|text| text.as_ref().to_owned()).collect();
    config::load(&super::configuration(name), &overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// The configuration `text` with overrides.
pub fn parse<S: AsRef<str>>(text: &str, overrides: impl IntoIterator<Item = S>) -> Configuration {
    let overrides: Vec<String> = overrides.into_iter().map(|text| text.as_ref().to_owned()).collect();
    config::parse("test.toml", text, &overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// The model at the start of a configuration, which decides whether `T` is the right precision.
pub fn engine<T: Real>(configuration: &Configuration) -> Engine<T> {
    let mesh = Mesh::new(configuration, 0, 1).unwrap();
    let case = cases::build(configuration).unwrap();
    let state = initial_state(configuration, &mesh, &*case);
    Engine::new(configuration, mesh, &*case, state, &world())
}

/// Takes `steps` steps without aiming at a time.
pub fn advance<T: Real>(engine: &mut Engine<T>, steps: usize) {
    for _ in 0..steps {
        let target = engine.state.clock.ticks + engine.longest_step();
        engine.step(target, false).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Totals and extremes of the state.
pub fn measure<T: Real>(engine: &Engine<T>) -> Budgets {
    budgets::measure(&engine.mesh, &engine.model.reference, &engine.state, &world())
}

/// A diagnostic of the state in the order (z, y, x).
pub fn field<T: Real>(engine: &Engine<T>, configuration: &Configuration, name: &str) -> Array3<f64> {
    let dynamics = &configuration.dynamics;
    let diagnostic = diagnostics::find(name, dynamics.setting, &dynamics.tracers).expect(name);
    diagnostic.gather(&engine.mesh, &engine.model, &engine.state)
}

/// A run to its end with the given variables kept.
pub fn run(mut configuration: Configuration, variables: &[&str]) -> cases::verification::Evidence {
    configuration.output.variables = variables.iter().map(|name| name.to_string()).collect();
    let ending = simulation::integrate(&configuration, &world()).unwrap_or_else(|error| panic!("{error}"));
    cases::verification::Evidence { configuration, ending }
}
