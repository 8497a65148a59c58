//! What both benches of the timeline measure: notes of one writer, as lines and as a session on disk.

use jiff::Timestamp;
use quell::runtime::Runtime;
use quell::timeline::{SessionDir, Sessions, StateDir};
use quell_core::incident::{Entry, Event, Link, NoteAdded, SegOpen, SessionOpened, WriterId, writer_id};
use quell_core::record::{Hash, Head, append_line, segment_name};
use tempfile::TempDir;

pub fn writer() -> WriterId {
    writer_id(&[7; 16]).expect("a writer")
}

pub fn note(writer: &WriterId, n: u64) -> Entry {
    let text = "The instance answers on port 22 and its role has the administrator's policy.".into();
    entry(writer, n, NoteAdded { text, step: None }.into())
}

fn entry(writer: &WriterId, n: u64, event: Event) -> Entry {
    Entry { link: Link(writer.clone(), n), l: n + 1, t: Timestamp::UNIX_EPOCH, at: None, seen: None, event }
}

/// Notes as lines, and the hash of the last one.
fn notes(numbers: std::ops::Range<u64>, bytes: &mut Vec<u8>, h: Hash) -> Hash {
    let writer = writer();
    numbers.fold(h, |h, n| append_line(bytes, &note(&writer, n), &h).expect("a line"))
}

/// A log of so many notes.
pub fn log_of(records: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    notes(0..records, &mut bytes, Hash::ZERO);
    bytes
}

/// A session of so many records on disk; the folder goes away with what is given.
pub fn session_of(records: u64) -> (TempDir, SessionDir) {
    let folder = TempDir::new().expect("a folder");
    let sessions = Sessions::of(&StateDir::at(folder.path().join("state")));
    let session = sessions.create(&"bench".into(), &Runtime::real()).expect("a session");
    let writer = writer();
    let (host, user, tool) = ("bastion".into(), "alice".into(), "quell bench".into());
    let (id, salt) = (session.id().clone(), "0".repeat(32));
    let open = SegOpen { format: 1, session: id, salt, tool, host, user, caller: None, after: None, aside: None };
    let opened = SessionOpened { title: "bench".into(), severity: Default::default(), drill: false, simulated: true };
    let (mut bytes, mut h) = (Vec::new(), Hash::ZERO);
    for (n, event) in (0..).zip([Event::from(open), opened.into()]) {
        h = append_line(&mut bytes, &entry(&writer, n, event), &h).expect("a line");
    }
    h = notes(2..records, &mut bytes, h);
    let file = segment_name(&writer, 0);
    let log = session.path().join("log");
    std::fs::write(log.join(&file), &bytes).expect("a log");
    let head = Head { file, bytes: bytes.len() as u64, n: records - 1, h };
    std::fs::write(log.join(format!("{writer}.head")), head.encode().expect("a head")).expect("a head");
    (folder, session)
}
