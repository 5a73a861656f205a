//! Output on latitudes and longitudes, from analytic fields at the columns of the globe.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | scalars and wind, 24 columns along an edge | 1e-4 of the largest value | fourth-order interpolation |
//! | height of pressure levels | 1e-9 m | linear in ln p by construction, the same at all columns |
//! | zonal means beside the means of the written rows | 1e-12, relative | rounding |

mod support;

use gale::comm::single::Single;
use gale::comm::{self, World};
use gale::config::{self, Configuration};
use gale::error::Result;
use gale::io::global::GlobalOutput;
use gale::io::reader::File;
use gale::io::{Earlier, checkpoint, prepare};
use gale::mesh::Mesh;
use gale::mesh::cubed_sphere::longitude_latitude;
use gale::state::diagnostics::Diagnostic;
use gale::time::{Clock, ticks};
use ndarray::Dimension;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

/// A program that a test starts inherits the files that other tests have open, and HDF5's locks on them: such a
/// test runs alone.
static PROGRAMS: RwLock<()> = RwLock::new(());

fn alone() -> RwLockWriteGuard<'static, ()> {
    PROGRAMS.write().unwrap_or_else(PoisonError::into_inner)
}

fn beside_others() -> RwLockReadGuard<'static, ()> {
    PROGRAMS.read().unwrap_or_else(PoisonError::into_inner)
}

const SCALE_HEIGHT: f64 = 8000.0;
const SPEED: f64 = 40.0;

/// A planet on which nothing is stepped: the fields come from [`value`].
fn configuration(directory: &Path, overrides: &[&str]) -> Configuration {
    let text = format!(
        r#"
        [case]
        name = "isothermal_rest"
        [grid]
        geometry = "sphere"
        cells_per_edge = 24
        tilt_deg = 30
        nz = 6
        top_m = 12e3
        [time]
        end_s = "10 days"
        [output]
        directory = "{}"
        every_s = "1 day"
        variables = ["u", "w", "temperature", "v", "surface_pressure"]
        precision = "double"
        latlon_deg = 6
        zonal_means = "yes"
        "#,
        directory.display()
    );
    let overrides: Vec<String> = overrides.iter().map(|text| text.to_string()).collect();
    config::parse("latlon.toml", &text, &overrides).unwrap()
}

fn clock(days: f64) -> Clock {
    Clock { ticks: ticks(86400.0 * days), step: 10 * days as u64 }
}

fn ground_pressure(latitude: f64) -> f64 {
    1000e2 + 20e2 * latitude.sin()
}

/// The analytic fields; `z` is the height of a centre or an interface.
fn value(name: &str, longitude: f64, latitude: f64, z: f64, days: f64) -> f64 {
    let pressure = ground_pressure(latitude) * (-z / SCALE_HEIGHT).exp();
    match name {
        // Solid-body rotation about an axis in the equator: the wind blows over the poles.
        "u" => SPEED * latitude.sin() * longitude.cos(),
        "v" => -SPEED * longitude.sin(),
        "w" => 1e-3 * z,
        "pressure" => pressure,
        "surface_pressure" => ground_pressure(latitude),
        "temperature" => 300.0 + 10.0 * latitude.sin() + 5.0 * days + 0.1 * pressure.ln(),
        name => panic!("there is no field {name}"),
    }
}

/// Hands the analytic fields at some time to `work`, as a run hands its own.
fn with_rows<R>(
    mesh: &Mesh,
    days: f64,
    work: impl FnOnce(&(dyn Fn(&Diagnostic, usize, usize, usize, &mut [f64]) + Sync)) -> R,
) -> R {
    let sphere = mesh.sphere().unwrap();
    work(&|diagnostic, tile, k, j, out| {
        let tile = &mesh.local_tiles()[tile];
        let name = diagnostic.variable.name.as_str();
        let heights = if name == "w" { &mesh.vertical.interfaces } else { &mesh.vertical.centres };
        for (i, out) in out.iter_mut().enumerate() {
            let (longitude, latitude) =
                longitude_latitude(sphere.centre(tile.panel, tile.i0 + i, tile.j0 + j));
            *out = value(name, longitude, latitude, heights[k], days);
        }
    })
}

