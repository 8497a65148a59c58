//! The clients that may only read.

use super::SdkError;
use super::clients::{Clients, services};
use super::connection::Known;
use super::errors::{Failure, Scope};
use super::role::Session;
use super::webhook::Hook;
use crate::problem::Problem;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::sync::Arc;

/// SDK clients of one region whose operations change nothing; the guard refuses all others. Each tries a call up to
/// three times: connect 3 s, an attempt 10 s, all of it 30 s.
#[derive(Clone)]
pub struct Reader {
    clients: Arc<Clients>,
    known: Known,
    profile: Option<Arc<str>>,
    session: Option<Arc<Session>>,
}

impl Reader {
    pub(super) fn new(clients: Clients, known: Known, profile: Option<Arc<str>>) -> Self {
        Self { clients: Arc::new(clients), known, profile, session: None }
    }

    /// A reader in a role's session.
    pub(super) fn within(self, session: Session) -> Self {
        Self { session: Some(Arc::new(session)), ..self }
    }

    /// The role's session that it reads in; none where it reads with the responder's own credentials.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    services!();

    /// Where may be posted to by that name; none where the configuration has no such name.
    pub fn webhook(&self, name: &str) -> Option<Hook> {
        self.clients.webhook(name)
    }

    /// Who the caller is.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.clients.sts()
    }

    /// The region that the clients are pinned to.
    pub fn region(&self) -> &str {
        self.clients.region()
    }

    /// The time of this machine.
    pub fn now(&self) -> jiff::Timestamp {
        self.clients.now()
    }

    /// The caller's account, once an identity call has said it.
    pub fn account(&self) -> Option<String> {
        self.known.account()
    }

    /// Where this reader's calls go, for the words of an error.
    pub fn scope(&self) -> Scope {
        Scope {
            account: self.account(),
            region: self.region().to_owned(),
            profile: self.profile.as_deref().map(str::to_owned),
        }
    }

    /// A failed call in words.
    pub fn problem<E>(&self, operation: &str, error: &SdkError<E>) -> Problem
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        Failure::of(error).problem(operation, &self.scope())
    }
}
