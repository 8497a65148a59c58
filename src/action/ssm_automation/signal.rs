//! Answering a running automation: approving or rejecting the step that waits, or stopping it.

use super::super::calls;
use super::super::facts::{changed, not_sent};
use super::super::fields::{danger, id, known, refuse, text};
use super::super::kind::{Action, KindInfo, Operations, Parameter, UNSAID};
use super::super::progress::Progress;
use super::super::request::{Request, Value, Word};
use super::super::seal::{Seal, arn, exact};
use super::super::target::target;
use super::run::{Seen, look};
use super::{SIGNALS, contain, execution_fact};
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use aws_sdk_ssm::types::{SignalType, StopType};
use quell_core::incident::{Fact, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::{Grammar, Untrusted};
use serde_json::json;

/// The kind `ssm-signal`.
pub struct SsmSignal;

static INFO: KindInfo = KindInfo {
    name: "ssm-signal",
    title: "Answer or stop a running automation",
    parameters: &[
        Parameter { name: "execution", required: true, what: "the id of the execution" },
        Parameter { name: "signal", required: true, what: "stop, approve or reject" },
    ],
    operations: Operations {
        read: &[("SSM", "GetAutomationExecution"), ("SSM", "DescribeAutomationStepExecutions")],
        consume: &[],
        mutate: &[("SSM", "SendAutomationSignal"), ("SSM", "StopAutomationExecution")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// An execution's id, as the service model has it.
#[derive(Debug)]
enum ExecutionId {}

impl Grammar for ExecutionId {
    const NAME: &'static str = "the id of an execution";
    fn fits(text: &str) -> bool {
        let parts: Vec<usize> = text.split('-').map(str::len).collect();
        parts == [8, 4, 4, 4, 12] && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
    }
}

/// What is said to the execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Stop,
    Approve,
    Reject,
}

/// In the order of [`super::SIGNALS`].
const ALL: [Signal; 3] = [Signal::Stop, Signal::Approve, Signal::Reject];

impl Signal {
    fn word(self) -> &'static str {
        match self {
            Signal::Stop => "stop",
            Signal::Approve => "approve",
            Signal::Reject => "reject",
        }
    }

    fn of(word: &str) -> Option<Self> {
        ALL.into_iter().find(|signal| signal.word() == word)
    }

    fn request(self, execution: &str) -> PlannedRequest {
        let (operation, input) = match self {
            Signal::Stop => {
                ("StopAutomationExecution", json!({ "AutomationExecutionId": execution, "Type": "Cancel" }))
            }
            Signal::Approve | Signal::Reject => {
                let signal = if self == Signal::Approve { "Approve" } else { "Reject" };
                ("SendAutomationSignal", json!({ "AutomationExecutionId": execution, "SignalType": signal }))
            }
        };
        PlannedRequest { service: "ssm".to_owned(), operation: operation.to_owned(), input }
    }

    /// What it destroys, as far as that is known.
    fn destroys(self) -> Option<&'static str> {
        (self == Signal::Approve).then_some("what the steps behind this one destroy, which quell does not know")
    }

    fn undo(self) -> &'static str {
        match self {
            Signal::Approve => "An approval can't be taken back; what goes on can be stopped.",
            Signal::Stop | Signal::Reject => {
                "It can't be taken back: what was stopped or rejected is started anew, as a new execution."
            }
        }
    }

    /// What it does not do, and what is not known of it.
    fn warning(self) -> &'static str {
        match self {
            Signal::Stop => {
                "What it has done until now stands as it is: nothing is rolled back, and it may stop half-way."
            }
            Signal::Approve => {
                "The automation goes on with the steps behind this one, which quell does not know: read what they do \
                 before you let them. AWS takes it from the approvers that the step names alone, and for whichever step \
                 waits when it arrives; a step may want several approvals."
            }
            Signal::Reject => "The automation fails at this step; what it has done until now stands as it is.",
        }
    }

    /// What the execution's state says of whether it has come about. That it goes on proves nothing: what was said may
    /// not have arrived yet, and a step may want several approvals.
    fn came_about(self, seen: &Seen, step: Option<&str>) -> Option<bool> {
        match self {
            Signal::Stop => seen.is_stopped().then_some(true),
            Signal::Approve | Signal::Reject => match seen.step_status(step?)? {
                "Success" => Some(self == Signal::Approve),
                "Failed" => Some(self == Signal::Reject),
                _ => None,
            },
        }
    }
}

