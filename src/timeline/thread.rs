//! The log on a thread of its own: a disk that stalls stalls nobody else.

use super::evidence::Evidence;
use super::log::Log;
use super::saved::{NotSaved, Saved};
use crate::problem::Problem;
use crate::runtime::Runtime;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use quell_core::incident::Entry;

/// Batches that one write may hold together.
const TOGETHER: usize = 256;

/// What the log answers.
#[derive(Debug)]
pub enum Reply {
    /// Events are on disk: one batch, or several that were written together.
    Saved(Saved),
    /// Nothing of what was sent and not acknowledged is, or will be, on disk.
    NotSaved(NotSaved),
}

enum Job {
    Batch { round: u64, blobs: Vec<Vec<u8>>, entries: Vec<Entry> },
    Close(Sender<Result<(), Problem>>),
}

/// Starts logs on threads.
pub struct LogThread;

/// The way to a log on its thread.
pub struct LogHandle {
    jobs: Sender<Job>,
    round: AtomicU64,
    thread: JoinHandle<()>,
}

impl LogThread {
    /// Moves a log to a thread of its own. `reply` is called there; it must not block.
    pub fn start(
        log: Log,
        evidence: Evidence,
        runtime: &Runtime,
        reply: impl Fn(Reply) + Send + 'static,
    ) -> Result<LogHandle, Problem> {
        let (jobs, queue) = channel();
        let thread = runtime.thread("log", move || Worker { log, evidence, reply, round: 0 }.run(&queue))?;
        Ok(LogHandle { jobs, round: AtomicU64::new(0), thread })
    }
}

impl LogHandle {
    /// Sends events to be written; never waits. Each batch is answered by a [`Reply::Saved`] that holds it, or by the
    /// one [`Reply::NotSaved`] that stands for all that was under way.
    pub fn send(&self, entries: Vec<Entry>) -> Result<(), Problem> {
        self.send_with(Vec::new(), entries)
    }

    /// [`LogHandle::send`], with the bytes that the events name as evidence: they are on disk before the events are.
    pub fn send_with(&self, blobs: Vec<Vec<u8>>, entries: Vec<Entry>) -> Result<(), Problem> {
        let round = self.round.load(Ordering::Relaxed);
        self.jobs.send(Job::Batch { round, blobs, entries }).map_err(|_| ended())
    }

    /// Says that whoever numbers the events has taken note of a [`Reply::NotSaved`]. Until then all that is sent is
    /// taken as built upon what was lost, and dropped.
    pub fn heard(&self, no: &NotSaved) {
        self.round.fetch_max(no.round, Ordering::Relaxed);
    }

    /// Writes what is queued and the head, and ends the thread. Waits for the disk.
    pub fn close(self) -> Result<(), Problem> {
        let (done, end) = channel();
        self.jobs.send(Job::Close(done)).map_err(|_| ended())?;
        let result = end.recv().map_err(|_| ended())?;
        self.thread.join().map_err(|_| ended())?;
        result
    }
}

struct Worker<R> {
    log: Log,
    evidence: Evidence,
    reply: R,
    /// How often something was not saved. A batch of an earlier round was numbered without knowing of it.
    round: u64,
}

impl<R: Fn(Reply)> Worker<R> {
    fn run(mut self, queue: &Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let mut close = None;
            for job in std::iter::once(first).chain(queue.try_iter().take(TOGETHER)) {
                match job {
                    Job::Batch { round, blobs, entries } => self.take(round, &blobs, entries),
                    Job::Close(done) => {
                        close = Some(done);
                        break;
                    }
                }
            }
            self.flush();
            if let Some(done) = close {
                // The other side is gone when it does not want the answer.
                let _ = done.send(self.log.close());
                return;
            }
            // A head that can't be written is tried again after the next commit, and told at the end.
            let _ = self.log.keep_head();
        }
    }

    fn take(&mut self, round: u64, blobs: &[Vec<u8>], entries: Vec<Entry>) {
        if round != self.round {
            return;
        }
        let kept = blobs.iter().try_for_each(|blob| self.log.put(&self.evidence, blob).map(drop));
        if let Err(problem) = kept.and_then(|()| self.log.stage(entries)) {
            self.flush();
            if round == self.round {
                self.refuse(self.log.not_saved(problem));
            }
        }
    }

    fn flush(&mut self) {
        if !self.log.is_staged() {
            return;
        }
        match self.log.flush() {
            Ok(saved) => (self.reply)(Reply::Saved(saved)),
            Err(no) => self.refuse(no),
        }
    }

    fn refuse(&mut self, no: NotSaved) {
        self.round += 1;
        (self.reply)(Reply::NotSaved(NotSaved { round: self.round, ..no }));
    }
}

fn ended() -> Problem {
    Problem::local("the log's thread has ended")
        .meaning("nothing more is saved")
        .next("leave with q and start again; all that was shown as done is saved")
}
