//! Measuring the [`Budgets`] of a state.
//!
//! Every column is summed from the ground up, and the columns go into an [`ExactSum`], so that the
//! numbers have the same bits for any tiles, threads and ranks.

use super::budgets::{Budgets, Extremes, Total};
use super::{ExactSum, over_terrain};
use crate::comm::World;
use crate::config::Setting;
use crate::dynamics::{Reference, TileReference};
use crate::math;
use crate::mesh::{Compass, Geometry, Mesh, Tile};
use crate::real::Real;
use crate::state::{State, TileState, water};
use rayon::prelude::*;

/// Sums besides the tracers' masses, in the order of [`TilePart::sums`].
pub(super) const SUMS: usize = 7;
pub(super) const EXTREMES: usize = 4;

/// Measures the whole domain. Collective.
pub fn measure<T: Real>(mesh: &Mesh, reference: &Reference, state: &State<T>, world: &World) -> Budgets {
    let tracers = state.tiles.first().map_or(0, |tile| tile.tracers.len());
    let waters = state.tiles.first().map_or(0, |tile| tile.waters);
    let has_air = state.setting != Setting::ShallowWater;
    let columns = ColumnSums { mesh, reference, has_air };
    let mut part = mesh
        .local_tiles()
        .par_iter()
        .zip(&state.tiles)
        .enumerate()
        .map(|(index, (tile, fields))| columns.tile(tile, reference.tiles.get(index), fields))
        .reduce(|| TilePart::new(tracers), TilePart::join);
    ExactSum::merge(&mut part.sums, world.as_ref());
    let [u, v, w, theta_perturbation] = shared_extremes(&part.extremes, world);
    let unit = unit_area(mesh);
    let total: Vec<f64> = part.sums.iter().map(|sum| sum.value() * unit).collect();
    let at_rest = match (has_air, &mesh.terrain) {
        (false, _) => [0.0; 4],
        (true, None) => reference_totals(mesh, reference),
        (true, Some(_)) => totals_over_terrain(mesh, reference, world),
    };
    let [momentum_x, momentum_y, angular_momentum] = match &mesh.geometry {
        Geometry::Plane(_) => [total[5], total[6], 0.0],
        Geometry::CubedSphere(_) => [0.0, 0.0, total[5]],
    };
    Budgets {
        mass: Total { reference: at_rest[0], deviation: total[0] },
        heat: Total { reference: at_rest[1], deviation: total[1] },
        internal_energy: Total { reference: at_rest[2], deviation: total[2] },
        potential_energy: Total { reference: at_rest[3], deviation: total[3] },
        kinetic_energy: total[4],
        momentum_x,
        momentum_y,
        angular_momentum,
        tracer_masses: total[SUMS..][..tracers].to_vec(),
        waters,
        fallen_rain: total[SUMS + tracers],
        u,
        v,
        w,
        theta_perturbation,
        layer: None,
        chlorine: None,
    }
}

/// The area in m2 in units of which columns are weighted. On the plane, where all have this area, no weight
/// rounds.
fn unit_area(mesh: &Mesh) -> f64 {
    if mesh.plane().is_some() { mesh.area(0, 0) } else { 1.0 }
}

/// What one tile contributes, with the columns weighted by their areas.
struct TilePart {
    /// Deviations of mass, heat, internal and potential energy; kinetic energy; momentum along x and y, or angular
    /// momentum and nothing; tracers; fallen rain.
    sums: Vec<ExactSum>,
    /// u, v, w, theta'.
    extremes: [Extremes; EXTREMES],
}

impl TilePart {
    fn new(tracers: usize) -> Self {
        TilePart { sums: vec![ExactSum::new(); SUMS + tracers + 1], extremes: [Extremes::NOTHING; EXTREMES] }
    }

    fn join(mut self, other: TilePart) -> TilePart {
        for (sum, theirs) in self.sums.iter_mut().zip(&other.sums) {
            sum.absorb(theirs);
        }
        for (mine, theirs) in self.extremes.iter_mut().zip(other.extremes) {
            *mine = Extremes { least: mine.least.min(theirs.least), most: mine.most.max(theirs.most) };
        }
        self
    }
}

/// Sums of the columns of a tile.
struct ColumnSums<'a> {
    mesh: &'a Mesh,
    reference: &'a Reference,
    /// Not so in shallow water.
    has_air: bool,
}

/// The wind in a cell, with its kinetic energy and momentum per volume.
pub(super) struct Wind {
    /// Velocity along x and y, or eastward and northward.
    pub u: f64,
    pub v: f64,
    pub kinetic: f64,
    pub momentum: [f64; 2],
}

