//! What actions need, looked at before they are wanted: the permissions of each kind, and what each action block of the
//! runbooks names. Everything here only reads; what can't be read is told as not known, never as missing.

mod blocks;
mod caller;
mod permissions;
mod roles;

#[cfg(test)]
mod tests;

pub(super) use caller::role;

use super::{KindInfo, kinds};
use crate::aws::{Bearer, Connection, ErrorClass, Failure, Operation, Reader};
use crate::problem::{Problem, clean};
use quell_core::runbook::Runbook;
use quell_core::text::Untrusted;
use serde::Serialize;
use std::collections::BTreeMap;

/// The operations that it calls beside those that the kinds read by.
pub const OPERATIONS: [Operation; 2] = [("IAM", "GetRole"), ("IAM", "SimulatePrincipalPolicy")];

/// Whether something that an action needs is there. In order: what is worse comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Ok,
    /// It has no value yet; the console asks for it.
    Asked,
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
    pub region: String,
    pub needs: Vec<Need>,
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

/// Looks at every kind and at the runbooks' action blocks, in every region of the connection; `variables` are what
/// the configuration gives them, and the bearer takes its roles on.
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
    let (regions, infos) = (connection.regions(), kinds().iter().map(|kind| kind.info()).collect::<Vec<_>>());
    let (kinds, problem) = permissions::of_kinds(connection, &caller, regions, &infos).await;
    let mut blocks = Vec::new();
    for book in books {
        blocks.extend(blocks::of_book(connection, book, regions, variables).await);
    }
    Ok(Preflight { caller, roles, kinds, blocks, problem })
}

/// What the action blocks of one runbook need in these regions: permissions of their kinds, and what they name.
///
/// # Errors
/// Where AWS does not even say who the caller is.
pub async fn ready(
    connection: &Connection,
    book: &Runbook,
    regions: &[String],
    variables: &BTreeMap<String, Untrusted>,
) -> Result<Vec<BlockNeeds>, Problem> {
    let caller = who(connection).await?;
    let mut blocks = blocks::of_book(connection, book, regions, variables).await;
    let is_named = |info: &KindInfo| blocks.iter().any(|block| block.kind == info.name);
    let infos: Vec<&'static KindInfo> = kinds().iter().map(|kind| kind.info()).filter(|info| is_named(info)).collect();
    let (permissions, _) = permissions::of_kinds(connection, &caller, regions, &infos).await;
    for block in &mut blocks {
        let of_block = permissions.iter().filter(|kind| kind.kind == block.kind && kind.region == block.region);
        block.needs.extend(of_block.flat_map(|kind| kind.needs.iter().cloned()));
    }
    Ok(blocks)
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
