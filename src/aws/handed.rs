//! Credentials that stand in no file and no variable: a process, a login or the machine itself hands them to whoever
//! asks. A command that quell runs may print them.

use super::connection::Connection;
use super::load::ConnectOptions;
use super::{Allow, secrets};
use crate::runtime::Runtime;
use quell_core::text::secret::Secrets;
use std::time::Duration;

/// So long is waited for them, before the command starts.
const PATIENCE: Duration = Duration::from_secs(3);
/// What a configuration says of credentials that come from elsewhere.
const SAYS: [&str; 5] = ["credential_process", "credential_source", "role_arn", "sso_", "login_session"];
/// Variables that say it.
const NAMES: [&str; 3] =
    ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"];
/// Who has made the machine, where it tells.
const VENDOR: &str = "/sys/class/dmi/id/sys_vendor";

/// The secrets that calls would be signed with now, where somebody hands them out; nothing where nobody seems to.
pub async fn handed(options: ConnectOptions, runtime: Runtime) -> Secrets {
    let vendor = std::fs::read_to_string(VENDOR).unwrap_or_default();
    if !somebody(&secrets::configuration(), &|name| std::env::var_os(name).is_some(), &vendor) {
        return Secrets::default();
    }
    let asked = async {
        match Connection::load(options, Allow::default(), runtime.clone()).await {
            Ok(connection) => connection.secrets().await,
            // Without a configuration that can be read nothing is signed either.
            Err(_) => Secrets::default(),
        }
    };
    tokio::select! {
        secrets = asked => secrets,
        () = runtime.sleep(PATIENCE) => Secrets::default(),
    }
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
