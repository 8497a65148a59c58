use super::*;
use quell::timeline::Status;
use quell_core::incident::{Resolution, SessionClosed, SessionReopened};
use std::fs;

#[test]
fn a_session_is_found_by_id_beginning_short_id_and_folder() {
    let state = state();
    let (one, two) = (state.session(), state.session());
    let find = |text: &str| state.sessions.find(text).map(|found| found.id().clone());
    assert_eq!(find(one.id().as_str()).as_ref(), Ok(one.id()));
    assert_eq!(find(two.short()).as_ref(), Ok(two.id()));
    assert_eq!(find(&two.short()[..6]).as_ref(), Ok(two.id()));
    assert_eq!(find(one.path().to_str().unwrap()).as_ref(), Ok(one.id()));
    assert_eq!(find("20261121").unwrap_err().exit_code(), 2);
    let problem = find("nothing-like-it").unwrap_err();
    assert_eq!(problem.exit_code(), 2);
    assert_eq!(problem.what, "no session is called nothing-like-it");
    assert_eq!(problem.next, format!("the latest is {}; `quell sessions list` shows all", two.id()));
    assert_eq!(find("").unwrap_err().exit_code(), 2);
    assert_eq!(find("/nowhere/at/all").unwrap_err().exit_code(), 2);
    assert_eq!(find(state.dir.path().to_str().unwrap()).unwrap_err().exit_code(), 2);
    assert!(state.sessions.find("a\u{1b}[31m").unwrap_err().what.contains("\\u{1b}"));
}

#[test]
fn a_copied_session_is_read_where_it_lies() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("kept")]).unwrap();
    let copy = state.dir.path().join("copy");
    fs::create_dir_all(copy.join("log")).unwrap();
    for file in fs::read_dir(session.path().join("log")).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), copy.join("log").join(file.file_name())).unwrap();
    }
    let found = state.sessions.find(copy.to_str().unwrap()).unwrap();
    assert_eq!(recorded(&found.read().unwrap().recovery.records), ["kept"]);
}

#[test]
fn the_list_sums_up_each_session() {
    let state = state();
    assert_eq!(state.sessions.list().len(), 0);
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.opened("Crypto mining")]).unwrap();
    let summary = |at: usize| state.sessions.list().remove(at).unwrap();
    let row = summary(0);
    assert_eq!((row.id.as_str(), row.status, row.records), (session.id().as_str(), Status::Open, 2));
    assert_eq!((row.title, row.simulated, row.drill), ("Crypto mining".into(), true, false));
    assert_eq!(row.responders, ["alice".into()]);
    assert_eq!(row.opened, Some("2026-11-21T18:10:00Z".parse().unwrap()));
    assert_eq!(row.chain.as_str(), "ok-unsigned");
    let closed = SessionClosed { resolution: Resolution::Benign, summary: "a test".into() };
    attached.log.commit(vec![pen.event(closed)]).unwrap();
    assert_eq!((summary(0).status, summary(0).closed.is_some()), (Status::Closed, true));
    attached.log.commit(vec![pen.event(SessionReopened { why: "no".into() })]).unwrap();
    assert_eq!((summary(0).status, summary(0).closed), (Status::Open, None));
}

#[test]
fn a_session_that_cannot_be_read_hides_no_other() {
    let state = state();
    let (one, two) = (state.session(), state.session());
    fs::remove_dir(one.path().join("log")).unwrap();
    fs::write(state.dir.path().join("state/sessions/a-file"), "x").unwrap();
    let list = state.sessions.list();
    assert_eq!(list.iter().filter(|row| row.is_err()).count(), 1);
    assert!(list.iter().flatten().any(|row| row.id == two.id().as_str()));
}

#[test]
fn reading_changes_nothing_and_gives_the_same_again() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("one")]).unwrap();
    let stamps = || {
        let files = fs::read_dir(session.path().join("log")).unwrap().map(Result::unwrap);
        files
            .map(|f| (f.file_name(), fs::read(f.path()).unwrap(), f.metadata().unwrap().modified().unwrap()))
            .collect::<Vec<_>>()
    };
    let before = stamps();
    let one = session.read().unwrap();
    let two = session.read().unwrap();
    assert_eq!(format!("{:?}", one.recovery), format!("{:?}", two.recovery));
    assert_eq!(stamps(), before);
    let line = one.line(&one.recovery.records[1]);
    assert!(before.iter().any(|(_, bytes, _)| bytes.ends_with(line)));
}

#[test]
fn a_session_that_is_being_made_is_not_listed() {
    let state = state();
    let session = state.session();
    for part in ["log", "evidence", "checkpoints", "exports"] {
        assert!(session.path().join(part).is_dir(), "{part}");
    }
    let name = session.path().file_name().unwrap().to_string_lossy().into_owned();
    let making = session.path().with_file_name(format!(".{name}"));
    assert!(!making.exists());
    fs::create_dir(making).unwrap();
    assert_eq!(state.sessions.dirs().unwrap().len(), 1);
}
