//! The files themselves: coordinates, variables, and the way of a field into them, level by level.

use super::fields::{Fields, Product};
use crate::comm::World;
use crate::config::{Configuration, LatLon, Precision};
use crate::error::Result;
use crate::io::hdf5_raw::{Selections, Slab};
use crate::io::metadata;
use crate::io::netcdf::{Definition, NetcdfFile};
use crate::io::reader::TIME;
use crate::mesh::cubed_sphere::Vector;
use crate::mesh::{CubedSphere, Mesh, VerticalGrid};
use crate::regrid::{Columns, Interpolation, LatLonGrid, levels};
use crate::state::{Location, Variable};

/// Names of the coordinates.
const LATITUDE: &str = "lat";
const LONGITUDE: &str = "lon";
const PRESSURE: &str = "plev";
const BOUNDS: &str = "bounds";
const TIME_BOUNDS: &str = "time_bounds";

/// What the names of means over the longitudes end with.
const ZONAL_MEAN: &str = "_zonal_mean";

/// Writes fields on latitudes and longitudes.
pub struct Sheets {
    pub configuration: Configuration,
    pub latlon: LatLon,
    pub world: World,
    pub grid: LatLonGrid,
    vertical: VerticalGrid,
    /// East and north at this rank's columns.
    directions: Vec<(Vector, Vector)>,
    /// On the ranks that levels are dealt out to.
    interpolation: Option<Interpolation>,
}

/// Where a variable is going: a record of a file that all ranks have open.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    pub file: &'a NetcdfFile,
    pub record: usize,
}

impl Sheets {
    pub fn new(
        configuration: &Configuration,
        latlon: &LatLon,
        mesh: &Mesh,
        sphere: &CubedSphere,
        world: &World,
    ) -> Self {
        let grid = LatLonGrid::new(latlon.spacing).expect("the spacing was checked");
        Sheets {
            configuration: configuration.clone(),
            latlon: latlon.clone(),
            world: world.clone(),
            grid,
            vertical: mesh.vertical.clone(),
            directions: Columns::new(mesh).east_north(sphere),
            interpolation: levels::takes_part(world).then(|| Interpolation::new(sphere, grid)),
        }
    }

    /// Bytes of a record before compression.
    pub fn record_bytes(&self, fields: &Fields, products: &[Product]) -> u64 {
        let [rows, columns] = self.grid.shape();
        let row = if self.latlon.zonal_means { columns + 1 } else { columns };
        let levels = |variable: &Variable| fields.levels_of(variable.location);
        let levels: usize = products.iter().flat_map(Product::variables).map(levels).sum();
        (levels * rows * row * self.configuration.output.precision.bytes()) as u64
    }

    /// The dimensions of a variable without time, and their lengths.
    fn space(&self, location: Location, fields: &Fields) -> Vec<(&'static str, usize)> {
        let [rows, columns] = self.grid.shape();
        let level = match location {
            Location::Surface => None,
            _ if !self.latlon.pressures.is_empty() => Some(PRESSURE),
            Location::Centre => Some("z"),
            Location::Interface => Some("z_interface"),
        };
        let level = level.map(|name| (name, fields.levels_of(location)));
        level.into_iter().chain([(LATITUDE, rows), (LONGITUDE, columns)]).collect()
    }

    /// Everything that is written of a variable: its name, its dimensions without time and their lengths.
    pub fn written(&self, variable: &Variable, fields: &Fields) -> Vec<(String, Vec<(&'static str, usize)>)> {
        let space = self.space(variable.location, fields);
        let zonal = space[..space.len() - 1].to_vec();
        let mut written = vec![(variable.name.clone(), space)];
        if self.latlon.zonal_means {
            written.push((format!("{}{ZONAL_MEAN}", variable.name), zonal));
        }
        written
    }

    /// Defines the contents of a file. Means over time come as one record, with the bounds of their time.
    pub fn define<'a>(
        &self,
        file: &mut NetcdfFile,
        fields: &Fields,
        products: impl Iterator<Item = &'a Product>,
        of_means: bool,
    ) -> Result<()> {
        metadata::set_global(file, &self.configuration, &*self.world)?;
        metadata::define_time(file, &self.configuration, usize::from(of_means), !of_means)?;
        self.define_space(file)?;
        if of_means {
            let dimensions = &[TIME, BOUNDS];
            let attributes = &[("long_name", "first and last sample of the means")];
            define_double(file, TIME_BOUNDS, dimensions, attributes)?;
            file.set_variable_attribute(TIME, "bounds", TIME_BOUNDS)?;
        }
        for product in products {
            for variable in product.variables() {
                let is_variance = matches!(product, Product::Variance(..));
                let method = match (of_means, is_variance) {
                    (false, _) => "",
                    (true, false) => "time: mean",
                    (true, true) => "time: variance",
                };
                self.define_variable(file, fields, variable, method)?;
            }
        }
        Ok(())
    }

