//! A small run for tests that disturb it: a warm bubble of 24 x 20 x 10 cells, half a second a step.

// Every test binary uses its own part of it.
#![allow(dead_code)]

use crate::support::{self, Finished, binary};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Whatever happens to a run, it must have ended after this time.
pub const LIMIT: Duration = Duration::from_secs(120);

const CONFIGURATION: &str = r#"
[case]
name = "warm_bubble"
[grid]
nx = 24
ny = 20
nz = 10
dx_m = 500.0
dz_m = 500.0
[time]
end_s = 20
step_s = 0.5
[output]
every_s = 5
series_every_s = 1
[checkpoint]
every_s = 5
keep = 3
[parallel]
tile = [8, 7]
"#;

/// A folder with the configuration `small.toml`, removed at the end.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("small.toml"), CONFIGURATION).unwrap();
        Place { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `gale ARGUMENTS`, split at spaces.
    pub fn gale(&self, arguments: &str) -> Finished {
        support::gale(self.folder.path(), arguments.split_whitespace())
    }

    /// `gale run small.toml --quiet ARGUMENTS` on `ranks` ranks of one thread, alone or under mpirun.
    pub fn command(&self, ranks: usize, arguments: &str) -> Command {
        self.command_under(ranks, &[], arguments)
    }

    /// The same, every rank started by another program.
    pub fn command_under(&self, ranks: usize, starter: &[&str], arguments: &str) -> Command {
        let binary = binary().to_str().unwrap();
        let words = starter.iter().copied().chain([binary]).collect::<Vec<_>>();
        let mut command = if ranks > 1 {
            let mut command = support::mpirun_command(ranks);
            command.args(words);
            command
        } else {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]);
            command
        };
        command.args(["run", "small.toml", "--quiet", "--threads", "1"]);
        command.args(arguments.split_whitespace()).current_dir(self.folder.path());
        command
    }

    /// Does that to the end.
    pub fn run(&self, ranks: usize, arguments: &str) -> Finished {
        support::finish_within(self.command(ranks, arguments), LIMIT)
    }

    /// The names of the files in a folder, sorted.
    pub fn listing(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The checkpoints of the run in a folder, oldest first.
    pub fn checkpoints(&self, folder: &str) -> Vec<PathBuf> {
        let names = self.listing(&format!("{folder}/checkpoints"));
        let complete = names.into_iter().filter(|name| name.ends_with(".h5"));
        complete.map(|name| self.path(folder).join("checkpoints").join(name)).collect()
    }

    /// Asserts that nothing unfinished lies in the folder of a run, and that every file in it is readable.
    #[track_caller]
    pub fn assert_clean(&self, folder: &str) {
        for part in [folder.to_string(), format!("{folder}/checkpoints")] {
            for name in self.listing(&part) {
                assert!(!name.ends_with(".tmp"), "{part}/{name} is unfinished");
                if name.ends_with(".h5") {
                    self.gale(&format!("info {part}/{name}")).succeeded();
                }
            }
        }
    }

    /// Asserts that two runs left the same snapshots, series and last checkpoint.
    #[track_caller]
    pub fn assert_same(&self, a: &str, b: &str) {
        let last = self.checkpoints(a).pop().expect("a run that checkpoints");
        let last = format!("checkpoints/{}", last.file_name().unwrap().to_str().unwrap());
        for name in ["snapshots.h5", "series.h5", last.as_str()] {
            self.gale(&format!("compare {a}/{name} {b}/{name}")).succeeded();
        }
        let text = |folder: &str| fs::read_to_string(self.path(folder).join("series.csv")).unwrap();
        assert_eq!(text(a), text(b));
    }
}
