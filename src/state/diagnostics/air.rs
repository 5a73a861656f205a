//! Diagnostics of the atmosphere.

use super::{Context, Diagnostic, LocalBase, diagnostic, moist, momentum};
use crate::config::Setting;
use crate::dynamics::TileReference;
use crate::math;
use crate::mesh::VerticalGrid;
use crate::monitor::chlorine;
use crate::real::Real;
use crate::state::{Location, TileState, water};
use crate::turbulence::ENERGY;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Velocity along x, or eastward.
    VelocityX,
    /// Velocity along y, or northward.
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
    SurfacePressure,
    Tracer(usize),
    /// Of the two tracers from here on.
    Chlorine(usize),
    Moist(moist::Quantity),
}

/// The diagnostics of a run with the given tracers.
pub fn all(setting: Setting, tracers: &[String]) -> Vec<Diagnostic> {
    use Location::{Centre, Interface, Surface};
    use Quantity::*;
    let fixed = |name: &str, unit, long_name: &str, standard_name, location, quantity| {
        diagnostic(name, unit, long_name, standard_name, location, super::Quantity::Air(quantity))
    };
    let [u, v] = match setting {
        Setting::Plane => [("velocity along x", "x_wind"), ("velocity along y", "y_wind")],
        _ => [("eastward velocity", "eastward_wind"), ("northward velocity", "northward_wind")],
    };
    let mut table = vec![
        fixed("u", "m s-1", u.0, Some(u.1), Centre, VelocityX),
        fixed("v", "m s-1", v.0, Some(v.1), Centre, VelocityY),
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
        fixed(
            "surface_pressure",
            "Pa",
            "pressure at the ground",
            Some("surface_air_pressure"),
            Surface,
            SurfacePressure,
        ),
    ];
    let waters = water::count(tracers);
    table.extend(moist::all(&tracers[..waters]));
    table.extend(tracers.iter().enumerate().skip(waters).map(|(index, name)| {
        if name == ENERGY {
            let long_name = "energy of the eddies below the grid";
            return fixed(name, "m2 s-2", long_name, None, Centre, Tracer(index));
        }
        let long_name = format!("mixing ratio of tracer {name}");
        fixed(name, "kg kg-1", &long_name, None, Centre, Tracer(index))
    }));
    table.extend(
        chlorine::place(tracers)
            .map(|first| fixed("cly", "kg kg-1", "chlorine Cl + 2 Cl2", None, Centre, Chlorine(first))),
    );
    table
}

