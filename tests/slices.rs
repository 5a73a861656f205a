//! Sections and columns hold the cells of the snapshots, in any decomposition, and go on after a resume.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | sections and columns against snapshots | 0 | the same numbers, written twice |
//! | other ranks and tiles, stopped and resumed | 0 | everything is computed the same way |
//! | a horizontal section over a hill against snapshots | 1e-12 | interpolated by the test in another order |

mod support;

use gale::io::reader::File;
use ndarray::{ArrayD, Axis};
use std::fs;
use std::path::Path;
use support::{gale, have_mpi, mpirun};
use tempfile::TempDir;

/// A warm bubble in a shear-free wind between open sides, written in all ways.
const BOX: &str = "\
[case]
name = \"warm_bubble\"
horizontal_radius_m = 3000.0
wind_m_per_s = 15.0
[grid]
nx = 12
ny = 10
nz = 12
dx_m = 500.0
dy_m = 400.0
dz_m = 500.0
[time]
end_s = 12.0
[boundary]
x = \"open\"
y = \"wall\"
[output]
every_s = 6.0
series_every_s = 6.0
precision = \"double\"
variables = [\"u\", \"w\", \"vorticity_x\", \"vorticity_z\", \"updraft_helicity\"]
section_x_m = [2600.0]
section_y_m = [1000.0, 3999.0]
section_z_m = [1000.0]
section_every_s = 3.0
section_variables = [\"u\", \"w\", \"vorticity_x\", \"updraft_helicity\"]
column_x_m = [0.0, 5999.0]
column_y_m = [2000.0, 100.0]
column_every_s = 2.0
column_variables = [\"w\", \"vorticity_z\", \"updraft_helicity\"]
[checkpoint]
every_s = 5.0
keep = 100
";

/// Files, with the intervals of their records in s.
const FILES: [(&str, f64); 6] = [
    ("section_x_1.h5", 3.0),
    ("section_y_1.h5", 3.0),
    ("section_y_2.h5", 3.0),
    ("section_z_1.h5", 3.0),
    ("column_1.h5", 2.0),
    ("column_2.h5", 2.0),
];

fn run(folder: &Path, output: &str, ranks: usize, more: &[&str]) {
    let mut arguments = vec!["run", "run.toml", "--quiet", "--threads", "1", "--output", output];
    arguments.extend(more);
    if ranks == 1 { gale(folder, arguments) } else { mpirun(folder, ranks, arguments) }.succeeded();
}

fn whole_run() -> TempDir {
    whole_run_with(&[])
}

fn whole_run_with(more: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("run.toml"), BOX).unwrap();
    run(folder.path(), "whole", 1, more);
    folder
}

/// What makes a hill of the ground, higher than the horizontal section.
const HILL: [&str; 8] = [
    "--set",
    "terrain.shape=hill",
    "--set",
    "terrain.height_m=1400",
    "--set",
    "terrain.half_width_m=1500",
    "--set",
    "terrain.coordinate=basic",
];

fn at_end(run: &Path, file: &str, variable: &str) -> ArrayD<f64> {
    let file = File::open(&run.join(file)).unwrap();
    file.read_record(variable, file.times().unwrap().len() - 1).unwrap()
}

#[test]
fn slices_hold_the_cells_of_the_snapshots() {
    let folder = whole_run();
    let run = folder.path().join("whole");
    let whole = |variable: &str| at_end(&run, "snapshots.h5", variable);
    // (file, axis from the last, index)
    let cuts = [
        ("section_x_1.h5", vec![(0, 5)]),
        ("section_y_1.h5", vec![(1, 2)]),
        ("section_y_2.h5", vec![(1, 9)]),
        ("column_1.h5", vec![(0, 0), (1, 5)]),
        ("column_2.h5", vec![(0, 11), (1, 0)]),
    ];
    for (file, fixed) in cuts {
        for variable in ["w", "updraft_helicity"] {
            let mut expected = whole(variable);
            for &(from_last, index) in &fixed {
                let axis = Axis(expected.ndim() - 1 - from_last);
                expected = expected.select(axis, &[index]);
            }
            assert_eq!(at_end(&run, file, variable), expected, "{variable} in {file}");
        }
    }
    assert!(whole("updraft_helicity").iter().any(|helicity| *helicity != 0.0));
    // Centres lie at 250 m + 500 m k, so that 750 m and 1250 m are equally near: the lower is taken.
    let level = |variable: &str, k: usize| whole(variable).index_axis_move(Axis(0), k);
    assert_eq!(at_end(&run, "section_z_1.h5", "vorticity_x"), level("vorticity_x", 1));
    assert_eq!(at_end(&run, "section_z_1.h5", "w"), level("w", 2));
}

/// Compares all records of all files of two runs, and their times with the intervals.
fn assert_same(a: &Path, b: &Path) {
    for (name, interval) in FILES {
        let [ours, theirs] = [a, b].map(|run| File::open(&run.join(name)).unwrap());
        let times = theirs.times().unwrap();
        let expected: Vec<f64> = (0..times.len()).map(|n| n as f64 * interval).collect();
        assert_eq!((times.last(), &times), (Some(&12.0), &expected), "{name}");
        for variable in ours.variables() {
            // As bits: below the ground nothing equals nothing.
            let [ours, theirs] =
                [&ours, &theirs].map(|file| file.read(&variable.name).unwrap().mapv(f64::to_bits));
            assert_eq!(ours, theirs, "{} in {name}", variable.name);
        }
    }
}

#[test]
fn tiles_and_ranks_do_not_matter() {
    let folder = whole_run();
    let whole = folder.path().join("whole");
    run(folder.path(), "tiles", 1, &["--set", "parallel.tile=[5, 3]"]);
    assert_same(&whole, &folder.path().join("tiles"));
    if have_mpi() {
        run(folder.path(), "ranks", 3, &["--set", "parallel.tile=[1, 4]"]);
        assert_same(&whole, &folder.path().join("ranks"));
    }
}

#[test]
fn tiles_and_ranks_do_not_matter_over_a_hill() {
    let folder = whole_run_with(&HILL);
    let whole = folder.path().join("whole");
    run(folder.path(), "tiles", 1, &[&HILL[..], &["--set", "parallel.tile=[5, 3]"]].concat());
    assert_same(&whole, &folder.path().join("tiles"));
    if have_mpi() {
        run(folder.path(), "ranks", 3, &[&HILL[..], &["--set", "parallel.tile=[1, 4]"]].concat());
        assert_same(&whole, &folder.path().join("ranks"));
    }
}

/// The value at a height of a column, linear between the heights of its cells; nothing below the ground.
fn at_height(z: f64, ground: f64, heights: &[f64], values: &[f64]) -> f64 {
    let Some(above) = heights.iter().position(|height| *height > z) else { return *values.last().unwrap() };
    match above {
        _ if z < ground => f64::NAN,
        0 => values[0],
        _ => {
            let share = (z - heights[above - 1]) / (heights[above] - heights[above - 1]);
            values[above - 1] + share * (values[above] - values[above - 1])
        }
    }
}

#[test]
fn slices_over_a_hill_know_their_heights() {
    let folder = whole_run_with(&HILL);
    let run = folder.path().join("whole");
    let file = |name: &str| File::open(&run.join(name)).unwrap();
    let [snapshots, upright, level] = ["snapshots.h5", "section_y_1.h5", "section_z_1.h5"].map(file);
    let ground = snapshots.read("surface_altitude").unwrap();
    assert_eq!(level.read("surface_altitude").unwrap(), ground);
    for (variable, name) in [("u", "height"), ("w", "height_interface")] {
        let heights = snapshots.read(name).unwrap();
        assert_eq!(upright.read(name).unwrap(), heights.select(Axis(1), &[2]), "{name}");
        let all = at_end(&run, "snapshots.h5", variable);
        let section = at_end(&run, "section_z_1.h5", variable);
        let mut hidden = 0;
        for (j, i) in (0..10).flat_map(|j| (0..12).map(move |i| (j, i))) {
            let column = |field: &ArrayD<f64>| {
                field.index_axis(Axis(2), i).index_axis(Axis(1), j).iter().copied().collect::<Vec<f64>>()
            };
            let expected = at_height(1000.0, ground[[j, i]], &column(&heights), &column(&all));
            let found = section[[j, i]];
            hidden += usize::from(found.is_nan());
            let is_same = (found - expected).abs() < 1e-12 || found.is_nan() && expected.is_nan();
            assert!(is_same, "{variable} at {i}, {j}: {found} {expected}");
        }
        assert!((1..60).contains(&hidden), "{hidden} columns are hidden");
    }
    for (file, more) in
        [("section_y_1.h5", None), ("column_1.h5", Some("--over-time")), ("section_z_1.h5", None)]
    {
        let path = format!("whole/{file}");
        let arguments = ["plot", &path, "w", "-o", "w.png"].into_iter().chain(more);
        gale(folder.path(), arguments).succeeded();
    }
}

#[test]
fn a_resumed_run_leaves_no_gap() {
    let folder = whole_run();
    let whole = folder.path().join("whole");
    run(folder.path(), "resumed", 1, &[]);
    let resumed = folder.path().join("resumed");
    // The run was killed after its first checkpoint.
    let entries = fs::read_dir(resumed.join("checkpoints")).unwrap();
    let mut checkpoints: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    checkpoints.sort();
    let first = checkpoints[0].file_stem().unwrap().to_str().unwrap().to_string();
    checkpoints.retain(|path| !path.file_name().unwrap().to_str().unwrap().starts_with(&first));
    assert!(!checkpoints.is_empty());
    checkpoints.iter().for_each(|path| fs::remove_file(path).unwrap());
    run(folder.path(), "resumed", 1, &["--resume"]);
    assert_same(&whole, &resumed);
}

#[test]
fn slices_are_drawn_over_time() {
    let folder = whole_run();
    let draw = |file: &str, more: &[&str]| {
        let path = format!("whole/{file}");
        let fixed = ["plot", &path, "w", "-o", "w.png", "--over-time"];
        gale(folder.path(), fixed.iter().chain(more).copied())
    };
    draw("column_1.h5", &[]).succeeded();
    draw("section_y_1.h5", &["--level", "3"]).succeeded();
    assert!(folder.path().join("w.png").exists());
    let finished = draw("section_y_1.h5", &[]);
    assert_eq!(finished.status, Some(2), "{finished}");
    let finished = gale(folder.path(), ["plot", "whole/section_y_1.h5", "u", "-o", "u.png"]);
    finished.succeeded();
}
