//! The phase that a heading names, in the languages that public playbooks are written in.

use super::Phase;

/// Starts of words, lower case, and what must not follow them.
const WORDS: [(&str, Phase, &[&str]); 66] = [
    ("prepar", Phase::Prepare, &[]),
    ("vorbereit", Phase::Prepare, &[]),
    ("prépar", Phase::Prepare, &[]),
    ("preparación", Phase::Prepare, &[]),
    ("準備", Phase::Prepare, &[]),
    ("准备", Phase::Prepare, &[]),
    ("detect", Phase::Detect, &["ive", "or"]),
    ("identif", Phase::Detect, &["ier"]),
    ("triage", Phase::Detect, &[]),
    ("detecc", Phase::Detect, &[]),
    ("erkennung", Phase::Detect, &[]),
    ("erkennen", Phase::Detect, &[]),
    ("détect", Phase::Detect, &[]),
    ("検知", Phase::Detect, &[]),
    ("検出", Phase::Detect, &[]),
    ("检测", Phase::Detect, &[]),
    ("analy", Phase::Analyze, &["st", "tics"]),
    ("investigat", Phase::Analyze, &[]),
    ("diagnos", Phase::Analyze, &[]),
    ("evidence", Phase::Analyze, &[]),
    ("acquire", Phase::Analyze, &[]),
    ("análisis", Phase::Analyze, &[]),
    ("analizar", Phase::Analyze, &[]),
    ("investigación", Phase::Analyze, &[]),
    ("untersuch", Phase::Analyze, &[]),
    ("enquête", Phase::Analyze, &[]),
    ("分析", Phase::Analyze, &[]),
    ("調査", Phase::Analyze, &[]),
    ("调查", Phase::Analyze, &[]),
    ("contain", Phase::Contain, &["er"]),
    ("mitigat", Phase::Contain, &[]),
    ("isolat", Phase::Contain, &[]),
    ("contención", Phase::Contain, &[]),
    ("contener", Phase::Contain, &[]),
    ("eindämm", Phase::Contain, &[]),
    ("confinement", Phase::Contain, &[]),
    ("endiguement", Phase::Contain, &[]),
    ("封じ込め", Phase::Contain, &[]),
    ("遏制", Phase::Contain, &[]),
    ("eradicat", Phase::Eradicate, &[]),
    ("remediat", Phase::Eradicate, &[]),
    ("erradica", Phase::Eradicate, &[]),
    ("beseitig", Phase::Eradicate, &[]),
    ("éradication", Phase::Eradicate, &[]),
    ("根絶", Phase::Eradicate, &[]),
    ("駆除", Phase::Eradicate, &[]),
    ("根除", Phase::Eradicate, &[]),
    ("recover", Phase::Recover, &[]),
    ("restor", Phase::Recover, &[]),
    ("recupera", Phase::Recover, &[]),
    ("wiederherstell", Phase::Recover, &[]),
    ("rétablissement", Phase::Recover, &[]),
    ("récupération", Phase::Recover, &[]),
    ("復旧", Phase::Recover, &[]),
    ("恢复", Phase::Recover, &[]),
    ("post-incident", Phase::Post, &[]),
    ("post incident", Phase::Post, &[]),
    ("postmortem", Phase::Post, &[]),
    ("post-mortem", Phase::Post, &[]),
    ("lessons", Phase::Post, &[]),
    ("after action", Phase::Post, &[]),
    ("lecciones", Phase::Post, &[]),
    ("nachbereitung", Phase::Post, &[]),
    ("retour d'expérience", Phase::Post, &[]),
    ("事後", Phase::Post, &[]),
    ("教訓", Phase::Post, &[]),
];

/// Words that may stand beside a phase's name in a heading that names nothing else.
const FILLERS: &[&str] = &[
    "and",
    "the",
    "phase",
    "phases",
    "step",
    "steps",
    "stage",
    "activity",
    "activities",
    "process",
    "incident",
    "of",
    "learned",
    "opportunities",
    "plan",
    "actions",
    "action",
    "procedure",
    "procedures",
    "y",
    "e",
    "und",
    "et",
    "de",
    "la",
    "el",
    "das",
    "die",
    "ion",
    "fase",
    "von",
    "review",
    "response",
    "improve",
];

/// What a heading says about the phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub phase: Phase,
    /// The heading names phases and nothing else.
    pub only: bool,
}

/// The phase that a heading names first, if it names one. Numbering must be off.
pub(super) fn named(heading: &str) -> Option<Named> {
    let lower = heading.to_lowercase();
    let mut first = None;
    let mut others = String::new();
    let mut at = 0;
    while let Some(c) = lower.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = lower.get(at..).unwrap_or_default();
        // Scripts without spaces name phases inside what looks like one long word.
        let spaced = c < '\u{3000}';
        let starts = !spaced || !lower.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
        match word_at(rest).filter(|_| starts) {
            Some((phase, length)) => {
                first = first.or(Some(phase));
                at += length;
            }
            None => {
                others.push(c);
                at += c.len_utf8();
            }
        }
    }
    let only = others.split(|c: char| !c.is_alphanumeric()).all(|word| word.is_empty() || FILLERS.contains(&word));
    first.map(|phase| Named { phase, only })
}

/// The phase that a text's first word names, and how long the word is.
fn word_at(text: &str) -> Option<(Phase, usize)> {
    let (start, phase, _) = WORDS.iter().find(|(start, _, not)| {
        text.strip_prefix(start).is_some_and(|tail| !not.iter().any(|not| tail.starts_with(not)))
    })?;
    let tail = text.get(start.len()..).unwrap_or_default();
    let spaced = start.starts_with(|c| c < '\u{3000}');
    let length = tail.find(|c: char| !spaced || !c.is_alphanumeric()).unwrap_or(tail.len());
    Some((*phase, start.len() + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_phases_in_many_tongues() {
        let only = |phase| Some(Named { phase, only: true });
        assert_eq!(named("Prepare"), only(Phase::Prepare));
        assert_eq!(named("Detect and analyze"), only(Phase::Detect));
        assert_eq!(named("Detection & Analysis"), only(Phase::Detect));
        assert_eq!(named("Post-incident"), only(Phase::Post));
        assert_eq!(named("Lessons/Opportunities"), only(Phase::Post));
        assert_eq!(named("CONTAINMENT"), only(Phase::Contain));
        assert_eq!(named("Contención"), only(Phase::Contain));
        assert_eq!(named("封じ込め"), only(Phase::Contain));
        assert_eq!(named("Wiederherstellung"), only(Phase::Recover));
        assert_eq!(named("Contain the instance"), Some(Named { phase: Phase::Contain, only: false }));
        assert_eq!(named("Acquire, Preserve, Document Evidence").unwrap().phase, Phase::Analyze);
    }

    #[test]
    fn words_that_only_look_like_phases_name_none() {
        assert_eq!(named("Container images"), None);
        assert_eq!(named("Amazon Detective"), None);
        assert_eq!(named("Identity providers"), None);
        assert_eq!(named("Analysts"), None);
        assert_eq!(named("Posting updates"), None);
        assert_eq!(named("unprepared"), None);
    }
}
