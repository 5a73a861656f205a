//! How much a run writes, and whether the disk has room for it.

use crate::config::Configuration;
use crate::monitor::human;
use crate::state::{diagnostics, variables};
use crate::time::{Schedule, ticks};
use std::path::Path;

/// Bytes of a snapshot, uncompressed.
pub fn snapshot_bytes(configuration: &Configuration) -> usize {
    let Configuration { grid, output, dynamics, .. } = configuration;
    let all = diagnostics::all(dynamics.setting, &dynamics.tracers);
    let chosen = all.iter().map(|diagnostic| &diagnostic.variable);
    let levels: usize = chosen
        .filter(|variable| output.variables.contains(&variable.name))
        .map(|variable| variable.location.levels(grid.nz))
        .sum();
    grid.columns() * levels * output.precision.bytes()
}

/// Bytes of a checkpoint.
pub fn checkpoint_bytes(configuration: &Configuration) -> usize {
    let Configuration { grid, dynamics, .. } = configuration;
    let prognostic = variables::prognostic(dynamics.setting, &dynamics.tracers);
    let levels: usize = prognostic.iter().map(|variable| variable.location.levels(grid.nz)).sum();
    grid.columns() * levels * dynamics.precision.bytes()
}

/// Bytes of all snapshots that are still to come after `now` (ticks), and of the checkpoints that are kept.
fn remaining_bytes(configuration: &Configuration, now: i64) -> u64 {
    let schedule = Schedule::every(configuration.output.every);
    let snapshots = schedule.count(ticks(configuration.time.end)).saturating_sub(schedule.count(now));
    // One more is written before the oldest goes.
    let checkpoints = configuration.checkpoint.keep + 1;
    (snapshots * snapshot_bytes(configuration) + checkpoints * checkpoint_bytes(configuration)) as u64
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
        "the snapshots and checkpoints to come need up to {}, but {} has only {} free: use fewer output.variables, a \
         longer output.every_s{compress}, or another disk with --output",
        human::bytes(needed),
        directory.display(),
        human::bytes(free)
    )
}
