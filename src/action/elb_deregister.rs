//! Taking an instance out of a load balancer's target group, before it is isolated: whoever is served by it gets errors
//! else. The undo puts it back with the same ports. Where it stands in several groups, each is an action of its own.

mod draining;

use super::calls;
use super::fields::{id, known, refuse, text};
use super::instance;
use super::kind::{KindInfo, NOTHING, Operations, Parameter};
use super::request::{Request, Value, Word};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, planned, sent};
use super::target::{parts, target};
use crate::aws::elb::Target;
use crate::aws::{Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::{Arn, InstanceId};
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `elb-deregister`.
pub(super) struct ElbDeregister;

static INFO: KindInfo = KindInfo {
    name: "elb-deregister",
    title: "Take an instance out of a load balancer's target group",
    parameters: &[
        instance::PARAMETER,
        Parameter {
            name: "target_group",
            required: false,
            what: "the target group's ARN; else each one in which the instance stands",
        },
        Parameter { name: "restore", required: false, what: "for the undo: the ports that it had there, as a list" },
    ],
    operations: Operations {
        read: &[
            ("Elastic Load Balancing v2", "DescribeTargetGroups"),
            ("Elastic Load Balancing v2", "DescribeTargetGroupAttributes"),
            ("Elastic Load Balancing v2", "DescribeTargetHealth"),
        ],
        consume: &[],
        mutate: &[("Elastic Load Balancing v2", "DeregisterTargets"), ("Elastic Load Balancing v2", "RegisterTargets")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// The fact that is read again before the call.
const PORTS: &str = "registered ports";
const NONE: &str = "none";
/// Connections run out for five minutes, unless the group says otherwise.
const LOOKS: u32 = 33;
/// The most target groups that are looked into.
const MOST: usize = 100;

/// The one call of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    group: Id<Arn>,
    instance: Id<InstanceId>,
    ports: Vec<u16>,
    into: bool,
}

impl Call {
    fn request(&self) -> PlannedRequest {
        let targets: Vec<Json> =
            self.ports.iter().map(|port| json!({ "Id": self.instance.as_str(), "Port": port })).collect();
        let operation = if self.into { "RegisterTargets" } else { "DeregisterTargets" };
        let input = json!({ "TargetGroupArn": self.group.as_str(), "Targets": targets });
        PlannedRequest { service: "elbv2".to_owned(), operation: operation.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let targets = request.input.get("Targets")?.as_array()?;
        let port = |target: &Json| u16::try_from(target.get("Port")?.as_u64()?).ok();
        let call = Self {
            group: Id::new(request.input.get("TargetGroupArn")?.as_str()?).ok()?,
            instance: Id::new(targets.first()?.get("Id")?.as_str()?).ok()?,
            ports: targets.iter().map(port).collect::<Option<_>>()?,
            into: request.operation == "RegisterTargets",
        };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }
}

/// Where the instance stands in a target group: its ports there.
async fn standing(reader: &Reader, group: &Id<Arn>, id: &Id<InstanceId>) -> Result<Vec<Target>, Problem> {
    let found = reader.elb().describe_target_health(group.as_str()).await;
    let found = found.map_err(|error| calls::problem(&error, reader, "elasticloadbalancing:DescribeTargetHealth"))?;
    Ok(found.into_iter().filter(|one| one.id == Untrusted::from(id.as_str())).collect())
}

fn drains(one: &Target) -> bool {
    one.state == Untrusted::from("draining")
}

/// The ports that are served, in order.
fn served(targets: &[Target]) -> Vec<u16> {
    let all = targets.iter().filter(|one| !drains(one));
    let mut ports: Vec<u16> = all.filter_map(|one| u16::try_from(one.port).ok()).collect();
    ports.sort_unstable();
    ports
}

fn line(ports: &[u16]) -> String {
    match ports {
        [] => NONE.to_owned(),
        some => some.iter().map(u16::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// A target group's ARN.
fn arn(text: &Untrusted) -> Result<Id<Arn>, Problem> {
    let arn = id::<Arn>("target_group", text)?;
    let is = parts(&arn)
        .is_some_and(|parts| parts.service == "elasticloadbalancing" && parts.resource.starts_with("targetgroup/"));
    if is { Ok(arn) } else { Err(refuse(format!("target_group is no ARN of a target group: {arn}"))) }
}

/// The target groups in which the instance stands.
async fn groups(reader: &Reader, id: &Id<InstanceId>) -> Result<Vec<Id<Arn>>, Problem> {
    let all = reader.elb().describe_target_groups().await;
    let all = all.map_err(|error| calls::problem(&error, reader, "elasticloadbalancing:DescribeTargetGroups"))?;
    let all: Vec<_> = all.into_iter().filter(|group| group.of_instances).collect();
    if all.len() > MOST {
        return Err(refuse(format!("there are {} target groups of instances; quell looks into {MOST}", all.len()))
            .next("give target_group: the ARN of the one in which the instance stands"));
    }
    let mut found = Vec::new();
    for group in all {
        let group = arn(&group.arn)?;
        if !served(&standing(reader, &group, id).await?).is_empty() {
            found.push(group);
        }
    }
    Ok(found)
}

/// The one target group of a request.
async fn group(reader: &Reader, request: &Request, id: &Id<InstanceId>) -> Result<Id<Arn>, Problem> {
    if let Some(word) = text(request, "target_group")? {
        return arn(&word.text);
    }
    let mut found = groups(reader, id).await?;
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(refuse(format!("{id} stands in no target group of instances"))
            .next("it may stand there by its address, or in a Classic Load Balancer: look, and act there by hand")),
        n => Err(refuse(format!("{id} stands in {n} target groups"))
            .next("stage the step, so that each becomes an action of its own, or give target_group")),
    }
}

/// The ports that an undo puts back. A finding's author may not say them.
fn restore(request: &Request) -> Result<Option<Vec<u16>>, Problem> {
    let Some(word) = text(request, "restore")? else { return Ok(None) };
    if word.filled {
        return Err(refuse("restore can't be filled from a finding"));
    }
    let line = word.text.line();
    let ports = line.as_str().split(", ").map(|port| port.parse().ok().filter(|port| *port > 0));
    let ports = ports.collect::<Option<Vec<u16>>>().ok_or_else(|| refuse("restore is no list of ports"))?;
    Ok(Some(ports))
}

const TAKING: [&str; 4] = [
    "It cuts NOTHING off but what comes by this load balancer: isolate the instance after this (ec2-isolate).",
    "Only target groups of instances are looked at: where it stands by its address, or in a Classic Load Balancer, it goes \
     on being served.",
    "An Auto Scaling group that the target group belongs to may put it back: put it on standby first (asg-standby).",
    "The other targets carry its load; where it is the last one, whoever is served by the group gets errors.",
];

const GIVING: [&str; 1] = [
    "It is served again, in whatever state it is now: where it is isolated, it fails the health check and gets nothing.",
];

impl Setting for ElbDeregister {
    type Call = Call;
    type State = Vec<Target>;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn each(&self, reader: &Reader, request: &Request) -> Result<Vec<Request>, Problem> {
        if request.fields.contains_key("target_group") || request.fields.contains_key("restore") {
            return Ok(Vec::new());
        }
        let id = instance::named(request, "taken out")?;
        let target = target(request, id.as_str())?;
        calls::caller(reader, &target).await?;
        let found = groups(reader, &id).await?;
        if found.len() < 2 {
            return Ok(Vec::new());
        }
        let one = |group: Id<Arn>| {
            let mut request = request.clone();
            request.fields.insert("target_group".into(), Value::Text(Word::own(group.as_str())));
            request
        };
        Ok(found.into_iter().map(one).collect())
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let (instance, restore) = (instance::named(request, "taken out")?, restore(request)?);
        let mut target = target(request, instance.as_str())?;
        calls::caller(reader, &target).await?;
        let group = group(reader, request, &instance).await?;
        // Two groups of one instance are two things.
        target.resource = group.as_str().into();
        let now = standing(reader, &group, &instance).await?;
        let ports = served(&now);
        let call = match restore {
            None if ports.is_empty() => {
                return Err(refuse(format!("{instance} does not stand in {group}, or is on its way out"))
                    .next("there is nothing to take out"));
            }
            None => Call { group, instance, ports, into: false },
            Some(wanted) => Call { group, instance, ports: wanted, into: true },
        };
        let mut facts = self.facts(&now);
        facts.push(Fact::new("instance", call.instance.as_str()));
        facts.push(Fact::new("dry run", "Elastic Load Balancing has none"));
        let (warnings, undo): (Vec<String>, _) = match call.into {
            false => {
                let (attributes, open) = draining::of(reader, &call.group).await;
                facts.extend(attributes);
                let mut taking: Vec<String> = TAKING.map(str::to_owned).into();
                taking.splice(1..1, open);
                (taking, format!("Put it back with the same ports: {}.", line(&call.ports)))
            }
            true => (GIVING.map(str::to_owned).into(), "Take it out again, by a plan of its own.".to_owned()),
        };
        let confirm = call.instance.as_str().into();
        let call = call.request();
        let draft = Draft { target, call, facts, danger: INFO.danger, destroys: Vec::new(), warnings, undo };
        Ok(Plan { confirm, ..draft.plan(request)? })
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<Vec<Target>, Problem> {
        standing(reader, &call.group, &call.instance).await
    }

    fn facts(&self, state: &Vec<Target>) -> Vec<Fact> {
        vec![Fact::new(PORTS, line(&served(state)))]
    }

    fn fit(&self, call: &Call, state: &Vec<Target>) -> Fit {
        let there = served(state);
        if call.into {
            return Fit::is(call.ports.iter().all(|port| there.contains(port)));
        }
        if call.ports.iter().any(|port| there.contains(port)) {
            return Fit::Not;
        }
        let draining =
            state.iter().any(|one| drains(one) && call.ports.iter().any(|port| i64::from(*port) == one.port));
        match draining {
            true => Fit::Coming("draining, while connections run out".to_owned()),
            false => Fit::As,
        }
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        let (client, group, id) = (writer.elb(), call.group.as_str(), call.instance.as_str());
        match call.into {
            false => {
                let answer = client.deregister_targets(group, id, &call.ports).await;
                sent(writer, "elasticloadbalancing:DeregisterTargets", answer)
            }
            true => {
                let answer = client.register_targets(group, id, &call.ports).await;
                sent(writer, "elasticloadbalancing:RegisterTargets", answer)
            }
        }
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| seal::text(request, "TargetGroupArn").map(seal::exact).into_iter().collect())
    }

    fn breaks(&self, _plan: &Plan, call: &Call) -> Vec<String> {
        vec![match call.into {
            false => {
                "what the load balancer sends to it there: new connections go to the other targets, open ones are let run \
                 out; were it the last healthy one, the service behind it is down"
            }
            true => NOTHING,
        }
        .to_owned()]
    }

    fn done(&self, plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let (id, group, ports) = (&call.instance, &call.group, line(&call.ports));
        match call.into {
            false => {
                let prior = planned(plan, PORTS).map(|ports| ports.line().into_string());
                (format!("{id} is taken out of {group}: ports {ports}"), prior.map(|ports| json!({ "Ports": ports })))
            }
            true => (format!("{id} stands in {group} again: ports {ports}"), None),
        }
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let own = |text: &str| Value::Text(Word::own(text));
        let call = Call::of(plan)?;
        let fields = [
            ("instance", own(call.instance.as_str())),
            ("target_group", own(call.group.as_str())),
            ("restore", own(undo.get("Ports")?.as_str()?)),
        ];
        Some(Request::undoing(plan, fields))
    }

    fn contains(&self, _plan: &Plan, call: &Call) -> Option<bool> {
        Some(!call.into)
    }

    fn looks(&self) -> u32 {
        LOOKS
    }
}
