//! Telling a state that goes wrong, and where.

use crate::dynamics::euler::Census;
use crate::dynamics::{Reference, TileReference};
use crate::mesh::{Compass, Mesh, Tile};
use crate::real::Real;
use crate::state::{Field, State, TileState};

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
    mesh.local_tiles().iter().zip(&state.tiles).enumerate().find_map(|(index, (tile, fields))| {
        fault_in_tile(mesh, reference, (tile, reference.tiles.get(index)), fields)
    })
}

fn speed_limit(reference: &Reference) -> f64 {
    MACH_LIMIT * reference.sound_speed.iter().fold(0.0, |m: f64, &a| m.max(a))
}

fn fault_in_tile<T: Real>(
    mesh: &Mesh,
    reference: &Reference,
    (tile, terrain): (&Tile, Option<&TileReference>),
    fields: &TileState<T>,
) -> Option<String> {
    let compass = mesh.sphere().map(|sphere| Compass::new(sphere, tile));
    for k in 0..fields.density.layout().levels {
        for j in 0..tile.nj {
            for i in 0..tile.ni {
                if let Some(fault) = fault_in_cell((reference, terrain), fields, compass.as_ref(), [i, j, k])
                {
                    let (x, y) = (tile.i0 + i, tile.j0 + j);
                    let height = match fields.heat.layout().levels {
                        0 => String::new(),
                        _ => {
                            let height = |tile: &TileReference| tile.centre(i as isize, j as isize, k);
                            format!(", z = {} m", terrain.map_or(mesh.vertical.centres[k], height))
                        }
                    };
                    let (place, rank) = (mesh.place(tile.panel, x, y), mesh.rank);
                    return Some(format!("{fault} at {place}{height} (cell {x}, {y}, {k}) on rank {rank}"));
                }
            }
        }
    }
    None
}

/// What is wrong with a cell, if anything: the name of a quantity and its value.
fn fault_in_cell<T: Real>(
    (reference, terrain): (&Reference, Option<&TileReference>),
    fields: &TileState<T>,
    compass: Option<&Compass>,
    [i, j, k]: [usize; 3],
) -> Option<String> {
    let fastest = speed_limit(reference);
    let get = |field: &Field<T>| field.cells(j, k)[i].to_f64();
    let has_air = fields.heat.layout().levels > 0;
    let [density0, heat0] = match terrain {
        Some(tile) => [&tile.density, &tile.heat].map(|field| field.cells(j, k)[i]),
        None => [reference.density[k], reference.heat[k]],
    };
    let (carrier, unit, density) = match has_air {
        true => ("density", " kg m-3", density0 + get(&fields.density)),
        false => ("depth", " m", get(&fields.density)),
    };
    let (x, y) = (get(&fields.momentum_x), get(&fields.momentum_y));
    let [along_x, along_y] = match (compass, &fields.momentum_n) {
        (Some(compass), Some(normal)) => compass.east_north(i, j, [x, y, get(normal)]),
        _ => [x, y],
    };
    let (u, v) = (along_x / density, along_y / density);
    let mut faults = vec![
        (carrier, density, unit, density.is_finite() && density > 0.0),
        ("u", u, " m s-1", u.abs() < fastest),
        ("v", v, " m s-1", v.abs() < fastest),
    ];
    if has_air {
        let (w, ratio) = (get(&fields.momentum_z) / density, get(&fields.heat) / heat0);
        let name = "the deviation of density times potential temperature, as a fraction of its reference,";
        faults.push(("w", w, " m s-1", w.abs() < fastest));
        faults.push((name, ratio, "", ratio.abs() < HEAT_RATIO_LIMIT));
    }
    let (name, value, unit, _) = faults.into_iter().find(|(.., good)| !good)?;
    Some(format!("{name} is {value}{unit}"))
}
