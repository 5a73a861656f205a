//! The few HDF5 calls that the safe `hdf5` crate does not offer, each behind a safe function.
//!
//! Every call runs inside `hdf5::sync::sync`, which holds the library's lock and keeps HDF5 from
//! printing errors by itself; a failure comes back with the reason from HDF5's error stack.

use hdf5::types::TypeDescriptor;
use hdf5::{Attribute, Dataset, Dataspace, Datatype, H5Type, Location, PropertyList, from_id, h5check};
use hdf5_sys::h5::hsize_t;
use hdf5_sys::h5a::{H5Acreate2, H5Adelete, H5Aexists, H5Aread, H5Awrite};
use hdf5_sys::h5d::{H5Dread, H5Dset_extent, H5Dwrite};
use hdf5_sys::h5f::{H5F_ACC_RDONLY, H5F_ACC_RDWR, H5F_ACC_TRUNC, H5Fcreate, H5Fopen};
use hdf5_sys::h5i::{H5Iget_name, hid_t};
use hdf5_sys::h5p::{H5P_CLS_DATASET_XFER, H5P_DEFAULT, H5Pcreate};
use hdf5_sys::h5s::{
    H5S_SELECT_OR, H5S_SELECT_SET, H5S_class_t, H5Screate, H5Screate_simple, H5Sselect_hyperslab,
    H5Sselect_none,
};
use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};

/// The outcome of an HDF5 call.
pub type H5Result<T> = hdf5::Result<T>;

// The dimension-scale part of HDF5's high-level library, which netCDF-4 builds on.
unsafe extern "C" {
    fn H5DSis_scale(dataset: hid_t) -> c_int;
    fn H5DSset_scale(dataset: hid_t, name: *const c_char) -> c_int;
    fn H5DSattach_scale(dataset: hid_t, scale: hid_t, dimension: c_uint) -> c_int;
    fn H5DSiterate_scales(
        dataset: hid_t,
        dimension: c_uint,
        index: *mut c_int,
        visitor: Option<unsafe extern "C" fn(hid_t, c_uint, hid_t, *mut c_void) -> c_int>,
        data: *mut c_void,
    ) -> c_int;
}

/// A name without inner zero bytes, as C wants it.
fn c_name(name: &str) -> H5Result<CString> {
    CString::new(name).map_err(|_| format!("the name {name:?} contains a zero byte").into())
}

/// HDF5's reason in one line, with the operating system's reason in place of the details of the failed call.
pub fn reason(cause: &hdf5::Error) -> String {
    let text = cause.to_string();
    let system = text.split_once("error message = '").and_then(|(_, rest)| rest.split_once('\''));
    let short = match (system, text.split_once(": time =").or_else(|| text.split_once(": name ="))) {
        (Some((system, _)), Some((what, _))) => format!("{what}: {system}"),
        _ => text,
    };
    short.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A new file, or an emptied old one.
    Create,
    Read,
    ReadWrite,
}

/// Opens a file with the given creation and access property lists.
pub fn open_file(
    path: &Path,
    mode: Mode,
    creation: &PropertyList,
    access: &PropertyList,
) -> H5Result<hdf5::File> {
    let name = c_name(path.to_str().ok_or_else(|| format!("the path {path:?} is not valid UTF-8"))?)?;
    // SAFETY: the name ends with a zero, both lists are alive, and the new identifier is owned by the
    // returned file alone.
    hdf5::sync::sync(|| unsafe {
        from_id(h5check(match mode {
            Mode::Create => H5Fcreate(name.as_ptr(), H5F_ACC_TRUNC, creation.id(), access.id()),
            Mode::Read => H5Fopen(name.as_ptr(), H5F_ACC_RDONLY, access.id()),
            Mode::ReadWrite => H5Fopen(name.as_ptr(), H5F_ACC_RDWR, access.id()),
        })?)
    })
}

/// Sets a text attribute, a scalar string of fixed length as netCDF writes them; an old one of that
/// name is replaced. HDF5 has no strings of length 0: an empty text sets nothing.
pub fn set_text(object: &Location, name: &str, text: &str) -> H5Result<()> {
    let c_attribute = c_name(name)?;
    if has_attribute(object, name)? {
        // SAFETY: the object is alive and the name ends with a zero.
        hdf5::sync::sync(|| h5check(unsafe { H5Adelete(object.id(), c_attribute.as_ptr()) }))?;
    }
    if text.is_empty() {
        return Ok(());
    }
    let length = text.len();
    let kind = Datatype::from_descriptor(&if text.is_ascii() {
        TypeDescriptor::FixedAscii(length)
    } else {
        TypeDescriptor::FixedUnicode(length)
    })?;
    // SAFETY: all identifiers are alive, the new ones are owned by the handles made from them, and the
    // text is exactly as long as its type says.
    hdf5::sync::sync(|| unsafe {
        let scalar: Dataspace = from_id(h5check(H5Screate(H5S_class_t::H5S_SCALAR))?)?;
        let attribute: Attribute = from_id(h5check(H5Acreate2(
            object.id(),
            c_attribute.as_ptr(),
            kind.id(),
            scalar.id(),
            H5P_DEFAULT,
            H5P_DEFAULT,
        ))?)?;
        h5check(H5Awrite(attribute.id(), kind.id(), text.as_ptr().cast()))?;
        Ok(())
    })
}

