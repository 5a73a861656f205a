//! The prognostic fields in a checkpoint, each with a checksum over all cells.

use crate::comm::Communicator;
use crate::error::{Error, Result};
use crate::io::checksum;
use crate::io::local_part::LocalPart;
use crate::io::netcdf::NetcdfFile;
use crate::mesh::Mesh;
use crate::real::Real;
use crate::state::{Field, Location, State, Variable};

/// Attribute of a field that holds its checksum.
const CHECKSUM: &str = "checksum";

/// Writes all fields with their checksums.
///
/// # Errors
/// [`Error::Unstable`] if a value is not finite, [`Error::Io`] if the file cannot be written.
pub fn write<T: Real>(
    file: &NetcdfFile,
    mesh: &Mesh,
    world: &dyn Communicator,
    state: &State<T>,
    variables: &[Variable],
) -> Result<()> {
    let part = LocalPart::new(mesh);
    for (index, variable) in variables.iter().enumerate() {
        let location = variable.location;
        let fields: Vec<&Field<T>> =
            state.tiles.iter().filter_map(|tile| tile.prognostic().nth(index)).collect();
        let values = part.gather(location, |_, tile, k, j, out: &mut [T]| {
            out.copy_from_slice(fields[tile].cells(j, k));
        });
        let sum = checksum_of(mesh, world, &part, location, &values).map_err(|place| {
            Error::Unstable(format!("no checkpoint of this state: `{}` {place}", variable.name))
        })?;
        file.write_part(&variable.name, None, &part, location, &values)?;
        file.set_variable_attribute(&variable.name, CHECKSUM, &format!("{sum:016x}"))?;
    }
    Ok(())
}

/// Reads all fields, checks them, and hands their rows to `row(field, local tile, k, j, cells)`.
///
/// # Errors
/// If a field is missing, has a wrong checksum, or holds values that are not finite.
pub fn read<T: Real>(
    file: &NetcdfFile,
    mesh: &Mesh,
    world: &dyn Communicator,
    variables: &[Variable],
    mut row: impl FnMut(usize, usize, usize, usize, &[T]),
) -> Result<()> {
    let part = LocalPart::new(mesh);
    for (index, variable) in variables.iter().enumerate() {
        let location = variable.location;
        let values = file.read_part::<T>(&variable.name, &part, location)?;
        let sum = checksum_of(mesh, world, &part, location, &values)
            .map_err(|place| Error::io(file.path(), format!("the field `{}` {place}", variable.name)))?;
        if file.variable_attribute(&variable.name, CHECKSUM)? != format!("{sum:016x}") {
            let message = format!("the checksum of the field `{}` is wrong", variable.name);
            return Err(Error::io(file.path(), message));
        }
        part.scatter(location, &values, |tile, k, j, cells| row(index, tile, k, j, cells));
    }
    Ok(())
}

/// The checksum of a field over all ranks, or where a value is not finite: the same answer on all ranks.
fn checksum_of<T: Real>(
    mesh: &Mesh,
    world: &dyn Communicator,
    part: &LocalPart,
    location: Location,
    values: &[T],
) -> std::result::Result<u64, String> {
    let (mut sum, mut bad) = (0u64, None);
    let [nx, ny] = mesh.geometry.extent();
    let levels = location.levels(mesh.vertical.nz());
    part.scatter(location, values, |tile, k, j, cells| {
        let tile = &mesh.local_tiles()[tile];
        let (x, y) = (tile.i0, tile.j0 + j);
        let first = ((tile.panel * levels + k) * ny + y) * nx + x;
        for (i, value) in cells.iter().enumerate() {
            sum = sum.wrapping_add(checksum::cell((first + i) as u64, value.bits()));
            if !value.is_finite() && bad.is_none() {
                let panel =
                    if mesh.sphere().is_some() { format!("panel {}, ", tile.panel) } else { String::new() };
                bad = Some(format!("is {value} at {panel}x index {}, y index {y}, level {k}", x + i));
            }
        }
    });
    let places = world.all_gather(bad.unwrap_or_default().as_bytes());
    if let Some(place) = places.iter().find(|place| !place.is_empty()) {
        return Err(String::from_utf8_lossy(place).into_owned());
    }
    let mut sums = [sum as i64];
    world.all_sum(&mut sums);
    Ok(sums[0] as u64)
}
