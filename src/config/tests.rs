//! The checks, with a registry of their own: one property a test.

use super::check::Known;
use super::report::Fault;
use super::*;
use crate::cases::{Air, Base, Case, CaseInfo, Parameter, Point, Setup};

struct Still;

impl Case for Still {
    fn base(&self, _z: f64) -> Base {
        Base { potential_temperature: 300.0, exner: 1.0, u: 0.0, v: 0.0 }
    }
    fn initial(&self, _at: Point, _base: &Base) -> Air {
        Air::default()
    }
}

fn still(_: &Setup<'_>) -> Box<dyn Case> {
    Box::new(Still)
}

const CASES: &[CaseInfo] = &[CaseInfo {
    setting: Setting::Plane,
    name: "cold_pool",
    title: "",
    reference: "",
    parameters: &[
        Parameter::new("depth_m", "m", 2000.0, [1.0, 1e4], ""),
        Parameter::new("cooling_k", "K", -15.0, [-50.0, 50.0], ""),
    ],
    build: still,
}];

const SMALL: &str = r#"
[case]
name = "cold_pool"
[grid]
nx = 64
nz = 16
dx_m = 100
dz_m = "0.1 km"
[time]
end_s = "15 min"
"#;

fn check(text: &str, overrides: &[&str]) -> std::result::Result<Configuration, Vec<Fault>> {
    let overrides: Vec<_> = overrides.iter().map(|text| text.to_string()).collect();
    read_and_check(
        "test.toml",
        text,
        &overrides,
        &Known { cases: CASES, tracers: &["ball", "cone"], processes: crate::physics::registry() },
    )
    .1
}

