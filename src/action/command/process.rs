//! Running a program: no shell, nothing on its input, its output kept up to a limit, ended when its time is over.

use super::super::progress::Progress;
use super::live::Live;
use quell_core::text::secret::Secrets;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// What is kept of each stream, in bytes; the rest is read and dropped, so that the program does not stall.
const KEPT: usize = 1024 * 1024;
/// What is held of the latest output, in bytes, for the line that is told; no credential is as long.
const LATEST: usize = 64 * 1024;
/// How often it is looked at what was printed.
pub(super) const SECOND: Duration = Duration::from_secs(1);

/// What is run, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// Absolute.
    pub path: PathBuf,
    /// All words; the first is the program's name as it was given.
    pub argv: Vec<String>,
    /// The whole environment.
    pub environment: Vec<(String, String)>,
    pub timeout: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Ran {
    pub ended: Ended,
    pub stdout: Stream,
    pub stderr: Stream,
}

impl Ran {
    /// The same without the credentials that are known.
    pub fn without(mut self, known: &Secrets) -> Self {
        for stream in [&mut self.stdout, &mut self.stderr] {
            stream.bytes = known.withhold(std::mem::take(&mut stream.bytes)).0;
        }
        self
    }
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an exit code.
    Code(i32),
    /// By a signal, where the platform says which.
    Signal(Option<i32>),
    /// Its time was over; it was killed, and what it had done by then is not known.
    TimedOut,
    /// It could not be waited for; why.
    Lost(String),
}

/// What it wrote.
#[derive(Debug, Default)]
pub struct Stream {
    pub bytes: Vec<u8>,
    /// All that it wrote, kept or not.
    pub total: u64,
    /// The latest of it.
    latest: Vec<u8>,
}

impl Stream {
    fn take(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = KEPT.saturating_sub(self.bytes.len()).min(bytes.len());
        self.bytes.extend(bytes.iter().take(room));
        self.latest.extend(bytes);
        let over = self.latest.len().saturating_sub(LATEST);
        self.latest.drain(..over);
    }
}

/// What it has written so far.
#[derive(Debug, Default)]
pub struct Heard {
    pub stdout: Stream,
    pub stderr: Stream,
    /// Whether the newest line was ended on stderr.
    error: bool,
}

impl Heard {
    /// Takes what came, on stderr or on stdout.
    pub fn take(&mut self, error: bool, bytes: &[u8]) {
        if bytes.contains(&b'\n') {
            self.error = error;
        }
        let stream = if error { &mut self.stderr } else { &mut self.stdout };
        stream.take(bytes);
    }

    /// The latest of the stream on which the newest line was ended, without a line whose beginning is not held: it may
    /// be the rest of a credential that would not be known again.
    pub fn newest(&self) -> &[u8] {
        let stream = if self.error { &self.stderr } else { &self.stdout };
        let cut = stream.total > stream.latest.len() as u64;
        let begin =
            if cut { stream.latest.iter().position(|byte| *byte == b'\n').map_or(usize::MAX, |at| at + 1) } else { 0 };
        stream.latest.get(begin..).unwrap_or_default()
    }
}

fn locked(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs it once, and tells what it prints meanwhile. The error says why it did not start.
pub async fn run(exec: &Exec, progress: &Progress, mut live: Live<'_>) -> Result<Ran, std::io::Error> {
    let mut child = command(exec).spawn()?;
    let group = child.id();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let heard = Mutex::new(Heard::default());
    let ended = {
        // A program that has ended may leave others behind that hold its output open: they are not waited for.
        let reads = async { tokio::join!(read(out, false, &heard), read(err, true, &heard)) };
        tokio::pin!(reads);
        let mut drained = false;
        let mut limit = std::pin::pin!(progress.sleep(exec.timeout));
        let mut pause = std::pin::pin!(progress.sleep(SECOND));
        let mut second = 0;
        let ended = loop {
            tokio::select! {
                _ = &mut reads, if !drained => drained = true,
                ended = wait(&mut child) => break ended,
                () = &mut limit => break Ended::TimedOut,
                () = &mut pause => {
                    pause.set(progress.sleep(SECOND));
                    second += 1;
                    live.second(second, &locked(&heard));
                }
            }
        };
        if ended == Ended::TimedOut {
            kill(group);
            let _ = child.kill().await;
        }
        if !drained {
            tokio::select! {
                _ = &mut reads => {}
                () = progress.sleep(Duration::from_millis(500)) => {}
            }
        }
        ended
    };
    let Heard { stdout, stderr, .. } = heard.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Ran { ended, stdout, stderr })
}

fn command(exec: &Exec) -> Command {
    let mut command = Command::new(&exec.path);
    #[cfg(unix)]
    {
        // Its own group, so that the whole of it can be ended.
        command.process_group(0);
        if let Some(name) = exec.argv.first() {
            command.arg0(name);
        }
    }
    command
        .args(exec.argv.iter().skip(1))
        .env_clear()
        .envs(exec.environment.iter().map(|(k, v)| (k, v)))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn wait(child: &mut Child) -> Ended {
    match child.wait().await {
        Ok(status) => match status.code() {
            Some(code) => Ended::Code(code),
            None => Ended::Signal(signal(status)),
        },
        Err(error) => Ended::Lost(error.to_string()),
    }
}

#[cfg(unix)]
fn signal(status: std::process::ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: std::process::ExitStatus) -> Option<i32> {
    None
}

#[cfg(unix)]
fn kill(group: Option<u32>) {
    let group = group.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // It may have ended by itself meanwhile.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(_: Option<u32>) {}

async fn read(from: Option<impl AsyncRead + Unpin>, error: bool, into: &Mutex<Heard>) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        locked(into).take(error, buffer.get(..count).unwrap_or_default());
    }
}
