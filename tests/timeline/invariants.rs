//! The ten things that always hold of a timeline, one test each, by their numbers. Some are walked in depth elsewhere
//! (crash states, damage, orders of arrival); here each stands by itself, on files.

use super::model::{EIO, FaultDisk, How};
use super::*;
use crate::chance::Chance;
use quell::timeline::{LogThread, NotSaved, Reply};
use quell_core::incident::{ActionStarted, Incident};
use quell_core::record::Verdict;
use std::collections::BTreeMap;
use std::fs;
use std::sync::mpsc::channel;

/// Two writers, three attachments each, a failed sync and a clean end among them; what was acknowledged, in order.
fn session() -> (State, SessionDir, Vec<String>) {
    let state = state();
    let session = state.begun();
    let mut acknowledged = Vec::new();
    for (round, user) in ["alice", "bob", "alice", "bob", "alice", "bob"].into_iter().enumerate() {
        let disk = if round == 2 { FaultDisk::failing(13, How::FailLate(EIO)) } else { FaultDisk::default() };
        let attached = session.attach_on(Box::new(disk), &who(user), &state.runtime).unwrap();
        let (mut pen, mut log) = (Pen::of(&attached), attached.log);
        for n in 0..4 {
            match log.commit(vec![pen.note(&format!("{user} {round} {n}"))]) {
                Ok(saved) => acknowledged.extend(notes(saved.entries())),
                Err(NotSaved { next_n, last_l, .. }) => pen.back(next_n, last_l),
            }
        }
        if round % 2 == 1 {
            log.close().unwrap();
        }
    }
    (state, session, acknowledged)
}

/// All files of the log folder that are read.
fn files(session: &SessionDir) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(session.path().join("log")).unwrap().map(|entry| entry.unwrap().path());
    let read = entries.filter(|path| path.extension().is_some_and(|e| e == "ndjson" || e == "head"));
    read.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())).collect()
}

fn json(incident: &Incident) -> String {
    quell_core::text::json::to_string(incident).unwrap()
}

/// I1: what was acknowledged is found after any crash. [`super::crash`] walks 100,000 states; here, the process ends
/// without a word.
#[test]
fn i01_what_was_acknowledged_is_found() {
    let (_state, session, acknowledged) = session();
    let timeline = session.read().unwrap();
    assert_eq!(acknowledged.len(), 23);
    assert_eq!(recorded(&timeline.recovery.records), acknowledged);
}

/// I2: no record counts as saved before its acknowledgement: while the disk holds a sync back, nothing is said.
#[test]
fn i02_nothing_counts_as_saved_before_it_is() {
    let state = state();
    let session = state.begun();
    let (gate, open) = channel();
    let (entered, waits) = channel();
    let (answers, answered) = channel();
    gate.send(Ok(())).unwrap();
    let disk = super::thread::Gate::new(entered, open);
    let attached = session.attach_on(Box::new(disk), &who("alice"), &state.runtime).unwrap();
    waits.recv().unwrap();
    let (mut pen, evidence) = (Pen::of(&attached), quell::timeline::Evidence::of(&session));
    let log = LogThread::start(attached.log, evidence, &state.runtime, move |reply| answers.send(reply).unwrap());
    let log = log.unwrap();
    log.send(vec![pen.note("held")]).unwrap();
    waits.recv().unwrap();
    assert!(answered.try_recv().is_err());
    gate.send(Ok(())).unwrap();
    assert!(matches!(answered.recv().unwrap(), Reply::Saved(saved) if saved.entries().len() == 1));
}

