//! Telling a state that goes wrong, and where.

use crate::dynamics::Reference;
use crate::dynamics::euler::Census;
use crate::mesh::{Mesh, Tile};
use crate::real::Real;
use crate::state::{State, TileState};

/// Largest deviation of density times potential temperature, relative to the reference: beyond it the
/// pressure polynomial is no pressure any more.
const HEAT_RATIO_LIMIT: f64 = 0.5;
/// Largest speed, as a multiple of the largest sound speed of the reference state.
const MACH_LIMIT: f64 = 2.0;

/// Whether the speeds and deviations are those of an atmosphere.
pub fn is_sound(census: &Census, reference: &Reference) -> bool {
    let fastest = speed_limit(reference);
    census.is_finite
        && census.heat_ratio < HEAT_RATIO_LIMIT
        && [census.u, census.v, census.w].iter().all(|&speed| speed < fastest)
}

/// The first faulty value on this rank, as a sentence: which field, its value and its place.
pub fn find_fault<T: Real>(mesh: &Mesh, reference: &Reference, state: &State<T>) -> Option<String> {
    mesh.local_tiles()
        .iter()
        .zip(&state.tiles)
        .find_map(|(tile, fields)| fault_in_tile(mesh, reference, tile, fields))
}

fn speed_limit(reference: &Reference) -> f64 {
    MACH_LIMIT * reference.sound_speed.iter().fold(0.0, |m: f64, &a| m.max(a))
}

fn fault_in_tile<T: Real>(
    mesh: &Mesh,
    reference: &Reference,
    tile: &Tile,
    fields: &TileState<T>,
) -> Option<String> {
    let fastest = speed_limit(reference);
    for k in 0..mesh.vertical.nz() {
        for j in 0..tile.nj {
            for i in 0..tile.ni {
                let get = |field: &crate::state::Field<T>| field.cells(j, k)[i].to_f64();
                let density = reference.density[k] + get(&fields.density);
                let (u, v) = (get(&fields.momentum_x) / density, get(&fields.momentum_y) / density);
                let (w, ratio) = (get(&fields.momentum_z) / density, get(&fields.heat) / reference.heat[k]);
                let faults = [
                    ("density", density, "kg m-3", density.is_finite() && density > 0.0),
                    ("u", u, "m s-1", u.abs() < fastest),
                    ("v", v, "m s-1", v.abs() < fastest),
                    ("w", w, "m s-1", w.abs() < fastest),
                    (
                        "the deviation of density times potential temperature, as a fraction of its reference,",
                        ratio,
                        "",
                        ratio.abs() < HEAT_RATIO_LIMIT,
                    ),
                ];
                if let Some((name, value, unit, _)) = faults.into_iter().find(|(.., good)| !good) {
                    let place = mesh.place(tile.panel, tile.i0 + i, tile.j0 + j);
                    let z = mesh.vertical.centres[k];
                    let gap = if unit.is_empty() { "" } else { " " };
                    return Some(format!(
                        "{name} is {value}{gap}{unit} at {place}, z = {z} m (cell {}, {}, {k}) on rank {}",
                        tile.i0 + i,
                        tile.j0 + j,
                        mesh.rank
                    ));
                }
            }
        }
    }
    None
}
