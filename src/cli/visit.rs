//! A short stay in a session from the command line: attach, write, leave, by the console's rules.

use super::Io;
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::timeline::{Attached, Draft, Evidence, Log, Saved, SessionDir, Who};
use quell_core::incident::{
    CheckpointMade, Entry, Event, Incident, Intent, Link, Refusal, SessionJoined, WriterId, decide, naming, unfinished,
};
use quell_core::text::Untrusted;

/// A writer's place in a session, for as long as a subcommand runs.
pub(super) struct Visit {
    log: Log,
    evidence: Evidence,
    runtime: Runtime,
    /// The number and the Lamport time of the next event.
    next: (u64, u64),
    pub(super) incident: Incident,
}

impl Visit {
    /// Attaches, and writes what an arrival says: that a new writer has come, and what nobody knows the end of.
    pub(super) fn begin(session: &SessionDir, who: &Who, io: &Io) -> Result<Self, Problem> {
        let entries = session.read()?.entries();
        if entries.iter().all(|entry| matches!(entry.event, Event::SegOpen(_))) {
            return Err(Problem::input("the session was not begun: no record opens it")
                .meaning("there is nothing here that could be worked on")
                .next("`quell sessions list` shows the sessions"));
        }
        let Attached { log, entries, new_writer, .. } = session.attach(who, &io.runtime)?;
        let incident = Incident::fold(&entries);
        let mut arrival: Vec<Event> = Vec::new();
        arrival.extend(new_writer.then(|| SessionJoined {}.into()));
        arrival.extend(naming(&incident, log.writer(), &who.name()));
        arrival.extend(unfinished(&incident, log.writer()));
        let own = entries.iter().filter(|entry| entry.link.0 == *log.writer());
        let next = (
            own.map(|entry| entry.link.1 + 1).max().unwrap_or(0),
            entries.iter().map(|entry| entry.l + 1).max().unwrap_or(0),
        );
        let (evidence, runtime) = (Evidence::of(session), io.runtime.clone());
        let mut visit = Self { log, evidence, runtime, next, incident };
        visit.write(&arrival)?;
        Ok(visit)
    }

    /// Who writes.
    pub(super) fn writer(&self) -> &WriterId {
        self.log.writer()
    }

    /// Takes note of what others have written since: what is written next comes after it.
    pub(super) fn catch_up(&mut self, session: &SessionDir) -> Result<(), Problem> {
        let last = session.read()?.entries().iter().map(|entry| entry.l).max();
        self.next.1 = self.next.1.max(last.unwrap_or(0) + 1);
        Ok(())
    }

    /// Stores bytes as evidence; gives the name that the records which follow refer to them by.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<String, Problem> {
        self.log.put(&self.evidence, bytes)
    }

    /// Stores a checkpoint on the log's own disk.
    pub(super) fn store(&mut self, draft: &Draft, signature: Option<&[u8]>) -> Result<CheckpointMade, Problem> {
        self.log.checkpoint(draft, signature)
    }

    /// Writes events, all or none of them.
    pub(super) fn write(&mut self, events: &[Event]) -> Result<Saved, Problem> {
        let (n, l) = self.next;
        let t = self.runtime.now();
        let entry = |(event, i): (&Event, u64)| Entry {
            link: Link(self.log.writer().clone(), n + i),
            l: l + i,
            t,
            at: None,
            seen: None,
            event: event.clone(),
        };
        match self.log.commit(events.iter().zip(0..).map(entry).collect()) {
            Ok(saved) => {
                if let Some(last) = saved.entries().last() {
                    self.next = (last.link.1 + 1, last.l + 1);
                }
                Ok(saved)
            }
            Err(no) => {
                self.next = (no.next_n, no.last_l + 1);
                Err(no.problem)
            }
        }
    }

    /// Writes the last events and leaves. Where they can't be written the rest is, so that the session does not show
    /// this writer as attached for ever.
    pub(super) fn end(mut self, mut events: Vec<Event>, why: &str) -> Result<Saved, Problem> {
        let leave = Intent::Leave { why: Untrusted::from(why) };
        let leave = decide(&self.incident, leave).map_err(|refusal: Refusal| Problem::input(refusal.to_string()))?;
        events.extend(leave.iter().cloned());
        let saved = match self.write(&events) {
            Ok(saved) => saved,
            Err(problem) => {
                // Where this fails too, it is the disk, and the first problem says so.
                let _ = self.write(&leave);
                return Err(problem);
            }
        };
        self.log.close()?;
        Ok(saved)
    }
}
