//! The sums of means over time, kept beside a checkpoint so that a resumed run goes on with the same bits.
//!
//! `checkpoint_STAMP.h5.means` holds every field over (level, panel, y, x) in double precision, for any number of
//! ranks to read, with a [`RunRecord`] of what was summed; `checkpoint_STAMP.h5.means.sum` its length and checksum.

use super::fields::Fields;
use crate::comm::{Communicator, World};
use crate::config::Precision;
use crate::error::{Error, Result};
use crate::io::checksum::{self, FileSum};
use crate::io::directory::{
    CHECKPOINT_PREFIX, on_root, or_remove, or_remove_alone, rename_durably, require_space, temporary,
    with_suffix,
};
use crate::io::hdf5_raw::Selections;
use crate::io::netcdf::{Definition, NetcdfFile};
use crate::io::record::RunRecord;
use crate::mesh::cubed_sphere::PANELS;
use crate::time::Clock;
use std::fs;
use std::path::{Path, PathBuf};

/// What is added to the name of the checkpoint, and to that for the checksum.
const SUFFIX: &str = ".means";
const SUM_SUFFIX: &str = ".sum";

/// Names in the record.
const SAMPLES: &str = "samples";
const LATEST: &str = "latest_ticks";
const IDENTITY: &str = "means";

/// Sums over time of fields at this rank's columns.
pub struct Sums {
    pub samples: u64,
    /// Time of the latest sample in ticks.
    pub latest: i64,
    pub fields: Vec<Vec<f64>>,
}

/// Writes the sums beside the checkpoint at `path`, which is to be written after them; without samples there is no
/// such file. All ranks call this.
///
/// # Errors
/// If the file cannot be written; nothing is left of it then.
pub fn write(
    sums: &Sums,
    fields: &Fields,
    world: &World,
    path: &Path,
    clock: Clock,
    identity: &str,
) -> Result<()> {
    let path = with_suffix(path, SUFFIX);
    on_root(&**world, || {
        // What an earlier run left for the same time goes first, its checksum before it.
        remove_if_there(&with_suffix(&path, SUM_SUFFIX))?;
        remove_if_there(&path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|cause| Error::io(folder, cause))
    })?;
    if sums.samples == 0 {
        return Ok(());
    }
    let mut record = RunRecord::at(clock);
    record.values.insert(SAMPLES.into(), sums.samples as f64);
    record.values.insert(LATEST.into(), sums.latest as f64);
    record.texts.insert(IDENTITY.into(), identity.into());
    let unfinished = temporary(&path);
    or_remove(&**world, &unfinished, fill(&unfinished, sums, fields, world, &record))?;
    let sum = or_remove(&**world, &unfinished, FileSum::of(&unfinished, &**world))?;
    on_root(&**world, || publish(&unfinished, &path, &sum))
}

fn fill(path: &Path, sums: &Sums, fields: &Fields, world: &World, record: &RunRecord) -> Result<()> {
    let n = fields.columns.edge();
    let levels: usize = (0..sums.fields.len()).map(|number| fields.levels(number)).sum();
    require_space(&**world, path, (levels * PANELS * n * n * size_of::<f64>()) as u64)?;
    let mut file = NetcdfFile::create(path, Some(world))?;
    define(&mut file, sums, fields, n, record)?;
    for (number, sum) in sums.fields.iter().enumerate() {
        write_field(&file, fields, number, sum)?;
    }
    file.close()
}

/// Writes a field, every rank the levels that are dealt out to it.
fn write_field(file: &NetcdfFile, fields: &Fields, number: usize, sum: &[f64]) -> Result<()> {
    let (n, count) = (fields.columns.edge(), fields.levels(number));
    let mut levels = fields.whole_levels.borrow_mut();
    let mut first = 0;
    while first < count {
        let batch = levels.batch(first, count);
        let all = levels.deal(&fields.columns, sum, first, batch);
        let selections = match &all {
            Some(_) => Selections::one_box(vec![first + levels.rank(), 0, 0, 0], vec![1, PANELS, n, n]),
            None => Selections::nothing(),
        };
        file.write_selected(&name(number), &selections, &all.unwrap_or_default())?;
        first += batch;
    }
    Ok(())
}

fn define(file: &mut NetcdfFile, sums: &Sums, fields: &Fields, n: usize, record: &RunRecord) -> Result<()> {
    let (text, seal) = record
        .sealed()
        .map_err(|cause| Error::Internal(format!("the record of the means cannot be written: {cause}")))?;
    file.set_attribute("title", "sums for means over time")?;
    file.set_attribute("run_record", &text)?;
    file.set_attribute("run_record_checksum", &seal)?;
    let indices = |length: usize| (0..length).map(|index| index as f64).collect::<Vec<_>>();
    let attributes = &[("long_name", "index")];
    let mut levels: Vec<usize> = (0..sums.fields.len()).map(|number| fields.levels(number)).collect();
    levels.sort_unstable();
    levels.dedup();
    for &levels in &levels {
        file.define_dimension(&dimension(levels), &indices(levels), attributes)?;
    }
    for (name, length) in [("panel", PANELS), ("y", n), ("x", n)] {
        file.define_dimension(name, &indices(length), attributes)?;
    }
    for number in 0..sums.fields.len() {
        file.define_variable(&Definition {
            name: &name(number),
            dimensions: &[&dimension(fields.levels(number)), "panel", "y", "x"],
            precision: Precision::Double,
            compression: 0,
            attributes: &[("long_name", "sum of samples")],
        })?;
    }
    Ok(())
}

