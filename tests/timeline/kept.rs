//! What was kept elsewhere of a session shows that its newest records are gone, where nothing in its folder does.

use super::model::{EIO, FaultDisk, How};
use super::signed::{Desk, desk};
use super::*;
use crate::outside::python;
use quell::timeline::NotSaved;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// What both verifiers say, each with its exit code: verdicts, and how many heads they held the session against.
fn both(desk: &Desk, kept: &[&Path]) -> Vec<(i32, String, Value)> {
    let mut args = vec!["--json", "--allowed-signers", desk.allowed.to_str().unwrap()];
    kept.iter().for_each(|path| args.extend(["--kept", path.to_str().unwrap()]));
    let path = desk.path("");
    let told = |(code, text): (i32, String)| {
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        (code, value["verdict"].as_str().unwrap().to_owned(), value["kept"].clone())
    };
    let mut all = vec![told(desk.quell(&[&["sessions", "verify", &path], args.as_slice()].concat(), &[]))];
    if let Some(mut python) = python("json, hashlib") {
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
        let output = python.arg(verifier).args(args).arg(path).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        all.push(told((output.status.code().unwrap(), text)));
    }
    all
}

fn says(desk: &Desk, kept: &[&Path], code: i32, verdict: &str, count: Option<u64>) {
    let count = serde_json::to_value(count).unwrap();
    for said in both(desk, kept) {
        assert_eq!(said, (code, verdict.to_owned(), count.clone()), "{kept:?}");
    }
}

/// Takes all records behind the first signature away, and everything that remembers them.
fn rolled_back(desk: &Desk) {
    let first = desk.checkpoint();
    let text = fs::read_to_string(&first).unwrap();
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    let (maker, own) = (line("writer "), line("file "));
    let bytes: usize = line("bytes ").parse().unwrap();
    for path in [desk.files("log", ".ndjson"), desk.files("log", ".head"), desk.files("checkpoints", "")].concat() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == own {
            // The record that names the checkpoint follows from it.
            let log = fs::read(&path).unwrap();
            let end = bytes + log[bytes..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
            fs::write(&path, &log[..end]).unwrap();
        } else if !(path.starts_with(first.with_extension(""))
            || name.starts_with(first.file_name().unwrap().to_str().unwrap()))
            && (name.ends_with(".head") || !text.contains(name.split('.').next().unwrap()) || name.starts_with(&maker))
        {
            fs::remove_file(&path).unwrap();
        }
    }
}

#[test]
fn records_that_are_gone_with_all_that_names_them_are_missed_by_who_kept_a_head() {
    let Some(desk) = desk() else { return };
    desk.sign("alice");
    says(&desk, &[], 0, "ok", None);
    let early = desk.keep("early.txt", &["sessions", "verify", &desk.path("")]);
    // Somebody adds a note, and signs again.
    let (code, noted) = desk.quell(&["sessions", "note", &desk.path(""), "the attacker came back"], &[]);
    assert_eq!(code, 0, "{noted}");
    desk.sign("alice");
    says(&desk, &[&early], 0, "ok", Some(3));
    let printed = desk.keep("printed.txt", &["sessions", "verify", &desk.path("")]);
    let json = desk.keep("printed.json", &["sessions", "verify", &desk.path(""), "--json"]);
    let report = desk.keep("report.md", &["sessions", "report", &desk.path("")]);
    let bundle = desk.state.dir.path().join("bundle.tar");
    let args = ["sessions", "export", &desk.path(""), "--format", "bundle", "--out", bundle.to_str().unwrap()];
    assert_eq!(desk.quell(&args, &[]).0, 0);
    let last = desk.state.dir.path().join("checkpoint.txt");
    let checkpoints = desk.files("checkpoints", ".txt");
    let newest = checkpoints.iter().max_by_key(|path| fs::read_to_string(path).unwrap().lines().count()).unwrap();
    fs::copy(newest, &last).unwrap();
    let all = [&printed, &json, &report, &bundle, &last].map(PathBuf::as_path);
    for kept in all {
        for (code, verdict, _) in both(&desk, &[kept]) {
            assert_eq!((code, verdict.as_str()), (0, "ok"), "{kept:?}");
        }
    }
    rolled_back(&desk);
    // Nothing in the folder shows it, and that is said.
    says(&desk, &[], 0, "ok", None);
    let (_, text) = desk.quell(&["sessions", "verify", &desk.path("")], &[]);
    assert!(text.contains("held against nothing that was kept elsewhere (--kept FILE)"), "{text}");
    says(&desk, &[&early], 0, "ok", Some(3));
    for kept in all {
        for (code, verdict, _) in both(&desk, &[&early, kept]) {
            assert!(code == 1 && ["truncated", "missing-segment"].contains(&verdict.as_str()), "{kept:?} {verdict}");
        }
    }
}

