//! Taking a permission set of IAM Identity Center away from a user in an account. Identity Center does it by itself
//! once it was asked, and quell follows it. The undo gives the permission set back.

mod call;
#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{id, known, refuse, text};
use super::follow::Watch;
use super::kind::{Action, KindInfo, NOTHING, Operations, Parameter, UNSAID};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::Seal;
use super::setting::Draft;
use super::target::target;
use crate::aws::sso::{Status, Turn};
use crate::aws::{BoxFuture, Failure, Reader, Writer};
use crate::problem::Problem;
use call::{Assignment, Seen};
use quell_core::incident::{FailClass, Found, Outcome, Plan, Token, Verified};
use quell_core::text::id::{AccountId, Region};
use quell_core::text::{Id, Untrusted};
use serde_json::json;

/// The kind `identity-center-assignment`.
pub(super) struct IdentityCenter;

static INFO: KindInfo = KindInfo {
    name: "identity-center-assignment",
    title: "Take a permission set of Identity Center away from a user in an account",
    parameters: &[
        Parameter { name: "permission_set", required: true, what: "the permission set's ARN" },
        Parameter { name: "user", required: true, what: "the user's id in the identity store" },
        Parameter {
            name: "in_account",
            required: false,
            what: "the account that it is taken away in; else the finding's",
        },
        Parameter {
            name: "admin_account",
            required: false,
            what: "the organisation's management account, or the one that Identity Center is delegated to; else the finding's",
        },
        Parameter { name: "home_region", required: false, what: "the Region of Identity Center; else the finding's" },
        Parameter { name: "state", required: false, what: "removed (the default) or assigned" },
    ],
    operations: Operations {
        read: &[
            ("SSO Admin", "DescribeAccountAssignmentCreationStatus"),
            ("SSO Admin", "DescribeAccountAssignmentDeletionStatus"),
            ("SSO Admin", "DescribePermissionSet"),
            ("SSO Admin", "ListAccountAssignments"),
            ("SSO Admin", "ListInstances"),
        ],
        consume: &[],
        mutate: &[("SSO Admin", "CreateAccountAssignment"), ("SSO Admin", "DeleteAccountAssignment")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

const UNREADABLE: &str = "the plan can't be read";

impl Action for IdentityCenter {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let wanted = Assignment::asked(request)?;
            let mut at = request.clone();
            // One that is none must not fall back to where the finding is.
            if let Some(word) = text(request, "admin_account")? {
                id::<AccountId>("admin_account", &word.text)?;
            }
            if let Some(word) = text(request, "home_region")? {
                id::<Region>("home_region", &word.text)?;
            }
            if let Some((account, region)) = self.place(request) {
                (at.account, at.region) = (Some(account), Some(region));
            }
            let target = target(&at, wanted.name())?;
            let caller = calls::caller(reader, &target).await?;
            let seen = wanted.look(reader).await?;
            if seen.assigned == (wanted.turn == Turn::Create) {
                return Err(wanted.already(&seen));
            }
            let set = wanted.described(reader).await?;
            let own = wanted.is_own(caller.person(), &set);
            let warnings = wanted.warnings(&seen, &set, own);
            let undo = wanted.undone().to_owned();
            let danger = if own { 3 } else { INFO.danger };
            let (facts, call) = (wanted.facts(&seen, Some(&set)), wanted.request());
            let mut plan = Draft { target, call, facts, danger, destroys: Vec::new(), warnings, undo }.plan(request)?;
            plan.confirm = wanted.user.as_str().into();
            Ok(plan)
        })
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        let words = match Assignment::of(plan).map(|wanted| wanted.turn) {
            Some(Turn::Delete) => "what the user does in the account by this permission set, once their sessions end",
            Some(Turn::Create) => NOTHING,
            None => UNSAID,
        };
        vec![words.to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(wanted) = Assignment::of(plan) else { return not_sent(UNREADABLE) };
            match wanted.look(reader).await {
                Err(problem) => {
                    return not_sent(format!("the assignments could not be read again: {}", problem.headline()));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &wanted.facts(&now, None)) {
                        return stopped;
                    }
                }
            }
            let operation = wanted.turn.operation();
            let (status, ids) = match writer.sso().turn(wanted.turn, wanted.input()).await {
                Err(error) => return writer.outcome(&format!("sso:{operation}"), &error),
                Ok(answer) => {
                    let ids = calls::request_ids(&answer);
                    (answer.value, ids)
                }
            };
            if let Some(outcome) = ended(&wanted, &status, &ids) {
                return outcome;
            }
            let (request, instance, turn) = (status.request_id, wanted.instance.as_str().to_owned(), wanted.turn);
            let name = request.line().into_string();
            let watch = Watch { reader, progress, operation: telling(turn), name: &name };
            let line = |status: &Status| (status.status.line().into_string(), 0, 0);
            let look = || {
                let (instance, request) = (instance.clone(), request.clone());
                Box::pin(async move {
                    let told = reader.sso().turned(turn, &instance, &request).await;
                    told.map_err(|error| Failure::of(&error))
                }) as BoxFuture<'_, Result<Status, Failure>>
            };
            watch.follow(look, line, |status| ended(&wanted, status, &ids)).await
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(wanted) = Assignment::of(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            match wanted.look(reader).await {
                Err(problem) => Found::CannotTell(problem.headline().into()),
                Ok(now) if wanted.holds(&now) => Found::Ended(wanted.done(Vec::new())),
                Ok(now) => {
                    let why = format!(
                        "the permission set is {} now; Identity Center may still be at it: look again in a minute",
                        now.word()
                    );
                    Found::CannotTell(why.into())
                }
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some(wanted) = Assignment::of(plan) else { return calls::unverified(UNREADABLE) };
            match wanted.look(reader).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => Verified { holds: Some(wanted.holds(&now)), facts: wanted.facts(&now, None) },
            }
        })
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move {
            let later = |name: &str| text(request, name).ok().flatten().is_none_or(|word| word.text.is_empty());
            if later("permission_set") {
                return Vec::new();
            }
            const NAME: &str = "Identity Center";
            let found = reader.sso().list_instances().await.map_err(|error| Failure::of(&error));
            vec![match Need::read(NAME.to_owned(), found, "sso:ListInstances", reader) {
                Err(need) => need,
                Ok(all) if all.is_empty() => Need::new(NAME, State::Missing, "none in this account and Region"),
                Ok(_) => Need::new(NAME, State::Ok, ""),
            }]
        })
    }

    fn place(&self, request: &Request) -> Option<(Untrusted, Untrusted)> {
        let word = |name: &str| text(request, name).ok().flatten().map(|word| word.text.clone());
        let finding = request.finding.as_ref();
        let (account, region) = (word("admin_account"), word("home_region"));
        if account.is_none() && region.is_none() {
            return None;
        }
        let account = account.or_else(|| request.account.clone()).or_else(|| finding?.account.clone())?;
        let region = region.or_else(|| request.region.clone()).or_else(|| finding?.region.clone())?;
        let (account, region): (Id<AccountId>, Id<Region>) = (account.parse().ok()?, region.parse().ok()?);
        Some((account.as_str().into(), region.as_str().into()))
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        Some(Assignment::of(plan)?.turn == Turn::Delete)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let on = Assignment::of(plan).map(|wanted| wanted.arns(plan)).unwrap_or_default();
        Seal::each(plan, |_| on.clone()).in_region(plan)
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
        let state = undo.get("State")?.as_str()?;
        let wanted = Assignment::of(plan)?;
        let own = |text: &str| Value::Text(Word::own(text));
        let fields = [
            ("permission_set", own(&wanted.set)),
            ("user", own(wanted.user.as_str())),
            ("in_account", own(wanted.account.as_str())),
            ("state", own(state)),
        ];
        Some(Request::undoing(plan, fields))
    }
}

