//! gale: a nonhydrostatic atmospheric model on tiles.

pub mod cases;
pub mod cli;
pub mod comm;
pub mod config;
pub mod constants;
pub mod dynamics;
pub mod error;
pub mod math;
pub mod mesh;
pub mod real;
pub mod state;
pub mod time;
