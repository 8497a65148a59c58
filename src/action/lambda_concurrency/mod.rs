//! Stopping a Lambda function: nought executions at a time are reserved for it. The undo reserves what was reserved
//! before, or nothing where nothing was.

mod call;
#[cfg(test)]
mod tests;
mod words;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{danger, id, known, refuse, text};
use super::kind::{Action, KindInfo, NOTHING, Operations, Parameter, UNSAID};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{self, Seal, arn, exact};
use super::target::target;
use crate::aws::lambda::Function;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use call::{Call, State};
use quell_core::incident::{Fact, Found, Outcome, Plan, Token, Verified};
use quell_core::text::id::FunctionName;
use quell_core::text::{Id, Untrusted};
use serde_json::json;

/// The kind `lambda-concurrency`.
pub(super) struct LambdaConcurrency;

static INFO: KindInfo = KindInfo {
    name: "lambda-concurrency",
    title: "Stop a Lambda function by its reserved concurrency",
    parameters: &[
        Parameter { name: "function", required: false, what: "the function's name; else the finding's" },
        Parameter { name: "restore", required: false, what: "for the undo: what was reserved before, in words" },
    ],
    operations: Operations {
        read: &[("Lambda", "GetFunctionConcurrency"), ("Lambda", "GetFunctionConfiguration")],
        consume: &[],
        mutate: &[("Lambda", "DeleteFunctionConcurrency"), ("Lambda", "PutFunctionConcurrency")],
    },
    permissions: &[],
    danger: 2,
    destroys: words::LOST,
};

/// The fact that is read again before the call.
const CONCURRENCY: &str = "reserved concurrency";
const UNREADABLE: &str = "the plan can't be read";

async fn function(reader: &Reader, name: &Id<FunctionName>) -> Result<Function, Problem> {
    let found = reader.lambda().get_function_configuration(name).await;
    found.map_err(|error| calls::problem(&error, reader, "lambda:GetFunctionConfiguration"))
}

async fn reserved(reader: &Reader, name: &Id<FunctionName>) -> Result<State, Problem> {
    let found = reader.lambda().get_function_concurrency(name).await;
    let found = found.map_err(|error| calls::problem(&error, reader, "lambda:GetFunctionConcurrency"))?;
    Ok(State(found.reserved_concurrent_executions))
}

