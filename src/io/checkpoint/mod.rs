//! Checkpoints: everything that a run needs to go on as if it had never stopped.
//!
//! A checkpoint is a netCDF-4 file of the prognostic fields as global arrays in the precision of the
//! run, so that any number of ranks can read it, with the [`RunRecord`] as text. Every field carries a
//! checksum that does not depend on the decomposition, and a side file `NAME.sum` holds length and
//! checksum of the whole file: a checkpoint is good only if all of them agree.

mod fields;

use crate::comm::{Communicator, World};
use crate::config::Precision;
use crate::error::{Error, Result};
use crate::io::checksum::{self, FileSum};
use crate::io::directory::{
    CHECKPOINT_PREFIX, on_root, or_remove, or_remove_alone, remove_unfinished, rename_durably, require_space,
    stamp, stamped, temporary, with_suffix,
};
use crate::io::metadata;
use crate::io::netcdf::{Definition, NetcdfFile};
use crate::io::record::RunRecord;
use crate::mesh::{Geometry, Mesh};
use crate::real::Real;
use crate::state::State;
use crate::state::variables::{Variable, prognostic};
use crate::time::Clock;
use crate::version::{COMMIT, VERSION};
use std::fs;
use std::path::{Path, PathBuf};

/// Version of the layout described above.
const FORMAT: &str = "gale checkpoint 1";

/// A checkpoint that was read.
#[derive(Debug)]
pub struct Loaded {
    pub path: PathBuf,
    pub record: RunRecord,
    /// One sentence for each newer checkpoint that was damaged and left out.
    pub warnings: Vec<String>,
}

/// Writes a checkpoint into `directory`, which is created if it is missing, and removes all but the
/// `keep` newest. The file gets its name only when it is complete and on the disk. All ranks call this.
///
/// # Errors
/// [`Error::Unstable`] if a value is not finite: such a state is never kept. [`Error::Io`] if the file
/// cannot be written; nothing is left of it then.
pub fn write<T: Real>(
    directory: &Path,
    mesh: &Mesh,
    world: &World,
    state: &State<T>,
    tracers: &[String],
    record: &RunRecord,
    keep: usize,
) -> Result<PathBuf> {
    let variables = prognostic(state.setting, tracers);
    on_root(&**world, || fs::create_dir_all(directory).map_err(|cause| Error::io(directory, cause)))?;
    let path = path(directory, &record.clock());
    let levels: usize = variables.iter().map(|v| v.location.levels(mesh.vertical.nz())).sum();
    let bytes = levels * mesh.columns() * size_of::<T>();
    require_space(&**world, &path, bytes as u64)?;
    let unfinished = temporary(&path);
    let fill = || {
        let mut file = NetcdfFile::create(&unfinished, Some(world))?;
        define::<T>(&mut file, mesh, &variables, tracers, record)?;
        fields::write(&file, mesh, &**world, state, &variables)?;
        file.close()?;
        // Some MPI libraries report success for data that never reached the disk.
        let file = NetcdfFile::open(&unfinished, Some(world))?;
        fields::read::<T>(&file, mesh, &**world, &variables, |_, _, _, _, _| {})?;
        file.close()
    };
    or_remove(&**world, &unfinished, fill())?;
    let sum = or_remove(&**world, &unfinished, FileSum::of(&unfinished, &**world))?;
    on_root(&**world, || {
        publish(&unfinished, &path, &sum)?;
        rotate(directory, record.ticks, keep)
    })?;
    Ok(path)
}

/// The path of the checkpoint of a time.
pub fn path(directory: &Path, clock: &Clock) -> PathBuf {
    directory.join(format!("{CHECKPOINT_PREFIX}{}.h5", stamp(clock)))
}

/// Writes the side file of a complete checkpoint, and gives both their names.
fn publish(unfinished: &Path, path: &Path, sum: &FileSum) -> Result<()> {
    let side = side_file(path);
    let unfinished_side = temporary(&side);
    let outcome = fs::write(&unfinished_side, sum.to_text())
        .map_err(|cause| Error::io(&side, cause))
        .and_then(|()| rename_durably(unfinished, path))
        .and_then(|()| rename_durably(&unfinished_side, &side));
    or_remove_alone(unfinished, or_remove_alone(&unfinished_side, outcome))
}

