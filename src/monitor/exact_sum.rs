//! Sums that do not depend on the order of their terms or on who adds them.
//!
//! A superaccumulator after Kulisch: one long fixed-point number that covers the whole range of
//! `f64`, so that no addition ever rounds. Any split of the terms among tiles, threads and ranks
//! gives the same bits, and the value is the exact sum, rounded once.

use crate::comm::Communicator;

/// Bits of the number that one limb stands for; the rest of its 64 bits is room for carries.
const LIMB_BITS: usize = 32;
const LIMB_MASK: i64 = (1 << LIMB_BITS) - 1;
/// 2098 bits from the smallest subnormal to the largest finite `f64`, and 78 for carries out of them.
const LIMBS: usize = 68;
/// Bits of a significand.
const SIGNIFICAND_BITS: usize = 53;
/// Additions between two normalisations. A normalised limb is below 2^32 and an addition changes a limb
/// by less than 2^32, so that |limb| < 2^32 (1 + additions), which must stay below 2^63: up to 2^31 - 1
/// additions would do, and half of them leave room for adding two accumulators.
const MOST_ADDITIONS: u32 = (1 << 30) - 1;

/// An exact sum of any number of `f64`.
///
/// A NaN or an infinity among the terms makes the value NaN.
#[derive(Clone, Debug)]
pub struct ExactSum {
    /// Little-endian: limb `l` counts units of 2^(32 l - 1074).
    limbs: [i64; LIMBS],
    /// Number of terms that were not finite.
    non_finite: i64,
    /// Additions since the last normalisation.
    additions: u32,
}

impl Default for ExactSum {
    fn default() -> Self {
        ExactSum { limbs: [0; LIMBS], non_finite: 0, additions: 0 }
    }
}

