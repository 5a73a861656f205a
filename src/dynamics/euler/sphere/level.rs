//! One level of a tile: from point values to the explicit horizontal tendencies.

use super::points::Points;
use crate::dynamics::euler::Levels;
use crate::dynamics::euler::fluxes::Tendencies;
use crate::dynamics::euler::levels::power_deviation;
use crate::dynamics::sphere::faces::{
    AveragedFluxes, Stencil, around_x, around_y, at, blend_faces, cut, faces_on_sides, rows_on_sides,
    scalar_divergence, upwind_x, upwind_y, values_on_side, with_outer,
};
use crate::dynamics::sphere::metric::Normal;
use crate::dynamics::sphere::momentum::{MomentumDifferences, normal_momentum};
use crate::dynamics::sphere::sheet::{MARGIN, runs};
use crate::dynamics::sphere::stencils::{Upwinding, both_sides};
use crate::dynamics::sphere::transport::FaceFluxes;
use crate::dynamics::sphere::{EdgeLines, PanelEdges, Sheet, TileMetric, Variable};
use crate::mesh::cubed_sphere::Side;
use crate::real::Real;
use crate::state::TileState;

/// Number of variables that are interpolated to faces, and their places: the momentum and the velocity with three
/// components each, theta - theta0, p' and w.
const VARIABLES: usize = 9;
const MOMENTUM: usize = 0;
const VELOCITY: usize = 3;
const THETA: usize = 6;
const PRESSURE: usize = 7;
const W: usize = 8;

/// Fluxes through the faces across one direction.
#[derive(Clone, Debug)]
pub(super) struct Fluxes<T> {
    pub mass: Sheet<T>,
    /// Mass flux of the level below, and that of the half cells around the interface between.
    mass_below: Sheet<T>,
    mass_half: Sheet<T>,
    pub momentum: [Sheet<T>; 3],
    /// Of rho (theta - theta0).
    pub theta: Sheet<T>,
    pub w: Sheet<T>,
    pub pressure: Sheet<T>,
}

/// What the faces of a level have in common.
pub(super) struct LevelFaces<'a, T> {
    /// 1/a0 and phi a0.
    pub sound: [T; 2],
    /// Shares of this level and the one below in the mass flux of the half cells around the interface between.
    pub shares: [T; 2],
    /// Of momentum, theta and w.
    pub upwinding: Upwinding<T>,
    /// Lengths of the faces across x and across y, over terrain times their heights.
    pub sizes: [&'a Sheet<T>; 2],
}

impl<T: Real> Fluxes<T> {
    fn new(size: [usize; 2]) -> Self {
        let sheet = Sheet::new(size);
        Fluxes {
            mass: sheet.clone(),
            mass_below: sheet.clone(),
            mass_half: sheet.clone(),
            momentum: [sheet.clone(), sheet.clone(), sheet.clone()],
            theta: sheet.clone(),
            w: sheet.clone(),
            pressure: sheet,
        }
    }
}

/// Scratch for the work on a level.
#[derive(Clone, Debug)]
pub struct LevelWork<T> {
    pub(super) variables: [Variable<T>; VARIABLES],
    pub(super) density: Sheet<T>,
    pub(super) density_below: Sheet<T>,
    pub(super) x: Fluxes<T>,
    pub(super) y: Fluxes<T>,
    pub(super) lines: EdgeLines<T, VARIABLES>,
    pub(super) averaged: AveragedFluxes<T>,
    pub(super) differences: MomentumDifferences<T>,
}

impl<T: Real> LevelWork<T> {
    /// Scratch for tiles of at most `ni` x `nj` columns.
    pub fn new(size: [usize; 2]) -> Self {
        LevelWork {
            variables: std::array::from_fn(|_| Variable::new(size)),
            density: Sheet::new(size),
            density_below: Sheet::new(size),
            x: Fluxes::new(size),
            y: Fluxes::new(size),
            lines: EdgeLines::new(size),
            averaged: AveragedFluxes::new(size),
            differences: MomentumDifferences::new(size[0]),
        }
    }

