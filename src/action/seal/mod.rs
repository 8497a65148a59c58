//! What a plan's calls need of IAM, and the session policy made of it: a session that is sealed so can do what its plan
//! shows, and nothing else.
//!
//! A policy that is given to AssumeRole has at most 2,048 characters (API reference of STS). One that is longer is made
//! wider, and the plan says so; what can't be limited to a resource stands there for all of them, and is said too.

mod bound;
mod policy;
#[cfg(test)]
mod tests;

use crate::aws::permission_named;
use quell_core::incident::{Plan, PlannedRequest};
use serde_json::Value;

pub use bound::{bound, reading};
#[cfg(test)]
use policy::sealed;

/// The statements of the policy that a plan comes down to.
#[cfg(test)]
pub(super) fn statements_of(plan: &Plan) -> Vec<Value> {
    let kind = super::by_name(plan.kind.as_str());
    let policy = kind.and_then(|kind| sealed(kind.seal(plan)).ok()?.policy).unwrap_or_default();
    policy["Statement"].as_array().cloned().unwrap_or_default()
}

/// What a kind says of a plan's permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// These, and no others.
    Only(Vec<Grant>),
    /// The session can't be limited without the plan failing; why.
    Open(&'static str),
}

/// A permission, and the resources that AWS checks it against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// As IAM names it: `iam:UpdateAccessKey`.
    action: String,
    /// ARNs, in which `*` stands for any text; none: AWS checks it against no resource, or the kind can't tell which.
    on: Vec<String>,
    /// Condition keys and the values that they must have.
    when: Vec<(&'static str, String)>,
}

impl Grant {
    /// A permission on the resources of these ARNs.
    pub fn new(action: impl Into<String>, on: Vec<String>) -> Self {
        Self { action: action.into(), on, when: Vec::new() }
    }

    /// The same, as long as the condition key has the value too.
    pub fn when(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.when.push((key, value.into()));
        self
    }
}

impl Seal {
    /// Each request's own permission, on the resources that `on` says of it. A request whose resources `on` does not
    /// know is for all, and the plan says so. What runs on this machine needs no permission of AWS.
    pub fn each(plan: &Plan, on: impl Fn(&PlannedRequest) -> Vec<String>) -> Self {
        let far = plan.requests.iter().filter(|request| request.service != super::LOCAL);
        Self::Only(far.map(|r| Grant::new(permission_named(&r.service, &r.operation), on(r))).collect())
    }

    /// These permissions beside them.
    pub fn and(self, more: Vec<Grant>) -> Self {
        match self {
            Self::Only(grants) => Self::Only(grants.into_iter().chain(more).collect()),
            open => open,
        }
    }

    /// The same permissions, in the plan's region alone: for resources whose ARNs name none.
    pub fn in_region(self, plan: &Plan) -> Self {
        match self {
            Self::Only(grants) => {
                let region = plan.target.region.line();
                let here = |grant: Grant| grant.when("aws:RequestedRegion", region.as_str());
                Self::Only(grants.into_iter().map(here).collect())
            }
            open => open,
        }
    }
}

/// The ARN of something in the plan's account and region; what is given in braces or by a name of outside goes through
/// [`exact`] first.
pub(super) fn arn(plan: &Plan, service: &str, resource: &str) -> String {
    let target = &plan.target;
    let (partition, region, account) = (target.partition.line(), target.region.line(), target.account.line());
    format!("arn:{partition}:{service}:{region}:{account}:{resource}")
}

/// The ARNs under which the IAM user or role that a request names may stand. Its path is in its ARN and not in the
/// request; a name stands for one user alone, whatever the path, and can hold no slash.
pub(super) fn principal(plan: &Plan, request: &PlannedRequest) -> Vec<String> {
    let (partition, account) = (plan.target.partition.line(), plan.target.account.line());
    let named = [("UserName", "user"), ("RoleName", "role")];
    let Some((noun, name)) = named.iter().find_map(|(member, noun)| Some((noun, text(request, member)?))) else {
        return Vec::new();
    };
    let name = exact(name);
    ["", "*/"].iter().map(|path| format!("arn:{partition}:iam::{account}:{noun}/{path}{name}")).collect()
}

/// The ARNs of the instances that a request of EC2 names.
pub(super) fn instances(plan: &Plan, request: &PlannedRequest) -> Vec<String> {
    let many = request.input.get("InstanceIds").and_then(Value::as_array).into_iter().flatten();
    let one = request.input.get("InstanceId").into_iter();
    many.chain(one).filter_map(Value::as_str).map(|id| arn(plan, "ec2", &format!("instance/{}", exact(id)))).collect()
}

/// A member of a request that is a text.
pub(super) fn text<'a>(request: &'a PlannedRequest, member: &str) -> Option<&'a str> {
    request.input.get(member).and_then(Value::as_str)
}

/// A text as it stands for itself alone in a policy, where `*`, `?` and `$` have meanings (IAM user guide, "Policy
/// elements: variables and tags").
pub(super) fn exact(text: &str) -> String {
    let mut all = String::new();
    for c in text.chars() {
        match c {
            '*' | '?' | '$' => all.extend(['$', '{', c, '}']),
            c => all.push(c),
        }
    }
    all
}
