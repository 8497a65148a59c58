//! What kinds have in common that bring one thing from one state into another by one call: what there is is read again
//! right before it, the call is sent once, and afterwards the thing is read back.

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::danger;
use super::kind::{Action, Keys, KindInfo, UNSAID, Written};
use super::progress::Progress;
use super::request::Request;
use super::seal::Seal;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Found, Outcome, Plan, PlannedRequest, Target, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::Value as Json;
use std::time::Duration;

/// How what there is stands to what a call wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    As,
    /// On the way there: what it is now.
    Coming(String),
    Not,
}

impl Fit {
    /// As wanted, or not.
    pub(super) fn is(fits: bool) -> Self {
        if fits { Fit::As } else { Fit::Not }
    }
}

/// A kind that is one call.
pub(super) trait Setting: Send + Sync + 'static {
    /// The plan's call, read.
    type Call: Send + Sync;
    /// What there is of the thing.
    type State: Send + Sync;

    fn info(&self) -> &'static KindInfo;

    /// The requests that one request stands for, where it is for each of several things.
    fn each<'a>(
        &'a self,
        _reader: &'a Reader,
        _request: &'a Request,
    ) -> impl Future<Output = Result<Vec<Request>, Problem>> + Send + 'a {
        std::future::ready(Ok(Vec::new()))
    }

    /// Reads what there is and says what would be sent.
    fn planned<'a>(
        &'a self,
        reader: &'a Reader,
        request: &'a Request,
    ) -> impl Future<Output = Result<Plan, Problem>> + Send + 'a;

    /// The plan's call; none where it can't be read.
    fn call(&self, plan: &Plan) -> Option<Self::Call>;

    /// What there is now.
    fn now<'a>(
        &'a self,
        reader: &'a Reader,
        call: &'a Self::Call,
    ) -> impl Future<Output = Result<Self::State, Problem>> + Send + 'a;

    /// What there is, as the facts that must not have changed since the plan.
    fn facts(&self, state: &Self::State) -> Vec<Fact>;

    /// How what there is stands to what the call wants.
    fn fit(&self, call: &Self::Call, state: &Self::State) -> Fit;

    /// Sends the call, once; the request ids, or how it ended otherwise.
    fn send<'a>(
        &'a self,
        writer: &'a Writer,
        call: &'a Self::Call,
    ) -> impl Future<Output = Result<Vec<Untrusted>, Outcome>> + Send + 'a;

    /// What a session that sends the call must be allowed: see [`Action::seal`].
    fn seal(&self, plan: &Plan) -> Seal;

    /// The services that a call of it gives a role to.
    fn passes(&self) -> &'static [&'static str] {
        &[]
    }

    /// What it needs of KMS where a customer's key is involved.
    fn keys(&self) -> Option<&'static Keys> {
        None
    }

    /// What is so once it has worked, and what an undo needs: the state before, which the plan names.
    fn done(&self, plan: &Plan, call: &Self::Call) -> (String, Option<Json>);

    /// The request that undoes it, of what `done` gave.
    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request>;

    /// Whether the call contains something (true), lifts that (false), or does neither.
    fn contains(&self, _plan: &Plan, _call: &Self::Call) -> Option<bool> {
        None
    }

    /// What it writes, where another kind writes that too: see [`Action::writes`].
    fn writes(&self, plan: &Plan) -> Written {
        Written::whole(self.info().name, plan)
    }

    /// What it reaches beside what it names: see [`Action::reaches`].
    fn reaches(&self, _plan: &Plan) -> Vec<Untrusted> {
        Vec::new()
    }

    /// What reading back does not show.
    fn note(&self, _call: &Self::Call) -> Option<&'static str> {
        None
    }

    /// How often it is looked at, ten seconds apart, until it is as wanted: not at all where the call's answer is it.
    fn looks(&self) -> u32 {
        0
    }

    /// What stops working once it has worked: see [`Action::breaks`].
    fn breaks(&self, _plan: &Plan, _call: &Self::Call) -> Vec<String> {
        vec![UNSAID.to_owned()]
    }

    /// Whether what it does is there to be read and stops nobody.
    fn tells(&self) -> bool {
        false
    }
}

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(10);
const UNREADABLE: &str = "the plan can't be read";

/// What is particular to a plan.
pub(super) struct Draft {
    pub target: Target,
    pub call: PlannedRequest,
    pub facts: Vec<Fact>,
    /// The least danger of this one.
    pub danger: u8,
    pub destroys: Vec<String>,
    pub warnings: Vec<String>,
    pub undo: String,
}

impl Draft {
    /// The plan that a request asks for.
    pub(super) fn plan(self, request: &Request) -> Result<Plan, Problem> {
        let texts = |all: Vec<String>| all.into_iter().map(Untrusted::from).collect();
        Ok(Plan {
            kind: request.kind.clone(),
            title: request.title.clone(),
            step: request.step.clone(),
            confirm: self.target.resource.clone(),
            target: self.target,
            requests: vec![self.call],
            facts: self.facts,
            danger: danger(self.danger, request)?,
            destroys: texts(self.destroys),
            breaks: Vec::new(),
            writes: Vec::new(),
            warnings: texts(self.warnings),
            undo: self.undo.into(),
            undo_of: request.undo_of.clone(),
            each: request.each.clone(),
            set: request.set.clone(),
        })
    }
}

