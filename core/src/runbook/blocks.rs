//! Markdown as a tree of blocks with byte ranges: what the parser's events say, no more.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// How deep blocks may lie in each other; what is deeper stays raw text of its parent.
const DEPTH: usize = 40;

/// A block and what is in it.
pub(super) struct Block<'a> {
    pub kind: Kind<'a>,
    pub range: Range<usize>,
    pub children: Vec<Block<'a>>,
    /// The text of a paragraph, heading or cell.
    pub inline: Vec<Piece<'a>>,
}

pub(super) enum Kind<'a> {
    Root,
    Heading(u8),
    Paragraph,
    Quote,
    List { ordered: bool },
    Item { task: bool },
    Code(Box<Code<'a>>),
    Html,
    Table,
    Row,
    Cell,
    Rule,
}

/// A code block. `info` is `None` for an indented one.
pub(super) struct Code<'a> {
    pub info: Option<CowStr<'a>>,
    pub text: String,
    /// Offset in `text` and in the source of every run of text, in order.
    pub map: Vec<(usize, usize)>,
}

impl Code<'_> {
    /// Where a byte of the block's text stands in the source.
    pub fn source_offset(&self, at: usize) -> usize {
        let run = self.map.partition_point(|(inner, _)| *inner <= at);
        self.map.get(run.saturating_sub(1)).map_or(0, |(inner, outer)| outer + at.saturating_sub(*inner))
    }

    /// The first word of the info string, in lower case.
    pub fn language(&self) -> Option<String> {
        let info = self.info.as_deref()?;
        let word = info.split(|c: char| c.is_whitespace() || c == ',').find(|word| !word.is_empty()).unwrap_or("");
        Some(word.trim_matches(['{', '}']).to_ascii_lowercase())
    }
}

/// A run of text in a line.
pub(super) struct Piece<'a> {
    pub range: Range<usize>,
    pub what: What<'a>,
}

pub(super) enum What<'a> {
    Text(CowStr<'a>),
    Code(CowStr<'a>),
    Break,
    Html(CowStr<'a>),
    Strong,
    EndStrong,
    /// A link whose address is not its text; the text follows.
    Link(CowStr<'a>),
    /// An image; its description follows.
    Image,
    /// Start or end of emphasis, end of a link or an image.
    Other,
}

impl Piece<'_> {
    /// Where the piece itself ends: the start of a span, not the span.
    pub fn end(&self) -> usize {
        match self.what {
            What::Strong | What::Link(_) | What::Image | What::Other => self.range.start,
            _ => self.range.end,
        }
    }
}

/// The extensions that playbooks use: tables, task lists, strikethrough.
pub(super) fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH
}

/// Reads the blocks of a text; ranges are offsets in `text` plus `base`.
pub(super) fn read(text: &str, base: usize) -> Vec<Block<'_>> {
    let mut builder = Builder { stack: vec![Block::new(Kind::Root, 0..text.len())], implied: false, skipped: 0 };
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        builder.event(event, range.start + base..range.end + base);
    }
    while builder.stack.len() > 1 {
        builder.close();
    }
    builder.stack.pop().map(|root| root.children).unwrap_or_default()
}

impl<'a> Block<'a> {
    fn new(kind: Kind<'a>, range: Range<usize>) -> Self {
        Self { kind, range, children: Vec::new(), inline: Vec::new() }
    }
}

struct Builder<'a> {
    stack: Vec<Block<'a>>,
    /// The innermost block is a paragraph that no event opened: the text of a tight list item.
    implied: bool,
    /// Open blocks below the depth limit.
    skipped: usize,
}

