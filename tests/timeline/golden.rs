//! Sessions that this version of the format wrote once, kept for ever: each opens, and says what it said then. Nothing
//! makes them anew. What is expected was worked out from their lines by hand.

use super::*;
use crate::outside::python;
use crate::skipped::{skipped, tell};
use quell_core::incident::{Incident, Life, Mark};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn golden(name: &str) -> SessionDir {
    let folder = folder().join(name);
    Sessions::of(&StateDir::at("/nowhere")).find(&folder.to_string_lossy()).unwrap()
}

const MINING: &str = "20261121T180446Z-crypto-mining-aaaaaaaa";
const ASIDE: &str = "20261121T190000Z-set-aside-bbbbbbbb";
const NEWER: &str = "20261121T200000Z-newer-cccccccc";
const SIGNED: &str = "20261121T210000Z-signed-dddddddd";

/// Every session, its verdict, its records and writers.
const ALL: [(&str, &str, usize, usize); 4] = [
    (MINING, "ok-unsigned", 30, 2),
    (ASIDE, "torn-tail", 5, 1),
    (NEWER, "ok-unsigned", 9, 1),
    (SIGNED, "ok-unsigned", 5, 1),
];

fn fold(name: &str) -> Incident {
    Incident::fold(&golden(name).read().unwrap().shown())
}

#[test]
fn every_golden_session_has_its_verdict_in_both_verifiers() {
    let mut names: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.retain(|name| name != "allowed_signers");
    assert_eq!(names.len(), ALL.len());
    for (name, verdict, records, writers) in ALL {
        let found = golden(name).verify(None).unwrap().verification();
        assert_eq!((found.verdict.as_str(), found.records, found.writers), (verdict, records, writers), "{name}");
        let Some(mut python) = python("json, hashlib") else { continue };
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
        let output = python.arg(verifier).arg("--json").arg(folder().join(name)).output().unwrap();
        let theirs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let told = (&theirs["verdict"], &theirs["records"], &theirs["writers"]);
        assert_eq!(told, (&verdict.into(), &records.into(), &writers.into()), "{name}");
    }
    let signers = folder().join("allowed_signers");
    match Command::new("ssh-keygen").arg("-?").output() {
        Ok(_) => {
            let found = golden(SIGNED).verify(Some(&signers)).unwrap().verification();
            // Its last two records say when it was signed and that the signer left: they are not under the signature.
            assert_eq!(
                (found.verdict.as_str(), found.uncovered.as_ref().map(|uncovered| uncovered.count())),
                ("ok-unsigned", Some(2))
            );
        }
        Err(_) => skipped("there is no ssh-keygen"),
    }
    tell(&format!("golden sessions of format 1 that open as they did: {}", ALL.len()));
}

#[test]
fn two_writers_an_action_and_its_undo_up_to_the_close() {
    let incident = fold(MINING);
    assert_eq!(incident.title, "Crypto mining on i-0abc12d34e5f67890".into());
    let closed = incident.closed.as_ref().unwrap();
    assert_eq!((closed.resolution.word(), &closed.summary), ("true positive", &"a miner, removed".into()));
    assert!(incident.simulated && !incident.drill);
    let users: Vec<_> = incident.writers.values().map(|writer| writer.user.line().into_string()).collect();
    assert_eq!(users, ["alice", "bob"]);
    let [finding] = incident.findings.as_slice() else { panic!("{}", incident.findings.len()) };
    assert_eq!(finding.finding.count, Some(9));
    let [book] = incident.runbooks.as_slice() else { panic!("{}", incident.runbooks.len()) };
    let marks: Vec<Mark> = book.steps.iter().map(|step| step.mark).collect();
    // The third step's action was undone, so it is to do again.
    assert_eq!(marks, [Mark::Done, Mark::Done, Mark::Todo, Mark::Todo]);
    assert_eq!(book.steps[0].stamp.as_ref().unwrap().at.to_string(), "2026-11-21T18:03:00Z");
    assert_eq!(book.steps[1].choice, Some("True positive".into()));
    let notes: Vec<_> = incident.notes.iter().map(|note| note.text.line().into_string()).collect();
    assert_eq!(notes, ["[masked: a password]", "the second host is clean"]);
    let actions: Vec<_> = incident.actions.values().collect();
    let [action, undo] = actions.as_slice() else { panic!("{}", actions.len()) };
    assert_eq!((action.life, action.verified.as_ref().unwrap().0), (Life::Succeeded, Some(true)));
    assert_eq!((undo.life, action.undone_by.as_ref()), (Life::Succeeded, Some(&undo.link)));
    let [piece] = incident.evidence.as_slice() else { panic!("{}", incident.evidence.len()) };
    assert_eq!((&piece.name, piece.run.as_ref().unwrap().exit), (&"ps.stdout".into(), Some(0)));
    assert_eq!(piece.custody[0].what, "exported".into());
    assert_eq!(incident.milestones, [("contained".into(), "2026-11-21T18:05:00Z".parse().unwrap())]);
    assert_eq!(incident.variables[&"backup_bucket".into()].value, "my-ir-backup".into());
    assert_eq!((incident.unknown, incident.open_actions().count()), (0, 0));
}

#[test]
fn what_was_never_acknowledged_is_set_aside() {
    let timeline = golden(ASIDE).read().unwrap();
    assert_eq!(recorded(&timeline.recovery.records), ["kept", "sent again"]);
    assert_eq!(recorded(&timeline.recovery.superseded), ["lost one", "lost two"]);
    assert!(fold(ASIDE).drill);
    let [fault] = timeline.recovery.faults.as_slice() else { panic!("{:?}", timeline.recovery.faults) };
    assert_eq!((fault.line, fault.byte), (3, 954));
}

#[test]
fn what_a_later_version_wrote_is_kept_and_shown_raw() {
    let incident = fold(NEWER);
    assert_eq!((incident.title.line().as_str(), incident.unknown), ("From a later version", 4));
    assert_eq!(incident.notes.len(), 1);
    let shown = state().quell(&["sessions", "show", folder().join(NEWER).to_str().unwrap()]).out;
    for raw in [
        "comms.sent {\"to\":\"legal\",\"text\":\"call at nine\"}\n",
        "note.added {\"text\":{\"rich\":\"bold\"},\"step\":null}\n",
        "milestone.set {\"name\":\"detected\",\"at\":{\"about\":\"noon\"}}\n",
        "step.sighted {\"step\":7}\n",
    ] {
        assert!(shown.contains(raw), "{shown}");
    }
}

#[test]
fn a_golden_session_goes_on() {
    for (name, _, records, _) in ALL {
        let state = state();
        let sessions = state.dir.path().join("state/sessions");
        fs::create_dir_all(&sessions).unwrap();
        let mut copy = Command::new("cp");
        copy.arg("-r").arg(folder().join(name)).arg(&sessions);
        assert!(copy.status().unwrap().success());
        let mut modes = Command::new("chmod");
        assert!(modes.args(["-R", "go-w"]).arg(state.dir.path()).status().unwrap().success());
        let session = state.sessions.find(name).unwrap();
        let (mut pen, mut attached) = state.attach(&session);
        assert!(!attached.new_writer, "{name}");
        attached.log.commit(vec![pen.note("later")]).unwrap();
        attached.log.close().unwrap();
        let timeline = session.verify(None).unwrap();
        assert_eq!(timeline.verdict().as_str(), "ok-unsigned", "{name}: {:?}", timeline.recovery.faults);
        assert_eq!(timeline.recovery.records.len(), records + 2, "{name}");
    }
}
