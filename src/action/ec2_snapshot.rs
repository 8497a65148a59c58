//! Snapshots of all EBS volumes of an instance, at one moment, before anything else touches it. They are evidence, so
//! nothing undoes them: they stay until somebody deletes them by hand.
//!
//! EC2 has no client token for them; so each bears one in its description, by which they are found again after an
//! unknown outcome. It has worked once EC2 has taken the call, since what a snapshot holds is of that moment; whether
//! it is copied to its end is what reading back says.

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{known, refuse};
use super::instance;
use super::kind::{Action, Keys, KindInfo, Operations};
use super::kms;
use super::progress::Progress;
use super::request::Request;
use super::seal::{self, Seal};
use super::setting::{Draft, only, planned};
use super::target::target;
use crate::aws::ec2::{Change, Instance, Snapshot};
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Found, Link, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::{Arn, InstanceId, SnapshotId};
use quell_core::text::{Id, Untrusted};
use serde_json::json;

/// The kind `ec2-snapshot`.
pub(super) struct Ec2Snapshot;

static INFO: KindInfo = KindInfo {
    name: "ec2-snapshot",
    title: "Take snapshots of an EC2 instance's volumes",
    parameters: &[instance::PARAMETER],
    operations: Operations {
        read: &[("EC2", "DescribeInstances"), ("EC2", "DescribeSnapshots"), ("EC2", "DescribeVolumes")],
        consume: &[],
        mutate: &[("EC2", "CreateSnapshots")],
    },
    permissions: &["ec2:CreateTags"],
    danger: 1,
    destroys: "",
};

const OPERATION: &str = "CreateSnapshots";
const CREATE: &str = "ec2:CreateSnapshots";
/// The fact that is read again before the call.
const VOLUMES: &str = "volumes";
/// The fact that says what the snapshots bear beside the plan's own members.
const MARK: &str = "sent with";
const LOUD: &str = "a description and a tag that name this action's record, and the finding";
const QUIET: &str = "a description that is this action's token and nothing else, no tag: quiet";
const UNREADABLE: &str = "the plan can't be read";
/// EC2's limit of a tag's value.
const VALUE: usize = 256;

const WARNINGS: [&str; 6] = [
    "They do NOT hold memory, nor instance-store volumes: capture those first where they matter, before a stop.",
    "All volumes are of one moment, as after a power cut: what the guest had not written to disk yet is not in them. That \
     moment is the call's: the next step may follow at once, while the copying goes on for minutes or hours.",
    "The snapshot of an encrypted volume has the same KMS key: while the key is disabled, nobody can read it.",
    "Whoever holds the account can delete them. Copy them to an account of their own: share them (modify-snapshot-attribute) \
     and copy them there; under the AWS managed key they can't be shared, so copy them under a customer managed key first.",
    "They cost what they store, month by month, until somebody deletes them: quell does not.",
    "An intruder who can read the account sees them.",
];

fn volumes(instance: &Instance) -> Fact {
    let line = |(device, id): &(Untrusted, Untrusted)| format!("{} {}", device.line(), id.line());
    let mut all: Vec<String> = instance.volumes.iter().map(line).collect();
    all.sort();
    Fact::new(VOLUMES, all.join(", "))
}

/// The fact that names the root volume, whose snapshot what follows is mostly about.
const ROOT: &str = "root volume";

fn root(instance: &Instance) -> Option<Fact> {
    let device = instance.root.as_ref()?;
    let (_, id) = instance.volumes.iter().find(|(known, _)| known == device)?;
    Some(Fact::new(ROOT, id.clone()))
}

fn request_of(instance: &Id<InstanceId>) -> PlannedRequest {
    let input = json!({ "InstanceSpecification": { "InstanceId": instance.as_str() } });
    PlannedRequest { service: "ec2".to_owned(), operation: OPERATION.to_owned(), input }
}

/// The instance of a plan's one call.
fn of(plan: &Plan) -> Option<Id<InstanceId>> {
    let id = only(plan, "ec2", OPERATION)?.pointer("/InstanceSpecification/InstanceId")?.as_str()?;
    let id = Id::new(id).ok()?;
    (plan.requests.as_slice() == [request_of(&id)]).then_some(id)
}

