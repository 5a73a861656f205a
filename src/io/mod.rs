//! The files of a run: snapshots, checkpoints and series, written and read.

pub mod hdf5_raw;
pub mod local_part;
pub mod netcdf;
pub mod reader;
