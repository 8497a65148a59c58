//! A stay in a session from the command line, a console without a screen: attach, write, leave, by its rules.

use super::Io;
use crate::aws::secrets;
use crate::console::core::active::Active;
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::timeline::{Attached, Draft, Evidence, Follow, Log, Saved, SessionDir, Who};
use quell_core::incident::{
    CheckpointMade, Entry, Event, Incident, Intent, Refusal, SessionJoined, Timeline, WriterId, decide, naming,
    unfinished,
};
use quell_core::text::Untrusted;
use quell_core::text::secret::Secrets;

/// A writer's place in a session, for as long as a subcommand runs.
pub(super) struct Visit {
    log: Log,
    follow: Follow,
    session: Active,
    evidence: Evidence,
    runtime: Runtime,
    /// The credentials that were known at its beginning.
    known: Secrets,
}

impl Visit {
    /// Attaches, and writes what an arrival says: that a new writer has come, who it is, and what nobody knows the end
    /// of.
    pub(super) fn begin(session: &SessionDir, who: &Who, io: &Io) -> Result<Self, Problem> {
        begun(session)?;
        let Attached { log, entries, new_writer, follow, .. } = session.attach(who, &io.runtime)?;
        let (id, writer) = (session.id().as_str().to_owned(), log.writer().clone());
        let own = entries.iter().filter(|entry| entry.link.0 == writer).map(|entry| entry.link.1 + 1).max();
        let last_l = entries.iter().map(|entry| entry.l).max().unwrap_or(0);
        let (evidence, runtime) = (Evidence::of(session), io.runtime.clone());
        let active = Active::new(id, writer, Timeline::new(entries), own.unwrap_or(0), last_l);
        let mut visit = Self { log, follow, session: active, evidence, runtime, known: secrets::known() };
        let mut arrival: Vec<Event> = Vec::new();
        arrival.extend(new_writer.then(|| SessionJoined {}.into()));
        arrival.extend(naming(visit.incident(), visit.writer(), &who.name()));
        arrival.extend(unfinished(visit.incident(), visit.writer()));
        match visit.write(&arrival) {
            Ok(_) => Ok(visit),
            Err(problem) => {
                // Where this fails too, it is the disk, and the first problem says so.
                let _ = visit.end(Vec::new(), "its first records could not be saved");
                Err(problem)
            }
        }
    }

    /// Who writes.
    pub(super) fn writer(&self) -> &WriterId {
        self.log.writer()
    }

    /// The incident with all that was written.
    pub(super) fn incident(&self) -> &Incident {
        self.session.pending()
    }

    /// Takes in what others have written since: what is written next comes after it.
    pub(super) fn catch_up(&mut self) {
        // What can't be read of others holds nothing back here.
        if let Ok(news) = self.follow.poll() {
            self.session.hear(news.entries, &news.superseded);
        }
    }

    /// Stores bytes as evidence; gives the name that the records which follow refer to them by.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<String, Problem> {
        self.log.put(&self.evidence, bytes)
    }

    /// Stores a checkpoint on the log's own disk, and writes the record that names it.
    pub(super) fn store(&mut self, draft: &Draft, signature: Option<&[u8]>) -> Result<CheckpointMade, Problem> {
        let stored = self.log.checkpoint(draft, signature)?;
        let entries = self.session.announce(stored.clone(), self.runtime.now());
        self.commit(entries)?;
        Ok(stored.made)
    }

    /// Writes events, all or none of them.
    pub(super) fn write(&mut self, events: &[Event]) -> Result<Saved, Problem> {
        let entries = self.session.emit(events.to_vec(), self.runtime.now(), &self.known);
        let long = self.log.is_long();
        match self.commit(entries) {
            // The same once more, numbered for the next file.
            Err(_) if long => {
                let entries = self.session.emit(events.to_vec(), self.runtime.now(), &self.known);
                self.commit(entries)
            }
            written => written,
        }
    }

    fn commit(&mut self, entries: Vec<Entry>) -> Result<Saved, Problem> {
        match self.log.commit(entries) {
            Ok(saved) => {
                self.session.acknowledge(saved.entries().to_vec());
                // A head that can't be written is tried again after the next commit, and told at the end.
                let _ = self.log.keep_head();
                Ok(saved)
            }
            Err(no) => {
                self.session.lose(no.problem.clone(), no.next_n, no.last_l);
                Err(no.problem)
            }
        }
    }

    /// Writes the last events and leaves. Where they can't be written the rest is, so that the session does not show
    /// this writer as attached for ever.
    pub(super) fn end(mut self, mut events: Vec<Event>, why: &str) -> Result<Saved, Problem> {
        let leave = self.leaving(why)?;
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

    /// Writes that this writer leaves, and then only what `last` does: a signature over that.
    pub(super) fn end_with<T>(
        mut self,
        why: &str,
        last: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let leave = self.leaving(why)?;
        self.write(&leave)?;
        let result = last(&mut self);
        self.log.close()?;
        result
    }

    fn leaving(&self, why: &str) -> Result<Vec<Event>, Problem> {
        let leave = Intent::Leave { why: Untrusted::from(why) };
        decide(self.incident(), leave).map_err(|refusal: Refusal| Problem::input(refusal.to_string()))
    }
}

/// Refuses a session that no record opens.
pub(super) fn begun(session: &SessionDir) -> Result<Incident, Problem> {
    let entries = session.read()?.entries();
    if entries.iter().all(|entry| matches!(entry.event, Event::SegOpen(_))) {
        return Err(Problem::input("the session was not begun: no record opens it")
            .meaning("there is nothing here that could be worked on")
            .next("`quell sessions list` shows the sessions"));
    }
    Ok(Incident::fold(&entries))
}