/// Sets an attribute that is one number.
pub fn set_number(object: &Location, name: &str, number: f64) -> H5Result<()> {
    object.new_attr::<f64>().shape(1).create(name)?.write(&[number])
}

/// Says that values of a dataset which are not numbers are missing; the attribute has the dataset's type, as
/// netCDF wants it.
pub fn mark_missing<T: crate::real::Real>(dataset: &Dataset) -> H5Result<()> {
    dataset.new_attr::<T>().shape(1).create("_FillValue")?.write(&[T::of(f64::NAN)])
}

/// Makes a one-dimensional dataset the dimension scale `name`.
pub fn set_scale(dataset: &Dataset, name: &str) -> H5Result<()> {
    let name = c_name(name)?;
    // SAFETY: the dataset is alive and the name ends with a zero.
    hdf5::sync::sync(|| h5check(unsafe { H5DSset_scale(dataset.id(), name.as_ptr()) }))?;
    Ok(())
}

/// Attaches a scale to a dimension of a dataset.
pub fn attach_scale(dataset: &Dataset, scale: &Dataset, dimension: usize) -> H5Result<()> {
    // SAFETY: both datasets are alive.
    hdf5::sync::sync(|| h5check(unsafe { H5DSattach_scale(dataset.id(), scale.id(), dimension as c_uint) }))?;
    Ok(())
}

/// Changes the lengths of a chunked dataset's dimensions.
pub fn set_extent(dataset: &Dataset, shape: &[usize]) -> H5Result<()> {
    let shape = sizes(shape);
    let rank = dataset.ndim();
    if shape.len() != rank {
        return Err(format!("a shape of {} dimensions for a dataset of {rank}", shape.len()).into());
    }
    // SAFETY: the dataset is alive and has as many dimensions as `shape`.
    hdf5::sync::sync(|| h5check(unsafe { H5Dset_extent(dataset.id(), shape.as_ptr()) }))?;
    Ok(())
}

/// A property list for data transfers, with HDF5's defaults.
pub fn transfer_list() -> H5Result<PropertyList> {
    // SAFETY: the class identifier is HDF5's own; the new list is owned by the handle.
    hdf5::sync::sync(|| unsafe { from_id(h5check(H5Pcreate(*H5P_CLS_DATASET_XFER))?) })
}

/// A box of elements: its first index and its length along every dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slab {
    pub start: Vec<usize>,
    pub count: Vec<usize>,
}

/// The same elements in memory and in a dataset: unions of boxes, equal up to a shift.
#[derive(Clone, Debug)]
pub struct Selections {
    /// Shape of the whole array in memory.
    pub memory_shape: Vec<usize>,
    pub memory: Vec<Slab>,
    pub file: Vec<Slab>,
}

impl Selections {
    /// The selection of nothing, for a rank that only takes part in a collective call.
    pub fn nothing() -> Self {
        Selections { memory_shape: vec![1], memory: Vec::new(), file: Vec::new() }
    }

    /// The whole of a memory array, going to one box of the dataset.
    pub fn one_box(start: Vec<usize>, count: Vec<usize>) -> Self {
        let memory = Slab { start: vec![0; count.len()], count: count.clone() };
        Selections { memory_shape: count.clone(), memory: vec![memory], file: vec![Slab { start, count }] }
    }

    /// Number of values of the array in memory.
    fn memory_len(&self) -> usize {
        if self.memory.is_empty() { 0 } else { self.memory_shape.iter().product() }
    }

    /// The dataspaces for a dataset, checked against `available` values in memory.
    fn spaces(&self, dataset: &Dataset, available: usize) -> H5Result<(Dataspace, Dataspace)> {
        if available < self.memory_len() {
            return Err(format!("{available} values where {} are needed", self.memory_len()).into());
        }
        let shape = sizes(&self.memory_shape);
        // SAFETY: the shape has as many entries as said; the new space is owned by the handle.
        let memory: Dataspace = hdf5::sync::sync(|| unsafe {
            from_id(h5check(H5Screate_simple(shape.len() as c_int, shape.as_ptr(), null()))?)
        })?;
        let file = dataset.space()?;
        select(&memory, &self.memory)?;
        select(&file, &self.file)?;
        Ok((memory, file))
    }
}

