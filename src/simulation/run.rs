//! A run with its files: from the start or a checkpoint to the end, an early stop, or a failure.

use super::Engine;
use super::engine::Stepped;
use super::memory;
use super::stop::{self, StopRequest};
use super::volume;
use super::watchdog::Watch;
use super::writers::{Outbox, Role, Roles, serve};
use crate::cases;
use crate::comm::{self, World, launch};
use crate::config::{Configuration, Dynamics};
use crate::dynamics::euler::{CENSUS_NUMBERS, Census};
use crate::error::{Error, Result};
use crate::initial::initial_state;
use crate::io::directory::{self, CHECKPOINTS, Claim, UNSTABLE_PREFIX};
use crate::io::global::{self, GlobalOutput};
use crate::io::series::{SeriesColumn, SeriesWriter};
use crate::io::slices::SliceOutput;
use crate::io::statistics::StatisticsWriter;
use crate::io::{Earlier, RunRecord, SnapshotWriter, Throughput, checkpoint, checksum, snapshot};
use crate::mesh::{Compass, Mesh};
use crate::model::Model;
use crate::monitor::banner::{Banner, Facts};
use crate::monitor::budgets::{self, Budgets, Total};
use crate::monitor::statistics::Statistics;
use crate::monitor::{Phase, Progress, Status, log};
use crate::real::Real;
use crate::state::State;
use crate::state::diagnostics::{self, Context, Diagnostic};
use crate::time::{Clock, Schedule, ticks};
use std::path::PathBuf;
use std::time::Instant;

/// What the command line adds to a configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub resume: bool,
    pub quiet: bool,
}

/// Runs a configuration with all its output.
///
/// # Errors
/// [`Error::Io`] for files, [`Error::Unstable`] for a state out of bounds, [`Error::Stopped`] when asked
/// to stop; the latter two leave the last good checkpoint.
pub fn run<T: Real>(configuration: &Configuration, world: &World, options: Options) -> Result<()> {
    let writers = configuration.parallel.writer_ranks;
    if writers == 0 {
        return step_to_the_end::<T>(configuration, world, options, None);
    }
    let roles = Roles::new(world, writers)?;
    let outcome = match roles.role() {
        Role::Stepper => {
            let mesh = Mesh::new(configuration, world.rank(), roles.steppers())?;
            let outbox = Outbox::new(configuration, &mesh, &roles);
            step_to_the_end::<T>(configuration, &roles.own, options, Some(outbox))
        }
        Role::Writer => serve(configuration, &Mesh::new(configuration, 0, roles.steppers())?, &roles),
    };
    comm::settle(world, outcome)
}

/// The same on ranks that step.
fn step_to_the_end<T: Real>(
    configuration: &Configuration,
    world: &World,
    options: Options,
    outbox: Option<Outbox>,
) -> Result<()> {
    let mut run = Run::<T>::start(configuration, world, options, outbox)?;
    let outcome = run.go();
    run.finish(outcome)
}

/// How the snapshots of a run reach their files.
enum Snapshots {
    /// Its ranks write them.
    Written(Box<SnapshotWriter>),
    /// Writers do.
    HandedOver(Box<Outbox>),
}

impl Snapshots {
    fn already_written(&self, clock: &Clock) -> bool {
        match self {
            Snapshots::Written(writer) => writer.already_written(clock),
            Snapshots::HandedOver(outbox) => outbox.already_written(clock),
        }
    }

    fn write(
        &mut self,
        clock: &Clock,
        row: impl Fn(usize, usize, usize, usize, &mut [f64]) + Sync,
    ) -> Result<()> {
        match self {
            Snapshots::Written(writer) => writer.write(clock, row),
            Snapshots::HandedOver(outbox) => outbox.write(clock, row),
        }
    }

    /// Makes sure that all records are in the file.
    fn settle(&mut self) -> Result<()> {
        match self {
            Snapshots::Written(_) => Ok(()),
            Snapshots::HandedOver(outbox) => outbox.settle(),
        }
    }

