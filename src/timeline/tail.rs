//! What other writers append while this one works: two consoles on one session see each other.

use super::disk;
use super::folder::io_problem;
use super::lock::Lock;
use super::session::{Files, Timeline};
use crate::problem::Problem;
use quell_core::incident::{Entry, Link, WriterId};
use quell_core::record::{Hash, Scanner, segment_name};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Follows all writers of a session but one's own. Reads only.
#[derive(Debug)]
pub struct Follow {
    folder: PathBuf,
    own: WriterId,
    /// The own host, where locks say nothing of writers on others.
    near: Option<Untrusted>,
    writers: BTreeMap<WriterId, Followed>,
}

/// What came since the last look.
#[derive(Debug, Default)]
pub struct News {
    /// New records, each writer's in order.
    pub entries: Vec<Entry>,
    /// Records given out before that their writer has gone on without: their sync failed. The fold must be made anew.
    pub superseded: Vec<Link>,
}

#[derive(Debug, Default)]
struct Followed {
    host: Option<Untrusted>,
    known: BTreeMap<u64, Hash>,
    /// The last segment's number, its reader, and its length when last looked at.
    tip: Option<(u32, Scanner, u64)>,
    /// How often in a row nobody held its lock, and whether that was told.
    free: u32,
    told: bool,
}

/// How many looks later each next of several consoles tells that a writer is gone: the first takes over what it had
/// running, and the others hear of that.
const TURN: u32 = 3;

/// For how many looks, of half a second each, a writer on another machine must have been silent to be taken for gone,
/// where its lock may not be seen from here: a quarter of an hour.
const SILENT: u32 = 1800;

impl Follow {
    /// Goes on from what was read.
    pub(super) fn from(
        timeline: Timeline,
        folder: PathBuf,
        own: WriterId,
        dead: &[WriterId],
        near: Option<Untrusted>,
    ) -> Self {
        let mut follow = Self { folder, own, near, writers: BTreeMap::new() };
        follow.take(timeline);
        for writer in dead {
            follow.writers.entry(writer.clone()).or_default().told = true;
        }
        follow
    }

    /// The writers that no process holds any more, each told once. Of several consoles that look, one tells it at
    /// once and the others some looks later. One whose lock can't be looked at counts as alive.
    pub fn gone(&mut self) -> Vec<WriterId> {
        let mut alive = 0;
        for (writer, followed) in &mut self.writers {
            match Lock::of_writer(&self.folder, writer) {
                Ok(Some(_)) => followed.free = followed.free.saturating_add(1),
                _ => {
                    (followed.free, followed.told) = (0, false);
                    alive += u32::from(*writer < self.own);
                }
            }
        }
        let mut gone = Vec::new();
        let near = self.near.as_ref();
        let patience = |f: &Followed| if near.is_none_or(|near| f.host.as_ref() == Some(near)) { 0 } else { SILENT };
        let is_gone = |f: &Followed| !f.told && f.free > patience(f) + alive * TURN;
        for (writer, followed) in self.writers.iter_mut().filter(|(_, f)| is_gone(f)) {
            followed.told = true;
            gone.push(writer.clone());
        }
        gone
    }

    /// What other writers have appended since the last look. Costs a folder's listing when that is nothing.
    pub fn poll(&mut self) -> Result<News, Problem> {
        let mut news = Vec::new();
        let mut again = false;
        for (writer, number, size) in self.last_segments()? {
            let followed = self.writers.entry(writer.clone()).or_default();
            match &mut followed.tip {
                Some((known, _, seen)) if (*known, *seen) == (number, size) => {}
                Some((known, scanner, seen)) if *known == number && *seen < size => {
                    followed.free = 0;
                    let path = self.folder.join(segment_name(&writer, number));
                    let grown = grow(&path, scanner, &mut followed.known, &mut news);
                    again |= !grown.map_err(|e| io_problem("can't follow the log", &path, &e))?;
                    *seen = size;
                }
                _ => again = true,
            }
        }
        match again {
            false => Ok(News { entries: news, superseded: Vec::new() }),
            true => {
                let files = Files::read(&self.folder)?;
                let timeline = Timeline { recovery: files.recover(), files };
                self.keep(&timeline).map_err(|e| io_problem("can't follow the log", &self.folder, &e))?;
                let News { entries, superseded } = self.take(timeline);
                news.extend(entries);
                Ok(News { entries: news, superseded })
            }
        }
    }

