//! Hands the git commit that gale is built from to the compiler, as `GALE_COMMIT`.

use std::process::Command;

fn main() {
    println!("cargo::rustc-env=GALE_COMMIT={}", commit().unwrap_or_else(|| "unknown".into()));
    // Commits and checkouts move HEAD's log; edits of the sources can make the tree dirty.
    for path in [git_path("logs/HEAD"), git_path("index")].into_iter().flatten() {
        println!("cargo::rerun-if-changed={path}");
    }
    for path in ["src", "build.rs", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={path}");
    }
}

/// The short hash of the commit, with `-dirty` if tracked files were changed.
fn commit() -> Option<String> {
    let hash = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { hash } else { format!("{hash}-dirty") })
}

/// Where git keeps one of its files, if it exists.
fn git_path(name: &str) -> Option<String> {
    git(&["rev-parse", "--git-path", name]).filter(|path| std::path::Path::new(path).exists())
}

/// The output of a git command that succeeds.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("--no-optional-locks").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
