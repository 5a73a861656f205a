//! The files of a run: snapshots, checkpoints, series and statistics, written and read.
//!
//! All are HDF5 files in the netCDF-4 form. `netcdf` writes them, by all ranks together: every rank
//! calls every method, and a variable is one collective call. `reader` reads them on one process.

pub mod checkpoint;
pub(crate) mod checksum;
pub mod directory;
pub mod elevation;
pub mod global;
mod growing;
mod hdf5_raw;
pub(crate) mod local_part;
pub(crate) mod metadata;
pub(crate) mod netcdf;
pub mod reader;
pub mod record;
pub mod series;
mod slabs;
pub mod slices;
pub mod snapshot;
pub mod statistics;
mod throughput;
mod undo;

pub use directory::{Earlier, prepare};
pub use record::RunRecord;
pub use series::{SeriesColumn, SeriesWriter};
pub use snapshot::SnapshotWriter;
pub use throughput::Throughput;
