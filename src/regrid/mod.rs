//! From the cubed sphere to what users of global models look at: a latitude-longitude grid, pressure levels,
//! zonal means.
//!
//! Columns first, then the horizontal: every rank computes its variables ([`Columns`]) and brings its columns to
//! pressure levels ([`pressure`]) by itself; then levels are dealt out to the ranks ([`Levels`]), each interpolates its
//! own to the grid ([`Interpolation`]), and all write together. Every value is computed from the same numbers in the same order for any
//! ranks, threads and tiles.

pub mod columns;
pub mod grid;
pub mod interpolation;
pub mod levels;
pub mod panels;
pub mod pressure;

pub use columns::Columns;
pub use grid::LatLonGrid;
pub use interpolation::Interpolation;
pub use levels::Levels;
