//! One writer's log: append, sync, acknowledge.
//!
//! Nothing is ever appended to a file that this process did not make, and a file whose write or sync failed once is
//! never used again: after a failed fsync the kernel may call pages clean that never reached the disk. The next
//! commit goes on in a new segment from the last acknowledged record.

use super::attach::Who;
use super::checkpoints::{Draft, Stored};
use super::disk::{self, Disk, SegmentFile};
use super::evidence::Evidence;
use super::lock::Lock;
use super::logs::MAX_FILE;
use super::mirror::Mirror;
use super::reserve::Reserve;
use super::saved::{NotSaved, Saved};
use crate::problem::Problem;
use crate::runtime::Runtime;
use quell_core::incident::{After, Entry, Event, Link, SegOpen, WriterId};
use quell_core::record::{EncodeError, Hash, Head, MOST_SEGMENTS, Running, append_line, segment_name};
use quell_core::text::{Id, id::Slug};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Records between two rewritings of the head.
const HEAD_EVERY: u64 = 64;
const FORMAT: u32 = 1;
/// So long a segment may get; half of what is read of one, so that what waits fits in any case.
pub(super) const LONGEST: u64 = MAX_FILE / 2;

/// The log of one writer. It holds the writer's lock for as long as it lives.
pub struct Log {
    pub(super) disk: Box<dyn Disk>,
    pub(super) runtime: Runtime,
    /// The session's log folder.
    pub(super) folder: PathBuf,
    pub(super) session: Id<Slug>,
    pub(super) who: Who,
    pub(super) writer: WriterId,
    pub(super) _lock: Lock,
    pub(super) next_segment: u32,
    /// So long a segment may get before a new one is begun.
    pub(super) longest: u64,
    /// The last acknowledged record; `None` before the first.
    pub(super) last: Option<Last>,
    /// What may stand in the files after it: it was never acknowledged.
    pub(super) rest: Running,
    /// The Lamport time that the next segment's seg.open must exceed, and what it has seen.
    pub(super) floor: u64,
    pub(super) seen: BTreeMap<WriterId, u64>,
    pub(super) open: Option<OpenSegment>,
    pub(super) staged: Staged,
    pub(super) since_head: u64,
    pub(super) reserve: Reserve,
    pub(super) mirror: Option<Mirror>,
}

/// The last acknowledged record.
#[derive(Clone, Debug)]
pub(super) struct Last {
    pub n: u64,
    pub l: u64,
    pub h: Hash,
    pub file: String,
    pub bytes: u64,
}

pub(super) struct OpenSegment {
    file: Box<dyn SegmentFile>,
    name: String,
    bytes: u64,
}

/// Lines that wait for the next write.
#[derive(Default)]
pub(super) struct Staged {
    lines: Vec<u8>,
    entries: Vec<Entry>,
    h: Option<Hash>,
}

impl Log {
    /// Who writes here.
    pub fn writer(&self) -> &WriterId {
        &self.writer
    }

