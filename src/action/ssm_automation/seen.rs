//! What a containment document of AWS finds and leaves, read by quell itself: the document backs up what it finds and
//! says that it worked, which proves nothing.

use super::super::calls::unverified;
use super::super::ec2_isolate::{self as isolation, Interface};
use super::super::fields::{id, map};
use super::super::kind::{BUCKET_BLOCK, BUCKET_POLICY, INTERFACES, Parameter, Written};
use super::super::request::{Request, Value, Word};
use super::super::s3_block_public::{BLOCK, read as block};
use super::super::way::{Ways, ways};
use super::super::{denial, instance, s3_policy};
use super::Start;
use super::contain;
use super::parameters::Parameters;
use crate::aws::Reader;
use crate::aws::s3::Bucket;
use crate::problem::Problem;
use quell_core::incident::{Fact, Plan, Target, Verified};
use quell_core::text::Untrusted;
use quell_core::text::id::{Id, InstanceId};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What an undo knows of the state before, by the names of the facts.
pub(super) const FORMER: Parameter = Parameter {
    name: "former",
    required: false,
    what: "for the undo: what the Contain run found, as its plan says it",
};

/// What the facts of it begin with.
const BEFORE: &str = "before the containment, ";
/// The fact that says that what there is could not be read.
const UNREAD: &str = "what there is now";
const PUBLIC: &str = "public addresses";
const INTERFACE: &str = "interface ";
const OBJECTS: &str = "the automation says that it succeeded; quell does not read objects, only their bucket. Look at what \
     closes them, and at server access logs";
const NOT_SEEN: &str = "connections that were open before may live on; flow logs show whether they do";

/// What there is of the thing before a run.
#[derive(Default)]
pub(super) struct Seen {
    pub facts: Vec<Fact>,
    pub warnings: Vec<String>,
    /// Why a run that contains is of danger 3.
    pub exposed: bool,
}

impl Seen {
    /// What must not have changed since the plan.
    pub fn material(self) -> impl Iterator<Item = Fact> {
        let is = |name: &str| name.starts_with(INTERFACE) || [BLOCK, s3_policy::POLICY, PUBLIC, UNREAD].contains(&name);
        self.facts.into_iter().filter(move |fact| is(fact.name.line().as_str()))
    }
}

/// Reads what a run is about to change; nothing of a document that is no containment, or of a dry run.
pub(super) async fn seen(reader: &Reader, document: &str, parameters: &Parameters, target: &Target) -> Seen {
    if !contain::is(document) || contain::dry(document, parameters) {
        return Seen::default();
    }
    let contains = contain::changes(document, parameters);
    let read = match document {
        contain::EC2 => host(reader, target, contains).await,
        contain::S3 if !contain::objects(parameters) => bucket(reader, target).await,
        _ => return Seen::default(),
    };
    read.unwrap_or_else(|problem| {
        let why = problem.headline();
        let warning =
            format!("What there is could not be read: {why} What the run changes is not known before it has.");
        Seen { facts: vec![Fact::new(UNREAD, "not read")], warnings: vec![warning], exposed: contains }
    })
}

async fn interfaces(reader: &Reader, target: &Target) -> Result<Vec<Interface>, Problem> {
    isolation::interfaces_of(reader, &id::<InstanceId>("the instance", &target.resource)?).await
}

async fn host(reader: &Reader, target: &Target, contains: bool) -> Result<Seen, Problem> {
    let id = id::<InstanceId>("the instance", &target.resource)?;
    let (there, all) = (instance::described(reader, &id).await?, interfaces(reader, target).await?);
    let mut facts: Vec<Fact> = all.iter().map(isolation::interface_fact).collect();
    facts.push(Fact::new("instance", there.state.line().into_string()));
    facts.extend(instance::facts(&there));
    let mut public: Vec<String> =
        all.iter().flat_map(|one| &one.public).map(|address| address.line().into_string()).collect();
    public.dedup();
    if !public.is_empty() {
        facts.push(Fact::new(PUBLIC, public.join(", ")));
    }
    let ways = ways(reader, &isolation::subnets(&all)).await;
    facts.extend(ways.facts.iter().cloned());
    let (warnings, exposed) = if contains { exposure(&public, &ways) } else { (Vec::new(), false) };
    Ok(Seen { facts, warnings, exposed })
}

