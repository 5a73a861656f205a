//! A stratified atmosphere at rest stays exactly at rest: after 1000 steps all deviations from the
//! reference state are 0, for every combination of what could disturb them.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | every prognostic deviation | 0 | the deviations are stepped, and every term of theirs vanishes at rest |
//! | every deviation in a uniform wind | 0 | fluxes through opposite faces of a cell are the same bits |
//! | every deviation over terrain, on the plane and the globe | 0 | the reference state is that at the true heights |
//! | horizontal wind on the globe, where the air is not that of the reference state | 0 | no gradient along the levels, all columns are the same bits |
//! | vertical wind there, double precision | 1e-10 m/s | rounding of the balance between pressure and weight |
//! | vertical wind there, single precision | 1e-5 m/s | likewise |

mod support;

use gale::config::Setting;
use gale::config::{Configuration, Precision};
use gale::real::Real;
use gale::state::variables::prognostic;
use support::model::{advance, engine, measure, parse};

const STEPS: usize = 1000;

const REST: &str = "\
[case]
name = \"stratified_rest\"
[grid]
nx = 9
dx_m = 500.0
[time]
end_s = 1e6
";

const DIMENSIONS: [&[&str]; 2] = [&[], &["grid.ny=7"]];
const LEVELS: [&[&str]; 2] =
    [&["grid.nz=8", "grid.dz_m=300"], &["grid.interfaces_m=[0, 100, 250, 500, 900, 1500, 2600, 4000, 6000]"]];
const INTEGRATORS: [&str; 2] = ["dynamics.integrator=ws3g", "dynamics.integrator=o5g"];
const BOUNDARIES: [&[&str]; 3] = [
    &["boundary.x=periodic", "boundary.y=periodic"],
    &["boundary.x=wall", "boundary.y=wall"],
    &["boundary.x=open", "boundary.y=open", "boundary.relaxation_width_m=1000", "boundary.relaxation_s=10"],
];
const PRECISIONS: [&str; 2] = ["dynamics.precision=single", "dynamics.precision=double"];

/// Every combination of dimensions, levels, integrator and precision, with `more` overrides.
fn combinations(more: &[&'static str]) -> Vec<Vec<&'static str>> {
    let mut all = Vec::new();
    for dimensions in DIMENSIONS {
        for levels in LEVELS {
            for integrator in INTEGRATORS {
                for precision in PRECISIONS {
                    all.push([dimensions, levels, &[integrator, precision], more].concat());
                }
            }
        }
    }
    all
}

/// The largest deviations of the prognostic fields after [`STEPS`] steps: momentum from that at the
/// start, which is that of the reference wind, the others from 0.
fn deviations<T: Real>(configuration: &Configuration) -> [f64; 5] {
    let mut engine = engine::<T>(configuration);
    let start = engine.state.clone();
    advance(&mut engine, STEPS);
    let mut largest = [0.0_f64; 5];
    for (tile, start) in engine.state.tiles.iter().zip(&start.tiles) {
        for ((field, start), largest) in tile.dynamic().into_iter().zip(start.dynamic()).zip(&mut largest) {
            let layout = field.layout();
            for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
                for (now, before) in field.cells(j, k).iter().zip(start.cells(j, k)) {
                    let difference = (now.to_f64() - before.to_f64()).abs();
                    *largest = if difference <= *largest { *largest } else { difference };
                }
            }
        }
    }
    largest
}

/// Air of 280 K over a reference state of 260 K, on a globe.
const GLOBE: &str = "\
[case]
name = \"isothermal_rest\"
[grid]
geometry = \"sphere\"
cells_per_edge = 8
nz = 8
top_m = 30000.0
stretching = 10.0
[time]
end_s = 1e9
";

/// The largest magnitudes of the momentum along the panels, in kg/m2/s, and of the vertical wind in m/s after
/// 200 steps.
fn motion<T: Real>(configuration: &Configuration) -> [f64; 2] {
    let mut engine = engine::<T>(configuration);
    advance(&mut engine, 200);
    let mut momentum = 0.0_f64;
    for tile in &engine.state.tiles {
        let along = [&tile.momentum_x, &tile.momentum_y].into_iter().chain(&tile.momentum_n);
        for field in along {
            let layout = field.layout();
            for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
                for value in field.cells(j, k) {
                    let value = value.to_f64().abs();
                    momentum = if value <= momentum { momentum } else { value };
                }
            }
        }
    }
    [momentum, measure(&engine).w.magnitude()]
}

