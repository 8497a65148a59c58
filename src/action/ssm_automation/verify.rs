//! What can be read back after a run: little, and it says so.

use super::super::calls::unverified;
use super::Start;
use super::contain;
use super::parameters::single;
use crate::aws::Reader;
use crate::problem::clean;
use quell_core::incident::{Fact, Verified};

/// Reads back what it can; an automation's own success is no proof.
pub(super) async fn verify(reader: &Reader, start: &Start) -> Verified {
    let document = start.short();
    if contain::dry(document, &start.parameters) {
        return unverified("a dry run changes nothing, so there is nothing to read back");
    }
    let contains = single(&start.parameters, "Action") == Some("Contain");
    match document {
        contain::EC2 | contain::S3 | contain::IAM if !contains => unverified(
            "the automation says that it put back what was there before: what was contained is open again. quell did \
             not read it",
        ),
        contain::EC2 => unverified(
            "the automation says that it succeeded; quell can't read the instance's network. Look at its security \
             groups, and at flow logs for connections that stayed alive",
        ),
        contain::S3 => unverified(
            "the automation says that it succeeded; quell can't read the bucket. Look at its policy and its block of \
             public access, and at server access logs",
        ),
        contain::IAM if contains && single(&start.parameters, "PrincipalType") == Some("IAM user") => {
            user(reader, single(&start.parameters, "PrincipalName").unwrap_or_default()).await
        }
        _ => unverified(format!("the automation says that it succeeded; quell does not know what {document} changes")),
    }
}

/// A contained user has no active key. The deny policy and the password are not read, so this alone can only
/// disprove.
async fn user(reader: &Reader, user: &str) -> Verified {
    let answer = match reader.iam().list_access_keys().user_name(user).send().await {
        Ok(answer) => answer,
        Err(error) => return unverified(reader.problem("iam:ListAccessKeys", &error).headline()),
    };
    let keys = answer.access_key_metadata();
    let mut facts: Vec<Fact> = keys
        .iter()
        .map(|key| {
            let name = format!("key {}", clean(key.access_key_id().unwrap_or_default()));
            Fact::new(name, key.status().map_or("unknown", |status| status.as_str()))
        })
        .collect();
    let active = keys.iter().any(|key| key.status().is_none_or(|status| status.as_str() == "Active"));
    if active {
        return Verified { holds: Some(false), facts };
    }
    let text = "no access key is active; the deny policy and the console password were not read back";
    facts.push(Fact::new("not verified", text));
    Verified { holds: None, facts }
}
