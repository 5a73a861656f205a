//! The files of a run: what is in them, what is kept when a run is resumed, and that a damaged
//! checkpoint is never taken for a good one.

use gale::cli::{compare, info};
use gale::comm::{World, single::Single};
use gale::config::*;
use gale::constants::Constants;
use gale::error::Error;
use gale::io::reader::{File, ValueKind};
use gale::io::{
    Earlier, RunRecord, SeriesColumn, SeriesWriter, SnapshotWriter, checkpoint, prepare, snapshot,
};
use gale::mesh::{Mesh, VerticalGrid};
use gale::real::Real;
use gale::state::State;
use gale::time::{Clock, ticks};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn configuration(directory: &Path) -> Configuration {
    let constant = BTreeMap::new();
    Configuration {
        case: CaseChoice { name: "test".into(), parameters: constant, sounding: None },
        grid: Grid {
            geometry: Geometry::Plane,
            nx: 20,
            ny: 12,
            nz: 5,
            dx: 100.0,
            dy: 200.0,
            x_min: -1000.0,
            y_min: 0.0,
            interfaces: VerticalGrid::stretched_interfaces(5, 1000.0, 3.0),
        },
        terrain: None,
        time: Time {
            end: 100.0,
            step: StepChoice::Fixed(1.0),
            start_date: "2000-01-01 00:00:00".into(),
            calendar: "proleptic_gregorian".into(),
        },
        dynamics: Dynamics {
            setting: Setting::Plane,
            rotation: 0.0,
            integrator: IntegratorChoice::Ws3g,
            precision: Precision::Double,
            sound_damping: 1.0,
            upwinding: 1.0,
            coriolis: 0.0,
            viscosity: 0.0,
            diffusivity: 0.0,
            constants: Constants::default(),
            tracers: vec!["blob".into()],
            tracer_limiter: TracerLimiter::None,
        },
        boundary: Boundary {
            x: LateralBoundary::Periodic,
            y: LateralBoundary::Wall,
            phase_speed: 30.0,
            inflow_length: 3e4,
            relaxation: None,
            sponge: None,
        },
        physics: Physics { processes: Vec::new() },
        turbulence: None,
        forcing: None,
        output: Output {
            directory: directory.into(),
            every: Some(10.0),
            variables: vec!["theta_perturbation".into(), "w".into(), "blob".into()],
            precision: Precision::Single,
            compression: 0,
            measure_disk: false,
            layout: FileLayout::OneFile,
            series_every: Some(1.0),
            statistics_every: None,
            latlon: None,
            sections: None,
            columns: None,
            overwrite: false,
        },
        checkpoint: Checkpoint { every: Some(10.0), keep: 2, stop_after: None },
        parallel: Parallel { tile: Some([7, 5]), threads: None, writer_ranks: 0 },
        text: "[case]\nname = \"test\"\n".into(),
    }
}

fn world() -> World {
    Arc::new(Single)
}

fn mesh(configuration: &Configuration) -> Mesh {
    Mesh::new(configuration, 0, 1).unwrap()
}

fn clock(seconds: f64) -> Clock {
    Clock { ticks: ticks(seconds), step: seconds as u64 }
}

/// A value that tells variable, time and global cell.
fn value(variable: usize, seconds: f64, k: usize, y: usize, x: usize) -> f64 {
    (variable + 1) as f64 * 0.1 + seconds + 1e-3 * ((k * 12 + y) * 20 + x) as f64
}

fn write(writer: &mut SnapshotWriter, mesh: &Mesh, seconds: f64) {
    writer.write(&clock(seconds), rows(mesh, seconds)).unwrap();
}

fn rows(mesh: &Mesh, seconds: f64) -> impl Fn(usize, usize, usize, usize, &mut [f64]) + Sync {
    move |variable, tile, k, j, out| {
        let tile = &mesh.local_tiles()[tile];
        for (i, out) in out.iter_mut().enumerate() {
            *out = value(variable, seconds, k, tile.j0 + j, tile.i0 + i);
        }
    }
}

