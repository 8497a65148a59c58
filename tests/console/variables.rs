//! Variables that a runbook declares: seen, set, refused where they do not fit, filled where they are named.

use super::fixtures::{BOOK, findings};
use super::rig::{Rig, writer};
use super::snapshots::load;
use quell::console::core::effect::Reads;
use quell::console::core::input::{AttachedSession, Input};
use quell_core::incident::{Event, Fact, Outcome, Timeline};
use quell_core::runbook::{Origin, parse};

const DECLARED: &str = r#"variables:
  backup:
    about: keeps the copies
    type: bucket
  attacker:
    type: ip
    from: "{{ finding.actor.ip }}"
  copy:
    type: snapshot-id
    from-action: archive
    output: snapshot
matches:"#;

const ACTION: &str = r#"kind: ssm-automation
   title: Contain the instance
   document: AWSSupport-ContainEC2Instance
   parameters:
     BackupS3BucketName: ["{{ var.backup }}"]
     Snapshot: ["{{ var.copy }}"]
   danger: 2"#;

/// The incident of a runbook that declares three variables, at its first step.
fn opened() -> Rig {
    opened_with(&[])
}

/// The same where this is configured.
fn opened_with(configured: &[(&str, &str)]) -> Rig {
    let text = BOOK
        .replacen("matches:", DECLARED, 1)
        .replace("kind: ssm-automation\n   title: Contain the instance\n   danger: 2", ACTION)
        .replace(
            "Ask the owner of the instance whether",
            "Ask the owner of {{ var.attacker }} and {{ var.backup }} if",
        );
    let mut rig = Rig::empty();
    rig.model.variables = configured.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 0;
    rig
}

#[test]
fn the_step_shows_what_its_variables_stand_for() {
    let mut rig = opened();
    rig.resize(120, 40);
    rig.sees("var.attacker = 198.51.100.7 (from the finding)");
    rig.sees("var.backup: no value yet, keeps the copies: an S3 bucket name");
    rig.sees("Ask the owner of 198.51.100.7 and {{ var.backup }} if");
    rig.keys("v");
    rig.sees("VARIABLES: set which?");
    rig.sees("backup: no value yet, keeps the copies: an S3 bucket name");
    rig.sees("attacker = 198.51.100.7 (from the finding)");
    rig.sees("copy: not there before the action of step 4 has ended well");
    rig.keys("Enter");
    rig.sees("VALUE of var.backup");
    rig.sees("keeps the copies: an S3 bucket name");
    rig.type_in("Backup");
    rig.keys("Enter");
    rig.sees("this is not what var.backup takes: an S3 bucket name");
    assert_eq!(rig.count("variable.set"), 0);
    rig.keys("C-u");
    rig.type_in("ir-backup");
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.count("variable.set"), 1);
    rig.sees("var.backup = ir-backup (typed)");
    rig.sees("Ask the owner of 198.51.100.7 and ir-backup if");
    // Asked for again, what it is stands there to be changed.
    rig.keys("v");
    rig.sees("backup = ir-backup (typed)");
    rig.keys("Enter");
    rig.keys("C-u");
    rig.type_in("ir-other");
    rig.keys("Enter");
    rig.save();
    rig.sees("Ask the owner of 198.51.100.7 and ir-other if");
}

#[test]
fn another_variable_is_set_by_its_name() {
    let mut rig = opened();
    rig.keys("v 4 Enter");
    rig.sees("VARIABLE: its name");
}

#[test]
fn a_value_of_an_action_is_not_asked_for_and_comes_with_its_end() {
    let mut rig = opened();
    rig.model.incident.step = 4;
    rig.keys("Enter");
    rig.sees("copy: not there before the action of step 4 has ended well; v sets it by hand");
    assert!(rig.model.prompt.is_none() && rig.reads.is_empty());
    rig.model.incident.step = 3;
    rig.keys("Enter");
    rig.settle();
    rig.wait(400);
    rig.keys("y Enter");
    rig.save();
    let facts = vec![Fact::new("snapshot", "snap-066877671789bd71b")];
    rig.end(Outcome::Succeeded { outcome: "done".into(), request_ids: Vec::new(), undo: None, facts });
    rig.settle();
    rig.wait(400);
    rig.model.incident.step = 4;
    rig.keys("Enter");
    rig.sees("VALUE of var.backup, which the action needs");
    rig.sees("keeps the copies: an S3 bucket name, for parameters.BackupS3BucketName");
    rig.type_in("ir-backup");
    rig.keys("Enter");
    let Some(Reads::Plan { request, .. }) = rig.reads.last() else { panic!("{:?}", rig.reads) };
    let asked = format!("{:?}", request.fields);
    assert!(asked.contains("Snapshot"), "{asked}");
    rig.settle();
    rig.sees("CONFIRM: Contain the instance");
    assert_eq!(rig.count("variable.set"), 1);
}

/// The incident of a runbook two of whose steps are not for every incident.
fn conditioned() -> Rig {
    let text = BOOK
        .replace("<!-- step: id=record note=required -->", "<!-- step: id=record when=\"var.size == large\" -->")
        .replace("<!-- step: id=archive -->", "<!-- step: id=archive when=\"decision verdict = 'False positive'\" -->");
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.resize(120, 40);
    rig.model.incident.step = 0;
    rig
}

fn set(rig: &mut Rig, name: &str, value: &str) {
    rig.keys("v");
    rig.type_in(name);
    rig.keys("Enter");
    rig.type_in(value);
    rig.keys("Enter");
    rig.save();
}

