//! What the integration tests share: running the real binary, alone or under mpirun, with a time limit.
//!
//! A test works in a folder of its own (`tempfile::tempdir()`), runs `gale` there and looks at what
//! came out:
//!
//! ```ignore
//! mod support;
//! let folder = tempfile::tempdir().unwrap();
//! let run = support::gale(folder.path(), ["cases"]);
//! assert_eq!(run.status, Some(0), "{run}");
//! ```

// Every test binary compiles this module and uses its own part of it.
#![allow(dead_code)]

pub mod globe;
pub mod model;
mod started;

pub use started::Started;

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A program that takes longer than this fails its test.
pub const TIME_LIMIT: Duration = Duration::from_secs(300);

/// How a program ended and what it printed. `Display` shows all of it, for assertion messages.
#[derive(Debug)]
pub struct Finished {
    /// The exit status; `None` if a signal ended the program.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// Wall-clock time from start to end.
    pub time: Duration,
}

impl Finished {
    /// The run itself if its exit status is 0; a panic that shows the output otherwise.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.status, Some(0), "{self}");
        self
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finished { status, stdout, stderr, time } = self;
        write!(f, "exit status {status:?} after {time:.1?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}

/// Path of the binary under test.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_gale"))
}

/// Path of the shipped configuration `NAME.toml`, of the plane or the sphere.
pub fn configuration(name: &str) -> PathBuf {
    let folders = GEOMETRIES.map(|folder| configurations(folder).join(format!("{name}.toml")));
    folders.iter().find(|path| path.exists()).unwrap_or(&folders[0]).clone()
}

/// Folders of the shipped configurations.
pub const GEOMETRIES: [&str; 3] = ["plane", "sphere", "sphere/shallow_water"];

/// The folder of the shipped configurations of a geometry.
pub fn configurations(geometry: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(geometry)
}

/// Runs `gale ARGUMENTS` as a single process in `folder`.
pub fn gale<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Finished {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(folder);
    finish_within(command, TIME_LIMIT)
}

/// Runs `gale ARGUMENTS` on `ranks` ranks in `folder`; ask [`have_mpi`] before.
pub fn mpirun<S: AsRef<OsStr>>(
    folder: &Path,
    ranks: usize,
    arguments: impl IntoIterator<Item = S>,
) -> Finished {
    let mut command = mpirun_command(ranks);
    command.arg(binary()).args(arguments).current_dir(folder);
    finish_within(command, TIME_LIMIT)
}

/// `mpirun -n RANKS`, ready for a program and its arguments: also as root, with more ranks than cores,
/// every rank free to use all cores.
pub fn mpirun_command(ranks: usize) -> Command {
    let mut command = Command::new("mpirun");
    command
        .args(["-n", &ranks.to_string()])
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        .env("OMPI_MCA_rmaps_base_oversubscribe", "1")
        .env("OMPI_MCA_hwloc_base_binding_policy", "none")
        .env("OMPI_MCA_mpi_yield_when_idle", "1");
    command
}

/// Whether tests under mpirun can run: the feature `mpi` is on and there is an mpirun. Prints why not.
pub fn have_mpi() -> bool {
    if !cfg!(feature = "mpi") {
        println!("skipped: built without the feature `mpi`");
        return false;
    }
    let found = Command::new("mpirun").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        println!("skipped: no mpirun on the PATH");
        return false;
    }
    true
}

/// Runs a command to its end; a panic that shows the output if that takes longer than `limit`.
#[track_caller]
pub fn finish_within(command: Command, limit: Duration) -> Finished {
    Started::new(command).finish(limit)
}
