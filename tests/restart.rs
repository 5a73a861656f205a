//! A run that stops and goes on gives the same bits as one that never stopped, wherever it goes on.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | snapshots, series and the last checkpoint | 0 | a checkpoint holds everything that the next step reads |
//! | times of the records | equal | no gap, no record twice |

mod support;

use gale::io::reader::File;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use support::{Finished, binary, gale, have_mpi, mpirun, mpirun_command};
use tempfile::TempDir;

/// A warm bubble with wind, walls, tracers, sponge and chosen steps. Checkpoints come where no snapshot does.
const BOX: &str = "\
[case]
name = \"warm_bubble\"
horizontal_radius_m = 3000.0
wind_m_per_s = 15.0
[grid]
nx = 18
ny = 12
nz = 8
dx_m = 500.0
dy_m = 400.0
top_m = 8000.0
stretching = 4.0
[time]
end_s = 24.0
[dynamics]
coriolis_per_s = 1e-4
viscosity_m2_per_s = 50.0
tracers = [\"bell\", \"block\"]
[boundary]
y = \"wall\"
sponge_base_m = 5000.0
sponge_rate_per_s = 0.02
[output]
every_s = 6.0
series_every_s = 2.0
precision = \"double\"
[checkpoint]
every_s = 2.5
keep = 100
";

/// A jet on a globe turned against its grid, heated and damped, carrying a tracer. The sixteen steps of 1350 s
/// are cut where something is written.
const GLOBE: &str = "\
[case]
name = \"moist_baroclinic_wave\"
vapour_kg_per_kg = 0.04
[grid]
geometry = \"sphere\"
cells_per_edge = 12
nz = 8
top_m = 30000.0
stretching = 10.0
tilt_deg = 30.0
[time]
end_s = \"8 h\"
[dynamics]
tracers = [\"bell\"]
viscosity_m2_per_s = 2e5
[physics]
processes = [\"held_suarez\", \"kessler\", \"terminator\"]
[boundary]
sponge_base_m = 20000.0
sponge_rate_per_s = 1e-5
[output]
every_s = \"2 h\"
series_every_s = \"40 min\"
precision = \"double\"
[checkpoint]
every_s = \"50 min\"
keep = 100
";

/// Chlorine that reacts in a wind that changes. The steps of an hour and less are cut where something is written.
const CHLORINE: &str = "\
[case]
name = \"deformational_flow\"
[grid]
geometry = \"sphere\"
cells_per_edge = 12
tilt_deg = 30.0
[time]
end_s = \"2 days\"
[output]
variables = [\"u\", \"v\", \"cl\", \"cl2\"]
every_s = \"12 h\"
series_every_s = \"5 h\"
precision = \"double\"
[checkpoint]
every_s = \"100 min\"
keep = 100
";

/// What makes a hill of the ground of the box.
const HILL: [&str; 12] = [
    "--set",
    "terrain.shape=hill",
    "--set",
    "terrain.height_m=700",
    "--set",
    "terrain.half_width_m=1500",
    "--set",
    "turbulence.scheme=tke",
    "--set",
    "surface.momentum=log_law",
    "--set",
    "surface.roughness_m=0.1",
];

/// What makes a hill of the ground of the globe.
const GLOBE_HILL: [&str; 14] = [
    "--set",
    "terrain.shape=hill",
    "--set",
    "terrain.height_m=2500",
    "--set",
    "terrain.half_width_m=1.5e6",
    "--set",
    "terrain.longitude_deg=40",
    "--set",
    "terrain.latitude_deg=50",
    "--set",
    "dynamics.viscosity_m2_per_s=0",
    "--set",
    "dynamics.diffusivity_m2_per_s=0",
];

/// A storm that rains, with a passive tracer. Its first rain reaches the ground in the first half.
const STORM: &str = "\
[case]
name = \"supercell\"
amplitude_k = 6.0
horizontal_radius_m = 5000.0
[grid]
nx = 18
ny = 12
nz = 12
dx_m = 1500.0
dy_m = 1200.0
top_m = 15000.0
stretching = 3.0
[time]
end_s = 1500.0
[dynamics]
tracers = [\"bell\"]
[physics]
processes = [\"simple_ice\"]
[turbulence]
scheme = \"tke\"
grid_length = \"separate\"
[output]
every_s = 500.0
series_every_s = 100.0
variables = [\"w\", \"vapour\", \"rain\", \"graupel\", \"accumulated_rain\"]
precision = \"double\"
[checkpoint]
every_s = 130.0
keep = 100
";

/// Eddies below the grid over a ground that heats and brakes the air, forced by large scales, with clouds.
const SEA: &str = "\
[case]
name = \"bomex\"
[grid]
nx = 14
ny = 11
nz = 12
dx_m = 400.0
dy_m = 300.0
top_m = 3000.0
stretching = 4.0
[time]
end_s = 24.0
[dynamics]
coriolis_per_s = 1e-4
tracers = [\"layer\"]
[turbulence]
scheme = \"tke\"
[surface]
momentum = \"monin_obukhov\"
roughness_m = 0.1
heat = \"flux\"
heat_flux_k_m_per_s = 0.2
vapour_flux_m_per_s = 1e-4
[forcing]
heights_m = [0.0, 1000.0, 2000.0]
subsidence_m_per_s = [0.0, -0.01, -0.005]
heating_k_per_s = [-2e-5, -1e-5, 0.0]
moistening_per_s = [-1e-8, 0.0, 0.0]
[boundary]
y = \"wall\"
[output]
every_s = 6.0
series_every_s = 2.0
statistics_every_s = 2.0
precision = \"double\"
[checkpoint]
every_s = 2.5
keep = 100
";

/// Ranks, threads and tiles of a run.
#[derive(Clone, Copy, Debug)]
struct Way(usize, usize, &'static str);

const ALONE: Way = Way(1, 1, "[100, 100]");

fn arguments(output: &str, Way(_, threads, tile): Way, more: &[&str]) -> Vec<String> {
    let (threads, tile) = (threads.to_string(), format!("parallel.tile={tile}"));
    let fixed = ["run", "run.toml", "--quiet", "--output", output, "--threads", &threads, "--set", &tile];
    fixed.iter().chain(more).map(|text| text.to_string()).collect()
}

/// Runs `run.toml` into `output`.
fn run(folder: &Path, output: &str, way: Way, more: &[&str]) -> Finished {
    let arguments = arguments(output, way, more);
    if way.0 == 1 { gale(folder, arguments) } else { mpirun(folder, way.0, arguments) }
}

/// A folder with the box as `run.toml` and a run of it without interruption in `whole`.
fn whole_run(more: &[&str]) -> TempDir {
    whole_run_of(BOX, more)
}

/// The same for any configuration.
fn whole_run_of(text: &str, more: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("run.toml"), text).unwrap();
    run(folder.path(), "whole", ALONE, more).succeeded();
    folder
}

/// The checkpoints of a run in the order of time.
fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(run.join("checkpoints")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "h5"));
    paths.sort();
    paths
}

/// What a checkpoint remembers besides the fields.
fn record(checkpoint: &Path) -> String {
    File::open(checkpoint).unwrap().attribute("run_record").unwrap()
}

/// The number of steps up to a checkpoint.
fn step_of(checkpoint: &Path) -> u64 {
    let record = record(checkpoint);
    let line = record.lines().find_map(|line| line.strip_prefix("step"));
    let digits = line.expect(&record).trim_matches(|c: char| !c.is_ascii_digit());
    digits.parse().expect(&record)
}

/// Removes all checkpoints after the last one before `seconds` whose step is odd.
fn fall_back_to_an_odd_step(run: &Path, before: f64) {
    let all = checkpoints(run);
    let seconds = |path: &PathBuf| File::open(path).unwrap().times().unwrap().last().copied();
    let is_odd = |path: &&PathBuf| step_of(path) % 2 == 1 && seconds(path).is_none_or(|time| time < before);
    let kept = all.iter().rfind(is_odd).expect("a checkpoint at an odd step");
    println!("falls back to step {} of {}", step_of(kept), step_of(all.last().unwrap()));
    for path in all.iter().filter(|path| *path > kept) {
        fs::remove_file(path).unwrap();
    }
}

/// The files of snapshots and statistics of a run, by name.
fn snapshots(run: &Path) -> Vec<String> {
    let names = fs::read_dir(run).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with("snapshot") || name == "statistics.h5").collect();
    names.sort();
    names
}

/// `output` holds the same bits as `whole`.
fn assert_same(folder: &Path, output: &str) {
    let (whole, other) = (folder.join("whole"), folder.join(output));
    let series = |run: &Path| fs::read_to_string(run.join("series.csv")).unwrap();
    assert_eq!(series(&whole), series(&other), "{output}");
    assert_eq!(snapshots(&whole), snapshots(&other), "{output}");
    let (last, other_last) = (checkpoints(&whole).pop().unwrap(), checkpoints(&other).pop().unwrap());
    assert_eq!(record(&last), record(&other_last), "{output}");
    let mut pairs = vec![(last, other_last)];
    for name in snapshots(&whole).into_iter().chain(["series.h5".into()]) {
        let times = |run: &Path| File::open(&run.join(&name)).unwrap().times().unwrap();
        assert_eq!(times(&whole), times(&other), "{name} of {output}");
        pairs.push((whole.join(&name), other.join(&name)));
    }
    for (a, b) in pairs {
        let finished = gale(folder, ["compare".as_ref(), a.as_os_str(), b.as_os_str()]);
        assert_eq!(finished.status, Some(0), "{finished}");
    }
}

/// Starts a run, asks it to stop when its series has more than `rows` rows, and waits for its end.
fn run_until(folder: &Path, output: &str, way: Way, more: &[&str], rows: usize) -> Option<i32> {
    let mut command = if way.0 == 1 {
        Command::new(binary())
    } else {
        let mut command = mpirun_command(way.0);
        command.arg(binary());
        command
    };
    command.args(arguments(output, way, more)).current_dir(folder).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    let mut asked = false;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        let series = fs::read_to_string(folder.join(output).join("series.csv")).unwrap_or_default();
        if !asked && series.lines().count() > rows + 1 {
            // mpirun hands this signal on to all ranks.
            let sent = Command::new("kill").args(["-USR1", &child.id().to_string()]).status().unwrap();
            assert!(sent.success());
            asked = true;
        }
        if started.elapsed() > Duration::from_secs(120) {
            let _ = child.kill();
            panic!("the run does not stop: {way:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Runs the first way, takes away the checkpoints after `before` s and that of an even step, resumes the second way,
/// and compares with the whole run.
fn goes_on_the_same(folder: &Path, output: &str, [first, second]: [Way; 2], more: &[&str], before: f64) {
    run(folder, output, first, more).succeeded();
    fall_back_to_an_odd_step(&folder.join(output), before);
    run(folder, output, second, &[more, &["--resume"]].concat()).succeeded();
    assert_same(folder, output);
}

#[test]
fn a_resumed_run_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    for precision in ["dynamics.precision=double", "dynamics.precision=single"] {
        let more = ["--set", precision];
        let folder = whole_run(&more);
        let ways = [
            (ALONE, Way(3, 2, "[5, 7]")),
            (Way(4, 1, "[6, 6]"), Way(1, 2, "[2, 5]")),
            (Way(2, 2, "[5, 4]"), Way(6, 1, "[6, 6]")),
        ];
        for (n, (first, second)) in ways.into_iter().enumerate() {
            let output = format!("run{n}");
            goes_on_the_same(folder.path(), &output, [first, second], &more, 20.0);
        }
    }
}

#[test]
fn a_resumed_run_over_a_hill_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    let folder = whole_run(&HILL);
    goes_on_the_same(folder.path(), "hill", [Way(2, 1, "[5, 7]"), Way(3, 2, "[6, 6]")], &HILL, 20.0);
}

#[test]
fn a_resumed_run_over_a_hill_in_an_open_side_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    let open = [
        "terrain.centre_x_m=0",
        "boundary.x=open",
        "boundary.y=open",
        "boundary.relaxation_width_m=1200",
        "boundary.relaxation_s=60",
    ];
    let more = [&HILL[..], &open.map(|setting| ["--set", setting]).concat()].concat();
    let folder = whole_run(&more);
    goes_on_the_same(folder.path(), "hill", [Way(2, 1, "[1, 7]"), Way(3, 2, "[6, 5]")], &more, 20.0);
}

#[test]
fn a_resumed_box_with_open_sides_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    let more = [
        "--set",
        "boundary.x=open",
        "--set",
        "boundary.y=open",
        "--set",
        "boundary.relaxation_width_m=1200",
        "--set",
        "boundary.relaxation_s=60",
    ];
    let folder = whole_run(&more);
    for (n, (first, second)) in
        [(ALONE, Way(3, 2, "[1, 7]")), (Way(4, 1, "[6, 5]"), ALONE)].into_iter().enumerate()
    {
        let output = format!("run{n}");
        goes_on_the_same(folder.path(), &output, [first, second], &more, 20.0);
    }
}

#[test]
fn a_resumed_globe_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    let ways = [
        (ALONE, Way(3, 2, "[5, 4]"), "double", "o5g"),
        (Way(8, 1, "[4, 9]"), Way(1, 2, "\"auto\""), "single", "ws3g"),
        (Way(2, 2, "\"auto\""), Way(6, 1, "[4, 9]"), "double", "ws3g"),
    ];
    for (n, (first, second, precision, integrator)) in ways.into_iter().enumerate() {
        let settings =
            [format!("dynamics.precision={precision}"), format!("dynamics.integrator={integrator}")];
        let more = settings.each_ref().map(|text| ["--set", text]).concat();
        let folder = whole_run_of(GLOBE, &more);
        let output = format!("run{n}");
        goes_on_the_same(folder.path(), &output, [first, second], &more, 22_000.0);
    }
}

#[test]
fn resumed_chlorine_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    let folder = whole_run_of(CHLORINE, &[]);
    for (n, (first, second)) in
        [(ALONE, Way(3, 2, "[5, 4]")), (Way(6, 1, "[4, 9]"), ALONE)].into_iter().enumerate()
    {
        goes_on_the_same(folder.path(), &format!("run{n}"), [first, second], &[], 130_000.0);
    }
}

#[test]
fn a_resumed_globe_with_a_hill_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    let more = [&GLOBE_HILL[..], &["--set", "terrain.coordinate=basic"]].concat();
    let folder = whole_run_of(GLOBE, &more);
    goes_on_the_same(folder.path(), "hill", [ALONE, Way(3, 2, "[5, 4]")], &more, 22_000.0);
}

#[test]
fn a_resumed_storm_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    for (precision, first, second) in
        [("double", ALONE, Way(3, 2, "[5, 7]")), ("single", Way(4, 1, "[6, 6]"), Way(1, 2, "[2, 5]"))]
    {
        let precision = format!("dynamics.precision={precision}");
        let more = ["--set", &precision];
        let folder = whole_run_of(STORM, &more);
        goes_on_the_same(folder.path(), "run", [first, second], &more, 1300.0);
    }
}