/// Writes what is due each day of `days`, the last of which is the end of the run if `is_run`.
fn go(
    configuration: &Configuration,
    world: &World,
    resumed: Option<(Clock, &Path)>,
    days: std::ops::RangeInclusive<usize>,
    is_run: bool,
) -> Result<GlobalOutput> {
    let mesh = Mesh::new(configuration, world.rank(), world.size())?;
    let mut output = GlobalOutput::create(configuration, &mesh, world, resumed)?.expect("it is asked for");
    for day in days.clone() {
        let is_end = is_run && day == *days.end();
        with_rows(&mesh, day as f64, |rows| output.write_due(&clock(day as f64), is_end, rows))?;
    }
    Ok(output)
}

fn single() -> World {
    Arc::new(Single)
}

fn values(folder: &Path, file: &str, name: &str) -> Vec<f64> {
    File::open(&folder.join(file)).unwrap().read(name).unwrap().into_iter().collect()
}

fn assert_same_bits(a: &Path, b: &Path, file: &str) {
    let names: Vec<String> =
        File::open(&a.join(file)).unwrap().variables().iter().map(|variable| variable.name.clone()).collect();
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        let (first, second) = (values(a, file, &name), values(b, file, &name));
        assert_eq!(first.len(), second.len());
        assert!(first.iter().zip(&second).all(|(a, b)| a.to_bits() == b.to_bits()), "{name} differs");
    }
}

#[test]
fn fields_are_found_at_their_latitudes_and_longitudes() {
    let _guard = beside_others();
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path(), &[]);
    go(&configuration, &single(), None, 0..=1, false).unwrap().close().unwrap();
    let file = File::open(&folder.path().join("latlon.h5")).unwrap();
    assert_eq!(file.times().unwrap(), [0.0, 86400.0]);
    let dimensions: Vec<String> = file
        .variable("w")
        .unwrap()
        .dimensions
        .iter()
        .map(|(name, length)| format!("{name} {length}"))
        .collect();
    assert_eq!(dimensions, ["time 2", "z_interface 7", "lat 30", "lon 60"]);
    assert_eq!(file.variable("surface_pressure").unwrap().shape(), [2, 30, 60]);
    assert_eq!(file.variable("u_zonal_mean").unwrap().shape(), [2, 6, 30]);
    let attribute = |variable: &str, name: &str| file.variable_attribute(variable, name).unwrap_or_default();
    assert_eq!(attribute("lat", "units"), "degrees_north");
    assert_eq!(attribute("lon", "bounds"), "lon_bounds");
    assert_eq!(attribute("u", "standard_name"), "eastward_wind");
    assert_eq!(attribute("u_zonal_mean", "cell_methods"), "longitude: mean");
    let (latitudes, longitudes) = (file.read("lat").unwrap(), file.read("lon").unwrap());
    for (name, heights, largest) in [
        ("u", Some("z"), SPEED),
        ("v", Some("z"), SPEED),
        ("w", Some("z_interface"), 12.0),
        ("temperature", Some("z"), 300.0),
        ("surface_pressure", None, 1000e2),
    ] {
        let record = file.read_record(name, 1).unwrap();
        let heights = heights.map(|heights| file.read(heights).unwrap());
        for (at, found) in record.indexed_iter() {
            let [.., j, i] = *at.slice() else { panic!("{at:?}") };
            let z = heights.as_ref().map_or(0.0, |heights| heights[[at[0]]]);
            let exact = value(name, longitudes[[i]].to_radians(), latitudes[[j]].to_radians(), z, 1.0);
            assert!((found - exact).abs() <= 1e-4 * largest, "{name} {at:?}: {found} instead of {exact}");
        }
        let mean = file.read_record(&format!("{name}_zonal_mean"), 1).unwrap();
        let rows = record.mean_axis(ndarray::Axis(record.ndim() - 1)).unwrap();
        for (a, b) in mean.iter().zip(&rows) {
            assert!((a - b).abs() <= 1e-12 * largest, "{name}: {a} {b}");
        }
    }
}

