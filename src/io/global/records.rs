//! The growing file of records on latitudes and longitudes.

use super::fields::{Fields, Row};
use super::file::{Sheets, Target};
use crate::error::{Error, Result};
use crate::io::directory::{
    Earlier, LATLON, make_way, on_root, or_remove_alone, rename_durably, require_space_alone, temporary,
    unable_to_continue,
};
use crate::io::netcdf::NetcdfFile;
use crate::io::reader::TIME;
use crate::io::snapshot::good_records;
use crate::time::{Clock, ticks};
use std::path::Path;

/// `latlon.h5`: rank 0 has it.
pub struct Records {
    file: Option<NetcdfFile>,
    count: usize,
    /// Time of the latest record in ticks.
    latest: Option<i64>,
}

impl Records {
    /// Prepares the file. With `resume_from` records up to that time are kept and later ones are dropped.
    ///
    /// # Errors
    /// If a file is in the way or cannot be written, or the one to continue has other contents.
    pub fn create(sheets: &Sheets, fields: &Fields, resume_from: Option<Clock>) -> Result<Records> {
        let mut records = Records { file: None, count: 0, latest: None };
        let world = &*sheets.world;
        on_root(world, || {
            let opened = open(sheets, fields, resume_from);
            let (file, times) =
                if resume_from.is_some() { opened.map_err(unable_to_continue)? } else { opened? };
            records = Records { file: Some(file), count: times.len(), latest: times.last().copied() };
            Ok(())
        })?;
        let latest = records.latest.map_or_else(String::new, |time| time.to_string());
        records.latest = world.broadcast_text(&latest).parse().ok();
        Ok(records)
    }

    /// Writes a record, unless there is one of this very time, as after a resume.
    ///
    /// # Errors
    /// If it cannot be written, for instance because the disk is full.
    pub fn write(&mut self, sheets: &Sheets, fields: &Fields, clock: &Clock, row: Row<'_>) -> Result<()> {
        if self.latest == Some(clock.ticks) {
            return Ok(());
        }
        let (file, record) = (self.file.as_ref(), self.count);
        let on_file = |action: &dyn Fn(&NetcdfFile) -> Result<()>| {
            on_root(&*sheets.world, || file.map_or(Ok(()), action))
        };
        on_file(&|file| {
            require_space_alone(file.path(), sheets.record_bytes(fields, &fields.products))?;
            file.set_records(record + 1)
        })?;
        let log_pressure = fields.log_pressure(row);
        for product in &fields.products {
            let values = |number: usize| fields.evaluate(number, &log_pressure, row);
            sheets.write(Target { file, record }, fields, product, values)?;
        }
        on_file(&|file| {
            file.write_box(TIME, vec![record], vec![1], &[clock.seconds()])?;
            file.flush()
        })?;
        self.count += 1;
        self.latest = Some(clock.ticks);
        Ok(())
    }

    /// Closes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(self, sheets: &Sheets) -> Result<()> {
        on_root(&*sheets.world, || self.file.map_or(Ok(()), NetcdfFile::close))
    }
}

/// Opens the file, shortened to the records to keep, with their times in ticks.
fn open(sheets: &Sheets, fields: &Fields, resume_from: Option<Clock>) -> Result<(NetcdfFile, Vec<i64>)> {
    let configuration = &sheets.configuration;
    let path = configuration.output.directory.join(LATLON);
    make_way(&path, Earlier::of(configuration, resume_from.is_some()))?;
    if !path.exists() {
        create(&path, sheets, fields)?;
    }
    let file = NetcdfFile::append(&path, None)?;
    check_resumable(&file, sheets, fields)?;
    let mut times: Vec<i64> = file.read_values(TIME)?.into_iter().map(ticks).collect();
    times.truncate(resume_from.map_or(0, |clock| good_records(&times, clock)));
    file.set_records(times.len())?;
    file.flush()?;
    Ok((file, times))
}

fn create(path: &Path, sheets: &Sheets, fields: &Fields) -> Result<()> {
    let unfinished = temporary(path);
    let fill = || {
        let mut file = NetcdfFile::create(&unfinished, None)?;
        sheets.define(&mut file, fields, fields.products.iter(), false)?;
        file.close()?;
        rename_durably(&unfinished, path)
    };
    or_remove_alone(&unfinished, fill())
}

/// Refuses to continue a file of another grid or with other variables.
fn check_resumable(file: &NetcdfFile, sheets: &Sheets, fields: &Fields) -> Result<()> {
    let pressures = &sheets.latlon.pressures;
    if !pressures.is_empty() && file.read_values("plev")? != *pressures {
        return Err(Error::io(file.path(), "cannot continue this file: it has other pressure levels"));
    }
    let wanted = sheets.configuration.output.precision;
    for variable in fields.products.iter().flat_map(|product| product.variables()) {
        for (name, space) in sheets.written(variable, fields) {
            let mut expected = file.shape(TIME)?;
            expected.extend(space.iter().map(|(_, length)| length));
            let (found, stored) = (file.shape(&name)?, file.precision(&name)?);
            if found != expected || stored != wanted {
                let message = format!(
                    "cannot continue this file: `{name}` is {found:?} in {stored:?} precision, where the \
                     configuration asks for {expected:?} in {wanted:?} precision"
                );
                return Err(Error::io(file.path(), message));
            }
        }
    }
    Ok(())
}
