//! Amazon S3 (API version 2006-03-01): buckets' blocks of public access, their policies and whether those are public, and
//! where they are. Buckets stand in the path.

pub(super) mod policies;
#[cfg(test)]
mod tests;

use super::account::{BucketState, PublicBlock};
use super::call::Call;
use super::wire::query::Element;
use super::wire::{Failure, Reply, Request};
use super::world::World;
use quick_xml::Reader;
use quick_xml::events::Event;
use sha2::{Digest, Sha256};

/// The one document that comes.
const ROOT: &str = "PublicAccessBlockConfiguration";

/// The operation that a method, a path and a query stand for, and the bucket.
pub(super) fn route(request: &Request) -> Option<(&'static str, &str)> {
    let bucket = request.path.strip_prefix('/')?.trim_end_matches('/');
    if bucket.is_empty() || bucket.contains('/') {
        return None;
    }
    let resource = request.query.first().map(|(name, _)| name.as_str());
    let operation = match (request.method.as_str(), resource?) {
        ("GET", "location") => "GetBucketLocation",
        ("GET", "policyStatus") => "GetBucketPolicyStatus",
        ("GET", "policy") => "GetBucketPolicy",
        ("PUT", "policy") => "PutBucketPolicy",
        ("DELETE", "policy") => "DeleteBucketPolicy",
        ("GET", "publicAccessBlock") => "GetPublicAccessBlock",
        ("PUT", "publicAccessBlock") => "PutPublicAccessBlock",
        ("DELETE", "publicAccessBlock") => "DeletePublicAccessBlock",
        _ => return None,
    };
    Some((operation, bucket))
}

/// The permission that an operation needs (Service Authorization Reference, "Actions for Amazon S3").
pub(super) fn permission(operation: &str) -> &'static str {
    match operation {
        "GetBucketLocation" => "s3:GetBucketLocation",
        "GetBucketPolicyStatus" => "s3:GetBucketPolicyStatus",
        "GetBucketPolicy" => "s3:GetBucketPolicy",
        "PutBucketPolicy" => "s3:PutBucketPolicy",
        "DeleteBucketPolicy" => "s3:DeleteBucketPolicy",
        "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        _ => "s3:PutBucketPublicAccessBlock",
    }
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    signed_body(call)?;
    let (account, region) = (world.scenario.account.clone(), world.scenario.region.clone());
    let missing = || Failure::new("NoSuchBucket", 404, "The specified bucket does not exist");
    let bucket = world.account.buckets.get_mut(&call.argument).ok_or_else(missing)?;
    owned(call, &account)?;
    if call.operation != "GetBucketLocation" && call.region != region {
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please \
                       send all future requests to this endpoint.";
        return Err(Failure::new("PermanentRedirect", 301, message));
    }
    let root = match call.operation {
        "GetBucketLocation" => location(&region),
        "GetBucketPolicyStatus" => policy_status(bucket)?,
        "GetBucketPolicy" => return policies::get(bucket),
        "PutBucketPolicy" => {
            policies::put(bucket, call)?;
            return Ok(Reply::Nothing);
        }
        "DeleteBucketPolicy" => {
            policies::delete(bucket);
            return Ok(Reply::Nothing);
        }
        "GetPublicAccessBlock" => block(bucket.block)?,
        "PutPublicAccessBlock" => {
            checksum(call)?;
            bucket.block = Some(configuration(call)?);
            Element::Nest("", Vec::new())
        }
        _ => {
            bucket.block = None;
            Element::Nest("", Vec::new())
        }
    };
    Ok(Reply::Xml(root))
}

/// The caller may say whose the bucket must be ("Verifying bucket ownership with bucket owner condition").
fn owned(call: &Call, account: &str) -> Result<(), Failure> {
    match call.header("x-amz-expected-bucket-owner") {
        None => Ok(()),
        Some(owner) if owner.len() != 12 || !owner.bytes().all(|b| b.is_ascii_digit()) => {
            let message = "The value of the expected bucket owner parameter must be an AWS account ID";
            Err(Failure::new("InvalidBucketOwnerAWSAccountID", 400, message))
        }
        Some(owner) if owner == account => Ok(()),
        Some(_) => Err(Failure::new("AccessDenied", 403, "Access Denied")),
    }
}

