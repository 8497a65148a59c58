//! Buckets: their block of public access and their policy, and whether everybody else is shut out.

use super::super::super::fields::id;
use super::super::super::s3_block_public::{BLOCK, read as block};
use super::super::super::{denial, s3_policy};
use super::super::Start;
use super::Seen;
use crate::aws::Reader;
use crate::aws::s3::Bucket;
use crate::problem::Problem;
use quell_core::incident::{Fact, Plan, Target, Verified};
use serde_json::Value as Json;

const OBJECTS: &str = "the automation says that it succeeded; quell does not read objects, only their bucket. Look at what \
     closes them, and at server access logs";

fn named(target: &Target) -> Result<Bucket, Problem> {
    Ok(Bucket { name: id("the bucket", &target.resource)?, owner: id("the account", &target.account)? })
}

pub(super) async fn bucket_facts(
    reader: &Reader,
    target: &Target,
) -> Result<(bool, Option<String>, Vec<Fact>), Problem> {
    let bucket = named(target)?;
    let block = block::block(reader, &bucket).await?;
    let policy = s3_policy::policy(reader, &bucket).await?;
    let facts = vec![Fact::new(BLOCK, block.words()), denial::fact(s3_policy::POLICY, policy.as_deref())];
    Ok((block.blocks_all(), policy, facts))
}

pub(super) async fn bucket(reader: &Reader, target: &Target) -> Result<Seen, Problem> {
    let (_, _, facts) = bucket_facts(reader, target).await?;
    Ok(Seen { facts, ..Seen::default() })
}

/// A bucket is closed where its block is whole and its policy denies everybody but those who are to keep it.
pub(super) async fn closed(reader: &Reader, plan: &Plan, start: &Start) -> Result<Verified, Problem> {
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
pub(super) async fn beside_objects(reader: &Reader, plan: &Plan) -> Result<Verified, Problem> {
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
