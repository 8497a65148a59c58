//! What the kinds' tests share: an account that answers by a script, a finding, an approved plan.

use super::{Action, Progress, Report, Request, Value, Word, allow};
use crate::aws::fake::{Answer, Asked, Fake, identity, run};
use crate::aws::{ConnectOptions, Connection, ConnectionKind, Reader};
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::timeline::Permit;
use quell_core::finding::{Actor, Compact, Resource, Severity};
use quell_core::incident::{Found, Link, Outcome, Plan, Token, Verified};
use quell_core::runbook::{Origin, Runbook, parse_with};
use quell_core::text::{Id, Untrusted};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "eu-west-1";

/// An account that answers each operation with its own list of answers, the last one for ever.
pub(super) struct Bench {
    pub fake: Fake,
    pub connection: Connection,
    pub reader: Reader,
}

impl Bench {
    pub(super) fn new<const N: usize>(answers: [(&str, Vec<Answer>); N]) -> Self {
        Self::beside(answers, |_| None)
    }

    /// The same, with what answers the other operations.
    pub(super) fn beside<const N: usize>(
        answers: [(&str, Vec<Answer>); N],
        others: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let answers: HashMap<String, Vec<Answer>> = answers.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let given: Mutex<HashMap<String, usize>> = Mutex::default();
        Self::script(move |asked| {
            let mut given = given.lock().unwrap();
            let at = given.entry(asked.operation.clone()).or_default();
            let Some(list) = answers.get(&asked.operation) else {
                return match (asked.operation.as_str(), others(asked)) {
                    (_, Some(answer)) => answer,
                    ("GetCallerIdentity", None) => identity(ACCOUNT),
                    (other, None) => panic!("{other} was not expected"),
                };
            };
            let answer = list[(*at).min(list.len() - 1)].clone();
            *at += 1;
            answer
        })
    }

    pub(super) fn script(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let fake = Fake::new(script);
        let connection = fake.connection(ConnectionKind::Simulated, ConnectOptions::default(), allow());
        let reader = connection.reader(REGION);
        Self { fake, connection, reader }
    }

    pub(super) fn plan(&self, kind: &dyn Action, request: &Request) -> Result<Plan, Problem> {
        run(kind.plan(&self.reader, request))
    }

    /// Executes a plan as if it had been approved; waits are over at once.
    pub(super) fn execute(&self, kind: &dyn Action, plan: &Plan) -> (Outcome, Vec<Report>) {
        let (progress, reports) = quick();
        (self.execute_with(kind, plan, &progress), reports())
    }

    pub(super) fn execute_with(&self, kind: &dyn Action, plan: &Plan, progress: &Progress) -> Outcome {
        run(async {
            let armed = self.connection.arm(crate::aws::fake::NOW.parse().unwrap()).unwrap();
            let permit = Permit::for_test(link(7), &plan.hash().unwrap(), token().as_str());
            let writer = self.connection.writer(&armed, permit, plan).await.unwrap();
            kind.execute(writer, &self.reader, plan, progress).await
        })
    }

    pub(super) fn check(&self, kind: &dyn Action, plan: &Plan) -> Found {
        run(kind.check(&self.reader, plan, token()))
    }

    /// Follows what a look-up has found to go on; waits are over at once.
    pub(super) fn follow(&self, kind: &dyn Action, plan: &Plan, running: &str) -> (Outcome, Vec<Report>) {
        let (progress, reports) = quick();
        (run(kind.follow(&self.reader, plan, &running.into(), &progress)), reports())
    }

    pub(super) fn verify(&self, kind: &dyn Action, plan: &Plan, outcome: &Outcome) -> Verified {
        run(kind.verify(&self.reader, plan, outcome))
    }

    /// How often an operation reached the connector.
    pub(super) fn count(&self, operation: &str) -> usize {
        self.fake.operations().iter().filter(|asked| *asked == operation).count()
    }

