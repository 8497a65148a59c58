//! Going on in another folder when the disk of the first one fails.

use super::*;
use quell::timeline::{Evidence, Moved, go_on};
use quell_core::incident::EvidenceAdded;
use quell_core::record::Verdict;
use std::fs;

fn evidence(pen: &mut Pen, blob: &str) -> Entry {
    let (name, how) = ("ps.txt".into(), "attached".into());
    pen.event(EvidenceAdded { blob: blob.to_owned(), name, size: 3, how, step: None, run: None })
}

/// A session in memory: a note, and two pieces of evidence.
fn working(state: &State) -> (SessionDir, Vec<Entry>, [String; 2]) {
    let session = state.begun();
    let (mut pen, mut attached) = state.attach(&session);
    let store = Evidence::of(&session);
    let blobs = ["one", "two"].map(|text| attached.log.put(&store, text.as_bytes()).unwrap());
    let entries = vec![pen.note("first"), evidence(&mut pen, &blobs[0]), evidence(&mut pen, &blobs[1])];
    let saved = attached.log.commit(entries).unwrap();
    let all = [attached.entries, saved.entries().to_vec()].concat();
    (session, all, blobs)
}

#[test]
fn what_is_in_memory_goes_on_in_another_folder() {
    let state = state();
    let (first, entries, _) = working(&state);
    let other = StateDir::at(state.dir.path().join("other"));
    let Moved { session, attached, left } = go_on(&other, &first, &entries, &who("alice"), &state.runtime).unwrap();
    assert_eq!((session.id(), left), (first.id(), None));
    // A writer of its own: the first folder's log could go on by itself.
    assert!(attached.new_writer);
    let (mut pen, mut log) = (Pen::of(&attached), attached.log);
    log.commit(vec![pen.note("second")]).unwrap();
    log.close().unwrap();
    let timeline = session.verify(None).unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned, "{:?}", timeline.verification());
    assert_eq!(recorded(&timeline.recovery.records), ["first", "second"]);
    // Both folders are one session again when their files are put together.
    for entry in fs::read_dir(session.path().join("log")).unwrap().map(Result::unwrap) {
        let to = first.path().join("log").join(entry.file_name());
        if !to.exists() {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    let timeline = first.verify(None).unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned, "{:?}", timeline.verification());
    assert_eq!(recorded(&timeline.recovery.records), ["first", "second"]);
}

#[test]
fn a_disk_that_is_gone_costs_the_evidence_that_it_held_and_no_record() {
    let state = state();
    let (first, entries, blobs) = working(&state);
    fs::remove_dir_all(first.path().join("log")).unwrap();
    fs::remove_file(first.path().join("evidence").join(&blobs[1])).unwrap();
    let other = StateDir::at(state.dir.path().join("other"));
    let Moved { session, left, attached } = go_on(&other, &first, &entries, &who("alice"), &state.runtime).unwrap();
    drop(attached);
    let (count, why) = left.unwrap();
    assert_eq!((count, why.what.starts_with("can't read the evidence: ")), (1, true), "{why}");
    let timeline = session.verify(None).unwrap();
    assert_eq!(timeline.verdict(), Verdict::MissingSegment);
    assert_eq!(timeline.verification().problems.len(), 1);
    assert_eq!(session.read().unwrap().verdict(), Verdict::OkUnsigned);
    assert_eq!(recorded(&timeline.recovery.records), ["first"]);
}

/// Half a session would be taken for one, and be in the way of another try.
#[test]
fn what_can_not_be_written_leaves_no_session_behind() {
    let state = state();
    let (first, entries, _) = working(&state);
    let other = StateDir::at(state.dir.path().join("other"));
    let mut pen = Pen::of(&first.attach(&who("bob"), &state.runtime).unwrap());
    let long = [entries.clone(), vec![pen.note(&"x".repeat(2 << 20))]].concat();
    let problem = go_on(&other, &first, &long, &who("alice"), &state.runtime).err().unwrap();
    assert!(problem.what.starts_with("a record can't be written again: "), "{problem}");
    assert_eq!(fs::read_dir(state.dir.path().join("other/sessions")).unwrap().count(), 0);
    assert_eq!(go_on(&other, &first, &entries, &who("alice"), &state.runtime).unwrap().left, None);
}

#[test]
fn a_folder_that_holds_the_session_already_is_not_written_over() {
    let state = state();
    let (first, entries, _) = working(&state);
    let here = StateDir::at(state.dir.path().join("state"));
    let problem = go_on(&here, &first, &entries, &who("alice"), &state.runtime).err().unwrap();
    assert_eq!(problem.what, "a session of this name is there already");
}

/// What was contained before a move stands still: the sessions of both folders are looked through, each once.
#[test]
fn what_stands_is_looked_up_in_the_folder_before_too() {
    let state = state();
    let (first, entries, _) = working(&state);
    let (stays, _, _) = working(&state);
    let other = StateDir::at(state.dir.path().join("other"));
    let Moved { session, attached, .. } = go_on(&other, &first, &entries, &who("alice"), &state.runtime).unwrap();
    let (mut pen, mut log) = (Pen::of(&attached), attached.log);
    log.commit(vec![pen.note("second")]).unwrap();
    let all = Sessions::of(&other).after(state.sessions.clone());
    let found: Vec<(String, usize)> =
        all.incidents().into_iter().map(Result::unwrap).map(|(id, incident)| (id, incident.notes.len())).collect();
    // Of the one that went on it is what is there now.
    assert_eq!(found, [(session.id().to_string(), 2), (stays.id().to_string(), 1)]);
    let alone: Vec<String> = Sessions::of(&other).incidents().into_iter().map(|read| read.unwrap().0).collect();
    assert_eq!(alone, [session.id().to_string()]);
    // Where it is the same folder nothing is found twice.
    let same = state.sessions.clone().after(state.sessions.clone());
    assert_eq!(same.incidents().len(), 2);
}
