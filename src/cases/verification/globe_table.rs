//! The trials of the globe's air.

use super::quantities::{order, w_max};
use super::table::{EXACT, expect};
use super::{Effort, Evidence, Run, Trial};
use crate::error::Result;

const ULLRICH: &str = "Ullrich et al. 2014, read from plots";
const JABLONOWSKI: &str = "Jablonowski and Williamson 2006, read from plots";
const DCMIP: &str = "Ullrich et al. 2012, read from plots";
const ZARZYCKI: &str = "Zarzycki et al. 2019, read from plots, with viscosity";

fn largest_u(of: &[&Evidence]) -> Result<f64> {
    of[0].largest_difference_from("u", 0.0)
}

fn largest_v(of: &[&Evidence]) -> Result<f64> {
    of[0].largest_difference_from("v", 0.0)
}

fn largest_w(of: &[&Evidence]) -> Result<f64> {
    of[0].largest_difference_from("w", 0.0)
}

const REST_VARIABLES: &[&str] = &["u", "v", "w"];

pub(super) const REST_DOUBLE: Trial = Trial {
    title: "air of 280 K over a reference of 260 K stays at rest, 1 day, double precision",
    effort: Effort::Short,
    runs: &[Run {
        case: "isothermal_rest",
        overrides: &["dynamics.precision=\"double\""],
        variables: REST_VARIABLES,
    }],
    expectations: &[
        expect("largest |u|", "m/s", largest_u, "0", [0.0, 0.0], EXACT),
        expect("largest |v|", "m/s", largest_v, "0", [0.0, 0.0], EXACT),
        expect("largest |w|", "m/s", largest_w, "0", [0.0, 1e-10], EXACT),
        expect("mass drift", "1", |of| Ok(of[0].ending.mass_drift.abs()), "0", [0.0, 1e-14], EXACT),
    ],
};

pub(super) const REST_SINGLE: Trial = Trial {
    title: "air of 280 K over a reference of 260 K stays at rest, 1 day, single precision",
    effort: Effort::Short,
    runs: &[Run {
        case: "isothermal_rest",
        overrides: &["dynamics.precision=\"single\""],
        variables: REST_VARIABLES,
    }],
    expectations: &[
        expect("largest |u|", "m/s", largest_u, "0", [0.0, 0.0], EXACT),
        expect("largest |v|", "m/s", largest_v, "0", [0.0, 0.0], EXACT),
        expect("largest |w|", "m/s", largest_w, "0", [0.0, 1e-5], EXACT),
    ],
};

/// A jet that stays as it is, on a grid of the given size and tilt.
macro_rules! steady_jet {
    ($cells:literal, $levels:literal, $stretching:literal, $days:literal, $tilt:literal) => {
        Run {
            case: "baroclinic_wave",
            overrides: &[
                "case.perturbation_m_per_s=0.0",
                "dynamics.viscosity_m2_per_s=0.0",
                concat!("grid.cells_per_edge=", $cells),
                concat!("grid.nz=", $levels),
                concat!("grid.stretching=", $stretching),
                concat!("grid.tilt_deg=", $tilt),
                concat!("time.end_s=", $days),
            ],
            variables: &["u", "v", "surface_pressure"],
        }
    };
}

/// The change of the wind and two waves of the surface pressure, which the panels would leave, of both runs.
macro_rules! steady_expectations {
    ($wind:literal, $wave_4:literal, $wave_8:literal) => {
        &[
            expect("l2(V - V0)", "m/s", |of| of[0].wind_change(), "0", [0.0, $wind], EXACT),
            expect("wave 4 of ps at 45 N", "Pa", |of| of[0].pressure_wave(4), "0", [0.0, $wave_4], EXACT),
            expect("wave 8 of ps at 45 N", "Pa", |of| of[0].pressure_wave(8), "0", [0.0, $wave_8], EXACT),
            expect("tilted: l2(V - V0)", "m/s", |of| of[1].wind_change(), "0", [0.0, $wind], EXACT),
            expect("tilted: wave 4", "Pa", |of| of[1].pressure_wave(4), "0", [0.0, $wave_4], EXACT),
            expect("tilted: wave 8", "Pa", |of| of[1].pressure_wave(8), "0", [0.0, $wave_8], EXACT),
        ]
    };
}

