//! What a run needs, worked out from its configuration alone.

use crate::cases;
use crate::config::{Configuration, Grid, Precision, StepChoice};
use crate::dynamics::Reference;
use crate::error::Result;
use crate::mesh::{HALO, Mesh, Tile};
use crate::state::{DYNAMIC_FIELDS, diagnostics, variables};
use crate::time::{Schedule, StageTable, ticks};
use std::collections::BTreeMap;

/// Copies of the prognostic fields that a step holds: the state, the last stage and the new one.
const COPIES: usize = 3;
/// Fields of the size of a tile that the stages share.
const SHARED_FIELDS: usize = 1;
/// Slabs (one row of a tile, all levels) that each thread works in.
const WORKSPACE_SLABS: usize = 24;

/// The part of one rank.
#[derive(Clone, Debug, PartialEq)]
pub struct RankShare {
    pub tiles: usize,
    pub columns: usize,
    /// Bytes of the fields and the threads' workspace.
    pub memory: usize,
    /// Bytes received in one halo exchange of the dynamic fields, by neighbour.
    pub received: BTreeMap<usize, usize>,
}

/// The size of a run.
#[derive(Clone, Debug)]
pub struct Estimate {
    pub tiles: usize,
    /// Size of the largest tile.
    pub tile: [usize; 2],
    pub ranks: Vec<RankShare>,
    pub cells: usize,
    pub snapshot_bytes: usize,
    pub snapshots: usize,
    pub checkpoint_bytes: usize,
    pub checkpoints: usize,
    /// Longest step in s that the sound waves allow in the reference state.
    pub stable_step: f64,
    /// Length in s of the steps.
    pub step: f64,
    pub steps: i64,
    pub stages: usize,
}

impl Estimate {
    /// The size of the run on `ranks` ranks; the threads are those of the configuration.
    ///
    /// # Errors
    /// If the case cannot be built, or there are fewer tiles than ranks.
    pub fn new(configuration: &Configuration, ranks: usize) -> Result<Self> {
        let mesh = Mesh::new(configuration, 0, ranks)?;
        let case = cases::build(configuration)?;
        let reference = Reference::new(case.as_ref(), configuration.dynamics.constants, &mesh.vertical);
        let table = StageTable::new(configuration.dynamics.integrator);
        let stable_step = stable_step(&configuration.grid, &reference, table.acoustic_limit);
        let end = configuration.time.end;
        let step = match configuration.time.step {
            StepChoice::Fixed(step) => step,
            StepChoice::Auto { fraction, longest } => (fraction * stable_step).min(longest).min(end),
        };
        let count = |every| Schedule::every(every).count(ticks(end));
        Ok(Estimate {
            tiles: mesh.tiles.len(),
            tile: largest_tile(&mesh.tiles),
            ranks: shares(&mesh, configuration),
            cells: mesh.cells(),
            snapshot_bytes: snapshot_bytes(configuration),
            snapshots: count(configuration.output.every),
            checkpoint_bytes: checkpoint_bytes(configuration),
            // None is due at time 0.
            checkpoints: count(configuration.checkpoint.every).saturating_sub(1),
            stable_step,
            step,
            steps: steps(end, step, configuration.output.every),
            stages: table.stages.len(),
        })
    }

    /// Memory of all ranks in bytes.
    pub fn memory(&self) -> usize {
        self.ranks.iter().map(|rank| rank.memory).sum()
    }
}

/// dt a sqrt(1/dx2 + 1/dy2) <= limit sqrt(2), over the directions that exist.
fn stable_step(grid: &Grid, reference: &Reference, limit: f64) -> f64 {
    let fastest = reference.sound_speed.iter().copied().fold(0.0, f64::max);
    let inverse_square = |cells: usize, size: f64| if cells > 1 { size.powi(-2) } else { 0.0 };
    let wavenumber = (inverse_square(grid.nx, grid.dx) + inverse_square(grid.ny, grid.dy)).sqrt();
    limit * std::f64::consts::SQRT_2 / (fastest * wavenumber)
}

