//! One statement that denies, put into a policy that belongs to others: a bucket's, or a role's trust. What stood there is
//! kept byte by byte, and put back only over what quell itself has put there.

mod principals;

use super::calls;
use super::fields::{exact, id, plain, refuse, text};
use super::kind::Parameter;
use super::request::{Request, Value, Word};
use super::setting::planned;
use super::target::parts;
use crate::problem::{Problem, clean};
use principals::{gone, ids, said, without};
use quell_core::incident::{Fact, Plan};
use quell_core::record::Hash;
use quell_core::text::id::{AccountId, Arn};
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The fields that every such kind has.
pub(super) const NAME: Parameter =
    Parameter { name: "name", required: false, what: "a name for the statement, of letters and digits; else Incident" };
pub(super) const RESTORE: Parameter =
    Parameter { name: "restore", required: false, what: "for the undo: the policy that stood there before, or none" };
pub(super) const PUT: Parameter =
    Parameter { name: "put", required: false, what: "for the undo: the policy that it stands in place of" };

const VERSION: &str = "2012-10-17";
const NONE: &str = "there is none";
/// The fact that holds what an undo puts back.
const BEFORE: &str = "before, byte by byte";
/// The fact that says whom a plan denies.
const DENIED: &str = "denied";
const OF_ACCOUNT: &str = "everybody of account ";
/// What `restore` says where there was no policy; no policy is that short.
const ABSENT: &str = "none";
const SID: usize = 64;
/// How the ids of quell's own statements begin.
const OURS: &str = "Quell";

/// Who is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Everyone,
    /// Everybody who is not of this account, but for AWS's own services.
    Outside(Id<AccountId>),
    Account(Id<AccountId>),
    /// An IAM user or role, with all its sessions.
    Principal(Id<Arn>),
    /// Everybody but this IAM user or role.
    AllBut(Id<Arn>),
}

/// An IAM user or role by its ARN.
pub(super) fn principal(name: &str, text: &Untrusted) -> Result<Id<Arn>, Problem> {
    let arn = id::<Arn>(name, text)?;
    let is = parts(&arn).is_some_and(|parts| {
        parts.service == "iam" && ["user/", "role/"].iter().any(|kind| parts.resource.starts_with(kind))
    });
    // In a policy these stand for other texts.
    let wild = arn.as_str().contains(['*', '?', '$']);
    match is && !wild {
        true => Ok(arn),
        false => Err(refuse(format!("{name} is no IAM user or role: {arn}"))
            .next("give the ARN of a user or a role; of a session (assumed-role) the role behind it")),
    }
}

impl Whom {
    /// An account or a principal, as a field says it.
    pub(super) fn of(name: &str, text: &Untrusted) -> Result<Self, Problem> {
        match text.parse::<AccountId>() {
            Ok(account) => Ok(Whom::Account(account)),
            Err(_) => principal(name, text).map(Whom::Principal),
        }
    }

    pub(super) fn words(&self) -> String {
        match self {
            Whom::Everyone => "everybody".to_owned(),
            Whom::Outside(account) => format!("everybody outside account {account}, but for AWS's services"),
            Whom::Account(account) => format!("{OF_ACCOUNT}{account}"),
            Whom::Principal(arn) => arn.to_string(),
            Whom::AllBut(arn) => format!("everybody but {arn}"),
        }
    }

    /// Whether the caller is among them.
    pub(super) fn has(&self, caller: &calls::Caller, home: &Id<AccountId>) -> bool {
        let is = |arn: &Id<Arn>| {
            let name = arn.as_str().rsplit('/').next().unwrap_or_default();
            let account = parts(arn).is_some_and(|parts| parts.account == home.as_str());
            account && calls::is_own(caller, name)
        };
        match self {
            Whom::Everyone => true,
            Whom::Outside(account) => account != home,
            Whom::Account(account) => account == home,
            Whom::Principal(arn) => is(arn),
            Whom::AllBut(arn) => !is(arn),
        }
    }

