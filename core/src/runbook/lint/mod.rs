//! What is wrong with a runbook (P16), as far as it is certain: most of all what would show only when it is needed.

mod actions;
mod each;
mod gaps;
mod links;
mod lookups;
mod templates;
#[cfg(test)]
mod tests;
mod variables;
mod whole;

pub use actions::{FieldRule, KindRule};
pub use lookups::LookupRule;
pub use whole::{STALE, stale};

use super::blocks::{self, Block, Code, Kind};
use super::fence::{self, Class};
use super::parse::STRUCTURED;
use super::source::Source;
use super::{Level, Lint, Parsed, Runbook, meta};
use crate::text::Untrusted;
use links::Targets;

/// What runbooks may name.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Kinds of action.
    pub kinds: Vec<KindRule>,
    pub lookups: Vec<LookupRule>,
}

/// Problems of a file that could be read, in the order of the file: what reading it said, and no steps, no finding
/// type, no version or review, action blocks that their kind (one of the rules') would refuse, unknown names in
/// templates, links and references that lead nowhere, code without a language, words that somebody wanted to come back to,
/// phases without a step, headings that stand twice, steps in a fence.
pub fn lint(parsed: &Parsed, rules: &Rules) -> Vec<Lint> {
    let book = &parsed.runbook;
    let (source, _) = Source::new(&book.source).parted(STRUCTURED);
    let mut linter = Linter { source: &source, lints: parsed.warnings.clone() };
    linter.whole(book);
    linter.left_open();
    linter.filled_by_hand(book);
    linter.phases(book);
    let meta = meta::front_matter(&source);
    let tree = blocks::read(source.slice(meta.body_at..source.text.len()), meta.body_at);
    // What has no front matter for quell was written by others, and so were its templates.
    let own = !meta.matches.is_empty();
    linter.kept(book);
    if own {
        linter.each(&meta, book);
    }
    if let Some(at) = meta.title_at.filter(|_| own) {
        linter.title_templates(at);
    }
    linter.variables(&meta, book);
    linter.lookups(&meta, book, &rules.lookups);
    let scope = Scope { targets: Targets::of(&tree, book, &source), own, kinds: &rules.kinds };
    linter.twice(&tree);
    linter.blocks(&tree, &scope);
    linter.lints.sort_by_key(|lint| (lint.line, lint.column));
    linter.lints
}

/// A problem of the runbook's id, where the file gives it, else at its start: only who has all files at hand can know
/// that another has it too.
pub fn of_id(parsed: &Parsed, level: Level, what: &str) -> Lint {
    let source = Source::new(&parsed.runbook.source);
    let (line, column) = source.place(meta::front_matter(&source).id_at.unwrap_or(0));
    Lint { level, line, column, what: Untrusted::from(what).line() }
}

/// What blocks are held against.
struct Scope<'k> {
    targets: Targets,
    /// Whether the file is in quell's own format.
    own: bool,
    kinds: &'k [KindRule],
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

    fn blocks(&mut self, blocks: &[Block<'_>], scope: &Scope<'_>) {
        for block in blocks {
            match &block.kind {
                Kind::Code(code) => {
                    self.closed(block);
                    self.code(code, block.range.start, scope);
                }
                _ => {
                    self.links(block, &scope.targets);
                    if scope.own && !block.inline.is_empty() {
                        self.text_templates(block);
                    }
                }
            }
            self.blocks(&block.children, scope);
        }
    }

    /// A fence without its end takes all that follows.
    fn closed(&mut self, block: &Block<'_>) {
        let text = self.source.slice(block.range.clone());
        let mark =
            |line: &str| line.trim_start_matches([' ', '>']).chars().take_while(|c| matches!(c, '`' | '~')).count();
        let first = text.lines().next().map_or(0, mark);
        let last = text.lines().skip(1).last();
        let ends = last
            .is_some_and(|line| mark(line) >= first && line.trim().trim_start_matches([' ', '>', '`', '~']).is_empty());
        if first >= 3 && !ends {
            self.at(Level::Warning, block.range.start, "the fence has no end: all that follows is its text");
        }
    }

    fn code(&mut self, code: &Code<'_>, at: usize, scope: &Scope<'_>) {
        if code.language().is_some_and(|language| language.is_empty()) {
            self.at(Level::Warning, at, "a fence without a language");
        }
        self.fenced_steps(code, at);
        match fence::class(code) {
            Class::Action => self.action(code, at, scope.kinds),
            _ if !scope.own => {}
            Class::Command => self.command_templates(code),
            Class::Tree | Class::Steps | Class::Text => self.other_templates(code),
        }
    }
}
