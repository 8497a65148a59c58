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
    let mut first: Option<(usize, Phase)> = None;
    let mut rest = lower.clone();
    for (start, phase, not) in &WORDS {
        for (at, _) in lower.match_indices(start) {
            let ascii = start.is_ascii() || start.chars().all(|c| c.is_alphabetic() && c < '\u{3000}');
            let inside = lower.get(..at).and_then(|b| b.chars().next_back()).is_some_and(char::is_alphanumeric);
            let after = lower.get(at + start.len()..).unwrap_or_default();
            let tail: &str = &after[..after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len())];
            if (ascii && inside) || not.iter().any(|not| tail.starts_with(not)) {
                continue;
            }
            if first.is_none_or(|(best, _)| at < best) {
                first = Some((at, *phase));
            }
            let word = at..at + start.len() + if ascii { tail.len() } else { 0 };
            if rest.is_char_boundary(word.start) && rest.is_char_boundary(word.end) {
                rest.replace_range(word.clone(), &" ".repeat(word.len()));
            }
        }
    }
    let (_, phase) = first?;
    let only = rest.split(|c: char| !c.is_alphanumeric()).all(|word| word.is_empty() || FILLERS.contains(&word));
    Some(Named { phase, only })
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
