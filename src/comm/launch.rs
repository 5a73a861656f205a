//! The self-check at the start of a run: do the ranks and their threads have the processors they need?
//!
//! A launcher binds ranks to processors, often to one each, and threads share what their rank got.
//! Nothing fails when they are too many; the run is only slow, so it must be said.

use super::World;
use std::collections::{BTreeMap, BTreeSet};

/// Numbers of the operating system's processors.
type Processors = BTreeSet<usize>;

/// Ranks of one host that share processors, directly or through others.
#[derive(Default)]
struct Group {
    ranks: usize,
    threads: usize,
    processors: Processors,
}

/// What is wrong with the placement of the ranks, with what to type instead; empty if nothing is.
///
/// `threads` is the number of threads of this rank. Collective; every rank gets the same list. Where
/// the operating system does not tell which processors a process may use (not Linux), it is empty.
pub fn warnings(world: &World, threads: usize) -> Vec<String> {
    let mine =
        format!("{}\t{threads}\t{}\t{}", world.host(), processors_of("self"), processors_of(&parent()));
    let mut hosts: BTreeMap<String, (Vec<Group>, Processors)> = BTreeMap::new();
    for bytes in world.all_gather(mine.as_bytes()) {
        let text = String::from_utf8_lossy(&bytes);
        let [host, threads, allowed, offered] = text.split('\t').collect::<Vec<_>>()[..] else { continue };
        let processors = parse_list(allowed);
        if processors.is_empty() {
            continue;
        }
        let (groups, all) = hosts.entry(host.into()).or_default();
        all.extend(parse_list(offered));
        let rank = Group { ranks: 1, threads: threads.parse().unwrap_or(1), processors };
        join(groups, rank);
    }
    let in_batch_job = std::env::var_os("SLURM_JOB_ID").is_some();
    let mut warnings = BTreeSet::new();
    for (host, (groups, offered)) in &hosts {
        warnings.extend(groups.iter().find_map(|group| crowded(host, group, groups, offered, world.size())));
        if !in_batch_job && world.size() > 1 {
            warnings.extend(idle(host, groups, offered, world.size()));
        }
    }
    world
        .broadcast_text(&warnings.into_iter().collect::<Vec<_>>().join("\n"))
        .lines()
        .map(Into::into)
        .collect()
}

/// Adds a rank to the groups of its host, merging all groups whose processors it shares.
fn join(groups: &mut Vec<Group>, mut rank: Group) {
    groups.retain(|group| {
        if group.processors.is_disjoint(&rank.processors) {
            return true;
        }
        rank.ranks += group.ranks;
        rank.threads += group.threads;
        rank.processors.extend(&group.processors);
        false
    });
    groups.push(rank);
}

/// A warning if a group has more threads than processors.
fn crowded(host: &str, group: &Group, groups: &[Group], offered: &Processors, size: usize) -> Option<String> {
    let (threads, processors) = (group.threads, group.processors.len());
    if threads <= processors {
        return None;
    }
    let who = match group.ranks {
        1 => "a rank".into(),
        ranks => format!("{ranks} ranks together"),
    };
    let advice = advice(groups, offered, size);
    Some(format!(
        "{host}: {who} run {threads} threads on {processors} processor(s), so they slow each other; {advice}"
    ))
}

/// A warning if the ranks are bound to fewer processors than their host has.
fn idle(host: &str, groups: &[Group], offered: &Processors, size: usize) -> Option<String> {
    let used: usize = groups.iter().map(|group| group.processors.len()).sum();
    let threads: usize = groups.iter().map(|group| group.threads).sum();
    if used >= offered.len() || threads > used {
        return None;
    }
    let advice = advice(groups, offered, size);
    Some(format!(
        "{host}: the ranks are bound to {used} of {} processors, the others idle; {advice}",
        offered.len()
    ))
}

