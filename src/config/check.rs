//! From the configuration as written to the checked one: section by section, then what must hold
//! between sections.

use super::checked::*;
use super::date;
use super::effective;
use super::forcing;
use super::keys::KEYS;
use super::latlon;
use super::levels;
use super::quantity::Dimension;
use super::raw::Raw;
use super::reader::{OrWord, Reader};
use super::report::{Fault, suggestion, suggestion_of};
use super::slices;
use super::sounding;
use super::terrain;
use super::turbulence;
use super::unknown;
use crate::cases::CaseInfo;
use crate::constants::Constants;
use crate::mesh::{CubedSphere, SPHERE_TILE, VerticalGrid};
use crate::physics::ProcessInfo;
use crate::state::{diagnostics, water};
use std::collections::BTreeMap;

/// What names in a configuration may refer to.
pub struct Known<'a> {
    pub cases: &'a [CaseInfo],
    /// Initial shapes of tracers.
    pub tracers: &'a [&'a str],
    pub processes: &'a [ProcessInfo],
}

/// The checked configuration, or all faults in the order of their places.
///
/// `faults` are those that reading the text has already found.
pub fn check(raw: &Raw, faults: Vec<Fault>, known: &Known<'_>) -> Result<Configuration, Vec<Fault>> {
    let mut reader = Reader::new(raw, faults);
    unknown::note_names(&mut reader);
    let info = case_info(&mut reader, known.cases);
    let case = info.and_then(|info| case(&mut reader, info));
    let setting = info.map(|info| info.setting);
    let grid = grid(&mut reader, setting);
    let terrain = terrain::terrain(&mut reader, grid.as_ref(), case.as_ref(), setting);
    let time = time(&mut reader);
    let has_terrain = matches!(terrain, Some(Some(_)));
    let turbulence = turbulence::turbulence(&mut reader, has_terrain);
    let physics = if_faultless(&mut reader, |reader| physics(reader, info, setting, known.processes));
    let passive = if_faultless(&mut reader, |reader| {
        names(reader, "dynamics", "tracers", "tracer shape", known.tracers)
    });
    // What is carried is known only where both are: a wrong list would make faults of what is right.
    let tracers =
        passive.zip(physics.as_ref()).zip(turbulence.as_ref()).map(|((passive, physics), turbulence)| {
            let tracers = with_those_of_processes(passive, physics, known.processes);
            turbulence::with_energy(tracers, turbulence.as_ref())
        });
    let forcing = forcing::forcing(&mut reader, tracers.as_deref());
    turbulence::rough_ground(&mut reader, turbulence.as_ref(), grid.as_ref(), has_terrain);
    turbulence::vapour_needs_water(&mut reader, tracers.as_deref());
    let dynamics = dynamics(&mut reader, setting, tracers.as_deref());
    let boundary = boundary(&mut reader, grid.as_ref());
    let output =
        output(&mut reader, case.as_ref(), grid.as_ref(), time.as_ref(), setting, tracers.as_deref());
    let checkpoint = checkpoint(&mut reader);
    let parallel = parallel(&mut reader, grid.as_ref(), output.as_ref());
    case_on_its_domain(&mut reader, case.as_ref(), setting, grid.as_ref());
    without_meaning(&mut reader, setting);
    let has_turbulence = matches!(turbulence, Some(Some(_)));
    let has_statistics = output.as_ref().is_some_and(|output| output.statistics_every.is_some());
    let others =
        [("output", "statistics_every_s", "horizontal means of eddies", has_statistics && has_turbulence)];
    terrain::without_meaning(&mut reader, &terrain, dynamics.as_ref(), &others);
    viscous_step(&mut reader, grid.as_ref(), time.as_ref(), dynamics.as_ref());
    let mut faults = reader.faults;
    let complete = || {
        let case = case?;
        let (physics, output, checkpoint, parallel) = (physics?, output?, checkpoint?, parallel?);
        let (turbulence, forcing) = (turbulence?, forcing?);
        let text = effective::text(raw, geometry_name(grid.as_ref()), &case.parameters, &output.variables);
        let (grid, terrain, time, dynamics, boundary) = (grid?, terrain?, time?, dynamics?, boundary?);
        Some(Configuration {
            case,
            grid,
            terrain,
            time,
            dynamics,
            boundary,
            physics,
            turbulence,
            forcing,
            output,
            checkpoint,
            parallel,
            text,
        })
    };
    match complete() {
        Some(configuration) if faults.is_empty() => Ok(configuration),
        _ => {
            faults.sort_by_key(|fault| {
                fault.place.as_ref().map_or((usize::MAX, 0), |place| (place.source, place.span.start))
            });
            Err(faults)
        }
    }
}

