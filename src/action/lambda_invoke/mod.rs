//! Running a Lambda function with the incident as its payload.

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{id, known, refuse, shown, text};
use super::kind::{Action, KindInfo, NOTHING, Operations, Parameter};
use super::notice::{self, INPUT, LINK, SESSION, TEXT, Words, member};
use super::place::{named, place};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::Request;
use super::seal::{self, Seal, arn, exact};
use crate::aws::lambda::{Function, Invocation, Invoked};
use crate::aws::{BoxFuture, Failure, Reader, Writer};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, FailClass, Found, Link, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::{FunctionName, Qualifier};
use quell_core::text::{Id, Untrusted, cut_end};
use serde_json::json;
use std::time::Duration;

/// The kind `lambda-invoke`.
pub(super) struct LambdaInvoke;

static INFO: KindInfo = KindInfo {
    name: "lambda-invoke",
    title: "Run a Lambda function with the incident as its payload",
    parameters: &[
        Parameter { name: "function", required: true, what: "the function's ARN, without version or alias" },
        SESSION,
        INPUT,
        TEXT,
        LINK,
        Parameter { name: "qualifier", required: false, what: "a version or an alias; else $LATEST" },
        Parameter { name: "invocation", required: false, what: "RequestResponse (the default), Event or DryRun" },
    ],
    operations: Operations {
        read: &[("Lambda", "GetFunctionConfiguration")],
        consume: &[],
        mutate: &[("Lambda", "Invoke")],
    },
    permissions: &[],
    danger: notice::KNOWN_DANGER,
    destroys: "what the function destroys, which quell does not know",
};

const FIELD: &str = "function";
const SORT: (&str, &str) = ("lambda", "function:");
/// How a function can be run: waiting for its end, not waiting, and not at all.
const KINDS: [&str; 3] = [WAITS, "Event", DRY];
const WAITS: &str = "RequestResponse";
const DRY: &str = "DryRun";
/// The most bytes of a payload, waiting and not (Lambda quotas); and what a fact keeps of an answer.
const MOST: usize = 6 << 20;
const MOST_EVENT: usize = 256 * 1024;
const KEPT: usize = 4096;
/// How long a run may take where the function does not say, and how long the way to it and back.
const USUAL: u32 = 900;
const WAY: u32 = 10;
const TIMEOUT: &str = "timeout";
const UNREADABLE: &str = "the plan can't be read";
const READ: &str = "lambda:GetFunctionConfiguration";

async fn configuration(
    reader: &Reader,
    name: &Id<FunctionName>,
    qualifier: Option<&Id<Qualifier>>,
) -> Result<Function, Failure> {
    let found = reader.lambda().get_function_configuration_of(name, qualifier).await;
    found.map_err(|error| Failure::of(&error))
}

/// What the plan rests on: what runs, under which role, and for how long.
fn facts(function: &Function) -> Vec<Fact> {
    let said = |text: &Option<Untrusted>| text.clone().unwrap_or_else(|| "not said".into());
    vec![
        Fact::new("code", said(&function.code_sha256)),
        Fact::new("role", function.role.clone()),
        Fact::new("state", said(&function.state)),
        Fact::new(TIMEOUT, function.timeout.unwrap_or(USUAL).to_string()),
    ]
}

