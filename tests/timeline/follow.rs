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