#[test]
fn pressure_levels_lie_at_their_heights_and_end_at_the_ground() {
    let _guard = beside_others();
    let folder = tempfile::tempdir().unwrap();
    let levels = "output.pressure_levels_pa=[\"1000 hPa\", \"850 hPa\", \"500 hPa\", \"100 hPa\"]";
    let one_ground = |mesh: &Mesh, output: &mut GlobalOutput| {
        with_rows(mesh, 0.0, |rows| {
            let flat = |diagnostic: &Diagnostic, tile: usize, k: usize, j: usize, out: &mut [f64]| {
                if diagnostic.variable.name == "pressure" {
                    out.fill(1000e2 * (-mesh.vertical.centres[k] / SCALE_HEIGHT).exp());
                } else {
                    rows(diagnostic, tile, k, j, out);
                }
            };
            output.write_due(&clock(0.0), false, &flat)
        })
    };
    let configuration = configuration(folder.path(), &[levels]);
    let mesh = Mesh::new(&configuration, 0, 1).unwrap();
    let mut output = GlobalOutput::create(&configuration, &mesh, &single(), None).unwrap().unwrap();
    one_ground(&mesh, &mut output).unwrap();
    output.close().unwrap();
    let file = File::open(&folder.path().join("latlon.h5")).unwrap();
    assert_eq!(file.read("plev").unwrap().into_raw_vec_and_offset().0, [1000e2, 850e2, 500e2, 100e2]);
    assert_eq!(file.variable_attribute("plev", "positive").unwrap(), "down");
    for name in ["u", "w", "temperature", "geopotential_height"] {
        let field = file.read_record(name, 0).unwrap();
        assert_eq!(field.shape(), [4, 30, 60]);
        // The lowest centre is at 1000 m, the highest at 11 km.
        for (level, missing) in [true, false, false, true].into_iter().enumerate() {
            assert!(field.index_axis(ndarray::Axis(0), level).iter().all(|value| value.is_nan() == missing));
        }
    }
    for (level, pressure) in [(1, 850e2), (2, 500e2)] {
        let height = SCALE_HEIGHT * f64::ln(1000e2 / pressure);
        for (name, factor) in [("geopotential_height", 1.0), ("w", 1e-3)] {
            let field = file.read_record(name, 0).unwrap();
            for found in field.index_axis(ndarray::Axis(0), level) {
                assert!((found - factor * height).abs() < 1e-9, "{name} {found} {height}");
            }
        }
    }
    assert!(file.read_record("surface_pressure", 0).unwrap().iter().all(|value| value.is_finite()));
}

const WITH_MEANS: &[&str] = &[
    "output.means_from_s=2 days",
    "output.means_every_s=1 day",
    "output.pressure_levels_pa=[50000, 85000]",
    "output.compression=1",
];

#[test]
fn means_average_their_interval() {
    let _guard = beside_others();
    let folder = tempfile::tempdir().unwrap();
    let overrides = [&WITH_MEANS[..2], &["output.latlon_every_s=never"]].concat();
    let configuration = configuration(folder.path(), &overrides);
    go(&configuration, &single(), None, 0..=6, true).unwrap().close().unwrap();
    assert!(!folder.path().join("latlon.h5").exists());
    let file = File::open(&folder.path().join("means.h5")).unwrap();
    let bounds: Vec<f64> = file.read("time_bounds").unwrap().into_iter().collect();
    assert_eq!(bounds, [2.0 * 86400.0, 6.0 * 86400.0]);
    assert_eq!(file.variable_attribute("time", "bounds").unwrap(), "time_bounds");
    assert_eq!(file.variable_attribute("u", "cell_methods").unwrap(), "time: mean");
    assert_eq!(
        file.variable_attribute("u_zonal_mean", "cell_methods").unwrap(),
        "time: mean longitude: mean"
    );
    let latitudes = file.read("lat").unwrap();
    let mean = file.read_record("temperature_zonal_mean", 0).unwrap();
    let heights = file.read("z").unwrap();
    for ((k, j), found) in mean.into_dimensionality::<ndarray::Ix2>().unwrap().indexed_iter() {
        let exact = value("temperature", 0.0, latitudes[[j]].to_radians(), heights[[k]], 4.0);
        assert!((found - exact).abs() < 0.03, "{found} {exact}");
    }
    // Temperatures rise by 5 K a day: the variance of five samples is 2 (5 K)^2.
    for variance in file.read("temperature_variance").unwrap() {
        assert!((variance - 50.0).abs() < 1e-6, "{variance}");
    }
}

