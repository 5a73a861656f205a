//! Horizontal means of a box, level by level: winds, temperatures and tracers, their variances, and the vertical
//! fluxes by the resolved flow and by eddies below the grid.
//!
//! With `<>` the mean over all columns and `a' = a - <a>`: variances are `<a' a'>`, the resolved flux of a through an
//! interface is `<w' a'>` with a the mean of the two cells, and that of the eddies is the flux of the turbulence over
//! the density there. The waters are mixing ratios to dry air, but their fluxes by eddies are those of their fractions
//! of the mass of the air.
//!
//! Over terrain the means run along the levels, which follow the ground, and every column counts alike, however thick
//! its cells are. w is the upward wind there too, not the flow through a slanting level, so that air that blows over
//! hills has resolved fluxes. `height` is the mean height of the cells of a level. All sums are exact, so that the bits are the same for any tiles, threads and ranks.

use super::ExactSum;
use crate::comm::World;
use crate::config::{Dynamics, Setting};
use crate::dynamics::Reference;
use crate::dynamics::slab::Slab;
use crate::mesh::{Mesh, Tile};
use crate::model::Model;
use crate::real::Real;
use crate::state::diagnostics::{self, Context, Diagnostic};
use crate::state::{Location, State, TileState, Variable, water};
use crate::thermodynamics::VAPOUR_GAS_CONSTANT;
use crate::turbulence::VerticalFluxes;
use rayon::prelude::*;

/// Fields that are averaged besides the tracers; the last has no flux.
const FIELDS: [&str; 4] = ["u", "v", "theta_perturbation", "temperature_perturbation"];
/// The same over terrain, where the reference state is not that of a level.
const FIELDS_OVER_TERRAIN: [&str; 4] = ["u", "v", "theta", "temperature"];
const THETA: usize = 2;
const TEMPERATURE: usize = 3;

/// What is measured, and how its rows are computed.
pub struct Statistics {
    fields: Vec<Diagnostic>,
    w: Diagnostic,
    has_cloud: bool,
    has_terrain: bool,
    /// The variables, in the order of [`Statistics::measure`].
    pub variables: Vec<Variable>,
}

/// The sums of one kind at one level that belong to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Mean,
    Square,
    /// w times the field, and the flux by eddies, at interfaces.
    Resolved,
    Subgrid,
    /// Cells with cloud, under field 0. In level 0 columns with cloud, under field 1, and their liquid water in kg/m2,
    /// under field 2.
    Cloud,
}

/// Kinds of sums.
const KINDS: usize = 5;

/// Sums over columns: of every kind, of every field and, one more, of w, at every level.
#[derive(Clone)]
struct Sums {
    fields: usize,
    levels: usize,
    sums: Vec<ExactSum>,
}

impl Sums {
    fn new(fields: usize, levels: usize) -> Self {
        Sums { fields, levels, sums: vec![ExactSum::new(); KINDS * (fields + 1) * levels] }
    }

    fn place(&self, kind: Kind, field: usize, k: usize) -> usize {
        (kind as usize * (self.fields + 1) + field) * self.levels + k
    }

    fn add(&mut self, kind: Kind, field: usize, k: usize, terms: impl Iterator<Item = f64>) {
        let place = self.place(kind, field, k);
        terms.for_each(|term| self.sums[place].add(term));
    }

    fn join(mut self, other: Sums) -> Sums {
        self.sums.iter_mut().zip(&other.sums).for_each(|(mine, theirs)| mine.absorb(theirs));
        self
    }
}

impl Statistics {
    /// The statistics of a run.
    pub fn new(dynamics: &Dynamics, has_terrain: bool) -> Self {
        let find = |name: &str| {
            diagnostics::find(name, Setting::Plane, &dynamics.tracers)
                .expect("the table of diagnostics has it")
        };
        let names = if has_terrain { FIELDS_OVER_TERRAIN } else { FIELDS };
        let names = names.into_iter().chain(dynamics.tracers.iter().map(String::as_str));
        let fields: Vec<Diagnostic> = names.map(find).collect();
        let has_cloud = water::count(&dynamics.tracers) > water::CLOUD;
        let variables = variables(&fields, has_cloud, has_terrain);
        Statistics { variables, fields, w: find("w"), has_cloud, has_terrain }
    }

