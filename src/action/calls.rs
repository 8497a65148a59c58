//! What all kinds do around an AWS call: who calls, how an answer is named, how a failure is told.

use super::fields::refuse;
use super::target::parts;
use crate::aws::{Captured, Failure, Reader, SdkError};
use crate::problem::{Problem, clean};
use aws_sdk_iam::operation::RequestId;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use quell_core::incident::{Fact, Target, Verified};
use quell_core::text::{Untrusted, id::Arn};
use serde::de::DeserializeOwned;

/// The caller's ARN, once it is sure that the reader is in the target's account and region: what is read elsewhere
/// says nothing about the target.
pub(super) async fn caller(reader: &Reader, target: &Target) -> Result<Untrusted, Problem> {
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
    Ok(answer.arn().unwrap_or_default().into())
}

/// What a plan says of the responder's own access.
pub(super) const OWN_ACCESS: &str =
    "This is your own access: after the call quell may not be able to do anything more.";

/// Whether the caller is the user, or has taken on the role, of that name.
pub(super) fn is_own(caller: &Untrusted, name: &str) -> bool {
    let arn = caller.parse::<Arn>().ok();
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

/// A time of AWS in RFC 3339, UTC, to the second.
pub(super) fn time(time: &DateTime) -> String {
    jiff::Timestamp::from_second(time.secs()).map_or_else(|_| "an impossible time".to_owned(), |t| t.to_string())
}
