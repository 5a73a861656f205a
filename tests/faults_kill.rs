//! Runs that are killed at every single write into a growing file, and go on as if nothing had been.

#[path = "support/failing_writes.rs"]
mod failing_writes;
#[path = "support/small_run.rs"]
mod small_run;
mod support;

use failing_writes::failing_writes;
use small_run::{LIMIT, Place};
use support::{finish_within, have_mpi};

/// A record and a checkpoint at every one of three steps.
const RUN: &str = "--set time.end_s=1.5 --set output.every_s=0.5 --set checkpoint.every_s=0.5 --set \
                   output.series_every_s=0.5";

/// Kills the run at the `first`-th write into `file`, the next time a few further on, until it comes to its end.
fn killed_at_every_write(ranks: usize, file: &str, first: usize, stride: usize, more: &str) {
    let place = Place::new();
    let Some(library) = failing_writes(&place.path("")) else { return };
    let arguments = format!("{RUN} {more}");
    place.run(ranks, &format!("{arguments} --output calm")).succeeded();
    let mut killed = 0;
    for after in (first..).step_by(stride) {
        let output = format!("run{after}");
        let script = format!(
            "export LD_PRELOAD={} FAILING_FILE={file} FAILING_AFTER={after} FAILING_SIGNAL=9; exec \"$0\" \"$@\"",
            library.display()
        );
        let starter = ["bash", "-c", &script];
        let run = finish_within(
            place.command_under(ranks, &starter, &format!("{arguments} --output {output}")),
            LIMIT,
        );
        if run.status == Some(0) {
            break;
        }
        killed += 1;
        place.run(ranks, &format!("{arguments} --resume --output {output}")).succeeded();
        place.assert_same("calm", &output);
        place.assert_clean(&output);
    }
    println!("killed at {killed} writes into {file}");
    assert!(killed > 3, "only {killed} writes into {file}");
}

#[test]
fn at_every_write_of_snapshots() {
    killed_at_every_write(1, "/snapshots.h5", 0, 1, "");
}

#[test]
fn at_writes_of_compressed_snapshots_and_of_series() {
    killed_at_every_write(1, "/snapshots.h5", 0, 3, "--set output.compression=4");
    killed_at_every_write(1, "/series.h5", 0, 7, "");
}

#[test]
fn at_writes_of_several_ranks() {
    if have_mpi() {
        killed_at_every_write(2, "/snapshots.h5", 2, 7, "");
    }
}
