//! The one table of configuration keys. Help, `gale keys` and the checks derive from it.

use super::quantity::Dimension;
use super::report::WRITES;
use std::fmt::Write;

/// The sections and what they hold.
pub const SECTIONS: &[(&str, &str)] = &[
    ("case", "the initial state and its parameters (gale cases NAME lists those of a case)"),
    ("grid", "a box of nx x ny cells or the globe; the levels by one of dz_m, top_m or interfaces_m"),
    ("time", "how long, in which steps, from which date"),
    ("dynamics", "the equations, their numerics and constants"),
    ("boundary", "the sides and the top of the box"),
    ("physics", "processes besides the dynamics"),
    ("turbulence", "mixing by eddies below the grid, in a box"),
    ("surface", "what the ground gives to the air, with turbulence"),
    ("forcing", "what the large scales do to the air of a box, by height"),
    ("output", "what is written, where and when"),
    ("checkpoint", "states from which a run can be resumed"),
    ("parallel", "tiles and threads; results do not depend on them"),
];

/// The values that a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Integer,
    Number(Dimension),
    /// Several numbers.
    Numbers(Dimension),
    /// One of these names.
    Choice(&'static [&'static str]),
    /// A name that another table lists.
    Name,
    Names,
    Path,
    /// `YYYY-MM-DD hh:mm:ss`
    Date,
    /// `[i, j]`, two positive integers.
    Tile,
}

/// The range of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    Any,
    Above(f64),
    AtLeast(f64),
    /// Both ends included.
    Within(f64, f64),
    /// The lower end excluded, the upper included.
    AboveUpTo(f64, f64),
}

impl Bounds {
    /// Whether `value` lies inside.
    pub fn contain(self, value: f64) -> bool {
        match self {
            Bounds::Any => true,
            Bounds::Above(low) => value > low,
            Bounds::AtLeast(low) => value >= low,
            Bounds::Within(low, high) => (low..=high).contains(&value),
            Bounds::AboveUpTo(low, high) => value > low && value <= high,
        }
    }

    /// The range in words; empty for no bounds.
    pub fn text(self) -> String {
        match self {
            Bounds::Any => String::new(),
            Bounds::Above(low) => format!("> {}", tidy(low)),
            Bounds::AtLeast(low) => format!(">= {}", tidy(low)),
            Bounds::Within(low, high) => format!("{} to {}", tidy(low), tidy(high)),
            Bounds::AboveUpTo(low, high) => format!("> {}, <= {}", tidy(low), tidy(high)),
        }
    }
}

/// A bound without long rows of zeros.
fn tidy(value: f64) -> String {
    let plain = value == 0.0 || (1e-3..1e5).contains(&value.abs());
    if plain { format!("{value}") } else { format!("{value:e}") }
}

/// The value of a key that is not written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DefaultValue {
    /// There is none: the key must be written.
    Required,
    /// There is none, and it may be absent.
    Absent,
    /// This TOML value.
    Value(&'static str),
    /// It follows from other keys, as these words say.
    Derived(&'static str),
}

/// A configuration key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    pub section: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    /// A word that may stand in place of the value, such as `auto`.
    pub word: Option<&'static str>,
    pub bounds: Bounds,
    pub default: DefaultValue,
    /// The geometry on which it has a meaning, if not on all.
    pub geometry: Option<&'static str>,
    pub doc: &'static str,
}

impl Key {
    const fn new(
        section: &'static str,
        name: &'static str,
        kind: Kind,
        default: DefaultValue,
        doc: &'static str,
    ) -> Key {
        Key { section, name, kind, word: None, bounds: Bounds::Any, default, geometry: None, doc }
    }
    const fn bounded(self, bounds: Bounds) -> Key {
        Key { bounds, ..self }
    }
    const fn on(self, geometry: &'static str) -> Key {
        Key { geometry: Some(geometry), ..self }
    }
    const fn or(self, word: &'static str) -> Key {
        Key { word: Some(word), ..self }
    }