/// Reads the newest good checkpoint of `directory` into `state`, halos excepted; `None` if there is no
/// checkpoint at all. All ranks call this.
///
/// # Errors
/// If the newest good checkpoint belongs to another grid, precision or set of tracers, or if there are
/// checkpoints but none of them is good.
pub fn load_latest<T: Real>(
    directory: &Path,
    mesh: &Mesh,
    world: &World,
    tracers: &[String],
    state: &mut State<T>,
) -> Result<Option<Loaded>> {
    let mut warnings = Vec::new();
    for path in candidates(directory, &**world)?.into_iter().rev() {
        match load(&path, mesh, world, tracers, state)? {
            Ok(record) => return Ok(Some(Loaded { path, record, warnings })),
            Err(damage) => warnings.push(format!("left out the checkpoint {}: {damage}", path.display())),
        }
    }
    if warnings.is_empty() { Ok(None) } else { Err(Error::io(directory, warnings.join("; "))) }
}

/// The checkpoints in the order of time, as rank 0 sees them.
fn candidates(directory: &Path, world: &dyn Communicator) -> Result<Vec<PathBuf>> {
    let mut listed = String::new();
    on_root(world, || {
        for (_, path) in stamped(directory, CHECKPOINT_PREFIX)? {
            listed.push_str(&path.file_name().unwrap_or_default().to_string_lossy());
            listed.push('\n');
        }
        Ok(())
    })?;
    Ok(world.broadcast_text(&listed).lines().map(|name| directory.join(name)).collect())
}

/// Reads one checkpoint. The inner error says what is damaged, the outer one what does not fit.
fn load<T: Real>(
    path: &Path,
    mesh: &Mesh,
    world: &World,
    tracers: &[String],
    state: &mut State<T>,
) -> Result<std::result::Result<RunRecord, String>> {
    if let Err(damage) = verify_file(path, &**world) {
        return Ok(Err(damage));
    }
    let file = match NetcdfFile::open(path, Some(world)) {
        Ok(file) => file,
        Err(error) => return Ok(Err(error.to_string())),
    };
    check_identity::<T>(&file, mesh, tracers)?;
    let setting = state.setting;
    let keep = |index: usize, tile: usize, k: usize, j: usize, row: &[T]| {
        if let Some(field) = state.tiles[tile].prognostic_mut().nth(index) {
            field.cells_mut(j, k).copy_from_slice(row);
        }
    };
    let outcome = fields::read(&file, mesh, &**world, &prognostic(setting, tracers), keep).and_then(|()| {
        let (text, seal) = (file.attribute("run_record")?, file.attribute("run_record_checksum")?);
        RunRecord::unsealed(&text, &seal).map_err(|damage| Error::io(path, damage))
    });
    file.close()?;
    Ok(match outcome {
        Ok(record) => {
            state.clock = record.clock();
            Ok(record)
        }
        Err(error) => Err(error.to_string()),
    })
}

/// Compares length and checksum of a whole file with its side file.
fn verify_file(path: &Path, world: &dyn Communicator) -> std::result::Result<(), String> {
    let text = checksum::read_small(&side_file(path)).unwrap_or_default();
    let Some(expected) = FileSum::from_text(&world.broadcast_text(&text)) else {
        return Err("its side file .sum is missing or damaged".into());
    };
    let found = FileSum::of(path, world).map_err(|error| error.to_string())?;
    if found.length != expected.length {
        return Err(format!("it has {} bytes instead of {}", found.length, expected.length));
    }
    if found.checksum != expected.checksum {
        return Err("its bytes are damaged: the checksum of the file is wrong".into());
    }
    Ok(())
}

/// Refuses a checkpoint of another kind of run.
fn check_identity<T: Real>(file: &NetcdfFile, mesh: &Mesh, tracers: &[String]) -> Result<()> {
    for (name, ours) in identity::<T>(mesh, tracers) {
        let theirs = file.attribute(name)?;
        if theirs != ours {
            let message = format!(
                "the {name} of this checkpoint is `{theirs}`, that of the configuration is `{ours}`; choose another \
                 folder with --output, or begin anew with --overwrite"
            );
            return Err(Error::io(file.path(), message));
        }
    }
    Ok(())
}