    /// The profiles of a state, a list of levels for each of [`Statistics::variables`]. Collective.
    pub fn measure<T: Real>(
        &self,
        mesh: &Mesh,
        model: &mut Model<T>,
        state: &mut State<T>,
        world: &World,
    ) -> Vec<Vec<f64>> {
        let new = || Sums::new(self.fields.len(), mesh.vertical.nz() + 1);
        let Model { reference, turbulence, .. } = model;
        let reference = &*reference;
        let tiles = mesh.local_tiles().par_iter().zip(&state.tiles).enumerate();
        let resolved = tiles.map(|(index, (tile, fields))| {
            let mut sums = new();
            let context = Context::of_tile(mesh, reference, &[], index);
            for j in 0..tile.nj {
                self.add_row(&context, tile, fields, j, &mut sums);
                if self.has_cloud {
                    add_clouds(&context, fields, j, &mut sums);
                }
            }
            sums
        });
        let mut sums = resolved.reduce(new, Sums::join);
        if let Some(turbulence) = turbulence {
            let visit = |sums: &mut Sums, fields: &TileState<T>, j: usize, fluxes: &VerticalFluxes<T>| {
                add_subgrid(reference, fields, j, fluxes, sums);
            };
            sums = sums.join(turbulence.survey(&mut state.tiles, new, visit, Sums::join));
        }
        ExactSum::merge(&mut sums.sums, world.as_ref());
        self.finish(&sums, mesh, reference)
    }

    /// Adds the resolved flow of row `j` of a tile.
    fn add_row<T: Real>(
        &self,
        context: &Context<'_>,
        tile: &Tile,
        state: &TileState<T>,
        j: usize,
        sums: &mut Sums,
    ) {
        let of_w = self.fields.len();
        let mut here = vec![vec![0.0; tile.ni]; of_w];
        let mut below = here.clone();
        let mut w = vec![0.0; tile.ni];
        for k in 0..tile.nz {
            self.w.row(context, state, j, k, &mut w);
            sums.add(Kind::Mean, of_w, k, w.iter().copied());
            sums.add(Kind::Square, of_w, k, w.iter().map(|w| w * w));
            std::mem::swap(&mut here, &mut below);
            for (field, diagnostic) in self.fields.iter().enumerate() {
                let (here, below) = (&mut here[field], &below[field]);
                diagnostic.row(context, state, j, k, here);
                sums.add(Kind::Mean, field, k, here.iter().copied());
                sums.add(Kind::Square, field, k, here.iter().map(|a| a * a));
                if k > 0 {
                    let values = here.iter().zip(below).zip(&w);
                    sums.add(Kind::Resolved, field, k, values.map(|((a, b), w)| w * (0.5 * (a + b))));
                }
            }
        }
    }