/// What to type so that the threads of the ranks of a host share out its processors.
fn advice(groups: &[Group], offered: &Processors, size: usize) -> String {
    let ranks: usize = groups.iter().map(|group| group.ranks).sum();
    let threads = offered.len() / ranks;
    if threads == 0 {
        return format!(
            "start at most {} ranks per host: `mpirun -n {} gale run ...`",
            offered.len(),
            offered.len()
        );
    }
    if size == 1 {
        return format!("use `gale run --threads {}`", groups[0].processors.len());
    }
    let cores = if two_threads_per_core() { threads.div_ceil(2) } else { threads };
    format!("use `mpirun -n {size} --map-by slot:PE={cores} --bind-to core gale run --threads {threads} ...`")
}

/// The processors that a process may use, as the kernel lists them; empty where it does not.
fn processors_of(process: &str) -> String {
    status_of(process, "Cpus_allowed_list:").unwrap_or_default()
}

/// The process that started this one. A launcher is not bound itself, so it may use all processors
/// that it can offer to the ranks of its host.
fn parent() -> String {
    status_of("self", "PPid:").unwrap_or_else(|| "self".into())
}

/// A line of the kernel's description of a process.
fn status_of(process: &str, key: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| Some(line.strip_prefix(key)?.trim().into()))
}

/// Whether two processors share one core.
fn two_threads_per_core() -> bool {
    std::fs::read_to_string("/sys/devices/system/cpu/smt/active").is_ok_and(|text| text.trim() == "1")
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
    use super::{Group, crowded, idle, join, parse_list};
    use crate::comm::{World, single::Single};
    use std::sync::Arc;

    /// The groups of ranks with the given threads and processors.
    fn groups(ranks: &[(usize, &str)]) -> Vec<Group> {
        let mut groups = Vec::new();
        for &(threads, list) in ranks {
            join(&mut groups, Group { ranks: 1, threads, processors: parse_list(list) });
        }
        groups
    }

    #[test]
    fn lists_of_the_kernel_are_read() {
        assert_eq!(parse_list("0-2,8").into_iter().collect::<Vec<_>>(), [0, 1, 2, 8]);
        assert!(parse_list("").is_empty());
    }

    #[test]
    fn ranks_that_share_processors_form_a_group() {
        let groups = groups(&[(1, "0-1"), (1, "4"), (2, "2-3"), (1, "1-2")]);
        let sizes: Vec<_> =
            groups.iter().map(|group| (group.ranks, group.threads, group.processors.len())).collect();
        assert_eq!(sizes, [(1, 1, 1), (3, 4, 4)]);
    }

    #[test]
    fn ranks_bound_to_the_same_core_are_told_what_to_type() {
        let (groups, offered) = (groups(&[(1, "0"), (1, "0")]), parse_list("0-7"));
        let warning = crowded("node1", &groups[0], &groups, &offered, 2).unwrap();
        assert!(warning.starts_with("node1: 2 ranks together run 2 threads on 1 processor(s)"), "{warning}");
        assert!(warning.contains("mpirun -n 2 --map-by slot:PE="), "{warning}");
        assert!(warning.contains("--threads 4"), "{warning}");
    }

    #[test]
    fn unbound_ranks_with_few_threads_are_fine() {
        let (groups, offered) = (groups(&[(2, "0-3"), (2, "0-3")]), parse_list("0-3"));
        assert_eq!(crowded("node1", &groups[0], &groups, &offered, 2), None);
        assert_eq!(idle("node1", &groups, &offered, 2), None);
    }

    #[test]
    fn idle_processors_are_noticed() {
        let (groups, offered) = (groups(&[(1, "0"), (1, "1")]), parse_list("0-7"));
        assert!(idle("node1", &groups, &offered, 2).unwrap().contains("2 of 8 processors"));
    }

    #[test]
    fn a_single_process_with_too_many_threads_is_told() {
        let world: World = Arc::new(Single);
        let warnings = super::warnings(&world, 1_000_000);
        assert!(!cfg!(target_os = "linux") || warnings[0].contains("gale run --threads"), "{warnings:?}");
        assert!(super::warnings(&world, 1).is_empty());
    }
}
