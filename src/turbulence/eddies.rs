//! The eddy viscosity and diffusivity of one row of columns, and the sources of e.

use super::clouds::WaterAround;
use super::gradients::Gradient;
use super::row::Air;
use super::scales::{Along, Scales};
use crate::aligned::Aligned;
use crate::config::Closure;
use crate::dynamics::slab::Slab;
use crate::mesh::HALO;
use crate::per_cell::{Everywhere, PerCell};
use crate::real::Real;
use crate::state::water::{CLOUD, RAIN, VAPOUR};

/// First column of a row with halo at which there are eddies: one before the tile.
pub const FIRST: usize = HALO - 1;

/// e in m2/s2 from which eddies grow.
const SEED: f64 = 5e-5;

/// What the eddies of one row of columns do, one column more than the tile on both sides.
#[derive(Clone, Debug)]
pub struct Eddies<T> {
    /// rho K and rho K_h in kg/(m s).
    pub viscosity: Slab<T>,
    pub diffusivity: Slab<T>,
    /// Those along the ground, where they are others.
    along: Option<[Slab<T>; 2]>,
    /// Growth of e in m2/s3, and its loss as a rate in 1/s.
    pub gain: Slab<T>,
    pub loss: Slab<T>,
    /// C |u| at the ground in m/s: the stress there is rho C |u| u.
    pub drag: Slab<T>,
    /// Over terrain: gradients of u, v, w, theta and the tracers.
    pub gradients: Vec<Gradient<T>>,
}

/// Rows that live while the eddies of a row are computed.
#[derive(Clone, Debug)]
pub struct EddyWork<T> {
    /// (du/dz + dw/dx)^2 + (dv/dz + dw/dy)^2 and N^2 at the interfaces, in 1/s2.
    pub shear: Slab<T>,
    pub stability: Slab<T>,
    /// The rest of S^2 in one level.
    pub strain: Aligned<T>,
    /// Largest rate of diffusion of every column, in 1/s.
    largest: Aligned<T>,
}

impl<T: Real> Eddies<T> {
    /// Zeros, with so many gradients.
    pub fn new(nz: usize, row: usize, gradients: usize, is_separate: bool) -> Self {
        let centre = Slab::with_halo(nz, row);
        let along = is_separate.then(|| [centre.clone(), centre.clone()]);
        Eddies {
            gradients: vec![Gradient::new(nz, row); gradients],
            viscosity: centre.clone(),
            diffusivity: centre.clone(),
            along,
            gain: centre.clone(),
            loss: centre,
            drag: Slab::with_halo(1, row),
        }
    }

    /// rho K and rho K_h upwards.
    pub fn upwards(&self) -> [&Slab<T>; 2] {
        [&self.viscosity, &self.diffusivity]
    }

    /// rho K and rho K_h along the ground.
    pub fn along(&self) -> [&Slab<T>; 2] {
        self.along.as_ref().map_or(self.upwards(), |[viscosity, diffusivity]| [viscosity, diffusivity])
    }

    /// Computes the row in the middle of three; where there is no y direction they are the same.
    pub fn fill(&mut self, scales: &Scales<T>, air: [&Air<T>; 3], work: &mut EddyWork<T>) {
        let (n, nz, here) = (air[1].columns + 2, scales.levels.nz, air[1]);
        work.fill_interfaces(scales, n, air);
        if scales.surface.has_drag() {
            let wind = [&here.u, &here.v].map(|slab| &slab.row(0)[FIRST..][..n]);
            let drag = &mut self.drag.row_mut(0)[FIRST..][..n];
            let flat = scales.surface.flat;
            scales.surface.drag(|_| flat, wind, &here.theta.row(0)[FIRST..][..n], drag);
            wall_shear(Everywhere(scales.wall), wind, drag, &mut work.shear.row_mut(0)[..n]);
        }
        for k in 0..nz {
            horizontal_strain(scales, n, k, air, &mut work.strain[..n]);
            let length = match scales.closure {
                Closure::Energy => scales.grid_length[k],
                _ => scales.length_squared[k],
            };
            self.close(scales, k, here, [Everywhere(length), Everywhere(scales.rate[k])], work);
        }
    }

