//! The hydrostatic reference state from which the prognostic variables deviate.

use super::TileReference;
use crate::cases::{Base, Case};
use crate::constants::Constants;
use crate::mesh::{Mesh, VerticalGrid};

/// Reference profiles at the levels of the grid, in double precision.
#[derive(Clone, Debug)]
pub struct Reference {
    pub constants: Constants,
    /// Density rho0 in kg/m3 at cell centres, and likewise the others.
    pub density: Vec<f64>,
    /// Potential temperature theta0 in K; of moist air the density potential temperature.
    pub potential_temperature: Vec<f64>,
    /// rho0 theta0 in kg K/m3.
    pub heat: Vec<f64>,
    /// Pressure p0 in Pa.
    pub pressure: Vec<f64>,
    /// Sound speed a0 in m/s.
    pub sound_speed: Vec<f64>,
    /// theta0 in K at the `nz + 1` interfaces.
    pub interface_theta: Vec<f64>,
    /// Density potential temperature over potential temperature, 1 in dry air.
    pub gas_factor: Vec<f64>,
    /// Reference wind in m/s.
    pub u: Vec<f64>,
    pub v: Vec<f64>,
    /// Over terrain: the reference state of this rank's tiles; the profiles above are those over flat ground.
    pub tiles: Vec<TileReference>,
}

impl Reference {
    /// The reference state on the tiles of `mesh`, terrain included.
    pub fn on_mesh(case: &dyn Case, constants: Constants, mesh: &Mesh) -> Self {
        let tiles = TileReference::of_tiles(case, &constants, mesh);
        Reference { tiles, ..Reference::new(case, constants, &mesh.vertical) }
    }

    /// Evaluates the case's reference state at the centres of the levels.
    pub fn new(case: &dyn Case, constants: Constants, vertical: &VerticalGrid) -> Self {
        let bases: Vec<Base> = vertical.centres.iter().map(|&z| case.base(z)).collect();
        let profile = |value: &dyn Fn(&Base) -> f64| bases.iter().map(value).collect::<Vec<f64>>();
        let density = profile(&|base| base.density(&constants));
        let pressure = profile(&|base| constants.pressure_of_exner(base.exner));
        let sound_speed =
            density.iter().zip(&pressure).map(|(rho, p)| (constants.gamma() * p / rho).sqrt()).collect();
        let potential_temperature = profile(&|base| base.potential_temperature);
        let heat = density.iter().zip(&potential_temperature).map(|(rho, theta)| rho * theta).collect();
        Reference {
            constants,
            density,
            potential_temperature,
            heat,
            pressure,
            sound_speed,
            interface_theta: vertical
                .interfaces
                .iter()
                .map(|&z| case.base(z).potential_temperature)
                .collect(),
            gas_factor: vertical.centres.iter().map(|&z| case.base_water(z).gas_factor(&constants)).collect(),
            u: profile(&|base| base.u),
            v: profile(&|base| base.v),
            tiles: Vec::new(),
        }
    }
}
