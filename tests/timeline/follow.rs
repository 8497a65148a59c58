use super::model::{EIO, FaultDisk, How};
use super::*;
use std::fs;

#[test]
fn two_consoles_see_each_other() {
    let state = state();
    let session = state.session();
    let (mut one, mut first) = state.attach(&session);
    first.log.commit(vec![one.note("before")]).unwrap();
    let (mut two, mut second) = state.attach(&session);
    assert_eq!(notes(&second.follow.poll().unwrap().entries), [""; 0]);
    first.log.commit(vec![one.note("a"), one.note("b")]).unwrap();
    assert_eq!(notes(&second.follow.poll().unwrap().entries), ["a", "b"]);
    assert_eq!(second.follow.poll().unwrap().entries.len(), 0);
    second.log.commit(vec![two.note("c")]).unwrap();
    // The second writer is new to the first: its seg.open comes too; what one wrote oneself does not.
    let news = first.follow.poll().unwrap();
    let kinds: Vec<_> = news.entries.iter().map(|entry| entry.event.kind().unwrap()).collect();
    assert_eq!(kinds, ["seg.open", "note.added"]);
    assert_eq!(first.follow.poll().unwrap().entries.len(), 0);
}

#[test]
fn a_line_that_is_being_written_is_waited_for() {
    let state = state();
    let session = state.session();
    let (mut one, mut first) = state.attach(&session);
    let (_, mut second) = state.attach(&session);
    first.log.commit(vec![one.note("whole"), one.note("half")]).unwrap();
    let file = session.path().join(format!("log/{}.0000.ndjson", first.log.writer()));
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 30]).unwrap();
    assert_eq!(notes(&second.follow.poll().unwrap().entries), ["whole"]);
    assert_eq!(second.follow.poll().unwrap().entries.len(), 0);
    fs::write(&file, &whole).unwrap();
    assert_eq!(notes(&second.follow.poll().unwrap().entries), ["half"]);
}

#[test]
fn what_a_writer_goes_on_without_is_told() {
    let state = state();
    let session = state.session();
    let disk = FaultDisk::failing(6, How::Fail(EIO));
    let mut first = session.attach_on(Box::new(disk), &who("alice"), &state.runtime).unwrap();
    let mut one = Pen::of(&first);
    let (_, mut second) = state.attach(&session);
    let no = first.log.commit(vec![one.note("lost")]).unwrap_err();
    let lost = one.link.clone();
    let news = second.follow.poll().unwrap();
    assert_eq!(notes(&news.entries), ["lost"]);
    one.back(no.next_n, no.last_l);
    first.log.commit(vec![one.note("again")]).unwrap();
    let news = second.follow.poll().unwrap();
    assert_eq!(news.superseded, [lost]);
    let kinds: Vec<_> = news.entries.iter().map(|entry| (entry.link.1, entry.event.kind().unwrap())).collect();
    assert_eq!(kinds, [(1, "seg.open"), (2, "note.added")]);
    first.log.commit(vec![one.note("and on")]).unwrap();
    assert_eq!(notes(&second.follow.poll().unwrap().entries), ["and on"]);
}

#[test]
fn a_writer_that_nobody_holds_any_more_is_told_once() {
    let state = state();
    let session = state.session();
    let (mut one, mut first) = state.attach(&session);
    let (_, mut second) = state.attach(&session);
    first.log.commit(vec![one.note("a")]).unwrap();
    second.follow.poll().unwrap();
    assert_eq!(second.follow.gone(), []);
    let writer = first.log.writer().clone();
    drop(first);
    assert_eq!(second.follow.gone(), std::slice::from_ref(&writer));
    assert_eq!(second.follow.gone(), []);
    // Who comes back and goes again is told again.
    let (_, back) = state.attach(&session);
    assert_eq!(back.log.writer(), &writer);
    assert_eq!(second.follow.gone(), []);
    drop(back);
    assert_eq!(second.follow.gone(), [writer]);
}

#[test]
fn who_was_gone_before_is_no_news() {
    let state = state();
    let session = state.session();
    drop(state.attach(&session));
    let mut bob = session.attach(&who("bob"), &state.runtime).unwrap();
    assert_eq!(bob.dead.len(), 1);
    assert_eq!(bob.follow.gone(), []);
}

#[test]
fn of_two_that_look_one_tells_it_first() {
    let state = state();
    let session = state.session();
    let (_, dead) = state.attach(&session);
    let (_, one) = state.attach(&session);
    let (_, two) = state.attach(&session);
    let mut both = [one, two];
    both.sort_by(|a, b| a.log.writer().cmp(b.log.writer()));
    for one in &mut both {
        one.follow.poll().unwrap();
        assert_eq!(one.follow.gone(), []);
    }
    let writer = dead.log.writer().clone();
    drop(dead);
    let [mut early, mut late] = both;
    assert_eq!(early.follow.gone(), [writer]);
    let looks: Vec<usize> = (0..5).map(|_| late.follow.gone().len()).collect();
    assert_eq!(looks, [0, 0, 0, 1, 0]);
}

/// Over a network a file that stays open shows what was there when it was opened: each look opens it by its name.
#[test]
fn each_look_opens_the_files_by_their_names() {
    let state = state();
    let session = state.session();
    let (mut one, mut first) = state.attach(&session);
    let (_, mut second) = state.attach(&session);
    first.log.commit(vec![one.note("a"), one.note("b")]).unwrap();
    let file = session.path().join(format!("log/{}.0000.ndjson", first.log.writer()));
    let whole = fs::read(&file).unwrap();
    let end = whole.iter().rposition(|b| *b == b'\n').unwrap();
    let before = whole[..end].iter().rposition(|b| *b == b'\n').unwrap() + 1;
    // Another file of the same name each time: whoever holds an old one sees nothing more of it.
    let put = |bytes: &[u8]| {
        let copy = file.with_extension("copy");
        fs::write(&copy, bytes).unwrap();
        fs::rename(&copy, &file).unwrap();
    };
    put(&whole[..before]);
    assert_eq!(notes(&second.follow.poll().unwrap().entries), ["a"]);
    put(&whole);
    assert_eq!(notes(&second.follow.poll().unwrap().entries), ["b"]);
}