    fn throughput(&self) -> Throughput {
        match self {
            Snapshots::Written(writer) => writer.throughput(),
            Snapshots::HandedOver(outbox) => outbox.throughput(),
        }
    }

    fn close(self) -> Result<()> {
        match self {
            Snapshots::Written(writer) => writer.close(),
            Snapshots::HandedOver(outbox) => outbox.close(),
        }
    }
}

/// A run under way.
struct Run<'a, T> {
    configuration: &'a Configuration,
    world: &'a World,
    engine: Engine<T>,
    diagnostics: Vec<Diagnostic>,
    /// East and north on the tiles of the sphere.
    compasses: Vec<Compass>,
    snapshots: Option<Snapshots>,
    series: Option<SeriesWriter>,
    statistics: Option<(Statistics, StatisticsWriter)>,
    global: Option<GlobalOutput>,
    slices: Option<SliceOutput>,
    schedules: Schedules,
    stop: StopRequest,
    progress: Progress,
    /// Deviation of the mass from that of the reference state at time 0, in kg.
    mass_at_start: f64,
    mass_drift: f64,
    last_checkpoint: Option<PathBuf>,
    last_checkpoint_at: Option<Clock>,
    /// Over the work on files; dropped after them.
    watch: Option<Watch>,
    _claim: Claim,
}

/// When things are due, in ticks.
struct Schedules {
    snapshot: Schedule,
    series: Schedule,
    statistics: Schedule,
    checkpoint: Schedule,
    end: i64,
}

impl Schedules {
    fn new(configuration: &Configuration) -> Self {
        Schedules {
            snapshot: Schedule::every(configuration.output.every),
            series: Schedule::every(configuration.output.series_every),
            statistics: Schedule::every(configuration.output.statistics_every),
            checkpoint: Schedule::every(configuration.checkpoint.every),
            end: ticks(configuration.time.end),
        }
    }
}

impl<'a, T: Real> Run<'a, T> {
    /// Builds everything, reads the checkpoint if there is one to resume from, and says hello.
    fn start(
        configuration: &'a Configuration,
        world: &'a World,
        options: Options,
        outbox: Option<Outbox>,
    ) -> Result<Self> {
        memory::require(configuration, world)?;
        let watch = Watch::new(world);
        let mesh = Mesh::new(configuration, world.rank(), world.size())?;
        let case = cases::build(configuration)?;
        let earlier = Earlier::of(configuration, options.resume);
        let claim = directory::prepare(configuration, &**world, earlier)?;
        world.agree(log::start(world.is_root().then_some(configuration.output.directory.as_path())))?;
        let mut state = initial_state::<T>(configuration, &mesh, &*case);
        let resumed = if options.resume { load(configuration, &mesh, world, &mut state)? } else { None };
        if resumed.is_some() {
            warn_of_changes(configuration, world);
        }
        directory::write_configuration(configuration, &**world)?;
        self_check(configuration, &mesh, world, state.clock.ticks);
        let banner = banner::<T>(configuration, &mesh, world);
        // A quarter of what the ranks keep in memory is about the size of the state.
        let checkpoint_bytes = Model::<T>::memory(configuration, &mesh) / 4 * world.size() as u64;
        let compasses = Compass::of_tiles(&mesh);
        let mut engine = Engine::new(configuration, mesh, &*case, state, world);
        if let Some(loaded) = &resumed {
            engine.census = census_of(&loaded.record);
        }
        let mut run = Run {
            engine,
            diagnostics: chosen_diagnostics(configuration),
            compasses,
            snapshots: None,
            series: None,
            statistics: None,
            global: None,
            slices: None,
            schedules: Schedules::new(configuration),
            stop: StopRequest::new(configuration, world.is_root(), checkpoint_bytes),
            progress: Progress::new(options.quiet, configuration.time.end, world.is_root()),
            mass_at_start: 0.0,
            mass_drift: 0.0,
            last_checkpoint: None,
            last_checkpoint_at: None,
            watch,
            _claim: claim,
            configuration,
            world,
        };
        run.progress.message(&banner.text());
        match &resumed {
            Some(loaded) => run.welcome_back(loaded),
            None => {
                run.mass_at_start = run.measure().mass.deviation;
                run.mass_drift = 0.0;
            }
        }
        run.open(resumed.as_ref().map(|loaded| loaded.record.clock()), outbox)?;
        run.watch.iter().for_each(Watch::end);
        Ok(run)
    }

