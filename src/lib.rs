//! gale: a nonhydrostatic atmospheric model on tiles.
//!
//! The domain is cut into tiles, blocks of whole columns with halos of their own. Every rank (process) owns
//! a run of tiles along a space-filling curve and steps them with its threads; halos travel by copies inside
//! a rank and by MPI between ranks. Results are bit for bit the same for any number of ranks and threads,
//! for any tiles, and after any restart.
//!
//! # A run in memory
//!
//! ```
//! use gale::comm::{World, single::Single};
//! use gale::{config, simulation};
//! use std::sync::Arc;
//!
//! let text = r#"
//!     [case]
//!     name = "density_current"
//!     [grid]
//!     nx = 64
//!     nz = 16
//!     dx_m = 400.0
//!     dz_m = 400.0
//!     x_min_m = -12800.0
//!     [time]
//!     end_s = "2 min"
//!     [boundary]
//!     x = "wall"
//!     [output]
//!     variables = ["w", "theta_perturbation"]
//! "#;
//! let configuration = config::parse("example", text, &["dynamics.viscosity_m2_per_s=75".to_string()])?;
//! let world: World = Arc::new(Single);
//! let end = simulation::integrate(&configuration, &world)?;
//!
//! // The cold bubble has begun to fall, no air was lost, and left and right are the same to the last bit.
//! let w = &end.fields["w"]; // (z, y, x)
//! assert!(w.iter().any(|&w| w < -5.0));
//! assert!(end.mass_drift.abs() < 1e-14);
//! assert_eq!(w[[8, 0, 20]], w[[8, 0, 43]]);
//! # Ok::<(), gale::error::Error>(())
//! ```
//!
//! `gale run` does the same with files, checkpoints and a progress line: [`simulation::run`].
//!
//! # Four nouns
//!
//! | noun | what it is | knows nothing of |
//! |---|---|---|
//! | [`Mesh`](mesh::Mesh) | geometry, levels, tiles and their owners: constant during a run | equations, files |
//! | [`State`](state::State) | everything that changes: fields by tile, and the clock | how it is stepped |
//! | [`Model`](model::Model) | equations, boundaries, physics, transport: `model.step(&mut state, dt, ..)` | files, schedules, terminals |
//! | [`simulation`] | the run: loop, schedules, output, checkpoints, signals, progress | equations |
//!
//! # The way of the data
//!
//! ```text
//! TOML file -> config -> mesh (levels, tiles, owners) + cases (initial state) -> state
//!   loop: model.step = per stage { start halos, step inner tiles, finish halos, step the others }, tracers, physics, sponge
//!   -> io (snapshots, series, checkpoints), monitor (progress, budgets) -> plot, cli::compare
//! ```
//!
//! Nothing flows back. What computes on a tile knows no files, messages or configuration, allocates nothing
//! and does not panic.
//!
//! # What is where
//!
//! | module | contents |
//! |---|---|
//! | [`model`] | one step, the page to read first |
//! | [`simulation`] | the run: step lengths and the guard against a state that goes wrong (`engine`), files (`run`), ranks that only write (`writers`) |
//! | [`dynamics`] | the equations: stencils of the plane ([`operators`](dynamics::operators)) and of the sphere ([`sphere`](dynamics::sphere)), the Euler equations on both ([`euler`](dynamics::euler)), [`shallow_water`](dynamics::shallow_water), [`tracers`](dynamics::tracers) |
//! | [`initial`] | the state at the start: from the functions of a case to the cells |
//! | [`physics`] | processes besides the dynamics, one file each |
//! | [`turbulence`] | mixing by eddies below the grid, and what the ground gives to the air |
//! | [`thermodynamics`] | moist air |
//! | [`boundary`] | open sides, relaxation zones, the sponge; periodic sides and walls belong to the halos |
//! | [`time`] | the clock in whole ticks, schedules, stage tables of the integrators |
//! | [`state`] | fields of a tile, the registry of variables, diagnosed variables |
//! | [`mesh`], [`halo`] | tiles and owners; who sends what to whom, and the exchange |
//! | [`comm`] | ranks behind one small interface; the only place that names MPI |
//! | [`cases`] | one file a case, and the published values it is verified against |
//! | [`config`] | from the TOML file to checked values in SI units; the table of keys |
//! | [`io`] | HDF5 files in the netCDF-4 form: snapshots, series, checkpoints |
//! | [`regrid`] | from the cubed sphere to latitudes and longitudes, and to pressure levels |
//! | [`monitor`] | banner, progress, log, timers, budgets with exact sums |
//! | [`plot`], [`cli`] | pictures; the subcommands |
//! | [`real`], [`math`], [`constants`], [`parallel`], [`per_cell`], [`cache`], [`prefetch`], [`error`], [`version`] | `f32` or `f64`; functions with the same bits everywhere; constants; threads; numbers of a row's cells; size of the caches, and hints for them; errors and exit statuses |
//!
//! # Notation
//!
//! Public names are words. Kernels and their documentation use symbols; a subscript 0 marks the hydrostatic
//! reference state, a prime or "deviation" the difference from it, `*` the explicit part of a stage.
//!
//! | symbol | in code | meaning | unit |
//! |---|---|---|---|
//! | r | `density` | rho - rho0, density deviation | kg/m3 |
//! | U, V | `momentum_x`, `momentum_y` | rho u, rho v, at cell centres; on the sphere two of three components along the panel's axes, the third is `momentum_n` | kg/(m2 s) |
//! | W | `momentum_z` | rho w, at the nz + 1 interfaces | kg/(m2 s) |
//! | T | `heat` | rho theta - rho0 theta0; in moist air with the density potential temperature | kg K/m3 |
//! | theta_rho | `theta_rho` | density potential temperature theta (q_d + q_v Rv/Rd); theta where the equations say theta | K |
//! | q_v, q_c, q_r, q_d | `vapour`, `cloud`, `rain`, `dry` | fractions of the mass; r_v, r_c, r_r: mixing ratios to dry air | kg/kg |
//! | u, v, w | `u`, `v`, `w` | velocity along x, y and upwards | m/s |
//! | theta, theta' | `theta` | potential temperature, and minus theta0 | K |
//! | p' | `pressure` | p0 ((1 + T/(rho0 theta0))^gamma - 1) | Pa |
//! | q | `tracers` | mixing ratio of a tracer; the field holds rho q | kg/kg |
//! | rho0, theta0, p0 | `levels.density`, `.theta`, `.pressure` | reference profiles | kg/m3, K, Pa |
//! | a0 | `sound_speed` | sqrt(gamma p0/rho0) | m/s |
//! | C | `stiffness` | gamma p/(rho theta): change of the pressure with T | Pa m3/(kg K) |
//! | theta~ | `theta_interface` | theta of the air that W carries through an interface | K |
//! | F | `mass_flux` | mass flux through a face | kg/(m2 s) |
//! | phi | `sound_damping` | weight of the velocity jump in the face pressure | 1 |
//! | | `upwinding` | on the globe, part of the way from the mean of both sides of a face to the upwind value | 1 |
//! | f | `coriolis` | Coriolis parameter | 1/s |
//! | g, gamma | `gravity`, `gamma` | gravity; cp/cv | m/s2, 1 |
//! | K | `viscosity`, `diffusivity` | of momentum; of heat and tracers | m2/s |
//! | dt, alpha | `dt`, `alpha` | step; length of a stage as a fraction of it | s, 1 |
//! | c0, c1, c2 | `implicit` | weights of the implicit part at the step's start, the stage before, and now | 1 |
//! | Y^n, Y_i | `initial`, `previous`, `next` | state at the step's start, and of the stages | |
//!
//! On the sphere (a: radius, D: angle of a cell, alpha and beta: angles along a panel):
//!
//! | symbol | in code | meaning | unit |
//! |---|---|---|---|
//! | X, Y, d | `x`, `y`, `inverse_d` | tan alpha, tan beta, sqrt(1 + X^2 + Y^2) | 1 |
//! | r | `position` | unit vector of a place, (X, Y, 1)/d | 1 |
//! | J | `jacobian` | area of a cell / (a D)^2 | 1 |
//! | n | `normal_x`, `normal_y` | unit normals of the faces | 1 |
//! | a^alpha, a^beta | `gradient_x`, `gradient_y` | dual vectors: grad q = (a^alpha dq/dalpha + a^beta dq/dbeta)/a | 1 |
//! | h, b | `depth`, `ground` | depth of shallow water, height of the ground | m |
//!
//! Over terrain:
//!
//! | symbol | in code | meaning | unit |
//! |---|---|---|---|
//! | z_k | `interfaces` | height of an interface in a column | m |
//! | h | `thickness` | thickness of a cell | m |
//! | s | `slope_x`, `slope_y` | slopes of the interfaces | 1 |
//! | Omega | `omega` | W - s_x U - s_y V, on the sphere W - s.U: mass flux through an interface | kg/(m2 s) |
//! | G | `slope_flux` | s_x U + s_y V | kg/(m2 s) |
//!
//! The equations stand in [`dynamics::euler`], over terrain in [`dynamics::euler::terrain`] and on the sphere in
//! [`dynamics::euler::sphere::terrain`], and in
//! [`dynamics::shallow_water`], the scheme of the sphere in [`dynamics::sphere`], the stages in
//! [`time::integrators`].

pub mod aligned;
pub mod boundary;
pub mod cache;
pub mod cases;
pub mod cli;
pub mod comm;
pub mod config;
pub mod constants;
pub mod dynamics;
pub mod error;
pub mod halo;
pub mod initial;
pub mod io;
pub mod math;
pub mod mesh;
pub mod model;
pub mod monitor;
pub mod parallel;
pub mod per_cell;
pub mod physics;
pub mod plot;
pub mod prefetch;
pub mod real;
pub mod regrid;
pub mod simulation;
pub mod state;
pub mod thermodynamics;
pub mod time;
pub mod turbulence;
pub mod version;
