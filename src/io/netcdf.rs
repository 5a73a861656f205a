//! HDF5 files that every netCDF-4 tool opens, written by all ranks together or by one process.
//!
//! The file has one group. Dimensions are coordinate variables, made HDF5 dimension scales in the order
//! of their definition; the order of creation is tracked, and text attributes have fixed length.

use super::directory::on_root;
use super::hdf5_raw::{self as raw, H5Result, Mode, Selections};
use super::local_part::LocalPart;
use super::reader::{PANEL, TIME};
use super::undo;
use crate::comm::World;
use crate::config::Precision;
use crate::error::{Error, Result};
use crate::real::Real;
use crate::state::Location;
use hdf5::plist::dataset_create::{AllocTime, AttrCreationOrder, FillTime};
use hdf5::plist::file_access::LibraryVersion;
use hdf5::plist::file_create::LinkCreationOrder;
use hdf5::plist::{FileAccess, FileCreate};
use hdf5::{Dataset, Extent, PropertyList, SimpleExtents};
use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Values in a chunk at most: 4 MiB in single precision.
const CHUNK_VALUES: usize = 1 << 20;
/// Records of a series in a chunk.
pub(super) const CHUNK_RECORDS: usize = 512;

/// Name and text of attributes.
pub type Attributes<'a> = &'a [(&'a str, &'a str)];

/// A variable to define.
#[derive(Clone, Debug)]
pub struct Definition<'a> {
    pub name: &'a str,
    /// Names of defined dimensions, the slowest first.
    pub dimensions: &'a [&'a str],
    pub precision: Precision,
    /// Deflate level, 0 for none.
    pub compression: u8,
    pub attributes: Attributes<'a>,
}

/// A netCDF-4 file that is being written or read, by all ranks together or by one process.
pub struct NetcdfFile {
    // Datasets close before the file does: parallel HDF5 insists on it.
    datasets: Vec<(String, Dataset)>,
    file: hdf5::File,
    transfer: PropertyList,
    path: PathBuf,
    /// The ranks that share the file; `None` if it belongs to this process alone.
    world: Option<World>,
    /// Where the chunks of the variables lie, for a file that grows.
    chunks: Option<RefCell<Chunks>>,
}

/// The chunks of every dataset that were in the file when last looked, and the bytes that all of them take, by place.
#[derive(Default)]
struct Chunks {
    counts: Vec<usize>,
    bytes: Vec<Range<u64>>,
}

