//! Following an execution to its end.

use super::super::follow::Watch;
use super::super::progress::Progress;
use super::contain;
use super::{Start, execution_fact};
use crate::aws::{Failure, Reader};
use crate::problem::clean;
use aws_sdk_ssm::types::{AutomationExecution, StepExecution};
use quell_core::incident::{Fact, FailClass, Outcome};
use quell_core::text::Untrusted;
use serde_json::json;
use std::collections::BTreeMap;

/// What a fact keeps of an output, in bytes; the whole of it is evidence.
const KEPT: usize = 4096;
/// Pages of fifty steps that are read.
const PAGES: usize = 20;

/// An execution as it stands.
pub(super) struct Seen {
    execution: AutomationExecution,
    steps: Vec<StepExecution>,
}

/// Whether an execution goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Going,
    Good,
    Bad,
}

/// The stage of a status; one that this version does not know goes on.
fn stage(status: &str) -> Stage {
    match status {
        "Success" | "CompletedWithSuccess" => Stage::Good,
        "Failed"
        | "TimedOut"
        | "Cancelled"
        | "Rejected"
        | "Exited"
        | "CompletedWithFailure"
        | "ChangeCalendarOverrideRejected" => Stage::Bad,
        _ => Stage::Going,
    }
}

/// Looks until it has ended, telling each step.
pub(super) async fn follow(
    reader: &Reader,
    start: &Start,
    execution: &str,
    request_ids: Vec<Untrusted>,
    progress: &Progress,
) -> Outcome {
    progress.step(format!("started as {}", clean(execution)), 0, 0);
    let watch = Watch { reader, progress, operation: "ssm:GetAutomationExecution", name: execution };
    let ended = |seen: &Seen| {
        let outcome = seen.ended(start, request_ids.clone())?;
        progress.output(format!("automation-{execution}.json"), seen.evidence());
        Some(outcome)
    };
    watch.follow(|| Box::pin(look(reader, execution)), Seen::line, ended).await
}

/// The execution as it stands now.
pub(super) async fn look(reader: &Reader, execution: &str) -> Result<Seen, Failure> {
    let answer = reader.ssm().get_automation_execution().automation_execution_id(execution).send().await;
    let answer = answer.map_err(|error| Failure::of(&error))?;
    let Some(found) = answer.automation_execution() else {
        return Err(Failure::unreadable("the answer holds no execution", None));
    };
    let mut steps = found.step_executions().to_vec();
    if found.step_executions_truncated() || steps.is_empty() {
        // The steps are for the eye; without them the status still counts.
        steps = all_steps(reader, execution).await.unwrap_or(steps);
    }
    Ok(Seen { execution: found.clone(), steps })
}

