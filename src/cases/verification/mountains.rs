//! Trials of the air over terrain: rest, and waves over mountains beside linear theory.

use super::table::{EXACT, expect};
use super::{Effort, Evidence, Expectation, Run, Trial};
use crate::cases::{self, Base, ExactColumn, measures::SquaredError};
use crate::config::TerrainShape;
use crate::error::{Error, Result};
use crate::mesh::{Plane, Terrain, VerticalGrid};

const DURRAN: &str = "Durran and Klemp 1983, linear theory";
const SMITH: &str = "Smith 1979, linear theory";
const KLEMP: &str = "Klemp and Durran 1983, linear theory";
const SCHAER: &str = "Schaer et al. 2002, linear theory";
const QUENEY: &str = "Queney 1948, linear theory";
const PRANDTL: &str = "Prandtl 1942, exact solution";
const WIDE_BOX: &str = "the same in a wide box";
const CLOUDY: &str = "linear theory with the N of Durran and Klemp 1982";
const ROTUNNO: &str = "where saturated air rises";
const SHAW: &str = "Shaw and Weller 2016 for Klemp 2011";

/// The terrain of a run with its grid.
struct Ground {
    plane: Plane,
    vertical: VerticalGrid,
    terrain: Terrain,
    centre: f64,
}

impl Ground {
    fn of(evidence: &Evidence) -> Result<Ground> {
        let configuration = &evidence.configuration;
        let plane = Plane::new(&configuration.grid, &configuration.boundary);
        let vertical = VerticalGrid::new(&configuration.grid.interfaces);
        let flat = || Error::Internal(format!("case `{}` has no terrain", configuration.case.name));
        let terrain = Terrain::new(configuration.terrain.as_ref().ok_or_else(flat)?, &plane, &vertical)?;
        Ok(Ground { centre: configuration.grid.x_centre(), plane, vertical, terrain })
    }

    /// Heights of the interfaces over column `i` of the first row in m.
    fn interfaces(&self, i: usize) -> Vec<f64> {
        (0..=self.vertical.nz()).map(|k| self.terrain.interface(i, 0, k)).collect()
    }
}

/// The heights of the centres between interfaces.
fn centres(interfaces: &[f64]) -> Vec<f64> {
    interfaces.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect()
}

/// The value at `z` of a profile with the given heights, linear between them.
fn at(z: f64, heights: &[f64], profile: impl Fn(usize) -> f64) -> f64 {
    let above = heights.partition_point(|&height| height <= z).clamp(1, heights.len() - 1);
    let share = (z - heights[above - 1]) / (heights[above] - heights[above - 1]);
    (1.0 - share) * profile(above - 1) + share * profile(above)
}

impl Evidence {
    /// Relative l2 error of w against the linear wave above the ground and up to `height` m, within `distance` m of
    /// the middle of the domain.
    pub fn mountain_wave_error(&self, height: f64, distance: f64) -> Result<f64> {
        let ground = Ground::of(self)?;
        let case = cases::build(&self.configuration)?;
        let field = self.field("w")?;
        let mut error = SquaredError::default();
        for i in (0..ground.plane.nx).filter(|&i| (ground.plane.x(i) - ground.centre).abs() <= distance) {
            let interfaces = ground.interfaces(i);
            let exact =
                case.exact(ground.plane.x(i), 0.0, &centres(&interfaces), &interfaces, self.ending.seconds);
            let none = || Error::Internal("no linear wave belongs to this case".into());
            let exact = exact.ok_or_else(none)?.w;
            for k in (1..interfaces.len()).filter(|&k| interfaces[k] <= height) {
                error.add(field[[k, 0, i]], exact[k]);
            }
        }
        Ok(error.relative())
    }

    /// The flux Int rho0 u' w dx of horizontal momentum through the height `z` m in N/m.
    pub fn momentum_flux(&self, z: f64) -> Result<f64> {
        let ground = Ground::of(self)?;
        let case = cases::build(&self.configuration)?;
        let (u, w, base) = (self.field("u")?, self.field("w")?, case.base(z));
        let density = base.density(&self.configuration.dynamics.constants);
        let flux = |i: usize| {
            let interfaces = ground.interfaces(i);
            let u = at(z, &centres(&interfaces), |k| u[[k, 0, i]]) - base.u;
            u * at(z, &interfaces, |k| w[[k, 0, i]])
        };
        Ok((0..ground.plane.nx).map(flux).sum::<f64>() * density * ground.plane.dx)
    }
}

