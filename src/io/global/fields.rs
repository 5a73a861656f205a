//! What is computed at the columns, on the levels of the output, and which variables come of it.

use crate::comm::World;
use crate::config::{Configuration, Dynamics, LatLon, Setting};
use crate::math;
use crate::mesh::Mesh;
use crate::regrid::{Columns, Levels, pressure};
use crate::state::diagnostics::{self, Diagnostic};
use crate::state::{Location, Variable};
use std::cell::RefCell;

/// Computes row `j` and level `k` of a diagnostic on a local tile: `row(diagnostic, tile, k, j, out)`.
pub type Row<'a> = &'a (dyn Fn(&Diagnostic, usize, usize, usize, &mut [f64]) + Sync);

/// What a field holds.
#[derive(Clone, Debug)]
enum Source {
    Diagnostic(Box<Diagnostic>),
    /// The square of a diagnostic.
    Square(Box<Diagnostic>),
    /// The height of cell centres in m.
    Height,
}

/// A field at the columns.
#[derive(Clone, Debug)]
struct Component {
    source: Source,
    location: Location,
}

/// What becomes of fields, by their numbers.
#[derive(Clone, Debug)]
pub enum Product {
    Scalar(Variable, usize),
    /// Eastward and northward wind; either may be computed without being written.
    Wind([Option<Variable>; 2], [usize; 2]),
    /// The variance over time, from the means of a field and of its square.
    Variance(Variable, [usize; 2]),
}

impl Product {
    /// The variables that come of it, `None` for what is not written.
    pub fn parts(&self) -> Vec<Option<&Variable>> {
        match self {
            Product::Scalar(variable, _) | Product::Variance(variable, _) => vec![Some(variable)],
            Product::Wind(variables, _) => variables.iter().map(Option::as_ref).collect(),
        }
    }

    /// The variables to write.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.parts().into_iter().flatten()
    }

    /// Its parts at the columns, where `values(number)` are those of a field.
    pub fn at_columns(&self, values: impl Fn(usize) -> Vec<f64>) -> Vec<Vec<f64>> {
        match self {
            Product::Scalar(_, number) => vec![values(*number)],
            Product::Wind(_, numbers) => numbers.iter().map(|&number| values(number)).collect(),
            Product::Variance(_, [mean, square]) => {
                let (means, squares) = (values(*mean), values(*square));
                vec![means.iter().zip(&squares).map(|(mean, square)| square - mean * mean).collect()]
            }
        }
    }

    /// Takes back what rounding and the overshoots of the interpolation did to a variance: none is negative.
    pub fn keep_in_bounds(&self, sheet: &mut [f64]) {
        if let Product::Variance(..) = self {
            sheet.iter_mut().filter(|value| **value < 0.0).for_each(|value| *value = 0.0);
        }
    }
}

/// The fields of a run's output, on the levels of the model or on pressure levels.
pub struct Fields {
    pub columns: Columns,
    /// The way of the columns to the ranks that get whole levels.
    pub whole_levels: RefCell<Levels>,
    components: Vec<Component>,
    /// What the records hold.
    pub products: Vec<Product>,
    /// What only means over time hold.
    pub of_means: Vec<Product>,
    /// Pressure, where there are pressure levels, and the logarithms of these.
    pressure: Option<(Diagnostic, Vec<f64>)>,
    heights: Heights,
}

/// Heights of cell centres in m.
struct Heights {
    /// Without terrain.
    flat: Vec<f64>,
    /// The mesh, if it has terrain: heights differ from column to column.
    over_terrain: Option<Mesh>,
}

impl Heights {
    fn levels(&self) -> usize {
        self.flat.len()
    }

    /// Those of a level of a row of a local tile.
    fn row(&self, tile: usize, k: usize, j: usize, out: &mut [f64]) {
        let Some((mesh, terrain)) =
            self.over_terrain.as_ref().and_then(|mesh| Some((mesh, mesh.terrain.as_ref()?)))
        else {
            return out.fill(self.flat[k]);
        };
        let tile = &mesh.local_tiles()[tile];
        let row = mesh.row(tile.panel, tile.j0 + j);
        for (i, out) in out.iter_mut().enumerate() {
            let interface = |k: usize| terrain.interface(tile.i0 + i, row, k);
            *out = 0.5 * (interface(k) + interface(k + 1));
        }
    }
}

