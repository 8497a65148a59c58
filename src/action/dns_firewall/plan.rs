//! What there is in a VPC, and the plan made of it.

use super::super::calls;
use super::super::fields::{id, known, plain, refuse, shown, text};
use super::super::instance;
use super::super::preflight::{Need, State};
use super::super::request::Request;
use super::super::setting::Draft;
use super::super::target::target;
use super::call::Call;
use super::{INFO, MARK, words};
use crate::aws::resolver::Association;
use crate::aws::{Failure, Reader};
use crate::problem::Problem;
use quell_core::incident::{Fact, Plan};
use quell_core::text::id::{InstanceId, Slug};
use quell_core::text::{Id, Untrusted};

/// The places that are left to an account; those outside are AWS Firewall Manager's.
const FIRST: u16 = 101;
const LAST: u16 = 9900;
/// The longest id of the service (its service model).
const LONGEST: usize = 64;

/// The fact that names the group which is taken out.
pub(super) const GROUP: &str = "rule group's id";

/// An id of AWS with that prefix: letters and digits behind it.
fn named(field: &str, value: &Untrusted, prefix: &str) -> Result<String, Problem> {
    let whole = id::<Slug>(field, value)?;
    let rest = whole.as_str().strip_prefix(prefix).unwrap_or_default();
    let is = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric()) && whole.as_str().len() <= LONGEST;
    match is {
        true => Ok(whole.as_str().to_owned()),
        false => Err(refuse(format!("{field} is no id that begins with {prefix}: {}", shown(value)))),
    }
}

/// The rule groups of a VPC.
pub(super) async fn standing(reader: &Reader, vpc: &str) -> Result<Vec<Association>, Problem> {
    let found = reader.resolver().list_firewall_rule_group_associations(vpc).await;
    let found = found.map_err(|error| reader.problem("route53resolver:ListFirewallRuleGroupAssociations", &error))?;
    let all = found.ok_or_else(|| refuse(format!("{vpc} has more rule groups than quell reads")))?;
    Ok(all.into_iter().filter(|one| one.vpc_id == Untrusted::from(vpc)).collect())
}

/// The association of that id.
pub(super) async fn association(reader: &Reader, id: &str) -> Result<Association, Problem> {
    let found = reader.resolver().get_firewall_rule_group_association(id).await;
    found.map_err(|error| reader.problem("route53resolver:GetFirewallRuleGroupAssociation", &error))
}

/// What must be as it was right before the call: the groups that the VPC has, by their places.
pub(super) fn material(all: &[Association]) -> Fact {
    let mut all: Vec<_> = all.iter().collect();
    all.sort_by_key(|one| (one.priority, one.id.clone()));
    let line = |one: &&Association| format!("{} {}", one.priority, one.firewall_rule_group_id.line());
    let lines: Vec<String> = all.iter().map(line).collect();
    Fact::new("rule groups of the VPC", if lines.is_empty() { "none".to_owned() } else { lines.join(", ") })
}

/// What must be as it was right before a rule group is taken out.
pub(super) fn taken(one: &Association) -> Vec<Fact> {
    vec![
        Fact::new(GROUP, one.firewall_rule_group_id.clone()),
        Fact::new("VPC", one.vpc_id.clone()),
        Fact::new("status", one.status.clone()),
    ]
}

/// The fact that names an instance of the VPC: what cuts the VPC off cuts it off too.
pub(super) const INSTANCE: &str = "instance";

/// The VPC, and the instance by which it was found.
async fn vpc(reader: &Reader, request: &Request) -> Result<(String, Option<Id<InstanceId>>), Problem> {
    if let Some(word) = text(request, "vpc")? {
        return Ok((named("vpc", &word.text, "vpc-")?, None));
    }
    let instance = instance::named(request, "cut off from names")?;
    let seen = instance::described(reader, &instance).await?;
    let vpc = seen.vpc.ok_or_else(|| {
        refuse(format!("EC2 names no VPC of {instance}")).next("give vpc: the id of the VPC in which it was")
    })?;
    Ok((named("vpc", &vpc, "vpc-")?, Some(instance)))
}

/// The place that is asked for, else the first that is free.
fn priority(request: &Request, all: &[Association]) -> Result<u16, Problem> {
    let free = |at: &u16| !all.iter().any(|one| one.priority == i64::from(*at));
    let Some(word) = text(request, "priority")? else {
        return (FIRST..=LAST).find(free).ok_or_else(|| refuse("no priority of the VPC is free"));
    };
    let said = plain("priority", &word.text, 4)?;
    let at = said.parse::<u16>().ok().filter(|at| (FIRST..=LAST).contains(at) && at.to_string() == said);
    let at = at.ok_or_else(|| refuse(format!("priority is no number from {FIRST} to {LAST}")))?;
    match free(&at) {
        true => Ok(at),
        false => Err(refuse(format!("the VPC has a rule group of priority {at} already"))
            .next("leave priority out, and the first free one is taken")),
    }
}

