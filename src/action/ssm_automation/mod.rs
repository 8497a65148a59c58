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
mod seen;
mod signal;
mod start;
mod verify;
mod wanted;

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::kind::{Action, KindInfo, Operations, Parameter, Written};
use super::preflight::Need;
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::Seal;
use super::target::target;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::{Problem, clean};
use contain::Backup;
use known::known;
use quell_core::incident::{Fact, Found, Link, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::json;
pub(super) use signal::SsmSignal;
use start::Start;
use wanted::Wanted;

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
        seen::FORMER,
    ],
    operations: Operations {
        read: &[
            ("SSM", "DescribeDocument"),
            ("SSM", "GetAutomationExecution"),
            ("SSM", "DescribeAutomationStepExecutions"),
            ("SSM", "DescribeAutomationExecutions"),
            ("IAM", "GetLoginProfile"),
            ("IAM", "GetRole"),
            ("IAM", "GetRolePolicy"),
            ("IAM", "GetUser"),
            ("IAM", "GetUserPolicy"),
            ("IAM", "ListAccessKeys"),
            ("IAM", "ListInstanceProfilesForRole"),
            ("IAM", "ListRolePolicies"),
            ("IAM", "ListUserPolicies"),
            ("EC2", "DescribeInstances"),
            ("EC2", "DescribeNetworkInterfaces"),
            ("EC2", "DescribeRouteTables"),
            ("EC2", "DescribeSecurityGroups"),
            ("S3", "GetBucketLocation"),
            ("S3", "GetBucketPolicy"),
            ("S3", "GetPublicAccessBlock"),
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
            let seen = seen::seen(reader, short(&wanted.name), &wanted.parameters, &target).await?;
            let danger = wanted.danger(request, &document, own.is_some() || seen.exposed)?;
            let mut words = wanted.words(&document, own, &target);
            words.warnings.splice(0..0, seen.warnings.iter().map(|text| Untrusted::from(text.as_str())));
            let backup = needs::backup(reader, short(&wanted.name), &wanted.parameters, &target).await;
            words.warnings.splice(0..0, backup.map(Untrusted::from));
            let closes = !wanted.dry() && short(&wanted.name) == contain::S3;
            let kept = closes.then(|| breaks::keeps(&wanted.parameters, &caller)).flatten();
            words.warnings.splice(0..0, kept.map(Untrusted::from));
            let mut facts = document.facts(request.quiet.then(|| reader.now()));
            facts.extend(seen.facts.into_iter().chain(seen::before(request)?));
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
                writes: Vec::new(),
                warnings: words.warnings,
                undo: words.undo.into(),
                undo_of: request.undo_of.clone(),
                each: request.each.clone(),
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
                    let there = match seen::seen(reader, start.short(), &start.parameters, &plan.target).await {
                        Ok(there) => there,
                        Err(refused) => return not_sent(refused.headline()),
                    };
                    if let Some(stopped) =
                        changed(plan, &now.material().into_iter().chain(there.material()).collect::<Vec<_>>())
                    {
                        return stopped;
                    }
                }
            }
            // Nothing is told before the answer: what was told proves afterwards that the call arrived.
            match start.send(&writer).await {
                Err(outcome) => outcome,
                Ok((execution, ids)) => {
                    progress.step(format!("started as {}", clean(&execution)), 0, 0);
                    run::follow(reader, &start, &execution, ids, progress).await
                }
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

    fn follow<'a>(
        &'a self,
        reader: &'a Reader,
        plan: &'a Plan,
        running: &'a Untrusted,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match Start::of(plan) {
                Some(start) => run::follow(reader, &start, running.line().as_str(), Vec::new(), progress).await,
                None => Outcome::Unknown { why: "the plan can't be read".into() },
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            match (Start::of(plan), outcome) {
                (Some(start), Outcome::Succeeded { facts, .. }) if start.locations.is_some() => {
                    verify::places(reader, facts).await
                }
                (Some(start), Outcome::Succeeded { .. }) => verify::verify(reader, plan, &start).await,
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

    fn writes(&self, plan: &Plan) -> Vec<Written> {
        let written = Start::of(plan).map(|start| seen::written(&start, plan)).unwrap_or_default();
        if written.is_empty() { vec![Written::whole(INFO.name, plan)] } else { written }
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        seen::interfaces_in(plan).collect()
    }

    fn disturbs(&self, plan: &Plan) -> Option<&'static [&'static str]> {
        contain::disturbs(Start::of(plan)?.short())
    }

    fn repeats(&self, _plan: &Plan) -> bool {
        // A document backs up whatever it finds, its own containment too.
        true
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
        let former = seen::former(plan).map(|former| (seen::FORMER.name, former));
        Some(Request::undoing(plan, [("document", document), ("parameters", parameters)].into_iter().chain(former)))
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
