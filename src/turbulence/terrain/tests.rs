use crate::cases::{self, noise, testing::configuration};
use crate::comm::single::Single;
use crate::config::{
    Closure, Configuration, Surface, SurfaceHeat, SurfaceMomentum, Terrain, TerrainCoordinate, TerrainShape,
    Turbulence as Chosen,
};
use crate::dynamics::Reference;
use crate::dynamics::euler::terrain::Rates;
use crate::initial::initial_state;
use crate::mesh::Mesh;
use crate::monitor::Timers;
use crate::state::{Field, State, TileState};
use crate::turbulence::tests::assert_same_cells;
use crate::turbulence::{ENERGY, Turbulence};
use approx::assert_relative_eq;

const FREE: Surface =
    Surface { momentum: SurfaceMomentum::FreeSlip, heat: SurfaceHeat::None, vapour_flux: 0.0 };

/// A box of 3 km with so many cells along x and up, over a hill of the given height in m.
fn over_hill(case: &str, [nx, ny, nz]: [usize; 3], height: f64) -> Configuration {
    let mut configuration = configuration(case, [3000.0, 3000.0], [nx, nz]);
    (configuration.grid.ny, configuration.grid.dy) = (ny, 3000.0 / ny as f64);
    let shape = TerrainShape::Hill { height, half_width: 900.0, centre: [1300.0, 1600.0] };
    let coordinate = TerrainCoordinate::Hybrid { decay: 1500.0, small_decay: 900.0, split: 400.0 };
    configuration.terrain = Some(Terrain { shape, coordinate });
    configuration.parallel.tile = Some([5, 4]);
    configuration.dynamics.tracers = vec!["block".into()];
    configuration
}

fn with_eddies(mut configuration: Configuration, closure: Closure, surface: Surface) -> Configuration {
    if closure == Closure::Energy {
        configuration.dynamics.tracers.push(ENERGY.into());
    }
    configuration.turbulence = Some(Chosen {
        closure,
        viscosity: 20.0,
        smagorinsky_constant: 0.2,
        prandtl: 0.5,
        energy_constant: 0.1,
        is_separate: false,
        sees_clouds: true,
        surface,
    });
    configuration
}

fn with_constants(mut configuration: Configuration) -> Configuration {
    configuration.dynamics.viscosity = 20.0;
    configuration.dynamics.diffusivity = 30.0;
    configuration
}

struct Air {
    mesh: Mesh,
    reference: Reference,
    turbulence: Turbulence<f64>,
    state: State<f64>,
}

impl Air {
    fn new(configuration: &Configuration) -> Self {
        let mesh = Mesh::new(configuration, 0, 1).unwrap();
        let case = cases::build(configuration).unwrap();
        let reference = Reference::on_mesh(&*case, configuration.dynamics.constants, &mesh);
        let turbulence = Turbulence::new(configuration, &mesh, &reference, &Single);
        let turbulence =
            turbulence.or_else(|| Turbulence::of_constants(configuration, &mesh, &reference, &Single));
        let state = initial_state(configuration, &mesh, &*case);
        Air { mesh, reference, turbulence: turbulence.unwrap(), state }
    }

