//! Vertical and horizontal sections and single columns of a box: chosen diagnostics at short intervals, every slice
//! in its own growing netCDF-4 file.
//!
//! Files are laid out as snapshots, with one value along the directions that a slice fixes; a horizontal
//! section has no level. Over terrain they hold the heights of their cells, and a horizontal section lies at its true
//! height: values between the levels are interpolated, and nothing is below the ground.

mod level;
mod shape;

use super::directory::{COLUMN_PREFIX, SECTION_PREFIX};
use super::growing::GrowingFile;
use super::metadata;
use crate::comm::World;
use crate::config::{Configuration, Cut, Slices};
use crate::error::{Error, Result};
use crate::mesh::{Mesh, Plane};
use crate::state::diagnostics::{self, Diagnostic};
use crate::time::{Clock, Schedule};
use shape::Shape;

/// Computes row `j` of level `k` of a diagnostic on a local tile: `row(diagnostic, tile, k, j, out)`.
pub type Row<'a> = &'a (dyn Fn(&Diagnostic, usize, usize, usize, &mut [f64]) + Sync);

/// All slices of a run. All ranks create it and call its methods together.
pub struct SliceOutput {
    groups: Vec<Group>,
}

/// Slices that are written together.
struct Group {
    due: Schedule,
    diagnostics: Vec<Diagnostic>,
    slices: Vec<Slice>,
}

/// One slice with its file.
struct Slice {
    shape: Shape,
    file: GrowingFile,
}

impl SliceOutput {
    /// Prepares the files in the run's folder. With `resume_from` records up to that time are kept and later ones are
    /// dropped.
    ///
    /// # Errors
    /// If files are in the way, cannot be written, or hold something else.
    pub fn create(
        configuration: &Configuration,
        mesh: &Mesh,
        world: &World,
        resume_from: Option<Clock>,
    ) -> Result<Option<SliceOutput>> {
        let Some(plane) = mesh.plane() else {
            return Ok(None);
        };
        let maker = Maker { configuration, mesh, plane, world, resume_from };
        let groups = [
            (SECTION_PREFIX, &configuration.output.sections),
            (COLUMN_PREFIX, &configuration.output.columns),
        ];
        let groups = groups.into_iter().filter_map(|(prefix, slices)| Some((prefix, slices.as_ref()?)));
        let groups = groups.map(|(prefix, slices)| maker.group(prefix, slices));
        let groups = groups.collect::<Result<Vec<_>>>()?;
        Ok((!groups.is_empty()).then_some(SliceOutput { groups }))
    }

    /// The first time after `now` at which something is due, in ticks; i64::MAX for never.
    pub fn next(&self, now: i64) -> i64 {
        self.groups.iter().filter_map(|group| group.due.next(now)).min().unwrap_or(i64::MAX)
    }

    /// Whether something is due at this very time.
    pub fn is_due(&self, now: i64) -> bool {
        self.groups.iter().any(|group| group.due.is_due(now))
    }

    /// Writes the slices that are due.
    ///
    /// # Errors
    /// If a file cannot be written, for instance because the disk is full.
    pub fn write_due(&mut self, clock: &Clock, row: Row<'_>) -> Result<()> {
        for group in self.groups.iter_mut().filter(|group| group.due.is_due(clock.ticks)) {
            for slice in &mut group.slices {
                slice.write(&group.diagnostics, clock, row)?;
            }
        }
        Ok(())
    }

    /// Closes the files.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn close(self) -> Result<()> {
        self.groups.into_iter().flat_map(|group| group.slices).try_for_each(|slice| slice.file.close())
    }
}

/// What is needed to prepare slices.
struct Maker<'a> {
    configuration: &'a Configuration,
    mesh: &'a Mesh,
    plane: &'a Plane,
    world: &'a World,
    resume_from: Option<Clock>,
}

impl Maker<'_> {
    fn group(&self, prefix: &str, slices: &Slices) -> Result<Group> {
        let dynamics = &self.configuration.dynamics;
        let find = |name: &String| {
            diagnostics::find(name, dynamics.setting, &dynamics.tracers)
                .ok_or_else(|| Error::Configuration(format!("there is no variable `{name}` to write")))
        };
        let diagnostics = slices.variables.iter().map(find).collect::<Result<Vec<_>>>()?;
        let mut counts = [0; 4];
        let mut made = Vec::new();
        for cut in &slices.cuts {
            let kind = match cut {
                Cut::X(_) => 0,
                Cut::Y(_) => 1,
                Cut::Z(_) => 2,
                Cut::Column(..) => 3,
            };
            counts[kind] += 1;
            let name = format!("{prefix}{}{}.h5", ["x_", "y_", "z_", ""][kind], counts[kind]);
            made.push(self.slice(&name, cut, &diagnostics)?);
        }
        Ok(Group { due: Schedule::every(Some(slices.every)), diagnostics, slices: made })
    }

    fn slice(&self, name: &str, cut: &Cut, diagnostics: &[Diagnostic]) -> Result<Slice> {
        let Maker { configuration, mesh, plane, world, resume_from } = *self;
        let shape = Shape::new(configuration.output.precision, cut, mesh, plane);
        let file = GrowingFile::open(
            name,
            configuration,
            world,
            resume_from,
            |file| {
                metadata::set_global(file, configuration, &**world)?;
                metadata::define_time(file, configuration, 0, true)?;
                match &mesh.terrain {
                    Some(_) => metadata::define_nominal_heights(file, &mesh.vertical)?,
                    None => metadata::define_heights(file, &mesh.vertical)?,
                }
                metadata::define_plane_part(file, plane, shape.x.clone(), shape.y.clone())?;
                if let Some(terrain) = &mesh.terrain {
                    shape.define_terrain(file, terrain)?;
                }
                let compression = configuration.output.compression;
                diagnostics.iter().try_for_each(|it| shape.define(file, &it.variable, compression))
            },
            |file| shape.check(file, diagnostics),
        )?;
        Ok(Slice { shape, file })
    }
}

impl Slice {
    fn write(&mut self, diagnostics: &[Diagnostic], clock: &Clock, row: Row<'_>) -> Result<()> {
        let Slice { shape, file } = self;
        let values: usize = diagnostics.iter().map(|it| shape.values(&it.variable)).sum();
        file.append(clock, values * shape.precision.bytes(), |file, record| {
            diagnostics.iter().try_for_each(|diagnostic| shape.write(file, record, diagnostic, row))
        })
    }
}
