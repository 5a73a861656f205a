//! `[turbulence]` and `[surface]`.

use super::checked::{Closure, Grid, Surface, SurfaceHeat, SurfaceMomentum, Turbulence};
use super::keys::of_section;
use super::reader::Reader;
use crate::state::water;
use crate::turbulence::ENERGY;

/// Defaults of the constants: c_s (Mason and Thomson 1992 have 0.2, others 0.1 to 0.23), Pr and c_k (Deardorff 1980).
const SMAGORINSKY_CONSTANT: f64 = 0.18;
const PRANDTL_NUMBER: f64 = 1.0 / 3.0;
const ENERGY_CONSTANT: f64 = 0.1;

/// What is mixed, and how; `None` inside for no turbulence.
pub fn turbulence(reader: &mut Reader<'_>, has_terrain: bool) -> Option<Option<Turbulence>> {
    let closures = [None, Some(Closure::Constant), Some(Closure::Smagorinsky), Some(Closure::Energy)];
    let closure = reader.choice("turbulence", "scheme", &closures)?;
    let used: &[&str] = match closure {
        None => &["scheme", "grid_length", "clouds"],
        Some(Closure::Constant) => {
            &["scheme", "viscosity_m2_per_s", "prandtl_number", "grid_length", "clouds"]
        }
        Some(Closure::Smagorinsky) => {
            &["scheme", "smagorinsky_constant", "prandtl_number", "grid_length", "clouds"]
        }
        Some(Closure::Energy) => &["scheme", "energy_constant", "grid_length", "clouds"],
    };
    refuse_others(reader, "turbulence", used, "turbulence.scheme");
    let mut constant =
        |name: &str, default: f64| Some(reader.optional_number("turbulence", name)?.unwrap_or(default));
    let smagorinsky_constant = constant("smagorinsky_constant", SMAGORINSKY_CONSTANT);
    // 1/3 is that of eddies whose size is known; one viscosity for everything mixes everything alike.
    let is_constant = closure == Some(Closure::Constant);
    let prandtl = constant("prandtl_number", if is_constant { 1.0 } else { PRANDTL_NUMBER });
    let energy_constant = constant("energy_constant", ENERGY_CONSTANT);
    let sees_clouds = reader.choice("turbulence", "clouds", &[true, false]);
    let is_separate = reader.choice("turbulence", "grid_length", &[false, true]);
    if is_separate == Some(true) && (has_terrain || closure != Some(Closure::Energy)) {
        let message =
            "turbulence.grid_length = \"separate\" is for the scheme tke over flat ground".to_string();
        reader.fault("turbulence", "grid_length", message, "leave it out");
    }
    let knows_stability = matches!(closure, Some(Closure::Smagorinsky | Closure::Energy));
    if sees_clouds == Some(false) && !knows_stability {
        let message = "turbulence.clouds = \"dry\" is for the schemes smagorinsky and tke".to_string();
        reader.fault("turbulence", "clouds", message, "leave it out");
    }
    let Some(closure) = closure else {
        refuse_surface(reader);
        return Some(None);
    };
    let viscosity = reader.optional_number("turbulence", "viscosity_m2_per_s")?;
    if is_constant && viscosity.is_none() {
        reader.missing("turbulence", "viscosity_m2_per_s", "the constant closure needs it");
    }
    let surface = surface(reader)?;
    touch_needs_constant(reader, closure, &surface);
    Some(Some(Turbulence {
        closure,
        viscosity: viscosity.unwrap_or(0.0),
        smagorinsky_constant: smagorinsky_constant?,
        prandtl: prandtl?,
        energy_constant: energy_constant?,
        is_separate: is_separate?,
        sees_clouds: sees_clouds?,
        surface,
    }))
}

/// Air that touches the ground is known where its viscosity is.
fn touch_needs_constant(reader: &mut Reader<'_>, closure: Closure, surface: &Surface) {
    let touches = [
        ("momentum", "no_slip", surface.momentum == SurfaceMomentum::NoSlip),
        ("heat", "deviation", matches!(surface.heat, SurfaceHeat::Deviation(_))),
    ];
    for (key, value, _) in touches.into_iter().filter(|(.., is_chosen)| *is_chosen) {
        if closure != Closure::Constant {
            let message = format!("surface.{key} = \"{value}\" needs a constant viscosity");
            reader.fault(
                "surface",
                key,
                message,
                "choose turbulence.scheme = \"constant\", or another surface",
            );
        }
    }
}

/// The tracers with what the turbulence adds to them.
pub fn with_energy(mut tracers: Vec<String>, turbulence: Option<&Turbulence>) -> Vec<String> {
    if let Some(Turbulence { closure: Closure::Energy, .. }) = turbulence {
        tracers.push(ENERGY.into());
    }
    tracers
}

/// A flux of vapour needs vapour, where it is known what is carried.
pub fn vapour_needs_water(reader: &mut Reader<'_>, tracers: Option<&[String]>) {
    let key = "vapour_flux_m_per_s";
    let is_dry = tracers.is_some_and(|names| names.iter().all(|name| name != water::NAMES[water::VAPOUR]));
    if is_dry && reader.is_written("surface", key) {
        let message = "surface.vapour_flux_m_per_s needs vapour".to_string();
        reader.fault(
            "surface",
            key,
            message,
            "choose a process with water, such as saturation, or leave it out",
        );
    }
}

