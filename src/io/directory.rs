//! The run's folder: what lies where, claiming it for a run, and putting files under their final name.

use crate::comm::Communicator;
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::time::{Clock, TICKS_PER_SECOND};
use std::fs;
use std::path::{Path, PathBuf};

/// The growing snapshot file.
pub const SNAPSHOTS: &str = "snapshots.h5";
/// What the names of single snapshots begin with.
pub const SNAPSHOT_PREFIX: &str = "snapshot_";
/// The scalar series, as netCDF-4 and as text.
pub const SERIES: &str = "series.h5";
pub const SERIES_TEXT: &str = "series.csv";
/// The folder of the checkpoints.
pub const CHECKPOINTS: &str = "checkpoints";
/// The log of the run.
pub const LOG: &str = "run.log";
/// The configuration as run.
pub const CONFIGURATION: &str = "config.toml";

/// What a run does about files of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// They are an error.
    Keep,
    /// They are removed.
    Replace,
    /// They are continued.
    Resume,
}

impl Earlier {
    /// The choice of a run: resuming wins over replacing.
    pub fn of(configuration: &Configuration, resume: bool) -> Self {
        match (resume, configuration.output.overwrite) {
            (true, _) => Earlier::Resume,
            (false, true) => Earlier::Replace,
            (false, false) => Earlier::Keep,
        }
    }
}

/// Creates the run's folder, deals with the files of an earlier run, and writes `config.toml`.
/// All ranks call it together; rank 0 does it.
///
/// # Errors
/// If the folder cannot be written, or holds output of an earlier run that is neither replaced nor resumed.
pub fn prepare(configuration: &Configuration, world: &dyn Communicator, earlier: Earlier) -> Result<()> {
    on_root(world, || {
        let directory = &configuration.output.directory;
        fs::create_dir_all(directory).map_err(|cause| Error::io(directory, cause))?;
        for path in output_of_a_run(directory)? {
            match earlier {
                Earlier::Keep => return Err(in_the_way(&path)),
                Earlier::Replace => fs::remove_file(&path).map_err(|cause| Error::io(&path, cause))?,
                Earlier::Resume => {}
            }
        }
        let path = directory.join(CONFIGURATION);
        let temporary = temporary(&path);
        fs::write(&temporary, &configuration.text).map_err(|cause| Error::io(&path, cause))?;
        rename_durably(&temporary, &path)
    })
}

/// Makes way for a new output file at `path`.
///
/// # Errors
/// If it exists and must be kept, or cannot be removed.
pub(super) fn make_way(path: &Path, earlier: Earlier) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    match earlier {
        Earlier::Keep => Err(in_the_way(path)),
        Earlier::Replace => fs::remove_file(path).map_err(|cause| Error::io(path, cause)),
        Earlier::Resume => Ok(()),
    }
}

fn in_the_way(path: &Path) -> Error {
    Error::io(
        path,
        "an earlier run wrote this file; continue that run with --resume, replace its output with \
         --overwrite, or choose another folder with --output",
    )
}

/// The snapshots, series and checkpoints in a folder.
fn output_of_a_run(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> =
        [SNAPSHOTS, SERIES, SERIES_TEXT].iter().map(|name| directory.join(name)).collect();
    found.retain(|path| path.exists());
    found.extend(stamped(directory, SNAPSHOT_PREFIX)?.into_iter().map(|(_, path)| path));
    let checkpoints = directory.join(CHECKPOINTS);
    if checkpoints.exists() {
        for entry in fs::read_dir(&checkpoints).map_err(|cause| Error::io(&checkpoints, cause))? {
            let path = entry.map_err(|cause| Error::io(&checkpoints, cause))?.path();
            if path.is_file() {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// The part of a file name that says its time: seconds, padded so that names sort by time, with
/// microseconds where they are not 0.
pub fn stamp(clock: &Clock) -> String {
    let (seconds, rest) = (clock.ticks / TICKS_PER_SECOND, clock.ticks % TICKS_PER_SECOND);
    if rest == 0 { format!("{seconds:09}") } else { format!("{seconds:09}.{rest:06}") }
}

/// The files `PREFIXstamp.h5` of a folder with their times in ticks, in the order of time; none if there
/// is no such folder.
///
/// # Errors
/// If the folder cannot be read.
pub fn stamped(directory: &Path, prefix: &str) -> Result<Vec<(i64, PathBuf)>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(|cause| Error::io(directory, cause))? {
        let path = entry.map_err(|cause| Error::io(directory, cause))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let stamp = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".h5"));
        if let Some(ticks) = stamp.and_then(ticks_of_stamp) {
            found.push((ticks, path));
        }
    }
    found.sort();
    Ok(found)
}

/// The inverse of [`stamp`].
fn ticks_of_stamp(stamp: &str) -> Option<i64> {
    let (seconds, rest) = stamp.split_once('.').unwrap_or((stamp, "000000"));
    if rest.len() != 6 {
        return None;
    }
    Some(seconds.parse::<i64>().ok()? * TICKS_PER_SECOND + rest.parse::<i64>().ok()?)
}

/// The name under which a file is written until it is complete.
pub(super) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    name.into()
}

/// Makes sure that `temporary` is on the disk and gives it its final name.
///
/// # Errors
/// If the disk is full or the file cannot be renamed.
pub(super) fn rename_durably(temporary: &Path, path: &Path) -> Result<()> {
    let failed = |cause: std::io::Error| Error::io(path, cause);
    fs::File::open(temporary).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(temporary, path).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Makes sure that the disk under `path` has room for so many more bytes, with a little to spare. A full
/// disk must be noticed before the ranks write together: some MPI libraries then lose data or hang
/// instead of failing.
///
/// # Errors
/// If there is less room. Where the room is unknown there is none.
pub(super) fn require_space(world: &dyn Communicator, path: &Path, bytes: u64) -> Result<()> {
    const SPARE: u64 = 256 << 10;
    on_root(world, || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Ok(disk) = rustix::fs::statvfs(folder) else { return Ok(()) };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free >= bytes.saturating_add(SPARE) {
            return Ok(());
        }
        let (needed, free) = (bytes.div_ceil(1 << 10), free >> 10);
        Err(Error::io(path, format!("no space left on the disk: {needed} KiB needed, {free} KiB free")))
    })
}

/// Does something on rank 0; a failure becomes everybody's.
pub(super) fn on_root(world: &dyn Communicator, action: impl FnOnce() -> Result<()>) -> Result<()> {
    world.agree(if world.is_root() { action() } else { Ok(()) })
}

/// Passes on the outcome of writing `temporary`; after a failure rank 0 removes it.
pub(super) fn or_remove<T>(world: &dyn Communicator, temporary: &Path, outcome: Result<T>) -> Result<T> {
    if outcome.is_err() && world.is_root() {
        // Nothing more can be done if this fails too.
        let _ = fs::remove_file(temporary);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_sort_by_time_and_come_back() {
        let times = [0, 900_000_000, 900_500_000, 86_400_000_000, 1_000_000_000_000_001];
        let stamps: Vec<String> = times.iter().map(|&ticks| stamp(&Clock { ticks, step: 0 })).collect();
        assert_eq!(stamps[..3], ["000000000", "000000900", "000000900.500000"]);
        for (text, ticks) in stamps.iter().zip(times) {
            assert_eq!(ticks_of_stamp(text), Some(ticks));
        }
        assert_eq!(ticks_of_stamp("12x"), None);
        assert_eq!(ticks_of_stamp("1.5"), None);
    }
}
