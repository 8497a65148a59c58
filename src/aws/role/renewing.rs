//! Credentials of a session that is taken on again before it is over, for what reads on for hours.

use super::take::{Desk, NotTaken, Source, Taken, Want, take};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use jiff::SignedDuration;
use std::sync::Arc;
use tokio::sync::Mutex;

/// So long before its end a session is taken on again.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

/// A session that does not end. Each time that it is taken on anew, STS is asked again whose it is.
#[derive(Clone)]
pub(in crate::aws) struct Renewing(Arc<Inner>);

struct Inner {
    desk: Desk,
    want: Want,
    held: Mutex<Credentials>,
}

impl Renewing {
    /// The session that stands, with what was found of it when it was taken on.
    pub(in crate::aws) async fn begin(desk: Desk, want: Want) -> Result<(Self, Taken), NotTaken> {
        let taken = take(&desk, &want).await?;
        // What the trust did not let be set the first time is not asked for again.
        let asked = match &want.source {
            Source::Try(name) => taken.source.clone().filter(|found| found == name),
            Source::Exactly(name) => name.clone(),
        };
        let want = Want { source: Source::Exactly(asked), ..want };
        let held = Mutex::new(taken.credentials.clone());
        Ok((Self(Arc::new(Inner { desk, want, held })), taken))
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let Inner { desk, want, held } = &*self.0;
        let mut held = held.lock().await;
        let now = desk.base.runtime.now();
        let left =
            |until: SignedDuration| held.expiry().is_some_and(|end| end > std::time::SystemTime::from(now + until));
        if left(EARLY) {
            return Ok(held.clone());
        }
        match take(desk, want).await {
            Ok(taken) => {
                *held = taken.credentials;
                Ok(held.clone())
            }
            // What is not over yet is good for now; it is tried again at the next call.
            Err(_) if left(SignedDuration::from_secs(30)) => Ok(held.clone()),
            Err(not) => Err(CredentialsError::provider_error(not.problem.headline())),
        }
    }
}

impl ProvideCredentials for Renewing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl std::fmt::Debug for Renewing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renewing").field("role", &self.0.want.role).finish_non_exhaustive()
    }
}
