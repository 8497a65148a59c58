//! Steps and sections from what was found: every byte below the front matter goes to one of them.

use super::attrs::{self, Attributes};
use super::blocks::{Block, Code, Kind};
use super::fence::{self, Class};
use super::ids::{self, Ids};
use super::outline::{self, Section};
use super::source::Source;
use super::walk::{Draft, Owner, Walk};
use super::{ActionSpec, Level, Phase, Step, StepKind, action, context, jumps, phase, promote};
use crate::text::Untrusted;
use std::ops::Range;

/// A problem: how bad, where in the file, what.
pub(super) type Problem = (Level, usize, String);

/// What the text consists of.
pub(super) struct Assembled {
    pub context: Vec<super::Section>,
    pub steps: Vec<Step>,
    pub problems: Vec<Problem>,
}

/// The parts of one step.
#[derive(Default)]
struct Parts {
    ranges: Vec<Range<usize>>,
    commands: Vec<Untrusted>,
    action: Option<ActionSpec>,
    attributes: Attributes,
    attributes_at: usize,
    when_at: usize,
    lookup_at: usize,
}

/// Makes steps and sections.
pub(super) fn assemble(blocks: &[Block<'_>], sections: &[Section], mut walk: Walk, source: &Source) -> Assembled {
    let swallowed = promote::headings(&mut walk, blocks, sections, source);
    let regions = regions(&walk, source);
    let mut parts: Vec<Parts> = walk.drafts.iter().map(|_| Parts::default()).collect();
    let mut problems = Vec::new();
    let mut cuts = Vec::new();
    let mut found = Found::default();
    found.collect(blocks, source);
    let owner_at = |at: usize| {
        let next = regions.partition_point(|(range, _)| range.start <= at);
        regions.get(next.saturating_sub(1)).map(|(_, owner)| *owner)
    };
    for (at, code, range) in found.fences {
        let Some(Owner::Step(step)) = owner_at(at) else { continue };
        if let Some(part) = parts.get_mut(step) {
            take_fence(part, at, code, source, &mut problems).then(|| cuts.push(range));
        }
    }
    for range in found.comments {
        let part = match owner_at(range.start) {
            Some(Owner::Step(step)) => parts.get_mut(step),
            _ => None,
        };
        take_attributes(part, range, source, &mut problems, &mut cuts);
    }
    cuts.sort_by_key(|cut: &Range<usize>| cut.start);
    for (range, owner) in &regions {
        if let Owner::Step(step) = owner
            && let Some(part) = parts.get_mut(*step)
        {
            part.ranges.push(range.clone());
        }
    }
    let context = context::sections(sections, &swallowed, &regions, source, &walk);
    let steps = steps(walk.drafts, parts, sections, source, &cuts, &mut problems);
    Assembled { context, steps, problems }
}

/// Who owns which part of the file, in order.
fn regions(walk: &Walk, source: &Source) -> Vec<(Range<usize>, Owner)> {
    let ends = walk.marks.iter().skip(1).map(|(at, _)| *at).chain([source.text.len()]);
    walk.marks.iter().zip(ends).map(|((at, owner), end)| (*at..end.max(*at), *owner)).collect()
}

/// Fences and attribute comments of the whole text, wherever they lie.
#[derive(Default)]
struct Found<'b, 'a> {
    fences: Vec<(usize, &'b Code<'a>, Range<usize>)>,
    comments: Vec<Range<usize>>,
}

impl<'b, 'a> Found<'b, 'a> {
    fn collect(&mut self, blocks: &'b [Block<'a>], source: &Source) {
        for block in blocks {
            match &block.kind {
                Kind::Code(code) => {
                    let lines =
                        source.line_start(block.range.start)..source.line_end(block.range.end.saturating_sub(1));
                    self.fences.push((block.range.start, code, lines));
                }
                Kind::Html => self.comments(block.range.clone(), source),
                _ => {}
            }
            for piece in block.inline.iter().filter(|piece| matches!(piece.what, super::blocks::What::Html(_))) {
                self.comments(piece.range.clone(), source);
            }
            self.collect(&block.children, source);
        }
    }

    fn comments(&mut self, range: Range<usize>, source: &Source) {
        let text = source.slice(range.clone());
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find("<!--")) {
            let start = from + at;
            let rest = text.get(start..).unwrap_or_default();
            let end = start + rest.find("-->").map_or(rest.len(), |end| end + "-->".len());
            if attrs::is_attributes(rest) {
                self.comments.push(range.start + start..range.start + end);
            }
            from = end;
        }
    }
}

