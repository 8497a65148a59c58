//! Which blocks are steps (P6 to P8, P12), and where each begins. A step owns the text up to the next mark, so that no
//! word is lost between two.

use super::Choice;
use super::blocks::{self, Block, Code, Kind, Piece, What};
use super::choices;
use super::fence::{self, Class};
use super::inline::{self, plain, squeeze};
use super::markers::{self, Marker};
use super::outline::{Head, Section};
use super::source::Source;
use super::title::{fallback_title, fence_title, role, shorten, without_label};
use super::{Phase, heading, phase};
use std::ops::Range;

/// A step as found, before it has its text.
pub(super) struct Draft {
    pub section: usize,
    /// Where its marker stands.
    pub at: usize,
    pub title: String,
    /// Where its body starts.
    pub body: usize,
    /// Columns of white space that its lines start with.
    pub indent: usize,
    pub depth: usize,
    pub choices: Vec<Choice>,
    pub role: Option<String>,
    /// The phase that a tag at its start names: `[CONTAINMENT]`.
    pub phase: Option<Phase>,
    /// Parts of the file to show before its own body: the head of the table that it is a row of, warnings above it.
    pub before: Vec<Range<usize>>,
}

/// What the text from a place on belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Section(usize),
    /// The start of a step, or its text after its sub-steps.
    Step(usize),
    /// Marks of Markdown without words: a fence that holds steps.
    Nobody,
}

/// Steps and places, both in the order of the file.
#[derive(Default)]
pub(super) struct Walk {
    pub drafts: Vec<Draft>,
    pub marks: Vec<(usize, Owner)>,
}

/// Finds the steps of every section.
pub(super) fn walk(blocks: &[Block<'_>], sections: &[Section], source: &Source) -> Walk {
    let parted = sections.iter().any(|section| section.head.is_some() && !section.title && !section.context);
    let found = walk_with(blocks, sections, source, parted);
    // An order below the title is the whole of a file that has no other step.
    if parted && found.drafts.is_empty() { walk_with(blocks, sections, source, false) } else { found }
}

/// With `summary`, the first paragraph below the title tells what the file is about (P1).
fn walk_with(blocks: &[Block<'_>], sections: &[Section], source: &Source, summary: bool) -> Walk {
    let mut walker = Walker { walk: Walk::default(), source, section: 0 };
    for (index, section) in sections.iter().enumerate() {
        walker.section = index;
        walker.walk.marks.push((section.range.start, Owner::Section(index)));
        let blocks = blocks.get(section.blocks.clone()).unwrap_or_default();
        let first =
            blocks.iter().find(|block| matches!(block.kind, Kind::Paragraph)).filter(|_| summary && section.title);
        walker.run(blocks, section, first.map(|block| block.range.start));
    }
    walker.walk
}

struct Walker<'s> {
    walk: Walk,
    source: &'s Source,
    section: usize,
}

/// The text that a step's title is made of.
struct Said<'p, 'a> {
    pieces: &'p [Piece<'a>],
    range: Range<usize>,
    /// It starts with a label such as `a.` or `1)`, in place of which a number is shown.
    labelled: bool,
    /// A link or an image of the line before ends in it.
    torn: bool,
}