/// Every signed request says the hash of its body ("Authenticating requests: using the Authorization header").
pub(super) fn signed_body(call: &Call) -> Result<(), Failure> {
    let found: String = Sha256::digest(&call.body).iter().map(|byte| format!("{byte:02x}")).collect();
    match call.header("x-amz-content-sha256") {
        None => {
            let message = "Missing required header for this request: x-amz-content-sha256";
            Err(Failure::new("InvalidRequest", 400, message))
        }
        Some("UNSIGNED-PAYLOAD") => Ok(()),
        Some(said) if said == found => Ok(()),
        Some(_) => {
            let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
            Err(Failure::new("XAmzContentSHA256Mismatch", 400, message))
        }
    }
}

/// The oldest region has no name here.
fn location(region: &str) -> Element {
    Element::text("LocationConstraint", if region == "us-east-1" { "" } else { region })
}

/// Whether the policy is public; the block of public access does not change what the policy is.
fn policy_status(bucket: &BucketState) -> Result<Element, Failure> {
    if !bucket.public && !bucket.contained && bucket.policy.is_none() {
        return Err(Failure::new("NoSuchBucketPolicy", 404, "The bucket policy does not exist"));
    }
    let public = bucket.public && !bucket.contained;
    Ok(Element::Nest("PolicyStatus", vec![Element::text("IsPublic", public.to_string())]))
}

/// A block as it is answered, a bucket's or the account's.
pub(super) fn block(block: Option<PublicBlock>) -> Result<Element, Failure> {
    let message = "The public access block configuration was not found";
    let block = block.ok_or_else(|| Failure::new("NoSuchPublicAccessBlockConfiguration", 404, message))?;
    let switches = [
        ("BlockPublicAcls", block.block_acls),
        ("IgnorePublicAcls", block.ignore_acls),
        ("BlockPublicPolicy", block.block_policy),
        ("RestrictPublicBuckets", block.restrict),
    ];
    let switches = switches.map(|(name, on)| Element::text(name, on.to_string()));
    Ok(Element::Nest(ROOT, switches.into()))
}

/// What a configuration says; a switch that it does not name is off.
pub(super) fn configuration(call: &Call) -> Result<PublicBlock, Failure> {
    let malformed = || {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Failure::new("MalformedXML", 400, message)
    };
    if call.body.is_empty() {
        return Err(Failure::new("MissingRequestBodyError", 400, "Request Body is empty"));
    }
    let text = std::str::from_utf8(&call.body).map_err(|_| malformed())?;
    let (mut reader, mut block) = (Reader::from_str(text), PublicBlock::default());
    let (mut open, mut rooted) = (Vec::new(), false);
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Event::Start(start) => {
                open.push(String::from_utf8_lossy(start.local_name().as_ref()).into_owned());
                rooted |= open == [ROOT];
            }
            Event::Empty(start) => rooted |= open.is_empty() && start.local_name().as_ref() == ROOT.as_bytes(),
            Event::End(_) => drop(open.pop()),
            Event::Text(said) => {
                let said = said.decode().map_err(|_| malformed())?.trim().to_ascii_lowercase();
                let on = match said.as_str() {
                    "" => continue,
                    "true" => true,
                    "false" => false,
                    _ => return Err(malformed()),
                };
                let path: Vec<&str> = open.iter().map(String::as_str).collect();
                *switch(&mut block, &path).ok_or_else(malformed)? = on;
            }
            Event::Eof if rooted && open.is_empty() => return Ok(block),
            Event::Eof => return Err(malformed()),
            _ => {}
        }
    }
}

fn switch<'a>(block: &'a mut PublicBlock, path: &[&str]) -> Option<&'a mut bool> {
    let [ROOT, name] = path else { return None };
    Some(match *name {
        "BlockPublicAcls" => &mut block.block_acls,
        "IgnorePublicAcls" => &mut block.ignore_acls,
        "BlockPublicPolicy" => &mut block.block_policy,
        "RestrictPublicBuckets" => &mut block.restrict,
        _ => return None,
    })
}

/// A configuration comes with a checksum; the one by SHA-256 is held against the body, others are taken as they are.
fn checksum(call: &Call) -> Result<(), Failure> {
    let any = |(name, _): &(String, String)| name == "content-md5" || name.starts_with("x-amz-checksum-");
    if !call.headers.iter().any(any) {
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(Failure::new("InvalidRequest", 400, message));
    }
    let found = base64(&Sha256::digest(&call.body));
    match call.header("x-amz-checksum-sha256") {
        Some(said) if said != found => {
            let message = "The SHA256 you specified did not match what we received.";
            Err(Failure::new("BadDigest", 400, message))
        }
        _ => Ok(()),
    }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = LETTERS.get((word >> shift & 63) as usize).copied().unwrap_or(b'=');
            out.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}