/// Selects the union of boxes, or nothing if there are none.
fn select(space: &Dataspace, slabs: &[Slab]) -> H5Result<()> {
    // SAFETY: the space is alive.
    hdf5::sync::sync(|| h5check(unsafe { H5Sselect_none(space.id()) }))?;
    for (index, slab) in slabs.iter().enumerate() {
        let (start, count) = (sizes(&slab.start), sizes(&slab.count));
        if start.len() != space.ndim() || count.len() != space.ndim() {
            return Err(format!("a box of {} dimensions in a space of {}", start.len(), space.ndim()).into());
        }
        let operation = if index == 0 { H5S_SELECT_SET } else { H5S_SELECT_OR };
        // SAFETY: the space is alive and has as many dimensions as the box; no stride and no block mean 1.
        hdf5::sync::sync(|| {
            h5check(unsafe {
                H5Sselect_hyperslab(space.id(), operation, start.as_ptr(), null(), count.as_ptr(), null())
            })
        })?;
    }
    Ok(())
}

/// Writes the selected values of `values` in one call. `T` must be the dataset's type, else HDF5
/// cannot write collectively.
pub fn write<T: H5Type>(
    dataset: &Dataset,
    selections: &Selections,
    values: &[T],
    transfer: &PropertyList,
) -> H5Result<()> {
    let (memory, file) = selections.spaces(dataset, values.len())?;
    let kind = Datatype::from_type::<T>()?;
    // SAFETY: all identifiers are alive, and `spaces` has checked that the memory space lies within `values`.
    hdf5::sync::sync(|| {
        h5check(unsafe {
            H5Dwrite(
                dataset.id(),
                kind.id(),
                memory.id(),
                file.id(),
                transfer.id(),
                values.as_ptr().cast::<c_void>(),
            )
        })
    })?;
    Ok(())
}

/// Reads into the selected places of `values` in one call.
pub fn read<T: crate::real::Real>(
    dataset: &Dataset,
    selections: &Selections,
    values: &mut [T],
    transfer: &PropertyList,
) -> H5Result<()> {
    let (memory, file) = selections.spaces(dataset, values.len())?;
    let kind = Datatype::from_type::<T>()?;
    // SAFETY: all identifiers are alive, `spaces` has checked that the memory space lies within `values`,
    // and HDF5 converts to the type `T`, for which every bit pattern that it writes is valid.
    hdf5::sync::sync(|| {
        h5check(unsafe {
            H5Dread(
                dataset.id(),
                kind.id(),
                memory.id(),
                file.id(),
                transfer.id(),
                values.as_mut_ptr().cast::<c_void>(),
            )
        })
    })?;
    Ok(())
}

/// Lengths in HDF5's type.
fn sizes(values: &[usize]) -> Vec<hsize_t> {
    values.iter().map(|&value| value as hsize_t).collect()
}

/// Whether a dataset is a dimension scale.
pub fn is_scale(dataset: &Dataset) -> H5Result<bool> {
    // SAFETY: the identifier belongs to a live dataset.
    hdf5::sync::sync(|| Ok(h5check(unsafe { H5DSis_scale(dataset.id()) })? > 0))
}

/// The name of the first scale attached to a dimension of a dataset, if there is one.
pub fn scale_of(dataset: &Dataset, dimension: usize) -> H5Result<Option<String>> {
    /// Stores the scale's name in the `Option<String>` behind `data`, and stops.
    unsafe extern "C" fn first(
        _dataset: hid_t,
        _dimension: c_uint,
        scale: hid_t,
        data: *mut c_void,
    ) -> c_int {
        let mut buffer = [0u8; 256];
        // SAFETY: the buffer is as long as said; `data` is the caller's Option<String>, alive during the visit.
        unsafe {
            let length = H5Iget_name(scale, buffer.as_mut_ptr().cast::<c_char>(), buffer.len());
            if length > 0 {
                let end = (length as usize).min(buffer.len() - 1);
                let path = String::from_utf8_lossy(&buffer[..end]).into_owned();
                *data.cast::<Option<String>>() = path.rsplit('/').next().map(str::to_owned);
            }
        }
        1
    }
    let mut name: Option<String> = None;
    // SAFETY: the identifier belongs to a live dataset, and `name` outlives the visit.
    hdf5::sync::sync(|| {
        h5check(unsafe {
            H5DSiterate_scales(
                dataset.id(),
                dimension as c_uint,
                null_mut(),
                Some(first),
                (&raw mut name).cast(),
            )
        })
    })?;
    Ok(name)
}

/// The text of a string attribute of fixed length, without trailing zeros.
pub fn read_fixed_text(attribute: &Attribute) -> H5Result<String> {
    let kind = attribute.dtype()?;
    let mut bytes = vec![0u8; kind.size() * attribute.size().max(1)];
    // SAFETY: the buffer holds the attribute's values in the attribute's own type.
    hdf5::sync::sync(|| {
        h5check(unsafe { H5Aread(attribute.id(), kind.id(), bytes.as_mut_ptr().cast::<c_void>()) })
    })?;
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// Whether an object has an attribute of that name.
pub fn has_attribute(object: &Location, name: &str) -> H5Result<bool> {
    let name = c_name(name)?;
    // SAFETY: the identifier belongs to a live object, and the name ends with a zero.
    hdf5::sync::sync(|| Ok(h5check(unsafe { H5Aexists(object.id(), name.as_ptr()) })? > 0))
}
