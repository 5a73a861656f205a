//! The largest speeds of the state, found in passing.

use crate::aligned::Aligned;
use crate::dynamics::euler::Census;
use crate::real::Real;

/// Running maxima, one for each column of a row, so that the loops vectorise.
#[derive(Clone, Debug)]
pub struct CensusRows<T> {
    speed_squared: Aligned<T>,
    w: Aligned<T>,
    w_rate: Aligned<T>,
    heat_ratio: Aligned<T>,
    /// Sum of everything: not finite as soon as one is not.
    sum: Aligned<T>,
}

impl<T: Real> CensusRows<T> {
    pub fn new(row: usize) -> Self {
        let zeros = Aligned::zeros(row);
        CensusRows {
            speed_squared: zeros.clone(),
            w: zeros.clone(),
            w_rate: zeros.clone(),
            heat_ratio: zeros.clone(),
            sum: zeros,
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        let CensusRows { speed_squared, w, w_rate, heat_ratio, sum } = self;
        for row in [speed_squared, w, w_rate, heat_ratio, sum] {
            row.fill(T::ZERO);
        }
    }

    /// Takes in a row of one level: `constants` are its reference density, 1/dz and 1/(rho0 theta0).
    pub fn add(&mut self, constants: [T; 3], momentum: [&[T]; 3], [density, w, heat]: [&[T]; 3]) {
        let n = density.len();
        let CensusRows { speed_squared, w: most_w, w_rate, heat_ratio, sum } = self;
        count_row(
            constants,
            momentum,
            [density, w, heat],
            &mut speed_squared[..n],
            &mut most_w[..n],
            &mut w_rate[..n],
            &mut heat_ratio[..n],
            &mut sum[..n],
        );
    }

    /// The same over terrain, where the constants differ from column to column; what crosses the levels is `omega`.
    pub fn add_over(
        &mut self,
        constants: [&[T]; 3],
        momentum: [&[T]; 3],
        [density, w, heat]: [&[T]; 3],
        omega: &[T],
    ) {
        let n = density.len();
        let CensusRows { speed_squared, w: most_w, w_rate, heat_ratio, sum } = self;
        count_row_over(
            constants,
            momentum,
            [density, w, heat, omega],
            &mut speed_squared[..n],
            &mut most_w[..n],
            &mut w_rate[..n],
            &mut heat_ratio[..n],
            &mut sum[..n],
        );
    }

    /// The census of everything taken in.
    pub fn total(&self) -> Census {
        let largest = |row: &[T]| row.iter().fold(0.0, |m: f64, value| m.max(value.to_f64()));
        Census {
            u: largest(&self.speed_squared).sqrt(),
            v: 0.0,
            w: largest(&self.w),
            w_rate: largest(&self.w_rate),
            heat_ratio: largest(&self.heat_ratio),
            gravity_wave: 0.0,
            diffusion: 0.0,
            is_finite: self.sum.iter().all(|sum| sum.is_finite()),
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn count_row<T: Real>(
    [density0, inverse_spacing, inverse_heat]: [T; 3],
    [momentum_x, momentum_y, momentum_n]: [&[T]; 3],
    [density, w, heat]: [&[T]; 3],
    max_speed: &mut [T],
    max_w: &mut [T],
    max_rate: &mut [T],
    max_ratio: &mut [T],
    sum: &mut [T],
) {
    let n = sum.len();
    let (momentum_x, momentum_y, momentum_n) = (&momentum_x[..n], &momentum_y[..n], &momentum_n[..n]);
    let (density, w, heat) = (&density[..n], &w[..n], &heat[..n]);
    let (max_speed, max_w) = (&mut max_speed[..n], &mut max_w[..n]);
    let (max_rate, max_ratio) = (&mut max_rate[..n], &mut max_ratio[..n]);
    for i in 0..n {
        let volume = T::ONE / (density0 + density[i]);
        let [u, v, m] = [momentum_x[i] * volume, momentum_y[i] * volume, momentum_n[i] * volume];
        let speed = (u * u + v * v) + m * m;
        let (w, ratio) = (w[i].abs(), (heat[i] * inverse_heat).abs());
        max_speed[i] = max_speed[i].most(speed);
        max_w[i] = max_w[i].most(w);
        max_rate[i] = max_rate[i].most(w * inverse_spacing);
        max_ratio[i] = max_ratio[i].most(ratio);
        sum[i] += speed + (w + ratio);
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn count_row_over<T: Real>(
    [density0, inverse_thickness, inverse_heat]: [&[T]; 3],
    [momentum_x, momentum_y, momentum_n]: [&[T]; 3],
    [density, w, heat, omega]: [&[T]; 4],
    max_speed: &mut [T],
    max_w: &mut [T],
    max_rate: &mut [T],
    max_ratio: &mut [T],
    sum: &mut [T],
) {
    let n = sum.len();
    let (density0, inverse_thickness, inverse_heat) =
        (&density0[..n], &inverse_thickness[..n], &inverse_heat[..n]);
    let (momentum_x, momentum_y, momentum_n) = (&momentum_x[..n], &momentum_y[..n], &momentum_n[..n]);
    let (density, w, heat, omega) = (&density[..n], &w[..n], &heat[..n], &omega[..n]);
    let (max_speed, max_w) = (&mut max_speed[..n], &mut max_w[..n]);
    let (max_rate, max_ratio) = (&mut max_rate[..n], &mut max_ratio[..n]);
    for i in 0..n {
        let volume = T::ONE / (density0[i] + density[i]);
        let [u, v, m] = [momentum_x[i] * volume, momentum_y[i] * volume, momentum_n[i] * volume];
        let speed = (u * u + v * v) + m * m;
        let (w, ratio) = (w[i].abs(), (heat[i] * inverse_heat[i]).abs());
        max_speed[i] = max_speed[i].most(speed);
        max_w[i] = max_w[i].most(w);
        max_rate[i] = max_rate[i].most((omega[i] * volume).abs() * inverse_thickness[i]);
        max_ratio[i] = max_ratio[i].most(ratio);
        sum[i] += speed + (w + ratio);
    }
}