impl ColumnSums<'_> {
    fn tile<T: Real>(&self, tile: &Tile, terrain: Option<&TileReference>, fields: &TileState<T>) -> TilePart {
        let mut part = TilePart::new(fields.tracers.len());
        let compass = self.mesh.sphere().map(|sphere| Compass::new(sphere, tile));
        let unit = unit_area(self.mesh);
        // One row of columns at a time: sums[s][i].
        let mut sums = vec![vec![0.0; tile.ni]; part.sums.len()];
        for j in 0..tile.nj {
            sums.iter_mut().for_each(|row| row.fill(0.0));
            if let Some(terrain) = terrain {
                over_terrain::add_row(
                    &self.reference.constants,
                    terrain,
                    fields,
                    |cell, rho| self.wind(fields, compass.as_ref(), cell, rho),
                    j,
                    &mut sums,
                    &mut part.extremes,
                );
            } else if self.has_air {
                for k in 0..tile.nz {
                    self.cells(fields, compass.as_ref(), j, k, &mut sums, &mut part.extremes);
                    self.faces(fields, j, k, &mut sums[4], &mut part.extremes[2]);
                }
            } else {
                self.layer(fields, compass.as_ref(), j, &mut sums, &mut part.extremes);
            }
            if let (Some(fallen), Some(sum)) = (&fields.fallen_rain, sums.last_mut()) {
                sum.iter_mut().zip(fallen.cells(j, 0)).for_each(|(sum, rain)| *sum = rain.to_f64());
            }
            let weights: Vec<f64> =
                (0..tile.ni).map(|i| self.mesh.area(tile.i0 + i, tile.j0 + j) / unit).collect();
            for (sum, row) in part.sums.iter_mut().zip(&sums) {
                row.iter().zip(&weights).for_each(|(column, weight)| sum.add(column * weight));
            }
        }
        part
    }

    /// The wind in the cell (i, j, k) of the density `rho`.
    fn wind<T: Real>(
        &self,
        fields: &TileState<T>,
        compass: Option<&Compass>,
        [i, j, k]: [usize; 3],
        rho: f64,
    ) -> Wind {
        let [x, y] = [&fields.momentum_x, &fields.momentum_y].map(|field| field.cells(j, k)[i].to_f64());
        let (Some(compass), Some(normal), Some(sphere)) = (compass, &fields.momentum_n, self.mesh.sphere())
        else {
            let (u, v) = (x / rho, y / rho);
            return Wind { u, v, kinetic: 0.5 * (x * u + y * v), momentum: [x, y] };
        };
        let n = normal.cells(j, k)[i].to_f64();
        let [east, north] = compass.east_north(i, j, [x, y, n]);
        Wind {
            u: east / rho,
            v: north / rho,
            kinetic: 0.5 * (x * x + y * y + n * n) / rho,
            momentum: [sphere.radius * compass.cosine(i, j) * east, 0.0],
        }
    }

    /// Adds level `k` of row `j`: everything at cell centres.
    fn cells<T: Real>(
        &self,
        fields: &TileState<T>,
        compass: Option<&Compass>,
        j: usize,
        k: usize,
        sums: &mut [Vec<f64>],
        extremes: &mut [Extremes; EXTREMES],
    ) {
        let Reference { constants, density, potential_temperature, heat, pressure, gas_factor, .. } =
            self.reference;
        let (dz, z) = (self.mesh.vertical.thickness[k], self.mesh.vertical.centres[k]);
        let (gamma, gravity) = (constants.gamma(), constants.gravity);
        let (rho0, theta0, heat0, p0) = (density[k], potential_temperature[k], heat[k], pressure[k]);
        let row = [&fields.density, &fields.heat].map(|field| field.cells(j, k));
        for i in 0..row[0].len() {
            let [rho_deviation, heat_deviation] = row.map(|values| values[i].to_f64());
            let rho = rho0 + rho_deviation;
            let wind = self.wind(fields, compass, [i, j, k], rho);
            let pressure_deviation = p0 * math::expm1(gamma * math::log1p(heat_deviation / heat0));
            let amounts = [
                rho_deviation,
                heat_deviation,
                pressure_deviation / (gamma - 1.0),
                gravity * z * rho_deviation,
                wind.kinetic,
                wind.momentum[0],
                wind.momentum[1],
            ];
            for (sum, amount) in sums.iter_mut().zip(amounts) {
                sum[i] += amount * dz;
            }
            extremes[0].include(wind.u);
            extremes[1].include(wind.v);
            let theta_deviation = (heat_deviation - theta0 * rho_deviation) / rho;
            extremes[3].include(match fields.waters {
                0 => theta_deviation,
                _ => {
                    let factor = water::in_cell(fields, rho, [i, j, k]).gas_factor(constants);
                    (theta0 + theta_deviation) / factor - theta0 / gas_factor[k]
                }
            });
        }
        for (sum, tracer) in sums[SUMS..].iter_mut().zip(&fields.tracers) {
            for (sum, value) in sum.iter_mut().zip(tracer.cells(j, k)) {
                *sum += value.to_f64() * dz;
            }
        }
    }

    /// Adds row `j` of a layer of shallow water.
    fn layer<T: Real>(
        &self,
        fields: &TileState<T>,
        compass: Option<&Compass>,
        j: usize,
        sums: &mut [Vec<f64>],
        extremes: &mut [Extremes; EXTREMES],
    ) {
        for (i, depth) in fields.density.cells(j, 0).iter().enumerate() {
            let depth = depth.to_f64();
            let wind = self.wind(fields, compass, [i, j, 0], depth);
            sums[0][i] = depth;
            sums[4][i] = wind.kinetic;
            extremes[0].include(wind.u);
            extremes[1].include(wind.v);
        }
        for (sum, tracer) in sums[SUMS..].iter_mut().zip(&fields.tracers) {
            for (sum, value) in sum.iter_mut().zip(tracer.cells(j, 0)) {
                *sum = value.to_f64();
            }
        }
    }

    /// Adds the interface below level `k` of row `j`: vertical kinetic energy, with the mass of the half
    /// cells around it. At the ground, as at the lid, w is 0.
    fn faces<T: Real>(
        &self,
        fields: &TileState<T>,
        j: usize,
        k: usize,
        kinetic: &mut [f64],
        extremes: &mut Extremes,
    ) {
        if k == 0 {
            extremes.include(0.0);
            return;
        }
        let vertical = &self.mesh.vertical;
        let rho0 = &self.reference.density;
        let (above, below) = (fields.density.cells(j, k), fields.density.cells(j, k - 1));
        for (i, momentum) in fields.momentum_z.cells(j, k).iter().enumerate() {
            let rho = vertical.weight_above[k] * (rho0[k] + above[i].to_f64())
                + vertical.weight_below[k] * (rho0[k - 1] + below[i].to_f64());
            let momentum = momentum.to_f64();
            let w = momentum / rho;
            kinetic[i] += 0.5 * momentum * w * vertical.spacing[k];
            extremes.include(w);
        }
    }
}

