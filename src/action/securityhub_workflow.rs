//! Setting the workflow status of findings in Security Hub, with a note if wanted.

mod read;
mod wanted;

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{Seal, arn};
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::{Problem, clean};
use aws_sdk_securityhub::operation::batch_update_findings::BatchUpdateFindingsOutput;
use aws_sdk_securityhub::types::{AwsSecurityFindingIdentifier, NoteUpdate, WorkflowStatus, WorkflowUpdate};
use quell_core::incident::{Fact, FailClass, Found, Outcome, Plan, Token, Verified};
use quell_core::text::Untrusted;
use read::{Listed, findings};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use wanted::Wanted;

/// The kind `securityhub-workflow`.
pub(super) struct SecurityhubWorkflow;

static INFO: KindInfo = KindInfo {
    name: "securityhub-workflow",
    title: "Set the workflow status of findings in Security Hub",
    parameters: &[
        Parameter { name: "workflow", required: false, what: "NEW, NOTIFIED, SUPPRESSED or RESOLVED" },
        Parameter { name: "note", required: false, what: "a note that everyone who reads the findings sees" },
        Parameter {
            name: "findings",
            required: false,
            what: "the findings' ids; the incident's finding when not given",
        },
        Parameter { name: "workflows", required: false, what: "each finding's id with a status of its own" },
    ],
    operations: Operations {
        read: &[("SecurityHub", "GetFindings")],
        consume: &[],
        mutate: &[("SecurityHub", "BatchUpdateFindings")],
    },
    permissions: &[],
    danger: 1,
    destroys: "",
};

/// One BatchUpdateFindings, by the service model's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    finding_identifiers: Vec<Identifier>,
    workflow: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identifier {
    id: String,
    product_arn: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Note {
    text: String,
    updated_by: String,
}

impl Action for SecurityhubWorkflow {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move { Wanted::of(request)?.plan(reader, request).await })
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(updates) = updates(plan) else { return not_sent("the plan can't be read") };
            let prior = match listed(reader, plan, &updates).await {
                Err(problem) => {
                    return not_sent(format!("the findings could not be read again: {}", problem.headline()));
                }
                Ok(now) => now,
            };
            let now: Vec<Fact> = prior.iter().map(Listed::fact).collect();
            if let Some(stopped) = changed(plan, &now) {
                return stopped;
            }
            let mut ids = Vec::new();
            for (done, update) in updates.iter().enumerate() {
                let (at, of) = (count(done), count(updates.len()));
                progress.step(
                    format!("{} finding(s) to {}", update.finding_identifiers.len(), update.workflow.status),
                    at,
                    of,
                );
                match send(&writer, update).await {
                    Ok(answer) => {
                        ids.extend(calls::request_ids(&answer));
                        if let Some(message) = unprocessed(&answer) {
                            return partial(class(&answer), message, at, of, ids);
                        }
                    }
                    Err(Outcome::Failed { class, message, .. }) if done > 0 => {
                        return partial(class, message.line().into_string(), at, of, ids);
                    }
                    Err(Outcome::Unknown { why }) if done > 0 => {
                        return Outcome::Unknown { why: format!("{at} of {of} requests done; {}", why.line()).into() };
                    }
                    Err(outcome) => return outcome,
                }
            }
            done(&updates, &prior, ids)
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(updates) = updates(plan) else { return Found::CannotTell("the plan can't be read".into()) };
            let now = match listed(reader, plan, &updates).await {
                Err(problem) => return Found::CannotTell(problem.headline().into()),
                Ok(now) => now,
            };
            let facts: Vec<Fact> = now.iter().map(Listed::fact).collect();
            match holds(&updates, &now) && changed(plan, &facts).is_some() {
                true => Found::Ended(done(&updates, &prior(plan, &now), Vec::new())),
                false => Found::CannotTell(
                    "not all findings have the planned status; planning again is safe, since the call only sets it"
                        .into(),
                ),
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some(updates) = updates(plan) else { return calls::unverified("the plan can't be read") };
            match listed(reader, plan, &updates).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => {
                    Verified { holds: Some(holds(&updates, &now)), facts: now.iter().map(Listed::fact).collect() }
                }
            }
        })
    }

    fn tells(&self) -> bool {
        true
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // The hub is what AWS checks, not the findings in it.
        Seal::each(plan, |_| vec![arn(plan, "securityhub", "hub/default")])
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
        let before: BTreeMap<Box<str>, String> = serde_json::from_value(undo.get("Workflow")?.clone()).ok()?;
        let before = before.into_iter().map(|(id, status)| (id, Value::Text(Word::own(status)))).collect();
        Some(Request::undoing(plan, [("workflows", Value::Map(before))]))
    }
}

