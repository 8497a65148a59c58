//! An action as plain data: what will be sent to what, what came of it.

use super::event::{FailClass, StepRef};
use super::link::Link;
use crate::text::{Id, Untrusted, id::Slug};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Something that was read, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub name: Untrusted,
    pub value: Untrusted,
}

impl Fact {
    pub fn new(name: impl Into<Untrusted>, value: impl Into<Untrusted>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// What an action acts on. The account is checked against the caller's right before each call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub account: Untrusted,
    pub partition: Untrusted,
    pub region: Untrusted,
    /// The resource's id or name.
    pub resource: Untrusted,
}

/// One call that changes something, exactly as it will be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedRequest {
    /// The service and operation as AWS names them: `iam`, `UpdateAccessKey`; `local` and `exec` for a command.
    pub service: String,
    pub operation: String,
    /// The request's members by the service model's names.
    pub input: serde_json::Value,
}

/// An action before it is approved. Everything that decides what happens is in `plan_hash`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub kind: Id<Slug>,
    pub title: Untrusted,
    pub step: Option<StepRef>,
    pub target: Target,
    pub requests: Vec<PlannedRequest>,
    /// What was read while planning; a fact that is material is read again before the call.
    pub facts: Vec<Fact>,
    /// 1 reversible without service impact, 2 reversible with, 3 irreversible or wide.
    pub danger: u8,
    /// What the action destroys, in plain words; empty when nothing.
    pub destroys: Vec<Untrusted>,
    /// What it does not stop, and other words that must be read before approving.
    pub warnings: Vec<Untrusted>,
    /// How it is undone, or that it can't be.
    pub undo: Untrusted,
    /// What the responder types to approve at danger 2 and 3: the resource id, the access-key id, the finding id,
    /// the command's file name, or for several the count.
    pub confirm: Untrusted,
    pub undo_of: Option<Link>,
    /// The set it is part of.
    pub set: Option<Untrusted>,
}

impl Plan {
    /// SHA-256 over the plan as JSON: an approval names it, a permit carries it.
    pub fn hash(&self) -> Result<String, serde_json::Error> {
        let json = crate::text::json::to_string(self)?;
        Ok(data_encoding::HEXLOWER.encode(&Sha256::digest(json.as_bytes())))
    }
}

/// How an action ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Succeeded {
        /// In plain words.
        outcome: Untrusted,
        request_ids: Vec<Untrusted>,
        /// What an undo needs, as its kind understands it.
        undo: Option<serde_json::Value>,
        facts: Vec<Fact>,
    },
    Failed {
        class: FailClass,
        message: Untrusted,
        request_ids: Vec<Untrusted>,
    },
    /// It may have happened: a timeout, a lost connection, an unreadable answer.
    Unknown {
        why: Untrusted,
    },
}

/// What a look-up after an unknown outcome found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Surely not sent.
    NotSent,
    /// Still running, by its execution's id.
    Running(Untrusted),
    Ended(Outcome),
    /// The account can't tell; why.
    CannotTell(Untrusted),
}

/// What reading the resource back showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// `None`: not verified, which the facts explain.
    pub holds: Option<bool>,
    pub facts: Vec<Fact>,
}
