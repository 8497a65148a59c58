use super::*;
use crate::outside::python;
use std::fs;
use std::io::{Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Output};

pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl State {
    pub fn quell(&self, args: &[&str]) -> Run {
        self.quell_with(b"", args, &[])
    }

    pub fn quell_in(&self, args: &[&str], env: &[(&str, &str)]) -> Run {
        self.quell_with(b"", args, env)
    }

    /// Runs quell with something on its standard input.
    pub fn quell_given(&self, input: &[u8], args: &[&str]) -> Run {
        self.quell_with(input, args, &[])
    }

    pub fn quell_with(&self, input: &[u8], args: &[&str], env: &[(&str, &str)]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
        command.env_clear().env("HOME", self.dir.path()).env("USER", "carol").envs(env.iter().copied());
        command.env("QUELL_STATE_DIR", self.dir.path().join("state")).args(args);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(input).and_then(|()| file.rewind()).unwrap();
        let Output { status, stdout, stderr } = command.stdin(file).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let run = self.quell(args);
        assert_eq!(run.out.lines().count(), 1, "{} {}", run.out, run.err);
        serde_json::from_str(&run.out).unwrap()
    }
}

/// A session of three records with a title that would act on a terminal.
pub fn session() -> (State, SessionDir) {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.opened("Crypto \u{1b}[31m\u{202e}mining"), pen.note("first")]).unwrap();
    attached.log.close().unwrap();
    (state, session)
}

/// The bytes of all segments.
pub fn files_of(session: &SessionDir) -> Vec<Vec<u8>> {
    let files = fs::read_dir(session.path().join("log")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_str().unwrap().ends_with(".ndjson")).map(|path| fs::read(path).unwrap()).collect()
}

pub fn log_of(session: &SessionDir) -> std::path::PathBuf {
    let files = fs::read_dir(session.path().join("log")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_str().unwrap().ends_with(".ndjson")).min().unwrap()
}

#[test]
fn list_prints_one_object_a_line_and_harmless_text() {
    let (state, session) = session();
    let row = state.json(&["sessions", "list", "--json"]);
    let keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected =
        ["id", "dir", "title", "status", "opened", "closed", "drill", "simulated", "responders", "records", "chain"];
    expected.sort();
    assert_eq!(keys, expected);
    assert_eq!(row["id"], session.id().as_str());
    assert_eq!(row["title"], "Crypto \u{1b}[31m\u{202e}mining");
    assert_eq!(row["opened"], "2026-11-21T18:10:00Z");
    assert_eq!((&row["status"], &row["chain"]), (&"open".into(), &"ok-unsigned".into()));
    let raw = state.quell(&["sessions", "list", "--json"]).out;
    assert!(raw.contains("\\u001b[31m\\u202e"), "{raw}");
    let plain = state.quell(&["sessions", "list"]).out;
    assert!(plain.contains("SIMULATED  Crypto \\u{1b}[31m\\u{202e}mining\n"), "{plain}");
}

#[test]
fn show_gives_the_fold() {
    let (state, session) = session();
    let shown = state.json(&["sessions", "show", session.short(), "--json"]);
    assert_eq!(shown["id"], session.id().as_str());
    assert_eq!(shown["notes"][0]["text"], "first");
    assert_eq!((&shown["chain"], &shown["records"]), (&"ok-unsigned".into(), &3.into()));
    let plain = state.quell(&["sessions", "show", session.short()]).out;
    assert!(plain.contains("2026-11-21 18:10:00Z  alice  note: first\n"), "{plain}");
}

#[test]
fn verify_says_the_verdict_and_where_it_comes_from() {
    let (state, session) = session();
    let id = session.id().as_str();
    let whole = state.quell(&["sessions", "verify", id, "--json"]);
    let last = session.read().unwrap().recovery.records.last().unwrap().clone();
    let (Link(writer, n), h) = (&last.entry.link, last.h);
    let heads = format!("[[\"{writer}\",{n},\"{h}\"]]");
    let expected = format!(
        "{{\"verdict\":\"ok-unsigned\",\"records\":3,\"writers\":1,\"problems\":[],\"heads\":{heads},\
                 \"aside_missing\":0}}\n"
    );
    assert_eq!((whole.code, whole.out), (0, expected));
    let file = log_of(&session);
    let text = fs::read_to_string(&file).unwrap();
    let second = text.find('\n').unwrap() + 1;
    fs::write(&file, text.replace("Crypto", "crypto")).unwrap();
    let broken = state.quell(&["sessions", "verify", id, "--json"]);
    assert_eq!(broken.code, 1);
    let found: serde_json::Value = serde_json::from_str(&broken.out).unwrap();
    let problem = serde_json::json!({
        "file": file.file_name().unwrap().to_str().unwrap(), "line": 2, "byte": second, "kind": "invalid-record",
        "detail": "the hash does not fit the line",
    });
    assert_eq!(
        found,
        serde_json::json!({
            "verdict": "invalid-record", "records": 2, "writers": 1, "problems": [problem],
            "heads": [[writer.as_str(), n, h.to_string()]],
            "aside_missing": 0,
        })
    );
    // A torn tail is no broken chain.
    fs::write(&file, &text[..text.len() - 1]).unwrap();
    fs::remove_file(file.with_file_name(format!("{}.head", &file.file_name().unwrap().to_str().unwrap()[..26])))
        .unwrap();
    let torn = state.quell(&["sessions", "verify", id]);
    assert_eq!(torn.code, 0, "{}", torn.out);
    assert!(torn.out.starts_with("torn-tail: 2 records of 1 writers\n"), "{}", torn.out);
}