#[test]
fn a_step_that_is_not_for_this_is_folded_and_comes_back() {
    let mut rig = conditioned();
    rig.sees("0/7 done");
    rig.sees_not("not for this");
    set(&mut rig, "size", "small");
    rig.sees("0/6 done");
    rig.sees("not for this: var.size is small");
    // Whoever goes on passes it by.
    rig.keys("Space");
    rig.save();
    assert_eq!(rig.model.incident.step, 2);
    rig.sees("1/6 done");
    // It says why, and nothing is done there.
    rig.keys("k");
    rig.sees("not for this: var.size is small; once that changes, it comes back");
    rig.sees_not("Write down the processes");
    for key in ["Enter", "Space", "x", "s a", "!"] {
        rig.keys(key);
        assert!(rig.model.prompt.is_none() && rig.unsaved.is_empty() && rig.reads.is_empty(), "{key}");
    }
    set(&mut rig, "size", "large");
    rig.sees("1/7 done");
    rig.sees_not("not for this");
    rig.sees("Write down the processes");
    rig.keys("Space");
    rig.save();
    rig.sees("2/7 done");
    // What was done stays, whatever becomes of the value.
    set(&mut rig, "size", "small");
    rig.sees("2/7 done");
}

#[test]
fn a_decision_leaves_steps_out_and_the_question_of_closing_counts_none_of_them() {
    let mut rig = conditioned();
    rig.model.incident.step = 2;
    rig.keys("Enter Enter");
    rig.save();
    // Of four, five, six and seven the first is passed by.
    assert_eq!(rig.model.incident.step, 4);
    rig.sees("4 Archive the finding ");
    rig.sees("not for this: verdict was decided as Tr");
    rig.keys("k");
    rig.sees("not for this: verdict was decided as True positive; once that");
    rig.sees("changes, it comes back");
    rig.type_in(":close");
    rig.keys("Enter");
    rig.sees("CLOSE the session as (5 steps open)");
    rig.keys("Esc");
    rig.model.incident.step = 2;
    rig.keys("Space");
    rig.save();
    rig.sees_not("not for this");
}

/// A runbook that declares none has those that its actions and commands use.
#[test]
fn what_a_runbook_uses_is_offered_too() {
    let text = BOOK
        .replace("kind: ssm-automation\n   title: Contain the instance\n   danger: 2", ACTION)
        .replace("describe-instances --instance-ids", "describe-instances --owner {{ var.owner }} --instance-ids");
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.keys("v");
    rig.sees("VARIABLES: set which?");
    for name in ["backup: no value yet", "copy: no value yet", "owner: no value yet", "another one, by its name"] {
        rig.sees(name);
    }
    rig.keys("j j Enter");
    rig.sees("VALUE of var.owner");
    rig.type_in("team");
    rig.keys("Enter");
    rig.save();
    rig.keys("v");
    rig.sees("owner = team (typed)");
}

/// Who comes back with another configuration works with that one, which is on record from then on.
#[test]
fn what_is_configured_otherwise_later_is_recorded_when_it_is_used() {
    let mut rig = opened_with(&[("backup", "ir-backup"), ("team", "blue")]);
    let session = rig.model.session.take().unwrap();
    let next_n = rig.saved.last().unwrap().link.1 + 1;
    rig.model.variables =
        [("backup", "other-bucket"), ("team", "red")].map(|(name, value)| (name.to_owned(), value.into())).into();
    rig.feed(Input::Attached(Box::new(AttachedSession {
        id: session.id.clone(),
        writer: writer('a'),
        timeline: Timeline::new(rig.saved.clone()),
        next_n,
        last_l: rig.saved.iter().map(|entry| entry.l).max().unwrap(),
        books: session.books.clone().into_iter().collect(),
        joined: false,
        dead: Vec::new(),
    })));
    rig.save();
    // What no open runbook names is nobody's business, now as then.
    assert_eq!(rig.count("variable.set"), 1);
    rig.resize(120, 40);
    rig.model.incident.step = 0;
    rig.sees("var.backup = other-bucket (configured)");
    load(&mut rig, true);
    rig.model.session = None;
    rig.model.variables.clear();
    rig.keys("Enter");
    rig.sees("REVIEW");
    rig.sees("var.backup = other-bucket (configured)");
    // Before, it was what was configured before.
    rig.keys("h");
    rig.sees("var.backup = ir-backup (configured)");
}

/// What is configured today, on whatever machine, is not what stood there that night.
#[test]
fn a_past_session_shows_what_was_configured_when_its_runbook_was_opened() {
    let mut rig = opened_with(&[("backup", "ir-backup"), ("team", "blue")]);
    rig.resize(120, 40);
    rig.sees("var.backup = ir-backup (configured)");
    let opened = rig.saved.iter().find_map(|entry| match &entry.event {
        Event::RunbookOpened(opened) => Some(opened.configured.clone()),
        _ => None,
    });
    // What the runbook does not name is nobody's business.
    assert_eq!(opened.unwrap(), [("backup".into(), "ir-backup".into())].into());
    rig.model.variables = [("backup".to_owned(), "other-bucket".into())].into();
    rig.sees("var.backup = other-bucket (configured)");
    load(&mut rig, true);
    rig.model.session = None;
    rig.keys("Enter");
    rig.sees("REVIEW");
    rig.sees("var.backup = ir-backup (configured)");
    rig.sees_not("other-bucket");
}