impl Evidence {
    /// The flux Int rho0 (u' w - f v theta'/(dtheta0/dz)) dx of the waves' momentum through the height `z` m in N/m, which
    /// is the same at all heights with rotation too, and that of the ground's pressure.
    pub fn wave_flux(&self, z: f64) -> Result<f64> {
        let ground = Ground::of(self)?;
        let case = cases::build(&self.configuration)?;
        let (v, theta) = (self.field("v")?, self.field("theta_perturbation")?);
        let [above, below] = [z + 1.0, z - 1.0].map(|z| case.base(z).potential_temperature);
        let dynamics = &self.configuration.dynamics;
        let density = case.base(z).density(&dynamics.constants);
        let flux = |i: usize| {
            let heights = centres(&ground.interfaces(i));
            at(z, &heights, |k| v[[k, 0, i]]) * at(z, &heights, |k| theta[[k, 0, i]])
        };
        let sum = (0..ground.plane.nx).map(flux).sum::<f64>();
        let stretch = dynamics.coriolis * 2.0 / (above - below);
        Ok(self.momentum_flux(z)? - sum * stretch * density * ground.plane.dx)
    }
}

/// How far up the slope flow is compared, in m above the ground, and where: between these shares of the way up.
const SLOPE_LAYER: f64 = 200.0;
const MIDDLE_OF_SLOPE: std::ops::Range<f64> = 0.4..0.6;

impl Evidence {
    /// Relative l2 error of a variable at cell centres against the steady flow in the middle of the slopes of a ridge.
    pub fn slope_flow_error(
        &self,
        variable: &str,
        choose: fn(&ExactColumn, usize, &Base) -> f64,
    ) -> Result<f64> {
        let ground = Ground::of(self)?;
        let case = cases::build(&self.configuration)?;
        let field = self.field(variable)?;
        let none = || Error::Internal("no slope belongs to this case".into());
        let shape = self.configuration.terrain.as_ref().map(|terrain| &terrain.shape);
        let Some(&TerrainShape::Ridge { half_width, centre, .. }) = shape else { return Err(none()) };
        let mut error = SquaredError::default();
        for i in 0..ground.plane.nx {
            let x = ground.plane.x(i);
            if !MIDDLE_OF_SLOPE.contains(&((x - centre).abs() / half_width)) {
                continue;
            }
            let interfaces = ground.interfaces(i);
            let heights = centres(&interfaces);
            let exact = case.exact(x, 0.0, &heights, &interfaces, self.ending.seconds).ok_or_else(none)?;
            for k in (0..heights.len()).filter(|&k| heights[k] - interfaces[0] < SLOPE_LAYER) {
                error.add(field[[k, 0, i]], choose(&exact, k, &case.base(heights[k])));
            }
        }
        Ok(error.relative())
    }
}

/// Distance of the place of the most rain from the middle of the domain, positive downwind, in km.
fn wettest_place(of: &[&Evidence]) -> Result<f64> {
    let rain = of[0].field("accumulated_rain")?;
    let grid = &of[0].configuration.grid;
    let wetter = |most: usize, i: usize| if rain[[0, 0, i]] > rain[[0, 0, most]] { i } else { most };
    let place = (0..grid.nx).reduce(wetter).map_or(f64::NAN, |i| i as f64 + 0.5);
    Ok((place - 0.5 * grid.nx as f64) * grid.dx / 1000.0)
}

const fn mass_drift() -> Expectation {
    expect("mass drift", "1", |of| Ok(of[0].ending.mass_drift.abs()), "0", [0.0, 1e-13], EXACT)
}

/// Of the wave, against linear theory.
const fn momentum_flux(published: &'static str, allowed: [f64; 2], source: &'static str) -> Expectation {
    expect("momentum flux at 3 km", "N/m", |of| of[0].momentum_flux(3e3), published, allowed, source)
}

