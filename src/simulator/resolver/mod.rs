//! Route 53 Resolver (API version 2018-04-01): the DNS Firewall of the account's one VPC. It has two rule groups, one of
//! them without rules; what is put into the VPC or taken out takes its time.

#[cfg(test)]
mod tests;

use super::call::Call;
use super::clock::later;
use super::page;
use super::wire::{Failure, Reply};
use super::world::World;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

const OPERATIONS: [&str; 6] = [
    "AssociateFirewallRuleGroup",
    "DisassociateFirewallRuleGroup",
    "GetFirewallConfig",
    "GetFirewallRuleGroup",
    "GetFirewallRuleGroupAssociation",
    "ListFirewallRuleGroupAssociations",
];
/// The account's rule groups: id, name, how many rules.
const GROUPS: [(&str, &str, u32); 2] =
    [("rslvr-frg-5f1c0a9d7e3b4826", "block-all-names", 1), ("rslvr-frg-0b7d42e8c6a19f35", "not-filled-yet", 0)];
/// How long it takes until a change is in force.
const SETTLES: SignedDuration = SignedDuration::from_secs(40);
/// The service's own bounds.
const PLACES: std::ops::RangeInclusive<i64> = 101..=9900;
const ID: usize = 64;

/// A rule group in the VPC.
#[derive(Clone, Debug)]
pub(super) struct Association {
    id: String,
    group: String,
    name: String,
    priority: i64,
    protected: bool,
    token: String,
    made: Timestamp,
    /// When it is in force.
    settles: Timestamp,
    /// When it is gone, once it was taken out.
    gone: Option<Timestamp>,
}

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    creator_request_id: String,
    firewall_rule_group_id: String,
    firewall_rule_group_association_id: String,
    vpc_id: String,
    resource_id: String,
    name: String,
    priority: Option<i64>,
    mutation_protection: Option<String>,
    status: Option<String>,
    max_results: Option<u64>,
    next_token: Option<String>,
}

/// The ARN of what an operation is about.
pub(super) fn resource(world: &World, call: &Call) -> String {
    let input: Input = serde_json::from_slice(&call.body).unwrap_or_default();
    let (kind, id) = match call.operation {
        "GetFirewallRuleGroup" => ("firewall-rule-group", input.firewall_rule_group_id),
        "AssociateFirewallRuleGroup" => ("firewall-rule-group-association", "*".to_owned()),
        "DisassociateFirewallRuleGroup" | "GetFirewallRuleGroupAssociation" => {
            ("firewall-rule-group-association", input.firewall_rule_group_association_id)
        }
        _ => return "*".to_owned(),
    };
    format!("arn:aws:route53resolver:{}:{}:{kind}/{id}", call.region, world.scenario.account)
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let input: Input = serde_json::from_slice(&call.body).map_err(|_| invalid("the input is no document"))?;
    let now = call.now.simulated;
    world.account.firewall.retain(|one| one.gone.is_none_or(|gone| gone > now));
    let named = match call.operation {
        "AssociateFirewallRuleGroup" | "GetFirewallRuleGroup" => &input.firewall_rule_group_id,
        "DisassociateFirewallRuleGroup" | "GetFirewallRuleGroupAssociation" => {
            &input.firewall_rule_group_association_id
        }
        "GetFirewallConfig" => &input.resource_id,
        _ => "-",
    };
    if !(1..=ID).contains(&named.len()) {
        return Err(invalid("An id has from 1 to 64 characters."));
    }
    match call.operation {
        "AssociateFirewallRuleGroup" => associate(world, call, input),
        "DisassociateFirewallRuleGroup" => disassociate(world, call, &input),
        "GetFirewallConfig" => config(world, call, &input),
        "GetFirewallRuleGroup" => group(world, call, &input),
        "GetFirewallRuleGroupAssociation" => {
            let id = &input.firewall_rule_group_association_id;
            let one = world.account.firewall.iter().find(|one| here(world, call) && one.id == *id);
            let one = one.ok_or_else(|| missing("association"))?;
            Ok(json!({ "FirewallRuleGroupAssociation": shown(world, call, one) }))
        }
        _ => list(world, call, &input),
    }
    .map(Reply::Json)
}

fn invalid(what: &str) -> Failure {
    Failure::new("ValidationException", 400, format!("[RSLVR-02007] {what}"))
}

fn missing(what: &str) -> Failure {
    Failure::new("ResourceNotFoundException", 400, format!("The firewall rule group {what} was not found."))
}

fn conflict(what: &str) -> Failure {
    Failure::new("ConflictException", 400, what)
}

/// Other Regions have nothing.
fn here(world: &World, call: &Call) -> bool {
    call.region == world.scenario.region
}

fn status(one: &Association, now: Timestamp) -> &'static str {
    match one.gone {
        Some(_) => "DELETING",
        None if one.settles > now => "UPDATING",
        None => "COMPLETE",
    }
}

fn shown(world: &World, call: &Call, one: &Association) -> Value {
    let (region, account) = (&call.region, &world.scenario.account);
    json!({
        "Id": one.id,
        "Arn": format!("arn:aws:route53resolver:{region}:{account}:firewall-rule-group-association/{}", one.id),
        "FirewallRuleGroupId": one.group,
        "VpcId": world.scenario.vpc,
        "Name": one.name,
        "Priority": one.priority,
        "MutationProtection": if one.protected { "ENABLED" } else { "DISABLED" },
        "Status": status(one, call.now.simulated),
        "StatusMessage": "",
        "CreatorRequestId": one.token,
        "CreationTime": one.made.to_string(),
        "ModificationTime": one.made.to_string(),
    })
}

