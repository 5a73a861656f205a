//! Elementary functions whose bits do not depend on the platform.
//!
//! The system's `exp` or `sin` may round differently from one C library to the next. Everything
//! that reaches the state (initial fields, reference profiles, sponge coefficients) uses these,
//! which are computed in software by the `libm` crate.

pub use libm::{acos, asin, atan, atan2, cbrt, cos, exp, expm1, log, log1p, pow, sin, sqrt, tan};

/// ln(1 + x) by arithmetic alone, so that loops over it vectorise: relative error below 1e-11 for |x| <= 1/2,
/// below 1e-9 from -0.6 to 1.2. It is 2 artanh(y) with y = x/(2 + x) as a polynomial of degree 21.
#[inline(always)]
pub fn log1p_near_zero(x: f64) -> f64 {
    let y = x / (2.0 + x);
    let square = y * y;
    let mut sum = 1.0 / 21.0;
    for odd in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / odd;
    }
    2.0 * y * sum
}

/// exp(x) by arithmetic alone, so that loops over it vectorise: relative error below 1e-11 for |x| <= 0.4,
/// below 1e-9 for |x| <= 0.6. It is the Taylor polynomial of degree 10.
#[inline(always)]
pub fn exp_near_zero(x: f64) -> f64 {
    let mut sum = 1.0;
    for n in [10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        sum = 1.0 + sum * (x * (1.0 / n));
    }
    sum
}

/// exp(x) by arithmetic alone, so that loops over it vectorise: relative error below 1e-9 for |x| <= 12, below
/// 1e-6 for |x| <= 20. It is the 32nd power of that of x/32.
#[inline(always)]
pub fn exp_of_moderate(x: f64) -> f64 {
    let mut power = exp_near_zero(x * (1.0 / 32.0));
    for _ in 0..5 {
        power *= power;
    }
    power
}

/// `cos(pi/2 x)^2` inside the unit ball, 0 outside: the bell of most bubble cases.
pub fn cosine_squared_bell(radius: f64) -> f64 {
    if radius >= 1.0 {
        return 0.0;
    }
    let c = cos(std::f64::consts::FRAC_PI_2 * radius);
    c * c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_follow_the_functions() {
        for (least, most, tolerance) in [(-0.5, 0.5, 1e-11), (-0.6, 1.2, 1e-9)] {
            for n in 0..=1000 {
                let x = least + (most - least) * f64::from(n) / 1000.0;
                let exact = log1p(x);
                assert!((log1p_near_zero(x) - exact).abs() <= tolerance * exact.abs(), "ln(1 + {x})");
            }
        }
        for (most, tolerance) in [(0.4, 1e-11), (0.6, 1e-9)] {
            for n in -1000..=1000 {
                let x = most * f64::from(n) / 1000.0;
                let exact = exp(x);
                assert!((exp_near_zero(x) - exact).abs() <= tolerance * exact, "exp({x})");
            }
        }
        assert_eq!((log1p_near_zero(0.0), exp_near_zero(0.0)), (0.0, 1.0));
        for (most, tolerance) in [(12.0, 1e-9), (20.0, 1e-6)] {
            for n in -1000..=1000 {
                let x = most * f64::from(n) / 1000.0;
                let exact = exp(x);
                assert!((exp_of_moderate(x) - exact).abs() <= tolerance * exact, "exp({x})");
            }
        }
    }
}
