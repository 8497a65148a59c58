//! Amazon S3 Control (API version 2018-08-20): the block of public access of the whole account, which is one for all
//! Regions. A header names the account.

use super::call::Call;
use super::s3::{block, configuration, signed_body};
use super::wire::query::Element;
use super::wire::{Failure, Reply, Request};
use super::world::World;

/// Where its paths begin.
pub(super) const VERSION: &str = "/v20180820/";

/// The operation that a method and a path stand for.
pub(super) fn route(request: &Request) -> Option<&'static str> {
    if request.path.strip_prefix(VERSION)? != "configuration/publicAccessBlock" {
        return None;
    }
    match request.method.as_str() {
        "GET" => Some("GetPublicAccessBlock"),
        "PUT" => Some("PutPublicAccessBlock"),
        "DELETE" => Some("DeletePublicAccessBlock"),
        _ => None,
    }
}

/// The permission that an operation needs (Service Authorization Reference, "Actions for Amazon S3").
pub(super) fn permission(operation: &str) -> &'static str {
    match operation {
        "GetPublicAccessBlock" => "s3:GetAccountPublicAccessBlock",
        _ => "s3:PutAccountPublicAccessBlock",
    }
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    signed_body(call)?;
    match call.header("x-amz-account-id") {
        None | Some("") => {
            return Err(Failure::new("InvalidRequest", 400, "Missing required header: x-amz-account-id"));
        }
        Some(account) if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) => {
            return Err(Failure::new("InvalidRequest", 400, "The account id is not valid"));
        }
        Some(account) if account == world.scenario.account => {}
        Some(_) => return Err(Failure::new("AccessDenied", 403, "Access Denied")),
    }
    let root = match call.operation {
        "GetPublicAccessBlock" => block(world.account.block)?,
        "PutPublicAccessBlock" => {
            world.account.block = Some(configuration(call)?);
            Element::Nest("", Vec::new())
        }
        _ => {
            world.account.block = None;
            Element::Nest("", Vec::new())
        }
    };
    Ok(Reply::Xml(root))
}
