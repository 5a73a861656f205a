//! The run's folder: what lies where, claiming it for a run, and putting files under their final name.

use super::undo;
use crate::comm::Communicator;
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::time::{Clock, TICKS_PER_SECOND};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The growing snapshot file.
pub const SNAPSHOTS: &str = "snapshots.h5";
/// What the names of single snapshots begin with.
pub const SNAPSHOT_PREFIX: &str = "snapshot_";
/// The scalar series, as netCDF-4 and as text.
pub const SERIES: &str = "series.h5";
pub const SERIES_TEXT: &str = "series.csv";
/// The records and the time means on latitudes and longitudes.
pub const LATLON: &str = "latlon.h5";
pub const MEANS: &str = "means.h5";
/// The horizontal means, variances and fluxes of a box.
pub const STATISTICS: &str = "statistics.h5";
/// What the names of sections and columns begin with.
pub const SECTION_PREFIX: &str = "section_";
pub const COLUMN_PREFIX: &str = "column_";
/// What the names of states that blew up begin with.
pub const UNSTABLE_PREFIX: &str = "unstable_";
/// The folder of the checkpoints, and what their names begin with.
pub const CHECKPOINTS: &str = "checkpoints";
pub const CHECKPOINT_PREFIX: &str = "checkpoint_";
/// What the names of unfinished files end with.
const TEMPORARY: &str = ".tmp";
/// A file of this name in the folder asks the run to stop.
pub const STOP_FILE: &str = "stop";
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

/// Creates the run's folder, claims it and deals with the files of an earlier run. The folder is the run's
/// as long as the returned claim lives. All ranks call it together; rank 0 does it.
///
/// # Errors
/// If the folder cannot be written, or holds output of an earlier run that is neither replaced nor resumed.
pub fn prepare(configuration: &Configuration, world: &dyn Communicator, earlier: Earlier) -> Result<Claim> {
    let mut claim = Claim { _folder: None };
    on_root(world, || {
        let directory = &configuration.output.directory;
        let failed = |cause| Error::io(directory, format!("the folder cannot be created: {cause}"));
        fs::create_dir_all(directory).map_err(failed)?;
        claim = Claim::of(directory)?;
        require_no_stop_file(directory)?;
        for folder in [directory.clone(), directory.join(CHECKPOINTS)] {
            remove_helpers(&folder)?;
        }
        let path = directory.join(CONFIGURATION);
        let output = output_of_a_run(directory)?;
        match earlier {
            Earlier::Keep => output.first().map_or(Ok(()), |path| Err(in_the_way(path)))?,
            Earlier::Replace => remove_earlier(directory, &output)?,
            Earlier::Resume if has_checkpoint(directory)? => {}
            // The run ended before its first checkpoint, and begins anew.
            Earlier::Resume if output.is_empty() || is_same_run(&path, configuration) => {
                remove_earlier(directory, &output)?;
            }
            Earlier::Resume => return Err(of_another_run(&output[0])),
        }
        Ok(())
    })?;
    Ok(claim)
}

/// Removes what Open MPI keeps beside files that it has open, left over when a run was killed.
fn remove_helpers(directory: &Path) -> Result<()> {
    if !directory.is_dir() {
        return Ok(());
    }
    for path in entries(directory)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let beside = name.split_once(".h5").map_or("", |(_, rest)| rest);
        let is_helper = beside.ends_with(".lock")
            || [".locktest.", ".data.", ".metadata."].iter().any(|part| beside.contains(part));
        if is_helper {
            fs::remove_file(&path).map_err(|cause| Error::io(&path, cause))?;
        }
    }
    Ok(())
}

/// The file that stopped a run stays, so that a job which goes on by itself stays away, too.
fn require_no_stop_file(directory: &Path) -> Result<()> {
    let path = directory.join(STOP_FILE);
    if path.exists() {
        return Err(Error::Configuration(format!(
            "{}: this file asks the run to stop; remove it first",
            path.display()
        )));
    }
    Ok(())
}

/// Keeps other runs out of a folder. The operating system gives it back however the run ends.
#[derive(Debug)]
pub struct Claim {
    /// The folder, locked; nothing on other ranks and on file systems without locks.
    _folder: Option<fs::File>,
}

impl Claim {
    fn of(directory: &Path) -> Result<Claim> {
        let folder = fs::File::open(directory).map_err(|cause| Error::io(directory, cause))?;
        match folder.try_lock() {
            Ok(()) => Ok(Claim { _folder: Some(folder) }),
            Err(fs::TryLockError::WouldBlock) => Err(Error::io(
                directory,
                "another run is at work in this folder: choose another with --output",
            )),
            Err(fs::TryLockError::Error(_)) => Ok(Claim { _folder: None }),
        }
    }
}

