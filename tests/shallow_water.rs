//! Shallow water on the cubed sphere, on small grids; `gale verify --full` has the long runs.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | volume | 1e-13 (double), 1e-6 (single) | fluxes through faces are the same from both sides; rounding |
//! | lake at rest | 1e-11 m/s | the ground goes through the operator of the depth; rounding |
//! | steady flow, 16 cells an edge | 3e-5 | measured 2.6e-5 |
//! | tracer of 1 | 1e-12 | carried by the fluxes of the depth; rounding |
//! | tilings, restarts of the core | 0 | every face is computed by the same operations on both sides |

mod support;

use gale::cases::verification::Evidence;
use gale::config::Configuration;
use gale::real::Real;
use gale::simulation::Engine;
use support::model::{advance, engine, parse, run};

fn configured(case: &str, overrides: &[&str]) -> Configuration {
    let text = format!(
        "[case]\nname = \"{case}\"\n[grid]\ngeometry = \"sphere\"\ncells_per_edge = 16\ntilt_deg = 45.0\n\
         [time]\nend_s = \"1 day\"\n[dynamics]\ngravity_m_per_s2 = 9.80616\n"
    );
    parse(&text, overrides)
}

fn ended(case: &str, overrides: &[&str], variables: &[&str]) -> Evidence {
    run(configured(case, overrides), variables)
}

#[test]
fn a_lake_stays_at_rest() {
    let lake = ended("lake_at_rest", &["time.end_s=\"2 days\""], &["u", "v", "surface"]);
    assert!(lake.largest_speed().unwrap() < 1e-11);
    assert!(lake.largest_difference_from("surface", 5960.0).unwrap() < 1e-9);
    let single = ended("lake_at_rest", &["dynamics.precision=\"single\""], &["u", "v"]);
    assert!(single.largest_speed().unwrap() < 1e-2);
}

#[test]
fn a_balanced_flow_stays() {
    let flow = ended("williamson_2", &["time.end_s=\"5 days\""], &["depth"]);
    assert!(flow.depth_error().unwrap() < 3e-5);
    assert!(flow.ending.mass_drift.abs() < 1e-13);
    assert!(flow.energy_drift().unwrap().abs() < 1e-5);
    let single = ended("williamson_2", &["dynamics.precision=\"single\""], &["depth"]);
    assert!(single.depth_error().unwrap() < 3e-5);
    assert!(single.ending.mass_drift.abs() < 1e-6);
}

#[test]
fn vorticity_is_that_of_the_flow() {
    // Solid-body rotation: 2 omega sin(latitude), at most 2 omega; the cells' averages come close to it.
    let flow = ended("williamson_2", &["time.end_s=\"1 h\""], &["vorticity"]);
    let omega = 2.0 * std::f64::consts::PI / (12.0 * 86_400.0);
    let found = flow.extremes("vorticity").unwrap();
    assert!((found.max / (2.0 * omega) - 1.0).abs() < 0.01, "{found:?}");
    assert!((found.min / (2.0 * omega) + 1.0).abs() < 0.01, "{found:?}");
}

#[test]
fn an_unsteady_exact_solution_is_followed() {
    let flow = ended("laeuter", &[], &["depth"]);
    assert!(flow.depth_error().unwrap() < 2e-5);
}

#[test]
fn tracers_stay_positive_and_one_stays_one() {
    let tracers = "dynamics.tracers=[\"one\", \"bell\", \"block\"]";
    for case in ["williamson_1", "williamson_5"] {
        let carried = ended(case, &[tracers], &["one", "bell", "block"]);
        assert!(carried.largest_difference_from("one", 1.0).unwrap() < 1e-12, "{case}");
        assert!(carried.extremes("bell").unwrap().min >= 0.0, "{case}");
        assert!(carried.extremes("block").unwrap().min >= 0.0, "{case}");
    }
    let bell = ended("williamson_1", &["dynamics.tracers=[\"bell\"]"], &["bell"]);
    assert!(bell.carried_tracer_error("bell").unwrap() < 0.05);
}

#[test]
fn panels_around_the_equator_agree() {
    let wave = ended("williamson_6", &["grid.tilt_deg=0.0"], &["depth"]);
    assert!(wave.difference_of_panels("depth").unwrap() < 1e-9);
}

/// The bits of all cells of a field, by panel, row and column.
fn bits<T: Real>(engine: &Engine<T>) -> Vec<u64> {
    let n = engine.mesh.geometry.extent()[0];
    let count = engine.state.tiles[0].prognostic().count();
    let mut all = vec![0; count * 6 * n * n];
    for (tile, fields) in engine.mesh.local_tiles().iter().zip(&engine.state.tiles) {
        for (number, field) in fields.prognostic().enumerate() {
            for j in 0..tile.nj {
                for (i, value) in field.cells(j, 0).iter().enumerate() {
                    let row = (number * 6 + tile.panel) * n + tile.j0 + j;
                    all[row * n + tile.i0 + i] = value.bits();
                }
            }
        }
    }
    all
}

fn bits_after_steps<T: Real>(case: &str, tile: &str) -> Vec<u64> {
    let precision = format!("dynamics.precision=\"{}\"", T::NAME);
    let tile = format!("parallel.tile={tile}");
    let tracers = "dynamics.tracers=[\"bell\", \"one\"]";
    let mut engine = engine::<T>(&configured(case, &[&precision, &tile, tracers]));
    advance(&mut engine, 5);
    bits(&engine)
}

#[test]
fn results_do_not_depend_on_tiles() {
    for case in ["williamson_5", "williamson_1"] {
        let whole = bits_after_steps::<f64>(case, "[16, 16]");
        assert!(whole == bits_after_steps::<f64>(case, "[8, 8]"), "{case}");
        assert!(whole == bits_after_steps::<f64>(case, "[16, 5]"), "{case}");
        assert!(
            bits_after_steps::<f32>(case, "[16, 16]") == bits_after_steps::<f32>(case, "[5, 7]"),
            "{case}"
        );
    }
}

#[test]
fn a_restarted_core_takes_the_same_steps() {
    let mut through = engine::<f64>(&configured("galewsky", &[]));
    advance(&mut through, 4);
    let mut again = engine::<f64>(&configured("galewsky", &[]));
    again.state = through.state.clone();
    again.census = through.census;
    advance(&mut through, 4);
    advance(&mut again, 4);
    assert!(bits(&through) == bits(&again));
}
