//! Help for the simulator's own tests: signed requests by hand, and times by their seconds after the start.

use super::account::Account;
use super::answer::answer;
use super::scenario::Scenario;
use super::wire::{Now, Request, Response};
use super::world::World;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub(super) const START: &str = "2026-11-21T10:00:00Z";

/// A world, and the time of its next request.
pub(super) struct Bench {
    pub world: World,
    pub now: Now,
    pub key: String,
    pub token: Option<String>,
    pub region: String,
}

impl Bench {
    pub fn new(scenario: &str) -> Self {
        Self::of(Scenario::named(scenario).unwrap())
    }

    /// The scenario with these lines of TOML after it.
    pub fn with(scenario: &str, lines: &str) -> Self {
        Self::of(Scenario::from_toml(&format!("base = \"{scenario}\"\n{lines}")).unwrap())
    }

    fn of(scenario: Scenario) -> Self {
        let start: Timestamp = START.parse().unwrap();
        let (key, region) = (scenario.responder.key.clone(), scenario.region.clone());
        let now = Now { real: start, simulated: start };
        Self { world: World::new(scenario, 1, start), now, key, token: None, region }
    }

    /// Lets both clocks run on.
    pub fn wait(&mut self, seconds: i64) {
        self.now.real += SignedDuration::from_secs(seconds);
        self.now.simulated += SignedDuration::from_secs(seconds);
    }

    /// The account as it is now.
    pub fn account(&mut self) -> &Account {
        self.world.advance(self.now.simulated);
        &self.world.account
    }

    pub fn send(&mut self, service: &str, method: &str, path: &str, extra: &[(&str, &str)], body: &str) -> Response {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20261121/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.key, self.region
        );
        let mut headers = vec![("authorization".to_owned(), authorization)];
        headers.extend(extra.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        headers.extend(self.token.iter().map(|t| ("x-amz-security-token".to_owned(), t.clone())));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers,
            body: body.as_bytes().to_vec(),
        };
        answer(&mut self.world, &request, self.now)
    }

    /// A JSON request that must succeed.
    pub fn json(&mut self, service: &str, method: &str, path: &str, body: &str) -> Value {
        let response = self.send(service, method, path, &[], body);
        assert_eq!(response.status, 200, "{}", text(&response));
        serde_json::from_slice(&response.body).unwrap()
    }

    /// A JSON request that must fail: its status, error header and body.
    pub fn refused(&mut self, service: &str, method: &str, path: &str, body: &str) -> (u16, String, String) {
        let response = self.send(service, method, path, &[], body);
        let header = response.headers.iter().find(|(n, _)| *n == "x-amzn-errortype").map(|(_, v)| v.clone());
        (response.status, header.unwrap_or_default(), text(&response))
    }

    /// A Systems Manager request that must succeed.
    pub fn ssm(&mut self, operation: &str, body: &Value) -> Value {
        let response =
            self.send("ssm", "POST", "/", &[("x-amz-target", &format!("AmazonSSM.{operation}"))], &body.to_string());
        assert_eq!(response.status, 200, "{}", text(&response));
        serde_json::from_slice(&response.body).unwrap()
    }

    /// A Systems Manager request that must fail with status 400: the code and the body.
    pub fn ssm_refused(&mut self, operation: &str, body: &Value) -> (String, String) {
        let response =
            self.send("ssm", "POST", "/", &[("x-amz-target", &format!("AmazonSSM.{operation}"))], &body.to_string());
        assert_eq!(response.status, 400, "{}", text(&response));
        let value: Value = serde_json::from_slice(&response.body).unwrap();
        (value["__type"].as_str().unwrap().to_owned(), text(&response))
    }

    /// A Query request: its status and XML.
    pub fn form(&mut self, service: &str, body: &str) -> (u16, String) {
        let response = self.send(service, "POST", "/", &[("content-type", "application/x-www-form-urlencoded")], body);
        (response.status, text(&response))
    }
}

pub(super) fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

/// The text between two marks.
pub(super) fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}
