//! An automation's parameters: each value whole, exact and visible, held against what the document asks for.

use super::super::fields::{id, map, plain, refuse, shown, words};
use super::super::request::{Request, Word};
use crate::problem::{Problem, clean};
use aws_sdk_ssm::types::{DocumentParameter, DocumentParameterType};
use quell_core::finding::Compact;
use quell_core::text::id::{Arn, BucketName, InstanceId, UserName};
use quell_core::text::{Grammar, Untrusted};
use std::collections::BTreeMap;

/// Parameters by name, as StartAutomationExecution takes them.
pub(super) type Parameters = BTreeMap<String, Vec<String>>;

/// The longest value, in characters, and the most values of one parameter that the service's model admits.
const LONGEST: usize = 512;
const MOST: usize = 50;

/// A bucket, as CloudFormation names it.
const BUCKET: &str = "AWS::S3::Bucket";

/// The name of a user, a role or an Identity Center user, by the pattern of AWSSupport-ContainIAMPrincipal.
#[derive(Debug)]
enum Principal {}

impl Grammar for Principal {
    const NAME: &'static str = "a principal's name";
    fn fits(text: &str) -> bool {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_\\!*'()/+=,@".contains(c))
    }
}

/// The parameters that the block gives, each by the grammar of what it names.
pub(super) fn given(request: &Request) -> Result<Parameters, Problem> {
    let Some(map) = map(request, "parameters")? else { return Ok(Parameters::new()) };
    map.iter()
        .map(|(name, value)| {
            let name = plain("a parameter's name", &(&**name).into(), LONGEST)?;
            let words = words(value).ok_or_else(|| refuse(format!("{name} is not a text or a list of texts")))?;
            if words.len() > MOST {
                return Err(refuse(format!("{name} has more than {MOST} values")));
            }
            for word in words.iter().filter(|_| matches!(name.as_str(), "BucketName" | "S3BucketName")) {
                bucket(&name, word, request.finding.as_ref())?;
            }
            let values = words.into_iter().map(|word| one(&name, word)).collect::<Result<Vec<_>, _>>()?;
            Ok((name, values))
        })
        .collect()
}

fn one(name: &str, word: &Word) -> Result<String, Problem> {
    let text = plain(name, &word.text, LONGEST)?;
    if text.is_empty() {
        return Err(refuse(format!("{name} is empty")).next("leave the parameter out, or give its value"));
    }
    // Systems Manager fills double braces itself, with stored parameters and variables of the run.
    if text.contains("{{") {
        return Err(refuse(format!("{name} holds double braces: {}", shown(&word.text)))
            .meaning("Systems Manager would put another value in their place; nothing was sent"));
    }
    match name {
        "InstanceId" | "UnreachableInstanceId" | "EKSInstanceId" => drop(id::<InstanceId>(name, &word.text)?),
        "BucketName" | "S3BucketName" | "BackupS3BucketName" => drop(id::<BucketName>(name, &word.text)?),
        "IAMUserName" => drop(id::<UserName>(name, &word.text)?),
        "PrincipalName" => drop(id::<Principal>(name, &word.text)?),
        "AutomationAssumeRole" => drop(id::<Arn>(name, &word.text)?),
        _ => {}
    }
    Ok(text)
}

/// Refuses a bucket that a template took from a finding about something else. The name of an object or of an account
/// is well-formed as a bucket's too, and there may be a bucket of that name.
fn bucket(name: &str, word: &Word, finding: Option<&Compact>) -> Result<(), Problem> {
    let Some(resource) = finding.map(|finding| &finding.resource).filter(|_| word.filled) else { return Ok(()) };
    let taken = [&resource.name, &resource.id].into_iter().flatten().any(|text| *text == word.text);
    if !taken || resource.kind.as_ref().is_some_and(|kind| *kind == Untrusted::from(BUCKET)) {
        return Ok(());
    }
    let kind = resource.kind.as_ref().map_or("of no known kind".to_owned(), shown);
    Err(refuse(format!("{name} is the finding's resource {}, which is {kind} and no bucket", shown(&word.text)))
        .meaning("the action would be about whatever bucket has that name; it was not planned, nothing was sent")
        .next("do the step by hand on the right bucket, or let the runbook ask for it: {{ var.bucket }}"))
}

/// Holds what is given against what the document declares: nothing unknown, nothing missing, one value where one
/// is asked for.
pub(super) fn fit(given: &Parameters, declared: &[DocumentParameter], document: &str) -> Result<(), Problem> {
    let find = |name: &str| declared.iter().find(|d| d.name() == Some(name));
    if let Some(name) = given.keys().find(|name| find(name).is_none()) {
        let mut names: Vec<String> = declared.iter().filter_map(|d| d.name()).map(|n| clean(n).into_string()).collect();
        names.sort_unstable();
        return Err(refuse(format!("{document} has no parameter {}", clean(name)))
            .next(format!("its parameters are {}", names.join(", "))));
    }
    for parameter in declared {
        let Some(name) = parameter.name() else { continue };
        match given.get(name) {
            None if parameter.default_value().is_none() => {
                return Err(refuse(format!("{document} needs the parameter {}", clean(name))));
            }
            Some(values) if parameter.r#type() == Some(&DocumentParameterType::String) && values.len() != 1 => {
                let (name, count) = (clean(name), values.len());
                return Err(refuse(format!("{name} takes one value, {count} are given")));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The value of a parameter that has exactly one.
pub(super) fn single<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    match parameters.get(name).map(Vec::as_slice) {
        Some([one]) => Some(one),
        _ => None,
    }
}