    /// Takes over what a checkpoint remembers, and says so.
    fn welcome_back(&mut self, loaded: &checkpoint::Loaded) {
        for warning in &loaded.warnings {
            warn(self.world, warning);
        }
        self.mass_at_start = loaded.record.values.get("mass_at_start").copied().unwrap_or(0.0);
        self.last_checkpoint = Some(loaded.path.clone());
        self.last_checkpoint_at = Some(loaded.record.clock());
        let clock = loaded.record.clock();
        self.progress.message(&format!(
            "resuming at {} s (step {}) from {}",
            clock.seconds(),
            clock.step,
            loaded.path.display()
        ));
    }

    /// Opens the output files.
    fn open(&mut self, from: Option<Clock>, outbox: Option<Outbox>) -> Result<()> {
        let (configuration, world) = (self.configuration, self.world);
        if let Some(mut outbox) = outbox {
            outbox.open(from)?;
            self.snapshots = Some(Snapshots::HandedOver(Box::new(outbox)));
        } else if configuration.output.every.is_some() {
            let writer = SnapshotWriter::create(configuration, &self.engine.mesh, world, from)?;
            self.snapshots = Some(Snapshots::Written(Box::new(writer)));
        }
        if configuration.output.series_every.is_some() {
            let columns: Vec<SeriesColumn> =
                Budgets::columns(configuration.dynamics.setting, &configuration.dynamics.tracers)
                    .into_iter()
                    .chain(courant_columns())
                    .collect();
            self.series = Some(SeriesWriter::create(configuration, world, &columns, from)?);
        }
        self.slices = SliceOutput::create(configuration, &self.engine.mesh, world, from)?;
        if configuration.output.statistics_every.is_some() {
            let mesh = &self.engine.mesh;
            let statistics = Statistics::new(&configuration.dynamics, mesh.terrain.is_some());
            let writer = StatisticsWriter::create(configuration, mesh, world, &statistics.variables, from)?;
            self.statistics = Some((statistics, writer));
        }
        let resumed = from.zip(self.last_checkpoint.as_deref());
        self.global = GlobalOutput::create(configuration, &self.engine.mesh, world, resumed)?;
        Ok(())
    }

    /// The loop.
    fn go(&mut self) -> Result<()> {
        let mut stepped = Stepped::default();
        self.report(&stepped);
        self.write_due(None, &stepped)?;
        while self.engine.state.clock.ticks < self.schedules.end {
            let before = self.engine.state.clock.ticks;
            let target = self.target(before);
            stepped = self.engine.step(target, self.stop.is_asked())?;
            self.report(&stepped);
            self.write_due(Some(before), &stepped)?;
            if stepped.stop && self.engine.state.clock.ticks < self.schedules.end {
                return self.stop_early();
            }
        }
        Ok(())
    }

    /// The next time in ticks that a step must hit: of output, or the end.
    fn target(&self, now: i64) -> i64 {
        let global = self.global.as_ref().map_or(i64::MAX, |global| global.next(now));
        let slices = self.slices.as_ref().map_or(i64::MAX, |slices| slices.next(now));
        let snapshot = self.schedules.snapshot.next(now).unwrap_or(i64::MAX);
        snapshot.min(global).min(slices).min(self.schedules.end)
    }

