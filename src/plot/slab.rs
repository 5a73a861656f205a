//! A block of values that loses directions until a picture can show it.

use super::slice::{Picture, index, title};
use super::{Axis, Curve, Section};
use crate::error::{Error, Result};
use crate::io::reader::{File, TIME, VariableInfo};
use crate::monitor::human;
use ndarray::{ArrayD, Axis as Dimension, Ix2};

/// What a dimension stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Level,
    Y,
    X,
    Other,
}

impl Role {
    fn of(dimension: &str) -> Self {
        match dimension {
            "x" | "x_interface" | "lon" | "longitude" => Role::X,
            "y" | "y_interface" | "lat" | "latitude" => Role::Y,
            name if name.starts_with('z') || name.starts_with("lev") || name == "height" => Role::Level,
            _ => Role::Other,
        }
    }

    /// Name of an index along it.
    fn index_name(self) -> &'static str {
        match self {
            Role::Level => "level",
            Role::Y => "j",
            Role::X => "i",
            Role::Other => "index",
        }
    }

    /// Name of the option that chooses along it.
    fn name(self) -> &'static str {
        match self {
            Role::Level => "level",
            Role::Y => "y",
            Role::X => "x",
            Role::Other => "index",
        }
    }
}

/// One dimension with its coordinate.
struct Direction {
    name: String,
    role: Role,
    unit: String,
    centres: Vec<f64>,
}

/// Values with the dimensions that are left.
pub(super) struct Slab<'a> {
    file: &'a File,
    variable: &'a VariableInfo,
    values: ArrayD<f64>,
    dimensions: Vec<Direction>,
}

impl<'a> Slab<'a> {
    /// All of a record, with the coordinates from the file or else indices.
    pub(super) fn new(file: &'a File, variable: &'a VariableInfo, values: ArrayD<f64>) -> Result<Self> {
        let mut dimensions = Vec::new();
        for (name, length) in variable.dimensions.iter().filter(|(name, _)| name != TIME) {
            let coordinate =
                file.variables().iter().find(|found| found.name == *name && found.is_coordinate());
            let (unit, centres) = match coordinate {
                Some(found) => (found.unit.clone(), file.read(name)?.into_iter().collect()),
                None => (String::new(), (0..*length).map(|n| n as f64).collect()),
            };
            dimensions.push(Direction { name: name.clone(), role: Role::of(name), unit, centres });
        }
        Ok(Slab { file, variable, values, dimensions })
    }

    /// Fixes the index along the direction of that role, if one was given.
    pub(super) fn choose(&mut self, role: Role, given: Option<i64>, notes: &mut Vec<String>) -> Result<()> {
        let Some(given) = given else { return Ok(()) };
        let Some(at) = self.dimensions.iter().position(|direction| direction.role == role) else {
            let names: Vec<&str> = self.dimensions.iter().map(|direction| direction.name.as_str()).collect();
            return Err(Error::Usage(format!(
                "--{} does not apply: `{}` has the directions {}",
                role.name(),
                self.variable.name,
                names.join(", ")
            )));
        };
        let chosen = index(role.name(), given, self.dimensions[at].centres.len(), &self.variable.name)?;
        self.fix(at, chosen, notes);
        Ok(())
    }

    /// Fixes the middle of y where more than two directions are left.
    pub(super) fn choose_middle(&mut self, notes: &mut Vec<String>) -> Result<()> {
        if self.dimensions.len() <= 2 {
            return Ok(());
        }
        let at = self.dimensions.iter().position(|direction| direction.role == Role::Y);
        let Some(at) = at.filter(|_| self.dimensions.len() == 3) else {
            let names: Vec<&str> = self.dimensions.iter().map(|direction| direction.name.as_str()).collect();
            return Err(Error::Usage(format!(
                "`{}` has the directions {}, which no plot can show",
                self.variable.name,
                names.join(", ")
            )));
        };
        let middle = self.dimensions[at].centres.len() / 2;
        self.fix(at, middle, notes);
        Ok(())
    }

    /// Takes one index of a dimension and notes where that is.
    fn fix(&mut self, at: usize, chosen: usize, notes: &mut Vec<String>) {
        let direction = self.remove(at, chosen);
        let place = direction.centres[chosen];
        let place = match direction.unit.as_str() {
            "m" => human::length(place),
            unit => format!("{} {unit}", human::significant(place, 5)).trim_end().to_owned(),
        };
        let letter = if direction.role == Role::Level { "z" } else { direction.name.as_str() };
        notes.push(format!("{letter} = {place} ({} {chosen})", direction.role.index_name()));
    }

