//! What can be written: velocities, temperatures and pressures computed from the prognostic fields.

use super::{Location, TileState, Variable};
use crate::dynamics::Reference;
use crate::math;
use crate::mesh::{Mesh, VerticalGrid};
use crate::real::Real;
use crate::state::State;

/// Which quantity a diagnostic computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    VelocityX,
    VelocityY,
    VelocityZ,
    PotentialTemperature,
    PotentialTemperaturePerturbation,
    Temperature,
    TemperaturePerturbation,
    Pressure,
    PressurePerturbation,
    Density,
    DensityPerturbation,
    Tracer(usize),
}

/// A variable that can be written.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub variable: Variable,
    quantity: Quantity,
}

/// All diagnostics of a run with the given tracers: the fixed ones, then one for each tracer under its
/// own name.
pub fn all(tracers: &[String]) -> Vec<Diagnostic> {
    use Location::{Centre, Interface};
    use Quantity::*;
    fn fixed(
        name: &str,
        unit: &'static str,
        long_name: &str,
        standard_name: Option<&'static str>,
        location: Location,
        quantity: Quantity,
    ) -> Diagnostic {
        Diagnostic { variable: Variable::new(name, unit, long_name, standard_name, location), quantity }
    }
    let mut table = vec![
        fixed("u", "m s-1", "velocity along x", Some("x_wind"), Centre, VelocityX),
        fixed("v", "m s-1", "velocity along y", Some("y_wind"), Centre, VelocityY),
        fixed("w", "m s-1", "upward velocity", Some("upward_air_velocity"), Interface, VelocityZ),
        fixed(
            "theta",
            "K",
            "potential temperature",
            Some("air_potential_temperature"),
            Centre,
            PotentialTemperature,
        ),
        fixed(
            "theta_perturbation",
            "K",
            "potential temperature minus reference",
            None,
            Centre,
            PotentialTemperaturePerturbation,
        ),
        fixed("temperature", "K", "temperature", Some("air_temperature"), Centre, Temperature),
        fixed(
            "temperature_perturbation",
            "K",
            "temperature minus reference",
            None,
            Centre,
            TemperaturePerturbation,
        ),
        fixed("pressure", "Pa", "pressure", Some("air_pressure"), Centre, Pressure),
        fixed("pressure_perturbation", "Pa", "pressure minus reference", None, Centre, PressurePerturbation),
        fixed("density", "kg m-3", "density", Some("air_density"), Centre, Density),
        fixed("density_perturbation", "kg m-3", "density minus reference", None, Centre, DensityPerturbation),
    ];
    table.extend(tracers.iter().enumerate().map(|(index, name)| {
        let long_name = format!("mixing ratio of tracer {name}");
        fixed(name, "kg kg-1", &long_name, None, Centre, Tracer(index))
    }));
    table
}

/// The diagnostic of that name, if there is one.
pub fn find(name: &str, tracers: &[String]) -> Option<Diagnostic> {
    all(tracers).into_iter().find(|diagnostic| diagnostic.variable.name == name)
}

impl Diagnostic {
    /// Computes the `ni` values of row `j` and level `k` in double precision.
    pub fn row<T: Real>(
        &self,
        reference: &Reference,
        vertical: &VerticalGrid,
        state: &TileState<T>,
        j: usize,
        k: usize,
        out: &mut [f64],
    ) {
        if self.quantity == Quantity::VelocityZ {
            vertical_velocity(reference, vertical, state, j, k, out);
            return;
        }
        let (rho0, theta0, heat0, p0) = (
            reference.density[k],
            reference.potential_temperature[k],
            reference.heat[k],
            reference.pressure[k],
        );
        let constants = &reference.constants;
        let (gamma, gas) = (constants.gamma(), constants.gas_constant);
        let rho_deviation = |i: usize| state.density.cells(j, k)[i].to_f64();
        let heat_deviation = |i: usize| state.heat.cells(j, k)[i].to_f64();
        let density = |i: usize| rho0 + rho_deviation(i);
        let theta_perturbation = |i: usize| (heat_deviation(i) - theta0 * rho_deviation(i)) / density(i);
        let pressure_perturbation =
            |i: usize| p0 * math::expm1(gamma * math::log1p(heat_deviation(i) / heat0));
        let temperature_perturbation = |i: usize| {
            // T - T0 = (p' - R T0 rho') / (R rho): exact, and small where the deviations are.
            let t0 = p0 / (gas * rho0);
            (pressure_perturbation(i) - gas * t0 * rho_deviation(i)) / (gas * density(i))
        };
        let value: &dyn Fn(usize) -> f64 = match self.quantity {
            Quantity::VelocityX => &|i| state.momentum_x.cells(j, k)[i].to_f64() / density(i),
            Quantity::VelocityY => &|i| state.momentum_y.cells(j, k)[i].to_f64() / density(i),
            Quantity::VelocityZ => unreachable!("handled above"),
            Quantity::PotentialTemperature => &|i| theta0 + theta_perturbation(i),
            Quantity::PotentialTemperaturePerturbation => &theta_perturbation,
            Quantity::Temperature => &|i| p0 / (gas * rho0) + temperature_perturbation(i),
            Quantity::TemperaturePerturbation => &temperature_perturbation,
            Quantity::Pressure => &|i| p0 + pressure_perturbation(i),
            Quantity::PressurePerturbation => &pressure_perturbation,
            Quantity::Density => &density,
            Quantity::DensityPerturbation => &rho_deviation,
            Quantity::Tracer(ref index) => &|i| state.tracers[*index].cells(j, k)[i].to_f64() / density(i),
        };
        for (i, out) in out.iter_mut().enumerate() {
            *out = value(i);
        }
    }

    /// The whole field of a run on one rank, in the order (z, y, x); on the sphere the panels lie one behind
    /// the other along y.
    pub fn gather<T: Real>(
        &self,
        mesh: &Mesh,
        reference: &Reference,
        state: &State<T>,
    ) -> ndarray::Array3<f64> {
        let levels = self.variable.location.levels(mesh.vertical.nz());
        let [nx, ny] = mesh.geometry.extent();
        let mut all = ndarray::Array3::zeros((levels, mesh.geometry.panels() * ny, nx));
        for (tile, fields) in mesh.local_tiles().iter().zip(&state.tiles) {
            let mut row = vec![0.0; tile.ni];
            for k in 0..levels {
                for j in 0..tile.nj {
                    self.row(reference, &mesh.vertical, fields, j, k, &mut row);
                    for (i, value) in row.iter().enumerate() {
                        all[[k, tile.panel * ny + tile.j0 + j, tile.i0 + i]] = *value;
                    }
                }
            }
        }
        all
    }
}

/// w = W / rho at interface `k`, with the mass-weighted density of the half cells around it.
fn vertical_velocity<T: Real>(
    reference: &Reference,
    vertical: &VerticalGrid,
    state: &TileState<T>,
    j: usize,
    k: usize,
    out: &mut [f64],
) {
    if k == 0 || k == vertical.nz() {
        out.fill(0.0);
        return;
    }
    let (above, below) = (vertical.weight_above[k], vertical.weight_below[k]);
    for (i, out) in out.iter_mut().enumerate() {
        let density = above * (reference.density[k] + state.density.cells(j, k)[i].to_f64())
            + below * (reference.density[k - 1] + state.density.cells(j, k - 1)[i].to_f64());
        *out = state.momentum_z.cells(j, k)[i].to_f64() / density;
    }
}
