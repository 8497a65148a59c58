//! The bundle: everything that proves a session in one archive, checked with tools that are not ours.

use super::cli::Run;
use super::*;
use crate::skipped::skipped;
use quell::timeline::Evidence;
use quell_core::incident::{EvidenceAdded, EvidenceCustody};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// SHA-256 of `abc`, from FIPS 180-2.
pub const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A session with one piece of evidence, by two writers.
pub fn session() -> (State, SessionDir) {
    let state = state();
    let session = state.begun();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.put(&Evidence::of(&session), b"abc").unwrap();
    let added = EvidenceAdded { blob: ABC.into(), name: "a".into(), size: 3, how: "f".into(), step: None, run: None };
    attached.log.commit(vec![pen.event(added), pen.note("the password is hunter2")]).unwrap();
    attached.log.close().unwrap();
    (state, session)
}

pub fn custody(session: &SessionDir) -> Vec<EvidenceCustody> {
    let entries = session.read().unwrap().entries();
    let of = |entry: Entry| match entry.event {
        Event::EvidenceCustody(custody) => Some(custody),
        _ => None,
    };
    entries.into_iter().filter_map(of).collect()
}

/// What one of the machine's own tools says, or `None` where there is no such tool.
fn tool(program: &str, args: &[&str], at: &Path) -> Option<(bool, String)> {
    let Ok(output) = Command::new(program).args(args).current_dir(at).output() else {
        skipped(&format!("there is no {program}"));
        return None;
    };
    Some((output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()))
}

fn export(state: &State, session: &SessionDir, name: &str) -> (Run, PathBuf) {
    let file = state.dir.path().join(name);
    let args = ["sessions", "export", session.short(), "--format", "bundle", "--out", file.to_str().unwrap()];
    (state.quell(&args), file)
}

/// Unpacks with tar; gives the session's folder.
fn unpacked(state: &State, session: &SessionDir, file: &Path, at: &str) -> Option<PathBuf> {
    let at = state.dir.path().join(at);
    fs::create_dir(&at).unwrap();
    let (done, said) = tool("tar", &["-xf", file.to_str().unwrap()], &at)?;
    assert!(done, "{said}");
    Some(at.join(session.id().as_str()))
}

fn sha256(file: &Path) -> String {
    quell_core::record::Hash::of(&fs::read(file).unwrap()).to_string()
}

