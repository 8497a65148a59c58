//! Decisions and their choices (P12), and the labels of sub-steps that are not Markdown lists (P7).

use super::Choice;
use super::blocks::{Block, Kind};
use super::fence;
use super::heading;
use super::inline::{bold_lead, plain, squeeze, start};
use super::jumps;

/// Characters that a choice may have.
const CHOICE: usize = 60;

/// The choices of an item or a heading: bullets below a question, bullets that start with yes, no or if; yes and no for
/// a condition that names none. Empty when it is no decision.
pub(super) fn below(title: &str, blocks: &[Block<'_>]) -> Vec<Choice> {
    let question = title.trim_end().ends_with('?') || starts_with(title, "decide");
    let condition = heading::is_condition(title);
    for list in blocks.iter().filter(|block| matches!(block.kind, Kind::List { ordered: false })) {
        if !question && !condition && !list.children.iter().take(1).all(answers) {
            continue;
        }
        let leads: Vec<(String, String)> = list.children.iter().filter_map(lead).collect();
        if leads.len() < 2 || leads.len() != list.children.len() {
            continue;
        }
        let answers = leads.iter().all(|(_, text)| is_answer(text));
        let led = leads.iter().all(|(choice, text)| choice.len() < text.trim_end().len().saturating_sub(1));
        if question || answers || (condition && led) {
            let choice = |((words, _), item): ((String, String), &Block<'_>)| Choice {
                lead: jumps::lead(&item.children),
                ..Choice::of(words)
            };
            return leads.into_iter().zip(&list.children).map(choice).collect();
        }
    }
    match condition {
        // The one place that the condition itself names.
        true => vec![Choice { lead: jumps::only(title), ..Choice::of("Yes") }, Choice::of("No")],
        false => Vec::new(),
    }
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// The choices of a tree drawn in a fence.
pub(super) fn of_tree(text: &str) -> Vec<Choice> {
    let choice = |branch| Choice { lead: jumps::told(branch), ..Choice::of(shorten(branch)) };
    fence::branches(text).map(choice).collect()
}

fn is_answer(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase();
    matches!(word.as_str(), "yes" | "no" | "sí" | "ja" | "nein" | "oui" | "non" | "unknown" | "unsure")
        || heading::is_condition(text)
}

/// Whether a bullet answers something.
fn answers(item: &Block<'_>) -> bool {
    item.children.first().is_some_and(|first| is_answer(&start(&first.inline)))
}

/// A bullet's choice and its whole text.
fn lead(item: &Block<'_>) -> Option<(String, String)> {
    let first = item.children.first().filter(|block| matches!(block.kind, Kind::Paragraph))?;
    let text = plain(&first.inline).text;
    let bold = bold_lead(&first.inline).map(|lead| lead.trim_end_matches([':', '.', ',']).trim().to_owned());
    let choice = bold.filter(|lead| !lead.is_empty()).map(|lead| shorten(&lead)).unwrap_or_else(|| shorten(&text));
    (!choice.is_empty()).then_some((choice, text))
}

/// The text up to its first separator, at most [`CHOICE`] characters.
fn shorten(text: &str) -> String {
    let ends = [": ", " → ", " -> ", " — ", " – ", " - ", ", then ", "。", ":\n"];
    // A separator further on would leave too much.
    let near = text.get(..text.floor_char_boundary(8 * CHOICE)).unwrap_or(text);
    let end = ends.iter().filter_map(|end| near.find(end)).min().unwrap_or(text.len());
    let head = squeeze(text.get(..end).unwrap_or(text).trim_end_matches([':', '.']));
    match head.char_indices().nth(CHOICE) {
        None => head,
        Some((limit, _)) => {
            let cut = head.get(..limit).unwrap_or_default();
            let space = cut.rfind([' ', ',']).unwrap_or(limit);
            format!("{}…", cut.get(..space).unwrap_or(cut).trim_end_matches(','))
        }
    }
}

/// Follows the labels of sub-steps: letters in order, and Roman numbers below a letter.
#[derive(Default)]
pub(super) struct Labels {
    letter: u32,
    roman: u32,
}

impl Labels {
    /// Whether a line is the next sub-step: 0 for a letter (or a Roman number with no letter above), 1 for a Roman
    /// number below a letter.
    pub fn next(&mut self, line: &str) -> Option<usize> {
        let end = line.find(['.', ')']).filter(|end| (1..=5).contains(end))?;
        let (label, rest) = (line.get(..end)?.to_ascii_lowercase(), line.get(end + 1..)?);
        if !rest.starts_with(' ') {
            return None;
        }
        let letter = match label.as_bytes() {
            [letter @ b'a'..=b'z'] => u32::from(letter - b'a') + 1,
            _ => 0,
        };
        if letter == self.letter + 1 {
            (self.letter, self.roman) = (letter, 0);
            return Some(0);
        }
        if roman(&label) == Some(self.roman + 1) {
            self.roman += 1;
            return Some(usize::from(self.letter > 0));
        }
        None
    }
}

fn roman(label: &str) -> Option<u32> {
    const ROMAN: [&str; 20] = [
        "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii",
        "xviii", "xix", "xx",
    ];
    ROMAN.iter().zip(1..).find(|(numeral, _)| **numeral == label).map(|(_, number)| number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::blocks;

    fn choices(text: &str) -> Vec<String> {
        let tree = blocks::read(text, 0);
        let item = &tree[0].children[0];
        let found = below(&plain(&item.children[0].inline).text, &item.children);
        found.into_iter().map(|choice| choice.words.line().into_string()).collect()
    }

    #[test]
    fn bullets_below_a_question_are_choices() {
        assert_eq!(
            choices("1. Is the key in use?\n   - **Yes**: deactivate it\n   - **No**: note it\n"),
            ["Yes", "No"]
        );
        assert_eq!(
            choices("1. Decide how far to go\n   - Isolate -> step 4\n   - Watch only: step 9\n"),
            ["Isolate", "Watch only"]
        );
        assert_eq!(choices("1. Ask the owner\n   - Yes, planned\n   - No\n"), ["Yes, planned", "No"]);
        assert_eq!(choices("1. If the host is in a group, detach it\n"), ["Yes", "No"]);
        assert_eq!(choices("1. If it is in use\n   - Mine: keep it\n   - Theirs: stop it\n"), ["Mine", "Theirs"]);
        assert_eq!(choices("1. If it is in use\n   - look at it\n   - stop it\n"), ["Yes", "No"]);
        assert_eq!(choices("1. Look at\n   - the host\n   - the key\n"), Vec::<String>::new());
    }

    #[test]
    fn labels_are_followed_in_order() {
        let mut labels = Labels::default();
        let lines = ["a. x", "b. y", "i. under b", "ii. under b", "c. z", "e. no", "i.e. no", "vi. no"];
        let found: Vec<Option<usize>> = lines.iter().map(|line| labels.next(line)).collect();
        assert_eq!(found, [Some(0), Some(0), Some(1), Some(1), Some(0), None, None, None]);
    }
}
