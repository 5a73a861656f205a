//! The real binary on faulty configurations: exit status 2, and messages that name the place and the cure.

mod support;

use std::path::Path;
use tempfile::TempDir;

/// Without faults.
const VALID: &str = "\
[case]
name = \"stratified_rest\"
[grid]
nx = 64
nz = 16
dx_m = 100.0
dz_m = 100.0
[time]
end_s = 900
";

/// Runs `gale check` on `text` with overrides; returns the exit status, standard output and standard error.
fn check(text: &str, overrides: &[&str]) -> (i32, String, String) {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join("run.toml"), text).expect("the file is written");
    let mut arguments = vec!["check", "run.toml"];
    for set in overrides {
        arguments.extend(["--set", set]);
    }
    gale(folder.path(), &arguments)
}

fn gale(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let finished = support::gale(folder, arguments);
    (finished.status.unwrap_or(-1), finished.stdout, finished.stderr)
}

/// The changed configuration is refused with every one of these texts in the report.
fn refused(from: &str, to: &str, overrides: &[&str], expected: &[&str]) {
    assert!(VALID.contains(from));
    let (status, _, report) = check(&VALID.replace(from, to), overrides);
    assert_eq!(status, 2, "{report}");
    for text in expected {
        assert!(report.contains(text), "`{text}` is not in:\n{report}");
    }
}

#[test]
fn a_valid_configuration_is_described() {
    let (status, summary, report) = check(VALID, &[]);
    assert_eq!((status, report.as_str()), (0, ""));
    assert!(summary.contains("stratified_rest: 15 min in a box of 64 x 16 cells"), "{summary}");
}

#[test]
fn a_step_that_is_too_long_is_told_before_the_run() {
    let (status, summary, _) = check(VALID, &["time.step_s=6"]);
    assert_eq!(status, 0);
    assert!(summary.contains("note: time.step_s = 6 is too long"), "{summary}");
    assert!(!check(VALID, &["time.step_s=0.1"]).1.contains("note:"));
}

#[test]
fn missing_file_of_heights() {
    let file = ["terrain.shape=file", "terrain.file=nowhere.nc"];
    let (status, _, report) = check(VALID, &file);
    assert_eq!(status, 4, "{report}");
    assert!(report.contains("nowhere.nc"), "{report}");
}

#[test]
fn unknown_key() {
    refused(
        "nx = 64",
        "nx = 64\nnyy = 2",
        &[],
        &["run.toml:5:1: there is no key `nyy` in [grid]", "did you mean `ny`?", "run.toml: 1 fault"],
    );
}

#[test]
fn unknown_section() {
    refused("[time]", "[tiem]", &[], &["run.toml:8:2: there is no section [tiem]", "did you mean `time`?"]);
}

#[test]
fn key_of_another_section() {
    refused("nx = 64", "nx = 64\nend_s = 5", &[], &["run.toml:5:1:", "`end_s` belongs into [time]"]);
}

#[test]
fn key_outside_a_section() {
    refused(
        "[case]",
        "nx = 5\n[case]",
        &[],
        &["run.toml:1:1: the key `nx` stands outside a section", "[grid]"],
    );
}

#[test]
fn misspelt_case() {
    refused(
        "stratified_rest",
        "stratified_rets",
        &[],
        &["run.toml:2:8: there is no case `stratified_rets`", "did you mean `stratified_rest`?"],
    );
}

#[test]
fn misspelt_choice() {
    refused(
        "[time]",
        "[dynamics]\nprecision = \"duoble\"\n[time]",
        &[],
        &["run.toml:9:13: `duoble` is not a value of dynamics.precision", "did you mean `double`?"],
    );
}

#[test]
fn wrong_unit() {
    refused(
        "end_s = 900",
        "end_s = \"5 km\"",
        &[],
        &["run.toml:9:9: time.end_s: `5 km` is a length, but a time is expected", "min, h, day"],
    );
}

#[test]
fn wrong_type() {
    refused(
        "nx = 64",
        "nx = 64.5",
        &[],
        &["run.toml:4:6: grid.nx is a whole number, but a number with a fraction stands there"],
    );
}

#[test]
fn out_of_bounds() {
    refused(
        "dx_m = 100.0",
        "dx_m = -100.0",
        &[],
        &["run.toml:6:8: grid.dx_m = -100 is out of bounds", "allowed: > 0"],
    );
}

#[test]
fn missing_required_key() {
    refused("nx = 64\n", "", &[], &["run.toml:3:2: `nx` is missing in [grid]"]);
}

