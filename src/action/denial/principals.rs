//! Whom a policy names, and what becomes of them: AWS keeps a user or a role by its unique id, shows it by its ARN as long
//! as it is there, and by the id once it was deleted. A policy that holds such an id, or the ARN of somebody who is not
//! there, is refused (`MalformedPolicy`, `Invalid principal in policy`), so that what stood there can't be put back byte
//! by byte (IAM user guide, "AWS JSON policy elements: Principal").

use super::super::fields::refuse;
use crate::problem::Problem;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// How unique ids begin that AWS gives to those who may stand in a policy (IAM user guide, "IAM identifiers"): users,
/// roles, and what CloudFront reads a bucket as.
const IDS: [&str; 2] = ["AIDA", "AROA"];

/// Whether it is the unique id of somebody who was deleted.
fn is_id(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    IDS.iter().any(|start| text.starts_with(start)) && (16..=128).contains(&text.len()) && text.chars().all(fits)
}

/// What a policy says, whatever its white space, and in whatever order AWS lists those whom it names.
pub(super) fn said(text: &str) -> Option<Json> {
    let mut policy = serde_json::from_str::<Json>(text).ok()?;
    for statement in statements(&mut policy) {
        for member in ["Principal", "NotPrincipal"] {
            if let Some(named) = statement.get_mut(member) {
                each(named, &mut |value| {
                    if let Json::Array(all) = value {
                        all.sort_by_key(Json::to_string);
                        if all.len() == 1 {
                            *value = all.remove(0);
                        }
                    }
                });
            }
        }
    }
    Some(policy)
}

