//! A block of values that loses directions until a picture can show it.

use super::globe::{Field, Globe, Panels, Regular};
use super::slice::{Picture, index, title};
use super::{Axis, Curve, DEGREES_EAST, DEGREES_NORTH, Section, ticks};
use crate::error::{Error, Result};
use crate::io::metadata::{HEIGHT, INTERFACE_HEIGHT};
use crate::io::reader::{File, TIME, VariableInfo};
use crate::monitor::human;
use ndarray::{Array2, ArrayD, Axis as Dimension, Ix2, Ix3, concatenate, s};

/// What a dimension stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// One of the six parts of the cubed sphere.
    Panel,
    Level,
    Y,
    X,
    Time,
    Other,
}

impl Role {
    fn of(dimension: &str) -> Self {
        match dimension {
            "panel" => Role::Panel,
            TIME => Role::Time,
            "x" | "x_interface" | "lon" | "longitude" => Role::X,
            "y" | "y_interface" | "lat" | "latitude" => Role::Y,
            "height" | "plev" | "isobaric" => Role::Level,
            name if ["z", "lev", "pressure"].iter().any(|start| name.starts_with(start)) => Role::Level,
            _ => Role::Other,
        }
    }

    /// Name of an index along it.
    fn index_name(self) -> &'static str {
        match self {
            Role::Panel => "panel",
            Role::Level => "level",
            Role::Y => "j",
            Role::X => "i",
            Role::Time => "record",
            Role::Other => "index",
        }
    }

    /// Name of the option that chooses along it.
    fn name(self) -> &'static str {
        match self {
            Role::Panel => "panel",
            Role::Level => "level",
            Role::Y => "y",
            Role::X => "x",
            Role::Time => "time",
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

impl Direction {
    fn is_latitude(&self) -> bool {
        self.role == Role::Y && (self.unit == DEGREES_NORTH || self.name.starts_with("lat"))
    }

    fn is_longitude(&self) -> bool {
        self.role == Role::X && (self.unit == DEGREES_EAST || self.name.starts_with("lon"))
    }

    /// Whether it is a pressure, which increases downwards.
    fn is_pressure(&self) -> bool {
        self.role == Role::Level && ["Pa", "hPa", "mbar", "millibars"].contains(&self.unit.as_str())
    }

    /// Where an index is, for people.
    fn place(&self, chosen: usize) -> String {
        let centre = self.centres[chosen];
        let value = match self.unit.as_str() {
            "m" => human::length(centre),
            "Pa" if self.is_pressure() => format!("{} hPa", human::significant(0.01 * centre, 5)),
            _ if self.is_latitude() => ticks::latitude(centre),
            _ if self.is_longitude() => ticks::longitude(centre),
            unit => format!("{} {unit}", human::significant(centre, 5)).trim_end().to_owned(),
        };
        let letter = match self.role {
            Role::Level if self.is_pressure() => "p",
            Role::Level => "z",
            _ => &self.name,
        };
        format!("{letter} = {value} ({} {chosen})", self.role.index_name())
    }
}

/// A dimension with its coordinate from the file, or else indices.
fn direction(file: &File, name: &str, length: usize) -> Result<Direction> {
    let coordinate = file.variables().iter().find(|found| found.name == name && found.is_coordinate());
    let (unit, centres) = match coordinate {
        Some(found) => (found.unit.clone(), file.read(name)?.into_iter().collect()),
        None => (String::new(), (0..length).map(|n| n as f64).collect()),
    };
    // Of `seconds since 2000-01-01` the axis shows the seconds.
    let unit = if unit.starts_with("seconds") { "s".into() } else { unit };
    Ok(Direction { name: name.into(), role: Role::of(name), unit, centres })
}

/// Values with the dimensions that are left.
pub(super) struct Slab<'a> {
    file: &'a File,
    variable: &'a VariableInfo,
    values: ArrayD<f64>,
    dimensions: Vec<Direction>,
    /// The indices that were chosen along directions that are gone.
    fixed: Vec<(Role, usize)>,
    /// Whether the values are means over longitude.
    is_zonal_mean: bool,
}

impl<'a> Slab<'a> {
    /// All of a record, with the coordinates from the file or else indices.
    pub(super) fn new(file: &'a File, variable: &'a VariableInfo, values: ArrayD<f64>) -> Result<Self> {
        let own = variable.dimensions.iter().filter(|(name, _)| name != TIME);
        let dimensions = own.map(|(name, length)| direction(file, name, *length)).collect::<Result<_>>()?;
        Slab::of_directions(file, variable, values, dimensions)
    }

    /// All records, with time as a direction.
    pub(super) fn of_all_times(file: &'a File, variable: &'a VariableInfo) -> Result<Self> {
        let all = variable.dimensions.iter();
        let dimensions = all.map(|(name, length)| direction(file, name, *length)).collect::<Result<_>>()?;
        Slab::of_directions(file, variable, file.read(&variable.name)?, dimensions)
    }

