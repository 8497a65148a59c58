//! Putting an event about the incident on an EventBridge bus.

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{known, plain, refuse, text};
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::notice::{self, LINK, SESSION, SILENCE, TEXT, UNDO, WRITTEN, Words};
use super::place::{named, place};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::Request;
use super::seal::{Seal, exact};
use crate::aws::events::{Entry, Put};
use crate::aws::{BoxFuture, Failure, Reader, Writer};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, FailClass, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::{Value, json};

/// The kind `eventbridge-put-events`.
pub(super) struct EventbridgePutEvents;

static INFO: KindInfo = KindInfo {
    name: "eventbridge-put-events",
    title: "Put an event about the incident on an EventBridge bus",
    parameters: &[
        Parameter { name: "bus", required: true, what: "the event bus's ARN" },
        SESSION,
        Parameter { name: "detail_type", required: false, what: "what rules match by; else Security Incident" },
        TEXT,
        LINK,
    ],
    operations: Operations {
        read: &[("EventBridge", "DescribeEventBus")],
        consume: &[],
        mutate: &[("EventBridge", "PutEvents")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// The most bytes of an event's detail, below the 256 KB of the whole entry, and the most characters of its type.
const DETAIL: usize = 240 * 1024;
const TYPE: usize = 128;
/// The bus's fact, which is read again before the call.
const BUS: &str = "bus";
const UNREADABLE: &str = "the plan can't be read";

/// The bus as it says of itself.
async fn bus(reader: &Reader, arn: &str) -> Result<Fact, Failure> {
    let found = reader.events().describe_event_bus(arn).await.map_err(|error| Failure::of(&error))?;
    Ok(Fact::new(BUS, found.arn))
}

impl Action for EventbridgePutEvents {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let place = place(request, "bus", ("events", "event-bus/"))?;
            calls::caller(reader, &place.target).await?;
            let kind = detail_type(request)?;
            let detail = notice::message(request, DETAIL)?;
            let fact = bus(reader, place.arn.as_str()).await;
            let fact = fact.map_err(|failure| failure.problem("events:DescribeEventBus", &reader.scope()))?;
            if fact.value != Untrusted::from(place.arn.as_str()) {
                return Err(refuse(format!("the bus says that it is another one: {}", fact.value.line())));
            }
            let arn = place.arn.as_str();
            let entry = json!({ "Source": "quell", "DetailType": kind, "Detail": detail, "EventBusName": arn });
            let input = json!({ "Entries": [entry] });
            let call = PlannedRequest { service: "events".to_owned(), operation: "PutEvents".to_owned(), input };
            let words = Words { danger: INFO.danger, destroys: "", warnings: warnings(), undo: UNDO };
            notice::plan(request, place.target, call, vec![fact], words)
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["nothing by itself; what the bus's rules start with it, quell does not know".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some((entries, arn)) = of(plan) else { return not_sent(UNREADABLE) };
            match bus(reader, arn).await {
                Err(failure) => {
                    let why = failure.problem("events:DescribeEventBus", &reader.scope()).headline();
                    return not_sent(format!("the bus could not be read again: {why}"));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &[now]) {
                        return stopped;
                    }
                }
            }
            match writer.events().put_events(entries).await {
                Err(error) => writer.outcome("events:PutEvents", &error),
                Ok(answer) => {
                    progress.step("answered", 1, 1);
                    ended(&answer.value, calls::request_ids(&answer))
                }
            }
        })
    }

    fn check<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: Token) -> BoxFuture<'a, Found> {
        let why = "EventBridge keeps nothing that could be looked up: ask what the bus's rules lead to";
        Box::pin(std::future::ready(Found::CannotTell(why.into())))
    }

    fn verify<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        let why = "whether a rule matched it, and whether it came to the rule's targets, can't be read at EventBridge";
        Box::pin(std::future::ready(calls::unverified(why)))
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move {
            let later = text(request, "bus").ok().flatten().is_some_and(|word| word.text.is_empty());
            match place(request, "bus", ("events", "event-bus/")) {
                _ if later => Vec::new(),
                Err(problem) => vec![Need::new(BUS, State::Missing, problem.what)],
                Ok(place) => {
                    let name = format!("event bus {}", clean(&place.name));
                    let found = bus(reader, place.arn.as_str()).await;
                    let found = Need::read(name.clone(), found, "events:DescribeEventBus", reader);
                    vec![found.map_or_else(|need| need, |_| Need::new(name, State::Ok, ""))]
                }
            }
        })
    }

    fn place(&self, request: &Request) -> Option<(Untrusted, Untrusted)> {
        named(request, "bus")
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |_| of(plan).map(|(_, bus)| exact(bus)).into_iter().collect())
    }

    fn tells(&self) -> bool {
        true
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

fn detail_type(request: &Request) -> Result<String, Problem> {
    let Some(word) = text(request, "detail_type")? else { return Ok("Security Incident".to_owned()) };
    let kind = plain("detail_type", &word.text, TYPE)?;
    (!kind.trim().is_empty()).then_some(kind).ok_or_else(|| refuse("detail_type is empty"))
}

/// The plan's events and the bus that they go to; none where they can't be read.
fn of(plan: &Plan) -> Option<(&Value, &str)> {
    let [request] = plan.requests.as_slice() else { return None };
    let entries = request.input.get("Entries")?;
    match entries.as_array()?.as_slice() {
        [entry] => Some((entries, entry.get("EventBusName")?.as_str()?)),
        _ => None,
    }
}

/// How the one event ended: the call may have succeeded, and the event not.
fn ended(put: &Put, request_ids: Vec<Untrusted>) -> Outcome {
    let [entry] = put.entries.as_slice() else {
        return Outcome::Unknown { why: "the answer does not say what came of the event".into() };
    };
    match (put.failed_entry_count, entry) {
        (0, Entry { event_id: Some(id), error_code: None, .. }) => Outcome::Succeeded {
            outcome: format!("EventBridge took the event as {}", id.line()).into(),
            request_ids,
            undo: None,
            facts: vec![Fact::new("event", id.clone())],
        },
        (1, Entry { error_code: Some(code), error_message, .. }) => {
            let said = error_message.as_ref().map(|said| format!(": {}", said.line())).unwrap_or_default();
            let message = format!("EventBridge did not take the event: {}{said}", code.line());
            match class(code.line().as_str()) {
                Some(class) => Outcome::Failed { class, message: message.into(), request_ids },
                None => Outcome::Unknown { why: message.into() },
            }
        }
        _ => Outcome::Unknown { why: "the answer contradicts itself about what came of the event".into() },
    }
}

/// The class of an event's own error (EventBridge API reference, PutEventsResultEntry); none of a fault on AWS's side.
fn class(code: &str) -> Option<FailClass> {
    match code {
        "InternalFailure" | "InternalException" => None,
        "ThrottlingException" => Some(FailClass::Throttled),
        "AccessDeniedException" | "NotAuthorizedForSourceException" | "NotAuthorizedForDetailTypeException" => {
            Some(FailClass::Denied)
        }
        "InvalidArgument" | "MalformedDetail" | "InvalidAccountIdException" | "RedactionFailure" => {
            Some(FailClass::Validation)
        }
        _ => Some(FailClass::Other),
    }
}

fn warnings() -> Vec<String> {
    let all = [
        "Which rules of the bus match it, and so what happens next and who is told, is not read: rules may run things.",
        WRITTEN,
        "EventBridge says that it took the event, and not whether a rule matched it.",
        SILENCE,
    ];
    all.map(str::to_owned).to_vec()
}