/// Hands a fence to its step; `true` when it was an action block that could be read, and so leaves the body.
fn take_fence(part: &mut Parts, at: usize, code: &Code<'_>, source: &Source, problems: &mut Vec<Problem>) -> bool {
    match fence::class(code) {
        Class::Command => {
            part.commands.extend(fence::commands(code).into_iter().map(Untrusted::from));
            false
        }
        Class::Action if part.action.is_some() => {
            problems.push((Level::Error, at, "a step has one action block; this second one is only shown".into()));
            false
        }
        Class::Action => match action::read(code, at, source) {
            Ok(spec) => {
                part.action = Some(spec);
                true
            }
            Err(errors) => {
                let errors = errors.into_iter().map(|(at, what)| (Level::Error, at, format!("broken action: {what}")));
                problems.extend(errors);
                false
            }
        },
        _ => false,
    }
}

fn take_attributes(
    part: Option<&mut Parts>,
    range: Range<usize>,
    source: &Source,
    problems: &mut Vec<Problem>,
    cuts: &mut Vec<Range<usize>>,
) {
    let Some(part) = part else {
        problems.push((Level::Warning, range.start, "these step attributes stand below no step".into()));
        return;
    };
    let before = part.attributes.id.is_some();
    let shown = part.attributes.when.is_none();
    let complaints = attrs::read(source.slice(range.clone()), &mut part.attributes);
    problems.extend(complaints.into_iter().map(|(level, at, what)| (level, range.start + at, what)));
    if !before {
        part.attributes_at = range.start;
    }
    if shown {
        part.when_at = range.start + part.attributes.when_at;
        part.lookup_at = range.start + part.attributes.lookup_at;
    }
    cuts.push(range);
}

fn steps(
    drafts: Vec<Draft>,
    parts: Vec<Parts>,
    sections: &[Section],
    source: &Source,
    cuts: &[Range<usize>],
    problems: &mut Vec<Problem>,
) -> Vec<Step> {
    let mut ids = Ids::default();
    // An author's id is kept for its step, whatever the ids of the steps before it turn out to be.
    let kept: Vec<bool> = parts
        .iter()
        .map(|part| match &part.attributes.id {
            Some(id) if ids.reserve(id) => true,
            Some(id) => {
                problems.push((Level::Error, part.attributes_at, format!("the step id {id} stands here twice")));
                false
            }
            None => false,
        })
        .collect();
    let mut numbers = ids::Numbers::default();
    let mut phases = Phases::of(sections);
    let mut steps = Vec::with_capacity(drafts.len());
    for ((draft, part), kept) in drafts.into_iter().zip(parts).zip(kept) {
        let path = outline::path(sections, draft.section, true);
        let id = match &part.attributes.id {
            Some(id) if kept => Some(id.clone()),
            Some(id) => ids.unique(id.as_str()),
            None => ids.unique(&ids::derived(&path, &draft.title)),
        };
        // A slug and a number always make an identifier.
        let Some(id) = id else { continue };
        let written = || jumps::written(source.row(source.line(draft.at))?);
        let number = numbers.next(draft.depth, (draft.depth == 0).then(written).flatten());
        let body = body(&draft, &part.ranges, source, cuts);
        let phase = phases.next(&draft, sections);
        let (each, at) = (part.attributes.each, part.attributes_at);
        let step = Step { phase, ..step(draft, part, id, number, body, sections, source) };
        if each.is_some() && step.each.is_none() {
            problems.push((Level::Error, at, "each: a decision is made once, and not for each of a list".into()));
        }
        steps.push(step);
    }
    steps
}