/// What `read` gives, unless it notes a fault.
fn if_faultless<V>(reader: &mut Reader<'_>, read: impl FnOnce(&mut Reader<'_>) -> Option<V>) -> Option<V> {
    let before = reader.faults.len();
    read(reader).filter(|_| reader.faults.len() == before)
}

/// The case by its name.
fn case_info<'a>(reader: &mut Reader<'_>, cases: &'a [CaseInfo]) -> Option<&'a CaseInfo> {
    let name = reader.text("case", "name")?;
    let found = cases.iter().find(|info| info.name == name);
    if found.is_none() {
        let names: Vec<_> = cases.iter().map(|info| info.name).collect();
        let help = suggestion(&name, "the cases are", &names);
        reader.fault("case", "name", format!("there is no case `{name}`"), help);
    }
    found
}

/// The case with its parameters.
fn case(reader: &mut Reader<'_>, info: &CaseInfo) -> Option<CaseChoice> {
    let name = info.name.to_string();
    let mut parameters: BTreeMap<String, f64> =
        info.parameters.iter().map(|parameter| (parameter.name.into(), parameter.default)).collect();
    let raw = reader.raw;
    let faults = reader.faults.len();
    for (key, entry) in raw.sections.get("case").iter().flat_map(|section| &section.entries) {
        if key == "name" || key == sounding::KEY {
            continue;
        }
        let Some(parameter) = info.parameters.iter().find(|parameter| parameter.name == key) else {
            let names: Vec<_> = info.parameters.iter().map(|parameter| parameter.name).collect();
            let message = format!("the case {name} has no parameter `{key}`");
            let help = suggestion(key, "parameters of this case", &names);
            reader.faults.push(Fault::new(message, Some(&entry.key_place), help));
            continue;
        };
        let dimension = Dimension::of_unit(parameter.unit);
        let value = reader.quantity(&format!("case.{key}"), &entry.value, &entry.place, dimension);
        let Some(value) = value else { continue };
        match parameter.check(value) {
            Ok(()) => drop(parameters.insert(key.clone(), value)),
            Err(error) => {
                reader.faults.push(Fault::new(error.to_string(), Some(&entry.place), parameter.doc))
            }
        }
    }
    let sounding = sounding::sounding(reader, &name);
    (reader.faults.len() == faults).then_some(CaseChoice { name, parameters, sounding })
}

fn grid(reader: &mut Reader<'_>, setting: Option<Setting>) -> Option<Grid> {
    let is_sphere = reader.choice("grid", "geometry", &[false, true])?;
    if is_sphere {
        return sphere(reader, setting);
    }
    refuse_keys_of(reader, "sphere");
    let nx = required_on(reader, "nx", "plane", Reader::optional_integer);
    let ny = reader.integer("grid", "ny");
    let dx = required_on(reader, "dx_m", "plane", Reader::optional_number);
    let dy = reader.optional_number("grid", "dy_m");
    let x_min = reader.number("grid", "x_min_m");
    let y_min = reader.number("grid", "y_min_m");
    let interfaces = levels::interfaces(reader)?;
    let dx = dx?;
    Some(Grid {
        geometry: Geometry::Plane,
        nx: nx?,
        ny: ny?,
        nz: interfaces.len() - 1,
        dx,
        dy: dy?.unwrap_or(dx),
        x_min: x_min?,
        y_min: y_min?,
        interfaces,
    })
}

/// The name of the geometry in configurations.
fn geometry_name(grid: Option<&Grid>) -> &'static str {
    if grid.is_some_and(|grid| grid.sphere().is_some()) { "sphere" } else { "plane" }
}

