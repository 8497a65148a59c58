//! `{{ each }}` where no step is done for each of a list.

use super::Linter;
use super::variables::named_outside_comments;
use crate::runbook::each::NAME;
use crate::runbook::meta::Meta;
use crate::runbook::template::{Scan, scan};
use crate::runbook::{Level, Runbook};

/// More of one file nobody reads.
const MOST: usize = 100;

impl Linter<'_> {
    /// Holds each `{{ each }}` against the step that it stands in: the last one that begins before it.
    pub(super) fn each(&mut self, meta: &Meta, book: &Runbook) {
        let text = self.source.slice(meta.body_at..self.source.text.len());
        let is_each = |span: &str| matches!(scan(span), Scan::Template(NAME)).then_some(());
        let found = named_outside_comments(text, is_each);
        let mut wrong = Vec::new();
        for at in found.into_iter().map(|(at, ())| meta.body_at + at) {
            let line = self.source.line(at);
            let owner = book.steps.iter().filter(|step| step.line <= line).max_by_key(|step| step.line);
            if owner.is_none_or(|step| step.each.is_none()) {
                wrong.push(at);
            }
        }
        for at in wrong.into_iter().take(MOST) {
            let what = "{{ each }} stands in no step with each=\"...\": there it has no value";
            self.at(Level::Error, at, what);
        }
    }
}