/// I3: what any beginning of the log folds to can be worked on: a console goes on from there.
#[test]
fn i03_every_prefix_is_a_session_that_goes_on() {
    let state = state();
    let session = state.begun();
    let (mut pen, mut attached) = state.attach(&session);
    for n in 0..6 {
        attached.log.commit(vec![pen.note(&format!("n {n}"))]).unwrap();
    }
    let writer = attached.log.writer().clone();
    drop(attached);
    let path = session.path().join("log").join(format!("{writer}.0000.ndjson"));
    let whole = fs::read(&path).unwrap();
    let ends = (1..=whole.len()).filter(|end| whole[end - 1] == b'\n');
    for (kept, end) in ends.enumerate() {
        // The first line is the segment's opening.
        fs::write(&path, &whole[..end]).unwrap();
        let timeline = session.read().unwrap();
        assert_eq!(recorded(&timeline.recovery.records).len(), kept, "cut at {end}");
        let (mut pen, mut attached) = state.attach(&session);
        assert!(!attached.new_writer);
        attached.log.commit(vec![pen.note("on")]).unwrap();
        drop(attached);
        assert_eq!(session.read().unwrap().verdict(), Verdict::OkUnsigned, "cut at {end}");
        let segment = session.path().join("log").join(format!("{writer}.0001.ndjson"));
        fs::remove_file(segment).unwrap();
    }
}

/// I4: the reader takes what the writer wrote, byte for byte, and nothing else: any other byte in its place is told.
#[test]
fn i04_the_reader_takes_what_was_written_and_nothing_else() {
    let (_state, session, _) = session();
    let mut chance = Chance(4);
    for (name, bytes) in files(&session).into_iter().filter(|(name, _)| name.ends_with(".ndjson")) {
        let path = session.path().join("log").join(name);
        for _ in 0..40 {
            let mut other = bytes.clone();
            let at = chance.place(other.len());
            other[at] ^= 1 + chance.place(255) as u8;
            fs::write(&path, &other).unwrap();
            assert_ne!(session.read().unwrap().verdict(), Verdict::OkUnsigned, "byte {at}");
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(session.read().unwrap().verdict(), Verdict::OkUnsigned);
}

/// I5: a cut at any byte is told, or is the end of a record of which nobody knows more.
#[test]
fn i05_a_cut_anywhere_is_told_or_is_the_end_of_a_record() {
    let state = state();
    let session = state.begun();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("a"), pen.note("b")]).unwrap();
    let path = session.path().join("log").join(format!("{}.0000.ndjson", attached.log.writer()));
    attached.log.close().unwrap();
    let (whole, head) = (fs::read(&path).unwrap(), path.with_file_name(format!("{}.head", pen.link.0)));
    let known = fs::read(&head).unwrap();
    for end in 0..whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        fs::write(&head, &known).unwrap();
        assert_eq!(session.read().unwrap().verdict(), Verdict::Truncated, "cut at {end} under a head");
        fs::remove_file(&head).unwrap();
        let at_end = end == 0 || whole[end - 1] == b'\n';
        let expected = if at_end { Verdict::OkUnsigned } else { Verdict::TornTail };
        assert_eq!(session.read().unwrap().verdict(), expected, "cut at {end}");
    }
}

/// I6: reading puts nothing right and changes nothing, and says the same twice, whole or damaged.
#[test]
fn i06_reading_changes_nothing_and_says_the_same_twice() {
    let (_state, session, _) = session();
    let mut chance = Chance(6);
    for damaged in 0..30 {
        if damaged > 0 {
            let names: Vec<String> = files(&session).into_keys().collect();
            let path = session.path().join("log").join(&names[chance.place(names.len())]);
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..chance.place(bytes.len() + 1)]).unwrap();
        }
        let before = files(&session);
        let said = |session: &SessionDir| session.read().unwrap().verification();
        let (once, twice) = (said(&session), said(&session));
        assert_eq!((once, files(&session)), (twice, before));
    }
}

