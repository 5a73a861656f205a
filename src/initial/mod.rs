//! The state at the start: from the functions of a case to the cells of the mesh.

mod plane;
mod shallow_water;
mod sphere;
mod sphere_terrain;
mod wind;

pub use wind::{Wind, initial_wind};

use crate::cases::Case;
use crate::config::Configuration;
use crate::mesh::{Geometry, Mesh};
use crate::real::Real;
use crate::state::{State, water};
use rayon::prelude::*;

/// The initial state of a case.
pub fn initial_state<T: Real>(configuration: &Configuration, mesh: &Mesh, case: &dyn Case) -> State<T> {
    let dynamics = &configuration.dynamics;
    let mut state = State::new(mesh, dynamics.setting, dynamics.tracers.len())
        .with_waters(mesh, water::count(&dynamics.tracers));
    mesh.local_tiles().par_iter().zip(&mut state.tiles).for_each(|(tile, fields)| match &mesh.geometry {
        Geometry::Plane(plane) => match &mesh.terrain {
            Some(terrain) => plane::fill_over(configuration, plane, terrain, case, tile, fields),
            None => plane::fill(configuration, plane, &mesh.vertical, case, tile, fields),
        },
        Geometry::CubedSphere(globe) => match (case.shallow_water(), &mesh.terrain) {
            (Some(layer), _) => shallow_water::fill(configuration, globe, layer, tile, fields),
            (None, Some(terrain)) => sphere_terrain::fill(configuration, globe, terrain, case, tile, fields),
            (None, None) => sphere::fill(configuration, globe, &mesh.vertical, case, tile, fields),
        },
    });
    state
}
