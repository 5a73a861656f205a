//! Everything that changes during a run: the prognostic fields, tile by tile, and the clock.

pub mod diagnostics;
pub mod field;
pub mod variables;
pub mod water;

pub use field::Field;
pub use variables::{Location, Variable};

use crate::config::Setting;
use crate::mesh::{Mesh, Tile};
use crate::real::Real;
use crate::time::Clock;

/// The prognostic fields of one tile. All are deviations from, or scaled with, the hydrostatic
/// reference state, so that rest is exact and single precision suffices.
///
/// In shallow water the depth h of the layer (m) takes the place of the density, h u that of the momentum
/// (m2/s) and h q that of the tracers; vertical momentum and heat have no levels.
#[derive(Clone, Debug)]
pub struct TileState<T> {
    /// rho' = rho - rho0(z), kg/m3, at cell centres.
    pub density: Field<T>,
    /// rho u and rho v, kg/(m2 s), at cell centres.
    pub momentum_x: Field<T>,
    pub momentum_y: Field<T>,
    /// On the sphere, where the horizontal momentum has three components along the axes of the panel:
    /// the third, along the panel's normal.
    pub momentum_n: Option<Field<T>>,
    /// rho w, kg/(m2 s), at the `nz + 1` interfaces; 0 at the ground and the lid.
    pub momentum_z: Field<T>,
    /// (rho theta)' = rho theta - rho0 theta0, kg K/m3, at cell centres.
    pub heat: Field<T>,
    /// rho q of every tracer, kg/m3, at cell centres.
    pub tracers: Vec<Field<T>>,
    /// How many of the tracers, the first, are [`water`].
    pub waters: usize,
    /// Where rain falls: what has reached the ground, kg/m2.
    pub fallen_rain: Option<Field<T>>,
}

/// Number of prognostic fields of a tile that are stepped together and exchanged together: all but the tracers.
pub const DYNAMIC_FIELDS: usize = 5;

impl<T: Real> TileState<T> {
    /// A state of zeros on `tile` with `tracers` tracers.
    pub fn new(tile: &Tile, setting: Setting, tracers: usize) -> Self {
        let centre = Field::new(tile.layout(tile.nz));
        let has_air = setting != Setting::ShallowWater;
        let levels = |levels: usize| Field::new(tile.layout(if has_air { levels } else { 0 }));
        TileState {
            density: centre.clone(),
            momentum_x: centre.clone(),
            momentum_y: centre.clone(),
            momentum_n: (setting != Setting::Plane).then(|| centre.clone()),
            momentum_z: levels(tile.nz + 1),
            heat: levels(tile.nz),
            tracers: vec![centre; tracers],
            waters: 0,
            fallen_rain: None,
        }
    }

    /// The same where the first `waters` tracers are water.
    pub fn with_waters(self, tile: &Tile, waters: usize) -> Self {
        let fallen_rain = (waters > water::RAIN).then(|| Field::new(tile.layout(1)));
        TileState { waters, fallen_rain, ..self }
    }

    /// The five dynamic fields of the plane, in the order of [`variables::prognostic`].
    pub fn dynamic(&self) -> [&Field<T>; DYNAMIC_FIELDS] {
        [&self.density, &self.momentum_x, &self.momentum_y, &self.momentum_z, &self.heat]
    }

    /// The same, mutable.
    pub fn dynamic_mut(&mut self) -> [&mut Field<T>; DYNAMIC_FIELDS] {
        [&mut self.density, &mut self.momentum_x, &mut self.momentum_y, &mut self.momentum_z, &mut self.heat]
    }

    /// All prognostic fields, in the order of [`variables::prognostic`].
    pub fn prognostic(&self) -> impl Iterator<Item = &Field<T>> {
        let TileState {
            density,
            momentum_x,
            momentum_y,
            momentum_n,
            momentum_z,
            heat,
            tracers,
            fallen_rain,
            ..
        } = self;
        let horizontal = [density, momentum_x, momentum_y].into_iter().chain(momentum_n);
        horizontal
            .chain([momentum_z, heat].into_iter().filter(|field| has_levels(field)))
            .chain(tracers)
            .chain(fallen_rain)
    }

    /// All prognostic fields, mutable.
    pub fn prognostic_mut(&mut self) -> impl Iterator<Item = &mut Field<T>> {
        let TileState {
            density,
            momentum_x,
            momentum_y,
            momentum_n,
            momentum_z,
            heat,
            tracers,
            fallen_rain,
            ..
        } = self;
        let horizontal = [density, momentum_x, momentum_y].into_iter().chain(momentum_n);
        horizontal
            .chain([momentum_z, heat].into_iter().filter(|field| has_levels(field)))
            .chain(tracers)
            .chain(fallen_rain)
    }
}

/// Whether the equations have this field at all.
fn has_levels<T: Real>(field: &Field<T>) -> bool {
    field.layout().levels > 0
}

/// The state of this rank's part of the domain.
#[derive(Clone, Debug)]
pub struct State<T> {
    pub clock: Clock,
    /// The equations and the domain, which decide the fields.
    pub setting: Setting,
    /// In the order of [`Mesh::local_tiles`].
    pub tiles: Vec<TileState<T>>,
}

impl<T: Real> State<T> {
    /// A state of zeros at time 0.
    pub fn new(mesh: &Mesh, setting: Setting, tracers: usize) -> Self {
        let tiles = mesh.local_tiles().iter().map(|tile| TileState::new(tile, setting, tracers)).collect();
        State { clock: Clock::default(), setting, tiles }
    }

    /// The same where the first `waters` tracers are [`water`].
    pub fn with_waters(mut self, mesh: &Mesh, waters: usize) -> Self {
        let tiles = mesh.local_tiles().iter().zip(self.tiles);
        self.tiles = tiles.map(|(tile, fields)| fields.with_waters(tile, waters)).collect();
        self
    }
}