    /// The body of the last call of an operation.
    pub(super) fn body(&self, operation: &str) -> String {
        let asked = self.fake.asked();
        asked.iter().rfind(|asked| asked.operation == operation).map(|asked| asked.body.clone()).unwrap_or_default()
    }
}

/// A run whose waits are over at once, and what it told.
pub(super) fn quick() -> (Progress, impl Fn() -> Vec<Report>) {
    let reports: Arc<Mutex<Vec<Report>>> = Arc::default();
    let sink = reports.clone();
    let progress = Progress::waiting(|_| {}, move |report| sink.lock().unwrap().push(report));
    (progress, move || reports.lock().unwrap().clone())
}

/// A run that waits as long as it says, and what it told.
pub(super) fn patient() -> (Progress, impl Fn() -> Vec<Report>) {
    let reports: Arc<Mutex<Vec<Report>>> = Arc::default();
    let sink = reports.clone();
    let progress = Progress::new(Runtime::real(), move |report| sink.lock().unwrap().push(report));
    (progress, move || reports.lock().unwrap().clone())
}

pub(super) fn link(n: u64) -> Link {
    Link(Id::new("aaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap(), n)
}

pub(super) fn token() -> Token {
    Token::new(&Id::new("20260102T030405Z-demo-abcdef").unwrap(), &link(7))
}

/// The literal form of [`token`].
pub(super) const TOKEN: &str = "da722aa1-16f5-5153-b017-820a0c8deb76";

/// A finding about a resource of the account.
pub(super) fn finding(id: &str, resource: &str) -> Compact {
    Compact {
        id: id.into(),
        source: None,
        kind: None,
        title: Some("A finding".into()),
        severity: Severity::default(),
        account: Some(ACCOUNT.into()),
        region: Some(REGION.into()),
        resource: Resource { id: Some(resource.into()), ..Resource::default() },
        actor: Actor::default(),
        first_seen: None,
        last_seen: None,
        count: None,
        status: None,
        workflow: None,
        raw_sha256: String::new(),
    }
}

/// What a runbook asks for, about a finding.
pub(super) fn request<const N: usize>(kind: &dyn Action, finding: Compact, fields: [(&str, Value); N]) -> Request {
    let fields: BTreeMap<Box<str>, Value> = fields.into_iter().map(|(k, v)| (k.into(), v)).collect();
    let kind = Id::new(kind.info().name).unwrap();
    Request { finding: Some(finding), ..Request::of_kind(kind, "Do it".into(), fields) }
}

/// One word of the runbook's own.
pub(super) fn own(text: &str) -> Value {
    Value::Text(Word::own(text))
}

/// One word that came through a template.
pub(super) fn filled(text: &str) -> Value {
    Value::Text(Word { text: text.into(), filled: true })
}

/// Outside text, as it is.
pub(super) fn raw(text: &Untrusted) -> String {
    serde_json::to_value(text).unwrap().as_str().unwrap().to_owned()
}

pub(super) fn raws<'a>(texts: impl IntoIterator<Item = &'a Untrusted>) -> Vec<String> {
    texts.into_iter().map(raw).collect()
}

/// A fact of a list, by its name.
pub(super) fn fact(facts: &[quell_core::incident::Fact], name: &str) -> Option<String> {
    facts.iter().find(|fact| fact.name == Untrusted::from(name)).map(|fact| raw(&fact.value))
}

/// A failure's class and message.
pub(super) fn failure(outcome: &Outcome) -> (quell_core::incident::FailClass, String) {
    match outcome {
        Outcome::Failed { class, message, .. } => (*class, raw(message)),
        other => panic!("not failed: {other:?}"),
    }
}

/// The built-in runbooks, with their parts in place.
pub(super) fn books() -> Vec<Runbook> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let part = |name: &str| fs::read_to_string(folder.join(format!("includes/{name}.include.md"))).ok().map(Cow::Owned);
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| parse_with("book", &fs::read(path).unwrap(), Origin::BuiltIn, &part).unwrap().runbook).collect()
}