    /// Computes level `k` from the strain and the stability around it; given are l^2 or D, as the closure needs it,
    /// and the sum of the squared inverse sizes of the cells.
    pub fn close(
        &mut self,
        scales: &Scales<T>,
        k: usize,
        here: &Air<T>,
        [length, rate]: [impl PerCell<T>; 2],
        work: &mut EddyWork<T>,
    ) {
        let (n, nz) = (here.columns + 2, scales.levels.nz);
        // The ground brakes the lowest cells; otherwise its stress is 0. N^2 is one-sided at ground and lid.
        let shear = if k == 0 && scales.surface.has_drag() { [0, 0] } else { [k, k + 1] };
        let stability = [if k == 0 { 1 } else { k }, if k + 1 == nz { k } else { k + 1 }];
        let cells = Strained {
            strain: &work.strain[..n],
            shear: shear.map(|k| &work.shear.row(k)[..n]),
            stability: stability.map(|k| &work.stability.row(k.min(nz))[..n]),
            density: &here.density.row(k)[FIRST..][..n],
        };
        let largest = &mut work.largest[..n];
        let viscosity = &mut self.viscosity.row_mut(k)[FIRST..][..n];
        let diffusivity = &mut self.diffusivity.row_mut(k)[FIRST..][..n];
        match (scales.closure, scales.energy) {
            (Closure::Energy, Some(energy)) => {
                let energy = &here.tracers[energy].row(k)[FIRST..][..n];
                let gain = &mut self.gain.row_mut(k)[FIRST..][..n];
                let loss = &mut self.loss.row_mut(k)[FIRST..][..n];
                let constants = [length.cut(n), rate.cut(n)];
                let upwards = [&mut *viscosity, diffusivity];
                with_energy(
                    scales.viscosity_constant,
                    constants,
                    &cells,
                    energy,
                    upwards,
                    [gain, loss],
                    largest,
                );
                if let (Some(constants), Some(along)) = (scales.along, &mut self.along) {
                    let [of_momentum, of_heat] = along;
                    let along = [of_momentum, of_heat].map(|slab| &mut slab.row_mut(k)[FIRST..][..n]);
                    let gain = &mut self.gain.row_mut(k)[FIRST..][..n];
                    along_ground(constants, rate.cut(n), &cells, energy, viscosity, along, gain, largest);
                }
            }
            (Closure::Constant, _) => constant(
                [scales.viscosity, scales.diffusivity],
                rate.cut(n),
                cells.density,
                [viscosity, diffusivity],
                largest,
            ),
            _ => smagorinsky(
                scales.inverse_prandtl,
                [length.cut(n), rate.cut(n)],
                &cells,
                [viscosity, diffusivity],
                largest,
            ),
        }
    }
}

impl<T: Real> EddyWork<T> {
    pub fn new(nz: usize, row: usize) -> Self {
        let interfaces = Slab::new(nz + 1, row);
        EddyWork {
            shear: interfaces.clone(),
            stability: interfaces,
            strain: Aligned::zeros(row),
            largest: Aligned::zeros(row),
        }
    }

    /// Forgets the largest rate.
    pub fn clear(&mut self) {
        self.largest.fill(T::ZERO);
    }

    /// The largest rate of diffusion since then, in 1/s.
    pub fn largest(&self) -> f64 {
        self.largest.iter().fold(0.0, |m: f64, value| m.max(value.to_f64()))
    }

    /// Shear and stability at the interfaces between cells; those of the ground and the lid stay 0.
    fn fill_interfaces(&mut self, scales: &Scales<T>, n: usize, [south, here, north]: [&Air<T>; 3]) {
        let levels = &scales.levels;
        let half = T::of(0.5);
        for k in 1..levels.nz {
            vertical_shear(
                [levels.inverse_spacing[k], half * levels.inverse_dx, half * levels.inverse_dy],
                two(&here.u, k, n),
                two(&here.v, k, n),
                [&here.w.row(k)[FIRST + 1..][..n], &here.w.row(k)[FIRST - 1..][..n]],
                [&north.w.row(k)[FIRST..][..n], &south.w.row(k)[FIRST..][..n]],
                &mut self.shear.row_mut(k)[..n],
            );
            stability(
                [scales.buoyancy[k], scales.theta_gradient[k], levels.inverse_spacing[k]],
                two(&here.theta, k, n),
                &mut self.stability.row_mut(k)[..n],
            );
            let profiles =
                [&scales.interface_theta, &scales.theta_gradient, &scales.exner, &levels.inverse_spacing];
            self.fill_clouds(scales, k, here, profiles.map(|profile| Everywhere(profile[k])), n);
        }
    }

