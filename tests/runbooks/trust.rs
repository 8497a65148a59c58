//! `quell runbooks trust`: by the hash of the whole text; one changed byte asks again.

use super::{BOOK, code, err, folder, json, out, path, quell};
use serde_json::json;

#[test]
fn a_runbook_is_trusted_by_its_text_and_forgotten() {
    let (folder, state) = (folder(), tempfile::tempdir().unwrap());
    let file = folder.path().join("mine.md");
    let trust = |args: &[&str]| quell(&[&["--state-dir", path(state.path()), "runbooks", "trust"], args].concat());
    let list = || json(&trust(&["--list", "--json"]));
    assert_eq!(list(), Vec::<serde_json::Value>::new());
    let done = trust(&[path(&file)]);
    let sha = hash(BOOK);
    let words = format!(
        "mine: trusted, SHA-256 {sha}\n1 action(s) may be planned, each sent only once its plan is approved\n\
         \x20 step 1    ssm-automation: Contain it\n\
         1 command(s) may be run on this machine by !, each once its plan is approved\n"
    );
    assert_eq!((code(&done), out(&done)), (0, words));
    let kept = list();
    let whole = std::fs::canonicalize(&file).unwrap();
    assert_eq!((&kept[0]["sha256"], &kept[0]["file"]), (&json!(sha), &json!(path(&whole))));
    // Another text of the same file takes its place.
    std::fs::write(&file, BOOK.replace("Words.", "Words!")).unwrap();
    let again = trust(&[path(&file)]);
    assert!(out(&again).starts_with("mine: trusted, instead of its earlier text, SHA-256 "), "{}", out(&again));
    assert_eq!(list().len(), 1);
    assert_ne!(list()[0]["sha256"], json!(sha));
    let gone = trust(&["--forget", path(&file)]);
    assert_eq!((code(&gone), list().len()), (0, 0));
    let none = trust(&["--forget", "aa"]);
    assert_eq!(code(&none), 2);
    assert!(err(&none).contains("nothing of that name or hash is trusted: aa"), "{}", err(&none));
}

#[test]
fn a_file_that_can_not_be_read_keeps_no_other_back() {
    let (folder, state) = (folder(), tempfile::tempdir().unwrap());
    let (good, bad) = (folder.path().join("mine.md"), folder.path().join("none.md"));
    let both = quell(&["--state-dir", path(state.path()), "runbooks", "trust", path(&bad), path(&good)]);
    assert_eq!(code(&both), 2);
    assert!(err(&both).contains("the runbook can't be read"), "{}", err(&both));
    assert!(out(&both).starts_with("mine: trusted, "));
}

fn hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
