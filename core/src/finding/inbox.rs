//! The list of findings that a console keeps: taken in batch by batch, one row for each finding.
//!
//! Rows merge on an equal finding ARN alone. What the finder itself says wins; Security Hub fills what the finder
//! leaves open and owns the workflow; of two records of one service the later counts.

use super::detect::{self, Shape};
use super::doc::Top;
use super::said::{Said, Spoken};
use super::{Finding, Resource, Via};
use crate::text::Untrusted;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Rows in a segment: a change copies one segment, a snapshot one pointer for each.
const SEGMENT: usize = 1024;

/// A row's number: its place in the order of arrival, for as long as the inbox lives.
pub type RowId = u32;

/// What taking in a batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that are new.
    pub added: Vec<RowId>,
    /// Rows that now say something else.
    pub changed: Vec<RowId>,
}

/// All findings, each once.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    rows: Rows,
    known: HashMap<Key, RowId>,
    /// The records behind rows that two services speak of.
    pairs: HashMap<RowId, Pair>,
    /// Rows that show more than was read of them.
    spoken: HashMap<RowId, Spoken>,
}

/// The rows at one moment, cheap to copy and to hand to another thread.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    segments: Vec<Arc<Vec<Arc<Finding>>>>,
}

/// What makes a record the same as an earlier one, as the first half of a SHA-256: a list of a million rows holds
/// a million of them.
type Key = [u8; 16];

#[derive(Clone, Debug)]
struct Pair {
    own: Option<Arc<Finding>>,
    hub: Option<Arc<Finding>>,
}

impl Inbox {
    /// Takes a batch in.
    pub fn take(&mut self, batch: Vec<Finding>) -> Changes {
        let mut changes = Changes::default();
        for finding in batch {
            self.take_one(finding, &mut changes);
        }
        changes.changed.sort_unstable();
        changes.changed.dedup();
        // A row that came and changed in the same batch is new, no more.
        changes.changed.retain(|row| changes.added.binary_search(row).is_err());
        changes
    }

    /// The rows as they are now.
    pub fn rows(&self) -> Rows {
        self.rows.clone()
    }

    fn take_one(&mut self, finding: Finding, changes: &mut Changes) {
        let next = self.rows.len() as RowId;
        let finding = Arc::new(finding);
        match self.known.entry(key(&finding)) {
            Entry::Vacant(slot) => {
                slot.insert(next);
                self.rows.push(finding);
                changes.added.push(next);
            }
            Entry::Occupied(slot) => {
                let row = *slot.get();
                if self.merge(row, finding) {
                    changes.changed.push(row);
                }
            }
        }
    }

    /// Shows in a row what was said of it, until a reading knows it, or until then. Whether the row changed.
    pub fn say(&mut self, row: RowId, said: Said, until: Timestamp) -> bool {
        let Some(read) = self.read(row) else { return false };
        let spoken = Spoken::new(said, read, until, self.spoken.get(&row));
        let shown = spoken.shown();
        self.spoken.insert(row, spoken);
        self.show(row, shown)
    }

    /// What no reading has come to know by now is not shown any more. The rows that changed.
    pub fn lapse(&mut self, now: Timestamp) -> Vec<RowId> {
        let over: Vec<RowId> = self.spoken.iter().filter(|(_, s)| s.until <= now).map(|(row, _)| *row).collect();
        let mut changed = Vec::new();
        for row in over {
            if let Some(spoken) = self.spoken.remove(&row)
                && self.show(row, spoken.read)
            {
                changed.push(row);
            }
        }
        changed
    }

    /// What was read of a row.
    fn read(&self, row: RowId) -> Option<Arc<Finding>> {
        let spoken = self.spoken.get(&row).map(|spoken| &spoken.read);
        spoken.or_else(|| self.rows.get(row)).cloned()
    }

    fn show(&mut self, row: RowId, shown: Arc<Finding>) -> bool {
        let changed = self.rows.get(row).is_some_and(|there| *shown != **there);
        if changed {
            self.rows.set(row, shown);
        }
        changed
    }

    /// Merges a record into its row; says whether the row changed.
    fn merge(&mut self, row: RowId, finding: Arc<Finding>) -> bool {
        let Some(old) = self.read(row) else { return false };
        let mut pair = self.pairs.remove(&row).unwrap_or_else(|| Pair::of(old));
        pair.take(finding);
        let merged = pair.merged();
        if pair.own.is_some() && pair.hub.is_some() {
            self.pairs.insert(row, pair);
        }
        let Some(merged) = merged else { return false };
        let Some(mut spoken) = self.spoken.remove(&row) else { return self.show(row, merged) };
        if !spoken.take(Arc::clone(&merged)) {
            return self.show(row, merged);
        }
        let shown = spoken.shown();
        self.spoken.insert(row, spoken);
        self.show(row, shown)
    }
}

/// The finding's ARN; for a finding without one all that tells it from its neighbours, so that only a new version
/// of the record itself has the same.
fn key(finding: &Finding) -> Key {
    let Finding { id, source, account, region, kind, resource, .. } = finding;
    let parts = match id.line().as_str().starts_with("arn:") {
        true => serde_json::to_vec(id),
        false => serde_json::to_vec(&(id, source, account, region, kind, &resource.id)),
    };
    let hash = Sha256::digest(parts.unwrap_or_else(|_| finding.raw.to_vec()));
    hash.first_chunk().copied().unwrap_or_default()
}