/// Writes `config.toml`, once it is clear that the run goes ahead. All ranks call it; rank 0 does it.
///
/// # Errors
/// If it cannot be written.
pub fn write_configuration(configuration: &Configuration, world: &dyn Communicator) -> Result<()> {
    on_root(world, || {
        let path = configuration.output.directory.join(CONFIGURATION);
        let temporary = temporary(&path);
        let written = fs::write(&temporary, &configuration.text).map_err(|cause| Error::io(&path, cause));
        or_remove_alone(&temporary, written.and_then(|()| rename_durably(&temporary, &path)))
    })
}

/// Removes the output of an earlier run, with what its failures left.
fn remove_earlier(directory: &Path, output: &[PathBuf]) -> Result<()> {
    let leftovers = entries(directory)?.into_iter().filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_ours = [
            SNAPSHOT_PREFIX,
            SNAPSHOTS,
            SERIES,
            SERIES_TEXT,
            LATLON,
            MEANS,
            STATISTICS,
            SECTION_PREFIX,
            COLUMN_PREFIX,
        ]
        .iter()
        .any(|own| name.starts_with(own));
        let is_helper = [TEMPORARY, undo::UNDO].iter().any(|end| name.ends_with(end));
        name.starts_with(UNSTABLE_PREFIX) || (is_ours && is_helper)
    });
    for path in output.iter().cloned().chain(leftovers) {
        fs::remove_file(&path).map_err(|cause| Error::io(&path, cause))?;
    }
    Ok(())
}

/// Whether there is any checkpoint, good or damaged.
fn has_checkpoint(directory: &Path) -> Result<bool> {
    Ok(!stamped(&directory.join(CHECKPOINTS), CHECKPOINT_PREFIX)?.is_empty())
}

/// Whether the configuration stored at `path` is that of this run, whose output comes out the same again.
fn is_same_run(path: &Path, configuration: &Configuration) -> bool {
    fs::read_to_string(path).is_ok_and(|text| values_by_key(&text) == values_by_key(&configuration.text))
}

/// What the configuration stored in the run's folder says otherwise than that of this run, as `section.key = before`
/// and what it is now, without what does not change the results: how a run is shared out, kept and ended. Rank 0 alone
/// reads it; nothing on others, and if there is none.
pub fn changes(configuration: &Configuration, world: &dyn Communicator) -> Vec<String> {
    if !world.is_root() {
        return Vec::new();
    }
    let stored = fs::read_to_string(configuration.output.directory.join(CONFIGURATION)).unwrap_or_default();
    let (before, now) = (values_by_key(&stored), values_by_key(&configuration.text));
    let keys: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    let differs = |key: &&&String| {
        let is_free = ["time.end_s", "output.directory"].contains(&key.as_str());
        !stored.is_empty() && !is_free && before.get(**key) != now.get(**key)
    };
    let unset = &"not written";
    let tell = |key: &String| {
        let [before, now] = [&before, &now].map(|lines| lines.get(key).unwrap_or(unset));
        format!("{key} = {now} (before: {before})")
    };
    keys.iter().filter(differs).map(|key| tell(key)).collect()
}

/// The values of an effective configuration by `section.key`, without how often states are kept and how the work is
/// shared out, which do not matter.
fn values_by_key(text: &str) -> BTreeMap<String, &str> {
    const WITHOUT_EFFECT: [&str; 2] = ["checkpoint", "parallel"];
    let mut section = "";
    let mut values = BTreeMap::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, value)) = line.split_once(" = ")
            && !key.starts_with('#')
            && !WITHOUT_EFFECT.contains(&section)
        {
            values.insert(format!("{section}.{key}"), value);
        }
    }
    values
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
        Earlier::Replace => {
            undo::forget(path)?;
            fs::remove_file(path).map_err(|cause| Error::io(path, cause))
        }
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

/// Adds what can be done about an output file that a resumed run cannot continue.
pub(super) fn unable_to_continue(error: Error) -> Error {
    match error {
        Error::Io { path, message } => {
            let help = if message.contains("unable to lock") {
                "another process is using it, perhaps a run that is still under way"
            } else {
                "move this file away to go on with a new one, or begin anew with --overwrite"
            };
            Error::Io { path, message: format!("{message}; {help}") }
        }
        other => other,
    }
}

fn of_another_run(path: &Path) -> Error {
    Error::io(
        path,
        "a run with another configuration wrote this file, and it left no checkpoint to resume from; \
         replace its output with --overwrite, or choose another folder with --output",
    )
}

/// The snapshots, series and checkpoints in a folder.
fn output_of_a_run(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = [SNAPSHOTS, SERIES, SERIES_TEXT, LATLON, MEANS, STATISTICS]
        .iter()
        .map(|name| directory.join(name))
        .collect();
    found.retain(|path| path.exists());
    found.extend(stamped(directory, SNAPSHOT_PREFIX)?.into_iter().map(|(_, path)| path));
    found.extend(slices(directory)?);
    let checkpoints = directory.join(CHECKPOINTS);
    if checkpoints.exists() {
        found.extend(entries(&checkpoints)?.into_iter().filter(|path| path.is_file()));
    }
    Ok(found)
}

