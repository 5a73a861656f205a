//! What is known of a layer besides its state: the ground, the vorticity and the exact solution, all in double
//! precision.

use super::ground::Ground;
use crate::cases::{self, Case, Point};
use crate::comm::Communicator;
use crate::config::Configuration;
use crate::dynamics::sphere::faces::{AveragedFluxes, scalar_divergence};
use crate::dynamics::sphere::points::points_of_field;
use crate::dynamics::sphere::sheet::MARGIN;
use crate::dynamics::sphere::{EdgeLines, Sheet, TileGeometry, Variable, largest};
use crate::halo::{HaloExchange, Kind, Reach};
use crate::mesh::{CubedSphere, Footprint, Mesh, Tile};
use crate::real::Real;
use crate::state::{Field, State, TileState};

/// Tags of the messages.
const AVERAGES_TAG: u16 = 6;
const VELOCITY_TAG: u16 = 7;

/// The ground and the vorticity of one tile, as cell averages.
#[derive(Clone, Debug)]
pub struct LayerFields {
    /// Height of the ground in m.
    pub ground: Field<f64>,
    /// Relative vorticity in 1/s: the circulation around a cell over its area.
    pub vorticity: Field<f64>,
    /// Half the squared absolute vorticity over the depth in m-1 s-2, point values.
    pub enstrophy: Field<f64>,
}

/// Diagnoses the layer on this rank's tiles.
pub struct LayerDiagnosis {
    case: Box<dyn Case>,
    pub fields: Vec<LayerFields>,
    geometry: Vec<TileGeometry<f64>>,
    tangents: Vec<Tangents>,
    beside: HaloExchange<f64>,
    halo: HaloExchange<f64>,
    work: Work,
}

/// Lengths of the faces times the unit vectors along them, to the left of their normals.
struct Tangents {
    x: [Sheet<f64>; 3],
    y: [Sheet<f64>; 3],
}

/// Scratch for one tile.
struct Work {
    velocity: [Variable<f64>; 3],
    lines: EdgeLines<f64, 3>,
    /// Velocity along the faces times their lengths.
    x: Sheet<f64>,
    y: Sheet<f64>,
    averaged: AveragedFluxes<f64>,
}

impl LayerDiagnosis {
    /// Prepares the diagnosis of the configured case.
    ///
    /// # Panics
    /// If the case is none of shallow water.
    pub fn new(
        configuration: &Configuration,
        mesh: &Mesh,
        sphere: &CubedSphere,
        communicator: &dyn Communicator,
    ) -> Self {
        let case = cases::build(configuration).expect("the case has been built before");
        let layer = case.shallow_water().expect("the setting is that of the case");
        let tiles = mesh.local_tiles();
        let size = largest(tiles);
        let fields = tiles.iter().map(|tile| LayerFields {
            ground: Ground::new(sphere, tile, layer).averages,
            vorticity: Field::new(tile.layout(1)),
            enstrophy: Field::new(tile.layout(1)),
        });
        let component = |axis: usize| Kind::Component { first: 0, axis };
        let kinds = [component(0), component(1), component(2)];
        LayerDiagnosis {
            fields: fields.collect(),
            geometry: tiles
                .iter()
                .map(|tile| TileGeometry::new(sphere, tile, &configuration.dynamics))
                .collect(),
            tangents: tiles.iter().map(|tile| Tangents::new(sphere, tile)).collect(),
            beside: HaloExchange::new(mesh, Reach::BESIDE, &[Kind::Scalar], &[1], communicator, AVERAGES_TAG),
            halo: HaloExchange::new(mesh, Reach::SPHERE, &kinds, &[1; 3], communicator, VELOCITY_TAG),
            work: Work {
                velocity: std::array::from_fn(|_| Variable::new(size)),
                lines: EdgeLines::new(size),
                x: Sheet::new(size),
                y: Sheet::new(size),
                averaged: AveragedFluxes::new(size),
            },
            case,
        }
    }

