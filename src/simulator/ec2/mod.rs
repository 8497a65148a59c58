//! Amazon EC2 (API version 2016-11-15): instances with their interfaces, security groups, and the change of an
//! interface's groups.

mod filter;
mod groups;
mod instances;
mod interfaces;

#[cfg(test)]
mod tests;

use super::call::Call;
use super::page;
use super::wire::query::{Element, Form};
use super::wire::{Failure, Reply};
use super::world::World;

const OPERATIONS: [&str; 4] =
    ["DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroups", "ModifyNetworkInterfaceAttribute"];

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let form = Form::parse(&call.body);
    if form.get("DryRun") == Some("true") {
        return Err(Failure::new("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set."));
    }
    match call.operation {
        "DescribeInstances" => instances::describe(world, call, &form),
        "DescribeNetworkInterfaces" => interfaces::describe(world, call, &form),
        "DescribeSecurityGroups" => groups::describe(world, call, &form),
        _ => interfaces::modify(world, call, &form),
    }
    .map(|elements| Reply::Xml(Element::Nest("", elements)))
}

/// The ARN of what an operation changes; what describes has none.
pub(super) fn resource(world: &World, call: &Call) -> String {
    match (call.operation, Form::parse(&call.body).get("NetworkInterfaceId")) {
        ("ModifyNetworkInterfaceAttribute", Some(id)) => {
            format!("arn:aws:ec2:{}:{}:network-interface/{id}", call.region, world.scenario.account)
        }
        _ => "*".to_owned(),
    }
}

fn refused(code: &str, message: impl Into<String>) -> Failure {
    Failure::new(code, 400, message)
}

/// Whether the text is an id of that kind, of the short form or the long one.
fn is_id(text: &str, prefix: &str) -> bool {
    let hex = |digits: &str| digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    text.strip_prefix(prefix).is_some_and(|digits| [8, 17].contains(&digits.len()) && hex(digits))
}

/// The ids of a list, each of its form and there; `code` is what the errors are named after.
fn ids<'a>(
    form: &'a Form,
    member: &str,
    (prefix, code, what): (&str, (&str, &str), &str),
    there: impl Fn(&str) -> bool,
) -> Result<Vec<&'a str>, Failure> {
    let all = form.list(member);
    if let Some(id) = all.iter().find(|id| !is_id(id, prefix)) {
        return Err(refused(code.1, format!("Invalid id: \"{id}\"")));
    }
    match all.iter().find(|id| !there(id)) {
        Some(id) => Err(refused(code.0, format!("The {what} '{id}' does not exist"))),
        None => Ok(all),
    }
}

/// A page of a list as its set element, with the token of the next one.
fn paged<T>(
    form: &Form,
    (set, named): (&'static str, bool),
    all: &[T],
    item: impl Fn(&T) -> Element,
) -> Result<Vec<Element>, Failure> {
    let size = match form.get("MaxResults") {
        None => 1000,
        Some(_) if named => {
            let message = "The parameter MaxResults cannot be used with a list of ids";
            return Err(refused("InvalidParameterCombination", message));
        }
        Some(text) => text.parse().ok().filter(|n| (5..=1000).contains(n)).ok_or_else(|| {
            let bounds = "Expecting a value from 5 to 1000.";
            refused("InvalidParameterValue", format!("Value ( {text} ) for parameter maxResults is invalid. {bounds}"))
        })?,
    };
    let page = page::of(all, form.get("NextToken").filter(|token| !token.is_empty()), size, set);
    let (page, next) = page.ok_or_else(|| refused("InvalidParameterValue", "Unable to parse pagination token"))?;
    let mut elements = vec![Element::Nest(set, page.iter().map(item).collect())];
    elements.extend(next.map(|token| Element::text("nextToken", token)));
    Ok(elements)
}

/// A list of tags.
fn tags<'a>(all: impl IntoIterator<Item = (&'a String, &'a String)>) -> Element {
    let tag = |(key, value): (&String, &String)| {
        Element::Nest("item", vec![Element::text("key", key), Element::text("value", value)])
    };
    Element::Nest("tagSet", all.into_iter().map(tag).collect())
}

/// A list of security groups by id and name.
fn group_set(groups: &[(String, String)]) -> Element {
    let group = |(id, name): &(String, String)| {
        Element::Nest("item", vec![Element::text("groupId", id), Element::text("groupName", name)])
    };
    Element::Nest("groupSet", groups.iter().map(group).collect())
}
