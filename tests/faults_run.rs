//! Faults of a run under way: it blows up, is stopped, or is killed.

#[path = "support/small_run.rs"]
mod small_run;
mod support;

use small_run::{LIMIT, Place};
use std::fs;
use std::thread::sleep;
use std::time::Duration;
use support::{Started, have_mpi};

/// Rank numbers to try: alone, and under mpirun if there is one.
fn ranks(several: usize) -> Vec<usize> {
    if have_mpi() { vec![1, several] } else { vec![1] }
}

/// A step of which the run goes through some ten before it blows up.
const TOO_LONG: &str = "--set time.step_s=3 --set time.end_s=60";

#[test]
fn a_step_that_is_too_long_leaves_a_picture_and_a_good_checkpoint() {
    let place = Place::new();
    for ranks in ranks(3) {
        let output = format!("ranks{ranks}");
        let run = place.run(ranks, &format!("{TOO_LONG} --output {output}"));
        assert_eq!(run.status, Some(3), "{run}");
        assert_eq!(run.stderr.matches("error: the state became unstable at ").count(), 1, "{run}");
        for part in
            [" is ", " at x = ", " y = ", " z = ", " on rank ", "time.step_s", "last good checkpoint is "]
        {
            assert!(run.stderr.contains(part), "`{part}` is missing: {run}");
        }
        place.assert_clean(&output);
        assert_pictured(&place, &output);
        assert_records_are_finite(&place, &output);
        // The checkpoint that is named is the newest there is, and the run goes on from it.
        let newest = place.checkpoints(&output).pop().unwrap();
        assert!(run.stderr.contains(newest.file_name().unwrap().to_str().unwrap()), "{run}");
        place.run(ranks, &format!("--resume --set time.end_s=30 --output {output}")).succeeded();
        assert_records_are_finite(&place, &output);
    }
}

/// Asserts that there is one picture of the state that blew up, which can be looked at.
#[track_caller]
fn assert_pictured(place: &Place, output: &str) {
    let mut pictures = place.listing(output);
    pictures.retain(|name| name.starts_with("unstable_") && name.ends_with(".h5"));
    assert_eq!(pictures.len(), 1, "{pictures:?}");
    let picture = format!("{output}/{}", pictures[0]);
    place.gale(&format!("plot {picture} w --time 0 --level 2 -o {output}/w.png")).succeeded();
}

#[track_caller]
fn assert_records_are_finite(place: &Place, output: &str) {
    for name in ["snapshots.h5", "series.h5"] {
        let info = place.gale(&format!("info {output}/{name}")).succeeded();
        assert!(!info.stdout.contains("not finite"), "{info}");
    }
    let series = fs::read_to_string(place.path(output).join("series.csv")).unwrap();
    assert!(!series.contains("NaN") && !series.contains("inf"), "{series}");
}

#[test]
fn a_run_that_blows_up_in_its_last_steps_does_not_end_well() {
    let place = Place::new();
    // No output between start and end, and none of the looks at the state that come with it.
    let silent = "--set time.step_s=3 --set output.every_s=1000 --set output.series_every_s=1000 \
                  --set checkpoint.every_s=1000";
    let run = place.run(1, &format!("{silent} --set time.end_s=300 --output long"));
    let noticed = step_of_the_fault(&run.stderr);
    for steps in noticed - 4..=noticed {
        let output = steps.to_string();
        let run = place.run(1, &format!("{silent} --set time.end_s={} --output {output}", 3 * steps));
        match run.status {
            Some(0) => assert!(steps < noticed, "the run ended well with a state out of bounds: {run}"),
            _ => {
                assert_eq!(run.status, Some(3), "{run}");
                assert!(run.stderr.contains("there is no checkpoint"), "{run}");
                assert!(place.checkpoints(&output).is_empty(), "a bad state was kept: {run}");
            }
        }
        assert_records_are_finite(&place, &output);
    }
}

/// N in a message with `(step N)`.
fn step_of_the_fault(message: &str) -> u64 {
    let number = message.split_once("(step ").and_then(|(_, rest)| rest.split_once(')'));
    number.unwrap_or_else(|| panic!("no step in: {message}")).0.parse().unwrap()
}

#[test]
fn a_signal_stops_with_a_checkpoint_and_the_run_goes_on() {
    let place = Place::new();
    let long = "--set time.end_s=1000 --set output.every_s=100";
    for (ranks, signal) in
        [(1, "TERM"), (1, "INT"), (1, "USR1"), (2, "USR1")].into_iter().filter(|(n, _)| *n == 1 || have_mpi())
    {
        let output = format!("{signal}{ranks}");
        let mut run = Started::new(place.command(ranks, &format!("{long} --output {output}")));
        run.until(&place.path(&output).join("checkpoints/checkpoint_000000010.h5.sum"), LIMIT);
        assert!(run.signal(signal));
        let run = run.finish(LIMIT);
        assert_eq!(run.status, Some(85), "{run}");
        assert_eq!(run.stderr.matches("stopped early: at ").count(), 1, "{run}");
        place.assert_clean(&output);
        let checkpoint = place.checkpoints(&output).pop().unwrap();
        let end = stamp(checkpoint.file_name().unwrap().to_str().unwrap()) + 5.0;
        place.run(ranks, &format!("{long} --set time.end_s={end} --resume --output {output}")).succeeded();
    }
}

