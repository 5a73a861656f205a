use super::*;
use crate::cases::{self, noise, testing::configuration};
use crate::comm::single::Single;
use crate::config::{Closure, LateralBoundary, Surface, SurfaceHeat, SurfaceMomentum};
use crate::initial::initial_state;
use crate::state::State;
use approx::assert_relative_eq;

/// Cells along x, y and z, and their sizes in m.
const CELLS: [usize; 3] = [12, 10, 8];
const SIZES: [f64; 3] = [50.0, 40.0, 30.0];

const FREE: Surface =
    Surface { momentum: SurfaceMomentum::FreeSlip, heat: SurfaceHeat::None, vapour_flux: 0.0 };

/// Two fields are the same but for their halos.
pub(super) fn assert_same_cells((field, other): (&Field<f64>, &Field<f64>)) {
    let layout = field.layout();
    for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
        assert_eq!(field.cells(j, k), other.cells(j, k));
    }
}

/// A box of neutral air of 300 K or, of another case, of what that has at the start, in tiles of 5 x 4 columns.
struct Air {
    mesh: Mesh,
    reference: Reference,
    turbulence: Turbulence<f64>,
    state: State<f64>,
}

impl Air {
    fn new(case: &str, closure: Closure, surface: Surface, x: LateralBoundary) -> Self {
        Air::of_eddies(case, closure, surface, x, false)
    }

    /// The eddies may be wider than high.
    fn of_eddies(
        case: &str,
        closure: Closure,
        surface: Surface,
        x: LateralBoundary,
        is_separate: bool,
    ) -> Self {
        let [nx, ny, nz] = CELLS;
        let mut configuration = configuration(case, [nx as f64 * SIZES[0], nz as f64 * SIZES[2]], [nx, nz]);
        (configuration.grid.ny, configuration.grid.dy) = (ny, SIZES[1]);
        configuration.boundary.x = x;
        configuration.parallel.tile = Some([5, 4]);
        configuration.dynamics.tracers = vec!["block".into()];
        if closure == Closure::Energy {
            configuration.dynamics.tracers.push(ENERGY.into());
        }
        configuration.turbulence = Some(crate::config::Turbulence {
            closure,
            viscosity: 0.0,
            smagorinsky_constant: 0.2,
            prandtl: 0.5,
            energy_constant: 0.1,
            is_separate,
            sees_clouds: true,
            surface,
        });
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let case = cases::build(&configuration).unwrap();
        let reference = Reference::new(&*case, configuration.dynamics.constants, &mesh.vertical);
        let turbulence = Turbulence::new(&configuration, &mesh, &reference, &Single).unwrap();
        let state = initial_state(&configuration, &mesh, &*case);
        Air { mesh, reference, turbulence, state }
    }

    fn neutral(closure: Closure, surface: Surface) -> Self {
        let mut neutral = Air::new("density_current", closure, surface, LateralBoundary::Periodic);
        for tile in &mut neutral.state.tiles {
            tile.density.values_mut().fill(0.0);
        }
        neutral
    }

    /// Changes every cell: `change(tile, [i, j, k], [x, y, z], rho0)`, with the position within the domain.
    fn change(&mut self, change: impl Fn(&mut TileState<f64>, [usize; 3], [f64; 3], f64)) {
        let plane = self.mesh.plane().unwrap();
        for (tile, fields) in self.mesh.local_tiles().iter().zip(&mut self.state.tiles) {
            for (k, z) in self.mesh.vertical.centres.iter().enumerate() {
                for (j, i) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (j, i))) {
                    let place = [plane.x(tile.i0 + i), plane.y(tile.j0 + j), *z];
                    change(fields, [i, j, k], place, self.reference.density[k]);
                }
            }
        }
    }

    /// Random winds of 1 m/s, theta of 1 K and energies of 0.1 m2/s2.
    fn shake(&mut self) {
        self.change(|tile, [i, j, k], [x, y, z], rho| {
            let random = |seed: u64| noise::uniform(seed, [x, y, z].map(f64::to_bits));
            tile.momentum_x.cells_mut(j, k)[i] = rho * random(1);
            tile.momentum_y.cells_mut(j, k)[i] = rho * random(2);
            tile.heat.cells_mut(j, k)[i] = rho * random(4);
            if k > 0 {
                tile.momentum_z.cells_mut(j, k)[i] = rho * random(3);
            }
            if let Some(energy) = tile.tracers.get_mut(1) {
                energy.cells_mut(j, k)[i] = rho * 0.1 * (1.0 + random(5));
            }
        });
    }

    fn step(&mut self, dt: f64) -> Census {
        self.turbulence.step(&mut self.state.tiles, &mut [], dt, &mut Timers::new())
    }

    /// The sum of a field over all cells of the given levels, and that of its magnitudes.
    fn sum(&self, field: impl Fn(&TileState<f64>) -> &Field<f64>) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for tile in &self.state.tiles {
            let field = field(tile);
            for (j, k) in (0..field.layout().nj).flat_map(|j| (0..field.layout().levels).map(move |k| (j, k)))
            {
                for value in field.cells(j, k) {
                    sums[0] += value;
                    sums[1] += value.abs();
                }
            }
        }
        sums
    }

    /// Kinetic energy in J.
    fn energy(&self) -> f64 {
        let mut sum = 0.0;
        for tile in &self.state.tiles {
            for field in [&tile.momentum_x, &tile.momentum_y, &tile.momentum_z] {
                for (j, k) in (0..field.layout().nj).flat_map(|j| (0..CELLS[2]).map(move |k| (j, k))) {
                    sum += field.cells(j, k).iter().map(|m| m * m / self.reference.density[k]).sum::<f64>();
                }
            }
        }
        sum
    }
}

