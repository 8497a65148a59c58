//! A statement that denies, put into a role's trust policy, so that nobody, or not this one, can take the role on any
//! more. The undo puts the former trust back, byte by byte, and only where nobody has changed it since.

use super::calls;
use super::denial::{self, Back, Whom};
use super::fields::{id, known, refuse, text};
use super::iam_policy::read::{decoded, protected};
use super::kind::{KindInfo, NOTHING, Operations, Parameter};
use super::request::{Request, Value, Word};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, only, sent};
use super::target::target;
use crate::aws::{Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::RoleName;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `iam-role-trust`.
pub(super) struct IamRoleTrust;

static INFO: KindInfo = KindInfo {
    name: "iam-role-trust",
    title: "Deny taking on an IAM role by its trust policy",
    parameters: &[
        Parameter { name: "role", required: true, what: "the role's name" },
        Parameter {
            name: "deny",
            required: false,
            what: "who: everyone (the default), an account's id, or the ARN of a user or role",
        },
        Parameter {
            name: "keep",
            required: false,
            what: "in place of deny: the ARN of the one user or role that still may",
        },
        denial::NAME,
        denial::RESTORE,
        denial::PUT,
    ],
    operations: Operations { read: &[("IAM", "GetRole")], consume: &[], mutate: &[("IAM", "UpdateAssumeRolePolicy")] },
    permissions: &[],
    danger: 2,
    destroys: "",
};

const OPERATION: &str = "UpdateAssumeRolePolicy";
/// The fact that is read again before the call.
const TRUST: &str = "trust policy";
/// The most that a quota can be raised to, in characters; IAM says itself where less is allowed.
const LONGEST: usize = 8192;
const LAG: &str =
    "IAM takes some seconds to spread a change; sessions that were issued before live on until they expire";
/// Every way to take a role on.
const WAYS: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// Puts a trust policy on a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    role: Id<RoleName>,
    document: String,
}

