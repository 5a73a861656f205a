//! The registry of variables: name, unit, long name, CF standard name and place on the grid.
//!
//! Allocation, checkpoints and output derive from it.

/// Where on the grid a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// Cell centres: (z, y, x).
    Centre,
    /// Level interfaces: (z_interface, y, x).
    Interface,
}

impl Location {
    /// Number of levels on a grid of `nz` cells.
    pub fn levels(self, nz: usize) -> usize {
        match self {
            Location::Centre => nz,
            Location::Interface => nz + 1,
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

/// The prognostic variables, as checkpoints hold them: the five dynamic ones, then the tracers.
pub fn prognostic(tracers: &[String]) -> Vec<Variable> {
    let mut table = vec![
        Variable::new(
            "density_deviation",
            "kg m-3",
            "density minus reference density",
            None,
            Location::Centre,
        ),
        Variable::new("momentum_x", "kg m-2 s-1", "density times velocity along x", None, Location::Centre),
        Variable::new("momentum_y", "kg m-2 s-1", "density times velocity along y", None, Location::Centre),
        Variable::new("momentum_z", "kg m-2 s-1", "density times upward velocity", None, Location::Interface),
        Variable::new(
            "heat_deviation",
            "kg K m-3",
            "density times potential temperature minus its reference",
            None,
            Location::Centre,
        ),
    ];
    table.extend(tracers.iter().map(|name| {
        let long_name = format!("density times mixing ratio of tracer {name}");
        Variable::new(&format!("tracer_mass_{name}"), "kg m-3", &long_name, None, Location::Centre)
    }));
    table
}
