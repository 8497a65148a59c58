//! The second copy of a session.

use super::*;
use quell::timeline::Evidence;
use quell_core::incident::EvidenceAdded;
use quell_core::record::Verdict;
use std::fs;

/// A session whose second copies go below a folder.
fn mirrored(state: &State, below: &Path) -> SessionDir {
    let id = state.begun().id().as_str().to_owned();
    let dir = StateDir::at(state.dir.path().join("state")).mirrored(Some(below.to_path_buf()));
    Sessions::of(&dir).find(&id).unwrap()
}

fn copy_of(session: &SessionDir, below: &Path) -> SessionDir {
    let sessions = Sessions::of(&StateDir::at(below));
    sessions.find(session.id().as_str()).unwrap()
}

#[test]
fn the_second_copy_is_the_session_with_its_evidence() {
    let state = state();
    let below = state.dir.path().join("copies");
    let session = mirrored(&state, &below);
    let (mut pen, mut attached) = state.attach(&session);
    let blob = attached.log.put(&Evidence::of(&session), b"ps").unwrap();
    let (name, how) = ("ps.txt".into(), "attached".into());
    let evidence = EvidenceAdded { blob, name, size: 2, how, step: None, run: None };
    attached.log.commit(vec![pen.note("first"), pen.event(evidence)]).unwrap();
    attached.log.close().unwrap();
    let timeline = copy_of(&session, &below).verify(None).unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned, "{:?}", timeline.verification());
    assert_eq!(recorded(&timeline.recovery.records), ["first"]);
    // The next console goes on with it; what was there is not written again.
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("second")]).unwrap();
    attached.log.close().unwrap();
    let copy = copy_of(&session, &below);
    let timeline = copy.verify(None).unwrap();
    assert_eq!(recorded(&timeline.recovery.records), ["first", "second"]);
    let names = |dir: &SessionDir| {
        let entries = fs::read_dir(dir.path().join("log")).unwrap().map(|e| e.unwrap().file_name());
        let mut names: Vec<_> = entries.filter(|name| !name.to_string_lossy().ends_with(".lock")).collect();
        names.sort();
        names.into_iter().map(|n| (n.clone(), fs::read(dir.path().join("log").join(n)).unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(names(&copy), names(&session));
}

#[test]
fn a_second_copy_that_fails_is_told_and_costs_the_first_nothing() {
    let state = state();
    let below = state.dir.path().join("copies");
    let session = mirrored(&state, &below);
    fs::write(&below, "in the way").unwrap();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("saved")]).unwrap();
    let problem = attached.log.close().unwrap_err();
    assert_eq!(
        problem.what,
        "the second copy could not be written: can't make a folder: Not a directory (os error 20)"
    );
    assert_eq!(problem.meaning, "the timeline itself is saved; only the copy is behind");
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["saved"]);
    // When it can be written again it catches up.
    fs::remove_file(&below).unwrap();
    let (_, attached) = state.attach(&session);
    attached.log.close().unwrap();
    assert_eq!(recorded(&copy_of(&session, &below).read().unwrap().recovery.records), ["saved"]);
}
