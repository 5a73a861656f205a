//! The table of trials: runs, published values and the ranges that pass.

use super::globe_table::{
    BALANCED_GROUND, DEFORMATION, GRAVITY_WAVE, INVISCID_WAVE, REST_DOUBLE, REST_ON_GROUND, REST_SINGLE,
    SMALL_PLANET, SPLITTING_LONG, SPLITTING_SHORT, STEADY_LONG, STEADY_SHORT, TERMINATOR, WAVE,
    WAVE_OVER_GROUND,
};
use super::mountains::{
    HYDROSTATIC, NONHYDROSTATIC, OPEN_HYDROSTATIC, OROGRAPHIC_RAIN, REST_LONG, REST_SHORT, SEVERAL_RIDGES,
    SLOPE, TURNING_WAVES, WAVES_IN_CLOUDS,
};
use super::quantities::{
    front, order, theta_change, theta_e_max, theta_e_min, theta_max, theta_min, tracer_change, w_max, w_min,
};
use super::{Effort, Evidence, Expectation, Run, Trial};
use crate::error::{Error, Result};

/// The shipped configuration of a case.
///
/// # Errors
/// If there is none.
pub(super) fn configuration_text(case: &str) -> Result<&'static str> {
    Ok(match case {
        "stratified_rest" => include_str!("../../../configs/plane/rest.toml"),
        "density_current" => include_str!("../../../configs/plane/density_current.toml"),
        "giraldo_bubble" => include_str!("../../../configs/plane/giraldo_bubble.toml"),
        "bryan_fritsch" => include_str!("../../../configs/plane/bryan_fritsch.toml"),
        "bryan_fritsch_moist" => include_str!("../../../configs/plane/bryan_fritsch_moist.toml"),
        "weisman_klemp" => include_str!("../../../configs/plane/weisman_klemp.toml"),
        "supercell" => include_str!("../../../configs/plane/supercell.toml"),
        "inertia_gravity_wave" => include_str!("../../../configs/plane/inertia_gravity_wave.toml"),
        "baldauf_brdar" => include_str!("../../../configs/plane/baldauf_brdar.toml"),
        "tracer_advection" => include_str!("../../../configs/plane/tracer_advection.toml"),
        "mountain_hydrostatic" => include_str!("../../../configs/plane/mountain_hydrostatic.toml"),
        "mountain_nonhydrostatic" => include_str!("../../../configs/plane/mountain_nonhydrostatic.toml"),
        "moist_ridge" => include_str!("../../../configs/plane/moist_ridge.toml"),
        "schaer" => include_str!("../../../configs/plane/schaer.toml"),
        "slope_flow" => include_str!("../../../configs/plane/slope_flow.toml"),
        "rest_over_mountain" => include_str!("../../../configs/plane/rest_over_mountain.toml"),
        "lake_at_rest" => include_str!("../../../configs/sphere/shallow_water/lake_at_rest.toml"),
        "williamson_1" => include_str!("../../../configs/sphere/shallow_water/williamson_1.toml"),
        "williamson_2" => include_str!("../../../configs/sphere/shallow_water/williamson_2.toml"),
        "williamson_5" => include_str!("../../../configs/sphere/shallow_water/williamson_5.toml"),
        "williamson_6" => include_str!("../../../configs/sphere/shallow_water/williamson_6.toml"),
        "galewsky" => include_str!("../../../configs/sphere/shallow_water/galewsky.toml"),
        "laeuter" => include_str!("../../../configs/sphere/shallow_water/laeuter.toml"),
        "rest_over_mountain_sphere" => include_str!("../../../configs/sphere/rest_over_mountain_sphere.toml"),
        "jablonowski_williamson" => include_str!("../../../configs/sphere/jablonowski_williamson.toml"),
        "isothermal_rest" => include_str!("../../../configs/sphere/isothermal_rest.toml"),
        "baroclinic_wave" => include_str!("../../../configs/sphere/baroclinic_wave.toml"),
        "deformational_flow" => include_str!("../../../configs/sphere/shallow_water/terminator.toml"),
        "schaer_sphere" => include_str!("../../../configs/sphere/schaer_sphere.toml"),
        "supercell_sphere" => include_str!("../../../configs/sphere/supercell_sphere.toml"),
        "gravity_wave_sphere" => include_str!("../../../configs/sphere/gravity_wave.toml"),
        _ => return Err(Error::Internal(format!("case `{case}` has no configuration to verify"))),
    })
}

