//! Ranks that only write snapshots: the same files, and no rank waits for ever when something fails.

#[path = "support/failing_writes.rs"]
mod failing_writes;
#[path = "support/small_run.rs"]
mod small_run;
mod support;

use failing_writes::failing_writes;
use small_run::{LIMIT, Place};
use std::thread::sleep;
use std::time::Duration;
use support::{Started, finish_within, have_mpi};

/// A snapshot at every step, so that the one before is often still on its way.
const BUSY: &str = "--set output.every_s=0.5 --set checkpoint.every_s=2";

#[test]
fn the_files_are_those_of_ranks_that_write_themselves() {
    if !have_mpi() {
        return;
    }
    let place = Place::new();
    place.run(1, &format!("{BUSY} --output calm")).succeeded();
    for (ranks, writers, more) in [
        (2, 1, ""),
        (3, 1, "--set output.compression=3"),
        (5, 2, "--set output.precision=double"),
        (6, 3, ""),
    ] {
        let output = format!("run{ranks}{writers}");
        place
            .run(ranks, &format!("{BUSY} {more} --set parallel.writer_ranks={writers} --output {output}"))
            .succeeded();
        if more.contains("precision") {
            place.run(1, &format!("{BUSY} {more} --output precise")).succeeded();
            place.assert_same("precise", &output);
        } else {
            place.assert_same("calm", &output);
        }
        place.assert_clean(&output);
    }
}

#[test]
fn a_file_for_every_time_may_be_handed_over() {
    if !have_mpi() {
        return;
    }
    let place = Place::new();
    let many = "--set output.files=many";
    place.run(1, &format!("{many} --output calm")).succeeded();
    place.run(3, &format!("{many} --set parallel.writer_ranks=1 --output run")).succeeded();
    let snapshots = |folder: &str| -> Vec<String> {
        place.listing(folder).into_iter().filter(|name| name.starts_with("snapshot_")).collect()
    };
    assert_eq!(snapshots("calm").len(), 5);
    assert_eq!(snapshots("calm"), snapshots("run"));
    for name in snapshots("calm") {
        place.gale(&format!("compare calm/{name} run/{name}")).succeeded();
    }
}

#[test]
fn runs_go_on_with_other_writers() {
    if !have_mpi() {
        return;
    }
    let place = Place::new();
    let long = format!("{BUSY} --set time.end_s=60");
    place.run(1, &format!("{long} --output calm")).succeeded();
    // Asked to stop; then a rank is killed, the writer among them; then to the end.
    for (ranks, writers, signal) in [(3, 1, "TERM"), (4, 2, "KILL"), (2, 1, "KILL")] {
        let command = place
            .command(ranks, &format!("{long} --set parallel.writer_ranks={writers} --resume --output run"));
        let before = place.checkpoints("run").pop();
        let mut run = Started::new(command);
        while place.checkpoints("run").pop() == before {
            assert!(run.lives(), "{}", run.finish(LIMIT));
            sleep(Duration::from_millis(1));
        }
        assert!(run.signal_child(signal));
        let run = run.finish(LIMIT);
        assert_eq!(run.status == Some(85), signal == "TERM", "{run}");
    }
    place.run(2, &format!("{long} --resume --output run")).succeeded();
    place.assert_same("calm", "run");
    place.assert_clean("run");
}

#[test]
fn a_writer_that_fails_ends_the_run_with_its_message() {
    if !have_mpi() {
        return;
    }
    let place = Place::new();
    let Some(library) = failing_writes(&place.path("")) else { return };
    let arguments = format!("{BUSY} --set parallel.writer_ranks=1");
    for after in [0, 300] {
        let output = format!("run{after}");
        let script = format!(
            "if [ \"$OMPI_COMM_WORLD_RANK\" = 2 ]; then export LD_PRELOAD={} FAILING_FILE=snapshots \
             FAILING_AFTER={after}; fi; exec \"$0\" \"$@\"",
            library.display()
        );
        let starter = ["bash", "-c", &script];
        let command = place.command_under(3, &starter, &format!("{arguments} --output {output}"));
        let run = finish_within(command, LIMIT);
        assert_eq!(run.status, Some(4), "{run}");
        assert_eq!(run.stderr.matches("error: ").count(), 1, "{run}");
        assert!(run.stderr.contains("snapshots.h5"), "{run}");
        place.run(2, &format!("{arguments} --resume --output {output}")).succeeded();
        place.assert_clean(&output);
    }
}

#[test]
fn too_few_ranks_are_refused() {
    let place = Place::new();
    let run = place.run(1, "--set parallel.writer_ranks=1 --output run");
    assert_eq!(run.status, Some(2), "{run}");
    assert!(run.stderr.contains("needs at least 2 ranks"), "{run}");
    let run = place.run(1, "--set parallel.writer_ranks=1 --set output.every_s=\"never\" --output run");
    assert_eq!(run.status, Some(2), "{run}");
    assert!(run.stderr.contains("there are no snapshots to write"), "{run}");
}
