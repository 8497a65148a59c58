//! The custody of evidence: what people did with a piece, by whom, to whom, why and by whose order.

use super::bundle::{ABC, custody, session};
use super::*;
use quell_core::incident::EvidenceCustody;
use std::fs;

/// Runs `sessions custody` on the piece `abc`.
fn happened(state: &State, session: &SessionDir, args: &[&str]) -> super::cli::Run {
    state.quell(&[&["sessions", "custody", session.short(), "ba78"][..], args].concat())
}

#[test]
fn what_people_did_with_a_piece_is_recorded_and_shown() {
    let (state, session) = session();
    let args = ["transferred", "--to", "Dana, forensics", "--why", "disk imaging", "--authority", "case 12 of legal"];
    let run = happened(&state, &session, &args);
    assert_eq!((run.code, run.out.as_str()), (0, "recorded: a transferred, its hash as before\n"), "{}", run.err);
    let args = ["released", "--from", "Dana", "--to", "owner", "--why", "case closed"];
    assert_eq!(happened(&state, &session, &args).code, 0);
    assert_eq!(happened(&state, &session, &["verified", "--why", "before the hearing"]).code, 0);
    let base = |what: &str, why: &str| EvidenceCustody {
        blob: ABC.into(),
        what: what.into(),
        why: why.into(),
        after: Some(ABC.into()),
        ..EvidenceCustody::default()
    };
    let (dana, order) = ("Dana, forensics".into(), Some("case 12 of legal".into()));
    let expected = [
        EvidenceCustody {
            from: Some("carol".into()),
            to: Some(dana),
            authority: order,
            ..base("transferred", "disk imaging")
        },
        EvidenceCustody { from: Some("Dana".into()), to: Some("owner".into()), ..base("released", "case closed") },
        base("verified", "before the hearing"),
    ];
    assert_eq!(custody(&session), expected);
    let listed = state.quell(&["sessions", "evidence", session.short()]).out;
    let report = state.quell(&["sessions", "report", session.short()]).out;
    for (told, written) in [
        (
            ", from carol, to Dana, forensics, by order of case 12 of legal, its hash as before: disk imaging\n",
            "`, from `carol`, to `Dana, forensics`, by order of `case 12 of legal`, its hash as before: `disk imaging`\n",
        ),
        (", from Dana, to owner, its hash as before: case closed\n", "`, from `Dana`, to `owner`, its hash as before"),
        (", its hash as before: before the hearing\n", "`, its hash as before: `before the hearing`\n"),
    ] {
        assert!(listed.contains(told), "{told:?} in {listed}");
        assert!(report.contains(written), "{written:?} in {report}");
    }
    assert!(listed.contains(" transferred by carol on "), "{listed}");
    let row = state.json(&["sessions", "evidence", session.short(), "--json"]);
    let first = &row["custody"][0];
    assert_eq!(
        ["what", "who", "from", "to", "authority", "why", "after"].map(|key| first[key].as_str().unwrap()),
        ["transferred", "carol", "carol", "Dana, forensics", "case 12 of legal", "disk imaging", ABC]
    );
    assert!(first["host"].is_string() && first["at"].is_string());
    // A member that nothing was said in is not there.
    assert!(row["custody"][2].get("to").is_none());
    assert_eq!(state.quell(&["sessions", "verify", session.short()]).code, 0);
}

#[test]
fn custody_needs_a_reason_a_receiver_and_bytes_that_are_what_they_were() {
    let (state, session) = session();
    let refused = |args: &[&str], what: &str| {
        let run = happened(&state, &session, args);
        assert!(run.code == 2 && run.err.contains(what), "{} {}", run.code, run.err);
    };
    refused(&["transferred", "--to", "Dana"], "say why");
    refused(&["transferred", "--to", "Dana", "--why", " "], "say why");
    refused(&["transferred", "--why", "w"], "say who has it now");
    refused(&["released", "--why", "w", "--to", " "], "say who has it now");
    refused(&["burnt", "--why", "w"], "invalid value 'burnt'");
    fs::write(session.path().join("evidence").join(ABC), "abd").unwrap();
    for what in ["verified", "transferred", "released"] {
        refused(&[what, "--to", "Dana", "--why", "w"], "its hash is another");
    }
    assert_eq!(custody(&session), []);
}

#[test]
fn why_and_by_whose_order_a_piece_was_written_out_is_recorded_and_can_be_masked() {
    let (state, session) = session();
    let file = state.dir.path().join("abc.bin");
    let args = ["sessions", "evidence", session.short(), ABC, "--out", file.to_str().unwrap()];
    let run = state.quell(&[&args[..], &["--why", "for Dana", "--authority", "hunter2"]].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    let [written] = custody(&session).try_into().unwrap();
    let expected = EvidenceCustody {
        blob: ABC.into(),
        what: "exported".into(),
        why: "for Dana".into(),
        from: None,
        to: Some(file.to_str().unwrap().into()),
        authority: Some("hunter2".into()),
        after: Some(ABC.into()),
    };
    assert_eq!(written, expected);
    let shown = state.quell(&["sessions", "show", session.short()]).out;
    let told = format!("evidence exported to {}: for Dana", file.to_str().unwrap());
    let record = shown.lines().find(|line| line.ends_with(&told)).unwrap().split(' ').next().unwrap();
    let mask = ["sessions", "mask", session.short(), record, "--field", "authority", "--why", "a password"];
    assert_eq!(state.quell(&mask).code, 0);
    let listed = state.quell(&["sessions", "evidence", session.short()]).out;
    assert!(!listed.contains("hunter2") && listed.contains("by order of [masked: a password]"), "{listed}");
    // Where no piece is named there is nothing to give a reason for.
    assert_eq!(state.quell(&["sessions", "evidence", session.short(), "--why", "w"]).code, 2);
}

#[test]
fn looking_at_the_list_and_verifying_change_nothing() {
    let (state, session) = session();
    let before = session.read().unwrap().recovery.records.len();
    for args in [&["sessions", "evidence", session.short()][..], &["sessions", "verify", session.short()]] {
        assert_eq!(state.quell(args).code, 0);
    }
    assert_eq!(session.read().unwrap().recovery.records.len(), before);
}