impl Walker<'_> {
    fn run(&mut self, blocks: &[Block<'_>], section: &Section, summary: Option<usize>) {
        let context = section.context;
        // What stands below a question are its answers.
        let asks = section.head.as_ref().is_some_and(Head::asks);
        let marker = if context { Marker::Prose } else { markers::strongest(blocks) };
        let first = self.walk.drafts.len();
        let mut before: Option<&Block<'_>> = None;
        for block in blocks {
            let none_yet = self.walk.drafts.len() == first;
            match &block.kind {
                Kind::List { .. } if markers::has_tasks(block) || (!context && markers::is_steps(block)) => {
                    self.list(block, 0)
                }
                Kind::List { .. } if !context && !asks && marker == Marker::Bullets => self.bullets(block),
                Kind::Table if markers::has_boxes(block, self.source) => self.table(block),
                Kind::Paragraph if !context => match markers::is_numbered(block) {
                    true => self.numbered(block),
                    false if marker != Marker::Prose || summary == Some(block.range.start) => {}
                    false if markers::is_order(block) => self.paragraph(block),
                    false => {}
                },
                Kind::Code(code) if !context => self.code(block, code, before, none_yet),
                _ => {}
            }
            before = Some(block);
        }
        if let Some(draft) = self.walk.drafts.get_mut(first) {
            let above = blocks.iter().take_while(|block| block.range.start < draft.at);
            let warnings = above.filter(|block| markers::is_warning(block)).map(|block| block.range.clone());
            draft.before.splice(0..0, warnings);
        }
    }

    /// The items of a list whose items are steps.
    fn list(&mut self, list: &Block<'_>, depth: usize) {
        let ordered = matches!(list.kind, Kind::List { ordered: true });
        for item in &list.children {
            if ordered || markers::has_tasks(item) {
                self.item(item, depth);
            }
        }
    }

    /// A list of bullets in a section that has nothing stronger: those that tell somebody to do something.
    fn bullets(&mut self, list: &Block<'_>) {
        for item in list.children.iter().filter(|item| markers::is_doing(item)) {
            self.item(item, 0);
        }
    }

    fn item(&mut self, item: &Block<'_>, depth: usize) {
        let Some(first) = item.children.first() else { return };
        let draft = self.walk.drafts.len();
        // The text of a task starts after its box, its further lines below the box.
        let marker = item.range.start..first.range.start;
        let content = self.source.slice(marker.clone()).find('[').map_or(marker.end, |at| marker.start + at);
        match &first.kind {
            Kind::Paragraph => self.lettered(item.range.start, first, content, depth),
            _ => {
                let title = fallback_title(first, self.source);
                self.push(item.range.start, title, first.range.start, first.range.start, depth);
            }
        }
        // A definition of a link between the marker and the text is not in the title.
        let own = self.source.slice(item.range.start..first.range.start).trim_start_matches(is_marker);
        if let Some(draft) = self.walk.drafts.get_mut(draft) {
            if own.contains(':') {
                draft.body = first.range.start - own.len();
            }
            draft.choices = choices::below(&draft.title, &item.children);
        }
        let mut sub_steps = self.walk.drafts.len() > draft + 1;
        for block in &item.children {
            if markers::is_steps(block) {
                self.list(block, depth + 1);
                sub_steps = true;
            } else if sub_steps && block.range.start > first.range.start {
                self.walk.marks.push((self.source.line_start(block.range.start), Owner::Step(draft)));
                sub_steps = false;
            }
        }
    }

    /// A paragraph as a step; its lines that start with `a.` or `i.` are sub-steps (P7).
    fn lettered(&mut self, at: usize, paragraph: &Block<'_>, content: usize, depth: usize) {
        let lines = inline::lines(&paragraph.inline);
        let spans = Spans::of(paragraph);
        let mut labels = choices::Labels::default();
        let mut starts: Vec<(usize, usize)> = Vec::new();
        for (index, line) in lines.iter().enumerate().skip(1) {
            if let Some(deeper) = labels.next(&plain(line).text) {
                starts.push((index, deeper));
            }
        }
        let ends = starts.iter().map(|(index, _)| *index).chain([lines.len()]);
        let heads = std::iter::once((0, 0)).chain(starts.iter().map(|(index, deeper)| (*index, 1 + deeper)));
        let last = starts.len();
        for (number, ((from, deeper), to)) in heads.zip(ends).enumerate() {
            let pieces = between(&paragraph.inline, lines.get(from), lines.get(to.saturating_sub(1)));
            let Some(range) = inline::range(pieces) else { continue };
            let at = if number == 0 { at } else { range.start };
            let end = if number == last { paragraph.range.end.max(range.end) } else { range.end };
            let said = Said { pieces, range: range.start..end, labelled: number > 0, torn: spans.torn(range.start) };
            self.titled(at, said, content, depth + deeper);
        }
    }

    /// A step whose title is this text; what does not fit into the title stays in the body.
    fn titled(&mut self, at: usize, said: Said<'_, '_>, content: usize, depth: usize) {
        let Said { pieces, range, labelled, torn } = said;
        let text = plain(pieces);
        let (title, cut) = shorten(if labelled { without_label(&text.text) } else { &text.text });
        let body = if cut || torn || text.lossy { range.start } else { range.end };
        self.push(at, title, body, content, depth);
    }

    fn push(&mut self, at: usize, title: String, body: usize, content: usize, depth: usize) {
        let (role, title) = role(title);
        let title = if title.is_empty() { "(no text)".to_owned() } else { title };
        let tag = title.strip_prefix('[').and_then(|rest| rest.split_once(']')).and_then(|(tag, _)| phase::named(tag));
        self.walk.marks.push((at, Owner::Step(self.walk.drafts.len())));
        self.walk.drafts.push(Draft {
            section: self.section,
            at,
            title,
            body,
            indent: self.source.indent(content),
            depth,
            choices: Vec::new(),
            role,
            phase: tag.filter(|tag| tag.only).map(|tag| tag.phase),
            before: Vec::new(),
        });
    }

    /// A paragraph of lines that start with numbers (P6 c).
    fn numbered(&mut self, paragraph: &Block<'_>) {
        let lines = inline::lines(&paragraph.inline);
        let spans = Spans::of(paragraph);
        let starts: Vec<usize> =
            lines.iter().enumerate().filter(|(_, line)| markers::number(line)).map(|(index, _)| index).collect();
        let ends = starts.iter().skip(1).copied().chain([lines.len()]);
        for (from, to) in starts.iter().copied().zip(ends) {
            let pieces = between(&paragraph.inline, lines.get(from), lines.get(to.saturating_sub(1)));
            if let Some(range) = inline::range(pieces) {
                let start = range.start;
                let torn = spans.torn(start);
                self.titled(start, Said { pieces, range, labelled: true, torn }, start, 0);
            }
        }
    }

    fn paragraph(&mut self, paragraph: &Block<'_>) {
        if let Some(range) = inline::range(&paragraph.inline) {
            let range = range.start..paragraph.range.end;
            let (at, said) = (range.start, Said { pieces: &paragraph.inline, range, labelled: false, torn: false });
            self.titled(paragraph.range.start, said, at, 0);
        }
    }

    /// A fence between steps belongs to the step before it; one that no step owns is a step (P6 e, P9).
    fn code(&mut self, block: &Block<'_>, code: &Code<'_>, before: Option<&Block<'_>>, none_yet: bool) {
        let class = fence::class(code);
        if class == Class::Steps {
            return self.steps_in_fence(block, code);
        }
        if !none_yet || class == Class::Text {
            return;
        }
        let said = before
            .filter(|block| matches!(block.kind, Kind::Paragraph))
            .map(|block| (block, plain(&block.inline)))
            .filter(|(_, text)| text.text.ends_with(':') && class != Class::Tree);
        let (at, title, body) = match said {
            Some((block, text)) => {
                let (title, cut) = shorten(text.text.trim_end_matches(':'));
                (block.range.start, title, if cut || text.lossy { block.range.start } else { block.range.end })
            }
            None => (block.range.start, fence_title(code), block.range.start),
        };
        self.push(at, title, body, at, 0);
        if let Some(draft) = self.walk.drafts.last_mut()
            && class == Class::Tree
        {
            draft.choices = choices::of_tree(&code.text);
        }
    }

    /// A list that stands in a fence without language: read as Markdown where it stands as it is.
    fn steps_in_fence(&mut self, block: &Block<'_>, code: &Code<'_>) {
        let (Some((_, start)), end) = (code.map.first(), code.source_offset(code.text.len())) else { return };
        let inner = self.source.slice(*start..end).to_owned();
        if inner != code.text {
            return;
        }
        let owner = self.walk.drafts.len();
        let resume = self.walk.marks.last().map_or(Owner::Section(self.section), |(_, owner)| *owner);
        self.walk.marks.push((block.range.start, Owner::Nobody));
        self.walk.marks.push((*start, resume));
        let mut phase = None;
        for inner in blocks::read(&inner, *start) {
            let from = self.walk.drafts.len();
            match &inner.kind {
                Kind::List { .. } if markers::is_steps(&inner) => self.list(&inner, 0),
                Kind::Paragraph if markers::is_numbered(&inner) => self.numbered(&inner),
                Kind::Paragraph => {
                    let text = plain(&inner.inline).text;
                    phase = phase::named(heading::numbering(&text).1).map(|named| named.phase).or(phase);
                }
                _ => {}
            }
            for draft in self.walk.drafts.iter_mut().skip(from) {
                draft.phase = draft.phase.or(phase);
            }
        }
        let last = self.walk.drafts.len();
        self.walk.marks.push((end, Owner::Nobody));
        let after = if last > owner { Owner::Step(last - 1) } else { resume };
        self.walk.marks.push((block.range.end, after));
    }

    /// The rows of a table that have boxes to tick.
    fn table(&mut self, table: &Block<'_>) {
        let head = table.children.iter().take(1).map(|row| row.range.clone()).next();
        // What stands above the first row to tick is shown with it.
        let mut first = table.children.get(1).map(|row| row.range.start);
        for row in table.children.iter().skip(1).filter(|row| self.source.slice(row.range.clone()).contains(['☐', '☑']))
        {
            let cells: Vec<String> = row.children.iter().map(|cell| plain(&cell.inline).text).collect();
            let named = cells.iter().filter(|cell| !cell.contains(['☐', '☑']) && !cell.is_empty()).take(2);
            let boxes = cells.iter().flat_map(|cell| cell.split(['☐', '☑']).skip(1)).map(squeeze);
            let boxes: Vec<String> = boxes.filter(|text| !text.is_empty()).collect();
            let mut title = named.cloned().collect::<Vec<_>>().join(" — ");
            if title.is_empty() {
                title = boxes.first().cloned().unwrap_or_else(|| "Tick the box".to_owned());
            }
            let (at, body) = match first.take() {
                Some(rows) => (table.range.start, rows),
                None => (row.range.start, row.range.start),
            };
            self.push(at, shorten(&title).0, body, row.range.start, 0);
            let several = boxes.len() > 1;
            if let Some(draft) = self.walk.drafts.last_mut() {
                draft.indent = 0;
                draft.before.extend(head.clone().map(|head| head.start..self.source.line_end(head.end)));
                draft.choices = boxes.into_iter().filter(|_| several).map(Choice::of).collect();
            }
        }
    }
}

