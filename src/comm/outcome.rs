//! How the ranks share an error, and how a run ends with it.

use super::detect::Launcher;
use super::{Communicator, World};
use crate::error::{Error, Result};
use std::path::PathBuf;
use std::time::Duration;

/// How long a rank with an error waits for the others to come to an end too. A rank that is still
/// at work by then does not know of the error.
const PATIENCE: Duration = Duration::from_secs(3);

/// Exit status of [`Error::Io`].
const INPUT_OUTPUT: u8 = 4;

/// An outcome as bytes, empty if good: exit status, path, 0, message.
pub(crate) fn encode(outcome: &Result<()>) -> Vec<u8> {
    let Err(error) = outcome else { return Vec::new() };
    let (path, message) = match error {
        Error::Io { path, message } => (path.to_string_lossy(), message),
        Error::Usage(message)
        | Error::Configuration(message)
        | Error::Unstable(message)
        | Error::Stopped(message)
        | Error::Internal(message) => ("".into(), message),
    };
    let mut bytes = vec![error.exit_status()];
    bytes.extend(path.as_bytes());
    bytes.push(0);
    bytes.extend(message.as_bytes());
    bytes
}

/// The error that `bytes` holds, with `rank` named in its message unless that is 0.
fn decode(bytes: &[u8], rank: usize) -> Error {
    let text = String::from_utf8_lossy(&bytes[1..]);
    let (path, message) = text.split_once('\0').unwrap_or(("", &text));
    let message = if rank == 0 { message.to_string() } else { format!("{message} (rank {rank})") };
    match bytes[0] {
        2 => Error::Configuration(message),
        3 => Error::Unstable(message),
        INPUT_OUTPUT => Error::Io { path: PathBuf::from(path), message },
        85 => Error::Stopped(message),
        _ => Error::Internal(message),
    }
}

/// The inverse of [`encode`].
pub(crate) fn decode_outcome(bytes: &[u8]) -> Result<()> {
    if bytes.is_empty() { Ok(()) } else { Err(decode(bytes, 0)) }
}

/// The first error among the encoded outcomes of all ranks.
pub(super) fn agree(outcomes: &[Vec<u8>]) -> Result<()> {
    match outcomes.iter().position(|bytes| !bytes.is_empty()) {
        Some(rank) => Err(decode(&outcomes[rank], rank)),
        None => Ok(()),
    }
}

/// Ends a run on all ranks and returns the exit status, the same on every rank.
///
/// Every rank calls it last, with its own outcome. An error that all ranks share is printed by rank 0
/// alone. A rank that fails while others are still at work, waiting for it, prints `rank N: ...` and
/// aborts all ranks with the error's exit status.
pub fn conclude(world: World, outcome: Result<()>) -> u8 {
    let mine = encode(&outcome);
    let patience = outcome.is_err().then_some(PATIENCE);
    let Some(all) = world.last_words(&mine, patience) else { despair(&*world, &outcome) };
    if world.is_root() {
        report(&all);
    }
    let status = all.iter().find_map(|bytes| bytes.first().copied()).unwrap_or(0);
    if status == INPUT_OUTPUT && world.size() > 1 {
        // HDF5 closes its files when MPI ends, and crashes over one that it could not write.
        signal_hook::low_level::exit(status.into());
    }
    status
}

/// The outcome that all ranks share at the end of a piece of work, such as a member of an ensemble, of which other
/// work is independent. A rank that fails while others wait for it aborts all ranks, as in [`conclude`].
///
/// # Errors
/// The first failing rank's.
pub fn settle(world: &World, outcome: Result<()>) -> Result<()> {
    let patience = outcome.is_err().then_some(PATIENCE);
    let Some(all) = world.last_words(&encode(&outcome), patience) else { despair(&**world, &outcome) };
    agree(&all)
}

/// Ends all ranks because this one failed while others wait for it where it never comes.
pub(super) fn despair(world: &dyn Communicator, outcome: &Result<()>) -> ! {
    let Err(error) = outcome else { unreachable!("only a rank that failed loses its patience") };
    eprintln!("rank {}: {}", world.rank(), describe(error));
    world.abort(error.exit_status());
}

/// Prints each different error once, with the first rank that has it unless all ranks have it.
fn report(outcomes: &[Vec<u8>]) {
    for (rank, bytes) in outcomes.iter().enumerate() {
        if bytes.is_empty() || outcomes[..rank].contains(bytes) {
            continue;
        }
        let text = describe(&decode(bytes, 0));
        if outcomes.iter().all(|other| other == bytes) {
            eprintln!("{text}");
        } else {
            eprintln!("rank {rank}: {text}");
        }
    }
}

/// Ends a process that has no world: prints the error if this is the first of the started processes,
/// and returns the exit status.
pub(super) fn refuse(error: &Error) -> u8 {
    let rank = Launcher::detect(|name| std::env::var(name).ok()).map_or(0, |launcher| launcher.rank);
    if rank == 0 {
        eprintln!("{}", describe(error));
    } else {
        // A launcher kills the others when the first process fails: let rank 0 speak before.
        std::thread::sleep(Duration::from_millis(500));
    }
    error.exit_status()
}

/// The line that a person reads of an error.
pub fn describe(error: &Error) -> String {
    match error {
        Error::Stopped(_) => error.to_string(),
        _ => format!("error: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{agree, encode};
    use crate::error::Error;
    use std::path::Path;

    #[test]
    fn all_good_is_good() {
        assert!(agree(&[encode(&Ok(())), encode(&Ok(()))]).is_ok());
    }

    #[test]
    fn the_first_error_is_everybodys_and_keeps_its_kind() {
        let full = Err(Error::io(Path::new("/scratch/a.h5"), "no space left"));
        let error =
            agree(&[Vec::new(), encode(&full), encode(&Err(Error::Internal("x".into())))]).unwrap_err();
        assert_eq!(error.exit_status(), 4);
        assert_eq!(error.to_string(), "/scratch/a.h5: no space left (rank 1)");
    }

    #[test]
    fn rank_0_needs_no_name() {
        let error = agree(&[encode(&Err(Error::Unstable("density is NaN".into())))]).unwrap_err();
        assert_eq!(error.to_string(), "density is NaN");
    }
}
