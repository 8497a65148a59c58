//! What a heading says by its form: numbering, conditions.

/// Words before a number, in the languages of public playbooks.
const WORDS: &[&str] = &[
    "step",
    "part",
    "phase",
    "stage",
    "paso",
    "parte",
    "fase",
    "teil",
    "schritt",
    "étape",
    "partie",
    "手順",
    "ステップ",
    "第",
];

/// Splits the numbering off a heading or item: `Part 1 — Prepare`, `2.3 Scope`, `(C) Containment`, `Step 4: Stop`.
/// Gives the number (empty for a lettered one) and the rest; no number when there is no numbering.
pub(super) fn numbering(title: &str) -> (Option<&str>, &str) {
    let title = title.trim();
    if let Some(rest) = lettered(title) {
        return (None, rest);
    }
    let mut start = title;
    if let Some(word) = WORDS.iter().find(|word| starts_with_word(title, word)) {
        start = title.get(word.len()..).unwrap_or_default().trim_start();
    }
    let worded = start.len() != title.len();
    let end = start.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(start.len());
    let (number, mut rest) = start.split_at(end);
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return (None, title);
    }
    // `4b`, but not `3rd`.
    let letter = rest.strip_prefix(|c: char| c.is_ascii_lowercase());
    if let Some(after) = letter.filter(|after| worded && !after.starts_with(char::is_alphanumeric)) {
        rest = after;
    }
    let dotted = number.contains('.');
    let closed = rest.starts_with([')', ':']) || dotted;
    if !(worded || closed) || rest.starts_with(|c: char| c.is_alphanumeric()) {
        return (None, title);
    }
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ").:–—-".contains(c));
    (Some(number.trim_end_matches('.')), rest)
}

/// Whether a heading says that it is a step, with its number: `Step 4: …`.
pub(super) fn is_counted_step(title: &str) -> bool {
    const STEPS: [&str; 6] = ["step", "paso", "schritt", "étape", "手順", "ステップ"];
    numbering(title).0.is_some() && STEPS.iter().any(|word| starts_with_word(title.trim(), word))
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word) || (!word.is_ascii() && start.to_lowercase() == word))
        && text.get(word.len()..).is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
}

fn lettered(title: &str) -> Option<&str> {
    let rest = title.strip_prefix('(')?;
    let mut chars = rest.chars();
    chars.next().filter(char::is_ascii_uppercase)?;
    chars.as_str().strip_prefix(')').map(str::trim_start)
}

/// Whether a text starts with a condition.
pub(super) fn is_condition(text: &str) -> bool {
    let text = text.trim_start();
    let starts = |start: &&str| text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start));
    ["if ", "in case ", "falls ", "wenn ", "en caso ", "si "].iter().any(starts)
        || (starts(&"when ") && is_clause(text))
}

/// Whether a text that starts with `When` says what is done then: `When the owner agrees, start it`. `When did it begin?`
/// asks, and `When to call` is a title.
fn is_clause(text: &str) -> bool {
    let asks = ["did", "do", "does", "is", "are", "was", "were", "will", "should", "can", "to", "not", "in"];
    let second = text.split_whitespace().nth(1).unwrap_or_default().to_ascii_lowercase();
    text.contains(", ") && !text.trim_end().ends_with('?') && !asks.contains(&second.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_says_what_is_done_then() {
        for text in ["If it is up, go on", "In case of doubt", "when the owner agrees, start it", "Wenn es läuft"] {
            assert!(is_condition(text), "{text}");
        }
        for text in [
            "When did it begin, and how often?",
            "When to call, and whom",
            "When it began",
            "Iffy, and more",
            "When did it, x",
        ] {
            assert!(!is_condition(text), "{text}");
        }
    }

    #[test]
    fn numbering_is_split_off() {
        assert_eq!(numbering("Part 1 — Prepare"), (Some("1"), "Prepare"));
        assert_eq!(numbering("Part 4b — Recover"), (Some("4"), "Recover"));
        assert_eq!(numbering("Part 1: Acquire"), (Some("1"), "Acquire"));
        assert_eq!(numbering("2.3 Severity"), (Some("2.3"), "Severity"));
        assert_eq!(numbering("4. Contain"), (Some("4"), "Contain"));
        assert_eq!(numbering("1) Stop"), (Some("1"), "Stop"));
        assert_eq!(numbering("Step 4: Stop"), (Some("4"), "Stop"));
        assert_eq!(numbering("(C) Containment"), (None, "Containment"));
        assert_eq!(numbering("3rd party access"), (None, "3rd party access"));
        assert_eq!(numbering("10 minutes later"), (None, "10 minutes later"));
        assert_eq!(numbering("Partner contacts"), (None, "Partner contacts"));
        assert_eq!(numbering("(a) lower"), (None, "(a) lower"));
        assert_eq!(numbering(""), (None, ""));
        assert_eq!(numbering("Étape 2 : Contenir").0, Some("2"));
        assert!(is_counted_step("Step 2: Stop") && is_counted_step("Schritt 3 Anhalten"));
        assert!(!is_counted_step("2.3 Stop") && !is_counted_step("Part 1: Stop") && !is_counted_step("Steps"));
    }
}
