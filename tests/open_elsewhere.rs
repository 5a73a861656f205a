//! The tools of the field open gale's files: ncdump, and Python's xarray with both of its engines.
//! A tool that is not installed is skipped, with a line that says so.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | extremes of the variables beside those of `gale info` | 1e-6, relative | `gale info` prints seven digits |

mod support;

use std::path::Path;
use std::process::Command;
use support::{Finished, TIME_LIMIT, configuration, finish_within, gale};
use tempfile::TempDir;

const OVERRIDES: &[&str] = &[
    "grid.nx=12",
    "grid.ny=10",
    "grid.nz=8",
    "grid.dx_m=2000",
    "grid.dz_m=1250",
    "time.end_s=60",
    "time.start_date=2024-02-28 23:59:30",
    "dynamics.tracers=[\"bell\"]",
    "output.every_s=30",
    "output.series_every_s=10",
    "output.variables=[\"u\", \"w\", \"theta_perturbation\", \"bell\"]",
    "checkpoint.every_s=30",
];

/// The dates of the three snapshots: 30 s apart, over the start of a leap day.
const DATES: &str = "2024-02-28T23:59:30 2024-02-29T00:00:00 2024-02-29T00:00:30";

/// A small run in the folder `run`.
fn small_run() -> TempDir {
    let folder = TempDir::new().unwrap();
    let path = configuration("warm_bubble").display().to_string();
    let mut arguments = vec!["run", &path, "--quiet", "--output", "run"];
    arguments.extend(OVERRIDES.iter().flat_map(|text| ["--set", text]));
    gale(folder.path(), arguments).succeeded();
    folder
}

/// Runs a program in `folder`; `None`, with a line why, if the program is not installed.
fn with_tool(folder: &Path, program: &str, arguments: &[&str]) -> Option<Finished> {
    if Command::new(program).output().is_err() {
        println!("skipped: there is no `{program}`");
        return None;
    }
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("HDF5_USE_FILE_LOCKING", "FALSE");
    Some(finish_within(command, TIME_LIMIT))
}

/// What a Python script prints; `None`, with a line why, if one of the modules is missing.
fn python(folder: &Path, modules: &str, script: &str) -> Option<String> {
    let found = with_tool(folder, "python3", &["-c", &format!("import {modules}")])?;
    if found.status != Some(0) {
        println!("skipped: python3 cannot import {modules}");
        return None;
    }
    Some(with_tool(folder, "python3", &["-c", script])?.succeeded().stdout)
}

#[test]
fn ncdump_opens_all_files() {
    let folder = small_run();
    for (file, expected) in [
        (
            "run/snapshots.h5",
            &["time = UNLIMITED", "z_interface = 9", "float bell(time, z, y, x)", DATES][..3],
        ),
        ("run/series.h5", &["time = UNLIMITED", "double mass(time)", "mass:units = \"kg\""]),
        ("run/checkpoints/checkpoint_000000060.h5", &["double momentum_z(z_interface, y, x)"]),
    ] {
        let Some(finished) = with_tool(folder.path(), "ncdump", &["-h", file]) else { return };
        assert_eq!(finished.status, Some(0), "{finished}");
        for text in expected {
            assert!(finished.stdout.contains(text), "no `{text}` in {finished}");
        }
    }
}

/// Prints, for both engines, the dates and for every variable its unit, coordinates and extremes.
const LOOK: &str = r#"
import numpy, xarray
try:
    import h5py, h5netcdf
    engines = ["netcdf4", "h5netcdf"]
except ImportError as missing:
    print("skipped: h5netcdf,", missing)
    engines = ["netcdf4"]
for engine in engines:
    data = xarray.open_dataset("run/snapshots.h5", engine=engine)
    print("dates", " ".join(str(date)[:19] for date in data.time.values))
    for name, field in data.variables.items():
        assert name == "time" or field.attrs["units"], name
    for name, field in data.data_vars.items():
        assert set(field.dims) == set(field.coords), (name, field.dims, list(field.coords))
        assert all(numpy.isfinite(field.coords[axis]).all() for axis in field.dims if axis != "time")
        print("variable", name, field.attrs["units"].replace(" ", "_"), float(field.min()), float(field.max()))
"#;

