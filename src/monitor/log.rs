//! The run's log file, and warnings on the terminal that leave the progress bar whole.

use crate::error::{Error, Result};
use indicatif::MultiProgress;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Name of the log in the run's folder.
pub const LOG_FILE: &str = "run.log";

/// The terminal: what is printed while a progress bar stands there goes through it.
pub(super) static TERMINAL: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Sends events from `info` up to `directory/run.log`, appended with their time, and warnings and errors
/// to the standard error. Ranks other than the root pass no directory and only print.
///
/// A further call in one process sends what follows to another folder.
///
/// # Errors
/// If the log cannot be written.
pub fn start(directory: Option<&Path>) -> Result<()> {
    let file = directory.map(open).transpose()?;
    *LOG.lock().unwrap_or_else(PoisonError::into_inner) = file;
    let to_file = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(false)
        .with_writer(LogFile)
        .with_filter(LevelFilter::INFO);
    let to_terminal = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(false)
        .without_time()
        .with_writer(StandardError)
        .with_filter(LevelFilter::WARN);
    let _ = tracing_subscriber::registry().with(to_file).with(to_terminal).try_init();
    Ok(())
}

/// Writes `text` to the log, line by line, and prints it to the standard output unless `quiet`.
pub fn announce(text: &str, quiet: bool) {
    for line in text.lines() {
        tracing::info!("{line}");
    }
    if !quiet {
        print(text);
    }
}

/// Prints `text` above a progress bar, if there is one. A closed output is no reason to end a run.
pub(super) fn print(text: &str) {
    TERMINAL.suspend(|| {
        let _ = writeln!(io::stdout().lock(), "{text}");
    });
}

/// The log, opened for appending.
fn open(directory: &Path) -> Result<File> {
    let path = directory.join(LOG_FILE);
    OpenOptions::new().create(true).append(true).open(&path).map_err(|cause| Error::io(&path, cause))
}

/// The log of the run that is under way; nothing on ranks other than its root.
static LOG: Mutex<Option<File>> = Mutex::new(None);

/// Writes to the log of the run that is under way.
struct LogFile;

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *LOG.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => file.write(bytes),
            None => Ok(bytes.len()),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = LogFile;
    fn make_writer(&'a self) -> LogFile {
        LogFile
    }
}

/// The standard error, above a progress bar.
struct StandardError;

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        TERMINAL.suspend(|| io::stderr().lock().write(bytes))
    }
    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

impl<'a> MakeWriter<'a> for StandardError {
    type Writer = StandardError;
    fn make_writer(&'a self) -> StandardError {
        StandardError
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_without_a_folder_is_an_input_output_error() {
        let directory = tempfile::tempdir().unwrap();
        let error = start(Some(&directory.path().join("missing"))).unwrap_err();
        assert_eq!(error.exit_status(), 4);
        assert!(error.to_string().contains("run.log"), "{error}");
    }

    #[test]
    fn announcements_reach_the_log() {
        let directory = tempfile::tempdir().unwrap();
        start(Some(directory.path())).unwrap();
        announce("first line\nsecond line", true);
        let text = std::fs::read_to_string(directory.path().join(LOG_FILE)).unwrap();
        assert_eq!(text.lines().filter(|line| line.contains("INFO") && line.ends_with("line")).count(), 2);
    }
}
