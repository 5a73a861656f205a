//! Stopping in time: by signals in every phase, by a file, by limits of the wall clock and of batch jobs.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | from the request to the end | 5 s | a step and a checkpoint take milliseconds; the machine may be busy |
//! | a limit of the wall clock | 3 s over it | the same, and the start and end of the process |
//! | the resumed run against the undisturbed one | 0 | a checkpoint holds everything that the next step reads |

#[path = "support/failing_writes.rs"]
mod failing_writes;
#[path = "support/small_run.rs"]
mod small_run;
mod support;

use failing_writes::failing_writes;
use small_run::{LIMIT, Place};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use support::{Finished, Started, finish_within, have_mpi};

/// From a request to the end of the process.
const PROMPT: Duration = Duration::from_secs(5);
/// How much longer than its limit a run may take.
const SLACK: Duration = Duration::from_secs(3);

/// Output at every step, so that a request often comes while something is written.
const BUSY: &str = "--set output.every_s=0.5 --set output.compression=4 --set checkpoint.every_s=1";
/// A run that no test sees the end of.
const ENDLESS: &str = "--set time.end_s=100000 --set output.every_s=100 --set checkpoint.every_s=100";

#[track_caller]
fn assert_stopped(place: &Place, run: &Finished, output: &str, reason: &str) {
    assert_eq!(run.status, Some(85), "{run}");
    assert_eq!(run.stderr.matches("stopped early: at ").count(), 1, "{run}");
    assert!(run.stderr.contains(reason), "{run}");
    place.assert_clean(output);
}

/// Sends a signal to run after run, each resuming the one before, until the end is reached.
fn signalled_in_every_phase(ranks: usize) {
    let place = Place::new();
    let busy = format!("{BUSY} --set time.end_s={}", if ranks == 1 { 60 } else { 15 });
    place.run(1, &format!("{busy} --output calm")).succeeded();
    let (mut stopped, mut cycle) = (0, 0);
    loop {
        let mut run = Started::new(place.command(ranks, &format!("{busy} --resume --output run")));
        let log = place.path("run/run.log");
        let before = fs::metadata(&log).map_or(0, |log| log.len());
        // From the set-up on, while the files are opened, and later and later.
        if before == 0 {
            run.until(&log, LIMIT);
        } else {
            while fs::metadata(&log).is_ok_and(|log| log.len() == before) && run.lives() {
                sleep(Duration::from_millis(1));
            }
        }
        sleep(Duration::from_millis(7 * cycle));
        let sent = Instant::now();
        run.signal(["USR1", "TERM", "USR2", "INT"][if ranks > 1 { 0 } else { cycle as usize % 4 }]);
        let run = run.finish(LIMIT);
        cycle += 1;
        match run.status {
            Some(85) => {
                stopped += 1;
                assert!(sent.elapsed() < PROMPT, "cycle {cycle}: {:?} {run}", sent.elapsed());
                assert_stopped(&place, &run, "run", "as asked by a signal");
            }
            Some(0) => break,
            _ => panic!("cycle {cycle}: {run}"),
        }
    }
    assert!(stopped >= 3, "the run was too fast for signals");
    place.assert_same("calm", "run");
}

#[test]
fn a_signal_in_any_phase_stops_with_a_checkpoint() {
    signalled_in_every_phase(1);
}

#[test]
fn a_signal_in_any_phase_stops_all_ranks_at_the_same_step() {
    if have_mpi() {
        signalled_in_every_phase(2);
    }
}

#[test]
fn a_request_during_a_checkpoint_is_answered_after_it() {
    let place = Place::new();
    let each_step = "--set time.end_s=100000 --set output.every_s=100 --set checkpoint.every_s=0.5";
    let Some(library) = failing_writes(&place.path("")) else { return };
    let mut command = place.command(1, &format!("{each_step} --output run"));
    // USR1 comes at the second write of the checkpoint of step 10, whatever else the machine does.
    command.env("LD_PRELOAD", library).env("FAILING_FILE", "checkpoint_000000005.h5.tmp");
    command.env("FAILING_AFTER", "1").env("FAILING_SIGNAL", "10");
    let run = finish_within(command, LIMIT);
    assert!(run.time < PROMPT + SLACK, "{run}");
    assert_stopped(&place, &run, "run", "as asked by a signal");
    let steps = step_of(&run.stderr);
    assert!(
        (10..=12).contains(&steps),
        "stopped {steps} steps after the start, not within two of step 10: {run}"
    );
}

