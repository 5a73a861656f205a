//! Which cells a slice takes, and where they go.

use super::Row;
use super::level::Level;
use crate::config::{Cut, Precision};
use crate::error::{Error, Result};
use crate::io::local_part::LocalPart;
use crate::io::metadata;
use crate::io::netcdf::{Definition, NetcdfFile};
use crate::io::reader::TIME;
use crate::mesh::{Mesh, Plane, Terrain, Tile};
use crate::real::Real;
use crate::state::diagnostics::Diagnostic;
use crate::state::{Location, Variable};
use std::ops::Range;

/// The cells of a slice.
pub struct Shape {
    pub precision: Precision,
    /// Columns along x and y of the domain.
    pub x: Range<usize>,
    pub y: Range<usize>,
    /// Where a horizontal section lies.
    level: Option<Level>,
    nz: usize,
    has_terrain: bool,
    /// The pieces of this rank's tiles that lie in the slice.
    pieces: Vec<Piece>,
    part: LocalPart,
}

/// The columns of a local tile that lie in a slice: first column and extent in the tile.
struct Piece {
    tile: usize,
    first: [usize; 2],
    /// The same column in the domain, and the columns of the slice along x and y.
    origin: [usize; 2],
    extent: [usize; 2],
    /// Columns of a whole row of the tile.
    row: usize,
}

impl Piece {
    /// First column in the domain, and extent, along x and y.
    fn columns(&self) -> [[usize; 2]; 2] {
        [self.origin, self.extent]
    }
}

impl Shape {
    pub fn new(precision: Precision, cut: &Cut, mesh: &Mesh, plane: &Plane) -> Shape {
        let (x, y) = columns_of(cut, plane);
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
                origin: [along_x.start, along_y.start],
                extent: [along_x.len(), along_y.len()],
                row: tile.ni,
            });
            let (i0, j0) = (along_x.start - x.start, along_y.start - y.start);
            tiles.push(Tile { i0, j0, ni: along_x.len(), nj: along_y.len(), ..tile.clone() });
        }
        let nz = mesh.vertical.nz();
        let level = match cut {
            Cut::Z(z) => Some(Level::new(*z, mesh, pieces.iter().map(Piece::columns))),
            _ => None,
        };
        let has_terrain = mesh.terrain.is_some();
        Shape { precision, x, y, level, nz, has_terrain, pieces, part: LocalPart::of_tiles(tiles, nz, false) }
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
    pub fn values(&self, variable: &Variable) -> usize {
        self.lengths(variable).iter().product()
    }

    pub fn define(&self, file: &mut NetcdfFile, variable: &Variable, compression: u8) -> Result<()> {
        let mut dimensions = vec![TIME];
        dimensions.extend(metadata::level_dimension(self.location(variable)));
        dimensions.extend(["y", "x"]);
        let height = self.level.as_ref().and_then(|level| level.height(variable.location));
        let height = height.map(|height| format!("{height} m"));
        let long_name = match &height {
            Some(height) => format!("{} at a height of {height}", variable.long_name),
            None => variable.long_name.clone(),
        };
        let mut attributes = vec![("units", variable.unit), ("long_name", long_name.as_str())];
        attributes.extend(variable.standard_name.map(|name| ("standard_name", name)));
        if self.has_terrain {
            attributes.extend(metadata::height_attributes(self.location(variable)));
        }
        file.define_variable(&Definition {
            name: &variable.name,
            dimensions: &dimensions,
            precision: self.precision,
            compression,
            attributes: &attributes,
        })?;
        // Below the ground.
        let is_missing = self.has_terrain && height.is_some();
        if is_missing { file.mark_missing(&variable.name) } else { Ok(()) }
    }

    /// The heights of the ground and, of all but a horizontal section, of the cells.
    pub fn define_terrain(&self, file: &mut NetcdfFile, terrain: &Terrain) -> Result<()> {
        let column = |piece: usize, i: usize, j: usize| {
            let [i0, j0] = self.pieces[piece].origin;
            [i0 + i, j0 + j]
        };
        let all = [Location::Surface, Location::Centre, Location::Interface];
        let locations = if self.level.is_some() { &all[..1] } else { &all };
        metadata::define_terrain(file, terrain, &self.part, locations, column)
    }

    /// Refuses to continue a file of another place or with other variables.
    pub fn check(&self, file: &NetcdfFile, diagnostics: &[Diagnostic]) -> Result<()> {
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
    pub fn write(
        &self,
        file: &NetcdfFile,
        record: usize,
        diagnostic: &Diagnostic,
        row: Row<'_>,
    ) -> Result<()> {
        match self.precision {
            Precision::Double => self.write_as::<f64>(file, record, diagnostic, row),
            Precision::Single => self.write_as::<f32>(file, record, diagnostic, row),
        }
    }

    fn write_as<T: Real>(
        &self,
        file: &NetcdfFile,
        record: usize,
        diagnostic: &Diagnostic,
        row: Row<'_>,
    ) -> Result<()> {
        let variable = &diagnostic.variable;
        let location = self.location(variable);
        let values = self.part.gather::<T>(location, |scratch, piece, k, j, out| {
            let Piece { tile, first: [i0, j0], row: length, .. } = self.pieces[piece];
            scratch.resize(length + out.len(), 0.0);
            let (whole, found) = scratch.split_at_mut(length);
            let mut of_level = |k: usize, take: &mut dyn FnMut(&[f64])| {
                row(diagnostic, tile, k, j0 + j, whole);
                take(&whole[i0..i0 + out.len()]);
            };
            match &self.level {
                None => of_level(k, &mut |values| found.copy_from_slice(values)),
                Some(level) => level.row(variable.location, [piece, j], found, of_level),
            }
            out.iter_mut().zip(found).for_each(|(out, value)| *out = T::of(*value));
        });
        file.write_part(&variable.name, Some(record), &self.part, location, &values)
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

/// What two ranges have in common.
fn common(a: &Range<usize>, b: Range<usize>) -> Range<usize> {
    a.start.max(b.start)..a.end.min(b.end)
}
