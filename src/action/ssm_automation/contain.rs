//! The three containment documents of AWS Support: what they really do and do not, the backup that Restore needs.
//!
//! Out of their pages in the reference of automation runbooks: `DryRun` defaults to true, which changes nothing;
//! Restore takes the bucket and key that the Contain run wrote.

use super::super::fields::refuse;
use super::super::request::{Value, Word};
use super::parameters::{Parameters, single};
use crate::problem::Problem;
use quell_core::text::id::{BucketName, Id};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const EC2: &str = "AWSSupport-ContainEC2Instance";
pub(super) const IAM: &str = "AWSSupport-ContainIAMPrincipal";
pub(super) const S3: &str = "AWSSupport-ContainS3Resource";

/// The parameter and output that names the bucket of the backup.
pub(super) const BUCKET: &str = "BackupS3BucketName";

/// What the document calls a user of Identity Center.
const IDENTITY_CENTER: &str = "Identity Center user";

/// Whether it is one of the three.
pub(super) fn is(document: &str) -> bool {
    [EC2, IAM, S3].contains(&document)
}

/// What a document touches beside what it writes, by the kinds whose that is; none where it may touch anything.
pub(super) fn disturbs(document: &str) -> Option<&'static [&'static str]> {
    match document {
        // It takes the instance into standby, and may restart it for an image.
        EC2 => Some(&["asg-standby", "ec2-stop"]),
        S3 => Some(&[]),
        IAM => Some(&["iam-console-access"]),
        _ => None,
    }
}

/// Whether the run changes nothing.
pub(super) fn dry(document: &str, parameters: &Parameters) -> bool {
    is(document) && single(parameters, "DryRun") == Some("true")
}

/// Whether the run shuts something out, and backs up before what stood there.
pub(super) fn changes(document: &str, parameters: &Parameters) -> bool {
    is(document) && !dry(document, parameters) && single(parameters, "Action") == Some("Contain")
}

/// Who may go on with a bucket that is contained: that document asks for it.
const KEEPS: &str = "BucketRestrictAccess";

/// Refuses a run that does not say whether it is dry, and which way it goes.
pub(super) fn explicit(document: &str, parameters: &Parameters) -> Result<(), Problem> {
    if !is(document) {
        return Ok(());
    }
    match single(parameters, "DryRun") {
        Some("true" | "false") => {}
        None => {
            return Err(refuse(format!("{document} without DryRun contains nothing"))
                .meaning("its default is true: the run would end well and change nothing")
                .next("give DryRun: [\"false\"], or [\"true\"] to see what it would do"));
        }
        Some(_) => return Err(refuse(format!("{document}: DryRun is true or false, in small letters"))),
    }
    match single(parameters, "PrincipalType") {
        Some("IAM user" | "IAM role" | IDENTITY_CENTER) | None => {}
        Some(_) if document != IAM => {}
        Some(other) => {
            let problem = refuse(format!("{document}: PrincipalType is not {}", crate::problem::clean(other)));
            let kinds = format!("it is IAM user, IAM role or {IDENTITY_CENTER}, in these very words");
            return Err(problem.meaning(kinds).next("set it anew by :variable, or in the runbook"));
        }
    }
    match single(parameters, "Action") {
        Some("Contain") => match single(parameters, "PrincipalName") {
            Some(name) if document == IAM && name.starts_with("AWSReservedSSO_") => {
                Err(refuse(format!("{name} belongs to Identity Center and can't be edited in IAM"))
                    .next("contain the Identity Center user, or remove the assignment of the permission set"))
            }
            _ if document == S3 && parameters.get(KEEPS).is_none_or(|kept| kept.iter().all(String::is_empty)) => {
                Err(refuse(format!("{document}: Contain needs {KEEPS}"))
                    .meaning("whoever it names keeps the bucket, everybody else loses it; the run fails without it")
                    .next("name yourself and the role that the automation runs under, which must be able to restore"))
            }
            _ => Ok(()),
        },
        Some("Restore") if single(parameters, "BackupS3KeyName").is_none_or(str::is_empty) => {
            Err(refuse(format!("{document}: Restore needs BackupS3BucketName and BackupS3KeyName"))
                .next("they stand in the facts of the Contain run"))
        }
        Some("Restore") => Ok(()),
        _ => Err(refuse(format!("{document}: Action is Contain or Restore"))),
    }
}

