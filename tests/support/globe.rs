//! A globe of 12 x 12 columns a panel whose state is filled by hand, and its files.

// Every test binary uses its own part of it.
#![allow(dead_code)]

use super::model;
use gale::cases::{Base, Case, Point};
use gale::comm::World;
use gale::config::{self, Configuration, Setting};
use gale::dynamics::Reference;
use gale::io::{Earlier, RunRecord, SnapshotWriter, checkpoint, prepare};
use gale::mesh::cubed_sphere::longitude_latitude;
use gale::mesh::{Compass, Mesh};
use gale::real::Real;
use gale::state::State;
use gale::state::diagnostics::{self, Context};
use gale::time::{Clock, ticks};
use std::path::{Path, PathBuf};

pub const CELLS: usize = 12;
pub const RADIUS: f64 = 1.0e6;
/// Speed of the wind from the west at the equator in m/s.
pub const WIND: f64 = 20.0;

/// Some box, which [`configuration`] turns into a globe.
const BOX: &str = r#"
[case]
name = "warm_bubble"
[grid]
nx = 12
ny = 12
nz = 5
dx_m = 1000.0
top_m = 10000.0
stretching = 3.0
[time]
end_s = 100.0
[dynamics]
tracers = ["bell"]
"#;

/// Air of 300 K potential temperature.
struct Neutral;

impl Case for Neutral {
    fn base(&self, z: f64) -> Base {
        Base { potential_temperature: 300.0, exner: 1.0 - 9.81 * z / (1004.0 * 300.0), u: 0.0, v: 0.0 }
    }
    fn initial(&self, _at: Point, _base: &Base) -> gale::cases::Air {
        gale::cases::Air::default()
    }
}

/// The globe with its output in `directory`.
pub fn configuration(
    directory: &Path,
    setting: Setting,
    variables: &[&str],
    tile: [usize; 2],
) -> Configuration {
    let mut configuration = model::parse(BOX, [""; 0]);
    configuration.grid.geometry = config::Geometry::Sphere(config::Sphere { radius: RADIUS, tilt: 0.5 });
    configuration.dynamics.setting = setting;
    configuration.output.directory = directory.into();
    configuration.output.variables = variables.iter().map(|name| name.to_string()).collect();
    configuration.parallel.tile = Some(tile);
    if setting == Setting::ShallowWater {
        configuration.grid.interfaces = vec![0.0, 1.0];
        configuration.grid.nz = 1;
    }
    configuration
}

/// A number that tells a field and a global cell, small beside 1.
pub fn number(field: usize, panel: usize, k: usize, y: usize, x: usize) -> f64 {
    let cell = ((panel * 8 + k) * CELLS + y) * CELLS + x;
    1e-3 * (field + 1) as f64 + 1e-7 * cell as f64
}

/// A state in which every number is another.
pub fn numbered<T: Real>(mesh: &Mesh, setting: Setting) -> State<T> {
    let mut state = State::new(mesh, setting, 1);
    state.clock = clock();
    for (tile, fields) in mesh.local_tiles().iter().zip(&mut state.tiles) {
        for (index, field) in fields.prognostic_mut().enumerate() {
            for k in 0..field.layout().levels {
                for j in 0..tile.nj {
                    for (i, cell) in field.cells_mut(j, k).iter_mut().enumerate() {
                        *cell = T::of(number(index, tile.panel, k, tile.j0 + j, tile.i0 + i));
                    }
                }
            }
        }
    }
    state
}

/// Air or water that turns with the speed [`WIND`], at reference density or 100 m deep.
pub fn turning<T: Real>(configuration: &Configuration, mesh: &Mesh) -> State<T> {
    let setting = configuration.dynamics.setting;
    let reference = reference(configuration, mesh);
    let sphere = mesh.sphere().unwrap();
    let mut state = State::new(mesh, setting, 1);
    state.clock = clock();
    for (tile, fields) in mesh.local_tiles().iter().zip(&mut state.tiles) {
        for (i, j) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (i, j))) {
            let [x, y, z] = sphere.centre(tile.panel, tile.i0 + i, tile.j0 + j);
            let wind = sphere.to_panel(tile.panel, [-WIND * y, WIND * x, 0.0]);
            for k in 0..tile.nz {
                let density = match setting {
                    Setting::ShallowWater => 100.0,
                    _ => reference.density[k],
                };
                if setting == Setting::ShallowWater {
                    fields.density.cells_mut(j, k)[i] = T::of(density);
                }
                let normal = fields.momentum_n.as_mut().unwrap();
                let momentum = [&mut fields.momentum_x, &mut fields.momentum_y, normal];
                for (field, component) in momentum.into_iter().zip(wind) {
                    field.cells_mut(j, k)[i] = T::of(density * component);
                }
                fields.tracers[0].cells_mut(j, k)[i] = T::of(density * (1.0 + z));
            }
        }
    }
    state
}

pub fn clock() -> Clock {
    Clock { ticks: ticks(50.0), step: 5 }
}

fn reference(configuration: &Configuration, mesh: &Mesh) -> Reference {
    Reference::new(&Neutral, configuration.dynamics.constants, &mesh.vertical)
}

/// Writes `snapshots.h5` with one record of the state, and a checkpoint of it, whose path comes back.
pub fn write<T: Real>(
    configuration: &Configuration,
    mesh: &Mesh,
    state: &State<T>,
    world: &World,
) -> PathBuf {
    let claim = prepare(configuration, &**world, Earlier::Keep).unwrap();
    let mut writer = SnapshotWriter::create(configuration, mesh, world, None).unwrap();
    let reference = reference(configuration, mesh);
    let compasses = Compass::of_tiles(mesh);
    let config::Dynamics { setting, tracers, .. } = &configuration.dynamics;
    let find = |name: &String| diagnostics::find(name, *setting, tracers).unwrap();
    let chosen: Vec<_> = configuration.output.variables.iter().map(find).collect();
    writer
        .write(&state.clock, |n, tile, k, j, out| {
            let context = Context::of_tile(mesh, &reference, &compasses, tile);
            chosen[n].row(&context, &state.tiles[tile], j, k, out);
        })
        .unwrap();
    writer.close().unwrap();
    let folder = configuration.output.directory.join("checkpoints");
    let record = RunRecord::at(state.clock);
    let path = checkpoint::write(&folder, mesh, world, state, tracers, &record, 1).unwrap();
    drop(claim);
    path
}

/// Latitude of a column in rad.
pub fn latitude(mesh: &Mesh, panel: usize, y: usize, x: usize) -> f64 {
    longitude_latitude(mesh.sphere().unwrap().centre(panel, x, y)).1
}