/// Which phase a step is in (P4): its tag's, that of the step above it, its headings', what its own words name, and at
/// last what the title names.
struct Phases {
    title: Option<Phase>,
    above: Vec<Option<Phase>>,
}

impl Phases {
    fn of(sections: &[Section]) -> Self {
        let title = sections.iter().find(|section| section.title).and_then(|section| section.head.as_ref());
        Self { title: title.and_then(|head| head.phase).map(|named| named.phase), above: Vec::new() }
    }

    fn next(&mut self, draft: &Draft, sections: &[Section]) -> Option<Phase> {
        self.above.truncate(draft.depth);
        let above = self.above.last().copied().flatten();
        let section = || sections.get(draft.section).and_then(|section| section.phase);
        let phase = draft.phase.or(above).or_else(section).or_else(|| phase::told(&draft.title)).or(self.title);
        self.above.resize(draft.depth, above);
        self.above.push(phase);
        phase
    }
}

fn step(
    draft: Draft,
    part: Parts,
    id: crate::text::Id<crate::text::id::Slug>,
    number: String,
    body: String,
    sections: &[Section],
    source: &Source,
) -> Step {
    let kind = match () {
        () if part.action.is_some() => StepKind::Action,
        () if part.attributes.decision || !draft.choices.is_empty() => StepKind::Decision,
        () if !part.commands.is_empty() => StepKind::Command,
        () => StepKind::Manual,
    };
    Step {
        id,
        number,
        title: unselected(draft.title).into(),
        phase: None,
        group: outline::path(sections, draft.section, false).into_iter().map(Untrusted::from).collect(),
        depth: draft.depth,
        line: source.line(draft.at),
        kind,
        commands: part.commands,
        action: part.action,
        body: unselected(body).into(),
        choices: draft.choices,
        note_required: part.attributes.note_required,
        evidence: part.attributes.evidence.clone(),
        role: part.attributes.role.or(draft.role.map(Untrusted::from)),
        target_minutes: part.attributes.target,
        when: part.attributes.when,
        when_at: part.when_at,
        lookup: part.attributes.lookup.clone(),
        lookup_at: part.lookup_at,
        // A decision is made once.
        each: part.attributes.each.filter(|_| kind != StepKind::Decision),
    }
}

/// Without the character that asks for the picture of a sign (VS16, Unicode 23.4): on a terminal it is nothing but a hidden
/// character behind each sign of warning. Where it stands behind a letter it stays, to be seen.
fn unselected(text: String) -> String {
    if !text.contains('\u{fe0f}') {
        return text;
    }
    let mut before = ' ';
    let shown = |c: &char| {
        let sign = matches!(std::mem::replace(&mut before, *c), '\u{203c}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
        !(sign && *c == '\u{fe0f}')
    };
    text.chars().filter(shown).collect()
}

fn body(draft: &Draft, ranges: &[Range<usize>], source: &Source, cuts: &[Range<usize>]) -> String {
    let mut out = String::new();
    for before in &draft.before {
        source.dedented(before.clone(), draft.indent, cuts, &mut out);
        if !out.ends_with('\n') {
            out.push('\n');
        }
        // Text below a quote would become part of it; a row must not be parted from its head.
        if source.slice(before.clone()).starts_with('>') {
            out.push('\n');
        }
    }
    for (index, range) in ranges.iter().enumerate() {
        let mut start = if index == 0 { range.start.max(draft.body) } else { range.start };
        if index == 0 && !draft.before.is_empty() {
            let own = source.slice(start..range.end);
            start += own.len() - own.trim_start_matches('\n').len();
        }
        if index > 0 && !out.ends_with("\n\n") {
            out.push_str(if out.ends_with('\n') { "\n" } else { "\n\n" });
        }
        source.dedented(start..range.end, draft.indent, cuts, &mut out);
    }
    let trimmed = out.trim_end();
    let start = trimmed.len() - trimmed.trim_start_matches('\n').len();
    trimmed.get(start..).unwrap_or_default().to_owned()
}
