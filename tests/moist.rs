//! Moist air: rest, conservation and symmetry of storms that rain, and reversible clouds.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | deviations of unsaturated air at rest | 0 | nothing condenses, and the reference state is in balance |
//! | deviations of unsaturated air at rest over a hill | 0 | likewise, at the true heights |
//! | wind (m/s) and p' (Pa) of such air on a planet with a hill | 1e-6 | the case computes its balance to 1e-6 Pa |
//! | w of clouds at rest over a hill | 1e-10 m/s | rounding decides whether a cell condenses |
//! | dry air and water, in the air and on the ground, relative | 1e-13 | only rounding is left |
//! | least mixing ratio of a water | -1e-15 kg/kg | the limiter and the fall of rain leave nothing below zero but rounding |
//! | mirror images across the shear | 0 | the same operations on both sides |
//! | least theta_e' around the bubble in clouds | -0.5 K | undershoots of the scheme at 400 m |
//! | relative humidity of clouds, minus 1 | 3e-3 | the correction of the expansion follows condensation in a step |
//! | largest theta_e' and w of the bubble at 400 m | 15 % | other models at 400 m; at 100 m `gale verify` compares |

mod support;

use gale::config::Configuration;
use gale::simulation::Engine;
use support::model::{advance, configure, engine, field, measure, parse};

/// A small storm that rains within 20 minutes.
const STORM: &str = "\
[case]
name = \"weisman_klemp\"
amplitude_k = 5.0
horizontal_radius_m = 6000.0
[grid]
nx = 20
ny = 16
nz = 16
dx_m = 1500.0
top_m = 16000.0
stretching = 3.0
[time]
end_s = 1e6
[dynamics]
integrator = \"o5g\"
[boundary]
sponge_base_m = 12000.0
sponge_rate_per_s = 0.003
";

fn storm(overrides: &[&str]) -> (Configuration, Engine<f64>) {
    let configuration = parse(STORM, overrides);
    let engine = engine(&configuration);
    (configuration, engine)
}

/// Steps until some rain has reached the ground.
fn until_it_rains(engine: &mut Engine<f64>) {
    let water = measure(engine).water();
    while measure(engine).fallen_rain <= 1e-7 * water {
        assert!(engine.state.clock.seconds() < 3600.0, "no rain has fallen in an hour");
        advance(engine, 20);
    }
    advance(engine, 60);
}

#[test]
fn unsaturated_air_stays_at_rest() {
    let (configuration, mut engine) =
        storm(&["case.amplitude_k=0", "case.shear_m_per_s=0", "case.grid_u_m_per_s=0"]);
    advance(&mut engine, 50);
    for name in ["u", "w", "theta_perturbation", "pressure_perturbation", "cloud", "rain"] {
        assert!(field(&engine, &configuration, name).iter().all(|&value| value == 0.0), "{name}");
    }
    let vapour = field(&engine, &configuration, "vapour");
    assert!(vapour[[0, 0, 0]] > 0.012, "{}", vapour[[0, 0, 0]]);
}

/// What puts a hill under a storm.
const HILL: [&str; 5] = [
    "terrain.shape=hill",
    "terrain.height_m=1200",
    "terrain.half_width_m=4000",
    "terrain.decay_m=8000",
    "terrain.small_decay_m=5000",
];

#[test]
fn unsaturated_air_stays_at_rest_over_a_hill() {
    let still = ["case.amplitude_k=0", "case.shear_m_per_s=0", "case.grid_u_m_per_s=0"];
    let (configuration, mut engine) = storm(&[&HILL[..], &still].concat());
    advance(&mut engine, 50);
    for name in ["u", "w", "density_perturbation", "pressure_perturbation", "cloud", "rain"] {
        assert!(field(&engine, &configuration, name).iter().all(|&value| value == 0.0), "{name}");
    }
}

