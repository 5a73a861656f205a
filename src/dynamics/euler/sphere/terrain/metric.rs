//! What the terrain makes of the columns and faces of one tile of the sphere, in the precision of the state.

use crate::config::Dynamics;
use crate::dynamics::TileReference;
use crate::dynamics::euler::terrain::{Columns, Slopes};
use crate::dynamics::sphere::faces::{
    around_x, around_y, at, difference_x, difference_y, faces_on_sides, rows_on_sides, values_on_side,
    with_outer,
};
use crate::dynamics::sphere::sheet::MARGIN;
use crate::dynamics::sphere::stencils::both_sides;
use crate::dynamics::sphere::{EdgeLines, PanelEdges, Sheet, TileGeometry, TileMetric, Variable};
use crate::mesh::cubed_sphere::{Side, Vector};
use crate::mesh::{CubedSphere, Tile};
use crate::real::Real;
use crate::state::{Field, TileState};

/// The ground below one tile. Vectors have their components along the axes of the panel.
#[derive(Clone, Debug)]
pub struct Ground<T> {
    pub columns: Columns<T>,
    /// Lengths times heights of the faces across x and across y, by level, in m2.
    pub size_x: Vec<Sheet<T>>,
    pub size_y: Vec<Sheet<T>>,
    /// theta0 at the faces, by level.
    pub theta_x: Vec<Sheet<T>>,
    pub theta_y: Vec<Sheet<T>>,
    /// Gradients of the heights of the interfaces.
    pub slope: [Field<T>; 3],
    /// (grad z^2 - 2 z grad z)/2 with z the height of the cells: 0 but for the truncation of the differences along the
    /// levels, which it thus takes out of the gradient of a pressure that is quadratic in height.
    pub truncation: [Field<T>; 3],
    /// The lowest cells; one level.
    pub lowest: LowestCells<T>,
}

/// What the pressure gradient in the lowest cells needs, with s the gradient of the height there.
#[derive(Clone, Debug)]
pub struct LowestCells<T> {
    /// With the differences of the pressure along x and y: minus s times the force.
    pub raise: [Field<T>; 2],
    /// 1/(2 + s.s).
    pub share: Field<T>,
    /// f s x r: with the momentum s times the Coriolis force, negative.
    pub turn: [Field<T>; 3],
    /// Second derivatives of the ground along the sphere: xx, yy, nn, 2 xy, 2 xn, 2 yn.
    pub curvature: [Field<T>; 6],
}

impl<T: Real> Ground<T> {
    /// Number of fields with as many values as the state has cells, for the memory estimate: those of the ground, and
    /// those of [`TileReference`] in units of the same size.
    pub const FIELDS: usize = 36;

    pub fn new(sphere: &CubedSphere, tile: &Tile, reference: &TileReference, dynamics: &Dynamics) -> Self {
        let nz = tile.nz;
        let geometry = TileGeometry::<f64>::new(sphere, tile, dynamics);
        let TileGeometry { metric, edges } = &geometry;
        let heights: Vec<Level> =
            (0..=nz).map(|k| Level::new(metric, edges, &reference.interfaces, k)).collect();
        let theta = (0..nz).map(|k| Level::new(metric, edges, &reference.potential_temperature, k));
        let theta: Vec<Level> = theta.collect();
        let size = |axis: usize, length: &Sheet<f64>| -> Vec<Sheet<T>> {
            let rounded = |pair: &[Level]| {
                let [below, above] = [&pair[0].faces[axis], &pair[1].faces[axis]];
                on_faces(metric, |i, j| length.at(i, j) * (above.at(i, j) - below.at(i, j)))
            };
            heights.windows(2).map(rounded).collect()
        };
        let theta_at = |axis: usize| {
            theta.iter().map(|level| on_faces(metric, |i, j| level.faces[axis].at(i, j))).collect()
        };
        let rises: Vec<Vec<Vector>> = heights.iter().map(|level| gradients(metric, level)).collect();
        let slope = |c: usize, k: usize, at: usize| rises[k][at][c];
        let of_cell = |c: usize, k: usize, at: usize| 0.5 * (slope(c, k, at) + slope(c, k + 1, at));
        let ni = tile.ni;
        let mut squares = Field::new(tile.layout(nz));
        let halo = MARGIN as isize;
        for (j, k) in (-halo..tile.nj as isize + halo).flat_map(|j| (0..nz).map(move |k| (j, k))) {
            for (m, value) in squares.row_mut(j, k).iter_mut().enumerate() {
                let z = reference.centre(m as isize - halo, j, k);
                *value = z * z;
            }
        }
        let of_squares: Vec<Vec<Vector>> =
            (0..nz).map(|k| gradients(metric, &Level::new(metric, edges, &squares, k))).collect();
        let truncation = |c: usize| {
            field(tile, nz, |i, j, k| {
                let (at, z) = (j * ni + i, reference.centre(i as isize, j as isize, k));
                0.5 * of_squares[k][at][c] - z * of_cell(c, k, at)
            })
        };
        let lowest = LowestCells::new(metric, tile, sphere.step(), &heights[0], |c, at| of_cell(c, 0, at));
        Ground {
            columns: Columns::new(tile, reference),
            size_x: size(0, &metric.length_x),
            size_y: size(1, &metric.length_y),
            theta_x: theta_at(0),
            theta_y: theta_at(1),
            slope: [0, 1, 2].map(|c| field(tile, nz + 1, |i, j, k| slope(c, k, j * ni + i))),
            truncation: [0, 1, 2].map(truncation),
            lowest,
        }
    }
}

