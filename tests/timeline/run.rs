//! `quell run`: the command's output reaches the responder as it is, and stands in the session as evidence.

use super::cli::Run;
use super::*;
use quell::timeline::Evidence;
use quell_core::incident::EvidenceAdded;
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

/// SHA-256 of `hello` and a newline, by sha256sum.
const HELLO: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
/// SHA-256 of nothing.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const WITHHELD: &str = "[withheld: a credential of the responder]";

impl State {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
        command.env_clear().env("HOME", self.dir.path()).env("USER", "carol").env("PATH", "/usr/bin:/bin");
        command.env("QUELL_STATE_DIR", self.dir.path().join("state")).args(args).stdin(Stdio::null());
        command
    }
}

fn sh(state: &State, script: &str) -> Output {
    state.command(&["run", "--", "sh", "-c", script]).output().unwrap()
}

fn added(session: &SessionDir) -> Vec<EvidenceAdded> {
    let entries = session.read().unwrap().entries();
    let of = |entry: Entry| match entry.event {
        Event::EvidenceAdded(added) => Some(added),
        _ => None,
    };
    entries.into_iter().filter_map(of).collect()
}

fn kinds(session: &SessionDir) -> Vec<&'static str> {
    session.read().unwrap().entries().iter().map(|entry| entry.event.kind().unwrap()).collect()
}

#[test]
fn both_outputs_are_shown_and_kept_and_the_exit_code_is_the_commands() {
    let state = state();
    let session = state.begun();
    let ran = sh(&state, "echo hello; echo oh >&2; exit 7");
    assert_eq!((ran.status.code(), ran.stdout.as_slice()), (Some(7), &b"hello\n"[..]));
    let err = String::from_utf8(ran.stderr).unwrap();
    assert!(err.starts_with("oh\nquell: kept sh.stdout, 6 bytes, SHA-256 "), "{err}");
    let [out, oh] = added(&session).try_into().unwrap();
    assert_eq!((out.blob.as_str(), out.size, out.name), (HELLO, 6, "sh.stdout".into()));
    assert_eq!((oh.size, oh.name), (3, "sh.stderr".into()));
    assert_eq!(Evidence::of(&session).get(HELLO).unwrap(), b"hello\n");
    let run = out.run.unwrap();
    assert_eq!(run.argv, ["sh", "-c", "echo hello; echo oh >&2; exit 7"].map(Into::into));
    assert!(["/usr/bin/sh", "/bin/sh"].contains(&run.path.line().as_str()));
    assert_eq!((run.exit, run.signal, run.wrote, run.withheld), (Some(7), None, 6, 0));
    let how = out.how.line().into_string();
    assert!(how.starts_with("stdout of quell run, exit code 7 after ") && how.ends_with("exit 7'"), "{how}");
    let end = ["session.joined", "entry.added", "evidence.added", "evidence.added", "session.detached"];
    assert_eq!(kinds(&session)[3..], end);
    assert_eq!(state.quell(&["sessions", "verify", session.short()]).code, 0);
}

#[test]
fn no_shell_reads_the_words_and_bytes_stay_as_they_are() {
    let state = state();
    let session = state.begun();
    let ran = state.command(&["run", "--", "printf", r"\000\377\033[2J%s", "$HOME; *"]).output().unwrap();
    assert_eq!(ran.stdout, b"\0\xff\x1b[2J$HOME; *");
    let [out] = added(&session).try_into().unwrap();
    assert_eq!(Evidence::of(&session).get(&out.blob).unwrap(), ran.stdout);
}

#[test]
fn a_signal_and_an_empty_output_are_told() {
    let state = state();
    let session = state.begun();
    let ran = sh(&state, "kill -9 $$");
    assert_eq!((ran.status.code(), ran.stdout.as_slice()), (Some(137), &b""[..]));
    let [out] = added(&session).try_into().unwrap();
    assert_eq!((out.blob.as_str(), out.size), (NOTHING, 0));
    let run = out.run.unwrap();
    assert_eq!((run.exit, run.signal), (None, Some(9)));
    assert!(out.how.line().as_str().contains("ended by signal 9"));
}

#[test]
fn the_responders_credentials_never_enter() {
    let state = state();
    let session = state.begun();
    fs::create_dir(state.dir.path().join(".aws")).unwrap();
    let other = "bPxRfiCYEXAMPLEKEYbPxRfiCYEXAMPLEKEYabcd";
    fs::write(state.dir.path().join(".aws/credentials"), format!("[a]\naws_secret_access_key = {other}\n")).unwrap();
    let script = format!("echo {other}; echo $AWS_SECRET_ACCESS_KEY; : {KEY}");
    let mut command = state.command(&["run", "--", "sh", "-c", &script]);
    let ran = command.env("AWS_SECRET_ACCESS_KEY", KEY).output().unwrap();
    let told = "quell: a credential of yours stood in the command's words: it was left out, and kept nowhere\n";
    assert_eq!(String::from_utf8_lossy(&ran.stderr).matches(told).count(), 1);
    // What the responder sees is untouched.
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), format!("{other}\n{KEY}\n"));
    let [out] = added(&session).try_into().unwrap();
    let kept = Evidence::of(&session).get(&out.blob).unwrap();
    assert_eq!(String::from_utf8(kept).unwrap(), format!("{WITHHELD}\n{WITHHELD}\n"));
    let run = out.run.unwrap();
    assert_eq!((run.withheld, run.wrote), (4, 82));
    assert!(out.how.line().as_str().ends_with("; credentials of the responder withheld: 4"));
    // Neither is in any file of the state folder.
    let found = Command::new("grep").args(["-rlF", "-e", KEY, "-e", other]).arg(session.path()).output().unwrap();
    assert_eq!(String::from_utf8(found.stdout).unwrap(), "");
}

