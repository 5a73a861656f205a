//! The self-check at the start of a run: do the ranks and their threads have the processors they need?
//!
//! A launcher binds ranks to processors, often to one each, and threads share what their rank got.
//! Nothing fails when they are too many; the run is only slow, so it must be said.

use super::World;
use super::detect::Launcher;
use std::collections::{BTreeMap, BTreeSet};

/// Numbers of the operating system's processors.
type Processors = BTreeSet<usize>;

/// What is wrong with the placement of the ranks, with what to type instead; empty if nothing is.
///
/// `threads` is the number of threads of this rank. Collective; every rank gets the same list. Where
/// the operating system does not tell which processors a process may use (not Linux), it is empty.
pub fn warnings(world: &World, threads: usize) -> Vec<String> {
    let mine =
        format!("{}\t{threads}\t{}\t{}", world.host(), processors_of("self"), processors_of(&launcher()));
    let launched = Launcher::detect(|name| std::env::var(name).ok()).is_some();
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    for bytes in world.all_gather(mine.as_bytes()) {
        let text = String::from_utf8_lossy(&bytes);
        let [name, threads, allowed, offered] = text.split('\t').collect::<Vec<_>>()[..] else { continue };
        let host = hosts.entry(name.into()).or_insert_with(|| Host::new(name, world.size(), launched));
        host.offered.extend(parse_list(offered));
        host.add(threads.parse().unwrap_or(1), parse_list(allowed));
    }
    let warnings: Vec<String> =
        hosts.values().filter_map(|host| host.crowded().or_else(|| host.idle())).collect();
    world.broadcast_text(&warnings.join("\n")).lines().map(Into::into).collect()
}

/// A warning if a rank has fewer tiles than threads, with what to type instead. Collective.
pub fn idle_threads(world: &World, threads: usize, tiles: usize) -> Option<String> {
    let idle = threads.saturating_sub(tiles);
    let mut most = [idle as f64];
    world.all_max(&mut most);
    (most[0] > 0.0).then(|| {
        format!(
            "{} threads of a rank have no tile to work on; use fewer threads (--threads), or smaller tiles \
             (--set parallel.tile=[NX, NY])",
            most[0]
        )
    })
}

/// The threads that this rank should run when nobody says: its share of the processors that it and
/// other ranks of its host may use. Collective.
pub fn default_threads(world: &World) -> usize {
    let mine = format!("{}\t{}", world.host(), processors_of("self"));
    let mut host = Host::new(&world.host(), world.size(), true);
    for bytes in world.all_gather(mine.as_bytes()) {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((name, allowed)) = text.split_once('\t')
            && name == host.name
        {
            host.add(0, parse_list(allowed));
        }
    }
    let own = parse_list(&processors_of("self"));
    match host.groups.iter().find(|group| !group.processors.is_disjoint(&own)) {
        Some(group) => (group.processors.len() / group.ranks).max(1),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    }
}

/// Ranks of one host that share processors, directly or through others.
struct Group {
    ranks: usize,
    threads: usize,
    processors: Processors,
}

/// The ranks of one host.
struct Host {
    name: String,
    /// Ranks of the run, here and elsewhere.
    size: usize,
    /// Whether a launcher placed the ranks.
    launched: bool,
    groups: Vec<Group>,
    /// All processors that the launcher could give to ranks.
    offered: Processors,
}

impl Host {
    fn new(name: &str, size: usize, launched: bool) -> Self {
        Host { name: name.into(), size, launched, groups: Vec::new(), offered: Processors::new() }
    }

    /// Adds a rank, merging all groups whose processors it shares.
    fn add(&mut self, threads: usize, processors: Processors) {
        if processors.is_empty() {
            return;
        }
        let mut joined = Group { ranks: 1, threads, processors };
        self.groups.retain(|group| {
            if group.processors.is_disjoint(&joined.processors) {
                return true;
            }
            joined.ranks += group.ranks;
            joined.threads += group.threads;
            joined.processors.extend(&group.processors);
            false
        });
        self.groups.push(joined);
    }

    /// A warning if a group has more threads than processors.
    fn crowded(&self) -> Option<String> {
        let group = self.groups.iter().find(|group| group.threads > group.processors.len())?;
        let who = match group.ranks {
            1 => "a rank runs".into(),
            ranks => format!("{ranks} ranks together run"),
        };
        Some(format!(
            "{}: {who} {} threads on {} processor(s), so they slow each other; {}",
            self.name,
            group.threads,
            group.processors.len(),
            self.advice()
        ))
    }

