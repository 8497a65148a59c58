//! What the action blocks of a runbook need: a kind that is there, the fields that it takes, values, and what the kind
//! itself can read.

use super::super::{Request, by_name, fields, kinds};
use super::{BlockNeeds, Need, State};
use crate::aws::Connection;
use crate::problem::clean;
use quell_core::runbook::{ActionSpec, Origin, Runbook, template};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;

type Variables = BTreeMap<String, Untrusted>;

/// The needs of each block in each region.
pub(super) async fn of_book(
    connection: &Connection,
    book: &Runbook,
    regions: &[String],
    variables: &Variables,
) -> Vec<BlockNeeds> {
    let file = match &book.origin {
        Origin::User(path) => Some(clean(path).into_string()),
        Origin::BuiltIn => None,
    };
    let mut all = Vec::new();
    for step in &book.steps {
        let Some(spec) = &step.action else { continue };
        for region in regions {
            all.push(BlockNeeds {
                runbook: book.id.as_str().to_owned(),
                file: file.clone(),
                step: step.id.as_str().to_owned(),
                number: step.number.clone(),
                line: spec.line,
                kind: spec.kind.as_str().to_owned(),
                title: spec.title.line().into_string(),
                region: region.clone(),
                needs: needs(connection, region, spec, variables).await,
            });
        }
    }
    all
}

async fn needs(connection: &Connection, region: &str, spec: &ActionSpec, variables: &Variables) -> Vec<Need> {
    let Some(kind) = by_name(spec.kind.as_str()) else {
        let names: Vec<&str> = kinds().iter().map(|kind| kind.info().name).collect();
        let why = format!("there is no such kind; there are {}", names.join(", "));
        return vec![Need::new(format!("kind {}", spec.kind), State::Missing, why)];
    };
    let value = |name: &str| name.strip_prefix("var.").map(|name| variables.get(name).cloned());
    // A finding and a session have their values when it comes to it.
    let later = |name: &str| value(name).unwrap_or_else(|| Some(Untrusted::default()));
    let unset = template::resolve(spec, &later).missing;
    let asked = |name: &str| {
        Need::new(clean(name).as_str(), State::Asked, "the configuration has no value; the console asks for it")
    };
    let mut all: Vec<Need> = unset.iter().map(|name| asked(name)).collect();
    let request = match Request::from_spec(spec, |name| Some(later(name).unwrap_or_default())) {
        Ok(request) => request,
        Err(problem) => return vec![Need::new("fields", State::Missing, problem.what)],
    };
    match fields::known(kind.info(), &request) {
        Ok(()) => {
            // What is named by its ARN is where that says.
            let region =
                kind.place(&request).map_or_else(|| region.to_owned(), |(_, named)| named.line().into_string());
            all.extend(kind.needs(&connection.reader(&region), &request).await);
        }
        Err(problem) => all.push(Need::new("fields", State::Missing, problem.what)),
    }
    all
}