    /// Number of values that [`LevelWork::new`] allocates, for the memory estimate.
    pub fn len(size: [usize; 2]) -> usize {
        (9 + 2 + 2 * 9 + 2) * Sheet::<T>::len(size)
    }

    /// Computes the explicit horizontal tendencies of level `k` of a tile into level `k` of `rates`, one for each row
    /// (W: those of interface `k`), and the mass fluxes into `kept` if they are asked for. Levels must come in the order from the ground up.
    #[expect(clippy::too_many_arguments, reason = "inputs and outputs of a level are separate by nature")]
    pub fn tendencies(
        &mut self,
        levels: &Levels<T>,
        metric: &TileMetric<T>,
        edges: &PanelEdges<T>,
        k: usize,
        state: &TileState<T>,
        points: &Points<T>,
        rates: &mut [Tendencies<T>],
        kept: Option<&mut FaceFluxes<T>>,
    ) {
        self.load(levels, metric, k, state, points);
        edges.close(&mut self.variables, &mut self.lines);
        let faces = LevelFaces {
            sound: [levels.inverse_sound[k], levels.damped_sound[k]],
            shares: [levels.weight_above[k], levels.weight_below[k]],
            upwinding: levels.upwinding,
            sizes: [&metric.length_x, &metric.length_y],
        };
        self.fluxes_x(&faces, metric, k);
        self.fluxes_y(&faces, metric, k);
        self.scalar_rates(levels, metric, k, rates);
        for (j, rates) in rates.iter_mut().enumerate().take(metric.nj) {
            self.momentum_rates(metric, k, j, state, rates);
        }
        self.end_level(metric, kept);
    }

    /// Keeps the mass fluxes if they are asked for, and remembers what the level above needs.
    pub(super) fn end_level(&mut self, metric: &TileMetric<T>, kept: Option<&mut FaceFluxes<T>>) {
        if let Some(kept) = kept {
            kept.keep(metric, [&self.x.mass, &self.y.mass]);
        }
        for fluxes in [&mut self.x, &mut self.y] {
            std::mem::swap(&mut fluxes.mass, &mut fluxes.mass_below);
        }
        std::mem::swap(&mut self.density, &mut self.density_below);
    }

    /// Primitive variables of the cells and the whole margin.
    fn load(
        &mut self,
        levels: &Levels<T>,
        metric: &TileMetric<T>,
        k: usize,
        state: &TileState<T>,
        points: &Points<T>,
    ) {
        let margin = MARGIN as isize;
        let width = metric.ni + 2 * MARGIN;
        let third = state.momentum_n.as_ref().unwrap_or(&state.momentum_x);
        for j in -margin..metric.nj as isize + margin {
            let momentum = [state.momentum_x.row(j, k), state.momentum_y.row(j, k), third.row(j, k)];
            let [mx, my, mn, u, v, n, theta, pressure, w] = rows_mut(&mut self.variables, j, width);
            primitives(
                [levels.density[k], levels.theta[k], levels.inverse_heat[k], levels.pressure[k]],
                &levels.pressure_polynomial,
                momentum,
                points.density.row(j, k),
                points.heat.row(j, k),
                [mx, my, mn],
                [u, v, n],
                theta,
                pressure,
                &mut self.density.row_mut(j)[..width],
            );
            if k > 0 {
                vertical_velocity(
                    [levels.weight_above[k], levels.weight_below[k]],
                    self.density.row(j),
                    self.density_below.row(j),
                    points.momentum_z.row(j, k),
                    w,
                );
            }
        }
    }

