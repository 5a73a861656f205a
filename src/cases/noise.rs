//! Random numbers for initial perturbations, by counter: a number belongs to a place, not to the order in
//! which places are visited, so that it is the same for any tiles, threads and ranks.
//!
//! The mixing function is the finaliser of SplitMix64 (Steele, G. L., D. Lea and C. H. Flood (2014): Fast
//! splittable pseudorandom number generators. OOPSLA 2014).

use super::Point;

/// A number of even distribution in -1 <= x < 1 that belongs to `seed` and three counters, such as the
/// indices of a cell of the whole grid.
pub fn uniform(seed: u64, counters: [u64; 3]) -> f64 {
    let bits = counters.into_iter().fold(mixed(seed), |bits, counter| mixed(bits ^ mixed(counter)));
    // 53 bits are a double in 0 <= x < 1 exactly.
    (bits >> 11) as f64 * (2.0 / (1u64 << 53) as f64) - 1.0
}

/// The same for a place: the centre of a cell has the same bits on every rank.
pub fn at(seed: u64, place: Point) -> f64 {
    uniform(seed, [place.x, place.y, place.z].map(|coordinate| (coordinate + 0.0).to_bits()))
}

/// A one-to-one mapping of 64 bits in which every bit depends on all.
fn mixed(value: u64) -> u64 {
    let mut bits = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: u64 = 40;

    fn numbers(seed: u64) -> Vec<f64> {
        let cells = (0..N).flat_map(|k| (0..N).flat_map(move |j| (0..N).map(move |i| [i, j, k])));
        cells.map(|cell| uniform(seed, cell)).collect()
    }

    #[test]
    fn numbers_are_spread_evenly() {
        let numbers = numbers(7);
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let variance = numbers.iter().map(|x| x * x).sum::<f64>() / count;
        assert!(numbers.iter().all(|x| (-1.0..1.0).contains(x)));
        // Four standard errors: 4/sqrt(3 n) and 4 sqrt(4/45/n).
        assert!(mean.abs() < 4.0 / (3.0 * count).sqrt(), "{mean}");
        assert!((variance - 1.0 / 3.0).abs() < 4.0 * (4.0 / 45.0 / count).sqrt(), "{variance}");
    }

    #[test]
    fn neighbours_and_seeds_are_independent() {
        let (one, other) = (numbers(1), numbers(2));
        let count = one.len() as f64;
        let correlation =
            |lag: usize| one.iter().zip(one.iter().skip(lag)).map(|(a, b)| a * b).sum::<f64>() * 3.0 / count;
        for lag in [1, N as usize, (N * N) as usize] {
            assert!(correlation(lag).abs() < 4.0 / count.sqrt(), "lag {lag}: {}", correlation(lag));
        }
        let between = one.iter().zip(&other).map(|(a, b)| a * b).sum::<f64>() * 3.0 / count;
        assert!(between.abs() < 4.0 / count.sqrt(), "{between}");
    }

    #[test]
    fn a_place_keeps_its_number() {
        let place = Point { x: 0.0, y: 250.0, z: 50.0 };
        assert_eq!(at(3, place), at(3, Point { x: -0.0, ..place }));
        assert_ne!(at(3, place), at(3, Point { x: 100.0, ..place }));
    }
}
