//! The columns of one row over terrain: vertical advection, the slopes' share of the pressure gradient, the solve.

use super::Ground;
use crate::aligned::Aligned;
use crate::dynamics::euler::fluxes::Tendencies;
use crate::dynamics::euler::levels::power_deviation;
use crate::dynamics::euler::sphere::TileStage;
use crate::dynamics::euler::sphere::census::CensusRows;
use crate::dynamics::euler::sphere::points::Points;
use crate::dynamics::euler::terrain::column::{Column, ColumnWork};
use crate::dynamics::euler::terrain::fluxes::{
    FaceRows, add_product, advect_upwards, advect_w_upwards, contravariant_flux, theta_of_interfaces,
};
use crate::dynamics::euler::terrain::pressure::{add_slope_share, imbalance};
use crate::dynamics::euler::terrain::primitives::{share_to_ground, vertical_velocity};
use crate::dynamics::euler::{Census, Inputs, Levels, StageSetting};
use crate::dynamics::slab::Slab;
use crate::dynamics::sphere::Sheet;
use crate::real::Real;
use crate::state::TileState;

/// Scratch for a row of columns, and the differences of the pressure along the lowest level of a tile.
#[derive(Clone)]
pub struct GroundRow<T> {
    /// Along x and y.
    pub lowest: [Sheet<T>; 2],
    rows: FaceRows<T>,
    solve: ColumnWork<T>,
    /// Point values of the velocity and of p'.
    velocity: [Slab<T>; 3],
    point_pressure: Slab<T>,
    /// w, theta - theta0 and p' of the averages.
    w: Slab<T>,
    theta: Slab<T>,
    pressure: Slab<T>,
    /// The imbalance of the columns at the interfaces below and above the cells.
    below: Aligned<T>,
    above: Aligned<T>,
    /// First or second derivative of the pressure along the columns.
    vertical: Aligned<T>,
    census: CensusRows<T>,
}

impl<T: Real> GroundRow<T> {
    /// Scratch for tiles of `nz` levels and at most `size` columns.
    pub fn new(nz: usize, size: [usize; 2]) -> Self {
        let row = size[0] + 2;
        let centre = Slab::new(nz, row);
        GroundRow {
            lowest: [Sheet::new(size), Sheet::new(size)],
            rows: FaceRows::new(row),
            solve: ColumnWork::new(nz, row),
            velocity: [centre.clone(), centre.clone(), centre.clone()],
            point_pressure: centre.clone(),
            w: Slab::new(nz + 1, row),
            theta: centre.clone(),
            pressure: centre,
            below: Aligned::zeros(row),
            above: Aligned::zeros(row),
            vertical: Aligned::zeros(row),
            census: CensusRows::new(row),
        }
    }

    /// Number of slabs that [`GroundRow::new`] allocates, for the memory estimate.
    pub const SLABS: usize = 7 + ColumnWork::<T>::SLABS;

    /// Forgets the census.
    pub fn clear_census(&mut self) {
        self.census.clear();
    }

    /// The census of all rows since it was cleared.
    pub fn census(&self) -> Census {
        self.census.total()
    }

    /// Ends the stage for row `j`, whose horizontal tendencies are known.
    pub(in crate::dynamics::euler::sphere) fn advance(
        &mut self,
        levels: &Levels<T>,
        ground: &Ground<T>,
        setting: &StageSetting<T>,
        stage: &mut TileStage<'_, T>,
        j: usize,
        tendencies: &mut Tendencies<T>,
    ) {
        let TileStage { initial, previous, points, next, buoyancy, fluxes } = stage;
        self.primitives(levels, ground, previous, j);
        contravariant_flux(&ground.columns, ground, previous, j, &mut self.solve.omega);
        if setting.is_first {
            self.count(ground, previous, j);
        }
        self.at_points(levels, ground, previous, points, j);
        self.advect(ground, j, tendencies);
        self.add_slopes(levels, ground, points, j, tendencies);
        let inputs = Inputs { initial, previous, open: None };
        let column = Column { levels, columns: &ground.columns, slopes: ground, stage: setting, inputs, j };
        let GroundRow { solve, pressure, .. } = self;
        column.update(|k| pressure.row(k), tendencies, solve, buoyancy, next);
        if let Some(vertical) = fluxes.as_mut().and_then(|fluxes| fluxes.vertical.as_mut()) {
            column.keep_vertical(solve, vertical);
        }
    }