fn known(id: &str) -> Result<(&'static str, &'static str, u32), Failure> {
    GROUPS.into_iter().find(|one| one.0 == id).ok_or_else(|| missing("itself"))
}

fn group(world: &World, call: &Call, input: &Input) -> Result<Value, Failure> {
    let (id, name, rules) = known(&input.firewall_rule_group_id)?;
    if !here(world, call) {
        return Err(missing("itself"));
    }
    let account = &world.scenario.account;
    Ok(json!({ "FirewallRuleGroup": {
        "Id": id, "Arn": format!("arn:aws:route53resolver:{}:{account}:firewall-rule-group/{id}", call.region),
        "Name": name, "RuleCount": rules, "Status": "COMPLETE", "StatusMessage": "", "OwnerId": account,
        "CreatorRequestId": "made-by-the-team", "ShareStatus": "NOT_SHARED",
        "CreationTime": "2026-01-12T09:30:00.000Z", "ModificationTime": "2026-01-12T09:30:00.000Z",
    } }))
}

fn vpc(world: &World, call: &Call, id: &str) -> Result<(), Failure> {
    if !id.starts_with("vpc-") || id.len() > ID {
        return Err(invalid("The VPC id is not valid."));
    }
    match here(world, call) && id == world.scenario.vpc {
        true => Ok(()),
        false => Err(missing("VPC")),
    }
}

fn config(world: &World, call: &Call, input: &Input) -> Result<Value, Failure> {
    vpc(world, call, &input.resource_id)?;
    Ok(json!({ "FirewallConfig": {
        "Id": "rslvr-fc-3a9d5c7e1b2f4068", "ResourceId": input.resource_id, "OwnerId": world.scenario.account,
        "FirewallFailOpen": "DISABLED",
    } }))
}

fn list(world: &World, call: &Call, input: &Input) -> Result<Value, Failure> {
    let size = input.max_results.unwrap_or(100);
    if !(1..=100).contains(&size) {
        return Err(invalid("MaxResults must be from 1 to 100."));
    }
    let fits = |one: &&Association| {
        (input.vpc_id.is_empty() || input.vpc_id == world.scenario.vpc)
            && (input.firewall_rule_group_id.is_empty() || input.firewall_rule_group_id == one.group)
            && input.priority.is_none_or(|at| at == one.priority)
            && input.status.as_deref().is_none_or(|asked| asked == status(one, call.now.simulated))
    };
    let all = world.account.firewall.iter().filter(|_| here(world, call)).filter(fits);
    let all: Vec<Value> = all.map(|one| shown(world, call, one)).collect();
    let (page, next) = page::of(&all, input.next_token.as_deref(), size as usize, "firewall")
        .ok_or_else(|| invalid("NextToken is none of this list."))?;
    let mut answer = json!({ "FirewallRuleGroupAssociations": page });
    if let (Some(object), Some(next)) = (answer.as_object_mut(), next) {
        object.insert("NextToken".to_owned(), json!(next));
    }
    Ok(answer)
}

fn associate(world: &mut World, call: &Call, input: Input) -> Result<Value, Failure> {
    let named = |c: char| c.is_ascii_alphanumeric() || "-_' ".contains(c);
    let digits = input.name.chars().all(|c| c.is_ascii_digit());
    if input.name.len() > ID || digits || !input.name.chars().all(named) {
        return Err(invalid("The name is not valid."));
    }
    let priority =
        input.priority.filter(|at| PLACES.contains(at)).ok_or_else(|| invalid("The priority is not valid."))?;
    known(&input.firewall_rule_group_id)?;
    vpc(world, call, &input.vpc_id)?;
    if let Some(one) = world.account.firewall.iter().find(|one| one.token == input.creator_request_id) {
        // The same call again is the same association.
        return match one.group == input.firewall_rule_group_id && one.priority == priority {
            true => Ok(json!({ "FirewallRuleGroupAssociation": shown(world, call, one) })),
            false => Err(conflict("The creator request id was used for another association.")),
        };
    }
    if world.account.firewall.iter().any(|one| one.group == input.firewall_rule_group_id) {
        return Err(conflict("The VPC has the rule group already."));
    }
    if world.account.firewall.iter().any(|one| one.priority == priority) {
        return Err(conflict("The VPC has a rule group of that priority."));
    }
    let now = call.now.simulated;
    let id = world.chance.uuid("firewall", world.answered).replace('-', "");
    let one = Association {
        id: format!("rslvr-frgassoc-{}", id.get(..16).unwrap_or_default()),
        group: input.firewall_rule_group_id,
        name: input.name,
        priority,
        protected: input.mutation_protection.as_deref() == Some("ENABLED"),
        token: input.creator_request_id,
        made: now,
        settles: later(now, SETTLES),
        gone: None,
    };
    let answer = shown(world, call, &one);
    world.account.firewall.push(one);
    Ok(json!({ "FirewallRuleGroupAssociation": answer }))
}

fn disassociate(world: &mut World, call: &Call, input: &Input) -> Result<Value, Failure> {
    let (now, here) = (call.now.simulated, here(world, call));
    let id = &input.firewall_rule_group_association_id;
    let found = world.account.firewall.iter_mut().find(|one| here && one.id == *id);
    let one = found.ok_or_else(|| missing("association"))?;
    if one.protected || one.gone.is_some() {
        return Err(conflict("The association is protected, or is being deleted."));
    }
    one.gone = Some(later(now, SETTLES));
    let one = one.clone();
    Ok(json!({ "FirewallRuleGroupAssociation": shown(world, call, &one) }))
}
