//! The validated configuration: every value present, in SI units, within its bounds.

use crate::constants::Constants;
use crate::time::ticks;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything that decides what a run computes and writes.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub case: CaseChoice,
    pub grid: Grid,
    /// The ground, where it is not flat.
    pub terrain: Option<Terrain>,
    pub time: Time,
    pub dynamics: Dynamics,
    pub boundary: Boundary,
    pub physics: Physics,
    /// `None` without turbulence.
    pub turbulence: Option<Turbulence>,
    /// `None` without large scales.
    pub forcing: Option<Forcing>,
    pub output: Output,
    pub checkpoint: Checkpoint,
    pub parallel: Parallel,
    /// The configuration as TOML with overrides applied, kept in every file that the run writes.
    pub text: String,
}

/// `[case]`: the initial state and its parameters.
#[derive(Clone, Debug)]
pub struct CaseChoice {
    /// Name in the case registry, such as `density_current`.
    pub name: String,
    /// The case's own numbers, complete: those written, and the case's defaults for the others.
    pub parameters: BTreeMap<String, f64>,
    /// The sounding that was given, if any.
    pub sounding: Option<Sounding>,
}

/// A sounding as it was read: the air at the ground, and its levels upwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Sounding {
    /// Where it was read.
    pub path: PathBuf,
    /// Pressure at the ground in Pa.
    pub surface_pressure: f64,
    /// The ground first, with the wind of the first level above it.
    pub levels: Vec<SoundingLevel>,
}

/// The air at one height of a sounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoundingLevel {
    /// Height in m.
    pub z: f64,
    /// Potential temperature in K.
    pub theta: f64,
    /// Mixing ratio of vapour to dry air in kg/kg.
    pub vapour: f64,
    /// Wind in m/s.
    pub u: f64,
    pub v: f64,
}

/// The shape of the domain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Geometry {
    /// A box.
    Plane,
    /// The globe, as a cubed sphere.
    Sphere(Sphere),
}

/// The planet and how the grid lies on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sphere {
    /// Radius in m.
    pub radius: f64,
    /// Angle in rad by which the grid is turned against the geographic axes.
    pub tilt: f64,
}

/// `[grid]`: a box of `nx` x `ny` x `nz` cells, or six panels of `nx` x `nx` columns.
#[derive(Clone, Debug)]
pub struct Grid {
    pub geometry: Geometry,
    /// Cells along x, y and z of a panel; 1 means that the direction is absent.
    pub nx: usize,
    pub ny: usize,
    pub nz: usize,
    /// Horizontal cell size in m; on the sphere the mean along the equator.
    pub dx: f64,
    pub dy: f64,
    /// Coordinates of the western and southern edge in m.
    pub x_min: f64,
    pub y_min: f64,
    /// Heights of the `nz + 1` level interfaces in m, from the ground to the lid.
    pub interfaces: Vec<f64>,
}

impl Grid {
    /// The planet, where the domain is the globe.
    pub fn sphere(&self) -> Option<&Sphere> {
        match &self.geometry {
            Geometry::Plane => None,
            Geometry::Sphere(sphere) => Some(sphere),
        }
    }

    /// Number of panels: 1 on the plane, 6 on the sphere.
    pub fn panels(&self) -> usize {
        if self.sphere().is_some() { 6 } else { 1 }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.panels() * self.nx * self.ny
    }

    /// x of the centre of the domain in m.
    pub fn x_centre(&self) -> f64 {
        self.x_min + 0.5 * self.nx as f64 * self.dx
    }

    /// y of the centre of the domain in m; where there is no y direction, that of its only row.
    pub fn y_centre(&self) -> f64 {
        self.y_min + 0.5 * self.ny as f64 * self.dy
    }
}

/// `[terrain]`: the ground, and how the levels follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct Terrain {
    pub shape: TerrainShape,
    pub coordinate: TerrainCoordinate,
}

