//! All keys, section by section.

use super::{Bounds, DefaultValue, Dimension, Key, Kind};
use DefaultValue::{Absent, Derived, Required, Value};

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

/// All keys, in the order in which they are listed and written.
pub const KEYS: &[Key] = &[
    Key::new("case", "name", Kind::Name, Required, "a built-in case, such as \"warm_bubble\" (gale cases lists them)"),
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
    Key::new(
        "terrain",
        "shape",
        Kind::Choice(&["none", "bell", "schaer", "ridge", "hill", "file", "case"]),
        Derived("case where the case has a ground of its own, else none"),
        "flat ground, a bell along y, several ridges under a bell, a ridge of straight slopes, a hill, heights from a file, or those of the case",
    ),
    Key::new("terrain", "height_m", LENGTH, Absent, "height of the top, of analytic shapes")
        .bounded(POSITIVE),
    Key::new("terrain", "half_width_m", LENGTH, Absent, "half width a, of analytic shapes")
        .bounded(POSITIVE),
    Key::new("terrain", "wavelength_m", LENGTH, Absent, "wavelength of the ridges of schaer")
        .bounded(POSITIVE)
        .on("plane"),
    Key::new("terrain", "centre_x_m", LENGTH, Derived("the middle of the domain"), "x of the top")
        .on("plane"),
    Key::new("terrain", "centre_y_m", LENGTH, Derived("the middle of the domain"), "y of the top of a hill")
        .on("plane"),
    Key::new("terrain", "file", Kind::Path, Absent, "netCDF-4 file with heights of the ground in m, relative to the configuration"),
    Key::new(
        "terrain",
        "variable",
        Kind::Name,
        Derived("the only one over two dimensions"),
        "the heights in the file, over y and x in m or latitude and longitude",
    ),
    Key::new("terrain", "longitude_deg", PLAIN, Absent, "longitude of centre_x_m for a file in degrees; on the globe that of a hill")
        .bounded(Bounds::Within(-180.0, 360.0)),
    Key::new("terrain", "latitude_deg", PLAIN, Absent, "latitude of centre_y_m for a file in degrees; on the globe that of a hill")
        .bounded(Bounds::Within(-89.0, 89.0)),
    Key::new(
        "terrain",
        "smoothing_passes",
        Kind::Integer,
        Derived("0"),
        "passes of the filter (1, 2, 1)/4 over the heights from a file",
    )
    .bounded(Bounds::Within(0.0, 1e4)),
    Key::new(
        "terrain",
        "coordinate",
        Kind::Choice(&["basic", "hybrid"]),
        Derived("hybrid"),
        "how levels become flat: linearly up to the lid, or exponentially, small features sooner",
    ),
    Key::new(
        "terrain",
        "decay_m",
        LENGTH,
        Derived("a quarter of the lid's height"),
        "height over which hybrid levels become flat",
    )
    .bounded(POSITIVE),
    Key::new(
        "terrain",
        "small_decay_m",
        LENGTH,
        Derived("a tenth of the lid's height"),
        "the same for small features of the ground",
    )
    .bounded(POSITIVE),
    Key::new(
        "terrain",
        "split_m",
        LENGTH,
        Derived("half of small_decay_m"),
        "radius of the smoothing that tells large from small features",
    )
    .bounded(POSITIVE),
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
        Kind::Choice(crate::config::date::CALENDARS),
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
        "upwinding",
        PLAIN,
        Value("1.0"),
        "share of the damping by fifth-order upwind values of momentum and heat; less keeps short waves",
    )
    .bounded(Bounds::Within(0.0, 1.0))
    .on("sphere"),
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
    Key::new("dynamics", "viscosity_m2_per_s", DIFFUSIVITY, Value("0.0"), "constant kinematic viscosity, on the globe along the levels alone")
        .bounded(NOT_NEGATIVE),
    Key::new(
        "dynamics",
        "diffusivity_m2_per_s",
        DIFFUSIVITY,
        Derived("= viscosity_m2_per_s"),
        "of heat and tracers",
    )
    .bounded(NOT_NEGATIVE),
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
        "boundary",
        "sponge_wind",
        Kind::Choice(&["rest", "initial"]),
        Value("\"rest\""),
        "what the wind of the globe relaxes to: rest, or the wind of the start",
    )
    .on("sphere"),
    Key::new(
        "physics",
        "processes",
        Kind::Names,
        Derived("those that belong to the case"),
        "processes after the dynamics of every step, in their order: kessler; in boxes warm_rain, simple_ice, saturation; on the globe held_suarez, terminator",
    ),
    Key::new(
        "turbulence",
        "scheme",
        Kind::Choice(&["none", "constant", "smagorinsky", "tke"]),
        Value("\"none\""),
        "eddy viscosity: constant, from the strain (Smagorinsky and Lilly), or from the energy of the eddies (Deardorff)",
    )
    .on("plane"),
    Key::new("turbulence", "viscosity_m2_per_s", DIFFUSIVITY, Absent, "eddy viscosity of constant")
        .bounded(NOT_NEGATIVE)
        .on("plane"),
    Key::new("turbulence", "smagorinsky_constant", PLAIN, Derived("0.18"), "c_s: mixing length over cell size")
        .bounded(Bounds::Within(0.0, 1.0))
        .on("plane"),
    Key::new("turbulence", "prandtl_number", PLAIN, Derived("1/3, 1 with constant"), "eddy viscosity over eddy diffusivity")
        .bounded(Bounds::Within(0.1, 10.0))
        .on("plane"),
    Key::new("turbulence", "energy_constant", PLAIN, Derived("0.1"), "c_k: K over length and speed of the eddies")
        .bounded(Bounds::AboveUpTo(0.0, 1.0))
        .on("plane"),
    Key::new(
        "turbulence",
        "clouds",
        Kind::Choice(&["saturated", "dry"]),
        Value("\"saturated\""),
        "stability in clouds: of air that condenses vapour as it rises, or as if there were no clouds",
    )
    .on("plane"),
    Key::new(
        "turbulence",
        "grid_length",
        Kind::Choice(&["mean", "separate"]),
        Value("\"mean\""),
        "D of tke: (dx dy dz)^(1/3), or (dx dy)^(1/2) along the ground and dz upwards, for flat cells",
    )
    .on("plane"),
    Key::new(
        "surface",
        "momentum",
        Kind::Choice(&["free_slip", "no_slip", "drag", "log_law", "monin_obukhov", "friction_velocity"]),
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
        Kind::Choice(&["none", "flux", "bulk", "deviation"]),
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
    Key::new(
        "surface",
        "theta_deviation_k",
        PLAIN,
        Absent,
        "potential temperature of the ground minus that of the reference state in K, of deviation",
    )
    .bounded(Bounds::Within(-50.0, 50.0))
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
    Key::new(
        "output",
        "measure_disk",
        Kind::Choice(&["no", "yes"]),
        Value("\"no\""),
        "write snapshots through to the disk, first as many bytes plainly, and tell at the end how both went",
    ),
    Key::new("output", "series_every_s", TIME, Derived("= every_s"), "interval of the scalar series")
        .bounded(INTERVAL)
        .or("never"),
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
        "heights of horizontal sections (nearest level, over terrain between the levels), written to section_z_1.h5 and so on",
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
        "statistics_every_s",
        TIME,
        Value("\"never\""),
        "interval of horizontal means (over terrain along the levels), variances and vertical fluxes in statistics.h5",
    )
    .bounded(INTERVAL)
    .or("never")
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
    Key::new(
        "parallel",
        "writer_ranks",
        Kind::Integer,
        Value("0"),
        "ranks that only write snapshots, while the others step on",
    )
    .bounded(NOT_NEGATIVE),
];
