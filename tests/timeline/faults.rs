use super::model::{EIO, ENOSPC, FaultDisk, How, Without};
use super::promised::recovered;
use super::*;
use quell::timeline::NotSaved;
use quell_core::incident::{ActionApproved, ActionStarted};
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
    assert_eq!(calls[..8], ["old", "folder", "create", "write", "sync", "size", "folder", "write"]);
    let hows = [
        How::Fail(EIO),
        How::Fail(ENOSPC),
        How::FailLate(EIO),
        How::Short(0),
        How::Short(30),
        How::Short(usize::MAX),
        How::Part(30),
        How::Less(0),
        How::Less(30),
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
    let disk = FaultDisk::failing(8, How::Fail(EIO));
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
    assert_eq!(calls[7..], ["write", "sync", "create", "write", "sync", "size", "folder"]);
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

/// An action's approval and start, as the console writes them.
fn start(pen: &mut Pen) -> Vec<Entry> {
    let action = Link(pen.link.0.clone(), 2);
    let approved = ActionApproved {
        action: action.clone(),
        plan_hash: "p".into(),
        gesture: "y".into(),
        why: Default::default(),
        queued: false,
    };
    vec![pen.event(approved), pen.event(ActionStarted { action, plan_hash: "p".into(), token: "t".into() })]
}

#[test]
fn a_full_disk_takes_the_last_words_from_the_reserve_and_no_action() {
    let state = state();
    let session = state.begun();
    let disk = FaultDisk::default();
    let attached = session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime).unwrap();
    let (mut pen, mut log) = (Pen::of(&attached), attached.log);
    let reserve = session.path().join("log").join(format!("{}.reserve", log.writer()));
    assert_eq!(std::fs::metadata(&reserve).unwrap().len(), 262_144);
    let set = |room| disk.plan.lock().unwrap().room = room;
    let mut note = |log: &mut quell::timeline::Log, text: &str| {
        let saved = log.commit(vec![pen.note(text)]);
        if let Err(no) = &saved {
            pen.back(no.next_n, no.last_l);
        } else {
            pen.link.1 = saved.as_ref().unwrap().entries().last().unwrap().link.1;
            pen.l = saved.as_ref().unwrap().entries().last().unwrap().l;
        }
        saved
    };
    assert!(!note(&mut log, "room").unwrap().is_low());
    set(Some(100));
    let no = note(&mut log, "full").unwrap_err();
    assert!(no.problem.next.contains("a small reserve takes notes"), "{}", no.problem);
    assert!(!reserve.exists());
    assert!(note(&mut log, "last words").unwrap().is_low());
    // No action starts out of it.
    let no = log.commit(start(&mut Pen { link: Link(log.writer().clone(), 0), l: 0 })).unwrap_err();
    assert_eq!(no.problem.what, "the disk that holds the timeline is full");
    assert!(note(&mut log, "more words").unwrap().is_low());
    // Room again: the reserve is taken anew, and actions start.
    set(None);
    assert!(!note(&mut log, "room again").unwrap().is_low());
    assert!(reserve.exists());
    let mut saved = log.commit(start(&mut pen)).unwrap();
    assert_eq!(saved.permits().len(), 1);
    log.close().unwrap();
    assert!(!reserve.exists());
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned);
    assert_eq!(recorded(&timeline.recovery.records), ["room", "last words", "more words", "room again"]);
}

#[test]
fn a_reserve_that_a_killed_console_held_is_given_back() {
    let state = state();
    let session = state.begun();
    let killed = session.attach(&who("bob"), &state.runtime).unwrap();
    let reserve = session.path().join("log").join(format!("{}.reserve", killed.log.writer()));
    drop(killed);
    assert!(reserve.exists());
    let (_, attached) = state.attach(&session);
    assert!(!reserve.exists());
    drop(attached);
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
fn only_what_is_safe_of_others_counts_as_seen() {
    let state = state();
    let session = state.begun();
    let seen = |disk: FaultDisk| {
        let attached = session.attach_on(Box::new(disk), &who("alice"), &state.runtime).unwrap();
        attached.entries.last().unwrap().seen.clone().map(|seen| seen.into_values().collect::<Vec<_>>())
    };
    assert_eq!(seen(FaultDisk::failing(0, How::Fail(EIO))), None);
    // Carol's two records, and those of the attachment above.
    assert_eq!(seen(FaultDisk::default()), Some(vec![1]));
}

/// What others see of a record whose sync failed must survive what they say of it, also where its writer has made
/// another file since.
#[test]
fn what_counts_as_seen_is_synced_where_it_stands() {
    let state = state();
    let session = state.session();
    // The sync of the first commit, and the making of the next segment, which is there all the same.
    let faults = vec![(7, How::Fail(EIO)), (8, How::FailLate(EIO))];
    let disk = FaultDisk::shadowed(session.path(), Without::Nothing, faults);
    let attach = |user| session.attach_on(Box::new(disk.clone()), &who(user), &state.runtime).unwrap();
    let mut first = attach("alice");
    let mut pen = Pen::of(&first);
    for _ in 0..2 {
        let no = first.log.commit(vec![pen.opened("x")]).unwrap_err();
        pen.back(no.next_n, no.last_l);
    }
    assert_eq!(std::fs::read_dir(session.path().join("log")).unwrap().count(), 4, "two segments, lock and reserve");
    let second = attach("bob");
    let seen = second.entries.last().unwrap().seen.clone().unwrap();
    assert_eq!(seen.into_values().collect::<Vec<_>>(), [1]);
    disk.snap();
    let crashes = disk.plan.lock().unwrap().shots.pop().unwrap();
    for state in crashes {
        let recovery = recovered(&state);
        assert!(recovery.verdict().holds(), "{:?}", recovery.faults);
    }
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
