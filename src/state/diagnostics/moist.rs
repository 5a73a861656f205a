//! Diagnostics of moist air. Mixing ratios are those to dry air.

use super::parcel::{Level, Parcel};
use super::{Context, Diagnostic, LocalBase, diagnostic};
use crate::math;
use crate::physics::simple_ice;
use crate::real::Real;
use crate::state::variables::accumulated_rain;
use crate::state::{Location, TileState, water};
use crate::thermodynamics::{
    VAPOUR_GAS_CONSTANT, Water, equivalent_potential_temperature, saturation_pressure,
};
use std::f64::consts::LN_10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Of one of the waters to dry air.
    MixingRatio(usize),
    /// Of the cloud's ice to dry air.
    CloudIce,
    /// Of the part of what falls that is rain, snow or graupel to dry air.
    Falling(usize),
    DensityPotentialTemperature,
    EquivalentPotentialTemperature,
    RelativeHumidity,
    /// Of what falls.
    Reflectivity {
        has_ice: bool,
    },
    ColumnReflectivity {
        has_ice: bool,
    },
    WaterPath,
    AccumulatedRain,
    AvailableEnergy,
    Inhibition,
    MostAvailableEnergy,
    InhibitionOfMost,
}

/// The reflectivity of air without rain in dBZ, and that below which none is told apart.
const LEAST_REFLECTIVITY: f64 = -30.0;

/// The diagnostics of a run with these waters.
pub fn all(waters: &[String]) -> Vec<Diagnostic> {
    use Location::{Centre, Surface};
    use Quantity::*;
    if waters.is_empty() {
        return Vec::new();
    }
    let fixed = |name: &str, unit, long_name: &str, standard_name, location, quantity| {
        let quantity = super::Quantity::Air(super::air::Quantity::Moist(quantity));
        diagnostic(name, unit, long_name, standard_name, location, quantity)
    };
    let mut table = Vec::new();
    let has_ice = water::has_ice(waters);
    let cloud = if has_ice { None } else { Some("cloud_liquid_water_mixing_ratio") };
    let standard_names = [Some("humidity_mixing_ratio"), cloud, None];
    for (n, name) in waters.iter().enumerate() {
        let long_name = format!("mixing ratio of {name} to dry air");
        table.push(fixed(name, "kg kg-1", &long_name, standard_names[n], Centre, MixingRatio(n)));
    }
    let density = "density potential temperature";
    table.push(fixed("theta_rho", "K", density, None, Centre, DensityPotentialTemperature));
    let equivalent = "equivalent potential temperature of air that keeps its drops";
    table.push(fixed("theta_e", "K", equivalent, None, Centre, EquivalentPotentialTemperature));
    let humidity = "relative humidity over water";
    table.push(fixed(
        "relative_humidity",
        "1",
        humidity,
        Some("relative_humidity"),
        Centre,
        RelativeHumidity,
    ));
    let path = "mass of all water over an area";
    table.push(fixed("water_path", "kg m-2", path, None, Surface, WaterPath));
    let energy = "available potential energy of the air at the ground";
    table.push(fixed("cape", "J kg-1", energy, None, Surface, AvailableEnergy));
    let inhibition = "energy that the air at the ground needs to rise freely";
    table.push(fixed("cin", "J kg-1", inhibition, None, Surface, Inhibition));
    let energy = "available potential energy of the most unstable air within 300 hPa of the ground";
    table.push(fixed("most_unstable_cape", "J kg-1", energy, None, Surface, MostAvailableEnergy));
    let inhibition = "energy that the most unstable air needs to rise freely";
    table.push(fixed("most_unstable_cin", "J kg-1", inhibition, None, Surface, InhibitionOfMost));
    if has_ice {
        let ice = "mixing ratio of cloud ice to dry air";
        let standard_name = Some("cloud_ice_mixing_ratio");
        table.push(fixed("cloud_ice", "kg kg-1", ice, standard_name, Centre, CloudIce));
        for (n, name) in ["rain", "snow", "graupel"].into_iter().enumerate() {
            let long_name = format!("mixing ratio of {name} to dry air");
            table.push(fixed(name, "kg kg-1", &long_name, None, Centre, Falling(n)));
        }
    }
    if waters.len() > water::RAIN {
        let reflectivity = if has_ice {
            "radar reflectivity of rain, snow and graupel"
        } else {
            "radar reflectivity of rain"
        };
        table.push(fixed("reflectivity", "dBZ", reflectivity, None, Centre, Reflectivity { has_ice }));
        let largest = "largest radar reflectivity of the column";
        let in_column = ColumnReflectivity { has_ice };
        table.push(fixed("column_reflectivity", "dBZ", largest, None, Surface, in_column));
        let quantity = super::Quantity::Air(super::air::Quantity::Moist(AccumulatedRain));
        table.push(Diagnostic { variable: accumulated_rain(), quantity });
    }
    table
}

/// Air in one cell.
struct Moist {
    density: f64,
    theta_rho: f64,
    pressure: f64,
    temperature: f64,
    water: Water,
}

