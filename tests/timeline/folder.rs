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

/// Without the configuration's word a folder that a group may write to is nobody's to rely on.
#[test]
fn a_group_shares_a_folder_by_configuration_alone() {
    let state = state();
    let gid = rustix::process::getegid().as_raw();
    let at = StateDir::at(state.dir.path().join("team")).shared(Share::Group(gid));
    let sessions = Sessions::of(&at);
    let session = sessions.create(&"Shared".into(), &state.runtime).unwrap();
    let (_, attached) = state.attach(&session);
    attached.log.close().unwrap();
    assert_eq!(mode(&state.dir.path().join("team")), 0o2770);
    let log = session.path().join("log");
    assert_eq!((mode(session.path()), mode(&log)), (0o2770, 0o2770));
    for entry in fs::read_dir(&log).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o660);
    }
    let alone = Sessions::of(&StateDir::at(state.dir.path().join("team"))).find(session.short()).unwrap();
    let problem = alone.attach(&who("alice"), &state.runtime).err().unwrap();
    assert!(problem.headline().ends_with("team: the folder can be written to by others"), "{}", problem.headline());
    assert_eq!(problem.next, "chmod g-w it; or, where a group shares it, set group in the configuration");
}

#[test]
fn a_folder_of_one_s_own_is_not_taken_for_the_group_s() {
    let state = state();
    drop(state.session());
    let gid = rustix::process::getegid().as_raw();
    let at = StateDir::at(state.dir.path().join("state")).shared(Share::Group(gid));
    let problem = Sessions::of(&at).create(&"Shared".into(), &state.runtime).unwrap_err();
    let what = "state: the folder is not shared with the group that the configuration names";
    assert!(problem.headline().ends_with(what), "{}", problem.headline());
    assert_eq!(problem.next, format!("chgrp {gid} and chmod 2770 it, or use another --state-dir"));
}