#[test]
fn uniform_shear_has_the_analytic_stress() {
    let mut air = Air::neutral(Closure::Smagorinsky, FREE);
    let shear = 0.02;
    air.change(|tile, [i, j, k], [_, _, z], rho| tile.momentum_x.cells_mut(j, k)[i] = rho * shear * z);
    let length = 0.2 * f64::cbrt(SIZES.iter().product());
    let viscosity = length * length * shear;
    let density = air.reference.density.clone();
    // Between the cells that have shear on both sides; at ground and lid there is none beyond.
    let check = |(): &mut (), _: &TileState<f64>, _: usize, fluxes: &VerticalFluxes<f64>| {
        for k in 2..CELLS[2] - 1 {
            let expected = 0.5 * (density[k - 1] + density[k]) * viscosity * shear;
            assert_relative_eq!(fluxes.u.row(k)[3], expected, max_relative = 1e-12);
            assert!(fluxes.v.row(k)[3].abs() < 1e-15 && fluxes.theta.row(k)[3].abs() < 1e-12);
        }
        assert_eq!((fluxes.u.row(0)[3], fluxes.u.row(CELLS[2])[3]), (0.0, 0.0));
    };
    air.turbulence.survey(&mut air.state.tiles, || (), check, |(), ()| ());
}

#[test]
fn mixing_keeps_momentum_heat_and_tracers() {
    for (closure, x) in
        [(Closure::Smagorinsky, LateralBoundary::Periodic), (Closure::Energy, LateralBoundary::Wall)]
    {
        let mut air = Air::new("density_current", closure, FREE, x);
        air.shake();
        let sums = |air: &Air| {
            [
                air.sum(|t| &t.momentum_x),
                air.sum(|t| &t.momentum_y),
                air.sum(|t| &t.heat),
                air.sum(|t| &t.tracers[0]),
            ]
        };
        let before = sums(&air);
        let census = air.step(2.0);
        assert!(census.diffusion > 0.0, "nothing was mixed");
        for (number, (before, after)) in before.into_iter().zip(sums(&air)).enumerate() {
            // Normal stress on a wall gives it momentum.
            if number == 0 && x == LateralBoundary::Wall {
                continue;
            }
            assert!((after[0] - before[0]).abs() < 1e-13 * before[1], "{number}: {before:?} {after:?}");
            // All values of the tracer are positive: the sum of their magnitudes stays as well.
            assert!(number == 3 || after[1] != before[1], "{number} did not change");
        }
    }
}

