//! Amazon S3 Control (API version 2018-08-20): the block of public access of a whole account.
//!
//! The account stands in a header, and before the host's name.

use super::super::SdkError;
use super::rest_xml::{Ask, exchange, silent};
use super::s3::{BLOCK, PublicAccessBlock, block, configuration};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Id;
use quell_core::text::id::AccountId;
use serde_json::{Value, json};

const NAMESPACE: &str = "http://awss3control.amazonaws.com/doc/2018-08-20/";

/// The client of S3 Control in one region.
pub struct Client(Thin);

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The account's block; S3 refuses it where none has been configured.
    pub async fn get_public_access_block(
        &self,
        account: &Id<AccountId>,
    ) -> Result<PublicAccessBlock, SdkError<ServiceError>> {
        let exchange = exchange("GetPublicAccessBlock", input(account), ask("GET", account, None), BLOCK, block);
        Ok(self.0.call_of(account.as_str(), exchange).await?.value)
    }

    /// Configures the account's block, all four switches.
    pub async fn put_public_access_block(
        &self,
        account: &Id<AccountId>,
        block: PublicAccessBlock,
    ) -> Result<Answered<()>, SdkError<ServiceError>> {
        let (body, switches) = configuration(block, NAMESPACE);
        let mut input = input(account);
        input[BLOCK] = switches;
        let exchange = silent("PutPublicAccessBlock", input, ask("PUT", account, Some(body)));
        self.0.call_of(account.as_str(), exchange).await
    }

    /// Takes the configuration of the account's block away.
    pub async fn delete_public_access_block(
        &self,
        account: &Id<AccountId>,
    ) -> Result<Answered<()>, SdkError<ServiceError>> {
        let exchange = silent("DeletePublicAccessBlock", input(account), ask("DELETE", account, None));
        self.0.call_of(account.as_str(), exchange).await
    }
}

fn input(account: &Id<AccountId>) -> Value {
    json!({ "AccountId": account.as_str() })
}

fn ask(method: &'static str, account: &Id<AccountId>, body: Option<String>) -> Ask {
    let at = "/v20180820/configuration/publicAccessBlock".to_owned();
    Ask { method, at, headers: vec![("x-amz-account-id", account.to_string())], body }
}
