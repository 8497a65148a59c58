//! What an action writes, so that two that write the same are known, of whatever kinds and sessions.

use super::super::kind::{Action, BUCKET, IAM, Written};
use quell_core::incident::{Plan, Writes};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;

/// What of which resource, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thing {
    what: String,
    account: Untrusted,
    /// None where it is one for all Regions.
    region: Option<Untrusted>,
    resource: Untrusted,
    /// The parts of it, each with what was found there; none where it is not known which.
    found: Option<BTreeMap<Untrusted, Untrusted>>,
}

/// What an action writes; IAM has no regions, and S3's block of an account is one for all, as the name of a bucket is.
pub(super) fn things(kind: &dyn Action, plan: &Plan) -> Vec<Thing> {
    things_of(plan, kind.writes(plan))
}

/// The same, of what is said to be written.
pub(super) fn things_of(plan: &Plan, written: Vec<Written>) -> Vec<Thing> {
    let target = &plan.target;
    let global = plan.requests.iter().all(|request| ["iam", "s3control", "s3"].contains(&request.service.as_str()));
    let thing = |Written { what, resource, found }: Written| Thing {
        what: what.to_owned(),
        account: target.account.clone(),
        region: (!global && ![BUCKET, IAM].iter().any(|all| what.starts_with(all))).then(|| target.region.clone()),
        resource,
        found,
    };
    written.into_iter().map(thing).collect()
}

impl Thing {
    /// It as a plan says it.
    pub fn writes(self) -> Writes {
        let Self { what, account, region, resource, found } = self;
        Writes {
            what: what.into(),
            account,
            region,
            resource,
            parts: found.into_iter().flatten().map(|(part, _)| part).collect(),
        }
    }

    fn same(&self, other: &Self) -> bool {
        let place = |one: &Self| (one.what.clone(), one.account.clone(), one.region.clone(), one.resource.clone());
        place(self) == place(other)
    }

    /// Whether a part of it is written by both.
    fn meets(&self, other: &Self) -> bool {
        self.same(other)
            && match (&self.found, &other.found) {
                (Some(mine), Some(theirs)) => mine.keys().any(|part| theirs.contains_key(part)),
                _ => true,
            }
    }

    /// Whether all that the other writes is written by this too.
    fn covers(&self, other: &Self) -> bool {
        self.same(other)
            && match (&self.found, &other.found) {
                (None, _) => true,
                (Some(mine), Some(theirs)) => theirs.keys().all(|part| mine.contains_key(part)),
                (Some(_), None) => false,
            }
    }

    /// Those parts of it in which the same was found as another had found there.
    fn as_found_by(&self, other: &Self) -> Option<Self> {
        let (mine, theirs) = self.found.as_ref().zip(other.found.as_ref()).filter(|_| self.same(other))?;
        let same = mine.iter().filter(|(part, found)| theirs.get(part) == Some(found));
        let found: BTreeMap<_, _> = same.map(|(part, found)| (part.clone(), found.clone())).collect();
        Some(Self { found: Some(found), ..self.clone() })
    }

    /// It without what others write; none where they write all of it. What is not known by its parts is all of it.
    fn without(&self, others: &[Self]) -> Option<Self> {
        let others: Vec<&Self> = others.iter().filter(|other| self.same(other)).collect();
        let Some(mine) = &self.found else { return others.is_empty().then(|| self.clone()) };
        let has = |part: &Untrusted| {
            others.iter().any(|other| other.found.as_ref().is_none_or(|theirs| theirs.contains_key(part)))
        };
        let left: BTreeMap<_, _> =
            mine.iter().filter(|(part, _)| !has(part)).map(|(k, v)| (k.clone(), v.clone())).collect();
        (!left.is_empty()).then(|| Self { found: Some(left), ..self.clone() })
    }

    /// It in words: what, of which resource.
    pub fn words(&self) -> String {
        format!("{} of {}", crate::problem::clean(&self.what), self.resource.line())
    }

    /// Each of its parts by itself; as it is where those are not known.
    fn parts(&self) -> Vec<Self> {
        let Some(found) = &self.found else { return vec![self.clone()] };
        let one = |(part, found): (&Untrusted, &Untrusted)| Self {
            found: Some([(part.clone(), found.clone())].into()),
            ..self.clone()
        };
        found.iter().map(one).collect()
    }
}

/// Whether both write something.
pub(super) fn meet(one: &[Thing], other: &[Thing]) -> bool {
    one.iter().any(|thing| other.iter().any(|theirs| thing.meets(theirs)))
}

/// Whether all that the other writes is written by the first.
pub(super) fn cover(one: &[Thing], other: &[Thing]) -> bool {
    let covered = |thing: &Thing| thing.parts().iter().all(|part| one.iter().any(|mine| mine.covers(part)));
    other.iter().all(covered)
}

/// What is left of the one where the other has been put back; a resource that the other writes at all is, where only a
/// part of it was done.
pub(super) fn left(one: &[Thing], other: &[Thing], partly: bool) -> Vec<Thing> {
    let whole = |thing: &Thing| (!other.iter().any(|theirs| thing.same(theirs))).then(|| thing.clone());
    one.iter().filter_map(|thing| if partly { whole(thing) } else { thing.without(other) }).collect()
}

/// What was found as another had found it.
pub(super) fn as_found_by(one: &[Thing], other: &[Thing]) -> Vec<Thing> {
    one.iter().flat_map(|thing| other.iter().filter_map(|theirs| thing.as_found_by(theirs))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(parts: &[&str]) -> Thing {
        let found = parts.iter().map(|part| (Untrusted::from(*part), Untrusted::from("open"))).collect();
        Thing {
            what: "interfaces".to_owned(),
            account: "111122223333".into(),
            region: None,
            resource: "i-1".into(),
            found: Some(found),
        }
    }

    #[test]
    fn what_is_written_in_two_goes_covers_what_was_written_in_one() {
        let both = [thing(&["first", "second"])];
        assert!(cover(&[thing(&["first"]), thing(&["second"])], &both));
        assert!(!cover(&[thing(&["first"])], &both));
        assert!(cover(&both, &[thing(&["second"])]));
    }
}