#[test]
fn a_resumed_storm_over_a_hill_goes_on_as_if_it_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    let hill = ["terrain.shape=hill", "terrain.height_m=900", "terrain.half_width_m=5000"];
    let levels = ["terrain.coordinate=basic", "output.statistics_every_s=100"];
    let forcing = ["forcing.heights_m=[0, 9000]", "forcing.heating_k_per_s=[-2e-5, -1e-5]"];
    let without_eddies = ["turbulence.scheme=none", "turbulence.grid_length=mean"];
    let settings = [&hill[..], &levels, &forcing, &without_eddies].concat();
    let more: Vec<&str> = settings.into_iter().flat_map(|setting| ["--set", setting]).collect();
    let folder = whole_run_of(STORM, &more);
    goes_on_the_same(folder.path(), "run", [Way(2, 1, "[6, 6]"), Way(1, 2, "[2, 5]")], &more, 1300.0);
}

#[test]
fn resumed_eddies_go_on_as_if_they_had_never_stopped() {
    if !have_mpi() {
        return;
    }
    let folder = whole_run_of(SEA, &[]);
    goes_on_the_same(folder.path(), "run", [Way(2, 1, "[5, 4]"), Way(3, 1, "[7, 6]")], &[], 20.0);
}

#[test]
fn several_ranks_continue_the_compressed_file_of_one() {
    if !have_mpi() {
        return;
    }
    let more = ["--set", "output.compression=2"];
    let folder = whole_run(&more);
    goes_on_the_same(folder.path(), "compressed", [ALONE, Way(3, 1, "[5, 7]")], &more, 15.0);
}

