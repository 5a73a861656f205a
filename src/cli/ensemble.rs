//! `gale ensemble`: many members of one configuration in one job.
//!
//! The ranks are split into groups, and every group runs one member after the other. A member has a folder of its
//! own with its own output and checkpoints, so that one that fails does not stop the others.

use super::run::{run_in_its_precision, shared_text};
use super::table;
use crate::comm::{self, World};
use crate::config::{self, Configuration};
use crate::error::{Error, Result};
use crate::monitor::human;
use crate::parallel::start_threads;
use crate::simulation::{self, Options};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Stands for the number of the member in `--set`.
const MEMBER: &str = "{member}";
/// Exit status of a run that stopped early with a good checkpoint.
const STOPPED: u8 = 85;

const EXAMPLES: &str = "\
Examples:
  mpirun -n 8 gale ensemble configs/sphere/held_suarez.toml --members 20 --groups 4 --set case.seed={member}
  gale ensemble configs/plane/warm_bubble.toml --each case.amplitude_k=1,2,4,8

Exit status: 0 all members finished; 85 a member is unfinished, with a good checkpoint (--resume goes on with \
it); else that of the first member that failed.";

/// Arguments of `gale ensemble`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct EnsembleArgs {
    /// The configuration file (TOML)
    #[arg(value_name = "CONFIG.toml")]
    pub path: PathBuf,
    /// Number of members [default: of the values of --each]
    #[arg(long, value_name = "M", required_unless_present = "each")]
    pub members: Option<NonZeroUsize>,
    /// Members that run at the same time, each on a part of the ranks [default: as many as ranks or members]
    #[arg(long, value_name = "G")]
    pub groups: Option<NonZeroUsize>,
    /// Set a key of all members; {member} stands for 1, 2, ...; may be repeated
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    pub overrides: Vec<String>,
    /// Set a key to one value for every member; may be repeated
    #[arg(long, value_name = "SECTION.KEY=V1,V2,...", value_parser = parse_each)]
    pub each: Vec<Each>,
    /// Folder of the ensemble, in place of output.directory; member N is in its folder member_N
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Go on with the unfinished members
    #[arg(long)]
    pub resume: bool,
    /// Replace the files of an earlier ensemble
    #[arg(long, conflicts_with = "resume")]
    pub overwrite: bool,
    /// Threads of each rank, in place of parallel.threads [default: the rank's share of the cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// A key with a value for every member.
#[derive(Clone, Debug)]
pub struct Each {
    key: String,
    values: Vec<String>,
}

fn parse_each(text: &str) -> std::result::Result<Each, String> {
    let (key, values) = text.split_once('=').ok_or("write SECTION.KEY=V1,V2,...")?;
    Ok(Each { key: key.into(), values: values.split(',').map(|value| value.trim().into()).collect() })
}

/// Runs all members and returns the exit status; errors are printed.
pub fn execute(args: &EnsembleArgs) -> u8 {
    simulation::report_file_size_limit();
    simulation::listen();
    let mut status = 0;
    let ended = comm::with_world(|world| {
        let ensemble = Ensemble::new(args, world)?;
        start_threads(ensemble.members[0].parallel.threads.unwrap_or(1));
        status = ensemble.run(args, world);
        Ok(())
    });
    if ended == 0 { status } else { ended }
}

/// The checked configurations of all members.
struct Ensemble {
    members: Vec<Configuration>,
    groups: usize,
}

/// How a member ended.
struct Ending {
    member: usize,
    status: u8,
    text: String,
}

impl Ensemble {
    /// Checks all members before any of them starts.
    fn new(args: &EnsembleArgs, world: &World) -> Result<Self> {
        let text = shared_text(&args.path, world)?;
        let count = count(args)?;
        let threads = comm::launch::default_threads(world);
        let members: Result<Vec<Configuration>> =
            (1..=count).map(|member| configure(args, &text, member, threads)).collect();
        let groups = args.groups.map_or(world.size().min(count), NonZeroUsize::get);
        if groups > world.size() {
            let message = format!(
                "--groups {groups} are more than the {} ranks: each group needs one, start more (mpirun -n {groups})",
                world.size()
            );
            return Err(Error::Usage(message));
        }
        Ok(Ensemble { members: members?, groups })
    }

    /// Runs the members of this rank's group, and prints the summary of all. Returns the exit status.
    fn run(&self, args: &EnsembleArgs, world: &World) -> u8 {
        let group = world.rank() * self.groups / world.size();
        let ranks = world.split(group);
        let mut endings = String::new();
        for member in (group..self.members.len()).step_by(self.groups) {
            let ending = self.run_member(args, &ranks, member);
            if ranks.is_root() {
                println!("member {}: {}", ending.member, ending.text);
                endings.push_str(&format!("{}\t{}\t{}\n", ending.member, ending.status, ending.text));
            }
            if simulation::is_asked() || ending.status == STOPPED {
                break;
            }
        }
        let all = world.all_gather(endings.as_bytes());
        let all = all.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect::<String>();
        self.conclude(args, world, all.lines().filter_map(Ending::from_line).collect())
    }

