//! What is asked for before an action can be planned: which value of how many, and where it goes.

use super::fixtures::{BOOK, findings};
use super::rig::Rig;
use quell::console::core::effect::Reads;
use quell_core::runbook::{Origin, parse};

const ACTION: &str = r#"kind: ssm-automation
   title: Contain the instance
   document: AWSSupport-ContainEC2Instance
   parameters:
     AutomationAssumeRole: ["{{ var.automation_role }}"]
     Bucket:
       - "{{ var.bucket }}"
       - "{{ var.automation_role }}"
     Owner: ["{{ var.owner }}"]
   danger: 2"#;

/// The incident with the question for the first of three values open.
pub fn asked() -> Rig {
    let text = BOOK.replace("kind: ssm-automation\n   title: Contain the instance\n   danger: 2", ACTION);
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 4;
    rig.keys("Enter");
    rig
}

fn give(rig: &mut Rig, value: &str) {
    rig.type_in(value);
    rig.keys("Enter");
    rig.save();
}

#[test]
fn a_value_says_how_many_come_and_where_it_goes() {
    let mut rig = asked();
    rig.sees("VALUE of var.automation_role, 1 of 3 that the action needs");
    rig.sees("one text, for parameters.AutomationAssumeRole and parameters.Bucket");
    give(&mut rig, "arn:aws:iam::444455556666:role/Automation");
    rig.sees("VALUE of var.bucket, 2 of 3 that the action needs");
    rig.sees("one text, for parameters.Bucket");
    // Given up, what is still missing is counted anew.
    rig.keys("Esc Enter");
    rig.sees("VALUE of var.bucket, 1 of 2 that the action needs");
    give(&mut rig, "logs");
    rig.sees("VALUE of var.owner, 2 of 2 that the action needs");
    // A refusal takes the place of the hint.
    rig.keys("Enter");
    rig.sees_not("one text, for parameters.Owner");
    give(&mut rig, "team");
    assert!(matches!(rig.reads.last(), Some(Reads::Plan { .. })), "{:?}", rig.reads);
}

#[test]
fn one_value_is_not_counted() {
    let mut rig = asked();
    give(&mut rig, "role");
    give(&mut rig, "logs");
    rig.keys("Esc Enter");
    rig.sees("VALUE of var.owner, which the action needs");
    rig.sees("one text, for parameters.Owner");
}
