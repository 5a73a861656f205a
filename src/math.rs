//! Elementary functions whose bits do not depend on the platform.
//!
//! The system's `exp` or `sin` may round differently from one C library to the next. Everything
//! that reaches the state (initial fields, reference profiles, sponge coefficients) uses these,
//! which are computed in software by the `libm` crate.

pub use libm::{acos, asin, atan, atan2, cos, exp, expm1, log, log1p, pow, sin, sqrt, tan};

/// `cos(pi/2 x)^2` inside the unit ball, 0 outside: the bell of most bubble cases.
pub fn cosine_squared_bell(radius: f64) -> f64 {
    if radius >= 1.0 {
        return 0.0;
    }
    let c = cos(std::f64::consts::FRAC_PI_2 * radius);
    c * c
}