/// The rule group, before it is wanted; none where its id comes with the incident.
pub(super) async fn needed(reader: &Reader, request: &Request) -> Option<Need> {
    let word = text(request, "rule_group").ok()??;
    if word.text.is_empty() {
        return None;
    }
    let group = match named("rule_group", &word.text, "rslvr-frg-") {
        Ok(group) => group,
        Err(problem) => return Some(Need::new("rule group", State::Missing, problem.what)),
    };
    let name = format!("rule group {group}");
    let found = reader.resolver().get_firewall_rule_group(&group).await.map_err(|error| Failure::of(&error));
    Some(match Need::read(name.clone(), found, "route53resolver:GetFirewallRuleGroup", reader) {
        Err(need) => need,
        Ok(group) if group.status == Untrusted::from("DELETING") => {
            Need::new(name, State::Missing, "it is being deleted")
        }
        Ok(group) if group.rule_count == Some(0) => {
            Need::new(name, State::Missing, "it has no rules, so that it stops nothing")
        }
        Ok(_) => Need::new(name, State::Ok, ""),
    })
}

/// The plan that a request asks for.
pub(super) async fn planning(reader: &Reader, request: &Request) -> Result<Plan, Problem> {
    known(&INFO, request)?;
    let group = text(request, "rule_group")?.ok_or_else(|| refuse("rule_group is not given"))?;
    let group = named("rule_group", &group.text, "rslvr-frg-")?;
    match text(request, "association")? {
        Some(word) if word.filled => Err(refuse("association can't be filled from a finding")),
        Some(word) => take(reader, request, &group, named("association", &word.text, "rslvr-frgassoc-")?).await,
        None => put(reader, request, group).await,
    }
}

async fn put(reader: &Reader, request: &Request, group: String) -> Result<Plan, Problem> {
    let mut target = target(request, group.as_str())?;
    calls::caller(reader, &target).await?;
    let (vpc, instance) = vpc(reader, request).await?;
    target.resource = vpc.as_str().into();
    let seen = reader.resolver().get_firewall_rule_group(&group).await;
    let seen = seen.map_err(|error| reader.problem("route53resolver:GetFirewallRuleGroup", &error))?;
    if seen.status == Untrusted::from("DELETING") {
        return Err(refuse(format!("the rule group {group} is being deleted")));
    }
    let all = standing(reader, &vpc).await?;
    if let Some(one) = all.iter().find(|one| one.firewall_rule_group_id == Untrusted::from(group.as_str())) {
        let (at, id) = (one.priority, one.id.line());
        return Err(refuse(format!("{vpc} has the rule group {group} already, with priority {at}: {id}"))
            .next("there is nothing to do"));
    }
    let open = reader.resolver().get_firewall_config(&vpc).await.ok();
    let call = Call::Put { group, vpc, priority: priority(request, &all)? };
    let rules = seen.rule_count.map_or_else(|| "not said".to_owned(), |n| n.to_string());
    let mut facts = vec![
        material(&all),
        Fact::new("rule group", seen.name.clone().unwrap_or_default()),
        Fact::new("its rules", rules),
        Fact::new("its status", seen.status.clone()),
        Fact::new("the VPC fails open", open.clone().unwrap_or_else(|| "not known".into())),
        Fact::new(MARK, if request.quiet { super::QUIET } else { super::LOUD }),
    ];
    facts.extend(instance.map(|instance| Fact::new(INSTANCE, instance.as_str())));
    let undo = "Take exactly this association out of the VPC again.".to_owned();
    let warnings = words::putting(&seen, open.as_ref());
    let call = call.request();
    Draft { target, call, facts, danger: 3, destroys: Vec::new(), warnings, undo }.plan(request)
}

async fn take(reader: &Reader, request: &Request, group: &str, id: String) -> Result<Plan, Problem> {
    let mut target = target(request, id.as_str())?;
    calls::caller(reader, &target).await?;
    let seen = association(reader, &id).await?;
    if seen.firewall_rule_group_id != Untrusted::from(group) {
        return Err(refuse(format!("{id} is of another rule group: {}", seen.firewall_rule_group_id.line())));
    }
    target.resource = named("vpc", &seen.vpc_id, "vpc-")?.into();
    let (facts, undo) = (taken(&seen), "Put it there again, by a plan of its own.".to_owned());
    let (call, warnings) = (Call::Take { association: id }.request(), words::TAKING.map(str::to_owned).into());
    Draft { target, call, facts, danger: INFO.danger, destroys: Vec::new(), warnings, undo }.plan(request)
}

/// The plan's own association, by its token.
pub(super) fn own(all: Vec<Association>, group: &str, token: &str) -> Option<Association> {
    let is = |one: &Association| {
        one.firewall_rule_group_id == Untrusted::from(group) && one.creator_request_id == Some(token.into())
    };
    all.into_iter().find(is)
}

/// An id as the service gave it.
pub(super) fn exactly(id: &Untrusted) -> Option<String> {
    named("association", id, "rslvr-frgassoc-").ok()
}