async fn planning(reader: &Reader, request: &Request) -> Result<Plan, Problem> {
    known(&INFO, request)?;
    let id = instance::named(request, "kept")?;
    let target = target(request, id.as_str())?;
    calls::caller(reader, &target).await?;
    let seen = instance::described(reader, &id).await?;
    if instance::is_gone(&seen) || seen.volumes.is_empty() {
        let state = seen.state.line();
        return Err(refuse(format!("{id} is {state} and has no EBS volume to take a snapshot of"))
            .next("look for volumes that it had, and for older snapshots of them"));
    }
    let (dry, refused) = instance::dry_run(reader, &[Change::snapshots(id.as_str(), "", &[])]).await;
    let state = seen.state.clone();
    let mut facts = vec![volumes(&seen), Fact::new("instance", state), dry];
    facts.extend(root(&seen));
    facts.extend(instance::facts(&seen));
    facts.extend(request.finding.as_ref().map(|finding| Fact::new("finding", finding.id.clone())));
    facts.push(Fact::new(MARK, if request.quiet { QUIET } else { LOUD }));
    let mut warnings: Vec<String> = refused.into_iter().collect();
    warnings.extend(WARNINGS.map(str::to_owned));
    let (keys, said) = instance::keys(reader, &target, &id).await;
    facts.extend(keys);
    warnings.extend(said);
    let undo = "Nothing undoes it: evidence is kept. Delete the snapshots by hand once nobody needs them.".to_owned();
    let call = request_of(&id);
    Draft { target, call, facts, danger: INFO.danger, destroys: Vec::new(), warnings, undo }.plan(request)
}

/// What the snapshots bear: a description, and tags.
struct Marks {
    description: String,
    tags: Vec<(&'static str, String)>,
}

impl Marks {
    fn of(plan: &Plan, id: &Id<InstanceId>, token: &str, action: &Link) -> Self {
        if planned(plan, MARK) == Some(&QUIET.into()) {
            return Self { description: token.to_owned(), tags: Vec::new() };
        }
        let record = format!("{}:{}", action.0, action.1);
        // What is none of AWS's own ids was written by somebody else, and is nothing to be put on a snapshot.
        let finding = planned(plan, "finding").and_then(|text| text.parse::<Arn>().ok());
        let finding = finding.map(|arn| arn.as_str().to_owned()).filter(|arn| arn.len() <= VALUE);
        let description = format!("quell: evidence of {id}, record {record}, action {token}");
        let mut tags = vec![("quell:record", record), ("quell:instance", id.as_str().to_owned())];
        tags.extend(finding.map(|arn| ("quell:finding", arn)));
        Self { description, tags }
    }

