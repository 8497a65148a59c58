//! Putting an instance of an Auto Scaling group on standby, before it is isolated or stopped: the group would replace it.
//! The undo puts it into service again.

use super::calls;
use super::fields::{known, plain, refuse, text};
use super::instance;
use super::kind::{KindInfo, NOTHING, Operations, Parameter};
use super::request::{Request, Value, Word};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, sent};
use super::target::target;
use crate::aws::autoscaling::{Group, Member};
use crate::aws::{Reader, Writer};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::InstanceId;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `asg-standby`.
pub(super) struct AsgStandby;

static INFO: KindInfo = KindInfo {
    name: "asg-standby",
    title: "Put an instance of an Auto Scaling group on standby",
    parameters: &[
        instance::PARAMETER,
        Parameter {
            name: "replace",
            required: false,
            what: "true lets the group start another instance in its place; else it wants one less",
        },
        Parameter { name: "restore", required: false, what: "for the undo: service, the state before" },
    ],
    operations: Operations {
        read: &[("Auto Scaling", "DescribeAutoScalingGroups"), ("Auto Scaling", "DescribeAutoScalingInstances")],
        consume: &[],
        mutate: &[("Auto Scaling", "EnterStandby"), ("Auto Scaling", "ExitStandby")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// The facts that are read again before the call.
const GROUP: &str = "Auto Scaling group";
const STATE: &str = "lifecycle state";
const NONE: &str = "none";
const IN_SERVICE: &str = "InService";
const STANDBY: &str = "Standby";
/// The longest name of a group.
const NAME: usize = 255;
/// Load balancers let connections run out first.
const LOOKS: u32 = 30;

/// What is to become of the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Standby { replace: bool },
    Service,
}

/// The one call of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    instance: Id<InstanceId>,
    group: String,
    wanted: Wanted,
}

impl Call {
    fn request(&self) -> PlannedRequest {
        let (group, ids) = (&self.group, json!([self.instance.as_str()]));
        let (operation, input) = match self.wanted {
            Wanted::Standby { replace } => (
                "EnterStandby",
                json!({ "AutoScalingGroupName": group, "InstanceIds": ids, "ShouldDecrementDesiredCapacity": !replace }),
            ),
            Wanted::Service => ("ExitStandby", json!({ "AutoScalingGroupName": group, "InstanceIds": ids })),
        };
        PlannedRequest { service: "autoscaling".to_owned(), operation: operation.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let instance = Id::new(request.input.pointer("/InstanceIds/0")?.as_str()?).ok()?;
        let group = request.input.get("AutoScalingGroupName")?.as_str()?.to_owned();
        let wanted = match request.input.get("ShouldDecrementDesiredCapacity") {
            Some(decrement) => Wanted::Standby { replace: !decrement.as_bool()? },
            None => Wanted::Service,
        };
        let call = Self { instance, group, wanted };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }
}

async fn member(reader: &Reader, id: &Id<InstanceId>) -> Result<Option<Member>, Problem> {
    let found = reader.autoscaling().describe_instance(id.as_str()).await;
    found.map_err(|error| calls::problem(&error, reader, "autoscaling:DescribeAutoScalingInstances"))
}

async fn group(reader: &Reader, name: &str) -> Result<Group, Problem> {
    let found = reader.autoscaling().describe_group(name).await;
    let found = found.map_err(|error| calls::problem(&error, reader, "autoscaling:DescribeAutoScalingGroups"))?;
    found.ok_or_else(|| Problem::aws(format!("Auto Scaling does not describe the group {}", clean(name))))
}

/// What is asked for: standby, or what an undo puts back. A finding's author may not say it.
fn wanted(request: &Request) -> Result<Wanted, Problem> {
    let own = |name: &str| match text(request, name)? {
        Some(word) if word.filled => Err(refuse(format!("{name} can't be filled from a finding"))),
        word => Ok(word.map(|word| word.text.line().into_string())),
    };
    match (own("restore")?.as_deref(), own("replace")?.as_deref()) {
        (None, None | Some("false")) => Ok(Wanted::Standby { replace: false }),
        (None, Some("true")) => Ok(Wanted::Standby { replace: true }),
        (None, Some(_)) => Err(refuse("replace is true or false")),
        (Some("service"), None) => Ok(Wanted::Service),
        (Some(_), _) => Err(refuse("restore is service, and nothing else")),
    }
}

/// Refuses what Auto Scaling would refuse.
fn possible(id: &Id<InstanceId>, now: &Member, group: &Group, wanted: Wanted) -> Result<(), Problem> {
    let state = now.lifecycle.line();
    let needs = if wanted == Wanted::Service { STANDBY } else { IN_SERVICE };
    if now.lifecycle != Untrusted::from(needs) {
        return Err(refuse(format!("{id} is {state} in its group; it must be {needs}"))
            .next("look again in a minute if it is on its way"));
    }
    let name = group.name.line();
    if wanted == (Wanted::Standby { replace: false }) && group.desired <= group.min {
        return Err(refuse(format!(
            "the group {name} wants {} instances, and has no fewer than {}",
            group.desired, group.min
        ))
        .next("give replace: \"true\", so that the group starts another one in its place"));
    }
    if wanted == Wanted::Service && group.desired >= group.max {
        return Err(refuse(format!("the group {name} has its most instances, {}", group.max))
            .next("raise the group's maximum by hand, or terminate what replaced the instance"));
    }
    Ok(())
}

fn standing_by(group: &Group, replace: bool) -> Vec<String> {
    let name = group.name.line();
    let mut all = vec![
        "It cuts NOTHING off: the instance runs on, with its network and its role. It only keeps the group from replacing \
         it: isolate it (ec2-isolate) or stop it (ec2-stop) after this."
            .to_owned(),
        "The group's load balancers send it nothing new, and let what runs run out first; load balancers that are not the \
         group's go on (elb-deregister)."
            .to_owned(),
    ];
    all.push(match replace {
        true => format!(
            "The group {name} starts another instance at once, from the same image and user data: where the intruder came \
             in by those, it comes in again."
        ),
        false => format!(
            "The group {name} wants {} instances from then on in place of {}: the others carry the load, and scaling may \
             start new ones all the same.",
            group.desired - 1,
            group.desired
        ),
    });
    all.push(
        "Whoever may change the group can put it into service again, or terminate it; the health of one on standby \
              is not looked at."
            .to_owned(),
    );
    all
}

const SERVING: [&str; 2] = [
    "It gets the group's load again, in whatever state it is now; if it is isolated or stopped, it fails the health check \
     and is TERMINATED, its memory with it. Lift those first.",
    "The group wants one instance more than now.",
];

impl Setting for AsgStandby {
    type Call = Call;
    type State = Option<Member>;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let (id, wanted) = (instance::named(request, "put on standby")?, wanted(request)?);
        let target = target(request, id.as_str())?;
        calls::caller(reader, &target).await?;
        let seen = member(reader, &id).await?;
        let Some(now) = &seen else {
            return Err(refuse(format!("{id} belongs to no Auto Scaling group"))
                .next("nothing replaces it: go on with ec2-isolate or ec2-stop"));
        };
        let name = plain("the group's name", &now.group, NAME)?;
        let group = group(reader, &name).await?;
        possible(&id, now, &group, wanted)?;
        let mut facts = self.facts(&seen);
        let size = format!("wants {}, at least {}, at most {}", group.desired, group.min, group.max);
        facts.push(Fact::new("its size", size));
        facts.push(Fact::new("dry run", "Auto Scaling has none"));
        let (warnings, undo) = match wanted {
            Wanted::Standby { replace } => {
                let undo = "Put it into service again: the group then wants one instance more.";
                (standing_by(&group, replace), undo)
            }
            Wanted::Service => (SERVING.map(str::to_owned).into(), "Put it on standby again, by a plan of its own."),
        };
        let (call, undo) = (Call { instance: id, group: name, wanted }.request(), undo.to_owned());
        Draft { target, call, facts, danger: INFO.danger, destroys: Vec::new(), warnings, undo }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<Option<Member>, Problem> {
        member(reader, &call.instance).await
    }

    fn facts(&self, state: &Option<Member>) -> Vec<Fact> {
        let said = |of: fn(&Member) -> &Untrusted| state.as_ref().map_or_else(|| NONE.into(), |one| of(one).clone());
        vec![Fact::new(GROUP, said(|one| &one.group)), Fact::new(STATE, said(|one| &one.lifecycle))]
    }

    fn fit(&self, call: &Call, state: &Option<Member>) -> Fit {
        let Some(now) = state else { return Fit::Not };
        let is = |word: &str| now.lifecycle == Untrusted::from(word);
        match call.wanted {
            Wanted::Standby { .. } if is("EnteringStandby") => {
                Fit::Coming("EnteringStandby, while connections run out".to_owned())
            }
            Wanted::Service if !is(STANDBY) && !is(IN_SERVICE) => Fit::Coming(now.lifecycle.line().into_string()),
            Wanted::Standby { .. } => Fit::is(is(STANDBY)),
            Wanted::Service => Fit::is(is(IN_SERVICE)),
        }
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        let (client, id) = (writer.autoscaling(), call.instance.as_str());
        match call.wanted {
            Wanted::Standby { replace } => {
                let answer = client.enter_standby(&call.group, id, !replace).await;
                sent(writer, "autoscaling:EnterStandby", answer)
            }
            Wanted::Service => sent(writer, "autoscaling:ExitStandby", client.exit_standby(&call.group, id).await),
        }
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let group = |name: &str| {
            seal::arn(plan, "autoscaling", &format!("autoScalingGroup:*:autoScalingGroupName/{}", seal::exact(name)))
        };
        Seal::each(plan, |request| seal::text(request, "AutoScalingGroupName").map(group).into_iter().collect())
    }

    fn breaks(&self, _plan: &Plan, call: &Call) -> Vec<String> {
        vec![match call.wanted {
            Wanted::Standby { replace: true } => {
                "what the group's load balancers send to it: it goes to the others; until the new instance serves there is \
                 one less"
            }
            Wanted::Standby { replace: false } => {
                "what the group's load balancers send to it: it goes to the others, one less from then on; were it the last, \
                 the service is down"
            }
            Wanted::Service => NOTHING,
        }
        .to_owned()]
    }

    fn done(&self, _plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let (id, group) = (&call.instance, clean(&call.group));
        match call.wanted {
            Wanted::Standby { .. } => (format!("{id} goes on standby in {group}"), Some(json!({ "State": "service" }))),
            Wanted::Service => (format!("{id} goes into service again in {group}"), None),
        }
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let state = undo.get("State")?.as_str()?;
        let own = |text: Untrusted| Value::Text(Word::own(text));
        Some(Request::undoing(plan, [("instance", own(plan.target.resource.clone())), ("restore", own(state.into()))]))
    }

    fn contains(&self, _plan: &Plan, call: &Call) -> Option<bool> {
        Some(call.wanted != Wanted::Service)
    }

    fn looks(&self) -> u32 {
        LOOKS
    }
}
