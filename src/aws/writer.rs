//! The clients that may change things, for one approved plan.

use super::SdkError;
use super::clients::{Clients, services};
use super::errors::{Failure, Scope, fail_class};
use super::sent::Sent;
use super::webhook::{Hook, Posted};
use crate::problem::Problem;
use crate::timeline::Permit;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use quell_core::incident::{Link, Outcome, Target};
use quell_core::text::Untrusted;

/// SDK clients for one permitted action: pinned to its target's region, right after its account was checked. Each
/// call is tried once. It is used up by the action that it was given for: not `Clone`.
pub struct Writer {
    clients: Clients,
    permit: Permit,
    sent: Sent,
    scope: Scope,
    target: Target,
}

impl Writer {
    pub(super) fn new(clients: Clients, permit: Permit, sent: Sent, scope: Scope, target: Target) -> Self {
        Self { clients, permit, sent, scope, target }
    }

    services!();

    /// Posts a JSON document there, once; `line` is what the call log shows of it.
    pub async fn post(&self, hook: &Hook, body: &str, line: Option<String>) -> Posted {
        self.clients.post(hook, body, line).await
    }

    /// Roles.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.clients.sts()
    }

    /// What makes the call idempotent where AWS knows a token: the client token of the permit.
    pub fn token(&self) -> &str {
        self.permit.token()
    }

    /// The action's planned record.
    pub fn action(&self) -> &Link {
        self.permit.action()
    }

    /// The hash of the approved plan.
    pub fn plan_hash(&self) -> &str {
        self.permit.plan_hash()
    }

    /// What the writer was given for.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether the last call was handed to the connector.
    pub fn sent(&self) -> bool {
        self.sent.get()
    }

    /// How the action ended, from the error of its last call: failed with a class, or unknown.
    pub fn outcome<E>(&self, operation: &str, error: &SdkError<E>) -> Outcome
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failure = Failure::of(error);
        let message = Untrusted::from(failure.problem(operation, &self.scope).what);
        match fail_class(error, self.sent()) {
            Some(class) => Outcome::Failed { class, message, request_ids: failure.request_id.into_iter().collect() },
            None => Outcome::Unknown { why: message },
        }
    }

    /// A failed call in words.
    pub fn problem<E>(&self, operation: &str, error: &SdkError<E>) -> Problem
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        Failure::of(error).problem(operation, &self.scope)
    }
}
