//! Writing snapshots and checkpoints, beside a plain write of as many bytes in the same run.
//!
//! `cargo bench --bench output`. Everything goes to the folder of temporary files and is synced.

mod machine;

use gale::cases;
use gale::comm::World;
use gale::comm::single::Single;
use gale::config;
use gale::initial::initial_state;
use gale::io::{RunRecord, SnapshotWriter, checkpoint};
use gale::mesh::Mesh;
use gale::model::Model;
use gale::parallel::start_threads;
use gale::state::diagnostics::{self, Context};
use machine::{Machine, shortest};
use std::fs::{self, File};
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

const BOX: &str = r#"
[case]
name = "warm_bubble"
[grid]
nx = 120
ny = 120
nz = 40
dx_m = 1000.0
dz_m = 500.0
[time]
end_s = 3600.0
"#;

fn main() {
    start_threads(1);
    let machine = Machine::measure();
    let folder = tempfile::tempdir().expect("a temporary folder");
    for compression in [0, 1] {
        snapshots(&machine, folder.path(), compression);
    }
    checkpoints(&machine, folder.path());
}

/// Bytes/s of a plain synced write of `bytes` bytes.
fn plain(folder: &std::path::Path, bytes: usize) -> f64 {
    let data = vec![7u8; bytes];
    let path = folder.join("plain");
    let seconds = shortest(3, || {
        let mut file = File::create(&path).expect("a file");
        file.write_all(&data).and_then(|()| file.sync_all()).expect("room for it");
    });
    fs::remove_file(path).expect("it was there");
    bytes as f64 / seconds
}

fn snapshots(machine: &Machine, folder: &std::path::Path, compression: usize) {
    const RECORDS: i64 = 5;
    let folder = folder.join(format!("snapshots{compression}"));
    fs::create_dir_all(&folder).expect("a folder");
    let overrides = [format!("output.directory={:?}", folder), format!("output.compression={compression}")];
    let configuration = config::parse("box", BOX, &overrides).unwrap_or_else(|error| panic!("{error}"));
    let world: World = Arc::new(Single);
    let mesh = Mesh::new(&configuration, 0, 1).expect("one rank has tiles");
    let case = cases::build(&configuration).expect("a built-in case");
    let model = Model::<f64>::new(&configuration, &mesh, &*case, &*world);
    let mut state = initial_state::<f64>(&configuration, &mesh, &*case);
    let chosen: Vec<_> = configuration
        .output
        .variables
        .iter()
        .map(|name| diagnostics::find(name, configuration.dynamics.setting, &[]).expect("a diagnostic"))
        .collect();
    let reference = &model.reference;
    let mut writer = SnapshotWriter::create(&configuration, &mesh, &world, None).expect("a writer");
    let start = Instant::now();
    for record in 0..RECORDS {
        state.clock.ticks = record;
        writer
            .write(&state.clock, |n, tile, k, j, out| {
                let context = Context::of_tile(&mesh, reference, &[], tile);
                chosen[n].row(&context, &state.tiles[tile], j, k, out);
            })
            .expect("a record");
    }
    writer.close().expect("a complete file");
    let path = folder.join("snapshots.h5");
    File::open(&path).and_then(|file| file.sync_all()).expect("a synced file");
    // What is written before compression, in single precision.
    let bytes = RECORDS as usize * chosen.len() * mesh.cells() * size_of::<f32>();
    let rate = bytes as f64 / start.elapsed().as_secs_f64();
    compare(machine, &format!("snapshots, deflate {compression}"), rate, plain(&folder, 50 << 20));
}

fn checkpoints(machine: &Machine, folder: &std::path::Path) {
    let configuration = config::parse("box", BOX, &[]).unwrap_or_else(|error| panic!("{error}"));
    let world: World = Arc::new(Single);
    let mesh = Mesh::new(&configuration, 0, 1).expect("one rank has tiles");
    let case = cases::build(&configuration).expect("a built-in case");
    let state = initial_state::<f64>(&configuration, &mesh, &*case);
    let record = RunRecord::at(state.clock);
    let start = Instant::now();
    let path = checkpoint::write(folder, &mesh, &world, &state, &[], &record, 1).expect("a checkpoint");
    let bytes = fs::metadata(path).expect("a file").len();
    compare(
        machine,
        "checkpoint, verified",
        bytes as f64 / start.elapsed().as_secs_f64(),
        plain(folder, bytes as usize),
    );
}

fn compare(machine: &Machine, name: &str, rate: f64, plain: f64) {
    println!(
        "{name:24} {:>8.0} MB/s, {:>4.0} % of a plain write ({:.0} MB/s), {:.1} % of the triad",
        rate / 1e6,
        100.0 * rate / plain,
        plain / 1e6,
        100.0 * rate / machine.bandwidth
    );
}