/// Air at rest on the globe gets no horizontal wind at all and no more vertical wind than `most` m/s.
fn globe_rests(most: f64, precision: &str) {
    let still = ["grid.tilt_deg=0", "dynamics.rotation_per_s=0"];
    let turning = ["grid.tilt_deg=45", "dynamics.rotation_per_s=7.292e-5"];
    for integrator in INTEGRATORS {
        for [tilt, rotation] in [still, turning] {
            let overrides = [integrator, tilt, rotation, precision];
            let configuration = parse(GLOBE, overrides);
            let [momentum, w] = match configuration.dynamics.precision {
                Precision::Single => motion::<f32>(&configuration),
                Precision::Double => motion::<f64>(&configuration),
            };
            println!("{overrides:?}: w up to {w:.1e} m/s");
            assert!(momentum == 0.0, "horizontal momentum of {momentum:e} with {overrides:?}");
            assert!(w < most, "w of {w:e} m/s with {overrides:?}");
        }
    }
}

#[test]
fn air_at_rest_on_the_globe_stays_at_rest_in_double_precision() {
    globe_rests(1e-10, PRECISIONS[1]);
}

#[test]
fn air_at_rest_on_the_globe_stays_at_rest_in_single_precision() {
    globe_rests(1e-5, PRECISIONS[0]);
}

/// The reference state over steep rings of ridges, on a globe that turns.
const GLOBE_RIDGES: &str = "\
[case]
name = \"rest_over_mountain_sphere\"
height_m = 4000.0
wavelength_deg = 30.0
centre_longitude_deg = 37.0
centre_latitude_deg = 31.0
temperature_k = 260.0
lapse_rate_k_per_m = 0.0
[grid]
geometry = \"sphere\"
cells_per_edge = 8
nz = 8
top_m = 20000.0
stretching = 3.0
tilt_deg = 20.0
[dynamics]
rotation_per_s = 7.292e-5
[boundary]
sponge_base_m = 12000.0
sponge_rate_per_s = 0.001
[time]
end_s = 1e9
";

#[test]
fn air_at_rest_on_the_globe_stays_at_rest_over_ridges() {
    let hybrid = ["terrain.decay_m=1e4", "terrain.small_decay_m=8e3", INTEGRATORS[1], PRECISIONS[0]];
    for overrides in [&["terrain.coordinate=basic", INTEGRATORS[0], PRECISIONS[1]][..], &hybrid] {
        let configuration = parse(GLOBE_RIDGES, overrides);
        let largest = match configuration.dynamics.precision {
            Precision::Single => deviations::<f32>(&configuration),
            Precision::Double => deviations::<f64>(&configuration),
        };
        assert!(largest == [0.0; 5], "{largest:?} with {overrides:?}");
    }
}

fn stays_exactly(overrides: &[&str]) {
    let configuration = parse(REST, overrides);
    let largest = match configuration.dynamics.precision {
        Precision::Single => deviations::<f32>(&configuration),
        Precision::Double => deviations::<f64>(&configuration),
    };
    for (variable, deviation) in prognostic(Setting::Plane, &[]).iter().zip(largest) {
        assert!(deviation == 0.0, "{}: {deviation:e} with {overrides:?}", variable.name);
    }
}

#[test]
fn air_at_rest_stays_at_rest_between_periodic_sides() {
    combinations(BOUNDARIES[0]).iter().for_each(|overrides| stays_exactly(overrides));
}

#[test]
fn air_at_rest_stays_at_rest_between_walls() {
    combinations(BOUNDARIES[1]).iter().for_each(|overrides| stays_exactly(overrides));
}

#[test]
fn air_at_rest_stays_at_rest_between_open_sides() {
    combinations(BOUNDARIES[2]).iter().for_each(|overrides| stays_exactly(overrides));
}

#[test]
fn air_at_rest_feels_neither_rotation_nor_viscosity_nor_sponge() {
    let forces = [
        "dynamics.coriolis_per_s=1e-4",
        "dynamics.viscosity_m2_per_s=100",
        "boundary.sponge_base_m=1000",
        "boundary.sponge_rate_per_s=0.1",
    ];
    combinations(&forces).iter().for_each(|overrides| stays_exactly(overrides));
}

#[test]
fn a_uniform_wind_stays_uniform() {
    combinations(&["case.wind_m_per_s=20"]).iter().for_each(|overrides| stays_exactly(overrides));
}

#[test]
fn air_at_rest_stays_at_rest_over_terrain() {
    let terrain = ["terrain.shape=hill", "terrain.height_m=900", "terrain.half_width_m=800"];
    let forces =
        ["dynamics.coriolis_per_s=1e-4", "dynamics.viscosity_m2_per_s=50", "turbulence.scheme=smagorinsky"];
    for coordinate in ["terrain.coordinate=basic", "terrain.coordinate=hybrid"] {
        for sides in &BOUNDARIES {
            let sponge = ["boundary.sponge_base_m=1500", "boundary.sponge_rate_per_s=0.1"];
            let slow = ["terrain.decay_m=2500", "terrain.small_decay_m=1500"];
            let slow = if coordinate.ends_with("hybrid") { &slow[..] } else { &[] };
            let more = [&terrain[..], &[coordinate], slow, sides, &sponge, &forces].concat();
            combinations(&more).iter().for_each(|overrides| stays_exactly(overrides));
        }
    }
}