/// The shape of the ground; lengths and places in m.
#[derive(Clone, Debug, PartialEq)]
pub enum TerrainShape {
    /// A ridge along y, the Witch of Agnesi: h / (1 + (x/a)^2), x from the centre.
    Bell {
        height: f64,
        half_width: f64,
        centre: f64,
    },
    /// Ridges under a bell along y: h exp(-(x/a)^2) cos^2(pi x/wavelength) (Schaer et al. 2002).
    Schaer {
        height: f64,
        half_width: f64,
        wavelength: f64,
        centre: f64,
    },
    /// A ridge of straight slopes along y: h (1 - |x|/a), with rounded edges.
    Ridge {
        height: f64,
        half_width: f64,
        centre: f64,
    },
    /// A hill: h / (1 + (r/a)^2)^(3/2), r the distance from the centre (Smith 1980), on the globe longitude and
    /// latitude in degrees.
    Hill {
        height: f64,
        half_width: f64,
        centre: [f64; 2],
    },
    File(TerrainFile),
    /// The ground that the case brings along.
    Case,
}

/// Heights from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct TerrainFile {
    pub path: PathBuf,
    /// The variable; the only one over two dimensions if not given.
    pub variable: Option<String>,
    /// Longitude and latitude in degrees of `centre`, for a grid in degrees.
    pub place: Option<[f64; 2]>,
    pub centre: [f64; 2],
    /// Passes of the filter (1, 2, 1)/4 over the heights at the columns.
    pub smoothing: usize,
}

/// How the levels become flat with height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TerrainCoordinate {
    /// Linearly up to the lid (Gal-Chen and Somerville 1975).
    Basic,
    /// Over `decay` m; features narrower than about `split` m over `small_decay` m (Schaer et al. 2002).
    Hybrid { decay: f64, small_decay: f64, split: f64 },
}

/// `[time]`
#[derive(Clone, Debug)]
pub struct Time {
    /// Simulated time at which the run ends, in s since its start.
    pub end: f64,
    pub step: StepChoice,
    /// The date of time 0, as `YYYY-MM-DD hh:mm:ss`.
    pub start_date: String,
    /// CF calendar, such as `proleptic_gregorian`; `none` counts the time without dates.
    pub calendar: String,
}

/// How long a time step is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepChoice {
    /// A given length in s.
    Fixed(f64),
    /// The given fraction of the largest stable step, but at most `longest` s.
    Auto { fraction: f64, longest: f64 },
}

/// The equations and the domain that a case is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The Euler equations in a box.
    Plane,
    /// The Euler equations on the globe.
    Sphere,
    /// The shallow-water equations on the globe.
    ShallowWater,
}

/// `[dynamics]`
#[derive(Clone, Debug)]
pub struct Dynamics {
    /// Decided by the case.
    pub setting: Setting,
    pub integrator: IntegratorChoice,
    pub precision: Precision,
    /// Weight phi of the velocity jump in the face pressure (numerics of the sound waves), 0 to 1.
    pub sound_damping: f64,
    /// How far values at faces lie on the way from the mean of both sides to the upwind one, 0 to 1: of momentum, heat and
    /// w along the sphere.
    pub upwinding: f64,
    /// Coriolis parameter f in 1/s, on the plane.
    pub coriolis: f64,
    /// Angular speed of the planet's rotation in 1/s, on the sphere.
    pub rotation: f64,
    /// Constant kinematic viscosity and diffusivity of heat and of tracers in m2/s.
    pub viscosity: f64,
    pub diffusivity: f64,
    pub constants: Constants,
    /// Names of the tracers: the [waters](crate::state::water) that the processes need, those of the processes themselves, then the passive ones, each
    /// a shape of [`crate::cases::tracers`].
    pub tracers: Vec<String>,
    pub tracer_limiter: TracerLimiter,
}

/// Stage table of the time integrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegratorChoice {
    /// Three stages.
    Ws3g,
    /// Five stages, twice the step.
    O5g,
}

impl IntegratorChoice {
    /// The name in configurations.
    pub fn name(self) -> &'static str {
        match self {
            IntegratorChoice::Ws3g => "ws3g",
            IntegratorChoice::O5g => "o5g",
        }
    }
}

/// Floating-point type of the state, or of written variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    Single,
    Double,
}

impl Precision {
    /// The name in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Single => "single",
            Precision::Double => "double",
        }
    }

    /// Bytes of a value.
    pub fn bytes(self) -> usize {
        match self {
            Precision::Single => size_of::<f32>(),
            Precision::Double => size_of::<f64>(),
        }
    }
}

