//! A rule group of Route 53 Resolver's DNS Firewall in a VPC: a security group does not filter the VPC's resolver, so that
//! an isolated host can still tunnel over DNS. The group is there already; here it is put into the VPC and taken out.

mod call;
mod plan;
#[cfg(test)]
mod tests;
mod words;

use super::calls;
use super::facts::{changed, not_sent};
use super::kind::{Action, KindInfo, Operations, Parameter, Written};
use super::preflight::Need;
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{self, Grant, Seal, exact};
use super::setting::planned;
use crate::aws::resolver::{Association, Wanted};
use crate::aws::{BoxFuture, ErrorClass, Failure, Reader, Writer};
use call::{ASSOCIATE, Call};
use quell_core::incident::{Fact, Found, Link, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::json;
use std::time::Duration;

/// The kind `dns-firewall`.
pub(super) struct DnsFirewall;

static INFO: KindInfo = KindInfo {
    name: "dns-firewall",
    title: "Put a rule group of the DNS Firewall into a VPC",
    parameters: &[
        Parameter { name: "rule_group", required: true, what: "the id of a rule group that is there: rslvr-frg-…" },
        Parameter { name: "vpc", required: false, what: "the VPC's id; else that of the finding's instance" },
        super::instance::PARAMETER,
        Parameter { name: "priority", required: false, what: "from 101 to 9900; else the first that is free" },
        Parameter { name: "association", required: false, what: "for the undo: the association's id" },
    ],
    operations: Operations {
        read: &[
            ("EC2", "DescribeInstances"),
            // Never called by quell: GetFirewallConfig looks the VPC up in the name of whoever calls.
            ("EC2", "DescribeVpcs"),
            ("Route53Resolver", "GetFirewallConfig"),
            ("Route53Resolver", "GetFirewallRuleGroup"),
            ("Route53Resolver", "GetFirewallRuleGroupAssociation"),
            ("Route53Resolver", "ListFirewallRuleGroupAssociations"),
        ],
        consume: &[],
        mutate: &[("Route53Resolver", ASSOCIATE), ("Route53Resolver", call::DISASSOCIATE)],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

const UNREADABLE: &str = "the plan can't be read";
/// What the association is called.
const MARK: &str = "its name says";
const LOUD: &str = "that it is quell's, and of which record";
const QUIET: &str = "nothing but the action's token: the incident is quiet";
/// It is there after a minute or so.
const LOOKS: u32 = 12;
const PAUSE: Duration = Duration::from_secs(10);

fn loud(plan: &Plan) -> bool {
    planned(plan, MARK) != Some(&QUIET.into())
}

/// The association's name: the action's record, in the letters that a name may have.
fn name(plan: &Plan, token: &str, action: &Link) -> String {
    if loud(plan) { format!("quell {}-{}", action.0, action.1) } else { token.to_owned() }
}

fn is(one: &Association, status: &str) -> bool {
    one.status == Untrusted::from(status)
}

fn put(one: &Association, ids: Vec<Untrusted>) -> Outcome {
    let undo = plan::exactly(&one.id).map(|id| json!({ "Association": id }));
    Outcome::Succeeded {
        outcome: format!("the rule group is in the VPC: {}, {}", one.id.line(), one.status.line()).into(),
        request_ids: ids,
        undo,
        facts: vec![Fact::new("association", one.id.clone())],
    }
}

fn taken(ids: Vec<Untrusted>) -> Outcome {
    let outcome = "the rule group is taken out of the VPC".into();
    Outcome::Succeeded { outcome, request_ids: ids, undo: None, facts: Vec::new() }
}

/// Looks until it is in force, or for as long as that may take.
async fn follow(reader: &Reader, mut one: Association, progress: &Progress) -> Association {
    let Some(id) = plan::exactly(&one.id) else { return one };
    for n in 0..LOOKS {
        if !is(&one, "UPDATING") {
            break;
        }
        progress.step(one.status.clone(), n, LOOKS);
        progress.sleep(PAUSE).await;
        // What can't be read now may be read at the next look.
        if let Ok(now) = plan::association(reader, &id).await {
            one = now;
        }
    }
    one
}

/// Looks until it is gone, or for as long as that may take.
async fn leaving(reader: &Reader, association: &str, progress: &Progress) {
    for n in 0..LOOKS {
        match left(reader, association).await {
            Ok(Some(one)) if is(&one, "DELETING") => progress.step(one.status, n, LOOKS),
            Ok(_) => break,
            // What can't be read now may be read at the next look.
            Err(_) => {}
        }
        progress.sleep(PAUSE).await;
    }
}

/// The association, or nothing where it is not there any more.
async fn left(reader: &Reader, id: &str) -> Result<Option<Association>, String> {
    match reader.resolver().get_firewall_rule_group_association(id).await {
        Ok(one) => Ok(Some(one)),
        Err(error) if Failure::of(&error).class == ErrorClass::NotFound => Ok(None),
        Err(error) => Err(reader.problem("route53resolver:GetFirewallRuleGroupAssociation", &error).headline()),
    }
}

async fn sending(writer: Writer, reader: &Reader, plan: &Plan, call: Call, progress: &Progress) -> Outcome {
    let facts = match &call {
        Call::Put { vpc, .. } => plan::standing(reader, vpc).await.map(|all| vec![plan::material(&all)]),
        Call::Take { association } => plan::association(reader, association).await.map(|one| plan::taken(&one)),
    };
    match facts {
        Err(problem) => return not_sent(format!("it could not be read again: {}", problem.headline())),
        Ok(now) => {
            if let Some(stopped) = changed(plan, &now) {
                return stopped;
            }
        }
    }
    match &call {
        Call::Put { group, vpc, priority } => {
            let (token, name) = (writer.token(), name(plan, writer.token(), writer.action()));
            let wanted = Wanted { group, vpc, priority: *priority, name: &name, token };
            match writer.resolver().associate_firewall_rule_group(wanted).await {
                Err(error) => writer.outcome("route53resolver:AssociateFirewallRuleGroup", &error),
                Ok(answer) => {
                    let ids = calls::request_ids(&answer);
                    put(&follow(reader, answer.value, progress).await, ids)
                }
            }
        }
        Call::Take { association } => match writer.resolver().disassociate_firewall_rule_group(association).await {
            Err(error) => writer.outcome("route53resolver:DisassociateFirewallRuleGroup", &error),
            Ok(answer) => {
                leaving(reader, association, progress).await;
                taken(calls::request_ids(&answer))
            }
        },
    }
}

async fn found(reader: &Reader, call: Call, token: &Token) -> Found {
    match call {
        Call::Put { group, vpc, .. } => match plan::standing(reader, &vpc).await {
            Err(problem) => Found::CannotTell(problem.headline().into()),
            Ok(all) => match plan::own(all, &group, token.as_str()) {
                Some(one) => Found::Ended(put(&one, Vec::new())),
                None => {
                    let why =
                        "no rule group of the VPC bears this action's token, at least not yet; planning again is safe";
                    Found::CannotTell(why.into())
                }
            },
        },
        Call::Take { association } => match left(reader, &association).await {
            Err(why) => Found::CannotTell(why.into()),
            Ok(Some(one)) if !is(&one, "DELETING") => {
                let why = format!("{association} is {}; planning again is safe", one.status.line());
                Found::CannotTell(why.into())
            }
            Ok(_) => Found::Ended(taken(Vec::new())),
        },
    }
}

async fn read_back(reader: &Reader, call: Call, outcome: &Outcome) -> Verified {
    let (id, into) = match call {
        Call::Take { association } => (association, false),
        Call::Put { .. } => match undoing(outcome) {
            Some(id) => (id, true),
            None => return calls::unverified("which association it is, is not known"),
        },
    };
    let seen = match left(reader, &id).await {
        Err(why) => return calls::unverified(why),
        Ok(seen) => seen,
    };
    let status = seen.as_ref().map_or_else(|| "not there".into(), |one| one.status.clone());
    let mut facts = vec![Fact::new("status", status)];
    facts.extend(
        seen.as_ref()
            .and_then(|one| Some(Fact::new("it says", one.status_message.clone().filter(|words| !words.is_empty())?))),
    );
    let holds = match seen {
        None => Some(!into),
        Some(one) if into && is(&one, "COMPLETE") => Some(true),
        Some(one) if (into && is(&one, "UPDATING")) || (!into && is(&one, "DELETING")) => {
            facts.push(Fact::new("not verified", "not there yet: look again in a minute"));
            None
        }
        Some(_) => Some(false),
    };
    Verified { holds, facts }
}

/// The association that an outcome made.
fn undoing(outcome: &Outcome) -> Option<String> {
    let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
    plan::exactly(&undo.get("Association")?.as_str()?.into())
}

impl Action for DnsFirewall {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(
        &'a self,
        reader: &'a Reader,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Plan, crate::problem::Problem>> {
        Box::pin(plan::planning(reader, request))
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        vec![match Call::of(plan) {
            Some(Call::Put { vpc, .. }) => {
                format!("look-ups of the names that the group blocks, of every host of {vpc}, until it is taken out")
            }
            _ => super::kind::NOTHING.to_owned(),
        }]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return not_sent(UNREADABLE) };
            sending(writer, reader, plan, call, progress).await
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            found(reader, call, &token).await
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return calls::unverified(UNREADABLE) };
            read_back(reader, call, outcome).await
        })
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        Some(matches!(Call::of(plan)?, Call::Put { .. }))
    }

    fn writes(&self, plan: &Plan) -> Vec<Written> {
        // A VPC may have several groups, and each of them is a thing of its own.
        let group = match Call::of(plan) {
            Some(Call::Put { group, .. }) => Some(Untrusted::from(group)),
            _ => planned(plan, plan::GROUP).cloned(),
        };
        let vpc = plan.target.resource.line();
        let named = group.map(|group| format!("{} in {vpc}", group.line()));
        let resource = named.map_or_else(|| plan.target.resource.clone(), Untrusted::from);
        vec![Written { resource, ..Written::whole(INFO.name, plan) }]
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        planned(plan, plan::INSTANCE).cloned().into_iter().collect()
    }

    fn tags(&self, plan: &Plan) -> bool {
        matches!(Call::of(plan), Some(Call::Put { .. })) && loud(plan)
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move { plan::needed(reader, request).await.into_iter().collect() })
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let association =
            |id: &str| seal::arn(plan, "route53resolver", &format!("firewall-rule-group-association/{id}"));
        match Call::of(plan) {
            Some(Call::Take { association: id }) => Seal::each(plan, |_| vec![association(&exact(&id))]),
            Some(Call::Put { group, .. }) => {
                // A group that is shared lies in its owner's account.
                let (partition, region) = (plan.target.partition.line(), plan.target.region.line());
                let group = exact(&group);
                let shared = format!("arn:{partition}:route53resolver:{region}:*:firewall-rule-group/{group}");
                // The call looks the VPC up in the name of whoever calls (Service Authorization Reference).
                let looks = Grant::new("ec2:DescribeVpcs", Vec::new());
                Seal::each(plan, |_| vec![association("*"), shared.clone()]).and(vec![looks])
            }
            None => Seal::each(plan, |_| Vec::new()),
        }
    }

    fn sends(&self, plan: &Plan, token: &Token, action: &Link) -> Vec<PlannedRequest> {
        let Some(Call::Put { .. }) = Call::of(plan) else { return plan.requests.clone() };
        let name = name(plan, token.as_str(), action);
        let members = [("CreatorRequestId", json!(token.as_str())), ("Name", json!(name))];
        plan.requests.iter().map(|request| request.with(&members)).collect()
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Call::Put { group, .. } = Call::of(plan)? else { return None };
        let own = |text: String| Value::Text(Word::own(text));
        Some(Request::undoing(plan, [("rule_group", own(group)), ("association", own(undoing(outcome)?))]))
    }
}