    /// Writes what has become due since `before`; at the start of a run (`None`) what is due at once.
    fn write_due(&mut self, before: Option<i64>, stepped: &Stepped) -> Result<()> {
        let now = self.engine.state.clock.ticks;
        let passed =
            |schedule: &Schedule| before.map_or(schedule.is_due(now), |before| schedule.passed(before, now));
        let is_end = now >= self.schedules.end;
        let snapshot = self.snapshots.is_some() && self.schedules.snapshot.is_due(now);
        let series = self.series.is_some() && passed(&self.schedules.series);
        let statistics = self.statistics.is_some() && passed(&self.schedules.statistics);
        let global = self.global.as_ref().is_some_and(|global| is_end || global.is_due(now));
        let slices = self.slices.as_ref().is_some_and(|slices| slices.is_due(now));
        let checkpoints = self.configuration.checkpoint.every.is_some() && before.is_some();
        let checkpoint = checkpoints && (is_end || passed(&self.schedules.checkpoint));
        if snapshot || series || statistics || global || slices || checkpoint || is_end {
            self.engine.timers.start(Phase::Monitoring);
            self.engine.check()?;
            self.watch.iter().for_each(Watch::start);
        }
        if series {
            self.append_series(stepped)?;
        }
        if statistics {
            self.append_statistics()?;
        }
        if snapshot {
            self.engine.timers.start(Phase::Snapshots);
            self.write_snapshot()?;
        }
        if global {
            self.engine.timers.start(Phase::Snapshots);
            self.write_global(is_end)?;
        }
        if slices {
            self.engine.timers.start(Phase::Snapshots);
            self.write_slices()?;
        }
        if checkpoint {
            self.write_checkpoint()?;
        }
        self.watch.iter().for_each(Watch::end);
        self.engine.timers.start(Phase::Other);
        Ok(())
    }

    fn append_series(&mut self, stepped: &Stepped) -> Result<()> {
        let budgets = self.measure();
        let mut values = budgets.values(self.engine.state.setting);
        values.extend([stepped.seconds, stepped.courant.acoustic, stepped.courant.advective]);
        let clock = self.engine.state.clock;
        self.series.as_mut().map_or(Ok(()), |series| series.append(&clock, &values))
    }

    fn append_statistics(&mut self) -> Result<()> {
        self.engine.timers.start(Phase::Monitoring);
        let Some((statistics, writer)) = &mut self.statistics else { return Ok(()) };
        let Engine { mesh, model, state, .. } = &mut self.engine;
        if writer.already_written(&state.clock) {
            return Ok(());
        }
        let values = statistics.measure(mesh, model, state, self.world);
        writer.append(&state.clock, &values)
    }

    fn write_snapshot(&mut self) -> Result<()> {
        let clock = self.engine.state.clock;
        let Some(writer) = &mut self.snapshots else { return Ok(()) };
        if writer.already_written(&clock) {
            return Ok(());
        }
        let Engine { mesh, model, state, .. } = &mut self.engine;
        model.diagnose(state);
        let (diagnostics, compasses, reference) = (&self.diagnostics, &self.compasses, &model.reference);
        let layers = model.layer_fields();
        writer.write(&clock, |variable, tile, k, j, out| {
            let context = Context::of_tile(mesh, reference, compasses, tile).with_layer(layers.get(tile));
            diagnostics[variable].row(&context, &state.tiles[tile], j, k, out);
        })
    }

    /// Writes what is due on latitudes and longitudes.
    fn write_global(&mut self, is_end: bool) -> Result<()> {
        let Engine { mesh, model, state, .. } = &mut self.engine;
        model.diagnose(state);
        let (compasses, reference, layers) = (&self.compasses, &model.reference, model.layer_fields());
        let Some(global) = &mut self.global else { return Ok(()) };
        global.write_due(&state.clock, is_end, &|diagnostic, tile, k, j, out| {
            let context = Context::of_tile(mesh, reference, compasses, tile).with_layer(layers.get(tile));
            diagnostic.row(&context, &state.tiles[tile], j, k, out);
        })
    }

