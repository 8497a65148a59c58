//! Blocking public access to an S3 bucket: the four switches of its own block, all on. The undo puts back the former
//! four, or deletes the configuration where there was none.

mod call;
pub(super) mod read;
pub(super) mod state;
#[cfg(test)]
mod tests;
mod words;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{danger, id, known, refuse, text};
use super::kind::{Action, BUCKET_BLOCK, KindInfo, NOTHING, Operations, Parameter, UNSAID, Written};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{self, Seal, exact};
use super::target::target;
use crate::aws::s3::Bucket;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use call::Call;
use quell_core::incident::{Fact, Found, Outcome, Plan, Token, Verified};
use quell_core::text::id::BucketName;
use quell_core::text::{Id, Untrusted};
use read::Policy;
use serde_json::json;
use state::State;

/// The kind `s3-block-public`.
pub(super) struct S3BlockPublic;

static INFO: KindInfo = KindInfo {
    name: "s3-block-public",
    title: "Block public access to an S3 bucket",
    parameters: &[
        Parameter { name: "bucket", required: false, what: "the bucket's name; else the finding's" },
        Parameter { name: "restore", required: false, what: "for the undo: how the block stood before, in words" },
    ],
    operations: Operations {
        read: &[("S3", "GetBucketLocation"), ("S3", "GetBucketPolicyStatus"), ("S3", "GetPublicAccessBlock")],
        consume: &[],
        mutate: &[("S3", "DeletePublicAccessBlock"), ("S3", "PutPublicAccessBlock")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// The fact that is read again before the call.
pub(super) const BLOCK: &str = "public access block";
const POLICY: &str = "bucket policy";
const UNREADABLE: &str = "the plan can't be read";

impl Action for S3BlockPublic {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let (name, wanted) = (bucket(request)?, wanted(request)?);
            let target = target(request, name.as_str())?;
            calls::caller(reader, &target).await?;
            let bucket = Bucket { name, owner: id("the account", &target.account)? };
            read::region(reader, &bucket).await?;
            let before = read::block(reader, &bucket).await?;
            let policy = read::policy(reader, &bucket).await;
            let call = Call { bucket, wanted };
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                confirm: target.resource.clone(),
                target,
                requests: vec![call.request()],
                facts: vec![Fact::new(BLOCK, before.words()), Fact::new(POLICY, policy.words())],
                danger: danger(INFO.danger, request)?,
                destroys: Vec::new(),
                breaks: Vec::new(),
                writes: Vec::new(),
                warnings: warnings(request, wanted, before, &policy),
                undo: undo(before, wanted).into(),
                undo_of: request.undo_of.clone(),
                each: request.each.clone(),
                set: request.set.clone(),
            })
        })
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        let Some(call) = Call::of(plan) else { return vec![UNSAID.to_owned()] };
        let stands = Untrusted::from(call.wanted.words());
        let so = plan.facts.iter().any(|fact| fact.name == Untrusted::from(BLOCK) && fact.value == stands);
        match so || !call.wanted.blocks_all() {
            true => vec![NOTHING.to_owned()],
            false => words::breaks(plan),
        }
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return not_sent(UNREADABLE) };
            match read::block(reader, &call.bucket).await {
                Err(problem) => return not_sent(format!("the block could not be read again: {}", problem.headline())),
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &[Fact::new(BLOCK, now.words())]) {
                        return stopped;
                    }
                }
            }
            progress.step(format!("{}: {}", call.bucket.name, call.wanted.words()), 0, 1);
            match call.send(&writer).await {
                Ok(request_ids) => done(plan, &call, request_ids),
                Err(outcome) => outcome,
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            match read::block(reader, &call.bucket).await {
                Err(problem) => Found::CannotTell(problem.headline().into()),
                Ok(now) if now == call.wanted && prior(plan).is_some_and(|prior| prior != now) => {
                    Found::Ended(done(plan, &call, Vec::new()))
                }
                Ok(now) => {
                    let now = now.words();
                    let why = format!("the block is now: {now}; planning again is safe, since the call only sets it");
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
            let Some(call) = Call::of(plan) else { return calls::unverified(UNREADABLE) };
            match read::block(reader, &call.bucket).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => Verified {
                    holds: Some(now == call.wanted),
                    facts: vec![Fact::new(BLOCK, now.words()), Fact::new("note", words::LAG)],
                },
            }
        })
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        Call::of(plan).map(|call| call.wanted.blocks_all())
    }

    fn writes(&self, plan: &Plan) -> Vec<Written> {
        vec![Written::parts(BUCKET_BLOCK, plan, |name| name == BLOCK)]
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let partition = plan.target.partition.line();
        let bucket = |name: &str| format!("arn:{partition}:s3:::{}", exact(name));
        Seal::each(plan, |request| seal::text(request, "Bucket").map(bucket).into_iter().collect()).in_region(plan)
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
        let prior = Untrusted::from(undo.get("PublicAccessBlock")?.as_str()?);
        State::of(&prior)?;
        let own = |text: Untrusted| Value::Text(Word::own(text));
        Some(Request::undoing(plan, [("bucket", own(plan.target.resource.clone())), ("restore", own(prior))]))
    }
}

/// The bucket that is named, else the finding's; what is none in the finding may bear the name of one.
pub(super) fn bucket(request: &Request) -> Result<Id<BucketName>, Problem> {
    let named = text(request, "bucket")?.map(|word| &word.text);
    let found = || {
        let resource = &request.finding.as_ref()?.resource;
        let bucket = resource.kind == Some("AWS::S3::Bucket".into());
        resource.name.as_ref().or(resource.id.as_ref()).filter(|_| bucket)
    };
    let name = named.or_else(found).ok_or_else(|| {
        refuse("no bucket is named, and the finding is about none").next("give bucket: the name of the S3 bucket")
    })?;
    id("bucket", name)
}

/// The state that is asked for: all switches on, or what an undo puts back. A finding's author may not say it.
fn wanted(request: &Request) -> Result<State, Problem> {
    match text(request, "restore")? {
        None => Ok(State(Some(state::ALL))),
        Some(word) if word.filled => Err(refuse("restore can't be filled from a finding")),
        Some(word) => State::of(&word.text).ok_or_else(|| refuse("restore is no state of a public access block")),
    }
}

fn warnings(request: &Request, wanted: State, before: State, policy: &Policy) -> Vec<Untrusted> {
    let all = match request.fields.contains_key("restore") {
        true => words::restoring(wanted, before, policy),
        false => words::blocking(before, policy),
    };
    all.into_iter().map(Untrusted::from).collect()
}

/// How it is undone, in words.
fn undo(before: State, wanted: State) -> String {
    match before {
        _ if before == wanted => "Nothing to undo: it stands so already.".to_owned(),
        State(None) => "Delete the configuration: there was none before.".to_owned(),
        State(Some(_)) => format!("Put the four switches back: {}.", before.words()),
    }
}

/// How the block stood when it was planned, which was read again right before the call.
fn prior(plan: &Plan) -> Option<State> {
    let fact = plan.facts.iter().find(|fact| fact.name == Untrusted::from(BLOCK))?;
    State::of(&fact.value)
}

fn done(plan: &Plan, call: &Call, request_ids: Vec<Untrusted>) -> Outcome {
    let prior = prior(plan).filter(|prior| *prior != call.wanted);
    Outcome::Succeeded {
        outcome: format!("public access block of {}: {}", call.bucket.name, call.wanted.words()).into(),
        request_ids,
        undo: prior.map(|prior| json!({ "PublicAccessBlock": prior.words() })),
        facts: Vec::new(),
    }
}