#[test]
fn the_session_must_be_plain() {
    let state = state();
    let refused = |args: &[&str], what: &str| {
        let Run { code, out, err } = state.quell(&[args, &["--", "/bin/echo", "ran"]].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(what), "{err}");
        err
    };
    refused(&["run"], "no session of yours is open");
    let first = state.begun();
    let second = state.begun();
    let err = refused(&["run"], "2 sessions of yours are open");
    assert!(err.contains(first.id().as_str()) && err.contains(second.id().as_str()), "{err}");
    let run = state.quell(&["run", "--session", first.short(), "--", "/bin/echo", "ran"]);
    assert_eq!((run.code, run.out.as_str()), (0, "ran\n"), "{}", run.err);
    assert_eq!((added(&first).len(), added(&second).len()), (1, 0));
    // Closed, it takes nothing more, and the other is the only one.
    let (mut pen, mut attached) = state.attach(&first);
    let resolution = quell_core::incident::Resolution::Benign;
    let closed = quell_core::incident::SessionClosed { resolution, summary: "done".into() };
    attached.log.commit(vec![pen.event(closed)]).unwrap();
    attached.log.close().unwrap();
    let records = kinds(&first).len();
    refused(&["run", "--session", first.short()], "the session is closed");
    assert_eq!(kinds(&first).len(), records);
    assert_eq!(state.quell(&["run", "--", "/bin/echo", "ran"]).code, 0);
    assert_eq!(added(&second).len(), 1);
    // Somebody else's is taken only by name.
    let (_, attached) = state.attach(&first);
    drop(attached);
    refused(&["run", "--session", "nothing"], "no session is called nothing");
}

