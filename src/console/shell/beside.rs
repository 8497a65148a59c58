//! What runs beside the loop: a look at other writers' files, at all sessions, at the runbooks' files, and logs that are
//! being closed.

use super::desk::{self, Deliver, Message};
use crate::console::core::input::Input;
use crate::files::glance::Glance;
use crate::files::runbooks::{self, Library};
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::timeline::{Follow, LogHandle, Watch};
use quell_core::incident::WriterId;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How often other writers' files are looked at.
const FOLLOW: Duration = Duration::from_millis(500);

/// Tells what others append to a session, and which of them are gone, until the sender is dropped.
pub fn follow(runtime: &Runtime, session: String, mut files: Follow, deliver: Deliver) -> Result<Sender<()>, Problem> {
    let (stop, stopped) = channel();
    let look = move || {
        let mut gone: Vec<WriterId> = Vec::new();
        while stopped.recv_timeout(FOLLOW) == Err(RecvTimeoutError::Timeout) {
            // Whoever is gone wrote all that there is of it before: so its files are read afterwards.
            gone.extend(files.gone());
            // What can't be read now is read the next time; the own log says when the disk is in trouble.
            let Ok(news) = files.poll() else { continue };
            let mut inputs = Vec::new();
            if !news.entries.is_empty() || !news.superseded.is_empty() {
                let (session, entries) = (session.clone(), news.entries);
                inputs.push(Input::Foreign { session, entries, superseded: news.superseded });
            }
            if !gone.is_empty() {
                inputs.push(Input::Gone { session: session.clone(), writers: std::mem::take(&mut gone) });
            }
            if !inputs.is_empty() {
                deliver(Message::Inputs(inputs));
            }
        }
    };
    runtime.thread("follow", look).map(|_| stop)
}

/// How often the sessions are looked at while a list is on the screen.
const WATCH: Duration = Duration::from_secs(1);

/// Tells what has become of all sessions whenever it has changed, while a list is on the screen, until the sender is
/// dropped. The first look only learns what the list says already.
pub fn watch(
    runtime: &Runtime,
    watch: Arc<Mutex<Watch>>,
    listing: Arc<AtomicBool>,
    deliver: Deliver,
) -> Result<Sender<()>, Problem> {
    let (stop, stopped) = channel();
    let look = move || {
        while stopped.recv_timeout(WATCH) == Err(RecvTimeoutError::Timeout) {
            if !listing.load(Ordering::Relaxed) {
                continue;
            }
            let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(watch.look(), Ok(true)) {
                deliver(Message::Inputs(vec![Input::Sessions(desk::watched(&watch))]));
            }
        }
    };
    runtime.thread("watch", look).map(|_| stop)
}

/// How often the folders of runbooks are looked at.
const BOOKS: Duration = Duration::from_secs(2);

/// Reads the runbooks anew whenever a file of theirs has changed, until the sender is dropped.
pub fn books(runtime: &Runtime, folders: Vec<PathBuf>, deliver: Deliver) -> Result<Sender<()>, Problem> {
    let (stop, stopped) = channel();
    let look = move || {
        let mut last = Glance::of(&folders);
        while stopped.recv_timeout(BOOKS) == Err(RecvTimeoutError::Timeout) {
            let now = Glance::of(&folders);
            if now != last {
                last = now;
                let Library { books, problems } = runbooks::load(&folders);
                deliver(Message::Inputs(vec![Input::Library { books, problems, show: false }]));
            }
        }
    };
    runtime.thread("books", look).map(|_| stop)
}

/// Logs that are being closed: a disk that stalls keeps neither keys nor drawing, only whoever opens the next one.
#[derive(Clone, Default)]
pub struct Closing(Arc<(Mutex<u32>, Condvar)>);

impl Closing {
    /// Writes what is queued, and gives the log up, on a thread of its own.
    pub fn close(&self, log: LogHandle, runtime: &Runtime) {
        self.run(runtime, move || {
            // What could not be written was told when it happened.
            let _ = log.close();
        });
    }

    fn run(&self, runtime: &Runtime, close: impl FnOnce() + Send + 'static) {
        self.count(1);
        let closing = self.clone();
        let close = move || {
            close();
            closing.count(-1);
        };
        if runtime.thread("close", close).is_err() {
            // The closure is gone, and with it the log's queue: its thread writes what it has and ends.
            self.count(-1);
        }
    }

    /// Waits until all are closed.
    pub fn wait(&self) {
        let (open, changed) = &*self.0;
        let guard = open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_while(guard, |open| *open > 0).unwrap_or_else(PoisonError::into_inner));
    }

    fn count(&self, by: i32) {
        let (open, changed) = &*self.0;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        *open = open.saturating_add_signed(by);
        changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_stalls_keeps_only_whoever_waits_for_it() {
        let runtime = Runtime::real();
        let closing = Closing::default();
        let (disk, stalled) = channel::<()>();
        closing.run(&runtime, move || stalled.recv().unwrap());
        // The call above came back: the loop goes on. Whoever opens the next session waits.
        let (waiter, (done, waited)) = (closing.clone(), channel());
        let thread = runtime.thread("waiter", move || {
            waiter.wait();
            done.send(()).unwrap();
        });
        assert_eq!(*closing.0.0.lock().unwrap(), 1);
        assert!(waited.try_recv().is_err());
        disk.send(()).unwrap();
        waited.recv().unwrap();
        thread.unwrap().join().unwrap();
        closing.wait();
    }
}
