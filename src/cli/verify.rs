//! `gale verify`: runs the cases that have a published or exact answer and prints measured beside published.

use crate::cases::verification::{Effort, Ending, Finding, Report, Runner, Trial, Verifier, trials};
use crate::comm::World;
use crate::comm::single::Single;
use crate::config::{self, Configuration};
use crate::error::{Error, Result};
use crate::parallel::start_threads;
use crate::simulation;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Run the built-in cases that have a published or exact answer.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct VerifyArgs {
    /// Cases to verify; all of them if none is named
    #[arg(value_name = "CASE")]
    pub cases: Vec<String>,
    /// Also run the trials that take minutes
    #[arg(long)]
    pub full: bool,
}

/// Carries out the trials asked for and prints a table of each; returns whether all have passed.
///
/// # Errors
/// If a case has no trials, a run cannot be carried out, or `out` cannot be written.
pub fn run(arguments: &VerifyArgs, runner: &dyn Runner, out: &mut dyn Write) -> Result<bool> {
    let chosen = choose(&arguments.cases)?;
    let (now, left): (Vec<&Trial>, Vec<&Trial>) =
        chosen.into_iter().partition(|trial| arguments.full || trial.effort == Effort::Short);
    let mut verifier = Verifier::new(runner);
    let (mut rows, mut failed) = (0, 0);
    for trial in now {
        print(out, format_args!("{}: {}", trial.case(), trial.title))?;
        let report = verifier.carry_out(trial)?;
        print_report(out, &report)?;
        rows += report.findings.len();
        failed += report.findings.iter().filter(|finding| !finding.passed()).count();
    }
    print(out, format_args!("{} of {rows} quantities within their range", rows - failed))?;
    if !left.is_empty() {
        print(out, format_args!("{} longer trials left out (--full runs them)", left.len()))?;
    }
    Ok(failed == 0)
}

/// Runs the trials with the model and prints to the standard output; `false` means that one failed.
///
/// # Errors
/// Those of [`run`].
pub fn execute(arguments: &VerifyArgs) -> Result<bool> {
    start_threads(std::thread::available_parallelism().map_or(1, usize::from));
    let world: World = Arc::new(Single);
    run(arguments, &Model { world }, &mut std::io::stdout().lock())
}

/// The model itself, on one rank.
struct Model {
    world: World,
}

impl Runner for Model {
    fn configure(&self, text: &str, overrides: &[&str]) -> Result<Configuration> {
        let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
        config::parse("built-in configuration", text, &overrides)
    }

    fn integrate(&self, configuration: &Configuration) -> Result<Ending> {
        simulation::integrate(configuration, &self.world)
    }
}

/// The trials of the named cases, or all.
fn choose(names: &[String]) -> Result<Vec<&'static Trial>> {
    if let Some(unknown) = names.iter().find(|name| trials().iter().all(|trial| trial.case() != **name)) {
        let mut known: Vec<&str> = trials().iter().map(Trial::case).collect();
        known.dedup();
        return Err(Error::Usage(format!(
            "case `{unknown}` has nothing to verify; those that have are {}",
            known.join(", ")
        )));
    }
    let wanted = |trial: &&Trial| names.is_empty() || names.iter().any(|name| name == trial.case());
    Ok(trials().iter().filter(wanted).collect())
}

fn print_report(out: &mut dyn Write, report: &Report) -> Result<()> {
    if let Some(reason) = &report.failure {
        print(out, format_args!("  the run failed: {reason}"))?;
    }
    let header = ["quantity", "measured", "allowed", "published", "", "source"];
    print_row(out, header.map(String::from))?;
    report.findings.iter().try_for_each(|finding| print_row(out, cells(finding)))
}

/// One line of the table.
fn cells(finding: &Finding) -> [String; 6] {
    let expectation = finding.expectation;
    let unit = if expectation.unit == "1" { String::new() } else { format!(" [{}]", expectation.unit) };
    let [least, most] = expectation.allowed;
    [
        format!("{}{unit}", expectation.quantity),
        number(finding.measured),
        if least == most { number(least) } else { format!("{} .. {}", number(least), number(most)) },
        expectation.published.to_string(),
        (if finding.passed() { "pass" } else { "FAIL" }).to_string(),
        expectation.source.to_string(),
    ]
}

fn print_row(
    out: &mut dyn Write,
    [quantity, measured, allowed, published, verdict, source]: [String; 6],
) -> Result<()> {
    print(
        out,
        format_args!("  {quantity:<30} {measured:>11}  {allowed:<22} {published:<24} {verdict:<5} {source}"),
    )
}

/// A number with about five digits.
fn number(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 || value.is_nan() {
        return if value == 0.0 { "0".into() } else { "none".into() };
    }
    if !(1e-2..1e5).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn print(out: &mut dyn Write, line: std::fmt::Arguments<'_>) -> Result<()> {
    writeln!(out, "{line}").map_err(|cause| Error::io(Path::new("standard output"), cause))
}