#[test]
fn xarray_sees_dates_coordinates_units_and_the_values_of_gale_info() {
    let folder = small_run();
    let Some(seen) = python(folder.path(), "xarray, netCDF4", LOOK) else { return };
    let info = gale(folder.path(), ["info", "run/snapshots.h5"]).succeeded().stdout;
    seen.lines().filter(|line| line.starts_with("skipped")).for_each(|line| println!("{line}"));
    let engines = if seen.contains("skipped") { 1 } else { 2 };
    assert_eq!(seen.matches(&format!("dates {DATES}\n")).count(), engines, "{seen}");
    let variables: Vec<&str> = seen.lines().filter_map(|line| line.strip_prefix("variable ")).collect();
    assert_eq!(variables.len(), 4 * engines, "{seen}");
    for line in variables {
        let [name, unit, least, most] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let row = info.lines().find(|row| row.split_whitespace().next() == Some(name)).expect(&info);
        assert!(row.contains(&unit.replace('_', " ")), "unit of {name}: {unit} or {row}");
        let printed: Vec<f64> =
            row.split_whitespace().rev().take(2).map(|text| text.parse().unwrap()).collect();
        for (printed, seen) in printed.iter().zip([most, least]) {
            let seen: f64 = seen.parse().unwrap();
            assert!((printed - seen).abs() <= 1e-6 * seen.abs(), "{name}: {printed} or {seen}");
        }
    }
}

/// Looks at a snapshot of the globe, and sums a field with the areas of the columns.
const GLOBE: &str = r#"
import numpy, xarray
data = xarray.open_dataset("run/snapshots.h5")
assert data.u.dims == ("time", "panel", "z", "y", "x"), data.u.dims
assert data.surface_pressure.dims == ("time", "panel", "y", "x"), data.surface_pressure.dims
assert {"lat", "lon", "x", "y", "z", "panel"} <= set(data.u.coords), list(data.u.coords)
assert data.lat.attrs["standard_name"] == "latitude" and data.lon.attrs["units"] == "degrees_east"
assert data.u.attrs["standard_name"] == "eastward_wind"
area = 4 * numpy.pi * data.attrs["radius_m"] ** 2
assert abs(float(data.cell_area.sum()) / area - 1) < 1e-12
# The jets of the case: westerlies strongest at 45 degrees, nothing northward.
fastest = data.u.isel(time=0).max("z")
assert abs(abs(float(data.lat.where(fastest == fastest.max()).max())) - 45) < 8
assert float(abs(data.v.isel(time=0)).max()) < 1e-3 * float(fastest.max())
print("cells", int(data.attrs["cells_per_edge"]), "records", data.sizes["time"])
"#;

#[test]
fn xarray_sees_where_the_columns_of_the_globe_are() {
    let folder = TempDir::new().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/sphere/baroclinic_steady.toml");
    let path = path.display().to_string();
    let mut arguments = vec!["run", &path, "--quiet", "--output", "run"];
    let overrides = [
        "grid.cells_per_edge=12",
        "grid.nz=8",
        "time.end_s=20 min",
        "output.every_s=10 min",
        "output.variables=[\"u\", \"v\", \"w\", \"surface_pressure\"]",
    ];
    arguments.extend(overrides.iter().flat_map(|text| ["--set", text]));
    gale(folder.path(), arguments).succeeded();
    if let Some(seen) = python(folder.path(), "xarray, netCDF4", GLOBE) {
        assert_eq!(seen, "cells 12 records 3\n");
    }
    let Some(finished) = with_tool(folder.path(), "ncdump", &["-h", "run/snapshots.h5"]) else { return };
    for text in ["double u(time, panel, z, y, x)", "double lat(panel, y, x)", "u:coordinates = \"lat lon\""] {
        assert!(finished.stdout.contains(text), "no `{text}` in {finished}");
    }
}

/// Opens series and checkpoint with netCDF4, and compares the series with its text.
const SERIES: &str = r#"
import netCDF4, numpy
series = netCDF4.Dataset("run/series.h5")
rows = [line.split(",") for line in open("run/series.csv").read().splitlines()]
names = [cell.split(" [")[0] for cell in rows[0]]
assert set(names) == set(series.variables), (names, list(series.variables))
for column, (cell, name) in enumerate(zip(rows[0], names)):
    values = numpy.array([float(row[column]) for row in rows[1:]])
    assert (series[name][:] == values).all(), name
    assert name == "time" or cell == f"{name} [{series[name].units}]", cell
checkpoint = netCDF4.Dataset("run/checkpoints/checkpoint_000000060.h5")
assert checkpoint["density_deviation"].shape == (8, 10, 12)
assert checkpoint["momentum_z"].shape == (9, 10, 12)
assert all(checkpoint[axis].shape for axis in ["x", "y", "z", "z_interface"])
assert all(hasattr(variable, "units") for variable in checkpoint.variables.values())
assert checkpoint["tracer_mass_bell"][:].min() >= -1e-15
print("rows", len(rows) - 1)
"#;

#[test]
fn netcdf4_reads_series_and_checkpoints() {
    let folder = small_run();
    if let Some(seen) = python(folder.path(), "netCDF4, numpy", SERIES) {
        assert_eq!(seen, "rows 7\n");
    }
}
