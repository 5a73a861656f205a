//! Refusing a run that cannot fit into the memory of its hosts, before it takes any.

use crate::comm::World;
use crate::config::{Configuration, Setting};
use crate::error::{Error, Result};

/// Values a cell of the dry model at the very least: three copies of five fields, and one more field.
const DRY_VALUES: usize = 16;
/// The same for shallow water: three copies of four fields.
const LAYER_VALUES: usize = 12;
/// The same for every tracer.
const TRACER_VALUES: usize = 3;

/// Checks that this run's part on every host is smaller than the host's memory with its swap space.
/// Halos and buffers are not counted: what could barely fit is let through. All ranks call this.
///
/// # Errors
/// [`Error::Configuration`] if a host is too small. Where its memory is unknown there is none.
pub fn require(configuration: &Configuration, world: &World) -> Result<()> {
    let ranks_here = ranks_on_this_host(world);
    let needed = least_bytes(configuration) * ranks_here as f64 / world.size() as f64;
    let total = total_memory(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default());
    let granted = granted_memory(|name| std::env::var(name).ok());
    let outcome = match total.into_iter().chain(granted).reduce(f64::min) {
        Some(available) if needed > available => Err(too_large(configuration, needed, available)),
        _ => Ok(()),
    };
    world.agree(outcome)
}

fn ranks_on_this_host(world: &World) -> usize {
    let mine = world.host();
    world.all_gather(mine.as_bytes()).iter().filter(|host| **host == mine.as_bytes()).count()
}

/// A lower bound of the bytes that all ranks together need. In floating point, where nothing overflows.
fn least_bytes(configuration: &Configuration) -> f64 {
    let grid = &configuration.grid;
    let dry = if configuration.dynamics.setting == Setting::ShallowWater { LAYER_VALUES } else { DRY_VALUES };
    let values = dry + TRACER_VALUES * configuration.dynamics.tracers.len();
    let bytes = configuration.dynamics.precision.bytes();
    grid.panels() as f64 * grid.nx as f64 * grid.ny as f64 * grid.nz as f64 * (values * bytes) as f64
}

/// Memory of a node in bytes that Slurm granted to the job (`--mem`), if it told.
fn granted_memory(variable: impl Fn(&str) -> Option<String>) -> Option<f64> {
    let mebibytes: f64 = variable("SLURM_MEM_PER_NODE")?.trim().parse().ok()?;
    // 0 stands for all that there is.
    (mebibytes > 0.0).then_some(mebibytes * f64::from(1 << 20))
}

fn too_large(configuration: &Configuration, needed: f64, available: f64) -> Error {
    let grid = &configuration.grid;
    let panels = if grid.sphere().is_some() { format!("{} x ", grid.panels()) } else { String::new() };
    Error::Configuration(format!(
        "the grid of {panels}{} x {} x {} cells needs at least {:.0} GiB on this host, which has {:.0} GiB (for this job): use a \
         smaller grid, single precision, more hosts, or `sbatch --mem` (`gale plan` shows the memory of a run)",
        grid.nx,
        grid.ny,
        grid.nz,
        gibibytes(needed),
        gibibytes(available)
    ))
}

fn gibibytes(bytes: f64) -> f64 {
    (bytes / f64::from(1 << 30)).ceil()
}

/// Memory and swap space in bytes, from the kernel's description of them.
fn total_memory(meminfo: &str) -> Option<f64> {
    let kibibytes = |key: &str| -> Option<f64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    Some(1024.0 * (kibibytes("MemTotal:")? + kibibytes("SwapTotal:").unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::{granted_memory, total_memory};

    #[test]
    fn a_job_has_the_memory_that_it_was_granted() {
        assert_eq!(granted_memory(|_| Some("2".into())), Some(f64::from(2 << 20)));
        assert_eq!(granted_memory(|_| Some("0".into())), None);
        assert_eq!(granted_memory(|_| None), None);
    }

    #[test]
    fn memory_is_read_with_the_swap_space() {
        let text = "MemTotal:       1024 kB\nMemFree:  5 kB\nSwapTotal:   1024 kB\n";
        assert_eq!(total_memory(text), Some(f64::from(2 << 20)));
        assert_eq!(total_memory(""), None);
    }
}
