//! The Euler equations on the cubed sphere over terrain: the horizontal scheme of the sphere on levels that follow the
//! ground, with the columns of [`crate::dynamics::euler::terrain`].
//!
//! In the angles alpha and beta and the levels, with h the thickness of the cells and l that of the faces times their
//! length, U_n the momentum across them, s the gradient of the height of the interfaces (a tangent vector) and
//! Omega = W - s.U:
//!
//! ```text
//! h dr/dt = -div(l U_n) - dOmega           h dT/dt = -div(l U_n theta) - d(Omega theta~)
//! h dU/dt = P[-div(l U_n u)] - d(Omega u) - h (grad p' - s dp'/dz) - h f r x U,     likewise W
//! ```
//!
//! The heights of faces are the means of the two values that the interpolation gives to a face, as the face pressure is
//! without its damping: a pressure that is linear in height makes no force. What the differences along a level make of
//! the square of the height is known and taken out with d2p'/dz2, so that one that is quadratic makes none either
//! (measured: air at rest whose sounding is not the reference state moves three to five times less over ridges of two
//! to six cells). Beyond the sides of a panel heights are
//! interpolated as the state is, and those of the faces on a side are the same for both panels to the last bit, so that
//! the fluxes there are single-valued and mass is conserved. The lowest cell has the closure of
//! [`crate::dynamics::euler::terrain::pressure`], with the Coriolis force on the parcel that slides along the ground.
//!
//! Fourth order are the fluxes, the differences of pressure and height along the levels, and point values from averages.
//! Of second order is what the terrain adds to averages: heights and s.U of a cell are those at its centre, and Omega of
//! the averages carries the momentum. Over flat ground this leaves the scheme of [`super`] but for that last point.

mod level;
mod metric;
mod row;

pub use metric::Ground;
pub use row::GroundRow;