/// Mass, heat, internal and potential energy of the reference state.
fn reference_totals(mesh: &Mesh, reference: &Reference) -> [f64; 4] {
    let area = mesh.total_area();
    let gamma = reference.constants.gamma();
    let mut totals = [0.0; 4];
    for (k, dz) in mesh.vertical.thickness.iter().enumerate() {
        let height_energy = reference.constants.gravity * mesh.vertical.centres[k];
        let amounts = [
            reference.density[k],
            reference.heat[k],
            reference.pressure[k] / (gamma - 1.0),
            reference.density[k] * height_energy,
        ];
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total += amount * dz;
        }
    }
    totals.map(|total| total * area)
}

/// The same over terrain. Collective.
fn totals_over_terrain(mesh: &Mesh, reference: &Reference, world: &World) -> [f64; 4] {
    let mut sums = vec![ExactSum::new(); 4];
    for (tile, terrain) in mesh.local_tiles().iter().zip(&reference.tiles) {
        let area = |i: usize, j: usize| mesh.area(tile.i0 + i, tile.j0 + j) / unit_area(mesh);
        over_terrain::add_reference(&reference.constants, terrain, area, &mut sums);
    }
    ExactSum::merge(&mut sums, world.as_ref());
    std::array::from_fn(|n| sums[n].value() * unit_area(mesh))
}