impl<T: Real> LowestCells<T> {
    /// `slope(c, column)` is a component of the gradient of the height in a cell, `step` the angle of a cell.
    fn new(
        metric: &TileMetric<f64>,
        tile: &Tile,
        step: f64,
        ground: &Level,
        slope: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let ni = tile.ni;
        let s = |i: usize, j: usize| -> Vector { [0, 1, 2].map(|c| slope(c, j * ni + i)) };
        let raise = |axis: usize| {
            field(tile, 1, |i, j, _| dot(s(i, j), dual_vectors(metric, i, j)[axis]) * metric.inverse_spacing)
        };
        let turn = |i: usize, j: usize| -> Vector {
            let ([x, y, n], f) = (position(metric, i, j), metric.coriolis.at(i as isize, j as isize));
            let [sx, sy, sn] = s(i, j);
            [f * (sy * n - sn * y), f * (sn * x - sx * n), f * (sx * y - sy * x)]
        };
        let second: Vec<[f64; 6]> = (0..tile.nj)
            .flat_map(|j| (0..ni).map(move |i| (i, j)))
            .map(|(i, j)| second_derivatives(metric, step, ground, i, j))
            .collect();
        LowestCells {
            raise: [0, 1].map(raise),
            share: field(tile, 1, |i, j, _| 1.0 / (2.0 + dot(s(i, j), s(i, j)))),
            turn: [0, 1, 2].map(|c| field(tile, 1, |i, j, _| turn(i, j)[c])),
            curvature: std::array::from_fn(|n| field(tile, 1, |i, j, _| second[j * ni + i][n])),
        }
    }
}

impl<T: Real> Slopes<T> for Ground<T> {
    /// s.U.
    fn flux(&self, columns: &Columns<T>, state: &TileState<T>, j: usize, k: usize, out: &mut [T]) {
        let third = state.momentum_n.as_ref().unwrap_or(&state.momentum_x);
        let momentum = [&state.momentum_x, &state.momentum_y, third];
        slope_flux(
            columns.weight_above.cells(j, k),
            self.slope.each_ref().map(|slope| slope.cells(j, k)),
            momentum.map(|field| field.cells(j, k)),
            momentum.map(|field| field.cells(j, k - 1)),
            out,
        );
    }
}

#[inline(never)]
fn slope_flux<T: Real>(
    weight: &[T],
    [slope_x, slope_y, slope_n]: [&[T]; 3],
    [x, y, normal]: [&[T]; 3],
    [x_below, y_below, normal_below]: [&[T]; 3],
    out: &mut [T],
) {
    let n = out.len();
    let (weight, slope_x, slope_y, slope_n) = (&weight[..n], &slope_x[..n], &slope_y[..n], &slope_n[..n]);
    let (x, y, normal) = (&x[..n], &y[..n], &normal[..n]);
    let (x_below, y_below, normal_below) = (&x_below[..n], &y_below[..n], &normal_below[..n]);
    for i in 0..n {
        let (above, below) = (weight[i], T::ONE - weight[i]);
        let mean = |upper: T, lower: T| above * upper + below * lower;
        let along = slope_x[i] * mean(x[i], x_below[i]) + slope_y[i] * mean(y[i], y_below[i]);
        out[i] = along + slope_n[i] * mean(normal[i], normal_below[i]);
    }
}

