//! Vertical and horizontal sections and single columns of a box: chosen diagnostics at short intervals, every slice
//! in its own growing netCDF-4 file.
//!
//! Files are laid out as snapshots, with one value along the directions that a slice fixes; a horizontal
//! section has no level.

use super::directory::{COLUMN_PREFIX, SECTION_PREFIX};
use super::growing::GrowingFile;
use super::local_part::LocalPart;
use super::metadata;
use super::netcdf::{Definition, NetcdfFile};
use super::reader::TIME;
use crate::comm::World;
use crate::config::{Configuration, Cut, Precision, Slices};
use crate::error::{Error, Result};
use crate::mesh::{Mesh, Plane, Tile};
use crate::state::diagnostics::{self, Diagnostic};
use crate::state::{Location, Variable};
use crate::time::{Clock, Schedule};
use std::ops::Range;

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
                metadata::define_heights(file, &mesh.vertical)?;
                metadata::define_plane_part(file, plane, shape.x.clone(), shape.y.clone())?;
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

/// Which cells a slice takes, and where they go.
struct Shape {
    precision: Precision,
    /// Columns along x and y of the domain.
    x: Range<usize>,
    y: Range<usize>,
    /// Heights of a horizontal section: the nearest cell centre and interface, with their indices.
    level: Option<[(usize, f64); 2]>,
    nz: usize,
    /// The pieces of this rank's tiles that lie in the slice.
    pieces: Vec<Piece>,
    part: LocalPart,
}

/// The columns of a local tile that lie in a slice: first column and extent in the tile.
struct Piece {
    tile: usize,
    first: [usize; 2],
    /// Columns of a whole row of the tile.
    row: usize,
}

impl Shape {
    fn new(precision: Precision, cut: &Cut, mesh: &Mesh, plane: &Plane) -> Shape {
        let (x, y) = columns_of(cut, plane);
        let vertical = &mesh.vertical;
        let level = match cut {
            Cut::Z(z) => Some([&vertical.centres, &vertical.interfaces].map(|heights| nearest(heights, *z))),
            _ => None,
        };
        let (mut pieces, mut tiles) = (Vec::new(), Vec::new());
        for (index, tile) in mesh.local_tiles().iter().enumerate() {
            let along_x = common(&x, tile.i0..tile.i0 + tile.ni);
            let along_y = common(&y, tile.j0..tile.j0 + tile.nj);
            if along_x.is_empty() || along_y.is_empty() {
                continue;
            }
            pieces.push(Piece {
                tile: index,
                first: [along_x.start - tile.i0, along_y.start - tile.j0],
                row: tile.ni,
            });
            let (i0, j0) = (along_x.start - x.start, along_y.start - y.start);
            tiles.push(Tile { i0, j0, ni: along_x.len(), nj: along_y.len(), ..tile.clone() });
        }
        let nz = vertical.nz();
        Shape { precision, x, y, level, nz, pieces, part: LocalPart::of_tiles(tiles, nz, false) }
    }

    /// The level that is written of a variable, and its height, in a horizontal section.
    fn level_of(&self, variable: &Variable) -> Option<(usize, f64)> {
        let [centre, interface] = self.level?;
        match variable.location {
            Location::Centre => Some(centre),
            Location::Interface => Some(interface),
            Location::Surface => None,
        }
    }

    /// Where the values of a variable lie in the file.
    fn location(&self, variable: &Variable) -> Location {
        if self.level.is_some() { Location::Surface } else { variable.location }
    }

    /// Lengths of the dimensions of a variable without time.
    fn lengths(&self, variable: &Variable) -> Vec<usize> {
        let location = self.location(variable);
        let levels = (location != Location::Surface).then(|| location.levels(self.nz));
        levels.into_iter().chain([self.y.len(), self.x.len()]).collect()
    }

    /// Values of a record of a variable.
    fn values(&self, variable: &Variable) -> usize {
        self.lengths(variable).iter().product()
    }