/// The time in s in the name of a checkpoint.
fn stamp(name: &str) -> f64 {
    name.trim_start_matches("checkpoint_").trim_end_matches(".h5").parse().unwrap()
}

#[test]
fn a_second_signal_ends_at_once() {
    let place = Place::new();
    let mut run = Started::new(place.command(1, "--set time.end_s=1000 --output run"));
    run.until(&place.path("run/checkpoints/checkpoint_000000005.h5.sum"), LIMIT);
    // The first takes effect after the step: stopped, the process gets both at the same time.
    for signal in ["STOP", "TERM", "INT", "CONT"] {
        run.signal(signal);
    }
    let run = run.finish(LIMIT);
    assert!([Some(128 + 15), Some(128 + 2)].contains(&run.status), "{run}");
}

/// Kills a run again and again at moments that nobody chose, and resumes it with the same command.
fn killed_runs_end_as_if_undisturbed(ranks: usize, end: u64, moments: &[u64]) {
    let place = Place::new();
    let arguments = format!("--set time.end_s={end} --set checkpoint.every_s=0.5 --set output.every_s=1");
    place.run(ranks, &format!("{arguments} --output calm")).succeeded();
    let mut killed = 0;
    for &moment in moments {
        let mut run = Started::new(place.command(ranks, &format!("{arguments} --resume --output run")));
        run.until(&place.path("run/run.log"), LIMIT);
        sleep(Duration::from_millis(moment));
        let sent = if ranks == 1 { run.signal("KILL") } else { run.signal_child("KILL") };
        let run = run.finish(LIMIT);
        killed += usize::from(sent && run.status != Some(0));
        // A record that was begun is undone by the run that goes on.
        if place.path("run/snapshots.h5").exists() && !place.path("run/snapshots.h5.undo").exists() {
            place.gale("info run/snapshots.h5").succeeded();
        }
        if run.status == Some(0) {
            break;
        }
    }
    assert!(killed > 0, "the run was too fast to be killed");
    place.run(ranks, &format!("{arguments} --resume --output run")).succeeded();
    place.assert_same("calm", "run");
    place.assert_clean("run");
}

#[test]
fn a_killed_run_ends_as_if_undisturbed() {
    killed_runs_end_as_if_undisturbed(1, 150, &[3, 180, 251, 97, 313, 42]);
}

#[test]
fn a_killed_rank_ends_all_and_the_run_ends_as_if_undisturbed() {
    if have_mpi() {
        killed_runs_end_as_if_undisturbed(2, 60, &[150, 300, 77, 410]);
    }
}

#[test]
fn a_run_that_ended_before_its_first_checkpoint_begins_anew() {
    let place = Place::new();
    place.run(1, "--output calm").succeeded();
    let mut run = Started::new(place.command(1, "--set checkpoint.every_s=1000 --output run"));
    run.until(&place.path("run/snapshots.h5"), LIMIT);
    run.signal("KILL");
    run.finish(LIMIT);
    fs::copy(place.path("calm/config.toml"), place.path("run/config.toml")).unwrap();
    for checkpoint in place.checkpoints("run") {
        fs::remove_file(checkpoint).unwrap();
    }
    place.run(1, "--resume --output run").succeeded();
    place.assert_same("calm", "run");
}

#[test]
fn resuming_where_nothing_is_starts_from_the_beginning() {
    let place = Place::new();
    place.run(1, "--output calm").succeeded();
    place.run(1, "--resume --output run").succeeded();
    place.assert_same("calm", "run");
}

#[test]
fn resuming_a_finished_run_changes_nothing() {
    let place = Place::new();
    place.run(1, "--output run").succeeded();
    let names =
        ["snapshots.h5", "series.h5", "series.csv", "config.toml", "checkpoints/checkpoint_000000020.h5"];
    let contents = || names.map(|name| fs::read(place.path("run").join(name)).unwrap());
    let before = contents();
    place.run(1, "--resume --output run").succeeded();
    assert!(before == contents());
}

#[test]
fn quiet_prints_nothing() {
    let place = Place::new();
    let run = place.run(1, "--output run").succeeded();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new();
    let mut command = std::process::Command::new("bash");
    let script = "\"$0\" run small.toml --output run | head -1; exit ${PIPESTATUS[0]}";
    command.args(["-c", script]).arg(support::binary()).current_dir(place.path("."));
    let run = support::finish_within(command, LIMIT).succeeded();
    assert!(run.stderr.is_empty(), "{run}");
    assert_eq!(run.stdout.lines().count(), 1, "{run}");
}
