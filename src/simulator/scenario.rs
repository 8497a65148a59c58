//! The data of a simulated account: what stands in a scenario file, as types.

mod groups;
mod handover;

pub(super) use groups::{Scaling, TargetGroup};
pub(super) use handover::{Assignment, Bus, Center, Machine, PermissionSet, Remediation, Topic};

use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

const FILES: [(&str, &str); 4] = [
    ("crypto-mining", include_str!("scenarios/crypto-mining.toml")),
    ("stolen-keys", include_str!("scenarios/stolen-keys.toml")),
    ("public-bucket", include_str!("scenarios/public-bucket.toml")),
    ("quiet", include_str!("scenarios/quiet.toml")),
];

const NAMES: [&str; 4] = ["crypto-mining", "stolen-keys", "public-bucket", "quiet"];

/// An account and what happens in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub(super) account: String,
    pub(super) account_name: String,
    /// The other accounts of its organization.
    #[serde(default)]
    pub(super) members: Vec<String>,
    pub(super) region: String,
    pub(super) detector: String,
    pub(super) vpc: String,
    pub(super) subnet: String,
    pub(super) zone: String,
    /// The security group that lets nothing through, and the one that the instances share.
    pub(super) isolation_group: String,
    pub(super) internal_group: String,
    /// What a team of this account would have in its configuration: values that runbooks ask for.
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
    pub(super) responder: Responder,
    #[serde(default, rename = "remote")]
    pub(super) remotes: BTreeMap<String, Remote>,
    #[serde(default, rename = "instance")]
    pub(super) instances: Vec<Instance>,
    #[serde(default, rename = "role")]
    pub(super) roles: Vec<Role>,
    #[serde(default, rename = "user")]
    pub(super) users: Vec<User>,
    #[serde(default, rename = "bucket")]
    pub(super) buckets: Vec<Bucket>,
    #[serde(default, rename = "function")]
    pub(super) functions: Vec<Function>,
    #[serde(default, rename = "topic")]
    pub(super) topics: Vec<Topic>,
    #[serde(default, rename = "bus")]
    pub(super) buses: Vec<Bus>,
    #[serde(default, rename = "scaling")]
    pub(super) scaling: Vec<Scaling>,
    #[serde(default, rename = "target_group")]
    pub(super) target_groups: Vec<TargetGroup>,
    #[serde(default, rename = "machine")]
    pub(super) machines: Vec<Machine>,
    /// Identity Center, where it is administered from this account, and who may take on what.
    #[serde(default)]
    pub(super) identity_center: Option<Center>,
    #[serde(default, rename = "permission_set")]
    pub(super) permission_sets: Vec<PermissionSet>,
    #[serde(default, rename = "assignment")]
    pub(super) assignments: Vec<Assignment>,
    #[serde(default, rename = "remediation")]
    pub(super) remediations: Vec<Remediation>,
    #[serde(default, rename = "finding")]
    pub(super) findings: Vec<Finding>,
    #[serde(default, rename = "control")]
    pub(super) controls: Vec<Control>,
    /// Operations that the responder may not do, as IAM names them: `ssm:StartAutomationExecution`, `ssm:*`.
    #[serde(default)]
    pub(super) denied: Vec<String>,
    #[serde(default, rename = "fault")]
    pub(super) faults: Vec<Fault>,
}

/// A scenario that is another one with something wrong in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variation {
    base: String,
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default, rename = "fault")]
    faults: Vec<Fault>,
}

impl Scenario {
    /// The scenario of that name; the problem lists the names.
    pub fn named(name: &str) -> Result<Scenario, Problem> {
        match FILES.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::from_toml(text),
            None => Err(Problem::input(format!("there is no scenario called {}", crate::problem::clean(name)))
                .next(format!("use one of: {}", NAMES.join(", ")))),
        }
    }

    /// The names of the built-in scenarios, the default one first.
    pub fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// A scenario from its text: a whole one, or `base = "NAME"` with `denied` and `[[fault]]`, which is a built-in
    /// one with something wrong in it.
    pub fn from_toml(text: &str) -> Result<Scenario, Problem> {
        let unreadable = |e: toml::de::Error| {
            Problem::input(format!("the scenario could not be read: {}", crate::problem::clean(e.message())))
        };
        let table: toml::Table = toml::from_str(text).map_err(unreadable)?;
        if !table.contains_key("base") {
            return toml::from_str(text).map_err(unreadable);
        }
        let variation: Variation = toml::from_str(text).map_err(unreadable)?;
        let mut scenario = Self::named(&variation.base)?;
        scenario.denied.extend(variation.denied);
        scenario.faults.extend(variation.faults);
        Ok(scenario)
    }

    /// The shared group's id and name.
    pub(super) fn internal(&self) -> (String, String) {
        (self.internal_group.clone(), "internal".to_owned())
    }

    pub(super) fn detector_arn(&self) -> String {
        format!("arn:aws:guardduty:{}:{}:detector/{}", self.region, self.account, self.detector)
    }
}

/// The person who works in the account: an IAM user, and the role that it may take on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Responder {
    pub user: String,
    pub user_id: String,
    pub key: String,
    pub secret: String,
    pub role: String,
    pub role_id: String,
}