    fn define(&self, file: &mut NetcdfFile, variable: &Variable, compression: u8) -> Result<()> {
        let mut dimensions = vec![TIME];
        dimensions.extend(metadata::level_dimension(self.location(variable)));
        dimensions.extend(["y", "x"]);
        let height = self.level_of(variable).map(|(_, height)| format!("{height} m"));
        let long_name = match &height {
            Some(height) => format!("{} at a height of {height}", variable.long_name),
            None => variable.long_name.clone(),
        };
        let mut attributes = vec![("units", variable.unit), ("long_name", long_name.as_str())];
        attributes.extend(variable.standard_name.map(|name| ("standard_name", name)));
        file.define_variable(&Definition {
            name: &variable.name,
            dimensions: &dimensions,
            precision: self.precision,
            compression,
            attributes: &attributes,
        })
    }

    /// Refuses to continue a file of another place or with other variables.
    fn check(&self, file: &NetcdfFile, diagnostics: &[Diagnostic]) -> Result<()> {
        for Diagnostic { variable, .. } in diagnostics {
            let found = file.shape(&variable.name)?;
            let (stored, wanted) = (file.precision(&variable.name)?, self.precision);
            if found.get(1..) != Some(&self.lengths(variable)[..]) || stored != wanted {
                let message =
                    format!("cannot continue this file: `{}` has another shape or precision", variable.name);
                return Err(Error::io(file.path(), message));
            }
        }
        Ok(())
    }

    /// Writes a record of a variable.
    fn write(&self, file: &NetcdfFile, record: usize, diagnostic: &Diagnostic, row: Row<'_>) -> Result<()> {
        let variable = &diagnostic.variable;
        let location = self.location(variable);
        let fill = |scratch: &mut Vec<f64>, piece: usize, k: usize, j: usize, count: usize| {
            let Piece { tile, first: [i0, j0], row: length } = self.pieces[piece];
            let k = self.level_of(variable).map_or(k, |(level, _)| level);
            scratch.resize(length, 0.0);
            row(diagnostic, tile, k, j0 + j, scratch);
            i0..i0 + count
        };
        match self.precision {
            Precision::Double => {
                let values = self.part.gather::<f64>(location, |scratch, piece, k, j, out| {
                    let cells = fill(scratch, piece, k, j, out.len());
                    out.copy_from_slice(&scratch[cells]);
                });
                file.write_part(&variable.name, Some(record), &self.part, location, &values)
            }
            Precision::Single => {
                let values = self.part.gather::<f32>(location, |scratch, piece, k, j, out| {
                    let cells = fill(scratch, piece, k, j, out.len());
                    out.iter_mut().zip(&scratch[cells]).for_each(|(out, value)| *out = *value as f32);
                });
                file.write_part(&variable.name, Some(record), &self.part, location, &values)
            }
        }
    }
}

/// The columns of a slice along x and y.
fn columns_of(cut: &Cut, plane: &Plane) -> (Range<usize>, Range<usize>) {
    let cell = |at: f64, low: f64, d: f64, n: usize| {
        let index = (((at - low) / d).floor().max(0.0) as usize).min(n - 1);
        index..index + 1
    };
    let x = |at: f64| cell(at, plane.x_min, plane.dx, plane.nx);
    let y = |at: f64| cell(at, plane.y_min, plane.dy, plane.ny);
    match *cut {
        Cut::X(at) => (x(at), 0..plane.ny),
        Cut::Y(at) => (0..plane.nx, y(at)),
        Cut::Z(_) => (0..plane.nx, 0..plane.ny),
        Cut::Column(at_x, at_y) => (x(at_x), y(at_y)),
    }
}

/// Index and height of the level nearest to a height, the lower of two.
fn nearest(heights: &[f64], z: f64) -> (usize, f64) {
    let mut found = 0;
    for (level, height) in heights.iter().enumerate() {
        if (height - z).abs() < (heights[found] - z).abs() {
            found = level;
        }
    }
    (found, heights[found])
}

/// What two ranges have in common.
fn common(a: &Range<usize>, b: Range<usize>) -> Range<usize> {
    a.start.max(b.start)..a.end.min(b.end)
}