    fn run_member(&self, args: &EnsembleArgs, ranks: &World, member: usize) -> Ending {
        let begin = Instant::now();
        let options = Options { resume: args.resume, quiet: true };
        let outcome = comm::settle(ranks, run_in_its_precision(&self.members[member], ranks, options));
        let wall = human::duration(begin.elapsed().as_secs_f64());
        let (status, text) = match outcome {
            Ok(()) => (0, format!("finished, {wall}")),
            Err(error) => (error.exit_status(), comm::describe(&error).replace(['\n', '\t'], " ")),
        };
        Ending { member: member + 1, status, text }
    }

    /// The summary, and the exit status of all.
    fn conclude(&self, args: &EnsembleArgs, world: &World, mut endings: Vec<Ending>) -> u8 {
        for member in 1..=self.members.len() {
            if endings.iter().all(|ending| ending.member != member) {
                endings.push(Ending { member, status: STOPPED, text: "not started".into() });
            }
        }
        endings.sort_by_key(|ending| ending.member);
        if world.is_root() {
            println!("{}", summary(&endings, &folder(args, &self.members[0])));
        }
        let worst = endings.iter().map(|ending| ending.status).find(|status| ![0, STOPPED].contains(status));
        let is_unfinished = endings.iter().any(|ending| ending.status == STOPPED);
        if is_unfinished { STOPPED } else { worst.unwrap_or(0) }
    }
}

impl Ending {
    fn from_line(line: &str) -> Option<Ending> {
        let mut parts = line.splitn(3, '\t');
        let (member, status) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Ending { member, status, text: parts.next()?.into() })
    }
}

/// The folder of all members, seen from one of them.
fn folder(args: &EnsembleArgs, member: &Configuration) -> PathBuf {
    let own = member.output.directory.parent().map(Path::to_path_buf);
    args.output.clone().or(own).unwrap_or_default()
}

fn summary(endings: &[Ending], folder: &Path) -> String {
    let finished = endings.iter().filter(|ending| ending.status == 0).count();
    let unfinished = endings.iter().filter(|ending| ending.status == STOPPED).count();
    let mut rows = vec![["member", "exit status", "how it ended"].map(String::from).to_vec()];
    rows.extend(
        endings
            .iter()
            .map(|ending| vec![ending.member.to_string(), ending.status.to_string(), ending.text.clone()]),
    );
    format!(
        "{}{finished} of {} members finished, {unfinished} unfinished, {} failed; files in {}",
        table(&rows, usize::MAX),
        endings.len(),
        endings.len() - finished - unfinished,
        folder.display()
    )
}

/// The number of members.
fn count(args: &EnsembleArgs) -> Result<usize> {
    let values = args.each.first().map(|each| each.values.len());
    let count = args.members.map(NonZeroUsize::get).or(values).unwrap_or(1);
    match args.each.iter().find(|each| each.values.len() != count) {
        Some(each) => Err(Error::Usage(format!(
            "--each {} has {} values for {count} members",
            each.key,
            each.values.len()
        ))),
        None => Ok(count),
    }
}

/// The configuration of a member, counted from 1.
fn configure(args: &EnsembleArgs, text: &str, member: usize, threads: usize) -> Result<Configuration> {
    let number = member.to_string();
    let mut overrides: Vec<String> =
        args.overrides.iter().map(|text| text.replace(MEMBER, &number)).collect();
    overrides.extend(args.each.iter().map(|each| format!("{}={}", each.key, each.values[member - 1])));
    let mut configuration = config::parse(&args.path.display().to_string(), text, &overrides)?;
    let all = args.output.clone().unwrap_or_else(|| configuration.output.directory.clone());
    if all.as_os_str().is_empty() {
        return Err(Error::Usage("the folder of the ensemble must have a name (--output DIR)".into()));
    }
    configuration.output.directory = all.join(format!("member_{member:03}"));
    configuration.output.overwrite = args.overwrite;
    let chosen = args.threads.map(NonZeroUsize::get).or(configuration.parallel.threads);
    configuration.parallel.threads = Some(chosen.unwrap_or(threads));
    Ok(configuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_belong_to_members() {
        let each = parse_each("case.amplitude_k=1, 2,3").unwrap();
        assert_eq!(
            (each.key.as_str(), each.values.len(), each.values[1].as_str()),
            ("case.amplitude_k", 3, "2")
        );
        assert!(parse_each("nothing").is_err());
    }

    #[test]
    fn an_ending_survives_the_way_to_rank_0() {
        let ending = Ending::from_line("3\t85\tstopped early: at 2 s").unwrap();
        assert_eq!((ending.member, ending.status, ending.text.as_str()), (3, 85, "stopped early: at 2 s"));
    }
}