    /// The last segment of each other writer, and its length.
    fn last_segments(&self) -> Result<Vec<(WriterId, u32, u64)>, Problem> {
        let problem = |e: io::Error| io_problem("can't list the log", &self.folder, &e);
        let mut last: BTreeMap<WriterId, u32> = BTreeMap::new();
        for entry in std::fs::read_dir(&self.folder).map_err(problem)? {
            let entry = entry.map_err(problem)?;
            let name = entry.file_name().into_string().unwrap_or_default();
            let Some((writer, number)) = super::logs::segment_of(&name).filter(|(w, _)| *w != self.own) else {
                continue;
            };
            let known = last.get(&writer).copied();
            if known.is_none_or(|known| known < number) {
                last.insert(writer, number);
            }
        }
        // Opened for each look: over a network a file's length is known for sure only to whoever opens it anew.
        let size = |(writer, number): (WriterId, u32)| {
            let path = self.folder.join(segment_name(&writer, number));
            let size = disk::open(&path).and_then(|file| file.metadata()).map_err(problem)?.len();
            Ok((writer, number, size))
        };
        last.into_iter().map(size).collect()
    }

    /// Syncs the segments that hold the others' last records, before anything that was read in them counts as seen.
    fn keep(&self, timeline: &Timeline) -> io::Result<()> {
        for writer in timeline.files.writers.keys().filter(|writer| **writer != self.own) {
            if let Some(number) = timeline.last_segment(writer) {
                disk::sync(&self.folder.join(segment_name(writer, number)))?;
            }
        }
        disk::sync(&self.folder)
    }

    /// Takes a whole reading; what is new or gone in it comes back.
    fn take(&mut self, timeline: Timeline) -> News {
        let mut news = News::default();
        let mut found: BTreeMap<WriterId, BTreeMap<u64, Hash>> = BTreeMap::new();
        for record in timeline.recovery.records.iter().filter(|record| record.entry.link.0 != self.own) {
            let Link(writer, n) = &record.entry.link;
            found.entry(writer.clone()).or_default().insert(*n, record.h);
            let known = self.writers.get(writer).and_then(|followed| followed.known.get(n));
            if known != Some(&record.h) {
                news.entries.push(record.entry.clone());
            }
        }
        for one in timeline.recovery.writers.iter().filter(|one| one.writer != self.own) {
            let host = one.opened.as_ref().map(|open| open.host.clone());
            self.writers.entry(one.writer.clone()).or_default().host = host;
        }
        for (writer, one) in timeline.files.writers.iter().filter(|(writer, _)| **writer != self.own) {
            let followed = self.writers.entry(writer.clone()).or_default();
            let found = found.remove(writer).unwrap_or_default();
            let gone = followed.known.iter().filter(|(n, h)| found.get(n) != Some(h));
            news.superseded.extend(gone.map(|(n, _)| Link(writer.clone(), *n)));
            followed.known = found;
            followed.tip = one.segments.last_key_value().map(|(number, bytes)| {
                let mut scanner = Scanner::new(writer.clone(), *number);
                for piece in bytes.split_inclusive(|b| *b == b'\n').filter(|piece| piece.ends_with(b"\n")) {
                    scanner.take(piece);
                }
                (*number, scanner, bytes.len() as u64)
            });
        }
        news
    }
}

/// Takes the complete lines that were added; false when one of them is not the record that must come next.
fn grow(
    path: &Path,
    scanner: &mut Scanner,
    known: &mut BTreeMap<u64, Hash>,
    news: &mut Vec<Entry>,
) -> io::Result<bool> {
    let mut file = disk::open(path)?;
    file.seek(SeekFrom::Start(scanner.byte()))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // What this console says that it has seen must outlive a power cut, also where its writer has not synced it yet.
    file.sync_data()?;
    for piece in bytes.split_inclusive(|b| *b == b'\n').filter(|piece| piece.ends_with(b"\n")) {
        match scanner.take(piece) {
            (Some(record), None) => {
                known.insert(record.entry.link.1, record.h);
                news.push(record.entry);
            }
            _ => return Ok(false),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Runtime;
    use crate::timeline::{Attached, Sessions, StateDir, Who};

    /// Where locks hold on one machine alone, a lock that looks free says nothing of a writer on another.
    #[test]
    fn a_writer_on_another_machine_is_gone_only_after_a_long_silence() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::real();
        let session = Sessions::of(&StateDir::at(folder.path().join("s"))).create(&"x".into(), &runtime).unwrap();
        let who = |host: &str| Who { user: host.into(), host: host.into(), ..Who::here(None) };
        let attach = |host: &str| session.attach(&who(host), &runtime).unwrap();
        let (far, near) = (attach("far"), attach("near"));
        let Attached { mut follow, .. } = attach("me");
        follow.near = Some("near".into());
        let writers = [near.log.writer().clone(), far.log.writer().clone()];
        drop((far, near));
        let mut told = Vec::new();
        // The own console is not counted; nobody else is alive.
        for look in 1..=SILENT + 1 {
            told.extend(follow.gone().into_iter().map(|writer| (look, writer)));
        }
        let [near, far] = writers;
        assert_eq!(told, [(1, near), (1801, far)]);
    }
}