    /// Whether the next commit is refused, since a new file must be begun, and the one after it is taken.
    pub fn is_long(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.bytes >= self.longest)
    }

    /// Stores bytes that the next events name, on the log's own disk; gives their name.
    pub fn put(&mut self, evidence: &Evidence, bytes: &[u8]) -> Result<String, Problem> {
        evidence.put(&mut *self.disk, bytes)
    }

    /// Stores a checkpoint, on the log's own disk.
    pub fn checkpoint(&mut self, draft: &Draft, signature: Option<&[u8]>) -> Result<Stored, Problem> {
        draft.store(&mut *self.disk, signature)
    }

    /// Writes events and syncs them. The caller numbers them; a gap, another writer's event and an event that is too
    /// big for a record are refused, all before anything is written.
    pub fn commit(&mut self, entries: Vec<Entry>) -> Result<Saved, NotSaved> {
        self.stage(entries).map_err(|problem| self.not_saved(problem))?;
        self.flush()
    }

    /// Opens the first segment of this attachment.
    pub(super) fn start(&mut self) -> Result<Saved, NotSaved> {
        self.stage_open().map_err(|problem| self.not_saved(problem))?;
        self.flush()
    }

    /// Takes events for the next [`Log::flush`]; either all of them or none.
    pub(super) fn stage(&mut self, entries: Vec<Entry>) -> Result<(), Problem> {
        let (bytes, count, h) = (self.staged.lines.len(), self.staged.entries.len(), self.staged.h);
        let taken = self.stage_all(entries);
        if taken.is_err() {
            self.staged.lines.truncate(bytes);
            self.staged.entries.truncate(count);
            self.staged.h = h;
        }
        taken
    }

    fn stage_all(&mut self, entries: Vec<Entry>) -> Result<(), Problem> {
        if self.reserve.is_low() && entries.iter().any(|entry| begins(&entry.event)) {
            self.reserve.take(&mut *self.disk);
            if self.reserve.is_low() {
                return Err(full());
            }
        }
        if self.staged.entries.is_empty() && self.is_long() {
            // The caller's numbers leave no place for the new one's seg.open.
            self.open = None;
            return Err(long());
        }
        if self.open.is_none() && self.staged.entries.is_empty() && !entries.is_empty() {
            self.stage_open()?;
        }
        for entry in entries {
            if matches!(entry.event, Event::SegOpen(_)) {
                return Err(refused("only the log itself opens segments"));
            }
            self.stage_one(entry)?;
        }
        Ok(())
    }

    fn stage_open(&mut self) -> Result<(), Problem> {
        let after = self.last.as_ref().map(|last| After {
            file: last.file.as_str().into(),
            bytes: last.bytes,
            n: last.n,
            h: last.h.to_string(),
        });
        let open = SegOpen {
            format: FORMAT,
            session: self.session.clone(),
            salt: hex(self.runtime.random::<16>()?),
            tool: self.who.tool.clone(),
            host: self.who.host.clone(),
            user: self.who.user.clone(),
            caller: self.who.caller.clone(),
            after,
            aside: self.rest.aside(),
        };
        let n = self.last.as_ref().map_or(0, |last| last.n + 1);
        let link = Link(self.writer.clone(), n);
        let seen = Some(self.seen.clone()).filter(|seen| !seen.is_empty());
        let entry = Entry { link, l: self.floor + 1, t: self.runtime.now(), at: None, seen, event: open.into() };
        self.stage_one(entry)
    }

    fn stage_one(&mut self, entry: Entry) -> Result<(), Problem> {
        let before = self.staged.entries.last().map(|last| (last.link.1, last.l));
        let before = before.or(self.last.as_ref().map(|last| (last.n, last.l)));
        let (next_n, last_l) = before.map_or((0, 0), |(n, l)| (n + 1, l));
        if entry.link.0 != self.writer {
            return Err(refused("the event is another writer's"));
        }
        if entry.link.1 != next_n {
            return Err(refused(&format!("event {} comes where event {next_n} must", entry.link.1)));
        }
        if entry.l <= last_l {
            return Err(refused(&format!("event {next_n} has a Lamport time that does not grow")));
        }
        let last_h = self.last.as_ref().map_or(Hash::ZERO, |last| last.h);
        let previous = self.staged.h.unwrap_or(last_h);
        let hash = append_line(&mut self.staged.lines, &entry, &previous).map_err(|error| {
            refused(&error.to_string()).next(match error {
                EncodeError::Unreadable { .. } => {
                    "look at this machine's clock; if it is right, a record here has too high a time: go on in a new session"
                }
                // It names the last record of each writer that it follows, and there are too many.
                EncodeError::TooBig { kind: "seg.open", .. } => {
                    "the session has more writers than one record can name: go on in a new session, and name this one in a note"
                }
                _ => "make the event smaller: long text and output belong into evidence",
            })
        })?;
        self.staged.h = Some(hash);
        self.staged.entries.push(entry);
        Ok(())
    }

    /// Whether something waits for the next flush.
    pub(super) fn is_staged(&self) -> bool {
        !self.staged.entries.is_empty()
    }

    /// Writes what is staged, in one write, and syncs it. Whatever fails, the file is given up.
    pub(super) fn flush(&mut self) -> Result<Saved, NotSaved> {
        let Staged { lines, entries, h } = std::mem::take(&mut self.staged);
        let (Some(h), Some(end)) = (h, entries.last().map(|last| (last.link.1, last.l))) else {
            let head = self.last.as_ref().map_or(Hash::ZERO, |last| last.h);
            return Ok(Saved::new(Vec::new(), head, self.reserve.is_low(), None));
        };
        match self.write(&lines) {
            Ok((file, bytes)) => {
                self.since_head += entries.len() as u64;
                self.last = Some(Last { n: end.0, l: end.1, h, file, bytes });
                self.floor = end.1;
                self.seen.clear();
                self.rest = Running::default();
                if self.reserve.is_low() {
                    self.reserve.take(&mut *self.disk);
                }
                self.mirror.iter().for_each(Mirror::wake);
                let copy = self.mirror.as_ref().and_then(Mirror::trouble);
                Ok(Saved::new(entries, h, self.reserve.is_low(), copy))
            }
            Err(error) => {
                let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
                let mut problem = write_problem(&error).in_file(self.folder.to_string_lossy(), 0, 0);
                if is_full && self.reserve.release(&mut *self.disk) {
                    problem.next = RESERVE.to_owned();
                }
                Err(self.not_saved(problem))
            }
        }
    }

    /// Gives the segment's name and its length after the write.
    fn write(&mut self, lines: &[u8]) -> io::Result<(String, u64)> {
        let (mut segment, is_new) = match self.open.take() {
            Some(segment) => (segment, false),
            None => (self.create()?, true),
        };
        // From here on some of the bytes may reach the disk.
        self.rest.add(lines);
        segment.bytes = disk::append(&mut *segment.file, segment.bytes, lines)?;
        if is_new {
            self.disk.sync(&self.folder)?;
        }
        let end = (segment.name.clone(), segment.bytes);
        self.open = Some(segment);
        Ok(end)
    }

    fn create(&mut self) -> io::Result<OpenSegment> {
        if self.next_segment > MOST_SEGMENTS {
            return Err(io::Error::other("no number is left for another file of this writer"));
        }
        let name = segment_name(&self.writer, self.next_segment);
        // A number is used once, also when making its file fails half-way.
        self.next_segment += 1;
        let file = self.disk.create(&self.folder.join(&name))?;
        Ok(OpenSegment { file, name, bytes: 0 })
    }

    pub(super) fn not_saved(&self, problem: Problem) -> NotSaved {
        // Without an open segment the next commit writes a seg.open first.
        let own = u64::from(self.open.is_none());
        let next_n = self.last.as_ref().map_or(0, |last| last.n + 1) + own;
        NotSaved { problem, next_n, last_l: self.floor + own, round: 0 }
    }

    /// Rewrites the head when enough records have come since it was last written.
    pub fn keep_head(&mut self) -> Result<(), Problem> {
        match self.since_head >= HEAD_EVERY {
            true => self.write_head(),
            false => Ok(()),
        }
    }

    fn write_head(&mut self) -> Result<(), Problem> {
        let Some(Last { n, h, file, bytes, .. }) = self.last.clone() else { return Ok(()) };
        let path = self.folder.join(format!("{}.head", self.writer));
        let head = Head { file, bytes, n, h }.encode().map_err(io::Error::from);
        head.and_then(|head| disk::replace(&mut *self.disk, &path, &head)).map_err(|error| {
            Problem::local(format!("the head of the log could not be written: {error}"))
                .in_file(path.to_string_lossy(), 0, 0)
                .meaning("all records are saved; that the log was cut later could go unnoticed")
                .next("see that the disk has room and is healthy")
        })?;
        self.since_head = 0;
        Ok(())
    }

    /// Writes the head and ends. All that was committed is saved, also without this.
    pub fn close(mut self) -> Result<(), Problem> {
        self.reserve.end(&mut *self.disk);
        let head = match self.since_head {
            0 => Ok(()),
            _ => self.write_head(),
        };
        head.and(self.mirror.take().map_or(Ok(()), Mirror::end))
    }
}