/// Number of steps of at most `longest` s, the outputs and the end being hit exactly.
fn steps(end: f64, longest: f64, every: Option<f64>) -> i64 {
    let (end, longest) = (ticks(end), ticks(longest).max(1));
    let interval = every.map_or(end, |every| ticks(every).clamp(1, end));
    let within = |length: i64| length / longest + i64::from(length % longest > 0);
    end / interval * within(interval) + within(end % interval)
}

fn largest_tile(tiles: &[Tile]) -> [usize; 2] {
    let largest = |size: fn(&Tile) -> usize| tiles.iter().map(size).max().unwrap_or(0);
    [largest(|tile| tile.ni), largest(|tile| tile.nj)]
}

fn bytes_per_value(precision: Precision) -> usize {
    match precision {
        Precision::Single => 4,
        Precision::Double => 8,
    }
}

fn snapshot_bytes(configuration: &Configuration) -> usize {
    let Configuration { grid, output, dynamics, .. } = configuration;
    let all = diagnostics::all(&dynamics.tracers);
    let chosen = all.iter().map(|diagnostic| &diagnostic.variable);
    let levels: usize = chosen
        .filter(|variable| output.variables.contains(&variable.name))
        .map(|variable| variable.location.levels(grid.nz))
        .sum();
    grid.nx * grid.ny * levels * bytes_per_value(output.precision)
}

fn checkpoint_bytes(configuration: &Configuration) -> usize {
    let Configuration { grid, dynamics, .. } = configuration;
    let prognostic = variables::prognostic(&dynamics.tracers);
    let levels: usize = prognostic.iter().map(|variable| variable.location.levels(grid.nz)).sum();
    grid.nx * grid.ny * levels * bytes_per_value(dynamics.precision)
}

fn shares(mesh: &Mesh, configuration: &Configuration) -> Vec<RankShare> {
    let tracers = configuration.dynamics.tracers.len();
    let bytes = bytes_per_value(configuration.dynamics.precision);
    let threads = configuration.parallel.threads.unwrap_or(1);
    let lookup = TileLookup::new(&mesh.tiles);
    let share = |rank: usize| {
        let tiles = &mesh.tiles[mesh.owned[rank].clone()];
        let fields: usize = tiles.iter().map(|tile| field_values(tile, tracers)).sum();
        let slab = |tile: &Tile| tile.layout(tile.nz + 1).row * (tile.nz + 1);
        let workspace = threads * WORKSPACE_SLABS * tiles.iter().map(slab).max().unwrap_or(0);
        RankShare {
            tiles: tiles.len(),
            columns: tiles.iter().map(Tile::columns).sum(),
            memory: (fields + workspace) * bytes,
            received: received(mesh, &lookup, rank, bytes),
        }
    };
    (0..mesh.owned.len()).map(share).collect()
}

/// Values that a tile's fields hold, halos and all copies included.
fn field_values(tile: &Tile, tracers: usize) -> usize {
    let (centre, interface) = (tile.layout(tile.nz).len(), tile.layout(tile.nz + 1).len());
    COPIES * ((DYNAMIC_FIELDS - 1 + tracers) * centre + interface) + SHARED_FIELDS * interface
}

/// Bytes that `rank` receives in one exchange of the dynamic fields, by the rank that sends them.
fn received(mesh: &Mesh, lookup: &TileLookup, rank: usize, bytes: usize) -> BTreeMap<usize, usize> {
    let column = ((DYNAMIC_FIELDS - 1) * mesh.vertical.nz() + mesh.vertical.nz() + 1) * bytes;
    let halo = HALO as isize;
    let mut received = BTreeMap::new();
    for tile in &mesh.tiles[mesh.owned[rank].clone()] {
        let (ni, nj, halo_y) = (tile.ni as isize, tile.nj as isize, tile.halo_y as isize);
        for j in -halo_y..nj + halo_y {
            for i in -halo..ni + halo {
                if (0..ni).contains(&i) && (0..nj).contains(&j) {
                    continue;
                }
                let source = mesh.plane.source(tile.i0 as isize + i, tile.j0 as isize + j);
                let owner = mesh.owner(lookup.tile(source.i, source.j));
                if owner != rank {
                    *received.entry(owner).or_insert(0) += column;
                }
            }
        }
    }
    received
}