    /// `section.key`
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The unit of its numbers; empty for keys that take none.
    pub fn unit(&self) -> &'static str {
        match self.kind {
            Kind::Number(dimension) | Kind::Numbers(dimension) => dimension.si_unit(),
            _ => "",
        }
    }

    /// The default in words.
    pub fn default_text(&self) -> &'static str {
        match self.default {
            DefaultValue::Required => "required",
            DefaultValue::Absent => "none",
            DefaultValue::Value(text) | DefaultValue::Derived(text) => text,
        }
    }

    /// What may be written, in words.
    pub fn allowed(&self) -> String {
        let mut text = match self.kind {
            Kind::Integer => format!("whole number {}", self.bounds.text()),
            Kind::Number(_) => format!("number {}", self.bounds.text()),
            Kind::Numbers(_) => format!("[numbers {}]", self.bounds.text()),
            Kind::Choice(names) => names.join(" | "),
            Kind::Name => "name".into(),
            Kind::Names => "[names]".into(),
            Kind::Path => "path".into(),
            Kind::Date => "YYYY-MM-DD hh:mm:ss".into(),
            Kind::Tile => "[i, j], whole numbers >= 1".into(),
        };
        text = text.trim_end().replace(" ]", "]");
        if let Some(word) = self.word {
            write!(text, " | {word}").expect(WRITES);
        }
        text
    }
}

const LENGTH: Kind = Kind::Number(Dimension::Length);
const SPEED: Kind = Kind::Number(Dimension::Speed);
const TIME: Kind = Kind::Number(Dimension::Time);
const RATE: Kind = Kind::Number(Dimension::Rate);
const PLAIN: Kind = Kind::Number(Dimension::Plain);
const DIFFUSIVITY: Kind = Kind::Number(Dimension::Diffusivity);
const HEAT_CAPACITY: Kind = Kind::Number(Dimension::HeatCapacity);
const POSITIVE: Bounds = Bounds::Above(0.0);
const NOT_NEGATIVE: Bounds = Bounds::AtLeast(0.0);
const AT_LEAST_ONE: Bounds = Bounds::AtLeast(1.0);
/// Intervals are counted in microseconds.
const INTERVAL: Bounds = Bounds::AtLeast(1e-6);
/// Cells along x or y: far beyond any machine, and their product still fits.
const CELLS: Bounds = Bounds::Within(1.0, 1e7);
const PRECISIONS: Kind = Kind::Choice(&["single", "double"]);
const LATERAL: Kind = Kind::Choice(&["periodic", "wall", "open"]);

use DefaultValue::{Absent, Derived, Required, Value};

