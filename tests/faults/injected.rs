//! System calls that fail, lie, or are the last one: strace stands between the program and the kernel.

use super::notes::Bench;
use super::strace;
use crate::figures::figure;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ERRORS: [&str; 10] =
    ["EIO", "ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EINTR", "EAGAIN", "ESTALE", "ENOMEM"];
/// The call that fails: the first, one between, one of the last, and all from the third on.
const WHEN: [&str; 4] = ["1", "2", "5", "3+"];
/// What else write(2) and fdatasync(2) name, and what file systems over a network give: seldom, so at fewer places.
const RARE: [&str; 10] =
    ["EBADF", "EDESTADDRREQ", "EFAULT", "EINVAL", "EPERM", "EPIPE", "ENOLCK", "ENETDOWN", "ETIMEDOUT", "EREMOTEIO"];
const WHEN_RARE: [&str; 2] = ["2", "3+"];
const LINES: usize = 6;

/// A session that was written to before, and what strace writes down.
struct Traced {
    bench: Bench,
    said: PathBuf,
}

impl Traced {
    fn new() -> Self {
        let mut bench = Bench::on(TempDir::new().unwrap());
        bench.works();
        let said = bench.state.dir.path().join("strace");
        Self { bench, said }
    }

    /// strace with what it shall do, to calls on these files alone where some are named.
    fn strace(&self, what: &[&str], files: &[&Path]) -> Vec<String> {
        let said = self.said.to_string_lossy().into_owned();
        let mut args: Vec<String> = ["strace", "-f", "-qq", "-o", &said].map(str::to_owned).into();
        args.extend(what.iter().flat_map(|what| ["-e".to_owned(), (*what).to_owned()]));
        args.extend(files.iter().flat_map(|file| ["-P".to_owned(), file.to_string_lossy().into_owned()]));
        args
    }

    /// Runs it with something injected into the calls on its log; gives how many lines were answered. What was promised
    /// holds, a line that was not saved was told, and afterwards it works again.
    fn injected(&mut self, inject: &str) -> usize {
        // A fault that stays meets the segment after it, too.
        let [segment, after] = self.bench.next_segments();
        let under = self.strace(&[inject], &[&segment, &after]);
        let under: Vec<&str> = under.iter().map(String::as_str).collect();
        let ended = self.bench.run(&under, LINES);
        let said = fs::read_to_string(&self.said).unwrap();
        assert!(said.contains("(INJECTED)"), "{inject} was never met: {said}");
        match ended.answered {
            LINES => assert_eq!(ended.code, Some(0), "{inject}: {}", ended.err),
            _ => ended.told(),
        }
        self.bench.works();
        ended.answered
    }
}

#[test]
fn no_error_of_a_write_or_a_sync_loses_or_doubles_what_was_answered() {
    if !strace() {
        return;
    }
    let mut traced = Traced::new();
    let (mut faults, mut told) = (0, 0);
    let often = ERRORS.map(|error| (error, &WHEN[..]));
    let kinds = often.into_iter().chain(RARE.map(|error| (error, &WHEN_RARE[..])));
    for (error, places) in kinds {
        for call in ["write", "fdatasync"] {
            for &when in places {
                // A call that is interrupted for ever is asked for ever.
                if (error, when) == ("EINTR", "3+") {
                    continue;
                }
                let answered = traced.injected(&format!("inject={call}:error={error}:when={when}"));
                assert_eq!(answered == LINES, error == "EINTR", "{error} at {call} {when}");
                faults += 1;
                told += usize::from(answered < LINES);
            }
        }
    }
    let answered = traced.bench.promised.answered();
    let kinds = ERRORS.len() + RARE.len();
    let found = format!("{faults} faults of {kinds} kinds, {answered} notes answered, 0 lost, {told} unsaved told");
    figure("errors", &format!("{found}; the others are interruptions, after which it goes on"));
    figure("errors, rare", &format!(", and at two places each {}", RARE.join(", ")));
}

#[test]
fn a_write_that_says_more_than_it_did_is_noticed() {
    if !strace() {
        return;
    }
    let mut traced = Traced::new();
    let mut lies = 0;
    for when in 2..=5 {
        for bytes in [1, 10, 200] {
            // The first write is that of the segment's own record.
            assert_eq!(traced.injected(&format!("inject=write:retval={bytes}:when={when}")), when - 2);
            lies += 1;
        }
    }
    // Of a segment's own record nothing follows that could set damage aside: none may be there.
    let [segment, _] = traced.bench.next_segments();
    let under = traced.strace(&["inject=write:retval=1:when=1"], &[&segment]);
    let under: Vec<&str> = under.iter().map(String::as_str).collect();
    let ended = traced.bench.tried(&under, LINES);
    assert_eq!(ended.answered, 0);
    ended.told();
    assert!(traced.bench.session.read().unwrap().verdict().holds());
    assert_eq!(traced.bench.tried(&[], 1).answered, 1);
    assert_eq!(traced.bench.promised.lost(&traced.bench.session), (0, None));
    lies += 1;
    figure("lies", &format!("{lies} lies, {lies} noticed, 0 answered notes lost"));
}

/// The calls after which something is on disk that was not, or has a name that it had not.
const CALLS: [&str; 5] = ["write", "fdatasync", "fsync", "/^rename", "openat"];

#[test]
fn a_kill_at_each_call_that_the_disk_sees_loses_nothing_that_was_answered() {
    if !strace() {
        return;
    }
    let mut traced = Traced::new();
    let mut points = 0;
    for call in CALLS {
        let mut at = 1;
        loop {
            let [segment, _] = traced.bench.next_segments();
            let log = segment.with_file_name("");
            let head = segment.with_file_name(format!("{}.head", traced.bench.writer()));
            // All that is opened on the way are the system's libraries, too.
            let files: &[&Path] = if call == "openat" { &[&segment, &log, &head] } else { &[] };
            let under = traced.strace(&[&format!("inject={call}:signal=KILL:when={at}")], files);
            let under: Vec<&str> = under.iter().map(String::as_str).collect();
            let ended = traced.bench.run(&under, LINES);
            traced.bench.works();
            if ended.code == Some(0) {
                break;
            }
            assert_eq!(ended.code, None, "{call} {at}: {}", ended.err);
            (at, points) = (at + 1, points + 1);
        }
        assert!(at > 1, "{call} is never called");
    }
    let answered = traced.bench.promised.answered();
    figure("points", &format!("{points} points, {answered} notes answered, 0 lost"));
}