/// Finds the tile of a column: the tiles are a grid of rows and columns of tiles.
struct TileLookup {
    /// First columns of the tiles along x and along y, ascending.
    x_starts: Vec<usize>,
    y_starts: Vec<usize>,
    /// Index of every tile, those along x first.
    tiles: Vec<usize>,
}

impl TileLookup {
    fn new(tiles: &[Tile]) -> Self {
        let starts = |start: fn(&Tile) -> usize| {
            let mut starts: Vec<_> = tiles.iter().map(start).collect();
            starts.sort_unstable();
            starts.dedup();
            starts
        };
        let (x_starts, y_starts) = (starts(|tile| tile.i0), starts(|tile| tile.j0));
        let mut lookup = TileLookup { tiles: vec![0; tiles.len()], x_starts, y_starts };
        for (index, tile) in tiles.iter().enumerate() {
            let position = lookup.position(tile.i0, tile.j0);
            lookup.tiles[position] = index;
        }
        lookup
    }

    fn position(&self, i: usize, j: usize) -> usize {
        let last_start = |starts: &[usize], index: usize| starts.partition_point(|start| *start <= index) - 1;
        last_start(&self.y_starts, j) * self.x_starts.len() + last_start(&self.x_starts, i)
    }

    fn tile(&self, i: usize, j: usize) -> usize {
        self.tiles[self.position(i, j)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LateralBoundary::Periodic;
    use crate::mesh::Plane;

    #[test]
    fn every_column_finds_its_tile() {
        let (nx, ny) = (23, 17);
        let plane = Plane {
            nx,
            ny,
            dx: 1.0,
            dy: 1.0,
            x_min: 0.0,
            y_min: 0.0,
            x_boundary: Periodic,
            y_boundary: Periodic,
        };
        let tiles = decomposition::cut(&plane, 2, [5, 4]);
        let lookup = TileLookup::new(&tiles);
        for j in 0..ny {
            for i in 0..nx {
                let tile = &tiles[lookup.tile(i, j)];
                assert!((tile.i0..tile.i0 + tile.ni).contains(&i));
                assert!((tile.j0..tile.j0 + tile.nj).contains(&j));
            }
        }
    }

    #[test]
    fn two_ranks_of_a_periodic_row_exchange_both_halos() {
        let (nx, nz) = (16, 4);
        let plane = Plane {
            nx,
            ny: 1,
            dx: 1.0,
            dy: 1.0,
            x_min: 0.0,
            y_min: 0.0,
            x_boundary: Periodic,
            y_boundary: Periodic,
        };
        let interfaces: Vec<_> = (0..=nz).map(|k| k as f64).collect();
        let mesh = Mesh::of_plane(plane, &interfaces, [8, 1], 0, 2).unwrap();
        let lookup = TileLookup::new(&mesh.tiles);
        let bytes = 2 * HALO * (4 * nz + nz + 1) * 8;
        assert_eq!(received(&mesh, &lookup, 0, 8), BTreeMap::from([(1, bytes)]));
        assert_eq!(received(&mesh, &lookup, 1, 8), BTreeMap::from([(0, bytes)]));
    }

    #[test]
    fn steps_stop_at_every_output() {
        assert_eq!(steps(900.0, 0.5, None), 1800);
        assert_eq!(steps(10.0, 3.0, Some(4.0)), 2 + 2 + 1);
        assert_eq!(steps(10.0, 100.0, Some(20.0)), 1);
    }
}
