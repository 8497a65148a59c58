//! Running an automation document of Systems Manager: any document, its parameters exactly as given.

mod breaks;
mod contain;
mod document;
mod known;
mod locations;
mod lookup;
mod needs;
mod parameters;
mod run;
mod seal;
mod signal;
mod start;
mod verify;

#[cfg(test)]
mod tests;

use super::facts::{changed, not_sent};
use super::fields::{known as known_fields, refuse};
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::preflight::Need;
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::Seal;
use super::target::target;
use super::{calls, fields, instance};
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use contain::Backup;
use document::Document;
use known::{Known, UNKNOWN_DANGER, UNKNOWN_FLOOR, known};
use locations::Locations;
use parameters::Parameters;
use quell_core::incident::{Fact, Found, Link, Outcome, Plan, PlannedRequest, Target, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::json;
pub(super) use signal::SsmSignal;
use start::Start;

/// The kind `ssm-automation`.
pub(super) struct SsmAutomation;

static INFO: KindInfo = KindInfo {
    name: "ssm-automation",
    title: "Run an automation document of Systems Manager",
    parameters: &[
        Parameter {
            name: "document",
            required: true,
            what: "the automation document's name, or the ARN of a shared one",
        },
        Parameter { name: "parameters", required: false, what: "its parameters, each a list of texts" },
        Parameter { name: "version", required: false, what: "the document's version; the default one when not given" },
        locations::ACCOUNTS,
        locations::REGIONS,
        locations::EXECUTION_ROLE,
        locations::MAX_CONCURRENCY,
        locations::MAX_ERRORS,
        locations::FROM_ACCOUNT,
        locations::FROM_REGION,
    ],
    operations: Operations {
        read: &[
            ("SSM", "DescribeDocument"),
            ("SSM", "GetAutomationExecution"),
            ("SSM", "DescribeAutomationStepExecutions"),
            ("SSM", "DescribeAutomationExecutions"),
            ("IAM", "ListAccessKeys"),
            ("S3", "GetBucketLocation"),
        ],
        consume: &[],
        mutate: &[("SSM", "StartAutomationExecution")],
    },
    permissions: &["ssm:AddTagsToResource", "iam:PassRole"],
    danger: 1,
    destroys: "what the document destroys: each plan says it",
};

/// What can be said to a run: to be answered, a step must wait.
const STOP: [&str; 1] = ["Stop"];
const SIGNALS: [&str; 3] = ["Stop", "Approve the step that waits", "Reject the step that waits"];

/// The fact that says since when an execution without a tag may run.
const SINCE: &str = "looked up by document, from";

/// The key of the tag that an execution carries, so that it is found again after an unknown outcome.
fn tag_key(token: &str) -> String {
    format!("quell:token:{token}")
}

impl Action for SsmAutomation {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            let wanted = Wanted::of(request)?;
            let from = locations::from(request);
            let placed = from.map(|(account, region)| Request {
                account: Some(account),
                region: Some(region),
                ..request.clone()
            });
            let target = target(placed.as_ref().unwrap_or(request), wanted.resource(request))?;
            let caller = calls::caller(reader, &target).await?;
            let own = wanted.own(&caller);
            let document = document::describe(reader, &wanted.name, wanted.version.as_deref()).await?;
            document.check(&wanted.parameters)?;
            let danger = wanted.danger(request, &document, own.is_some())?;
            let mut words = wanted.words(&document, own, &target);
            let closes = !wanted.dry() && short(&wanted.name) == contain::S3;
            let kept = closes.then(|| breaks::keeps(&wanted.parameters, &caller)).flatten();
            words.warnings.splice(0..0, kept.map(Untrusted::from));
            let mut facts = document.facts(request.quiet.then(|| reader.now()));
            facts.extend(wanted.locations.iter().flat_map(|locations| locations.facts(&target)));
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                confirm: wanted.locations.as_ref().map_or(target.resource.clone(), |l| l.confirm().into()),
                target,
                requests: vec![wanted.start(&document)],
                facts,
                danger,
                destroys: words.destroys,
                breaks: Vec::new(),
                warnings: words.warnings,
                undo: words.undo.into(),
                undo_of: request.undo_of.clone(),
                set: request.set.clone(),
            })
        })
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        // Of a name alone quell knows nothing: AWS itself must have published the document.
        let amazon = plan.facts.contains(&Fact::new("document owner", "Amazon"));
        let start = Start::of(plan).filter(|_| amazon);
        let words = start.and_then(|start| Some(breaks::of(known(start.short())?, &start.parameters)));
        vec![words.unwrap_or_else(|| "not known: whatever the document does".to_owned())]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(start) = Start::of(plan) else { return not_sent("the plan can't be read") };
            match document::describe(reader, &start.document, start.version.as_deref()).await {
                Err(problem) => {
                    return not_sent(format!("the document could not be read again: {}", problem.headline()));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &now.material()) {
                        return stopped;
                    }
                }
            }
            // Nothing is told before the answer: what was told proves afterwards that the call arrived.
            match start.send(&writer).await {
                Err(outcome) => outcome,
                Ok((execution, ids)) => run::follow(reader, &start, &execution, ids, progress).await,
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            match Start::of(plan) {
                Some(start) => lookup::find(reader, &start, &token).await,
                None => Found::CannotTell("the plan can't be read".into()),
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            match (Start::of(plan), outcome) {
                (Some(start), Outcome::Succeeded { facts, .. }) if start.locations.is_some() => {
                    verify::places(reader, facts).await
                }
                (Some(start), Outcome::Succeeded { .. }) => verify::verify(reader, &start).await,
                _ => calls::unverified("the automation did not succeed"),
            }
        })
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(needs::needs(reader, request))
    }

    fn place(&self, request: &Request) -> Option<(Untrusted, Untrusted)> {
        locations::from(request)
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        let start = Start::of(plan)?;
        let changes = contain::is(start.short()) && !contain::dry(start.short(), &start.parameters);
        changes.then(|| start.contains())
    }

    fn signals(&self, told: &str) -> &'static [&'static str] {
        if told.ends_with(run::WAITS) { &SIGNALS } else { &STOP }
    }

    fn signal(&self, plan: &Plan, running: &Untrusted, which: usize) -> Option<Request> {
        signal::request(plan, running, which)
    }

    fn tags(&self, plan: &Plan) -> bool {
        !plan.facts.iter().any(|fact| fact.name == SINCE.into())
    }

    fn sends(&self, plan: &Plan, token: &Token, action: &Link) -> Vec<PlannedRequest> {
        let Some(start) = Start::of(plan) else { return plan.requests.clone() };
        let mut members = vec![("ClientToken", json!(token.as_str()))];
        let tag = |(key, value)| ("Tags", json!([{ "Key": key, "Value": value }]));
        members.extend(start.tag(token.as_str(), action).map(tag));
        plan.requests.iter().map(|request| request.with(&members)).collect()
    }

    fn passes(&self) -> &'static [&'static str] {
        &["ssm.amazonaws.com"]
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Start::of(plan).map_or(Seal::Open("the plan can't be read"), |start| start.seal(plan, self.tags(plan)))
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let (Outcome::Succeeded { undo, .. } | Outcome::Partly { undo, .. }) = outcome else { return None };
        let start = Start::of(plan).filter(Start::contains)?;
        let parameters = contain::restore(&start.parameters, &Backup::read(undo.as_ref()?)?);
        let document = Value::Text(Word::own(start.document.as_str()));
        Some(Request::undoing(plan, [("document", document), ("parameters", parameters)]))
    }
}

