//! The command line: one file per subcommand.

pub mod compare;
pub mod info;
pub mod verify;