const STRAKA: &str = "Straka et al. 1993";
const GIRALDO: &str = "Giraldo and Restelli 2008";
const BRYAN: &str = "Bryan and Fritsch 2002";
const WEISMAN: &str = "Weisman and Klemp 1982";
const CM1: &str = "CM1 r21.1, with turbulence and open sides";
const SKAMAROCK: &str = "Giraldo and Restelli 2008 for Skamarock and Klemp 1994";
const BALDAUF: &str = "Baldauf and Brdar 2013, exact solution";
pub(super) const EXACT: &str = "exact";

/// A row of the table.
pub(super) const fn expect(
    quantity: &'static str,
    unit: &'static str,
    measure: fn(&[&Evidence]) -> Result<f64>,
    published: &'static str,
    allowed: [f64; 2],
    source: &'static str,
) -> Expectation {
    Expectation { quantity, unit, measure, published, allowed, source }
}

const CURRENT_VARIABLES: &[&str] = &["theta_perturbation", "w", "one"];

/// A density current at the given cell size.
macro_rules! density_current {
    ($dx:literal, $nx:literal, $nz:literal $(, $more:literal)*) => {
        Run {
            case: "density_current",
            overrides: &[
                concat!("grid.nx=", $nx),
                concat!("grid.nz=", $nz),
                concat!("grid.dx_m=", $dx),
                concat!("grid.dz_m=", $dx),
                "dynamics.tracers=[\"one\"]",
                $($more,)*
            ],
            variables: CURRENT_VARIABLES,
        }
    };
}

const CURRENT_200: Run = density_current!("200.0", "256", "32");
const CURRENT_100: Run = density_current!("100.0", "512", "64");
const CURRENT_50: Run = density_current!("50.0", "1024", "128");
const CURRENT_IN_WIND: Run =
    density_current!("100.0", "512", "64", "case.wind_m_per_s=20.0", "boundary.x=\"periodic\"");
const CURRENT_THETA_50: Run = density_current!("50.0", "1024", "128", "case.theta_variant=1.0");

/// The linear waves at the given cell size; cells are half as high as they are long.
macro_rules! baldauf_brdar {
    ($dx:literal, $dz:literal, $nx:literal, $nz:literal) => {
        Run {
            case: "baldauf_brdar",
            overrides: &[
                concat!("grid.nx=", $nx),
                concat!("grid.nz=", $nz),
                concat!("grid.dx_m=", $dx),
                concat!("grid.dz_m=", $dz),
            ],
            variables: &["temperature_perturbation", "w"],
        }
    };
}

const REST_VARIABLES: &[&str] = &["u", "w", "theta_perturbation", "pressure_perturbation"];

const REST_EXPECTATIONS: &[Expectation] = &[
    expect("largest |u|", "m/s", |of| of[0].largest_difference_from("u", 0.0), "0", [0.0, 0.0], EXACT),
    expect("largest |w|", "m/s", |of| of[0].largest_difference_from("w", 0.0), "0", [0.0, 0.0], EXACT),
    expect("largest |theta'|", "K", theta_change, "0", [0.0, 0.0], EXACT),
    expect(
        "largest |p'|",
        "Pa",
        |of| of[0].largest_difference_from("pressure_perturbation", 0.0),
        "0",
        [0.0, 0.0],
        EXACT,
    ),
];

/// The wave is 10 km wide: with cells of 2 km it is not resolved well enough for an order to show.
const ORDER_EXPECTATIONS: &[Expectation] = &[
    expect("order of T'", "1", |of| order(of, Evidence::temperature_error), "2", [1.8, 6.0], BALDAUF),
    expect("order of w", "1", |of| order(of, Evidence::w_error), "2", [1.8, 6.0], BALDAUF),
];

