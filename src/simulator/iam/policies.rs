//! Inline policies of users and of roles.

use super::{invalid, no_such, size, user};
use crate::simulator::caller::Service;
use crate::simulator::page;
use crate::simulator::policy::Policy;
use crate::simulator::wire::Failure;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::world::World;
use std::collections::BTreeMap;

/// Whose policies an operation is about: the member that names it, and the most characters that its inline policies
/// have together, white space not counted (IAM quotas).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    member: &'static str,
    word: &'static str,
    most: usize,
}

pub(super) const USER: Owner = Owner { member: "UserName", word: "user", most: 2048 };
pub(super) const ROLE: Owner = Owner { member: "RoleName", word: "role", most: 10_240 };

impl Owner {
    fn policies<'a>(self, world: &'a mut World, form: &Form) -> Result<&'a mut BTreeMap<String, String>, Failure> {
        let name = form.need(Service::Iam, self.member)?;
        match self == ROLE {
            true => super::roles::policies(world, name),
            false => user(world, name).map(|user| &mut user.policies),
        }
    }

    fn missing(self, name: &str) -> Failure {
        no_such(format!("The {} policy with name {name} cannot be found.", self.word))
    }

    /// A role that belongs to AWS takes no change.
    fn may_change(self, world: &World, form: &Form) -> Result<(), Failure> {
        match self == ROLE {
            true => super::roles::may_change(world, form.need(Service::Iam, self.member)?),
            false => Ok(()),
        }
    }
}

pub(super) fn put(world: &mut World, owner: Owner, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = policy_name(form)?.to_owned();
    let text = form.need(Service::Iam, "PolicyDocument")?;
    if Policy::parse(text).is_none() {
        return Err(Failure::new("MalformedPolicyDocument", 400, "Syntax errors in policy."));
    }
    owner.may_change(world, form)?;
    let policies = owner.policies(world, form)?;
    let size = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let others: usize = policies.iter().filter(|(n, _)| **n != name).map(|(_, text)| size(text)).sum();
    if others + size(text) > owner.most {
        let (most, word) = (owner.most, owner.word);
        let whose = form.need(Service::Iam, owner.member)?;
        let message = format!("Maximum policy size of {most} bytes exceeded for {word} {whose}");
        return Err(Failure::new("LimitExceeded", 409, message));
    }
    policies.insert(name, text.to_owned());
    Ok(Vec::new())
}

pub(super) fn get(world: &mut World, owner: Owner, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = policy_name(form)?;
    let text = owner.policies(world, form)?.get(name).ok_or_else(|| owner.missing(name))?;
    Ok(vec![
        Element::text(owner.member, form.need(Service::Iam, owner.member)?),
        Element::text("PolicyName", name),
        Element::text("PolicyDocument", encoded(text)),
    ])
}

/// The names of the inline policies, in their order.
pub(super) fn list(world: &mut World, owner: Owner, form: &Form) -> Result<Vec<Element>, Failure> {
    let size = size(form)?;
    let names: Vec<String> = owner.policies(world, form)?.keys().cloned().collect();
    let (page, next) = page::of(&names, form.get("Marker"), size, "iam").ok_or_else(|| invalid("Invalid Marker"))?;
    let mut elements = vec![
        Element::Nest("PolicyNames", page.iter().map(|name| Element::text("member", name)).collect()),
        Element::text("IsTruncated", next.is_some().to_string()),
    ];
    elements.extend(next.map(|marker| Element::text("Marker", marker)));
    Ok(elements)
}

pub(super) fn delete(world: &mut World, owner: Owner, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = policy_name(form)?;
    owner.may_change(world, form)?;
    owner.policies(world, form)?.remove(name).ok_or_else(|| owner.missing(name))?;
    Ok(Vec::new())
}

/// A document in an answer is percent-encoded (RFC 3986), where a form writes a space as a plus sign.
pub(super) fn encoded(document: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(document.as_bytes()).collect();
    encoded.replace('+', "%20")
}

fn policy_name(form: &Form) -> Result<&str, Failure> {
    match form.get("PolicyName") {
        Some("") => Err(invalid("1 validation error detected: Value at 'policyName' failed to satisfy constraint")),
        _ => form.need(Service::Iam, "PolicyName"),
    }
}
