//! What the action blocks of a runbook need: a kind that is there, the fields that it takes, values, and what the kind
//! itself can read.

use super::super::{Request, by_name, fields, kinds};
use super::actor::Actor;
use super::{BlockNeeds, Need, State};
use crate::problem::clean;
use quell_core::runbook::{ActionSpec, Origin, Runbook, Step, template};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;

type Variables = BTreeMap<String, Untrusted>;

/// An account and a region.
pub(super) type Spot = (String, String);

/// The steps of a book whose actions would act there: where the sites are, or where what an action names by its ARN is.
pub(super) fn places<'b>(book: &'b Runbook, sites: &[Spot], variables: &Variables) -> BTreeMap<Spot, Vec<&'b Step>> {
    let mut all: BTreeMap<Spot, Vec<&Step>> = BTreeMap::new();
    for step in &book.steps {
        let Some(spec) = &step.action else { continue };
        let named = named(spec, variables);
        let spots = named.map_or_else(|| sites.to_vec(), |spot| vec![spot]);
        for spot in spots {
            all.entry(spot).or_default().push(step);
        }
    }
    all
}

/// The account and the region that an action block names.
fn named(spec: &ActionSpec, variables: &Variables) -> Option<Spot> {
    let request = Request::from_spec(spec, |name| Some(later(name, variables).unwrap_or_default())).ok()?;
    let (account, region) = by_name(spec.kind.as_str())?.place(&request)?;
    Some((account.line().into_string(), region.line().into_string()))
}

/// A value that is known beforehand; a finding and a session have theirs when it comes to it.
fn later(name: &str, variables: &Variables) -> Option<Untrusted> {
    match name.strip_prefix("var.") {
        Some(name) => variables.get(name).cloned(),
        None => Some(Untrusted::default()),
    }
}

/// The needs of the actions of these steps in a region of an account.
pub(super) async fn of_steps(
    actor: &Actor<'_>,
    (book, steps): (&Runbook, &[&Step]),
    region: &str,
    variables: &Variables,
) -> Vec<BlockNeeds> {
    let mut all = Vec::new();
    for step in steps {
        let Some(spec) = &step.action else { continue };
        let needs = needs(actor, region, spec, variables).await;
        all.push(block(book, (step, spec), (&actor.account, actor.role.as_deref(), region), needs));
    }
    all
}

/// The same where nothing can be looked at, for a need of them all.
pub(super) fn lacking((book, steps): (&Runbook, &[&Step]), (account, region): &Spot, need: &Need) -> Vec<BlockNeeds> {
    let with_action = steps.iter().filter_map(|step| Some((*step, step.action.as_ref()?)));
    with_action.map(|which| block(book, which, (account, None, region), vec![need.clone()])).collect()
}

fn block(
    book: &Runbook,
    (step, spec): (&Step, &ActionSpec),
    (account, role, region): (&str, Option<&str>, &str),
    needs: Vec<Need>,
) -> BlockNeeds {
    let file = match &book.origin {
        Origin::User(path) => Some(clean(path).into_string()),
        Origin::BuiltIn => None,
    };
    BlockNeeds {
        runbook: book.id.as_str().to_owned(),
        file,
        step: step.id.as_str().to_owned(),
        number: step.number.clone(),
        line: spec.line,
        kind: spec.kind.as_str().to_owned(),
        title: spec.title.line().into_string(),
        account: clean(account).into_string(),
        role: role.map(|role| clean(role).into_string()),
        region: region.to_owned(),
        needs,
    }
}

async fn needs(actor: &Actor<'_>, region: &str, spec: &ActionSpec, variables: &Variables) -> Vec<Need> {
    let Some(kind) = by_name(spec.kind.as_str()) else {
        let names: Vec<&str> = kinds().iter().map(|kind| kind.info().name).collect();
        let why = format!("there is no such kind; there are {}", names.join(", "));
        return vec![Need::new(format!("kind {}", spec.kind), State::Missing, why)];
    };
    let later = |name: &str| later(name, variables);
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
        Ok(()) => match actor.reads(kind, region).await {
            Ok(reader) => all.extend(kind.needs(&reader, &request).await),
            Err(need) => all.push(need),
        },
        Err(problem) => all.push(Need::new("fields", State::Missing, problem.what)),
    }
    all
}
