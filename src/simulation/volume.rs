//! How much a run writes, and whether the disk has room for it.

use crate::config::{Configuration, Cut, LatLon, Setting, Slices};
use crate::io::directory::{LATLON, MEANS, SERIES, SNAPSHOTS, STATISTICS};
use crate::monitor::budgets::Budgets;
use crate::monitor::human;
use crate::monitor::statistics::Statistics;
use crate::regrid::LatLonGrid;
use crate::state::{Location, Variable, diagnostics, variables};
use crate::time::{Schedule, ticks};
use std::path::Path;

/// Bytes of a number in the series and the statistics.
const DOUBLE: usize = size_of::<f64>();

/// Files of one kind that a run writes, before compression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub name: &'static str,
    pub records: usize,
    /// Bytes of a record.
    pub bytes: usize,
}

impl Output {
    /// Bytes of all records.
    pub fn total(&self) -> usize {
        self.records * self.bytes
    }
}

/// Everything that a run writes but its checkpoints and the series as text.
pub fn outputs(configuration: &Configuration) -> Vec<Output> {
    outputs_between(configuration, None)
}

/// The same, of the times after `after` (ticks) alone if that is given.
fn outputs_between(configuration: &Configuration, after: Option<i64>) -> Vec<Output> {
    let Configuration { output, dynamics, time, .. } = configuration;
    let records = |every: Option<f64>| {
        let schedule = Schedule::every(every);
        schedule.count(ticks(time.end)) - after.map_or(0, |after| schedule.count(after))
    };
    let series = Budgets::columns(dynamics.setting, &dynamics.tracers).len() + SERIES_OF_STEPS;
    let [sections, columns] = [&output.sections, &output.columns].map(|slices| {
        slices
            .as_ref()
            .map_or([0; 2], |slices| [records(Some(slices.every)), slices_bytes(configuration, slices)])
    });
    let latlon = output.latlon.as_ref();
    let means = latlon.filter(|latlon| latlon.means.is_some());
    let every = latlon.and_then(|latlon| latlon.every);
    let all = [
        (SNAPSHOTS, records(output.every), snapshot_bytes(configuration)),
        (SERIES, records(output.series_every), series * DOUBLE),
        (STATISTICS, records(output.statistics_every), statistics_bytes(configuration)),
        ("sections", sections[0], sections[1]),
        ("columns", columns[0], columns[1]),
        (LATLON, records(every), latlon.map_or(0, |latlon| latlon_bytes(configuration, latlon))),
        (MEANS, usize::from(means.is_some()), means.map_or(0, |latlon| means_bytes(configuration, latlon))),
    ];
    let all = all.into_iter().map(|(name, records, bytes)| Output { name, records, bytes });
    all.filter(|output| output.records > 0).collect()
}

/// Columns of the series besides the budgets: the time, and what is told of the step.
const SERIES_OF_STEPS: usize = 4;

/// The variables of these names.
fn chosen<'a>(configuration: &Configuration, names: &'a [String]) -> impl Iterator<Item = Variable> + 'a {
    let all = diagnostics::all(configuration.dynamics.setting, &configuration.dynamics.tracers);
    all.into_iter().map(|diagnostic| diagnostic.variable).filter(|variable| names.contains(&variable.name))
}

/// Bytes of a snapshot.
pub fn snapshot_bytes(configuration: &Configuration) -> usize {
    let Configuration { grid, output, .. } = configuration;
    let variables = chosen(configuration, &output.variables);
    let levels: usize = variables.map(|variable| variable.location.levels(grid.nz)).sum();
    grid.columns() * levels * output.precision.bytes()
}