impl ExactSum {
    /// The empty sum.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one term.
    pub fn add(&mut self, term: f64) {
        let bits = term.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as usize;
        if exponent == 0x7ff {
            self.non_finite += 1;
            return;
        }
        let fraction = bits & ((1 << 52) - 1);
        // A subnormal has the position of the smallest normal number, without the leading bit.
        let (significand, position) =
            if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent - 1) };
        let (limb, shift) = (position / LIMB_BITS, position % LIMB_BITS);
        let shifted = u128::from(significand) << shift;
        let sign = if term.is_sign_negative() { -1 } else { 1 };
        for part in 0..3 {
            let digits = (shifted >> (part * LIMB_BITS)) as i64 & LIMB_MASK;
            self.limbs[limb + part] += sign * digits;
        }
        self.count(1);
    }

    /// Adds all terms of another sum.
    pub fn absorb(&mut self, other: &ExactSum) {
        for (limb, theirs) in self.limbs.iter_mut().zip(&other.limbs) {
            *limb += theirs;
        }
        self.non_finite += other.non_finite;
        self.count(other.additions + 1);
    }

    /// Makes every sum the sum over all ranks. Collective, one message for all of them.
    pub fn merge(sums: &mut [ExactSum], world: &dyn Communicator) {
        let mut values = Vec::with_capacity(sums.len() * (LIMBS + 1));
        for sum in sums.iter_mut() {
            // Below 2^32 each, so that 2^31 ranks fit.
            sum.normalise();
            values.extend(sum.limbs);
            values.push(sum.non_finite);
        }
        world.all_sum(&mut values);
        for (sum, merged) in sums.iter_mut().zip(values.chunks_exact(LIMBS + 1)) {
            sum.limbs.copy_from_slice(&merged[..LIMBS]);
            sum.non_finite = merged[LIMBS];
            sum.normalise();
        }
    }

    /// The exact sum, rounded to the nearest `f64` (ties to even); 0 is positive.
    pub fn value(&self) -> f64 {
        if self.non_finite > 0 {
            return f64::NAN;
        }
        let mut sum = self.clone();
        sum.normalise();
        let negative = sum.limbs[LIMBS - 1] < 0;
        if negative {
            sum.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            sum.normalise();
        }
        let magnitude = sum.rounded_magnitude();
        if negative { -magnitude } else { magnitude }
    }

    /// The value of a normalised, non-negative number.
    fn rounded_magnitude(&self) -> f64 {
        let Some(top) = self.limbs.iter().rposition(|&limb| limb != 0) else {
            return 0.0;
        };
        let highest = top * LIMB_BITS + (63 - self.limbs[top].leading_zeros() as usize);
        let Some(lowest) = (highest + 1).checked_sub(SIGNIFICAND_BITS) else {
            // Subnormal or barely normal: every bit fits, and the bits are the number.
            return f64::from_bits((self.limbs[1] as u64) << LIMB_BITS | self.limbs[0] as u64);
        };
        let mut significand = self.bits_from(lowest);
        if lowest > 0 {
            let half = self.bits_from(lowest - 1) & 1 == 1;
            let odd = significand & 1 == 1;
            if half && (odd || self.any_below(lowest - 1)) {
                significand += 1;
            }
        }
        // The leading bit of the significand adds 1 to the exponent, and so does a carry out of it.
        let exponent = lowest as u64;
        if exponent >= 0x7fe {
            return f64::INFINITY;
        }
        f64::from_bits((exponent << 52) + significand)
    }

    /// The 53 bits from bit `lowest` on.
    fn bits_from(&self, lowest: usize) -> u64 {
        let (limb, shift) = (lowest / LIMB_BITS, lowest % LIMB_BITS);
        let digits = |l: usize| self.limbs.get(l).map_or(0, |&limb| limb as u128);
        let window = digits(limb) | digits(limb + 1) << LIMB_BITS | digits(limb + 2) << (2 * LIMB_BITS);
        (window >> shift) as u64 & ((1 << SIGNIFICAND_BITS) - 1)
    }

    /// Whether any bit below bit `end` is set.
    fn any_below(&self, end: usize) -> bool {
        let (limb, shift) = (end / LIMB_BITS, end % LIMB_BITS);
        self.limbs[limb] & ((1 << shift) - 1) != 0 || self.limbs[..limb].iter().any(|&digits| digits != 0)
    }

    /// Books `additions`, and makes room when it gets scarce.
    fn count(&mut self, additions: u32) {
        self.additions = self.additions.saturating_add(additions);
        if self.additions >= MOST_ADDITIONS {
            self.normalise();
        }
    }

    /// Carries, so that all limbs but the signed top one lie in 0..2^32.
    fn normalise(&mut self) {
        let mut carry = 0;
        for limb in &mut self.limbs[..LIMBS - 1] {
            let sum = *limb + carry;
            carry = sum >> LIMB_BITS;
            *limb = sum & LIMB_MASK;
        }
        self.limbs[LIMBS - 1] += carry;
        self.additions = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::single::Single;
    use proptest::prelude::*;

    fn sum(terms: &[f64]) -> ExactSum {
        let mut sum = ExactSum::new();
        terms.iter().for_each(|&term| sum.add(term));
        sum
    }

    #[test]
    fn cancellation_leaves_the_small_term() {
        assert_eq!(sum(&[1e308, 1.0, -1e308]).value(), 1.0);
        assert_eq!(sum(&[1e308, 5e-324, -1e308]).value(), 5e-324);
        assert_eq!(sum(&[-1e16, -1.0, 1e16, 0.25]).value(), -0.75);
    }

    #[test]
    fn zero_is_positive() {
        assert_eq!(sum(&[]).value().to_bits(), 0);
        assert_eq!(sum(&[-0.0, 3.0, -3.0]).value().to_bits(), 0);
    }

    #[test]
    fn rounds_once_and_to_even() {
        let ulp = f64::EPSILON;
        assert_eq!(sum(&[1.0, ulp / 2.0]).value(), 1.0);
        assert_eq!(sum(&[1.0 + ulp, ulp / 2.0]).value(), 1.0 + 2.0 * ulp);
        assert_eq!(sum(&[1.0, ulp / 2.0, 1e-300]).value(), 1.0 + ulp);
        assert_eq!(sum(&[2.0, -ulp / 2.0]).value(), 2.0);
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!(sum(&[f64::MAX]).value(), f64::MAX);
        assert_eq!(sum(&[f64::MAX, f64::MAX]).value(), f64::INFINITY);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]).value(), f64::MAX);
        assert_eq!(sum(&[f64::MIN_POSITIVE, -5e-324]).value(), f64::MIN_POSITIVE - 5e-324);
    }

    #[test]
    fn not_finite_is_remembered() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut total = sum(&[1.0]);
            total.absorb(&sum(&[bad]));
            total.add(2.0);
            assert!(total.value().is_nan());
        }
    }

    #[test]
    fn merging_on_one_rank_changes_nothing() {
        let mut sums = [sum(&[0.1; 1000]), sum(&[-1e-310, 3.0])];
        let before: Vec<f64> = sums.iter().map(ExactSum::value).collect();
        ExactSum::merge(&mut sums, &Single);
        assert_eq!(before, sums.iter().map(ExactSum::value).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn one_term_is_itself(bits: u64) {
            let term = f64::from_bits(bits);
            prop_assume!(term.is_finite() && term != 0.0);
            prop_assert_eq!(sum(&[term]).value().to_bits(), term.to_bits());
        }

        #[test]
        fn two_terms_round_like_the_processor(a: f64, b: f64) {
            prop_assume!((a + b).is_finite());
            prop_assert_eq!(sum(&[a, b]).value(), a + b);
        }

        #[test]
        fn any_order_and_split_gives_the_same_bits(
            terms in prop::collection::vec(-1e30..1e30, 1..200),
            scales in prop::collection::vec(-60..60, 200),
            pieces in 1usize..7,
            turn in 0usize..200,
        ) {
            let terms: Vec<f64> = terms.iter().zip(&scales).map(|(t, s)| t * 2f64.powi(*s)).collect();
            let whole = sum(&terms).value();
            let mut turned = terms.clone();
            turned.rotate_left(turn % terms.len());
            turned.reverse();
            let mut total = ExactSum::new();
            for piece in turned.chunks(terms.len().div_ceil(pieces)) {
                total.absorb(&sum(piece));
            }
            prop_assert_eq!(total.value().to_bits(), whole.to_bits());
            let naive: f64 = terms.iter().sum();
            let bound = terms.iter().map(|t| t.abs()).sum::<f64>() * f64::EPSILON * terms.len() as f64;
            prop_assert!((naive - whole).abs() <= bound);
        }

        #[test]
        fn whole_numbers_are_exact(terms in prop::collection::vec(-(1i64 << 40)..(1i64 << 40), 0..500)) {
            let exact: i64 = terms.iter().sum();
            let floats: Vec<f64> = terms.iter().map(|&t| t as f64).collect();
            prop_assert_eq!(sum(&floats).value(), exact as f64);
        }
    }
}
