//! Amazon SNS (API version 2010-03-31): a topic, and what is published to it.

use super::super::SdkError;
use super::ec2_query::Form;
use super::query::exchange;
use super::xml::{Node, Odd};
use super::{Answered, ServiceError, Thin};
use quell_core::text::id::Arn;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

const VERSION: &str = "2010-03-31";

/// The client of SNS in one region.
pub struct Client(Thin);

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The account that it belongs to.
    pub owner: Untrusted,
    /// Subscriptions that get what is published, and those that have not been confirmed.
    pub confirmed: u32,
    pub pending: u32,
    /// Whether it keeps the order, and each message once.
    pub fifo: bool,
    /// The KMS key that it is encrypted with: an id, an ARN or an alias.
    pub key: Option<Untrusted>,
}

/// What is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub topic: Id<Arn>,
    pub subject: String,
    pub text: String,
    /// For a topic that keeps the order: what it is kept within, and what makes a second one of the same be dropped.
    pub order: Option<(String, String)>,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// What is told of the topic.
    pub async fn get_topic_attributes(&self, topic: &Id<Arn>) -> Result<Topic, SdkError<ServiceError>> {
        let form = Form::default().with("TopicArn", topic.as_str());
        let input = json!({ "TopicArn": topic.as_str() });
        Ok(self.0.call(exchange(VERSION, "GetTopicAttributes", input, form, attributes)).await?.value)
    }

    /// Publishes the message; gives its id.
    pub async fn publish(&self, message: &Message) -> Result<Answered<Untrusted>, SdkError<ServiceError>> {
        let mut members = vec![
            ("TopicArn", message.topic.as_str()),
            ("Subject", message.subject.as_str()),
            ("Message", message.text.as_str()),
        ];
        if let Some((group, once)) = &message.order {
            members.extend([("MessageGroupId", group.as_str()), ("MessageDeduplicationId", once.as_str())]);
        }
        let input = members.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        let form = members.into_iter().fold(Form::default(), |form, (name, value)| form.with(name, value));
        let id = |result: &Node| Ok(result.need("MessageId")?.into());
        self.0.call(exchange(VERSION, "Publish", input, form, id)).await
    }
}

fn attributes(result: &Node) -> Result<Topic, Odd> {
    let all = result.map("Attributes")?;
    let said = |name: &str| all.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let count = |name: &str| {
        let text = said(name).ok_or_else(|| Odd::new(format!("the topic has no {name}")))?;
        text.parse().map_err(|_| Odd::new(format!("{name} is no number")))
    };
    Ok(Topic {
        owner: said("Owner").ok_or_else(|| Odd::new("the topic has no Owner"))?.into(),
        confirmed: count("SubscriptionsConfirmed")?,
        pending: count("SubscriptionsPending")?,
        fifo: said("FifoTopic") == Some("true"),
        key: said("KmsMasterKeyId").filter(|key| !key.is_empty()).map(Untrusted::from),
    })
}
