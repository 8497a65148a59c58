//! Amazon S3 (API version 2006-03-01): a bucket's block of public access, its policy, and what else is needed to plan.
//!
//! The bucket's name stands in the path, so that the host is S3's own and the pin can hold it; and every call says which
//! account the bucket must belong to, since a bucket's name alone does not say whose it is.

use super::super::SdkError;
use super::rest_xml::{Ask, exchange, plain, silent};
use super::xml::{Node, Odd};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Id;
use quell_core::text::Untrusted;
use quell_core::text::id::{AccountId, BucketName};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// The one document that is put.
pub(super) const BLOCK: &str = "PublicAccessBlockConfiguration";
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The client of S3 in one region.
pub struct Client(Thin);

/// A bucket, and the account that it must belong to: S3 refuses a call when it belongs to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub name: Id<BucketName>,
    pub owner: Id<AccountId>,
}

/// The four switches of a block of public access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicAccessBlock {
    /// Refuses new public access lists.
    pub block_public_acls: bool,
    /// Ignores the public access lists that there are.
    pub ignore_public_acls: bool,
    /// Refuses new public policies.
    pub block_public_policy: bool,
    /// Lets only the account itself and AWS's services in by a public policy.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// The switches by the names that S3 gives them, in its order.
    pub fn named(self) -> [(&'static str, bool); 4] {
        [
            ("BlockPublicAcls", self.block_public_acls),
            ("IgnorePublicAcls", self.ignore_public_acls),
            ("BlockPublicPolicy", self.block_public_policy),
            ("RestrictPublicBuckets", self.restrict_public_buckets),
        ]
    }
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The region that the bucket is in.
    pub async fn get_bucket_location(&self, bucket: &Bucket) -> Result<Untrusted, SdkError<ServiceError>> {
        let ask = ask("GET", bucket, "location", None);
        Ok(self.0.call(exchange("GetBucketLocation", input(bucket), ask, "LocationConstraint", location)).await?.value)
    }

    /// Whether the bucket's policy lets the public in; S3 refuses it where there is no policy.
    pub async fn get_bucket_policy_status(&self, bucket: &Bucket) -> Result<bool, SdkError<ServiceError>> {
        let ask = ask("GET", bucket, "policyStatus", None);
        let public = |root: &Node| switch(root, "IsPublic");
        Ok(self.0.call(exchange("GetBucketPolicyStatus", input(bucket), ask, "PolicyStatus", public)).await?.value)
    }

    /// The bucket's policy, as it was put; S3 refuses it where there is none.
    pub async fn get_bucket_policy(&self, bucket: &Bucket) -> Result<String, SdkError<ServiceError>> {
        let ask = ask("GET", bucket, "policy", None);
        Ok(self.0.call(plain("GetBucketPolicy", input(bucket), ask)).await?.value)
    }

    /// Puts a policy in place of the bucket's own. That it may shut its sender out is never confirmed: then S3 refuses it.
    pub async fn put_bucket_policy(
        &self,
        bucket: &Bucket,
        policy: &str,
    ) -> Result<Answered<()>, SdkError<ServiceError>> {
        let mut input = input(bucket);
        input["Policy"] = policy.into();
        self.0.call(silent("PutBucketPolicy", input, ask("PUT", bucket, "policy", Some(policy.to_owned())))).await
    }

    /// Deletes the bucket's policy.
    pub async fn delete_bucket_policy(&self, bucket: &Bucket) -> Result<Answered<()>, SdkError<ServiceError>> {
        self.0.call(silent("DeleteBucketPolicy", input(bucket), ask("DELETE", bucket, "policy", None))).await
    }

    /// The bucket's own block; S3 refuses it where none has been configured.
    pub async fn get_public_access_block(&self, bucket: &Bucket) -> Result<PublicAccessBlock, SdkError<ServiceError>> {
        let ask = ask("GET", bucket, "publicAccessBlock", None);
        let exchange = exchange("GetPublicAccessBlock", input(bucket), ask, BLOCK, block);
        Ok(self.0.call(exchange).await?.value)
    }

    /// Configures the bucket's own block, all four switches.
    pub async fn put_public_access_block(
        &self,
        bucket: &Bucket,
        block: PublicAccessBlock,
    ) -> Result<Answered<()>, SdkError<ServiceError>> {
        let (body, switches) = configuration(block, NAMESPACE);
        let mut input = input(bucket);
        input[BLOCK] = switches;
        let ask = ask("PUT", bucket, "publicAccessBlock", Some(body));
        self.0.call(silent("PutPublicAccessBlock", input, ask)).await
    }

    /// Takes the configuration of the bucket's own block away.
    pub async fn delete_public_access_block(&self, bucket: &Bucket) -> Result<Answered<()>, SdkError<ServiceError>> {
        let ask = ask("DELETE", bucket, "publicAccessBlock", None);
        self.0.call(silent("DeletePublicAccessBlock", input(bucket), ask)).await
    }
}

/// A block as a body has it, and as an input.
pub(super) fn configuration(block: PublicAccessBlock, namespace: &str) -> (String, Value) {
    let switches: String = block.named().map(|(name, on)| format!("<{name}>{on}</{name}>")).concat();
    let input = block.named().map(|(name, on)| (name.to_owned(), Value::from(on))).into_iter().collect();
    (format!("<{BLOCK} xmlns=\"{namespace}\">{switches}</{BLOCK}>"), input)
}

/// The input of a call that names the bucket and its owner.
fn input(bucket: &Bucket) -> Value {
    json!({ "Bucket": bucket.name.as_str(), "ExpectedBucketOwner": bucket.owner.as_str() })
}

fn ask(method: &'static str, bucket: &Bucket, resource: &str, body: Option<String>) -> Ask {
    let headers = vec![("x-amz-expected-bucket-owner", bucket.owner.to_string())];
    Ask { method, at: format!("/{}?{resource}", bucket.name), headers, body }
}

/// Nothing stands for the oldest region, and `EU` for the second oldest.
fn location(root: &Node) -> Result<Untrusted, Odd> {
    Ok(match root.value()? {
        "" => "us-east-1".into(),
        "EU" => "eu-west-1".into(),
        region => region.into(),
    })
}

pub(super) fn block(root: &Node) -> Result<PublicAccessBlock, Odd> {
    Ok(PublicAccessBlock {
        block_public_acls: switch(root, "BlockPublicAcls")?,
        ignore_public_acls: switch(root, "IgnorePublicAcls")?,
        block_public_policy: switch(root, "BlockPublicPolicy")?,
        restrict_public_buckets: switch(root, "RestrictPublicBuckets")?,
    })
}

/// S3 writes a boolean small, and its reference shows it large; one that is not there is false.
fn switch(node: &Node, name: &str) -> Result<bool, Odd> {
    match node.text(name)? {
        Some("TRUE") => Ok(true),
        Some("FALSE") => Ok(false),
        _ => node.flag(name),
    }
}
