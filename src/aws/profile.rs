//! The AWS profile: whether there is one of that name, and its credentials where it was named for this very run.

use super::load::ConnectOptions;
use crate::problem::{Problem, clean};
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, load};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use quell_core::text::nearest;
use std::error::Error;

/// Where profiles stand: the variable that says so, and the place without it.
const FILES: [(&str, &str); 2] =
    [("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")];

/// Refuses a profile that is in no file. Without this the SDK goes on to look for other credentials, and what is
/// told in the end names neither the profile nor the files.
pub(super) async fn check(options: &ConnectOptions) -> Result<(), Problem> {
    let own = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named = || own("AWS_PROFILE").filter(|name| name != "default" && own("AWS_ACCESS_KEY_ID").is_none());
    let Some(profile) = options.profile.clone().or_else(named) else { return Ok(()) };
    let files = FILES.map(|(name, place)| own(name).unwrap_or_else(|| place.to_owned()));
    let files = files.map(|file| clean(&file).into_string()).join(" or ");
    let set = load(&Default::default(), &Default::default(), &Default::default(), None).await.map_err(|error| {
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        let why = clean(&why).into_string();
        Problem::input(format!("the AWS configuration in {files} can't be read: {why}"))
            .meaning("no profile of it can be used")
            .next("mend the file; `aws configure list` reads it too")
    })?;
    if set.get_profile(&profile).is_some() {
        return Ok(());
    }
    let next = match nearest(&profile, set.profiles()) {
        Some(near) => format!("did you mean {}? `aws configure list-profiles` lists them all", clean(near)),
        None => "`aws configure list-profiles` lists the profiles that there are".to_owned(),
    };
    Err(Problem::input(format!("no profile {} in {files}", clean(&profile)))
        .meaning("quell does not know whose credentials to use, so it asked nobody")
        .next(next))
}

/// The credentials of a profile: what the profile itself says, else what this container or machine was given. Keys
/// in the environment do not count, as with the AWS CLI's own --profile. `sdk` is the profile's configuration.
pub(super) fn credentials(profile: &str, sdk: &SdkConfig) -> SharedCredentialsProvider {
    let config = ProviderConfig::without_region()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_region(sdk.region().cloned())
        .with_use_fips(sdk.use_fips())
        .with_use_dual_stack(sdk.use_dual_stack());
    let own = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&config).build();
    SharedCredentialsProvider::new(
        CredentialsProviderChain::first_try("Profile", own)
            .or_else("EcsContainer", EcsCredentialsProvider::builder().configure(&config).build())
            .or_else("Ec2InstanceMetadata", ImdsCredentialsProvider::builder().configure(&config).build()),
    )
}
