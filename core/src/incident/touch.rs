//! What plans write, so that two that write over each other are known before either is sent.

use super::plan::{Plan, Target};
use crate::text::id::Slug;
use crate::text::{Id, Untrusted};
use serde::{Deserialize, Serialize};

/// Something of a resource that a plan writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writes {
    /// What of it: by a name that several kinds share, else by the kind's own.
    pub what: Untrusted,
    pub account: Untrusted,
    /// None where it is one for all Regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Untrusted>,
    pub resource: Untrusted,
    /// The parts of it; none where it is all of it, or where it is not known which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Untrusted>,
}

impl Writes {
    fn meets(&self, other: &Self) -> bool {
        let place = |one: &Self| [one.what.clone(), one.account.clone(), one.resource.clone()];
        let all = self.parts.is_empty() || other.parts.is_empty();
        place(self) == place(other)
            && self.region == other.region
            && (all || self.parts.iter().any(|part| other.parts.contains(part)))
    }
}

/// What an action may touch, without the rest of its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    kind: Id<Slug>,
    target: Target,
    writes: Vec<Writes>,
}

impl Touch {
    /// Of a plan.
    pub fn of(plan: &Plan) -> Self {
        Self { kind: plan.kind.clone(), target: plan.target.clone(), writes: plan.writes.clone() }
    }

    /// Whether a plan may touch the same.
    pub fn meets(&self, plan: &Plan) -> bool {
        meet((&self.kind, &self.target, &self.writes), parts(plan))
    }
}

/// Whether two plans may touch the same.
pub(super) fn meets(one: &Plan, other: &Plan) -> bool {
    meet(parts(one), parts(other))
}

type Parts<'a> = (&'a Id<Slug>, &'a Target, &'a [Writes]);

fn parts(plan: &Plan) -> Parts<'_> {
    (&plan.kind, &plan.target, &plan.writes)
}

/// Where a plan acts; through which role says nothing of what it touches.
fn place(target: &Target) -> [&Untrusted; 4] {
    let Target { account, partition, region, resource, through: _ } = target;
    [account, partition, region, resource]
}

/// Two that say what they write meet where they write the same. Of one that does not, the same kind touches the same of
/// its target, and an automation may touch anything of it.
fn meet(one: Parts<'_>, other: Parts<'_>) -> bool {
    if !one.2.is_empty() && !other.2.is_empty() {
        return one.2.iter().any(|mine| other.2.iter().any(|theirs| mine.meets(theirs)));
    }
    let automation = |kind: &Id<Slug>| kind.as_str() == "ssm-automation";
    place(one.1) == place(other.1) && (one.0 == other.0 || automation(one.0) || automation(other.0))
}
