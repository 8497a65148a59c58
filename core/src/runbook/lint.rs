//! What is wrong with a runbook (P16), as far as it is certain.

use super::blocks::{self, Block, Kind, What};
use super::inline::plain;
use super::source::Source;
use super::template::{self, Scan};
use super::{Level, Lint, Parsed, Runbook, heading};
use crate::text::Untrusted;
use std::collections::{HashMap, HashSet};

/// Problems of a file that could be read, in the order of the file: what reading it said, and no steps, no finding
/// type, no version or review, unknown names in commands, links and references that lead nowhere, code without a
/// language.
pub fn lint(parsed: &Parsed) -> Vec<Lint> {
    let book = &parsed.runbook;
    let source = Source::new(book.source.as_bytes());
    let mut linter = Linter { source: &source, lints: parsed.warnings.clone() };
    linter.whole(book);
    let body = super::meta::front_matter(&source).body_at;
    let tree = blocks::read(source.slice(body..source.text.len()), body);
    let targets = Targets::of(&tree, book, &source);
    linter.blocks(&tree, &targets, !book.matches.is_empty() && body > 0);
    linter.lints.sort_by_key(|lint| (lint.line, lint.column));
    linter.lints
}

struct Linter<'s> {
    source: &'s Source,
    lints: Vec<Lint>,
}

impl Linter<'_> {
    fn at(&mut self, level: Level, at: usize, what: impl Into<String>) {
        let (line, column) = self.source.place(at);
        self.lints.push(Lint { level, line, column, what: Untrusted::from(what.into()).line() });
    }

    fn whole(&mut self, book: &Runbook) {
        if book.steps.is_empty() {
            self.at(Level::Error, 0, "there are no steps: no task, no numbered item, no command, no order");
        }
        if book.matches.is_empty() {
            self.at(Level::Warning, 0, "no finding leads here: there is no matches line and no table of finding types");
        }
        if book.version.is_none() {
            self.at(Level::Warning, 0, "there is no version");
        }
        if book.reviewed.is_none() {
            self.at(Level::Warning, 0, "there is no reviewed: the day on which somebody last walked through it");
        }
    }

    fn blocks(&mut self, blocks: &[Block<'_>], targets: &Targets, own: bool) {
        for block in blocks {
            match &block.kind {
                Kind::Code(code) => {
                    if code.language().is_some_and(|language| language.is_empty()) {
                        self.at(Level::Warning, block.range.start, "a fence without a language");
                    }
                    let shell = super::fence::class(code) == super::fence::Class::Command;
                    if own && shell {
                        self.templates(code);
                    }
                }
                _ => self.inline(block, targets),
            }
            self.blocks(&block.children, targets, own);
        }
    }

    /// Names in a command: known, and each a word of its own.
    fn templates(&mut self, code: &blocks::Code<'_>) {
        for (at, text) in template::spans(&code.text) {
            let Scan::Template(name) = template::scan(text) else { continue };
            let place = code.source_offset(at + 2 + text.get(2..).map_or(0, |t| t.len() - t.trim_start().len()));
            if !template::is_name(name) {
                self.at(Level::Error, place, template::unknown(name));
            } else if !template::is_word(&code.text, at, text) {
                self.at(
                    Level::Error,
                    place,
                    "a template fills a whole word of a command; it can't be part of a longer one",
                );
            }
        }
    }

    fn inline(&mut self, block: &Block<'_>, targets: &Targets) {
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
struct Targets {
    /// How often a heading of that name came.
    seen: HashMap<String, usize>,
    anchors: HashSet<String>,
    numbers: HashSet<String>,
}

impl Targets {
    fn of(tree: &[Block<'_>], book: &Runbook, source: &Source) -> Self {
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
fn references(text: &str) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{Origin, parse::parse};

    fn found(text: &str) -> Vec<(Level, usize, usize, String)> {
        let parsed = parse("f", text.as_bytes(), Origin::BuiltIn).unwrap();
        lint(&parsed).into_iter().map(|lint| (lint.level, lint.line, lint.column, lint.what.into_string())).collect()
    }

    const HEAD: &str = "---\nid: a\nversion: 1\nreviewed: 2026-01-01\nmatches: [generic]\n---\n";

    #[test]
    fn what_is_missing_is_told() {
        let levels: Vec<(Level, String)> = found("# Only a title\n").into_iter().map(|(l, _, _, w)| (l, w)).collect();
        assert_eq!(levels[0].0, Level::Error);
        assert!(levels[0].1.starts_with("there are no steps"));
        assert_eq!(levels.len(), 4);
        assert_eq!(found(&format!("{HEAD}# T\n\n1. Do it\n")), []);
    }

    #[test]
    fn references_must_lead_somewhere() {
        let text = format!(
            "{HEAD}# T\n\n## Part 2: Contain\n\n### Group\n\n### Group\n\n1. Go to step 2, or [here](#part-2-contain), [it](#group-1)\n2. Then go to Part 2\n\
             3. Proceed to 4.1 and [there](#nowhere)\n4. Go to step 9\n"
        );
        assert_eq!(
            found(&text),
            [
                (Level::Error, 17, 4, "there is no step or part 4.1 to go to".to_owned()),
                (Level::Error, 17, 23, "nothing here is called #nowhere".to_owned()),
                (Level::Error, 18, 4, "there is no step or part 9 to go to".to_owned()),
            ]
        );
        assert_eq!(references("let it go to 10.0.0.1? No: cargo to step 3"), Vec::<String>::new());
    }

    #[test]
    fn names_in_commands_are_known_and_whole_words() {
        let text = format!(
            "{HEAD}# T\n\n1. Do\n\n   ```bash\n   aws x {{{{ finding.idd }}}} a={{{{ finding.id }}}} {{{{ finding.id }}}}\n   ```\n\n   ```\n   x\n   ```\n"
        );
        assert_eq!(
            found(&text),
            [
                (Level::Error, 12, 13, "finding.idd is no template name; did you mean finding.id?".to_owned()),
                (
                    Level::Error,
                    12,
                    33,
                    "a template fills a whole word of a command; it can't be part of a longer one".to_owned()
                ),
                (Level::Warning, 15, 4, "a fence without a language".to_owned()),
            ]
        );
        // Other people's templates are theirs.
        assert!(found("1. Do\n\n   ```bash\n   x {{ EC2Name }}\n   ```\n").iter().all(|l| l.0 == Level::Warning));
    }
}