fn assert_record(file: &File, record: usize, seconds: f64) {
    for (index, (name, levels)) in [("theta_perturbation", 5), ("w", 6), ("blob", 5)].into_iter().enumerate()
    {
        let field = file.read_record(name, record).unwrap();
        assert_eq!(field.shape(), [levels, 12, 20]);
        for (at, found) in field.indexed_iter() {
            let expected = value(index, seconds, at[0], at[1], at[2]);
            assert_eq!(*found, f64::from(expected as f32), "{name} at {at:?}");
        }
    }
}

#[test]
fn snapshots_come_back_with_their_metadata() {
    for (compression, precision) in [(0, Precision::Single), (2, Precision::Single), (0, Precision::Double)] {
        let folder = tempfile::tempdir().unwrap();
        let mut configuration = configuration(folder.path());
        (configuration.output.compression, configuration.output.precision) = (compression, precision);
        let mesh = mesh(&configuration);
        let mut writer = SnapshotWriter::create(&configuration, &mesh, &world(), None).unwrap();
        write(&mut writer, &mesh, 0.0);
        write(&mut writer, &mesh, 10.5);
        writer.close().unwrap();

        let path = folder.path().join("snapshots.h5");
        let bytes = fs::metadata(&path).unwrap().len();
        assert!(bytes < 200_000, "{bytes} bytes for 8000 values");
        let file = File::open(&path).unwrap();
        assert_eq!(file.times().unwrap(), [0.0, 10.5]);
        let kind = if precision == Precision::Single { ValueKind::Single } else { ValueKind::Double };
        let w = file.variable("w").unwrap();
        let dimensions = [("time", 2), ("z_interface", 6), ("y", 12), ("x", 20)];
        assert_eq!(w.dimensions, dimensions.map(|(name, length)| (name.to_string(), length)));
        assert_eq!((w.unit.as_str(), w.kind), ("m s-1", kind));
        assert_eq!(file.variable_attribute("time", "units").unwrap(), "seconds since 2000-01-01 00:00:00");
        assert_eq!(file.variable_attribute("w", "standard_name").unwrap(), "upward_air_velocity");
        assert_eq!(file.attribute("Conventions").unwrap(), "CF-1.11");
        assert_eq!(file.attribute("configuration").unwrap(), configuration.text);
        assert_eq!(file.read("x").unwrap()[[0]], -950.0);
        assert_eq!(file.read("y").unwrap()[[11]], 2300.0);
        if precision == Precision::Single {
            assert_record(&file, 0, 0.0);
            assert_record(&file, 1, 10.5);
        }
        assert!(file.read_record("w", 2).unwrap_err().to_string().contains("there are 2"));
        assert!(file.read("q").unwrap_err().to_string().contains("theta_perturbation"));
        let text = info::describe(&file).unwrap();
        assert!(text.contains("gale snapshots") && text.contains("10.5 seconds since"), "{text}");
    }
}

#[test]
fn time_without_a_calendar_is_a_number_of_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = configuration(folder.path());
    configuration.time.calendar = "none".into();
    let mesh = mesh(&configuration);
    let mut writer = SnapshotWriter::create(&configuration, &mesh, &world(), None).unwrap();
    write(&mut writer, &mesh, 10.5);
    writer.close().unwrap();
    let file = File::open(&folder.path().join("snapshots.h5")).unwrap();
    assert_eq!(file.variable_attribute("time", "units").unwrap(), "s");
    assert!(file.variable_attribute("time", "calendar").is_none());
    assert_eq!(file.times().unwrap(), [10.5]);
}

#[test]
fn a_run_without_y_keeps_all_dimensions() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = configuration(folder.path());
    (configuration.grid.ny, configuration.parallel.tile) = (1, None);
    let mesh = mesh(&configuration);
    let mut writer = SnapshotWriter::create(&configuration, &mesh, &world(), None).unwrap();
    write(&mut writer, &mesh, 0.0);
    writer.close().unwrap();
    let file = File::open(&folder.path().join("snapshots.h5")).unwrap();
    assert_eq!(file.variable("blob").unwrap().shape(), [1, 5, 1, 20]);
    assert_eq!(file.read("y").unwrap().len(), 1);
}