/// The logarithm of the lowest height over the roughness length must be positive, and not small.
pub fn rough_ground(
    reader: &mut Reader<'_>,
    turbulence: Option<&Option<Turbulence>>,
    grid: Option<&Grid>,
    has_terrain: bool,
) {
    let (Some(Some(turbulence)), Some(grid)) = (turbulence, grid) else { return };
    let momentum = turbulence.surface.momentum;
    let (SurfaceMomentum::LogLaw { roughness } | SurfaceMomentum::MoninObukhov { roughness }) = momentum
    else {
        return;
    };
    // Over terrain cells may have a fifth of their nominal thickness.
    let share = if has_terrain { 0.05 } else { 0.25 };
    let most = share * (grid.interfaces[0] + grid.interfaces[1]);
    if roughness > most {
        let message = format!("surface.roughness_m = {roughness} is not below the lowest cells");
        let part = if has_terrain { "a tenth" } else { "half" };
        let help = format!("at most {most}, {part} of the height of their centres");
        reader.fault("surface", "roughness_m", message, help);
    }
}

/// Without eddies nothing carries on what the ground gives.
fn refuse_surface(reader: &mut Reader<'_>) {
    for key in of_section("surface") {
        let entry = reader.raw.entry("surface", key.name);
        let asks = match key.default {
            super::keys::DefaultValue::Value(default) => entry.is_some_and(|entry| entry.literal != default),
            _ => entry.is_some(),
        };
        if asks {
            let message =
                format!("surface.{} needs turbulence that carries the fluxes of the ground", key.name);
            reader.fault("surface", key.name, message, "choose turbulence.scheme, or leave it out");
        }
    }
}

fn surface(reader: &mut Reader<'_>) -> Option<Surface> {
    let stresses = ["free_slip", "no_slip", "drag", "log_law", "monin_obukhov", "friction_velocity"];
    let momentum = reader.choice("surface", "momentum", &stresses)?;
    let heat = reader.choice("surface", "heat", &["none", "flux", "bulk", "deviation"])?;
    let vapour_flux = reader.optional_number("surface", "vapour_flux_m_per_s");
    let mut used = vec!["momentum", "heat", "vapour_flux_m_per_s"];
    used.extend(match momentum {
        "drag" => Some("drag_coefficient"),
        "log_law" | "monin_obukhov" => Some("roughness_m"),
        "friction_velocity" => Some("friction_velocity_m_per_s"),
        _ => None,
    });
    match heat {
        "flux" => used.push("heat_flux_k_m_per_s"),
        "deviation" => used.push("theta_deviation_k"),
        "bulk" => used.extend(["theta_k", "exchange_coefficient"]),
        _ => {}
    }
    refuse_others(reader, "surface", &used, "surface.momentum and surface.heat");
    let momentum = match momentum {
        "no_slip" => Some(SurfaceMomentum::NoSlip),
        "drag" => needed(reader, "drag_coefficient").map(SurfaceMomentum::Drag),
        "log_law" => needed(reader, "roughness_m").map(|roughness| SurfaceMomentum::LogLaw { roughness }),
        "monin_obukhov" => {
            needed(reader, "roughness_m").map(|roughness| SurfaceMomentum::MoninObukhov { roughness })
        }
        "friction_velocity" => {
            needed(reader, "friction_velocity_m_per_s").map(SurfaceMomentum::FrictionVelocity)
        }
        _ => Some(SurfaceMomentum::FreeSlip),
    };
    let heat = match heat {
        "flux" => needed(reader, "heat_flux_k_m_per_s").map(SurfaceHeat::Flux),
        "deviation" => needed(reader, "theta_deviation_k").map(SurfaceHeat::Deviation),
        "bulk" => {
            let (theta, coefficient) = (needed(reader, "theta_k"), needed(reader, "exchange_coefficient"));
            theta.zip(coefficient).map(|(theta, coefficient)| SurfaceHeat::Bulk { coefficient, theta })
        }
        _ => Some(SurfaceHeat::None),
    };
    Some(Surface { momentum: momentum?, heat: heat?, vapour_flux: vapour_flux?.unwrap_or(0.0) })
}

/// A number without which the chosen kind of surface makes no sense.
fn needed(reader: &mut Reader<'_>, name: &'static str) -> Option<f64> {
    let value = reader.optional_number("surface", name)?;
    if value.is_none() {
        reader.missing("surface", name, "the chosen surface needs it");
    }
    value
}

/// Notes keys of a section that are written but unused by what was chosen.
fn refuse_others(reader: &mut Reader<'_>, section: &'static str, used: &[&str], chosen_by: &str) {
    for key in of_section(section).filter(|key| !used.contains(&key.name)) {
        if reader.is_written(section, key.name) {
            let message = format!("{} has no effect here", key.path());
            reader.fault(section, key.name, message, format!("leave it out, or change {chosen_by}"));
        }
    }
}
