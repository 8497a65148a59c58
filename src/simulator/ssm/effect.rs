//! What the steps do to the account, and what they back up before.

use super::document::{Values, tag};
use super::plan::{Does, Step, value};
use crate::simulator::account::{BucketState, GroupState, InstanceState, PublicBlock, RuleState, UserState};
use crate::simulator::scenario::FaultKind;
use crate::simulator::wire::seconds;
use crate::simulator::world::World;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

/// The inline policy that a containment attaches.
const DENY: &str = "AWSSupport-ContainIAMPrincipal-DenyOlderSessions";

/// How something was before it was contained.
#[derive(Clone, Debug)]
pub(super) enum Backup {
    Instance(String, InstanceState),
    User(String, UserState),
    Role(String, BTreeMap<String, String>),
    Bucket(String, BucketState),
}

/// The execution that a step belongs to, as far as steps look at it.
struct Context<'a> {
    world: &'a mut World,
    id: String,
    document: &'static str,
    parameters: Values,
    started: Timestamp,
    at: Timestamp,
}

/// Does what the step does at its end: its outputs, or why it failed.
pub(super) fn apply(world: &mut World, index: usize, step: Step, at: Timestamp) -> Result<Values, String> {
    let Some(execution) = world.automations.executions.get(index) else { return Ok(Values::new()) };
    // Another account is not simulated: what is done there shows nowhere.
    if execution.foreign {
        return Ok(Values::new());
    }
    let (id, document, started) = (execution.id.clone(), execution.document, execution.started);
    let parameters = execution.parameters.clone();
    // Instances and buckets are in the one Region; IAM is everywhere.
    let here = execution.region == world.scenario.region;
    // The account may have something in a step's way: `operation = "step:NAME"`.
    if let Some(kind) = world.gate.fault(&world.scenario.faults, &format!("step:{}", step.name)) {
        return Err(stumble(kind).to_owned());
    }
    let mut context = Context { world, id, document, parameters, started, at };
    match step.does {
        Does::Nothing | Does::Approve => Ok(Values::new()),
        Does::Validate => context.validate(),
        Does::FindInstance => context.instance(here).map(|_| Values::new()),
        Does::BackUpInstance | Does::BackUpPrincipal | Does::BackUpBucket => context.back_up(),
        Does::OpenInstance => context.isolate(false),
        Does::IsolateInstance => context.isolate(true),
        Does::StopInstance => context.instance(here).map(|i| i.running = false).map(|()| Values::new()),
        Does::FindPrincipal => context.find_principal(),
        Does::DisableKeys => context.user().map(|u| u.keys.iter_mut().for_each(|k| k.active = false)).map(none),
        Does::DisableConsole => context.user().map(|u| u.console = false).map(none),
        Does::DenyPrincipal => context.deny(),
        Does::FindBackupBucket => context.keeper("HeadBucket").map(|()| Values::new()),
        Does::FindBucket => context.bucket(here).map(|_| Values::new()),
        Does::CloseBucket => context.close_bucket(),
        Does::BlockPublic => context.block_public(here),
        Does::ReadBlock => context.read_block(here),
        Does::FindDatabase => Err(context.no_database()),
        Does::CollectLogs => context.collect_logs(here),
        Does::UploadLogs => Ok(context.upload_logs()),
        Does::RestoreInstance | Does::RestorePrincipal | Does::RestoreBucket => context.restore(),
        Does::Report => Ok(context.report()),
    }
}

/// What a step says that failed. The automation's own calls are told by the error that they came to.
fn stumble(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Denied => "An error occurred (AccessDenied): the automation is not authorized to perform this call",
        FaultKind::Throttled => "An error occurred (Throttling): Rate exceeded",
        _ => "An error occurred (InternalFailure): the request processing has failed",
    }
}

fn none(_: ()) -> Values {
    Values::new()
}

