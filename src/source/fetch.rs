//! All findings at once, for the command line: each source is read through once.

use super::{Health, Poller, SOURCES, Source, SourceEvent, carry};
use crate::aws::Connection;
use crate::problem::Problem;
use quell_core::finding::Finding;
use std::time::Duration;

/// How far to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Stop a source after so many findings, the latest first; `None` reads all.
    pub findings: Option<usize>,
}

/// What came of reading all sources.
#[derive(Debug, Default)]
pub struct Fetched {
    /// As each source told them, unmerged.
    pub findings: Vec<Finding>,
    /// What went wrong; the findings of the other sources, and of earlier pages, are there all the same.
    pub problems: Vec<Problem>,
    /// Sources that are not switched on, while another one is.
    pub notes: Vec<Problem>,
}

/// Reads every source in every region of the connection once. Where none is switched on at all, that is a problem.
pub async fn fetch_all(connection: &Connection, limits: Limits) -> Fetched {
    let mut tasks = Vec::new();
    for region in connection.regions() {
        for source in SOURCES {
            let (connection, region) = (connection.clone(), region.clone());
            let runtime = connection.runtime().clone();
            tasks.push(runtime.task(async move { read_through(&connection, *source, &region, limits).await }));
        }
    }
    let count = tasks.len();
    let mut all = Fetched::default();
    for task in tasks {
        match task.await {
            Ok(one) => {
                all.findings.extend(one.findings);
                all.problems.extend(one.problems);
                all.notes.extend(one.notes);
            }
            Err(error) => all.problems.push(Problem::local(format!("a source's task ended: {error}"))),
        }
    }
    if all.notes.len() == count {
        all.problems.append(&mut all.notes);
    }
    all
}

async fn read_through(connection: &Connection, source: &'static dyn Source, region: &str, limits: Limits) -> Fetched {
    let runtime = connection.runtime();
    let mut poller = Poller::new(source, region, Duration::MAX);
    let (mut reply, mut now, mut read) = (None, runtime.now(), Fetched::default());
    loop {
        let step = poller.step(now, reply.take());
        let ends = step.events.into_iter().map(|event| take(&mut read, event)).fold(false, |a, b| a | b);
        if ends || limits.findings.is_some_and(|limit| read.findings.len() >= limit) {
            return read;
        }
        for request in &step.requests {
            reply = Some(carry(connection, request).await);
        }
        now = runtime.now();
        if let Some(wake) = step.wake {
            let wait = Duration::try_from(wake.duration_since(now)).unwrap_or_default();
            runtime.sleep(wait).await;
            now = runtime.now().max(wake);
        }
    }
}

/// Takes an event in; true when the source has no more to say. The SDK has tried a failed call three times: it is
/// not tried once more.
fn take(read: &mut Fetched, event: SourceEvent) -> bool {
    match event {
        SourceEvent::Findings { findings, complete, .. } => {
            read.findings.extend(findings);
            complete
        }
        SourceEvent::Unreadable { problem, .. } => {
            read.problems.push(problem);
            false
        }
        SourceEvent::Health { source, health: Health::NotEnabled } => {
            read.notes.push(
                Problem::aws(format!("{source} is not switched on"))
                    .meaning("it was not asked; this is not \"no findings\"")
                    .next("switch it on, or leave the region out"),
            );
            true
        }
        SourceEvent::Health { source, health: Health::Failing { mut problem, .. } } => {
            problem.what = format!("{source} failed: {}", problem.what);
            read.problems.push(*problem);
            true
        }
        SourceEvent::Health { .. } => false,
    }
}