    /// Writes the sections and columns that are due.
    fn write_slices(&mut self) -> Result<()> {
        let Engine { mesh, model, state, .. } = &mut self.engine;
        model.diagnose(state);
        let (compasses, reference) = (&self.compasses, &model.reference);
        let Some(slices) = &mut self.slices else { return Ok(()) };
        slices.write_due(&state.clock, &|diagnostic, tile, k, j, out| {
            let context = Context::of_tile(mesh, reference, compasses, tile);
            diagnostic.row(&context, &state.tiles[tile], j, k, out);
        })
    }

    fn write_checkpoint(&mut self) -> Result<()> {
        let begin = Instant::now();
        self.write_checkpoint_now()?;
        self.stop.checkpoint_took(begin.elapsed());
        Ok(())
    }

    fn write_checkpoint_now(&mut self) -> Result<()> {
        self.engine.timers.start(Phase::Checkpoints);
        // A run that goes on from here finds all earlier records.
        self.snapshots.as_mut().map_or(Ok(()), Snapshots::settle)?;
        let folder = self.configuration.output.directory.join(CHECKPOINTS);
        if let Some(global) = &self.global {
            global.keep(self.world, &folder, self.engine.state.clock)?;
        }
        let mut record = RunRecord::at(self.engine.state.clock);
        record.values.insert("mass_at_start".into(), self.mass_at_start);
        record.texts.insert(CASE.into(), identity_of_case(self.configuration));
        for (name, value) in CENSUS_NAMES.iter().zip(self.engine.census.to_array()) {
            record.values.insert((*name).into(), value);
        }
        let path = checkpoint::write(
            &folder,
            &self.engine.mesh,
            self.world,
            &self.engine.state,
            &self.configuration.dynamics.tracers,
            &record,
            self.configuration.checkpoint.keep,
        )?;
        global::remove_orphans(&**self.world, &folder)?;
        self.last_checkpoint = Some(path);
        self.last_checkpoint_at = Some(self.engine.state.clock);
        Ok(())
    }

    /// Ends the run before its time, with a checkpoint.
    fn stop_early(&mut self) -> Result<()> {
        let reason = self.stop.reason(&**self.world).text();
        self.engine.check()?;
        self.watch.iter().for_each(Watch::start);
        if self.last_checkpoint_at != Some(self.engine.state.clock) {
            self.write_checkpoint()?;
        }
        let clock = self.engine.state.clock;
        Err(Error::Stopped(format!(
            "at {} s (step {}), {reason}; the same command with --resume goes on from there",
            clock.seconds(),
            clock.step
        )))
    }

    /// Closes the files and prints the closing table; a blow-up leaves a picture of itself.
    fn finish(mut self, outcome: Result<()>) -> Result<()> {
        self.watch.iter().for_each(Watch::start);
        let outcome = match outcome {
            Err(Error::Unstable(message)) => Err(self.post_mortem(message)),
            other => other,
        };
        self.progress.finish(outcome.is_ok());
        // The table is put together by all ranks; after a failed write they may not all be here.
        if matches!(outcome, Ok(()) | Err(Error::Stopped(_) | Error::Unstable(_))) {
            let table = self.engine.timers.report(&**self.world);
            self.progress.message(&table);
        }
        let is_good = matches!(outcome, Ok(()) | Err(Error::Stopped(_)));
        if let Some(snapshots) = self.snapshots.as_mut().filter(|_| is_good) {
            snapshots.settle()?;
            if let Some(line) = snapshots.throughput().text() {
                self.progress.message(&line);
            }
        }
        let folder = self.configuration.output.directory.display();
        self.progress.message(&format!("files in {folder}"));
        if is_good {
            if let Some(snapshots) = self.snapshots.take() {
                snapshots.close()?;
            }
            if let Some(series) = self.series.take() {
                series.close()?;
            }
            if let Some((_, statistics)) = self.statistics.take() {
                statistics.close()?;
            }
            if let Some(global) = self.global.take() {
                global.close()?;
            }
            if let Some(slices) = self.slices.take() {
                slices.close()?;
            }
        }
        outcome
    }

