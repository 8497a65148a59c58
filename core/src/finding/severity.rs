//! Severity: the five words, the numbers behind them, and the rules that lead from one to the other.

use super::doc::Node;
use super::{Label, Severity};

impl Severity {
    /// From a word alone: the lowest number that the word stands for.
    pub fn of_label(label: Label) -> Self {
        let score = match label {
            Label::Informational => 0.0,
            Label::Low => 1.0,
            Label::Medium => 40.0,
            Label::High => 70.0,
            Label::Critical => 90.0,
        };
        Self { label: Some(label), score: Some(score) }
    }

    /// From a number from 0 to 100 alone, by the ranges of ASFF's `Severity.Normalized`.
    pub(super) fn of_score(score: f64) -> Self {
        let label = match score {
            s if s >= 90.0 => Label::Critical,
            s if s >= 70.0 => Label::High,
            s if s >= 40.0 => Label::Medium,
            s if s > 0.0 => Label::Low,
            _ => Label::Informational,
        };
        Self { label: Some(label), score: Some(score) }
    }

    /// GuardDuty's number from 1.0 to 10.0 ("Severity levels of GuardDuty findings"); stored findings of old go
    /// down to 0.1. What lies above the scale is shown as the worst, never hidden.
    pub(super) fn of_guardduty(node: &Node<'_>) -> Self {
        match node.number() {
            // Times ten leaves the crumbs of binary fractions: 1.1 * 10 is 11.000000000000002.
            Some(s) if s >= 0.0 => Self::of_score(((s * 1e4).round() / 1e3).min(100.0)),
            Some(_) => Self::default(),
            None => Self::of_word(node),
        }
    }

    /// From a word in the record, if it is one.
    pub(super) fn of_word(node: &Node<'_>) -> Self {
        node.str().and_then(Label::parse).map(Self::of_label).unwrap_or_default()
    }
}

impl Label {
    /// The label that a word stands for, in full or in short, in either case; OCSF's `Fatal` is the worst that
    /// there is here.
    pub fn parse(word: &str) -> Option<Self> {
        const WORDS: [(&str, Label); 9] = [
            ("informational", Label::Informational),
            ("info", Label::Informational),
            ("low", Label::Low),
            ("medium", Label::Medium),
            ("med", Label::Medium),
            ("high", Label::High),
            ("critical", Label::Critical),
            ("crit", Label::Critical),
            ("fatal", Label::Critical),
        ];
        WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word.trim())).map(|(_, label)| *label)
    }

    /// The word as findings write it.
    pub fn word(self) -> &'static str {
        match self {
            Label::Informational => "INFORMATIONAL",
            Label::Low => "LOW",
            Label::Medium => "MEDIUM",
            Label::High => "HIGH",
            Label::Critical => "CRITICAL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guardduty(n: f64) -> (Option<Label>, Option<f64>) {
        let it = Severity::of_guardduty(&Node::Number(n));
        (it.label, it.score)
    }

    #[test]
    fn guardduty_by_its_four_levels() {
        assert_eq!(guardduty(10.0), (Some(Label::Critical), Some(100.0)));
        assert_eq!(guardduty(9.0), (Some(Label::Critical), Some(90.0)));
        assert_eq!(guardduty(8.9), (Some(Label::High), Some(89.0)));
        assert_eq!(guardduty(7.0), (Some(Label::High), Some(70.0)));
        assert_eq!(guardduty(6.9), (Some(Label::Medium), Some(69.0)));
        assert_eq!(guardduty(4.0), (Some(Label::Medium), Some(40.0)));
        assert_eq!(guardduty(3.9), (Some(Label::Low), Some(39.0)));
        assert_eq!(guardduty(1.1), (Some(Label::Low), Some(11.0)));
        assert_eq!(guardduty(0.1), (Some(Label::Low), Some(1.0)));
        assert_eq!(guardduty(0.0), (Some(Label::Informational), Some(0.0)));
        assert_eq!(guardduty(50.0), (Some(Label::Critical), Some(100.0)));
        assert_eq!(guardduty(-1.0), (None, None));
    }

    #[test]
    fn words_and_ranges() {
        assert_eq!(Severity::of_score(39.0).label, Some(Label::Low));
        assert_eq!(Severity::of_score(69.0).label, Some(Label::Medium));
        assert_eq!(Severity::of_score(89.0).label, Some(Label::High));
        assert_eq!(Severity::of_label(Label::Low).score, Some(1.0));
        assert_eq!(Label::parse("Fatal"), Some(Label::Critical));
        assert_eq!(Label::parse("MED"), Some(Label::Medium));
        assert_eq!(Label::parse("untriaged"), None);
    }
}
