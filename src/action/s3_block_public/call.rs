//! The one call of a plan: the four switches put, or their configuration deleted.

use super::super::calls;
use super::state::State;
use crate::aws::Writer;
use crate::aws::s3::Bucket;
use quell_core::incident::{Outcome, Plan, PlannedRequest};
use quell_core::text::{Id, Untrusted};
use serde_json::json;

const PUT: &str = "PutPublicAccessBlock";
const DELETE: &str = "DeletePublicAccessBlock";

/// Brings the bucket's block into a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub bucket: Bucket,
    pub wanted: State,
}

impl Call {
    pub(super) fn request(&self) -> PlannedRequest {
        let (name, owner) = (self.bucket.name.as_str(), self.bucket.owner.as_str());
        let (operation, input) = match self.wanted.input() {
            Some(block) => {
                (PUT, json!({ "Bucket": name, "ExpectedBucketOwner": owner, "PublicAccessBlockConfiguration": block }))
            }
            None => (DELETE, json!({ "Bucket": name, "ExpectedBucketOwner": owner })),
        };
        PlannedRequest { service: "s3".to_owned(), operation: operation.to_owned(), input }
    }

    /// The plan's call; none where it can't be read.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let text = |name: &str| request.input.get(name)?.as_str();
        let wanted = match request.input.get("PublicAccessBlockConfiguration") {
            Some(block) => State::of_input(block)?,
            None => State(None),
        };
        let bucket =
            Bucket { name: Id::new(text("Bucket")?).ok()?, owner: Id::new(text("ExpectedBucketOwner")?).ok()? };
        let call = Self { bucket, wanted };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }

    /// Sends it, once; the request ids, or how it ended otherwise.
    pub(super) async fn send(&self, writer: &Writer) -> Result<Vec<Untrusted>, Outcome> {
        let (s3, bucket) = (writer.s3(), &self.bucket);
        let sent = match self.wanted.0 {
            Some(block) => s3.put_public_access_block(bucket, block).await,
            None => s3.delete_public_access_block(bucket).await,
        };
        let operation = if self.wanted.0.is_some() { "s3:PutPublicAccessBlock" } else { "s3:DeletePublicAccessBlock" };
        match sent {
            Ok(answer) => Ok(calls::request_ids(&answer)),
            Err(error) => Err(writer.outcome(operation, &error)),
        }
    }
}