#[test]
fn a_resumed_run_writes_the_same_whatever_its_tiles() {
    let _guard = beside_others();
    let (straight, resumed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let whole = configuration(straight.path(), WITH_MEANS);
    go(&whole, &single(), None, 0..=5, true).unwrap().close().unwrap();

    let first = configuration(resumed.path(), &[WITH_MEANS, &["parallel.tile=[7, 24]"]].concat());
    let world = single();
    let output = go(&first, &world, None, 0..=4, false).unwrap();
    // The checkpoint is that of day 3; day 4 is lost.
    drop(output);
    std::fs::remove_file(resumed.path().join("latlon.h5")).unwrap();
    let output = go(&first, &world, None, 0..=3, false).unwrap();
    let checkpoints = resumed.path().join("checkpoints");
    output.keep(&world, &checkpoints, clock(3.0)).unwrap();
    output.close().unwrap();

    let second = configuration(resumed.path(), &[WITH_MEANS, &["parallel.tile=[11, 5]"]].concat());
    let path = checkpoint::path(&checkpoints, &clock(3.0));
    // As a run does, it looks at day 3 once more.
    go(&second, &world, Some((clock(3.0), &path)), 3..=5, true).unwrap().close().unwrap();
    for file in ["latlon.h5", "means.h5"] {
        assert_same_bits(straight.path(), resumed.path(), file);
    }
}

#[test]
fn sums_that_are_damaged_missing_or_of_other_means_are_refused() {
    let _guard = beside_others();
    let folder = tempfile::tempdir().unwrap();
    let first = configuration(folder.path(), WITH_MEANS);
    let world = single();
    let output = go(&first, &world, None, 0..=3, false).unwrap();
    let checkpoints = folder.path().join("checkpoints");
    output.keep(&world, &checkpoints, clock(3.0)).unwrap();
    output.close().unwrap();
    let path = checkpoint::path(&checkpoints, &clock(3.0));
    let refusal = |configuration: &Configuration| {
        let outcome = go(configuration, &world, Some((clock(3.0), &path)), 3..=3, false);
        outcome.err().expect("it is refused").to_string()
    };
    assert!(go(&first, &world, Some((clock(3.0), &path)), 3..=3, false).is_ok());
    let other = configuration(folder.path(), &[WITH_MEANS, &["output.means_every_s=12 h"]].concat());
    assert!(refusal(&other).contains("sums of other means"), "{}", refusal(&other));

    let sums = checkpoints.join("checkpoint_000259200.h5.means");
    let mut bytes = std::fs::read(&sums).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&sums, bytes).unwrap();
    assert!(refusal(&first).contains("checksum of the file is wrong"), "{}", refusal(&first));
    std::fs::remove_file(&sums).unwrap();
    assert!(
        refusal(&first).contains("choose output.means_from_s at or after 259200 s"),
        "{}",
        refusal(&first)
    );
}

#[test]
fn sums_go_with_their_checkpoint() {
    let _guard = beside_others();
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path(), WITH_MEANS);
    let world = single();
    let output = go(&configuration, &world, None, 0..=3, false).unwrap();
    let checkpoints = folder.path().join("checkpoints");
    for day in [2.0, 3.0] {
        output.keep(&world, &checkpoints, clock(day)).unwrap();
    }
    std::fs::write(checkpoint::path(&checkpoints, &clock(3.0)), "").unwrap();
    gale::io::global::remove_orphans(&Single, &checkpoints).unwrap();
    let mut left: Vec<_> =
        std::fs::read_dir(&checkpoints).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(
        left,
        ["checkpoint_000259200.h5", "checkpoint_000259200.h5.means", "checkpoint_000259200.h5.means.sum"]
    );
}