#[test]
fn a_bundle_is_verified_with_the_machines_own_tools() {
    let (state, session) = session();
    let (run, file) = export(&state, &session, "a.tar");
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    let sha = sha256(&file);
    assert!(
        run.err.contains(&format!("a.tar: {} bytes, SHA-256 {sha}", file.metadata().unwrap().len())),
        "{}",
        run.err
    );
    let Some(folder) = unpacked(&state, &session, &file, "a") else { return };
    let Some((whole, said)) = tool("sha256sum", &["-c", "MANIFEST"], &folder) else { return };
    assert!(whole, "{said}");
    // Two writers with a segment and a head each, the evidence, the report, how to verify, the verifier.
    assert_eq!(said.lines().filter(|line| line.ends_with(": OK")).count(), 8, "{said}");
    let Some((holds, said)) = tool("python3", &["verify-timeline.py", "."], &folder) else { return };
    assert!(holds && said.ends_with("ok-unsigned\n"), "{said}");
    let run = state.quell(&["sessions", "verify", folder.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{} {}", run.out, run.err);
    assert_eq!(fs::read(folder.join("evidence").join(ABC)).unwrap(), b"abc");
    assert!(fs::read_to_string(folder.join("derived/report.md")).unwrap().contains("hunter2"));
    // What the verifier is for.
    fs::write(folder.join("evidence").join(ABC), "abd").unwrap();
    assert!(!tool("python3", &["verify-timeline.py", "."], &folder).unwrap().0);
    assert!(!tool("sha256sum", &["-c", "MANIFEST"], &folder).unwrap().0);
}

#[test]
fn that_a_bundle_was_given_out_is_recorded_with_its_hash() {
    let (state, session) = session();
    let (_, file) = export(&state, &session, "a.tar");
    let why = format!("bundle a.tar, SHA-256 {}", sha256(&file));
    assert_eq!(
        custody(&session),
        [EvidenceCustody {
            blob: ABC.into(),
            what: "exported".into(),
            why: why.as_str().into(),
            to: Some(file.to_str().unwrap().into()),
            after: Some(ABC.into()),
            ..Default::default()
        }]
    );
    let report = state.quell(&["sessions", "report", session.short()]).out;
    let told = format!("`, to `{}`, its hash as before: `{why}`\n", file.to_str().unwrap());
    let line = report.lines().find(|line| line.starts_with("  - Custody: `exported` ")).unwrap();
    assert!(line.contains("Z by `carol` on `") && report.contains(&told), "{report}");
    // A file that is there stays, and nothing was given out.
    let (run, _) = export(&state, &session, "a.tar");
    assert_eq!((run.code, custody(&session).len()), (2, 1), "{}", run.err);
    assert!(file.is_file());
}

#[test]
fn the_same_session_gives_the_same_bytes_in_a_file_or_a_pipe() {
    let (state, session) = session();
    let again = state.dir.path().join("again/sessions");
    fs::create_dir_all(&again).unwrap();
    let Some((copied, _)) = tool("cp", &["-r", session.path().to_str().unwrap(), "again/sessions"], state.dir.path())
    else {
        return;
    };
    assert!(copied);
    let (_, file) = export(&state, &session, "a.tar");
    let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
    command.env_clear().env("HOME", state.dir.path()).env("USER", "carol").stdin(Stdio::null());
    command.env("QUELL_STATE_DIR", state.dir.path().join("again"));
    let output = command.args(["sessions", "export", session.short(), "--format", "bundle"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout == fs::read(&file).unwrap());
    // One owner, one mode, one time: that of the last record.
    let Some((_, said)) = tool("tar", &["--utc", "--full-time", "--numeric-owner", "-tvf", "a.tar"], state.dir.path())
    else {
        return;
    };
    assert_eq!(said.lines().count(), 9, "{said}");
    let fits = |line: &str| line.starts_with("-rw------- 0/0 ") && line.contains(" 2026-11-21 18:10:00 ");
    assert!(said.lines().all(fits), "{said}");
}

#[test]
fn damaged_and_missing_evidence_is_told_and_packed_as_it_is() {
    let (state, session) = session();
    let blob = session.path().join("evidence").join(ABC);
    fs::write(&blob, "abd").unwrap();
    let (run, file) = export(&state, &session, "damaged.tar");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains(&format!("not as it should be: evidence/{ABC}: invalid-record")), "{}", run.err);
    let Some(folder) = unpacked(&state, &session, &file, "damaged") else { return };
    assert_eq!(fs::read(folder.join("evidence").join(ABC)).unwrap(), b"abd");
    let (_, said) = tool("python3", &["verify-timeline.py", "."], &folder).unwrap();
    assert!(said.ends_with("invalid-record\n"), "{said}");
    fs::remove_file(&blob).unwrap();
    // A link is no evidence, and leads nowhere.
    std::os::unix::fs::symlink("/etc/passwd", &blob).unwrap();
    let (run, file) = export(&state, &session, "linked.tar");
    assert!(run.code == 1 && run.err.contains(&format!("not in it: evidence/{ABC}: ")), "{}", run.err);
    let folder = unpacked(&state, &session, &file, "linked").unwrap();
    assert!(!folder.join("evidence").exists());
    // Only what was given out has a custody record, and that says what was given out: SHA-256 of `abd`.
    let [damaged] = custody(&session).try_into().unwrap();
    let abd = "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9";
    assert_eq!(damaged.after.as_deref(), Some(abd));
    let listed = state.quell(&["sessions", "evidence", session.short()]).out;
    assert!(listed.contains(", its hash ANOTHER than before: bundle damaged.tar, SHA-256 "), "{listed}");
}

#[test]
fn a_bundle_that_can_not_be_written_leaves_nothing() {
    let (state, session) = session();
    let args = ["sessions", "export", session.short(), "--format", "bundle", "--out", "/nowhere/a.tar"];
    let run = state.quell(&args);
    assert_eq!(run.code, 2, "{}", run.err);
    let mut command = Command::new("sh");
    command.arg("-c").arg("ulimit -f 8; exec \"$@\"").arg("sh").arg(env!("CARGO_BIN_EXE_quell"));
    command
        .args(&args[..6])
        .arg(state.dir.path().join("full.tar"))
        .env("QUELL_STATE_DIR", state.dir.path().join("state"));
    assert!(!command.stderr(Stdio::null()).status().unwrap().success());
    assert_eq!(custody(&session), []);
}

#[test]
fn one_piece_is_written_out_and_recorded() {
    let (state, session) = session();
    let id = session.short();
    let file = state.dir.path().join("abc.bin");
    let run = state.quell(&["sessions", "evidence", id, "ba78", "--out", file.to_str().unwrap()]);
    assert_eq!((run.code, fs::read(&file).unwrap()), (0, b"abc".to_vec()), "{}", run.err);
    let run = state.quell(&["sessions", "evidence", id, ABC]);
    assert_eq!((run.code, run.out.as_str()), (0, "abc"));
    let why = |custody: EvidenceCustody| custody.why.line().into_string();
    let whys: Vec<String> = custody(&session).into_iter().map(why).collect();
    assert_eq!(whys, ["written to a file", "written out"]);
    let run = state.quell(&["sessions", "evidence", id, "00"]);
    assert!(run.code == 2 && run.err.contains("no evidence of this session has a SHA-256 that begins with 00"));
    let listed = state.quell(&["sessions", "evidence", id]);
    assert_eq!(listed.code, 0);
    let expected = [
        "2026-11-21 18:10:00Z  alice  a\n  3 bytes, SHA-256 ba7816bf",
        "15ad, whole\n  record ",
        "/1, f\n",
        " exported by carol on ",
    ];
    let told = format!(", to {}, its hash as before: written to a file\n", file.to_str().unwrap());
    let piped = ", to standard output, its hash as before: written out\n";
    for part in expected.into_iter().chain([told.as_str(), piped]) {
        assert!(listed.out.contains(part), "{part:?} in {}", listed.out);
    }
    fs::write(session.path().join("evidence").join(ABC), "abd").unwrap();
    let row = state.quell(&["sessions", "evidence", id, "--json"]);
    let found: serde_json::Value = serde_json::from_str(&row.out).unwrap();
    assert_eq!((row.code, &found["state"], &found["size"]), (1, &"changed".into(), &3.into()));
    assert_eq!(found["custody"].as_array().unwrap().len(), 2);
    // What is not what it was is not written out as evidence.
    assert_eq!(state.quell(&["sessions", "evidence", id, "ba78"]).code, 2);
}

#[test]
fn what_is_masked_is_shown_nowhere_and_stays_in_the_bundle() {
    let (state, session) = session();
    let id = session.short();
    let shown = state.quell(&["sessions", "show", id]).out;
    assert!(!state.quell(&["sessions", "export", id, "--format", "ndjson"]).err.contains("masked"));
    let note = shown.lines().find(|line| line.contains("hunter2")).unwrap().split(' ').next().unwrap().to_owned();
    let piece = shown.lines().find(|line| line.contains("evidence a")).unwrap().split(' ').next().unwrap().to_owned();
    let mask = |record: &str| state.quell(&["sessions", "mask", id, record, "--why", "a password"]);
    let run = mask(&note);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.out, format!("masked text of record {note}; the log and a bundle hold it as it was\n"));
    assert_eq!(mask(&piece).code, 0);
    assert!(mask(&note).err.contains("text of this record is masked already"));
    for args in [&["sessions", "show", id][..], &["sessions", "show", id, "--json"], &["sessions", "report", id]] {
        let out = state.quell(args).out;
        assert!(!out.contains("hunter2") && out.contains("[masked: a password]"), "{out}");
    }
    let run = state.quell(&["sessions", "evidence", id, ABC]);
    assert!(run.code == 2 && run.out.is_empty() && run.err.contains("the piece is masked: a password"), "{}", run.err);
    assert!(state.quell(&["sessions", "evidence", id]).out.contains("\n  [masked: a password]\n"));
    // An export holds it no more, and says where it is not the log; all other lines are the log's own.
    let run = state.quell(&["sessions", "export", id, "--format", "ndjson"]);
    let told = "quell: masked in this export: 1 lines. They end with \"masked\", are derived, and do not fit their hash; \
                a bundle holds the original bytes\n";
    assert!(run.err.ends_with(told), "{}", run.err);
    let own: Vec<u8> = super::cli::files_of(&session).concat();
    let own: std::collections::BTreeSet<&str> = std::str::from_utf8(&own).unwrap().lines().collect();
    let derived: Vec<&str> = run.out.lines().filter(|line| !own.contains(line)).collect();
    let [line] = derived.as_slice() else { panic!("{derived:?}") };
    assert!(line.ends_with("\",\"masked\":[\"text\"]}") && !run.out.contains("hunter2"), "{line}");
    assert!(line.contains("\"d\":{\"step\":null,\"text\":\"[masked: a password]\"},\"p\":\""), "{line}");
    let kept = own.iter().find(|line| line.contains("hunter2")).unwrap();
    assert_eq!(kept[..kept.find("\"d\":").unwrap()], line[..line.find("\"d\":").unwrap()]);
    assert_eq!(run.out.lines().count(), own.len());
    // The log is what it was.
    assert_eq!(state.quell(&["sessions", "verify", id]).code, 0);
    let (_, file) = export(&state, &session, "a.tar");
    let Some(folder) = unpacked(&state, &session, &file, "a") else { return };
    let report = fs::read_to_string(folder.join("derived/report.md")).unwrap();
    assert!(!report.contains("hunter2") && report.contains("[masked: a password]"), "{report}");
    assert_eq!(fs::read(folder.join("evidence").join(ABC)).unwrap(), b"abc");
    // What something is decided by can't be masked, and what is not there neither.
    let opened = shown.lines().find(|line| line.contains("opened: ")).unwrap().split(' ').next().unwrap();
    assert!(mask(opened).err.contains("a record session.opened can't be masked"));
    assert!(mask("zz/1").err.contains("the session has no record zz/1"));
    assert!(mask("1").err.contains("1 is no record's name"));
    let run = state.quell(&["sessions", "mask", id, &note, "--field", "step", "--why", "w"]);
    assert!(run.code == 2 && run.err.contains("now: the fields are text"), "{}", run.err);
}
