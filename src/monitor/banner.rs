//! The box at the start of a run: what is about to be computed, where and how.

use super::human;
use crate::comm::Communicator;
use crate::config::{Configuration, IntegratorChoice, StepChoice};
use crate::mesh::{Geometry, Mesh, Terrain};
use crate::version::{COMMIT, VERSION};
use std::fmt::Write;

/// Widest line in columns, frame included.
const WIDTH: usize = 100;
/// Columns of the labels.
const LABEL: usize = 12;
/// Columns left for a value between frame, label and margins.
const VALUE: usize = WIDTH - LABEL - 5;
/// Hosts named before the rest is only counted.
const NAMED_HOSTS: usize = 4;

/// What the banner tells, as text in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// Stands in the upper edge.
    pub heading: String,
    /// Label and value of every line.
    pub lines: Vec<(&'static str, String)>,
}

/// What only the run itself knows.
pub struct Facts<'a> {
    /// Title of the case.
    pub title: &'a str,
    /// Memory of the state on this rank, in bytes.
    pub memory: u64,
    /// Threads of this rank.
    pub threads: usize,
    /// Ranks that only write, besides those that step.
    pub writers: usize,
}

impl Banner {
    /// Gathers the facts of all ranks. Collective; the text is the same on every rank.
    pub fn new(
        configuration: &Configuration,
        mesh: &Mesh,
        facts: &Facts<'_>,
        world: &dyn Communicator,
    ) -> Self {
        let (hosts, memory) = gather(facts, world);
        let (major, minor, patch) = hdf5::library_version();
        let case = format!("{}: {}", configuration.case.name, facts.title);
        let library = format!("MPI {}, HDF5 {major}.{minor}.{patch}", world.library());
        let lines = vec![
            ("case", case),
            ("grid", grid(mesh)),
            ("levels", levels(mesh)),
            ("extent", extent(mesh)),
            ("tiles", tiles(mesh)),
            ("parallel", parallel(facts, &hosts)),
            ("memory", format!("up to {} a rank", human::bytes(memory))),
            ("time", time(configuration)),
            ("numerics", numerics(configuration)),
            ("libraries", library),
            ("output", configuration.output.directory.display().to_string()),
        ];
        Banner { heading: format!("gale {VERSION} ({COMMIT})"), lines }
    }

    /// The box, at most 100 columns wide; long values go on in the next line.
    pub fn text(&self) -> String {
        let rows: Vec<(&str, String)> = self
            .lines
            .iter()
            .flat_map(|(label, value)| {
                let labels = std::iter::once(*label).chain(std::iter::repeat(""));
                labels.zip(wrap(value, VALUE))
            })
            .collect();
        let columns = |text: &str| text.chars().count();
        let widest = rows.iter().map(|(_, value)| columns(value)).max().unwrap_or(0);
        let inner = (LABEL + 3 + widest).max(columns(&self.heading) + 5).min(WIDTH - 2);
        let mut text = format!("┌─ {} ", self.heading);
        let _ = writeln!(text, "{}┐", "─".repeat(inner.saturating_sub(columns(&self.heading) + 3)));
        for (label, value) in &rows {
            let room = inner - LABEL - 2;
            let _ = writeln!(text, "│ {label:<LABEL$}{value:<room$} │");
        }
        let _ = write!(text, "└{}┘", "─".repeat(inner));
        text
    }
}

/// The host names in the order of the ranks with their numbers of ranks, and the largest memory of a rank.
fn gather(facts: &Facts<'_>, world: &dyn Communicator) -> (Vec<(String, usize)>, u64) {
    let mut mine = facts.memory.to_le_bytes().to_vec();
    mine.extend(world.host().as_bytes());
    let mut hosts: Vec<(String, usize)> = Vec::new();
    let mut most = 0;
    for message in world.all_gather(&mine) {
        let Some((memory, host)) = message.split_first_chunk::<8>() else { continue };
        most = most.max(u64::from_le_bytes(*memory));
        let host = String::from_utf8_lossy(host);
        match hosts.iter_mut().find(|(name, _)| *name == host) {
            Some((_, ranks)) => *ranks += 1,
            None => hosts.push((host.into_owned(), 1)),
        }
    }
    (hosts, most)
}

