//! Snapshots: the chosen diagnostics at the times of a schedule, as CF netCDF-4.

use super::directory::{
    Earlier, SNAPSHOT_PREFIX, SNAPSHOTS, make_way, on_root, or_remove, rename_durably, require_space, stamp,
    stamped, temporary, unable_to_continue,
};
use super::local_part::LocalPart;
use super::metadata;
use super::netcdf::{Definition, NetcdfFile};
use super::reader::TIME;
use super::slabs::Slabs;
use super::throughput::{Throughput, plain_rate};
use crate::comm::World;
use crate::config::{Configuration, Dynamics, FileLayout, Precision};
use crate::error::{Error, Result};
use crate::mesh::{Geometry, Mesh};
use crate::real::Real;
use crate::state::{Location, Variable, diagnostics};
use crate::time::{Clock, ticks};
use std::cell::RefCell;
use std::path::Path;
use std::time::{Duration, Instant};

/// Writes the snapshots of a run into one growing file or one file each.
///
/// All ranks create it and call its methods together.
pub struct SnapshotWriter {
    contents: Contents,
    /// The growing file, with the number of records in it.
    growing: Option<(NetcdfFile, usize)>,
    /// Time of the latest record in ticks.
    latest: Option<i64>,
    throughput: Throughput,
}

impl SnapshotWriter {
    /// Prepares the files in the run's folder. With `resume_from` the snapshots of the earlier run up to
    /// that time are kept and later ones are dropped.
    ///
    /// # Errors
    /// If files are in the way (neither `resume_from` nor `output.overwrite`), cannot be written, or hold
    /// other variables; or if a variable to write is unknown.
    pub fn create(
        configuration: &Configuration,
        mesh: &Mesh,
        world: &World,
        resume_from: Option<Clock>,
    ) -> Result<SnapshotWriter> {
        let contents = Contents::new(configuration, mesh, world)?;
        let earlier = Earlier::of(configuration, resume_from.is_some());
        let mut throughput = Throughput::default();
        if configuration.output.measure_disk {
            let rate = plain_rate(&configuration.output.directory, world, contents.record_bytes())?;
            throughput.plain = Some(rate);
        }
        let mut writer = SnapshotWriter { contents, growing: None, latest: None, throughput };
        match configuration.output.layout {
            FileLayout::OneFile => writer.prepare_growing(earlier, resume_from)?,
            FileLayout::FilePerTime => writer.prepare_single(earlier, resume_from)?,
        }
        Ok(writer)
    }

    /// Time of the latest record in ticks.
    pub fn latest(&self) -> Option<i64> {
        self.latest
    }

    /// What was written, and how fast.
    pub fn throughput(&self) -> Throughput {
        self.throughput
    }

    /// Whether the record of this very time is in the files already, as after a resume.
    pub fn already_written(&self, clock: &Clock) -> bool {
        self.latest == Some(clock.ticks)
    }

    /// Writes a record. `row(variable, local tile, k, j, out)` computes the cells of a row of the
    /// `variable`-th of `output.variables`; levels are computed in parallel.
    ///
    /// # Errors
    /// If a file cannot be written, for instance because the disk is full.
    pub fn write(
        &mut self,
        clock: &Clock,
        row: impl Fn(usize, usize, usize, usize, &mut [f64]) + Sync,
    ) -> Result<()> {
        let begin = Instant::now();
        let computing = match &mut self.growing {
            Some((file, records)) => {
                require_space(&*self.contents.world, file.path(), self.contents.record_bytes())?;
                file.set_records(*records + 1)?;
                let computing = self.contents.write_fields(file, Some(*records), &row)?;
                file.write_box(TIME, vec![*records], vec![1], &[clock.seconds()])?;
                file.flush()?;
                if self.throughput.plain.is_some() {
                    // As several ranks do in any case, and as the plain write did.
                    file.sync()?;
                }
                *records += 1;
                computing
            }
            None => {
                let name = format!("{SNAPSHOT_PREFIX}{}.h5", stamp(clock));
                let path = self.contents.configuration.output.directory.join(name);
                self.contents.write_single(&path, clock, &row)?
            }
        };
        self.throughput.add(self.contents.record_bytes(), begin.elapsed(), computing);
        self.latest = Some(clock.ticks);
        Ok(())
    }

