//! What the built-in runbooks promise together: one worth following for every type of GuardDuty's.

use super::books::books;
use super::*;
use crate::runbook::coverage::coverage;
use std::collections::{BTreeMap, BTreeSet};

/// So many types share a runbook at most: more would have nothing in common.
const MOST: usize = 20;

fn parsed() -> Vec<Runbook> {
    books().into_iter().map(|(_, parsed)| parsed.runbook).collect()
}

#[test]
fn every_type_has_a_runbook_that_names_it() {
    let books = parsed();
    let all = coverage(&books);
    // And each control that has a known remediation a runbook that names it.
    let controls = &all.controls;
    assert_eq!((controls.total, controls.exact + controls.glob, controls.missing), (106, 106, 0));
    let found = all.guardduty;
    assert_eq!((found.total, found.exact + found.glob, found.missing), (229, 229, 0));
    let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &found.types {
        let id = row.runbook.as_ref().unwrap();
        let book = books.iter().find(|book| book.id == *id).unwrap();
        types.entry(book.id.as_str()).or_default().insert(row.kind);
        // Its own words: who the actor is, which evidence, what is contained.
        let words = format!("`{}`", row.kind);
        assert!(book.source.contains(&words), "{id} says nothing of {}", row.kind);
    }
    let crowded: Vec<_> = types.iter().filter(|(_, types)| types.len() > MOST).collect();
    assert!(crowded.is_empty(), "{crowded:?}");
}

#[test]
fn no_glob_is_wild_in_its_purpose_and_its_resource() {
    for book in parsed() {
        for line in &book.matches {
            let Match::Glob(glob) = line else { continue };
            // An ARN has no purpose and no resource class: it says which rule of AWS Config found something.
            if book.id.as_str() == "config-rule" {
                assert!(glob.starts_with("arn:aws") && glob.ends_with(":config:*"), "{glob}");
                continue;
            }
            let (purpose, rest) = glob.split_once(':').unwrap_or((glob, ""));
            let resource = rest.split('/').next().unwrap_or_default();
            assert!(!(purpose.contains('*') && resource.contains('*')), "{}: {glob}", book.id);
            // Whatever is called so stands for one resource class.
            assert!(!resource.is_empty() && !resource.contains('*'), "{}: {glob}", book.id);
        }
    }
}

#[test]
fn a_paragraph_stands_in_three_files_at_most() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../runbooks");
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in [folder.clone(), folder.join("includes")] {
        for entry in std::fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            for paragraph in text.split("\n\n") {
                // What has few words says nothing of its own: a step's title, `- Yes`, the fence's end.
                let words = paragraph.split("<!--").next().unwrap_or_default().split_whitespace().count();
                if words >= 12 {
                    let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
                    let name = entry.file_name().to_string_lossy().into_owned();
                    files.entry(paragraph).or_default().insert(name);
                }
            }
        }
    }
    let shared: Vec<_> = files.iter().filter(|(_, files)| files.len() > 3).collect();
    assert!(shared.is_empty(), "{shared:#?}");
}

#[test]
fn unknown_types_fall_to_their_resource() {
    let books = parsed();
    for (resource, id) in [
        ("AWS::EC2::Instance", "ec2-compromise"),
        ("AWS::IAM::AccessKey", "iam-credential-theft"),
        ("AWS::IAM::User", "iam-credential-theft"),
        ("AWS::IAM::Role", "iam-credential-theft"),
        ("AWS::S3::Bucket", "s3-exposure"),
        ("AWS::EKS::Cluster", "eks-workload"),
        ("AWS::Lambda::Function", "lambda"),
        ("AWS::RDS::DBInstance", "rds-login"),
        ("AWS::SQS::Queue", "generic"),
    ] {
        let (book, _) = matching::best(&books, Some("Nobody:Knows/This"), Some(resource)).unwrap();
        assert_eq!(book.id.as_str(), id, "{resource}");
    }
}

/// A decision's link leads to a step; where it doesn't, the choice would lead to the next.
#[test]
fn every_link_of_a_choice_leads_to_a_step() {
    let mut links = 0;
    for book in parsed() {
        let steps: BTreeSet<&str> = book.steps.iter().map(|step| step.id.as_str()).collect();
        for step in book.steps.iter().filter(|step| step.kind == StepKind::Decision) {
            for link in raw(&step.body).split("](#").skip(1) {
                let to = link.split(')').next().unwrap_or_default();
                assert!(steps.contains(to), "{} {}: {to}", book.id, step.id);
                links += 1;
            }
            for choice in step.choices.iter().filter(|choice| choice.lead.is_some()) {
                assert!(choice.to.is_some(), "{} {}: {choice:?}", book.id, step.id);
            }
        }
    }
    assert!(links > 100, "{links}");
}
