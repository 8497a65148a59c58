//! Who has which role.

use super::*;

fn set(role: &str, who: &str, on: bool) -> Intent {
    Intent::Role { role: role.into(), who: who.into(), on }
}

#[test]
fn a_role_is_taken_by_several_and_given_up_by_each() {
    let mut pen = Pen::new();
    pen.act(set("handler", "alice", true)).unwrap();
    pen.act(set("Handler ", "bob", true)).unwrap();
    pen.act(set("lead", "alice", true)).unwrap();
    let holders = |pen: &Pen| pen.incident().holders(&"HANDLER".into()).cloned().collect::<Vec<_>>();
    assert_eq!(holders(&pen), ["alice".into(), "bob".into()]);
    assert_eq!(pen.act(set("HANDLER", "bob", true)), Err(Refusal::RoleStands("HANDLER".into())));
    pen.act(set("handler", "alice", false)).unwrap();
    assert_eq!(holders(&pen), ["bob".into()]);
    assert_eq!(pen.act(set("handler", "alice", false)), Err(Refusal::RoleStands("handler".into())));
    assert_eq!(pen.act(set("", "alice", true)), Err(Refusal::Empty));
    assert_eq!(pen.act(set("scribe", "", true)), Err(Refusal::Empty));
}

#[test]
fn a_role_is_anothers_where_others_have_it_and_one_has_it_not() {
    let mut pen = Pen::new();
    let (alice, bob) = (Untrusted::from("alice"), Untrusted::from("bob"));
    let others = |pen: &Pen, me| pen.incident().others(&"lead".into(), me).into_iter().cloned().collect::<Vec<_>>();
    assert!(others(&pen, Some(&alice)).is_empty());
    pen.act(set("lead", "bob", true)).unwrap();
    assert_eq!((others(&pen, Some(&alice)), others(&pen, Some(&bob))), (vec![bob.clone()], vec![]));
    // A past session has nobody who looks at it.
    assert_eq!(others(&pen, None), std::slice::from_ref(&bob));
    pen.act(set("lead", "alice", true)).unwrap();
    assert!(others(&pen, Some(&alice)).is_empty());
}

#[test]
fn a_role_stands_in_the_records_and_a_record_that_says_nothing_new_changes_nothing() {
    let event = Event::from(RoleSet { role: "lead".into(), who: "a\u{202e}b".into(), on: true });
    assert_eq!(event.data().unwrap(), r#"{"role":"lead","who":"a\u202eb","on":true}"#);
    let twice = [entry('a', 0, 1, event.clone()), entry('b', 0, 2, event)];
    let incident = Incident::fold(&twice);
    assert_eq!(incident.roles.len(), 1);
    assert_eq!(incident.roles[0].stamp.by, writer('a'));
    // Who has none says nothing of roles.
    assert!(!serde_json::to_string(&Incident::default()).unwrap().contains("roles"));
}
