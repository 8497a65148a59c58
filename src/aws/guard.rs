//! The interceptor on every client that quell builds: the operation lists, the pin, and the call log.

use super::SdkError;
use super::allow::{Access, Barred, DRY_RUN, Lists};
use super::calls::{Call, CallLog};
use super::capture::{Bytes, request_id};
use super::connection::Known;
use super::input;
use super::pin::Pin;
use super::sent::Sent;
use super::wire::{Wire, as_sent};
use crate::runtime::Runtime;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use quell_core::incident::PlannedRequest;
use quell_core::text::Untrusted;
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;

/// What a client may call, where to, and where that is noted.
#[derive(Clone)]
pub(super) struct Guard {
    pub access: Access,
    pub lists: Arc<Lists>,
    pub pin: Pin,
    /// Whose the credentials are, as far as that was told.
    pub known: Known,
    pub log: CallLog,
    pub runtime: Runtime,
    /// A writer's flag; cleared when a call begins.
    pub sent: Option<Sent>,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("access", &self.access).field("pin", &self.pin).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Began(Instant);

/// What the call asks for, as far as it can be told.
#[derive(Debug)]
struct Input(Option<Value>);

impl Storable for Input {
    type Storer = StoreReplace<Self>;
}

impl Storable for Began {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "quell::Guard"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(sent) = &self.sent {
            sent.set(false);
        }
        cfg.interceptor_state().store_put(Began(self.runtime.instant()));
        cfg.interceptor_state().store_put(Input(input::of(context.input())));
        let metadata = cfg.load::<Metadata>().ok_or(Barred::Unnamed)?;
        // The client's own service, too: a list that names another one's operation must not open this one.
        if metadata.service() != self.pin.service.id() {
            return Err(Barred::Unnamed.into());
        }
        self.lists.check(self.access, metadata.service(), metadata.name())?;
        let findings = (metadata.service(), metadata.name()) == ("SecurityHub", "GetFindings");
        match findings && cfg.load::<Bytes>().is_none() {
            true => Err(Barred::Typed.into()),
            false => Ok(()),
        }
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let dry = cfg.load::<Metadata>().is_some_and(|metadata| metadata.name().ends_with(DRY_RUN));
        if dry && !request.body().bytes().is_some_and(says_dry) {
            return Err(Barred::NotDry.into());
        }
        if let Some(Input(Some(input))) = cfg.load::<Input>() {
            let wire = Wire::of(request.body().bytes(), request.uri());
            let sent = as_sent(input.clone(), Some(&wire));
            cfg.interceptor_state().store_put(Input(Some(sent)));
        }
        self.pin.check(request.headers().get("authorization"), request.uri())?;
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = cfg.load::<Metadata>().map(|m| m.name().to_owned()).unwrap_or_default();
        let began = cfg.load::<Began>().map(|began| began.0);
        let now = self.runtime.instant();
        let response = context.response();
        let command =
            cfg.load::<Input>().and_then(|input| self.command_line(&operation, as_sent(input.0.clone()?, None)));
        let caller = self.known.get();
        self.log.push(Call {
            at: self.runtime.now(),
            account: caller.as_ref().map(|caller| caller.account.as_str().to_owned()),
            caller: caller.map(|caller| caller.arn),
            service: self.pin.service.id().to_owned(),
            operation,
            region: self.pin.region.clone(),
            status: response.map(|r| r.status().as_u16()),
            request_id: response.and_then(request_id),
            date: response.and_then(date),
            elapsed: began.map(|began| now.saturating_duration_since(began)).unwrap_or_default(),
            class: class_word(context),
            writer: self.access == Access::Write,
            command,
        });
        Ok(())
    }
}

impl Guard {
    /// The call as somebody would repeat it by hand.
    fn command_line(&self, operation: &str, input: Value) -> Option<String> {
        let service = self.pin.service.command().to_owned();
        // A dry run is the same operation with a member that says so.
        let operation = operation.strip_suffix(DRY_RUN).unwrap_or(operation).to_owned();
        let request = PlannedRequest { service, operation, input };
        request.command_line(&self.pin.region.as_str().into()).ok()
    }
}

/// Whether a form says that it is a dry run, once.
fn says_dry(body: &[u8]) -> bool {
    let said: Vec<_> = form_urlencoded::parse(body).filter(|(name, _)| name == "DryRun").collect();
    matches!(said.as_slice(), [(_, value)] if value == "true")
}

/// The answer's Date; one that is no date is as none.
fn date(response: &HttpResponse) -> Option<jiff::Timestamp> {
    let date = jiff::fmt::rfc2822::parse(response.headers().get("date")?).ok()?;
    Some(date.timestamp())
}

fn class_word(context: &FinalizerInterceptorContextRef<'_>) -> Untrusted {
    let Some(result) = context.output_or_error() else { return Untrusted::from("refused") };
    let Err(error) = result else { return Untrusted::from("ok") };
    let word = match error {
        e if e.is_timeout_error() => "timeout",
        e if e.is_connector_error() => "no connection",
        e if e.is_interceptor_error() => "refused",
        e if e.is_operation_error() => match context.response().and_then(error_code) {
            Some(code) => return Untrusted::from(code),
            None => "error",
        },
        e if e.is_response_error() => "unreadable",
        _ => "not sent",
    };
    Untrusted::from(word)
}

/// The error code: a header in the JSON protocols, an element in the Query protocol.
pub(super) fn error_code(response: &HttpResponse) -> Option<String> {
    if let Some(code) = response.headers().get("x-amzn-errortype") {
        return Some(code.split([':', ',']).next().unwrap_or_default().to_owned());
    }
    let body = String::from_utf8_lossy(response.body().bytes()?);
    let element = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    let member = || serde_json::from_str::<serde_json::Value>(&body).ok()?.get("__type")?.as_str().map(str::to_owned);
    element.map(str::to_owned).or_else(member)
}

/// The guard's own refusal inside an SDK error, if it is one.
pub(super) fn barred<E: std::error::Error + 'static>(error: &SdkError<E>) -> Option<&Barred> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(barred) = error.downcast_ref() {
            return Some(barred);
        }
        next = error.source();
    }
    None
}
