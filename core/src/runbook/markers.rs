//! What marks a step (P6): tasks, numbers, commands, orders.

use super::blocks::{self, Block, Kind, Piece};
use super::fence::{self, Class};
use super::inline::{self, plain};
use super::source::Source;
use super::{heading, orders, words};

/// What a section has, the weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Marker {
    Prose,
    Fence,
    Bullets,
    Numbered,
}

/// The strongest marker of a section's blocks.
pub(super) fn strongest(blocks: &[Block<'_>]) -> Marker {
    let numbered = |block: &Block<'_>| is_steps(block) || is_numbered(block);
    if blocks.iter().any(numbered) {
        return Marker::Numbered;
    }
    blocks.iter().map(marker).max().unwrap_or(Marker::Prose)
}

/// The strongest marker that a block is.
fn marker(block: &Block<'_>) -> Marker {
    match &block.kind {
        Kind::List { .. } if block.children.iter().any(is_doing) => Marker::Bullets,
        Kind::Code(code) => match fence::class(code) {
            Class::Steps => Marker::Numbered,
            Class::Text => Marker::Prose,
            _ => Marker::Fence,
        },
        _ => Marker::Prose,
    }
}

/// Whether a block is a list whose items are steps: numbered, or with tasks somewhere.
pub(super) fn is_steps(block: &Block<'_>) -> bool {
    match block.kind {
        Kind::List { ordered } => ordered || has_tasks(block),
        _ => false,
    }
}

pub(super) fn has_tasks(block: &Block<'_>) -> bool {
    matches!(block.kind, Kind::Item { task: true })
        || (matches!(block.kind, Kind::Item { .. } | Kind::List { .. }) && block.children.iter().any(has_tasks))
}

/// Whether a block warns (P13), as a quote or in the way of MkDocs: it is shown with the first step below it too.
pub(super) fn is_warning(block: &Block<'_>) -> bool {
    if matches!(block.kind, Kind::Paragraph) {
        let said = plain(&block.inline).text.to_lowercase();
        let kind = said.strip_prefix("!!! ").or_else(|| said.strip_prefix("??? "));
        return kind.is_some_and(|kind| {
            ["warning", "danger", "caution", "important", "attention"].iter().any(|word| kind.starts_with(word))
        });
    }
    const WARNINGS: [&str; 9] =
        ["⚠", "🚨", "❗", "[!warning]", "[!caution]", "[!important]", "warning", "caution", "important"];
    let text = || block.children.first().map(|child| plain(&child.inline).text.to_lowercase()).unwrap_or_default();
    matches!(block.kind, Kind::Quote) && WARNINGS.iter().any(|start| text().starts_with(start))
}

/// Whether a paragraph tells somebody to do something; the description of an image does not.
pub(super) fn is_order(paragraph: &Block<'_>) -> bool {
    let said = paragraph.inline.iter().map(|piece| &piece.what);
    let mut said =
        said.filter(|what| matches!(what, blocks::What::Text(_) | blocks::What::Code(_) | blocks::What::Image));
    !matches!(said.next(), Some(blocks::What::Image)) && orders::is_order(&inline::start(&paragraph.inline))
}

/// Whether a bullet tells somebody to do something, perhaps on a condition, or holds a command.
pub(super) fn is_doing(item: &Block<'_>) -> bool {
    let Some(first) = item.children.first() else { return false };
    let said = match &first.kind {
        Kind::Paragraph => is_order(first) || heading::is_condition(&inline::start(&first.inline)),
        _ => false,
    };
    let commanded = || {
        item.children
            .iter()
            .any(|block| matches!(&block.kind, Kind::Code(code) if fence::class(code) == Class::Command))
            || first
                .inline
                .iter()
                .any(|piece| matches!(&piece.what, blocks::What::Code(code) if words::is_command(code)))
    };
    said || commanded()
}

pub(super) fn has_boxes(table: &Block<'_>, source: &Source) -> bool {
    table.children.iter().skip(1).any(|row| source.slice(row.range.clone()).contains(['☐', '☑']))
}

pub(super) fn is_numbered(paragraph: &Block<'_>) -> bool {
    matches!(paragraph.kind, Kind::Paragraph) && inline::lines(&paragraph.inline).iter().any(|line| number(line))
}

/// Whether a line starts with a number: `**1.**`, `2)`, `Step 3:`.
pub(super) fn number(line: &[Piece<'_>]) -> bool {
    let head: String = match line.iter().map(|piece| &piece.what).find(|what| !matches!(what, blocks::What::Strong)) {
        Some(blocks::What::Text(text)) => text.chars().take(12).collect(),
        _ => return false,
    };
    let head = head.trim_start();
    let step = head.to_ascii_lowercase().starts_with("step ");
    let digits = if step { head.get(5..).unwrap_or_default() } else { head };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let rest = digits.get(end..).unwrap_or_default();
    (1..=3).contains(&end)
        && match step {
            true => !rest.starts_with(char::is_alphanumeric),
            false => {
                rest.starts_with(['.', ')'])
                    && rest.get(1..).is_none_or(|rest| !rest.starts_with(char::is_alphanumeric))
            }
        }
}
