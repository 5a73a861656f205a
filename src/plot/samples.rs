//! Small files of the globe for the tests of the pictures.

use crate::config::Precision::Double;
use crate::io::netcdf::{Attributes, Definition, NetcdfFile};
use crate::mesh::CubedSphere;
use crate::mesh::cubed_sphere::{PANELS, longitude_latitude};
use std::path::Path;

const TIME: &[(&str, &str)] = &[("units", "seconds since 2000-01-01 00:00:00")];
const METRES: &[(&str, &str)] = &[("units", "m")];
const DEGREES: &[(&str, &str)] = &[("units", "degrees")];
const NORTH: &[(&str, &str)] = &[("units", "degrees_north")];
const EAST: &[(&str, &str)] = &[("units", "degrees_east")];
const DAYS_9: f64 = 9.0 * 86_400.0;

/// Heights of the levels of the native file in m.
pub const HEIGHTS: [f64; 3] = [500.0, 5000.0, 12_000.0];
/// Pressure levels in Pa.
pub const PRESSURES: [f64; 8] =
    [100_000.0, 85_000.0, 70_000.0, 50_000.0, 30_000.0, 20_000.0, 10_000.0, 5000.0];

/// A solid-body wind in m/s about a tilted axis, stronger with the level; angles in rad.
pub fn solid_body(longitude: f64, latitude: f64, level: usize) -> f64 {
    (20.0 + 5.0 * level as f64) * (latitude.cos() + latitude.sin() * longitude.cos())
}

/// A height in m with four waves around each hemisphere; angles in rad.
pub fn wave_4(longitude: f64, latitude: f64) -> f64 {
    8000.0 - 2000.0 * latitude.sin().powi(2)
        + 1200.0 * latitude.cos().powi(4) * (4.0 * longitude).cos() * latitude.sin()
}

/// A jet in m/s on each hemisphere at a pressure in Pa, with weak easterlies at the equator.
pub fn jet(latitude: f64, pressure: f64) -> f64 {
    let depth = pressure / 1e5;
    let height = (depth.ln() + 1.4) / 0.8;
    35.0 * (2.0 * latitude).sin().powi(2) * (-height * height).exp()
        - 8.0 * (-(latitude / 0.25).powi(2)).exp() * (1.0 - 0.9 * depth)
}

fn put(file: &mut NetcdfFile, name: &str, dimensions: &[&str], attributes: Attributes, values: &[f64]) {
    let definition = Definition { name, dimensions, precision: Double, compression: 0, attributes };
    file.define_variable(&definition).unwrap();
    let shape = file.shape(name).unwrap();
    file.write_box(name, vec![0; shape.len()], shape, values).unwrap();
}

fn create(path: &Path) -> NetcdfFile {
    let mut file = NetcdfFile::create(path, None).unwrap();
    file.define_time(1, true, TIME).unwrap();
    file.write_box("time", vec![0], vec![1], &[DAYS_9]).unwrap();
    file
}

/// Panels of n x n cells: `u` (time, panel, z, y, x) and `depth` (time, panel, y, x).
pub fn native(path: &Path, n: usize, tilt: f64) {
    let sphere = CubedSphere::new(n, 6.371e6, tilt);
    let mut file = create(path);
    file.define_dimension("panel", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], &[]).unwrap();
    file.define_dimension("z", &HEIGHTS, METRES).unwrap();
    let angles: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) * 90.0 / n as f64 - 45.0).collect();
    file.define_dimension("y", &angles, DEGREES).unwrap();
    file.define_dimension("x", &angles, DEGREES).unwrap();
    let columns = (0..PANELS * n * n).map(|c| sphere.centre(c / (n * n), c % n, c / n % n));
    let places: Vec<(f64, f64)> = columns.map(longitude_latitude).collect();
    let latitudes: Vec<f64> = places.iter().map(|place| place.1.to_degrees()).collect();
    let longitudes: Vec<f64> = places.iter().map(|place| place.0.to_degrees().rem_euclid(360.0)).collect();
    put(&mut file, "lat", &["panel", "y", "x"], NORTH, &latitudes);
    put(&mut file, "lon", &["panel", "y", "x"], EAST, &longitudes);
    let levels = |panel: &'_ [(f64, f64)]| -> Vec<f64> {
        (0..HEIGHTS.len()).flat_map(|k| panel.iter().map(move |&(l, p)| solid_body(l, p, k))).collect()
    };
    let u: Vec<f64> = places.chunks(n * n).flat_map(levels).collect();
    let wind = &[("units", "m s-1"), ("long_name", "eastward wind")];
    put(&mut file, "u", &["time", "panel", "z", "y", "x"], wind, &u);
    let depth: Vec<f64> = places.iter().map(|&(longitude, latitude)| wave_4(longitude, latitude)).collect();
    let attributes = &[("units", "m"), ("long_name", "depth of the fluid")];
    put(&mut file, "depth", &["time", "panel", "y", "x"], attributes, &depth);
    file.close().unwrap();
}

/// Cells of 4 degrees on pressure levels: `u` (time, plev, lat, lon) with a jet, waves and a mountain that hides
/// the lowest level, its zonal mean `u_zonal` (time, plev, lat), and `depth` (time, lat, lon).
pub fn regular(path: &Path) {
    let centres =
        |from: f64, count: usize| -> Vec<f64> { (0..count).map(|k| from + 4.0 * k as f64).collect() };
    let (latitudes, longitudes) = (centres(-88.0, 45), centres(2.0, 90));
    let mut file = create(path);
    file.define_dimension("plev", &PRESSURES, &[("units", "Pa"), ("positive", "down")]).unwrap();
    file.define_dimension("lat", &latitudes, NORTH).unwrap();
    file.define_dimension("lon", &longitudes, EAST).unwrap();
    let (mut u, mut zonal, mut depth) = (Vec::new(), Vec::new(), Vec::new());
    for (level, &pressure) in PRESSURES.iter().enumerate() {
        for latitude in latitudes.iter().map(|latitude| latitude.to_radians()) {
            zonal.push(jet(latitude, pressure));
            for longitude in longitudes.iter().map(|longitude| longitude.to_radians()) {
                let hidden = level == 0 && (latitude - 0.6).hypot(longitude - 1.6) < 0.4;
                let wave = 10.0 * (4.0 * longitude).cos() * latitude.cos().powi(3) * latitude.sin();
                u.push(if hidden { f64::NAN } else { jet(latitude, pressure) + wave });
                if level == 0 {
                    depth.push(wave_4(longitude, latitude));
                }
            }
        }
    }
    let wind = &[("units", "m s-1"), ("long_name", "eastward wind")];
    put(&mut file, "u", &["time", "plev", "lat", "lon"], wind, &u);
    put(&mut file, "u_zonal", &["time", "plev", "lat"], wind, &zonal);
    put(&mut file, "depth", &["time", "lat", "lon"], METRES, &depth);
    file.close().unwrap();
}
