//! The results are the same bits for any number of ranks, threads and tiles: snapshots, series and
//! checkpoints of runs that use everything at once.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | snapshots, checkpoints, series | 0 | every flux is computed by the same operations on both sides, sums are exact |
//!
//! By default every pair of (ranks, tiling) runs, with threads and precision in turn; the whole product
//! takes minutes: `GALE_WHOLE_PRODUCT=1 cargo test --features mpi --test decomposition`.

mod support;

use std::fs;
use std::path::Path;
use support::{gale, have_mpi, mpirun};
use tempfile::TempDir;

const THREADS: [usize; 2] = [1, 2];
const PRECISIONS: [&str; 2] = ["single", "double"];

/// Set: all ways are tried.
const WHOLE_PRODUCT: &str = "GALE_WHOLE_PRODUCT";

/// A domain, three ways to cut it, and what it runs with.
struct Domain {
    text: &'static str,
    /// On the plane equal tiles, tiles of different size, and tiles thinner than the halo of 3 cells.
    tilings: [&'static str; 3],
    ranks: [usize; 5],
    integrators: &'static [&'static str],
}

/// A density current between walls, carrying tracers.
const PLANE: Domain = Domain {
    text: "\
[case]
name = \"density_current\"
[grid]
nx = 36
nz = 10
dx_m = 800.0
dz_m = 640.0
x_min_m = -14400.0
[time]
end_s = 60.0
[dynamics]
viscosity_m2_per_s = 75.0
tracers = [\"layer\"]
[boundary]
x = \"wall\"
[output]
every_s = 30.0
series_every_s = 10.0
precision = \"double\"
[checkpoint]
every_s = 30.0
",
    tilings: ["[6, 1]", "[5, 1]", "[2, 1]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["ws3g"],
};

/// A warm bubble in the wind over stretched levels, with all forces, tracers and a sponge.
const BOX: Domain = Domain {
    text: "\
[case]
name = \"warm_bubble\"
horizontal_radius_m = 3000.0
wind_m_per_s = 15.0
[grid]
nx = 18
ny = 12
nz = 8
dx_m = 500.0
dy_m = 400.0
top_m = 8000.0
stretching = 4.0
[time]
end_s = 12.0
step_s = \"auto\"
[dynamics]
coriolis_per_s = 1e-4
viscosity_m2_per_s = 50.0
diffusivity_m2_per_s = 80.0
tracers = [\"bell\", \"block\"]
tracer_limiter = \"positive\"
[boundary]
x = \"periodic\"
y = \"wall\"
sponge_base_m = 5000.0
sponge_rate_per_s = 0.02
[output]
every_s = 6.0
series_every_s = 3.0
precision = \"double\"
[checkpoint]
every_s = 6.0
",
    tilings: ["[6, 6]", "[5, 7]", "[2, 5]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["o5g"],
};

/// Viscous wind over ridges between walls, carrying tracers, with a sponge.
const RIDGES: Domain = Domain {
    text: "\
[case]
name = \"schaer\"
[grid]
nx = 36
nz = 10
dx_m = 800.0
dz_m = 1000.0
x_min_m = -14400.0
[terrain]
shape = \"schaer\"
height_m = 800.0
half_width_m = 5000.0
wavelength_m = 4000.0
[time]
end_s = 60.0
[dynamics]
viscosity_m2_per_s = 75.0
tracers = [\"layer\"]
[boundary]
x = \"wall\"
sponge_base_m = 6000.0
sponge_rate_per_s = 0.02
[output]
every_s = 30.0
series_every_s = 10.0
precision = \"double\"
[checkpoint]
every_s = 30.0
",
    tilings: ["[6, 1]", "[5, 1]", "[2, 1]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["ws3g"],
};

/// A warm bubble in the wind over a rough hill beside the middle, over stretched levels, with all forces, eddies, tracers
/// and a sponge.
const HILL: Domain = Domain {
    text: "\
[case]
name = \"warm_bubble\"
horizontal_radius_m = 3000.0
wind_m_per_s = 15.0
[grid]
nx = 18
ny = 12
nz = 8
dx_m = 500.0
dy_m = 400.0
top_m = 8000.0
stretching = 4.0
[terrain]
shape = \"hill\"
height_m = 700.0
half_width_m = 1500.0
centre_x_m = 2000.0
centre_y_m = 800.0
[time]
end_s = 12.0
[dynamics]
coriolis_per_s = 1e-4
viscosity_m2_per_s = 50.0
diffusivity_m2_per_s = 80.0
tracers = [\"bell\", \"block\"]
[turbulence]
scheme = \"tke\"
[surface]
momentum = \"monin_obukhov\"
roughness_m = 0.1
heat = \"bulk\"
theta_k = 305.0
exchange_coefficient = 2e-3
[boundary]
y = \"wall\"
sponge_base_m = 5000.0
sponge_rate_per_s = 0.02
[output]
every_s = 6.0
series_every_s = 3.0
precision = \"double\"
[checkpoint]
every_s = 6.0
",
    tilings: ["[6, 6]", "[5, 7]", "[2, 5]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["ws3g", "o5g"],
};

/// The same between open sides with relaxation zones, one side in the middle of the hill, and what is derived from
/// differences of the wind.
const HILLSIDE: Domain = Domain {
    text: "\
[case]
name = \"warm_bubble\"
horizontal_radius_m = 3000.0
wind_m_per_s = 15.0
[grid]
nx = 16
ny = 12
nz = 8
dx_m = 500.0
dy_m = 400.0
top_m = 8000.0
stretching = 4.0
[terrain]
shape = \"hill\"
height_m = 700.0
half_width_m = 1500.0
centre_x_m = 7600.0
centre_y_m = 800.0
[time]
end_s = 12.0
[dynamics]
tracers = [\"bell\", \"block\"]
tracer_limiter = \"positive\"
[boundary]
x = \"open\"
y = \"open\"
relaxation_width_m = 1200.0
relaxation_s = 60.0
[output]
every_s = 6.0
series_every_s = 3.0
precision = \"double\"
variables = [\"u\", \"v\", \"w\", \"theta\", \"block\", \"vorticity_x\", \"vorticity_y\", \"vorticity_z\",
             \"divergence\", \"updraft_helicity\", \"w_column_max\"]
[checkpoint]
every_s = 6.0
",
    tilings: ["[6, 6]", "[1, 7]", "[5, 1]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["ws3g"],
};

/// Case and grid of the storms.
macro_rules! storm {
    () => {
        "\
[case]
name = \"supercell\"
amplitude_k = 6.0
horizontal_radius_m = 5000.0
noise_k = 0.5
[grid]
nx = 18
ny = 12
nz = 12
dx_m = 1500.0
dy_m = 1200.0
top_m = 15000.0
stretching = 3.0
"
    };
}

/// A storm that rains, with a passive tracer.
const STORM: Domain = Domain {
    text: concat!(
        storm!(),
        "\
[time]
end_s = 1200.0
[dynamics]
tracers = [\"bell\"]
[physics]
processes = [\"warm_rain\"]
[turbulence]
scheme = \"tke\"
grid_length = \"separate\"
[boundary]
sponge_base_m = 12000.0
sponge_rate_per_s = 0.003
[output]
variables = [\"u\", \"w\", \"theta_perturbation\", \"temperature\", \"vapour\", \"cloud\", \"rain\", \"reflectivity\", \"theta_e\", \"relative_humidity\", \"cape\", \"accumulated_rain\", \"bell\"]
every_s = 600.0
series_every_s = 200.0
precision = \"double\"
[checkpoint]
every_s = 600.0
"
    ),
    tilings: ["[6, 6]", "[5, 7]", "[2, 5]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["o5g"],
};

/// A storm that rains over a hill beside the middle, forced by large scales, with a passive tracer.
const STORM_HILL: Domain = Domain {
    text: concat!(
        storm!(),
        "\
[terrain]
shape = \"hill\"
height_m = 900.0
half_width_m = 5000.0
centre_x_m = 9000.0
centre_y_m = 5000.0
coordinate = \"basic\"
[time]
end_s = 1200.0
[dynamics]
tracers = [\"bell\"]
[physics]
processes = [\"simple_ice\"]
[forcing]
heights_m = [0.0, 1000.0, 9000.0]
subsidence_m_per_s = [0.0, -0.01, -0.005]
heating_k_per_s = [-2e-5, -1e-5, 0.0]
moistening_per_s = [-1e-8, 0.0, 0.0]
[boundary]
sponge_base_m = 12000.0
sponge_rate_per_s = 0.003
[output]
variables = [\"w\", \"theta_perturbation\", \"vapour\", \"rain\", \"snow\", \"graupel\", \"cloud_ice\", \"reflectivity\", \"theta_e\", \"cape\", \"water_path\", \"accumulated_rain\"]
every_s = 600.0
series_every_s = 200.0
statistics_every_s = 300.0
precision = \"double\"
[checkpoint]
every_s = 600.0
"
    ),
    tilings: ["[6, 6]", "[5, 7]", "[2, 5]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["ws3g"],
};

/// A warm bubble between open sides, with all forces, eddies, tracers and relaxation zones.
const OPEN: Domain = Domain {
    text: "\
[case]
name = \"warm_bubble\"
horizontal_radius_m = 4000.0
wind_m_per_s = 15.0
[grid]
nx = 16
ny = 12
nz = 8
dx_m = 500.0
dy_m = 400.0
top_m = 8000.0
stretching = 4.0
[time]
end_s = 12.0
[dynamics]
coriolis_per_s = 1e-4
viscosity_m2_per_s = 50.0
tracers = [\"bell\", \"block\"]
[turbulence]
scheme = \"tke\"
[boundary]
x = \"open\"
y = \"open\"
relaxation_width_m = 1200.0
relaxation_s = 60.0
[output]
every_s = 6.0
series_every_s = 3.0
precision = \"double\"
variables = [\"u\", \"v\", \"w\", \"theta\", \"block\", \"vorticity_x\", \"vorticity_z\", \"updraft_helicity\"]
[checkpoint]
every_s = 6.0
",
    tilings: ["[6, 6]", "[1, 7]", "[5, 1]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["ws3g"],
};

/// A jet on a globe turned against its grid, heated and damped. No tile reaches beyond a
/// panel: one a panel for few workers, equal ones, and long ones of six columns by nine rows and less.
const GLOBE: Domain = Domain {
    text: "\
[case]
name = \"moist_baroclinic_wave\"
vapour_kg_per_kg = 0.04
[grid]
geometry = \"sphere\"
cells_per_edge = 12
nz = 8
top_m = 30000.0
stretching = 10.0
tilt_deg = 30.0
[time]
end_s = \"6 h\"
[dynamics]
tracers = [\"one\", \"block\"]
viscosity_m2_per_s = 2e5
diffusivity_m2_per_s = 3e5
[physics]
processes = [\"held_suarez\", \"kessler\", \"terminator\"]
[boundary]
sponge_base_m = 20000.0
sponge_rate_per_s = 1e-5
sponge_w_rate_per_s = 0.003
[output]
every_s = \"3 h\"
series_every_s = \"1 h\"
precision = \"double\"
[checkpoint]
every_s = \"3 h\"
",
    tilings: ["\"auto\"", "[5, 4]", "[4, 9]"],
    ranks: [1, 2, 3, 6, 8],
    integrators: &["ws3g", "o5g"],
};

/// A jet on a turned globe over a hill beside a corner of the cube, heated, damped and raining, with tracers and a
/// sponge.
const GLOBE_HILL: Domain = Domain {
    text: "\
[case]
name = \"moist_baroclinic_wave\"
vapour_kg_per_kg = 0.04
[grid]
geometry = \"sphere\"
cells_per_edge = 12
nz = 8
top_m = 30000.0
stretching = 10.0
tilt_deg = 30.0
[terrain]
shape = \"hill\"
height_m = 2500.0
half_width_m = 1.5e6
longitude_deg = 40.0
latitude_deg = 50.0
decay_m = 12000.0
small_decay_m = 8000.0
split_m = 1.0e6
[time]
end_s = \"6 h\"
[dynamics]
rotation_per_s = 7.292e-5
tracers = [\"one\", \"block\"]
[physics]
processes = [\"held_suarez\", \"kessler\", \"terminator\"]
[boundary]
sponge_base_m = 20000.0
sponge_rate_per_s = 1e-5
sponge_w_rate_per_s = 0.003
[output]
every_s = \"3 h\"
series_every_s = \"1 h\"
precision = \"double\"
[checkpoint]
every_s = \"3 h\"
",
    tilings: ["\"auto\"", "[5, 4]", "[4, 9]"],
    ranks: [1, 2, 3, 6, 8],
    integrators: &["ws3g"],
};

/// Shallow water over a mountain on a turned cubed sphere, carrying tracers.
const LAYER: Domain = Domain {
    text: "\
[case]
name = \"williamson_5\"
[grid]
geometry = \"sphere\"
cells_per_edge = 16
tilt_deg = 30.0
[time]
end_s = 7200.0
[dynamics]
tracers = [\"bell\", \"block\"]
tracer_limiter = \"positive\"
[output]
variables = [\"depth\", \"u\", \"v\", \"vorticity\", \"surface\", \"bell\", \"block\"]
every_s = 3600.0
series_every_s = 1800.0
precision = \"double\"
[checkpoint]
every_s = 3600.0
",
    tilings: ["[8, 8]", "[16, 5]", "[6, 4]"],
    ranks: [1, 2, 3, 6, 8],
    integrators: &["ws3g"],
};

/// Chlorine that reacts in a wind that changes, on a turned cubed sphere.
const CHLORINE: Domain = Domain {
    text: "\
[case]
name = \"deformational_flow\"
[grid]
geometry = \"sphere\"
cells_per_edge = 16
tilt_deg = 30.0
[time]
end_s = \"12 h\"
[dynamics]
tracers = [\"bell\"]
[output]
variables = [\"u\", \"v\", \"vorticity\", \"cl\", \"cl2\", \"cly\", \"bell\"]
every_s = \"6 h\"
series_every_s = \"3 h\"
precision = \"double\"
[checkpoint]
every_s = \"6 h\"
",
    tilings: ["[8, 8]", "[16, 5]", "[6, 4]"],
    ranks: [1, 2, 3, 6, 8],
    integrators: &["ws3g"],
};

/// Shallow cumuli over a sea that heats and brakes the air, with eddies below the grid, forced by large scales.
const SEA: Domain = Domain {
    text: "\
[case]
name = \"bomex\"
[grid]
nx = 14
ny = 11
nz = 12
dx_m = 400.0
dy_m = 300.0
top_m = 3000.0
stretching = 4.0
[time]
end_s = 12.0
[dynamics]
coriolis_per_s = 1e-4
tracers = [\"layer\"]
[turbulence]
scheme = \"tke\"
[surface]
momentum = \"monin_obukhov\"
roughness_m = 0.1
heat = \"flux\"
heat_flux_k_m_per_s = 0.2
vapour_flux_m_per_s = 1e-4
[forcing]
heights_m = [0.0, 1000.0, 2000.0]
subsidence_m_per_s = [0.0, -0.01, -0.005]
heating_k_per_s = [-2e-5, -1e-5, 0.0]
moistening_per_s = [-1e-8, 0.0, 0.0]
[boundary]
y = \"wall\"
[output]
every_s = 6.0
series_every_s = 3.0
statistics_every_s = 3.0
precision = \"double\"
[checkpoint]
every_s = 6.0
",
    tilings: ["[5, 6]", "[5, 4]", "[2, 3]"],
    ranks: [1, 2, 3, 4, 6],
    integrators: &["ws3g"],
};

/// One way to run a domain.
#[derive(Clone, Copy, Debug)]
struct Way {
    ranks: usize,
    threads: usize,
    tiling: &'static str,
    precision: &'static str,
    integrator: &'static str,
}

impl Way {
    /// One rank and thread, and no more tiles than panels.
    fn alone(precision: &'static str, integrator: &'static str) -> Way {
        Way { ranks: 1, threads: 1, tiling: "[100, 100]", precision, integrator }
    }

    /// The folder of the run with which this one is compared.
    fn compared_with(&self) -> String {
        format!("{}_{}", self.precision, self.integrator)
    }
}

/// Runs `domain` in the folder `name` and leaves its files there.
fn run(folder: &Path, domain: &Domain, way: Way, name: &str) {
    fs::write(folder.join("run.toml"), domain.text).unwrap();
    let settings = [
        format!("parallel.tile={}", way.tiling),
        format!("dynamics.precision={}", way.precision),
        format!("dynamics.integrator={}", way.integrator),
    ];
    let threads = way.threads.to_string();
    let fixed = ["run", "run.toml", "--quiet", "--output", name, "--threads", &threads];
    let arguments = fixed.into_iter().chain(settings.iter().flat_map(|text| ["--set", text]));
    let finished =
        if way.ranks == 1 { gale(folder, arguments) } else { mpirun(folder, way.ranks, arguments) };
    assert_eq!(finished.status, Some(0), "{way:?}: {finished}");
}

/// The two runs in `folder` have written the same bits.
fn assert_same(folder: &Path, a: &str, b: &str, way: Way) {
    let text = |name: &str| fs::read_to_string(folder.join(name).join("series.csv")).unwrap();
    assert_eq!(text(a), text(b), "series of {way:?}");
    for file in files(&folder.join(a)) {
        let finished = gale(folder, ["compare", &format!("{a}/{file}"), &format!("{b}/{file}")]);
        assert_eq!(finished.status, Some(0), "{file} of {way:?}: {finished}");
    }
    assert_eq!(files(&folder.join(a)), files(&folder.join(b)), "{way:?}");
}

/// The HDF5 files of a run, series, snapshots and checkpoints.
fn files(run: &Path) -> Vec<String> {
    let mut names = vec!["series.h5".to_string(), "snapshots.h5".into()];
    for entry in fs::read_dir(run.join("checkpoints")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".h5") {
            names.push(format!("checkpoints/{name}"));
        }
    }
    assert_eq!(names.len(), 4, "two checkpoints are kept: {names:?}");
    if run.join("statistics.h5").exists() {
        names.push("statistics.h5".into());
    }
    names.sort();
    names
}

/// Compares all `ways` with the runs of one rank and thread of the same precision and integrator.
fn all_the_same(domain: &Domain, ways: impl IntoIterator<Item = Way>) {
    if !have_mpi() {
        return;
    }
    let folder = TempDir::new().unwrap();
    for precision in PRECISIONS {
        for integrator in domain.integrators {
            let alone = Way::alone(precision, integrator);
            run(folder.path(), domain, alone, &alone.compared_with());
        }
    }
    let mut count = 0;
    for way in ways {
        run(folder.path(), domain, way, "other");
        assert_same(folder.path(), &way.compared_with(), "other", way);
        fs::remove_dir_all(folder.path().join("other")).unwrap();
        count += 1;
    }
    println!("{count} runs have the same bits");
}

/// Every combination of ranks and tiling; over them threads, precision and integrator take all pairs of values.
fn pairs(domain: &Domain) -> Vec<Way> {
    let mut ways = Vec::new();
    for (r, ranks) in domain.ranks.into_iter().enumerate() {
        for (t, tiling) in domain.tilings.into_iter().enumerate() {
            let (threads, precision) = (THREADS[(r + t) % 2], PRECISIONS[(r / 2 + t) % 2]);
            let integrator = domain.integrators[(r + t / 2) % domain.integrators.len()];
            ways.push(Way { ranks, threads, tiling, precision, integrator });
        }
    }
    ways
}

/// The whole product.
fn product(domain: &Domain) -> Vec<Way> {
    let mut ways = Vec::new();
    for ranks in domain.ranks {
        for threads in THREADS {
            for tiling in domain.tilings {
                for precision in PRECISIONS {
                    for integrator in domain.integrators {
                        ways.push(Way { ranks, threads, tiling, precision, integrator });
                    }
                }
            }
        }
    }
    ways
}

/// What is run: pairs that cover every value of every factor, or the whole product if [`WHOLE_PRODUCT`] is set.
fn ways(domain: &Domain) -> Vec<Way> {
    if std::env::var_os(WHOLE_PRODUCT).is_some() { product(domain) } else { pairs(domain) }
}

#[test]
fn a_plane_between_walls_gives_the_same_bits() {
    all_the_same(&PLANE, ways(&PLANE));
}

#[test]
fn a_box_with_everything_gives_the_same_bits() {
    all_the_same(&BOX, ways(&BOX));
}

#[test]
fn ridges_between_walls_give_the_same_bits() {
    all_the_same(&RIDGES, ways(&RIDGES));
}

#[test]
fn a_box_over_a_hill_gives_the_same_bits() {
    all_the_same(&HILL, ways(&HILL));
}

#[test]
fn a_hill_in_an_open_side_gives_the_same_bits() {
    all_the_same(&HILLSIDE, ways(&HILLSIDE));
}

#[test]
fn a_storm_gives_the_same_bits() {
    all_the_same(&STORM, ways(&STORM));
}

#[test]
fn a_storm_over_a_hill_gives_the_same_bits() {
    all_the_same(&STORM_HILL, ways(&STORM_HILL));
}

#[test]
fn a_box_with_open_sides_gives_the_same_bits() {
    all_the_same(&OPEN, ways(&OPEN));
}

#[test]
fn a_sea_with_eddies_gives_the_same_bits() {
    all_the_same(&SEA, ways(&SEA));
}

#[test]
fn a_layer_on_the_sphere_gives_the_same_bits() {
    all_the_same(&LAYER, ways(&LAYER));
}

#[test]
fn chlorine_on_the_sphere_gives_the_same_bits() {
    all_the_same(&CHLORINE, ways(&CHLORINE));
}

#[test]
fn a_globe_with_physics_gives_the_same_bits() {
    all_the_same(&GLOBE, ways(&GLOBE));
}

#[test]
fn a_globe_with_a_hill_gives_the_same_bits() {
    all_the_same(&GLOBE_HILL, ways(&GLOBE_HILL));
}