    /// From the sums to the profiles.
    fn finish(&self, sums: &Sums, mesh: &Mesh, reference: &Reference) -> Vec<Vec<f64>> {
        let (nz, columns) = (mesh.vertical.nz(), mesh.columns() as f64);
        let mean = |kind, field, k| sums.sums[sums.place(kind, field, k)].value() / columns;
        let variance = |field: usize, k| {
            let square: f64 = mean(Kind::Mean, field, k);
            (mean(Kind::Square, field, k) - square * square).max(0.0)
        };
        let of_w = self.fields.len();
        let centres = |value: &dyn Fn(usize) -> f64| (0..nz).map(value).collect::<Vec<f64>>();
        let interfaces = |value: &dyn Fn(usize) -> f64| (0..=nz).map(value).collect::<Vec<f64>>();
        let base = |field: usize, k: usize| match field {
            _ if self.has_terrain => 0.0,
            THETA => reference.potential_temperature[k] / reference.gas_factor[k],
            TEMPERATURE => {
                let gas_constant = reference.constants.gas_constant * reference.gas_factor[k];
                reference.pressure[k] / (gas_constant * reference.density[k])
            }
            _ => 0.0,
        };
        let mut profiles = Vec::with_capacity(self.variables.len());
        for field in 0..of_w {
            profiles.push(centres(&|k| base(field, k) + mean(Kind::Mean, field, k)));
        }
        profiles.push(interfaces(&|k| mean(Kind::Mean, of_w, k)));
        for field in carried(of_w) {
            profiles.push(centres(&|k| variance(field, k)));
        }
        profiles.push(interfaces(&|k| variance(of_w, k)));
        for field in carried(of_w) {
            let at_interface = |k: usize| {
                let below = if k > 0 { mean(Kind::Mean, field, k - 1) } else { 0.0 };
                0.5 * (below + mean(Kind::Mean, field, k))
            };
            // Nothing goes through the ground, along which the air may rise.
            let resolved = |k: usize| match k {
                0 => 0.0,
                _ => mean(Kind::Resolved, field, k) - mean(Kind::Mean, of_w, k) * at_interface(k),
            };
            let subgrid = |k: usize| mean(Kind::Subgrid, field, k);
            profiles.push(interfaces(&|k| resolved(k) + subgrid(k)));
            profiles.push(interfaces(&resolved));
            profiles.push(interfaces(&subgrid));
        }
        if self.has_cloud {
            profiles.push(centres(&|k| mean(Kind::Cloud, 0, k)));
            profiles.push(vec![mean(Kind::Cloud, 1, 0)]);
            profiles.push(vec![mean(Kind::Cloud, 2, 0)]);
        }
        if let Some(terrain) = &mesh.terrain {
            profiles.push(centres(&|k| 0.5 * (terrain.mean_interface(k) + terrain.mean_interface(k + 1))));
        }
        profiles
    }
}

/// The fields that have variances and fluxes.
fn carried(fields: usize) -> impl Iterator<Item = usize> {
    (0..fields).filter(|&field| field != TEMPERATURE)
}

/// Least cloud in kg/m3 that counts.
const LEAST_CLOUD: f64 = 1e-8;

/// Adds the clouds of row `j`.
fn add_clouds<T: Real>(context: &Context<'_>, state: &TileState<T>, j: usize, sums: &mut Sums) {
    let cloud = &state.tracers[water::CLOUD];
    let n = cloud.layout().ni;
    let (mut is_covered, mut path) = (vec![0.0; n], vec![0.0; n]);
    for k in 0..cloud.layout().levels {
        let cells = cloud.cells(j, k);
        let is_cloud = |i: usize| cells[i].to_f64() > LEAST_CLOUD;
        sums.add(Kind::Cloud, 0, k, (0..n).filter(|&i| is_cloud(i)).map(|_| 1.0));
        for i in 0..n {
            path[i] += context.thickness([i, j, k]) * cells[i].to_f64();
            is_covered[i] = if is_cloud(i) { 1.0 } else { is_covered[i] };
        }
    }
    sums.add(Kind::Cloud, 1, 0, is_covered.into_iter());
    sums.add(Kind::Cloud, 2, 0, path.into_iter());
}

