//! DescribeAutomationExecutions and DescribeAutomationStepExecutions: filters and pages.

use super::run::{Execution, StepRun};
use super::{Failure, body, find, invalid, json as write};
use crate::simulator::call::Call;
use crate::simulator::page;
use crate::simulator::world::World;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    #[serde(default)]
    filters: Vec<Filter>,
    max_results: Option<u64>,
    next_token: Option<String>,
    automation_execution_id: Option<String>,
    #[serde(default)]
    reverse_order: bool,
}

/// One of the values is enough; all filters must hold.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    key: String,
    values: Vec<String>,
}

/// The newest execution first.
pub(super) fn executions(world: &World, call: &Call) -> Result<Value, Failure> {
    let input: List = body(call)?;
    input.check(10, &EXECUTION_KEYS)?;
    let here = world.automations.executions.iter().rev().filter(|e| e.region == call.region && !e.foreign);
    let found: Vec<Value> = here.filter(|e| input.filters.iter().all(|f| f.takes(e))).map(write::metadata).collect();
    input.page(&found, "executions", "AutomationExecutionMetadataList")
}

/// The first step first, or the last one.
pub(super) fn steps(world: &World, call: &Call) -> Result<Value, Failure> {
    let input: List = body(call)?;
    input.check(6, &STEP_KEYS)?;
    let execution = find(world, call, input.automation_execution_id.as_deref().unwrap_or_default())?;
    let steps = execution.steps.iter().enumerate().filter(|(_, s)| input.filters.iter().all(|f| f.takes_step(s)));
    let mut found: Vec<Value> = steps.map(|(n, s)| write::step(execution, n, s)).collect();
    if input.reverse_order {
        found.reverse();
    }
    input.page(&found, &execution.id, "StepExecutions")
}

const EXECUTION_KEYS: [&str; 12] = [
    "DocumentNamePrefix",
    "ExecutionStatus",
    "ExecutionId",
    "ParentExecutionId",
    "CurrentAction",
    "StartTimeBefore",
    "StartTimeAfter",
    "AutomationType",
    "TagKey",
    "TargetResourceGroup",
    "AutomationSubtype",
    "OpsItemId",
];

const STEP_KEYS: [&str; 9] = [
    "StartTimeBefore",
    "StartTimeAfter",
    "StepExecutionStatus",
    "StepExecutionId",
    "StepName",
    "Action",
    "ParentStepExecutionId",
    "ParentStepIteration",
    "ParentStepIteratorValue",
];

/// All that the model has, also those that nothing here comes to.
const STATUSES: [&str; 19] = [
    "Pending",
    "InProgress",
    "Waiting",
    "Success",
    "TimedOut",
    "Cancelling",
    "Cancelled",
    "Failed",
    "PendingApproval",
    "Approved",
    "Rejected",
    "Scheduled",
    "RunbookInProgress",
    "PendingChangeCalendarOverride",
    "ChangeCalendarOverrideApproved",
    "ChangeCalendarOverrideRejected",
    "CompletedWithSuccess",
    "CompletedWithFailure",
    "Exited",
];

impl List {
    fn check(&self, most: usize, keys: &[&str]) -> Result<(), Failure> {
        if !(1..=50).contains(&self.max_results.unwrap_or(50)) {
            let text = "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: \
                        Member must have value between 1 and 50";
            return Err(invalid(text));
        }
        if self.filters.len() > most {
            return Err(invalid("1 validation error detected: Value at 'filters' failed to satisfy constraint"));
        }
        for filter in &self.filters {
            if !keys.contains(&filter.key.as_str()) {
                return Err(Failure::new("InvalidFilterKey", 400, "The specified key isn't valid."));
            }
            let moment = filter.key.starts_with("StartTime");
            let status = filter.key.ends_with("Status");
            let sized = (1..=10).contains(&filter.values.len());
            let fits = |v: &String| match (moment, status) {
                (true, _) => v.parse::<Timestamp>().is_ok(),
                (_, true) => STATUSES.contains(&v.as_str()),
                _ => true,
            };
            if !sized || !filter.values.iter().all(fits) {
                return Err(Failure::new("InvalidFilterValue", 400, "The filter value isn't valid."));
            }
        }
        Ok(())
    }

    fn page(&self, found: &[Value], list: &str, member: &str) -> Result<Value, Failure> {
        let size = self.max_results.unwrap_or(50) as usize;
        let (page, next) = page::of(found, self.next_token.as_deref(), size, list)
            .ok_or_else(|| Failure::new("InvalidNextToken", 400, "The specified token isn't valid."))?;
        let mut answer = json!({ member: page });
        if let (Some(object), Some(next)) = (answer.as_object_mut(), next) {
            object.insert("NextToken".to_owned(), json!(next));
        }
        Ok(answer)
    }
}

impl Filter {
    fn takes(&self, e: &Execution) -> bool {
        let any = |wanted: &dyn Fn(&str) -> bool| self.values.iter().any(|v| wanted(v));
        match self.key.as_str() {
            "DocumentNamePrefix" => any(&|v| e.document.starts_with(v)),
            "ExecutionStatus" => any(&|v| e.status.name() == v),
            "ExecutionId" => any(&|v| e.id == v),
            "CurrentAction" => any(&|v| e.step().is_some_and(|s| s.started.is_some() && s.step.action == v)),
            "StartTimeBefore" | "StartTimeAfter" => self.in_time(Some(e.started)),
            "AutomationType" => any(&|v| write::kind(e) == v),
            "ParentExecutionId" => any(&|v| e.parent.as_deref() == Some(v)),
            "TagKey" => any(&|v| e.tags.iter().any(|(key, _)| key == v)),
            // None has a resource group, a subtype or an OpsItem.
            _ => false,
        }
    }

    fn takes_step(&self, s: &StepRun) -> bool {
        let any = |wanted: &str| self.values.iter().any(|v| v == wanted);
        match self.key.as_str() {
            "StepExecutionStatus" => any(s.status.name()),
            "StepExecutionId" => any(&s.id),
            "StepName" => any(&s.name()),
            "Action" => any(s.step.action),
            "StartTimeBefore" | "StartTimeAfter" => self.in_time(s.started),
            _ => false,
        }
    }

    fn in_time(&self, started: Option<Timestamp>) -> bool {
        let before = self.key == "StartTimeBefore";
        let bounds = self.values.iter().filter_map(|v| v.parse::<Timestamp>().ok());
        started.is_some_and(|at| bounds.into_iter().any(|bound| if before { at <= bound } else { at >= bound }))
    }
}
