//! A statement that denies, put into a bucket's policy. The undo puts the former policy back, byte by byte, or deletes the
//! policy where there was none; and only where nobody has changed it since.

use super::calls;
use super::denial::{self, Back, Whom};
use super::fields::{id, known, refuse, text};
use super::kind::{BUCKET_POLICY, KindInfo, NOTHING, Operations, Parameter, Written};
use super::request::{Request, Value, Word};
use super::s3_block_public::{bucket, read};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, sent};
use super::target::target;
use crate::aws::s3::Bucket;
use crate::aws::{Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::AccountId;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `s3-bucket-policy`.
pub(super) struct S3BucketPolicy;

static INFO: KindInfo = KindInfo {
    name: "s3-bucket-policy",
    title: "Deny access to an S3 bucket by its policy",
    parameters: &[
        Parameter { name: "bucket", required: false, what: "the bucket's name; else the finding's" },
        Parameter {
            name: "deny",
            required: false,
            what: "who: outside (everybody of other accounts, the default), an account's id, or the ARN of a user or role",
        },
        denial::NAME,
        denial::RESTORE,
        denial::PUT,
    ],
    operations: Operations {
        read: &[("S3", "GetBucketLocation"), ("S3", "GetBucketPolicy")],
        consume: &[],
        mutate: &[("S3", "DeleteBucketPolicy"), ("S3", "PutBucketPolicy")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// The fact that is read again before the call.
pub(super) const POLICY: &str = "bucket policy";
/// The most bytes of a bucket's policy (Amazon S3 User Guide, "Bucket policies").
const LONGEST: usize = 20 * 1024;
const LAG: &str = "S3 takes some seconds, at times minutes, to spread a policy";

/// Brings the bucket's policy into a state; none deletes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    bucket: Bucket,
    policy: Option<String>,
}

impl Call {
    fn request(&self) -> PlannedRequest {
        let (name, owner) = (self.bucket.name.as_str(), self.bucket.owner.as_str());
        let (operation, input) = match &self.policy {
            Some(text) => ("PutBucketPolicy", json!({ "Bucket": name, "ExpectedBucketOwner": owner, "Policy": text })),
            None => ("DeleteBucketPolicy", json!({ "Bucket": name, "ExpectedBucketOwner": owner })),
        };
        PlannedRequest { service: "s3".to_owned(), operation: operation.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let text = |name: &str| request.input.get(name)?.as_str();
        let bucket =
            Bucket { name: Id::new(text("Bucket")?).ok()?, owner: Id::new(text("ExpectedBucketOwner")?).ok()? };
        let call = Self { bucket, policy: text("Policy").map(str::to_owned) };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }
}

/// The bucket's policy, as it stands; none where there is none.
pub(super) async fn policy(reader: &Reader, bucket: &Bucket) -> Result<Option<String>, Problem> {
    match reader.s3().get_bucket_policy(bucket).await {
        Ok(text) => Ok(Some(text)),
        Err(error) if read::is(&error, "NoSuchBucketPolicy") => Ok(None),
        Err(error) => Err(read::problem(&error, reader, bucket, "s3:GetBucketPolicy")),
    }
}

/// Who is to be denied.
fn whom(request: &Request, owner: &Id<AccountId>) -> Result<Whom, Problem> {
    match text(request, "deny")? {
        None => Ok(Whom::Outside(owner.clone())),
        Some(word) if word.text == Untrusted::from("outside") => Ok(Whom::Outside(owner.clone())),
        Some(word) if word.text.is_empty() => Err(refuse("deny is empty")),
        Some(word) => Whom::of("deny", &word.text),
    }
}

fn denying(whom: &Whom, there: bool, own: bool) -> Vec<String> {
    let mut all = Vec::new();
    all.push(match own {
        true => format!("{} You may not be able to undo it: the account's root user can.", calls::OWN_ACCESS),
        false => "You yourself are not among those who are denied: you keep the bucket, and can undo it.".to_owned(),
    });
    all.push(match whom {
        Whom::Outside(_) => "Everybody of other accounts is shut out, partners, log delivery by other accounts and the \
                             public too; AWS's own services and this account go on. Principals of this account that were \
                             stolen are NOT stopped: contain those (iam-access-key, iam-revoke-sessions)."
            .to_owned(),
        Whom::Account(_) => "Everybody of that account is shut out, whatever allows them; other accounts are not.".to_owned(),
        _ => "That principal is shut out of this bucket alone, with all its sessions; of everything else it is not: contain \
              the principal itself (iam-deny, iam-access-key)."
            .to_owned(),
    });
    all.push(match there {
        true => "The policy that stands there stays in force beside it, byte by byte: where it was the intruder's, the undo \
                 brings it back alone. Compare it with the one before the first finding."
            .to_owned(),
        false => "There is no policy now: this one is the first. The undo deletes it.".to_owned(),
    });
    all.extend(
        [
            "It does NOT stop what was copied already. Presigned URLs stop where it denies who signed them.",
            "S3 itself refuses a policy that would shut its sender out of changing it (quell never sends \
             ConfirmRemoveSelfBucketAccess).",
            "Access points have policies of their own, which this one still overrules for denied requests to the bucket.",
        ]
        .map(str::to_owned),
    );
    all
}

const RESTORING: [&str; 2] = [
    "Whoever was denied comes in again, as far as the former policy lets them.",
    "The state before may be the intruder's: compare it with the one before the first finding.",
];

impl Setting for S3BucketPolicy {
    type Call = Call;
    type State = Option<String>;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let name = bucket(request)?;
        let target = target(request, name.as_str())?;
        let caller = calls::caller(reader, &target).await?;
        let bucket = Bucket { name, owner: id("the account", &target.account)? };
        read::region(reader, &bucket).await?;
        let now = policy(reader, &bucket).await?;
        let mut facts = self.facts(&now);
        facts.push(Fact::new("dry run", "S3 has none"));
        let (policy, mut warnings, undo, danger, dead) = match denial::restored(request, now.as_deref())? {
            Some(Back { policy, dead }) => {
                let undo = "Put the statement in again, by a plan of its own.".to_owned();
                (policy, Vec::from(RESTORING.map(str::to_owned)), undo, INFO.danger, dead)
            }
            None => {
                let (there, dead) = denial::writable(now.as_deref())?;
                let whom = whom(request, &bucket.owner)?;
                let own = whom.has(&caller, &bucket.owner);
                let partition = target.partition.line();
                let resources = ["", "/*"].map(|end| format!("arn:{partition}:s3:::{}{end}", bucket.name));
                let statement = whom.statement(&denial::sid(request)?, &json!("s3:*"), Some(json!(resources)));
                let text = denial::with(there.as_deref(), statement, LONGEST)?;
                facts.extend(denial::kept(now.as_deref(), Some(&whom)));
                let undo = match now {
                    Some(_) if !dead.is_empty() => {
                        "Put the former policy back, without whom AWS takes no more.".to_owned()
                    }
                    Some(_) => "Put the former policy back, byte by byte.".to_owned(),
                    None => "Delete the policy: there was none before.".to_owned(),
                };
                let danger = if own { 3 } else { INFO.danger };
                (Some(text), denying(&whom, now.is_some(), own), undo, danger, dead)
            }
        };
        warnings.extend(denial::left_out(&dead));
        // What is put back is not what stood there: that is read first.
        let danger = if dead.is_empty() { danger } else { 3 };
        let call = Call { bucket, policy }.request();
        Draft { target, call, facts, danger, destroys: Vec::new(), warnings, undo }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<Option<String>, Problem> {
        policy(reader, &call.bucket).await
    }

    fn facts(&self, state: &Option<String>) -> Vec<Fact> {
        vec![denial::fact(POLICY, state.as_deref())]
    }

    fn fit(&self, call: &Call, state: &Option<String>) -> Fit {
        Fit::is(denial::same(call.policy.as_deref(), state.as_deref()))
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        match &call.policy {
            Some(text) => sent(writer, "s3:PutBucketPolicy", writer.s3().put_bucket_policy(&call.bucket, text).await),
            None => sent(writer, "s3:DeleteBucketPolicy", writer.s3().delete_bucket_policy(&call.bucket).await),
        }
    }

    fn seal(&self, plan: &Plan) -> Seal {
        let partition = plan.target.partition.line();
        let bucket = |name: &str| format!("arn:{partition}:s3:::{}", seal::exact(name));
        Seal::each(plan, |request| seal::text(request, "Bucket").map(bucket).into_iter().collect()).in_region(plan)
    }

    fn breaks(&self, plan: &Plan, _call: &Call) -> Vec<String> {
        let Some(denied) = denial::denied(plan) else { return vec![NOTHING.to_owned()] };
        vec![format!(
            "reading, writing and listing the bucket, for {denied}: what they load from it, log or deliver into it, copy or \
             replicate"
        )]
    }

    fn done(&self, plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let words = match denial::denies(plan) {
            true => "has a statement that denies",
            false if call.policy.is_some() => "has its former policy",
            false => "has no policy, as before",
        };
        (format!("the bucket {} {words}", call.bucket.name), denial::undo(plan, call.policy.as_deref()))
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let [restore, put] = denial::undoing(undo)?;
        let bucket = Value::Text(Word::own(plan.target.resource.clone()));
        Some(Request::undoing(plan, [("bucket", bucket), restore, put]))
    }

    fn writes(&self, plan: &Plan) -> Written {
        Written::parts(BUCKET_POLICY, plan, |name| name == POLICY)
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