/// The globe.
fn sphere(reader: &mut Reader<'_>, setting: Option<Setting>) -> Option<Grid> {
    refuse_keys_of(reader, "plane");
    let n = required_on(reader, "cells_per_edge", "sphere", Reader::optional_integer);
    let radius = reader.number("grid", "radius_m");
    let tilt = reader.number("grid", "tilt_deg");
    let interfaces = match setting {
        Some(Setting::ShallowWater) => levels::of_layer(reader)?,
        _ => levels::interfaces(reader)?,
    };
    let (n, radius) = (n?, radius?);
    let sphere = Sphere { radius, tilt: tilt?.to_radians() };
    let spacing = radius * std::f64::consts::FRAC_PI_2 / n as f64;
    Some(Grid {
        geometry: Geometry::Sphere(sphere),
        nx: n,
        ny: n,
        nz: interfaces.len() - 1,
        dx: spacing,
        dy: spacing,
        x_min: 0.0,
        y_min: 0.0,
        interfaces,
    })
}

/// A key of `[grid]` that this geometry needs.
fn required_on<'a, V>(
    reader: &mut Reader<'a>,
    key: &str,
    geometry: &str,
    read: fn(&mut Reader<'a>, &'static str, &str) -> Option<Option<V>>,
) -> Option<V> {
    let value = read(reader, "grid", key)?;
    if value.is_none() {
        reader.missing("grid", key, format!("a {geometry} needs it"));
    }
    value
}

/// Notes keys that are written but have a meaning only on the other geometry.
fn refuse_keys_of(reader: &mut Reader<'_>, geometry: &str) {
    for key in KEYS.iter().filter(|key| key.geometry == Some(geometry)) {
        if reader.is_written(key.section, key.name) {
            let message = format!("{} has a meaning only with grid.geometry = \"{geometry}\"", key.path());
            reader.fault(key.section, key.name, message, format!("leave it out, or choose the {geometry}"));
        }
    }
}

fn time(reader: &mut Reader<'_>) -> Option<Time> {
    let end = reader.number("time", "end_s");
    let step = reader.number_or("time", "step_s");
    let fraction = reader.number("time", "courant");
    let longest = reader.number_or("time", "longest_step_s");
    let calendar = reader.choice("time", "calendar", date::CALENDARS);
    let start_date = reader.text("time", "start_date")?;
    if let Err(message) = date::check(&start_date, calendar?) {
        reader.fault("time", "start_date", message, "such as \"2000-01-01 00:00:00\"");
        return None;
    }
    let (fraction, longest) = (fraction?, longest?.given().unwrap_or(f64::INFINITY));
    let step = match step? {
        OrWord::Given(step) => StepChoice::Fixed(step),
        OrWord::Word => StepChoice::Auto { fraction, longest },
    };
    Some(Time { end: end?, step, start_date, calendar: calendar?.into() })
}

fn dynamics(
    reader: &mut Reader<'_>,
    setting: Option<Setting>,
    tracers: Option<&[String]>,
) -> Option<Dynamics> {
    use IntegratorChoice::{O5g, Ws3g};
    const SECTION: &str = "dynamics";
    let integrator = reader.choice(SECTION, "integrator", &[Ws3g, O5g]);
    let precision = reader.choice(SECTION, "precision", &[Precision::Single, Precision::Double]);
    let sound_damping = reader.number(SECTION, "sound_damping");
    let upwinding = reader.number(SECTION, "upwinding");
    if setting == Some(Setting::ShallowWater) && upwinding.is_some_and(|part| part < 1.0) {
        let message = "a layer of shallow water is stepped with upwind values alone".to_string();
        reader.fault(SECTION, "upwinding", message, "leave it out");
    }
    let coriolis = reader.number(SECTION, "coriolis_per_s");
    let rotation = reader.number(SECTION, "rotation_per_s");
    let viscosity = reader.number(SECTION, "viscosity_m2_per_s");
    let diffusivity = reader.optional_number(SECTION, "diffusivity_m2_per_s");
    let constants = constants(reader);
    let limiters = [TracerLimiter::None, TracerLimiter::Positive];
    let tracer_limiter = reader.choice(SECTION, "tracer_limiter", &limiters);
    let viscosity = viscosity?;
    Some(Dynamics {
        setting: setting?,
        integrator: integrator?,
        precision: precision?,
        sound_damping: sound_damping?,
        upwinding: upwinding?,
        coriolis: coriolis?,
        rotation: rotation?,
        viscosity,
        diffusivity: diffusivity?.unwrap_or(viscosity),
        constants: constants?,
        tracers: tracers?.to_vec(),
        tracer_limiter: tracer_limiter?,
    })
}

