//! Real findings of the shared samples: each file gives as many as its list says.

use super::{findings, text};
use crate::shared::shared;
use serde_json::Value;

/// A line of MANIFEST.tsv: the file, its shape, how many findings it holds.
pub fn manifest(folder: &std::path::Path) -> Vec<(String, String, usize)> {
    let list = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let line = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        (cells[0].to_owned(), cells[1].to_owned(), cells[2].parse().unwrap())
    };
    list.lines().skip(1).map(line).collect()
}

#[test]
fn every_sample_gives_what_its_list_says() {
    let Some(folder) = shared("samples") else { return };
    let mut total = 0;
    for (file, shape, count) in manifest(&folder) {
        let out = findings(&folder.join(&file), &["--json"]);
        let objects: Vec<Value> = text(&out.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(objects.len(), count, "{file}: {}", text(&out.stderr));
        total += count;
        // Three are called malformed. Two can be read whole and are not told; the one that is no JSON is.
        let damaged = file.contains("invalid-json-syntax");
        assert_eq!(out.status.code(), Some(if damaged { 2 } else { 0 }), "{file}: {}", text(&out.stderr));
        assert_eq!(text(&out.stderr).contains(":11:3: not JSON"), damaged, "{file}");
        for object in objects {
            // Every sample has a type, and an id, if need be that of its bytes.
            assert!(object["type"].is_string() && object["id"].is_string(), "{file}: {object}");
            assert!(object["title"].is_string(), "{file}: {object}");
            let via = if shape.ends_with("eventbridge") { "eventbridge" } else { "file" };
            assert_eq!(object["via"], via, "{file}");
        }
    }
    assert!(total > 200, "the list is not empty: {total}");
}