impl NetcdfFile {
    /// Creates a file, or empties an old one. With a `world` all ranks call this and every other
    /// method together.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: &Path, world: Option<&World>) -> Result<Self> {
        Self::open_as(path, Mode::Create, world)
    }

    /// Opens an existing file for growing or shrinking; a record that a killed run began is undone first.
    ///
    /// # Errors
    /// If the file is missing, damaged, or cannot be written.
    pub fn append(path: &Path, world: Option<&World>) -> Result<Self> {
        on_root_of(world, || undo::put_back(path))?;
        let mut file = Self::open_as(path, Mode::ReadWrite, world)?;
        file.chunks = Some(RefCell::default());
        Ok(file)
    }

    /// Opens an existing file for reading by all ranks together.
    ///
    /// # Errors
    /// If the file is missing or damaged.
    pub fn open(path: &Path, world: Option<&World>) -> Result<Self> {
        Self::open_as(path, Mode::Read, world)
    }

    fn open_as(path: &Path, mode: Mode, world: Option<&World>) -> Result<Self> {
        let attempt = || -> Result<Self> {
            let failed = |cause: hdf5::Error| Error::io(path, raw::reason(&cause));
            let mut access = FileAccess::build();
            // Not the 1.10 format: its files stay marked as being written when a run is killed, and
            // then nothing opens them any more.
            access.libver_bounds(LibraryVersion::V18, LibraryVersion::latest());
            let access = access.finish().map_err(failed)?;
            let mut creation = FileCreate::build();
            creation.link_creation_order(LinkCreationOrder::Indexed);
            creation.attr_creation_order(AttrCreationOrder::Indexed);
            let creation = creation.finish().map_err(failed)?;
            let transfer = raw::transfer_list().map_err(failed)?;
            // A rank by itself needs no MPI to write.
            if let Some(world) = world.filter(|world| world.size() > 1) {
                world.share_file_access(access.id())?;
                world.share_transfer(transfer.id())?;
            }
            let file = raw::open_file(path, mode, &creation, &access).map_err(failed)?;
            let (path, world) = (path.into(), world.cloned());
            Ok(NetcdfFile { datasets: Vec::new(), file, transfer, path, world, chunks: None })
        };
        let (outcome, opened) = match attempt() {
            Ok(opened) => (Ok(()), Some(opened)),
            Err(error) => (Err(error), None),
        };
        match world {
            Some(world) => world.agree(outcome)?,
            None => outcome?,
        }
        let mut opened = opened.expect("agreed to have opened it");
        if mode != Mode::Create {
            opened.reopen_datasets()?;
        }
        Ok(opened)
    }

    fn reopen_datasets(&mut self) -> Result<()> {
        let outcome = self.file.member_names().and_then(|names| {
            names.into_iter().map(|name| Ok((name.clone(), self.file.dataset(&name)?))).collect()
        });
        self.datasets = self.checked(outcome)?;
        Ok(())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sets a global text attribute; an empty text sets none.
    ///
    /// # Errors
    /// If HDF5 cannot write it.
    pub fn set_attribute(&self, name: &str, text: &str) -> Result<()> {
        self.checked(raw::set_text(&self.file, name, text))
    }

    /// The text of a global attribute written by [`NetcdfFile::set_attribute`].
    ///
    /// # Errors
    /// If there is no such attribute.
    pub fn attribute(&self, name: &str) -> Result<String> {
        self.checked(self.file.attr(name).and_then(|attribute| raw::read_fixed_text(&attribute)))
    }

    /// Sets a global attribute that is a number.
    ///
    /// # Errors
    /// If HDF5 cannot write it.
    pub fn set_number(&self, name: &str, number: f64) -> Result<()> {
        self.checked(raw::set_number(&self.file, name, number))
    }

    /// Sets a text attribute of a variable.
    ///
    /// # Errors
    /// If there is no such variable or HDF5 cannot write it.
    pub fn set_variable_attribute(&self, variable: &str, name: &str, text: &str) -> Result<()> {
        self.checked(raw::set_text(self.dataset(variable)?, name, text))
    }

    /// The text of a variable's attribute.
    ///
    /// # Errors
    /// If there is no such variable or attribute.
    pub fn variable_attribute(&self, variable: &str, name: &str) -> Result<String> {
        let dataset = self.dataset(variable)?;
        self.checked(dataset.attr(name).and_then(|attribute| raw::read_fixed_text(&attribute)))
    }

    /// Defines the record dimension `time` with its coordinate: `records` long, and able to grow if
    /// `unlimited`.
    ///
    /// # Errors
    /// If HDF5 cannot create it.
    pub fn define_time(&mut self, records: usize, unlimited: bool, attributes: Attributes) -> Result<()> {
        let extent = Extent { dim: records, max: if unlimited { None } else { Some(records) } };
        let chunk = unlimited.then(|| vec![CHUNK_RECORDS]);
        self.define_dataset::<f64>(TIME, vec![extent], chunk, 0, attributes)?;
        self.checked(raw::set_scale(self.dataset(TIME)?, TIME))
    }

    /// Defines a dimension with its coordinate values.
    ///
    /// # Errors
    /// If HDF5 cannot create or write it.
    pub fn define_dimension(&mut self, name: &str, values: &[f64], attributes: Attributes) -> Result<()> {
        self.define_dataset::<f64>(name, vec![Extent::fixed(values.len())], None, 0, attributes)?;
        self.checked(raw::set_scale(self.dataset(name)?, name))?;
        self.write_box(name, vec![0], vec![values.len()], values)
    }

    /// Defines a variable over defined dimensions. It is stored contiguously where nothing speaks for
    /// chunks.
    ///
    /// # Errors
    /// If a dimension is unknown or HDF5 cannot create it.
    pub fn define_variable(&mut self, definition: &Definition) -> Result<()> {
        self.define_with(definition, |_, length| length)
    }

    /// As [`NetcdfFile::define_variable`], with chunks of one level, for variables over (.., y, x) that are
    /// written level by level.
    ///
    /// # Errors
    /// As there.
    pub fn define_by_level(&mut self, definition: &Definition) -> Result<()> {
        let horizontal = definition.dimensions.len().saturating_sub(2);
        self.define_with(definition, |index, length| if index < horizontal { 1 } else { length })
    }

    /// Says that values of a variable which are not numbers are missing.
    ///
    /// # Errors
    /// If there is no such variable or HDF5 cannot write it.
    pub fn mark_missing(&self, variable: &str) -> Result<()> {
        let dataset = self.dataset(variable)?;
        self.checked(match self.precision(variable)? {
            Precision::Single => raw::mark_missing::<f32>(dataset),
            Precision::Double => raw::mark_missing::<f64>(dataset),
        })
    }

    /// Defines a variable in chunks no longer than `longest(dimension, its length)`.
    fn define_with(
        &mut self,
        definition: &Definition,
        longest: impl Fn(usize, usize) -> usize,
    ) -> Result<()> {
        let Definition { name, dimensions, precision, compression, attributes } = *definition;
        let mut extents = Vec::new();
        for dimension in dimensions {
            let space = self.checked(self.dataset(dimension)?.space())?;
            extents.push(Extent { dim: space.shape()[0], max: space.maxdims()[0] });
        }
        let growing = extents.iter().any(Extent::is_unlimited);
        let panel = dimensions.iter().position(|name| *name == PANEL);
        let piece = |(index, extent): (usize, &Extent)| Extent { dim: longest(index, extent.dim), ..*extent };
        let pieces: Vec<Extent> = extents.iter().enumerate().map(piece).collect();
        let chunk = (growing || compression > 0).then(|| chunk_shape(&pieces, panel));
        match precision {
            Precision::Single => self.define_dataset::<f32>(name, extents, chunk, compression, attributes)?,
            Precision::Double => self.define_dataset::<f64>(name, extents, chunk, compression, attributes)?,
        }
        for (index, dimension) in dimensions.iter().enumerate() {
            let outcome = raw::attach_scale(self.dataset(name)?, self.dataset(dimension)?, index);
            self.checked(outcome)?;
        }
        Ok(())
    }

    fn define_dataset<T: Real>(
        &mut self,
        name: &str,
        extents: Vec<Extent>,
        chunk: Option<Vec<usize>>,
        compression: u8,
        attributes: Attributes,
    ) -> Result<()> {
        let growing = extents.iter().any(Extent::is_unlimited);
        let create = || -> H5Result<Dataset> {
            let builder = self.file.new_dataset_builder().with_dcpl(|list| {
                list.attr_creation_order(AttrCreationOrder::Indexed);
                list.obj_track_times(false).fill_time(FillTime::IfSet);
                if compression > 0 {
                    list.shuffle().deflate(compression);
                }
                if growing {
                    // Space for a new record at once: by itself HDF5 does so only in files that several
                    // ranks create, and then these cannot continue the file of one rank.
                    list.alloc_time(Some(AllocTime::Early));
                    // All of it is written; several ranks would first fill it with zeros.
                    list.fill_time(FillTime::Never);
                }
                list
            });
            let builder = builder.empty::<T>().shape(SimpleExtents::from_vec(extents));
            let builder = match chunk {
                Some(chunk) => builder.chunk(chunk),
                None => builder.no_chunk(),
            };
            let dataset = builder.create(name)?;
            for (attribute, text) in attributes {
                raw::set_text(&dataset, attribute, text)?;
            }
            Ok(dataset)
        };
        let dataset = self.checked(create())?;
        self.datasets.push((name.into(), dataset));
        Ok(())
    }

    /// Lengths of the dimensions of a variable.
    ///
    /// # Errors
    /// If there is no such variable.
    pub fn shape(&self, name: &str) -> Result<Vec<usize>> {
        Ok(self.dataset(name)?.shape())
    }

    /// The precision in which a variable is stored.
    ///
    /// # Errors
    /// If there is no such variable, or it holds no floating-point numbers.
    pub fn precision(&self, name: &str) -> Result<Precision> {
        let kind = self.checked(self.dataset(name)?.dtype())?;
        if kind.is::<f32>() {
            Ok(Precision::Single)
        } else if kind.is::<f64>() {
            Ok(Precision::Double)
        } else {
            Err(Error::io(&self.path, format!("variable `{name}` holds no floating-point numbers")))
        }
    }

    /// The values of a small variable in double precision, on every rank.
    ///
    /// # Errors
    /// If there is no such variable, or it cannot be read.
    pub fn read_values(&self, name: &str) -> Result<Vec<f64>> {
        self.checked(self.dataset(name)?.read_raw::<f64>())
    }

    /// Makes every variable that depends on time `records` long along it. Should the run be killed before the next
    /// [`NetcdfFile::flush`], the file can be put back.
    ///
    /// # Errors
    /// If HDF5 cannot extend or shorten one, for instance because the disk is full.
    pub fn set_records(&self, records: usize) -> Result<()> {
        self.keep_structure()?;
        let resize = |dataset: &Dataset| -> H5Result<()> {
            let resizable = dataset.space()?.maxdims().first() == Some(&None);
            if !resizable {
                return Ok(());
            }
            let mut shape = dataset.shape();
            shape[0] = records;
            raw::set_extent(dataset, &shape)
        };
        self.agreed(self.datasets.iter().try_for_each(|(_, dataset)| resize(dataset)))
    }

    /// Writes a box of a variable from rank 0's values, which must have the type of the variable.
    ///
    /// # Errors
    /// If HDF5 cannot write, for instance because the disk is full.
    pub fn write_box<T: Real>(
        &self,
        name: &str,
        start: Vec<usize>,
        count: Vec<usize>,
        values: &[T],
    ) -> Result<()> {
        let writes = self.world.as_ref().is_none_or(|world| world.is_root());
        let selections = if writes { Selections::one_box(start, count) } else { Selections::nothing() };
        self.agreed(raw::write(self.dataset(name)?, &selections, values, &self.transfer))
    }

    /// The values of a box of a variable of double precision, on the rank that asks.
    ///
    /// # Errors
    /// If there is no such variable, or it cannot be read.
    pub fn read_box(&self, name: &str, start: Vec<usize>, count: Vec<usize>) -> Result<Vec<f64>> {
        let mut values = vec![0.0; count.iter().product()];
        let selections = Selections::one_box(start, count);
        self.checked(raw::read(self.dataset(name)?, &selections, &mut values, &self.transfer))?;
        Ok(values)
    }

    /// Writes what is selected of a variable, every rank its own, in one call; values have the type of the variable.
    ///
    /// # Errors
    /// If HDF5 cannot write, for instance because the disk is full.
    pub(super) fn write_selected<T: Real>(
        &self,
        name: &str,
        selections: &Selections,
        values: &[T],
    ) -> Result<()> {
        self.agreed(raw::write(self.dataset(name)?, selections, values, &self.transfer))
    }

    /// Writes this rank's part of a variable, every rank its own, in one call.
    /// `values` lie over the bounding box of the part and have the type of the variable.
    ///
    /// # Errors
    /// If HDF5 cannot write, for instance because the disk is full.
    pub fn write_part<T: Real>(
        &self,
        name: &str,
        record: Option<usize>,
        part: &LocalPart,
        location: Location,
        values: &[T],
    ) -> Result<()> {
        self.write_selected(name, &part.selections(record, location), values)
    }

    /// Reads this rank's part of a variable without time, over the bounding box of the part; cells of
    /// the box that belong to other ranks are 0.
    ///
    /// # Errors
    /// If there is no such variable, or it cannot be read.
    pub fn read_part<T: Real>(&self, name: &str, part: &LocalPart, location: Location) -> Result<Vec<T>> {
        let mut values = vec![T::ZERO; part.len(location)];
        let selections = part.selections(None, location);
        self.agreed(raw::read(self.dataset(name)?, &selections, &mut values, &self.transfer))?;
        Ok(values)
    }

    /// Copies what a killed run might leave half written.
    fn keep_structure(&self) -> Result<()> {
        let Some(chunks) = &self.chunks else { return Ok(()) };
        let mut chunks = chunks.borrow_mut();
        self.checked(chunks.look(self.datasets.iter().map(|(_, dataset)| dataset)))?;
        on_root_of(self.world.as_ref(), || undo::keep(&self.path, &chunks.bytes))
    }

    /// Says that the file is as it should be.
    fn forget_structure(&self) -> Result<()> {
        if self.chunks.is_none() {
            return Ok(());
        }
        on_root_of(self.world.as_ref(), || undo::forget(&self.path))
    }

    /// Hands everything to the operating system, so that the file is complete even if the run is killed.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn flush(&self) -> Result<()> {
        self.agreed(self.file.flush())?;
        self.forget_structure()
    }

    /// Waits until all that was handed over is on the disk.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn sync(&self) -> Result<()> {
        on_root_of(self.world.as_ref(), || {
            let synced = std::fs::File::open(&self.path).and_then(|file| file.sync_all());
            synced.map_err(|cause| Error::io(&self.path, cause))
        })
    }

    /// Flushes and closes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn close(self) -> Result<()> {
        self.flush()?;
        self.keep_structure()?;
        let NetcdfFile { datasets, file, path, world, chunks, .. } = self;
        drop(datasets);
        agree(world.as_ref(), file.close().map_err(|cause| Error::io(&path, raw::reason(&cause))))?;
        on_root_of(world.as_ref(), || if chunks.is_some() { undo::forget(&path) } else { Ok(()) })
    }

    fn dataset(&self, name: &str) -> Result<&Dataset> {
        let found = self.datasets.iter().find(|(own, _)| own == name);
        found
            .map(|(_, dataset)| dataset)
            .ok_or_else(|| Error::io(&self.path, format!("there is no variable `{name}`")))
    }

    /// An outcome that should be the same on all ranks, with the path added. Should a rank fail alone, it says so
    /// where the others next agree, and does not leave them waiting in a collective call.
    fn checked<T>(&self, outcome: H5Result<T>) -> Result<T> {
        let outcome = outcome.map_err(|cause| Error::io(&self.path, raw::reason(&cause)));
        outcome.map_err(|error| match agree(self.world.as_ref(), Err(error)) {
            Err(agreed) => agreed,
            Ok(()) => Error::Internal("ranks agreed that nothing failed where one did".into()),
        })
    }

    /// An outcome that may differ between ranks: the first failure becomes everybody's.
    fn agreed(&self, outcome: H5Result<()>) -> Result<()> {
        let outcome = outcome.map_err(|cause| Error::io(&self.path, raw::reason(&cause)));
        agree(self.world.as_ref(), outcome)
    }
}

