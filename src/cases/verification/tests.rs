//! The trials on synthetic fields, without the model.

use super::*;
use crate::cases::testing;
use crate::mesh::{Plane, VerticalGrid};
use crate::state::diagnostics;
use approx::assert_relative_eq;
use ndarray::Array3;

type Fields = BTreeMap<String, Array3<f64>>;

/// Makes fields from a formula instead of running the model.
struct Synthetic {
    seconds: f64,
    fields: fn(&Configuration, seconds: f64) -> Result<Fields>,
}

impl Runner for Synthetic {
    fn configure(&self, text: &str, overrides: &[&str]) -> Result<Configuration> {
        let name = text.lines().find_map(|line| line.strip_prefix("name = ")).expect("a case name");
        let number = |key: &str| {
            let found = overrides.iter().find_map(|text| text.strip_prefix(&format!("{key}=")));
            found.map(|text| text.parse::<f64>().expect("a number"))
        };
        let (nx, nz) = (number("grid.nx").unwrap_or(64.0), number("grid.nz").unwrap_or(32.0));
        let size = [nx * number("grid.dx_m").unwrap_or(500.0), nz * number("grid.dz_m").unwrap_or(300.0)];
        let mut configuration =
            testing::configuration(name.trim_matches('"'), size, [nx as usize, nz as usize]);
        if let Some(wind) = number("case.wind_m_per_s") {
            configuration.case.parameters.insert("wind_m_per_s".into(), wind);
        }
        Ok(configuration)
    }

    fn integrate(&self, configuration: &Configuration) -> Result<Ending> {
        let fields = (self.fields)(configuration, self.seconds)?;
        Ok(Ending {
            seconds: self.seconds,
            mass_drift: 0.0,
            water_drift: 0.0,
            layers: None,
            chlorine: None,
            fields,
            ground: Vec::new(),
        })
    }
}

fn trial(case: &str, title: &str) -> &'static Trial {
    trials().iter().find(|trial| trial.case() == case && trial.title.contains(title)).expect("a trial")
}

fn carry_out(trial: &'static Trial, runner: &Synthetic) -> Report {
    Verifier::new(runner).carry_out(trial).expect("the trial can be carried out")
}

#[test]
fn the_table_names_what_exists() {
    for trial in trials() {
        for run in trial.runs {
            assert!(crate::cases::find(run.case).is_some(), "{}", run.case);
            let text = table::configuration_text(run.case).unwrap();
            assert!(text.contains(&format!("name = \"{}\"", run.case)), "{}", run.case);
            let names = crate::state::water::NAMES.iter().chain(crate::cases::tracers::NAMES);
            let names = names.chain(&crate::physics::terminator::NAMES);
            let tracers: Vec<String> = names.map(|name| name.to_string()).collect();
            for name in run.variables {
                let setting = crate::cases::find(run.case).unwrap().setting;
                assert!(diagnostics::find(name, setting, &tracers).is_some(), "{name}");
            }
            let overrides: Vec<String> = run.overrides.iter().map(|text| text.to_string()).collect();
            let parsed = crate::config::parse(run.case, text, &overrides);
            let configuration = parsed.unwrap_or_else(|fault| panic!("{}: {fault}", trial.title));
            // What the viscosity of the shipped wave does to a steady jet is no error of the grid.
            let is_steady = configuration.case.parameters.get("perturbation_m_per_s") == Some(&0.0);
            assert!(!is_steady || configuration.dynamics.viscosity == 0.0, "{}", trial.title);
        }
        for expectation in trial.expectations {
            assert!(expectation.allowed[0] <= expectation.allowed[1], "{}", expectation.quantity);
        }
    }
}

/// The exact solution with an error that grows with the `power` of the cell size.
fn wave(configuration: &Configuration, seconds: f64, power: i32) -> Fields {
    let case = crate::cases::build(configuration).expect("a case");
    let plane = Plane::new(&configuration.grid, &configuration.boundary);
    let vertical = VerticalGrid::new(&configuration.grid.interfaces);
    let nz = vertical.nz();
    let wrong = 1.0 + (plane.dx / 1e4).powi(power);
    let mut temperature = Array3::zeros((nz, 1, plane.nx));
    let mut w = Array3::zeros((nz + 1, 1, plane.nx));
    for i in 0..plane.nx {
        let exact = case
            .exact(plane.x(i), 0.0, &vertical.centres, &vertical.interfaces, seconds)
            .expect("an exact solution");
        exact.temperature.iter().enumerate().for_each(|(k, t)| temperature[[k, 0, i]] = t * wrong);
        exact.w.iter().enumerate().for_each(|(k, value)| w[[k, 0, i]] = value * wrong);
    }
    BTreeMap::from([("temperature_perturbation".into(), temperature), ("w".into(), w)])
}

#[test]
fn order_of_convergence_is_measured_against_the_exact_solution() {
    let waves = trial("baldauf_brdar", "convergence");
    let second = Synthetic { seconds: 1800.0, fields: |c, seconds| Ok(wave(c, seconds, 2)) };
    let report = carry_out(waves, &second);
    assert!(report.passed());
    assert_relative_eq!(report.findings[0].measured, 2.0, epsilon = 1e-6);
    let first = Synthetic { seconds: 1800.0, fields: |c, seconds| Ok(wave(c, seconds, 1)) };
    let report = carry_out(waves, &first);
    assert!(!report.passed());
    assert_relative_eq!(report.findings[1].measured, 1.0, epsilon = 1e-6);
}