/// The request that says a thing to an execution of a plan; `which` counts [`super::SIGNALS`].
pub(super) fn request(plan: &Plan, execution: &Untrusted, which: usize) -> Option<Request> {
    let signal = *ALL.get(which)?;
    let title = format!("{}: {}", SIGNALS.get(which)?, plan.title.line());
    let kind = quell_core::text::Id::new(INFO.name).ok()?;
    let fields = [("execution", Value::Text(Word::own(execution.clone()))), ("signal", own(signal.word()))];
    let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Some(Request {
        account: Some(plan.target.account.clone()),
        partition: Some(plan.target.partition.clone()),
        region: Some(plan.target.region.clone()),
        ..Request::of_kind(kind, title.into(), fields)
    })
}

fn own(word: &str) -> Value {
    Value::Text(Word::own(word))
}

/// What material there is: the step that waits, for an answer to it.
fn material(signal: Signal, seen: &Seen) -> Vec<Fact> {
    let waits = (signal != Signal::Stop).then(|| Fact::new("waits for an answer", seen.waiting().unwrap_or_default()));
    [Fact::new("document", seen.document())].into_iter().chain(waits).collect()
}

/// The plan's one request, read back: what is said, to which execution, of which step.
fn read(plan: &Plan) -> Option<(Signal, String, Option<String>)> {
    let [request] = plan.requests.as_slice() else { return None };
    let text = |name: &str| Some(request.input.get(name)?.as_str()?.to_owned());
    let signal = match (request.operation.as_str(), text("SignalType").as_deref()) {
        ("StopAutomationExecution", None) => Signal::Stop,
        ("SendAutomationSignal", Some("Approve")) => Signal::Approve,
        ("SendAutomationSignal", Some("Reject")) => Signal::Reject,
        _ => return None,
    };
    let step = plan.facts.iter().find(|fact| fact.name == "waits for an answer".into());
    Some((signal, text("AutomationExecutionId")?, step.map(|fact| fact.value.line().into_string())))
}

async fn seen(reader: &Reader, execution: &str) -> Result<Seen, Problem> {
    let found = look(reader, execution).await;
    found.map_err(|failure| failure.problem("ssm:GetAutomationExecution", &reader.scope()))
}