/// Bytes of a record of all slices of a group.
fn slices_bytes(configuration: &Configuration, slices: &Slices) -> usize {
    let grid = &configuration.grid;
    let levels: usize =
        chosen(configuration, &slices.variables).map(|variable| variable.location.levels(grid.nz)).sum();
    let values = |cut: &Cut| match cut {
        Cut::X(_) => grid.ny * levels,
        Cut::Y(_) => grid.nx * levels,
        Cut::Z(_) => grid.nx * grid.ny * slices.variables.len(),
        Cut::Column(..) => levels,
    };
    slices.cuts.iter().map(values).sum::<usize>() * configuration.output.precision.bytes()
}

/// Bytes of a record of the horizontal means.
fn statistics_bytes(configuration: &Configuration) -> usize {
    if configuration.dynamics.setting != Setting::Plane {
        return 0;
    }
    let variables = Statistics::new(&configuration.dynamics, configuration.terrain.is_some()).variables;
    let levels = variables.iter().map(|variable| variable.location.levels(configuration.grid.nz));
    levels.sum::<usize>() * DOUBLE
}

/// Bytes of the means over time, with the variance of the temperature.
fn means_bytes(configuration: &Configuration, latlon: &LatLon) -> usize {
    let output = &configuration.output;
    let has_variance = output.variables.iter().any(|name| name == "temperature");
    let levels = match latlon.pressures.len() {
        _ if !has_variance => 0,
        0 => configuration.grid.nz,
        pressures => pressures,
    };
    let points = LatLonGrid::new(latlon.spacing).map_or(0, |grid| grid.points());
    latlon_bytes(configuration, latlon) + levels * points * output.precision.bytes()
}

/// Bytes of a record on latitudes and longitudes.
fn latlon_bytes(configuration: &Configuration, latlon: &LatLon) -> usize {
    let output = &configuration.output;
    let pressures = latlon.pressures.len();
    let levels = |location: Location| match location {
        Location::Centre | Location::Interface if pressures > 0 => pressures,
        location => location.levels(configuration.grid.nz),
    };
    let variables = chosen(configuration, &output.variables).map(|variable| levels(variable.location));
    // The height of the pressure levels comes besides.
    let levels = variables.sum::<usize>() + pressures;
    let [rows, columns] = LatLonGrid::new(latlon.spacing).map_or([0; 2], |grid| grid.shape());
    levels * rows * (columns + usize::from(latlon.zonal_means)) * output.precision.bytes()
}

/// Bytes of a checkpoint.
pub fn checkpoint_bytes(configuration: &Configuration) -> usize {
    let Configuration { grid, dynamics, .. } = configuration;
    let prognostic = variables::prognostic(dynamics.setting, &dynamics.tracers);
    let levels: usize = prognostic.iter().map(|variable| variable.location.levels(grid.nz)).sum();
    grid.columns() * levels * dynamics.precision.bytes()
}

/// Bytes of all output that is still to come after `now` (ticks), and of the checkpoints that are kept.
fn remaining_bytes(configuration: &Configuration, now: i64) -> u64 {
    let output: usize = outputs_between(configuration, Some(now)).iter().map(Output::total).sum();
    // One more is written before the oldest goes.
    let checkpoints = configuration.checkpoint.keep + 1;
    (output + checkpoints * checkpoint_bytes(configuration)) as u64
}

/// On the rank that asks: that the disk will be full before the end, if so, with what to do.
pub fn warning(configuration: &Configuration, now: i64) -> Option<String> {
    let directory = &configuration.output.directory;
    let disk = rustix::fs::statvfs(directory.as_path()).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let needed = remaining_bytes(configuration, now);
    (needed > free).then(|| too_little_room(configuration, directory, needed, free))
}

fn too_little_room(configuration: &Configuration, directory: &Path, needed: u64, free: u64) -> String {
    let compress = if configuration.output.compression == 0 { ", --set output.compression=1" } else { "" };
    format!(
        "the files and checkpoints to come need up to {}, but {} has only {} free: use fewer output.variables, a \
         longer output.every_s{compress}, or another disk with --output",
        human::bytes(needed),
        directory.display(),
        human::bytes(free)
    )
}