    /// Closes the files.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn close(self) -> Result<()> {
        self.growing.map_or(Ok(()), |(file, _)| file.close())
    }

    fn prepare_growing(&mut self, earlier: Earlier, resume_from: Option<Clock>) -> Result<()> {
        let contents = &self.contents;
        let path = contents.configuration.output.directory.join(SNAPSHOTS);
        on_root(&*contents.world, || make_way(&path, earlier))?;
        let exists = contents.exists(&path);
        let Some(clock) = resume_from.filter(|_| exists) else {
            contents.create_growing(&path)?;
            self.growing = Some((NetcdfFile::append(&path, Some(&contents.world))?, 0));
            return Ok(());
        };
        let (file, times) = contents.reopen_growing(&path, clock).map_err(unable_to_continue)?;
        self.latest = times.last().copied();
        self.growing = Some((file, times.len()));
        Ok(())
    }

    fn prepare_single(&mut self, earlier: Earlier, resume_from: Option<Clock>) -> Result<()> {
        let directory = &self.contents.configuration.output.directory;
        let world = &*self.contents.world;
        let mut latest = String::new();
        on_root(world, || {
            for (time, path) in stamped(directory, SNAPSHOT_PREFIX)? {
                match resume_from {
                    Some(clock) if time > clock.ticks => make_way(&path, Earlier::Replace)?,
                    Some(_) => latest = time.to_string(),
                    None => make_way(&path, earlier)?,
                }
            }
            Ok(())
        })?;
        self.latest = world.broadcast_text(&latest).parse().ok();
        Ok(())
    }
}

/// Writes one snapshot file at `path`, complete or not at all: for looking at a state outside the
/// schedule, such as one that blew up. `row` is that of [`SnapshotWriter::write`].
///
/// # Errors
/// If the file cannot be written, or a variable of `output.variables` is unknown.
pub fn write_single(
    path: &Path,
    configuration: &Configuration,
    mesh: &Mesh,
    world: &World,
    clock: &Clock,
    row: impl Fn(usize, usize, usize, usize, &mut [f64]) + Sync,
) -> Result<()> {
    Contents::new(configuration, mesh, world)?.write_single(path, clock, &row).map(drop)
}

/// What every snapshot file of a run contains.
struct Contents {
    configuration: Configuration,
    variables: Vec<Variable>,
    part: LocalPart,
    /// The way of the rows of every variable into the file.
    slabs: Vec<(Location, RefCell<Slabs>)>,
    mesh: Mesh,
    world: World,
}

impl Contents {
    fn new(configuration: &Configuration, mesh: &Mesh, world: &World) -> Result<Self> {
        let Dynamics { setting, tracers, .. } = &configuration.dynamics;
        let find = |name: &String| {
            diagnostics::find(name, *setting, tracers).map(|diagnostic| diagnostic.variable).ok_or_else(
                || {
                    let known: Vec<String> = diagnostics::all(*setting, tracers)
                        .into_iter()
                        .map(|known| known.variable.name)
                        .collect();
                    Error::Configuration(format!(
                        "output.variables: there is no variable `{name}`; there are {}",
                        known.join(", ")
                    ))
                },
            )
        };
        let variables: Vec<Variable> =
            configuration.output.variables.iter().map(find).collect::<Result<_>>()?;
        let mut slabs: Vec<(Location, RefCell<Slabs>)> = Vec::new();
        for location in variables.iter().map(|variable| variable.location) {
            if slabs.iter().all(|(other, _)| *other != location) {
                let bytes = configuration.output.precision.bytes();
                slabs.push((location, RefCell::new(Slabs::new(mesh, world, location, bytes))));
            }
        }
        Ok(Contents {
            variables,
            slabs,
            configuration: configuration.clone(),
            part: LocalPart::new(mesh),
            mesh: mesh.clone(),
            world: world.clone(),
        })
    }

    /// Whether a file exists, as rank 0 sees it.
    fn exists(&self, path: &Path) -> bool {
        self.world.broadcast_text(if path.exists() { "yes" } else { "no" }) == "yes"
    }

    /// Bytes of a record before compression.
    fn record_bytes(&self) -> u64 {
        let cells =
            |variable: &Variable| metadata::shape(&self.mesh, variable.location).iter().product::<usize>();
        (self.variables.iter().map(cells).sum::<usize>() * self.configuration.output.precision.bytes()) as u64
    }

    /// Creates the growing file without records.
    fn create_growing(&self, path: &Path) -> Result<()> {
        self.publish(path, |file| self.define(file, 0, true))
    }

    /// Opens the growing file of an earlier run, shortened to the records up to the clock, and returns their
    /// times in ticks.
    fn reopen_growing(&self, path: &Path, clock: Clock) -> Result<(NetcdfFile, Vec<i64>)> {
        let file = NetcdfFile::append(path, Some(&self.world))?;
        self.check_resumable(&file)?;
        let mut times: Vec<i64> = file.read_values(TIME)?.into_iter().map(ticks).collect();
        times.truncate(good_records(&times, clock));
        file.set_records(times.len())?;
        file.flush()?;
        Ok((file, times))
    }