impl Call {
    fn request(&self) -> PlannedRequest {
        let input = json!({ "RoleName": self.role.as_str(), "PolicyDocument": self.document });
        PlannedRequest { service: "iam".to_owned(), operation: OPERATION.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let input = only(plan, "iam", OPERATION)?;
        let text = |name: &str| input.get(name)?.as_str();
        let call = Self { role: Id::new(text("RoleName")?).ok()?, document: text("PolicyDocument")?.to_owned() };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (plan.requests.as_slice() == [call.request()]).then_some(call)
    }
}

/// The role's trust policy, as it stands. Refuses a role that nobody may edit.
async fn trust(reader: &Reader, name: &Id<RoleName>) -> Result<String, Problem> {
    let answer = reader.iam().get_role().role_name(name.as_str()).send().await;
    let answer = answer.map_err(|error| calls::problem(&error, reader, "iam:GetRole"))?;
    let role = answer.role().ok_or_else(|| Problem::aws(format!("IAM does not describe the role {name}")))?;
    protected(name, role.path())?;
    let text = role.assume_role_policy_document().map(decoded);
    text.ok_or_else(|| Problem::aws(format!("IAM gives no trust policy of the role {name}")))
}

/// Who is to be denied.
fn whom(request: &Request) -> Result<Whom, Problem> {
    match (text(request, "deny")?, text(request, "keep")?) {
        (Some(_), Some(_)) => Err(refuse("deny and keep exclude each other")),
        (None, None) => Ok(Whom::Everyone),
        (Some(word), None) if word.text == Untrusted::from("everyone") => Ok(Whom::Everyone),
        (Some(word), None) => Whom::of("deny", &word.text),
        (None, Some(word)) => denial::principal("keep", &word.text).map(Whom::AllBut),
    }
}

fn denying(whom: &Whom, role: &Id<RoleName>, own: bool) -> Vec<String> {
    let mut all = Vec::new();
    if own {
        all.push(format!(
            "This is the role that you work by: your session lives on until it expires, and then you can't come back by \
             it. {}",
            calls::OWN_ACCESS
        ));
    }
    all.push(
        "Sessions that were issued before live on until they expire, for up to twelve hours: revoke them beside this \
         (iam-revoke-sessions)."
            .to_owned(),
    );
    all.push(match whom {
        Whom::Everyone => format!(
            "NOBODY can take {role} on any more, services neither: instances with its profile, functions, tasks and \
             pipelines lose it as their credentials expire. List who uses it first."
        ),
        Whom::AllBut(_) => format!(
            "Everybody else, services too, loses {role} as their credentials expire: instances with its profile, \
             functions, tasks and pipelines."
        ),
        _ => "Others who may take the role on still can, and the denied one may reach it by another role (chaining)."
            .to_owned(),
    });
    all.push(
        "What the role itself may do stays as it is. A trust that the intruder has put there stays beside the statement, \
         and the undo brings it back: compare it with the one before the first finding."
            .to_owned(),
    );
    all
}

const RESTORING: [&str; 2] = [
    "Whoever the former trust names can take the role on again.",
    "The state before may be the intruder's: compare it with the one before the first finding.",
];

impl Setting for IamRoleTrust {
    type Call = Call;
    type State = String;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let name = text(request, "role")?.ok_or_else(|| refuse("iam-role-trust needs the field role"))?;
        let role: Id<RoleName> = id("role", &name.text)?;
        let target = target(request, role.as_str())?;
        let caller = calls::caller(reader, &target).await?;
        let own = calls::is_own(&caller, role.as_str());
        let now = trust(reader, &role).await?;
        let mut facts = self.facts(&now);
        facts.push(Fact::new("dry run", "IAM has none"));
        let (document, mut warnings, undo, dead) = match denial::restored(request, Some(&now))? {
            Some(Back { policy: Some(before), dead }) => {
                let again = "Put the statement in again, by a plan of its own.";
                (before, Vec::from(RESTORING.map(str::to_owned)), again, dead)
            }
            Some(Back { policy: None, .. }) => return Err(refuse("a role always has a trust policy")),
            None => {
                let (there, dead) = denial::writable(Some(&now))?;
                let whom = whom(request)?;
                let statement = whom.statement(&denial::sid(request)?, &json!(WAYS), None);
                let text = denial::with(there.as_deref(), statement, LONGEST)?;
                facts.extend(denial::kept(Some(&now), Some(&whom)));
                let back = match dead.is_empty() {
                    true => "Put the former trust policy back, byte by byte.",
                    false => "Put the former trust policy back, without whom AWS takes no more.",
                };
                (text, denying(&whom, &role, own), back, dead)
            }
        };
        warnings.extend(denial::left_out(&dead));
        let (call, undo) = (Call { role, document }.request(), undo.to_owned());
        // What is put back is not what stood there: that is read first.
        let danger = if own || !dead.is_empty() { 3 } else { INFO.danger };
        Draft { target, call, facts, danger, destroys: Vec::new(), warnings, undo }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<String, Problem> {
        trust(reader, &call.role).await
    }

    fn facts(&self, state: &String) -> Vec<Fact> {
        vec![denial::fact(TRUST, Some(state))]
    }

    fn fit(&self, call: &Call, state: &String) -> Fit {
        Fit::is(denial::same(Some(&call.document), Some(state)))
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        let iam = writer.iam().update_assume_role_policy().role_name(call.role.as_str());
        sent(writer, "iam:UpdateAssumeRolePolicy", iam.policy_document(&call.document).send().await)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| seal::principal(plan, request))
    }

    fn breaks(&self, plan: &Plan, _call: &Call) -> Vec<String> {
        let Some(denied) = denial::denied(plan) else { return vec![NOTHING.to_owned()] };
        vec![format!(
            "taking the role on, for {denied}: instances, functions, tasks, pipelines and people among them work on until \
             their session ends, and no longer"
        )]
    }

    fn done(&self, plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let words = match denial::denies(plan) {
            true => "has a statement in its trust policy that denies",
            false => "has its former trust policy",
        };
        (format!("the role {} {words}", call.role), denial::undo(plan, Some(&call.document)))
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let [restore, put] = denial::undoing(undo)?;
        let role = Value::Text(Word::own(plan.target.resource.clone()));
        Some(Request::undoing(plan, [("role", role), restore, put]))
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        denial::reached(plan)
    }

    fn contains(&self, plan: &Plan, _call: &Call) -> Option<bool> {
        Some(denial::denies(plan))
    }

    fn note(&self, _call: &Call) -> Option<&'static str> {
        Some(LAG)
    }
}
