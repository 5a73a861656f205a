//! Stepping a state: step lengths, the shared census, and the guard against a state that goes wrong.

use super::poll::Poll;
use super::signals;
use crate::cases::Case;
use crate::comm::World;
use crate::config::{Configuration, StepChoice};
use crate::dynamics::euler::Census;
use crate::dynamics::euler::timestep::Courant;
use crate::error::{Error, Result};
use crate::mesh::Mesh;
use crate::model::Model;
use crate::monitor::{ChlorineBudgets, LayerBudgets, Phase, Timers, chlorine, health, layer};
use crate::real::Real;
use crate::state::State;
use crate::time::{TICKS_PER_SECOND, ticks};

/// What the last step was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stepped {
    /// Length in s.
    pub seconds: f64,
    pub courant: Courant,
    /// max |w| in m/s at its start; with a fixed step, at the start of the one before.
    pub max_w: f64,
    /// A rank was asked to stop; with a fixed step, before the one before.
    pub stop: bool,
}

/// A model with its state, and what decides the length of the next step.
pub struct Engine<T> {
    pub mesh: Mesh,
    pub model: Model<T>,
    pub state: State<T>,
    pub timers: Timers,
    /// Largest speeds over all ranks, of the state at the start of the step before; with a fixed step, of the one
    /// before that, or of the state that was last looked at.
    pub census: Census,
    /// Open between the steps if they are fixed: no rank waits for the others, and all know a step later.
    poll: Poll,
    /// A rank was asked to stop.
    stop: bool,
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
        let mut engine = Engine {
            mesh,
            model,
            state,
            timers: Timers::new(),
            census: Census::EMPTY,
            poll: Poll::new(world),
            stop: false,
            world: world.clone(),
            choice: configuration.time.step,
        };
        engine.poll.open(engine.model.census(&engine.state), false);
        engine.close_poll();
        engine
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
        let before = self.timers.start(Phase::Monitoring);
        self.close_poll();
        self.poll.open(census, stop_asked || signals::is_asked());
        if matches!(self.choice, StepChoice::Auto { .. }) {
            self.close_poll();
        }
        self.timers.start(before);
        if !health::is_sound(&self.census, &self.model.reference) {
            return Err(self.unstable());
        }
        let courant = self.model.limits().courant(&self.census, seconds);
        Ok(Stepped { seconds, courant, max_w: self.census.w, stop: self.stop })
    }

    /// Takes the answer of the poll, if one is open. Collective.
    fn close_poll(&mut self) {
        if let Some((census, stop)) = self.poll.close() {
            self.census = census;
            self.stop |= stop;
        }
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
        self.close_poll();
        let of_the_step_before = self.census;
        self.poll.open(self.model.census(&self.state), false);
        self.close_poll();
        let now = std::mem::replace(&mut self.census, of_the_step_before);
        let are_sound =
            [now, of_the_step_before].iter().all(|census| health::is_sound(census, &self.model.reference));
        if are_sound { Ok(()) } else { Err(self.unstable()) }
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
