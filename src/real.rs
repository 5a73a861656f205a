//! The two floating-point precisions in which the model can run.

use bytemuck::Pod;
use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A floating-point type that the state can be stored and stepped in: `f32` or `f64`.
///
/// Only operations that IEEE 754 rounds correctly are offered, so that the same inputs give the
/// same bits on every machine; transcendental functions belong into start-up code and come from
/// [`crate::math`].
pub trait Real:
    Pod
    + Default
    + Send
    + Sync
    + Debug
    + Display
    + PartialOrd
    + hdf5::H5Type
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
{
    /// Name of the precision in configurations and files: `single` or `double`.
    const NAME: &'static str;
    const ZERO: Self;
    const ONE: Self;
    /// What is smaller in magnitude is no more than a trace: far below the rounding of anything that matters.
    const TRACE: Self;

    /// Rounds a double to this precision.
    fn of(value: f64) -> Self;
    /// Widens to double; exact.
    fn to_f64(self) -> f64;
    fn abs(self) -> Self;
    fn copysign(self, sign: Self) -> Self;
    /// The value, but 0 instead of a trace. Products of traces are subnormal numbers, for which some processors need a
    /// hundred times as long; they stand at the head of a wave that enters air at rest.
    #[inline(always)]
    fn without_trace(self) -> Self {
        if self.abs() < Self::TRACE { Self::ZERO } else { self }
    }
    /// The square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// The bit pattern, widened with zeros: equal values of equal sign have equal bits.
    fn bits(self) -> u64;
    fn is_finite(self) -> bool;
    /// The larger of two numbers; neither may be NaN.
    fn most(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
}

macro_rules! real {
    ($type:ty, $name:literal, $trace:literal) => {
        impl Real for $type {
            const NAME: &'static str = $name;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const TRACE: Self = $trace;
            #[inline(always)]
            fn of(value: f64) -> Self {
                value as $type
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn abs(self) -> Self {
                self.abs()
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                self.copysign(sign)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn bits(self) -> u64 {
                self.to_bits() as u64
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                self.is_finite()
            }
        }
    };
}
real!(f32, "single", 1e-15);
real!(f64, "double", 1e-150);

#[cfg(test)]
mod tests {
    use super::Real;

    #[test]
    fn only_traces_become_zero() {
        assert_eq!(1e-16_f32.without_trace(), 0.0);
        assert_eq!((-1e-16_f32).without_trace(), 0.0);
        assert_eq!(2e-15_f32.without_trace(), 2e-15);
        assert_eq!((-2e-150_f64).without_trace(), -2e-150);
        assert!(f32::NAN.without_trace().is_nan());
        // What remains has normal products.
        assert!((f32::TRACE * f32::TRACE).is_normal() && (f64::TRACE * f64::TRACE).is_normal());
    }
}