fn grid(mesh: &Mesh) -> String {
    let nz = mesh.vertical.nz();
    let plane = match &mesh.geometry {
        Geometry::Plane(plane) => plane,
        Geometry::CubedSphere(sphere) => {
            let n = sphere.n;
            let spacing = human::length(sphere.radius * sphere.step());
            let cells = human::count(mesh.cells() as u64);
            return format!("6 x {n} x {n} x {nz} = {cells} cells, columns of about {spacing}");
        }
    };
    let (shape, columns) = if mesh.has_y() {
        let columns = format!("{} x {}", human::length(plane.dx), human::length(plane.dy));
        (format!("{} x {} x {nz}", plane.nx, plane.ny), columns)
    } else {
        (format!("{} x {nz}", plane.nx), human::length(plane.dx))
    };
    format!("{shape} = {} cells, columns of {columns}", human::count(mesh.cells() as u64))
}

fn levels(mesh: &Mesh) -> String {
    let thickness = &mesh.vertical.thickness;
    let thinnest = thickness.iter().copied().fold(f64::INFINITY, f64::min);
    let thickest = thickness.iter().copied().fold(0.0, f64::max);
    if thickest - thinnest < 1e-6 * thickest {
        return format!("{} of {}", thickness.len(), human::length(thickest));
    }
    format!("{}, {} to {}", thickness.len(), human::length(thinnest), human::length(thickest))
}

fn extent(mesh: &Mesh) -> String {
    let ground = |terrain: &Terrain| format!(", ground up to {}", human::length(terrain.highest()));
    let ground = mesh.terrain.as_ref().map_or(String::new(), ground);
    let plane = match &mesh.geometry {
        Geometry::Plane(plane) => plane,
        Geometry::CubedSphere(sphere) => {
            let (radius, top) = (human::length(sphere.radius), human::length(mesh.vertical.top()));
            return format!("sphere of radius {radius}, {top} high{ground}");
        }
    };
    let (x, y) = (plane.nx as f64 * plane.dx, plane.ny as f64 * plane.dy);
    let sides = if mesh.has_y() { vec![x, y] } else { vec![x] };
    let sides: Vec<String> = sides.into_iter().map(human::length).collect();
    format!("{}, {} high{ground}", sides.join(" x "), human::length(mesh.vertical.top()))
}

fn tiles(mesh: &Mesh) -> String {
    let widest = mesh.tiles.iter().map(|tile| tile.ni).max().unwrap_or(0);
    let deepest = mesh.tiles.iter().map(|tile| tile.nj).max().unwrap_or(0);
    let (fewest, most) = mesh
        .owned
        .iter()
        .map(|range| range.len())
        .fold((usize::MAX, 0), |(fewest, most), count| (fewest.min(count), most.max(count)));
    let share = if fewest == most { most.to_string() } else { format!("{fewest} to {most}") };
    format!("{} of up to {widest} x {deepest} columns, {share} a rank", mesh.tiles.len())
}

fn parallel(facts: &Facts<'_>, hosts: &[(String, usize)]) -> String {
    let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let ranks: usize = hosts.iter().map(|(_, ranks)| ranks).sum();
    let named = hosts.iter().take(NAMED_HOSTS).map(|(host, ranks)| format!("{host} ({ranks})"));
    let mut names = named.collect::<Vec<_>>().join(", ");
    if hosts.len() > NAMED_HOSTS {
        let _ = write!(names, " and {} more", hosts.len() - NAMED_HOSTS);
    }
    let writers = match facts.writers {
        0 => String::new(),
        1 => "; one more only writes".into(),
        writers => format!("; {writers} more only write"),
    };
    format!(
        "{} x {} on {}: {names}{writers}",
        plural(ranks, "rank"),
        plural(facts.threads, "thread"),
        plural(hosts.len(), "host")
    )
}

fn time(configuration: &Configuration) -> String {
    let end = human::duration(configuration.time.end);
    match configuration.time.step {
        StepChoice::Fixed(step) => format!("{end} in steps of {} s", human::significant(step, 4)),
        StepChoice::Auto { fraction, longest } => {
            let limit = match longest.is_finite() {
                true => format!(", at most {} s", human::significant(longest, 4)),
                false => String::new(),
            };
            format!("{end} in steps of {} of the largest stable one{limit}", human::significant(fraction, 3))
        }
    }
}

