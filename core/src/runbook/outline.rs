//! The sections of a file: what counts as a heading, which phase it is in, whether it is read or done (P3 to P5).

use super::blocks::{Block, Kind};
use super::inline::{is_bold, plain};
use super::phase::{self, Named};
use super::source::Source;
use super::{Phase, heading, words};
use std::ops::Range;

/// A heading: of Markdown, a paragraph that is only bold, or the summary of a `<details>`.
pub(super) struct Head {
    pub title: String,
    /// Where it stands, with its markup.
    pub range: Range<usize>,
    rank: u8,
    pub phase: Option<Named>,
    /// It names a phase in quell's own words and nothing else, not even a number: the phase says all that it says.
    pub bare_phase: bool,
    /// Something of it (a link's address) is not in `title`.
    pub lossy: bool,
    /// A step by itself when it owns none: `Step 4: …`, `If …`.
    pub is_step: bool,
    context: bool,
    /// `Step 4: …`
    counted: bool,
}

impl Head {
    /// Whether it is a step that asks something.
    pub fn asks(&self) -> bool {
        self.is_step && self.title.ends_with('?')
    }
}

/// A heading and the blocks up to the next.
pub(super) struct Section {
    pub head: Option<Head>,
    pub parent: Option<usize>,
    /// Indices of its blocks.
    pub blocks: Range<usize>,
    /// From the heading's start to the next section's.
    pub range: Range<usize>,
    /// Where its text starts.
    pub body: usize,
    /// It is read, not done.
    pub context: bool,
    /// It is the document's title.
    pub title: bool,
    pub phase: Option<Phase>,
}

