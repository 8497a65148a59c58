//! Stopping an EC2 instance: the one full cut, at the price of its memory and its instance store. The undo starts it.

use super::calls;
use super::fields::{known, refuse, text};
use super::instance;
use super::kind::{Keys, KindInfo, NOTHING, Operations, Parameter};
use super::kms;
use super::request::{Request, Value, Word};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, sent};
use super::target::target;
use crate::aws::ec2::{Change, Instance};
use crate::aws::{Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::InstanceId;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `ec2-stop`.
pub(super) struct Ec2Stop;

static INFO: KindInfo = KindInfo {
    name: "ec2-stop",
    title: "Stop an EC2 instance",
    parameters: &[
        instance::PARAMETER,
        Parameter {
            name: "hibernate",
            required: false,
            what: "true keeps its memory on its root volume, where it can",
        },
        Parameter { name: "restore", required: false, what: "for the undo: running, the state before" },
    ],
    operations: Operations {
        read: &[
            ("Auto Scaling", "DescribeAutoScalingInstances"),
            ("EC2", "DescribeInstanceAttribute"),
            ("EC2", "DescribeInstances"),
            ("EC2", "DescribeVolumes"),
        ],
        consume: &[],
        mutate: &[("EC2", "StartInstances"), ("EC2", "StopInstances")],
    },
    permissions: &[],
    // What is in memory is lost for good.
    danger: 3,
    destroys: "memory, running processes, instance-store volumes",
};

/// The fact that is read again before the call.
const STATE: &str = "instance";
const RUNNING: &str = "running";
const STOPPED: &str = "stopped";
/// A guest has some minutes to shut down.
const LOOKS: u32 = 18;

/// What is to become of the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Stopped { hibernate: bool },
    Running,
}

/// The one call of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    instance: Id<InstanceId>,
    wanted: Wanted,
}

impl Call {
    fn request(&self) -> PlannedRequest {
        let ids = json!([self.instance.as_str()]);
        let (operation, input) = match self.wanted {
            Wanted::Stopped { hibernate: false } => ("StopInstances", json!({ "InstanceIds": ids })),
            Wanted::Stopped { hibernate: true } => ("StopInstances", json!({ "InstanceIds": ids, "Hibernate": true })),
            Wanted::Running => ("StartInstances", json!({ "InstanceIds": ids })),
        };
        PlannedRequest { service: "ec2".to_owned(), operation: operation.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let instance = Id::new(request.input.pointer("/InstanceIds/0")?.as_str()?).ok()?;
        let wanted = match request.operation.as_str() {
            "StartInstances" => Wanted::Running,
            _ => Wanted::Stopped { hibernate: request.input.get("Hibernate").is_some() },
        };
        let call = Self { instance, wanted };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }

    fn change(&self) -> Change {
        match self.wanted {
            Wanted::Stopped { hibernate } => Change::stop(self.instance.as_str(), hibernate),
            Wanted::Running => Change::start(self.instance.as_str()),
        }
    }
}

/// What is asked for: a stop, or what an undo puts back. A finding's author may not say it.
fn wanted(request: &Request) -> Result<Wanted, Problem> {
    let own = |name: &str| match text(request, name)? {
        Some(word) if word.filled => Err(refuse(format!("{name} can't be filled from a finding"))),
        word => Ok(word.map(|word| word.text.line().into_string())),
    };
    let hibernate = match own("hibernate")?.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(refuse("hibernate is true or false")),
    };
    match own("restore")?.as_deref() {
        None => Ok(Wanted::Stopped { hibernate }),
        Some(RUNNING) if !hibernate => Ok(Wanted::Running),
        Some(_) => Err(refuse("restore is running, and nothing else")),
    }
}

