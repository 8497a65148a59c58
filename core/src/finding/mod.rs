//! Findings in the shape that all of quell works with, whatever wire shape they came in.
//!
//! [`read`] takes a file, [`read_answer`] an answer of AWS; each wire shape has one parser. What no shape has in
//! common (documents, wrappers, damage) lies in `read`, `salvage` and `detect`; what shapes share lies beside them.

mod actor;
mod arn;
mod asff;
mod asff_type;
mod detect;
mod doc;
mod doubt;
pub mod fields;
pub mod filter;
mod guardduty;
mod guardduty_resource;
pub mod inbox;
mod inspector2;
mod json;
mod kinds;
mod ocsf;
mod place;
mod read;
mod record;
mod said;
mod salvage;
mod severity;
mod source;
mod time;

pub use filter::{Filter, FilterError, RowView, haystack};
pub use inbox::Inbox;
pub use json::rfc3339;
pub use read::{Batch, ReadError, read, read_answer};
pub use said::Said;

use crate::text::Untrusted;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One finding of one service, with the bytes it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The finding's ARN, else the record's own id, else `sha256:` and the hash of its bytes.
    pub id: Untrusted,
    /// The product that found it, in short: guardduty, securityhub, inspector, prowler, …
    pub source: Option<Untrusted>,
    /// The way it came.
    pub via: Via,
    /// GuardDuty's type; a control id such as S3.8; else the product's own word.
    pub kind: Option<Untrusted>,
    pub title: Option<Untrusted>,
    pub description: Option<Untrusted>,
    pub severity: Severity,
    pub account: Option<Untrusted>,
    pub region: Option<Untrusted>,
    /// The first resource that matters; empty when there is none.
    pub resource: Resource,
    /// All resources.
    pub resources: Vec<Resource>,
    pub actor: Actor,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// How often it was seen; `None` when the source does not count.
    pub count: Option<u64>,
    pub status: Status,
    pub workflow: Option<Workflow>,
    /// The finding's own bytes, as they came.
    pub raw: Arc<[u8]>,
}

/// The way a finding came to quell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    Guardduty,
    Securityhub,
    SecurityhubV2,
    Eventbridge,
    File,
}

/// How bad, by word and by a number from 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Severity {
    pub label: Option<Label>,
    pub score: Option<f64>,
}

/// The five words for severity, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Label {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// A resource, its kind as CloudFormation names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Resource {
    pub kind: Option<Untrusted>,
    pub id: Option<Untrusted>,
    pub name: Option<Untrusted>,
    pub arn: Option<Untrusted>,
}

/// Who did it, as far as the finding says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub ip: Option<Untrusted>,
    pub country: Option<Untrusted>,
    pub principal: Option<Untrusted>,
    pub access_key: Option<Untrusted>,
}

/// Whether the finding service still shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    #[default]
    Active,
    Archived,
}

/// Security Hub's workflow status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workflow {
    New,
    Notified,
    Suppressed,
    Resolved,
}

/// What a record keeps of a finding: all that the fold, metrics and the report need, and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compact {
    pub id: Untrusted,
    pub source: Option<Untrusted>,
    #[serde(rename = "type")]
    pub kind: Option<Untrusted>,
    pub title: Option<Untrusted>,
    pub severity: Severity,
    pub account: Option<Untrusted>,
    pub region: Option<Untrusted>,
    pub resource: Resource,
    pub actor: Actor,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    pub count: Option<u64>,
    /// As it stood when the record was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Workflow>,
    pub raw_sha256: String,
}

impl Finding {
    /// SHA-256 of the finding's own bytes, in lower-case hexadecimal.
    pub fn raw_sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        data_encoding::HEXLOWER.encode(&Sha256::digest(&self.raw))
    }

    /// What a record keeps of it.
    pub fn compact(&self) -> Compact {
        Compact {
            id: self.id.clone(),
            source: self.source.clone(),
            kind: self.kind.clone(),
            title: self.title.clone(),
            severity: self.severity,
            account: self.account.clone(),
            region: self.region.clone(),
            resource: self.resource.clone(),
            actor: self.actor.clone(),
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            count: self.count,
            status: Some(self.status),
            workflow: self.workflow,
            raw_sha256: self.raw_sha256(),
        }
    }
}

impl Label {
    /// The four-letter word of lists: CRIT HIGH MED LOW INFO.
    pub fn short(self) -> &'static str {
        match self {
            Label::Informational => "INFO",
            Label::Low => "LOW",
            Label::Medium => "MED",
            Label::High => "HIGH",
            Label::Critical => "CRIT",
        }
    }
}

impl Via {
    /// The word as `--json` writes it.
    pub fn word(self) -> &'static str {
        match self {
            Via::Guardduty => "guardduty",
            Via::Securityhub => "securityhub",
            Via::SecurityhubV2 => "securityhub-v2",
            Via::Eventbridge => "eventbridge",
            Via::File => "file",
        }
    }
}

impl Status {
    /// The word as `--json` writes it.
    pub fn word(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Archived => "archived",
        }
    }
}

impl Workflow {
    /// The word as `--json` writes it.
    pub fn word(self) -> &'static str {
        match self {
            Workflow::New => "new",
            Workflow::Notified => "notified",
            Workflow::Suppressed => "suppressed",
            Workflow::Resolved => "resolved",
        }
    }
}

#[cfg(test)]
mod rule_tests;
#[cfg(test)]
mod shape_tests;
