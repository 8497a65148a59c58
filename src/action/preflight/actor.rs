//! Who would act in an account: the role that the configuration names for it, asked for in its own sessions there, else
//! the caller.

use super::super::kind::Action;
use super::{Caller, Need, OPERATIONS, State};
use crate::aws::{Bearer, Connection, NotTaken, Operation, Reader, permission};
use crate::problem::{Problem, clean};
use quell_core::text::Untrusted;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Whoever would act in one account.
pub(super) struct Actor<'a> {
    connection: &'a Connection,
    bearer: &'a Bearer,
    pub account: String,
    /// The ARN of the role that is taken on; none where the caller acts.
    pub role: Option<String>,
    /// The user or the role whose policies IAM simulates; else why there is none.
    pub source: Result<String, String>,
    /// Asks IAM, in the account.
    pub reader: Reader,
}

/// The policy of a session that looks: what is read by, and what says who may do what.
fn looks(reads: &[Operation]) -> Value {
    let all: Vec<String> = reads.iter().chain(&OPERATIONS).map(permission).collect();
    let statement = json!({ "Effect": "Allow", "Action": all, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

impl<'a> Actor<'a> {
    /// Who would act in the account, as far as that can be had.
    async fn of(connection: &'a Connection, bearer: &'a Bearer, caller: &Caller, account: &str) -> Result<Self, Need> {
        let named = Untrusted::from(account);
        let told = connection.session_in(Some(&named), connection.region(), bearer, &looks(&[])).await;
        let reader = told.map_err(|not| untaken(&named, &not))?;
        let role = reader.session().map(|session| session.role.clone());
        let source = match (&role, &caller.source) {
            (Some(role), _) => Ok(role.clone()),
            (None, Some(source)) => Ok(source.clone()),
            (None, None) => Err(caller.why.clone()),
        };
        match role.is_none() && account != caller.account {
            false => Ok(Self { connection, bearer, account: account.to_owned(), role, source, reader }),
            true => {
                let why =
                    format!("quell has no way into it: [roles] names no role there, and you are in {}", caller.account);
                Err(Need::new(format!("account {}", clean(account)), State::Missing, why))
            }
        }
    }

    /// A reader of a region for what a kind needs.
    pub(super) async fn reads(&self, kind: &dyn Action, region: &str) -> Result<Reader, Need> {
        let account = Untrusted::from(self.account.as_str());
        let policy = looks(kind.info().operations.read);
        let told = self.connection.session_in(Some(&account), region, self.bearer, &policy).await;
        told.map_err(|not| untaken(&account, &not))
    }

    /// In words, where it is not the caller.
    pub(super) fn asked(&self, why: String) -> String {
        match &self.role {
            Some(role) if !why.is_empty() => format!("{why} (asked for {})", clean(role)),
            _ => why,
        }
    }
}

/// Whoever would act in each account, asked once.
pub(super) struct Actors<'a> {
    connection: &'a Connection,
    bearer: &'a Bearer,
    caller: &'a Caller,
    known: BTreeMap<String, Result<Actor<'a>, Need>>,
}

impl<'a> Actors<'a> {
    pub(super) fn new(connection: &'a Connection, bearer: &'a Bearer, caller: &'a Caller) -> Self {
        Self { connection, bearer, caller, known: BTreeMap::new() }
    }

    /// Who would act in the account, or what lacks for that.
    pub(super) async fn of(&mut self, account: &str) -> Result<&Actor<'a>, &Need> {
        match self.known.entry(account.to_owned()) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(place) => place.insert(Actor::of(self.connection, self.bearer, self.caller, account).await),
        }
        .as_ref()
    }
}

/// The need of a role that was not had.
pub(super) fn untaken(account: &Untrusted, NotTaken { problem: Problem { what, .. }, refused }: &NotTaken) -> Need {
    let state = if *refused { State::Missing } else { State::NotKnown };
    Need::new(format!("the role for account {}", account.line()), state, what.clone())
}
