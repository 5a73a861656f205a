//! What can be written: velocities, temperatures and pressures computed from the prognostic fields.
//!
//! Values are quotients of cell averages, good to second order.

mod air;
mod flow;
mod layer;
mod moist;
mod parcel;

use super::{Location, TileState, Variable};
use crate::config::Setting;
use crate::dynamics::shallow_water::diagnosis::LayerFields;
use crate::dynamics::{Reference, TileReference};
use crate::mesh::{Compass, Mesh, VerticalGrid};
use crate::model::Model;
use crate::real::Real;
use crate::state::State;

/// Which quantity a diagnostic computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Air(air::Quantity),
    Flow(flow::Quantity),
    Layer(layer::Quantity),
}

/// A variable that can be written.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub variable: Variable,
    quantity: Quantity,
}

/// What diagnostics of a tile need besides its state.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub reference: &'a Reference,
    pub vertical: &'a VerticalGrid,
    /// The reference state of the tile, over terrain.
    pub terrain: Option<&'a TileReference>,
    /// Where east and north are, on the sphere.
    pub compass: Option<&'a Compass>,
    /// What was diagnosed of a layer of shallow water.
    pub layer: Option<&'a LayerFields>,
    /// 1/dx and 1/dy in 1/m, on the plane.
    pub inverse_spacing: [f64; 2],
}

/// The reference state in one cell.
#[derive(Clone, Copy, Debug)]
struct LocalBase {
    density: f64,
    potential_temperature: f64,
    /// Density times potential temperature.
    heat: f64,
    pressure: f64,
    /// Density potential temperature over potential temperature.
    gas_factor: f64,
}

impl LocalBase {
    /// Temperature in K, for a gas constant.
    fn temperature(&self, gas_constant: f64) -> f64 {
        self.pressure / (gas_constant * self.density * self.gas_factor)
    }
}

impl Context<'_> {
    /// The reference state in the cell (i, j, k).
    #[inline]
    fn base(&self, i: usize, j: usize, k: usize) -> LocalBase {
        match self.terrain {
            Some(tile) => LocalBase {
                density: tile.density.cells(j, k)[i],
                potential_temperature: tile.potential_temperature.cells(j, k)[i],
                heat: tile.heat.cells(j, k)[i],
                pressure: tile.pressure.cells(j, k)[i],
                gas_factor: tile.gas_factor.cells(j, k)[i],
            },
            None => LocalBase {
                density: self.reference.density[k],
                potential_temperature: self.reference.potential_temperature[k],
                heat: self.reference.heat[k],
                pressure: self.reference.pressure[k],
                gas_factor: self.reference.gas_factor[k],
            },
        }
    }

    /// Shares of the cells above and below in the mass around interface `k` inside.
    fn weights(&self, i: usize, j: usize, k: usize) -> [f64; 2] {
        match self.terrain {
            Some(tile) => {
                let above = tile.weight_above(i as isize, j as isize, k);
                [above, 1.0 - above]
            }
            None => [self.vertical.weight_above[k], self.vertical.weight_below[k]],
        }
    }

    /// Density of the reference state in the cell (i, j, k) in kg/m3.
    pub fn density(&self, [i, j, k]: [usize; 3]) -> f64 {
        self.base(i, j, k).density
    }

    /// Thickness of that cell in m.
    pub fn thickness(&self, [i, j, k]: [usize; 3]) -> f64 {
        self.terrain.map_or(self.vertical.thickness[k], |tile| tile.thickness(i as isize, j as isize, k))
    }

    /// Height of its centre in m.
    fn height(&self, [i, j, k]: [usize; 3]) -> f64 {
        self.terrain.map_or(self.vertical.centres[k], |tile| tile.centre(i as isize, j as isize, k))
    }
}

impl<'a> Context<'a> {
    /// That of a local tile; `compasses` are those of [`Compass::of_tiles`].
    pub fn of_tile(mesh: &'a Mesh, reference: &'a Reference, compasses: &'a [Compass], tile: usize) -> Self {
        let inverse_spacing = mesh.plane().map_or([0.0; 2], |plane| [1.0 / plane.dx, 1.0 / plane.dy]);
        Context {
            reference,
            vertical: &mesh.vertical,
            terrain: reference.tiles.get(tile),
            compass: compasses.get(tile),
            layer: None,
            inverse_spacing,
        }
    }

