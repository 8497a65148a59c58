use super::*;
use quell::timeline::Evidence;
use quell::timeline::disk::LocalDisk;
use quell_core::incident::{EvidenceAdded, EvidenceCustody};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// SHA-256 of `abc`, from FIPS 180-2.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn bytes_are_kept_by_their_hash_and_once() {
    let state = state();
    let session = state.session();
    let evidence = Evidence::of(&session);
    assert_eq!(evidence.put(&mut LocalDisk, b"abc").unwrap(), ABC);
    assert_eq!(evidence.put(&mut LocalDisk, b"abc").unwrap(), ABC);
    let files: Vec<_> = fs::read_dir(session.path().join("evidence")).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(evidence.get(ABC).unwrap(), b"abc");
}

#[test]
fn changed_missing_and_misnamed_evidence_is_refused() {
    let state = state();
    let session = state.session();
    let evidence = Evidence::of(&session);
    evidence.put(&mut LocalDisk, b"abc").unwrap();
    fs::write(session.path().join("evidence").join(ABC), "abd").unwrap();
    assert_eq!(evidence.get(ABC).unwrap_err().what, "the evidence is not what was stored: its hash is another");
    // It is not put right in silence either.
    assert!(evidence.put(&mut LocalDisk, b"abc").is_err());
    assert!(evidence.get(&"0".repeat(64)).is_err());
    assert!(evidence.get("../log").is_err());
}

/// A session whose records name `abc` as evidence, in every kind that can, and none.
fn naming() -> (State, SessionDir) {
    let (state, session) = super::cli::session();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.put(&Evidence::of(&session), b"abc").unwrap();
    let added =
        EvidenceAdded { blob: ABC.into(), name: "a".into(), size: 3, how: "file".into(), step: None, run: None };
    let custody = EvidenceCustody { blob: ABC.into(), what: "exported".into(), ..Default::default() };
    attached.log.commit(vec![pen.event(added), pen.event(custody)]).unwrap();
    attached.log.close().unwrap();
    (state, session)
}

#[test]
fn verify_holds_evidence_against_its_hash() {
    let (state, session) = naming();
    let file = session.path().join("evidence").join(ABC);
    let verdict = || {
        let run = state.quell(&["sessions", "verify", session.id().as_str(), "--json"]);
        let out: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let problems = out["problems"].as_array().unwrap();
        (run.code, out["verdict"].as_str().unwrap().to_owned(), problems.clone())
    };
    assert_eq!(verdict(), (0, "ok-unsigned".to_owned(), Vec::new()));
    fs::write(&file, "abd").unwrap();
    let (code, word, problems) = verdict();
    assert_eq!((code, word.as_str(), problems.len()), (1, "invalid-record", 1));
    assert_eq!(problems[0]["file"], format!("evidence/{ABC}"));
    let plain = state.quell(&["sessions", "verify", session.id().as_str()]).out;
    let words = "invalid-record: the evidence is not what was stored: its hash is another";
    assert!(plain.contains(&format!("\nevidence/{ABC}: {words}\n")), "{plain}");
    let report = state.quell(&["sessions", "report", session.id().as_str()]).out;
    assert!(report.contains("invalid-record"), "{report}");
    fs::remove_file(&file).unwrap();
    let (code, word, problems) = verdict();
    assert_eq!((code, word.as_str(), problems.len()), (1, "missing-segment", 1));
    // A folder in its place is no evidence.
    fs::create_dir(&file).unwrap();
    assert_eq!(verdict().1, "invalid-record");
}
