//! The work on one tile: from point values to the tendencies of depth and momentum.

use super::ground::Ground;
use crate::dynamics::sphere::faces::{
    AveragedFluxes, Stencil, around_x, around_y, at, cut, faces_on_sides, rows_on_sides, scalar_divergence,
    upwind_x, upwind_y, values_on_side, with_outer,
};
use crate::dynamics::sphere::metric::Normal;
use crate::dynamics::sphere::momentum::{MomentumDifferences, normal_momentum};
use crate::dynamics::sphere::sheet::{MARGIN, runs};
use crate::dynamics::sphere::stencils::{Upwinding, both_sides, upwind};
use crate::dynamics::sphere::transport::FaceFluxes;
use crate::dynamics::sphere::{EdgeLines, Sheet, TileGeometry, TileMetric, Variable};
use crate::mesh::cubed_sphere::Side;
use crate::real::Real;
use crate::state::{Field, TileState};

/// Fluxes through the faces across one direction.
#[derive(Clone, Debug)]
struct Fluxes<T> {
    mass: Sheet<T>,
    momentum: [Sheet<T>; 3],
    /// Height of the surface at the faces.
    surface: Sheet<T>,
}

impl<T: Real> Fluxes<T> {
    fn new(size: [usize; 2]) -> Self {
        let sheet = Sheet::new(size);
        Fluxes {
            mass: sheet.clone(),
            momentum: [sheet.clone(), sheet.clone(), sheet.clone()],
            surface: sheet,
        }
    }
}

/// What a tile is stepped with besides its state.
#[derive(Clone, Copy)]
pub struct TileLayer<'a, T> {
    pub geometry: &'a TileGeometry<T>,
    pub ground: &'a Ground<T>,
    /// Point values of the ground and of the depth, halo included.
    pub ground_points: &'a Field<T>,
    pub depth_points: &'a Field<T>,
}

/// Number of variables that are interpolated to faces.
const VARIABLES: usize = 4;

/// Scratch for the work on a tile.
#[derive(Clone, Debug)]
pub struct LayerWork<T> {
    /// The velocity, and the height of the surface.
    variables: [Variable<T>; VARIABLES],
    x: Fluxes<T>,
    y: Fluxes<T>,
    lines: EdgeLines<T, VARIABLES>,
    averaged: AveragedFluxes<T>,
    differences: MomentumDifferences<T>,
}

impl<T: Real> LayerWork<T> {
    /// Scratch for tiles of at most `ni` x `nj` columns.
    pub fn new(size: [usize; 2]) -> Self {
        LayerWork {
            variables: std::array::from_fn(|_| Variable::new(size)),
            x: Fluxes::new(size),
            y: Fluxes::new(size),
            lines: EdgeLines::new(size),
            averaged: AveragedFluxes::new(size),
            differences: MomentumDifferences::new(size[0]),
        }
    }

    /// Number of values that [`LayerWork::new`] allocates, for the memory estimate.
    pub fn len(size: [usize; 2]) -> usize {
        (4 + 2 * 5 + 2) * Sheet::<T>::len(size)
    }

    /// Computes the tendencies of a tile into the fields of `rates`.
    pub fn tendencies(
        &mut self,
        gravity: T,
        layer: TileLayer<'_, T>,
        state: &TileState<T>,
        rates: &mut TileState<T>,
    ) {
        let metric = &layer.geometry.metric;
        self.load(layer, state);
        layer.geometry.edges.close(&mut self.variables, &mut self.lines);
        self.fluxes_x(gravity, metric, layer.ground);
        self.fluxes_y(gravity, metric, layer.ground);
        let LayerWork { x, y, averaged, differences, .. } = self;
        scalar_divergence(metric, &x.mass, &y.mass, averaged, |j, row| {
            row.store(rates.density.cells_mut(j, 0));
        });
        let (Some(third), Some(third_rate)) = (&state.momentum_n, &mut rates.momentum_n) else { return };
        for j in 0..metric.nj {
            differences.take(metric, j, [&x.momentum, &y.momentum], [&x.surface, &y.surface]);
            differences.scale_pressure(layer.depth_points.cells(j, 0), gravity);
            differences.rates(
                metric,
                j,
                [state.momentum_x.cells(j, 0), state.momentum_y.cells(j, 0), third.cells(j, 0)],
                [
                    rates.momentum_x.cells_mut(j, 0),
                    rates.momentum_y.cells_mut(j, 0),
                    third_rate.cells_mut(j, 0),
                ],
            );
        }
    }