/// Links and images of a paragraph: where each begins, and where the last of those up to it ends.
struct Spans(Vec<(usize, usize)>);

impl Spans {
    fn of(paragraph: &Block<'_>) -> Self {
        let spans = paragraph.inline.iter().filter(|piece| matches!(piece.what, What::Link(_) | What::Image));
        let mut last = 0;
        let ends = spans.map(|piece| {
            last = piece.range.end.max(last);
            (piece.range.start, last)
        });
        Self(ends.collect())
    }

    /// Whether one of them begins before a place and ends behind it.
    fn torn(&self, at: usize) -> bool {
        let before = self.0.partition_point(|(start, _)| *start < at);
        self.0.get(before.wrapping_sub(1)).is_some_and(|(_, end)| *end > at)
    }
}

/// Whether a character may stand in the marker of an item.
fn is_marker(c: char) -> bool {
    c.is_whitespace() || c.is_ascii_digit() || matches!(c, '-' | '*' | '+' | '.' | ')')
}

/// The pieces from the first of `from` to the last of `to`, both of them parts of `all`.
fn between<'p, 'a>(
    all: &'p [Piece<'a>],
    from: Option<&&'p [Piece<'a>]>,
    to: Option<&&'p [Piece<'a>]>,
) -> &'p [Piece<'a>] {
    let at = |piece: Option<&Piece<'_>>| piece.map(|piece| (piece.range.start, piece.range.end));
    let (Some(from), Some(to)) = (from.and_then(|l| at(l.first())), to.and_then(|l| at(l.last()))) else { return &[] };
    let start = all.partition_point(|piece| piece.range.start < from.0);
    let end = all.partition_point(|piece| piece.range.start <= to.0);
    all.get(start..end.max(start)).unwrap_or_default()
}