pub(super) const STEADY_SHORT: Trial = Trial {
    title: "a steady jet, 16 cells along an edge, 1 day; also on a grid tilted by 45 degrees",
    effort: Effort::Short,
    runs: &[
        steady_jet!("16", "10", "5.0", "\"1 day\"", "0.0"),
        steady_jet!("16", "10", "5.0", "\"1 day\"", "45.0"),
    ],
    expectations: steady_expectations!(0.06, 2.1, 1.9),
};

pub(super) const STEADY_LONG: Trial = Trial {
    title: "a steady jet, 48 cells along an edge, 10 days; also on a grid tilted by 45 degrees",
    effort: Effort::Long,
    runs: &[
        steady_jet!("48", "30", "15.0", "\"10 days\"", "0.0"),
        steady_jet!("48", "30", "15.0", "\"10 days\"", "45.0"),
    ],
    expectations: steady_expectations!(0.1, 1.0, 5.0),
};

/// The lowest surface pressure after so many days beside what other models show. The published plots can be
/// read to a few hPa only and differ between models: the range that passes lies around this model's own value.
macro_rules! lowest_pressure {
    ($day:literal, $published:literal, $own:literal, $tolerance:literal) => {
        expect(
            concat!("lowest ps, day ", $day),
            "hPa",
            |of| Ok(of[0].lowest_pressure($day as f64)),
            $published,
            [$own - $tolerance, $own + $tolerance],
            ULLRICH,
        )
    };
}

/// How much the lowest surface pressure after so many days changes from the first run to the second.
macro_rules! change_of_lowest_pressure {
    ($day:literal) => {
        expect(
            concat!("change of lowest ps with the grid, day ", $day),
            "hPa",
            |of| Ok(of[1].lowest_pressure($day as f64) - of[0].lowest_pressure($day as f64)),
            "0",
            [-0.5, 0.5],
            EXACT,
        )
    };
}

pub(super) const WAVE: Trial = Trial {
    title: "a growing wave, 48 cells along an edge, 10 days, and 64, 9 days; ranges around this model's own values",
    effort: Effort::Long,
    runs: &[
        Run { case: "baroclinic_wave", overrides: &[], variables: &["surface_pressure"] },
        Run {
            case: "baroclinic_wave",
            overrides: &["grid.cells_per_edge=64", "time.end_s=\"9 days\""],
            variables: &["surface_pressure"],
        },
    ],
    expectations: &[
        lowest_pressure!(5, "none", 998.4, 0.5),
        lowest_pressure!(6, "about 995", 996.9, 1.0),
        lowest_pressure!(7, "none", 993.6, 1.0),
        lowest_pressure!(8, "977 to 985", 986.4, 2.0),
        lowest_pressure!(9, "968 to 975", 969.4, 1.0),
        lowest_pressure!(10, "956 to 966", 944.8, 3.0),
        change_of_lowest_pressure!(7),
        change_of_lowest_pressure!(8),
        change_of_lowest_pressure!(9),
    ],
};

/// Without viscosity fronts shrink to a cell from day 8 on, and how deep small lows become is a matter of the grid.
pub(super) const INVISCID_WAVE: Trial = Trial {
    title: "the same without viscosity, 48 cells along an edge, 10 days; ranges around this model's own values",
    effort: Effort::Long,
    runs: &[Run {
        case: "baroclinic_wave",
        overrides: &["dynamics.viscosity_m2_per_s=0.0"],
        variables: &["surface_pressure"],
    }],
    expectations: &[
        lowest_pressure!(5, "none", 998.2, 0.5),
        lowest_pressure!(6, "about 995", 996.4, 1.0),
        lowest_pressure!(7, "none", 992.4, 1.5),
        lowest_pressure!(8, "977 to 985", 983.2, 3.0),
        lowest_pressure!(9, "968 to 975", 961.5, 5.0),
        lowest_pressure!(10, "956 to 966", 938.4, 6.0),
    ],
};