impl Chunks {
    /// Looks for chunks that came since the last time. Those of a new record come last in every dataset; where a
    /// dataset was shortened all are looked up.
    fn look<'a>(&mut self, datasets: impl Iterator<Item = &'a Dataset>) -> H5Result<()> {
        let chunked: Vec<&Dataset> = datasets.filter(|dataset| dataset.is_chunked()).collect();
        let counts: Vec<usize> =
            chunked.iter().map(|dataset| dataset.num_chunks().unwrap_or_default()).collect();
        if counts.len() != self.counts.len() || counts.iter().zip(&self.counts).any(|(new, old)| new < old) {
            *self = Chunks { counts: vec![0; counts.len()], bytes: Vec::new() };
        }
        for (dataset, (&new, old)) in chunked.iter().zip(counts.iter().zip(&mut self.counts)) {
            for index in *old..new {
                let chunk = dataset.chunk_info(index).ok_or("the place of a chunk is not known")?;
                self.bytes.push(chunk.addr..chunk.addr + chunk.size);
            }
            *old = new;
        }
        self.bytes.sort_unstable_by_key(|bytes| bytes.start);
        Ok(())
    }
}

/// Does something on rank 0, or on the process that has the file alone; a failure becomes everybody's.
fn on_root_of(world: Option<&World>, action: impl FnOnce() -> Result<()>) -> Result<()> {
    match world {
        Some(world) => on_root(&**world, action),
        None => action(),
    }
}

