//! One record of a file or an answer, its first level open, on its way to becoming a finding.

use super::arn::Arn;
use super::doc::{Node, find};
use super::{Finding, Via};
use crate::text::Untrusted;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The first level of a JSON object: names, and values still as text.
pub(super) type Fields<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// A record: its fields, its own bytes, the way it came, and what stood around it.
pub(super) struct Record<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) raw: &'a [u8],
    pub(super) via: Via,
    pub(super) around: Around,
}

/// What an envelope says of the finding in it; it counts only where the finding itself is silent.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub(super) account: Option<Untrusted>,
    pub(super) region: Option<Untrusted>,
}

/// A value that is JSON but can't be read: too deep, or a number out of range.
#[derive(Debug)]
pub(super) struct Bad {
    /// Where the value starts, as an address inside the text that is being read.
    pub(super) start: usize,
    pub(super) error: serde_json::Error,
}

impl<'a> Record<'a> {
    /// The value of a field; null where there is none.
    pub(super) fn get(&self, name: &str) -> Result<Node<'a>, Bad> {
        match find(&self.fields, name) {
            Some(raw) => tree(raw),
            None => Ok(Node::Null),
        }
    }

    /// A finding that says nothing yet but where it came from.
    pub(super) fn blank(&self) -> Finding {
        Finding {
            id: Untrusted::default(),
            source: None,
            via: self.via,
            kind: None,
            title: None,
            description: None,
            severity: super::Severity::default(),
            account: self.around.account.clone(),
            region: self.around.region.clone(),
            resource: super::Resource::default(),
            resources: Vec::new(),
            actor: super::Actor::default(),
            first_seen: None,
            last_seen: None,
            created: None,
            updated: None,
            count: None,
            status: super::Status::Active,
            workflow: None,
            raw: self.raw.into(),
        }
    }
}

impl Finding {
    /// Takes the first id that there is; without one a finding is known by its bytes.
    pub(super) fn known_by(&mut self, ids: &[&Node<'_>]) {
        self.id = match ids.iter().find_map(|id| id.text()) {
            Some(id) => id,
            None => format!("sha256:{}", self.raw_sha256()).into(),
        };
    }

    /// Takes account and region from the record, else from the ARNs, in order, else from the envelope (which is
    /// what stands in them already).
    pub(super) fn placed(&mut self, account: Option<Untrusted>, region: Option<Untrusted>, arns: &[Option<Arn<'_>>]) {
        let mut arns = arns.iter().flatten();
        if let Some(account) = account.or_else(|| arns.clone().find_map(|arn| arn.account())) {
            self.account = Some(account);
        }
        if let Some(region) = region.or_else(|| arns.find_map(|arn| arn.region())) {
            self.region = Some(region);
        }
    }
}

/// An account id; one that was written as a number has lost its leading zeros.
pub(super) fn account(node: &Node<'_>) -> Option<Untrusted> {
    match node {
        Node::Whole(n) => Some(format!("{n:012}").into()),
        _ => node.text(),
    }
}

/// The tree of a raw value.
pub(super) fn tree(raw: &RawValue) -> Result<Node<'_>, Bad> {
    serde_json::from_str(raw.get()).map_err(|error| Bad { start: raw.get().as_ptr() as usize, error })
}