    /// Adds `weight` times the mass fluxes of the last tendencies to `mean`.
    pub fn add_mass_fluxes(&self, metric: &TileMetric<T>, weight: T, mean: &mut FaceFluxes<T>) {
        for (mean, mass) in [(&mut mean.x, &self.x.mass), (&mut mean.y, &self.y.mass)] {
            for j in -1..=metric.nj as isize + 1 {
                let mass = &mass.from(-1, j)[..metric.ni + 3];
                for (mean, mass) in mean.from_mut(-1, j).iter_mut().zip(mass) {
                    *mean += weight * *mass;
                }
            }
        }
    }

    /// Velocity and surface of the cells and the whole margin.
    fn load(&mut self, layer: TileLayer<'_, T>, state: &TileState<T>) {
        let TileMetric { ni, nj, .. } = layer.geometry.metric;
        let (margin, width) = (MARGIN as isize, ni + 2 * MARGIN);
        let third = state.momentum_n.as_ref().unwrap_or(&state.momentum_x);
        for j in -margin..nj as isize + margin {
            let [u, v, n, surface] = &mut self.variables;
            primitives(
                [state.momentum_x.row(j, 0), state.momentum_y.row(j, 0), third.row(j, 0)],
                [layer.depth_points.row(j, 0), layer.ground_points.row(j, 0)],
                [u, v, n].map(|variable| &mut variable.cells.row_mut(j)[..width]),
                &mut surface.cells.row_mut(j)[..width],
            );
        }
    }

    fn fluxes_x(&mut self, gravity: T, metric: &TileMetric<T>, ground: &Ground<T>) {
        let LayerWork { variables: [velocity @ .., surface], x, .. } = self;
        let carrying = [&velocity[0], &velocity[2], &*surface];
        let (normals, size) = (&metric.normal_x, &metric.length_x);
        let rows = -1..metric.nj as isize + 1;
        for (j, n) in runs([&surface.cells, size, &ground.at_x], rows.clone(), metric.ni + 3) {
            waves(
                gravity,
                [normals.along.onward(-1, j), normals.out.onward(-1, j)],
                [size.onward(-1, j), ground.at_x.onward(-1, j)],
                carrying.map(|variable| around_x(&variable.cells, j)),
                &mut x.mass.onward_mut(-1, j)[..n],
                &mut x.surface.onward_mut(-1, j)[..n],
            );
        }
        for (side, f) in faces_on_sides(metric) {
            for j in rows.clone() {
                let values = |v: usize| values_on_side(carrying[v], side, f, j);
                let normal = normal_momentum(normals.at(f, j), values(0), values(1));
                let place = [size.at(f, j), ground.at_x.at(f, j)];
                let (mass, star) = wave(gravity, place, normal, values(2));
                x.mass.set(f, j, mass);
                x.surface.set(f, j, star);
            }
        }
        for (velocity, flux) in velocity.iter().zip(&mut x.momentum) {
            upwind_x(Upwinding::Full, metric, velocity, &x.mass, flux);
        }
    }

    fn fluxes_y(&mut self, gravity: T, metric: &TileMetric<T>, ground: &Ground<T>) {
        let LayerWork { variables: [velocity @ .., surface], y, .. } = self;
        let carrying = [&velocity[1], &velocity[2], &*surface];
        let (normals, size, columns) = (&metric.normal_y, &metric.length_y, metric.ni + 2);
        let rows = -1..metric.nj as isize + 2;
        for (f, n) in runs([&surface.cells, size, &ground.at_y], rows, columns) {
            waves(
                gravity,
                [normals.along.onward(-1, f), normals.out.onward(-1, f)],
                [size.onward(-1, f), ground.at_y.onward(-1, f)],
                carrying.map(|variable| around_y(&variable.cells, f)),
                &mut y.mass.onward_mut(-1, f)[..n],
                &mut y.surface.onward_mut(-1, f)[..n],
            );
        }
        for (side, f) in rows_on_sides(metric) {
            let waves = match side {
                Side::South => waves_on_side::<T, true>,
                _ => waves_on_side::<T, false>,
            };
            waves(
                gravity,
                [normals.along.from(-1, f), normals.out.from(-1, f)],
                [size.from(-1, f), ground.at_y.from(-1, f)],
                carrying.map(|variable| around_y(&variable.cells, f)),
                carrying.map(|variable| variable.outer.side(side)),
                &mut y.mass.from_mut(-1, f)[..columns],
                &mut y.surface.from_mut(-1, f)[..columns],
            );
        }
        for (velocity, flux) in velocity.iter().zip(&mut y.momentum) {
            upwind_y(Upwinding::Full, metric, velocity, &y.mass, flux);
        }
    }
}

