//! What actions need, looked at before they are wanted: the permissions of each kind, and what each action block of the
//! runbooks names. Everything here only reads; what can't be read is told as not known, never as missing.

mod actor;
mod blocks;
mod caller;
mod permissions;
mod roles;

#[cfg(test)]
mod tests;

pub(super) use caller::role;
pub(super) use permissions::on_key;

use super::{Action, kinds};
use crate::aws::{Bearer, Connection, ErrorClass, Failure, Operation, Reader};
use crate::problem::{Problem, clean};
use actor::Actors;
use blocks::Spot;
use quell_core::runbook::Runbook;
use quell_core::text::Untrusted;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The operations that it calls beside those that the kinds read by.
pub const OPERATIONS: [Operation; 2] = [("IAM", "GetRole"), ("IAM", "SimulatePrincipalPolicy")];

/// Whether something that an action needs is there. In order: what is worse comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Ok,
    /// It has no value yet; the console asks for it.
    Asked,
    /// It comes with a solution that was not deployed there: the step is done by hand.
    ByHand,
    /// AWS did not say.
    NotKnown,
    Missing,
}

/// One thing that an action needs; all words are harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    pub name: String,
    pub state: State,
    /// Why it is so; empty where nothing is to be said.
    pub why: String,
}

impl Need {
    /// A need in its state.
    pub(super) fn new(name: impl Into<String>, state: State, why: impl Into<String>) -> Self {
        Self { name: name.into(), state, why: why.into() }
    }

    /// What a failed read says of a need: what is not there is missing, all else is not known.
    fn failed(name: String, failure: &Failure, operation: &str, reader: &Reader) -> Self {
        match failure.class {
            ErrorClass::NotFound => Self::new(name, State::Missing, "it is not there"),
            ErrorClass::Validation => Self::new(name, State::Missing, said(failure, operation, reader)),
            _ => Self::new(name, State::NotKnown, said(failure, operation, reader)),
        }
    }

    /// What a read that the need rests on says of it.
    pub(super) fn read<T>(name: String, read: Result<T, Failure>, operation: &str, reader: &Reader) -> Result<T, Self> {
        read.map_err(|failure| Self::failed(name, &failure, operation, reader))
    }
}

/// A failure in one line.
fn said(failure: &Failure, operation: &str, reader: &Reader) -> String {
    failure.problem(operation, &reader.scope()).what
}

/// Whose permissions are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caller {
    pub account: String,
    pub arn: String,
    /// The user or the role whose policies IAM simulates.
    pub source: Option<String>,
    /// Why there is none.
    pub why: String,
}

/// The permissions of a kind in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindNeeds {
    pub kind: &'static str,
    pub account: String,
    /// The role that would act there; none where the caller does.
    pub role: Option<String>,
    pub region: String,
    pub needs: Vec<Need>,
}

/// What an action block needs in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockNeeds {
    pub runbook: String,
    /// The runbook's file; a built-in one has none.
    pub file: Option<String>,
    pub step: String,
    pub number: String,
    /// The block's line in the runbook's file.
    pub line: usize,
    pub kind: String,
    pub title: String,
    pub account: String,
    /// The role that would act there; none where the caller does.
    pub role: Option<String>,
    pub region: String,
    pub needs: Vec<Need>,
}

/// Where actions would be carried out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// None where no finding says it: the caller's own.
    pub account: Option<Untrusted>,
    pub region: String,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Preflight {
    pub caller: Caller,
    /// The roles of the accounts that the configuration names.
    pub roles: Vec<Need>,
    pub kinds: Vec<KindNeeds>,
    pub blocks: Vec<BlockNeeds>,
    /// Why permissions are not known.
    pub problem: Option<Problem>,
}

impl Preflight {
    /// Whether any need is in that state.
    pub fn any(&self, state: State) -> bool {
        self.needs().any(|need| need.state == state)
    }

    fn needs(&self) -> impl Iterator<Item = &Need> {
        let kinds = self.kinds.iter().flat_map(|kind| &kind.needs);
        let blocks = self.blocks.iter().flat_map(|block| &block.needs);
        self.roles.iter().chain(kinds).chain(blocks)
    }
}