impl Context<'_> {
    fn parameter(&self, name: &str) -> &str {
        value(&self.parameters, name).unwrap_or_default()
    }

    /// What the reference calls conditional: needed for one action and not for the other.
    fn validate(&self) -> Result<Values, String> {
        let missing = |name: &str| self.parameter(name).is_empty();
        let restore = self.parameter("Action") == "Restore";
        let needed: &[&str] = match (restore, self.document) {
            (true, _) => &["BackupS3BucketName", "BackupS3KeyName"],
            (false, "AWSSupport-ContainS3Resource") => &["BucketRestrictAccess"],
            (false, _) => &[],
        };
        match needed.iter().find(|name| missing(name)) {
            Some(name) => Err(format!("{name} is required when Action is {}.", self.parameter("Action"))),
            None => Ok(Values::new()),
        }
    }

    fn instance(&mut self, here: bool) -> Result<&mut InstanceState, String> {
        let id = [self.parameter("InstanceId"), self.parameter("EKSInstanceId")].concat();
        let missing = format!(
            "An error occurred (InvalidInstanceID.NotFound) when calling the DescribeInstances operation: \
             The instance ID '{id}' does not exist"
        );
        self.world.account.instances.get_mut(&id).filter(|_| here).ok_or(missing)
    }

    fn bucket(&mut self, here: bool) -> Result<&mut BucketState, String> {
        let name = self.parameter("BucketName").to_owned();
        let missing = "An error occurred (NoSuchBucket) when calling the HeadBucket operation: \
                       The specified bucket does not exist";
        self.world.account.buckets.get_mut(&name).filter(|_| here).ok_or_else(|| missing.to_owned())
    }

    /// The account has no databases.
    fn no_database(&self) -> String {
        let id = self.parameter("DbiResourceId");
        format!(
            "DescribeDBInstances with the filter dbi-resource-id = {id} gives no DBInstances[0].DBInstanceIdentifier"
        )
    }

    fn user(&mut self) -> Result<&mut UserState, String> {
        let name = self.parameter("PrincipalName").to_owned();
        let missing = format!(
            "An error occurred (NoSuchEntity) when calling the GetUser operation: \
             The user with name {name} cannot be found."
        );
        self.world.account.users.get_mut(&name).ok_or(missing)
    }

    fn role(&mut self) -> Result<&mut BTreeMap<String, String>, String> {
        let name = self.parameter("PrincipalName").to_owned();
        let missing = format!(
            "An error occurred (NoSuchEntity) when calling the GetRole operation: \
             The role with name {name} cannot be found."
        );
        self.world.account.roles.get_mut(&name).ok_or(missing)
    }

    fn find_principal(&mut self) -> Result<Values, String> {
        match self.parameter("PrincipalType") {
            "IAM user" => self.user().map(|_| Values::new()),
            "IAM role" => self.role().map(|_| Values::new()),
            _ => Err("The account has no IAM Identity Center instance.".to_owned()),
        }
    }

    /// The bucket that was named, else one that the document makes.
    fn backup_bucket(&self) -> String {
        match self.parameter("BackupS3BucketName") {
            "" => {
                let suffix = self.world.chance.hex(&format!("backup {}", self.id), 0);
                format!("{}-{}", self.document.to_lowercase(), suffix.get(..12).unwrap_or_default())
            }
            named => named.to_owned(),
        }
    }

    /// `{year}/{month}/{day}/{hour}/{minute}/{automation_execution_id}.json` (runbook reference).
    fn backup_key(&self) -> String {
        format!("{}/{}.json", self.started.strftime("%Y/%m/%d/%H/%M"), self.id)
    }

    /// The bucket that was named for the backup must be there: one of the account, or one that a run has made.
    fn keeper(&self, call: &str) -> Result<(), String> {
        let name = self.parameter("BackupS3BucketName");
        let made = || self.world.automations.backups.keys().any(|(bucket, _)| bucket == name);
        match name.is_empty() || self.world.account.buckets.contains_key(name) || made() {
            true => Ok(()),
            false => Err(format!(
                "An error occurred (NoSuchBucket) when calling the {call} operation: the bucket {name} is not there"
            )),
        }
    }

    fn back_up(&mut self) -> Result<Values, String> {
        self.keeper("PutObject")?;
        let backup = match (self.document, self.parameter("PrincipalType")) {
            ("AWSSupport-ContainEC2Instance", _) => {
                Backup::Instance(self.parameter("InstanceId").to_owned(), self.instance(true)?.clone())
            }
            ("AWSSupport-ContainS3Resource", _) => {
                Backup::Bucket(self.parameter("BucketName").to_owned(), self.bucket(true)?.clone())
            }
            (_, "IAM role") => Backup::Role(self.parameter("PrincipalName").to_owned(), self.role()?.clone()),
            _ => Backup::User(self.parameter("PrincipalName").to_owned(), self.user()?.clone()),
        };
        self.make_bucket();
        let place = (self.backup_bucket(), self.backup_key());
        self.world.automations.backups.insert(place, backup);
        Ok(self.backup_place())
    }

    /// Where no bucket is named the document makes one, which nobody else can read.
    fn make_bucket(&mut self) {
        let (name, at) = (self.backup_bucket(), self.at);
        let block = Some(PublicBlock::ALL);
        let made = BucketState { created: at, public: false, policy: None, block, contained: false };
        self.world.account.buckets.entry(name).or_insert(made);
    }

    fn backup_place(&self) -> Values {
        Values::from([
            ("BackupS3BucketName".to_owned(), vec![self.backup_bucket()]),
            ("BackupS3KeyName".to_owned(), vec![self.backup_key()]),
        ])
    }

    /// First the group that lets everything through, so that tracked connections end; then the one that lets nothing.
    fn isolate(&mut self, closed: bool) -> Result<Values, String> {
        let name = if closed { "containment" } else { "all-access" };
        let random = self.world.chance.hex(&format!("group {name} {}", self.id), 0);
        let id = format!("sg-{}", random.get(..17).unwrap_or_default());
        let name = format!("{name}_{}", self.id.get(..8).unwrap_or_default());
        let label = tag(self.parameter("TagIdentifier")).map(|(k, v)| (k.to_owned(), v.to_owned()));
        let rules = if closed { Vec::new() } else { vec![RuleState::ALL] };
        let group = GroupState { name: name.clone(), ingress: rules.clone(), egress: rules };
        let instance = self.instance(true)?;
        instance.groups = vec![(id.clone(), name)];
        instance.second = instance.groups.clone();
        instance.contained = closed;
        instance.tags.extend(label.filter(|_| closed));
        self.world.account.groups.insert(id.clone(), group);
        Ok(Values::from([("SecurityGroupId".to_owned(), vec![id])]))
    }

    fn deny(&mut self) -> Result<Values, String> {
        let text = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": { "DateLessThan": { "aws:TokenIssueTime": seconds(self.at) } },
        }] })
        .to_string();
        let policies = match self.parameter("PrincipalType") {
            "IAM role" => self.role()?,
            _ => &mut self.user()?.policies,
        };
        policies.insert(DENY.to_owned(), text);
        Ok(Values::from([("PolicyName".to_owned(), vec![DENY.to_owned()])]))
    }

    fn close_bucket(&mut self) -> Result<Values, String> {
        let policy = self.closing_policy().to_string();
        let bucket = self.bucket(true)?;
        (bucket.block, bucket.policy, bucket.contained) = (Some(PublicBlock::ALL), Some(policy), true);
        Ok(Values::new())
    }

    fn block_public(&mut self, here: bool) -> Result<Values, String> {
        let on = |name: &str| self.parameter(name) == "true";
        let block = PublicBlock {
            block_acls: on("BlockPublicAcls"),
            ignore_acls: on("IgnorePublicAcls"),
            block_policy: on("BlockPublicPolicy"),
            restrict: on("RestrictPublicBuckets"),
        };
        self.bucket(here)?.block = Some(block);
        Ok(Values::new())
    }

    fn read_block(&mut self, here: bool) -> Result<Values, String> {
        let block = self.bucket(here)?.block.unwrap_or_default();
        let text = json!({ "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": block.block_acls,
            "IgnorePublicAcls": block.ignore_acls,
            "BlockPublicPolicy": block.block_policy,
            "RestrictPublicBuckets": block.restrict,
        } });
        Ok(Values::from([("Output".to_owned(), vec![text.to_string()])]))
    }

    /// The agent on a host that is cut off or stopped gets no command.
    fn collect_logs(&mut self, here: bool) -> Result<Values, String> {
        let archive = self.archive();
        let id = self.parameter("EKSInstanceId").to_owned();
        let instance = self.instance(here)?;
        if instance.contained || !instance.running {
            return Err(format!(
                "An error occurred (InvalidInstanceId) when calling the SendCommand operation: \
                 Instances [[{id}]] not in a valid state for account"
            ));
        }
        Ok(Values::from([("Output".to_owned(), vec![format!("Done... your bundled logs are located in {archive}")])]))
    }

    /// Nothing goes into a bucket that everybody can read.
    fn upload_logs(&self) -> Values {
        let name = self.parameter("LogDestination");
        let open = self.world.account.buckets.get(name).is_some_and(|b| b.public && !b.closed());
        let archive = self.archive();
        let text = match open {
            true => format!("The bucket {name} is public: the archive {archive} was not uploaded."),
            false => format!("upload: {archive} to s3://{name}{}", archive.trim_start_matches("/var/log")),
        };
        Values::from([("Output".to_owned(), vec![text])])
    }

    fn archive(&self) -> String {
        format!(
            "/var/log/eks_{}_{}.tar.gz",
            self.parameter("EKSInstanceId"),
            self.started.strftime("%Y-%m-%d_%H%M-UTC")
        )
    }

    fn restore(&mut self) -> Result<Values, String> {
        let place = (self.parameter("BackupS3BucketName").to_owned(), self.parameter("BackupS3KeyName").to_owned());
        let missing = "An error occurred (NoSuchKey) when calling the GetObject operation: \
                       The specified key does not exist.";
        let backup = self.world.automations.backups.get(&place).cloned().ok_or(missing)?;
        let target =
            [self.parameter("InstanceId"), self.parameter("PrincipalName"), self.parameter("BucketName")].concat();
        let other = || Err("The backup is one of another resource.".to_owned());
        match backup {
            Backup::Instance(id, state) if id == target => {
                let InstanceState { running, settles, profile, standby, placed, .. } = self.instance(true)?.clone();
                *self.instance(true)? = InstanceState { running, settles, profile, standby, placed, ..state };
            }
            Backup::Bucket(name, state) if name == target => *self.bucket(true)? = state,
            Backup::Role(name, policies) if name == target => *self.role()? = policies,
            Backup::User(name, state) if name == target => {
                let activate = self.parameter("ActivateDisabledKeys") == "true";
                let user = self.user()?;
                user.policies = state.policies;
                // A password can't be read, so it can't be given back.
                if activate {
                    user.keys = state.keys;
                }
            }
            _ => return other(),
        }
        Ok(Values::from([("Output".to_owned(), vec![self.summary("restored")])]))
    }

    /// The report of a run: for a dry run what would be done, else what was done and where the backup is.
    fn report(&self) -> Values {
        let dry = self.parameter("DryRun") == "true";
        let verb = if self.parameter("Action") == "Restore" { "would be restored" } else { "would be contained" };
        let text = if dry { self.summary(verb) } else { self.summary("contained") };
        Values::from([("Output".to_owned(), vec![text])])
    }

    /// The policy of a closed bucket, as a dry run shows it: who still may.
    fn closing_policy(&self) -> serde_json::Value {
        let bucket = format!("arn:aws:s3:::{}", self.parameter("BucketName"));
        let keep = self.parameters.get("BucketRestrictAccess").cloned().unwrap_or_default();
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket, format!("{bucket}/*")],
            "Condition": { "ArnNotEquals": { "aws:PrincipalArn": keep } },
        }] })
    }

    fn summary(&self, state: &str) -> String {
        let target =
            [self.parameter("InstanceId"), self.parameter("PrincipalName"), self.parameter("BucketName")].concat();
        let mut summary = json!({ "Action": self.parameter("Action"), "Target": target, "State": state });
        if let (Some(object), "contained") = (summary.as_object_mut(), state) {
            object.insert("BackupS3BucketName".to_owned(), json!(self.backup_bucket()));
            object.insert("BackupS3KeyName".to_owned(), json!(self.backup_key()));
        }
        if let (Some(object), "AWSSupport-ContainS3Resource", "would be contained") =
            (summary.as_object_mut(), self.document, state)
        {
            object.insert("Policy".to_owned(), self.closing_policy());
        }
        summary.to_string()
    }
}