    /// Writes the state that went wrong, and says where it and the last good checkpoint lie.
    fn post_mortem(&mut self, message: String) -> Error {
        let clock = self.engine.state.clock;
        let path = self
            .configuration
            .output
            .directory
            .join(format!("{UNSTABLE_PREFIX}{}.h5", directory::stamp(&clock)));
        let Engine { mesh, model, state, .. } = &mut self.engine;
        model.diagnose(state);
        let (diagnostics, compasses, reference) = (&self.diagnostics, &self.compasses, &model.reference);
        let layers = model.layer_fields();
        let written = snapshot::write_single(
            &path,
            self.configuration,
            mesh,
            self.world,
            &clock,
            |n, tile, k, j, out| {
                let context = Context::of_tile(mesh, reference, compasses, tile).with_layer(layers.get(tile));
                diagnostics[n].row(&context, &state.tiles[tile], j, k, out);
            },
        );
        let picture = match written {
            Ok(()) => format!("the state is in {}", path.display()),
            Err(error) => format!("the state could not be written ({error})"),
        };
        let checkpoint = match &self.last_checkpoint {
            Some(path) => format!("the last good checkpoint is {}", path.display()),
            None => "there is no checkpoint".into(),
        };
        Error::Unstable(format!("{message}; {picture}; {checkpoint}"))
    }

    /// Budgets of the state, from which the drift of the mass is kept.
    fn measure(&mut self) -> Budgets {
        self.engine.timers.start(Phase::Monitoring);
        let layer = self.engine.measure_layer();
        let chlorine = self.engine.measure_chlorine(&self.configuration.dynamics.tracers);
        let Engine { mesh, model, state, .. } = &self.engine;
        let budgets =
            Budgets { layer, chlorine, ..budgets::measure(mesh, &model.reference, state, self.world) };
        let start = Total { deviation: self.mass_at_start, ..budgets.mass };
        self.mass_drift = budgets.mass.drift(&start);
        budgets
    }

    fn report(&mut self, stepped: &Stepped) {
        let clock = self.engine.state.clock;
        self.progress.update(&Status {
            seconds: clock.seconds(),
            step: clock.step,
            step_seconds: stepped.seconds,
            acoustic_courant: stepped.courant.acoustic,
            advective_courant: stepped.courant.advective,
            max_w: stepped.max_w,
            mass_drift: self.mass_drift,
        });
        if let Some(warning) = self.stop.foretell(clock.seconds(), self.configuration.time.end) {
            warn(self.world, &warning);
        }
    }
}

/// Threads of this rank.
fn threads(configuration: &Configuration) -> usize {
    configuration.parallel.threads.unwrap_or(1)
}

/// Warns of what will make the run slow or end it early, with what to type instead. Collective.
fn self_check(configuration: &Configuration, mesh: &Mesh, world: &World, now: i64) {
    let mut warnings = launch::warnings(world, threads(configuration));
    warnings.extend(launch::idle_threads(world, threads(configuration), mesh.local_tiles().len()));
    if world.is_root() {
        warnings.extend(stop::warning());
        warnings.extend(volume::warning(configuration, now));
    }
    for warning in warnings {
        warn(world, &warning);
    }
}

/// What is about to be computed. Collective.
fn banner<T: Real>(configuration: &Configuration, mesh: &Mesh, world: &World) -> Banner {
    let facts = Facts {
        title: cases::find(&configuration.case.name).map_or("", |info| info.title),
        memory: Model::<T>::memory(configuration, mesh),
        threads: threads(configuration),
        writers: configuration.parallel.writer_ranks,
    };
    Banner::new(configuration, mesh, &facts, &**world)
}

/// The diagnostics to write, in the order of `output.variables`.
fn chosen_diagnostics(configuration: &Configuration) -> Vec<Diagnostic> {
    let Dynamics { setting, tracers, .. } = &configuration.dynamics;
    let find = |name: &String| diagnostics::find(name, *setting, tracers);
    configuration.output.variables.iter().filter_map(find).collect()
}

