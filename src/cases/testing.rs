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
        case: CaseChoice { name: name.into(), parameters: parameters.collect(), sounding: None },
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
        terrain: None,
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
            upwinding: 1.0,
            coriolis: 0.0,
            viscosity: 0.0,
            diffusivity: 0.0,
            constants: Constants::default(),
            tracers: Vec::new(),
            tracer_limiter: TracerLimiter::None,
        },
        boundary: Boundary {
            x: LateralBoundary::Periodic,
            y: LateralBoundary::Periodic,
            phase_speed: 30.0,
            inflow_length: 3e4,
            relaxation: None,
            sponge: None,
        },
        physics: Physics { processes: Vec::new() },
        turbulence: None,
        forcing: None,
        output: Output {
            directory: PathBuf::new(),
            every: None,
            variables: Vec::new(),
            precision: Precision::Double,
            compression: 0,
            measure_disk: false,
            layout: FileLayout::OneFile,
            series_every: None,
            statistics_every: None,
            latlon: None,
            sections: None,
            columns: None,
            overwrite: false,
        },
        checkpoint: Checkpoint { every: None, keep: 1, stop_after: None },
        parallel: Parallel { tile: None, threads: None, writer_ranks: 0 },
        text: String::new(),
    }
}

/// The planet of a case (most take the Earth) in six panels of `n` x `n` columns and `nz` levels that thicken upwards,
/// with the constants of DCMIP.
pub fn globe(name: &str, n: usize, nz: usize, top: f64) -> Configuration {
    let mut configuration = configuration(name, [1.0, top], [n, nz]);
    let (shrinking, rotation) = match name {
        "gravity_wave_sphere" => (125.0, 0.0),
        "supercell_sphere" => (120.0, 0.0),
        "schaer_sphere" => (500.0, 0.0),
        "rest_over_mountain_sphere" => (1.0, 0.0),
        _ => (1.0, 7.292e-5),
    };
    let radius = 6.37122e6 / shrinking;
    configuration.grid.geometry = crate::config::Geometry::Sphere(Sphere { radius, tilt: 0.0 });
    configuration.grid.ny = n;
    configuration.grid.interfaces = VerticalGrid::stretched_interfaces(nz, top, 15.0);
    configuration.dynamics.rotation = rotation;
    configuration.dynamics.constants =
        Constants { gravity: 9.80616, gas_constant: 287.0, heat_capacity: 1004.5 };
    configuration
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
