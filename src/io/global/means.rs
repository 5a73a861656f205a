//! Means over time: sums of samples at the columns, brought to latitudes and longitudes at the end.

use super::fields::{Fields, Row};
use super::file::{Sheets, Target, write_time_bounds};
use super::sums::{self, Sums};
use crate::comm::World;
use crate::config::{self, Configuration};
use crate::error::{Error, Result};
use crate::io::directory::{MEANS, on_root, or_remove, rename_durably, require_space, temporary};
use crate::io::netcdf::NetcdfFile;
use crate::io::reader::TIME;
use crate::time::{Clock, Schedule, TICKS_PER_SECOND};
use rayon::prelude::*;
use std::path::Path;

/// The means of a run so far.
pub struct Means {
    schedule: Schedule,
    /// Time of the first sample in ticks.
    first: i64,
    sums: Sums,
    /// What is summed, and when: must be the same for sums to go on.
    identity: String,
}

impl Means {
    /// Without samples.
    pub fn new(configuration: &Configuration, means: config::Means, fields: &Fields) -> Self {
        let output = &configuration.output;
        let pressures = output.latlon.as_ref().map_or(&[][..], |latlon| &latlon.pressures);
        let identity = format!(
            "output.means_from_s = {:?}, output.means_every_s = {:?}, output.variables = {:?}, \
             output.pressure_levels_pa = {pressures:?}",
            means.from, means.every, output.variables
        );
        let count = fields.columns.count();
        let zeros = (0..fields.count()).map(|number| vec![0.0; fields.levels(number) * count]).collect();
        Means {
            schedule: Schedule::every(Some(means.every)),
            first: means.first(),
            sums: Sums { samples: 0, latest: i64::MIN, fields: zeros },
            identity,
        }
    }

    /// Takes over the sums beside the checkpoint of a resumed run.
    ///
    /// # Errors
    /// If samples were due before that and there are no sums, they are damaged, or of other means.
    pub fn resume(&mut self, fields: &Fields, world: &World, clock: Clock, checkpoint: &Path) -> Result<()> {
        match sums::load(fields, world, checkpoint, clock, &self.identity)? {
            Some(sums) => self.sums = sums,
            None if self.first < clock.ticks => {
                let message = format!(
                    "beside this checkpoint are no sums for the means, whose samples began at {} s: choose \
                     output.means_from_s at or after {} s",
                    self.first as f64 / TICKS_PER_SECOND as f64,
                    clock.seconds()
                );
                return Err(Error::io(checkpoint, message));
            }
            None => {}
        }
        Ok(())
    }

    /// The first time after `now` at which a sample is due, in ticks.
    pub fn next(&self, now: i64) -> i64 {
        self.schedule.next(now).unwrap_or(i64::MAX).max(self.first)
    }

    /// Whether a sample is due now.
    pub fn is_due(&self, now: i64) -> bool {
        now >= self.first && self.schedule.is_due(now)
    }

    /// Adds a sample if it is due and was not taken before the run was resumed.
    pub fn sample(&mut self, fields: &Fields, clock: &Clock, row: Row<'_>) {
        if !self.is_due(clock.ticks) || self.sums.latest == clock.ticks {
            return;
        }
        let log_pressure = fields.log_pressure(row);
        for (number, sums) in self.sums.fields.iter_mut().enumerate() {
            let values = fields.evaluate(number, &log_pressure, row);
            sums.par_iter_mut().zip(&values).for_each(|(sum, value)| *sum += value);
        }
        self.sums.samples += 1;
        self.sums.latest = clock.ticks;
    }

    /// Keeps the sums beside a checkpoint.
    pub fn keep(&self, fields: &Fields, world: &World, checkpoint: &Path, clock: Clock) -> Result<()> {
        sums::write(&self.sums, fields, world, checkpoint, clock, &self.identity)
    }

    /// Writes `means.h5`, complete or not at all.
    pub fn write(&self, sheets: &Sheets, fields: &Fields) -> Result<()> {
        if self.sums.samples == 0 {
            return Ok(());
        }
        let world = &*sheets.world;
        let path = sheets.configuration.output.directory.join(MEANS);
        let unfinished = temporary(&path);
        let written = self.fill(&unfinished, sheets, fields);
        let written = written.and_then(|()| on_root(world, || rename_durably(&unfinished, &path)));
        or_remove(world, &unfinished, written)
    }

    fn fill(&self, path: &Path, sheets: &Sheets, fields: &Fields) -> Result<()> {
        let products = || fields.products.iter().chain(&fields.of_means);
        let bytes =
            sheets.record_bytes(fields, &fields.products) + sheets.record_bytes(fields, &fields.of_means);
        require_space(&*sheets.world, path, bytes)?;
        let mut file = NetcdfFile::create(path, Some(&sheets.world))?;
        sheets.define(&mut file, fields, products(), true)?;
        let bounds = [self.first, self.sums.latest].map(|time| time as f64 / TICKS_PER_SECOND as f64);
        file.write_box(TIME, vec![0], vec![1], &[bounds[1]])?;
        write_time_bounds(&file, bounds)?;
        let samples = self.sums.samples as f64;
        let mean = |number: usize| self.sums.fields[number].par_iter().map(|sum| sum / samples).collect();
        let target = Target { file: &file, record: 0 };
        products().try_for_each(|product| sheets.write(target, fields, product, mean))?;
        file.close()
    }
}
