//! Telling the subscribers of an SNS topic of the incident.

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{known, plain, refuse, text};
use super::kind::{Action, Keys, KindInfo, Operations, Parameter};
use super::kms;
use super::notice::{self, LINK, SESSION, SILENCE, TEXT, UNDO, WRITTEN, Words, member};
use super::place::{named, place};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::Request;
use super::seal::{self, Seal, exact};
use crate::aws::sns::{Message, Topic};
use crate::aws::{BoxFuture, Failure, Reader, Writer};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, Found, Link, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::Arn;
use quell_core::text::{Id, Untrusted};
use serde_json::json;

/// The kind `sns-publish`.
pub(super) struct SnsPublish;

static INFO: KindInfo = KindInfo {
    name: "sns-publish",
    title: "Tell the subscribers of an SNS topic of the incident",
    parameters: &[
        Parameter { name: "topic", required: true, what: "the topic's ARN" },
        SESSION,
        Parameter { name: "subject", required: false, what: "up to 100 characters of ASCII; else quell's own line" },
        TEXT,
        LINK,
        Parameter { name: "group", required: false, what: "the message group of a FIFO topic; else quell" },
    ],
    operations: Operations { read: &[("SNS", "GetTopicAttributes")], consume: &[], mutate: &[("SNS", "Publish")] },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// What publishing to an encrypted topic takes (SNS developer guide, "Managing encryption keys and costs").
static KEYS: Keys = Keys { via: "sns", mutate: &["kms:Decrypt", "kms:GenerateDataKey"], read: &[] };
/// The most bytes of a message, and the most characters of a subject and of a message group (SNS API reference).
const MESSAGE: usize = 256 * 1024;
const SUBJECT: usize = 100;
const GROUP: usize = 128;
const UNREADABLE: &str = "the plan can't be read";
/// What makes SNS drop a second one of the same, of a topic that keeps the order.
const ONCE: &str = "MessageDeduplicationId";

async fn topic(reader: &Reader, arn: &Id<Arn>) -> Result<Topic, Failure> {
    reader.sns().get_topic_attributes(arn).await.map_err(|error| Failure::of(&error))
}

/// What the plan rests on: whose topic it is, of which sort, and whom it tells.
fn facts(topic: &Topic) -> Vec<Fact> {
    let Topic { confirmed, pending, .. } = topic;
    vec![
        Fact::new("owner", topic.owner.clone()),
        Fact::new("topic", if topic.fifo { "FIFO" } else { "standard" }),
        Fact::new("subscriptions", format!("{confirmed} confirmed, {pending} not yet")),
    ]
}

impl Action for SnsPublish {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let place = place(request, "topic", ("sns", ""))?;
            calls::caller(reader, &place.target).await?;
            let subject = subject(request)?.unwrap_or_else(|| notice::headline(request, &place.target));
            let message = notice::message(request, MESSAGE)?;
            let group = group(request)?;
            let topic = topic(reader, &place.arn).await;
            let topic = topic.map_err(|failure| failure.problem("sns:GetTopicAttributes", &reader.scope()))?;
            let mut input = json!({ "TopicArn": place.arn.as_str(), "Subject": subject, "Message": message });
            match (topic.fifo, group, input.as_object_mut()) {
                (false, Some(_), _) => return Err(refuse("group is for FIFO topics, and the topic is none")),
                (true, group, Some(members)) => {
                    let group = group.unwrap_or_else(|| "quell".to_owned());
                    members.insert("MessageGroupId".to_owned(), group.into());
                }
                _ => {}
            }
            let call = PlannedRequest { service: "sns".to_owned(), operation: "Publish".to_owned(), input };
            let mut words = Words { danger: INFO.danger, destroys: "", warnings: warnings(&topic), undo: UNDO };
            let mut facts = facts(&topic);
            if let Some((key, said)) = kms::said(&KEYS, topic.key.as_slice(), &place.target) {
                facts.push(key);
                words.warnings.push(said);
            }
            notice::plan(request, place.target, call, facts, words)
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["nothing by itself; what the topic's subscribers do with it, quell does not know".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(message) = of(plan, writer.token()) else { return not_sent(UNREADABLE) };
            match topic(reader, &message.topic).await {
                Err(failure) => {
                    let why = failure.problem("sns:GetTopicAttributes", &reader.scope()).headline();
                    return not_sent(format!("the topic could not be read again: {why}"));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &facts(&now)) {
                        return stopped;
                    }
                }
            }
            match writer.sns().publish(&message).await {
                Err(error) => writer.outcome("sns:Publish", &error),
                Ok(answer) => {
                    progress.step("published", 1, 1);
                    Outcome::Succeeded {
                        outcome: format!("SNS took the message as {}", answer.value.line()).into(),
                        request_ids: calls::request_ids(&answer),
                        undo: None,
                        facts: vec![Fact::new("message", answer.value)],
                    }
                }
            }
        })
    }

    fn check<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: Token) -> BoxFuture<'a, Found> {
        let why =
            "SNS keeps nothing that could be looked up: ask a subscriber whether the message of this session came";
        Box::pin(std::future::ready(Found::CannotTell(why.into())))
    }

    fn verify<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        let why = "whether it came to the subscribers can't be read at SNS: ask one of them";
        Box::pin(std::future::ready(calls::unverified(why)))
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move {
            let later = text(request, "topic").ok().flatten().is_some_and(|word| word.text.is_empty());
            match place(request, "topic", ("sns", "")) {
                _ if later => Vec::new(),
                Err(problem) => vec![Need::new("topic", State::Missing, problem.what)],
                Ok(place) => {
                    let name = format!("topic {}", clean(&place.name));
                    let found =
                        Need::read(name.clone(), topic(reader, &place.arn).await, "sns:GetTopicAttributes", reader);
                    let topic = match found {
                        Err(need) => return vec![need],
                        Ok(topic) => topic,
                    };
                    let mut all = vec![match topic.confirmed {
                        0 => Need::new(name, State::Missing, "nobody is subscribed to it"),
                        n => Need::new(name, State::Ok, format!("{n} subscriptions")),
                    }];
                    all.extend(kms::needs(reader, &KEYS, topic.key.as_slice(), &place.target).await);
                    all
                }
            }
        })
    }

    fn place(&self, request: &Request) -> Option<(Untrusted, Untrusted)> {
        named(request, "topic")
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let on = |request: &PlannedRequest| seal::text(request, "TopicArn").map(exact).into_iter().collect();
        Seal::each(plan, on).and(kms::grants(&KEYS, plan))
    }

    fn sends(&self, plan: &Plan, token: &Token, _: &Link) -> Vec<PlannedRequest> {
        let once = [(ONCE, json!(token.as_str()))];
        let with = |request: &PlannedRequest| match request.input.get("MessageGroupId") {
            Some(_) => request.with(&once),
            None => request.clone(),
        };
        plan.requests.iter().map(with).collect()
    }

    fn keys(&self) -> Option<&'static Keys> {
        Some(&KEYS)
    }

    fn tells(&self) -> bool {
        true
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

/// The subject that is given: ASCII that begins with something to be seen.
fn subject(request: &Request) -> Result<Option<String>, Problem> {
    let Some(word) = text(request, "subject")? else { return Ok(None) };
    let subject = plain("subject", &word.text, SUBJECT)?;
    let fits = !subject.is_empty() && !subject.starts_with(' ') && subject.is_ascii();
    fits.then_some(Some(subject)).ok_or_else(|| refuse("subject is not of ASCII, or begins with a space"))
}

/// The message group that is given: as the API has it, without spaces.
fn group(request: &Request) -> Result<Option<String>, Problem> {
    let Some(word) = text(request, "group")? else { return Ok(None) };
    let group = plain("group", &word.text, GROUP)?;
    let fits = !group.is_empty() && group.chars().all(|c| c.is_ascii_graphic());
    fits.then_some(Some(group)).ok_or_else(|| refuse("group is not of ASCII letters, numbers and marks"))
}

/// The plan's message, with what makes SNS drop a second one of the same; none where it can't be read.
fn of(plan: &Plan, token: &str) -> Option<Message> {
    let text = |name: &str| member(plan, name).map(str::to_owned);
    Some(Message {
        topic: Id::new(member(plan, "TopicArn")?).ok()?,
        subject: text("Subject")?,
        text: text("Message")?,
        order: text("MessageGroupId").map(|group| (group, token.to_owned())),
    })
}

fn warnings(topic: &Topic) -> Vec<String> {
    let told = match topic.confirmed {
        0 => "NOBODY is subscribed to the topic: nobody is told.".to_owned(),
        n => format!("It tells all {n} subscriptions of the topic; who they are is not read."),
    };
    let mut all = vec![told, WRITTEN.to_owned()];
    if topic.pending > 0 {
        all.push(format!("{} more have not been confirmed: they are told nothing.", topic.pending));
    }
    all.push("SNS says that it took the message, and not whether it came.".to_owned());
    all.push(SILENCE.to_owned());
    all
}