/// Computes the values of row `j` and level `k`.
pub fn row<T: Real>(
    quantity: Quantity,
    context: &Context<'_>,
    state: &TileState<T>,
    j: usize,
    k: usize,
    out: &mut [f64],
) {
    match quantity {
        Quantity::VelocityZ => return vertical_velocity(context, state, j, k, out),
        Quantity::Moist(quantity) => return moist::row(quantity, context, state, j, k, out),
        _ => {}
    }
    let constants = &context.reference.constants;
    let (gamma, gas) = (constants.gamma(), constants.gas_constant);
    let base = |i: usize| context.base(i, j, k);
    let rho_deviation = |i: usize| state.density.cells(j, k)[i].to_f64();
    let heat_deviation = |i: usize| state.heat.cells(j, k)[i].to_f64();
    let density = |i: usize| base(i).density + rho_deviation(i);
    let theta_rho_perturbation =
        |i: usize| (heat_deviation(i) - base(i).potential_temperature * rho_deviation(i)) / density(i);
    let pressure_perturbation = |i: usize| {
        let LocalBase { heat, pressure, .. } = base(i);
        pressure * math::expm1(gamma * math::log1p(heat_deviation(i) / heat))
    };
    // In moist air theta and the temperature are those of the air, not of its density.
    let is_moist = state.waters > 0;
    let factor = |i: usize| water::in_cell(state, density(i), [i, j, k]).gas_factor(constants);
    let theta_perturbation = |i: usize| match is_moist {
        true => {
            let LocalBase { potential_temperature, gas_factor, .. } = base(i);
            (potential_temperature + theta_rho_perturbation(i)) / factor(i)
                - potential_temperature / gas_factor
        }
        false => theta_rho_perturbation(i),
    };
    let temperature_perturbation = |i: usize| {
        if is_moist {
            let temperature = (base(i).pressure + pressure_perturbation(i)) / (gas * density(i) * factor(i));
            return temperature - base(i).temperature(gas);
        }
        // T - T0 = (p' - R T0 rho') / (R rho): exact, and small where the deviations are.
        let LocalBase { pressure, density: density0, .. } = base(i);
        let t0 = pressure / (gas * density0);
        (pressure_perturbation(i) - gas * t0 * rho_deviation(i)) / (gas * density(i))
    };
    let surface_pressure = |i: usize| {
        // From the lowest centre, hydrostatic and as light as there: p exp(g h/(R T)), with R T = p/rho.
        let (pressure, height) =
            (base(i).pressure + pressure_perturbation(i), 0.5 * context.thickness([i, j, 0]));
        pressure * math::exp(constants.gravity * height * density(i) / pressure)
    };
    let value: &dyn Fn(usize) -> f64 = match quantity {
        Quantity::VelocityX => &|i| momentum(context, state, i, j, k)[0] / density(i),
        Quantity::VelocityY => &|i| momentum(context, state, i, j, k)[1] / density(i),
        Quantity::VelocityZ | Quantity::Moist(_) => unreachable!("handled above"),
        Quantity::PotentialTemperature => {
            &|i| base(i).potential_temperature / base(i).gas_factor + theta_perturbation(i)
        }
        Quantity::PotentialTemperaturePerturbation => &theta_perturbation,
        Quantity::Temperature => &|i| base(i).temperature(gas) + temperature_perturbation(i),
        Quantity::TemperaturePerturbation => &temperature_perturbation,
        Quantity::Pressure => &|i| base(i).pressure + pressure_perturbation(i),
        Quantity::PressurePerturbation => &pressure_perturbation,
        Quantity::Density => &density,
        Quantity::DensityPerturbation => &rho_deviation,
        Quantity::SurfacePressure => &surface_pressure,
        Quantity::Tracer(ref index) => &|i| state.tracers[*index].cells(j, k)[i].to_f64() / density(i),
        Quantity::Chlorine(ref first) => &|i| {
            let [cl, cl2] = [0, 1].map(|n| state.tracers[*first + n].cells(j, k)[i].to_f64());
            (cl + 2.0 * cl2) / density(i)
        },
    };
    for (i, out) in out.iter_mut().enumerate() {
        *out = value(i);
    }
}

/// w = W / rho at interface `k`, with the mass-weighted density of the half cells around it.
fn vertical_velocity<T: Real>(
    context: &Context<'_>,
    state: &TileState<T>,
    j: usize,
    k: usize,
    out: &mut [f64],
) {
    let Context { vertical, .. } = context;
    if k == vertical.nz() || (k == 0 && context.terrain.is_none()) {
        out.fill(0.0);
        return;
    }
    if let (0, Some(terrain)) = (k, context.terrain) {
        out.iter_mut().enumerate().for_each(|(i, out)| *out = at_the_ground(context, terrain, state, i, j));
        return;
    }
    for (i, out) in out.iter_mut().enumerate() {
        let [above, below] = context.weights(i, j, k);
        let density = above * (context.base(i, j, k).density + state.density.cells(j, k)[i].to_f64())
            + below * (context.base(i, j, k - 1).density + state.density.cells(j, k - 1)[i].to_f64());
        *out = state.momentum_z.cells(j, k)[i].to_f64() / density;
    }
}

/// w of the air that flows along the ground: the velocity of the lowest two cells extrapolated to it, times the
/// slopes.
pub fn at_the_ground<T: Real>(
    context: &Context<'_>,
    terrain: &TileReference,
    state: &TileState<T>,
    i: usize,
    j: usize,
) -> f64 {
    let velocity = |k: usize| {
        let density = context.base(i, j, k).density + state.density.cells(j, k)[i].to_f64();
        momentum(context, state, i, j, k).map(|momentum| momentum / density)
    };
    let (lowest, second) = (velocity(0), velocity(1));
    let share = 0.5 * context.vertical.thickness[0] / context.vertical.spacing[1];
    let slopes = terrain.ground_slopes(i, j);
    (0..2).map(|axis| slopes[axis] * (lowest[axis] + share * (lowest[axis] - second[axis]))).sum()
}

/// The mass-weighted density of the half cells around interface `k`.
pub fn interface_density(vertical: &VerticalGrid, k: usize, of_cell: impl Fn(usize) -> f64) -> f64 {
    vertical.weight_above[k] * of_cell(k) + vertical.weight_below[k] * of_cell(k - 1)
}