impl Action for LambdaConcurrency {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let (name, restore) = (name(request)?, restore(request)?);
            let target = target(request, name.as_str())?;
            calls::caller(reader, &target).await?;
            let seen = function(reader, &name).await?;
            let before = reserved(reader, &name).await?;
            let call = Call { function: name, wanted: restore.unwrap_or(State::STOPPED) };
            let warnings = match restore {
                Some(wanted) => words::restoring(wanted, before),
                None => words::stopping(before, &seen),
            };
            let destroys = restore.is_none().then(|| words::LOST.into());
            let mut facts = vec![Fact::new(CONCURRENCY, before.words()), Fact::new("role", words::role(&seen))];
            facts.extend(seen.state.map(|state| Fact::new("state", state)));
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                confirm: target.resource.clone(),
                target,
                requests: vec![call.request()],
                facts,
                danger: danger(INFO.danger, request)?,
                destroys: destroys.into_iter().collect(),
                breaks: Vec::new(),
                writes: Vec::new(),
                warnings: warnings.into_iter().map(Untrusted::from).collect(),
                undo: undo(before, call.wanted).into(),
                undo_of: request.undo_of.clone(),
                each: request.each.clone(),
                set: request.set.clone(),
            })
        })
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        match Call::of(plan).map(|call| call.wanted) {
            Some(State::STOPPED) => vec![
                "every call of the function, by all its versions and aliases: who waits for an answer gets an error".to_owned(),
                "what triggers it: queues and streams pile up, schedules and notifications are tried again for hours, and \
                 then lost"
                    .to_owned(),
            ],
            Some(_) => vec![NOTHING.to_owned()],
            None => vec![UNSAID.to_owned()],
        }
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
            match reserved(reader, &call.function).await {
                Err(problem) => {
                    return not_sent(format!("the function could not be read again: {}", problem.headline()));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &[Fact::new(CONCURRENCY, now.words())]) {
                        return stopped;
                    }
                }
            }
            progress.step(format!("{}: {}", call.function, call.wanted.words()), 0, 1);
            match call.send(&writer).await {
                Ok(request_ids) => done(plan, &call, request_ids),
                Err(outcome) => outcome,
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            match reserved(reader, &call.function).await {
                Err(problem) => Found::CannotTell(problem.headline().into()),
                Ok(now) if now == call.wanted && prior(plan).is_some_and(|prior| prior != now) => {
                    Found::Ended(done(plan, &call, Vec::new()))
                }
                Ok(now) => {
                    let now = now.words();
                    let why = format!("of the function {now}; planning again is safe, since the call only sets that");
                    Found::CannotTell(why.into())
                }
            }
        })
    }

    fn settles(&self) -> bool {
        true
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return calls::unverified(UNREADABLE) };
            match reserved(reader, &call.function).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => {
                    let mut facts = vec![Fact::new(CONCURRENCY, now.words())];
                    let running = "invocations that ran before may go on, up to 15 minutes";
                    facts.extend((call.wanted == State::STOPPED).then(|| Fact::new("note", running)));
                    Verified { holds: Some(now == call.wanted), facts }
                }
            }
        })
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        Call::of(plan).map(|call| call.wanted == State::STOPPED)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let function = |name: &str| arn(plan, "lambda", &format!("function:{}", exact(name)));
        Seal::each(plan, |request| seal::text(request, "FunctionName").map(function).into_iter().collect())
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
        let prior = Untrusted::from(undo.get("ReservedConcurrency")?.as_str()?);
        State::of(&prior)?;
        let own = |text: Untrusted| Value::Text(Word::own(text));
        Some(Request::undoing(plan, [("function", own(plan.target.resource.clone())), ("restore", own(prior))]))
    }
}

/// The function that is named, else the finding's; what is none in the finding may bear the name of one.
fn name(request: &Request) -> Result<Id<FunctionName>, Problem> {
    let named = text(request, "function")?.map(|word| &word.text);
    let found = || {
        let resource = &request.finding.as_ref()?.resource;
        let function = resource.kind == Some("AWS::Lambda::Function".into());
        resource.name.as_ref().or(resource.id.as_ref()).filter(|_| function)
    };
    let name = named.or_else(found).ok_or_else(|| {
        refuse("no function is named, and the finding is about none")
            .next("give function: the name of the Lambda function that is to be stopped")
    })?;
    id("function", name)
}

/// What an undo puts back. A finding's author may not say it.
fn restore(request: &Request) -> Result<Option<State>, Problem> {
    match text(request, "restore")? {
        None => Ok(None),
        Some(word) if word.filled => Err(refuse("restore can't be filled from a finding")),
        Some(word) => {
            let state = State::of(&word.text).ok_or_else(|| refuse("restore is no state of a function's concurrency"));
            state.map(Some)
        }
    }
}

/// How it is undone, in words.
fn undo(before: State, wanted: State) -> String {
    match before {
        _ if before == wanted => "Nothing to undo: it stands so already.".to_owned(),
        State(None) => "Reserve nothing for the function any more: nothing was before.".to_owned(),
        State(Some(n)) => format!("Reserve {n} executions at a time for the function again."),
    }
}

/// What was reserved when it was planned, which was read again right before the call.
fn prior(plan: &Plan) -> Option<State> {
    let fact = plan.facts.iter().find(|fact| fact.name == Untrusted::from(CONCURRENCY))?;
    State::of(&fact.value)
}

fn done(plan: &Plan, call: &Call, request_ids: Vec<Untrusted>) -> Outcome {
    let prior = prior(plan).filter(|prior| *prior != call.wanted);
    Outcome::Succeeded {
        outcome: format!("concurrency of {}: {}", call.function, call.wanted.words()).into(),
        request_ids,
        undo: prior.map(|prior| json!({ "ReservedConcurrency": prior.words() })),
        facts: Vec::new(),
    }
}