    /// Takes row `j` into the census, outside a step.
    pub fn take_census(&mut self, levels: &Levels<T>, ground: &Ground<T>, state: &TileState<T>, j: usize) {
        self.primitives(levels, ground, state, j);
        contravariant_flux(&ground.columns, ground, state, j, &mut self.solve.omega);
        self.count(ground, state, j);
    }

    /// w inside, theta - theta0 and p' of row `j`.
    fn primitives(&mut self, levels: &Levels<T>, ground: &Ground<T>, state: &TileState<T>, j: usize) {
        let n = state.density.layout().ni;
        let columns = &ground.columns;
        for k in 0..levels.nz {
            let (density, density0) = (state.density.cells(j, k), columns.density.cells(j, k));
            heat_and_pressure(
                [density0, columns.theta.cells(j, k)],
                [columns.inverse_heat.cells(j, k), columns.pressure.cells(j, k)],
                &levels.pressure_polynomial,
                [density, state.heat.cells(j, k)],
                &mut self.theta.row_mut(k)[..n],
                &mut self.pressure.row_mut(k)[..n],
            );
            if k > 0 {
                vertical_velocity(
                    columns.weight_above.cells(j, k),
                    [density0, columns.density.cells(j, k - 1)],
                    [density, state.density.cells(j, k - 1)],
                    state.momentum_z.cells(j, k),
                    &mut self.w.row_mut(k)[..n],
                );
            }
        }
    }

    /// Velocities and p' at the cells' centres of row `j`, and from the former w along the ground.
    fn at_points(
        &mut self,
        levels: &Levels<T>,
        ground: &Ground<T>,
        state: &TileState<T>,
        points: &Points<T>,
        j: usize,
    ) {
        let n = state.density.layout().ni;
        let columns = &ground.columns;
        let momentum = [&state.momentum_x, &state.momentum_y].into_iter().chain(&state.momentum_n);
        for (velocity, momentum) in self.velocity.iter_mut().zip(momentum) {
            for k in 0..levels.nz {
                let density = [columns.density.cells(j, k), points.density.cells(j, k)];
                divide(density, momentum.cells(j, k), &mut velocity.row_mut(k)[..n]);
            }
        }
        for k in 0..levels.nz {
            pressure_row(
                [columns.inverse_heat.cells(j, k), columns.pressure.cells(j, k)],
                &levels.pressure_polynomial,
                points.heat.cells(j, k),
                &mut self.point_pressure.row_mut(k)[..n],
            );
        }
        let at_ground = self.velocity.each_ref().map(|velocity| [velocity.row(0), velocity.row(1)]);
        let slope = ground.slope.each_ref().map(|slope| slope.cells(j, 0));
        ground_velocity(share_to_ground(levels), slope, at_ground, &mut self.w.row_mut(0)[..n]);
    }

    /// Adds the vertical advection to the tendencies.
    fn advect(&mut self, ground: &Ground<T>, j: usize, tendencies: &mut Tendencies<T>) {
        let GroundRow { rows, solve, velocity, w, theta, .. } = self;
        let ColumnWork { omega, theta_interface, .. } = solve;
        let columns = &ground.columns;
        let Tendencies { u, v, n, w: w_rate, .. } = tendencies;
        for (velocity, rate) in velocity.iter().zip([u, v].into_iter().chain(n)) {
            advect_upwards(columns, j, |level| velocity.row(level), omega, rows, rate);
        }
        advect_w_upwards(columns, j, |level| w.row(level), omega, rows, w_rate);
        theta_of_interfaces(columns, j, |level| theta.row(level), omega, theta_interface);
    }

    /// Adds the slopes times the vertical pressure gradient: what the gradient along the levels has too much.
    fn add_slopes(
        &mut self,
        levels: &Levels<T>,
        ground: &Ground<T>,
        points: &Points<T>,
        j: usize,
        tendencies: &mut Tendencies<T>,
    ) {
        let n = ground.columns.thickness.layout().ni;
        self.lowest_vertical(levels, ground, points, j);
        let Tendencies { u, v, n: third, .. } = tendencies;
        let GroundRow { below, above, vertical, point_pressure, .. } = self;
        for k in 0..levels.nz {
            std::mem::swap(below, above);
            let pressure = |level| point_pressure.row(level);
            imbalance(levels, &ground.columns, [j, k + 1], pressure, &points.density, &mut above[..n]);
            let rates = [&mut *u, &mut *v].into_iter().chain(third.as_mut());
            for (slope, rate) in ground.slope.iter().zip(rates) {
                let slopes = [slope.cells(j, k), slope.cells(j, k + 1)];
                let rate = &mut rate.row_mut(k)[..n];
                match k {
                    0 => add_product_of_mean(slopes, &vertical[..n], rate),
                    _ => {
                        let density = points.density.cells(j, k);
                        add_slope_share(levels.gravity, slopes, [&below[..n], &above[..n]], density, rate);
                    }
                }
            }
            let inner = k.clamp(1, levels.nz - 2);
            bend(
                [inner, inner + 1].map(|k| ground.columns.inverse_spacing.cells(j, k)),
                [inner - 1, inner, inner + 1].map(pressure),
                &mut vertical[..n],
            );
            let rates = [&mut *u, &mut *v].into_iter().chain(third.as_mut());
            for (truncation, rate) in ground.truncation.iter().zip(rates) {
                add_product(truncation.cells(j, k), &vertical[..n], &mut rate.row_mut(k)[..n]);
            }
        }
    }

