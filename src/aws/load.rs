//! How a connection comes about: the user's own AWS configuration, or an account that lives in this process.

use super::profile;
use crate::problem::Problem;
use crate::runtime::Runtime;
use aws_config::identity::IdentityCache;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use quell_core::text::Id;
use quell_core::text::id::{AccountId, WebhookUrl};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// What the command line says about the connection; all else is aws-config's to find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    /// The profile, else what the environment says.
    pub profile: Option<String>,
    /// Whether the profile was named for this very run: then keys in the environment do not count, as with the AWS
    /// CLI's own --profile.
    pub profile_alone: bool,
    /// The regions to read findings in; the first is where the connection is at home. Empty: the configured one.
    pub regions: Vec<String>,
    /// Forbid arming.
    pub read_only: bool,
    /// Ids and accounts that no action may touch.
    pub never: Vec<String>,
    /// The role that is taken on in an account, by the account's id: its name, or its ARN. `default` is for every account
    /// but the caller's own.
    pub roles: BTreeMap<String, String>,
    /// The accounts that the configuration has names for.
    pub accounts: Vec<Id<AccountId>>,
    /// Where may be posted to, by the names that action blocks use.
    pub webhooks: BTreeMap<String, Id<WebhookUrl>>,
}

/// The keys of an account that does not exist.
#[derive(Clone)]
pub struct StaticAccess {
    pub account: String,
    pub region: String,
    pub partition: String,
    pub access_key_id: String,
    pub secret: String,
}

/// Reads environment and files as every AWS tool does. Slow (tens of milliseconds), never before the first frame.
/// With `http` its pool of connections is kept. A profile that no file has is an error.
pub(super) async fn configured(options: &ConnectOptions, http: Option<SharedHttpClient>) -> Result<SdkConfig, Problem> {
    profile::check(options).await?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = options.regions.first() {
        loader = loader.region(Region::new(region.clone()));
    }
    let sdk = loader.load().await;
    let own = options.profile.as_deref().filter(|_| options.profile_alone);
    let own = own.map(|profile| profile::credentials(profile, &sdk));
    let mut sdk = sdk.into_builder();
    if own.is_some() {
        sdk.set_credentials_provider(own);
    }
    // The providers of credentials keep the SDK's own connector, whose timeouts are theirs.
    Ok(sdk.http_client(http.unwrap_or_else(https)).build())
}

/// A configuration by hand: no environment, no file, no network but `http`.
pub(super) fn by_hand(http: SharedHttpClient, access: &StaticAccess, runtime: &Runtime) -> SdkConfig {
    let credentials = Credentials::builder()
        .access_key_id(&access.access_key_id)
        .secret_access_key(&access.secret)
        .account_id(access.account.as_str())
        .provider_name("simulated")
        .build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(access.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::no_cache())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(Clock(runtime.clone())))
        .http_client(http)
        .build()
}

/// One connector for all clients, hence one pool of connections; proxies as the environment says.
fn https() -> SharedHttpClient {
    let connector = Connector::builder()
        .connector_settings(HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(3)).build())
        .sleep_impl(TokioSleep::new())
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build();
    let connector = SharedHttpConnector::new(connector);
    http_client_fn(move |_, _| connector.clone())
}

/// The runtime's clock as the SDK wants it.
struct Clock(Runtime);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}
