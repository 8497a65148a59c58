use super::*;
use crate::figures::figure;
use quell_core::incident::writer_id;
use quell_core::record::{Hash, Verdict, append_line};
use std::fs;

#[test]
fn the_same_person_on_the_same_host_goes_on_in_a_new_segment() {
    let state = state();
    let session = state.session();
    let (mut pen, mut first) = state.attach(&session);
    assert!(first.new_writer);
    first.log.commit(vec![pen.opened("Crypto mining"), pen.note("one")]).unwrap();
    let writer = first.log.writer().clone();
    drop(first);
    let (mut pen, mut second) = state.attach(&session);
    assert!(!second.new_writer);
    assert_eq!(second.log.writer(), &writer);
    let kinds: Vec<_> = second.entries.iter().map(|e| (e.link.1, e.l, e.event.kind().unwrap())).collect();
    let expected = [(0, 1, "seg.open"), (1, 2, "session.opened"), (2, 3, "note.added"), (3, 4, "seg.open")];
    assert_eq!(kinds, expected);
    second.log.commit(vec![pen.note("two")]).unwrap();
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned);
    assert_eq!(recorded(&timeline.recovery.records), ["one", "two"]);
    assert!(session.path().join(format!("log/{writer}.0001.ndjson")).exists());
}

#[test]
fn a_held_lock_makes_a_writer_of_ones_own_that_has_seen_the_other() {
    let state = state();
    let session = state.session();
    let (mut pen, mut first) = state.attach(&session);
    first.log.commit(vec![pen.opened("x"), pen.note("from the first")]).unwrap();
    let (mut other, mut second) = state.attach(&session);
    assert!(second.new_writer);
    assert_ne!(first.log.writer(), second.log.writer());
    assert_eq!(other.l, 4);
    let open = second.entries.last().unwrap();
    assert_eq!(open.seen.clone().unwrap().into_iter().collect::<Vec<_>>(), [(first.log.writer().clone(), 2)]);
    second.log.commit(vec![other.note("from the second")]).unwrap();
    first.log.commit(vec![pen.note("again from the first")]).unwrap();
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned);
    assert_eq!(timeline.verification().writers, 2);
    let (first, second) = (first.log.writer().clone(), second.log.writer().clone());
    let files = fs::read_dir(session.path().join("log")).unwrap().map(|e| e.unwrap().file_name());
    let mut files: Vec<String> = files.map(|name| name.into_string().unwrap()).collect();
    files.sort();
    let mut expected =
        [&first, &second].map(|w| [format!("{w}.0000.ndjson"), format!("{w}.lock"), format!("{w}.reserve")]).concat();
    expected.sort();
    assert_eq!(files, expected);
}

#[test]
fn another_person_or_host_is_another_writer() {
    let state = state();
    let session = state.session();
    drop(state.attach(&session));
    let bob = session.attach(&who("bob"), &state.runtime).unwrap();
    assert!(bob.new_writer);
    drop(bob);
    let elsewhere = Who { host: "laptop".into(), ..who("alice") };
    assert!(session.attach(&elsewhere, &state.runtime).unwrap().new_writer);
    assert!(!session.attach(&who("alice"), &state.runtime).unwrap().new_writer);
}

#[test]
fn the_newest_free_writer_goes_on() {
    let state = state();
    let session = state.session();
    let (_, first) = state.attach(&session);
    let (_, second) = state.attach(&session);
    let newest = second.log.writer().clone();
    drop((first, second));
    let (_, third) = state.attach(&session);
    assert_eq!(third.log.writer(), &newest);
}

#[test]
fn a_torn_tail_stays_and_is_declared() {
    let state = state();
    let session = state.session();
    let (mut pen, mut first) = state.attach(&session);
    first.log.commit(vec![pen.opened("x"), pen.note("kept"), pen.note("torn")]).unwrap();
    let file = session.path().join(format!("log/{}.0000.ndjson", first.log.writer()));
    drop(first);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 20]).unwrap();
    assert_eq!(session.read().unwrap().verdict(), Verdict::TornTail);
    let (mut pen, mut second) = state.attach(&session);
    second.log.commit(vec![pen.note("after")]).unwrap();
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned);
    assert_eq!(recorded(&timeline.recovery.records), ["kept", "after"]);
    assert_eq!(fs::read(&file).unwrap(), &whole[..whole.len() - 20]);
}

