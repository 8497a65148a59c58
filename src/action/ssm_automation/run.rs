//! Following an execution to its end.

use super::super::follow::Watch;
use super::super::progress::Progress;
use super::contain::{self, Backup};
use super::locations::{self, Place};
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
/// What is said behind the name of a step that waits.
pub(super) const WAITS: &str = ": waits for an approval: u answers it";
/// Pages of fifty steps that are read.
const PAGES: usize = 20;

/// An execution as it stands.
pub(super) struct Seen {
    execution: AutomationExecution,
    steps: Vec<StepExecution>,
    /// Whether there are more steps, which could not be read.
    cut: bool,
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
    let mut cut = found.step_executions_truncated();
    if cut || steps.is_empty() {
        // Without them the status still counts.
        let all = all_steps(reader, execution).await;
        cut &= all.is_none();
        steps = all.unwrap_or(steps);
    }
    Ok(Seen { execution: found.clone(), steps, cut })
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
        let told = self.execution.target_locations();
        self.execution.document_name() == Some(start.short())
            && start.locations.as_ref().map_or(told.is_empty(), |locations| locations.same(told))
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

    /// What it acts on, as it was told: its parameters, its targets, and where they are.
    pub(super) fn acts_on(&self) -> Vec<Fact> {
        let execution = &self.execution;
        let given: BTreeMap<&String, &Vec<String>> = execution.parameters().into_iter().flatten().collect();
        let given = given.into_iter().filter(|(_, values)| values.iter().any(|value| !value.is_empty()));
        let mut facts: Vec<Fact> =
            given.map(|(name, values)| Fact::new(name.as_str(), cut(values.join(", ")))).collect();
        // One that runs on many targets is told them apart from its parameters.
        let targets = execution.targets().iter();
        facts.extend(
            targets
                .map(|t| Fact::new("targets", cut(format!("{}: {}", t.key().unwrap_or("?"), t.values().join(", "))))),
        );
        let places = execution.target_locations().iter();
        facts.extend(places.map(|place| Fact::new("in", locations::words(place))));
        facts.extend(execution.target().filter(|target| !target.is_empty()).map(|target| Fact::new("target", target)));
        facts
    }