/// I7: two consoles never write one file.
#[test]
fn i07_two_writers_never_share_a_file() {
    let state = state();
    let session = state.begun();
    let attached: Vec<_> = (0..4).map(|_| state.attach(&session)).collect();
    let mut logs = Vec::new();
    for (round, (mut pen, mut one)) in attached.into_iter().enumerate() {
        one.log.commit(vec![pen.note(&format!("{round}"))]).unwrap();
        logs.push(one.log);
    }
    for (name, bytes) in files(&session).into_iter().filter(|(name, _)| name.ends_with(".ndjson")) {
        let writer = name.split('.').next().unwrap().to_owned();
        let lines = String::from_utf8(bytes).unwrap();
        assert!(lines.lines().all(|line| line.contains(&format!("\"w\":\"{writer}\""))), "{name}");
    }
    let mut writers: Vec<_> = logs.iter().map(|log| log.writer().clone()).collect();
    writers.dedup();
    assert_eq!(writers.len(), 4);
}

/// I8: a permit is given for a started action's record that is on disk, and read back from there.
#[test]
fn i08_an_action_is_let_through_only_by_its_record_on_disk() {
    let state = state();
    let session = state.begun();
    let disk = FaultDisk::default();
    let attached = session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime).unwrap();
    let (mut pen, mut log) = (Pen::of(&attached), attached.log);
    let mut start = |pen: &mut Pen, token: &str| {
        let action = Link(pen.link.0.clone(), 1);
        log.commit(vec![pen.event(ActionStarted { action, plan_hash: "p".into(), token: token.into() })])
    };
    let mut saved = start(&mut pen, "first").unwrap();
    let permits = saved.permits();
    assert_eq!(permits.iter().map(|permit| permit.token()).collect::<Vec<_>>(), ["first"]);
    assert!(saved.permits().is_empty(), "a permit is taken once");
    disk.plan.lock().unwrap().dead = true;
    assert!(start(&mut pen, "second").is_err());
    let text: String = files(&session).into_values().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    assert_eq!((text.matches("first").count(), text.matches("second").count()), (1, 0));
}

/// I9: after an error of the log no action starts before a record is on disk again.
#[test]
fn i09_after_an_error_nothing_starts_until_the_disk_takes_records_again() {
    let state = state();
    let session = state.begun();
    let disk = FaultDisk::default();
    let attached = session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime).unwrap();
    let evidence = quell::timeline::Evidence::of(&session);
    let mut pen = Pen::of(&attached);
    let (answers, answered) = channel();
    let log = LogThread::start(attached.log, evidence, &state.runtime, move |reply| answers.send(reply).unwrap());
    let log = log.unwrap();
    disk.plan.lock().unwrap().dead = true;
    log.send(vec![pen.note("lost")]).unwrap();
    let Reply::NotSaved(no) = answered.recv().unwrap() else { panic!("saved on a dead disk") };
    disk.plan.lock().unwrap().dead = false;
    // Sent before the console has heard: built upon what was lost, so it is dropped.
    let action = Link(pen.link.0.clone(), 1);
    let start = |pen: &mut Pen| {
        let started = ActionStarted { action: action.clone(), plan_hash: "p".into(), token: "t".into() };
        pen.event(started)
    };
    log.send(vec![start(&mut pen)]).unwrap();
    log.heard(&no);
    pen.back(no.next_n, no.last_l);
    log.send(vec![start(&mut pen)]).unwrap();
    let Reply::Saved(mut saved) = answered.recv().unwrap() else { panic!("not saved on a good disk") };
    assert_eq!(saved.permits().len(), 1);
    assert!(log.close().is_ok());
    assert!(answered.try_recv().is_err());
}

/// I10: the same records fold to the same state, byte for byte, whatever order they come in.
#[test]
fn i10_the_fold_is_the_same_byte_for_byte() {
    let (_state, session, _) = session();
    let entries = session.read().unwrap().entries();
    let once = json(&Incident::fold(&entries));
    let mut chance = Chance(10);
    for _ in 0..20 {
        let mut mixed = entries.clone();
        for at in 0..mixed.len() {
            let other = chance.place(mixed.len());
            mixed.swap(at, other);
        }
        let again = quell_core::incident::Timeline::new(mixed);
        assert_eq!(json(again.incident()), once);
    }
}