impl Pair {
    fn of(finding: Arc<Finding>) -> Self {
        match is_hub(&finding) {
            true => Self { own: None, hub: Some(finding) },
            false => Self { own: Some(finding), hub: None },
        }
    }

    /// Takes a record of one of the two services, unless it is older than the one that is there. Triage in
    /// Security Hub does not move `updated`, so of two equals the later to come counts.
    fn take(&mut self, finding: Arc<Finding>) {
        let slot = if is_hub(&finding) { &mut self.hub } else { &mut self.own };
        match slot {
            Some(there) if finding.updated < there.updated => {}
            _ => *slot = Some(finding),
        }
    }

    fn merged(&self) -> Option<Arc<Finding>> {
        match (&self.own, &self.hub) {
            (Some(own), Some(hub)) => Some(Arc::new(filled(own, hub))),
            (one, other) => one.clone().or_else(|| other.clone()),
        }
    }
}

/// Whether a record is Security Hub's view of a finding, not the finder's own.
fn is_hub(finding: &Finding) -> bool {
    match finding.via {
        Via::Guardduty => false,
        Via::Securityhub | Via::SecurityhubV2 => true,
        // A file or an event may carry either.
        Via::Eventbridge | Via::File => match serde_json::from_slice::<Top<'_>>(&finding.raw) {
            Ok(Top::Map(fields)) => matches!(detect::shape(&fields), Some(Shape::Asff | Shape::Ocsf)),
            _ => false,
        },
    }
}

/// The finder's record, its gaps filled from Security Hub's, and Security Hub's workflow.
fn filled(own: &Finding, hub: &Finding) -> Finding {
    let mut merged = own.clone();
    let fill = |into: &mut Option<Untrusted>, from: &Option<Untrusted>| {
        if into.is_none() {
            into.clone_from(from);
        }
    };
    fill(&mut merged.source, &hub.source);
    fill(&mut merged.kind, &hub.kind);
    fill(&mut merged.title, &hub.title);
    fill(&mut merged.description, &hub.description);
    fill(&mut merged.account, &hub.account);
    fill(&mut merged.region, &hub.region);
    if merged.severity.label.is_none() {
        merged.severity = hub.severity;
    }
    merged.resource = completed(&own.resource, &hub.resource);
    if merged.resources.is_empty() {
        merged.resources.clone_from(&hub.resources);
    }
    if let Some(first) = merged.resources.first_mut().filter(|first| **first == own.resource) {
        first.clone_from(&merged.resource);
    }
    merged.actor = own.actor.clone().or(hub.actor.clone());
    merged.first_seen = own.first_seen.or(hub.first_seen);
    merged.last_seen = own.last_seen.or(hub.last_seen);
    merged.created = own.created.or(hub.created);
    merged.updated = own.updated.or(hub.updated);
    merged.count = own.count.or(hub.count);
    merged.workflow = hub.workflow;
    merged
}

/// A resource with its gaps filled from another record's, where both speak of the same one.
fn completed(own: &Resource, other: &Resource) -> Resource {
    let agrees = |a: &Option<Untrusted>, b: &Option<Untrusted>| a.is_none() || b.is_none() || a == b;
    if !agrees(&own.kind, &other.kind) || !agrees(&own.id, &other.id) {
        return own.clone();
    }
    let either = |a: &Option<Untrusted>, b: &Option<Untrusted>| a.clone().or_else(|| b.clone());
    Resource {
        kind: either(&own.kind, &other.kind),
        id: either(&own.id, &other.id),
        name: either(&own.name, &other.name),
        arn: either(&own.arn, &other.arn),
    }
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self.segments.split_last() {
            Some((last, full)) => full.len() * SEGMENT + last.len(),
            None => 0,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The finding of a row.
    pub fn get(&self, row: RowId) -> Option<&Arc<Finding>> {
        let row = row as usize;
        self.segments.get(row / SEGMENT)?.get(row % SEGMENT)
    }

    /// All rows in the order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = (RowId, &Arc<Finding>)> {
        (0..).zip(self.segments.iter().flat_map(|segment| segment.iter()))
    }

    /// All rows in the order in which a responder reads them: the worst first, then the last seen.
    pub fn sorted(&self) -> Vec<RowId> {
        let mut rows: Vec<(RowId, &Arc<Finding>)> = self.iter().collect();
        rows.sort_by(|(_, a), (_, b)| default_order(a, b));
        rows.into_iter().map(|(row, _)| row).collect()
    }

    fn push(&mut self, finding: Arc<Finding>) {
        match self.segments.last_mut().filter(|last| last.len() < SEGMENT) {
            Some(last) => Arc::make_mut(last).push(finding),
            None => self.segments.push(Arc::new(vec![finding])),
        }
    }

    fn set(&mut self, row: RowId, finding: Arc<Finding>) {
        let row = row as usize;
        if let Some(segment) = self.segments.get_mut(row / SEGMENT)
            && let Some(slot) = Arc::make_mut(segment).get_mut(row % SEGMENT)
        {
            *slot = finding;
        }
    }
}

/// The default order of a list: severity, worst first; then when last seen, latest first. A finding without either
/// comes after those that have it.
pub fn default_order(a: &Finding, b: &Finding) -> Ordering {
    let seen = |f: &Finding| f.last_seen.or(f.updated);
    b.severity.label.cmp(&a.severity.label).then_with(|| seen(b).cmp(&seen(a)))
}

#[cfg(test)]
#[path = "inbox_tests.rs"]
mod tests;
