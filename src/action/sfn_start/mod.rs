//! Starting a Step Functions state machine with the incident as its input, and following it to its end.

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{known, refuse, text};
use super::follow::Watch;
use super::kind::{Action, Keys, KindInfo, Operations, Parameter};
use super::kms;
use super::notice::{self, INPUT, LINK, SESSION, TEXT, Words, member};
use super::place::{named, place};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::Request;
use super::seal::{self, Seal, exact};
use crate::aws::sfn::{Execution, Machine};
use crate::aws::{BoxFuture, Failure, Reader, Writer};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, FailClass, Found, Link, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::Arn;
use quell_core::text::{Id, Untrusted};
use serde_json::json;

/// The kind `sfn-start`.
pub(super) struct SfnStart;

static INFO: KindInfo = KindInfo {
    name: "sfn-start",
    title: "Start a state machine of Step Functions, and follow it",
    parameters: &[
        Parameter { name: "state_machine", required: true, what: "the state machine's ARN, of type STANDARD" },
        SESSION,
        INPUT,
        TEXT,
        LINK,
    ],
    operations: Operations {
        read: &[("SFN", "DescribeExecution"), ("SFN", "DescribeStateMachine")],
        consume: &[],
        mutate: &[("SFN", "StartExecution")],
    },
    permissions: &[],
    danger: notice::KNOWN_DANGER,
    destroys: "what the state machine destroys, which quell does not know",
};

const FIELD: &str = "state_machine";
const SORT: (&str, &str) = ("states", "stateMachine:");
/// The most bytes of an input (Step Functions API reference), and what a fact keeps of an output.
const MOST: usize = 256 * 1024;
const KEPT: usize = 4096;
const UNREADABLE: &str = "the plan can't be read";
const DESCRIBE: &str = "states:DescribeStateMachine";

async fn machine(reader: &Reader, arn: &str) -> Result<Machine, Failure> {
    reader.sfn().describe_state_machine(arn).await.map_err(|error| Failure::of(&error))
}

/// What a machine under a customer's key takes: its input is encrypted, its definition and its runs are read (Step
/// Functions developer guide, "Data at rest encryption").
static KEYS: Keys = Keys { via: "states", mutate: &["kms:Decrypt", "kms:GenerateDataKey"], read: &["kms:Decrypt"] };

fn keys(machine: &Machine) -> Vec<Untrusted> {
    machine.encryption_configuration.iter().filter_map(|one| one.kms_key_id.clone()).collect()
}

/// What the plan rests on: what the machine does, under which role.
fn facts(machine: &Machine) -> Vec<Fact> {
    let status = machine.status.clone().unwrap_or_else(|| "ACTIVE".into());
    vec![
        Fact::new("type", machine.kind.clone()),
        Fact::new("status", status),
        Fact::new("role", machine.role_arn.clone()),
        Fact::new("definition", notice::fingerprint(&machine.definition)),
    ]
}

