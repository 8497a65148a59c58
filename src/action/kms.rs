//! What a customer's KMS key asks of whoever calls. Its service uses the key in the caller's name, so that the caller, and
//! a session that is sealed to a plan, needs permissions on it beside those of the call (KMS developer guide,
//! "kms:ViaService"); and the key's own policy must allow it.

use super::kind::Keys;
use super::preflight::{self, Need};
use super::seal::{Grant, exact};
use super::setting::planned;
use super::target::parts;
use crate::aws::Reader;
use crate::problem::clean;
use quell_core::incident::{Fact, Plan, Target};
use quell_core::text::id::Arn;
use quell_core::text::{Id, Untrusted};
use std::collections::BTreeSet;

/// The fact that names the keys of a plan.
const FACT: &str = "KMS key";
const BETWEEN: &str = ", ";
/// A volume's key is used for the instance and for its snapshots (EBS user guide, "Requirements for Amazon EBS
/// encryption").
pub(super) static EBS: Keys = Keys {
    via: "ec2",
    mutate: &[
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ],
    read: &[],
};
/// To let a service use a key later; it may be had for AWS's own services alone.
const GRANT: &str = "kms:CreateGrant";

/// A key as it was named: its ARN; else the name that does not tell which one it is. None for AWS's own ones, whose use
/// comes with that of the service.
fn key(named: &Untrusted, target: &Target) -> Option<Result<Id<Arn>, String>> {
    let text = named.line().into_string();
    let resource = match named.parse::<Arn>() {
        Ok(arn) => match parts(&arn).filter(|parts| parts.service == "kms").map(|parts| parts.resource.to_owned()) {
            Some(resource) if resource.starts_with("key/") => return Some(Ok(arn)),
            Some(resource) => resource,
            None => text.clone(),
        },
        Err(_) => text.clone(),
    };
    let is_id = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if text.is_empty() || resource.starts_with("alias/aws/") {
        return None;
    }
    let whole = || {
        let (partition, region, account) = (target.partition.line(), target.region.line(), target.account.line());
        Id::<Arn>::new(&format!("arn:{partition}:kms:{region}:{account}:key/{text}")).ok()
    };
    Some(whole().filter(|_| is_id).ok_or(text))
}

/// The fact that names the keys, and what is said of them; nothing where there are none of a customer's.
pub(super) fn said(keys: &Keys, named: &[Untrusted], target: &Target) -> Option<(Fact, String)> {
    let found: BTreeSet<Result<String, String>> =
        named.iter().filter_map(|named| key(named, target)).map(|key| key.map(|arn| arn.as_str().to_owned())).collect();
    let texts: Vec<&str> = found.iter().map(|key| key.as_ref().unwrap_or_else(|name| name).as_str()).collect();
    let all = texts.join(BETWEEN);
    let mut words = format!(
        "It lies under the KMS key {}: whoever calls needs {} on it, and its own policy must allow that too.",
        clean(&all),
        keys.mutate.join(BETWEEN)
    );
    if found.iter().any(Result::is_err) {
        words.push_str(
            " Which key that name stands for is not read: a sealed session may use any key of the account for it.",
        );
    }
    (!texts.is_empty()).then(|| (Fact::new(FACT, all), words))
}

/// What a session that carries out the plan must be allowed on the keys that the plan names, by their service alone.
pub(super) fn grants(keys: &Keys, plan: &Plan) -> Vec<Grant> {
    let Some(named) = planned(plan, FACT) else { return Vec::new() };
    let (partition, region) = (plan.target.partition.line(), plan.target.region.line());
    let any = format!("arn:{partition}:kms:{region}:{}:key/*", plan.target.account.line());
    let line = named.line();
    let on: BTreeSet<String> = line
        .as_str()
        .split(BETWEEN)
        .map(|text| match key(&text.into(), &plan.target) {
            Some(Ok(arn)) => exact(arn.as_str()),
            _ => any.clone(),
        })
        .collect();
    let grant = |action: &&str| {
        let grant = Grant::new(*action, on.iter().cloned().collect());
        // What the key's services are called in China is documented in two ways.
        let grant = match via(keys, partition.as_str(), region.as_str()) {
            Some(service) => grant.when("kms:ViaService", service),
            None => grant,
        };
        if *action == GRANT { grant.when("kms:GrantIsForAWSResource", "true") } else { grant }
    };
    keys.mutate.iter().map(grant).collect()
}

fn via(keys: &Keys, partition: &str, region: &str) -> Option<String> {
    (partition != "aws-cn").then(|| format!("{}.{region}.amazonaws.com", keys.via))
}

/// Whether whoever would act may use the keys.
pub(super) async fn needs(reader: &Reader, keys: &Keys, named: &[Untrusted], target: &Target) -> Vec<Need> {
    let mut all = Vec::new();
    for named in named {
        match key(named, target) {
            None => {}
            Some(Ok(arn)) => {
                let via = via(keys, target.partition.line().as_str(), target.region.line().as_str());
                all.extend(preflight::on_key(reader, keys.mutate, &arn, via.as_deref()).await);
            }
            Some(Err(name)) => {
                let why = "which key that name stands for is not read";
                all.push(Need::new(format!("KMS key {}", clean(&name)), preflight::State::NotKnown, why));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests;