/// What is asked for.
struct Wanted {
    /// As the call names it: a name, or the ARN of a shared document.
    name: String,
    version: Option<String>,
    parameters: Parameters,
    known: Option<&'static Known>,
    locations: Option<Locations>,
}

/// What a plan says in words.
struct Words {
    destroys: Vec<Untrusted>,
    warnings: Vec<Untrusted>,
    undo: String,
}

impl Wanted {
    fn of(request: &Request) -> Result<Self, Problem> {
        known_fields(&INFO, request)?;
        let (name, version) = document::named(request)?;
        let parameters = parameters::given(request)?;
        contain::explicit(short(&name), &parameters)?;
        let locations = Locations::given(request)?;
        if locations.is_some() && contain::is(short(&name)) && !contain::dry(short(&name), &parameters) {
            return Err(refuse(format!("{} is not run in several places at once", short(&name)))
                .meaning(
                    "it writes a backup of its own in each, and Restore takes one: it could not be undone as a whole",
                )
                .next("contain in each account and region by an action of its own; a dry run can go everywhere"));
        }
        Ok(Self { version, parameters, known: known(short(&name)), locations, name })
    }

    /// What the run acts on: the document's own target, else the value that names the finding's resource, else the
    /// document.
    fn resource(&self, request: &Request) -> String {
        let own = self.known.and_then(|known| parameters::single(&self.parameters, known.target));
        if let Some(own) = own {
            return own.to_owned();
        }
        let finding = request.finding.as_ref();
        let named = finding.map(|f| [&f.resource.id, &f.resource.name, &f.resource.arn, &f.actor.access_key]);
        let named: Vec<&Untrusted> = named.into_iter().flatten().flatten().collect();
        let values = self.parameters.values().flatten();
        let value = values.into_iter().find(|value| named.contains(&&Untrusted::from(value.as_str())));
        value.cloned().unwrap_or_else(|| self.name.clone())
    }