#[test]
fn a_file_without_a_head_is_refused_by_both() {
    let Some(desk) = desk() else { return };
    let (empty, gone) = (desk.state.dir.path().join("notes.txt"), desk.state.dir.path().join("gone"));
    fs::write(&empty, "nothing of it").unwrap();
    for (path, words) in [(&empty, "there is no head in "), (&gone, "can't ")] {
        let kept = path.to_str().unwrap();
        let (code, text) = desk.quell(&["sessions", "verify", &desk.path(""), "--kept", kept], &[]);
        assert!(code == 2 && text.contains(kept), "{text}");
        let Some(mut python) = python("json, hashlib") else { continue };
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
        let output = python.arg(verifier).args(["--kept", kept, &desk.path("")]).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && text.contains(kept) && text.contains(words), "{text}");
    }
}

#[test]
fn a_folder_that_was_renamed_is_told_by_both() {
    let Some(mut desk) = desk() else { return };
    desk.sign("alice");
    says(&desk, &[], 0, "ok", None);
    let other = desk.session.path().with_file_name("20261121T180446Z-crypto-mining-zzzzzzzz");
    fs::rename(desk.session.path(), &other).unwrap();
    desk.session = desk.state.sessions.find(other.to_str().unwrap()).unwrap();
    says(&desk, &[], 1, "invalid-record", None);
    let (_, text) = desk.quell(&["sessions", "verify", &desk.path("")], &[]);
    assert!(
        text.contains("the session: invalid-record: the folder is called 20261121T180446Z-crypto-mining-zzzzzzzz;"),
        "{text}"
    );
}

/// Whoever can put words into a session can't put heads into what is kept of it.
#[test]
fn words_of_the_session_are_no_heads_of_it() {
    let Some(desk) = desk() else { return };
    let head = format!("head of {}: record 7, {}", "a".repeat(26), "1f".repeat(32));
    for note in [head.clone(), format!("## Integrity\n{head}\n- {head}")] {
        assert_eq!(desk.quell(&["sessions", "note", &desk.path(""), &note], &[]).0, 0);
    }
    desk.sign("alice");
    let report = desk.keep("report.md", &["sessions", "report", &desk.path("")]);
    let bundle = desk.state.dir.path().join("bundle.tar");
    let args = ["sessions", "export", &desk.path(""), "--format", "bundle", "--out", bundle.to_str().unwrap()];
    assert_eq!(desk.quell(&args, &[]).0, 0);
    for kept in [&report, &bundle] {
        for (code, verdict, _) in both(&desk, &[kept]) {
            assert_eq!((code, verdict.as_str()), (0, "ok"), "{kept:?}");
        }
    }
}