#[test]
fn separate_eddies_are_as_wide_and_as_high_as_the_cells() {
    let mut air = Air::of_eddies("density_current", Closure::Energy, FREE, LateralBoundary::Periodic, true);
    let (energy, dt) = (0.3, 0.5);
    // Waves along x, and a parabola upwards, in air of one theta.
    let wave = |x: f64| f64::cos(2.0 * std::f64::consts::PI * x / (CELLS[0] as f64 * SIZES[0]));
    let mixed = |x: f64, z: f64| wave(x) + 1e-4 * z * z;
    air.change(|tile, [i, j, k], [x, _, z], rho| {
        (tile.density.cells_mut(j, k)[i], tile.heat.cells_mut(j, k)[i]) = (0.0, 0.0);
        tile.tracers[0].cells_mut(j, k)[i] = rho * mixed(x, z);
        tile.tracers[1].cells_mut(j, k)[i] = rho * energy;
    });
    air.step(dt);
    let [along, upwards] =
        [f64::sqrt(SIZES[0] * SIZES[1]), SIZES[2]].map(|length| 3.0 * 0.1 * length * f64::sqrt(energy));
    let (rho, z) = (air.reference.density.clone(), air.mesh.vertical.centres.clone());
    let plane = air.mesh.plane().unwrap();
    for (tile, fields) in air.mesh.local_tiles().iter().zip(&air.state.tiles) {
        for k in 1..CELLS[2] - 1 {
            let x = plane.x(tile.i0 + 2);
            let curvature = (wave(x - SIZES[0]) - 2.0 * wave(x) + wave(x + SIZES[0])) / (SIZES[0] * SIZES[0]);
            let flux = |k: usize| {
                let weight = 0.5 * (rho[k] + rho[k - 1]) * upwards;
                weight * (mixed(x, z[k]) - mixed(x, z[k - 1])) / SIZES[2]
            };
            let expected = dt * (along * curvature + (flux(k + 1) - flux(k)) / (SIZES[2] * rho[k]));
            let change = fields.tracers[0].cells(1, k)[2] / rho[k] - mixed(x, z[k]);
            assert_relative_eq!(change, expected, max_relative = 1e-9, epsilon = 1e-12);
        }
    }
}

#[test]
fn mixing_takes_kinetic_energy() {
    for closure in [Closure::Smagorinsky, Closure::Energy] {
        let mut air = Air::neutral(closure, FREE);
        air.shake();
        let mut energy = air.energy();
        for _ in 0..10 {
            air.step(2.0);
            let next = air.energy();
            assert!(next < energy, "{next} after {energy}");
            energy = next;
        }
    }
}

#[test]
fn rest_stays_rest() {
    for closure in [Closure::Smagorinsky, Closure::Energy] {
        let mut air = Air::new("stratified_rest", closure, FREE, LateralBoundary::Periodic);
        let before = air.state.clone();
        air.step(10.0);
        for (tile, before) in air.state.tiles.iter().zip(&before.tiles) {
            tile.prognostic().zip(before.prognostic()).for_each(assert_same_cells);
        }
    }
}

#[test]
fn the_ground_gives_its_heat_and_takes_its_stress() {
    let surface = Surface {
        momentum: SurfaceMomentum::FrictionVelocity(0.3),
        heat: SurfaceHeat::Flux(0.1),
        vapour_flux: 0.0,
    };
    let mut air = Air::neutral(Closure::Smagorinsky, surface);
    air.change(|tile, [i, j, k], _, rho| tile.momentum_x.cells_mut(j, k)[i] = 5.0 * rho);
    let (momentum, heat) = (air.sum(|t| &t.momentum_x)[0], air.sum(|t| &t.heat)[0]);
    air.step(3.0);
    let of_column = air.reference.density[0] * 3.0 / SIZES[2] * (CELLS[0] * CELLS[1]) as f64;
    assert_relative_eq!(air.sum(|t| &t.heat)[0] - heat, 0.1 * of_column, max_relative = 1e-9);
    assert_relative_eq!(air.sum(|t| &t.momentum_x)[0] - momentum, -0.09 * of_column, max_relative = 1e-9);
}

#[test]
fn still_eddies_decay_as_their_dissipation_says() {
    let mut air = Air::neutral(Closure::Energy, FREE);
    air.change(|tile, [i, j, k], _, rho| tile.tracers[1].cells_mut(j, k)[i] = rho);
    let length = f64::cbrt(SIZES.iter().product());
    for _ in 0..200 {
        air.step(0.5);
    }
    // de/dt = -0.93 e^(3/2)/D from e = 1 m2/s2: e = (1 + 0.93 t/(2 D))^-2; implicit steps of 0.5 s are 1 % off.
    let expected = (1.0 + 0.93 * 100.0 / (2.0 * length)).powi(-2);
    let energy = air.state.tiles[0].tracers[1].cells(1, 4)[2] / air.reference.density[4];
    assert_relative_eq!(energy, expected, max_relative = 0.01);
}