impl Action for SsmSignal {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let word = |name| text(request, name).map(|word| word.map(|word| word.text.clone()).unwrap_or_default());
            let signal = Signal::of(word("signal")?.line().as_str());
            let signal = signal.ok_or_else(|| refuse("signal is stop, approve or reject"))?;
            let execution = id::<ExecutionId>("execution", &word("execution")?)?;
            let target = target(request, execution.as_str())?;
            calls::caller(reader, &target).await?;
            let seen = seen(reader, execution.as_str()).await?;
            if !seen.goes_on() || seen.is_stopped() {
                return Err(refuse(format!("the execution does not run: it is {}", seen.status())));
            }
            if signal != Signal::Stop && seen.waiting().is_none() {
                return Err(refuse("no step of the execution waits for an approval"));
            }
            let mut facts = material(signal, &seen);
            facts.extend(seen.acts_on());
            facts.push(execution_fact(execution.as_str()));
            facts.push(Fact::new("stands at", seen.line().0));
            let mut warnings = vec![Untrusted::from(signal.warning())];
            if signal != Signal::Approve && seen.contains() {
                let half = contain::half(seen.document());
                warnings.push(format!("What it contains may stand half-way: {half}; u on it restores it.").into());
            }
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                confirm: target.resource.clone(),
                target,
                requests: vec![signal.request(execution.as_str())],
                facts,
                // What comes behind the step may be anything.
                danger: danger(if signal == Signal::Approve { 3 } else { INFO.danger }, request)?,
                destroys: signal.destroys().into_iter().map(Untrusted::from).collect(),
                breaks: Vec::new(),
                writes: Vec::new(),
                warnings,
                undo: signal.undo().into(),
                undo_of: request.undo_of.clone(),
                each: request.each.clone(),
                set: request.set.clone(),
            })
        })
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        vec![
            match read(plan).map(|(signal, ..)| signal) {
                Some(Signal::Approve) => "not known: whatever the steps behind this one do",
                Some(Signal::Stop | Signal::Reject) => {
                    "nothing that runs by itself; the automation ends where it stands, at times half-way"
                }
                None => UNSAID,
            }
            .to_owned(),
        ]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        _progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some((signal, execution, _)) = read(plan) else { return not_sent("the plan can't be read") };
            match seen(reader, &execution).await {
                Err(problem) => return not_sent(format!("the execution can't be read again: {}", problem.headline())),
                Ok(now) if !now.goes_on() => return not_sent(format!("the execution is {}", now.status())),
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &material(signal, &now)) {
                        return stopped;
                    }
                }
            }
            let ssm = writer.ssm();
            let sent = match signal {
                Signal::Stop => {
                    let call = ssm.stop_automation_execution().automation_execution_id(&execution);
                    let answer = call.r#type(StopType::Cancel).send().await;
                    let ids = answer.map(|answer| calls::request_ids(&answer));
                    ids.map_err(|error| writer.outcome("ssm:StopAutomationExecution", &error))
                }
                Signal::Approve | Signal::Reject => {
                    let kind = if signal == Signal::Approve { SignalType::Approve } else { SignalType::Reject };
                    let call = ssm.send_automation_signal().automation_execution_id(&execution);
                    let answer = call.signal_type(kind).send().await;
                    let ids = answer.map(|answer| calls::request_ids(&answer));
                    ids.map_err(|error| writer.outcome("ssm:SendAutomationSignal", &error))
                }
            };
            match sent {
                Err(outcome) => outcome,
                Ok(request_ids) => done(signal, request_ids),
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some((signal, execution, step)) = read(plan) else {
                return Found::CannotTell("the plan can't be read".into());
            };
            match seen(reader, &execution).await {
                Err(problem) => Found::CannotTell(problem.headline().into()),
                Ok(seen) => match signal.came_about(&seen, step.as_deref()) {
                    Some(true) => Found::Ended(done(signal, Vec::new())),
                    Some(false) | None => Found::CannotTell(
                        format!("the execution stands at {}: whether it was told is not said there", seen.line().0)
                            .into(),
                    ),
                },
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some((signal, execution, step)) = read(plan) else {
                return calls::unverified("the plan can't be read");
            };
            match seen(reader, &execution).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(seen) => Verified {
                    holds: signal.came_about(&seen, step.as_deref()),
                    facts: vec![Fact::new("stands at", seen.line().0), Fact::new("status", seen.status())],
                },
            }
        })
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |_| {
            let execution = read(plan).map(|(_, execution, _)| exact(&execution));
            execution.map(|id| arn(plan, "ssm", &format!("automation-execution/{id}"))).into_iter().collect()
        })
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

fn done(signal: Signal, request_ids: Vec<Untrusted>) -> Outcome {
    let outcome = match signal {
        Signal::Stop => "the execution was told to stop",
        Signal::Approve => "the step was approved",
        Signal::Reject => "the step was rejected",
    };
    Outcome::Succeeded { outcome: outcome.into(), request_ids, undo: None, facts: Vec::new() }
}
