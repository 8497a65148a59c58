//! A credential of the responder that stands in words of the command line is kept nowhere, and that is told.

use super::cli::{Run, session};
use super::*;
use quell_core::incident::Event;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

const KEY: &str = "wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY";
const WITHHELD: &str = "[withheld: a credential of the responder]";

impl State {
    /// Runs quell for somebody with a token in the environment, which stands in no file afterwards.
    fn telling(&self, session: &SessionDir, args: &[&str], place: &str) -> Run {
        let run = self.quell_in(args, &[("TEAM_TOKEN", KEY)]);
        assert_eq!(run.code, 0, "{}", run.err);
        let told = format!("quell: a credential of yours stood in {place}: it was left out, and kept nowhere\n");
        assert_eq!(run.err.matches(&told).count(), 1, "{}", run.err);
        let found = Command::new("grep").args(["-rlF", "-e", "wJalrXUtnFEMI"]).arg(session.path()).output().unwrap();
        assert_eq!(String::from_utf8(found.stdout).unwrap(), "");
        run
    }
}

/// What the last event but one of a session says; the last one says that its writer has left.
fn last(session: &SessionDir) -> Event {
    let records = session.read().unwrap().recovery.records;
    records[records.len() - 2].entry.event.clone()
}

#[test]
fn a_note_and_a_name_hold_no_credential() {
    let (state, session) = session();
    let id = session.short();
    let broken = format!("found {}\r\n  {} there", &KEY[..20], &KEY[20..]);
    state.telling(&session, &["sessions", "note", id, &broken], "the note");
    let Event::NoteAdded(note) = last(&session) else { panic!() };
    assert_eq!(note.text, format!("found {WITHHELD} there").as_str().into());
    let name = format!("Carol {KEY}");
    state.telling(&session, &["sessions", "note", id, "one", "--responder", &name], "--responder");
    let config = state.dir.path().join("config.toml");
    std::fs::write(&config, format!("responder = \"Dora {KEY}\"\n")).unwrap();
    let args = ["sessions", "note", id, "two", "--config", config.to_str().unwrap()];
    state.telling(&session, &args, "the key responder");
    let shown = state.quell(&["sessions", "show", id]).out;
    assert!(shown.contains(&format!("  Carol {WITHHELD}  note: one\n")), "{shown}");
    assert!(shown.contains(&format!("  Dora {WITHHELD}  note: two\n")), "{shown}");
}

/// Each line is saved at once, so what came before it is looked at with it.
#[test]
fn notes_hold_no_credential_that_is_split_over_lines() {
    let (state, session) = session();
    let encoded = "d0phbHJYVXRuRkVNSXhLN01ERU5HeGJQeFJmaUNZRVhBTVBMRUtFWQ==";
    let lines = format!("found {}\n{}\n\nthen\n{}\n{} it was\n", &KEY[..5], &KEY[5..], &encoded[..40], &encoded[40..]);
    let run = state.quell_with(lines.as_bytes(), &["sessions", "note", session.short(), "-"], &[("TEAM_TOKEN", KEY)]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.err.matches("a credential of yours stood in the note").count(), 3, "{}", run.err);
    let shown = state.quell(&["sessions", "show", session.short()]).out;
    let notes: Vec<&str> = shown.lines().filter_map(|line| line.split_once("note: ")).map(|(_, text)| text).collect();
    let expected = [
        "found wJalr".to_owned(),
        WITHHELD.to_owned(),
        "then".to_owned(),
        WITHHELD.to_owned(),
        format!("{WITHHELD}Q== it was"),
    ];
    assert_eq!(notes[notes.len() - 5..], expected);
}

/// A token file that is renewed while lines still come.
#[test]
fn notes_hold_no_token_that_came_meanwhile() {
    let (state, session) = session();
    let file = state.dir.path().join("token");
    std::fs::write(&file, "first-token-of-a-web-identity").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
    command.env_clear().env("HOME", state.dir.path()).env("USER", "carol").env("PATH", "/usr/bin:/bin");
    command.env("QUELL_STATE_DIR", state.dir.path().join("state")).env("TEAM_TOKEN", "x");
    command.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &file).args(["sessions", "note", session.short(), "-"]);
    let mut quell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = quell.stdin.take().unwrap();
    let mut answers = BufReader::new(quell.stdout.take().unwrap()).lines();
    input.write_all(b"first-token-of-a-web-identity\n").unwrap();
    assert!(answers.next().unwrap().unwrap().starts_with("noted "));
    std::fs::write(&file, "second-token-of-a-web-identity").unwrap();
    input.write_all(b"second-token-of-a-web-identity\nand first-token-of-a-web-identity\n").unwrap();
    drop(input);
    assert_eq!(answers.map(Result::unwrap).filter(|line| line.starts_with("noted ")).count(), 2);
    assert!(quell.wait().unwrap().success());
    let shown = state.quell(&["sessions", "show", session.short()]).out;
    let notes: Vec<&str> = shown.lines().filter_map(|line| line.split_once("note: ")).map(|(_, text)| text).collect();
    assert_eq!(notes[notes.len() - 3..], [WITHHELD, WITHHELD, &format!("and {WITHHELD}")]);
}

#[test]
fn the_reason_of_a_mask_holds_no_credential() {
    let (state, session) = session();
    let record = session.read().unwrap().recovery.records.last().unwrap().entry.link.clone();
    let (record, why) = (format!("{}/{}", record.0, record.1), format!("it held {KEY}"));
    let args = ["sessions", "mask", session.short(), &record, "--why", &why];
    state.telling(&session, &args, "the reason");
    let Event::EntryMasked(mask) = last(&session) else { panic!() };
    assert_eq!(mask.why, format!("it held {WITHHELD}").as_str().into());
}

#[test]
fn the_name_of_an_exported_file_holds_no_credential() {
    let (state, session) = session();
    let id = session.short();
    assert_eq!(state.quell(&["run", "--session", id, "--", "/bin/echo", "found"]).code, 0);
    let said = |session: &SessionDir| {
        let Event::EvidenceCustody(custody) = last(session) else { panic!() };
        (custody.why.line().into_string(), custody.to.unwrap().line().into_string())
    };
    let out = state.dir.path().join(format!("{KEY}.txt"));
    // The SHA-256 of what was echoed, by sha256sum.
    let args = ["sessions", "evidence", id, "b47fd07588a2c2df", "--out", out.to_str().unwrap()];
    state.telling(&session, &args, "the file's name");
    let folder = state.dir.path().to_str().unwrap();
    assert_eq!(said(&session), ("written to a file".to_owned(), format!("{folder}/{WITHHELD}.txt")));
    let out = out.with_extension("tar");
    let args = ["sessions", "export", id, "--format", "bundle", "--out", out.to_str().unwrap()];
    state.telling(&session, &args, "the file's name");
    let (why, to) = said(&session);
    assert_eq!(to, format!("{folder}/{WITHHELD}.tar"));
    assert!(why.starts_with(&format!("bundle {WITHHELD}.tar, SHA-256 ")), "{why}");
}
