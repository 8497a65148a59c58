//! Steps that are done for each of a list: for which value is asked, each has its own end, all are staged as one set.

use super::fixtures::{BOOK, elsewhere, findings, plan, worst};
use super::rig::{Rig, succeeded};
use quell::action::{Request, Value};
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::console::screens::incident::steps;
use quell_core::finding::Finding;
use quell_core::incident::{FailClass, Life, Mark, Outcome};
use quell_core::runbook::{Origin, parse};
use quell_core::text::Untrusted;

const OTHER: &str = "i-0aaaaaaaaaaaaaaaa";

const ACTION: &str = r#"kind: ec2-stop
   title: Contain the instance
   instance: "{{ each }}"
   danger: 2"#;

/// A runbook three steps of which are done for each host.
fn repeated() -> String {
    BOOK.replace("kind: ssm-automation\n   title: Contain the instance\n   danger: 2", ACTION)
        .replace("id=contain ", "id=contain each=incident.hosts ")
        .replace("id=confirm ", "id=confirm each=incident.hosts ")
        .replace("id=record ", "id=record each=incident.hosts ")
        .replace("--instance-ids {{ finding.resource.id }}", "--instance-ids {{ each }}")
}

/// The incident of that text, at its action for each host.
fn of(text: &str, findings: Vec<Finding>, keys: &str) -> Rig {
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings);
    rig.keys(keys);
    rig.settle();
    rig.resize(120, 40);
    rig.model.incident.step = 4;
    rig
}

/// That with the finding's host and another one.
fn opened() -> Rig {
    let mut rig = of(&repeated(), findings(), "Enter");
    note(&mut rig, OTHER, "Enter");
    rig.model.incident.step = 0;
    rig
}

/// Notes a host, or how it stands.
fn note(rig: &mut Rig, id: &str, state: &str) {
    rig.keys(":");
    rig.type_in("entity");
    rig.keys("Enter Down Down Enter");
    rig.type_in(id);
    rig.keys("Enter");
    rig.keys(state);
    rig.settle();
}

/// The plan that was asked for, as the connection makes it: of the host that it names.
fn answer(rig: &mut Rig) -> Request {
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!("{:?}", rig.reads) };
    let mut made = plan(&request);
    made.target.resource = request.each.clone().unwrap();
    made.confirm = made.target.resource.clone();
    rig.feed(Input::Planned { generation, result: Box::new(Ok(made)) });
    rig.save();
    *request
}

fn approve(rig: &mut Rig, typed: &str) {
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn");
    rig.type_in(typed);
    rig.keys("Enter");
    rig.settle();
}

fn value(text: &str) -> Option<Untrusted> {
    Some(text.into())
}

#[test]
fn enter_asks_for_which_and_plans_for_that_one() {
    let mut rig = opened();
    rig.model.incident.step = 4;
    rig.sees("0/2 done  ACTION");
    rig.sees("for each of incident.hosts, 2 in all:");
    rig.sees("[ ] i-0abc12d34e5f67890, open  (the text below speaks of it)");
    rig.keys("Enter");
    rig.sees("FOR WHICH? Contain the instance (s a stages all that are open)");
    rig.sees("i-0abc12d34e5f67890: open");
    rig.keys("Down Enter");
    let request = answer(&mut rig);
    assert_eq!(request.each, value(OTHER));
    // Where it is the finding says; of another thing nothing stands beside it.
    let finding = request.finding.unwrap();
    assert_eq!((finding.resource.id, finding.resource.name), (value(OTHER), None));
    assert_eq!(finding.account, value("444455556666"));
    let Some(Value::Text(instance)) = request.fields.get("instance") else { panic!("{:?}", request.fields) };
    assert_eq!((instance.text.clone(), instance.filled), (OTHER.into(), true));
    approve(&mut rig, "aaaa");
    rig.sees("0/2 done  running");
    rig.end(succeeded());
    rig.settle();
    rig.sees("1/2 done");
    assert_eq!(rig.mark(4), Mark::Todo);
    // That one is done; the other is open.
    rig.keys("Enter");
    rig.sees(&format!("{OTHER}: done"));
    rig.keys("Down Enter");
    rig.sees("done already for this one");
    assert!(rig.model.prompt.is_none() && rig.reads.is_empty());
    rig.keys("Enter Enter");
    assert_eq!(answer(&mut rig).each, value("i-0abc12d34e5f67890"));
    approve(&mut rig, "7890");
    rig.end(succeeded());
    rig.settle();
    assert_eq!(rig.mark(4), Mark::Done);
    rig.sees("2/2 done");
    // Which of them is undone is asked.
    rig.model.incident.step = 4;
    rig.keys("u");
    rig.sees("UNDO which action?");
}

