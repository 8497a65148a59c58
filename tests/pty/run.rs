//! `quell run` in a terminal: what the command writes can't act on it, and C-c is the command's.

use super::rig::Rig;
use crate::timeline::state;
use quell::timeline::Evidence;
use quell_core::incident::{Event, EvidenceAdded, EvidenceCustody};

/// Runs a script in a terminal until it is `ready`, goes on as told, and gives the exit code and the evidence.
fn run(script: &str, go_on: impl Fn(&mut Rig)) -> (u32, EvidenceAdded, Vec<u8>) {
    let state = state();
    let session = state.begun();
    let args = ["run", "--session", session.short(), "--", "sh", "-c", script];
    let mut rig = Rig::start(&state.dir.path().join("state"), &args, &[]);
    rig.see("ready");
    go_on(&mut rig);
    let code = rig.end().exit_code();
    let entries = session.read().unwrap().entries();
    let mut added = entries.into_iter().filter_map(|entry| match entry.event {
        Event::EvidenceAdded(added) => Some(added),
        _ => None,
    });
    let added = added.next().unwrap();
    let bytes = Evidence::of(&session).get(&added.blob).unwrap();
    (code, added, bytes)
}

#[test]
fn a_terminal_gets_harmless_text_and_c_c_reaches_the_command() {
    let script = r#"trap 'echo caught; exit 3' INT; printf '\033[31mred\n'; echo ready; while :; do sleep 0.05; done"#;
    let (code, added, bytes) = run(script, |rig| {
        rig.see("\\u{1b}[31mred");
        rig.send(b"\x03");
        rig.see("caught");
    });
    assert_eq!((code, added.run.unwrap().exit), (3, Some(3)));
    assert_eq!(bytes, b"\x1b[31mred\nready\ncaught\n");
}

#[test]
fn a_line_that_drops_ends_the_command_and_loses_nothing_of_it() {
    let (_, added, bytes) = run("echo ready; exec sleep 600", Rig::hang_up);
    assert_eq!((added.run.unwrap().signal, bytes), (Some(1), b"ready\n".to_vec()));
}

#[test]
fn a_piece_of_evidence_that_is_shown_on_a_terminal_is_recorded_as_looked_at() {
    let (state, session) = crate::timeline::bundle::session();
    let args = ["sessions", "evidence", session.short(), "ba78"];
    let mut rig = Rig::start(&state.dir.path().join("state"), &args, &[]);
    rig.see("abc");
    assert_eq!(rig.end().exit_code(), 0);
    let expected = EvidenceCustody {
        blob: crate::timeline::bundle::ABC.into(),
        what: "accessed".into(),
        why: "read on a terminal".into(),
        after: Some(crate::timeline::bundle::ABC.into()),
        ..EvidenceCustody::default()
    };
    assert_eq!(crate::timeline::bundle::custody(&session), [expected]);
}
