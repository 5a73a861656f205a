//! Scalar time series, such as budgets and extremes: one row a time, as text and as netCDF-4.

use super::directory::{
    Earlier, SERIES, SERIES_TEXT, make_way, on_root, or_remove_alone, rename_durably, require_space_alone,
    temporary, unable_to_continue,
};
use super::metadata;
use super::netcdf::{CHUNK_RECORDS, Definition, NetcdfFile};
use super::reader::TIME;
use super::snapshot::good_records;
use crate::comm::World;
use crate::config::{Configuration, Precision};
use crate::error::{Error, Result};
use crate::time::{Clock, ticks};
use crate::version::VERSION;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A column of the series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesColumn {
    /// Name in the files.
    pub name: String,
    /// Unit in UDUNITS notation.
    pub unit: String,
    pub long_name: String,
}

/// Writes the series of a run: rank 0 writes, the others hear how it went.
pub struct SeriesWriter {
    world: World,
    /// On rank 0 only.
    files: Option<Files>,
    /// Time of the latest row in ticks.
    latest: Option<i64>,
}

impl SeriesWriter {
    /// Prepares `series.csv` and `series.h5` in the run's folder. With `resume_from` rows up to that time
    /// are kept and later ones are dropped. All ranks call this.
    ///
    /// # Errors
    /// If files are in the way (neither `resume_from` nor `output.overwrite`), cannot be written, or have
    /// other columns.
    pub fn create(
        configuration: &Configuration,
        world: &World,
        columns: &[SeriesColumn],
        resume_from: Option<Clock>,
    ) -> Result<SeriesWriter> {
        let mut files = None;
        on_root(&**world, || {
            let prepared = Files::prepare(configuration, columns, resume_from);
            files =
                Some(if resume_from.is_some() { prepared.map_err(unable_to_continue)? } else { prepared? });
            Ok(())
        })?;
        let latest = files.as_ref().and_then(|files| files.latest).map(|time| time.to_string());
        let latest = world.broadcast_text(&latest.unwrap_or_default()).parse().ok();
        Ok(SeriesWriter { world: world.clone(), files, latest })
    }

    /// Whether the row of this very time is in the files already, as after a resume.
    pub fn already_written(&self, clock: &Clock) -> bool {
        self.latest == Some(clock.ticks)
    }

    /// Appends a row, one value a column, and hands it to the operating system; a row of the same time
    /// is not written twice. Only rank 0's values count. All ranks call this.
    ///
    /// # Errors
    /// If the files cannot be written, for instance because the disk is full.
    pub fn append(&mut self, clock: &Clock, values: &[f64]) -> Result<()> {
        if self.already_written(clock) {
            return Ok(());
        }
        let files = &mut self.files;
        on_root(&*self.world, || files.as_mut().map_or(Ok(()), |files| files.append(clock, values)))?;
        self.latest = Some(clock.ticks);
        Ok(())
    }

    /// Closes the files.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn close(self) -> Result<()> {
        let files = self.files;
        on_root(&*self.world, || files.map_or(Ok(()), |files| files.netcdf.close()))
    }
}

/// The two files.
struct Files {
    text_path: PathBuf,
    text: File,
    netcdf: NetcdfFile,
    names: Vec<String>,
    records: usize,
    latest: Option<i64>,
}

impl Files {
    fn prepare(
        configuration: &Configuration,
        columns: &[SeriesColumn],
        resume_from: Option<Clock>,
    ) -> Result<Files> {
        let directory = &configuration.output.directory;
        let (text_path, path) = (directory.join(SERIES_TEXT), directory.join(SERIES));
        let earlier = Earlier::of(configuration, resume_from.is_some());
        make_way(&text_path, earlier)?;
        make_way(&path, earlier)?;
        if !path.exists() {
            create_netcdf(&path, configuration, columns)?;
        }
        let netcdf = NetcdfFile::append(&path, None)?;
        let times: Vec<i64> = netcdf.read_values(TIME)?.into_iter().map(ticks).collect();
        let records = resume_from.map_or(0, |clock| good_records(&times, clock));
        netcdf.set_records(records)?;
        netcdf.flush()?;
        let latest = times[..records].last().copied();
        write_text(&text_path, columns, &netcdf)?;
        let text =
            OpenOptions::new().append(true).open(&text_path).map_err(|cause| Error::io(&text_path, cause))?;
        let names = columns.iter().map(|column| column.name.clone()).collect();
        Ok(Files { text_path, text, netcdf, names, records, latest })
    }

