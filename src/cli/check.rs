//! `gale check`: all faults of a configuration, or what the run is.

use super::ConfigurationArgs;
use super::plan::estimate;
use crate::config::quantity::readable_time;
use crate::config::{Closure, Configuration, LateralBoundary, StepChoice, Terrain, TerrainShape};
use crate::error::{Error, Result};

/// Arguments of `gale check`.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub configuration: ConfigurationArgs,
}

/// Checks the configuration, builds its case, and says in a paragraph what the run is.
///
/// # Errors
/// If the configuration has faults, or a file of heights cannot be opened.
pub fn execute(args: &CheckArgs) -> Result<()> {
    let configuration = args.configuration.load()?;
    crate::cases::build(&configuration)?;
    if let Some(TerrainShape::File(file)) = configuration.terrain.as_ref().map(|terrain| &terrain.shape) {
        std::fs::File::open(&file.path).map_err(|cause| Error::io(&file.path, cause))?;
    }
    let mut text = summary(&configuration);
    for note in notes(&configuration).into_iter().chain(long_step(&configuration)?) {
        text.push_str(&format!("note: {note}\n"));
    }
    super::print(&text)
}

/// One paragraph on what a configuration runs and writes.
fn summary(configuration: &Configuration) -> String {
    let Configuration { case, grid, time, dynamics, boundary, output, checkpoint, .. } = configuration;
    let side = |kind| match kind {
        LateralBoundary::Periodic => "periodic",
        LateralBoundary::Wall => "walls",
        LateralBoundary::Open => "open",
    };
    let top = grid.interfaces[grid.nz];
    let (nx, ny, nz, dx, dy) = (grid.nx, grid.ny, grid.nz, grid.dx, grid.dy);
    let (x, y) = (side(boundary.x), side(boundary.y));
    let domain = match grid.sphere() {
        Some(sphere) => {
            let radius = sphere.radius;
            format!(
                "on a sphere of radius {radius} m of 6 x {nx} x {nx} x {nz} cells of about {dx:.0} m, {top} m high"
            )
        }
        None if ny > 1 => {
            format!(
                "in a box of {nx} x {ny} x {nz} cells of {dx} m x {dy} m, {top} m high, {x} in x, {y} in y"
            )
        }
        None => format!("in a box of {nx} x {nz} cells of {dx} m, {top} m high, {x} in x"),
    };
    let step = match time.step {
        StepChoice::Fixed(step) => format!("steps of {step} s"),
        StepChoice::Auto { fraction, .. } => format!("steps of {fraction} of the largest stable one"),
    };
    let (precision, integrator) = (dynamics.precision.name(), dynamics.integrator.name());
    let tracers = match dynamics.tracers.len() {
        0 => String::new(),
        _ => format!(" with the tracers {}", dynamics.tracers.join(", ")),
    };
    let snapshots = output.every.map_or("no snapshots".into(), |every| {
        format!("snapshots of {} every {}", output.variables.join(", "), readable_time(every))
    });
    let checkpoints = checkpoint.every.map_or("checkpoints only when stopped early".into(), |every| {
        format!("checkpoints every {}", readable_time(every))
    });
    let (ground, physics) = (ground(configuration), physics(configuration));
    format!(
        "{}{tracers}: {} {domain}{ground}{physics}, \
         in {precision} precision with {integrator} and {step}. It writes {snapshots} and {checkpoints} to {}.\n",
        case.name,
        readable_time(time.end),
        output.directory.display()
    )
}

/// The ground, where it is not flat.
fn ground(configuration: &Configuration) -> String {
    match configuration.terrain.as_ref().map(|terrain| &terrain.shape) {
        None => String::new(),
        Some(TerrainShape::Bell { height, .. }) => format!(", over a ridge of {height} m"),
        Some(TerrainShape::Ridge { height, .. }) => format!(", over a straight ridge of {height} m"),
        Some(TerrainShape::Schaer { height, .. }) => format!(", over ridges of up to {height} m"),
        Some(TerrainShape::Hill { height, .. }) => format!(", over a hill of {height} m"),
        Some(TerrainShape::Case) => ", over the ground of the case".into(),
        Some(TerrainShape::File(file)) => format!(", over the heights of {}", file.path.display()),
    }
}

/// The eddies and the processes.
fn physics(configuration: &Configuration) -> String {
    let eddies = configuration.turbulence.as_ref().map(|turbulence| match turbulence.closure {
        Closure::Constant => "eddies of constant viscosity",
        Closure::Smagorinsky => "eddies after Smagorinsky",
        Closure::Energy => "eddies by their energy",
    });
    let processes = configuration.physics.processes.iter().map(String::as_str);
    let names: Vec<&str> = eddies.into_iter().chain(processes).collect();
    if names.is_empty() { String::new() } else { format!(", with {}", names.join(" and ")) }
}

/// A written step that the air at the start does not bear. Heights from a file are not read for it.
fn long_step(configuration: &Configuration) -> Result<Option<String>> {
    let StepChoice::Fixed(step) = configuration.time.step else { return Ok(None) };
    let mut configuration = configuration.clone();
    configuration.parallel.writer_ranks = 0;
    if matches!(configuration.terrain, Some(Terrain { shape: TerrainShape::File(_), .. })) {
        configuration.terrain = None;
    }
    let longest = estimate::stable_step(&configuration)?;
    Ok((step > longest).then(|| {
        format!(
            "time.step_s = {step} is too long: sound, wind and viscosity at the start allow {longest:.4} s"
        )
    }))
}

/// What is allowed but may surprise.
fn notes(configuration: &Configuration) -> Vec<String> {
    let Configuration { grid, time, boundary, output, checkpoint, .. } = configuration;
    let mut notes = Vec::new();
    let mut interval = |key: &str, every: Option<f64>, consequence: &str| {
        if let Some(every) = every.filter(|every| *every > time.end) {
            let (every, end) = (readable_time(every), readable_time(time.end));
            notes.push(format!("{key} ({every}) is longer than the run ({end}): {consequence}"));
        }
    };
    interval("output.every_s", output.every, "only the initial state is written");
    interval("output.series_every_s", output.series_every, "the series holds only time 0");
    interval("checkpoint.every_s", checkpoint.every, "no checkpoint falls due");
    if grid.sphere().is_none() && grid.ny == 1 && boundary.y != LateralBoundary::Periodic {
        notes.push("boundary.y has no effect, since there is no y direction".into());
    }
    notes
}