fn numerics(configuration: &Configuration) -> String {
    let integrator = match configuration.dynamics.integrator {
        IntegratorChoice::Ws3g => "three stages (ws3g)",
        IntegratorChoice::O5g => "five stages (o5g)",
    };
    format!("{integrator}, {} precision", configuration.dynamics.precision.name())
}

/// Breaks `text` at spaces, or where it must, into lines of at most `width` columns.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        let used = line.chars().count();
        if used > 0 && used + 1 + rest.len() > width {
            lines.push(std::mem::take(&mut line));
        }
        while rest.len() > width {
            lines.push(rest.drain(..width).collect());
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(rest);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::testing;
    use crate::config::Precision;

    fn assert_is_a_box(text: &str) {
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|&width| width == widths[0] && width <= WIDTH), "{widths:?}\n{text}");
    }

    fn configuration() -> Configuration {
        let mut configuration = testing::configuration("density_current", [25_600.0, 6400.0], [512, 64]);
        configuration.time.step = StepChoice::Auto { fraction: 0.9, longest: 10.0 };
        configuration.time.end = 900.0;
        configuration.dynamics.integrator = IntegratorChoice::O5g;
        configuration.dynamics.precision = Precision::Single;
        configuration.parallel.tile = Some([128, 1]);
        configuration
    }

    #[test]
    fn a_run_is_described() {
        let configuration = configuration();
        let mesh = Mesh::new(&configuration, 0, 1).unwrap();
        let facts = Facts { title: "a cold pool spreads", memory: 3 << 20, threads: 2, writers: 0 };
        let banner = Banner::new(&configuration, &mesh, &facts, &crate::comm::single::Single);
        assert_is_a_box(&banner.text());
        let said = |label: &str| {
            let line = banner.lines.iter().find(|(found, _)| *found == label);
            line.map(|(_, value)| value.as_str()).unwrap()
        };
        assert_eq!(said("case"), "density_current: a cold pool spreads");
        assert_eq!(said("grid"), "512 x 64 = 32,768 cells, columns of 50 m");
        assert_eq!(said("levels"), "64 of 100 m");
        assert_eq!(said("extent"), "25.6 km, 6400 m high");
        assert_eq!(said("tiles"), "4 of up to 128 x 1 columns, 4 a rank");
        assert!(said("parallel").starts_with("1 rank x 2 threads on 1 host: "));
        assert_eq!(said("memory"), "up to 3 MiB a rank");
        assert_eq!(said("time"), "15 min in steps of 0.9 of the largest stable one, at most 10 s");
        assert_eq!(said("numerics"), "five stages (o5g), single precision");
        assert!(said("libraries").starts_with("MPI none, HDF5 "));
    }

    #[test]
    fn lines_are_aligned() {
        let banner = Banner {
            heading: "gale 0.1.0 (abc1234)".into(),
            lines: vec![("case", "density_current: a cold pool".into()), ("output", "runs/straka".into())],
        };
        assert_is_a_box(&banner.text());
        let expected = [
            "┌─ gale 0.1.0 (abc1234) ────────────────────┐",
            "│ case        density_current: a cold pool  │",
            "│ output      runs/straka                   │",
            "└───────────────────────────────────────────┘",
        ];
        assert_eq!(banner.text().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn long_values_are_wrapped() {
        let words = "many words ".repeat(30);
        let path = "/a_very_long_folder_name".repeat(12);
        let banner = Banner { heading: "gale".into(), lines: vec![("case", words), ("output", path)] };
        let text = banner.text();
        assert_is_a_box(&text);
        assert!(text.lines().count() > 8, "{text}");
    }

    #[test]
    fn hosts_are_counted() {
        let hosts: Vec<(String, usize)> = (1..=6).map(|n| (format!("node{n}"), 2)).collect();
        let facts = |threads, writers| Facts { title: "", memory: 0, threads, writers };
        assert_eq!(
            parallel(&facts(8, 0), &hosts),
            "12 ranks x 8 threads on 6 hosts: node1 (2), node2 (2), node3 (2), node4 (2) and 2 more"
        );
        assert_eq!(parallel(&facts(1, 0), &hosts[..1]), "2 ranks x 1 thread on 1 host: node1 (2)");
        assert_eq!(
            parallel(&facts(1, 1), &hosts[..1]),
            "2 ranks x 1 thread on 1 host: node1 (2); one more only writes"
        );
    }
}