    pub(super) fn fluxes_x(&mut self, level: &LevelFaces<'_, T>, metric: &TileMetric<T>, k: usize) {
        let LevelWork { variables, x, .. } = self;
        let LevelFaces { sound, shares, upwinding, sizes: [size, _] } = *level;
        let carrying = [&variables[MOMENTUM], &variables[MOMENTUM + 2], &variables[PRESSURE]];
        let (normals, rows) = (&metric.normal_x, -1..metric.nj as isize + 1);
        for (j, n) in runs([&carrying[0].cells, size, &normals.along], rows.clone(), metric.ni + 3) {
            acoustic_faces(
                sound,
                [normals.along.onward(-1, j), normals.out.onward(-1, j), size.onward(-1, j)],
                &around_x(&carrying[0].cells, j),
                &around_x(&carrying[1].cells, j),
                &around_x(&carrying[2].cells, j),
                &mut x.mass.onward_mut(-1, j)[..n],
                &mut x.pressure.onward_mut(-1, j)[..n],
            );
        }
        for (side, f) in faces_on_sides(metric) {
            for j in rows.clone() {
                let values = |v: usize| values_on_side(carrying[v], side, f, j);
                let normal = normal_momentum(normals.at(f, j), values(0), values(1));
                let (mass, star) = acoustic(sound, size.at(f, j), normal, values(2));
                x.mass.set(f, j, mass);
                x.pressure.set(f, j, star);
            }
        }
        for (velocity, flux) in variables[VELOCITY..].iter().zip(&mut x.momentum) {
            upwind_x(upwinding, metric, velocity, &x.mass, flux);
        }
        upwind_x(upwinding, metric, &variables[THETA], &x.mass, &mut x.theta);
        if k > 0 {
            blend_faces(metric, shares, [&x.mass, &x.mass_below], &mut x.mass_half);
            upwind_x(upwinding, metric, &variables[W], &x.mass_half, &mut x.w);
        }
    }

    pub(super) fn fluxes_y(&mut self, level: &LevelFaces<'_, T>, metric: &TileMetric<T>, k: usize) {
        let LevelWork { variables, y, .. } = self;
        let LevelFaces { sound, shares, upwinding, sizes: [_, size] } = *level;
        let carrying = [&variables[MOMENTUM + 1], &variables[MOMENTUM + 2], &variables[PRESSURE]];
        let (normals, columns) = (&metric.normal_y, metric.ni + 2);
        let rows = -1..metric.nj as isize + 2;
        for (f, n) in runs([&carrying[0].cells, size, &normals.along], rows, columns) {
            acoustic_faces(
                sound,
                [normals.along.onward(-1, f), normals.out.onward(-1, f), size.onward(-1, f)],
                &around_y(&carrying[0].cells, f),
                &around_y(&carrying[1].cells, f),
                &around_y(&carrying[2].cells, f),
                &mut y.mass.onward_mut(-1, f)[..n],
                &mut y.pressure.onward_mut(-1, f)[..n],
            );
        }
        for (side, f) in rows_on_sides(metric) {
            let acoustic = match side {
                Side::South => acoustic_on_side::<T, true>,
                _ => acoustic_on_side::<T, false>,
            };
            let outer = |v: usize| carrying[v].outer.side(side);
            let cells = |v: usize| around_y(&carrying[v].cells, f);
            acoustic(
                sound,
                [normals.along.from(-1, f), normals.out.from(-1, f), size.from(-1, f)],
                [cells(0), cells(1), cells(2)],
                [outer(0), outer(1), outer(2)],
                &mut y.mass.from_mut(-1, f)[..columns],
                &mut y.pressure.from_mut(-1, f)[..columns],
            );
        }
        for (velocity, flux) in variables[VELOCITY..].iter().zip(&mut y.momentum) {
            upwind_y(upwinding, metric, velocity, &y.mass, flux);
        }
        upwind_y(upwinding, metric, &variables[THETA], &y.mass, &mut y.theta);
        if k > 0 {
            blend_faces(metric, shares, [&y.mass, &y.mass_below], &mut y.mass_half);
            upwind_y(upwinding, metric, &variables[W], &y.mass_half, &mut y.w);
        }
    }