#[test]
fn a_killed_run_leaves_readable_records() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let mesh = mesh(&configuration);
    let mut writer = SnapshotWriter::create(&configuration, &mesh, &world(), None).unwrap();
    write(&mut writer, &mesh, 0.0);
    write(&mut writer, &mesh, 10.0);
    // What the disk holds while the writer still has the file open is what a killed run leaves.
    let copy = folder.path().join("copy.h5");
    fs::copy(folder.path().join("snapshots.h5"), &copy).unwrap();
    assert_record(&File::open(&copy).unwrap(), 1, 10.0);
    fs::rename(&copy, folder.path().join("snapshots.h5")).unwrap();
    let mut resumed = SnapshotWriter::create(&configuration, &mesh, &world(), Some(clock(10.0))).unwrap();
    write(&mut resumed, &mesh, 20.0);
    resumed.close().unwrap();
    assert_record(&File::open(&folder.path().join("snapshots.h5")).unwrap(), 2, 20.0);
}

#[test]
fn resuming_drops_later_records_and_writes_none_twice() {
    for layout in [FileLayout::OneFile, FileLayout::FilePerTime] {
        let folder = tempfile::tempdir().unwrap();
        let mut configuration = configuration(folder.path());
        configuration.output.layout = layout;
        let mesh = mesh(&configuration);
        let mut writer = SnapshotWriter::create(&configuration, &mesh, &world(), None).unwrap();
        for seconds in [0.0, 10.0, 20.0, 30.0] {
            assert!(!writer.already_written(&clock(seconds)));
            write(&mut writer, &mesh, seconds);
        }
        writer.close().unwrap();

        let mut writer = SnapshotWriter::create(&configuration, &mesh, &world(), Some(clock(10.0))).unwrap();
        assert!(writer.already_written(&clock(10.0)) && !writer.already_written(&clock(20.0)));
        write(&mut writer, &mesh, 25.0);
        writer.close().unwrap();
        if layout == FileLayout::OneFile {
            let file = File::open(&folder.path().join("snapshots.h5")).unwrap();
            assert_eq!(file.times().unwrap(), [0.0, 10.0, 25.0]);
            (0..3).zip([0.0, 10.0, 25.0]).for_each(|(record, seconds)| assert_record(&file, record, seconds));
        } else {
            let names = ["snapshot_000000000.h5", "snapshot_000000010.h5", "snapshot_000000025.h5"];
            assert_eq!(listing(folder.path()), names);
            let file = File::open(&folder.path().join(names[2])).unwrap();
            assert_eq!(file.times().unwrap(), [25.0]);
            assert_record(&file, 0, 25.0);
        }
    }
}

#[test]
fn resuming_refuses_a_file_of_another_grid() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = configuration(folder.path());
    let old = mesh(&configuration);
    SnapshotWriter::create(&configuration, &old, &world(), None).unwrap().close().unwrap();
    configuration.grid.nx = 21;
    let other = mesh(&configuration);
    let error = SnapshotWriter::create(&configuration, &other, &world(), Some(clock(0.0))).err().unwrap();
    assert!(error.to_string().contains("cannot continue"), "{error}");
}

#[test]
fn earlier_output_is_only_replaced_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = configuration(&folder.path().join("new/run"));
    let mesh = mesh(&configuration);
    prepare(&configuration, &Single, Earlier::of(&configuration, false)).unwrap();
    gale::io::directory::write_configuration(&configuration, &Single).unwrap();
    SnapshotWriter::create(&configuration, &mesh, &world(), None).unwrap().close().unwrap();
    let run = &configuration.output.directory.clone();
    assert_eq!(fs::read_to_string(run.join("config.toml")).unwrap(), configuration.text);

    for error in [
        prepare(&configuration, &Single, Earlier::Keep).unwrap_err(),
        SnapshotWriter::create(&configuration, &mesh, &world(), None).err().unwrap(),
    ] {
        let text = error.to_string();
        assert_eq!(error.exit_status(), 4);
        assert!(["snapshots.h5", "--resume", "--overwrite"].iter().all(|part| text.contains(part)), "{text}");
    }
    fs::create_dir(run.join("checkpoints")).unwrap();
    fs::write(run.join("checkpoints/checkpoint_000000001.h5"), "good or not").unwrap();
    prepare(&configuration, &Single, Earlier::Resume).unwrap();
    assert!(run.join("snapshots.h5").exists());
    configuration.output.overwrite = true;
    prepare(&configuration, &Single, Earlier::of(&configuration, false)).unwrap();
    assert_eq!(listing(run), ["checkpoints", "config.toml"]);
    assert_eq!(listing(&run.join("checkpoints")), Vec::<String>::new());
}