/// A quantity on one level: at cells, ghost cells interpolated, and at the faces across x and across y.
struct Level {
    cells: Sheet<f64>,
    faces: [Sheet<f64>; 2],
}

impl Level {
    /// Level `k` of a field whose halo holds the neighbours' cells as they are.
    fn new(metric: &TileMetric<f64>, edges: &PanelEdges<f64>, values: &Field<f64>, k: usize) -> Self {
        let size = [metric.ni, metric.nj];
        let (margin, width) = (MARGIN as isize, metric.ni + 2 * MARGIN);
        let mut variables = [Variable::new(size)];
        for j in -margin..metric.nj as isize + margin {
            variables[0].cells.row_mut(j)[..width].copy_from_slice(values.row(j, k));
        }
        edges.close(&mut variables, &mut EdgeLines::new(size));
        let [variable] = variables;
        let faces = [means_x(metric, &variable), means_y(metric, &variable)];
        Level { cells: variable.cells, faces }
    }
}

/// The means of the two values at the faces across x.
fn means_x(metric: &TileMetric<f64>, variable: &Variable<f64>) -> Sheet<f64> {
    let mut out = Sheet::new([metric.ni, metric.nj]);
    let mean = |[left, right]: [f64; 2]| 0.5 * (left + right);
    for j in -1..=metric.nj as isize {
        let stencil = around_x(&variable.cells, j);
        for f in 0..metric.ni + 3 {
            out.set(f as isize - 1, j, mean(both_sides(at(&stencil, f))));
        }
        for (side, f) in faces_on_sides(metric) {
            out.set(f, j, mean(values_on_side(variable, side, f, j)));
        }
    }
    out
}

/// The same at the faces across y.
fn means_y(metric: &TileMetric<f64>, variable: &Variable<f64>) -> Sheet<f64> {
    let mut out = Sheet::new([metric.ni, metric.nj]);
    let mean = |[left, right]: [f64; 2]| 0.5 * (left + right);
    for f in -1..=metric.nj as isize + 1 {
        let stencil = around_y(&variable.cells, f);
        let side = rows_on_sides(metric).find(|(_, row)| *row == f).map(|(side, _)| side);
        for i in 0..metric.ni + 2 {
            let sides = both_sides(at(&stencil, i));
            let outer = |side| variable.outer.side(side)[i];
            let sides = match side {
                Some(Side::South) => with_outer::<_, true>(outer(Side::South), sides),
                Some(side) => with_outer::<_, false>(outer(side), sides),
                None => sides,
            };
            out.set(i as isize - 1, f, mean(sides));
        }
    }
    out
}

/// A sheet with the given values at all faces that the dynamics look at.
fn on_faces<T: Real>(metric: &TileMetric<f64>, value: impl Fn(isize, isize) -> f64) -> Sheet<T> {
    let mut out = Sheet::new([metric.ni, metric.nj]);
    for j in -1..=metric.nj as isize + 1 {
        for i in -1..=metric.ni as isize + 1 {
            out.set(i, j, T::of(value(i, j)));
        }
    }
    out
}

/// The gradients of a quantity at the columns of a tile, row by row, to fourth order from its values at faces.
fn gradients(metric: &TileMetric<f64>, level: &Level) -> Vec<Vector> {
    let n = metric.ni;
    let (mut x, mut y) = (vec![0.0; n], vec![0.0; n]);
    let mut all = Vec::with_capacity(n * metric.nj);
    for j in 0..metric.nj {
        difference_x(metric, &level.faces[0], j, &mut x);
        difference_y(metric, &level.faces[1], j, &mut y);
        for i in 0..n {
            let [along_x, along_y] = dual_vectors(metric, i, j);
            let part = |c: usize| (along_x[c] * x[i] + along_y[c] * y[i]) * metric.inverse_spacing;
            all.push([part(0), part(1), part(2)]);
        }
    }
    all
}

/// a^alpha and a^beta in the column (i, j) of a tile.
fn dual_vectors(metric: &TileMetric<f64>, i: usize, j: usize) -> [Vector; 2] {
    let d = 1.0 / metric.inverse_d.at(i as isize, j as isize);
    let ([x, x_out], [y, y_out]) = (metric.gradient_x(), metric.gradient_y(j));
    [[d * x[i], 0.0, d * x_out[i]], [0.0, d * y, d * y_out]]
}