    /// Density, heat and W.
    fn scalar_rates(
        &mut self,
        levels: &Levels<T>,
        metric: &TileMetric<T>,
        k: usize,
        rates: &mut [Tendencies<T>],
    ) {
        let LevelWork { x, y, averaged, .. } = self;
        let n = metric.ni;
        scalar_divergence(metric, &x.mass, &y.mass, averaged, |j, row| {
            row.store(&mut rates[j].density.row_mut(k)[..n]);
        });
        scalar_divergence(metric, &x.theta, &y.theta, averaged, |j, row| {
            let Tendencies { density, heat, .. } = &mut rates[j];
            row.store(&mut heat.row_mut(k)[..n]);
            add_scaled(density.row(k), levels.theta[k], &mut heat.row_mut(k)[..n]);
        });
        if k > 0 {
            scalar_divergence(metric, &x.w, &y.w, averaged, |j, row| {
                row.store(&mut rates[j].w.row_mut(k)[..n]);
            });
        }
    }

    /// Horizontal momentum of row `j`.
    fn momentum_rates(
        &mut self,
        metric: &TileMetric<T>,
        k: usize,
        j: usize,
        state: &TileState<T>,
        rates: &mut Tendencies<T>,
    ) {
        let LevelWork { x, y, differences, .. } = self;
        differences.take(metric, j, [&x.momentum, &y.momentum], [&x.pressure, &y.pressure]);
        self.finish_momentum(metric, k, j, state, rates);
    }

    /// Tendencies of the momentum from the differences taken for row `j`.
    pub(super) fn finish_momentum(
        &self,
        metric: &TileMetric<T>,
        k: usize,
        j: usize,
        state: &TileState<T>,
        rates: &mut Tendencies<T>,
    ) {
        let n = metric.ni;
        let Tendencies { u, v, n: third_rate, .. } = rates;
        let (Some(third), Some(third_rate)) = (&state.momentum_n, third_rate) else { return };
        self.differences.rates(
            metric,
            j,
            [state.momentum_x.cells(j, k), state.momentum_y.cells(j, k), third.cells(j, k)],
            [&mut u.row_mut(k)[..n], &mut v.row_mut(k)[..n], &mut third_rate.row_mut(k)[..n]],
        );
    }
}

/// Row `j` of all variables, margins included. Written out, because the library's functions that map arrays are
/// compiled to calls.
#[inline(always)]
pub(super) fn rows_mut<T: Real>(
    variables: &mut [Variable<T>; VARIABLES],
    j: isize,
    width: usize,
) -> [&mut [T]; VARIABLES] {
    let [a, b, c, d, e, f, g, h, i] = variables;
    [
        &mut a.cells.row_mut(j)[..width],
        &mut b.cells.row_mut(j)[..width],
        &mut c.cells.row_mut(j)[..width],
        &mut d.cells.row_mut(j)[..width],
        &mut e.cells.row_mut(j)[..width],
        &mut f.cells.row_mut(j)[..width],
        &mut g.cells.row_mut(j)[..width],
        &mut h.cells.row_mut(j)[..width],
        &mut i.cells.row_mut(j)[..width],
    ]
}

/// A copy of the momentum, velocity, theta - theta0, p' and density of a row.
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn primitives<T: Real>(
    reference: [T; 4],
    polynomial: &[T; 7],
    [momentum_x, momentum_y, momentum_n]: [&[T]; 3],
    density_deviation: &[T],
    heat: &[T],
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
    let polynomial = *polynomial;
    for i in 0..width {
        let momentum = [momentum_x[i], momentum_y[i], momentum_n[i]];
        [kept_x[i], kept_y[i], kept_n[i]] = momentum;
        ([u[i], v[i], n[i]], [theta[i], pressure[i], density[i]]) =
            primitives_of_cell(reference, &polynomial, momentum, density_deviation[i], heat[i]);
    }
}

/// Velocity, and theta - theta0, p' and density of a cell, where density, theta, the inverse of rho theta and the
/// pressure of the reference are given.
#[inline(always)]
pub(super) fn primitives_of_cell<T: Real>(
    [density0, theta0, inverse_heat0, pressure0]: [T; 4],
    polynomial: &[T; 7],
    momentum: [T; 3],
    density_deviation: T,
    heat: T,
) -> ([T; 3], [T; 3]) {
    let density = density0 + density_deviation;
    let specific_volume = T::ONE / density;
    let theta = (heat - theta0 * density_deviation) * specific_volume;
    let pressure = pressure0 * power_deviation(heat * inverse_heat0, polynomial);
    let [x, y, n] = momentum;
    ([x * specific_volume, y * specific_volume, n * specific_volume], [theta, pressure, density])
}

