//! Posting to an address of the responder's own configuration, on the SDK's orchestrator and connector.
//!
//! The name is looked up when a connection to it is made; every address that it has must be the public internet's
//! ([`address`]), and the connection goes to the very addresses that were looked at, so that a name which answers
//! otherwise a moment later leads nowhere else. No proxy is asked, since it would look the name up by itself, no
//! redirect is followed, and nothing is sent twice. The address itself may be a secret: it is in no word and no log.

mod address;
#[cfg(test)]
mod tests;

use super::SdkError;
use super::calls::Call;
use super::clients::CONNECT;
use super::guard::Guard;
use aws_config::SdkConfig;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use quell_core::text::id::WebhookUrl;
use quell_core::text::{Id, Untrusted};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Where hosts say what they call a request.
const IDS: [&str; 3] = ["x-request-id", "x-correlation-id", "x-amzn-requestid"];

/// Where may be posted to, which the configuration alone says.
pub struct Hook(Id<WebhookUrl>);

impl Hook {
    pub(super) fn new(url: Id<WebhookUrl>) -> Self {
        Self(url)
    }

    /// Its host, with the port where one is named.
    pub fn host(&self) -> &str {
        self.parts().0
    }

    /// What tells the whole address from any other without saying it: the start of its hash.
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::digest(self.0.as_str());
        format!("sha256 {}", hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    /// Host and path.
    fn parts(&self) -> (&str, &str) {
        let rest = self.0.as_str().strip_prefix("https://").unwrap_or_default();
        match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        }
    }
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Posted {
    /// The host answered, with whatever status.
    Answered { status: u16, request_id: Option<Untrusted> },
    /// Nothing left this machine, or nothing came to the host; why.
    NotSent(Untrusted),
    /// It may have come to the host; why nobody knows.
    Unknown(Untrusted),
}

/// Posts the document there, over `http` where that stands for the network, and notes it in the call log.
pub(super) async fn post(
    sdk: &SdkConfig,
    http: Option<SharedHttpClient>,
    guard: &Guard,
    (hook, body, line): (&Hook, &str, Option<String>),
) -> Posted {
    let began = guard.runtime.instant();
    let http = http.unwrap_or_else(|| https(Checked(System)));
    let posted = told(send(sdk, http, hook, body.to_owned()).await);
    let (status, request_id, class) = match &posted {
        Posted::Answered { status: status @ 200..=299, request_id } => (Some(*status), request_id.clone(), "ok"),
        Posted::Answered { status, request_id } => (Some(*status), request_id.clone(), "error"),
        Posted::NotSent(_) => (None, None, "not sent"),
        Posted::Unknown(_) => (None, None, "no answer"),
    };
    guard.log.push(Call {
        at: guard.runtime.now(),
        service: "webhook".to_owned(),
        operation: "POST".to_owned(),
        // It bears no credentials.
        account: None,
        caller: None,
        region: guard.pin.region.clone(),
        status,
        request_id,
        // The clock of AWS alone bears witness.
        date: None,
        elapsed: guard.runtime.instant().saturating_duration_since(began),
        class: class.into(),
        writer: true,
        command: line,
    });
    posted
}

type Answer = Result<(u16, Option<String>), SdkError<io::Error>>;

async fn send(sdk: &SdkConfig, http: SharedHttpClient, hook: &Hook, body: String) -> Answer {
    let (host, path) = hook.parts();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(PATIENCE)
        .operation_timeout(PATIENCE)
        .build();
    let mut operation = Operation::builder()
        .service_name("webhook")
        .operation_name("POST")
        .http_client(headed(http))
        .endpoint_url(&format!("https://{host}"))
        .no_auth()
        .no_retry()
        .timeout_config(timeouts);
    if let Some(version) = sdk.behavior_version() {
        operation = operation.behavior_version(version);
    }
    if let Some(sleep) = sdk.sleep_impl() {
        operation = operation.sleep_impl(sleep);
    }
    if let Some(time) = sdk.time_source() {
        operation = operation.time_source(time);
    }
    let path = path.to_owned();
    operation
        .serializer(move |body: String| request(&path, body))
        .deserializer(|answer: &HttpResponse| -> Result<_, OrchestratorError<io::Error>> {
            let id = IDS.iter().find_map(|name| answer.headers().get(name)).map(str::to_owned);
            Ok((answer.status().as_u16(), id))
        })
        .build()
        .invoke(body)
        .await
}

fn request(path: &str, body: String) -> Result<HttpRequest, BoxError> {
    let request = http::Request::post(path)
        .header("content-type", "application/json")
        .header("content-length", body.len().to_string())
        .header("user-agent", concat!("quell/", env!("CARGO_PKG_VERSION")))
        .body(SdkBody::from(body))?;
    Ok(HttpRequest::try_from(request)?)
}

fn told(answer: Answer) -> Posted {
    match answer {
        Ok((status, id)) => Posted::Answered { status, request_id: id.map(Untrusted::from) },
        Err(SdkError::ConstructionFailure(_)) => Posted::NotSent("the request could not be made".into()),
        Err(SdkError::TimeoutError(_)) => Posted::Unknown("it did not answer in time".into()),
        Err(error) => match before(&error) {
            Some(why) => Posted::NotSent(why),
            None => Posted::Unknown("the connection ended before an answer came".into()),
        },
    }
}

/// Why nothing can have come to the host, where the error says so.
fn before(error: &(dyn Error + 'static)) -> Option<Untrusted> {
    let mut next = Some(error);
    let mut why = None;
    while let Some(error) = next {
        if let Some(inner) = error.downcast_ref::<Inner>() {
            return Some(inner.to_string().into());
        }
        let connecting = error.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|e| e.is_connect());
        let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
        if error.downcast_ref::<ResolveDnsError>().is_some() {
            why = Some("its name was not found");
        } else if connecting || error.downcast_ref().is_some_and(refused) {
            why = why.or(Some("no connection to it came about"));
        }
        next = error.source();
    }
    why.map(Untrusted::from)
}

/// The network, with names looked up so.
fn https(names: impl ResolveDns + Clone + 'static) -> SharedHttpClient {
    http_client_fn(move |_, _| SharedHttpConnector::new(connector(names.clone())))
}

fn connector(names: impl ResolveDns + Clone + 'static) -> Connector {
    Connector::builder()
        .connector_settings(HttpConnectorSettings::builder().connect_timeout(CONNECT).build())
        .sleep_impl(TokioSleep::new())
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build_with_resolver(names)
}

/// Looks names up as this machine does.
#[derive(Clone, Debug)]
struct System;

impl ResolveDns for System {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A name has an address that is not the public internet's.
#[derive(Debug)]
struct Inner(IpAddr, &'static str);

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its name leads to {}, an address that is {}", self.0, self.1)
    }
}

impl Error for Inner {}

/// Gives out addresses only where all of them are the public internet's.
#[derive(Clone, Debug)]
struct Checked<R>(R);

impl<R: ResolveDns> ResolveDns for Checked<R> {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = self.0.resolve_dns(name).await?;
            match found.iter().find_map(|ip| Some(Inner(*ip, address::inner(*ip)?))) {
                Some(inner) => Err(ResolveDnsError::new(inner)),
                None => Ok(found),
            }
        })
    }
}

/// The same client, of whose answers the head alone is read: what a host says beside it means nothing to quell.
fn headed(http: SharedHttpClient) -> SharedHttpClient {
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Headed(http.http_connector(settings, components)))
    })
}

#[derive(Debug)]
struct Headed(SharedHttpConnector);

impl HttpConnector for Headed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { answer.await.map(|answer| answer.map(|_| SdkBody::empty())) })
    }
}