#[test]
fn fronts_are_measured_about_the_moving_centre() {
    let current = |configuration: &Configuration, seconds: f64| {
        let plane = Plane::new(&configuration.grid, &configuration.boundary);
        let centre = configuration.grid.x_centre() + 20.0 * seconds;
        let length = plane.nx as f64 * plane.dx;
        let field = Array3::from_shape_fn((2, 1, plane.nx), |(_, _, i)| {
            let distance = crate::cases::tracers::wrapped(plane.x(i) - centre, length).abs();
            ((distance - 15_500.0) / 200.0 - 1.0).clamp(-10.0, 0.0)
        });
        Ok(BTreeMap::from([("theta_perturbation".into(), field)]))
    };
    let report =
        carry_out(trial("density_current", "in a wind"), &Synthetic { seconds: 900.0, fields: current });
    assert!(report.passed());
    assert!(report.findings[0].measured < 1e-9);
}

#[test]
fn a_current_without_fronts_fails() {
    let still = |configuration: &Configuration, _: f64| {
        let field = Array3::zeros((2, 1, configuration.grid.nx));
        Ok(BTreeMap::from([("theta_perturbation".into(), field)]))
    };
    let report =
        carry_out(trial("density_current", "in potential"), &Synthetic { seconds: 900.0, fields: still });
    assert!(report.findings[0].measured.is_nan() && !report.passed());
}

#[test]
fn tracers_are_compared_with_their_translation() {
    // Half a period: everything has moved by half the domain.
    let carried = |configuration: &Configuration, _: f64| {
        let plane = Plane::new(&configuration.grid, &configuration.boundary);
        let vertical = VerticalGrid::new(&configuration.grid.interfaces);
        let extent = crate::cases::tracers::Extent::new(&configuration.grid);
        let field = |name: &str| {
            Array3::from_shape_fn((vertical.nz(), 1, plane.nx), |(k, _, i)| {
                let x = plane.x((i + plane.nx / 2) % plane.nx);
                let at = crate::cases::Point { x, y: plane.y(0), z: vertical.centres[k] };
                crate::cases::tracers::mixing_ratio(name, at, &extent)
            })
        };
        let mut fields: Fields = ["one", "bell", "block"].map(|name| (name.to_string(), field(name))).into();
        fields.insert("theta_perturbation".into(), Array3::zeros((2, 1, 2)));
        Ok(fields)
    };
    let report =
        carry_out(trial("tracer_advection", "period"), &Synthetic { seconds: 5000.0, fields: carried });
    assert!(report.passed());
    let report =
        carry_out(trial("tracer_advection", "period"), &Synthetic { seconds: 10_000.0, fields: carried });
    assert!(!report.findings[1].passed());
}

#[test]
fn an_unstable_run_fails_its_trial_only() {
    let runner = Synthetic { seconds: 0.0, fields: |_, _| Err(Error::Unstable("w is not finite".into())) };
    let report = carry_out(trial("stratified_rest", "double"), &runner);
    assert_eq!(report.failure.as_deref(), Some("w is not finite"));
    assert!(!report.passed());
}

#[test]
fn a_variable_that_was_not_kept_is_an_internal_error() {
    let runner = Synthetic { seconds: 0.0, fields: |_, _| Ok(BTreeMap::new()) };
    let error = Verifier::new(&runner).carry_out(trial("stratified_rest", "double")).err().expect("an error");
    assert!(matches!(error, Error::Internal(_)));
}

#[test]
fn the_command_prints_measured_beside_published() {
    let rest = |configuration: &Configuration, _: f64| {
        let mut fields = BTreeMap::new();
        for name in &configuration.output.variables {
            fields.insert(name.clone(), Array3::zeros((2, 1, 4)));
        }
        fields.insert("w".into(), Array3::from_elem((2, 1, 4), 1e-20));
        Ok(fields)
    };
    let runner = Synthetic { seconds: 1.0, fields: rest };
    let arguments = crate::cli::verify::VerifyArgs { cases: vec!["stratified_rest".into()], full: false };
    let mut text = Vec::new();
    let passed = crate::cli::verify::run(&arguments, &runner, &mut text).expect("trials can be carried out");
    let text = String::from_utf8(text).expect("text");
    assert!(!passed);
    assert!(text.contains("stratified_rest: rest stays exact, double precision"));
    assert!(text.contains("1.000e-20") && text.contains("FAIL") && text.contains("pass"));
    assert!(text.contains("6 of 8 quantities within their range"), "{text}");
    let unknown = crate::cli::verify::VerifyArgs { cases: vec!["robert".into()], full: false };
    let error = crate::cli::verify::run(&unknown, &runner, &mut Vec::new()).expect_err("no such trial");
    assert!(error.to_string().contains("`robert`") && error.exit_status() == 2);
}