    /// Changes every cell: `change(tile, [i, j, k], [x, y, z], rho0)`, with the true position.
    fn change(&mut self, change: impl Fn(&mut TileState<f64>, [usize; 3], [f64; 3], f64)) {
        let plane = self.mesh.plane().unwrap();
        for (n, (tile, fields)) in self.mesh.local_tiles().iter().zip(&mut self.state.tiles).enumerate() {
            for (j, i) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (j, i))) {
                for k in 0..tile.nz {
                    let (z, rho) = match self.reference.tiles.get(n) {
                        Some(tile) => {
                            let (i, j) = (i as isize, j as isize);
                            (tile.centre(i, j, k), tile.density.get(i, j, k))
                        }
                        None => (self.mesh.vertical.centres[k], self.reference.density[k]),
                    };
                    change(fields, [i, j, k], [plane.x(tile.i0 + i), plane.y(tile.j0 + j), z], rho);
                }
            }
        }
    }

    /// Random winds of 1 m/s, theta of 1 K and energies of 0.1 m2/s2, the same for the same place of a cell.
    fn shake(&mut self) {
        let tiles: Vec<[usize; 2]> = self.mesh.local_tiles().iter().map(|tile| [tile.i0, tile.j0]).collect();
        for (start, fields) in tiles.into_iter().zip(&mut self.state.tiles) {
            let layout = fields.density.layout();
            let cells = (0..layout.nj).flat_map(|j| (0..layout.ni).map(move |i| (i, j)));
            for ((i, j), k) in cells.flat_map(|cell| (0..layout.levels).map(move |k| (cell, k))) {
                let place = [start[0] + i, start[1] + j, k].map(|index| index as u64);
                let random = |seed: u64| noise::uniform(seed, place);
                fields.momentum_x.cells_mut(j, k)[i] = random(1);
                fields.momentum_y.cells_mut(j, k)[i] = random(2);
                fields.heat.cells_mut(j, k)[i] = random(4);
                if k > 0 {
                    fields.momentum_z.cells_mut(j, k)[i] = random(3);
                }
                if let Some(energy) = fields.tracers.get_mut(1) {
                    energy.cells_mut(j, k)[i] = 0.1 * (1.0 + random(5));
                }
            }
        }
    }

    fn step(&mut self, dt: f64) -> f64 {
        let mut rates: Vec<Rates<f64>> = self.mesh.local_tiles().iter().map(Rates::new).collect();
        let census = self.turbulence.step(&mut self.state.tiles, &mut rates, dt, &mut Timers::new());
        for (tile, rates) in self.state.tiles.iter_mut().zip(&rates) {
            let pairs = [
                (&mut tile.momentum_x, &rates.momentum_x),
                (&mut tile.momentum_y, &rates.momentum_y),
                (&mut tile.momentum_z, &rates.momentum_z),
                (&mut tile.heat, &rates.heat),
            ];
            for (field, rate) in pairs {
                field
                    .values_mut()
                    .iter_mut()
                    .zip(rate.values())
                    .for_each(|(value, rate)| *value += dt * rate);
            }
        }
        census.diffusion
    }

    /// The sum over all cells of a field times the thickness of the cells, and that of its magnitudes.
    fn sum(&self, field: impl Fn(&TileState<f64>) -> &Field<f64>) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for (tile, reference) in self.state.tiles.iter().zip(&self.reference.tiles) {
            let field = field(tile);
            let layout = field.layout();
            for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
                for (i, value) in field.cells(j, k).iter().enumerate() {
                    let value = value * reference.thickness(i as isize, j as isize, k);
                    sums[0] += value;
                    sums[1] += value.abs();
                }
            }
        }
        sums
    }
}

/// Every kind of mixing, over a hill of the given height.
fn kinds(case: &str, height: f64) -> [Configuration; 4] {
    let hill = || over_hill(case, [12, 10, 8], height);
    [
        with_constants(hill()),
        with_eddies(hill(), Closure::Constant, FREE),
        with_eddies(hill(), Closure::Smagorinsky, FREE),
        with_eddies(hill(), Closure::Energy, FREE),
    ]
}

#[test]
fn mixing_over_a_hill_keeps_momentum_heat_and_tracers() {
    for configuration in kinds("density_current", 900.0) {
        let mut air = Air::new(&configuration);
        air.shake();
        let sums = |air: &Air| {
            let of = |field: fn(&TileState<f64>) -> &Field<f64>| air.sum(field);
            [of(|t| &t.momentum_x), of(|t| &t.momentum_y), of(|t| &t.heat), of(|t| &t.tracers[0])]
        };
        let before = sums(&air);
        air.step(2.0);
        for (number, (before, after)) in before.into_iter().zip(sums(&air)).enumerate() {
            assert!((after[0] - before[0]).abs() < 1e-13 * before[1], "{number}: {before:?} {after:?}");
            assert!(after[1] != before[1], "{number} did not change");
        }
    }
}

#[test]
fn rest_over_a_steep_hill_stays_rest() {
    // All but the constant closure, which mixes the reference state as well.
    let [plain, _, smagorinsky, energy] = kinds("stratified_rest", 900.0);
    for configuration in [plain, smagorinsky, energy] {
        let mut air = Air::new(&configuration);
        let before = air.state.clone();
        air.step(5.0);
        for (tile, before) in air.state.tiles.iter().zip(&before.tiles) {
            tile.dynamic().into_iter().zip(before.dynamic()).for_each(assert_same_cells);
        }
    }
}

#[test]
fn a_hill_without_height_is_flat() {
    let surface = Surface {
        momentum: SurfaceMomentum::LogLaw { roughness: 0.1 },
        heat: SurfaceHeat::Flux(0.1),
        vapour_flux: 0.0,
    };
    for closure in [Closure::Constant, Closure::Smagorinsky, Closure::Energy] {
        let hill = with_eddies(over_hill("stratified_rest", [12, 10, 8], 1e-9), closure, surface.clone());
        let mut flat = hill.clone();
        flat.terrain = None;
        let [mut hill, mut flat] = [hill, flat].map(|configuration| Air::new(&configuration));
        for air in [&mut hill, &mut flat] {
            air.shake();
            air.step(2.0);
        }
        for (hill, flat) in hill.state.tiles.iter().zip(&flat.state.tiles) {
            for (hill, flat) in hill.prognostic().zip(flat.prognostic()) {
                let layout = flat.layout();
                for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
                    for (hill, flat) in hill.cells(j, k).iter().zip(flat.cells(j, k)) {
                        assert_relative_eq!(hill, flat, epsilon = 1e-9, max_relative = 1e-9);
                    }
                }
            }
        }
    }
}