/// The name of the `number`-th field.
fn name(number: usize) -> String {
    format!("sum_{number}")
}

/// The dimension of that many levels.
fn dimension(levels: usize) -> String {
    format!("level_{levels}")
}

/// Writes the checksum of a complete file, and gives both their names.
fn publish(unfinished: &Path, path: &Path, sum: &FileSum) -> Result<()> {
    let side = with_suffix(path, SUM_SUFFIX);
    let unfinished_side = temporary(&side);
    let outcome = fs::write(&unfinished_side, sum.to_text())
        .map_err(|cause| Error::io(&side, cause))
        .and_then(|()| rename_durably(unfinished, path))
        .and_then(|()| rename_durably(&unfinished_side, &side));
    or_remove_alone(unfinished, or_remove_alone(&unfinished_side, outcome))
}

/// Reads the sums beside the checkpoint at `path`; `None` if there are none. All ranks call this.
///
/// # Errors
/// If they are damaged, or not of the means with this `identity`.
pub fn load(
    fields: &Fields,
    world: &World,
    path: &Path,
    clock: Clock,
    identity: &str,
) -> Result<Option<Sums>> {
    let path = with_suffix(path, SUFFIX);
    let exists = world.broadcast_text(if path.exists() { "yes" } else { "no" }) == "yes";
    if !exists {
        return Ok(None);
    }
    let damaged = |damage: &str| {
        let message =
            format!("{damage}; to resume from an earlier checkpoint remove this one with its files");
        Error::io(&path, message)
    };
    let text = checksum::read_small(&with_suffix(&path, SUM_SUFFIX)).unwrap_or_default();
    let expected = FileSum::from_text(&world.broadcast_text(&text));
    if expected != Some(FileSum::of(&path, &**world)?) {
        return Err(damaged("the sums of the means are damaged: the checksum of the file is wrong"));
    }
    let mut sums = Err(Error::Internal("the sums of the means were not read".into()));
    let outcome = read(&path, fields, clock, identity, &damaged).map(|read| sums = Ok(read));
    world.agree(outcome)?;
    sums.map(Some)
}

/// Reads this rank's part.
fn read(
    path: &Path,
    fields: &Fields,
    clock: Clock,
    identity: &str,
    damaged: &dyn Fn(&str) -> Error,
) -> Result<Sums> {
    let file = NetcdfFile::open(path, None)?;
    let record = RunRecord::unsealed(&file.attribute("run_record")?, &file.attribute("run_record_checksum")?)
        .map_err(|damage| damaged(&damage))?;
    let theirs = record.texts.get(IDENTITY).map_or("", String::as_str);
    if theirs != identity {
        let message =
            format!("these are the sums of other means: `{theirs}`; the configuration has `{identity}`");
        return Err(Error::io(path, message));
    }
    if record.clock() != clock {
        return Err(damaged("these sums belong to another checkpoint"));
    }
    let number = |name: &str| record.values.get(name).copied().unwrap_or(0.0);
    let fields_of_file =
        (0..fields.count()).map(|number| read_field(&file, fields, number)).collect::<Result<_>>()?;
    let (samples, latest) = (number(SAMPLES) as u64, number(LATEST) as i64);
    file.close()?;
    Ok(Sums { samples, latest, fields: fields_of_file })
}

fn read_field(file: &NetcdfFile, fields: &Fields, number: usize) -> Result<Vec<f64>> {
    let mut values = Vec::with_capacity(fields.levels(number) * fields.columns.count());
    for level in 0..fields.levels(number) {
        for (tile, _) in fields.columns.tiles() {
            let (start, count) = (vec![level, tile.panel, tile.j0, tile.i0], vec![1, 1, tile.nj, tile.ni]);
            values.extend(file.read_box(&name(number), start, count)?);
        }
    }
    Ok(values)
}

/// Removes the sums whose checkpoint is gone from the folder of the checkpoints. All ranks call this.
///
/// # Errors
/// If the folder cannot be read or a file cannot be removed.
pub fn remove_orphans(world: &dyn Communicator, directory: &Path) -> Result<()> {
    on_root(world, || remove_orphans_alone(directory))
}

fn remove_orphans_alone(directory: &Path) -> Result<()> {
    let failed = |cause| Error::io(directory, cause);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if checkpoint_of(&path).is_some_and(|checkpoint| !checkpoint.exists()) {
            remove_if_there(&with_suffix(&path, SUM_SUFFIX))?;
            remove_if_there(&path)?;
        }
    }
    Ok(())
}

/// The checkpoint that a file of sums lies beside; `None` for other files.
fn checkpoint_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
    name.starts_with(CHECKPOINT_PREFIX).then(|| path.with_file_name(name))
}

fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path, cause)),
        _ => Ok(()),
    }
}
