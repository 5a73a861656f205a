//! How fast snapshots are written, beside what the disk takes.
//!
//! A disk is compared with a disk: where a plain write is measured, both wait until the bytes are there. Without that a
//! write is a copy into the memory of the operating system.

use super::directory::{SNAPSHOTS, on_root, or_remove, require_space, with_suffix};
use crate::comm::World;
use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes that a rank writes in one call.
const BLOCK: usize = 4 << 20;
/// A plain write for comparison has at most so many bytes.
const MOST: u64 = 1 << 30;

/// What the ranks that write snapshots have done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Throughput {
    /// Before compression, of all ranks.
    pub bytes: u64,
    /// Time in s that went into the values, on this rank.
    pub computing: f64,
    /// Time in s that went into the files, on this rank.
    pub writing: f64,
    /// Bytes/s of a plain write to the disk, if that was measured; then snapshots are written through to it, too.
    pub plain: Option<f64>,
}

impl Throughput {
    /// Counts a record.
    pub(super) fn add(&mut self, bytes: u64, total: Duration, computing: Duration) {
        self.bytes += bytes;
        self.computing += computing.as_secs_f64();
        self.writing += total.saturating_sub(computing).as_secs_f64();
    }

    /// Bytes/s of what was written.
    pub fn rate(&self) -> f64 {
        self.bytes as f64 / self.writing
    }

    /// A line for people; nothing if nothing was written.
    pub fn text(&self) -> Option<String> {
        if self.bytes == 0 || self.writing <= 0.0 {
            return None;
        }
        let plain = self.plain.map_or(String::new(), |plain| {
            format!(
                ", {:.0} % of a plain write to the disk ({:.0} MB/s)",
                100.0 * self.rate() / plain,
                plain / 1e6
            )
        });
        Some(format!(
            "snapshots: {:.0} MB, computed in {:.1} s, written in {:.1} s at {:.0} MB/s{plain}",
            self.bytes as f64 / 1e6,
            self.computing,
            self.writing,
            self.rate() / 1e6
        ))
    }
}

/// Bytes/s at which the ranks together write so many bytes (1 GiB at most) to the disk of the folder in the plainest
/// way: each its part of a file, which is removed again. The better of two.
///
/// # Errors
/// If there is no room.
pub(super) fn plain_rate(folder: &Path, world: &World, bytes: u64) -> Result<f64> {
    let path = with_suffix(&folder.join(SNAPSHOTS), ".plain.tmp");
    let bytes = bytes.min(MOST);
    require_space(&**world, &path, bytes)?;
    Ok(measure(&path, world, bytes)?.max(measure(&path, world, bytes)?))
}

fn measure(path: &Path, world: &World, bytes: u64) -> Result<f64> {
    on_root(&**world, || File::create(path).map(drop).map_err(|cause| Error::io(path, cause)))?;
    let (rank, ranks) = (world.rank() as u64, world.size() as u64);
    let (begin, end) = (bytes * rank / ranks, bytes * (rank + 1) / ranks);
    // As much as is written, since a short block would come from the cache again and again.
    let data = vec![7_u8; (end - begin) as usize];
    world.barrier();
    let start = Instant::now();
    let written = write_part(path, begin, &data);
    or_remove(&**world, path, world.agree(written.map_err(|cause| Error::io(path, cause))))?;
    let seconds = start.elapsed().as_secs_f64();
    on_root(&**world, || fs::remove_file(path).map_err(|cause| Error::io(path, cause)))?;
    Ok(bytes as f64 / seconds)
}

fn write_part(path: &Path, begin: u64, data: &[u8]) -> std::io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    let mut at = begin;
    for block in data.chunks(BLOCK) {
        file.write_all_at(block, at)?;
        at += block.len() as u64;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::single::Single;
    use std::sync::Arc;

    #[test]
    fn a_plain_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let world: World = Arc::new(Single);
        assert!(plain_rate(folder.path(), &world, (9 << 20) + 1).unwrap() > 0.0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn rates_are_told() {
        let mut throughput = Throughput::default();
        assert_eq!(throughput.text(), None);
        throughput.add(300_000_000, Duration::from_secs(3), Duration::from_secs(2));
        let text = "snapshots: 300 MB, computed in 2.0 s, written in 1.0 s at 300 MB/s";
        assert_eq!(throughput.text().unwrap(), text);
        throughput.plain = Some(400e6);
        assert_eq!(
            throughput.text().unwrap(),
            format!("{text}, 75 % of a plain write to the disk (400 MB/s)")
        );
    }
}
