//! Vertical levels: cell centres between interfaces, uniform or stretched.

/// The vertical grid, from the ground (interface 0) to the rigid lid (interface `nz`).
#[derive(Clone, Debug)]
pub struct VerticalGrid {
    /// Heights of the `nz + 1` interfaces in m.
    pub interfaces: Vec<f64>,
    /// Heights of the `nz` cell centres in m.
    pub centres: Vec<f64>,
    /// Thickness of the `nz` cells in m.
    pub thickness: Vec<f64>,
    /// Distance between the centres on both sides of an interface in m; at the ground and the lid
    /// the thickness of the adjacent cell (never used in a gradient).
    pub spacing: Vec<f64>,
    /// Share of the cell above in the mass of the half cells around an interface, `nz + 1` values.
    /// The mass weights let gravity cancel from the diagonal of the column solve.
    pub weight_above: Vec<f64>,
    /// Share of the cell below.
    pub weight_below: Vec<f64>,
}

impl VerticalGrid {
    /// Levels between the given interfaces, which must increase.
    pub fn new(interfaces: &[f64]) -> Self {
        let nz = interfaces.len() - 1;
        let thickness: Vec<f64> = interfaces.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let centres = interfaces.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
        let mut spacing = vec![0.0; nz + 1];
        let mut weight_above = vec![1.0; nz + 1];
        let mut weight_below = vec![0.0; nz + 1];
        spacing[0] = thickness[0];
        spacing[nz] = thickness[nz - 1];
        weight_above[nz] = 0.0;
        weight_below[nz] = 1.0;
        for k in 1..nz {
            let sum = thickness[k] + thickness[k - 1];
            spacing[k] = 0.5 * sum;
            weight_above[k] = thickness[k] / sum;
            weight_below[k] = thickness[k - 1] / sum;
        }
        VerticalGrid {
            interfaces: interfaces.to_vec(),
            centres,
            thickness,
            spacing,
            weight_above,
            weight_below,
        }
    }

    /// Interfaces of `nz` layers up to `top`, thin at the ground for `stretching` > 0:
    /// z(s) = top (sqrt(b s^2 + 1) - 1) / (sqrt(b + 1) - 1) with s = k/nz (Ullrich et al. 2014, b = 15);
    /// `stretching` = 0 gives equal layers.
    pub fn stretched_interfaces(nz: usize, top: f64, stretching: f64) -> Vec<f64> {
        (0..=nz)
            .map(|k| {
                let s = k as f64 / nz as f64;
                if stretching == 0.0 {
                    return top * s;
                }
                top * ((stretching * s * s + 1.0).sqrt() - 1.0) / ((stretching + 1.0).sqrt() - 1.0)
            })
            .collect()
    }

    /// Number of cells.
    pub fn nz(&self) -> usize {
        self.thickness.len()
    }

    /// Height of the lid in m.
    pub fn top(&self) -> f64 {
        self.interfaces[self.nz()]
    }
}