/// What the document's two steps do to an instance with these addresses and ways out.
fn exposure(public: &[String], ways: &Ways) -> (Vec<String>, bool) {
    let mut warnings = Vec::new();
    if !public.is_empty() {
        warnings.push(format!(
            "Its first step OPENS EVERY PORT to the internet at {} for a moment; ec2-isolate does not.",
            public.join(", ")
        ));
    }
    if !ways.tracked.is_empty() {
        let through = ways.tracked.join(", ");
        warnings.push(format!(
            "Connections through {through} live on: AWS always tracks those, and the run cuts them not."
        ));
    }
    (warnings, !public.is_empty())
}

fn named(target: &Target) -> Result<Bucket, Problem> {
    Ok(Bucket { name: id("the bucket", &target.resource)?, owner: id("the account", &target.account)? })
}

async fn bucket_facts(reader: &Reader, target: &Target) -> Result<(bool, Option<String>, Vec<Fact>), Problem> {
    let bucket = named(target)?;
    let block = block::block(reader, &bucket).await?;
    let policy = s3_policy::policy(reader, &bucket).await?;
    let facts = vec![Fact::new(BLOCK, block.words()), denial::fact(s3_policy::POLICY, policy.as_deref())];
    Ok((block.blocks_all(), policy, facts))
}

async fn bucket(reader: &Reader, target: &Target) -> Result<Seen, Problem> {
    let (_, _, facts) = bucket_facts(reader, target).await?;
    Ok(Seen { facts, ..Seen::default() })
}

/// Those of a plan's facts that say how the thing stood.
fn states(plan: &Plan) -> impl Iterator<Item = &Fact> {
    let state = |name: &str| name.starts_with(INTERFACE) || [BLOCK, s3_policy::POLICY].contains(&name);
    plan.facts.iter().filter(move |fact| state(fact.name.line().as_str()))
}

/// What a plan writes, with what it had read of it.
pub(super) fn written(what: &'static str, plan: &Plan) -> Written {
    match what {
        INTERFACES => Written::parts(what, plan, |name| name.starts_with(INTERFACE)),
        BUCKET_BLOCK => Written::parts(what, plan, |name| name == BLOCK),
        BUCKET_POLICY => Written::parts(what, plan, |name| name == s3_policy::POLICY),
        _ => Written::whole(what, plan),
    }
}

/// The interfaces that a plan had read: the document finds them by their instance.
pub(super) fn interfaces_in(plan: &Plan) -> impl Iterator<Item = Untrusted> {
    plan.facts.iter().filter_map(|fact| fact.name.line().as_str().strip_prefix(INTERFACE).map(Untrusted::from))
}

/// What an undo of the plan gives back to it: what the plan had read.
pub(super) fn former(plan: &Plan) -> Option<Value> {
    let name = |fact: &Fact| fact.name.line().into_string().into_boxed_str();
    let all: BTreeMap<Box<str>, Value> =
        states(plan).map(|fact| (name(fact), Value::Text(Word::own(fact.value.clone())))).collect();
    (!all.is_empty()).then_some(Value::Map(all))
}

/// The same as the facts of a Restore run.
pub(super) fn before(request: &Request) -> Result<Vec<Fact>, Problem> {
    let mut facts = Vec::new();
    for (name, value) in map(request, FORMER.name)?.into_iter().flatten() {
        if let Value::Text(word) = value {
            facts.push(Fact::new(format!("{BEFORE}{name}"), word.text.clone()));
        }
    }
    Ok(facts)
}

/// Reads back what a run has left; none where quell can't.
pub(super) async fn left(reader: &Reader, plan: &Plan, start: &Start) -> Option<Verified> {
    let contains = start.contains();
    let read = match start.short() {
        contain::EC2 if contains => cut_off(reader, plan, start).await,
        contain::EC2 => restored(plan, || async { Ok(host_states(&interfaces(reader, &plan.target).await?)) }).await?,
        contain::S3 if contain::objects(&start.parameters) => beside_objects(reader, plan).await,
        contain::S3 if contains => closed(reader, plan, start).await,
        contain::S3 => restored(plan, || async { Ok(bucket_facts(reader, &plan.target).await?.2) }).await?,
        _ => return None,
    };
    Some(read.unwrap_or_else(|problem| unverified(problem.headline())))
}

fn host_states(all: &[Interface]) -> Vec<Fact> {
    all.iter().map(isolation::interface_fact).collect()
}

