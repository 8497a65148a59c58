//! The rows, which of them are shown, and where the cursor is.

use crate::source::Health;
use jiff::Timestamp;
use quell_core::finding::filter::{Filter, RowView};
use quell_core::finding::inbox::{Inbox, Row};
use quell_core::finding::Finding;
use quell_core::text::Untrusted;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The list.
#[derive(Debug, Default)]
pub struct State {
    inbox: Inbox,
    /// What is shown, in its order.
    pub rows: Vec<Arc<Row>>,
    /// Rows that arrived and wait to be taken in.
    pub waiting: usize,
    /// Rows of the inbox that the filter hides.
    pub hidden: usize,
    pub selected: usize,
    pub filter: String,
    parsed: Filter,
    pub trouble: Option<String>,
    pub marked: BTreeSet<Untrusted>,
    pub attached: BTreeSet<Untrusted>,
    pub health: BTreeMap<String, Health>,
    /// Until the first full reading the list grows by itself.
    pub settled: bool,
}

impl State {
    /// Takes in findings. Once the list has settled new rows wait until they are asked for, and known rows change
    /// in their place.
    pub fn take(&mut self, findings: Vec<Finding>, now: Timestamp) {
        self.inbox.take(findings);
        if self.settled {
            let known: BTreeMap<Untrusted, Arc<Row>> =
                self.inbox.rows().iter().map(|r| (r.finding.id.clone(), r.clone())).collect();
            for row in &mut self.rows {
                if let Some(fresh) = known.get(&row.finding.id) {
                    *row = fresh.clone();
                }
            }
            let shown: BTreeSet<&Untrusted> = self.rows.iter().map(|r| &r.finding.id).collect();
            let fresh = known.iter().filter(|(id, row)| !shown.contains(id) && self.fits(row, now)).count();
            self.waiting = fresh;
            self.hidden = known.len() - shown.len() - fresh;
        } else {
            self.show(now);
        }
    }

    /// Shows all rows that fit the filter, the cursor staying on its finding.
    pub fn show(&mut self, now: Timestamp) {
        let on = self.selected().map(|f| f.id.clone());
        self.rows = self.inbox.rows().iter().filter(|r| self.fits(r, now)).cloned().collect();
        self.hidden = self.inbox.rows().len() - self.rows.len();
        self.waiting = 0;
        let place = on.and_then(|id| self.rows.iter().position(|r| r.finding.id == id));
        self.selected = place.unwrap_or(self.selected).min(self.rows.len().saturating_sub(1));
    }

    fn fits(&self, row: &Row, now: Timestamp) -> bool {
        let view = RowView {
            finding: &row.finding,
            attached: self.attached.contains(&row.finding.id),
            marked: self.marked.contains(&row.finding.id),
            haystack: &row.haystack,
        };
        self.parsed.matches(&view, now)
    }

    /// Filters by what is typed; a filter that does not read is shown and changes nothing.
    pub fn set_filter(&mut self, text: &str, now: Timestamp) {
        self.filter = text.to_owned();
        match Filter::parse(text) {
            Ok(filter) => {
                self.trouble = None;
                self.parsed = filter;
                self.show(now);
            }
            Err(error) => self.trouble = Some(format!("column {}: {}", error.column, error.what)),
        }
    }

    /// The finding under the cursor.
    pub fn selected(&self) -> Option<&Arc<Finding>> {
        self.rows.get(self.selected).map(|r| &r.finding)
    }

    /// The marked findings.
    pub fn marked_findings(&self) -> Vec<Arc<Finding>> {
        let marked = |r: &&Arc<Row>| self.marked.contains(&r.finding.id);
        self.inbox.rows().iter().filter(marked).map(|r| r.finding.clone()).collect()
    }

    pub fn clear_marks(&mut self) {
        self.marked.clear();
    }

    /// How many findings there are, hidden ones included.
    pub fn total(&self) -> usize {
        self.rows.len() + self.hidden + self.waiting
    }

    /// The finding of that id.
    pub fn find(&self, id: &Untrusted) -> Option<Arc<Finding>> {
        self.inbox.rows().iter().find(|r| r.finding.id == *id).map(|r| r.finding.clone())
    }
}
