//! Isolating an EC2 instance: each of its network interfaces gets one security group that lets nothing through, in place
//! of those that it has, which the undo puts back.
//!
//! It goes interface by interface, since an instance with several can't be changed at once, and stops at the first
//! call that does not work: what was changed until then stands in the outcome, and is what the undo restores.

mod call;
mod needs;
mod plan;
mod read;
#[cfg(test)]
mod tests;
mod wanted;
mod words;

use super::calls;
use super::facts::{changed, not_sent};
use super::instance;
use super::kind::{Action, INTERFACES, KindInfo, NOTHING, Operations, Parameter, Written};
use super::preflight::Need;
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{self, Seal, arn, exact};
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use call::Call;
use plan::ISOLATION;
pub(super) use plan::{interface_fact, subnets};
use quell_core::incident::{Fact, FailClass, Found, Outcome, Plan, Token, Verified};
use quell_core::text::Untrusted;
pub(super) use read::{Interface, groups, interfaces_of};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
pub(super) use words::{UNSEEN, open_fact};

/// The kind `ec2-isolate`.
pub(super) struct Ec2Isolate;

static INFO: KindInfo = KindInfo {
    name: "ec2-isolate",
    title: "Isolate an EC2 instance",
    parameters: &[
        instance::PARAMETER,
        Parameter {
            name: "group",
            required: false,
            what: "the security group that lets nothing through: its id, or its name in the instance's VPC; else \
                   quell-isolation",
        },
        Parameter { name: "restore", required: false, what: "for the undo: interfaces, each with its former groups" },
    ],
    operations: Operations {
        read: &[
            ("Auto Scaling", "DescribeAutoScalingInstances"),
            ("EC2", "DescribeInstances"),
            ("EC2", "DescribeNetworkInterfaces"),
            ("EC2", "DescribeRouteTables"),
            ("EC2", "DescribeSecurityGroups"),
        ],
        consume: &[],
        mutate: &[("EC2", "ModifyNetworkInterfaceAttribute")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

const UNREADABLE: &str = "the plan can't be read";
/// What reading back does not show.
const NOT_SEEN: &str = "connections that were open before may live on; flow logs show whether they do";

/// Whether a plan isolates; one that puts groups back does not name the group that isolates.
fn isolates(plan: &Plan) -> bool {
    plan.facts.iter().any(|fact| fact.name == Untrusted::from(ISOLATION))
}

/// The interfaces' groups right before the first call; or what stops it.
async fn ready(reader: &Reader, plan: &Plan, calls: &[Call]) -> Result<(), Outcome> {
    let unread = |problem: Problem| not_sent(format!("what there is could not be read again: {}", problem.headline()));
    let mut facts = Vec::new();
    if isolates(plan) {
        let group = match calls.first().and_then(Call::only) {
            Some(id) => read::groups(reader, &[("group-id", vec![id.as_str()])]).await.map_err(unread)?,
            None => return Err(not_sent(UNREADABLE)),
        };
        // One that is gone is as one that has changed.
        facts.push(group.first().map_or_else(|| Fact::new(ISOLATION, "not there"), plan::group_fact));
    }
    let now = read::interfaces(reader, plan).await.map_err(unread)?;
    if let Some(gone) = calls.iter().find(|call| now.iter().all(|one| one.id != call.interface)) {
        let message = format!("nothing was sent: {} is attached no more; plan the action again", gone.interface);
        return Err(Outcome::Failed { class: FailClass::Conflict, message: message.into(), request_ids: Vec::new() });
    }
    // An undo restores what it names; to an isolation an interface that has come since matters too.
    let material = |one: &&Interface| isolates(plan) || calls.iter().any(|call| call.interface == one.id);
    facts.extend(now.iter().filter(material).map(interface_fact));
    changed(plan, &facts).map_or(Ok(()), Err)
}

/// What there is after some of the calls have worked, in words.
fn done(plan: &Plan, calls: &[Call]) -> String {
    let all: Vec<&str> = calls.iter().map(|call| call.interface.as_str()).collect();
    let word = if isolates(plan) { "isolated" } else { "with its former groups again" };
    format!("{word}: {}", all.join(", "))
}

/// What an undo needs of these calls: the groups that each interface had, as the plan says and was read right before.
fn before(plan: &Plan, calls: &[Call]) -> Option<Json> {
    let groups = |call: &Call| Some((call.interface.to_string(), plan::planned_groups(plan, &call.interface)?));
    let all: BTreeMap<String, Vec<String>> = calls.iter().filter_map(groups).collect();
    let group = calls.first().and_then(Call::only)?;
    (isolates(plan) && !all.is_empty()).then(|| json!({ "Interfaces": all, "Group": group.as_str() }))
}

fn succeeded(plan: &Plan, calls: &[Call], request_ids: Vec<Untrusted>) -> Outcome {
    let undo = before(plan, calls);
    Outcome::Succeeded { outcome: done(plan, calls).into(), request_ids, undo, facts: Vec::new() }
}

/// How it ended when a call did not work after others had.
fn stopped(plan: &Plan, (calls, call): (&[Call], &Call), request_ids: Vec<Untrusted>, outcome: Outcome) -> Outcome {
    if calls.is_empty() {
        return outcome;
    }
    let (done, other) = (done(plan, calls), &call.interface);
    match outcome {
        Outcome::Unknown { why } => {
            let why = format!("{done}; of {other} it is not known: {}", why.line());
            Outcome::Unknown { why: why.into() }
        }
        Outcome::Failed { message, request_ids: more, .. } => {
            let message = format!("{done}; NOT {other}: {}", message.line());
            let request_ids = [request_ids, more].concat();
            Outcome::Partly { message: message.into(), request_ids, undo: before(plan, calls) }
        }
        outcome => outcome,
    }
}

/// What came of a plan, by the groups that the interfaces have now.
fn found(plan: &Plan, calls: &[Call], now: &[Interface]) -> Found {
    let (worked, not): (Vec<Call>, Vec<Call>) = calls.iter().cloned().partition(|call| call.stands(now));
    match (worked.is_empty(), not.first()) {
        (_, None) => Found::Ended(succeeded(plan, calls, Vec::new())),
        (true, _) => {
            let why = "no interface has been changed yet; planning again is safe, since the call only sets the groups";
            Found::CannotTell(why.into())
        }
        (false, Some(_)) => {
            let others: Vec<&str> = not.iter().map(|call| call.interface.as_str()).collect();
            let message = format!("{}; NOT, when it was looked at: {}", done(plan, &worked), others.join(", "));
            // A call that timed out may arrive later: its interface is in the undo too, which leaves alone what then
            // has its former groups still.
            let undo = before(plan, calls);
            Found::Ended(Outcome::Partly { message: message.into(), request_ids: Vec::new(), undo })
        }
    }
}

impl Action for Ec2Isolate {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(plan::planned(reader, request))
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        vec![match isolates(plan) {
            true => {
                "every new connection to it and from it that the isolation group does not let through: users, load balancers \
                 and health checks, SSH, Systems Manager, agents, memory capture; connections that are open may live on"
            }
            false => NOTHING,
        }
        .to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(calls) = Call::all(plan) else { return not_sent(UNREADABLE) };
            if let Err(stopped) = ready(reader, plan, &calls).await {
                return stopped;
            }
            let of = u32::try_from(calls.len()).unwrap_or(u32::MAX);
            let mut ids = Vec::new();
            for (n, call) in (0..of).zip(&calls) {
                progress.step(call.interface.as_str(), n, of);
                match call.send(&writer).await {
                    Ok(more) => ids.extend(more),
                    Err(outcome) => {
                        let worked = calls.get(..n as usize).unwrap_or_default();
                        return stopped(plan, (worked, call), ids, outcome);
                    }
                }
            }
            succeeded(plan, &calls, ids)
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(calls) = Call::all(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            match read::interfaces(reader, plan).await {
                Ok(now) => found(plan, &calls, &now),
                Err(problem) => Found::CannotTell(problem.headline().into()),
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some(calls) = Call::all(plan) else { return calls::unverified(UNREADABLE) };
            let now = match read::interfaces(reader, plan).await {
                Ok(now) => now,
                Err(problem) => return calls::unverified(problem.headline()),
            };
            let only = calls.first().and_then(Call::only).filter(|_| isolates(plan));
            // One that was attached since is a way out.
            let closed = |one: &Interface| only.is_none_or(|only| one.managed.is_some() || one.has_only(only));
            let holds = calls.iter().all(|call| call.stands(&now)) && now.iter().all(closed);
            let mut facts: Vec<Fact> = now.iter().map(interface_fact).collect();
            facts.extend(only.map(|_| Fact::new("note", NOT_SEEN)));
            Verified { holds: Some(holds), facts }
        })
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        Call::all(plan).map(|_| isolates(plan))
    }

    fn writes(&self, plan: &Plan) -> Vec<Written> {
        let calls = Call::all(plan).unwrap_or_default();
        let names: Vec<String> = calls.iter().map(|call| format!("interface {}", call.interface)).collect();
        vec![Written::parts(INTERFACES, plan, |fact| names.iter().any(|name| name == fact))]
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move { needs::group(reader, request).await.into_iter().collect() })
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // Beside the interface AWS may check what it gets, its instance and its subnet; without leave for the interface
        // leave for those is worth nothing.
        Seal::each(plan, |request| {
            let Some(interface) = seal::text(request, "NetworkInterfaceId") else { return Vec::new() };
            let groups = request.input.get("Groups").and_then(Json::as_array).into_iter().flatten();
            let groups = groups.filter_map(Json::as_str).map(|id| format!("security-group/{}", exact(id)));
            let instance = format!("instance/{}", exact(plan.target.resource.line().as_str()));
            let interface = format!("network-interface/{}", exact(interface));
            groups.chain([interface, instance, "subnet/*".to_owned()]).map(|one| arn(plan, "ec2", &one)).collect()
        })
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let undo = match outcome {
            Outcome::Succeeded { undo, .. } | Outcome::Partly { undo, .. } => undo.as_ref()?,
            _ => return None,
        };
        let own = |text: &str| Word::own(text);
        let groups = |value: &Json| {
            let ids = value.as_array()?.iter().map(|id| id.as_str().map(own));
            ids.collect::<Option<Vec<Word>>>().map(Value::List)
        };
        let all = undo.get("Interfaces")?.as_object()?.iter();
        let all: Option<BTreeMap<Box<str>, Value>> =
            all.map(|(id, value)| Some((id.as_str().into(), groups(value)?))).collect();
        let instance = plan.target.resource.clone();
        let fields = [
            ("instance", Value::Text(Word::own(instance))),
            ("group", Value::Text(own(undo.get("Group")?.as_str()?))),
            ("restore", Value::Map(all?)),
        ];
        Some(Request::undoing(plan, fields))
    }
}
