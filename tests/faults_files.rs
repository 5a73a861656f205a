//! Faults of files: damaged checkpoints, output places that cannot be used, full disks.

#[path = "support/small_run.rs"]
mod small_run;
mod support;

use small_run::{LIMIT, Place};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Finished, Started, finish_within, have_mpi};

#[track_caller]
fn assert_fails(run: &Finished, status: i32, parts: &[&str]) {
    assert_eq!(run.status, Some(status), "{run}");
    assert_eq!(run.stderr.matches("error: ").count(), 1, "{run}");
    for part in parts {
        assert!(run.stderr.contains(part), "`{part}` is missing: {run}");
    }
}

fn side_file(checkpoint: &Path) -> PathBuf {
    checkpoint.with_extension("h5.sum")
}

#[test]
fn a_damaged_checkpoint_never_shadows_a_good_one() {
    let place = Place::new();
    place.run(1, "--output run").succeeded();
    let newest = place.checkpoints("run").pop().unwrap();
    let (bytes, sum) = (fs::read(&newest).unwrap(), fs::read(side_file(&newest)).unwrap());
    let flips = (0..12).map(|n| {
        let mut damaged = bytes.clone();
        damaged[n * (bytes.len() - 1) / 11] ^= 1 << (n % 8);
        (damaged, Some(sum.clone()))
    });
    let others = [
        (bytes[..bytes.len() - 1].to_vec(), Some(sum.clone())),
        (bytes[..100].to_vec(), Some(sum.clone())),
        (Vec::new(), Some(sum.clone())),
        (b"no checkpoint at all".to_vec(), Some(sum.clone())),
        (bytes.clone(), None),
        (bytes.clone(), Some(Vec::new())),
        (bytes.clone(), Some(b"garbage".to_vec())),
        (bytes.clone(), Some([&sum[..sum.len() - 2], b"0\n"].concat())),
    ];
    for (number, (damaged, sum)) in flips.chain(others).enumerate() {
        // Every run ends at the time of the newest checkpoint, which it writes anew.
        fs::write(&newest, damaged).unwrap();
        match sum {
            Some(sum) => fs::write(side_file(&newest), sum).unwrap(),
            None => fs::remove_file(side_file(&newest)).unwrap(),
        }
        let run = place.run(1, "--resume --output run").succeeded();
        let told = "left out the checkpoint run/checkpoints/checkpoint_000000020.h5";
        assert!(run.stderr.contains(told), "damage {number}: {run}");
        let run = place.run(1, "--resume --output run").succeeded();
        assert!(run.stderr.is_empty(), "damage {number} is still there: {run}");
    }
}

/// A hundred runs would take minutes: the checkpoints are read as a resumed run reads them, in this process.
#[test]
fn a_hundred_random_corruptions_are_all_noticed() {
    let place = Place::new();
    place.run(1, "--output run").succeeded();
    let mut checkpoints = place.checkpoints("run");
    let (newest, before) = (checkpoints.pop().unwrap(), checkpoints.pop().unwrap());
    let good = fs::read(&newest).unwrap();
    let configuration = gale::config::load(&place.path("small.toml"), &[]).unwrap();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for number in 0..100 {
        let mut damaged = good.clone();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let byte = (random >> 20) as usize % good.len();
        match number % 4 {
            0 => damaged.truncate(byte),
            1 => damaged[byte..(byte + 512).min(good.len())].fill(0),
            _ => damaged[byte] ^= 1 << (random >> 10) % 8,
        }
        if damaged == good {
            damaged[byte] = !damaged[byte];
        }
        fs::write(&newest, damaged).unwrap();
        let loaded = load(&configuration, newest.parent().unwrap());
        assert_eq!(loaded.path, before, "damage {number} at byte {byte} was not noticed");
        assert_eq!(loaded.warnings.len(), 1);
    }
    fs::write(&newest, good).unwrap();
    assert_eq!(load(&configuration, newest.parent().unwrap()).path, newest);
}

/// The newest good checkpoint of a folder.
#[track_caller]
fn load(configuration: &gale::config::Configuration, folder: &Path) -> gale::io::checkpoint::Loaded {
    let mut engine = support::model::engine::<f64>(configuration);
    let world = support::model::world();
    let loaded =
        gale::io::checkpoint::load_latest(folder, &engine.mesh, &world, &[], &mut engine.state).unwrap();
    loaded.expect("there are checkpoints")
}

