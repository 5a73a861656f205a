//! The growing file of records on latitudes and longitudes.

use super::fields::{Fields, Row};
use super::file::{Sheets, Target};
use crate::error::{Error, Result};
use crate::io::directory::LATLON;
use crate::io::growing::GrowingFile;
use crate::io::netcdf::NetcdfFile;
use crate::io::reader::TIME;
use crate::time::Clock;

/// `latlon.h5`.
pub struct Records(GrowingFile);

impl Records {
    /// Prepares the file. With `resume_from` records up to that time are kept and later ones are dropped.
    ///
    /// # Errors
    /// If a file is in the way or cannot be written, or the one to continue has other contents.
    pub fn create(sheets: &Sheets, fields: &Fields, resume_from: Option<Clock>) -> Result<Records> {
        let define = |file: &mut NetcdfFile| sheets.define(file, fields, fields.products.iter(), false);
        let check = |file: &NetcdfFile| check_resumable(file, sheets, fields);
        let file =
            GrowingFile::open(LATLON, &sheets.configuration, &sheets.world, resume_from, define, check)?;
        Ok(Records(file))
    }

    /// Writes a record, unless there is one of this very time, as after a resume.
    ///
    /// # Errors
    /// If it cannot be written, for instance because the disk is full.
    pub fn write(&mut self, sheets: &Sheets, fields: &Fields, clock: &Clock, row: Row<'_>) -> Result<()> {
        let bytes = sheets.record_bytes(fields, &fields.products);
        self.0.append(clock, bytes as usize, |file, record| {
            let log_pressure = fields.log_pressure(row);
            fields.products.iter().try_for_each(|product| {
                let values = |number: usize| fields.evaluate(number, &log_pressure, row);
                sheets.write(Target { file, record }, fields, product, values)
            })
        })
    }

    /// Closes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(self) -> Result<()> {
        self.0.close()
    }
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