/// A case of shallow water with so many cells along the edge of a panel.
macro_rules! layer {
    ($case:literal, $n:literal, $variables:expr $(, $more:literal)*) => {
        Run {
            case: $case,
            overrides: &[concat!("grid.cells_per_edge=", $n), $($more,)*],
            variables: $variables,
        }
    };
}

const STEADY_32: Run = layer!("williamson_2", "32", &["depth"]);
const STEADY_64: Run = layer!("williamson_2", "64", &["depth"]);
const MOUNTAIN_64: Run = layer!("williamson_5", "64", &["depth"]);
const MOUNTAIN_128: Run = layer!("williamson_5", "128", &["depth"]);

const fn volume_drift() -> Expectation {
    expect("volume drift", "1", |of| Ok(of[0].ending.mass_drift.abs()), "0", [0.0, 1e-12], EXACT)
}

/// All trials, by case.
pub fn trials() -> &'static [Trial] {
    TRIALS
}

static TRIALS: &[Trial] = &[
    Trial {
        title: "rest stays exact, double precision",
        effort: Effort::Short,
        runs: &[Run {
            case: "stratified_rest",
            overrides: &["dynamics.precision=\"double\""],
            variables: REST_VARIABLES,
        }],
        expectations: REST_EXPECTATIONS,
    },
    Trial {
        title: "rest stays exact, single precision",
        effort: Effort::Short,
        runs: &[Run {
            case: "stratified_rest",
            overrides: &["dynamics.precision=\"single\""],
            variables: REST_VARIABLES,
        }],
        expectations: REST_EXPECTATIONS,
    },
    Trial {
        title: "100 m, 900 s",
        effort: Effort::Short,
        runs: &[CURRENT_100],
        expectations: &[
            expect("front", "km", front, "15.54", [15.40, 15.56], STRAKA),
            expect("theta' min", "K", theta_min, "-9.77", [-9.9, -9.5], STRAKA),
            expect("w min", "m/s", w_min, "-15.95", [-16.3, -15.6], STRAKA),
            expect("w max", "m/s", w_max, "12.93", [12.9, 13.6], STRAKA),
            expect(
                "asymmetry of theta'",
                "K",
                |of| of[0].mirror_error("theta_perturbation"),
                "0",
                [0.0, 1e-12],
                EXACT,
            ),
            expect("asymmetry of w", "m/s", |of| of[0].mirror_error("w"), "0", [0.0, 1e-12], EXACT),
            expect("mass drift", "1", |of| Ok(of[0].ending.mass_drift.abs()), "0", [0.0, 1e-13], EXACT),
            expect("tracer 1, difference", "kg/kg", tracer_change, "0", [0.0, 1e-12], EXACT),
        ],
    },
    Trial {
        title: "in a wind of 20 m/s, 100 m, 900 s",
        effort: Effort::Short,
        runs: &[CURRENT_IN_WIND],
        expectations: &[expect(
            "asymmetry of the fronts",
            "1",
            |of| Ok(of[0].fronts()?.map_or(f64::NAN, |fronts| fronts.asymmetry())),
            "0",
            [0.0, 0.02],
            EXACT,
        )],
    },
    Trial {
        title: "convergence over 200, 100 and 50 m, 900 s",
        effort: Effort::Long,
        runs: &[CURRENT_200, CURRENT_100, CURRENT_50],
        expectations: &[
            expect("front, 200 m", "km", front, "15.54", [15.0, 16.0], STRAKA),
            expect(
                "front, 50 m minus 100 m",
                "km",
                |of| Ok((of[2].front_km()? - of[1].front_km()?).abs()),
                "0",
                [0.0, 0.12],
                STRAKA,
            ),
            expect("front, 50 m", "km", |of| of[2].front_km(), "15.54", [15.40, 15.56], STRAKA),
        ],
    },
    Trial {
        title: "cold in potential temperature, 50 m, 900 s",
        effort: Effort::Long,
        runs: &[CURRENT_THETA_50],
        expectations: &[expect("front", "km", front, "14.77", [14.70, 14.85], GIRALDO)],
    },
    Trial {
        title: "10 m, 700 s",
        effort: Effort::Short,
        runs: &[Run {
            case: "giraldo_bubble",
            overrides: &["grid.nx=100", "grid.nz=100", "grid.dx_m=10.0", "grid.dz_m=10.0"],
            variables: &["theta_perturbation", "w"],
        }],
        expectations: &[
            expect("theta' max", "K", theta_max, "0.538 and 0.570 (5 m)", [0.48, 0.58], GIRALDO),
            expect("w max", "m/s", w_max, "2.536 and 2.543 (5 m)", [2.35, 2.65], GIRALDO),
            expect("w min", "m/s", w_min, "-1.911 and -1.915 (5 m)", [-2.0, -1.7], GIRALDO),
        ],
    },
    Trial {
        title: "100 m, 1000 s",
        effort: Effort::Short,
        runs: &[Run {
            case: "bryan_fritsch",
            overrides: &["grid.nx=200", "grid.nz=100", "grid.dx_m=100.0", "grid.dz_m=100.0"],
            variables: &["theta_perturbation", "w"],
        }],
        expectations: &[
            expect("theta' max", "K", theta_max, "2.073", [1.98, 2.10], BRYAN),
            expect("w max", "m/s", w_max, "14.54", [14.2, 14.8], BRYAN),
            expect("w min", "m/s", w_min, "-8.58", [-8.8, -8.3], BRYAN),
        ],
    },
    Trial {
        title: "100 m, 1000 s",
        effort: Effort::Short,
        runs: &[Run { case: "bryan_fritsch_moist", overrides: &[], variables: &["theta_e", "w"] }],
        expectations: &[
            expect("theta_e' max", "K", theta_e_max, "4.095", [3.9, 4.2], BRYAN),
            expect("theta_e' min", "K", theta_e_min, "-0.306", [-0.36, -0.25], BRYAN),
            expect("w max", "m/s", w_max, "15.71", [15.3, 16.3], BRYAN),
            expect("w min", "m/s", w_min, "-9.93", [-10.3, -9.6], BRYAN),
        ],
    },
    Trial {
        title: "straight shear, 60 km x 48 km, 30 min",
        effort: Effort::Short,
        runs: &[Run {
            case: "weisman_klemp",
            overrides: &["grid.nx=60", "grid.ny=48", "grid.x_min_m=0.0", "time.end_s=1800.0"],
            variables: &["w", "rain", "accumulated_rain"],
        }],
        expectations: &[
            expect("w max", "m/s", w_max, "25 to 45", [25.0, 50.0], WEISMAN),
            expect(
                "asymmetry of w across the shear",
                "m/s",
                |of| of[0].asymmetry_across("w"),
                "0",
                [0.0, 0.0],
                EXACT,
            ),
            expect("asymmetry of rain", "1", |of| of[0].asymmetry_across("rain"), "0", [0.0, 0.0], EXACT),
            expect("least rain", "kg/kg", |of| Ok(of[0].extremes("rain")?.min), "0", [-1e-12, 0.0], EXACT),
        ],
    },
    Trial {
        title: "quarter-circle wind, 120 km x 120 km, 60 min",
        effort: Effort::Long,
        runs: &[
            Run { case: "supercell", overrides: &["time.end_s=1200.0"], variables: &["w"] },
            Run { case: "supercell", overrides: &["time.end_s=2400.0"], variables: &["w"] },
            Run { case: "supercell", overrides: &["time.end_s=3600.0"], variables: &["w"] },
        ],
        expectations: &[
            expect("w max after 20 min", "m/s", w_max, "15.0", [13.0, 18.0], CM1),
            expect("w max after 40 min", "m/s", |of| Ok(of[1].extremes("w")?.max), "44.3", [40.0, 48.0], CM1),
            expect("w max", "m/s", |of| Ok(of[2].extremes("w")?.max), "46.0", [42.0, 50.0], CM1),
        ],
    },
    Trial {
        title: "1 km x 250 m, 3000 s",
        effort: Effort::Short,
        runs: &[Run {
            case: "inertia_gravity_wave",
            overrides: &["grid.nx=300", "grid.nz=40", "grid.dx_m=1000.0", "grid.dz_m=250.0"],
            variables: &["theta_perturbation"],
        }],
        expectations: &[
            expect("theta' min", "K", theta_min, "-1.52e-3", [-1.54e-3, -1.46e-3], SKAMAROCK),
            expect("theta' max", "K", theta_max, "2.78e-3", [2.74e-3, 2.86e-3], SKAMAROCK),
        ],
    },
    Trial {
        title: "convergence to the exact solution, dx from 1 km to 250 m, 1800 s",
        effort: Effort::Short,
        runs: &[
            baldauf_brdar!("1000.0", "500.0", "300", "20"),
            baldauf_brdar!("500.0", "250.0", "600", "40"),
            baldauf_brdar!("250.0", "125.0", "1200", "80"),
        ],
        expectations: ORDER_EXPECTATIONS,
    },
    Trial {
        title: "convergence to the exact solution, dx from 1 km to 125 m, 1800 s",
        effort: Effort::Long,
        runs: &[
            baldauf_brdar!("1000.0", "500.0", "300", "20"),
            baldauf_brdar!("500.0", "250.0", "600", "40"),
            baldauf_brdar!("250.0", "125.0", "1200", "80"),
            baldauf_brdar!("125.0", "62.5", "2400", "160"),
        ],
        expectations: ORDER_EXPECTATIONS,
    },
    Trial {
        title: "one period",
        effort: Effort::Short,
        runs: &[Run {
            case: "tracer_advection",
            overrides: &[
                "grid.nx=100",
                "grid.ny=1",
                "grid.nz=10",
                "grid.dx_m=1000.0",
                "grid.dz_m=1000.0",
                "case.wind_m_per_s=10.0",
                "case.wind_y_m_per_s=0.0",
                "time.end_s=10000.0",
                "dynamics.tracer_limiter=\"positive\"",
            ],
            variables: &["theta_perturbation", "one", "bell", "block"],
        }],
        expectations: &[
            expect("tracer 1, difference", "kg/kg", tracer_change, "0", [0.0, 1e-12], EXACT),
            expect("bell, relative l2 error", "1", |of| of[0].tracer_error("bell"), "0", [0.0, 0.01], EXACT),
            expect("block min", "kg/kg", |of| Ok(of[0].extremes("block")?.min), "0", [-1e-12, 0.0], EXACT),
            expect("largest |theta'|", "K", theta_change, "0", [0.0, 0.0], EXACT),
        ],
    },
    Trial {
        title: "at rest over a mountain, 32 x 32 x 6, 20 days",
        effort: Effort::Short,
        runs: &[layer!("lake_at_rest", "32", &["u", "v"])],
        expectations: &[
            expect("largest speed", "m/s", |of| of[0].largest_speed(), "0", [0.0, 1e-11], EXACT),
            volume_drift(),
        ],
    },
    Trial {
        title: "over four corners, 32 x 32 x 6, 12 days",
        effort: Effort::Short,
        runs: &[layer!("williamson_1", "32", &["bell"])],
        expectations: &[
            expect("bell, l2 error", "1", |of| of[0].carried_tracer_error("bell"), "0", [0.0, 0.030], EXACT),
            expect("bell min", "1", |of| Ok(of[0].extremes("bell")?.min), "0", [0.0, 1e-6], EXACT),
        ],
    },
    Trial {
        title: "over four corners, 64 x 64 x 6, 12 days",
        effort: Effort::Long,
        runs: &[layer!("williamson_1", "64", &["bell"])],
        expectations: &[
            expect("bell, l2 error", "1", |of| of[0].carried_tracer_error("bell"), "0", [0.0, 0.006], EXACT),
            expect("bell min", "1", |of| Ok(of[0].extremes("bell")?.min), "0", [0.0, 1e-6], EXACT),
        ],
    },
    Trial {
        title: "grid along the flow, 32 x 32 x 6, 5 days",
        effort: Effort::Short,
        runs: &[layer!("williamson_2", "32", &["depth"], "grid.tilt_deg=0.0")],
        expectations: &[
            expect("depth, l2 error", "1", |of| of[0].depth_error(), "0", [0.0, 1.6e-6], EXACT),
            volume_drift(),
        ],
    },
    Trial {
        title: "over the corners, 16 and 32 cells an edge, 5 days",
        effort: Effort::Short,
        runs: &[layer!("williamson_2", "16", &["depth"]), STEADY_32],
        expectations: &[
            expect("depth, l2 error at 32", "1", |of| of[1].depth_error(), "0", [0.0, 1.6e-6], EXACT),
            expect("order", "1", |of| order(of, Evidence::depth_error), "4", [3.7, 5.0], EXACT),
        ],
    },
    Trial {
        title: "over the corners, 32 and 64 cells an edge, 5 days",
        effort: Effort::Long,
        runs: &[STEADY_32, STEADY_64],
        expectations: &[
            expect("depth, l2 error at 64", "1", |of| of[1].depth_error(), "0", [0.0, 1.0e-7], EXACT),
            expect("order", "1", |of| order(of, Evidence::depth_error), "4", [3.7, 5.0], EXACT),
        ],
    },
    Trial {
        title: "64 and 128 cells an edge, 15 days",
        effort: Effort::Long,
        runs: &[MOUNTAIN_64, MOUNTAIN_128],
        expectations: &[
            volume_drift(),
            expect("energy drift", "1", |of| of[0].energy_drift(), "0", [-1e-6, 1e-6], EXACT),
            expect("enstrophy drift", "1", |of| of[0].enstrophy_drift(), "0", [-5e-5, 5e-5], EXACT),
            expect(
                "depth, l2 difference to 128",
                "1",
                |of| of[0].difference_from_finer(of[1]),
                "0",
                [0.0, 6e-5],
                EXACT,
            ),
        ],
    },
    Trial {
        title: "32 x 32 x 6, 14 days",
        effort: Effort::Short,
        runs: &[layer!("williamson_6", "32", &["depth"])],
        expectations: &[
            expect(
                "difference of the panels",
                "m",
                |of| of[0].difference_of_panels("depth"),
                "0",
                [0.0, 1e-9],
                EXACT,
            ),
            volume_drift(),
        ],
    },
    Trial {
        title: "jet that must stay zonal, 128 x 128 x 6, 4 days",
        effort: Effort::Long,
        runs: &[layer!("galewsky", "128", &["depth"], "case.perturbation_m=0.0", "time.end_s=345600.0")],
        expectations: &[expect("depth, l2 error", "1", |of| of[0].depth_error(), "0", [0.0, 2e-4], EXACT)],
    },
    Trial {
        title: "16 and 32 cells an edge, 5 days",
        effort: Effort::Short,
        runs: &[layer!("laeuter", "16", &["depth"]), layer!("laeuter", "32", &["depth"])],
        expectations: &[
            expect("depth, l2 error at 32", "1", |of| of[1].depth_error(), "0", [0.0, 5e-6], EXACT),
            // The time steps, of third order, make most of the error.
            expect("order", "1", |of| order(of, Evidence::depth_error), "3", [2.9, 4.5], EXACT),
        ],
    },
    REST_SHORT,
    REST_LONG,
    NONHYDROSTATIC,
    HYDROSTATIC,
    TURNING_WAVES,
    OPEN_HYDROSTATIC,
    SEVERAL_RIDGES,
    SLOPE,
    WAVES_IN_CLOUDS,
    OROGRAPHIC_RAIN,
    REST_DOUBLE,
    REST_SINGLE,
    STEADY_SHORT,
    STEADY_LONG,
    WAVE,
    INVISCID_WAVE,
    SMALL_PLANET,
    REST_ON_GROUND,
    BALANCED_GROUND,
    WAVE_OVER_GROUND,
    GRAVITY_WAVE,
    SPLITTING_SHORT,
    SPLITTING_LONG,
    DEFORMATION,
    TERMINATOR,
];