impl Action for SfnStart {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let place = place(request, FIELD, SORT)?;
            calls::caller(reader, &place.target).await?;
            let input = notice::input(request, MOST)?;
            let machine = machine(reader, place.arn.as_str()).await;
            let machine = machine.map_err(|failure| failure.problem(DESCRIBE, &reader.scope()))?;
            if machine.kind != "STANDARD".into() {
                let kind = machine.kind.line();
                return Err(refuse(format!(
                    "the state machine is of type {kind}, and quell starts STANDARD ones alone"
                ))
                .meaning("a run of another type can't be looked up, so nobody could say whether it was started")
                .next("start it by a STANDARD one, or by an event on a bus"));
            }
            let input = json!({ "stateMachineArn": place.arn.as_str(), "input": input });
            let call = PlannedRequest { service: "states".to_owned(), operation: "StartExecution".to_owned(), input };
            let mut words = Words {
                danger: notice::unknown(request),
                destroys: INFO.destroys,
                warnings: warnings(&machine),
                undo: UNDO,
            };
            let mut facts = facts(&machine);
            if let Some((key, said)) = kms::said(&KEYS, &keys(&machine), &place.target) {
                facts.push(key);
                words.warnings.push(said);
            }
            notice::plan(request, place.target, call, facts, words)
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["not known: whatever the state machine does".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(start) = Start::of(plan, writer.token()) else { return not_sent(UNREADABLE) };
            match machine(reader, start.machine).await {
                Err(failure) => {
                    let why = failure.problem(DESCRIBE, &reader.scope()).headline();
                    return not_sent(format!("the state machine could not be read again: {why}"));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &facts(&now)) {
                        return stopped;
                    }
                }
            }
            match start.send(&writer).await {
                Err(outcome) => outcome,
                Ok(ids) => {
                    progress.step(format!("started as {}", start.name), 0, 0);
                    start.follow(reader, progress, ids).await
                }
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(start) = Start::of(plan, token.as_str()) else { return Found::CannotTell(UNREADABLE.into()) };
            match look(reader, &start.execution).await {
                Ok(seen) => match start.ended(&seen, Vec::new()) {
                    Some(outcome) => Found::Ended(outcome),
                    None => Found::Running(start.execution.into()),
                },
                Err(failure) => {
                    let why = failure.problem("states:DescribeExecution", &reader.scope()).headline();
                    let late =
                        "Step Functions may show a new run late: look again in a minute before it is started anew";
                    Found::CannotTell(format!("no run of this action's name can be read ({why}); {late}").into())
                }
            }
        })
    }

    fn follow<'a>(
        &'a self,
        reader: &'a Reader,
        plan: &'a Plan,
        running: &'a Untrusted,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            // The name of a run is the last part of its ARN.
            let arn = running.line();
            let name = arn.as_str().rsplit(':').next().unwrap_or_default();
            match Start::of(plan, name).filter(|start| start.execution == arn.as_str()) {
                Some(start) => start.follow(reader, progress, Vec::new()).await,
                None => Outcome::Unknown { why: UNREADABLE.into() },
            }
        })
    }

    fn verify<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        let why = "Step Functions says how the run ended; what it changed, quell does not know: look at that yourself";
        Box::pin(std::future::ready(calls::unverified(why)))
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move {
            let later = text(request, FIELD).ok().flatten().is_some_and(|word| word.text.is_empty());
            match place(request, FIELD, SORT) {
                _ if later => Vec::new(),
                Err(problem) => vec![Need::new("state machine", State::Missing, problem.what)],
                Ok(place) => {
                    let name = format!("state machine {}", clean(&place.name));
                    let found = machine(reader, place.arn.as_str()).await;
                    let found = match Need::read(name.clone(), found, DESCRIBE, reader) {
                        Err(need) => return vec![need],
                        Ok(found) => found,
                    };
                    let mut all = vec![match found.kind == "STANDARD".into() {
                        true => Need::new(name, State::Ok, ""),
                        false => Need::new(name, State::Missing, "it is not of type STANDARD"),
                    }];
                    all.extend(kms::needs(reader, &KEYS, &keys(&found), &place.target).await);
                    all
                }
            }
        })
    }

    fn signals(&self, _told: &str) -> &'static [&'static str] {
        &["Stop"]
    }

    fn signal(&self, plan: &Plan, running: &Untrusted, which: usize) -> Option<Request> {
        (which == 0).then(|| super::sfn_stop::request(plan, running)).flatten()
    }

    fn place(&self, request: &Request) -> Option<(Untrusted, Untrusted)> {
        named(request, FIELD)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let on = |request: &PlannedRequest| seal::text(request, "stateMachineArn").map(exact).into_iter().collect();
        Seal::each(plan, on).and(kms::grants(&KEYS, plan))
    }

    fn sends(&self, plan: &Plan, token: &Token, _: &Link) -> Vec<PlannedRequest> {
        plan.requests.iter().map(|request| request.with(&[("name", json!(token.as_str()))])).collect()
    }

    fn keys(&self) -> Option<&'static Keys> {
        Some(&KEYS)
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

/// The plan's one call, read back, with the ARN that the run will have.
struct Start<'a> {
    machine: &'a str,
    input: &'a str,
    name: String,
    execution: String,
}