    /// Diagnoses `state`. Collective.
    pub fn update<T: Real>(&mut self, state: &State<T>) {
        let mut depths: Vec<Vec<Field<f64>>> =
            state.tiles.iter().map(|tile| vec![widened(&tile.density)]).collect();
        self.beside.exchange(depths.as_mut_slice());
        let depths = points_of_fields(&self.geometry, &depths);
        let mut velocities: Vec<Vec<Field<f64>>> =
            state.tiles.iter().zip(&depths).map(|(tile, depth)| velocities_of_tile(tile, depth)).collect();
        self.halo.exchange(velocities.as_mut_slice());
        for (tile, velocities) in velocities.iter().enumerate() {
            self.work.vorticity(
                &self.geometry[tile],
                &self.tangents[tile],
                velocities,
                &mut self.fields[tile].vorticity,
            );
        }
        self.update_enstrophy(&depths);
    }

    /// Half the squared absolute vorticity over the depth: point values, whose sum over the sphere is of fourth order,
    /// where the squares of averages would leave out the variance inside the cells.
    fn update_enstrophy(&mut self, depths: &[Field<f64>]) {
        let mut vorticities: Vec<Vec<Field<f64>>> =
            self.fields.iter().map(|fields| vec![fields.vorticity.clone()]).collect();
        self.beside.exchange(vorticities.as_mut_slice());
        let vorticities = points_of_fields(&self.geometry, &vorticities);
        for (tile, (vorticity, depth)) in vorticities.iter().zip(depths).enumerate() {
            let coriolis = &self.geometry[tile].metric.coriolis;
            let enstrophy = &mut self.fields[tile].enstrophy;
            for j in 0..depth.layout().nj {
                let rows = vorticity.cells(j, 0).iter().zip(depth.cells(j, 0));
                let f = coriolis.from(0, j as isize);
                for ((out, (vorticity, depth)), f) in enstrophy.cells_mut(j, 0).iter_mut().zip(rows).zip(f) {
                    let absolute = vorticity + f;
                    *out = 0.5 * absolute * absolute / depth;
                }
            }
        }
    }

    /// The average of the exact depth over the cell (i, j) of a panel after `time` s, where it is known.
    pub fn exact_depth(&self, sphere: &CubedSphere, [panel, i, j]: [usize; 3], time: f64) -> Option<f64> {
        exact_depth(&*self.case, sphere, [panel, i, j], time)
    }
}

/// The average of the exact depth of a case over the cell (i, j) of a panel after `time` s, where it is known.
pub fn exact_depth(
    case: &dyn Case,
    sphere: &CubedSphere,
    [panel, i, j]: [usize; 3],
    time: f64,
) -> Option<f64> {
    let layer = case.shallow_water()?;
    let cell = Footprint::new(sphere, panel, i, j);
    let mut depths = [0.0; crate::mesh::footprint::POINTS];
    for (depth, (x, y)) in depths.iter_mut().zip(cell.points) {
        let exact = layer.exact(Point { x, y, z: 0.0 }, time)?;
        *depth = exact.surface - exact.ground;
    }
    Some(cell.mean(depths))
}

impl Tangents {
    fn new(sphere: &CubedSphere, tile: &Tile) -> Self {
        let size = [tile.ni, tile.nj];
        let n = sphere.n as isize;
        let centre = |i: isize| sphere.tan_centre(i.clamp(0, n - 1) as usize);
        let face = |i: isize| sphere.tan_face(i.clamp(0, n) as usize);
        let mut x: [Sheet<f64>; 3] = std::array::from_fn(|_| Sheet::new(size));
        let mut y = x.clone();
        let margin = MARGIN as isize;
        // D a sqrt(g_bb): the length of an x-face, and of a y-face with X and Y exchanged.
        let length = |across: f64, along: f64| {
            let d2 = 1.0 + (across * across + along * along);
            sphere.radius * sphere.step() * (1.0 + along * along) * (1.0 + across * across).sqrt() / d2
        };
        for j in -margin..tile.nj as isize + margin {
            for i in -margin..tile.ni as isize + margin {
                let (column, row) = (tile.i0 as isize + i, tile.j0 as isize + j);
                let (across, along) = (face(column), centre(row));
                let normal = CubedSphere::face_normal(across);
                let vector = cross(CubedSphere::position(across, along), [normal[0], 0.0, normal[1]]);
                x.iter_mut().zip(vector).for_each(|(sheet, value)| {
                    sheet.set(i, j, length(across, along) * value);
                });
                let (across, along) = (face(row), centre(column));
                let normal = CubedSphere::face_normal(across);
                let vector = cross(CubedSphere::position(along, across), [0.0, normal[0], normal[1]]);
                y.iter_mut().zip(vector).for_each(|(sheet, value)| {
                    sheet.set(i, j, length(across, along) * value);
                });
            }
        }
        Tangents { x, y }
    }
}

