//! One level of a tile over terrain: from point values to the explicit horizontal tendencies.

use super::Ground;
use crate::dynamics::euler::Levels;
use crate::dynamics::euler::fluxes::Tendencies;
use crate::dynamics::euler::sphere::level::{LevelFaces, LevelWork, primitives_of_cell, rows_mut};
use crate::dynamics::euler::sphere::points::Points;
use crate::dynamics::euler::terrain::fluxes::add_product;
use crate::dynamics::euler::terrain::primitives::vertical_velocity_of;
use crate::dynamics::sphere::faces::scalar_divergence;
use crate::dynamics::sphere::sheet::MARGIN;
use crate::dynamics::sphere::transport::FaceFluxes;
use crate::dynamics::sphere::{Sheet, TileGeometry, TileMetric};
use crate::real::Real;
use crate::state::TileState;

impl<T: Real> LevelWork<T> {
    /// [`LevelWork::tendencies`] over terrain. The differences of the pressure along the lowest level go into `lowest`.
    #[expect(clippy::too_many_arguments, reason = "inputs and outputs of a level are separate by nature")]
    pub fn tendencies_over(
        &mut self,
        levels: &Levels<T>,
        geometry: &TileGeometry<T>,
        ground: &Ground<T>,
        k: usize,
        state: &TileState<T>,
        points: &Points<T>,
        rates: &mut [Tendencies<T>],
        lowest: &mut [Sheet<T>; 2],
        kept: Option<&mut FaceFluxes<T>>,
    ) {
        let metric = &geometry.metric;
        self.load_over(levels, metric, ground, k, state, points);
        geometry.edges.close(&mut self.variables, &mut self.lines);
        let half = T::of(0.5);
        let faces = LevelFaces {
            sound: [levels.inverse_sound[k], levels.damped_sound[k]],
            shares: [half, half],
            upwinding: levels.upwinding,
            sizes: [&ground.size_x[k], &ground.size_y[k]],
        };
        self.fluxes_x(&faces, metric, k);
        self.fluxes_y(&faces, metric, k);
        self.add_reference_heat(metric, ground, k);
        self.scalar_rates_over(metric, ground, k, rates);
        for (j, rates) in rates.iter_mut().enumerate().take(metric.nj) {
            self.momentum_rates_over(metric, ground, k, j, state, rates, lowest);
        }
        self.end_level(metric, kept);
    }

    /// Primitive variables of the cells and the whole margin.
    fn load_over(
        &mut self,
        levels: &Levels<T>,
        metric: &TileMetric<T>,
        ground: &Ground<T>,
        k: usize,
        state: &TileState<T>,
        points: &Points<T>,
    ) {
        let margin = MARGIN as isize;
        let width = metric.ni + 2 * MARGIN;
        let columns = &ground.columns;
        let third = state.momentum_n.as_ref().unwrap_or(&state.momentum_x);
        for j in -margin..metric.nj as isize + margin {
            let momentum = [state.momentum_x.row(j, k), state.momentum_y.row(j, k), third.row(j, k)];
            let [mx, my, mn, u, v, n, theta, pressure, w] = rows_mut(&mut self.variables, j, width);
            primitives(
                [columns.density.row(j, k), columns.theta.row(j, k)],
                [columns.inverse_heat.row(j, k), columns.pressure.row(j, k)],
                &levels.pressure_polynomial,
                momentum,
                [points.density.row(j, k), points.heat.row(j, k)],
                [mx, my, mn],
                [u, v, n],
                theta,
                pressure,
                &mut self.density.row_mut(j)[..width],
            );
            if k > 0 {
                vertical_velocity_of(
                    columns.weight_above.row(j, k),
                    [self.density.row(j), self.density_below.row(j)],
                    points.momentum_z.row(j, k),
                    w,
                );
            }
        }
    }

    /// Makes the fluxes of rho (theta - theta0) those of rho theta.
    fn add_reference_heat(&mut self, metric: &TileMetric<T>, ground: &Ground<T>, k: usize) {
        let (faces, columns) = (metric.ni + 3, metric.ni + 2);
        for j in -1..=metric.nj as isize {
            let theta = &ground.theta_x[k].from(-1, j)[..faces];
            add_product(self.x.mass.from(-1, j), theta, &mut self.x.theta.from_mut(-1, j)[..faces]);
        }
        for f in -1..=metric.nj as isize + 1 {
            let theta = &ground.theta_y[k].from(-1, f)[..columns];
            add_product(self.y.mass.from(-1, f), theta, &mut self.y.theta.from_mut(-1, f)[..columns]);
        }
    }

