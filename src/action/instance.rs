//! What the kinds that act on an EC2 instance have in common: which one it is, what there is of it, what would be said
//! of it in each of them.

use super::calls;
use super::fields::{id, refuse, text};
use super::kind::Parameter;
use super::kms;
use super::request::Request;
use crate::aws::ec2::{Change, Instance};
use crate::aws::{ErrorClass, Failure, Reader};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, Target};
use quell_core::text::id::{Arn, InstanceId};
use quell_core::text::{Grammar, Id, Untrusted};

/// The field by which an instance is named.
pub(super) const PARAMETER: Parameter =
    Parameter { name: "instance", required: false, what: "the instance's id; else the finding's" };

/// The tag that Auto Scaling puts on its instances; whoever writes tags may write it too, so it only warns.
const SCALED: &str = "aws:autoscaling:groupName";

/// What a plan says of the instance that quell runs on.
pub(super) const OWN: &str = "quell itself runs on this instance: after the call it may reach nothing more.";

/// The instance that is named, else the finding's; `what` is to be done with it.
pub(super) fn named(request: &Request, what: &str) -> Result<Id<InstanceId>, Problem> {
    let named = text(request, PARAMETER.name)?.map(|word| &word.text);
    let found = || request.finding.as_ref().and_then(|finding| finding.resource.id.as_ref());
    let instance = named.or_else(found).ok_or_else(|| {
        refuse("no instance is named").next(format!("give instance: the id of the EC2 instance that is to be {what}"))
    })?;
    id(PARAMETER.name, instance)
}

/// The instance of that id.
pub(super) async fn described(reader: &Reader, id: &Id<InstanceId>) -> Result<Instance, Problem> {
    let found = reader.ec2().describe_instances(id.as_str()).await;
    let found = found.map_err(|error| calls::problem(&error, reader, "ec2:DescribeInstances"))?;
    let named = found.into_iter().find(|one| one.id == Untrusted::from(id.as_str()));
    named.ok_or_else(|| Problem::aws(format!("EC2 does not describe the instance {id}")))
}

/// An id as AWS gave it; one of another form is not guessed at.
pub(super) fn known<G: Grammar>(id: &Untrusted) -> Result<Id<G>, Problem> {
    let odd = |_| Problem::aws(format!("EC2 names {}, which is not {}", id.line(), G::NAME));
    id.parse().map_err(|bad| odd(bad).next("look at the instance in the EC2 console, and act there"))
}

/// Whether quell runs on the instance: an instance's own role has sessions that are named after the instance, and those
/// may take other roles on.
pub(super) fn is_own(caller: &calls::Caller, instance: &str) -> bool {
    let arn = caller.person().parse::<Arn>().ok();
    arn.is_some_and(|arn| arn.as_str().contains(":assumed-role/") && arn.as_str().rsplit('/').next() == Some(instance))
}

/// Whether it is gone, or going.
pub(super) fn is_gone(instance: &Instance) -> bool {
    ["terminated", "shutting-down"].iter().any(|state| instance.state == Untrusted::from(*state))
}

/// The name of its instance profile; that of the role in it is not known from here.
pub(super) fn profile(instance: &Instance) -> Option<String> {
    let arn = instance.profile.as_ref()?.line().into_string();
    Some(clean(arn.rsplit('/').next().unwrap_or_default()).into_string())
}

/// The Auto Scaling group that it belongs to, by its tag.
pub(super) fn scaled(instance: &Instance) -> Option<&Untrusted> {
    let tag = instance.tags.iter().find(|(key, _)| *key == Untrusted::from(SCALED));
    tag.map(|(_, value)| value)
}

/// What to know of the instance whatever is done with it.
pub(super) fn facts(instance: &Instance) -> Vec<Fact> {
    let mut facts: Vec<Fact> = profile(instance).map(|name| Fact::new("instance profile", name)).into_iter().collect();
    facts.extend(scaled(instance).map(|name| Fact::new("Auto Scaling group, by its tag", name.clone())));
    facts
}

/// The state of an instance that its group lets be, whatever becomes of it.
const STANDBY: &str = "Standby";

