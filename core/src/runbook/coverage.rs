//! Which of GuardDuty's types, and of Security Hub's controls with a known remediation, a set of runbooks covers, and how
//! closely.

use super::Runbook;
use super::matching::{self, Specificity};
use crate::text::{Id, id::Slug};
use serde::Serialize;

/// The types, as the GuardDuty user guide lists them; a line that starts with `#` is a remark.
const TYPES: &str = include_str!("guardduty-types.txt");

/// The controls, each with the class of its resource; a line that starts with `#` is a remark.
const CONTROLS: &str = include_str!("securityhub-controls.txt");

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
pub struct Counts {
    pub total: usize,
    pub covered: usize,
    pub exact: usize,
    pub glob: usize,
    pub resource: usize,
    pub generic: usize,
    pub missing: usize,
    pub types: Vec<Covered>,
}

/// What a set of runbooks covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// GuardDuty's types, beside the other keys in JSON.
    #[serde(flatten)]
    pub guardduty: Counts,
    /// Security Hub's controls.
    pub controls: Counts,
}

fn listed(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// Every type of the list.
pub(super) fn types() -> impl Iterator<Item = &'static str> {
    listed(TYPES)
}

/// Every control of the list, with the class of its resource.
fn controls() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    listed(CONTROLS).filter_map(|line| line.split_once(' ')).map(|(id, class)| (id, Some(class)))
}

/// Finds for every type and control the runbook that fits best.
pub fn coverage(books: &[Runbook]) -> Coverage {
    Coverage {
        guardduty: counts(books, types().map(|kind| (kind, resource_kind(kind)))),
        controls: counts(books, controls()),
    }
}

/// The types and controls that each runbook of the set is the best for, in the order of the set.
pub fn by_runbook(books: &[Runbook]) -> Vec<Vec<(&'static str, Specificity)>> {
    let mut all = vec![Vec::new(); books.len()];
    for (kind, class) in types().map(|kind| (kind, resource_kind(kind))).chain(controls()) {
        let Some((best, specificity)) = matching::claimed(books, Some(kind), class) else { continue };
        let own = books.iter().zip(&mut all).find(|(book, _)| std::ptr::eq(*book, best));
        own.into_iter().for_each(|(_, covers)| covers.push((kind, specificity)));
    }
    all
}

fn counts(books: &[Runbook], kinds: impl Iterator<Item = (&'static str, Option<&'static str>)>) -> Counts {
    let mut out = Counts::default();
    for (kind, class) in kinds {
        let best = matching::claimed(books, Some(kind), class);
        let count = match best {
            Some((_, Specificity::Exact)) => &mut out.exact,
            Some((_, Specificity::Glob)) => &mut out.glob,
            Some((_, Specificity::Resource)) => &mut out.resource,
            Some((_, Specificity::Mention | Specificity::Generic)) => &mut out.generic,
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
    use crate::runbook::{Origin, finding_type, parse::parse};

    #[test]
    fn every_type_of_the_list_is_one_and_stands_once() {
        let types: Vec<&str> = TYPES.lines().skip(1).collect();
        assert!(types.is_sorted());
        assert!(types.windows(2).all(|pair| pair[0] != pair[1]));
        let strange: Vec<&&str> = types.iter().filter(|kind| !finding_type::is_type(kind)).collect();
        assert_eq!(strange, Vec::<&&str>::new());
    }

    #[test]
    fn every_control_of_the_list_has_a_number_and_a_class_and_stands_once() {
        let all: Vec<_> = controls().collect();
        let strange: Vec<_> = all
            .iter()
            .filter(|(id, class)| {
                let number = id.split_once('.').map(|(_, number)| number.parse::<u32>());
                !matches!(number, Some(Ok(_)))
                    || class.is_none_or(|class| !class.starts_with("AWS::") || class.contains(' '))
            })
            .collect();
        assert_eq!(strange, Vec::<&(&str, Option<&str>)>::new());
        let ids: std::collections::HashSet<&str> = all.iter().map(|(id, _)| *id).collect();
        assert_eq!((ids.len(), all.len()), (106, 106));
    }

    #[test]
    fn closeness_is_counted() {
        let book = |text: &str| {
            parse("x", format!("---\nmatches: [{text}]\n---\n").as_bytes(), Origin::BuiltIn).unwrap().runbook
        };
        let books = [book("'Trojan:EC2/DropPoint', 'Trojan:EC2/*'"), book("'resource:AWS::RDS::DBInstance'")];
        let found = coverage(&books).guardduty;
        assert_eq!((found.total, found.exact, found.generic), (229, 1, 0));
        // Trojan:EC2 has nine types; RDS has thirteen.
        assert_eq!((found.glob, found.resource), (8, 13));
        assert_eq!(found.covered, 22);
        assert_eq!(found.missing, 207);
        let best = found.types.iter().find(|row| row.kind == "Trojan:EC2/DropPoint").unwrap();
        assert_eq!(best.specificity, Some(Specificity::Exact));
    }

    #[test]
    fn controls_are_counted_apart_and_each_runbook_knows_its_own() {
        let book = |id: &str, text: &str| {
            parse(id, format!("---\nmatches: [{text}]\n---\n").as_bytes(), Origin::BuiltIn).unwrap().runbook
        };
        let books = [book("a", "S3.8, 'CodeBuild.*'"), book("b", "'resource:AWS::KMS::Key', 'Trojan:EC2/DropPoint'")];
        let found = coverage(&books);
        // There are two controls of CodeBuild, and one of a key.
        let controls = &found.controls;
        assert_eq!((controls.total, controls.exact, controls.glob, controls.resource), (106, 1, 2, 1));
        assert_eq!((controls.covered, controls.missing, found.guardduty.covered), (4, 102, 1));
        let key = controls.types.iter().find(|row| row.kind == "KMS.4").unwrap();
        assert_eq!(key.runbook.as_ref().map(|id| id.as_str()), Some("b"));
        assert_eq!(
            by_runbook(&books),
            [
                vec![
                    ("CodeBuild.2", Specificity::Glob),
                    ("CodeBuild.5", Specificity::Glob),
                    ("S3.8", Specificity::Exact)
                ],
                vec![("Trojan:EC2/DropPoint", Specificity::Exact), ("KMS.4", Specificity::Resource)],
            ]
        );
        let json = crate::text::json::to_string(&found).unwrap();
        assert!(json.starts_with("{\"total\":229,\"covered\":1,"), "{json}");
        assert!(json.contains(",\"controls\":{\"total\":106,\"covered\":4,"), "{json}");
    }
}
