//! System calls that fail, lie, or are the last one: strace stands between the program and the kernel.

use super::notes::Bench;
use super::strace;
use crate::figures::figure;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::TempDir;

const ERRORS: [&str; 10] =
    ["EIO", "ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EINTR", "EAGAIN", "ESTALE", "ENOMEM"];
/// The call that fails: the first, one between, one of the last, and all from the third on.
const WHEN: [&str; 4] = ["1", "2", "5", "3+"];
/// All others that Linux has, 1 to 133 without the two gaps: a file system may give any, so each at fewer places.
#[rustfmt::skip]
const RARE: [&str; 121] = [
    "EPERM", "ENOENT", "ESRCH", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EFAULT", "ENOTBLK", "EBUSY",
    "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "ESPIPE",
    "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP",
    "ENOMSG", "EIDRM", "ECHRNG", "EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG", "EUNATCH", "ENOCSI", "EL2HLT", "EBADE",
    "EBADR", "EXFULL", "ENOANO", "EBADRQC", "EBADSLT", "EBFONT", "ENOSTR", "ENODATA", "ETIME", "ENOSR", "ENONET",
    "ENOPKG", "EREMOTE", "ENOLINK", "EADV", "ESRMNT", "ECOMM", "EPROTO", "EMULTIHOP", "EDOTDOT", "EBADMSG",
    "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG", "ELIBACC", "ELIBBAD", "ELIBSCN", "ELIBMAX", "ELIBEXEC", "EILSEQ",
    "ERESTART", "ESTRPIPE", "EUSERS", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE", "ENOPROTOOPT",
    "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT", "EAFNOSUPPORT", "EADDRINUSE", "EADDRNOTAVAIL",
    "ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED", "ECONNRESET", "ENOBUFS", "EISCONN", "ENOTCONN",
    "ESHUTDOWN", "ETOOMANYREFS", "ETIMEDOUT", "ECONNREFUSED", "EHOSTDOWN", "EHOSTUNREACH", "EALREADY", "EINPROGRESS",
    "EUCLEAN", "ENOTNAM", "ENAVAIL", "EISNAM", "EREMOTEIO", "ENOMEDIUM", "EMEDIUMTYPE", "ECANCELED", "ENOKEY",
    "EKEYEXPIRED", "EKEYREVOKED", "EKEYREJECTED", "EOWNERDEAD", "ENOTRECOVERABLE", "ERFKILL", "EHWPOISON",
];
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
    let often = ERRORS.map(|error| (error, &WHEN[..]));
    let kinds: Vec<Kind> = often.into_iter().chain(RARE.map(|error| (error, &WHEN_RARE[..]))).collect();
    let count = kinds.len();
    // Each on a session of its own: most of the time is spent on waiting for strace.
    let next = Mutex::new(kinds.into_iter());
    let found: Vec<[usize; 3]> = std::thread::scope(|scope| {
        let works: Vec<_> = (0..BESIDE).map(|_| scope.spawn(|| each_fails(&next))).collect();
        works.into_iter().map(|work| work.join().unwrap()).collect()
    });
    let [faults, told, answered] = [0, 1, 2].map(|i| found.iter().map(|found| found[i]).sum::<usize>());
    let found = format!("{faults} faults of {count} kinds, {answered} notes answered, 0 lost, {told} unsaved told");
    figure("errors", &format!("{found}; the others are interruptions, after which it goes on"));
}

/// An error, and the calls of a run that it is given at.
type Kind = (&'static str, &'static [&'static str]);

/// So many at a time.
const BESIDE: usize = 4;

/// Takes errors as long as there are any; gives how many faults there were, how many of them were told, and how many
/// notes were answered.
fn each_fails(next: &Mutex<impl Iterator<Item = Kind>>) -> [usize; 3] {
    let (mut faults, mut told, mut answered_in_all) = (0, 0, 0);
    let another = || next.lock().unwrap().next();
    while let Some((error, places)) = another() {
        // What is read at each start grows with each run.
        let mut traced = Traced::new();
        for call in ["write", "fdatasync"] {
            for &when in places {
                // A call that is interrupted for ever is asked for ever.
                if (error, when) == ("EINTR", "3+") {
                    continue;
                }
                let answered = traced.injected(&format!("inject={call}:error={error}:when={when}"));
                // The standard library asks again after EINTR, and after no other: not after EAGAIN either.
                assert_eq!(answered == LINES, error == "EINTR", "{error} at {call} {when}");
                faults += 1;
                told += usize::from(answered < LINES);
            }
        }
        answered_in_all += traced.bench.promised.answered();
    }
    [faults, told, answered_in_all]
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