    /// N^2 in clouds at interface `k`; given are theta0, its gradient, the Exner function and the inverse distance of the
    /// cells there.
    pub fn fill_clouds(
        &mut self,
        scales: &Scales<T>,
        k: usize,
        here: &Air<T>,
        profiles: [impl PerCell<T>; 4],
        n: usize,
    ) {
        let Some((clouds, waters)) = &scales.clouds else { return };
        let [vapour, cloud] = [VAPOUR, CLOUD].map(|water| two(&here.tracers[water], k, n));
        let (theta, out) = (two(&here.theta, k, n), &mut self.stability.row_mut(k)[..n]);
        if *waters > RAIN {
            let rain = two(&here.tracers[RAIN], k, n);
            clouds.replace(profiles, theta, &WaterAround { vapour, cloud, rain }, out);
        } else {
            let rain = [Everywhere(T::ZERO); 2];
            clouds.replace(profiles, theta, &WaterAround { vapour, cloud, rain }, out);
        }
    }
}

/// The rows of a slab above and below interface `k`.
pub fn two<T: Real>(slab: &Slab<T>, k: usize, n: usize) -> [&[T]; 2] {
    [&slab.row(k)[FIRST..][..n], &slab.row(k - 1)[FIRST..][..n]]
}

/// 2 ((du/dx)^2 + (dv/dy)^2 + (dw/dz)^2) + (du/dy + dv/dx)^2 in level `k`.
fn horizontal_strain<T: Real>(
    scales: &Scales<T>,
    n: usize,
    k: usize,
    [south, here, north]: [&Air<T>; 3],
    strain: &mut [T],
) {
    let levels = &scales.levels;
    let half = T::of(0.5);
    strain_row(
        [half * levels.inverse_dx, half * levels.inverse_dy, levels.inverse_dz[k]],
        [&here.u, &here.v].map(|slab| [&slab.row(k)[FIRST + 1..][..n], &slab.row(k)[FIRST - 1..][..n]]),
        [[&north.u, &south.u], [&north.v, &south.v]].map(|pair| pair.map(|slab| &slab.row(k)[FIRST..][..n])),
        [&here.w.row(k + 1)[FIRST..][..n], &here.w.row(k)[FIRST..][..n]],
        strain,
    );
}

/// The pairs are u and v (east, west), u and v (north, south), w (above, below).
#[inline(never)]
fn strain_row<T: Real>(
    [along_x, along_y, along_z]: [T; 3],
    [[u_east, u_west], [v_east, v_west]]: [[&[T]; 2]; 2],
    [[u_north, u_south], [v_north, v_south]]: [[&[T]; 2]; 2],
    [w_above, w_below]: [&[T]; 2],
    strain: &mut [T],
) {
    let n = strain.len();
    let (u_east, u_west, v_east, v_west) = (&u_east[..n], &u_west[..n], &v_east[..n], &v_west[..n]);
    let (u_north, u_south, v_north, v_south) = (&u_north[..n], &u_south[..n], &v_north[..n], &v_south[..n]);
    let (w_above, w_below) = (&w_above[..n], &w_below[..n]);
    for i in 0..n {
        let x = (u_east[i] - u_west[i]) * along_x;
        let y = (v_north[i] - v_south[i]) * along_y;
        let z = (w_above[i] - w_below[i]) * along_z;
        let shear = (u_north[i] - u_south[i]) * along_y + (v_east[i] - v_west[i]) * along_x;
        strain[i] = T::of(2.0) * ((x * x + y * y) + z * z) + shear * shear;
    }
}

