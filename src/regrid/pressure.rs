//! From model levels to pressure levels, column by column.

use rayon::prelude::*;

/// The values at the pressures `targets` (given as their logarithms), target by target, linear in ln p between
/// the model levels; not a number below the lowest level and above the highest.
///
/// `log_pressure` and `values` hold level after level, from the ground up, `columns` values each; ln p falls upward.
pub fn interpolate(log_pressure: &[f64], values: &[f64], columns: usize, targets: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; targets.len() * columns];
    out.par_chunks_mut(columns.max(1)).zip(targets).for_each(|(out, &target)| {
        let levels = log_pressure.chunks(columns).zip(values.chunks(columns));
        for ((p_below, below), (p_above, above)) in levels.clone().zip(levels.skip(1)) {
            for (c, out) in out.iter_mut().enumerate() {
                if p_above[c] <= target && target <= p_below[c] {
                    let weight = (p_below[c] - target) / (p_below[c] - p_above[c]);
                    *out = below[c] + weight * (above[c] - below[c]);
                }
            }
        }
    });
    out
}

/// Values at interfaces averaged to the centres between them: level after level of `columns` values.
pub fn centred(values: &[f64], columns: usize) -> Vec<f64> {
    let interfaces = values.par_chunks(columns.max(1));
    let mut out = vec![0.0; values.len().saturating_sub(columns)];
    out.par_chunks_mut(columns.max(1)).zip(interfaces.clone().zip(interfaces.skip(1))).for_each(
        |(out, (below, above))| {
            for (out, (below, above)) in out.iter_mut().zip(below.iter().zip(above)) {
                *out = 0.5 * (below + above);
            }
        },
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two columns of four levels.
    const PRESSURES: [[f64; 2]; 4] = [[1000e2, 990e2], [850e2, 800e2], [500e2, 510e2], [200e2, 100e2]];

    fn at(targets: &[f64], value: impl Fn(f64) -> f64) -> Vec<f64> {
        let logs: Vec<f64> = PRESSURES.iter().flatten().map(|p| p.ln()).collect();
        let values: Vec<f64> = logs.iter().map(|&log| value(log)).collect();
        let targets: Vec<f64> = targets.iter().map(|p| p.ln()).collect();
        interpolate(&logs, &values, 2, &targets)
    }

    #[test]
    fn what_is_linear_in_the_logarithm_is_exact() {
        let linear = |log: f64| 3.0 - 2.0 * log;
        let targets = [925e2, 850e2, 500.5e2, 250e2];
        for (index, value) in at(&targets, linear).into_iter().enumerate() {
            let exact = linear(targets[index / 2].ln());
            assert!((value - exact).abs() < 1e-13, "{value} {exact}");
        }
    }

    #[test]
    fn there_is_nothing_below_the_lowest_level_or_above_the_highest() {
        let found = at(&[1000e2, 1001e2, 150e2, 99e2], |log| log);
        let finite: Vec<bool> = found.iter().map(|value| value.is_finite()).collect();
        assert_eq!(finite, [true, false, false, false, false, true, false, false]);
    }

    #[test]
    fn interfaces_are_averaged() {
        assert_eq!(centred(&[0.0, 1.0, 2.0, 5.0, 6.0, 7.0], 2), [1.0, 3.0, 4.0, 6.0]);
    }
}
