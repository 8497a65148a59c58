//! The line between "surely not sent" and "unknown": a connector that notes that it was handed a request.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the last call of a writer reached the connector.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Arc<AtomicBool>);

impl Sent {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn set(&self, sent: bool) {
        self.0.store(sent, Ordering::Release);
    }
}

/// The client, noting in `sent` each request that it is handed.
pub(super) fn noting(inner: SharedHttpClient, sent: Sent) -> SharedHttpClient {
    SharedHttpClient::new(Noting { inner, sent })
}

#[derive(Debug)]
struct Noting {
    inner: SharedHttpClient,
    sent: Sent,
}

impl HttpClient for Noting {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(NotingConnector { inner, sent: self.sent.clone() })
    }
}

#[derive(Debug)]
struct NotingConnector {
    inner: SharedHttpConnector,
    sent: Sent,
}

impl HttpConnector for NotingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.sent.set(true);
        self.inner.call(request)
    }
}
