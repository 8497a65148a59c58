//! What is asked for before an action can be planned: which value of how many, and where it goes.

use super::fixtures::{BOOK, findings};
use super::rig::Rig;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::problem::Problem;
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
    give(&mut rig, "arn:aws:iam::444455556666:role/Automation");
    give(&mut rig, "logs");
    rig.keys("Esc Enter");
    rig.sees("VALUE of var.owner, which the action needs");
    rig.sees("one text, for parameters.Owner");
}

/// Gives all three values; the plan is asked for.
fn given() -> Rig {
    let mut rig = asked();
    give(&mut rig, "arn:aws:iam::444455556666:role/Automation");
    give(&mut rig, "logs");
    give(&mut rig, "team");
    rig
}

#[test]
fn what_is_typed_is_saved_once_its_plan_has_taken_it() {
    let mut rig = given();
    assert_eq!(rig.count("variable.set"), 0);
    rig.settle();
    rig.sees("CONFIRM: Contain the instance");
    assert_eq!(rig.count("variable.set"), 3);
    let kinds = rig.kinds();
    assert_eq!(kinds[kinds.len() - 4..], ["variable.set", "variable.set", "variable.set", "action.planned"]);
}

#[test]
fn what_its_plan_refuses_is_not_saved_and_is_asked_for_again() {
    let mut rig = given();
    let Some(Reads::Plan { generation, .. }) = rig.reads.pop() else { panic!() };
    let problem = Problem::input("Bucket does not fit the document's pattern").next("look at the document");
    rig.feed(Input::Planned { generation, result: Box::new(Err(problem)) });
    rig.settle();
    rig.sees("Bucket does not fit the document's pattern");
    rig.sees("what was typed for it was not saved: Enter asks for it");
    assert_eq!(rig.count("variable.set"), 0);
    rig.keys("Enter");
    rig.sees("VALUE of var.automation_role, 1 of 3");
    rig.sees("arn:aws:iam::444455556666:role/Automation");
    // Of three one is mended.
    rig.keys("Enter C-u");
    give(&mut rig, "evidence");
    rig.keys("Enter");
    rig.settle();
    assert_eq!(rig.count("variable.set"), 3);
    let bucket = rig.model.saved().unwrap().variables.get(&"bucket".into()).unwrap();
    assert_eq!(bucket.value, "evidence".into());
}

#[test]
fn what_does_not_fit_its_place_is_refused_beside_the_question() {
    let mut rig = asked();
    give(&mut rig, "Automation");
    rig.sees("VALUE of var.automation_role, 1 of 3");
    rig.sees("AutomationAssumeRole is not");
    assert!(rig.reads.is_empty());
    assert_eq!(rig.count("variable.set"), 0);
    // By name no less.
    let mut rig = asked();
    rig.keys("Esc :");
    rig.type_in("variable");
    rig.keys("Enter");
    rig.type_in("automation_role");
    rig.keys("Enter");
    give(&mut rig, "Automation");
    rig.sees("AutomationAssumeRole is not");
    assert_eq!(rig.count("variable.set"), 0);
    rig.keys("C-u");
    give(&mut rig, "arn:aws:iam::444455556666:role/Automation");
    assert_eq!((rig.count("variable.set"), rig.model.prompt.is_none()), (1, true));
}

#[test]
fn a_variable_has_a_name_of_its_grammar() {
    for name in ["", "Ticket", "var.", "a b", "two.words"] {
        let mut rig = asked();
        rig.keys("Esc :");
        rig.type_in("variable");
        rig.keys("Enter");
        rig.keys("Down Down Down Enter");
        rig.type_in(name);
        rig.keys("Enter");
        rig.sees("a name is of small letters, digits and _, as in bucket or ticket_1");
        rig.sees("VARIABLE: its name");
        assert_eq!(rig.count("variable.set"), 0, "{name}");
    }
}
