//! What a step is called.

use super::blocks::{Block, Code, Kind};
use super::fence::{self, Class};
use super::inline::{plain, squeeze};
use super::source::Source;
use super::words;

/// Characters that a title may have; a longer paragraph is cut at a sentence and stays whole in the body.
const TITLE: usize = 160;

/// A title of at most [`TITLE`] characters, cut after a sentence where there is one; and whether it was cut.
pub(super) fn shorten(text: &str) -> (String, bool) {
    let Some((limit, _)) = text.char_indices().nth(TITLE) else { return (text.to_owned(), false) };
    let head = text.get(..limit).unwrap_or_default();
    let sentence = [". ", "? ", "! ", "。"].iter().filter_map(|end| Some(head.find(end)? + end.trim_end().len())).min();
    let lead = head.find(": ").or_else(|| head.find(" — ")).filter(|at| *at >= 20);
    let cut = sentence.or(lead);
    match cut.and_then(|at| head.get(..at)) {
        Some(title) => (title.to_owned(), true),
        None => {
            let space = head.rfind(' ').unwrap_or(limit);
            (format!("{}…", head.get(..space).unwrap_or(head)), true)
        }
    }
}

/// Splits `[IR Lead]` off the start of a title.
pub(super) fn role(title: String) -> (Option<String>, String) {
    let found = title.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match found.filter(|(role, rest)| words::is_role(role) && !rest.trim().is_empty()) {
        Some((role, rest)) => {
            let rest = rest.trim_start_matches([':', '-', '–', '—', ' ']);
            (Some(role.to_owned()), rest.to_owned())
        }
        None => (None, title),
    }
}

/// A title for an item that starts with no paragraph.
pub(super) fn fallback_title(block: &Block<'_>, source: &Source) -> String {
    if let Kind::Code(code) = &block.kind {
        return fence_title(code);
    }
    let text = plain(&block.inline).text;
    if !text.is_empty() {
        return shorten(&text).0;
    }
    let raw = source.slice(block.range.clone());
    let words = raw.lines().map(|line| line.trim_matches(|c: char| !c.is_alphanumeric())).find(|line| !line.is_empty());
    shorten(&squeeze(words.unwrap_or("(no text)"))).0
}

pub(super) fn fence_title(code: &Code<'_>) -> String {
    let first = fence::commands(code).into_iter().next().unwrap_or_default();
    let line = first.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let titled = code.text.lines().find_map(|line| line.strip_prefix("title:"));
    match (fence::class(code), line) {
        (Class::Action, _) if let Some(title) = titled => shorten(title.trim().trim_matches(['"', '\''])).0,
        (Class::Command, Some(line)) => shorten(&format!("Run: {line}")).0,
        (_, Some(line)) => shorten(line).0,
        _ => "(no text)".to_owned(),
    }
}

/// A text without `a.` or `12)` at its start.
pub(super) fn without_label(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).filter(|end| (1..=5).contains(end)).unwrap_or(0);
    let rest = text.get(end..).and_then(|rest| rest.strip_prefix(['.', ')']));
    rest.map(str::trim_start).filter(|rest| end > 0 && !rest.is_empty()).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_a_sentence() {
        assert_eq!(shorten("Stop it. Then look."), ("Stop it. Then look.".into(), false));
        let long = format!("Deactivate the key. {}", "Do not delete it. ".repeat(12));
        assert_eq!(shorten(&long), ("Deactivate the key.".into(), true));
        let (title, cut) = shorten(&"word ".repeat(40));
        assert!(cut && title.ends_with(" word…") && title.chars().count() <= TITLE);
    }

    #[test]
    fn roles_and_labels_come_off() {
        assert_eq!(role("[IR Lead]: decide".into()), (Some("IR Lead".into()), "decide".into()));
        assert_eq!(role("[INSTANCE_ID] x".into()), (None, "[INSTANCE_ID] x".into()));
        assert_eq!(without_label("a. Ransom notes"), "Ransom notes");
        assert_eq!(without_label("12) x"), "x");
        assert_eq!(without_label("Step 3: x"), "Step 3: x");
        assert_eq!(without_label("1."), "1.");
    }
}
