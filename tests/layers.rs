//! The rooms name only what the design's table lets them: every path of every source file is held against it.

#[path = "layers/planted.rs"]
mod planted;
#[path = "layers/reader.rs"]
mod reader;
#[path = "layers/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.insert(path);
        }
    }
}

/// Each crate by its name and its root file.
fn crates() -> [(&'static str, PathBuf); 3] {
    [
        ("quell", root().join("src/lib.rs")),
        ("main", root().join("src/main.rs")),
        ("quell_core", root().join("core/src/lib.rs")),
    ]
}

#[test]
fn each_room_names_only_what_the_table_lets_it() {
    let wrong: Vec<String> = crates()
        .iter()
        .flat_map(|(name, file)| reader::read_crate(name, file).0)
        .filter_map(|named| table::wrong(&named))
        .collect();
    assert!(wrong.is_empty(), "{} arrows too many:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_source_file_is_read() {
    let mut there = BTreeSet::new();
    sources(&root().join("src"), &mut there);
    sources(&root().join("core/src"), &mut there);
    let read: BTreeSet<PathBuf> = crates().iter().flat_map(|(name, file)| reader::read_crate(name, file).1).collect();
    let unread: Vec<_> = there.difference(&read).collect();
    assert!(unread.is_empty(), "no module declares {unread:?}");
    assert!(read.len() > 100, "{} files only", read.len());
}