    /// What quell knows of the document; of a name alone it knows nothing.
    fn knows(&self, document: &Document) -> Option<&'static Known> {
        self.known.filter(|_| document.of_amazon())
    }

    fn dry(&self) -> bool {
        contain::dry(short(&self.name), &self.parameters)
    }

    /// What is said where the run shuts out the very principal that quell acts as, or the instance that it runs on.
    fn own(&self, caller: &calls::Caller) -> Option<&'static str> {
        let target = self.known.and_then(|known| parameters::single(&self.parameters, known.target));
        let here = |id: &str| instance::is_own(caller, id);
        let host = match self.known {
            // What only reads, or adds, does it no harm.
            Some(known) => known.danger > 1 && target.is_some_and(here),
            None => self.parameters.values().flatten().any(|value| here(value)),
        };
        let name = target.filter(|_| short(&self.name) == contain::IAM);
        match name.is_some_and(|name| calls::is_own(caller, name)) {
            _ if self.dry() => None,
            true => Some(calls::OWN_ACCESS),
            false => host.then_some(instance::OWN),
        }
    }

    fn danger(&self, request: &Request, document: &Document, own: bool) -> Result<u8, Problem> {
        let danger = self.danger_in_one(request, document, own)?;
        let harmless = self.knows(document).is_some_and(|known| self.dry() || known.undo.is_empty());
        // What is wide can't be watched, and whom it hits is read by nobody.
        Ok(match (&self.locations, harmless) {
            (None, _) => danger,
            (Some(_), true) => danger.max(2),
            (Some(_), false) => 3,
        })
    }

    fn danger_in_one(&self, request: &Request, document: &Document, own: bool) -> Result<u8, Problem> {
        match self.knows(document) {
            _ if own => fields::danger(3, request),
            Some(_) if self.dry() => fields::danger(1, request),
            // What can't be had again is irreversible, whatever else the run does.
            Some(_) if contain::destroys(short(&self.name), &self.parameters).is_some() => fields::danger(3, request),
            Some(known) => fields::danger(known.danger, request),
            // It is not known what it does: the runbook may say so, but not that it is harmless.
            _ if request.danger.is_none() => Ok(UNKNOWN_DANGER),
            _ => fields::danger(UNKNOWN_FLOOR, request),
        }
    }

    fn words(&self, document: &Document, own: Option<&'static str>, target: &Target) -> Words {
        let mut warnings: Vec<Untrusted> = own.into_iter().map(Untrusted::from).collect();
        let (known, name) = (self.knows(document), short(&self.name));
        match known {
            None => warnings.push("quell does not know what this document does: read it before approving.".into()),
            Some(_) => warnings.extend(contain::warnings(name, &self.parameters).into_iter().map(Untrusted::from)),
        }
        if !self.parameters.contains_key("AutomationAssumeRole") && !self.dry() {
            let text =
                "No AutomationAssumeRole is given: the automation acts with the permissions of whoever starts it.";
            warnings.push(text.into());
        }
        warnings.extend(self.locations.as_ref().map(|locations| locations.warning(target).into()));
        let destroys = known.map(|known| contain::destroys(name, &self.parameters).unwrap_or(known.destroys));
        let destroys = destroys.or(Some("what this document destroys, which quell does not know"));
        let undo = known.and_then(|_| contain::undo_words(name, &self.parameters));
        let undo = undo.unwrap_or_else(|| match known.map(|known| known.undo) {
            Some("") => "Nothing to undo: the document only reads.",
            Some(undo) => undo,
            None => "quell can't undo it: act by what the document says.",
        });
        Words {
            destroys: destroys.into_iter().filter(|text| !text.is_empty()).map(Untrusted::from).collect(),
            warnings,
            undo: if self.locations.is_some() { format!("In each place by itself: {undo}") } else { undo.to_owned() },
        }
    }

    /// The one request. Its client token and tag are made of the action's own record, which the plan precedes.
    fn start(&self, document: &Document) -> PlannedRequest {
        let mut input = json!({ "DocumentName": self.name, "Parameters": self.parameters, "Mode": "Auto" });
        let version = self.version.as_deref().or_else(|| document.pinned());
        let version = version.map(|version| ("DocumentVersion", json!(version)));
        let locations = self.locations.as_ref().map(|locations| ("TargetLocations", locations.input()));
        let more = version.into_iter().chain(locations).map(|(name, value)| (name.to_owned(), value));
        if let Some(members) = input.as_object_mut() {
            members.extend(more);
        }
        PlannedRequest { service: "ssm".to_owned(), operation: "StartAutomationExecution".to_owned(), input }
    }
}

/// The document's own name, without the ARN that a shared one is named by.
fn short(name: &str) -> &str {
    name.rsplit_once("document/").map_or(name, |(_, name)| name)
}

/// The fact that names an execution.
fn execution_fact(execution: &str) -> Fact {
    Fact::new("execution", execution)
}
