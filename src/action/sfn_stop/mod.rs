//! Stopping a run of a Step Functions state machine, once, and reading that it has stopped.

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{danger, id, known, refuse, text};
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::notice::member;
use super::place::named;
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{self, Seal, exact};
use super::target::parts;
use crate::aws::sfn::Execution;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Found, Outcome, Plan, PlannedRequest, Target, Token, Verified};
use quell_core::text::id::{AccountId, Arn, Partition, Region};
use quell_core::text::{Id, Untrusted};
use serde_json::json;

/// The kind `sfn-stop`.
pub(super) struct SfnStop;

static INFO: KindInfo = KindInfo {
    name: "sfn-stop",
    title: "Stop a run of a state machine",
    parameters: &[Parameter { name: FIELD, required: true, what: "the run's ARN" }],
    operations: Operations { read: &[("SFN", "DescribeExecution")], consume: &[], mutate: &[("SFN", "StopExecution")] },
    permissions: &[],
    danger: 2,
    destroys: "",
};

const FIELD: &str = "execution";
const UNREADABLE: &str = "the plan can't be read";
const RUNNING: &str = "RUNNING";
const STOPPED: &str = "ABORTED";
/// What the run says of why it was stopped, to whoever reads it.
const CAUSE: &str = "Stopped by a responder, with quell.";
/// The most characters of the run's input that the plan shows.
const KEPT: usize = 512;
const WARNING: &str = "What the run has done until now stands as it is: nothing is rolled back, and a task that it has \
                       begun elsewhere may go on.";
const UNDO: &str = "It can't be taken back: what was stopped is started anew, as a new run.";

/// The request that stops the run of a plan, in words of its own.
pub(super) fn request(plan: &Plan, execution: &Untrusted) -> Option<Request> {
    let kind = Id::new(INFO.name).ok()?;
    let fields = [(FIELD.into(), Value::Text(Word::own(execution.clone())))].into_iter().collect();
    Some(Request::of_kind(kind, format!("Stop: {}", plan.title.line()).into(), fields))
}

/// The run that a request names, and where it is.
fn run(request: &Request) -> Result<(Id<Arn>, Target), Problem> {
    let word = text(request, FIELD)?.ok_or_else(|| refuse("execution is not given"))?;
    let arn = id::<Arn>(FIELD, &word.text)?;
    let other = || refuse(format!("execution is another thing's ARN: {arn}"));
    let parts = parts(&arn).filter(|parts| parts.service == "states").ok_or_else(other)?;
    let named = parts.resource.strip_prefix("execution:").and_then(|rest| rest.split_once(':'));
    let (_, name) = named.filter(|(machine, name)| !machine.is_empty() && !name.is_empty()).ok_or_else(other)?;
    let target = Target {
        account: id::<AccountId>("the account", &parts.account.into())?.as_str().into(),
        partition: id::<Partition>("the partition", &parts.partition.into())?.as_str().into(),
        region: id::<Region>("the region", &parts.region.into())?.as_str().into(),
        resource: name.into(),
        through: None,
    };
    Ok((arn, target))
}

async fn look(reader: &Reader, execution: &str) -> Result<Execution, Problem> {
    let found = reader.sfn().describe_execution(execution).await;
    found.map_err(|error| reader.problem("states:DescribeExecution", &error))
}

/// The fact that names whose run it is.
const MACHINE: &str = "state machine";

fn material(seen: &Execution) -> Vec<Fact> {
    let machine = seen.state_machine_arn.clone().unwrap_or_default();
    vec![Fact::new(MACHINE, machine), Fact::new("status", seen.status.clone())]
}

impl Action for SfnStop {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let (arn, target) = run(request)?;
            calls::caller(reader, &target).await?;
            let seen = look(reader, arn.as_str()).await?;
            if seen.status != RUNNING.into() {
                return Err(refuse(format!("the run does not go on: it is {}", seen.status.line())));
            }
            let mut facts = material(&seen);
            let input = seen.input.as_ref().map(|input| quell_core::text::cut_end(input.line().as_str(), KEPT));
            facts.extend(input.map(|input| Fact::new("input", input)));
            let input = json!({ "executionArn": arn.as_str(), "cause": CAUSE });
            let operation = "StopExecution".to_owned();
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                confirm: target.resource.clone(),
                target,
                requests: vec![PlannedRequest { service: "states".to_owned(), operation, input }],
                facts,
                danger: danger(INFO.danger, request)?,
                destroys: Vec::new(),
                breaks: Vec::new(),
                writes: Vec::new(),
                warnings: vec![WARNING.into()],
                undo: UNDO.into(),
                undo_of: request.undo_of.clone(),
                each: request.each.clone(),
                set: request.set.clone(),
            })
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["whatever waits for the run's answer; its steps end where they stand, at times half-way".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        _progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let (Some(execution), Some(cause)) = (member(plan, "executionArn"), member(plan, "cause")) else {
                return not_sent(UNREADABLE);
            };
            match look(reader, execution).await {
                Err(problem) => return not_sent(format!("the run can't be read again: {}", problem.headline())),
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &material(&now)) {
                        return stopped;
                    }
                }
            }
            match writer.sfn().stop_execution(execution, cause).await {
                Ok(answer) => done(calls::request_ids(&answer)),
                Err(error) => writer.outcome("states:StopExecution", &error),
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(execution) = member(plan, "executionArn") else { return Found::CannotTell(UNREADABLE.into()) };
            match look(reader, execution).await {
                Err(problem) => Found::CannotTell(problem.headline().into()),
                Ok(seen) if seen.status == STOPPED.into() => Found::Ended(done(Vec::new())),
                Ok(seen) => {
                    let status = seen.status.line();
                    Found::CannotTell(
                        format!("the run is {status}: whether it was told to stop is not said there").into(),
                    )
                }
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some(execution) = member(plan, "executionArn") else { return calls::unverified(UNREADABLE) };
            match look(reader, execution).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(seen) => {
                    let holds = match seen.status.line().as_str() {
                        STOPPED => Some(true),
                        RUNNING => None,
                        _ => Some(false),
                    };
                    Verified { holds, facts: vec![Fact::new("status", seen.status)] }
                }
            }
        })
    }

    fn place(&self, request: &Request) -> Option<(Untrusted, Untrusted)> {
        named(request, FIELD)
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        plan.facts.iter().filter(|fact| fact.name == MACHINE.into()).map(|fact| fact.value.clone()).collect()
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| seal::text(request, "executionArn").map(exact).into_iter().collect())
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

fn done(request_ids: Vec<Untrusted>) -> Outcome {
    Outcome::Succeeded { outcome: "the run was told to stop".into(), request_ids, undo: None, facts: Vec::new() }
}