/// The unit vector of the column (i, j).
fn position(metric: &TileMetric<f64>, i: usize, j: usize) -> Vector {
    let inverse_d = metric.inverse_d.at(i as isize, j as isize);
    [metric.x()[i] * inverse_d, metric.y(j) * inverse_d, inverse_d]
}

/// The second derivatives of a height along the sphere, xx, yy, nn, 2 xy, 2 xn, 2 yn in the axes of the panel: with
/// those in the angles, h_ab, and the Christoffel symbols of the panel (Ullrich et al. 2010, J. Comput. Phys. 229,
/// 6104-6134) H = (h_ab - G^c_ab h_c) a^a a^b / a^2.
fn second_derivatives(metric: &TileMetric<f64>, step: f64, ground: &Level, i: usize, j: usize) -> [f64; 6] {
    let h = |di: isize, dj: isize| ground.cells.at(i as isize + di, j as isize + dj);
    let (x, y) = (metric.x()[i], metric.y(j));
    let d2 = 1.0 + (x * x + y * y);
    let [h_x, h_y] = [0.5 * (h(1, 0) - h(-1, 0)), 0.5 * (h(0, 1) - h(0, -1))];
    let [xx, xy, yy] = [
        (h(1, 0) + h(-1, 0)) - 2.0 * h(0, 0) - step * (2.0 * x * y * y / d2) * h_x,
        cross(metric, &h, i, j) + step * (y * (1.0 + y * y) / d2 * h_x + x * (1.0 + x * x) / d2 * h_y),
        (h(0, 1) + h(0, -1)) - 2.0 * h(0, 0) - step * (2.0 * x * x * y / d2) * h_y,
    ];
    let [a, b] = dual_vectors(metric, i, j).map(|dual| dual.map(|part| part * metric.inverse_spacing));
    let part = |p: usize, q: usize| xx * a[p] * a[q] + yy * b[p] * b[q] + xy * (a[p] * b[q] + a[q] * b[p]);
    [part(0, 0), part(1, 1), part(2, 2), 2.0 * part(0, 1), 2.0 * part(0, 2), 2.0 * part(1, 2)]
}

/// The difference along both directions: the mean over the four corners of a cell of one-sided ones, without the
/// corner at which three panels meet.
fn cross(metric: &TileMetric<f64>, h: &impl Fn(isize, isize) -> f64, i: usize, j: usize) -> f64 {
    let [west, east, south, north] = metric.on_panel_side;
    let at_end = |step: isize, index: usize, count: usize, [low, high]: [bool; 2]| {
        if step < 0 { low && index == 0 } else { high && index + 1 == count }
    };
    let (mut sum, mut count) = (0.0, 0.0);
    for (di, dj) in [(-1, -1), (1, 1), (-1, 1), (1, -1)] {
        if at_end(di, i, metric.ni, [west, east]) && at_end(dj, j, metric.nj, [south, north]) {
            continue;
        }
        sum += (di * dj) as f64 * ((h(di, dj) - h(di, 0)) - (h(0, dj) - h(0, 0)));
        count += 1.0;
    }
    sum / count
}

fn dot(a: Vector, b: Vector) -> f64 {
    (a[0] * b[0] + a[1] * b[1]) + a[2] * b[2]
}