const WAVE: f64 = 2.0 * std::f64::consts::PI / 3000.0;

/// The root mean square error of the rates of change that a step makes of what `start` sets, relative to that of the rates, in the
/// middle of the air and with `n` cells along every direction. `exact(place, rho, drho/dz)` are those of the variables
/// that `fields` gives.
fn error<const N: usize>(
    configuration: &Configuration,
    start: impl Fn(&mut TileState<f64>, [usize; 3], [f64; 3], f64),
    fields: impl Fn(&TileState<f64>) -> [&Field<f64>; N],
    exact: impl Fn([f64; 3], f64, f64) -> [f64; N],
) -> f64 {
    let case = cases::build(configuration).unwrap();
    let mut air = Air::new(configuration);
    air.change(start);
    let before = air.state.clone();
    let dt = 1e-3;
    air.step(dt);
    let plane = air.mesh.plane().unwrap();
    let rho = |z: f64| case.base(z).density(&configuration.dynamics.constants);
    let mut sums = [0.0; 2];
    for (n, tile) in air.mesh.local_tiles().iter().enumerate() {
        let cells = (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (j, i)));
        for ((j, i), k) in cells.flat_map(|cell| (tile.nz / 8..tile.nz - tile.nz / 8).map(move |k| (cell, k)))
        {
            let place = [plane.x(tile.i0 + i), plane.y(tile.j0 + j)];
            // The hill does not go on beyond the domain, where its slope changes its sign from cell to cell.
            if place.iter().any(|along| !(300.0..2700.0).contains(along)) {
                continue;
            }
            let z = air.reference.tiles[n].centre(i as isize, j as isize, k);
            let growth = 0.5 * (rho(z + 1.0) - rho(z - 1.0));
            let exact = exact([place[0], place[1], z], rho(z), growth);
            let pairs = fields(&air.state.tiles[n]).into_iter().zip(fields(&before.tiles[n]));
            for ((after, before), exact) in pairs.zip(exact) {
                let found = (after.cells(j, k)[i] - before.cells(j, k)[i]) / dt;
                sums[0] += (found - exact) * (found - exact);
                sums[1] += exact * exact;
            }
        }
    }
    (sums[0] / sums[1]).sqrt()
}

/// That of a wave of a tracer along all directions.
fn tracer_error(n: usize) -> f64 {
    let q = |[x, y, z]: [f64; 3]| (WAVE * x).sin() * (WAVE * y).cos() * (WAVE * z).cos();
    let upwards = |[x, y, z]: [f64; 3]| -WAVE * (WAVE * x).sin() * (WAVE * y).cos() * (WAVE * z).sin();
    error(
        &with_constants(over_hill("stratified_rest", [n, n, n], 700.0)),
        |tile, [i, j, k], place, rho| tile.tracers[0].cells_mut(j, k)[i] = rho * q(place),
        |tile| [&tile.tracers[0]],
        |place, rho, growth| [30.0 * (-3.0 * WAVE * WAVE * q(place) * rho + growth * upwards(place))],
    )
}

/// That of a wind that turns with height.
fn wind_error(n: usize) -> f64 {
    error(
        &with_eddies(over_hill("stratified_rest", [n, n, n], 700.0), Closure::Constant, FREE),
        |tile, [i, j, k], [_, _, z], rho| {
            tile.momentum_x.cells_mut(j, k)[i] = rho * (WAVE * z).cos();
            tile.momentum_y.cells_mut(j, k)[i] = rho * (WAVE * z).sin();
        },
        |tile| [&tile.momentum_x, &tile.momentum_y, &tile.momentum_z],
        |[_, _, z], rho, growth| {
            let (cosine, sine) = ((WAVE * z).cos(), (WAVE * z).sin());
            let stress = |shear: f64, bend: f64| 20.0 * WAVE * (growth * shear + rho * WAVE * bend);
            [stress(-sine, -cosine), stress(cosine, -sine), 0.0]
        },
    )
}

#[test]
fn mixing_over_a_hill_is_of_second_order() {
    for error in [tracer_error, wind_error] {
        let [coarse, fine] = [error(20), error(40)];
        let order = (coarse / fine).log2();
        println!("errors {coarse:.4} and {fine:.4}, order {order:.2}");
        assert!(order > 1.7 && fine < 0.01, "errors {coarse} and {fine}, order {order}");
    }
}
