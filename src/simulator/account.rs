//! The account's own things (instances, users, roles, buckets) in the state that they are in now.

use super::clock::earlier;
use super::policy::Policy;
use super::scenario::{Action, Scenario, Target};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What the account holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub instances: BTreeMap<String, InstanceState>,
    pub users: BTreeMap<String, UserState>,
    /// Inline policies of roles, by role and policy name.
    pub roles: BTreeMap<String, BTreeMap<String, String>>,
    /// When a role was last taken on, and where.
    pub role_uses: BTreeMap<String, (Timestamp, String)>,
    /// When users and roles were made.
    pub made: Timestamp,
    pub buckets: BTreeMap<String, BucketState>,
    /// The account's own block of public access, once there is one.
    pub block: Option<PublicBlock>,
    /// Trust policies of roles that have been given another one.
    pub trusts: BTreeMap<String, String>,
    pub functions: BTreeMap<String, FunctionState>,
    /// What was published under which deduplication id: topic and id, the message's id and its number.
    pub published: BTreeMap<(String, String), (String, u64)>,
    /// Runs of state machines, by their ARN.
    pub runs: BTreeMap<String, RunState>,
    /// The last remediation of a resource, by rule, type and id: when it began and when it ends.
    pub remedied: BTreeMap<(String, String, String), (Timestamp, Timestamp)>,
    /// Assignments of Identity Center, by permission set, account, principal's type and id, and what was asked of them.
    pub assigned: BTreeSet<(String, String, String, String)>,
    pub turns: BTreeMap<String, Turn>,
    /// Rule groups of the DNS Firewall that the VPC has.
    pub firewall: Vec<super::resolver::Association>,
    /// Security groups, by id.
    pub groups: BTreeMap<String, GroupState>,
    /// How many instances the Auto Scaling groups want that have been changed.
    pub desired: BTreeMap<String, i64>,
    /// Who stands in the target groups, by instance and port, and when who is on the way out is gone.
    pub targets: BTreeMap<String, BTreeMap<(String, u16), Option<Timestamp>>>,
    /// Snapshots, by id.
    pub snapshots: BTreeMap<String, SnapshotState>,
    /// Tags of what is neither an instance nor a snapshot, by its id.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// An instance: the security groups of its primary interface as id and name, those of its second one, and whether they
/// are the quarantine's.
#[derive(Clone, Debug)]
pub(super) struct InstanceState {
    pub groups: Vec<(String, String)>,
    pub second: Vec<(String, String)>,
    pub contained: bool,
    pub running: bool,
    /// When it has come up, or gone down.
    pub settles: Timestamp,
    /// Whether it is on standby in its group, and when it is there, or in service again.
    pub standby: bool,
    pub placed: Timestamp,
    pub tags: BTreeMap<String, String>,
    pub profile: Option<ProfileState>,
    /// Whether its metadata service is on, and whether it wants a token; when that is in force.
    pub metadata: (bool, bool),
    pub applied: Timestamp,
    /// Whether a shutdown from inside ends it.
    pub ends: bool,
}

impl InstanceState {
    /// An instance as a scenario begins with it.
    fn of(i: &super::scenario::Instance, scenario: &Scenario, start: Timestamp) -> Self {
        let groups = vec![(i.group.clone(), i.group_name.clone())];
        let association = super::ec2::profiles::first(&i.id);
        Self {
            second: [groups.clone(), vec![scenario.internal()]].concat(),
            groups,
            contained: false,
            running: true,
            settles: start,
            standby: false,
            placed: start,
            tags: i.tags.clone(),
            profile: Some(ProfileState { association, name: i.role.clone(), settles: start, losing: false }),
            metadata: (true, false),
            applied: start,
            ends: i.ends,
        }
    }

    /// The state's code and name (Amazon EC2 API Reference, "InstanceState").
    pub fn stage(&self, now: Timestamp) -> (&'static str, &'static str) {
        match (self.running, self.settles > now) {
            (true, true) => ("0", "pending"),
            (true, false) => ("16", "running"),
            (false, true) => ("64", "stopping"),
            (false, false) => ("80", "stopped"),
        }
    }
}

/// The instance profile of an instance: by which association, and when it has got or lost it.
#[derive(Clone, Debug)]
pub(super) struct ProfileState {
    pub association: String,
    pub name: String,
    pub settles: Timestamp,
    pub losing: bool,
}