async fn all_steps(reader: &Reader, execution: &str) -> Option<Vec<StepExecution>> {
    let mut all = Vec::new();
    let mut next = None;
    for _ in 0..PAGES {
        let call = reader.ssm().describe_automation_step_executions().automation_execution_id(execution);
        let page = call.max_results(50).set_next_token(next).send().await.ok()?;
        all.extend_from_slice(page.step_executions());
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    Some(all)
}

impl Seen {
    /// Whether it is a run of that document with those parameters; the service adds defaults to them.
    pub(super) fn runs(&self, start: &Start) -> bool {
        let given = self.execution.parameters();
        self.execution.document_name() == Some(start.short())
            && start.parameters.iter().all(|(name, values)| given.and_then(|all| all.get(name)) == Some(values))
    }

    /// AWS's word for how it stands, made harmless.
    pub(super) fn status(&self) -> String {
        clean(self.raw_status()).into_string()
    }

    fn raw_status(&self) -> &str {
        self.execution.automation_execution_status().map_or("", |status| status.as_str())
    }

    /// Whether it has not ended.
    pub(super) fn goes_on(&self) -> bool {
        stage(self.raw_status()) == Stage::Going
    }

    /// Whether somebody has stopped it.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.raw_status(), "Cancelling" | "Cancelled")
    }

    /// The document that it runs.
    pub(super) fn document(&self) -> &str {
        self.execution.document_name().unwrap_or_default()
    }

    /// The step that waits for an approval.
    pub(super) fn waiting(&self) -> Option<&str> {
        let waits = |step: &&StepExecution| {
            step.action() == Some("aws:approve") && step.step_status().is_some_and(|s| s.as_str() == "Waiting")
        };
        self.steps.iter().find(waits)?.step_name()
    }

    /// How a step stands.
    pub(super) fn step_status(&self, name: &str) -> Option<&str> {
        let step = self.steps.iter().find(|step| step.step_name() == Some(name))?;
        step.step_status().map(|status| status.as_str())
    }

    /// Where it is, in words: the first step that goes on, else the status.
    pub(super) fn line(&self) -> (String, u32, u32) {
        let status = |step: &StepExecution| step.step_status().map_or("Pending", |s| s.as_str()).to_owned();
        let done = self.steps.iter().filter(|step| stage(&status(step)) != Stage::Going).count();
        let going =
            |step: &&StepExecution| !matches!(status(step).as_str(), "Pending") && stage(&status(step)) == Stage::Going;
        let line = match self.steps.iter().find(going) {
            Some(step) => {
                let name = clean(step.step_name().unwrap_or("step"));
                match (step.action(), status(step).as_str()) {
                    (Some("aws:approve"), _) => format!("{name}: waits for an approval: u answers it"),
                    (Some("aws:pause"), _) => format!("{name}: paused, to be resumed in AWS"),
                    (_, status) => format!("{name}: {}", clean(status)),
                }
            }
            None => self.status(),
        };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (line, count(done), count(self.steps.len()))
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self, start: &Start, request_ids: Vec<Untrusted>) -> Option<Outcome> {
        let execution = self.execution.automation_execution_id().unwrap_or_default();
        let backup = contain::backup(execution, &start.parameters, &self.texts());
        let (document, status) = (&start.document, self.status());
        let named = format!("{document}: {status} ({})", clean(execution));
        Some(match stage(self.raw_status()) {
            Stage::Going => return None,
            Stage::Good => Outcome::Succeeded {
                outcome: named.into(),
                request_ids,
                undo: backup.as_ref().map(contain::Backup::data),
                facts: self.facts(execution, backup.as_ref()),
            },
            Stage::Bad => {
                let why = self.execution.failure_message().map(clean);
                let mut message = format!("{named}{}", why.map(|why| format!(": {why}")).unwrap_or_default());
                if let Some(backup) = backup {
                    message.push_str(&format!("; what stood before is in s3://{}/{}", backup.bucket, backup.key));
                }
                Outcome::Failed { class: FailClass::Failed, message: message.into(), request_ids }
            }
        })
    }

    /// Everything that it put out, as texts.
    fn texts(&self) -> Vec<String> {
        let own = self.execution.outputs().into_iter();
        let steps = self.steps.iter().filter_map(StepExecution::outputs);
        let mut all: Vec<(&String, &Vec<String>)> = own.chain(steps).flatten().collect();
        all.sort_unstable();
        all.into_iter().flat_map(|(_, values)| values.iter().cloned()).collect()
    }

    fn facts(&self, execution: &str, backup: Option<&contain::Backup>) -> Vec<Fact> {
        let mut facts = vec![execution_fact(execution)];
        if let Some(backup) = backup {
            facts.push(Fact::new("BackupS3BucketName", backup.bucket.as_str()));
            facts.push(Fact::new("BackupS3KeyName", backup.key.as_str()));
        }
        let bad = |step: &&StepExecution| step.step_status().is_some_and(|s| stage(s.as_str()) == Stage::Bad);
        facts.extend(self.steps.iter().filter(bad).map(|step| {
            let status = step.step_status().map_or("", |s| s.as_str());
            let why = step.failure_message().unwrap_or_default();
            Fact::new(format!("step {}", step.step_name().unwrap_or("?")), format!("{status} {why}"))
        }));
        let outputs: BTreeMap<&String, &Vec<String>> = self.execution.outputs().into_iter().flatten().collect();
        facts.extend(outputs.into_iter().map(|(name, values)| Fact::new(name.as_str(), cut(values.join("\n")))));
        facts
    }

    /// The whole of it as JSON.
    fn evidence(&self) -> Vec<u8> {
        let steps: Vec<serde_json::Value> = self
            .steps
            .iter()
            .map(|step| {
                json!({
                    "StepName": step.step_name(), "Action": step.action(),
                    "StepStatus": step.step_status().map(|s| s.as_str()),
                    "FailureMessage": step.failure_message(), "Outputs": step.outputs(),
                })
            })
            .collect();
        let execution = &self.execution;
        let all = json!({
            "AutomationExecutionId": execution.automation_execution_id(), "DocumentName": execution.document_name(),
            "DocumentVersion": execution.document_version(), "AutomationExecutionStatus": self.raw_status(),
            "FailureMessage": execution.failure_message(), "Parameters": execution.parameters(),
            "Outputs": execution.outputs(), "StepExecutions": steps,
        });
        quell_core::text::json::to_string(&all).unwrap_or_default().into_bytes()
    }
}

/// The start of a text, cut between characters.
fn cut(mut text: String) -> String {
    if text.len() > KEPT {
        let at = text.floor_char_boundary(KEPT);
        text.truncate(at);
        text.push_str(" [cut: the whole is in the evidence]");
    }
    text
}