/// Refuses what EC2 can't do.
async fn possible(reader: &Reader, id: &Id<InstanceId>, seen: &Instance, wanted: Wanted) -> Result<(), Problem> {
    let state = seen.state.line();
    let (from, word) = match wanted {
        Wanted::Stopped { .. } => (RUNNING, STOPPED),
        Wanted::Running => (STOPPED, "started"),
    };
    if seen.state != Untrusted::from(from) {
        return Err(refuse(format!("{id} is {state}; only one that is {from} can be {word}")).next(
            "look at it in a minute if it is on its way; if it is terminated, look for its volumes and snapshots",
        ));
    }
    let Wanted::Stopped { hibernate } = wanted else { return Ok(()) };
    if seen.root_is_store {
        return Err(refuse(format!("the root device of {id} is an instance store: EC2 can't stop it"))
            .next("isolate it (ec2-isolate); to terminate it destroys its disk too"));
    }
    if hibernate && !seen.hibernates {
        return Err(refuse(format!("{id} was not launched so that it can hibernate"))
            .next("capture its memory first, or stop it without hibernate"));
    }
    let protected = reader.ec2().stop_protection(id.as_str()).await;
    match protected.map_err(|error| calls::problem(&error, reader, "ec2:DescribeInstanceAttribute"))? {
        true => Err(refuse(format!("stop protection is on for {id}: EC2 refuses to stop it"))
            .next("somebody meant it: ask, then take it off (modify-instance-attribute --no-disable-api-stop)")),
        false => Ok(()),
    }
}

/// What is lost by a stop.
fn destroys(seen: &Instance, hibernate: bool) -> Vec<String> {
    let mut all = Vec::new();
    if !hibernate {
        all.push("its memory: keys, processes and connections that are nowhere else".to_owned());
    }
    let size = seen.size.as_ref().map(|size| format!(" ({})", size.line())).unwrap_or_default();
    all.push(format!("everything on instance-store volumes, where its type{size} has any"));
    if !seen.lent.is_empty() {
        let lent: Vec<String> = seen.lent.iter().map(|ip| ip.line().into_string()).collect();
        all.push(format!(
            "its public address {}, which is not an elastic one: it will not get it again",
            lent.join(", ")
        ));
    }
    all
}

fn stopping(seen: &Instance, hibernate: bool) -> Vec<String> {
    let mut all = Vec::new();
    all.push(match hibernate {
        true => "Its memory is written to its root volume, encrypted, and read from there at the next start: the intruder's \
                 processes go on then. Take snapshots of it while it is stopped (ec2-snapshot)."
            .to_owned(),
        false => "Its memory is gone: capture it FIRST where malware may live in it. Volumes stay; take snapshots \
                  (ec2-snapshot) before or after."
            .to_owned(),
    });
    all.push(
        "It cuts every connection, those that security groups leave alive too; the guest shuts down first, so that \
              a program of the intruder's may still act for up to some minutes."
            .to_owned(),
    );
    if let Some(profile) = instance::profile(seen) {
        all.push(format!(
            "It does NOT end credentials of the role in its instance profile {profile} that were stolen: they stay valid \
             for up to six hours. Revoke the role's sessions (iam-revoke-sessions)."
        ));
    }
    if seen.spot {
        all.push("It is a Spot Instance: EC2 stops it only where its request is persistent.".to_owned());
    }
    all.push(
        "Whoever works with it loses it. Elastic addresses, interfaces, groups and volumes stay, and cost on."
            .to_owned(),
    );
    all
}

const STARTING: [&str; 3] = [
    "What the intruder left to run at boot (services, cron, user data) runs again, with the role that it has now: look \
     at its volumes first.",
    "It gets another public address, another host, and an empty memory: the state before the stop does not come back.",
    "Security groups are as they stand now: if it was isolated, it stays isolated.",
];