    fn define_space(&self, file: &mut NetcdfFile) -> Result<()> {
        if self.latlon.pressures.is_empty() {
            match self.configuration.terrain {
                Some(_) => metadata::define_nominal_heights(file, &self.vertical)?,
                None => metadata::define_heights(file, &self.vertical)?,
            }
        } else {
            let attributes = [
                ("standard_name", "air_pressure"),
                ("long_name", "pressure"),
                ("units", "Pa"),
                ("positive", "down"),
                ("axis", "Z"),
            ];
            file.define_dimension(PRESSURE, &self.latlon.pressures, &attributes)?;
        }
        let [rows, columns] = self.grid.shape();
        let latitudes: Vec<f64> = (0..rows).map(|j| self.grid.latitude(j)).collect();
        let longitudes: Vec<f64> = (0..columns).map(|i| self.grid.longitude(i)).collect();
        file.define_dimension(LATITUDE, &latitudes, &horizontal("latitude", "degrees_north", "Y"))?;
        file.define_dimension(LONGITUDE, &longitudes, &horizontal("longitude", "degrees_east", "X"))?;
        file.define_dimension(
            BOUNDS,
            &[0.0, 1.0],
            &[("long_name", "lower and upper bound"), ("units", "1")],
        )?;
        let latitude_bounds: Vec<f64> = (0..rows).flat_map(|j| self.grid.latitude_bounds(j)).collect();
        let longitude_bounds: Vec<f64> = (0..columns).flat_map(|i| self.grid.longitude_bounds(i)).collect();
        for (name, bounds) in [(LATITUDE, latitude_bounds), (LONGITUDE, longitude_bounds)] {
            let bounds_name = format!("{name}_bounds");
            define_double(file, &bounds_name, &[name, BOUNDS], &[])?;
            file.set_variable_attribute(name, "bounds", &bounds_name)?;
            file.write_box(&bounds_name, vec![0, 0], vec![bounds.len() / 2, 2], &bounds)?;
        }
        Ok(())
    }

    fn define_variable(
        &self,
        file: &mut NetcdfFile,
        fields: &Fields,
        variable: &Variable,
        method: &str,
    ) -> Result<()> {
        let output = &self.configuration.output;
        for (name, space) in self.written(variable, fields) {
            let is_zonal = space.iter().all(|(name, _)| *name != LONGITUDE);
            let methods = [method, if is_zonal { "longitude: mean" } else { "" }].join(" ");
            let long_name = format!("{}{}", if is_zonal { "zonal mean of " } else { "" }, variable.long_name);
            let mut attributes = vec![("units", variable.unit), ("long_name", long_name.as_str())];
            attributes.extend(variable.standard_name.map(|name| ("standard_name", name)));
            attributes.extend(Some(("cell_methods", methods.trim())).filter(|(_, text)| !text.is_empty()));
            let dimensions: Vec<&str> =
                [TIME].into_iter().chain(space.iter().map(|(name, _)| *name)).collect();
            let definition = Definition {
                name: &name,
                dimensions: &dimensions,
                precision: output.precision,
                compression: output.compression,
                attributes: &attributes,
            };
            if is_zonal {
                file.define_variable(&definition)?
            } else {
                file.define_by_level(&definition)?
            }
            if fields.may_miss(variable.location) {
                file.mark_missing(&name)?;
            }
        }
        Ok(())
    }

    /// Interpolates a product and writes it; `values(number)` are those of a field at this rank's columns.
    /// All ranks call this.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(
        &self,
        target: Target<'_>,
        fields: &Fields,
        product: &Product,
        values: impl Fn(usize) -> Vec<f64>,
    ) -> Result<()> {
        let mut sinks: Vec<Option<Sink<'_>>> = product
            .parts()
            .into_iter()
            .map(|variable| variable.map(|variable| Sink::new(self, target, fields, variable)))
            .collect();
        let count = product.variables().next().map_or(0, |variable| fields.levels_of(variable.location));
        let parts = product.at_columns(values);
        let mut first = 0;
        while first < count {
            let batch = fields.whole_levels.borrow().batch(first, count);
            let mut sheets = self.level(fields, &parts, first, batch);
            sheets.iter_mut().flatten().for_each(|sheet| product.keep_in_bounds(sheet));
            for (sheet, sink) in sheets.into_iter().zip(&mut sinks) {
                let Some(sink) = sink else { continue };
                sink.put(first + self.world.rank(), sheet)?;
            }
            first += batch;
        }
        sinks.into_iter().flatten().try_for_each(Sink::finish)
    }

    /// This rank's level of a batch on latitudes and longitudes, of every scalar or of the two components of the wind;
    /// `None` if it has none.
    fn level(
        &self,
        fields: &Fields,
        parts: &[Vec<f64>],
        first: usize,
        batch: usize,
    ) -> Vec<Option<Vec<f64>>> {
        let (columns, mut levels) = (&fields.columns, fields.whole_levels.borrow_mut());
        match parts {
            [east, north] => {
                let range = first * columns.count()..(first + batch) * columns.count();
                let vectors = self.cartesian(&east[range.clone()], &north[range]);
                let [x, y, z] = vectors.map(|component| levels.deal(columns, &component, 0, batch));
                match (x, y, z, &self.interpolation) {
                    (Some(x), Some(y), Some(z), Some(grid)) => grid.wind(&[x, y, z]).map(Some).into(),
                    _ => vec![None, None],
                }
            }
            scalars => {
                let sheet = |field: &Vec<f64>| {
                    let all = levels.deal(columns, field, first, batch)?;
                    self.interpolation.as_ref().map(|interpolation| interpolation.scalar(&all))
                };
                scalars.iter().map(sheet).collect()
            }
        }
    }

    /// The components of horizontal wind along the geographic axes, at this rank's columns on some levels.
    fn cartesian(&self, east: &[f64], north: &[f64]) -> [Vec<f64>; 3] {
        [0, 1, 2].map(|c| {
            let wind = self.directions.iter().cycle().zip(east.iter().zip(north));
            wind.map(|((to_east, to_north), (u, v))| u * to_east[c] + v * to_north[c]).collect()
        })
    }
}