/// The extremes over all ranks.
fn shared_extremes(mine: &[Extremes; EXTREMES], world: &World) -> [Extremes; EXTREMES] {
    let mut values: Vec<f64> = mine.iter().flat_map(|range| [-range.least, range.most]).collect();
    world.all_max(&mut values);
    std::array::from_fn(|n| Extremes { least: -values[2 * n], most: values[2 * n + 1] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Base, Case, Point};
    use crate::comm::single::Single;
    use crate::config::LateralBoundary::Periodic;
    use crate::constants::Constants;
    use crate::mesh::{CubedSphere, Plane, VerticalGrid};
    use std::sync::Arc;

    struct Layers;

    impl Case for Layers {
        fn base(&self, z: f64) -> Base {
            Base { potential_temperature: 300.0 + 0.004 * z, exner: 1.0 - 3.2e-5 * z, u: 0.0, v: 0.0 }
        }
        fn initial(&self, _at: Point, base: &Base) -> crate::cases::Air {
            crate::cases::Air { u: base.u, v: base.v, ..Default::default() }
        }
    }

    fn mesh(size: [usize; 2]) -> Mesh {
        let plane = Plane {
            nx: 12,
            ny: 10,
            dx: 100.0,
            dy: 50.0,
            x_min: 0.0,
            y_min: 0.0,
            x_boundary: Periodic,
            y_boundary: Periodic,
        };
        Mesh::of_plane(plane, &VerticalGrid::stretched_interfaces(8, 8000.0, 15.0), size, 0, 1).unwrap()
    }

    /// A number in -1..1 that depends on the global cell only.
    fn noise(i: usize, j: usize, k: usize, salt: u64) -> f64 {
        let mut bits = (i as u64) << 40 ^ (j as u64) << 20 ^ k as u64 ^ salt << 60;
        for _ in 0..3 {
            bits = (bits ^ bits >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        bits as f64 / u64::MAX as f64 * 2.0 - 1.0
    }

    fn globe(size: [usize; 2]) -> Mesh {
        let sphere = Geometry::CubedSphere(CubedSphere::new(12, 1e5, 0.6));
        let interfaces = VerticalGrid::stretched_interfaces(8, 8000.0, 15.0);
        Mesh::of_geometry(sphere, &interfaces, size, 0, 1).unwrap()
    }

    fn noisy_state<T: Real>(mesh: &Mesh, setting: Setting) -> State<T> {
        let mut state = State::new(mesh, setting, 1);
        for (tile, fields) in mesh.local_tiles().iter().zip(&mut state.tiles) {
            for (salt, field) in fields.prognostic_mut().enumerate() {
                let levels = field.layout().levels;
                for j in 0..tile.nj {
                    for k in 0..levels {
                        for (i, value) in field.cells_mut(j, k).iter_mut().enumerate() {
                            *value = T::of(
                                0.01 * noise(tile.i0 + i, 64 * tile.panel + tile.j0 + j, k, salt as u64),
                            );
                        }
                    }
                }
            }
        }
        state
    }

    fn measured<T: Real>(size: [usize; 2]) -> Budgets {
        measured_on::<T>(mesh(size), Setting::Plane)
    }

    fn measured_on<T: Real>(mesh: Mesh, setting: Setting) -> Budgets {
        let reference = Reference::new(&Layers, Constants::default(), &mesh.vertical);
        let world: World = Arc::new(Single);
        measure(&mesh, &reference, &noisy_state::<T>(&mesh, setting), &world)
    }

    #[test]
    fn the_same_bits_for_any_tiles() {
        let whole = measured::<f64>([12, 10]);
        for size in [[1, 1], [5, 3], [12, 1], [7, 10]] {
            assert_eq!(measured::<f64>(size), whole, "{size:?}");
            assert_eq!(measured::<f32>(size), measured::<f32>([12, 10]), "{size:?}");
        }
    }

    #[test]
    fn the_same_bits_for_any_tiles_of_the_globe() {
        for setting in [Setting::Sphere, Setting::ShallowWater] {
            let whole = measured_on::<f64>(globe([12, 12]), setting);
            for size in [[4, 4], [5, 7], [12, 4]] {
                assert_eq!(measured_on::<f64>(globe(size), setting), whole, "{size:?} {setting:?}");
            }
        }
    }

    #[test]
    fn a_turning_atmosphere_has_angular_momentum() {
        let mesh = globe([5, 12]);
        let sphere = mesh.sphere().unwrap();
        let reference = Reference::new(&Layers, Constants::default(), &mesh.vertical);
        let mut state = State::<f64>::new(&mesh, Setting::Sphere, 0);
        for (tile, fields) in mesh.local_tiles().iter().zip(&mut state.tiles) {
            for (i, j) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (i, j))) {
                let [x, y, _] = sphere.centre(tile.panel, tile.i0 + i, tile.j0 + j);
                let wind = sphere.to_panel(tile.panel, [-20.0 * y, 20.0 * x, 0.0]);
                let normal = fields.momentum_n.as_mut().unwrap();
                for (k, rho) in reference.density.iter().enumerate() {
                    fields.momentum_x.cells_mut(j, k)[i] = rho * wind[0];
                    fields.momentum_y.cells_mut(j, k)[i] = rho * wind[1];
                    normal.cells_mut(j, k)[i] = rho * wind[2];
                }
            }
        }
        let budgets = measure(&mesh, &reference, &state, &(Arc::new(Single) as World));
        let mass = budgets.mass.value();
        // The mean of cos^2(latitude) is 2/3; the sums are those of the midpoint rule.
        let near =
            |value: f64, expected: f64| assert!((value / expected - 1.0).abs() < 5e-3, "{value} {expected}");
        near(budgets.angular_momentum, mass * 20.0 * sphere.radius * 2.0 / 3.0);
        near(budgets.kinetic_energy, mass * 200.0 * 2.0 / 3.0);
        assert!(budgets.v.magnitude() < 1e-12 && budgets.u.least > 0.0 && budgets.u.most <= 20.0);
        let names: Vec<String> =
            Budgets::columns(Setting::Sphere, &[]).into_iter().map(|column| column.name).collect();
        assert!(names.contains(&"angular_momentum".into()) && !names.contains(&"momentum_x".into()));
    }

    #[test]
    fn rest_has_no_deviation() {
        let mesh = mesh([4, 4]);
        let reference = Reference::new(&Layers, Constants::default(), &mesh.vertical);
        let budgets = measure(
            &mesh,
            &reference,
            &State::<f32>::new(&mesh, Setting::Plane, 0),
            &(Arc::new(Single) as World),
        );
        assert_eq!((budgets.mass.deviation, budgets.total_energy().deviation), (0.0, 0.0));
        assert_eq!(budgets.w, Extremes { least: 0.0, most: 0.0 });
        // Hydrostatic balance: about 1000 m x 1200 m of air of some (p(0) - p(top))/g kg/m2.
        let column = budgets.mass.value() / (1200.0 * 500.0);
        assert!((5000.0..8000.0).contains(&column), "{column} kg/m2");
    }

    #[test]
    fn one_added_gram_is_seen() {
        let mesh = mesh([4, 4]);
        let reference = Reference::new(&Layers, Constants::default(), &mesh.vertical);
        let world: World = Arc::new(Single);
        let mut state = State::<f64>::new(&mesh, Setting::Plane, 0);
        let before = measure(&mesh, &reference, &state, &world);
        let volume = mesh.area(0, 0) * mesh.vertical.thickness[3];
        state.tiles[0].density.cells_mut(0, 3)[0] = 1e-3 / volume;
        let after = measure(&mesh, &reference, &state, &world);
        let expected = 1e-3 / before.mass.value();
        assert!((after.mass.drift(&before.mass) / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_steady_wind_has_its_energy() {
        let mesh = mesh([4, 4]);
        let reference = Reference::new(&Layers, Constants::default(), &mesh.vertical);
        let mut state = State::<f64>::new(&mesh, Setting::Plane, 0);
        for fields in &mut state.tiles {
            for j in 0..fields.density.layout().nj {
                for (k, rho) in reference.density.iter().enumerate() {
                    fields.momentum_x.cells_mut(j, k).fill(3.0 * rho);
                    fields.momentum_y.cells_mut(j, k).fill(-4.0 * rho);
                }
            }
        }
        let budgets = measure(&mesh, &reference, &state, &(Arc::new(Single) as World));
        let mass = budgets.mass.value();
        assert!((budgets.kinetic_energy / (12.5 * mass) - 1.0).abs() < 1e-13);
        assert!((budgets.momentum_x / (3.0 * mass) - 1.0).abs() < 1e-13);
        assert_eq!((budgets.u.most, budgets.v.least), (3.0, -4.0));
        assert_eq!(budgets.total_energy().deviation, budgets.kinetic_energy);
    }

    #[test]
    fn a_bad_cell_shows() {
        let mesh = mesh([4, 4]);
        let reference = Reference::new(&Layers, Constants::default(), &mesh.vertical);
        let mut state = State::<f64>::new(&mesh, Setting::Plane, 0);
        state.tiles[0].momentum_x.cells_mut(0, 0)[0] = f64::NAN;
        let budgets = measure(&mesh, &reference, &state, &(Arc::new(Single) as World));
        assert!(budgets.momentum_x.is_nan());
        assert_eq!(budgets.u.magnitude(), f64::INFINITY);
    }

    #[test]
    fn a_column_for_every_value() {
        let budgets = measured::<f64>([12, 10]);
        for setting in [Setting::Plane, Setting::Sphere] {
            let columns = Budgets::columns(setting, &["smoke".into()]);
            assert_eq!(columns.len(), budgets.values(setting).len());
        }
        let columns = Budgets::columns(Setting::Plane, &["smoke".into()]);
        assert_eq!(columns.len(), 21);
        assert_eq!(columns.last().unwrap().name, "tracer_mass_smoke");
    }
}
