//! Amazon EventBridge (API version 2015-10-07): an event bus, and what is put on it.

use super::super::SdkError;
use super::aws_json::{Dialect, exchange};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Untrusted;
use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

const DIALECT: Dialect = Dialect { prefix: "AWSEvents", version: "1.1" };

/// The client of EventBridge in one region.
pub struct Client(Thin);

/// An event bus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Bus {
    pub arn: Untrusted,
}

/// What came of putting events: good or bad, in the order in which they were given. The call itself has succeeded even
/// if none of them was taken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Put {
    #[serde(default)]
    pub failed_entry_count: u32,
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// What came of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Entry {
    pub event_id: Option<Untrusted>,
    pub error_code: Option<Untrusted>,
    pub error_message: Option<Untrusted>,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The bus of that name or ARN.
    pub async fn describe_event_bus(&self, bus: &str) -> Result<Bus, SdkError<ServiceError>> {
        Ok(self.0.call(exchange(DIALECT, "DescribeEventBus", json!({ "Name": bus }))).await?.value)
    }

    /// Puts events, given as the service's model has them.
    pub async fn put_events(&self, entries: &Value) -> Result<Answered<Put>, SdkError<ServiceError>> {
        self.0.call(exchange(DIALECT, "PutEvents", json!({ "Entries": entries }))).await
    }
}
