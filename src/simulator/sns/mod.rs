//! Amazon SNS (API version 2010-03-31): topics, and what is published to them.

#[cfg(test)]
mod tests;

use super::call::Call;
use super::caller::Service;
use super::scenario::Topic;
use super::wire::query::{Element, Form};
use super::wire::{Failure, Reply};
use super::world::World;

const OPERATIONS: [&str; 2] = ["GetTopicAttributes", "Publish"];
/// The longest message in bytes, and the longest subject in characters (SNS API reference, Publish).
const MESSAGE: usize = 256 * 1024;
const SUBJECT: usize = 100;

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// The ARN of the topic.
pub(super) fn resource(call: &Call) -> String {
    Form::parse(&call.body).get("TopicArn").unwrap_or("*").to_owned()
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let form = Form::parse(&call.body);
    match call.operation {
        "GetTopicAttributes" => attributes(world, call, &form),
        _ => publish(world, call, &form),
    }
    .map(|elements| Reply::Xml(Element::Nest("", elements)))
}

fn invalid(what: impl std::fmt::Display) -> Failure {
    Failure::new("InvalidParameter", 400, format!("Invalid parameter: {what}"))
}

/// The topic that the ARN names, in the region that is asked.
fn topic<'a>(world: &'a World, call: &Call, form: &Form) -> Result<(&'a Topic, String), Failure> {
    let arn =
        form.need(Service::Sns, "TopicArn").map_err(|_| invalid("TopicArn Reason: no value for required parameter"))?;
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", _, "sns", region, account, name] = parts.as_slice() else {
        return Err(invalid(format!("TopicArn Reason: An ARN must have at least 6 elements, not {}", parts.len())));
    };
    let here = *region == world.scenario.region && *region == call.region && *account == world.scenario.account;
    let found = world.scenario.topics.iter().find(|topic| here && topic.name == *name);
    let missing = || Failure::new("NotFound", 404, "Topic does not exist");
    Ok((found.ok_or_else(missing)?, arn.to_owned()))
}

fn fifo(topic: &Topic) -> bool {
    topic.name.ends_with(".fifo")
}

fn attributes(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let (topic, arn) = topic(world, call, form)?;
    let mut all = vec![
        ("TopicArn", arn),
        ("Owner", world.scenario.account.clone()),
        ("DisplayName", topic.display.clone()),
        ("SubscriptionsConfirmed", topic.subscriptions.to_string()),
        ("SubscriptionsPending", topic.pending.to_string()),
        ("SubscriptionsDeleted", "0".to_owned()),
    ];
    all.extend(topic.key.clone().map(|key| ("KmsMasterKeyId", key)));
    if fifo(topic) {
        all.push(("FifoTopic", "true".to_owned()));
        all.push(("ContentBasedDeduplication", "false".to_owned()));
    }
    let entry = |(key, value)| Element::Nest("entry", vec![Element::text("key", key), Element::text("value", value)]);
    let entries: Vec<Element> = all.into_iter().map(|(key, value): (&str, String)| entry((key, value))).collect();
    Ok(vec![Element::Nest("Attributes", entries)])
}

fn publish(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let (topic, arn) = topic(world, call, form)?;
    let message = form.get("Message").unwrap_or_default();
    if message.is_empty() {
        return Err(invalid("Empty message"));
    }
    if message.len() > MESSAGE {
        return Err(invalid("Message too long"));
    }
    if form.get("Subject").is_some_and(|subject| !is_subject(subject)) {
        return Err(invalid("Subject"));
    }
    let once = match (fifo(topic), form.get("MessageGroupId"), form.get("MessageDeduplicationId")) {
        (false, ..) => None,
        (true, None, _) => return Err(invalid("The MessageGroupId parameter is required for FIFO topics")),
        (true, _, None) => {
            return Err(invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
        (true, Some(_), Some(once)) => Some((arn, once.to_owned())),
    };
    let id = world.chance.uuid("message", world.answered);
    let Some(key) = once else { return Ok(vec![Element::text("MessageId", id)]) };
    // A second one of the same is taken, and dropped.
    let number = world.account.published.len() as u64 + 1;
    let (id, number) = world.account.published.entry(key).or_insert((id, number)).clone();
    let number = format!("{:020}", 10_000_000_000_000_000_000 + number);
    Ok(vec![Element::text("MessageId", id), Element::text("SequenceNumber", number)])
}

/// ASCII text that begins with a letter, a number or a punctuation mark, without line breaks or control characters, and
/// of less than a hundred characters.
fn is_subject(text: &str) -> bool {
    let fits = !text.is_empty() && text.len() <= SUBJECT && !text.starts_with(' ');
    fits && text.chars().all(|c| c.is_ascii() && !c.is_ascii_control())
}
