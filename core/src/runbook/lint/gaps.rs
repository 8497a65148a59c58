//! What a runbook leaves open, and what its form hides: words that somebody wanted to come back to, phases without a
//! step, headings that can't be told apart, steps that stand in a fence.

use super::Linter;
use crate::runbook::blocks::{Block, Code, Kind};
use crate::runbook::inline::plain;
use crate::runbook::placeholder::left_to_people;
use crate::runbook::{Level, Match, Phase, Runbook, fence, finding_type};
use crate::runbook::{Lint, Step};
use crate::text::Untrusted;
use std::collections::{BTreeSet, HashMap};

/// So many names are told by themselves.
const NAMED: usize = 8;

/// What writers leave where something is still to be written.
const OPEN: [&str; 4] = ["TODO", "TBD", "FIXME", "XXX"];

/// Languages of a fence whose text is for people.
const PROSE: [&str; 7] = ["", "text", "txt", "plain", "plaintext", "md", "markdown"];

/// What a runbook for a finding must have a step for, one phase of each.
const NEEDED: [(&[Phase], &str); 3] = [
    (&[Phase::Detect, Phase::Analyze], "detect or analyze"),
    (&[Phase::Contain], "contain"),
    (&[Phase::Recover], "recover"),
];

impl Linter<'_> {
    /// How often each word was left, told once where the first stands: a file that is a draft has hundreds.
    pub(super) fn left_open(&mut self) {
        let text = self.source.text.clone();
        let mut found: Vec<(usize, &str)> = OPEN
            .iter()
            .flat_map(|word| text.match_indices(word))
            .filter(|(at, word)| stands(&text, *at, word))
            .collect();
        found.sort_unstable();
        let Some((first, _)) = found.first().copied() else { return };
        let count = |word: &str| match found.iter().filter(|(_, own)| *own == word).count() {
            0 => None,
            n => Some(format!("{word} {n}")),
        };
        let counts: Vec<String> = OPEN.into_iter().filter_map(count).collect();
        self.at(Level::Warning, first, format!("left open, the first here: {}", counts.join(", ")));
    }

    /// Names in another team's commands that somebody must fill in by hand, at the first step that has one.
    pub(super) fn filled_by_hand(&mut self, book: &Runbook) {
        let open = |step: &Step| (step.line, left_to_people(step));
        let steps: Vec<_> = book.steps.iter().map(open).filter(|(_, names)| !names.is_empty()).collect();
        let Some((line, _)) = steps.first().filter(|_| book.foreign) else { return };
        let names: BTreeSet<&str> = steps.iter().flat_map(|(_, names)| names.iter().map(|name| &**name)).collect();
        let said: Vec<&str> = names.iter().take(NAMED).copied().collect();
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let what = format!("{} name(s) in commands are filled in by hand: {}{more}", names.len(), said.join(", "));
        self.lints.push(Lint { level: Level::Warning, line: *line, column: 1, what: Untrusted::from(what).line() });
    }

    /// What a runbook for types of findings has no step for.
    pub(super) fn phases(&mut self, book: &Runbook) {
        let typed = |line: &Match| match line {
            Match::Exact(text) | Match::Glob(text) => finding_type::is_type(text),
            Match::Resource(_) | Match::Generic => false,
        };
        // Of a file that names no phase nobody knows which of them it has.
        if book.steps.iter().all(|step| step.phase.is_none()) || !book.matches.iter().any(typed) {
            return;
        }
        let has = |phases: &[Phase]| book.steps.iter().any(|step| step.phase.is_some_and(|own| phases.contains(&own)));
        let lacks: Vec<&str> = NEEDED.iter().filter(|(phases, _)| !has(phases)).map(|(_, words)| *words).collect();
        if !lacks.is_empty() {
            self.at(
                Level::Warning,
                0,
                format!("it is for finding types, and has no step to {}", lacks.join(", nor to ")),
            );
        }
    }

    /// Headings of one text, at one level under one heading: told once, at the second.
    pub(super) fn twice(&mut self, tree: &[Block<'_>]) {
        let mut above: Vec<(u8, usize)> = Vec::new();
        let mut seen: HashMap<(usize, u8, String), Vec<usize>> = HashMap::new();
        for block in tree {
            let Kind::Heading(level) = block.kind else { continue };
            above.retain(|(own, _)| *own < level);
            let parent = above.last().map_or(usize::MAX, |(_, at)| *at);
            let title = plain(&block.inline).text.trim().to_lowercase();
            if !title.is_empty() {
                seen.entry((parent, level, title)).or_default().push(block.range.start);
            }
            above.push((level, block.range.start));
        }
        for places in seen.values() {
            let [first, second, ..] = places[..] else { continue };
            let line = self.source.line(first);
            let times = if places.len() == 2 { "twice".to_owned() } else { format!("{} times", places.len()) };
            self.at(Level::Warning, second, format!("this heading stands {times} here, first in line {line}"));
        }
    }

    /// A list of steps that other readers show as code.
    pub(super) fn fenced_steps(&mut self, code: &Code<'_>, at: usize) {
        let Some(language) = code.language().filter(|language| PROSE.contains(&language.as_str())) else { return };
        if !fence::is_list(&code.text) {
            return;
        }
        let what = match fence::class(code) {
            fence::Class::Steps => "steps stand in a fence: quell reads them, other readers show them as code",
            _ if language.is_empty() => return,
            _ => "steps stand in a fence: nobody can tick them",
        };
        self.at(Level::Warning, at, what);
    }
}

