//! Every case still gives the answers that are kept in `tests/reference/`: small, coarse, short runs,
//! whose last snapshot is compared bit by bit.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | all variables of the last snapshot | 0 | results do not depend on the machine; a change of them is a decision |
//!
//! `scripts/renew-references "reason"` runs this test with [`RENEW`] set, which writes the references anew,
//! and notes the reason in `tests/reference/ANSWERS.md`.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use support::gale;

/// Set: references that differ are written anew.
const RENEW: &str = "GALE_RENEW_REFERENCES";

/// A shipped configuration made small.
struct Answer {
    /// Name of the reference.
    name: &'static str,
    /// The shipped configuration.
    configuration: &'static str,
    /// Simulated time in s.
    end: u32,
    /// Other overrides, separated by spaces.
    overrides: &'static str,
    /// Variables, of the air besides w and theta', separated by spaces.
    variables: &'static str,
}

const fn answer(
    name: &'static str,
    configuration: &'static str,
    end: u32,
    overrides: &'static str,
    variables: &'static str,
) -> Answer {
    Answer { name, configuration, end, overrides, variables }
}

const CURRENT: &str = "grid.nx=64 grid.nz=8 grid.dx_m=800 grid.dz_m=800";
const CURRENT_SINGLE: &str = "grid.nx=64 grid.nz=8 grid.dx_m=800 grid.dz_m=800 dynamics.precision=single";
const CURRENT_O5G: &str = "grid.nx=64 grid.nz=8 grid.dx_m=800 grid.dz_m=800 dynamics.integrator=o5g";
const SHORT_CURRENT: &str = "grid.nx=32 grid.nz=8 grid.dx_m=800 grid.dz_m=800";
const ROBERT: &str = "grid.nx=20 grid.nz=30 grid.dx_m=50 grid.dz_m=50";
const GIRALDO: &str = "grid.nx=25 grid.nz=25 grid.dx_m=40 grid.dz_m=40";
const BRYAN: &str = "grid.nx=40 grid.nz=20 grid.dx_m=500 grid.dz_m=500";
const WAVE: &str = "grid.nx=60 grid.nz=10 grid.dx_m=5000 grid.dz_m=1000";
const LONG_WAVE: &str = "grid.nx=60 grid.nz=5 grid.dx_m=100000 grid.dz_m=2000";
const TRACERS: &str = "grid.nx=25 grid.nz=5 grid.dx_m=4000 grid.dz_m=2000";
/// A fixed step.
const BOX: &str = "grid.nx=14 grid.ny=12 grid.nz=8 grid.dx_m=2000 grid.dz_m=1250 time.step_s=2";
/// Single precision, five stages, wind, walls, all forces and tracers.
const EVERYTHING: &str = "grid.nx=14 grid.ny=12 grid.nz=8 grid.dx_m=2000 grid.dz_m=1250 \
    dynamics.precision=single dynamics.integrator=o5g case.wind_m_per_s=15 boundary.y=wall \
    dynamics.coriolis_per_s=1e-4 dynamics.viscosity_m2_per_s=500 boundary.sponge_base_m=7000 \
    boundary.sponge_rate_per_s=0.02 dynamics.tracers=[\"bell\",\"block\"]";

/// A storm in large cells, and one in a slab.
const STORM: &str = "grid.nx=16 grid.ny=12 grid.nz=14 grid.dx_m=2000 grid.dz_m=1250 case.amplitude_k=4";
const STORM_OF_ICE: &str = "grid.nx=14 grid.ny=10 grid.nz=14 grid.dx_m=2000 grid.dz_m=1250 case.amplitude_k=4 \
    physics.processes=[\"simple_ice\"]";
const EXACT_SQUALL: &str =
    "grid.nx=40 grid.nz=16 grid.dx_m=2000 grid.dz_m=1000 physics.processes=[\"warm_rain\"]";
const SQUALL: &str = "grid.nx=40 grid.nz=16 grid.dx_m=2000 grid.dz_m=1000";

/// Boundary layers in large cells.
const PLUMES: &str = "grid.nx=10 grid.ny=8 grid.nz=12 grid.dx_m=300 grid.dz_m=250";
const SEA: &str = "grid.nx=10 grid.ny=8 grid.nz=15 grid.dx_m=300 grid.dz_m=200 turbulence.scheme=tke";