#[test]
fn damaged_checkpoints_alone_are_an_error() {
    let place = Place::new();
    place.run(1, "--output run").succeeded();
    for checkpoint in place.checkpoints("run") {
        fs::write(checkpoint, "garbage").unwrap();
    }
    let before = fs::read(place.path("run/snapshots.h5")).unwrap();
    let run = place.run(1, "--resume --output run");
    assert_fails(&run, 4, &["run/checkpoints", "_000000010.h5", "_000000015.h5", "_000000020.h5"]);
    assert!(before == fs::read(place.path("run/snapshots.h5")).unwrap(), "output was touched");
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let place = Place::new();
    place.run(1, "--output run").succeeded();
    let others = [
        ("grid.nx=32", ["24 x 20 x 10", "32 x 20 x 10"]),
        ("grid.dz_m=400", ["levels up to 5000 m", "levels up to 4000 m"]),
        ("dynamics.precision=single", ["`double`", "`single`"]),
        ("dynamics.tracers=[\"bell\"]", ["`none`", "`bell`"]),
        ("case.surface_theta_k=310", ["surface_theta_k = 300", "surface_theta_k = 310"]),
        ("dynamics.gravity_m_per_s2=3", ["gravity_m_per_s2 = 9.81", "gravity_m_per_s2 = 3"]),
    ];
    for (key, parts) in others {
        let run = place.run(1, &format!("--resume --output run --set {key}"));
        assert_fails(&run, 4, &[parts[0], parts[1], "checkpoint_000000020.h5"]);
    }
    // A refused run leaves the folder as it was.
    let kept = fs::read_to_string(place.path("run/config.toml")).unwrap();
    assert!(kept.contains("nx = 24") && !kept.contains("310"), "{kept}");
    place.run(1, "--resume --output run").succeeded();
}

#[test]
fn output_files_that_cannot_be_continued_are_named() {
    let place = Place::new();
    place.run(1, "--output run").succeeded();
    for name in ["snapshots.h5", "series.h5"] {
        let path = place.path("run").join(name);
        let good = fs::read(&path).unwrap();
        for damaged in [&good[..3000], b"garbage", b""] {
            fs::write(&path, damaged).unwrap();
            let run = place.run(1, "--resume --output run");
            assert_fails(&run, 4, &[name, "move this file away", "--overwrite"]);
        }
        fs::write(&path, good).unwrap();
    }
    let run = place.run(1, "--resume --output run --set output.precision=double");
    assert_fails(&run, 4, &["run/snapshots.h5", "move this file away"]);
    place.run(1, "--resume --output run").succeeded();
}

#[test]
fn a_second_run_in_the_folder_of_the_first_is_refused() {
    let place = Place::new();
    let long = "--output run --set time.end_s=1000 --set checkpoint.every_s=1000";
    let mut first = Started::new(place.command(1, long));
    first.until(&place.path("run/snapshots.h5"), LIMIT);
    for arguments in ["", "--resume", "--overwrite"] {
        let second = place.run(1, &format!("{long} {arguments}"));
        assert_fails(&second, 4, &["another run is at work in this folder"]);
    }
    assert!(first.signal("TERM"), "the first run has ended");
    let first = first.finish(LIMIT);
    assert_eq!(first.status, Some(85), "{first}");
    place.assert_clean("run");
}

#[test]
fn output_of_an_earlier_run_is_kept_unless_asked() {
    let place = Place::new();
    place.run(1, "--output run").succeeded();
    let before = fs::read(place.path("run/snapshots.h5")).unwrap();
    let run = place.run(1, "--output run --set time.end_s=1");
    assert_fails(&run, 4, &["run/snapshots.h5", "--resume", "--overwrite", "--output"]);
    assert!(before == fs::read(place.path("run/snapshots.h5")).unwrap(), "output was touched");
    let run = place.run(1, "--output run --resume --overwrite");
    assert_fails(&run, 2, &["--resume", "--overwrite"]);
}

#[test]
fn output_of_another_run_without_checkpoints_is_not_taken_for_ours() {
    let place = Place::new();
    place.run(1, "--output run --set checkpoint.every_s=never").succeeded();
    let run = place.run(1, "--output run --resume --set time.end_s=30");
    assert_fails(&run, 4, &["another configuration", "--overwrite"]);
}

#[test]
fn nothing_of_an_overwritten_run_leaks_into_the_new_one() {
    let place = Place::new();
    place.run(1, "--output run --set output.files=many").succeeded();
    let blown_up = place.run(1, "--output run --overwrite --set time.step_s=3 --set time.end_s=60");
    assert_eq!(blown_up.status, Some(3), "{blown_up}");
    place.run(1, "--output run --overwrite --set time.end_s=10").succeeded();
    let left = ["checkpoints", "config.toml", "run.log", "series.csv", "series.h5", "snapshots.h5"];
    assert_eq!(place.listing("run"), left);
    assert_eq!(place.checkpoints("run").len(), 2);
    // Were an old checkpoint left, a longer run would go on from there.
    place.run(1, "--output calm").succeeded();
    place.run(1, "--output run --resume").succeeded();
    place.gale("compare run/series.h5 calm/series.h5").succeeded();
}