/// Names of the census in a checkpoint's record, in the order of [`Census::to_array`].
const CENSUS_NAMES: [&str; CENSUS_NUMBERS] = [
    "largest_u",
    "largest_v",
    "largest_w",
    "largest_w_rate",
    "largest_heat_ratio",
    "gravity_wave",
    "diffusion",
    "not_finite",
];

/// Name of the case in a checkpoint's record.
const CASE: &str = "case";

fn census_of(record: &RunRecord) -> Census {
    Census::from_array(CENSUS_NAMES.map(|name| record.values.get(name).copied().unwrap_or(0.0)))
}

/// The newest good checkpoint, if there is any.
fn load<T: Real>(
    configuration: &Configuration,
    mesh: &Mesh,
    world: &World,
    state: &mut State<T>,
) -> Result<Option<checkpoint::Loaded>> {
    let directory = configuration.output.directory.join(CHECKPOINTS);
    let loaded = checkpoint::load_latest(&directory, mesh, world, &configuration.dynamics.tracers, state)?;
    if let Some(loaded) = &loaded {
        let theirs = loaded.record.texts.get(CASE).map_or("", String::as_str);
        if let Some(message) = other_case(theirs, &identity_of_case(configuration)) {
            return Err(Error::io(&loaded.path, message));
        }
        state.clock = loaded.record.clock();
    }
    Ok(loaded)
}

/// What decides the reference state, from which a checkpoint holds deviations: the case with all its
/// parameters, and the constants of the air. One line each.
fn identity_of_case(configuration: &Configuration) -> String {
    let case = &configuration.case;
    let constants = &configuration.dynamics.constants;
    let mut lines = vec![format!("name = {}", case.name)];
    lines.extend(case.parameters.iter().map(|(name, value)| format!("{name} = {value}")));
    lines.extend(case.sounding.iter().map(|sounding| {
        let values = format!("{} {:?}", sounding.surface_pressure, sounding.levels);
        format!("sounding = {:016x}", checksum::bytes(values.as_bytes()))
    }));
    lines.push(format!("gravity_m_per_s2 = {}", constants.gravity));
    lines.push(format!("gas_constant_j_per_kg_k = {}", constants.gas_constant));
    lines.push(format!("heat_capacity_j_per_kg_k = {}", constants.heat_capacity));
    lines.join("\n")
}

/// Says the first difference between the case of a checkpoint and that of the configuration, if any.
fn other_case(theirs: &str, ours: &str) -> Option<String> {
    let differing = |a: &str, b: &str| {
        a.lines().find(|line| b.lines().all(|other| other != *line)).unwrap_or("nothing").to_string()
    };
    (theirs != ours).then(|| {
        let (theirs, ours) = (differing(theirs, ours), differing(ours, theirs));
        format!("this checkpoint belongs to another case: it has `{theirs}`, the configuration `{ours}`")
    })
}

/// Columns of the series besides the budgets.
fn courant_columns() -> impl Iterator<Item = SeriesColumn> {
    [
        ("step", "s", "length of the last time step"),
        ("acoustic_courant", "1", "horizontal acoustic Courant number"),
        ("advective_courant", "1", "sum of the advective Courant numbers"),
    ]
    .into_iter()
    .map(|(name, unit, long_name)| SeriesColumn {
        name: name.into(),
        unit: unit.into(),
        long_name: long_name.into(),
    })
}

/// A run may go on with other physics, but not unnoticed.
fn warn_of_changes(configuration: &Configuration, world: &World) {
    let changes = directory::changes(configuration, &**world);
    if !changes.is_empty() {
        let list = changes.join("; ");
        warn(world, &format!("the run goes on with another configuration than it began with: {list}"));
    }
}

/// Prints a warning once, and logs it.
fn warn(world: &World, text: &str) {
    if world.is_root() {
        tracing::warn!("{text}");
    }
}
