//! Markdown as lines for a screen: wrapped to a width in cells, harmless, in a handful of styles.
//!
//! Fenced code is not wrapped: who draws it cuts or scrolls. Images become `[image: description → path]`, links keep
//! their address, comments are hidden, tags that are no HTML (`<instance-id>`) stay.

mod filled;
mod html;
mod wrap;

use super::blocks::options;
use super::inline::{self, Html};
use crate::text::{Clean, Shape, Untrusted};
pub use filled::Lookup;
use html::strip;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use std::ops::Range;
use wrap::Flow;

/// How a run of text is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    Plain,
    Strong,
    Emphasis,
    Code,
    Quote,
    Link,
    Heading,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    Text,
    Heading,
    /// A line of a code block, not wrapped.
    Code,
    Table,
    Rule,
    Blank,
}

/// One line, harmless; its spans follow each other without a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub spans: Vec<(Style, Clean)>,
    pub kind: LineKind,
}

impl Line {
    /// The line without styles.
    pub fn text(&self) -> String {
        self.spans.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// Containers whose indentation is shown; what lies deeper is not indented further.
const INDENTS: usize = 8;

/// How much of a text, in bytes, is laid out as Markdown; the lines that follow are shown as they stand.
const MARKED: usize = 128 * 1024;

/// Lays a text out in lines of at most `width` cells (code excepted).
pub fn lines(body: &Untrusted, width: usize) -> Vec<Line> {
    lines_with(body, width, &|_| None)
}

/// The same with what names stand for in their places, but in code.
pub fn lines_with(body: &Untrusted, width: usize, lookup: Lookup<'_>) -> Vec<Line> {
    let text = body.clean(Shape::Block).into_string();
    let (text, rest) = marked(&text);
    let mut page = Page::new(text, width, lookup);
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        page.event(event, range);
    }
    page.flush();
    for line in rest.lines() {
        match line.trim().is_empty() {
            true => page.flow.blank(),
            false => page.flow.line(LineKind::Code, "", Style::Plain, line),
        }
    }
    page.flow.done()
}

/// A text in two: what is laid out as Markdown, and what is not.
fn marked(text: &str) -> (&str, &str) {
    if text.len() <= MARKED {
        return (text, "");
    }
    let head = text.get(..text.floor_char_boundary(MARKED)).unwrap_or_default();
    text.split_at(head.rfind('\n').map_or(head.len(), |end| end + 1))
}

/// A list or quote that is open: what its lines start with.
enum Container {
    Quote,
    /// The next number of an ordered list.
    List(Option<u64>),
    /// Marker of an item, and whether it was drawn.
    Item(String, bool),
}

struct Page<'t> {
    text: &'t str,
    flow: Flow,
    containers: Vec<Container>,
    /// Where the last block ended in the source.
    end: usize,
    inline: Vec<(Style, String)>,
    styles: Vec<Style>,
    links: Vec<(String, String)>,
    image: Option<(String, String)>,
    kind: LineKind,
    /// A line of the source ended inside a paragraph.
    soft: bool,
    code: Option<String>,
    html: Option<String>,
    cells: usize,
    lookup: Lookup<'t>,
}