    /// Density, heat and W.
    fn scalar_rates_over(
        &mut self,
        metric: &TileMetric<T>,
        ground: &Ground<T>,
        k: usize,
        rates: &mut [Tendencies<T>],
    ) {
        let LevelWork { x, y, averaged, .. } = self;
        let (n, columns) = (metric.ni, &ground.columns);
        scalar_divergence(metric, &x.mass, &y.mass, averaged, |j, row| {
            let rate = &mut rates[j].density.row_mut(k)[..n];
            row.store(rate);
            scale(columns.inverse_thickness.cells(j, k), rate);
        });
        scalar_divergence(metric, &x.theta, &y.theta, averaged, |j, row| {
            let rate = &mut rates[j].heat.row_mut(k)[..n];
            row.store(rate);
            scale(columns.inverse_thickness.cells(j, k), rate);
        });
        if k > 0 {
            scalar_divergence(metric, &x.w, &y.w, averaged, |j, row| {
                let rate = &mut rates[j].w.row_mut(k)[..n];
                row.store(rate);
                scale(columns.inverse_spacing.cells(j, k), rate);
            });
        }
    }

    /// Horizontal momentum of row `j`, with the pressure gradient along the level.
    #[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
    fn momentum_rates_over(
        &mut self,
        metric: &TileMetric<T>,
        ground: &Ground<T>,
        k: usize,
        j: usize,
        state: &TileState<T>,
        rates: &mut Tendencies<T>,
        lowest: &mut [Sheet<T>; 2],
    ) {
        let LevelWork { x, y, differences, .. } = self;
        let n = metric.ni;
        differences.take(metric, j, [&x.momentum, &y.momentum], [&x.pressure, &y.pressure]);
        differences.scale_fluxes(ground.columns.inverse_thickness.cells(j, k));
        if k == 0 {
            for (kept, difference) in lowest.iter_mut().zip(differences.pressure()) {
                kept.from_mut(0, j as isize)[..n].copy_from_slice(&difference[..n]);
            }
        }
        self.finish_momentum(metric, k, j, state, rates);
    }
}

/// A copy of the momentum, velocity, theta - theta0, p' and density of a row.
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn primitives<T: Real>(
    [density0, theta0]: [&[T]; 2],
    [inverse_heat0, pressure0]: [&[T]; 2],
    polynomial: &[T; 7],
    [momentum_x, momentum_y, momentum_n]: [&[T]; 3],
    [density_deviation, heat]: [&[T]; 2],
    [kept_x, kept_y, kept_n]: [&mut [T]; 3],
    [u, v, n]: [&mut [T]; 3],
    theta: &mut [T],
    pressure: &mut [T],
    density: &mut [T],
) {
    let width = u.len();
    let (v, n, theta) = (&mut v[..width], &mut n[..width], &mut theta[..width]);
    let (kept_x, kept_y, kept_n) = (&mut kept_x[..width], &mut kept_y[..width], &mut kept_n[..width]);
    let (pressure, density) = (&mut pressure[..width], &mut density[..width]);
    let (momentum_x, momentum_y, momentum_n) =
        (&momentum_x[..width], &momentum_y[..width], &momentum_n[..width]);
    let (density_deviation, heat) = (&density_deviation[..width], &heat[..width]);
    let (density0, theta0) = (&density0[..width], &theta0[..width]);
    let (inverse_heat0, pressure0) = (&inverse_heat0[..width], &pressure0[..width]);
    let polynomial = *polynomial;
    for i in 0..width {
        let momentum = [momentum_x[i], momentum_y[i], momentum_n[i]];
        [kept_x[i], kept_y[i], kept_n[i]] = momentum;
        let reference = [density0[i], theta0[i], inverse_heat0[i], pressure0[i]];
        ([u[i], v[i], n[i]], [theta[i], pressure[i], density[i]]) =
            primitives_of_cell(reference, &polynomial, momentum, density_deviation[i], heat[i]);
    }
}

/// out *= factor.
#[inline(never)]
fn scale<T: Real>(factor: &[T], out: &mut [T]) {
    let n = out.len();
    let factor = &factor[..n];
    for i in 0..n {
        out[i] = out[i] * factor[i];
    }
}