fn valid(overrides: &[&str]) -> Configuration {
    check(SMALL, overrides).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The single fault that the overrides cause, as message and help.
fn fault(overrides: &[&str]) -> (String, String) {
    let mut faults = check(SMALL, overrides).expect_err("it has a fault");
    assert_eq!(faults.len(), 1, "{faults:#?}");
    let fault = faults.remove(0);
    (fault.message, fault.help)
}

#[test]
fn defaults_fill_what_is_not_written() {
    let small = valid(&[]);
    assert_eq!((small.grid.ny, small.grid.dy, small.grid.nz), (1, 100.0, 16));
    assert_eq!(small.grid.interfaces[16], 1600.0);
    assert_eq!(small.time.end, 900.0);
    assert_eq!(small.time.step, StepChoice::Auto { fraction: 0.9, longest: f64::INFINITY });
    assert_eq!(small.case.parameters["depth_m"], 2000.0);
    assert_eq!(small.output.every, Some(900.0));
    assert_eq!(small.output.directory, Path::new("runs/cold_pool"));
    assert_eq!((small.checkpoint.every, small.checkpoint.keep), (None, 2));
    assert_eq!((small.parallel.tile, small.parallel.threads), (None, None));
}

#[test]
fn derived_defaults_follow_their_keys() {
    let config = valid(&["dynamics.viscosity_m2_per_s=75", "output.every_s=5 min"]);
    assert_eq!(config.dynamics.diffusivity, 75.0);
    assert_eq!(config.output.series_every, Some(300.0));
    let config = valid(&["output.every_s=never", "output.series_every_s=1"]);
    assert_eq!((config.output.every, config.output.series_every), (None, Some(1.0)));
}

#[test]
fn the_effective_text_gives_the_same_configuration() {
    let written = valid(&[
        "case.cooling_k=-7.5",
        "time.step_s=0.5 s",
        "dynamics.tracers=[\"ball\"]",
        "output.variables=[\"w\", \"ball\"]",
        "output.directory=else/where",
        "parallel.tile=[8, 1]",
        "time.start_date=1999-12-31 23:59:59",
    ]);
    let again = check(&written.text, &[]).unwrap();
    assert_eq!(format!("{written:?}"), format!("{again:?}"));
}

#[test]
fn a_sponge_damps_the_vertical_wind_at_its_own_rate() {
    let rates = |sets: &[&str]| {
        let mut sets = sets.to_vec();
        sets.extend(["boundary.sponge_base_m=1000", "boundary.sponge_rate_per_s=0.01"]);
        let sponge = valid(&sets).boundary.sponge.unwrap();
        (sponge.rate, sponge.w_rate)
    };
    assert_eq!(rates(&[]), (0.01, 0.01));
    assert_eq!(rates(&["boundary.sponge_w_rate_per_s=0.2"]), (0.01, 0.2));
}

#[test]
fn time_can_do_without_a_calendar() {
    let configuration = valid(&["time.calendar=none"]);
    assert_eq!(configuration.time.calendar, "none");
    assert_eq!(check(&configuration.text, &[]).unwrap().time.calendar, "none");
}

/// The globe of the built-in case `name`.
fn globe(name: &str) -> String {
    format!(
        "[case]\nname = \"{name}\"\n[grid]\ngeometry = \"sphere\"\ncells_per_edge = 8\nnz = 8\ntop_m = 2e4\n\
         [time]\nend_s = \"1 h\"\n"
    )
}

#[test]
fn water_comes_before_passive_tracers() {
    let tracers = |overrides: &[&str]| valid(overrides).dynamics.tracers;
    assert_eq!(tracers(&["dynamics.tracers=[\"ball\"]"]), ["ball"]);
    let processes = "physics.processes=[\"kessler\"]";
    assert_eq!(tracers(&[processes, "dynamics.tracers=[\"ball\"]"]), ["vapour", "cloud", "rain", "ball"]);
    assert_eq!(tracers(&["physics.processes=[\"saturation\"]"]), ["vapour", "cloud"]);
}

#[test]
fn tracers_of_processes_come_before_passive_ones() {
    let overrides =
        ["physics.processes=[\"kessler\", \"terminator\"]", "dynamics.tracers=[\"one\"]"].map(String::from);
    let configuration = parse("test.toml", &globe("baroclinic_wave"), &overrides).unwrap();
    assert_eq!(configuration.dynamics.tracers, ["vapour", "cloud", "rain", "cl", "cl2", "one"]);
    let alone = ["dynamics.tracers=[\"cl\"]".to_string()];
    assert!(parse("test.toml", &globe("baroclinic_wave"), &alone).is_err());
}

#[test]
fn a_case_brings_its_processes_unless_others_are_written() {
    let processes = |name: &str, overrides: &[&str]| {
        let overrides: Vec<_> = overrides.iter().map(|text| text.to_string()).collect();
        parse("test.toml", &globe(name), &overrides).unwrap().physics.processes
    };
    assert_eq!(processes("held_suarez", &[]), ["held_suarez"]);
    assert!(processes("held_suarez", &["physics.processes=[]"]).is_empty());
    assert!(processes("baroclinic_wave", &[]).is_empty());
    assert_eq!(processes("baroclinic_wave", &["physics.processes=[\"held_suarez\"]"]), ["held_suarez"]);
    let found = fault(&["physics.processes=[\"held_suarez\"]"]);
    assert!(found.0.contains("`held_suarez` is not made for"), "{found:?}");
}

#[test]
fn latitudes_and_longitudes_are_read() {
    let lines = "[output]\nevery_s = 600\nlatlon_deg = 2.5\npressure_levels_pa = [\"850 hPa\", 50000]\n\
                 means_from_s = \"25 min\"\nmeans_every_s = 600\n";
    let configuration = parse("test.toml", &(globe("held_suarez") + lines), &[]).unwrap();
    let latlon = configuration.output.latlon.unwrap();
    assert_eq!((latlon.spacing, latlon.every, latlon.zonal_means), (2.5, Some(600.0), false));
    assert_eq!(latlon.pressures, [85000.0, 50000.0]);
    assert_eq!(latlon.means.unwrap().first(), 1_800_000_000);
    parse("test.toml", &configuration.text, &[]).unwrap();
}

#[test]
fn nonsense_on_latitudes_and_longitudes_is_refused() {
    for (lines, message) in [
        ("latlon_deg = 0.7", "output.latlon_deg = 0.7 does not divide 180 degrees"),
        ("latlon_deg = 0", "output.latlon_deg = 0 is out of bounds"),
        ("zonal_means = \"yes\"", "output.zonal_means has no effect without output.latlon_deg"),
        ("means_from_s = 0", "output.means_from_s has no effect without output.latlon_deg"),
        ("latlon_deg = 1\npressure_levels_pa = [-500]", "output.pressure_levels_pa = -500 is out of bounds"),
        ("latlon_deg = 1\npressure_levels_pa = []", "output.pressure_levels_pa is empty"),
        ("latlon_deg = 1\npressure_levels_pa = [5e4, 8e4, 2e4]", "neither rises nor falls"),
        ("latlon_deg = 1\npressure_levels_pa = [\"5 km\"]", "a pressure is expected"),
        ("latlon_deg = 1\nmeans_from_s = 1", "there would be nothing to average"),
    ] {
        let text = globe("held_suarez") + "[output]\n" + lines;
        let error = parse("test.toml", &text, &[]).unwrap_err().to_string();
        assert!(error.contains(message) && error.contains("1 fault"), "{lines}: {error}");
    }
    assert!(fault(&["output.latlon_deg=1"]).0.contains("only with grid.geometry = \"sphere\""));
}

#[test]
fn a_case_needs_its_domain() {
    let text = globe("held_suarez").replace("\"sphere\"\ncells_per_edge = 8", "\"plane\"\nnx = 8\ndx_m = 1");
    let error = parse("test.toml", &text, &[]).unwrap_err().to_string();
    assert!(error.contains("held_suarez is made for the sphere, but the grid is a plane"), "{error}");
    let found = fault_of(&globe("cold_pool"));
    assert!(found.contains("made for the plane, but the grid is a sphere"), "{found}");
}

/// The message of the single fault of a text.
fn fault_of(text: &str) -> String {
    let faults = check(text, &[]).expect_err("it has a fault");
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults[0].message.clone()
}

#[test]
fn levels_come_from_exactly_one_key() {
    let listed = check(&SMALL.replace("dz_m = \"0.1 km\"", "interfaces_m = [0, 10, 30]"), &["grid.nz=2"]);
    assert_eq!(listed.unwrap().grid.interfaces, [0.0, 10.0, 30.0]);
    let stretched = check(&SMALL.replace("dz_m = \"0.1 km\"", "top_m = 1000\nstretching = 15"), &[]).unwrap();
    assert!(stretched.grid.interfaces[1] < 20.0 && stretched.grid.interfaces[16] == 1000.0);
    assert!(fault(&["grid.top_m=500"]).0.contains("more than once: dz_m, top_m"));
    let faults = check(&SMALL.replace("dz_m = \"0.1 km\"", ""), &[]).unwrap_err();
    assert!(faults[0].message.contains("levels are missing"), "{faults:?}");
}

#[test]
fn wrong_interfaces_are_refused() {
    for (list, message) in [
        ("[10, 20]", "from the ground"),
        ("[0, 20, 20]", "does not increase from 20 to 20"),
        ("[0, 10]", "needs 17"),
        ("[0, \"5 s\"]", "`5 s` is a time"),
    ] {
        let text = SMALL.replace("dz_m = \"0.1 km\"", &format!("interfaces_m = {list}"));
        let faults = check(&text, &[]).unwrap_err();
        assert!(faults[0].message.contains(message), "{list}: {faults:?}");
    }
}

#[test]
fn unknown_names_get_a_suggestion() {
    for (set, message, help) in [
        ("grid.nxx=1", "no key `nxx` in [grid]", "did you mean `nx`?"),
        ("gird.nx=1", "no section [gird]", "did you mean `grid`?"),
        ("grid.end_s=1", "no key `end_s` in [grid]", "belongs into [time]"),
        ("physics.rain=1", "no key `rain`", "processes"),
        ("case.sounding=\"input\"", "takes no sounding", "leave it out"),
        ("turbulence.clouds=dry", "for the schemes smagorinsky and tke", "leave it out"),
        ("turbulence.grid_length=separate", "for the scheme tke over flat ground", "leave it out"),
        ("physics.processes=[\"kessler\", \"saturation\"]", "both condense vapour", "choose one"),
        ("physics.processes=[\"hold_suarez\"]", "no process `hold_suarez`", "did you mean `held_suarez`?"),
        ("case.name=coldpool", "no case `coldpool`", "did you mean `cold_pool`?"),
        ("case.depht_m=1", "no parameter `depht_m`", "did you mean `depth_m`?"),
        ("dynamics.integrator=wsg3", "`wsg3` is not a value", "did you mean `ws3g`?"),
        ("dynamics.tracers=[\"bal\"]", "no tracer shape `bal`", "did you mean `ball`?"),
        ("output.variables=[\"presure\"]", "no variable `presure`", "did you mean `pressure`?"),
        ("time.step_s=atuo", "`atuo` is not a value", "did you mean `auto`?"),
    ] {
        let found = fault(&[set]);
        assert!(found.0.contains(message) && found.1.contains(help), "{set}: {found:?}");
    }
}

#[test]
fn wrong_types_and_bounds_are_named() {
    for (set, message) in [
        ("grid.nx=64.0", "is a whole number, but a number with a fraction"),
        ("grid.nx=-3", "grid.nx = -3 is out of bounds"),
        ("grid.nx=\"64\"", "but text stands there"),
        ("grid.dx_m=true", "is a length, but true or false"),
        ("grid.dx_m=100 s", "`100 s` is a time, but a length is expected"),
        ("grid.dx_m=\"100\"", "text without a unit"),
        ("grid.dx_m=nan", "not finite"),
        ("time.courant=1.5", "out of bounds"),
        ("output.compression=10", "out of bounds"),
        ("output.variables=u", "is a list, but text"),
        ("output.variables=[\"u\", \"u\"]", "listed twice"),
        ("parallel.tile=[8]", "not a pair"),
        ("parallel.threads=0", "out of bounds"),
        ("case.depth_m=5 h", "`5 h` is a time"),
        ("case.depth_m=0", "must lie between 1 and 10000"),
        ("time.start_date=2001-02-29 00:00:00", "has 28 days"),
        ("boundary.sponge_w_rate_per_s=0.1", "`sponge_base_m` is missing"),
        ("output.directory=7", "is text, but a whole number"),
    ] {
        let found = fault(&[set]);
        assert!(found.0.contains(message), "{set}: {found:?}");
    }
}

#[test]
fn contradictions_between_keys_are_found() {
    for (sets, message) in [
        (vec!["boundary.sponge_base_m=1000"], "`sponge_rate_per_s` is missing"),
        (
            vec![
                "boundary.sponge_base_m=1000",
                "boundary.sponge_rate_per_s=0.1",
                "boundary.sponge_wind=initial",
            ],
            "only with grid.geometry = \"sphere\"",
        ),
        (vec!["boundary.sponge_rate_per_s=0.1"], "`sponge_base_m` is missing"),
        (vec!["boundary.sponge_base_m=1600", "boundary.sponge_rate_per_s=0.1"], "not below the lid"),
        (vec!["dynamics.heat_capacity_j_per_kg_k=287"], "is not above"),
        (vec!["dynamics.viscosity_m2_per_s=3000", "time.step_s=1"], "the viscosity would be unstable"),
        (vec!["grid.stretching=2"], "no effect without grid.top_m"),
    ] {
        let found = fault(&sets);
        assert!(found.0.contains(message), "{sets:?}: {found:?}");
    }
}

#[test]
fn a_fault_of_the_case_or_of_what_is_carried_makes_no_others() {
    let wet = ["physics.processes=[\"kessler\"]", "output.variables=[\"vapour\", \"u\"]"];
    assert!(valid(&wet).output.variables.contains(&"vapour".to_string()));
    for (set, message) in [
        ("case.amplitude=2", "has no parameter `amplitude`"),
        ("dynamics.tracers=[\"dye\"]", "no tracer shape `dye`"),
        ("turbulence.scheme=none_such", "`none_such` is not a value"),
    ] {
        assert!(fault(&[wet[0], wet[1], set]).0.contains(message), "{set}");
    }
    let (message, help) = fault(&["physics.processes=[\"kesslar\"]", wet[1]]);
    assert!(message.contains("no process `kesslar`") && help.contains("kessler"), "{message}: {help}");
    let (_, help) = fault(&["physics.processes=[\"morrison\"]"]);
    assert!(help.contains("the processes are") && !help.contains("held_suarez"), "{help}");
}

#[test]
fn viscosity_on_the_globe_limits_the_step_by_its_columns_alone() {
    // Columns of 1251 km along levels of which the lowest is 2.5 km thick.
    let with = |step: &str| {
        let overrides = ["dynamics.viscosity_m2_per_s=1e9", step].map(String::from);
        parse("test.toml", &globe("baroclinic_wave"), &overrides)
    };
    with("time.step_s=250").unwrap();
    let report = with("time.step_s=270").unwrap_err().to_string();
    assert!(report.contains("the viscosity would be unstable"), "{report}");
}

#[test]
fn all_faults_come_at_once_in_the_order_of_their_places() {
    let text = SMALL.replace("nx = 64", "nxx = 64").replace("15 min", "15 km");
    let faults = check(&text, &["output.files=three", "nonsense"]).unwrap_err();
    let messages: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(messages.len(), 5, "{messages:#?}");
    assert!(messages[0].contains("`nx` is missing in [grid]"), "{messages:#?}");
    assert!(messages[1].contains("no key `nxx`"), "{messages:#?}");
    assert!(messages[2].contains("`15 km` is a length"), "{messages:#?}");
    assert!(messages[3].contains("`three` is not a value"), "{messages:#?}");
    assert!(messages[4].contains("`nonsense` does not set anything"), "{messages:#?}");
}

#[test]
fn every_key_survives_every_value() {
    let values = [
        "0",
        "-1",
        "1e300",
        "9223372036854775807",
        "1e999",
        "nan",
        "\"\"",
        "\"5 km\"",
        "true",
        "[]",
        "[[1]]",
        "[\"a\", 1]",
        "{}",
        "{a = 1}",
        "2000-01-01",
        "auto",
        "\u{e9}\u{1f300}",
        "[",
        "\"",
        "=",
    ];
    for key in keys::KEYS {
        for value in values {
            let outcome = check(SMALL, &[&format!("{} = {value}", key.path())]);
            assert!(outcome.is_ok() || !outcome.unwrap_err().is_empty(), "{} = {value}", key.path());
        }
    }
}

#[test]
fn faults_do_not_hide_each_other() {
    let faults = check(
        SMALL,
        &[
            "dynamics.sound_damping=2",
            "output.variables=[\"u\", \"tehta\", \"u\"]",
            "grid.top_m=5",
            "grid.nz=many",
        ],
    );
    let messages: Vec<_> = faults.unwrap_err().into_iter().map(|fault| fault.message).collect();
    for part in
        ["sound_damping = 2", "no variable `tehta`", "listed twice", "more than once", "grid.nz is a whole"]
    {
        assert!(messages.iter().any(|message| message.contains(part)), "{part}: {messages:#?}");
    }
}

#[test]
fn every_default_of_the_table_passes_its_own_check() {
    let text = valid(&[]).text;
    assert!(text.contains("courant = 0.9\n"), "{text}");
    check(&text, &[]).unwrap();
}

#[test]
fn keys_of_open_sides_need_open_sides() {
    let config = valid(&["boundary.x=open"]);
    assert_eq!((config.boundary.phase_speed, config.boundary.inflow_length), (30.0, 3e4));
    for key in ["phase_speed_m_per_s", "inflow_length_m"] {
        let (message, help) = fault(&[&format!("boundary.{key}=20")]);
        assert!(message.contains("only with open sides") && help.contains("open"), "{message} {help}");
    }
    let (message, _) = fault(&["boundary.x=open", "boundary.relaxation_s=60"]);
    assert!(message.contains("`relaxation_width_m` is missing"), "{message}");
    let (message, _) = fault(&["boundary.relaxation_s=60", "boundary.relaxation_width_m=1000"]);
    assert!(message.contains("all sides are periodic"), "{message}");
    let (message, _) = fault(&["boundary.x=open", "grid.nx=1"]);
    assert!(message.contains("two cells"), "{message}");
}

#[test]
fn slices_need_a_place_in_the_domain() {
    let config = valid(&["output.every_s=60", "output.column_x_m=[50.0]", "output.section_z_m=[800]"]);
    let columns = config.output.columns.unwrap();
    assert_eq!((columns.cuts, columns.every), (vec![Cut::Column(50.0, 50.0)], 60.0));
    assert_eq!(columns.variables, config.output.variables);
    assert_eq!(config.output.sections.unwrap().cuts, [Cut::Z(800.0)]);
    for (overrides, expected) in [
        (["output.section_every_s=5", "output.every_s=60"], "no effect without a place"),
        (["output.section_x_m=[6401.0]", "output.every_s=60"], "outside the domain"),
        (["output.column_x_m=[1.0, 2.0]", "output.column_y_m=[1.0]"], "has 2 values, but column_y_m 1"),
        (["output.section_x_m=[5.0]", "output.every_s=never"], "`section_every_s` is missing"),
    ] {
        let (message, _) = fault(&overrides);
        assert!(message.contains(expected), "{message}");
    }
}
