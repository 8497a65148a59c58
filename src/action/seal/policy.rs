//! The policy's text, made of grants.

use super::{Grant, Seal};
use crate::problem::Problem;
use quell_core::text::{Untrusted, json};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of a policy that AssumeRole takes.
pub(super) const LONGEST: usize = 2048;

/// What a session is given.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sealed {
    /// None: the session may do all that its role may.
    pub policy: Option<Value>,
    /// What must be read before approving.
    pub warnings: Vec<Untrusted>,
}

type When = Vec<(&'static str, String)>;
/// Condition keys that are true or false, and no text.
const BOOLEAN: [&str; 1] = ["kms:GrantIsForAWSResource"];
/// Permissions that hold on the same resources under the same condition.
type Statements = BTreeMap<(BTreeSet<String>, When), BTreeSet<String>>;

/// The policy of a session that is to do no more than the seal says.
///
/// # Errors
/// Where even the widest honest policy is too long.
pub(super) fn sealed(seal: Seal) -> Result<Sealed, Problem> {
    let grants = match seal {
        Seal::Open(why) => {
            let words = format!("NOT SEALED: {why}. The session may do all that its role may.");
            return Ok(Sealed { policy: None, warnings: vec![words.into()] });
        }
        Seal::Only(grants) => grants,
    };
    let mut warnings: Vec<Untrusted> = Vec::new();
    let everywhere: BTreeSet<&str> =
        grants.iter().filter(|grant| grant.on.is_empty()).map(|grant| grant.action.as_str()).collect();
    warnings.extend(everywhere.into_iter().map(|action| {
        format!("{action} can't be limited to one resource: the session may call it on all of them.").into()
    }));
    let exact = document(&statements(&grants, false));
    if length(&exact) <= LONGEST {
        return Ok(Sealed { policy: Some(exact), warnings });
    }
    let wide = document(&statements(&grants, true));
    match length(&wide) {
        0..=LONGEST => {
            let words = format!(
                "The session's policy would be longer than the {LONGEST} characters that STS takes, so that it is wider \
                 than the plan: it allows the calls on all resources of their type in this account and region."
            );
            warnings.push(words.into());
            Ok(Sealed { policy: Some(wide), warnings })
        }
        long => Err(Problem::input(format!("the plan's session policy has {long} characters, STS takes {LONGEST}"))
            .meaning("the session could not be limited to this plan; nothing was sent")
            .next("act on fewer resources at a time")),
    }
}

/// How many characters the policy has as it is sent.
fn length(policy: &Value) -> usize {
    json::to_string(policy).map_or(usize::MAX, |text| text.chars().count())
}

/// What belongs together in one statement: first the resources of a permission, then the permissions of resources.
fn statements(grants: &[Grant], wide: bool) -> Statements {
    let mut of_action: BTreeMap<(&str, &When), BTreeSet<String>> = BTreeMap::new();
    for grant in grants {
        let all = of_action.entry((&grant.action, &grant.when)).or_default();
        match grant.on.is_empty() {
            true => all.extend(["*".to_owned()]),
            false => all.extend(grant.on.iter().map(|arn| if wide { of_type(arn) } else { arn.clone() })),
        }
    }
    let mut statements = Statements::new();
    for ((action, when), on) in of_action {
        statements.entry((on, when.clone())).or_default().insert(action.to_owned());
    }
    statements
}

/// The ARN of all resources of an ARN's type.
fn of_type(arn: &str) -> String {
    let at = arn.match_indices(':').nth(4).map_or(arn.len(), |(at, _)| at + 1);
    let (place, resource) = arn.split_at(at);
    match resource.find(['/', ':']).and_then(|at| resource.get(..=at)) {
        Some(kind) => format!("{place}{kind}*"),
        None => format!("{place}*"),
    }
}

fn document(statements: &Statements) -> Value {
    let one = |(key, actions): (&(BTreeSet<String>, When), &BTreeSet<String>)| {
        let (on, when) = key;
        let mut statement = Map::from_iter([
            ("Effect".to_owned(), Value::from("Allow")),
            ("Action".to_owned(), short(actions)),
            ("Resource".to_owned(), short(on)),
        ]);
        let mut condition = Map::new();
        for (key, value) in when {
            let operator = if BOOLEAN.contains(key) { "Bool" } else { "StringEquals" };
            let tests = condition.entry(operator).or_insert_with(|| json!({}));
            tests[*key] = Value::from(value.as_str());
        }
        if !condition.is_empty() {
            statement.insert("Condition".to_owned(), Value::Object(condition));
        }
        Value::Object(statement)
    };
    let mut all: Vec<Value> = statements.iter().map(one).collect();
    if all.is_empty() {
        // A session without a policy could do all that its role may.
        all.push(json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }));
    }
    json!({ "Version": "2012-10-17", "Statement": all })
}

/// One item stands without a list: it is shorter, and means the same.
fn short(items: &BTreeSet<String>) -> Value {
    match items.iter().next() {
        Some(one) if items.len() == 1 => Value::from(one.as_str()),
        _ => Value::from_iter(items.iter().map(String::as_str)),
    }
}
