//! What remedies the rule, and its runs as they stand.

use super::super::calls;
use super::super::fields::refuse;
use crate::aws::config::{Execution, Remediation};
use crate::aws::{Failure, Reader};
use crate::problem::Problem;
use quell_core::incident::{Fact, FailClass, Outcome, Plan};
use quell_core::text::Untrusted;

pub(super) const DESCRIBE: &str = "config:DescribeRemediationConfigurations";
pub(super) const STATUS: &str = "config:DescribeRemediationExecutionStatus";
/// The facts by which a run is told from the one before it, and that say whether Config runs it by itself.
const LAST: &str = "last run";
const NEVER: &str = "none";
const AUTOMATIC: &str = "automatic";

/// What remedies the rule, and what a plan rests on.
pub(super) struct Remedy {
    pub automatic: bool,
    pub facts: Vec<Fact>,
}

/// What remedies the rule's findings, if anything does.
pub(super) async fn configured(reader: &Reader, rule: &str) -> Result<Option<Remediation>, Failure> {
    let found = reader.config().describe_remediation_configurations(rule).await;
    Ok(found.map_err(|error| Failure::of(&error))?.into_iter().next())
}

/// What will run, and what ran last for the resource.
pub(super) async fn remedy(reader: &Reader, rule: &str, resource: (&str, &str)) -> Result<Remedy, Problem> {
    let found = configured(reader, rule).await.map_err(|failure| failure.problem(DESCRIBE, &reader.scope()))?;
    let found = found.ok_or_else(|| {
        refuse(format!("the rule {rule} has no remediation")).next("look at the rule's name, account and region")
    })?;
    let last = reader.config().describe_remediation_execution_status(rule, resource).await;
    let last = last.map_err(|error| calls::problem(&error, reader, STATUS))?;
    let version = found.target_version.as_ref().map(|version| format!(", version {}", version.line()));
    let retries = match (found.automatic, found.maximum_automatic_attempts, found.retry_attempt_seconds) {
        (false, ..) => "no: it runs when it is asked to".to_owned(),
        (true, Some(times), Some(seconds)) => format!("yes, up to {times} times in {seconds} s"),
        (true, ..) => "yes".to_owned(),
    };
    let parameters = quell_core::text::json::to_string(&found.parameters).unwrap_or_default();
    let facts = vec![
        Fact::new("document", format!("{}{}", found.target_id.line(), version.unwrap_or_default())),
        Fact::new("parameters", parameters),
        Fact::new(AUTOMATIC, retries),
        Fact::new(LAST, last.map_or_else(|| NEVER.to_owned(), |last| time(&last))),
    ];
    Ok(Remedy { automatic: found.automatic, facts })
}

fn time(execution: &Execution) -> String {
    let millis = (execution.invocation_time * 1000.0) as i64;
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| "an impossible time".to_owned(), |at| at.to_string())
}

/// Whether Config runs what is planned by itself, too.
pub(super) fn automatic(plan: &Plan) -> bool {
    plan.facts.iter().any(|fact| fact.name == AUTOMATIC.into() && fact.value.line().as_str().starts_with("yes"))
}

/// A run that began after the plan was made.
pub(super) struct Seen(Execution);

/// The run that began since; that none is shown is a failure which a longer wait may heal.
pub(super) async fn look(reader: &Reader, plan: &Plan, rule: &str, resource: (&str, &str)) -> Result<Seen, Failure> {
    let found = reader.config().describe_remediation_execution_status(rule, resource).await;
    let found = found.map_err(|error| Failure::of(&error))?;
    let before = plan.facts.iter().find(|fact| fact.name == LAST.into()).map(|fact| &fact.value);
    let later = found.filter(|found| before.is_some_and(|before| *before != Untrusted::from(time(found))));
    later
        .map(Seen)
        .ok_or_else(|| Failure::unreadable("Config shows no run that began since: look again in a minute", None))
}

impl Seen {
    /// Where it is, in words: the first step that has not succeeded, else the state.
    pub(super) fn line(&self) -> (String, u32, u32) {
        let good = |state: &Option<Untrusted>| *state == Some("SUCCEEDED".into());
        let steps = &self.0.step_details;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let done = steps.iter().filter(|step| good(&step.state)).count();
        let at = steps.iter().find(|step| !good(&step.state)).and_then(|step| step.name.as_ref());
        let line = at.map_or_else(|| self.0.state.line().into_string(), |name| name.line().into_string());
        (line, count(done), count(steps.len()))
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self, request_ids: Vec<Untrusted>) -> Option<Outcome> {
        let (state, id) = (self.0.state.line(), self.0.resource_key.resource_id.line());
        let named = format!("remediation of {id}: {state}");
        match state.as_str() {
            "SUCCEEDED" => {
                let facts = vec![Fact::new("started", time(&self.0))];
                Some(Outcome::Succeeded { outcome: named.into(), request_ids, undo: None, facts })
            }
            "FAILED" => {
                let steps = self.0.step_details.iter().filter_map(|step| step.error_message.as_ref());
                let why: String = steps.map(|why| format!(": {}", why.line())).collect();
                let message = format!("{named}{why}").into();
                Some(Outcome::Failed { class: FailClass::Failed, message, request_ids })
            }
            _ => None,
        }
    }
}
