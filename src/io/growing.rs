//! A file that grows by one record a time, and goes on where a resumed run begins.

use super::directory::{
    Earlier, make_way, on_root, or_remove, rename_durably, require_space, temporary, unable_to_continue,
};
use super::netcdf::NetcdfFile;
use super::reader::TIME;
use super::snapshot::good_records;
use crate::comm::World;
use crate::config::Configuration;
use crate::error::Result;
use crate::time::{Clock, ticks};
use std::path::Path;

/// A netCDF-4 file with unlimited time. All ranks open it and call its methods together.
pub struct GrowingFile {
    file: NetcdfFile,
    world: World,
    records: usize,
    /// Time of the latest record in ticks.
    latest: Option<i64>,
}

impl GrowingFile {
    /// Creates the file in the run's folder with what `define` puts into it; with `resume_from` goes on with the
    /// records up to that time of a file that `check` accepts.
    ///
    /// # Errors
    /// If the file is in the way, cannot be written, or does not fit.
    pub fn open(
        name: &str,
        configuration: &Configuration,
        world: &World,
        resume_from: Option<Clock>,
        define: impl FnOnce(&mut NetcdfFile) -> Result<()>,
        check: impl FnOnce(&NetcdfFile) -> Result<()>,
    ) -> Result<GrowingFile> {
        let path = configuration.output.directory.join(name);
        let earlier = Earlier::of(configuration, resume_from.is_some());
        on_root(&**world, || make_way(&path, earlier))?;
        if world.broadcast_text(if path.exists() { "yes" } else { "no" }) == "no" {
            create(&path, world, define)?;
        }
        let file = NetcdfFile::append(&path, Some(world))?;
        check(&file).map_err(unable_to_continue)?;
        let mut times: Vec<i64> = file.read_values(TIME)?.into_iter().map(ticks).collect();
        times.truncate(resume_from.map_or(0, |clock| good_records(&times, clock)));
        file.set_records(times.len())?;
        file.flush()?;
        let (records, latest) = (times.len(), times.last().copied());
        Ok(GrowingFile { file, world: world.clone(), records, latest })
    }

    /// Appends the record of this time, of so many bytes, which `fill(file, record)` writes; not twice.
    ///
    /// # Errors
    /// If it cannot be written, for instance because the disk is full.
    pub fn append(
        &mut self,
        clock: &Clock,
        bytes: usize,
        fill: impl FnOnce(&NetcdfFile, usize) -> Result<()>,
    ) -> Result<()> {
        if self.latest == Some(clock.ticks) {
            return Ok(());
        }
        require_space(&*self.world, self.file.path(), bytes as u64)?;
        self.file.set_records(self.records + 1)?;
        fill(&self.file, self.records)?;
        self.file.write_box(TIME, vec![self.records], vec![1], &[clock.seconds()])?;
        self.file.flush()?;
        self.records += 1;
        self.latest = Some(clock.ticks);
        Ok(())
    }

    /// Closes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(self) -> Result<()> {
        self.file.close()
    }
}

/// Creates the file, complete or not at all.
fn create(path: &Path, world: &World, define: impl FnOnce(&mut NetcdfFile) -> Result<()>) -> Result<()> {
    let unfinished = temporary(path);
    let fill = || {
        let mut file = NetcdfFile::create(&unfinished, Some(world))?;
        define(&mut file)?;
        file.close()
    };
    let written = fill().and_then(|()| on_root(&**world, || rename_durably(&unfinished, path)));
    or_remove(&**world, &unfinished, written)
}