fn updates(plan: &Plan) -> Option<Vec<Update>> {
    plan.requests.iter().map(|request| serde_json::from_value(request.input.clone()).ok()).collect()
}

/// The plan's findings as they are now.
async fn listed(reader: &Reader, plan: &Plan, updates: &[Update]) -> Result<Vec<Listed>, Problem> {
    let ids: Vec<String> = updates.iter().flat_map(|u| &u.finding_identifiers).map(|i| i.id.clone()).collect();
    findings(reader, &plan.target, &ids).await
}

/// Whether every planned finding has its planned status.
fn holds(updates: &[Update], now: &[Listed]) -> bool {
    updates.iter().all(|update| {
        update.finding_identifiers.iter().all(|planned| {
            now.iter().any(|listed| listed.identifier == *planned && listed.status == update.workflow.status)
        })
    })
}

/// The findings with the status that the plan saw.
fn prior(plan: &Plan, now: &[Listed]) -> Vec<Listed> {
    let of = |listed: &Listed| {
        let name = listed.fact().name;
        let fact = plan.facts.iter().find(|fact| fact.name == name)?;
        let status = read::STATUSES.into_iter().find(|status| fact.value == Untrusted::from(*status))?;
        Some(Listed { identifier: listed.identifier.clone(), status: status.to_owned() })
    };
    now.iter().filter_map(of).collect()
}

async fn send(writer: &Writer, update: &Update) -> Result<BatchUpdateFindingsOutput, Outcome> {
    let workflow = WorkflowUpdate::builder().status(WorkflowStatus::from(update.workflow.status.as_str())).build();
    let mut call = writer.securityhub().batch_update_findings().workflow(workflow);
    for identifier in &update.finding_identifiers {
        let built =
            AwsSecurityFindingIdentifier::builder().id(&identifier.id).product_arn(&identifier.product_arn).build();
        call = call.finding_identifiers(built);
    }
    if let Some(note) = &update.note {
        call = call.note(NoteUpdate::builder().text(&note.text).updated_by(&note.updated_by).build());
    }
    call.send().await.map_err(|error| writer.outcome("securityhub:BatchUpdateFindings", &error))
}

/// What Security Hub did not take, with its own words; `None` when it took all.
fn unprocessed(answer: &BatchUpdateFindingsOutput) -> Option<String> {
    let told: Vec<String> = answer
        .unprocessed_findings()
        .iter()
        .map(|finding| {
            let id = finding.finding_identifier().and_then(|i| i.id()).unwrap_or("a finding");
            let (code, words) = (finding.error_code().unwrap_or("?"), finding.error_message().unwrap_or_default());
            format!("{}: {} {}", clean(id), clean(code), clean(words))
        })
        .collect();
    (!told.is_empty()).then(|| {
        let processed = answer.processed_findings().len();
        format!("{} of {} findings updated; {}", processed, processed + told.len(), told.join("; "))
    })
}

fn class(answer: &BatchUpdateFindingsOutput) -> FailClass {
    let codes: Vec<&str> = answer.unprocessed_findings().iter().filter_map(|f| f.error_code()).collect();
    match codes.as_slice() {
        [code, ..] if code.contains("NotFound") => FailClass::NotFound,
        [code, ..] if code.contains("Concurrent") => FailClass::Conflict,
        [code, ..] if code.contains("Invalid") => FailClass::Validation,
        _ => FailClass::Other,
    }
}

/// It failed after `done` of `of` requests.
fn partial(class: FailClass, message: String, done: u32, of: u32, request_ids: Vec<Untrusted>) -> Outcome {
    let message = match (done, of) {
        (_, 1) => message,
        _ => format!("{done} of {of} requests done; {message}"),
    };
    Outcome::Failed { class, message: message.into(), request_ids }
}

fn done(updates: &[Update], prior: &[Listed], request_ids: Vec<Untrusted>) -> Outcome {
    let words: Vec<String> = updates
        .iter()
        .map(|update| format!("{} finding(s) set to {}", update.finding_identifiers.len(), update.workflow.status))
        .collect();
    let differs = |listed: &&Listed| !holds_one(updates, listed);
    let before: BTreeMap<&str, &str> =
        prior.iter().filter(differs).map(|l| (l.identifier.id.as_str(), l.status.as_str())).collect();
    Outcome::Succeeded {
        outcome: words.join(", ").into(),
        request_ids,
        undo: (!before.is_empty()).then(|| json!({ "Workflow": before })),
        facts: Vec::new(),
    }
}

/// Whether the finding had the planned status before.
fn holds_one(updates: &[Update], listed: &Listed) -> bool {
    let update = updates.iter().find(|update| update.finding_identifiers.contains(&listed.identifier));
    update.is_none_or(|update| update.workflow.status == listed.status)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