#[test]
fn export_gives_the_lines_as_they_are_and_the_report() {
    let (state, session) = session();
    let id = session.id().as_str();
    let lines = state.quell(&["sessions", "export", id, "--format", "ndjson"]);
    assert_eq!(lines.out, fs::read_to_string(log_of(&session)).unwrap());
    let report = state.quell(&["sessions", "report", id]).out;
    assert!(report.starts_with("# Incident report: `Crypto \\u{1b}[31m\\u{202e}mining`\n"), "{report}");
    let out = state.dir.path().join("report.md");
    let args = ["sessions", "export", id, "--format", "markdown", "--out", out.to_str().unwrap()];
    assert_eq!((state.quell(&args).code, state.quell(&args).code), (0, 2));
    assert_eq!(fs::read_to_string(&out).unwrap(), report);
    assert_eq!(fs::metadata(out).unwrap().mode() & 0o7777, 0o600);
}

#[test]
fn note_appends_to_the_session_as_somebody_of_ones_own() {
    let (state, session) = session();
    let id = session.id().as_str();
    assert_eq!(state.quell(&["sessions", "note", id, "seen\nby hand"]).code, 0);
    assert_eq!(state.quell(&["sessions", "note", id, "again"]).code, 0);
    assert_eq!(state.quell(&["sessions", "note", id, " "]).code, 2);
    let timeline = session.read().unwrap();
    assert_eq!(recorded(&timeline.recovery.records), ["first", "seen by hand", "again"]);
    let kinds = timeline.recovery.records.iter().map(|record| record.entry.event.kind().unwrap());
    let expected = [
        "seg.open",
        "session.opened",
        "note.added",
        "seg.open",
        "session.joined",
        "note.added",
        "session.detached",
        "seg.open",
        "note.added",
        "session.detached",
    ];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);
    let row = state.json(&["sessions", "list", "--json"]);
    assert_eq!(row["responders"], serde_json::json!(["alice", "carol"]));
    assert_eq!(state.quell(&["sessions", "verify", id]).code, 0);
}

#[test]
fn an_unknown_id_is_bad_input_with_a_suggestion() {
    let (state, session) = session();
    for command in ["show", "verify", "report"] {
        let run = state.quell(&["sessions", command, "nothing"]);
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains("no session is called nothing"), "{}", run.err);
        assert!(run.err.contains(session.id().as_str()), "{}", run.err);
    }
}

#[test]
fn a_session_whose_files_are_gone_is_not_whole() {
    let (state, session) = session();
    let id = session.id().as_str();
    fs::remove_dir_all(session.path().join("log")).unwrap();
    fs::create_dir(session.path().join("log")).unwrap();
    let gone = state.quell(&["sessions", "verify", id, "--json"]);
    let problem = "{\"file\":\"\",\"line\":0,\"byte\":0,\"kind\":\"missing-segment\",\
                   \"detail\":\"there is no record: the files that held the session are not there\"}";
    let whole = format!(
        "{{\"verdict\":\"missing-segment\",\"records\":0,\"writers\":0,\"problems\":[{problem}],\"heads\":[],\
         \"aside_missing\":0}}\n"
    );
    assert_eq!((gone.code, gone.out), (1, whole));
    let plain = state.quell(&["sessions", "verify", id]);
    assert_eq!(plain.code, 1);
    assert!(plain.out.contains(": missing-segment: there is no record"), "{}", plain.out);
    let row = state.json(&["sessions", "list", "--json"]);
    assert_eq!((&row["title"], &row["chain"]), (&"(no records)".into(), &"missing-segment".into()));
}

#[test]
fn a_session_that_nothing_opens_is_not_whole_and_one_that_was_never_begun_says_so() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    let id = session.id().as_str();
    let row = state.json(&["sessions", "list", "--json"]);
    assert_eq!((&row["title"], &row["chain"]), (&"(not begun)".into(), &"ok-unsigned".into()));
    assert!(state.quell(&["sessions", "list"]).out.contains("  (not begun)\n"));
    attached.log.commit(vec![pen.note("of what?")]).unwrap();
    let verified = state.quell(&["sessions", "verify", id]);
    assert_eq!(verified.code, 1);
    assert!(verified.out.contains("missing-segment: no record opens the session"), "{}", verified.out);
    assert_eq!(state.json(&["sessions", "list", "--json"])["title"], "");
}

