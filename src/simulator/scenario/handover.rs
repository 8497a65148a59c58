//! What an account has that an incident can be handed over to.

use serde::Deserialize;

/// A topic of SNS, and whom it tells; one whose name ends in `.fifo` keeps the order.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct Topic {
    pub name: String,
    pub display: String,
    pub subscriptions: u32,
    #[serde(default)]
    pub pending: u32,
}

/// An event bus beside the default one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct Bus {
    pub name: String,
}

/// A state machine: how long its runs take, and how they end.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct Machine {
    pub name: String,
    pub role: String,
    pub seconds: i64,
    #[serde(default)]
    pub fails: bool,
    #[serde(default)]
    pub express: bool,
}

/// What remedies the findings of a rule of Config: how long its runs take, and how they end.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct Remediation {
    pub rule: String,
    pub document: String,
    pub seconds: i64,
    #[serde(default)]
    pub fails: bool,
}
