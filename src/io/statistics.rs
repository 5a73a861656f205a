//! `statistics.h5`: horizontal means, variances and fluxes over time and height.

use super::directory::{
    Earlier, STATISTICS, make_way, on_root, or_remove_alone, rename_durably, require_space_alone, temporary,
    unable_to_continue,
};
use super::metadata;
use super::netcdf::{Definition, NetcdfFile};
use super::reader::TIME;
use super::snapshot::good_records;
use crate::comm::World;
use crate::config::{Configuration, Precision};
use crate::error::{Error, Result};
use crate::mesh::Mesh;
use crate::state::{Location, Variable};
use crate::time::{Clock, ticks};
use crate::version::VERSION;
use std::path::Path;

/// Writes the statistics of a run: rank 0 writes, the others hear how it went.
pub struct StatisticsWriter {
    world: World,
    /// On rank 0 only.
    file: Option<NetcdfFile>,
    /// Names of the variables, and whether they have levels.
    names: Vec<(String, bool)>,
    records: usize,
    /// Time of the latest record in ticks.
    latest: Option<i64>,
}

impl StatisticsWriter {
    /// Prepares `statistics.h5` in the run's folder. With `resume_from` records up to that time are kept and later
    /// ones are dropped. All ranks call this.
    ///
    /// # Errors
    /// If a file is in the way, cannot be written, or is to be continued and has other variables.
    pub fn create(
        configuration: &Configuration,
        mesh: &Mesh,
        world: &World,
        variables: &[Variable],
        resume_from: Option<Clock>,
    ) -> Result<StatisticsWriter> {
        let names =
            variables.iter().map(|variable| (variable.name.clone(), heights(variable).is_some())).collect();
        let mut writer =
            StatisticsWriter { world: world.clone(), file: None, names, records: 0, latest: None };
        on_root(&**world, || {
            let opened = open(configuration, mesh, variables, resume_from);
            let (file, times) =
                if resume_from.is_some() { opened.map_err(unable_to_continue)? } else { opened? };
            writer.file = Some(file);
            writer.records = times.len();
            writer.latest = times.last().copied();
            Ok(())
        })?;
        let latest = writer.latest.map_or_else(String::new, |time| time.to_string());
        writer.latest = world.broadcast_text(&latest).parse().ok();
        Ok(writer)
    }

    /// Whether the record of this very time is in the file already, as after a resume.
    pub fn already_written(&self, clock: &Clock) -> bool {
        self.latest == Some(clock.ticks)
    }

    /// Appends a record, a list of levels for each variable. Only rank 0's values count. All ranks call this.
    ///
    /// # Errors
    /// If the file cannot be written, for instance because the disk is full.
    pub fn append(&mut self, clock: &Clock, profiles: &[Vec<f64>]) -> Result<()> {
        let (file, names, record) = (self.file.as_ref(), &self.names, self.records);
        on_root(&*self.world, || {
            let Some(file) = file else { return Ok(()) };
            require_space_alone(file.path(), profiles.iter().map(|profile| 8 * profile.len() as u64).sum())?;
            file.set_records(record + 1)?;
            for ((name, has_levels), profile) in names.iter().zip(profiles) {
                let (mut start, mut count) = (vec![record], vec![1]);
                if *has_levels {
                    start.push(0);
                    count.push(profile.len());
                }
                file.write_box(name, start, count, profile)?;
            }
            file.write_box(TIME, vec![record], vec![1], &[clock.seconds()])?;
            file.flush()
        })?;
        self.records += 1;
        self.latest = Some(clock.ticks);
        Ok(())
    }

    /// Closes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(self) -> Result<()> {
        on_root(&*self.world, || self.file.map_or(Ok(()), NetcdfFile::close))
    }
}

/// Opens the file, shortened to the records to keep, with their times in ticks.
fn open(
    configuration: &Configuration,
    mesh: &Mesh,
    variables: &[Variable],
    resume_from: Option<Clock>,
) -> Result<(NetcdfFile, Vec<i64>)> {
    let path = configuration.output.directory.join(STATISTICS);
    make_way(&path, Earlier::of(configuration, resume_from.is_some()))?;
    if !path.exists() {
        create(&path, configuration, mesh, variables)?;
    }
    let file = NetcdfFile::append(&path, None)?;
    let mut times: Vec<i64> = file.read_values(TIME)?.into_iter().map(ticks).collect();
    for variable in variables {
        let mut expected = vec![times.len()];
        expected.extend(heights(variable).map(|_| variable.location.levels(mesh.vertical.nz())));
        let found = file.shape(&variable.name)?;
        if found != expected {
            let name = &variable.name;
            let message = format!("cannot continue this file: `{name}` is {found:?}, not {expected:?}");
            return Err(Error::io(&path, message));
        }
    }
    times.truncate(resume_from.map_or(0, |clock| good_records(&times, clock)));
    file.set_records(times.len())?;
    file.flush()?;
    Ok((file, times))
}

/// The dimension of the levels of a variable, if it has any.
fn heights(variable: &Variable) -> Option<&'static str> {
    match variable.location {
        Location::Centre => Some("z"),
        Location::Interface => Some("z_interface"),
        Location::Surface => None,
    }
}

fn create(path: &Path, configuration: &Configuration, mesh: &Mesh, variables: &[Variable]) -> Result<()> {
    let unfinished = temporary(path);
    let fill = || {
        let mut file = NetcdfFile::create(&unfinished, None)?;
        let history = format!("{}: written by gale {VERSION}", metadata::now());
        metadata::set_global_alone(&file, configuration, &history)?;
        metadata::define_time(&mut file, configuration, 0, true)?;
        match mesh.terrain {
            Some(_) => metadata::define_nominal_heights(&mut file, &mesh.vertical)?,
            None => metadata::define_heights(&mut file, &mesh.vertical)?,
        }
        for variable in variables {
            let dimensions: Vec<&str> = [TIME].into_iter().chain(heights(variable)).collect();
            file.define_variable(&Definition {
                name: &variable.name,
                dimensions: &dimensions,
                precision: Precision::Double,
                compression: 0,
                attributes: &[
                    ("units", variable.unit),
                    ("long_name", &variable.long_name),
                    ("cell_methods", "area: mean"),
                ],
            })?;
        }
        file.close()?;
        rename_durably(&unfinished, path)
    };
    or_remove_alone(&unfinished, fill())
}
