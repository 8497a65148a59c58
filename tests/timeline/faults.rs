use super::model::{EIO, ENOSPC, FaultDisk, How};
use super::*;
use quell::timeline::NotSaved;
use quell_core::record::Verdict;

/// Writes `notes` one by one, sending each again until it is saved; gives what was acknowledged, in order.
fn work(attached: Attached, notes: &[String], tries: usize) -> Vec<String> {
    let (mut pen, mut log) = (Pen::of(&attached), attached.log);
    let mut acknowledged = Vec::new();
    for note in notes {
        for _ in 0..tries {
            match log.commit(vec![pen.note(note)]) {
                Ok(saved) => {
                    acknowledged.extend(super::notes(saved.entries()));
                    break;
                }
                Err(NotSaved { next_n, last_l, .. }) => pen.back(next_n, last_l),
            }
        }
    }
    let _ = log.close();
    acknowledged
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("note {i}")).collect()
}

/// One run with one fault; all of it must be there afterwards, and be there once, and the log must hold.
fn run(disk: FaultDisk) -> Vec<&'static str> {
    let state = state();
    let session = state.begun();
    let attach = || session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime);
    let attached = attach().or_else(|_| attach()).unwrap();
    let acknowledged = work(attached, &texts(4), 3);
    assert_eq!(acknowledged, texts(4));
    let timeline = session.read().unwrap();
    let plan = disk.plan.lock().unwrap();
    let context = format!("{:?} in {:?}: {:?}", plan.fault, plan.calls, timeline.verification());
    let holds = [Verdict::OkUnsigned, Verdict::TornTail];
    assert!(holds.contains(&timeline.verdict()), "{context}");
    assert_eq!(recorded(&timeline.recovery.records), texts(4), "{context}");
    // What comes after goes on from there.
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("later")]).unwrap();
    let timeline = session.read().unwrap();
    assert!(holds.contains(&timeline.verdict()), "{context} later {:?}", timeline.verification());
    assert_eq!(recorded(&timeline.recovery.records), [texts(4), vec!["later".to_owned()]].concat());
    plan.calls.clone()
}

#[test]
fn no_fault_at_any_call_loses_or_doubles_what_was_acknowledged() {
    let calls = run(FaultDisk::default());
    assert_eq!(calls[..6], ["create", "write", "sync", "size", "folder", "write"]);
    let hows = [
        How::Fail(EIO),
        How::Fail(ENOSPC),
        How::FailLate(EIO),
        How::Short(0),
        How::Short(30),
        How::Short(usize::MAX),
        How::Lie(0),
        How::Lie(100),
        How::Lie(usize::MAX),
    ];
    for at in 0..calls.len() {
        for how in hows {
            run(FaultDisk::failing(at, how));
        }
    }
}

#[test]
fn a_failed_sync_is_never_asked_again_of_the_same_file() {
    let state = state();
    let session = state.begun();
    let disk = FaultDisk::failing(6, How::Fail(EIO));
    let attached = session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime).unwrap();
    let (mut pen, mut log) = (Pen::of(&attached), attached.log);
    let NotSaved { problem, next_n, last_l, .. } = log.commit(vec![pen.note("lost")]).unwrap_err();
    assert!(problem.what.starts_with("the timeline could not be written"), "{problem}");
    // 0 is the seg.open; 1 was refused and is now the next seg.open's.
    assert_eq!((next_n, last_l), (2, 4));
    pen.back(next_n, last_l);
    let saved = log.commit(vec![pen.note("again")]).unwrap();
    let kinds: Vec<_> = saved.entries().iter().map(|e| (e.link.1, e.l, e.event.kind().unwrap())).collect();
    assert_eq!(kinds, [(1, 4, "seg.open"), (2, 5, "note.added")]);
    let calls = disk.plan.lock().unwrap().calls.clone();
    assert_eq!(calls[5..], ["write", "sync", "create", "write", "sync", "size", "folder"]);
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned);
    assert_eq!(recorded(&timeline.recovery.superseded), ["lost"]);
}

#[test]
fn a_dead_disk_is_told_each_time_and_nothing_is_taken_as_saved() {
    let state = state();
    let session = state.session();
    let disk = FaultDisk::default();
    let attached = session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime).unwrap();
    let (mut pen, mut log) = (Pen::of(&attached), attached.log);
    log.commit(vec![pen.opened("x"), pen.note("before")]).unwrap();
    disk.plan.lock().unwrap().dead = true;
    for _ in 0..5 {
        let no = log.commit(vec![pen.note("lost")]).unwrap_err();
        assert_eq!((no.next_n, no.last_l), (4, 4));
        pen.back(no.next_n, no.last_l);
    }
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["before"]);
    disk.plan.lock().unwrap().dead = false;
    log.commit(vec![pen.note("after")]).unwrap();
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned);
    assert_eq!(recorded(&timeline.recovery.records), ["before", "after"]);
}

#[test]
fn a_head_that_cannot_be_written_takes_no_record_with_it() {
    let state = state();
    let session = state.session();
    let disk = FaultDisk::default();
    let attached = session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime).unwrap();
    let log = attached.log;
    disk.plan.lock().unwrap().dead = true;
    let problem = log.close().unwrap_err();
    assert_eq!(problem.meaning, "all records are saved; that the log was cut later could go unnoticed");
    assert_eq!(session.read().unwrap().verdict(), Verdict::OkUnsigned);
}

#[test]
fn what_a_crash_left_unsynced_is_synced_before_anything_rests_on_it() {
    let state = state();
    let session = state.session();
    let (mut pen, mut first) = state.attach(&session);
    first.log.commit(vec![pen.note("left behind")]).unwrap();
    drop(first);
    let attach = |disk: &FaultDisk| session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime).unwrap();
    let disk = FaultDisk::default();
    assert!(!attach(&disk).new_writer);
    assert_eq!(disk.plan.lock().unwrap().calls, ["old", "folder", "create", "write", "sync", "size", "folder"]);
    // Where that fails, nothing rests on it: a new writer begins.
    assert!(attach(&FaultDisk::failing(0, How::Fail(EIO))).new_writer);
}
