//! Credentials that stand in no file and no variable: a process, a login or the machine itself hands them to whoever
//! asks. A command that quell runs may print them.

use super::load::{ConnectOptions, configured};
use super::secrets;
use crate::problem::Problem;
use crate::runtime::{Runtime, Threads};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use quell_core::text::secret::Secrets;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Notify;

/// So long is waited for them, before a command starts or a note is written, and once more when what it printed is about
/// to be kept.
const PATIENCE: Duration = Duration::from_secs(3);
/// What a configuration says of credentials that come from elsewhere.
const SAYS: [&str; 5] = ["credential_process", "credential_source", "role_arn", "sso_", "login_session"];
/// Variables that say it.
const NAMES: [&str; 3] =
    ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"];
/// Who has made the machine, where it tells.
const VENDOR: &str = "/sys/class/dmi/id/sys_vendor";

/// What somebody was asked for, and may hand out yet.
pub struct Handed {
    had: Arc<(OnceLock<Secrets>, Notify)>,
    /// Where it is asked; nothing where nobody seems to hand out anything.
    threads: Option<Threads>,
    runtime: Runtime,
}

impl Handed {
    /// Asks, and waits for the answer, but not for long: it is asked on in the background.
    pub fn ask(options: ConnectOptions, runtime: &Runtime) -> Result<Self, Problem> {
        let mut asked = Self { had: Arc::default(), threads: None, runtime: runtime.clone() };
        if is_somebody() {
            let (threads, had) = (Runtime::tokio()?, asked.had.clone());
            threads.spawn(async move {
                let _ = had.0.set(all(&options).await);
                had.1.notify_one();
            });
            asked.threads = Some(threads);
            asked.wait();
        }
        Ok(asked)
    }

    /// Waits for the answer once more, where it has not come.
    pub fn wait(&self) {
        let Some(threads) = self.threads.as_ref().filter(|_| self.is_awaited()) else { return };
        threads.block_on(async {
            tokio::select! {
                () = self.had.1.notified() => {}
                () = self.runtime.sleep(PATIENCE) => {}
            }
        });
    }

    /// The secrets that have come by now.
    pub fn secrets(&self) -> Secrets {
        self.had.0.get().cloned().unwrap_or_default()
    }

    /// Whether the answer has not come.
    pub fn is_awaited(&self) -> bool {
        self.threads.is_some() && self.had.0.get().is_none()
    }
}

impl Drop for Handed {
    /// Whoever has not answered holds nothing up.
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

/// The secrets that calls would be signed with now, where somebody hands them out, however long that takes; nothing where
/// nobody seems to. No region is needed.
pub async fn handed(options: &ConnectOptions) -> Secrets {
    if is_somebody() { all(options).await } else { Secrets::default() }
}

async fn all(options: &ConnectOptions) -> Secrets {
    match configured(options, None).await {
        Ok(sdk) => Secrets::of(of(sdk.credentials_provider()).await),
        // Without a configuration that can be read nothing is signed either.
        Err(_) => Secrets::default(),
    }
}

/// The secrets of the credentials that a provider gives.
pub(super) async fn of(provider: Option<SharedCredentialsProvider>) -> impl Iterator<Item = String> {
    let own = match provider {
        // Without credentials there is nothing to keep out.
        Some(provider) => provider.provide_credentials().await.ok(),
        None => None,
    };
    let of = |held: Credentials| {
        let token = held.session_token().map(str::to_owned);
        std::iter::once(held.secret_access_key().to_owned()).chain(token)
    };
    own.into_iter().flat_map(of)
}

fn is_somebody() -> bool {
    let vendor = std::fs::read_to_string(VENDOR).unwrap_or_default();
    somebody(&secrets::configuration(), &|name| std::env::var_os(name).is_some(), &vendor)
}

/// Whether anything says that credentials come from elsewhere: asking costs seconds where nobody answers.
fn somebody(configuration: &str, is_set: &dyn Fn(&str) -> bool, vendor: &str) -> bool {
    let keys = || configuration.lines().filter_map(|line| line.split_once('=')).map(|(key, _)| key.trim());
    keys().any(|key| SAYS.iter().any(|says| key.starts_with(says)))
        || NAMES.iter().any(|name| is_set(name))
        || vendor.starts_with("Amazon")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_where_nothing_says_that_somebody_answers() {
        let unset = |_: &str| false;
        assert!(!somebody("", &unset, ""));
        assert!(!somebody("[default]\nregion = eu-west-1\naws_secret_access_key = role_arn\n", &unset, "LENOVO\n"));
        for says in ["credential_process = /bin/x", " role_arn=arn:aws:iam::1:role/r", "sso_session = corp"] {
            assert!(somebody(&format!("[profile a]\n{says}\n"), &unset, ""), "{says}");
        }
        assert!(somebody("", &|name| name == "AWS_CONTAINER_CREDENTIALS_FULL_URI", ""));
        assert!(somebody("", &unset, "Amazon EC2\n"));
    }
}