/// A field over the columns of a tile with the given values.
fn field<T: Real>(tile: &Tile, levels: usize, value: impl Fn(usize, usize, usize) -> f64) -> Field<T> {
    Field::of_cells(tile.layout(levels), |i, j, k| value(i as usize, j as usize, k))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::testing::globe;
    use crate::mesh::{Geometry, Mesh};

    /// What is seen of the height v . r, a plane wave of the sphere, in every column: its gradient and its second
    /// derivatives along the panel's axes, with the vector v, the place r and the exact height.
    fn for_each_column(n: usize, mut see: impl FnMut(Vector, [f64; 6], Vector, Vector, f64)) {
        let configuration = globe("isothermal_rest", n, 4, 1e4);
        let sphere = CubedSphere::new(n, 1.0, 0.3);
        let mesh = Mesh::of_geometry(Geometry::CubedSphere(sphere.clone()), &[0.0, 1.0], [12, 8], 0, 1);
        let up = [0.3, -0.5, 0.8];
        for tile in &mesh.unwrap().tiles {
            let mut heights = Field::new(tile.layout(1));
            let halo = MARGIN as isize;
            for j in -halo..tile.nj as isize + halo {
                for (m, value) in heights.row_mut(j, 0).iter_mut().enumerate() {
                    let (i, j) = (tile.i0 as isize + m as isize - halo, tile.j0 as isize + j);
                    let Some(at) = sphere.source(tile.panel, i, j) else { continue };
                    *value = dot(up, sphere.centre(at.panel, at.i, at.j));
                }
            }
            let TileGeometry { metric, edges } =
                TileGeometry::<f64>::new(&sphere, tile, &configuration.dynamics);
            let level = Level::new(&metric, &edges, &heights, 0);
            let gradients = gradients(&metric, &level);
            for (j, i) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (j, i))) {
                let second = second_derivatives(&metric, sphere.step(), &level, i, j);
                let local = sphere.to_panel(tile.panel, up);
                see(
                    gradients[j * tile.ni + i],
                    second,
                    local,
                    position(&metric, i, j),
                    heights.cells(j, 0)[i],
                );
            }
        }
    }

    /// The largest error of the gradients.
    fn worst_gradient(n: usize) -> f64 {
        let mut worst: f64 = 0.0;
        for_each_column(n, |gradient, _, v, r, height| {
            (0..3).for_each(|c| worst = worst.max((gradient[c] - (v[c] - height * r[c])).abs()));
        });
        worst
    }

    #[test]
    fn gradients_are_of_third_order_at_the_sides_of_panels() {
        let (coarse, fine) = (worst_gradient(24), worst_gradient(48));
        assert!(coarse < 5e-5 && fine < coarse / 6.5, "{coarse:e} {fine:e}");
    }

    #[test]
    fn second_derivatives_follow_the_sphere() {
        let mut worst: f64 = 0.0;
        for_each_column(24, |_, [xx, yy, nn, xy, xn, yn], v, r, height| {
            // Along a unit vector they are -h: here that along v.
            let along = [0, 1, 2].map(|c| v[c] - dot(v, r) * r[c]);
            let [x, y, n] = along.map(|part| part / dot(along, along).sqrt());
            let found = xx * x * x + yy * y * y + nn * n * n + xy * x * y + xn * x * n + yn * y * n;
            worst = worst.max((found + height).abs());
        });
        // Of second order inside; of first where a corner of the cube takes one of the four corners away.
        assert!(worst < 0.1, "{worst:e}");
    }

    #[test]
    fn faces_on_the_sides_of_panels_are_the_same_for_both() {
        let mut configuration = globe("rest_over_mountain_sphere", 12, 6, 12e3);
        configuration.terrain = Some(crate::config::Terrain {
            shape: crate::config::TerrainShape::Case,
            coordinate: crate::config::TerrainCoordinate::Basic,
        });
        configuration.parallel.tile = Some([12, 12]);
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let sphere = mesh.sphere().unwrap();
        let case = crate::cases::build(&configuration).unwrap();
        let references = TileReference::of_tiles(&*case, &configuration.dynamics.constants, &mesh);
        let grounds: Vec<Ground<f64>> = mesh
            .tiles
            .iter()
            .zip(&references)
            .map(|(tile, reference)| Ground::new(sphere, tile, reference, &configuration.dynamics))
            .collect();
        let of_panel =
            |panel: usize| &grounds[mesh.tiles.iter().position(|tile| tile.panel == panel).unwrap()];
        let on_side = |panel: usize, side: Side, k: usize, along: isize| {
            let ground = of_panel(panel);
            match side {
                Side::West => ground.size_x[k].at(0, along),
                Side::East => ground.size_x[k].at(12, along),
                Side::South => ground.size_y[k].at(along, 0),
                Side::North => ground.size_y[k].at(along, 12),
            }
        };
        for (panel, side) in (0..6).flat_map(|panel| Side::ALL.map(|side| (panel, side))) {
            let there = sphere.neighbour(panel, side);
            for (along, k) in (0..12).flat_map(|along| (0..6).map(move |k| (along, k))) {
                let other = if there.reversed { 11 - along } else { along };
                let (mine, theirs) =
                    (on_side(panel, side, k, along), on_side(there.panel, there.side, k, other));
                assert!(mine > 0.0 && mine.to_bits() == theirs.to_bits(), "{panel} {side:?} {along} {k}");
            }
        }
    }
}