#[test]
fn all_that_are_open_are_staged_and_approved_as_one_set() {
    let mut rig = opened();
    rig.model.incident.step = 4;
    rig.keys("s a");
    let both = [answer(&mut rig).each, answer(&mut rig).each];
    assert_eq!(both, [value("i-0abc12d34e5f67890"), value(OTHER)]);
    rig.sees("staged: 2; s s shows and approves them");
    rig.keys("s s");
    rig.sees("CONFIRM: set 1, 2 action(s)");
    approve(&mut rig, "2 444455556666");
    assert_eq!(rig.mark(4), Mark::Running);
    let running: Vec<_> = rig.model.saved().unwrap().actions.keys().cloned().collect();
    rig.feed(Input::Ended { action: running[0].clone(), outcome: succeeded() });
    let (class, message) = (FailClass::Denied, "AccessDeniedException".into());
    let failed = Outcome::Failed { class, message, request_ids: Vec::new() };
    rig.feed(Input::Ended { action: running[1].clone(), outcome: failed });
    rig.settle();
    assert_eq!(rig.mark(4), Mark::Failed);
    rig.sees("1/2 done");
    // Once more stages the one that failed alone.
    rig.model.incident.step = 4;
    rig.keys("s a");
    assert_eq!(answer(&mut rig).each, value(OTHER));
    rig.sees("staged: 1");
    let lives: Vec<Life> = rig.model.saved().unwrap().actions.values().map(|a| a.life).collect();
    assert_eq!(lives, [Life::Succeeded, Life::Failed, Life::Planned]);
}

/// All that is planned for one value goes before the next value, and keeps none of them out.
#[test]
fn a_value_that_asks_for_several_actions_keeps_the_others() {
    let mut rig = opened();
    rig.model.incident.step = 4;
    rig.keys("s a");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!("{:?}", rig.reads) };
    rig.feed(Input::Several { generation, requests: vec![(*request).clone(), *request] });
    let all = [answer(&mut rig).each, answer(&mut rig).each, answer(&mut rig).each];
    assert_eq!(all, [value("i-0abc12d34e5f67890"), value("i-0abc12d34e5f67890"), value(OTHER)]);
    rig.sees("staged: 3");
}

#[test]
fn values_are_ticked_one_by_one_and_the_command_speaks_of_the_next() {
    let mut rig = opened();
    rig.keys("y c");
    let copied = |rig: &Rig, id: &str| {
        let text = format!("--instance-ids '{id}'");
        rig.reads.iter().any(|read| matches!(read, Reads::Copy(copied) if copied.contains(&text)))
    };
    assert!(copied(&rig, "i-0abc12d34e5f67890"), "{:?}", rig.reads);
    rig.keys("Enter");
    rig.sees("DONE BY HAND for which? Confirm that it is no test");
    rig.keys("Enter");
    rig.settle();
    rig.sees("1/2 done");
    rig.sees("done step 1 Confirm that it ");
    assert_eq!((rig.mark(0), rig.model.incident.step), (Mark::Todo, 0));
    rig.keys("y c");
    assert!(copied(&rig, OTHER), "{:?}", rig.reads);
    rig.keys("Space Down Enter");
    rig.settle();
    // With the last of them the step is done, and it goes on.
    assert_eq!((rig.mark(0), rig.model.incident.step), (Mark::Done, 1));
    // A note is asked for each; all can be ticked at once.
    rig.keys("Enter Down Enter");
    rig.sees(&format!("NOTE on {OTHER}: this step asks for one"));
    rig.type_in("nothing runs");
    rig.keys("Enter");
    rig.settle();
    assert_eq!(rig.mark(1), Mark::Todo);
    rig.keys("Enter Down Down Enter");
    rig.sees("NOTE: this step asks for one");
}