/// Looks at every kind and at the runbooks' action blocks, in every region of the connection, in the caller's account and
/// in each that the configuration names a role for; `variables` are what the configuration gives them, and the bearer
/// takes the roles on.
///
/// # Errors
/// Where AWS does not even say who the caller is.
pub async fn preflight(
    connection: &Connection,
    books: &[Runbook],
    variables: &BTreeMap<String, Untrusted>,
    bearer: &Bearer,
) -> Result<Preflight, Problem> {
    let caller = who(connection).await?;
    let roles = roles::of_accounts(connection, bearer).await;
    let named = connection.accounts().into_iter().map(|account| account.as_str().to_owned());
    let accounts: BTreeSet<String> = named.chain([caller.account.clone()]).collect();
    let mut found = Preflight { caller: caller.clone(), roles, kinds: Vec::new(), blocks: Vec::new(), problem: None };
    let mut actors = Actors::new(connection, bearer, &caller);
    for account in &accounts {
        let Ok(actor) = actors.of(account).await else { continue };
        let (kinds, problem) = permissions::of_kinds(actor, connection.regions(), kinds()).await;
        found.kinds.extend(kinds);
        found.problem = found.problem.or(problem);
    }
    let in_regions =
        |account: &String| connection.regions().iter().map(|region| (account.clone(), region.clone())).collect();
    let sites: Vec<Spot> = accounts.iter().flat_map(|account| -> Vec<Spot> { in_regions(account) }).collect();
    for book in books {
        let variables = &with_later(book, with_defaults(book, variables));
        let first = found.blocks.len();
        for (spot, steps) in blocks::places(book, &sites, variables) {
            match actors.of(&spot.0).await {
                Ok(actor) => found.blocks.extend(blocks::of_steps(actor, (book, &steps), &spot.1, variables).await),
                // A role that is not had stands among the roles, and needs nothing else.
                Err(_) if accounts.contains(&spot.0) => {}
                Err(need) => found.blocks.extend(blocks::lacking((book, &steps), &spot, need)),
            }
        }
        if let Some(own) = found.blocks.get_mut(first..) {
            own.sort_by_key(|block| at(book, block));
        }
    }
    Ok(found)
}

/// What is configured, and what a runbook says itself where that says nothing.
fn with_defaults(book: &Runbook, configured: &BTreeMap<String, Untrusted>) -> BTreeMap<String, Untrusted> {
    let own = book.variables.iter().filter_map(|told| Some((told.name.to_string(), told.default.clone()?)));
    let mut all: BTreeMap<String, Untrusted> = own.collect();
    let fits = |(name, value): &(&String, &Untrusted)| {
        book.variables.iter().find(|told| *told.name == ***name).is_none_or(|told| told.kind.takes(value))
    };
    all.extend(configured.iter().filter(fits).map(|(name, value)| (name.clone(), value.clone())));
    all
}

/// The same where what the finding or an action gives when it comes to it counts as given: nobody types that.
fn with_later(book: &Runbook, known: BTreeMap<String, Untrusted>) -> BTreeMap<String, Untrusted> {
    let comes = book.variables.iter().filter(|told| told.from.is_some() || told.output.is_some());
    let mut all: BTreeMap<String, Untrusted> =
        comes.map(|told| (told.name.to_string(), Untrusted::default())).collect();
    all.extend(known);
    all
}

/// What the action blocks of one runbook need at these sites: permissions of their kinds, and what they name, both asked
/// for whoever would act there.
///
/// # Errors
/// Where AWS does not even say who the caller is.
pub async fn ready(
    connection: &Connection,
    book: &Runbook,
    sites: &[Site],
    variables: &BTreeMap<String, Untrusted>,
    bearer: &Bearer,
) -> Result<Vec<BlockNeeds>, Problem> {
    let caller = who(connection).await?;
    let mut actors = Actors::new(connection, bearer, &caller);
    let account =
        |site: &Site| site.account.as_ref().map_or_else(|| caller.account.clone(), |id| id.line().into_string());
    let sites: Vec<Spot> = sites.iter().map(|site| (account(site), site.region.clone())).collect();
    let mut all = Vec::new();
    for (spot, steps) in blocks::places(book, &sites, variables) {
        let actor = match actors.of(&spot.0).await {
            Ok(actor) => actor,
            Err(need) => {
                all.extend(blocks::lacking((book, &steps), &spot, need));
                continue;
            }
        };
        let mut blocks = blocks::of_steps(actor, (book, &steps), &spot.1, variables).await;
        let is_named = |kind: &&&'static dyn Action| blocks.iter().any(|block| block.kind == kind.info().name);
        let wanted: Vec<&'static dyn Action> = kinds().iter().filter(is_named).copied().collect();
        let (permissions, _) = permissions::of_kinds(actor, std::slice::from_ref(&spot.1), &wanted).await;
        for block in &mut blocks {
            let of_block = permissions.iter().filter(|kind| kind.kind == block.kind);
            block.needs.extend(of_block.flat_map(|kind| kind.needs.iter().cloned()));
        }
        all.extend(blocks);
    }
    all.sort_by_key(|block| at(book, block));
    Ok(all)
}

/// Where a block's step stands in its runbook; lines may be those of files that it includes.
fn at(book: &Runbook, block: &BlockNeeds) -> Option<usize> {
    book.steps.iter().position(|step| step.id.as_str() == block.step)
}

/// Who calls, and whose permissions that are.
async fn who(connection: &Connection) -> Result<Caller, Problem> {
    let identity = connection.identity().await?;
    let reader = connection.reader(connection.region());
    let (source, why) = match caller::source(&reader, &identity.arn).await {
        Ok(source) => (Some(source), String::new()),
        Err(why) => (None, why),
    };
    let arn = identity.arn.line().into_string();
    Ok(Caller { account: identity.account.as_str().to_owned(), arn, source, why })
}

/// Outside texts in one line.
fn listed<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    texts.into_iter().map(|text| clean(text).into_string()).collect::<Vec<_>>().join(", ")
}