impl Setting for Ec2Stop {
    type Call = Call;
    type State = Instance;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let (id, wanted) = (instance::named(request, STOPPED)?, wanted(request)?);
        let target = target(request, id.as_str())?;
        let caller = calls::caller(reader, &target).await?;
        let own = instance::is_own(&caller, id.as_str());
        let seen = instance::described(reader, &id).await?;
        possible(reader, &id, &seen, wanted).await?;
        let call = Call { instance: id, wanted };
        let (dry, refused) = instance::dry_run(reader, &[call.change()]).await;
        let mut facts = self.facts(&seen);
        facts.push(dry);
        facts.extend(instance::facts(&seen));
        let mut warnings: Vec<String> = refused.into_iter().collect();
        warnings.extend((own && wanted != Wanted::Running).then(|| instance::OWN.to_owned()));
        let (destroys, undo) = match wanted {
            Wanted::Stopped { hibernate } => {
                let (scaling, replaced) = instance::replaced(reader, &seen, "stopped").await;
                facts.extend(scaling);
                warnings.extend(replaced);
                warnings.extend(stopping(&seen, hibernate));
                // Whoever only stops needs nothing of the key: it is said, and not asked for.
                let (_, said) = instance::keys(reader, &target, &call.instance).await;
                warnings.extend(said.map(|words| format!("To start it again: {words}")));
                let undo = "Start it again: its volumes are as they were, its public address and its memory are not.";
                (destroys(&seen, hibernate), undo)
            }
            Wanted::Running => {
                warnings.extend(STARTING.map(str::to_owned));
                let (keys, said) = instance::keys(reader, &target, &call.instance).await;
                facts.extend(keys);
                warnings.extend(said);
                (Vec::new(), "Stop it again, by a plan of its own.")
            }
        };
        // A start destroys nothing; but what an undo asks for is no easier than what it undoes.
        let danger = if wanted == Wanted::Running { 2 } else { INFO.danger };
        let call = call.request();
        Draft { target, call, facts, danger, destroys, warnings, undo: undo.to_owned() }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<Instance, Problem> {
        instance::described(reader, &call.instance).await
    }

    fn facts(&self, state: &Instance) -> Vec<Fact> {
        vec![Fact::new(STATE, state.state.clone())]
    }

    fn fit(&self, call: &Call, state: &Instance) -> Fit {
        let is = |word: &str| state.state == Untrusted::from(word);
        match call.wanted {
            Wanted::Stopped { .. } if is("stopping") => Fit::Coming("stopping, while the guest shuts down".to_owned()),
            Wanted::Running if is("pending") => Fit::Coming("pending, while it starts".to_owned()),
            Wanted::Stopped { .. } => Fit::is(is(STOPPED)),
            Wanted::Running => Fit::is(is(RUNNING)),
        }
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        let change = call.change();
        sent(writer, &format!("ec2:{}", change.operation()), writer.ec2().change(&change).await)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| seal::instances(plan, request)).and(kms::grants(&kms::EBS, plan))
    }

    fn keys(&self) -> Option<&'static Keys> {
        Some(&kms::EBS)
    }

    fn breaks(&self, _plan: &Plan, call: &Call) -> Vec<String> {
        vec![match call.wanted {
            Wanted::Stopped { .. } => {
                "everything that runs on it, for whoever uses it: services, jobs, sessions, health checks; until it is \
                 started again"
            }
            Wanted::Running => NOTHING,
        }
        .to_owned()]
    }

    fn done(&self, _plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let id = &call.instance;
        match call.wanted {
            Wanted::Stopped { .. } => (format!("{id} is told to stop"), Some(json!({ "State": RUNNING }))),
            Wanted::Running => (format!("{id} is told to start"), None),
        }
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let state = undo.get("State")?.as_str()?;
        let own = |text: Untrusted| Value::Text(Word::own(text));
        Some(Request::undoing(plan, [("instance", own(plan.target.resource.clone())), ("restore", own(state.into()))]))
    }

    fn contains(&self, _plan: &Plan, call: &Call) -> Option<bool> {
        Some(call.wanted != Wanted::Running)
    }

    fn looks(&self) -> u32 {
        LOOKS
    }
}
