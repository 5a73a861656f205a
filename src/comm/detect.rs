//! Which launcher started this process, read from the environment it leaves.

use super::World;
use crate::error::{Error, Result};

/// A program such as mpirun or srun that started this process as one of several ranks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Launcher {
    pub name: &'static str,
    /// Number of ranks, where the launcher tells it.
    pub size: Option<usize>,
    pub rank: usize,
}

/// Launchers with their environment variables for the number of ranks and the rank. Where there is one
/// for the number, it decides.
///
/// The first one found counts: mpirun inside a batch job starts its own helpers by srun, whose
/// variables the ranks inherit. `SLURM_NTASKS` says nothing, because it is also set in batch scripts;
/// the variables of a job step are not.
const LAUNCHERS: [(&str, &str, &str); 4] = [
    ("Open MPI's mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("mpiexec", "PMI_SIZE", "PMI_RANK"),
    ("srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
    ("a PMIx launcher", "", "PMIX_RANK"),
];

impl Launcher {
    /// The launcher that left its variables in the environment that `variable` reads.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Option<Launcher> {
        let number = |name: &str| variable(name)?.trim().parse::<usize>().ok();
        LAUNCHERS.iter().find_map(|&(name, size_name, rank_name)| {
            let (size, rank) = (number(size_name), number(rank_name));
            let started = if size_name.is_empty() { rank.is_some() } else { size.is_some() };
            started.then(|| Launcher { name, size, rank: rank.unwrap_or(0) })
        })
    }

    /// Checks that the ranks that were started found each other.
    pub fn check(&self, world: &World) -> Result<()> {
        let alone = world.size() == 1 && (self.size.is_some_and(|size| size > 1) || self.rank > 0);
        if !alone {
            return Ok(());
        }
        let ranks = self.size.map_or_else(|| "several".into(), |size| size.to_string());
        let library = world.library();
        let cause = if library == "none" {
            "this gale was built without MPI: build it with `cargo build --release --features mpi`".into()
        } else {
            format!(
                "this gale was built with {library}: start it with that library's mpirun (under Slurm: \
                 `srun --mpi=pmix`, see `srun --mpi=list`), or build it again with the mpicc of the launcher"
            )
        };
        Err(Error::Usage(format!("{} started {ranks} ranks, but each of them is alone: {cause}", self.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::Launcher;
    use crate::comm::{World, single::Single};
    use std::sync::Arc;

    fn detect(environment: &[(&str, &str)]) -> Option<Launcher> {
        Launcher::detect(|name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn a_batch_script_is_not_a_launcher() {
        assert_eq!(detect(&[("SLURM_NTASKS", "8"), ("SLURM_PROCID", "0"), ("SLURM_JOB_ID", "7")]), None);
    }

    #[test]
    fn mpirun_counts_before_the_srun_that_started_its_helpers() {
        let environment = [
            ("SLURM_STEP_NUM_TASKS", "2"),
            ("SLURM_PROCID", "1"),
            ("OMPI_COMM_WORLD_SIZE", "8"),
            ("OMPI_COMM_WORLD_RANK", "5"),
        ];
        let launcher = detect(&environment).unwrap();
        assert_eq!((launcher.size, launcher.rank), (Some(8), 5));
    }

    #[test]
    fn ranks_that_are_alone_are_refused() {
        let world: World = Arc::new(Single);
        let launcher = detect(&[("PMI_SIZE", "4"), ("PMI_RANK", "2")]).unwrap();
        let error = launcher.check(&world).unwrap_err();
        assert_eq!(error.exit_status(), 2);
        assert!(error.to_string().contains("--features mpi"), "{error}");
        assert!(detect(&[("PMI_SIZE", "1"), ("PMI_RANK", "0")]).unwrap().check(&world).is_ok());
    }
}