    /// A warning if a launcher bound the ranks to fewer processors than it has.
    fn idle(&self) -> Option<String> {
        let used: usize = self.groups.iter().map(|group| group.processors.len()).sum();
        (self.launched && used > 0 && used < self.offered.len()).then(|| {
            format!(
                "{}: the ranks are bound to {used} of {} processors, the others idle; {}",
                self.name,
                self.offered.len(),
                self.advice()
            )
        })
    }

    /// What to type so that the threads of the ranks share out the processors.
    fn advice(&self) -> String {
        let ranks: usize = self.groups.iter().map(|group| group.ranks).sum();
        let offered = self.offered.len();
        let threads = offered / ranks;
        if !self.launched {
            return format!("use `gale run --threads {offered} ...`");
        }
        if threads == 0 {
            return format!("start at most {offered} ranks on this host");
        }
        let (size, cores) = (self.size, threads.div_ceil(threads_per_core()));
        format!(
            "use `mpirun -n {size} --map-by slot:PE={cores} --bind-to core gale run --threads {threads} ...`"
        )
    }
}

/// The processors that a process may use, as the kernel lists them; empty where it does not.
fn processors_of(process: &str) -> String {
    status_of(process, "Cpus_allowed_list:").unwrap_or_default()
}

/// The process whose processors the ranks of this host can get: the helper of mpirun that started this
/// one, which is not bound itself; otherwise nothing is known but this process.
fn launcher() -> String {
    let parent = status_of("self", "PPid:").unwrap_or_default();
    match status_of(&parent, "Name:").as_deref() {
        Some("mpirun" | "orterun" | "orted" | "prterun" | "prted" | "mpiexec" | "hydra_pmi_proxy") => parent,
        _ => "self".into(),
    }
}

/// A line of the kernel's description of a process.
fn status_of(process: &str, key: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| Some(line.strip_prefix(key)?.trim().into()))
}

/// How many processors share one core: launchers bind to cores.
fn threads_per_core() -> usize {
    let paired = std::fs::read_to_string("/sys/devices/system/cpu/smt/active");
    if paired.is_ok_and(|text| text.trim() == "1") { 2 } else { 1 }
}

/// The numbers in a list such as `0-3,8`; what is not a number is left out.
fn parse_list(list: &str) -> Processors {
    let ranges = list.split(',').filter_map(|item| {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        Some(first.parse::<usize>().ok()?..=last.parse::<usize>().ok()?)
    });
    ranges.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::{Host, parse_list};
    use crate::comm::{World, single::Single};
    use std::sync::Arc;

    /// A host that offers the processors 0 to 7 and has ranks with the given threads and processors.
    fn host(ranks: &[(usize, &str)]) -> Host {
        let mut host = Host::new("node1", ranks.len(), true);
        host.offered = parse_list("0-7");
        for &(threads, list) in ranks {
            host.add(threads, parse_list(list));
        }
        host
    }

    #[test]
    fn lists_of_the_kernel_are_read() {
        assert_eq!(parse_list("0-2,8").into_iter().collect::<Vec<_>>(), [0, 1, 2, 8]);
        assert!(parse_list("").is_empty());
    }

    #[test]
    fn ranks_that_share_processors_form_a_group() {
        let groups = host(&[(1, "0-1"), (1, "4"), (2, "2-3"), (1, "1-2")]).groups;
        let sizes: Vec<_> =
            groups.iter().map(|group| (group.ranks, group.threads, group.processors.len())).collect();
        assert_eq!(sizes, [(1, 1, 1), (3, 4, 4)]);
    }

    #[test]
    fn ranks_bound_to_the_same_core_are_told_what_to_type() {
        let warning = host(&[(1, "0"), (1, "0")]).crowded().unwrap();
        assert!(warning.starts_with("node1: 2 ranks together run 2 threads on 1 processor(s)"), "{warning}");
        assert!(warning.contains("mpirun -n 2 --map-by slot:PE="), "{warning}");
        assert!(warning.contains("--threads 4"), "{warning}");
    }

    #[test]
    fn unbound_ranks_with_few_threads_are_fine() {
        let host = host(&[(4, "0-7"), (4, "0-7")]);
        assert_eq!((host.crowded(), host.idle()), (None, None));
    }

    #[test]
    fn idle_processors_are_noticed() {
        let warning = host(&[(1, "0"), (1, "1")]).idle().unwrap();
        assert!(warning.contains("bound to 2 of 8 processors"), "{warning}");
    }

    #[test]
    fn a_single_process_with_too_many_threads_is_told() {
        let world: World = Arc::new(Single);
        let warnings = super::warnings(&world, 1_000_000);
        assert!(!cfg!(target_os = "linux") || warnings[0].contains("gale run --threads"), "{warnings:?}");
        assert!(super::warnings(&world, 1).is_empty());
    }
}
