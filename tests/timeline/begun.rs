use super::model::{EIO, ENOSPC, FaultDisk, How};
use super::*;
use quell::problem::Problem;
use quell_core::record::Verdict;
use std::fs;

/// The names in the folder of all sessions, hidden ones too.
fn names(state: &State) -> Vec<String> {
    let sessions = fs::read_dir(state.dir.path().join("state/sessions")).unwrap();
    sessions.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn begin(state: &State, disk: &FaultDisk) -> Result<(SessionDir, Attached), Problem> {
    let disk = || -> Box<dyn quell::timeline::disk::Disk> { Box::new(disk.clone()) };
    state.sessions.begin_on(disk, &"Crypto mining".into(), &who("alice"), &state.runtime)
}

#[test]
fn a_session_whose_first_record_is_not_acknowledged_leaves_no_folder() {
    // create, write, sync, size, folder
    for at in 0..5 {
        for how in [How::Fail(ENOSPC), How::Fail(EIO), How::FailLate(EIO), How::Short(30)] {
            let state = state();
            assert!(begin(&state, &FaultDisk::failing(at, how)).is_err(), "{at} {how:?}");
            assert_eq!(names(&state), [""; 0], "{at} {how:?}");
            assert!(state.sessions.list().is_empty());
        }
    }
}

#[test]
fn a_session_with_an_acknowledged_record_stays() {
    let state = state();
    let disk = FaultDisk::failing(5, How::Fail(ENOSPC));
    let (session, attached) = begin(&state, &disk).unwrap();
    let (mut pen, mut log) = (Pen::of(&attached), attached.log);
    log.commit(vec![pen.opened("x")]).unwrap_err();
    drop(log);
    assert_eq!(names(&state), [session.id().as_str()]);
    let timeline = session.read().unwrap();
    assert_eq!((timeline.verdict(), timeline.entries().len()), (Verdict::OkUnsigned, 1));
}

/// What is not of this writer's making is nobody's to take away, and what holds it stays.
#[test]
fn a_folder_that_holds_anything_else_stays() {
    for stray in ["exports/report.md", "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.lock", "note"] {
        let state = state();
        let disk = || -> Box<dyn quell::timeline::disk::Disk> {
            let session = state.dir.path().join("state/sessions").join(&names(&state)[0]);
            fs::write(session.join(stray), "theirs").unwrap();
            Box::new(FaultDisk::failing(0, How::Fail(ENOSPC)))
        };
        let begun = state.sessions.begin_on(disk, &"Crypto mining".into(), &who("alice"), &state.runtime);
        assert!(begun.is_err());
        let left = names(&state);
        assert_eq!(left.len(), 1, "{stray}");
        assert!(left[0].ends_with(state.sessions.list()[0].as_ref().unwrap().id.as_str()));
        let kept = state.dir.path().join("state/sessions").join(&left[0]).join(stray);
        assert_eq!(fs::read(kept).unwrap(), b"theirs", "{stray}");
    }
}

#[test]
fn what_can_not_be_taken_away_is_left_under_its_name() {
    // Of all calls: 0 reserve, 1 create, 2 rename, 3 remove of the lock; and back.
    for second in [2, 3] {
        let state = state();
        let disk = FaultDisk::default();
        disk.plan.lock().unwrap().faults = vec![(1, How::Fail(EIO)), (second, How::Fail(EIO))];
        assert!(begin(&state, &disk).is_err());
        let left = names(&state);
        assert_eq!(left.len(), 1, "{second}");
        assert!(!left[0].starts_with('.'), "{left:?}");
        assert_eq!(state.sessions.list().len(), 1);
    }
    let state = state();
    let disk = FaultDisk::default();
    disk.plan.lock().unwrap().dead = true;
    assert!(begin(&state, &disk).is_err());
    assert_eq!(names(&state).len(), 1);
}

#[test]
fn sessions_can_be_kept_in_another_folder() {
    let state = state();
    let other = state.dir.path().join("other/disk");
    let there = state.sessions.elsewhere(&other).unwrap();
    let (session, _) = there.begin(&"Crypto mining".into(), &who("alice"), &state.runtime).unwrap();
    assert!(session.path().starts_with(other.join("sessions")));
    assert_eq!((there.list().len(), state.sessions.list().len()), (1, 0));
    // A file is no folder.
    let file = state.dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(state.sessions.elsewhere(&file).unwrap_err().what, "not a folder");
}
