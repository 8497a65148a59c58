//! Links and references that lead nowhere.

use super::Linter;
use crate::runbook::blocks::{Block, Kind, What};
use crate::runbook::inline::plain;
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
        for number in references(&text) {
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
                let base = anchor(&title);
                let count = self.seen.entry(base.clone()).or_insert(0usize);
                // The second of two gets `-1`.
                self.anchors.insert(if *count == 0 { base } else { format!("{base}-{count}") });
                *count += 1;
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

/// The anchor that GitHub makes of a heading.
fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The numbers in `go to step 4`, `proceed to 3.2`, `return to Part 2`.
pub(super) fn references(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    for verb in ["go to ", "proceed to ", "skip to ", "return to ", "jump to ", "continue with ", "move on to "] {
        for (at, _) in lower.match_indices(verb) {
            let inside = lower.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
            let rest = lower.get(at + verb.len()..).unwrap_or_default();
            let named = ["step ", "part ", "section "].iter().find_map(|word| rest.strip_prefix(word));
            let number: String =
                named.unwrap_or(rest).chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let number = number.trim_end_matches('.');
            let dotted = (1..=2).contains(&number.matches('.').count());
            if !inside && number.starts_with(|c: char| c.is_ascii_digit()) && (named.is_some() || dotted) {
                found.push(number.to_owned());
            }
        }
    }
    found
}