/// Adds the fluxes by eddies through the interfaces of row `j`.
fn add_subgrid<T: Real>(
    reference: &Reference,
    state: &TileState<T>,
    j: usize,
    fluxes: &VerticalFluxes<T>,
    sums: &mut Sums,
) {
    let (nz, n) = (reference.density.len(), state.density.layout().ni);
    let density = |i: usize, k: usize| reference.density[k] + state.density.cells(j, k)[i].to_f64();
    let lightness = VAPOUR_GAS_CONSTANT / reference.constants.gas_constant - 1.0;
    for k in 0..nz {
        let kinematic = |slab: &Slab<T>, i: usize| {
            let density = 0.5 * (density(i, k.saturating_sub(1)) + density(i, k));
            -slab.row(k)[i].to_f64() / density
        };
        let (theta0, factor) = (reference.potential_temperature[k], reference.gas_factor[k]);
        // The turbulence mixes theta (1 + (Rv/Rd - 1) q_v - q_c - q_r).
        let theta_flux = |i: usize| {
            let weights = [lightness, -1.0, -1.0];
            let of_water = weights.iter().zip(&fluxes.tracers[..state.waters]);
            let of_water: f64 = of_water.map(|(weight, slab)| weight * kinematic(slab, i)).sum();
            (kinematic(&fluxes.theta, i) - theta0 / factor * of_water) / factor
        };
        sums.add(Kind::Subgrid, 0, k, (0..n).map(|i| kinematic(&fluxes.u, i)));
        sums.add(Kind::Subgrid, 1, k, (0..n).map(|i| kinematic(&fluxes.v, i)));
        sums.add(Kind::Subgrid, THETA, k, (0..n).map(theta_flux));
        for (number, slab) in fluxes.tracers.iter().enumerate() {
            sums.add(Kind::Subgrid, FIELDS.len() + number, k, (0..n).map(|i| kinematic(slab, i)));
        }
    }
}

/// What is measured, in the order of [`Statistics::finish`].
fn variables(fields: &[Diagnostic], has_cloud: bool, has_terrain: bool) -> Vec<Variable> {
    use Location::{Centre, Interface, Surface};
    let names: Vec<&str> =
        fields.iter().map(|field| field.variable.name.trim_end_matches("_perturbation")).collect();
    let long_name = |field: usize| fields[field].variable.long_name.trim_end_matches(" minus reference");
    let mut table = Vec::new();
    let mut add = |name: String, unit: &'static str, long_name: String, location| {
        table.push(Variable { name, unit, long_name, standard_name: None, location });
    };
    for (field, name) in names.iter().enumerate() {
        add(name.to_string(), fields[field].variable.unit, format!("mean {}", long_name(field)), Centre);
    }
    add("w".into(), "m s-1", "mean upward velocity".into(), Interface);
    for field in carried(names.len()) {
        let [square, _] = derived_units(fields[field].variable.unit);
        add(
            format!("{}_variance", names[field]),
            square,
            format!("variance of {}", long_name(field)),
            Centre,
        );
    }
    add("w_variance".into(), "m2 s-2", "variance of upward velocity".into(), Interface);
    for field in carried(names.len()) {
        let [_, flux] = derived_units(fields[field].variable.unit);
        for (suffix, by) in
            [("", ""), ("_resolved", ", resolved"), ("_subgrid", ", by eddies below the grid")]
        {
            let long_name = format!("upward flux of {}{by}", long_name(field));
            add(format!("{}_flux{suffix}", names[field]), flux, long_name, Interface);
        }
    }
    if has_cloud {
        add("cloud_fraction".into(), "1", "share of the cells with cloud".into(), Centre);
        add("cloud_cover".into(), "1", "share of the columns with cloud".into(), Surface);
        add("liquid_water_path".into(), "kg m-2", "mean mass of cloud over an area".into(), Surface);
    }
    if has_terrain {
        add("height".into(), "m", "mean height of the cells of the level".into(), Centre);
    }
    table
}

/// The units of the variance and of the kinematic flux of a field.
fn derived_units(unit: &str) -> [&'static str; 2] {
    match unit {
        "m s-1" => ["m2 s-2", "m2 s-2"],
        "K" => ["K2", "K m s-1"],
        "m2 s-2" => ["m4 s-4", "m3 s-3"],
        _ => ["kg2 kg-2", "kg kg-1 m s-1"],
    }
}
