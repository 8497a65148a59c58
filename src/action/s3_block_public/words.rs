//! What a plan says of what a block of public access ends, what it does not stop, and what its undo opens.

use super::read::Policy;
use super::state::State;
use quell_core::incident::{Fact, Plan};
use quell_core::text::Untrusted;

pub(super) const LAG: &str = "S3 takes some seconds, at times minutes, to spread a configuration.";

/// What to know before a block, the most important first.
pub(super) fn blocking(before: State, policy: &Policy) -> Vec<String> {
    let mut all = Vec::new();
    if before.blocks_all() {
        all.push("All four switches are on already; the call changes nothing.".to_owned());
    }
    all.extend([ends(policy).to_owned(), stays(policy).to_owned()]);
    all.extend(
        [
            "It does NOT stop presigned URLs: they act as the principal that signed them, so contain that principal. \
             Nor principals of the account itself, nor what was copied already.",
            "CloudFront that was given access by name (origin access control) goes on serving the bucket. Access points \
             have policies and blocks of their own: look at them too.",
            "The block of the whole account is another one and stays as it is; of the two the stricter holds.",
            "A web site or a download that is meant to be public goes dark; deployments that set a public policy or \
             list are refused from then on.",
            LAG,
        ]
        .map(str::to_owned),
    );
    all
}

/// What is public no more.
fn ends(policy: &Policy) -> &'static str {
    match policy {
        Policy::Public => {
            "Its policy is PUBLIC. Once blocked, that policy lets in AWS's services and this account alone: other \
             accounts that it names lose access too. Public access lists (ACLs) of bucket and objects are ignored."
        }
        Policy::None => {
            "It has no policy: what is public of it is so by access lists (ACLs) of the bucket or of single objects. \
             Those are ignored once it is blocked."
        }
        Policy::NotPublic => {
            "Its policy is not public, and stays as it is. Public access lists (ACLs) of bucket and objects are ignored \
             once it is blocked."
        }
        Policy::NotKnown(_) => {
            "Whether its policy is public could not be read. If it is, it lets in AWS's services and this account alone \
             once it is blocked; public access lists (ACLs) are ignored."
        }
    }
}

/// What stops working once all is blocked.
pub(super) fn breaks(plan: &Plan) -> Vec<String> {
    let read = |words: String| {
        let fact =
            |fact: &Fact| fact.name == Untrusted::from(super::POLICY) && fact.value == Untrusted::from(words.as_str());
        plan.facts.iter().any(fact)
    };
    let others = match (read(Policy::NotPublic.words()), read(Policy::None.words())) {
        (true, _) | (_, true) => None,
        _ => Some(
            "other accounts that a public policy lets in, those that it names and their log deliveries too".to_owned(),
        ),
    };
    let public = "public web sites, downloads and lists out of the bucket, for everybody who comes without credentials of \
                  this account";
    let deployments = "deployments that set a public policy or access list: they are refused";
    [Some(public.to_owned()), others, Some(deployments.to_owned())].into_iter().flatten().collect()
}

fn stays(policy: &Policy) -> &'static str {
    match policy {
        Policy::Public => "The policy itself stays. It is public again as soon as the block is lifted: take it out.",
        Policy::None => "Lists that name another account, not everybody, are not ignored.",
        Policy::NotPublic => {
            "It does NOT stop accounts and principals that the policy names: those grants are not public. Read them."
        }
        Policy::NotKnown(_) => {
            "If the policy is not public, it does NOT stop the accounts and principals that it names. Read them."
        }
    }
}

/// What to know before an undo.
pub(super) fn restoring(wanted: State, now: State, policy: &Policy) -> Vec<String> {
    let mut all = Vec::new();
    if now == wanted {
        all.push("It stands so already; the call changes nothing.".to_owned());
    } else if !now.blocks_all() {
        let now = now.words();
        all.push(format!(
            "It is not as the block left it: somebody has changed it since, to {now}; the undo writes over that."
        ));
    }
    if *policy == Policy::Public {
        all.push("The bucket's policy is PUBLIC: it opens the bucket again unless it is taken out first.".to_owned());
    }
    all.push(
        "To take the block away is how a bucket is opened: the state before may be the intruder's. Compare it with the \
         one before the first finding."
            .to_owned(),
    );
    all.push(LAG.to_owned());
    all
}
