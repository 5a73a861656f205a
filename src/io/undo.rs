//! What keeps a growing file readable when its run is killed: a copy of the file's structure, beside it while a
//! record is appended.
//!
//! HDF5 changes the structure of a file (the list of chunks, the lengths, the superblock) in place and in no
//! particular order, so that a run killed meanwhile leaves a file that nothing opens, or one whose chunks lie
//! behind its end. The values of a new record need no such care: they go where no earlier record lies. So all of
//! the file but the chunks is copied before a record is appended, and the copy is removed when the record is with
//! the operating system; a run that goes on with the file first puts back what it finds. This holds for a killed
//! process, not for a power failure, against which every record would have to wait for the disk.
//!
//! The copy: [`MAGIC`]; the length of the file and the number of pieces; place and length of every piece; the bytes
//! of all pieces; the checksum of all that. Numbers are little-endian, of 64 bits.

use super::checksum;
use super::directory::{or_remove_alone, temporary, with_suffix};
use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What the name of the copy ends with.
pub(super) const UNDO: &str = ".undo";
/// What the copy begins with.
const MAGIC: &[u8; 8] = b"gundo 1\n";

/// Where the copy for the file at `path` lies.
pub(super) fn path_of(path: &Path) -> PathBuf {
    with_suffix(path, UNDO)
}

/// Copies all bytes of the file at `path` that are in none of the `chunks`, which are sorted by place.
///
/// # Errors
/// If the file cannot be read or the copy not be written, for instance because the disk is full.
pub(super) fn keep(path: &Path, chunks: &[Range<u64>]) -> Result<()> {
    let bytes = copied(path, chunks).map_err(|cause| Error::io(path, cause))?;
    let copy = path_of(path);
    let unfinished = temporary(&copy);
    let written = fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &copy));
    or_remove_alone(&unfinished, written.map_err(|cause| Error::io(&copy, cause)))
}

fn copied(path: &Path, chunks: &[Range<u64>]) -> std::io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let pieces = between(chunks, length);
    let mut bytes = MAGIC.to_vec();
    let number = |bytes: &mut Vec<u8>, number: u64| bytes.extend(number.to_le_bytes());
    number(&mut bytes, length);
    number(&mut bytes, pieces.len() as u64);
    for piece in &pieces {
        number(&mut bytes, piece.start);
        number(&mut bytes, piece.end - piece.start);
    }
    for piece in pieces {
        let begin = bytes.len();
        bytes.resize(begin + (piece.end - piece.start) as usize, 0);
        file.read_exact_at(&mut bytes[begin..], piece.start)?;
    }
    let sum = checksum::bytes(&bytes);
    number(&mut bytes, sum);
    Ok(bytes)
}

/// What is left of `0..length` without the sorted `chunks`.
fn between(chunks: &[Range<u64>], length: u64) -> Vec<Range<u64>> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    for chunk in chunks {
        pieces.push(begin..chunk.start.min(length));
        begin = begin.max(chunk.end);
    }
    pieces.push(begin..length);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Puts a copy back that a killed run left, so that the file is as it was before its last record was begun.
///
/// # Errors
/// If the copy is damaged or the file cannot be written.
pub(super) fn put_back(path: &Path) -> Result<()> {
    let copy = path_of(path);
    if !copy.exists() || !path.exists() {
        return forget(path);
    }
    let bytes = fs::read(&copy).map_err(|cause| Error::io(&copy, cause))?;
    let Copy { length, pieces } = Copy::of(&bytes).ok_or_else(|| Error::io(&copy, "this file is damaged"))?;
    let write = || {
        let file = OpenOptions::new().write(true).open(path)?;
        for (place, piece) in pieces {
            file.write_all_at(piece, place)?;
        }
        file.set_len(length)?;
        file.sync_all()
    };
    write().map_err(|cause| Error::io(path, cause))?;
    forget(path)
}

/// What a copy holds.
struct Copy<'a> {
    /// Of the file.
    length: u64,
    /// Bytes of the file with their places.
    pieces: Vec<(u64, &'a [u8])>,
}

impl<'a> Copy<'a> {
    /// `None` if the copy is damaged.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let (bytes, sum) = bytes.split_last_chunk::<8>()?;
        let mut rest = bytes.strip_prefix(MAGIC)?;
        if checksum::bytes(bytes) != u64::from_le_bytes(*sum) {
            return None;
        }
        let mut number = || {
            let (first, others) = rest.split_first_chunk::<8>()?;
            rest = others;
            Some(u64::from_le_bytes(*first))
        };
        let (length, count) = (number()?, number()?);
        let places = (0..count).map(|_| Some((number()?, number()?))).collect::<Option<Vec<_>>>()?;
        let pieces = places.into_iter().map(|(place, length)| {
            let (piece, others) = rest.split_at_checked(length as usize)?;
            rest = others;
            Some((place, piece))
        });
        Some(Copy { length, pieces: pieces.collect::<Option<_>>()? })
    }
}

/// Removes the copy if there is one: the file is complete, or another takes its place.
///
/// # Errors
/// If it cannot be removed.
pub(super) fn forget(path: &Path) -> Result<()> {
    let copy = path_of(path);
    match fs::remove_file(&copy) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::io(&copy, cause)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_puts_everything_back_but_the_chunks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.h5");
        let before: Vec<u8> = (0..100).collect();
        fs::write(&path, &before).unwrap();
        keep(&path, &[10..20, 20..30, 90..100]).unwrap();

        fs::write(&path, [7; 150]).unwrap();
        put_back(&path).unwrap();
        let after = fs::read(&path).unwrap();
        assert_eq!(after.len(), 100);
        for (place, value) in after.into_iter().enumerate() {
            let in_a_chunk = (10..30).contains(&place) || place >= 90;
            assert_eq!(value, if in_a_chunk { 7 } else { before[place] });
        }
        assert!(!path_of(&path).exists());
        put_back(&path).unwrap();
    }

    #[test]
    fn a_damaged_copy_is_noticed_and_nothing_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.h5");
        fs::write(&path, [1; 64]).unwrap();
        keep(&path, &[]).unwrap();
        let mut bytes = fs::read(path_of(&path)).unwrap();
        bytes[50] ^= 1;
        fs::write(path_of(&path), &bytes).unwrap();
        fs::write(&path, [2; 64]).unwrap();
        assert!(put_back(&path).unwrap_err().to_string().contains("damaged"));
        assert_eq!(fs::read(&path).unwrap(), [2; 64]);
    }
}
