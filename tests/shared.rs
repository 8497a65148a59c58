//! The samples that stand beside the repository, of which nothing is copied in.

use super::skipped::skipped;
use std::path::{Path, PathBuf};

/// A folder of the shared samples: in `QUELL_SHARED`, else in `shared` beside the repository; where there is none, the
/// test is said to be skipped.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Both packages of the workspace read this file.
    let repository = if package.ends_with("core") { package.join("..") } else { package.to_owned() };
    let beside = || repository.join("../shared");
    let found = std::env::var_os("QUELL_SHARED").map_or_else(beside, PathBuf::from).join(folder);
    if !found.is_dir() {
        skipped(&format!("the shared samples have no folder {}", found.display()));
        return None;
    }
    Some(found)
}