/// What keeps tracers within physical bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TracerLimiter {
    /// Nothing: the plain fifth-order scheme.
    None,
    /// Outgoing fluxes are scaled so that no tracer becomes negative.
    Positive,
}

/// `[boundary]`
#[derive(Clone, Debug)]
pub struct Boundary {
    pub x: LateralBoundary,
    pub y: LateralBoundary,
    /// Phase speed in m/s of the gravity waves that open sides let out.
    pub phase_speed: f64,
    /// Distance in m over which deviations fall off outside, where air comes in.
    pub inflow_length: f64,
    pub relaxation: Option<Relaxation>,
    pub sponge: Option<Sponge>,
}

/// Relaxation to the reference state along the sides that are not periodic.
#[derive(Clone, Copy, Debug)]
pub struct Relaxation {
    /// Width of the zone in m.
    pub width: f64,
    /// Relaxation time in s at the side.
    pub time: f64,
}

/// The lateral boundary of one direction (both sides).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateralBoundary {
    Periodic,
    /// Rigid, free-slip, no flux of heat: a mirror.
    Wall,
    /// Waves and air leave; what comes in is the reference state.
    Open,
}

/// Rayleigh damping of the wind below the lid.
#[derive(Clone, Copy, Debug)]
pub struct Sponge {
    /// Height at which the damping begins, in m.
    pub base: f64,
    /// Damping rate at the lid in 1/s, of the horizontal wind.
    pub rate: f64,
    /// The same of the vertical wind.
    pub w_rate: f64,
    /// Whether the wind of the globe relaxes to that of the start, not to rest.
    pub to_initial: bool,
}

/// `[physics]`
#[derive(Clone, Debug)]
pub struct Physics {
    /// Names of the processes of [`crate::physics::registry`], in the order in which they act.
    pub processes: Vec<String>,
}

/// How the eddy viscosity is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closure {
    /// The same everywhere.
    Constant,
    /// From the strain of the resolved flow.
    Smagorinsky,
    /// From the energy of the eddies, which is carried with the air.
    Energy,
}

/// `[turbulence]` and `[surface]`
#[derive(Clone, Debug)]
pub struct Turbulence {
    pub closure: Closure,
    /// K of the constant closure in m2/s.
    pub viscosity: f64,
    /// c_s of the closure from the strain, and the Prandtl number of closures without energy.
    pub smagorinsky_constant: f64,
    pub prandtl: f64,
    /// c_k of the closure with energy.
    pub energy_constant: f64,
    /// Whether its eddies are as large as the cells are wide along the ground, and upwards as these are high.
    pub is_separate: bool,
    /// Whether the stability in clouds is that of saturated air.
    pub sees_clouds: bool,
    pub surface: Surface,
}

/// `[surface]`
#[derive(Clone, Debug)]
pub struct Surface {
    pub momentum: SurfaceMomentum,
    pub heat: SurfaceHeat,
    /// Kinematic flux of vapour in m/s, of the fraction of vapour in the mass of the air.
    pub vapour_flux: f64,
}

/// How the ground brakes the wind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SurfaceMomentum {
    FreeSlip,
    /// The air sticks to it, with a constant viscosity.
    NoSlip,
    /// By a drag coefficient.
    Drag(f64),
    /// By the logarithmic profile over a roughness length in m.
    LogLaw {
        roughness: f64,
    },
    /// The same, changed by the heat flux.
    MoninObukhov {
        roughness: f64,
    },
    /// With a given friction velocity in m/s.
    FrictionVelocity(f64),
}

/// How the ground heats the air.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SurfaceHeat {
    None,
    /// A kinematic flux in K m/s.
    Flux(f64),
    /// The ground's potential temperature minus that of the reference state in K, with a constant diffusivity.
    Deviation(f64),
    /// By an exchange coefficient and the ground's potential temperature in K.
    Bulk {
        coefficient: f64,
        theta: f64,
    },
}