    /// The same with what was diagnosed of a layer of shallow water.
    pub fn with_layer(self, layer: Option<&'a LayerFields>) -> Self {
        Context { layer, ..self }
    }
}

/// All diagnostics of a run with the given tracers: the fixed ones, and one for each tracer under its
/// own name.
pub fn all(setting: Setting, tracers: &[String]) -> Vec<Diagnostic> {
    match setting {
        Setting::Plane => [flow::all(), air::all(setting, tracers)].concat(),
        Setting::Sphere => air::all(setting, tracers),
        Setting::ShallowWater => layer::all(tracers),
    }
}

/// The diagnostic of that name, if there is one.
pub fn find(name: &str, setting: Setting, tracers: &[String]) -> Option<Diagnostic> {
    all(setting, tracers).into_iter().find(|diagnostic| diagnostic.variable.name == name)
}

/// Names of what is written where a configuration does not say.
pub fn usual(setting: Setting) -> &'static [&'static str] {
    match setting {
        Setting::Plane | Setting::Sphere => &["u", "v", "w", "theta_perturbation", "pressure_perturbation"],
        Setting::ShallowWater => &["depth", "u", "v"],
    }
}

impl Diagnostic {
    /// Computes the `ni` values of row `j` and level `k` in double precision. What `model.diagnose` brings up to
    /// date must be that of `state`.
    pub fn row<T: Real>(
        &self,
        context: &Context<'_>,
        state: &TileState<T>,
        j: usize,
        k: usize,
        out: &mut [f64],
    ) {
        match self.quantity {
            Quantity::Air(quantity) => air::row(quantity, context, state, j, k, out),
            Quantity::Flow(quantity) => flow::row(quantity, context, state, j, k, out),
            Quantity::Layer(quantity) => layer::row(quantity, context, state, j, out),
        }
    }

    /// The whole field of a run on one rank, in the order (z, y, x); on the sphere the panels lie one behind
    /// the other along y. What `model` knows of a layer must be that of `state`.
    pub fn gather<T: Real>(&self, mesh: &Mesh, model: &Model<T>, state: &State<T>) -> ndarray::Array3<f64> {
        let levels = self.variable.location.levels(mesh.vertical.nz());
        let [nx, ny] = mesh.geometry.extent();
        let compasses = Compass::of_tiles(mesh);
        let mut all = ndarray::Array3::zeros((levels, mesh.geometry.panels() * ny, nx));
        for (index, (tile, fields)) in mesh.local_tiles().iter().zip(&state.tiles).enumerate() {
            let context = Context::of_tile(mesh, &model.reference, &compasses, index)
                .with_layer(model.layer_fields().get(index));
            let mut row = vec![0.0; tile.ni];
            for k in 0..levels {
                for j in 0..tile.nj {
                    self.row(&context, fields, j, k, &mut row);
                    for (i, value) in row.iter().enumerate() {
                        all[[k, tile.panel * ny + tile.j0 + j, tile.i0 + i]] = *value;
                    }
                }
            }
        }
        all
    }
}

/// A line of the tables.
fn diagnostic(
    name: &str,
    unit: &'static str,
    long_name: &str,
    standard_name: Option<&'static str>,
    location: Location,
    quantity: Quantity,
) -> Diagnostic {
    Diagnostic { variable: Variable::new(name, unit, long_name, standard_name, location), quantity }
}

/// The component of the momentum in the cell (i, j, k) along x and y, on the sphere towards east and north.
#[inline]
fn momentum<T: Real>(context: &Context<'_>, state: &TileState<T>, i: usize, j: usize, k: usize) -> [f64; 2] {
    let [x, y] = [&state.momentum_x, &state.momentum_y].map(|field| field.cells(j, k)[i].to_f64());
    match (context.compass, &state.momentum_n) {
        (Some(compass), Some(normal)) => compass.east_north(i, j, [x, y, normal.cells(j, k)[i].to_f64()]),
        _ => [x, y],
    }
}
