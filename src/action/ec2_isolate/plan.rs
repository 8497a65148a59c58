//! How it is planned: what there is, what can be changed, and what an isolation does not stop.

use super::super::calls;
use super::super::fields::{danger, refuse};
use super::super::instance;
use super::super::request::Request;
use super::super::target::target;
use super::super::way::ways;
use super::call::Call;
use super::read::{self, Interface};
use super::wanted::{Named, Wanted};
use super::{INFO, words};
use crate::aws::{Reader, ec2};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, Plan, Target};
use quell_core::text::id::{InterfaceId, SecurityGroupId};
use quell_core::text::{Id, Untrusted};

/// The fact that names the group that isolates, with its rules.
pub(super) const ISOLATION: &str = "isolation group";
/// So long is what a group lets through told in full.
const LONGEST: usize = 400;

/// Everything that was read for a plan.
pub(super) struct Seen {
    pub instance: ec2::Instance,
    pub interfaces: Vec<Interface>,
    /// How it is in its Auto Scaling group, and what that means for it.
    pub scaling: Option<Fact>,
    pub replaced: Option<String>,
    /// Whether quell itself runs there.
    pub own: bool,
}

pub(super) async fn planned(reader: &Reader, request: &Request) -> Result<Plan, Problem> {
    let wanted = Wanted::of(request)?;
    let target = target(request, wanted.instance.as_str())?;
    let caller = calls::caller(reader, &target).await?;
    let instance = instance::described(reader, &wanted.instance).await?;
    let (scaling, replaced) = match wanted.restore.is_empty() {
        true => instance::replaced(reader, &instance, "cut off").await,
        false => (None, None),
    };
    let seen = Seen {
        instance,
        scaling,
        replaced,
        interfaces: read::interfaces_of(reader, &wanted.instance).await?,
        own: instance::is_own(&caller, wanted.instance.as_str()),
    };
    whole(&seen)?;
    match wanted.restore.is_empty() {
        true => isolation(reader, request, target, &wanted, &seen).await,
        false => restoration(reader, request, target, &wanted, &seen).await,
    }
}

/// Two lists of one thing must agree: an interface that only one of them has would be a way out.
fn whole(seen: &Seen) -> Result<(), Problem> {
    let missing = |id: &&Untrusted| seen.interfaces.iter().all(|one| Untrusted::from(one.id.as_str()) != **id);
    match seen.instance.interfaces.iter().find(missing) {
        Some(id) => Err(refuse(format!("EC2 lists {} at the instance and not among its interfaces", id.line()))
            .next("its interfaces are being changed: plan again in a moment")),
        None => Ok(()),
    }
}

async fn isolation(
    reader: &Reader,
    request: &Request,
    target: Target,
    wanted: &Wanted,
    seen: &Seen,
) -> Result<Plan, Problem> {
    if instance::is_gone(&seen.instance) || seen.interfaces.is_empty() {
        let state = seen.instance.state.line();
        return Err(refuse(format!("{} is {state} and has no interface to isolate", wanted.instance))
            .next("its volumes and snapshots may still be there: look for them"));
    }
    let group = isolating(reader, wanted, seen).await?;
    let id: Id<SecurityGroupId> = group.id.parse().map_err(|bad| refuse(format!("the group's id is {bad}")))?;
    let own = || seen.interfaces.iter().filter(|one| one.managed.is_none());
    if let Some(apart) = own().find(|one| Some(&one.vpc) != group.vpc.as_ref()) {
        let (there, here) = (apart.vpc.line(), group.vpc.as_ref().map(|vpc| vpc.line().into_string()));
        let here = here.unwrap_or_else(|| "no VPC".to_owned());
        return Err(refuse(format!("{} is in {there}, the group {id} in {here}", apart.id))
            .next("isolate interfaces of several VPCs by hand, each with a group of its own VPC"));
    }
    let left = own().filter(|one| !one.has_only(&id));
    let calls: Vec<Call> = left.map(|one| Call { interface: one.id.clone(), groups: vec![id.clone()] }).collect();
    if calls.is_empty() {
        return Err(refuse(format!("no interface of {} is left to isolate", wanted.instance))
            .next("`quell sessions in-force` says who has isolated it; interfaces of AWS services can't be changed"));
    }
    let mut facts = vec![group_fact(&group)];
    facts.extend(seen.interfaces.iter().map(interface_fact));
    facts.extend(words::facts(seen));
    let ways = ways(reader, &subnets(&seen.interfaces)).await;
    facts.extend(ways.facts.iter().cloned());
    let (dry, refused) = dry_run(reader, &calls).await;
    facts.push(dry);
    let mut warnings: Vec<Untrusted> = refused.into_iter().map(Untrusted::from).collect();
    warnings.extend(words::isolation(seen, &group, &ways));
    let undo =
        "Put back the groups that each interface had before this: look first whether an intruder had changed them.";
    plan(request, target, (calls, facts, warnings, undo), seen.own)
}

/// The subnets that the interfaces are in, each with its VPC.
pub(in crate::action) fn subnets(interfaces: &[Interface]) -> Vec<(Untrusted, Untrusted)> {
    interfaces.iter().filter_map(|one| Some((one.subnet.clone()?, one.vpc.clone()))).collect()
}

