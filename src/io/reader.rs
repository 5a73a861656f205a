//! Reading gale's files, or any netCDF-4 file without groups: for `info`, `compare` and `plot`.
//!
//! ```no_run
//! # fn main() -> gale::error::Result<()> {
//! let file = gale::io::reader::File::open("run/snapshots.h5".as_ref())?;
//! let heights = file.read("z")?;
//! let last = file.times()?.len() - 1;
//! let theta = file.read_record("theta_perturbation", last)?;
//! assert_eq!(theta.shape()[0], heights.len());
//! # Ok(())
//! # }
//! ```

use super::{hdf5_raw as raw, undo};
use crate::error::{Error, Result};
use crate::real::Real;
use hdf5::types::{TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5::{Dataset, Hyperslab, IndexType, IterationOrder, Location, LocationType, Selection, SliceOrIndex};
use ndarray::ArrayD;
use std::path::{Path, PathBuf};

/// Name of the record dimension in gale's files.
pub const TIME: &str = "time";

/// Name of the dimension of the panels in files of the sphere.
pub const PANEL: &str = "panel";

/// How netCDF-4 names a dimension that has no coordinate.
const BARE_DIMENSION: &str = "This is a netCDF dimension but not a netCDF variable";

/// A variable of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableInfo {
    pub name: String,
    /// Name and length of every dimension, the slowest first.
    pub dimensions: Vec<(String, usize)>,
    /// Unit in UDUNITS notation; empty if the file gives none.
    pub unit: String,
    /// Description; empty if the file gives none.
    pub long_name: String,
    /// Type of the values in the file.
    pub kind: ValueKind,
}

/// Type of a variable's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Single,
    Double,
    /// Whole numbers of any width.
    Integer,
    /// Text and everything else that is no number.
    Other,
}

impl VariableInfo {
    /// Whether the first dimension is time.
    pub fn has_time(&self) -> bool {
        self.dimensions.first().is_some_and(|(name, _)| name == TIME)
    }

    /// Whether it is the coordinate along the dimension of its own name.
    pub fn is_coordinate(&self) -> bool {
        matches!(&self.dimensions[..], [(dimension, _)] if *dimension == self.name)
    }

    /// Lengths of the dimensions.
    pub fn shape(&self) -> Vec<usize> {
        self.dimensions.iter().map(|(_, length)| *length).collect()
    }
}

/// A file opened for reading by this process alone.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    file: hdf5::File,
    variables: Vec<VariableInfo>,
}

impl File {
    /// Opens a file and lists its variables.
    ///
    /// # Errors
    /// If the file is missing, damaged, in use by a writer that locked it, or no HDF5 file.
    pub fn open(path: &Path) -> Result<File> {
        // The operating system's reason is clearer than HDF5's.
        std::fs::File::open(path).map_err(|cause| Error::io(path, cause))?;
        let file = hdf5::File::open(path).map_err(|cause| unreadable(path, &cause))?;
        let mut opened = File { path: path.to_owned(), file, variables: Vec::new() };
        opened.variables = opened.list().map_err(|cause| unreadable(path, &cause))?;
        Ok(opened)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The variables, coordinates included, in the order in which they were defined.
    pub fn variables(&self) -> &[VariableInfo] {
        &self.variables
    }

    /// The variable of that name.
    ///
    /// # Errors
    /// If there is none; the message lists those that there are.
    pub fn variable(&self, name: &str) -> Result<&VariableInfo> {
        self.variables.iter().find(|variable| variable.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.variables.iter().map(|variable| variable.name.as_str()).collect();
            let message = format!("there is no variable `{name}`; there are {}", names.join(", "));
            Error::io(&self.path, message)
        })
    }

    /// All values of a variable, widened to double precision.
    ///
    /// # Errors
    /// If there is no such variable, or it cannot be read.
    pub fn read(&self, name: &str) -> Result<ArrayD<f64>> {
        self.values(name, None)
    }

    /// The values of a variable at one index of its first dimension, which must be time and is dropped.
    ///
    /// # Errors
    /// If there is no such variable or record, or it cannot be read.
    pub fn read_record(&self, name: &str, time_index: usize) -> Result<ArrayD<f64>> {
        self.values(name, Some(time_index))
    }

