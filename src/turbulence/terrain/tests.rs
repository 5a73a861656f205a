use crate::cases::{self, noise, testing::configuration};
use crate::comm::single::Single;
use crate::config::{
    Closure, Configuration, Surface, SurfaceHeat, SurfaceMomentum, Terrain, TerrainCoordinate, TerrainShape,
    Turbulence as Chosen,
};
use crate::dynamics::Reference;
use crate::initial::initial_state;
use crate::mesh::Mesh;
use crate::monitor::Timers;
use crate::state::{Field, State, TileState};
use crate::turbulence::{ENERGY, Turbulence};
use approx::assert_relative_eq;

const FREE: Surface =
    Surface { momentum: SurfaceMomentum::FreeSlip, heat: SurfaceHeat::None, vapour_flux: 0.0 };

/// A box of 3 km with so many cells along x and up, over a hill of the given height in m.
fn over_hill(case: &str, [nx, ny, nz]: [usize; 3], height: f64) -> Configuration {
    let mut configuration = configuration(case, [3000.0, 3000.0], [nx, nz]);
    (configuration.grid.ny, configuration.grid.dy) = (ny, 3000.0 / ny as f64);
    let shape = TerrainShape::Hill { height, half_width: 600.0, centre: [1300.0, 1600.0] };
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
        self.turbulence.step(&mut self.state.tiles, dt, &mut Timers::new()).diffusion
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
            for (field, before) in tile.dynamic().into_iter().zip(before.dynamic()) {
                for (j, k) in
                    (0..field.layout().nj).flat_map(|j| (0..field.layout().levels).map(move |k| (j, k)))
                {
                    assert_eq!(field.cells(j, k), before.cells(j, k));
                }
            }
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

/// The largest error of what a step makes of a smooth tracer in the middle of the air, relative to its largest change,
/// with so many cells along every direction.
fn error(n: usize) -> f64 {
    let configuration = with_constants(over_hill("stratified_rest", [n, n, n], 700.0));
    let case = cases::build(&configuration).unwrap();
    let mut air = Air::new(&configuration);
    let wave = 2.0 * std::f64::consts::PI / 3000.0;
    let q = |[x, y, z]: [f64; 3]| (wave * x).sin() * (wave * y).cos() * (wave * z).cos();
    air.change(|tile, [i, j, k], place, rho| tile.tracers[0].cells_mut(j, k)[i] = rho * q(place));
    let before = air.state.clone();
    let dt = 1e-3;
    air.step(dt);
    let plane = air.mesh.plane().unwrap();
    let (mut largest, mut error) = (0.0_f64, 0.0_f64);
    for (n, tile) in air.mesh.local_tiles().iter().enumerate() {
        let reference = &air.reference.tiles[n];
        for (j, i) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (j, i))) {
            for k in tile.nz / 8..tile.nz - tile.nz / 8 {
                let (column_i, column_j) = (i as isize, j as isize);
                let z = reference.centre(column_i, column_j, k);
                let place = [plane.x(tile.i0 + i), plane.y(tile.j0 + j), z];
                // The hill does not go on beyond the domain, where its slope changes its sign from cell to cell.
                if place[..2].iter().any(|along| !(300.0..2700.0).contains(along)) {
                    continue;
                }
                let rho = |z: f64| case.base(z).density(&configuration.dynamics.constants);
                let step = 1.0;
                let growth = (rho(z + step) - rho(z - step)) / (2.0 * step);
                let upwards = -wave * (wave * place[0]).sin() * (wave * place[1]).cos() * (wave * z).sin();
                let exact = 30.0 * (-3.0 * wave * wave * q(place) * rho(z) + growth * upwards);
                let change = |tiles: &[TileState<f64>]| tiles[n].tracers[0].cells(j, k)[i];
                let found = (change(&air.state.tiles) - change(&before.tiles)) / dt;
                largest = largest.max(exact.abs());
                error = error.max((found - exact).abs());
            }
        }
    }
    error / largest
}

#[test]
fn diffusion_over_a_hill_is_of_second_order() {
    let [coarse, fine] = [error(16), error(32)];
    let order = (coarse / fine).log2();
    assert!(order > 1.7 && fine < 0.05, "errors {coarse} and {fine}, order {order}");
}
