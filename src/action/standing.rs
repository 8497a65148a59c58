//! What of a session's containment still stands, in the words that its report begins with.

use super::{in_force, words};
use quell_core::incident::{Entry, Event, Incident};
use quell_core::text::Untrusted;

/// Some lines for each containment of a session that stands, the oldest first, what it is and on what before the rest.
/// It is told from the session's own records: what another session has lifted since is not known here.
pub fn standing(incident: &Incident, entries: &[Entry]) -> Vec<Vec<Untrusted>> {
    let session = entries.iter().find_map(|entry| match &entry.event {
        Event::SegOpen(open) => Some(open.session.to_string()),
        _ => None,
    });
    let all = in_force([(session.unwrap_or_default().as_str(), incident)]);
    all.iter().map(|one| words(one).iter().map(|line| Untrusted::from(line.trim_start())).collect()).collect()
}
