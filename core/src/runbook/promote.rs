//! Headings that are steps by themselves (P3, P12): numbered ones, and conditions, that own no step.

use super::blocks::Block;
use super::outline::{Section, owning, subtree_ends};
use super::source::Source;
use super::walk::{Draft, Owner, Walk};
use super::{choices, heading};
use std::collections::{BTreeMap, HashSet};

/// Adds the headings that are steps by themselves, the innermost ones; gives for every section whether such a step
/// took it in.
pub(super) fn headings(walk: &mut Walk, blocks: &[Block<'_>], sections: &[Section], source: &Source) -> Vec<bool> {
    let mut owns = owning(sections, &walk.drafts);
    let ends = subtree_ends(sections);
    let mut added = Vec::new();
    // A section stands after its parent: from the end, the inner ones come first and hand up that they have a step.
    for (index, (section, end)) in sections.iter().zip(ends).enumerate().rev() {
        let mut own = owns.get(index) == Some(&true);
        let empty = source.slice(section.body..end).trim().trim_matches('-').is_empty();
        if !own
            && !empty
            && let Some(draft) = draft(section, index, blocks, source)
        {
            added.push(draft);
            own = true;
        }
        if let Some(above) = section.parent.and_then(|parent| owns.get_mut(parent)) {
            *above |= own;
        }
    }
    let steps: HashSet<usize> = added.iter().map(|draft| draft.section).collect();
    let mut swallowed = vec![false; sections.len()];
    for (index, section) in sections.iter().enumerate() {
        let inside = section.parent.is_some_and(|parent| swallowed.get(parent) == Some(&true));
        if let Some(slot) = swallowed.get_mut(index) {
            *slot = inside || steps.contains(&index);
        }
    }
    if !added.is_empty() {
        insert(walk, added, sections, &swallowed);
    }
    swallowed
}

/// Puts steps among those found before, in the order of the file; their marks replace those of the sections they took.
fn insert(walk: &mut Walk, added: Vec<Draft>, sections: &[Section], swallowed: &[bool]) {
    let old = std::mem::take(&mut walk.drafts).into_iter().enumerate().map(|(old, draft)| (draft, Some(old)));
    let mut all: Vec<(Draft, Option<usize>)> = old.chain(added.into_iter().map(|draft| (draft, None))).collect();
    all.sort_by_key(|(draft, _)| draft.at);
    let mut renamed = BTreeMap::new();
    let mut starts = BTreeMap::new();
    for (new, (draft, old)) in all.iter().enumerate() {
        match old {
            Some(old) => renamed.insert(*old, new),
            None => starts.insert(draft.at, new),
        };
    }
    walk.marks.retain(|(_, owner)| match owner {
        Owner::Section(index) => {
            let begins = sections.get(*index).is_some_and(|section| starts.contains_key(&section.range.start));
            begins || swallowed.get(*index) != Some(&true)
        }
        _ => true,
    });
    for (at, owner) in &mut walk.marks {
        *owner = match *owner {
            Owner::Step(old) => Owner::Step(renamed.get(&old).copied().unwrap_or(old)),
            Owner::Section(section) => starts.get(at).map_or(Owner::Section(section), |new| Owner::Step(*new)),
            Owner::Nobody => Owner::Nobody,
        };
    }
    walk.drafts = all.into_iter().map(|(draft, _)| draft).collect();
}

/// The step that a heading is: numbered, or a condition.
fn draft(section: &Section, index: usize, blocks: &[Block<'_>], source: &Source) -> Option<Draft> {
    let head = section.head.as_ref().filter(|head| head.is_step && !section.context && !section.title)?;
    let (_, rest) = heading::numbering(&head.title);
    let list = blocks.get(section.blocks.clone()).unwrap_or_default();
    let choices = choices::below(rest, list);
    Some(Draft {
        section: index,
        at: section.range.start,
        title: head.title.clone(),
        body: if head.lossy { head.range.start } else { head.range.end },
        indent: source.indent(head.range.start),
        depth: 0,
        choices,
        role: None,
        phase: None,
        before: Vec::new(),
    })
}