/// Whether it is a word by itself, and no part of a name such as `i-XXX` or `TODO_LIST`.
fn stands(text: &str, at: usize, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let after = text.get(at + word.len()..).and_then(|rest| rest.chars().next());
    !before.is_some_and(inside) && !after.is_some_and(inside)
}

#[cfg(test)]
mod tests {
    use crate::runbook::lint::lint;
    use crate::runbook::{Level, Origin, parse};

    const HEAD: &str = "---\nid: a\nowner: o\nversion: 1\nreviewed: 2026-01-01\nmatches: [generic]\n---\n";

    /// The warnings, with their lines and columns; seven lines of front matter come first.
    fn found(text: &str) -> Vec<(usize, usize, String)> {
        let lints = lint(&parse("x", text.as_bytes(), Origin::BuiltIn).unwrap(), &Default::default());
        assert!(lints.iter().all(|lint| lint.level == Level::Warning), "{lints:?}");
        lints.into_iter().map(|lint| (lint.line, lint.column, lint.what.into_string())).collect()
    }

    #[test]
    fn what_is_left_open_is_counted_where_it_begins() {
        let text = format!("{HEAD}# T\n\n1. Ask TBD for it\n2. Call (TODO: who?)\n3. TODO, FIXME: XXX\n");
        assert_eq!(found(&text), [(10, 8, "left open, the first here: TODO 2, TBD 1, FIXME 1, XXX 1".to_owned())]);
        // A part of a name, small letters, and a sample id say nothing.
        let text = format!("{HEAD}# T\n\n1. Ask i-XXX, TODO_LIST, XXXX and todo in the TODO-app\n");
        assert_eq!(found(&text), []);
    }

    #[test]
    fn a_runbook_for_finding_types_finds_out_contains_and_recovers() {
        let of = |matches: &str, phases: &[&str]| {
            let steps: String = phases.iter().map(|phase| format!("\n## {phase}\n\n1. Do {phase}\n")).collect();
            found(&format!("{}# T\n{steps}", HEAD.replace("generic", matches)))
        };
        let what = |words: &str| [(1, 1, format!("it is for finding types, and has no step to {words}"))];
        assert_eq!(of("'Trojan:EC2/*'", &["Prepare"]), what("detect or analyze, nor to contain, nor to recover"));
        assert_eq!(of("Impact:EC2/PortSweep", &["Analyze", "Contain"]), what("recover"));
        assert_eq!(of("Impact:EC2/PortSweep", &["Detect", "Recover"]), what("contain"));
        assert_eq!(of("Impact:EC2/PortSweep", &["Detect", "Contain", "Recover"]), []);
        assert_eq!(of("Impact:EC2/PortSweep", &["Words"]), []);
        // A control is mended; what is for everything has what it needs.
        assert_eq!(of("S3.8", &["Prepare"]), []);
        assert_eq!(of("generic", &["Contain"]), []);
    }

    #[test]
    fn a_heading_that_stands_twice_under_one_is_told_once() {
        let text = format!(
            "{HEAD}# T\n\n## Look\n\n### Logs\n\n1. Read\n\n### Who\n\n1. Ask\n\n### *logs*\n\n1. Read more\n\n### Logs\n\n\
             1. Read all\n\n## Stop\n\n### Logs\n\n1. Keep them\n"
        );
        assert_eq!(found(&text), [(20, 1, "this heading stands 3 times here, first in line 12".to_owned())]);
        let text = format!("{HEAD}# T\n\n1. Look\n\n## A\n\n1. Do a\n\n## A\n\n1. Do b\n");
        assert_eq!(found(&text), [(16, 1, "this heading stands twice here, first in line 12".to_owned())]);
    }

    #[test]
    fn steps_in_a_fence_are_told() {
        let of = |language: &str, lines: &str| {
            found(&format!("{HEAD}# T\n\n1. Look\n\n## Stop\n\n```{language}\n{lines}\n```\n"))
        };
        let read = "steps stand in a fence: quell reads them, other readers show them as code".to_owned();
        let bare = (14, 1, "a fence without a language".to_owned());
        assert_eq!(of("", "1. Stop it\n2. Ask"), [bare.clone(), (14, 1, read)]);
        let lost = "steps stand in a fence: nobody can tick them".to_owned();
        assert_eq!(of("text", "1. Stop it\n2. Ask"), [(14, 1, lost)]);
        assert_eq!(of("", "it stopped\nat once"), [bare]);
        assert_eq!(of("text", "1. one line of an answer\nand more\nand more"), []);
        assert_eq!(of("sql", "1. x\n2. y"), []);
    }
}
