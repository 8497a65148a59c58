//! The sections that are read, not done (P5): what stands above the first step of a section, and whole sections without
//! steps.

use super::outline::{Section, owning, subtree_ends};
use super::source::Source;
use super::walk::{Owner, Walk};
use std::ops::Range;

/// The sections to read, in the order of the file.
pub(super) fn sections(
    sections: &[Section],
    swallowed: &[bool],
    regions: &[(Range<usize>, Owner)],
    source: &Source,
    walk: &Walk,
) -> Vec<super::Section> {
    let mut own: Vec<Vec<Range<usize>>> = vec![Vec::new(); sections.len()];
    for (range, owner) in regions {
        if let Owner::Section(section) = owner
            && let Some(own) = own.get_mut(*section)
        {
            own.push(range.clone());
        }
    }
    let mut covered = 0;
    let mut out = Vec::new();
    let parts = sections.iter().zip(owning(sections, &walk.drafts)).zip(subtree_ends(sections)).zip(own).zip(swallowed);
    for ((((section, owns), end), own), swallowed) in parts {
        if section.range.start < covered || *swallowed {
            continue;
        }
        let whole = !owns && !section.title && section.head.is_some();
        if whole {
            covered = end;
        }
        let own = if whole { std::iter::once(section.range.start..end).collect() } else { own };
        out.extend(read(section, own, whole, source));
    }
    out
}

/// One section, if there is something in it to read; a heading without steps below it always is.
fn read(section: &Section, ranges: Vec<Range<usize>>, whole: bool, source: &Source) -> Option<super::Section> {
    let lossy = section.head.as_ref().is_some_and(|head| head.lossy);
    let mut body = String::new();
    for (index, range) in ranges.into_iter().enumerate() {
        let start = if index == 0 && !lossy { section.body.clamp(range.start, range.end) } else { range.start };
        source.dedented(start..range.end, 0, &[], &mut body);
    }
    let body = body.trim_matches('\n').trim_end();
    let visible = body.lines().any(|line| !line.trim_matches([' ', '\t', '-', '*', '_']).is_empty());
    if !visible && !whole {
        return None;
    }
    let title = match &section.head {
        Some(head) if !section.title => head.title.as_str(),
        _ => "Summary",
    };
    Some(super::Section { title: title.into(), body: body.into(), line: source.line(section.range.start) })
}
