//! Switching an access key of an IAM user off, or back on.

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{danger, id, known, refuse, shown, text};
use super::kind::{Action, KindInfo, NOTHING, Operations, Parameter, UNSAID, Written};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{Seal, principal};
use super::target::target;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::{Problem, clean};
use aws_sdk_iam::types::StatusType;
use quell_core::incident::{Fact, Found, Outcome, Plan, PlannedRequest, Target, Token, Verified};
use quell_core::text::id::{AccessKeyId, UserName};
use quell_core::text::{Id, Untrusted};
use serde_json::json;

mod read;

#[cfg(test)]
mod tests;

use read::{Key, keys};

/// The kind `iam-access-key`.
pub(super) struct IamAccessKey;

static INFO: KindInfo = KindInfo {
    name: "iam-access-key",
    title: "Deactivate an access key of an IAM user",
    parameters: &[
        Parameter { name: "access_key", required: false, what: "the long-term key's id, AKIA and more" },
        Parameter { name: "user", required: false, what: "the user it must belong to; alone: all keys of this user" },
        Parameter { name: "status", required: false, what: "Inactive (the default) or Active" },
    ],
    operations: Operations {
        read: &[("IAM", "GetAccessKeyLastUsed"), ("IAM", "ListAccessKeys")],
        consume: &[],
        mutate: &[("IAM", "UpdateAccessKey")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// The fact that is read again before the call.
const STATUS: &str = "status of the key";
const USED: &str = "last use of the key";
const LAG: &str = "IAM takes some seconds to spread a change: calls with the key may pass for a moment.";

impl Action for IamAccessKey {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn each<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Vec<Request>, Problem>> {
        Box::pin(each(reader, request))
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            let wanted = Wanted::of(request)?;
            let target = target(request, wanted.key.as_str())?;
            let caller = calls::caller(reader, &target).await?;
            let user = wanted.owner(reader).await?;
            let keys = keys(reader, &user).await?;
            let Some(key) = keys.iter().find(|key| key.id == wanted.key.as_str()) else {
                return Err(refuse(format!("{} is no key of the user {user} any more", wanted.key)));
            };
            let own = calls::is_own(&caller, user.as_str());
            wanted.plan(request, target, &user, key, &keys, own)
        })
    }

    fn breaks(&self, plan: &Plan) -> Vec<String> {
        let Some(call) = Call::of(plan) else { return vec![UNSAID.to_owned()] };
        let fact =
            |name: &str| plan.facts.iter().find(|fact| fact.name == Untrusted::from(name)).map(|fact| &fact.value);
        if call.status != "Inactive" || fact(STATUS).is_some_and(|now| *now == Untrusted::from("Inactive")) {
            return vec![NOTHING.to_owned()];
        }
        let used = fact(USED).map_or_else(|| "not known".to_owned(), |used| used.line().into_string());
        vec![format!(
            "every program that signs with this key, wherever it runs, within seconds (last use of the key: {used}); its \
             temporary sessions live on"
        )]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return not_sent("the plan can't be read") };
            match call.status(reader).await {
                Err(problem) => return not_sent(format!("the key could not be read again: {}", problem.headline())),
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &[Fact::new(STATUS, now)]) {
                        return stopped;
                    }
                }
            }
            progress.step(format!("{}: set to {}", call.key, call.status), 0, 1);
            let sent = writer
                .iam()
                .update_access_key()
                .user_name(call.user.as_str())
                .access_key_id(call.key.as_str())
                .status(StatusType::from(call.status.as_str()))
                .send()
                .await;
            match sent {
                Ok(answer) => call.done(plan, calls::request_ids(&answer)),
                Err(error) => writer.outcome("iam:UpdateAccessKey", &error),
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(call) = Call::of(plan) else { return Found::CannotTell("the plan can't be read".into()) };
            match call.status(reader).await {
                Err(problem) => Found::CannotTell(problem.headline().into()),
                Ok(now) if now == call.status && prior(plan).is_some_and(|prior| prior != Untrusted::from(&*now)) => {
                    Found::Ended(call.done(plan, Vec::new()))
                }
                Ok(now) => {
                    let now = clean(&now);
                    let why = format!("the key is {now}; planning again is safe, since the call only sets the status");
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
            let Some(call) = Call::of(plan) else { return calls::unverified("the plan can't be read") };
            match call.status(reader).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => Verified {
                    holds: Some(now == call.status),
                    facts: vec![Fact::new(STATUS, now), Fact::new("note", LAG)],
                },
            }
        })
    }

    fn stands(&self, plan: &Plan) -> Option<bool> {
        Call::of(plan).map(|call| call.status == "Inactive")
    }

    fn writes(&self, plan: &Plan) -> Vec<Written> {
        let status = plan.facts.iter().find(|fact| fact.name == Untrusted::from(STATUS));
        let whole = || Written::whole(INFO.name, plan);
        vec![status.map_or_else(whole, |fact| written(plan.target.resource.clone(), fact.value.clone()))]
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| principal(plan, request))
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
        let prior = undo.get("Status")?.as_str()?;
        let call = Call::of(plan)?;
        let own = |text: &str| Value::Text(Word::own(text));
        let fields =
            [("access_key", own(call.key.as_str())), ("user", own(call.user.as_str())), ("status", own(prior))];
        Some(Request::undoing(plan, fields))
    }
}