/// All keys, in the order in which they are listed and written.
pub const KEYS: &[Key] = &[
    Key::new("case", "name", Kind::Name, Required, "a built-in case (gale cases lists them)"),
    Key::new(
        "case",
        "sounding",
        Kind::Path,
        Absent,
        "of the case sounding: a file of the form input_sounding, relative to the configuration",
    ),
    Key::new(
        "grid",
        "geometry",
        Kind::Choice(&["plane", "sphere"]),
        Value("\"plane\""),
        "a box, or the globe as a cubed sphere",
    ),
    Key::new("grid", "nx", Kind::Integer, Derived("required on the plane"), "cells along x")
        .bounded(CELLS)
        .on("plane"),
    Key::new("grid", "ny", Kind::Integer, Value("1"), "cells along y; 1: there is no y direction")
        .bounded(CELLS)
        .on("plane"),
    Key::new(
        "grid",
        "nz",
        Kind::Integer,
        Derived("from interfaces_m"),
        "levels; required with dz_m or top_m",
    )
    .bounded(Bounds::Within(1.0, 1e4)),
    Key::new("grid", "dx_m", LENGTH, Derived("required on the plane"), "cell size along x")
        .bounded(POSITIVE)
        .on("plane"),
    Key::new("grid", "dy_m", LENGTH, Derived("= dx_m"), "cell size along y").bounded(POSITIVE).on("plane"),
    Key::new("grid", "x_min_m", LENGTH, Value("0.0"), "x of the western edge").on("plane"),
    Key::new("grid", "y_min_m", LENGTH, Value("0.0"), "y of the southern edge").on("plane"),
    Key::new(
        "grid",
        "cells_per_edge",
        Kind::Integer,
        Derived("required on the sphere"),
        "cells along the edge of each of the six panels",
    )
    .bounded(Bounds::Within(8.0, 1e5))
    .on("sphere"),
    Key::new("grid", "radius_m", LENGTH, Value("6.37122e6"), "radius of the planet")
        .bounded(POSITIVE)
        .on("sphere"),
    Key::new(
        "grid",
        "tilt_deg",
        PLAIN,
        Value("0.0"),
        "angle by which the grid on the sphere is turned against the geographic axes",
    )
    .bounded(Bounds::Within(-180.0, 180.0))
    .on("sphere"),
    Key::new("grid", "dz_m", LENGTH, Absent, "thickness of equal levels").bounded(POSITIVE),
    Key::new("grid", "top_m", LENGTH, Absent, "height of the lid, for stretched levels").bounded(POSITIVE),
    Key::new(
        "grid",
        "stretching",
        PLAIN,
        Derived("0"),
        "with top_m: 0 equal levels, larger thinner at the ground",
    )
    .bounded(NOT_NEGATIVE),
    Key::new(
        "grid",
        "interfaces_m",
        Kind::Numbers(Dimension::Length),
        Absent,
        "nz + 1 level interfaces from 0 up",
    )
    .bounded(NOT_NEGATIVE),
    Key::new("time", "end_s", TIME, Required, "simulated time at which the run ends")
        .bounded(Bounds::Within(1e-6, 1e12)),
    Key::new("time", "step_s", TIME, Value("\"auto\""), "time step; auto: from the fastest wave and wind")
        .bounded(INTERVAL)
        .or("auto"),
    Key::new("time", "courant", PLAIN, Value("0.9"), "auto step as a fraction of the largest stable one")
        .bounded(Bounds::AboveUpTo(0.0, 1.0)),
    Key::new("time", "longest_step_s", TIME, Value("\"unlimited\""), "upper limit of an auto step")
        .bounded(INTERVAL)
        .or("unlimited"),
    Key::new(
        "time",
        "start_date",
        Kind::Date,
        Value("\"2000-01-01 00:00:00\""),
        "the date of time 0; calendar = \"none\" leaves it aside",
    ),
    Key::new(
        "time",
        "calendar",
        Kind::Choice(super::date::CALENDARS),
        Value("\"proleptic_gregorian\""),
        "CF calendar; none: files count the seconds without dates",
    ),
    Key::new(
        "dynamics",
        "integrator",
        Kind::Choice(&["ws3g", "o5g"]),
        Value("\"ws3g\""),
        "3 stages, or 5 with twice the step",
    ),
    Key::new("dynamics", "precision", PRECISIONS, Value("\"double\""), "floating-point type of the state"),
    Key::new(
        "dynamics",
        "sound_damping",
        PLAIN,
        Value("0.1"),
        "weight of the velocity jump in the face pressure",
    )
    .bounded(Bounds::Within(0.0, 1.0)),
    Key::new(
        "dynamics",
        "coriolis_per_s",
        RATE,
        Value("0.0"),
        "Coriolis parameter f, constant, on the plane",
    )
    .on("plane"),
    Key::new(
        "dynamics",
        "rotation_per_s",
        RATE,
        Value("7.292e-5"),
        "rotation rate of the planet, on the sphere",
    )
    .on("sphere"),
    Key::new("dynamics", "viscosity_m2_per_s", DIFFUSIVITY, Value("0.0"), "constant kinematic viscosity")
        .bounded(NOT_NEGATIVE)
        .on("plane"),
    Key::new(
        "dynamics",
        "diffusivity_m2_per_s",
        DIFFUSIVITY,
        Derived("= viscosity_m2_per_s"),
        "of heat and tracers",
    )
    .bounded(NOT_NEGATIVE)
    .on("plane"),
    Key::new(
        "dynamics",
        "gravity_m_per_s2",
        Kind::Number(Dimension::Acceleration),
        Value("9.81"),
        "acceleration of gravity",
    )
    .bounded(POSITIVE),
    Key::new("dynamics", "gas_constant_j_per_kg_k", HEAT_CAPACITY, Value("287.0"), "gas constant of dry air")
        .bounded(POSITIVE),
    Key::new(
        "dynamics",
        "heat_capacity_j_per_kg_k",
        HEAT_CAPACITY,
        Value("1004.0"),
        "cp of dry air, above the gas constant",
    )
    .bounded(POSITIVE),
    Key::new("dynamics", "tracers", Kind::Names, Value("[]"), "passive tracers, each a named initial shape"),
    Key::new(
        "dynamics",
        "tracer_limiter",
        Kind::Choice(&["none", "positive"]),
        Value("\"positive\""),
        "what keeps tracers in bounds",
    ),
    Key::new(
        "boundary",
        "x",
        LATERAL,
        Value("\"periodic\""),
        "western and eastern side; wall: rigid, free-slip; open: waves and air leave",
    )
    .on("plane"),
    Key::new("boundary", "y", LATERAL, Value("\"periodic\""), "southern and northern side").on("plane"),
    Key::new(
        "boundary",
        "phase_speed_m_per_s",
        Kind::Number(Dimension::Speed),
        Derived("30.0"),
        "phase speed of the gravity waves that open sides let out",
    )
    .bounded(NOT_NEGATIVE)
    .on("plane"),
    Key::new(
        "boundary",
        "inflow_length_m",
        LENGTH,
        Derived("30000.0"),
        "distance outside open sides over which entering air becomes the reference state",
    )
    .bounded(NOT_NEGATIVE)
    .on("plane"),
    Key::new(
        "boundary",
        "relaxation_width_m",
        LENGTH,
        Absent,
        "width of the zone along open sides and walls where the air relaxes to the reference state",
    )
    .bounded(POSITIVE)
    .on("plane"),
    Key::new("boundary", "relaxation_s", TIME, Absent, "relaxation time at the side, longer further inside")
        .bounded(POSITIVE)
        .on("plane"),
    Key::new("boundary", "sponge_base_m", LENGTH, Absent, "height at which the damping below the lid begins")
        .bounded(NOT_NEGATIVE),
    Key::new("boundary", "sponge_rate_per_s", RATE, Absent, "damping rate at the lid").bounded(POSITIVE),
    Key::new(
        "boundary",
        "sponge_w_rate_per_s",
        RATE,
        Derived("= sponge_rate_per_s"),
        "damping rate of the vertical wind at the lid",
    )
    .bounded(POSITIVE),
    Key::new(
        "physics",
        "processes",
        Kind::Names,
        Derived("those that belong to the case"),
        "processes after the dynamics of every step, in their order: held_suarez; in boxes kessler, saturation",
    ),
    Key::new(
        "turbulence",
        "scheme",
        Kind::Choice(&["none", "smagorinsky", "tke"]),
        Value("\"none\""),
        "eddy viscosity: from the strain (Smagorinsky and Lilly), or from the energy of the eddies (Deardorff)",
    )
    .on("plane"),
    Key::new("turbulence", "smagorinsky_constant", PLAIN, Derived("0.18"), "c_s: mixing length over cell size")
        .bounded(Bounds::Within(0.0, 1.0))
        .on("plane"),
    Key::new("turbulence", "prandtl_number", PLAIN, Derived("1/3"), "eddy viscosity over eddy diffusivity")
        .bounded(Bounds::Within(0.1, 10.0))
        .on("plane"),
    Key::new("turbulence", "energy_constant", PLAIN, Derived("0.1"), "c_k: K over length and speed of the eddies")
        .bounded(Bounds::AboveUpTo(0.0, 1.0))
        .on("plane"),
    Key::new(
        "surface",
        "momentum",
        Kind::Choice(&["free_slip", "drag", "log_law", "monin_obukhov", "friction_velocity"]),
        Value("\"free_slip\""),
        "how the ground brakes the wind",
    )
    .on("plane"),
    Key::new("surface", "drag_coefficient", PLAIN, Absent, "stress over density and squared wind, of drag")
        .bounded(Bounds::Within(0.0, 0.1))
        .on("plane"),
    Key::new("surface", "roughness_m", LENGTH, Absent, "roughness length of log_law and monin_obukhov")
        .bounded(Bounds::AboveUpTo(0.0, 10.0))
        .on("plane"),
    Key::new("surface", "friction_velocity_m_per_s", SPEED, Absent, "u* of friction_velocity")
        .bounded(Bounds::Within(0.0, 5.0))
        .on("plane"),
    Key::new(
        "surface",
        "heat",
        Kind::Choice(&["none", "flux", "bulk"]),
        Value("\"none\""),
        "how the ground heats the air",
    )
    .on("plane"),
    Key::new("surface", "heat_flux_k_m_per_s", PLAIN, Absent, "kinematic heat flux <w'theta'> in K m/s, of flux")
        .bounded(Bounds::Within(-2.0, 2.0))
        .on("plane"),
    Key::new(
        "surface",
        "theta_k",
        Kind::Number(Dimension::Temperature),
        Absent,
        "potential temperature of the ground, of bulk",
    )
    .bounded(Bounds::Within(100.0, 1000.0))
    .on("plane"),
    Key::new("surface", "exchange_coefficient", PLAIN, Absent, "heat flux over wind and difference of theta, of bulk")
        .bounded(Bounds::Within(0.0, 0.1))
        .on("plane"),
    Key::new(
        "surface",
        "vapour_flux_m_per_s",
        SPEED,
        Absent,
        "kinematic flux <w'q'> of vapour, with water",
    )
    .bounded(Bounds::Within(-1e-2, 1e-2))
    .on("plane"),
    Key::new("forcing", "heights_m", Kind::Numbers(Dimension::Length), Absent, "heights of the profiles below")
        .bounded(NOT_NEGATIVE)
        .on("plane"),
    Key::new(
        "forcing",
        "subsidence_m_per_s",
        Kind::Numbers(Dimension::Speed),
        Absent,
        "vertical wind of the large scale at these heights, 0 or less",
    )
    .bounded(Bounds::Within(-1.0, 0.0))
    .on("plane"),
    Key::new("forcing", "heating_k_per_s", Kind::Numbers(Dimension::Plain), Absent, "heating at these heights")
        .bounded(Bounds::Within(-0.1, 0.1))
        .on("plane"),
    Key::new(
        "forcing",
        "moistening_per_s",
        Kind::Numbers(Dimension::Rate),
        Absent,
        "growth of the fraction of vapour at these heights",
    )
    .bounded(Bounds::Within(-1e-3, 1e-3))
    .on("plane"),
    Key::new("output", "directory", Kind::Path, Derived("runs/<case.name>"), "the run's folder"),
    Key::new("output", "every_s", TIME, Derived("= time.end_s"), "interval of snapshots (also at time 0)")
        .bounded(INTERVAL)
        .or("never"),
    Key::new(
        "output",
        "variables",
        Kind::Names,
        Derived("u, v, w, theta_perturbation, pressure_perturbation; of shallow water depth, u, v"),
        "variables of a snapshot",
    ),
    Key::new("output", "precision", PRECISIONS, Value("\"single\""), "floating-point type in files"),
    Key::new("output", "compression", Kind::Integer, Value("0"), "deflate level; 0 is fastest")
        .bounded(Bounds::Within(0.0, 9.0)),
    Key::new(
        "output",
        "files",
        Kind::Choice(&["one", "many"]),
        Value("\"one\""),
        "one growing file, or one a snapshot",
    ),
    Key::new("output", "series_every_s", TIME, Derived("= every_s"), "interval of the scalar series")
        .bounded(INTERVAL)
        .or("never"),
    Key::new(
        "output",
        "statistics_every_s",
        TIME,
        Value("\"never\""),
        "interval of horizontal means, variances and vertical fluxes in statistics.h5",
    )
    .bounded(INTERVAL)
    .or("never")
    .on("plane"),
    Key::new(
        "output",
        "section_x_m",
        Kind::Numbers(Dimension::Length),
        Absent,
        "x of vertical sections along y, written to section_x_1.h5 and so on",
    )
    .on("plane"),
    Key::new(
        "output",
        "section_y_m",
        Kind::Numbers(Dimension::Length),
        Absent,
        "y of vertical sections along x, written to section_y_1.h5 and so on",
    )
    .on("plane"),
    Key::new(
        "output",
        "section_z_m",
        Kind::Numbers(Dimension::Length),
        Absent,
        "heights of horizontal sections (nearest level), written to section_z_1.h5 and so on",
    )
    .on("plane"),
    Key::new("output", "section_every_s", TIME, Derived("= every_s"), "interval of the sections")
        .bounded(INTERVAL)
        .on("plane"),
    Key::new("output", "section_variables", Kind::Names, Derived("= variables"), "variables of the sections")
        .on("plane"),
    Key::new(
        "output",
        "column_x_m",
        Kind::Numbers(Dimension::Length),
        Absent,
        "x of single columns, written to column_1.h5 and so on",
    )
    .on("plane"),
    Key::new(
        "output",
        "column_y_m",
        Kind::Numbers(Dimension::Length),
        Derived("the middle"),
        "y of the single columns, one for each x",
    )
    .on("plane"),
    Key::new("output", "column_every_s", TIME, Derived("= every_s"), "interval of the columns")
        .bounded(INTERVAL)
        .on("plane"),
    Key::new("output", "column_variables", Kind::Names, Derived("= variables"), "variables of the columns")
        .on("plane"),
    Key::new(
        "output",
        "profile_variables",
        Kind::Names,
        Absent,
        "variables whose horizontal means are written to profiles.h5",
    )
    .on("plane"),
    Key::new("output", "profile_every_s", TIME, Derived("= every_s"), "interval of the profiles")
        .bounded(INTERVAL)
        .on("plane"),
    Key::new(
        "output",
        "latlon_deg",
        PLAIN,
        Absent,
        "spacing of a latitude-longitude grid; with it latlon.h5 is written",
    )
    .bounded(Bounds::Within(0.01, 90.0))
    .on("sphere"),
    Key::new("output", "latlon_every_s", TIME, Derived("= every_s"), "interval of the records in latlon.h5")
        .bounded(INTERVAL)
        .or("never")
        .on("sphere"),
    Key::new(
        "output",
        "pressure_levels_pa",
        Kind::Numbers(Dimension::Pressure),
        Absent,
        "levels of the latitude-longitude grid, in place of the model's",
    )
    .bounded(POSITIVE)
    .on("sphere"),
    Key::new(
        "output",
        "zonal_means",
        Kind::Choice(&["no", "yes"]),
        Value("\"no\""),
        "also write means over the longitudes",
    )
    .on("sphere"),
    Key::new(
        "output",
        "means_from_s",
        TIME,
        Absent,
        "time from which means.h5 averages, to the end, on the latitude-longitude grid",
    )
    .bounded(NOT_NEGATIVE)
    .on("sphere"),
    Key::new("output", "means_every_s", TIME, Value("21600.0"), "interval of the samples of the means")
        .bounded(INTERVAL)
        .on("sphere"),
    Key::new(
        "checkpoint",
        "every_s",
        TIME,
        Value("\"never\""),
        "interval of checkpoints; never: only when stopped early",
    )
    .bounded(INTERVAL)
    .or("never"),
    Key::new("checkpoint", "keep", Kind::Integer, Value("2"), "how many checkpoints to keep")
        .bounded(AT_LEAST_ONE),
    Key::new(
        "checkpoint",
        "stop_after_s",
        TIME,
        Value("\"never\""),
        "wall-clock time by which the run has stopped with a checkpoint (exit status 85); a Slurm job's end counts too",
    )
    .bounded(INTERVAL)
    .or("never"),
    Key::new("parallel", "tile", Kind::Tile, Value("\"auto\""), "largest tile in cells along x and y")
        .or("auto"),
    Key::new(
        "parallel",
        "threads",
        Kind::Integer,
        Value("\"auto\""),
        "threads a rank; auto: all cores it may use",
    )
    .bounded(AT_LEAST_ONE)
    .or("auto"),
];

