//! The sessions of a state folder, again and again: two consoles see what the other opens and closes. Only those whose
//! files have changed are read again.

use super::session::{SessionDir, Sessions};
use super::summary::Summary;
use crate::problem::Problem;
use quell_core::text::{Id, id::Slug};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::SystemTime;

/// What was read of each session, and the files that it was read from.
#[derive(Debug)]
pub struct Watch {
    sessions: Sessions,
    known: BTreeMap<Id<Slug>, (Stamp, Result<Summary, Problem>)>,
}

/// The log's files by name, with length and time. A log only grows, so what was read holds for as long as these do.
type Stamp = Vec<(OsString, u64, Option<SystemTime>)>;

impl Watch {
    /// Knows nothing yet.
    pub fn of(sessions: &Sessions) -> Self {
        Self { sessions: sessions.clone(), known: BTreeMap::new() }
    }

    /// Reads what has changed since the last look; whether anything has. Costs a listing of each log folder when not.
    pub fn look(&mut self) -> Result<bool, Problem> {
        let dirs = self.sessions.dirs()?;
        let before = self.known.len();
        self.known.retain(|id, _| dirs.iter().any(|dir| dir.id() == id));
        let mut changed = self.known.len() < before;
        for dir in &dirs {
            let stamp = stamp(dir);
            if self.known.get(dir.id()).is_none_or(|(known, _)| *known != stamp) {
                self.known.insert(dir.id().clone(), (stamp, Summary::of(dir)));
                changed = true;
            }
        }
        Ok(changed)
    }

    /// What was read, the oldest session first; one that can't be read is a problem and hides no other.
    pub fn found(&self) -> impl Iterator<Item = &Result<Summary, Problem>> {
        self.known.values().map(|(_, summary)| summary)
    }
}

/// What can't be looked at counts as not there; reading the session tells why.
fn stamp(dir: &SessionDir) -> Stamp {
    let entries = std::fs::read_dir(dir.log()).into_iter().flatten().flatten();
    let logs = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "ndjson"));
    let mut stamp: Stamp = logs
        .filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            Some((entry.file_name(), meta.len(), meta.modified().ok()))
        })
        .collect();
    stamp.sort();
    stamp
}