pub(super) const REST_ON_GROUND: Trial = Trial {
    title: "the reference state over ridges, 16 cells along an edge, 6 hours",
    effort: Effort::Short,
    runs: &[Run {
        case: "rest_over_mountain_sphere",
        overrides: &[
            "case.temperature_k=260.0",
            "case.lapse_rate_k_per_m=0.0",
            "grid.cells_per_edge=16",
            "grid.nz=12",
            "time.end_s=21600.0",
        ],
        variables: REST_VARIABLES,
    }],
    expectations: &[
        expect("largest |u|", "m/s", largest_u, "0", [0.0, 0.0], EXACT),
        expect("largest |v|", "m/s", largest_v, "0", [0.0, 0.0], EXACT),
        expect("largest |w|", "m/s", largest_w, "0", [0.0, 0.0], EXACT),
        expect("mass drift", "1", |of| Ok(of[0].ending.mass_drift.abs()), "0", [0.0, 0.0], EXACT),
    ],
};

pub(super) const BALANCED_GROUND: Trial = Trial {
    title: "a steady jet over balanced ground, 24 cells along an edge, 2 days",
    effort: Effort::Short,
    runs: &[Run {
        case: "jablonowski_williamson",
        overrides: &["case.perturbation_m_per_s=0.0", "grid.cells_per_edge=24", "time.end_s=\"2 days\""],
        variables: &["u", "v", "surface_pressure"],
    }],
    expectations: &[
        expect("l2(V - V0)", "m/s", |of| of[0].wind_change(), "0", [0.0, 0.03], EXACT),
        expect("largest |v|", "m/s", largest_v, "0", [0.0, 0.05], EXACT),
        expect("wave 4 of ps at 45 N", "Pa", |of| of[0].pressure_wave(4), "0", [0.0, 1.6], EXACT),
        expect("mass drift", "1", |of| Ok(of[0].ending.mass_drift.abs()), "0", [0.0, 1e-14], EXACT),
    ],
};

/// As [`lowest_pressure`], of Jablonowski and Williamson.
macro_rules! lowest_over_ground {
    ($day:literal, $published:literal, $own:literal, $tolerance:literal) => {
        expect(
            concat!("lowest ps, day ", $day),
            "hPa",
            |of| Ok(of[0].lowest_pressure($day as f64)),
            $published,
            [$own - $tolerance, $own + $tolerance],
            JABLONOWSKI,
        )
    };
}

pub(super) const WAVE_OVER_GROUND: Trial = Trial {
    title: "a growing wave over balanced ground, 32 cells along an edge, 9 days; ranges around this model's own values",
    effort: Effort::Long,
    runs: &[Run {
        case: "jablonowski_williamson",
        overrides: &["time.end_s=\"9 days\""],
        variables: &["surface_pressure"],
    }],
    expectations: &[
        lowest_over_ground!(6, "990 to 992", 993.3, 1.0),
        lowest_over_ground!(7, "about 986", 986.1, 1.5),
        lowest_over_ground!(8, "about 972", 968.3, 3.0),
        lowest_over_ground!(9, "940 to 947", 942.5, 4.0),
    ],
};

pub(super) const SMALL_PLANET: Trial = Trial {
    title: "wind around a small planet without its hill, and with it, 16 cells along an edge, 10 min",
    effort: Effort::Short,
    runs: &[
        Run {
            case: "schaer_sphere",
            overrides: &["case.height_m=0", "grid.cells_per_edge=16", "grid.nz=15", "time.end_s=600"],
            variables: &["u", "v"],
        },
        Run {
            case: "schaer_sphere",
            overrides: &["grid.cells_per_edge=16", "grid.nz=15", "time.end_s=600"],
            variables: &["u", "v", "w"],
        },
    ],
    expectations: &[
        expect("without: l2(V - V0)", "m/s", |of| of[0].wind_change(), "0", [0.0, 1e-3], EXACT),
        expect(
            "with: u, north against south",
            "m/s",
            |of| of[1].asymmetry_across_equator("u"),
            "0",
            [0.0, 1e-11],
            EXACT,
        ),
    ],
};

