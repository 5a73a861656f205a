//! Which gale this is, for banners and file headers.

/// The version number of the release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The git commit it was built from, `-dirty` if files were changed since, or `unknown`.
pub const COMMIT: &str = env!("GALE_COMMIT");