    /// The values of the time coordinate; none if the file has no time.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn times(&self) -> Result<Vec<f64>> {
        if self.variables.iter().all(|variable| variable.name != TIME) {
            return Ok(Vec::new());
        }
        Ok(self.read(TIME)?.into_iter().collect())
    }

    /// The global attribute of that name, as text.
    pub fn attribute(&self, name: &str) -> Option<String> {
        text_attribute(&self.file, name)
    }

    /// The attribute of a variable, as text.
    pub fn variable_attribute(&self, variable: &str, name: &str) -> Option<String> {
        let dataset = self.dataset(variable).ok()?;
        text_attribute(&dataset, name)
    }

    /// The values of a variable, all of them or those of one record, converted to `T`.
    ///
    /// # Errors
    /// If there is no such variable or record, or it cannot be read.
    pub fn values<T: Real>(&self, name: &str, record: Option<usize>) -> Result<ArrayD<T>> {
        let variable = self.variable(name)?;
        let dataset = self.dataset(name)?;
        let Some(record) = record else {
            return dataset.read_dyn::<T>().map_err(|cause| self.failed(name, cause));
        };
        if !variable.has_time() {
            return Err(Error::io(&self.path, format!("`{name}` does not depend on time")));
        }
        let records = variable.dimensions[0].1;
        if record >= records {
            let message = format!("`{name}` has no time {record}: there are {records}, counted from 0");
            return Err(Error::io(&self.path, message));
        }
        let mut slices = vec![SliceOrIndex::Index(record)];
        slices.extend((1..variable.dimensions.len()).map(|_| SliceOrIndex::from(..)));
        dataset
            .read_slice::<T, _, ndarray::IxDyn>(Selection::Hyperslab(Hyperslab::new(slices)))
            .map_err(|cause| self.failed(name, cause))
    }

    fn dataset(&self, name: &str) -> Result<Dataset> {
        self.file.dataset(name).map_err(|cause| self.failed(name, cause))
    }

    fn failed(&self, name: &str, cause: hdf5::Error) -> Error {
        Error::io(&self.path, format!("variable `{name}`: {}", raw::reason(&cause)))
    }

    /// Looks at every dataset of the file.
    fn list(&self) -> raw::H5Result<Vec<VariableInfo>> {
        // Files that do not track the order of creation list by name.
        let by_creation = self.file.member_names_by(IndexType::CreationOrder, IterationOrder::Increasing);
        let names = by_creation.or_else(|_| self.file.member_names())?;
        let mut variables = Vec::new();
        for name in names {
            let is_dataset = self.file.loc_type_by_name(&name)? == LocationType::Dataset;
            if !is_dataset || name.starts_with(BARE_DIMENSION) {
                continue;
            }
            let dataset = self.file.dataset(&name)?;
            let is_scale = raw::is_scale(&dataset)?;
            let mut dimensions = Vec::new();
            for (index, length) in dataset.shape().into_iter().enumerate() {
                let scale = if is_scale { Some(name.clone()) } else { raw::scale_of(&dataset, index)? };
                dimensions.push((scale.unwrap_or_else(|| format!("dimension_{index}")), length));
            }
            let text = |attribute| text_attribute(&dataset, attribute).unwrap_or_default();
            let kind = match dataset.dtype()?.to_descriptor() {
                Ok(TypeDescriptor::Float(size)) if size as usize == 4 => ValueKind::Single,
                Ok(TypeDescriptor::Float(_)) => ValueKind::Double,
                Ok(TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_)) => ValueKind::Integer,
                _ => ValueKind::Other,
            };
            let (unit, long_name) = (text("units"), text("long_name"));
            variables.push(VariableInfo { name, dimensions, unit, long_name, kind });
        }
        Ok(variables)
    }
}

/// Why HDF5 could not open a file, with a hint where there is one.
fn unreadable(path: &Path, cause: &hdf5::Error) -> Error {
    let reason = raw::reason(cause);
    let hint = if undo::path_of(path).exists() {
        " (a run is writing this file, or was killed while it did so: resuming that run puts the file right)"
    } else if reason.contains("unable to lock") {
        " (a running model may be writing it; if not, HDF5_USE_FILE_LOCKING=FALSE opens files \
         where locks do not work)"
    } else if reason.contains("signature") {
        " (no HDF5 file, and so none of gale)"
    } else {
        ""
    };
    Error::io(path, format!("{reason}{hint}"))
}

/// An attribute as text: strings as they are, numbers separated by commas.
fn text_attribute(object: &Location, name: &str) -> Option<String> {
    if !raw::has_attribute(object, name).ok()? {
        return None;
    }
    let attribute = object.attr(name).ok()?;
    match attribute.dtype().ok()?.to_descriptor().ok()? {
        TypeDescriptor::FixedAscii(_) | TypeDescriptor::FixedUnicode(_) => {
            raw::read_fixed_text(&attribute).ok()
        }
        TypeDescriptor::VarLenUnicode => {
            attribute.read_scalar::<VarLenUnicode>().ok().map(|text| text.to_string())
        }
        TypeDescriptor::VarLenAscii => {
            attribute.read_scalar::<VarLenAscii>().ok().map(|text| text.to_string())
        }
        _ => {
            let values = attribute.read_raw::<f64>().ok()?;
            Some(values.iter().map(f64::to_string).collect::<Vec<_>>().join(", "))
        }
    }
}
