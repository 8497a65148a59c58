//! Public playbooks, read where they are at hand.

use super::*;
use std::path::{Path, PathBuf};

/// The folder of shared samples: `QUELL_SHARED`, else `shared` beside the repository.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("QUELL_SHARED") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
    };
    let found = Some(root.join(folder)).filter(|path| path.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: shared samples not present");
    }
    found
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, into),
            false if path.extension().is_some_and(|ext| ext == "md" || ext == "mdx") => into.push(path),
            false => {}
        }
    }
}

#[test]
fn every_playbook_is_read_in_time_and_without_loss() {
    let Some(folder) = shared("playbooks") else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    let mut failed = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let lost = loss::lost(&text);
        if std::env::var_os("QUELL_SHOW").is_some() {
            let name = path.strip_prefix(&folder).unwrap().display().to_string();
            println!("{:4} {name}", read(&text).runbook.steps.len());
        }
        if !lost.is_empty() {
            failed.push((path, lost));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