impl<'a> Builder<'a> {
    fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => match block_kind(tag) {
                Ok(kind) => self.open(kind, range),
                Err(what) => self.piece(what, range),
            },
            Event::End(end) if is_inline(end) => {
                let what = if end == TagEnd::Strong { What::EndStrong } else { What::Other };
                self.piece(what, range.end..range.end);
            }
            Event::End(_) => {
                self.end_implied();
                match self.skipped {
                    0 => self.close(),
                    _ => self.skipped -= 1,
                }
            }
            Event::Text(text) => self.text(text, range),
            Event::Code(text) => self.piece(What::Code(text), range),
            Event::InlineHtml(text) => self.piece(What::Html(text), range),
            Event::SoftBreak | Event::HardBreak => self.piece(What::Break, range),
            Event::TaskListMarker(_) => self.task(),
            Event::Rule => {
                self.open(Kind::Rule, range);
                self.close();
            }
            // The lines of an HTML block are its range.
            _ => {}
        }
    }

    fn open(&mut self, kind: Kind<'a>, range: Range<usize>) {
        self.end_implied();
        match self.skipped > 0 || self.stack.len() > DEPTH {
            true => self.skipped += 1,
            false => self.stack.push(Block::new(kind, range)),
        }
    }

    fn close(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
        } else if self.stack.len() > 1
            && let Some(block) = self.stack.pop()
            && let Some(parent) = self.stack.last_mut()
        {
            parent.children.push(block);
        }
    }

    fn end_implied(&mut self) {
        if self.implied {
            self.implied = false;
            self.close();
        }
    }

    fn text(&mut self, text: CowStr<'a>, range: Range<usize>) {
        if self.skipped == 0
            && let Some(Block { kind: Kind::Code(code), .. }) = self.stack.last_mut()
        {
            code.map.push((code.text.len(), range.start));
            code.text.push_str(&text);
            return;
        }
        self.piece(What::Text(text), range);
    }

    fn piece(&mut self, what: What<'a>, range: Range<usize>) {
        if self.skipped > 0 {
            return;
        }
        if let Some(Block { kind: Kind::Item { .. } | Kind::Quote | Kind::Root, .. }) = self.stack.last() {
            if self.stack.len() > DEPTH {
                return;
            }
            self.open(Kind::Paragraph, range.clone());
            self.implied = true;
        }
        if let Some(block) = self.stack.last_mut() {
            block.range.end = block.range.end.max(range.end);
            block.inline.push(Piece { range, what });
        }
    }

    fn task(&mut self) {
        if self.skipped == 0
            && let Some(Block { kind: Kind::Item { task }, .. }) =
                self.stack.iter_mut().rev().find(|block| matches!(block.kind, Kind::Item { .. }))
        {
            *task = true;
        }
    }
}

fn block_kind<'a>(tag: Tag<'a>) -> Result<Kind<'a>, What<'a>> {
    Ok(match tag {
        Tag::Paragraph => Kind::Paragraph,
        Tag::Heading { level, .. } => Kind::Heading(heading_level(level)),
        Tag::BlockQuote(_) => Kind::Quote,
        Tag::CodeBlock(kind) => {
            let info = match kind {
                CodeBlockKind::Fenced(info) => Some(info),
                CodeBlockKind::Indented => None,
            };
            Kind::Code(Box::new(Code { info, text: String::new(), map: Vec::new() }))
        }
        Tag::HtmlBlock => Kind::Html,
        Tag::List(start) => Kind::List { ordered: start.is_some() },
        Tag::Item => Kind::Item { task: false },
        Tag::Table(_) => Kind::Table,
        Tag::TableHead | Tag::TableRow => Kind::Row,
        Tag::TableCell => Kind::Cell,
        Tag::Strong => return Err(What::Strong),
        Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. } => return Err(What::Other),
        Tag::Link { dest_url, .. } => return Err(What::Link(dest_url)),
        Tag::Image { .. } => return Err(What::Image),
        Tag::Emphasis | Tag::Strikethrough | Tag::Superscript | Tag::Subscript => return Err(What::Other),
        // Extensions that are not switched on.
        Tag::FootnoteDefinition(_) | Tag::MetadataBlock(_) => Kind::Html,
        Tag::DefinitionList | Tag::DefinitionListTitle | Tag::DefinitionListDefinition => Kind::Html,
    })
}

fn is_inline(end: TagEnd) -> bool {
    use TagEnd::{Emphasis, Image, Link, Strikethrough, Strong, Subscript, Superscript};
    matches!(end, Emphasis | Image | Link | Strikethrough | Strong | Subscript | Superscript)
}

pub(super) fn heading_level(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
