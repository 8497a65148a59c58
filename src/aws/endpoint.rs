//! Which endpoint, if any, the user configured for a service: `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>` and
//! their counterparts in the profile (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").

use super::pin::Service;
use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// The configured endpoint of one service; the SDK's clients look in the same two places in the same order.
pub(super) fn of(sdk: &SdkConfig, service: Service) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service.id())
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok();
    let own = key.and_then(|key| sdk.service_config().and_then(|config| config.load_config(key)));
    own.or_else(|| sdk.endpoint_url().map(str::to_owned))
}

/// The first configured endpoint of all services.
pub(super) fn any(sdk: &SdkConfig) -> Option<String> {
    Service::ALL.into_iter().find_map(|service| of(sdk, service))
}