/// The status of a key as what a plan writes that had found this one, whatever its kind.
pub(super) fn written(key: Untrusted, found: Untrusted) -> Written {
    Written { what: INFO.name, resource: key, found: Some([(Untrusted::from(STATUS), found)].into()) }
}

/// Of a user alone all keys are meant whose status would change.
async fn each(reader: &Reader, request: &Request) -> Result<Vec<Request>, Problem> {
    known(&INFO, request)?;
    let (None, Some(user)) = (text(request, "access_key")?, text(request, "user")?) else { return Ok(Vec::new()) };
    let user = id::<UserName>("user", &user.text)?;
    let status = Wanted::status(request)?;
    calls::caller(reader, &target(request, user.as_str())?).await?;
    let all = keys(reader, &user).await?;
    let others: Vec<&Key> = all.iter().filter(|key| key.status != status).collect();
    if others.is_empty() {
        return Err(refuse(format!("the user {user} has no key that is not {status} already"))
            .meaning(format!("of {} key(s) none would change; nothing was sent", all.len()))
            .next("tick the step by hand with Space"));
    }
    let of_key = |key: &Key| {
        let mut one = request.clone();
        one.fields.insert("access_key".into(), Value::Text(Word::own(key.id.as_str())));
        one
    };
    Ok(others.into_iter().map(of_key).collect())
}

/// What is asked for.
struct Wanted {
    key: Id<AccessKeyId>,
    user: Option<Id<UserName>>,
    status: &'static str,
}

impl Wanted {
    fn of(request: &Request) -> Result<Self, Problem> {
        known(&INFO, request)?;
        let key = text(request, "access_key")?.ok_or_else(|| refuse("neither access_key nor user is given"))?;
        let key = id::<AccessKeyId>("access_key", &key.text)?;
        if key.as_str().starts_with("ASIA") {
            return Err(refuse(format!("{key} belongs to a session, not to a user"))
                .meaning("a session's key can't be deactivated; nothing was sent")
                .next("contain the role or the user behind the session, and revoke its older sessions"));
        }
        let user = text(request, "user")?.map(|user| id::<UserName>("user", &user.text)).transpose()?;
        let status = Self::status(request)?;
        Ok(Self { key, user, status })
    }

