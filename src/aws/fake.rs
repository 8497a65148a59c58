//! An AWS that answers what a test tells it to, behind the SDK's HTTP connector. It sleeps never and reads no clock.

use super::connection::{Connection, ConnectionKind};
use super::load::{ConnectOptions, StaticAccess, by_hand};
use super::{Allow, BoxFuture};
use crate::runtime::Runtime;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper::body::{Body, Bytes, Frame};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

/// The moment at which all tests happen.
pub const NOW: &str = "2026-11-21T19:30:00Z";

/// A request as it reached the connector.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GuardDuty`'s and Security Hub's method and path, S3's with the query, else the operation's name; EC2's dry runs
    /// say that they are.
    pub operation: String,
    pub uri: String,
    pub authorization: String,
    pub body: String,
    headers: Vec<(String, String)>,
}

/// What comes back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A body in memory.
    Whole(u16, &'static str, Vec<u8>),
    /// A body that arrives in pieces of 7 bytes, as a live one does; `true` breaks it off half-way.
    Pieces(u16, Vec<u8>, bool),
    /// A whole body whose Content-Length says more.
    Short(u16, Vec<u8>, usize),
    /// The connection breaks.
    Lost,
    /// Nothing, ever; all timeouts run out at once.
    Hangs,
}

impl Answer {
    /// A good answer in memory.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Answer::Whole(200, "", body.into())
    }

    /// A refusal of a JSON service: status, code, body.
    pub fn refused(status: u16, code: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Answer::Whole(status, code, body.into())
    }
}

type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

/// The fake AWS; clones are the same.
#[derive(Clone)]
pub struct Fake {
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// An AWS that answers by the script.
    pub fn new(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), asked: Arc::default() }
    }

    /// A connection to it, of a kind, in eu-west-1 with fixed time.
    pub fn connection(&self, kind: ConnectionKind, options: ConnectOptions, allow: Allow) -> Connection {
        let now: jiff::Timestamp = NOW.parse().unwrap();
        self.connection_at(kind, options, allow, Runtime::new(move || now, |_| Ok(())))
    }

    /// A connection with a clock of the test's choice.
    pub fn connection_at(
        &self,
        kind: ConnectionKind,
        options: ConnectOptions,
        allow: Allow,
        runtime: Runtime,
    ) -> Connection {
        let access = StaticAccess {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            partition: "aws".to_owned(),
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "secret".to_owned(),
        };
        let sdk = by_hand(SharedHttpClient::new(self.clone()), &access, &runtime);
        let sdk = sdk.into_builder().sleep_impl(SharedAsyncSleep::new(Naps)).build();
        let regions = match options.regions.as_slice() {
            [] => vec!["eu-west-1".to_owned()],
            regions => regions.to_vec(),
        };
        Connection::new(sdk, kind, regions, options, allow, runtime)
    }

    /// What was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The operations that were asked for, in order.
    pub fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.operation).collect()
    }
}

/// A connector that notes what goes over it to another one, and what it has noted.
pub fn overheard(http: SharedHttpClient) -> (SharedHttpClient, Arc<Mutex<Vec<Asked>>>) {
    let asked = Arc::<Mutex<Vec<Asked>>>::default();
    (SharedHttpClient::new(Overheard { http, asked: asked.clone() }), asked)
}

#[derive(Debug)]
struct Overheard {
    http: SharedHttpClient,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl HttpClient for Overheard {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.http.http_connector(settings, components);
        SharedHttpConnector::new(Overhearing { inner, asked: self.asked.clone() })
    }
}

#[derive(Debug)]
struct Overhearing {
    inner: SharedHttpConnector,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl HttpConnector for Overhearing {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.asked.lock().unwrap().push(Asked::of(&request));
        self.inner.call(request)
    }
}

/// A connection to the simulated account on which no retry waits.
pub fn hasty(http: SharedHttpClient, access: &StaticAccess, allow: Allow, runtime: Runtime) -> Connection {
    hasty_with(http, access, allow, runtime, ConnectOptions::default())
}

