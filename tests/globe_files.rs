//! The native files of the globe: panels, positions and areas of the columns, and the same numbers for any tiles.
//!
//! Nothing here starts other programs: these would inherit the files that are being written, with their locks.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | checkpoints read back | 0 | every number has its place in the file |
//! | velocities of a solid-body rotation | 1e-5 m/s | snapshots in single precision |
//! | sum of the areas | 1e-13, relative | rounding |

mod support;

use gale::cli::info;
use gale::config::{Configuration, Setting};
use gale::io::checkpoint;
use gale::io::reader::File;
use gale::mesh::Mesh;
use gale::real::Real;
use gale::state::State;
use std::path::Path;
use support::globe::{self, CELLS, RADIUS, WIND};
use support::model::world;

const AIR: &[&str] = &["u", "v", "w", "temperature", "surface_pressure", "bell"];
const WATER: &[&str] = &["depth", "u", "v", "bell"];

fn mesh(configuration: &Configuration) -> Mesh {
    Mesh::new(configuration, 0, 1).unwrap()
}

/// Writes the files of a solid-body rotation.
fn turning(folder: &Path, setting: Setting, variables: &[&str]) -> (Configuration, Mesh) {
    let configuration = globe::configuration(folder, setting, variables, [5, 4]);
    let mesh = mesh(&configuration);
    globe::write(&configuration, &mesh, &globe::turning::<f64>(&configuration, &mesh), &world());
    (configuration, mesh)
}

/// Writes a checkpoint with one choice of tiles and reads it with others.
fn comes_back<T: Real>(setting: Setting) {
    let folder = tempfile::tempdir().unwrap();
    let configuration = |tile| globe::configuration(folder.path(), setting, &["u"], tile);
    let written = configuration([4, 5]);
    let first = mesh(&written);
    let path = globe::write(&written, &first, &globe::numbered::<T>(&first, setting), &world());
    for tile in [[12, 12], [5, 4], [12, 6]] {
        let mesh = mesh(&configuration(tile));
        let mut state = State::<T>::new(&mesh, setting, 1);
        let tracers = &written.dynamics.tracers;
        let loaded =
            checkpoint::load_latest(path.parent().unwrap(), &mesh, &world(), tracers, &mut state).unwrap();
        assert!(loaded.unwrap().warnings.is_empty());
        let expected = globe::numbered::<T>(&mesh, setting);
        assert_eq!(state.clock, expected.clock);
        for (tile, (found, expected)) in
            mesh.local_tiles().iter().zip(state.tiles.iter().zip(&expected.tiles))
        {
            for (found, expected) in found.prognostic().zip(expected.prognostic()) {
                for k in 0..found.layout().levels {
                    (0..tile.nj).for_each(|j| assert_eq!(found.cells(j, k), expected.cells(j, k)));
                }
            }
        }
    }
    let file = File::open(&path).unwrap();
    let nz = written.grid.nz;
    let names = ["density_deviation", "depth"];
    let name = names[usize::from(setting == Setting::ShallowWater)];
    assert_eq!(file.variable(name).unwrap().shape(), [6, nz, CELLS, CELLS]);
    let found = file.read("momentum_n").unwrap()[[4, nz - 1, 7, 2]];
    assert_eq!(found, T::of(globe::number(3, 4, nz - 1, 7, 2)).to_f64());
}

#[test]
fn checkpoints_come_back_for_any_tiles() {
    comes_back::<f32>(Setting::Sphere);
    comes_back::<f64>(Setting::Sphere);
    comes_back::<f64>(Setting::ShallowWater);
}

#[test]
fn a_checkpoint_of_another_globe_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = globe::configuration(folder.path(), Setting::Sphere, &["u"], [6, 6]);
    let first = mesh(&configuration);
    globe::write(&configuration, &first, &globe::numbered::<f64>(&first, Setting::Sphere), &world());
    configuration.grid.geometry =
        gale::config::Geometry::Sphere(gale::config::Sphere { radius: RADIUS, tilt: 0.4 });
    let other = mesh(&configuration);
    let mut state = State::<f64>::new(&other, Setting::Sphere, 1);
    let folder = folder.path().join("checkpoints");
    let error =
        checkpoint::load_latest(&folder, &other, &world(), &configuration.dynamics.tracers, &mut state);
    let message = error.err().unwrap().to_string();
    assert!(message.contains("tilted by 0.5 rad") && message.contains("tilted by 0.4 rad"), "{message}");
}

#[test]
fn snapshots_say_where_their_columns_are() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mesh) = turning(folder.path(), Setting::Sphere, AIR);
    let file = File::open(&folder.path().join("snapshots.h5")).unwrap();
    for (name, shape) in [
        ("u", vec![1, 6, 5, CELLS, CELLS]),
        ("w", vec![1, 6, 6, CELLS, CELLS]),
        ("surface_pressure", vec![1, 6, CELLS, CELLS]),
        ("lat", vec![6, CELLS, CELLS]),
        ("x", vec![CELLS]),
    ] {
        assert_eq!(file.variable(name).unwrap().shape(), shape, "{name}");
    }
    for name in AIR {
        assert_eq!(file.variable_attribute(name, "coordinates").as_deref(), Some("lat lon"), "{name}");
        assert_eq!(file.variable_attribute(name, "cell_measures").as_deref(), Some("area: cell_area"));
    }
    assert_eq!(file.variable_attribute("u", "standard_name").as_deref(), Some("eastward_wind"));
    let facts = ["cells_per_edge", "radius_m", "tilt_rad"].map(|name| file.attribute(name).unwrap());
    assert_eq!(facts, ["12", "1000000", "0.5"]);
    let area: f64 = file.read("cell_area").unwrap().sum();
    assert!((area / (4.0 * std::f64::consts::PI * RADIUS * RADIUS) - 1.0).abs() < 1e-13, "{area}");
    assert_eq!(file.read("x").unwrap()[[0]], -45.0 + 45.0 / 12.0);

    let latitudes = file.read("lat").unwrap();
    let [u, v, pressure] = ["u", "v", "surface_pressure"].map(|name| file.read_record(name, 0).unwrap());
    for (at, &latitude) in latitudes.indexed_iter() {
        let (panel, y, x) = (at[0], at[1], at[2]);
        assert_eq!(latitude, globe::latitude(&mesh, panel, y, x).to_degrees());
        assert!((u[[panel, 2, y, x]] - WIND * latitude.to_radians().cos()).abs() < 1e-5, "{at:?}");
        assert!(v[[panel, 2, y, x]].abs() < 1e-5, "{at:?}");
        // Exner function 1 at the ground; the extrapolation is isothermal.
        assert!((pressure[[panel, y, x]] - 1.0e5).abs() < 20.0, "{}", pressure[[panel, y, x]]);
    }
    let text = info::describe(&file).unwrap();
    for part in ["gale snapshots", "panel 6, z 5, y 12, x 12", "6 x 12 x 12 columns"] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
}

#[test]
fn shallow_water_has_no_levels() {
    let folder = tempfile::tempdir().unwrap();
    turning(folder.path(), Setting::ShallowWater, WATER);
    let file = File::open(&folder.path().join("snapshots.h5")).unwrap();
    for name in WATER {
        assert_eq!(file.variable(name).unwrap().shape(), [1, 6, CELLS, CELLS], "{name}");
    }
    assert!(file.read("depth").unwrap().iter().all(|&depth| depth == 100.0));
    let fastest = file.read("u").unwrap().iter().fold(0.0, |most: f64, &u| most.max(u));
    assert!((0.98 * WIND..=WIND).contains(&fastest), "{fastest}");
}