fn agree(world: Option<&World>, outcome: Result<()>) -> Result<()> {
    match world {
        Some(world) => world.agree(outcome),
        None => outcome,
    }
}

/// Chunks of one record and at most [`CHUNK_VALUES`] values: whole fields if they are small, else cut along the slowest
/// dimension that is left, so that a chunk is one piece of the array in memory; panels (`panel` says which dimension
/// that is) are not halved. They depend on the grid alone, never on tiles or ranks.
fn chunk_shape(extents: &[Extent], panel: Option<usize>) -> Vec<usize> {
    let mut chunk: Vec<usize> = extents.iter().map(|extent| extent.dim.max(1)).collect();
    let growing = extents.first().is_some_and(Extent::is_unlimited);
    if growing {
        chunk[0] = if chunk.len() == 1 { CHUNK_RECORDS } else { 1 };
    }
    for axis in usize::from(growing).min(chunk.len() - 1)..chunk.len() {
        while chunk.iter().product::<usize>() > CHUNK_VALUES && chunk[axis] > 1 {
            chunk[axis] = if panel == Some(axis) { 1 } else { chunk[axis].div_ceil(2) };
        }
    }
    chunk
}

/// The chunks of a growing variable over (panel, level, y, x), with the dimension of time in front.
pub(super) fn chunk_of_record(lengths: [usize; 4]) -> [usize; 5] {
    let mut extents = vec![Extent::resizable(0)];
    extents.extend(lengths.iter().map(|&length| Extent::fixed(length)));
    chunk_shape(&extents, Some(1)).try_into().expect("as many as there are dimensions")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_hold_one_record_and_are_not_too_large() {
        let shape = |lengths: &[usize]| {
            let mut extents = vec![Extent::resizable(0)];
            extents.extend(lengths.iter().map(|&length| Extent::fixed(length)));
            chunk_shape(&extents, (lengths.len() == 4).then_some(1))
        };
        assert_eq!(shape(&[64, 1, 512]), [1, 64, 1, 512]);
        assert_eq!(shape(&[100, 1024, 1024]), [1, 1, 1024, 1024]);
        assert_eq!(shape(&[60, 256, 256]), [1, 15, 256, 256]);
        assert_eq!(shape(&[100, 4096, 2048]), [1, 1, 512, 2048]);
        assert_eq!(shape(&[6, 10, 48, 48]), [1, 6, 10, 48, 48]);
        assert_eq!(shape(&[6, 30, 96, 96]), [1, 1, 30, 96, 96]);
        assert_eq!(shape(&[6, 30, 256, 256]), [1, 1, 15, 256, 256]);
        assert_eq!(chunk_of_record([1, 60, 256, 256])[1..], [1, 15, 256, 256]);
        assert_eq!(shape(&[]), [CHUNK_RECORDS]);
        assert!(shape(&[100_000, 64, 64]).iter().product::<usize>() <= CHUNK_VALUES);
    }
}