/// (du/dz + dw/dx)^2 + (dv/dz + dw/dy)^2; the pairs are u, v (above, below), w (east, west), w (north, south).
#[inline(never)]
fn vertical_shear<T: Real>(
    [along_z, along_x, along_y]: [T; 3],
    [u_above, u_below]: [&[T]; 2],
    [v_above, v_below]: [&[T]; 2],
    [w_east, w_west]: [&[T]; 2],
    [w_north, w_south]: [&[T]; 2],
    shear: &mut [T],
) {
    let n = shear.len();
    let (u_above, u_below, v_above, v_below) = (&u_above[..n], &u_below[..n], &v_above[..n], &v_below[..n]);
    let (w_east, w_west, w_north, w_south) = (&w_east[..n], &w_west[..n], &w_north[..n], &w_south[..n]);
    for i in 0..n {
        let x = (u_above[i] - u_below[i]) * along_z + (w_east[i] - w_west[i]) * along_x;
        let y = (v_above[i] - v_below[i]) * along_z + (w_north[i] - w_south[i]) * along_y;
        shear[i] = x * x + y * y;
    }
}

/// N^2 = g/theta0 (dtheta0/dz + dtheta'/dz).
#[inline(never)]
fn stability<T: Real>(
    [buoyancy, gradient, inverse_spacing]: [T; 3],
    [theta_above, theta_below]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (theta_above, theta_below) = (&theta_above[..n], &theta_below[..n]);
    for i in 0..n {
        out[i] = buoyancy * (gradient + (theta_above[i] - theta_below[i]) * inverse_spacing);
    }
}

/// The shear at the ground is that of a neutral surface layer: u*^2/(0.4 z)^2 with u*^2 = C |u|^2.
#[inline(never)]
pub fn wall_shear<T: Real>(wall: impl PerCell<T>, [u, v]: [&[T]; 2], drag: &[T], shear: &mut [T]) {
    let n = shear.len();
    let (wall, u, v, drag) = (wall.cut(n), &u[..n], &v[..n], &drag[..n]);
    for i in 0..n {
        shear[i] = wall.at(i) * drag[i] * (u[i] * u[i] + v[i] * v[i]).sqrt();
    }
}

/// What strains the cells of a level: S^2 without the vertical shear; that and N^2 at the interfaces below and above.
struct Strained<'a, T> {
    strain: &'a [T],
    shear: [&'a [T]; 2],
    stability: [&'a [T]; 2],
    density: &'a [T],
}

impl<'a, T: Real> Strained<'a, T> {
    fn cut(&self, n: usize) -> Strained<'a, T> {
        Strained {
            strain: &self.strain[..n],
            shear: self.shear.map(|row| &row[..n]),
            stability: self.stability.map(|row| &row[..n]),
            density: &self.density[..n],
        }
    }

    /// S^2 and N^2 of a cell.
    #[inline(always)]
    fn at(&self, i: usize) -> [T; 2] {
        let half = T::of(0.5);
        [
            self.strain[i] + half * (self.shear[0][i] + self.shear[1][i]),
            half * (self.stability[0][i] + self.stability[1][i]),
        ]
    }
}

/// The fastest diffusion in a cell, in 1/s: the normal stresses are twice K.
#[inline(always)]
fn diffusion_rate<T: Real>(viscosity: T, diffusivity: T, rate: T) -> T {
    (viscosity + viscosity).most(diffusivity) * rate
}

/// K and K_h that are the same everywhere.
#[inline(never)]
fn constant<T: Real>(
    [k, k_heat]: [T; 2],
    rate: impl PerCell<T>,
    density: &[T],
    [viscosity, diffusivity]: [&mut [T]; 2],
    largest: &mut [T],
) {
    let n = viscosity.len();
    let (density, diffusivity, largest) = (&density[..n], &mut diffusivity[..n], &mut largest[..n]);
    for i in 0..n {
        viscosity[i] = density[i] * k;
        diffusivity[i] = density[i] * k_heat;
        largest[i] = largest[i].most(diffusion_rate(k, k_heat, rate.at(i)));
    }
}