fn constants(reader: &mut Reader<'_>) -> Option<Constants> {
    let gravity = reader.number("dynamics", "gravity_m_per_s2");
    let gas_constant = reader.number("dynamics", "gas_constant_j_per_kg_k");
    let heat_capacity = reader.number("dynamics", "heat_capacity_j_per_kg_k");
    let constants =
        Constants { gravity: gravity?, gas_constant: gas_constant?, heat_capacity: heat_capacity? };
    if constants.heat_capacity <= constants.gas_constant {
        let message = format!(
            "dynamics.heat_capacity_j_per_kg_k = {} is not above dynamics.gas_constant_j_per_kg_k = {}",
            constants.heat_capacity, constants.gas_constant
        );
        let written = reader.is_written("dynamics", "heat_capacity_j_per_kg_k");
        let key = if written { "heat_capacity_j_per_kg_k" } else { "gas_constant_j_per_kg_k" };
        reader.fault("dynamics", key, message, "cp of an ideal gas exceeds its gas constant");
        return None;
    }
    Some(constants)
}

/// A list of names, with a fault for each that is not among the known ones.
pub(super) fn names(
    reader: &mut Reader<'_>,
    section: &'static str,
    key: &str,
    what: &str,
    known: &[&str],
) -> Option<Vec<String>> {
    names_of(reader, (section, key), [what, &format!("{what}s")], known, known)
}

