//! The few HDF5 calls that the safe `hdf5` crate does not offer, each behind a safe function.
//!
//! Every call runs inside `hdf5::sync::sync`, which holds the library's lock and keeps HDF5 from
//! printing errors by itself; a failure comes back with the reason from HDF5's error stack.

use hdf5::{Dataset, Location, h5check};
use hdf5_sys::h5i::{H5Iget_name, hid_t};
use std::ffi::{CString, c_char, c_int, c_uint, c_void};

/// The outcome of an HDF5 call.
pub type H5Result<T> = hdf5::Result<T>;

// The dimension-scale part of HDF5's high-level library, which netCDF-4 builds on.
unsafe extern "C" {
    fn H5DSis_scale(dataset: hid_t) -> c_int;
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
                std::ptr::null_mut(),
                Some(first),
                (&raw mut name).cast(),
            )
        })
    })?;
    Ok(name)
}

/// The text of a string attribute of fixed length, without trailing zeros.
pub fn read_fixed_text(attribute: &hdf5::Attribute) -> H5Result<String> {
    let kind = attribute.dtype()?;
    let mut bytes = vec![0u8; kind.size() * attribute.size().max(1)];
    // SAFETY: the buffer holds the attribute's values in the attribute's own type.
    hdf5::sync::sync(|| {
        h5check(unsafe {
            hdf5_sys::h5a::H5Aread(attribute.id(), kind.id(), bytes.as_mut_ptr().cast::<c_void>())
        })
    })?;
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// Whether an object has an attribute of that name.
pub fn has_attribute(object: &Location, name: &str) -> H5Result<bool> {
    let name = c_name(name)?;
    // SAFETY: the identifier belongs to a live object, and the name ends with a zero.
    hdf5::sync::sync(|| Ok(h5check(unsafe { hdf5_sys::h5a::H5Aexists(object.id(), name.as_ptr()) })? > 0))
}