#[test]
fn a_run_resumes_more_than_once() {
    let more = ["--set", "dynamics.integrator=o5g", "--set", "checkpoint.every_s=1"];
    let folder = whole_run(&more);
    run(folder.path(), "twice", ALONE, &more).succeeded();
    let resume = [&more[..], &["--resume"]].concat();
    for before in [22.0, 8.0] {
        fall_back_to_an_odd_step(&folder.path().join("twice"), before);
        run(folder.path(), "twice", Way(1, 2, "[5, 7]"), &resume).succeeded();
        assert_same(folder.path(), "twice");
    }
}

#[test]
fn a_run_stopped_by_signals_goes_on() {
    if !have_mpi() {
        return;
    }
    let more = ["--set", "time.step_s=0.01"];
    let folder = whole_run(&more);
    let resume = [&more[..], &["--resume"]].concat();
    assert_eq!(run_until(folder.path(), "stopped", Way(2, 1, "[6, 6]"), &more, 2), Some(85));
    assert_eq!(run_until(folder.path(), "stopped", Way(1, 2, "[5, 7]"), &resume, 6), Some(85));
    let steps: Vec<u64> =
        checkpoints(&folder.path().join("stopped")).iter().map(|path| step_of(path)).collect();
    println!("checkpoints at steps {steps:?}");
    run(folder.path(), "stopped", Way(3, 1, "[9, 3]"), &resume).succeeded();
    assert_same(folder.path(), "stopped");
}

