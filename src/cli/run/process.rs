//! A command in the responder's own terminal: its words without a shell, its output shown as it comes and kept.

use super::live::Live;
use crate::problem::Problem;
use crate::runtime::Runtime;
use rustix::process::{Pid, Signal as Number, kill_process};
use std::cell::Cell;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What came of it.
pub(super) struct Ran {
    pub status: ExitStatus,
    pub took: Duration,
    pub stdout: Kept,
    pub stderr: Kept,
    /// A process that it left behind still holds its output open: what that writes later is not here.
    pub left_open: bool,
}

/// One of its outputs.
#[derive(Default)]
pub(super) struct Kept {
    pub bytes: Vec<u8>,
    /// All that it wrote, kept or not.
    pub wrote: u64,
}

/// How long nothing comes, after the command's end, before those that it left behind are not waited for.
const SILENCE: Duration = Duration::from_millis(500);

/// Runs it to its end; the error says why it did not start. `most` bytes are kept of each output. A C-c in the terminal
/// reaches the command by itself; being asked to end, or a line that drops, is passed on to it.
pub(super) async fn run(
    (path, argv): (&Path, &[String]),
    most: usize,
    mut live: [Live<'_>; 2],
    runtime: &Runtime,
) -> Result<Ran, Problem> {
    let mut signals = Signals::new()?;
    let mut command = Command::new(path);
    command.args(argv.iter().skip(1)).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(name) = argv.first() {
        command.arg0(name);
    }
    let start = runtime.instant();
    let mut child = command.spawn().map_err(|e| not_started(path, &e))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (mut stdout, mut stderr, count) = (Kept::default(), Kept::default(), Cell::new(0));
    let [live_out, live_err] = &mut live;
    let (status, end, drained) = {
        let reads = async {
            let out = take(out, &mut stdout, most, live_out, &count);
            tokio::join!(out, take(err, &mut stderr, most, live_err, &count));
        };
        follow(&mut child, reads, &count, &mut signals, runtime).await?
    };
    Ok(Ran { status, took: end.duration_since(start), stdout, stderr, left_open: !drained })
}

/// Waits for the command's end, and for that of its output; gives how and when it ended, and whether all of its output
/// was read.
async fn follow(
    child: &mut Child,
    reads: impl Future<Output = ()>,
    count: &Cell<u64>,
    signals: &mut Signals,
    runtime: &Runtime,
) -> Result<(ExitStatus, Instant, bool), Problem> {
    tokio::pin!(reads);
    let mut drained = false;
    let status = loop {
        tokio::select! {
            () = &mut reads, if !drained => drained = true,
            status = child.wait() => break status,
            number = signals.next() => pass_on(child, number),
        }
    };
    let status = status.map_err(|e| Problem::local(format!("the command could not be waited for: {e}")))?;
    let end = runtime.instant();
    let mut seen = count.get();
    while !drained {
        tokio::select! {
            () = &mut reads => drained = true,
            _ = signals.next() => break,
            () = runtime.sleep(SILENCE) => match count.get() {
                same if same == seen => break,
                more => seen = more,
            },
        }
    }
    Ok((status, end, drained))
}

/// Its exit code, or the signal that ended it.
pub(super) fn ended(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    (status.code(), status.signal())
}

fn not_started(path: &Path, error: &io::Error) -> Problem {
    Problem::input(format!("the command did not start: {error}"))
        .in_file(path.to_string_lossy(), 0, 0)
        .meaning("nothing was run, and the timeline says so")
        .next("see that it is a program for this machine")
}

async fn take(
    from: Option<impl AsyncRead + Unpin>,
    into: &mut Kept,
    most: usize,
    live: &mut Live<'_>,
    count: &Cell<u64>,
) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let bytes = buffer.get(..read).unwrap_or_default();
        into.wrote += read as u64;
        count.set(count.get() + read as u64);
        let room = most.saturating_sub(into.bytes.len()).min(read);
        into.bytes.extend_from_slice(bytes.get(..room).unwrap_or_default());
        // Whoever read the output has seen enough: the command is told in the same way, as in any pipe.
        if !live.show(bytes) {
            return;
        }
    }
    live.end();
}

/// The signals that must not end quell before the command's output is kept.
struct Signals {
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> Result<Self, Problem> {
        let on = |kind| signal(kind).map_err(|e| Problem::local(format!("no signals: {e}")));
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            quit: on(SignalKind::quit())?,
            terminate: on(SignalKind::terminate())?,
            hangup: on(SignalKind::hangup())?,
        })
    }

    /// The next that came, where it is one that the terminal does not send to the command as well.
    async fn next(&mut self) -> Option<Number> {
        tokio::select! {
            _ = self.interrupt.recv() => None,
            _ = self.quit.recv() => None,
            _ = self.terminate.recv() => Some(Number::TERM),
            _ = self.hangup.recv() => Some(Number::HUP),
        }
    }
}

fn pass_on(child: &Child, number: Option<Number>) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let (Some(pid), Some(number)) = (pid, number) {
        // It may have ended by itself meanwhile.
        let _ = kill_process(pid, number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_an_output_is_shown_and_counted_and_not_kept() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let argv = ["sh", "-c", "printf 123456; printf 1234 >&2"].map(str::to_owned);
        let live = [Live::new(&mut out, false), Live::new(&mut err, false)];
        let runtime = Runtime::real();
        let run = run((Path::new("/bin/sh"), &argv), 4, live, &runtime);
        let ran = Runtime::tokio().unwrap().block_on(run).unwrap();
        let kept = |kept: &Kept| (kept.bytes.clone(), kept.wrote);
        assert_eq!((kept(&ran.stdout), kept(&ran.stderr)), ((b"1234".to_vec(), 6), (b"1234".to_vec(), 4)));
        assert_eq!((out, err), (b"123456".to_vec(), b"1234".to_vec()));
        assert_eq!(ended(ran.status), (Some(0), None));
    }

    #[test]
    fn what_is_no_program_did_not_start() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let live = [Live::new(&mut out, false), Live::new(&mut err, false)];
        let runtime = Runtime::real();
        let run = run((Path::new("/nowhere"), &[]), 4, live, &runtime);
        let problem = Runtime::tokio().unwrap().block_on(run).err().unwrap();
        assert_eq!(problem.exit_code(), 2);
        assert!(problem.what.starts_with("the command did not start: "), "{}", problem.what);
    }
}