/// The keys of a section.
pub fn of_section(section: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.section == section)
}

/// The key of that section and name, if there is one.
pub fn find(section: &str, name: &str) -> Option<&'static Key> {
    of_section(section).find(|key| key.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_listed_once_in_a_section_that_exists() {
        for (index, key) in KEYS.iter().enumerate() {
            assert!(SECTIONS.iter().any(|(name, _)| *name == key.section), "{}", key.path());
            assert!(KEYS[..index].iter().all(|other| other.path() != key.path()), "{}", key.path());
            assert!(!key.doc.is_empty());
        }
    }

    #[test]
    fn the_name_says_the_unit() {
        for key in KEYS {
            let suffix = match key.kind {
                Kind::Number(Dimension::Time) => "_s",
                Kind::Number(Dimension::Length) | Kind::Numbers(Dimension::Length) => "_m",
                Kind::Number(Dimension::Rate) => "_per_s",
                Kind::Number(Dimension::Speed) => "_m_per_s",
                Kind::Number(Dimension::Diffusivity) => "_m2_per_s",
                Kind::Number(Dimension::Acceleration) => "_m_per_s2",
                Kind::Number(Dimension::HeatCapacity) => "_j_per_kg_k",
                Kind::Numbers(Dimension::Pressure) => "_pa",
                _ => "",
            };
            assert!(key.name.ends_with(suffix), "{}", key.path());
        }
    }
}
