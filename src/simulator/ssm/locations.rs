//! Executions in several accounts and Regions: one here that follows, and one of its own in each of the places, by the
//! role of that name in that account (Systems Manager User Guide, "Running automations in multiple AWS Regions and
//! accounts"; API reference, "TargetLocation").

use super::document::Values;
use super::plan::{self, Does, Step};
use super::run::{Execution, Status, StepRun};
use super::{Failure, invalid};
use crate::simulator::world::World;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// The role that is taken on in each place where none is named.
const ROLE: &str = "AWS-SystemsManager-AutomationExecutionRole";

/// A member of TargetLocations.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Location {
    accounts: Vec<String>,
    regions: Vec<String>,
    execution_role_name: Option<String>,
    target_location_max_concurrency: Option<String>,
    target_location_max_errors: Option<String>,
}

/// What an execution in several places was asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Locations {
    pub asked: Vec<Location>,
    at_once: usize,
    errors: usize,
}

/// One of the places, and the execution there once it has begun.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub account: String,
    pub region: String,
    role: String,
    pub child: Option<String>,
}

impl Place {
    pub fn json(&self) -> Value {
        json!({ "Accounts": [self.account], "Regions": [self.region], "ExecutionRoleName": self.role })
    }
}

/// What an execution here does for one of the places.
const CHILD: Step = Step { name: "", action: "aws:executeAutomation", seconds: 0, does: Does::Nothing };

impl Location {
    /// The rules of the service model, and which of its members is wrong.
    pub fn check(&self) -> Result<(), Failure> {
        let many = |all: &[String]| (1..=50).contains(&all.len());
        let role = self.execution_role_name.as_deref().is_none_or(|role| {
            let letters = role.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c));
            letters && (1..=64).contains(&role.len())
        });
        let limit = |given: &Option<String>, least: usize| {
            given.as_deref().is_none_or(|text| amount(text, 100).is_some_and(|n| n >= least) && text.len() <= 7)
        };
        for (name, fine) in [
            ("targetLocations.accounts", many(&self.accounts)),
            ("targetLocations.regions", many(&self.regions)),
            ("targetLocations.executionRoleName", role),
            ("targetLocations.targetLocationMaxConcurrency", limit(&self.target_location_max_concurrency, 1)),
            ("targetLocations.targetLocationMaxErrors", limit(&self.target_location_max_errors, 0)),
        ] {
            if !fine {
                let message = format!("1 validation error detected: Value at '{name}' failed to satisfy constraint");
                return Err(invalid(message));
            }
        }
        let account = |text: &String| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        match self.accounts.iter().find(|text| !account(text) && !text.starts_with("ou-")) {
            Some(_) => Err(Failure::new("InvalidTarget", 400, "The target isn't valid or doesn't exist.")),
            None => Ok(()),
        }
    }

    pub fn json(&self) -> Value {
        let mut all = json!({ "Accounts": self.accounts, "Regions": self.regions });
        for (name, value) in [
            ("ExecutionRoleName", &self.execution_role_name),
            ("TargetLocationMaxConcurrency", &self.target_location_max_concurrency),
            ("TargetLocationMaxErrors", &self.target_location_max_errors),
        ] {
            if let (Some(members), Some(value)) = (all.as_object_mut(), value) {
                members.insert(name.to_owned(), json!(value));
            }
        }
        all
    }
}

/// A number, or so many percent of all, at least none of them.
fn amount(text: &str, all: usize) -> Option<usize> {
    match text.strip_suffix('%') {
        Some(percent) => percent.parse().ok().filter(|n: &usize| *n <= 100).map(|n| n * all / 100),
        None => text.parse().ok(),
    }
}

/// What is asked, with its places in their order; an organizational unit holds the accounts that the organization has.
pub(super) fn of(asked: Vec<Location>, members: &[String]) -> (Locations, Vec<Place>) {
    let place = |location: &Location, account: &String, region: &String| Place {
        account: account.clone(),
        region: region.clone(),
        role: location.execution_role_name.clone().unwrap_or_else(|| ROLE.to_owned()),
        child: None,
    };
    let mut places: Vec<Place> = Vec::new();
    for location in &asked {
        for named in &location.accounts {
            let accounts = if named.starts_with("ou-") { members } else { std::slice::from_ref(named) };
            for account in accounts {
                places.extend(location.regions.iter().map(|region| place(location, account, region)));
            }
        }
    }
    let first = |of: fn(&Location) -> &Option<String>, otherwise: usize| {
        let given = asked.iter().find_map(|location| of(location).as_deref());
        given.and_then(|text| amount(text, places.len())).unwrap_or(otherwise)
    };
    let at_once = first(|l| &l.target_location_max_concurrency, 1).max(1);
    let errors = first(|l| &l.target_location_max_errors, 0);
    (Locations { asked, at_once, errors }, places)
}

/// The step of an execution here for a place.
pub(super) fn step(place: Place, id: String) -> StepRun {
    StepRun {
        step: CHILD,
        id,
        status: Status::Pending,
        started: None,
        ended: None,
        outputs: Values::new(),
        failure: None,
        place: Some(place),
    }
}

