//! Templates where they stand: in titles and text, in commands, in other code.
//!
//! Only what nobody could have meant for quell passes for another language's: `docker inspect --format '{{.Id}}'` is
//! a command like any other.

use super::Linter;
use crate::runbook::Level;
use crate::runbook::blocks::{Block, Code, What};
use crate::runbook::template::{is_name, is_word, unknown};
use crate::text::cut_end;

/// More in one block nobody reads, and each costs the length of its line.
const MOST: usize = 100;

/// What the names of quell's templates start with.
const PREFIXES: [&str; 4] = ["finding.", "session.", "responder.", "var."];

/// Words of Go's templates that look like a name.
const FOREIGN: [&str; 2] = ["end", "else"];

impl Linter<'_> {
    /// A heading, a paragraph, a cell: every name must be known. Comments are hidden, so nobody misses anything there.
    pub(super) fn text_templates(&mut self, block: &Block<'_>) {
        let start = block.range.start;
        let hidden = |at: usize| {
            block.inline.iter().any(|piece| matches!(piece.what, What::Html(_)) && piece.range.contains(&(start + at)))
        };
        for mark in marks(self.source.slice(block.range.clone())) {
            if let Some((at, level, what)) = mark.wrong().filter(|_| !hidden(mark.at)) {
                self.at(level, start + at, what);
            }
        }
    }

    /// The title of the front matter, which is a line of its own.
    pub(super) fn title_templates(&mut self, start: usize) {
        let line = self.source.slice(start..self.source.line_end(start));
        for (at, level, what) in marks(line).iter().filter_map(Mark::wrong) {
            self.at(level, start + at, what);
        }
    }

    /// A command, which is filled and copied: every name is known, and a word of its own.
    pub(super) fn command_templates(&mut self, code: &Code<'_>) {
        for mark in marks(&code.text) {
            let part = || {
                let what = "a template fills a whole word of a command; it can't be part of a longer one";
                (mark.name_at, Level::Error, what.to_owned())
            };
            let inside = mark.is_known() && !is_word(&code.text, mark.at, mark.span);
            if let Some((at, level, what)) = mark.wrong().or_else(|| inside.then(part)) {
                self.at(level, code.source_offset(at), what);
            }
        }
    }

    /// A query, a manifest, output: templates of its own language are likely, so only names that can be nobody
    /// else's are looked at.
    pub(super) fn other_templates(&mut self, code: &Code<'_>) {
        for mark in marks(&code.text) {
            if let Stands::Name(name) = mark.stands
                && is_ours(name)
                && let Some((at, level, what)) = mark.wrong()
            {
                self.at(level, code.source_offset(at), what);
            }
        }
    }
}

/// A `{{` of a text.
struct Mark<'t> {
    at: usize,
    /// Where its name starts.
    name_at: usize,
    /// With its braces; empty where it is not closed.
    span: &'t str,
    stands: Stands<'t>,
}

/// What stands behind the braces.
enum Stands<'t> {
    /// A name, known or not.
    Name(&'t str),
    Unclosed,
    /// A template of another language.
    Foreign,
}

impl Mark<'_> {
    fn is_known(&self) -> bool {
        matches!(self.stands, Stands::Name(name) if is_name(name))
    }

    /// What is wrong with it, if anything, and where.
    fn wrong(&self) -> Option<(usize, Level, String)> {
        Some(match self.stands {
            Stands::Name(name) if is_name(name) => return None,
            Stands::Name("") => (self.at, Level::Error, "there is no name between the braces".to_owned()),
            Stands::Name(name) => (self.name_at, Level::Error, unknown(name)),
            Stands::Unclosed => (self.at, Level::Error, "these braces are not closed by }}".to_owned()),
            Stands::Foreign => {
                let what = format!("{} is no template of quell; it stays as it is written", cut_end(self.span, 40));
                (self.at, Level::Warning, what)
            }
        })
    }
}

/// Every `{{` of a text.
fn marks(text: &str) -> Vec<Mark<'_>> {
    let find = |from: usize, what: &str| text.get(from..).and_then(|rest| rest.find(what)).map(|at| from + at);
    let mut out = Vec::new();
    let mut open = find(0, "{{");
    let mut close = find(0, "}}");
    while let Some(at) = open.filter(|_| out.len() < MOST) {
        let start = at + "{{".len();
        if close.is_some_and(|close| close < start) {
            close = find(start, "}}");
        }
        open = find(start, "{{");
        // The next one begins before this one ends: this one has no end.
        let end = close.filter(|close| open.is_none_or(|next| *close < next));
        let inside = end.and_then(|end| text.get(start..end));
        let dollar = text.get(..at).is_some_and(|before| before.ends_with('$'));
        let lead = inside.map_or(0, |inside| inside.len() - inside.trim_start().len());
        out.push(Mark {
            at,
            name_at: start + lead,
            span: end.and_then(|end| text.get(at..end + "}}".len())).unwrap_or_default(),
            stands: inside.map_or(Stands::Unclosed, |inside| stands(inside.trim(), dollar)),
        });
    }
    out
}

/// A mistyped name is a word, perhaps with dots; what is none, or stands behind a `$`, is another language's.
fn stands(name: &str, dollar: bool) -> Stands<'_> {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(letters);
    match dollar || FOREIGN.contains(&name) {
        false if name.is_empty() || word || is_ours(name) => Stands::Name(name),
        _ => Stands::Foreign,
    }
}

/// Whether a name can be nobody else's.
fn is_ours(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