#[test]
fn files_of_an_earlier_run_are_not_lost() {
    let _guard = beside_others();
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path(), &[]);
    go(&configuration, &single(), None, 0..=1, false).unwrap().close().unwrap();
    let message = prepare(&configuration, &Single, Earlier::Keep).unwrap_err().to_string();
    assert!(message.contains("latlon.h5") && message.contains("--overwrite"), "{message}");
}

/// Set for processes that play a rank; its value is the folder of the test.
const FOLDER: &str = "GALE_TEST_FOLDER";

#[test]
fn ranks_write_the_same_as_one_process() {
    let _guard = alone();
    if let Some(folder) = std::env::var_os(FOLDER) {
        std::process::exit(comm::with_world(|world| write_on_ranks(Path::new(&folder), world)).into());
    }
    if !support::have_mpi() {
        return;
    }
    let (alone, together) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    go(&configuration(alone.path(), WITH_MEANS), &single(), None, 0..=4, true).unwrap().close().unwrap();
    let mut command: Command = support::mpirun_command(3);
    command
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "ranks_write_the_same_as_one_process", "--nocapture", "--test-threads=1"])
        .env(FOLDER, together.path());
    support::finish_within(command, Duration::from_secs(60)).succeeded();
    for file in ["latlon.h5", "means.h5"] {
        assert_same_bits(alone.path(), together.path(), file);
    }
}

/// A run that is broken off at day 3 and resumed, on the ranks of `world`.
fn write_on_ranks(folder: &Path, world: &World) -> Result<()> {
    let configuration = configuration(folder, &[WITH_MEANS, &["parallel.tile=[9, 9]"]].concat());
    let output = go(&configuration, world, None, 0..=3, false)?;
    let checkpoints = folder.join("checkpoints");
    output.keep(world, &checkpoints, clock(3.0))?;
    output.close()?;
    let path = checkpoint::path(&checkpoints, &clock(3.0));
    go(&configuration, world, Some((clock(3.0), &path)), 3..=4, true)?.close()
}

/// Opens both files with xarray, and finds coordinates, missing values and bounds.
const LOOK: &str = r#"
import numpy, xarray
for name in ["latlon.h5", "means.h5"]:
    data = xarray.open_dataset(name, engine="netcdf4")
    assert data.u.dims == ("time", "plev", "lat", "lon"), data.u.dims
    assert set(data.u.dims) == set(data.u.coords), data.u.coords
    assert data.lat.attrs["standard_name"] == "latitude" and data.lon.attrs["axis"] == "X"
    assert data.u.encoding["dtype"] == numpy.float32, data.u.encoding
    assert numpy.isnan(data.u.encoding["_FillValue"]), data.u.encoding
    assert not data.u.isel(plev=0).isnull().any() and data.surface_pressure.min() > 9e4
print(str(data.time.values[0])[:10], str(data.time_bounds.values[0, 0])[:10])
"#;

#[test]
fn xarray_finds_its_way() {
    let _guard = alone();
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path(), &[WITH_MEANS, &["output.precision=single"]].concat());
    go(&configuration, &single(), None, 0..=4, true).unwrap().close().unwrap();
    let python = |script: &str| {
        let mut command = Command::new("python3");
        command.args(["-c", script]).current_dir(folder.path()).env("HDF5_USE_FILE_LOCKING", "FALSE");
        command.output()
    };
    if !python("import xarray, netCDF4").is_ok_and(|output| output.status.success()) {
        println!("skipped: python3 cannot import xarray and netCDF4");
        return;
    }
    let output = python(LOOK).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "2000-01-05 2000-01-03\n");
}
