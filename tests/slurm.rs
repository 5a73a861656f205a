//! The batch scripts in `slurm/` under a real Slurm: a throw-away one that `scripts/local-slurm` starts. All jobs are
//! in the queue together, so that the test takes little longer than the longest of them.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | snapshots, series, last checkpoint of a chain against one run | 0 | a resumed run goes on with the same bits |

#[path = "support/small_run.rs"]
mod small_run;
mod support;

use small_run::{LIMIT, Place};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::{binary, finish_within};

/// All jobs together must have ended after this time.
const PATIENCE: Duration = Duration::from_secs(240);

/// A run of some seconds of one core.
const LONG: &str =
    "--set time.end_s=50 --set time.step_s=0.02 --set output.every_s=5 --set checkpoint.every_s=25";
/// The same, cut into jobs of one and a half seconds.
const CUT: &str = "--set checkpoint.stop_after_s=1.5";

/// A Slurm of this test alone, gone at the end.
struct Slurm {
    folder: PathBuf,
}

impl Slurm {
    /// `None`, and a line that says why, where Slurm cannot be had.
    fn start(folder: PathBuf) -> Option<Self> {
        let outcome = finish_within(Self::script("start", &folder), LIMIT);
        if outcome.status == Some(77) {
            println!("skipped: {}", outcome.stderr.trim());
            return None;
        }
        outcome.succeeded();
        Some(Slurm { folder })
    }

    fn script(action: &str, folder: &Path) -> Command {
        let mut command = Command::new(root("scripts/local-slurm"));
        command.arg(action).arg(folder);
        command
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.folder.join("slurm.conf"));
        command
    }

    /// Submits a script with settings; the logs are `NAME-JOB.log`.
    fn submit(&self, place: &Place, name: &str, script: &str, options: &str, settings: &[(&str, &str)]) {
        let mut command = self.command("sbatch");
        command
            .arg(format!("--job-name={name}"))
            .args(options.split_whitespace())
            .arg(script)
            .current_dir(place.path("."));
        command.env("GALE", binary()).env("CONFIG", "small.toml").envs(settings.iter().copied());
        command.env("HDF5_USE_FILE_LOCKING", "FALSE");
        // As root, with more ranks than cores, and waiting ranks that give way.
        command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        command.env("OMPI_MCA_rmaps_base_oversubscribe", "1").env("OMPI_MCA_mpi_yield_when_idle", "1");
        finish_within(command, LIMIT).succeeded();
    }

    /// Waits until no job is left.
    fn wait(&self) {
        let start = Instant::now();
        loop {
            let mut command = self.command("squeue");
            command.args(["-h", "-o", "%j %T %M"]);
            let jobs = finish_within(command, LIMIT).succeeded().stdout;
            if jobs.trim().is_empty() {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "jobs are left: {jobs}");
            sleep(Duration::from_millis(300));
        }
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        let _ = Self::script("stop", &self.folder).status();
    }
}

/// A path of the project.
fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn batch(name: &str) -> String {
    root("slurm").join(format!("{name}.sbatch")).to_str().unwrap().into()
}

/// The exit statuses that the logs of a job and its successors tell of, in order, and the logs.
fn statuses(place: &Place, name: &str) -> (Vec<i32>, String) {
    let job = |log: &str| log.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(".log").map(str::to_owned);
    let mut jobs: Vec<String> = place.listing(".").iter().filter_map(|log| job(log)).collect();
    jobs.sort_by_key(|job| (job.len(), job.clone()));
    let logs = jobs.iter().map(|job| fs::read_to_string(place.path(&format!("{name}-{job}.log"))).unwrap());
    let log: String = logs.collect();
    let told =
        log.lines().filter_map(|line| line.split_once("ended with exit status ")?.1.trim().parse().ok());
    (told.collect(), log)
}

