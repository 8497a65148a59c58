//! What can be read back after a run: little, and it says so.

use super::super::calls::{nothing_to_verify, unverified};
use super::Start;
use super::contain;
use super::locations::children;
use super::parameters::single;
use super::run::look;
use super::seen::left;
use crate::aws::Reader;
use crate::problem::clean;
use quell_core::incident::{Fact, Plan, Verified};

/// Reads back what it can; an automation's own success is no proof.
pub(super) async fn verify(reader: &Reader, plan: &Plan, start: &Start) -> Verified {
    let document = start.short();
    if contain::dry(document, &start.parameters) {
        return nothing_to_verify("a dry run changes nothing");
    }
    if let Some(read) = left(reader, plan, start).await {
        return read;
    }
    let contains = single(&start.parameters, "Action") == Some("Contain");
    match document {
        contain::EC2 | contain::S3 | contain::IAM if !contains => unverified(
            "the automation says that it put back what was there before: what was contained is open again. quell did \
             not read it",
        ),
        _ => unverified(format!("the automation says that it succeeded; quell does not know what {document} changes")),
    }
}

/// Reads back what each place tells of itself: its own execution where the account lets it be read.
pub(super) async fn places(reader: &Reader, told: &[Fact]) -> Verified {
    let Some(execution) = told.iter().find(|fact| fact.name == "execution".into()) else {
        return unverified("it is not known which execution it was");
    };
    let execution = execution.value.line().into_string();
    let seen = match look(reader, &execution).await {
        Ok(seen) => seen,
        Err(failure) => return unverified(failure.problem("ssm:GetAutomationExecution", &reader.scope()).headline()),
    };
    // What this account and region do not list lies in others.
    let listed = children(reader, &execution).await.unwrap_or_default();
    let places = seen.places();
    let mut facts = Vec::new();
    for place in &places {
        let child = place.child.as_deref().unwrap_or_default();
        let here = listed.iter().any(|e| e.automation_execution_id() == Some(child));
        let own = if child.is_empty() { None } else { Some(look(reader, child).await) };
        let said = match own {
            Some(Ok(own)) if here => format!("{} ({}): {}", own.status(), clean(child), own.outputs()),
            Some(Ok(own)) => format!("{} ({})", own.status(), clean(child)),
            Some(Err(_)) => {
                format!(
                    "{}, as it is told here; its own execution {} can't be read from here",
                    place.status,
                    clean(child)
                )
            }
            None => format!("{}, as it is told here", place.status),
        };
        facts.push(Fact::new(place.name.as_str(), said));
    }
    let text = "each place speaks for itself; what the document changed in other accounts was not read back";
    facts.push(Fact::new("not verified", text));
    Verified { holds: places.iter().any(|place| !place.well).then_some(false), facts }
}
