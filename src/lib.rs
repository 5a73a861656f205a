//! gale: a nonhydrostatic atmospheric model on tiles.

pub mod aligned;
pub mod boundary;
pub mod cases;
pub mod cli;
pub mod comm;
pub mod config;
pub mod constants;
pub mod dynamics;
pub mod error;
pub mod halo;
pub mod io;
pub mod math;
pub mod mesh;
pub mod model;
pub mod monitor;
pub mod parallel;
pub mod plot;
pub mod real;
pub mod simulation;
pub mod state;
pub mod time;
pub mod version;
