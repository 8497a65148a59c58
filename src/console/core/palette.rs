//! What the palette finds for what is typed.

use super::command::Command;
use super::keymap::Binding;
use super::model::Model;
use super::prompt::Kind;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};

/// The selected line is one that there is.
pub(super) fn clamp(model: &mut Model) {
    let count = found(model).len();
    if let Some(Kind::Field(field)) = model.prompt.as_mut().map(|p| &mut p.kind) {
        field.selected = field.selected.min(count.saturating_sub(1));
    }
}

/// The commands that the palette shows for what is typed, best first.
pub fn found(model: &Model) -> Vec<&Binding> {
    let typed = match model.prompt.as_ref().map(|p| &p.kind) {
        Some(Kind::Field(field)) => field.text(),
        _ => String::new(),
    };
    let offered = |b: &&Binding| !matches!(b.run, Command::Palette | Command::Dismiss | Command::Cancel);
    let all = model.keymap.at(model.place()).filter(offered);
    if typed.trim().is_empty() {
        return all.collect();
    }
    // Substrings alone: letters that lie apart would run what nobody meant.
    let pattern = Pattern::new(typed.trim(), CaseMatching::Ignore, Normalization::Smart, AtomKind::Substring);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, &Binding)> = all
        .filter_map(|b| {
            let text = format!("{} {}", b.run.name(), b.desc);
            let score = pattern.score(nucleo_matcher::Utf32Str::new(&text, &mut buffer), &mut matcher)?;
            let exact = if b.run.name().starts_with(typed.trim()) { 1000 } else { 0 };
            Some((score + exact, b))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, b)| b).collect()
}
