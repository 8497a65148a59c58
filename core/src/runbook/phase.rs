//! The phase that a heading names, in the languages that public playbooks are written in.

use super::Phase;

/// Starts of words, lower case, and what must not follow them.
const WORDS: [(&str, Phase, &[&str]); 68] = [
    ("prepar", Phase::Prepare, &["ed"]),
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
    ("post mortem", Phase::Post, &[]),
    ("lessons", Phase::Post, &[]),
    ("follow-up", Phase::Post, &[" on", " with"]),
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

/// A set of phases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Set(u8);

impl Set {
    fn bit(phase: Phase) -> u8 {
        match phase {
            Phase::Prepare => 1,
            Phase::Detect => 1 << 1,
            Phase::Analyze => 1 << 2,
            Phase::Contain => 1 << 3,
            Phase::Eradicate => 1 << 4,
            Phase::Recover => 1 << 5,
            Phase::Post => 1 << 6,
        }
    }

    pub fn has(self, phase: Phase) -> bool {
        self.0 & Self::bit(phase) != 0
    }
}

/// What a heading says about the phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The first that it names.
    pub phase: Phase,
    /// All that it names.
    pub all: Set,
    /// The heading names phases and nothing else.
    pub only: bool,
}

/// The phase that a heading names first, if it names one. Numbering must be off.
pub(super) fn named(heading: &str) -> Option<Named> {
    let lower = heading.to_lowercase();
    let mut first = None;
    let mut all = Set::default();
    let mut others = String::new();
    let mut at = 0;
    while let Some(c) = lower.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = lower.get(at..).unwrap_or_default();
        // Scripts without spaces name phases inside what looks like one long word.
        let spaced = c < '\u{3000}';
        let starts = !spaced || !lower.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
        match starts.then(|| word_at(rest)).flatten() {
            Some((phase, length)) => {
                first = first.or(Some(phase));
                all.0 |= Set::bit(phase);
                at += length;
            }
            None => {
                others.push(c);
                at += c.len_utf8();
            }
        }
    }
    let only = others.split(|c: char| !c.is_alphanumeric()).all(|word| word.is_empty() || FILLERS.contains(&word));
    first.map(|phase| Named { phase, all, only })
}

/// Characters of a step's text that are looked at.
const START: usize = 40;

/// The phase that the start of a step's text names first (P4).
pub(super) fn told(step: &str) -> Option<Phase> {
    let end = step.char_indices().nth(START).map_or(step.len(), |(at, _)| at);
    named(step.get(..end).unwrap_or_default()).map(|named| named.phase)
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
        let of = |text| named(text).map(|named| (named.phase, named.only));
        let only = |phase| Some((phase, true));
        assert_eq!(of("Prepare"), only(Phase::Prepare));
        let both = named("Detection & Analysis").unwrap();
        assert_eq!((both.phase, both.only), (Phase::Detect, true));
        assert!(both.all.has(Phase::Detect) && both.all.has(Phase::Analyze) && !both.all.has(Phase::Contain));
        assert_eq!(of("Post-incident"), only(Phase::Post));
        assert_eq!(of("Lessons/Opportunities"), only(Phase::Post));
        assert_eq!(of("CONTAINMENT"), only(Phase::Contain));
        assert_eq!(of("Contención"), only(Phase::Contain));
        assert_eq!(of("封じ込め"), only(Phase::Contain));
        assert_eq!(of("Wiederherstellung"), only(Phase::Recover));
        assert_eq!(of("Contain the instance"), Some((Phase::Contain, false)));
        assert_eq!(of("Follow-up actions"), only(Phase::Post));
        assert_eq!(named("Acquire, Preserve, Document Evidence").unwrap().phase, Phase::Analyze);
    }

    #[test]
    fn words_that_only_look_like_phases_name_none() {
        assert_eq!(named("Container images"), None);
        assert_eq!(named("Amazon Detective"), None);
        assert_eq!(named("Identity providers"), None);
        assert_eq!(named("Analysts"), None);
        assert_eq!(named("Posting updates"), None);
        assert_eq!(named("Be prepared to speak"), None);
        assert_eq!(named("Follow-up with the owner"), None);
        assert_eq!(named("unprepared"), None);
    }
}