#[test]
fn unsaturated_air_stays_at_rest_on_a_planet_with_a_hill() {
    let still = ["case.amplitude_k=0", "case.shear_m_per_s=0", "case.grid_u_m_per_s=0"];
    let size = ["grid.cells_per_edge=8", "grid.nz=12", "grid.dz_m=1600"];
    let inviscid = ["dynamics.viscosity_m2_per_s=0", "dynamics.diffusivity_m2_per_s=0"];
    let place = ["terrain.longitude_deg=40", "terrain.latitude_deg=30"];
    let configuration = configure("supercell_sphere", [&HILL[..], &place, &size, &inviscid, &still].concat());
    let mut engine = engine::<f64>(&configuration);
    advance(&mut engine, 50);
    for name in ["u", "v", "w", "pressure_perturbation", "cloud", "rain"] {
        let largest =
            field(&engine, &configuration, name).iter().fold(0f64, |most, value| most.max(value.abs()));
        assert!(largest < 1e-6, "{name}: {largest:e}");
    }
}

/// Clouds without wind over a ridge.
const CLOUDS: &str = "\
[case]
name = \"moist_ridge\"
wind_m_per_s = 0.0
moist_brunt_vaisala_per_s = 0.005
cloud_g_per_kg = 0.5
[grid]
nx = 20
nz = 24
dx_m = 1000.0
dz_m = 500.0
[terrain]
shape = \"bell\"
height_m = 1000.0
half_width_m = 3000.0
[time]
end_s = 1e6
";

#[test]
fn clouds_stay_at_rest_over_a_ridge() {
    for process in ["kessler", "warm_rain", "saturation"] {
        let configuration = parse(CLOUDS, [format!("physics.processes=[\"{process}\"]")]);
        let mut engine = engine::<f64>(&configuration);
        advance(&mut engine, 500);
        let (measured, cloud) = (measure(&engine), field(&engine, &configuration, "cloud"));
        println!("{process}: w up to {:e} m/s", measured.w.magnitude());
        assert!(measured.w.magnitude() < 1e-10, "{process}: {:e}", measured.w.magnitude());
        let below = cloud.iter().take(20 * 10).copied();
        assert!(below.fold(f64::INFINITY, f64::min) > 0.49e-3, "{process} leaves the clouds as they are");
    }
}

/// A wave in air so moist that it rains from the start.
const GLOBE: &str = "\
[case]
name = \"moist_baroclinic_wave\"
vapour_kg_per_kg = 0.04
[grid]
geometry = \"sphere\"
cells_per_edge = 8
nz = 10
top_m = 30000.0
stretching = 10.0
tilt_deg = 30.0
[time]
end_s = 1e6
";

#[test]
fn dry_air_and_water_stay_on_the_globe() {
    water_stays_on_the_globe(&[]);
}

#[test]
fn dry_air_and_water_stay_on_a_globe_with_a_hill() {
    water_stays_on_the_globe(&[
        "terrain.shape=hill",
        "terrain.height_m=2500",
        "terrain.half_width_m=1.5e6",
        "terrain.longitude_deg=40",
        "terrain.latitude_deg=50",
        "terrain.coordinate=basic",
    ]);
}

fn water_stays_on_the_globe(overrides: &[&str]) {
    let configuration = parse(GLOBE, overrides.iter());
    let mut engine = engine::<f64>(&configuration);
    let start = measure(&engine);
    until_it_rains(&mut engine);
    let end = measure(&engine);
    let drift = |from: f64, to: f64| (to - from) / from;
    let (dry, water) = (drift(start.dry_mass(), end.dry_mass()), drift(start.water(), end.water()));
    println!("dry air {dry:.1e}, water {water:.1e}, rain {:e} kg", end.fallen_rain);
    assert!(dry.abs() < 1e-13, "dry air drifts by {dry:e}");
    assert!(water.abs() < 1e-13, "water drifts by {water:e}");
}

#[test]
fn dry_air_and_water_stay() {
    water_stays(&[]);
}

#[test]
fn dry_air_and_water_stay_over_a_hill() {
    water_stays(&HILL);
}

#[test]
fn dry_air_and_water_stay_with_exact_heat_capacities() {
    water_stays(&["physics.processes=[\"warm_rain\"]"]);
}

