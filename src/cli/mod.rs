//! The command line: one file per subcommand.

pub mod compare;
pub mod info;
pub mod plot;

use crate::error::{Error, Result};
use std::io::{ErrorKind, Write};

/// Prints a text to the standard output; a reader who has seen enough (a closed pipe) is no error.
///
/// # Errors
/// If it cannot be written otherwise.
pub(crate) fn print(text: &str) -> Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io("(standard output)".as_ref(), cause))
        }
        _ => Ok(()),
    }
}

/// Rows of cells as text with aligned columns, the first `left` of them to the left, the others to the right.
pub(crate) fn table(rows: &[Vec<String>], left: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from(" ");
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            line.push(' ');
            line.push_str(&if column < left { format!("{cell:<width$}") } else { format!("{cell:>width$}") });
            line.push(' ');
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
