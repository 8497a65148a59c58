//! What the screen says of each source: those that bring nothing have lines of their own.

use crate::console::core::model::Model;
use crate::console::screens::page::broken_words;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::Piece;
use crate::source::Health;
use quell_core::text::cut_end;
use ratatui::style::Style;

type Block = (Vec<String>, Style);

/// Of each source that fails or is not enabled: what, since when, and what to do; the failing ones first. What does
/// not fit into so many rows is named in the last one.
pub(super) fn quiet(model: &Model, room: usize, rows: usize) -> Vec<Vec<Piece>> {
    let health = || model.findings.health.iter();
    let failing = health().filter(|(_, h)| matches!(h, Health::Failing { .. }));
    let others = health().filter(|(_, h)| matches!(h, Health::NotEnabled));
    let all: Vec<(&str, Block)> =
        failing.chain(others).map(|(name, h)| (name.as_str(), block(name, h, room, model.look))).collect();
    fitting(all, room, rows, model.look)
}

fn block(name: &str, health: &Health, room: usize, look: Look) -> Block {
    let (words, style) = match health {
        Health::Failing { problem, .. } => {
            let end = if problem.next.is_empty() { String::new() } else { format!("; {}", problem.next) };
            (format!("{name}: {}{end}", words(health)), look.bad())
        }
        _ => (
            format!("{name}: {}: nothing is found there. Enable it in this account and region", words(health)),
            look.warn(),
        ),
    };
    (hang(&words, room), style)
}

/// Words on as many lines as they take; the later ones stand further in.
fn hang(words: &str, room: usize) -> Vec<String> {
    let lines = broken_words(words, room.saturating_sub(2));
    lines.into_iter().enumerate().map(|(at, line)| if at == 0 { line } else { format!("  {line}") }).collect()
}

fn fitting(all: Vec<(&str, Block)>, room: usize, rows: usize, look: Look) -> Vec<Vec<Piece>> {
    let height = |blocks: &[(&str, Block)]| blocks.iter().map(|(_, (lines, _))| lines.len()).sum::<usize>();
    let fits = (0..=all.len()).rev().find(|count| {
        let rest = usize::from(*count < all.len());
        all.get(..*count).is_some_and(|shown| height(shown) + rest <= rows)
    });
    let shown = fits.unwrap_or(0);
    let mut lines = Vec::new();
    for (_, (words, style)) in all.iter().take(shown) {
        lines.extend(words.iter().map(|line| vec![(line.clone(), *style)]));
    }
    let rest: Vec<&str> = all.iter().skip(shown).map(|(name, _)| *name).collect();
    if !rest.is_empty() {
        let of = if rest.len() == 1 { "source brings" } else { "sources bring" };
        let words = format!(" {} more {of} nothing (@ shows the calls): {}", rest.len(), rest.join(", "));
        lines.push(vec![(cut_end(&words, room), look.bad())]);
    }
    lines.truncate(rows);
    lines
}

/// The status line: how many fail, and how the others do.
pub(super) fn status(model: &Model) -> Vec<Piece> {
    let (look, health) = (model.look, &model.findings.health);
    let count = |of: fn(&Health) -> bool| health.values().filter(|h| of(h)).count();
    let failing = count(|h| matches!(h, Health::Failing { .. }));
    let off = count(|h| matches!(h, Health::NotEnabled));
    let mut pieces = Vec::new();
    if failing > 0 {
        pieces.push((format!(" sources FAILING: {failing} of {} ", health.len()), look.bad()));
    }
    if off > 0 {
        pieces.push((format!(" {off} NOT ENABLED "), look.warn()));
    }
    let well = health.iter().filter(|(_, h)| matches!(h, Health::Ok { .. } | Health::Loading { .. }));
    pieces.extend(well.map(|(name, health)| (format!(" {name}: {} ", words(health)), look.plain())));
    pieces
}

/// A source that answers, in one line of an empty list.
pub(super) fn answering(model: &Model, room: usize) -> Vec<String> {
    let well = model.findings.health.iter().filter(|(_, h)| matches!(h, Health::Ok { .. } | Health::Loading { .. }));
    well.flat_map(|(name, health)| hang(&format!("{name}: {}", words(health)), room)).collect()
}

fn words(health: &Health) -> String {
    match health {
        Health::Ok { as_of, .. } => format!("ok at {}", as_of.strftime("%H:%MZ")),
        Health::NotEnabled => "NOT ENABLED".into(),
        Health::Failing { since, as_of, problem, .. } => {
            let rows = as_of.map_or(String::new(), |at| format!(", its rows are of {}", at.strftime("%H:%MZ")));
            format!("FAILING since {}{rows}: {}", since.strftime("%H:%MZ"), problem.what)
        }
        Health::Loading { pages, .. } => format!("reading, {pages} page(s)"),
    }
}