/// Whether everything is as the containment had found it; none where the plan does not say how that was.
async fn restored<F: Future<Output = Result<Vec<Fact>, Problem>>>(
    plan: &Plan,
    now: impl FnOnce() -> F,
) -> Option<Result<Verified, Problem>> {
    let before: Vec<Fact> = plan
        .facts
        .iter()
        .filter_map(|fact| {
            let name = fact.name.line().into_string();
            Some(Fact::new(name.strip_prefix(BEFORE)?, fact.value.clone()))
        })
        .collect();
    if before.is_empty() {
        return None;
    }
    Some(now().await.map(|facts| Verified { holds: Some(before.iter().all(|fact| facts.contains(fact))), facts }))
}

/// An instance is cut off where no group of any interface lets anything through; one that has its former groups is not.
async fn cut_off(reader: &Reader, plan: &Plan, start: &Start) -> Result<Verified, Problem> {
    let now = interfaces(reader, &plan.target).await?;
    let mut facts = host_states(&now);
    let own: Vec<&Interface> = now.iter().filter(|one| one.managed.is_none()).collect();
    let as_before = own.iter().any(|one| plan.facts.contains(&isolation::interface_fact(one)));
    let mut ids: Vec<&str> = own.iter().flat_map(|one| one.groups.iter().map(Id::as_str)).collect();
    ids.sort_unstable();
    ids.dedup();
    let groups = isolation::groups(reader, &[("group-id", ids.clone())]).await?;
    let open: Vec<Fact> = groups.iter().filter_map(isolation::open_fact).collect();
    let holds = match (own.is_empty() || as_before, groups.len() == ids.len() && open.is_empty()) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        // What the parameters leave open is as wanted; what they do not is not known to be.
        (false, false) => None,
    };
    facts.extend(open);
    let wanted = ["IngressTrafficRules", "EgressTrafficRules"].iter().any(|name| start.parameters.contains_key(*name));
    if holds.is_none() {
        let why = if wanted { "compare with the traffic rules that were given" } else { "its groups are not closed" };
        facts.push(Fact::new("not verified", why));
    }
    facts.push(Fact::new("note", NOT_SEEN));
    Ok(Verified { holds, facts })
}

/// A bucket is closed where its block is whole and its policy denies everybody but those who are to keep it.
async fn closed(reader: &Reader, plan: &Plan, start: &Start) -> Result<Verified, Problem> {
    let (blocked, policy, mut facts) = bucket_facts(reader, &plan.target).await?;
    let kept = start.parameters.get("BucketRestrictAccess").map(Vec::as_slice).unwrap_or_default();
    let denies = policy.as_deref().is_some_and(|text| denies_others(text, kept));
    let holds = match (blocked, denies) {
        (false, _) => Some(false),
        (true, true) => Some(true),
        (true, false) => None,
    };
    if holds.is_none() {
        facts.push(Fact::new("not verified", "the policy is not seen to deny everybody else: read it"));
    }
    Ok(Verified { holds, facts })
}

/// Of objects what stands on their bucket, and nothing more: that alone says nothing of them.
async fn beside_objects(reader: &Reader, plan: &Plan) -> Result<Verified, Problem> {
    let (_, _, mut facts) = bucket_facts(reader, &plan.target).await?;
    facts.push(Fact::new("not verified", OBJECTS));
    Ok(Verified { holds: None, facts })
}

/// Whether a policy has a statement that denies all of S3 to everybody, but for a condition that names each of these.
fn denies_others(policy: &str, kept: &[String]) -> bool {
    let Ok(policy) = serde_json::from_str::<Json>(policy) else { return false };
    let statements = match policy.get("Statement") {
        Some(Json::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let is = |value: Option<&Json>, text: &str| match value {
        Some(Json::String(one)) => one == text,
        Some(Json::Array(all)) => all.iter().any(|one| one == text),
        _ => false,
    };
    statements.iter().any(|one| {
        let everybody = is(one.get("Principal"), "*") || is(one.pointer("/Principal/AWS"), "*");
        let denies = is(one.get("Effect"), "Deny") && is(one.get("Action"), "s3:*") && everybody;
        let condition = one.get("Condition").map(Json::to_string).unwrap_or_default();
        denies && !kept.is_empty() && kept.iter().all(|arn| condition.contains(&Json::from(arn.as_str()).to_string()))
    })
}
