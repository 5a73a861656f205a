//! Ranks on two hosts with TCP between them, and many ranks on one: the same bits as one rank.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | snapshots, series, last checkpoint | 0 | every flux is computed alike on both sides, sums are exact |

#[path = "support/small_run.rs"]
mod small_run;
mod support;

use small_run::{LIMIT, Place};
use std::path::Path;
use std::process::Command;
use support::{binary, finish_within, have_mpi};

#[test]
fn two_hosts_give_the_bits_of_one() {
    if !have_mpi() {
        return;
    }
    let place = Place::new();
    place.run(1, "--output calm").succeeded();
    for per_host in ["1", "2"] {
        let output = format!("hosts{per_host}");
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/two-hosts"));
        command.arg(per_host).arg(binary()).args([
            "run",
            "small.toml",
            "--threads",
            "1",
            "--output",
            &output,
        ]);
        let run = finish_within(
            {
                command.current_dir(place.path("."));
                command
            },
            LIMIT,
        );
        if run.status == Some(77) {
            println!("skipped: {}", run.stderr.trim());
            return;
        }
        let run = run.succeeded();
        assert!(run.stdout.contains("on 2 hosts: host-a"), "{run}");
        place.assert_same("calm", &output);
    }
}

#[test]
fn one_to_sixteen_ranks_give_the_same_bits() {
    if !have_mpi() {
        return;
    }
    let place = Place::new();
    let arguments = "--set parallel.tile=[5,6] --set time.end_s=10";
    place.run(1, &format!("{arguments} --output 1")).succeeded();
    for ranks in [2, 3, 5, 7, 8, 11, 16] {
        place.run(ranks, &format!("{arguments} --output {ranks}")).succeeded();
        place.assert_same("1", &ranks.to_string());
    }
}