/// Whether Auto Scaling replaces it, where its tag says that it belongs to a group: the fact of how it is there, and what
/// that means; `done` is what makes it do so.
pub(super) async fn replaced(reader: &Reader, instance: &Instance, done: &str) -> (Option<Fact>, Option<String>) {
    let Some(name) = scaled(instance).map(Untrusted::line) else { return (None, None) };
    let ends = format!("{done}, it fails the health check and is terminated, its memory with it");
    let first = "detach it or put it on standby first (asg-standby)";
    let found = reader.autoscaling().describe_instance(instance.id.line().as_str()).await;
    let (fact, words) = match found {
        Ok(Some(member)) => {
            let (group, state) = (member.group.line(), member.lifecycle.line());
            let words = match state.as_str() == STANDBY {
                true => format!(
                    "It is on standby in the Auto Scaling group {group}, which lets it be until somebody puts it into \
                     service again."
                ),
                false => format!("It is {state} in the Auto Scaling group {group}: {ends}: {first}."),
            };
            (Some(format!("{state} in {group}")), words)
        }
        Ok(None) => {
            let words = format!("By its tag it was of the Auto Scaling group {name}, which has it no more.");
            (Some("in no group".to_owned()), words)
        }
        Err(error) => {
            let why = reader.problem("autoscaling:DescribeAutoScalingInstances", &error).what;
            let words = format!(
                "By its tag it belongs to the Auto Scaling group {name}: {ends}, unless it is on standby already, which \
                 can't be read ({why}): {first}."
            );
            (None, words)
        }
    };
    (fact.map(|state| Fact::new("Auto Scaling", state)), Some(words))
}

/// The KMS keys of its volumes: the fact that names them and what is said of them; a line where they can't be read.
pub(super) async fn keys(reader: &Reader, target: &Target, id: &Id<InstanceId>) -> (Option<Fact>, Option<String>) {
    match reader.ec2().describe_volumes(id.as_str()).await {
        Ok(volumes) => {
            let named: Vec<Untrusted> = volumes.into_iter().filter_map(|volume| volume.key).collect();
            kms::said(&kms::EBS, &named, target).unzip()
        }
        Err(error) => {
            let why = reader.problem("ec2:DescribeVolumes", &error).what;
            let needed = kms::EBS.mutate.join(", ");
            let words = format!(
                "Whether its volumes lie under a customer's KMS key can't be read ({why}): if they do, the call needs \
                 {needed} on it, and a sealed session does not have that."
            );
            (None, Some(words))
        }
    }
}

/// The fact that says what a dry run came to.
const DRY_RUN: &str = "dry run";

/// Whether a failure of that class says something of the call.
fn answers(class: ErrorClass) -> bool {
    use ErrorClass::{Conflict, Denied, NotEnabled, NotFound, Validation};
    matches!(class, Conflict | Denied | NotEnabled | NotFound | Validation)
}

/// Asks EC2 whether it would take the changes from this caller: the fact, and a warning where it would not.
pub(super) async fn dry_run(reader: &Reader, changes: &[Change]) -> (Fact, Option<String>) {
    if reader.session().is_some() {
        // IAM knows no condition by which a session could be allowed to rehearse a call and not to make it.
        return (Fact::new(DRY_RUN, "not done: the role's session that plans may only read"), None);
    }
    for change in changes {
        let operation = format!("ec2:{}", change.operation());
        match reader.ec2().dry_run(change).await {
            Ok(true) => {}
            Ok(false) => return (Fact::new(DRY_RUN, format!("EC2 has none of {operation}")), None),
            Err(error) => {
                let why = reader.problem(&operation, &error).what;
                if !answers(Failure::of(&error).class) {
                    return (Fact::new(DRY_RUN, format!("not known: {why}")), None);
                }
                let warning =
                    format!("Its dry run FAILS, and so will the call: {why}. Approve it once that is mended.");
                return (Fact::new(DRY_RUN, "REFUSED"), Some(warning));
            }
        }
    }
    (Fact::new(DRY_RUN, "EC2 would take it from this caller; whether it works is not said by that"), None)
}
