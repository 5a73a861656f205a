//! `gale compare A B`: whether two files hold the same numbers.

use super::{print, table};
use crate::error::{Error, Result};
use crate::io::reader::{File, ValueKind, VariableInfo};
use crate::real::Real;
use ndarray::Dimension;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Compare all variables of two files: exit status 0 if they are the same, 1 if they differ.
///
/// Without tolerances every bit counts, also the sign of zero and the bits of NaN. Attributes, such as
/// the history, do not count.
#[derive(clap::Args, Debug)]
pub struct CompareArgs {
    /// The one file.
    pub a: PathBuf,
    /// The other file.
    pub b: PathBuf,
    /// Accept differences up to this fraction of the larger magnitude.
    #[arg(long, value_name = "FRACTION")]
    pub rtol: Option<f64>,
    /// Accept differences up to this, in the unit of the variable.
    #[arg(long, value_name = "DIFFERENCE")]
    pub atol: Option<f64>,
}

/// Compares two files and prints a table of the differences. `true` means that they are the same.
///
/// # Errors
/// If a file cannot be read, or a tolerance is negative or no number.
pub fn execute(args: &CompareArgs) -> Result<bool> {
    for tolerance in [args.rtol, args.atol].into_iter().flatten() {
        if tolerance.is_nan() || tolerance < 0.0 {
            return Err(Error::Usage(format!("a tolerance must be 0 or more, not {tolerance}")));
        }
    }
    let tolerance = match (args.rtol, args.atol) {
        (None, None) => None,
        (relative, absolute) => {
            Some(Tolerance { relative: relative.unwrap_or(0.0), absolute: absolute.unwrap_or(0.0) })
        }
    };
    let (a, b) = (File::open(&args.a)?, File::open(&args.b)?);
    let comparison = compare(&a, &b, tolerance)?;
    print(&comparison.report)?;
    Ok(comparison.same)
}

/// Differences that are accepted: |a - b| <= absolute + relative max(|a|, |b|).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    pub relative: f64,
    pub absolute: f64,
}

/// How two files compare.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub same: bool,
    /// The table that `gale compare` prints.
    pub report: String,
}

/// Compares all variables of two files, bitwise if there is no tolerance.
///
/// # Errors
/// If a file cannot be read.
pub fn compare(a: &File, b: &File, tolerance: Option<Tolerance>) -> Result<Comparison> {
    let header = ["variable", "differing", "of", "max abs diff", "max rel diff", "first", "in A", "in B"];
    let mut rows = vec![header.map(String::from).to_vec()];
    let mut remarks = String::new();
    let mut same = true;
    for variable in a.variables() {
        let name = &variable.name;
        let Some(other) = b.variables().iter().find(|other| other.name == *name) else {
            let _ = writeln!(remarks, "  {name}: only in {}", a.path().display());
            same = false;
            continue;
        };
        if let Some(remark) = mismatch(variable, other, tolerance.is_some()) {
            let _ = writeln!(remarks, "  {name}: {remark}");
            same = false;
            continue;
        }
        let both_single = variable.kind == ValueKind::Single && other.kind == ValueKind::Single;
        let found = if both_single {
            differences::<f32>(a, b, variable, tolerance)?
        } else {
            differences::<f64>(a, b, variable, tolerance)?
        };
        same &= found.count == 0;
        rows.push(found.row(name));
    }
    for variable in b.variables() {
        if a.variables().iter().all(|other| other.name != variable.name) {
            let _ = writeln!(remarks, "  {}: only in {}", variable.name, b.path().display());
            same = false;
        }
    }
    let verdict = match (same, tolerance) {
        (true, None) => "the same, bit for bit",
        (true, Some(_)) => "the same within the tolerances",
        (false, _) => "different",
    };
    let files = format!("A {}\nB {}\n", a.path().display(), b.path().display());
    Ok(Comparison { same, report: format!("{files}{}{remarks}{verdict}\n", table(&rows, 1)) })
}

