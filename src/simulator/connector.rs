//! The account behind the SDK's HTTP connector: no socket, no network.
//!
//! Every other answer comes in pieces, as a live one does, so that a client that only works on a body already in
//! memory does not pass for a working one.

use super::Simulator;
use super::pieces::Pieces;
use super::wire::{Cut, Request, Response};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use std::io;

#[derive(Clone, Debug)]
struct Connector(Simulator);

/// The simulator as a client for `aws_sdk_*::config::Builder::http_client`.
pub(super) fn client(simulator: Simulator) -> SharedHttpClient {
    SharedHttpClient::new(Connector(simulator))
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let simulator = self.0.clone();
        HttpConnectorFuture::new(async move {
            if outside(&request) {
                return taken();
            }
            let request = read(request).await?;
            let (response, whole) = simulator.answer(&request);
            if response.cut == Some(Cut::Hangs) {
                std::future::pending::<()>().await;
            }
            respond(response, whole)
        })
    }
}

/// Whether a request is for somebody else than AWS: it bears no signature, and its host is none of AWS's.
fn outside(request: &HttpRequest) -> bool {
    let host = request.uri().split('/').nth(2).unwrap_or_default();
    request.headers().get("authorization").is_none() && !host.contains("amazonaws")
}

/// The answer to what is posted to others: it is taken, and goes nowhere.
fn taken() -> Result<HttpResponse, ConnectorError> {
    let answer = http::Response::builder().header("x-request-id", "simulated").body(SdkBody::empty());
    let answer = answer.map_err(|e| ConnectorError::other(e.into(), None))?;
    HttpResponse::try_from(answer).map_err(|e| ConnectorError::other(e.into(), None))
}

/// The bodies of requests are read to their end, in memory or not.
async fn read(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
    Ok(Request::from_http(&parts, body.to_vec()))
}

fn respond(response: Response, whole: bool) -> Result<HttpResponse, ConnectorError> {
    match response.cut {
        Some(Cut::Refused) => return Err(ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionRefused).into())),
        Some(Cut::Lost) => return Err(ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into())),
        Some(Cut::After(_) | Cut::Hangs) | None => {}
    }
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(*name, value);
    }
    let body = match (response.cut, whole) {
        (Some(Cut::After(bytes)), _) => pieces(&response.body, Some(bytes)),
        (_, true) => SdkBody::from(response.body),
        (_, false) => pieces(&response.body, None),
    };
    let response = builder.body(body).map_err(|e| ConnectorError::other(e.into(), None))?;
    HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
}

fn pieces(body: &[u8], until: Option<usize>) -> SdkBody {
    SdkBody::from_body_1_x(Pieces::new(body, until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Runtime;
    use crate::simulator::Scenario;
    use crate::simulator::testing::START;

    fn simulator(toml: &str) -> Simulator {
        let start: jiff::Timestamp = START.parse().unwrap();
        let runtime = Runtime::new(move || start, |_| Ok(()));
        Simulator::new(Scenario::from_toml(toml).unwrap(), 1, 1.0, runtime)
    }

    fn call(simulator: &Simulator) -> Result<HttpResponse, ConnectorError> {
        let key = simulator.access().access_key_id;
        let scope =
            format!("AWS4-HMAC-SHA256 Credential={key}/20261121/eu-central-1/guardduty/aws4_request, Signature=0");
        let request = http::Request::get("https://guardduty.eu-central-1.amazonaws.com/detector")
            .header("authorization", scope)
            .body(SdkBody::empty())
            .unwrap();
        let answer = Connector(simulator.clone()).call(HttpRequest::try_from(request).unwrap());
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer)
    }

    fn read_body(response: HttpResponse) -> Result<Vec<u8>, String> {
        let collected = response.into_body().collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(collected).map(|b| b.to_bytes().to_vec()).map_err(|e| e.to_string())
    }

    #[test]
    fn bodies_come_whole_and_in_pieces_by_turns() {
        let simulator = simulator("base = \"quiet\"");
        let expected = br#"{"detectorIds":["9d27e4b1c05f83a6e2174f09bb58dc36"],"nextToken":""}"#;
        for whole in [true, false, true, false] {
            let response = call(&simulator).unwrap();
            assert_eq!(response.status().as_u16(), 200);
            assert_eq!(response.body().bytes().is_some(), whole);
            assert_eq!(read_body(response).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_posted_to_others_is_taken_and_goes_nowhere() {
        let simulator = simulator("base = \"quiet\"");
        let post = |url: &str| {
            let request = http::Request::post(url).body(SdkBody::from("{}")).unwrap();
            let answer = Connector(simulator.clone()).call(HttpRequest::try_from(request).unwrap());
            let answer = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer).unwrap();
            (answer.status().as_u16(), answer.headers().get("x-request-id").map(str::to_owned))
        };
        assert_eq!(post("https://hooks.example.com/T0"), (200, Some("simulated".to_owned())));
        assert_eq!(post("https://guardduty.eu-central-1.amazonaws.com/detector").0, 403);
    }

    #[test]
    fn broken_connections_are_errors_of_the_connector() {
        let fault = "base = \"quiet\"\n[[fault]]\noperation = \"guardduty:ListDetectors\"\nerror = ";
        for error in ["refused", "lost"] {
            assert!(call(&simulator(&format!("{fault}\"{error}\""))).unwrap_err().is_io(), "{error}");
        }
        let response = call(&simulator(&format!("{fault}\"truncated\""))).unwrap();
        assert!(read_body(response).is_err());
    }
}
