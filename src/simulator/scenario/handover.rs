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
    /// The id of the customer's KMS key that it is encrypted with.
    #[serde(default)]
    pub key: Option<String>,
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
    /// The id of the customer's KMS key that it is encrypted with.
    #[serde(default)]
    pub key: Option<String>,
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

/// Identity Center: its instance and its identity store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct Center {
    pub instance: String,
    pub store: String,
}

/// What people may take on: its id, its name, and how long its sessions last.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct PermissionSet {
    pub id: String,
    pub name: String,
    pub session: String,
}

/// Who may take a permission set on, in the scenario's account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct Assignment {
    pub set: String,
    /// `USER` or `GROUP`.
    pub kind: String,
    pub principal: String,
}

impl Assignment {
    /// What tells it from any other.
    pub(in crate::simulator) fn key(&self, account: &str) -> (String, String, String, String) {
        (self.set.clone(), account.to_owned(), self.kind.clone(), self.principal.clone())
    }
}
