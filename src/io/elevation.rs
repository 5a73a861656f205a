//! Heights of the ground from a netCDF-4 file, on a grid in m or in degrees.

use super::reader::{File, VariableInfo};
use crate::error::{Error, Result};
use ndarray::{Array2, Ix2};
use std::path::Path;

/// Radius of the Earth in m.
const RADIUS: f64 = 6.371_22e6;

/// Heights over a rectangular grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Elevation {
    /// Coordinates of the columns and the rows, increasing; in m, or in degrees as the file has them.
    x: Vec<f64>,
    y: Vec<f64>,
    is_in_degrees: bool,
    /// Heights in m over (y, x).
    heights: Array2<f64>,
}

impl Elevation {
    /// Reads a variable over two dimensions that have coordinates, or the only one if no name is given.
    ///
    /// # Errors
    /// If the file cannot be read, has no such variable or several, or a height is missing.
    pub fn read(path: &Path, name: Option<&str>) -> Result<Elevation> {
        let file = File::open(path)?;
        let variable = match name {
            Some(name) => file.variable(name)?,
            None => only(&file, path)?,
        };
        let [(rows, _), (columns, _)] = &variable.dimensions[..] else {
            let message = format!("`{}` does not lie over two dimensions", variable.name);
            return Err(Error::io(path, message));
        };
        let coordinate = |name: &str| -> Result<Vec<f64>> { Ok(file.read(name)?.into_iter().collect()) };
        let (mut x, mut y) = (coordinate(columns)?, coordinate(rows)?);
        let unit = |name: &str| file.variable(name).map_or(String::new(), |variable| variable.unit.clone());
        let is_in_degrees = unit(columns).starts_with("degree");
        let heights = file.read(&variable.name)?.into_dimensionality::<Ix2>();
        let mut heights = heights.map_err(|cause| Error::Internal(cause.to_string()))?;
        for (axis, values) in [(1, &mut x), (0, &mut y)] {
            if values.len() > 1 && values[0] > values[values.len() - 1] {
                values.reverse();
                heights.invert_axis(ndarray::Axis(axis));
            }
        }
        let rises = |values: &[f64]| values.len() > 1 && values.windows(2).all(|pair| pair[0] < pair[1]);
        if !rises(&x) || !rises(&y) {
            return Err(Error::io(path, format!("the coordinates of `{}` do not increase", variable.name)));
        }
        if heights.iter().any(|height| !height.is_finite()) {
            return Err(Error::io(path, format!("`{}` has missing heights", variable.name)));
        }
        Ok(Elevation { x, y, is_in_degrees, heights })
    }

    /// The grid in m, its place of the given longitude and latitude (degrees) at `centre`: distances along the circle
    /// of this latitude and along the meridian. A grid in m stays where it is and needs no place.
    ///
    /// # Errors
    /// If the place is missing or needless; the text says which.
    pub fn on_plane(
        mut self,
        centre: [f64; 2],
        place: Option<[f64; 2]>,
    ) -> std::result::Result<Self, &'static str> {
        let [longitude, latitude] = match (self.is_in_degrees, place) {
            (false, None) => return Ok(self),
            (false, Some(_)) => return Err("its grid is in m: terrain.longitude_deg has no effect"),
            (true, None) => {
                return Err("its grid is in degrees: terrain.longitude_deg and latitude_deg are needed");
            }
            (true, Some(place)) => place,
        };
        let along = RADIUS.to_radians();
        let across = along * crate::math::cos(latitude.to_radians());
        self.x.iter_mut().for_each(|x| *x = centre[0] + across * (*x - longitude));
        self.y.iter_mut().for_each(|y| *y = centre[1] + along * (*y - latitude));
        self.is_in_degrees = false;
        Ok(self)
    }

    /// The grid in degrees with its columns repeated around the globe.
    ///
    /// # Errors
    /// If it is not in degrees or does not go around; the text says which.
    pub fn around_globe(mut self) -> std::result::Result<Self, &'static str> {
        if !self.is_in_degrees {
            return Err("its grid is in m: on the globe it must be in degrees");
        }
        let (first, last) = (self.x[0], self.x[self.x.len() - 1]);
        let step = self.x[1] - first;
        if (last - first - 360.0).abs() > 1e-3 * step {
            if last - first + 1.5 * step < 360.0 {
                return Err("its longitudes do not go around the globe");
            }
            self.x.push(first + 360.0);
            let closing = self.heights.column(0).to_owned();
            if self.heights.push_column(closing.view()).is_err() {
                return Err("its longitudes do not fit its heights");
            }
        }
        Ok(self)
    }

    /// The height at a longitude and a latitude in rad of a grid that goes around the globe; north and south of its
    /// last rows those of the rows.
    pub fn on_globe(&self, longitude: f64, latitude: f64) -> f64 {
        let east = longitude.to_degrees() - self.x[0];
        let x = (self.x[0] + (east - 360.0 * (east / 360.0).floor())).min(self.x[self.x.len() - 1]);
        let y = latitude.to_degrees().clamp(self.y[0], self.y[self.y.len() - 1]);
        self.at(x, y).unwrap_or(0.0)
    }

    /// The height at a place in m, linear between the four around it; nothing outside the grid.
    pub fn at(&self, x: f64, y: f64) -> Option<f64> {
        let (column, right) = between(&self.x, x)?;
        let (row, up) = between(&self.y, y)?;
        let along = |row: usize| {
            (1.0 - right) * self.heights[[row, column]] + right * self.heights[[row, column + 1]]
        };
        Some((1.0 - up) * along(row) + up * along(row + 1))
    }
}