/// Mountains with walls, with sponge and tracers in three dimensions, and five stages.
const RIDGES: &str = "grid.nx=50 grid.nz=16 grid.x_min_m=-12500 grid.dz_m=1250";
const WIDE_MOUNTAIN: &str = "grid.nx=40 grid.nz=15 grid.dx_m=6000 grid.dz_m=2000 grid.x_min_m=-120000";
const SHORT_MOUNTAIN: &str = "grid.nx=24 grid.nz=15 grid.dx_m=6000 grid.dz_m=2000 terrain.centre_x_m=48000";
const NARROW_MOUNTAIN: &str =
    "grid.nx=60 grid.nz=15 grid.dz_m=2000 grid.x_min_m=-12000 dynamics.integrator=o5g";
const SMALL_HILL: &str =
    "grid.nx=20 grid.ny=12 grid.nz=10 grid.dz_m=1200 grid.x_min_m=-5000 grid.y_min_m=-3000";
/// Moist air over ridges in large cells.
const CLOUDY_RIDGE: &str = "grid.nx=40 grid.nz=15 grid.dz_m=1300 grid.x_min_m=-40000";
const STORMY_RIDGE: &str = "grid.nx=60 grid.nz=15 grid.dx_m=2000 grid.dz_m=1300 grid.x_min_m=-60000 \
    terrain.half_width_m=10000";

/// The same with rotation, viscosity and eddies over rough ground.
const ROUGH_HILL: &str = "grid.nx=12 grid.ny=6 grid.nz=8 grid.dz_m=1500 grid.x_min_m=-3000 grid.y_min_m=-1500 \
    dynamics.coriolis_per_s=1e-4 dynamics.viscosity_m2_per_s=100 turbulence.scheme=tke \
    surface.momentum=log_law surface.roughness_m=0.1 surface.heat=flux surface.heat_flux_k_m_per_s=0.1";
const SLOPE: &str = "grid.nx=40 grid.dx_m=1000 grid.x_min_m=-20000";

/// The globe of eight columns along an edge.
const SMALL_GLOBE: &str = "grid.cells_per_edge=8 grid.nz=8";
const SHALLOW_GLOBE: &str = "grid.cells_per_edge=8 grid.nz=5";
const SMALL_GLOBE_SINGLE: &str = "grid.cells_per_edge=8 grid.nz=8 dynamics.precision=single";
/// Five stages, physics, sponge, on a grid turned against the axis.
const GLOBE_EVERYTHING: &str = "grid.cells_per_edge=8 grid.nz=8 grid.tilt_deg=30 dynamics.integrator=o5g \
    physics.processes=[\"held_suarez\"] boundary.sponge_base_m=20000 \
    boundary.sponge_rate_per_s=1e-5";
const SOAKED: &str = "grid.cells_per_edge=8 grid.nz=8 case.vapour_kg_per_kg=0.04";
const SMALL_CLIMATE: &str = "grid.cells_per_edge=8 grid.nz=8 output.means_from_s=0 output.means_every_s=7200";
const SMALL_LAYER: &str = "grid.cells_per_edge=8";
const SMALL_LAYER_SINGLE: &str = "grid.cells_per_edge=8 dynamics.precision=single";
const SMALL_PLANET_STORM: &str = "grid.cells_per_edge=10 grid.nz=10 grid.dz_m=2000 case.amplitude_k=6 \
    case.vertical_radius_m=4000";
const SMALL_PLANET_RIDGES: &str =
    "grid.cells_per_edge=8 grid.nz=4 case.wavelength_m=20000 case.half_width_m=6000";
const SMALL_PLANET: &str = "grid.cells_per_edge=8 grid.nz=5 grid.dz_m=2000";

