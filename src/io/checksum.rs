//! Checksums that notice every flipped bit, computed in parallel: of fields, texts and whole files.

use crate::comm::Communicator;
use crate::error::{Error, Result};
use rayon::prelude::*;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes of a file that are hashed in one go.
const BLOCK: u64 = 4 << 20;

/// A 64-bit mix in which every input bit moves about half of the output bits; one-to-one, so that
/// different inputs never give the same output (finaliser of SplitMix64: Steele, Lea and Flood 2014).
pub fn mix(mut bits: u64) -> u64 {
    bits ^= bits >> 30;
    bits = bits.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^= bits >> 27;
    bits = bits.wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The share of one cell in the checksum of a field: that is the wrapping sum over all cells, and so
/// does not depend on their order or on who adds them up.
pub fn cell(global_index: u64, bits: u64) -> u64 {
    mix(mix(global_index.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ bits)
}

/// The checksum of some bytes.
pub fn bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let whole = words.iter().fold(bytes.len() as u64, |hash, word| mix(hash ^ u64::from_le_bytes(*word)));
    mix(whole ^ u64::from_le_bytes(last))
}

/// Length in bytes and checksum of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSum {
    pub length: u64,
    pub checksum: u64,
}

impl FileSum {
    /// Of the file at `path`; the ranks share the work and all get the sum.
    ///
    /// # Errors
    /// If a rank cannot read the file.
    pub fn of(path: &Path, world: &dyn Communicator) -> Result<FileSum> {
        // Rank 0's idea of the length goes for all, so that they cut the file alike.
        let length = std::fs::metadata(path).map(|metadata| metadata.len());
        let mine = length.as_ref().map_or(0, |length| *length);
        world.agree(length.map(drop).map_err(|cause| Error::io(path, cause)))?;
        let length = world.broadcast_text(&mine.to_string()).parse().unwrap_or(mine);

        let blocks = length.div_ceil(BLOCK);
        let (rank, ranks) = (world.rank() as u64, world.size() as u64);
        let share = blocks * rank / ranks..blocks * (rank + 1) / ranks;
        let (sum, outcome) = match sum_of_blocks(path, share, length) {
            Ok(sum) => (sum, Ok(())),
            Err(cause) => (0, Err(Error::io(path, cause))),
        };
        world.agree(outcome)?;
        let mut sums = [sum as i64];
        world.all_sum(&mut sums);
        Ok(FileSum { length, checksum: sums[0] as u64 })
    }

    /// As text for a side file.
    pub fn to_text(self) -> String {
        format!("bytes {}\nchecksum {:016x}\n", self.length, self.checksum)
    }

    /// The inverse of [`FileSum::to_text`]; `None` if the text is damaged.
    pub fn from_text(text: &str) -> Option<FileSum> {
        let length = text.lines().next()?.strip_prefix("bytes ")?.parse().ok()?;
        let checksum = u64::from_str_radix(text.lines().nth(1)?.strip_prefix("checksum ")?, 16).ok()?;
        let sum = FileSum { length, checksum };
        (sum.to_text() == text).then_some(sum)
    }
}

/// The wrapping sum of the hashes of blocks of a file, each mixed with its place.
fn sum_of_blocks(path: &Path, blocks: std::ops::Range<u64>, length: u64) -> std::io::Result<u64> {
    if blocks.is_empty() {
        return Ok(0);
    }
    let file = File::open(path)?;
    blocks
        .into_par_iter()
        .map_init(Vec::new, |buffer, block| {
            let start = block * BLOCK;
            buffer.resize(BLOCK.min(length - start) as usize, 0);
            file.read_exact_at(buffer, start)?;
            Ok(cell(block, bytes(buffer)))
        })
        .try_reduce(|| 0, |a: u64, b| Ok(a.wrapping_add(b)))
}

/// The text of a small file, or `None` if it is missing or no text.
pub fn read_small(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::single::Single;

    #[test]
    fn every_flipped_bit_is_noticed() {
        let text: Vec<u8> = (0..100u8).collect();
        let sum = bytes(&text);
        for position in 0..text.len() {
            for bit in 0..8 {
                let mut damaged = text.clone();
                damaged[position] ^= 1 << bit;
                assert_ne!(bytes(&damaged), sum);
            }
        }
        assert_ne!(bytes(&text[..99]), sum);
        assert_ne!(bytes(&[0; 8]), bytes(&[0; 9]));
    }

    #[test]
    fn swapped_cells_are_noticed() {
        let sum = |values: [f64; 2]| cell(0, values[0].to_bits()).wrapping_add(cell(1, values[1].to_bits()));
        assert_ne!(sum([1.0, 2.0]), sum([2.0, 1.0]));
        assert_ne!(sum([0.0, 2.0]), sum([-0.0, 2.0]));
    }

    #[test]
    fn file_sums_survive_as_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, vec![7u8; 5 << 20]).unwrap();
        let sum = FileSum::of(&path, &Single).unwrap();
        assert_eq!(sum.length, 5 << 20);
        assert_eq!(FileSum::from_text(&sum.to_text()), Some(sum));
        assert_eq!(FileSum::from_text(&sum.to_text().replace("bytes 5", "bytes 05")), None);
        assert_eq!(FileSum::from_text(""), None);
    }
}