/// What must be equal for a run to go on from a checkpoint.
fn identity<T: Real>(mesh: &Mesh, tracers: &[String]) -> [(&'static str, String); 4] {
    let interfaces: Vec<u8> =
        mesh.vertical.interfaces.iter().flat_map(|height| height.to_bits().to_le_bytes()).collect();
    let nz = mesh.vertical.nz();
    let horizontal = match &mesh.geometry {
        Geometry::Plane(plane) => format!(
            "{} x {} x {nz} cells of {} m x {} m from ({} m, {} m)",
            plane.nx, plane.ny, plane.dx, plane.dy, plane.x_min, plane.y_min
        ),
        Geometry::CubedSphere(sphere) => format!(
            "6 x {0} x {0} x {nz} cells on a sphere of radius {1} m, tilted by {2} rad",
            sphere.n, sphere.radius, sphere.tilt
        ),
    };
    let grid = format!(
        "{horizontal}, levels up to {} m [{:08x}]",
        mesh.vertical.top(),
        checksum::bytes(&interfaces) >> 32,
    );
    let tracers = if tracers.is_empty() { "none".into() } else { tracers.join(", ") };
    [("format", FORMAT.into()), ("grid", grid), ("precision", T::NAME.into()), ("tracers", tracers)]
}

/// Defines the contents of a checkpoint file.
fn define<T: Real>(
    file: &mut NetcdfFile,
    mesh: &Mesh,
    variables: &[Variable],
    tracers: &[String],
    record: &RunRecord,
) -> Result<()> {
    file.set_attribute(
        "title",
        &format!("checkpoint at {} s, step {}", record.clock().seconds(), record.step),
    )?;
    file.set_attribute("source", &format!("gale {VERSION}"))?;
    file.set_attribute("git_commit", COMMIT)?;
    for (name, text) in identity::<T>(mesh, tracers) {
        file.set_attribute(name, &text)?;
    }
    let (text, seal) = record
        .sealed()
        .map_err(|cause| Error::Internal(format!("the run record cannot be written: {cause}")))?;
    file.set_attribute("run_record", &text)?;
    file.set_attribute("run_record_checksum", &seal)?;
    metadata::define_space(file, mesh)?;
    let precision = if T::NAME == f32::NAME { Precision::Single } else { Precision::Double };
    for variable in variables {
        let mut attributes = vec![("units", variable.unit), ("long_name", variable.long_name.as_str())];
        attributes.extend(metadata::place_attributes(mesh, variable.location));
        file.define_variable(&Definition {
            name: &variable.name,
            dimensions: &metadata::dimensions(&mesh.geometry, variable.location),
            precision,
            compression: 0,
            attributes: &attributes,
        })?;
    }
    Ok(())
}

/// The side file with length and checksum of a checkpoint.
fn side_file(path: &Path) -> PathBuf {
    with_suffix(path, ".sum")
}

/// Removes all but the `keep` newest checkpoints up to `now` (at least one stays), and those after it:
/// they were left out when the run was resumed, or belong to a future that no longer happens.
fn rotate(directory: &Path, now: i64, keep: usize) -> Result<()> {
    remove_unfinished(directory)?;
    let all = stamped(directory, CHECKPOINT_PREFIX)?;
    let past = all.iter().filter(|(ticks, path)| *ticks <= now && side_file(path).exists()).count();
    let mut surplus = past.saturating_sub(keep.max(1));
    for (ticks, path) in &all {
        let complete = side_file(path).exists();
        let old = *ticks <= now && (surplus > 0 || !complete);
        if old && complete {
            surplus -= 1;
        }
        if old || *ticks > now {
            // The side file goes first: what is left of an interruption is no good checkpoint.
            if complete {
                fs::remove_file(side_file(path)).map_err(|cause| Error::io(path, cause))?;
            }
            fs::remove_file(path).map_err(|cause| Error::io(path, cause))?;
        }
    }
    Ok(())
}