#[test]
fn a_run_resumes_with_a_file_for_every_time() {
    let more = ["--set", "output.files=many"];
    let folder = whole_run(&more);
    assert_eq!(snapshots(&folder.path().join("whole")).len(), 5);
    goes_on_the_same(folder.path(), "many", [ALONE, Way(1, 2, "[5, 7]")], &more, 15.0);
}

#[test]
fn a_run_goes_on_beyond_its_first_end() {
    let folder = whole_run(&[]);
    // An end at the time of a snapshot, which the whole run hits too.
    run(folder.path(), "longer", ALONE, &["--set", "time.end_s=12"]).succeeded();
    run(folder.path(), "longer", Way(1, 2, "[5, 7]"), &["--resume"]).succeeded();
    assert_same(folder.path(), "longer");
}

#[test]
fn resuming_without_a_checkpoint_starts_from_the_beginning() {
    let folder = whole_run(&[]);
    run(folder.path(), "new", ALONE, &["--resume"]).succeeded();
    assert_same(folder.path(), "new");
}

#[test]
fn resuming_a_finished_run_changes_nothing() {
    let folder = whole_run(&[]);
    run(folder.path(), "done", ALONE, &[]).succeeded();
    run(folder.path(), "done", Way(1, 2, "[5, 7]"), &["--resume"]).succeeded();
    assert_same(folder.path(), "done");
}
