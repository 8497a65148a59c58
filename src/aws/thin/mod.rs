//! Services that quell speaks to itself, on the SDK's own runtime: the SDK's crate for EC2 takes seven gigabytes of
//! compiler memory, for four operations; of the others as few are needed.
//!
//! What makes a call safe is shared with the generated clients: the same orchestrator signs, times out, tries again
//! and calls the same interceptors, quell's guard among them; the same connector carries it, and errors come out as
//! the same type. Only what is particular to a service is here: its host ([`host`]), one file for each protocol
//! ([`ec2_query`], [`query`], [`rest_xml`], [`rest_json`], [`aws_json`]), and one for each service with the operations that
//! quell uses ([`ec2`], [`s3`], [`s3control`], [`lambda`], [`sns`], [`events`], [`autoscaling`], [`elb`],
//! [`sfn`], [`config`], [`resolver`], [`sso`]).

pub mod autoscaling;
mod aws_json;
pub mod config;
pub mod ec2;
mod ec2_query;
pub mod elb;
pub mod events;
mod host;
pub mod lambda;
mod query;
pub mod resolver;
mod rest_json;
mod rest_xml;
pub mod s3;
pub mod s3control;
pub mod sfn;
pub mod sns;
pub mod sso;
#[cfg(test)]
mod tests;
mod xml;

use super::SdkError;
use super::capture;
use super::clients::CONNECT;
use super::guard::Guard;
use super::input::Members;
use super::pin::Service;
use aws_config::SdkConfig;
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions, sigv4};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::endpoint::{EndpointPrefix, EndpointResolverParams};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{SharedRuntimePlugin, StaticRuntimePlugin};
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::request_id::RequestId;
use host::Host;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// One service of one region, ready to be called.
pub(super) struct Thin {
    service: &'static str,
    plugin: SharedRuntimePlugin,
    sdk: SdkConfig,
    /// Whether it goes to a configured endpoint, which stands for itself.
    configured: bool,
}

/// How a good answer is read.
type Reading<O> = dyn Fn(&HttpResponse) -> Result<O, xml::Odd> + Send + Sync;

/// Reads the body of a good answer, where nothing else says anything.
fn of_body<O>(read: impl Fn(&[u8]) -> Result<O, xml::Odd> + Send + Sync + 'static) -> Box<Reading<O>> {
    Box::new(move |answer| read(answer.body().bytes().unwrap_or_default()))
}

/// The body of a good answer that says nothing.
fn nothing(body: &[u8]) -> Result<(), xml::Odd> {
    match body.trim_ascii().is_empty() {
        true => Ok(()),
        false => Err(xml::Odd::new("it says something where nothing is to be said")),
    }
}

/// One call: what is sent, and how its answers are read. A protocol makes these.
pub(super) struct Exchange<O> {
    pub operation: &'static str,
    /// What it asks for, by the names of the service model, for the call log.
    pub input: Value,
    pub request: Box<dyn Fn() -> Result<HttpRequest, BoxError> + Send + Sync>,
    pub read: Box<Reading<O>>,
    /// Reads what a refusal says: its code and its message.
    pub refused: fn(&HttpResponse) -> ErrorMetadata,
    /// How long its answer may take, where that is longer than of other calls.
    pub patience: Option<Duration>,
}

/// An answer and the id of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<O> {
    pub value: O,
    request_id: Option<String>,
}

impl<O> RequestId for Answered<O> {
    fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

/// What a service refused a call with.
#[derive(Debug)]
pub struct ServiceError(ErrorMetadata);

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the service refused the call")
    }
}

impl std::error::Error for ServiceError {}

impl ProvideErrorMetadata for ServiceError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl Thin {
    /// The service that the guard is for, called as the configuration says.
    pub(super) fn new(sdk: &SdkConfig, guard: Guard) -> Self {
        let host = Host::of(sdk, &guard.pin);
        Self::at(host, sdk, guard)
    }