#[test]
fn a_command_that_is_not_there_is_refused_before_anything_is_written() {
    let state = state();
    let session = state.begun();
    let records = kinds(&session).len();
    let run = state.quell(&["run", "--", "/nowhere/tool"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("there is no program /nowhere/tool\n  meaning: the command was not run"), "{}", run.err);
    assert_eq!(kinds(&session).len(), records);
}

#[test]
fn an_output_that_can_not_be_kept_was_shown_all_the_same() {
    let state = state();
    let session = state.begun();
    let evidence = session.path().join("evidence");
    // A file where the folder must be: what the command does itself, after quell has looked.
    let script = format!("echo shown; rmdir {0}; touch {0}", evidence.display());
    let ran = sh(&state, &script);
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!((ran.status.code(), ran.stdout.as_slice()), (Some(3), &b"shown\n"[..]), "{err}");
    assert!(err.contains("the command ended with exit code 0; its output was shown, and is not kept"), "{err}");
    assert!(added(&session).is_empty());
    assert_eq!(*kinds(&session).last().unwrap(), "session.detached");
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_command_as_in_any_pipe() {
    let state = state();
    let session = state.begun();
    let mut child = state.command(&["run", "--", "yes"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(141));
    let [out] = added(&session).try_into().unwrap();
    assert_eq!(out.run.unwrap().signal, Some(13));
    assert!(out.size > 0);
}

#[test]
fn being_asked_to_end_is_passed_on_and_what_came_is_kept() {
    let state = state();
    let session = state.begun();
    let script = "trap 'echo asked; exit 4' TERM; echo ready; while :; do sleep 0.05; done";
    let mut child = state
        .command(&["run", "--", "sh", "-c", script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(&mut out, &mut ready).unwrap();
    let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let status = child.wait().unwrap();
    assert_eq!((status.code(), status.signal()), (Some(4), None));
    let [kept] = added(&session).try_into().unwrap();
    assert_eq!(Evidence::of(&session).get(&kept.blob).unwrap(), b"ready\nasked\n");
}

#[test]
fn what_a_process_left_behind_holds_open_is_not_waited_for() {
    let state = state();
    let session = state.begun();
    let ran = sh(&state, "echo now; sleep 60 & exit 0");
    assert_eq!((ran.status.code(), ran.stdout.as_slice()), (Some(0), &b"now\n"[..]));
    let [out] = added(&session).try_into().unwrap();
    assert!(out.how.line().as_str().ends_with("; not what a process that it left behind wrote later"));
}

#[test]
fn the_commands_input_is_the_responders() {
    let state = state();
    state.begun();
    let mut child = state.command(&["run", "--", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"typed").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"typed");
}

#[test]
fn what_others_write_meanwhile_stands_before_the_output() {
    let state = state();
    let session = state.begun();
    let quell = env!("CARGO_BIN_EXE_quell");
    let ran = state.command(&["run", "--", quell, "sessions", "note", session.short(), "meanwhile"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    let kinds = kinds(&session);
    let at = |kind: &str| kinds.iter().position(|known| *known == kind).unwrap();
    assert!(at("entry.added") < at("note.added") && at("note.added") < at("evidence.added"), "{kinds:?}");
}

/// Somebody's credentials come from a process: they stand in no file and no variable, and are kept nowhere either.
/// No region is needed to ask for them.
#[test]
fn what_a_process_hands_out_is_withheld() {
    for region in ["region = eu-west-1\n", ""] {
        let (state, session) = super::cli::session();
        let program = hands_out(&state, "", region);
        let args = ["run", "--session", session.short(), "--", &program];
        let run = state.quell_in(&args, &[("PATH", "/usr/bin:/bin")]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(!run.err.contains("handed out"), "{}", run.err);
        assert_eq!(holding(&session), "", "{region}");
    }
}

#[test]
fn what_a_process_hands_out_stands_in_no_note() {
    let (state, session) = super::cli::session();
    hands_out(&state, "", "");
    let environment = [("PATH", "/usr/bin:/bin")];
    let run = state.quell_in(&["sessions", "note", session.short(), &format!("it is {HANDED}")], &environment);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("a credential of yours stood in the note"), "{}", run.err);
    let lines = format!("it is\n{HANDED}\n");
    let run = state.quell_with(lines.as_bytes(), &["sessions", "note", session.short(), "-"], &environment);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("a credential of yours stood in the note"), "{}", run.err);
    assert_eq!(holding(&session), "");
}

/// The process answers when the command has begun, which is later than anybody waits for.
#[test]
fn what_is_handed_out_while_a_command_runs_is_withheld() {
    let (state, session) = super::cli::session();
    let pipe = state.dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    hands_out(&state, &format!("cat '{}'", pipe.display()), "");
    let script = format!("echo {}; echo {} > '{}'", &HANDED[..20], &HANDED, pipe.display());
    let mut run = state.command(&["run", "--session", session.short(), "--", "sh", "-c", "sh \"$0\""]);
    let file = state.dir.path().join("script");
    fs::write(&file, format!("{script}\necho {HANDED}\n")).unwrap();
    let ran = run.arg(&file).output().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(0), "{err}");
    assert!(err.starts_with("quell: nobody has handed out your credentials yet: "), "{err}");
    assert!(err.contains(", credentials of yours withheld: "), "{err}");
    assert!(!err.contains("in time"), "{err}");
    assert_eq!(holding(&session), "");
}

/// What never comes is told, where the command is told of, too.
#[test]
fn what_is_not_handed_out_in_time_is_told() {
    let (state, session) = super::cli::session();
    let pipe = state.dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    hands_out(&state, &format!("cat '{}'", pipe.display()), "");
    let ran = state.command(&["run", "--session", session.short(), "--", "echo", "hello"]).output().unwrap();
    // Whoever reads the pipe has an end.
    fs::write(&pipe, "").unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert!(err.contains("quell: your credentials were not handed out in time: "), "{err}");
    let how = added(&session)[0].how.line().into_string();
    assert!(how.ends_with("; credentials that were not handed out in time are not left out"), "{how}");
}

const HANDED: &str = "wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY";

/// A configuration with a process that does something first, and then hands out a key. Gives the process.
fn hands_out(state: &State, first: &str, region: &str) -> String {
    let home = state.dir.path();
    fs::create_dir_all(home.join(".aws")).unwrap();
    let program = home.join("hands-out");
    let json = format!(r#"{{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"{HANDED}"}}"#);
    fs::write(&program, format!("#!/bin/sh\n{first} >/dev/null\necho '{json}'\n")).unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let config = format!("[default]\n{region}credential_process = {}\n", program.display());
    fs::write(home.join(".aws/config"), config).unwrap();
    program.to_string_lossy().into_owned()
}

/// The files of a session that hold what was handed out.
fn holding(session: &SessionDir) -> String {
    let found = Command::new("grep").args(["-rlF", "-e", "wJalrXUtnFEMI"]).arg(session.path()).output();
    String::from_utf8(found.unwrap().stdout).unwrap()
}

/// Who worked under a name is known by the login too.
#[test]
fn a_session_of_the_same_login_under_another_name_is_mine() {
    let (state, session) = super::cli::session();
    let args = ["sessions", "note", session.short(), "mine", "--responder", "Carol Chan"];
    assert_eq!(state.quell(&args).code, 0);
    let err = String::from_utf8(state.command(&["run", "--", "true"]).output().unwrap().stderr).unwrap();
    assert!(err.contains("quell: kept true.stdout"), "{err}");
}
