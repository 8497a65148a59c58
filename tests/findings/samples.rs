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

/// What is told of the three samples that were damaged on purpose, with the places; of all others nothing.
fn damage(file: &str) -> &'static [&'static str] {
    const DAMAGE: [(&str, &[&str]); 3] = [
        ("malformed_invalid-json-syntax.txt", &[":11:3: not JSON"]),
        (
            "malformed_invalid-data-types.json",
            &[":3:16: accountId is a number and should be text", ":21:15: severity is text and should be a number"],
        ),
        (
            "malformed_missing-required-fields.json",
            &[":1:1: no arn: ", ":1:1: no updatedAt: of two copies it can't be told which is the newer"],
        ),
    ];
    DAMAGE.iter().find(|(name, _)| file.ends_with(name)).map_or(&[], |(_, told)| told)
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
        let told = damage(&file);
        assert_eq!(out.status.code(), Some(if told.is_empty() { 0 } else { 2 }), "{file}: {}", text(&out.stderr));
        for place in told {
            assert!(text(&out.stderr).contains(place), "{file}: {place}: {}", text(&out.stderr));
        }
        assert_eq!(out.stderr.is_empty(), told.is_empty(), "{file}: {}", text(&out.stderr));
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
