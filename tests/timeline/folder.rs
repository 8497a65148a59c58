use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn folders_are_0700_and_files_0600() {
    let state = state();
    let session = state.session();
    let (_, attached) = state.attach(&session);
    attached.log.close().unwrap();
    let mut files = 0;
    let mut folders = vec![state.dir.path().join("state")];
    while let Some(folder) = folders.pop() {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    assert_eq!(mode(&path), 0o600, "{}", path.display());
                    files += 1;
                }
            }
        }
    }
    assert_eq!(files, 3);
}

#[test]
fn a_session_has_its_folders_and_a_harmless_name() {
    let state = state();
    let session = state.sessions.create(&"../../Crypto: \u{202e}mining".into(), &state.runtime).unwrap();
    assert!(session.id().as_str().starts_with("20261121T180446Z-crypto-u-202e-mining-"), "{}", session.id());
    assert_eq!(session.short().len(), 8);
    assert_eq!(session.path().parent().unwrap(), state.dir.path().join("state/sessions"));
    for part in ["log", "evidence", "checkpoints", "exports"] {
        assert!(session.path().join(part).is_dir());
    }
}

#[test]
fn a_folder_that_others_can_write_to_is_refused() {
    let state = state();
    let session = state.session();
    let root = state.dir.path().join("state");
    for folder in [session.path().join("log"), session.path().to_owned(), root.join("sessions"), root.clone()] {
        for mode in [0o770, 0o702] {
            fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
            let problem = session.attach(&who("alice"), &state.runtime).err().unwrap();
            assert_eq!(problem.what, "the folder can be written to by others");
        }
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    }
    fs::set_permissions(root, Permissions::from_mode(0o770)).unwrap();
    assert!(state.sessions.create(&"x".into(), &state.runtime).is_err());
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let state = state();
    let session = state.session();
    // Only root can give a folder away.
    if chown(session.path().join("log"), Some(54_321), None).is_err() {
        return;
    }
    let problem = session.attach(&who("alice"), &state.runtime).err().unwrap();
    assert_eq!(problem.what, "the folder belongs to another user");
}

#[test]
fn a_file_in_the_state_folders_place_is_told_as_what_it_is() {
    let state = state();
    fs::write(state.dir.path().join("state"), "x").unwrap();
    let problem = state.sessions.create(&"x".into(), &state.runtime).unwrap_err();
    assert_eq!(problem.what, "not a folder");
    assert_eq!(problem.meaning, "sessions are kept in folders, so nothing can be saved here");
    assert_eq!(problem.next, "move it away, or use another --state-dir");
}

#[test]
fn links_are_not_followed() {
    let state = state();
    let session = state.session();
    let log = session.path().join("log");
    let elsewhere = state.dir.path().join("elsewhere");
    fs::rename(&log, &elsewhere).unwrap();
    symlink(&elsewhere, &log).unwrap();
    assert_eq!(session.attach(&who("alice"), &state.runtime).err().unwrap().what, "a link, not a folder");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn a_pipe_in_a_logs_place_is_told_and_not_waited_for() {
    let state = state();
    let session = state.session();
    let (_, attached) = state.attach(&session);
    let pipe = session.path().join(format!("log/{}.0001.ndjson", attached.log.writer()));
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let verification = session.read().unwrap().verification();
    assert_eq!(verification.problems[0].detail, "can't be read: not a regular file");
}