/// Of a wave in a box about as wide as that of [`WIDE`], up to 12 km and within 40 km of the ridge.
const fn hydrostatic_wave_error(source: &'static str) -> Expectation {
    expect("w, relative l2 error", "1", |of| of[0].mountain_wave_error(12e3, 40e3), "0", [0.0, 0.10], source)
}

const NARROW: Run = Run {
    case: "mountain_nonhydrostatic",
    overrides: &["grid.nx=240", "grid.x_min_m=-48000.0", "time.end_s=7200.0"],
    variables: &["u", "w"],
};

const WIDE: Run = Run { case: "mountain_hydrostatic", overrides: &[], variables: &["u", "w"] };

/// With 2 f a/U = 0.5.
const TURNING: Run = Run {
    case: "mountain_hydrostatic",
    overrides: &["dynamics.coriolis_per_s=5e-4", "time.end_s=18000.0"],
    variables: &["u", "v", "w", "theta_perturbation"],
};

/// The same in less than a third of the width.
const BETWEEN_OPEN_SIDES: Run = Run {
    case: "mountain_hydrostatic",
    overrides: &[
        "grid.nx=120",
        "grid.x_min_m=-72000.0",
        "boundary.x=\"open\"",
        "boundary.inflow_length_m=300000.0",
    ],
    variables: &["u", "w"],
};

const RIDGES: Run = Run { case: "schaer", overrides: &[], variables: &["u", "w"] };

/// Air with an inversion, on a narrower domain than the published one.
macro_rules! rest {
    ($dx:literal, $nx:literal, $nz:literal $(, $more:literal)*) => {
        Run {
            case: "rest_over_mountain",
            overrides: &[
                concat!("grid.dx_m=", $dx),
                concat!("grid.dz_m=", $dx),
                concat!("grid.nx=", $nx),
                concat!("grid.nz=", $nz),
                "grid.x_min_m=-20000.0",
                $($more,)*
            ],
            variables: &["w"],
        }
    };
}

fn largest_w(of: &[&Evidence]) -> Result<f64> {
    of[0].largest_difference_from("w", 0.0)
}

pub(super) const REST_SHORT: Trial = Trial {
    title: "inversion over ridges, 500 m, 40 min",
    effort: Effort::Short,
    runs: &[rest!("500.0", "80", "40", "time.end_s=2400.0")],
    expectations: &[
        expect("largest |w|", "m/s", largest_w, "0.37 (largest in 5 h)", [0.0, 0.4], SHAW),
        mass_drift(),
    ],
};

pub(super) const REST_LONG: Trial = Trial {
    title: "inversion over ridges, 500 m and 250 m, 5 h",
    effort: Effort::Long,
    runs: &[rest!("500.0", "80", "40"), rest!("250.0", "160", "80")],
    expectations: &[
        expect("largest |w| at the end", "m/s", largest_w, "0.37 (largest in 5 h)", [0.0, 0.4], SHAW),
        expect(
            "250 m: largest |w| at the end",
            "m/s",
            |of| of[1].largest_difference_from("w", 0.0),
            "less",
            [0.0, 0.1],
            SHAW,
        ),
        mass_drift(),
    ],
};

pub(super) const NONHYDROSTATIC: Trial = Trial {
    title: "400 m x 250 m, 2 h",
    effort: Effort::Short,
    runs: &[NARROW],
    expectations: &[
        momentum_flux("-0.04474", [-0.0470, -0.0416], KLEMP),
        expect(
            "w, relative l2 error",
            "1",
            |of| of[0].mountain_wave_error(12e3, 20e3),
            "0",
            [0.0, 0.10],
            SMITH,
        ),
        mass_drift(),
    ],
};

pub(super) const HYDROSTATIC: Trial = Trial {
    title: "1200 m x 240 m, 8 h",
    effort: Effort::Long,
    runs: &[WIDE],
    expectations: &[
        momentum_flux("-0.4287", [-0.450, -0.399], DURRAN),
        hydrostatic_wave_error(SMITH),
        mass_drift(),
    ],
};