#[test]
fn a_broken_log_is_left_as_it_is_for_a_new_writer() {
    let state = state();
    let session = state.session();
    let (mut pen, mut first) = state.attach(&session);
    first.log.commit(vec![pen.note("one"), pen.note("two")]).unwrap();
    let broken = first.log.writer().clone();
    let file = session.path().join(format!("log/{broken}.0000.ndjson"));
    drop(first);
    let text = fs::read_to_string(&file).unwrap().replace("one", "0ne");
    fs::write(&file, &text).unwrap();
    let (mut pen, mut second) = state.attach(&session);
    assert!(second.new_writer);
    second.log.commit(vec![pen.note("three")]).unwrap();
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::InvalidRecord);
    assert_eq!(recorded(&timeline.recovery.records), ["two", "three"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_planted_segment_is_not_written_to_and_not_followed() {
    let state = state();
    let session = state.session();
    let (mut pen, mut first) = state.attach(&session);
    first.log.commit(vec![pen.note("one")]).unwrap();
    let writer = first.log.writer().clone();
    drop(first);
    let victim = state.dir.path().join("victim");
    std::os::unix::fs::symlink(&victim, session.path().join(format!("log/{writer}.0001.ndjson"))).unwrap();
    let (_, second) = state.attach(&session);
    assert!(second.new_writer);
    assert!(!victim.exists());
    let verification = session.read().unwrap().verification();
    assert_eq!(verification.verdict, Verdict::InvalidRecord);
    assert_eq!(verification.problems[0].file, format!("{writer}.0001.ndjson"));
}

/// What the lock is for: without it two consoles go on as one writer, and their log forks; which is found.
#[test]
fn without_its_lock_a_writer_forks_and_that_is_noticed() {
    let state = state();
    let session = state.begun();
    let (mut one, mut first) = state.attach(&session);
    first.log.commit(vec![one.note("a")]).unwrap();
    fs::remove_file(session.path().join(format!("log/{}.lock", first.log.writer()))).unwrap();
    let (mut two, mut second) = state.attach(&session);
    assert_eq!(first.log.writer(), second.log.writer());
    first.log.commit(vec![one.note("by the one")]).unwrap();
    second.log.commit(vec![two.note("by the other")]).unwrap();
    assert_eq!(session.read().unwrap().verdict(), Verdict::Fork);
    figure("lock, caught", "1 of 1: no lock, and the log forks");
}

/// Beyond the last number nothing would be read: whoever finds a file of that number writes elsewhere.
#[test]
fn a_session_of_more_writers_than_a_record_can_name_says_so() {
    let state = state();
    let session = state.begun();
    let opened = session.read().unwrap().recovery.records[0].entry.clone();
    let add = |from: u64, to: u64| {
        for n in from..to {
            let mut salt = [0; 16];
            salt[8..].copy_from_slice(&n.to_be_bytes());
            let writer = writer_id(&salt).unwrap();
            let entry = Entry { link: Link(writer.clone(), 0), l: 1, ..opened.clone() };
            let mut line = Vec::new();
            append_line(&mut line, &entry, &Hash::ZERO).unwrap();
            fs::write(session.path().join(format!("log/{writer}.0000.ndjson")), line).unwrap();
        }
    };
    // 31 bytes for each: `"<26>":0,`. 65,536 of them hold 2,100 and what else an opening says.
    add(0, 2_000);
    drop(session.attach(&who("dana"), &state.runtime).unwrap());
    add(2_000, 2_200);
    let problem = session.attach(&who("erin"), &state.runtime).err().unwrap();
    assert!(problem.what.contains("the event seg.open takes "), "{}", problem.what);
    let next =
        "the session has more writers than one record can name: go on in a new session, and name this one in a note";
    assert_eq!(problem.next, next);
}

#[test]
fn after_the_last_number_of_a_file_another_writer_goes_on() {
    let state = state();
    let session = state.session();
    let (mut pen, mut first) = state.attach(&session);
    first.log.commit(vec![pen.note("one")]).unwrap();
    let writer = first.log.writer().clone();
    drop(first);
    fs::write(session.path().join(format!("log/{writer}.999999999.ndjson")), "").unwrap();
    let (mut pen, mut second) = state.attach(&session);
    assert!(second.new_writer);
    second.log.commit(vec![pen.note("two")]).unwrap();
    drop(second);
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["one", "two"]);
}

/// A user's name is what the environment says: a file of another user's is another's, whatever name whoever comes bears.
#[test]
fn nobody_goes_on_in_a_file_of_another_user() {
    if !rustix::process::geteuid().is_root() {
        return crate::skipped::skipped("only root can give a file away");
    }
    let state = state();
    let session = state.begun();
    let (mut pen, mut first) = state.attach(&session);
    first.log.commit(vec![pen.note("mine")]).unwrap();
    first.log.close().unwrap();
    let again = state.attach(&session).1;
    assert!(!again.new_writer);
    let writer = again.log.writer().clone();
    again.log.close().unwrap();
    for entry in std::fs::read_dir(session.path().join("log")).unwrap() {
        std::os::unix::fs::chown(entry.unwrap().path(), Some(4321), None).unwrap();
    }
    let other = state.attach(&session).1;
    assert!(other.new_writer && *other.log.writer() != writer);
    other.log.close().unwrap();
}
