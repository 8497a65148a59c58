//! What a run of a document needs before it is wanted: the document, the parameters that it asks for, the role that it
//! runs under, the bucket that it backs up to. Values that only an incident has are not looked at.

use super::super::fields::{id, map, words};
use super::super::preflight::{Need, State, role};
use super::super::request::{Request, Value};
use super::contain;
use super::document::{self, DESCRIBE};
use super::parameters::{Parameters, single};
use crate::aws::s3::Bucket;
use crate::aws::{Failure, Reader};
use crate::problem::clean;
use quell_core::incident::Target;
use quell_core::text::Untrusted;
use quell_core::text::id::BucketName;
use std::collections::BTreeMap;

pub(super) async fn needs(reader: &Reader, request: &Request) -> Vec<Need> {
    let mut all = vec![document(reader, request).await];
    if let Some(arn) = first(request, "AutomationAssumeRole") {
        all.push(role(reader, &arn).await);
    }
    if let Some(name) = first(request, BACKUP) {
        let own = reader.account().map(Untrusted::from).unwrap_or_default();
        all.push(bucket(reader, &name, &own).await);
    }
    all
}

/// The parameter of AWS's documents that contain, which names where they keep what was there before.
const BACKUP: &str = "BackupS3BucketName";

/// The first value of a parameter, where it has one.
fn first(request: &Request, parameter: &str) -> Option<Untrusted> {
    let given = map(request, "parameters").ok().flatten()?.get(parameter)?;
    Some(words(given)?.first()?.text.clone()).filter(|text| !text.is_empty())
}

/// Whether the bucket is there, and the account's own: AWS says the same of another's bucket and of a missing permission.
async fn bucket(reader: &Reader, name: &Untrusted, owner: &Untrusted) -> Need {
    let need = format!("bucket {}", name.line());
    let known = id::<BucketName>(BACKUP, name).and_then(|name| Ok(Bucket { name, owner: id("the account", owner)? }));
    let bucket = match known {
        Ok(bucket) => bucket,
        Err(problem) => return Need::new(need, State::Missing, problem.what),
    };
    let found = reader.s3().get_bucket_location(&bucket).await.map_err(|error| Failure::of(&error));
    match Need::read(need.clone(), found, "s3:GetBucketLocation", reader) {
        Ok(_) => Need::new(need, State::Ok, ""),
        Err(need) => need,
    }
}

/// What to say of a run that keeps what was there before in a bucket that is not there, or that can't be asked for.
pub(super) async fn backup(
    reader: &Reader,
    document: &str,
    parameters: &Parameters,
    target: &Target,
) -> Option<String> {
    if !contain::is(document) || contain::dry(document, parameters) {
        return None;
    }
    let name = single(parameters, BACKUP).filter(|name| !name.is_empty())?;
    let need = bucket(reader, &name.into(), &target.account).await;
    let ends = match contain::changes(document, parameters) {
        true => "the run ends there, and nothing is contained",
        false => "the run ends there, and nothing is put back",
    };
    match need.state {
        State::Ok => None,
        State::Missing => Some(format!("The {} of its backup is MISSING: {} Without it {ends}.", need.name, need.why)),
        _ => Some(format!(
            "Whether the {} of its backup is there is not known: {} Without it {ends}.",
            need.name, need.why
        )),
    }
}

async fn document(reader: &Reader, request: &Request) -> Need {
    let (name, version) = match document::named(request) {
        Ok(named) => named,
        Err(problem) => return Need::new("document", State::Missing, problem.what),
    };
    let need = format!("document {}", clean(&name));
    let found = document::ask(reader, &name, version.as_deref()).await;
    match Need::read(need.clone(), found, DESCRIBE, reader) {
        Err(need) if need.state == State::Missing && document::of_solution(&name) => {
            Need { state: State::ByHand, why: document::NOT_DEPLOYED.to_owned(), ..need }
        }
        Err(need) => need,
        Ok(document) => match given(request).map(|given| document.check(&given)) {
            Some(Ok(())) => Need::new(need, State::Ok, ""),
            Some(Err(problem)) => Need::new(need, State::Missing, problem.what),
            None => Need::new(need, State::Missing, "parameters is not a list of names with values"),
        },
    }
}

/// The parameters by name, with as many values as are given: what the values are is not known yet.
fn given(request: &Request) -> Option<Parameters> {
    let count = |value: &Value| words(value).map_or(0, |words| words.len());
    let empty = |value: &Value| vec![String::new(); count(value)];
    let named =
        |map: &BTreeMap<Box<str>, Value>| map.iter().map(|(name, value)| (str::to_owned(name), empty(value))).collect();
    Some(map(request, "parameters").ok()?.map(named).unwrap_or_default())
}
