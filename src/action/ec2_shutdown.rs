//! What a shutdown from inside does to an EC2 instance: an intruder who is root can shut it down, and where that
//! terminates it, its memory and its volumes are gone. Set to stop, its volumes stay. The undo sets it as it was.

use super::calls;
use super::fields::{known, refuse, shown, text};
use super::instance;
use super::kind::{KindInfo, NOTHING, Operations, Parameter};
use super::request::{Request, Value, Word};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, only, planned, sent};
use super::target::target;
use crate::aws::ec2::Change;
use crate::aws::{Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::InstanceId;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

#[cfg(test)]
mod tests;

/// The kind `ec2-shutdown`.
pub(super) struct Ec2Shutdown;

static INFO: KindInfo = KindInfo {
    name: "ec2-shutdown",
    title: "Have a shutdown from inside stop an EC2 instance, and not end it",
    parameters: &[
        instance::PARAMETER,
        Parameter { name: "behavior", required: false, what: "stop (the default) or terminate" },
    ],
    operations: Operations {
        read: &[
            ("Auto Scaling", "DescribeAutoScalingInstances"),
            ("EC2", "DescribeInstanceAttribute"),
            ("EC2", "DescribeInstances"),
        ],
        consume: &[],
        mutate: &[("EC2", OPERATION)],
    },
    permissions: &[],
    danger: 1,
    destroys: "",
};

const OPERATION: &str = "ModifyInstanceAttribute";
const ATTRIBUTE: &str = "InstanceInitiatedShutdownBehavior";
/// The fact that is read again before the call.
const BEHAVIOR: &str = "a shutdown from inside";
const STOP: &str = "stop";
const TERMINATE: &str = "terminate";

/// The one call of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    instance: Id<InstanceId>,
    behavior: &'static str,
}

impl Call {
    fn change(&self) -> Change {
        Change::shutdown(self.instance.as_str(), self.behavior)
    }

    fn request(&self) -> PlannedRequest {
        let input = json!({ "InstanceId": self.instance.as_str(), ATTRIBUTE: { "Value": self.behavior } });
        PlannedRequest { service: "ec2".to_owned(), operation: OPERATION.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let input = only(plan, "ec2", OPERATION)?;
        let said = input.get(ATTRIBUTE)?.get("Value")?.as_str()?;
        let call = Self {
            instance: Id::new(input.get("InstanceId")?.as_str()?).ok()?,
            behavior: [STOP, TERMINATE].into_iter().find(|word| *word == said)?,
        };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (plan.requests.as_slice() == [call.request()]).then_some(call)
    }
}

/// What is asked for. A finding's author may not say it.
fn wanted(request: &Request) -> Result<&'static str, Problem> {
    match text(request, "behavior")? {
        None => Ok(STOP),
        Some(word) if word.filled => Err(refuse("behavior can't be filled from a finding")),
        Some(word) => [STOP, TERMINATE]
            .into_iter()
            .find(|one| word.text == Untrusted::from(*one))
            .ok_or_else(|| refuse(format!("behavior is stop or terminate, not {}", shown(&word.text)))),
    }
}

fn warnings(behavior: &str) -> Vec<String> {
    if behavior == TERMINATE {
        let words = "Whoever is root on the host can end it by a shutdown: its memory is gone then, and each volume that \
                     is set to be deleted with it.";
        return vec![words.to_owned()];
    }
    let about = "It is about a shutdown from inside alone: whoever may call EC2 can terminate the instance all the same, or \
                 set this back.";
    let loses = "A shutdown still ends what is in memory and on instance-store volumes: capture memory before it comes to \
                 that, and take snapshots (ec2-snapshot).";
    vec![about.to_owned(), loses.to_owned()]
}

impl Setting for Ec2Shutdown {
    type Call = Call;
    type State = Untrusted;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let id = instance::named(request, "kept from ending itself")?;
        let call = Call { instance: id, behavior: wanted(request)? };
        let target = target(request, call.instance.as_str())?;
        calls::caller(reader, &target).await?;
        let seen = instance::described(reader, &call.instance).await?;
        if instance::is_gone(&seen) {
            return Err(refuse(format!("{} is {}", call.instance, seen.state.line())));
        }
        if seen.root_is_store && call.behavior == STOP {
            let what = format!("the root device of {} is an instance store: EC2 can only terminate it", call.instance);
            return Err(refuse(what).next("take what you need of it while it runs"));
        }
        let now = self.now(reader, &call).await?;
        if self.fit(&call, &now) == Fit::As {
            let what = format!("a shutdown from inside is set to {} already, of {}", call.behavior, call.instance);
            return Err(refuse(what).next("tick the step by hand with Space"));
        }
        let (dry, refused) = instance::dry_run(reader, &[call.change()]).await;
        let mut facts = self.facts(&now);
        facts.push(dry);
        facts.extend(instance::facts(&seen));
        let (scaling, replaced) = match call.behavior {
            STOP => instance::replaced(reader, &seen, "shut down").await,
            _ => (None, None),
        };
        facts.extend(scaling);
        let all = refused.into_iter().chain(replaced).chain(warnings(call.behavior)).collect();
        let undo = format!("Set it back to {}.", now.line());
        let danger = if call.behavior == STOP { INFO.danger } else { 2 };
        let call = call.request();
        Draft { target, call, facts, danger, destroys: Vec::new(), warnings: all, undo }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<Untrusted, Problem> {
        let found = reader.ec2().shutdown_behavior(call.instance.as_str()).await;
        found.map_err(|error| reader.problem("ec2:DescribeInstanceAttribute", &error))
    }

    fn facts(&self, state: &Untrusted) -> Vec<Fact> {
        vec![Fact::new(BEHAVIOR, state.clone())]
    }

    fn fit(&self, call: &Call, state: &Untrusted) -> Fit {
        Fit::is(*state == Untrusted::from(call.behavior))
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        sent(writer, "ec2:ModifyInstanceAttribute", writer.ec2().change(&call.change()).await)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| seal::instances(plan, request))
    }

    fn breaks(&self, _plan: &Plan, call: &Call) -> Vec<String> {
        vec![match call.behavior {
            STOP => "jobs that end their own instance by a shutdown: it is stopped and stays, and its volumes cost"
                .to_owned(),
            _ => NOTHING.to_owned(),
        }]
    }

    fn done(&self, plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let words = match call.behavior {
            STOP => format!("a shutdown from inside stops {} and does not end it", call.instance),
            _ => format!("a shutdown from inside ends {}", call.instance),
        };
        (words, planned(plan, BEHAVIOR).map(|before| json!({ "Behavior": before })))
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let before = undo.get("Behavior")?.as_str()?;
        let own = |text: Untrusted| Value::Text(Word::own(text));
        let fields = [("instance", own(plan.target.resource.clone())), ("behavior", own(before.into()))];
        Some(Request::undoing(plan, fields))
    }

    fn contains(&self, _plan: &Plan, call: &Call) -> Option<bool> {
        Some(call.behavior == STOP)
    }
}