/// What must be read before approving: what the document does not stop.
pub(super) fn warnings(document: &str, parameters: &Parameters) -> Vec<&'static str> {
    if dry(document, parameters) {
        return vec!["DryRun is true: this run contains nothing, it only says what it would do."];
    }
    if !is(document) {
        return Vec::new();
    }
    let mut all = of_turn(document, parameters);
    all.extend((document == S3 && objects(parameters)).then_some(OBJECTS));
    all
}

/// What is said of a run about objects, whichever way it goes.
const OBJECTS: &str = "It is about objects, which quell reads neither before nor after: what it changes on them (their \
     lists, tags and locks) and whether that holds is NOT VERIFIED. Afterwards the bucket's own block and policy are shown.";

/// Whether a run is about objects and not about their bucket.
pub(super) fn objects(parameters: &Parameters) -> bool {
    single(parameters, "ResourceType").is_some_and(|kind| kind.contains("OBJECT"))
        || single(parameters, "BucketKeyName").is_some_and(|name| !name.is_empty())
}

/// What is said of a run that brings back what stood.
const RESTORES: &str = "Restore brings back what stood before, and with it anything that the attacker had changed.";

fn of_turn(document: &str, parameters: &Parameters) -> Vec<&'static str> {
    let contains = single(parameters, "Action") == Some("Contain");
    match (document, contains) {
        (EC2, true) => vec![
            "Connections that AWS always tracks (through NAT gateways, Network Load Balancers, PrivateLink, and more) stay \
             alive until they end.",
            "DNS through the VPC resolver and the metadata service stay open: the host can still tunnel over DNS and \
             take new role credentials.",
            "For a moment all ports are open, while an all-traffic group unties tracked flows.",
            "An Auto Scaling group may replace the instance; the document puts it in standby, look whether it did.",
            "Memory capture over Systems Manager needs the network: do it before, or not at all.",
        ],
        (IAM, true) => principal(single(parameters, "PrincipalType")),
        (S3, true) => vec![
            "Look for presigned URLs and cross-account grants: they outlive a block of public access.",
            "Everyone but the principals in BucketRestrictAccess loses the bucket, workloads too.",
        ],
        (IAM, false) => vec![
            RESTORES,
            "Access keys that the containment deactivated STAY INACTIVE, and a console password that it deleted does not \
             come back: iam-access-key with status Active switches a key on again.",
        ],
        (_, false) => vec![RESTORES],
        _ => vec![],
    }
}

/// What containing one of them does not stop.
fn principal(kind: Option<&str>) -> Vec<&'static str> {
    let user = "Sessions are denied only if they are older than the policy: roles that the user has taken on live on, and \
                keys or a password that are made anew work.";
    let role = "Sessions are denied only if they are older than the policy: whoever may take the role on gets a new one, and \
                so does who is on a host or in a function that has it.";
    match kind {
        Some("IAM user") => vec![user],
        Some("IAM role") => vec![role, "Every workload on the role is cut until it takes new credentials."],
        Some(IDENTITY_CENTER) => vec![
            "Sessions that the person has in accounts live on until they end: end them in Identity Center.",
            "quell does not read users of Identity Center, before or after: look at assignments and groups yourself.",
        ],
        _ => vec![user, role],
    }
}

/// What is lost for good, where it hangs on the parameters: a password can't be read, so no backup holds it.
pub(super) fn destroys(document: &str, parameters: &Parameters) -> Option<&'static str> {
    let contains = single(parameters, "Action") == Some("Contain") && !dry(document, parameters);
    // What is no other kind for certain may be a user.
    let user = document == IAM && !matches!(single(parameters, "PrincipalType"), Some("IAM role" | IDENTITY_CENTER));
    (contains && user).then_some("the user's console password, if it has one: Restore can't bring it back")
}

/// How the run is undone.
pub(super) fn undo_words(document: &str, parameters: &Parameters) -> Option<&'static str> {
    match (single(parameters, "Action"), dry(document, parameters)) {
        (_, true) => Some("Nothing to undo: a dry run changes nothing."),
        (Some("Restore"), _) => Some("Contain again."),
        (Some("Contain"), _) if document == IAM && single(parameters, "PrincipalType") == Some("IAM role") => {
            Some("The same document with Action Restore and this run's backup.")
        }
        (Some("Contain"), _) if document == IAM => {
            Some("The same document with Action Restore and this run's backup; access keys stay deactivated.")
        }
        _ => None,
    }
}

