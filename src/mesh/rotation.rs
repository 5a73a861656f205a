//! How vectors change on the way from one place of the mesh to another.

/// A signed permutation of the axes: component c here is `sign[c]` times component `from[c]` there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    pub from: [u8; 3],
    pub sign: [i8; 3],
}

impl Rotation {
    /// Vectors stay as they are.
    pub const IDENTITY: Rotation = Rotation { from: [0, 1, 2], sign: [1; 3] };

    /// Mirrors across x and across y.
    pub fn mirror(x: bool, y: bool) -> Rotation {
        let sign = |flips: bool| if flips { -1 } else { 1 };
        Rotation { sign: [sign(x), sign(y), 1], ..Rotation::IDENTITY }
    }
}