/// The only variable over two dimensions.
fn only<'a>(file: &'a File, path: &Path) -> Result<&'a VariableInfo> {
    let mut found = file.variables().iter().filter(|variable| variable.dimensions.len() == 2);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Error::io(path, "there is no variable over two dimensions")),
        _ => Err(Error::io(path, "several variables lie over two dimensions: choose terrain.variable")),
    }
}

/// The interval of increasing places in which `place` lies, and how far inside; nothing outside.
fn between(places: &[f64], place: f64) -> Option<(usize, f64)> {
    if !(places[0]..=places[places.len() - 1]).contains(&place) {
        return None;
    }
    let above = places.partition_point(|&edge| edge <= place).clamp(1, places.len() - 1);
    Some((above - 1, (place - places[above - 1]) / (places[above] - places[above - 1])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Precision;
    use crate::io::netcdf::{Definition, NetcdfFile};
    use approx::assert_relative_eq;

    /// A file whose heights are x + 10 y of its coordinates, the northernmost row first.
    fn file(unit: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut file = NetcdfFile::create(&folder.path().join("ground.nc"), None).unwrap();
        let (x, y) = ([7.0, 8.0, 10.0], [48.0, 47.0, 45.0]);
        file.define_dimension("y", &y, &[("units", unit)]).unwrap();
        file.define_dimension("x", &x, &[("units", unit)]).unwrap();
        let definition = Definition {
            name: "ground",
            dimensions: &["y", "x"],
            precision: Precision::Double,
            compression: 0,
            attributes: &[("units", "m")],
        };
        file.define_variable(&definition).unwrap();
        let values: Vec<f64> = y.iter().flat_map(|y| x.map(|x| x + 10.0 * y)).collect();
        file.write_box("ground", vec![0, 0], vec![3, 3], &values).unwrap();
        file.close().unwrap();
        folder
    }

    #[test]
    fn heights_are_linear_between_the_points_of_the_file() {
        let folder = file("m");
        let elevation = Elevation::read(&folder.path().join("ground.nc"), None).unwrap();
        let elevation = elevation.on_plane([0.0; 2], None).unwrap();
        for [x, y] in [[7.0, 45.0], [9.5, 46.1], [10.0, 48.0]] {
            assert_relative_eq!(elevation.at(x, y).unwrap(), x + 10.0 * y, max_relative = 1e-14);
        }
        assert_eq!((elevation.at(6.9, 46.0), elevation.at(8.0, 48.1)), (None, None));
    }

    #[test]
    fn degrees_become_distances_from_a_place() {
        let folder = file("degrees_north");
        let read = || Elevation::read(&folder.path().join("ground.nc"), Some("ground")).unwrap();
        assert!(read().on_plane([0.0; 2], None).is_err());
        let elevation = read().on_plane([5000.0, 1000.0], Some([8.0, 46.0])).unwrap();
        assert_relative_eq!(elevation.at(5000.0, 1000.0).unwrap(), 468.0, max_relative = 1e-14);
        let degree = RADIUS.to_radians();
        let east = degree * 46.0_f64.to_radians().cos();
        assert_relative_eq!(
            elevation.at(5000.0 + east, 1000.0 + degree).unwrap(),
            479.0,
            max_relative = 1e-12
        );
    }
}
