//! Running an automation document of Systems Manager: any document, its parameters exactly as given.

mod contain;
mod document;
mod known;
mod lookup;
mod needs;
mod parameters;
mod run;
mod seal;
mod signal;
mod verify;

#[cfg(test)]
mod tests;

use super::facts::{changed, not_sent};
use super::fields::known as known_fields;
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::preflight::Need;
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::Seal;
use super::target::target;
use super::{calls, fields};
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use aws_sdk_ssm::types::{ExecutionMode, Tag};
use contain::Backup;
use document::Document;
use jiff::Timestamp;
use known::{Known, UNKNOWN_DANGER, UNKNOWN_FLOOR, known};
use parameters::Parameters;
use quell_core::incident::{Fact, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::json;
pub(super) use signal::SsmSignal;

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
    ],
    operations: Operations {
        read: &[
            ("SSM", "DescribeDocument"),
            ("SSM", "GetAutomationExecution"),
            ("SSM", "DescribeAutomationStepExecutions"),
            ("SSM", "DescribeAutomationExecutions"),
            ("IAM", "ListAccessKeys"),
        ],
        consume: &[],
        mutate: &[("SSM", "StartAutomationExecution")],
    },
    permissions: &["ssm:AddTagsToResource", "iam:PassRole"],
    danger: 1,
    destroys: "what the document destroys: each plan says it",
};

/// What can be said to a run.
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
            let target = target(request, wanted.resource(request))?;
            let own = wanted.own(&calls::caller(reader, &target).await?);
            let document = document::describe(reader, &wanted.name, wanted.version.as_deref()).await?;
            document.check(&wanted.parameters)?;
            let danger = wanted.danger(request, &document, own)?;
            let words = wanted.words(&document, own);
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                confirm: target.resource.clone(),
                target,
                requests: vec![wanted.start(&document)],
                facts: document.facts(request.quiet.then(|| reader.now())),
                danger,
                destroys: words.destroys,
                warnings: words.warnings,
                undo: words.undo.into(),
                undo_of: request.undo_of.clone(),
                set: request.set.clone(),
            })
        })
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
                (Some(start), Outcome::Succeeded { .. }) => verify::verify(reader, &start).await,
                _ => calls::unverified("the automation did not succeed"),
            }
        })
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(needs::needs(reader, request))
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        let start = Start::of(plan)?;
        match parameters::single(&start.parameters, "Action") {
            _ if !contain::is(start.short()) || contain::dry(start.short(), &start.parameters) => None,
            Some("Contain") => Some(true),
            _ => Some(false),
        }
    }

    fn signals(&self) -> &'static [&'static str] {
        &SIGNALS
    }

    fn signal(&self, plan: &Plan, running: &Untrusted, which: usize) -> Option<Request> {
        signal::request(plan, running, which)
    }

    fn tags(&self, plan: &Plan) -> bool {
        !plan.facts.iter().any(|fact| fact.name == SINCE.into())
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Start::of(plan).map_or(Seal::Open("the plan can't be read"), |start| start.seal(plan, self.tags(plan)))
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(data), .. } = outcome else { return None };
        let start = Start::of(plan)?;
        let contains = parameters::single(&start.parameters, "Action") == Some("Contain");
        if !contain::is(start.short()) || contain::dry(start.short(), &start.parameters) || !contains {
            return None;
        }
        let parameters = contain::restore(&start.parameters, &Backup::read(data)?);
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
        Ok(Self { version, parameters, known: known(short(&name)), name })
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

    /// Whether the run shuts out the very principal that quell acts as.
    fn own(&self, caller: &Untrusted) -> bool {
        short(&self.name) == contain::IAM
            && !self.dry()
            && parameters::single(&self.parameters, "PrincipalName").is_some_and(|name| calls::is_own(caller, name))
    }

    fn danger(&self, request: &Request, document: &Document, own: bool) -> Result<u8, Problem> {
        match self.knows(document) {
            Some(_) if own => fields::danger(3, request),
            Some(_) if self.dry() => fields::danger(1, request),
            // What can't be had again is irreversible, whatever else the run does.
            Some(_) if contain::destroys(short(&self.name), &self.parameters).is_some() => fields::danger(3, request),
            Some(known) => fields::danger(known.danger, request),
            // It is not known what it does: the runbook may say so, but not that it is harmless.
            _ if request.danger.is_none() => Ok(UNKNOWN_DANGER),
            _ => fields::danger(UNKNOWN_FLOOR, request),
        }
    }

    fn words(&self, document: &Document, own: bool) -> Words {
        let mut warnings: Vec<Untrusted> = Vec::new();
        if own {
            warnings.push(calls::OWN_ACCESS.into());
        }
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
            undo: undo.to_owned(),
        }
    }

    /// The one request. Its client token and tag are made of the action's own record, which the plan precedes.
    fn start(&self, document: &Document) -> PlannedRequest {
        let mut input = json!({ "DocumentName": self.name, "Parameters": self.parameters, "Mode": "Auto" });
        let version = self.version.as_deref().or_else(|| document.pinned());
        if let (Some(version), Some(members)) = (version, input.as_object_mut()) {
            members.insert("DocumentVersion".to_owned(), version.into());
        }
        PlannedRequest { service: "ssm".to_owned(), operation: "StartAutomationExecution".to_owned(), input }
    }
}

/// The plan's one request, read back.
struct Start {
    document: String,
    version: Option<String>,
    parameters: Parameters,
    /// Of one that carries no tag: since when it may run.
    quiet: Option<Timestamp>,
}

impl Start {
    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let text = |name: &str| Some(request.input.get(name)?.as_str()?.to_owned());
        let since = plan.facts.iter().find(|fact| fact.name == SINCE.into());
        Some(Self {
            quiet: since.map(|fact| fact.value.line().as_str().parse()).transpose().ok()?,
            document: text("DocumentName")?,
            version: text("DocumentVersion"),
            parameters: serde_json::from_value(request.input.get("Parameters")?.clone()).ok()?,
        })
    }

    fn short(&self) -> &str {
        short(&self.document)
    }

    /// Starts it, once. The error is how the action ended.
    async fn send(&self, writer: &Writer) -> Result<(String, Vec<Untrusted>), Outcome> {
        let record = format!("{}:{}", writer.action().0, writer.action().1);
        let tag = self.quiet.is_none().then(|| Tag::builder().key(tag_key(writer.token())).value(record).build());
        let tags = tag.transpose().map_err(|_| not_sent("the tag could not be made"))?.map(|tag| vec![tag]);
        let parameters = self.parameters.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        let answer = writer
            .ssm()
            .start_automation_execution()
            .document_name(&self.document)
            .set_document_version(self.version.clone())
            .set_parameters(Some(parameters))
            .mode(ExecutionMode::Auto)
            .client_token(writer.token())
            .set_tags(tags)
            .send()
            .await;
        let answer = answer.map_err(|error| writer.outcome("ssm:StartAutomationExecution", &error))?;
        let ids = calls::request_ids(&answer);
        match answer.automation_execution_id() {
            Some(execution) => Ok((execution.to_owned(), ids)),
            None => Err(Outcome::Unknown { why: "the answer names no execution".into() }),
        }
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