#[inline(never)]
fn vertical_velocity<T: Real>(
    [above, below]: [T; 2],
    density: &[T],
    density_below: &[T],
    momentum_z: &[T],
    w: &mut [T],
) {
    let n = w.len();
    let (density, density_below, momentum_z) = (&density[..n], &density_below[..n], &momentum_z[..n]);
    for i in 0..n {
        w[i] = momentum_z[i] / (above * density[i] + below * density_below[i]);
    }
}

/// The low-Mach Riemann solution at a face (LMARS, Chen et al. 2013, in momentum form): mass flux times the length
/// of the face, and face pressure.
#[inline(always)]
fn acoustic<T: Real>(
    [inverse_sound, damped_sound]: [T; 2],
    length: T,
    [left, right]: [T; 2],
    [pressure_left, pressure_right]: [T; 2],
) -> (T, T) {
    let half = T::of(0.5);
    let mass = (left + right) - inverse_sound * (pressure_right - pressure_left);
    let pressure = (pressure_left + pressure_right) - damped_sound * (right - left);
    (length * (half * mass), half * pressure)
}

/// Mass fluxes and pressures of faces whose values all come from the cells around them: normals and lengths of the
/// faces, and the cells around them of both components of the momentum and of the pressure.
#[inline(never)]
fn acoustic_faces<T: Real>(
    sound: [T; 2],
    [along, out, length]: [&[T]; 3],
    momentum: &Stencil<'_, T>,
    momentum_out: &Stencil<'_, T>,
    pressure: &Stencil<'_, T>,
    mass: &mut [T],
    face_pressure: &mut [T],
) {
    let n = mass.len();
    let (along, out, length, face_pressure) = (&along[..n], &out[..n], &length[..n], &mut face_pressure[..n]);
    let (momentum, momentum_out, pressure) = (cut(momentum, n), cut(momentum_out, n), cut(pressure, n));
    for i in 0..n {
        let normal = Normal { along: along[i], out: out[i] };
        let normal = normal_momentum(normal, both_sides(at(&momentum, i)), both_sides(at(&momentum_out, i)));
        (mass[i], face_pressure[i]) = acoustic(sound, length[i], normal, both_sides(at(&pressure, i)));
    }
}

/// The same for a row of faces on a southern or northern side of the panel.
#[inline(never)]
fn acoustic_on_side<T: Real, const IS_SOUTH: bool>(
    sound: [T; 2],
    [along, out, length]: [&[T]; 3],
    [momentum, momentum_out, pressure]: [Stencil<'_, T>; 3],
    outers: [&[T]; 3],
    mass: &mut [T],
    face_pressure: &mut [T],
) {
    let n = mass.len();
    let (along, out, length, face_pressure) = (&along[..n], &out[..n], &length[..n], &mut face_pressure[..n]);
    let (momentum, momentum_out, pressure) = (cut(&momentum, n), cut(&momentum_out, n), cut(&pressure, n));
    let outers = [&outers[0][..n], &outers[1][..n], &outers[2][..n]];
    for i in 0..n {
        let momentum = with_outer::<T, IS_SOUTH>(outers[0][i], both_sides(at(&momentum, i)));
        let momentum_out = with_outer::<T, IS_SOUTH>(outers[1][i], both_sides(at(&momentum_out, i)));
        let pressure = with_outer::<T, IS_SOUTH>(outers[2][i], both_sides(at(&pressure, i)));
        let normal = normal_momentum(Normal { along: along[i], out: out[i] }, momentum, momentum_out);
        (mass[i], face_pressure[i]) = acoustic(sound, length[i], normal, pressure);
    }
}

/// out += factor * q.
#[inline(never)]
fn add_scaled<T: Real>(q: &[T], factor: T, out: &mut [T]) {
    let n = out.len();
    let q = &q[..n];
    for i in 0..n {
        out[i] += factor * q[i];
    }
}