    fn change(&self, id: &Id<InstanceId>) -> Change {
        let tags: Vec<(&str, &str)> = self.tags.iter().map(|(key, value)| (*key, value.as_str())).collect();
        Change::snapshots(id.as_str(), &self.description, &tags)
    }
}

/// The snapshots, made.
async fn take(writer: &Writer, plan: &Plan, id: &Id<InstanceId>) -> Result<(Vec<Snapshot>, Vec<Untrusted>), Outcome> {
    let marks = Marks::of(plan, id, writer.token(), writer.action());
    match writer.ec2().create_snapshots(&marks.change(id)).await {
        Ok(answer) => {
            let ids = calls::request_ids(&answer);
            Ok((answer.value, ids))
        }
        Err(error) => Err(writer.outcome(CREATE, &error)),
    }
}

fn fact(one: &Snapshot) -> Fact {
    let progress = one.progress.as_ref().map(|progress| format!(" {}", progress.line())).unwrap_or_default();
    let encrypted = if one.encrypted { ", encrypted" } else { "" };
    let value = format!("of {}: {}{progress}{encrypted}", one.volume.line(), one.state.line());
    Fact::new(format!("snapshot {}", one.id.line()), value)
}

/// EC2 gives them in no order.
fn ordered(mut made: Vec<Snapshot>) -> Vec<Snapshot> {
    made.sort_by(|a, b| (&a.volume, &a.id).cmp(&(&b.volume, &b.id)));
    made
}

fn done(plan: &Plan, id: &Id<InstanceId>, made: Vec<Snapshot>, request_ids: Vec<Untrusted>) -> Outcome {
    let made = ordered(made);
    let root = planned(plan, ROOT).and_then(|volume| made.iter().find(|one| one.volume == *volume));
    let root = root.map(|one| Fact::new("root snapshot", one.id.clone()));
    let all: Vec<String> = made.iter().map(|one| one.id.line().into_string()).collect();
    Outcome::Succeeded {
        outcome: format!("snapshots of {id} are being taken, of this moment: {}", all.join(", ")).into(),
        request_ids,
        undo: None,
        facts: made.iter().map(fact).chain(root).collect(),
    }
}

/// The plan's volumes of which there is no snapshot among these.
fn missing(plan: &Plan, made: &[Snapshot]) -> Vec<String> {
    let volumes = planned(plan, VOLUMES).map(|fact| fact.line().into_string()).unwrap_or_default();
    let ids = volumes.split(", ").filter_map(|one| one.rsplit(' ').next());
    let left = ids.filter(|id| !made.iter().any(|one| one.volume == Untrusted::from(*id)));
    left.map(str::to_owned).collect()
}

async fn read_back(reader: &Reader, plan: &Plan, outcome: &Outcome) -> Verified {
    let Outcome::Succeeded { facts, .. } = outcome else { return calls::unverified("no snapshot is known") };
    let id = |fact: &Fact| Id::<SnapshotId>::new(fact.name.line().as_str().strip_prefix("snapshot ")?).ok();
    let ids: Vec<Id<SnapshotId>> = facts.iter().filter_map(id).collect();
    let names: Vec<&str> = ids.iter().map(Id::as_str).collect();
    let made = match reader.ec2().describe_snapshots("snapshot-id", &names).await {
        Ok(made) => ordered(made),
        Err(error) => return calls::unverified(calls::problem(&error, reader, "ec2:DescribeSnapshots").headline()),
    };
    let mut facts: Vec<Fact> = made.iter().map(fact).collect();
    let is = |one: &Snapshot, state: &str| one.state == Untrusted::from(state);
    let lost = missing(plan, &made);
    facts.extend((!lost.is_empty()).then(|| Fact::new("no snapshot of", lost.join(", "))));
    let holds = match made.iter().any(|one| is(one, "error")) || !lost.is_empty() {
        true => Some(false),
        false if made.iter().all(|one| is(one, "completed")) => Some(true),
        false => {
            facts.push(Fact::new("not verified", "the copying goes on; what they hold is of the call's moment"));
            None
        }
    };
    Verified { holds, facts }
}

impl Action for Ec2Snapshot {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(planning(reader, request))
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["nothing: the instance runs on; reading its volumes may be slower meanwhile".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(id) = of(plan) else { return not_sent(UNREADABLE) };
            match instance::described(reader, &id).await {
                Err(problem) => return not_sent(format!("it could not be read again: {}", problem.headline())),
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &[volumes(&now)]) {
                        return stopped;
                    }
                }
            }
            progress.step(format!("snapshots of {id}"), 0, 1);
            match take(&writer, plan, &id).await {
                Ok((made, ids)) => done(plan, &id, made, ids),
                Err(outcome) => outcome,
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(id) = of(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            let named = format!("*{}", token.as_str());
            match reader.ec2().describe_snapshots("description", &[&named]).await {
                Err(error) => {
                    Found::CannotTell(calls::problem(&error, reader, "ec2:DescribeSnapshots").headline().into())
                }
                // EC2's lists may be some seconds old.
                Ok(made) if made.is_empty() => {
                    let why = "no snapshot bears this action's token, at least not yet; planning again is safe, and at \
                               worst costs a second set";
                    Found::CannotTell(why.into())
                }
                Ok(made) => Found::Ended(done(plan, &id, made, Vec::new())),
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(read_back(reader, plan, outcome))
    }

    fn tags(&self, plan: &Plan) -> bool {
        planned(plan, MARK) != Some(&QUIET.into())
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        let all =
            plan.facts.iter().find(|fact| fact.name == VOLUMES.into()).map(|fact| fact.value.line().into_string());
        all.unwrap_or_default().split([' ', ',']).filter(|word| word.starts_with("vol-")).map(Untrusted::from).collect()
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let (partition, region) = (plan.target.partition.line(), plan.target.region.line());
        let instance =
            seal::arn(plan, "ec2", &format!("instance/{}", seal::exact(plan.target.resource.line().as_str())));
        let snapshots = format!("arn:{partition}:ec2:{region}::snapshot/*");
        let on = vec![instance, seal::arn(plan, "ec2", "volume/*"), snapshots.clone()];
        let tag = seal::Grant::new("ec2:CreateTags", vec![snapshots]).when("ec2:CreateAction", OPERATION);
        let mut grants = vec![seal::Grant::new(CREATE, on)];
        grants.extend(self.tags(plan).then_some(tag));
        Seal::Only(grants).and(kms::grants(&kms::EBS, plan))
    }

    fn sends(&self, plan: &Plan, token: &Token, action: &Link) -> Vec<PlannedRequest> {
        let Some(id) = of(plan) else { return plan.requests.clone() };
        let marks = Marks::of(plan, &id, token.as_str(), action);
        let tag = |(key, value): &(&str, String)| json!({ "Key": key, "Value": value });
        let tags: Vec<_> = marks.tags.iter().map(tag).collect();
        let mut members = vec![("Description", json!(marks.description))];
        if !tags.is_empty() {
            members.push(("TagSpecifications", json!([{ "ResourceType": "snapshot", "Tags": tags }])));
        }
        plan.requests.iter().map(|request| request.with(&members)).collect()
    }

    fn keys(&self) -> Option<&'static Keys> {
        Some(&kms::EBS)
    }

    fn undo(&self, _plan: &Plan, _outcome: &Outcome) -> Option<Request> {
        None
    }
}