/// An address outside, with what GuardDuty says about it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remote {
    pub ip: String,
    pub country: String,
    pub code: String,
    pub city: String,
    pub lat: f64,
    pub lon: f64,
    pub asn: u32,
    pub org: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instance {
    pub id: String,
    pub kind: String,
    pub image: String,
    pub private_ip: String,
    pub public_ip: String,
    pub interface: String,
    /// Its second interface: that one has no public address.
    pub second: String,
    pub second_ip: String,
    pub group: String,
    pub group_name: String,
    pub role: String,
    pub profile_id: String,
    pub launched: Timestamp,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Whether EC2 refuses to stop it.
    #[serde(default)]
    pub protected: bool,
    /// Whether a shutdown from inside ends it, and does not only stop it.
    #[serde(default)]
    pub ends: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub name: String,
    pub id: String,
    #[serde(default = "root")]
    pub path: String,
    /// The service that may take it on.
    #[serde(default = "instances")]
    pub service: String,
}

fn root() -> String {
    "/".to_owned()
}

fn instances() -> String {
    "ec2.amazonaws.com".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub name: String,
    pub id: String,
    #[serde(default)]
    pub keys: Vec<Key>,
    /// Inline policies: name and document.
    #[serde(default)]
    pub policies: BTreeMap<String, String>,
}

/// An access key of a user. `used` is how long before the start it was used last.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    pub id: String,
    pub created: Timestamp,
    #[serde(default)]
    pub used: Option<SignedDuration>,
    #[serde(default)]
    pub service: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bucket {
    pub name: String,
    pub created: Timestamp,
    /// Anyone may read it at the start.
    #[serde(default)]
    pub public: bool,
}

/// A Lambda function, and what is reserved for it at the start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Function {
    pub name: String,
    pub role: String,
    pub changed: Timestamp,
    #[serde(default)]
    pub reserved: Option<u64>,
    /// Whether a run of it ends in an error.
    #[serde(default)]
    pub fails: bool,
}

/// A GuardDuty finding: there at the start (`began`, `seen` before it, `count`), arriving (`arrives` after it), or a
/// source of ever new findings (`spawn` is the mean time between two). `repeat` is the mean time between repeats.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finding {
    pub label: String,
    #[serde(rename = "type")]
    pub type_: String,
    pub severity: f64,
    pub title: String,
    pub description: String,
    #[serde(default)]
    pub began: Option<SignedDuration>,
    #[serde(default)]
    pub seen: Option<SignedDuration>,
    #[serde(default)]
    pub arrives: Option<SignedDuration>,
    #[serde(default)]
    pub repeat: Option<SignedDuration>,
    #[serde(default)]
    pub spawn: Option<SignedDuration>,
    #[serde(default = "one")]
    pub count: u64,
    #[serde(default)]
    pub archived: bool,
    pub resource: Target,
    pub action: Action,
    #[serde(default)]
    pub process: Option<Process>,
    /// An attack sequence: its resource and actor stand in the detection, not in the finding's resource.
    #[serde(default)]
    pub sequence: bool,
    #[serde(default)]
    pub feature: Option<String>,
    /// The finding type in the Security Finding Format's taxonomy.
    pub asff: String,
    /// GuardDuty's additionalInfo.
    #[serde(default)]
    pub more: BTreeMap<String, String>,
}

fn one() -> u64 {
    1
}

/// What a finding is about; several together make one finding of several resources.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Target {
    pub instance: Option<String>,
    pub bucket: Option<String>,
    pub user: Option<String>,
    pub role: Option<String>,
    pub key: Option<String>,
    pub group: Option<String>,
}

/// What was seen: a DNS name asked for, a connection, a probed port, or an API call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Action {
    pub dns: Option<String>,
    pub connect: Option<String>,
    pub probe: Option<u16>,
    pub api: Option<String>,
    pub protocol: Option<String>,
    pub local_port: Option<u16>,
    pub remote_port: Option<u16>,
    pub service: Option<String>,
    pub user_agent: Option<String>,
    pub error: Option<String>,
    /// Names of the scenario's remotes; a finding that is made anew picks one of them.
    pub remotes: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Process {
    pub name: String,
    pub path: String,
    pub pid: u32,
    pub user: String,
    pub user_id: u32,
    pub sha256: String,
    pub parent: String,
}

/// A failed security check, which only Security Hub has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    pub id: String,
    pub severity: String,
    pub title: String,
    pub description: String,
    pub resource: Target,
    pub began: SignedDuration,
    pub seen: SignedDuration,
}

/// Makes the calls `from` to `from + count - 1` (the first is 1) of an operation fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// As IAM names it: `guardduty:ListFindings`; or a step of an automation: `step:CreateImage`.
    pub operation: String,
    #[serde(default = "one")]
    pub from: u64,
    #[serde(default = "one")]
    pub count: u64,
    pub error: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FaultKind {
    Throttled,
    Denied,
    Expired,
    UnknownKey,
    Validation,
    NotFound,
    Internal,
    Unavailable,
    /// The connection is refused: surely nothing was done.
    Refused,
    /// The operation is done, but its answer never comes.
    Lost,
    /// The operation is done, and nothing comes, for ever.
    Hanging,
    /// The operation is done, but its answer breaks off.
    Truncated,
    /// The operation is done, but its answer can't be read.
    Garbled,
}

#[cfg(test)]
mod tests;
