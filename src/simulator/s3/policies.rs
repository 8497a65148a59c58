//! Buckets' policies, as texts that come back as they were put.

use crate::simulator::account::BucketState;
use crate::simulator::call::Call;
use crate::simulator::wire::{Failure, Reply};
use serde_json::Value;

/// The most bytes of a policy (Amazon S3 User Guide, "Bucket policies").
const LONGEST: usize = 20 * 1024;

/// The policy of a bucket that is public from the start.
pub(in crate::simulator) fn public(bucket: &str) -> String {
    format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"PublicRead\",\"Effect\":\"Allow\",\"Principal\":\"*\",\
         \"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::{bucket}/*\"}}]}}"
    )
}

pub(super) fn get(bucket: &BucketState) -> Result<Reply, Failure> {
    let missing = || Failure::new("NoSuchBucketPolicy", 404, "The bucket policy does not exist");
    bucket.policy.clone().map(Reply::Text).ok_or_else(missing)
}

fn malformed(message: &str) -> Failure {
    Failure::new("MalformedPolicy", 400, message)
}

pub(super) fn put(bucket: &mut BucketState, call: &Call) -> Result<(), Failure> {
    super::checksum(call)?;
    if call.body.len() > LONGEST {
        return Err(malformed("Policy exceeds the maximum allowed document size."));
    }
    let text = String::from_utf8(call.body.clone()).map_err(|_| malformed("Policies must be valid JSON"))?;
    let policy: Value = serde_json::from_str(&text)
        .map_err(|_| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(all)) if !all.is_empty() => all.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return Err(malformed("Missing required field Statement")),
    };
    for statement in &statements {
        for field in ["Effect", "Principal", "Action", "Resource"] {
            if statement.get(field).is_none() {
                return Err(malformed(&format!("Missing required field {field}")));
            }
        }
        if statement.get("Principal").is_some_and(names_nobody) {
            return Err(malformed("Invalid principal in policy"));
        }
        let of = format!("arn:aws:s3:::{}", call.argument);
        let fits = |one: &Value| one.as_str().is_some_and(|arn| arn == of || arn.starts_with(&format!("{of}/")));
        let resources = statement.get("Resource").unwrap_or(&Value::Null);
        let fit = resources.as_array().map_or_else(|| fits(resources), |all| all.iter().all(fits));
        if !fit {
            return Err(malformed("Policy has invalid resource"));
        }
    }
    let opens = statements.iter().any(is_public);
    if opens && bucket.block.is_some_and(|block| block.block_policy) {
        return Err(Failure::new("AccessDenied", 403, "Access Denied"));
    }
    (bucket.public, bucket.policy) = (opens, Some(text));
    Ok(())
}

pub(super) fn delete(bucket: &mut BucketState) {
    (bucket.public, bucket.policy) = (false, None);
}

/// Whether a statement lets everybody in; one with conditions is taken as not public.
fn is_public(statement: &Value) -> bool {
    let everybody = match statement.get("Principal") {
        Some(Value::String(one)) => one == "*",
        Some(other) => other.get("AWS").is_some_and(|aws| aws == "*"),
        None => false,
    };
    everybody && statement.get("Effect").is_some_and(|effect| effect == "Allow") && statement.get("Condition").is_none()
}

/// Whether it names somebody by the unique id that a policy shows of whoever was deleted.
pub(in crate::simulator) fn names_nobody(principal: &Value) -> bool {
    let is_id = |text: &str| ["AIDA", "AROA"].iter().any(|start| text.starts_with(start)) && !text.contains(':');
    match principal {
        Value::String(text) => is_id(text),
        Value::Array(all) => all.iter().any(names_nobody),
        Value::Object(sorts) => sorts.values().any(names_nobody),
        _ => false,
    }
}
