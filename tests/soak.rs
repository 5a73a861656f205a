//! Kill and resume, again and again: the state at the end is that of a run which nobody disturbed.
//!
//! Six cycles by default; `scripts/soak` does fifty. The runs are killed at random moments, among them while a
//! checkpoint is written, and go on with another number of ranks.

#[path = "support/small_run.rs"]
mod small_run;
mod support;

use small_run::{LIMIT, Place};
use std::fs;
use std::thread::sleep;
use std::time::Duration;
use support::{Started, have_mpi};

/// How many cycles, if not six.
const CYCLES: &str = "GALE_SOAK_CYCLES";

/// Random enough, and the same every time.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn killed_and_resumed_runs_end_as_if_undisturbed() {
    let cycles: u64 = std::env::var(CYCLES).map_or(6, |cycles| cycles.parse().expect(CYCLES));
    let ranks = if have_mpi() { [1, 2, 1, 3] } else { [1; 4] };
    let place = Place::new();
    // A checkpoint at every step, and enough of them for all cycles.
    let arguments =
        format!("--set time.end_s={} --set checkpoint.every_s=0.5 --set output.every_s=2", 12 * cycles);
    place.run(1, &format!("{arguments} --output calm")).succeeded();
    let (mut state, mut during) = (20_240_607, 0);
    for cycle in 0..cycles {
        let ranks = ranks[cycle as usize % 4];
        let newest = || place.checkpoints("run").pop();
        let before = newest();
        let mut run = Started::new(place.command(ranks, &format!("{arguments} --resume --output run")));
        while newest() == before {
            if !run.lives() {
                panic!("cycle {cycle}: the run ended by itself: {}", run.finish(LIMIT));
            }
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_micros(random(&mut state) % 30_000));
        let sent = if ranks == 1 { run.signal("KILL") } else { run.signal_child("KILL") };
        let run = run.finish(LIMIT);
        assert!(sent && run.status != Some(0), "cycle {cycle}: the run was too fast to be killed: {run}");
        let unfinished = place.listing("run/checkpoints").iter().any(|name| name.ends_with(".tmp"));
        during += usize::from(unfinished);
    }
    place.run(1, &format!("{arguments} --resume --output run")).succeeded();
    place.assert_same("calm", "run");
    place.assert_clean("run");
    let log = fs::read_to_string(place.path("run/run.log")).unwrap();
    let resumed = log.matches("resuming at").count();
    println!(
        "{cycles} of {cycles} cycles, {during} killed during a checkpoint, {resumed} resumed from one: the same bits"
    );
}