/// Takes over how the executions in the places stand, begins those that may begin, and ends what is done.
pub(super) fn settle(world: &mut World, at: Timestamp) {
    for index in 0..world.automations.executions.len() {
        let follows = |e: &&Execution| e.locations.is_some() && e.status == Status::InProgress;
        if world.automations.executions.get(index).filter(follows).is_none() {
            continue;
        }
        take(world, index);
        while let Some(step) = next(world, index) {
            begin(world, index, step, at);
        }
        if let Some(execution) = world.automations.executions.get_mut(index) {
            execution.ends_with_its_places(at);
        }
    }
}

fn take(world: &mut World, index: usize) {
    let ended: Vec<Execution> = world.automations.executions.iter().filter(|e| e.parent.is_some()).cloned().collect();
    let Some(execution) = world.automations.executions.get_mut(index) else { return };
    for step in execution.steps.iter_mut().filter(|step| step.status == Status::InProgress) {
        let child = step.place.as_ref().and_then(|place| place.child.as_ref());
        let Some(child) = child.and_then(|id| ended.iter().find(|e| e.id == *id && e.status.ended())) else { continue };
        (step.status, step.ended) = (child.status, child.ended);
        step.failure.clone_from(&child.failure);
        step.outputs.insert("Status".to_owned(), vec![child.status.name().to_owned()]);
    }
}

/// The next place that may begin: not more at once than was asked, and none once too many have failed.
fn next(world: &World, index: usize) -> Option<usize> {
    let execution = world.automations.executions.get(index)?;
    let asked = execution.locations.as_ref()?;
    let count = |status: &dyn Fn(Status) -> bool| execution.steps.iter().filter(|step| status(step.status)).count();
    let failed = count(&|status| status.ended() && status != Status::Success);
    let free = count(&|status| status == Status::InProgress) < asked.at_once && failed <= asked.errors;
    let pending = execution.steps.iter().position(|step| step.status == Status::Pending);
    pending.filter(|_| free)
}

/// Begins the execution in a place: in this account, in one of its organization, or not at all.
fn begin(world: &mut World, index: usize, step: usize, at: Timestamp) {
    let Some(parent) = world.automations.executions.get(index).cloned() else { return };
    let Some(place) = parent.steps.get(step).and_then(|step| step.place.clone()) else { return };
    let foreign = place.account != world.scenario.account;
    let role = format!("arn:aws:iam::{}:role/{}", place.account, place.role);
    if foreign && !world.scenario.members.contains(&place.account) {
        let why = format!("An error occurred (AccessDenied): unable to assume the role {role}");
        if let Some(step) = world.automations.executions.get_mut(index).and_then(|e| e.steps.get_mut(step)) {
            (step.status, step.started, step.ended) = (Status::Failed, Some(at), Some(at));
            step.failure = Some(why);
        }
        return;
    }
    let n = world.automations.executions.len() as u64;
    let mut parameters = parent.parameters.clone();
    parameters.insert("AutomationAssumeRole".to_owned(), vec![role]);
    let child = Execution {
        id: world.chance.uuid("execution", n),
        region: place.region,
        steps: plan::runs(world, parent.document, &parameters, n),
        parameters,
        tags: Vec::new(),
        token: None,
        parent: Some(parent.id.clone()),
        foreign,
        locations: None,
        status: Status::Pending,
        started: at,
        current: 0,
        ..parent
    };
    let id = child.id.clone();
    world.automations.executions.push(child.begins(at));
    let Some(step) = world.automations.executions.get_mut(index).and_then(|e| e.steps.get_mut(step)) else { return };
    (step.status, step.started) = (Status::InProgress, Some(at));
    step.outputs.insert("ExecutionId".to_owned(), vec![id.clone()]);
    if let Some(place) = &mut step.place {
        place.child = Some(id);
    }
}

/// Stops the executions in the places with the one that follows them.
pub(super) fn stop(world: &mut World, parent: &str, at: Timestamp) {
    let of = |e: &&mut Execution| e.parent.as_deref() == Some(parent) && !e.status.ended();
    world.automations.executions.iter_mut().filter(of).for_each(|child| child.cancel(at));
    let Some(execution) = world.automations.executions.iter_mut().find(|e| e.id == parent) else { return };
    for step in execution.steps.iter_mut().filter(|step| step.place.is_some() && !step.status.ended()) {
        (step.status, step.ended) = (Status::Cancelled, step.started.map(|_| at));
    }
}

impl Execution {
    /// Ends once no place goes on and none may begin: failed when more failed than was allowed.
    fn ends_with_its_places(&mut self, at: Timestamp) {
        let Some(asked) = &self.locations else { return };
        if self.steps.iter().any(|step| step.status == Status::InProgress) {
            return;
        }
        let failed = self.steps.iter().filter(|step| step.status.ended() && step.status != Status::Success).count();
        let too_many = failed > asked.errors;
        for step in self.steps.iter_mut().filter(|step| step.status == Status::Pending) {
            step.status = Status::Cancelled;
        }
        self.failure = too_many.then(|| format!("{failed} executions failed: the error threshold was exceeded."));
        self.finish(if too_many { Status::Failed } else { Status::Success }, at);
    }
}

impl StepRun {
    /// The step's name: of one that is a place, the place.
    pub fn name(&self) -> String {
        match &self.place {
            Some(place) => format!("{}_{}", place.account, place.region),
            None => self.step.name.to_owned(),
        }
    }
}
