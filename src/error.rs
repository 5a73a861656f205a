//! What can go wrong, and the exit status that says so to scripts and batch systems.

use std::path::{Path, PathBuf};
use thiserror::Error;

/// `Result` with gale's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A failure, with everything that a person needs to act on it.
#[derive(Debug, Error)]
pub enum Error {
    /// The command line cannot be carried out.
    #[error("{0}")]
    Usage(String),
    /// The configuration has faults; the report lists all of them with line and column.
    #[error("{0}")]
    Configuration(String),
    /// The state became non-finite or left its bounds.
    #[error("{0}")]
    Unstable(String),
    /// A file or folder could not be read or written.
    #[error("{path}: {message}")]
    Io { path: PathBuf, message: String },
    /// The run was asked to stop early, and a good checkpoint is on disk.
    #[error("stopped early: {0}")]
    Stopped(String),
    /// A fault of gale itself.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// Exit statuses of the command line: 2 configuration or usage, 3 unstable, 4 input/output,
    /// 85 stopped with a good checkpoint, 101 internal error.
    pub fn exit_status(&self) -> u8 {
        match self {
            Error::Usage(_) | Error::Configuration(_) => 2,
            Error::Unstable(_) => 3,
            Error::Io { .. } => 4,
            Error::Stopped(_) => 85,
            Error::Internal(_) => 101,
        }
    }

    /// An input/output error at `path`, with the underlying cause as message.
    pub fn io(path: &Path, cause: impl std::fmt::Display) -> Self {
        Error::Io { path: path.to_owned(), message: cause.to_string() }
    }
}
