//! Keeps the bytes of an answer beside what the SDK made of them, so that fields the SDK does not know survive.
//!
//! The SDK reads a live body into memory only after its before-deserialisation hooks, so the bytes are taken in
//! `read_after_deserialization`, which fires too when the typed reading failed. It runs once an attempt: the last
//! one stands. A body that could not be read, or is shorter than its Content-Length, is an error: never "nothing".

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use quell_core::text::Untrusted;
use std::sync::{Arc, Mutex, PoisonError};

/// An answer as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    pub status: u16,
    pub request_id: Option<Untrusted>,
    /// The answer's Date header: AWS's own clock.
    pub date: Option<Untrusted>,
    /// The whole body, or why it is not whole.
    pub body: Result<Arc<[u8]>, Broken>,
}

/// Why a body is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It ended early or could not be read to its end.
    Truncated,
}

/// Where a call's answer is put; one for each call.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<Mutex<Option<Captured>>>);

impl Slot {
    /// Takes the answer of the last attempt; `None` when there was no answer at all.
    pub fn take(&self) -> Option<Captured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, captured: Captured) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(captured);
    }
}

/// The interceptor for one call: `client.get_findings().customize().interceptor(Capture(slot.clone()))`.
#[derive(Clone, Debug)]
pub struct Capture(pub Slot);

impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "quell::Capture"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.put(captured(context.response()));
        Ok(())
    }
}

fn captured(response: &HttpResponse) -> Captured {
    let announced = response.headers().get("content-length").and_then(|n| n.parse::<usize>().ok());
    let body = match response.body().bytes() {
        Some(bytes) if announced.is_none_or(|n| n == bytes.len()) => Ok(Arc::from(bytes)),
        Some(_) | None => Err(Broken::Truncated),
    };
    Captured {
        status: response.status().as_u16(),
        request_id: request_id(response),
        date: response.headers().get("date").map(Untrusted::from),
        body,
    }
}

/// The request id, which services put under one of two names.
pub(super) fn request_id(response: &HttpResponse) -> Option<Untrusted> {
    let headers = response.headers();
    headers.get("x-amzn-requestid").or_else(|| headers.get("x-amz-request-id")).map(Untrusted::from)
}