impl Work {
    /// The circulation around every cell of a tile over its area.
    fn vorticity(
        &mut self,
        geometry: &TileGeometry<f64>,
        tangents: &Tangents,
        velocities: &[Field<f64>],
        out: &mut Field<f64>,
    ) {
        let Work { velocity, lines, x, y, averaged } = self;
        let metric = &geometry.metric;
        let (ni, nj, margin) = (metric.ni as isize, metric.nj as isize, MARGIN as isize);
        for (variable, field) in velocity.iter_mut().zip(velocities) {
            for j in -margin..nj + margin {
                variable.cells.row_mut(j)[..metric.ni + 2 * MARGIN].copy_from_slice(field.row(j, 0));
            }
        }
        geometry.edges.close(velocity, lines);
        let along = |tangents: &[Sheet<f64>; 3], [i, j]: [isize; 2], [di, dj]: [isize; 2]| -> f64 {
            let at = |c: usize, m: isize| velocity[c].cells.at(i + m * di, j + m * dj);
            let value = |c: usize| midway([at(c, -2), at(c, -1), at(c, 0), at(c, 1)]);
            (0..3).map(|c| tangents[c].at(i, j) * value(c)).sum()
        };
        for j in -1..=nj {
            for i in 0..=ni {
                x.set(i, j, along(&tangents.x, [i, j], [1, 0]));
            }
        }
        for j in 0..=nj {
            for i in -1..=ni {
                y.set(i, j, along(&tangents.y, [i, j], [0, 1]));
            }
        }
        scalar_divergence(metric, x, y, averaged, |j, row| {
            let cells = out.cells_mut(j, 0);
            row.store(cells);
            // A velocity to the left of the normals goes around the cell against the clock.
            cells.iter_mut().for_each(|value| *value = -*value);
        });
    }
}

/// The value midway between the inner two of four values, to fourth order.
fn midway([a, b, c, d]: [f64; 4]) -> f64 {
    0.5625 * (b + c) - 0.0625 * (a + d)
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Point values of the first field of every tile, whose neighbours on the panel must be there.
fn points_of_fields(geometry: &[TileGeometry<f64>], averages: &[Vec<Field<f64>>]) -> Vec<Field<f64>> {
    let of_tile = |(averages, geometry): (&Vec<Field<f64>>, &TileGeometry<f64>)| {
        let mut points = averages[0].clone();
        points_of_field(&geometry.metric, &averages[0], &mut points);
        points
    };
    averages.iter().zip(geometry).map(of_tile).collect()
}

/// The cells of a field in double precision.
fn widened<T: Real>(field: &Field<T>) -> Field<f64> {
    let layout = field.layout();
    let mut wide = Field::new(layout);
    for j in 0..layout.nj {
        for (value, narrow) in wide.cells_mut(j, 0).iter_mut().zip(field.cells(j, 0)) {
            *value = narrow.to_f64();
        }
    }
    wide
}

/// Velocities at the centres of the cells.
fn velocities_of_tile<T: Real>(tile: &TileState<T>, depth: &Field<f64>) -> Vec<Field<f64>> {
    let components = [&tile.momentum_x, &tile.momentum_y].into_iter().chain(&tile.momentum_n);
    let quotient = |field: &Field<T>| {
        let mut velocity = widened(field);
        for j in 0..velocity.layout().nj {
            velocity.cells_mut(j, 0).iter_mut().zip(depth.cells(j, 0)).for_each(|(value, h)| *value /= h);
        }
        velocity
    };
    components.map(quotient).collect()
}
