//! A section, a curve or a map out of a file.

use super::slab::{Role, Slab};
use super::{Axis, Curve, Globe, Section, Style};
use crate::error::{Error, Result};
use crate::io::reader::{File, TIME, ValueKind, VariableInfo};
use crate::monitor::human;
use std::path::Path;

/// Similarity from which a name is offered as what may have been meant.
const SIMILAR: f64 = 0.6;

/// Which part of a variable to show; negative indices count from the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Record; the last one if not given.
    pub time: Option<i64>,
    /// Index along z, y and x.
    pub level: Option<i64>,
    pub y: Option<i64>,
    pub x: Option<i64>,
    /// One panel of the cubed sphere, instead of a map of all.
    pub panel: Option<i64>,
    /// All times along one axis of the picture.
    pub over_time: bool,
    /// Average over longitude.
    pub zonal_mean: bool,
    /// A map of the globe, or nothing.
    pub map: bool,
}

/// What a picture shows.
#[derive(Clone, Debug)]
pub enum Picture {
    Section(Section),
    Curve(Curve),
    Globe(Globe),
}

impl Picture {
    /// Draws to a PNG file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn draw(&self, style: &Style, path: &Path) -> Result<()> {
        match self {
            Picture::Section(section) => super::draw(section, style, path),
            Picture::Curve(curve) => super::draw_curve(curve, style, path),
            Picture::Globe(globe) => super::draw_globe(globe, style, path),
        }
    }
}

/// Takes what is to be shown of a variable: of three directions without a choice the middle of y, so that
/// two remain; directions of one cell count as chosen. A variable of time alone gives a curve. What covers the
/// globe gives a map, as does a single panel of it; without a choice that is one of the middle level.
///
/// # Errors
/// If there is no such variable, index or direction, or the file cannot be read.
pub fn take(file: &File, name: &str, place: &Place) -> Result<Picture> {
    let variable = find(file, name)?;
    if let [(only, _)] = &variable.dimensions[..]
        && only == TIME
        && !(place.map || place.zonal_mean || place.panel.is_some())
    {
        return over_time(file, variable);
    }
    let mut notes = Vec::new();
    if place.over_time {
        return section_over_time(file, variable, place);
    }
    let values = if variable.has_time() {
        let records = variable.dimensions[0].1;
        let record = index("time", place.time.unwrap_or(-1), records, name)?;
        notes.push(time_note(file, record)?);
        file.read_record(name, record)?
    } else {
        file.read(name)?
    };
    let mut slab = Slab::new(file, variable, values)?;
    slab.choose(Role::Panel, place.panel, &mut notes)?;
    if place.zonal_mean {
        slab.average_longitudes(&mut notes)?;
    }
    if slab.has(Role::Panel) && (place.y.is_some() || place.x.is_some()) {
        return Err(Error::Usage(format!(
            "--y and --x choose within a panel of `{name}`: --panel P is needed"
        )));
    }
    slab.choose(Role::Level, place.level, &mut notes)?;
    slab.choose(Role::Y, place.y, &mut notes)?;
    slab.choose(Role::X, place.x, &mut notes)?;
    if slab.is_zonal_mean() && !place.zonal_mean && !variable.long_name.contains("zonal mean") {
        notes.push("zonal mean".into());
    }
    let is_global = slab.is_global();
    if place.map && !is_global {
        return Err(slab.no_map());
    }
    if is_global || (place.panel.is_some() && slab.has(Role::Y) && slab.has(Role::X)) {
        slab.choose_middle_level(&mut notes);
    }
    if is_global {
        return slab.globe(notes.join("   "));
    }
    slab.drop_single_cells();
    slab.choose_middle(&mut notes)?;
    slab.picture(notes.join("   "))
}