    fn of_directions(
        file: &'a File,
        variable: &'a VariableInfo,
        values: ArrayD<f64>,
        dimensions: Vec<Direction>,
    ) -> Result<Self> {
        // Latitudes without longitudes: the file has averaged over these.
        let is_zonal_mean =
            dimensions.iter().any(Direction::is_latitude) && dimensions.iter().all(|d| d.role != Role::X);
        Ok(Slab { file, variable, values, dimensions, fixed: Vec::new(), is_zonal_mean })
    }

    /// Fixes the index along the direction of that role, if one was given.
    pub(super) fn choose(&mut self, role: Role, given: Option<i64>, notes: &mut Vec<String>) -> Result<()> {
        let Some(given) = given else { return Ok(()) };
        let Some(at) = self.dimensions.iter().position(|direction| direction.role == role) else {
            return Err(self.unfit(&format!("--{} does not apply", role.name())));
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
        notes.push(match direction.role {
            Role::Panel => format!("panel {chosen}"),
            _ => direction.place(chosen),
        });
    }

    /// Whether a direction of that role is left.
    pub(super) fn has(&self, role: Role) -> bool {
        self.dimensions.iter().any(|direction| direction.role == role)
    }

    /// Whether the values are means over longitude.
    pub(super) fn is_zonal_mean(&self) -> bool {
        self.is_zonal_mean
    }

    /// Whether the globe is left: all panels, or latitudes and longitudes.
    pub(super) fn is_global(&self) -> bool {
        let has = |is: fn(&Direction) -> bool| self.dimensions.iter().any(is);
        self.has(Role::Panel) || (has(Direction::is_latitude) && has(Direction::is_longitude))
    }

    /// Fixes the middle level, where there are levels.
    pub(super) fn choose_middle_level(&mut self, notes: &mut Vec<String>) {
        let Some(at) = self.dimensions.iter().position(|direction| direction.role == Role::Level) else {
            return;
        };
        match self.dimensions[at].centres.len() {
            0 | 1 => drop(self.remove(at, 0)),
            levels => self.fix(at, levels / 2, notes),
        }
    }

    /// Averages over longitude; values that are missing do not count.
    pub(super) fn average_longitudes(&mut self, notes: &mut Vec<String>) -> Result<()> {
        let Some(at) = self.dimensions.iter().position(Direction::is_longitude) else {
            if self.is_zonal_mean {
                return Ok(());
            }
            return Err(self.unfit("a zonal mean needs longitudes"));
        };
        self.values = self.values.map_axis(Dimension(at), |circle| {
            let known = || circle.iter().filter(|value| !value.is_nan());
            known().sum::<f64>() / known().count() as f64
        });
        self.dimensions.remove(at);
        self.is_zonal_mean = true;
        notes.push("zonal mean".into());
        Ok(())
    }

    /// The map of the globe that is left, at one level.
    pub(super) fn globe(self, subtitle: String) -> Result<Picture> {
        let field = match &self.dimensions[..] {
            [panel, rows, columns]
                if [panel.role, rows.role, columns.role] == [Role::Panel, Role::Y, Role::X] =>
            {
                Field::Panels(self.panels()?)
            }
            [rows, columns] if rows.is_latitude() && columns.is_longitude() => {
                let values = self.values.clone().into_dimensionality::<Ix2>();
                let values = values.map_err(|cause| Error::Internal(cause.to_string()))?;
                Field::Regular(Regular::new(values, rows.centres.clone(), columns.centres.clone())?)
            }
            _ => return Err(self.no_map()),
        };
        Ok(Picture::Globe(Globe {
            title: title(self.variable),
            subtitle,
            unit: self.variable.unit.clone(),
            is_deviation: self.is_deviation(),
            field,
        }))
    }

    /// The six panels with the coordinates of their cells.
    fn panels(&self) -> Result<Panels> {
        let name = &self.variable.name;
        let coordinate = |wanted: &str| {
            let found = self.file.variables().iter().find(|found| found.name == wanted);
            let Some(_) = found.filter(|found| found.shape() == self.values.shape()) else {
                return Err(Error::Usage(format!(
                    "a map of `{name}` needs the variable {wanted}(panel, y, x) in the file; \
                     --panel P shows one panel without it"
                )));
            };
            self.file.read(wanted)
        };
        let values = self.values.clone().into_dimensionality::<Ix3>();
        let values = values.map_err(|cause| Error::Internal(cause.to_string()))?;
        Panels::new(values, &coordinate("lat")?, &coordinate("lon")?)
    }

    /// That there is no map of this.
    pub(super) fn no_map(&self) -> Error {
        self.unfit("a map of the globe needs (panel, y, x) or (lat, lon)")
    }

    /// What is needed beside what is left.
    fn unfit(&self, need: &str) -> Error {
        let names: Vec<&str> = self.dimensions.iter().map(|direction| direction.name.as_str()).collect();
        let left = if names.is_empty() {
            "no directions".into()
        } else {
            format!("the directions {}", names.join(", "))
        };
        Error::Usage(format!("{need}: `{}` has {left}", self.variable.name))
    }

    /// Whether the values are deviations.
    fn is_deviation(&self) -> bool {
        let VariableInfo { name, long_name, .. } = self.variable;
        name.ends_with("perturbation") || name.ends_with("deviation") || long_name.contains(" minus ")
    }

    /// Drops the directions that have a single cell.
    pub(super) fn drop_single_cells(&mut self) {
        while let Some(at) = self.dimensions.iter().position(|direction| direction.centres.len() == 1) {
            self.remove(at, 0);
        }
    }

    fn remove(&mut self, at: usize, chosen: usize) -> Direction {
        self.values.index_axis_inplace(Dimension(at), chosen);
        let direction = self.dimensions.remove(at);
        self.fixed.push((direction.role, chosen));
        direction
    }

    /// The picture of all times and the one direction that is left besides: heights upwards over time, or time
    /// upwards over x or y.
    pub(super) fn time_section(mut self, subtitle: String) -> Result<Picture> {
        let names = || self.dimensions.iter().map(|direction| direction.name.as_str()).collect::<Vec<_>>();
        if self.dimensions.len() != 2 {
            return Err(Error::Usage(format!(
                "over time one direction can be shown: choose among {} by --level, --y or --x",
                names().join(", ")
            )));
        }
        if self.dimensions[1].role == Role::Level {
            self.values.swap_axes(0, 1);
            self.dimensions.swap(0, 1);
        }
        self.picture(subtitle)
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
                axis.centres.iter_mut().for_each(|centres| centres.reverse());
                values.invert_axis(Dimension(dimension));
            }
        }
        Ok(Picture::Section(Section {
            title: title(self.variable),
            subtitle,
            unit: self.variable.unit.clone(),
            values,
            x,
            y,
            heights: self.heights(rows, columns)?,
            is_map: [rows, columns].iter().all(|side| ![Role::Level, Role::Time].contains(&side.role)),
            is_deviation: self.is_deviation(),
            is_zonal_mean: self.is_zonal_mean,
        }))
    }

    /// Heights of the edges of the cells in every column of a vertical section, or at every time of one column, where
    /// the file has them.
    fn heights(&self, rows: &Direction, columns: &Direction) -> Result<Option<Array2<f64>>> {
        if ![Role::X, Role::Y, Role::Time].contains(&columns.role) {
            return Ok(None);
        }
        let named = |name: &str| self.file.variables().iter().find(|found| found.name == name);
        let (Some(centres), Some(interfaces)) = (named(HEIGHT), named(INTERFACE_HEIGHT)) else {
            return Ok(None);
        };
        let chosen = |role: Role| self.fixed.iter().find(|(of, _)| *of == role).map_or(0, |(_, at)| *at);
        let section = |variable: &VariableInfo| -> Result<Array2<f64>> {
            let mut values = self.file.read(&variable.name)?;
            if values.ndim() == 4 {
                values.index_axis_inplace(Dimension(0), chosen(Role::Panel));
            }
            let values = values.into_dimensionality::<Ix3>();
            let values = values.map_err(|cause| Error::Internal(cause.to_string()))?;
            Ok(match columns.role {
                Role::X => values.index_axis(Dimension(1), chosen(Role::Y)).to_owned(),
                Role::Y => values.index_axis(Dimension(2), chosen(Role::X)).to_owned(),
                _ => {
                    let column = values.slice(s![.., chosen(Role::Y), chosen(Role::X)]);
                    let shape = [column.len(), columns.centres.len()];
                    Array2::from_shape_fn(shape, |(level, _)| column[level])
                }
            })
        };
        let interfaces = section(interfaces)?;
        Ok(match rows.name.as_str() {
            "z" => Some(interfaces),
            "z_interface" => {
                let last = interfaces.dim().0 - 1;
                let outer = |row: usize| interfaces.slice(s![row..row + 1, ..]);
                let centres = section(centres)?;
                let edges = concatenate(Dimension(0), &[outer(0), centres.view(), outer(last)]);
                Some(edges.map_err(|cause| Error::Internal(cause.to_string()))?)
            }
            _ => None,
        })
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
        if direction.is_pressure() && centres.iter().all(|&pressure| pressure > 0.0) {
            // Half way in the logarithm, so that all edges are positive.
            let logarithms: Vec<f64> = centres.iter().map(|pressure| pressure.ln()).collect();
            let edges = edges_between(&logarithms).into_iter().map(f64::exp).collect();
            return Ok(Axis { centres: Some(centres.clone()), ..axis(direction, edges) });
        }
        Ok(axis(direction, edges_between(centres)))
    }
}

/// An axis with a short label.
fn axis(direction: &Direction, positions: Vec<f64>) -> Axis {
    let label = match (direction.role, direction.unit.as_str()) {
        (Role::Level, "m") => "height",
        _ if direction.is_pressure() => "pressure",
        _ if direction.is_latitude() => "latitude",
        _ if direction.is_longitude() => "longitude",
        _ => &direction.name,
    };
    Axis {
        label: label.into(),
        unit: direction.unit.clone(),
        positions,
        centres: None,
        is_downward: direction.is_pressure(),
    }
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
