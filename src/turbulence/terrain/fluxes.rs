//! The fluxes through the faces of one row of cells over terrain, counted against the gradient. Those through lateral
//! faces are times the height of the face, those through interfaces per horizontal area.

use super::Sloped;
use crate::dynamics::slab::Slab;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::Field;
use crate::turbulence::eddies::Eddies;
use crate::turbulence::fluxes::{Fluxes, VerticalFluxes, around, of_tracer};
use crate::turbulence::gradients::{Gradient, THETA, TRACERS, U, V, W};
use crate::turbulence::row::Air;

/// The cells on both sides of the faces of one direction.
struct Sides<'a, T> {
    /// 0 along x, 1 along y.
    axis: usize,
    /// Rows of both sides, and the first column of both in rows with halo.
    rows: [isize; 2],
    starts: [usize; 2],
    faces: usize,
    air: [&'a Air<T>; 2],
    eddies: [&'a Eddies<T>; 2],
    inverse_distance: T,
}

impl<'a, T: Real> Sides<'a, T> {
    fn slabs(&self, slabs: [&'a Slab<T>; 2], k: usize) -> [&'a [T]; 2] {
        [0, 1].map(|side| &slabs[side].row(k)[self.starts[side]..][..self.faces])
    }

    fn fields<'f>(&self, field: &'f Field<T>, k: usize) -> [&'f [T]; 2] {
        [0, 1].map(|side| &field.row(self.rows[side], k)[self.starts[side]..][..self.faces])
    }

    /// Of the gradient of a variable.
    fn gradients(
        &self,
        number: usize,
        slab: impl Fn(&'a Gradient<T>) -> &'a Slab<T>,
        k: usize,
    ) -> [&'a [T]; 2] {
        self.slabs(self.eddies.map(|eddies| slab(&eddies.gradients[number])), k)
    }

    fn viscosity(&self, k: usize) -> [&'a [T]; 2] {
        self.slabs(self.eddies.map(|eddies| &eddies.viscosity), k)
    }
}

impl<T: Real> Sloped<'_, T> {
    /// Fluxes through the x-faces of row `j`; face f lies between the cells f - 1 and f.
    pub fn through_x(self, j: isize, air: &Air<T>, eddies: &Eddies<T>, out: &mut Fluxes<T>) {
        let sides = Sides {
            axis: 0,
            rows: [j, j],
            starts: [HALO - 1, HALO],
            faces: air.columns + 1,
            air: [air; 2],
            eddies: [eddies; 2],
            inverse_distance: self.scales.levels.inverse_dx,
        };
        self.through_sides(&sides, out);
    }

    /// Fluxes through the y-faces between the rows `j - 1` and `j`, which are given.
    pub fn through_y(self, j: isize, air: [&Air<T>; 2], eddies: [&Eddies<T>; 2], out: &mut Fluxes<T>) {
        let sides = Sides {
            axis: 1,
            rows: [j - 1, j],
            starts: [HALO, HALO],
            faces: air[0].columns,
            air,
            eddies,
            inverse_distance: self.scales.levels.inverse_dy,
        };
        self.through_sides(&sides, out);
    }

    fn through_sides(self, sides: &Sides<'_, T>, out: &mut Fluxes<T>) {
        let is_plain = self.scales.is_plain;
        for k in 0..self.scales.levels.nz {
            // The normal stress is twice as large.
            let doubled = |axis: usize| T::of(if axis == sides.axis && !is_plain { 2.0 } else { 1.0 });
            let viscosity = sides.viscosity(k);
            self.across(sides, k, U, doubled(0), viscosity, &mut out.u);
            self.across(sides, k, V, doubled(1), viscosity, &mut out.v);
            if !is_plain {
                let (other, out) = if sides.axis == 0 { (U, &mut out.v) } else { (V, &mut out.u) };
                self.add_other_shear(sides, k, other, &mut out.row_mut(k)[..sides.faces]);
            }
            let diffusivity = sides.slabs(sides.eddies.map(|eddies| &eddies.diffusivity), k);
            self.across(sides, k, THETA, T::ONE, diffusivity, &mut out.theta);
            for (number, out) in out.tracers.iter_mut().enumerate() {
                let (_, factor) = of_tracer(self.scales, sides.eddies[0].upwards(), number);
                let weights = sides.eddies.map(|eddies| of_tracer(self.scales, eddies.upwards(), number).0);
                self.across(sides, k, TRACERS + number, factor, sides.slabs(weights, k), out);
            }
        }
        for k in 1..self.scales.levels.nz {
            self.across_w(sides, k, &mut out.w.row_mut(k)[..sides.faces]);
        }
    }

    /// The flux of a variable at cell centres through the sides of level `k`.
    fn across(
        self,
        sides: &Sides<'_, T>,
        k: usize,
        number: usize,
        factor: T,
        weights: [&[T]; 2],
        out: &mut Slab<T>,
    ) {
        gradient_across(
            [factor, sides.inverse_distance],
            sides.fields(&self.metric.face_slope[sides.axis], k)[1],
            sides.fields(&self.metric.thickness, k),
            weights,
            sides.slabs(sides.air.map(|air| air.variable(number)), k),
            sides.gradients(number, |gradient| &gradient.upwards, k),
            &mut out.row_mut(k)[..sides.faces],
        );
    }

    /// Adds the other half of the horizontal shear: of the velocity through the faces along them.
    fn add_other_shear(self, sides: &Sides<'_, T>, k: usize, number: usize, out: &mut [T]) {
        let across = 1 - sides.axis;
        add_along(
            sides.fields(&self.metric.thickness, k),
            sides.viscosity(k),
            sides.fields(&self.metric.slope[across], k),
            sides.gradients(number, |gradient| &gradient.along[across], k),
            sides.gradients(number, |gradient| &gradient.upwards, k),
            out,
        );
    }

    /// The flux of w through the sides of the cells around interface `k`.
    fn across_w(self, sides: &Sides<'_, T>, k: usize, out: &mut [T]) {
        let spacing = sides.fields(&self.metric.spacing, k);
        let weights = [sides.viscosity(k), sides.viscosity(k - 1)];
        w_across(
            sides.inverse_distance,
            sides.fields(&self.metric.face_tilt[sides.axis], k)[1],
            spacing,
            weights,
            sides.slabs(sides.air.map(|air| &air.w), k),
            sides.gradients(W, |gradient| &gradient.upwards, k),
            out,
        );
        if !self.scales.is_plain {
            let velocity = sides.air.map(|air| if sides.axis == 0 { &air.u } else { &air.v });
            add_tilt(
                spacing,
                sides.fields(&self.metric.inverse_spacing, k),
                weights,
                [sides.slabs(velocity, k), sides.slabs(velocity, k - 1)],
                out,
            );
        }
    }

    /// Fluxes through the interfaces of row `j`, with those of the ground.
    pub fn through_z(self, j: isize, here: &Air<T>, eddies: &Eddies<T>, out: &mut VerticalFluxes<T>) {
        let (scales, metric) = (self.scales, self.metric);
        let (row, n) = (j as usize, here.columns);
        for k in 1..scales.levels.nz {
            let viscosity = around(&eddies.viscosity, k, n);
            self.through(row, k, U, T::ONE, viscosity, here, eddies, &mut out.u);
            self.through(row, k, V, T::ONE, viscosity, here, eddies, &mut out.v);
            if !scales.is_plain {
                self.add_lift(row, k, 0, viscosity, here, eddies, &mut out.u.row_mut(k)[..n]);
                self.add_lift(row, k, 1, viscosity, here, eddies, &mut out.v.row_mut(k)[..n]);
            }
            let diffusivity = around(&eddies.diffusivity, k, n);
            self.through(row, k, THETA, T::ONE, diffusivity, here, eddies, &mut out.theta);
            if !scales.is_plain {
                let base = metric.theta_gradient.cells(row, k);
                add_weighted(diffusivity, base, &mut out.theta.row_mut(k)[..n]);
            }
            for (number, out) in out.tracers.iter_mut().enumerate() {
                let (weights, factor) = of_tracer(scales, eddies.upwards(), number);
                self.through(row, k, TRACERS + number, factor, around(weights, k, n), here, eddies, out);
            }
        }
        for k in 0..scales.levels.nz {
            self.w_through(row, k, here, eddies, &mut out.w.row_mut(k)[..n]);
        }
        let spots = &metric.spots(j)[1..];
        scales.surface.fluxes(|i| spots[i], here, eddies, out);
        let Fluxes { u, v, theta, tracers, .. } = out;
        for slab in [u, v, theta].into_iter().chain(tracers) {
            let ground = slab.row_mut(0)[..n].iter_mut().zip(metric.area.cells(row, 0));
            ground.for_each(|(flux, area)| *flux = *flux * *area);
        }
    }

    /// The flux of a variable at cell centres through interface `k`.
    #[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
    fn through(
        self,
        j: usize,
        k: usize,
        number: usize,
        factor: T,
        weights: [&[T]; 2],
        here: &Air<T>,
        eddies: &Eddies<T>,
        out: &mut Slab<T>,
    ) {
        let (metric, n) = (self.metric, here.columns);
        let [x, y] = &eddies.gradients[number].along;
        gradient_through(
            factor,
            [0, 1].map(|axis| metric.tilt[axis].cells(j, k)),
            metric.inverse_spacing.cells(j, k),
            weights,
            around(here.variable(number), k, n),
            [around(x, k, n), around(y, k, n)],
            &mut out.row_mut(k)[..n],
        );
    }

    /// Adds to the flux of the velocity along `axis` through interface `k` what the gradients of the other components
    /// along the axis are.
    #[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
    fn add_lift(
        self,
        j: usize,
        k: usize,
        axis: usize,
        weights: [&[T]; 2],
        here: &Air<T>,
        eddies: &Eddies<T>,
        out: &mut [T],
    ) {
        let (metric, n) = (self.metric, here.columns);
        let tilts = [0, 1].map(|axis| metric.tilt[axis].cells(j, k));
        let w = &eddies.gradients[W];
        let along = |number: usize| around(&eddies.gradients[number].along[axis], k, n);
        lift(
            [tilts[axis], tilts[0], tilts[1]],
            metric.inverse_spacing.cells(j, k),
            weights,
            [&w.along[axis], &w.upwards].map(|slab| &slab.row(k)[HALO..][..n]),
            [around(&here.u, k, n), around(&here.v, k, n)],
            [along(U), along(V)],
            out,
        );
    }

    /// The flux of w through the centre of level `k`.
    fn w_through(self, j: usize, k: usize, here: &Air<T>, eddies: &Eddies<T>, out: &mut [T]) {
        let (metric, n) = (self.metric, here.columns);
        let slopes = [0, 1].map(|axis| metric.slope[axis].cells(j, k));
        let weights = [&eddies.viscosity.row(k)[HALO..][..n]; 2];
        let inverse = metric.inverse_thickness.cells(j, k);
        let [x, y] = &eddies.gradients[W].along;
        let w = around(&here.w, k + 1, n);
        gradient_through(
            T::ONE,
            slopes,
            inverse,
            weights,
            w,
            [around(x, k + 1, n), around(y, k + 1, n)],
            out,
        );
        if !self.scales.is_plain {
            let upwards = [U, V].map(|number| &eddies.gradients[number].upwards.row(k)[HALO..][..n]);
            add_stretch(slopes, inverse, weights[0], w, upwards, out);
        }
    }
}

/// Mean weight times the height of the face times the gradient through it: along the level, less the slope times the
/// mean vertical one. The pairs are the cells before and behind the face.
#[inline(never)]
fn gradient_across<T: Real>(
    [factor, inverse_distance]: [T; 2],
    slope: &[T],
    [height_left, height_right]: [&[T]; 2],
    [weight_left, weight_right]: [&[T]; 2],
    [left, right]: [&[T]; 2],
    [upwards_left, upwards_right]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (slope, height_left, height_right) = (&slope[..n], &height_left[..n], &height_right[..n]);
    let (weight_left, weight_right) = (&weight_left[..n], &weight_right[..n]);
    let (left, right) = (&left[..n], &right[..n]);
    let (upwards_left, upwards_right) = (&upwards_left[..n], &upwards_right[..n]);
    let half = T::of(0.5);
    for i in 0..n {
        let weight =
            (half * (weight_left[i] + weight_right[i])) * (half * (height_left[i] + height_right[i]));
        let upwards = half * (upwards_left[i] + upwards_right[i]);
        out[i] = factor * weight * ((right[i] - left[i]) * inverse_distance - slope[i] * upwards);
    }
}

/// Adds mean weight and height times the mean of a gradient on both sides.
#[inline(never)]
fn add_along<T: Real>(
    [height_left, height_right]: [&[T]; 2],
    [weight_left, weight_right]: [&[T]; 2],
    [slope_left, slope_right]: [&[T]; 2],
    [left, right]: [&[T]; 2],
    [upwards_left, upwards_right]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (height_left, height_right) = (&height_left[..n], &height_right[..n]);
    let (weight_left, weight_right) = (&weight_left[..n], &weight_right[..n]);
    let (slope_left, slope_right, left, right) =
        (&slope_left[..n], &slope_right[..n], &left[..n], &right[..n]);
    let (upwards_left, upwards_right) = (&upwards_left[..n], &upwards_right[..n]);
    let half = T::of(0.5);
    for i in 0..n {
        let weight =
            (half * (weight_left[i] + weight_right[i])) * (half * (height_left[i] + height_right[i]));
        let left = left[i] - slope_left[i] * upwards_left[i];
        let right = right[i] - slope_right[i] * upwards_right[i];
        out[i] += weight * (half * (left + right));
    }
}

/// As [`gradient_across`], with the weights of the cells above and below.
#[inline(never)]
fn w_across<T: Real>(
    inverse_distance: T,
    slope: &[T],
    [height_left, height_right]: [&[T]; 2],
    [[weight_al, weight_ar], [weight_bl, weight_br]]: [[&[T]; 2]; 2],
    [left, right]: [&[T]; 2],
    [upwards_left, upwards_right]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (slope, height_left, height_right) = (&slope[..n], &height_left[..n], &height_right[..n]);
    let (weight_al, weight_ar) = (&weight_al[..n], &weight_ar[..n]);
    let (weight_bl, weight_br) = (&weight_bl[..n], &weight_br[..n]);
    let (left, right) = (&left[..n], &right[..n]);
    let (upwards_left, upwards_right) = (&upwards_left[..n], &upwards_right[..n]);
    let half = T::of(0.5);
    for i in 0..n {
        let weights = (weight_al[i] + weight_ar[i]) + (weight_bl[i] + weight_br[i]);
        let weight = (T::of(0.25) * weights) * (half * (height_left[i] + height_right[i]));
        let upwards = half * (upwards_left[i] + upwards_right[i]);
        out[i] = weight * ((right[i] - left[i]) * inverse_distance - slope[i] * upwards);
    }
}

/// Adds mean weight and height times the mean vertical gradient of the velocity through the sides, given above and
/// below.
#[inline(never)]
fn add_tilt<T: Real>(
    [height_left, height_right]: [&[T]; 2],
    [inverse_left, inverse_right]: [&[T]; 2],
    [[weight_al, weight_ar], [weight_bl, weight_br]]: [[&[T]; 2]; 2],
    [[above_left, above_right], [below_left, below_right]]: [[&[T]; 2]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (height_left, height_right) = (&height_left[..n], &height_right[..n]);
    let (inverse_left, inverse_right) = (&inverse_left[..n], &inverse_right[..n]);
    let (weight_al, weight_ar) = (&weight_al[..n], &weight_ar[..n]);
    let (weight_bl, weight_br) = (&weight_bl[..n], &weight_br[..n]);
    let (above_left, above_right) = (&above_left[..n], &above_right[..n]);
    let (below_left, below_right) = (&below_left[..n], &below_right[..n]);
    let half = T::of(0.5);
    for i in 0..n {
        let weights = (weight_al[i] + weight_ar[i]) + (weight_bl[i] + weight_br[i]);
        let weight = (T::of(0.25) * weights) * (half * (height_left[i] + height_right[i]));
        let left = (above_left[i] - below_left[i]) * inverse_left[i];
        let right = (above_right[i] - below_right[i]) * inverse_right[i];
        out[i] += weight * (half * (left + right));
    }
}

/// Mean weight times the flux through an interface per horizontal area: (1 + s^2) times the vertical gradient, less
/// the slopes times the means of those along the levels. The pairs are the cells below and above.
#[inline(never)]
fn gradient_through<T: Real>(
    factor: T,
    [slope_x, slope_y]: [&[T]; 2],
    inverse_distance: &[T],
    [weight_below, weight_above]: [&[T]; 2],
    [below, above]: [&[T]; 2],
    [[x_below, x_above], [y_below, y_above]]: [[&[T]; 2]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (slope_x, slope_y, inverse_distance) = (&slope_x[..n], &slope_y[..n], &inverse_distance[..n]);
    let (weight_below, weight_above) = (&weight_below[..n], &weight_above[..n]);
    let (below, above) = (&below[..n], &above[..n]);
    let (x_below, x_above, y_below, y_above) = (&x_below[..n], &x_above[..n], &y_below[..n], &y_above[..n]);
    let half = T::of(0.5);
    for i in 0..n {
        let weight = factor * (half * (weight_below[i] + weight_above[i]));
        let steepness = T::ONE + (slope_x[i] * slope_x[i] + slope_y[i] * slope_y[i]);
        let upwards = steepness * ((above[i] - below[i]) * inverse_distance[i]);
        let along = slope_x[i] * (x_below[i] + x_above[i]) + slope_y[i] * (y_below[i] + y_above[i]);
        out[i] = weight * (upwards - half * along);
    }
}

/// Adds mean weight times `base`.
#[inline(never)]
fn add_weighted<T: Real>([weight_below, weight_above]: [&[T]; 2], base: &[T], out: &mut [T]) {
    let n = out.len();
    let (weight_below, weight_above, base) = (&weight_below[..n], &weight_above[..n], &base[..n]);
    for i in 0..n {
        out[i] += T::of(0.5) * (weight_below[i] + weight_above[i]) * base[i];
    }
}

/// Adds mean weight times dw/da - s_x du/da - s_y dv/da, where a is the axis of the first of the slopes: of w the
/// gradient at the interface, of u and v the values and the gradients along the level below and above.
#[inline(never)]
fn lift<T: Real>(
    [slope, slope_x, slope_y]: [&[T]; 3],
    inverse_distance: &[T],
    [weight_below, weight_above]: [&[T]; 2],
    [w_along, w_upwards]: [&[T]; 2],
    [[u_below, u_above], [v_below, v_above]]: [[&[T]; 2]; 2],
    [[u_along_below, u_along_above], [v_along_below, v_along_above]]: [[&[T]; 2]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (slope, slope_x, slope_y) = (&slope[..n], &slope_x[..n], &slope_y[..n]);
    let (inverse_distance, w_along, w_upwards) = (&inverse_distance[..n], &w_along[..n], &w_upwards[..n]);
    let (weight_below, weight_above) = (&weight_below[..n], &weight_above[..n]);
    let (u_below, u_above, v_below, v_above) = (&u_below[..n], &u_above[..n], &v_below[..n], &v_above[..n]);
    let (u_along_below, u_along_above) = (&u_along_below[..n], &u_along_above[..n]);
    let (v_along_below, v_along_above) = (&v_along_below[..n], &v_along_above[..n]);
    let half = T::of(0.5);
    for i in 0..n {
        let weight = half * (weight_below[i] + weight_above[i]);
        let u_upwards = (u_above[i] - u_below[i]) * inverse_distance[i];
        let v_upwards = (v_above[i] - v_below[i]) * inverse_distance[i];
        let w = w_along[i] - slope[i] * w_upwards[i];
        let u = half * (u_along_below[i] + u_along_above[i]) - slope[i] * u_upwards;
        let v = half * (v_along_below[i] + v_along_above[i]) - slope[i] * v_upwards;
        out[i] += weight * (w - (slope_x[i] * u + slope_y[i] * v));
    }
}

/// Adds the weight times dw/dz - s_x du/dz - s_y dv/dz.
#[inline(never)]
fn add_stretch<T: Real>(
    [slope_x, slope_y]: [&[T]; 2],
    inverse_distance: &[T],
    weight: &[T],
    [below, above]: [&[T]; 2],
    [u_upwards, v_upwards]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (slope_x, slope_y, inverse_distance) = (&slope_x[..n], &slope_y[..n], &inverse_distance[..n]);
    let (weight, below, above) = (&weight[..n], &below[..n], &above[..n]);
    let (u_upwards, v_upwards) = (&u_upwards[..n], &v_upwards[..n]);
    for i in 0..n {
        let w = (above[i] - below[i]) * inverse_distance[i];
        out[i] += weight[i] * (w - (slope_x[i] * u_upwards[i] + slope_y[i] * v_upwards[i]));
    }
}
