//! Launches that cannot work: ranks that do not find each other, too many of them, too few processors.

#[path = "support/small_run.rs"]
mod small_run;
mod support;

use small_run::{LIMIT, Place};
use support::{finish_within, have_mpi};

#[test]
fn ranks_that_are_alone_are_refused() {
    let place = Place::new();
    let launches = [
        [("OMPI_COMM_WORLD_SIZE", "3"), ("OMPI_COMM_WORLD_RANK", "0")],
        [("PMI_SIZE", "2"), ("PMI_RANK", "0")],
        [("SLURM_STEP_NUM_TASKS", "2"), ("SLURM_PROCID", "0")],
    ];
    for launch in launches {
        let mut command = place.command(1, "--output run");
        command.envs(launch);
        // As root Open MPI wants to be asked twice, launched or not.
        command.envs([("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")]);
        let run = finish_within(command, LIMIT);
        assert_eq!(run.status, Some(2), "{run}");
        assert!(run.stderr.contains("each of them is alone"), "{run}");
        assert!(!place.path("run").exists(), "a rank went on alone");
    }
}

#[test]
fn a_grid_that_the_ranks_cannot_share_is_refused() {
    if !have_mpi() {
        return;
    }
    let place = Place::new();
    let run = place.run(5, "--output run --set grid.nx=2 --set grid.ny=2 --set parallel.tile=[1,1]");
    assert_eq!(run.status, Some(2), "{run}");
    assert_eq!(run.stderr.matches("4 tiles, too few for 5 ranks: use fewer ranks").count(), 1, "{run}");
}

#[test]
fn more_threads_than_processors_are_noticed() {
    let place = Place::new();
    let run = place.run(1, "--output run --set time.end_s=1").succeeded();
    assert!(!run.stderr.contains("WARN"), "{run}");
    let crowd = std::thread::available_parallelism().unwrap().get() + 3;
    let arguments = format!("run small.toml --quiet --threads {crowd} --output crowded --set time.end_s=1");
    let run = place.gale(&arguments).succeeded();
    assert!(run.stderr.contains(&format!("{crowd} threads")), "{run}");
    assert!(run.stderr.contains("gale run --threads "), "{run}");
}