    /// The vertical pressure gradient in the lowest cells.
    fn lowest_vertical(&mut self, levels: &Levels<T>, ground: &Ground<T>, points: &Points<T>, j: usize) {
        let n = ground.columns.thickness.layout().ni;
        let (columns, lowest) = (&ground.columns, &ground.lowest);
        lowest_terms(
            [levels.gravity, share_to_ground(levels)],
            columns.inverse_spacing.cells(j, 1),
            [self.point_pressure.row(0), self.point_pressure.row(1)],
            columns.density.cells(j, 0),
            [points.density.cells(j, 0), points.density.cells(j, 1)],
            self.velocity.each_ref().map(|velocity| velocity.row(0)),
            lowest.curvature.each_ref().map(|field| field.cells(j, 0)),
            lowest.turn.each_ref().map(|field| field.cells(j, 0)),
            &mut self.vertical[..n],
        );
        close_lowest(
            lowest.raise.each_ref().map(|field| field.cells(j, 0)),
            self.lowest.each_ref().map(|sheet| sheet.from(0, j as isize)),
            lowest.share.cells(j, 0),
            &mut self.vertical[..n],
        );
    }

    /// Takes row `j` into the census; the largest speed stands for u.
    fn count(&mut self, ground: &Ground<T>, state: &TileState<T>, j: usize) {
        let Some(third) = &state.momentum_n else { return };
        let columns = &ground.columns;
        for k in 0..state.density.layout().levels {
            // Nothing crosses the ground, whose vertical wind is diagnosed.
            let w = if k == 0 { self.solve.omega.row(0) } else { self.w.row(k) };
            self.census.add_over(
                [
                    columns.density.cells(j, k),
                    columns.inverse_thickness.cells(j, k),
                    columns.inverse_heat.cells(j, k),
                ],
                [state.momentum_x.cells(j, k), state.momentum_y.cells(j, k), third.cells(j, k)],
                [state.density.cells(j, k), w, state.heat.cells(j, k)],
                self.solve.omega.row(k),
            );
        }
    }
}

/// out += (a0 + a1)/2 b.
#[inline(never)]
fn add_product_of_mean<T: Real>([first, second]: [&[T]; 2], b: &[T], out: &mut [T]) {
    let n = out.len();
    let (first, second, b) = (&first[..n], &second[..n], &b[..n]);
    for i in 0..n {
        out[i] += T::of(0.5) * (first[i] + second[i]) * b[i];
    }
}

/// The second derivative of the pressure along the column.
#[inline(never)]
fn bend<T: Real>([spacing_below, spacing_above]: [&[T]; 2], [below, here, above]: [&[T]; 3], out: &mut [T]) {
    let n = out.len();
    let (spacing_below, spacing_above) = (&spacing_below[..n], &spacing_above[..n]);
    let (below, here, above) = (&below[..n], &here[..n], &above[..n]);
    let two = T::of(2.0);
    for i in 0..n {
        let change = (above[i] - here[i]) * spacing_above[i] - (here[i] - below[i]) * spacing_below[i];
        // 2/(1/a + 1/b) of the inverse distances a and b is the inverse mean distance.
        let inverse = two * spacing_above[i] * spacing_below[i] / (spacing_above[i] + spacing_below[i]);
        out[i] = change * inverse;
    }
}

#[inline(never)]
fn divide<T: Real>([density0, density]: [&[T]; 2], momentum: &[T], velocity: &mut [T]) {
    let n = velocity.len();
    let (density0, density, momentum) = (&density0[..n], &density[..n], &momentum[..n]);
    for i in 0..n {
        velocity[i] = momentum[i] / (density0[i] + density[i]);
    }
}

