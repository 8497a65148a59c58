//! What a responder looks up next: one file per look-up, each with what it is asked of, its reading operations and what it
//! tells. A look-up changes nothing, needs no approval, and is recorded with what AWS said.

mod ec2_instance;
mod iam_access_key;
mod read;

#[cfg(test)]
mod tests;

use crate::aws::{Allow, Bearer, BoxFuture, Connection, Operation, Reader, permission};
use crate::problem::{Problem, clean};
use quell_core::incident::{EntityKind, LookupMade, StepRef, Told};
use quell_core::runbook::lint::LookupRule;
use quell_core::text::Untrusted;
use serde_json::{Value, json};

/// A look-up, by its own words.
#[derive(Debug)]
pub struct LookupInfo {
    /// As runbooks name it.
    pub name: &'static str,
    /// What it tells, for people.
    pub title: &'static str,
    /// What it is asked of.
    pub subject: EntityKind,
    pub operations: &'static [Operation],
    /// All names that it may tell something by.
    pub tells: &'static [&'static str],
}

/// Something that can be looked up.
pub trait Lookup: Send + Sync {
    /// What it says of itself.
    fn info(&self) -> &LookupInfo;

    /// Whether that is an id of what it is asked of.
    fn fits(&self, subject: &Untrusted) -> bool;

    /// Reads it.
    fn look<'a>(&'a self, reader: &'a Reader, subject: &'a Untrusted) -> BoxFuture<'a, Result<Vec<Told>, Problem>>;
}

/// Every look-up. One is a file and a line here.
pub fn lookups() -> &'static [&'static dyn Lookup] {
    static LOOKUPS: [&dyn Lookup; 2] = [&ec2_instance::Ec2Instance, &iam_access_key::IamAccessKey];
    &LOOKUPS
}

/// The look-up of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Lookup> {
    lookups().iter().copied().find(|lookup| lookup.info().name == name)
}

/// What look-ups read by, for the guard of every client.
pub fn allow() -> Allow {
    let read = lookups().iter().flat_map(|lookup| lookup.info().operations.iter().copied()).collect();
    Allow { read, ..Allow::default() }
}

/// What a check of runbooks must know of them.
pub fn rules() -> Vec<LookupRule> {
    let rule = |lookup: &&dyn Lookup| LookupRule { name: lookup.info().name, tells: lookup.info().tells.to_vec() };
    lookups().iter().map(rule).collect()
}

/// What is to be looked up, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The look-up's name.
    pub lookup: &'static str,
    pub subject: Untrusted,
    pub account: Option<Untrusted>,
    /// None where no finding says it: that of the connection.
    pub region: Option<Untrusted>,
    /// The step that it was asked from.
    pub step: Option<StepRef>,
}

/// The policy of a session that reads for a look-up and does nothing else.
fn reading(info: &LookupInfo) -> Value {
    let actions: Vec<String> = info.operations.iter().map(permission).collect();
    let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// Looks it up in the account and Region that it belongs to.
///
/// # Errors
/// Where the credentials are of another account, AWS refuses, or there is no such thing there.
pub async fn look(connection: &Connection, question: Question, bearer: &Bearer) -> Result<LookupMade, Problem> {
    let Some(lookup) = by_name(question.lookup) else {
        return Err(Problem::input(format!("quell has no look-up {}", question.lookup)));
    };
    let own = connection.region();
    let region = question.region.unwrap_or_else(|| own.into());
    let named = region.line();
    let reader =
        connection.reader_in(question.account.as_ref(), named.as_str(), bearer, &reading(lookup.info())).await?;
    let account = here(&reader, question.account.as_ref()).await?;
    let told = lookup.look(&reader, &question.subject).await?;
    let lookup = lookup.info().name.into();
    Ok(LookupMade { lookup, subject: question.subject, account: Some(account), region, told, step: question.step })
}

/// The account that is read; what another one says of an id is not the answer.
async fn here(reader: &Reader, wanted: Option<&Untrusted>) -> Result<Untrusted, Problem> {
    let answer = reader.sts().get_caller_identity().send().await;
    let answer = answer.map_err(|error| reader.problem("sts:GetCallerIdentity", &error))?;
    let account = answer.account().unwrap_or_default();
    match wanted.filter(|wanted| **wanted != Untrusted::from(account)) {
        Some(wanted) => Err(Problem::input(format!(
            "it belongs to account {}, the credentials are for {}",
            wanted.line(),
            clean(account)
        ))
        .meaning("what this account says of it is not the answer; nothing was looked up")
        .next("start quell with a profile for that account, or give it a role in [roles]")),
        None => Ok(account.into()),
    }
}