/// Whether an event lets something happen that must not begin on a full disk.
fn begins(event: &Event) -> bool {
    matches!(event, Event::ActionApproved(_) | Event::ActionStarted(_))
}

const RESERVE: &str = "make room on the disk that holds the state folder; until then a small reserve takes notes and \
                       ticks: do it again. No action starts";

fn full() -> Problem {
    Problem::local("the disk that holds the timeline is full")
        .meaning("what is left of the reserve is for notes, ticks and the end of what runs; no action starts")
        .next("make room on that disk, then approve it again")
}

fn long() -> Problem {
    Problem::local("the file of the log is as long as one may get")
        .meaning("nothing is lost and nothing is wrong: the next record begins a new file")
        .next("do it again")
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn refused(what: &str) -> Problem {
    Problem::input(format!("not written to the timeline: {what}"))
        .meaning("nothing of it is in the timeline, and no action starts from it")
}

fn write_problem(error: &io::Error) -> Problem {
    let next = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "make room on the disk that holds the state folder, then do it again; or :move to a folder on another disk"
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            "make the state folder writable, or :move to another folder"
        }
        _ => "check the disk that holds the state folder; do it again, or :move to a folder on another disk",
    };
    Problem::local(format!("the timeline could not be written: {error}"))
        .meaning("what was done since the last saved record is not in the timeline, and no action starts")
        .next(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Sessions, StateDir};
    use quell_core::incident::{NoteAdded, SessionOpened};
    use quell_core::record::Verdict;

    /// What would make a file too long to be read is refused once, and begins a new file then.
    #[test]
    fn a_file_that_is_long_enough_is_followed_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let (sessions, runtime) = (Sessions::of(&StateDir::at(folder.path().join("state"))), Runtime::real());
        let dir = sessions.create(&"Long".into(), &runtime).unwrap();
        let mut log = dir.attach(&Who::here(None), &runtime).unwrap().log;
        let writer = log.writer().clone();
        let note = |n: u64| {
            let title = "x".repeat(1000).into();
            let event = match n {
                1 => SessionOpened { title, severity: Default::default(), drill: false, simulated: true }.into(),
                _ => NoteAdded { text: title, step: None }.into(),
            };
            let t = "2026-11-21T18:10:00Z".parse().unwrap();
            vec![Entry { link: Link(writer.clone(), n), l: n + 1, t, at: None, seen: None, event }]
        };
        log.longest = 2000;
        log.commit(note(1)).unwrap();
        assert!(!log.is_long());
        log.commit(note(2)).unwrap();
        assert!(log.is_long());
        let no = log.commit(note(3)).unwrap_err();
        assert_eq!(no.problem.what, "the file of the log is as long as one may get");
        // One number is for the new file's seg.open.
        assert_eq!((no.next_n, no.last_l), (4, 4));
        assert!(!log.is_long());
        log.commit(note(4)).unwrap();
        log.close().unwrap();
        let timeline = dir.read().unwrap();
        assert_eq!((timeline.verdict(), timeline.recovery.records.len()), (Verdict::OkUnsigned, 5));
        assert!(dir.log().join(segment_name(&writer, 1)).is_file());
    }
}
