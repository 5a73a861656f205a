//! The run: loop, schedules, output, checkpoints, signals, progress.

pub mod engine;
mod memory;
mod poll;
mod run;
mod signals;
mod stop;
pub mod volume;
mod watchdog;
mod writers;

pub use engine::Engine;
pub use run::{Options, run};
pub use signals::{is_asked, listen, report_file_size_limit};

use crate::cases;
use crate::cases::verification::{Ending, GroundRecord};
use crate::comm::World;
use crate::config::{Configuration, Dynamics, Precision, Setting};
use crate::error::Result;
use crate::initial::initial_state;
use crate::mesh::Mesh;
use crate::monitor::budgets;
use crate::real::Real;
use crate::state::diagnostics::{self, Diagnostic};
use crate::state::variables::Location;
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
    let measure =
        |engine: &Engine<T>| budgets::measure(&engine.mesh, &engine.model.reference, &engine.state, world);
    let (start, layer_at_start) = (measure(&engine), engine.measure_layer());
    let Dynamics { setting, tracers, .. } = &configuration.dynamics;
    let mut kept = diagnostics::all(*setting, tracers);
    kept.retain(|diagnostic| configuration.output.variables.contains(&diagnostic.variable.name));
    let fields = |engine: &Engine<T>, chosen: fn(&Diagnostic) -> bool| {
        let values = |diagnostic: &Diagnostic| diagnostic.gather(&engine.mesh, &engine.model, &engine.state);
        let chosen = kept.iter().filter(|diagnostic| chosen(diagnostic));
        chosen.map(|diagnostic| (diagnostic.variable.name.clone(), values(diagnostic))).collect()
    };
    let is_ground = |diagnostic: &Diagnostic| diagnostic.variable.location == Location::Surface;
    let keeps_ground = *setting == Setting::Sphere && kept.iter().any(is_ground);
    let end = ticks(configuration.time.end);
    // Steps are cut at output times only if something is kept there.
    let interval = configuration.output.every.filter(|_| keeps_ground).map_or(end, ticks);
    let mut ground = Vec::new();
    while engine.state.clock.ticks < end {
        let target = (engine.state.clock.ticks + interval).min(end);
        while engine.state.clock.ticks < target {
            engine.step(target, false)?;
        }
        ground
            .push(GroundRecord { seconds: engine.state.clock.seconds(), fields: fields(&engine, is_ground) });
    }
    engine.check()?;
    let layer = engine.measure_layer();
    let last = measure(&engine);
    let gained_water = last.water() - start.water();
    Ok(Ending {
        seconds: engine.state.clock.seconds(),
        mass_drift: last.mass.drift(&start.mass),
        water_drift: if gained_water == 0.0 { 0.0 } else { gained_water / start.water() },
        layers: layer_at_start.zip(layer),
        chlorine: engine.measure_chlorine(&configuration.dynamics.tracers),
        fields: fields(&engine, |_| true),
        ground,
    })
}