/// N in a message with `(step N)`.
fn step_of(message: &str) -> u64 {
    let number = message.split_once("(step ").and_then(|(_, rest)| rest.split_once(')'));
    number.unwrap_or_else(|| panic!("no step in: {message}")).0.parse().unwrap()
}

#[test]
fn the_same_signal_handed_on_twice_is_one_request() {
    let place = Place::new();
    let mut run = Started::new(place.command(1, &format!("{ENDLESS} --output run")));
    run.until(&place.path("run/checkpoints"), LIMIT);
    for _ in 0..3 {
        run.signal("USR1");
        sleep(Duration::from_millis(1));
    }
    assert_stopped(&place, &run.finish(LIMIT), "run", "as asked by a signal");
}

#[test]
fn a_stop_file_ends_the_run_and_keeps_it_from_going_on() {
    let place = Place::new();
    let mut run = Started::new(place.command(1, &format!("{ENDLESS} --output run")));
    run.until(&place.path("run/snapshots.h5"), LIMIT);
    fs::write(place.path("run/stop"), "").unwrap();
    let sent = Instant::now();
    let run = run.finish(LIMIT);
    assert!(sent.elapsed() < PROMPT, "{run}");
    assert_stopped(&place, &run, "run", "the file `stop`");
    let refused = place.run(1, &format!("{ENDLESS} --resume --output run"));
    assert_eq!(refused.status, Some(2), "{refused}");
    assert!(refused.stderr.contains("run/stop"), "{refused}");
    fs::remove_file(place.path("run/stop")).unwrap();
    let end = step_of(&run.stderr) as f64 * 0.5 + 1.0;
    place.run(1, &format!("--set time.end_s={end} --resume --output run")).succeeded();
}

#[test]
fn a_limit_of_the_wall_clock_is_kept() {
    let place = Place::new();
    for ranks in [1, 2].into_iter().filter(|ranks| *ranks == 1 || have_mpi()) {
        let output = format!("run{ranks}");
        let run = place.run(ranks, &format!("{ENDLESS} --set checkpoint.stop_after_s=2 --output {output}"));
        assert_stopped(&place, &run, &output, "checkpoint.stop_after_s");
        assert!(run.time < Duration::from_secs(2) + SLACK, "{run}");
    }
}

#[test]
fn the_end_of_a_batch_job_is_kept() {
    let place = Place::new();
    let end = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + 4;
    let mut command = place.command(1, &format!("{ENDLESS} --output run"));
    command.env("SLURM_JOB_ID", "1").env("SLURM_JOB_END_TIME", end.to_string());
    let run = finish_within(command, LIMIT);
    assert_stopped(&place, &run, "run", "because the batch job ends");
    assert!(run.time < Duration::from_secs(4) + SLACK, "{run}");
}

#[test]
fn the_end_of_a_job_that_is_over_is_no_limit() {
    let place = Place::new();
    let mut command = place.command(1, "--output run");
    command.env("SLURM_JOB_ID", "1").env("SLURM_JOB_END_TIME", "1700000000");
    let run = finish_within(command, LIMIT).succeeded();
    assert!(run.stderr.contains("unset SLURM_JOB_END_TIME"), "{run}");
}

#[test]
fn a_write_that_fails_on_one_rank_alone_leaves_no_rank_waiting() {
    if !have_mpi() {
        return;
    }
    let place = Place::new();
    let Some(library) = failing_writes(&place.path("")) else { return };
    let mut failed = 0;
    for (file, after, rank) in
        [("snapshots", 0, 0), ("snapshots", 3, 1), ("checkpoint_", 0, 0), ("checkpoint_", 4, 0)]
    {
        let output = format!("run{}{after}", file.len());
        let script = format!(
            "if [ \"$OMPI_COMM_WORLD_RANK\" = {rank} ]; then export LD_PRELOAD={} FAILING_FILE={file} \
             FAILING_AFTER={after}; fi; exec \"$0\" \"$@\"",
            library.display()
        );
        let mut command = place.command_under(2, &["bash", "-c", &script], &format!("--output {output}"));
        command.env("GALE_FILE_PATIENCE_S", "5");
        // Some MPI libraries crash: all that counts is that every rank ends.
        let run = finish_within(command, LIMIT);
        failed += usize::from(run.status != Some(0));
        // A rank that writes nothing itself has nothing to fail. What was written is good, and the run goes on.
        place.run(2, &format!("--resume --output {output}")).succeeded();
        place.assert_clean(&output);
    }
    assert!(failed >= 2, "only {failed} of 4 runs noticed");
}