#[inline(never)]
fn pressure_row<T: Real>(
    [inverse_heat0, pressure0]: [&[T]; 2],
    polynomial: &[T; 7],
    heat: &[T],
    pressure: &mut [T],
) {
    let n = pressure.len();
    let (inverse_heat0, pressure0, heat) = (&inverse_heat0[..n], &pressure0[..n], &heat[..n]);
    let polynomial = *polynomial;
    for i in 0..n {
        pressure[i] = pressure0[i] * power_deviation(heat[i] * inverse_heat0[i], &polynomial);
    }
}

#[inline(never)]
fn heat_and_pressure<T: Real>(
    [density0, theta0]: [&[T]; 2],
    [inverse_heat0, pressure0]: [&[T]; 2],
    polynomial: &[T; 7],
    [density, heat]: [&[T]; 2],
    theta: &mut [T],
    pressure: &mut [T],
) {
    let n = theta.len();
    let (density0, theta0, density, heat) = (&density0[..n], &theta0[..n], &density[..n], &heat[..n]);
    let (inverse_heat0, pressure0) = (&inverse_heat0[..n], &pressure0[..n]);
    let pressure = &mut pressure[..n];
    let polynomial = *polynomial;
    for i in 0..n {
        theta[i] = (heat[i] - theta0[i] * density[i]) / (density0[i] + density[i]);
        pressure[i] = pressure0[i] * power_deviation(heat[i] * inverse_heat0[i], &polynomial);
    }
}

/// w of air that flows along the ground: the slope times the velocity extrapolated to the ground.
#[inline(never)]
fn ground_velocity<T: Real>(share: T, slope: [&[T]; 3], velocity: [[&[T]; 2]; 3], w: &mut [T]) {
    let n = w.len();
    let slope = slope.map(|row| &row[..n]);
    let velocity = velocity.map(|pair| pair.map(|row| &row[..n]));
    for i in 0..n {
        let part = |c: usize| {
            let [lowest, second] = [velocity[c][0][i], velocity[c][1][i]];
            slope[c][i] * (lowest + share * (lowest - second))
        };
        w[i] = (part(0) + part(1)) + part(2);
    }
}

/// The vertical pressure gradient at the upper interface of the lowest cells, and what of that at the ground does not
/// depend on the horizontal one (the terms c of [`crate::dynamics::euler::terrain::pressure`], with the Coriolis force).
#[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
#[inline(never)]
fn lowest_terms<T: Real>(
    [gravity, share]: [T; 2],
    inverse_spacing: &[T],
    [pressure, pressure_above]: [&[T]; 2],
    density0: &[T],
    [density, density_above]: [&[T]; 2],
    velocity: [&[T]; 3],
    curvature: [&[T]; 6],
    turn: [&[T]; 3],
    out: &mut [T],
) {
    let n = out.len();
    let (inverse_spacing, density0) = (&inverse_spacing[..n], &density0[..n]);
    let (pressure, pressure_above) = (&pressure[..n], &pressure_above[..n]);
    let (density, density_above) = (&density[..n], &density_above[..n]);
    let ([u, v, m], [tx, ty, tn]) = (velocity.map(|row| &row[..n]), turn.map(|row| &row[..n]));
    let [xx, yy, nn, xy, xn, yn] = curvature.map(|row| &row[..n]);
    for i in 0..n {
        let at_ground = density[i] + share * (density[i] - density_above[i]);
        let (u, v, m) = (u[i], v[i], m[i]);
        let squares = (xx[i] * (u * u) + yy[i] * (v * v)) + nn[i] * (m * m);
        let bend = squares + ((xy[i] * (u * v) + xn[i] * (u * m)) + yn[i] * (v * m));
        let turn = (tx[i] * u + ty[i] * v) + tn[i] * m;
        out[i] = (pressure_above[i] - pressure[i]) * inverse_spacing[i]
            - gravity * at_ground
            - (density0[i] + density[i]) * (bend - turn);
    }
}

/// (c - s.B)/(2 + s.s) from c, with -s.B from the differences of the pressure along the level.
#[inline(never)]
fn close_lowest<T: Real>(
    [raise_x, raise_y]: [&[T]; 2],
    [along_x, along_y]: [&[T]; 2],
    share: &[T],
    vertical: &mut [T],
) {
    let n = vertical.len();
    let (raise_x, raise_y, share) = (&raise_x[..n], &raise_y[..n], &share[..n]);
    let (along_x, along_y) = (&along_x[..n], &along_y[..n]);
    for i in 0..n {
        vertical[i] = (vertical[i] + (raise_x[i] * along_x[i] + raise_y[i] * along_y[i])) * share[i];
    }
}
