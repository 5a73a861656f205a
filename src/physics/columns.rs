//! A row of columns in double precision: what a process sees and changes.

use super::{Profiles, TilePressure, WaterRows};
use crate::dynamics::TileReference;
use crate::math::{exp_near_zero, log1p_near_zero};
use crate::mesh::cubed_sphere::Vector;
use crate::real::Real;
use crate::state::TileState;

/// Levels of values, each as wide as the widest row of a tile.
#[derive(Clone, Debug)]
pub struct Levels {
    stride: usize,
    values: Vec<f64>,
}

impl Levels {
    pub(super) fn new(nz: usize, stride: usize) -> Self {
        Levels { stride, values: vec![0.0; nz * stride] }
    }

    /// Room for the values of a level.
    pub(super) fn width(&self) -> usize {
        self.stride
    }

    /// The `n` values of level `k`.
    #[inline(always)]
    pub fn row(&self, k: usize, n: usize) -> &[f64] {
        &self.values[k * self.stride..][..n]
    }

    /// The same, mutable.
    #[inline(always)]
    pub fn row_mut(&mut self, k: usize, n: usize) -> &mut [f64] {
        &mut self.values[k * self.stride..][..n]
    }
}

/// A row of columns. Processes change the heat, the momentum and the water.
#[derive(Clone, Debug)]
pub struct Columns {
    pub profiles: Profiles,
    /// Over terrain the local tile and its row that the columns come from; 0 over flat ground, where all are alike.
    pub place: [usize; 2],
    nz: usize,
    /// How many columns there are now; rows are as long.
    pub n: usize,
    /// Unit vector from the centre of the planet, of geographic axes, and sine of the latitude; 0 on the plane.
    pub position: Vec<Vector>,
    pub sine_latitude: Vec<f64>,
    /// Whether there is air. In shallow water there is no heat and nothing is diagnosed of it.
    pub has_air: bool,
    /// Density rho in kg/m3, in shallow water the depth in m.
    pub density: Levels,
    /// rho theta - rho0 theta0 in kg K/m3.
    pub heat: Levels,
    /// Whether the momentum is there.
    pub has_wind: bool,
    /// Components of the horizontal momentum in kg/(m2 s).
    pub momentum: [Levels; 3],
    /// Whether the vertical momentum is there, and this momentum at the `nz + 1` interfaces. Processes only see it.
    pub has_rise: bool,
    pub vertical_momentum: Levels,
    /// Vapour, cloud and rain, where there are any.
    pub water: WaterRows,
    /// The tracers that a process has of its own, times the density.
    pub tracers: Vec<Levels>,
    /// Scratch: the mass of saturated vapour in kg/m3, a number for each column, and the cells of one.
    pub(super) saturated: Levels,
    pub(super) scratch: Vec<f64>,
    pub(super) cells: Vec<super::rain::Cell>,
    /// What the pressure has grown by through condensation in this step, relative to it: where rain has exact heat
    /// capacities, 0 elsewhere.
    pub(super) jump: Levels,
    /// Diagnosed: ln(p/p00), the Exner function, p in Pa and the temperature in K, in moist air the density
    /// temperature p/(Rd rho).
    pub log_pressure: Levels,
    pub exner: Levels,
    pub pressure: Levels,
    pub temperature: Levels,
}

impl Columns {
    /// Room for rows as wide as those of the profiles, of `nz` levels.
    pub fn new(profiles: Profiles, nz: usize) -> Self {
        let widest = profiles.density.width();
        let levels = Levels::new(nz, widest);
        Columns {
            profiles,
            place: [0; 2],
            nz,
            n: 0,
            position: vec![[0.0; 3]; widest],
            sine_latitude: vec![0.0; widest],
            has_air: true,
            has_wind: true,
            has_rise: false,
            vertical_momentum: Levels::new(nz + 1, widest),
            water: WaterRows::new(levels.clone()),
            tracers: Vec::new(),
            saturated: levels.clone(),
            jump: levels.clone(),
            scratch: vec![0.0; widest],
            cells: vec![Default::default(); nz],
            density: levels.clone(),
            heat: levels.clone(),
            momentum: std::array::from_fn(|_| levels.clone()),
            log_pressure: levels.clone(),
            exner: levels.clone(),
            pressure: levels.clone(),
            temperature: levels,
        }
    }