/// Every shipped configuration, both integrators and both precisions.
const ANSWERS: &[Answer] = &[
    answer("rest", "rest", 60, "grid.nx=8 grid.nz=8 grid.dz_m=1200", "u"),
    answer("density_current", "density_current", 300, CURRENT, "u"),
    answer("density_current_single", "density_current", 300, CURRENT_SINGLE, "u"),
    answer("density_current_o5g", "density_current", 300, CURRENT_O5G, "u"),
    answer("density_current_theta", "density_current_theta", 300, CURRENT, "pressure_perturbation"),
    answer("density_current_wind", "density_current_wind", 300, CURRENT, "u"),
    answer("open_sides", "open_sides", 900, SHORT_CURRENT, "u"),
    answer("robert_bubble", "robert_bubble", 120, ROBERT, "temperature"),
    answer("giraldo_bubble", "giraldo_bubble", 120, GIRALDO, "pressure"),
    answer("bryan_fritsch", "bryan_fritsch", 300, BRYAN, "density"),
    answer("inertia_gravity_wave", "inertia_gravity_wave", 900, WAVE, "u"),
    answer("inertia_gravity_wave_hydrostatic", "inertia_gravity_wave_hydrostatic", 6000, LONG_WAVE, "v"),
    answer("baldauf_brdar", "baldauf_brdar", 600, WAVE, "temperature_perturbation"),
    answer("tracer_advection", "tracer_advection", 1000, TRACERS, "one bell block layer"),
    answer("warm_bubble", "warm_bubble", 120, BOX, "u v"),
    answer("warm_bubble_everything", "warm_bubble", 120, EVERYTHING, "u v bell block"),
    answer("supercell", "supercell", 1200, STORM, "vapour cloud rain accumulated_rain"),
    answer("weisman_klemp", "weisman_klemp", 900, STORM, "vapour cloud rain"),
    answer("squall_line", "squall_line", 1200, SQUALL, "vapour cloud rain accumulated_rain"),
    answer("supercell_ice", "supercell", 1200, STORM_OF_ICE, "cloud snow graupel accumulated_rain"),
    answer("squall_line_exact", "squall_line", 1200, EXACT_SQUALL, "vapour cloud rain accumulated_rain"),
    answer("sounding", "sounding", 900, STORM, "vapour cloud rain"),
    answer("bryan_fritsch_moist", "bryan_fritsch_moist", 300, BRYAN, "vapour cloud theta_e"),
    answer("dry_convection", "dry_convection", 600, PLUMES, "u v"),
    answer("bomex", "bomex", 600, SEA, "u v vapour cloud turbulent_kinetic_energy"),
    answer("rest_over_mountain", "rest_over_mountain", 300, RIDGES, "u"),
    answer("schaer", "schaer", 300, RIDGES, "u"),
    answer("mountain_hydrostatic", "mountain_hydrostatic", 600, WIDE_MOUNTAIN, "u"),
    answer("mountain_open_sides", "mountain_open_sides", 600, SHORT_MOUNTAIN, "u vorticity_y"),
    answer("mountain_nonhydrostatic", "mountain_nonhydrostatic", 300, NARROW_MOUNTAIN, "u"),
    answer("slope_flow", "slope_flow", 120, SLOPE, "u"),
    answer("rough_hill", "hill", 120, ROUGH_HILL, "u v one turbulent_kinetic_energy"),
    answer("hill", "hill", 120, SMALL_HILL, "u v one"),
    answer("moist_ridge", "moist_ridge", 1200, CLOUDY_RIDGE, "u vapour cloud"),
    answer("storm_over_ridge", "storm_over_ridge", 1200, STORMY_RIDGE, "vapour cloud rain cape"),
    answer("isothermal_rest", "isothermal_rest", 7200, SMALL_GLOBE, "u v"),
    answer("rest_over_mountain_sphere", "rest_over_mountain_sphere", 7200, SHALLOW_GLOBE, "u v"),
    answer("jablonowski_williamson", "jablonowski_williamson", 14400, SHALLOW_GLOBE, "u v"),
    answer("baroclinic_steady", "baroclinic_steady", 14400, SMALL_GLOBE, "u v"),
    answer("baroclinic_wave", "baroclinic_wave", 14400, SMALL_GLOBE, "u v"),
    answer("baroclinic_wave_single", "baroclinic_wave", 14400, SMALL_GLOBE_SINGLE, "u v"),
    answer("baroclinic_wave_everything", "baroclinic_wave", 14400, GLOBE_EVERYTHING, "u v"),
    answer(
        "moist_baroclinic_wave",
        "moist_baroclinic_wave",
        14400,
        SOAKED,
        "u vapour cloud accumulated_rain",
    ),
    answer("gravity_wave", "gravity_wave", 600, SMALL_PLANET, "u"),
    answer("schaer_sphere", "schaer_sphere", 120, SMALL_PLANET_RIDGES, "u"),
    answer("supercell_sphere", "supercell_sphere", 1200, SMALL_PLANET_STORM, "u vapour cloud rain"),
    answer("held_suarez", "held_suarez", 14400, SMALL_CLIMATE, "u temperature"),
    answer("lake_at_rest", "lake_at_rest", 14400, SMALL_LAYER, "depth u v"),
    answer("williamson_1", "williamson_1", 14400, SMALL_LAYER, "bell"),
    answer("terminator", "terminator", 86400, SMALL_LAYER, "cl cl2 cly u v"),
    answer("williamson_2", "williamson_2", 14400, SMALL_LAYER, "depth u v"),
    answer("williamson_5", "williamson_5", 14400, SMALL_LAYER, "depth u v vorticity"),
    answer("williamson_6", "williamson_6", 14400, SMALL_LAYER_SINGLE, "depth u v"),
    answer("galewsky", "galewsky", 14400, SMALL_LAYER, "depth u v"),
    answer("laeuter", "laeuter", 14400, SMALL_LAYER, "depth u v"),
];

fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(format!("{name}.h5"))
}

/// Runs a case in `folder` and returns the file of its last snapshot.
fn run(folder: &Path, answer: &Answer) -> PathBuf {
    let path = support::configuration(answer.configuration).display().to_string();
    let of_the_air: &[&str] = if path.contains("shallow_water") { &[] } else { &["w", "theta_perturbation"] };
    let variables: Vec<String> = of_the_air
        .iter()
        .copied()
        .chain(answer.variables.split(' '))
        .map(|name| format!("\"{name}\""))
        .collect();
    let settings = [
        format!("time.end_s={}", answer.end),
        format!("output.every_s={}", answer.end),
        format!("output.variables=[{}]", variables.join(", ")),
        "output.files=many".into(),
        "output.precision=double".into(),
        "output.compression=9".into(),
        "output.series_every_s=never".into(),
        "checkpoint.every_s=never".into(),
    ];
    let overrides = answer.overrides.split_whitespace().map(String::from).chain(settings);
    let arguments = ["run", &path, "--quiet", "--threads", "1", "--output", answer.name].map(String::from);
    let arguments = arguments.into_iter().chain(overrides.flat_map(|text| ["--set".into(), text]));
    gale(folder, arguments).succeeded();
    folder.join(answer.name).join(format!("snapshot_{:09}.h5", answer.end))
}

#[test]
fn every_case_gives_the_answers_that_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let renew = std::env::var_os(RENEW).is_some();
    let mut different = Vec::new();
    for answer in ANSWERS {
        let (now, kept) = (run(folder.path(), answer), reference(answer.name));
        let compared = gale(folder.path(), ["compare".as_ref(), kept.as_os_str(), now.as_os_str()]);
        if compared.status == Some(0) {
            continue;
        }
        if renew {
            fs::copy(&now, &kept).unwrap_or_else(|error| panic!("{}: {error}", kept.display()));
        } else {
            different.push(format!("{}: {compared}", answer.name));
        }
    }
    assert!(
        different.is_empty(),
        "{} of {} answers have changed. If that is meant: scripts/renew-references \"reason\"\n{}",
        different.len(),
        ANSWERS.len(),
        different.join("\n")
    );
}

#[test]
fn every_configuration_has_an_answer() {
    for entry in
        support::GEOMETRIES.map(support::configurations).iter().flat_map(|f| fs::read_dir(f).unwrap())
    {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(ANSWERS.iter().any(|answer| answer.configuration == name), "{name} has no reference answer");
    }
}

#[test]
fn every_reference_belongs_to_an_answer_and_all_are_small() {
    let mut bytes = 0;
    for entry in fs::read_dir(reference("rest").parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        bytes += fs::metadata(&path).unwrap().len();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_known = ANSWERS.iter().any(|answer| reference(answer.name) == path);
        assert!(
            is_known
                || ["ANSWERS", "bomex_profiles", "held_suarez_climate", "supercell_sphere_series"]
                    .contains(&name),
            "{} belongs to no answer: remove it",
            path.display()
        );
    }
    let most = 70_000 * ANSWERS.len() as u64;
    assert!(bytes < most, "the references take {bytes} bytes, where {most} are enough");
}