/// The group that isolates; it must be there.
async fn isolating(reader: &Reader, wanted: &Wanted, seen: &Seen) -> Result<ec2::Group, Problem> {
    let vpc = seen.instance.vpc.as_ref().or_else(|| seen.interfaces.first().map(|one| &one.vpc));
    let vpc = vpc.map(|vpc| vpc.line().into_string()).unwrap_or_default();
    let (found, what) = match &wanted.group {
        Named::Id(id) => {
            (read::groups(reader, &[("group-id", vec![id.as_str()])]).await?, format!("{id} is not there"))
        }
        Named::Name(name) => {
            let found = read::groups(reader, &[("group-name", vec![name]), ("vpc-id", vec![&vpc])]).await?;
            // In a filter `*` stands for anything; in a name it is a character.
            let named = found.into_iter().filter(|one| one.name == Untrusted::from(name.as_str())).collect();
            (named, format!("none is named {} in {vpc}", clean(name)))
        }
    };
    found.into_iter().next().ok_or_else(|| {
        refuse(format!("there is no security group to isolate it with: {what}")).next(
            "make one without rules (aws ec2 create-security-group --group-name quell-isolation, then revoke the rule \
             for egress that every new group has), or name another with the field group",
        )
    })
}

async fn restoration(
    reader: &Reader,
    request: &Request,
    target: Target,
    wanted: &Wanted,
    seen: &Seen,
) -> Result<Plan, Problem> {
    let mut ids: Vec<&str> = wanted.restore.iter().flat_map(|call| call.groups.iter().map(Id::as_str)).collect();
    ids.sort_unstable();
    ids.dedup();
    let there = read::groups(reader, &[("group-id", ids.clone())]).await?;
    if let Some(gone) = ids.iter().find(|id| there.iter().all(|group| group.id != Untrusted::from(**id))) {
        return Err(refuse(format!("the security group {gone} is not there any more"))
            .next("put the groups that are left back by hand; which ones they were stands in the action's plan"));
    }
    let now = |call: &Call| seen.interfaces.iter().find(|one| one.id == call.interface);
    let calls: Vec<Call> =
        wanted.restore.iter().filter(|call| now(call).is_some() && !call.stands(&seen.interfaces)).cloned().collect();
    if calls.is_empty() {
        return Err(
            refuse("every interface that is still attached has its former groups").next("there is nothing to undo")
        );
    }
    let mut facts: Vec<Fact> = calls.iter().filter_map(now).map(interface_fact).collect();
    let isolated = match &wanted.group {
        Named::Id(id) => Some(id),
        Named::Name(_) => None,
    };
    let (dry, refused) = dry_run(reader, &calls).await;
    facts.push(dry);
    let mut warnings: Vec<Untrusted> = refused.into_iter().map(Untrusted::from).collect();
    warnings.extend(words::restoration(&wanted.restore, &seen.interfaces, isolated));
    let undo = "Isolate the instance again, by a plan of its own.";
    plan(request, target, (calls, facts, warnings, undo), false)
}

/// A dry run of every call: one that EC2 would refuse half-way is known before the first.
async fn dry_run(reader: &Reader, calls: &[Call]) -> (Fact, Option<String>) {
    let changes: Vec<ec2::Change> = calls.iter().map(Call::change).collect();
    instance::dry_run(reader, &changes).await
}

fn plan(
    request: &Request,
    target: Target,
    (calls, facts, warnings, undo): (Vec<Call>, Vec<Fact>, Vec<Untrusted>, &str),
    own: bool,
) -> Result<Plan, Problem> {
    Ok(Plan {
        kind: request.kind.clone(),
        title: request.title.clone(),
        step: request.step.clone(),
        confirm: target.resource.clone(),
        target,
        requests: calls.iter().map(Call::request).collect(),
        facts,
        danger: danger(if own { 3 } else { INFO.danger }, request)?,
        destroys: Vec::new(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings,
        undo: undo.into(),
        undo_of: request.undo_of.clone(),
        each: request.each.clone(),
        set: request.set.clone(),
    })
}

/// An interface's groups, as they are read again before the call.
pub(in crate::action) fn interface_fact(one: &Interface) -> Fact {
    let groups: Vec<&str> = one.groups.iter().map(Id::as_str).collect();
    Fact::new(format!("interface {}", one.id), groups.join(", "))
}

/// The groups that an interface had when it was planned.
pub(super) fn planned_groups(plan: &Plan, interface: &Id<InterfaceId>) -> Option<Vec<String>> {
    let name = Untrusted::from(format!("interface {interface}"));
    let fact = plan.facts.iter().find(|fact| fact.name == name)?;
    Some(fact.value.line().as_str().split(", ").map(str::to_owned).collect())
}

/// The group that isolates, and what it lets through.
pub(super) fn group_fact(group: &ec2::Group) -> Fact {
    let rules = words::rules(group);
    let text = match rules.is_empty() {
        true => "no rules".to_owned(),
        false => rules.join("; "),
    };
    let text = match text.len() > LONGEST {
        true => format!("{} rules, SHA-256 {}", rules.len(), quell_core::record::Hash::of(text.as_bytes())),
        false => text,
    };
    Fact::new(ISOLATION, format!("{} ({}): {text}", group.id.line(), group.name.line()))
}