impl<'t> Page<'t> {
    fn new(text: &'t str, width: usize, lookup: Lookup<'t>) -> Self {
        Self {
            text,
            flow: Flow::new(width),
            containers: Vec::new(),
            end: 0,
            inline: Vec::new(),
            styles: Vec::new(),
            links: Vec::new(),
            image: None,
            kind: LineKind::Text,
            soft: false,
            code: None,
            html: None,
            cells: 0,
            lookup,
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        // A line that starts in bold is one of several `Name: value` lines, and stays a line.
        if std::mem::take(&mut self.soft) {
            self.push(Style::Plain, if matches!(event, Event::Start(Tag::Strong)) { "\n" } else { " " });
        }
        match event {
            Event::Start(tag) => self.start(tag, range.start),
            Event::End(tag) => self.finish(tag, range.end),
            Event::Text(text) => match (&mut self.code, &mut self.html) {
                (Some(code), _) => code.push_str(&text),
                (_, Some(html)) => html.push_str(&text),
                _ => self.say(&text, None, range),
            },
            Event::Code(text) => self.say(&text, Some(Style::Code), range),
            Event::Html(text) => match &mut self.html {
                Some(html) => html.push_str(&text),
                None => self.say(&strip(&text), None, range),
            },
            Event::InlineHtml(tag) => match inline::html(&tag) {
                Html::Nothing => {}
                Html::Break => self.push(Style::Plain, "\n"),
                Html::Literal(text) => self.say(text, None, range),
            },
            Event::SoftBreak => self.soft = true,
            Event::HardBreak => self.push(Style::Plain, "\n"),
            Event::TaskListMarker(done) => self.say(if done { "[x] " } else { "[ ] " }, None, range),
            Event::Rule => {
                self.begin(range.start);
                self.kind = LineKind::Rule;
                self.push(Style::Plain, "----");
                self.flush();
                self.end = range.end;
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: usize) {
        match tag {
            Tag::Paragraph => self.begin(at),
            Tag::Heading { .. } => {
                self.begin(at);
                self.kind = LineKind::Heading;
                self.styles.push(Style::Heading);
            }
            Tag::BlockQuote(_) => {
                self.begin(at);
                self.containers.push(Container::Quote);
                self.styles.push(Style::Quote);
            }
            Tag::CodeBlock(_) => {
                self.begin(at);
                self.code = Some(String::new());
            }
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::List(start) => {
                self.flush();
                self.containers.push(Container::List(start));
            }
            Tag::Item => self.item(at),
            Tag::Table(_) => self.begin(at),
            Tag::TableHead => self.row(Some(Style::Strong)),
            Tag::TableRow => self.row(None),
            Tag::TableCell => {
                if self.cells > 0 {
                    self.push(Style::Plain, " | ");
                }
                self.cells += 1;
            }
            Tag::Strong => self.styles.push(Style::Strong),
            Tag::Emphasis => self.styles.push(Style::Emphasis),
            Tag::Link { dest_url, .. } => {
                self.links.push((dest_url.to_string(), String::new()));
                self.styles.push(Style::Link);
            }
            Tag::Image { dest_url, .. } => self.image = Some((dest_url.to_string(), String::new())),
            _ => {}
        }
    }

    fn item(&mut self, at: usize) {
        self.begin(at);
        let marker = match self.containers.last_mut() {
            Some(Container::List(Some(number))) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "- ".to_owned(),
        };
        self.containers.push(Container::Item(marker, false));
    }

    fn finish(&mut self, tag: TagEnd, end: usize) {
        match tag {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.styles.pop();
                self.containers.pop();
            }
            TagEnd::CodeBlock => self.code_lines(),
            TagEnd::HtmlBlock => self.html_lines(end),
            TagEnd::List(_) => {
                self.containers.pop();
            }
            TagEnd::Item => {
                self.flush();
                if let Some(Container::Item(marker, false)) = self.containers.last() {
                    let marker = marker.clone();
                    self.push(Style::Plain, marker.trim_end());
                    self.containers.pop();
                    self.flush();
                } else {
                    self.containers.pop();
                }
            }
            TagEnd::TableHead => {
                self.flush();
                self.styles.pop();
            }
            TagEnd::TableRow => self.flush(),
            TagEnd::Strong | TagEnd::Emphasis => {
                self.styles.pop();
            }
            TagEnd::Link => self.link(),
            TagEnd::Image => {
                if let Some((path, description)) = self.image.take() {
                    self.push(Style::Link, &format!("[image: {description} → {path}]"));
                }
            }
            _ => return,
        }
        // A list, an item and a quote reach over the empty lines after them.
        use TagEnd::{CodeBlock, Heading, HtmlBlock, Image, Link, Paragraph, TableHead, TableRow};
        if matches!(tag, Paragraph | Heading(_) | CodeBlock | HtmlBlock | TableHead | TableRow | Link | Image) {
            self.end = self.end.max(end);
        }
    }

    fn row(&mut self, style: Option<Style>) {
        self.flush();
        self.kind = LineKind::Table;
        self.cells = 0;
        self.styles.extend(style);
    }

    fn link(&mut self) {
        self.styles.pop();
        if let Some((url, text)) = self.links.pop()
            && !url.ends_with(&text)
        {
            self.push(Style::Link, &format!(" ({url})"));
        }
    }

    /// Text of the document, at its place.
    fn say(&mut self, text: &str, style: Option<Style>, at: Range<usize>) {
        if let Some((_, description)) = &mut self.image {
            description.push_str(text);
            return;
        }
        if self.inline.is_empty() && self.kind == LineKind::Text {
            self.begin(at.start);
        }
        self.end = self.end.max(at.end);
        for (_, said) in &mut self.links {
            said.push_str(text);
        }
        let style = style.or_else(|| self.styles.last().copied()).unwrap_or(Style::Plain);
        // An entity may have stood for something that acts on a terminal.
        let clean = Untrusted::from(text).line();
        self.push(style, clean.as_str());
    }

    fn push(&mut self, style: Style, text: &str) {
        self.inline.push((style, text.to_owned()));
    }

    /// A block starts: an empty line where the author left one.
    fn begin(&mut self, at: usize) {
        self.flush();
        let done = self.text.get(..self.end).is_some_and(|text| text.ends_with('\n'));
        let between = self.text.get(self.end..at).unwrap_or_default();
        let whole = between.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let mut lines = whole.split('\n').skip(usize::from(!done));
        if between.contains('\n') && lines.any(|line| line.trim_matches([' ', '>', '\t']).is_empty()) {
            self.flow.blank();
        }
        self.end = self.end.max(at);
    }

    /// Prefixes of the first line and of the others.
    fn prefixes(&mut self) -> (String, String) {
        let mut first = String::new();
        let mut others = String::new();
        for container in self.containers.iter_mut().filter(|c| !matches!(c, Container::List(_))).take(INDENTS) {
            match container {
                Container::Item(marker, drawn) => {
                    let space = " ".repeat(marker.len());
                    first.push_str(if *drawn { &space } else { marker });
                    others.push_str(&space);
                    *drawn = true;
                }
                _ => {
                    first.push_str("> ");
                    others.push_str("> ");
                }
            }
        }
        (first, others)
    }

    fn flush(&mut self) {
        if self.inline.is_empty() {
            return;
        }
        let (first, others) = self.prefixes();
        let inline = filled::filled(std::mem::take(&mut self.inline), self.lookup);
        let kind = std::mem::replace(&mut self.kind, LineKind::Text);
        self.flow.paragraph(&inline, kind, &first, &others);
    }

    fn code_lines(&mut self) {
        let Some(code) = self.code.take() else { return };
        for line in code.lines() {
            let (first, _) = self.prefixes();
            self.flow.line(LineKind::Code, &first, Style::Code, line);
        }
    }

    fn html_lines(&mut self, end: usize) {
        let Some(html) = self.html.take() else { return };
        let start = end.saturating_sub(html.len());
        let text = strip(&html);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.begin(start.max(self.end));
            self.push(self.styles.last().copied().unwrap_or(Style::Plain), Untrusted::from(line).line().as_str());
            self.flush();
        }
    }
}

#[cfg(test)]
mod tests;
