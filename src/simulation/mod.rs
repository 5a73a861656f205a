//! The run: loop, schedules, output, checkpoints, signals, progress.

pub mod engine;
mod memory;
mod run;
mod signals;

pub use engine::Engine;
pub use run::{Options, run};
pub use signals::report_file_size_limit;

use crate::cases;
use crate::cases::verification::Ending;
use crate::comm::World;
use crate::config::{Configuration, Dynamics, Precision};
use crate::error::Result;
use crate::initial::initial_state;
use crate::mesh::Mesh;
use crate::monitor::budgets;
use crate::real::Real;
use crate::state::diagnostics;
use crate::time::ticks;

/// Runs a configuration to its end in memory, on one rank, and returns the configured variables.
///
/// # Errors
/// If the case is unknown or the state becomes unstable.
pub fn integrate(configuration: &Configuration, world: &World) -> Result<Ending> {
    match configuration.dynamics.precision {
        Precision::Single => integrate_in::<f32>(configuration, world),
        Precision::Double => integrate_in::<f64>(configuration, world),
    }
}

fn integrate_in<T: Real>(configuration: &Configuration, world: &World) -> Result<Ending> {
    let mesh = Mesh::new(configuration, world.rank(), world.size())?;
    let case = cases::build(configuration)?;
    let state = initial_state::<T>(configuration, &mesh, &*case);
    let mut engine = Engine::new(configuration, mesh, &*case, state, world);
    let mass = |engine: &Engine<T>| {
        budgets::measure(&engine.mesh, &engine.model.reference, &engine.state, world).mass
    };
    let (start, layer_at_start) = (mass(&engine), engine.measure_layer());
    let end = ticks(configuration.time.end);
    while engine.state.clock.ticks < end {
        engine.step(end, false)?;
    }
    engine.check()?;
    let layer = engine.measure_layer();
    let Dynamics { setting, tracers, .. } = &configuration.dynamics;
    let fields = diagnostics::all(*setting, tracers)
        .into_iter()
        .filter(|diagnostic| configuration.output.variables.contains(&diagnostic.variable.name))
        .map(|diagnostic| {
            let values = diagnostic.gather(&engine.mesh, &engine.model, &engine.state);
            (diagnostic.variable.name, values)
        })
        .collect();
    Ok(Ending {
        seconds: engine.state.clock.seconds(),
        mass_drift: mass(&engine).drift(&start),
        layers: layer_at_start.zip(layer),
        fields,
    })
}