/// All times and one direction.
fn section_over_time(file: &File, variable: &VariableInfo, place: &Place) -> Result<Picture> {
    if !variable.has_time() {
        return Err(Error::Usage(format!("--over-time: `{}` does not depend on time", variable.name)));
    }
    let mut notes = Vec::new();
    let mut slab = Slab::of_all_times(file, variable)?;
    slab.choose(Role::Level, place.level, &mut notes)?;
    slab.choose(Role::Y, place.y, &mut notes)?;
    slab.choose(Role::X, place.x, &mut notes)?;
    slab.drop_single_cells();
    slab.time_section(notes.join("   "))
}

/// The variable of that name with numbers in it.
fn find<'a>(file: &'a File, name: &str) -> Result<&'a VariableInfo> {
    let numeric = || file.variables().iter().filter(|variable| variable.kind != ValueKind::Other);
    if let Some(variable) = numeric().find(|variable| variable.name == name) {
        return Ok(variable);
    }
    let names: Vec<&str> = numeric()
        .filter(|variable| !variable.is_coordinate())
        .map(|variable| variable.name.as_str())
        .collect();
    let nearest = names
        .iter()
        .map(|candidate| (strsim::jaro_winkler(candidate, name), candidate))
        .filter(|(similarity, _)| *similarity > SIMILAR)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = nearest.map(|(_, candidate)| format!(" (did you mean `{candidate}`?)")).unwrap_or_default();
    let path = file.path().display();
    Err(Error::Usage(format!("{path} has no variable `{name}`{hint}; it has {}", names.join(", "))))
}

/// An index that may count from the end, checked.
pub(super) fn index(direction: &str, given: i64, length: usize, variable: &str) -> Result<usize> {
    let from_start = if given < 0 { given + length as i64 } else { given };
    if (0..length as i64).contains(&from_start) {
        return Ok(from_start as usize);
    }
    Err(Error::Usage(match length {
        0 => format!("`{variable}` has no {direction} yet"),
        _ => format!(
            "{direction} {given} is out of range: `{variable}` has 0 to {}, or -1 for the last",
            length - 1
        ),
    }))
}

/// When a record is.
fn time_note(file: &File, record: usize) -> Result<String> {
    let times = file.times()?;
    let Some(time) = times.get(record) else { return Ok(format!("record {record}")) };
    let unit = &file.variable(TIME)?.unit;
    Ok(if unit.starts_with("seconds") || unit == "s" {
        format!("t = {}", human::duration(*time))
    } else {
        format!("t = {} {}", human::significant(*time, 6), unit)
    })
}

/// A scalar over all of time.
fn over_time(file: &File, variable: &VariableInfo) -> Result<Picture> {
    let positions = file.times()?;
    let values: Vec<f64> = file.read(&variable.name)?.into_iter().collect();
    if values.is_empty() || positions.len() < values.len() {
        return Err(Error::Usage(format!("`{}` has no records yet", variable.name)));
    }
    let unit = &file.variable(TIME)?.unit;
    let unit = if unit.starts_with("seconds") { "s" } else { unit.split(" since").next().unwrap_or("") };
    Ok(Picture::Curve(Curve {
        title: title(variable),
        subtitle: String::new(),
        label: variable.name.clone(),
        unit: variable.unit.clone(),
        along: Axis {
            label: "time".into(),
            unit: unit.into(),
            positions: positions[..values.len()].to_vec(),
            is_downward: false,
            centres: None,
        },
        values,
        is_column: false,
    }))
}

