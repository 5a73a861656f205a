//! Processes besides the dynamics, such as heating and friction.
//!
//! One file a process, one line a process in [`registry`]. After the dynamics of a step every row of columns
//! is taken out of the state in double precision ([`Columns`]), changed by the processes one after the other,
//! and put back. A process sees whole columns, side by side so that its loops vectorise, and nothing beyond
//! them; what it computes must be the same bits on every machine: arithmetic, and the polynomials of
//! [`crate::math`].

mod columns;
mod exact_rain;
mod forcing;
mod held_suarez;
pub mod kessler;
mod mixture;
mod profiles;
mod rain;
mod saturation;
pub mod simple_ice;
pub mod terminator;
mod warm_rain;
mod water_rows;

pub use columns::Columns;
use forcing::Forcing;
pub use profiles::{Profiles, TilePressure};
pub use water_rows::WaterRows;

use crate::config::{Configuration, Setting};
use crate::constants::Constants;
use crate::dynamics::Reference;
use crate::mesh::cubed_sphere::Vector;
use crate::mesh::{CubedSphere, Mesh, Tile};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{TileState, water};
use rayon::prelude::*;

/// A process with its constants fixed.
pub trait Process: Send + Sync {
    /// Changes a row of columns as the process does in `dt` s. The diagnosed rows are up to date.
    fn apply(&self, columns: &mut Columns, dt: f64);
}

/// A process as the registry holds it.
#[derive(Clone, Copy)]
pub struct ProcessInfo {
    pub name: &'static str,
    pub title: &'static str,
    /// The publication that defines it.
    pub reference: &'static str,
    /// The equations and the domain that it is made for.
    pub settings: &'static [Setting],
    /// How many of the [waters](water) it needs as tracers: 0, 2 (vapour and cloud) or 3 (and rain).
    pub waters: usize,
    /// Whether what falls is snow and graupel, too, so that it is called precipitation, not rain.
    pub has_ice: bool,
    /// Tracers of its own, which come after the waters. At most one of the processes has any.
    pub tracers: &'static [&'static str],
    /// Whether it changes the horizontal wind.
    pub moves_air: bool,
    /// Whether it looks at the vertical momentum.
    pub sees_rise: bool,
    /// The cases that switch it on where the configuration does not list the processes.
    pub default_of: &'static [&'static str],
    pub build: fn(&Constants) -> Box<dyn Process>,
}

static REGISTRY: &[ProcessInfo] = &[
    held_suarez::INFO,
    kessler::INFO,
    saturation::INFO,
    simple_ice::INFO,
    terminator::INFO,
    warm_rain::INFO,
];

/// All processes, one line each.
pub fn registry() -> &'static [ProcessInfo] {
    REGISTRY
}

/// The processes of a run on this rank's tiles.
pub struct Physics {
    processes: Vec<Box<dyn Process>>,
    /// Unit vector from the centre of the planet to every column, by tile; 0 on the plane.
    positions: Vec<Vec<Vector>>,
    /// By tile, over terrain.
    pressures: Vec<TilePressure>,
    work: PerThread<Columns>,
}

impl Physics {
    /// The configured forcing and processes; `None` if there are none.
    pub fn new(configuration: &Configuration, mesh: &Mesh, reference: &Reference) -> Option<Self> {
        let names = &configuration.physics.processes;
        let chosen = names.iter().filter_map(|name| registry().iter().find(|info| info.name == *name));
        let chosen: Vec<&ProcessInfo> = chosen.collect();
        let waters = water::count(&configuration.dynamics.tracers);
        let forcing = configuration.forcing.as_ref();
        if chosen.is_empty() && forcing.is_none() {
            return None;
        }
        let widest = mesh.local_tiles().iter().map(|tile| tile.ni).max().unwrap_or(0);
        let profiles = Profiles::new(reference, &mesh.vertical, widest);
        let mut columns = Columns::new(profiles, mesh.vertical.nz());
        columns.has_air = configuration.dynamics.setting != Setting::ShallowWater;
        columns.has_rise = chosen.iter().any(|info| info.sees_rise);
        // The air rises along the ground as it blows.
        let has_slopes = columns.has_rise && !reference.tiles.is_empty();
        columns.has_wind = forcing.is_some() || has_slopes || chosen.iter().any(|info| info.moves_air);
        columns.water.set_count(waters);
        columns.set_tracers(chosen.iter().map(|info| info.tracers.len()).sum());
        let large_scale = forcing.map(|forcing| -> Box<dyn Process> {
            Box::new(Forcing::new(forcing, &mesh.vertical, reference, widest, waters))
        });
        let built = chosen.iter().map(|info| (info.build)(&reference.constants));
        Some(Physics {
            processes: large_scale.into_iter().chain(built).collect(),
            positions: mesh.local_tiles().iter().map(|tile| positions(mesh.sphere(), tile)).collect(),
            pressures: reference
                .tiles
                .iter()
                .map(|tile| TilePressure::new(&reference.constants, tile))
                .collect(),
            work: PerThread::new(&columns),
        })
    }

    /// Bytes that it keeps of every cell over terrain, where they differ from column to column.
    pub fn bytes(configuration: &Configuration, mesh: &Mesh) -> usize {
        let has_processes = !configuration.physics.processes.is_empty();
        let has_forcing = configuration.forcing.is_some();
        if mesh.terrain.is_none() || !(has_processes || has_forcing) {
            return 0;
        }
        // Two fields of the pressure, three of the forcing.
        let fields = if has_forcing { 5 } else { 2 };
        let tiles = mesh.local_tiles().iter().map(|tile| tile.layout(tile.nz).len());
        tiles.sum::<usize>() * fields * size_of::<f64>()
    }

    /// Changes the tiles of this rank as the processes do in `dt` s; `reference` is that of the model.
    pub fn apply<T: Real>(&self, reference: &Reference, tiles: &mut [TileState<T>], dt: f64) {
        tiles.par_iter_mut().zip(&self.positions).enumerate().for_each(|(index, (tile, positions))| {
            self.work.with(|columns| {
                let ni = tile.density.layout().ni;
                for (j, positions) in positions.chunks_exact(ni).enumerate() {
                    self.load(reference, columns, (index, &*tile), positions, j);
                    for process in &self.processes {
                        columns.diagnose();
                        process.apply(columns, dt);
                    }
                    columns.store(tile, j);
                }
            });
        });
    }

    /// Takes row `j` out of the local tile `index`, over terrain with its reference state.
    fn load<T: Real>(
        &self,
        reference: &Reference,
        columns: &mut Columns,
        (index, tile): (usize, &TileState<T>),
        positions: &[Vector],
        j: usize,
    ) {
        let Some(pressure) = self.pressures.get(index) else { return columns.load(tile, positions, j) };
        let terrain = &reference.tiles[index];
        columns.load_reference(index, terrain, pressure, j);
        columns.load(tile, positions, j);
        if columns.has_rise {
            columns.rise_along_ground(terrain, j);
        }
    }
}

/// Unit vectors to the columns of a tile, row by row.
fn positions(sphere: Option<&CubedSphere>, tile: &Tile) -> Vec<Vector> {
    let Some(sphere) = sphere else { return vec![[0.0; 3]; tile.ni * tile.nj] };
    let cells = (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (tile.i0 + i, tile.j0 + j)));
    cells.map(|(i, j)| sphere.centre(tile.panel, i, j)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_most_has_tracers_of_its_own() {
        assert!(registry().iter().filter(|info| !info.tracers.is_empty()).count() <= 1);
    }
}
