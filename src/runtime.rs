//! The only file that names the clock, randomness and spawning; handed in as a value, so that everything else
//! can be run with a clock and a seed of a test's choice.

use crate::problem::Problem;
use jiff::Timestamp;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime};

type Now = dyn Fn() -> Timestamp + Send + Sync;
type Fill = dyn Fn(&mut [u8]) -> Result<(), Problem> + Send + Sync;

/// Threads that run tasks; dropping them ends their tasks.
pub type Threads = tokio::runtime::Runtime;

/// The outside world's time, chance and threads.
#[derive(Clone)]
pub struct Runtime {
    now: Arc<Now>,
    fill: Arc<Fill>,
}

impl Runtime {
    /// The machine's own clock and random source.
    pub fn real() -> Self {
        // A clock beyond all years that can be written is told where its time is written, which is refused.
        let now = || Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MAX);
        Self::new(now, |bytes| getrandom::fill(bytes).map_err(|e| Problem::local(format!("no random numbers: {e}"))))
    }

    /// A clock and a random source of the caller's choice.
    pub fn new(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        fill: impl Fn(&mut [u8]) -> Result<(), Problem> + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), fill: Arc::new(fill) }
    }

    /// Threads for tasks. Their stacks are large, because reading an answer of Security Hub with an unoptimised SDK
    /// takes megabytes of it.
    pub fn tokio() -> Result<Threads, Problem> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_stack_size(32 * 1024 * 1024)
            .enable_all()
            .build()
            .map_err(|e| Problem::local(format!("no threads: {e}")))
    }

    /// Makes a write beyond the file size limit (`ulimit -f`) fail as on a full disk, which is told and gone on from.
    /// Unhandled, the signal that comes with it ends the process in the middle of an incident.
    pub fn outlive_file_limit() {
        // What counts is that the signal is handled; nobody asks the flag. Programs that are started get the default.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }

    /// Wall-clock time.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Monotonic time, for wakes and dead times.
    pub fn instant(&self) -> Instant {
        Instant::now()
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Problem> {
        let mut bytes = [0; N];
        (self.fill)(&mut bytes)?;
        Ok(bytes)
    }

    /// Runs a thread with a name.
    pub fn thread(
        &self,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<std::thread::JoinHandle<()>, Problem> {
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .map_err(|e| Problem::local(format!("no thread for {name}: {e}")))
    }

    /// What `work` makes of each, in their order, on all of the machine's cores. A thread that can't be had leaves its
    /// share to the others.
    pub fn each<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let share = || {
            let mut made = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { return made };
                made.push((at, work(item)));
            }
        };
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
        let mut made = std::thread::scope(|scope| {
            let start = |_| std::thread::Builder::new().spawn_scoped(scope, share).ok();
            let others: Vec<_> = (1..cores).filter_map(start).collect();
            let mut made = share();
            for other in others {
                made.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            made
        });
        made.sort_unstable_by_key(|(at, _)| *at);
        made.into_iter().map(|(_, made)| made).collect()
    }

    /// Tells whether it is asked on the thread that this was called on.
    pub fn this_thread() -> impl Fn() -> bool + Send + Sync + 'static {
        let own = std::thread::current().id();
        move || std::thread::current().id() == own
    }

    /// Runs a task on the current tokio runtime; must be called inside one.
    pub fn task<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        tokio::spawn(work)
    }

    /// Runs work that blocks beside the tasks; must be called inside a tokio runtime.
    pub fn blocking(&self, work: impl FnOnce() + Send + 'static) {
        drop(tokio::task::spawn_blocking(work));
    }

    /// The same, and what came of it; none where the process ends meanwhile.
    pub async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// Waits about so long, on a thread of its own.
    pub fn pause(&self, for_: std::time::Duration) {
        std::thread::park_timeout(for_);
    }

    /// Waits; must be awaited inside a tokio runtime.
    pub async fn sleep(&self, for_: std::time::Duration) {
        tokio::time::sleep(for_).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_cores_made_stands_in_the_order_of_what_it_was_made_of() {
        let doubled: Vec<usize> = (0..1000).map(|n| n * 2).collect();
        let numbers: Vec<usize> = (0..1000).collect();
        assert_eq!(Runtime::each(&numbers, |n| n * 2), doubled);
        assert_eq!(Runtime::each(&[] as &[usize], |n| n * 2), [0; 0]);
    }

    #[test]
    fn work_is_shared_between_threads_where_there_is_more_than_one_core() {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get).min(2);
        let begun = std::sync::Barrier::new(cores);
        // Each waits for the other: one thread alone would never come to the second.
        let ids = Runtime::each(&[0, 1][..cores], |_| {
            begun.wait();
            std::thread::current().id()
        });
        assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), cores);
    }
}