#[test]
fn a_failing_write_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let mesh = mesh(&configuration);
    let nowhere = folder.path().join("missing/out.h5");
    let error =
        snapshot::write_single(&nowhere, &configuration, &mesh, &world(), &clock(1.0), rows(&mesh, 1.0));
    let text = error.unwrap_err().to_string();
    assert!(text.contains("missing/out.h5") && text.contains("No such file"), "{text}");
    assert!(listing(folder.path()).is_empty());

    let mut unknown = configuration.clone();
    unknown.output.variables = vec!["humidity".into()];
    let error = SnapshotWriter::create(&unknown, &mesh, &world(), None).err().unwrap();
    assert_eq!(error.exit_status(), 2);
}

#[test]
fn series_are_shortened_when_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let columns = ["mass", "energy"].map(|name| SeriesColumn {
        name: name.into(),
        unit: "kg".into(),
        long_name: format!("total {name}"),
    });
    let mut writer = SeriesWriter::create(&configuration, &world(), &columns, None).unwrap();
    for step in 0..5 {
        writer.append(&clock(f64::from(step)), &[f64::from(step) / 3.0, f64::NAN]).unwrap();
    }
    writer.close().unwrap();
    let error = SeriesWriter::create(&configuration, &world(), &columns, None).err().unwrap();
    assert!(error.to_string().contains("series.csv"), "{error}");

    // As if the run was killed in the middle of a row of text.
    let text = fs::read_to_string(folder.path().join("series.csv")).unwrap();
    fs::write(folder.path().join("series.csv"), &text[..text.len() - 9]).unwrap();

    let mut writer = SeriesWriter::create(&configuration, &world(), &columns, Some(clock(2.0))).unwrap();
    writer.append(&clock(2.0), &[7.0, 7.0]).unwrap();
    writer.append(&clock(3.0), &[1.0, 2.0]).unwrap();
    writer.close().unwrap();
    let text = fs::read_to_string(folder.path().join("series.csv")).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], "time [s],mass [kg],energy [kg]");
    assert_eq!(rows[2..], ["1.0,0.3333333333333333,NaN", "2.0,0.6666666666666666,NaN", "3.0,1.0,2.0"]);
    assert!(fs::metadata(folder.path().join("series.h5")).unwrap().len() < 50_000);
    let file = File::open(&folder.path().join("series.h5")).unwrap();
    assert_eq!(file.times().unwrap(), [0.0, 1.0, 2.0, 3.0]);
    assert_eq!(file.read("mass").unwrap()[[2]], 2.0 / 3.0);
    assert!(info::describe(&file).unwrap().contains("time series"));
}

/// A state whose every value is different.
fn filled<T: Real>(mesh: &Mesh, seconds: f64) -> State<T> {
    let mut state = State::new(mesh, Setting::Plane, 1);
    state.clock = clock(seconds);
    for (tile, fields) in mesh.local_tiles().iter().zip(&mut state.tiles) {
        for (index, field) in fields.prognostic_mut().enumerate() {
            for k in 0..field.layout().levels {
                for j in 0..tile.nj {
                    for (i, cell) in field.cells_mut(j, k).iter_mut().enumerate() {
                        *cell = T::of(value(index, seconds, k, tile.j0 + j, tile.i0 + i));
                    }
                }
            }
        }
    }
    state
}

fn assert_same<T: Real>(mesh: &Mesh, a: &State<T>, b: &State<T>) {
    assert_eq!(a.clock, b.clock);
    for (tile, (a, b)) in mesh.local_tiles().iter().zip(a.tiles.iter().zip(&b.tiles)) {
        for (a, b) in a.prognostic().zip(b.prognostic()) {
            for k in 0..a.layout().levels {
                (0..tile.nj).for_each(|j| assert_eq!(a.cells(j, k), b.cells(j, k)));
            }
        }
    }
}

