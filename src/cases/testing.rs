//! Configurations for unit tests.

use super::{Point, find};
use crate::config::*;
use crate::constants::Constants;
use crate::mesh::VerticalGrid;
use std::path::PathBuf;

/// A plane of `nx` x `nz` cells for the case `name` with its default parameters, periodic.
pub fn configuration(name: &str, size: [f64; 2], cells: [usize; 2]) -> Configuration {
    let info = find(name).expect("the tests name existing cases");
    let parameters = info.parameters.iter().map(|parameter| (parameter.name.into(), parameter.default));
    let dx = size[0] / cells[0] as f64;
    Configuration {
        case: CaseChoice { name: name.into(), parameters: parameters.collect() },
        grid: Grid {
            geometry: crate::config::Geometry::Plane,
            nx: cells[0],
            ny: 1,
            nz: cells[1],
            dx,
            dy: dx,
            x_min: 0.0,
            y_min: 0.0,
            interfaces: VerticalGrid::stretched_interfaces(cells[1], size[1], 0.0),
        },
        time: Time {
            end: 1.0,
            step: StepChoice::Fixed(1.0),
            start_date: "2000-01-01 00:00:00".into(),
            calendar: "proleptic_gregorian".into(),
        },
        dynamics: Dynamics {
            setting: info.setting,
            rotation: 0.0,
            integrator: IntegratorChoice::Ws3g,
            precision: Precision::Double,
            sound_damping: 0.1,
            coriolis: 0.0,
            viscosity: 0.0,
            diffusivity: 0.0,
            constants: Constants::default(),
            tracers: Vec::new(),
            tracer_limiter: TracerLimiter::None,
        },
        boundary: Boundary { x: LateralBoundary::Periodic, y: LateralBoundary::Periodic, sponge: None },
        output: Output {
            directory: PathBuf::new(),
            every: None,
            variables: Vec::new(),
            precision: Precision::Double,
            compression: 0,
            layout: FileLayout::OneFile,
            series_every: None,
            latlon: None,
            overwrite: false,
        },
        checkpoint: Checkpoint { every: None, keep: 1 },
        parallel: Parallel { tile: None, threads: None },
        text: String::new(),
    }
}

/// The centre of cell (i, k) of a configuration with equal layers.
pub fn cell(configuration: &Configuration, i: usize, k: usize) -> Point {
    let grid = &configuration.grid;
    Point {
        x: grid.x_min + (i as f64 + 0.5) * grid.dx,
        y: grid.y_min + 0.5 * grid.dy,
        z: 0.5 * (grid.interfaces[k] + grid.interfaces[k + 1]),
    }
}