/// The same, with options.
pub fn hasty_with(
    http: SharedHttpClient,
    access: &StaticAccess,
    allow: Allow,
    runtime: Runtime,
    options: ConnectOptions,
) -> Connection {
    let sdk = by_hand(http, access, &runtime);
    let sdk = sdk.into_builder().sleep_impl(SharedAsyncSleep::new(Naps)).build();
    let (kind, regions) = (ConnectionKind::Simulated, vec![access.region.clone()]);
    Connection::new(sdk, kind, regions, options, allow, runtime)
}

/// GetCallerIdentity's answer for a user of the account.
pub fn identity(account: &str) -> Answer {
    Answer::ok(format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:user/responder</Arn><UserId>AIDAEXAMPLE</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>01234567-89ab</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    ))
}

/// Runs a future of a test to its end.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

impl HttpClient for Fake {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = Asked::of(&request);
        self.asked.lock().unwrap().push(asked.clone());
        let answer = (self.script)(&asked);
        let future: BoxFuture<'static, _> = Box::pin(async move {
            match answer {
                Answer::Lost => Err(ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into())),
                Answer::Hangs => std::future::pending().await,
                Answer::Whole(status, code, body) => Ok(response(status, code, None, SdkBody::from(body))),
                Answer::Short(status, body, length) => Ok(response(status, "", Some(length), SdkBody::from(body))),
                Answer::Pieces(status, body, cut) => Ok(response(status, "", None, pieces(&body, cut))),
            }
        });
        HttpConnectorFuture::new(future)
    }
}

impl Asked {
    fn of(request: &HttpRequest) -> Self {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let path = request.uri().split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |p| p.1);
        let action = body.strip_prefix("Action=").map(|rest| rest.split('&').next().unwrap_or_default());
        let target = request.headers().get("x-amz-target").and_then(|t| t.split('.').nth(1));
        let operation = match (action, target) {
            (Some(action), _) if body.contains("&DryRun=true") => format!("{action} (dry run)"),
            (Some(action), _) => action.to_owned(),
            (None, Some(target)) => target.to_owned(),
            // S3's operations differ by it alone.
            (None, None) if request.uri().starts_with("https://s3") => format!("{} /{path}", request.method()),
            (None, None) => format!("{} /{}", request.method(), path.split('?').next().unwrap_or_default()),
        };
        let authorization = request.headers().get("authorization").unwrap_or_default().to_owned();
        let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { operation, uri: request.uri().to_owned(), authorization, body, headers }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn response(status: u16, code: &str, length: Option<usize>, body: SdkBody) -> HttpResponse {
    let mut builder = http::Response::builder().status(status).header("x-amzn-requestid", "req-1");
    builder = builder.header("date", "Sat, 21 Nov 2026 19:30:00 GMT");
    if !code.is_empty() {
        builder = builder.header("x-amzn-errortype", code);
    }
    if let Some(length) = length {
        builder = builder.header("content-length", length.to_string());
    }
    HttpResponse::try_from(builder.body(body).unwrap()).unwrap()
}

fn pieces(body: &[u8], cut: bool) -> SdkBody {
    let kept = if cut { &body[..body.len() / 2] } else { body };
    let mut pieces: VecDeque<io::Result<Bytes>> = kept.chunks(7).map(|p| Ok(Bytes::copy_from_slice(p))).collect();
    if cut {
        pieces.push_back(Err(io::ErrorKind::UnexpectedEof.into()));
    }
    SdkBody::from_body_1_x(Arriving(pieces))
}

struct Arriving(VecDeque<io::Result<Bytes>>);

impl Body for Arriving {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.pop_front().map(|piece| piece.map(Frame::data)))
    }
}

/// Every sleep is over at once: a retry comes at once, and so does the timeout of what does not answer.
#[derive(Debug)]
struct Naps;

impl AsyncSleep for Naps {
    fn sleep(&self, _: Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}