    /// Number of levels.
    pub fn nz(&self) -> usize {
        self.nz
    }

    /// What the pressure of column `i` at level `k` changes by, in Pa, as the air rises for `dt` s: dp = -rho g w dt, from
    /// the mean of the mass fluxes through top and bottom.
    #[inline(always)]
    pub fn rise(&self, i: usize, k: usize, dt: f64) -> f64 {
        let [below, above] = [k, k + 1].map(|k| self.vertical_momentum.row(k, self.n)[i]);
        -0.5 * (below + above) * self.profiles.gravity * dt
    }

    /// Says how many tracers a process has of its own.
    pub fn set_tracers(&mut self, count: usize) {
        self.tracers = vec![self.density.clone(); count];
    }

    /// Takes the reference state of row `j` of the local tile `index` over terrain.
    pub fn load_reference(&mut self, index: usize, tile: &TileReference, pressure: &TilePressure, j: usize) {
        self.place = [index, j];
        self.profiles.load(tile, pressure, j);
    }

    /// Takes row `j` out of a tile; `positions` are those of its columns.
    pub fn load<T: Real>(&mut self, tile: &TileState<T>, positions: &[Vector], j: usize) {
        let n = positions.len();
        self.n = n;
        self.position[..n].copy_from_slice(positions);
        self.sine_latitude.iter_mut().zip(positions).for_each(|(sine, position)| *sine = position[2]);
        for (tracer, field) in self.tracers.iter_mut().zip(tile.tracers.iter().skip(tile.waters)) {
            for k in 0..field.layout().levels {
                widen(field.cells(j, k), 0.0, tracer.row_mut(k, n));
            }
        }
        let [x, y, normal] = &mut self.momentum;
        for k in 0..self.nz {
            let density = tile.density.cells(j, k);
            if !self.has_air {
                widen(density, 0.0, self.density.row_mut(k, n));
            } else {
                add(self.profiles.density.row(k, n), density, self.density.row_mut(k, n));
                widen(tile.heat.cells(j, k), 0.0, self.heat.row_mut(k, n));
            }
            if !self.has_wind {
                continue;
            }
            widen(tile.momentum_x.cells(j, k), 0.0, x.row_mut(k, n));
            widen(tile.momentum_y.cells(j, k), 0.0, y.row_mut(k, n));
            if let Some(momentum_n) = &tile.momentum_n {
                widen(momentum_n.cells(j, k), 0.0, normal.row_mut(k, n));
            }
        }
        for k in (0..tile.momentum_z.layout().levels).filter(|_| self.has_rise) {
            widen(tile.momentum_z.cells(j, k), 0.0, self.vertical_momentum.row_mut(k, n));
        }
        self.water.load(tile, n, j);
    }

    /// Gives the air at the ground of row `j` the vertical momentum of a flow along it: the horizontal momentum of the
    /// lowest two cells extrapolated to the ground, times its slopes. Over terrain, where the momentum is there.
    pub fn rise_along_ground(&mut self, tile: &TileReference, j: usize) {
        let n = self.n;
        let thickness = [0, 1].map(|k| self.profiles.thickness.row(k, n));
        let [x, y, _] = &self.momentum;
        let (x, y) = ([0, 1].map(|k| x.row(k, n)), [0, 1].map(|k| y.row(k, n)));
        for (i, out) in self.vertical_momentum.row_mut(0, n).iter_mut().enumerate() {
            let share = thickness[0][i] / (thickness[0][i] + thickness[1][i]);
            let at_ground =
                |momentum: [&[f64]; 2]| momentum[0][i] + share * (momentum[0][i] - momentum[1][i]);
            let slopes = tile.ground_slopes(i, j);
            *out = slopes[0] * at_ground(x) + slopes[1] * at_ground(y);
        }
    }

