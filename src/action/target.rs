//! Which account and region a request is for: the finding's, and nothing else's.

use super::fields::{id, refuse};
use super::request::Request;
use crate::problem::Problem;
use quell_core::incident::Target;
use quell_core::text::id::{AccountId, Arn, Partition, Region};
use quell_core::text::{Id, Untrusted};

/// An ARN's parts.
pub(super) struct ArnParts<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

/// An ARN, taken apart.
pub(super) fn parts(arn: &Id<Arn>) -> Option<ArnParts<'_>> {
    let mut parts = arn.as_str().splitn(6, ':').skip(1);
    Some(ArnParts {
        partition: parts.next()?,
        service: parts.next()?,
        region: parts.next()?,
        account: parts.next()?,
        resource: parts.next()?,
    })
}

/// The target of a request: the account and region that the request names, else the finding's.
pub(super) fn target(request: &Request, resource: impl Into<Untrusted>) -> Result<Target, Problem> {
    let finding = request.finding.as_ref();
    let account = request.account.as_ref().or_else(|| finding?.account.as_ref());
    let region = request.region.as_ref().or_else(|| finding?.region.as_ref());
    let account = account.ok_or_else(|| missing("account"))?;
    let region = region.ok_or_else(|| missing("region"))?;
    let account = id::<AccountId>("the account", account)?;
    let region = id::<Region>("the region", region)?;
    let partition = match &request.partition {
        Some(partition) => id::<Partition>("the partition", partition)?.as_str().to_owned(),
        None => partition(request, &region),
    };
    Ok(Target {
        account: account.as_str().into(),
        partition: partition.into(),
        region: region.as_str().into(),
        resource: resource.into(),
        through: None,
    })
}

/// The partition of the finding's ARN, else of the region.
fn partition(request: &Request, region: &Id<Region>) -> String {
    let finding = request.finding.as_ref();
    let arns = [finding.map(|f| &f.id), finding.and_then(|f| f.resource.arn.as_ref())];
    let named = arns.into_iter().flatten().find_map(|text| {
        let arn = text.parse::<Arn>().ok()?;
        Some(Id::<Partition>::new(parts(&arn)?.partition).ok()?.as_str().to_owned())
    });
    named.unwrap_or_else(|| {
        match region.as_str() {
            r if r.starts_with("cn-") => "aws-cn",
            r if r.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
        .to_owned()
    })
}

fn missing(what: &str) -> Problem {
    refuse(format!("the finding names no {what}"))
        .meaning(format!("quell can't make sure that the action hits the right {what}; nothing was sent"))
        .next("act by hand, with the steps' commands")
}