    fn at(host: Host, sdk: &SdkConfig, guard: Guard) -> Self {
        let (service, configured) = (guard.pin.service, guard.pin.endpoint.is_some());
        let mut config = Layer::new("thin");
        config.store_put(EndpointResolverParams::new(()));
        config.store_put(AuthSchemeOptionResolverParams::new(()));
        config.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(aws_config::Region::new(guard.pin.region.clone()))),
            name: Some(SigningName::from(service.signing())),
            signing_options: signing(service),
            ..SigV4OperationSigningConfig::default()
        });
        config.store_put(ApiMetadata::new(service.prefix(), env!("CARGO_PKG_VERSION")));
        sdk.retry_config().map(|retry| config.store_put(retry.clone()));
        sdk.timeout_config().map(|timeouts| config.store_put(timeouts.clone()));
        sdk.app_name().map(|name| config.store_put(name.clone()));
        let components = components(sdk, guard).with_endpoint_resolver(Some(host));
        let plugin = StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components);
        Self { service: service.id(), plugin: SharedRuntimePlugin::new(plugin), sdk: sdk.clone(), configured }
    }

    /// Makes the call and reads its answer.
    pub(super) async fn call<O>(&self, exchange: Exchange<O>) -> Result<Answered<O>, SdkError<ServiceError>>
    where
        O: fmt::Debug + Send + Sync + 'static,
    {
        self.made(exchange, Layer::new("call")).await
    }

    /// The same, to the host of an account, whose number stands before the service's own.
    pub(super) async fn call_of<O>(
        &self,
        account: &str,
        exchange: Exchange<O>,
    ) -> Result<Answered<O>, SdkError<ServiceError>>
    where
        O: fmt::Debug + Send + Sync + 'static,
    {
        let mut layer = Layer::new("call");
        if !self.configured {
            let prefix = EndpointPrefix::new(format!("{account}."));
            layer.store_put(prefix.map_err(SdkError::construction_failure)?);
        }
        self.made(exchange, layer).await
    }

    async fn made<O>(&self, exchange: Exchange<O>, mut layer: Layer) -> Result<Answered<O>, SdkError<ServiceError>>
    where
        O: fmt::Debug + Send + Sync + 'static,
    {
        let Exchange { operation, input, request, read, refused, patience } = exchange;
        let mut builder = Operation::builder().service_name(self.service).operation_name(operation);
        if let Some(version) = self.sdk.behavior_version() {
            builder = builder.behavior_version(version);
        }
        patience.map(|patience| layer.store_put(patient(patience)));
        let layer = StaticRuntimePlugin::new().with_config(layer.freeze());
        let builder =
            builder.runtime_plugin(self.plugin.clone()).runtime_plugin(layer).serializer(move |_: Members| request());
        builder.deserializer(move |answer| answered(answer, &*read, refused)).build().invoke(Members(input)).await
    }
}

/// The timeouts of a call of more patience than the others.
fn patient(patience: Duration) -> TimeoutConfig {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(patience).operation_timeout(patience);
    timeouts.connect_timeout(CONNECT).build()
}

/// S3 signs a path as it stands, encoded once, and wants to be told the hash of the body.
fn signing(service: Service) -> SigningOptions {
    let s3 = matches!(service, Service::S3 | Service::S3Control);
    let mut options = SigningOptions::default();
    options.double_uri_encode = !s3;
    options.normalize_uri_path = !s3;
    options.content_sha256_header = s3;
    options
}

/// The parts that the generated clients have too: who signs, by which clock, over which connector, and what looks on.
fn components(sdk: &SdkConfig, guard: Guard) -> RuntimeComponentsBuilder {
    let components = RuntimeComponentsBuilder::new("thin")
        .with_http_client(sdk.http_client())
        .with_sleep_impl(sdk.sleep_impl())
        .with_time_source(sdk.time_source())
        .with_identity_cache(sdk.identity_cache())
        .with_auth_scheme(sigv4::SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![sigv4::SCHEME_ID])))
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ServiceError>::new())
        .with_retry_classifier(AwsErrorCodeClassifier::<ServiceError>::new())
        .with_interceptor(ServiceClockSkewInterceptor::new())
        .with_interceptor(RequestInfoInterceptor::new())
        .with_interceptor(UserAgentInterceptor::new())
        .with_interceptor(InvocationIdInterceptor::new())
        .with_interceptor(guard);
    match sdk.credentials_provider() {
        Some(provider) => components.with_identity_resolver(sigv4::SCHEME_ID, provider),
        None => components,
    }
}

/// A good answer, read; or what the service refused the call with. What was cut off is neither.
fn answered<O>(
    answer: &HttpResponse,
    read: &Reading<O>,
    refused: fn(&HttpResponse) -> ErrorMetadata,
) -> Result<Answered<O>, OrchestratorError<ServiceError>> {
    let body = answer.body().bytes().unwrap_or_default();
    if !answer.status().is_success() {
        return Err(OrchestratorError::operation(ServiceError(refused(answer))));
    }
    let announced = answer.headers().get("content-length").and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length != body.len()) {
        return Err(OrchestratorError::other("the answer was cut off"));
    }
    let value = read(answer).map_err(OrchestratorError::other)?;
    Ok(Answered { value, request_id: capture::request_id_text(answer).map(str::to_owned) })
}