    /// Puts the row back where it came from.
    pub fn store<T: Real>(&self, tile: &mut TileState<T>, j: usize) {
        let n = self.n;
        self.water.store(&self.profiles, &self.density, tile, n, j);
        for (tracer, field) in self.tracers.iter().zip(tile.tracers.iter_mut().skip(tile.waters)) {
            for k in 0..field.layout().levels {
                round(tracer.row(k, n), field.cells_mut(j, k));
            }
        }
        let [x, y, normal] = &self.momentum;
        for k in 0..self.nz() {
            if self.has_air {
                round(self.heat.row(k, n), tile.heat.cells_mut(j, k));
            }
            if !self.has_wind {
                continue;
            }
            round(x.row(k, n), tile.momentum_x.cells_mut(j, k));
            round(y.row(k, n), tile.momentum_y.cells_mut(j, k));
            if let Some(momentum_n) = &mut tile.momentum_n {
                round(normal.row(k, n), momentum_n.cells_mut(j, k));
            }
        }
    }

    /// Computes pressure and temperature from density and heat.
    pub fn diagnose(&mut self) {
        if !self.has_air {
            return;
        }
        let (n, profiles) = (self.n, &self.profiles);
        for k in 0..self.nz {
            diagnose_level(
                [profiles.gamma, profiles.gas_constant],
                [profiles.inverse_heat.row(k, n), profiles.log_pressure.row(k, n)],
                [profiles.exner.row(k, n), profiles.pressure.row(k, n)],
                [self.density.row(k, n), self.heat.row(k, n)],
                self.log_pressure.row_mut(k, n),
                self.exner.row_mut(k, n),
                self.pressure.row_mut(k, n),
                self.temperature.row_mut(k, n),
            );
        }
    }
}

#[inline(never)]
pub(super) fn widen<T: Real>(values: &[T], base: f64, out: &mut [f64]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = base + value.to_f64();
    }
}

/// The sum of a reference state and deviations from it.
#[inline(never)]
fn add<T: Real>(base: &[f64], deviation: &[T], out: &mut [f64]) {
    let n = out.len();
    let (base, deviation) = (&base[..n], &deviation[..n]);
    for i in 0..n {
        out[i] = base[i] + deviation[i].to_f64();
    }
}

#[inline(never)]
pub(super) fn round<T: Real>(values: &[f64], out: &mut [T]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = T::of(*value);
    }
}

/// With x = T/(rho0 theta0): p/p0 = (1 + x)^gamma, and the Exner function grows as (1 + x)^(gamma - 1).
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn diagnose_level(
    [gamma, gas_constant]: [f64; 2],
    [inverse_heat0, log_pressure0]: [&[f64]; 2],
    [exner0, pressure0]: [&[f64]; 2],
    [density, heat]: [&[f64]; 2],
    log_pressure: &mut [f64],
    exner: &mut [f64],
    pressure: &mut [f64],
    temperature: &mut [f64],
) {
    let n = density.len();
    let (heat, log_pressure, exner) = (&heat[..n], &mut log_pressure[..n], &mut exner[..n]);
    let (pressure, temperature) = (&mut pressure[..n], &mut temperature[..n]);
    let (inverse_heat0, log_pressure0) = (&inverse_heat0[..n], &log_pressure0[..n]);
    let (exner0, pressure0) = (&exner0[..n], &pressure0[..n]);
    for i in 0..n {
        let x = heat[i] * inverse_heat0[i];
        let log = log1p_near_zero(x);
        let growth = exp_near_zero((gamma - 1.0) * log);
        log_pressure[i] = log_pressure0[i] + gamma * log;
        exner[i] = exner0[i] * growth;
        pressure[i] = pressure0[i] * ((1.0 + x) * growth);
        temperature[i] = pressure[i] / (gas_constant * density[i]);
    }
}