fn tracers() -> Vec<String> {
    vec!["blob".into()]
}

fn save<T: Real>(folder: &Path, mesh: &Mesh, seconds: f64, keep: usize) -> PathBuf {
    let state = filled::<T>(mesh, seconds);
    let mut record = RunRecord::at(state.clock);
    record.values.insert("dt".into(), 0.1 + seconds);
    checkpoint::write(folder, mesh, &world(), &state, &tracers(), &record, keep).unwrap()
}

fn load<T: Real>(folder: &Path, mesh: &Mesh) -> Result<(State<T>, Option<checkpoint::Loaded>), Error> {
    let mut state = State::new(mesh, Setting::Plane, 1);
    let loaded = checkpoint::load_latest(folder, mesh, &world(), &tracers(), &mut state)?;
    Ok((state, loaded))
}

#[test]
fn checkpoints_come_back_for_any_tiles() {
    fn check<T: Real>() {
        let folder = tempfile::tempdir().unwrap();
        let mut configuration = configuration(folder.path());
        let checkpoints = folder.path().join("checkpoints");
        let written = mesh(&configuration);
        assert!(load::<T>(&checkpoints, &written).unwrap().1.is_none());
        for seconds in [10.0, 20.0, 30.0] {
            save::<T>(&checkpoints, &written, seconds, 2);
        }
        let names = ["checkpoint_000000020.h5", "checkpoint_000000030.h5"];
        let files: Vec<String> =
            names.iter().flat_map(|name| [name.to_string(), format!("{name}.sum")]).collect();
        assert_eq!(listing(&checkpoints), files);

        configuration.parallel.tile = Some([20, 3]);
        let other = mesh(&configuration);
        let (state, loaded) = load::<T>(&checkpoints, &other).unwrap();
        let loaded = loaded.unwrap();
        assert_same(&other, &state, &filled(&other, 30.0));
        assert_eq!(loaded.record.values["dt"], 30.1);
        assert!(loaded.warnings.is_empty());
        let text = info::describe(&File::open(&loaded.path).unwrap()).unwrap();
        assert!(text.contains("gale checkpoint 1") && text.contains(T::NAME), "{text}");
    }
    check::<f32>();
    check::<f64>();
}

#[test]
fn a_damaged_checkpoint_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let mesh = mesh(&configuration);
    save::<f64>(folder.path(), &mesh, 10.0, 3);
    let newest = save::<f64>(folder.path(), &mesh, 20.0, 3);
    let side = newest.with_extension("h5.sum");
    let (good, good_side) = (fs::read(&newest).unwrap(), fs::read(&side).unwrap());
    let expect_older = |what: &str| {
        let (state, loaded) = load::<f64>(folder.path(), &mesh).unwrap();
        assert_eq!(state.clock, clock(10.0), "{what}");
        assert_same(&mesh, &state, &filled(&mesh, 10.0));
        assert!(loaded.unwrap().warnings[0].contains("checkpoint_000000020.h5"));
    };
    for step in 0..97 {
        let position = step * (good.len() - 1) / 96;
        let mut damaged = good.clone();
        damaged[position] ^= 1 << (step % 8);
        fs::write(&newest, damaged).unwrap();
        expect_older(&format!("a flipped bit at byte {position}"));
    }
    for length in [0, 1, 100, good.len() / 2, good.len() - 1] {
        fs::write(&newest, &good[..length]).unwrap();
        expect_older(&format!("only {length} bytes"));
    }
    fs::write(&newest, &good).unwrap();
    for position in 0..good_side.len() {
        let mut damaged = good_side.clone();
        damaged[position] ^= 1;
        fs::write(&side, damaged).unwrap();
        expect_older(&format!("a flipped bit at byte {position} of the side file"));
    }
    fs::remove_file(&side).unwrap();
    expect_older("no side file");
    fs::write(&side, &good_side).unwrap();
    assert_eq!(load::<f64>(folder.path(), &mesh).unwrap().0.clock, clock(20.0));

    // The next checkpoint sweeps up what was left out, though it lies in the future.
    fs::write(&newest, &good[1..]).unwrap();
    save::<f64>(folder.path(), &mesh, 15.0, 3);
    assert!(!newest.exists() && !side.exists());
}

