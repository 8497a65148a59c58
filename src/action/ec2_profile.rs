//! Taking the instance profile away from an EC2 instance, so that it gets no new credentials of its role. The undo gives
//! the former profile back.

use super::calls;
use super::fields::{id, known, refuse, text};
use super::instance;
use super::kind::{KindInfo, NOTHING, Operations, Parameter};
use super::request::{Request, Value, Word};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, planned, sent};
use super::target::target;
use crate::aws::ec2::{Change, ProfileAssociation};
use crate::aws::{Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::{Arn, InstanceId, ProfileAssociationId};
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `ec2-instance-profile`.
pub(super) struct Ec2InstanceProfile;

static INFO: KindInfo = KindInfo {
    name: "ec2-instance-profile",
    title: "Take the instance profile away from an EC2 instance",
    parameters: &[
        instance::PARAMETER,
        Parameter { name: "restore", required: false, what: "for the undo: the ARN of the former instance profile" },
    ],
    operations: Operations {
        read: &[("EC2", "DescribeIamInstanceProfileAssociations"), ("EC2", "DescribeInstances")],
        consume: &[],
        mutate: &[("EC2", "AssociateIamInstanceProfile"), ("EC2", "DisassociateIamInstanceProfile")],
    },
    // To give a profile is to give its role.
    permissions: &["iam:PassRole"],
    danger: 2,
    destroys: "",
};

/// The facts that are read again before the call.
/// Whom the role in the profile is given to.
const PASSED_TO: &str = "ec2.amazonaws.com";
const PROFILE: &str = "instance profile";
const ASSOCIATION: &str = "its association";
const NONE: &str = "none";
const LOOKS: u32 = 6;
const NOTE: &str = "credentials that were handed out before stay valid until they expire, for up to six hours";

/// The one call of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// By the association's id.
    Take(Id<ProfileAssociationId>),
    /// By the profile's ARN.
    Give(Id<Arn>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    instance: Id<InstanceId>,
    what: What,
}

impl Call {
    fn request(&self) -> PlannedRequest {
        let (operation, input) = match &self.what {
            What::Take(association) => {
                ("DisassociateIamInstanceProfile", json!({ "AssociationId": association.as_str() }))
            }
            What::Give(arn) => (
                "AssociateIamInstanceProfile",
                json!({ "IamInstanceProfile": { "Arn": arn.as_str() }, "InstanceId": self.instance.as_str() }),
            ),
        };
        PlannedRequest { service: "ec2".to_owned(), operation: operation.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let instance = plan.target.resource.parse().ok()?;
        let text = |at: &str| request.input.pointer(at)?.as_str();
        let what = match text("/AssociationId") {
            Some(association) => What::Take(Id::new(association).ok()?),
            None => What::Give(Id::new(text("/IamInstanceProfile/Arn")?).ok()?),
        };
        let call = Self { instance, what };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }
}

/// The profiles that the instance has, or is getting or losing.
async fn associations(reader: &Reader, id: &Id<InstanceId>) -> Result<Vec<ProfileAssociation>, Problem> {
    let found = reader.ec2().describe_profile_associations(id.as_str()).await;
    let found = found.map_err(|error| calls::problem(&error, reader, "ec2:DescribeIamInstanceProfileAssociations"))?;
    Ok(found.into_iter().filter(|one| one.state != Untrusted::from("disassociated")).collect())
}

fn is(one: &ProfileAssociation, state: &str) -> bool {
    one.state == Untrusted::from(state)
}

/// The name at the end of an ARN.
fn short(arn: &Untrusted) -> String {
    arn.line().as_str().rsplit('/').next().unwrap_or_default().to_owned()
}

/// Refuses what is under way already, by somebody else.
fn settled(id: &Id<InstanceId>, now: &[ProfileAssociation]) -> Result<(), Problem> {
    match now.iter().find(|one| !is(one, "associated")) {
        Some(one) => Err(refuse(format!("the instance profile of {id} is changing: {}", one.state.line()))
            .next("somebody is at it: look again in a minute")),
        None => Ok(()),
    }
}

fn taking(role: &str, own: bool) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(own.then(|| format!("{} It works by this very profile.", instance::OWN)));
    all.push(format!(
        "Credentials that were handed out before live on until they expire, for up to six hours, wherever they were taken \
         to. After this revoke the sessions of the role in {role} (iam-revoke-sessions)."
    ));
    all.push(
        "Order: isolate the host, take the profile away, then revoke. While the host has the profile, its intruder gets \
         new credentials after each revocation."
            .to_owned(),
    );
    all.push(
        "What works on the instance by its role fails from then on: Systems Manager (so no automation and no memory \
         capture by it), logs, backups, the workload itself."
            .to_owned(),
    );
    all.push("The metadata service itself stays on; other instances with the same profile keep it.".to_owned());
    all
}

fn giving(arn: &Id<Arn>) -> Vec<String> {
    vec![
        format!("The host gets new credentials of the role in {arn} again, and so does whoever is on it."),
        "What stands in the role's policies now counts, not what stood there before: read them first.".to_owned(),
        "Systems Manager and the workload come back within minutes.".to_owned(),
    ]
}

/// The profile that an undo gives back. A finding's author may not say it.
fn restore(request: &Request) -> Result<Option<Id<Arn>>, Problem> {
    match text(request, "restore")? {
        None => Ok(None),
        Some(word) if word.filled => Err(refuse("restore can't be filled from a finding")),
        Some(word) => Ok(Some(id("restore", &word.text)?)),
    }
}

/// The call that is asked for, by what there is.
fn wanted(instance: Id<InstanceId>, restore: Option<Id<Arn>>, now: &[ProfileAssociation]) -> Result<Call, Problem> {
    let what = match (restore, now) {
        (None, []) => {
            return Err(refuse(format!("{instance} has no instance profile"))
                .next("credentials that were handed out before are revoked at the role (iam-revoke-sessions)"));
        }
        (None, [one]) => What::Take(instance::known(&one.id)?),
        (None, [_, _, ..]) => {
            return Err(
                refuse(format!("EC2 lists several instance profiles of {instance}")).next("plan again in a minute")
            );
        }
        (Some(arn), []) => What::Give(arn),
        (Some(_), [one, ..]) => {
            return Err(refuse(format!("{instance} has the instance profile {} by now", short(&one.profile)))
                .next("somebody gave it since: an undo would write over that, so change it by hand"));
        }
    };
    Ok(Call { instance, what })
}

impl Setting for Ec2InstanceProfile {
    type Call = Call;
    type State = Vec<ProfileAssociation>;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let (id, restore) = (instance::named(request, "cut off from its role")?, restore(request)?);
        let target = target(request, id.as_str())?;
        let caller = calls::caller(reader, &target).await?;
        let own = instance::is_own(&caller, id.as_str());
        let seen = instance::described(reader, &id).await?;
        let now = associations(reader, &id).await?;
        settled(&id, &now)?;
        let call = wanted(id, restore, &now)?;
        let mut facts = self.facts(&now);
        facts.push(Fact::new("instance", seen.state.clone()));
        facts.extend(instance::scaled(&seen).map(|name| Fact::new("Auto Scaling group, by its tag", name.clone())));
        facts.push(Fact::new("dry run", "EC2 has none of this call"));
        let (warnings, undo) = match &call.what {
            What::Take(_) => {
                let name = now.first().map(|one| short(&one.profile)).unwrap_or_default();
                (taking(&name, own), format!("Give it the instance profile {name} back."))
            }
            What::Give(arn) => (giving(arn), "Take it away again, by a plan of its own.".to_owned()),
        };
        let danger = if own { 3 } else { INFO.danger };
        let call = call.request();
        Draft { target, call, facts, danger, destroys: Vec::new(), warnings, undo }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<Self::State, Problem> {
        associations(reader, &call.instance).await
    }

    fn facts(&self, state: &Self::State) -> Vec<Fact> {
        let all = |of: fn(&ProfileAssociation) -> &Untrusted| match state.as_slice() {
            [] => NONE.to_owned(),
            some => some.iter().map(|one| of(one).line().into_string()).collect::<Vec<_>>().join(", "),
        };
        vec![Fact::new(PROFILE, all(|one| &one.profile)), Fact::new(ASSOCIATION, all(|one| &one.id))]
    }

    fn fit(&self, call: &Call, state: &Self::State) -> Fit {
        match (&call.what, state.as_slice()) {
            (What::Take(_), []) => Fit::As,
            (What::Take(_), all) if all.iter().all(|one| is(one, "disassociating")) => {
                Fit::Coming("disassociating".to_owned())
            }
            (What::Give(arn), [one]) if one.profile == Untrusted::from(arn.as_str()) => match is(one, "associated") {
                true => Fit::As,
                false => Fit::Coming(one.state.line().into_string()),
            },
            _ => Fit::Not,
        }
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        let change = match &call.what {
            What::Take(association) => Change::disassociate(association.as_str()),
            What::Give(arn) => Change::associate(call.instance.as_str(), arn.as_str()),
        };
        sent(writer, &format!("ec2:{}", change.operation()), writer.ec2().change(&change).await)
    }

    fn passes(&self) -> &'static [&'static str] {
        &[PASSED_TO]
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // A disassociation names no instance; AWS checks it against the one that the association is of.
        let instance =
            seal::arn(plan, "ec2", &format!("instance/{}", seal::exact(plan.target.resource.line().as_str())));
        let seal = Seal::each(plan, |_| vec![instance.clone()]);
        let gives = plan.requests.iter().any(|request| request.operation == "AssociateIamInstanceProfile");
        match (seal, gives) {
            (Seal::Only(mut grants), true) => {
                // The profile does not tell which role is in it.
                let (partition, account) = (plan.target.partition.line(), plan.target.account.line());
                let pass = seal::Grant::new("iam:PassRole", vec![format!("arn:{partition}:iam::{account}:role/*")]);
                grants.push(pass.when("iam:PassedToService", PASSED_TO));
                Seal::Only(grants)
            }
            (seal, _) => seal,
        }
    }

    fn breaks(&self, _plan: &Plan, call: &Call) -> Vec<String> {
        vec![match call.what {
            What::Take(_) => {
                "every program on it that calls AWS with the role, as soon as the credentials that it holds run out, within \
                 hours; Systems Manager (Session Manager, Run Command) too, where it works by this role"
            }
            What::Give(_) => NOTHING,
        }
        .to_owned()]
    }

    fn done(&self, plan: &Plan, call: &Call) -> (String, Option<Json>) {
        match &call.what {
            What::Take(_) => {
                let prior = super::setting::planned(plan, PROFILE).and_then(|text| text.parse::<Arn>().ok());
                let undo = prior.map(|arn| json!({ "Arn": arn.as_str() }));
                (format!("{} has no instance profile any more; {NOTE}", call.instance), undo)
            }
            What::Give(arn) => (format!("{} has the instance profile {arn} again", call.instance), None),
        }
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let arn = undo.get("Arn")?.as_str()?;
        let own = |text: Untrusted| Value::Text(Word::own(text));
        Some(Request::undoing(plan, [("instance", own(plan.target.resource.clone())), ("restore", own(arn.into()))]))
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        // What is taken away is named by its association alone.
        let named = planned(plan, PROFILE).map(|names| names.line().into_string()).unwrap_or_default();
        named.split(", ").filter(|name| name.starts_with("arn:")).map(Untrusted::from).collect()
    }

    fn contains(&self, _plan: &Plan, call: &Call) -> Option<bool> {
        Some(matches!(call.what, What::Take(_)))
    }

    fn note(&self, call: &Call) -> Option<&'static str> {
        matches!(call.what, What::Take(_)).then_some(NOTE)
    }

    fn looks(&self) -> u32 {
        LOOKS
    }
}
