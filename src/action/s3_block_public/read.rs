//! What there is: where the bucket is, how its block stands, whether its policy is public.

use super::super::fields::refuse;
use super::state::State;
use crate::aws::s3::Bucket;
use crate::aws::{ErrorClass, Failure, Reader, SdkError, ServiceError};
use crate::problem::{Problem, clean};
use quell_core::text::Untrusted;

/// What the bucket's policy lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    None,
    Public,
    NotPublic,
    /// Why it could not be read.
    NotKnown(String),
}

impl Policy {
    pub(super) fn words(&self) -> String {
        match self {
            Policy::None => "there is none".to_owned(),
            Policy::Public => "public".to_owned(),
            Policy::NotPublic => "not public".to_owned(),
            Policy::NotKnown(why) => format!("not known ({why})"),
        }
    }
}

/// Refuses a bucket that is not in the region that the plan is for.
pub(in crate::action) async fn region(reader: &Reader, bucket: &Bucket) -> Result<(), Problem> {
    let found = reader.s3().get_bucket_location(bucket).await;
    let found = found.map_err(|error| problem(&error, reader, bucket, "s3:GetBucketLocation"))?;
    match found == Untrusted::from(reader.region()) {
        true => Ok(()),
        false => Err(elsewhere(reader, bucket, &format!("in {}", found.line()))),
    }
}

/// How the bucket's own block stands.
pub(in crate::action) async fn block(reader: &Reader, bucket: &Bucket) -> Result<State, Problem> {
    match reader.s3().get_public_access_block(bucket).await {
        Ok(block) => Ok(State(Some(block))),
        Err(error) if is(&error, "NoSuchPublicAccessBlockConfiguration") => Ok(State(None)),
        Err(error) => Err(problem(&error, reader, bucket, "s3:GetPublicAccessBlock")),
    }
}

/// What the bucket's policy lets in; a plan can do without.
pub(super) async fn policy(reader: &Reader, bucket: &Bucket) -> Policy {
    match reader.s3().get_bucket_policy_status(bucket).await {
        Ok(true) => Policy::Public,
        Ok(false) => Policy::NotPublic,
        Err(error) if is(&error, "NoSuchBucketPolicy") => Policy::None,
        Err(error) => Policy::NotKnown(problem(&error, reader, bucket, "s3:GetBucketPolicyStatus").what),
    }
}

pub(in crate::action) fn is(error: &SdkError<ServiceError>, code: &str) -> bool {
    let failure = Failure::of(error);
    failure.status == Some(404) && failure.code == Untrusted::from(code)
}

pub(in crate::action) fn problem(
    error: &SdkError<ServiceError>,
    reader: &Reader,
    bucket: &Bucket,
    operation: &str,
) -> Problem {
    let failure = Failure::of(error);
    let redirected = ["PermanentRedirect", "AuthorizationHeaderMalformed"].map(Untrusted::from);
    if redirected.contains(&failure.code) {
        return elsewhere(reader, bucket, "in another Region");
    }
    let problem = reader.problem(operation, error);
    match failure.class {
        ErrorClass::Denied => problem.next(format!(
            "look whether {} belongs to the account {}: S3 says the same of a bucket of another account and of a missing \
             permission",
            bucket.name, bucket.owner
        )),
        _ => problem,
    }
}

fn elsewhere(reader: &Reader, bucket: &Bucket, place: &str) -> Problem {
    refuse(format!("the bucket {} is {place}, the finding in {}", bucket.name, clean(reader.region())))
        .next("act on a finding of the bucket's own Region, or by hand with the step's commands")
}