/// The air in cell (i, j, k).
fn in_cell<T: Real>(context: &Context<'_>, state: &TileState<T>, [i, j, k]: [usize; 3]) -> Moist {
    let LocalBase { density, heat: heat0, pressure, .. } = context.base(i, j, k);
    let constants = &context.reference.constants;
    let density = density + state.density.cells(j, k)[i].to_f64();
    let heat = state.heat.cells(j, k)[i].to_f64();
    let growth = math::exp(constants.gamma() * math::log1p(heat / heat0));
    let pressure = pressure * growth;
    let water = water::in_cell(state, density, [i, j, k]);
    let gas = constants.gas_constant * water.gas_factor(constants);
    Moist {
        density,
        theta_rho: (heat0 + heat) / density,
        pressure,
        temperature: pressure / (density * gas),
        water,
    }
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
    let constants = &context.reference.constants;
    let levels = state.density.layout().levels;
    for (i, out) in out.iter_mut().enumerate() {
        let air = |k: usize| in_cell(context, state, [i, j, k]);
        *out = match quantity {
            Quantity::MixingRatio(n) => {
                let Water { vapour, cloud, rain } = air(k).water;
                [vapour, cloud, rain][n] / air(k).water.dry()
            }
            Quantity::DensityPotentialTemperature => air(k).theta_rho,
            Quantity::EquivalentPotentialTemperature => {
                let Moist { temperature, pressure, water, .. } = air(k);
                equivalent_potential_temperature(constants, temperature, pressure, &water)
            }
            Quantity::RelativeHumidity => {
                let Moist { density, temperature, water, .. } = air(k);
                let pressure = density * water.vapour * VAPOUR_GAS_CONSTANT * temperature;
                pressure / saturation_pressure(temperature)
            }
            Quantity::CloudIce => {
                let Moist { temperature, water, .. } = air(k);
                simple_ice::frozen_cloud(temperature) * water.cloud / water.dry()
            }
            Quantity::Falling(n) => {
                let Moist { temperature, water, .. } = air(k);
                simple_ice::falling_parts(temperature)[n] * water.rain / water.dry()
            }
            Quantity::Reflectivity { has_ice } => reflectivity(&air(k), has_ice),
            Quantity::ColumnReflectivity { has_ice } => {
                (0..levels).map(|k| reflectivity(&air(k), has_ice)).fold(LEAST_REFLECTIVITY, f64::max)
            }
            Quantity::WaterPath => {
                let mass = |k: usize| (1.0 - air(k).water.dry()) * air(k).density;
                (0..levels).map(|k| mass(k) * context.thickness([i, j, k])).sum()
            }
            Quantity::AccumulatedRain => {
                state.fallen_rain.as_ref().map_or(0.0, |fallen| fallen.cells(j, 0)[i].to_f64())
            }
            Quantity::AvailableEnergy => lifted(context, state, [i, j]).available_energy,
            Quantity::Inhibition => lifted(context, state, [i, j]).inhibition,
            Quantity::MostAvailableEnergy => most_unstable(context, state, [i, j]).available_energy,
            Quantity::InhibitionOfMost => most_unstable(context, state, [i, j]).inhibition,
        };
    }
}

/// The reflectivity of what falls in dBZ, at least [`LEAST_REFLECTIVITY`].
fn reflectivity(air: &Moist, has_ice: bool) -> f64 {
    let content = air.density * air.water.rain;
    if content <= 0.0 {
        return LEAST_REFLECTIVITY;
    }
    let decibels = match has_ice {
        true => 10.0 / LN_10 * math::log(simple_ice::reflectivity_factor(air.temperature, content)),
        false => of_rain(content),
    };
    decibels.max(LEAST_REFLECTIVITY)
}

/// The reflectivity of `content` kg/m3 of rain with the drops of Marshall and Palmer in dBZ: 43.1 + 17.5 lg(rho q_r in g/m3)
/// (Smith, P. L., C. G. Myers and H. D. Orville (1975): Radar reflectivity factor calculations in numerical cloud
/// models using bulk parameterization of precipitation. J. Appl. Meteor. 14, 1156-1165).
fn of_rain(content: f64) -> f64 {
    43.1 + 17.5 / LN_10 * math::log(1000.0 * content)
}

/// The lowest air of column (i, j), lifted.
fn lifted<T: Real>(context: &Context<'_>, state: &TileState<T>, column: [usize; 2]) -> Parcel {
    let levels = state.density.layout().levels;
    Parcel::lifted(&context.reference.constants, levels, |k| level(context, state, column, k))
}

/// The most unstable air of column (i, j), lifted.
fn most_unstable<T: Real>(context: &Context<'_>, state: &TileState<T>, column: [usize; 2]) -> Parcel {
    let levels = state.density.layout().levels;
    Parcel::most_unstable(&context.reference.constants, levels, |k| level(context, state, column, k))
}

/// Level `k` of column (i, j), for lifting.
fn level<T: Real>(context: &Context<'_>, state: &TileState<T>, [i, j]: [usize; 2], k: usize) -> Level {
    let Moist { pressure, temperature, water, .. } = in_cell(context, state, [i, j, k]);
    let vapour = water.vapour / water.dry();
    Level { height: context.height([i, j, k]), pressure, temperature, vapour }
}