/// The flux is x K1(x) of that without rotation, x = 2 f a/U (Queney 1948; Smith 1979): 0.828 of 0.4287 N/m.
pub(super) const TURNING_WAVES: Trial = Trial {
    title: "with rotation, 2 f a/U = 0.5, 1200 m x 240 m, 5 h",
    effort: Effort::Long,
    runs: &[TURNING],
    expectations: &[
        expect(
            "flux of wave momentum at 3 km",
            "N/m",
            |of| of[0].wave_flux(3e3),
            "-0.3550",
            [-0.373, -0.330],
            QUENEY,
        ),
        hydrostatic_wave_error(QUENEY),
        mass_drift(),
    ],
};

pub(super) const SLOPE: Trial = Trial {
    title: "cold slope of 0.2, 6000 s",
    effort: Effort::Short,
    runs: &[Run { case: "slope_flow", overrides: &[], variables: &["u", "theta_perturbation"] }],
    expectations: &[
        expect(
            "u, relative l2 error",
            "1",
            |of| of[0].slope_flow_error("u", |exact, k, _| exact.u[k]),
            "0",
            [0.0, 0.06],
            PRANDTL,
        ),
        expect(
            "theta', relative l2 error",
            "1",
            |of| {
                of[0].slope_flow_error("theta_perturbation", |exact, k, base| {
                    exact.temperature[k] / base.exner
                })
            },
            "0",
            [0.0, 0.10],
            PRANDTL,
        ),
        mass_drift(),
    ],
};

pub(super) const OPEN_HYDROSTATIC: Trial = Trial {
    title: "144 km between open sides",
    effort: Effort::Long,
    runs: &[BETWEEN_OPEN_SIDES, WIDE],
    expectations: &[
        momentum_flux("-0.4287", [-0.450, -0.399], DURRAN),
        expect(
            "flux over that in 480 km",
            "1",
            |of| Ok(of[0].momentum_flux(3e3)? / of[1].momentum_flux(3e3)?),
            "1",
            [0.96, 1.04],
            WIDE_BOX,
        ),
        hydrostatic_wave_error(SMITH),
    ],
};

pub(super) const SEVERAL_RIDGES: Trial = Trial {
    title: "500 m x 300 m, 5 h",
    effort: Effort::Long,
    runs: &[RIDGES],
    expectations: &[
        expect(
            "w, relative l2 error",
            "1",
            |of| of[0].mountain_wave_error(8e3, 12e3),
            "0",
            [0.0, 0.15],
            SCHAER,
        ),
        mass_drift(),
    ],
};

/// A ridge so low that everything stays in cloud.
const CLOUDS: Run = Run {
    case: "moist_ridge",
    overrides: &[
        "physics.processes=[\"saturation\"]",
        "output.variables=[\"u\", \"w\"]",
        "case.wind_m_per_s=15.0",
        "case.moist_brunt_vaisala_per_s=0.01",
        "case.cloud_g_per_kg=0.2",
        "case.tropopause_m=100000.0",
        "terrain.height_m=10.0",
        "grid.nx=240",
        "grid.nz=80",
        "grid.dx_m=1200.0",
        "grid.dz_m=300.0",
        "grid.x_min_m=-144000.0",
        "dynamics.integrator=\"ws3g\"",
        "boundary.sponge_base_m=13000.0",
        "boundary.sponge_rate_per_s=0.01",
    ],
    variables: &["u", "w"],
};

const RAIN: Run = Run { case: "moist_ridge", overrides: &[], variables: &["w", "accumulated_rain"] };

pub(super) const WAVES_IN_CLOUDS: Trial = Trial {
    title: "waves in clouds over 10 m, 1200 m x 300 m, 5 h",
    effort: Effort::Short,
    runs: &[CLOUDS],
    expectations: &[
        momentum_flux("-14.02", [-15.0, -13.0], CLOUDY),
        hydrostatic_wave_error(CLOUDY),
        mass_drift(),
    ],
};

pub(super) const OROGRAPHIC_RAIN: Trial = Trial {
    title: "rain on a ridge of 700 m, 2 km x 400 m, 5 h",
    effort: Effort::Short,
    runs: &[RAIN],
    expectations: &[
        expect("place of the most rain", "km", wettest_place, "at the crest", [-5.0, 5.0], ROTUNNO),
        expect("drift of water", "1", |of| Ok(of[0].ending.water_drift.abs()), "0", [0.0, 1e-12], EXACT),
    ],
};