#[test]
fn several_faults_at_once() {
    refused(
        "nx = 64",
        "nx = 0\nbananas = 3",
        &["time.end_s=fast"],
        &[
            "run.toml:4:6: grid.nx = 0 is out of bounds",
            "run.toml:5:1: there is no key `bananas` in [grid]",
            "--set time.end_s=fast:1:12: time.end_s: `fast` is not a time",
            "run.toml: 3 faults",
        ],
    );
}

#[test]
fn fault_in_an_override() {
    refused(
        "",
        "",
        &["grid.nx=many"],
        &["--set grid.nx=many:1:9: grid.nx is a whole number, but text stands there"],
    );
}

#[test]
fn override_without_form() {
    refused("", "", &["nx"], &["`nx` does not set anything", "section.key=value"]);
}

#[test]
fn an_override_cures_a_fault_of_the_file() {
    let (status, ..) = check(&VALID.replace("nx = 64", "nx = -1"), &["grid.nx=32"]);
    assert_eq!(status, 0);
}

#[test]
fn toml_syntax() {
    refused("nx = 64", "nx = = 64", &[], &["run.toml:4:6: this is not valid TOML"]);
}

#[test]
fn key_written_twice() {
    refused("nx = 64", "nx = 64\nnx = 65", &[], &["run.toml:5:1: this is not valid TOML: duplicate key"]);
}

#[test]
fn missing_file() {
    let folder = TempDir::new().expect("a temporary folder");
    let (status, _, report) = gale(folder.path(), &["check", "nowhere.toml"]);
    assert_eq!(status, 2);
    assert!(report.starts_with("error: nowhere.toml: the configuration cannot be read"), "{report}");
}

#[test]
fn unknown_option() {
    let folder = TempDir::new().expect("a temporary folder");
    let (status, _, report) = gale(folder.path(), &["check", "--fast", "run.toml"]);
    assert_eq!(status, 2);
    assert!(report.contains("--fast"), "{report}");
}

#[test]
fn unknown_case_of_the_list() {
    let folder = TempDir::new().expect("a temporary folder");
    let (status, _, report) = gale(folder.path(), &["cases", "density_curent"]);
    assert_eq!(status, 2);
    assert!(report.contains("did you mean `density_current`?"), "{report}");
}

/// A globe without faults.
const GLOBE: &str = "\
[case]
name = \"baroclinic_wave\"
[grid]
geometry = \"sphere\"
cells_per_edge = 8
nz = 8
top_m = 30000.0
[time]
end_s = 900
";

/// The report on the globe with one override, which is refused.
fn globe_refused(set: &str, expected: &[&str]) {
    let (status, _, report) = check(GLOBE, &[set]);
    assert_eq!(status, 2, "{report}");
    for text in expected {
        assert!(report.contains(text), "`{text}` is not in:\n{report}");
    }
}

#[test]
fn a_valid_globe_is_described() {
    let (status, summary, report) = check(GLOBE, &[]);
    assert_eq!((status, report.as_str()), (0, ""));
    assert!(summary.contains("on a sphere of radius 6371220 m of 6 x 8 x 8 x 8 cells"), "{summary}");
}

#[test]
fn keys_of_the_plane_on_the_globe() {
    for (set, key) in [
        ("grid.nx=8", "grid.nx"),
        ("grid.dx_m=100", "grid.dx_m"),
        ("boundary.x=wall", "boundary.x"),
        ("dynamics.coriolis_per_s=1e-4", "dynamics.coriolis_per_s"),
    ] {
        let message = format!("{key} has a meaning only with grid.geometry = \"plane\"");
        globe_refused(set, &[&message, "leave it out, or choose the plane"]);
    }
}

#[test]
fn keys_of_the_globe_on_the_plane() {
    for set in
        ["grid.cells_per_edge=8", "grid.tilt_deg=5", "dynamics.rotation_per_s=1e-4", "output.latlon_deg=2"]
    {
        let key = set.split('=').next().unwrap();
        refused("", "", &[set], &[key, "sphere"]);
    }
}

#[test]
fn a_globe_of_too_few_cells() {
    globe_refused(
        "grid.cells_per_edge=7",
        &["--set grid.cells_per_edge=7:1:21: grid.cells_per_edge = 7 is out of bounds", "allowed: 8 to 1e5"],
    );
}

#[test]
fn tiles_too_small_for_the_globe() {
    for tile in ["[3, 5]", "[8, 1]"] {
        let message = format!("parallel.tile = {tile} is too small for the globe");
        globe_refused(
            &format!("parallel.tile={tile}"),
            &[&message, "a tile of the globe has at least 4 x 4 columns"],
        );
    }
}

