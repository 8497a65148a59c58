//! Policies, as far as they decide whether an operation is allowed: effects, actions, resources, and how old a session
//! may be. Other conditions are taken as met.

use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A policy that a session was narrowed to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Policy {
    statement: Many<Statement>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: String,
    #[serde(default)]
    action: Many<String>,
    #[serde(default)]
    resource: Many<String>,
    /// By operator and key.
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Many<T> {
    One(T),
    All(Vec<T>),
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl<T> Many<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::All(all) => all,
        }
    }
}

impl Policy {
    /// None when the text is no policy document.
    pub fn parse(text: &str) -> Option<Self> {
        let policy: Self = serde_json::from_str(text).ok()?;
        let known = |s: &Statement| matches!(s.effect.as_str(), "Allow" | "Deny");
        policy.statement.as_slice().iter().all(known).then_some(policy)
    }

    /// Whether it allows the action (`ssm:StartAutomationExecution`) on the resource.
    pub fn allows(&self, action: &str, resource: &str) -> bool {
        let says = |effect: &str| {
            self.statement.as_slice().iter().any(|s| s.effect == effect && s.covers(action) && s.reaches(resource))
        };
        says("Allow") && !says("Deny")
    }

    /// The same as a call is judged: a statement counts only where its tests of strings hold for what is known of the
    /// call, keys in small letters; what is not known is not equal to anything.
    pub fn permits(&self, action: &str, resource: &str, context: &[(&str, &str)]) -> bool {
        let says = |effect: &str| {
            let counts = |s: &&Statement| s.covers(action) && s.reaches(resource) && s.meets(context);
            self.statement.as_slice().iter().filter(counts).any(|s| s.effect == effect)
        };
        says("Allow") && !says("Deny")
    }

    /// Whether it denies the action on the resource to a caller whose session was issued then; keys of users have no
    /// such time, so that a condition on it does not hold for them.
    pub fn denies(&self, action: &str, resource: &str, issued: Option<Timestamp>) -> bool {
        let all = self.statement.as_slice();
        all.iter().any(|s| s.effect == "Deny" && s.covers(action) && s.reaches(resource) && s.holds(issued))
    }

    /// The context keys on which its statements about the action and the resource depend.
    pub fn context_keys(&self, action: &str, resource: &str) -> impl Iterator<Item = &str> {
        let about = |s: &&Statement| s.covers(action) && s.reaches(resource);
        let statements = self.statement.as_slice().iter().filter(about).collect::<Vec<_>>();
        statements.into_iter().flat_map(|s| s.condition.values().flat_map(|keys| keys.keys().map(String::as_str)))
    }

    /// Whether it denies everything, whatever the time: what a containment puts on a principal.
    pub fn denies_all(&self) -> bool {
        self.statement.as_slice().iter().any(|s| s.effect == "Deny" && s.covers("any:Operation") && s.reaches("*"))
    }
}

impl Statement {
    fn covers(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.action.as_slice().iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &action))
    }

    /// Whether `DateLessThan` on `aws:TokenIssueTime`, where it stands, holds.
    fn holds(&self, issued: Option<Timestamp>) -> bool {
        let before = self.condition.get("DateLessThan").and_then(|keys| keys.get("aws:TokenIssueTime"));
        match before.map(|before| before.as_str().and_then(|before| before.parse::<Timestamp>().ok())) {
            None => true,
            Some(before) => before.is_some_and(|before| issued.is_some_and(|issued| issued < before)),
        }
    }

    /// Whether the tests for equal strings hold; others are taken as met.
    fn meets(&self, context: &[(&str, &str)]) -> bool {
        let known = |key: &String| context.iter().find(|(name, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
        let holds = |(key, wanted): (&String, &serde_json::Value)| {
            let all = match wanted {
                serde_json::Value::Array(all) => all.iter().collect(),
                one => vec![one],
            };
            known(key).is_some_and(|value| all.iter().any(|one| one.as_str() == Some(value)))
        };
        self.condition.get("StringEquals").is_none_or(|keys| keys.iter().all(holds))
    }

    fn reaches(&self, resource: &str) -> bool {
        self.resource.as_slice().iter().any(|pattern| resource == "*" && pattern == "*" || matches(pattern, resource))
    }
}

/// A pattern with `*` (any run) and `?` (any one character) against a whole text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut retry) = (0, 0, None);
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((after, at)) => {
                    retry = Some((after, at + 1));
                    p = after;
                    t = at + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("ssm:Get*", "ssm:GetAutomationExecution", true),
            ("ssm:Get*", "ssm:StartAutomationExecution", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("i-?", "i-1", true),
            ("i-?", "i-", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_deny_beats_an_allow_and_silence_denies() {
        let text = r#"{"Statement":[{"Effect":"Allow","Action":["ssm:*","iam:ListAccessKeys"],"Resource":"*"},
            {"Effect":"Deny","Action":"ssm:Stop*","Resource":"*"}]}"#;
        let policy = Policy::parse(text).unwrap();
        assert!(policy.allows("ssm:GetAutomationExecution", "arn:aws:ssm:eu-west-1:111122223333:x"));
        assert!(!policy.allows("ssm:StopAutomationExecution", "*"));
        assert!(!policy.allows("guardduty:ListFindings", "*"));
        assert!(!policy.denies_all());
        assert!(Policy::parse(r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#).unwrap().denies_all());
    }

    #[test]
    fn a_condition_that_does_not_hold_allows_nothing() {
        let text = r#"{"Statement":[{"Effect":"Allow","Action":"s3:PutX","Resource":"arn:aws:s3:::b",
            "Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1","eu-west-2"]}}}]}"#;
        let policy = Policy::parse(text).unwrap();
        let permits = |region: &str| policy.permits("s3:PutX", "arn:aws:s3:::b", &[("aws:requestedregion", region)]);
        assert!(permits("eu-west-1") && permits("eu-west-2") && !permits("us-east-1"));
        assert!(!policy.permits("s3:PutX", "arn:aws:s3:::b", &[]));
        assert!(!policy.permits("s3:PutX", "arn:aws:s3:::c", &[("aws:requestedregion", "eu-west-1")]));
    }

    #[test]
    fn older_sessions_are_denied_and_younger_ones_and_keys_are_not() {
        let text = r#"{"Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],
            "Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-21T10:00:30Z"}}}]}"#;
        let policy = Policy::parse(text).unwrap();
        let denied = |issued: Option<&str>| policy.denies("s3:GetObject", "*", issued.map(|t| t.parse().unwrap()));
        assert!(denied(Some("2026-11-21T10:00:29Z")));
        assert!(!denied(Some("2026-11-21T10:00:30Z")));
        assert!(!denied(None));
        let all = Policy::parse(r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#).unwrap();
        assert!(all.denies("s3:GetObject", "*", None));
    }
}