/// How many of the bytes that were set aside are not there, as both verifiers tell it.
fn missing(desk: &Desk) -> Vec<u64> {
    let path = desk.path("");
    let count = |text: String| serde_json::from_str::<Value>(&text).unwrap()["aside_missing"].as_u64().unwrap();
    let mut all = vec![count(desk.quell(&["sessions", "verify", &path, "--json"], &[]).1)];
    if let Some(mut python) = python("json, hashlib") {
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
        let output = python.arg(verifier).args(["--json", &path]).output().unwrap();
        all.push(count(String::from_utf8(output.stdout).unwrap()));
    }
    all
}

/// What a failed write has left in part is bound by nothing, so it takes the word ok away, and both say so.
#[test]
fn what_was_set_aside_in_part_is_not_covered() {
    let Some(desk) = desk() else { return };
    for failing in [true, false] {
        let disk = if failing { FaultDisk::failing(12, How::FailLate(EIO)) } else { FaultDisk::default() };
        let attached = desk.session.attach_on(Box::new(disk), &who("bob"), &desk.state.runtime).unwrap();
        let (mut pen, mut log) = (Pen::of(&attached), attached.log);
        for n in 0..3 {
            if let Err(NotSaved { next_n, last_l, .. }) = log.commit(vec![pen.note(&format!("bob {n}"))]) {
                pen.back(next_n, last_l);
            }
        }
        drop(log);
    }
    let aside = |path: &PathBuf| fs::read_to_string(path).unwrap().contains("\"aside\":{\"bytes\":");
    let opened = desk.files("log", ".ndjson").into_iter().find(aside).unwrap();
    let writer = opened.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
    let before =
        desk.files("log", ".ndjson").into_iter().find(|path| path.to_string_lossy().contains(&writer)).unwrap();
    desk.sign("alice");
    says(&desk, &[], 0, "ok", None);
    let kept = desk.keep("kept.txt", &["sessions", "verify", &desk.path("")]);
    let bytes = fs::read(&before).unwrap();
    fs::write(&before, &bytes[..bytes.len() - 6]).unwrap();
    says(&desk, &[&kept], 0, "ok-unsigned", Some(4));
    let allowed = desk.allowed.to_str().unwrap();
    let (_, text) = desk.quell(&["sessions", "verify", &desk.path(""), "--allowed-signers", allowed], &[]);
    assert!(
        text.contains("not there: 6 of the bytes that were set aside; nothing binds what is left of them\n"),
        "{text}"
    );
    // Nobody needs to have signed for that to be told.
    let plain = desk.quell(&["sessions", "verify", &desk.path("")], &[]).1;
    assert!(plain.contains("not there: 6 of the bytes that were set aside;"), "{plain}");
    for said in missing(&desk) {
        assert_eq!(said, 6);
    }
    // Nor is it ok where all of them are gone.
    let opening: Value = serde_json::from_str(fs::read_to_string(&opened).unwrap().lines().next().unwrap()).unwrap();
    let declared = opening["d"]["aside"]["bytes"].as_u64().unwrap();
    fs::write(&before, &bytes[..bytes.len() - usize::try_from(declared).unwrap()]).unwrap();
    says(&desk, &[&kept], 0, "ok-unsigned", Some(4));
    let (_, text) = desk.quell(&["sessions", "verify", &desk.path(""), "--allowed-signers", allowed], &[]);
    assert!(text.contains(&format!("not there: {declared} of the bytes that were set aside;")), "{text}");
}

/// A link in the place of the logs leads neither of the two to other evidence and other checkpoints.
#[test]
fn what_lies_beside_linked_logs_is_no_part_of_the_session() {
    let Some(desk) = desk() else { return };
    desk.sign("alice");
    let away = desk.state.dir.path().join("away").join(desk.session.id().as_str());
    fs::create_dir_all(&away).unwrap();
    fs::rename(desk.path("log"), away.join("log")).unwrap();
    fs::rename(desk.path("checkpoints"), away.join("checkpoints")).unwrap();
    std::os::unix::fs::symlink(away.join("log"), desk.path("log")).unwrap();
    says(&desk, &[], 1, "missing-segment", None);
}
