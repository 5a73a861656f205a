//! Where a horizontal section lies.

use crate::mesh::{Mesh, Terrain};
use crate::state::Location;

/// The level of a horizontal section.
pub enum Level {
    /// The nearest cell centre and interface, with their indices and heights.
    Flat([(usize, f64); 2]),
    /// A true height over terrain in m, and where it lies between the centres and between the interfaces, by piece and
    /// column of the piece.
    OverTerrain { height: f64, between: Vec<[Vec<Between>; 2]> },
}

/// A place in a column: the level below and the share of that above; the share is no number below the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    below: usize,
    share: f64,
}

impl Level {
    /// That at the height `z`; a piece of the domain has a first column and an extent, along x and y.
    pub fn new(z: f64, mesh: &Mesh, pieces: impl Iterator<Item = [[usize; 2]; 2]>) -> Level {
        let vertical = &mesh.vertical;
        let Some(terrain) = &mesh.terrain else {
            return Level::Flat([&vertical.centres, &vertical.interfaces].map(|heights| nearest(heights, z)));
        };
        let of_piece = |[[i0, j0], [ni, nj]]: [[usize; 2]; 2]| {
            let columns = (0..nj).flat_map(|j| (0..ni).map(move |i| [i0 + i, j0 + j]));
            let heights = columns.map(|column| heights(terrain, vertical.nz(), column));
            let (centres, interfaces): (Vec<_>, Vec<_>) = heights
                .map(|[centres, interfaces]| {
                    (Between::at(z, interfaces[0], &centres), Between::at(z, interfaces[0], &interfaces))
                })
                .unzip();
            [centres, interfaces]
        };
        Level::OverTerrain { height: z, between: pieces.map(of_piece).collect() }
    }

    /// The height of the values of a variable with that location in m, where it has levels.
    pub fn height(&self, location: Location) -> Option<f64> {
        let place = place(location)?;
        Some(match self {
            Level::Flat(nearest) => nearest[place].1,
            Level::OverTerrain { height, .. } => *height,
        })
    }

    /// The values of the columns of row `j` of a piece of a variable with that location; `row(k)` gives those of level k.
    pub fn row(
        &self,
        location: Location,
        [piece, j]: [usize; 2],
        out: &mut [f64],
        mut row: impl FnMut(usize, &mut dyn FnMut(&[f64])),
    ) {
        let Some(place) = place(location) else {
            return row(0, &mut |values| out.copy_from_slice(values));
        };
        let between = match self {
            Level::Flat(nearest) => return row(nearest[place].0, &mut |values| out.copy_from_slice(values)),
            Level::OverTerrain { between, .. } => &between[piece][place][j * out.len()..][..out.len()],
        };
        let lowest = between.iter().map(|between| between.below).min().unwrap_or(0);
        let highest = between.iter().map(Between::above).max().unwrap_or(0);
        out.fill(0.0);
        for k in lowest..=highest {
            row(k, &mut |values| {
                for ((out, value), between) in out.iter_mut().zip(values).zip(between) {
                    *out += between.weight(k).map_or(0.0, |weight| weight * value);
                }
            });
        }
    }
}

impl Between {
    /// The height `z` between increasing heights over the ground: half a cell at the ends has the value of the cell.
    fn at(z: f64, ground: f64, heights: &[f64]) -> Between {
        let above = heights.partition_point(|&height| height <= z);
        if z < ground {
            return Between { below: 0, share: f64::NAN };
        }
        if above == 0 || above == heights.len() {
            return Between { below: above.saturating_sub(1), share: 0.0 };
        }
        let below = above - 1;
        Between { below, share: (z - heights[below]) / (heights[above] - heights[below]) }
    }

    /// The upper level, where it counts.
    fn above(&self) -> usize {
        self.below + usize::from(self.share > 0.0)
    }

    /// The weight of level `k`, if it has one.
    fn weight(&self, k: usize) -> Option<f64> {
        if k == self.below {
            return Some(1.0 - self.share);
        }
        (k == self.above()).then_some(self.share)
    }
}

/// Heights of the centres and of the interfaces of a column.
fn heights(terrain: &Terrain, nz: usize, [i, j]: [usize; 2]) -> [Vec<f64>; 2] {
    let interfaces: Vec<f64> = (0..=nz).map(|k| terrain.interface(i, j, k)).collect();
    [interfaces.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect(), interfaces]
}

/// Which of centres and interfaces a location means.
fn place(location: Location) -> Option<usize> {
    match location {
        Location::Centre => Some(0),
        Location::Interface => Some(1),
        Location::Surface => None,
    }
}

/// Index and height of the level nearest to a height, the lower of two.
fn nearest(heights: &[f64], z: f64) -> (usize, f64) {
    let mut found = 0;
    for (level, height) in heights.iter().enumerate() {
        if (height - z).abs() < (heights[found] - z).abs() {
            found = level;
        }
    }
    (found, heights[found])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_lies_between_two_levels() {
        let heights = [100.0, 200.0, 400.0];
        let at = |z: f64| Between::at(z, 50.0, &heights);
        assert_eq!(at(250.0), Between { below: 1, share: 0.25 });
        assert_eq!(
            (at(60.0), at(100.0)),
            (Between { below: 0, share: 0.0 }, Between { below: 0, share: 0.0 })
        );
        assert_eq!(at(450.0), Between { below: 2, share: 0.0 });
        assert!(at(40.0).share.is_nan() && at(40.0).weight(0).unwrap().is_nan());
        assert_eq!([1, 2, 3].map(|k| at(250.0).weight(k)), [Some(0.75), Some(0.25), None]);
        assert_eq!((at(400.0).weight(2), at(400.0).weight(3)), (Some(1.0), None));
    }
}
