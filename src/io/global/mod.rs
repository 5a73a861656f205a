//! Output on latitudes and longitudes: records at the times of a schedule in `latlon.h5`, and means over time in
//! `means.h5`, on the levels of the model or on pressure levels.
//!
//! [`crate::regrid`] has the way from the columns to the grid; every rank writes the levels dealt out to it. The sums
//! of the means are kept on the columns, and beside every checkpoint (`sums`).

mod fields;
mod file;
mod means;
mod records;
mod sums;

pub use fields::Row;

use crate::comm::World;
use crate::config::{Configuration, LatLon};
use crate::error::Result;
use crate::io::checkpoint;
use crate::mesh::Mesh;
use crate::time::{Clock, Schedule};
use fields::Fields;
use file::Sheets;
use means::Means;
use records::Records;
use std::path::Path;

/// Everything that a run writes on latitudes and longitudes. All ranks create it and call its methods together.
pub struct GlobalOutput {
    fields: Fields,
    sheets: Sheets,
    records: Option<Records>,
    records_due: Schedule,
    means: Option<Means>,
}

impl GlobalOutput {
    /// Prepares what `output.latlon_deg` asks for, nothing on the plane. A resumed run gives the clock and the path
    /// of its checkpoint: records after it are dropped, and the sums of the means are read.
    ///
    /// # Errors
    /// If files are in the way or cannot be written, or what is to be continued does not fit or is damaged.
    pub fn create(
        configuration: &Configuration,
        mesh: &Mesh,
        world: &World,
        resumed: Option<(Clock, &Path)>,
    ) -> Result<Option<GlobalOutput>> {
        let (Some(latlon), Some(sphere)) = (&configuration.output.latlon, mesh.sphere()) else {
            return Ok(None);
        };
        let LatLon { every, means, .. } = latlon;
        let fields = Fields::new(configuration, latlon, mesh, world);
        let sheets = Sheets::new(configuration, latlon, mesh, sphere, world);
        let clock = resumed.map(|(clock, _)| clock);
        let records = every.map(|_| Records::create(&sheets, &fields, clock)).transpose()?;
        let mut means = means.map(|means| Means::new(configuration, means, &fields));
        if let (Some(means), Some((clock, checkpoint))) = (&mut means, resumed) {
            means.resume(&fields, world, clock, checkpoint)?;
        }
        Ok(Some(GlobalOutput { fields, sheets, records, records_due: Schedule::every(*every), means }))
    }

    /// The first time after `now` at which something is due, in ticks; i64::MAX for never.
    pub fn next(&self, now: i64) -> i64 {
        let means = self.means.as_ref().map_or(i64::MAX, |means| means.next(now));
        self.records_due.next(now).unwrap_or(i64::MAX).min(means)
    }

    /// Whether something is due at this very time.
    pub fn is_due(&self, now: i64) -> bool {
        self.records_due.is_due(now) || self.means.as_ref().is_some_and(|means| means.is_due(now))
    }

    /// Writes and samples what is due, and at the end of the run the means. `row` computes a row of a diagnostic.
    ///
    /// # Errors
    /// If a file cannot be written, for instance because the disk is full.
    pub fn write_due(&mut self, clock: &Clock, is_end: bool, row: Row<'_>) -> Result<()> {
        let GlobalOutput { fields, sheets, records, records_due, means } = self;
        if let Some(records) = records
            && records_due.is_due(clock.ticks)
        {
            records.write(sheets, fields, clock, row)?;
        }
        if let Some(means) = means {
            means.sample(fields, clock, row);
            if is_end {
                means.write(sheets, fields)?;
            }
        }
        Ok(())
    }

    /// Keeps the sums of the means for the checkpoint of this time in `folder`; call it before that is written, so
    /// that no checkpoint is without them.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn keep(&self, world: &World, folder: &Path, clock: Clock) -> Result<()> {
        let path = &checkpoint::path(folder, &clock);
        self.means.as_ref().map_or(Ok(()), |means| means.keep(&self.fields, world, path, clock))
    }

    /// Closes the files.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn close(self) -> Result<()> {
        self.records.map_or(Ok(()), Records::close)
    }
}

pub use sums::remove_orphans;