/// A snapshot of a volume.
#[derive(Clone, Debug)]
pub(super) struct SnapshotState {
    pub volume: String,
    pub description: String,
    pub taken: Timestamp,
    pub tags: BTreeMap<String, String>,
}

/// A security group: what it lets in and out.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupState {
    pub name: String,
    pub ingress: Vec<RuleState>,
    pub egress: Vec<RuleState>,
}

impl GroupState {
    /// Whether nothing comes through.
    pub fn is_closed(&self) -> bool {
        self.ingress.is_empty() && self.egress.is_empty()
    }
}

/// What a security group lets through: a protocol (`-1` is all), its ports, and the addresses at the other end, or the
/// group itself where there are none.
#[derive(Clone, Debug)]
pub(super) struct RuleState {
    pub protocol: &'static str,
    pub ports: Option<(u16, u16)>,
    pub cidr: Option<&'static str>,
}

impl RuleState {
    /// What a new group lets out, and some groups let in: everything.
    pub const ALL: Self = Self { protocol: "-1", ports: None, cidr: Some("0.0.0.0/0") };
    const SSH: Self = Self { protocol: "tcp", ports: Some((22, 22)), cidr: Some("10.0.0.0/8") };
    const AMONG_THEMSELVES: Self = Self { protocol: "-1", ports: None, cidr: None };
}

#[derive(Clone, Debug)]
pub(super) struct UserState {
    pub id: String,
    pub keys: Vec<KeyState>,
    pub policies: BTreeMap<String, String>,
    pub console: bool,
}

#[derive(Clone, Debug)]
pub(super) struct KeyState {
    pub id: String,
    pub created: Timestamp,
    pub active: bool,
    pub used: Option<(Timestamp, String, String)>,
}

/// A function: the role that it runs under, when it was changed last, and the concurrency that is reserved for it.
#[derive(Clone, Debug)]
pub(super) struct FunctionState {
    pub role: String,
    pub changed: String,
    pub reserved: Option<u64>,
    /// Whether a run of it ends in an error.
    pub fails: bool,
}

/// An assignment that is made or taken away, and when that is over.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub of: (String, String, String, String),
    pub makes: bool,
    pub started: Timestamp,
    pub ends: Timestamp,
    /// Why it will fail, if it will.
    pub fails: Option<&'static str>,
}

/// A run of a state machine.
#[derive(Clone, Debug)]
pub(super) struct RunState {
    pub machine: String,
    pub name: String,
    pub input: String,
    pub started: Timestamp,
    pub ends: Timestamp,
    pub fails: bool,
    /// The error and the cause of whoever stopped it.
    pub stopped: Option<(Option<String>, Option<String>)>,
}

#[derive(Clone, Debug)]
pub(super) struct BucketState {
    pub created: Timestamp,
    /// Open to the world by its policy.
    pub public: bool,
    pub policy: Option<String>,
    /// Its own block of public access, once there is one.
    pub block: Option<PublicBlock>,
    pub contained: bool,
}

impl BucketState {
    /// Whether its block keeps strangers out, whatever its policy says.
    pub fn closed(&self) -> bool {
        self.block.is_some_and(PublicBlock::closes)
    }
}

/// The four switches of a bucket's public access block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PublicBlock {
    pub block_acls: bool,
    pub ignore_acls: bool,
    pub block_policy: bool,
    pub restrict: bool,
}

impl PublicBlock {
    pub const ALL: Self = Self { block_acls: true, ignore_acls: true, block_policy: true, restrict: true };

    /// Whether a public policy opens nothing any more; the other switches are about ACLs and about new policies.
    pub fn closes(self) -> bool {
        self.restrict
    }
}