#[test]
fn space_opens_one_value_again_and_enter_never_does() {
    let mut rig = opened();
    rig.keys("Space Enter");
    rig.settle();
    rig.sees("1/2 done");
    // Enter does what is open; what is done stays.
    rig.keys("Enter Enter");
    rig.sees("done already for this one; u undoes an action, Space opens it again");
    rig.keys("Space");
    rig.sees("i-0abc12d34e5f67890: done; open it again");
    rig.keys("Down Enter");
    rig.settle();
    assert_eq!(rig.mark(0), Mark::Done);
    // Of a step that is done value by value it is asked which; the others stay done.
    rig.model.incident.step = 0;
    rig.keys("Space");
    rig.sees("OPEN AGAIN for which? Confirm that it is no test");
    rig.keys("Down Enter");
    rig.settle();
    rig.sees("1/2 done");
    rig.sees("reopened step 1 Confirm ");
    assert_eq!((rig.mark(0), rig.count("step.reopened")), (Mark::Todo, 1));
    rig.keys("Space Down Enter");
    rig.settle();
    rig.model.incident.step = 0;
    rig.keys("Space Down Down Enter");
    rig.settle();
    rig.sees("0/2 done");
    // One that was ticked as a whole is opened as a whole.
    rig.keys("Space Down Down Enter");
    rig.settle();
    rig.model.incident.step = 0;
    rig.keys("Space");
    rig.settle();
    assert_eq!((rig.mark(0), rig.count("step.reopened")), (Mark::Todo, 3));
}

#[test]
fn what_another_has_done_for_a_value_is_opened_again_with_a_reason() {
    let mut alice = opened();
    alice.keys("Space Enter");
    alice.settle();
    let mut rig = super::follow::joined(Rig::listed(), &alice);
    rig.resize(120, 40);
    rig.model.incident.step = 0;
    rig.keys("Space Enter");
    rig.sees("OPEN AGAIN for i-0abc12d34e5f67890 what alice has done. Why?");
    rig.keys("Enter");
    rig.sees("say why");
    rig.type_in("wrong host");
    rig.keys("Enter");
    rig.settle();
    assert_eq!(rig.count("step.reopened"), 1);
    rig.sees("0/2 done");
}

#[test]
fn a_list_of_one_is_not_asked_for_and_an_empty_one_is_told() {
    let mut rig = opened();
    note(&mut rig, OTHER, "Down Down Down Enter");
    rig.model.incident.step = 4;
    rig.sees("0/1 done  ACTION");
    rig.keys("Enter");
    assert_eq!(answer(&mut rig).each, value("i-0abc12d34e5f67890"));
    rig.keys("Esc");
    rig.save();
    note(&mut rig, "i-0abc12d34e5f67890", "Down Down Down Enter");
    rig.model.incident.step = 4;
    rig.sees("none in incident.hosts  ACTION");
    rig.keys("Enter");
    rig.sees("incident.hosts holds nothing yet: :entity notes it");
    rig.keys("s a");
    rig.sees("nothing of this step is open");
    assert!(rig.reads.is_empty() && rig.model.prompt.is_none());
}

/// A value lies where the finding that names it does, and not where the first finding of the incident does.
#[test]
fn a_value_lies_where_its_finding_does() {
    let mut rig = of(&repeated(), vec![worst(), elsewhere(1, "777788889999")], "Space Down Space Up Enter");
    rig.keys("Enter");
    rig.sees("i-0f00ba47deadbeef0: open");
    rig.keys("Down Enter");
    let finding = answer(&mut rig).finding.unwrap();
    assert_eq!((finding.resource.id, finding.account), (value("i-0f00ba47deadbeef0"), value("777788889999")));
}

/// What was typed for one value is not true of the next, so nothing is.
#[test]
fn what_a_value_does_not_have_is_not_asked_for() {
    let text = repeated().replace("{{ each }}\"\n   danger", "{{ finding.resource.name }}\"\n   danger");
    let mut rig = of(&text, findings(), "Enter");
    rig.keys("Enter");
    rig.sees("i-0abc12d34e5f67890 has no finding.resource.name: this step can't be planned for it");
    assert!(rig.reads.is_empty() && rig.model.prompt.is_none());
}

#[test]
fn what_is_done_comes_along_into_a_changed_text() {
    let mut rig = opened();
    rig.keys("Enter Enter");
    rig.settle();
    let text = repeated().replace("A booked test has a ticket.", "A booked test has a ticket, and a date.");
    let book = parse("test-compromise", text.as_bytes(), Origin::User("/r/own.md".into())).unwrap().runbook;
    rig.feed(Input::Library { books: vec![book], problems: Vec::new(), show: true });
    rig.keys("j Enter");
    rig.save();
    rig.sees("going on with the new text");
    let incident = rig.model.saved().unwrap();
    let step = &steps(incident)[0];
    let each: Vec<_> =
        incident.each(step).into_iter().map(|(value, slot)| (value, slot.mark, slot.note.clone())).collect();
    let note = value("done as step 1 of the earlier text");
    assert_eq!(each, [("i-0abc12d34e5f67890".into(), Mark::Done, note), (OTHER.into(), Mark::Todo, None)]);
}