/// Sections in order, with the title's index.
pub(super) fn read(blocks: &[Block<'_>], source: &Source, start: usize, own: bool) -> Vec<Section> {
    let mut outline = Outline { sections: vec![section(None, None, 0, start)], stack: Vec::new(), level: 1 };
    for (index, block) in blocks.iter().enumerate() {
        outline.block(index, block, source);
    }
    let mut sections = outline.sections;
    let ends: Vec<usize> = sections.iter().skip(1).map(|s| s.range.start).chain([source.text.len()]).collect();
    for (section, end) in sections.iter_mut().zip(ends) {
        section.range.end = end;
        section.body = section.body.min(end);
    }
    find_title(&mut sections);
    inherit(&mut sections, own, &|section| has_steps(blocks, section));
    sections
}

fn section(head: Option<Head>, parent: Option<usize>, block: usize, at: usize) -> Section {
    let body = head.as_ref().map_or(at, |head| head.range.end);
    Section { head, parent, blocks: block..block, range: at..at, body, context: false, title: false, phase: None }
}

struct Outline {
    sections: Vec<Section>,
    /// Rank and section of every open heading.
    stack: Vec<(u8, usize)>,
    /// The level of the last heading of Markdown.
    level: u8,
}

impl Outline {
    fn block(&mut self, index: usize, block: &Block<'_>, source: &Source) {
        match &block.kind {
            Kind::Heading(level) => {
                self.level = *level;
                self.open(head(block, plain(&block.inline), level * 2), index);
            }
            Kind::Paragraph if is_bold(&block.inline) => {
                let text = plain(&block.inline);
                let sentence = text.text.ends_with(['.', '!', ';', ',']) || text.text.len() > 120 || text.lossy;
                match sentence {
                    true => self.extend(index),
                    false => self.open(head(block, text, self.level * 2 + 1), index),
                }
            }
            Kind::Html => self.html(index, block, source),
            _ => self.extend(index),
        }
    }

    fn extend(&mut self, index: usize) {
        if let Some(section) = self.sections.last_mut() {
            section.blocks.end = index + 1;
        }
    }

    fn open(&mut self, head: Head, index: usize) {
        // A heading of Markdown closes the bold ones before it, whatever its level.
        let bold_ends = head.rank.is_multiple_of(2);
        self.stack.retain(|(rank, _)| *rank < head.rank && (!bold_ends || rank.is_multiple_of(2)));
        let parent = self.stack.last().map(|(_, section)| *section);
        self.stack.push((head.rank, self.sections.len()));
        let at = head.range.start;
        self.sections.push(section(Some(head), parent, index + 1, at));
    }

    fn html(&mut self, index: usize, block: &Block<'_>, source: &Source) {
        let text = source.slice(block.range.clone());
        let lower = text.to_ascii_lowercase();
        let summary = lower.find("<summary>").and_then(|at| {
            let from = at + "<summary>".len();
            let to = from + lower.get(from..)?.find("</summary>")?;
            let title = super::inline::squeeze(&strip_tags(text.get(from..to)?));
            let lossy = lower.get(..at)?.trim() != "<details>" || text.get(from..to)?.contains('<');
            (!title.is_empty()).then_some((super::inline::Plain { text: title, lossy }, to + "</summary>".len()))
        });
        if let Some((text, end)) = summary {
            let range = block.range.start..block.range.start + end;
            self.open(Head { range, ..head(block, text, self.level * 2 + 1) }, index);
        } else if lower.contains("</details>") && self.stack.last().is_some_and(|(rank, _)| !rank.is_multiple_of(2)) {
            self.stack.pop();
            let parent = self.stack.last().map(|(_, section)| *section);
            self.sections.push(section(None, parent, index + 1, block.range.start));
        } else {
            self.extend(index);
        }
    }
}

fn strip_tags(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    out + rest
}

/// Headings of which nothing is lost where their phase is shown in their place.
const OWN: [&str; 9] =
    ["prepare", "detect", "analyze", "detect and analyze", "contain", "eradicate", "recover", "post-incident", "post"];

fn head(block: &Block<'_>, text: super::inline::Plain, rank: u8) -> Head {
    let title = text.text.trim_end_matches(':').trim().to_owned();
    let (number, rest) = heading::numbering(&title);
    let phase = phase::named(rest);
    Head {
        range: block.range.clone(),
        rank,
        bare_phase: phase.is_some_and(|phase| phase.only) && OWN.iter().any(|own| own.eq_ignore_ascii_case(&title)),
        phase,
        lossy: text.lossy,
        is_step: number.is_some() || heading::is_condition(rest),
        context: words::is_context(&title),
        counted: heading::is_counted_step(&title),
        title,
    }
}

/// The title is the first heading of level 1; without one, a first heading that stands alone on its level.
fn find_title(sections: &mut [Section]) {
    let rank = |section: &Section| section.head.as_ref().map(|head| head.rank);
    let first_h1 = sections.iter().position(|section| rank(section) == Some(2));
    let title = first_h1.or_else(|| {
        let first = sections.iter().position(|section| section.head.is_some())?;
        let alone = sections.iter().filter(|section| rank(section) == sections.get(first).and_then(rank)).count() == 1;
        let head = sections.get(first)?.head.as_ref()?;
        (alone && head.rank.is_multiple_of(2) && head.phase.is_none() && !head.context).then_some(first)
    });
    if let Some(section) = title.and_then(|title| sections.get_mut(title)) {
        section.title = true;
    }
}

/// Whether something of a section is numbered, or to be ticked.
fn has_steps(blocks: &[Block<'_>], section: &Section) -> bool {
    let task = |list: &Block<'_>| list.children.iter().any(|item| matches!(item.kind, Kind::Item { task: true }));
    let own = blocks.get(section.blocks.clone()).unwrap_or_default();
    own.iter().any(|block| match block.kind {
        Kind::List { ordered } => ordered || task(block),
        _ => false,
    })
}

/// Hands phase and context down. A heading that names nothing but a phase holds for all below it, until another does;
/// one that only mentions a phase holds where no such heading is above, or where that names this phase too.
fn inherit(sections: &mut [Section], own: bool, has_steps: &dyn Fn(&Section) -> bool) {
    // The phases of the last heading above that names nothing else.
    let mut strong: Vec<Option<phase::Set>> = Vec::with_capacity(sections.len());
    for index in 0..sections.len() {
        let (done, rest) = sections.split_at_mut(index);
        let Some(section) = rest.first_mut() else { break };
        let parent = section.parent.and_then(|parent| Some((done.get(parent)?, *strong.get(parent)?)));
        let named = section.head.as_ref().filter(|_| !section.title).and_then(|head| head.phase);
        let only = named.is_some_and(|named| named.only);
        let above = parent.and_then(|(_, strong)| strong);
        section.phase = match named {
            Some(named) if named.only || above.is_none_or(|above| above.has(named.phase)) => Some(named.phase),
            _ => parent.and_then(|(parent, _)| parent.phase),
        };
        let inherited = parent.is_some_and(|(parent, _)| parent.context);
        section.context = match &section.head {
            // What stands in order under a phase is done, whatever it was put under.
            Some(_) if section.title || (only && (!inherited || has_steps(section))) => false,
            Some(head) => head.context || (inherited && !head.counted),
            None => inherited,
        };
        strong.push(named.filter(|named| named.only).map(|named| named.all).or(above));
    }
    // In quell's own format the steps stand under phases; what does not is read.
    if own && strong.iter().any(Option::is_some) {
        for (section, _) in sections.iter_mut().zip(&strong).filter(|(_, strong)| strong.is_none()) {
            section.context = true;
        }
    }
}

/// The titles of the headings above a section, outermost first, without the document's title; with `phases`, also
/// those that name a phase and nothing else.
pub(super) fn path(sections: &[Section], index: usize, phases: bool) -> Vec<&str> {
    let mut path = Vec::new();
    let mut next = Some(index);
    while let Some(section) = next.and_then(|index| sections.get(index)) {
        if let Some(head) = section.head.as_ref().filter(|head| !section.title && (phases || !head.bare_phase)) {
            path.push(head.title.as_str());
        }
        next = section.parent;
    }
    path.reverse();
    path
}

/// For every section, whether it or one below it has steps.
pub(super) fn owning(sections: &[Section], drafts: &[super::walk::Draft]) -> Vec<bool> {
    let mut owns = vec![false; sections.len()];
    for draft in drafts {
        if let Some(owns) = owns.get_mut(draft.section) {
            *owns = true;
        }
    }
    up(sections, &mut owns, |parent, child| *parent |= child);
    owns
}

/// For every section, where the last of those below it ends.
pub(super) fn subtree_ends(sections: &[Section]) -> Vec<usize> {
    let mut ends: Vec<usize> = sections.iter().map(|section| section.range.end).collect();
    up(sections, &mut ends, |parent, child| *parent = child.max(*parent));
    ends
}

/// Hands values to the sections above. A section stands after its parent, so one pass from the end is enough.
fn up<T: Copy>(sections: &[Section], values: &mut [T], join: fn(&mut T, T)) {
    for (index, section) in sections.iter().enumerate().rev() {
        if let Some(parent) = section.parent
            && let Some(value) = values.get(index).copied()
            && let Some(parent) = values.get_mut(parent)
        {
            join(parent, value);
        }
    }
}