    /// The conditions under which the statement holds (IAM user guide, "AWS global condition context keys").
    fn condition(&self) -> Option<Json> {
        Some(match self {
            Whom::Everyone => return None,
            Whom::Outside(account) => json!({
                "StringNotEquals": { "aws:PrincipalAccount": account.as_str() },
                "BoolIfExists": { "aws:PrincipalIsAWSService": "false" },
            }),
            Whom::Account(account) => json!({ "StringEquals": { "aws:PrincipalAccount": account.as_str() } }),
            Whom::Principal(arn) => json!({ "ArnEquals": { "aws:PrincipalArn": arn.as_str() } }),
            Whom::AllBut(arn) => json!({ "ArnNotEquals": { "aws:PrincipalArn": arn.as_str() } }),
        })
    }

    /// The statement that denies them these actions; a trust policy names no resource.
    pub(super) fn statement(&self, sid: &str, actions: &Json, resources: Option<Json>) -> Json {
        let mut statement = json!({ "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": actions });
        if let Some(resources) = resources {
            statement["Resource"] = resources;
        }
        if let Some(condition) = self.condition() {
            statement["Condition"] = condition;
        }
        statement
    }
}

/// The statement's id: letters and digits alone, which every kind of policy takes.
pub(super) fn sid(request: &Request) -> Result<String, Problem> {
    let name = match text(request, NAME.name)? {
        None => "Incident".to_owned(),
        Some(word) => plain(NAME.name, &word.text, SID)?,
    };
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    match letters.is_empty() {
        true => Err(refuse("name has neither letters nor digits")),
        false => Ok(format!("{OURS}{letters}")),
    }
}

/// A policy with the statement in it, of at most so many bytes.
pub(super) fn with(before: Option<&str>, statement: Json, most: usize) -> Result<String, Problem> {
    let unreadable = || {
        refuse("the policy that stands there can't be read, so that nothing can be put into it")
            .next("look at it in the console, and act there")
    };
    let mut policy = match before {
        None => json!({ "Version": VERSION, "Statement": [] }),
        Some(text) => serde_json::from_str::<Json>(text).map_err(|_| unreadable())?,
    };
    let members = policy.as_object_mut().ok_or_else(unreadable)?;
    let mut statements = match members.remove("Statement") {
        Some(Json::Array(all)) => all,
        Some(one @ Json::Object(_)) => vec![one],
        _ => return Err(unreadable()),
    };
    // Of two, the undo of the later would leave the earlier in force with nothing that says so.
    let ours = |one: &&str| one.starts_with(OURS);
    if let Some(sid) = statements.iter().filter_map(|one| one.get("Sid")?.as_str()).find(ours) {
        return Err(refuse(format!("the policy has a statement of quell's already: {}", clean(sid)))
            .next("`quell sessions in-force` says who has put it there; lift that one first"));
    }
    statements.insert(0, statement);
    members.insert("Statement".to_owned(), Json::Array(statements));
    let text = policy.to_string();
    match text.len() <= most {
        true => Ok(text),
        false => Err(refuse(format!("with the statement the policy has {} bytes, {most} are the most", text.len()))
            .next("deny by the principals themselves (iam-deny), or shorten the policy by hand")),
    }
}

/// Whether two policies say the same, whatever their white space and whatever order they name principals in; or there is
/// none of both.
pub(super) fn same(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other || said(one).is_some_and(|one| Some(one) == said(other)),
        (None, None) => true,
        _ => false,
    }
}

/// What a policy that stands there can be written with, and who is left out of it: whoever was deleted since they were
/// named stands in it by an id that AWS does not take.
///
/// # Errors
/// Where it would say another thing without them.
pub(super) fn writable(text: Option<&str>) -> Result<(Option<String>, Vec<String>), Problem> {
    let Some(text) = text else { return Ok((None, Vec::new())) };
    let dead = ids(text);
    let left = without(text, &dead)?;
    Ok((Some(left), dead.into_iter().collect()))
}

