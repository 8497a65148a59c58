//! `quell sessions note`: a note added to a session without the console, by the console's rules.

use super::Io;
use crate::problem::Problem;
use crate::timeline::{Attached, Log, SessionDir, Who};
use jiff::Timestamp;
use quell_core::incident::{
    Entry, Event, Incident, Intent, Link, Refusal, SessionJoined, WriterId, decide, naming, unfinished,
};
use quell_core::record::Hash;
use quell_core::text::{Shape, Untrusted};

/// Writes the note, and gives the hash of the session's last record.
pub(super) fn note(session: &SessionDir, text: &str, who: &Who, io: &Io) -> Result<Hash, Problem> {
    let text = Untrusted::from(text);
    if text.clean(Shape::Block).as_str().trim().is_empty() {
        return Err(Problem::input("the note is empty").next("give the text after the id, in quotes"));
    }
    let intent = Intent::Note { text, step: None };
    let entries = session.read()?.entries();
    if entries.iter().all(|entry| matches!(entry.event, Event::SegOpen(_))) {
        return Err(Problem::input("the session was not begun: no record opens it")
            .meaning("there is nothing that a note could belong to")
            .next("`quell sessions list` shows the sessions"));
    }
    // Asked before anything is written: what is refused leaves the session as it is.
    decide(&Incident::fold(&entries), intent.clone()).map_err(refused)?;
    let Attached { mut log, entries, new_writer, .. } = session.attach(who, &io.runtime)?;
    let incident = Incident::fold(&entries);
    let mut arrival: Vec<Event> = Vec::new();
    arrival.extend(new_writer.then(|| SessionJoined {}.into()));
    arrival.extend(naming(&incident, log.writer(), &who.name()));
    arrival.extend(unfinished(&incident, log.writer()));
    // It may have been closed since it was read.
    let note = decide(&incident, intent);
    let leave = decide(&incident, Intent::Leave { why: "the note was added".into() }).map_err(refused)?;
    let own = entries.iter().filter(|entry| entry.link.0 == *log.writer());
    let from = (
        own.map(|entry| entry.link.1 + 1).max().unwrap_or(0),
        entries.iter().map(|entry| entry.l + 1).max().unwrap_or(0),
    );
    let noted = note.as_ref().map_or(&[][..], Vec::as_slice);
    let saved = commit(&mut log, [&arrival, noted, &leave], from, io.runtime.now())?;
    log.close()?;
    note.map(|_| saved).map_err(refused)
}

/// Writes all of it together. Where that fails, and the note is why, the rest is written without it, so that the
/// session does not show this writer as attached for ever.
fn commit(log: &mut Log, parts: [&[Event]; 3], from: (u64, u64), now: Timestamp) -> Result<Hash, Problem> {
    let writer = log.writer().clone();
    match log.commit(numbered(&writer, &parts.concat(), from, now)) {
        Ok(saved) => Ok(saved.head()),
        Err(no) => {
            let [arrival, _, leave] = parts;
            let rest = numbered(&writer, &[arrival, leave].concat(), (no.next_n, no.last_l + 1), now);
            // Where this fails too, it is the disk, and the first problem says so.
            let _ = log.commit(rest);
            Err(no.problem)
        }
    }
}

fn numbered(writer: &WriterId, events: &[Event], (n, l): (u64, u64), t: Timestamp) -> Vec<Entry> {
    let entry = |(event, i): (&Event, u64)| Entry {
        link: Link(writer.clone(), n + i),
        l: l + i,
        t,
        at: None,
        seen: None,
        event: event.clone(),
    };
    events.iter().zip(0..).map(entry).collect()
}

/// A refusal in the words of the command line.
pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Closed => Problem::input("the session is closed")
            .meaning("nothing was written: what is closed stays as it is")
            .next("review it in the console (S, then Enter), :reopen it, then add the note"),
        other => Problem::input(other.to_string()),
    }
}
