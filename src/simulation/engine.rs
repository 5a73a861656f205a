//! Stepping a state: step lengths, the shared census, and the guard against a state that goes wrong.

use super::signals;
use crate::cases::Case;
use crate::comm::World;
use crate::config::{Configuration, StepChoice};
use crate::dynamics::euler::timestep::Courant;
use crate::dynamics::euler::{CENSUS_NUMBERS, Census};
use crate::error::{Error, Result};
use crate::mesh::Mesh;
use crate::model::Model;
use crate::monitor::{ChlorineBudgets, LayerBudgets, Phase, Timers, chlorine, health, layer};
use crate::real::Real;
use crate::state::State;
use crate::time::{TICKS_PER_SECOND, ticks};

/// With a fixed step the ranks compare their census every so many steps; with a chosen one at each.
const CENSUS_INTERVAL: u64 = 4;

/// What the last step was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stepped {
    /// Length in s.
    pub seconds: f64,
    pub courant: Courant,
    /// max |w| at its start, in m/s.
    pub max_w: f64,
    /// A rank was asked to stop.
    pub stop: bool,
}

/// A model with its state, and what decides the length of the next step.
pub struct Engine<T> {
    pub mesh: Mesh,
    pub model: Model<T>,
    pub state: State<T>,
    pub timers: Timers,
    /// Largest speeds over all ranks, of the state at the start of the step before.
    pub census: Census,
    world: World,
    choice: StepChoice,
}

impl<T: Real> Engine<T> {
    /// A model on `mesh` with `state`. The census is taken of it.
    pub fn new(
        configuration: &Configuration,
        mesh: Mesh,
        case: &dyn Case,
        state: State<T>,
        world: &World,
    ) -> Self {
        let model = Model::new(configuration, &mesh, case, &**world);
        let census = share(model.census(&state), false, world).0;
        let timers = Timers::new();
        Engine { mesh, model, state, timers, census, world: world.clone(), choice: configuration.time.step }
    }

    /// Advances the state by one step towards the time `target` (ticks), which it does not pass.
    /// `stop_asked` of any rank, or a signal, comes back in the result, on all ranks alike.
    ///
    /// # Errors
    /// [`Error::Unstable`] if the state was found to be non-finite or out of bounds.
    pub fn step(&mut self, target: i64, stop_asked: bool) -> Result<Stepped> {
        let length = self.state.clock.next_step(self.longest_step(), target);
        let seconds = length as f64 / TICKS_PER_SECOND as f64;
        let census = self.model.step(&mut self.state, seconds, &mut self.timers);
        self.state.clock.advance(length);
        let mut stop = stop_asked || signals::is_asked();
        let is_fixed = matches!(self.choice, StepChoice::Fixed(_));
        if !is_fixed || self.state.clock.step.is_multiple_of(CENSUS_INTERVAL) {
            let before = self.timers.start(Phase::Monitoring);
            (self.census, stop) = share(census, stop, &self.world);
            self.timers.start(before);
            if !health::is_sound(&self.census, &self.model.reference) {
                return Err(self.unstable());
            }
        } else {
            let before = self.timers.start(Phase::Monitoring);
            stop = share_stop(stop, &self.world);
            self.timers.start(before);
        }
        let courant = self.model.limits().courant(&self.census, seconds);
        Ok(Stepped { seconds, courant, max_w: self.census.w, stop })
    }

    /// Brings the diagnosis of a layer of shallow water up to the state, and measures it. Collective.
    pub fn measure_layer(&mut self) -> Option<LayerBudgets> {
        let Engine { mesh, model, state, world, .. } = self;
        model.diagnose(state);
        let gravity = model.reference.constants.gravity;
        model.layer.as_ref().map(|diagnosis| layer::measure(mesh, gravity, diagnosis, state, world))
    }

    /// Measures the chlorine, where there is some among the tracers of these names. Collective.
    pub fn measure_chlorine(&self, tracers: &[String]) -> Option<ChlorineBudgets> {
        let Engine { mesh, model, state, world, .. } = self;
        let first = chlorine::place(tracers)?;
        Some(chlorine::measure(mesh, &model.reference, state, first, world))
    }

    /// Looks at the state as it is now.
    ///
    /// # Errors
    /// [`Error::Unstable`] if it is non-finite or out of bounds.
    pub fn check(&mut self) -> Result<()> {
        let (census, _) = share(self.model.census(&self.state), false, &self.world);
        if health::is_sound(&census, &self.model.reference) { Ok(()) } else { Err(self.unstable()) }
    }

    /// The length of a step in ticks, before it is fitted to a target.
    pub fn longest_step(&self) -> i64 {
        match self.choice {
            StepChoice::Fixed(seconds) => ticks(seconds).max(1),
            StepChoice::Auto { fraction, longest } => {
                let stable = fraction * self.model.limits().stable_step(&self.census);
                ((stable.min(longest) * TICKS_PER_SECOND as f64).floor() as i64).max(1)
            }
        }
    }

    /// The error that all ranks share, with the place of the fault where one rank finds it.
    fn unstable(&self) -> Error {
        let fault = health::find_fault(&self.mesh, &self.model.reference, &self.state);
        let faults = self.world.all_gather(fault.unwrap_or_default().as_bytes());
        let found = faults.iter().find(|text| !text.is_empty());
        let place = found.map_or_else(
            || "the speeds went out of bounds".to_string(),
            |text| String::from_utf8_lossy(text).into_owned(),
        );
        let clock = self.state.clock;
        Error::Unstable(format!(
            "the state became unstable at {} s (step {}): {place}. The time step may be too long: try a smaller \
             time.step_s, or time.step_s = \"auto\"",
            clock.seconds(),
            clock.step
        ))
    }
}

/// Whether any rank was asked to stop.
fn share_stop(stop: bool, world: &World) -> bool {
    let mut asked = [if stop { 1.0 } else { 0.0 }];
    world.all_max(&mut asked);
    asked[0] > 0.0
}

/// The census over all ranks, and whether any was asked to stop.
fn share(census: Census, stop: bool, world: &World) -> (Census, bool) {
    let mut values = [0.0; CENSUS_NUMBERS + 1];
    values[..CENSUS_NUMBERS].copy_from_slice(&census.to_array());
    values[CENSUS_NUMBERS] = if stop { 1.0 } else { 0.0 };
    // A NaN would be lost in a maximum; the flag in the census tells of it.
    values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = f64::INFINITY);
    world.all_max(&mut values);
    let [census @ .., stop] = values;
    (Census::from_array(census), stop > 0.0)
}
