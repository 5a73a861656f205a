//! Trials of the air over terrain: rest, and waves over mountains beside linear theory.

use super::table::{EXACT, expect};
use super::{Effort, Evidence, Expectation, Run, Trial};
use crate::cases::{self, measures::SquaredError};
use crate::error::{Error, Result};
use crate::mesh::{Plane, Terrain, VerticalGrid};

const DURRAN: &str = "Durran and Klemp 1983, linear theory";
const SMITH: &str = "Smith 1979, linear theory";
const KLEMP: &str = "Klemp and Durran 1983, linear theory";
const SCHAER: &str = "Schaer et al. 2002, linear theory";
const WIDE_BOX: &str = "the same in a wide box";
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

const fn mass_drift() -> Expectation {
    expect("mass drift", "1", |of| Ok(of[0].ending.mass_drift.abs()), "0", [0.0, 1e-13], EXACT)
}

const NARROW: Run = Run {
    case: "mountain_nonhydrostatic",
    overrides: &["grid.nx=240", "grid.x_min_m=-48000.0", "time.end_s=7200.0"],
    variables: &["u", "w"],
};

const WIDE: Run = Run { case: "mountain_hydrostatic", overrides: &[], variables: &["u", "w"] };

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
        expect(
            "momentum flux at 3 km",
            "N/m",
            |of| of[0].momentum_flux(3e3),
            "-0.04474",
            [-0.0470, -0.0416],
            KLEMP,
        ),
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
        expect(
            "momentum flux at 3 km",
            "N/m",
            |of| of[0].momentum_flux(3e3),
            "-0.4287",
            [-0.450, -0.399],
            DURRAN,
        ),
        expect(
            "w, relative l2 error",
            "1",
            |of| of[0].mountain_wave_error(12e3, 40e3),
            "0",
            [0.0, 0.10],
            SMITH,
        ),
        mass_drift(),
    ],
};

pub(super) const OPEN_HYDROSTATIC: Trial = Trial {
    title: "144 km between open sides",
    effort: Effort::Long,
    runs: &[BETWEEN_OPEN_SIDES, WIDE],
    expectations: &[
        expect(
            "momentum flux at 3 km",
            "N/m",
            |of| of[0].momentum_flux(3e3),
            "-0.4287",
            [-0.450, -0.399],
            DURRAN,
        ),
        expect(
            "flux over that in 480 km",
            "1",
            |of| Ok(of[0].momentum_flux(3e3)? / of[1].momentum_flux(3e3)?),
            "1",
            [0.96, 1.04],
            WIDE_BOX,
        ),
        expect(
            "w, relative l2 error",
            "1",
            |of| of[0].mountain_wave_error(12e3, 40e3),
            "0",
            [0.0, 0.10],
            SMITH,
        ),
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