#[test]
fn a_place_that_takes_no_output_is_named() {
    let place = Place::new();
    for output in ["small.toml", "small.toml/below", "/proc/gale", "/dev/null/x"] {
        assert_fails(&place.run(1, &format!("--output {output}")), 4, &[output]);
    }
    fs::create_dir_all(place.path("run/snapshots.h5")).unwrap();
    assert_fails(&place.run(1, "--output run"), 4, &["run/snapshots.h5"]);
    fs::create_dir_all(place.path("other")).unwrap();
    fs::write(place.path("other/checkpoints"), "a file").unwrap();
    let run = place.run(1, "--output other");
    assert_fails(&run, 4, &["other/checkpoints"]);
}

/// A disk with little room, if this machine lets us have one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=1500k", "tmpfs"]).arg(&at).output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            println!("skipped: only root may mount a small disk");
            return None;
        }
        Some(SmallDisk(at))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// What fills the disk, and the path of the file that has no room.
const FILLERS: [(&str, &str); 4] = [
    ("--set checkpoint.every_s=never --set output.series_every_s=1000", "disk/run/snapshots.h5"),
    (
        "--set checkpoint.every_s=never --set output.series_every_s=1000 --set output.files=many",
        "disk/run/snapshot_0",
    ),
    (
        "--set output.every_s=1000 --set output.series_every_s=1000 --set checkpoint.every_s=1 \
         --set checkpoint.keep=100",
        "disk/run/checkpoints/",
    ),
    (
        "--set output.every_s=1000 --set checkpoint.every_s=never --set output.series_every_s=0.001 \
         --set time.step_s=0.001 --set grid.nx=8 --set grid.ny=1",
        "disk/run/series.h5",
    ),
];

#[test]
fn a_full_disk_leaves_what_was_written() {
    let place = Place::new();
    let Some(_disk) = SmallDisk::mount(place.path("disk")) else { return };
    for ranks in [1, 2] {
        if ranks > 1 && !have_mpi() {
            continue;
        }
        for (filler, path) in &FILLERS[..if ranks == 1 { 4 } else { 3 }] {
            let run = place.run(ranks, &format!("--output disk/run --set time.end_s=200 {filler}"));
            assert_fails(&run, 4, &[path, "no space left on the disk"]);
            place.assert_clean("disk/run");
            fs::remove_dir_all(place.path("disk/run")).unwrap();
        }
    }
}

#[test]
fn a_limit_of_the_file_size_is_reported() {
    let place = Place::new();
    let limited = ["bash", "-c", "ulimit -f 900; exec \"$0\" \"$@\""];
    for ranks in [1, 2] {
        if ranks > 1 && !have_mpi() {
            continue;
        }
        let arguments = format!("--output run{ranks} --set time.end_s=200");
        let run = finish_within(place.command_under(ranks, &limited, &arguments), LIMIT);
        assert_fails(&run, 4, &["snapshots.h5", "limit of 900 KiB (ulimit -f)"]);
        place.assert_clean(&format!("run{ranks}"));
        assert!(!place.checkpoints(&format!("run{ranks}")).is_empty());
    }
}

#[test]
fn a_configuration_that_is_no_text_is_refused() {
    let place = Place::new();
    fs::create_dir(place.path("folder")).unwrap();
    fs::write(place.path("binary.toml"), [0u8, 159, 146, 150, 255]).unwrap();
    fs::write(place.path("empty.toml"), "").unwrap();
    for (name, part) in [("folder", "directory"), ("binary.toml", "UTF-8"), ("empty.toml", "6 faults")] {
        assert_fails(&place.gale(&format!("run {name}")), 2, &[name, part]);
    }
}

#[test]
fn small_grids_and_short_runs_work() {
    let place = Place::new();
    let odd = [
        "grid.nx=1",
        "grid.ny=1",
        "grid.nz=1",
        "grid.nz=2",
        "grid.nx=1 grid.ny=1",
        "grid.nx=1 grid.ny=1 grid.nz=1",
        "grid.nx=2 grid.ny=3",
        "grid.nx=23 grid.ny=19",
        "time.end_s=0.001",
        "output.every_s=0.3",
        "output.every_s=0.01 time.end_s=0.1",
        "output.every_s=1e9",
    ];
    for keys in odd {
        let keys: String = keys.split(' ').map(|key| format!(" --set {key}")).collect();
        let run = place.run(1, &format!("--output run --overwrite --set time.end_s=2{keys}"));
        assert_eq!(run.status, Some(0), "{keys}: {run}");
        place.assert_clean("run");
    }
}

#[test]
fn a_grid_larger_than_the_memory_is_refused() {
    let place = Place::new();
    for cells in [
        "--set grid.nx=10000 --set grid.ny=10000 --set grid.nz=10000 --set grid.dz_m=1",
        "--set grid.nx=10000000 --set grid.ny=10000000",
    ] {
        let run = place.run(1, &format!("--output run {cells}"));
        assert_fails(&run, 2, &["GiB on this host", "gale plan"]);
        assert!(!place.path("run").exists());
    }
}
