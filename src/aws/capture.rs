//! Takes an answer's bytes in place of what the SDK would make of them.
//!
//! There are three reasons. Fields that the SDK does not know, and findings that its types refuse, must survive. What
//! was cut off must never pass for "nothing": the SDK reads an empty body as an empty list. And the reader that is
//! generated for the resources of Security Hub's findings takes more than eight megabytes of stack when it is
//! compiled without optimisation, which no thread has: a single finding would end the process.

use super::SdkError;
use super::errors::Failure;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef, Error, Output,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use quell_core::text::Untrusted;
use std::sync::{Arc, Mutex, PoisonError};

/// A whole answer with a good status, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    pub request_id: Option<Untrusted>,
    /// The answer's Date header: AWS's own clock.
    pub date: Option<Untrusted>,
    pub body: Arc<[u8]>,
}

/// Sends a call and gives its answer's bytes, or the failure:
/// `captured!(client.list_detectors(), ListDetectorsOutput::builder().build())`. The second is an empty output of
/// the operation, for the SDK to hand round.
macro_rules! captured {
    ($call:expr, $empty:expr) => {{
        let capture = $crate::aws::Capture::new(|| $empty);
        let result = $call.customize().interceptor(capture.clone()).send().await;
        capture.answer(result)
    }};
}
pub(crate) use captured;

/// The interceptor that takes one call's answer; use it by [`captured!`].
#[derive(Debug)]
pub struct Capture<O> {
    slot: Slot,
    empty: fn() -> O,
}

type Slot = Arc<Mutex<Option<Captured>>>;

impl<O> Clone for Capture<O> {
    fn clone(&self) -> Self {
        Self { slot: self.slot.clone(), empty: self.empty }
    }
}

/// The mark of a call whose answer is taken as bytes.
#[derive(Debug)]
pub(super) struct Bytes;

impl Storable for Bytes {
    type Storer = StoreReplace<Self>;
}

impl<O> Capture<O> {
    /// An interceptor for one call, with an empty output of its operation.
    pub fn new(empty: fn() -> O) -> Self {
        Self { slot: Slot::default(), empty }
    }

    /// The answer, from what the call resulted in.
    pub fn answer<E>(&self, result: Result<O, SdkError<E>>) -> Result<Captured, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        result.map_err(|error| Failure::of(&error))?;
        let captured = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        captured.ok_or_else(|| Failure::unreadable("the answer was not taken", None))
    }
}

impl<O: std::fmt::Debug + Send + Sync + 'static> Intercept for Capture<O> {
    fn name(&self) -> &'static str {
        "quell::Capture"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(Bytes);
        Ok(())
    }

    /// Only a good answer is taken; a refusal is the SDK's to read.
    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_success() {
            let taking = Taking { slot: self.slot.clone(), empty: self.empty };
            cfg.interceptor_state().store_put(SharedResponseDeserializer::new(taking));
        }
        Ok(())
    }
}

/// Puts the body into the slot and makes nothing of it. The SDK has read it to its end by then, live or not.
#[derive(Debug)]
struct Taking<O> {
    slot: Slot,
    empty: fn() -> O,
}

impl<O: std::fmt::Debug + Send + Sync + 'static> DeserializeResponse for Taking<O> {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let announced = response.headers().get("content-length").and_then(|length| length.parse::<usize>().ok());
        let whole = |body: &&[u8]| announced.is_none_or(|length| length == body.len());
        // A later attempt's refusal lands here too, after an attempt whose answer was taken but came cut off.
        let body = response.body().bytes().filter(|_| response.status().is_success()).filter(whole);
        let body = body.ok_or_else(|| OrchestratorError::other("the answer was cut off"))?;
        let captured = Captured {
            request_id: request_id(response),
            date: response.headers().get("date").map(Untrusted::from),
            body: Arc::from(body),
        };
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(captured);
        Ok(Output::erase((self.empty)()))
    }
}

/// The request id, which services put under one of two names.
pub(super) fn request_id(response: &HttpResponse) -> Option<Untrusted> {
    request_id_text(response).map(Untrusted::from)
}

/// The same as text, for what gives it on as the SDK's own answers do.
pub(super) fn request_id_text(response: &HttpResponse) -> Option<&str> {
    let headers = response.headers();
    headers.get("x-amzn-requestid").or_else(|| headers.get("x-amz-request-id"))
}
