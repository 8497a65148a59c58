//! What the kinds have in common that put an inline policy on an IAM user or role: the plan, the call, the look-up, the
//! reading back, and the undo, which puts back what stood there before.

mod call;
pub(super) mod read;
mod wanted;

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{danger, refuse};
use super::kind::{Action, KindInfo, NOTHING, Operations, Parameter, UNSAID};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{Seal, principal};
use super::target::target;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::{Problem, clean};
use call::Call;
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::{Fact, Found, Outcome, Plan, Target, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::{Value as Json, json};
use wanted::Wanted;

pub(super) use wanted::Principal;

/// A kind that is one inline policy.
pub(super) struct InlinePolicy {
    pub info: KindInfo,
    /// The policy's name.
    pub policy: &'static str,
    /// What it says, when it is planned at that time.
    pub document: fn(Timestamp) -> Json,
    /// Whether what it says gets old.
    pub ages: bool,
    /// What it does not stop, and what it breaks.
    pub warnings: fn(&Principal) -> Vec<String>,
    /// What stops working.
    pub breaks: fn(&Principal) -> &'static str,
    /// What is so afterwards.
    pub done: &'static str,
}

pub(super) const PARAMETERS: &[Parameter] = &[
    Parameter { name: "role", required: false, what: "the role's name; this or user" },
    Parameter { name: "user", required: false, what: "the user's name; this or role" },
    Parameter { name: "state", required: false, what: "on (the default) or off, which takes the policy away" },
    Parameter { name: "document", required: false, what: "with off: the policy that stood there before" },
];

pub(super) const OPERATIONS: Operations = Operations {
    read: &[
        ("IAM", "GetRole"),
        ("IAM", "GetRolePolicy"),
        ("IAM", "GetUser"),
        ("IAM", "GetUserPolicy"),
        ("IAM", "ListAccessKeys"),
        ("IAM", "ListInstanceProfilesForRole"),
    ],
    consume: &[],
    mutate: &[
        ("IAM", "DeleteRolePolicy"),
        ("IAM", "DeleteUserPolicy"),
        ("IAM", "PutRolePolicy"),
        ("IAM", "PutUserPolicy"),
    ],
};

const LAG: &str = "IAM takes some seconds to spread a change: calls may pass for a moment.";
const UNREADABLE: &str = "the plan can't be read";
/// So old may a plan be whose words get old.
const OLD: SignedDuration = SignedDuration::from_mins(5);
/// When a plan was made whose words get old.
const MADE: &str = "planned at";

/// Until when a plan with a time in it holds.
fn lapses(plan: &Plan) -> Option<Timestamp> {
    let made = plan.facts.iter().find(|fact| fact.name == Untrusted::from(MADE))?;
    made.value.line().as_str().parse::<Timestamp>().ok()?.checked_add(OLD).ok()
}

impl InlinePolicy {
    /// The fact that is read again before the call.
    fn fact(&self, document: Option<&str>) -> Fact {
        let value = match document {
            None => "not there".to_owned(),
            Some(text) => format!("there, SHA-256 {}", quell_core::record::Hash::of(text.as_bytes())),
        };
        Fact::new(format!("policy {}", self.policy), value)
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        let wanted = Wanted::of(self, request)?;
        let target = target(request, wanted.principal.name())?;
        let caller = calls::caller(reader, &target).await?;
        let mut facts = read::principal(reader, &wanted.principal).await?;
        let before = read::policy(reader, &wanted.principal, self.policy).await?;
        let call = self.call(&wanted, reader.now());
        facts.insert(0, self.fact(before.as_deref()));
        if self.ages && wanted.on {
            facts.push(Fact::new(MADE, reader.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
        }
        let same = call::same(before.as_deref(), call.document.as_deref());
        if same && !wanted.on {
            return Err(refuse(format!("the policy is as it was before: {}", clean(self.policy)))
                .next("there is nothing to take away"));
        }
        let own = calls::is_own(&caller, wanted.principal.name());
        self.plan_of(request, target, &wanted, call, facts, (before, same, own))
    }

    fn call(&self, wanted: &Wanted, now: Timestamp) -> Call {
        let document = match wanted.on {
            true => Some((self.document)(now).to_string()),
            false => wanted.document.clone(),
        };
        Call { principal: wanted.principal.clone(), policy: self.policy.to_owned(), document }
    }

    fn plan_of(
        &self,
        request: &Request,
        target: Target,
        wanted: &Wanted,
        call: Call,
        facts: Vec<Fact>,
        (before, same, own): (Option<String>, bool, bool),
    ) -> Result<Plan, Problem> {
        let undo = match (&before, same) {
            (_, true) => "Nothing to undo: the policy is there already.".to_owned(),
            (None, _) => format!("Take the policy {} away again.", self.policy),
            (Some(_), _) => format!("Put the policy {} back as it was.", self.policy),
        };
        Ok(Plan {
            kind: request.kind.clone(),
            title: request.title.clone(),
            step: request.step.clone(),
            target,
            requests: vec![call.request()],
            facts,
            danger: danger(if own { 3 } else { self.info.danger }, request)?,
            destroys: Vec::new(),
            breaks: Vec::new(),
            writes: Vec::new(),
            warnings: self.warnings(wanted, before.is_some(), own),
            undo: undo.into(),
            confirm: wanted.principal.name().into(),
            undo_of: request.undo_of.clone(),
            each: request.each.clone(),
            set: request.set.clone(),
        })
    }

    fn warnings(&self, wanted: &Wanted, there: bool, own: bool) -> Vec<Untrusted> {
        let mut all: Vec<Untrusted> = Vec::new();
        if own {
            all.push(calls::OWN_ACCESS.into());
        }
        match wanted.on {
            true => {
                all.extend((self.warnings)(&wanted.principal).into_iter().map(Untrusted::from));
                if there {
                    let words = "A policy of that name is there already and is written over; the undo puts it back.";
                    all.push(words.into());
                }
                if self.ages {
                    let words = "Sessions that are issued after the time in the policy live on: after five minutes \
                                 this plan is refused and has to be made again.";
                    all.push(words.into());
                }
            }
            false => all.push(format!("{} can act again.", wanted.principal.name()).into()),
        }
        all.push(LAG.into());
        all
    }

    /// What stands there right before the call; or what stops it: what was read has changed, or the plan got old.
    async fn ready(&self, reader: &Reader, plan: &Plan, call: &Call) -> Result<Option<String>, Outcome> {
        if lapses(plan).is_some_and(|at| reader.now() > at) {
            return Err(not_sent("the plan is more than five minutes old, and so is the time in it; plan it again"));
        }
        let now = read::policy(reader, &call.principal, &call.policy).await;
        let unread = |problem: Problem| not_sent(format!("the policy could not be read again: {}", problem.headline()));
        let now = now.map_err(unread)?;
        match changed(plan, &[self.fact(now.as_deref())]) {
            Some(stopped) => Err(stopped),
            None => Ok(now),
        }
    }

    /// What is so when the call has worked, and what undoes it: what stood there before, which was read right before.
    fn done(&self, plan: &Plan, call: &Call, before: Option<String>, request_ids: Vec<Untrusted>) -> Outcome {
        let name = call.principal.name();
        let ours = plan.facts.iter().any(|fact| *fact == self.fact(call.document.as_deref()));
        let words = match (&call.document, wanted::is_undo(plan)) {
            (Some(_), false) => format!("{name} {}", self.done),
            _ => format!("the policy {} of {name} is as it was before", self.policy),
        };
        Outcome::Succeeded {
            outcome: words.into(),
            request_ids,
            undo: (!ours).then(|| json!({ "PolicyDocument": before })),
            facts: Vec::new(),
        }
    }
}

impl Action for InlinePolicy {
    fn info(&self) -> &KindInfo {
        &self.info
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(self.planned(reader, request))
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        match (Call::of(plan), self.stands(plan)) {
            (Some(call), Some(true)) => vec![(self.breaks)(&call.principal).to_owned()],
            (Some(_), _) => vec![NOTHING.to_owned()],
            (None, _) => vec![UNSAID.to_owned()],
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
            let before = match self.ready(reader, plan, &call).await {
                Ok(before) => before,
                Err(stopped) => return stopped,
            };
            progress.step(format!("{}: {}", call.principal.name(), call.policy), 0, 1);
            match call.send(&writer).await {
                Ok(request_ids) => self.done(plan, &call, before, request_ids),
                Err(outcome) => outcome,
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            let now = match read::policy(reader, &call.principal, &call.policy).await {
                Ok(now) => now,
                Err(problem) => return Found::CannotTell(problem.headline().into()),
            };
            let as_before = plan.facts.contains(&self.fact(now.as_deref()));
            match call::same(now.as_deref(), call.document.as_deref()) && !as_before {
                // What stood there before can't be read any more; where nothing did, taking it away undoes it.
                true if plan.facts.contains(&self.fact(None)) => Found::Ended(self.done(plan, &call, None, Vec::new())),
                true => Found::Ended(Outcome::Succeeded {
                    outcome: format!("{} {}", call.principal.name(), self.done).into(),
                    request_ids: Vec::new(),
                    undo: None,
                    facts: vec![Fact::new("undo", "what stood there before is not known any more")],
                }),
                false => {
                    let now = self.fact(now.as_deref()).value.line();
                    let why = format!("the policy is {now}; planning again is safe, since the call only sets it");
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
            match read::policy(reader, &call.principal, &call.policy).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => Verified {
                    holds: Some(call::same(now.as_deref(), call.document.as_deref())),
                    facts: vec![self.fact(now.as_deref()), Fact::new("note", LAG)],
                },
            }
        })
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        // What is put back by an undo is what somebody else had set.
        Call::of(plan).map(|call| call.document.is_some() && !wanted::is_undo(plan))
    }

    fn lapses(&self, plan: &Plan) -> Option<Timestamp> {
        lapses(plan)
    }

    fn repeats(&self, plan: &Plan) -> bool {
        // One that is there already is quell's own, of another time.
        plan.facts.first().is_some_and(|fact| *fact != self.fact(None))
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        read::reached(&plan.facts)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| principal(plan, request))
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
        let call = Call::of(plan)?;
        let own = |text: &str| Value::Text(Word::own(text));
        let fields = [(call.principal.field(), own(call.principal.name())), ("state", own("off"))];
        let mut request = Request::undoing(plan, fields);
        if let Some(document) = undo.get("PolicyDocument").and_then(Json::as_str) {
            request.fields.insert("document".into(), own(document));
        }
        Some(request)
    }
}