/// Velocity and surface of a row.
#[inline(never)]
fn primitives<T: Real>(
    [momentum_x, momentum_y, momentum_n]: [&[T]; 3],
    [depth, ground]: [&[T]; 2],
    [u, v, n]: [&mut [T]; 3],
    surface: &mut [T],
) {
    let width = u.len();
    let (v, n, surface) = (&mut v[..width], &mut n[..width], &mut surface[..width]);
    let (momentum_x, momentum_y, momentum_n) =
        (&momentum_x[..width], &momentum_y[..width], &momentum_n[..width]);
    let (depth, ground) = (&depth[..width], &ground[..width]);
    for i in 0..width {
        let inverse = T::ONE / depth[i];
        u[i] = momentum_x[i] * inverse;
        v[i] = momentum_y[i] * inverse;
        n[i] = momentum_n[i] * inverse;
        surface[i] = depth[i] + ground[i];
    }
}

/// The low-Froude Riemann solution at a face (LMARS, Chen et al. 2013, for gravity waves): mass flux times the
/// length of the face, and height of the surface. Mirrored arguments give mirrored bits.
#[inline(always)]
fn wave<T: Real>(
    gravity: T,
    [length, ground]: [T; 2],
    [left, right]: [T; 2],
    [surface_left, surface_right]: [T; 2],
) -> (T, T) {
    let half = T::of(0.5);
    let (depth_left, depth_right) = (surface_left - ground, surface_right - ground);
    let speed = (gravity * (half * (depth_left + depth_right))).sqrt();
    let normal = half * ((left + right) + (gravity / speed) * (surface_left - surface_right));
    let surface = half * ((surface_left + surface_right) + (speed / gravity) * (left - right));
    (length * (normal * upwind(normal, [depth_left, depth_right])), surface)
}

/// Mass fluxes and surfaces of faces whose values all come from the cells around them: of both components of the
/// velocity and of the surface.
#[inline(never)]
fn waves<T: Real>(
    gravity: T,
    [along, out]: [&[T]; 2],
    [length, ground]: [&[T]; 2],
    stencils: [Stencil<'_, T>; 3],
    mass: &mut [T],
    face_surface: &mut [T],
) {
    let n = mass.len();
    let (along, out) = (&along[..n], &out[..n]);
    let (length, ground, face_surface) = (&length[..n], &ground[..n], &mut face_surface[..n]);
    let [velocity, velocity_out, surface] = stencils.map(|stencil| cut(&stencil, n));
    for i in 0..n {
        let normal = Normal { along: along[i], out: out[i] };
        let normal = normal_momentum(normal, both_sides(at(&velocity, i)), both_sides(at(&velocity_out, i)));
        (mass[i], face_surface[i]) =
            wave(gravity, [length[i], ground[i]], normal, both_sides(at(&surface, i)));
    }
}

/// The same for a row of faces on a southern or northern side of the panel.
#[inline(never)]
fn waves_on_side<T: Real, const IS_SOUTH: bool>(
    gravity: T,
    [along, out]: [&[T]; 2],
    [length, ground]: [&[T]; 2],
    stencils: [Stencil<'_, T>; 3],
    outers: [&[T]; 3],
    mass: &mut [T],
    face_surface: &mut [T],
) {
    let n = mass.len();
    let (along, out) = (&along[..n], &out[..n]);
    let (length, ground, face_surface) = (&length[..n], &ground[..n], &mut face_surface[..n]);
    let [velocity, velocity_out, surface] = stencils.map(|stencil| cut(&stencil, n));
    let outers = outers.map(|outer| &outer[..n]);
    for i in 0..n {
        let velocity = with_outer::<T, IS_SOUTH>(outers[0][i], both_sides(at(&velocity, i)));
        let velocity_out = with_outer::<T, IS_SOUTH>(outers[1][i], both_sides(at(&velocity_out, i)));
        let surface = with_outer::<T, IS_SOUTH>(outers[2][i], both_sides(at(&surface, i)));
        let normal = normal_momentum(Normal { along: along[i], out: out[i] }, velocity, velocity_out);
        (mass[i], face_surface[i]) = wave(gravity, [length[i], ground[i]], normal, surface);
    }
}