impl Account {
    pub fn new(scenario: &Scenario, start: Timestamp) -> Self {
        let made = earlier(start, jiff::SignedDuration::from_hours(24 * 400));
        let mut account = Self { made, ..Self::default() };
        let instances = scenario.instances.iter();
        account.instances = instances.map(|i| (i.id.clone(), InstanceState::of(i, scenario, start))).collect();
        for user in &scenario.users {
            let used = |k: &super::scenario::Key| {
                let at = start.checked_sub(k.used?).ok()?;
                Some((at, k.service.clone().unwrap_or_default(), k.region.clone().unwrap_or_default()))
            };
            let keys = user.keys.iter().map(|k| KeyState {
                id: k.id.clone(),
                created: k.created,
                active: true,
                used: used(k),
            });
            let state =
                UserState { id: user.id.clone(), keys: keys.collect(), policies: user.policies.clone(), console: true };
            account.users.insert(user.name.clone(), state);
        }
        account.add_responder(scenario, start);
        account.add_groups(scenario);
        for role in &scenario.roles {
            account.roles.insert(role.name.clone(), BTreeMap::new());
        }
        for group in &scenario.target_groups {
            let targets = group.instances.iter().map(|id| ((id.clone(), group.port), None)).collect();
            account.targets.insert(group.name.clone(), targets);
        }
        account.assigned.extend(scenario.assignments.iter().map(|a| a.key(&scenario.account)));
        for f in &scenario.functions {
            let changed = f.changed.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
            let state = FunctionState { role: f.role.clone(), changed, reserved: f.reserved, fails: f.fails };
            account.functions.insert(f.name.clone(), state);
        }
        for b in &scenario.buckets {
            let policy = b.public.then(|| super::s3::policies::public(&b.name));
            let (created, public) = (b.created, b.public);
            let state = BucketState { created, public, policy, block: None, contained: false };
            account.buckets.insert(b.name.clone(), state);
        }
        account
    }

    /// The groups of the instances, one that they share, and the one that isolates.
    fn add_groups(&mut self, scenario: &Scenario) {
        let (shared, among) = (scenario.internal(), vec![RuleState::AMONG_THEMSELVES]);
        let group = |name: &str, ingress, egress| GroupState { name: name.to_owned(), ingress, egress };
        self.groups.insert(shared.0, group(&shared.1, among, Vec::new()));
        self.groups.insert(scenario.isolation_group.clone(), group("quell-isolation", Vec::new(), Vec::new()));
        for i in &scenario.instances {
            let open = group(&i.group_name, vec![RuleState::SSH], vec![RuleState::ALL]);
            self.groups.insert(i.group.clone(), open);
        }
    }

    fn add_responder(&mut self, scenario: &Scenario, start: Timestamp) {
        let r = &scenario.responder;
        let key = KeyState {
            id: r.key.clone(),
            created: earlier(start, jiff::SignedDuration::from_hours(24 * 12)),
            active: true,
            used: None,
        };
        let state = UserState { id: r.user_id.clone(), keys: vec![key], policies: BTreeMap::new(), console: true };
        self.users.insert(r.user.clone(), state);
        self.roles.insert(r.role.clone(), BTreeMap::new());
    }

    /// Whether what a finding saw can't go on: its instance is cut off, its key or principal is shut out, its bucket
    /// closed. What a sensor on the host sees goes on, and so do credentials that were stolen before.
    pub fn stops(&self, target: &Target, action: &Action, on_host: bool) -> bool {
        if let Some(role) = &target.role {
            return self.shut_out(self.roles.get(role)) || self.closed(target);
        }
        if let Some(user) = &target.user {
            return self.user_stopped(user, target.key.as_deref()) || self.closed(target);
        }
        if let Some(bucket) = &target.bucket {
            // Of the account's block and the bucket's own the stricter holds.
            let whole = self.block.is_some_and(PublicBlock::closes);
            return self.buckets.get(bucket).is_some_and(|b| whole || b.closed() || b.contained);
        }
        let network = action.dns.is_some() || action.connect.is_some() || action.probe.is_some();
        let instance = target.instance.as_ref().and_then(|id| self.instances.get(id));
        let cut = network && !on_host && instance.is_some_and(|i| i.contained);
        cut || instance.is_some_and(|i| !i.running)
    }

    fn user_stopped(&self, user: &str, key: Option<&str>) -> bool {
        let Some(user) = self.users.get(user) else { return false };
        let inactive = match key {
            Some(id) => user.keys.iter().any(|k| k.id == id && !k.active),
            None => !user.console,
        };
        inactive || self.shut_out(Some(&user.policies))
    }

    fn shut_out(&self, policies: Option<&BTreeMap<String, String>>) -> bool {
        let denies = |text: &String| Policy::parse(text).is_some_and(|p| p.denies_all());
        policies.is_some_and(|p| p.values().any(denies))
    }

    fn closed(&self, target: &Target) -> bool {
        target.bucket.as_ref().and_then(|b| self.buckets.get(b)).is_some_and(|b| b.contained)
    }
}
