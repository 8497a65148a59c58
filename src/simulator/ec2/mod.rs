//! Amazon EC2 (API version 2016-11-15): instances with their interfaces, volumes and profiles, security groups, route
//! tables, tags and snapshots; an interface's groups are changed, instances stopped and started.

mod filter;
mod fronts;
mod groups;
mod instances;
mod interfaces;
mod metadata;
mod power;
pub(super) mod profiles;
mod routes;
mod snapshots;
mod tags;
pub(super) mod volumes;

#[cfg(test)]
mod tests;

use super::account::InstanceState;
use super::call::Call;
use super::page;
use super::wire::query::{Element, Form};
use super::wire::{Failure, Reply};
use super::world::World;

const OPERATIONS: [&str; 19] = [
    "DescribeVolumes",
    "DescribeInstances",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeRouteTables",
    "ModifyNetworkInterfaceAttribute",
    "ModifyInstanceAttribute",
    "ModifyInstanceMetadataOptions",
    "CreateSnapshots",
    "DescribeSnapshots",
    "StopInstances",
    "StartInstances",
    "DescribeInstanceAttribute",
    "CreateTags",
    "DeleteTags",
    "DescribeTags",
    "DescribeIamInstanceProfileAssociations",
    "AssociateIamInstanceProfile",
    "DisassociateIamInstanceProfile",
];
/// Those that have no dry run.
const EARNEST: [&str; 3] =
    ["DescribeIamInstanceProfileAssociations", "AssociateIamInstanceProfile", "DisassociateIamInstanceProfile"];

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let form = Form::parse(&call.body);
    if is_dry(call) {
        return Err(Failure::new("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set."));
    }
    match call.operation {
        "DescribeInstances" => instances::describe(world, call, &form),
        "DescribeNetworkInterfaces" => interfaces::describe(world, call, &form),
        "DescribeSecurityGroups" => groups::describe(world, call, &form),
        "DescribeRouteTables" => routes::describe(world, call, &form),
        "CreateSnapshots" => snapshots::create(world, call, &form),
        "DescribeVolumes" => volumes::describe(world, call, &form),
        "DescribeSnapshots" => snapshots::describe(world, call, &form),
        "ModifyInstanceAttribute" => power::modify(world, call, &form),
        "ModifyInstanceMetadataOptions" => metadata::modify(world, call, &form),
        "StopInstances" => power::stop(world, call, &form),
        "StartInstances" => power::start(world, call, &form),
        "DescribeInstanceAttribute" => power::attribute(world, call, &form),
        "CreateTags" => tags::create(world, call, &form),
        "DeleteTags" => tags::delete(world, call, &form),
        "DescribeTags" => tags::describe(world, call, &form),
        "DescribeIamInstanceProfileAssociations" => profiles::describe(world, call, &form),
        "AssociateIamInstanceProfile" => profiles::associate(world, call, &form),
        "DisassociateIamInstanceProfile" => profiles::disassociate(world, call, &form),
        _ => interfaces::modify(world, call, &form),
    }
    .map(|elements| Reply::Xml(Element::Nest("", elements)))
}

/// Whether a call only asks whether it may.
pub(super) fn is_dry(call: &Call) -> bool {
    !EARNEST.contains(&call.operation) && Form::parse(&call.body).get("DryRun") == Some("true")
}

/// The ARN of what an operation changes; what describes has none.
pub(super) fn resource(world: &World, call: &Call) -> String {
    let form = Form::parse(&call.body);
    let member = match call.operation {
        name if name.starts_with("Describe") => return "*".to_owned(),
        "ModifyNetworkInterfaceAttribute" => "NetworkInterfaceId",
        "CreateSnapshots" => "InstanceSpecification.InstanceId",
        "CreateTags" | "DeleteTags" => "ResourceId.1",
        "StopInstances" | "StartInstances" => "InstanceId.1",
        _ => "InstanceId",
    };
    let of_association = || {
        let wanted = form.get("AssociationId")?;
        let held = |state: &InstanceState| state.profile.as_ref().is_some_and(|one| one.association == wanted);
        world.account.instances.iter().find(|(_, state)| held(state)).map(|(id, _)| id.as_str())
    };
    let Some(id) = form.get(member).or_else(of_association) else { return "*".to_owned() };
    let kind = match id.split_once('-').map(|(prefix, _)| prefix) {
        Some("i") => "instance",
        Some("eni") => "network-interface",
        Some("snap") => "snapshot",
        Some("vol") => "volume",
        _ => "*",
    };
    format!("arn:aws:ec2:{}:{}:{kind}/{id}", call.region, world.scenario.account)
}

fn refused(code: &str, message: impl Into<String>) -> Failure {
    Failure::new(code, 400, message)
}

/// Whether the text is an id of that kind, of the short form or the long one.
fn is_id(text: &str, prefix: &str) -> bool {
    let hex = |digits: &str| digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    text.strip_prefix(prefix).is_some_and(|digits| [8, 17].contains(&digits.len()) && hex(digits))
}

/// Refuses what is no id of that kind.
fn checked(id: &str, (prefix, code, _): (&str, (&str, &str), &str)) -> Result<(), Failure> {
    match is_id(id, prefix) {
        true => Ok(()),
        false => Err(refused(code.1, format!("Invalid id: \"{id}\""))),
    }
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
