//! Which of GuardDuty's types a set of runbooks covers, and how closely.

use super::Runbook;
use super::matching::{self, Specificity};
use crate::text::{Id, id::Slug};
use serde::Serialize;

/// The types, as the GuardDuty user guide lists them; a line that starts with `#` is a remark.
const TYPES: &str = include_str!("guardduty-types.txt");

/// One type and the runbook that it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Covered {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub runbook: Option<Id<Slug>>,
    pub specificity: Option<Specificity>,
}

/// How many types there are, and how many get a runbook of each closeness.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    pub total: usize,
    pub covered: usize,
    pub exact: usize,
    pub glob: usize,
    pub resource: usize,
    pub generic: usize,
    pub missing: usize,
    pub types: Vec<Covered>,
}

/// Every type of the list.
pub(super) fn types() -> impl Iterator<Item = &'static str> {
    TYPES.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// Finds for every type the runbook that fits best.
pub fn coverage(books: &[Runbook]) -> Coverage {
    let mut out = Coverage::default();
    for kind in types() {
        let best = matching::best(books, Some(kind), resource_kind(kind));
        let count = match best {
            Some((_, Specificity::Exact)) => &mut out.exact,
            Some((_, Specificity::Glob)) => &mut out.glob,
            Some((_, Specificity::Resource)) => &mut out.resource,
            Some((_, Specificity::Generic)) => &mut out.generic,
            None => &mut out.missing,
        };
        *count += 1;
        out.total += 1;
        out.covered += usize::from(best.is_some());
        out.types.push(Covered {
            kind,
            runbook: best.map(|(book, _)| book.id.clone()),
            specificity: best.map(|(_, specificity)| specificity),
        });
    }
    out
}

/// The resource that a finding of a type is about, where its name says so; Runtime types have several.
pub(super) fn resource_kind(kind: &str) -> Option<&'static str> {
    let (_, rest) = kind.split_once(':')?;
    Some(match rest.split_once('/')?.0 {
        "EC2" => "AWS::EC2::Instance",
        "IAMUser" => "AWS::IAM::AccessKey",
        "S3" => "AWS::S3::Bucket",
        "Kubernetes" | "EKS" => "AWS::EKS::Cluster",
        "ECS" => "AWS::ECS::Cluster",
        "Lambda" => "AWS::Lambda::Function",
        "RDS" => "AWS::RDS::DBInstance",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{Origin, meta, parse::parse};

    #[test]
    fn every_type_of_the_list_is_one_and_stands_once() {
        let types: Vec<&str> = TYPES.lines().skip(1).collect();
        assert!(types.is_sorted());
        assert!(types.windows(2).all(|pair| pair[0] != pair[1]));
        let strange: Vec<&&str> = types.iter().filter(|kind| !meta::is_type(kind)).collect();
        assert_eq!(strange, Vec::<&&str>::new());
    }

    #[test]
    fn closeness_is_counted() {
        let book = |text: &str| {
            parse("x", format!("---\nmatches: [{text}]\n---\n").as_bytes(), Origin::BuiltIn).unwrap().runbook
        };
        let books = [book("'Trojan:EC2/DropPoint', 'Trojan:EC2/*'"), book("'resource:AWS::RDS::DBInstance'")];
        let found = coverage(&books);
        assert_eq!((found.total, found.exact, found.generic), (229, 1, 0));
        // Trojan:EC2 has nine types; RDS has thirteen.
        assert_eq!((found.glob, found.resource), (8, 13));
        assert_eq!(found.covered, 22);
        assert_eq!(found.missing, 207);
        let best = found.types.iter().find(|row| row.kind == "Trojan:EC2/DropPoint").unwrap();
        assert_eq!(best.specificity, Some(Specificity::Exact));
    }
}
