//! The registry of variables: name, unit, long name, CF standard name and place on the grid.
//!
//! Allocation, checkpoints and output derive from it.

use super::water;
use crate::config::Setting;

/// Where on the grid a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// Cell centres: (z, y, x), on the sphere (panel, z, y, x), and likewise the others.
    Centre,
    /// Level interfaces: (z_interface, y, x).
    Interface,
    /// Columns: (y, x).
    Surface,
}

impl Location {
    /// Number of levels on a grid of `nz` cells.
    pub fn levels(self, nz: usize) -> usize {
        match self {
            Location::Centre => nz,
            Location::Interface => nz + 1,
            Location::Surface => 1,
        }
    }
}

/// What a variable is, for people and for files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Name in files and configurations.
    pub name: String,
    /// Unit in UDUNITS notation.
    pub unit: &'static str,
    pub long_name: String,
    /// CF standard name, where there is one.
    pub standard_name: Option<&'static str>,
    pub location: Location,
}

impl Variable {
    /// A variable of the built-in tables.
    pub fn new(
        name: &str,
        unit: &'static str,
        long_name: &str,
        standard_name: Option<&'static str>,
        location: Location,
    ) -> Self {
        Variable { name: name.into(), unit, long_name: long_name.into(), standard_name, location }
    }
}

/// The prognostic variables, as checkpoints hold them: the dynamic ones, then the tracers.
pub fn prognostic(setting: Setting, tracers: &[String]) -> Vec<Variable> {
    let centre =
        |name: &str, unit, long_name: &str| Variable::new(name, unit, long_name, None, Location::Centre);
    let mut table = Vec::new();
    let (carrier, flux, mass) = match setting {
        Setting::Plane | Setting::Sphere => {
            table.push(centre("density_deviation", "kg m-3", "density minus reference density"));
            ("density", "kg m-2 s-1", "kg m-3")
        }
        Setting::ShallowWater => {
            table.push(centre("depth", "m", "depth of the layer"));
            ("depth", "m2 s-1", "m")
        }
    };
    let along = match setting {
        Setting::Plane => "",
        Setting::Sphere | Setting::ShallowWater => "the panel's ",
    };
    for axis in ["x", "y"] {
        let long_name = format!("{carrier} times velocity along {along}{axis}");
        table.push(centre(&format!("momentum_{axis}"), flux, &long_name));
    }
    if setting != Setting::Plane {
        let long_name = format!("{carrier} times velocity along the panel's normal");
        table.push(centre("momentum_n", flux, &long_name));
    }
    if setting != Setting::ShallowWater {
        let long_name = "density times upward velocity";
        table.push(Variable::new("momentum_z", "kg m-2 s-1", long_name, None, Location::Interface));
        let long_name = "density times potential temperature minus its reference";
        table.push(centre("heat_deviation", "kg K m-3", long_name));
    }
    let waters = water::count(tracers);
    table.extend(tracers.iter().enumerate().map(|(index, name)| {
        let long_name = match index < waters {
            true => format!("mass of {name} per volume"),
            false => format!("{carrier} times mixing ratio of tracer {name}"),
        };
        centre(&format!("tracer_mass_{name}"), mass, &long_name)
    }));
    if waters > water::RAIN {
        table.push(accumulated_rain());
    }
    table
}

/// The rain that has reached the ground; 1 kg/m2 is a depth of 1 mm.
pub fn accumulated_rain() -> Variable {
    let long_name = "rain that has reached the ground";
    Variable::new("accumulated_rain", "kg m-2", long_name, Some("rainfall_amount"), Location::Surface)
}