impl Action for LambdaInvoke {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let place = place(request, FIELD, SORT)?;
            let name = id::<FunctionName>(FIELD, &place.name.as_str().into())?;
            calls::caller(reader, &place.target).await?;
            let qualifier =
                text(request, "qualifier")?.map(|word| id::<Qualifier>("qualifier", &word.text)).transpose()?;
            let kind = kind(request)?;
            let payload = notice::input(request, if kind == WAITS { MOST } else { MOST_EVENT })?;
            let function = configuration(reader, &name, qualifier.as_ref()).await;
            let function = function.map_err(|failure| failure.problem(READ, &reader.scope()))?;
            let mut input = json!({ "FunctionName": name.as_str(), "InvocationType": kind, "Payload": payload });
            if let (Some(qualifier), Some(members)) = (qualifier, input.as_object_mut()) {
                members.insert("Qualifier".to_owned(), qualifier.as_str().into());
            }
            let call = PlannedRequest { service: "lambda".to_owned(), operation: "Invoke".to_owned(), input };
            let floor = if kind == DRY { notice::KNOWN_DANGER } else { notice::unknown(request) };
            let destroys = if kind == DRY { "" } else { INFO.destroys };
            let words = Words { danger: floor, destroys, warnings: warnings(kind, &function), undo: UNDO };
            notice::plan(request, place.target, call, facts(&function), words)
        })
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        let dry = of(plan).is_some_and(|invocation| invocation.kind == DRY);
        vec![if dry { NOTHING } else { "not known: whatever the function does" }.to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(invocation) = of(plan) else { return not_sent(UNREADABLE) };
            match configuration(reader, &invocation.function, invocation.qualifier.as_ref()).await {
                Err(failure) => {
                    let why = failure.problem(READ, &reader.scope()).headline();
                    return not_sent(format!("the function could not be read again: {why}"));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &facts(&now)) {
                        return stopped;
                    }
                }
            }
            match writer.lambda().invoke(&invocation).await {
                Err(error) => writer.outcome("lambda:InvokeFunction", &error),
                Ok(answer) => {
                    progress.step("answered", 1, 1);
                    let ids = calls::request_ids(&answer);
                    kept(&answer.value, &invocation, progress);
                    ended(&answer.value, &invocation, ids)
                }
            }
        })
    }

    fn check<'a>(&'a self, _: &'a Reader, plan: &'a Plan, _: Token) -> BoxFuture<'a, Found> {
        let name = plan.target.resource.line();
        let why = format!(
            "Lambda keeps nothing that could be looked up but what the function itself writes: look into the log group \
             /aws/lambda/{name} for the time of the call"
        );
        Box::pin(std::future::ready(Found::CannotTell(why.into())))
    }

    fn verify<'a>(&'a self, _: &'a Reader, plan: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        let why = "what the function changed, quell does not know: look at that yourself";
        let verified = match of(plan).is_some_and(|invocation| invocation.kind == DRY) {
            true => calls::nothing_to_verify("a dry run runs nothing"),
            false => calls::unverified(why),
        };
        Box::pin(std::future::ready(verified))
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move {
            let later = text(request, FIELD).ok().flatten().is_some_and(|word| word.text.is_empty());
            let found = place(request, FIELD, SORT);
            let found = found.and_then(|place| id::<FunctionName>(FIELD, &place.name.as_str().into()));
            match found {
                _ if later => Vec::new(),
                Err(problem) => vec![Need::new(FIELD, State::Missing, problem.what)],
                Ok(function) => {
                    let name = format!("function {}", clean(function.as_str()));
                    let found = Need::read(name.clone(), configuration(reader, &function, None).await, READ, reader);
                    vec![found.map_or_else(|need| need, |_| Need::new(name, State::Ok, ""))]
                }
            }
        })
    }

    fn place(&self, request: &Request) -> Option<(Untrusted, Untrusted)> {
        named(request, FIELD)
    }

    fn sends(&self, plan: &Plan, _: &Token, _: &Link) -> Vec<PlannedRequest> {
        // The end of its log comes with the answer, where there is one.
        let waits = member(plan, "InvocationType") == Some("RequestResponse");
        let log = json!(if waits { "Tail" } else { "None" });
        plan.requests.iter().map(|request| request.with(&[("LogType", log.clone())])).collect()
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let function = |name: &str| {
            let version = member(plan, "Qualifier").map(|version| format!(":{}", exact(version)));
            arn(plan, "lambda", &format!("function:{}{}", exact(name), version.unwrap_or_default()))
        };
        Seal::each(plan, |request| seal::text(request, "FunctionName").map(function).into_iter().collect())
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

/// How it is to be run.
fn kind(request: &Request) -> Result<&'static str, Problem> {
    let Some(word) = text(request, "invocation")? else { return Ok(WAITS) };
    let found = KINDS.into_iter().find(|kind| word.text == Untrusted::from(*kind));
    found.ok_or_else(|| refuse(format!("invocation is {}, not {}", KINDS.join(" or "), shown(&word.text))))
}

