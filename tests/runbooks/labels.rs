//! Public playbooks whose steps were written down by hand, before anybody looked at what quell makes of them.
//!
//! A file of labels/ names a playbook and its SHA-256, then a step on each line: the line it stands on (for whoever
//! reads it), depth, phase, the first two words of its title, and 12 hexadecimal digits of the SHA-256 of the title's
//! first eight words, in lower case with one space between. A line that starts with `#` says where the label was
//! mended afterwards, by the rule (P0 to P16 of the reading) that it had missed.

use super::{code, err, json, quell};
use crate::shared::shared;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Depth, phase, words and hash of a step.
type Label = (u64, String, String, String);

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn label(depth: u64, phase: Option<&str>, title: &str) -> Label {
    let lower = title.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(8).collect();
    let start = words.get(..2).unwrap_or(&words).join(" ");
    let hash = digest(words.join(" ").as_bytes())[..12].to_owned();
    (depth, phase.unwrap_or("-").to_owned(), start, hash)
}

fn of_line(line: &str) -> Label {
    let [_, depth, phase, start, hash] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
    (depth.parse().unwrap(), phase.to_owned(), start.to_owned(), hash.to_owned())
}

fn of_step(step: &Value) -> Label {
    label(step["depth"].as_u64().unwrap(), step["phase"].as_str(), step["title"].as_str().unwrap())
}

#[test]
fn a_label_is_made_of_the_first_words() {
    // printf 'stop the host now and call the owner' | sha256sum
    let made = label(1, None, "**Stop** the host, now: and call the owner at once");
    assert_eq!(made, (1, "-".to_owned(), "stop the".to_owned(), "d4e213157cd0".to_owned()));
}

#[test]
fn steps_of_public_playbooks_are_those_that_were_labelled() {
    let Some(folder) = shared("playbooks") else { return };
    let labels = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runbooks/labels");
    let mut names: Vec<_> = std::fs::read_dir(labels).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 12);
    for name in names {
        let text = std::fs::read_to_string(&name).unwrap();
        let mut lines = text.lines();
        let (path, sha256) = lines.next().unwrap().split_once('\t').unwrap();
        let file = folder.join(path);
        assert_eq!(digest(&std::fs::read(&file).unwrap()), sha256, "{path} is not the file that was labelled");
        let expected: Vec<Label> = lines.filter(|line| !line.starts_with('#')).map(of_line).collect();
        let output = quell(&["runbooks", "show", "--json", file.to_str().unwrap()]);
        assert_eq!(code(&output), 0, "{path}: {}", err(&output));
        let steps: Vec<Label> = json(&output)[0]["steps"].as_array().unwrap().iter().map(of_step).collect();
        assert_eq!(steps, expected, "{path}");
    }
}