    /// Drops the directions that have a single cell.
    pub(super) fn drop_single_cells(&mut self) {
        while let Some(at) = self.dimensions.iter().position(|direction| direction.centres.len() == 1) {
            self.remove(at, 0);
        }
    }

    fn remove(&mut self, at: usize, chosen: usize) -> Direction {
        self.values.index_axis_inplace(Dimension(at), chosen);
        self.dimensions.remove(at)
    }

    /// The picture of the two directions or the one that are left.
    pub(super) fn picture(self, subtitle: String) -> Result<Picture> {
        match &self.dimensions[..] {
            [rows, columns] => self.section(rows, columns, subtitle),
            [along] => Ok(Picture::Curve(self.curve(along, subtitle))),
            _ => {
                let value = self.values.iter().next().copied().unwrap_or(f64::NAN);
                let name = &self.variable.name;
                Err(Error::Usage(format!(
                    "`{name}` has a single value there: {value} {}",
                    self.variable.unit
                )))
            }
        }
    }

    fn section(&self, rows: &Direction, columns: &Direction, subtitle: String) -> Result<Picture> {
        let values = self.values.clone().into_dimensionality::<Ix2>();
        let mut values = values.map_err(|cause| Error::Internal(cause.to_string()))?;
        let (mut x, mut y) = (self.edges(columns)?, self.edges(rows)?);
        for (dimension, axis) in [(0, &mut y), (1, &mut x)] {
            if axis.positions[0] > axis.positions[axis.positions.len() - 1] {
                axis.positions.reverse();
                values.invert_axis(Dimension(dimension));
            }
        }
        let VariableInfo { name, unit, long_name, .. } = self.variable;
        let is_deviation =
            name.ends_with("perturbation") || name.ends_with("deviation") || long_name.contains(" minus ");
        Ok(Picture::Section(Section {
            title: title(self.variable),
            subtitle,
            unit: unit.clone(),
            values,
            x,
            y,
            is_map: rows.role != Role::Level && columns.role != Role::Level,
            is_deviation,
        }))
    }

    fn curve(&self, along: &Direction, subtitle: String) -> Curve {
        Curve {
            title: title(self.variable),
            subtitle,
            label: self.variable.name.clone(),
            unit: self.variable.unit.clone(),
            values: self.values.iter().copied().collect(),
            along: axis(along, along.centres.clone()),
            is_column: along.role == Role::Level,
        }
    }

    /// The edges of the cells along a direction. Centres of levels lie between the interfaces that the file
    /// has; values at interfaces fill the space between the centres on both sides.
    fn edges(&self, direction: &Direction) -> Result<Axis> {
        let centres = &direction.centres;
        let coordinate = |name: &str, length: usize| -> Result<Option<Vec<f64>>> {
            let found = self.file.variables().iter().find(|found| found.name == name);
            match found.filter(|found| found.shape() == [length]) {
                Some(_) => Ok(Some(self.file.read(name)?.into_iter().collect())),
                None => Ok(None),
            }
        };
        if let Some(interfaces) = coordinate(&format!("{}_interface", direction.name), centres.len() + 1)? {
            return Ok(axis(direction, interfaces));
        }
        if let Some(base) = direction.name.strip_suffix("_interface")
            && let Some(mut edges) = coordinate(base, centres.len() - 1)?
        {
            edges.insert(0, centres[0]);
            edges.push(centres[centres.len() - 1]);
            return Ok(axis(direction, edges));
        }
        Ok(axis(direction, edges_between(centres)))
    }
}

/// An axis with a short label.
fn axis(direction: &Direction, positions: Vec<f64>) -> Axis {
    let label = match (direction.role, direction.unit.as_str()) {
        (Role::Level, "m") => "height",
        _ => &direction.name,
    };
    Axis { label: label.into(), unit: direction.unit.clone(), positions }
}

/// Edges half way between centres; the outer cells are symmetric.
fn edges_between(centres: &[f64]) -> Vec<f64> {
    let [first, .., last] = centres else {
        return centres.iter().flat_map(|centre| [centre - 0.5, centre + 0.5]).collect();
    };
    let mut edges: Vec<f64> = centres.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
    edges.insert(0, 2.0 * first - edges[0]);
    edges.push(2.0 * last - edges[edges.len() - 1]);
    edges
}
