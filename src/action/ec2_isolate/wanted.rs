//! What is asked for: which instance, by which group, or what is put back.

use super::super::fields::{id, known, plain, refuse, text};
use super::super::fields::{map, words};
use super::super::instance;
use super::super::request::Request;
use super::INFO;
use super::call::Call;
use crate::problem::Problem;
use quell_core::text::id::{InstanceId, SecurityGroupId};
use quell_core::text::{Id, Untrusted};

/// The group's name where none is given.
const DEFAULT: &str = "quell-isolation";
/// Characters of a security group's name (Amazon EC2 API Reference, "CreateSecurityGroup").
const NAME: usize = 255;

/// A security group, as a runbook names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Id(Id<SecurityGroupId>),
    /// By its name in the instance's VPC.
    Name(String),
}

/// The fields, read.
pub(super) struct Wanted {
    pub instance: Id<InstanceId>,
    pub group: Named,
    /// What is put back; nothing when it is to be isolated.
    pub restore: Vec<Call>,
}

impl Wanted {
    pub(super) fn of(request: &Request) -> Result<Self, Problem> {
        known(&INFO, request)?;
        let instance = instance::named(request, "isolated")?;
        Ok(Self { instance, group: group(request)?, restore: restore(request)? })
    }
}

/// The group that lets nothing through.
pub(super) fn group(request: &Request) -> Result<Named, Problem> {
    match text(request, "group")? {
        None => Ok(Named::Name(DEFAULT.to_owned())),
        Some(word) => named(&word.text),
    }
}

fn named(text: &Untrusted) -> Result<Named, Problem> {
    match text.parse::<SecurityGroupId>() {
        Ok(id) => Ok(Named::Id(id)),
        Err(_) if text.is_empty() => Err(refuse("group is empty")),
        Err(_) => Ok(Named::Name(plain("group", text, NAME)?)),
    }
}

/// Groups that a finding's author may have written are not put on anything.
fn restore(request: &Request) -> Result<Vec<Call>, Problem> {
    let Some(all) = map(request, "restore")? else { return Ok(Vec::new()) };
    let mut calls = Vec::new();
    for (interface, groups) in all {
        let words = words(groups).ok_or_else(|| refuse("restore names interfaces, each with a list of groups"))?;
        if words.iter().any(|word| word.filled) {
            return Err(refuse("restore can't be filled from a finding"));
        }
        let groups = words.iter().map(|word| id("a group to restore", &word.text)).collect::<Result<Vec<_>, _>>()?;
        let interface = id("an interface to restore", &Untrusted::from(&**interface))?;
        calls.push(Call { interface, groups });
    }
    match calls.is_empty() || calls.iter().any(|call| call.groups.is_empty()) {
        true => Err(refuse("restore names no interface, or one without groups")),
        false => Ok(calls),
    }
}
