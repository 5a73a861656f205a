//! Ensembles: members of their own in one job, alone or on groups of ranks.

#[path = "support/small_run.rs"]
mod small_run;
mod support;

use small_run::{LIMIT, Place};
use std::process::Command;
use support::{Finished, binary, finish_within, have_mpi, mpirun_command};

fn ensemble(place: &Place, ranks: usize, arguments: &str) -> Finished {
    let mut command = if ranks > 1 { mpirun_command(ranks) } else { Command::new("env") };
    command.arg(binary()).args(["ensemble", "small.toml", "--threads", "1"]);
    command.args(arguments.split_whitespace()).current_dir(place.path("."));
    finish_within(command, LIMIT)
}

#[test]
fn members_have_the_bits_of_runs_of_their_own() {
    let place = Place::new();
    for ranks in [1, 3].into_iter().filter(|ranks| *ranks == 1 || have_mpi()) {
        let groups = if ranks == 1 { 1 } else { 2 };
        let arguments = format!("--each case.amplitude_k=1,2,3 --groups {groups} --output all{ranks}");
        let run = ensemble(&place, ranks, &arguments).succeeded();
        assert!(run.stdout.contains("3 of 3 members finished"), "{run}");
        for member in 1..=3 {
            let alone = format!("alone{ranks}{member}");
            place.run(1, &format!("--set case.amplitude_k={member} --output {alone}")).succeeded();
            place.assert_same(&alone, &format!("all{ranks}/member_00{member}"));
            let log = std::fs::read_to_string(place.path(&format!("all{ranks}/member_00{member}/run.log")));
            assert_eq!(log.unwrap().matches("reached 20 s").count(), 1);
        }
    }
}

#[test]
fn a_member_that_blows_up_does_not_stop_the_others() {
    let place = Place::new();
    for ranks in [1, 2].into_iter().filter(|ranks| *ranks == 1 || have_mpi()) {
        let arguments =
            format!("--each time.step_s=0.5,3,0.25 --set time.end_s=60 --groups 1 --output all{ranks}");
        let run = ensemble(&place, ranks, &arguments);
        assert_eq!(run.status, Some(3), "{run}");
        assert!(run.stdout.contains("2 of 3 members finished, 0 unfinished, 1 failed"), "{run}");
    }
}

#[test]
fn unfinished_members_are_resumed() {
    let place = Place::new();
    let long = "--members 3 --set case.amplitude_k={member} --output all --groups 1 --set time.end_s=60";
    let mut calls = 0;
    loop {
        let run = ensemble(&place, 1, &format!("{long} --set checkpoint.stop_after_s=1 --resume"));
        calls += 1;
        match run.status {
            Some(0) => break,
            Some(85) => assert!(run.stdout.contains("unfinished"), "{run}"),
            _ => panic!("{run}"),
        }
        assert!(calls < 200, "no headway: {run}");
    }
    place.run(1, "--set case.amplitude_k=3 --set time.end_s=60 --output alone").succeeded();
    place.assert_same("alone", "all/member_003");
}

#[test]
fn more_groups_than_ranks_are_refused() {
    let place = Place::new();
    let run = ensemble(&place, 1, "--members 3 --groups 2 --output all");
    assert_eq!(run.status, Some(2), "{run}");
    let run = ensemble(&place, 1, "--members 3 --each case.amplitude_k=1,2 --output all");
    assert_eq!(run.status, Some(2), "{run}");
}
