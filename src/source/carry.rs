//! Takes requests to AWS and brings back bytes. All that is decided is decided elsewhere.

use super::{Page, Reply, Request, Trouble};
use crate::aws::{Captured, Connection, ErrorClass};
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

/// A captured answer as a page.
pub(super) fn page(captured: Captured) -> Page {
    let Captured { body, date, request_id } = captured;
    Page { body, date: date.as_ref().and_then(moment), request_id }
}

/// The Date header (RFC 9110, IMF-fixdate, which RFC 2822 reads).
fn moment(date: &Untrusted) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(date.line().as_str()).ok()
}