/// What may stand of a Contain run that ended half-way.
pub(super) fn half(document: &str) -> &'static str {
    match document {
        EC2 => {
            "the instance may be as it was, open to everyone on every port by the document's all-access group, or cut off; \
             look at the security groups of its interfaces now"
        }
        IAM => "each access key, the console password and the deny policy may be as they were, or changed",
        _ => "the bucket's policy and its block of public access may be as they were, or changed",
    }
}

/// Where a Contain run wrote what stood before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Backup {
    pub bucket: String,
    pub key: String,
}

/// Finds the backup in what a run put out. Only a key of the documented form that ends in this very execution's id
/// is one, so that no other text can pass for it: `year/month/day/hour/minute/execution.json`.
pub(super) fn backup(execution: &str, parameters: &Parameters, outputs: &[String]) -> Option<Backup> {
    let ending = format!("{execution}.json");
    let key = outputs.iter().find_map(|text| words(text).find_map(|word| key_in(word, &ending)))?;
    let bucket = outputs
        .iter()
        .find_map(|text| bucket_in(text, &key))
        .or_else(|| single(parameters, BUCKET).map(str::to_owned))
        .filter(|bucket| Id::<BucketName>::new(bucket).is_ok())?;
    Some(Backup { bucket, key })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '(' | ')' | '[' | ']' | '{' | '}'))
}

fn key_in(word: &str, ending: &str) -> Option<String> {
    let head = word.trim_end_matches('.').strip_suffix(ending)?.strip_suffix('/')?;
    let mut parts: Vec<&str> = head.rsplitn(6, '/').collect();
    parts.truncate(5);
    let lengths = [2, 2, 2, 2, 4];
    let fits = parts.len() == 5
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, most)| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    parts.reverse();
    fits.then(|| format!("{}/{ending}", parts.join("/")))
}

/// The bucket, out of `BackupS3BucketName` with a value, of `s3://bucket/key`, or of a line that names the bucket after
/// a colon.
fn bucket_in(text: &str, key: &str) -> Option<String> {
    if let Some((_, after)) = text.split_once(BUCKET) {
        let after = after.trim_start_matches(['"', '\'', '`', ':', '=', ' ', '[']);
        return words(after).next().map(str::to_owned);
    }
    if let Some(before) = text.find(key).and_then(|at| text.get(..at)) {
        let bucket = before.rsplit_once("s3://").and_then(|(_, rest)| rest.strip_suffix('/'));
        if let Some(bucket) = bucket {
            return Some(bucket.to_owned());
        }
    }
    text.lines()
        .filter(|line| line.to_ascii_lowercase().contains("bucket"))
        .filter_map(|line| line.rsplit_once(": "))
        .map(|(_, name)| name.trim().trim_matches(['"', ',', '`']))
        .find(|name| Id::<BucketName>::new(name).is_ok())
        .map(str::to_owned)
}

/// The parameters that Restore takes over from Contain: who is meant, and as whom the automation acts.
const KEPT: [&str; 6] =
    ["InstanceId", "PrincipalType", "PrincipalName", "BucketName", "BucketKeyName", "AutomationAssumeRole"];

/// The parameters of the Restore run.
pub(super) fn restore(contained: &Parameters, backup: &Backup) -> Value {
    let mut all: BTreeMap<Box<str>, Value> = BTreeMap::new();
    let mut put = |name: &str, values: &[String]| {
        let words = values.iter().map(|v| Word::own(v.as_str())).collect();
        all.insert(name.into(), Value::List(words));
    };
    for name in KEPT {
        if let Some(values) = contained.get(name) {
            put(name, values);
        }
    }
    put("Action", &["Restore".to_owned()]);
    put("DryRun", &["false".to_owned()]);
    put("BackupS3BucketName", std::slice::from_ref(&backup.bucket));
    put("BackupS3KeyName", std::slice::from_ref(&backup.key));
    Value::Map(all)
}

impl Backup {
    /// As the outcome keeps it.
    pub(super) fn data(&self) -> serde_json::Value {
        json!({ "BackupS3BucketName": self.bucket, "BackupS3KeyName": self.key })
    }

    /// Back from the outcome.
    pub(super) fn read(data: &serde_json::Value) -> Option<Self> {
        let text = |name: &str| Some(data.get(name)?.as_str()?.to_owned());
        Some(Self { bucket: text("BackupS3BucketName")?, key: text("BackupS3KeyName")? })
    }
}

#[cfg(test)]
mod tests;