/// The long name with a capital, or the name.
pub(super) fn title(variable: &VariableInfo) -> String {
    let mut letters = variable.long_name.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => variable.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Precision::Double;
    use crate::io::netcdf::{Definition, NetcdfFile};
    use crate::plot::{Projection, View, samples};
    use std::path::PathBuf;

    const Z: [f64; 2] = [50.0, 200.0];
    const Z_INTERFACE: [f64; 3] = [0.0, 100.0, 300.0];
    const Y: [f64; 3] = [10.0, 30.0, 50.0];
    const X: [f64; 4] = [5.0, 15.0, 25.0, 35.0];

    /// A file with two records of values that tell their record and place: 1000 t + 100 k + 10 j + i.
    fn write(path: &Path, ny: usize) {
        let mut file = NetcdfFile::create(path, None).unwrap();
        file.define_time(2, true, &[("units", "seconds since 2000-01-01 00:00:00")]).unwrap();
        let metres = &[("units", "m")];
        file.define_dimension("z", &Z, metres).unwrap();
        file.define_dimension("z_interface", &Z_INTERFACE, metres).unwrap();
        file.define_dimension("y", &Y[..ny], metres).unwrap();
        file.define_dimension("x", &X, metres).unwrap();
        file.write_box("time", vec![0], vec![2], &[0.0, 900.0]).unwrap();
        for (name, vertical, levels) in [("theta_perturbation", "z", 2), ("w", "z_interface", 3)] {
            let dimensions = ["time", vertical, "y", "x"];
            let attributes = &[("units", "K"), ("long_name", "some quantity")];
            let definition =
                Definition { name, dimensions: &dimensions, precision: Double, compression: 0, attributes };
            file.define_variable(&definition).unwrap();
            let shape = [2, levels, ny, 4];
            let values = ndarray::Array4::from_shape_fn(shape, |(t, k, j, i)| {
                (1000 * t + 100 * k + 10 * j + i) as f64
            });
            file.write_box(name, vec![0; 4], shape.to_vec(), &values.into_raw_vec_and_offset().0).unwrap();
        }
        let scalar = Definition {
            name: "mass",
            dimensions: &["time"],
            precision: Double,
            compression: 0,
            attributes: &[("units", "kg")],
        };
        file.define_variable(&scalar).unwrap();
        file.write_box("mass", vec![0], vec![2], &[7.0, 8.0]).unwrap();
        file.close().unwrap();
    }

    /// The file, in a folder that lives as long as it is needed.
    fn file(ny: usize) -> (tempfile::TempDir, File) {
        let directory = tempfile::tempdir().unwrap();
        let path: PathBuf = directory.path().join("snapshots.h5");
        write(&path, ny);
        let file = File::open(&path).unwrap();
        (directory, file)
    }

    fn section(file: &File, name: &str, place: &Place) -> Section {
        match take(file, name, place).unwrap() {
            Picture::Section(section) => section,
            other => panic!("a section was expected: {other:?}"),
        }
    }

    fn curve(file: &File, name: &str, place: &Place) -> Curve {
        match take(file, name, place).unwrap() {
            Picture::Curve(curve) => curve,
            other => panic!("a curve was expected: {other:?}"),
        }
    }

    #[test]
    fn the_default_is_the_middle_section_of_the_last_record() {
        let (_directory, file) = file(3);
        let section = section(&file, "theta_perturbation", &Place::default());
        assert_eq!(section.values[[1, 2]], 1112.0);
        assert_eq!(section.subtitle, "t = 15 min   y = 30 m (j 1)");
        assert_eq!(section.x.positions, [0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(section.y.positions, Z_INTERFACE);
        assert!(!section.is_map && section.is_deviation);
        assert_eq!((section.title.as_str(), section.unit.as_str()), ("Some quantity", "K"));
    }

    #[test]
    fn values_at_interfaces_reach_to_the_centres() {
        let (_directory, file) = file(1);
        let section = section(&file, "w", &Place { time: Some(0), ..Place::default() });
        assert_eq!(section.y.positions, [0.0, 50.0, 200.0, 300.0]);
        assert_eq!(section.values[[2, 3]], 203.0);
        assert_eq!(section.subtitle, "t = 0 s");
    }

    #[test]
    fn every_direction_can_be_chosen() {
        let (_directory, file) = file(3);
        let map = section(&file, "theta_perturbation", &Place { level: Some(-1), ..Place::default() });
        assert!(map.is_map);
        assert_eq!(map.values[[2, 3]], 1123.0);
        let across = section(&file, "theta_perturbation", &Place { x: Some(3), ..Place::default() });
        assert_eq!((across.values[[0, 2]], across.x.label.as_str()), (1023.0, "y"));
    }

    #[test]
    fn one_direction_is_a_curve() {
        let (_directory, file) = file(3);
        let column =
            curve(&file, "theta_perturbation", &Place { x: Some(1), y: Some(2), ..Place::default() });
        assert!(column.is_column);
        assert_eq!((column.values, column.along.positions), (vec![1021.0, 1121.0], Z.to_vec()));
        let scalar = curve(&file, "mass", &Place::default());
        assert_eq!((scalar.values, scalar.along.positions), (vec![7.0, 8.0], vec![0.0, 900.0]));
        assert_eq!(scalar.along.unit, "s");
    }

    #[test]
    fn wrong_wishes_say_what_is_allowed() {
        let (directory, file) = file(3);
        let cases = [
            ("theta_pertubation", Place::default(), "did you mean `theta_perturbation`?"),
            ("qqq", Place::default(), "it has theta_perturbation, w, mass"),
            ("w", Place { time: Some(2), ..Place::default() }, "0 to 1, or -1 for the last"),
            ("w", Place { level: Some(-4), ..Place::default() }, "level -4 is out of range: `w` has 0 to 2"),
            ("z", Place { x: Some(0), ..Place::default() }, "--x does not apply: `z` has the directions z"),
            ("w", Place { level: Some(0), y: Some(0), x: Some(0), ..Place::default() }, "a single value"),
        ];
        for (name, place, expected) in cases {
            let error = take(&file, name, &place).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(error.exit_status(), 2);
        }
        let picture = take(&file, "w", &Place::default()).unwrap();
        picture.draw(&Style::default(), &directory.path().join("w.png")).unwrap();
        let missing = directory.path().join("missing/w.png");
        assert_eq!(picture.draw(&Style::default(), &missing).unwrap_err().exit_status(), 4);
    }
    /// A native file and a regular one.
    fn globes() -> (tempfile::TempDir, File, File) {
        let directory = tempfile::tempdir().unwrap();
        let [native, regular] = ["snapshots.h5", "latlon.h5"].map(|name| directory.path().join(name));
        samples::native(&native, 24, 0.4);
        samples::regular(&regular);
        let files = [native, regular].map(|path| File::open(&path).unwrap());
        let [native, regular] = files;
        (directory, native, regular)
    }

    fn globe(file: &File, name: &str, place: &Place) -> Globe {
        match take(file, name, place).unwrap() {
            Picture::Globe(globe) => globe,
            other => panic!("a map was expected: {other:?}"),
        }
    }

    #[test]
    fn what_covers_the_globe_gives_a_map() {
        let (_directory, native, regular) = globes();
        let map = globe(&native, "u", &Place::default());
        assert_eq!((map.title.as_str(), map.unit.as_str()), ("Eastward wind", "m s-1"));
        assert_eq!(map.subtitle, "t = 9 d 00:00:00   z = 5000 m (level 1)");
        for place in [[0.0, 0.0], [100.0, 44.9], [-45.0, 35.3], [200.0, -60.0], [359.0, 60.0]] {
            let [longitude, latitude] = place.map(f64::to_radians);
            let expected = samples::solid_body(longitude, latitude, 1);
            assert!((map.field.at(place, false) - expected).abs() < 5e-3, "{place:?}");
        }
        let top = globe(&native, "u", &Place { level: Some(-1), map: true, ..Place::default() });
        assert!((top.field.at([0.0, 0.0], false) - 30.0).abs() < 1e-2);
        assert_eq!(globe(&native, "depth", &Place::default()).subtitle, "t = 9 d 00:00:00");
        let map = globe(&regular, "u", &Place { level: Some(2), ..Place::default() });
        assert_eq!(map.subtitle, "t = 9 d 00:00:00   p = 700 hPa (level 2)");
        let depth = globe(&regular, "depth", &Place::default());
        assert!(
            (depth.field.at([33.0, 47.0], false) - samples::wave_4(33f64.to_radians(), 47f64.to_radians()))
                .abs()
                < 2.0
        );
    }

    #[test]
    fn a_panel_can_be_shown_alone() {
        let (_directory, native, _) = globes();
        let panel = section(&native, "u", &Place { panel: Some(4), ..Place::default() });
        assert!(panel.is_map);
        assert_eq!(panel.subtitle, "t = 9 d 00:00:00   panel 4   z = 5000 m (level 1)");
        assert_eq!((panel.values.dim(), panel.x.positions[0].round()), ((24, 24), -45.0));
        let upright = section(&native, "u", &Place { panel: Some(-1), y: Some(3), ..Place::default() });
        assert_eq!((upright.is_map, upright.values.dim()), (false, (3, 24)));
    }

    #[test]
    fn zonal_means_are_sections_over_latitude() {
        let (_directory, _, regular) = globes();
        let averaged = section(&regular, "u", &Place { zonal_mean: true, ..Place::default() });
        let given = section(&regular, "u_zonal", &Place::default());
        for mean in [&averaged, &given] {
            assert!(mean.is_zonal_mean && !mean.is_map && mean.y.is_downward);
            assert_eq!((mean.y.label.as_str(), mean.x.label.as_str()), ("pressure", "latitude"));
            assert!(mean.subtitle.ends_with("zonal mean"));
            // Pressures increase along the axis; the waves vanish.
            assert_eq!(mean.y.centres.as_ref().unwrap()[3], 30_000.0);
            assert!((mean.values[[3, 30]] - samples::jet(32f64.to_radians(), 30_000.0)).abs() < 1e-12);
        }
        assert!(averaged.values.iter().all(|value| value.is_finite()), "hidden cells do not count");
        assert_eq!(averaged.subtitle, "t = 9 d 00:00:00   zonal mean");
        let level = curve(&regular, "u", &Place { zonal_mean: true, level: Some(0), ..Place::default() });
        assert_eq!((level.is_column, level.values.len()), (false, 45));
    }

    #[test]
    fn wrong_wishes_for_the_globe_say_what_is_missing() {
        let (_directory, native, regular) = globes();
        let (_other, plane) = file(3);
        let map = Place { map: true, ..Place::default() };
        let zonal = Place { zonal_mean: true, ..Place::default() };
        let at = |level| Place { level: Some(level), ..Place::default() };
        let panel = |panel| Place { panel: Some(panel), ..Place::default() };
        let cases = [
            (
                &plane,
                "w",
                map,
                "a map of the globe needs (panel, y, x) or (lat, lon): `w` has the directions z",
            ),
            (&plane, "mass", map, "`mass` has no directions"),
            (&regular, "u_zonal", map, "a map of the globe needs"),
            (&plane, "w", panel(0), "--panel does not apply"),
            (&plane, "w", zonal, "a zonal mean needs longitudes: `w` has"),
            (&native, "u", zonal, "a zonal mean needs longitudes"),
            (&native, "u", at(3), "level 3 is out of range: `u` has 0 to 2"),
            (&regular, "u", at(8), "level 8 is out of range: `u` has 0 to 7"),
            (&native, "depth", at(0), "--level does not apply"),
            (&native, "u", panel(6), "panel 6 is out of range: `u` has 0 to 5"),
            (&native, "u", Place { y: Some(2), ..Place::default() }, "--panel P is needed"),
        ];
        for (file, name, place, expected) in cases {
            let error = take(file, name, &place).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(error.exit_status(), 2);
        }
    }

    #[test]
    fn maps_and_zonal_means_can_be_drawn() {
        let (directory, native, regular) = globes();
        let path = directory.path().join("map.png");
        let mut style = Style { size: Some([400, 300]), contours: Some(6), ..Style::default() };
        for projection in [Projection::LatLon, Projection::Orthographic] {
            for raw in [true, false] {
                style.view = View { projection, centre: Some([40.0, 0.0]), raw };
                take(&native, "u", &Place::default()).unwrap().draw(&style, &path).unwrap();
            }
        }
        for log_pressure in [true, false] {
            style.log_pressure = log_pressure;
            let picture = take(&regular, "u", &Place { zonal_mean: true, ..Place::default() }).unwrap();
            picture.draw(&style, &path).unwrap();
        }
    }
}