    /// Whether it is a containment that changes something, which ends half-way when it is stopped.
    pub(super) fn contains(&self) -> bool {
        let given = self.execution.parameters().into_iter().flatten();
        contain::changes(self.document(), &given.map(|(name, values)| (name.clone(), values.clone())).collect())
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
                let place = step.target_location().map(locations::words);
                let name = clean(place.as_deref().or(step.step_name()).unwrap_or("step"));
                match (step.action(), status(step).as_str()) {
                    (Some("aws:approve"), _) => format!("{name}{WAITS}"),
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
        let stage = stage(self.raw_status());
        if self.cut && stage != Stage::Going && backup.is_none() && start.contains() {
            let why = "its steps can't be read, and with them what it changed and where its backup is";
            return Some(Outcome::Unknown { why: format!("{named}: {why}").into() });
        }
        Some(match stage {
            Stage::Going => return None,
            // That one succeeds that follows others does not say that they did.
            Stage::Good if self.places().iter().any(|place| !place.well) => self.bad(start, named, None, request_ids),
            Stage::Good => Outcome::Succeeded {
                outcome: named.into(),
                request_ids,
                undo: backup.as_ref().map(Backup::data),
                facts: self.facts(execution, backup.as_ref()),
            },
            Stage::Bad => self.bad(start, named, backup, request_ids),
        })
    }

    /// How it ended badly. A containment that got as far as its backup may have changed things behind it: that part
    /// stands until Restore puts it back.
    fn bad(&self, start: &Start, named: String, backup: Option<Backup>, request_ids: Vec<Untrusted>) -> Outcome {
        let why = self.execution.failure_message().map(|why| format!(": {}", clean(why))).unwrap_or_default();
        let mut message = format!("{named}{why}");
        let place = backup.as_ref().map(|b| format!("; what stood before is in s3://{}/{}", b.bucket, b.key));
        match backup.filter(|_| start.contains()) {
            Some(backup) => {
                let (at, half) = (self.ended_in(), contain::half(start.short()));
                message.push_str(&format!("; {at}, and the document may have changed a part: {half}"));
                message.push_str(&place.unwrap_or_default());
                Outcome::Partly { message: message.into(), request_ids, undo: Some(backup.data()) }
            }
            None => {
                let places = self.places();
                if !places.is_empty() {
                    message.push_str(&format!("; {}", locations::told(&places)));
                }
                message.push_str(&place.unwrap_or_default());
                Outcome::Failed { class: FailClass::Failed, message: message.into(), request_ids }
            }
        }
    }

    /// How it stands in each place where it runs; none of one that runs here alone.
    pub(super) fn places(&self) -> Vec<Place> {
        let place = |step: &StepExecution| {
            let status = step.step_status().map_or("Pending", |status| status.as_str());
            let child = step.outputs().and_then(|outputs| outputs.get("ExecutionId")).and_then(|ids| ids.first());
            Some(Place {
                name: locations::words(step.target_location()?),
                status: clean(status).into_string(),
                well: stage(status) == Stage::Good,
                why: step.failure_message().map(|why| clean(why).into_string()),
                child: child.cloned(),
            })
        };
        self.steps.iter().filter_map(place).collect()
    }

    /// What it put out, in one line.
    pub(super) fn outputs(&self) -> String {
        let all: BTreeMap<&String, &Vec<String>> = self.execution.outputs().into_iter().flatten().collect();
        cut(all.into_iter().map(|(name, values)| format!("{name} {}", values.join(" "))).collect::<Vec<_>>().join(", "))
    }

    /// In which step it ended, in words.
    fn ended_in(&self) -> String {
        let status = |step: &StepExecution| step.step_status().map_or("Pending", |s| s.as_str()).to_owned();
        let done = self.steps.iter().filter(|step| stage(&status(step)) == Stage::Good).count();
        match self.steps.iter().find(|step| stage(&status(step)) == Stage::Bad) {
            Some(step) => {
                let (name, status) = (clean(step.step_name().unwrap_or("?")), status(step));
                format!("it ended in {name} ({}), after {done} of {} steps", clean(&status), self.steps.len())
            }
            None => format!("it ended after {done} of {} steps", self.steps.len()),
        }
    }

    /// Everything that it put out, as texts. What is called by the backup bucket's own name is its name alone.
    fn texts(&self) -> Vec<String> {
        let own = self.execution.outputs().into_iter();
        let steps = self.steps.iter().filter_map(StepExecution::outputs);
        let mut all: Vec<(&String, &Vec<String>)> = own.chain(steps).flatten().collect();
        all.sort_unstable();
        let named = |name: &str, value: &String| match name.rsplit('.').next() {
            Some(contain::BUCKET) => format!("{}: {value}", contain::BUCKET),
            _ => value.clone(),
        };
        all.into_iter().flat_map(|(name, values)| values.iter().map(move |value| named(name, value))).collect()
    }

    fn facts(&self, execution: &str, backup: Option<&Backup>) -> Vec<Fact> {
        let mut facts = vec![execution_fact(execution)];
        if let Some(backup) = backup {
            facts.push(Fact::new(contain::BUCKET, backup.bucket.as_str()));
            facts.push(Fact::new("BackupS3KeyName", backup.key.as_str()));
        }
        let bad = |step: &&StepExecution| step.step_status().is_some_and(|s| stage(s.as_str()) == Stage::Bad);
        facts.extend(self.steps.iter().filter(bad).map(|step| {
            let status = step.step_status().map_or("", |s| s.as_str());
            let why = step.failure_message().unwrap_or_default();
            Fact::new(format!("step {}", step.step_name().unwrap_or("?")), format!("{status} {why}"))
        }));
        facts.extend(self.places().into_iter().map(|place| Fact::new(place.name, place.status)));
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
                    "TargetLocation": step.target_location().map(locations::words),
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