fn statements(policy: &mut Json) -> Vec<&mut Map<String, Json>> {
    match policy.get_mut("Statement") {
        Some(Json::Array(all)) => all.iter_mut().filter_map(Json::as_object_mut).collect(),
        Some(Json::Object(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// Each sort of principal with its value: one, or a list.
fn each(named: &mut Json, with: &mut dyn FnMut(&mut Json)) {
    match named {
        Json::Object(sorts) => sorts.values_mut().for_each(with),
        other => with(other),
    }
}

/// All whom a policy names in a member of its statements.
fn named(text: &str, member: &str) -> BTreeSet<String> {
    let Ok(mut policy) = serde_json::from_str::<Json>(text) else { return BTreeSet::new() };
    let mut all = BTreeSet::new();
    for statement in statements(&mut policy) {
        if let Some(named) = statement.get_mut(member) {
            each(named, &mut |value| match value {
                Json::Array(many) => all.extend(many.iter().filter_map(Json::as_str).map(str::to_owned)),
                one => all.extend(one.as_str().map(str::to_owned)),
            });
        }
    }
    all
}

/// Those whom a policy names by an id that only somebody deleted has.
pub(super) fn ids(text: &str) -> BTreeSet<String> {
    let all = ["Principal", "NotPrincipal"].map(|member| named(text, member));
    all.into_iter().flatten().filter(|one| is_id(one)).collect()
}

/// Those whom `put` names and who were deleted since, as far as `now`, which shows what was put, says so: nothing but
/// ids stands there in their place. None where something else has changed.
pub(super) fn gone(put: &str, now: &str) -> Option<BTreeSet<String>> {
    let mut gone = BTreeSet::new();
    for member in ["Principal", "NotPrincipal"] {
        let (before, after) = (named(put, member), named(now, member));
        let lost: BTreeSet<String> = before.difference(&after).cloned().collect();
        let new: Vec<&String> = after.difference(&before).collect();
        if lost.len() != new.len() || !new.iter().all(|one| is_id(one)) {
            return None;
        }
        gone.extend(lost);
    }
    let new: BTreeSet<String> = ids(now).difference(&ids(put)).cloned().collect();
    // But for these it must say the same.
    let same = blank(put, &gone).is_some_and(|put| Some(put) == blank(now, &new));
    (same && !gone.is_empty()).then_some(gone)
}

/// The policy with one and the same word in place of each of these.
fn blank(text: &str, of: &BTreeSet<String>) -> Option<Json> {
    let mut policy = said(text)?;
    for statement in statements(&mut policy) {
        for member in ["Principal", "NotPrincipal"] {
            if let Some(named) = statement.get_mut(member) {
                each(named, &mut |value| {
                    let set = |one: &mut Json| {
                        if one.as_str().is_some_and(|text| of.contains(text)) {
                            *one = Json::from("~");
                        }
                    };
                    match value {
                        Json::Array(many) => {
                            many.iter_mut().for_each(set);
                            many.sort_by_key(Json::to_string);
                        }
                        one => set(one),
                    }
                });
            }
        }
    }
    Some(policy)
}

/// The policy without these; a statement that names nobody then is left out. The text is the same where it names none of
/// them.
///
/// # Errors
/// Where a statement is about all but one of them: without that one it would say another thing.
pub(super) fn without(text: &str, gone: &BTreeSet<String>) -> Result<String, Problem> {
    let all = ["Principal", "NotPrincipal"].map(|member| named(text, member));
    if all.iter().all(|named| named.is_disjoint(gone)) {
        return Ok(text.to_owned());
    }
    let by_hand = |what: &str| {
        refuse(format!("the policy can't be written as it stands: it names somebody who was deleted, {what}"))
            .meaning("AWS refuses such a policy (Invalid principal in policy); nothing was sent")
            .next("look at it in the console, decide whom it shall name now, and write it there")
    };
    let [_, excepted] = &all;
    if !excepted.is_disjoint(gone) {
        return Err(by_hand("in a statement about everybody but them"));
    }
    let mut policy = serde_json::from_str::<Json>(text).map_err(|_| by_hand("and can't be read"))?;
    let keeps = |one: &Json| one.as_str().is_none_or(|text| !gone.contains(text));
    let left = |statement: &mut Json| {
        let Some(named) = statement.get_mut("Principal") else { return true };
        let mut any = false;
        each(named, &mut |value| match value {
            Json::Array(many) => {
                many.retain(keeps);
                any |= !many.is_empty();
            }
            one if keeps(one) => any = true,
            one => *one = Json::Array(Vec::new()),
        });
        if let Json::Object(sorts) = named {
            sorts.retain(|_, value| value.as_array().is_none_or(|all| !all.is_empty()));
        }
        any
    };
    if let Some(Json::Array(statements)) = policy.get_mut("Statement") {
        statements.retain_mut(left);
    } else if let Some(one) = policy.get_mut("Statement")
        && !left(one)
    {
        *one = Json::Array(Vec::new());
    }
    match policy.get("Statement").and_then(Json::as_array).is_some_and(Vec::is_empty) {
        true => Err(by_hand("and nobody else")),
        false => Ok(policy.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const JO: &str = "arn:aws:iam::111122223333:user/jo";
    const CI: &str = "arn:aws:iam::111122223333:role/ci";
    const GONE: &str = "AROAQ7LXN4WKN5SY4GKTC";

    fn policy(principal: Json) -> String {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "a", "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" },
            { "Sid": "b", "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" },
        ]})
        .to_string()
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_order_in_which_aws_names_them_is_no_change() {
        let one = said(&policy(json!({ "AWS": [JO, CI] })));
        assert!(one.is_some() && one == said(&policy(json!({ "AWS": [CI, JO] }))));
        assert_eq!(said(&policy(json!({ "AWS": [JO] }))), said(&policy(json!({ "AWS": JO }))));
        assert_ne!(one, said(&policy(json!({ "AWS": JO }))));
    }

    #[test]
    fn who_was_deleted_is_known_by_the_id_in_its_place() {
        let put = policy(json!({ "AWS": [JO, CI] }));
        assert_eq!(gone(&put, &policy(json!({ "AWS": [JO, GONE] }))), Some(set(&[CI])));
        let reader = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E74FTE3AEXAMPLE";
        let oai = policy(json!({ "AWS": reader }));
        assert_eq!(gone(&oai, &policy(json!({ "AWS": "AIDAQ7LXN4WKN5SY4GKTC" }))), Some(set(&[reader])));
        // Anything else is somebody's change.
        for now in [json!({ "AWS": [JO, "arn:aws:iam::111122223333:role/x"] }), json!({ "AWS": [JO] }), json!("*")] {
            assert_eq!(gone(&put, &policy(now)), None);
        }
        let other = policy(json!({ "AWS": [JO, GONE] })).replace("sts:AssumeRole", "sts:TagSession");
        assert_eq!(gone(&put, &other), None);
        assert_eq!(gone(&put, &put), None);
    }

    #[test]
    fn a_policy_without_them_says_nothing_else() {
        let text = policy(json!({ "AWS": [JO, CI], "Service": "lambda.amazonaws.com" }));
        assert_eq!(without(&text, &set(&[GONE])).unwrap(), text, "byte by byte where it names none");
        let read = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        let left = read(&without(&text, &set(&[CI])).unwrap());
        assert_eq!(left["Statement"][0]["Principal"], json!({ "AWS": [JO], "Service": "lambda.amazonaws.com" }));
        let none = read(&without(&policy(json!({ "AWS": CI })), &set(&[CI])).unwrap());
        assert_eq!((none["Statement"].as_array().unwrap().len(), &none["Statement"][0]["Sid"]), (1, &json!("b")));
        let but = policy(json!({ "AWS": CI })).replace("\"Principal\":{\"AWS\"", "\"NotPrincipal\":{\"AWS\"");
        assert!(without(&but, &set(&[CI])).unwrap_err().what.ends_with("in a statement about everybody but them"));
        let alone = json!({ "Statement": { "Effect": "Allow", "Principal": { "AWS": CI } } }).to_string();
        assert!(without(&alone, &set(&[CI])).unwrap_err().what.ends_with("and nobody else"));
        assert_eq!(ids(&policy(json!({ "AWS": [JO, GONE] }))), set(&[GONE]));
    }
}
