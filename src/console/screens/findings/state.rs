//! The rows, which of them are shown, and where the cursor is.

use super::blocked::Blocked;
use super::triage::Triage;
use crate::problem::Problem;
use crate::source::Health;
use jiff::Timestamp;
use quell_core::finding::filter::{Filter, RowView, haystack};
use quell_core::finding::inbox::{Inbox, RowId, Rows};
use quell_core::finding::{Finding, Label, Said};
use quell_core::text::Untrusted;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// For so long what this console has said of a finding is shown over readings that do not know it: Security Hub may
/// take minutes until a change is read back.
const SPOKEN: Duration = Duration::from_secs(10 * 60);

/// The list.
#[derive(Debug, Default)]
pub struct State {
    inbox: Inbox,
    rows: Rows,
    /// Each row's text for the filter, lower-cased and cleaned once.
    haystacks: HashMap<RowId, Box<str>>,
    by_id: HashMap<Untrusted, RowId>,
    /// What the team calls its accounts, by their ids.
    accounts: BTreeMap<String, String>,
    /// What is shown, in its order.
    shown: Vec<RowId>,
    /// Rows that arrived since and fit the filter; they wait to be asked for.
    waiting: Vec<RowId>,
    pub selected: usize,
    pub filter: String,
    parsed: Filter,
    pub trouble: Option<String>,
    pub marked: BTreeSet<Untrusted>,
    pub attached: BTreeSet<Untrusted>,
    pub health: BTreeMap<String, Health>,
    /// How many sources there are, in all regions; none while that is not known.
    pub sources: usize,
    /// Somebody has moved in the list, or it has been read through: from now on it keeps still.
    pub settled: bool,
    /// Why a session could not be begun or taken up; it stands until something is saved.
    pub not_saved: Option<Problem>,
    /// The triage that was planned last.
    pub begun: Option<Triage>,
    /// The triage that was not started because the log could not be written.
    pub blocked: Option<Blocked>,
}

impl State {
    /// An empty list that knows what the team calls its accounts.
    pub fn naming(accounts: BTreeMap<String, String>) -> Self {
        Self { accounts, ..Self::default() }
    }

    /// What the team calls the account of a finding.
    pub fn alias(&self, finding: &Finding) -> Option<&str> {
        let account = finding.account.as_ref()?.line();
        self.accounts.get(account.as_str()).map(String::as_str)
    }

    /// Takes in findings. Once the list has settled new rows wait until they are asked for, and known rows change
    /// in their place.
    pub fn take(&mut self, findings: Vec<Finding>, now: Timestamp) {
        let lapsed = self.inbox.lapse(now);
        let changes = self.inbox.take(findings);
        self.read_again(changes.added.iter().chain(&changes.changed).chain(&lapsed));
        match self.settled {
            true => {
                let fresh: Vec<RowId> = changes.added.into_iter().filter(|r| self.fits(*r, now)).collect();
                self.waiting.extend(fresh);
            }
            false => self.show(now),
        }
    }

    /// Shows what this console has said of a finding, which readings may not know yet, and takes its mark away.
    pub fn say(&mut self, id: &Untrusted, said: Said, now: Timestamp) {
        self.marked.remove(id);
        if let Some(row) = self.by_id.get(id).copied()
            && self.inbox.say(row, said, now + SPOKEN)
        {
            self.read_again([row].iter());
        }
    }

    /// Takes rows over as they are now.
    fn read_again<'a>(&mut self, rows: impl Iterator<Item = &'a RowId>) {
        self.rows = self.inbox.rows();
        for row in rows {
            if let Some(finding) = self.rows.get(*row) {
                let haystack = haystack(finding, self.alias(finding));
                self.haystacks.insert(*row, haystack);
                self.by_id.insert(finding.id.clone(), *row);
            }
        }
    }

    /// Shows all rows that fit the filter, the cursor staying on its finding.
    pub fn show(&mut self, now: Timestamp) {
        let on = self.shown.get(self.selected).copied();
        let mut shown = self.rows.sorted();
        shown.retain(|row| self.fits(*row, now));
        self.shown = shown;
        self.waiting.clear();
        let place = on.filter(|_| self.settled).and_then(|row| self.shown.iter().position(|r| *r == row));
        self.selected = place.unwrap_or(self.selected).min(self.shown.len().saturating_sub(1));
    }

    fn fits(&self, row: RowId, now: Timestamp) -> bool {
        let (Some(finding), Some(haystack)) = (self.rows.get(row), self.haystacks.get(&row)) else { return false };
        let view = RowView {
            finding,
            haystack,
            alias: self.alias(finding),
            attached: self.attached.contains(&finding.id),
            marked: self.marked.contains(&finding.id),
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

    /// Whether each source has answered, in whatever way.
    pub fn all_read(&self) -> bool {
        self.sources > 0 && self.health.len() >= self.sources && !self.loading()
    }

    /// Whether a source is being read for the first time.
    pub fn loading(&self) -> bool {
        self.health.values().any(|health| matches!(health, Health::Loading { .. }))
    }

    /// The findings that are shown, in order.
    pub fn shown(&self) -> impl Iterator<Item = &Arc<Finding>> {
        self.shown.iter().filter_map(|row| self.rows.get(*row))
    }

    /// How many are shown.
    pub fn count(&self) -> usize {
        self.shown.len()
    }

    /// How many there are, hidden and waiting ones included.
    pub fn total(&self) -> usize {
        self.rows.len()
    }

    /// How many wait to be taken in.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The worst severity among those, and how many have it.
    pub fn waiting_worst(&self) -> Option<(Label, usize)> {
        let labels = || self.waiting.iter().filter_map(|row| self.rows.get(*row)?.severity.label);
        let worst = labels().max()?;
        Some((worst, labels().filter(|label| *label == worst).count()))
    }

    /// The finding under the cursor.
    pub fn selected(&self) -> Option<&Arc<Finding>> {
        self.shown.get(self.selected).and_then(|row| self.rows.get(*row))
    }

    /// A finding by its id, as it stands now.
    pub fn known(&self, id: &Untrusted) -> Option<&Finding> {
        self.by_id.get(id).and_then(|row| self.rows.get(*row)).map(Arc::as_ref)
    }

    /// The marked findings, in the list's order.
    pub fn marked_findings(&self) -> Vec<Arc<Finding>> {
        let all = self.rows.sorted();
        let marked = all.iter().filter_map(|row| self.rows.get(*row)).filter(|f| self.marked.contains(&f.id));
        marked.cloned().collect()
    }

    /// Puts the cursor on a finding, by its id or an id that ends with it.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.shown().position(|f| {
            let own = f.id.line();
            own.as_str() == id || own.as_str().ends_with(&format!("/{id}"))
        })
    }
}
