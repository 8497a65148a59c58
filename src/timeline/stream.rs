//! A session verified without holding it: its files are read line by line, one file of each writer at a time. Only where
//! that does not show that nothing is wrong is all of it read and held.

use super::checkpoints;
use super::disk;
use super::evidence::Evidence;
use super::logs::{Name, names, open};
use super::session::SessionDir;
use crate::problem::Problem;
use quell_core::incident::WriterId;
use quell_core::record::{Kept, Lines, MAX_LINE, Piece, Verification, Whole, WriterLines, segment_name, whole};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

/// More than any head takes.
const MAX_HEAD: u64 = 4096;

impl SessionDir {
    /// What [`SessionDir::verify`] says of the session, held against what was `kept` of it elsewhere too; in memory that
    /// does not grow with its records where nothing is wrong with it.
    pub fn verification(&self, allowed: Option<&Path>, kept: Option<&Kept>) -> Result<Verification, Problem> {
        if let Some(verification) = self.whole(allowed, kept) {
            return Ok(verification);
        }
        let mut timeline = self.verify(allowed)?;
        kept.into_iter().for_each(|kept| timeline.recovery.hold(kept));
        Ok(timeline.verification())
    }

    /// The same, where reading the lines one at a time shows that nothing is wrong; `None` says nothing.
    pub fn whole(&self, allowed: Option<&Path>, kept: Option<&Kept>) -> Option<Verification> {
        // Before the logs: what one of them names that was made meanwhile is not said to be whole.
        let (files, faults) = checkpoints::all(self, allowed);
        if !faults.is_empty() {
            return None;
        }
        let Whole { verification, evidence, session, opened } = whole(writers(&self.log())?, &files, kept)?;
        let stored = Evidence::of(self);
        let is_named = session.is_none_or(|session| session == *self.id());
        (opened && is_named && evidence.iter().all(|hash| stored.holds(hash))).then_some(verification)
    }
}

/// The logs in a folder. Heads first, then a new look at what segments there are, as whoever reads them whole does.
fn writers(folder: &Path) -> Option<Vec<WriterLines<Segments>>> {
    let mut writers: BTreeMap<WriterId, (Option<Vec<u8>>, Vec<u32>)> = BTreeMap::new();
    for Name { writer, .. } in names(folder).ok()?.into_iter().filter(|name| name.number.is_none()) {
        let head = head(&folder.join(format!("{writer}.head")))?;
        writers.entry(writer).or_default().0 = Some(head);
    }
    for Name { number, writer } in names(folder).ok()? {
        writers.entry(writer).or_default().1.extend(number);
    }
    let one = |(writer, (head, numbers)): (WriterId, (Option<Vec<u8>>, Vec<u32>))| {
        let lines = Segments { folder: folder.to_owned(), of: writer.clone(), left: numbers.into_iter(), open: None };
        WriterLines { writer, lines, head }
    };
    Some(writers.into_iter().map(one).collect())
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    disk::open(path).ok()?.take(MAX_HEAD).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The segments of one writer.
struct Segments {
    folder: PathBuf,
    of: WriterId,
    left: IntoIter<u32>,
    open: Option<(u32, BufReader<File>)>,
}

impl Lines for Segments {
    fn next(&mut self, line: &mut Vec<u8>) -> Piece {
        loop {
            if let Some((number, file)) = &mut self.open {
                match file.take(MAX_LINE as u64 + 1).read_until(b'\n', line) {
                    Err(_) => return Piece::Unreadable,
                    Ok(0) => self.open = None,
                    Ok(_) => return Piece::Line(*number),
                }
            }
            let Some(number) = self.left.next() else { return Piece::End };
            match open(&self.folder.join(segment_name(&self.of, number))) {
                Ok((file, _)) => self.open = Some((number, BufReader::new(file))),
                Err(_) => return Piece::Unreadable,
            }
        }
    }
}
