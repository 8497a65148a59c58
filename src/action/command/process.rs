//! Running a program: no shell, nothing on its input, its output kept up to a limit, ended when its time is over.

use super::super::progress::Progress;
use super::live::{self, LOOK, Live};
use crate::problem::clean;
use quell_core::text::secret::Secrets;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// What is kept of each stream, in bytes; the rest is read and dropped, so that the program does not stall.
const KEPT: usize = 1024 * 1024;

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
}

/// Runs it once. The error says why it did not start.
pub async fn run(exec: &Exec, progress: &Progress) -> Result<Ran, std::io::Error> {
    let mut child = command(exec).spawn()?;
    let group = child.id();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let streams = [Mutex::new(Stream::default()), Mutex::new(Stream::default())];
    let [stdout, stderr] = &streams;
    let ended = {
        // A program that has ended may leave others behind that hold its output open: they are not waited for.
        let reads = async { tokio::join!(read(out, stdout), read(err, stderr)) };
        tokio::pin!(reads);
        let mut drained = false;
        let mut limit = std::pin::pin!(progress.sleep(exec.timeout));
        let mut look = std::pin::pin!(progress.sleep(LOOK));
        let mut live = Live::default();
        let ended = loop {
            tokio::select! {
                _ = &mut reads, if !drained => drained = true,
                ended = wait(&mut child) => break ended,
                () = &mut limit => break Ended::TimedOut,
                () = &mut look => {
                    live::tell(&mut live, &exec.name(), [&held(stdout), &held(stderr)], progress);
                    look.set(progress.sleep(LOOK));
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
    let [stdout, stderr] = streams.map(|stream| stream.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(Ran { ended, stdout, stderr })
}

fn held(stream: &Mutex<Stream>) -> MutexGuard<'_, Stream> {
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exec {
    /// The program's file name, harmless.
    pub fn name(&self) -> String {
        self.path.file_name().map(|name| clean(&name.to_string_lossy()).into_string()).unwrap_or_default()
    }
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

async fn read(from: Option<impl AsyncRead + Unpin>, into: &Mutex<Stream>) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let mut into = held(into);
        into.total += count as u64;
        let room = KEPT.saturating_sub(into.bytes.len()).min(count);
        into.bytes.extend(buffer.iter().take(room));
    }
}