fn telling(turn: Turn) -> &'static str {
    match turn {
        Turn::Create => "sso:DescribeAccountAssignmentCreationStatus",
        Turn::Delete => "sso:DescribeAccountAssignmentDeletionStatus",
    }
}

/// How it ended, if it has.
fn ended(wanted: &Assignment, status: &Status, ids: &[Untrusted]) -> Option<Outcome> {
    match status.status.line().as_str() {
        "SUCCEEDED" => Some(wanted.done(ids.to_vec())),
        "FAILED" => {
            let why = status.failure_reason.as_ref().map(|why| format!(": {}", why.line())).unwrap_or_default();
            let message = format!("Identity Center could not do it{why}").into();
            Some(Outcome::Failed { class: FailClass::Failed, message, request_ids: ids.to_vec() })
        }
        _ => None,
    }
}

impl Assignment {
    fn done(&self, request_ids: Vec<Untrusted>) -> Outcome {
        let Assignment { user, account, .. } = self;
        let (words, before) = match self.turn {
            Turn::Delete => ("can't take the permission set on any more", "assigned"),
            Turn::Create => ("has the permission set again", "removed"),
        };
        let outcome = format!("{user} {words} in {account}").into();
        Outcome::Succeeded { outcome, request_ids, undo: Some(json!({ "State": before })), facts: Vec::new() }
    }

    /// Refuses what is so already.
    fn already(&self, seen: &Seen) -> Problem {
        let Assignment { user, account, .. } = self;
        match self.turn {
            Turn::Create => refuse(format!("{user} has the permission set in {account} already")),
            Turn::Delete if seen.groups.is_empty() => refuse(format!("{user} has not the permission set in {account}"))
                .next("look at the user's other permission sets and accounts"),
            Turn::Delete => refuse(format!(
                "{user} has not the permission set in {account} itself; a group has it: {}",
                seen.groups.join(", ")
            ))
            .next("take the user out of the group, in Identity Center or where its groups come from"),
        }
    }
}