/// What is said of those who are left out of a policy.
pub(super) fn left_out(dead: &[String]) -> Option<String> {
    let names = dead.iter().map(|one| clean(one).into_string()).collect::<Vec<_>>().join(", ");
    (!dead.is_empty()).then(|| {
        format!(
            "DIFFERENT from what stood there: {names} was deleted, AWS takes no policy that names it (Invalid principal in \
             policy), so it is left out, and what named nobody else with it. Whoever is made anew under that name is not \
             let in: name them by hand where they shall be."
        )
    })
}

/// The fact that is read again before the call.
pub(super) fn fact(name: &str, text: Option<&str>) -> Fact {
    let value = text.map(|text| format!("{} bytes, SHA-256 {}", text.len(), Hash::of(text.as_bytes())));
    Fact::new(name, value.unwrap_or_else(|| NONE.to_owned()))
}

/// What a plan keeps of what stood there, and whom it denies.
pub(super) fn kept(before: Option<&str>, whom: Option<&Whom>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = whom.map(|whom| Fact::new(DENIED, whom.words())).into_iter().collect();
    facts.extend(before.map(|text| Fact::new(BEFORE, text)));
    facts
}

/// Whom a plan denies, in words; none where it puts back.
pub(super) fn denied(plan: &Plan) -> Option<String> {
    planned(plan, DENIED).map(|whom| whom.line().into_string())
}

/// Whom a plan denies by name: a principal or an account.
pub(super) fn reached(plan: &Plan) -> Vec<Untrusted> {
    let words = denied(plan).unwrap_or_default();
    let one = words.strip_prefix(OF_ACCOUNT).or_else(|| words.starts_with("arn:").then_some(&*words));
    one.map(Untrusted::from).into_iter().collect()
}

/// Whether a plan denies; else it puts back.
pub(super) fn denies(plan: &Plan) -> bool {
    planned(plan, DENIED).is_some()
}

/// What an undo needs: what stood there when it was planned, which was read again right before the call, and what stands
/// there since.
pub(super) fn undo(plan: &Plan, put: Option<&str>) -> Option<Json> {
    let before = planned(plan, BEFORE).map(exact);
    denies(plan).then(|| json!({ "Before": before, "Put": put }))
}

/// The fields of the request that undoes it, beside the one that names the thing.
pub(super) fn undoing(undo: &Json) -> Option<[(&'static str, Value); 2]> {
    let own = |text: &str| Value::Text(Word::own(text));
    let before = undo.get("Before")?.as_str().unwrap_or(ABSENT);
    Some([(RESTORE.name, own(before)), (PUT.name, own(undo.get("Put")?.as_str()?))])
}

/// What an undo puts back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Back {
    /// The policy; none where there was none.
    pub policy: Option<String>,
    /// Who stood in it, and was deleted since.
    pub dead: Vec<String>,
}

/// What an undo puts back: nothing where it is no undo. It is refused where something else stands there by now.
pub(super) fn restored(request: &Request, now: Option<&str>) -> Result<Option<Back>, Problem> {
    let own = |name: &str| match text(request, name)? {
        Some(word) if word.filled => Err(refuse(format!("{name} can't be filled from a finding"))),
        word => Ok(word.map(|word| exact(&word.text))),
    };
    let (before, put) = match (own(RESTORE.name)?, own(PUT.name)?) {
        (None, None) => return Ok(None),
        (Some(before), Some(put)) => (before, put),
        _ => return Err(refuse("restore and put go together")),
    };
    let mut dead = now.and_then(|now| gone(&put, now)).unwrap_or_default();
    if dead.is_empty() && !same(now, Some(&put)) {
        return Err(refuse("the policy is not as this action left it: somebody has changed it since")
            .meaning("an undo would write over that change; nothing was sent")
            .next("look what it is, and take quell's statement (its Sid begins with Quell) out by hand"));
    }
    if before == ABSENT {
        return Ok(Some(Back { policy: None, dead: Vec::new() }));
    }
    dead.extend(ids(&before));
    let policy = Some(without(&before, &dead)?);
    Ok(Some(Back { policy, dead: dead.into_iter().collect() }))
}