    /// Writes a file with one record, and returns the time that the values took.
    fn write_single(
        &self,
        path: &Path,
        clock: &Clock,
        row: &(impl Fn(usize, usize, usize, usize, &mut [f64]) + Sync),
    ) -> Result<Duration> {
        require_space(&*self.world, path, self.record_bytes())?;
        let mut computing = Duration::ZERO;
        self.publish(path, |file| {
            self.define(file, 1, false)?;
            computing = self.write_fields(file, Some(0), row)?;
            file.write_box(TIME, vec![0], vec![1], &[clock.seconds()])
        })?;
        Ok(computing)
    }

    /// Writes a file under a temporary name and gives it its own name when it is complete.
    fn publish(&self, path: &Path, fill: impl FnOnce(&mut NetcdfFile) -> Result<()>) -> Result<()> {
        let temporary = temporary(path);
        let write = || {
            let mut file = NetcdfFile::create(&temporary, Some(&self.world))?;
            fill(&mut file)?;
            file.close()
        };
        let written = write().and_then(|()| on_root(&*self.world, || rename_durably(&temporary, path)));
        or_remove(&*self.world, &temporary, written)
    }

    fn define(&self, file: &mut NetcdfFile, records: usize, unlimited: bool) -> Result<()> {
        metadata::set_global(file, &self.configuration, &*self.world)?;
        metadata::define_time(file, &self.configuration, records, unlimited)?;
        metadata::define_space(file, &self.mesh)?;
        let output = &self.configuration.output;
        for variable in &self.variables {
            let mut attributes = vec![("units", variable.unit), ("long_name", variable.long_name.as_str())];
            attributes.extend(variable.standard_name.map(|name| ("standard_name", name)));
            attributes.extend(metadata::place_attributes(&self.mesh, variable.location));
            file.define_variable(&Definition {
                name: &variable.name,
                dimensions: &dimensions(&self.mesh.geometry, variable.location),
                precision: output.precision,
                compression: output.compression,
                attributes: &attributes,
            })?;
        }
        Ok(())
    }

    /// Refuses to continue a file of another grid or with other variables.
    fn check_resumable(&self, file: &NetcdfFile) -> Result<()> {
        for variable in &self.variables {
            let mut expected = file.shape(TIME)?;
            expected.extend(metadata::shape(&self.mesh, variable.location));
            let found = file.shape(&variable.name)?;
            let (stored, wanted) = (file.precision(&variable.name)?, self.configuration.output.precision);
            if found != expected || stored != wanted {
                let message = format!(
                    "cannot continue this file: `{}` is {found:?} in {stored:?} precision, where the \
                     configuration asks for {expected:?} in {wanted:?} precision",
                    variable.name
                );
                return Err(Error::io(file.path(), message));
            }
        }
        Ok(())
    }

    /// Writes all variables, and returns the time that their values took.
    fn write_fields(
        &self,
        file: &NetcdfFile,
        record: Option<usize>,
        row: &(impl Fn(usize, usize, usize, usize, &mut [f64]) + Sync),
    ) -> Result<Duration> {
        let mut computing = Duration::ZERO;
        for index in 0..self.variables.len() {
            computing += match self.configuration.output.precision {
                Precision::Double => self.write_field::<f64>(file, record, index, row)?,
                Precision::Single => self.write_field::<f32>(file, record, index, row)?,
            };
        }
        Ok(computing)
    }

    fn write_field<T: Real>(
        &self,
        file: &NetcdfFile,
        record: Option<usize>,
        index: usize,
        row: &(impl Fn(usize, usize, usize, usize, &mut [f64]) + Sync),
    ) -> Result<Duration> {
        let Variable { name, location, .. } = &self.variables[index];
        let begin = Instant::now();
        let mut values = vec![T::ZERO; self.part.len(*location)];
        self.part.gather_into(*location, &mut values, |tile, k, j, out| row(index, tile, k, j, out));
        let computing = begin.elapsed();
        for (_, slabs) in self.slabs.iter().filter(|(other, _)| other == location) {
            slabs.borrow_mut().write(file, name, record, &self.part, &values)?;
        }
        Ok(computing)
    }
}

/// How many of the records at the given times (in ticks) to keep when resuming: those up to the clock.
/// Times increase; one that does not belongs to a record that was begun and never finished.
pub(super) fn good_records(times: &[i64], clock: Clock) -> usize {
    let mut latest = i64::MIN;
    times
        .iter()
        .take_while(|&&time| {
            let good = time > latest && time <= clock.ticks;
            latest = time;
            good
        })
        .count()
}

/// The dimensions of a snapshot variable.
fn dimensions(geometry: &Geometry, location: Location) -> Vec<&'static str> {
    let mut names = vec![TIME];
    names.extend(metadata::dimensions(geometry, location));
    names
}