/// The same for `[one, many]` such things, of which just some are `offered` in place of an unknown one.
fn names_of(
    reader: &mut Reader<'_>,
    (section, key): (&'static str, &str),
    [one, many]: [&str; 2],
    known: &[&str],
    offered: &[&str],
) -> Option<Vec<String>> {
    let names = reader.names(section, key)?;
    for (name, place) in &names {
        if !known.contains(&name.as_str()) {
            let help = suggestion_of(name, &format!("the {many} are"), known, offered);
            reader.faults.push(Fault::new(format!("there is no {one} `{name}`"), Some(place), help));
        }
    }
    Some(names.into_iter().map(|(name, _)| name).collect())
}

fn boundary(reader: &mut Reader<'_>, grid: Option<&Grid>) -> Option<Boundary> {
    let kinds = [LateralBoundary::Periodic, LateralBoundary::Wall, LateralBoundary::Open];
    let x = reader.choice("boundary", "x", &kinds);
    let y = reader.choice("boundary", "y", &kinds);
    let phase_speed = of_open_sides(reader, "phase_speed_m_per_s", PHASE_SPEED, [x, y]);
    let inflow_length = of_open_sides(reader, "inflow_length_m", INFLOW_LENGTH, [x, y]);
    let relaxation = relaxation(reader, [x, y]);
    if x == Some(LateralBoundary::Open) && grid.is_some_and(|grid| grid.nx < 2) {
        let message = "boundary.x = \"open\" needs two cells along x, but grid.nx = 1".into();
        reader.fault("boundary", "x", message, "leave it out: without an x direction it has no meaning");
        return None;
    }
    let base = reader.optional_number("boundary", "sponge_base_m");
    let rate = reader.optional_number("boundary", "sponge_rate_per_s");
    let w_rate = reader.optional_number("boundary", "sponge_w_rate_per_s")?;
    let to_initial = reader.choice("boundary", "sponge_wind", &[false, true])?;
    let sponge = match (base?, rate?) {
        (None, None) if w_rate.is_some() || to_initial => {
            reader.missing("boundary", "sponge_base_m", "a sponge needs both its base and its rate");
            return None;
        }
        (None, None) => None,
        (Some(base), Some(rate)) => Some(Sponge { base, rate, w_rate: w_rate.unwrap_or(rate), to_initial }),
        (Some(_), None) => {
            reader.missing("boundary", "sponge_rate_per_s", "a sponge needs both its base and its rate");
            return None;
        }
        (None, Some(_)) => {
            reader.missing("boundary", "sponge_base_m", "a sponge needs both its base and its rate");
            return None;
        }
    };
    if let (Some(sponge), Some(top)) = (sponge, grid.and_then(|grid| grid.interfaces.last()))
        && sponge.base >= *top
    {
        let message = format!("boundary.sponge_base_m = {} is not below the lid at {top} m", sponge.base);
        reader.fault("boundary", "sponge_base_m", message, format!("allowed: 0 to less than {top}"));
        return None;
    }
    Some(Boundary {
        x: x?,
        y: y?,
        phase_speed: phase_speed?,
        inflow_length: inflow_length?,
        relaxation: relaxation?,
        sponge,
    })
}

/// Phase speed in m/s of the gravity waves that open sides let out where none is written: that of the deepest
/// waves in the troposphere.
const PHASE_SPEED: f64 = 30.0;

/// Inflow length in m where none is written. Measured with a packet of gravity waves against 20 m/s: half as much
/// comes back as for 1000 km, and a third as for none.
const INFLOW_LENGTH: f64 = 3e4;

/// A number that open sides need, or its default.
fn of_open_sides(
    reader: &mut Reader<'_>,
    key: &'static str,
    default: f64,
    [x, y]: [Option<LateralBoundary>; 2],
) -> Option<f64> {
    let value = reader.optional_number("boundary", key)?;
    if value.is_some() && ![x?, y?].contains(&LateralBoundary::Open) {
        let message = format!("boundary.{key} has a meaning only with open sides");
        reader.fault("boundary", key, message, "leave it out, or write x = \"open\" or y = \"open\"");
        return None;
    }
    Some(value.unwrap_or(default))
}

/// The relaxation zone, `None` inside for none.
fn relaxation(reader: &mut Reader<'_>, [x, y]: [Option<LateralBoundary>; 2]) -> Option<Option<Relaxation>> {
    const HELP: &str = "a relaxation zone needs both its width and its time";
    let width = reader.optional_number("boundary", "relaxation_width_m");
    let time = reader.optional_number("boundary", "relaxation_s");
    let (width, time) = match (width?, time?) {
        (None, None) => return Some(None),
        (Some(width), Some(time)) => (width, time),
        (Some(_), None) => {
            reader.missing("boundary", "relaxation_s", HELP);
            return None;
        }
        (None, Some(_)) => {
            reader.missing("boundary", "relaxation_width_m", HELP);
            return None;
        }
    };
    if [x?, y?] == [LateralBoundary::Periodic; 2] {
        let message = "a relaxation zone lies along open sides and walls, but all sides are periodic".into();
        let help = "leave it out, or write x = \"open\" or y = \"open\"";
        reader.fault("boundary", "relaxation_width_m", message, help);
        return None;
    }
    Some(Some(Relaxation { width, time }))
}

/// The written processes, or those of the case.
fn physics(
    reader: &mut Reader<'_>,
    case: Option<&CaseInfo>,
    setting: Option<Setting>,
    registry: &[ProcessInfo],
) -> Option<Physics> {
    if !reader.is_written("physics", "processes") {
        let case = case?.name;
        let chosen = registry.iter().filter(|info| info.default_of.contains(&case));
        return Some(Physics { processes: chosen.map(|info| info.name.into()).collect() });
    }
    let is_at_home = |info: &&ProcessInfo| setting.is_none_or(|setting| info.settings.contains(&setting));
    let known: Vec<_> = registry.iter().map(|info| info.name).collect();
    let at_home: Vec<_> = registry.iter().filter(is_at_home).map(|info| info.name).collect();
    let processes = names_of(reader, ("physics", "processes"), ["process", "processes"], &known, &at_home)?;
    let is_misplaced = |info: &&ProcessInfo| {
        let is_chosen = processes.iter().any(|name| name == info.name);
        is_chosen && setting.is_some_and(|setting| !info.settings.contains(&setting))
    };
    if let Some(info) = registry.iter().find(is_misplaced) {
        let message = format!("the process `{}` is not made for the equations of this case", info.name);
        let domain = if info.settings.contains(&Setting::Plane) { "box" } else { "globe's air" };
        reader.fault(
            "physics",
            "processes",
            message,
            format!("leave it out, or choose a case of the {domain}"),
        );
    }
    let of_water: Vec<_> = registry
        .iter()
        .filter(|info| info.waters > 0 && processes.iter().any(|name| name == info.name))
        .collect();
    if let [one, other, ..] = of_water[..] {
        let message = format!("the processes `{}` and `{}` both condense vapour", one.name, other.name);
        reader.fault("physics", "processes", message, "choose one of them");
    }
    Some(Physics { processes })
}

/// The waters that the processes need, the tracers of their own, then the passive tracers.
fn with_those_of_processes(passive: Vec<String>, physics: &Physics, registry: &[ProcessInfo]) -> Vec<String> {
    let is_chosen = |info: &&ProcessInfo| physics.processes.iter().any(|name| name == info.name);
    let waters = registry.iter().filter(is_chosen).map(|info| info.waters).max().unwrap_or(0);
    let has_ice = registry.iter().filter(is_chosen).any(|info| info.has_ice);
    let own = registry.iter().filter(is_chosen).flat_map(|info| info.tracers);
    let mut names = water::NAMES;
    if has_ice {
        names[water::RAIN] = water::WITH_ICE;
    }
    names[..waters].iter().chain(own).map(|name| name.to_string()).chain(passive).collect()
}

/// A case of the globe needs the globe, one of a box a box.
fn case_on_its_domain(
    reader: &mut Reader<'_>,
    case: Option<&CaseChoice>,
    setting: Option<Setting>,
    grid: Option<&Grid>,
) {
    let (Some(case), Some(setting), Some(grid)) = (case, setting, grid) else { return };
    let (needed, found) =
        (if setting == Setting::Plane { "plane" } else { "sphere" }, geometry_name(Some(grid)));
    if needed != found {
        let message = format!("the case {} is made for the {needed}, but the grid is a {found}", case.name);
        reader.fault("grid", "geometry", message, format!("write geometry = \"{needed}\" in [grid]"));
    }
}

/// Notes what these equations do not have.
fn without_meaning(reader: &mut Reader<'_>, setting: Option<Setting>) {
    if setting != Some(Setting::ShallowWater) {
        return;
    }
    let keys = [
        ("boundary", "sponge_base_m"),
        ("boundary", "sponge_rate_per_s"),
        ("boundary", "sponge_w_rate_per_s"),
        ("boundary", "sponge_wind"),
        ("output", "pressure_levels_pa"),
        ("dynamics", "viscosity_m2_per_s"),
        ("dynamics", "diffusivity_m2_per_s"),
    ];
    for (section, key) in keys {
        if reader.is_written(section, key) {
            let message = format!("{section}.{key} has no meaning in shallow water");
            reader.fault(section, key, message, "leave it out");
        }
    }
}

fn output(
    reader: &mut Reader<'_>,
    case: Option<&CaseChoice>,
    grid: Option<&Grid>,
    time: Option<&Time>,
    setting: Option<Setting>,
    tracers: Option<&[String]>,
) -> Option<Output> {
    const SECTION: &str = "output";
    let precision = reader.choice(SECTION, "precision", &[Precision::Single, Precision::Double]);
    let compression = reader.integer(SECTION, "compression");
    let measure_disk = reader.choice(SECTION, "measure_disk", &[false, true]);
    let layout = reader.choice(SECTION, "files", &[FileLayout::OneFile, FileLayout::FilePerTime]);
    let every = interval(reader, "every_s", time.map(|time| Some(time.end)));
    let series_every = interval(reader, "series_every_s", every);
    let statistics_every = reader.number_or(SECTION, "statistics_every_s").map(OrWord::given);
    let latlon_every = interval(reader, "latlon_every_s", every);
    let latlon = latlon::latlon(reader, latlon_every, time, setting);
    let directory = if reader.is_written(SECTION, "directory") {
        directory(reader)
    } else {
        case.map(|case| format!("runs/{}", case.name))
    };
    let diagnostics = setting.zip(tracers).map(|(setting, tracers)| diagnostics::all(setting, tracers));
    let known: Option<Vec<_>> = diagnostics
        .as_ref()
        .map(|all| all.iter().map(|diagnostic| diagnostic.variable.name.as_str()).collect());
    let variables = variables(reader, setting, known.as_deref());
    let of_snapshots = slices::Defaults { every, variables: variables.as_deref() };
    let sections = slices::sections(reader, grid, &of_snapshots, known.as_deref());
    let columns = slices::columns(reader, grid, &of_snapshots, known.as_deref());
    Some(Output {
        directory: directory?.into(),
        every: every?,
        sections: sections?,
        columns: columns?,
        variables: variables?,
        precision: precision?,
        compression: compression? as u8,
        measure_disk: measure_disk?,
        layout: layout?,
        series_every: series_every?,
        statistics_every: statistics_every?,
        latlon: latlon?,
        overwrite: false,
    })
}

/// The variables to write, or those that the equations usually write. Where it is not known which there are, because
/// of faults elsewhere, none is said to be wrong.
fn variables(
    reader: &mut Reader<'_>,
    setting: Option<Setting>,
    known: Option<&[&str]>,
) -> Option<Vec<String>> {
    if !reader.is_written("output", "variables") {
        return Some(diagnostics::usual(setting?).iter().map(|name| name.to_string()).collect());
    }
    names(reader, "output", "variables", "variable", known?)
}

/// The written output folder.
fn directory(reader: &mut Reader<'_>) -> Option<String> {
    let path = reader.text("output", "directory")?;
    if path.trim().is_empty() {
        let message = "output.directory is empty".to_string();
        reader.fault("output", "directory", message, "write a path, such as \"runs/first\"");
        return None;
    }
    Some(path)
}

/// An output interval, `None` inside for `never`, or `default` if it is not written.
fn interval(reader: &mut Reader<'_>, name: &str, default: Option<Option<f64>>) -> Option<Option<f64>> {
    if reader.is_written("output", name) {
        reader.number_or("output", name).map(OrWord::given)
    } else {
        default
    }
}

fn checkpoint(reader: &mut Reader<'_>) -> Option<Checkpoint> {
    let every = reader.number_or("checkpoint", "every_s");
    let keep = reader.integer("checkpoint", "keep");
    let stop_after = reader.number_or("checkpoint", "stop_after_s");
    Some(Checkpoint { every: every?.given(), keep: keep?, stop_after: stop_after?.given() })
}

fn parallel(reader: &mut Reader<'_>, grid: Option<&Grid>, output: Option<&Output>) -> Option<Parallel> {
    let tile = reader.tile_or("parallel", "tile").map(OrWord::given);
    let threads = reader.integer_or("parallel", "threads");
    let is_globe = grid.is_some_and(|grid| grid.sphere().is_some());
    if let Some(Some([ni, nj])) = tile
        && is_globe
        && ni.min(nj) < SPHERE_TILE
    {
        let message = format!("parallel.tile = [{ni}, {nj}] is too small for the globe");
        let help = format!("a tile of the globe has at least {SPHERE_TILE} x {SPHERE_TILE} columns");
        reader.fault("parallel", "tile", message, help);
    }
    let writer_ranks = reader.integer("parallel", "writer_ranks");
    if writer_ranks.is_some_and(|ranks| ranks > 0) && output.is_some_and(|output| output.every.is_none()) {
        let message = "parallel.writer_ranks: there are no snapshots to write".to_string();
        reader.fault("parallel", "writer_ranks", message, "set output.every_s, or take the key out");
    }
    Some(Parallel { tile: tile?, threads: threads?.given(), writer_ranks: writer_ranks? })
}

/// A given step must keep the explicit viscosity stable: dt nu (1/dx2 + 1/dy2 + 1/dz2) < 1/2, on the globe without 1/dz2.
fn viscous_step(
    reader: &mut Reader<'_>,
    grid: Option<&Grid>,
    time: Option<&Time>,
    dynamics: Option<&Dynamics>,
) {
    let (Some(grid), Some(Time { step: StepChoice::Fixed(step), .. }), Some(dynamics)) =
        (grid, time, dynamics)
    else {
        return;
    };
    let (key, viscosity) = if dynamics.diffusivity > dynamics.viscosity {
        ("diffusivity_m2_per_s", dynamics.diffusivity)
    } else {
        ("viscosity_m2_per_s", dynamics.viscosity)
    };
    let spreading = match grid.sphere() {
        // It acts along the levels alone.
        Some(sphere) => CubedSphere::new(grid.nx, sphere.radius, sphere.tilt).largest_spreading(),
        None => {
            let levels = VerticalGrid::new(&grid.interfaces).thickness;
            let thinnest = levels.into_iter().fold(f64::INFINITY, f64::min);
            let across = if grid.ny > 1 { grid.dy.powi(-2) } else { 0.0 };
            grid.dx.powi(-2) + across + thinnest.powi(-2)
        }
    };
    let longest = 0.5 / (viscosity * spreading);
    if *step >= longest {
        let message = format!(
            "time.step_s = {step} is too long for dynamics.{key} = {viscosity}: the viscosity would be unstable"
        );
        reader.fault("time", "step_s", message, format!("allowed: steps below {longest:.4} s"));
    }
}
