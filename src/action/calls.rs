//! What all kinds do around an AWS call: who calls, how an answer is named, how a failure is told.

use super::fields::refuse;
use super::target::parts;
use crate::aws::{Captured, Failure, Reader, SdkError};
use crate::problem::{Problem, clean};
use aws_sdk_iam::operation::RequestId;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use quell_core::incident::{Fact, NOTHING, Target, Verified};
use quell_core::text::{Untrusted, id::Arn};
use serde::de::DeserializeOwned;

/// Who acts.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// As AWS names the credentials: in a role's session, the session.
    arn: Untrusted,
    /// Who has taken the session's role on, and whether that is in the same account.
    behind: Option<(Untrusted, bool)>,
}

impl Caller {
    /// One that calls with credentials of their own.
    #[cfg(test)]
    pub(super) fn of(arn: &str) -> Self {
        Self { arn: arn.into(), behind: None }
    }

    /// The ARN that calls bear.
    pub(super) fn arn(&self) -> &Untrusted {
        &self.arn
    }

    /// The ARN of whoever runs quell, whatever role is between.
    pub(super) fn person(&self) -> &Untrusted {
        self.behind.as_ref().map_or(&self.arn, |(arn, _)| arn)
    }
}

/// Who calls, once it is sure that the reader is in the target's account and region: what is read elsewhere says nothing
/// about the target.
pub(super) async fn caller(reader: &Reader, target: &Target) -> Result<Caller, Problem> {
    if target.region != Untrusted::from(reader.region()) {
        let (target, reader) = (target.region.line(), clean(reader.region()));
        return Err(refuse(format!("the target is in {target}, quell was to read in {reader}")));
    }
    let answer = reader.sts().get_caller_identity().send().await;
    let answer = answer.map_err(|error| reader.problem("sts:GetCallerIdentity", &error))?;
    let account = answer.account().unwrap_or_default();
    if target.account != Untrusted::from(account) {
        let (target, caller) = (target.account.line(), clean(account));
        return Err(refuse(format!("the target is in account {target}, the credentials are for {caller}"))
            .next("start quell with a profile for the target's account"));
    }
    let behind = reader.session().map(|session| (session.own.arn.clone(), session.own.account.as_str() == account));
    Ok(Caller { arn: answer.arn().unwrap_or_default().into(), behind })
}

/// What a plan says of the responder's own access.
pub(super) const OWN_ACCESS: &str =
    "This is your own access: after the call quell may not be able to do anything more.";

/// Whether the caller, or whoever has taken the caller's role on in this account, is the user, or has taken on the role,
/// of that name.
pub(super) fn is_own(caller: &Caller, name: &str) -> bool {
    let behind = caller.behind.as_ref().filter(|(_, here)| *here).map(|(arn, _)| arn);
    std::iter::once(&caller.arn).chain(behind).any(|arn| is(arn, name))
}

fn is(arn: &Untrusted, name: &str) -> bool {
    let arn = arn.parse::<Arn>().ok();
    let Some(resource) = arn.as_ref().and_then(parts).map(|parts| parts.resource) else { return false };
    let path: Vec<&str> = resource.split('/').collect();
    match path.as_slice() {
        ["user", .., user] => *user == name,
        ["assumed-role", role, _session] => *role == name,
        _ => false,
    }
}

/// What a captured answer says; one that does not say it is a problem, never "nothing".
pub(super) fn read<T: DeserializeOwned>(
    reader: &Reader,
    operation: &str,
    answer: Result<Captured, Failure>,
) -> Result<T, Problem> {
    let answer = answer.map_err(|failure| failure.problem(operation, &reader.scope()))?;
    serde_json::from_slice(&answer.body).map_err(|error| {
        let failure = Failure::unreadable(format!("the answer can't be read: {error}"), answer.request_id);
        failure.problem(operation, &reader.scope())
    })
}

/// The request id of an answer, as a list of one or none.
pub(super) fn request_ids(answer: &impl RequestId) -> Vec<Untrusted> {
    answer.request_id().map(Untrusted::from).into_iter().collect()
}

/// A failed read in words, named as the service's permission is: `iam:ListAccessKeys`.
pub(super) fn problem<E>(error: &SdkError<E>, reader: &Reader, operation: &str) -> Problem
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    reader.problem(operation, error)
}

/// Nothing was read back that could prove it; why.
pub(super) fn unverified(why: impl Into<Untrusted>) -> Verified {
    Verified { holds: None, facts: vec![Fact::new("not verified", why)] }
}

/// Nothing was changed that could be read back; why.
pub(super) fn nothing_to_verify(why: impl Into<Untrusted>) -> Verified {
    Verified { holds: None, facts: vec![Fact::new(NOTHING, why)] }
}

/// A time of AWS in RFC 3339, UTC, to the second.
pub(super) fn time(time: &DateTime) -> String {
    jiff::Timestamp::from_second(time.secs()).map_or_else(|_| "an impossible time".to_owned(), |t| t.to_string())
}
