//! Posting the incident to an address of the responder's own configuration. A block names it and has no address; what
//! is looked up, and what is not connected to, is [`crate::aws::Hook`]'s.

#[cfg(test)]
mod tests;

use super::LOCAL;
use super::calls::unverified;
use super::facts::{changed, not_sent};
use super::fields::{id, known, refuse, text};
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::notice::{self, INPUT, LINK, SESSION, TEXT, UNDO, WRITTEN, Words, member};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::Request;
use super::target::target;
use crate::aws::{BoxFuture, Hook, Posted, Reader, Writer};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, FailClass, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::Id;
use quell_core::text::id::Slug;
use serde_json::json;

/// The kind `webhook`.
pub(super) struct Webhook;

static INFO: KindInfo = KindInfo {
    name: "webhook",
    title: "Post the incident to an address of your configuration",
    parameters: &[
        Parameter { name: FIELD, required: true, what: "its name in [webhooks] of the configuration" },
        SESSION,
        INPUT,
        TEXT,
        LINK,
    ],
    operations: Operations { read: &[], consume: &[], mutate: &[(LOCAL, "post")] },
    permissions: &[],
    danger: 2,
    destroys: "",
};

const FIELD: &str = "webhook";
/// The most bytes that are posted.
const MOST: usize = 64 * 1024;

/// What the plan rests on: where it goes.
fn facts(hook: &Hook) -> Vec<Fact> {
    vec![Fact::new("host", hook.host()), Fact::new("address", hook.fingerprint())]
}

fn named(request: &Request) -> Result<Id<Slug>, Problem> {
    let word = text(request, FIELD)?.ok_or_else(|| refuse("webhook is not given"))?;
    id::<Slug>(FIELD, &word.text)
}

fn absent(name: &str) -> String {
    format!("the configuration has no webhook {}", clean(name))
}

impl Action for Webhook {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let name = named(request)?;
            let hook = reader.webhook(name.as_str()).ok_or_else(|| {
                refuse(absent(name.as_str())).next(format!("give it {name} = \"https://...\" below [webhooks]"))
            })?;
            let target = target(request, name.as_str())?;
            let body = notice::input(request, MOST)?;
            let input =
                json!({ "webhook": name.as_str(), "host": hook.host(), "address": hook.fingerprint(), "body": body });
            let call = PlannedRequest { service: LOCAL.to_owned(), operation: "post".to_owned(), input };
            let words = Words { danger: INFO.danger, destroys: "", warnings: warnings(&hook), undo: UNDO };
            notice::plan(request, target, call, facts(&hook), words)
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["nothing by itself; what the host does with it, quell does not know".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let (Some(name), Some(body)) = (member(plan, FIELD), member(plan, "body")) else {
                return not_sent("the plan can't be read");
            };
            let Some(hook) = reader.webhook(name) else { return not_sent(format!("{} any more", absent(name))) };
            if let Some(stopped) = changed(plan, &facts(&hook)) {
                return stopped;
            }
            let line = plan.requests.first().and_then(|request| request.command_line(&plan.target.region).ok());
            let posted = writer.post(&hook, body, line).await;
            if matches!(posted, Posted::Answered { status: 200..=299, .. }) {
                progress.step("posted", 1, 1);
            }
            outcome(hook.host(), posted)
        })
    }

    fn check<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: Token) -> BoxFuture<'a, Found> {
        let why = "nothing there can be looked up: ask who reads it whether the message of this session came";
        Box::pin(std::future::ready(Found::CannotTell(why.into())))
    }

    fn verify<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        let why = "an answer is no proof that anybody read it: ask one of them";
        Box::pin(std::future::ready(unverified(why)))
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        let later = text(request, FIELD).ok().flatten().is_some_and(|word| word.text.is_empty());
        let need = match named(request) {
            _ if later => None,
            Err(problem) => Some(Need::new(FIELD, State::Missing, problem.what)),
            Ok(name) => Some(match reader.webhook(name.as_str()) {
                Some(hook) => Need::new(format!("webhook {name}"), State::Ok, clean(hook.host()).into_string()),
                None => Need::new(format!("webhook {name}"), State::Missing, absent(name.as_str())),
            }),
        };
        Box::pin(std::future::ready(need.into_iter().collect()))
    }

    fn tells(&self) -> bool {
        true
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

fn warnings(hook: &Hook) -> Vec<String> {
    vec![
        format!("It leaves AWS: {} is told, and whoever reads there.", clean(hook.host())),
        WRITTEN.to_owned(),
        "The rest of the address may be a secret: it stands in your configuration, here only the start of its hash."
            .to_owned(),
        "It goes to the host itself, past any proxy, and not where a redirect or a private address leads.".to_owned(),
        "If the host does not answer, quell calls it unknown and does not send it again; it can't be looked up."
            .to_owned(),
    ]
}

fn outcome(host: &str, posted: Posted) -> Outcome {
    let host = clean(host);
    let (status, request_ids) = match posted {
        Posted::NotSent(why) => return not_sent(format!("{host}: {}", why.line())),
        Posted::Unknown(why) => return Outcome::Unknown { why: format!("{host}: {}", why.line()).into() },
        Posted::Answered { status, request_id } => (status, request_id.into_iter().collect()),
    };
    let failed = |class, more: &str, request_ids| {
        let message = format!("{host} answered with {status}{more}").into();
        Outcome::Failed { class, message, request_ids }
    };
    match status {
        200..=299 => Outcome::Succeeded {
            outcome: format!("{host} took it, with {status}").into(),
            request_ids,
            undo: None,
            facts: vec![Fact::new("status", status.to_string())],
        },
        300..=399 => failed(FailClass::Other, ": it points elsewhere, and quell follows no redirect", request_ids),
        401 | 403 => failed(FailClass::Denied, "", request_ids),
        404 | 410 => failed(FailClass::NotFound, ": look at the address in the configuration", request_ids),
        429 => failed(FailClass::Throttled, "", request_ids),
        400..=499 => failed(FailClass::Validation, ": it does not take such a document", request_ids),
        // What stands before a host says this too, when the host has it already.
        _ => Outcome::Unknown { why: format!("{host} answered with {status}; it may have it all the same").into() },
    }
}
