//! A program under way: waiting for it, sending it signals, and ending it in any case.

use super::Finished;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A program under way in a process group of its own, ended with all its processes when dropped.
pub struct Started {
    /// The command, for messages.
    name: String,
    child: Child,
    stdout: File,
    stderr: File,
    start: Instant,
}

impl Started {
    #[track_caller]
    pub fn new(mut command: Command) -> Self {
        // Files, not pipes: a process left over by mpirun would keep a pipe open.
        let (stdout, stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        let name = format!("{command:?}");
        let start = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(stdout.try_clone().unwrap())
            .stderr(stderr.try_clone().unwrap())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Started { name, child, stdout, stderr, start }
    }

    /// Waits until a file exists, so that the program is on its way; a panic if that takes longer than `limit`.
    #[track_caller]
    pub fn until(&mut self, path: &Path, limit: Duration) {
        while !path.exists() {
            assert!(self.start.elapsed() < limit, "{} does not appear", path.display());
            assert!(self.is_alive(), "{} ended before {}", self.name, path.display());
            sleep(Duration::from_millis(2));
        }
    }

    /// Sends a signal such as `TERM`; whether the program still lived.
    pub fn signal(&mut self, name: &str) -> bool {
        self.is_alive() && send(name, self.child.id())
    }

    /// Sends a signal to one of the processes that the program started, such as a rank of mpirun.
    pub fn signal_child(&mut self, name: &str) -> bool {
        let child = children(self.child.id()).pop();
        self.is_alive() && child.is_some_and(|child| send(name, child))
    }

    /// How it ended; a panic that shows the output if it does not within `limit`.
    #[track_caller]
    pub fn finish(mut self, limit: Duration) -> Finished {
        let ended = self.wait(limit);
        if ended.is_none() {
            self.stop();
        }
        let finished = Finished {
            status: ended.and_then(|status| status.code()),
            stdout: text(&mut self.stdout),
            stderr: text(&mut self.stderr),
            time: self.start.elapsed(),
        };
        assert!(ended.is_some(), "{} did not end within {limit:?}: {finished}", self.name);
        finished
    }

    /// Whether it is still under way.
    pub fn lives(&mut self) -> bool {
        self.is_alive()
    }

    fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("the child can be waited for").is_none()
    }

    /// The exit status if it ends within `limit`.
    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return Some(status);
            }
            if start.elapsed() > limit {
                return None;
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Ends it with its process group: kindly, so that mpirun ends its ranks, then by force.
    fn stop(&mut self) {
        let group = format!("-{}", self.child.id());
        for signal in ["-TERM", "-KILL"] {
            let _ = Command::new("kill").args([signal, "--", &group]).status();
            if self.wait(Duration::from_secs(5)).is_some() {
                return;
            }
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.stop();
        }
    }
}

fn send(signal: &str, process: u32) -> bool {
    let sent =
        Command::new("kill").args([format!("-{signal}"), process.to_string()]).stderr(Stdio::null()).status();
    sent.is_ok_and(|status| status.success())
}

/// The processes that a process started.
fn children(parent: u32) -> Vec<u32> {
    let parent = format!("PPid:\t{parent}");
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let process = entry.ok()?.file_name().to_str()?.parse::<u32>().ok()?;
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        status.lines().any(|line| line == parent).then_some(process)
    });
    processes.collect()
}

/// All that was written to a file.
fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("the output can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}
