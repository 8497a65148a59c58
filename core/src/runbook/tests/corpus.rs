//! Public playbooks, read where they are at hand.

use super::*;
use crate::text::shared::shared;
use std::path::{Path, PathBuf};

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, into),
            false if path.extension().is_some_and(|ext| ext == "md" || ext == "mdx") => into.push(path),
            false => {}
        }
    }
}

#[test]
fn every_playbook_is_read_without_loss() {
    let Some(folder) = shared("playbooks") else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    let mut failed = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let lost = loss::lost(&text);
        if !lost.is_empty() {
            failed.push((path, lost));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// A file of the corpus, if it is at hand.
fn playbook(path: &str) -> Option<Runbook> {
    let bytes = std::fs::read(shared("playbooks")?.join(path)).ok()?;
    Some(parse("playbook", &bytes, Origin::BuiltIn).unwrap().runbook)
}

const IRP: &str = "aws-samples__aws-incident-response-playbooks";

#[test]
fn a_battle_card_has_its_44_steps_and_16_lettered_ones() {
    let path = "guardsight__gsvsoc_cirt-playbook-battle-cards/Markdown/\
                GSPBC-1000 - Impact - Data Encrypted For Impact - Ransomware.md";
    let Some(book) = playbook(path) else { return };
    let depth = |depth| book.steps.iter().filter(|step| step.depth == depth).count();
    assert_eq!((depth(0), depth(1)), (44, 16));
    assert!(book.steps.iter().all(|step| step.phase.is_some()));
}

#[test]
fn the_credential_playbook_has_tasks_a_tree_and_types() {
    let Some(book) = playbook(&format!("{IRP}/playbooks/IRP-CredCompromise.md")) else { return };
    assert!((95..=110).contains(&book.steps.len()), "{}", book.steps.len());
    assert_eq!(book.version, Some("2.0".into()));
    assert_eq!(book.matches.len(), 7);
    let tree = book.steps.iter().find(|step| raw(&step.title).starts_with("Has the credential")).unwrap();
    assert_eq!((tree.kind, tree.choices.len()), (StepKind::Decision, 3));
    assert_eq!(tree.phase, Some(Phase::Contain));
}

#[test]
fn the_data_breach_playbook_keeps_109_tasks_and_its_boxes() {
    let Some(book) = playbook(&format!("{IRP}/playbooks/IRP-PersonalDataBreach.md")) else { return };
    assert!(book.steps.len() >= 109);
    let boxes = book.steps.iter().filter(|step| words(&step.choices) == ["Yes", "No", "TBD"]).count();
    assert_eq!(boxes, 10);
}

#[test]
fn a_placeholder_type_matches_nothing() {
    let Some(book) = playbook(&format!("{IRP}/PLAYBOOK_TEMPLATE.md")) else { return };
    assert_eq!(book.matches, []);
    assert!(raw(&book.title).starts_with("IRP-[INCIDENT-TYPE]"));
}

#[test]
fn deep_lists_long_plans_and_collections_of_queries_are_read() {
    let eks = format!(
        "{IRP}/playbooks/Amazon GuardDuty Playbooks/EKS Findings/\
         IRP-GD-PrivilegeEscalation-Kubernetes_PrivilegedContainer.md"
    );
    let Some(book) = playbook(&eks) else { return };
    assert!((35..=60).contains(&book.steps.len()), "{}", book.steps.len());
    assert_eq!(book.steps.iter().map(|step| step.depth).max(), Some(2));
    let Some(book) = playbook("counteractive__incident-response-plan-template/examples/plan.md") else { return };
    assert!((330..=420).contains(&book.steps.len()), "{}", book.steps.len());
    let Some(book) = playbook("easttimor__aws-incident-response/README.md") else { return };
    assert!(book.steps.len() < 20 && book.context.len() > 20);
}