impl<'a> Start<'a> {
    fn of(plan: &'a Plan, token: &str) -> Option<Self> {
        let machine = member(plan, "stateMachineArn")?;
        Id::<Arn>::new(machine).ok()?;
        let (before, name) = machine.split_once(":stateMachine:")?;
        let execution = format!("{before}:execution:{name}:{token}");
        Some(Self { machine, input: member(plan, "input")?, name: token.to_owned(), execution })
    }

    /// Starts it, once: the name is the action's token, so that a second one of the same starts nothing.
    async fn send(&self, writer: &Writer) -> Result<Vec<Untrusted>, Outcome> {
        match writer.sfn().start_execution(self.machine, &self.name, self.input).await {
            Ok(answer) if answer.value.execution_arn == self.execution.as_str().into() => {
                Ok(calls::request_ids(&answer))
            }
            Ok(answer) => {
                let named = answer.value.execution_arn.line();
                Err(Outcome::Unknown {
                    why: format!("the answer names another run than was asked for: {named}").into(),
                })
            }
            Err(error) if Failure::of(&error).code.line().as_str().ends_with("ExecutionAlreadyExists") => {
                Err(Outcome::Unknown { why: "a run of this action's name is there already: look it up".into() })
            }
            Err(error) => Err(writer.outcome("states:StartExecution", &error)),
        }
    }

    async fn follow(&self, reader: &Reader, progress: &Progress, ids: Vec<Untrusted>) -> Outcome {
        let watch = Watch { reader, progress, operation: "states:DescribeExecution", name: &self.execution };
        let ended = |seen: &Execution| {
            let outcome = self.ended(seen, ids.clone())?;
            let said = [("output", &seen.output), ("error", &seen.error), ("cause", &seen.cause)];
            for (name, text) in said {
                let Some(text) = text else { continue };
                let raw = serde_json::to_value(text).ok().and_then(|text| Some(text.as_str()?.as_bytes().to_vec()));
                progress.output(format!("execution-{}-{name}", self.name), raw.unwrap_or_default());
            }
            Some(outcome)
        };
        let line = |seen: &Execution| (seen.status.line().into_string(), 0, 0);
        watch.follow(|| Box::pin(look(reader, &self.execution)), line, ended).await
    }

    /// How it ended, if it has; a status that this version does not know goes on.
    fn ended(&self, seen: &Execution, request_ids: Vec<Untrusted>) -> Option<Outcome> {
        let status = seen.status.line();
        let named = format!("{}: {status}", self.execution);
        match status.as_str() {
            "SUCCEEDED" => {
                let mut facts = vec![Fact::new("execution", self.execution.as_str())];
                facts.extend(seen.output.as_ref().map(|output| Fact::new("output", cut(output))));
                Some(Outcome::Succeeded { outcome: named.into(), request_ids, undo: None, facts })
            }
            "FAILED" | "TIMED_OUT" | "ABORTED" => {
                let said =
                    |text: &Option<Untrusted>| text.as_ref().map(|text| format!(": {}", cut(text))).unwrap_or_default();
                let message = format!("{named}{}{}", said(&seen.error), said(&seen.cause)).into();
                Some(Outcome::Failed { class: FailClass::Failed, message, request_ids })
            }
            _ => None,
        }
    }
}

async fn look(reader: &Reader, execution: &str) -> Result<Execution, Failure> {
    reader.sfn().describe_execution(execution).await.map_err(|error| Failure::of(&error))
}

/// The start of a text; the whole is evidence.
fn cut(text: &Untrusted) -> String {
    quell_core::text::cut_end(text.line().as_str(), KEPT)
}

const UNDO: &str = "quell can't undo it, and does not know what it changes. A run that goes on is stopped by u; what \
                    it has done until then stands.";

fn warnings(machine: &Machine) -> Vec<String> {
    vec![
        "quell does not know what this state machine does: read its definition before approving.".to_owned(),
        format!("It acts with the permissions of {}, and not with your own.", machine.role_arn.line()),
        "The finding's words may stand in its input, and whoever caused the finding may have worded them.".to_owned(),
        "The run bears the action's token as its name: the same can't be started twice, and can be looked up."
            .to_owned(),
    ]
}