#[test]
fn a_case_on_the_wrong_domain() {
    globe_refused(
        "case.name=warm_bubble",
        &["the case warm_bubble is made for the plane, but the grid is a sphere"],
    );
    let plane = VALID.replace("stratified_rest", "baroclinic_wave");
    let (status, _, report) = check(&plane, &[]);
    assert_eq!(status, 2, "{report}");
    assert!(report.contains("is made for the sphere, but the grid is a plane"), "{report}");
}

#[test]
fn all_keys_are_listed() {
    let folder = TempDir::new().expect("a temporary folder");
    let (status, list, _) = gale(folder.path(), &["keys"]);
    assert_eq!(status, 0);
    for key in gale::config::keys::KEYS {
        assert!(list.contains(key.name) && list.contains(key.doc), "{}", key.path());
    }
}

#[test]
fn the_configurations_of_the_repository_are_right() {
    let mut count = 0;
    for name in ["configs/plane", "configs/production", "configs/sphere", "configs/sphere/shallow_water"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        for file in std::fs::read_dir(&folder).expect("the folder exists") {
            let path = file.expect("it is readable").path();
            if path.is_dir() {
                continue;
            }
            let (status, _, report) = gale(&folder, &["check", &path.to_string_lossy()]);
            assert_eq!(status, 0, "{}:\n{report}", path.display());
            count += 1;
        }
    }
    assert!(count >= 24);
}

#[test]
fn terrain_with_what_it_does_not_know() {
    let shape = ["terrain.shape=bell", "terrain.height_m=500", "terrain.half_width_m=2000"];
    let with = |more: &[&'static str]| [&shape[..], more].concat();
    refused("", "", &["terrain.height_m=500"], &["terrain.height_m has no effect over flat ground"]);
    refused("", "", &shape[..2], &["`half_width_m` is missing in [terrain]"]);
    refused(
        "",
        "",
        &with(&["terrain.wavelength_m=4000"]),
        &["terrain.wavelength_m has no effect for this shape"],
    );
    let basic = ["terrain.coordinate=basic", "terrain.decay_m=5000"];
    refused("", "", &with(&basic), &["terrain.decay_m has no effect for basic levels"]);
    let rough = ["turbulence.scheme=tke", "surface.momentum=log_law", "surface.roughness_m=10"];
    refused("", "", &with(&rough), &["is not below the lowest cells", "a tenth of the height"]);
}

#[test]
fn ground_that_air_touches_without_a_viscosity() {
    refused(
        "",
        "",
        &["surface.momentum=no_slip"],
        &["needs turbulence that carries the fluxes of the ground"],
    );
    refused("", "", &["turbulence.scheme=constant"], &["`viscosity_m2_per_s` is missing in [turbulence]"]);
    let eddies = "turbulence.scheme=smagorinsky";
    refused(
        "",
        "",
        &[eddies, "surface.momentum=no_slip"],
        &["surface.momentum = \"no_slip\" needs a constant viscosity"],
    );
    refused(
        "",
        "",
        &[eddies, "surface.heat=deviation", "surface.theta_deviation_k=-1"],
        &["surface.heat = \"deviation\" needs a constant viscosity"],
    );
}

#[test]
fn terrain_on_the_globe_with_what_it_does_not_know() {
    let hill = [
        "terrain.shape=hill",
        "terrain.height_m=500",
        "terrain.half_width_m=2e6",
        "terrain.longitude_deg=40",
        "terrain.latitude_deg=50",
    ];
    let (status, _, report) = check(GLOBE, &hill);
    assert_eq!((status, report.as_str()), (0, ""));
    for (more, expected) in [
        ("dynamics.viscosity_m2_per_s=1e5", "the air over terrain knows no viscosity on the globe yet"),
        ("terrain.shape=bell", "ridges lie in a box"),
        ("terrain.shape=case", "has no ground of its own"),
        ("terrain.centre_x_m=1000", "terrain.centre_x_m"),
        ("case.name=jablonowski_williamson", "has a ground of its own"),
    ] {
        let (status, _, report) = check(GLOBE, &[&hill[..], &[more]].concat());
        assert_eq!(status, 2, "{report}");
        assert!(report.contains(expected), "`{expected}` is not in:\n{report}");
    }
    globe_refused(
        "terrain.shape=hill",
        &["`height_m` is missing in [terrain]", "`longitude_deg` is missing"],
    );
}