/// Why two variables cannot be compared value by value, if so.
fn mismatch(a: &VariableInfo, b: &VariableInfo, types_may_differ: bool) -> Option<String> {
    if a.dimensions != b.dimensions {
        let shape = |variable: &VariableInfo| {
            let sizes: Vec<String> =
                variable.dimensions.iter().map(|(name, length)| format!("{name} {length}")).collect();
            format!("({})", sizes.join(", "))
        };
        return Some(format!("shape {} in A, {} in B", shape(a), shape(b)));
    }
    if a.kind == ValueKind::Other || b.kind == ValueKind::Other {
        return Some("holds no numbers, and is not compared".into());
    }
    if a.kind != b.kind && !types_may_differ {
        return Some(format!("type {:?} in A, {:?} in B", a.kind, b.kind));
    }
    None
}

/// What differs between two variables.
#[derive(Debug, Default)]
struct Differences {
    count: usize,
    total: usize,
    max_absolute: f64,
    max_relative: f64,
    /// Index, and the two values as text.
    first: Option<(Vec<usize>, String, String)>,
}

/// Compares two variables of the same shape, record by record.
fn differences<T: Real>(
    a: &File,
    b: &File,
    variable: &VariableInfo,
    tolerance: Option<Tolerance>,
) -> Result<Differences> {
    let records: Vec<Option<usize>> =
        if variable.has_time() { (0..variable.dimensions[0].1).map(Some).collect() } else { vec![None] };
    let mut found = Differences::default();
    for record in records {
        let (in_a, in_b) = (a.values::<T>(&variable.name, record)?, b.values::<T>(&variable.name, record)?);
        for ((index, &x), &y) in in_a.indexed_iter().zip(&in_b) {
            found.total += 1;
            if !accepted(x, y, tolerance) {
                let index = || record.into_iter().chain(index.as_array_view().iter().copied()).collect();
                found.add(index, x, y);
            }
        }
    }
    Ok(found)
}

/// Whether two values count as the same.
fn accepted<T: Real>(a: T, b: T, tolerance: Option<Tolerance>) -> bool {
    if a.bits() == b.bits() {
        return true;
    }
    let Some(Tolerance { relative, absolute }) = tolerance else {
        return false;
    };
    let (a, b) = (a.to_f64(), b.to_f64());
    let near = (a - b).abs() <= absolute + relative * a.abs().max(b.abs());
    a == b || (a.is_nan() && b.is_nan()) || (a.is_finite() && b.is_finite() && near)
}

impl Differences {
    fn add<T: Real>(&mut self, index: impl FnOnce() -> Vec<usize>, a: T, b: T) {
        self.count += 1;
        let (x, y) = (a.to_f64(), b.to_f64());
        let difference = (x - y).abs();
        let relative = if difference == 0.0 { 0.0 } else { difference / x.abs().max(y.abs()) };
        // A difference from NaN or infinity is the largest of all.
        let worst = |old: f64, new: f64| if new.is_finite() { old.max(new) } else { f64::INFINITY };
        self.max_absolute = worst(self.max_absolute, difference);
        self.max_relative = worst(self.max_relative, relative);
        if self.first.is_none() {
            // Values that look alike (NaN) are told apart by their bits.
            let text = |value: T| {
                if value.is_finite() {
                    format!("{value:?}")
                } else {
                    format!("{value:?} {:#x}", value.bits())
                }
            };
            self.first = Some((index(), text(a), text(b)));
        }
    }

    fn row(&self, name: &str) -> Vec<String> {
        let mut cells = vec![name.to_owned(), self.count.to_string(), self.total.to_string()];
        if let Some((index, a, b)) = &self.first {
            cells.extend([format!("{:.3e}", self.max_absolute), format!("{:.3e}", self.max_relative)]);
            cells.extend([format!("{index:?}"), a.clone(), b.clone()]);
        }
        cells
    }
}
