//! A variable on one level of a tile.

use super::{EdgeLines, OuterValues, PanelEdges, Sheet};
use crate::real::Real;

/// A variable at cells, with its values beyond the sides of the panel.
#[derive(Clone, Debug)]
pub struct Variable<T> {
    pub cells: Sheet<T>,
    pub outer: OuterValues<T>,
}

impl<T: Real> Variable<T> {
    /// Zeros for tiles of at most `ni` x `nj` columns.
    pub fn new(size: [usize; 2]) -> Self {
        Variable { cells: Sheet::new(size), outer: OuterValues::new(size) }
    }

    /// Completes the margin where it lies beyond sides of the panel.
    pub fn close(&mut self, edges: &PanelEdges<T>, lines: &mut EdgeLines<T>) {
        edges.close(&mut self.cells, &mut self.outer, lines);
    }
}