    fn status(request: &Request) -> Result<&'static str, Problem> {
        match text(request, "status")? {
            None => Ok("Inactive"),
            Some(word) => ["Inactive", "Active"]
                .into_iter()
                .find(|status| word.text == Untrusted::from(*status))
                .ok_or_else(|| refuse(format!("status is Inactive or Active, not {}", shown(&word.text)))),
        }
    }

    /// The user that IAM says the key belongs to; another one than is asked for is refused.
    async fn owner(&self, reader: &Reader) -> Result<Id<UserName>, Problem> {
        let owner: Untrusted = read::owner(reader, &self.key).await?.into();
        let owner = id::<UserName>("the key's user", &owner)?;
        match &self.user {
            Some(asked) if *asked != owner => {
                Err(refuse(format!("{} belongs to {owner}, not to {asked}", self.key))
                    .next("look at the finding again"))
            }
            _ => Ok(owner),
        }
    }

    fn plan(
        &self,
        request: &Request,
        target: Target,
        user: &Id<UserName>,
        key: &Key,
        keys: &[Key],
        own: bool,
    ) -> Result<Plan, Problem> {
        let mut facts = vec![Fact::new("user", user.as_str()), Fact::new(STATUS, key.status.as_str())];
        facts.push(Fact::new(USED, key.last_use.as_str()));
        let others = keys.iter().filter(|other| other.id != key.id);
        facts.extend(others.map(|other| {
            let name = format!("other key {}", clean(&other.id));
            Fact::new(name, format!("{}, last use: {}", other.status, other.last_use))
        }));
        Ok(Plan {
            kind: request.kind.clone(),
            title: request.title.clone(),
            step: request.step.clone(),
            target,
            requests: vec![PlannedRequest {
                service: "iam".to_owned(),
                operation: "UpdateAccessKey".to_owned(),
                input: json!({ "UserName": user, "AccessKeyId": self.key, "Status": self.status }),
            }],
            facts,
            danger: danger(if own { 3 } else { INFO.danger }, request)?,
            destroys: Vec::new(),
            breaks: Vec::new(),
            writes: Vec::new(),
            warnings: self.warnings(key, keys, own),
            undo: match key.status == self.status {
                true => "Nothing to undo: the key has this status already.".into(),
                false => format!("Set the key back to {}.", key.status).into(),
            },
            confirm: self.key.as_str().into(),
            undo_of: request.undo_of.clone(),
            each: request.each.clone(),
            set: request.set.clone(),
        })
    }

    fn warnings(&self, key: &Key, keys: &[Key], own: bool) -> Vec<Untrusted> {
        let mut all: Vec<Untrusted> = Vec::new();
        if own {
            all.push(calls::OWN_ACCESS.into());
        }
        if key.status == self.status {
            all.push(format!("The key is {} already; the call changes nothing.", self.status).into());
        }
        if self.status == "Active" {
            all.push("Whoever has the key can use it again.".into());
            return all;
        }
        for other in keys.iter().filter(|other| other.id != key.id && other.status == "Active") {
            let other = clean(&other.id);
            all.push(
                format!("{other} of the same user is active too: switch both off in one go, one alone tells to use the next.")
                    .into(),
            );
        }
        all.push("Sessions that were made with the key live on until they expire.".into());
        all.push(LAG.into());
        all
    }
}

/// The plan's one request, read back.
struct Call {
    user: Id<UserName>,
    key: Id<AccessKeyId>,
    status: String,
}

impl Call {
    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let text = |name: &str| request.input.get(name)?.as_str();
        Some(Self {
            user: Id::new(text("UserName")?).ok()?,
            key: Id::new(text("AccessKeyId")?).ok()?,
            status: text("Status")?.to_owned(),
        })
    }

    /// The key's status as it is now.
    async fn status(&self, reader: &Reader) -> Result<String, Problem> {
        let keys = read::statuses(reader, &self.user).await?;
        let key = keys.into_iter().find(|(id, _)| id == self.key.as_str());
        key.map(|(_, status)| status)
            .ok_or_else(|| Problem::aws(format!("{} is no key of the user {} any more", self.key, self.user)))
    }

    fn done(&self, plan: &Plan, request_ids: Vec<Untrusted>) -> Outcome {
        let prior = prior(plan).filter(|prior| *prior != Untrusted::from(self.status.as_str()));
        Outcome::Succeeded {
            outcome: format!("{} of {} is set to {}", self.key, self.user, self.status).into(),
            request_ids,
            undo: prior.map(|prior| json!({ "Status": prior })),
            facts: Vec::new(),
        }
    }
}

/// The status before the call.
fn prior(plan: &Plan) -> Option<Untrusted> {
    let status = Untrusted::from(STATUS);
    plan.facts.iter().find(|fact| fact.name == status).map(|fact| fact.value.clone())
}