impl Fields {
    pub fn new(configuration: &Configuration, latlon: &LatLon, mesh: &Mesh, world: &World) -> Self {
        let Dynamics { setting, tracers, .. } = &configuration.dynamics;
        let find = |name: &str| diagnostics::find(name, *setting, tracers);
        let pressure = find("pressure").filter(|_| !latlon.pressures.is_empty());
        let logarithms = latlon.pressures.iter().map(|&pressure| math::log(pressure)).collect();
        let mut fields = Fields {
            columns: Columns::new(mesh),
            whole_levels: RefCell::new(Levels::new(mesh, world)),
            components: Vec::new(),
            products: Vec::new(),
            of_means: Vec::new(),
            pressure: pressure.map(|diagnostic| (diagnostic, logarithms)),
            heights: Heights {
                flat: mesh.vertical.centres.clone(),
                over_terrain: mesh.terrain.is_some().then(|| mesh.clone()),
            },
        };
        let names = &configuration.output.variables;
        for name in names {
            let wind = ["u", "v"].map(|name| find(name).filter(|_| names.iter().any(|other| other == name)));
            match name.as_str() {
                "u" => fields.add_wind(wind, [find("u"), find("v")]),
                "v" if wind[0].is_none() => fields.add_wind(wind, [find("u"), find("v")]),
                "v" => {}
                _ => {
                    let product = find(name).map(|found| fields.scalar(found));
                    fields.products.extend(product);
                }
            }
        }
        if fields.pressure.is_some() {
            let (name, long_name) = ("geopotential_height", "height of the pressure level");
            let variable = Variable::new(name, "m", long_name, Some(name), Location::Centre);
            let number = fields.add(Source::Height, Location::Centre);
            fields.products.push(Product::Scalar(variable, number));
        }
        if latlon.means.is_some() && *setting != Setting::ShallowWater {
            fields.add_variance(find("temperature"));
        }
        fields
    }

    fn add(&mut self, source: Source, location: Location) -> usize {
        self.components.push(Component { source, location });
        self.components.len() - 1
    }

    fn add_diagnostic(&mut self, diagnostic: Diagnostic) -> usize {
        let location = diagnostic.variable.location;
        self.add(Source::Diagnostic(Box::new(diagnostic)), location)
    }

    fn scalar(&mut self, diagnostic: Diagnostic) -> Product {
        Product::Scalar(diagnostic.variable.clone(), self.add_diagnostic(diagnostic))
    }

    fn add_wind(&mut self, written: [Option<Diagnostic>; 2], both: [Option<Diagnostic>; 2]) {
        let [Some(u), Some(v)] = both else { return };
        let numbers = [self.add_diagnostic(u), self.add_diagnostic(v)];
        self.products.push(Product::Wind(written.map(|found| found.map(|found| found.variable)), numbers));
    }

    /// The variance of the temperature, if that is written.
    fn add_variance(&mut self, temperature: Option<Diagnostic>) {
        let mean = self.products.iter().find_map(|product| match product {
            Product::Scalar(variable, number) if variable.name == "temperature" => Some(*number),
            _ => None,
        });
        if let (Some(mean), Some(temperature)) = (mean, temperature) {
            let location = temperature.variable.location;
            let square = self.add(Source::Square(Box::new(temperature)), location);
            let long_name = "variance of temperature over time";
            let variable = Variable::new("temperature_variance", "K2", long_name, None, location);
            self.of_means.push(Product::Variance(variable, [mean, square]));
        }
    }

    /// Number of fields; those of the records come first.
    pub fn count(&self) -> usize {
        self.components.len()
    }

    /// Levels of the `number`-th field.
    pub fn levels(&self, number: usize) -> usize {
        self.levels_of(self.components[number].location)
    }

    /// Levels of the output at a place on the grid.
    pub fn levels_of(&self, location: Location) -> usize {
        match (&self.pressure, location) {
            (Some((_, targets)), Location::Centre | Location::Interface) => targets.len(),
            _ => location.levels(self.heights.levels()),
        }
    }

    /// Whether values at a place can be missing: above the highest and below the lowest level.
    pub fn may_miss(&self, location: Location) -> bool {
        self.pressure.is_some() && location != Location::Surface
    }

    /// The logarithm of the pressure, where there are pressure levels: compute it once for all fields.
    pub fn log_pressure(&self, row: Row<'_>) -> Vec<f64> {
        let Some((diagnostic, _)) = &self.pressure else { return Vec::new() };
        self.columns.field(self.heights.levels(), |tile, k, j, out| {
            row(diagnostic, tile, k, j, out);
            out.iter_mut().for_each(|value| *value = math::log(*value));
        })
    }

    /// The `number`-th field on the levels of the output.
    pub fn evaluate(&self, number: usize, log_pressure: &[f64], row: Row<'_>) -> Vec<f64> {
        let Component { source, location } = &self.components[number];
        let heights = &self.heights;
        let levels = location.levels(heights.levels());
        let mut values = self.columns.field(levels, |tile, k, j, out| match source {
            Source::Diagnostic(diagnostic) | Source::Square(diagnostic) => row(diagnostic, tile, k, j, out),
            Source::Height => heights.row(tile, k, j, out),
        });
        if let Some((_, targets)) = self.pressure.as_ref().filter(|_| *location != Location::Surface) {
            let columns = self.columns.count();
            if *location == Location::Interface {
                values = pressure::centred(&values, columns);
            }
            values = pressure::interpolate(log_pressure, &values, columns, targets);
        }
        if let Source::Square(_) = source {
            values.iter_mut().for_each(|value| *value *= *value);
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variance_is_never_negative() {
        let variable = Variable::new("variance", "K2", "", None, Location::Centre);
        let product = Product::Variance(variable, [0, 1]);
        assert_eq!(product.at_columns(|number| vec![[3.0, 10.0][number]]), [[1.0]]);
        let mut sheet = [1.0, -1e-9, f64::NAN];
        product.keep_in_bounds(&mut sheet);
        assert!(sheet[..2] == [1.0, 0.0] && sheet[2].is_nan());
    }
}
