//! Links and references that lead nowhere.

use super::Linter;
use crate::runbook::blocks::{Block, Kind, What};
use crate::runbook::inline::plain;
use crate::runbook::jumps::{anchor, numbered, references};
use crate::runbook::source::Source;
use crate::runbook::{Level, Runbook, heading};
use std::collections::{HashMap, HashSet};

impl Linter<'_> {
    pub(super) fn links(&mut self, block: &Block<'_>, targets: &Targets) {
        for piece in &block.inline {
            if let What::Link(url) = &piece.what
                && let Some(anchor) = url.strip_prefix('#')
                && !anchor.is_empty()
                && !targets.anchors.contains(&anchor.to_lowercase())
            {
                self.at(Level::Error, piece.range.start, format!("nothing here is called #{anchor}"));
            }
        }
        if block.inline.is_empty() {
            return;
        }
        let text = plain(&block.inline).text;
        for (_, number) in references(&text) {
            if !targets.numbers.contains(&number) {
                let at = block.inline.first().map_or(block.range.start, |piece| piece.range.start);
                self.at(Level::Error, at, format!("there is no step or part {number} to go to"));
            }
        }
    }
}

/// What links and references can lead to.
#[derive(Default)]
pub(super) struct Targets {
    /// How often a heading of that name came.
    seen: HashMap<String, usize>,
    anchors: HashSet<String>,
    numbers: HashSet<String>,
}

impl Targets {
    pub fn of(tree: &[Block<'_>], book: &Runbook, source: &Source) -> Self {
        let mut targets = Self::default();
        targets.collect(tree);
        // Anchors written by hand, and whatever else has a name.
        for attribute in ["id=\"", "name=\"", "id='", "name='"] {
            for (at, _) in source.text.match_indices(attribute) {
                let rest = source.text.get(at + attribute.len()..).unwrap_or_default();
                targets.anchors.extend(rest.split(['"', '\'']).next().map(str::to_lowercase));
            }
        }
        for step in &book.steps {
            targets.numbers.insert(step.number.clone());
            targets.anchors.insert(step.id.as_str().to_lowercase());
        }
        targets
    }

    fn collect(&mut self, blocks: &[Block<'_>]) {
        for block in blocks {
            if let Kind::Heading(_) = block.kind {
                let title = plain(&block.inline).text;
                self.anchors.insert(numbered(anchor(&title), &mut self.seen));
                self.numbers.extend(heading::numbering(&title).0.map(str::to_owned));
            }
            // An item's own number, whatever number it is shown with.
            if let Kind::List { ordered: true } = block.kind {
                self.numbers.extend((1..=block.children.len()).map(|number| number.to_string()));
            }
            self.collect(&block.children);
        }
    }
}
