//! What a containment document of AWS finds and leaves, read by quell itself: the document backs up what it finds and
//! says that it worked, which proves nothing.

mod bucket;
mod host;
mod principal;

use super::super::calls::unverified;
use super::super::fields::map;
use super::super::kind::{BUCKET_BLOCK, BUCKET_POLICY, INTERFACES, PRINCIPAL, Parameter, Written};
use super::super::request::{Request, Value, Word};
use super::super::s3_block_public::BLOCK;
use super::super::s3_policy;
use super::Start;
use super::contain;
use super::parameters::Parameters;
use crate::aws::Reader;
use crate::problem::{Class, Problem};
use principal::POLICIES;
use quell_core::incident::{Fact, Plan, Target, Verified};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;

/// What an undo knows of the state before, by the names of the facts.
pub(super) const FORMER: Parameter = Parameter {
    name: "former",
    required: false,
    what: "for the undo: what the Contain run found, as its plan says it",
};

/// What the facts of it begin with.
const BEFORE: &str = "before the containment, ";
/// The fact that says that what there is could not be read.
const UNREAD: &str = "what there is now";
const PUBLIC: &str = "public addresses";
const INTERFACE: &str = "interface ";

/// What there is of the thing before a run.
#[derive(Default)]
pub(super) struct Seen {
    pub facts: Vec<Fact>,
    pub warnings: Vec<String>,
    /// Why a run that contains is of danger 3.
    pub exposed: bool,
}

impl Seen {
    /// What must not have changed since the plan.
    pub fn material(self) -> impl Iterator<Item = Fact> {
        let is = |name: &str| state(name) || [PUBLIC, UNREAD].contains(&name);
        self.facts.into_iter().filter(move |fact| is(fact.name.line().as_str()))
    }
}

/// Whether a fact of that name says how the thing stood that a run changes.
fn state(name: &str) -> bool {
    name.starts_with(INTERFACE) || [BLOCK, s3_policy::POLICY].contains(&name) || principal::state(name)
}

/// Reads what a run is about to change; nothing of a document that is no containment, or of a dry run.
///
/// # Errors
/// Where nobody may change the principal.
pub(super) async fn seen(
    reader: &Reader,
    document: &str,
    parameters: &Parameters,
    target: &Target,
) -> Result<Seen, Problem> {
    if !contain::is(document) || contain::dry(document, parameters) {
        return Ok(Seen::default());
    }
    let contains = contain::changes(document, parameters);
    let read = match document {
        contain::EC2 => host::host(reader, target, contains).await,
        contain::S3 if !contain::objects(parameters) => bucket::bucket(reader, target).await,
        contain::IAM => match principal::principal(reader, parameters, contains).await {
            Err(refused) if refused.class == Class::Input => return Err(refused),
            read => read,
        },
        _ => return Ok(Seen::default()),
    };
    Ok(read.unwrap_or_else(|problem| {
        let why = problem.headline();
        let warning =
            format!("What there is could not be read: {why} What the run changes is not known before it has.");
        Seen { facts: vec![Fact::new(UNREAD, "not read")], warnings: vec![warning], exposed: contains }
    }))
}

/// Those of a plan's facts that say how the thing stood.
fn states(plan: &Plan) -> impl Iterator<Item = &Fact> {
    plan.facts.iter().filter(|fact| state(fact.name.line().as_str()))
}

/// What a run of a document writes that other kinds write too, or that it alone does, with what the plan had read of it.
/// Nothing of a document that is no containment.
pub(super) fn written(start: &Start, plan: &Plan) -> Vec<Written> {
    match start.short() {
        contain::EC2 => vec![Written::parts(INTERFACES, plan, |name| name.starts_with(INTERFACE))],
        contain::S3 => vec![
            Written::parts(BUCKET_POLICY, plan, |name| name == s3_policy::POLICY),
            Written::parts(BUCKET_BLOCK, plan, |name| name == BLOCK),
        ],
        contain::IAM => {
            let policies = Written::parts(PRINCIPAL, plan, |name| name == POLICIES);
            std::iter::once(policies).chain(principal::keys(plan, &start.parameters)).collect()
        }
        _ => Vec::new(),
    }
}

/// The interfaces that a plan had read: the document finds them by their instance.
pub(super) fn interfaces_in(plan: &Plan) -> impl Iterator<Item = Untrusted> {
    plan.facts.iter().filter_map(|fact| fact.name.line().as_str().strip_prefix(INTERFACE).map(Untrusted::from))
}

/// What an undo of the plan gives back to it: what the plan had read.
pub(super) fn former(plan: &Plan) -> Option<Value> {
    let name = |fact: &Fact| fact.name.line().into_string().into_boxed_str();
    let all: BTreeMap<Box<str>, Value> =
        states(plan).map(|fact| (name(fact), Value::Text(Word::own(fact.value.clone())))).collect();
    (!all.is_empty()).then_some(Value::Map(all))
}

/// The same as the facts of a Restore run.
pub(super) fn before(request: &Request) -> Result<Vec<Fact>, Problem> {
    let mut facts = Vec::new();
    for (name, value) in map(request, FORMER.name)?.into_iter().flatten() {
        if let Value::Text(word) = value {
            facts.push(Fact::new(format!("{BEFORE}{name}"), word.text.clone()));
        }
    }
    Ok(facts)
}

/// The same as its plan says it, by the names that it had then.
fn former_facts(plan: &Plan) -> Vec<Fact> {
    let one = |fact: &Fact| Some(Fact::new(fact.name.line().as_str().strip_prefix(BEFORE)?, fact.value.clone()));
    plan.facts.iter().filter_map(one).collect()
}

/// Reads back what a run has left; none where quell can't.
pub(super) async fn left(reader: &Reader, plan: &Plan, start: &Start) -> Option<Verified> {
    let (contains, target) = (start.contains(), &plan.target);
    let read = match start.short() {
        contain::EC2 if contains => host::cut_off(reader, plan, start).await,
        contain::EC2 => {
            restored(plan, || async { Ok(host::host_states(&host::interfaces(reader, target).await?)) }).await?
        }
        contain::S3 if contain::objects(&start.parameters) => bucket::beside_objects(reader, plan).await,
        contain::S3 if contains => bucket::closed(reader, plan, start).await,
        contain::S3 => restored(plan, || async { Ok(bucket::bucket_facts(reader, target).await?.2) }).await?,
        contain::IAM if contains => principal::contained(reader, plan, &start.parameters).await,
        contain::IAM => principal::restored(reader, &former_facts(plan), &start.parameters).await?,
        _ => return None,
    };
    Some(read.unwrap_or_else(|problem| unverified(problem.headline())))
}

/// Whether everything is as the containment had found it; none where the plan does not say how that was.
async fn restored<F: Future<Output = Result<Vec<Fact>, Problem>>>(
    plan: &Plan,
    now: impl FnOnce() -> F,
) -> Option<Result<Verified, Problem>> {
    let before = former_facts(plan);
    if before.is_empty() {
        return None;
    }
    Some(now().await.map(|facts| Verified { holds: Some(before.iter().all(|fact| facts.contains(fact))), facts }))
}
