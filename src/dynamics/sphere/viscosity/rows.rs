//! Fluxes of diffusion, row by row.

use crate::real::Real;

/// Rows of a scalar around a row of faces.
#[derive(Clone, Copy)]
pub struct FaceCells<'a, T> {
    /// Densities and values on both sides of the faces.
    pub density: [&'a [T]; 2],
    pub values: [&'a [T]; 2],
    /// What the derivative along the faces is taken from, on both sides: values before and behind, from the same cell
    /// on as `values`.
    pub before: [&'a [T]; 2],
    pub behind: [&'a [T]; 2],
}

impl<T: Real> FaceCells<'_, T> {
    /// The flux through face `i`, without K. Where `IS_BOUND` the part along the face turns no flux around and at most
    /// doubles it, so that what is empty stays so. `IS_SIDE`: the face lies on a side of the panel.
    #[inline(always)]
    pub fn flux<const IS_BOUND: bool, const IS_SIDE: bool>(&self, across: &[T], along: &[T], i: usize) -> T {
        let before = self.before.map(|row| row[i]);
        let behind = self.behind.map(|row| row[i]);
        self.flux_of::<IS_BOUND, IS_SIDE>([across[i], along[i]], before, behind, i)
    }

    /// The same with other values before and behind.
    #[inline(always)]
    pub fn flux_of<const IS_BOUND: bool, const IS_SIDE: bool>(
        &self,
        [across, along]: [T; 2],
        before: [T; 2],
        behind: [T; 2],
        i: usize,
    ) -> T {
        let direct = across * (self.values[1][i] - self.values[0][i]);
        let [left, right] = [behind[0] - before[0], behind[1] - before[1]];
        let skew = along * if IS_SIDE { right - left } else { left + right };
        let gradient = if IS_BOUND { bounded(direct, skew) } else { direct + skew };
        T::of(0.5) * (self.density[0][i] + self.density[1][i]) * gradient
    }
}

/// Fluxes through a row of faces.
#[inline(never)]
pub fn face_fluxes<T: Real, const IS_BOUND: bool, const IS_SIDE: bool>(
    cells: &FaceCells<'_, T>,
    across: &[T],
    along: &[T],
    flux: &mut [T],
) {
    let n = flux.len();
    let (across, along) = (&across[..n], &along[..n]);
    let [density, values, before, behind] =
        [cells.density, cells.values, cells.before, cells.behind].map(|rows| rows.map(|row| &row[..n]));
    let cells = FaceCells { density, values, before, behind };
    for (i, flux) in flux.iter_mut().enumerate() {
        *flux = cells.flux::<IS_BOUND, IS_SIDE>(across, along, i);
    }
}

/// The value one step on from the first of three, by a parabola.
#[inline(always)]
pub fn extrapolated<T: Real>([first, second, third]: [T; 3]) -> T {
    T::of(3.0) * (first - second) + third
}

/// The same for rows.
#[inline(never)]
pub fn extrapolate<T: Real>([first, second, third]: [&[T]; 3], out: &mut [T]) {
    let n = out.len();
    let (first, second, third) = (&first[..n], &second[..n], &third[..n]);
    for i in 0..n {
        out[i] = extrapolated([first[i], second[i], third[i]]);
    }
}

/// The sum, between 0 and twice the first.
#[inline(always)]
pub fn bounded<T: Real>(direct: T, skew: T) -> T {
    let skew = if skew > direct.abs() { direct.abs() } else { skew };
    direct + if skew < -direct.abs() { -direct.abs() } else { skew }
}

/// The divergence of the fluxes of a row of cells.
#[inline(never)]
pub fn divergence<T: Real>(inverse_area: &[T], x: &[T], [south, north]: [&[T]; 2], out: &mut [T]) {
    let n = out.len();
    let (inverse_area, west, east) = (&inverse_area[..n], &x[..n], &x[1..][..n]);
    let (south, north) = (&south[..n], &north[..n]);
    for i in 0..n {
        out[i] = inverse_area[i] * ((east[i] - west[i]) + (north[i] - south[i]));
    }
}

/// target += factor rate.
#[inline(never)]
pub fn apply<T: Real>(factor: T, rate: &[T], target: &mut [T]) {
    for (target, rate) in target.iter_mut().zip(rate) {
        *target += factor * *rate;
    }
}