/// K = l^2 sqrt(S^2 - N^2/Pr), K_h = K/Pr.
#[inline(never)]
fn smagorinsky<T: Real>(
    inverse_prandtl: T,
    [length_squared, rate]: [impl PerCell<T>; 2],
    cells: &Strained<'_, T>,
    [viscosity, diffusivity]: [&mut [T]; 2],
    largest: &mut [T],
) {
    let n = viscosity.len();
    let (cells, diffusivity, largest) = (cells.cut(n), &mut diffusivity[..n], &mut largest[..n]);
    for i in 0..n {
        let [strain, stability] = cells.at(i);
        let k = length_squared.at(i) * (strain - stability * inverse_prandtl).most(T::ZERO).sqrt();
        viscosity[i] = cells.density[i] * k;
        diffusivity[i] = viscosity[i] * inverse_prandtl;
        largest[i] = largest[i].most(diffusion_rate(k, k * inverse_prandtl, rate.at(i)));
    }
}

/// K = c_k l sqrt(e), K_h = (1 + 2 l/D) K, and the sources of e: what can be negative counts as a loss, which the
/// step takes implicitly, so that e stays positive.
#[inline(never)]
fn with_energy<T: Real>(
    constant: T,
    [grid_length, rate]: [impl PerCell<T>; 2],
    cells: &Strained<'_, T>,
    energy: &[T],
    [viscosity, diffusivity]: [&mut [T]; 2],
    [gain, loss]: [&mut [T]; 2],
    largest: &mut [T],
) {
    let n = viscosity.len();
    let (cells, energy, largest) = (cells.cut(n), &energy[..n], &mut largest[..n]);
    let (diffusivity, gain, loss) = (&mut diffusivity[..n], &mut gain[..n], &mut loss[..n]);
    for i in 0..n {
        let [strain, stability] = cells.at(i);
        let e = energy[i].most(T::of(SEED));
        let speed = e.sqrt();
        // l = min(D, 0.76 sqrt(e)/N), as D/max(1, D N/(0.76 sqrt(e))).
        let grid_length = grid_length.at(i);
        let frequency = stability.most(T::ZERO).sqrt();
        let ratio = T::ONE / (grid_length * frequency / (T::of(0.76) * speed)).most(T::ONE);
        let length = grid_length * ratio;
        let k = constant * length * speed;
        let k_heat = k * (T::ONE + (ratio + ratio));
        let dissipation = (T::of(0.19) + T::of(0.74) * ratio) * speed / length;
        // Where there are no eddies yet nothing is mixed; only their energy grows as if there were some.
        let present = energy[i].most(T::ZERO).sqrt() / speed;
        let present = if present < T::ONE { present } else { T::ONE };
        viscosity[i] = cells.density[i] * k * present;
        diffusivity[i] = cells.density[i] * k_heat * present;
        gain[i] = k * strain + k_heat * (-stability).most(T::ZERO);
        loss[i] = dissipation + k_heat * stability.most(T::ZERO) / e;
        largest[i] = largest[i].most(diffusion_rate(k, k_heat, rate.at(i)));
    }
}

/// The eddies along the ground, with K = c_k (dx dy)^(1/2) sqrt(e) and K_h = 3 K, where those upwards are known by their
/// `viscosity`: the strain along the ground feeds e by this K.
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn along_ground<T: Real>(
    Along { mixing_length, rate }: Along<T>,
    rate_upwards: impl PerCell<T>,
    cells: &Strained<'_, T>,
    energy: &[T],
    viscosity: &[T],
    [along, heat_along]: [&mut [T]; 2],
    gain: &mut [T],
    largest: &mut [T],
) {
    let n = along.len();
    let (cells, energy, viscosity) = (cells.cut(n), &energy[..n], &viscosity[..n]);
    let (heat_along, gain, largest) = (&mut heat_along[..n], &mut gain[..n], &mut largest[..n]);
    let three = T::of(3.0);
    for i in 0..n {
        let k = mixing_length * energy[i].most(T::ZERO).sqrt();
        let upwards = viscosity[i] / cells.density[i];
        along[i] = cells.density[i] * k;
        heat_along[i] = three * along[i];
        gain[i] += (k - upwards) * cells.strain[i];
        let fastest =
            diffusion_rate(k, three * k, rate) + diffusion_rate(upwards, three * upwards, rate_upwards.at(i));
        largest[i] = largest[i].most(fastest);
    }
}
