//! As whom a plan is carried out where a role is taken on for it, and what that session may do: the preview is the
//! permission.

use crate::text::Untrusted;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The session of a role in which a plan's calls are made. It is part of the plan, so that whoever approves the plan
/// approves it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Through {
    /// The role's ARN.
    pub role: Untrusted,
    /// The session's name, which CloudTrail shows with each call: the incident stands in it.
    pub session: Untrusted,
    /// The source identity, by which CloudTrail names the person behind the session; none where the role's trust does
    /// not let one be set.
    pub source: Option<Untrusted>,
    /// The policy that limits the session, as it is sent; none where the session can't be limited.
    pub policy: Option<Value>,
}

/// One line of a session's policy, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permitted {
    /// `iam:UpdateAccessKey on arn:…`; or that nothing is allowed.
    pub words: Untrusted,
    /// Whether it is for all resources.
    pub wide: bool,
}

impl Through {
    /// What the session may do, statement by statement; none where it is not limited.
    pub fn permitted(&self) -> Option<Vec<Permitted>> {
        let policy = self.policy.as_ref()?;
        let statements = policy.get("Statement").and_then(Value::as_array);
        Some(statements.into_iter().flatten().map(permitted).collect())
    }
}

fn permitted(statement: &Value) -> Permitted {
    let of = |member: &str| match statement.get(member) {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
        return Permitted { words: "no call of AWS at all".into(), wide: false };
    }
    let on = of("Resource");
    let wide = on.contains(&"*");
    let mut words = format!("{} on {}", of("Action").join(", "), on.join(", "));
    let all = |tests: &Value| tests.as_object().cloned().unwrap_or_default();
    let conditions = statement.get("Condition").map(all).unwrap_or_default();
    for (key, value) in conditions.values().flat_map(all) {
        words.push_str(&format!(", where {key} is {}", value.as_str().unwrap_or("another value")));
    }
    Permitted { words: words.into(), wide }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn through(policy: Option<Value>) -> Through {
        Through { role: "arn:aws:iam::111122223333:role/R".into(), session: "quell-1".into(), source: None, policy }
    }

    #[test]
    fn a_policy_is_told_statement_by_statement() {
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "iam:UpdateAccessKey", "Resource": ["arn:a", "arn:b"] },
            { "Effect": "Allow", "Action": ["s3:A", "s3:B"], "Resource": "*",
              "Condition": { "StringEquals": { "aws:RequestedRegion": "eu-west-1" } } },
            { "Effect": "Deny", "Action": "*", "Resource": "*" },
        ] });
        let said = through(Some(policy)).permitted().unwrap();
        let words: Vec<(String, bool)> = said.into_iter().map(|p| (p.words.line().into_string(), p.wide)).collect();
        assert_eq!(
            words,
            [
                ("iam:UpdateAccessKey on arn:a, arn:b".to_owned(), false),
                ("s3:A, s3:B on *, where aws:RequestedRegion is eu-west-1".to_owned(), true),
                ("no call of AWS at all".to_owned(), false),
            ]
        );
        assert_eq!(through(None).permitted(), None);
    }

    /// A record of before there were roles reads as one without.
    #[test]
    fn a_target_without_a_role_is_written_as_it_always_was() {
        let target = crate::incident::tests::plan(None, "i-1").target;
        let text = serde_json::to_string(&target).unwrap();
        assert!(!text.contains("through"), "{text}");
        assert_eq!(serde_json::from_str::<crate::incident::Target>(&text).unwrap(), target);
    }

    #[test]
    fn what_a_session_may_do_is_part_of_what_is_approved() {
        let mut plan = crate::incident::tests::plan(None, "i-1");
        let mut hashes = std::collections::BTreeSet::from([plan.hash().unwrap()]);
        for (source, policy) in [(None, None), (None, Some(json!({}))), (None, Some(json!([]))), (Some("jo"), None)] {
            plan.target.through = Some(Through { source: source.map(Untrusted::from), ..through(policy) });
            hashes.insert(plan.hash().unwrap());
        }
        assert_eq!(hashes.len(), 5);
    }
}
