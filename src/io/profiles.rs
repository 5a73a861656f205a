//! Horizontal means of chosen diagnostics: profiles over time, in `profiles.h5`.
//!
//! The sums are exact, so that the means do not depend on tiles or ranks.

use super::directory::PROFILES;
use super::growing::GrowingFile;
use super::metadata;
use super::netcdf::Definition;
use super::reader::TIME;
use crate::comm::World;
use crate::config::{Configuration, Precision};
use crate::error::{Error, Result};
use crate::io::slices::Row;
use crate::mesh::Mesh;
use crate::monitor::ExactSum;
use crate::state::diagnostics::{self, Diagnostic};
use crate::time::{Clock, Schedule};
use rayon::prelude::*;

/// Writes the profiles of a box. All ranks create it and call its methods together.
pub struct ProfileWriter {
    due: Schedule,
    diagnostics: Vec<Diagnostic>,
    mesh: Mesh,
    world: World,
    file: GrowingFile,
}

impl ProfileWriter {
    /// Prepares the file in the run's folder, if profiles are asked for. With `resume_from` records up to that
    /// time are kept and later ones are dropped.
    ///
    /// # Errors
    /// If the file is in the way, cannot be written, or holds something else.
    pub fn create(
        configuration: &Configuration,
        mesh: &Mesh,
        world: &World,
        resume_from: Option<Clock>,
    ) -> Result<Option<ProfileWriter>> {
        let Some(profiles) = &configuration.output.profiles else { return Ok(None) };
        let dynamics = &configuration.dynamics;
        let find = |name: &String| diagnostics::find(name, dynamics.setting, &dynamics.tracers);
        let diagnostics: Vec<Diagnostic> = profiles.variables.iter().filter_map(find).collect();
        let nz = mesh.vertical.nz();
        let file = GrowingFile::open(
            PROFILES,
            configuration,
            world,
            resume_from,
            |file| {
                metadata::set_global(file, configuration, &**world)?;
                metadata::define_time(file, configuration, 0, true)?;
                metadata::define_heights(file, &mesh.vertical)?;
                diagnostics.iter().try_for_each(|diagnostic| define(file, diagnostic))
            },
            |file| {
                for Diagnostic { variable, .. } in &diagnostics {
                    if file.shape(&variable.name)?.get(1) != Some(&variable.location.levels(nz)) {
                        let message = format!("cannot continue this file: `{}` differs", variable.name);
                        return Err(Error::io(file.path(), message));
                    }
                }
                Ok(())
            },
        )?;
        let (mesh, world) = (mesh.clone(), world.clone());
        Ok(Some(ProfileWriter { due: Schedule::every(Some(profiles.every)), diagnostics, mesh, world, file }))
    }

    /// The first time after `now` at which a record is due, in ticks; i64::MAX for never.
    pub fn next(&self, now: i64) -> i64 {
        self.due.next(now).unwrap_or(i64::MAX)
    }

    /// Whether a record is due at this very time.
    pub fn is_due(&self, now: i64) -> bool {
        self.due.is_due(now)
    }

    /// Writes a record. `row` computes a row of a diagnostic.
    ///
    /// # Errors
    /// If it cannot be written, for instance because the disk is full.
    pub fn write(&mut self, clock: &Clock, row: Row<'_>) -> Result<()> {
        let ProfileWriter { diagnostics, mesh, world, file, .. } = self;
        let means: Vec<_> =
            diagnostics.iter().map(|diagnostic| means(diagnostic, mesh, world, row)).collect();
        let bytes = means.iter().map(Vec::len).sum::<usize>() * Precision::Double.bytes();
        file.append(clock, bytes, |file, record| {
            for (Diagnostic { variable, .. }, means) in diagnostics.iter().zip(&means) {
                file.write_box(&variable.name, vec![record, 0], vec![1, means.len()], means)?;
            }
            Ok(())
        })
    }

    /// Closes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(self) -> Result<()> {
        self.file.close()
    }
}

/// Defines the profiles of one variable.
fn define(file: &mut super::netcdf::NetcdfFile, Diagnostic { variable, .. }: &Diagnostic) -> Result<()> {
    let level = metadata::level_dimension(variable.location);
    let dimensions: Vec<&str> = [TIME].into_iter().chain(level).collect();
    let long_name = format!("horizontal mean of {}", variable.long_name);
    let attributes = [("units", variable.unit), ("long_name", &long_name), ("cell_methods", "area: mean")];
    file.define_variable(&Definition {
        name: &variable.name,
        dimensions: &dimensions,
        precision: Precision::Double,
        compression: 0,
        attributes: &attributes,
    })
}

/// The means of all levels over the whole domain, whose columns are equally large.
fn means(diagnostic: &Diagnostic, mesh: &Mesh, world: &World, row: Row<'_>) -> Vec<f64> {
    let levels = diagnostic.variable.location.levels(mesh.vertical.nz());
    let sum_of_level = |values: &mut Vec<f64>, k: usize| {
        let mut sum = ExactSum::new();
        for (index, tile) in mesh.local_tiles().iter().enumerate() {
            for j in 0..tile.nj {
                values.resize(tile.ni, 0.0);
                row(diagnostic, index, k, j, values);
                values.iter().for_each(|&value| sum.add(value));
            }
        }
        sum
    };
    let mut sums: Vec<ExactSum> =
        (0..levels).into_par_iter().map_init(Vec::new, |values, k| sum_of_level(values, k)).collect();
    ExactSum::merge(&mut sums, &**world);
    sums.iter().map(|sum| sum.value() / mesh.columns() as f64).collect()
}
