//! Going on in another folder when the disk of the first one fails: what is in memory is written there, the evidence
//! that can still be read is copied, and a writer of its own goes on, so that both folders can be put together later.

use super::attach::{Attached, Who};
use super::checkpoints;
use super::disk::{self, Disk, LocalDisk};
use super::evidence::Evidence;
use super::folder::{StateDir, io_problem};
use super::session::{SessionDir, Sessions};
use crate::problem::Problem;
use crate::runtime::Runtime;
use quell_core::incident::Entry;
use quell_core::record::rewrite;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A session that goes on in another folder.
pub struct Moved {
    pub session: SessionDir,
    pub attached: Attached,
    /// How many pieces of evidence could not be taken along, and why the first of them: they are, if anywhere, in the
    /// first folder.
    pub left: Option<(usize, Problem)>,
}

/// Makes the session again in another state folder, from the records that were on disk or are in memory, and attaches
/// to it as a new writer. Where that fails nothing of it is left there: half a session would be taken for one.
pub fn go_on(
    to: &StateDir,
    from: &SessionDir,
    entries: &[Entry],
    who: &Who,
    runtime: &Runtime,
) -> Result<Moved, Problem> {
    let to = to.clone().shared(from.share());
    let path = to.make_named(from.id())?;
    let moved = Sessions::of(&to).find(&path.to_string_lossy()).and_then(|session| {
        let left = fill(&session, from, entries, &mut LocalDisk)?;
        let attached = session.attach_anew(who, runtime)?;
        Ok(Moved { session, attached, left })
    });
    if moved.is_err() {
        // What it tells is why the session could not be made.
        let _ = std::fs::remove_dir_all(&path);
    }
    moved
}

/// Writes what a session holds, its log first, and tells what of its evidence did not go along.
fn fill(
    session: &SessionDir,
    from: &SessionDir,
    entries: &[Entry],
    disk: &mut dyn Disk,
) -> Result<Option<(usize, Problem)>, Problem> {
    let files = rewrite(entries).map_err(|e| Problem::local(format!("a record can't be written again: {e}")))?;
    for (name, bytes) in files {
        let path = session.log().join(name);
        disk::replace(disk, &path, &bytes).map_err(|e| io_problem("can't write the log again", &path, &e))?;
    }
    let (old, new) = (Evidence::of(from), Evidence::of(session));
    let blobs: BTreeSet<Cow<'_, str>> = entries.iter().filter_map(|entry| entry.event.blob()).collect();
    let left = blobs.iter().filter_map(|blob| old.get(blob).and_then(|bytes| new.put(disk, &bytes)).err());
    let left: Vec<Problem> = left.collect();
    checkpoints::copy(from, session);
    let count = left.len();
    Ok(left.into_iter().next().map(|why| (count, why)))
}
