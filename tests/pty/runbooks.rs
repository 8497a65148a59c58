//! The runbooks on a terminal: one is found, read, edited in an editor of the team's, and opened for a finding.

use super::rig::Rig;
use std::os::unix::fs::PermissionsExt;

const BOOK: &str = "---\nid: ours\ntitle: Ours\nowner: us\nversion: 1\nreviewed: 2026-11-01\n\
                    matches: [\"Impact:EC2/PortSweep\"]\n---\n# Ours\n\nWords.\n\n## Detect\n\n1. Look <!-- step: id=look -->\n\n\
                    ## Contain\n\n1. Cut it off <!-- step: id=cut -->\n\n## Recover\n\n1. Call the postmaster <!-- step: id=call -->\n";

/// An editor that says so on the terminal, takes a key, and appends a step whose fence has no language.
const EDITOR: &str = "#!/bin/sh\ntest \"$1\" = --wait || exit 3\necho editing \"$2\"\nread answer\necho \"typed $answer\"\n\
                      printf '\\n1. Write to %s <!-- step: id=write -->\\n\\n   ```\\n   x\\n   ```\\n' \"$answer\" >>\"$2\"\n";

#[test]
fn a_runbook_is_found_edited_and_opened_for_a_finding() {
    let state = tempfile::tempdir().unwrap();
    let (books, editor) = (state.path().join("books"), state.path().join("my editor"));
    std::fs::create_dir(&books).unwrap();
    std::fs::write(books.join("ours.md"), BOOK).unwrap();
    std::fs::write(&editor, EDITOR).unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).unwrap();
    let folder = books.to_string_lossy().into_owned();
    let named = format!("'{}' --wait", editor.to_string_lossy());
    let mut rig = Rig::start(state.path(), &["demo", "--runbooks", &folder], &[("EDITOR", &named)]);
    rig.see("CryptoCurrency:EC2/BitcoinTool.B!DNS");
    let raw = rig.settings();
    rig.command("runbooks");
    rig.see("RUNBOOKS* 37");
    rig.keys("/");
    rig.text("postmaster");
    rig.keys("Enter");
    rig.see("> ours");
    rig.keys("e");
    rig.see("editing ");
    // The terminal is the editor's: its lines are edited by the system, and no key of it reaches the console.
    assert!(!rig.holds_modes());
    assert!(rig.settings() != raw);
    // What is meant for the editor ends nobody else.
    rig.text("q q Jo\n");
    rig.see("LINT 1 in ");
    rig.see("warning: a fence without a language");
    assert!(rig.settings() == raw);
    assert!(std::fs::read_to_string(books.join("ours.md")).unwrap().contains("1. Write to q q Jo "));
    rig.keys("q Tab G");
    rig.see("COVERS");
    rig.keys("Tab Enter");
    rig.see("STEPS* ours");
    rig.keys("G");
    rig.see("[ ]  4 Write to q q Jo");
}

/// What is pressed in the editor, C-c too, is meant for the editor alone; how it ended is told.
#[test]
fn an_editor_that_is_given_up_takes_nothing_with_it() {
    let state = tempfile::tempdir().unwrap();
    std::fs::write(state.path().join("ours.md"), BOOK).unwrap();
    let folder = state.path().to_string_lossy().into_owned();
    let editor = "sh -c 'echo waiting; read answer'";
    let mut rig =
        Rig::start(state.path(), &["demo", "--runbooks", &folder], &[("VISUAL", editor), ("EDITOR", "false")]);
    rig.see("CryptoCurrency:EC2/BitcoinTool.B!DNS");
    rig.keys("b");
    rig.see("RUNBOOKS* 37");
    // It begins on the one that fits the selected finding.
    rig.keys("g g");
    rig.see("> ours");
    rig.keys("e");
    rig.see("waiting");
    rig.keys("C-c");
    rig.see("the editor sh ended with signal: 2");
    rig.see("RUNBOOKS* 37");
    assert_eq!(std::fs::read_to_string(state.path().join("ours.md")).unwrap(), BOOK);
    rig.keys("q q");
    assert!(rig.end().success());
}