/// Takes the levels of a variable, and writes them together with the other ranks.
struct Sink<'a> {
    target: Target<'a>,
    precision: Precision,
    /// Name and lengths of the variable, then those of its zonal mean.
    written: Vec<(String, Vec<usize>)>,
    /// This rank's levels, and the zonal means of all of them.
    levels: Vec<usize>,
    zonal: Vec<f64>,
}

impl<'a> Sink<'a> {
    fn new(sheets: &Sheets, target: Target<'a>, fields: &Fields, variable: &Variable) -> Self {
        let lengths = |(name, space): (String, Vec<(&str, usize)>)| {
            (name, space.into_iter().map(|(_, length)| length).collect())
        };
        let written = sheets.written(variable, fields).into_iter().map(lengths).collect();
        let precision = sheets.configuration.output.precision;
        Sink { target, precision, written, levels: Vec::new(), zonal: Vec::new() }
    }

    /// Takes this rank's level of a batch, if it has one.
    fn put(&mut self, level: usize, sheet: Option<Vec<f64>>) -> Result<()> {
        let (name, lengths) = &self.written[0];
        let [.., rows, columns] = lengths[..] else { return Ok(()) };
        let Some(sheet) = sheet else { return self.write(name, &[], &[rows, columns], false, &[]) };
        if self.written.len() > 1 {
            self.levels.push(level);
            self.zonal.extend(sheet.chunks(columns).map(zonal_mean));
        }
        self.write(name, &[level], &[rows, columns], lengths.len() == 3, &sheet)
    }

    fn finish(self) -> Result<()> {
        let Some((name, lengths)) = self.written.get(1) else { return Ok(()) };
        let [.., rows] = lengths[..] else { return Ok(()) };
        self.write(name, &self.levels, &[rows], lengths.len() == 2, &self.zonal)
    }

    /// Writes some levels of the record, each of the given shape, in the precision of the file.
    fn write(
        &self,
        name: &str,
        levels: &[usize],
        shape: &[usize],
        has_levels: bool,
        values: &[f64],
    ) -> Result<()> {
        let slab = |record: usize, level: usize| {
            let start = [record].into_iter().chain(has_levels.then_some(level));
            let count = [1].into_iter().chain(has_levels.then_some(1));
            Slab {
                start: start.chain(shape.iter().map(|_| 0)).collect(),
                count: count.chain(shape.iter().copied()).collect(),
            }
        };
        let selections = if levels.is_empty() {
            Selections::nothing()
        } else {
            let leading = [1].into_iter().chain(has_levels.then_some(levels.len()));
            Selections {
                memory_shape: leading.chain(shape.iter().copied()).collect(),
                memory: (0..levels.len()).map(|number| slab(0, number)).collect(),
                file: levels.iter().map(|&level| slab(self.target.record, level)).collect(),
            }
        };
        match self.precision {
            Precision::Double => self.target.file.write_selected(name, &selections, values),
            Precision::Single => {
                let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
                self.target.file.write_selected(name, &selections, &values)
            }
        }
    }
}

/// The mean over the longitudes at which there is a value.
fn zonal_mean(row: &[f64]) -> f64 {
    let present = row.iter().filter(|value| !value.is_nan());
    present.clone().sum::<f64>() / present.count() as f64
}

/// Attributes of a coordinate.
fn horizontal<'a>(name: &'a str, units: &'a str, axis: &'a str) -> [(&'a str, &'a str); 4] {
    [("standard_name", name), ("long_name", name), ("units", units), ("axis", axis)]
}

/// Defines a small variable of double precision.
fn define_double(
    file: &mut NetcdfFile,
    name: &str,
    dimensions: &[&str],
    attributes: &[(&str, &str)],
) -> Result<()> {
    let (precision, compression) = (Precision::Double, 0);
    file.define_variable(&Definition { name, dimensions, precision, compression, attributes })
}

/// Writes the bounds of the time of means.
pub fn write_time_bounds(file: &NetcdfFile, bounds: [f64; 2]) -> Result<()> {
    file.write_box(TIME_BOUNDS, vec![0, 0], vec![1, 2], &bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_do_not_count_in_a_zonal_mean() {
        assert_eq!(zonal_mean(&[1.0, f64::NAN, 4.0]), 2.5);
        assert!(zonal_mean(&[f64::NAN; 3]).is_nan());
    }
}
