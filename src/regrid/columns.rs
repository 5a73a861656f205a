//! The columns of a rank as plain arrays.

use crate::mesh::cubed_sphere::{self, Vector};
use crate::mesh::{CubedSphere, Mesh, Tile};
use rayon::prelude::*;
use std::ops::Range;

/// This rank's columns one behind the other, tile by tile and row by row. A field is level after level of them.
#[derive(Clone)]
pub struct Columns {
    tiles: Vec<Tile>,
    /// The first column of every tile.
    starts: Vec<usize>,
    count: usize,
    /// Columns along the edge of a panel.
    n: usize,
}

impl Columns {
    /// The columns of the rank that `mesh` is seen from.
    pub fn new(mesh: &Mesh) -> Self {
        let tiles = mesh.local_tiles().to_vec();
        let mut count = 0;
        let mut starts = Vec::with_capacity(tiles.len());
        for tile in &tiles {
            starts.push(count);
            count += tile.columns();
        }
        let [n, _] = mesh.geometry.extent();
        Columns { tiles, starts, count, n }
    }

    /// Number of columns of this rank.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Columns along the edge of a panel.
    pub fn edge(&self) -> usize {
        self.n
    }

    /// A field of `levels` levels, its rows computed by `row(local tile, k, j, out)`, levels in parallel.
    pub fn field(&self, levels: usize, row: impl Fn(usize, usize, usize, &mut [f64]) + Sync) -> Vec<f64> {
        let mut values = vec![0.0; levels * self.count];
        values.par_chunks_mut(self.count.max(1)).enumerate().for_each(|(k, level)| {
            for (index, j, range) in self.rows() {
                row(index, k, j, &mut level[range]);
            }
        });
        values
    }

    /// The unit vectors towards east and north at every column, in geographic axes.
    pub fn east_north(&self, sphere: &CubedSphere) -> Vec<(Vector, Vector)> {
        let column = |tile: &Tile, i: usize, j: usize| {
            cubed_sphere::east_north(sphere.centre(tile.panel, tile.i0 + i, tile.j0 + j))
        };
        let rows = self.rows().flat_map(|(index, j, range)| {
            let tile = &self.tiles[index];
            (0..range.len()).map(move |i| column(tile, i, j))
        });
        rows.collect()
    }

    /// The tiles, each with the place of its columns in a level.
    pub fn tiles(&self) -> impl Iterator<Item = (&Tile, Range<usize>)> {
        self.tiles.iter().zip(&self.starts).map(|(tile, &start)| (tile, start..start + tile.columns()))
    }

    /// The rows of all tiles: local tile, row, and where it lies in a level.
    fn rows(&self) -> impl Iterator<Item = (usize, usize, Range<usize>)> {
        self.tiles.iter().enumerate().flat_map(move |(index, tile)| {
            (0..tile.nj).map(move |j| {
                let start = self.starts[index] + j * tile.ni;
                (index, j, start..start + tile.ni)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Geometry;

    fn columns(tile: usize) -> Columns {
        let geometry = Geometry::CubedSphere(CubedSphere::new(10, 1.0, 0.2));
        let mesh = Mesh::of_geometry(geometry, &[0.0, 1.0, 2.0], [tile, tile], 0, 1).unwrap();
        Columns::new(&mesh)
    }

    #[test]
    fn east_and_north_are_those_of_the_columns() {
        let columns = columns(5);
        let sphere = CubedSphere::new(10, 1.0, 0.2);
        let axes = columns.east_north(&sphere);
        for (tile, range) in columns.tiles() {
            for (at, axes) in axes[range].iter().enumerate() {
                let (i, j) = (tile.i0 + at % tile.ni, tile.j0 + at / tile.ni);
                assert_eq!(*axes, cubed_sphere::east_north(sphere.centre(tile.panel, i, j)));
            }
        }
    }
}