/// The sections and columns in a folder, by name.
fn slices(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = entries(directory)?;
    found.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.ends_with(".h5") && [SECTION_PREFIX, COLUMN_PREFIX].iter().any(|own| name.starts_with(own))
    });
    found.sort();
    Ok(found)
}

/// Removes unfinished files from a folder in which nothing is being written.
///
/// # Errors
/// If the folder cannot be read or a file cannot be removed.
pub(super) fn remove_unfinished(directory: &Path) -> Result<()> {
    for path in entries(directory)? {
        if path.as_os_str().as_encoded_bytes().ends_with(TEMPORARY.as_bytes()) {
            fs::remove_file(&path).map_err(|cause| Error::io(&path, cause))?;
        }
    }
    Ok(())
}

/// The paths in a folder.
fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |cause| Error::io(directory, cause);
    let listed = fs::read_dir(directory).map_err(failed)?;
    listed.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
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
    for path in entries(directory)? {
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
    with_suffix(path, TEMPORARY)
}

/// The path with something added to its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes sure that `temporary` is on the disk and gives it its final name. What an earlier file of that name left
/// to be put back is void.
///
/// # Errors
/// If the disk is full or the file cannot be renamed.
pub(super) fn rename_durably(temporary: &Path, path: &Path) -> Result<()> {
    let failed = |cause: std::io::Error| Error::io(path, cause);
    fs::File::open(temporary).and_then(|file| file.sync_all()).map_err(failed)?;
    undo::forget(path)?;
    fs::rename(temporary, path).map_err(failed)?;
    fs::File::open(folder_of(path)).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Makes sure that there is room for so many more bytes in the file at `path`, which need not exist, with
/// a little to spare. A lack of room must be noticed before the ranks write together: some MPI libraries
/// then lose data or hang instead of failing, and a file that grew by half a record is damaged.
///
/// # Errors
/// If there is less room. Where the room is unknown there is none.
pub(super) fn require_space(world: &dyn Communicator, path: &Path, bytes: u64) -> Result<()> {
    on_root(world, || require_space_alone(path, bytes))
}

/// The same for a file of one process.
pub(super) fn require_space_alone(path: &Path, bytes: u64) -> Result<()> {
    const SPARE: u64 = 256 << 10;
    let needed = bytes.saturating_add(SPARE);
    if let Ok(disk) = rustix::fs::statvfs(folder_of(path)) {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < needed {
            let (needed, free) = (needed.div_ceil(1 << 10), free >> 10);
            let message = format!("no space left on the disk: {needed} KiB needed, {free} KiB free");
            return Err(Error::io(path, message));
        }
    }
    let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if let Some(limit) = rustix::process::getrlimit(rustix::process::Resource::Fsize).current
        && limit < length.saturating_add(needed)
    {
        let message =
            format!("the file would become larger than the limit of {} KiB (ulimit -f)", limit >> 10);
        return Err(Error::io(path, message));
    }
    reserve(path, length, needed).map_err(|cause| Error::io(path, cause))
}

/// Reserves room behind the end of a file where the file system can: that notices an exceeded quota.
#[cfg(target_os = "linux")]
fn reserve(path: &Path, length: u64, bytes: u64) -> std::io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    let Ok(file) = fs::OpenOptions::new().write(true).open(path) else { return Ok(()) };
    match fallocate(&file, FallocateFlags::KEEP_SIZE, length, bytes) {
        Err(cause @ (Errno::DQUOT | Errno::NOSPC | Errno::FBIG)) => Err(cause.into()),
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_path: &Path, _length: u64, _bytes: u64) -> std::io::Result<()> {
    Ok(())
}

/// Does something on rank 0; a failure becomes everybody's.
pub(super) fn on_root(world: &dyn Communicator, action: impl FnOnce() -> Result<()>) -> Result<()> {
    world.agree(if world.is_root() { action() } else { Ok(()) })
}

/// Passes on the outcome of writing `temporary`; after a failure rank 0 removes it.
pub(super) fn or_remove<T>(world: &dyn Communicator, temporary: &Path, outcome: Result<T>) -> Result<T> {
    if world.is_root() { or_remove_alone(temporary, outcome) } else { outcome }
}

/// The same for a file of one process.
pub(super) fn or_remove_alone<T>(temporary: &Path, outcome: Result<T>) -> Result<T> {
    if outcome.is_err() {
        // Nothing more can be done if this fails too.
        let _ = fs::remove_file(temporary);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_configuration_come_with_their_sections() {
        let text = "[time]\nend_s = 900\nstep_s = 2\n# courant: default, 0.9\n\n[output]\ndirectory = \"a\"\n\n\
                    [dynamics]\ntracers = [\"a = b\"]\n\n[parallel]\nthreads = 2\n";
        let expected = BTreeMap::from([
            ("time.end_s".to_string(), "900"),
            ("time.step_s".to_string(), "2"),
            ("output.directory".to_string(), "\"a\""),
            ("dynamics.tracers".to_string(), "[\"a = b\"]"),
        ]);
        assert_eq!(values_by_key(text), expected);
    }

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