/// `[forcing]`: what the large scales do, at some heights.
#[derive(Clone, Debug)]
pub struct Forcing {
    /// In m, increasing.
    pub heights: Vec<f64>,
    /// Vertical wind of the large scale in m/s, 0 or less.
    pub subsidence: Vec<f64>,
    /// In K/s, of the potential temperature.
    pub heating: Vec<f64>,
    /// In 1/s, of the vapour.
    pub moistening: Vec<f64>,
}

impl Forcing {
    /// The value at height `z` of a profile over the heights: linear between them, constant beyond.
    pub fn at(&self, profile: &[f64], z: f64) -> f64 {
        let above = self.heights.partition_point(|&height| height <= z);
        if above == 0 || above == self.heights.len() {
            return profile[above.saturating_sub(1)];
        }
        let [low, high] = [above - 1, above].map(|n| self.heights[n]);
        profile[above - 1] + (profile[above] - profile[above - 1]) * ((z - low) / (high - low))
    }
}

/// `[output]`
#[derive(Clone, Debug)]
pub struct Output {
    /// The run's folder.
    pub directory: PathBuf,
    /// Interval of the snapshots in s; `None` writes none.
    pub every: Option<f64>,
    /// Names of the variables to write.
    pub variables: Vec<String>,
    pub precision: Precision,
    /// Deflate level, 0 (none) to 9.
    pub compression: u8,
    /// Measure what a plain write of as many bytes as a snapshot has takes.
    pub measure_disk: bool,
    pub layout: FileLayout,
    /// Interval of the scalar series in s; `None` writes none.
    pub series_every: Option<f64>,
    /// Interval of the horizontal means in s; `None` writes none.
    pub statistics_every: Option<f64>,
    /// Output on latitudes and longitudes, on the sphere.
    pub latlon: Option<LatLon>,
    /// Vertical and horizontal sections, and single columns, of a box.
    pub sections: Option<Slices>,
    pub columns: Option<Slices>,
    /// Replace files of an earlier run.
    pub overwrite: bool,
}

/// Slices of a box that are written together.
#[derive(Clone, Debug, PartialEq)]
pub struct Slices {
    pub cuts: Vec<Cut>,
    /// Interval of the records in s.
    pub every: f64,
    /// Names of the variables to write.
    pub variables: Vec<String>,
}

/// Where a slice lies; positions in m, of the cells that contain them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    /// The vertical section along y and z at this x.
    X(f64),
    /// The vertical section along x and z at this y.
    Y(f64),
    /// The horizontal section at the level nearest to this height.
    Z(f64),
    /// The column at x and y.
    Column(f64, f64),
}

/// Output on a latitude-longitude grid.
#[derive(Clone, Debug, PartialEq)]
pub struct LatLon {
    /// Spacing of the grid in degrees; it divides 180.
    pub spacing: f64,
    /// Interval of the records in s; `None` writes none.
    pub every: Option<f64>,
    /// Pressure levels in Pa, rising or falling; none for the levels of the model.
    pub pressures: Vec<f64>,
    /// Also means over the longitudes.
    pub zonal_means: bool,
    pub means: Option<Means>,
}

/// Means over time, of samples at all multiples of an interval from some time to the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// Time from which samples are taken, in s.
    pub from: f64,
    /// Interval of the samples in s.
    pub every: f64,
}

impl Means {
    /// Time of the first sample in ticks.
    pub fn first(&self) -> i64 {
        let interval = ticks(self.every).max(1);
        (ticks(self.from) + interval - 1) / interval * interval
    }
}

/// Snapshots in one growing file or one file each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileLayout {
    OneFile,
    FilePerTime,
}

/// `[checkpoint]`
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Interval in simulated s; `None` writes checkpoints only when stopped early.
    pub every: Option<f64>,
    /// How many to keep.
    pub keep: usize,
    /// Wall-clock time in s after which the run stops with a checkpoint.
    pub stop_after: Option<f64>,
}

/// `[parallel]`
#[derive(Clone, Debug)]
pub struct Parallel {
    /// Largest tile in cells along x and y; `None` chooses from the grid, ranks and threads.
    pub tile: Option<[usize; 2]>,
    /// Threads per rank; `None` takes all cores that the rank may use.
    pub threads: Option<usize>,
    /// Ranks that only write snapshots.
    pub writer_ranks: usize,
}