#[track_caller]
fn assert_chain(place: &Place, name: &str, least: usize) {
    let (statuses, log) = statuses(place, name);
    let (last, before) = statuses.split_last().unwrap_or_else(|| panic!("{name}: {log}"));
    assert!(*last == 0 && before.iter().all(|status| *status == 85), "{name}: {statuses:?} {log}");
    assert!(before.len() >= least, "{name}: only {} jobs: {log}", statuses.len());
    place.assert_clean(name);
    place.assert_same("calm", name);
}

#[track_caller]
fn assert_ends(place: &Place, name: &str, expected: i32) {
    let (statuses, log) = statuses(place, name);
    assert_eq!(statuses, [expected], "{name}: {log}");
}

/// The plain run that the others are compared with has no Slurm.
fn submit_all(slurm: &Slurm, place: &Place) {
    // No launcher: one rank each, since the processors are few.
    let alone = ("LAUNCHER", "env");
    let cut = format!("{LONG} {CUT}");
    let chain = |name: &str, next: &str, arguments: &str| {
        let settings = [("OUTPUT", name), ("NEXT", next), ("ARGUMENTS", arguments), alone];
        slurm.submit(place, name, &batch("chain"), "-n 1 -t 5", &settings);
    };
    chain("resubmitted", "resubmit", &cut);
    chain("requeued", "requeue", &format!("{LONG} --set checkpoint.stop_after_s=4"));
    chain("blown_up", "resubmit", "--quiet --set time.step_s=3 --set time.end_s=60");
    chain("faulty", "resubmit", "--set time.step=3");
    slurm.submit(place, "run", &batch("run"), "-n 2 -t 5", &[("OUTPUT", "run")]);
    let unbound = ("LAUNCHER", "mpirun -n 2 --bind-to none");
    slurm.submit(place, "hybrid", &batch("hybrid"), "-n 2 -c 1 -t 5", &[("OUTPUT", "hybrid"), unbound]);
    let change = ("CHANGE", "--set case.amplitude_k={member}");
    let settings = [("OUTPUT", "members"), ("LAUNCH", "env"), change];
    slurm.submit(place, "array", &batch("array"), "--array=1-3 -t 5", &settings);
}

#[test]
fn batch_scripts_run_to_their_end() {
    let place = Place::new();
    let Some(slurm) = Slurm::start(place.path("slurm")) else { return };
    submit_all(&slurm, &place);
    place.run(1, &format!("{LONG} --output calm")).succeeded();
    slurm.wait();
    assert_chain(&place, "resubmitted", 1);
    assert_chain(&place, "requeued", 0);
    assert_ends(&place, "blown_up", 3);
    assert_ends(&place, "faulty", 2);
    assert_ends(&place, "run", 0);
    assert_ends(&place, "hybrid", 0);
    place.assert_same("run", "hybrid");
    let (ended, log) = statuses(&place, "array");
    assert_eq!(ended, [0, 0, 0], "{log}");
    // The members differ, as they were told to.
    let first = place.path("members/member_001/snapshots.h5");
    let compared = place.gale(&format!("compare {} members/member_002/snapshots.h5", first.display()));
    assert_eq!(compared.status, Some(1), "{compared}");
}

#[test]
fn a_written_script_is_accepted_by_slurm_and_runs() {
    let place = Place::new();
    let arguments = "slurm small.toml --nodes 1 --ranks-per-node 2 --time 00:05:00 --output written \
                     --launcher mpirun --set time.end_s=10";
    let written = place.gale(arguments).succeeded();
    assert!(written.stdout.contains("#SBATCH --ntasks-per-node=2\n"), "{written}");
    fs::write(place.path("written.sbatch"), written.stdout).unwrap();
    let Some(slurm) = Slurm::start(place.path("slurm")) else { return };
    let unbound = ("LAUNCHER", "mpirun -n 2 --bind-to none");
    slurm.submit(&place, "written", "written.sbatch", "", &[("OUTPUT", "written"), unbound]);
    slurm.wait();
    assert_ends(&place, "written", 0);
    assert_eq!(place.checkpoints("written").len(), 2);
}
