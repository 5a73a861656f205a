//! gale: a nonhydrostatic atmospheric model on tiles.

pub mod cases;
pub mod cli;
pub mod comm;
pub mod config;
pub mod constants;
pub mod dynamics;
pub mod error;
pub mod io;
pub mod math;
pub mod mesh;
pub mod monitor;
pub mod plot;
pub mod real;
pub mod state;
pub mod time;
pub mod version;
