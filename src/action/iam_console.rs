//! Taking an IAM user's console password away. There is no way back to the same password, and it says so.

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{danger, id, known, refuse, text};
use super::iam_policy::read::no_person;
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::progress::Progress;
use super::request::Request;
use super::seal::{Seal, principal};
use super::target::target;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use quell_core::incident::{Fact, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::UserName;
use quell_core::text::{Id, Untrusted};
use serde_json::json;

#[cfg(test)]
mod tests;

/// The kind `iam-console-access`.
pub(super) struct IamConsole;

static INFO: KindInfo = KindInfo {
    name: "iam-console-access",
    title: "Take an IAM user's console password away",
    parameters: &[Parameter { name: "user", required: true, what: "the user's name" }],
    operations: Operations {
        read: &[("IAM", "GetLoginProfile")],
        consume: &[],
        mutate: &[("IAM", "DeleteLoginProfile")],
    },
    permissions: &[],
    danger: 3,
    destroys: "The password. The user needs a new one to sign in again.",
};

/// The fact that is read again before the call.
pub(super) const PASSWORD: &str = "console password";
const LAG: &str = "IAM takes some seconds to spread a change: a sign-in may pass for a moment.";
const UNREADABLE: &str = "the plan can't be read";

/// Since when the user has a password for the console; none without one.
pub(super) async fn password(reader: &Reader, user: &Id<UserName>) -> Result<Option<String>, Problem> {
    match reader.iam().get_login_profile().user_name(user.as_str()).send().await {
        Ok(answer) => {
            let made = answer.login_profile().map(|profile| calls::time(profile.create_date()));
            Ok(Some(made.map_or_else(|| "there".to_owned(), |made| format!("there since {made}"))))
        }
        Err(error) if error.code() == Some("NoSuchEntity") => Ok(None),
        Err(error) => Err(calls::problem(&error, reader, "iam:GetLoginProfile")),
    }
}

pub(super) fn fact(password: Option<String>) -> Fact {
    Fact::new(PASSWORD, password.unwrap_or_else(|| "none".to_owned()))
}

/// The user of the plan's one request.
fn user_of(plan: &Plan) -> Option<Id<UserName>> {
    let [request] = plan.requests.as_slice() else { return None };
    Id::new(request.input.get("UserName")?.as_str()?).ok()
}

fn done(user: &Id<UserName>, request_ids: Vec<Untrusted>) -> Outcome {
    let outcome = format!("{user} has no console password any more").into();
    Outcome::Succeeded { outcome, request_ids, undo: None, facts: Vec::new() }
}

impl Action for IamConsole {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let user = text(request, "user")?.ok_or_else(|| refuse("user is not given"))?;
            no_person(&user.text)?;
            let user = id::<UserName>("user", &user.text)?;
            let target = target(request, user.as_str())?;
            let caller = calls::caller(reader, &target).await?;
            let Some(there) = password(reader, &user).await? else {
                return Err(refuse(format!("{user} has no console password"))
                    .next("there is nothing to take away; look at the user's keys and roles"));
            };
            let mut warnings: Vec<Untrusted> = Vec::new();
            if calls::is_own(&caller, user.as_str()) {
                warnings.push(calls::OWN_ACCESS.into());
            }
            let live = "Whoever is signed in stays so until the session ends; keys and roles work on: deny everything \
                        (iam-deny) to stop those.";
            warnings.extend([live.into(), LAG.into()]);
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                target,
                requests: vec![PlannedRequest {
                    service: "iam".to_owned(),
                    operation: "DeleteLoginProfile".to_owned(),
                    input: json!({ "UserName": user }),
                }],
                facts: vec![fact(Some(there))],
                danger: danger(INFO.danger, request)?,
                destroys: vec![INFO.destroys.into()],
                breaks: Vec::new(),
                writes: Vec::new(),
                warnings,
                undo: "It can't be undone: a new password has to be made (CreateLoginProfile) and handed over.".into(),
                confirm: user.as_str().into(),
                undo_of: request.undo_of.clone(),
                each: request.each.clone(),
                set: request.set.clone(),
            })
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec![
            "signing in to the console with the password; whoever is signed in stays so until the session ends"
                .to_owned(),
        ]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(user) = user_of(plan) else { return not_sent(UNREADABLE) };
            match password(reader, &user).await {
                Err(problem) => return not_sent(format!("the user could not be read again: {}", problem.headline())),
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &[fact(now)]) {
                        return stopped;
                    }
                }
            }
            progress.step(format!("{user}: console password"), 0, 1);
            match writer.iam().delete_login_profile().user_name(user.as_str()).send().await {
                Ok(answer) => done(&user, calls::request_ids(&answer)),
                Err(error) => writer.outcome("iam:DeleteLoginProfile", &error),
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(user) = user_of(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            match password(reader, &user).await {
                Err(problem) => Found::CannotTell(problem.headline().into()),
                Ok(None) => Found::Ended(done(&user, Vec::new())),
                Ok(Some(there)) => {
                    let why = format!("the password is {there}; planning again is safe: it is taken away once");
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
            let Some(user) = user_of(plan) else { return calls::unverified(UNREADABLE) };
            match password(reader, &user).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => Verified { holds: Some(now.is_none()), facts: vec![fact(now), Fact::new("note", LAG)] },
            }
        })
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        user_of(plan).map(|_| true)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| principal(plan, request))
    }

    fn undo(&self, _plan: &Plan, _outcome: &Outcome) -> Option<Request> {
        None
    }
}
