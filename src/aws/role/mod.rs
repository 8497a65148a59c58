//! Roles that are taken on: for reading, in a session that may only read; for one plan, in a session that may do nothing
//! but the plan. Who comes of it is asked of STS before anything is done in it.

mod renewing;
mod take;
#[cfg(test)]
mod tests;

use super::identity::Identity;
use crate::problem::{Problem, clean};
use aws_credential_types::Credentials;
use quell_core::text::id::SessionName;
use quell_core::text::{Id, Untrusted};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

pub(super) use renewing::Renewing;
pub use take::NotTaken;
pub(super) use take::{Desk, Source, Want, signed_with, take};

/// What stands in the configuration for every account that has no role of its own there.
pub(super) const DEFAULT: &str = "default";
/// What every session's name begins with.
const OURS: &str = "quell";

/// Who takes a role on, and for which incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    session: String,
    source: Option<String>,
}

impl Bearer {
    /// By the session's id and the responder's name. The id stands in the name whole; where STS has no room for that,
    /// some of its title is left out.
    pub fn new(session: Option<&str>, responder: Option<&Untrusted>) -> Self {
        let source = responder.and_then(|name| fitting(name.line().as_str()));
        Self { session: session.and_then(name).unwrap_or_else(|| OURS.to_owned()), source }
    }

    /// The same with the session's short id alone: whoever reads the account while an incident is quiet is not told what
    /// it is about.
    #[must_use]
    pub fn quietly(self, session: Option<&str>) -> Self {
        let short = session.and_then(|id| id.rsplit('-').next()).and_then(name);
        Self { session: short.unwrap_or_else(|| OURS.to_owned()), ..self }
    }

    pub(super) fn session(&self) -> &str {
        &self.session
    }

    pub(super) fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// As it stands in a plan.
    pub(super) fn planned(session: &Id<SessionName>, source: Option<&Id<SessionName>>) -> Self {
        Self { session: session.as_str().to_owned(), source: source.map(|name| name.as_str().to_owned()) }
    }
}

/// The most characters of a session's name (STS).
const LONGEST: usize = 64;

/// The name of the sessions of an incident.
fn name(id: &str) -> Option<String> {
    let id = fitting(id)?;
    let room = LONGEST - OURS.len() - 1;
    let id = match (id.len() <= room, id.split_once('-'), id.rsplit_once('-')) {
        (false, Some((start, _)), Some((titled, short))) => {
            let titled = titled.get(..room.checked_sub(short.len() + 1)?)?.trim_end_matches('-');
            // Neither the beginning nor what makes it unlike all others is lost.
            format!("{}-{short}", if titled.len() > start.len() { titled } else { start })
        }
        _ => id,
    };
    Some(format!("{OURS}-{id}").chars().take(LONGEST).collect())
}

/// A name in the grammar of session names and source identities; what does not fit is a hyphen.
fn fitting(name: &str) -> Option<String> {
    let fits = |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    let name: String = name.trim().chars().take(LONGEST).map(fits).collect();
    Id::<SessionName>::new(&name).is_ok().then_some(name)
}

/// The session in which a reader reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The role's ARN.
    pub role: String,
    pub name: String,
    /// The source identity that it has.
    pub source: Option<String>,
    /// Whether one was asked for: then one that it has not is refused by the role's trust.
    pub asked: bool,
    /// Who took it on.
    pub own: Identity,
}

/// The role for an account, by what the configuration says; none where it is reached with the caller's own credentials.
pub(super) fn role_for(roles: &BTreeMap<String, String>, account: &str, own: &Identity) -> Option<String> {
    let usual = || roles.get(DEFAULT).filter(|_| account != own.account.as_str());
    let role = roles.get(account).or_else(usual)?;
    Some(match role.starts_with("arn:") {
        true => role.clone(),
        false => format!("arn:{}:iam::{account}:role/{role}", own.partition),
    })
}

/// Credentials that STS gave out and that are not yet over: none of them may be kept with evidence.
#[derive(Clone, Default)]
pub(super) struct Handed(Arc<Mutex<Vec<Credentials>>>);

impl Handed {
    fn add(&self, credentials: &Credentials, now: jiff::Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.expiry().is_none_or(|end| end > SystemTime::from(now)));
        all.push(credentials.clone());
    }

    /// The secrets among them.
    pub(super) fn secrets(&self) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |one: &Credentials| {
            let token = one.session_token().map(str::to_owned);
            std::iter::once(one.secret_access_key().to_owned()).chain(token)
        };
        all.iter().flat_map(of).collect()
    }
}

/// What a reader or a writer of a plan is refused for whose role is not the configuration's.
pub(super) fn other_role(planned: &str, configured: Option<&str>) -> Problem {
    let configured = configured.map_or_else(|| "none".to_owned(), |role| clean(role).into_string());
    Problem::input(format!(
        "the plan is to be carried out as {}, the configuration's role for the account is {configured}",
        clean(planned)
    ))
    .meaning("what was approved is not what would be done; nothing was sent")
    .next("plan the action again")
}
