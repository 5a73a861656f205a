//! From the TOML file to a checked configuration.
//!
//! `raw` keeps the text as written, with the place of every key; `keys` is the one table of what
//! may be written, with unit, default and bounds; `checked` is what the rest of gale sees:
//! complete, in SI units, and free of contradictions.

pub mod checked;

pub use checked::*;