    fn append(&mut self, clock: &Clock, values: &[f64]) -> Result<()> {
        if values.len() != self.names.len() {
            let message = format!("{} values for {} columns of the series", values.len(), self.names.len());
            return Err(Error::Internal(message));
        }
        // The files grow by a chunk of every column at most.
        require_space_alone(self.netcdf.path(), (CHUNK_RECORDS * 8 * (self.names.len() + 1)) as u64)?;
        self.netcdf.set_records(self.records + 1)?;
        for (name, value) in self.names.iter().zip(values) {
            self.netcdf.write_box(name, vec![self.records], vec![1], &[*value])?;
        }
        self.netcdf.write_box(TIME, vec![self.records], vec![1], &[clock.seconds()])?;
        self.netcdf.flush()?;
        self.records += 1;
        // The text comes second: a resumed run writes it anew from the other.
        let line = row(clock.seconds(), values);
        self.text.write_all(line.as_bytes()).map_err(|cause| Error::io(&self.text_path, cause))
    }
}

fn create_netcdf(path: &Path, configuration: &Configuration, columns: &[SeriesColumn]) -> Result<()> {
    let unfinished = temporary(path);
    let fill = || {
        let mut file = NetcdfFile::create(&unfinished, None)?;
        let history = format!("{}: written by gale {VERSION}", metadata::now());
        metadata::set_global_alone(&file, configuration, &history)?;
        metadata::define_time(&mut file, configuration, 0, true)?;
        for column in columns {
            file.define_variable(&Definition {
                name: &column.name,
                dimensions: &[TIME],
                precision: Precision::Double,
                compression: 0,
                attributes: &[("units", &column.unit), ("long_name", &column.long_name)],
            })?;
        }
        file.close()?;
        rename_durably(&unfinished, path)
    };
    or_remove_alone(&unfinished, fill())
}

/// Writes the text anew from the netCDF-4 file, so that both hold the same rows.
fn write_text(path: &Path, columns: &[SeriesColumn], netcdf: &NetcdfFile) -> Result<()> {
    let values: Vec<Vec<f64>> =
        columns.iter().map(|column| netcdf.read_values(&column.name)).collect::<Result<_>>()?;
    let mut text = header(columns);
    for (record, time) in netcdf.read_values(TIME)?.into_iter().enumerate() {
        let cells: Vec<f64> = values.iter().map(|column| column[record]).collect();
        text.push_str(&row(time, &cells));
    }
    let unfinished = temporary(path);
    let written = fs::write(&unfinished, text).map_err(|cause| Error::io(path, cause));
    or_remove_alone(&unfinished, written.and_then(|()| rename_durably(&unfinished, path)))
}

/// The first line: names with units.
fn header(columns: &[SeriesColumn]) -> String {
    let mut line = String::from("time [s]");
    for column in columns {
        let _ = write!(line, ",{} [{}]", column.name, column.unit);
    }
    line.push('\n');
    line
}

/// A row with as many digits as give back the same numbers.
fn row(time: f64, values: &[f64]) -> String {
    let mut line = format!("{time:?}");
    for value in values {
        let _ = write!(line, ",{value:?}");
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_give_back_the_same_numbers() {
        let values = [0.1, 1.0 / 3.0, -0.0, 1e300, f64::MIN_POSITIVE];
        let line = row(0.5, &values);
        let read: Vec<f64> = line.trim().split(',').map(|text| text.parse().unwrap()).collect();
        assert_eq!(read[0], 0.5);
        for (read, value) in read[1..].iter().zip(values) {
            assert_eq!(read.to_bits(), value.to_bits());
        }
    }
}