pub(super) const GRAVITY_WAVE: Trial = Trial {
    title: "waves on a small planet, one degree, 1 hour",
    effort: Effort::Long,
    runs: &[Run { case: "gravity_wave_sphere", overrides: &[], variables: &["theta_perturbation"] }],
    expectations: &[
        expect("theta' min", "K", super::quantities::theta_min, "about -0.08", [-0.10, -0.06], DCMIP),
        expect("theta' max", "K", super::quantities::theta_max, "about 0.14", [0.11, 0.17], DCMIP),
    ],
};

pub(super) const SPLITTING_SHORT: Trial = Trial {
    title: "a storm over the equator of a small planet, 16 cells along an edge, 30 min; range around this model's own",
    effort: Effort::Short,
    runs: &[Run {
        case: "supercell_sphere",
        overrides: &["grid.cells_per_edge=16", "time.end_s=1800.0", "dynamics.precision=\"double\""],
        variables: &["w", "rain"],
    }],
    expectations: &[
        expect("w max", "m/s", w_max, "none", [7.0, 8.2], ZARZYCKI),
        expect(
            "asymmetry of w across the equator",
            "m/s",
            |of| of[0].asymmetry_across_equator("w"),
            "0",
            [0.0, 1e-9],
            EXACT,
        ),
        expect("least rain", "kg/kg", |of| Ok(of[0].extremes("rain")?.min), "0", [-1e-12, 0.0], EXACT),
    ],
};

pub(super) const SPLITTING_LONG: Trial = Trial {
    title: "a storm over the equator of a small planet, 32 cells along an edge, 60 min",
    effort: Effort::Long,
    runs: &[Run { case: "supercell_sphere", overrides: &["time.end_s=3600.0"], variables: &["w"] }],
    expectations: &[
        expect("w max", "m/s", w_max, "20 to 50", [30.0, 44.0], ZARZYCKI),
        // Single precision, in a storm that doubles differences every few minutes.
        expect(
            "asymmetry of w across the equator",
            "m/s",
            |of| of[0].asymmetry_across_equator("w"),
            "0",
            [0.0, 0.01],
            EXACT,
        ),
    ],
};

/// Tracers in a wind that deforms them and turns back.
macro_rules! deformed {
    ($n:literal) => {
        Run {
            case: "deformational_flow",
            overrides: &[
                concat!("grid.cells_per_edge=", $n),
                "physics.processes=[]",
                "dynamics.tracers=[\"bell\",\"one\"]",
                "output.variables=[\"bell\"]",
            ],
            variables: &["bell", "one"],
        }
    };
}

pub(super) const DEFORMATION: Trial = Trial {
    title: "tracers deformed and back, 24 and 48 cells along an edge, 12 days",
    effort: Effort::Short,
    runs: &[deformed!("24"), deformed!("48")],
    expectations: &[
        expect(
            "bell, l2 error at 48",
            "1",
            |of| of[1].carried_tracer_error("bell"),
            "0",
            [0.0, 0.012],
            EXACT,
        ),
        // The bell has a kink in its slope.
        expect("order", "1", |of| order(of, |run| run.carried_tracer_error("bell")), "2", [2.0, 4.0], EXACT),
        expect(
            "tracer 1, difference",
            "1",
            |of| of[1].largest_difference_from("one", 1.0),
            "0",
            [0.0, 1e-13],
            EXACT,
        ),
    ],
};

pub(super) const TERMINATOR: Trial = Trial {
    title: "the sum of chlorine, 45 cells along an edge, 12 days; first without, then with the positive limiter",
    effort: Effort::Short,
    runs: &[
        Run {
            case: "deformational_flow",
            overrides: &["dynamics.tracer_limiter=\"none\""],
            variables: &["cl", "cl2"],
        },
        Run { case: "deformational_flow", overrides: &[], variables: &["cl", "cl2"] },
    ],
    expectations: &[
        // Transport without a limiter is linear.
        expect("largest deviation", "1", |of| of[0].chlorine_deviation(1), "0", [0.0, 1e-13], EXACT),
        expect("positive: l2 deviation", "1", |of| of[1].chlorine_deviation(0), "0", [0.0, 0.035], EXACT),
        expect("positive: least Cl", "1", |of| Ok(of[1].extremes("cl")?.min), "0", [-1e-20, 1e-9], EXACT),
    ],
};
