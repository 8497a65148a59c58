//! The account on a loopback port, for tools that are given an endpoint. HTTP/1.1 by hyper; the same core answers.

use super::Simulator;
use super::wire::{Cut, Request, Response};
use crate::problem::Problem;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use tokio::net::{TcpListener, TcpStream};

/// The largest request that is read: above BatchImportFindings' six megabytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// Answers on the listener until the task is dropped. It must be a loopback address: the account has no secrets, but
/// anybody who reaches it can change it.
pub async fn serve(simulator: Simulator, listener: TcpListener) -> Result<(), Problem> {
    let address = listener.local_addr().map_err(|e| Problem::local(format!("no address to listen on: {e}")))?;
    if !address.ip().is_loopback() {
        return Err(Problem::input(format!("{address} is not a loopback address"))
            .meaning("anybody on the network could act in the simulated account")
            .next("listen on 127.0.0.1"));
    }
    let runtime = simulator.inner.runtime.clone();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                runtime.task(connection(simulator.clone(), stream));
            }
            // A client that gave up at once, or no more file descriptors: the next one may come through.
            Err(_) => runtime.sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

async fn connection(simulator: Simulator, stream: TcpStream) {
    let service = service_fn(|request| respond(simulator.clone(), request));
    // An error here is a connection that broke, by the client or on purpose; there is nobody to tell.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

type Answer = http::Response<BoxBody<Bytes, io::Error>>;

async fn respond(simulator: Simulator, request: http::Request<Incoming>) -> Result<Answer, io::Error> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return answer(413, &[], whole(Vec::new())),
    };
    let (response, in_one) = simulator.answer(&Request::from_http(&parts, body.to_vec()));
    let Response { status, headers, body, cut } = response;
    match cut {
        // An error of the service closes the connection without a byte.
        Some(Cut::Refused | Cut::Lost) => Err(io::ErrorKind::ConnectionReset.into()),
        Some(Cut::Hangs) => std::future::pending().await,
        Some(Cut::After(bytes)) => answer(status, &headers, super::pieces::Pieces::new(&body, Some(bytes)).boxed()),
        None if in_one => answer(status, &headers, whole(body)),
        None => answer(status, &headers, super::pieces::Pieces::new(&body, None).boxed()),
    }
}

fn whole(body: Vec<u8>) -> BoxBody<Bytes, io::Error> {
    Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed()
}

fn answer(
    status: u16,
    headers: &[(&'static str, String)],
    body: BoxBody<Bytes, io::Error>,
) -> Result<Answer, io::Error> {
    let mut builder = http::Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, value);
    }
    builder.body(body).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Runtime;
    use crate::simulator::Scenario;
    use crate::simulator::testing::START;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Sends one request to a served account and reads until the connection ends.
    fn exchange(toml: &str) -> String {
        let start: jiff::Timestamp = START.parse().unwrap();
        let runtime = Runtime::new(move || start, |_| Ok(()));
        let simulator = Simulator::new(Scenario::from_toml(toml).unwrap(), 1, 1.0, runtime);
        let key = simulator.access().access_key_id;
        let request = format!(
            "GET /detector HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential={key}/20261121/eu-central-1/guardduty/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n"
        );
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(serve(simulator, listener));
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            server.abort();
            String::from_utf8(answer).unwrap()
        })
    }

    #[test]
    fn a_served_account_answers_over_http() {
        let answer = exchange("base = \"quiet\"");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("date: Sat, 21 Nov 2026 10:00:00 GMT\r\n"), "{answer}");
        assert!(answer.ends_with(r#"{"detectorIds":["9d27e4b1c05f83a6e2174f09bb58dc36"],"nextToken":""}"#), "{answer}");
    }

    #[test]
    fn a_lost_answer_is_a_connection_without_a_byte() {
        let fault = "base = \"quiet\"\n[[fault]]\noperation = \"guardduty:ListDetectors\"\nerror = ";
        assert_eq!(exchange(&format!("{fault}\"lost\"")), "");
        let broken = exchange(&format!("{fault}\"truncated\""));
        assert!(broken.starts_with("HTTP/1.1 200 OK\r\n") && !broken.ends_with("0\r\n\r\n"), "{broken}");
    }

    #[test]
    fn only_loopback_is_served() {
        let runtime = Runtime::new(|| START.parse().unwrap(), |_| Ok(()));
        let simulator = Simulator::new(Scenario::named("quiet").unwrap(), 1, 1.0, runtime);
        let refused = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async { serve(simulator, TcpListener::bind("0.0.0.0:0").await.unwrap()).await });
        assert_eq!(refused.unwrap_err().exit_code(), 2);
    }
}
