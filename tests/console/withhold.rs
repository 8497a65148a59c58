//! Credentials of the responder in what they type.

use super::rig::Rig;
use super::thread::running_at;
use quell_core::incident::{Event, Fact, Outcome};
use quell_core::text::secret::Secrets;

const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn note(rig: &mut Rig, words: &str) {
    rig.keys("a");
    rig.type_in(words);
    rig.keys("Enter");
    rig.save();
}

fn noted(rig: &Rig) -> String {
    let mut notes = rig.saved.iter().filter_map(|entry| match &entry.event {
        Event::NoteAdded(d) => Some(d.text.line().into_string()),
        _ => None,
    });
    notes.next_back().unwrap()
}

#[test]
fn a_credential_in_a_note_is_left_out_and_told() {
    let mut rig = Rig::opened();
    rig.model.secrets = Secrets::of([KEY.to_owned()]);
    note(&mut rig, &format!("he had {KEY} too"));
    assert_eq!(noted(&rig), "he had [withheld: a credential of the responder] too");
    rig.sees("a credential of yours stood in these words: it was left out");
    note(&mut rig, "nothing else");
    assert_eq!(noted(&rig), "nothing else");
    rig.sees_not("credential of yours stood");
}

/// It may be the attacker's, and then it is evidence.
#[test]
fn what_only_looks_like_one_stays_and_is_told() {
    let mut rig = Rig::opened();
    note(&mut rig, &format!("aws_secret_access_key = {KEY}"));
    assert_eq!(noted(&rig), format!("aws_secret_access_key = {KEY}"));
    rig.sees("it looks as if a secret access key stood in these words");
}

#[test]
fn a_credential_that_is_learnt_later_counts_beside_those_that_were_known() {
    let mut rig = Rig::opened();
    rig.model.secrets = Secrets::of(["another/secret/of/forty/letters/012345678".to_owned()]);
    rig.feed(quell::console::core::input::Input::Secrets(Secrets::of([KEY.to_owned()])));
    note(&mut rig, &format!("{KEY} another/secret/of/forty/letters/012345678"));
    let left_out = "[withheld: a credential of the responder]";
    assert_eq!(noted(&rig), format!("{left_out} {left_out}"));
}

/// What came from outside may hold one too: a file of findings, a runbook, a value that the configuration gives.
#[test]
fn a_credential_in_a_finding_is_left_out_and_told() {
    let mut rig = Rig::listed();
    rig.model.secrets = Secrets::of(["talks to 198.51.100.7".to_owned()]);
    rig.keys("Enter");
    rig.attach();
    rig.sees("a credential of yours stood in the finding: it was left out, and kept nowhere");
    let mut lines = Vec::new();
    for entry in &rig.unsaved {
        quell_core::record::append_line(&mut lines, entry, &quell_core::record::Hash::ZERO).unwrap();
    }
    let all = String::from_utf8(lines).unwrap();
    assert!(!all.contains("talks to 198.51.100.7"), "{all}");
    assert!(all.contains("i-0abc12d34e5f67890 [withheld: a credential of the responder]."), "{all}");
    rig.settle();
    rig.sees("title     i-0abc12d34e5f67890 [withheld: a credential of the responder].");
}

#[test]
fn a_runbook_with_a_credential_in_it_is_not_opened() {
    let mut rig = Rig::listed();
    rig.model.secrets = Secrets::of(["Confirm that it is no test".to_owned()]);
    rig.keys("Enter");
    rig.settle();
    rig.sees("a credential of yours stands in the runbook test-compromise");
    assert!(!rig.kinds().contains(&"runbook.opened"));
}

#[test]
fn a_plan_with_a_credential_in_it_is_dropped() {
    let mut rig = super::thread::at_step(4);
    rig.model.secrets = Secrets::of(["i-0abc12d34e5f67890".to_owned()]);
    let before = rig.kinds().len();
    rig.keys("Enter");
    rig.settle();
    rig.sees("a credential of yours stands in the plan");
    assert_eq!(rig.kinds().len(), before);
    rig.keys("s a");
    rig.settle();
    assert_eq!(rig.kinds().len(), before);
}

/// What AWS answers to an action is no exception: neither its words nor the facts that are kept of them.
#[test]
fn a_credential_in_what_an_action_answered_is_in_no_record() {
    let mut rig = running_at(3);
    rig.model.secrets = Secrets::of([KEY.to_owned()]);
    rig.end(Outcome::Succeeded {
        outcome: format!("it said {KEY}").into(),
        request_ids: Vec::new(),
        undo: None,
        facts: vec![Fact::new("payload", format!("{{\"leak\":\"{KEY}\"}}"))],
    });
    rig.save();
    let said: String = rig.saved.iter().filter_map(|entry| entry.event.data().ok()).collect();
    assert!(!said.contains(KEY), "{said}");
    assert!(said.contains("it said [withheld: a credential of the responder]"), "{said}");
    assert!(said.contains(r#"{\"leak\":\"[withheld: a credential of the responder]\"}"#), "{said}");
}
