//! The log on disk: what is acknowledged is there, and what is not is told.

mod agree;
mod attach;
mod begun;
pub mod bundle;
mod characters;
mod cli;
mod clock;
mod crash;
mod custody;
mod eight;
mod elsewhere;
mod evidence;
mod faults;
mod folder;
mod follow;
mod forged;
mod forged_by_chance;
mod golden;
mod invariants;
mod kept;
mod log;
mod mirror;
mod model;
mod naming;
mod note;
mod promised;
mod run;
mod sessions;
mod shadow;
mod signed;
mod stale;
mod stream;
mod thread;
mod tools;
mod watch;
mod words;

use jiff::{Timestamp, ToSpan};
use quell::runtime::Runtime;
use quell::timeline::{Attached, SessionDir, Sessions, Share, StateDir, Who};
use quell_core::incident::{Entry, Event, Link, NoteAdded, SessionOpened};
use quell_core::record::Record;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tempfile::TempDir;

/// A clock that goes on by a second at each look, and random bytes that never repeat.
pub fn runtime() -> Runtime {
    let start: Timestamp = "2026-11-21T18:04:46Z".parse().unwrap();
    let (clock, chance) = (AtomicI64::new(0), AtomicU64::new(1));
    Runtime::new(
        move || start.checked_add(clock.fetch_add(1, Ordering::Relaxed).seconds()).unwrap(),
        move |bytes| {
            for chunk in bytes.chunks_mut(8) {
                let next = chance.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
            }
            Ok(())
        },
    )
}

pub fn who(user: &str) -> Who {
    Who { user: user.into(), host: "bastion".into(), caller: None, actor: None, tool: "quell test".into() }
}

/// A state folder that goes away with the test.
pub struct State {
    pub dir: TempDir,
    pub runtime: Runtime,
    pub sessions: Sessions,
}

pub fn state() -> State {
    state_in(memory())
}

/// A folder in memory where there is such a thing: thousands of syncs cost nothing there, and what they are for is not
/// tested by waiting for a disk.
pub fn memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}

/// A state folder on a disk of the caller's choice.
pub fn state_in(dir: TempDir) -> State {
    let sessions = Sessions::of(&StateDir::at(dir.path().join("state")));
    State { dir, runtime: runtime(), sessions }
}

impl State {
    pub fn session(&self) -> SessionDir {
        self.sessions.create(&"Crypto mining".into(), &self.runtime).unwrap()
    }

    /// A session that somebody else has opened.
    pub fn begun(&self) -> SessionDir {
        let session = self.session();
        let mut attached = session.attach(&who("carol"), &self.runtime).unwrap();
        attached.log.commit(vec![Pen::of(&attached).opened("Crypto mining")]).unwrap();
        attached.log.close().unwrap();
        session
    }

    pub fn attach(&self, session: &SessionDir) -> (Pen, Attached) {
        let attached = session.attach(&who("alice"), &self.runtime).unwrap();
        (Pen::of(&attached), attached)
    }
}

/// Numbers events as the model does.
#[derive(Clone, Debug)]
pub struct Pen {
    pub link: Link,
    pub l: u64,
}

impl Pen {
    pub fn of(attached: &Attached) -> Self {
        let own = attached.entries.iter().filter(|entry| entry.link.0 == *attached.log.writer());
        let n = own.map(|entry| entry.link.1).max().unwrap();
        let l = attached.entries.iter().map(|entry| entry.l).max().unwrap();
        Self { link: Link(attached.log.writer().clone(), n), l }
    }

    pub fn event(&mut self, event: impl Into<Event>) -> Entry {
        self.link.1 += 1;
        self.l += 1;
        let t = "2026-11-21T18:10:00Z".parse().unwrap();
        Entry { link: self.link.clone(), l: self.l, t, at: None, seen: None, event: event.into() }
    }

    pub fn note(&mut self, text: &str) -> Entry {
        self.event(NoteAdded { text: text.into(), step: None })
    }

    pub fn opened(&mut self, title: &str) -> Entry {
        let title = title.into();
        self.event(SessionOpened { title, severity: Default::default(), drill: false, simulated: true })
    }

    /// Goes on as a NotSaved says.
    pub fn back(&mut self, next_n: u64, last_l: u64) {
        self.link.1 = next_n - 1;
        self.l = last_l;
    }
}

/// The texts of all notes.
pub fn notes<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<String> {
    let text = |entry: &Entry| match &entry.event {
        Event::NoteAdded(note) => Some(note.text.line().into_string()),
        _ => None,
    };
    entries.into_iter().filter_map(text).collect()
}

pub fn recorded(records: &[Record]) -> Vec<String> {
    notes(records.iter().map(|record| &record.entry))
}