#[test]
fn dry_air_and_water_stay_with_ice() {
    water_stays(&["physics.processes=[\"simple_ice\"]"]);
}

fn water_stays(overrides: &[&str]) {
    let (configuration, mut engine) = storm(overrides);
    let start = measure(&engine);
    until_it_rains(&mut engine);
    let end = measure(&engine);
    let drift = |from: f64, to: f64| (to - from) / from;
    let (dry, water) = (drift(start.dry_mass(), end.dry_mass()), drift(start.water(), end.water()));
    println!("dry air {dry:.1e}, water {water:.1e}, fallen {:.3e} kg, w {:.1}", end.fallen_rain, end.w.most);
    assert!(dry.abs() < 1e-13 && water.abs() < 1e-13, "{dry:e} {water:e}");
    assert!(end.fallen_rain > 1e-7 * start.water() && end.w.most > 5.0);
    for name in &configuration.dynamics.tracers {
        let least = field(&engine, &configuration, name).iter().copied().fold(f64::INFINITY, f64::min);
        assert!(least >= -1e-15, "{name} falls to {least:e}");
    }
    let fallen = field(&engine, &configuration, "accumulated_rain");
    assert!(fallen.iter().all(|&rain| rain >= 0.0) && fallen.iter().any(|&rain| rain > 0.0));
}

#[test]
fn a_storm_in_straight_shear_is_its_own_mirror_image() {
    is_its_own_mirror_image(&["turbulence.scheme=tke", "turbulence.grid_length=separate"]);
}

#[test]
fn a_storm_with_ice_is_its_own_mirror_image() {
    is_its_own_mirror_image(&["physics.processes=[\"simple_ice\"]"]);
}

fn is_its_own_mirror_image(overrides: &[&str]) {
    let (configuration, mut engine) = storm(overrides);
    until_it_rains(&mut engine);
    let rows = configuration.grid.ny;
    for (name, sign) in
        [("w", 1.0), ("v", -1.0), ("rain", 1.0), ("theta_perturbation", 1.0), ("accumulated_rain", 1.0)]
    {
        let values = field(&engine, &configuration, name);
        for ((k, j, i), value) in values.indexed_iter() {
            assert_eq!(*value, sign * values[[k, rows - 1 - j, i]], "{name} at {i}, {j}, {k}");
        }
    }
}

#[test]
fn without_its_process_a_storm_is_dry() {
    let configuration = parse(STORM, ["physics.processes=[]"]);
    assert!(configuration.dynamics.tracers.is_empty());
    let mut engine = engine::<f64>(&configuration);
    advance(&mut engine, 5);
    assert_eq!(measure(&engine).waters, 0);
}

#[test]
fn a_bubble_in_clouds_keeps_the_equivalent_potential_temperature() {
    let overrides = ["grid.nx=50", "grid.nz=25", "grid.dx_m=400", "grid.dz_m=400"];
    let configuration = configure("bryan_fritsch_moist", overrides);
    let mut engine = engine::<f64>(&configuration);
    while engine.state.clock.seconds() < 1000.0 {
        advance(&mut engine, 1);
    }
    let theta_e = field(&engine, &configuration, "theta_e");
    let (least, most) = theta_e.iter().fold((f64::INFINITY, 0f64), |(a, b), &x| (a.min(x), b.max(x)));
    let w = measure(&engine).w.most;
    println!("theta_e' {:.3} .. {:.3} K, w {w:.2} m/s", least - 320.0, most - 320.0);
    // A C-grid model with rho_d theta_e as its variable: 2.88 K and 13.8 m/s at 400 m.
    assert!(least > 319.5, "{least}");
    assert!(((most - 320.0) / 2.88 - 1.0).abs() < 0.15 && (w / 13.8 - 1.0).abs() < 0.15);
    let relative = field(&engine, &configuration, "relative_humidity");
    assert!(relative.iter().all(|humidity| (humidity - 1.0).abs() < 3e-3));
}