#[test]
fn no_good_checkpoint_at_all_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let mesh = mesh(&configuration);
    let path = save::<f64>(folder.path(), &mesh, 10.0, 3);
    fs::write(&path, "no checkpoint").unwrap();
    let error = load::<f64>(folder.path(), &mesh).err().unwrap();
    assert_eq!(error.exit_status(), 4);
    assert!(error.to_string().contains("13 bytes"), "{error}");
}

#[test]
fn checkpoints_of_other_runs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = configuration(folder.path());
    let same = mesh(&configuration);
    save::<f64>(folder.path(), &same, 10.0, 3);
    let error = load::<f32>(folder.path(), &same).err().unwrap().to_string();
    assert!(error.contains("`double`") && error.contains("`single`"), "{error}");
    configuration.grid.nx = 24;
    let error = load::<f64>(folder.path(), &mesh(&configuration)).err().unwrap().to_string();
    assert!(error.contains("20 x 12 x 5") && error.contains("24 x 12 x 5"), "{error}");
    let mut state = State::<f64>::new(&same, Setting::Plane, 0);
    let error = checkpoint::load_latest(folder.path(), &same, &world(), &[], &mut state).err().unwrap();
    assert!(error.to_string().contains("`blob`"), "{error}");
}

#[test]
fn states_that_blew_up_are_never_kept() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let mesh = mesh(&configuration);
    let mut state = filled::<f32>(&mesh, 10.0);
    state.tiles[2].heat.cells_mut(1, 3)[2] = f32::NAN;
    let record = RunRecord::at(state.clock);
    let error =
        checkpoint::write(folder.path(), &mesh, &world(), &state, &tracers(), &record, 2).unwrap_err();
    assert_eq!(error.exit_status(), 3);
    assert!(error.to_string().contains("heat_deviation"), "{error}");
    assert!(listing(folder.path()).is_empty());
}

#[test]
fn comparisons_find_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let write_file = |name: &str, change: f64, extra: bool| {
        let mut configuration = configuration(folder.path());
        configuration.output.precision = Precision::Double;
        if !extra {
            configuration.output.variables.pop();
        }
        let mesh = mesh(&configuration);
        let path = folder.path().join(name);
        let same = rows(&mesh, 0.0);
        let row = |variable: usize, tile: usize, k: usize, j: usize, out: &mut [f64]| {
            same(variable, tile, k, j, out);
            if (variable, k, mesh.local_tiles()[tile].j0 + j, mesh.local_tiles()[tile].i0) == (1, 4, 11, 0) {
                out[0] += change;
                out[1] = f64::NAN;
            }
        };
        snapshot::write_single(&path, &configuration, &mesh, &world(), &clock(0.0), row).unwrap();
        File::open(&path).unwrap()
    };
    let a = write_file("a.h5", 0.0, true);
    assert!(compare::compare(&a, &write_file("b.h5", 0.0, true), None).unwrap().same);

    let c = write_file("c.h5", 1e-9, true);
    let found = compare::compare(&a, &c, None).unwrap();
    assert!(!found.same && found.report.contains("[0, 4, 11, 0]"), "{}", found.report);
    let tolerance = |relative, absolute| Some(compare::Tolerance { relative, absolute });
    assert!(compare::compare(&a, &c, tolerance(0.0, 2e-9)).unwrap().same);
    assert!(compare::compare(&a, &c, tolerance(1e-6, 0.0)).unwrap().same);
    assert!(!compare::compare(&a, &c, tolerance(1e-12, 0.0)).unwrap().same);

    let found = compare::compare(&a, &write_file("d.h5", 0.0, false), None).unwrap();
    assert!(!found.same && found.report.contains("blob: only in"), "{}", found.report);
}

/// The names in a folder, sorted.
fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
