//! Takes requests to AWS and brings back bytes. All that is decided is decided elsewhere.

use super::{Page, Reply, Request, Trouble};
use crate::aws::{Capture, Captured, Connection, ErrorClass, Failure, SdkError, Slot};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use quell_core::text::Untrusted;

/// Takes one request to AWS. Expired credentials are read anew, so that the next try has those that were renewed.
pub async fn carry(connection: &Connection, request: &Request) -> Reply {
    let reader = connection.reader(&request.region);
    let answer = request.source.call(&reader, &request.ask).await;
    let answer = match answer {
        Ok(page) => Ok(page),
        Err(failure) => {
            if failure.class == ErrorClass::Expired {
                connection.renew().await;
            }
            let problem = failure.problem(&action(request), &reader.scope());
            Err(Trouble { class: failure.class, problem })
        }
    };
    Reply { number: request.number, answer }
}

/// The operation as a policy names it: `guardduty:ListFindings`.
pub(super) fn action(request: &Request) -> String {
    let service = request.source.operations().first().map_or("", |(service, _)| service);
    format!("{}:{}", service.to_lowercase(), request.ask.operation)
}

/// The captured answer of a call. What the SDK could not type but came whole and with a good status is taken all
/// the same; what came cut off is an error even where the SDK was content.
pub(super) fn page<O, E>(slot: &Slot, result: Result<O, SdkError<E>>) -> Result<Page, Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match (slot.take(), result) {
        (Some(Captured { status: 200..=299, body: Ok(body), date, request_id }), _) => {
            Ok(Page { body, date: date.as_ref().and_then(moment), request_id })
        }
        (_, Err(error)) => Err(Failure::of(&error)),
        (Some(Captured { request_id, .. }), Ok(_)) => Err(Failure::unreadable("the answer was cut off", request_id)),
        (None, Ok(_)) => Err(Failure::unreadable("the answer was not captured", None)),
    }
}

/// A call with its answer captured: `captured!(client.get_findings()…)`.
macro_rules! captured {
    ($call:expr) => {{
        let slot = crate::aws::Slot::default();
        let result = $call.customize().interceptor(crate::source::carry::capture(&slot)).send().await;
        crate::source::carry::page(&slot, result)
    }};
}
pub(super) use captured;

pub(super) fn capture(slot: &Slot) -> Capture {
    Capture(slot.clone())
}

/// The Date header (RFC 9110, IMF-fixdate, which RFC 2822 reads).
fn moment(date: &Untrusted) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(date.line().as_str()).ok()
}
