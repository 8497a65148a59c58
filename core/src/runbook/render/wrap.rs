//! Words into lines of a width in cells.

use super::{Line, LineKind, Style};
use crate::text::{Clean, Untrusted, width};
use unicode_segmentation::UnicodeSegmentation;

/// The narrowest text beside its indentation.
const NARROW: usize = 8;

/// Lines as they grow.
pub(super) struct Flow {
    width: usize,
    lines: Vec<Line>,
}

fn clean(text: &str) -> Clean {
    Untrusted::from(text).line()
}

impl Flow {
    pub fn new(width: usize) -> Self {
        Self { width: width.max(1), lines: Vec::new() }
    }

    /// The lines, without an empty one at the end.
    pub fn done(mut self) -> Vec<Line> {
        while self.lines.last().is_some_and(|line| line.kind == LineKind::Blank) {
            self.lines.pop();
        }
        self.lines
    }

    /// An empty line, but not at the start and not after another.
    pub fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| line.kind != LineKind::Blank) {
            self.lines.push(Line { spans: Vec::new(), kind: LineKind::Blank });
        }
    }

    /// One line as it is.
    pub fn line(&mut self, kind: LineKind, prefix: &str, style: Style, text: &str) {
        let mut spans = Vec::new();
        if !prefix.is_empty() {
            spans.push((Style::Plain, clean(prefix)));
        }
        spans.push((style, clean(text)));
        self.lines.push(Line { spans, kind });
    }

    /// Wraps runs of text; `\n` in a run ends a line.
    pub fn paragraph(&mut self, runs: &[(Style, String)], kind: LineKind, first: &str, others: &str) {
        let fits = |prefix: &str| self.width.saturating_sub(width(prefix)).max(NARROW.min(self.width));
        let mut row = Row { kind, prefix: first.to_owned(), room: fits(first), used: 0, spans: Vec::new() };
        let narrow = fits(others);
        let mut space: Option<Style> = None;
        for word in words(runs) {
            match word {
                Word::Space(style) => space = Some(style),
                Word::Break => {
                    self.lines.push(row.take(others, narrow));
                    space = None;
                }
                Word::Text(parts) => {
                    let cells: usize = parts.iter().map(|(_, text)| width(text)).sum();
                    let gap = usize::from(space.is_some() && row.used > 0);
                    if row.used > 0 && row.used + gap + cells > row.room {
                        self.lines.push(row.take(others, narrow));
                    } else if let Some(style) = space.filter(|_| gap > 0) {
                        row.push(style, " ");
                    }
                    space = None;
                    self.word(&mut row, parts, others, narrow);
                }
            }
        }
        if !row.spans.is_empty() || row.prefix == first {
            self.lines.push(row.take(others, narrow));
        }
    }

    /// Puts a word on the row; one that is longer than a row is cut where it must be.
    fn word(&mut self, row: &mut Row, parts: Vec<(Style, String)>, others: &str, narrow: usize) {
        for (style, text) in parts {
            if row.used + width(&text) <= row.room {
                row.push(style, &text);
                continue;
            }
            for grapheme in text.graphemes(true) {
                if row.used > 0 && row.used + width(grapheme) > row.room {
                    self.lines.push(row.take(others, narrow));
                }
                row.push(style, grapheme);
            }
        }
    }
}

/// A line that is being filled.
struct Row {
    kind: LineKind,
    prefix: String,
    room: usize,
    used: usize,
    spans: Vec<(Style, String)>,
}

impl Row {
    fn push(&mut self, style: Style, text: &str) {
        self.used += width(text);
        match self.spans.last_mut() {
            Some((last, said)) if *last == style => said.push_str(text),
            _ => self.spans.push((style, text.to_owned())),
        }
    }

    /// The line as it is; the row starts again with the prefix of further lines.
    fn take(&mut self, others: &str, room: usize) -> Line {
        let prefix = std::mem::replace(&mut self.prefix, others.to_owned());
        let mut spans = Vec::with_capacity(self.spans.len() + 1);
        if !prefix.is_empty() {
            spans.push((Style::Plain, clean(&prefix)));
        }
        spans.extend(std::mem::take(&mut self.spans).into_iter().map(|(style, text)| (style, clean(&text))));
        (self.used, self.room) = (0, room);
        Line { spans, kind: self.kind }
    }
}

enum Word {
    /// What has no space in it, in one or several styles.
    Text(Vec<(Style, String)>),
    Space(Style),
    Break,
}

fn words(runs: &[(Style, String)]) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    for (style, text) in runs {
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let end = rest.find([' ', '\n']).unwrap_or(rest.len());
            let taken = match c {
                '\n' => {
                    out.push(Word::Break);
                    1
                }
                ' ' => {
                    out.push(Word::Space(*style));
                    rest.len() - rest.trim_start_matches(' ').len()
                }
                _ => {
                    let word = (*style, rest.get(..end).unwrap_or_default().to_owned());
                    match out.last_mut() {
                        Some(Word::Text(parts)) => parts.push(word),
                        _ => out.push(Word::Text(vec![word])),
                    }
                    end
                }
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
    }
    out
}
