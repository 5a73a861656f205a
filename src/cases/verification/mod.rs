//! Checks against published and exact answers: what `gale verify` runs.
//!
//! A [`Trial`] is a few runs and the quantities measured on them, each beside its published value and the
//! range that passes. The table is [`trials`]; a run is asked for through [`Runner`], so that this module
//! knows nothing of how the model steps.

mod evidence;
mod globe;
mod globe_table;
mod layer;
mod mountains;
mod quantities;
mod table;

pub use evidence::{Ending, Evidence, GroundRecord};
pub use table::trials;

use crate::config::Configuration;
use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// One run of the model: a shipped configuration with some values changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The case, whose shipped configuration is the start.
    pub case: &'static str,
    /// Changed values as `section.key=value`, the value in TOML.
    pub overrides: &'static [&'static str],
    /// Diagnostics that are needed at the end.
    pub variables: &'static [&'static str],
}

/// How long a trial takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Always run.
    Short,
    /// Run only when asked for everything.
    Long,
}

/// Runs that belong together, and what is expected of them.
#[derive(Clone, Copy)]
pub struct Trial {
    pub title: &'static str,
    pub effort: Effort,
    pub runs: &'static [Run],
    pub expectations: &'static [Expectation],
}

impl Trial {
    /// The case that the trial is about.
    pub fn case(&self) -> &'static str {
        self.runs[0].case
    }
}

/// A quantity, its published value and the range in which it passes.
#[derive(Clone, Copy)]
pub struct Expectation {
    pub quantity: &'static str,
    pub unit: &'static str,
    /// Measures the quantity on the trial's runs, in their order; NaN if it does not exist.
    pub measure: fn(&[&Evidence]) -> Result<f64>,
    pub published: &'static str,
    /// Smallest and largest value that pass.
    pub allowed: [f64; 2],
    pub source: &'static str,
}

/// An expectation beside what was measured.
#[derive(Clone, Copy)]
pub struct Finding {
    pub expectation: &'static Expectation,
    /// NaN if the quantity does not exist or the run failed.
    pub measured: f64,
}

impl Finding {
    /// Whether the measured value lies in the allowed range.
    pub fn passed(&self) -> bool {
        let [least, most] = self.expectation.allowed;
        (least..=most).contains(&self.measured)
    }
}

/// What came out of a trial.
pub struct Report {
    pub findings: Vec<Finding>,
    /// Why a run failed, if one did; then nothing was measured and no finding has passed.
    pub failure: Option<String>,
}

impl Report {
    /// Whether every quantity lies in its range.
    pub fn passed(&self) -> bool {
        self.findings.iter().all(Finding::passed)
    }
}

/// Reads configurations and runs the model.
pub trait Runner {
    /// The checked configuration from TOML text with overrides of the form `section.key=value`.
    ///
    /// # Errors
    /// If the configuration is faulty.
    fn configure(&self, text: &str, overrides: &[&str]) -> Result<Configuration>;

    /// Runs the model to its end without writing files, and returns the configured variables.
    ///
    /// # Errors
    /// If the model cannot be built or its state leaves its bounds.
    fn integrate(&self, configuration: &Configuration) -> Result<Ending>;
}

/// Carries out trials, each run only once.
pub struct Verifier<'a> {
    runner: &'a dyn Runner,
    done: BTreeMap<Run, Evidence>,
}

impl<'a> Verifier<'a> {
    pub fn new(runner: &'a dyn Runner) -> Self {
        Verifier { runner, done: BTreeMap::new() }
    }

    /// Runs and measures one trial.
    ///
    /// # Errors
    /// If a configuration is faulty or a run cannot be carried out. A run that becomes unstable is no
    /// error but a failed trial.
    pub fn carry_out(&mut self, trial: &'static Trial) -> Result<Report> {
        match self.provide(trial.runs) {
            Ok(()) => {}
            Err(Error::Unstable(reason)) => return Ok(failed(trial, reason)),
            Err(error) => return Err(error),
        }
        let evidence: Vec<&Evidence> = trial.runs.iter().map(|run| &self.done[run]).collect();
        let findings = trial
            .expectations
            .iter()
            .map(|expectation| Ok(Finding { expectation, measured: (expectation.measure)(&evidence)? }))
            .collect::<Result<Vec<Finding>>>()?;
        Ok(Report { findings, failure: None })
    }

    /// Carries out those of the runs that have not been.
    fn provide(&mut self, runs: &[Run]) -> Result<()> {
        for run in runs {
            if !self.done.contains_key(run) {
                let mut configuration =
                    self.runner.configure(table::configuration_text(run.case)?, run.overrides)?;
                configuration.output.variables = run.variables.iter().map(|name| name.to_string()).collect();
                let ending = self.runner.integrate(&configuration)?;
                self.done.insert(*run, Evidence { configuration, ending });
            }
        }
        Ok(())
    }
}

/// The report of a trial one of whose runs became unstable.
fn failed(trial: &'static Trial, reason: String) -> Report {
    let findings =
        trial.expectations.iter().map(|expectation| Finding { expectation, measured: f64::NAN }).collect();
    Report { findings, failure: Some(reason) }
}

#[cfg(test)]
mod tests;