/// The plan's one call, read back; none where it can't be.
fn of(plan: &Plan) -> Option<Invocation> {
    let kind = member(plan, "InvocationType")?;
    let kind = KINDS.into_iter().find(|known| *known == kind)?;
    let timeout = plan.facts.iter().find(|fact| fact.name == TIMEOUT.into())?;
    let timeout: u32 = timeout.value.line().as_str().parse().ok()?;
    let patience = if kind == WAITS { timeout.min(USUAL) + WAY } else { WAY };
    let qualifier = member(plan, "Qualifier").map(Id::new).transpose().ok()?;
    Some(Invocation {
        function: Id::new(member(plan, "FunctionName")?).ok()?,
        qualifier,
        kind,
        payload: member(plan, "Payload")?.to_owned(),
        patience: Duration::from_secs(patience.into()),
    })
}

/// The answer and the end of the log, as evidence.
fn kept(invoked: &Invoked, invocation: &Invocation, progress: &Progress) {
    let raw = |text: &Untrusted| {
        let json = serde_json::to_value(text).unwrap_or_default();
        json.as_str().unwrap_or_default().as_bytes().to_vec()
    };
    let log = invoked.log.iter().map(|log| (format!("{}.log", invocation.function), raw(log)));
    let answer = (format!("{}.json", invocation.function), raw(&invoked.payload));
    for (name, bytes) in std::iter::once(answer).chain(log).filter(|(_, bytes)| !bytes.is_empty()) {
        progress.output(name, bytes);
    }
}

fn ended(invoked: &Invoked, invocation: &Invocation, request_ids: Vec<Untrusted>) -> Outcome {
    let function = &invocation.function;
    let good = |outcome: String, facts| Outcome::Succeeded {
        outcome: outcome.into(),
        request_ids: request_ids.clone(),
        undo: None,
        facts,
    };
    match (invocation.kind, invoked.status, &invoked.error) {
        (WAITS, 200, Some(error)) => {
            let said = cut_end(invoked.payload.line().as_str(), KEPT);
            let message = format!("{function} ran and ended in an error of its own ({}): {said}", error.line());
            Outcome::Failed { class: FailClass::Failed, message: message.into(), request_ids }
        }
        (WAITS, 200, None) => {
            let answer = cut_end(invoked.payload.line().as_str(), KEPT);
            let version = invoked.version.as_ref().map(|version| Fact::new("version", version.clone()));
            let facts = std::iter::once(Fact::new("answer", answer)).chain(version).collect();
            good(format!("{function} ran to its end"), facts)
        }
        ("Event", 202, _) => {
            good(format!("Lambda took the event for {function}; how it runs is not known"), Vec::new())
        }
        (DRY, 204, _) => good(format!("{function} may be run so; it did not run"), Vec::new()),
        (_, status, _) => {
            Outcome::Unknown { why: format!("Lambda answered {status}, which says nothing known").into() }
        }
    }
}

const UNDO: &str = "quell can't undo it: what the function changes, quell does not know.";

fn warnings(kind: &str, function: &Function) -> Vec<String> {
    let timeout = function.timeout.unwrap_or(USUAL);
    let first = match kind {
        DRY => "A dry run: Lambda says whether the function may be run so, and runs nothing.".to_owned(),
        WAITS => format!("quell waits for its end, up to {} s; after that the outcome is unknown.", timeout.min(USUAL) + WAY),
        _ => "Lambda takes the event and runs the function later, up to three times if it fails; quell does not see how it \
              ends."
            .to_owned(),
    };
    let mut all = vec![first];
    if kind != DRY {
        all.push("quell does not know what this function does: read its code before approving.".to_owned());
        all.push(format!("It acts with the permissions of {}, and not with your own.", function.role.line()));
        all.push(
            "The finding's words may stand in its payload; whoever caused the finding may have worded them.".to_owned(),
        );
        all.push("If Lambda does not answer, nobody can say whether it ran: it is not run again by itself.".to_owned());
    }
    all
}