#[test]
fn a_record_of_a_newer_version_is_not_read_as_one_of_this() {
    let (state, session) = session();
    let file = log_of(&session);
    let text = fs::read_to_string(&file).unwrap();
    let last = text.lines().last().unwrap();
    let body = last.split_once(",\"h\"").unwrap().0.replacen("\"v\":1", "\"v\":2", 1);
    let hash = quell_core::record::Hash::of(body.as_bytes());
    fs::write(&file, text.replace(last, &format!("{body},\"h\":\"{hash}\"}}"))).unwrap();
    let run = state.quell(&["sessions", "verify", session.short(), "--json"]);
    let found: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &found["verdict"]), (1, &"invalid-record".into()));
    let detail = "the record has a version that this quell does not know; a newer quell may read it";
    assert_eq!((&found["problems"][0]["line"], &found["problems"][0]["detail"]), (&3.into(), &detail.into()));
    let shown = state.json(&["sessions", "show", session.short(), "--json"]);
    assert_eq!((&shown["notes"], &shown["records"]), (&serde_json::json!([]), &2.into()));
}

/// A log of bad lines alone makes neither verifier tell, or keep, one problem for each of them.
#[test]
fn of_many_problems_a_hundred_and_one_are_told_and_the_rest_is_counted() {
    let (state, session) = session();
    let path = log_of(&session);
    let bytes = [fs::read(&path).unwrap(), b"x\n".repeat(12_446)].concat();
    fs::write(&path, bytes).unwrap();
    let counted = |text: &str| {
        let told: Vec<&str> = text.lines().filter(|line| line.contains(": invalid-record: ")).collect();
        assert_eq!(told.len(), 101, "{text}");
        assert!(told[100].ends_with("; and 12,345 more that are invalid-record"), "{}", told[100]);
    };
    let verified = state.quell(&["sessions", "verify", session.id().as_str()]);
    assert_eq!(verified.code, 1);
    assert!(verified.out.starts_with("invalid-record: 3 records of 1 writers\n"), "{}", verified.out);
    counted(&verified.out);
    let Some(mut python) = python("json, hashlib") else { return };
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
    let output = python.arg(verifier).arg(session.path()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.ends_with("\ninvalid-record\n"), "{told}");
    counted(&told);
}

/// A file that is too big to be read is told by both, and not taken for one that is not there.
#[test]
fn a_log_longer_than_a_gibibyte_is_no_log() {
    let (state, session) = session();
    let big = fs::File::create(session.path().join("log/aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson")).unwrap();
    big.set_len((1 << 30) + 1).unwrap();
    assert_eq!(state.json(&["sessions", "verify", session.id().as_str(), "--json"])["verdict"], "invalid-record");
    let Some(mut python) = python("json, hashlib") else { return };
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
    let output = python.arg(verifier).arg(session.path()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("longer than 1 GiB\n") && told.ends_with("\ninvalid-record\n"), "{told}");
}

/// Neither takes what can't be read for a log, or for signers, that holds nothing.
#[test]
fn what_can_not_be_read_is_refused_by_both_verifiers_and_named() {
    let (state, session) = session();
    let place = |name: &str| state.dir.path().join(name).to_str().unwrap().to_owned();
    let (gone, folder, empty) = (place("gone"), place("folder"), place("empty"));
    fs::create_dir(&folder).unwrap();
    fs::create_dir(&empty).unwrap();
    let (whole, log) = (session.path().to_str().unwrap(), session.path().join("log").to_str().unwrap().to_owned());
    let cases: [(&[&str], &str); 5] = [
        (&["--allowed-signers", &gone, whole], &gone),
        (&["--allowed-signers", &folder, whole], &folder),
        (&[&empty], &empty),
        (&[&gone], &gone),
        (&[&log], &log),
    ];
    for (args, named) in cases {
        let run = state.quell(&[&["sessions", "verify"], args].concat());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?} {}", run.err);
        assert!(run.err.contains(named), "{args:?} {}", run.err);
        let Some(mut python) = python("json, hashlib") else { continue };
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
        let Output { status, stdout, stderr } = python.arg(verifier).args(args).output().unwrap();
        let err = String::from_utf8(stderr).unwrap();
        assert_eq!((status.code(), stdout.as_slice()), (Some(2), &b""[..]), "{args:?} {err}");
        assert!(err.starts_with(&format!("verify-timeline: can't read '{named}")), "{args:?} {err}");
    }
}