/// The one request of a plan, if it is of this service and operation.
pub(super) fn only<'a>(plan: &'a Plan, service: &str, operation: &str) -> Option<&'a Json> {
    match plan.requests.as_slice() {
        [request] if request.service == service && request.operation == operation => Some(&request.input),
        _ => None,
    }
}

/// The value of a plan's fact.
pub(super) fn planned<'a>(plan: &'a Plan, name: &str) -> Option<&'a Untrusted> {
    plan.facts.iter().find(|fact| fact.name == Untrusted::from(name)).map(|fact| &fact.value)
}

/// What came of a call, by its answer.
pub(super) fn sent<T, E>(
    writer: &Writer,
    operation: &str,
    answer: Result<T, crate::aws::SdkError<E>>,
) -> Result<Vec<Untrusted>, Outcome>
where
    T: aws_sdk_iam::operation::RequestId,
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(answer) => Ok(calls::request_ids(&answer)),
        Err(error) => Err(writer.outcome(operation, &error)),
    }
}

fn succeeded(kind: &impl Setting, plan: &Plan, words: Option<String>, ids: Vec<Untrusted>) -> Outcome {
    let Some(call) = kind.call(plan) else { return not_sent(UNREADABLE) };
    let (done, undo) = kind.done(plan, &call);
    let outcome = words.map_or(done.clone(), |words| format!("{done}; {words}"));
    Outcome::Succeeded { outcome: outcome.into(), request_ids: ids, undo, facts: Vec::new() }
}

/// Looks until it is as wanted, or for as long as the kind wants to wait; what it is by then, if it is not yet so.
async fn follow<S: Setting>(kind: &S, reader: &Reader, call: &S::Call, progress: &Progress) -> Option<String> {
    let mut last = None;
    for n in 0..kind.looks() {
        match kind.now(reader, call).await.map(|state| kind.fit(call, &state)) {
            Ok(Fit::As) => return None,
            Ok(Fit::Coming(words)) => last = Some(words),
            // What is read may be older than the call.
            Ok(Fit::Not) | Err(_) => {}
        }
        let words = last.clone().unwrap_or_else(|| "not seen yet".to_owned());
        progress.step(words, n, kind.looks());
        progress.sleep(PAUSE).await;
    }
    last.map(|words| format!("when it was looked at last: {words}"))
}

impl<S: Setting> Action for S {
    fn info(&self) -> &KindInfo {
        Setting::info(self)
    }

    fn each<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Vec<Request>, Problem>> {
        Box::pin(Setting::each(self, reader, request))
    }

    fn passes(&self) -> &'static [&'static str] {
        Setting::passes(self)
    }

    fn keys(&self) -> Option<&'static Keys> {
        Setting::keys(self)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Setting::seal(self, plan)
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(self.planned(reader, request))
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(call) = self.call(plan) else { return not_sent(UNREADABLE) };
            match self.now(reader, &call).await {
                Err(problem) => return not_sent(format!("it could not be read again: {}", problem.headline())),
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &self.facts(&now)) {
                        return stopped;
                    }
                }
            }
            progress.step(plan.title.clone(), 0, 1);
            match self.send(&writer, &call).await {
                Ok(ids) => {
                    let words = follow(self, reader, &call, progress).await;
                    succeeded(self, plan, words, ids)
                }
                Err(outcome) => outcome,
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(call) = self.call(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            let state = match self.now(reader, &call).await {
                Ok(state) => state,
                Err(problem) => return Found::CannotTell(problem.headline().into()),
            };
            // What was so before the call as well says nothing of the call.
            let moved = changed(plan, &self.facts(&state)).is_some();
            match self.fit(&call, &state) {
                Fit::As if moved => Found::Ended(succeeded(self, plan, None, Vec::new())),
                Fit::Coming(words) if moved => Found::Ended(succeeded(self, plan, Some(words), Vec::new())),
                _ => {
                    let now: Vec<String> = self.facts(&state).iter().map(fact_line).collect();
                    let why = format!("now: {}; planning again is safe, since the call only sets it", now.join("; "));
                    Found::CannotTell(why.into())
                }
            }
        })
    }

    fn settles(&self) -> bool {
        true
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some(call) = self.call(plan) else { return calls::unverified(UNREADABLE) };
            let state = match self.now(reader, &call).await {
                Ok(state) => state,
                Err(problem) => return calls::unverified(problem.headline()),
            };
            let mut facts = self.facts(&state);
            facts.extend(self.note(&call).map(|note| Fact::new("note", note)));
            let holds = match self.fit(&call, &state) {
                Fit::As => Some(true),
                Fit::Not => Some(false),
                Fit::Coming(words) => {
                    facts.push(Fact::new("not verified", format!("not there yet: {words}; look again in a minute")));
                    None
                }
            };
            Verified { holds, facts }
        })
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        self.contains(plan, &self.call(plan)?)
    }

    fn writes(&self, plan: &Plan) -> Vec<Written> {
        vec![Setting::writes(self, plan)]
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        Setting::reaches(self, plan)
    }

    fn tells(&self) -> bool {
        Setting::tells(self)
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        self.call(plan).map_or_else(|| vec![UNSAID.to_owned()], |call| Setting::breaks(self, plan, &call))
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
        self.undoing(plan, undo)
    }
}

/// So much of a fact stands in a sentence.
const SHOWN: usize = 120;

fn fact_line(fact: &Fact) -> String {
    let value = fact.value.line();
    format!("{} {}", fact.name.line(), quell_core::text::cut_end(value.as_str(), SHOWN))
}
